/** git log, show, shortlog, rev-list, reflog: commits in order, in the formats that git knows. */
import git from 'isomorphic-git';
import { textFromBytes } from '../../bytes.ts';
import { dateText, subject } from './commit.ts';
import { GitError } from './errors.ts';
import { graphed } from './graph.ts';
import { parseOptions, type Options } from './options.ts';
import {
	coloured,
	compare,
	contentOf,
	count,
	type FileChange,
	nameStatus,
	type Paint,
	patchOf,
	plain,
	quoted,
	renameText,
	shortId,
	shortStat,
	statText,
	summary,
	withRenames,
} from './patch.ts';
import { type Commit, parseDate, type Repository } from './repository.ts';
import { mergeBase, reachable, splitArguments, tryCommit, tryObject } from './revisions.ts';
import { matcher } from './worktree.ts';

/** What refs point to a commit, as `--decorate` shows them, HEAD first. */
export async function decorations(repo: Repository): Promise<ReadonlyMap<string, readonly string[]>> {
	const out = new Map<string, string[]>();
	const put = (oid: string | undefined, name: string): void => {
		if (oid !== undefined) out.set(oid, [...(out.get(oid) ?? []), name]);
	};
	const branch = await repo.branch();
	put(await repo.head(), branch === undefined ? 'HEAD' : `HEAD -> ${branch}`);
	for (const t of await repo.refs('refs/tags')) put(await tryCommit(repo, t), `tag: ${t.slice(10)}`);
	for (const r of await repo.refs('refs/remotes')) put(await repo.ref(r), r.slice(13));
	for (const b of await repo.refs('refs/heads')) if (b !== `refs/heads/${branch}`) put(await repo.ref(b), b.slice(11));
	if ((await repo.ref('refs/stash')) !== undefined) put(await repo.ref('refs/stash'), 'refs/stash');
	return out;
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

/** Tabs of a message as blanks, to every eighth column (`--expand-tabs`). */
const expandTabs = (line: string): string => {
	let out = '';
	for (const c of line) out += c === '\t' ? ' '.repeat(8 - (out.length % 8)) : c;
	return out;
};

const indent = (text: string): string =>
	text
		.replace(/\n$/, '')
		.split('\n')
		.map((l) => `    ${expandTabs(l)}`)
		.join('\n');

interface Look {
	readonly format: string;
	readonly date: string;
	readonly now: number;
	readonly decorate: ReadonlyMap<string, readonly string[]> | undefined;
	readonly paint: Paint;
	readonly abbreviate: boolean;
}

/** One commit in a format; without the newline at its end. */
export function formatCommit(c: Commit, look: Look): string {
	const names = look.decorate?.get(c.oid);
	const marks = names === undefined ? '' : ` (${names.join(', ')})`;
	const id = look.abbreviate ? shortId(c.oid) : c.oid;
	const when = (p: Commit['author']): string => dateText(p, look.date, look.now);
	const who = (p: Commit['author']): string => `${p.name} <${p.email}>`;
	const merge = c.parents.length > 1 ? `Merge: ${c.parents.map(shortId).join(' ')}\n` : '';
	const head = `${look.paint('commit', `commit ${id}${marks}`)}\n${merge}`;
	switch (look.format) {
		case 'oneline':
			return `${look.paint('commit', `${id}${marks}`)} ${subject(c.message)}`;
		case 'short':
			return `${head}Author: ${who(c.author)}\n\n${indent(subject(c.message))}\n`;
		case 'medium':
			return `${head}Author: ${who(c.author)}\nDate:   ${when(c.author)}\n\n${indent(c.message)}\n`;
		case 'full':
			return `${head}Author: ${who(c.author)}\nCommit: ${who(c.committer)}\n\n${indent(c.message)}\n`;
		case 'fuller':
			return `${head}Author:     ${who(c.author)}\nAuthorDate: ${when(c.author)}\nCommit:     ${who(c.committer)}\nCommitDate: ${when(c.committer)}\n\n${indent(c.message)}\n`;
		case 'raw': {
			const raw = (p: Commit['author']): string => `${who(p)} ${dateText(p, 'raw')}`;
			return `commit ${c.oid}\ntree ${c.tree}\n${c.parents.map((p) => `parent ${p}\n`).join('')}author ${raw(c.author)}\ncommitter ${raw(c.committer)}\n\n${indent(c.message)}\n`;
		}
		default:
			return placeholders(look.format.replace(/^t?format:/, ''), c, look, names);
	}
}

const COLOURS: { readonly [name: string]: string } = { red: '31', green: '32', yellow: '33', blue: '34', magenta: '35', cyan: '36', white: '37', reset: '' };

function placeholders(format: string, c: Commit, look: Look, names: readonly string[] | undefined): string {
	const person = (p: Commit['author'], what: string): string =>
		({
			n: p.name,
			e: p.email,
			d: dateText(p, look.date, look.now),
			r: dateText(p, 'relative', look.now),
			t: String(p.time),
			i: dateText(p, 'iso'),
			I: dateText(p, 'iso-strict'),
			s: dateText(p, 'short'),
			D: dateText(p, 'rfc'),
		})[what] ?? '';
	const body = c.message.split('\n\n').slice(1).join('\n\n');
	return format.replace(/%(C\([^)]*\)|C(?:red|green|blue|reset)|[ac][nedrtiIsD]|x[\da-f]{2}|[HhTtPpsbBdDn%])/g, (whole, f: string) => {
		if (f.startsWith('C')) {
			const name = f.slice(1).replace(/[()]/g, '').replace('auto', 'reset');
			return look.paint === plain
				? ''
				: `\x1b[${name
						.split(/[ ,]/)
						.map((n) => COLOURS[n] ?? (n === 'bold' ? '1' : ''))
						.join(';')}m`;
		}
		if (/^[ac]./.test(f)) return person(f[0] === 'a' ? c.author : c.committer, f[1] ?? '');
		if (f.startsWith('x')) return String.fromCharCode(Number.parseInt(f.slice(1), 16));
		const values: { readonly [f: string]: string } = {
			H: c.oid,
			h: shortId(c.oid),
			T: c.tree,
			t: shortId(c.tree),
			P: c.parents.join(' '),
			p: c.parents.map(shortId).join(' '),
			s: subject(c.message),
			b: body,
			B: c.message,
			d: names === undefined ? '' : ` (${names.join(', ')})`,
			D: names?.join(', ') ?? '',
			n: '\n',
			'%': '%',
		};
		return values[f] ?? whole;
	});
}

