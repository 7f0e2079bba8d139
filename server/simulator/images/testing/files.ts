/** An in-memory file system with owners and permissions, for tests of image programs. */
import type { FileError, FileResult, FileStat, FileSystem, Image } from '../program.ts';

interface Entry {
	kind: 'file' | 'directory' | 'symlink';
	content: string;
	mode: number;
	uid: number;
	gid: number;
	mtime: number;
}

const ok = <T>(value: T): FileResult<T> => ({ ok: true, value });
const fail = (error: FileError): { readonly ok: false; readonly error: FileError } => ({ ok: false, error });

function clean(path: string): string {
	const out: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..') out.pop();
		else if (part !== '' && part !== '.') out.push(part);
	}
	return `/${out.join('/')}`;
}
const parent = (path: string): string => clean(`${path}/..`);

export class TestFiles {
	readonly entries = new Map<string, Entry>();
	/** Path prefixes that cannot be written. */
	readonly readOnly: string[] = [];
	now = 0;

	constructor(image?: Image) {
		this.entries.set('/', { kind: 'directory', content: '', mode: 0o755, uid: 0, gid: 0, mtime: 0 });
		for (const dir of ['/bin', '/dev', '/etc', '/proc', '/usr/bin', '/var/run']) this.put(dir, 'directory', '', 0o755);
		this.put('/tmp', 'directory', '', 0o1777);
		if (image === undefined) return;
		for (const path of Object.keys(image.programs)) this.put(path, 'file', '\u007fELF', 0o755);
		for (const [path, f] of Object.entries(image.files)) {
			if ('link' in f) this.put(path, 'symlink', f.link, 0o777);
			else if ('directory' in f) this.put(path, 'directory', '', f.mode ?? 0o755, f.uid, f.gid);
			else this.put(path, 'file', f.content, f.mode ?? 0o644, f.uid, f.gid);
		}
	}

	/** Puts an entry there, whatever the permissions, with the directories above it. */
	put(path: string, kind: Entry['kind'], content: string, mode = 0o644, uid = 0, gid = 0): void {
		const full = clean(path);
		if (full !== '/' && !this.entries.has(parent(full))) this.put(parent(full), 'directory', '', 0o755);
		const old = this.entries.get(full);
		this.entries.set(full, { kind, content, mode, uid, gid, mtime: old?.mtime ?? this.now });
	}

	resolve(path: string, noFollow = false, depth = 0): string {
		let at = '/';
		const parts = clean(path)
			.split('/')
			.filter((p) => p !== '');
		for (let i = 0; i < parts.length; i++) {
			at = clean(`${at}/${parts[i]}`);
			const e = this.entries.get(at);
			if (e?.kind === 'symlink' && depth < 20 && !(noFollow && i === parts.length - 1)) {
				const target = e.content.startsWith('/') ? e.content : `${parent(at)}/${e.content}`;
				at = this.resolve(target, false, depth + 1);
			}
		}
		return at;
	}

