/** Visual mode: a stretch marked first, then what is to be done with it. */
import { exCommand } from './ex.ts';
import { readCommandLine } from './command-line.ts';
import { isMotion, motion } from './moving.ts';
import { type Extent, textObject } from './motions.ts';
import { operate, putRegister, remove } from './operators.ts';
import { before, lastOf, lineAt, next, previous, splice } from './text.ts';
import type { Steps, Vi } from './vi.ts';

/** What is marked. */
export function selection(vi: Vi): Extent {
	const [from, to] = before(vi.cursor, vi.anchor) ? [vi.cursor, vi.anchor] : [vi.anchor, vi.cursor];
	if (vi.mode === 'visual-line') return { from: { row: from.row, at: 0 }, to: { row: to.row, at: lineAt(vi.lines, to.row).length }, linewise: true };
	const line = lineAt(vi.lines, to.row);
	return { from, to: { row: to.row, at: Math.min(line.length, next(line, to.at)) } };
}

/** Marks as much as the last visual change took: `.`. */
export function selectRegion(vi: Vi): void {
	const region = vi.region ?? { linewise: false, rows: 0, at: 0 };
	vi.anchor = vi.cursor;
	const row = Math.min(vi.lines.length - 1, vi.cursor.row + region.rows);
	vi.mode = region.linewise ? 'visual-line' : 'visual';
	vi.cursor = { row, at: Math.min(lastOf(lineAt(vi.lines, row)), region.rows === 0 ? vi.cursor.at + region.at : region.at) };
}

const OPERATOR: { readonly [key: string]: string } = {
	d: 'd',
	x: 'd',
	'<Del>': 'd',
	y: 'y',
	c: 'c',
	s: 'c',
	'>': '>',
	'<': '<',
	'=': '=',
	'~': 'g~',
	u: 'gu',
	U: 'gU',
	J: 'J',
};
/** These take whole lines, however the text is marked. */
const WHOLE: { readonly [key: string]: string } = { D: 'd', X: 'd', Y: 'y', C: 'c', S: 'c', R: 'c' };

function* apply(vi: Vi, key: string, register: string | undefined, count: number): Steps<boolean> {
	const whole = WHOLE[key];
	if (whole !== undefined) vi.mode = 'visual-line';
	const x = selection(vi);
	const end = previous(lineAt(vi.lines, x.to.row), x.to.at);
	vi.marks.set('<', x.from);
	vi.marks.set('>', { row: x.to.row, at: end });
	const operator = whole ?? OPERATOR[key];
	const region = { linewise: x.linewise === true, rows: x.to.row - x.from.row, at: x.from.row === x.to.row ? end - x.from.at : end };
	if (operator !== undefined) {
		vi.mode = 'normal';
		vi.cursor = x.from;
		vi.region = region;
		yield* operate(vi, operator, x, register, count);
		return true;
	}
	if (key === 'p' || key === 'P') {
		const held = vi.register(register);
		vi.mode = 'normal';
		remove(vi, x, undefined);
		const taken = vi.register('"');
		if (held !== undefined) {
			vi.registers.set('"', held);
			if (held.linewise && x.linewise !== true) vi.lines = splice(vi.lines, vi.cursor, vi.cursor, '\n');
			putRegister(vi, '"', count, x.linewise === true ? vi.cursor.row < x.from.row : false);
		}
		if (taken !== undefined) vi.registers.set('"', taken);
		return true;
	}
	if (key === 'r') {
		const c = yield* vi.key();
		vi.mode = 'normal';
		const text = vi.lines
			.slice(x.from.row, x.to.row + 1)
			.join('\n')
			.slice(x.from.at, undefined);
		const length = text.length - (lineAt(vi.lines, x.to.row).length - x.to.at);
		vi.lines = splice(
			vi.lines,
			x.from,
			x.to,
			text.slice(0, length).replace(/[^\n]/g, () => c),
		);
		vi.moveTo(x.from);
		return true;
	}
	return false;
}

/** `I` and `A` are for blocks; what is marked here by lines is put before or behind as a whole. */
export function* visual(vi: Vi, linewise: boolean, again = false): Steps<void> {
	if (!again) {
		vi.mode = linewise ? 'visual-line' : 'visual';
		vi.anchor = vi.cursor;
	}
	for (;;) {
		let digits = '';
		let register: string | undefined;
		let key = yield* vi.key();
		const begin = vi.keys.length - 1;
		while (/^[1-9]$/.test(key) || (digits !== '' && key === '0') || key === '"') {
			if (key === '"') register = yield* vi.key();
			else digits += key;
			key = yield* vi.key();
		}
		const count = digits === '' ? undefined : Number(digits);
		if (key === '<Esc>' || key === '<C-C>' || (key === 'v' && vi.mode === 'visual') || (key === 'V' && vi.mode === 'visual-line')) break;
		if (key === 'v' || key === 'V') vi.mode = key === 'V' ? 'visual-line' : 'visual';
		else if (key === 'o' || key === 'O') [vi.anchor, vi.cursor] = [vi.cursor, vi.anchor];
		else if (key === ':') {
			const x = selection(vi);
			vi.marks.set('<', x.from);
			vi.marks.set('>', x.to);
			vi.mode = 'normal';
			const text = yield* readCommandLine(vi, ':', undefined, "'<,'>");
			if (text !== undefined) yield* exCommand(vi, text);
			return;
		} else if (key === 'i' || key === 'a') {
			const x = textObject(vi.lines, vi.cursor, key === 'a', yield* vi.key());
			if (x !== undefined) {
				vi.anchor = x.from;
				vi.cursor = { row: x.to.row, at: Math.max(0, previous(lineAt(vi.lines, x.to.row), x.to.at)) };
				if (x.linewise) vi.mode = 'visual-line';
			}
		} else if (isMotion(key)) {
			const m = yield* motion(vi, key, count);
			if (m !== undefined) vi.moveTo(m.to, m.wanted);
			vi.clamp();
		} else {
			const lines = vi.lines;
			if (yield* apply(vi, key, register, count ?? 1)) {
				// `.` does the same to as much text from the cursor on.
				if (vi.lines !== lines && key !== 'y' && key !== 'Y') vi.lastChange = ['<Region>', ...vi.keys.slice(begin)];
				break;
			}
			vi.beep();
		}
	}
	vi.mode = 'normal';
	vi.clamp();
}
