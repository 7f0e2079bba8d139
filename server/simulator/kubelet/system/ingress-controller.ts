/** The ingress-nginx controller: routes by Ingress objects and proxies to ready endpoints from its own pod, so that policies hold for it. */
import type { Process, Program } from '../../images/program.ts';
import { endpointsOf, serviceSpec } from '../../network/services.ts';
import { INGRESS_ADDRESS } from '../../network/boot.ts';
import { formatTime } from '../../kernel/time.ts';
import { type Tree, treeFirst, treeGet, treeRemove, treeSet } from '../../kernel/tree.ts';
import type { HttpRequest, HttpResponse, Outcome } from '../../network/types.ts';
import { recordEvent } from '../../controllers/events.ts';
import { SYSTEM_USERS } from '../../services.ts';
import { worldOf } from '../process-handle.ts';
import { findTarget, ingressSpec, isOurs, type Target } from './ingress-routes.ts';

/** ingress-nginx's defaults: proxy-connect-timeout, proxy-read-timeout, proxy-next-upstream-tries; status sync. */
const CONNECT_MS = 5000;
const READ_MS = 60_000;
const TRIES = 3;
const STATUS_MS = 10_000;
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

interface Proxied {
	readonly connection: string;
	readonly client: string;
	readonly request: HttpRequest;
	readonly target: Target;
	/** Endpoints left to try, `address:port`. */
	readonly left: readonly string[];
	readonly tries: number;
	readonly upstream: string;
	readonly at: number;
	/** The dial to the upstream, and what of an open answer has gone through. */
	readonly dial: string;
	readonly passing?: { readonly response: HttpResponse; readonly bytes: number };
}

interface Data {
	/** Round robin over endpoints. */
	readonly turn: number;
	/** What is under way, by the client's connection, whose id is also the dial's token; a tree, since every piece of a stream is counted. Left out by older snapshots. */
	readonly proxied?: Tree<string, Proxied>;
}

type Ingress = Process<Data>;

const REASONS: { readonly [status: number]: string } = {
	308: 'Permanent Redirect',
	404: 'Not Found',
	502: 'Bad Gateway',
	503: 'Service Temporarily Unavailable',
	504: 'Gateway Time-out',
};

const proxiedBy = (process: Ingress, connection: string): Proxied | undefined => treeGet(process.data.proxied ?? null, connection);

function keep(process: Ingress, p: Proxied): void {
	process.data = { ...process.data, proxied: treeSet(process.data.proxied ?? null, p.connection, p) };
}

function drop(process: Ingress, connection: string): void {
	process.data = { ...process.data, proxied: treeRemove(process.data.proxied ?? null, connection) };
}

/** nginx's built-in pages. */
function page(status: number, headers: { readonly [name: string]: string } = {}): HttpResponse {
	const title = `${status} ${REASONS[status] ?? ''}`;
	const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
	return { protocol: 'http', status, headers: { 'content-type': 'text/html', 'content-length': String(body.length), ...headers }, body };
}

/** Endpoints of a backend, in the order of this turn. */
function upstreams(process: Ingress, target: Target): readonly string[] {
	const at = worldOf(process as unknown as Process);
	if (at === undefined) return [];
	const client = at.host.services.api.client(SYSTEM_USERS.loopback);
	const service = client.get(at.world, 'v1/services', target.namespace, target.service);
	if (service === undefined) return [];
	const port = serviceSpec(service).ports?.find((p) => (target.port.name === undefined ? p.port === target.port.number : p.name === target.port.name));
	if (port === undefined) return [];
	const all = endpointsOf(at.world, client, target.namespace, target.service, port.name ?? '').map((e) => `${e.address}:${e.port}`);
	const turn = all.length === 0 ? 0 : process.data.turn % all.length;
	return [...all.slice(turn), ...all.slice(0, turn)];
}

function accessLog(
	process: Ingress,
	p: { readonly client: string; readonly request: HttpRequest; readonly at: number },
	response: HttpResponse,
	upstream: string,
	bytes = response.body.length,
): void {
	const agent = p.request.headers['user-agent'] ?? '-';
	const seconds = ((process.now - p.at) / 1000).toFixed(3);
	process.stdout(
		`${p.client} - - [${formatTime(process.now)}] "${p.request.method} ${p.request.path} HTTP/1.1" ${response.status} ${bytes} "-" "${agent}" 0 ${seconds} [] [] ${upstream} ${response.status}\n`,
	);
}

function finish(process: Ingress, p: Pick<Proxied, 'connection' | 'client' | 'request' | 'at'>, response: HttpResponse, upstream: string): void {
	accessLog(process, p, response, upstream);
	process.respond(p.connection, response);
}

function forward(process: Ingress, p: Omit<Proxied, 'upstream' | 'dial'>): void {
	const [upstream, ...left] = p.left;
	if (upstream === undefined) {
		finish(process, p, page(503), '-');
		return;
	}
	const [address = '', port = '80'] = upstream.split(':');
	const query = p.request.path.includes('?') ? p.request.path.slice(p.request.path.indexOf('?')) : '';
	const host = p.request.headers['host'] ?? '';
	const headers = {
		...p.request.headers,
		'x-request-id': Math.floor(process.random() * 2 ** 48)
			.toString(16)
			.padStart(12, '0'),
		'x-real-ip': p.client,
		'x-forwarded-for': p.client,
		'x-forwarded-host': host,
		'x-forwarded-port': p.request.tls === true ? '443' : '80',
		'x-forwarded-proto': p.request.tls === true ? 'https' : 'http',
		'x-forwarded-scheme': p.request.tls === true ? 'https' : 'http',
		'x-scheme': p.request.tls === true ? 'https' : 'http',
	};
	const request: HttpRequest = { protocol: 'http', method: p.request.method, path: `${p.target.path}${query}`, headers, body: p.request.body };
	const { connectMs = CONNECT_MS, readMs = READ_MS } = p.target;
	const dial = process.dial({ host: address, port: Number(port), request, connectTimeoutMs: connectMs, idleTimeoutMs: readMs, stream: true }, p.connection);
	process.data = { ...process.data, turn: process.data.turn + 1 };
	keep(process, { ...p, left, upstream, dial, tries: p.tries + 1 });
}

