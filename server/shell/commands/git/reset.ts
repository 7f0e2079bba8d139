/** git reset and stash. */
import { subject } from './commit.ts';
import { GitError } from './errors.ts';
import { indexOf } from './index-file.ts';
import { parseOptions } from './options.ts';
import { byBytes, compare, letterOf, shortId } from './patch.ts';
import { showChanges } from './changes.ts';
import type { Repository } from './repository.ts';
import { commitOf, splitArguments } from './revisions.ts';
import { restorePaths, stage } from './staging.ts';
import { longStatus, statusOf } from './status.ts';
import { forceTree } from './switching.ts';
import { applyResult, mergeTrees, refuseOverwrites } from './three-way.ts';
import { readWorking, removeWorking, scan } from './worktree.ts';
import { plain } from './patch.ts';

export async function reset(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'soft mixed hard keep merge q quiet N p' });
	const head = await repo.head();
	const { revisions, paths } = await splitArguments(repo, o.words);
	const name = revisions[0] ?? 'HEAD';
	const { io } = repo.c;
	const unstaged = async (): Promise<void> => {
		const status = await statusOf(repo);
		if (o.has('q', 'quiet') || status.changed.length === 0) return;
		io.stdout(`Unstaged changes after reset:\n${status.changed.map((c) => `${letterOf(c)}\t${c.path}\n`).join('')}`);
	};
	if (paths.length > 0) {
		for (const mode of ['soft', 'hard'] as const) if (o.has(mode)) throw new GitError(`fatal: Cannot do ${mode} reset with paths.`, 128);
		const files = head === undefined ? new Map() : await repo.files((await commitOf(repo, name)).tree);
		await restorePaths(repo, files, paths, { index: true, working: false });
		await unstaged();
		return 0;
	}
	if (head === undefined && name === 'HEAD') {
		await repo.saveIndex(indexOf(new Map()));
		return 0;
	}
	const to = await commitOf(repo, name);
	if (o.has('soft') && (await repo.index()).conflicts.size > 0) throw new GitError('fatal: Cannot do a soft reset in the middle of a merge.', 128);
	const files = await repo.files(to.tree);
	if (o.has('hard', 'keep', 'merge')) await forceTree(repo, files);
	else if (!o.has('soft')) await repo.saveIndex(indexOf(files, await repo.index()));
	if (head !== undefined) await repo.write('ORIG_HEAD', `${head}\n`);
	await repo.moveHead(to.oid, `reset: moving to ${name}`);
	if (!o.has('soft')) await repo.remove('MERGE_HEAD', 'MERGE_MSG', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'sequencer');
	if (o.has('hard')) {
		if (!o.has('q', 'quiet')) io.stdout(`HEAD is now at ${shortId(to.oid)} ${subject(to.message)}\n`);
	} else if (!o.has('soft')) await unstaged();
	return 0;
}

/** Stashes, newest first: what the log of refs/stash holds. */
async function stashes(repo: Repository): Promise<{ readonly oid: string; readonly text: string; readonly line: string }[]> {
	const lines = ((await repo.read('logs/refs/stash')) ?? '').split('\n').filter((l) => l !== '');
	return lines.map((line) => ({ line, oid: line.split(' ')[1] ?? '', text: line.split('\t')[1] ?? '' })).reverse();
}

async function pushStash(
	repo: Repository,
	message: string | undefined,
	o: { readonly untracked: boolean; readonly keepIndex: boolean; readonly quiet: boolean },
): Promise<number> {
	const head = await repo.head();
	if (head === undefined) throw new GitError('You do not have the initial commit yet', 1);
	const status = await statusOf(repo);
	if (status.conflicts.size > 0)
		throw new GitError(`${[...status.conflicts.keys()].map((p) => `${p}: needs merge\n`).join('')}error: could not write index`, 1);
	if (status.staged.length === 0 && status.changed.length === 0 && (!o.untracked || status.untracked.length === 0)) {
		if (!o.quiet) repo.c.io.stdout('No local changes to save\n');
		return 0;
	}
	const at = await repo.commit(head);
	const on = `${(await repo.branch()) ?? '(no branch)'}: ${shortId(head)} ${subject(at.message)}`;
	const who = { author: await repo.person('AUTHOR'), committer: await repo.person('COMMITTER') };
	const index = await repo.writeCommit({ tree: await repo.writeTree(status.index.entries), parents: [head], ...who, message: `index on ${on}\n` });
	const extra: string[] = [];
	if (o.untracked && status.untracked.length > 0) {
		const found = await scan(repo);
		const files = new Map<string, { oid: string; mode: number }>();
		for (const p of status.untracked) {
			const mode = found.get(p)?.mode ?? 0o100644;
			files.set(p, { mode, oid: await repo.writeBlob(await readWorking(repo, p, mode)) });
		}
		extra.push(await repo.writeCommit({ tree: await repo.writeTree(files), parents: [], ...who, message: `untracked files on ${on}\n` }));
	}
	const keep = new Map(status.index.entries);
	await stage(repo, { tracked: true, paths: [] });
	const working = (await repo.index()).entries;
	const text = message === undefined ? `WIP on ${on}` : `On ${(await repo.branch()) ?? '(no branch)'}: ${message}`;
	const oid = await repo.writeCommit({ tree: await repo.writeTree(working), parents: [head, index, ...extra], ...who, message: text });
	await repo.setRef('refs/stash', oid, text);
	await forceTree(repo, o.keepIndex ? keep : await repo.files(head));
	if (extra.length > 0) for (const p of status.untracked) await removeWorking(repo, p);
	if (!o.quiet) repo.c.io.stdout(`Saved working directory and index state ${text}\n`);
	return 0;
}

