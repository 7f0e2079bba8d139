/** Which commits are meant: the ends of revision arguments, and the way from there through history. */
import type { Options } from './options.ts';
import { GitError } from './errors.ts';
import type { Commit, Repository } from './repository.ts';
import { mergeBase, reachable, tryCommit } from './revisions.ts';

/** The ends of what revision arguments name: `a..b`, `a...b`, `^a`, `--all`. */
export async function ends(repo: Repository, revisions: readonly string[], o: Options): Promise<{ readonly from: string[]; readonly without: string[] }> {
	const from: string[] = [];
	const without: string[] = [];
	const one = async (name: string): Promise<string> => {
		const oid = await tryCommit(repo, name === '' ? 'HEAD' : name);
		if (oid === undefined) throw new GitError(`fatal: bad revision '${name}'`, 128);
		return oid;
	};
	for (const r of revisions) {
		const range = /^(.*?)(\.\.\.?)(.*)$/.exec(r);
		if (range !== null) {
			const [a, b] = [await one(range[1] ?? ''), await one(range[3] ?? '')];
			from.push(b);
			if (range[2] === '..') without.push(a);
			else {
				from.push(a);
				const base = await mergeBase(repo, a, b);
				if (base !== undefined) without.push(base);
			}
		} else if (r.startsWith('^')) without.push(await one(r.slice(1)));
		else from.push(await one(r));
	}
	if (o.has('all', 'branches'))
		for (const ref of [
			...(await repo.refs('refs/heads')),
			...(o.has('all') ? [...(await repo.refs('refs/remotes')), ...(await repo.refs('refs/tags')), 'refs/stash'] : []),
		]) {
			const oid = await tryCommit(repo, ref);
			if (oid !== undefined) from.push(oid);
		}
	if (from.length === 0) {
		const head = await repo.head();
		if (head === undefined) throw new GitError(`fatal: your current branch '${await repo.branch()}' does not have any commits yet`, 128);
		from.push(head);
	}
	return { from, without };
}

/** Commits from some, without those reachable from others, newest first and never a parent before its child where dates agree. */
export async function walk(
	repo: Repository,
	from: readonly string[],
	without: readonly string[],
	limit = Number.POSITIVE_INFINITY,
	topological = false,
): Promise<Commit[]> {
	const hidden = without.length === 0 ? new Set<string>() : await reachable(repo, without);
	const seen = new Set<string>(hidden);
	const queue: Commit[] = [];
	const push = async (oid: string): Promise<void> => {
		if (seen.has(oid)) return;
		seen.add(oid);
		const c = await repo.commit(oid);
		let at = queue.findIndex((q) => q.committer.time < c.committer.time);
		if (at < 0) at = queue.length;
		queue.splice(at, 0, c);
	};
	for (const oid of from) await push(oid);
	const out: Commit[] = [];
	for (let c = queue.shift(); c !== undefined; c = queue.shift()) {
		out.push(c);
		if (!topological && out.length >= limit) break;
		for (const p of c.parents) await push(p);
	}
	return topological ? inTopology(out).slice(0, limit) : out;
}

/** No parent before all its children; lines of history stay together (`--topo-order`). */
function inTopology(commits: readonly Commit[]): Commit[] {
	const by = new Map(commits.map((c) => [c.oid, c]));
	const children = new Map<string, number>();
	for (const c of commits) for (const p of c.parents) if (by.has(p)) children.set(p, (children.get(p) ?? 0) + 1);
	const stack = commits.filter((c) => (children.get(c.oid) ?? 0) === 0).reverse();
	const out: Commit[] = [];
	for (let c = stack.pop(); c !== undefined; c = stack.pop()) {
		out.push(c);
		for (const p of c.parents) {
			const left = (children.get(p) ?? 0) - 1;
			children.set(p, left);
			const parent = by.get(p);
			if (left === 0 && parent !== undefined) stack.push(parent);
		}
	}
	return out;
}

/** Of each of some commits, the line of first parents (`--first-parent`). */
export function firstParents(commits: readonly Commit[], from: readonly string[]): Commit[] {
	const by = new Map(commits.map((c) => [c.oid, c]));
	const out: Commit[] = [];
	for (const start of from) for (let c = by.get(start); c !== undefined; c = by.get(c.parents[0] ?? '')) if (!out.includes(c)) out.push(c);
	return out;
}
