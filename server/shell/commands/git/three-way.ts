/** Three-way merges of whole trees, as merge, cherry-pick, revert, rebase and stash use them. */
import { textFromBytes, bytesFromText } from '../../bytes.ts';
import { GitError } from './errors.ts';
import { emptyIndex, type Index } from './index-file.ts';
import { mergeTexts } from './lines.ts';
import { byBytes, compare, contentOf, withRenames } from './patch.ts';
import type { Blob, Files } from './files.ts';
import type { Repository } from './repository.ts';
import { changeTree, sameBlob } from './worktree.ts';
import { statusOf } from './status.ts';

export interface MergeLabels {
	readonly ours: string;
	readonly theirs: string;
}

export interface MergeResult {
	readonly files: Map<string, Blob>;
	readonly conflicts: Map<string, readonly (Blob | undefined)[]>;
	/** What git says while it merges: "Auto-merging f", "CONFLICT (content): …". */
	readonly messages: readonly string[];
}

/** Merges the changes from `base` to `theirs` into `ours`. Files that one side renamed are followed. */
export async function mergeTrees(repo: Repository, base: Files, ours: Files, theirs: Files, labels: MergeLabels): Promise<MergeResult> {
	const files = new Map<string, Blob>();
	const conflicts = new Map<string, readonly (Blob | undefined)[]>();
	const messages: string[] = [];
	const moved = async (side: Files): Promise<Map<string, string>> =>
		new Map((await withRenames(compare(base, side), contentOf(repo))).filter((c) => c.similarity !== undefined).map((c) => [c.from, c.path]));
	const [ourMoves, theirMoves] = [await moved(ours), await moved(theirs)];
	const done = new Set<string>();
	const one = async (path: string, b: Blob | undefined, o: Blob | undefined, t: Blob | undefined): Promise<void> => {
		done.add(path);
		const keep = (blob: Blob | undefined): void => {
			if (blob !== undefined) files.set(path, blob);
		};
		if (sameBlob(o, t) || sameBlob(b, t)) return keep(o);
		if (sameBlob(b, o)) return keep(t);
		if (o === undefined || t === undefined) {
			conflicts.set(path, [b, o, t]);
			const [gone, kept] = o === undefined ? [labels.ours, labels.theirs] : [labels.theirs, labels.ours];
			messages.push(`CONFLICT (modify/delete): ${path} deleted in ${gone} and modified in ${kept}.  Version ${kept} of ${path} left in tree.`);
			return keep(o ?? t);
		}
		messages.push(`Auto-merging ${path}`);
		const bytes = async (blob: Blob | undefined): Promise<Buffer> => (blob === undefined ? Buffer.alloc(0) : repo.blob(blob.oid));
		const [x, y, z] = [await bytes(b), await bytes(o), await bytes(t)];
		const mode = b?.mode === o.mode ? t.mode : o.mode;
		if ([x, y, z].some((f) => f.includes(0))) {
			conflicts.set(path, [b, o, t]);
			messages.pop();
			messages.push(
				`warning: Cannot merge binary files: ${path} (${labels.ours} vs. ${labels.theirs})`,
				`Auto-merging ${path}`,
				`CONFLICT (content): Merge conflict in ${path}`,
			);
			return keep(o);
		}
		const merged = mergeTexts(textFromBytes(x), textFromBytes(y), textFromBytes(z), labels);
		files.set(path, { oid: await repo.writeBlob(bytesFromText(merged.text)), mode });
		if (merged.conflicts === 0) return;
		conflicts.set(path, [b, o, t]);
		messages.push(`CONFLICT (${b === undefined ? 'add/add' : 'content'}): Merge conflict in ${path}`);
	};
	for (const [from, to] of [...ourMoves, ...theirMoves]) {
		const [a, b] = [ourMoves.get(from), theirMoves.get(from)];
		if (done.has(from) || (a !== undefined && b !== undefined && a !== b)) continue;
		// The side that did not rename it changed it under its old name.
		const o = a === undefined ? ours.get(from) : ours.get(to);
		const t = b === undefined ? theirs.get(from) : theirs.get(to);
		if (o === undefined || t === undefined || (a === undefined && ours.has(to)) || (b === undefined && theirs.has(to))) continue;
		done.add(from);
		await one(to, base.get(from), o, t);
	}
	for (const path of [...new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])].sort(byBytes))
		if (!done.has(path)) await one(path, base.get(path), ours.get(path), theirs.get(path));
	return { files, conflicts, messages };
}

/** Refuses where local changes or untracked files would be overwritten by going from `ours` to the result. */
export async function refuseOverwrites(repo: Repository, ours: Files, result: MergeResult, doing: string): Promise<void> {
	const status = await statusOf(repo);
	const list = (paths: readonly string[]): string => paths.map((p) => `\t${p}\n`).join('');
	const moves = (p: string): boolean => !sameBlob(ours.get(p), result.files.get(p)) || result.conflicts.has(p);
	if (status.staged.length > 0 && doing === 'merge')
		throw new GitError(`error: Your local changes to the following files would be overwritten by merge:\n  ${status.staged.map((c) => c.path).join(' ')}`, 2);
	const local = [...new Set([...status.staged, ...status.changed].map((c) => c.path))].filter(moves).sort(byBytes);
	const hint = doing === 'merge' ? 'merge' : doing === 'stash' ? 'merge' : doing;
	if (local.length > 0)
		throw new GitError(
			`error: Your local changes to the following files would be overwritten by merge:\n${list(local)}Please commit your changes or stash them before you ${hint}.\nAborting`,
			1,
		);
	const untracked = status.untracked.filter((p) => result.files.has(p) && !ours.has(p));
	if (untracked.length > 0)
		throw new GitError(
			`error: The following untracked working tree files would be overwritten by merge:\n${list(untracked)}Please move or remove them before you ${hint}.\nAborting`,
			1,
		);
}

/** Writes a result to the working tree and the index, conflicts as stages 1 to 3. */
export async function applyResult(repo: Repository, ours: Files, result: MergeResult): Promise<Index> {
	const before = await repo.index();
	const changed = await changeTree(repo, ours, result.files, before);
	const index = emptyIndex();
	for (const [path, e] of changed.entries) if (!result.conflicts.has(path)) index.entries.set(path, e);
	for (const [path, stages] of result.conflicts) index.conflicts.set(path, stages);
	// Local changes that the merge does not touch stay.
	for (const [path, e] of before.entries)
		if (!result.conflicts.has(path) && sameBlob(ours.get(path), result.files.get(path)) && !sameBlob(e, ours.get(path))) index.entries.set(path, e);
	await repo.saveIndex(index);
	return index;
}
