/** Catalogue tables people look into: pg_database, pg_tables, pg_roles, pg_stat_activity, information_schema. */
import type { Row } from './catalog.ts';
import type { Session } from './session.ts';

interface Relation {
	readonly fields: readonly { readonly name: string; readonly type: string }[];
	readonly rows: readonly Row[];
}

const fields = (...names: readonly string[]): Relation['fields'] =>
	names.map((n) => ({ name: n.replace(/:.*/, ''), type: n.includes(':') ? n.replace(/.*:/, '') : 'text' }));

export function systemTable(session: Session, name: string, schema: string | undefined): Relation | undefined {
	if (schema === 'information_schema') return informationSchema(session, name);
	const owner = session.database.owner;
	switch (name) {
		case 'pg_database':
			return {
				fields: fields('datname:name', 'datdba', 'encoding:integer', 'datallowconn:boolean'),
				rows: Object.entries(session.cluster.databases).map(([n, d]) => [n, d.owner, 6, n !== 'template0']),
			};
		case 'pg_tables':
			return {
				fields: fields('schemaname:name', 'tablename:name', 'tableowner:name'),
				rows: Object.keys(session.database.tables)
					.sort()
					.map((t) => ['public', t, owner]),
			};
		case 'pg_roles':
		case 'pg_user':
			return {
				fields: name === 'pg_roles' ? fields('rolname:name', 'rolsuper:boolean') : fields('usename:name', 'usesuper:boolean'),
				rows: Object.entries(session.cluster.roles).map(([n, r]) => [n, r.superuser]),
			};
		case 'pg_stat_activity':
			return {
				fields: fields('pid:integer', 'datname:name', 'usename:name', 'state', 'query'),
				rows: [[62, session.env.database, session.env.user, 'active', '']],
			};
		case 'pg_indexes':
			return {
				fields: fields('schemaname:name', 'tablename:name', 'indexname:name', 'indexdef'),
				rows: Object.values(session.database.tables).flatMap(({ schema: t }) => [
					...t.uniques.map((u): Row => {
						const columns = u.columns.map((c) => t.columns[c]?.name ?? '').join(', ');
						return ['public', t.name, u.name, `CREATE UNIQUE INDEX ${u.name} ON public.${t.name} USING btree (${columns})`];
					}),
					...t.indexes.map((i): Row => ['public', t.name, i.name, i.text]),
				]),
			};
		default:
			return undefined;
	}
}

function informationSchema(session: Session, name: string): Relation | undefined {
	const tables = Object.values(session.database.tables).map((t) => t.schema);
	if (name === 'tables') {
		return {
			fields: fields('table_catalog:name', 'table_schema:name', 'table_name:name', 'table_type'),
			rows: tables.map((t) => [session.env.database, 'public', t.name, 'BASE TABLE']),
		};
	}
	if (name === 'columns') {
		return {
			fields: fields('table_schema:name', 'table_name:name', 'column_name:name', 'ordinal_position:integer', 'is_nullable', 'data_type'),
			rows: tables.flatMap((t) => t.columns.map((c, i): Row => ['public', t.name, c.name, i + 1, c.notNull ? 'NO' : 'YES', c.type])),
		};
	}
	return undefined;
}
