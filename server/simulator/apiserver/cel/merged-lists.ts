/**
 * Lists whose order says nothing: sets, and maps in the form of lists. Equality and `+` take no notice of places in them
 * (`apiserver/pkg/cel/common/{maplist,valuesunstructured}.go`). What a list is stands beside it, so that it stays a plain one.
 */
import { isRecord } from '../equal.ts';
import type { Value } from './values.ts';

interface Merged {
	/** An item's identity within the list. */
	readonly keys: readonly string[];
}

const known = new WeakMap<readonly Value[], Merged>();

/** Remembers a list by the keys of its items, in the same order. */
export function merged(list: readonly Value[], items: readonly unknown[], mapKeys: readonly string[] | undefined): readonly Value[] {
	const keyOf = (item: unknown): string => JSON.stringify(mapKeys === undefined ? item : isRecord(item) ? mapKeys.map((k) => item[k] ?? null) : null);
	known.set(list, { keys: items.map(keyOf) });
	return list;
}

/** Whether two such lists hold the same; undefined where they are plain lists. */
export function sameMembers(a: readonly Value[], b: readonly Value[], equal: (x: Value, y: Value) => boolean): boolean | undefined {
	const [x, y] = [known.get(a), known.get(b)];
	if (x === undefined || y === undefined) return undefined;
	if (a.length !== b.length) return false;
	const places = new Map(y.keys.map((key, i) => [key, i]));
	return x.keys.every((key, i) => {
		const at = places.get(key);
		return at !== undefined && equal(a[i] ?? null, b[at] ?? null);
	});
}

/** `a + b`: what both have is taken from `b` and stands where `a` has it, the rest of `b` follows. Undefined for plain lists. */
export function union(a: readonly Value[], b: readonly Value[]): readonly Value[] | undefined {
	const [x, y] = [known.get(a), known.get(b)];
	if (x === undefined || y === undefined) return undefined;
	const places = new Map(y.keys.map((key, i) => [key, i]));
	const own = new Set(x.keys);
	const kept = a.map((item, i) => {
		const at = places.get(x.keys[i] ?? '');
		return at === undefined ? item : (b[at] ?? null);
	});
	const rest = y.keys.flatMap((key, i) => (own.has(key) ? [] : [i]));
	const out = [...kept, ...rest.map((i) => b[i] ?? null)];
	known.set(out, { keys: [...x.keys, ...rest.map((i) => y.keys[i] ?? '')] });
	return out;
}
