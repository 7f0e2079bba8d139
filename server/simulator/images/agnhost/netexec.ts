/** `agnhost netexec`: an HTTP server that says who it is, dials others, runs commands; and a UDP one. Models test/images/agnhost/netexec. */
import type { Connection, HttpRequest, HttpResponse, Outcome } from '../../network/types.ts';
import { goLogTime } from '../http-servers/echo.ts';
import { GO_BAD_REQUEST, parseQuery } from '../http-service.ts';
import type { Process, Program } from '../program.ts';
import { flag, goDuration } from './flags.ts';
import { klog } from './log.ts';

/** One `/dial` under way: as many tries as were asked for, one after the other. */
interface Dialing {
	readonly host: string;
	readonly port: number;
	readonly request: string;
	readonly udp: boolean;
	readonly left: number;
	readonly responses: readonly string[];
	readonly errors: readonly string[];
}

interface Data {
	readonly dialing: { readonly [connection: string]: Dialing };
	readonly terminating: boolean;
}
type Netexec = Process<Data>;
type Query = { readonly [name: string]: string };

/** createHTTPClient's and dialUDP's limit, virtual ms. */
const DIAL_MS = 5000;
/** Client ports of a Linux host (net.ipv4.ip_local_port_range). */
const FIRST_PORT = 32_768;
const PORTS = 28_232;

const withLog = (process: Netexec, text: string): void => klog(process as unknown as Process<never>, text);

function reply(process: Netexec, connection: string, body: string, status = 200, headers: HttpResponse['headers'] = {}): void {
	process.respond(connection, { protocol: 'http', status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body });
}

const clientOf = (process: Netexec, c: Connection): string =>
	`${c.remoteAddress.includes(':') ? `[${c.remoteAddress}]` : c.remoteAddress}:${FIRST_PORT + Math.floor(process.random() * PORTS)}`;

/** Go's http.Header as JSON: canonical names, lists of values. */
function headersJson(headers: HttpRequest['headers']): string {
	const canonical = (name: string): string => name.replace(/(^|-)[a-z]/g, (l) => l.toUpperCase());
	return JSON.stringify(
		Object.fromEntries(
			Object.keys(headers)
				.sort()
				.filter((n) => n !== 'host')
				.map((n) => [canonical(n), [headers[n]]]),
		),
	);
}

function exitAsked(process: Netexec, connection: string, q: Query): void {
	for (const name of ['timeout', 'wait'] as const) {
		const text = q[name] ?? '';
		if (text !== '' && goDuration(text) === undefined) {
			reply(process, connection, `argument '${name}' must be a valid golang duration or empty, got ${JSON.stringify(text)}\n`);
			return;
		}
	}
	const wait = goDuration(q['wait'] ?? '0') ?? 0;
	if ((goDuration(q['timeout'] ?? '0') ?? 0) > 0) reply(process, connection, '');
	process.timer(wait, `exit:${Number(q['code'] ?? 0) || 0}`);
}

function dialNext(process: Netexec, connection: string, dialing: Dialing): void {
	process.data = { ...process.data, dialing: { ...process.data.dialing, [connection]: dialing } };
	const { host, port, request, udp } = dialing;
	const http: HttpRequest = {
		protocol: 'http',
		method: 'GET',
		path: `/${request}`,
		headers: { host: `${host}:${port}`, 'user-agent': 'Go-http-client/1.1' },
		body: '',
	};
	process.dial({ host, port, request: udp ? { protocol: 'tcp', udp: true, data: request } : http, timeoutMs: DIAL_MS }, `dial:${connection}`);
}

function dialAsked(process: Netexec, connection: string, q: Query): void {
	const protocol = (q['protocol'] ?? '').toLowerCase();
	const tries = Number(q['tries'] ?? 1);
	if (!Number.isInteger(tries)) {
		reply(process, connection, `tries parameter is invalid. strconv.Atoi: parsing ${JSON.stringify(q['tries'])}: invalid syntax\n`, 400);
		return;
	}
	if ((q['request'] ?? '') === '') {
		reply(process, connection, 'request parameter not specified. <nil>\n', 400);
		return;
	}
	if (!['', 'http', 'udp'].includes(protocol)) {
		reply(process, connection, `unsupported protocol. ${protocol}\n`, 400);
		return;
	}
	if (tries < 1) {
		reply(process, connection, '{}');
		return;
	}
	dialNext(process, connection, {
		host: q['host'] ?? '',
		port: Number(q['port'] ?? 0),
		request: q['request'] ?? '',
		udp: protocol === 'udp',
		left: tries,
		responses: [],
		errors: [],
	});
}

