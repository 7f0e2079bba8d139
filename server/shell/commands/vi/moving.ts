/** Keys that move: from a key and a count to a motion. */
import { indexAt, columnOf } from '../../screen/width.ts';
import { find, firstNonBlank, type Motion, paragraph, partner, wordBackward, wordEnd, wordEndBackward, wordForward } from './motions.ts';
import { lastOf, lineAt, next, previous } from './text.ts';
import { readCommandLine } from './command-line.ts';
import { searchFrom, startSearch, wordSearch } from './searching.ts';
import type { Steps, Vi } from './vi.ts';

const MOTION_KEYS = new Set(
	"h j k l w b e W B E 0 ^ $ G g f F t T ; , % { } H M L / ? n N * # + - _ | ( ) ' ` <Left> <Right> <Up> <Down> <Home> <End> <BS> <CR> <C-J> <C-N> <C-P> <C-F> <C-B> <C-D> <C-U> <PageDown> <PageUp> <C-Home> <C-End> <C-Right> <C-Left>".split(
		' ',
	),
);
MOTION_KEYS.add(' ');

export const isMotion = (key: string): boolean => MOTION_KEYS.has(key);

const repeat = <T>(count: number, from: T, step: (p: T) => T): T => {
	let p = from;
	for (let i = 0; i < Math.min(count, 100_000); i++) p = step(p);
	return p;
};

function vertical(vi: Vi, rows: number): Motion | undefined {
	const row = vi.cursor.row + rows;
	if (row < 0 || row >= vi.lines.length) return undefined;
	return { ...downTo(vi, row), linewise: true };
}

/** A row, at the column that is wanted. */
function downTo(vi: Vi, row: number): Motion {
	const { tabstop } = vi.options;
	const wanted = vi.wanted >= 0 ? vi.wanted : columnOf(lineAt(vi.lines, vi.cursor.row), vi.cursor.at, tabstop);
	const line = lineAt(vi.lines, row);
	return { to: { row, at: Math.min(indexAt(line, wanted, tabstop), lastOf(line)) }, wanted };
}

const lineStart = (vi: Vi, row: number): Motion => {
	const r = Math.max(0, Math.min(vi.lines.length - 1, row));
	return { to: { row: r, at: firstNonBlank(lineAt(vi.lines, r)) }, linewise: true };
};

function* findCharacter(vi: Vi, key: string, count: number): Steps<Motion | undefined> {
	const again = key === ';' || key === ',';
	let how = key;
	let c: string;
	if (again) {
		if (vi.lastFind === undefined) return undefined;
		({ how, c } = vi.lastFind);
		if (key === ',') how = how === how.toLowerCase() ? how.toUpperCase() : how.toLowerCase();
	} else {
		c = yield* vi.key();
		if (c === '<Tab>') c = '\t';
		if (c === '<Esc>') return undefined;
		vi.lastFind = { how, c };
	}
	const at = find(lineAt(vi.lines, vi.cursor.row), vi.cursor.at, how, c, count, again);
	if (at === undefined) return undefined;
	return { to: { row: vi.cursor.row, at }, inclusive: how === 'f' || how === 't' };
}

function* goMotion(vi: Vi, count: number | undefined): Steps<Motion | undefined> {
	const key = yield* vi.key();
	const n = count ?? 1;
	if (key === 'g') return lineStart(vi, n - 1);
	if (key === 'e' || key === 'E') return { to: repeat(n, vi.cursor, (p) => wordEndBackward(vi.lines, p, key === 'E')), inclusive: true };
	if (key === '_') {
		const row = Math.min(vi.lines.length - 1, vi.cursor.row + n - 1);
		return { to: { row, at: lastOf(lineAt(vi.lines, row).trimEnd()) }, inclusive: true };
	}
	if (key === 'j' || key === '<Down>') return vertical(vi, n);
	if (key === 'k' || key === '<Up>') return vertical(vi, -n);
	if (key === '0') return { to: { row: vi.cursor.row, at: 0 } };
	if (key === '*') return wordSearch(vi, false, n, false);
	return undefined;
}

function scrolled(vi: Vi, rows: number): Motion | undefined {
	const last = vi.lines.length - 1;
	const row = Math.max(0, Math.min(last, vi.cursor.row + rows));
	if (row === vi.cursor.row) return undefined;
	vi.top = Math.max(0, Math.min(last, vi.top + rows));
	return { to: { row, at: firstNonBlank(lineAt(vi.lines, row)) }, linewise: true };
}

function horizontal(vi: Vi, key: string, n: number, operating: boolean): Motion | undefined {
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	if (key === 'h' || key === '<Left>' || key === '<BS>') {
		if (at === 0) return undefined;
		return { to: { row, at: repeat(n, at, (a) => previous(line, a)) } };
	}
	const end = operating || vi.mode === 'visual' ? line.length : lastOf(line);
	if (at >= end) return undefined;
	return {
		to: {
			row,
			at: Math.min(
				end,
				repeat(n, at, (a) => next(line, a)),
			),
		},
	};
}

