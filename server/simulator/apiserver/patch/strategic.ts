/**
 * Strategic merge patch: a merge patch whose lists merge by key, guided by the type
 * (apimachinery `util/strategicpatch`). Never changes its arguments.
 */
import { isRecord, sameData } from '../equal.ts';
import type { Field, StructType, Type } from '../openapi/schema.ts';
import { define } from './merge.ts';

type Fields = { readonly [key: string]: unknown };

/** A patch that can't be applied; the caller words the refusal. */
export class PatchError extends Error {}

const ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

const structOf = (type: Type | undefined): StructType | undefined => (type?.kind === 'struct' ? type : undefined);

/** The type of the value under `key` of a struct or map. */
function fieldOf(type: Type | undefined, key: string): Partial<Field> {
	if (type?.kind === 'struct') return type.fields.get(key) ?? {};
	return type?.kind === 'map' ? { type: type.of } : {};
}

export function strategicMergePatch(target: Fields, patch: Fields, type: Type | undefined): Fields {
	const directive = patch['$patch'];
	if (directive === 'replace') return withoutDirectives(without(patch, '$patch'));
	if (directive === 'delete') return {};
	if (directive !== undefined && directive !== 'merge') throw new PatchError(`Unknown patch type found: ${String(directive)}`);
	const out: { [key: string]: unknown } = { ...retained(target, patch) };
	const lists = specialLists(patch);
	for (const key of lists) mergeOneList(out, patch, key, fieldOf(type, key));
	for (const [key, value] of Object.entries(patch)) {
		if (key.startsWith('$') || lists.has(key)) continue;
		if (value === null) delete out[key];
		else define(out, key, mergedValue(Object.hasOwn(out, key) ? out[key] : undefined, value, fieldOf(type, key)));
	}
	return out;
}

function mergedValue(present: unknown, value: unknown, field: Partial<Field>): unknown {
	if (isRecord(value)) return isRecord(present) ? strategicMergePatch(present, value, field.type) : withoutDirectives(value);
	if (Array.isArray(value) && Array.isArray(present) && field.mergeKey !== undefined) return mergeList(present, value, field, value, present);
	return Array.isArray(value) ? cleanList(value) : value;
}

/** Keys that a `$setElementOrder/` or `$deleteFromPrimitiveList/` directive speaks of. */
function specialLists(patch: Fields): ReadonlySet<string> {
	const out = new Set<string>();
	for (const key of Object.keys(patch)) {
		if (key.startsWith(ORDER)) out.add(key.slice(ORDER.length));
		else if (key.startsWith(DELETE_FROM)) out.add(key.slice(DELETE_FROM.length));
	}
	return out;
}

function listUnder(fields: Fields, key: string, what: string): readonly unknown[] | undefined {
	const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
	if (value === undefined || value === null) return undefined;
	if (!Array.isArray(value)) throw new PatchError(`expected list in ${what} directive: ${key}`);
	return value;
}

function mergeOneList(out: { [key: string]: unknown }, patch: Fields, key: string, field: Partial<Field>): void {
	if (Object.hasOwn(patch, key) && patch[key] === null) {
		delete out[key];
		return;
	}
	const original = Array.isArray(out[key]) ? (out[key] as readonly unknown[]) : undefined;
	const order = listUnder(patch, `${ORDER}${key}`, 'setElementOrder');
	const dropped = listUnder(patch, `${DELETE_FROM}${key}`, 'deleteFromPrimitiveList') ?? [];
	const items = Array.isArray(patch[key]) ? (patch[key] as readonly unknown[]) : [];
	if (original === undefined && items.length === 0) return;
	const kept = (original ?? []).filter((v) => !dropped.some((d) => sameData(d, v)));
	define(out, key, mergeList(kept, items, { mergeKey: '', ...field }, order ?? items, original ?? []));
}

/** Merges `items` into `present` by the field's merge key; `order` is the patch's order, `server` the order before. */
function mergeList(
	present: readonly unknown[],
	items: readonly unknown[],
	field: Partial<Field>,
	order: readonly unknown[],
	server: readonly unknown[],
): readonly unknown[] {
	const key = field.mergeKey ?? '';
	const of = field.type?.kind === 'list' ? field.type.of : undefined;
	const merged = key === '' || (of !== undefined && structOf(of) === undefined) ? union(present, items) : mergeByKey(present, items, key, of);
	return ordered(
		merged,
		order.filter((o) => !isDirective(o)),
		server,
		key,
	);
}

