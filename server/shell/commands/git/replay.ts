/** Commits made anew elsewhere: cherry-pick, revert, rebase. */
import { cleanMessage, commitSummary, editText, subject } from './commit.ts';
import { GitError } from './errors.ts';
import { parseOptions } from './options.ts';
import { shortId } from './patch.ts';
import type { Commit, Repository } from './repository.ts';
import { commitOf, fullRef, mergeBase, reachable, upstream } from './revisions.ts';
import { statusOf } from './status.ts';
import { forceTree, moveTree } from './switching.ts';
import { applyResult, mergeTrees, refuseOverwrites } from './three-way.ts';
import { walk } from './walk.ts';

/** Applies what a commit changed (or, `backwards`, takes it back) to HEAD's tree. True where it left conflicts. */
async function apply(
	repo: Repository,
	c: Commit,
	backwards: boolean,
	mainline: number,
	doing: string,
): Promise<{ readonly conflicts: readonly string[]; readonly tree: string }> {
	const parent = c.parents[mainline];
	const before = await repo.files(parent === undefined ? undefined : (await repo.commit(parent)).tree);
	const after = await repo.files(c.tree);
	const ours = await repo.files(await repo.head());
	const name = `${shortId(c.oid)} (${subject(c.message)})`;
	const result = backwards
		? await mergeTrees(repo, after, ours, before, { ours: 'HEAD', theirs: `parent of ${name}` })
		: await mergeTrees(repo, before, ours, after, { ours: 'HEAD', theirs: name });
	await refuseOverwrites(repo, ours, result, doing);
	for (const m of result.messages) repo.c.io.stdout(`${m}\n`);
	await applyResult(repo, ours, result);
	return { conflicts: [...result.conflicts.keys()], tree: result.conflicts.size > 0 ? '' : await repo.writeTree(result.files) };
}

const conflictsNote = (paths: readonly string[]): string => `\n# Conflicts:\n${paths.map((p) => `#\t${p}\n`).join('')}`;

/** Finishes a commit that a conflict had stopped. */
async function conclude(repo: Repository, author: Commit['author'], message: string, why: string): Promise<Commit> {
	const index = await repo.index();
	const head = await repo.head();
	const made = {
		tree: await repo.writeTree(index.entries),
		parents: head === undefined ? [] : [head],
		author,
		committer: await repo.person('COMMITTER'),
		message,
	};
	const oid = await repo.writeCommit(made);
	await repo.moveHead(oid, `${why}: ${subject(message)}`);
	return { ...made, oid };
}

function stopText(kind: 'cherry-pick' | 'revert', c: Commit): string {
	return `error: could not ${kind === 'revert' ? 'revert' : 'apply'} ${shortId(c.oid)}... ${subject(c.message)}
hint: After resolving the conflicts, mark them with
hint: "git add/rm <pathspec>", then run
hint: "git ${kind} --continue".
hint: You can instead skip this commit with "git ${kind} --skip".
hint: To abort and get back to the state before "git ${kind}",
hint: run "git ${kind} --abort".`;
}

