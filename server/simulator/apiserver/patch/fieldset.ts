/**
 * Sets of fields in the form of managedFields' fieldsV1 (`f:spec`, `k:{"name":"x"}`, `v:"x"`), and what server-side apply
 * does with them. Models structured-merge-diff, for the granularity that the type knows.
 */
import { isRecord, sameData } from '../equal.ts';
import type { Field, Type } from '../openapi/schema.ts';
import { define } from './merge.ts';

/** fieldsV1: a leaf is `{}`, `.` marks the item or map itself. */
export interface FieldSet {
	readonly [step: string]: FieldSet;
}

const LEAF: FieldSet = {};

/** The field `key` of a struct or map. */
export function fieldOf(type: Type | undefined, key: string): Partial<Field> {
	if (type?.kind === 'struct') return type.fields.get(key) ?? {};
	return type?.kind === 'map' ? { type: type.of } : {};
}

const itemType = (field: Partial<Field>): Type | undefined => (field.type?.kind === 'list' ? field.type.of : undefined);

/** A list item's step: its keys for map-like lists, its value for sets; undefined where the list is atomic. */
export function itemStep(item: unknown, field: Partial<Field>): string | undefined {
	if (field.listKeys !== undefined && isRecord(item)) {
		const keys: { [key: string]: unknown } = {};
		for (const k of [...field.listKeys].sort()) {
			if (item[k] !== undefined) keys[k] = item[k];
			else if (k === 'protocol') keys[k] = 'TCP';
		}
		return `k:${JSON.stringify(keys)}`;
	}
	return field.set === true ? `v:${JSON.stringify(item)}` : undefined;
}

