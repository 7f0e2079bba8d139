/** Lists (Kubernetes' library and `ext.Lists` in its third version), sets, optionals. */
import { fn, int, NO_OVERLOAD, type Overload, sizeOf, uint } from '../functions.ts';
import { compare, Duration, equal, Fault, isList, isMap, Optional, Uint, type Value } from '../values.ts';

const items = (v: Value | undefined): readonly Value[] => (v !== undefined && isList(v) ? v : []);
const n = (v: Value | undefined): number => (typeof v === 'bigint' ? Number(v) : 0);
const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
const walk = ([list]: readonly Value[]): number => sizeOf(list);

function isSorted([list]: readonly Value[]): Value {
	const all = items(list);
	for (let i = 1; i < all.length; i++) {
		const order = compare(all[i - 1] ?? null, all[i] ?? null);
		if (order === undefined) return NO_OVERLOAD;
		if (order > 0) return false;
	}
	return true;
}

function extreme(name: string, sign: 1 | -1): (args: readonly Value[]) => Value {
	return ([list]) => {
		let out: Value | undefined;
		for (const item of items(list)) {
			const order = out === undefined ? 1 : compare(item, out);
			if (order === undefined) return NO_OVERLOAD;
			if (out === undefined || order * sign > 0) out = item;
		}
		return out ?? new Fault(`${name} called on empty list`);
	};
}

function sum(zero: Value): (args: readonly Value[]) => Value {
	return ([list]) => items(list).reduce<Value>(plus, zero);
}

function plus(a: Value, b: Value): Value {
	if (typeof a === 'bigint' && typeof b === 'bigint') return int(a + b);
	if (typeof a === 'number' && typeof b === 'number') return a + b;
	if (a instanceof Uint && b instanceof Uint) return uint(a.value + b.value);
	if (a instanceof Duration && b instanceof Duration) return new Duration(a.nanos + b.nanos);
	return a instanceof Fault ? a : NO_OVERLOAD;
}

