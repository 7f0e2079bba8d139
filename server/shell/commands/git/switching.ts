/** Moving between branches and commits without losing the learner's changes: switch, checkout, and what merges use too. */
import { GitError } from './errors.ts';
import { parseOptions } from './options.ts';
import { byBytes, letterOf, quoted, shortId } from './patch.ts';
import type { Files } from './files.ts';
import type { Repository } from './repository.ts';
import { commitOf, fullRef, previousBranch, tryCommit } from './revisions.ts';
import { restorePaths, sides } from './staging.ts';
import { statusOf, trackingText } from './status.ts';
import { changeTree, matcher, sameBlob } from './worktree.ts';
import { createBranch, checkBranchName, trackBranch } from './branches.ts';
import { subject } from './commit.ts';

/** Paths whose local changes would be lost on the way from one set of files to another, and untracked ones in the way. */
async function inTheWay(repo: Repository, from: Files, to: Files): Promise<{ readonly local: string[]; readonly untracked: string[] }> {
	const status = await statusOf(repo);
	const dirty = new Set([...status.staged, ...status.changed].flatMap((c) => [c.path, c.from]));
	const moves = (path: string): boolean => !sameBlob(from.get(path), to.get(path));
	return {
		local: [...dirty]
			.filter((p) => moves(p) && !sameBlob(status.index.entries.get(p), to.get(p)) && (from.has(p) || status.index.entries.has(p)))
			.sort(byBytes),
		untracked: [...status.untracked, ...[]].filter((p) => to.has(p) && !from.has(p)).sort(byBytes),
	};
}

/** Brings index and working tree from HEAD's files to others; local changes elsewhere stay. Throws git's refusal where some would be lost. */
export async function moveTree(repo: Repository, to: Files, doing: 'checkout' | 'merge', hint: string): Promise<void> {
	const from = await repo.files(await repo.head());
	const { local, untracked } = await inTheWay(repo, from, to);
	const list = (paths: readonly string[]): string => paths.map((p) => `\t${quoted(p)}\n`).join('');
	let text = '';
	if (local.length > 0)
		text += `error: Your local changes to the following files would be overwritten by ${doing}:\n${list(local)}Please commit your changes or stash them before you ${hint}.\n`;
	if (untracked.length > 0)
		text += `error: The following untracked working tree files would be overwritten by ${doing}:\n${list(untracked)}Please move or remove them before you ${hint}.\n`;
	if (text !== '') throw new GitError(`${text}Aborting`, 1);
	const index = await repo.index();
	const keep = new Map([...index.entries].filter(([p, e]) => sameBlob(from.get(p), to.get(p)) && !sameBlob(e, to.get(p))));
	const gone = [...from.keys()].filter((p) => !index.entries.has(p) && sameBlob(from.get(p), to.get(p)));
	const next = await changeTree(repo, from, to, index);
	// What is staged and the same on both sides stays staged.
	for (const [p, e] of keep) next.entries.set(p, e);
	for (const p of gone) next.entries.delete(p);
	await repo.saveIndex(next);
}

/** Index and working tree exactly as these files are: whatever was changed is lost. */
export async function forceTree(repo: Repository, to: Files): Promise<void> {
	const status = await statusOf(repo);
	const from = new Map([...status.working].filter(([p]) => status.index.entries.has(p) || status.index.conflicts.has(p)));
	await repo.saveIndex(await changeTree(repo, from, to, { entries: status.index.entries, conflicts: new Map() }));
}

const ADVICE = (name: string): string => `Note: switching to '${name}'.

You are in 'detached HEAD' state. You can look around, make experimental
changes and commit them, and you can discard any commits you make in this
state without impacting any branches by switching back to a branch.

If you want to create a new branch to retain commits you create, you may
do so (now or later) by using -c with the switch command. Example:

  git switch -c <new-branch-name>

Or undo this operation with:

  git switch -

Turn off this advice by setting config variable advice.detachedHead to false

`;

async function leave(repo: Repository): Promise<string> {
	const branch = await repo.branch();
	return branch ?? (await repo.head()) ?? '';
}

/** Says what one leaves where HEAD was detached. */
async function leaving(repo: Repository, to: string): Promise<string> {
	const head = await repo.head();
	if ((await repo.branch()) !== undefined || head === undefined || head === to) return '';
	return `Previous HEAD position was ${shortId(head)} ${subject((await repo.commit(head)).message)}\n`;
}

async function localChanges(repo: Repository): Promise<string> {
	const status = await statusOf(repo);
	const rows = new Map<string, string>();
	for (const c of [...status.staged, ...status.changed]) rows.set(c.path, letterOf(c) === 'R' ? 'A' : letterOf(c));
	return [...rows]
		.sort(([a], [b]) => byBytes(a, b))
		.map(([p, l]) => `${l}\t${quoted(p)}\n`)
		.join('');
}