async function chosen(repo: Repository, name: string | undefined): Promise<{ readonly n: number; readonly oid: string }> {
	const all = await stashes(repo);
	const n = name === undefined ? 0 : Number(/^(?:stash@\{)?(\d+)\}?$/.exec(name)?.[1] ?? Number.NaN);
	if (Number.isNaN(n)) throw new GitError(`error: ${name} is not a valid reference`, 1);
	if (all.length === 0) throw new GitError('No stash entries found.', 1);
	const found = all[n];
	if (found === undefined) throw new GitError(`error: stash@{${n}} is not a valid reference`, 1);
	return { n, oid: found.oid };
}

async function drop(repo: Repository, n: number, name: string, quiet: boolean): Promise<void> {
	const all = await stashes(repo);
	const gone = all[n];
	const left = all.filter((_, i) => i !== n).reverse();
	if (left.length === 0) await repo.deleteRef('refs/stash');
	else {
		await repo.write('refs/stash', `${left.at(-1)?.oid}\n`);
		await repo.write('logs/refs/stash', left.map((s) => `${s.line}\n`).join(''));
	}
	if (!quiet) repo.c.io.stdout(`Dropped ${name} (${gone?.oid})\n`);
}

async function applyStash(repo: Repository, args: readonly string[], pop: boolean): Promise<number> {
	const o = parseOptions(args, { flags: 'index q quiet' });
	const { n, oid } = await chosen(repo, o.operands[0]);
	const c = await repo.commit(oid);
	const head = await repo.head();
	const ours = await repo.files(head);
	const base = await repo.files(c.parents[0]);
	const result = await mergeTrees(repo, base, ours, await repo.files(c.tree), { ours: 'Updated upstream', theirs: 'Stashed changes' });
	await refuseOverwrites(repo, ours, result, 'stash');
	for (const m of result.messages) repo.c.io.stdout(`${m}\n`);
	await applyResult(repo, ours, result);
	if (c.parents[2] !== undefined) {
		for (const [path, blob] of await repo.files(c.parents[2])) {
			await repo.disk.mkdir(`${repo.tree}/${path}`.replace(/\/[^/]*$/, ''), { recursive: true });
			await repo.disk.writeFile(`${repo.tree}/${path}`, new Uint8Array(await repo.blob(blob.oid)));
		}
	}
	if (result.conflicts.size === 0) {
		// Changes come back unstaged, but for files that are new.
		const index = await repo.index();
		const next = indexOf(ours, index);
		const staged = o.has('index') && c.parents[1] !== undefined ? await repo.files(c.parents[1]) : undefined;
		for (const [p, e] of index.entries) if (!ours.has(p)) next.entries.set(p, e);
		if (staged !== undefined) for (const [p, b] of staged) next.entries.set(p, { ...b, mtime: 0, size: 0 });
		await repo.saveIndex(next);
	}
	if (!o.has('q', 'quiet')) repo.c.io.stdout(await longStatus(repo, await statusOf(repo), { colour: repo.c.io.stdoutIsTerminal }));
	if (result.conflicts.size > 0) {
		if (pop) repo.c.io.stderr('The stash entry is kept in case you need it again.\n');
		return 1;
	}
	if (pop) await drop(repo, n, o.operands[0] ?? 'refs/stash@{0}', o.has('q', 'quiet'));
	return 0;
}

export async function stash(repo: Repository, args: readonly string[]): Promise<number> {
	const [first, ...rest] = args;
	const { io } = repo.c;
	if (first === undefined || first === 'push' || first === 'save' || first.startsWith('-')) {
		const o = parseOptions(first?.startsWith('-') ? args : rest, {
			flags: 'u include-untracked k keep-index no-keep-index q quiet a all S staged',
			valued: 'm message',
		});
		const message = o.get('m', 'message') ?? (first === 'save' && o.operands.length > 0 ? o.operands.join(' ') : undefined);
		return pushStash(repo, message, {
			untracked: o.has('u', 'include-untracked', 'a', 'all'),
			keepIndex: o.has('k', 'keep-index'),
			quiet: o.has('q', 'quiet'),
		});
	}
	if (first === 'list') {
		(await stashes(repo)).forEach((s, i) => {
			io.stdout(`stash@{${i}}: ${s.text}\n`);
		});
		return 0;
	}
	if (first === 'apply' || first === 'pop') return applyStash(repo, rest, first === 'pop');
	if (first === 'drop') {
		const o = parseOptions(rest, { flags: 'q quiet' });
		await drop(repo, (await chosen(repo, o.operands[0])).n, o.operands[0] ?? 'refs/stash@{0}', o.has('q', 'quiet'));
		return 0;
	}
	if (first === 'clear') {
		if ((await stashes(repo)).length > 0) await repo.deleteRef('refs/stash');
		return 0;
	}
	if (first === 'show') {
		const o = parseOptions(rest, { flags: 'p patch stat name-only name-status u include-untracked' });
		const c = await repo.commit((await chosen(repo, o.operands[0])).oid);
		const changes = compare(await repo.files(c.parents[0]), await repo.files(c.tree)).sort((a, b) => byBytes(a.path, b.path));
		io.stdout(await showChanges(repo, changes, o.has('p', 'patch', 'name-only', 'name-status') ? o : parseOptions(['--stat'], { flags: 'stat' }), plain));
		return 0;
	}
	throw new GitError(
		`error: unknown subcommand: \`${first}'\nusage: git stash list [<log-options>]\n   or: git stash show [<diff-options>] [<stash>]\n   or: git stash drop [<stash>]\n   or: git stash ( pop | apply ) [--index] [<stash>]\n   or: git stash clear\n   or: git stash push [-m <message>]`,
		129,
	);
}
