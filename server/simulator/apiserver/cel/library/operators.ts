/** Operators and conversions of the language itself (`cel-go/common/stdlib`). */
import { fn, int, MAX_INT, MIN_INT, NO_OVERLOAD, type Overload, plainName, sizeOf, traversal, uint } from '../functions.ts';
import { fromUtf8, utf8 } from '../lexer.ts';
import { union } from '../merged-lists.ts';
import { compareCost } from '../planner.ts';
import { compare, Duration, equal, Fault, isList, isMap, LiteralMap, Timestamp, TypeValue, runtimeType, Uint, type Value } from '../values.ts';
import { durationText, parseDuration, parseTimestamp, timestampText } from './times.ts';

const [INT, UINT, DBL, STR] = ['int', 'uint', 'double', 'string'] as const;

const big = (v: Value | undefined): bigint => (typeof v === 'bigint' ? v : v instanceof Uint ? v.value : 0n);
const num = (v: Value | undefined): number => (typeof v === 'number' ? v : 0);
const nanos = (v: Value | undefined): bigint => (v instanceof Timestamp || v instanceof Duration ? v.nanos : 0n);

const MAX_NANOS = MAX_INT;
const duration = (n: bigint): Value => (n > MAX_NANOS || n < -MAX_NANOS ? new Fault('duration overflow') : new Duration(n));
/** 0001-01-01 to 9999-12-31, in nanoseconds. */
const timestamp = (n: bigint): Value =>
	n < -62_135_596_800_000_000_000n || n > 253_402_300_799_999_999_999n ? new Fault('timestamp overflow') : new Timestamp(n);

function arithmetic(op: string, onInts: (a: bigint, b: bigint) => bigint, onDoubles?: (a: number, b: number) => number): readonly Overload[] {
	const guarded =
		(make: (n: bigint) => Value) =>
		([a, b]: readonly Value[]): Value => {
			if ((op === '/' || op === '%') && big(b) === 0n) return new Fault(op === '/' ? 'division by zero' : 'modulus by zero');
			return make(onInts(big(a), big(b)));
		};
	return [
		fn(`_${op}_(int, int) -> int`, guarded(int)),
		fn(`_${op}_(uint, uint) -> uint`, guarded(uint)),
		...(onDoubles === undefined ? [] : [fn(`_${op}_(double, double) -> double`, ([a, b]) => onDoubles(num(a), num(b)))]),
	];
}

const sumCost = (args: readonly Value[]): number => Math.ceil((sizeOf(args[0]) + sizeOf(args[1])) * 0.1);

function joined(a: Value | undefined, b: Value | undefined): Value {
	if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return NO_OVERLOAD;
	return Uint8Array.from([...a, ...b]);
}

const additions: readonly Overload[] = [
	...arithmetic(
		'+',
		(a, b) => a + b,
		(a, b) => a + b,
	),
	...arithmetic(
		'-',
		(a, b) => a - b,
		(a, b) => a - b,
	),
	...arithmetic(
		'*',
		(a, b) => a * b,
		(a, b) => a * b,
	),
	...arithmetic(
		'/',
		(a, b) => a / b,
		(a, b) => a / b,
	),
	...arithmetic('%', (a, b) => a % b),
	fn('_+_(string, string) -> string', ([a, b]) => `${String(a)}${String(b)}`, sumCost),
	fn('_+_(bytes, bytes) -> bytes', ([a, b]) => joined(a, b), sumCost),
	fn('_+_(list<A>, list<A>) -> list<A>', ([a = [], b = []]) => (isList(a) && isList(b) ? (union(a, b) ?? [...a, ...b]) : NO_OVERLOAD)),
	fn('_+_(timestamp, duration) -> timestamp', ([a, b]) => timestamp(nanos(a) + nanos(b))),
	fn('_+_(duration, timestamp) -> timestamp', ([a, b]) => timestamp(nanos(a) + nanos(b))),
	fn('_+_(duration, duration) -> duration', ([a, b]) => duration(nanos(a) + nanos(b))),
	fn('_-_(timestamp, timestamp) -> duration', ([a, b]) => duration(nanos(a) - nanos(b))),
	fn('_-_(timestamp, duration) -> timestamp', ([a, b]) => timestamp(nanos(a) - nanos(b))),
	fn('_-_(duration, duration) -> duration', ([a, b]) => duration(nanos(a) - nanos(b))),
	fn('-_(int) -> int', ([a]) => int(-big(a))),
	fn('-_(double) -> double', ([a]) => -num(a)),
	fn('!_(bool) -> bool', ([a]) => (typeof a === 'boolean' ? !a : NO_OVERLOAD)),
];

