/** Names of commits as gitrevisions(7) has them: branches, tags, `HEAD~2^2`, `@{1}`, `main:path`, ranges. */
import git from 'isomorphic-git';
import { GitError } from './errors.ts';
import type { Commit, Repository } from './repository.ts';

/** A reference by the short name that people use; undefined where there is none. */
export async function fullRef(repo: Repository, name: string): Promise<string | undefined> {
	if (name === '@') return 'HEAD';
	if (name === 'HEAD' || name === 'ORIG_HEAD' || name === 'MERGE_HEAD' || name === 'FETCH_HEAD' || name === 'CHERRY_PICK_HEAD') return name;
	for (const full of [
		name.startsWith('refs/') ? name : undefined,
		`refs/tags/${name}`,
		`refs/heads/${name}`,
		`refs/remotes/${name}`,
		`refs/remotes/${name}/HEAD`,
		`refs/${name}`,
	])
		if (full !== undefined && (await repo.ref(full)) !== undefined) return full;
	return undefined;
}

/** `name@{n}`: the value that a reference had n changes ago. */
async function earlier(repo: Repository, name: string, n: number): Promise<string | undefined> {
	const full = name === '' ? ((await repo.branch()) === undefined ? 'HEAD' : `refs/heads/${await repo.branch()}`) : await fullRef(repo, name);
	const lines = ((await repo.read(`logs/${full}`)) ?? '').trim().split('\n');
	const line = lines[lines.length - 1 - n];
	return line === undefined || line === '' ? undefined : line.split(' ')[1];
}

