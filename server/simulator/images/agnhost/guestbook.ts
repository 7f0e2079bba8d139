/** `agnhost guestbook`: a primary, its replicas and a front end that keep keys. Models test/images/agnhost/guestbook. */
import type { HttpRequest, Outcome } from '../../network/types.ts';
import { isRecord } from '../../apiserver/registry/fields.ts';
import { parseQuery } from '../http-service.ts';
import type { Process, Program } from '../program.ts';
import { flag } from './flags.ts';
import { klog } from './log.ts';

interface Data {
	readonly store: { readonly [key: string]: string };
	readonly replicas: readonly string[];
	/** When registering is given up, virtual ms. */
	readonly until: number;
	readonly registered: boolean;
}
type Guestbook = Process<Data>;

const REGISTER_MS = 15_000;
const AGAIN_MS = 1000;
const DIAL_MS = 5000;

const withLog = (process: Guestbook, text: string): void => klog(process as unknown as Process<never>, text);
const backendPort = (process: Guestbook): number => Number(flag(process.argv, 'backend-port', '6379'));
const reply = (process: Guestbook, connection: string, body: string, status = 200): void =>
	process.respond(connection, { protocol: 'http', status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });

function ask(process: Guestbook, host: string, path: string, token: string): void {
	const request: HttpRequest = { protocol: 'http', method: 'GET', path, headers: { host: `${host}:${backendPort(process)}` }, body: '' };
	process.dial({ host, port: backendPort(process), request, timeoutMs: DIAL_MS }, token);
}

function register(process: Guestbook): void {
	const primary = flag(process.argv, 'replicaof', '');
	withLog(process, `Registering to primary: ${primary}:${backendPort(process)}/register?host=${process.podIP}`);
	ask(process, primary, `/register?host=${process.podIP}`, 'register');
}

function parsedStore(text: string): Data['store'] | undefined {
	try {
		const body: unknown = JSON.parse(text);
		return isRecord(body) && isRecord(body['data']) ? (body['data'] as Data['store']) : undefined;
	} catch (e) {
		if (e instanceof SyntaxError) return undefined;
		throw e;
	}
}

function registered(process: Guestbook, outcome: Outcome): void {
	const store = outcome.ok && outcome.response.protocol === 'http' ? parsedStore(outcome.response.body) : undefined;
	if (store !== undefined) {
		process.data = { ...process.data, store: { ...store, ...process.data.store }, registered: true };
		withLog(process, `Registered to node: ${flag(process.argv, 'replicaof', '')}`);
		return;
	}
	if (process.now >= process.data.until) {
		withLog(process, 'Timed out while registering to primary.');
		process.exit(1);
		return;
	}
	withLog(process, `encountered error while registering to primary: ${outcome.ok ? 'unexpected answer' : outcome.error}. Retrying in 1s.`);
	process.timer(AGAIN_MS, 'register');
}

function answer(process: Guestbook, connection: string, path: string, q: { readonly [name: string]: string }): void {
	const key = q['key'] ?? '';
	switch (path) {
		case '/register':
			process.data = { ...process.data, replicas: [...process.data.replicas, q['host'] ?? ''] };
			withLog(process, `Node '${q['host'] ?? ''}' registered.`);
			reply(process, connection, JSON.stringify({ data: process.data.store }));
			return;
		case '/get':
			reply(process, connection, JSON.stringify({ data: key === '' ? process.data.store : (process.data.store[key] ?? '') }));
			return;
		case '/set':
			if (key === '') {
				reply(process, connection, 'cannot set with empty key.\n', 400);
				return;
			}
			process.data = { ...process.data, store: { ...process.data.store, [key]: q['value'] ?? '' } };
			for (const [i, host] of process.data.replicas.entries())
				ask(process, host, `/set?key=${encodeURIComponent(key)}&value=${encodeURIComponent(q['value'] ?? '')}`, `replica:${i}`);
			reply(process, connection, '{"message":"Updated"}');
			return;
		case '/guestbook': {
			const command = (q['cmd'] ?? '').toLowerCase();
			if (command !== 'get' && command !== 'set') {
				reply(process, connection, `unsupported cmd: '${command}'\n`, 400);
				return;
			}
			if (command === 'set' && key === '') {
				reply(process, connection, 'cannot set with empty key.\n', 400);
				return;
			}
			const host = command === 'set' ? 'agnhost-primary' : 'agnhost-replica';
			ask(process, host, `/${command}?key=${encodeURIComponent(key)}&value=${encodeURIComponent(q['value'] ?? '')}`, `front:${connection}`);
			return;
		}
		default:
			reply(process, connection, '404 page not found\n', 404);
			return;
	}
}

export const guestbook: Program<Data> = {
	name: 'guestbook',
	start(process) {
		process.data = { store: {}, replicas: [], until: process.now + REGISTER_MS, registered: false };
		process.usage({ cpuMilli: 1, memoryBytes: 9_000_000 });
		const port = Number(flag(process.argv, 'http-port', '80'));
		if (!process.listen(port)) {
			withLog(process, `listen tcp :${port}: bind: ${port < 1024 && process.uid !== 0 ? 'permission denied' : 'address already in use'}`);
			return process.exit(1);
		}
		if (flag(process.argv, 'replicaof', '') !== '') register(process);
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') return process.respond(connection.id, { protocol: 'tcp', data: '' });
		const [path = '/', search = ''] = request.path.split(/\?(.*)/s, 2);
		withLog(process, `GET ${request.path}`);
		answer(process, connection.id, path, parseQuery(search));
	},
	onReply(process, token, outcome) {
		const [kind, connection = ''] = token.split(/:(.*)/s, 2);
		if (kind === 'register') return registered(process, outcome);
		if (kind !== 'front') return;
		if (outcome.ok && outcome.response.protocol === 'http') reply(process, connection, outcome.response.body);
		else reply(process, connection, `encountered error: ${outcome.ok ? 'unexpected answer' : outcome.error}\n`, 417);
	},
	onTimer: register,
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(2);
	},
};
