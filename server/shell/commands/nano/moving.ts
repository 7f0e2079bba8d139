/** Keys that move nano's cursor. */
import { columnOf, indexAt } from '../../screen/width.ts';
import { lineAt, next, type Place, previous } from '../vi/text.ts';
import type { TextBuffer } from './buffer.ts';

/** Moves the cursor, by pages of `height` rows and tabs of `tabsize` columns; false where the key is none that moves. */
export function move(buffer: TextBuffer, key: string, height: number, tabsize: number): boolean {
	const by = rowsOf(key, height);
	if (by !== undefined) {
		const { lines, cursor } = buffer;
		const row = Math.max(0, Math.min(lines.length - 1, cursor.row + by));
		buffer.wanted = buffer.wanted >= 0 ? buffer.wanted : columnOf(buffer.line, cursor.at, tabsize);
		buffer.cursor = { row, at: indexAt(lineAt(lines, row), buffer.wanted, tabsize) };
		return true;
	}
	const to = target(buffer, key);
	if (to === undefined) return false;
	buffer.cursor = to;
	buffer.wanted = -1;
	return true;
}

/** How many rows down a key goes. */
function rowsOf(key: string, height: number): number | undefined {
	if (key === '<Up>' || key === '<C-P>') return -1;
	if (key === '<Down>' || key === '<C-N>') return 1;
	if (key === '<PageUp>' || key === '<C-Y>') return 2 - height;
	if (key === '<PageDown>' || key === '<C-V>') return height - 2;
	return undefined;
}

/** The place before the cursor; undefined at the text's beginning. */
export function before({ lines, cursor, line }: TextBuffer): Place | undefined {
	const { row, at } = cursor;
	return at > 0 ? { row, at: previous(line, at) } : row > 0 ? { row: row - 1, at: lineAt(lines, row - 1).length } : undefined;
}

/** The place after the cursor; undefined at the text's end. */
export function after({ lines, cursor, line }: TextBuffer): Place | undefined {
	const { row, at } = cursor;
	return at < line.length ? { row, at: next(line, at) } : row < lines.length - 1 ? { row: row + 1, at: 0 } : undefined;
}

function target(buffer: TextBuffer, key: string): Place | undefined {
	const { lines, cursor, line } = buffer;
	const { row, at } = cursor;
	const last = lines.length - 1;
	if (key === '<Left>' || key === '<C-B>') return before(buffer) ?? cursor;
	if (key === '<Right>' || key === '<C-F>') return after(buffer) ?? cursor;
	if (key === '<Home>' || key === '<C-A>') return { row, at: 0 };
	if (key === '<End>' || key === '<C-E>') return { row, at: line.length };
	if (key === '<C-Right>') return { row, at: at + (/^\w*\W*/.exec(line.slice(at))?.[0].length ?? 0) };
	if (key === '<C-Left>') return { row, at: at - (/\w*\W*$/.exec(line.slice(0, at))?.[0].length ?? 0) };
	if (key === '<C-Home>') return { row: 0, at: 0 };
	if (key === '<C-End>') return { row: last, at: lineAt(lines, last).length };
	return undefined;
}