/** What a commit changed against its first parent (nothing for a merge, unless asked). */
export async function changesIn(repo: Repository, c: Commit, wanted: (path: string) => boolean): Promise<FileChange[]> {
	const parent = c.parents[0];
	const before = await repo.files(parent === undefined ? undefined : (await repo.commit(parent)).tree);
	return compare(before, await repo.files(c.tree), wanted);
}

export const DIFF_FLAGS =
	'p patch u stat shortstat numstat name-only name-status summary no-patch s raw w ignore-all-space b color no-color no-renames no-ext-diff text binary full-index';
export const DIFF_VALUED = 'U unified';
export const DIFF_OPTIONAL = 'M find-renames color stat word-diff';

/** A set of changes in the forms asked for. */
export async function showChanges(repo: Repository, changes: readonly FileChange[], o: Options, paint: Paint, working = false): Promise<string> {
	const content = contentOf(repo, working);
	const list = o.has('no-renames') ? [...changes] : await withRenames(changes, content);
	if (o.has('name-only')) return list.map((c) => `${quoted(c.path)}\n`).join('');
	if (o.has('name-status')) return list.map(nameStatus).join('');
	let out = '';
	const counts = o.has('stat', 'shortstat', 'numstat') ? await count(list, content) : [];
	if (o.has('numstat')) out += counts.map((c) => `${c.binary ? '-\t-' : `${c.added}\t${c.removed}`}\t${renameText(c.change.from, c.change.path)}\n`).join('');
	if (o.has('stat')) out += statText(counts, paint);
	if (o.has('shortstat')) out += shortStat(counts);
	if (o.has('summary')) out += summary(list);
	const patches = o.has('p', 'patch', 'u', 'U', 'unified') || !o.has('stat', 'shortstat', 'numstat', 'summary');
	if (!patches || o.has('no-patch', 's')) return out;
	if (out !== '') out += '\n';
	const context = Number(o.get('U', 'unified') ?? 3);
	for (const c of list) out += await patchOf(c, content, { context, paint });
	return out;
}

