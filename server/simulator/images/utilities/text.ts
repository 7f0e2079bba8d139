/** cat, head, tail, grep, cut, tr, sort, uniq, wc, tee, seq and their like: text in, text out. */
import { encodeText, joined, utf8Length } from '../../storage-volumes/bytes.ts';
import { badOption, errorWords, lines, options, readArgument, resolvePath, type Utility, type UtilityContext } from './utility.ts';
import { escapes } from './escapes.ts';
import { regexFrom } from './regex.ts';

/** Texts of the files named, or of standard input where none is. `failed` counts those that could not be read. */
export function inputs(
	c: UtilityContext,
	files: readonly string[],
): { readonly texts: readonly { readonly file: string; readonly text: string }[]; readonly failed: number } {
	const named = files.length === 0 ? ['-'] : files;
	const texts = named.flatMap((file) => {
		const text = readArgument(c, file);
		return text === undefined ? [] : [{ file, text }];
	});
	return { texts, failed: named.length - texts.length };
}

const numbered = (text: string): string =>
	lines(text)
		.map((l, i) => `${String(i + 1).padStart(6)}\t${l}\n`)
		.join('');

const cat: Utility = (c) => {
	const o = options(c.args, 'nbeAtuv');
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const { texts, failed } = inputs(c, o.rest);
	const all = texts.map((t) => t.text).join('');
	if (o.given['n'] === undefined) c.out(all);
	else c.out(numbered(all));
	return failed > 0 ? 1 : 0;
};

/** `-5` as `-n 5`. */
const oldStyle = (args: readonly string[]): readonly string[] => args.map((a) => (/^-\d+$/.test(a) ? `-n${a.slice(1)}` : a));

/** A text's bytes, each a text of its own: those that are no character by themselves stand raw (`joined` puts them together again). */
const bytesOf = (text: string): readonly string[] => Array.from(encodeText(text), (b) => String.fromCharCode(b < 0x80 ? b : 0xdc00 + b));

