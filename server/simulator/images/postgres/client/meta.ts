/** psql's backslash commands. */
import type { Process } from '../../program.ts';
import type { PsqlData } from './session.ts';

const TABLES = 'SELECT table_schema AS "Schema", table_name AS "Name", \'table\' AS "Type", current_user AS "Owner" FROM information_schema.tables ORDER BY 2';

/** A backslash command as a query; text to print, or how the client itself changes. */
export function metaCommand(process: Process<PsqlData>, text: string): string | undefined {
	const [name = '', argument] = text.trim().split(/\s+/);
	switch (name) {
		case '\\q':
			process.data = { ...process.data, queue: [], ended: true };
			return undefined;
		case '\\x':
			process.data = { ...process.data, expanded: !process.data.expanded };
			process.stdout(`Expanded display is ${process.data.expanded ? 'on' : 'off'}.\n`);
			return undefined;
		case '\\dt':
		case '\\dt+':
			return `${TABLES} /* List of relations */`;
		case '\\d':
		case '\\d+':
			return argument === undefined
				? `${TABLES} /* List of relations */`
				: `SELECT column_name AS "Column", data_type AS "Type", '' AS "Collation", CASE is_nullable WHEN 'NO' THEN 'not null' ELSE '' END AS "Nullable" FROM information_schema.columns WHERE table_name = '${argument}' ORDER BY ordinal_position /* Table "public.${argument}" */`;
		case '\\l':
			return 'SELECT datname AS "Name", datdba AS "Owner", \'UTF8\' AS "Encoding" FROM pg_database ORDER BY 1 /* List of databases */';
		case '\\du':
			return 'SELECT rolname AS "Role name", CASE WHEN rolsuper THEN \'Superuser, Create role, Create DB, Replication, Bypass RLS\' ELSE \'\' END AS "Attributes" FROM pg_roles ORDER BY 1 /* List of roles */';
		case '\\conninfo':
			process.stdout(`You are connected to database "${process.data.arguments.target.database}" as user "${process.data.arguments.target.user}".\n`);
			return undefined;
		case '\\c':
			process.data = {
				...process.data,
				arguments: { ...process.data.arguments, target: { ...process.data.arguments.target, database: argument ?? process.data.arguments.target.database } },
			};
			process.stdout(`You are now connected to database "${process.data.arguments.target.database}" as user "${process.data.arguments.target.user}".\n`);
			return undefined;
		default:
			process.stderr(`invalid command ${name}\nTry \\? for help.\n`);
			return undefined;
	}
}
