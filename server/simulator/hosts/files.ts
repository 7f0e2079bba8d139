/** The workstation's files as part of the world, so that forks, replays and rewinds take them along. */
import type { FileInput } from '../inputs.ts';
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeGet, treePrefix, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';

export interface HostFile {
	readonly kind: 'file' | 'directory' | 'symlink';
	/** A file's text (latin-1 where `binary`), a symlink's target, '' for a directory. */
	readonly content: string;
	readonly binary?: boolean;
	readonly mode: number;
	/** Virtual ms since the epoch. */
	readonly mtime: number;
}

/** Absolute normalised path → file. The root directory has no entry. */
export const hostFilesSlice = defineSlice<Tree<string, HostFile>>('hostFiles', null);

export function hostFile(world: World, path: string): HostFile | undefined {
	return treeGet(world.read(hostFilesSlice), path);
}

/** A directory's own entries and all below it, in path order; '' lists everything. */
export function hostFilesUnder(world: World, directory: string): { readonly path: string; readonly file: HostFile }[] {
	const prefix = directory === '/' || directory === '' ? '/' : `${directory}/`;
	const out = [];
	for (const e of treePrefix(world.read(hostFilesSlice), prefix)) out.push({ path: e.k, file: e.v });
	return out;
}

/** Applies one change. Parents are made as needed: the caller's file system has checked what it wants checked. */
export function changeHostFile(world: World, op: FileInput): void {
	let files = world.read(hostFilesSlice);
	const parents = (path: string): void => {
		for (let i = path.indexOf('/', 1); i > 0; i = path.indexOf('/', i + 1)) {
			const dir = path.slice(0, i);
			if (treeGet(files, dir) === undefined) files = treeSet(files, dir, { kind: 'directory', content: '', mode: 0o755, mtime: world.now });
		}
	};
	const old = treeGet(files, op.path);
	switch (op.op) {
		case 'write':
			parents(op.path);
			files = treeSet(files, op.path, {
				kind: 'file',
				content: op.content,
				...(op.binary ? { binary: true } : {}),
				mode: op.mode ?? old?.mode ?? 0o644,
				mtime: world.now,
			});
			break;
		case 'mkdir':
			parents(op.path);
			files = treeSet(files, op.path, { kind: 'directory', content: '', mode: op.mode ?? 0o755, mtime: world.now });
			break;
		case 'symlink':
			parents(op.path);
			files = treeSet(files, op.path, { kind: 'symlink', content: op.target, mode: 0o777, mtime: world.now });
			break;
		case 'remove':
			for (const e of [...treePrefix(files, `${op.path}/`)]) files = treeRemove(files, e.k);
			files = treeRemove(files, op.path);
			break;
		case 'chmod':
			if (old !== undefined) files = treeSet(files, op.path, { ...old, mode: op.mode });
			break;
		case 'utimes':
			if (old !== undefined) files = treeSet(files, op.path, { ...old, mtime: op.mtime });
			break;
	}
	world.write(hostFilesSlice, files);
}
