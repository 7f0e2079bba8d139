/** The API server's process: what pods reach at `kubernetes.default.svc`. The server itself is a room of the simulator. */
import { jsonText } from '../../apiserver/http/pretty.ts';
import type { StreamRef } from '../../apiserver/types.ts';
import { proxied } from '../../apiserver/proxy/forward.ts';
import type { ApiResponse, ApiWireRequest, Forward } from '../../apiserver/wire.ts';
import type { Process, Program } from '../../images/program.ts';
import type { World } from '../../kernel/world.ts';
import type { HttpRequest, HttpResponse } from '../../network/types.ts';
import type { Host } from '../host.ts';
import { worldOf } from '../process-handle.ts';
import { readStream, removeStream } from '../streams.ts';

/**
 * The network carries one answer to a request, so an answer that goes on (a watch, a followed log) is given in one piece once
 * it is over: after the `timeoutSeconds` that it asks for, or this long, virtual ms.
 */
export const WATCH_MS = 10_000;
/** The longest that one may ask for. */
export const WATCH_LONGEST_MS = 60_000;
/** Such answers under way at once; upstream's flow control turns more away, too. */
export const WATCHES_KEPT = 64;

/** A proxied request under way, by connection. */
function ask(process: Process<Data>, connection: string, forward: Forward): void {
	process.data = { ...process.data, asked: { ...process.data.asked, [connection]: forward } };
	const { from: _from, ...dial } = forward.dial;
	process.dial(dial, connection);
}

const written = (response: ApiResponse, asked: Pick<ApiWireRequest, 'url' | 'headers'> = { url: '', headers: {} }): HttpResponse => ({
	protocol: 'http',
	status: response.status,
	headers: response.headers,
	body: response.json === undefined ? (response.text ?? '') : jsonText(response.json, asked),
});

type Open = { readonly watch: NonNullable<ApiResponse['watch']> } | { readonly stream: StreamRef };

/** Answers under way, by connection. */
interface Data {
	readonly open: { readonly [connection: string]: Open };
	readonly asked: { readonly [connection: string]: Forward };
}

const text = (status: number, body: string): HttpResponse => ({ protocol: 'http', status, headers: { 'content-type': 'text/plain' }, body });

function wireRequest(request: HttpRequest, remote: string): ApiWireRequest {
	const { host: _host, ...headers } = request.headers;
	return { method: request.method, url: request.path, headers, remote, ...(request.body === '' ? {} : { body: request.body }) };
}

/** Ms until an open answer is given; a client that asks for nothing gets what has happened within a few seconds. */
function spanOf(open: Open): number {
	const seconds = 'watch' in open ? open.watch.timeoutSeconds : undefined;
	return Math.min(WATCH_LONGEST_MS, seconds === undefined ? WATCH_MS : seconds * 1000);
}

function hold(process: Process<Data>, connection: string, open: Open): void {
	if (Object.keys(process.data.open).length >= WATCHES_KEPT) {
		process.respond(connection, text(429, 'Too many requests, please try again later.\n'));
		return;
	}
	process.data = { ...process.data, open: { ...process.data.open, [connection]: open } };
	process.timer(spanOf(open), connection);
}

/** What a watch has seen from its beginning to now, an event a line. */
function events({ world, host }: { readonly world: World; readonly host: Host }, watch: NonNullable<ApiResponse['watch']>): string {
	return host.services.api
		.openWatch(watch)
		.next(world)
		.map((event) => `${JSON.stringify(event)}\n`)
		.join('');
}

function logged(world: World, { id }: StreamRef): string {
	const { chunks } = readStream(world, id, 0);
	removeStream(world, id);
	return chunks.map((c) => c.data).join('');
}

const program: Program<Data> = {
	name: 'kube-apiserver',
	start(process) {
		process.data = { open: {}, asked: {} };
		process.stdout('Serving securely on [::]:6443\n');
		if (!process.listen(6443, { tls: true })) process.exit(1);
		process.usage({ cpuMilli: 40, memoryBytes: 280 << 20 });
	},
	onRequest(process, connection, request) {
		const at = worldOf(process);
		if (request.protocol !== 'http') process.respond(connection.id, { protocol: 'tcp', data: '' });
		else if (at === undefined) process.respond(connection.id, text(503, ''));
		else {
			const asked = wireRequest(request, connection.remoteAddress);
			const response = at.host.services.api.handle(at.world, asked);
			if (response.watch !== undefined) hold(process, connection.id, { watch: response.watch });
			else if (response.forward !== undefined) ask(process, connection.id, response.forward);
			else if (response.stream?.kind === 'log') hold(process, connection.id, { stream: response.stream });
			else if (response.stream !== undefined) {
				removeStream(at.world, response.stream.id);
				process.respond(connection.id, text(400, 'Upgrade request required\n'));
			} else process.respond(connection.id, written(response, asked));
		}
	},
	onReply(process, connection, outcome) {
		const { [connection]: forward, ...asked } = process.data.asked;
		process.data = { ...process.data, asked };
		if (forward !== undefined) process.respond(connection, written(proxied(forward, outcome)));
	},
	onTimer(process, connection) {
		const at = worldOf(process);
		const { [connection]: open, ...others } = process.data.open;
		if (at === undefined || open === undefined) return;
		process.data = { ...process.data, open: others };
		const body = 'watch' in open ? events(at, open.watch) : logged(at.world, open.stream);
		process.respond(connection, { protocol: 'http', status: 200, headers: { 'content-type': 'watch' in open ? 'application/json' : 'text/plain' }, body });
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM') process.exit(0);
	},
};

export const apiServerProgram = program as unknown as Program<never>;
