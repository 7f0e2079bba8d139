/** What a PostgreSQL cluster holds, as plain immutable data, and the changes that its write-ahead log records. */
import type { Expr } from 'pgsql-ast-parser';
import { type Tree, treeGet, treeRange, treeRemove, treeSet } from '../../../kernel/tree.ts';

export type Value = string | number | boolean | null;
export type Row = readonly Value[];

export interface Column {
	readonly name: string;
	/** As format_type prints it, e.g. `timestamp with time zone`. */
	readonly type: string;
	readonly notNull: boolean;
	readonly default?: Expr;
	/** Sequence behind serial and identity columns. */
	readonly sequence?: string;
	readonly identity?: 'always' | 'by default';
}

export interface UniqueConstraint {
	readonly name: string;
	readonly primary: boolean;
	/** A bare CREATE UNIQUE INDEX rather than a constraint. */
	readonly indexOnly?: boolean;
	/** Positions of columns. */
	readonly columns: readonly number[];
}

export interface ForeignKey {
	readonly name: string;
	readonly columns: readonly number[];
	readonly table: string;
	readonly foreign: readonly string[];
	readonly onDelete: string;
}

export interface TableSchema {
	readonly name: string;
	readonly columns: readonly Column[];
	readonly uniques: readonly UniqueConstraint[];
	readonly checks: readonly { readonly name: string; readonly expr: Expr }[];
	readonly foreignKeys: readonly ForeignKey[];
	/** Plain indexes: known by name, not used. */
	readonly indexes: readonly { readonly name: string; readonly text: string }[];
}

export interface Table {
	readonly schema: TableSchema;
	/** By an ever growing row number, so that a table reads in order of insertion. */
	readonly rows: Tree<number, Row>;
	readonly next: number;
	/** One index a unique constraint: key text → row number. */
	readonly keys: readonly Tree<string, number>[];
}

export interface Sequence {
	readonly last: number;
	readonly called: boolean;
}

export interface Database {
	readonly owner: string;
	readonly tables: { readonly [name: string]: Table };
	readonly sequences: { readonly [name: string]: Sequence };
}

export interface Role {
	/** Hash of the password; absent where none was set. */
	readonly password?: string;
	readonly superuser: boolean;
}

export interface Cluster {
	readonly roles: { readonly [name: string]: Role };
	readonly databases: { readonly [name: string]: Database };
}

/** One record of the log. `db` is left out of records about the whole cluster. */
export type Change =
	| { readonly op: 'role'; readonly name: string; readonly role: Role | null }
	| { readonly op: 'database'; readonly name: string; readonly owner: string | null }
	| { readonly op: 'table'; readonly db: string; readonly name: string; readonly schema: TableSchema | null }
	| { readonly op: 'row'; readonly db: string; readonly table: string; readonly id: number; readonly row: Row | null }
	| { readonly op: 'truncate'; readonly db: string; readonly table: string }
	| { readonly op: 'sequence'; readonly db: string; readonly name: string; readonly value: Sequence | null };

export const EMPTY_CLUSTER: Cluster = { roles: {}, databases: {} };

/** The key of a row under a constraint; undefined where a part is NULL, which never conflicts. */
export function keyOf(row: Row, columns: readonly number[]): string | undefined {
	const parts = columns.map((c) => row[c] ?? null);
	return parts.includes(null) ? undefined : JSON.stringify(parts);
}

function without<T>(map: { readonly [name: string]: T }, name: string): { readonly [name: string]: T } {
	const { [name]: _gone, ...rest } = map;
	return rest;
}

function setRow(table: Table, id: number, row: Row | null): Table {
	const old = treeGet(table.rows, id);
	const keys = table.keys.map((index, i) => {
		const columns = table.schema.uniques[i]?.columns ?? [];
		const before = old === undefined ? undefined : keyOf(old, columns);
		const after = row === null ? undefined : keyOf(row, columns);
		if (before === after) return index;
		const cleared = before === undefined ? index : treeRemove(index, before);
		return after === undefined ? cleared : treeSet(cleared, after, id);
	});
	return { ...table, rows: row === null ? treeRemove(table.rows, id) : treeSet(table.rows, id, row), next: Math.max(table.next, id + 1), keys };
}

/** Builds the indexes of a table anew after its schema has changed. */
function withSchema(schema: TableSchema, old: Table | undefined): Table {
	const keys = schema.uniques.map((u) => {
		let index: Tree<string, number> = null;
		for (const { k, v } of treeRange(old?.rows ?? null)) {
			const key = keyOf(v, u.columns);
			if (key !== undefined) index = treeSet(index, key, k);
		}
		return index;
	});
	return { schema, rows: old?.rows ?? null, next: old?.next ?? 1, keys };
}

/** The only way a cluster changes: live statements and the replay of the log go through it alike. */
export function applyChange(cluster: Cluster, change: Change): Cluster {
	if (change.op === 'role') {
		return { ...cluster, roles: change.role === null ? without(cluster.roles, change.name) : { ...cluster.roles, [change.name]: change.role } };
	}
	if (change.op === 'database') {
		const databases =
			change.owner === null
				? without(cluster.databases, change.name)
				: { ...cluster.databases, [change.name]: { tables: {}, sequences: {}, ...cluster.databases[change.name], owner: change.owner } };
		return { ...cluster, databases };
	}
	const db = cluster.databases[change.db];
	return db === undefined ? cluster : { ...cluster, databases: { ...cluster.databases, [change.db]: changeDatabase(db, change) } };
}

function changeDatabase(db: Database, change: Exclude<Change, { readonly op: 'role' | 'database' }>): Database {
	switch (change.op) {
		case 'sequence':
			return { ...db, sequences: change.value === null ? without(db.sequences, change.name) : { ...db.sequences, [change.name]: change.value } };
		case 'table':
			if (change.schema === null) return { ...db, tables: without(db.tables, change.name) };
			return {
				...db,
				tables: {
					...(change.schema.name === change.name ? db.tables : without(db.tables, change.name)),
					[change.schema.name]: withSchema(change.schema, db.tables[change.name]),
				},
			};
		case 'truncate':
		case 'row': {
			const table = db.tables[change.table];
			if (table === undefined) return db;
			const next = change.op === 'row' ? setRow(table, change.id, change.row) : { ...withSchema(table.schema, undefined), next: table.next };
			return { ...db, tables: { ...db.tables, [change.table]: next } };
		}
	}
}
