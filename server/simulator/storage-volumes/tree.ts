/** Files as persistent plain data: a directory is a sorted tree of its entries, so that a change shares all it does not touch. */
import { type Tree, treeGet, treeSet } from '../kernel/tree.ts';

export interface FsFile {
	readonly t: 'f';
	readonly content: string;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Virtual ms since the epoch. */
	readonly mtime: number;
}

export interface FsDir {
	readonly t: 'd';
	readonly e: Tree<string, FsNode>;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly mtime: number;
	/** In a writable layer: what the image has at this path no longer shows (overlayfs's opaque directory). */
	readonly opaque?: true;
}

export interface FsLink {
	readonly t: 'l';
	readonly target: string;
	readonly uid: number;
	readonly gid: number;
	readonly mtime: number;
}

/** In a writable layer: the image's entry of this name has been removed (overlayfs's character device 0/0). */
export interface FsGone {
	readonly t: 'w';
}

/** A file whose content is made at its first reading (a service account token: signing is dear and few pods look). */
export interface FsLazy {
	readonly t: 'z';
	readonly make: { readonly kind: 'token'; readonly audience?: string; readonly expirationSeconds?: number };
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly mtime: number;
}

export type FsNode = FsFile | FsDir | FsLink | FsGone | FsLazy;

export function emptyDir(mode: number, uid: number, gid: number, mtime: number): FsDir {
	return { t: 'd', e: null, mode, uid, gid, mtime };
}

export function entry(dir: FsDir, name: string): FsNode | undefined {
	return treeGet(dir.e, name);
}

/** A directory with the node at `path` (its components) replaced; missing directories on the way are made by `makeDir`. */
export function withNode(dir: FsDir, path: readonly string[], node: FsNode, makeDir: (depth: number) => FsDir, depth = 0): FsDir {
	const name = path[depth];
	if (name === undefined) return dir;
	if (depth === path.length - 1) return { ...dir, e: treeSet(dir.e, name, node) };
	const below = treeGet(dir.e, name);
	const next = below !== undefined && below.t === 'd' ? below : makeDir(depth + 1);
	return { ...dir, e: treeSet(dir.e, name, withNode(next, path, node, makeDir, depth + 1)) };
}

/** Splits an absolute path; `.` and empty parts vanish, `..` stays for the walk to resolve. */
export function splitPath(path: string): string[] {
	const out: string[] = [];
	let from = 0;
	while (from < path.length) {
		const slash = path.indexOf('/', from);
		const to = slash === -1 ? path.length : slash;
		if (to > from && !(to === from + 1 && path[from] === '.')) out.push(path.slice(from, to));
		from = to + 1;
	}
	return out;
}
