/** CREATE, ALTER and DROP TABLE, indexes. */
import type { AlterTableStatement, CreateColumnDef, CreateIndexStatement, CreateTableStatement, TableAlteration, TableConstraint } from 'pgsql-ast-parser';
import { treeRange } from '../../../kernel/tree.ts';
import { type Column, type ForeignKey, keyOf, type TableSchema, type UniqueConstraint } from './catalog.ts';
import { compile } from './compile.ts';
import { SqlError } from './errors.ts';
import { defaultValue } from './modify.ts';
import { scopeOf } from './select.ts';
import type { Session } from './session.ts';
import { cast, isSerial, typeName } from './types.ts';

/** A NOTICE the statement raised, or nothing. */
export type Notice = string | undefined;

function addColumn(session: Session, schema: TableSchema, def: CreateColumnDef): TableSchema {
	if (schema.columns.some((c) => c.name === def.name.name)) {
		throw new SqlError(
			'42701',
			schema.columns.length > 0 && session.database.tables[schema.name] !== undefined
				? `column "${def.name.name}" of relation "${schema.name}" already exists`
				: `column "${def.name.name}" specified more than once`,
		);
	}
	const at = schema.columns.length;
	const name = def.name.name;
	let column: Column = { name, type: typeName(def.dataType), notNull: false };
	const sequence = `${schema.name}_${name}_seq`;
	const makeSequence = (): void => session.change({ op: 'sequence', db: session.env.database, name: sequence, value: { last: 1, called: false } });
	if (isSerial(def.dataType)) {
		makeSequence();
		column = { ...column, notNull: true, sequence };
	}
	let next: TableSchema = schema;
	for (const c of def.constraints ?? []) {
		switch (c.type) {
			case 'not null':
				column = { ...column, notNull: true };
				break;
			case 'primary key':
			case 'unique':
				if (c.type === 'primary key') column = { ...column, notNull: true };
				next = withUnique(next, {
					name: c.constraintName?.name ?? (c.type === 'unique' ? `${schema.name}_${name}_key` : `${schema.name}_pkey`),
					primary: c.type === 'primary key',
					columns: [at],
				});
				break;
			case 'default':
				column = { ...column, default: c.default };
				break;
			case 'add generated':
				makeSequence();
				column = { ...column, notNull: true, sequence, identity: c.always ?? 'by default' };
				break;
			case 'check':
				next = { ...next, checks: [...next.checks, { name: c.constraintName?.name ?? `${schema.name}_${name}_check`, expr: c.expr }] };
				break;
			case 'reference':
				next = withForeignKey(session, next, {
					name: c.constraintName?.name ?? `${schema.name}_${name}_fkey`,
					columns: [at],
					table: c.foreignTable.name,
					foreign: c.foreignColumns.map((n) => n.name),
					onDelete: c.onDelete ?? 'no action',
				});
				break;
		}
	}
	return { ...next, columns: [...schema.columns, column] };
}

function withUnique(schema: TableSchema, unique: UniqueConstraint): TableSchema {
	if (unique.primary && schema.uniques.some((u) => u.primary)) throw new SqlError('42P16', `multiple primary keys for table "${schema.name}" are not allowed`);
	return { ...schema, uniques: [...schema.uniques, unique] };
}

function withForeignKey(session: Session, schema: TableSchema, key: ForeignKey): TableSchema {
	const target = key.table === schema.name ? schema : session.table(key.table).schema;
	const primary = target.uniques.find((u) => u.primary);
	const foreign = key.foreign.length > 0 ? key.foreign : (primary?.columns ?? []).map((c) => target.columns[c]?.name ?? '');
	const unique = target.uniques.some((u) => u.columns.length === foreign.length && u.columns.every((c, i) => target.columns[c]?.name === foreign[i]));
	if (!unique && target !== schema) throw new SqlError('42830', `there is no unique constraint matching given keys for referenced table "${key.table}"`);
	return { ...schema, foreignKeys: [...schema.foreignKeys, { ...key, foreign }] };
}

function columnAt(schema: TableSchema, name: string): number {
	const at = schema.columns.findIndex((c) => c.name === name);
	if (at === -1) throw new SqlError('42703', `column "${name}" of relation "${schema.name}" does not exist`);
	return at;
}

