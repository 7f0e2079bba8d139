/** A container's file system over persistent trees (`overlay.ts`). Every operation checks the permissions of the user that acts. */
import type { FileError, FileResult, FileStat, FileSystem } from '../images/program.ts';
import { utf8Length } from './bytes.ts';
import { Overlay, type OverlayHost, type Place } from './overlay.ts';
import { emptyDir, type FsLazy, type FsNode, splitPath } from './tree.ts';

export interface Credentials {
	readonly uid: number;
	readonly gid: number;
	/** Supplementary groups. */
	readonly groups: readonly number[];
	/** CAP_DAC_OVERRIDE: permission bits don't hold this user. */
	readonly override: boolean;
}

export interface FileHost extends OverlayHost {
	readonly credentials: Credentials;
	/** Content of a file that is made at its first reading. */
	make(node: FsLazy): string;
	/** What stands behind a device's path (`/dev/null`, `/dev/stdout`), after symlinks. */
	device(path: string): Device | undefined;
}

export interface Device {
	read(): string;
	write(text: string): void;
}

const SYMLINKS_FOLLOWED = 40;
const ok = <T>(value: T): FileResult<T> => ({ ok: true, value });
const fail = <T>(error: FileError): FileResult<T> => ({ ok: false, error });

export class ContainerFiles implements FileSystem {
	private readonly host: FileHost;
	private readonly overlay: Overlay;

	constructor(host: FileHost) {
		this.host = host;
		this.overlay = new Overlay(host);
	}