/** Switches to a branch. */
export async function toBranch(
	repo: Repository,
	branch: string,
	o: { readonly quiet: boolean; readonly force: boolean; readonly created?: 'new' | 'reset'; readonly started?: boolean },
): Promise<void> {
	const oid = await repo.ref(`refs/heads/${branch}`);
	const { io } = repo.c;
	const from = await leave(repo);
	const same = (await repo.branch()) === branch;
	if (oid !== undefined) {
		const to = await repo.files(oid);
		if (o.force) await forceTree(repo, to);
		else await moveTree(repo, to, 'checkout', 'switch branches');
	}
	const left = oid === undefined ? '' : await leaving(repo, oid);
	await repo.attach({ branch }, `checkout: moving from ${from} to ${branch}`);
	if (o.quiet) return;
	if (left !== '') io.stderr(left);
	if (!o.created || o.started) io.stdout(await localChanges(repo));
	io.stderr(
		o.created === 'new'
			? `Switched to a new branch '${branch}'\n`
			: o.created === 'reset'
				? `Switched to and reset branch '${branch}'\n`
				: same
					? `Already on '${branch}'\n`
					: `Switched to branch '${branch}'\n`,
	);
	if (o.created === undefined) io.stdout(await trackingText(repo));
}

export async function detach(repo: Repository, name: string, o: { readonly quiet: boolean; readonly force: boolean }): Promise<void> {
	const c = await commitOf(repo, name);
	const { io } = repo.c;
	const wasDetached = (await repo.branch()) === undefined;
	const left = await leaving(repo, c.oid);
	const to = await repo.files(c.tree);
	if (o.force) await forceTree(repo, to);
	else await moveTree(repo, to, 'checkout', 'switch branches');
	await repo.attach({ oid: c.oid }, `checkout: moving from ${await leave(repo)} to ${name}`);
	if (o.quiet) return;
	io.stdout(await localChanges(repo));
	const advice = (await repo.config()).get('advice.detachedhead') !== 'false';
	io.stderr(`${left}${!wasDetached && advice ? ADVICE(name) : ''}HEAD is now at ${shortId(c.oid)} ${subject(c.message)}\n`);
}

/** The one remote branch of a name: what `git switch name` makes a branch of. */
async function remoteBranch(repo: Repository, name: string): Promise<string | undefined> {
	const hits = (await repo.refs('refs/remotes')).filter((r) => r.split('/').slice(3).join('/') === name);
	return hits.length === 1 ? hits[0] : undefined;
}

async function create(
	repo: Repository,
	name: string,
	start: string | undefined,
	reset: boolean,
	track: boolean,
	o: { readonly quiet: boolean; readonly force: boolean },
): Promise<number> {
	await checkBranchName(repo, name);
	const exists = (await repo.ref(`refs/heads/${name}`)) !== undefined;
	if (exists && !reset) throw new GitError(`fatal: a branch named '${name}' already exists`, 128);
	if (start === undefined && (await repo.head()) === undefined) {
		await repo.write('HEAD', `ref: refs/heads/${name}\n`);
		if (!o.quiet) repo.c.io.stderr(`Switched to a new branch '${name}'\n`);
		return 0;
	}
	const from = start === '-' ? ((await previousBranch(repo)) ?? '-') : (start ?? 'HEAD');
	const oid = (await commitOf(repo, from, `fatal: '${from}' is not a commit and a branch '${name}' cannot be created from it`)).oid;
	await moveTree(repo, await repo.files(oid), 'checkout', 'switch branches');
	const ref = await fullRef(repo, from);
	await createBranch(repo, name, oid, from);
	if (track && ref?.startsWith('refs/remotes/')) repo.c.io.stdout(await trackBranch(repo, name, ref));
	await toBranch(repo, name, { ...o, created: exists ? 'reset' : 'new', started: start !== undefined });
	return 0;
}

export async function switchTo(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 'd detach f force discard-changes q quiet t track no-track m merge guess no-guess',
		valued: 'c create C force-create orphan',
	});
	const look = { quiet: o.has('q', 'quiet'), force: o.has('f', 'force', 'discard-changes') };
	await refuseMidway(repo);
	const fresh = o.get('c', 'create') ?? o.get('C', 'force-create');
	if (o.get('orphan') !== undefined) return orphan(repo, o.get('orphan') ?? '', true);
	if (fresh !== undefined) return create(repo, fresh, o.operands[0], o.has('C', 'force-create'), !o.has('no-track'), look);
	let name = o.operands[0];
	if (name === undefined) throw new GitError(o.has('d', 'detach') ? '' : 'fatal: missing branch or commit argument', 128);
	if (name === '-') name = (await previousBranch(repo)) ?? '-';
	if (o.has('d', 'detach')) {
		await detach(repo, name, look);
		return 0;
	}
	if ((await repo.ref(`refs/heads/${name}`)) !== undefined) {
		await toBranch(repo, name, look);
		return 0;
	}
	const remote = await remoteBranch(repo, name);
	if (remote !== undefined) return create(repo, name, remote.replace('refs/remotes/', ''), false, true, look);
	if ((await tryCommit(repo, name)) !== undefined) {
		const kind = (await fullRef(repo, name))?.startsWith('refs/tags/')
			? 'tag'
			: (await fullRef(repo, name))?.startsWith('refs/remotes/')
				? 'remote branch'
				: 'commit';
		throw new GitError(
			`fatal: a branch is expected, got ${kind} '${name}'${kind === 'commit' || kind === 'tag' || kind === 'remote branch' ? '\nhint: If you want to detach HEAD at the commit, try again with the --detach option.' : ''}`,
			128,
		);
	}
	throw new GitError(`fatal: invalid reference: ${name}`, 128);
}