const LOG = {
	flags: `oneline graph all branches decorate no-decorate merges no-merges first-parent reverse abbrev-commit no-abbrev-commit follow topo-order date-order left-right no-walk ${DIFF_FLAGS}`,
	valued: `n max-count skip format since after until before author grep committer S G ${DIFF_VALUED}`,
	optional: `pretty date decorate ${DIFF_OPTIONAL}`,
	number: true,
} as const;

function lookOf(repo: Repository, o: Options, decorate: Look['decorate'], colour: boolean): Look {
	const given = o.get('format') ?? o.get('pretty') ?? (o.has('oneline') ? 'oneline' : 'medium');
	return {
		format: given === '' ? 'medium' : given,
		date: o.get('date') ?? 'default',
		now: Math.floor(repo.c.clock.now() / 1000),
		decorate,
		paint: colour ? coloured : plain,
		abbreviate: o.has('abbrev-commit') || o.has('oneline'),
	};
}

const NAMED = new Set(['oneline', 'short', 'medium', 'full', 'fuller', 'raw']);

async function chosen(repo: Repository, o: Options, commits: readonly Commit[], paths: readonly string[]): Promise<Commit[]> {
	const wanted = matcher(repo, paths);
	const time = (name: string | undefined): number | undefined => (name === undefined ? undefined : parseDate(name, repo.c.clock.now())?.time);
	const [since, until] = [time(o.get('since', 'after')), time(o.get('until', 'before'))];
	const has = (text: string, pattern: string | undefined): boolean =>
		pattern === undefined || text.includes(pattern) || new RegExp(pattern.replace(/\\\|/g, '|')).test(text);
	const out: Commit[] = [];
	const most = Number(o.get('n', 'max-count') ?? Number.POSITIVE_INFINITY) + Number(o.get('skip') ?? 0);
	for (const c of commits) {
		if (out.length >= most) break;
		if ((o.has('merges') && c.parents.length < 2) || (o.has('no-merges') && c.parents.length > 1)) continue;
		if ((since !== undefined && c.committer.time < since) || (until !== undefined && c.committer.time > until)) continue;
		if (!has(c.message, o.get('grep')) || !has(`${c.author.name} <${c.author.email}>`, o.get('author'))) continue;
		if (paths.length > 0) {
			const changes = await changesIn(repo, c, wanted);
			if (changes.length === 0 || c.parents.length > 1) continue;
		}
		const needle = o.get('S');
		if (needle !== undefined) {
			const times = (text: string): number => text.split(needle).length;
			let found = false;
			for (const f of await changesIn(repo, c, wanted)) {
				const text = async (side: 'old' | 'new'): Promise<string> => textFromBytes(await contentOf(repo)(side, f));
				found ||= times(await text('old')) !== times(await text('new'));
			}
			if (!found) continue;
		}
		out.push(c);
	}
	return out.slice(Number(o.get('skip') ?? 0));
}

