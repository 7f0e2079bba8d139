/** `od`, as coreutils': bytes in the formats people ask for (`-c`, `-t x1`, `-An`). */
import type { Command, CommandContext } from '../../command.ts';
import { bytesOf } from '../binary.ts';

interface Format {
	/** Bytes that one field shows. */
	readonly size: number;
	/** Characters of a field, without the blank before it. */
	readonly width: number;
	show(bytes: Buffer): string;
}

const NAMED: { readonly [byte: number]: string } = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' };
const ASCII = 'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(' ');
const WIDTHS: { readonly [type: string]: { readonly [size: number]: number } } = {
	o: { 1: 3, 2: 6, 4: 11, 8: 22 },
	x: { 1: 2, 2: 4, 4: 8, 8: 16 },
	d: { 1: 4, 2: 6, 4: 11, 8: 20 },
	u: { 1: 3, 2: 5, 4: 10, 8: 20 },
};
const SIZES: { readonly [letter: string]: number } = { C: 1, S: 2, I: 4, L: 8 };

const character = (b: number): string => NAMED[b] ?? (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : b.toString(8).padStart(3, '0'));
const named = (b: number): string => (b === 0x7f ? 'del' : (ASCII[b & 0x7f] ?? String.fromCharCode(b & 0x7f)));

function integers(type: string, size: number): Format | undefined {
	const width = WIDTHS[type]?.[size];
	if (width === undefined) return undefined;
	const bits = size * 8;
	return {
		size,
		width,
		show: (bytes) => {
			let v = 0n;
			for (let i = size - 1; i >= 0; i--) v = (v << 8n) | BigInt(bytes[i] ?? 0);
			if (type === 'd') return String(BigInt.asIntN(bits, v));
			return type === 'u' ? String(v) : v.toString(type === 'x' ? 16 : 8).padStart(width, '0');
		},
	};
}

/** The formats of one `-t` (`x1`, `cx1`, `o2`); the text that is none where it is no format. */
function formats(text: string): Format[] | string {
	const out: Format[] = [];
	for (const m of text.matchAll(/([acdoux])([1248]|[CSIL])?|(.)/g)) {
		const type = m[1];
		if (type === undefined) return text;
		if (type === 'c' || type === 'a') {
			out.push({ size: 1, width: 3, show: (b) => (type === 'c' ? character : named)(b[0] ?? 0) });
			continue;
		}
		const format = integers(type, m[2] === undefined ? 4 : (SIZES[m[2]] ?? Number(m[2])));
		if (format === undefined) return text;
		out.push(format);
	}
	return out;
}

const SHORT: { readonly [letter: string]: string } = { a: 'a', b: 'o1', c: 'c', d: 'u2', o: 'o2', s: 'd2', x: 'x2' };

interface Options {
	radix: string;
	readonly types: string[];
	skip: number;
	limit: number;
	width: number;
	every: boolean;
	readonly files: string[];
}

const LONG: { readonly [name: string]: string } = { 'address-radix': 'A', format: 't', 'skip-bytes': 'j', 'read-bytes': 'N', width: 'w' };

/** A count with its suffix: `0x10`, `2k`, `1b`. */
function count(text: string): number {
	const m = /^(0[xX][\da-fA-F]+|\d+)([bkKmM]?)$/.exec(text);
	return m === null ? Number.NaN : Number(m[1]) * ({ b: 512, k: 1024, K: 1024, m: 1048576, M: 1048576 }[m[2] ?? ''] ?? 1);
}

