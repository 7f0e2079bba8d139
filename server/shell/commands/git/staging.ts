/** What changes the index and the working tree by path: add, rm, mv, restore, reset of paths, clean. */
import git from 'isomorphic-git';
import { GitError } from './errors.ts';
import { parseOptions } from './options.ts';
import { byBytes, quoted } from './patch.ts';
import type { Blob } from './files.ts';
import type { Repository } from './repository.ts';
import { commitOf } from './revisions.ts';
import { relative, statusOf } from './status.ts';
import { entryOf, folded, matcher, readWorking, removeWorking, sameBlob, scan, untrackedFiles, writeWorking } from './worktree.ts';

/** Brings the index up to the working tree: what is tracked (and, unless `tracked`, what is new) below the paths. */
export async function stage(
	repo: Repository,
	o: { readonly tracked?: boolean; readonly paths: readonly string[]; readonly force?: boolean },
): Promise<readonly string[]> {
	const wanted = matcher(repo, o.paths);
	const found = await statusOf(repo, wanted);
	const { index } = found;
	const done: string[] = [];
	const add = async (path: string, mode: number): Promise<void> => {
		const oid = await repo.writeBlob(await readWorking(repo, path, mode));
		index.entries.set(path, await entryOf(repo, path, { oid, mode }));
		index.conflicts.delete(path);
		done.push(`add '${path}'`);
	};
	const drop = (path: string): void => {
		index.entries.delete(path);
		index.conflicts.delete(path);
		done.push(`remove '${path}'`);
	};
	for (const c of found.changed) {
		if (c.new === undefined) drop(c.path);
		else await add(c.path, c.new.mode);
	}
	for (const path of found.conflicts.keys()) {
		const working = found.working.get(path);
		if (working === undefined) drop(path);
		else await add(path, working.mode);
	}
	if (!o.tracked) {
		const here = await scan(repo);
		for (const path of [...found.untracked, ...(o.force ? found.ignored : [])]) await add(path, here.get(path)?.mode ?? 0o100644);
	}
	await repo.saveIndex(index);
	return done;
}

export async function add(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'A all u update f force n dry-run v verbose N intent-to-add no-all ignore-removal p patch', valued: 'chmod' });
	if (o.has('p', 'patch')) throw new GitError('fatal: interactive staging is not part of this git; name files, or edit and add in steps', 1);
	const everything = o.has('A', 'all', 'u', 'update');
	if (o.operands.length === 0 && !everything) {
		repo.c.io.stderr(
			'Nothing specified, nothing added.\nhint: Maybe you wanted to say \'git add .\'?\nhint: Turn this message off by running\nhint: "git config advice.addEmptyPathspec false"\n',
		);
		return 0;
	}
	const paths = o.operands.length === 0 ? [':/'] : o.operands;
	const here = await scan(repo);
	const index = await repo.index();
	const { ignored } = await untrackedFiles(repo, index, here);
	const known = [...here.keys(), ...index.entries.keys(), ...index.conflicts.keys()];
	const refused: string[] = [];
	for (const p of paths) {
		const wanted = matcher(repo, [p]);
		const hits = known.filter(wanted);
		const folder = await repo.disk.stat(repo.disk.resolvePath(repo.c.cwd, p)).catch(() => undefined);
		if (hits.length === 0 && !folder?.isDirectory) throw new GitError(`fatal: pathspec '${p}' did not match any files`, 128);
		if (!o.has('f', 'force') && hits.length > 0 && hits.every((h) => ignored.includes(h)) && !/[*?[]/.test(p) && p !== '.' && p !== ':/')
			refused.push((await git.isIgnored({ ...repo.at, filepath: p.replace(/\/$/, '') })) || hits.length > 0 ? p : '');
	}
	const done = await stage(repo, { paths, tracked: o.has('u', 'update'), force: o.has('f', 'force') });
	if (o.has('chmod')) {
		const now = await repo.index();
		const wanted = matcher(repo, paths);
		for (const [path, e] of now.entries) if (wanted(path)) now.entries.set(path, { ...e, mode: o.get('chmod') === '+x' ? 0o100755 : 0o100644 });
		await repo.saveIndex(now);
	}
	if (o.has('v', 'verbose')) for (const d of done) repo.c.io.stdout(`${d}\n`);
	if (refused.length === 0) return 0;
	repo.c.io.stderr(
		`The following paths are ignored by one of your .gitignore files:\n${refused.join('\n')}\nhint: Use -f if you really want to add them.\nhint: Turn this message off by running\nhint: "git config advice.addIgnoredFile false"\n`,
	);
	return 1;
}

