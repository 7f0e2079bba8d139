/** Normal mode: counts, registers, operators, and the commands of one key. */
import { isPrintable, pasted } from '../../screen/keys.ts';
import { exCommand } from './ex.ts';
import { writeAndQuit, quit } from './files.ts';
import { insert, put, replace } from './insert.ts';
import { isJump, isMotion, motion } from './moving.ts';
import { textObject, wordEnd } from './motions.ts';
import { extentOf, join, operate, putRegister, swapCase } from './operators.ts';
import { readCommandLine } from './command-line.ts';
import { indentOf, lastOf, lineAt, next, splice, spliceLines } from './text.ts';
import type { Steps, Vi } from './vi.ts';
import { selectRegion, visual } from './visual.ts';

interface Ask {
	readonly count: number | undefined;
	readonly register: string | undefined;
}

/** Counts and registers before a key: `"a3`. */
function* prefix(vi: Vi, first?: string): Steps<Ask & { readonly key: string }> {
	let digits = '';
	let register: string | undefined;
	let key = first ?? (yield* vi.key());
	for (;;) {
		if (/^[1-9]$/.test(key) || (digits !== '' && key === '0')) digits += key;
		else if (key === '"') register = yield* vi.key();
		else break;
		vi.showcmd += key;
		key = yield* vi.key();
	}
	return { count: digits === '' ? undefined : Math.min(Number(digits), 99_999_999), register, key };
}

/** An operator with what it works on: a motion, a text object, or itself twice for whole lines. */
function* operator(vi: Vi, name: string, ask: Ask): Steps<void> {
	vi.showcmd += name;
	const inner = yield* prefix(vi);
	const count = ask.count === undefined && inner.count === undefined ? undefined : (ask.count ?? 1) * (inner.count ?? 1);
	const { register } = ask;
	let { key } = inner;
	const { row } = vi.cursor;
	if (key === name || (name.length === 2 && key === name[1])) {
		const to = Math.min(vi.lines.length - 1, row + (count ?? 1) - 1);
		return yield* operate(vi, name, { from: { row, at: 0 }, to: { row: to, at: lineAt(vi.lines, to).length }, linewise: true }, register);
	}
	if (key === 'i' || key === 'a') {
		const x = textObject(vi.lines, vi.cursor, key === 'a', yield* vi.key());
		return x === undefined ? vi.beep() : yield* operate(vi, name, x, register);
	}
	if (!isMotion(key)) return vi.beep();
	// `cw` on a word takes it up to its end, as `ce` (`:help cw`).
	const onWord = /\S/.test(lineAt(vi.lines, row)[vi.cursor.at] ?? '');
	if (name === 'c' && (key === 'w' || key === 'W') && onWord) return yield* changeWord(vi, key === 'W', count ?? 1, register);
	if (key === '<Right>') key = 'l';
	const m = yield* motion(vi, key, count, true);
	if (m === undefined) return vi.beep();
	const word = key === 'w' || key === 'W';
	const x = extentOf(vi, m);
	// `dw` on a line's last word leaves the line's end.
	const end = word && !x.linewise && x.to.row > x.from.row ? { row: x.from.row, at: lineAt(vi.lines, x.from.row).length } : x.to;
	const straight = word && x.linewise ? { from: vi.cursor, to: { row, at: lineAt(vi.lines, row).length } } : { ...x, to: end };
	yield* operate(vi, name, straight, register);
}

function* changeWord(vi: Vi, big: boolean, count: number, register: string | undefined): Steps<void> {
	const line = lineAt(vi.lines, vi.cursor.row);
	const single = !/\w/.test(line[vi.cursor.at + 1] ?? '') || (!big && /\w/.test(line[vi.cursor.at] ?? '') !== /\w/.test(line[vi.cursor.at + 1] ?? ''));
	let to = vi.cursor;
	for (let i = 0; i < count; i++) if (i > 0 || !single) to = wordEnd(vi.lines, to, big);
	yield* operate(vi, 'c', { from: vi.cursor, to: { row: to.row, at: next(lineAt(vi.lines, to.row), to.at) } }, register);
}

/** `o` and `O`. */
function* open(vi: Vi, below: boolean): Steps<void> {
	const indent = vi.options.autoindent && !vi.options.paste ? indentOf(lineAt(vi.lines, vi.cursor.row)) : '';
	const row = vi.cursor.row + (below ? 1 : 0);
	vi.mode = 'insert';
	vi.lines = spliceLines(vi.lines, row, 0, [indent]);
	vi.moveTo({ row, at: indent.length });
	yield* insert(vi);
}

