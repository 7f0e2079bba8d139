/** git: finds the repository and hands over to the subcommand. */
import git from 'isomorphic-git';
import type { Command, CommandContext } from '../../command.ts';
import { LIMITS } from '../../../limits.ts';
import { textFromBytes } from '../../bytes.ts';
import { reason } from '../../interpreter/redirect.ts';
import { branch, tag } from './branches.ts';
import { commit } from './commit.ts';
import { editConfig, globalConfigPath, readConfig } from './config-file.ts';
import { blame, diff } from './diff.ts';
import { GitError } from './errors.ts';
import { log, reflog, shortlog } from './log.ts';
import { show } from './show.ts';
import { ends, walk } from './walk.ts';
import { merge } from './merge.ts';
import { parseOptions } from './options.ts';
import { quoted } from './patch.ts';
import { push } from './push.ts';
import { clone, fetch, makeRepository, pull, remote } from './remotes.ts';
import { cherryPick, rebase, revert } from './replay.ts';
import { openRepository, type Repository } from './repository.ts';
import { fullRef, mergeBase, commitOf, tryCommit, tryObject } from './revisions.ts';
import { reset, stash } from './reset.ts';
import { add, clean, mv, restore, rm } from './staging.ts';
import { relative, status } from './status.ts';
import { checkout, switchTo } from './switching.ts';
import { matcher, scan, untrackedFiles } from './worktree.ts';

type Sub = (repo: Repository, args: readonly string[]) => Promise<number>;

async function lsFiles(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 's stage o others c cached m modified d deleted i ignored exclude-standard u unmerged z full-name error-unmatch',
		valued: 'x exclude',
	});
	const index = await repo.index();
	const wanted = matcher(repo, o.operands.length === 0 && repo.prefix !== '' ? ['.'] : o.operands);
	const { io } = repo.c;
	if (o.has('o', 'others')) {
		const { untracked, ignored } = await untrackedFiles(repo, index, await scan(repo));
		for (const p of (o.has('exclude-standard') ? untracked : [...untracked, ...ignored].sort()).filter(wanted)) io.stdout(`${quoted(relative(repo, p))}\n`);
		return 0;
	}
	if (o.has('error-unmatch') && ![...index.entries.keys()].some(wanted))
		throw new GitError(`error: pathspec '${o.operands[0]}' did not match any file(s) known to git\nDid you forget to 'git add'?`, 1);
	const rows = [
		...[...index.entries].map(([path, e]) => ({ path, text: `${e.mode.toString(8)} ${e.oid} 0\t` })),
		...[...index.conflicts].flatMap(([path, stages]) =>
			stages.flatMap((b, i) => (b === undefined ? [] : [{ path, text: `${b.mode.toString(8)} ${b.oid} ${i + 1}\t` }])),
		),
	];
	for (const r of rows
		.filter((x) => wanted(x.path) && (!o.has('u', 'unmerged') || index.conflicts.has(x.path)))
		.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)))
		io.stdout(`${o.has('s', 'stage', 'u', 'unmerged') ? r.text : ''}${quoted(relative(repo, r.path))}\n`);
	return 0;
}

async function revParse(repo: Repository, args: readonly string[]): Promise<number> {
	const { io } = repo.c;
	let short = 40;
	let abbreviated = false;
	let quiet = false;
	for (const a of args) {
		if (a === '--show-toplevel') io.stdout(`${repo.tree}\n`);
		else if (a === '--git-dir') io.stdout(`${repo.c.cwd === repo.top ? '.git' : repo.gitdir}\n`);
		else if (a === '--is-inside-work-tree') io.stdout(`${repo.top !== undefined}\n`);
		else if (a === '--is-bare-repository') io.stdout(`${repo.top === undefined}\n`);
		else if (a === '--show-prefix') io.stdout(`${repo.prefix}\n`);
		else if (a === '--abbrev-ref') abbreviated = true;
		else if (/^--short/.test(a)) short = Number(a.split('=')[1] ?? 7);
		else if (a === '-q' || a === '--quiet') quiet = true;
		else if (a === '--verify') continue;
		else {
			const oid = await tryObject(repo, a);
			if (oid === undefined) {
				if (quiet) return 1;
				if (args.includes('--verify')) throw new GitError('fatal: Needed a single revision', 128);
				io.stdout(`${a}\n`);
				throw new GitError(
					`fatal: ambiguous argument '${a}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'`,
					128,
				);
			}
			if (abbreviated)
				io.stdout(`${a === 'HEAD' ? ((await repo.branch()) ?? 'HEAD') : ((await fullRef(repo, a)) ?? a).replace(/^refs\/(heads|remotes|tags)\//, '')}\n`);
			else io.stdout(`${oid.slice(0, short)}\n`);
		}
	}
	return 0;
}