async function replay(repo: Repository, kind: 'cherry-pick' | 'revert', args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'n no-commit e edit no-edit x s signoff continue abort skip quit allow-empty', valued: 'm mainline' });
	const file = kind === 'revert' ? 'REVERT_HEAD' : 'CHERRY_PICK_HEAD';
	const { io } = repo.c;
	const stopped = (await repo.read(file))?.trim();
	const rest = ((await repo.read('sequencer/todo')) ?? '').split('\n').filter((l) => l !== '');
	if (o.has('continue', 'abort', 'skip', 'quit')) {
		if (stopped === undefined && rest.length === 0) throw new GitError(`error: no cherry-pick or revert in progress\nfatal: ${kind} failed`, 128);
		if (o.has('continue')) {
			if ((await repo.index()).conflicts.size > 0)
				throw new GitError(
					"error: Committing is not possible because you have unmerged files.\nhint: Fix them up in the work tree, and then use 'git add/rm <file>'\nhint: as appropriate to mark resolution and make a commit.\nfatal: Exiting because of an unresolved conflict.",
					128,
				);
			const prepared = (await repo.read('MERGE_MSG')) ?? '';
			const text = io.stdinIsTerminal && !o.has('no-edit') ? await editText(repo, 'COMMIT_EDITMSG', prepared) : prepared;
			const author = kind === 'revert' ? await repo.person('AUTHOR') : (await repo.commit(stopped ?? '')).author;
			const made = await conclude(repo, author, cleanMessage(text, true), 'commit');
			io.stdout(await commitSummary(repo, made, { date: kind === 'cherry-pick' }));
		} else {
			const back = o.has('abort') ? ((await repo.read('sequencer/head'))?.trim() ?? (await repo.head())) : await repo.head();
			if (!o.has('quit')) await forceTree(repo, await repo.files(back));
			if (o.has('abort') && back !== undefined && back !== (await repo.head())) await repo.moveHead(back, 'reset: moving to start');
		}
		await repo.remove(file, 'MERGE_MSG', 'sequencer');
		if (o.has('abort', 'quit')) return 0;
		return sequence(repo, kind, rest, o);
	}
	const status = await statusOf(repo);
	if (status.conflicts.size > 0)
		throw new GitError(
			`error: ${kind === 'revert' ? 'Reverting' : 'Cherry-picking'} is not possible because you have unmerged files.\nhint: Fix them up in the work tree, and then use 'git add/rm <file>'\nhint: as appropriate to mark resolution and make a commit.\nfatal: ${kind} failed`,
			128,
		);
	if (status.staged.length > 0 && !o.has('n', 'no-commit'))
		throw new GitError(
			`error: your local changes would be overwritten by ${kind}.\nhint: commit your changes or stash them to proceed.\nfatal: ${kind} failed`,
			128,
		);
	const oids: string[] = [];
	for (const name of o.operands) {
		const range = /^(.*?)\.\.(.*)$/.exec(name);
		if (range === null) oids.push((await commitOf(repo, name, `fatal: bad revision '${name}'`)).oid);
		else {
			const from = await commitOf(repo, range[1] === '' ? 'HEAD' : (range[1] ?? ''));
			const to = await commitOf(repo, range[2] === '' ? 'HEAD' : (range[2] ?? ''));
			const list = await walk(repo, [to.oid], [from.oid]);
			oids.push(...(kind === 'revert' ? list : list.reverse()).map((c) => c.oid));
		}
	}
	if (oids.length === 0) throw new GitError(`usage: git ${kind} [--edit] [-n] [-m <parent-number>] [-s] <commit>...`, 129);
	await repo.write('sequencer/head', `${(await repo.head()) ?? ''}\n`);
	return sequence(repo, kind, oids, o);
}

async function sequence(repo: Repository, kind: 'cherry-pick' | 'revert', oids: readonly string[], o: ReturnType<typeof parseOptions>): Promise<number> {
	const { io } = repo.c;
	for (const [i, oid] of oids.entries()) {
		const c = await repo.commit(oid);
		const mainline = o.get('m', 'mainline');
		if (c.parents.length > 1 && mainline === undefined) {
			await repo.remove('sequencer');
			throw new GitError(`error: commit ${oid} is a merge but no -m option was given.\nfatal: ${kind} failed`, 128);
		}
		const { conflicts, tree } = await apply(repo, c, kind === 'revert', mainline === undefined ? 0 : Number(mainline) - 1, kind);
		const message =
			kind === 'revert'
				? `Revert "${subject(c.message)}"\n\nThis reverts commit ${oid}${c.parents.length > 1 ? `, reversing\nchanges made to ${c.parents[Number(mainline) - 1]}` : ''}.\n`
				: c.message + (o.has('x') ? `\n(cherry picked from commit ${oid})\n` : '');
		if (conflicts.length > 0) {
			await repo.write(kind === 'revert' ? 'REVERT_HEAD' : 'CHERRY_PICK_HEAD', `${oid}\n`);
			await repo.write('MERGE_MSG', `${message}${conflictsNote(conflicts)}`);
			await repo.write(
				'sequencer/todo',
				oids
					.slice(i + 1)
					.map((x) => `${x}\n`)
					.join(''),
			);
			throw new GitError(stopText(kind, c), 1);
		}
		if (o.has('n', 'no-commit')) continue;
		const head = await repo.head();
		if (head !== undefined && tree === (await repo.commit(head)).tree && !o.has('allow-empty')) {
			await repo.remove('sequencer');
			if (kind === 'cherry-pick') {
				await repo.write('CHERRY_PICK_HEAD', `${oid}\n`);
				throw new GitError(
					"The previous cherry-pick is now empty, possibly due to conflict resolution.\nIf you wish to commit it anyway, use:\n\n    git commit --allow-empty\n\nOtherwise, please use 'git cherry-pick --skip'",
					1,
				);
			}
		}
		const edited = kind === 'revert' && io.stdinIsTerminal && !o.has('no-edit') ? cleanMessage(await editText(repo, 'COMMIT_EDITMSG', message), true) : message;
		const made = await conclude(repo, kind === 'revert' ? await repo.person('AUTHOR') : c.author, edited, kind);
		io.stdout(await commitSummary(repo, made, { date: true }));
	}
	await repo.remove('sequencer');
	return 0;
}

