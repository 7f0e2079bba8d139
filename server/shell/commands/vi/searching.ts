/** Searching forwards and backwards, around the end of the text. */
import { bounded } from '../../interpreter/bounded.ts';
import { ShellError } from '../../interpreter/variables.ts';
import type { Motion } from './motions.ts';
import { compile } from './pattern.ts';
import { before, lineAt, type Place } from './text.ts';
import type { Vi } from './vi.ts';

/** Places where a pattern matches in one line. */
export function matchesIn(line: string, expression: RegExp): readonly { readonly at: number; readonly length: number }[] {
	const out: { at: number; length: number }[] = [];
	expression.lastIndex = 0;
	for (let m = expression.exec(line); m !== null && out.length < 2000; m = expression.exec(line)) {
		out.push({ at: m.index, length: m[0].length });
		if (m[0] === '') expression.lastIndex++;
	}
	return out;
}

/** The next match from a place on; `wrapped` where the end was passed. */
function once(vi: Vi, expression: RegExp, from: Place, back: boolean): { readonly to: Place; readonly wrapped: boolean } | undefined {
	const count = vi.lines.length;
	for (let i = 0; i <= count; i++) {
		const row = (((from.row + (back ? -i : i)) % count) + count) % count;
		const wrapped = back ? from.row - i < 0 : from.row + i >= count;
		if (wrapped && !vi.options.wrapscan) return undefined;
		const found = matchesIn(lineAt(vi.lines, row), expression).map((m) => ({ row, at: m.at }));
		const beyond = (p: Place): boolean => (i === 0 ? (back ? before(p, from) : before(from, p)) : true);
		const hit = back ? found.filter(beyond).at(-1) : found.find(beyond);
		if (hit !== undefined) return { to: hit, wrapped };
	}
	return undefined;
}

/** The `count`th match; says so where it goes round, or where there is none. */
export function searchFrom(vi: Vi, from: Place, count: number, back: boolean, quiet = false): Motion | undefined {
	const pattern = vi.search?.pattern ?? '';
	const expression = compile(pattern, vi.options);
	if (expression === undefined) {
		if (!quiet) vi.fail(`E486: Pattern not found: ${pattern}`);
		return undefined;
	}
	let at = from;
	let wrapped = false;
	try {
		for (let i = 0; i < Math.min(count, 10_000); i++) {
			const hit = bounded(expression, (e) => once(vi, e, at, back));
			if (hit === undefined) {
				const wall = vi.options.wrapscan
					? 'E486: Pattern not found'
					: back
						? 'E384: Search hit TOP without match for'
						: 'E385: Search hit BOTTOM without match for';
				if (!quiet) vi.fail(`${wall}: ${pattern}`);
				return undefined;
			}
			at = hit.to;
			wrapped ||= hit.wrapped;
		}
	} catch (e) {
		if (!(e instanceof ShellError)) throw e;
		if (!quiet) vi.fail(e.message);
		return undefined;
	}
	if (!quiet) {
		if (wrapped) vi.fail(back ? 'search hit TOP, continuing at BOTTOM' : 'search hit BOTTOM, continuing at TOP');
		else vi.say(`${back ? '?' : '/'}${pattern}`);
		vi.highlight = true;
	}
	return { to: at };
}

/** What `/text` and `?text` do; `preview`: while it is being typed ('incsearch'), moving the cursor alone. */
export function startSearch(vi: Vi, text: string, back: boolean, from: Place, preview: boolean, count = 1): Motion | undefined {
	const old = vi.search;
	const mark = back ? '?' : '/';
	// An offset behind the pattern (`/x/e`) is left off.
	const end = [...text].findIndex((c, i) => c === mark && text[i - 1] !== '\\');
	const pattern = (end < 0 ? text : text.slice(0, end)).replaceAll(`\\${mark}`, mark);
	if (pattern === '' && (preview || old === undefined)) {
		if (!preview) vi.fail('E35: No previous regular expression');
		return undefined;
	}
	vi.search = { pattern: pattern === '' ? (old?.pattern ?? '') : pattern, back };
	const found = searchFrom(vi, from, count, back, preview);
	if (preview) {
		if (vi.options.incsearch) vi.cursor = found?.to ?? from;
		vi.search = old;
	}
	return found;
}

/** `*` and `#`: the word under the cursor. */
export function wordSearch(vi: Vi, back: boolean, count: number, whole = true): Motion | undefined {
	const { row, at } = vi.cursor;
	const line = lineAt(vi.lines, row);
	const words = [...line.matchAll(/\w+/g)];
	const word = words.find((w) => w.index + w[0].length > at);
	if (word === undefined) {
		vi.fail('E348: No string under cursor');
		return undefined;
	}
	vi.search = { pattern: whole ? `\\<${word[0]}\\>` : word[0], back };
	vi.history['/']?.push(vi.search.pattern);
	return searchFrom(vi, { row, at: word.index }, count, back);
}