async function refuseMidway(repo: Repository): Promise<void> {
	if ((await repo.read('MERGE_HEAD')) !== undefined)
		throw new GitError('fatal: cannot switch branch while merging\nConsider "git merge --quit" or "git worktree add".', 128);
	if ((await repo.read('rebase-merge/onto')) !== undefined)
		throw new GitError('fatal: cannot switch branch while rebasing\nConsider "git rebase --quit" or "git worktree add".', 128);
}

async function orphan(repo: Repository, name: string, empty: boolean): Promise<number> {
	if ((await repo.ref(`refs/heads/${name}`)) !== undefined) throw new GitError(`fatal: a branch named '${name}' already exists`, 128);
	if (empty) await moveTree(repo, new Map(), 'checkout', 'switch branches');
	await repo.write('HEAD', `ref: refs/heads/${name}\n`);
	repo.c.io.stderr(`Switched to a new branch '${name}'\n`);
	return 0;
}

export async function checkout(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'd detach f force q quiet t track no-track ours theirs m merge guess no-guess p', valued: 'b B orphan' });
	const look = { quiet: o.has('q', 'quiet'), force: o.has('f', 'force') };
	const fresh = o.get('b') ?? o.get('B');
	if (o.get('orphan') !== undefined) return orphan(repo, o.get('orphan') ?? '', false);
	if (fresh !== undefined) return create(repo, fresh, o.operands[0], o.has('B'), !o.has('no-track'), look);
	const before = o.after === undefined ? o.operands : o.words.slice(0, o.words.indexOf('--'));
	let [name] = before;
	if (name === '-') name = (await previousBranch(repo)) ?? '-';
	const commit = name === undefined ? undefined : await tryCommit(repo, name);
	const paths = o.after ?? (commit === undefined ? before : before.slice(1));
	if (name !== undefined && o.after === undefined && commit === undefined && !(await known(repo, name))) {
		const remote = await remoteBranch(repo, name);
		if (remote !== undefined && before.length === 1) return create(repo, name, remote.replace('refs/remotes/', ''), false, true, look);
		throw new GitError(`error: pathspec '${name}' did not match any file(s) known to git`, 1);
	}
	if (paths.length > 0)
		return checkoutPaths(
			repo,
			commit === undefined ? undefined : name,
			paths,
			o.has('ours') ? 1 : o.has('theirs') ? 2 : undefined,
			look.quiet || o.after !== undefined,
		);
	if (name === undefined) {
		repo.c.io.stdout(await localChanges(repo));
		repo.c.io.stdout(await trackingText(repo));
		return 0;
	}
	await refuseConflictsForSwitch(repo);
	if ((await repo.ref(`refs/heads/${name}`)) !== undefined && !o.has('d', 'detach')) await toBranch(repo, name, look);
	else await detach(repo, name, look);
	return 0;
}

async function refuseConflictsForSwitch(repo: Repository): Promise<void> {
	const { conflicts } = await repo.index();
	if (conflicts.size === 0) return;
	for (const p of [...conflicts.keys()].sort(byBytes)) repo.c.io.stdout(`${p}: needs merge\n`);
	throw new GitError('error: you need to resolve your current index first', 1);
}

async function known(repo: Repository, path: string): Promise<boolean> {
	const index = await repo.index();
	const wanted = matcher(repo, [path]);
	return [...index.entries.keys(), ...index.conflicts.keys()].some(wanted);
}

async function checkoutPaths(repo: Repository, source: string | undefined, paths: readonly string[], side: 1 | 2 | undefined, quiet: boolean): Promise<number> {
	const index = await repo.index();
	const files: Files =
		source === undefined ? sides(index.entries, index.conflicts, side, matcher(repo, paths)) : await repo.files((await commitOf(repo, source)).tree);
	const n = await restorePaths(repo, files, paths, { index: source !== undefined, working: true });
	if (!quiet && source === undefined) repo.c.io.stderr(`Updated ${n} path${n === 1 ? '' : 's'} from the index\n`);
	else if (!quiet) repo.c.io.stderr(`Updated ${n} path${n === 1 ? '' : 's'} from ${shortId((await commitOf(repo, source ?? 'HEAD')).tree)}\n`);
	return 0;
}
