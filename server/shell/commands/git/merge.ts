/** git merge: fast-forward, a commit of two parents, or conflicts to resolve. */
import { cleanMessage, editText, refuseConflicts } from './commit.ts';
import { GitError } from './errors.ts';
import { parseOptions } from './options.ts';
import { compare, contentOf, count, shortId, statText, summary, withRenames } from './patch.ts';
import type { Files } from './files.ts';
import type { Repository } from './repository.ts';
import { commitOf, fullRef, mergeBase, upstream } from './revisions.ts';
import { applyResult, mergeTrees, refuseOverwrites } from './three-way.ts';
import { forceTree, moveTree } from './switching.ts';

async function statistics(repo: Repository, from: Files, to: Files): Promise<string> {
	const content = contentOf(repo);
	const changes = await withRenames(compare(from, to), content);
	return statText(await count(changes, content)) + summary(changes);
}

/** Moves HEAD and the tree forward along one line of history. */
export async function fastForward(repo: Repository, to: string, why: string, quiet: boolean): Promise<void> {
	const head = await repo.head();
	const [from, files] = [await repo.files(head), await repo.files(to)];
	if (!quiet && head !== undefined) repo.c.io.stdout(`Updating ${shortId(head)}..${shortId(to)}\n`);
	await moveTree(repo, files, 'merge', 'merge');
	if (head !== undefined) await repo.write('ORIG_HEAD', `${head}\n`);
	await repo.moveHead(to, why);
	if (!quiet && head !== undefined) repo.c.io.stdout(`Fast-forward\n${await statistics(repo, from, files)}`);
}

/** `Merge branch 'topic'`, with `into` unless that is the main branch. */
async function messageFor(repo: Repository, name: string): Promise<string> {
	const ref = await fullRef(repo, name);
	const what = ref?.startsWith('refs/heads/')
		? `branch '${name}'`
		: ref?.startsWith('refs/remotes/')
			? `remote-tracking branch '${name}'`
			: ref?.startsWith('refs/tags/')
				? `tag '${name}'`
				: `commit '${name}'`;
	return `Merge ${what}${await into(repo)}`;
}

export async function into(repo: Repository): Promise<string> {
	const branch = await repo.branch();
	return branch === 'main' || branch === 'master' ? '' : ` into ${branch ?? 'HEAD'}`;
}

export interface MergeWish {
	/** What is merged, as the learner named it. */
	readonly name: string;
	readonly oid: string;
	readonly message?: string;
	readonly noFastForward?: boolean;
	readonly onlyFastForward?: boolean;
	readonly squash?: boolean;
	readonly noCommit?: boolean;
	readonly edit?: boolean;
	readonly quiet?: boolean;
}