export async function log(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, LOG);
	const { revisions, paths } = await splitArguments(repo, o.words);
	const { from, without } = await ends(repo, revisions, o);
	const { io } = repo.c;
	const decorate = (io.stdoutIsTerminal || o.has('decorate')) && !o.has('no-decorate') ? await decorations(repo) : undefined;
	const wantsNames = /%[dD]/.test(o.get('format') ?? o.get('pretty') ?? '');
	const look = lookOf(repo, o, decorate ?? (wantsNames ? await decorations(repo) : undefined), io.stdoutIsTerminal && !o.has('no-color'));
	const simple = paths.length === 0 && !o.has('follow') && !o.has('skip', 'merges', 'no-merges', 'since', 'after', 'until', 'before', 'grep', 'author', 'S');
	let commits = await walk(repo, from, without, simple ? Number(o.get('n', 'max-count') ?? Number.POSITIVE_INFINITY) : undefined, o.has('graph', 'topo-order'));
	if (o.has('first-parent')) commits = firstParents(commits, from);
	const followed = o.has('follow') && paths.length === 1 ? await follow(repo, commits, paths[0] ?? '') : undefined;
	commits =
		followed === undefined
			? await chosen(repo, o, commits, paths)
			: commits.filter((c) => followed.has(c.oid)).slice(0, Number(o.get('n', 'max-count') ?? commits.length));
	if (o.has('reverse')) commits.reverse();
	const diffs = o.has('p', 'patch', 'u', 'U', 'stat', 'shortstat', 'numstat', 'name-only', 'name-status', 'summary');
	const blocks: string[] = [];
	for (const c of commits) {
		let text = formatCommit(c, look);
		if (diffs && c.parents.length < 2) {
			const touched = followed?.get(c.oid) ?? (await changesIn(repo, c, matcher(repo, paths)));
			const changes = await showChanges(repo, touched, o, look.paint);
			if (changes !== '')
				text +=
					look.format === 'oneline'
						? `\n${changes.replace(/\n$/, '')}`
						: `${NAMED.has(look.format) ? '' : '\n'}\n${changes.replace(/\n$/, '')}${NAMED.has(look.format) ? '\n' : ''}`;
		}
		blocks.push(text);
	}
	if (o.has('graph')) io.stdout(graphed(commits, blocks));
	else if (look.format.startsWith('format:')) io.stdout(blocks.join('\n'));
	else
		for (const [i, b] of blocks.entries())
			io.stdout(`${b.replace(/\n$/, '')}\n${NAMED.has(look.format) && look.format !== 'oneline' && i < blocks.length - 1 ? '\n' : ''}`);
	return 0;
}

/** What each commit did to one file, through its renames (`--follow`). */
async function follow(repo: Repository, commits: readonly Commit[], given: string): Promise<Map<string, FileChange[]>> {
	const out = new Map<string, FileChange[]>();
	let path = repo.disk.resolvePath(repo.c.cwd, given).slice(repo.tree.length + 1);
	for (const c of commits) {
		if (c.parents.length > 1) continue;
		const found = (await withRenames(await changesIn(repo, c, () => true), contentOf(repo))).find((f) => f.path === path);
		if (found === undefined) continue;
		out.set(c.oid, [found]);
		path = found.from;
	}
	return out;
}

function firstParents(commits: readonly Commit[], from: readonly string[]): Commit[] {
	const by = new Map(commits.map((c) => [c.oid, c]));
	const out: Commit[] = [];
	for (const start of from) for (let c = by.get(start); c !== undefined; c = by.get(c.parents[0] ?? '')) if (!out.includes(c)) out.push(c);
	return out;
}