function addConstraint(session: Session, schema: TableSchema, c: TableConstraint): TableSchema {
	const name = c.constraintName?.name;
	switch (c.type) {
		case 'primary key':
		case 'unique': {
			const columns = c.columns.map((n) => {
				const at = schema.columns.findIndex((col) => col.name === n.name);
				if (at === -1) throw new SqlError('42703', `column "${n.name}" named in key does not exist`);
				return at;
			});
			const primary = c.type === 'primary key';
			const names = columns.map((i) => schema.columns[i]?.name ?? '').join('_');
			const next = withUnique(schema, { name: name ?? (primary ? `${schema.name}_pkey` : `${schema.name}_${names}_key`), primary, columns });
			return primary ? { ...next, columns: next.columns.map((col, i) => (columns.includes(i) ? { ...col, notNull: true } : col)) } : next;
		}
		case 'check':
			return { ...schema, checks: [...schema.checks, { name: name ?? `${schema.name}_check`, expr: c.expr }] };
		case 'foreign key': {
			const columns = c.localColumns.map((n) => columnAt(schema, n.name));
			const names = c.localColumns.map((n) => n.name).join('_');
			return withForeignKey(session, schema, {
				name: name ?? `${schema.name}_${names}_fkey`,
				columns,
				table: c.foreignTable.name,
				foreign: c.foreignColumns.map((n) => n.name),
				onDelete: c.onDelete ?? 'no action',
			});
		}
	}
}

export function createTable(session: Session, s: CreateTableStatement): Notice {
	const name = s.name.name;
	if (session.database.tables[name] !== undefined) {
		if (s.ifNotExists === true) return `relation "${name}" already exists, skipping`;
		throw new SqlError('42P07', `relation "${name}" already exists`);
	}
	let schema: TableSchema = { name, columns: [], uniques: [], checks: [], foreignKeys: [], indexes: [] };
	for (const c of s.columns) {
		if (c.kind !== 'column') throw new SqlError('0A000', 'CREATE TABLE ... LIKE is not supported by this simulated server');
		schema = addColumn(session, schema, c);
	}
	for (const c of s.constraints ?? []) schema = addConstraint(session, schema, c);
	for (const check of schema.checks)
		compile(
			check.expr,
			scopeOf(
				session,
				schema.columns.map((c) => ({ table: name, name: c.name, type: c.type })),
			),
		);
	session.change({ op: 'table', db: session.env.database, name, schema });
	return undefined;
}

export function dropTable(session: Session, name: string, ifExists: boolean, cascade: boolean): Notice {
	const table = session.database.tables[name];
	if (table === undefined) {
		if (ifExists) return `table "${name}" does not exist, skipping`;
		throw new SqlError('42P01', `table "${name}" does not exist`);
	}
	for (const other of Object.values(session.database.tables)) {
		const keys = other.schema.foreignKeys.filter((k) => k.table === name && other.schema.name !== name);
		const first = keys[0];
		if (first === undefined) continue;
		if (!cascade) {
			throw new SqlError(
				'2BP01',
				`cannot drop table ${name} because other objects depend on it`,
				`constraint ${first.name} on table ${other.schema.name} depends on table ${name}`,
				'Use DROP ... CASCADE to drop the dependent objects too.',
			);
		}
		session.change({
			op: 'table',
			db: session.env.database,
			name: other.schema.name,
			schema: { ...other.schema, foreignKeys: other.schema.foreignKeys.filter((k) => k.table !== name) },
		});
	}
	for (const c of table.schema.columns) {
		if (c.sequence !== undefined) session.change({ op: 'sequence', db: session.env.database, name: c.sequence, value: null });
	}
	session.change({ op: 'table', db: session.env.database, name, schema: null });
	return undefined;
}

/** Fails where rows that are there already break a unique key. */
function checkUnique(session: Session, schema: TableSchema): void {
	const table = session.table(schema.name);
	for (const unique of schema.uniques) {
		const seen = new Set<string>();
		for (const { v } of treeRange(table.rows)) {
			const key = keyOf(v, unique.columns);
			if (key !== undefined && seen.has(key))
				throw new SqlError(
					'23505',
					`could not create unique index "${unique.name}"`,
					`Key (${unique.columns.map((c) => schema.columns[c]?.name).join(', ')}) is duplicated.`,
				);
			if (key !== undefined) seen.add(key);
		}
	}
}

export function createIndex(session: Session, s: CreateIndexStatement): Notice {
	const { schema } = session.table(s.table.name);
	const columns = s.expressions.map((e) => (e.expression.type === 'ref' ? e.expression.name : 'expr'));
	const name = s.indexName?.name ?? `${schema.name}_${columns.join('_')}_idx`;
	const taken = Object.values(session.database.tables).some((t) => [...t.schema.indexes, ...t.schema.uniques].some((i) => i.name === name));
	if (taken) {
		if (s.ifNotExists === true) return `relation "${name}" already exists, skipping`;
		throw new SqlError('42P07', `relation "${name}" already exists`);
	}
	const positions = s.expressions.flatMap((e) => (e.expression.type === 'ref' ? [columnAt(schema, e.expression.name)] : []));
	const next: TableSchema =
		s.unique === true && positions.length === columns.length
			? { ...schema, uniques: [...schema.uniques, { name, primary: false, indexOnly: true, columns: positions }] }
			: { ...schema, indexes: [...schema.indexes, { name, text: `CREATE INDEX ${name} ON public.${schema.name} USING btree (${columns.join(', ')})` }] };
	checkUnique(session, next);
	session.change({ op: 'table', db: session.env.database, name: schema.name, schema: next });
	return undefined;
}

