/** git clone, remote, fetch, pull. */
import git from 'isomorphic-git';
import type { CommandContext } from '../../command.ts';
import { saveConfig, trackBranch } from './branches.ts';
import { removeSection } from './config-file.ts';
import { GitError } from './errors.ts';
import { into, mergeCommit } from './merge.ts';
import { parseOptions } from './options.ts';
import { shortId } from './patch.ts';
import { startRebase } from './replay.ts';
import { type Repository, repositoryAt } from './repository.ts';
import { mergeBase, reachable, upstream } from './revisions.ts';
import { changeTree } from './worktree.ts';
import { transportTo } from './transport.ts';

const DEFAULTS = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = ';

/** Makes an empty repository; false where there was one already. */
export async function makeRepository(
	c: CommandContext,
	folder: string,
	bare: boolean,
	branch: string,
): Promise<{ readonly repo: Repository; readonly fresh: boolean }> {
	const gitdir = bare ? folder : `${folder === '/' ? '' : folder}/.git`;
	const fresh = !(await c.disk.exists(`${gitdir}/HEAD`));
	for (const d of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) await c.disk.mkdir(`${gitdir}/${d}`, { recursive: true });
	if (fresh) {
		await c.disk.writeFile(`${gitdir}/HEAD`, `ref: refs/heads/${branch}\n`);
		await c.disk.writeFile(`${gitdir}/config`, `${DEFAULTS}${bare}\n${bare ? '' : '\tlogallrefupdates = true\n'}`);
		await c.disk.writeFile(`${gitdir}/description`, "Unnamed repository; edit this file 'description' to name the repository.\n");
		await c.disk.writeFile(`${gitdir}/info/exclude`, '# git ls-files --others --exclude-from=.git/info/exclude\n');
	}
	const repo = await repositoryAt(c, folder);
	if (repo === undefined) throw new GitError(`fatal: cannot make a repository at ${folder}`, 128);
	return { repo, fresh };
}

export async function clone(c: CommandContext, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 'bare mirror q quiet n no-checkout single-branch no-single-branch no-tags progress v l local no-hardlinks recursive',
		valued: 'b branch o origin depth c',
	});
	const [url, given] = o.operands;
	if (url === undefined) throw new GitError('fatal: You must specify a repository to clone.\n\nusage: git clone [<options>] [--] <repo> [<dir>]', 129);
	const name =
		given ??
		`${url
			.replace(/\/+$/, '')
			.replace(/\/?\.git$/, '')
			.split(/[/:]/)
			.at(-1)}${o.has('bare') ? '.git' : ''}`;
	const folder = c.disk.resolvePath(c.cwd, name);
	if ((await c.disk.exists(folder)) && (await c.disk.readdir(folder).catch(() => ['x'])).length > 0)
		throw new GitError(`fatal: destination path '${name}' already exists and is not an empty directory.`, 128);
	const local = !/^[a-z]+:\/\//.test(url);
	const address = local ? c.disk.resolvePath(c.cwd, url) : url;
	if (local && !(await repositoryAt(c, address)) && !(await repositoryAt(c, `${address}.git`)))
		throw new GitError(`fatal: repository '${url}' does not exist`, 128);
	if (!o.has('q', 'quiet')) c.io.stderr(`Cloning into ${o.has('bare') ? 'bare repository ' : ''}'${name}'...\n`);
	const transport = await transportTo(c, address);
	const remote = await transport.list();
	const branch = o.get('b', 'branch') ?? remote.head ?? 'main';
	if (o.has('b', 'branch') && !remote.refs.has(`refs/heads/${branch}`)) throw new GitError(`fatal: Remote branch ${branch} not found in upstream origin`, 128);
	const { repo } = await makeRepository(c, folder, o.has('bare', 'mirror'), branch);
	const origin = o.get('o', 'origin') ?? 'origin';
	await transport.fetch([...remote.refs.values()], repo);
	await saveConfig(repo, `remote.${origin}.url`, address);
	if (repo.top === undefined) {
		for (const [ref, oid] of remote.refs) await git.writeRef({ ...repo.at, ref, value: oid, force: true });
	} else {
		await saveConfig(repo, `remote.${origin}.fetch`, `+refs/heads/*:refs/remotes/${origin}/*`);
		for (const [ref, oid] of remote.refs)
			await git.writeRef({
				...repo.at,
				ref: ref.startsWith('refs/tags/') ? ref : ref.replace('refs/heads/', `refs/remotes/${origin}/`),
				value: oid,
				force: true,
			});
		const oid = remote.refs.get(`refs/heads/${branch}`);
		if (remote.head !== undefined && remote.refs.has(`refs/heads/${remote.head}`))
			await repo.write(`refs/remotes/${origin}/HEAD`, `ref: refs/remotes/${origin}/${remote.head}\n`);
		await trackBranch(repo, branch, `refs/remotes/${origin}/${branch}`);
		if (oid !== undefined) {
			await repo.setRef(`refs/heads/${branch}`, oid, `clone: from ${address}`);
			if (!o.has('n', 'no-checkout')) await repo.saveIndex(await changeTree(repo, new Map(), await repo.files(oid), await repo.index()));
		}
	}
	if (remote.refs.size === 0) c.io.stderr('warning: You appear to have cloned an empty repository.\n');
	if (!o.has('q', 'quiet') && local) c.io.stderr('done.\n');
	return 0;
}