/** The branch that a branch follows: `refs/remotes/origin/main`. */
export async function upstream(
	repo: Repository,
	branch: string | undefined,
): Promise<{ readonly ref: string; readonly remote: string; readonly merge: string } | undefined> {
	if (branch === undefined) return undefined;
	const config = await repo.config();
	const remote = config.get(`branch.${branch}.remote`);
	const merge = config.get(`branch.${branch}.merge`);
	if (remote === undefined || merge === undefined) return undefined;
	return { remote, merge, ref: remote === '.' ? merge : merge.replace(/^refs\/heads\//, `refs/remotes/${remote}/`) };
}

async function base(repo: Repository, name: string): Promise<string | undefined> {
	const at = /^(.*)@\{(.+)\}$/.exec(name);
	if (at !== null) {
		const [, ref = '', what = ''] = at;
		if (/^(u|upstream|push)$/.test(what)) {
			const up = await upstream(repo, ref === '' ? await repo.branch() : ref);
			if (up === undefined) throw new GitError(`fatal: no upstream configured for branch '${ref === '' ? await repo.branch() : ref}'`, 128);
			return repo.ref(up.ref);
		}
		if (/^-\d+$/.test(what)) return repo.ref(`refs/heads/${(await previousBranch(repo, Number(what.slice(1)))) ?? ''}`);
		return earlier(repo, ref, Number(what));
	}
	if (name === 'FETCH_HEAD') return (await repo.read('FETCH_HEAD'))?.slice(0, 40);
	const full = await fullRef(repo, name);
	if (full !== undefined) {
		const oid = /^(MERGE|ORIG|CHERRY_PICK)_HEAD$/.test(full) ? (await repo.read(full))?.trim() : await repo.ref(full);
		if (oid !== undefined) return oid;
	}
	if (/^[0-9a-f]{4,40}$/i.test(name)) return git.expandOid({ ...repo.at, oid: name.toLowerCase() }).catch(() => undefined);
	return undefined;
}

/** The branch that was checked out n switches ago. */
export async function previousBranch(repo: Repository, n = 1): Promise<string | undefined> {
	const moves = ((await repo.read('logs/HEAD')) ?? '').split('\n').flatMap((l) => /checkout: moving from (\S+) to /.exec(l)?.[1] ?? []);
	return moves.at(-n);
}

/** The object an annotated tag stands for, as far as it goes. */
async function peel(repo: Repository, oid: string): Promise<string> {
	const { type } = await git.readObject({ ...repo.at, oid, format: 'content' });
	return type === 'tag' ? peel(repo, (await git.readTag({ ...repo.at, oid })).tag.object) : oid;
}

/** The object that a name stands for; undefined where there is none. Tags are not peeled unless something follows. */
export async function tryObject(repo: Repository, name: string): Promise<string | undefined> {
	const path = /^([^:]*):(.*)$/s.exec(name);
	if (path !== null) {
		const [, rev = '', file = ''] = path;
		const files = rev === '' ? (await repo.index()).entries : await repo.files((await commitOf(repo, rev)).tree);
		return files.get(file.replace(/^\.\//, repo.prefix))?.oid;
	}
	const m = /^(.+?)((?:[~^](?:\d+|\{\w*\})?)*)$/s.exec(name);
	if (m === null) return undefined;
	let oid = await base(repo, m[1] ?? '');
	if (oid === undefined) return undefined;
	for (const step of (m[2] ?? '').match(/[~^](?:\d+|\{\w*\})?/g) ?? []) {
		oid = await peel(repo, oid);
		const n = step.length === 1 ? 1 : Number(step.slice(1));
		if (step.startsWith('^{')) {
			if (step === '^{tree}') oid = (await repo.commit(oid)).tree;
		} else if (step.startsWith('^')) oid = n === 0 ? oid : (await repo.commit(oid)).parents[n - 1];
		else for (let i = 0; i < n && oid !== undefined; i++) oid = (await repo.commit(oid)).parents[0];
		if (oid === undefined) return undefined;
	}
	return oid;
}

const unknown = (name: string): GitError =>
	new GitError(
		`fatal: ambiguous argument '${name}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'`,
		128,
	);

export async function tryCommit(repo: Repository, name: string): Promise<string | undefined> {
	const oid = await tryObject(repo, name);
	if (oid === undefined) return undefined;
	const peeled = await peel(repo, oid).catch(() => undefined);
	if (peeled === undefined) return undefined;
	return (await git.readObject({ ...repo.at, oid: peeled, format: 'content' }).catch(() => undefined))?.type === 'commit' ? peeled : undefined;
}

/** The commit that a name stands for; otherwise git's complaint, or the one given. */
export async function commitOf(repo: Repository, name: string, complaint?: string): Promise<Commit> {
	const oid = await tryCommit(repo, name);
	if (oid === undefined) throw complaint === undefined ? unknown(name) : new GitError(complaint, 128);
	return repo.commit(oid);
}

/** Everything that can be reached from commits, these among it. */
export async function reachable(repo: Repository, from: readonly string[]): Promise<Set<string>> {
	const seen = new Set<string>();
	const next = [...from];
	for (let oid = next.pop(); oid !== undefined; oid = next.pop()) {
		if (seen.has(oid)) continue;
		seen.add(oid);
		next.push(...(await repo.commit(oid)).parents);
	}
	return seen;
}

/** The best common ancestor of two commits. */
export async function mergeBase(repo: Repository, a: string, b: string): Promise<string | undefined> {
	const found = (await git.findMergeBase({ ...repo.at, oids: [a, b] })) as string[];
	return found[0];
}

/** How many commits each has that the other has not: [ahead, behind]. */
export async function aheadBehind(repo: Repository, a: string, b: string): Promise<readonly [number, number]> {
	const [x, y] = [await reachable(repo, [a]), await reachable(repo, [b])];
	return [[...x].filter((o) => !y.has(o)).length, [...y].filter((o) => !x.has(o)).length];
}

/** Splits arguments into names of commits and paths: `--` decides, or whether a commit of that name exists. */
export async function splitArguments(
	repo: Repository,
	args: readonly string[],
): Promise<{ readonly revisions: readonly string[]; readonly paths: readonly string[] }> {
	const dashes = args.indexOf('--');
	if (dashes >= 0) return { revisions: args.slice(0, dashes), paths: args.slice(dashes + 1) };
	const revisions: string[] = [];
	for (const [i, a] of args.entries()) {
		const parts = a
			.replace(/^\^/, '')
			.split(/\.\.\.?/)
			.map((p) => (p === '' ? 'HEAD' : p));
		const known = (await Promise.all(parts.map((p) => tryObject(repo, p).catch(() => undefined)))).every((o) => o !== undefined);
		if (known) revisions.push(a);
		else {
			const rest = args.slice(i);
			for (const p of rest) if (!(await repo.disk.exists(repo.disk.resolvePath(repo.c.cwd, p)))) throw unknown(p);
			return { revisions, paths: rest };
		}
	}
	return { revisions, paths: [] };
}
