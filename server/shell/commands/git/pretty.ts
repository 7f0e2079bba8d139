/** A commit as text, in the formats that git knows and in those of placeholders. */
import { dateText, subject } from './commit.ts';
import type { Options } from './options.ts';
import { coloured, type Paint, plain, shortId } from './patch.ts';
import type { Commit, Repository } from './repository.ts';
import { tryCommit } from './revisions.ts';

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

/** How the options want commits to look. */
export function lookOf(repo: Repository, o: Options, decorate: Look['decorate'], colour: boolean): Look {
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

/** Formats with a name of their own; all others are made of placeholders. */
export const NAMED = new Set(['oneline', 'short', 'medium', 'full', 'fuller', 'raw']);

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
