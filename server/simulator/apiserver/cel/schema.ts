/** Structural schemas as types of expressions, and JSON as typed values (`apiserver/pkg/cel/common/{schemas,valuesunstructured}.go`). */
import { base64Bytes } from '../base64.ts';
import type { Props } from '../crd/definition.ts';
import { isRecord } from '../equal.ts';
import { escapeName, unescapeName } from './escaping.ts';
import { fromJson } from './json.ts';
import { merged } from './merged-lists.ts';
import { parseDuration, parseTimestamp } from './library/times.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, STRING, TIMESTAMP, type Type } from './types.ts';
import { Duration, Fault, RecordMap, Timestamp, type Value } from './values.ts';

/** A schema's type and how values of it are read. */
export interface Declared {
	readonly type: Type;
	convert(value: unknown): Value;
	/** Least bytes of such a value in JSON, and the most items or characters it can have in one request (none where it has neither). */
	readonly minSize: number;
	readonly maxElements: number;
	/** What lists and maps hold. */
	readonly element?: Declared;
	readonly key?: { readonly maxElements: number };
	field?(name: string): Declared | undefined;
}

/** Bytes of the largest request (`DefaultMaxRequestSizeBytes`). */
export const MAX_REQUEST = 3 * 1024 * 1024;

const NAME_ONLY: Props = { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } };
const ROOT_FIELDS: { readonly [name: string]: Props } = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: NAME_ONLY };

/** What expressions see of values of a schema; undefined where they see nothing. `root` for whole resources; `name` names object types. */
export function declare(schema: Props, root: boolean, name: string): Declared | undefined {
	if (schema['x-kubernetes-int-or-string'] === true) {
		return scalar(DYN, fromJson, 1, schema.maxLength === undefined ? MAX_REQUEST - 2 : schema.maxLength * 4);
	}
	switch (root ? 'object' : schema.type) {
		case 'array':
			return list(schema, name);
		case 'object':
			return isRecord(schema.additionalProperties) ? map(schema, schema.additionalProperties as Props, name) : object(schema, root, name);
		case 'string':
			return text(schema);
		case 'boolean':
			return scalar(BOOL, (v) => (typeof v === 'boolean' ? v : mistyped(v)), 4, 0);
		case 'number':
			return scalar(DOUBLE, (v) => (typeof v === 'number' ? v : typeof v === 'bigint' ? Number(v) : mistyped(v)), 1, 0);
		case 'integer':
			return scalar(INT, (v) => (typeof v === 'bigint' ? v : typeof v === 'number' && Number.isInteger(v) ? BigInt(v) : mistyped(v)), 1, 0);
		default:
			return undefined;
	}
}

const mistyped = (v: unknown): Value => (v === null ? null : new Fault('invalid data, got type mismatch with schema'));

function scalar(type: Type, convert: (value: unknown) => Value, minSize: number, maxElements: number): Declared {
	return { type, convert, minSize, maxElements };
}

function list(schema: Props, name: string): Declared | undefined {
	if (schema.items === undefined) return undefined;
	const element = declare(schema.items, schema.items['x-kubernetes-embedded-resource'] === true, `${name}.@idx`);
	if (element === undefined) return undefined;
	const maxElements = schema.maxItems ?? Math.floor((MAX_REQUEST - 2) / (element.minSize + 1));
	const kind = schema['x-kubernetes-list-type'];
	const keys = kind === 'map' ? schema['x-kubernetes-list-map-keys'] : undefined;
	const convert = (v: unknown): Value => {
		if (!Array.isArray(v)) return mistyped(v);
		const items = v.map((item: unknown) => element.convert(item));
		return kind === 'map' || kind === 'set' ? merged(items, v, keys) : items;
	};
	return { type: listOf(element.type), convert, minSize: 2, maxElements, element };
}

/** A key's length counts nothing in estimates: upstream's type of all keys has no length (`apiservercel.StringType`). */
const KEY = { maxElements: 0 };

function map(schema: Props, values: Props, name: string): Declared | undefined {
	const element = declare(values, values['x-kubernetes-embedded-resource'] === true, `${name}.@elem`);
	if (element === undefined) return undefined;
	const maxElements = schema.maxProperties ?? Math.floor((MAX_REQUEST - 2) / (element.minSize + 6));
	const convert = (v: unknown): Value => (isRecord(v) ? new RecordMap(v, (item) => element.convert(item)) : mistyped(v));
	return { type: mapOf(STRING, element.type), convert, minSize: 2, maxElements, element, key: KEY };
}

function object(schema: Props, root: boolean, name: string): Declared {
	const properties: { readonly [name: string]: Props } = root ? { ...schema.properties, ...ROOT_FIELDS } : (schema.properties ?? {});
	const known = new Map<string, Declared | undefined>();
	/** By the field's own name, unescaped. */
	const part = (key: string): Declared | undefined => {
		if (!known.has(key)) {
			const child = Object.hasOwn(properties, key) ? properties[key] : undefined;
			known.set(key, child === undefined ? undefined : declare(child, child['x-kubernetes-embedded-resource'] === true, `${name}.${key}`));
		}
		return known.get(key);
	};
	const field = (identifier: string): Declared | undefined => {
		const key = unescapeName(identifier);
		return key === undefined || escapeName(key) !== identifier ? undefined : part(key);
	};
	return {
		type: { kind: 'object', name, field: (identifier) => field(identifier)?.type },
		convert: (v) => (isRecord(v) ? new RecordMap(v, (item, key) => part(key)?.convert(item), { typeName: name, unescape: unescapeName }) : mistyped(v)),
		field,
		get minSize() {
			return 2 + (schema.required ?? []).reduce((n, key) => n + requiredSize(key, properties[key], part(key)), 0);
		},
		maxElements: 0,
	};
}

const requiredSize = (key: string, schema: Props | undefined, declared: Declared | undefined): number =>
	schema === undefined || declared === undefined || schema.default !== undefined ? 0 : key.length + declared.minSize + 4;

function text(schema: Props): Declared {
	switch (schema.format) {
		case 'byte':
			return scalar(BYTES, bytesOf, 2, schema.maxLength ?? MAX_REQUEST - 2);
		case 'duration':
			return scalar(DURATION, durationOf, 2, 27);
		case 'date':
			return scalar(TIMESTAMP, (v) => timestampOf(typeof v === 'string' ? `${v}T00:00:00Z` : v), 12, 12);
		case 'date-time':
			return scalar(TIMESTAMP, timestampOf, 21, 39);
		default:
			return scalar(STRING, (v) => (typeof v === 'string' ? v : mistyped(v)), 2, longest(schema));
	}
}

function longest({ maxLength, enum: values }: Props): number {
	if (maxLength !== undefined) return Math.max(0, maxLength) * 4;
	if (values === undefined || values.length === 0) return MAX_REQUEST - 2;
	return Math.max(...values.map((v) => (typeof v === 'string' ? v.length : 0)));
}

function bytesOf(v: unknown): Value {
	const bytes = typeof v === 'string' ? base64Bytes(v) : undefined;
	return bytes === undefined ? mistyped(v) : Uint8Array.from(bytes);
}

function durationOf(v: unknown): Value {
	const nanos = typeof v === 'string' ? parseDuration(v) : undefined;
	return nanos === undefined ? (v === null ? null : new Fault(`Invalid duration ${String(v)}`)) : new Duration(nanos);
}

function timestampOf(v: unknown): Value {
	const nanos = typeof v === 'string' ? parseTimestamp(v) : undefined;
	return nanos === undefined ? (v === null ? null : new Fault(`Invalid date formatted string ${String(v)}`)) : new Timestamp(nanos);
}
