/** INSERT, UPDATE, DELETE with their constraints and RETURNING. */
import type { DeleteStatement, Expr, InsertStatement, SelectedColumn, SetStatement, UpdateStatement } from 'pgsql-ast-parser';
import { treeGet, treeRange } from '../../../kernel/tree.ts';
import { keyOf, type Row, type Table, type TableSchema, type Value } from './catalog.ts';
import { compile, type Scope } from './compile.ts';
import { SqlError } from './errors.ts';
import { candidates, outputColumns, type Result, scopeOf, select, tableColumns } from './select.ts';
import type { Session } from './session.ts';
import { cast, textOf } from './types.ts';

export interface Modified {
	readonly count: number;
	readonly result?: Result;
}

/** A row's value for a column that was given none. */
export function defaultValue(session: Session, column: TableSchema['columns'][number]): Value {
	if (column.sequence !== undefined) return session.nextValue(column.sequence);
	if (column.default === undefined) return null;
	return cast(compile(column.default, scopeOf(session, [])).get({ row: [] }), column.type);
}

function rowText(row: Row): string {
	return row.map((v) => (v === null ? 'null' : textOf(v))).join(', ');
}

function checkRow(session: Session, schema: TableSchema, row: Row): void {
	schema.columns.forEach((c, i) => {
		if (c.notNull && row[i] === null) {
			throw new SqlError(
				'23502',
				`null value in column "${c.name}" of relation "${schema.name}" violates not-null constraint`,
				`Failing row contains (${rowText(row)}).`,
			);
		}
	});
	if (schema.checks.length > 0) {
		const scope = scopeOf(
			session,
			schema.columns.map((c) => ({ table: schema.name, name: c.name, type: c.type })),
		);
		for (const check of schema.checks) {
			if (compile(check.expr, scope).get({ row }) === false) {
				throw new SqlError(
					'23514',
					`new row for relation "${schema.name}" violates check constraint "${check.name}"`,
					`Failing row contains (${rowText(row)}).`,
				);
			}
		}
	}
	for (const key of schema.foreignKeys) {
		const values = key.columns.map((c) => row[c] ?? null);
		if (values.includes(null)) continue;
		const foreign = session.table(key.table);
		const positions = key.foreign.map((n) => foreign.schema.columns.findIndex((c) => c.name === n));
		if (findByKey(foreign, positions, values) === undefined) {
			const names = key.columns.map((c) => schema.columns[c]?.name ?? '').join(', ');
			throw new SqlError(
				'23503',
				`insert or update on table "${schema.name}" violates foreign key constraint "${key.name}"`,
				`Key (${names})=(${values.map(textOf).join(', ')}) is not present in table "${key.table}".`,
			);
		}
	}
}

function findByKey(table: Table, columns: readonly number[], values: readonly Value[]): number | undefined {
	const index = table.schema.uniques.findIndex((u) => u.columns.length === columns.length && u.columns.every((c, i) => c === columns[i]));
	if (index !== -1) return treeGet(table.keys[index] ?? null, JSON.stringify(values));
	for (const { k, v } of treeRange(table.rows)) if (columns.every((c, i) => v[c] === values[i])) return k;
	return undefined;
}

/** The constraint and the row a new row collides with. */
function conflict(table: Table, row: Row, self?: number): { readonly unique: number; readonly id: number } | undefined {
	for (let i = 0; i < table.schema.uniques.length; i++) {
		const key = keyOf(row, table.schema.uniques[i]?.columns ?? []);
		const id = key === undefined ? undefined : treeGet(table.keys[i] ?? null, key);
		if (id !== undefined && id !== self) return { unique: i, id };
	}
	return undefined;
}

function uniqueError(schema: TableSchema, at: number, row: Row): SqlError {
	const unique = schema.uniques[at];
	const columns = unique?.columns ?? [];
	const names = columns.map((c) => schema.columns[c]?.name ?? '').join(', ');
	return new SqlError(
		'23505',
		`duplicate key value violates unique constraint "${unique?.name ?? ''}"`,
		`Key (${names})=(${columns.map((c) => textOf(row[c] ?? null)).join(', ')}) already exists.`,
	);
}

function columnIndex(schema: TableSchema, name: string): number {
	const at = schema.columns.findIndex((c) => c.name === name);
	if (at === -1) throw new SqlError('42703', `column "${name}" of relation "${schema.name}" does not exist`);
	return at;
}

function returning(
	session: Session,
	columns: readonly SelectedColumn[] | null | undefined,
	table: Table,
	alias: string,
	rows: readonly Row[],
): { readonly result?: Result } {
	if (columns === undefined || columns === null) return {};
	const output = outputColumns(columns, scopeOf(session, tableColumns(table, alias)));
	return { result: { fields: output.map((o) => ({ name: o.name, type: o.type })), rows: rows.map((row) => output.map((o) => o.get({ row }))) } };
}