export async function rm(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'cached r f force q quiet n dry-run ignore-unmatch' });
	if (o.operands.length === 0) throw new GitError('fatal: No pathspec was given. Which files should I remove?', 128);
	const found = await statusOf(repo);
	const { index } = found;
	const chosen = new Set<string>();
	for (const p of o.operands) {
		const wanted = matcher(repo, [p]);
		const hits = [...index.entries.keys(), ...index.conflicts.keys()].filter(wanted);
		if (hits.length === 0 && !o.has('ignore-unmatch')) throw new GitError(`fatal: pathspec '${p}' did not match any files`, 128);
		const folder = (await repo.disk.stat(repo.disk.resolvePath(repo.c.cwd, p)).catch(() => undefined))?.isDirectory;
		if (folder && !o.has('r')) throw new GitError(`fatal: not removing '${p}' recursively without -r`, 128);
		for (const h of hits) chosen.add(h);
	}
	if (!o.has('f', 'force')) {
		const staged = new Set(found.staged.map((c) => c.path));
		const changed = new Set(found.changed.filter((c) => c.new !== undefined).map((c) => c.path));
		const both = [...chosen].filter((p) => staged.has(p) && changed.has(p));
		const inIndex = o.has('cached') ? [] : [...chosen].filter((p) => staged.has(p) && !changed.has(p));
		const local = o.has('cached') ? [] : [...chosen].filter((p) => changed.has(p) && !staged.has(p));
		const complain = (list: readonly string[], one: string, many: string, hint: string): string =>
			list.length === 0 ? '' : `error: the following ${list.length === 1 ? one : many}:\n${list.map((p) => `    ${p}\n`).join('')}${hint}\n`;
		const text =
			complain(
				both,
				'file has staged content different from both the\nfile and the HEAD',
				'files have staged content different from both the\nfile and the HEAD',
				'(use -f to force removal)',
			) +
			complain(
				inIndex,
				'file has changes staged in the index',
				'files have changes staged in the index',
				'(use --cached to keep the file, or -f to force removal)',
			) +
			complain(local, 'file has local modifications', 'files have local modifications', '(use --cached to keep the file, or -f to force removal)');
		if (text !== '') throw new GitError(text.trimEnd(), 1);
	}
	for (const path of [...chosen].sort(byBytes)) {
		if (!o.has('q', 'quiet')) repo.c.io.stdout(`rm ${quotedName(path)}\n`);
		if (o.has('n', 'dry-run')) continue;
		index.entries.delete(path);
		index.conflicts.delete(path);
		if (!o.has('cached')) await removeWorking(repo, path);
	}
	if (!o.has('n', 'dry-run')) await repo.saveIndex(index);
	return 0;
}

const quotedName = (path: string): string => (quoted(path).startsWith('"') ? quoted(path) : `'${path}'`);

export async function mv(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'f force k n dry-run v verbose' });
	const target = o.operands.at(-1);
	const sources = o.operands.slice(0, -1);
	if (target === undefined || sources.length === 0) throw new GitError('usage: git mv [<options>] <source>... <destination>', 129);
	const index = await repo.index();
	const at = (p: string): string => repo.disk.resolvePath(repo.c.cwd, p);
	const name = (full: string): string => full.slice(repo.tree.length + 1);
	const folder = (await repo.disk.stat(at(target)).catch(() => undefined))?.isDirectory === true;
	if (sources.length > 1 && !folder) throw new GitError(`fatal: destination '${target}' is not a directory`, 128);
	for (const s of sources) {
		const from = name(at(s));
		const to = name(folder ? `${at(target)}/${from.split('/').at(-1)}` : at(target));
		const why = `, source=${from}, destination=${to}`;
		const moved = [...index.entries].filter(([p]) => p === from || p.startsWith(`${from}/`));
		if (!(await repo.disk.exists(at(s)))) throw new GitError(`fatal: bad source${why}`, 128);
		if (moved.length === 0) throw new GitError(`fatal: not under version control${why}`, 128);
		if ((await repo.disk.exists(`${repo.tree}/${to}`)) && !o.has('f', 'force')) throw new GitError(`fatal: destination exists${why}`, 128);
		const parent = `${repo.tree}/${to}`.replace(/\/[^/]*$/, '');
		if (!(await repo.disk.exists(parent))) throw new GitError(`fatal: renaming '${from}' failed: No such file or directory`, 128);
		await repo.disk.mv(at(s), `${repo.tree}/${to}`);
		for (const [p, e] of moved) {
			index.entries.delete(p);
			const next = to + p.slice(from.length);
			index.entries.set(next, await entryOf(repo, next, e));
		}
	}
	await repo.saveIndex(index);
	return 0;
}