	/** Finds the place a path names; a missing last component is a place without node. */
	private walk(path: string, follow: boolean): FileResult<Place> {
		const todo = splitPath(path).reverse();
		let at = this.overlay.root();
		let links = 0;
		for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
			if (at.node === undefined) return fail('ENOENT');
			if (at.node.t !== 'd') return fail('ENOTDIR');
			if (!this.may(at.node, 1)) return fail('EACCES');
			if (name === '..') {
				at = at.parent ?? at;
				continue;
			}
			const next = this.overlay.child(at, name);
			if (next.node?.t === 'l' && (follow || todo.length > 0)) {
				if (++links > SYMLINKS_FOLLOWED) return fail('ELOOP');
				if (next.node.target.startsWith('/')) at = this.overlay.root();
				todo.push(...splitPath(next.node.target).reverse());
				continue;
			}
			at = next;
		}
		return ok(at);
	}

	private may(node: FsNode, bit: 1 | 2 | 4): boolean {
		if (node.t === 'l' || node.t === 'w') return true;
		const c = this.host.credentials;
		if (c.override) return bit !== 1 || node.t === 'd' || (node.mode & 0o111) !== 0;
		const shift = node.uid === c.uid ? 6 : node.gid === c.gid || c.groups.includes(node.gid) ? 3 : 0;
		return ((node.mode >> shift) & bit) !== 0;
	}

	private mayExecute(node: FsNode): boolean {
		return this.may(node, 1);
	}

	/** Why a new entry can't be made at this place, if so. */
	private refuseCreate(place: Place): FileError | undefined {
		const dir = place.parent?.node;
		if (dir === undefined) return 'ENOENT';
		if (dir.t !== 'd') return 'ENOTDIR';
		if (place.layer.readOnly) return 'EROFS';
		return this.may(dir, 2) ? undefined : 'EACCES';
	}

	private owner(place: Place): { readonly uid: number; readonly gid: number; readonly setgid: number } {
		const dir = place.parent?.node;
		const c = this.host.credentials;
		const inherits = dir?.t === 'd' && (dir.mode & 0o2000) !== 0;
		return { uid: c.uid, gid: inherits ? dir.gid : c.gid, setgid: inherits ? 0o2000 : 0 };
	}

	/** Deletion needs write permission on the directory and, where it is sticky (/tmp), ownership. */
	private refuseRemove(place: Place): FileError | undefined {
		const refused = this.refuseCreate(place);
		if (refused !== undefined) return refused;
		if (this.host.mounts.at.has(place.path) || this.host.mounts.implied.has(place.path)) return 'EACCES';
		const dir = place.parent?.node;
		const c = this.host.credentials;
		const node = place.node;
		if (dir?.t === 'd' && (dir.mode & 0o1000) !== 0 && !c.override && dir.uid !== c.uid && node !== undefined && node.t !== 'w' && node.uid !== c.uid)
			return 'EACCES';
		return undefined;
	}

	/** The node at a path that may be executed, and its real path; used to start programs. */
	executable(path: string): FileResult<{ readonly path: string; readonly content: string }> {
		const found = this.walk(path, true);
		if (!found.ok) return found;
		const node = found.value.node;
		if (node === undefined) return fail('ENOENT');
		if (node.t !== 'f' || !this.mayExecute(node)) return fail('EACCES');
		return ok({ path: found.value.path, content: node.content });
	}

	/** The device that a path leads to; paths under /proc have no directory of their own here. */
	private device(path: string): Device | undefined {
		if (path.startsWith('/dev/') || path.startsWith('/proc/')) return this.host.device(path);
		const found = this.walk(path, true);
		return found.ok && found.value.path.startsWith('/dev/') ? this.host.device(found.value.path) : undefined;
	}

	read(path: string): FileResult<string> {
		const device = this.device(path);
		if (device !== undefined) return ok(device.read());
		const found = this.walk(path, true);
		if (!found.ok) return found;
		const node = found.value.node;
		if (node === undefined) return fail('ENOENT');
		if (node.t === 'd') return fail('EISDIR');
		if (!this.may(node, 4)) return fail('EACCES');
		if (node.t === 'f') return ok(node.content);
		if (node.t !== 'z') return fail('ENOENT');
		const content = this.host.make(node);
		this.overlay.put(found.value, { t: 'f', content, mode: node.mode, uid: node.uid, gid: node.gid, mtime: node.mtime });
		return ok(content);
	}

	write(path: string, content: string, options: { readonly append?: boolean; readonly mode?: number } = {}): FileResult<null> {
		if (path.endsWith('/')) return fail('EISDIR');
		const device = this.device(path);
		if (device !== undefined) {
			device.write(content);
			return ok(null);
		}
		const found = this.walk(path, true);
		if (!found.ok) return found;
		const place = found.value;
		const old = place.node;
		if (old === undefined) {
			const refused = this.refuseCreate(place);
			if (refused !== undefined) return fail(refused);
			const owner = this.owner(place);
			this.overlay.put(place, { t: 'f', content, mode: options.mode ?? 0o644, uid: owner.uid, gid: owner.gid, mtime: this.host.now });
			return ok(null);
		}
		if (old.t === 'd') return fail('EISDIR');
		if (place.layer.readOnly) return fail('EROFS');
		if (!this.may(old, 2) || old.t !== 'f') return fail('EACCES');
		this.overlay.put(place, { ...old, content: options.append === true ? old.content + content : content, mtime: this.host.now });
		return ok(null);
	}

	list(path: string): FileResult<readonly string[]> {
		const found = this.walk(path, true);
		if (!found.ok) return found;
		const node = found.value.node;
		if (node === undefined) return fail('ENOENT');
		if (node.t !== 'd') return fail('ENOTDIR');
		if (!this.may(node, 4)) return fail('EACCES');
		return ok(this.overlay.names(found.value));
	}

	stat(path: string, noFollow = false): FileResult<FileStat> {
		if (this.host.device(path) !== undefined) return ok({ kind: 'file', size: 0, mode: 0o666, uid: 0, gid: 0, mtime: this.host.now });
		const found = this.walk(path, !noFollow);
		if (!found.ok) return found;
		const node = found.value.node;
		if (node === undefined || node.t === 'w') return fail('ENOENT');
		const common = { uid: node.uid, gid: node.gid, mtime: node.mtime };
		if (node.t === 'd') return ok({ ...common, kind: 'directory', size: 4096, mode: node.mode });
		if (node.t === 'l') return ok({ ...common, kind: 'symlink', size: node.target.length, mode: 0o777, target: node.target });
		return ok({ ...common, kind: 'file', size: node.t === 'f' ? utf8Length(node.content) : 0, mode: node.mode });
	}

	mkdir(path: string, options: { readonly parents?: boolean; readonly mode?: number } = {}): FileResult<null> {
		const found = this.walk(path, true);
		if (!found.ok) {
			if (found.error !== 'ENOENT' || options.parents !== true) return found;
			const above = path.replace(/\/+$/, '').replace(/\/[^/]*$/, '');
			if (above === '' || above === path) return found;
			const made = this.mkdir(above, { parents: true });
			return made.ok ? this.mkdir(path, options) : made;
		}
		const place = found.value;
		if (place.node !== undefined) return options.parents === true && place.node.t === 'd' ? ok(null) : fail('EEXIST');
		const refused = this.refuseCreate(place);
		if (refused !== undefined) return fail(refused);
		const owner = this.owner(place);
		this.overlay.put(place, { ...emptyDir((options.mode ?? 0o755) | owner.setgid, owner.uid, owner.gid, this.host.now), opaque: true });
		return ok(null);
	}

	remove(path: string, options: { readonly recursive?: boolean } = {}): FileResult<null> {
		const found = this.walk(path, false);
		if (!found.ok) return found;
		const place = found.value;
		if (place.node === undefined) return fail('ENOENT');
		const refused = this.refuseRemove(place);
		if (refused !== undefined) return fail(refused);
		if (place.node.t === 'd' && options.recursive !== true && this.overlay.names(place).length > 0) return fail('ENOTEMPTY');
		this.overlay.drop(place);
		return ok(null);
	}

	rename(from: string, to: string): FileResult<null> {
		const source = this.walk(from, false);
		if (!source.ok) return source;
		const moved = this.overlay.flatten(source.value);
		if (moved === undefined) return fail('ENOENT');
		const target = this.walk(to, false);
		if (!target.ok) return target;
		if (`${target.value.path}/`.startsWith(`${source.value.path}/`)) return target.value.path === source.value.path ? ok(null) : fail('EINVAL');
		if (target.value.node?.t === 'd' && moved.t !== 'd') return fail('EISDIR');
		if (target.value.node?.t === 'd' && this.overlay.names(target.value).length > 0) return fail('ENOTEMPTY');
		const refused = this.refuseRemove(source.value) ?? this.refuseCreate(target.value);
		if (refused !== undefined) return fail(refused);
		this.overlay.drop(source.value);
		this.overlay.put(target.value, moved);
		return ok(null);
	}

	symlink(target: string, path: string): FileResult<null> {
		const found = this.walk(path, false);
		if (!found.ok) return found;
		if (found.value.node !== undefined) return fail('EEXIST');
		const refused = this.refuseCreate(found.value);
		if (refused !== undefined) return fail(refused);
		const owner = this.owner(found.value);
		this.overlay.put(found.value, { t: 'l', target, uid: owner.uid, gid: owner.gid, mtime: this.host.now });
		return ok(null);
	}

	/** Changes a node's metadata where its owner (or root) asks; a directory of the image is copied up without its entries. */
	private change(path: string, allowed: (node: FsNode) => boolean, change: (node: FsNode) => FsNode): FileResult<null> {
		const found = this.walk(path, true);
		if (!found.ok) return found;
		const place = found.value;
		const node = place.node;
		if (node === undefined) return fail('ENOENT');
		if (place.layer.readOnly) return fail('EROFS');
		if (!allowed(node)) return fail('EACCES');
		const base: FsNode = node.t === 'd' && place.upper === undefined ? { ...node, e: null } : node;
		this.overlay.put(place, change(base));
		return ok(null);
	}

	chmod(path: string, mode: number): FileResult<null> {
		const c = this.host.credentials;
		return this.change(
			path,
			(node) => c.override || (node.t !== 'w' && node.uid === c.uid),
			(node) => (node.t === 'l' || node.t === 'w' ? node : { ...node, mode }),
		);
	}

	chown(path: string, uid: number, gid: number): FileResult<null> {
		const c = this.host.credentials;
		return this.change(
			path,
			(node) => c.override || (node.t !== 'w' && node.uid === c.uid && uid === node.uid && (gid === c.gid || c.groups.includes(gid))),
			(node) => (node.t === 'w' ? node : { ...node, uid, gid }),
		);
	}
}
