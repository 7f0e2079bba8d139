/** Values held against a structural schema, with the words of kube-openapi's validation. */
import { sameData, isRecord } from '../equal.ts';
import { goRegexp } from '../regexp/translate.ts';
import type { FieldError } from '../types.ts';
import { duplicateValue, invalidValue, notSupportedValue, requiredValue, tooLongValue } from '../validation.ts';
import type { Props } from './definition.ts';
import { checkFormat } from './formats.ts';

/** As kube-openapi names a JSON value's type. */
function typeName(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'array';
	if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
	return typeof value === 'bigint' ? 'integer' : typeof value;
}

const tooMany = (field: string, count: number, max: number): FieldError => ({
	field,
	type: 'FieldValueTooMany',
	message: `Too many: ${count}: must have at most ${max} items`,
});
/** What concerns no field of its own (`anyOf` and the like) is said of none: upstream's path is nil there. */
const composite = (text: string): FieldError => ({ field: '<nil>', type: 'FieldValueInvalid', message: `Invalid value: "": ${text}` });

function numberErrors(value: number | bigint, schema: Props, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const say = (text: string): number => out.push(invalidValue(path, value, `${path} in body ${text}`));
	const { maximum: max, minimum: min, multipleOf } = schema;
	if (
		multipleOf !== undefined &&
		!(typeof value === 'bigint' && Number.isInteger(multipleOf) ? value % BigInt(multipleOf) === 0n : Number.isInteger(Number(value) / multipleOf))
	)
		say(`should be a multiple of ${multipleOf}`);
	if (max !== undefined && (schema.exclusiveMaximum === true ? value >= max : value > max))
		say(`should be less than ${schema.exclusiveMaximum === true ? '' : 'or equal to '}${max}`);
	if (min !== undefined && (schema.exclusiveMinimum === true ? value <= min : value < min))
		say(`should be greater than ${schema.exclusiveMinimum === true ? '' : 'or equal to '}${min}`);
	return out;
}

