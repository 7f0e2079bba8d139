/** d, c, y, >, <, =, ~, u and U over a stretch of text; put; join. */
import { insert, shifted } from './insert.ts';
import { firstNonBlank, type Extent, type Motion } from './motions.ts';
import { behind, before, indentOf, lastOf, lineAt, next, type Place, slice, splice, spliceLines } from './text.ts';
import { lineCount, type Steps, type Vi } from './vi.ts';

/** From the cursor along a motion, as an operator takes it. */
export function extentOf(vi: Vi, m: Motion): Extent {
	const [from, end] = before(m.to, vi.cursor) ? [m.to, vi.cursor] : [vi.cursor, m.to];
	if (m.linewise) return { from: { row: from.row, at: 0 }, to: { row: end.row, at: lineAt(vi.lines, end.row).length }, linewise: true };
	let to = m.inclusive && end !== from ? { row: end.row, at: next(lineAt(vi.lines, end.row), end.at) } : end;
	if (m.inclusive && end.row === from.row && end.at === from.at) to = { row: end.row, at: next(lineAt(vi.lines, end.row), end.at) };
	// "exclusive" motions that end at a line's first column end at the end of the line before (`:help exclusive`).
	if (!m.inclusive && to.row > from.row && to.at === 0) {
		to = { row: to.row - 1, at: lineAt(vi.lines, to.row - 1).length };
		if (from.at <= firstNonBlank(lineAt(vi.lines, from.row)) && lineAt(vi.lines, from.row).slice(0, from.at).trim() === '')
			return { from: { row: from.row, at: 0 }, to, linewise: true };
	}
	return { from, to: { row: to.row, at: Math.min(to.at, lineAt(vi.lines, to.row).length) } };
}

const textOf = (vi: Vi, x: Extent): string => (x.linewise ? `${vi.lines.slice(x.from.row, x.to.row + 1).join('\n')}\n` : slice(vi.lines, x.from, x.to));

export function remove(vi: Vi, x: Extent, register: string | undefined): void {
	vi.store(register, textOf(vi, x), x.linewise === true, false);
	const was = vi.lines.length;
	if (x.linewise) {
		vi.lines = spliceLines(vi.lines, x.from.row, x.to.row - x.from.row + 1, []);
		const row = Math.min(x.from.row, vi.lines.length - 1);
		vi.moveTo({ row, at: firstNonBlank(lineAt(vi.lines, row)) });
		if (was - vi.lines.length === 0 && vi.lines[0] === '') vi.say('--No lines in buffer--');
	} else {
		vi.lines = splice(vi.lines, x.from, x.to, '');
		vi.moveTo(x.from);
	}
	lineCount(vi, was);
}

export function yank(vi: Vi, x: Extent, register: string | undefined): void {
	vi.store(register, textOf(vi, x), x.linewise === true, true);
	const n = x.to.row - x.from.row + 1;
	if (n > 2 && x.linewise) vi.say(`${n} lines yanked`);
}

function* change(vi: Vi, x: Extent, register: string | undefined): Steps<void> {
	vi.store(register, textOf(vi, x), x.linewise === true, false);
	const indent = x.linewise && vi.options.autoindent ? indentOf(lineAt(vi.lines, x.from.row)) : '';
	vi.mode = 'insert';
	vi.lines = splice(vi.lines, x.from, x.to, indent);
	vi.moveTo({ row: x.from.row, at: x.from.at + indent.length });
	yield* insert(vi);
}

export function shiftLines(vi: Vi, from: number, to: number, steps: number): void {
	vi.lines = spliceLines(
		vi.lines,
		from,
		to - from + 1,
		vi.lines.slice(from, to + 1).map((l) => shifted(vi, l, steps)),
	);
	vi.moveTo({ row: from, at: firstNonBlank(lineAt(vi.lines, from)) });
	const n = to - from + 1;
	if (n > 2) vi.say(`${n} lines ${steps > 0 ? '>' : '<'}ed ${Math.abs(steps)} time${Math.abs(steps) === 1 ? '' : 's'}`);
}

