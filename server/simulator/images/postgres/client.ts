/** psql, pg_isready and pg_dump. */
import type { Outcome, PostgresResponse } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { resolvePath } from '../utilities/utility.ts';
import { formatResult } from './format.ts';
import { splitStatements } from './split.ts';
import { textOf } from './sql/types.ts';

interface Target {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly database: string;
	readonly password: string;
}

interface Arguments {
	readonly target: Target;
	readonly commands: readonly string[];
	readonly files: readonly string[];
	readonly flags: string;
	readonly output?: string;
	readonly timeoutMs: number;
}

const LONG: { readonly [name: string]: string } = {
	host: 'h',
	port: 'p',
	username: 'U',
	dbname: 'd',
	command: 'c',
	file: 'f',
	'tuples-only': 't',
	'no-align': 'A',
	quiet: 'q',
	'no-password': 'w',
	list: 'l',
	timeout: 'T',
	expanded: 'x',
	table: 'b',
	'data-only': 'a',
	'schema-only': 's',
	'field-separator': 'F',
	version: 'V',
};

/** The client's own user is the operating system's, by name, as libpq takes it. */
function systemUser(process: Process<never>): string {
	const content = process.fs.read('/etc/passwd');
	return (
		(content.ok
			? content.value
					.split('\n')
					.find((l) => l.split(':')[2] === String(process.uid))
					?.split(':')[0]
			: undefined) ?? 'root'
	);
}

function parseArguments(process: Process<never>): Arguments {
	const env = process.env;
	const given: { [letter: string]: string } = {};
	const commands: string[] = [];
	const files: string[] = [];
	const rest: string[] = [];
	let flags = '';
	const valued = 'hpUdcfTbFvPo';
	const take = (letter: string, value: string): void => {
		if (letter === 'c') commands.push(value);
		else if (letter === 'f') files.push(value);
		else given[letter] = value;
	};
	for (let i = 1; i < process.argv.length; i++) {
		const arg = process.argv[i] ?? '';
		const long = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(arg);
		if (long !== null) {
			const letter = LONG[long[1] ?? ''] ?? '';
			if (letter !== '' && valued.includes(letter)) take(letter, long[2] ?? process.argv[++i] ?? '');
			else flags += letter;
		} else if (/^-./.test(arg)) {
			for (let j = 1; j < arg.length; j++) {
				const letter = arg[j] ?? '';
				const value = (letter === 't' || letter === 'T') && process.argv[0]?.endsWith('pg_isready') === true ? 'T' : letter;
				if (valued.includes(value)) {
					take(value, arg.slice(j + 1) !== '' ? arg.slice(j + 1) : (process.argv[++i] ?? ''));
					break;
				}
				flags += letter;
			}
		} else rest.push(arg);
	}
	const uri = [given['d'] ?? '', ...rest].find((a) => /^postgres(ql)?:\/\//.test(a));
	const u = /^\w+:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?]*)(?::(\d+))?(?:\/([^?]*))?/.exec(uri ?? '');
	const positional = rest.filter((r) => r !== uri);
	const user = given['U'] ?? u?.[1] ?? positional[1] ?? env['PGUSER'] ?? systemUser(process);
	return {
		target: {
			host: given['h'] ?? u?.[3] ?? env['PGHOST'] ?? '',
			port: Number(given['p'] ?? u?.[4] ?? env['PGPORT'] ?? 5432),
			user,
			database: (uri === undefined ? given['d'] : undefined) ?? u?.[5] ?? positional[0] ?? env['PGDATABASE'] ?? user,
			password: u?.[2] === undefined ? (env['PGPASSWORD'] ?? '') : decodeURIComponent(u[2]),
		},
		commands,
		files,
		flags,
		...(given['b'] === undefined ? {} : { output: given['b'] }),
		timeoutMs: Number(given['T'] ?? env['PGCONNECT_TIMEOUT'] ?? 0) * 1000,
	};
}

const isLocal = (t: Target): boolean => t.host === '' || t.host.startsWith('/');
const SOCKET = '/var/run/postgresql/.s.PGSQL';

