/** Shell patterns (glob(7)) as regular expressions. */
import { bounded } from './bounded.ts';

const CLASSES: { readonly [name: string]: string } = {
	alpha: 'A-Za-z',
	digit: '0-9',
	alnum: 'A-Za-z0-9',
	upper: 'A-Z',
	lower: 'a-z',
	space: '\\s',
	blank: ' \\t',
	punct: '!-\\/:-@\\[-`{-~',
	xdigit: '0-9A-Fa-f',
};

const escapeChar = (c: string): string => (/[\\^$.*+?()[\]{}|/-]/.test(c) ? `\\${c}` : c);

/** Source of a bracket expression starting at `pattern[at] === '['`, and where it ends; undefined where it never closes. */
function bracket(pattern: string, at: number): { readonly source: string; readonly end: number } | undefined {
	let i = at + 1;
	let source = '[';
	if (pattern[i] === '!' || pattern[i] === '^') {
		source += '^';
		i++;
	}
	for (let first = true; i < pattern.length; first = false) {
		const c = pattern[i] ?? '';
		if (c === ']' && !first) return { source: `${source}]`, end: i + 1 };
		const named = /^\[:(\w+):\]/.exec(pattern.slice(i));
		if (named !== null) {
			source += CLASSES[named[1] ?? ''] ?? '';
			i += named[0].length;
		} else if (c === '\\' && i + 1 < pattern.length) {
			source += escapeChar(pattern[i + 1] ?? '');
			i += 2;
		} else {
			source += c === '-' ? '-' : escapeChar(c);
			i++;
		}
	}
	return undefined;
}

/** A pattern as regular expression source. `path`: `*` and `?` stop at slashes, as in file names. `lazy`: the shortest match. */
export function patternSource(pattern: string, options: { readonly path?: boolean; readonly lazy?: boolean } = {}): string {
	const any = options.path ? '[^/]' : '[\\s\\S]';
	let out = '';
	for (let i = 0; i < pattern.length; ) {
		const c = pattern[i] ?? '';
		if (c === '*') {
			out += `${any}*${options.lazy ? '?' : ''}`;
			i++;
		} else if (c === '?') {
			out += any;
			i++;
		} else if (c === '[') {
			const b = bracket(pattern, i);
			out += b?.source ?? '\\[';
			i = b?.end ?? i + 1;
		} else if (c === '\\' && i + 1 < pattern.length) {
			out += escapeChar(pattern[i + 1] ?? '');
			i += 2;
		} else {
			out += escapeChar(c);
			i++;
		}
	}
	return out;
}

export function matches(text: string, pattern: string): boolean {
	return bounded(new RegExp(`^(?:${patternSource(pattern)})$`, 'u'), (re) => re.test(text));
}

/** Whether a text holds an unescaped `*`, `?` or `[`. */
export function hasGlob(pattern: string): boolean {
	return /(^|[^\\])[*?[]/.test(pattern);
}

/** Takes the backslashes out of a pattern that turned out to be plain text. */
export function unescapePattern(pattern: string): string {
	return pattern.replace(/\\(.)/gsu, '$1');
}

/** Makes a text match only itself inside a pattern. */
export function escapePattern(text: string): string {
	return text.replace(/[\\*?[\]]/g, '\\$&');
}
