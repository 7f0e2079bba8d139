/** Vim's search patterns ('magic') as regular expressions of JavaScript. Upstream: `:help pattern.txt`. */

const CLASSES: { readonly [c: string]: string } = {
	'<': '\\b(?=\\w)',
	'>': '\\b(?<=\\w)',
	s: '[ \\t]',
	S: '[^ \\t]',
	d: '\\d',
	D: '\\D',
	w: '\\w',
	W: '\\W',
	a: '[A-Za-z]',
	x: '[0-9A-Fa-f]',
	l: '[a-z]',
	u: '[A-Z]',
	i: '[\\w]',
	k: '[\\w]',
	h: '[A-Za-z_]',
	t: '\\t',
	n: '\\n',
	r: '\\r',
	e: '\\x1b',
};

/** One escaped character; `very`: after `\v`, where the special ones need no backslash. */
function escaped(c: string): string {
	if ('()|{+?'.includes(c)) return c === '(' ? '(' : c;
	if (c === '=') return '?';
	if (CLASSES[c] !== undefined) return CLASSES[c] ?? '';
	if (/[1-9]/.test(c)) return `\\${c}`;
	return `\\${c}`
		.replace(/^\\([A-Za-z_ -])$/, '$1')
		.replace(/^\\"$/, '"')
		.replace(/^\\'$/, "'");
}

/** The expression, without anything about the case; undefined where it can't be understood. */
function translate(pattern: string): { readonly source: string; readonly ignoreCase: boolean | undefined } {
	let ignoreCase: boolean | undefined;
	let very = false;
	let nothing = false;
	let out = '';
	for (let i = 0; i < pattern.length; i++) {
		const c = pattern[i] ?? '';
		if (c === '\\') {
			const e = pattern[++i] ?? '\\';
			if (e === 'c') ignoreCase = true;
			else if (e === 'C') ignoreCase = false;
			else if (e === 'v') very = true;
			else if (e === 'm') very = false;
			else if (e === 'V') nothing = true;
			else if (e === 'z' && pattern[i + 1] === 's') {
				i++;
				out = `(?<=${out})`;
			} else if (e === '{') {
				const end = pattern.indexOf('}', i);
				const body = pattern.slice(i + 1, end < 0 ? undefined : end).replace(/\\$/, '');
				out += body === '-' ? '*?' : `{${body.replace(/^,/, '0,')}}`;
				i = end < 0 ? pattern.length : end;
			} else if (very && '()|{}+?=<>@&'.includes(e)) out += `\\${e}`.replace(/^\\([=<>@&])$/, '$1');
			else out += escaped(e);
			continue;
		}
		if (nothing && c !== '^' && c !== '$') out += /[.*[\]~(){}+?|]/.test(c) ? `\\${c}` : c;
		else if (very && '()|{}+?'.includes(c)) out += c;
		else if (very && (c === '<' || c === '>')) out += CLASSES[c] ?? '';
		else if (very && c === '=') out += '?';
		else if ('(){}+?|'.includes(c)) out += `\\${c}`;
		else if (c === '*' && (out === '' || out === '^')) out += '\\*';
		else if (c === '^' && out !== '' && !/[(|]$/.test(out)) out += '\\^';
		else if (c === '$' && i < pattern.length - 1 && !/^\\[|)]/.test(pattern.slice(i + 1))) out += '\\$';
		else if (c === '[') {
			const end = pattern.indexOf(']', pattern[i + 1] === '^' ? i + 3 : i + 2);
			if (end < 0) out += '\\[';
			else {
				out += pattern
					.slice(i, end + 1)
					.replace(
						/\[:(alpha|digit|alnum|space|upper|lower):/g,
						(_m, n: string) => ({ alpha: 'A-Za-z', digit: '0-9', alnum: 'A-Za-z0-9', space: '\\s', upper: 'A-Z', lower: 'a-z' })[n] ?? '',
					);
				i = end;
			}
		} else out += c;
	}
	return { source: out, ignoreCase };
}

/** Compiles a pattern; undefined where it is none. 'ignorecase' and 'smartcase' as the options say. */
export function compile(pattern: string, options: { readonly ignorecase: boolean; readonly smartcase: boolean }): RegExp | undefined {
	const { source, ignoreCase } = translate(pattern);
	const insensitive = ignoreCase ?? (options.ignorecase && !(options.smartcase && /[A-Z]/.test(pattern)));
	try {
		return new RegExp(source, insensitive ? 'gi' : 'g');
	} catch {
		return undefined;
	}
}

/** What `:s` puts in for a match: `&`, `\1`, `\n` or `\r` (a new line), `\u \U \l \L \E`. */
export function replacement(template: string, match: RegExpExecArray): string {
	let out = '';
	let once: ((t: string) => string) | undefined;
	let all: ((t: string) => string) | undefined;
	const put = (text: string): void => {
		let t = all === undefined ? text : all(text);
		if (once !== undefined && t !== '') {
			t = once(t[0] ?? '') + t.slice(1);
			once = undefined;
		}
		out += t;
	};
	const upper = (t: string): string => t.toUpperCase();
	const lower = (t: string): string => t.toLowerCase();
	for (let i = 0; i < template.length; i++) {
		const c = template[i] ?? '';
		if (c === '&') put(match[0]);
		else if (c !== '\\') put(c);
		else {
			const e = template[++i] ?? '\\';
			if (/\d/.test(e)) put(match[Number(e)] ?? '');
			else if (e === 'r' || e === 'n') put('\n');
			else if (e === 't') put('\t');
			else if (e === 'u') once = upper;
			else if (e === 'l') once = lower;
			else if (e === 'U') all = upper;
			else if (e === 'L') all = lower;
			else if (e === 'E' || e === 'e') all = undefined;
			else put(e);
		}
	}
	return out;
}
