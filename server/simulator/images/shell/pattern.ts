/** Shell patterns (glob(7)) as regular expressions, for a pod's shell and the workstation's. A pattern's text marks quoted characters with a leading backslash. */

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

const UNICODE_CLASSES: typeof CLASSES = { ...CLASSES, alpha: '\\p{L}', alnum: '\\p{L}\\p{N}', upper: '\\p{Lu}', lower: '\\p{Ll}' };

/** Under the flag `u` only syntax may be escaped: a hyphen is syntax inside brackets alone. */
const escapeChar = (c: string): string => (/[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c);
const escapeInBracket = (c: string): string => (/[\\^[\]-]/.test(c) ? `\\${c}` : c);

/** The character at `at`, a whole code point, with a backslash before it taken off; and where it ends. */
function character(pattern: string, at: number): { readonly c: string; readonly end: number } {
	const from = pattern[at] === '\\' && at + 1 < pattern.length ? at + 1 : at;
	const c = String.fromCodePoint(pattern.codePointAt(from) ?? 0);
	return { c, end: from + c.length };
}

/** Source of a bracket expression starting at `pattern[at] === '['`, and where it ends; undefined where it never closes. */
function bracket(pattern: string, at: number, classes: typeof CLASSES): { readonly source: string; readonly end: number } | undefined {
	let i = at + 1;
	let source = '[';
	if (pattern[i] === '!' || pattern[i] === '^') {
		source += '^';
		i++;
	}
	for (let first = true; i < pattern.length; first = false) {
		if (pattern[i] === ']' && !first) return { source: `${source}]`, end: i + 1 };
		const named = /^\[:(\w+):\]/.exec(pattern.slice(i));
		if (named !== null) {
			source += classes[named[1] ?? ''] ?? '';
			i += named[0].length;
			continue;
		}
		const low = character(pattern, i);
		const isRange = pattern[low.end] === '-' && low.end + 1 < pattern.length && pattern[low.end + 1] !== ']';
		const high = isRange ? character(pattern, low.end + 1) : low;
		// A range that runs backwards holds nothing, as in bash.
		if (isRange && low.c <= high.c) source += `${escapeInBracket(low.c)}-${escapeInBracket(high.c)}`;
		else if (!isRange) source += escapeInBracket(low.c);
		i = high.end;
	}
	return undefined;
}

export interface PatternOptions {
	readonly path?: boolean;
	readonly lazy?: boolean;
	/** `?(…)`, `*(…)`, `+(…)`, `@(…)`, `!(…)` of bash. */
	readonly extended?: boolean;
	/** Letters of every script are letters: a locale with UTF-8. */
	readonly unicode?: boolean;
}

/** Where the list of alternatives ends that begins at `from`, behind its `)`; undefined where it is open. */
function groupEnd(pattern: string, from: number): number | undefined {
	let depth = 1;
	for (let i = from; i < pattern.length; i++) {
		const c = pattern[i];
		if (c === '\\') i++;
		else if (c === '(') depth++;
		else if (c === ')' && --depth === 0) return i + 1;
	}
	return undefined;
}

function alternatives(list: string): string[] {
	const out: string[] = [];
	let depth = 0;
	let start = 0;
	for (let i = 0; i < list.length; i++) {
		const c = list[i];
		if (c === '\\') i++;
		else if (c === '(') depth++;
		else if (c === ')') depth--;
		else if (c === '|' && depth === 0) {
			out.push(list.slice(start, i));
			start = i + 1;
		}
	}
	return [...out, list.slice(start)];
}

/** An extended pattern. What `!(…)` leaves out is known only with what follows it. */
function group(sign: string, list: string, rest: string, any: string, options: PatternOptions): string {
	const one = `(?:${alternatives(list)
		.map((a) => patternSource(a, options))
		.join('|')})`;
	if (sign === '!') return `(?:(?!${one}${patternSource(rest, options)}$)${any}*)`;
	return sign === '@' ? one : `${one}${sign}${options.lazy ? '?' : ''}`;
}

/** A pattern as regular expression source. `path`: `*` and `?` stop at slashes, as in file names. `lazy`: the shortest match. */
export function patternSource(pattern: string, options: PatternOptions = {}): string {
	const any = options.path ? '[^/]' : '[\\s\\S]';
	let out = '';
	for (let i = 0; i < pattern.length; ) {
		const c = pattern[i] ?? '';
		const end = options.extended && pattern[i + 1] === '(' && '?*+@!'.includes(c) ? groupEnd(pattern, i + 2) : undefined;
		if (end !== undefined) {
			out += group(c, pattern.slice(i + 2, end - 1), pattern.slice(end), any, options);
			i = end;
		} else if (c === '*') {
			out += `${any}*${options.lazy ? '?' : ''}`;
			i++;
		} else if (c === '?') {
			out += any;
			i++;
		} else if (c === '[') {
			const b = bracket(pattern, i, options.unicode ? UNICODE_CLASSES : CLASSES);
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

export const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

export function matchesPattern(text: string, pattern: string): boolean {
	return new RegExp(`^(?:${patternSource(pattern)})$`, 'u').test(text);
}

/** Escapes what would be special in a pattern. */
export const quotePattern = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&');

export const hasGlob = (pattern: string): boolean => /(^|[^\\])(\\\\)*[*?[]/.test(pattern);

export const unquotePattern = (pattern: string): string => pattern.replace(/\\([\s\S])/g, '$1');

/** Paths that match, sorted; none where nothing does. `list` gives the names in a directory. */
export function globPaths(pattern: string, cwd: string, list: (directory: string) => readonly string[] | undefined): readonly string[] {
	const absolute = pattern.startsWith('/');
	const parts = pattern.split('/').filter((p) => p !== '');
	let found: readonly string[] = [absolute ? '/' : ''];
	const join = (base: string, name: string): string => (base === '' || base === '/' ? `${base}${name}` : `${base}/${name}`);
	const real = (base: string): string => (base.startsWith('/') ? base : `${cwd === '/' ? '' : cwd}/${base}`);
	for (const part of parts) {
		const next: string[] = [];
		for (const base of found) {
			const names = list(real(base)) ?? [];
			if (!hasGlob(part)) {
				const plain = unquotePattern(part);
				if (names.includes(plain) || plain === '.' || plain === '..') next.push(join(base, plain));
				continue;
			}
			for (const name of names) if ((!name.startsWith('.') || part.startsWith('.')) && matchesPattern(name, part)) next.push(join(base, name));
		}
		found = next;
	}
	return [...found].sort();
}