async function catFile(repo: Repository, args: readonly string[]): Promise<number> {
	const [how = '', name = ''] = args;
	const oid = await tryObject(repo, name);
	if (oid === undefined) throw new GitError(`fatal: Not a valid object name ${name}`, 128);
	const { type, object } = await git.readObject({ ...repo.at, oid, format: 'content' });
	const bytes = object as Uint8Array;
	if (how === '-t') repo.c.io.stdout(`${type}\n`);
	else if (how === '-s') repo.c.io.stdout(`${bytes.length}\n`);
	else if (how === '-p' && type === 'tree') {
		const { tree } = await git.readTree({ ...repo.at, oid });
		for (const e of tree) repo.c.io.stdout(`${e.mode.padStart(6, '0')} ${e.type} ${e.oid}\t${e.path}\n`);
	} else if (how !== '-e') repo.c.io.stdout(textFromBytes(bytes));
	return 0;
}

async function lsTree(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'r t d name-only name-status long l' });
	const tree = (await commitOf(repo, o.operands[0] ?? 'HEAD', `fatal: Not a valid object name ${o.operands[0]}`)).tree;
	if (o.has('r')) {
		for (const [p, b] of await repo.files(tree)) repo.c.io.stdout(o.has('name-only') ? `${p}\n` : `${b.mode.toString(8)} blob ${b.oid}\t${p}\n`);
		return 0;
	}
	for (const e of (await git.readTree({ ...repo.at, oid: tree })).tree)
		repo.c.io.stdout(o.has('name-only') ? `${e.path}\n` : `${e.mode.padStart(6, '0')} ${e.type} ${e.oid}\t${e.path}\n`);
	return 0;
}

async function revList(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'all count reverse branches', valued: 'n max-count', number: true });
	const { from, without } = await ends(repo, o.operands, o);
	const list = await walk(repo, from, without, Number(o.get('n', 'max-count') ?? Number.POSITIVE_INFINITY));
	if (o.has('reverse')) list.reverse();
	repo.c.io.stdout(o.has('count') ? `${list.length}\n` : list.map((c) => `${c.oid}\n`).join(''));
	return 0;
}

/** The nearest tag before a commit, with how many commits ago and which one that is. */
async function describeCommit(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'tags always long', valued: 'abbrev', optional: 'dirty' });
	const at = await commitOf(repo, o.operands[0] ?? 'HEAD', `fatal: Not a valid object name ${o.operands[0] ?? 'HEAD'}`);
	const by = new Map<string, string>();
	for (const ref of await repo.refs('refs/tags')) {
		const id = await repo.ref(ref);
		const target = await tryCommit(repo, ref);
		if (id !== undefined && target !== undefined && (o.has('tags') || id !== target)) by.set(target, ref.slice(10));
	}
	const list = await walk(repo, [at.oid], []);
	const found = list.find((c) => by.has(c.oid));
	if (found === undefined) {
		if (!o.has('always')) throw new GitError('fatal: No names found, cannot describe anything.', 128);
		repo.c.io.stdout(`${at.oid.slice(0, 7)}\n`);
		return 0;
	}
	const name = by.get(found.oid) ?? '';
	const far = (await walk(repo, [at.oid], [found.oid])).length;
	repo.c.io.stdout(far === 0 && !o.has('long') ? `${name}\n` : `${name}-${far}-g${at.oid.slice(0, 7)}\n`);
	return 0;
}

