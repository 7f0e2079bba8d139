/** agnhost, the Swiss knife of Kubernetes' own tests: netexec, serve-hostname, liveness, connect, pause and a few more. Models test/images/agnhost. */
import { httpService, type HttpServiceData } from '../http-service.ts';
import { goLogTime } from '../http-servers/echo.ts';
import type { Process, Program } from '../program.ts';
import { crdConversionWebhook } from './crd-conversion.ts';
import { grpcHealth } from './grpc-health.ts';
import { porter } from './porter.ts';
import { webhook } from './webhook.ts';

interface Data extends HttpServiceData {
	readonly command: string;
	readonly startedAt: number;
}
type Agnhost = Process<Data>;

const VERSION = '2.53';
/** `liveness` answers /healthz for so long, virtual ms. */
const HEALTHY_MS = 10_000;

function flag(argv: readonly string[], name: string, otherwise: string): string {
	const at = argv.findIndex((a) => a === `--${name}` || a.startsWith(`--${name}=`));
	const found = argv[at] ?? '';
	return at === -1 ? otherwise : found.includes('=') ? found.slice(found.indexOf('=') + 1) : (argv[at + 1] ?? otherwise);
}

const server = (name: string, portFlag: string, port: string, answer: Parameters<typeof httpService>[0]['answer']) =>
	httpService({
		name,
		configure: (process) => ({ ports: [Number(flag(process.argv, portFlag, port))], values: {} }),
		banner: (process) =>
			process.stdout(
				`I${goLogTime(process.now).slice(5).replace('/', '')}.000000       1 log.go:195] Started HTTP server on port ${flag(process.argv, portFlag, port)}\n`,
			),
		answer,
		memoryBytes: 9_000_000,
		exitOnTerm: 0,
	});

const netexec = server('netexec', 'http-port', '8080', (process, r) => {
	switch (r.path) {
		case '/':
			return { body: `NOW: ${goLogTime(process.now)}` };
		case '/hostname':
		case '/hostName':
			return { body: process.hostname };
		case '/echo':
			return { status: Number(r.query['code'] ?? 200), body: r.query['msg'] ?? '' };
		case '/clientip':
			return { body: `${r.remoteAddress}:40000` };
		case '/header':
			return { body: r.headers[(r.query['key'] ?? '').toLowerCase()] ?? '' };
		case '/healthz':
			return { body: '' };
		case '/exit':
			process.exit(Number(r.query['code'] ?? 0));
			return { body: '' };
		default:
			return { status: 404, body: '404 page not found\n' };
	}
});
const serveHostname = server('serve-hostname', 'port', '9376', (process) => ({ body: process.hostname }));
const testWebserver = server('test-webserver', 'port', '80', (process, r) => {
	const file = process.fs.read(r.path);
	return file.ok ? { body: file.value } : { status: 404, body: '404 page not found\n' };
});
const liveness = server('liveness', 'port', '8080', (process, r) => {
	const age = process.now - (process.data as Data).startedAt;
	if (r.path !== '/healthz') return { status: 404, body: '404 page not found\n' };
	return age <= HEALTHY_MS ? { body: 'ok' } : { status: 500, body: `error: ${age / 1000}` };
});

const SERVERS: { readonly [command: string]: Program<HttpServiceData> } = {
	netexec,
	'serve-hostname': serveHostname,
	'test-webserver': testWebserver,
	liveness,
	porter: porter as unknown as Program<HttpServiceData>,
	'crd-conversion-webhook': crdConversionWebhook as unknown as Program<HttpServiceData>,
	webhook: webhook as unknown as Program<HttpServiceData>,
	'grpc-health-checking': grpcHealth as unknown as Program<HttpServiceData>,
};

/** `connect HOST:PORT --timeout=3s`: prints nothing when it works, else one word as the tests read it. */
function connect(process: Agnhost): void {
	const target = process.argv.slice(2).find((a) => !a.startsWith('-')) ?? '';
	const colon = target.lastIndexOf(':');
	const seconds = Number(/^(\d+)s?$/.exec(flag(process.argv, 'timeout', '1s'))?.[1] ?? 1);
	process.dial(
		{ host: target.slice(0, colon), port: Number(target.slice(colon + 1)), request: { protocol: 'tcp' }, connectTimeoutMs: seconds * 1000 },
		'connect',
	);
}

function resolvers(process: Agnhost): { readonly servers: readonly string[]; readonly search: readonly string[] } {
	const file = process.fs.read('/etc/resolv.conf');
	const text = file.ok ? file.value : '';
	return {
		servers: [...text.matchAll(/^nameserver\s+(\S+)/gm)].map((m) => m[1] ?? ''),
		search: (/^search\s+(.*)$/m.exec(text)?.[1] ?? '').split(/\s+/).filter((s) => s !== ''),
	};
}

function start(process: Agnhost): void {
	const command = process.argv[1] ?? '';
	const found = SERVERS[command];
	if (found !== undefined) {
		found.start(process);
		process.data = { ...process.data, command, startedAt: process.now };
		return;
	}
	process.data = { values: {}, count: 0, command, startedAt: process.now };
	switch (command) {
		case 'pause':
			process.stdout('Paused\n');
			return;
		case 'connect':
			connect(process);
			return;
		case 'dns-suffix':
			process.stdout(`${resolvers(process).search.join(',')}\n`);
			break;
		case 'dns-server-list':
			process.stdout(`${resolvers(process).servers.join(',')}\n`);
			break;
		case 'entrypoint-tester':
			process.stdout(`[${process.argv.map((a) => a).join(' ')}]\n`);
			break;
		case '--version':
			process.stdout(`agnhost version ${VERSION}\n`);
			break;
		default:
			process.stderr(`Error: unknown command "${command}" for "app"\nRun 'app --help' for usage.\n`);
			process.exit(1);
			return;
	}
	process.exit(0);
}

export const agnhost: Program<Data> = {
	name: 'agnhost',
	start,
	onRequest(process, connection, request) {
		// serve-hostname answers a bare connection too.
		if (request.protocol === 'tcp' && process.data.command === 'serve-hostname') process.respond(connection.id, { protocol: 'tcp', data: process.hostname });
		else SERVERS[process.data.command]?.onRequest?.(process, connection, request);
	},
	onTimer(process, token) {
		SERVERS[process.data.command]?.onTimer?.(process, token);
	},
	onReply(process, _token, outcome) {
		if (!outcome.ok)
			process.stderr(`${{ ECONNREFUSED: 'REFUSED', ETIMEDOUT: 'TIMEOUT', ENOTFOUND: 'DNS', EAI_AGAIN: 'DNS' }[outcome.error as string] ?? 'OTHER'}\n`);
		process.exit(outcome.ok ? 0 : 1);
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(process.data.command === 'pause' ? 0 : 2);
	},
};
