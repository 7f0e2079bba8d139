/** Columns and cells of server-side tables: `pkg/printers/internalversion/printers.go`. */
import type { World } from '../../kernel/world.ts';
import { age as ageOf } from '../table.ts';
import type { Json, KubeObject, TableColumn, TableWriter } from '../types.ts';
import { arr, type Fields, isRecord, rec, recs, str, strs, textMap } from './fields.ts';

type Cell = Json;

const DESCRIPTIONS: { readonly [name: string]: string } = {
	Name: 'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
	Age: 'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
};

/** A column from `Name`, `Ready:integer` (a type other than string), with a `*` before what only `-o wide` shows. */
function column(text: string): TableColumn {
	const wide = text.startsWith('*');
	const [name = '', type = 'string'] = (wide ? text.slice(1) : text).split(':');
	const base = { name, type: type as TableColumn['type'], description: DESCRIPTIONS[name] ?? '', priority: wide ? 1 : 0 };
	return name === 'Name' ? { ...base, format: 'name' } : { ...base, format: '' };
}

export function table(columns: readonly string[], row: (world: World, object: KubeObject) => readonly Cell[]): TableWriter {
	return { columns: columns.map(column), row };
}

/** How long ago a time was, as `kubectl get` prints it; `<unknown>` for none. */
export function since(world: World, time: unknown): string {
	return ageOf(world, typeof time === 'string' ? time : undefined);
}

export function age(world: World, object: KubeObject): string {
	return since(world, object.metadata.creationTimestamp);
}

/** `a=b,c=d` in key order, or `<none>`: apimachinery's labels.FormatLabels. */
export function formatLabels(labels: unknown): string {
	const map = textMap(labels);
	const keys = Object.keys(map).sort();
	return keys.length === 0 ? '<none>' : keys.map((k) => `${k}=${map[k]}`).join(',');
}

/** A LabelSelector as metav1.FormatLabelSelector prints it. */
export function formatSelector(selector: unknown): string {
	if (!isRecord(selector)) return '<none>';
	const parts: { readonly key: string; readonly text: string }[] = [];
	const labels = textMap(selector.matchLabels);
	for (const key of Object.keys(labels)) parts.push({ key, text: `${key}=${labels[key]}` });
	for (const e of recs(selector.matchExpressions)) parts.push({ key: str(e.key), text: requirement(e) });
	if (parts.length === 0) return '<none>';
	return parts
		.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
		.map((p) => p.text)
		.join(',');
}

function requirement(expression: Fields): string {
	const key = str(expression.key);
	const values = [...strs(expression.values)].sort().join(',');
	switch (expression.operator) {
		case 'In':
			return `${key} in (${values})`;
		case 'NotIn':
			return `${key} notin (${values})`;
		case 'DoesNotExist':
			return `!${key}`;
		default:
			return key;
	}
}

/** The containers' names and images of a pod template, comma-separated. */
export function containerCells(podSpec: unknown): readonly [string, string] {
	const containers = recs(rec(podSpec).containers);
	return [containers.map((c) => str(c.name)).join(','), containers.map((c) => str(c.image)).join(',')];
}

export const countKeys = (value: unknown): number => (isRecord(value) ? Object.keys(value).length : 0);
export const countItems = (value: unknown): number => arr(value).length;
