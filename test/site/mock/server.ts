/**
 * Serves a built site with canned answers, to look at pages and to test them: `node test/site/mock/server.ts [--port 4400] [--dist dist]`.
 * Never part of the product.
 */
import { peopleAnswer } from './people.ts';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import { type ReadingChange, readingChangeSchema } from '../../../server/protocol/http.ts';
import type { Learner, Reading } from '../../../server/protocol/progress.ts';
import { assessmentMoved, NO_ASSESSMENT } from '../../../server/progress/assessment.ts';
import { declaredMoved } from '../../../server/progress/declared.ts';
import { marketMoved, NO_MARKET } from '../../../server/progress/market.ts';
import { planMoved } from '../../../server/progress/plan.ts';
import { assessmentChangeSchema } from '../../../server/protocol/assessment.ts';
import { declaredChangeSchema } from '../../../server/protocol/portfolio.ts';
import { marketChangeSchema } from '../../../server/protocol/market.ts';
import { planChangeSchema } from '../../../server/protocol/plan.ts';
import { applyFileSchema, fileChangeSchema } from '../../../server/protocol/workspace.ts';
import { evidence, lab, learner, summary } from './data.ts';
import { reviewAnswer } from './reviews.ts';
import { MockSession } from './session.ts';
import { writingAnswer } from './writing.ts';

const types: Record<string, string> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.css': 'text/css',
	'.svg': 'image/svg+xml',
	'.json': 'application/json',
	'.wasm': 'application/wasm',
};

/** What a real server would send: scripts only from here, so a page that inlines one breaks in the tests. */
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws:; frame-ancestors 'none'";

/** The search's worker alone may run WebAssembly, as on the real server. */
const WORKER_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'self'";

export interface MockOptions {
	readonly dist: string;
	readonly port?: number;
	/** Null: nobody has chosen a name yet. */
	readonly name?: string | null;
	/** The learner has nothing yet: no progress, no evidence. */
	readonly fresh?: boolean;
	/** Every API call answers 401. */
	readonly signedOut?: boolean;
}

export interface Mock {
	readonly url: string;
	readonly session: MockSession;
	/** Cuts every socket, as a restart of the server would. */
	drop(): void;
	close(): Promise<void>;
}

export async function startMock(options: MockOptions): Promise<Mock> {
	const session = new MockSession();
	const state: State = { name: options.name === undefined ? 'Mina Larsson' : options.name, reading: {}, career: {}, session };
	const server = createServer((request, response) => {
		answer(request, response, options, state).catch((error: unknown) => {
			response.writeHead(500).end(String(error));
		});
	});
	const sockets = new WebSocketServer({ server });
	sockets.on('connection', (socket) => {
		const leave = session.join((message) => socket.send(JSON.stringify(message)));
		socket.on('message', (data) => session.receive(String(data)));
		socket.on('close', leave);
	});
	const timer = setInterval(() => session.advance(), 1000);
	const port = await listen(server, options.port ?? 0);
	return {
		url: `http://127.0.0.1:${port}`,
		session,
		drop: () => cut(sockets),
		close: async () => {
			clearInterval(timer);
			cut(sockets);
			server.closeAllConnections();
			await new Promise<void>((done) => server.close(() => done()));
		},
	};
}

function cut(sockets: WebSocketServer): void {
	for (const socket of sockets.clients) socket.terminate();
}

async function listen(server: Server, port: number): Promise<number> {
	await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
	const address = server.address();
	return typeof address === 'object' && address ? address.port : port;
}

