/** Printer columns of custom resources (`apiserver/pkg/registry/customresource/tableconvertor`). */
import { age } from '../table.ts';
import type { World } from '../../kernel/world.ts';
import type { Json, TableColumn, TableWriter } from '../types.ts';
import type { Column } from './definition.ts';
import { find, parsePath } from './json-path.ts';

const NAME: TableColumn = {
	name: 'Name',
	type: 'string',
	format: 'name',
	description:
		'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
	priority: 0,
};

/** What a definition without columns gets. */
const AGE: Column = {
	name: 'Age',
	type: 'date',
	description:
		'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
	jsonPath: '.metadata.creationTimestamp',
};

/** A whole number that only 64 bits hold: JSON to every writer. */
const wide = (value: unknown): Json => (typeof value === 'bigint' ? (value as unknown as Json) : null);

/** `cellForJSONValue`: a value of another type than its column's shows nothing. */
function cell(world: World, type: string, value: unknown): Json {
	if (value === undefined || value === null) return null;
	switch (type) {
		case 'integer':
			return typeof value === 'number' ? Math.trunc(value) : wide(value);
		case 'number':
			return typeof value === 'number' ? value : wide(value);
		case 'boolean':
			return typeof value === 'boolean' ? value : null;
		case 'date': {
			if (typeof value !== 'string') return null;
			const text = age(world, value);
			return text === '<unknown>' ? '<invalid>' : text;
		}
		default:
			return typeof value === 'string' ? value : JSON.stringify(value);
	}
}

export function customTable(columns: readonly Column[] | undefined): TableWriter {
	const all = columns === undefined || columns.length === 0 ? [AGE] : columns;
	const paths = all.map((c) => parsePath(c.jsonPath) ?? []);
	return {
		columns: [
			NAME,
			...all.map((c) => ({
				name: c.name,
				type: c.type as TableColumn['type'],
				...(c.format === undefined ? {} : { format: c.format }),
				description: c.description || `Custom resource definition column (in JSONPath format): ${c.jsonPath}`,
				priority: c.priority ?? 0,
			})),
		],
		row: (world, object) => [object.metadata.name, ...all.map((c, i) => cell(world, c.type, find(object, paths[i] ?? [])[0]))],
	};
}