/** od's options, or what is wrong with them. */
function options(args: readonly string[]): Options | string {
	const o: Options = { radix: 'o', types: [], skip: 0, limit: Number.POSITIVE_INFINITY, width: 16, every: false, files: [] };
	const valued = (letter: string, value: string): void => {
		if (letter === 'A') o.radix = value;
		else if (letter === 't') o.types.push(value);
		else if (letter === 'j') o.skip = count(value);
		else if (letter === 'N') o.limit = count(value);
		else o.width = value === '' ? 32 : count(value);
	};
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		const long = /^--([a-z-]+)(?:=(.*))?$/.exec(a);
		const letter = LONG[long?.[1] ?? ''];
		if (long?.[1] === 'output-duplicates') o.every = true;
		else if (letter !== undefined) valued(letter, long?.[2] ?? (letter === 'w' ? '' : (args[++i] ?? '')));
		else if (long !== null) return `unrecognized option '${a}'`;
		else if (a === '-' || !a.startsWith('-')) o.files.push(a);
		else {
			for (let j = 1; j < a.length; j++) {
				const c = a[j] ?? '';
				if ('AtjNw'.includes(c)) {
					valued(c, j + 1 < a.length ? a.slice(j + 1) : c === 'w' ? '' : (args[++i] ?? ''));
					break;
				}
				if (c === 'v') o.every = true;
				else if (SHORT[c] !== undefined) o.types.push(SHORT[c]);
				else return `invalid option -- '${c}'`;
			}
		}
	}
	if (!/^[doxn]$/.test(o.radix)) return `invalid output address radix '${o.radix}'; it must be one character from [doxn]`;
	if (Number.isNaN(o.skip)) return 'invalid -j argument';
	return Number.isNaN(o.limit) ? 'invalid -N argument' : o;
}

/** One row in one format; `total` is what the widest of the formats takes, over which the fields are spread. */
function fields(row: Buffer, f: Format, perRow: number, total: number): string {
	const n = perRow / f.size;
	let pad = total - n * f.width;
	let out = '';
	for (let i = 0; i * f.size < row.length; i++) {
		const next = Math.floor(((total - n * f.width) * (n - 1 - i)) / n);
		out += f.show(row.subarray(i * f.size, (i + 1) * f.size)).padStart(f.width + pad - next);
		pad = next;
	}
	return out;
}

async function od(args: readonly string[], c: CommandContext): Promise<number> {
	const o = options(args);
	const wrong = (what: string): number => {
		c.io.stderr(`od: ${what}\nTry 'od --help' for more information.\n`);
		return 1;
	};
	if (typeof o === 'string') return wrong(o);
	const shown: Format[] = [];
	for (const t of o.types.length === 0 ? ['o2'] : o.types) {
		const f = formats(t);
		if (typeof f === 'string') return wrong(`invalid type string ‘${f}’`);
		shown.push(...f);
	}
	const unit = Math.max(...shown.map((f) => f.size));
	const perRow = o.width > 0 && o.width % unit === 0 ? o.width : unit;
	const total = Math.max(...shown.map((f) => (perRow / f.size) * (f.width + 1)));
	let status = 0;
	const parts: Buffer[] = [];
	for (const file of o.files.length === 0 ? ['-'] : o.files) {
		const bytes = await bytesOf(c, file, (why) => `od: ${file}: ${why}\n`);
		if (bytes === undefined) status = 1;
		else parts.push(bytes);
	}
	const bytes = Buffer.concat(parts).subarray(o.skip, o.skip + o.limit);
	const address = (at: number): string =>
		o.radix === 'n' ? '' : at.toString(o.radix === 'x' ? 16 : o.radix === 'd' ? 10 : 8).padStart(o.radix === 'x' ? 6 : 7, '0');
	let before: Buffer | undefined;
	let folded = false;
	for (let at = 0; at < bytes.length; at += perRow) {
		const row = bytes.subarray(at, at + perRow);
		if (!o.every && before?.equals(row) && at + perRow < bytes.length) {
			if (!folded) c.io.stdout('*\n');
			folded = true;
			continue;
		}
		folded = false;
		before = row;
		c.io.stdout(shown.map((f, i) => `${i === 0 ? address(o.skip + at) : ' '.repeat(address(0).length)}${fields(row, f, perRow, total)}\n`).join(''));
	}
	if (o.radix !== 'n') c.io.stdout(`${address(o.skip + bytes.length)}\n`);
	return status;
}

export const odCommand: Command = {
	name: 'od',
	summary: 'show a file in octal and other formats',
	help: 'Usage: od [-A RADIX] [-t TYPE] [-abcdosx] [-j BYTES] [-N BYTES] [-w[BYTES]] [-v] [FILE]...\nWrite an unambiguous representation, octal bytes by default, of FILE to standard output.\n',
	run: od,
};
