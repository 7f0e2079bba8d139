/** git push. */
import { trackBranch } from './branches.ts';
import { GitError } from './errors.ts';
import { parseOptions } from './options.ts';
import { shortId } from './patch.ts';
import { addressOf, defaultRemote } from './remotes.ts';
import type { Repository } from './repository.ts';
import { commitOf, fullRef, reachable, tryObject, upstream } from './revisions.ts';
import { type Transport, transportTo } from './transport.ts';

const FETCH_FIRST = `hint: Updates were rejected because the remote contains work that you do
hint: not have locally. This is usually caused by another repository pushing
hint: to the same ref. You may want to first integrate the remote changes
hint: (e.g., 'git pull ...') before pushing again.
hint: See the 'Note about fast-forwards' in 'git push --help' for details.`;
const BEHIND = `hint: Updates were rejected because the tip of your current branch is behind
hint: its remote counterpart. Integrate the remote changes (e.g.
hint: 'git pull ...') before pushing again.
hint: See the 'Note about fast-forwards' in 'git push --help' for details.`;
const CHECKED_OUT = `remote: error: refusing to update checked out branch: REF        
remote: error: By default, updating the current branch in a non-bare repository        
remote: is denied, because it will make the index and work tree inconsistent        
remote: with what you pushed, and will require 'git reset --hard' to match        
remote: the work tree to HEAD.        
`;

interface Pushed {
	readonly local: string;
	readonly remote: string;
	readonly oid: string | undefined;
	readonly force: boolean;
}

async function whatToPush(repo: Repository, name: string, specs: readonly string[], o: ReturnType<typeof parseOptions>): Promise<Pushed[]> {
	const force = o.has('f', 'force', 'force-with-lease');
	const out: Pushed[] = [];
	const all = async (under: string): Promise<void> => {
		for (const r of await repo.refs(under)) out.push({ local: r, remote: r, oid: await repo.ref(r), force });
	};
	if (o.has('all')) await all('refs/heads');
	if (o.has('tags')) await all('refs/tags');
	for (const given of specs) {
		const spec = given.replace(/^\+/, '');
		const [from = '', to] = o.has('d', 'delete') ? ['', spec] : spec.split(':');
		if (from === '') {
			out.push({ local: '', remote: (to ?? '').startsWith('refs/') ? (to ?? '') : `refs/heads/${to}`, oid: undefined, force });
			continue;
		}
		const local = from === 'HEAD' ? `refs/heads/${await repo.branch()}` : await fullRef(repo, from);
		const oid = await tryObject(repo, from);
		if (oid === undefined)
			throw new GitError(`error: src refspec ${from} does not match any\nerror: failed to push some refs to '${(await addressOf(repo, name)).url}'`, 1);
		const kind = local?.startsWith('refs/tags/') ? 'refs/tags/' : 'refs/heads/';
		out.push({
			local: local ?? from,
			remote: to === undefined ? (local ?? from) : to.startsWith('refs/') ? to : kind + to,
			oid,
			force: force || given.startsWith('+'),
		});
	}
	if (out.length > 0 || specs.length > 0 || o.has('tags', 'all')) return out;
	const branch = await repo.branch();
	if (branch === undefined)
		throw new GitError(
			'fatal: You are not currently on a branch.\nTo push the history leading to the current (detached HEAD)\nstate now, use\n\n    git push origin HEAD:<name-of-remote-branch>\n',
			128,
		);
	const up = await upstream(repo, branch);
	if (
		up === undefined &&
		!o.has('u', 'set-upstream') &&
		(await repo.config()).get('push.autosetupremote') !== 'true' &&
		(await repo.config()).get('push.default') !== 'current'
	)
		throw new GitError(
			`fatal: The current branch ${branch} has no upstream branch.\nTo push the current branch and set the remote as upstream, use\n\n    git push --set-upstream ${name} ${branch}\n\nTo have this happen automatically for branches without a tracking\nupstream, see 'push.autoSetupRemote' in 'git help config'.\n`,
			128,
		);
	return [{ local: `refs/heads/${branch}`, remote: up?.merge ?? `refs/heads/${branch}`, oid: await repo.head(), force }];
}

const short = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');