/** The fields that `value` sets. */
export function fieldsOf(value: unknown, field: Partial<Field>): FieldSet {
	if (field.atomic === true) return LEAF;
	if (isRecord(value) && Object.keys(value).length > 0) {
		const out: { [step: string]: FieldSet } = {};
		for (const key in value) define(out, `f:${key}`, fieldsOf(value[key], fieldOf(field.type, key)));
		return out;
	}
	if (Array.isArray(value) && value.length > 0 && (field.listKeys !== undefined || field.set === true)) {
		const out: { [step: string]: FieldSet } = {};
		const type = itemType(field);
		for (const item of value) {
			const step = itemStep(item, field);
			if (step !== undefined) define(out, step, field.set === true ? LEAF : { '.': LEAF, ...fieldsOf(item, type === undefined ? {} : { type }) });
		}
		return out;
	}
	return LEAF;
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function withSelf(self: boolean, parts: { [step: string]: FieldSet }): FieldSet {
	const out: { [step: string]: FieldSet } = self ? { '.': LEAF } : {};
	for (const step of Object.keys(parts).sort(byName)) define(out, step, parts[step]);
	return out;
}

/**
 * The fields of a value that was not there before: as upstream compares it with an empty object of its type. A map, a list or a
 * pointer that was not there is a field itself (`.`); a plain struct, or a list that Go always writes, is not.
 */
function newFields(value: unknown, field: Partial<Field>, item = false): FieldSet {
	if (field.atomic === true) return LEAF;
	const { type } = field;
	if (isRecord(value) && Object.keys(value).length > 0) {
		const parts: { [step: string]: FieldSet } = {};
		for (const key in value) define(parts, `f:${key}`, newFields(value[key], fieldOf(type, key)));
		return withSelf(item || field.pointer === true || (type?.kind === 'map' && field.required !== true) || type === undefined, parts);
	}
	if (Array.isArray(value) && value.length > 0 && (field.listKeys !== undefined || field.set === true)) {
		const of = itemType(field);
		const parts: { [step: string]: FieldSet } = {};
		for (const entry of value) {
			const step = itemStep(entry, field);
			if (step !== undefined) define(parts, step, field.set === true ? LEAF : newFields(entry, of === undefined ? {} : { type: of }, true));
		}
		return withSelf(field.required !== true, parts);
	}
	return LEAF;
}

/** The fields of an object that was not there before, or of a part of one. Metadata is always there. */
export function fieldsOfNew(object: { readonly [field: string]: unknown }, root: Partial<Field>): FieldSet {
	const { '.': _self, ...fields } = newFields(object, root, true);
	const metadata = fields['f:metadata'];
	if (metadata?.['.'] === undefined) return fields;
	const { '.': _there, ...kept } = metadata;
	return { ...fields, 'f:metadata': kept };
}

const isLeaf = (set: FieldSet): boolean => Object.keys(set).length === 0;

/** Leaf paths of `set` that `other` has too. */
export function common(set: FieldSet, other: FieldSet, path: readonly string[] = []): readonly (readonly string[])[] {
	// A leaf over branches is a map or list that was applied empty: it contests nothing inside.
	if (isLeaf(set) || isLeaf(other)) return isLeaf(set) && isLeaf(other) ? [path] : [];
	return Object.keys(set).flatMap((step) => {
		const mine = set[step];
		const theirs = Object.hasOwn(other, step) ? other[step] : undefined;
		return mine === undefined || theirs === undefined ? [] : common(mine, theirs, [...path, step]);
	});
}

/** `.spec.containers[name="x"].image`: a path as upstream's conflicts print it. */
export function pathText(path: readonly string[]): string {
	return path
		.filter((s) => s !== '.')
		.map((step) => {
			if (step.startsWith('f:')) return `.${step.slice(2)}`;
			const value: unknown = JSON.parse(step.slice(2));
			if (!step.startsWith('k:') || !isRecord(value)) return `[=${JSON.stringify(value)}]`;
			return `[${Object.entries(value)
				.map(([k, v]) => `${k}=${JSON.stringify(v)}`)
				.join(',')}]`;
		})
		.join('');
}

/** The value at a path, undefined where there is none. */
export function valueAt(root: unknown, path: readonly string[], field: Partial<Field>): unknown {
	const [step, ...rest] = path;
	if (step === undefined || step === '.') return root;
	if (step.startsWith('f:')) {
		const key = step.slice(2);
		return isRecord(root) && Object.hasOwn(root, key) ? valueAt(root[key], rest, fieldOf(field.type, key)) : undefined;
	}
	if (!Array.isArray(root)) return undefined;
	const type = itemType(field);
	const item: unknown = root.find((i) => itemStep(i, field) === step);
	return item === undefined ? undefined : valueAt(item, rest, type === undefined ? {} : { type });
}

/** `applied` laid over `live`: fields, items of map-like lists and members of sets merge, everything else replaces. */
export function mergeApplied(live: unknown, applied: unknown, field: Partial<Field>): unknown {
	if (live === undefined || field.atomic === true) return applied;
	if (isRecord(applied) && isRecord(live)) {
		const out: { [key: string]: unknown } = { ...live };
		for (const key in applied) define(out, key, mergeApplied(Object.hasOwn(live, key) ? live[key] : undefined, applied[key], fieldOf(field.type, key)));
		return out;
	}
	if (Array.isArray(applied) && Array.isArray(live) && mergesItems(field)) return mergeItems(live, applied, field);
	// Null is an empty map or list to whatever merges (structured-merge-diff's mapValue and listValue): it takes nothing away.
	if (applied === null && (isRecord(live) ? Object.keys(live) : mergesItems(field) && Array.isArray(live) ? live : []).length > 0) return live;
	return applied;
}

const mergesItems = (field: Partial<Field>): boolean => field.listKeys !== undefined || field.set === true;

function mergeItems(live: readonly unknown[], applied: readonly unknown[], field: Partial<Field>): readonly unknown[] {
	const type = itemType(field);
	const step = (item: unknown): string => itemStep(item, field) ?? '';
	const wanted = new Map(applied.map((item) => [step(item), item]));
	const kept = live.filter((item) => !wanted.has(step(item)));
	const present = new Map(live.map((item) => [step(item), item]));
	const merged = [...wanted].map(([s, item]) => mergeApplied(present.get(s), item, type === undefined ? {} : { type }));
	// Items that others own stay in front, where they stood before the first of the applied ones.
	const first = live.findIndex((item) => wanted.has(step(item)));
	const before = first < 0 ? kept : live.slice(0, first);
	return [...before, ...merged, ...kept.filter((k) => !before.includes(k))];
}

/** Takes the fields of `gone` that neither `still` nor `others` hold out of `value`. */
export function removeFields(value: unknown, gone: FieldSet, still: FieldSet | undefined, others: readonly FieldSet[], field: Partial<Field>): unknown {
	const held = (step: string): readonly FieldSet[] => others.flatMap((o) => (Object.hasOwn(o, step) && o[step] !== undefined ? [o[step]] : []));
	const child = (step: string): FieldSet | undefined => (still !== undefined && Object.hasOwn(still, step) ? still[step] : undefined);
	if (isRecord(value)) {
		const out: { [key: string]: unknown } = { ...value };
		for (const step in gone) {
			const key = step.slice(2);
			if (!step.startsWith('f:') || !Object.hasOwn(out, key)) continue;
			const next = removeOne(out[key], gone[step] ?? LEAF, child(step), held(step), fieldOf(field.type, key));
			if (next === undefined) delete out[key];
			else define(out, key, next);
		}
		return out;
	}
	if (!Array.isArray(value)) return value;
	const type = itemType(field);
	return value.flatMap((item: unknown) => {
		const step = itemStep(item, field);
		if (step === undefined || !Object.hasOwn(gone, step)) return [item];
		const next = removeOne(item, gone[step] ?? LEAF, child(step), held(step), type === undefined ? {} : { type });
		return next === undefined ? [] : [next];
	});
}

function removeOne(value: unknown, gone: FieldSet, still: FieldSet | undefined, others: readonly FieldSet[], field: Partial<Field>): unknown {
	if (still !== undefined) return isLeaf(gone) ? value : removeFields(value, gone, still, others, field);
	if (isLeaf(gone) || '.' in gone) {
		if (others.length === 0) return undefined;
		return isLeaf(gone) ? value : removeFields(value, gone, undefined, others, field);
	}
	const next = removeFields(value, gone, undefined, others, field);
	const empty = (isRecord(next) && Object.keys(next).length === 0) || (Array.isArray(next) && next.length === 0);
	return empty && others.length === 0 ? undefined : next;
}

/** All leaf paths of a set. */
export function leaves(set: FieldSet, path: readonly string[] = []): readonly (readonly string[])[] {
	if (isLeaf(set)) return [path];
	return Object.keys(set).flatMap((step) => leaves(set[step] ?? LEAF, [...path, step]));
}

export function withPath(set: FieldSet, path: readonly string[]): FieldSet {
	const [step, ...rest] = path;
	if (step === undefined) return set;
	const inner = Object.hasOwn(set, step) ? (set[step] ?? LEAF) : LEAF;
	const next = withPath(step.startsWith('k:') && rest.length > 0 ? { '.': LEAF, ...inner } : inner, rest);
	const out: { [step: string]: FieldSet } = { ...set };
	define(out, step, next);
	return out;
}

/** `set` without a path and whatever lies below it; undefined where nothing is left. */
export function withoutPath(set: FieldSet, path: readonly string[]): FieldSet | undefined {
	const [step, ...rest] = path;
	if (step === undefined) return undefined;
	if (!Object.hasOwn(set, step)) return set;
	const { [step]: inner = LEAF, ...others } = set;
	const next = withoutPath(inner, rest);
	if (next !== undefined) return next === inner ? set : { ...others, [step]: next };
	return Object.keys(others).length === 0 ? undefined : others;
}

/** Leaf paths whose value differs between two states of an object, those that are there on one side only among them. */
export function changedPaths(old: unknown, next: unknown, field: Partial<Field>, path: readonly string[] = []): readonly (readonly string[])[] {
	if (sameData(old, next)) return [];
	if (field.atomic !== true && isRecord(old) && isRecord(next)) {
		const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
		return [...keys].flatMap((key) => changedPaths(old[key], next[key], fieldOf(field.type, key), [...path, `f:${key}`]));
	}
	if (Array.isArray(old) && Array.isArray(next) && (field.listKeys !== undefined || field.set === true)) {
		const type = itemType(field);
		const before = new Map(old.map((item: unknown) => [itemStep(item, field) ?? '', item]));
		const after = new Map(next.map((item: unknown) => [itemStep(item, field) ?? '', item]));
		const inner = type === undefined || field.set === true ? {} : { type };
		return [...new Set([...before.keys(), ...after.keys()])].flatMap((step) => changedPaths(before.get(step), after.get(step), inner, [...path, step]));
	}
	return leaves(fieldsOf(next ?? old, field)).map((p) => [...path, ...p]);
}