function textErrors(value: string, schema: Props, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const length = [...value].length;
	if (schema.maxLength !== undefined && length > schema.maxLength) out.push(tooLongValue(path, schema.maxLength));
	if (schema.minLength !== undefined && length < schema.minLength)
		out.push(invalidValue(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
	const pattern = schema.pattern === undefined ? undefined : goRegexp(schema.pattern);
	if (pattern instanceof RegExp && !pattern.test(value)) out.push(invalidValue(path, value, `${path} in body should match '${schema.pattern}'`));
	if (schema.format !== undefined && !checkFormat(schema.format, value))
		out.push(invalidValue(path, value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`));
	return out;
}

function listErrors(value: readonly unknown[], schema: Props, path: string, old: unknown): readonly FieldError[] {
	const out: FieldError[] = [];
	const { items, minItems, maxItems } = schema;
	if (minItems !== undefined && value.length < minItems) out.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`));
	if (maxItems !== undefined && value.length > maxItems) out.push(tooMany(path, value.length, maxItems));
	const before = counterparts(schema, Array.isArray(old) ? old : []);
	if (items !== undefined) for (const [i, item] of value.entries()) out.push(...schemaErrors(item, items, `${path}[${i}]`, before(item)));
	return [...out, ...duplicates(value, schema, path)];
}

/** Items of a set, and the keys of a map-like list, are there once (`listtype.ValidateListSetsAndMaps`). */
function duplicates(value: readonly unknown[], schema: Props, path: string): readonly FieldError[] {
	const type = schema['x-kubernetes-list-type'];
	if (type !== 'set' && type !== 'map') return [];
	const seen = new Set<string>();
	const told = new Set<string>();
	const out: FieldError[] = [];
	for (const [i, item] of value.entries()) {
		const key = type === 'set' ? item : keysOf(item, schema['x-kubernetes-list-map-keys'] ?? []);
		const text = JSON.stringify(key);
		if (seen.has(text) && !told.has(text)) {
			told.add(text);
			out.push(duplicateValue(`${path}[${i}]`, key));
		}
		seen.add(text);
	}
	return out;
}

function keysOf(item: unknown, names: readonly string[]): unknown {
	if (!isRecord(item)) return item;
	return Object.fromEntries([...names].sort().flatMap((n) => (item[n] === undefined ? [] : [[n, item[n]]])));
}

function recordErrors(value: { readonly [key: string]: unknown }, schema: Props, path: string, old: unknown): readonly FieldError[] {
	const out: FieldError[] = [];
	const count = Object.keys(value).length;
	const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
	if (schema.minProperties !== undefined && count < schema.minProperties)
		out.push(invalidValue(path, count, `${path} in body should have at least ${schema.minProperties} properties`));
	if (schema.maxProperties !== undefined && count > schema.maxProperties) out.push(tooMany(path, count, schema.maxProperties));
	for (const key of schema.required ?? []) if (!Object.hasOwn(value, key)) out.push(requiredValue(at(key)));
	const other = isRecord(schema.additionalProperties) ? (schema.additionalProperties as Props) : undefined;
	for (const key of Object.keys(value).sort()) {
		const child = schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : other;
		if (child !== undefined) out.push(...schemaErrors(value[key], child, at(key), isRecord(old) && Object.hasOwn(old, key) ? old[key] : undefined));
	}
	if (schema['x-kubernetes-embedded-resource'] === true) out.push(...embeddedErrors(value, path));
	return out;
}

/** An object inside an object says what it is. */
function embeddedErrors(value: { readonly [key: string]: unknown }, path: string): readonly FieldError[] {
	return ['apiVersion', 'kind'].flatMap((key) => {
		const held = value[key];
		if (held === undefined || held === '') return [requiredValue(`${path}.${key}`, 'must not be empty')];
		return typeof held === 'string' ? [] : [typeError(`${path}.${key}`, 'string', held)];
	});
}

const typeError = (path: string, type: string, value: unknown): FieldError => {
	const is = typeName(value);
	return { ...invalidValue(path, is, `${path} in body must be of type ${type}: ${JSON.stringify(is)}`), type: 'FieldValueTypeInvalid' };
};

function wrongType(value: unknown, schema: Props): string | undefined {
	const is = typeName(value);
	if (schema['x-kubernetes-int-or-string'] === true) return is === 'integer' || is === 'string' ? undefined : 'integer,string';
	const { type } = schema;
	if (type === undefined || type === '' || type === is || (type === 'number' && is === 'integer')) return undefined;
	return type;
}

function compositeErrors(value: unknown, schema: Props, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const fits = (s: Props): boolean => schemaErrors(value, s, path).length === 0;
	const name = JSON.stringify(path);
	if (schema.anyOf !== undefined && schema.anyOf.length > 0 && !schema.anyOf.some(fits))
		out.push(composite(`${name} must validate at least one schema (anyOf)`));
	if (schema.oneOf !== undefined && schema.oneOf.length > 0) {
		const count = schema.oneOf.filter(fits).length;
		if (count !== 1)
			out.push(composite(`${name} must validate one and only one schema (oneOf). ${count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`}`));
	}
	if (schema.allOf !== undefined) {
		const inner = schema.allOf.flatMap((s) => schemaErrors(value, s, path));
		if (inner.length > 0) out.push(composite(`${name} must validate all the schemas (allOf)`), ...inner);
	}
	if (schema.not !== undefined && fits(schema.not)) out.push(composite(`${name} must not validate the schema (not)`));
	return out;
}

/** Finds the item of `old` that is the same one by its keys, where the list is map-like: no others have a counterpart. */
export function counterparts(schema: Props, old: readonly unknown[]): (item: unknown) => unknown {
	const keys = schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [];
	if (keys.length === 0 || old.length === 0) return () => undefined;
	const keyOf = (item: unknown): string => JSON.stringify(isRecord(item) ? keys.map((k) => item[k] ?? null) : null);
	const byKey = new Map(old.map((item) => [keyOf(item), item]));
	return (item) => byKey.get(keyOf(item));
}

/**
 * What is wrong with `value`; paths as upstream prints them (`spec.items[0].name`).
 * @param old the value before, for an update: what was wrong and stays as it was is let be (ratcheting).
 */
export function schemaErrors(value: unknown, schema: Props, path = '', old?: unknown): readonly FieldError[] {
	if (old !== undefined && sameData(value, old)) return [];
	if (value === null && schema.nullable === true) return [];
	const wanted = wrongType(value, schema);
	if (wanted !== undefined) return [typeError(path, wanted, value)];
	const out: FieldError[] = [];
	if (typeof value === 'number' || typeof value === 'bigint') out.push(...numberErrors(value, schema, path));
	else if (typeof value === 'string') out.push(...textErrors(value, schema, path));
	else if (Array.isArray(value)) out.push(...listErrors(value, schema, path, old));
	else if (isRecord(value)) out.push(...recordErrors(value, schema, path, old));
	if (schema.enum !== undefined && schema.enum.length > 0 && !schema.enum.some((v) => sameData(v, value)))
		out.push(
			notSupportedValue(
				path,
				value,
				schema.enum.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))),
			),
		);
	return [...out, ...compositeErrors(value, schema, path)];
}
