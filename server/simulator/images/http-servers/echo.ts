/** Servers that say who they are and what they were asked: http-echo, whoami, hello-app, the bootcamp app, echoserver. */
import { formatTime } from '../../kernel/time.ts';
import { type HttpService, httpService, type Request } from '../http-service.ts';
import type { Process } from '../program.ts';

/** Go's log prefix, `2026/11/20 21:04:05`. */
export const goLogTime = (ms: number): string => formatTime(ms).replace(/^(\d+)-(\d+)-(\d+)T(.{8}).*$/, '$1/$2/$3 $4');

/** `-name value`, `--name=value` and `-name=value`, as Go's flag package reads them. */
export function goFlag(argv: readonly string[], name: string): string | undefined {
	for (const [i, arg] of argv.entries()) {
		const m = /^--?([\w-]+)(?:=([\s\S]*))?$/.exec(arg);
		if (m !== null && m[1] === name) return m[2] ?? argv[i + 1] ?? '';
	}
	return undefined;
}

const canonical = (name: string): string => name.replace(/(^|-)[a-z]/g, (l) => l.toUpperCase());

/** A client's port as a server logs it: it differs from request to request, and is the same in every replay. */
const clientPort = (r: Request): number => 32_768 + ((r.count * 37) % 28_000);

const portOf = (text: string | undefined, otherwise: number): number => Number((text ?? '').split(':').at(-1) || otherwise);

/** hashicorp/http-echo. */
export const httpEcho = httpService({
	name: 'http-echo',
	configure(process) {
		const text = goFlag(process.argv, 'text') ?? process.env['ECHO_TEXT'];
		if (process.argv.includes('-version') || process.argv.includes('--version')) return { exit: 0, stderr: 'http-echo v1.0.0\n' };
		if (text === undefined || text === '') return { exit: 127, stderr: 'Missing -text option!\n' };
		const listen = goFlag(process.argv, 'listen') ?? ':5678';
		return { ports: [portOf(listen, 5678)], values: { text, listen, status: goFlag(process.argv, 'status-code') ?? '200' } };
	},
	banner: (process) => process.stdout(`${goLogTime(process.now)} [INFO] server is listening on ${process.data.values['listen']}\n`),
	answer: (process) => ({
		status: Number(process.data.values['status']),
		headers: { 'x-app-name': 'http-echo', 'x-app-version': '1.0.0' },
		body: `${process.data.values['text']}\n`,
	}),
	accessLog: (process, r, answer) => ({
		stdout: `${goLogTime(process.now)} ${r.headers['host'] ?? ''} ${r.remoteAddress}:${clientPort(r)} "${r.method} ${r.path} HTTP/1.1" ${answer.status} ${answer.body.length} "${r.headers['user-agent'] ?? ''}" 21.4µs`,
	}),
	memoryBytes: 6_000_000,
	exitOnTerm: 0,
});

function whoamiText(process: Process<unknown>, r: Request): string {
	const name = process.env['WHOAMI_NAME'];
	const { host, ...others } = r.headers;
	const lines = [
		...(name === undefined ? [] : [`Name: ${name}`]),
		`Hostname: ${process.hostname}`,
		'IP: 127.0.0.1',
		`IP: ${process.podIP}`,
		`RemoteAddr: ${r.remoteAddress}:${clientPort(r)}`,
		`${r.method} ${r.path} HTTP/1.1`,
		`Host: ${host ?? ''}`,
		...Object.entries(others)
			.map(([n, v]) => `${canonical(n)}: ${v}`)
			.sort(),
	];
	return `${lines.join('\n')}\n\n`;
}

