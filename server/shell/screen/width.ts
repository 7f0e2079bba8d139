/** Columns that characters take on a terminal (wcwidth): wide East Asian ones and emoji two, combining ones none. */

const WIDE: readonly (readonly [number, number])[] = [
	[0x1100, 0x115f],
	[0x2e80, 0x303e],
	[0x3041, 0x33ff],
	[0x3400, 0x4dbf],
	[0x4e00, 0x9fff],
	[0xa000, 0xa4cf],
	[0xac00, 0xd7a3],
	[0xf900, 0xfaff],
	[0xfe30, 0xfe6f],
	[0xff00, 0xff60],
	[0xffe0, 0xffe6],
	[0x1f300, 0x1f64f],
	[0x1f680, 0x1f6ff],
	[0x1f900, 0x1f9ff],
	[0x20000, 0x3fffd],
];
const COMBINING = /^[\p{Mn}\p{Me}\u200b-\u200f]$/u;

export function charWidth(c: string): number {
	const code = c.codePointAt(0) ?? 0;
	if (code < 0x300) return 1;
	if (COMBINING.test(c)) return 0;
	return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

export function textWidth(text: string): number {
	let n = 0;
	for (const c of text) n += charWidth(c);
	return n;
}

/** One cell group of a line as shown: a character of the file, and how it looks. */
interface Shown {
	/** Index into the line. */
	readonly at: number;
	readonly text: string;
	readonly width: number;
}

/** A line's characters as a terminal can show them: tabs as blanks, control characters as `^X`. */
export function shown(line: string, tabstop = 8): readonly Shown[] {
	const out: Shown[] = [];
	let column = 0;
	let at = 0;
	for (const c of line) {
		const width = c === '\t' ? tabstop - (column % tabstop) : c < ' ' || c === '\x7f' ? 2 : charWidth(c);
		const text = c === '\t' ? ' '.repeat(width) : c === '\x7f' ? '^?' : c < ' ' ? `^${String.fromCharCode(c.charCodeAt(0) + 64)}` : c;
		out.push({ at, text, width });
		column += width;
		at += c.length;
	}
	return out;
}

/** The column at which the character at `index` begins. */
export function columnOf(line: string, index: number, tabstop = 8): number {
	let column = 0;
	for (const s of shown(line, tabstop)) {
		if (s.at >= index) break;
		column += s.width;
	}
	return column;
}

/** The index of the character that covers a column; the line's length beyond its end. */
export function indexAt(line: string, column: number, tabstop = 8): number {
	let at = 0;
	for (const s of shown(line, tabstop)) {
		at += s.width;
		if (at > column) return s.at;
	}
	return line.length;
}

/** Cuts a text without escapes to so many columns. */
export function clip(text: string, columns: number): string {
	let n = 0;
	let out = '';
	for (const c of text) {
		n += charWidth(c);
		if (n > columns) break;
		out += c;
	}
	return out;
}
