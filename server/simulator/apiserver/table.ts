/** Server-side printing: meta.k8s.io/v1 Tables and PartialObjectMetadata. */
import { humanDuration, parseTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import type { KubeObject, Strategy, TableColumn, TableWriter } from './types.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

const NAME_DESCRIPTION =
	'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const CREATED_DESCRIPTION =
	'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

/** Columns of a resource that brings none (`rest.NewDefaultTableConvertor`). */
const DEFAULT_COLUMNS: readonly TableColumn[] = [
	{ name: 'Name', type: 'string', format: 'name', description: NAME_DESCRIPTION, priority: 0 },
	{ name: 'Created At', type: 'date', description: CREATED_DESCRIPTION, priority: 0 },
];

const defaultTable: TableWriter = {
	columns: DEFAULT_COLUMNS,
	row: (_world, object) => [object.metadata.name, object.metadata.creationTimestamp],
};

/** An object's age as a column shows it (`translateTimestampSince`). */
export function age(world: World, timestamp: string | undefined): string {
	const at = timestamp === undefined ? undefined : parseTime(timestamp);
	return at === undefined ? '<unknown>' : humanDuration(world.now - at);
}

export function partialMetadata(object: KubeObject): KubeObject {
	return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

function included(object: KubeObject, include: IncludeObject): KubeObject | null {
	if (include === 'None') return null;
	return include === 'Object' ? object : partialMetadata(object);
}

/** Cells are written from objects as they are stored, whichever version was asked for. */
function stored(strategy: Strategy, object: KubeObject): KubeObject {
	if (strategy.converted === undefined) return object;
	const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
	return strategy.converted[version]?.toStored(object) ?? object;
}

/** A Table of `objects`; `metadata` is the list's (resourceVersion, continue). Later events of a watch leave the columns out. */
export function tableOf(
	world: World,
	strategy: Strategy,
	objects: readonly KubeObject[],
	metadata: { readonly [k: string]: unknown },
	include: IncludeObject,
	withColumns = true,
): { readonly [k: string]: unknown } {
	const writer = strategy.table ?? defaultTable;
	const columnDefinitions = withColumns ? writer.columns.map((c) => ({ format: '', ...c })) : null;
	const rows = objects.map((o) => ({ cells: writer.row(world, stored(strategy, o)), object: included(o, include) }));
	return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions, rows };
}
