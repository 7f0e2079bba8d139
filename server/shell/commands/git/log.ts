/** git log, shortlog and reflog: commits in order. */
import { textFromBytes } from '../../bytes.ts';
import { changesIn, DIFF_FLAGS, DIFF_OPTIONAL, DIFF_VALUED, follow, showChanges } from './changes.ts';
import { subject } from './commit.ts';
import { graphed } from './graph.ts';
import { type Options, parseOptions } from './options.ts';
import { contentOf, shortId } from './patch.ts';
import { decorations, formatCommit, lookOf, NAMED } from './pretty.ts';
import { type Commit, parseDate, type Repository } from './repository.ts';
import { splitArguments } from './revisions.ts';
import { ends, firstParents, walk } from './walk.ts';
import { matcher } from './worktree.ts';

/** The options of log and show. */
export const LOG = {
	flags: `oneline graph all branches decorate no-decorate merges no-merges first-parent reverse abbrev-commit no-abbrev-commit follow topo-order date-order left-right no-walk ${DIFF_FLAGS}`,
	valued: `n max-count skip format since after until before author grep committer S G ${DIFF_VALUED}`,
	optional: `pretty date decorate ${DIFF_OPTIONAL}`,
	number: true,
} as const;

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

/** Prints the commits reachable from what is named, newest first. */
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

/** Prints where a ref pointed, newest first. */
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

/** Prints subjects, or how many there are, by author. */
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
