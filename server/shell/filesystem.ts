/** The workstation's files as just-bash's file system: the sandbox's files over a base layer of what a Linux machine has. */
import type { FsStat, IFileSystem } from 'just-bash';
import type { WorkstationFiles } from '../sandboxes/sandbox.ts';
import { baseEntry, baseNames } from './base-files.ts';
import { joinedText, latin1FromText, textFromLatin1 } from './bytes.ts';

interface Entry {
	readonly kind: 'file' | 'directory' | 'symlink';
	readonly content: string;
	readonly binary: boolean;
	readonly mode: number;
	readonly mtime: number;
}

const fault = (code: string, words: string, call: string, path: string): Error => Object.assign(new Error(`${code}: ${words}, ${call} '${path}'`), { code });
const missing = (call: string, path: string): Error => fault('ENOENT', 'no such file or directory', call, path);

/** Makes a path absolute and free of `.`, `..` and double slashes. */
export function resolvePath(base: string, path: string): string {
	const parts: string[] = [];
	for (const p of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
		if (p === '' || p === '.') continue;
		if (p === '..') parts.pop();
		else parts.push(p);
	}
	return `/${parts.join('/')}`;
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** An encoding, or options that name one, under which a character is a byte. */
function isBinary(encoding: unknown): boolean {
	const name = typeof encoding === 'object' && encoding !== null ? (encoding as { encoding?: string }).encoding : encoding;
	return name === 'binary' || name === 'latin1';
}

export class WorkstationFileSystem implements IFileSystem {
	private readonly files: WorkstationFiles;
	private readonly now: () => number;

	constructor(files: WorkstationFiles, now: () => number) {
		this.files = files;
		this.now = now;
	}

	resolvePath(base: string, path: string): string {
		return resolvePath(base, path);
	}

	/** The entry as it lies there; symlinks in its parents are followed. */
	private async raw(path: string): Promise<Entry | undefined> {
		if (path === '/') return { kind: 'directory', content: '', binary: false, mode: 0o755, mtime: 0 };
		return (await this.files.entry(path)) ?? baseEntry(path);
	}

	/** Follows symlinks, in the last part too unless `noFollow`. */
	private async locate(path: string, noFollow = false, depth = 0): Promise<string> {
		if (depth > 40) throw fault('ELOOP', 'too many levels of symbolic links', 'stat', path);
		const parts = path.split('/').filter((p) => p !== '');
		let at = '';
		for (let i = 0; i < parts.length; i++) {
			at = `${at}/${parts[i]}`;
			if (noFollow && i === parts.length - 1) break;
			const e = await this.raw(at);
			if (e?.kind === 'symlink') {
				const rest = parts.slice(i + 1).join('/');
				const target = resolvePath(parentOf(at), e.content);
				return this.locate(rest === '' ? target : `${target}/${rest}`, noFollow, depth + 1);
			}
			if (e !== undefined && e.kind === 'file' && i < parts.length - 1) throw fault('ENOTDIR', 'not a directory', 'open', path);
		}
		return at === '' ? '/' : at;
	}

	private async entry(path: string, call: string): Promise<{ readonly path: string; readonly entry: Entry }> {
		const real = await this.locate(path);
		const entry = await this.raw(real);
		if (entry === undefined) throw missing(call, path);
		return { path: real, entry };
	}

	/** A file as text (see bytes.ts), or one character a byte where `encoding` is binary. */
	async readFile(path: string, encoding?: unknown): Promise<string> {
		const { entry } = await this.entry(path, 'open');
		if (entry.kind === 'directory') throw fault('EISDIR', 'illegal operation on a directory', 'read', path);
		const { content } = entry;
		if (isBinary(encoding)) return entry.binary ? content : latin1FromText(content);
		return entry.binary ? textFromLatin1(content) : content;
	}

	async readFileBuffer(path: string): Promise<Uint8Array> {
		const { entry } = await this.entry(path, 'open');
		if (entry.kind === 'directory') throw fault('EISDIR', 'illegal operation on a directory', 'read', path);
		return Buffer.from(entry.content, entry.binary ? 'latin1' : 'utf8');
	}

	private async put(path: string, content: string | Uint8Array, encoding: unknown, append: boolean): Promise<void> {
		if (path === '/dev/null' || path === '/dev/zero') return;
		const real = await this.locate(path);
		const old = await this.raw(real);
		if (old?.kind === 'directory') throw fault('EISDIR', 'illegal operation on a directory', 'open', path);
		const parent = await this.raw(parentOf(real));
		if (parent === undefined) throw missing('open', path);
		if (parent.kind !== 'directory') throw fault('ENOTDIR', 'not a directory', 'open', path);
		if (/^\/(bin|usr|proc|dev|lib|sbin|sys)(\/|$)/.test(real)) throw fault('EACCES', 'permission denied', 'open', path);
		const bytes = typeof content === 'string' ? (isBinary(encoding) ? Buffer.from(content, 'latin1') : undefined) : Buffer.from(content);
		const given = bytes === undefined ? String(content) : textFromLatin1(bytes.toString('latin1'));
		const text = append && old !== undefined ? joinedText((old.binary ? textFromLatin1(old.content) : old.content) + given) : given;
		// Bytes that are UTF-8 are kept as text, so that editors and diffs show them.
		const binary = !text.isWellFormed();
		await this.files.change({
			op: 'write',
			path: real,
			content: binary ? latin1FromText(text) : text,
			mode: old?.mode ?? 0o644,
			...(binary ? { binary: true } : {}),
		});
	}

	writeFile(path: string, content: string | Uint8Array, encoding?: unknown): Promise<void> {
		return this.put(path, content, encoding, false);
	}

	appendFile(path: string, content: string | Uint8Array, encoding?: unknown): Promise<void> {
		return this.put(path, content, encoding, true);
	}

	async exists(path: string): Promise<boolean> {
		return this.entry(path, 'access').then(
			() => true,
			() => false,
		);
	}

	/** Where it lies says which file it is: there are no hard links. cp and mv ask, to tell two names of one file from two files. */
	private statOf(path: string, e: Entry): FsStat {
		return {
			identity: path,
			isFile: e.kind === 'file',
			isDirectory: e.kind === 'directory',
			isSymbolicLink: e.kind === 'symlink',
			mode: e.mode,
			size: e.kind === 'directory' ? 4096 : e.mode === 0o666 && e.binary ? 0 : Buffer.byteLength(e.content, e.binary ? 'latin1' : 'utf8'),
			mtime: new Date(e.mtime === 0 ? this.now() : e.mtime),
		};
	}

	async stat(path: string): Promise<FsStat> {
		const found = await this.entry(path, 'stat');
		return this.statOf(found.path, found.entry);
	}

	async lstat(path: string): Promise<FsStat> {
		const real = await this.locate(path, true);
		const e = await this.raw(real);
		if (e === undefined) throw missing('lstat', path);
		return this.statOf(real, e);
	}

	async mkdir(path: string, options?: { recursive?: boolean }): Promise<void> {
		const real = await this.locate(path);
		const old = await this.raw(real);
		if (old !== undefined) {
			if (options?.recursive && old.kind === 'directory') return;
			throw fault('EEXIST', 'file already exists', 'mkdir', path);
		}
		if (!options?.recursive && (await this.raw(parentOf(real))) === undefined) throw missing('mkdir', path);
		await this.files.change({ op: 'mkdir', path: real });
	}

	async readdir(path: string): Promise<string[]> {
		const { path: real, entry } = await this.entry(path, 'scandir');
		if (entry.kind !== 'directory') throw fault('ENOTDIR', 'not a directory', 'scandir', path);
		const prefix = real === '/' ? '/' : `${real}/`;
		const names = new Set(baseNames(real));
		for (const f of await this.files.list(real)) names.add(f.path.slice(prefix.length).split('/')[0] ?? '');
		names.delete('');
		return [...names].sort();
	}

	async rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void> {
		const real = await this.locate(path, true);
		const e = await this.files.entry(real);
		if (e === undefined) {
			if (baseEntry(real) !== undefined) throw fault('EACCES', 'permission denied', 'rm', path);
			if (options?.force) return;
			throw missing('rm', path);
		}
		if (e.kind === 'directory' && !options?.recursive && (await this.readdir(real)).length > 0) throw fault('ENOTEMPTY', 'directory not empty', 'rm', path);
		await this.files.change({ op: 'remove', path: real });
	}

	async cp(source: string, target: string, options?: { recursive?: boolean }): Promise<void> {
		const { path: from, entry } = await this.entry(source, 'cp');
		if (entry.kind === 'directory') {
			if (!options?.recursive) throw fault('EISDIR', 'illegal operation on a directory', 'cp', source);
			await this.mkdir(target, { recursive: true });
			for (const name of await this.readdir(from)) await this.cp(`${from}/${name}`, `${target}/${name}`, options);
			return;
		}
		await this.put(target, entry.binary ? Buffer.from(entry.content, 'latin1') : entry.content, undefined, false);
		const real = await this.locate(target);
		await this.files.change({ op: 'chmod', path: real, mode: entry.mode });
	}

	async mv(source: string, target: string): Promise<void> {
		await this.cp(source, target, { recursive: true });
		await this.rm(source, { recursive: true });
	}

	/** just-bash asks for all paths at once for some globs only; ours come from `readdir`. */
	getAllPaths(): string[] {
		return [];
	}

	async chmod(path: string, mode: number): Promise<void> {
		const { path: real } = await this.entry(path, 'chmod');
		await this.files.change({ op: 'chmod', path: real, mode });
	}

	async symlink(target: string, path: string): Promise<void> {
		const real = await this.locate(path, true);
		if ((await this.raw(real)) !== undefined) throw fault('EEXIST', 'file already exists', 'symlink', path);
		await this.files.change({ op: 'symlink', path: real, target });
	}

	async link(existing: string, path: string): Promise<void> {
		await this.cp(existing, path);
	}

	async readlink(path: string): Promise<string> {
		const e = await this.raw(await this.locate(path, true));
		if (e?.kind !== 'symlink') throw fault('EINVAL', 'invalid argument', 'readlink', path);
		return e.content;
	}

	realpath(path: string): Promise<string> {
		return this.entry(path, 'realpath').then((e) => e.path);
	}

	async utimes(path: string, _atime: Date, mtime: Date): Promise<void> {
		const { path: real } = await this.entry(path, 'utimes');
		await this.files.change({ op: 'utimes', path: real, mtime: mtime.getTime() });
	}
}