const isDirective = (item: unknown): boolean => isRecord(item) && '$patch' in item && item['$patch'] !== 'merge';

function union(present: readonly unknown[], items: readonly unknown[]): readonly unknown[] {
	const out = [...present];
	for (const item of items) if (!out.some((o) => sameData(o, item))) out.push(item);
	return out;
}

function mergeByKey(present: readonly unknown[], items: readonly unknown[], key: string, of: Type | undefined): readonly unknown[] {
	if (items.some((i) => isRecord(i) && i['$patch'] === 'replace')) {
		return items
			.filter((i) => !(isRecord(i) && i['$patch'] === 'replace' && Object.keys(i).length === 1))
			.map((i) => (isRecord(i) ? withoutDirectives(without(i, '$patch')) : i));
	}
	const out = [...present];
	for (const item of items) {
		if (!isRecord(item)) throw new PatchError('expected map type in list');
		const value = item[key];
		if (value === undefined) throw new PatchError(`map: ${goText(item)} does not contain declared merge key: ${key}`);
		const at = out.findIndex((o) => isRecord(o) && sameData(o[key], value));
		if (item['$patch'] === 'delete') {
			if (at >= 0) out.splice(at, 1);
		} else if (at < 0) out.push(withoutDirectives(without(item, '$patch')));
		else out[at] = strategicMergePatch(out[at] as Fields, item, of);
	}
	return out;
}

const identity = (item: unknown, key: string): unknown => (key !== '' && isRecord(item) ? item[key] : item);
const indexIn = (list: readonly unknown[], item: unknown, key: string): number => list.findIndex((o) => sameData(identity(o, key), identity(item, key)));

/**
 * Items that the patch names come in its order; those that only the server has keep theirs, and go before an item of the
 * patch exactly where they stood before it already (`normalizeElementOrder`).
 */
function ordered(merged: readonly unknown[], order: readonly unknown[], server: readonly unknown[], key: string): readonly unknown[] {
	const patched: unknown[] = [];
	for (const o of order) {
		const at = indexIn(merged, o, key);
		if (at >= 0) patched.push(merged[at]);
	}
	const others = merged.filter((m) => indexIn(order, m, key) < 0);
	const out: unknown[] = [];
	let i = 0;
	let j = 0;
	while (i < others.length && j < patched.length) {
		const left = indexIn(server, others[i], key);
		const right = indexIn(server, patched[j], key);
		if (left >= 0 && right >= 0 && left < right) out.push(others[i++]);
		else out.push(patched[j++]);
	}
	return [...out, ...others.slice(i), ...patched.slice(j)];
}

function retained(target: Fields, patch: Fields): Fields {
	const keep = patch['$retainKeys'];
	if (keep === undefined) return target;
	if (!Array.isArray(keep)) throw new PatchError('unexpected type in $retainKeys directive');
	for (const key of Object.keys(patch)) {
		if (!key.startsWith('$') && patch[key] !== null && !keep.includes(key))
			throw new PatchError('invalid patch: $retainKeys list does not contain all the present keys');
	}
	return Object.fromEntries(Object.entries(target).filter(([k]) => keep.includes(k)));
}

function without(fields: Fields, key: string): Fields {
	const { [key]: _dropped, ...rest } = fields;
	return rest;
}

/** What is new comes in without the directives and nulls that steer a merge. */
function withoutDirectives(fields: Fields): Fields {
	const out: { [key: string]: unknown } = {};
	for (const [key, value] of Object.entries(fields)) {
		if (value === null || key.startsWith('$')) continue;
		define(out, key, isRecord(value) ? withoutDirectives(value) : Array.isArray(value) ? cleanList(value) : value);
	}
	return out;
}

function cleanList(list: readonly unknown[]): readonly unknown[] {
	return list.filter((i) => !isDirective(i)).map((i) => (isRecord(i) ? withoutDirectives(i) : i));
}

/** A value as Go's `%v` prints it: `map[a:1 b:[x y]]`. */
export function goText(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
	if (isRecord(value)) {
		const keys = Object.keys(value).sort();
		return `map[${keys.map((k) => `${k}:${goText(value[k])}`).join(' ')}]`;
	}
	return value === null || value === undefined ? '<nil>' : String(value);
}
