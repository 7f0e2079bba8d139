/** Texts: the language's own functions, `ext.Strings` in its second version, and Kubernetes' regular expressions. */
import { fn, NO_OVERLOAD, type Overload, sizeOf, traversal } from '../functions.ts';
import { type Value, Fault, isList } from '../values.ts';
import { formatted } from './format.ts';
import { pattern } from './patterns.ts';

const s = (v: Value | undefined): string => (typeof v === 'string' ? v : '');
const n = (v: Value | undefined): number => (typeof v === 'bigint' ? Number(v) : 0);
const chars = (v: Value | undefined): readonly string[] => [...s(v)];

const outOfRange = (i: Value | undefined): Fault => new Fault(`index out of range: ${String(i)}`);

function charAt([text, at]: readonly Value[]): Value {
	const all = chars(text);
	if (n(at) < 0 || n(at) > all.length) return outOfRange(at);
	return all[n(at)] ?? '';
}

/** Counts characters, not UTF-16 units. */
function indexOf([text, part, from = 0n]: readonly Value[]): Value {
	const all = chars(text);
	if (n(from) < 0 || n(from) > all.length) return outOfRange(from);
	const sought = chars(part);
	for (let i = n(from); i + sought.length <= all.length; i++) if (sought.every((c, j) => all[i + j] === c)) return BigInt(i);
	return -1n;
}

function lastIndexOf([text, part, from]: readonly Value[]): Value {
	const all = chars(text);
	const sought = chars(part);
	if (from !== undefined && (n(from) < 0 || n(from) > all.length)) return outOfRange(from);
	for (let i = Math.min(from === undefined ? all.length : n(from), all.length - sought.length); i >= 0; i--)
		if (sought.every((c, j) => all[i + j] === c)) return BigInt(i);
	return -1n;
}

function substring([text, from, to]: readonly Value[]): Value {
	const all = chars(text);
	const end = to === undefined ? all.length : n(to);
	if (n(from) < 0 || n(from) > all.length) return outOfRange(from);
	if (to !== undefined && (end < 0 || end > all.length)) return outOfRange(to);
	if (n(from) > end) return new Fault(`invalid substring range. start: ${n(from)}, end: ${end}`);
	return all.slice(n(from), end).join('');
}

function replace([text, old, by, limit = -1n]: readonly Value[]): Value {
	const parts = s(old) === '' ? ['', ...chars(text), ''] : s(text).split(s(old));
	const times = n(limit) < 0 ? parts.length - 1 : Math.min(n(limit), parts.length - 1);
	return parts.slice(0, times + 1).join(s(by)) + (times < parts.length - 1 ? s(old) + parts.slice(times + 1).join(s(old)) : '');
}

function split([text, by, limit = -1n]: readonly Value[]): Value {
	if (n(limit) === 0) return [];
	if (n(limit) === 1) return [s(text)];
	const parts = s(by) === '' ? [...chars(text)] : s(text).split(s(by));
	if (n(limit) < 0 || parts.length <= n(limit)) return parts;
	return [...parts.slice(0, n(limit) - 1), parts.slice(n(limit) - 1).join(s(by))];
}

function join([list, by = '']: readonly Value[]): Value {
	return isList(list ?? null) && isList(list as Value) ? (list as readonly Value[]).map(s).join(s(by)) : NO_OVERLOAD;
}

/** Unicode's white space as Go's `strings.TrimSpace` has it. */
const trim = (text: string): string =>
	text.replace(
		/^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g,
		'',
	);
const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (c) => c.toLowerCase());
const upper = (text: string): string => text.replaceAll(/[a-z]/g, (c) => c.toUpperCase());

const QUOTES: { readonly [c: string]: string } = {
	'\x07': '\\a',
	'\b': '\\b',
	'\f': '\\f',
	'\n': '\\n',
	'\r': '\\r',
	'\t': '\\t',
	'\v': '\\v',
	'\\': '\\\\',
	'"': '\\"',
};
const quote = (text: string): string => `"${text.replaceAll(/[\x07\b\f\n\r\t\v\\"]/g, (c) => QUOTES[c] ?? c)}"`;

function matches([text, expression]: readonly Value[]): Value {
	const found = pattern(s(expression));
	return found instanceof Fault ? found : found.test(s(text));
}

const patternCost = ([text, expression]: readonly Value[]): number => Math.ceil((1 + sizeOf(text)) * 0.1) * Math.ceil(sizeOf(expression) * 0.25);

function find([text, expression]: readonly Value[]): Value {
	const found = pattern(s(expression));
	return found instanceof Fault ? new Fault(`Illegal regex: ${found.message}`) : (found.exec(s(text))?.[0] ?? '');
}

function findAll([text, expression, limit = -1n]: readonly Value[]): Value {
	const found = pattern(s(expression));
	if (found instanceof Fault) return new Fault(`Illegal regex: ${found.message}`);
	const all = [...s(text).matchAll(new RegExp(found.source, `${found.flags}g`))].map((m) => m[0]);
	return n(limit) < 0 ? all : all.slice(0, n(limit));
}

const one = ([v]: readonly Value[]): number => traversal(v);
const two = ([v]: readonly Value[]): number => traversal(v, 2);

export const strings: readonly Overload[] = [
	fn(
		'string::contains(string) -> bool',
		([a, b]) => s(a).includes(s(b)),
		([a, b]) => traversal(a) * Math.max(1, traversal(b)),
	),
	fn(
		'string::startsWith(string) -> bool',
		([a, b]) => s(a).startsWith(s(b)),
		([, b]) => traversal(b),
	),
	fn(
		'string::endsWith(string) -> bool',
		([a, b]) => s(a).endsWith(s(b)),
		([, b]) => traversal(b),
	),
	fn('string::matches(string) -> bool', matches, patternCost),
	fn('matches(string, string) -> bool', matches, patternCost),
	fn('string::find(string) -> string', find, patternCost),
	fn('string::findAll(string) -> list<string>', findAll, patternCost),
	fn('string::findAll(string, int) -> list<string>', findAll, patternCost),
	fn('string::charAt(int) -> string', charAt),
	fn('string::indexOf(string) -> int', indexOf, one),
	fn('string::indexOf(string, int) -> int', indexOf, one),
	fn('string::lastIndexOf(string) -> int', lastIndexOf, one),
	fn('string::lastIndexOf(string, int) -> int', lastIndexOf, one),
	fn('string::lowerAscii() -> string', ([v]) => lower(s(v)), one),
	fn('string::upperAscii() -> string', ([v]) => upper(s(v)), one),
	fn('string::trim() -> string', ([v]) => trim(s(v)), one),
	fn('string::replace(string, string) -> string', replace, two),
	fn('string::replace(string, string, int) -> string', replace, two),
	fn('string::split(string) -> list<string>', split, two),
	fn('string::split(string, int) -> list<string>', split, two),
	fn('string::substring(int) -> string', substring, one),
	fn('string::substring(int, int) -> string', substring, one),
	fn('list<string>::join() -> string', join, (_args, result) => traversal(result, 2)),
	fn('list<string>::join(string) -> string', join, (_args, result) => traversal(result, 2)),
	fn('string::format(list<dyn>) -> string', ([v, args = []]) => formatted(s(v), isList(args) ? args : []), one),
	fn('strings.quote(string) -> string', ([v]) => quote(s(v)), one),
];