function dial<D>(process: Process<D>, t: Target, sql: string, timeoutMs: number): void {
	const request = { protocol: 'postgres', user: t.user, password: t.password, database: t.database, sql, parameters: [] } as const;
	process.dial({ host: isLocal(t) ? '127.0.0.1' : t.host, port: t.port, request, ...(timeoutMs > 0 ? { connectTimeoutMs: timeoutMs } : {}) }, 'sql');
}

/** libpq's words for a failed connection. */
function connectionFailure(t: Target, o: Outcome & { readonly ok: false }): string {
	if (isLocal(t))
		return `connection to server on socket "${SOCKET}.${t.port}" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?`;
	const where = `connection to server at "${t.host}" (${o.address ?? t.host}), port ${t.port} failed: `;
	switch (o.error) {
		case 'ENOTFOUND':
			return `could not translate host name "${t.host}" to address: Name or service not known`;
		case 'EAI_AGAIN':
			return `could not translate host name "${t.host}" to address: Temporary failure in name resolution`;
		case 'ECONNREFUSED':
			return `${where}Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?`;
		case 'ETIMEDOUT':
			return `${where}${o.phase === 'connect' ? 'Connection timed out\n\tIs the server running on that host and accepting TCP/IP connections?' : 'timeout expired'}`;
		case 'EHOSTUNREACH':
			return `${where}No route to host\n\tIs the server running on that host and accepting TCP/IP connections?`;
		default:
			return `${where}server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.`;
	}
}

interface PsqlData {
	readonly arguments: Arguments;
	readonly queue: readonly string[];
	readonly running: string;
	readonly buffer: string;
	readonly interactive: boolean;
	readonly ended: boolean;
	readonly expanded: boolean;
	readonly waiting: boolean;
	readonly connected: boolean;
	readonly status: number;
}

const TABLES = 'SELECT table_schema AS "Schema", table_name AS "Name", \'table\' AS "Type", current_user AS "Owner" FROM information_schema.tables ORDER BY 2';

