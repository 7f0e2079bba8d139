/** What commits changed, in the forms asked for: patches, counts, names. */
import type { Options } from './options.ts';
import {
	compare,
	contentOf,
	count,
	type FileChange,
	nameStatus,
	type Paint,
	patchOf,
	quoted,
	renameText,
	shortStat,
	statText,
	summary,
	withRenames,
} from './patch.ts';
import type { Commit, Repository } from './repository.ts';

/** What a commit changed against its first parent (nothing for a merge, unless asked). */
export async function changesIn(repo: Repository, c: Commit, wanted: (path: string) => boolean): Promise<FileChange[]> {
	const parent = c.parents[0];
	const before = await repo.files(parent === undefined ? undefined : (await repo.commit(parent)).tree);
	return compare(before, await repo.files(c.tree), wanted);
}

/** What each commit did to one file, through its renames (`--follow`). */
export async function follow(repo: Repository, commits: readonly Commit[], given: string): Promise<Map<string, FileChange[]>> {
	const out = new Map<string, FileChange[]>();
	let path = repo.disk.resolvePath(repo.c.cwd, given).slice(repo.tree.length + 1);
	for (const c of commits) {
		if (c.parents.length > 1) continue;
		const found = (await withRenames(await changesIn(repo, c, () => true), contentOf(repo))).find((f) => f.path === path);
		if (found === undefined) continue;
		out.set(c.oid, [found]);
		path = found.from;
	}
	return out;
}

export const DIFF_FLAGS =
	'p patch u stat shortstat numstat name-only name-status summary no-patch s raw w ignore-all-space b color no-color no-renames no-ext-diff text binary full-index';

export const DIFF_VALUED = 'U unified';

export const DIFF_OPTIONAL = 'M find-renames color stat word-diff';

/** A set of changes in the forms asked for. */
export async function showChanges(repo: Repository, changes: readonly FileChange[], o: Options, paint: Paint, working = false): Promise<string> {
	const content = contentOf(repo, working);
	const list = o.has('no-renames') ? [...changes] : await withRenames(changes, content);
	if (o.has('name-only')) return list.map((c) => `${quoted(c.path)}\n`).join('');
	if (o.has('name-status')) return list.map(nameStatus).join('');
	let out = '';
	const counts = o.has('stat', 'shortstat', 'numstat') ? await count(list, content) : [];
	if (o.has('numstat')) out += counts.map((c) => `${c.binary ? '-\t-' : `${c.added}\t${c.removed}`}\t${renameText(c.change.from, c.change.path)}\n`).join('');
	if (o.has('stat')) out += statText(counts, paint);
	if (o.has('shortstat')) out += shortStat(counts);
	if (o.has('summary')) out += summary(list);
	const patches = o.has('p', 'patch', 'u', 'U', 'unified') || !o.has('stat', 'shortstat', 'numstat', 'summary');
	if (!patches || o.has('no-patch', 's')) return out;
	if (out !== '') out += '\n';
	const context = Number(o.get('U', 'unified') ?? 3);
	for (const c of list) out += await patchOf(c, content, { context, paint });
	return out;
}