function* replaceCharacters(vi: Vi, count: number): Steps<void> {
	const key = yield* vi.key();
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	let end = at;
	for (let i = 0; i < count; i++) end = end < line.length ? next(line, end) : line.length + 1;
	if (key === '<Esc>' || end > line.length) return vi.beep();
	const c = key === '<CR>' ? '\n' : key === '<Tab>' ? '\t' : key;
	if (c === '\n') {
		vi.lines = splice(vi.lines, { row, at }, { row, at: end }, '\n');
		vi.moveTo({ row: row + 1, at: 0 });
	} else if (isPrintable(c) || c === '\t') {
		vi.lines = splice(vi.lines, { row, at }, { row, at: end }, c.repeat(count));
		vi.moveTo({ row, at: at + c.length * (count - 1) });
	}
}

function toggleCase(vi: Vi, count: number): void {
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	const end = Math.min(line.length, at + count);
	vi.lines = splice(vi.lines, { row, at }, { row, at: end }, swapCase(line.slice(at, end)));
	vi.moveTo({ row, at: Math.min(end, lastOf(line)) });
}

/** Ctrl-A and Ctrl-X: the number at or after the cursor. */
function addToNumber(vi: Vi, by: number): void {
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	const m = [...line.matchAll(/-?\d+/g)].find((n) => n.index + n[0].length > at);
	if (m === undefined) {
		vi.beep();
		return;
	}
	const text = String(Number(m[0]) + by);
	vi.lines = splice(vi.lines, { row, at: m.index }, { row, at: m.index + m[0].length }, text);
	vi.moveTo({ row, at: m.index + text.length - 1 });
}

/** zt, zz, zb and their likes: where the cursor's line stands on the screen. */
function* window(vi: Vi): Steps<void> {
	const key = yield* vi.key();
	const { row } = vi.cursor;
	if (key === 't' || key === '<CR>') vi.top = row;
	else if (key === 'z' || key === '.') vi.top = Math.max(0, row - Math.floor(vi.height / 2));
	else if (key === 'b' || key === '-') vi.top = Math.max(0, row - vi.height + 1);
	else if (key === 'Z') vi.beep();
}

function* macro(vi: Vi, count: number): Steps<void> {
	const name = yield* vi.key();
	const keys = vi.macros.get(name === '@' ? '@' : name);
	if (keys === undefined) return vi.beep();
	vi.macros.set('@', keys);
	// All that a macro feeds is bounded, or one that calls itself would go on for ever.
	if (vi.feed.length + keys.length * count > 100_000) return vi.fail('E132: Macro too deep');
	vi.feed = [...Array.from({ length: count }, () => keys).flat(), ...vi.feed];
}

function* repeatLast(vi: Vi, count: number | undefined): Steps<void> {
	const keys = [...vi.lastChange];
	if (keys.length === 0) return vi.beep();
	if (count !== undefined) {
		while (/^\d$/.test(keys[0] ?? '')) keys.shift();
		keys.unshift(...String(count));
	}
	const rest = vi.feed;
	vi.feed = keys;
	yield* action(vi);
	vi.feed = rest;
	vi.keys = ['.'];
}

/** Commands that insert: where they begin. */
function* inserting(vi: Vi, key: string, n: number, register: string | undefined): Steps<boolean> {
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	const place: { readonly [key: string]: number } = {
		i: at,
		'<Insert>': at,
		a: line === '' ? 0 : next(line, at),
		I: /^\s*/.exec(line)?.[0].length ?? 0,
		A: line.length,
	};
	const start = place[key];
	if (start !== undefined) {
		vi.moveTo({ row, at: start });
		yield* insert(vi, n);
	} else if (key === 'o' || key === 'O') yield* open(vi, key === 'o');
	else if (key === 'R') yield* replace(vi);
	else if (key === 'C') yield* operate(vi, 'c', { from: vi.cursor, to: { row, at: line.length } }, register);
	else if (key === 's') yield* operate(vi, 'c', { from: vi.cursor, to: { row, at: Math.min(line.length, at + n) } }, register);
	else if (key === 'S')
		yield* operate(
			vi,
			'c',
			{
				from: { row, at: 0 },
				to: { row: Math.min(vi.lines.length - 1, row + n - 1), at: lineAt(vi.lines, Math.min(vi.lines.length - 1, row + n - 1)).length },
				linewise: true,
			},
			register,
		);
	else return false;
	return true;
}

/** Commands that change at once. */
function* changing(vi: Vi, key: string, ask: Ask): Steps<boolean> {
	const n = ask.count ?? 1;
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	if (key === 'x' || key === '<Del>') {
		if (line === '') vi.beep();
		else yield* operate(vi, 'd', { from: vi.cursor, to: { row, at: Math.min(line.length, at + n) } }, ask.register);
	} else if (key === 'X') {
		if (at === 0) vi.beep();
		else yield* operate(vi, 'd', { from: { row, at: Math.max(0, at - n) }, to: vi.cursor }, ask.register);
	} else if (key === 'D') yield* operate(vi, 'd', { from: vi.cursor, to: { row, at: line.length } }, ask.register);
	else if (key === 'Y')
		yield* operate(vi, 'y', { from: { row, at: 0 }, to: { row: Math.min(vi.lines.length - 1, row + n - 1), at: 0 }, linewise: true }, ask.register);
	else if (key === 'J') {
		if (!join(vi, row, Math.max(2, n))) vi.beep();
	} else if (key === 'p' || key === 'P') {
		if (!putRegister(vi, ask.register, n, key === 'p')) vi.beep();
	} else if (key === 'r') yield* replaceCharacters(vi, n);
	else if (key === '~') toggleCase(vi, n);
	else if (key === '<C-A>') addToNumber(vi, n);
	else if (key === '<C-X>') addToNumber(vi, -n);
	else if (key === '&') yield* exCommand(vi, 's');
	else return yield* inserting(vi, key, n, ask.register);
	return true;
}

