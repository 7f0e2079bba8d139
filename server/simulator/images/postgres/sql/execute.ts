/** From the text of a request to its response. A request of several statements is one transaction, as in the simple protocol. */
import { parse, type Statement } from 'pgsql-ast-parser';
import type { PostgresResponse } from '../../../network/types.ts';
import { alterTable, createIndex, createTable, dropTable } from './define.ts';
import { errorResponse, SqlError } from './errors.ts';
import { insert, type Modified, remove, update } from './modify.ts';
import { type Result, select } from './select.ts';
import type { Session } from './session.ts';
import { roleStatement } from './roles.ts';
import { syntaxError } from './syntax.ts';

export interface Executed {
	readonly response: PostgresResponse;
	/** What the statements changed; to be logged and applied. None after an error. */
	readonly session: Session;
	readonly notice?: string;
}

interface Step {
	readonly tag: string;
	readonly result?: Result;
	readonly notice?: string | undefined;
}

/** Parsed statements by their text: the same few queries come again and again. */
const parsed = new Map<string, readonly Statement[]>();
const PARSED_KEPT = 500;

function parseSql(sql: string): readonly Statement[] {
	const known = parsed.get(sql);
	if (known !== undefined) return known;
	const statements = parse(sql);
	if (parsed.size >= PARSED_KEPT) parsed.clear();
	parsed.set(sql, statements);
	return statements;
}

export function execute(session: Session, sql: string): Executed {
	const before = session.cluster;
	const fail = (response: PostgresResponse): Executed => {
		session.cluster = before;
		session.changes = [];
		return { response, session };
	};
	try {
		const role = roleStatement(session, sql);
		if (role !== undefined) return { response: { protocol: 'postgres', tag: role }, session };
		let statements: readonly Statement[];
		try {
			statements = parseSql(sql);
		} catch (error) {
			return fail(errorResponse('42601', syntaxError(sql, error)));
		}
		let last: Step = { tag: '' };
		let savepoint: { readonly cluster: Session['cluster']; readonly changes: number } | undefined;
		for (const s of statements) {
			if (s.type === 'begin' || s.type === 'start transaction') savepoint = { cluster: session.cluster, changes: session.changes.length };
			if (s.type === 'rollback' && savepoint !== undefined) {
				session.cluster = savepoint.cluster;
				session.changes = session.changes.slice(0, savepoint.changes);
			}
			last = step(session, s);
		}
		const { tag, result, notice } = last;
		return { response: { protocol: 'postgres', tag, ...(result === undefined ? {} : result) }, session, ...(notice === undefined ? {} : { notice }) };
	} catch (error) {
		if (error instanceof SqlError) {
			return fail(
				errorResponse(error.code, error.message, {
					...(error.detail === undefined ? {} : { detail: error.detail }),
					...(error.hint === undefined ? {} : { hint: error.hint }),
				}),
			);
		}
		throw error;
	}
}

const modified = (tag: string, m: Modified): Step => ({ tag: `${tag} ${m.count}`, ...(m.result === undefined ? {} : { result: m.result }) });

function step(session: Session, s: Statement): Step {
	switch (s.type) {
		case 'select':
		case 'union':
		case 'union all':
		case 'values':
		case 'with':
		case 'with recursive': {
			const result = select(session, s);
			return { tag: `SELECT ${result.rows.length}`, result };
		}
		case 'insert':
			return modified('INSERT 0', insert(session, s));
		case 'update':
			return modified('UPDATE', update(session, s));
		case 'delete':
			return modified('DELETE', remove(session, s));
		case 'create table':
			return { tag: 'CREATE TABLE', notice: createTable(session, s) };
		case 'alter table':
			return { tag: 'ALTER TABLE', notice: alterTable(session, s) };
		case 'create index':
			return { tag: 'CREATE INDEX', notice: createIndex(session, s) };
		case 'drop table': {
			let notice: string | undefined;
			for (const n of s.names) notice = dropTable(session, n.name, s.ifExists === true, s.cascade === 'cascade') ?? notice;
			return { tag: 'DROP TABLE', notice };
		}
		case 'drop index':
			for (const n of s.names) dropIndex(session, n.name, s.ifExists === true);
			return { tag: 'DROP INDEX' };
		case 'truncate table':
			for (const t of s.tables) {
				session.table(t.name);
				session.change({ op: 'truncate', db: session.env.database, table: t.name });
			}
			return { tag: 'TRUNCATE TABLE' };
		case 'show':
			return show(session, s.variable.name);
		case 'create extension':
			return { tag: 'CREATE EXTENSION' };
		case 'create schema':
			return { tag: 'CREATE SCHEMA' };
		case 'comment':
			return { tag: 'COMMENT' };
		case 'begin':
		case 'start transaction':
			return { tag: 'BEGIN' };
		case 'commit':
			return { tag: 'COMMIT' };
		case 'rollback':
			return { tag: 'ROLLBACK' };
		case 'set':
		case 'set timezone':
		case 'set names':
			return { tag: 'SET' };
		default:
			throw new SqlError('0A000', `${s.type} is not supported by this simulated server`);
	}
}

function dropIndex(session: Session, name: string, ifExists: boolean): void {
	for (const { schema } of Object.values(session.database.tables)) {
		const unique = schema.uniques.find((u) => u.name === name);
		if (unique !== undefined && unique.indexOnly !== true) {
			throw new SqlError(
				'2BP01',
				`cannot drop index ${name} because constraint ${name} on table ${schema.name} requires it`,
				undefined,
				`You can drop constraint ${name} on table ${schema.name} instead.`,
			);
		}
		if (unique === undefined && !schema.indexes.some((i) => i.name === name)) continue;
		session.change({
			op: 'table',
			db: session.env.database,
			name: schema.name,
			schema: { ...schema, uniques: schema.uniques.filter((u) => u.name !== name), indexes: schema.indexes.filter((i) => i.name !== name) },
		});
		return;
	}
	if (!ifExists) throw new SqlError('42704', `index "${name}" does not exist`);
}

function show(session: Session, name: string): Step {
	const value = session.env.settings[name.toLowerCase()];
	if (value === undefined) throw new SqlError('42704', `unrecognized configuration parameter "${name}"`);
	return { tag: 'SHOW', result: { fields: [{ name, type: 'text' }], rows: [[value]] } };
}