/** Merges one commit into HEAD; the exit code. */
export async function mergeCommit(repo: Repository, wish: MergeWish): Promise<number> {
	const { io } = repo.c;
	const head = await repo.head();
	const say = (text: string): void => {
		if (!wish.quiet) io.stdout(text);
	};
	if (head === undefined) {
		await moveTree(repo, await repo.files(wish.oid), 'merge', 'merge');
		await repo.moveHead(wish.oid, 'initial pull');
		return 0;
	}
	const base = await mergeBase(repo, head, wish.oid);
	if (base === wish.oid) {
		say('Already up to date.\n');
		return 0;
	}
	if (base === undefined) throw new GitError('fatal: refusing to merge unrelated histories', 128);
	if (base === head && !wish.noFastForward && !wish.squash) {
		await fastForward(repo, wish.oid, `merge ${wish.name}: Fast-forward`, wish.quiet ?? false);
		return 0;
	}
	if (wish.onlyFastForward)
		throw new GitError(
			'hint: Diverging branches can\'t be fast-forwarded, you need to either:\nhint: \nhint: \tgit merge --no-ff\nhint: \nhint: or:\nhint: \nhint: \tgit rebase\nhint: \nhint: Disable this message with "git config advice.diverging false"\nfatal: Not possible to fast-forward, aborting.',
			128,
		);
	const [ours, theirs] = [await repo.files(head), await repo.files(wish.oid)];
	const result = await mergeTrees(repo, await repo.files(base), ours, theirs, { ours: 'HEAD', theirs: wish.name });
	try {
		await refuseOverwrites(repo, ours, result, 'merge');
	} catch (e) {
		if (e instanceof GitError) throw new GitError(`${e.message}\nMerge with strategy ort failed.`, e.exitCode === 2 ? 2 : 2);
		throw e;
	}
	await repo.write('ORIG_HEAD', `${head}\n`);
	for (const m of result.messages) say(`${m}\n`);
	await applyResult(repo, ours, result);
	let message = wish.message ?? (await messageFor(repo, wish.name));
	if (result.conflicts.size > 0) {
		await repo.write('MERGE_HEAD', `${wish.oid}\n`);
		await repo.write('MERGE_MSG', `${message}\n\n# Conflicts:\n${[...result.conflicts.keys()].map((p) => `#\t${p}\n`).join('')}`);
		say('Automatic merge failed; fix conflicts and then commit the result.\n');
		return 1;
	}
	if (wish.squash) {
		await repo.write('SQUASH_MSG', `Squashed commit of the following:\n\n${message}\n`);
		say('Squash commit -- not updating HEAD\nAutomatic merge went well; stopped before committing as requested\n');
		return 0;
	}
	if (wish.noCommit) {
		await repo.write('MERGE_HEAD', `${wish.oid}\n`);
		await repo.write('MERGE_MSG', `${message}\n`);
		say('Automatic merge went well; stopped before committing as requested\n');
		return 0;
	}
	if (wish.edit)
		message = cleanMessage(
			await editText(
				repo,
				'MERGE_MSG',
				`${message}\n# Please enter a commit message to explain why this merge is necessary,\n# especially if it merges an updated upstream into a topic branch.\n#\n# Lines starting with '#' will be ignored, and an empty message aborts\n# the commit.\n`,
			),
			true,
		);
	if (message.trim() === '') throw new GitError("error: Empty commit message.\nNot committing merge; use 'git commit' to complete the merge.", 1);
	const oid = await repo.writeCommit({
		tree: await repo.writeTree(result.files),
		parents: [head, wish.oid],
		author: await repo.person('AUTHOR'),
		committer: await repo.person('COMMITTER'),
		message: cleanMessage(message, false),
	});
	await repo.moveHead(oid, `merge ${wish.name}: Merge made by the 'ort' strategy.`);
	await repo.remove('MERGE_MSG');
	say(`Merge made by the 'ort' strategy.\n${await statistics(repo, ours, result.files)}`);
	return 0;
}

/** Back to where HEAD was before a merge that stopped. */
export async function abortMerge(repo: Repository): Promise<number> {
	if ((await repo.read('MERGE_HEAD')) === undefined) throw new GitError('fatal: There is no merge to abort (MERGE_HEAD missing).', 128);
	await forceTree(repo, await repo.files(await repo.head()));
	await repo.remove('MERGE_HEAD', 'MERGE_MSG', 'MERGE_MODE');
	return 0;
}

export async function merge(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 'no-ff ff ff-only squash no-squash no-commit commit abort continue quit no-edit edit e q quiet n stat no-stat v allow-unrelated-histories',
		valued: 'm s strategy X strategy-option F',
	});
	if (o.has('abort')) return abortMerge(repo);
	if (o.has('quit')) {
		await repo.remove('MERGE_HEAD', 'MERGE_MSG', 'MERGE_MODE');
		return 0;
	}
	const index = await repo.index();
	if (index.conflicts.size > 0)
		throw new GitError(
			"error: Merging is not possible because you have unmerged files.\nhint: Fix them up in the work tree, and then use 'git add/rm <file>'\nhint: as appropriate to mark resolution and make a commit.\nfatal: Exiting because of an unresolved conflict.",
			128,
		);
	refuseConflicts(repo, index, 'Merging');
	if (!o.has('continue') && (await repo.read('MERGE_HEAD')) !== undefined)
		throw new GitError('fatal: You have not concluded your merge (MERGE_HEAD exists).\nPlease, commit your changes before you merge.', 128);
	let name = o.operands[0];
	if (name === undefined) {
		const up = await upstream(repo, await repo.branch());
		if (up === undefined) throw new GitError('fatal: No remote for the current branch.', 128);
		name = up.ref.replace(/^refs\/(remotes|heads)\//, '');
	}
	const { oid } = await commitOf(repo, name, `merge: ${name} - not something we can merge`).catch((e: unknown) => {
		throw e instanceof GitError ? new GitError(e.message, 1) : e;
	});
	const message = o.get('m');
	return mergeCommit(repo, {
		name,
		oid,
		...(message === undefined ? {} : { message }),
		noFastForward: o.has('no-ff'),
		onlyFastForward: o.has('ff-only'),
		squash: o.has('squash'),
		noCommit: o.has('no-commit'),
		edit: !o.has('no-edit') && message === undefined && (repo.c.io.stdinIsTerminal || o.has('edit', 'e')),
		quiet: o.has('q', 'quiet'),
	});
}