const headTail: Utility = (c) => {
	const o = options(oldStyle(c.args), 'qvfFr', 'nc', { lines: 'n', bytes: 'c', follow: 'f' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const { texts, failed } = inputs(c, o.rest);
	texts.forEach(({ file, text }, i) => {
		if (texts.length > 1 && o.given['q'] === undefined) c.out(`${i > 0 ? '\n' : ''}==> ${file} <==\n`);
		const count = o.given['c'] ?? o.given['n'] ?? '10';
		const n = Math.abs(Number(count));
		const bytes = o.given['c'] !== undefined;
		const list = bytes ? bytesOf(text) : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
		if (c.name === 'head') c.out(joined((count.startsWith('-') ? list.slice(0, Math.max(0, list.length - n)) : list.slice(0, n)).join('')));
		else c.out(joined((count.startsWith('+') ? list.slice(n - 1) : n === 0 ? [] : list.slice(-n)).join('')));
	});
	return failed > 0 ? 1 : 0;
};

function tree(c: UtilityContext, path: string): readonly string[] {
	const stat = c.process.fs.stat(resolvePath(c.cwd, path));
	if (!stat.ok || stat.value.kind !== 'directory') return [path];
	const listed = c.process.fs.list(resolvePath(c.cwd, path));
	return listed.ok ? listed.value.flatMap((n) => tree(c, `${path.replace(/\/$/, '')}/${n}`)) : [];
}

const grep: Utility = (c) => {
	const o = options(c.args, 'ivcnEqorRlLHhwxFsPa', 'emABC', {
		'ignore-case': 'i',
		count: 'c',
		quiet: 'q',
		recursive: 'r',
		'line-number': 'n',
		'only-matching': 'o',
		'invert-match': 'v',
		color: 'a',
		'extended-regexp': 'E',
		'max-count': 'm',
	});
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const g = o.given;
	const has = (l: string): boolean => g[l] !== undefined;
	const [pattern, ...named] = g['e'] === undefined ? o.rest : [g['e'], ...o.rest];
	if (pattern === undefined) {
		c.err(
			c.busybox
				? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: grep [-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n'
				: "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
		);
		return 2;
	}
	const regexes = pattern.split('\n').map((p) =>
		regexFrom(p, {
			extended: has('E') || has('P') || c.name === 'egrep',
			fixed: has('F') || c.name === 'fgrep',
			ignoreCase: has('i'),
			word: has('w'),
			line: has('x'),
		}),
	);
	if (regexes.some((r) => r === undefined)) {
		c.err(c.busybox ? `grep: bad regex '${pattern}'\n` : 'grep: Invalid regular expression\n');
		return 2;
	}
	const recursive = has('r') || has('R');
	const files = recursive ? (named.length === 0 ? ['.'] : named).flatMap((f) => tree(c, f)) : named;
	const { texts, failed } = inputs(c, files);
	const prefixed = (has('H') || texts.length > 1 || recursive) && !has('h');
	let found = false;
	for (const { file, text } of texts) {
		const prefix = prefixed ? `${file === '-' ? '(standard input)' : file}:` : '';
		const all = lines(text);
		const hit = (l: string): boolean => regexes.some((r) => r?.test(l) === true) !== has('v');
		const hits = all.flatMap((l, i) => (hit(l) ? [i] : [])).slice(0, g['m'] === undefined ? undefined : Number(g['m']));
		found ||= hits.length > 0;
		if (has('q')) continue;
		if (has('c')) c.out(`${prefix}${hits.length}\n`);
		else if (has('l')) c.out(hits.length > 0 ? `${file}\n` : '');
		else if (has('L')) c.out(hits.length === 0 ? `${file}\n` : '');
		else if (has('o')) {
			for (const i of hits)
				for (const r of regexes)
					for (const m of (all[i] ?? '').matchAll(new RegExp(r?.source ?? '', `${r?.flags ?? ''}g`)))
						if (m[0] !== '') c.out(`${prefix}${has('n') ? `${i + 1}:` : ''}${m[0]}\n`);
		} else printLines(c, all, hits, prefix, has('n'), Number(g['B'] ?? g['C'] ?? 0), Number(g['A'] ?? g['C'] ?? 0));
	}
	return found ? 0 : failed > 0 ? 2 : 1;
};

function printLines(
	c: UtilityContext,
	all: readonly string[],
	hits: readonly number[],
	prefix: string,
	numbered: boolean,
	before: number,
	after: number,
): void {
	let last = -1;
	for (const hit of hits) {
		const from = Math.max(hit - before, last + 1);
		if (before + after > 0 && last >= 0 && from > last + 1) c.out('--\n');
		for (let i = from; i <= Math.min(hit + after, all.length - 1); i++) {
			if (i <= last) continue;
			const mark = hits.includes(i) ? ':' : '-';
			c.out(`${prefix === '' ? '' : prefix.slice(0, -1) + mark}${numbered ? `${i + 1}${mark}` : ''}${all[i]}\n`);
			last = i;
		}
	}
}

/** `1,3-5,7-` → a test on 1-based positions. */
function ranges(list: string): (n: number) => boolean {
	const parts = list.split(',').map((p) => {
		const [a = '', b] = p.split('-', 2);
		return [a === '' ? 1 : Number(a), b === undefined ? Number(a) : b === '' ? Number.POSITIVE_INFINITY : Number(b)] as const;
	});
	return (n) => parts.some(([a, b]) => n >= a && n <= b);
}

const cut: Utility = (c) => {
	const o = options(c.args, 's', 'dfcb', { delimiter: 'd', fields: 'f', characters: 'c' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const fieldList = o.given['f'];
	const list = fieldList ?? o.given['c'] ?? o.given['b'];
	if (list === undefined) {
		c.err(
			c.busybox
				? 'cut: expected a list of bytes, characters, or fields\n'
				: "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n",
		);
		return 1;
	}
	const wanted = ranges(list);
	const delimiter = o.given['d'] ?? '\t';
	const { texts, failed } = inputs(c, o.rest);
	for (const { text } of texts) {
		for (const l of lines(text)) {
			if (fieldList === undefined) c.out(`${[...l].filter((_ch, i) => wanted(i + 1)).join('')}\n`);
			else if (l.includes(delimiter))
				c.out(
					`${l
						.split(delimiter)
						.filter((_f, i) => wanted(i + 1))
						.join(delimiter)}\n`,
				);
			else if (o.given['s'] === undefined) c.out(`${l}\n`);
		}
	}
	return failed > 0 ? 1 : 0;
};

const CLASSES: { readonly [name: string]: string } = {
	lower: 'abcdefghijklmnopqrstuvwxyz',
	upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
	digit: '0123456789',
	space: ' \t\n\r\f\v',
	punct: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
};

function trSet(text: string): readonly string[] {
	const expanded = text.replace(/\[:(\w+):\]/g, (_a, n: string) =>
		n === 'alpha' ? `${CLASSES['upper']}${CLASSES['lower']}` : n === 'alnum' ? `${CLASSES['digit']}${CLASSES['upper']}${CLASSES['lower']}` : (CLASSES[n] ?? ''),
	);
	const chars = [...escapes(expanded).text];
	const out: string[] = [];
	for (let i = 0; i < chars.length; i++) {
		const [a = '', dash, b] = chars.slice(i, i + 3);
		if (dash === '-' && b !== undefined && b >= a) {
			for (let k = a.charCodeAt(0); k <= b.charCodeAt(0); k++) out.push(String.fromCharCode(k));
			i += 2;
		} else out.push(a);
	}
	return out;
}

const tr: Utility = (c) => {
	const o = options(c.args, 'dscC', '', { delete: 'd', 'squeeze-repeats': 's', complement: 'c' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const [from = '', to] = o.rest;
	const set = trSet(from);
	const complement = o.given['c'] !== undefined || o.given['C'] !== undefined;
	const inSet = (ch: string): boolean => set.includes(ch) !== complement;
	const target = to === undefined ? [] : trSet(to);
	let out = '';
	for (const ch of c.stdin()) {
		let next = ch;
		if (inSet(ch)) {
			if (o.given['d'] !== undefined) continue;
			if (target.length > 0) next = complement ? (target.at(-1) ?? ch) : (target[Math.min(set.indexOf(ch), target.length - 1)] ?? ch);
		}
		const squeezed = o.given['s'] !== undefined && out.endsWith(next) && (target.length > 0 ? target.includes(next) : inSet(next));
		if (!squeezed) out += next;
	}
	c.out(out);
	return 0;
};

const sort: Utility = (c) => {
	const o = options(c.args, 'nruhfbVsM', 'ktoS', { numeric: 'n', reverse: 'r', unique: 'u', key: 'k' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const { texts, failed } = inputs(c, o.rest);
	const all = texts.flatMap((t) => lines(t.text));
	const key = /^(\d+)(?:\.\d+)?([nrhf]*)(?:,(\d+))?([nrhf]*)/.exec(o.given['k'] ?? '');
	const flags = `${Object.keys(o.given).join('')}${key?.[2] ?? ''}${key?.[4] ?? ''}`;
	const part = (l: string): string => {
		if (key === null) return l;
		const separator = o.given['t'];
		const fields = separator === undefined ? l.trim().split(/\s+/) : l.split(separator);
		return fields.slice(Number(key[1]) - 1, key[3] === undefined ? undefined : Number(key[3])).join(separator ?? ' ');
	};
	const human = (s: string): number => Number.parseFloat(s) * ({ K: 1e3, M: 1e6, G: 1e9, T: 1e12 }[/[KMGT]/i.exec(s)?.[0]?.toUpperCase() ?? ''] ?? 1);
	const order = (a: string, b: string): number => {
		const [x, y] = [part(a), part(b)];
		if (flags.includes('n')) return (Number.parseFloat(x) || 0) - (Number.parseFloat(y) || 0);
		if (flags.includes('h')) return (human(x) || 0) - (human(y) || 0);
		const [p, q] = flags.includes('f') ? [x.toUpperCase(), y.toUpperCase()] : [x, y];
		return p < q ? -1 : p > q ? 1 : 0;
	};
	let sorted = [...all].sort((a, b) => order(a, b) || (a < b ? -1 : a > b ? 1 : 0));
	if (flags.includes('r')) sorted.reverse();
	if (o.given['u'] !== undefined) sorted = sorted.filter((l, i) => i === 0 || order(l, sorted[i - 1] ?? '') !== 0);
	const text = sorted.map((l) => `${l}\n`).join('');
	if (o.given['o'] === undefined) c.out(text);
	else c.process.fs.write(resolvePath(c.cwd, o.given['o']), text);
	return failed > 0 ? 1 : 0;
};

const uniq: Utility = (c) => {
	const o = options(c.args, 'cdui', '', { count: 'c', repeated: 'd', unique: 'u' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const { texts, failed } = inputs(c, o.rest.slice(0, 1));
	const groups: { line: string; count: number }[] = [];
	for (const l of texts.flatMap((t) => lines(t.text))) {
		const last = groups.at(-1);
		if (last !== undefined && (o.given['i'] === undefined ? last.line === l : last.line.toLowerCase() === l.toLowerCase())) last.count++;
		else groups.push({ line: l, count: 1 });
	}
	for (const g of groups) {
		if ((o.given['d'] !== undefined && g.count < 2) || (o.given['u'] !== undefined && g.count > 1)) continue;
		c.out(`${o.given['c'] === undefined ? '' : `${String(g.count).padStart(7)} `}${g.line}\n`);
	}
	return failed > 0 ? 1 : 0;
};

const wc: Utility = (c) => {
	const o = options(c.args, 'lwcmL', '', { lines: 'l', words: 'w', bytes: 'c', chars: 'm' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const { texts, failed } = inputs(c, o.rest);
	const columns = (['l', 'w', 'c', 'm'] as const).filter((k) => o.given[k] !== undefined);
	const shown = columns.length === 0 ? (['l', 'w', 'c'] as const) : columns;
	const count = (text: string): { readonly [k: string]: number } => ({
		l: text.split('\n').length - 1,
		w: text.split(/\s+/).filter((w) => w !== '').length,
		c: utf8Length(text),
		m: [...text].length,
	});
	const total: { [k: string]: number } = { l: 0, w: 0, c: 0, m: 0 };
	const width = shown.length === 1 && (texts.length === 1 || c.busybox) ? 0 : c.busybox ? 9 : 7;
	const print = (counts: { readonly [k: string]: number }, name: string): void =>
		c.out(
			`${shown
				.map((k) => String(counts[k] ?? 0).padStart(width))
				.join(c.busybox ? ' ' : ' ')
				.replace(c.busybox && width > 0 ? /^ / : /^$/, '')}${name === '-' ? '' : ` ${name}`}\n`,
		);
	for (const { file, text } of texts) {
		const counts = count(text);
		for (const k of Object.keys(total)) total[k] = (total[k] ?? 0) + (counts[k] ?? 0);
		print(counts, file);
	}
	if (texts.length > 1) print(total, 'total');
	return failed > 0 ? 1 : 0;
};

const tee: Utility = (c) => {
	const o = options(c.args, 'ai', '', { append: 'a' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const text = c.stdin();
	let status = 0;
	for (const f of o.rest) {
		const written = c.process.fs.write(resolvePath(c.cwd, f), text, { append: o.given['a'] !== undefined });
		if (!written.ok) {
			c.err(`tee: ${f}: ${errorWords(written.error)}\n`);
			status = 1;
		}
	}
	c.out(text);
	return status;
};

/** What a pipe's reader may take before `yes` and `seq` would block. */
const PIPE = 65_536;

const seq: Utility = (c) => {
	const o = options(
		c.args.map((a) => (/^-\d/.test(a) ? `\u0000${a}` : a)),
		'w',
		's',
		{ separator: 's' },
	);
	const numbers = o.rest.map((a) => Number(a.replace('\u0000', '')));
	if (numbers.some((n) => Number.isNaN(n)) || numbers.length === 0) {
		const bad = o.rest.find((a) => Number.isNaN(Number(a.replace('\u0000', ''))));
		c.err(
			bad === undefined
				? `seq: missing operand\n`
				: c.busybox
					? `seq: invalid number '${bad}'\n`
					: `seq: invalid floating point argument: ‘${bad}’\nTry 'seq --help' for more information.\n`,
		);
		return 1;
	}
	const [from, step, to] =
		numbers.length === 1
			? [1, 1, numbers[0] ?? 0]
			: numbers.length === 2
				? [numbers[0] ?? 0, 1, numbers[1] ?? 0]
				: [numbers[0] ?? 0, numbers[1] ?? 1, numbers[2] ?? 0];
	if (step === 0) return 1;
	const out: string[] = [];
	for (let i = 0; step > 0 ? from + i * step <= to : from + i * step >= to; i++) {
		out.push(String(Number((from + i * step).toFixed(6))));
		if (out.length > 1_000_000) break;
	}
	const width = o.given['w'] === undefined ? 0 : Math.max(...out.map((n) => n.length));
	if (out.length > 0) c.out(`${out.map((n) => n.padStart(width, '0')).join(o.given['s'] ?? '\n')}\n`);
	return 0;
};

const yes: Utility = (c) => {
	const line = `${c.args.length === 0 ? 'y' : c.args.join(' ')}\n`;
	c.out(line.repeat(Math.ceil(PIPE / line.length)));
	return 0;
};

const rev: Utility = (c) => {
	for (const { text } of inputs(c, c.args).texts) for (const l of lines(text)) c.out(`${[...l].reverse().join('')}\n`);
	return 0;
};

const tac: Utility = (c) => {
	for (const { text } of inputs(c, c.args).texts)
		c.out(
			[...lines(text)]
				.reverse()
				.map((l) => `${l}\n`)
				.join(''),
		);
	return 0;
};

const nl: Utility = (c) => {
	for (const { text } of inputs(c, c.args).texts) c.out(numbered(text));
	return 0;
};

const paste: Utility = (c) => {
	const o = options(c.args, 's', 'd');
	const { texts } = inputs(c, o.rest);
	const by = o.given['d'] ?? '\t';
	if (o.given['s'] !== undefined) for (const t of texts) c.out(`${lines(t.text).join(by)}\n`);
	else {
		const columns = texts.map((t) => lines(t.text));
		for (let i = 0; i < Math.max(0, ...columns.map((l) => l.length)); i++) c.out(`${columns.map((l) => l[i] ?? '').join(by)}\n`);
	}
	return 0;
};

export const TEXT: { readonly [name: string]: Utility } = {
	cat,
	head: headTail,
	tail: headTail,
	grep,
	egrep: grep,
	fgrep: grep,
	cut,
	tr,
	sort,
	uniq,
	wc,
	tee,
	seq,
	yes,
	rev,
	tac,
	nl,
	paste,
};
