/** Tokens of CEL (`cel-spec/doc/langdef.md`, section Syntax). Offsets count UTF-16 units of the source. */
import { SyntaxFault } from './syntax.ts';
import { Uint, type Value } from './values.ts';

export interface Token {
	readonly kind: 'ident' | 'literal' | 'op' | 'quoted' | 'end';
	readonly text: string;
	readonly pos: number;
	readonly value?: Value;
}

const MIN_INT = -(1n << 63n);
const MAX_INT = (1n << 63n) - 1n;
const MAX_UINT = (1n << 64n) - 1n;

const SPACE = /(?:[ \t\r\n\f]+|\/\/[^\n]*)+/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+[uU]?|\d*\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+[uU]?)/y;
const IDENT = /[A-Za-z_][A-Za-z0-9_]*/y;
const QUOTED = /`[A-Za-z0-9_.\-/ ]+`/y;
const TEXT = /([rR]?[bB]?[rR]?)("""[\s\S]*?(?<!\\)(?:\\\\)*"""|'''[\s\S]*?(?<!\\)(?:\\\\)*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')/y;
const RAW_TEXT = /([rR][bB]?|[bB][rR])("""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y;

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | undefined {
	pattern.lastIndex = at;
	return pattern.exec(source) ?? undefined;
}

/** All tokens of `source`, the last one `end`. Throws a SyntaxFault. */
export function tokens(source: string): readonly Token[] {
	const out: Token[] = [];
	let at = 0;
	while (true) {
		at += match(SPACE, source, at)?.[0].length ?? 0;
		if (at >= source.length) break;
		const token = next(source, at);
		out.push(token);
		at += token.text.length;
	}
	out.push({ kind: 'end', text: '<EOF>', pos: at });
	return out;
}

function next(source: string, pos: number): Token {
	const text = match(RAW_TEXT, source, pos) ?? match(TEXT, source, pos);
	if (text !== undefined) return { kind: 'literal', text: text[0], pos, value: textValue(text[1] ?? '', text[2] ?? '', pos) };
	// `1.` of `a[1].b` is no number: a fraction has digits.
	const number = match(NUMBER, source, pos);
	if (number !== undefined) return { kind: 'literal', text: number[0], pos, value: numberValue(number[0], pos) };
	const ident = match(IDENT, source, pos);
	if (ident !== undefined) return { kind: 'ident', text: ident[0], pos };
	const quoted = match(QUOTED, source, pos);
	if (quoted !== undefined) return { kind: 'quoted', text: quoted[0], pos };
	const operator = match(OPERATOR, source, pos);
	if (operator !== undefined) return { kind: 'op', text: operator[0], pos };
	throw new SyntaxFault(pos, `Syntax error: token recognition error at: '${source.slice(pos, pos + 1)}'`);
}

function numberValue(text: string, pos: number): Value {
	if (/^0[xX]/.test(text) ? false : /[.eE]/.test(text)) {
		const value = Number(text);
		if (!Number.isFinite(value)) throw new SyntaxFault(pos, 'invalid double literal');
		return value;
	}
	if (/[uU]$/.test(text)) {
		const value = BigInt(text.slice(0, -1));
		if (value > MAX_UINT) throw new SyntaxFault(pos, 'invalid uint literal');
		return new Uint(value);
	}
	return BigInt(text);
}

/** The literal's amount, with its sign; -2^63 is in range where 2^63 is not. */
export function inRange(value: bigint, pos: number): bigint {
	if (value < MIN_INT || value > MAX_INT) throw new SyntaxFault(pos, 'invalid int literal');
	return value;
}

function textValue(prefix: string, quoted: string, pos: number): Value {
	const triple = quoted.startsWith('"""') || quoted.startsWith("'''");
	const inner = triple ? quoted.slice(3, -3) : quoted.slice(1, -1);
	const normal = triple ? inner.replaceAll('\r\n', '\n') : inner;
	const bytes = /[bB]/.test(prefix);
	if (/[rR]/.test(prefix)) return bytes ? utf8(normal) : normal;
	return bytes ? byteValue(normal, pos) : unescaped(normal, pos, (code) => String.fromCodePoint(code));
}

const SIMPLE: { readonly [letter: string]: string } = {
	a: '\x07',
	b: '\b',
	f: '\f',
	n: '\n',
	r: '\r',
	t: '\t',
	v: '\v',
	'\\': '\\',
	"'": "'",
	'"': '"',
	'`': '`',
	'?': '?',
};
const ESCAPE = /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))/g;

function unescaped(text: string, pos: number, byte: (code: number) => string): string {
	return text.replace(ESCAPE, (whole, simple?: string, hex?: string, octal?: string, u?: string, long?: string) => {
		if (simple !== undefined) return SIMPLE[simple] ?? simple;
		if (hex !== undefined) return byte(Number.parseInt(hex, 16));
		if (octal !== undefined) return byte(Number.parseInt(octal, 8));
		const code = Number.parseInt(u ?? long ?? '', 16);
		if (Number.isNaN(code) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
			throw new SyntaxFault(pos, Number.isNaN(code) ? `Syntax error: token recognition error at: '${whole}'` : 'invalid unicode code point');
		}
		return String.fromCodePoint(code);
	});
}

/** Escapes of a bytes literal are bytes, its characters their UTF-8. Private code points stand in for the former meanwhile. */
function byteValue(text: string, pos: number): Uint8Array {
	const marked = unescaped(text, pos, (code) => String.fromCodePoint(0x10ff00 + code));
	const out: number[] = [];
	for (const char of marked) {
		const code = char.codePointAt(0) ?? 0;
		if (code >= 0x10ff00) out.push(code - 0x10ff00);
		else out.push(...utf8(char));
	}
	return Uint8Array.from(out);
}

/** UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
	const out: number[] = [];
	for (const char of text) {
		const c = char.codePointAt(0) ?? 0;
		if (c < 0x80) out.push(c);
		else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 63));
		else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
		else out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
	}
	return Uint8Array.from(out);
}

/** The text that UTF-8 says; undefined where the bytes are none. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
	try {
		return decodeURIComponent(Array.from(bytes, (b) => `%${b.toString(16).padStart(2, '0')}`).join(''));
	} catch (e) {
		if (e instanceof URIError) return undefined;
		throw e;
	}
}
