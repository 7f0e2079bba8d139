/** The learner's files as a tree. Paths are the server's; only what is shown is shortened. */
import type { FileEntry } from '../../server/protocol/messages.ts';

export interface TreeNode {
	readonly name: string;
	readonly path: string;
	readonly directory: boolean;
	readonly children: readonly TreeNode[];
}

/** The folder that the list of files shows. */
export const HOME = '/home/learner';

/** How a path is shown: below the home folder without it. */
export const shortPath = (path: string): string => (path.startsWith(`${HOME}/`) ? path.slice(HOME.length + 1) : path);
/** What the learner typed, as a path of the server: relative names lie below the home folder. */
export const fullPath = (typed: string): string => (typed.startsWith('/') ? typed : `${HOME}/${typed.replace(/^~\//, '').replace(/^\.\//, '')}`);
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Why a name cannot be a new file: the sentence of the catalogue; undefined where it can. */
export function nameFault(typed: string, existing: ReadonlySet<string>): 'nameEmpty' | 'nameFolder' | 'nameDots' | 'nameTaken' | undefined {
	const name = typed.trim();
	if (name === '') return 'nameEmpty';
	if (name.endsWith('/')) return 'nameFolder';
	if (name.split('/').includes('..')) return 'nameDots';
	if (existing.has(fullPath(name))) return 'nameTaken';
	return undefined;
}

interface Building {
	name: string;
	path: string;
	directory: boolean;
	children: Map<string, Building>;
}

/** Folders first, then by name; hidden files (a leading dot) are left out, as `ls` does. */
export function fileTree(files: readonly FileEntry[]): TreeNode[] {
	const root: Building = { name: '', path: '', directory: true, children: new Map() };
	for (const file of files) {
		const shown = shortPath(file.path);
		if (shown.split('/').some((part) => part.startsWith('.'))) continue;
		place(root, file, shown);
	}
	return sorted(root);
}

function place(root: Building, file: FileEntry, shown: string): void {
	const parts = shown.split('/').filter((part) => part !== '');
	const prefix = shown.startsWith('/') ? '/' : file.path.slice(0, file.path.length - shown.length);
	let at = root;
	parts.forEach((name, index) => {
		const last = index === parts.length - 1;
		const path = prefix + parts.slice(0, index + 1).join('/');
		const next = at.children.get(name) ?? { name, path, directory: !last || file.kind === 'directory', children: new Map<string, Building>() };
		at.children.set(name, next);
		at = next;
	});
}

function sorted(node: Building): TreeNode[] {
	return [...node.children.values()]
		.map((child) => ({ name: child.name, path: child.path, directory: child.directory, children: sorted(child) }))
		.sort((a, b) => Number(b.directory) - Number(a.directory) || a.name.localeCompare(b.name));
}

export interface TreeRow {
	readonly node: TreeNode;
	/** From 1, as aria-level counts. */
	readonly level: number;
	readonly open: boolean;
	/** Place among its siblings, from 1, and how many they are. */
	readonly position: number;
	readonly siblings: number;
}

/** The rows of the tree that can be seen, where the folders in `closed` are. */
export function treeRows(nodes: readonly TreeNode[], closed: ReadonlySet<string>, level = 1): TreeRow[] {
	return nodes.flatMap((node, index) => {
		const open = node.directory && !closed.has(node.path);
		const row = { node, level, open, position: index + 1, siblings: nodes.length };
		return open ? [row, ...treeRows(node.children, closed, level + 1)] : [row];
	});
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** Where the focus goes from row `at` on a key; undefined where the key means something else there. */
export function treeMove(rows: readonly TreeRow[], at: number, key: string): number | undefined {
	const row = rows[at];
	const last = rows.length - 1;
	if (key === 'ArrowDown') return Math.min(last, at + 1);
	if (key === 'ArrowUp') return Math.max(0, at - 1);
	if (key === 'Home') return 0;
	if (key === 'End') return last;
	// Right goes into an open folder, left out to the one around; opening and closing is the tree's own.
	if (key === 'ArrowRight' && row?.open && row.node.children.length > 0) return at + 1;
	if (key === 'ArrowLeft' && row && !row.open && row.level > 1) return rows.findLastIndex(({ level }, index) => index < at && level < row.level);
	if (/^[\w.]$/.test(key)) {
		const named = (index: number): boolean => rows[index]?.node.name.toLowerCase().startsWith(key.toLowerCase()) === true;
		for (let step = 1; step <= rows.length; step++) if (named((at + step) % rows.length)) return (at + step) % rows.length;
	}
	return undefined;
}