/** A backslash command as a query; text to print, or how the client itself changes. */
function metaCommand(process: Process<PsqlData>, text: string): string | undefined {
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

function next(process: Process<PsqlData>): void {
	const [first, ...queue] = process.data.queue;
	if (first === undefined) {
		if (process.data.ended) process.exit(process.data.status);
		else {
			prompt(process);
			process.readStdin();
		}
		return;
	}
	process.data = { ...process.data, queue };
	const sql = first.startsWith('\\') ? metaCommand(process, first) : first;
	if (sql === undefined) {
		next(process);
		return;
	}
	process.data = { ...process.data, running: sql, waiting: true };
	dial(process, process.data.arguments.target, sql, process.data.arguments.timeoutMs);
}

function prompt(process: Process<PsqlData>): void {
	const { interactive, arguments: a, buffer } = process.data;
	if (interactive) process.stdout(`${a.target.database}${buffer.trim() === '' ? '=' : '-'}# `);
}

function print(process: Process<PsqlData>, response: PostgresResponse): void {
	const { arguments: a, running, expanded } = process.data;
	const title = /\/\* (.*) \*\/$/.exec(running)?.[1];
	const quiet = a.flags.includes('q') || a.flags.includes('t');
	if (response.fields !== undefined) {
		if (title?.startsWith('Table') === true && (response.rows ?? []).length === 0) {
			process.stderr(`Did not find any relation named "${/public\.(.*)"/.exec(title)?.[1] ?? ''}".\n`);
			return;
		}
		if (title === 'List of relations' && (response.rows ?? []).length === 0) {
			process.stderr('Did not find any relations.\n');
			return;
		}
		const text = formatResult(response, {
			aligned: !a.flags.includes('A'),
			tuplesOnly: a.flags.includes('t'),
			separator: '|',
			expanded: expanded || a.flags.includes('x'),
			...(title === undefined ? {} : { title }),
		});
		process.stdout(
			title === undefined
				? text
				: title.startsWith('Table')
					? `${text}\n`
					: `${text}(${response.rows?.length} row${response.rows?.length === 1 ? '' : 's'})\n\n`,
		);
		if (/^(INSERT|UPDATE|DELETE)/.test(response.tag ?? '') && !quiet) process.stdout(`${response.tag}\n`);
	} else if (response.tag !== undefined && response.tag !== '' && !quiet) process.stdout(`${response.tag}\n`);
}

function feed(process: Process<PsqlData>, data: string | null): void {
	const text = process.data.buffer + (data ?? '');
	const statements: string[] = [];
	let rest = text;
	// Backslash commands stand alone on their line; the rest is cut at semicolons.
	for (;;) {
		const meta = /^\s*(\\[^\n]*)(?:\n|$)/.exec(rest);
		if (meta !== null && (data === null || rest.includes('\n'))) {
			statements.push(meta[1] ?? '');
			rest = rest.slice(meta[0].length);
			continue;
		}
		const [statement] = splitStatements(rest);
		if (statement === undefined || (!statement.complete && data !== null)) break;
		statements.push(statement.sql);
		rest = statement.complete ? rest.slice(statement.end) : '';
	}
	process.data = {
		...process.data,
		buffer: rest.trim() === '' ? '' : rest,
		queue: [...process.data.queue, ...statements],
		ended: process.data.ended || data === null,
	};
	if (!process.data.waiting) next(process);
}

export function psql(version: string): Program<PsqlData> {
	return {
		name: 'psql',
		start(process) {
			const a = parseArguments(process as Process<never>);
			if (a.flags.includes('V')) {
				process.stdout(`psql (PostgreSQL) ${version}\n`);
				process.exit(0);
				return;
			}
			const scripted = a.commands.length > 0 || a.files.length > 0 || a.flags.includes('l');
			const queue: string[] = a.flags.includes('l') ? ['\\l'] : [];
			for (const c of a.commands) queue.push(...(c.trim().startsWith('\\') ? [c.trim()] : splitStatements(c).map((s) => s.sql)));
			for (const f of a.files) {
				const content = process.fs.read(resolvePath(process.cwd, f));
				if (!content.ok) {
					process.stderr(`psql: error: ${f}: No such file or directory\n`);
					process.exit(1);
					return;
				}
				queue.push(...splitStatements(content.value).map((s) => s.sql));
			}
			process.data = {
				arguments: a,
				queue: scripted ? queue : ['SELECT 1 /* hello */'],
				running: '',
				buffer: '',
				interactive: process.tty && !scripted,
				ended: scripted,
				expanded: false,
				waiting: false,
				connected: false,
				status: 0,
			};
			next(process);
		},
		onReply(process, _token, outcome) {
			const { target } = process.data.arguments;
			const first = !process.data.connected;
			const hello = process.data.running.endsWith('/* hello */');
			process.data = { ...process.data, waiting: false, connected: true };
			if (!outcome.ok || outcome.response.protocol !== 'postgres') {
				const text = outcome.ok
					? connectionFailure(target, { ok: false, error: 'ECONNRESET', port: target.port, phase: 'response' })
					: connectionFailure(target, outcome);
				process.stderr(`${first ? 'psql: error: ' : ''}${text}\n`);
				process.exit(2);
				return;
			}
			const { response } = outcome;
			if (response.error?.severity === 'FATAL') {
				const where = isLocal(target) ? `on socket "${SOCKET}.${target.port}"` : `at "${target.host}" (${outcome.address}), port ${target.port}`;
				const unasked = response.error.code === '28P01' && target.password === '';
				process.stderr(
					`psql: error: connection to server ${where} failed: ${unasked ? 'fe_sendauth: no password supplied' : `FATAL:  ${response.error.message}`}\n`,
				);
				process.exit(2);
				return;
			}
			if (response.error !== undefined) {
				const { message, detail, hint, severity } = response.error;
				process.stderr(`${severity}:  ${message}\n${detail === undefined ? '' : `DETAIL:  ${detail}\n`}${hint === undefined ? '' : `HINT:  ${hint}\n`}`);
				if (process.data.arguments.commands.length > 0) process.data = { ...process.data, status: 1, queue: [] };
			} else if (hello) {
				if (process.data.interactive) process.stdout(`psql (${version})\nType "help" for help.\n\n`);
			} else print(process, response);
			next(process);
		},
		onStdin(process, data) {
			if (data === null && process.data.interactive) process.stdout('\\q\n');
			feed(process, data);
		},
		onSignal(process, signal) {
			// At its prompt psql drops what was typed so far and goes on.
			if (signal === 'SIGINT' && process.data?.interactive === true) {
				process.data = { ...process.data, buffer: '' };
				if (!process.data.waiting) prompt(process);
			} else if (signal === 'SIGWINCH') {
				if (process.data?.interactive === true && !process.data.waiting) prompt(process);
			} else if (signal !== 'SIGCHLD') process.exit(128 + (SIGNAL_CODES[signal] ?? 15));
		},
		editsLines: (data) => data?.interactive === true && !data.waiting,
	};
}

/** Numbers of the signals that end psql. */
const SIGNAL_CODES: { readonly [signal: string]: number } = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 };

