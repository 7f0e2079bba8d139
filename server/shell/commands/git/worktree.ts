/** The working tree: what lies there, how it differs from the index, and putting files there. */
import git from 'isomorphic-git';
import { createHash } from 'node:crypto';
import { bytesFromText } from '../../bytes.ts';
import { type Index, indexOf } from './index-file.ts';
import type { Blob, Files } from './files.ts';
import type { Repository } from './repository.ts';

export const FILE = 0o100644;
export const EXECUTABLE = 0o100755;
export const LINK = 0o120000;

interface Found {
	readonly mode: number;
	readonly mtime: number;
	readonly size: number;
}

export const blobId = (bytes: Uint8Array): string => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** Every file below the top, `.git` and repositories inside left out. */
export async function scan(repo: Repository): Promise<Map<string, Found>> {
	const out = new Map<string, Found>();
	const walk = async (under: string): Promise<void> => {
		for (const name of await repo.disk.readdir(`${repo.tree}/${under}`)) {
			if (name === '.git') continue;
			const path = under + name;
			const s = await repo.disk.lstat(`${repo.tree}/${path}`);
			if (s.isDirectory) await walk(`${path}/`);
			else out.set(path, { mode: s.isSymbolicLink ? LINK : (s.mode & 0o111) !== 0 ? EXECUTABLE : FILE, mtime: s.mtime.getTime(), size: s.size });
		}
	};
	await walk('');
	return out;
}

export async function readWorking(repo: Repository, path: string, mode: number): Promise<Buffer> {
	const full = `${repo.tree}/${path}`;
	return mode === LINK ? bytesFromText(await repo.disk.readlink(full)) : Buffer.from(await repo.disk.readFileBuffer(full));
}

/** The working tree's version of what the index holds; what the index knows to be unchanged is not read again. */
export async function workingFiles(repo: Repository, index: Index, found: ReadonlyMap<string, Found>): Promise<Map<string, Blob>> {
	const out = new Map<string, Blob>();
	const written = (await repo.disk.stat(`${repo.gitdir}/index`).catch(() => undefined))?.mtime.getTime() ?? 0;
	for (const path of [...index.entries.keys(), ...index.conflicts.keys()]) {
		const f = found.get(path);
		if (f === undefined) continue;
		const known = index.entries.get(path);
		// A file changed in the very moment of the index' writing could look unchanged ("racily clean").
		const same = known !== undefined && known.mtime === f.mtime && known.size === f.size && known.mtime < written && known.mode === f.mode;
		out.set(path, same ? { oid: known.oid, mode: f.mode } : { oid: blobId(await readWorking(repo, path, f.mode)), mode: f.mode });
	}
	return out;
}

/** Files of the working tree that the index does not hold; those that `.gitignore` names apart. */
export async function untrackedFiles(
	repo: Repository,
	index: Index,
	found: ReadonlyMap<string, Found>,
): Promise<{ readonly untracked: readonly string[]; readonly ignored: readonly string[] }> {
	const untracked: string[] = [];
	const ignored: string[] = [];
	for (const path of found.keys()) {
		if (index.entries.has(path) || index.conflicts.has(path)) continue;
		((await git.isIgnored({ ...repo.at, filepath: path })) ? ignored : untracked).push(path);
	}
	return { untracked: untracked.sort(), ignored: ignored.sort() };
}

/** Untracked files as status shows them: a folder in which nothing is tracked stands for all it holds. */
export function folded(paths: readonly string[], index: Index, beside: readonly string[] = []): string[] {
	const tracked = new Set<string>();
	for (const p of [...index.entries.keys(), ...index.conflicts.keys(), ...beside])
		for (let i = p.indexOf('/'); i > 0; i = p.indexOf('/', i + 1)) tracked.add(p.slice(0, i));
	const out = new Set<string>();
	for (const p of paths) {
		let shown = p;
		for (let i = p.indexOf('/'); i > 0; i = p.indexOf('/', i + 1)) {
			if (!tracked.has(p.slice(0, i))) {
				shown = p.slice(0, i + 1);
				break;
			}
		}
		out.add(shown);
	}
	return [...out].sort();
}

export async function writeWorking(repo: Repository, path: string, blob: Blob): Promise<void> {
	const full = `${repo.tree}/${path}`;
	const bytes = await repo.blob(blob.oid);
	const old = await repo.disk.lstat(full).catch(() => undefined);
	if (old?.isSymbolicLink || old?.isDirectory || blob.mode === LINK) await repo.disk.rm(full, { recursive: true, force: true });
	await repo.disk.mkdir(full.slice(0, full.lastIndexOf('/')), { recursive: true });
	if (blob.mode === LINK) return repo.disk.symlink(bytes.toString('utf8'), full);
	await repo.disk.writeFile(full, new Uint8Array(bytes));
	if (blob.mode === EXECUTABLE || (old !== undefined && (old.mode & 0o111) !== 0)) await repo.disk.chmod(full, blob.mode & 0o777);
}

/** Takes a file away, and the folders that it leaves empty. */
export async function removeWorking(repo: Repository, path: string): Promise<void> {
	await repo.disk.rm(`${repo.tree}/${path}`, { force: true });
	for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
		const folder = `${repo.tree}/${path.slice(0, at)}`;
		const names = await repo.disk.readdir(folder).catch(() => ['']);
		if (names.length > 0 || repo.c.cwd === folder || repo.c.cwd.startsWith(`${folder}/`)) return;
		await repo.disk.rm(folder, { recursive: true, force: true });
	}
}

/** What the index says of a working file that has just been written. */
export async function entryOf(repo: Repository, path: string, blob: Blob): Promise<Blob & Found> {
	const s = await repo.disk.lstat(`${repo.tree}/${path}`);
	return { ...blob, mtime: s.mtime.getTime(), size: s.size };
}

/**
 * Changes the working tree and the index from one set of files to another; what is the same in both is not touched. The caller has
 * made sure that nothing of the learner's is lost.
 */
export async function changeTree(repo: Repository, from: Files, to: Files, index: Index): Promise<Index> {
	for (const path of from.keys()) if (!to.has(path)) await removeWorking(repo, path);
	const next = indexOf(to, index);
	for (const [path, blob] of to) {
		const old = from.get(path);
		if (old !== undefined && old.oid === blob.oid && old.mode === blob.mode) {
			const kept = index.entries.get(path);
			if (kept !== undefined) next.entries.set(path, kept);
			continue;
		}
		await writeWorking(repo, path, blob);
		next.entries.set(path, await entryOf(repo, path, blob));
	}
	return next;
}

export const sameBlob = (a: Blob | undefined, b: Blob | undefined): boolean => a?.oid === b?.oid && a?.mode === b?.mode;

/** Paths below the pathspecs given, relative to the current folder. Globs as in fnmatch without `/` being special. */
export function matcher(repo: Repository, specs: readonly string[]): (path: string) => boolean {
	const tests = specs.map((spec) => {
		const absolute = repo.disk.resolvePath(repo.c.cwd, spec.replace(/^:(\/|\(top\))/, `${repo.tree}/`));
		const path = absolute === repo.tree ? '' : absolute.slice(repo.tree.length + 1);
		if (path === '') return () => true;
		if (!/[*?[]/.test(path)) return (p: string) => p === path || p.startsWith(`${path}/`);
		const source = path
			.replace(/[.+^${}()|\\]/g, '\\$&')
			.replace(/\*+/g, '.*')
			.replace(/\?/g, '.');
		const re = new RegExp(`^${source}(/|$)`);
		return (p: string) => re.test(p);
	});
	return (path) => tests.length === 0 || tests.some((t) => t(path));
}
