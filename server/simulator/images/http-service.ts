/** What small HTTP servers have in common, so that an image of one is its answers and the lines it prints. */
import type { HttpRequest } from '../network/types.ts';
import type { Process, Program, Signal } from './program.ts';

/** net/http to a client that speaks something else, such as `echo hostName | nc`. */
export const GO_BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';

export interface HttpAnswer {
	readonly status?: number;
	readonly headers?: { readonly [name: string]: string };
	readonly body: string;
	/** CPU the request takes, ms of one core. */
	readonly cpuMs?: number;
}

export interface Request {
	readonly method: string;
	readonly path: string;
	readonly query: { readonly [name: string]: string };
	readonly headers: { readonly [name: string]: string };
	readonly body: string;
	readonly remoteAddress: string;
	readonly port: number;
	/** How many requests came before. */
	readonly count: number;
}

export interface Settings {
	readonly ports: readonly number[];
	/** Read by `answer`: what flags and variables gave. */
	readonly values: { readonly [name: string]: string };
}

export interface HttpService {
	readonly name: string;
	/** From flags and variables; or what a bad one makes it print before it ends with this code. */
	configure(process: Process<never>): Settings | { readonly exit: number; readonly stderr: string };
	/** Printed once it listens. */
	banner?(process: Process<HttpServiceData>): void;
	answer(process: Process<HttpServiceData>, request: Request): HttpAnswer;
	/** The access log's line, without an end; none where left out. */
	accessLog?(process: Process<HttpServiceData>, request: Request, answer: HttpAnswer): { readonly stdout?: string; readonly stderr?: string };
	/** What it prints where the port cannot be had. */
	bindFailure?(port: number, privileged: boolean): string;
	/** What bytes that are no request get; Go's answer where left out. */
	readonly notHttp?: string;
	readonly memoryBytes: number;
	/** Exit code on SIGTERM. Go's runtime ends with 2 as a container's first process, since the signal's default does nothing there. */
	readonly exitOnTerm: number;
	/** Signals that end it besides SIGTERM and SIGINT. */
	readonly alsoEndsOn?: Signal;
}

export interface HttpServiceData {
	readonly values: { readonly [name: string]: string };
	readonly count: number;
}

/** Query of a URL, decoded; a broken escape stays as it is. */
export function parseQuery(search: string): { readonly [name: string]: string } {
	const decode = (text: string): string => {
		try {
			return decodeURIComponent(text.replaceAll('+', ' '));
		} catch {
			return text; // not an escape at all: servers take it as it stands
		}
	};
	const pairs = search.split('&').filter((p) => p !== '');
	return Object.fromEntries(pairs.map((p) => p.split(/=(.*)/s, 2)).map(([name = '', value = '']) => [decode(name), decode(value)]));
}

function requestOf(process: Process<HttpServiceData>, http: HttpRequest, remoteAddress: string, port: number): Request {
	const [path = '/', search = ''] = http.path.split(/\?(.*)/s, 2);
	return { method: http.method, path, query: parseQuery(search), headers: http.headers, body: http.body, remoteAddress, port, count: process.data.count };
}

/** A server as a program: listens, answers, ends on SIGTERM. */
export function httpService(service: HttpService): Program<HttpServiceData> {
	return {
		name: service.name,
		start(process) {
			const settings = service.configure(process as Process<never>);
			if ('exit' in settings) {
				process.stderr(settings.stderr);
				process.exit(settings.exit);
				return;
			}
			process.data = { values: settings.values, count: 0 };
			process.usage({ cpuMilli: 1, memoryBytes: service.memoryBytes });
			for (const port of settings.ports) {
				if (process.listen(port)) continue;
				const privileged = port < 1024 && process.uid !== 0;
				process.stderr(
					service.bindFailure?.(port, privileged) ?? `listen tcp :${port}: bind: ${privileged ? 'permission denied' : 'address already in use'}\n`,
				);
				process.exit(1);
				return;
			}
			service.banner?.(process);
		},
		onRequest(process, connection, request) {
			if (request.protocol !== 'http') {
				process.respond(connection.id, { protocol: 'tcp', data: service.notHttp ?? GO_BAD_REQUEST });
				return;
			}
			const asked = requestOf(process, request, connection.remoteAddress, connection.port);
			process.data = { ...process.data, count: process.data.count + 1 };
			const answer = service.answer(process, asked);
			process.spendCpu(answer.cpuMs ?? 0.3);
			process.respond(connection.id, {
				protocol: 'http',
				status: answer.status ?? 200,
				headers: { 'content-type': 'text/plain; charset=utf-8', ...answer.headers },
				body: asked.method === 'HEAD' ? '' : answer.body,
			});
			const line = service.accessLog?.(process, asked, answer);
			if (line?.stdout !== undefined) process.stdout(`${line.stdout}\n`);
			if (line?.stderr !== undefined) process.stderr(`${line.stderr}\n`);
		},
		onSignal(process, signal) {
			if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === service.alsoEndsOn) process.exit(service.exitOnTerm);
		},
	};
}
