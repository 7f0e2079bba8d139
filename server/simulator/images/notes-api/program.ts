/** The notes API: a small HTTP service over PostgreSQL, as a state machine. */
import { utf8Length } from '../../storage-volumes/bytes.ts';
import { formatTime } from '../../kernel/time.ts';
import type { Connection, HttpRequest, Outcome, Request } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { CREATE_TABLE, query, queryResult } from './database.ts';
import { type Answer, failure, plan, type Shape, shapeAnswer } from './routes.ts';
import { readSettings, type Settings } from './settings.ts';

interface Pending {
	readonly connection: string;
	readonly method: string;
	readonly path: string;
	readonly route: string;
	readonly remote: string;
	readonly startedAt: number;
	readonly shape?: Shape;
}

interface Data {
	readonly version: string;
	readonly settings: Settings;
	/** The table is known to be there. */
	readonly migrated: boolean;
	readonly migrationTries: number;
	readonly stopping: boolean;
	readonly next: number;
	readonly pending: { readonly [token: string]: Pending };
	/** `method|route|status` → [requests, seconds]. */
	readonly requests: { readonly [key: string]: readonly [number, number] };
	readonly databaseErrors: number;
}

type NotesProcess = Process<Data>;
const MEMORY_BYTES = 46 * 1024 * 1024;
const MIGRATION = 'migration';
const RETRY = 'retry-migration';
/** Probes and scrapes are not worth a log line each. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

function log(process: NotesProcess, level: string, msg: string, fields: { readonly [name: string]: unknown } = {}): void {
	const time = `${formatTime(process.now).slice(0, -1)}.${String(process.now % 1000).padStart(3, '0')}Z`;
	process.stdout(`${JSON.stringify({ level, time, service: 'notes-api', msg, ...fields })}\n`);
}

function migrate(process: NotesProcess): void {
	query(process, process.data.settings, MIGRATION, CREATE_TABLE);
}

function onMigration(process: NotesProcess, outcome: Outcome): void {
	const { settings } = process.data;
	const result = queryResult(settings, outcome);
	if (result.ok) {
		process.data = { ...process.data, migrated: true, migrationTries: 0 };
		log(process, 'info', 'database is ready', { host: settings.host, database: settings.database });
		return;
	}
	const tries = process.data.migrationTries + 1;
	const seconds = Math.min(2 ** (tries - 1), 10);
	process.data = { ...process.data, migrationTries: tries, databaseErrors: process.data.databaseErrors + 1 };
	log(process, 'error', `cannot prepare the database: ${result.message}`, { code: result.code, host: settings.host, attempt: tries, retryInSeconds: seconds });
	process.timer(seconds * 1000, RETRY);
}

function finish(process: NotesProcess, pending: Pending, answer: Answer, route = pending.route): void {
	const seconds = (process.now - pending.startedAt) / 1000;
	const key = `${pending.method}|${route}|${answer.status}`;
	const [count, sum] = process.data.requests[key] ?? [0, 0];
	process.data = { ...process.data, requests: { ...process.data.requests, [key]: [count + 1, sum + seconds] } };
	process.respond(pending.connection, {
		protocol: 'http',
		status: answer.status,
		headers: {
			...(answer.status === 204 ? {} : { 'content-type': answer.type ?? 'application/json; charset=utf-8', 'content-length': String(utf8Length(answer.body)) }),
			'x-served-by': process.hostname,
		},
		body: pending.method === 'HEAD' ? '' : answer.body,
	});
	if (QUIET.has(route) && answer.status < 400) return;
	log(process, answer.status >= 500 ? 'error' : 'info', 'request', {
		method: pending.method,
		path: pending.path,
		status: answer.status,
		ms: Math.round(seconds * 1000),
		remote: pending.remote,
	});
}

function handle(process: NotesProcess, connection: Connection, request: HttpRequest): void {
	process.spendCpu(1.5);
	const what = plan(request, process.data.version);
	const pending: Pending = {
		connection: connection.id,
		method: request.method,
		path: request.path,
		route: what.route,
		remote: connection.remoteAddress,
		startedAt: process.now,
		...(what.kind === 'query' ? { shape: what.shape } : {}),
	};
	switch (what.kind) {
		case 'answer':
			finish(process, pending, what.answer);
			return;
		case 'health':
			finish(process, pending, { status: 200, body: '{"status":"ok"}\n' });
			return;
		case 'metrics':
			finish(process, pending, { status: 200, body: metricsText(process.data), type: 'text/plain; version=0.0.4; charset=utf-8' });
			return;
		case 'slow':
		case 'query': {
			const token = `r${process.data.next}`;
			process.data = { ...process.data, next: process.data.next + 1, pending: { ...process.data.pending, [token]: pending } };
			if (what.kind === 'slow') process.timer(what.seconds * 1000, token);
			else query(process, process.data.settings, token, what.sql, what.parameters);
		}
	}
}

/** Takes a request off the list of what is in flight; the last one lets a stopping process go. */
function settle(process: NotesProcess, token: string, answer: (pending: Pending) => Answer): void {
	const pending = process.data.pending[token];
	if (pending === undefined) return;
	const { [token]: _done, ...rest } = process.data.pending;
	process.data = { ...process.data, pending: rest };
	finish(process, pending, answer(pending));
	if (process.data.stopping && Object.keys(rest).length === 0) stop(process);
}