export async function remote(repo: Repository, args: readonly string[]): Promise<number> {
	const config = await repo.config();
	const names = [...new Set(config.entries.flatMap(([k]) => /^remote\.(.+)\.url$/.exec(k)?.[1] ?? []))].sort();
	const { io } = repo.c;
	const o = parseOptions(args, { flags: 'v verbose f push all add n', valued: 't m' });
	const [what, name = '', value = ''] = o.operands;
	const known = (): string => {
		const url = config.get(`remote.${name}.url`);
		if (url === undefined) throw new GitError(`error: No such remote '${name}'`, 2);
		return url;
	};
	switch (what) {
		case undefined:
			for (const n of names) {
				const url = config.get(`remote.${n}.url`);
				io.stdout(o.has('v', 'verbose') ? `${n}\t${url} (fetch)\n${n}\t${config.get(`remote.${n}.pushurl`) ?? url} (push)\n` : `${n}\n`);
			}
			return 0;
		case 'add':
			if (names.includes(name)) throw new GitError(`error: remote ${name} already exists.`, 3);
			if (value === '') throw new GitError('usage: git remote add [<options>] <name> <url>', 129);
			await saveConfig(repo, `remote.${name}.url`, value);
			await saveConfig(repo, `remote.${name}.fetch`, `+refs/heads/*:refs/remotes/${name}/*`);
			return o.has('f') ? fetch(repo, [name]) : 0;
		case 'remove':
		case 'rm': {
			known();
			for (const r of await repo.refs(`refs/remotes/${name}`)) await repo.deleteRef(r);
			await repo.remove(`refs/remotes/${name}`, `logs/refs/remotes/${name}`);
			let text = removeSection((await repo.read('config')) ?? '', `remote.${name}`);
			for (const [k, v] of config.entries) {
				const branch = /^branch\.(.+)\.remote$/.exec(k)?.[1];
				if (branch !== undefined && v === name) text = removeSection(text, `branch.${branch}`);
			}
			await repo.write('config', text);
			repo.forgetConfig();
			return 0;
		}
		case 'rename':
			known();
			for (const r of await repo.refs(`refs/remotes/${name}`)) {
				const oid = await repo.ref(r);
				if (oid !== undefined) await git.writeRef({ ...repo.at, ref: r.replace(`refs/remotes/${name}/`, `refs/remotes/${value}/`), value: oid, force: true });
				await repo.deleteRef(r);
			}
			await repo.write(
				'config',
				((await repo.read('config')) ?? '')
					.replaceAll(`[remote "${name}"]`, `[remote "${value}"]`)
					.replaceAll(`refs/remotes/${name}/`, `refs/remotes/${value}/`)
					.replaceAll(`remote = ${name}\n`, `remote = ${value}\n`),
			);
			repo.forgetConfig();
			return 0;
		case 'get-url':
			io.stdout(`${known()}\n`);
			return 0;
		case 'set-url':
			known();
			await saveConfig(repo, `remote.${name}.url`, value);
			return 0;
		case 'prune':
			return fetch(repo, ['--prune', name]);
		case 'show': {
			if (name === '') return remote(repo, []);
			const url = known();
			const list = await (await transportTo(repo.c, url)).list();
			const branches = [...list.refs.keys()].filter((r) => r.startsWith('refs/heads/')).map((r) => r.slice(11));
			const wide = Math.max(0, ...branches.map((b) => b.length));
			io.stdout(
				`* remote ${name}\n  Fetch URL: ${url}\n  Push  URL: ${url}\n  HEAD branch: ${list.head ?? '(unknown)'}\n  Remote branch${branches.length === 1 ? '' : 'es'}:\n${branches.map((b) => `    ${b.padEnd(wide)} tracked\n`).join('')}`,
			);
			return 0;
		}
		default:
			throw new GitError(`error: unknown subcommand: \`${what}'`, 129);
	}
}