function* other(vi: Vi, key: string, ask: Ask): Steps<void> {
	const n = ask.count ?? 1;
	if (key === 'u') for (let i = 0; i < n; i++) vi.undo();
	else if (key === '<C-R>') for (let i = 0; i < n; i++) vi.redo();
	else if (key === ':') {
		const text = yield* readCommandLine(vi, ':', undefined, ask.count === undefined ? '' : `.,.+${n - 1}`);
		if (text !== undefined) yield* exCommand(vi, text);
	} else if (key === 'v' || key === 'V') yield* visual(vi, key === 'V');
	else if (key === 'm') vi.marks.set(yield* vi.key(), vi.cursor);
	else if (key === 'z') yield* window(vi);
	else if (key === '@') yield* macro(vi, n);
	else if (key === '<C-E>') vi.top = Math.min(vi.lines.length - 1, vi.top + n);
	else if (key === '<C-Y>') vi.top = Math.max(0, vi.top - n);
	else if (key === '<C-G>') yield* exCommand(vi, 'file');
	else if (key === '<C-C>') vi.say('Type  :qa  and press <Enter> to exit Vim');
	else if (key === '<C-Z>') vi.say('There is nothing to suspend to: open a second terminal beside this one');
	else if (key === 'Z') {
		const second = yield* vi.key();
		if (second === 'Z') yield* writeAndQuit(vi);
		else if (second === 'Q') quit(vi, true);
		else vi.beep();
	} else if (key === 'q') {
		if (vi.recording !== undefined) {
			vi.macros.set(vi.recording.name, vi.recording.keys.slice(0, -1));
			vi.recording = undefined;
		} else vi.recording = { name: yield* vi.key(), keys: [] };
	} else if (pasted(key) !== undefined) put(vi, pasted(key) ?? '');
	else if (key !== '<Esc>' && key !== '<C-L>') vi.beep();
}

const OPERATORS = new Set(['d', 'c', 'y', '>', '<', '=']);

/** One command of Normal mode, up to its end in Normal mode again. */
export function* action(vi: Vi): Steps<void> {
	const lines = vi.lines;
	const { cursor } = vi;
	vi.showcmd = '';
	vi.keys = [];
	const first = yield* vi.key();
	if (vi.listing !== undefined) {
		vi.listing = undefined;
		if (first === '<CR>' || first === ' ' || first === '<Esc>') return;
	}
	vi.say('');
	const { key, ...ask } = first === '<Region>' ? { key: first, count: undefined, register: undefined } : yield* prefix(vi, first);
	let repeatable = true;
	if (key === '<Region>') {
		selectRegion(vi);
		yield* visual(vi, vi.mode === 'visual-line', true);
		repeatable = false;
	} else if (key === '.') {
		yield* repeatLast(vi, ask.count);
		repeatable = false;
	} else if (OPERATORS.has(key)) {
		yield* operator(vi, key, ask);
		repeatable = key !== 'y';
	} else if (key === 'g') yield* afterG(vi, ask);
	else if (isMotion(key)) {
		yield* go(vi, key, ask.count);
		repeatable = false;
	} else if (!(yield* changing(vi, key, ask))) {
		yield* other(vi, key, ask);
		repeatable = false;
	}
	vi.clamp();
	vi.showcmd = '';
	if (key !== 'u' && key !== '<C-R>') vi.remember(lines, cursor);
	if (repeatable && vi.lines !== lines) vi.lastChange = [...vi.keys];
}

function* go(vi: Vi, key: string, count: number | undefined): Steps<void> {
	const from = vi.cursor;
	const m = yield* motion(vi, key, count);
	if (m === undefined) return vi.beep();
	if (isJump(key)) vi.marks.set("'", from);
	vi.moveTo(m.to, m.wanted);
}

/** Commands that begin with g, motions among them. */
function* afterG(vi: Vi, ask: Ask): Steps<void> {
	const key = yield* vi.key();
	if (key === '~' || key === 'u' || key === 'U') yield* operator(vi, `g${key}`, ask);
	else if (key === 'J') join(vi, vi.cursor.row, Math.max(2, ask.count ?? 1), false);
	else if (key === 'v') yield* visual(vi, false);
	else if (key === 'i') yield* insert(vi);
	else {
		vi.feed.unshift(key);
		vi.keys.pop();
		yield* go(vi, 'g', ask.count);
	}
}