const ORDERED = ['bool', INT, UINT, DBL, STR, 'bytes', 'timestamp', 'duration'];
const CROSS = [INT, UINT, DBL];

function relations(op: string, holds: (order: number) => boolean): readonly Overload[] {
	const run = ([a = null, b = null]: readonly Value[]): Value => {
		// Nothing compares with what is not a number.
		if (Number.isNaN(a) || Number.isNaN(b)) return false;
		const order = compare(a, b);
		return order === undefined ? NO_OVERLOAD : holds(order);
	};
	const pairs = [...ORDERED.map((t) => [t, t]), ...CROSS.flatMap((a) => CROSS.filter((b) => b !== a).map((b) => [a, b]))];
	return pairs.map(([a, b]) => fn(`_${op}_(${a}, ${b}) -> bool`, run, compareCost));
}

function within([item = null, range = null]: readonly Value[]): Value {
	if (isList(range)) return range.some((v) => equal(v, item));
	return isMap(range) ? range.get(item) !== undefined : NO_OVERLOAD;
}

const comparisons: readonly Overload[] = [
	fn('_==_(A, A) -> bool', ([a = null, b = null]) => equal(a, b), compareCost),
	fn('_!=_(A, A) -> bool', ([a = null, b = null]) => !equal(a, b), compareCost),
	...relations('<', (o) => o < 0),
	...relations('<=', (o) => o <= 0),
	...relations('>', (o) => o > 0),
	...relations('>=', (o) => o >= 0),
	fn('@in(A, list<A>) -> bool', within, ([, list]) => Math.max(1, sizeOf(list))),
	fn('@in(A, map<A, B>) -> bool', within),
	// What the planner evaluates itself is declared for the checker's sake.
	fn('_&&_(bool, bool) -> bool', () => NO_OVERLOAD),
	fn('_||_(bool, bool) -> bool', () => NO_OVERLOAD),
	fn('_?_:_(bool, A, A) -> A', () => NO_OVERLOAD),
	fn('@not_strictly_false(bool) -> bool', () => NO_OVERLOAD),
	fn('_[_](list<A>, int) -> A', () => NO_OVERLOAD),
	fn('_[_](map<A, B>, A) -> B', () => NO_OVERLOAD),
	fn('_[_](optional<list<A>>, int) -> optional<A>', () => NO_OVERLOAD),
	fn('_[_](optional<map<A, B>>, A) -> optional<B>', () => NO_OVERLOAD),
	fn('_[?_](list<A>, int) -> optional<A>', () => NO_OVERLOAD),
	fn('_[?_](map<A, B>, A) -> optional<B>', () => NO_OVERLOAD),
	fn('_[?_](optional<list<A>>, int) -> optional<A>', () => NO_OVERLOAD),
	fn('_[?_](optional<map<A, B>>, A) -> optional<B>', () => NO_OVERLOAD),
	fn('cel.@mapInsert(map<A, B>, A, B) -> map<A, B>', ([m = null, k = null, v = null]) => inserted(m, [[k, v]])),
	fn('cel.@mapInsert(map<A, B>, map<A, B>) -> map<A, B>', ([m = null, more = null]) => (isMap(more) ? inserted(m, entries(more)) : NO_OVERLOAD)),
];

type Entry = readonly [Value, Value];
const entries = (m: Value): readonly Entry[] => (isMap(m) ? m.keys().map((k) => [k, m.get(k) ?? null] as const) : []);

function inserted(m: Value, more: readonly Entry[]): Value {
	const repeated = isMap(m) ? more.find(([k]) => m.get(k) !== undefined) : undefined;
	if (repeated !== undefined) return new Fault(`insert failed: key ${String(repeated[0])} already exists`);
	return LiteralMap.of([...entries(m), ...more]);
}

const characters = (v: Value | undefined): bigint => BigInt(typeof v === 'string' ? [...v].length : sizeOf(v));

const sizes: readonly Overload[] = ['string', 'bytes', 'list<A>', 'map<A, B>'].flatMap((t) => [
	fn(`size(${t}) -> int`, ([v]) => characters(v)),
	fn(`${t}::size() -> int`, ([v]) => characters(v)),
]);

function intOfDouble(v: number): Value {
	if (!Number.isFinite(v) || v <= Number(MIN_INT) || v >= 2 ** 63) return new Fault('integer overflow');
	return BigInt(Math.trunc(v));
}