function mapText(vi: Vi, x: Extent, map: (text: string) => string): void {
	vi.lines = splice(vi.lines, x.from, x.to, map(slice(vi.lines, x.from, x.to)));
	vi.moveTo(x.linewise ? { row: x.from.row, at: Math.min(vi.cursor.at, lastOf(lineAt(vi.lines, x.from.row))) } : x.from);
}

export const swapCase = (text: string): string => [...text].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join('');

/** Lines indented as the line before them is: what `=` makes of text without an indent program. */
function reindent(vi: Vi, x: Extent): void {
	const indent = indentOf(lineAt(vi.lines, x.from.row));
	const rows = vi.lines.slice(x.from.row, x.to.row + 1).map((l) => (l.trim() === '' ? '' : indent + l.trimStart()));
	vi.lines = spliceLines(vi.lines, x.from.row, rows.length, rows);
	vi.moveTo({ row: x.from.row, at: indent.length });
}

/** Does what an operator does with an extent. `steps`: how far `>` and `<` shift. */
export function* operate(vi: Vi, operator: string, x: Extent, register: string | undefined, steps = 1): Steps<void> {
	if (operator === 'd') remove(vi, x, register);
	else if (operator === 'y') {
		yank(vi, x, register);
		vi.moveTo(x.linewise ? { row: x.from.row, at: Math.min(vi.cursor.at, lastOf(lineAt(vi.lines, x.from.row))) } : x.from);
	} else if (operator === 'c') yield* change(vi, x, register);
	else if (operator === '>') shiftLines(vi, x.from.row, x.to.row, steps);
	else if (operator === '<') shiftLines(vi, x.from.row, x.to.row, -steps);
	else if (operator === '=') reindent(vi, x);
	else if (operator === 'g~') mapText(vi, x, swapCase);
	else if (operator === 'gu') mapText(vi, x, (t) => t.toLowerCase());
	else if (operator === 'gU') mapText(vi, x, (t) => t.toUpperCase());
	else if (operator === 'J') join(vi, x.from.row, Math.max(2, x.to.row - x.from.row + 1));
	vi.clamp();
}

/** `J`: lines made one, with a blank between them and without the indents. */
export function join(vi: Vi, row: number, count: number, blanks = true): boolean {
	if (row + 1 >= vi.lines.length) return false;
	const n = Math.min(count, vi.lines.length - row);
	let text = lineAt(vi.lines, row);
	let at = lastOf(text);
	for (const line of vi.lines.slice(row + 1, row + n)) {
		const rest = blanks ? line.trimStart() : line;
		const gap = blanks && rest !== '' && text !== '' && !/\s$/.test(text) && !rest.startsWith(')') ? ' ' : '';
		at = rest === '' ? lastOf(text) : text.length;
		text += gap + rest;
	}
	vi.lines = spliceLines(vi.lines, row, n, [text]);
	vi.moveTo({ row, at });
	return true;
}

/** `p` and `P`. */
export function putRegister(vi: Vi, name: string | undefined, count: number, after: boolean): boolean {
	const register = vi.register(name);
	if (register === undefined) {
		vi.fail(`E353: Nothing in register ${name ?? '"'}`);
		return false;
	}
	const times = Math.max(1, Math.min(count, Math.floor(4_000_000 / Math.max(1, register.text.length))));
	const text = register.text.repeat(times);
	const was = vi.lines.length;
	if (register.linewise) {
		const row = vi.cursor.row + (after ? 1 : 0);
		vi.lines = spliceLines(vi.lines, row, 0, text.replace(/\n$/, '').split('\n'));
		vi.moveTo({ row, at: firstNonBlank(lineAt(vi.lines, row)) });
	} else {
		const line = lineAt(vi.lines, vi.cursor.row);
		const from: Place = { row: vi.cursor.row, at: after && line !== '' ? next(line, vi.cursor.at) : vi.cursor.at };
		vi.lines = splice(vi.lines, from, from, text);
		const end = behind(from, text);
		vi.moveTo(text.includes('\n') ? from : { row: end.row, at: Math.max(0, end.at - 1) });
	}
	lineCount(vi, was);
	return true;
}