/** traefik/whoami (containous/whoami before). */
export const whoami = httpService({
	name: 'whoami',
	configure: (process) => ({
		ports: [portOf(goFlag(process.argv, 'port') ?? process.env['WHOAMI_PORT_NUMBER'], 80)],
		values: {},
	}),
	banner: (process) =>
		process.stderr(`${goLogTime(process.now)} Starting up on port ${portOf(goFlag(process.argv, 'port') ?? process.env['WHOAMI_PORT_NUMBER'], 80)}\n`),
	answer(process, r) {
		if (r.path === '/health') return { body: '' };
		if (r.path !== '/api') return { body: whoamiText(process, r) };
		const headers = Object.fromEntries(Object.entries(r.headers).map(([n, v]) => [canonical(n), [v]]));
		const api = {
			hostname: process.hostname,
			ip: ['127.0.0.1', process.podIP],
			headers,
			url: r.path,
			host: r.headers['host'] ?? '',
			method: r.method,
			remoteAddr: `${r.remoteAddress}:${clientPort(r)}`,
		};
		return { headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(api)}\n` };
	},
	memoryBytes: 5_000_000,
	exitOnTerm: 2,
});

/** gcr.io/google-samples/hello-app. */
export const helloApp = (version: string) =>
	httpService({
		name: 'hello-app',
		configure: (process) => ({ ports: [portOf(process.env['PORT'], 8080)], values: {} }),
		banner: (process) => process.stderr(`${goLogTime(process.now)} Server listening on port ${portOf(process.env['PORT'], 8080)}\n`),
		answer: (process) => ({ body: `Hello, world!\nVersion: ${version}\nHostname: ${process.hostname}\n` }),
		accessLog: (process, r) => ({ stderr: `${goLogTime(process.now)} Serving request: ${r.path}` }),
		memoryBytes: 5_500_000,
		exitOnTerm: 2,
	});

/** gcr.io/google-samples/kubernetes-bootcamp: Node without a signal handler, so that SIGTERM does nothing to the first process. */
const bootcampService = (version: string): HttpService => ({
	name: 'node',
	configure: () => ({ ports: [8080], values: {} }),
	banner: (process) => process.stdout(`Kubernetes Bootcamp App Started At: ${formatTime(process.now)} | Running On:  ${process.hostname} \n\n`),
	answer: (process) => ({ body: `Hello Kubernetes bootcamp! | Running on: ${process.hostname} | v=${version}\n` }),
	accessLog: (process, r) => ({
		stdout: `Running On: ${process.hostname} | Total Requests: ${r.count + 1} | App Uptime: 0 seconds | Log Time: ${formatTime(process.now)}`,
	}),
	memoryBytes: 30_000_000,
	exitOnTerm: 143,
});
export const bootcamp = (version: string) => {
	const { onSignal: _none, ...program } = httpService(bootcampService(version));
	return program;
};

/** registry.k8s.io/echoserver 1.4 (nginx with Lua). */
export const echoserver = httpService({
	name: 'nginx',
	configure: () => ({ ports: [8080], values: {} }),
	answer(process, r) {
		const headers = Object.entries(r.headers).map(([n, v]) => `${n}=${v}`);
		const host = r.headers['host'] ?? process.podIP;
		return {
			body: `\n\nHostname: ${process.hostname}\n\nPod Information:\n\t-no pod information available-\n\nServer values:\n\tserver_version=nginx: 1.14.2 - lua: 10015\n\nRequest Information:\n\tclient_address=${r.remoteAddress}\n\tmethod=${r.method}\n\treal path=${r.path}\n\tquery=${Object.entries(
				r.query,
			)
				.map(([n, v]) => `${n}=${v}`)
				.join(
					'&',
				)}\n\trequest_version=1.1\n\trequest_scheme=http\n\trequest_uri=http://${host}:8080${r.path}\n\nRequest Headers:\n\t${headers.join('\n\t')}\n\nRequest Body:\n\t${r.body === '' ? '-no body in request-' : r.body}\n\n`,
		};
	},
	accessLog: (process, r, answer) => ({
		stdout: `${r.remoteAddress} - - [${formatTime(process.now)}] "${r.method} ${r.path} HTTP/1.1" ${answer.status ?? 200} ${answer.body.length} "-" "${r.headers['user-agent'] ?? '-'}"`,
	}),
	memoryBytes: 12_000_000,
	exitOnTerm: 0,
});
