/** Shell patterns. A pattern's text marks quoted characters with a leading backslash. */

/** Pattern → regular expression source, not anchored. */
export function patternSource(pattern: string): string {
	let out = '';
	for (let i = 0; i < pattern.length; i++) {
		const c = pattern[i] ?? '';
		if (c === '\\') out += escapeRegex(pattern[++i] ?? '\\');
		else if (c === '*') out += '[\\s\\S]*';
		else if (c === '?') out += '[\\s\\S]';
		else if (c === '[') {
			const end = pattern.indexOf(']', i + (/[!^]/.test(pattern[i + 1] ?? '') ? 3 : 2));
			if (end === -1) out += '\\[';
			else {
				const body = pattern
					.slice(i + 1, end)
					.replace(/^[!^]/, '^')
					.replace(/\\/g, '\\\\')
					.replace(/\[:(\w+):\]/g, (_all, name: string) => CLASSES[name] ?? '');
				out += `[${classes(pattern, i, body)}]`;
				i = classEnd(pattern, i, end);
			}
		} else out += escapeRegex(c);
	}
	return out;
}

const CLASSES: { readonly [name: string]: string } = {
	digit: '0-9',
	alpha: 'A-Za-z',
	alnum: 'A-Za-z0-9',
	upper: 'A-Z',
	lower: 'a-z',
	space: '\\s',
	punct: '!-\\/:-@\\[-`{-~',
};

/** A bracket expression with a class in it ends at the second bracket. */
function classEnd(pattern: string, start: number, end: number): number {
	return pattern.slice(start, end).includes('[:') ? (pattern.indexOf(']', end + 1) === -1 ? end : pattern.indexOf(']', end + 1)) : end;
}

function classes(pattern: string, start: number, body: string): string {
	const m = /^\[([!^]?)((?:\[:\w+:\]|[^\]])*)\]/.exec(pattern.slice(start));
	if (m === null || !(m[2] ?? '').includes('[:')) return body;
	return `${m[1] === '' ? '' : '^'}${(m[2] ?? '').replace(/\[:(\w+):\]/g, (_all, name: string) => CLASSES[name] ?? '')}`;
}

export const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

export function matchesPattern(text: string, pattern: string): boolean {
	return new RegExp(`^${patternSource(pattern)}$`).test(text);
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
