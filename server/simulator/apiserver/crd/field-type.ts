/** A structural schema as the type that server-side apply works with: what merges, what is one whole. */
import type { Field, ScalarType, StructType, Type } from '../openapi/schema.ts';
import { namedType } from '../openapi/schema.ts';
import type { Props } from './definition.ts';

const ANYTHING: ScalarType = { kind: 'Any', go: 'interface {}' };

function typeOf(schema: Props, id: string): Type {
	const of = schema.additionalProperties;
	if (schema.type === 'array' && schema.items !== undefined) {
		const items = typeOf(schema.items, id);
		return { kind: 'list', go: `[]${items.go}`, of: items };
	}
	if (schema.type !== 'object') return ANYTHING;
	// What keeps unknown fields takes any: a struct would call them undeclared.
	if (schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-embedded-resource'] === true) return ANYTHING;
	if (typeof of === 'object') return { kind: 'map', go: 'map[string]interface {}', of: typeOf(of, id) };
	if (of === true) return { kind: 'map', go: 'map[string]interface {}', of: ANYTHING };
	return structOf(schema, id, new Map());
}

function structOf(schema: Props, id: string, fields: Map<string, Field>): StructType {
	for (const [name, child] of Object.entries(schema.properties ?? {})) if (!fields.has(name)) fields.set(name, fieldOf(name, child, schema, id));
	return { kind: 'struct', go: id, name: id, id, fields, embedded: [] };
}

function fieldOf(name: string, schema: Props, parent: Props, id: string): Field {
	const list = schema['x-kubernetes-list-type'];
	const keys = schema['x-kubernetes-list-map-keys'];
	return {
		name,
		required: parent.required?.includes(name) ?? false,
		pointer: false,
		number: 0,
		retainKeys: false,
		set: list === 'set',
		atomic: schema['x-kubernetes-map-type'] === 'atomic' || list === 'atomic',
		...(list === 'map' && keys !== undefined ? { listKeys: keys } : {}),
		type: typeOf(schema, id),
	};
}

const plain = (name: string, type: Type): Field => ({ name, required: false, pointer: false, number: 0, retainKeys: false, set: false, atomic: false, type });

/** The type of a custom kind. */
export function customType(schema: Props, kind: string): StructType {
	const fields = new Map<string, Field>([
		['apiVersion', plain('apiVersion', ANYTHING)],
		['kind', plain('kind', ANYTHING)],
		['metadata', plain('metadata', namedType('meta/v1.ObjectMeta'))],
	]);
	return structOf(schema, kind, fields);
}

/** Whether a kind's whole content is its clients' own: no type says what it holds. */
export const isOpen = (schema: Props): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;