/** The URL of a remote's name, or the name itself where it is an address. */
export async function addressOf(repo: Repository, name: string): Promise<{ readonly url: string; readonly named: boolean }> {
	const url = (await repo.config()).get(`remote.${name}.url`);
	if (url !== undefined) return { url, named: true };
	return { url: name, named: false };
}

export async function defaultRemote(repo: Repository): Promise<string> {
	return (await upstream(repo, await repo.branch()))?.remote ?? 'origin';
}

interface Fetched {
	readonly branch: string;
	readonly oid: string;
	readonly url: string;
}

async function fetchFrom(
	repo: Repository,
	name: string,
	o: { readonly branches: readonly string[]; readonly prune: boolean; readonly tags: boolean; readonly quiet: boolean },
): Promise<readonly Fetched[]> {
	const { url, named } = await addressOf(repo, name);
	const base = repo.top === undefined || /^[a-z]+:|^\//.test(url) ? url : repo.disk.resolvePath(repo.tree, url);
	const transport = await transportTo(repo.c, base);
	const { refs } = await transport.list();
	const wanted = [...refs].filter(([r]) => r.startsWith('refs/heads/') && (o.branches.length === 0 || o.branches.includes(r.slice(11))));
	for (const b of o.branches) if (!refs.has(`refs/heads/${b}`) && !refs.has(`refs/tags/${b}`)) throw new GitError(`fatal: couldn't find remote ref ${b}`, 128);
	const tags = [...refs].filter(([r]) => r.startsWith('refs/tags/'));
	const news: { sign: string; what: string; from: string; to: string; note?: string }[] = [];
	if (wanted.length + tags.length > 0)
		await transport.fetch(
			[...wanted, ...tags].map(([, oid]) => oid),
			repo,
		);
	if (o.prune && named)
		for (const r of await repo.refs(`refs/remotes/${name}`)) {
			const branch = r.slice(`refs/remotes/${name}/`.length);
			if (branch === 'HEAD' || refs.has(`refs/heads/${branch}`)) continue;
			await repo.deleteRef(r);
			news.push({ sign: '-', what: '[deleted]', from: '(none)', to: `${name}/${branch}` });
		}
	for (const [ref, oid] of wanted) {
		const branch = ref.slice(11);
		if (!named) {
			news.push({ sign: '*', what: 'branch', from: branch, to: 'FETCH_HEAD' });
			continue;
		}
		if (o.branches.length > 0) news.push({ sign: '*', what: 'branch', from: branch, to: 'FETCH_HEAD' });
		const tracking = `refs/remotes/${name}/${branch}`;
		const old = await repo.ref(tracking);
		if (old === oid) continue;
		const forced = old !== undefined && !(await reachable(repo, [oid])).has(old);
		news.push({
			sign: old === undefined ? '*' : forced ? '+' : ' ',
			what: old === undefined ? '[new branch]' : `${shortId(old)}${forced ? '...' : '..'}${shortId(oid)}`,
			from: branch,
			to: `${name}/${branch}`,
			...(forced ? { note: '(forced update)' } : {}),
		});
		await repo.setRef(
			tracking,
			oid,
			`fetch${o.branches.length > 0 ? ` ${name} ${branch}` : ''}: ${old === undefined ? 'storing head' : forced ? 'forced-update' : 'fast-forward'}`,
		);
	}
	for (const [ref, oid] of tags) {
		if ((await repo.ref(ref)) !== undefined) continue;
		await git.writeRef({ ...repo.at, ref, value: oid, force: true });
		news.push({ sign: '*', what: '[new tag]', from: ref.slice(10), to: ref.slice(10) });
	}
	if (news.length > 0 && !o.quiet) {
		const wide = Math.max(10, ...news.map((n) => n.from.length));
		repo.c.io.stderr(`From ${base.replace(/\/+$/, '').replace(/\.git$/, '')}\n`);
		for (const n of news) repo.c.io.stderr(` ${n.sign} ${n.what.padEnd(17)} ${n.from.padEnd(wide)} -> ${n.to}${n.note === undefined ? '' : `  ${n.note}`}\n`);
	}
	const current = await upstream(repo, await repo.branch());
	const first = o.branches.length > 0 ? o.branches : current?.remote === name ? [current.merge.slice(11)] : [];
	const fetched = wanted.map(([ref, oid]) => ({ branch: ref.slice(11), oid, url: base }));
	const ordered = [...fetched.filter((f) => first.includes(f.branch)), ...fetched.filter((f) => !first.includes(f.branch))];
	await repo.write(
		'FETCH_HEAD',
		ordered.map((f) => `${f.oid}\t${first.includes(f.branch) ? '' : 'not-for-merge'}\tbranch '${f.branch}' of ${base.replace(/\.git$/, '')}\n`).join(''),
	);
	return ordered;
}