export const cherryPick = (repo: Repository, args: readonly string[]): Promise<number> => replay(repo, 'cherry-pick', args);
export const revert = (repo: Repository, args: readonly string[]): Promise<number> => replay(repo, 'revert', args);

// Rebase: the commits that the other branch has not, one after the other, on top of it.

async function finishRebase(repo: Repository, name: string, onto: string): Promise<number> {
	const head = (await repo.head()) ?? onto;
	if (name.startsWith('refs/heads/')) {
		await repo.setRef(name, head, `rebase (finish): ${name} onto ${onto}`);
		await repo.attach({ branch: name.slice(11) }, `rebase (finish): returning to ${name}`);
	}
	await repo.remove('rebase-merge', 'REBASE_HEAD', 'MERGE_MSG', 'CHERRY_PICK_HEAD');
	repo.c.io.stderr(
		`${repo.c.io.stderr === repo.c.io.stdout ? '' : ''}Successfully rebased and updated ${name === 'detached HEAD' ? 'detached HEAD' : name}.\n`,
	);
	return 0;
}

async function continueRebase(repo: Repository): Promise<number> {
	const todo = ((await repo.read('rebase-merge/git-rebase-todo')) ?? '').split('\n').filter((l) => l !== '');
	const name = ((await repo.read('rebase-merge/head-name')) ?? '').trim();
	const onto = ((await repo.read('rebase-merge/onto')) ?? '').trim();
	const total = Number(((await repo.read('rebase-merge/end')) ?? '0').trim());
	for (let i = 0; i < todo.length; i++) {
		const oid = todo[i] ?? '';
		const c = await repo.commit(oid);
		repo.c.io.stderr(`Rebasing (${total - todo.length + i + 1}/${total})\r`);
		await repo.write(
			'rebase-merge/git-rebase-todo',
			todo
				.slice(i + 1)
				.map((l) => `${l}\n`)
				.join(''),
		);
		const head = (await repo.head()) ?? '';
		if (c.parents[0] === head) {
			await moveTree(repo, await repo.files(oid), 'merge', 'rebase');
			await repo.moveHead(oid, `rebase: fast-forward`);
			continue;
		}
		const { conflicts, tree } = await apply(repo, c, false, 0, 'rebase');
		if (conflicts.length > 0) {
			await repo.write('REBASE_HEAD', `${oid}\n`);
			await repo.write('rebase-merge/stopped', `${oid}\n`);
			await repo.write('MERGE_MSG', `${c.message}${conflictsNote(conflicts)}`);
			throw new GitError(
				`error: could not apply ${shortId(oid)}... ${subject(c.message)}
hint: Resolve all conflicts manually, mark them as resolved with
hint: "git add/rm <conflicted_files>", then run "git rebase --continue".
hint: You can instead skip this commit: run "git rebase --skip".
hint: To abort and get back to the state before "git rebase", run "git rebase --abort".
Could not apply ${shortId(oid)}... ${subject(c.message)}`,
				1,
			);
		}
		if (tree === (await repo.commit(head)).tree) {
			repo.c.io.stderr(`dropping ${oid} ${subject(c.message)} -- patch contents already upstream\n`);
			continue;
		}
		await conclude(repo, c.author, c.message, 'rebase (pick)');
	}
	return finishRebase(repo, name, onto);
}

