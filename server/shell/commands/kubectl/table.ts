/** Server-side tables and how `get` shows them: columns by priority, namespace, kind, labels (cli-runtime's TablePrinter). */
import type { Obj } from './client.ts';
import { type Mapping, singularName } from './discovery.ts';
import { age } from './human.ts';
import { jsonText } from './json-text.ts';
import { typed } from './select.ts';

export interface Column {
	readonly name: string;
	readonly type: string;
	readonly priority: number;
}

export interface Row {
	readonly cells: readonly unknown[];
	readonly object: Obj;
	/** Conditions of type Completed hide a row from nobody today; kept as the server sent them. */
	readonly conditions?: readonly Obj[];
}

export interface Table {
	readonly columns: readonly Column[];
	readonly rows: readonly Row[];
	readonly resourceVersion: string;
	readonly continue: string;
}

/** Reads an answer to a table request; a server that sent objects gets a table of name and age. */
export function readTable(answer: Obj, now: number, columns?: readonly Column[]): Table {
	const meta = (answer.metadata ?? {}) as Record<string, unknown>;
	const head = { resourceVersion: String(meta['resourceVersion'] ?? ''), continue: String(meta['continue'] ?? '') };
	if (answer.kind === 'Table') {
		const sent = ((answer['columnDefinitions'] ?? []) as Obj[]).map((c) => ({
			name: String(c['name']),
			type: String(c['type']),
			priority: Number(c['priority'] ?? 0),
		}));
		const rows = ((answer['rows'] ?? []) as Obj[]).map((r) => ({ cells: (r['cells'] ?? []) as unknown[], object: (r['object'] ?? {}) as Obj }));
		return { ...head, columns: sent.length > 0 ? sent : (columns ?? []), rows };
	}
	const items = Array.isArray(answer['items']) ? (answer['items'] as Obj[]) : [answer];
	return {
		...head,
		columns: [
			{ name: 'Name', type: 'string', priority: 0 },
			{ name: 'Age', type: 'string', priority: 0 },
		],
		rows: items.map((object) => ({ cells: [object.metadata?.name ?? '', age(object.metadata?.creationTimestamp, now)], object })),
	};
}

export interface TableLook {
	readonly wide: boolean;
	readonly noHeaders: boolean;
	readonly withNamespace: boolean;
	readonly withKind: boolean;
	readonly showLabels: boolean;
	readonly labelColumns: readonly string[];
	/** Watch events get their type as a first column. */
	readonly eventType?: string | undefined;
}

export function labelsText(labels: { readonly [k: string]: string } | undefined): string {
	const names = Object.keys(labels ?? {}).sort();
	return names.length === 0 ? '<none>' : names.map((n) => `${n}=${labels?.[n] ?? ''}`).join(',');
}

const cellText = (cell: unknown): string => {
	if (cell === null || cell === undefined) return '<none>';
	const text = typeof cell === 'object' ? jsonText(cell) : String(cell);
	// A line break would tear the table: everything after the first goes (TablePrinter's truncation).
	const at = text.search(/[\f\n\r]/);
	return at < 0 ? text : `${text.slice(0, at)}...`;
};

export function headerOf(table: Table, look: TableLook): string[] {
	const shown = table.columns.filter((c) => look.wide || c.priority === 0).map((c) => c.name.toUpperCase());
	return [
		...(look.eventType === undefined ? [] : ['EVENT']),
		...(look.withNamespace ? ['NAMESPACE'] : []),
		...shown,
		...look.labelColumns.map((l) => (l.split('/').at(-1) ?? l).toUpperCase()),
		...(look.showLabels ? ['LABELS'] : []),
	];
}

export function rowText(table: Table, row: Row, mapping: Mapping, look: TableLook): string[] {
	const cells = table.columns.map((c, i) => ({ c, text: cellText(row.cells[i]) })).filter(({ c }) => look.wide || c.priority === 0);
	const texts = cells.map(({ text }) => text);
	if (look.withKind && texts.length > 0) texts[0] = `${singularName(mapping)}/${texts[0]}`;
	const object = typed(mapping, row.object);
	return [
		...(look.eventType === undefined ? [] : [look.eventType]),
		...(look.withNamespace ? [object.metadata?.namespace ?? ''] : []),
		...texts,
		...look.labelColumns.map((l) => object.metadata?.labels?.[l] ?? ''),
		...(look.showLabels ? [labelsText(object.metadata?.labels)] : []),
	];
}