/** Where the motion of a key leads; undefined where it fails. `operating`: an operator waits for it. */
export function* motion(vi: Vi, key: string, count: number | undefined, operating = false): Steps<Motion | undefined> {
	const n = count ?? 1;
	const { row } = vi.cursor;
	const line = lineAt(vi.lines, row);
	switch (key) {
		case 'h':
		case '<Left>':
		case '<BS>':
		case 'l':
		case ' ':
		case '<Right>':
			return horizontal(vi, key, n, operating);
		case 'j':
		case '<Down>':
		case '<C-N>':
		case '<C-J>':
			return vertical(vi, n);
		case 'k':
		case '<Up>':
		case '<C-P>':
			return vertical(vi, -n);
		case '+':
		case '<CR>':
			return row + n < vi.lines.length ? lineStart(vi, row + n) : undefined;
		case '-':
			return row - n >= 0 ? lineStart(vi, row - n) : undefined;
		case '_':
			return lineStart(vi, row + n - 1);
		case 'w':
		case 'W':
		case '<C-Right>':
			return { to: repeat(n, vi.cursor, (p) => wordForward(vi.lines, p, key === 'W')) };
		case 'b':
		case 'B':
		case '<C-Left>':
			return { to: repeat(n, vi.cursor, (p) => wordBackward(vi.lines, p, key === 'B')) };
		case 'e':
		case 'E':
			return { to: repeat(n, vi.cursor, (p) => wordEnd(vi.lines, p, key === 'E')), inclusive: true };
		case '0':
		case '<Home>':
			return { to: { row, at: 0 } };
		case '^':
			return { to: { row, at: firstNonBlank(line) } };
		case '$':
		case '<End>': {
			const r = Math.min(vi.lines.length - 1, row + n - 1);
			return { to: { row: r, at: lastOf(lineAt(vi.lines, r)) }, inclusive: lineAt(vi.lines, r) !== '', wanted: Number.POSITIVE_INFINITY };
		}
		case '|':
			return { to: { row, at: indexAt(line, n - 1, vi.options.tabstop) } };
		case 'G':
			return lineStart(vi, count === undefined ? vi.lines.length - 1 : count - 1);
		case '<C-Home>':
			return lineStart(vi, 0);
		case '<C-End>':
			return lineStart(vi, vi.lines.length - 1);
		case 'g':
			return yield* goMotion(vi, count);
		case 'f':
		case 'F':
		case 't':
		case 'T':
		case ';':
		case ',':
			return yield* findCharacter(vi, key, n);
		case '%': {
			if (count !== undefined) return lineStart(vi, Math.ceil((count * vi.lines.length) / 100) - 1);
			const to = partner(vi.lines, vi.cursor);
			return to === undefined ? undefined : { to, inclusive: true };
		}
		case '{':
		case '(':
			return { to: { row: repeat(n, row, (r) => paragraph(vi.lines, r, -1)), at: 0 } };
		case '}':
		case ')': {
			const r = repeat(n, row, (p) => paragraph(vi.lines, p, 1));
			return { to: { row: r, at: lineAt(vi.lines, r) === '' ? 0 : operating ? lineAt(vi.lines, r).length : lastOf(lineAt(vi.lines, r)) } };
		}
		default:
			return yield* farMotion(vi, key, n);
	}
}

function* farMotion(vi: Vi, key: string, n: number): Steps<Motion | undefined> {
	const bottom = Math.min(vi.lines.length - 1, vi.top + vi.height - 1);
	switch (key) {
		case 'H':
			return lineStart(vi, Math.min(bottom, vi.top + n - 1));
		case 'M':
			return lineStart(vi, Math.floor((vi.top + bottom) / 2));
		case 'L':
			return lineStart(vi, Math.max(vi.top, bottom - n + 1));
		case '<C-F>':
		case '<PageDown>':
			return scrolled(vi, n * Math.max(1, vi.height - 2));
		case '<C-B>':
		case '<PageUp>':
			return scrolled(vi, -n * Math.max(1, vi.height - 2));
		case '<C-D>':
			return scrolled(vi, Math.max(1, Math.floor(vi.height / 2)));
		case '<C-U>':
			return scrolled(vi, -Math.max(1, Math.floor(vi.height / 2)));
		case '*':
		case '#':
			return wordSearch(vi, key === '#', n);
		case 'n':
		case 'N':
			if (vi.search === undefined) {
				vi.fail('E35: No previous regular expression');
				return undefined;
			}
			return searchFrom(vi, vi.cursor, n, key === 'N' ? !vi.search.back : vi.search.back);
		case '/':
		case '?': {
			const from = vi.cursor;
			const text = yield* readCommandLine(vi, key, (typed) => startSearch(vi, typed, key === '?', from, true));
			vi.cursor = from;
			return text === undefined ? undefined : startSearch(vi, text, key === '?', from, false, n);
		}
		default: {
			// ' and `: a mark.
			const name = yield* vi.key();
			const mark = vi.marks.get(name === "'" || name === '`' ? "'" : name);
			if (mark === undefined || mark.row >= vi.lines.length) {
				vi.fail('E20: Mark not set');
				return undefined;
			}
			return key === "'" ? lineStart(vi, mark.row) : { to: mark };
		}
	}
}

/** Motions after which `''` leads back. */
export const isJump = (key: string): boolean => ['G', 'g', 'n', 'N', '/', '?', '*', '#', '%', '{', '}', 'H', 'M', 'L', "'", '`'].includes(key);
