/** Insert and Replace mode: keys until Esc. */
import { isPrintable, pasted } from '../../screen/keys.ts';
import { behind, before, indentOf, lastOf, lineAt, next, previous, slice, splice } from './text.ts';
import type { Steps, Vi } from './vi.ts';
import { firstNonBlank, wordBackward } from './motions.ts';
import { columnOf } from '../../screen/width.ts';

/** Puts a text in at the cursor, which goes behind it. */
export function put(vi: Vi, text: string): void {
	vi.lines = splice(vi.lines, vi.cursor, vi.cursor, text);
	vi.moveTo(behind(vi.cursor, text));
}

function eraseTo(vi: Vi, from: { row: number; at: number }): void {
	vi.lines = splice(vi.lines, from, vi.cursor, '');
	vi.moveTo(from);
}

/** Blanks or a tab, up to the next stop. */
function tab(vi: Vi): void {
	const { expandtab, softtabstop, tabstop, paste } = vi.options;
	if (!expandtab || paste) {
		put(vi, '\t');
		return;
	}
	const stop = softtabstop > 0 ? softtabstop : tabstop;
	const column = columnOf(lineAt(vi.lines, vi.cursor.row), vi.cursor.at, tabstop);
	put(vi, ' '.repeat(stop - (column % stop)));
}

function backspace(vi: Vi): void {
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	const { softtabstop, paste } = vi.options;
	if (at === 0) {
		if (row > 0) eraseTo(vi, { row: row - 1, at: lineAt(vi.lines, row - 1).length });
		return;
	}
	// 'softtabstop': blanks of one stop go together.
	const blanks = /^ *$/.test(line.slice(0, at)) && softtabstop > 0 && !paste ? (at % softtabstop === 0 ? softtabstop : at % softtabstop) : 0;
	eraseTo(vi, { row, at: blanks > 0 ? at - blanks : previous(line, at) });
}

function newline(vi: Vi): void {
	const line = lineAt(vi.lines, vi.cursor.row);
	const indent = vi.options.autoindent && !vi.options.paste ? indentOf(line).slice(0, vi.cursor.at) : '';
	const rest = line.slice(vi.cursor.at);
	// A line of nothing but its indent loses it, and blanks before the break's rest go.
	if (indent !== '' && line.trim() === '') {
		const { row } = vi.cursor;
		vi.lines = splice(vi.lines, { row, at: 0 }, { row, at: line.length }, '');
		vi.cursor = { row, at: 0 };
	} else if (indent !== '' && rest !== rest.trimStart()) {
		const { row, at } = vi.cursor;
		vi.lines = splice(vi.lines, { row, at }, { row, at: at + rest.length - rest.trimStart().length }, '');
	}
	put(vi, `\n${indent}`);
}

/** Ctrl-T and Ctrl-D: the line's indent, a step more or less. */
function shift(vi: Vi, step: 1 | -1): void {
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	const changed = shifted(vi, line, step);
	vi.lines = splice(vi.lines, { row, at: 0 }, { row, at: line.length }, changed);
	vi.moveTo({ row, at: Math.max(0, at + changed.length - line.length) });
}

/** A line with its indent moved by 'shiftwidth'. */
export function shifted(vi: Vi, line: string, steps: number): string {
	if (line === '') return line;
	const { shiftwidth, tabstop, expandtab } = vi.options;
	const indent = indentOf(line);
	const width = columnOf(line, indent.length, tabstop) + steps * (shiftwidth === 0 ? tabstop : shiftwidth);
	const columns = Math.max(0, width);
	const blanks = expandtab ? ' '.repeat(columns) : '\t'.repeat(Math.floor(columns / tabstop)) + ' '.repeat(columns % tabstop);
	return blanks + line.slice(indent.length);
}

function move(vi: Vi, key: string): boolean {
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	if (key === '<Left>') vi.moveTo({ row, at: previous(line, at) });
	else if (key === '<Right>') vi.moveTo({ row, at: at < line.length ? next(line, at) : at });
	else if (key === '<Up>' || key === '<Down>') {
		const to = Math.max(0, Math.min(vi.lines.length - 1, row + (key === '<Up>' ? -1 : 1)));
		vi.moveTo({ row: to, at: Math.min(at, lineAt(vi.lines, to).length) });
	} else if (key === '<Home>') vi.moveTo({ row, at: 0 });
	else if (key === '<End>') vi.moveTo({ row, at: line.length });
	else return false;
	return true;
}

/** Words of the text that begin as the one before the cursor: Ctrl-N takes the next such word after the cursor's line, Ctrl-P before it. */
function completeWord(vi: Vi, forwards: boolean): void {
	const { row, at } = vi.cursor;
	const start = /[\w-]*$/.exec(lineAt(vi.lines, row).slice(0, at))?.[0] ?? '';
	if (start === '') return;
	const order = forwards
		? [...vi.lines.slice(row + 1), ...vi.lines.slice(0, row + 1)]
		: [...vi.lines.slice(0, row).reverse(), ...vi.lines.slice(row).reverse()];
	for (const line of order)
		for (const word of line.match(/[\w-]+/g) ?? [])
			if (word.startsWith(start) && word !== start) {
				put(vi, word.slice(start.length));
				return;
			}
	vi.fail('E486: Pattern not found');
}