export function alterTable(session: Session, s: AlterTableStatement): Notice {
	if (session.database.tables[s.table.name] === undefined) {
		if (s.ifExists === true) return `relation "${s.table.name}" does not exist, skipping`;
		throw new SqlError('42P01', `relation "${s.table.name}" does not exist`);
	}
	let name = s.table.name;
	for (const change of s.changes) name = alter(session, name, change);
	return undefined;
}

function alter(session: Session, name: string, change: TableAlteration): string {
	const table = session.table(name);
	const { schema } = table;
	const db = session.env.database;
	const store = (next: TableSchema): string => {
		checkUnique(session, { ...next, name });
		session.change({ op: 'table', db, name, schema: next });
		return next.name;
	};
	const rewrite = (row: (old: readonly (string | number | boolean | null)[]) => readonly (string | number | boolean | null)[]): void => {
		for (const { k, v } of treeRange(table.rows)) session.change({ op: 'row', db, table: name, id: k, row: row(v) });
	};
	switch (change.type) {
		case 'rename':
			return store({ ...schema, name: change.to.name });
		case 'rename column': {
			const at = columnAt(schema, change.column.name);
			return store({ ...schema, columns: schema.columns.map((c, i) => (i === at ? { ...c, name: change.to.name } : c)) });
		}
		case 'add column': {
			if (change.ifNotExists === true && schema.columns.some((c) => c.name === change.column.name.name)) return name;
			const next = addColumn(session, schema, change.column);
			const column = next.columns.at(-1);
			if (column === undefined) return name;
			if (column.notNull && column.default === undefined && column.sequence === undefined && table.rows !== null) {
				throw new SqlError('23502', `column "${column.name}" of relation "${name}" contains null values`);
			}
			session.change({ op: 'table', db, name, schema: next });
			rewrite((old) => [...old, defaultValue(session, column)]);
			return name;
		}
		case 'drop column': {
			if (change.ifExists === true && !schema.columns.some((c) => c.name === change.column.name)) return name;
			const at = columnAt(schema, change.column.name);
			const shift = (list: readonly number[]): readonly number[] => list.map((c) => (c > at ? c - 1 : c));
			rewrite((old) => old.filter((_v, i) => i !== at));
			return store({
				...schema,
				columns: schema.columns.filter((_c, i) => i !== at),
				uniques: schema.uniques.filter((u) => !u.columns.includes(at)).map((u) => ({ ...u, columns: shift(u.columns) })),
				foreignKeys: schema.foreignKeys.filter((k) => !k.columns.includes(at)).map((k) => ({ ...k, columns: shift(k.columns) })),
			});
		}
		case 'add constraint':
			return store(addConstraint(session, schema, change.constraint));
		case 'drop constraint': {
			const gone = change.constraint.name;
			const has = [...schema.uniques, ...schema.checks, ...schema.foreignKeys].some((c) => c.name === gone);
			if (!has && change.ifExists !== true) throw new SqlError('42704', `constraint "${gone}" of relation "${name}" does not exist`);
			const keep = <T extends { readonly name: string }>(list: readonly T[]): readonly T[] => list.filter((c) => c.name !== gone);
			return store({ ...schema, uniques: keep(schema.uniques), checks: keep(schema.checks), foreignKeys: keep(schema.foreignKeys) });
		}
		case 'alter column': {
			const at = columnAt(schema, change.column.name);
			const column = alterColumn(schema.columns[at] ?? { name: '', type: 'text', notNull: false }, change);
			if (column.notNull) {
				for (const { v } of treeRange(table.rows))
					if (v[at] === null) throw new SqlError('23502', `column "${column.name}" of relation "${name}" contains null values`);
			}
			if (change.alter.type === 'set type') rewrite((old) => old.map((v, i) => (i === at ? cast(v, column.type) : v)));
			return store({ ...schema, columns: schema.columns.map((c, i) => (i === at ? column : c)) });
		}
		default:
			return name;
	}
}

function alterColumn(column: Column, change: TableAlteration & { readonly type: 'alter column' }): Column {
	const { default: _old, ...bare } = column;
	switch (change.alter.type) {
		case 'set type':
			return { ...column, type: typeName(change.alter.dataType) };
		case 'set default':
			return { ...column, default: change.alter.default };
		case 'drop default':
			return bare;
		case 'set not null':
			return { ...column, notNull: true };
		case 'drop not null':
			return { ...column, notNull: false };
		case 'add generated':
			throw new SqlError('0A000', 'ADD GENERATED is not supported by this simulated server');
	}
}