export function insert(session: Session, s: InsertStatement): Modified {
	const name = s.into.name;
	const { schema } = session.table(name);
	const targets = s.columns === undefined || s.columns === null ? schema.columns.map((_c, i) => i) : s.columns.map((c) => columnIndex(schema, c.name));
	const stored: Row[] = [];
	for (const given of insertRows(session, s, targets, schema)) {
		const row = schema.columns.map((c, i) => {
			const at = targets.indexOf(i);
			const value = at === -1 ? undefined : given[at];
			if (value === undefined) return defaultValue(session, c);
			if (c.identity === 'always' && s.overriding !== 'system') {
				throw new SqlError(
					'428C9',
					`cannot insert a non-DEFAULT value into column "${c.name}"`,
					`Column "${c.name}" is an identity column defined as GENERATED ALWAYS.`,
					'Use OVERRIDING SYSTEM VALUE to override.',
				);
			}
			return cast(value, c.type);
		});
		checkRow(session, schema, row);
		const table = session.table(name);
		const hit = conflict(table, row);
		if (hit === undefined) {
			session.change({ op: 'row', db: session.env.database, table: name, id: table.next, row });
			stored.push(row);
			continue;
		}
		if (s.onConflict === undefined || s.onConflict === null) throw uniqueError(schema, hit.unique, row);
		if (s.onConflict.do === 'do nothing') continue;
		const old = treeGet(table.rows, hit.id) ?? row;
		const scope = scopeOf(session, [...tableColumns(table, s.into.alias ?? name), ...tableColumns(table, 'excluded')]);
		const next = assign(schema, old, s.onConflict.do.sets, scope, [...old, ...row], session);
		checkRow(session, schema, next);
		session.change({ op: 'row', db: session.env.database, table: name, id: hit.id, row: next });
		stored.push(next);
	}
	return { count: stored.length, ...returning(session, s.returning, session.table(name), s.into.alias ?? name, stored) };
}

/** The rows to insert; undefined in a place stands for DEFAULT. */
function insertRows(session: Session, s: InsertStatement, targets: readonly number[], schema: TableSchema): readonly (readonly (Value | undefined)[])[] {
	const wrong = (count: number): void => {
		if (count > targets.length) throw new SqlError('42601', 'INSERT has more expressions than target columns');
		if (count < targets.length && s.columns !== undefined && s.columns !== null) throw new SqlError('42601', 'INSERT has more target columns than expressions');
	};
	if (s.insert.type === 'values') {
		const scope = scopeOf(session, []);
		return s.insert.values.map((row) => {
			wrong(row.length);
			return row.map((e) => (e.type === 'default' ? undefined : compile(e, scope).get({ row: [] })));
		});
	}
	const result = select(session, s.insert);
	wrong(result.fields.length);
	return result.rows.map((r) => r.slice(0, schema.columns.length));
}

function assign(schema: TableSchema, old: Row, sets: readonly SetStatement[], scope: Scope, contextRow: Row, session: Session): Row {
	const next = [...old];
	for (const set of sets) {
		const at = columnIndex(schema, set.column.name);
		const column = schema.columns[at];
		if (column === undefined) continue;
		next[at] = set.value.type === 'default' ? defaultValue(session, column) : cast(compile(set.value, scope).get({ row: contextRow }), column.type);
	}
	return next;
}

function matching(session: Session, table: Table, alias: string, where: Expr | null | undefined): readonly (readonly [number, Row])[] {
	const rows = candidates(session, table, where);
	if (where === undefined || where === null) return rows;
	const test = compile(where, scopeOf(session, tableColumns(table, alias)));
	return rows.filter(([, row]) => test.get({ row }) === true);
}

export function update(session: Session, s: UpdateStatement): Modified {
	const name = s.table.name;
	const alias = s.table.alias ?? name;
	const table = session.table(name);
	if (s.from !== undefined && s.from !== null) throw new SqlError('0A000', 'UPDATE ... FROM is not supported by this simulated server');
	const scope = scopeOf(session, tableColumns(table, alias));
	const stored: Row[] = [];
	for (const [id, row] of matching(session, table, alias, s.where)) {
		const next = assign(table.schema, row, s.sets, scope, row, session);
		checkRow(session, table.schema, next);
		const hit = conflict(session.table(name), next, id);
		if (hit !== undefined) throw uniqueError(table.schema, hit.unique, next);
		session.change({ op: 'row', db: session.env.database, table: name, id, row: next });
		stored.push(next);
	}
	return { count: stored.length, ...returning(session, s.returning, table, alias, stored) };
}

export function remove(session: Session, s: DeleteStatement): Modified {
	const name = s.from.name;
	const alias = s.from.alias ?? name;
	const table = session.table(name);
	const rows = matching(session, table, alias, s.where);
	for (const [id, row] of rows) {
		dropReferences(session, table.schema, row);
		session.change({ op: 'row', db: session.env.database, table: name, id, row: null });
	}
	return {
		count: rows.length,
		...returning(
			session,
			s.returning,
			table,
			alias,
			rows.map(([, r]) => r),
		),
	};
}

/** Foreign keys that point at a row about to go: cascade, or refuse. */
function dropReferences(session: Session, schema: TableSchema, row: Row): void {
	for (const other of Object.values(session.database.tables)) {
		for (const key of other.schema.foreignKeys) {
			if (key.table !== schema.name) continue;
			const values = key.foreign.map((n) => row[schema.columns.findIndex((c) => c.name === n)] ?? null);
			for (const { k, v } of treeRange(other.rows)) {
				if (!key.columns.every((c, i) => v[c] === values[i])) continue;
				if (key.onDelete === 'cascade') {
					dropReferences(session, other.schema, v);
					session.change({ op: 'row', db: session.env.database, table: other.schema.name, id: k, row: null });
				} else if (key.onDelete === 'set null') {
					session.change({ op: 'row', db: session.env.database, table: other.schema.name, id: k, row: v.map((x, i) => (key.columns.includes(i) ? null : x)) });
				} else {
					throw new SqlError(
						'23503',
						`update or delete on table "${schema.name}" violates foreign key constraint "${key.name}" on table "${other.schema.name}"`,
						`Key (${key.foreign.join(', ')})=(${values.map(textOf).join(', ')}) is still referenced from table "${other.schema.name}".`,
					);
				}
			}
		}
	}
}