async function config(c: CommandContext, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, {
		flags: 'global local system l list get get-all add unset unset-all e edit name-only show-origin bool int',
		valued: 'f file default',
	});
	const repo = await openRepository(c).catch(() => undefined);
	const given = o.get('f', 'file');
	const path =
		given !== undefined
			? c.disk.resolvePath(c.cwd, given)
			: o.has('global')
				? globalConfigPath(c.env)
				: repo === undefined
					? undefined
					: `${repo.gitdir}/config`;
	const only = o.has('global', 'local') || given !== undefined;
	const seen = only
		? await readConfig(c.disk, { ...c.env, GIT_CONFIG_GLOBAL: '/dev/null' }, path)
		: await readConfig(c.disk, c.env, repo === undefined ? undefined : `${repo.gitdir}/config`);
	const [key, value] = o.operands;
	if (o.has('l', 'list')) {
		for (const [k, v] of seen.entries) if (k !== 'init.defaultbranch' || !only) c.io.stdout(o.has('name-only') ? `${k}\n` : `${k}=${v}\n`);
		return 0;
	}
	if (o.has('e', 'edit')) {
		if (path === undefined) throw new GitError('fatal: not in a git directory', 128);
		const editor = c.env['GIT_EDITOR'] ?? seen.get('core.editor') ?? c.env['EDITOR'] ?? 'vi';
		return c.spawn(editor, [path]);
	}
	if (key === undefined) throw new GitError('error: no action specified', 129);
	if (!key.includes('.')) throw new GitError(`error: key does not contain a section: ${key}`, 1);
	if (value === undefined && !o.has('unset', 'unset-all')) {
		const all = seen.all(key);
		if (all.length === 0 && o.get('default') !== undefined) all.concat();
		if (all.length === 0 && o.get('default') === undefined) return 1;
		for (const v of o.has('get-all') ? all : [all.at(-1) ?? o.get('default') ?? '']) c.io.stdout(`${v}\n`);
		return 0;
	}
	if (path === undefined) throw new GitError('fatal: not in a git directory', 128);
	const text = await c.disk.readFile(path).catch(() => '');
	const edited = editConfig(text, key, o.has('unset', 'unset-all') ? undefined : value, o.has('add'));
	if (o.has('unset', 'unset-all') && !edited.found) return 5;
	await c.disk.writeFile(path, edited.text);
	return 0;
}

async function init(c: CommandContext, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 'bare q quiet', valued: 'b initial-branch template' });
	const folder = c.disk.resolvePath(c.cwd, o.operands[0] ?? '.');
	const branchName = o.get('b', 'initial-branch') ?? (await readConfig(c.disk, c.env, undefined)).get('init.defaultbranch') ?? 'main';
	await c.disk.mkdir(folder, { recursive: true });
	const { fresh, repo } = await makeRepository(c, folder, o.has('bare'), branchName);
	if (!o.has('q', 'quiet')) c.io.stdout(`${fresh ? 'Initialized empty' : 'Reinitialized existing'} Git repository in ${repo.gitdir}/\n`);
	return 0;
}

/** Packs loose objects into one file: each of them is an entry of the workstation, of which there is a limit. */
async function gc(repo: Repository): Promise<number> {
	const loose: string[] = [];
	for (const d of await repo.disk.readdir(`${repo.gitdir}/objects`)) {
		if (!/^[0-9a-f]{2}$/.test(d)) continue;
		for (const f of await repo.disk.readdir(`${repo.gitdir}/objects/${d}`)) loose.push(d + f);
	}
	if (loose.length === 0) return 0;
	const { filename, packfile } = await git.packObjects({ ...repo.at, oids: loose });
	if (packfile === undefined) return 0;
	await repo.disk.mkdir(`${repo.gitdir}/objects/pack`, { recursive: true });
	await repo.disk.writeFile(`${repo.gitdir}/objects/pack/${filename}`, packfile);
	await git.indexPack({ fs: repo.fs, dir: repo.gitdir, gitdir: repo.gitdir, filepath: `objects/pack/${filename}` });
	for (const d of new Set(loose.map((l) => l.slice(0, 2)))) await repo.remove(`objects/${d}`);
	return 0;
}

/** Subcommands after which loose objects may have become too many. */
const WRITERS = new Set(['commit', 'merge', 'rebase', 'cherry-pick', 'pull', 'fetch', 'stash']);

