/** Where Vim's motions lead. A motion that leads nowhere gives undefined; upstream: Vim's normal.c, textobject.c, `:help motion.txt`. */
import { indentOf, lastOf, lineAt, type Lines, next, type Place, previous } from './text.ts';

export interface Motion {
	readonly to: Place;
	/** Operators take whole lines. */
	readonly linewise?: boolean;
	/** Operators take the character under `to`, too. */
	readonly inclusive?: boolean;
	/** The column is kept for the next up or down; Infinity: at lines' ends. */
	readonly wanted?: number;
}

type Kind = 'blank' | 'word' | 'other';

function kind(c: string | undefined, big: boolean): Kind {
	if (c === undefined || c === '' || /\s/.test(c)) return 'blank';
	return big || /[\p{L}\p{N}_]/u.test(c) ? 'word' : 'other';
}

const kindAt = (lines: Lines, p: Place, big: boolean): Kind => kind(lineAt(lines, p.row)[p.at], big);

/** The next place, over lines' ends; an empty line is a place of its own. */
function forward(lines: Lines, p: Place): Place | undefined {
	const line = lineAt(lines, p.row);
	const at = next(line, p.at);
	if (at < line.length) return { row: p.row, at };
	return p.row + 1 < lines.length ? { row: p.row + 1, at: 0 } : undefined;
}

function backward(lines: Lines, p: Place): Place | undefined {
	if (p.at > 0) return { row: p.row, at: previous(lineAt(lines, p.row), p.at) };
	return p.row > 0 ? { row: p.row - 1, at: lastOf(lineAt(lines, p.row - 1)) } : undefined;
}

/** `w`: the next word's first character; at the end of the text, behind its last character. */
export function wordForward(lines: Lines, from: Place, big: boolean): Place {
	let p: Place | undefined = from;
	const start = kindAt(lines, from, big);
	let row = from.row;
	if (start !== 'blank') while (p !== undefined && p.row === row && kindAt(lines, p, big) === start) p = forward(lines, p);
	while (p !== undefined && kindAt(lines, p, big) === 'blank') {
		if (lineAt(lines, p.row) === '' && (p.row !== from.row || p.at !== from.at)) return p;
		row = p.row;
		p = forward(lines, p);
	}
	return p ?? { row: lines.length - 1, at: lineAt(lines, lines.length - 1).length };
}

export function wordEnd(lines: Lines, from: Place, big: boolean): Place {
	let p = forward(lines, from);
	while (p !== undefined && kindAt(lines, p, big) === 'blank') p = forward(lines, p);
	if (p === undefined) return { row: lines.length - 1, at: lastOf(lineAt(lines, lines.length - 1)) };
	const k = kindAt(lines, p, big);
	for (let q = forward(lines, p); q !== undefined && q.row === p.row && kindAt(lines, q, big) === k; q = forward(lines, q)) p = q;
	return p;
}

export function wordBackward(lines: Lines, from: Place, big: boolean): Place {
	let p = backward(lines, from);
	while (p !== undefined && kindAt(lines, p, big) === 'blank') {
		if (lineAt(lines, p.row) === '') return p;
		p = backward(lines, p);
	}
	if (p === undefined) return { row: 0, at: 0 };
	const k = kindAt(lines, p, big);
	for (let q = backward(lines, p); q !== undefined && q.row === p.row && kindAt(lines, q, big) === k; q = backward(lines, q)) p = q;
	return p;
}

/** `ge`: the end of the word before. */
export function wordEndBackward(lines: Lines, from: Place, big: boolean): Place {
	let p: Place | undefined = from;
	const k = kindAt(lines, from, big);
	const { row } = from;
	if (k !== 'blank') while (p !== undefined && p.row === row && kindAt(lines, p, big) === k) p = backward(lines, p);
	while (p !== undefined && kindAt(lines, p, big) === 'blank' && lineAt(lines, p.row) !== '') p = backward(lines, p);
	return p ?? { row: 0, at: 0 };
}

export const firstNonBlank = (line: string): number => Math.min(indentOf(line).length, lastOf(line));

/** `f`, `F`, `t`, `T`: undefined where the character is not there so many times. */
export function find(line: string, at: number, how: string, c: string, count: number, again = false): number | undefined {
	let found = at;
	const back = how === 'F' || how === 'T';
	for (let i = 0; i < count; i++) {
		// `;` after `t` does not stay before the same character.
		const skip = again && i === 0 && (how === 't' || how === 'T') ? 1 : 0;
		found = back ? (found - 1 - skip < 0 ? -1 : line.lastIndexOf(c, found - 1 - skip)) : line.indexOf(c, found + 1 + skip);
		if (found < 0) return undefined;
	}
	return how === 't' ? previous(line, found) : how === 'T' ? found + c.length : found;
}

/** `}` and `{`: the next or last empty line behind a paragraph. */
export function paragraph(lines: Lines, row: number, step: 1 | -1): number {
	let r = row;
	while (r >= 0 && r < lines.length && lineAt(lines, r) === '') r += step;
	while (r >= 0 && r < lines.length && lineAt(lines, r) !== '') r += step;
	return Math.max(0, Math.min(lines.length - 1, r));
}

const PAIRS: { readonly [c: string]: readonly [string, 1 | -1] } = {
	'(': [')', 1],
	'[': [']', 1],
	'{': ['}', 1],
	')': ['(', -1],
	']': ['[', -1],
	'}': ['{', -1],
};

