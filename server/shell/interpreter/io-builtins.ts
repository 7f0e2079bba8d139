/** echo, printf, read. */
import { joinedText } from '../bytes.ts';
import { formatDate } from '../commands/small.ts';
import { type Builtin, complain } from './builtin.ts';
import { unescapeText } from './quoting.ts';
import type { Run } from './run.ts';
import { type Input, readLine } from './streams.ts';
import { setElement, setVariable, setVariableWhole, parameter } from './variables.ts';

export const echo: Builtin = async (_sh, args, run) => {
	let newline = true;
	let escapes = false;
	let i = 0;
	for (; /^-[neE]+$/.test(args[i] ?? ''); i++) {
		const flags = args[i] ?? '';
		if (flags.includes('n')) newline = false;
		escapes = flags.includes('e') ? true : flags.includes('E') ? false : escapes;
	}
	const text = args.slice(i).join(' ');
	const done = escapes ? unescapeText(text) : { text, stop: false };
	run.io.output.write(done.text + (newline && !done.stop ? '\n' : ''));
	await run.io.output.drain();
	return 0;
};

const SHELL_SAFE = /^[\w@%+=:,./-]+$/;

function pad(text: string, flags: string, width: number): string {
	return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

function numberArgument(text: string): number | undefined {
	const t = text.trim();
	if (/^["']/.test(t)) return t.codePointAt(1) ?? 0;
	if (t === '') return 0;
	if (/^[-+]?0[xX][\da-fA-F]+$/.test(t) || /^[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$/.test(t)) return /^[-+]?0\d+$/.test(t) ? Number.parseInt(t, 8) : Number(t);
	return undefined;
}

function integerText(n: number, conversion: string): string {
	const v = Math.trunc(n);
	if (conversion === 'x') return v.toString(16);
	if (conversion === 'X') return v.toString(16).toUpperCase();
	return conversion === 'o' ? v.toString(8) : String(v);
}

/** One conversion of printf: `%-5s`, `%03d`, `%.2f`, `%q`. */
function convert(
	flags: string,
	width: number,
	precision: number | undefined,
	conversion: string,
	argument: string,
	bad: (text: string) => void,
): { readonly text: string; readonly stop: boolean } {
	const plain = (text: string) => ({ text: pad(text, flags, width), stop: false });
	if (conversion === 's') return plain(precision === undefined ? argument : argument.slice(0, precision));
	if (conversion === 'c') return plain(argument.slice(0, 1));
	if (conversion === 'q') return plain(argument === '' ? "''" : SHELL_SAFE.test(argument) ? argument : argument.replace(/[^\w@%+=:,./-]/g, '\\$&'));
	if (conversion === 'b') {
		const e = unescapeText(argument);
		return { text: pad(e.text, flags, width), stop: e.stop };
	}
	let n = numberArgument(argument);
	if (n === undefined) {
		bad(argument);
		n = Number.parseFloat(argument) || 0;
	}
	let text = 'diuxXo'.includes(conversion)
		? integerText(n, conversion)
		: conversion === 'e'
			? n.toExponential(precision ?? 6).replace(/e([-+])(\d)$/, 'e$10$2')
			: conversion === 'g'
				? String(Number(n.toPrecision(precision ?? 6)))
				: n.toFixed(precision ?? 6);
	if (precision !== undefined && 'diuxXo'.includes(conversion)) text = text.padStart(precision, '0');
	if (flags.includes('+') && n >= 0) text = `+${text}`;
	if (flags.includes('0') && !flags.includes('-') && text.length < width)
		text = text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0');
	return plain(text);
}

/** `%(format)T`: seconds since the epoch; -1 and nothing mean now, -2 when the shell began. */
function dateText(format: string, argument: string, run: Run): string {
	const { clock = 0, began = clock } = run.state;
	const ms = argument === '' || argument === '-1' ? clock : argument === '-2' ? began : Number(argument) * 1000;
	return formatDate(ms, format === '' ? '%H:%M:%S' : format);
}

export const printf: Builtin = async (_sh, args, run) => {
	let rest = [...args];
	let variable: string | undefined;
	if (rest[0] === '-v') {
		variable = rest[1];
		rest = rest.slice(2);
	}
	if (rest[0] === '--') rest = rest.slice(1);
	const format = rest[0];
	if (format === undefined) return complain(run, 'printf: usage: printf [-v var] format [arguments]', 2);
	const values = rest.slice(1);
	let at = 0;
	let out = '';
	let status = 0;
	let stop = false;
	const next = (): string => values[at++] ?? '';
	const bad = (text: string): void => {
		status = complain(run, `printf: ${text}: invalid number`);
	};
	do {
		const start = at;
		for (const m of format.matchAll(/%(%|([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z]|\([^)]*\)T))|(\\(?:.[\da-fA-F]*)|[^%\\]+|[\s\S])/gs)) {
			if (stop) break;
			if (m[1] === '%') out += '%';
			else if (m[1] !== undefined) {
				const width = m[3] === '*' ? Number(next()) : Number(m[3] ?? 0);
				const precision = m[0].includes('.') ? (m[4] === '*' ? Number(next()) : Number(m[4] ?? 0)) : undefined;
				if (m[5]?.startsWith('(')) {
					out += pad(dateText(m[5].slice(1, -2), next(), run), m[2] ?? '', width);
					continue;
				}
				if (!'diouxXeEfgGscbq'.includes(m[5] ?? '')) return complain(run, `printf: \`${m[5]}': invalid format character`);
				const c = convert(m[2] ?? '', width, precision, (m[5] ?? 's').replace('E', 'e').replace('G', 'g'), next(), bad);
				out += c.text;
				stop = c.stop;
			} else {
				const e = unescapeText(m[6] ?? '');
				out += e.text;
				stop = e.stop;
			}
		}
		if (at === start) break;
	} while (at < values.length && !stop);
	if (variable === undefined) run.io.output.write(joinedText(out));
	else setVariable(run.state, variable, out);
	return status;
};

interface ReadOptions {
	readonly raw: boolean;
	readonly prompt: string;
	readonly array: string | undefined;
	/** Characters to read at most (-n, -N). */
	readonly most: number | undefined;
	/** What ends a line, in place of a newline. */
	readonly delimiter: string | undefined;
	readonly from: Input;
	readonly names: readonly string[];
}

/** read's options; a number is the status of what is wrong with them. */
function readOptions(args: readonly string[], run: Run): ReadOptions | number {
	const values = new Map<string, string>();
	let flags = '';
	const names: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (names.length > 0 || !/^-./.test(a)) {
			if (!/^[A-Za-z_]\w*(\[.*\])?$/.test(a)) return complain(run, `read: \`${a}': not a valid identifier`);
			names.push(a);
			continue;
		}
		for (let j = 1; j < a.length; j++) {
			const letter = a[j] ?? '';
			if ('ers'.includes(letter)) flags += letter;
			else if ('padntuNi'.includes(letter)) {
				values.set(letter, j + 1 < a.length ? a.slice(j + 1) : (args[++i] ?? ''));
				break;
			} else
				return complain(
					run,
					`read: -${letter}: invalid option\nread: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]`,
					2,
				);
		}
	}
	const fd = values.get('u');
	const other = fd === undefined || fd === '0' ? run.io.input : run.io.extra.get(Number(fd));
	if (other === undefined || !('read' in other)) return complain(run, `read: ${fd}: invalid file descriptor: Bad file descriptor`);
	const count = values.get('n') ?? values.get('N');
	return {
		raw: flags.includes('r'),
		prompt: values.get('p') ?? '',
		array: values.get('a'),
		most: count === undefined ? undefined : Number(count),
		delimiter: values.has('d') ? (values.get('d') ?? '').slice(0, 1) || '\0' : undefined,
		from: other,
		names,
	};
}

/** Up to so many characters, or to a delimiter. `ended`: the input was over first. */
async function readCharacters(input: Input, most: number, delimiter: string): Promise<{ readonly line: string; readonly ended: boolean } | null> {
	let text = '';
	while ([...text].length < most && !text.includes(delimiter)) {
		const piece = await input.read();
		if (piece === null) return text === '' ? null : { line: text, ended: true };
		text += piece;
	}
	const at = text.indexOf(delimiter);
	const taken = [...text].slice(0, most).join('');
	const whole = at >= 0 && at < taken.length;
	const rest = whole ? text.slice(at + 1) : text.slice(taken.length);
	if (rest !== '') input.unread(rest);
	return { line: whole ? text.slice(0, at) : taken, ended: false };
}

export const read: Builtin = async (_sh, args, run) => {
	const o = readOptions(args, run);
	if (typeof o === 'number') return o;
	const { raw, array, names } = o;
	if (o.prompt !== '' && run.io.input.terminal) run.io.error.write(o.prompt);
	let text = '';
	const line = (): ReturnType<typeof readLine> =>
		o.most === undefined && o.delimiter === undefined ? readLine(o.from) : readCharacters(o.from, o.most ?? Number.POSITIVE_INFINITY, o.delimiter ?? '\n');
	let got = await line();
	const ended = got?.ended ?? true;
	while (got !== null) {
		text += got.line;
		if (raw || !text.endsWith('\\') || got.ended) break;
		text = text.slice(0, -1);
		got = await line();
	}
	if (!raw) text = text.replace(/\\(.)/gs, '$1');
	const ifs = parameter(run.state, 'IFS') ?? ' \t\n';
	const blanks = [...ifs].filter((c) => /\s/.test(c)).join('');
	const trim = (t: string): string => {
		let a = 0;
		let b = t.length;
		while (a < b && blanks.includes(t[a] ?? 'x')) a++;
		while (b > a && blanks.includes(t[b - 1] ?? 'x')) b--;
		return t.slice(a, b);
	};
	const fields: string[] = [];
	let rest = names.length === 0 && array === undefined ? text : trim(text);
	const wanted = array !== undefined ? Number.POSITIVE_INFINITY : Math.max(1, names.length);
	while (fields.length < wanted - 1 && rest !== '') {
		const at = [...rest].findIndex((c) => ifs.includes(c));
		if (at < 0) break;
		fields.push(rest.slice(0, at));
		rest = trim(rest.slice(at + (blanks.includes(rest[at] ?? '') ? 0 : 1)));
	}
	if (rest !== '' || fields.length < names.length) fields.push(rest);
	if (array !== undefined) {
		setVariableWhole(run.state, array, []);
		fields.forEach((f, i) => {
			setElement(run.state, array, String(i), f);
		});
	} else {
		const targets = names.length === 0 ? ['REPLY'] : names;
		targets.forEach((n, i) => {
			setVariable(run.state, n, fields[i] ?? '');
		});
	}
	return got === null || ended ? 1 : 0;
};