/** proxy_next_upstream error timeout: not after a request that may have had an effect was sent. */
function mayRetry(p: Proxied, outcome: Outcome & { readonly ok: false }): boolean {
	if (p.tries >= TRIES || p.left.length === 0) return false;
	return outcome.phase !== 'response' || IDEMPOTENT.has(p.request.method);
}

function withoutHop(response: HttpResponse): HttpResponse {
	const { connection: _c, server: _s, ...headers } = response.headers;
	return { ...response, headers };
}

/** Writes the load balancer's address into the status of the Ingresses it serves. */
function syncStatus(process: Ingress): void {
	const at = worldOf(process as unknown as Process);
	if (at === undefined) return;
	const client = at.host.services.api.client(SYSTEM_USERS.loopback);
	for (const ingress of client.list(at.world, 'networking.k8s.io/v1/ingresses')) {
		const status = ingress['status'] as { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } } | undefined;
		if (!isOurs(ingress) || status?.loadBalancer?.ingress?.[0]?.ip === INGRESS_ADDRESS) continue;
		if ((ingressSpec(ingress).rules ?? []).length === 0 && ingressSpec(ingress).defaultBackend === undefined) continue;
		client.updateStatus(at.world, 'networking.k8s.io/v1/ingresses', { ...ingress, status: { loadBalancer: { ingress: [{ ip: INGRESS_ADDRESS }] } } });
		recordEvent(at.world, client, { object: ingress, type: 'Normal', reason: 'Sync', message: 'Scheduled for sync', component: 'nginx-ingress-controller' });
	}
}

export const ingressController: Program<Data> = {
	name: 'nginx-ingress-controller',
	start(process) {
		process.data = { turn: 0 };
		process.stdout('NGINX Ingress controller\n  Release:       v1.14.0\n');
		if (!process.listen(80) || !process.listen(443, { tls: true }) || !process.listen(10_254)) {
			process.stderr('bind() failed (98: Address already in use)\n');
			process.exit(1);
			return;
		}
		process.usage({ cpuMilli: 3, memoryBytes: 90 << 20 });
		process.timer(1000, 'status');
	},
	onTimer(process, token) {
		if (token === 'exit') process.exit(0);
		else {
			syncStatus(process);
			process.timer(STATUS_MS, 'status');
		}
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') {
			process.respond(connection.id, { protocol: 'tcp', data: '' });
			return;
		}
		if (connection.port === 10_254) {
			process.respond(connection.id, { protocol: 'http', status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' });
			return;
		}
		const at = worldOf(process as unknown as Process);
		const p = { connection: connection.id, client: connection.remoteAddress, request, at: process.now };
		const host = (request.headers['host'] ?? '').replace(/:\d+$/, '').toLowerCase();
		const path = request.path.split('?')[0] ?? '/';
		const ingresses = at === undefined ? [] : at.host.services.api.client(SYSTEM_USERS.loopback).list(at.world, 'networking.k8s.io/v1/ingresses');
		const target = findTarget(ingresses, host, path);
		if (target === undefined) finish(process, p, page(404), '-');
		else if (target.redirect && request.tls !== true) finish(process, p, page(308, { location: `https://${host}${request.path}` }), '-');
		else forward(process, { ...p, target, left: upstreams(process, target), tries: 0 });
	},
	onReply(process, token, outcome) {
		const p = proxiedBy(process, token);
		if (p === undefined) return;
		if (outcome.ok && outcome.response.protocol === 'http' && outcome.response.open === true) {
			// proxy-buffering is off by default: what comes goes on at once.
			const response = withoutHop(outcome.response);
			keep(process, { ...p, passing: { response, bytes: response.body.length } });
			process.respond(p.connection, response);
			return;
		}
		drop(process, token);
		if (outcome.ok && outcome.response.protocol === 'http') finish(process, p, withoutHop(outcome.response), p.upstream);
		else if (!outcome.ok && mayRetry(p, outcome)) forward(process, p);
		else finish(process, p, page(!outcome.ok && outcome.error === 'ETIMEDOUT' ? 504 : 502), p.upstream);
	},
	onPiece(process, token, piece) {
		const p = proxiedBy(process, token);
		if (p?.passing === undefined) return;
		process.send(p.connection, piece.data, piece.error === undefined ? piece.last : 'broken');
		const passing = { ...p.passing, bytes: p.passing.bytes + piece.data.length };
		if (!piece.last) {
			keep(process, { ...p, passing });
			return;
		}
		drop(process, token);
		accessLog(process, p, passing.response, p.upstream, passing.bytes);
	},
	onHangup(process, connection) {
		const p = proxiedBy(process, connection);
		if (p === undefined) return;
		process.giveUp(p.dial);
		drop(process, connection);
		accessLog(process, p, p.passing?.response ?? { protocol: 'http', status: 499, headers: {}, body: '' }, p.upstream, p.passing?.bytes ?? 0);
	},
	onSignal(process, signal) {
		// wait-shutdown drains: what is under way gets its answer.
		if (signal === 'SIGTERM' || signal === 'SIGQUIT') process.timer(treeFirst(process.data.proxied ?? null) !== undefined ? 5000 : 50, 'exit');
	},
};