export async function show(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, LOG);
	const { revisions, paths } = await splitArguments(repo, o.words);
	const { io } = repo.c;
	const paint = io.stdoutIsTerminal && !o.has('no-color') ? coloured : plain;
	const look = lookOf(repo, o, io.stdoutIsTerminal || o.has('decorate') ? await decorations(repo) : undefined, paint === coloured);
	for (const name of revisions.length === 0 ? ['HEAD'] : revisions) {
		let oid = await tryObject(repo, name);
		if (oid === undefined)
			throw new GitError(
				`fatal: ambiguous argument '${name}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'`,
				128,
			);
		let object = await git.readObject({ ...repo.at, oid, format: 'content' });
		while (object.type === 'tag') {
			const text = textFromBytes(object.object as Uint8Array);
			const [head = '', ...rest] = text.split('\n\n');
			const tagger = /^tagger (.*) <(.*)> (\d+) ([-+]\d{4})$/m.exec(head);
			const when = tagger === null ? '' : dateText({ name: '', email: '', time: Number(tagger[3]), zone: (Number(tagger[4]?.slice(0, 3)) || 0) * 60 });
			io.stdout(
				`${paint('commit', `tag ${/^tag (.*)$/m.exec(head)?.[1]}`)}\nTagger: ${tagger?.[1]} <${tagger?.[2]}>\nDate:   ${when}\n\n${rest.join('\n\n')}\n`,
			);
			oid = /^object (\w+)/.exec(head)?.[1] ?? oid;
			object = await git.readObject({ ...repo.at, oid, format: 'content' });
		}
		if (object.type === 'blob') {
			io.stdout(textFromBytes(object.object as Uint8Array));
			continue;
		}
		if (object.type === 'tree') {
			const { tree } = await git.readTree({ ...repo.at, oid });
			io.stdout(`tree ${name}\n\n${tree.map((e) => `${e.path}${e.type === 'tree' ? '/' : ''}\n`).join('')}`);
			continue;
		}
		const c = await repo.commit(oid);
		const text = formatCommit(c, look);
		io.stdout(`${text.replace(/\n$/, '')}\n`);
		if (o.has('s', 'no-patch')) continue;
		if (c.parents.length > 1) {
			if (look.format !== 'oneline') io.stdout('\n');
			continue;
		}
		const changes = await showChanges(repo, await changesIn(repo, c, matcher(repo, paths)), o, paint);
		if (changes !== '') io.stdout(look.format === 'oneline' ? changes : `\n${changes}`);
	}
	return 0;
}

export async function reflog(repo: Repository, args: readonly string[]): Promise<number> {
	const name = args.find((a) => !a.startsWith('-') && a !== 'show') ?? 'HEAD';
	const file = name === 'HEAD' ? 'HEAD' : `refs/heads/${name}`;
	const lines = ((await repo.read(`logs/${file}`)) ?? '')
		.trim()
		.split('\n')
		.filter((l) => l !== '')
		.reverse();
	lines.forEach((l, i) => {
		const [ids = '', why = ''] = l.split('\t');
		repo.c.io.stdout(`${shortId(ids.split(' ')[1] ?? '')} ${name}@{${i}}: ${why}\n`);
	});
	return 0;
}

export async function shortlog(repo: Repository, args: readonly string[]): Promise<number> {
	const o = parseOptions(args, { flags: 's summary n numbered e email all' });
	const { from, without } = await ends(repo, o.operands, o);
	const by = new Map<string, string[]>();
	for (const c of (await walk(repo, from, without)).reverse()) {
		const who = o.has('e', 'email') ? `${c.author.name} <${c.author.email}>` : c.author.name;
		by.set(who, [...(by.get(who) ?? []), subject(c.message)]);
	}
	const rows = [...by].sort(([a, x], [b, y]) => (o.has('n', 'numbered') && x.length !== y.length ? y.length - x.length : a < b ? -1 : 1));
	for (const [who, subjects] of rows)
		repo.c.io.stdout(
			o.has('s', 'summary')
				? `${String(subjects.length).padStart(6)}\t${who}\n`
				: `${who} (${subjects.length}):\n${subjects.map((s) => `      ${s}\n`).join('')}\n`,
		);
	return 0;
}
