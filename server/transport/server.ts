/** The HTTP and WebSocket server on the loopback interface: host check, token link, API, clusters, static site. */
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import { readBounded } from '../bounded-body.ts';
import { type Fault, fault, toFault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { ClusterUpgrades } from '../sandboxes/serve.ts';
import { tooLarge } from '../sandboxes/simulated/endpoint.ts';
import { named } from '../progress/changes.ts';
import { type ApiOptions, createApi } from './api.ts';
import { faultPage, welcomePage } from './pages.ts';
import { Buckets } from './rate.ts';
import { type Door, same, Security } from './security.ts';
import { signInRoutes } from './sign-in.ts';
import { OpenSockets } from './open-sockets.ts';
import { contentSecurityPolicy, Site } from './site.ts';
import { servePage } from './socket.ts';

export interface TransportOptions extends Omit<ApiOptions, 'security' | 'rates'> {
	readonly port: number;
	/** Folder of the built site. */
	readonly site: string;
	readonly token: string;
	readonly secret: Buffer;
	readonly learner: string;
	/** exec, attach and port-forward of clusters: in team mode they come in by this door, too. */
	readonly upgrades: ClusterUpgrades;
}

export interface Transport {
	readonly port: number;
	/** Address with the token, for people. */
	readonly link: string;
	close(): Promise<void>;
}

export async function startTransport(options: TransportOptions): Promise<Transport> {
	const { log, sessions } = options;
	let local = new Security({ ...options, port: options.port });
	const security = (): Door => options.team?.security ?? local;
	const app = createApp(options, security, () => (options.team === undefined ? local : undefined));
	const server = createAdaptorServer({ fetch: app.fetch }) as Server;
	const open = new OpenSockets(options.people, options.team, log);
	const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.messageBytes * 4, perMessageDeflate: false });
	server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		socket.on('error', () => socket.destroy());
		const path = request.url ?? '';
		// They bring a token of their own, which no page of another site knows.
		if (options.team !== undefined && path.startsWith('/clusters/') && security().hostFault(request.headers.host) === undefined)
			return options.upgrades.take(request, socket, head);
		admit(request, security(), options).then(
			(found) =>
				sockets.handleUpgrade(request, socket, head, (ws) => {
					open.add(ws, found.learner, request.headers.cookie);
					servePage(ws, sessions.session(found.learner, found.lab), log);
				}),
			(error: unknown) => refuse(socket, toFault(error)),
		);
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? fault('port-taken', { port: options.port }) : error));
		server.listen(options.port, options.team?.team.listen ?? '127.0.0.1', () => resolve());
	});
	const { port } = server.address() as AddressInfo;
	local = new Security({ ...options, port });
	return {
		port,
		link: options.team?.team.publicUrl.href ?? `http://127.0.0.1:${port}/?token=${options.token}`,
		close: () =>
			new Promise((resolve) => {
				open.dispose();
				options.upgrades.close();
				for (const ws of sockets.clients) ws.close(1001, 'the server is stopping');
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** `link`: the security of the printed link, in local mode. */
function createApp(options: TransportOptions, security: () => Door, link: () => Security | undefined): Hono {
	const site = new Site(options.site);
	const app = new Hono();
	app.onError((error, c) => {
		const known = toFault(error);
		if (known.code === 'internal') options.log('a request failed', error);
		return (c.req.header('accept') ?? '').includes('text/html')
			? c.html(faultPage(known), known.status as 400)
			: c.json({ error: known.toJSON() }, known.status as 400);
	});
	app.use('*', async (c, next) => {
		const foreign = security().hostFault(c.req.header('host'));
		if (foreign !== undefined) throw foreign;
		await next();
		if (options.team?.team.publicUrl.protocol === 'https:') c.res.headers.set('strict-transport-security', 'max-age=31536000');
		c.res.headers.set('x-content-type-options', 'nosniff');
		c.res.headers.set('referrer-policy', 'no-referrer');
		c.res.headers.set('cross-origin-opener-policy', 'same-origin');
		c.res.headers.set('cross-origin-resource-policy', 'same-origin');
		if (!c.res.headers.has('content-security-policy')) c.res.headers.set('content-security-policy', contentSecurityPolicy());
	});
	app.get('/healthz', (c) => c.text('ok'));
	app.route('/api', createApi({ ...options, security, rates: new Buckets(LIMITS.requestsPerSecond, LIMITS.requestsAtOnce) }));
	const { team, people, audit, progress } = options;
	if (team !== undefined)
		app.route(
			'/sign-in',
			signInRoutes(team, people, audit, async (person, name) => {
				const { name: old } = await progress.read(person);
				if (old !== name) await progress.append(person, `name:${Date.now()}:${name}`, (l) => named(l, name));
			}),
		);
	app.all('/clusters/:session/*', (c) => forward(options, c.req.param('session'), c.req.raw));
	app.get('*', async (c) => {
		const token = c.req.query('token');
		const door = link();
		if (token !== undefined && door !== undefined) {
			const known = door.learner(c.req.header('cookie')) !== undefined;
			if (!known && !door.tokenGood(token)) throw fault('token-stale', {});
			const url = new URL(c.req.url);
			url.searchParams.delete('token');
			return c.html(welcomePage(url.pathname + url.search), 200, {
				'cache-control': 'no-store',
				...(door.tokenGood(token) ? { 'set-cookie': door.cookie() } : {}),
			});
		}
		const found = await site.answer(c.req.path, c.req.header('if-none-match'));
		if (found !== undefined) return found;
		if (c.req.path === '/') throw fault('site-missing', {});
		const page = await site.answer('/404.html', undefined);
		if (page !== undefined && (c.req.header('accept') ?? '').includes('text/html')) return new Response(page.body, { status: 404, headers: page.headers });
		throw fault('not-found', { path: c.req.path });
	});
	app.all('*', (c) => {
		throw fault('method-wrong', { method: c.req.method, path: c.req.path });
	});
	return app;
}

/** A cluster request over plain http: for tools that bring their token themselves (kubectl does only over https). */
async function forward({ sessions, people }: TransportOptions, id: string, request: Request): Promise<Response> {
	const cluster = await sessions.cluster(id);
	const given = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
	// One answer for both: which sessions there are is nobody else's business.
	if (cluster === undefined || !same(given, cluster.token) || !people.mayEnter(cluster.learner)) throw fault('sandbox-unknown', { session: id });
	const url = new URL(request.url);
	const headers = new Headers(request.headers);
	headers.delete('authorization');
	headers.delete('cookie');
	const body = await readBounded(request.body, LIMITS.requestBytes);
	if (body === undefined) return tooLarge();
	const path = url.pathname.slice(`/clusters/${id}`.length) + url.search;
	return cluster.endpoint.fetch(
		new Request(`http://cluster${path}`, { method: request.method, headers, signal: request.signal, ...(body.length === 0 ? {} : { body }) }),
	);
}

/** Whose page wants a socket, and for which lab; rejects with the fault to refuse it with. */
async function admit(
	request: IncomingMessage,
	security: Door,
	{ access, sessions }: TransportOptions,
): Promise<{ readonly learner: string; readonly lab: string }> {
	const wrong = security.hostFault(request.headers.host) ?? security.originFault(request.headers.origin);
	if (wrong !== undefined) throw wrong;
	const path = (request.url ?? '').split('?')[0] ?? '';
	const lab = /^\/api\/labs\/([^/]+)\/socket$/.exec(path)?.[1];
	if (lab === undefined) throw fault('not-found', { path });
	const learner = security.learner(request.headers.cookie);
	await access.check('GET /api/labs/:lab/socket', learner, { lab }, path);
	if (learner === undefined) throw fault('not-signed-in', {});
	return { learner, lab: sessions.lab(lab).definition.id };
}

function refuse(socket: Duplex, error: Fault): void {
	const body = JSON.stringify({ error: error.toJSON() });
	socket.end(
		`HTTP/1.1 ${error.status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
	);
}