/** Guessed from one of 256 folders, as git's own `gc --auto` does it. */
async function tooManyLoose(repo: Repository): Promise<boolean> {
	const sample = await repo.disk.readdir(`${repo.gitdir}/objects/17`).catch(() => []);
	return sample.length > LIMITS.gitLooseObjects / 256;
}

/** Subcommands with what `git help` says of them. */
const SUBS: { readonly [name: string]: readonly [Sub, string] } = {
	add: [add, 'Add file contents to the index'],
	blame: [blame, 'Show what revision and author last modified each line of a file'],
	branch: [branch, 'List, create, or delete branches'],
	'cat-file': [catFile, 'Provide content or type and size information for repository objects'],
	checkout: [checkout, 'Switch branches or restore working tree files'],
	'cherry-pick': [cherryPick, 'Apply the changes introduced by some existing commits'],
	clean: [clean, 'Remove untracked files from the working tree'],
	commit: [commit, 'Record changes to the repository'],
	describe: [describeCommit, 'Give an object a human readable name based on an available ref'],
	diff: [diff, 'Show changes between commits, commit and working tree, etc'],
	fetch: [fetch, 'Download objects and refs from another repository'],
	gc: [gc, 'Pack loose objects of the repository'],
	log: [log, 'Show commit logs'],
	'ls-files': [lsFiles, 'Show information about files in the index and the working tree'],
	'ls-tree': [lsTree, 'List the contents of a tree object'],
	merge: [merge, 'Join two or more development histories together'],
	'merge-base': [
		async (repo, args) => {
			const [a, b] = args.filter((x) => !x.startsWith('-'));
			const [x, y] = [(await commitOf(repo, a ?? '')).oid, (await commitOf(repo, b ?? '')).oid];
			const found = await mergeBase(repo, x, y);
			if (args.includes('--is-ancestor')) return found === x ? 0 : 1;
			if (found === undefined) return 1;
			repo.c.io.stdout(`${found}\n`);
			return 0;
		},
		'Find as good common ancestors as possible for a merge',
	],
	mv: [mv, 'Move or rename a file, a directory, or a symlink'],
	pull: [pull, 'Fetch from and integrate with another repository or a local branch'],
	push: [push, 'Update remote refs along with associated objects'],
	rebase: [rebase, 'Reapply commits on top of another base tip'],
	reflog: [reflog, 'Manage reflog information'],
	remote: [remote, 'Manage set of tracked repositories'],
	reset: [reset, 'Reset current HEAD to the specified state'],
	restore: [restore, 'Restore working tree files'],
	revert: [revert, 'Revert some existing commits'],
	'rev-list': [revList, 'Lists commit objects in reverse chronological order'],
	'rev-parse': [revParse, 'Pick out and massage parameters'],
	rm: [rm, 'Remove files from the working tree and from the index'],
	shortlog: [shortlog, "Summarize 'git log' output"],
	show: [show, 'Show various types of objects'],
	stash: [stash, 'Stash the changes in a dirty working directory away'],
	status: [status, 'Show the working tree status'],
	switch: [switchTo, 'Switch branches'],
	tag: [tag, 'Create, list, delete a tag object'],
};

const WITHOUT: { readonly [name: string]: readonly [(c: CommandContext, args: readonly string[]) => Promise<number>, string] } = {
	clone: [clone, 'Clone a repository into a new directory'],
	config: [config, 'Get and set repository or global options'],
	init: [init, 'Create an empty Git repository or reinitialize an existing one'],
};

const NAMES = [...Object.keys(SUBS), ...Object.keys(WITHOUT)].sort();
const describe = (name: string): string => SUBS[name]?.[1] ?? WITHOUT[name]?.[1] ?? '';
const HELP = `usage: git [-C <path>] [-c <name>=<value>] <command> [<args>]

These are the commands of this workstation's git:

${NAMES.map((n) => `   ${n.padEnd(12)} ${describe(n)}`).join('\n')}

Not part of it: git add -p, rebase -i, submodules, hooks, signing, and transport by ssh.
'git help <command>' says in a line what a command is for.
`;

