/** Serves clusters over https with a certificate authority of our own, each under a path and a bearer token of its own. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { readBounded } from '../bounded-body.ts';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { jsonText } from '../simulator/apiserver/http/pretty.ts';
import type { ApiWireRequest } from '../simulator/apiserver/wire.ts';
import type { ClusterEndpoint } from './sandbox.ts';
import { refuseUpgrade } from './serving/channels.ts';
import type { ServingCertificate } from './serving/authority.ts';
import { createAuthority } from './serving/certificates.ts';
import { type TakeOver, Upgrades } from './serving/upgrade.ts';
import { type HostAnswer, SimulatedEndpoint, tooLarge, toResponse } from './simulated/endpoint.ts';

export interface ServedCluster {
	readonly endpoint: ClusterEndpoint;
	/** Bearer token of the cluster's administrator. Any other goes to the cluster's own authentication. */
	readonly token: string;
	/** Path below which it is served, without the slash at its end: '' or '/clusters/abc'. */
	readonly prefix: string;
}

export interface ServeOptions {
	readonly certificate: ServingCertificate;
	readonly port: number;
	/** Whose client certificates are asked for in the handshake: the common name of the clusters' own authority ('kubernetes' where left out). */
	readonly clientAuthority?: string;
	/** Finds the cluster that a path belongs to. May start it. */
	readonly find: (path: string) => Promise<ServedCluster | undefined> | ServedCluster | undefined;
}

export interface Serving {
	/** `https://127.0.0.1:<port>` */
	readonly url: string;
	readonly port: number;
	close(): Promise<void>;
}

export async function serveClusters(options: ServeOptions): Promise<Serving> {
	const { certificate } = options;
	// Any certificate passes the handshake: the cluster that it is meant for holds its signature against a key of its own.
	const server = createServer({
		cert: certificate.certificate,
		key: certificate.key,
		requestCert: true,
		rejectUnauthorized: false,
		ca: createAuthority(options.clientAuthority ?? 'kubernetes').certificate,
		keepAlive: true,
		noDelay: true,
	});
	const upgrades = clusterUpgrades(options.find);
	server.on('request', (request, response) => {
		answer(options, request, response).catch((error: unknown) => fail(response, error));
	});
	server.on('upgrade', (request, socket, head) => upgrades.take(request, socket, head));
	await listen(server, options.port);
	const { port } = server.address() as AddressInfo;
	return {
		port,
		url: `https://127.0.0.1:${port}`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
				upgrades.close();
			}),
	};
}

/** exec, attach and port-forward of clusters, for a server whose door they come in by. */
export interface ClusterUpgrades {
	take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	close(): void;
}

export function clusterUpgrades(find: ServeOptions['find']): ClusterUpgrades {
	const upgrades = new Upgrades();
	return {
		take: (request, socket, head) => {
			socket.on('error', () => socket.destroy());
			upgrade({ find }, upgrades, request).then(
				(granted) => (granted instanceof Response ? refuseUpgrade(socket, granted) : granted(socket, head)),
				(error: unknown) => refuseUpgrade(socket, status(500, 'InternalError', error instanceof Error ? error.message : String(error))),
			);
		},
		close: () => upgrades.close(),
	};
}

function listen(server: Server, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? fault('port-taken', { port }) : error));
		server.listen(port, '127.0.0.1', () => resolve());
	});
}

/** The cluster a request is for, with what is left of its path and the credentials that the cluster itself has to judge. */
async function route(
	options: Pick<ServeOptions, 'find'>,
	request: IncomingMessage,
): Promise<{ cluster: ServedCluster; url: string; headers: Record<string, string> } | Response> {
	const path = request.url ?? '/';
	const cluster = await options.find(path);
	if (cluster === undefined) return status(404, 'NotFound', `there is no cluster at "${path.slice(0, 100)}"`);
	const url = path.slice(cluster.prefix.length) || '/';
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers[name] = value;
	const certificate = clientCertificate(request);
	if (certificate !== undefined) {
		const endpoint = cluster.endpoint instanceof SimulatedEndpoint ? cluster.endpoint.forCertificate(certificate) : undefined;
		if (endpoint !== undefined) return { cluster: { ...cluster, endpoint }, url, headers: without(headers, 'authorization') };
	}
	const given = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1];
	if (given === undefined && !/^\/(healthz|livez|readyz|version)\b/.test(url)) return status(401, 'Unauthorized', 'Unauthorized');
	if (given === undefined || same(given, cluster.token)) delete headers['authorization'];
	return { cluster, url, headers };
}

