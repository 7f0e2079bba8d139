/** Sets of characters as Go's expressions name them, and how JavaScript writes them. */

export type Range = readonly [from: number, to: number];

const at = (c: string): number => c.codePointAt(0) ?? 0;
const span = (text: string): readonly Range[] => {
	const out: Range[] = [];
	for (let i = 0; i < text.length; i += 2) out.push([at(text[i] ?? ''), at(text[i + 1] ?? '')]);
	return out;
};

/** `\d` and its kin. */
export const PERL: { readonly [letter: string]: readonly Range[] } = { d: span('09'), s: span('\t\n\f\r  '), w: span('09AZaz__') };

/** `[:alpha:]` and its kin. */
export const POSIX: { readonly [name: string]: readonly Range[] } = {
	alnum: span('09AZaz'),
	alpha: span('AZaz'),
	ascii: [[0, 0x7f]],
	blank: span('\t\t  '),
	cntrl: [
		[0, 0x1f],
		[0x7f, 0x7f],
	],
	digit: span('09'),
	graph: [[0x21, 0x7e]],
	lower: span('az'),
	print: [[0x20, 0x7e]],
	punct: span('!/:@[`{~'),
	space: [
		[0x09, 0x0d],
		[0x20, 0x20],
	],
	upper: span('AZ'),
	word: span('09AZaz__'),
	xdigit: span('09AFaf'),
};

const MAX_RUNE = 0x10_ffff;

/** All that is in none of the ranges. */
export function complement(ranges: readonly Range[]): readonly Range[] {
	const out: Range[] = [];
	let next = 0;
	for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
		if (from > next) out.push([next, from - 1]);
		next = Math.max(next, to + 1);
	}
	if (next <= MAX_RUNE) out.push([next, MAX_RUNE]);
	return out;
}

/** The other cases of one character. */
export function folds(rune: number): readonly number[] {
	const c = String.fromCodePoint(rune);
	return [c.toLowerCase(), c.toUpperCase()].filter((o) => o !== c && [...o].length === 1).map(at);
}

/** Longest range whose characters are looked at one by one for their other cases. */
const FOLDED_RANGE = 2000;

export function folded(ranges: readonly Range[]): readonly Range[] {
	const out: Range[] = [...ranges];
	for (const [from, to] of ranges) {
		// Wider ranges hold both cases of what they hold.
		if (to - from > FOLDED_RANGE) continue;
		for (let rune = from; rune <= to; rune++) for (const other of folds(rune)) out.push([other, other]);
	}
	return out;
}

/** One character inside brackets or outside of them. */
export function rune(code: number): string {
	const c = String.fromCodePoint(code);
	if (/^[0-9A-Za-z_ ]$/.test(c)) return c;
	return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

const PAIR = '[\\ud800-\\udbff][\\udc00-\\udfff]';
const SURROGATES: Range = [0xd800, 0xdfff];

/**
 * A class as JavaScript has it. Without its mode for Unicode a character beyond the first plane is two units, which a negated
 * class has to take together.
 * @param named Unicode properties (`\p{L}`), which only that mode knows.
 */
export function classText(ranges: readonly Range[], named: readonly string[], negated: boolean, unicode: boolean): string {
	const write = (all: readonly Range[]): string => all.map(([a, b]) => (a === b ? rune(a) : `${rune(a)}-${rune(b)}`)).join('');
	if (unicode) return `[${negated ? '^' : ''}${write(ranges)}${named.join('')}]`;
	if (!negated) return ranges.length === 0 ? '[]' : `[${write(ranges)}]`;
	return `(?:[^${write([...ranges, SURROGATES])}]|${PAIR})`;
}
