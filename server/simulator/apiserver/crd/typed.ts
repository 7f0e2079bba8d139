/** What server-side apply says of a patch that does not fit its schema (structured-merge-diff's `typed` package). */
import { isRecord } from '../equal.ts';
import type { Props } from './definition.ts';

/** A value as Go's `%#v` shows structured-merge-diff's wrapper of it. */
function shown(value: unknown): string {
	const inner =
		typeof value === 'string'
			? JSON.stringify(value)
			: isRecord(value)
				? 'map[string]interface {}{}'
				: Array.isArray(value)
					? '[]interface {}{}'
					: String(value);
	return `&value.valueUnstructured{Value:${inner}}`;
}

function goType(value: unknown): string {
	if (typeof value === 'string') return 'string';
	if (typeof value === 'boolean') return 'bool';
	return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

function scalarError(value: unknown, type: string | undefined): string | undefined {
	switch (type) {
		case 'string':
			return typeof value === 'string' ? undefined : `expected string, got ${shown(value)}`;
		case 'boolean':
			return typeof value === 'boolean' ? undefined : `expected boolean, got ${shown(value)}`;
		case 'integer':
		case 'number':
			return typeof value === 'number' || typeof value === 'bigint' ? undefined : `expected numeric (int or float), got ${goType(value)}`;
		case 'object':
			return isRecord(value) ? undefined : `expected map, got ${shown(value)}`;
		case 'array':
			return Array.isArray(value) ? undefined : `expected list, got ${shown(value)}`;
		default:
			return undefined;
	}
}

/** One line a fault: `.spec.replicas: expected numeric (int or float), got string`. Unknown fields are somebody else's to report. */
export function typedErrors(value: unknown, schema: Props, path = ''): readonly string[] {
	if (value === null || value === undefined) return [];
	const wrong = scalarError(value, schema.type);
	if (wrong !== undefined) return [`${path}: ${wrong}`];
	if (Array.isArray(value)) {
		const { items } = schema;
		return items === undefined ? [] : value.flatMap((item: unknown, i) => typedErrors(item, items, `${path}${itemText(item, i, schema)}`));
	}
	if (!isRecord(value)) return [];
	const other = isRecord(schema.additionalProperties) ? (schema.additionalProperties as Props) : undefined;
	return Object.keys(value).flatMap((key) => {
		const child = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : other;
		return child === undefined ? [] : typedErrors(value[key], child, `${path}.${key}`);
	});
}

function itemText(item: unknown, index: number, schema: Props): string {
	const keys = schema['x-kubernetes-list-type'] === 'map' ? schema['x-kubernetes-list-map-keys'] : undefined;
	if (keys === undefined || !isRecord(item)) return `[${index}]`;
	return `[${[...keys]
		.sort()
		.flatMap((k) => (item[k] === undefined ? [] : [`${k}=${JSON.stringify(item[k])}`]))
		.join(',')}]`;
}