function stop(process: NotesProcess): void {
	log(process, 'info', 'stopped');
	process.exit(0);
}

function onQuery(process: NotesProcess, token: string, outcome: Outcome): void {
	const result = queryResult(process.data.settings, outcome);
	if (!result.ok) {
		process.data = { ...process.data, databaseErrors: process.data.databaseErrors + 1 };
		log(process, 'error', `database error: ${result.message}`, { code: result.code });
		// The table has gone, and with it the database it was in: prepare the new one.
		if (result.code === '42P01' && process.data.migrated) {
			process.data = { ...process.data, migrated: false };
			migrate(process);
		}
	}
	const unprepared = result.ok && !process.data.migrated;
	settle(process, token, (pending) => {
		if (unprepared && pending.shape === 'ready') return failure(503, 'the database is being prepared');
		if (result.ok) return pending.shape === undefined ? failure(500, 'no query') : shapeAnswer(pending.shape, result.response);
		if (pending.shape === 'ready') return failure(503, `database is not available: ${result.message}`);
		return failure(result.reached ? 500 : 503, `database error: ${result.message}`);
	});
	if (unprepared) prepareNow(process);
}

/** The database answers again: what still waits for its next try to prepare it need not wait. */
function prepareNow(process: NotesProcess): void {
	if (process.data.migrationTries === 0) return;
	process.clearTimer(RETRY);
	process.data = { ...process.data, migrationTries: 0 };
	migrate(process);
}

function metricsText(data: Data): string {
	const out = ['# HELP notes_http_requests_total Requests answered.', '# TYPE notes_http_requests_total counter'];
	const entries = Object.entries(data.requests);
	const labels = (key: string): string => {
		const [method, route, status] = key.split('|');
		return `method="${method}",route="${route}",status="${status}"`;
	};
	for (const [key, [count]] of entries) out.push(`notes_http_requests_total{${labels(key)}} ${count}`);
	out.push('# HELP notes_http_request_duration_seconds Time to answer.', '# TYPE notes_http_request_duration_seconds summary');
	for (const [key, [count, sum]] of entries) {
		out.push(`notes_http_request_duration_seconds_sum{${labels(key)}} ${Number(sum.toFixed(3))}`);
		out.push(`notes_http_request_duration_seconds_count{${labels(key)}} ${count}`);
	}
	out.push('# HELP notes_http_requests_in_flight Requests being answered.', '# TYPE notes_http_requests_in_flight gauge');
	out.push(`notes_http_requests_in_flight ${Object.keys(data.pending).length}`);
	out.push('# HELP notes_database_errors_total Failed queries.', '# TYPE notes_database_errors_total counter');
	out.push(`notes_database_errors_total ${data.databaseErrors}`);
	out.push('# HELP process_resident_memory_bytes Resident memory size in bytes.', '# TYPE process_resident_memory_bytes gauge');
	out.push(`process_resident_memory_bytes ${MEMORY_BYTES}`);
	return `${out.join('\n')}\n`;
}

/** The program of one version of the service. */
export function notesApi(version: string): Program<Data> {
	return {
		name: 'notes-api',
		start(process) {
			const settings = readSettings(process as Process<never>);
			if ('problems' in settings) {
				for (const problem of settings.problems) log(process, 'fatal', problem);
				process.exit(1);
				return;
			}
			process.data = { version, settings, migrated: false, migrationTries: 0, stopping: false, next: 1, pending: {}, requests: {}, databaseErrors: 0 };
			process.usage({ cpuMilli: 2, memoryBytes: MEMORY_BYTES });
			if (!process.listen(settings.port)) {
				const privileged = settings.port < 1024 && process.uid !== 0;
				const code = privileged ? 'EACCES: permission denied' : 'EADDRINUSE: address already in use';
				log(process, 'fatal', `listen ${code} 0.0.0.0:${settings.port}`);
				process.exit(1);
				return;
			}
			log(process, 'info', 'listening', { version, port: settings.port, hostname: process.hostname });
			migrate(process);
		},
		onRequest(process, connection: Connection, request: Request) {
			if (request.protocol !== 'http') {
				// A bare connection (a TCP probe): Node accepts it and says nothing.
				if (request.protocol === 'tcp') process.respond(connection.id, { protocol: 'tcp', data: '' });
				else process.respond(connection.id, { protocol: 'http', status: 400, headers: { connection: 'close' }, body: '' });
				return;
			}
			if (process.data.stopping) {
				process.respond(connection.id, { protocol: 'http', status: 503, headers: { connection: 'close' }, body: '{"error":"shutting down"}\n' });
				return;
			}
			handle(process, connection, request);
		},
		onReply(process, token, outcome) {
			if (token === MIGRATION) onMigration(process, outcome);
			else onQuery(process, token, outcome);
		},
		onTimer(process, token) {
			if (token === RETRY) migrate(process);
			else settle(process, token, (p) => ({ status: 200, body: `${JSON.stringify({ waited_seconds: (process.now - p.startedAt) / 1000 })}\n` }));
		},
		onSignal(process, signal) {
			if (signal === 'SIGQUIT') process.exit(131);
			if (signal !== 'SIGTERM' && signal !== 'SIGINT') return;
			const inFlight = Object.keys(process.data.pending).length;
			log(process, 'info', `received ${signal}, finishing requests in flight`, { inFlight });
			process.data = { ...process.data, stopping: true };
			if (inFlight === 0) stop(process);
		},
	};
}