/** Sets index entries and working files below the paths to what `files` has; returns how many were changed. */
export async function restorePaths(
	repo: Repository,
	files: ReadonlyMap<string, Blob>,
	paths: readonly string[],
	what: { readonly index: boolean; readonly working: boolean },
): Promise<number> {
	const index = await repo.index();
	let n = 0;
	for (const p of paths) {
		const wanted = matcher(repo, [p]);
		if (![...files.keys(), ...index.entries.keys(), ...index.conflicts.keys()].some(wanted))
			throw new GitError(`error: pathspec '${p}' did not match any file(s) known to git`, 1);
	}
	const wanted = matcher(repo, paths);
	const here = what.working ? await statusOf(repo, wanted) : undefined;
	for (const [path, blob] of files) {
		if (!wanted(path)) continue;
		if (what.working && (!sameBlob(here?.working.get(path), blob) || index.conflicts.has(path))) {
			await writeWorking(repo, path, blob);
			n++;
		}
		if (what.index) {
			index.conflicts.delete(path);
			if (!sameBlob(index.entries.get(path), blob)) index.entries.set(path, { ...blob, mtime: 0, size: 0 });
		}
	}
	if (what.index) {
		for (const path of [...index.entries.keys(), ...index.conflicts.keys()]) {
			if (!wanted(path) || files.has(path)) continue;
			index.entries.delete(path);
			index.conflicts.delete(path);
			if (what.working) await removeWorking(repo, path);
		}
		await repo.saveIndex(index);
	}
	return n;
}

export async function restore(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'S staged W worktree ours theirs q quiet', valued: 's source' });
	if (o.operands.length === 0) throw new GitError('fatal: you must specify path(s) to restore', 128);
	const staged = o.has('S', 'staged');
	const source = o.get('s', 'source') ?? (staged ? 'HEAD' : undefined);
	const index = await repo.index();
	let files: ReadonlyMap<string, Blob> = index.entries;
	if (source !== undefined)
		files =
			source === 'HEAD' && (await repo.head()) === undefined
				? new Map()
				: await repo.files((await commitOf(repo, source, `fatal: could not resolve ${source}`)).tree);
	else files = sides(index.entries, index.conflicts, o.has('theirs') ? 2 : o.has('ours') ? 1 : undefined, matcher(repo, o.operands));
	await restorePaths(repo, files, o.operands, { index: staged, working: !staged || o.has('W', 'worktree') });
	return 0;
}

/** The index' files, with a side of the conflicts among the paths; a conflict without a side asked for is refused. */
export function sides(
	entries: ReadonlyMap<string, Blob>,
	conflicts: ReadonlyMap<string, readonly (Blob | undefined)[]>,
	side: 1 | 2 | undefined,
	wanted: (path: string) => boolean,
): ReadonlyMap<string, Blob> {
	const out = new Map<string, Blob>(entries);
	for (const [path, stages] of conflicts) {
		if (!wanted(path)) continue;
		const blob = side === undefined ? undefined : stages[side];
		if (blob === undefined)
			throw new GitError(`error: path '${path}' ${side === undefined ? 'is unmerged' : `does not have ${side === 1 ? 'our' : 'their'} version`}`, 1);
		out.set(path, blob);
	}
	return out;
}

export async function clean(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'f force d n dry-run x X q quiet i interactive' });
	if (!o.has('f', 'force', 'n', 'dry-run'))
		throw new GitError('fatal: clean.requireForce defaults to true and neither -i, -n, nor -f given; refusing to clean', 128);
	const index = await repo.index();
	const { untracked, ignored } = await untrackedFiles(repo, index, await scan(repo));
	const wanted = matcher(repo, o.operands);
	const chosen = [...(o.has('X') ? [] : untracked), ...(o.has('x', 'X') ? ignored : [])].filter(wanted).sort(byBytes);
	for (const p of folded(chosen, index)) {
		const folder = p.endsWith('/');
		if (folder && !o.has('d') && o.operands.length === 0) continue;
		const shown = quoted(relative(repo, p));
		if (!o.has('q', 'quiet')) repo.c.io.stdout(`${o.has('n', 'dry-run') ? 'Would remove' : 'Removing'} ${shown}\n`);
		if (o.has('n', 'dry-run')) continue;
		for (const file of folder ? chosen.filter((c) => c.startsWith(p)) : [p]) await removeWorking(repo, file);
	}
	return 0;
}