function failure(dialing: Dialing, outcome: Extract<Outcome, { ok: false }>): string {
	const at = `${dialing.host}:${dialing.port}`;
	if (dialing.udp)
		return `reading from udp connection failed. err:'read udp ${at}: ${outcome.error === 'ECONNREFUSED' ? 'read: connection refused' : 'i/o timeout'}'`;
	const words = { ECONNREFUSED: 'connect: connection refused', ETIMEDOUT: 'i/o timeout', EHOSTUNREACH: 'connect: no route to host' }[outcome.error as string];
	return `Get "http://${at}/${dialing.request}": ${words === undefined ? outcome.error : `dial tcp ${at}: ${words}`}`;
}

function dialled(process: Netexec, connection: string, outcome: Outcome): void {
	const dialing = process.data.dialing[connection];
	if (dialing === undefined) return;
	const got = !outcome.ok
		? undefined
		: outcome.response.protocol === 'http'
			? outcome.response.body
			: outcome.response.protocol === 'tcp'
				? outcome.response.data
				: '';
	const next: Dialing = {
		...dialing,
		left: dialing.left - 1,
		responses: got === undefined ? dialing.responses : [...dialing.responses, got],
		errors: outcome.ok ? dialing.errors : [...dialing.errors, failure(dialing, outcome)],
	};
	if (next.left > 0) {
		dialNext(process, connection, next);
		return;
	}
	const { [connection]: _done, ...rest } = process.data.dialing;
	process.data = { ...process.data, dialing: rest };
	// As upstream: the responses are told only where the last try brought one.
	reply(
		process,
		connection,
		JSON.stringify({ ...(next.errors.length > 0 ? { errors: next.errors } : {}), ...((got ?? '') !== '' ? { responses: next.responses } : {}) }),
	);
}

/** A file of a multipart form, as curl -F sends it. */
function upload(process: Netexec, connection: string, request: HttpRequest): void {
	const boundary = /boundary=("?)([^";]+)\1/.exec(request.headers['content-type'] ?? '')?.[2];
	const part = boundary === undefined ? undefined : request.body.split(`--${boundary}`).find((p) => /name="file"/.test(p));
	if (part === undefined) {
		reply(process, connection, '{"error":"Unable to upload file."}');
		return;
	}
	const path = `/uploads/upload${Math.floor(process.random() * 1e9)}`;
	if (!process.fs.write(path, part.replace(/^[\s\S]*?\r\n\r\n/, '').replace(/\r\n$/, ''), { mode: 0o700 }).ok) {
		reply(process, connection, '{"error":"Unable to open file for write"}');
		return;
	}
	reply(process, connection, JSON.stringify({ output: path }), 201);
}

/** What its log says of a request: the parameters that its handler knows. */
const PARAMETERS: { readonly [path: string]: readonly string[] } = {
	'/echo': ['msg', 'code'],
	'/dial': ['host', 'protocol', 'port', 'request', 'tries'],
	'/exit': ['code', 'timeout', 'wait'],
};

function logged(path: string, q: Query): string {
	if (path === '/shell') return `GET /shell?cmd=${q['shellCommand'] ?? q['cmd'] ?? ''}`;
	if (path === '/header' && q['key'] !== undefined) return `GET /header?key=${q['key']}`;
	const names = PARAMETERS[path];
	return `GET ${path}${names === undefined ? '' : `?${names.map((name) => `${name}=${q[name] ?? ''}`).join('&')}`}`;
}

