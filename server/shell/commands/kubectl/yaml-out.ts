/**
 * YAML and JSON as kubectl prints them: sigs.k8s.io/yaml over go-yaml v2 (keys sorted, lists not indented, lines folded
 * at 80 columns, strings quoted only where a reader would take them for something else), and encoding/json with four spaces.
 */
import { goNumber, jsonText } from './json-text.ts';

const WIDTH = 80;

/** Keys in byte order, as encoding/json writes a map. */
export function sortedKeys(value: object): string[] {
	return Object.keys(value).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

const isLetter = (c: string): boolean => /\p{L}/u.test(c);
const isDigit = (c: string): boolean => c >= '0' && c <= '9';

/** The number at `from`, and where it ends. */
function digitsAt(s: readonly string[], from: number, start: number): readonly [number, number] {
	let n = start;
	let i = from;
	for (; i < s.length && isDigit(s[i] as string); i++) n = n * 10 + Number(s[i]);
	return [n, i];
}

/** go-yaml's order of keys: letters after other signs, runs of digits by their number. */
function naturalOrder(left: string, right: string): number {
	const a = [...left];
	const b = [...right];
	let digits = false;
	for (let i = 0; i < a.length && i < b.length; i++) {
		const x = a[i] as string;
		const y = b[i] as string;
		if (x === y) {
			digits = isDigit(x);
			continue;
		}
		const xl = isLetter(x);
		const yl = isLetter(y);
		if (xl && yl) return x < y ? -1 : 1;
		if (xl || yl) return (digits ? xl : yl) ? -1 : 1;
		let start = 0;
		if (x === '0' || y === '0') for (let j = i - 1; j >= 0 && isDigit(a[j] as string); j--) if (a[j] !== '0') start = 1;
		const [an, ai] = digitsAt(a, i, start);
		const [bn, bi] = digitsAt(b, i, start);
		return an - bn || ai - bi || (x < y ? -1 : 1);
	}
	return a.length - b.length;
}

/** Strings that go-yaml v2 would read as null, bool, number or time. */
function looksTyped(s: string): boolean {
	if (/^(~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|<<)$/.test(s)) return true;
	if (/^[-+]?(\d[\d_]*)(\.[\d_]*)?([eE][-+]?\d+)?$/.test(s) || /^[-+]?\.\d[\d_]*([eE][-+]?\d+)?$/.test(s)) return true;
	if (/^[-+]?0(x[\da-fA-F_]+|b[01_]+|o[0-7_]+)$/.test(s) || /^[-+]?(\.inf|\.Inf|\.INF)$/.test(s) || /^(\.nan|\.NaN|\.NAN)$/.test(s)) return true;
	if (/^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/.test(s)) return true;
	return /^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$/.test(s) && !Number.isNaN(Date.parse(s.replace(/^(\d+-\d+-\d+) /, '$1T')));
}

interface Analysis {
	readonly plain: boolean;
	readonly single: boolean;
	readonly block: boolean;
}

/** What yaml_emitter_analyze_scalar finds out about a scalar in block context. */
function analyze(s: string): Analysis {
	const special = /[^\x09\x0a\x20-\x7e\x85\xa0-\ufefe\uff00-\ufffd]/.test(s);
	const breaks = s.includes('\n');
	let indicators = /^(---|\.\.\.)/.test(s) || /^[#,[\]{}&*!|>'"%@`]/.test(s);
	if (/^[?:-](\s|$)/.test(s) || /:(\s|$)/.test(s) || /\s#/.test(s)) indicators = true;
	const spaceBreak = / \n/.test(s);
	const breakSpace = /\n /.test(s);
	const leading = /^[ \n]/.test(s);
	const trailing = /[ \n]$/.test(s);
	const bad = spaceBreak || special;
	return {
		plain: !breaks && !indicators && !leading && !trailing && !bad && !s.includes('\t'),
		single: !breakSpace && !bad && !s.includes('\t'),
		block: !bad && !/ $/.test(s),
	};
}

function doubleQuoted(s: string, indent: number, column: number): string {
	const escapes: { readonly [c: string]: string } = {
		'\n': '\\n',
		'\t': '\\t',
		'\r': '\\r',
		'"': '\\"',
		'\\': '\\\\',
		'\0': '\\0',
		'\x07': '\\a',
		'\b': '\\b',
		'\x1b': '\\e',
	};
	let out = '"';
	let col = column + 1;
	const chars = [...s];
	for (let i = 0; i < chars.length; i++) {
		const c = chars[i] as string;
		if (c === ' ' && i > 0 && i < chars.length - 1 && col > WIDTH) {
			out += `\n${' '.repeat(indent)}`;
			col = indent;
			if (chars[i + 1] === ' ') {
				out += '\\';
				col++;
			}
			continue;
		}
		const code = c.codePointAt(0) ?? 0;
		let piece = escapes[c] ?? c;
		if (escapes[c] === undefined && (code < 0x20 || code === 0x7f)) piece = `\\x${code.toString(16).padStart(2, '0').toUpperCase()}`;
		out += piece;
		col += piece.length;
	}
	return `${out}"`;
}

/** Breaks a plain or single-quoted text at single spaces once a line is over the width. */
function folded(s: string, indent: number, column: number, inner: boolean): string {
	let out = '';
	let col = column;
	for (let i = 0; i < s.length; i++) {
		const c = s[i] as string;
		const foldable = c === ' ' && s[i + 1] !== ' ' && s[i - 1] !== ' ' && col > WIDTH && (inner || (i > 0 && i < s.length - 1)) && i > 0 && i < s.length - 1;
		if (foldable) {
			out += `\n${' '.repeat(indent)}`;
			col = indent;
		} else {
			out += c;
			col++;
		}
	}
	return out;
}

function literal(s: string, indent: number): string {
	const lead = /^[ \n]/.test(s) ? '2' : '';
	const chomp = s.endsWith('\n') ? (s.endsWith('\n\n') || s === '\n' ? '+' : '') : '-';
	const body = s.endsWith('\n') ? s.slice(0, -1) : s;
	const pad = ' '.repeat(indent);
	return `|${lead}${chomp}\n${body
		.split('\n')
		.map((l) => (l === '' ? '' : pad + l))
		.join('\n')}`;
}

/** A string scalar at `column`, continuing lines at `indent`. */
function stringScalar(s: string, indent: number, column: number, key: boolean): string {
	if (s === '' || looksTyped(s)) return doubleQuoted(s, indent, column);
	const a = analyze(s);
	if (s.includes('\n')) return a.block && !key ? literal(s, indent) : doubleQuoted(s, indent, column);
	if (a.plain) return key ? s : folded(s, indent, column, false);
	if (a.single) return `'${key ? s.replaceAll("'", "''") : folded(s.replaceAll("'", "''"), indent, column + 1, true)}'`;
	return doubleQuoted(s, indent, column);
}

function scalar(value: unknown, indent: number, column: number): string {
	if (value === null || value === undefined) return 'null';
	if (typeof value === 'string') return stringScalar(value, indent, column, false);
	return typeof value === 'number' || typeof value === 'bigint' ? goNumber(value) : String(value);
}

const isEmpty = (value: object): boolean =>
	Array.isArray(value) ? value.length === 0 : Object.keys(value).every((k) => (value as Record<string, unknown>)[k] === undefined);

function emitMap(value: Record<string, unknown>, indent: number, firstPad: string): string {
	const pad = ' '.repeat(indent);
	let out = '';
	let first = true;
	for (const key of Object.keys(value).sort(naturalOrder)) {
		const item = value[key];
		if (item === undefined) continue;
		const head = `${first ? firstPad : pad}${stringScalar(key, indent, indent, true)}:`;
		first = false;
		if (item !== null && typeof item === 'object' && !isEmpty(item)) {
			out += Array.isArray(item)
				? `${head}\n${emitList(item, indent, pad)}`
				: `${head}\n${emitMap(item as Record<string, unknown>, indent + 2, ' '.repeat(indent + 2))}`;
		} else if (item !== null && typeof item === 'object') out += `${head} ${Array.isArray(item) ? '[]' : '{}'}\n`;
		else out += `${head} ${scalar(item, indent + 2, head.length + 1)}\n`;
	}
	return out;
}

function emitList(value: readonly unknown[], indent: number, firstPad: string): string {
	const pad = ' '.repeat(indent);
	let out = '';
	value.forEach((item, i) => {
		const head = `${i === 0 ? firstPad : pad}- `;
		if (item !== null && typeof item === 'object' && !isEmpty(item)) {
			out += Array.isArray(item) ? emitList(item, indent + 2, head) : emitMap(item as Record<string, unknown>, indent + 2, head);
		} else if (item !== null && typeof item === 'object') out += `${head}${Array.isArray(item) ? '[]' : '{}'}\n`;
		else out += `${head}${scalar(item, indent + 2, head.length)}\n`;
	});
	return out;
}

/** A document, ending in a newline. */
export function toYaml(value: unknown): string {
	if (value !== null && typeof value === 'object' && !isEmpty(value)) {
		return Array.isArray(value) ? emitList(value, 0, '') : emitMap(value as Record<string, unknown>, 0, '');
	}
	if (value !== null && typeof value === 'object') return Array.isArray(value) ? '[]\n' : '{}\n';
	return `${scalar(value, 0, 0)}\n`;
}

/** As encoding/json escapes a string: `<`, `>` and `&` too. */
export function jsonEscape(json: string): string {
	return json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** Maps with their keys sorted, all the way down. */
export function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (value === null || typeof value !== 'object') return value;
	const out: Record<string, unknown> = {};
	for (const key of sortedKeys(value)) out[key] = sorted((value as Record<string, unknown>)[key]);
	return out;
}

/** Indented JSON, ending in a newline; sorts keys unless told that their order is a Go struct's. */
export function toJson(value: unknown, options: { readonly keepOrder?: boolean; readonly indent?: number } = {}): string {
	return `${jsonEscape(jsonText(options.keepOrder ? value : sorted(value), options.indent ?? 4))}\n`;
}

/** JSON on one line with sorted keys, as Go marshals a map. */
export function compactJson(value: unknown): string {
	return jsonEscape(jsonText(sorted(value)));
}
