/**
 * Databases and brokers as neighbours of what a learner runs: they demand their settings, take their time, listen, keep a
 * marker on their volume and stop cleanly. They answer a connection, not a query; PostgreSQL and Redis are there for those.
 */
import type { Process, Program } from '../program.ts';

export interface DatabaseService {
	readonly name: string;
	readonly ports: readonly number[];
	/** What the entrypoint refuses to start without: its message, or undefined where all is there. */
	missing?(env: { readonly [name: string]: string }): string | undefined;
	/** Where its data lie; a first start on an empty folder takes `initialiseMs` more. */
	readonly directory?: string;
	readonly initialiseMs?: number;
	/** From start to listening, virtual ms. */
	readonly startMs: number;
	readonly memoryBytes: number;
	/** Lines at the start, when it initialises, when it listens, when it stops; each with the time in its own way. */
	readonly lines: {
		readonly starting: (process: Process<unknown>) => readonly string[];
		readonly initialising?: (process: Process<unknown>) => readonly string[];
		readonly ready: (process: Process<unknown>) => readonly string[];
		readonly stopping?: (process: Process<unknown>) => readonly string[];
	};
	readonly stream: 'stdout' | 'stderr';
	/** What a bare connection is greeted with, or answers to a line of text. */
	readonly reply?: (data: string) => string;
	/** A page on an HTTP port of its own, e.g. RabbitMQ's management. */
	readonly page?: { readonly port: number; readonly body: string };
}

type Data = { readonly phase: 'initialising' | 'starting' | 'ready' };

function say(process: Process<unknown>, service: DatabaseService, lines: readonly string[]): void {
	for (const line of lines) process[service.stream](`${line}\n`);
}

function begin(process: Process<Data>, service: DatabaseService): void {
	process.data = { phase: 'starting' };
	say(process, service, service.lines.starting(process));
	process.timer(service.startMs, 'ready');
}

function listen(process: Process<Data>, service: DatabaseService): void {
	for (const port of service.ports) {
		if (process.listen(port)) continue;
		process.stderr(`${service.name}: bind 0.0.0.0:${port}: Address already in use\n`);
		process.exit(1);
		return;
	}
	process.data = { phase: 'ready' };
	say(process, service, service.lines.ready(process));
}

/** The service as a program. */
export function databaseProgram(service: DatabaseService): Program<Data> {
	return {
		name: service.name,
		start(process) {
			const missing = service.missing?.(process.env);
			if (missing !== undefined) {
				process.stderr(missing);
				process.exit(1);
				return;
			}
			process.usage({ cpuMilli: 5, memoryBytes: service.memoryBytes });
			const marker = service.directory === undefined ? undefined : `${service.directory}/.initialised`;
			if (marker === undefined || process.fs.stat(marker).ok) {
				begin(process, service);
				return;
			}
			const written = process.fs.write(marker, service.name);
			if (!written.ok) {
				process.stderr(`${service.name}: cannot write to ${service.directory}: ${written.error === 'EROFS' ? 'Read-only file system' : 'Permission denied'}\n`);
				process.exit(1);
				return;
			}
			process.data = { phase: 'initialising' };
			say(process, service, service.lines.initialising?.(process) ?? []);
			process.timer(service.initialiseMs ?? 0, 'begin');
		},
		onTimer(process, token) {
			if (token === 'begin') begin(process, service);
			else listen(process, service);
		},
		onRequest(process, connection, request) {
			if (request.protocol === 'http' && connection.port === service.page?.port) {
				process.respond(connection.id, { protocol: 'http', status: 200, headers: { 'content-type': 'text/html' }, body: service.page.body });
				return;
			}
			process.respond(connection.id, { protocol: 'tcp', data: request.protocol === 'tcp' ? (service.reply?.(request.data ?? '') ?? '') : '' });
		},
		onSignal(process, signal) {
			if (signal !== 'SIGTERM' && signal !== 'SIGINT' && signal !== 'SIGQUIT') return;
			say(process, service, service.lines.stopping?.(process) ?? []);
			process.exit(0);
		},
	};
}

/** A client that asks whether the server is there and says so in its own words. */
export function pingProgram(name: string, port: number, alive: string, dead: (host: string) => string): Program<{ readonly host: string }> {
	return {
		name,
		start(process) {
			const at = process.argv.findIndex((a) => a === '-h' || a === '--host');
			const host = at === -1 ? (/--host=(\S+)/.exec(process.argv.join(' '))?.[1] ?? '127.0.0.1') : (process.argv[at + 1] ?? '127.0.0.1');
			process.data = { host };
			process.dial({ host, port, request: { protocol: 'tcp' }, connectTimeoutMs: 10_000 }, 'ping');
		},
		onReply(process, _token, outcome) {
			if (outcome.ok) process.stdout(`${alive}\n`);
			else process.stderr(`${dead(process.data.host)}\n`);
			process.exit(outcome.ok ? 0 : 1);
		},
	};
}
