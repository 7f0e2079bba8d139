/** Addresses before an Ex command: numbers, `.`, `$`, `%`, marks, patterns, with offsets. */
import { matchesIn } from './searching.ts';
import { compile } from './pattern.ts';
import type { Vi } from './vi.ts';

interface Range {
	/** Rows from 0, in order. */
	readonly from: number;
	readonly to: number;
	readonly addresses: number;
	/** Characters that the addresses take. */
	readonly length: number;
}

function searchRow(vi: Vi, pattern: string, from: number, back: boolean): number | undefined {
	const expression = compile(pattern === '' ? (vi.search?.pattern ?? '') : pattern, vi.options);
	const n = vi.lines.length;
	if (expression !== undefined)
		for (let i = 1; i <= n; i++) {
			const row = (from + (back ? -i : i) + n) % n;
			if (matchesIn(vi.lines[row] ?? '', expression).length > 0) return row;
		}
	vi.fail(`E486: Pattern not found: ${pattern}`);
	return undefined;
}

/** One address at the beginning of `text`; null where it names nothing, undefined where there is none. */
function address(vi: Vi, text: string, current: number): { readonly row: number; readonly length: number } | null | undefined {
	const base = /^(\d+|\.|\$|'[a-zA-Z<>']|\/(?:\\.|[^/\\])*\/?|\?(?:\\.|[^?\\])*\??)/.exec(text)?.[0] ?? '';
	const offsets = /^(?:\s*[+-]\d*)*/.exec(text.slice(base.length))?.[0] ?? '';
	if (base === '' && offsets === '') return undefined;
	let row: number | undefined = current;
	if (/^\d/.test(base)) row = Math.max(0, Number(base) - 1);
	else if (base === '$') row = vi.lines.length - 1;
	else if (base.startsWith("'")) {
		row = vi.marks.get(base[1] ?? '')?.row;
		if (row === undefined) vi.fail('E20: Mark not set');
	} else if (base.startsWith('/') || base.startsWith('?')) row = searchRow(vi, base.slice(1).replace(/[/?]$/, ''), current, base.startsWith('?'));
	if (row === undefined) return null;
	for (const [, sign, n] of offsets.matchAll(/([+-])(\d*)/g)) row += (sign === '+' ? 1 : -1) * (n === '' ? 1 : Number(n));
	return { row, length: base.length + offsets.length };
}

/** The range at the beginning of a command; undefined where it is none (what is wrong has been said, or is E16). */
export function parseRange(vi: Vi, text: string): Range | undefined {
	const here = vi.cursor.row;
	const last = vi.lines.length - 1;
	if (text.startsWith('%')) return { from: 0, to: last, addresses: 2, length: 1 };
	let at = 0;
	let current = here;
	const rows: number[] = [];
	for (;;) {
		const a = address(vi, text.slice(at), current);
		if (a === null) return undefined;
		if (a !== undefined) at += a.length;
		const separator = /^\s*([,;])/.exec(text.slice(at));
		if (a === undefined && separator === null) break;
		rows.push(a?.row ?? current);
		if (separator === null) break;
		at += separator[0].length;
		if (separator[1] === ';') current = rows.at(-1) ?? current;
		if (address(vi, text.slice(at), current) === undefined) {
			rows.push(current);
			break;
		}
	}
	const used = rows.slice(-2);
	const a = used[0] ?? here;
	const b = used.at(-1) ?? here;
	// A bare number past the end leads to the last line; in a range it is an error.
	if (used.length === 1 && at === text.length) return { from: Math.min(a, last), to: Math.min(b, last), addresses: 1, length: at };
	if (a < 0 || b < 0 || a > last || b > last) return undefined;
	return { from: Math.min(a, b), to: Math.max(a, b), addresses: used.length, length: at };
}
