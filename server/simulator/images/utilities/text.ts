/** Text in, text out: cat, head, tail, tee, rev, tac and nl, and the table of all that work so. */
import { encodeText, joined } from '../../storage-volumes/bytes.ts';
import { cut, paste } from './cut.ts';
import { grep } from './grep.ts';
import { inputs } from './inputs.ts';
import { seq, yes } from './seq.ts';
import { sort, uniq } from './sort.ts';
import { tr } from './tr.ts';
import { badOption, errorWords, lines, options, resolvePath, type Utility } from './utility.ts';
import { wc } from './wc.ts';

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