export async function fetch(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'all p prune t tags no-tags q quiet v verbose force f unshallow', valued: 'depth' });
	const look = { prune: o.has('p', 'prune'), tags: o.has('t', 'tags'), quiet: o.has('q', 'quiet') };
	const config = await repo.config();
	if (o.has('all')) {
		for (const n of new Set(config.entries.flatMap(([k]) => /^remote\.(.+)\.url$/.exec(k)?.[1] ?? []))) {
			repo.c.io.stdout(`Fetching ${n}\n`);
			await fetchFrom(repo, n, { ...look, branches: [] });
		}
		return 0;
	}
	const [name, ...branches] = o.operands;
	const chosen = name ?? (await defaultRemote(repo));
	if (name === undefined && config.get(`remote.${chosen}.url`) === undefined)
		throw new GitError(
			'fatal: No remote repository specified.  Please, specify either a URL or a\nremote name from which new revisions should be fetched.',
			128,
		);
	await fetchFrom(repo, chosen, { ...look, branches });
	return 0;
}

const DIVERGENT = `hint: You have divergent branches and need to specify how to reconcile them.
hint: You can do so by running one of the following commands sometime before
hint: your next pull:
hint: 
hint:   git config pull.rebase false  # merge
hint:   git config pull.rebase true   # rebase
hint:   git config pull.ff only       # fast-forward only
hint: 
hint: You can replace "git config" with "git config --global" to set a default
hint: preference for all repositories. You can also pass --rebase, --no-rebase,
hint: or --ff-only on the command line to override the configured default per
hint: invocation.
fatal: Need to specify how to reconcile divergent branches.`;

const noTracking = (remoteName: string, branch: string | undefined): GitError =>
	new GitError(
		`There is no tracking information for the current branch.\nPlease specify which branch you want to merge with.\nSee git-pull(1) for details.\n\n    git pull <remote> <branch>\n\nIf you wish to set tracking information for this branch you can do so with:\n\n    git branch --set-upstream-to=${remoteName}/<branch> ${branch}\n`,
		1,
	);

export async function pull(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 'no-rebase ff no-ff ff-only q quiet v no-edit edit e autostash p prune t tags all',
		optional: 'r rebase',
		valued: 'depth',
	});
	const config = await repo.config();
	const branch = await repo.branch();
	const up = await upstream(repo, branch);
	const [name, ...branches] = o.operands;
	const chosen = name ?? up?.remote ?? 'origin';
	if (name === undefined && config.get(`remote.${chosen}.url`) === undefined) throw noTracking('<remote>', branch);
	const fetched = await fetchFrom(repo, chosen, { branches, prune: o.has('p', 'prune'), tags: o.has('t', 'tags'), quiet: o.has('q', 'quiet') });
	if (branches.length === 0 && (up === undefined || up.remote !== chosen)) {
		throw noTracking(chosen, branch);
	}
	const wanted = branches[0] ?? up?.merge.slice(11);
	const target = fetched.find((f) => f.branch === wanted);
	if (target === undefined)
		throw new GitError(`Your configuration specifies to merge with the ref '${up?.merge}'\nfrom the remote, but no such ref was fetched.`, 1);
	const rebase = o.has('no-rebase')
		? false
		: o.has('r', 'rebase')
			? o.get('r', 'rebase') !== 'false'
			: config.get('pull.rebase') === undefined
				? undefined
				: config.get('pull.rebase') !== 'false';
	const head = await repo.head();
	const base = head === undefined ? undefined : await mergeBase(repo, head, target.oid);
	const diverged = head !== undefined && base !== head && base !== target.oid;
	const only = o.has('ff-only') || config.get('pull.ff') === 'only';
	if (diverged && rebase === undefined && !o.has('ff', 'no-ff') && config.get('pull.ff') === undefined && !only) throw new GitError(DIVERGENT, 128);
	if (rebase === true) return startRebase(repo, target.oid, undefined);
	const shown = target.url.replace(/\.git$/, '');
	return mergeCommit(repo, {
		name: target.oid,
		oid: target.oid,
		message: `Merge branch '${target.branch}' of ${shown}${await into(repo)}`,
		onlyFastForward: only,
		noFastForward: o.has('no-ff'),
		edit: repo.c.io.stdinIsTerminal && !o.has('no-edit'),
		quiet: o.has('q', 'quiet'),
	});
}