	as(user: { readonly uid: number; readonly gid: number; readonly stdout: (t: string) => void; readonly stderr: (t: string) => void }): FileSystem {
		const may = (e: Entry, bit: 1 | 2 | 4): boolean => user.uid === 0 || ((e.mode >> (e.uid === user.uid ? 6 : e.gid === user.gid ? 3 : 0)) & bit) !== 0;
		const writable = (path: string): FileError | undefined => {
			if (this.readOnly.some((p) => path === p || path.startsWith(p === '/' ? '/' : `${p}/`))) return 'EROFS';
			const dir = this.entries.get(this.resolve(parent(path)));
			if (dir === undefined) return 'ENOENT';
			if (dir.kind !== 'directory') return 'ENOTDIR';
			return may(dir, 2) ? undefined : 'EACCES';
		};
		const get = (path: string, noFollow = false): Entry | undefined => this.entries.get(this.resolve(path, noFollow));
		const change = (path: string, f: (e: Entry) => void): FileResult<null> => {
			const e = get(path);
			if (e === undefined) return fail('ENOENT');
			if (this.readOnly.some((p) => this.resolve(path).startsWith(p))) return fail('EROFS');
			if (user.uid !== 0 && e.uid !== user.uid) return fail('EACCES');
			f(e);
			return ok(null);
		};
		return {
			read: (path) => {
				if (path === '/dev/null') return ok('');
				const e = get(path);
				if (e === undefined) return fail('ENOENT');
				if (e.kind === 'directory') return fail('EISDIR');
				return may(e, 4) ? ok(e.content) : fail('EACCES');
			},
			write: (path, content, options) => {
				if (path === '/dev/null') return ok(null);
				if (path === '/dev/stdout' || path === '/proc/1/fd/1') {
					user.stdout(content);
					return ok(null);
				}
				if (path === '/dev/stderr' || path === '/proc/1/fd/2') {
					user.stderr(content);
					return ok(null);
				}
				const full = this.resolve(path);
				const e = this.entries.get(full);
				if (e?.kind === 'directory') return fail('EISDIR');
				const refused = e === undefined || writable(full) === 'EROFS' ? writable(full) : may(e, 2) ? undefined : 'EACCES';
				if (refused !== undefined) return fail(refused);
				if (e === undefined) this.entries.set(full, { kind: 'file', content, mode: options?.mode ?? 0o644, uid: user.uid, gid: user.gid, mtime: this.now });
				else {
					e.content = options?.append === true ? e.content + content : content;
					e.mtime = this.now;
				}
				return ok(null);
			},
			list: (path) => {
				const full = this.resolve(path);
				const e = this.entries.get(full);
				if (e === undefined) return fail('ENOENT');
				if (e.kind !== 'directory') return fail('ENOTDIR');
				if (!may(e, 4)) return fail('EACCES');
				const prefix = full === '/' ? '/' : `${full}/`;
				return ok(
					[...this.entries.keys()]
						.filter((p) => p !== '/' && p.startsWith(prefix) && !p.slice(prefix.length).includes('/'))
						.map((p) => p.slice(prefix.length))
						.sort(),
				);
			},
			stat: (path, noFollow): FileResult<FileStat> => {
				if (path === '/dev/null') return ok({ kind: 'file', size: 0, mode: 0o666, uid: 0, gid: 0, mtime: 0 });
				const e = get(path, noFollow);
				if (e === undefined) return fail('ENOENT');
				return ok({
					kind: e.kind,
					size: e.content.length,
					mode: e.mode,
					uid: e.uid,
					gid: e.gid,
					mtime: e.mtime,
					...(e.kind === 'symlink' ? { target: e.content } : {}),
				});
			},
			mkdir: (path, options) => {
				const full = this.resolve(path);
				if (this.entries.has(full)) return options?.parents === true ? ok(null) : fail('EEXIST');
				if (options?.parents === true && !this.entries.has(parent(full))) {
					const above = this.as(user).mkdir(parent(full), options);
					if (!above.ok) return above;
				}
				const refused = writable(full);
				if (refused !== undefined) return fail(refused);
				this.entries.set(full, { kind: 'directory', content: '', mode: options?.mode ?? 0o755, uid: user.uid, gid: user.gid, mtime: this.now });
				return ok(null);
			},
			remove: (path, options) => {
				const full = this.resolve(path, true);
				const e = this.entries.get(full);
				if (e === undefined) return fail('ENOENT');
				const refused = writable(full);
				if (refused !== undefined) return fail(refused);
				const below = [...this.entries.keys()].filter((p) => p.startsWith(`${full}/`));
				if (below.length > 0 && options?.recursive !== true) return fail('ENOTEMPTY');
				for (const p of [full, ...below]) this.entries.delete(p);
				return ok(null);
			},
			rename: (from, to) => {
				const source = this.resolve(from, true);
				const target = this.resolve(to);
				const e = this.entries.get(source);
				if (e === undefined) return fail('ENOENT');
				const refused = writable(source) ?? writable(target);
				if (refused !== undefined) return fail(refused);
				for (const p of [...this.entries.keys()].filter((k) => k === source || k.startsWith(`${source}/`))) {
					const moved = this.entries.get(p);
					this.entries.delete(p);
					if (moved !== undefined) this.entries.set(`${target}${p.slice(source.length)}`, moved);
				}
				return ok(null);
			},
			symlink: (target, path) => {
				const full = this.resolve(path, true);
				if (this.entries.has(full)) return fail('EEXIST');
				const refused = writable(full);
				if (refused !== undefined) return fail(refused);
				this.put(full, 'symlink', target, 0o777, user.uid, user.gid);
				return ok(null);
			},
			chmod: (path, mode) =>
				change(path, (e) => {
					e.mode = mode;
				}),
			chown: (path, uid, gid) =>
				user.uid === 0
					? change(path, (e) => {
							e.uid = uid;
							e.gid = gid;
						})
					: fail('EACCES'),
		};
	}
}