/** `%`: the partner of the first bracket at or after the cursor. */
export function partner(lines: Lines, from: Place): Place | undefined {
	const line = lineAt(lines, from.row);
	let at = from.at;
	while (at < line.length && PAIRS[line[at] ?? ''] === undefined) at++;
	const open = line[at] ?? '';
	const pair = PAIRS[open];
	if (pair === undefined) return undefined;
	return closing(lines, { row: from.row, at }, open, pair[0], pair[1]);
}

function closing(lines: Lines, from: Place, open: string, close: string, step: 1 | -1): Place | undefined {
	let depth = 0;
	for (let row = from.row; row >= 0 && row < lines.length; row += step) {
		const line = lineAt(lines, row);
		for (let at = row === from.row ? from.at : step > 0 ? 0 : line.length - 1; at >= 0 && at < line.length; at += step) {
			if (line[at] === open) depth++;
			else if (line[at] === close && --depth === 0) return { row, at };
		}
	}
	return undefined;
}

/** A text object's extent: `to` is behind its last character. */
export interface Extent {
	readonly from: Place;
	readonly to: Place;
	readonly linewise?: boolean;
}

function wordObject(lines: Lines, p: Place, around: boolean, big: boolean): Extent {
	const line = lineAt(lines, p.row);
	const k = kind(line[p.at], big);
	let from = p.at;
	let to = p.at;
	while (from > 0 && kind(line[from - 1], big) === k) from--;
	while (to < line.length && kind(line[to], big) === k) to++;
	if (around) {
		let end = to;
		if (k === 'blank') {
			const following = kind(line[end], big);
			while (end < line.length && kind(line[end], big) === following) end++;
		} else while (end < line.length && kind(line[end], big) === 'blank') end++;
		// White space after the word or, where there is none, before it.
		if (end === to) while (from > 0 && kind(line[from - 1], big) === 'blank') from--;
		to = end;
	}
	return { from: { row: p.row, at: from }, to: { row: p.row, at: to } };
}

function quoteObject(line: string, p: Place, around: boolean, quote: string): Extent | undefined {
	const places: number[] = [];
	for (let i = 0; i < line.length; i++) if (line[i] === quote && line[i - 1] !== '\\') places.push(i);
	for (let i = 0; i + 1 < places.length; i += 2) {
		const a = places[i] ?? 0;
		const b = places[i + 1] ?? 0;
		if (p.at > b) continue;
		if (!around) return { from: { row: p.row, at: a + 1 }, to: { row: p.row, at: b } };
		let to = b + 1;
		while (to < line.length && /\s/.test(line[to] ?? '')) to++;
		return { from: { row: p.row, at: a }, to: { row: p.row, at: to } };
	}
	return undefined;
}

function bracketObject(lines: Lines, p: Place, around: boolean, open: string, close: string): Extent | undefined {
	const here = lineAt(lines, p.row)[p.at];
	const start = here === open ? p : here === close ? closing(lines, p, close, open, -1) : enclosing(lines, p, open, close);
	const end = start === undefined ? undefined : closing(lines, start, open, close, 1);
	if (start === undefined || end === undefined) return undefined;
	if (around) return { from: start, to: { row: end.row, at: end.at + 1 } };
	const inner = { row: start.row, at: start.at + 1 };
	// A block on lines of its own: those lines, without the brackets'.
	if (inner.at >= lineAt(lines, inner.row).length && end.row > start.row + 1 && lineAt(lines, end.row).slice(0, end.at).trim() === '')
		return { from: { row: start.row + 1, at: 0 }, to: { row: end.row - 1, at: lineAt(lines, end.row - 1).length }, linewise: true };
	return { from: inner, to: end };
}

function enclosing(lines: Lines, p: Place, open: string, close: string): Place | undefined {
	let depth = 0;
	for (let row = p.row; row >= 0; row--) {
		const line = lineAt(lines, row);
		for (let at = row === p.row ? p.at - 1 : line.length - 1; at >= 0; at--) {
			if (line[at] === close) depth++;
			else if (line[at] === open && depth-- === 0) return { row, at };
		}
	}
	return undefined;
}

function paragraphObject(lines: Lines, p: Place, around: boolean): Extent {
	const empty = lineAt(lines, p.row).trim() === '';
	const same = (row: number): boolean => row >= 0 && row < lines.length && (lineAt(lines, row).trim() === '') === empty;
	let from = p.row;
	let to = p.row;
	while (same(from - 1)) from--;
	while (same(to + 1)) to++;
	if (around) for (; to + 1 < lines.length && (lineAt(lines, to + 1).trim() === '') !== empty; to++);
	return { from: { row: from, at: 0 }, to: { row: to, at: lineAt(lines, to).length }, linewise: true };
}

/** `iw`, `a"`, `i{` and so on. */
export function textObject(lines: Lines, p: Place, around: boolean, name: string): Extent | undefined {
	if (name === 'w' || name === 'W') return wordObject(lines, p, around, name === 'W');
	if (name === '"' || name === "'" || name === '`') return quoteObject(lineAt(lines, p.row), p, around, name);
	if (name === 'p') return paragraphObject(lines, p, around);
	const pair = ['()', '[]', '{}', '<>'].find((b) => b.includes(name)) ?? { b: '()', B: '{}' }[name];
	return pair === undefined ? undefined : bracketObject(lines, p, around, pair[0] ?? '', pair[1] ?? '');
}
