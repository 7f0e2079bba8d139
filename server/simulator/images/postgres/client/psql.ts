/** psql: statements and backslash commands, one after the other, from the command line, files or a terminal. */
import type { Process, Program } from '../../program.ts';
import { resolvePath } from '../../utilities/utility.ts';
import { splitStatements } from '../split.ts';
import { parseArguments } from './arguments.ts';
import { connectionFailure, dial, isLocal, SOCKET } from './connection.ts';
import { metaCommand } from './meta.ts';
import { print } from './printing.ts';
import type { PsqlData } from './session.ts';

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

/** psql of a server's version. */
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