/** The nearest subcommands to a mistyped one. */
function meant(name: string): string {
	const near = NAMES.filter((n) => n.startsWith(name.slice(0, 2)) && Math.abs(n.length - name.length) <= 2);
	const words = near.length === 0 ? '' : `\n\nThe most similar command${near.length === 1 ? ' is' : 's are'}\n${near.map((n) => `\t${n}`).join('\n')}`;
	return `git: '${name}' is not a git command. See 'git --help'.${words}`;
}

async function run(given: readonly string[], context: CommandContext): Promise<number> {
	let args = [...given];
	let c = context;
	while (args[0]?.startsWith('-')) {
		const [o = '', value = ''] = args;
		if (o === '-C') {
			c = { ...c, cwd: c.disk.resolvePath(c.cwd, value) };
			args = args.slice(2);
		} else if (o === '-c') args = args.slice(2);
		else if (o === '--no-pager' || o === '--paginate' || o === '-p') args = args.slice(1);
		else break;
	}
	const [name, ...rest] = args;
	if (name === '--version' || name === 'version') {
		c.io.stdout('git version 2.39.5\n');
		return 0;
	}
	if (name === undefined || name === '--help' || name === 'help' || name === '-h') {
		const about = rest[0];
		c.io.stdout(about !== undefined && describe(about) !== '' ? `git-${about} - ${describe(about)}\n` : HELP);
		return name === undefined ? 1 : 0;
	}
	const overrides = given.flatMap((a, i) => (a === '-c' && i < given.indexOf(name) ? [given[i + 1] ?? ''] : []));
	const sub = SUBS[name];
	const without = WITHOUT[name];
	if (sub === undefined && without === undefined) {
		const alias = (
			await readConfig(
				c.disk,
				c.env,
				await openRepository(c).then(
					(r) => `${r.gitdir}/config`,
					() => undefined,
				),
			)
		).get(`alias.${name}`);
		if (alias !== undefined && !alias.startsWith('!'))
			return run([...(alias.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((w) => w.replace(/^(['"])(.*)\1$/, '$2')), ...rest], c);
		throw new GitError(meant(name), 1);
	}
	if (rest.includes('--help') || (rest.length === 1 && rest[0] === '-h')) {
		c.io.stdout(`git-${name} - ${describe(name)}\n`);
		return 0;
	}
	if (without !== undefined) return without[0](c, rest);
	const repo = await openRepository(c);
	if (overrides.length > 0) repo.override(overrides);
	const status = sub === undefined ? 1 : await sub[0](repo, rest);
	if (WRITERS.has(name) && (await tooManyLoose(repo))) {
		c.io.stderr('Auto packing the repository for optimum performance.\nSee "git help gc" for manual housekeeping.\n');
		await gc(repo);
	}
	return status;
}

export const gitCommand: Command = {
	name: 'git',
	summary: 'track and share versions of files',
	help: HELP,
	ownH: true,
	async run(args, context) {
		try {
			return await run(args, context);
		} catch (e) {
			if (e instanceof GitError) {
				if (e.message !== '') context.io.stderr(`${e.message}\n`);
				return e.exitCode;
			}
			const code = e instanceof Error && 'code' in e ? String(e.code) : '';
			if (code === 'file-too-large' || code === 'workstation-full' || code === 'disk-full') {
				context.io.stderr(`fatal: write error: No space left on device: ${e instanceof Error ? e.message : ''}\n`);
				return 128;
			}
			context.io.stderr(`fatal: ${reason(e)}\n`);
			return 128;
		}
	},
	async complete(words, context) {
		if (words.length <= 2) return NAMES.filter((n) => n.startsWith(words[1] ?? ''));
		if (!/^(branch|checkout|switch|merge|rebase|log|diff|show|push|pull|reset|cherry-pick)$/.test(words[1] ?? '')) return undefined;
		const io = { stdout: () => {}, stderr: () => {} } as unknown as CommandContext['io'];
		const repo = await openRepository({ ...context, io }).catch(() => undefined);
		if (repo === undefined) return undefined;
		const names = [...(await repo.refs('refs/heads')), ...(await repo.refs('refs/remotes')), ...(await repo.refs('refs/tags'))].map((r) =>
			r.replace(/^refs\/(heads|remotes|tags)\//, ''),
		);
		const found = names.filter((n) => n.startsWith(words.at(-1) ?? ''));
		return found.length === 0 ? undefined : found;
	},
};
