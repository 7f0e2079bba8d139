/** nano's screen: the title, the text, what is said or asked, and the keys. */
import type { Frame } from '../../screen/full-screen.ts';
import { clip, columnOf, shown } from '../../screen/width.ts';
import { lineAt } from '../vi/text.ts';
import type { Ask } from './asking.ts';
import type { TextBuffer } from './buffer.ts';

const VERSION = 'GNU nano 8.4';
/** Characters of a line that are looked at for the screen. */
const LINE_CHARACTERS = 20_000;

/** What there is to show. */
export interface View {
	readonly buffer: TextBuffer;
	readonly path: string;
	/** The first row of the text on the screen, and how many there are. */
	readonly top: number;
	readonly height: number;
	/** Line numbers are shown. */
	readonly numbers: boolean;
	readonly tabsize: number;
	readonly message: string;
	readonly ask: Ask | undefined;
	readonly helping: boolean;
}

export function frameOf(view: View, columns: number, rows: number): Frame {
	const { buffer, ask, tabsize } = view;
	const { cursor, lines } = buffer;
	if (view.helping) return { lines: [title(view, columns), ...HELP.slice(0, rows - 2), '\x1b[7mPress any key to go back\x1b[0m'] };
	const margin = view.numbers ? String(lines.length).length + 1 : 0;
	const width = Math.max(2, columns - margin);
	const column = columnOf(buffer.line, cursor.at, tabsize);
	const out = [title(view, columns)];
	for (let i = 0; i < view.height; i++) {
		const row = view.top + i;
		const number = row < lines.length && margin > 0 ? `${String(row + 1).padStart(margin - 1)} ` : '';
		out.push(number + shiftedLine(lineAt(lines, row), width, row === cursor.row ? column : 0, tabsize));
	}
	out.push(foot(view, columns), ...(ask === undefined ? keysLine(columns) : ask.yesNo ? [' Y Yes', ' N No           ^C Cancel'] : ['^C Cancel', '']));
	if (ask !== undefined) return { lines: out, cursor: { row: rows - 3, column: Math.min(columns - 1, ask.text.length + ask.value.length) } };
	return { lines: out, cursor: { row: 1 + cursor.row - view.top, column: margin + column - shiftOf(column, width) } };
}

function title({ path, buffer }: View, columns: number): string {
	const middle = path === '' ? 'New Buffer' : path;
	const state = buffer.modified ? 'Modified' : buffer.readonly ? 'View' : '';
	const text = `  ${VERSION}${' '.repeat(Math.max(1, Math.floor((columns - middle.length) / 2) - VERSION.length - 2))}${middle}`;
	return `\x1b[7m${clip(text, columns - 10).padEnd(columns - 10)}${state.padEnd(10)}\x1b[0m`;
}

function foot({ ask, message }: View, columns: number): string {
	if (ask !== undefined) return `\x1b[7m${clip(ask.text + ask.value, columns - 1).padEnd(columns)}\x1b[0m`;
	return message === '' ? '' : `${' '.repeat(Math.max(0, Math.floor((columns - message.length) / 2)))}\x1b[7m${clip(message, columns)}\x1b[0m`;
}

/** Columns that a line is moved sideways by, so that the cursor's is in it. */
const shiftOf = (column: number, width: number): number => (column >= width ? Math.floor(column / (width - 1)) * (width - 1) : 0);

function shiftedLine(line: string, width: number, column: number, tabsize: number): string {
	const from = shiftOf(column, width);
	let at = 0;
	let out = '';
	for (const s of shown(line.slice(0, LINE_CHARACTERS), tabsize)) {
		if (at >= from && at + s.width - from <= width) out += s.text;
		at += s.width;
		if (at - from > width) return `${out.slice(0, -1)}\x1b[7m>\x1b[0m`;
	}
	return out;
}

const KEYS = [
	['^G Help', '^O Write Out', '^W Where Is', '^K Cut', '^C Location', 'M-U Undo'],
	['^X Exit', '^S Save', '^\\ Replace', '^U Paste', '^_ Go To Line', 'M-E Redo'],
] as const;

/** The two lines of keys at the bottom, as many as fit. */
function keysLine(columns: number): string[] {
	const count = Math.max(1, Math.min(6, Math.floor(columns / 13)));
	const width = Math.floor(columns / count);
	return KEYS.map((row) =>
		row
			.slice(0, count)
			.map((k) => {
				const at = k.indexOf(' ');
				return `\x1b[7m${k.slice(0, at)}\x1b[0m${k
					.slice(at)
					.padEnd(width - at)
					.slice(0, width - at)}`;
			})
			.join(''),
	);
}

/** Told by ^G and by `help nano`. */
export const HELP = [
	'',
	'  ^ is the Ctrl key, M- is Esc and then the key.',
	'',
	'  ^S save    ^O write out (under a name)    ^X leave',
	'  ^K cut a line    ^U paste    M-A mark, then ^K or M-6 (copy)',
	'  ^W search   M-W next   ^\\ replace all    M-U undo   M-E redo',
	'  ^A ^E line   ^Y ^V page   M-\\ M-/ ends   ^_ line number   M-N line numbers',
];