export async function rebase(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 'continue abort skip quit i interactive q quiet autostash no-autostash keep-base f force-rebase no-ff',
		valued: 'onto',
	});
	const { io } = repo.c;
	const running = (await repo.read('rebase-merge/onto')) !== undefined;
	if (o.has('continue', 'abort', 'skip', 'quit')) {
		if (!running) throw new GitError('fatal: No rebase in progress?', 128);
		const name = ((await repo.read('rebase-merge/head-name')) ?? '').trim();
		const original = ((await repo.read('rebase-merge/orig-head')) ?? '').trim();
		if (o.has('abort')) {
			await forceTree(repo, await repo.files(original));
			await repo.attach(name.startsWith('refs/heads/') ? { branch: name.slice(11) } : { oid: original }, `rebase (abort): returning to ${name}`);
			await repo.remove('rebase-merge', 'REBASE_HEAD', 'MERGE_MSG');
			return 0;
		}
		if (o.has('quit')) {
			await repo.remove('rebase-merge', 'REBASE_HEAD', 'MERGE_MSG');
			return 0;
		}
		if (o.has('skip')) await forceTree(repo, await repo.files(await repo.head()));
		else {
			const index = await repo.index();
			if (index.conflicts.size > 0) {
				for (const p of [...index.conflicts.keys()].sort()) io.stdout(`${p}: needs merge\n`);
				throw new GitError('You must edit all merge conflicts and then\nmark them as resolved using git add', 1);
			}
			const stopped = (await repo.read('rebase-merge/stopped'))?.trim();
			const head = await repo.head();
			if (stopped !== undefined && head !== undefined && (await repo.writeTree(index.entries)) !== (await repo.commit(head)).tree) {
				const prepared = (await repo.read('MERGE_MSG')) ?? (await repo.commit(stopped)).message;
				const text = io.stdinIsTerminal ? await editText(repo, 'COMMIT_EDITMSG', prepared) : prepared;
				const made = await conclude(repo, (await repo.commit(stopped)).author, cleanMessage(text, true), 'rebase (continue)');
				io.stdout(await commitSummary(repo, made));
			}
		}
		await repo.remove('rebase-merge/stopped', 'MERGE_MSG');
		return continueRebase(repo);
	}
	if (running)
		throw new GitError('fatal: It seems that there is already a rebase-merge directory, and\nI wonder if you are in the middle of another rebase.', 128);
	if (o.has('i', 'interactive'))
		throw new GitError('fatal: interactive rebase is not part of this git; use git reset --soft and git commit, or git cherry-pick', 1);
	const status = await statusOf(repo);
	if (status.changed.length > 0 || status.staged.length > 0)
		throw new GitError(
			status.changed.length > 0
				? `error: cannot rebase: You have unstaged changes.${status.staged.length > 0 ? '\nerror: additionally, your index contains uncommitted changes.' : ''}\nerror: Please commit or stash them.`
				: 'error: cannot rebase: Your index contains uncommitted changes.\nerror: Please commit or stash them.',
			1,
		);
	let [given] = o.operands;
	if (given === undefined) {
		const up = await upstream(repo, await repo.branch());
		if (up === undefined)
			throw new GitError(
				"There is no tracking information for the current branch.\nPlease specify which branch you want to rebase against.\nSee git-rebase(1) for details.\n\n    git rebase '<branch>'\n",
				1,
			);
		given = up.ref.replace(/^refs\/(remotes|heads)\//, '');
	}
	if (o.operands[1] !== undefined) {
		const target = o.operands[1];
		await moveTree(repo, await repo.files((await commitOf(repo, target)).oid), 'checkout', 'switch branches');
		await repo.attach(
			(await fullRef(repo, target))?.startsWith('refs/heads/') ? { branch: target } : { oid: (await commitOf(repo, target)).oid },
			`checkout: moving to ${target}`,
		);
	}
	return startRebase(repo, given, o.get('onto'), o.has('f', 'force-rebase', 'no-ff'));
}

/** Rebases HEAD's own commits onto another. */
export async function startRebase(repo: Repository, given: string, ontoName: string | undefined, force = false): Promise<number> {
	const other = await commitOf(repo, given, `fatal: invalid upstream '${given}'`);
	const onto = ontoName === undefined ? other : await commitOf(repo, ontoName, `fatal: Does not point to a valid commit '${ontoName}'`);
	const head = (await repo.head()) ?? '';
	const branch = await repo.branch();
	const base = await mergeBase(repo, head, onto.oid);
	if (base === onto.oid && ontoName === undefined && !force) {
		const linear = (await walk(repo, [head], [onto.oid])).every((c) => c.parents.length === 1);
		if (linear) {
			repo.c.io.stdout(branch === undefined ? 'HEAD is up to date.\n' : `Current branch ${branch} is up to date.\n`);
			return 0;
		}
	}
	const theirs = await reachable(repo, [other.oid]);
	const picks = (await walk(repo, [head], [], undefined, true)).filter((c) => !theirs.has(c.oid) && c.parents.length < 2).reverse();
	await moveTree(repo, await repo.files(onto.oid), 'checkout', 'switch branches');
	await repo.write('rebase-merge/head-name', `${branch === undefined ? 'detached HEAD' : `refs/heads/${branch}`}\n`);
	await repo.write('rebase-merge/orig-head', `${head}\n`);
	await repo.write('rebase-merge/onto', `${onto.oid}\n`);
	await repo.write('rebase-merge/end', `${picks.length}\n`);
	await repo.write('rebase-merge/git-rebase-todo', picks.map((c) => `${c.oid}\n`).join(''));
	await repo.write('ORIG_HEAD', `${head}\n`);
	await repo.attach({ oid: onto.oid }, `rebase (start): checkout ${ontoName ?? given}`);
	return continueRebase(repo);
}
