/** POSIX regular expressions, basic and extended, as the platform's. */
import { escapeRegex } from '../shell/pattern.ts';

export interface RegexOptions {
	readonly extended?: boolean;
	readonly fixed?: boolean;
	readonly ignoreCase?: boolean;
	readonly word?: boolean;
	readonly line?: boolean;
	readonly global?: boolean;
}

const CLASSES: { readonly [name: string]: string } = {
	digit: '0-9',
	alpha: 'A-Za-z',
	alnum: 'A-Za-z0-9',
	upper: 'A-Z',
	lower: 'a-z',
	space: '\\s',
	punct: '!-\\/:-@\\[-`{-~',
	xdigit: '0-9A-Fa-f',
	blank: ' \\t',
};

/** Undefined where the pattern is none. */
export function regexFrom(pattern: string, o: RegexOptions): RegExp | undefined {
	let source = o.fixed === true ? escapeRegex(pattern) : translate(pattern, o.extended === true);
	if (o.word === true) source = `\\b(?:${source})\\b`;
	if (o.line === true) source = `^(?:${source})$`;
	try {
		return new RegExp(source, `${o.ignoreCase === true ? 'i' : ''}${o.global === true ? 'g' : ''}`);
	} catch {
		return undefined;
	}
}

function translate(p: string, extended: boolean): string {
	let out = '';
	for (let i = 0; i < p.length; i++) {
		const c = p[i] ?? '';
		if (c === '[') {
			const m = /^\[\^?\]?(?:\[:\w+:\]|[^\]])*\]/.exec(p.slice(i));
			if (m !== null) {
				const body = m[0]
					.slice(1, -1)
					.replace(/\\/g, '\\\\')
					.replace(/^(\^?)\]/, '$1\\]')
					.replace(/\[:(\w+):\]/g, (_a, n: string) => CLASSES[n] ?? '');
				out += `[${body.replace(/\[(?!\\)/g, '\\[')}]`;
				i += m[0].length - 1;
				continue;
			}
			out += '\\[';
		} else if (c === '\\') {
			const next = p[++i] ?? '\\';
			if ('<>'.includes(next)) out += '\\b';
			else if (!extended && '(){}|+?'.includes(next)) out += next;
			else out += `\\${next}`;
		} else if (!extended && '(){}|+?'.includes(c)) out += `\\${c}`;
		else if (c === '*' && (out === '' || out.endsWith('('))) out += '\\*';
		else if (!extended && c === '^' && out !== '' && !out.endsWith('(')) out += '\\^';
		else if (!extended && c === '$' && i < p.length - 1 && p[i + 1] !== '\\') out += '\\$';
		else out += c;
	}
	return out;
}
