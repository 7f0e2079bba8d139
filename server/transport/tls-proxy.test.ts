/** A team's server as it is run: behind a proxy that ends TLS, under a public name; learners' own kubectl comes in by the same door. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LIMITS } from '../limits.ts';
import type { Running } from '../cli/start.ts';
import { startServer } from '../foothold.ts';
import { readTeam } from '../people/team.ts';
import { servingCertificate } from '../sandboxes/serving/authority.ts';
import { smallLab } from '../sessions/testing/parts.ts';
import { freePort } from './testing/free-port.ts';
import { CLIENT, startProvider, type TestProvider } from './testing/provider.ts';

let data: string;
let running: Running;
let provider: TestProvider;
let proxy: ReturnType<typeof createServer>;
let base: string;
let authority: string;
const jar = new Map<string, string>();

interface Answer {
	readonly status: number;
	readonly headers: NodeJS.Dict<string | string[]>;
	readonly text: string;
}

/** To the proxy, trusting its authority alone. */
function call(path: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
		const request = httpsRequest(new URL(path, base), { method, ca: authority, headers: { ...(cookie === '' ? {} : { cookie }), ...headers } }, (response) => {
			let text = '';
			for (const line of response.headers['set-cookie'] ?? []) {
				const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
				if (value === '') jar.delete(name);
				else jar.set(name, value);
			}
			response.on('data', (piece: Buffer) => (text += piece.toString()));
			response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
		});
		request.on('error', reject);
		request.end(body);
	});
}

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), 'foothold-proxy-'));
	const [inside, outside] = [await freePort(), await freePort()];
	base = `https://localhost:${outside}`;
	const certificate = await servingCertificate(join(data, 'proxy'));
	authority = certificate.authority;
	provider = await startProvider(base);
	const team = await readTeam(undefined, {
		FOOTHOLD_OIDC_ISSUER: provider.issuer,
		FOOTHOLD_OIDC_CLIENT_ID: CLIENT.clientId,
		FOOTHOLD_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
		FOOTHOLD_PUBLIC_URL: base,
		FOOTHOLD_ADMINS: 'ada',
	});
	const root = join(import.meta.dirname, '..', '..');
	const doubles = { parts: new URL('../sessions/testing/parts.ts', import.meta.url).href, loadLabs: async () => [smallLab] };
	running = await startServer({ root, data, labs: data, port: inside, provider: 'simulator', kubeconfig: '', workers: 1, team, log: () => {} }, doubles);
	// As nginx with `proxy_set_header Host $host:$server_port`: the name is passed on, and upgrades are.
	proxy = createServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
		const { method = 'GET', url = '/', headers } = request;
		const on = httpRequest({ host: '127.0.0.1', port: inside, method, path: url, headers: { ...headers, 'x-forwarded-for': '203.0.113.9' } }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		on.on('error', () => response.destroy());
		request.pipe(on);
	});
	proxy.on('upgrade', (request, socket, head) => {
		const on = connect(inside, '127.0.0.1', () => {
			const lines = [`${request.method} ${request.url} HTTP/1.1`];
			for (let i = 0; i < request.rawHeaders.length; i += 2) lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
			on.write(`${lines.join('\r\n')}\r\n\r\n`);
			on.write(head);
			on.pipe(socket).pipe(on);
		});
		for (const end of [on, socket]) end.on('error', () => end.destroy());
	});
	await new Promise<void>((resolve) => proxy.listen(outside, '127.0.0.1', () => resolve()));
	expect((proxy.address() as AddressInfo).port).toBe(outside);
});
afterAll(async () => {
	proxy.close();
	proxy.closeAllConnections();
	await running.stop();
	await provider.close();
	await rm(data, { recursive: true, force: true });
});

describe('behind a proxy that ends TLS', () => {
	it('signs in with cookies that belong to this host and to TLS alone, and asks browsers to come by TLS', async () => {
		expect((await call('/api/me')).status).toBe(401);
		const begun = await call('/sign-in/start?to=/healthz');
		expect(jar.has('__Host-foothold-flow')).toBe(true);
		// The provider's own pages: http, as the tests run it.
		const pages = new Map<string, string>();
		const go = async (url: string, init: RequestInit = {}): Promise<Response> => {
			const response = await fetch(url, {
				...init,
				redirect: 'manual',
				headers: { ...init.headers, cookie: [...pages].map(([k, v]) => `${k}=${v}`).join('; ') },
			});
			for (const line of response.headers.getSetCookie()) pages.set(line.slice(0, line.indexOf('=')), /=([^;]*)/.exec(line)?.[1] ?? '');
			const to = response.headers.get('location');
			return to === null || to.startsWith(base) ? response : go(new URL(to, url).href);
		};
		const form = await go(String(begun.headers['location']));
		const action = /<form[^>]* action="([^"]+)"/.exec(await form.text())?.[1] ?? '';
		const back = await go(new URL(action, provider.issuer).href, {
			method: 'POST',
			body: new URLSearchParams({ prompt: 'login', login: 'ada', password: 'x' }),
		});
		const callback = new URL(back.headers.get('location') ?? '');
		expect(callback.origin).toBe(base);
		const ended = await call(callback.pathname + callback.search);
		expect([ended.status, ended.headers['location']]).toEqual([303, '/healthz']);
		expect(jar.has('__Host-foothold-team')).toBe(true);
		const me = await call('/api/me');
		expect([me.status, JSON.parse(me.text)]).toEqual([200, expect.objectContaining({ name: 'Ada', mode: 'team' })]);
		expect(me.headers['strict-transport-security']).toBe('max-age=31536000');
	});

	it('does not answer under another name, though it comes by the proxy', async () => {
		expect((await call('/healthz', { host: '127.0.0.1:1' })).status).toBe(421);
	});

	it('gives a kubeconfig for the public name; requests and exec come in by it with its token, and not without', async () => {
		const config = (await call('/api/labs/small/kubeconfig')).text;
		expect(config).not.toContain('certificate-authority-data');
		const server = /server: "([^"]+)"/.exec(config)?.[1] ?? '';
		const token = /token: "([^"]+)"/.exec(config)?.[1] ?? '';
		expect(server.startsWith(`${base}/clusters/`)).toBe(true);
		const path = new URL(server).pathname;
		jar.clear();
		const list = await call(`${path}/api/v1/namespaces/shop`, { authorization: `Bearer ${token}` });
		expect([list.status, JSON.parse(list.text)]).toEqual([200, expect.objectContaining({ kind: 'Namespace' })]);
		expect((await call(`${path}/api/v1/namespaces/shop`, { authorization: 'Bearer x' })).status).toBe(404);
		const large = await call(`${path}/api/v1/namespaces`, { authorization: `Bearer ${token}` }, 'POST', 'x'.repeat(LIMITS.requestBytes + 1));
		expect([large.status, JSON.parse(large.text).message]).toEqual([413, `Request entity too large: limit is ${LIMITS.requestBytes}`]);

		const upgrade = (bearer: string): Promise<number> =>
			new Promise((resolve, reject) => {
				const url = `${server.replace('https', 'wss')}/api/v1/namespaces/default/pods/none/exec?command=true&stdout=true`;
				const ws = new WebSocket(url, ['v5.channel.k8s.io'], { ca: authority, headers: { authorization: `Bearer ${bearer}` } });
				ws.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
				ws.on('open', () => {
					ws.close();
					resolve(101);
				});
				ws.on('error', reject);
			});
		// There is no such pod: that the cluster says so shows that it was asked.
		expect(await upgrade(token)).toBe(404);
		expect(await upgrade('wrong')).toBe(401);
	});
});
