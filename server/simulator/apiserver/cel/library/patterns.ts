/**
 * Regular expressions. RE2's syntax as far as JavaScript shares it; what RE2 does not know (look-around, back-references) is
 * refused, and V8's linear engine, which the server turns on, keeps the rest from backtracking without end.
 */
import { Fault } from '../values.ts';

const KEPT = 500;
/** Derived data alone: kept for all worlds. */
const known = new Map<string, RegExp | Fault>();

function read(text: string): RegExp | Fault {
	const unsupported = /\(\?(?:[=!]|<[=!])/.exec(text);
	if (unsupported !== null) return new Fault(`error parsing regexp: invalid or unsupported Perl syntax: \`${unsupported[0]}\``);
	const reference = /(?:^|[^\\])(?:\\\\)*(\\[1-9])/.exec(text);
	if (reference !== null) return new Fault(`error parsing regexp: invalid escape sequence: \`${reference[1] ?? ''}\``);
	const flags = /^\(\?([ims]+)\)/.exec(text);
	const source = text
		.slice(flags?.[0].length ?? 0)
		.replaceAll('(?P<', '(?<')
		.replaceAll('\\A', '^')
		.replaceAll('\\z', '$')
		.replaceAll('[[:alpha:]]', '[A-Za-z]')
		.replaceAll('[[:digit:]]', '[0-9]')
		.replaceAll('[[:alnum:]]', '[0-9A-Za-z]')
		.replaceAll('[[:space:]]', '[\\t\\n\\v\\f\\r ]');
	for (const mode of ['u', '']) {
		try {
			return new RegExp(source, `${flags?.[1] ?? ''}${mode}`);
		} catch (e) {
			if (!(e instanceof SyntaxError)) throw e;
		}
	}
	return new Fault(`error parsing regexp: ${reason(text)}`);
}

/** RE2's words for the commonest mistakes. */
function reason(text: string): string {
	const opened = (text.match(/(?<!\\)\(/g) ?? []).length;
	const closed = (text.match(/(?<!\\)\)/g) ?? []).length;
	if (/^[*+?]/.test(text)) return `missing argument to repetition operator: \`${text[0]}\``;
	if (opened > closed) return `missing closing ): \`${text}\``;
	if (closed > opened) return `unexpected ): \`${text}\``;
	const bracket = text.lastIndexOf('[');
	if (bracket >= 0 && !text.includes(']', bracket)) return `missing closing ]: \`${text.slice(bracket)}\``;
	return `invalid escape sequence: \`${text}\``;
}

/** The expression, or what is wrong with it. */
export function pattern(text: string): RegExp | Fault {
	let found = known.get(text);
	if (found === undefined) {
		found = read(text);
		if (known.size >= KEPT) known.clear();
		known.set(text, found);
	}
	return found;
}