/** A double as Go's `%g` writes it with the fewest digits. */
export function doubleText(v: number): string {
	if (Number.isNaN(v)) return 'NaN';
	if (!Number.isFinite(v)) return v > 0 ? '+Inf' : '-Inf';
	const exponent = v === 0 ? 0 : Math.floor(Math.log10(Math.abs(v)));
	if (exponent >= -4 && exponent < 21) return String(v);
	const [mantissa = '', power = ''] = v.toExponential().split('e');
	return `${mantissa}e${power.startsWith('-') ? '-' : '+'}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
}

function parsedInt(v: Value | undefined): Value {
	return typeof v === 'string' && /^[+-]?\d+$/.test(v)
		? int(BigInt(v.replace(/^\+/, '')))
		: new Fault(`strconv.ParseInt: parsing ${JSON.stringify(v)}: invalid syntax`);
}

function parsedDouble(v: Value | undefined): Value {
	const text = String(v);
	if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
	if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
	return /^nan$/i.test(text) ? Number.NaN : new Fault(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
}

const BOOLS: ReadonlyMap<string, boolean> = new Map([
	...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
	...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

const conversions: readonly Overload[] = [
	fn('int(int) -> int', ([v = null]) => v),
	fn('int(uint) -> int', ([v]) => int(big(v))),
	fn('int(double) -> int', ([v]) => intOfDouble(num(v))),
	fn('int(string) -> int', ([v]) => parsedInt(v)),
	fn('int(timestamp) -> int', ([v]) => floorDiv(nanos(v), 1_000_000_000n)),
	fn('int(duration) -> int', ([v]) => nanos(v)),
	fn('uint(uint) -> uint', ([v = null]) => v),
	fn('uint(int) -> uint', ([v]) => uint(big(v))),
	fn('uint(double) -> uint', ([v]) =>
		num(v) < 0 || num(v) >= 2 ** 64 || !Number.isFinite(num(v)) ? new Fault('unsigned integer overflow') : uint(BigInt(Math.trunc(num(v)))),
	),
	fn('uint(string) -> uint', ([v]) =>
		/^\d+$/.test(String(v)) ? uint(BigInt(String(v))) : new Fault(`strconv.ParseUint: parsing ${JSON.stringify(v)}: invalid syntax`),
	),
	fn('double(double) -> double', ([v = null]) => v),
	fn('double(int) -> double', ([v]) => Number(big(v))),
	fn('double(uint) -> double', ([v]) => Number(big(v))),
	fn('double(string) -> double', ([v]) => parsedDouble(v)),
	fn('bool(bool) -> bool', ([v = null]) => v),
	fn('bool(string) -> bool', ([v]) => BOOLS.get(String(v)) ?? new Fault(`type conversion error from 'string' to 'bool'`)),
	fn('string(string) -> string', ([v = null]) => v),
	fn('string(bool) -> string', ([v]) => String(v)),
	fn('string(int) -> string', ([v]) => String(v)),
	fn('string(uint) -> string', ([v]) => String(big(v))),
	fn('string(double) -> string', ([v]) => doubleText(num(v))),
	fn(
		'string(bytes) -> string',
		([v]) => (v instanceof Uint8Array ? (fromUtf8(v) ?? new Fault('invalid UTF-8 in bytes, cannot convert to string')) : NO_OVERLOAD),
		([v]) => traversal(v),
	),
	fn('string(timestamp) -> string', ([v]) => timestampText(nanos(v))),
	fn('string(duration) -> string', ([v]) => durationText(nanos(v))),
	fn('bytes(bytes) -> bytes', ([v = null]) => v),
	fn(
		'bytes(string) -> bytes',
		([v]) => utf8(String(v)),
		([v]) => traversal(v),
	),
	fn('timestamp(timestamp) -> timestamp', ([v = null]) => v),
	fn('timestamp(int) -> timestamp', ([v]) => timestamp(big(v) * 1_000_000_000n)),
	fn('timestamp(string) -> timestamp', ([v]) => parsedTimestamp(String(v))),
	fn('duration(duration) -> duration', ([v = null]) => v),
	fn('duration(int) -> duration', ([v]) => duration(big(v))),
	fn('duration(string) -> duration', ([v]) => parsedDuration(String(v))),
	fn('dyn(A) -> dyn', ([v = null]) => v),
	fn('type(A) -> type<A>', ([v = null]) => new TypeValue(runtimeType(v))),
];

const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b < 0n ? 1n : 0n);

function parsedTimestamp(text: string): Value {
	const found = parseTimestamp(text);
	return found === undefined
		? new Fault(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`)
		: timestamp(found);
}

function parsedDuration(text: string): Value {
	const found = parseDuration(text);
	return found === undefined ? new Fault(`time: invalid duration ${JSON.stringify(text)}`) : duration(found);
}

export const operators: readonly Overload[] = [...additions, ...comparisons, ...sizes, ...conversions];

/** A value inside a fault of `format`: its type's short name. */
export const shortType = plainName;
