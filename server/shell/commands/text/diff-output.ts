/** The forms in which GNU diff shows changes: normal, side by side, ed's. Unified ones are git's own hunks. */
import type { Change } from '../git/lines.ts';
import type { Paint } from '../git/patch.ts';

const NO_NEWLINE = '\\ No newline at end of file\n';

const whole = (sign: string, line: string, paint: Paint, kind: 'old' | 'new'): string =>
	`${paint(kind, sign + line.replace(/\n$/, ''))}\n${line.endsWith('\n') ? '' : NO_NEWLINE}`;

/** Line numbers of a side: `3`, `2,4`; where there are none, the line before. */
const range = ([from, to]: readonly [number, number]): string => (to - from > 1 ? `${from + 1},${to}` : String(to));

export function normal(a: readonly string[], b: readonly string[], changes: readonly Change[], paint: Paint): string {
	let out = '';
	for (const c of changes) {
		const [none, nothing] = [c.a[0] === c.a[1], c.b[0] === c.b[1]];
		out += `${paint('frag', `${range(c.a)}${none ? 'a' : nothing ? 'd' : 'c'}${range(c.b)}`)}\n`;
		for (const l of a.slice(...c.a)) out += whole('< ', l, paint, 'old');
		if (!none && !nothing) out += '---\n';
		for (const l of b.slice(...c.b)) out += whole('> ', l, paint, 'new');
	}
	return out;
}

const TAB = 8;
const GUTTER = 3;

/** Blanks from one column to another, tabs as far as they go. */
function blanks(from: number, to: number): string {
	let out = '';
	let at = from;
	for (let tab = at + TAB - (at % TAB); tab <= to; tab += TAB) {
		out += '\t';
		at = tab;
	}
	return out + ' '.repeat(Math.max(0, to - at));
}

/** As much of a line as its half holds, and the column where that ends. */
function half(line: string, bound: number): { readonly text: string; readonly column: number } {
	let text = '';
	let input = 0;
	let column = 0;
	for (const c of line.replace(/\n$/, '')) {
		if (c === '\t') {
			const stop = column + TAB - (input % TAB);
			if (input === column && stop < bound) {
				text += c;
				column = stop;
			}
			input += TAB - (input % TAB);
		} else {
			input++;
			if (input <= bound) {
				text += c;
				column = input;
			}
		}
	}
	return { text, column };
}

/** Two columns in `width` characters, as diff's `-y` lays them out (side.c). */
export function sideBySide(a: readonly string[], b: readonly string[], changes: readonly Change[], width: number, common: boolean): string {
	const offset = Math.floor((width + TAB + GUTTER) / (2 * TAB)) * TAB;
	const bound = Math.max(0, Math.min(offset - GUTTER, width - offset));
	const second = bound > 0 ? offset : width;
	let out = '';
	const row = (left: string | undefined, mark: string, right: string | undefined): void => {
		let newline = left?.endsWith('\n') ?? false;
		const l = half(left ?? '', bound);
		let at = l.column;
		out += l.text;
		if (mark !== ' ') {
			const column = Math.floor((bound + second - 1) / 2);
			const uneven = mark === '|' && newline !== (right?.endsWith('\n') ?? false);
			out += blanks(at, column) + (uneven ? (newline ? '/' : '\\') : mark);
			at = Math.max(at, column) + 1;
		}
		if (right !== undefined) {
			newline ||= right.endsWith('\n');
			if (right !== '\n') out += blanks(at, second) + half(right, bound).text;
		}
		if (newline) out += '\n';
	};
	let [i, j] = [0, 0];
	const same = (until: number): void => {
		for (; i < until; i++, j++) if (common) row(a[i], ' ', b[j]);
	};
	for (const c of changes) {
		same(c.a[0]);
		while (i < c.a[1] && j < c.b[1]) row(a[i++], '|', b[j++]);
		while (j < c.b[1]) row(undefined, '>', b[j++]);
		while (i < c.a[1]) row(a[i++], '<', undefined);
	}
	same(a.length);
	return out;
}