export const pgIsReady: Program<Arguments> = {
	name: 'pg_isready',
	start(process) {
		process.data = parseArguments(process as Process<never>);
		const t = process.data.target;
		process.dial(
			{
				host: isLocal(t) ? '127.0.0.1' : t.host,
				port: t.port,
				request: { protocol: 'postgres', user: t.user, password: t.password, database: t.database, sql: '', parameters: [] },
				connectTimeoutMs: process.data.timeoutMs > 0 ? process.data.timeoutMs : 3000,
				timeoutMs: process.data.timeoutMs > 0 ? process.data.timeoutMs : 3000,
			},
			'ready',
		);
	},
	onReply(process, _token, outcome) {
		const { target: t, flags } = process.data;
		const where = `${isLocal(t) ? '/var/run/postgresql' : t.host}:${t.port}`;
		const starting = outcome.ok && outcome.response.protocol === 'postgres' && outcome.response.error?.code === '57P03';
		const [text, code] = !outcome.ok ? ['no response', 2] : starting ? ['rejecting connections', 1] : ['accepting connections', 0];
		if (!flags.includes('q')) process.stdout(`${where} - ${text}\n`);
		process.exit(code as number);
	},
};

interface DumpData {
	readonly arguments: Arguments;
	readonly tables: readonly string[];
	readonly columns: readonly { readonly table: string; readonly text: string }[];
	readonly step: 'columns' | 'rows';
	readonly at: number;
}

/** A plain dump: CREATE TABLE and COPY blocks, enough to read and to load again by hand. */
export function pgDump(version: string): Program<DumpData> {
	return {
		name: 'pg_dump',
		start(process) {
			process.data = { arguments: parseArguments(process as Process<never>), tables: [], columns: [], step: 'columns', at: 0 };
			dial(process, process.data.arguments.target, 'SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns', 0);
		},
		onReply(process, _token, outcome) {
			const { arguments: a, step } = process.data;
			const error = !outcome.ok
				? connectionFailure(a.target, outcome)
				: outcome.response.protocol !== 'postgres'
					? 'server closed the connection unexpectedly'
					: outcome.response.error?.message;
			if (error !== undefined || !outcome.ok || outcome.response.protocol !== 'postgres') {
				process.stderr(`pg_dump: error: ${error}\n`);
				process.exit(1);
				return;
			}
			const rows = outcome.response.rows ?? [];
			if (step === 'columns') {
				const columns = rows.map((r) => ({ table: String(r[0]), text: `${r[1]} ${r[2]}${r[3] === 'NO' ? ' NOT NULL' : ''}` }));
				const tables = [...new Set(columns.map((c) => c.table))].sort();
				process.data = { ...process.data, columns, tables, step: 'rows' };
				process.stdout(
					`--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version ${version}\n-- Dumped by pg_dump version ${version}\n\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n\n`,
				);
			} else {
				const table = process.data.tables[process.data.at] ?? '';
				const own = process.data.columns.filter((c) => c.table === table);
				process.stdout(
					`CREATE TABLE public.${table} (\n${own.map((c) => `    ${c.text}`).join(',\n')}\n);\n\nCOPY public.${table} (${own.map((c) => c.text.split(' ')[0]).join(', ')}) FROM stdin;\n${rows.map((r) => `${r.map((v) => (v === null ? '\\N' : textOf(v))).join('\t')}\n`).join('')}\\.\n\n`,
				);
				process.data = { ...process.data, at: process.data.at + 1 };
			}
			const table = process.data.tables[process.data.at];
			if (table === undefined) {
				process.stdout('--\n-- PostgreSQL database dump complete\n--\n\n');
				process.exit(0);
			} else dial(process, a.target, `SELECT * FROM ${table}`, 0);
		},
	};
}