/** A client's certificates are the same as long as its connection lasts. */
const certificates = new WeakMap<object, string | undefined>();

/** The certificate that the client has shown in the handshake, base64 of its DER. */
function clientCertificate({ socket }: IncomingMessage): string | undefined {
	if (!(socket instanceof TLSSocket)) return undefined;
	if (!certificates.has(socket)) certificates.set(socket, socket.getPeerX509Certificate()?.raw.toString('base64'));
	return certificates.get(socket);
}

function without(headers: { readonly [name: string]: string }, name: string): Record<string, string> {
	const { [name]: _, ...rest } = headers;
	return rest;
}

function same(a: string, b: string): boolean {
	const left = Buffer.from(a);
	const right = Buffer.from(b);
	return left.length === right.length && timingSafeEqual(left, right);
}

async function answer(options: ServeOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const routed = await route(options, request);
	if (routed instanceof Response) return write(response, routed);
	const method = request.method ?? 'GET';
	const bodyless = method === 'GET' || method === 'HEAD';
	const body = bodyless ? undefined : await readBounded(request, LIMITS.requestBytes);
	if (!bodyless && body === undefined) return write(response, tooLarge());
	const { endpoint } = routed.cluster;
	const abort = new AbortController();
	response.on('close', () => abort.abort());
	if (endpoint instanceof SimulatedEndpoint && !/[?&](watch|follow)=/.test(routed.url)) {
		// In the same process nothing needs to become a Request first: half the time of a small call.
		const wire = endpoint.wire(method, routed.url, routed.headers, body);
		const given = endpoint.handle(wire);
		const answered = given.forward === undefined ? given : await endpoint.forwarded(given.forward, abort.signal);
		if (answered.watch === undefined && answered.stream === undefined) return writeAnswer(response, answered, wire);
		return write(response, toResponse(answered, wire));
	}
	const web = new Request(`http://cluster${routed.url}`, {
		method,
		headers: routed.headers,
		signal: abort.signal,
		...(body === undefined || body.length === 0 ? {} : { body }),
	});
	await write(response, await endpoint.fetch(web));
}

function writeAnswer(response: ServerResponse, answered: HostAnswer, wire: ApiWireRequest): void {
	const text = answered.json === undefined ? (answered.text ?? '') : jsonText(answered.json, wire);
	const body = answered.bytes ?? Buffer.from(text);
	const type = answered.json === undefined ? 'text/plain' : 'application/json';
	const bodyless = answered.status === 204 || answered.status === 304;
	response.writeHead(answered.status, { 'content-type': type, ...answered.headers, ...(bodyless ? {} : { 'content-length': body.length }) });
	response.end(bodyless ? undefined : body);
}

async function upgrade(options: Pick<ServeOptions, 'find'>, upgrades: Upgrades, request: IncomingMessage): Promise<TakeOver | Response> {
	const routed = await route(options, request);
	if (routed instanceof Response) return routed;
	const { upgrade: _, connection: __, ...headers } = routed.headers;
	for (const name of Object.keys(headers)) if (name.startsWith('sec-websocket-')) delete headers[name];
	const { endpoint } = routed.cluster;
	// POST over SPDY, GET over WebSocket: the cluster authorises create or get.
	return upgrades.accept(request, endpoint, new Request(`http://cluster${routed.url}`, { method: request.method ?? 'GET', headers }));
}

/** Writes a Web response at the reader's pace. */
async function write(response: ServerResponse, web: Response): Promise<void> {
	response.writeHead(web.status, Object.fromEntries(web.headers));
	if (web.body === null) {
		response.end();
		return;
	}
	response.flushHeaders();
	const reader = web.body.getReader();
	response.on('close', () => void reader.cancel().catch(() => {}));
	for (;;) {
		const read = await reader.read().catch(() => ({ done: true as const, value: undefined }));
		if (read.done || response.destroyed) break;
		if (!response.write(read.value)) await new Promise<void>((resolve) => drained(response, resolve));
	}
	response.end();
}

function drained(response: ServerResponse, resolve: () => void): void {
	const go = (): void => {
		response.off('drain', go);
		response.off('close', go);
		resolve();
	};
	response.on('drain', go);
	response.on('close', go);
}

function fail(response: ServerResponse, error: unknown): void {
	if (response.headersSent) return void response.destroy();
	const message = error instanceof Error ? error.message : String(error);
	void write(response, status(500, 'InternalError', `Internal error occurred: ${message}`));
}

/** metav1.Status, as the API server would answer it. */
function status(code: number, reason: string, message: string): Response {
	return Response.json({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }, { status: code });
}