function* typed(vi: Vi, key: string): Steps<void> {
	const text = pasted(key);
	if (text !== undefined) put(vi, text);
	else if (key === '<CR>' || key === '<C-J>') newline(vi);
	else if (key === '<Tab>') tab(vi);
	else if (key === '<BS>') backspace(vi);
	else if (key === '<Del>') {
		const line = lineAt(vi.lines, vi.cursor.row);
		if (vi.cursor.at < line.length) vi.lines = splice(vi.lines, vi.cursor, { row: vi.cursor.row, at: next(line, vi.cursor.at) }, '');
		else if (vi.cursor.row + 1 < vi.lines.length) vi.lines = splice(vi.lines, vi.cursor, { row: vi.cursor.row + 1, at: 0 }, '');
	} else if (key === '<C-W>') {
		if (vi.cursor.at === 0) backspace(vi);
		else {
			const to = wordBackward(vi.lines, vi.cursor, false);
			eraseTo(vi, before(to, { row: vi.cursor.row, at: 0 }) ? { row: vi.cursor.row, at: 0 } : to);
		}
	} else if (key === '<C-U>') {
		const indent = firstNonBlank(lineAt(vi.lines, vi.cursor.row));
		eraseTo(vi, { row: vi.cursor.row, at: vi.cursor.at > indent ? indent : 0 });
	} else if (key === '<C-T>') shift(vi, 1);
	else if (key === '<C-D>') shift(vi, -1);
	else if (key === '<C-N>' || key === '<C-P>') completeWord(vi, key === '<C-N>');
	else if (key === '<C-R>') {
		const register = vi.register(yield* vi.key());
		if (register !== undefined) put(vi, register.text);
	} else if (key === '<C-V>') {
		const literal = yield* vi.key();
		put(vi, literal === '<Tab>' ? '\t' : isPrintable(literal) ? literal : '');
	} else if (key === '<C-E>' || key === '<C-Y>') {
		const other = lineAt(vi.lines, vi.cursor.row + (key === '<C-E>' ? 1 : -1));
		put(vi, other.slice(vi.cursor.at, next(other, vi.cursor.at)));
	} else if (isPrintable(key)) put(vi, key);
}

/** Insert mode until Esc. `count`: how often what is typed is put in altogether. */
export function* insert(vi: Vi, count = 1): Steps<void> {
	vi.mode = 'insert';
	let start = vi.cursor;
	let plain = true;
	for (;;) {
		const key = yield* vi.key();
		if (key === '<Esc>' || key === '<C-C>') break;
		if (move(vi, key)) {
			start = vi.cursor;
			plain = false;
		} else yield* typed(vi, key);
		vi.clamp();
	}
	const text = plain && before(start, vi.cursor) ? slice(vi.lines, start, vi.cursor) : '';
	for (let i = 1; i < Math.min(count, 10_000) && text !== ''; i++) put(vi, text);
	leave(vi);
}

/** Replace mode: what is typed stands in place of what was there; Backspace brings that back. */
export function* replace(vi: Vi): Steps<void> {
	vi.mode = 'replace';
	const was: string[] = [];
	for (;;) {
		const key = yield* vi.key();
		if (key === '<Esc>' || key === '<C-C>') break;
		const { row, at } = vi.cursor;
		const line = lineAt(vi.lines, row);
		if (key === '<BS>') {
			const old = was.pop();
			if (old !== undefined) {
				const from = { row, at: previous(line, at) };
				vi.lines = splice(vi.lines, from, { row, at }, old);
				vi.moveTo(from);
			}
		} else if (isPrintable(key)) {
			const end = at < line.length ? next(line, at) : at;
			was.push(line.slice(at, end));
			vi.lines = splice(vi.lines, { row, at }, { row, at: end }, key);
			vi.moveTo({ row, at: at + key.length });
		} else if (key === '<CR>') newline(vi);
		else move(vi, key);
		vi.clamp();
	}
	leave(vi);
}

/** Back to Normal mode: the cursor goes one to the left; an indent with nothing behind it goes. */
function leave(vi: Vi): void {
	vi.mode = 'normal';
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	if (line !== '' && line.trim() === '' && at === line.length && vi.options.autoindent && vi.keys.at(-2) !== ' ') {
		vi.lines = splice(vi.lines, { row, at: 0 }, { row, at }, '');
		vi.cursor = { row, at: 0 };
	} else vi.moveTo({ row, at: Math.min(previous(line, at), lastOf(line)) });
	vi.clamp();
}
