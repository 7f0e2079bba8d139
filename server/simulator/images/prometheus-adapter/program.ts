/**
 * The adapter's process. It stands for itself and for the Prometheus behind it: every 15 s it asks the API for pods, services and
 * monitors, scrapes those that want to be, and keeps the series that its rules speak of.
 */
import { type Fields, rec, recs } from '../../apiserver/registry/fields.ts';
import { formatTime } from '../../kernel/time.ts';
import { scraped } from '../../metrics/series.ts';
import type { HttpRequest, Outcome } from '../../network/types.ts';
import { goFlag } from '../http-servers/echo.ts';
import { parseQuery } from '../http-service.ts';
import type { Process, Program } from '../program.ts';
import { type Answer, type CustomRequest, customAnswer, failed, internal, listPath, route } from './answers.ts';
import { type Config, configOf, wantedNames } from './config.ts';
import { type Store, withoutGone, withScrape } from './store.ts';
import { type Found, type Target, targetsOf } from './targets.ts';

/** Prometheus' scrape_interval and scrape_timeout as most set them, ms. */
const SCRAPE_MS = 15_000;
const TIMEOUT_MS = 10_000;
/** Targets scraped; those beyond are left alone. */
export const TARGETS_KEPT = 500;
/** Requests that wait for names from the API. */
const WAITING_KEPT = 100;
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const SOURCES: { readonly [part in keyof Found]: string } = {
	pods: '/api/v1/pods?fieldSelector=status.phase%3DRunning',
	services: '/api/v1/services',
	podMonitors: '/apis/monitoring.coreos.com/v1/podmonitors',
	serviceMonitors: '/apis/monitoring.coreos.com/v1/servicemonitors',
};

interface Data {
	readonly config: string;
	readonly store: Store;
	readonly targets: readonly Target[];
	/** What of this round's look-ups has come. */
	readonly found: Partial<Found>;
	/** Requests by the token of the look-up that they wait for. */
	readonly waiting: { readonly [token: string]: { readonly connection: string; readonly asked: CustomRequest } };
	readonly next: number;
}
type Adapter = Process<Data>;

function line(process: Adapter | Process<unknown>, level: 'I' | 'E' | 'F', where: string, text: string): void {
	const time = formatTime(process.now);
	process.stderr(`${level}${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 19)}.000000       1 ${where}] ${text}\n`);
}

/** A call of the API with the service account's token. */
function ask(process: Adapter, path: string, token: string): void {
	const secret = process.fs.read(TOKEN);
	const headers = { accept: 'application/json', 'user-agent': 'prometheus-adapter', ...(secret.ok ? { authorization: `Bearer ${secret.value}` } : {}) };
	const request: HttpRequest = { protocol: 'http', tls: true, method: 'GET', path, headers, body: '' };
	const host = process.env['KUBERNETES_SERVICE_HOST'] ?? 'kubernetes.default.svc';
	process.dial({ host, port: Number(process.env['KUBERNETES_SERVICE_PORT'] ?? 443), request, timeoutMs: TIMEOUT_MS }, token);
}

function configuration(process: Adapter): Config {
	const config = configOf(process.data.config);
	return typeof config === 'string' ? { rules: [], externalRules: [] } : config;
}

/** The items of a list, or none where the API refused or does not know the resource. */
function items(outcome: Outcome): readonly Fields[] | undefined {
	if (!outcome.ok || outcome.response.protocol !== 'http' || outcome.response.status !== 200) return undefined;
	return recs(rec(parsed(outcome.response.body)).items);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (e) {
		if (e instanceof SyntaxError) return undefined;
		throw e;
	}
}

function write(process: Adapter, connection: string, { status, body }: Answer): void {
	const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
	const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
	process.respond(connection, { protocol: 'http', status, headers: { 'content-type': type }, body: text });
}

function scrape(process: Adapter, found: Found): void {
	const targets = targetsOf(found).slice(0, TARGETS_KEPT);
	const store = withoutGone(
		process.data.store,
		targets.map((t) => t.labels),
	);
	process.data = { ...process.data, store, targets, found: {} };
	for (const [i, t] of targets.entries()) {
		const headers = { host: `${t.host}:${t.port}`, accept: 'text/plain;version=0.0.4', 'user-agent': 'Prometheus/3.5.0' };
		const request: HttpRequest = { protocol: 'http', ...(t.tls ? { tls: true } : {}), method: 'GET', path: t.path, headers, body: '' };
		process.dial({ host: t.host, port: t.port, request, timeoutMs: TIMEOUT_MS }, `scrape:${i}`);
	}
	process.spendCpu(2 + targets.length);
}

function onScraped(process: Adapter, index: number, outcome: Outcome): void {
	const target = process.data.targets[index];
	if (target === undefined) return;
	const page = outcome.ok && outcome.response.protocol === 'http' && outcome.response.status === 200 ? outcome.response.body : undefined;
	const samples = page === undefined ? undefined : scraped(page, wantedNames(configuration(process)));
	process.data = { ...process.data, store: withScrape(process.data.store, target.labels, samples, process.now) };
}