/** Sends one reference; the line that reports it, and whether it was refused. */
async function pushOne(
	repo: Repository,
	transport: Transport,
	there: ReadonlyMap<string, string>,
	p: Pushed,
): Promise<{ readonly line: string; readonly refused?: 'fetch first' | 'non-fast-forward' | 'other'; readonly said?: string } | undefined> {
	const old = there.get(p.remote);
	const names = p.oid === undefined ? short(p.remote) : `${short(p.local)} -> ${short(p.remote)}`;
	const row = (sign: string, what: string, note = ''): string => ` ${sign} ${what.padEnd(17)} ${names}${note === '' ? '' : ` (${note})`}\n`;
	if (p.oid === undefined) {
		if (old === undefined) throw new GitError(`error: unable to delete '${short(p.remote)}': remote ref does not exist`, 1);
		await transport.push(repo, p.remote, undefined, true);
		return { line: row('-', '[deleted]') };
	}
	if (old === p.oid) return undefined;
	const known =
		old === undefined
			? true
			: await commitOf(repo, old).then(
					() => true,
					() => false,
				);
	const forward = old === undefined || (known && p.remote.startsWith('refs/heads/') && (await reachable(repo, [p.oid])).has(old));
	if (!forward && !p.force) {
		if (p.remote.startsWith('refs/tags/')) return { line: row('!', '[rejected]', 'already exists'), refused: 'other' };
		return known
			? { line: row('!', '[rejected]', 'non-fast-forward'), refused: 'non-fast-forward' }
			: { line: row('!', '[rejected]', 'fetch first'), refused: 'fetch first' };
	}
	const refused = await transport.push(repo, p.remote, p.oid, p.force);
	if (refused !== undefined)
		return {
			line: row('!', '[remote rejected]', refused),
			refused: 'other',
			...(refused.startsWith('branch is') ? { said: CHECKED_OUT.replace('REF', p.remote) } : {}),
		};
	if (old === undefined) return { line: row('*', p.remote.startsWith('refs/tags/') ? '[new tag]' : '[new branch]') };
	return forward ? { line: row(' ', `${shortId(old)}..${shortId(p.oid)}`) } : { line: row('+', `${shortId(old)}...${shortId(p.oid)}`, 'forced update') };
}

export async function push(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'u set-upstream f force d delete all tags follow-tags q quiet v n dry-run no-verify', optional: 'force-with-lease' });
	const [given, ...specs] = o.operands;
	const name = given ?? (await defaultRemote(repo));
	const { url, named } = await addressOf(repo, name);
	if (!named && given === undefined)
		throw new GitError(
			'fatal: No configured push destination.\nEither specify the URL from the command-line or configure a remote repository using\n\n    git remote add <name> <url>\n\nand then push using the remote name\n\n    git push <name>\n',
			128,
		);
	const list = await whatToPush(repo, name, specs, o);
	const base = repo.top === undefined || /^[a-z]+:|^\//.test(url) ? url : repo.disk.resolvePath(repo.tree, url);
	const transport = await transportTo(repo.c, base);
	const { refs } = await transport.list();
	const lines: string[] = [];
	const refusals = new Set<string>();
	for (const p of list) {
		const done = await pushOne(repo, transport, refs, p);
		if (done?.said !== undefined) repo.c.io.stderr(done.said);
		if (done !== undefined) lines.push(done.line);
		if (done?.refused !== undefined) {
			refusals.add(done.refused);
			continue;
		}
		if (named && p.remote.startsWith('refs/heads/')) {
			const tracking = `refs/remotes/${name}/${short(p.remote)}`;
			if (p.oid === undefined) await repo.deleteRef(tracking);
			else if ((await repo.ref(tracking)) !== p.oid) await repo.setRef(tracking, p.oid, 'update by push');
		}
	}
	if (lines.length > 0 && !o.has('q', 'quiet')) repo.c.io.stderr(`To ${url}\n${lines.join('')}`);
	if (lines.length === 0 && !o.has('q', 'quiet')) repo.c.io.stderr('Everything up-to-date\n');
	if (refusals.size > 0)
		throw new GitError(
			`error: failed to push some refs to '${url}'${refusals.has('non-fast-forward') ? `\n${BEHIND}` : refusals.has('fetch first') ? `\n${FETCH_FIRST}` : ''}`,
			1,
		);
	if (o.has('u', 'set-upstream') && named)
		for (const p of list)
			if (p.oid !== undefined && p.local.startsWith('refs/heads/') && p.remote.startsWith('refs/heads/'))
				repo.c.io.stdout(await trackBranch(repo, short(p.local), `refs/remotes/${name}/${short(p.remote)}`));
	return 0;
}
