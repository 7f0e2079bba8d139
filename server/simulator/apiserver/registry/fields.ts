/**
 * Reading and filling fields of objects whose shape nobody has proved: every reader answers with an empty value where
 * the field is missing or of another type, so that rules can be written straight down.
 */
import type { KubeObject } from '../types.ts';

export type Fields = { readonly [field: string]: unknown };

const NO_FIELDS: Fields = {};
const NO_ITEMS: readonly never[] = [];
const NO_TEXTS: { readonly [key: string]: string } = {};

export function isRecord(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a record; an empty one where it is none. */
export function rec(value: unknown): Fields {
	return isRecord(value) ? value : NO_FIELDS;
}

/** The value as a list; an empty one where it is none. */
export function arr(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : NO_ITEMS;
}

/** The value as a list of records. */
export function recs(value: unknown): readonly Fields[] {
	return Array.isArray(value) ? (value as readonly unknown[]).map(rec) : NO_ITEMS;
}

export function str(value: unknown, otherwise = ''): string {
	return typeof value === 'string' ? value : otherwise;
}

export function num(value: unknown, otherwise = 0): number {
	return typeof value === 'number' ? value : otherwise;
}

/** The value as a list of texts. */
export function strs(value: unknown): readonly string[] {
	return arr(value).filter((v): v is string => typeof v === 'string');
}

/** The value as a map of texts (labels, selectors, data). */
export function textMap(value: unknown): { readonly [key: string]: string } {
	return isRecord(value) ? (value as { readonly [key: string]: string }) : NO_TEXTS;
}

export const specOf = (object: KubeObject): Fields => rec(object.spec);
export const statusOf = (object: KubeObject): Fields => rec(object.status);

/** The record with `defaults` for each field that is undefined or null; the very same record where none is. */
export function fill(record: Fields, defaults: Fields): Fields {
	let out: { [field: string]: unknown } | undefined;
	for (const field in defaults) {
		if ((record[field] === undefined || record[field] === null) && defaults[field] !== undefined) {
			out ??= { ...record };
			out[field] = defaults[field];
		}
	}
	return out ?? record;
}

/** The record with `field` mapped through `change` where it is there; the very same record where nothing changes. */
export function changeField(record: Fields, field: string, change: (value: Fields) => Fields): Fields {
	const value = record[field];
	if (!isRecord(value)) return record;
	const next = change(value);
	return next === value ? record : { ...record, [field]: next };
}

/** The record with each record of the list `field` mapped through `change`; the very same record where nothing changes. */
export function changeItems(record: Fields, field: string, change: (item: Fields, index: number) => Fields): Fields {
	const list = record[field];
	if (!Array.isArray(list)) return record;
	let changed = false;
	const next = (list as readonly unknown[]).map((item, index) => {
		if (!isRecord(item)) return item;
		const out = change(item, index);
		changed ||= out !== item;
		return out;
	});
	return changed ? { ...record, [field]: next } : record;
}

/** The same on an object's `spec`, `status` or another top-level record. */
export function changePart(object: KubeObject, part: string, change: (value: Fields) => Fields): KubeObject {
	const value = rec(object[part]);
	const next = change(value);
	return next === value ? object : { ...object, [part]: next };
}

/** The record without these fields; the very same record where it has none of them. */
export function without(record: Fields, ...fields: readonly string[]): Fields {
	if (!fields.some((f) => f in record)) return record;
	const out: { [field: string]: unknown } = { ...record };
	for (const f of fields) delete out[f];
	return out;
}