function onNames(process: Adapter, token: string, outcome: Outcome): void {
	const { [token]: waiting, ...others } = process.data.waiting;
	process.data = { ...process.data, waiting: others };
	if (waiting === undefined) return;
	const names = items(outcome)?.map((o) => String(rec(o.metadata).name));
	if (names === undefined) {
		line(process, 'E', 'provider.go:237', `unable to list matching resource names: ${outcome.ok ? 'forbidden' : outcome.error}`);
		write(process, waiting.connection, internal('unable to list matching resources'));
	} else write(process, waiting.connection, customAnswer(configuration(process), Object.values(process.data.store), process.now, waiting.asked, names));
}

function onGet(process: Adapter, connection: string, request: HttpRequest): void {
	const [path = '/', search = ''] = request.path.split(/\?(.*)/s, 2);
	const user = request.headers['x-remote-user'];
	const open = ['/healthz', '/livez', '/readyz'].includes(path);
	if (user === undefined && !open) {
		write(process, connection, failed(403, 'Forbidden', `forbidden: User "system:anonymous" cannot get path ${JSON.stringify(path)}`));
		return;
	}
	const answer = route(configuration(process), Object.values(process.data.store), process.now, path, parseQuery(search));
	if ('status' in answer) {
		write(process, connection, answer);
		return;
	}
	if (answer.name !== '*') {
		write(process, connection, customAnswer(configuration(process), Object.values(process.data.store), process.now, answer, [answer.name]));
		return;
	}
	if (Object.keys(process.data.waiting).length >= WAITING_KEPT) {
		write(process, connection, failed(429, 'TooManyRequests', 'too many requests, please try again later'));
		return;
	}
	const token = `names:${process.data.next}`;
	process.data = { ...process.data, next: process.data.next + 1, waiting: { ...process.data.waiting, [token]: { connection, asked: answer } } };
	ask(process, listPath(answer.resource, answer.namespace, answer.labelSelector), token);
}

const program: Program<Data> = {
	name: 'adapter',
	start(process) {
		const file = goFlag(process.argv, 'config') ?? '';
		const text = process.fs.read(file);
		const config = text.ok
			? configOf(text.value)
			: `unable to load metrics discovery config file: unable to open metrics discovery configuration file: open ${file}: no such file or directory`;
		if (file === '' || typeof config === 'string') {
			const why = file === '' ? 'no metrics discovery configuration file specified' : config;
			line(process as Process<unknown>, 'E', 'adapter.go:293', `"unable to load metrics discovery config" err=${JSON.stringify(why)}`);
			process.exit(1);
			return;
		}
		process.data = { config: text.ok ? text.value : '', store: {}, targets: [], found: {}, waiting: {}, next: 0 };
		line(process, 'I', 'adapter.go:114', 'successfully using in-cluster auth');
		const port = Number(goFlag(process.argv, 'secure-port') ?? 443);
		if (!process.listen(port, { tls: true })) {
			line(
				process,
				'E',
				'adapter.go:350',
				`"Unable to run custom metrics adapter" err="failed to create listener: failed to listen on 0.0.0.0:${port}: bind: permission denied"`,
			);
			process.exit(1);
			return;
		}
		line(process, 'I', 'secure_serving.go:213', `Serving securely on [::]:${port}`);
		process.usage({ cpuMilli: 4, memoryBytes: 38_000_000 });
		process.timer(1000, 'round');
	},
	onTimer(process) {
		process.timer(SCRAPE_MS, 'round');
		process.data = { ...process.data, found: {} };
		for (const [part, path] of Object.entries(SOURCES)) ask(process, path, `find:${part}`);
	},
	onReply(process, token, outcome) {
		const [kind = '', rest = ''] = token.split(/:(.*)/s, 2);
		if (kind === 'scrape') onScraped(process, Number(rest), outcome);
		else if (kind === 'names') onNames(process, token, outcome);
		else {
			const listed = items(outcome);
			if (listed === undefined && rest === 'pods')
				line(process, 'E', 'provider.go:70', `unable to update list of all metrics: cannot list pods: ${why(outcome)}`);
			const found = { ...process.data.found, [rest]: listed ?? [] };
			process.data = { ...process.data, found };
			const { pods, services, podMonitors, serviceMonitors } = found;
			if (pods !== undefined && services !== undefined && podMonitors !== undefined && serviceMonitors !== undefined)
				scrape(process, { pods, services, podMonitors, serviceMonitors });
		}
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') process.respond(connection.id, { protocol: 'tcp', data: '' });
		else if (request.method !== 'GET' && request.method !== 'HEAD')
			write(process, connection.id, failed(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'));
		else onGet(process, connection.id, request);
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(0);
	},
};

function why(outcome: Outcome): string {
	if (!outcome.ok) return outcome.error;
	return outcome.response.protocol === 'http' ? String(rec(parsed(outcome.response.body)).message ?? outcome.response.status) : 'EOF';
}

export const adapterProgram = program as unknown as Program<never>;