function slice([list, from, to]: readonly Value[]): Value {
	const all = items(list);
	const [start, end] = [n(from), n(to)];
	if (start < 0 || end < 0) return new Fault(`cannot slice(${start}, ${end}), negative indexes not supported`);
	if (start > end) return new Fault(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
	return end > all.length ? new Fault(`cannot slice(${start}, ${end}), list is length ${all.length}`) : all.slice(start, end);
}

function flatten(list: readonly Value[], depth: number): readonly Value[] {
	return list.flatMap((item) => (isList(item) ? (depth > 1 ? flatten(item, depth - 1) : item) : [item]));
}

function distinct([list]: readonly Value[]): Value {
	const out: Value[] = [];
	for (const item of items(list)) if (!out.some((o) => equal(o, item))) out.push(item);
	return out;
}

function sortedBy(list: readonly Value[], keys: readonly Value[]): Value {
	const places = keys.map((_, i) => i);
	if (keys.some((k) => compare(k, keys[0] ?? k) === undefined)) return new Fault('list elements must have the same type');
	places.sort((a, b) => compare(keys[a] ?? null, keys[b] ?? null) ?? 0);
	return places.map((i) => list[i] ?? null);
}

/** Items that `range` may make; more than any list within the cost limits has use for. */
const RANGE_MAX = 1_000_000;

function range([count]: readonly Value[]): Value {
	const size = n(count);
	return size > RANGE_MAX ? new Fault('range too large') : Array.from({ length: Math.max(0, size) }, (_, i) => BigInt(i));
}

const contains = (a: readonly Value[], b: readonly Value[]): boolean => b.every((item) => a.some((o) => equal(o, item)));
const product = (args: readonly Value[]): number => Math.max(1, sizeOf(args[0]) * sizeOf(args[1]));
const twice = (args: readonly Value[]): number => 2 * product(args);

const lists: readonly Overload[] = [
	...COMPARABLE.flatMap((t) => [
		fn(`list<${t}>::isSorted() -> bool`, isSorted, walk),
		fn(`list<${t}>::max() -> ${t}`, extreme('max', 1), walk),
		fn(`list<${t}>::min() -> ${t}`, extreme('min', -1), walk),
		fn(`list<${t}>::sort() -> list<${t}>`, ([v]) => sortedBy(items(v), items(v)), walk),
		fn(`list<A>::@sortByAssociatedKeys(list<${t}>) -> list<A>`, ([v, keys]) => sortedBy(items(v), items(keys)), walk),
		fn(`@sortByAssociatedKeys(list<${t}>, list<A>) -> list<A>`, ([keys, v]) => sortedBy(items(v), items(keys)), walk),
	]),
	fn('list<int>::sum() -> int', sum(0n), walk),
	fn('list<uint>::sum() -> uint', sum(new Uint(0n)), walk),
	fn('list<double>::sum() -> double', sum(0), walk),
	fn('list<duration>::sum() -> duration', sum(new Duration(0n)), walk),
	fn('list<A>::indexOf(A) -> int', ([v, item = null]) => BigInt(items(v).findIndex((o) => equal(o, item))), walk),
	fn('list<A>::lastIndexOf(A) -> int', ([v, item = null]) => BigInt(items(v).findLastIndex((o) => equal(o, item))), walk),
	fn('list<A>::slice(int, int) -> list<A>', slice),
	fn('list<dyn>::flatten() -> list<dyn>', ([v]) => flatten(items(v), 1), walk),
	fn(
		'list<dyn>::flatten(int) -> list<dyn>',
		([v, depth]) => (n(depth) < 0 ? new Fault('level must be non-negative') : n(depth) === 0 ? items(v) : flatten(items(v), n(depth))),
		walk,
	),
	fn('list<A>::distinct() -> list<A>', distinct, (args) => Math.max(1, sizeOf(args[0]) ** 2)),
	fn('list<A>::reverse() -> list<A>', ([v]) => [...items(v)].reverse(), walk),
	fn('list<A>::first() -> optional<A>', ([v]) => new Optional(items(v)[0])),
	fn('list<A>::last() -> optional<A>', ([v]) => new Optional(items(v).at(-1))),
	fn('lists.range(int) -> list<int>', range, (_args, result) => sizeOf(result)),
];

const sets: readonly Overload[] = [
	fn('sets.contains(list<A>, list<A>) -> bool', ([a, b]) => contains(items(a), items(b)), product),
	fn('sets.equivalent(list<A>, list<A>) -> bool', ([a, b]) => contains(items(a), items(b)) && contains(items(b), items(a)), twice),
	fn('sets.intersects(list<A>, list<A>) -> bool', ([a, b]) => items(a).some((item) => items(b).some((o) => equal(o, item))), product),
];

const isZero = (v: Value | undefined): boolean => {
	if (v === undefined || v === null || v === false || v === 0n || v === 0 || v === '') return true;
	if (isList(v) || v instanceof Uint8Array) return v.length === 0;
	return isMap(v) ? v.size === 0 : v instanceof Uint ? v.value === 0n : v instanceof Duration && v.nanos === 0n;
};

const inside = (v: Value | undefined): Value | undefined => (v instanceof Optional ? v.value : undefined);

const optionals: readonly Overload[] = [
	fn('optional.of(A) -> optional<A>', ([v]) => new Optional(v)),
	fn('optional.ofNonZeroValue(A) -> optional<A>', ([v]) => new Optional(isZero(v) ? undefined : v)),
	fn('optional.none() -> optional<A>', () => new Optional(undefined)),
	fn('optional<A>::hasValue() -> bool', ([v]) => inside(v) !== undefined),
	fn('optional<A>::value() -> A', ([v]) => inside(v) ?? new Fault('optional.none() dereference')),
	fn('optional<A>::or(optional<A>) -> optional<A>', ([v = null, other = null]) => (inside(v) !== undefined ? v : other)),
	fn('optional<A>::orValue(A) -> A', ([v, other = null]) => inside(v) ?? other),
];

export const collections: readonly Overload[] = [...lists, ...sets, ...optionals];