interface State {
	readonly session: MockSession;
	name: string | null;
	reading: Reading;
	/** Plans, assessment and market, kept as the real server would. */
	career: Pick<Learner, 'plans' | 'assessment' | 'market' | 'declared'>;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: MockOptions, state: State): Promise<void> {
	const path = new URL(request.url ?? '/', 'http://x').pathname;
	if (!path.startsWith('/api/')) return file(path, response, options.dist);
	const json = (value: unknown, status = 200) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
	const error = (status: number, code: string, message: string, next: string) => json({ error: { code, message, next } }, status);
	if (options.signedOut) return void error(401, 'not-signed-in', 'No valid cookie.', 'Open the link with the token.');
	if (path === '/api/me') {
		if (request.method === 'POST') state.name = String((JSON.parse(await body(request)) as { name: unknown }).name);
		return void json({ id: 'local', name: state.name, roles: ['learner', 'mentor', 'admin'], mode: 'local', provider: 'simulator' });
	}
	if (path === '/api/reading') {
		if (request.method === 'POST') state.reading = moved(state.reading, readingChangeSchema.parse(JSON.parse(await body(request))));
		return void json(state.reading);
	}
	const known = options.fresh ? { ...learner(''), evidence: [] } : learner('');
	const now = new Date().toISOString();
	if (path === '/api/plan') {
		if (request.method === 'POST') state.career = planMoved({ ...known, ...state.career }, planChangeSchema.parse(JSON.parse(await body(request))), now);
		return void json(state.career.plans ?? {});
	}
	if (path === '/api/assessment') {
		if (request.method === 'POST')
			state.career = assessmentMoved({ ...known, ...state.career }, assessmentChangeSchema.parse(JSON.parse(await body(request))), now);
		return void json(state.career.assessment ?? NO_ASSESSMENT);
	}
	if (path === '/api/portfolio/declared') {
		if (request.method === 'POST') state.career = declaredMoved({ ...known, ...state.career }, declaredChangeSchema.parse(JSON.parse(await body(request))));
		return void json(state.career.declared ?? []);
	}
	if (path === '/api/issuer') return void json({ id: 'did:jwk:none', name: 'Foothold', jwk: {}, thumbprint: 'none' });
	const canned = peopleAnswer(path) ?? writingAnswer(path) ?? reviewAnswer(path);
	if (canned !== undefined) return void json(canned);
	if (path === '/api/market') {
		if (request.method === 'POST') state.career = marketMoved({ ...known, ...state.career }, marketChangeSchema.parse(JSON.parse(await body(request))));
		return void json(state.career.market ?? NO_MARKET);
	}
	if (path === '/api/labs') return void json([summary(!options.fresh)]);
	if (path === '/api/progress') {
		const full = learner(state.name ?? '');
		return void json(options.fresh ? { ...full, labs: {}, evidence: [], portfolio: [], rubric: [] } : full);
	}
	if (path.startsWith('/api/evidence/')) return void json(evidence(2));
	if (path === `/api/labs/${lab.id}/files`) return void json(state.session.change(fileChangeSchema.parse(JSON.parse(await body(request)))));
	if (path === `/api/labs/${lab.id}/apply`) return void json(state.session.apply(applyFileSchema.parse(JSON.parse(await body(request)))));
	// A cluster that serves nothing yet: the editor then only reads YAML.
	if (path.startsWith(`/api/labs/${lab.id}/cluster/`)) return void json({ paths: {}, items: [] });
	if (path === `/api/labs/${lab.id}/kubeconfig`)
		return void response
			.writeHead(200, { 'content-type': 'text/yaml' })
			.end('apiVersion: v1\nkind: Config\nclusters:\n- name: foothold\n  cluster:\n    server: https://127.0.0.1:7443\n');
	error(404, 'no-such-page', `There is nothing at ${path}.`, 'Go back to the start page.');
}

function moved(reading: Reading, { lesson, state }: ReadingChange): Reading {
	const at = '2026-11-20T10:15:00.000Z';
	return { ...reading, [lesson]: { openedAt: at, ...(state === 'read' ? { readAt: at } : {}) } };
}

async function body(request: IncomingMessage): Promise<string> {
	let text = '';
	for await (const chunk of request) text += String(chunk);
	return text;
}

async function file(path: string, response: ServerResponse, dist: string): Promise<void> {
	const wanted = join(dist, normalize(path.endsWith('/') ? `${path}index.html` : path));
	const send = (status: number, data: Buffer, type: string) =>
		response.writeHead(status, { 'content-type': type, 'content-security-policy': path.endsWith('pagefind-worker.js') ? WORKER_POLICY : POLICY }).end(data);
	try {
		send(200, await readFile(wanted), types[extname(wanted)] ?? 'application/octet-stream');
	} catch {
		send(404, await readFile(join(dist, '404.html')), 'text/html; charset=utf-8');
	}
}

if (import.meta.main) {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '4400' },
			dist: { type: 'string', default: 'dist' },
			fresh: { type: 'boolean' },
			nameless: { type: 'boolean' },
		},
	});
	const mock = await startMock({
		dist: values.dist,
		port: Number(values.port),
		...(values.fresh ? { fresh: true } : {}),
		...(values.nameless ? { name: null } : {}),
	});
	console.log(mock.url);
}