function answer(process: Netexec, connection: Connection, request: HttpRequest): void {
	const override = flag(process.argv, 'http-override', '');
	const [path = '/', search = ''] = (override === '' ? request.path : override).split(/\?(.*)/s, 2);
	const q = parseQuery(search);
	const { id } = connection;
	withLog(process, logged(path, q));
	switch (path) {
		case '/clientip':
			reply(process, id, clientOf(process, connection));
			return;
		case '/header':
			reply(process, id, q['key'] === undefined ? headersJson(request.headers) : (request.headers[q['key'].toLowerCase()] ?? ''));
			return;
		case '/dial':
			dialAsked(process, id, q);
			return;
		case '/echo':
			reply(process, id, q['msg'] ?? '', Number(q['code'] ?? 200) || 200);
			return;
		case '/exit':
			exitAsked(process, id, q);
			return;
		case '/healthz':
			reply(process, id, '');
			return;
		case '/readyz':
			process.data.terminating ? reply(process, id, 'shutting down', 503) : reply(process, id, 'ok');
			return;
		case '/hostname':
		case '/hostName':
			reply(process, id, process.hostname);
			return;
		case '/redirect':
			reply(process, id, '', Number(q['code'] ?? 302) || 302, { location: q['location'] ?? '' });
			return;
		case '/shell': {
			const command = q['shellCommand'] ?? q['cmd'] ?? '';
			const started = process.spawn(['/bin/sh', '-c', command], { stdin: '', stdout: 'collect', stderr: 'stdout', token: id });
			if (!started.ok) reply(process, id, JSON.stringify({ error: `fork/exec /bin/sh: ${started.error}` }));
			return;
		}
		case '/shutdown':
			process.exit(0);
			return;
		case '/upload':
			upload(process, id, request);
			return;
		default:
			reply(process, id, `NOW: ${goLogTime(process.now)}`);
			return;
	}
}

/** The UDP server's commands: hostname, echo, clientip. */
function datagram(process: Netexec, connection: Connection, data: string): void {
	const said = data.trim().toLowerCase();
	const text =
		said === 'hostname' ? process.hostname : said.startsWith('echo ') ? said.slice(5) : said === 'clientip' ? clientOf(process, connection) : undefined;
	withLog(process, text === undefined ? `Unknown UDP command received from ${connection.remoteAddress}: ${said}` : 'Sending udp response');
	process.respond(connection.id, { protocol: 'tcp', data: text ?? '' });
}

export const netexec: Program<Data> = {
	name: 'netexec',
	start(process) {
		const port = Number(flag(process.argv, 'http-port', '8080'));
		const udpPort = Number(flag(process.argv, 'udp-port', '8081'));
		process.data = { dialing: {}, terminating: false };
		process.usage({ cpuMilli: 1, memoryBytes: 9_000_000 });
		if (!process.listen(port, { tls: flag(process.argv, 'tls-cert-file', '') !== '' })) {
			withLog(process, `listen tcp :${port}: bind: ${port < 1024 && process.uid !== 0 ? 'permission denied' : 'address already in use'}`);
			process.exit(1);
			return;
		}
		withLog(process, `Started HTTP server on port ${port}`);
		if (udpPort !== -1 && process.listen(udpPort, { udp: true })) withLog(process, `Started UDP server on port  ${udpPort}`);
	},
	onRequest(process, connection, request) {
		process.spendCpu(0.3);
		if (request.protocol === 'http') answer(process, connection, request);
		else if (request.protocol === 'tcp' && request.udp === true) datagram(process, connection, request.data ?? '');
		else process.respond(connection.id, { protocol: 'tcp', data: GO_BAD_REQUEST });
	},
	onReply: (process, token, outcome) => dialled(process, token.slice('dial:'.length), outcome),
	onChild(process, connection, { exitCode, stdout }) {
		reply(
			process,
			connection,
			JSON.stringify({ ...(exitCode === 0 ? {} : { error: `exit status ${exitCode}` }), ...(stdout === '' ? {} : { output: stdout }) }),
		);
	},
	onTimer: (process, token) => process.exit(Number(token.split(':')[1] ?? 0)),
	onSignal(process, signal) {
		if (signal !== 'SIGTERM' && signal !== 'SIGINT') return;
		const seconds = Number(flag(process.argv, 'delay-shutdown', '0'));
		process.data = { ...process.data, terminating: true };
		if (seconds <= 0) return process.exit(0);
		withLog(process, `Sleeping ${seconds} seconds before terminating...`);
		process.timer(seconds * 1000, 'exit:0');
	},
};
