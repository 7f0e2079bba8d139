/** agnhost, the Swiss knife of Kubernetes' own tests: netexec, serve-hostname, liveness, connect, pause and a few more. Models test/images/agnhost. */
import { httpService } from '../http-service.ts';
import type { Outcome } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { crdConversionWebhook } from './crd-conversion.ts';
import { flag } from './flags.ts';
import { grpcHealth } from './grpc-health.ts';
import { guestbook } from './guestbook.ts';
import { inClusterClient, issuerDiscovery } from './in-cluster.ts';
import { klog } from './log.ts';
import { logsGenerator } from './logs-generator.ts';
import { mounttest } from './mounttest.ts';
import { netexec } from './netexec.ts';
import { nettest } from './nettest.ts';
import { porter } from './porter.ts';
import { webhook } from './webhook.ts';

type Agnhost = Process<null>;

const VERSION = '2.53';
/** `liveness` answers /healthz for so long, virtual ms. */
const HEALTHY_MS = 10_000;

const server = (name: string, portFlag: string, port: string, answer: Parameters<typeof httpService>[0]['answer']) =>
	httpService({
		name,
		configure: (process) => ({ ports: [Number(flag(process.argv, portFlag, port))], values: { startedAt: String(process.now) } }),
		banner: (process) => klog(process as unknown as Process<never>, `Serving on port ${flag(process.argv, portFlag, port)}.`),
		answer,
		memoryBytes: 9_000_000,
		exitOnTerm: 0,
	});

const serveHostname = server('serve-hostname', 'port', '9376', (process) => ({ body: process.hostname }));
const fakeGitServer = server('fake-gitserver', 'port', '8000', () => ({ body: 'I am a fake git server' }));
/** Go's http.FileServer over the whole root. */
const testWebserver = server('test-webserver', 'port', '80', (process, r) => {
	const file = process.fs.read(r.path);
	if (file.ok) return { headers: { 'content-type': r.path.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8' }, body: file.value };
	const names = process.fs.list(r.path);
	if (!names.ok) return { status: 404, body: '404 page not found\n' };
	const links = names.value.map((n) => {
		const stat = process.fs.stat(`${r.path.replace(/\/$/, '')}/${n}`);
		const name = stat.ok && stat.value.kind === 'directory' ? `${n}/` : n;
		return `<a href="${name}">${name}</a>\n`;
	});
	return { headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<pre>\n${links.join('')}</pre>\n` };
});
const liveness = server('liveness', 'port', '8080', (process, r) => {
	const age = process.now - Number(process.data.values['startedAt']);
	switch (r.path) {
		case '/healthz':
			return age <= HEALTHY_MS ? { body: 'ok' } : { status: 500, body: `error: ${age / 1000}` };
		case '/started':
			return { body: `${age / 1000}s` };
		case '/redirect':
			return { status: 302, headers: { location: r.query['loc'] ?? '' }, body: '' };
		default:
			return { status: 404, body: '404 page not found\n' };
	}
});

/** Subcommands that are programs of their own. */
const PROGRAMS: { readonly [command: string]: Program<never> } = {
	netexec: netexec as Program<never>,
	'serve-hostname': serveHostname as Program<never>,
	'test-webserver': testWebserver as Program<never>,
	'fake-gitserver': fakeGitServer as Program<never>,
	liveness: liveness as Program<never>,
	porter: porter as Program<never>,
	'crd-conversion-webhook': crdConversionWebhook as Program<never>,
	webhook: webhook as Program<never>,
	'grpc-health-checking': grpcHealth as Program<never>,
	guestbook: guestbook as Program<never>,
	inclusterclient: inClusterClient,
	'logs-generator': logsGenerator as Program<never>,
	mounttest: mounttest as Program<never>,
	nettest: nettest as Program<never>,
	'test-service-account-issuer-discovery': issuerDiscovery as Program<never>,
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

const programOf = (process: { readonly argv: readonly string[] }): Program<never> | undefined => PROGRAMS[process.argv[1] ?? ''];

function start(process: Agnhost): void {
	process.data = null;
	const command = process.argv[1] ?? '';
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
		case 'etc-hosts': {
			const hosts = process.fs.read('/etc/hosts');
			process.stdout(`${hosts.ok ? hosts.value : ''}\n`);
			break;
		}
		case 'entrypoint-tester':
			process.stdout(`[${process.argv.join(' ')}]\n`);
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

function connected(process: Agnhost, outcome: Outcome): void {
	const words = { ECONNREFUSED: 'REFUSED', ETIMEDOUT: 'TIMEOUT', ENOTFOUND: 'DNS', EAI_AGAIN: 'DNS' };
	if (!outcome.ok) process.stderr(`${words[outcome.error as keyof typeof words] ?? 'OTHER'}\n`);
	process.exit(outcome.ok ? 0 : 1);
}

/** The subcommand decides which program a process is: it is in its arguments, and so in every handler. */
export const agnhost: Program<null> = {
	name: 'agnhost',
	start(process) {
		const program = programOf(process);
		if (program === undefined) start(process);
		else program.start(process as unknown as Process<never>);
		if (program === PROGRAMS['serve-hostname'] && process.argv.includes('--udp')) process.listen(Number(flag(process.argv, 'port', '9376')), { udp: true });
	},
	onRequest(process, connection, request) {
		const bare = request.protocol === 'tcp' && process.argv[1] === 'serve-hostname' && (request.udp === true || process.argv.includes('--tcp'));
		if (bare) process.respond(connection.id, { protocol: 'tcp', data: process.hostname });
		else programOf(process)?.onRequest?.(process as unknown as Process<never>, connection, request);
	},
	onTimer(process, token) {
		programOf(process)?.onTimer?.(process as unknown as Process<never>, token);
	},
	onReply(process, token, outcome) {
		const program = programOf(process);
		if (program === undefined) connected(process, outcome);
		else program.onReply?.(process as unknown as Process<never>, token, outcome);
	},
	onChild(process, token, result) {
		programOf(process)?.onChild?.(process as unknown as Process<never>, token, result);
	},
	onHangup(process, connection) {
		programOf(process)?.onHangup?.(process as unknown as Process<never>, connection);
	},
	onSignal(process, signal) {
		const program = programOf(process);
		if (program?.onSignal !== undefined) program.onSignal(process as unknown as Process<never>, signal);
		else if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(process.argv[1] === 'pause' ? 0 : 2);
	},
};
