/** Servers that exercises are built on: hpa-example, nginxdemos/hello, hello-kubernetes, kuard, podinfo, httpbin. */
import { formatTime } from '../../kernel/time.ts';
import { type HttpAnswer, httpService, type Request } from '../http-service.ts';
import type { Process } from '../program.ts';
import { goLogTime } from './echo.ts';

const json = (value: unknown, status = 200): HttpAnswer => ({
	status,
	headers: { 'content-type': 'application/json; charset=utf-8' },
	body: `${JSON.stringify(value, null, 2)}\n`,
});
const html = (body: string): HttpAnswer => ({ headers: { 'content-type': 'text/html' }, body });

/** registry.k8s.io/hpa-example: a page that takes a million square roots, some eight milliseconds of one core. */
export const hpaExample = httpService({
	name: 'apache2',
	configure: () => ({ ports: [80], values: {} }),
	banner: (process) =>
		process.stderr(
			`AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using ${process.podIP}. Set the 'ServerName' directive globally to suppress this message\n`,
		),
	answer: () => ({ headers: { 'content-type': 'text/html', server: 'Apache/2.4.10 (Debian)', 'x-powered-by': 'PHP/5.6.14' }, body: 'OK!', cpuMs: 8 }),
	accessLog: (process, r, answer) => ({
		stdout: `${r.remoteAddress} - - [${formatTime(process.now)}] "${r.method} ${r.path} HTTP/1.1" 200 ${answer.body.length} "-" "${r.headers['user-agent'] ?? '-'}"`,
	}),
	memoryBytes: 14_000_000,
	exitOnTerm: 0,
});

/** nginxdemos/hello; its plain-text variant says the same without a page. */
export const nginxHello = (plain: boolean, port: number) =>
	httpService({
		name: 'nginx',
		configure: () => ({ ports: [port], values: {} }),
		answer(process, r) {
			const id = Math.floor(process.random() * 2 ** 48)
				.toString(16)
				.padStart(32, '0');
			const facts = [
				['Server address', `${process.podIP}:${port}`],
				['Server name', process.hostname],
				['Date', formatTime(process.now)],
				['URI', r.path],
				['Request ID', id],
			] as const;
			if (plain) return { headers: { server: 'nginx/1.29.3', 'content-type': 'text/plain' }, body: `${facts.map(([n, v]) => `${n}: ${v}`).join('\n')}\n` };
			const rows = facts.map(([n, v]) => `<p><span>${n}:</span> <span>${v}</span></p>`).join('\n');
			return { ...html(`<!DOCTYPE html>\n<html>\n<head>\n<title>Hello World</title>\n</head>\n<body>\n${rows}\n</body>\n</html>\n`) };
		},
		memoryBytes: 6_000_000,
		exitOnTerm: 0,
	});

/** paulbouwer/hello-kubernetes. */
export const helloKubernetes = httpService({
	name: 'node',
	configure(process) {
		const port = process.env['PORT'] ?? process.env['CONTAINER_PORT'] ?? '8080';
		return { ports: [Number(port)], values: { port, message: process.env['MESSAGE'] ?? 'Hello world!' } };
	},
	banner: (process) =>
		process.stdout(
			`{"level":30,"time":${process.now},"hostname":"${process.hostname}","msg":"Listening on: http://${process.hostname}:${process.data.values['port']}"}\n`,
		),
	answer: (process) =>
		html(
			`<!DOCTYPE html>\n<html>\n<head>\n<title>Hello Kubernetes!</title>\n</head>\n<body>\n<div id="message">${process.data.values['message']}</div>\n<table><tr><th>namespace:</th><td>${process.env['KUBERNETES_NAMESPACE'] ?? '-'}</td></tr><tr><th>pod:</th><td>${process.env['KUBERNETES_POD_NAME'] ?? process.hostname}</td></tr><tr><th>node:</th><td>${process.env['KUBERNETES_NODE_NAME'] ?? '-'}</td></tr></table>\n</body>\n</html>\n`,
		),
	memoryBytes: 32_000_000,
	exitOnTerm: 0,
});

/** gcr.io/kuar-demo/kuard: health that can be asked for, and a page about the pod. */
export const kuard = (colour: string) =>
	httpService({
		name: 'kuard',
		configure: () => ({ ports: [8080], values: {} }),
		banner: (process) => process.stdout(`${goLogTime(process.now)} Starting kuard version: v0.10.0-${colour}\n${goLogTime(process.now)} Serving on :8080\n`),
		answer(process, r) {
			if (r.path === '/healthy' || r.path === '/ready') return { body: 'ok' };
			if (r.path === '/env/api') return json({ commandLine: process.argv, env: process.env });
			return html(
				`<!doctype html>\n<html lang="en">\n<head><title>KUAR Demo</title></head>\n<body><h1>KUARD</h1>\n<p>Hostname: ${process.hostname}</p>\n<p>Version: v0.10.0-${colour}</p>\n<p>Client address: ${r.remoteAddress}</p></body>\n</html>\n`,
			);
		},
		accessLog: (process, r) => ({ stdout: `${goLogTime(process.now)} ${r.remoteAddress} ${r.method} ${r.path}` }),
		memoryBytes: 8_000_000,
		exitOnTerm: 2,
	});

function podinfoAnswer(process: Process<{ readonly count: number }>, r: Request, version: string): HttpAnswer {
	const about = {
		hostname: process.hostname,
		version,
		revision: 'b6b680fe507c0b5e3c5ae0a6ecdfba9ab4c8ba91',
		color: process.env['PODINFO_UI_COLOR'] ?? '#34577c',
		logo: 'https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif',
		message: process.env['PODINFO_UI_MESSAGE'] ?? `greetings from podinfo v${version}`,
		goos: 'linux',
		goarch: 'amd64',
		runtime: 'go1.25.1',
		num_goroutine: '8',
		num_cpu: '4',
	};
	const status = /^\/status\/(\d{3})$/.exec(r.path);
	if (r.headers['content-type'] === 'application/grpc') return { headers: { 'content-type': 'application/grpc', 'grpc-status': '0' }, body: 'SERVING' };
	switch (r.path) {
		case '/':
		case '/api/info':
			return json(about);
		case '/healthz':
		case '/readyz':
			return json({ status: 'OK' });
		case '/version':
			return json({ commit: about.revision, version });
		case '/env':
			return json(Object.entries(process.env).map(([n, v]) => `${n}=${v}`));
		case '/headers':
			return json(Object.fromEntries(Object.entries(r.headers).map(([n, v]) => [n, [v]])));
		case '/echo':
		case '/api/echo':
			return { status: 202, body: r.body };
		case '/metrics':
			return {
				body: `# HELP http_requests_total The total number of HTTP requests.\n# TYPE http_requests_total counter\nhttp_requests_total{status="200"} ${process.data.count}\n`,
			};
		default:
			return status === null ? { status: 404, body: '404 page not found\n' } : json({ status: Number(status[1]) }, Number(status[1]));
	}
}

/** stefanprodan/podinfo. */
export const podinfo = (version: string) =>
	httpService({
		name: 'podinfo',
		configure(process) {
			const line = process.argv.join(' ');
			// A flag counts more than the variable, which a service of that name sets to an address (`tcp://…`).
			const port = /--port[= ](\d+)/.exec(line)?.[1] ?? /^\d+$/.exec(process.env['PODINFO_PORT'] ?? '')?.[0] ?? '9898';
			const more = [/--port-metrics[= ](\d+)/, /--grpc-port[= ](\d+)/].flatMap((flag) => flag.exec(line)?.slice(1) ?? []).map(Number);
			return { ports: [Number(port), ...more.filter((p) => p > 0)], values: { port } };
		},
		banner: (process) =>
			process.stdout(
				`{"level":"info","ts":"${formatTime(process.now)}","caller":"podinfo/main.go:153","msg":"Starting podinfo","version":"${version}","revision":"b6b680fe507c0b5e3c5ae0a6ecdfba9ab4c8ba91","port":"${process.data.values['port']}"}\n`,
			),
		answer: (process, r) => podinfoAnswer(process, r, version),
		memoryBytes: 18_000_000,
		exitOnTerm: 0,
	});

/** httpbin in both its lives (kennethreitz/httpbin on 80, mccutchen/go-httpbin on 8080). */
export const httpbin = (port: number) =>
	httpService({
		name: 'httpbin',
		configure: (process) => ({ ports: [Number(process.env['PORT'] ?? port)], values: {} }),
		answer(_process, r) {
			const headers = Object.fromEntries(Object.entries(r.headers).map(([n, v]) => [n.replace(/(^|-)[a-z]/g, (l) => l.toUpperCase()), v]));
			const url = `http://${r.headers['host'] ?? ''}${r.path}`;
			const status = /^\/status\/(\d{3})$/.exec(r.path);
			if (status !== null) return { status: Number(status[1]), body: '' };
			if (r.path === '/ip') return json({ origin: r.remoteAddress });
			if (r.path === '/headers') return json({ headers });
			if (r.path === '/user-agent') return json({ 'user-agent': r.headers['user-agent'] ?? '' });
			if (r.path === '/get' || r.path.startsWith('/anything'))
				return json({ args: r.query, headers, ...(r.path === '/get' ? {} : { data: r.body, method: r.method }), origin: r.remoteAddress, url });
			if (/^\/(post|put|patch|delete)$/.test(r.path))
				return r.path.slice(1).toUpperCase() === r.method
					? json({ args: r.query, data: r.body, headers, origin: r.remoteAddress, url })
					: { status: 405, headers: { 'content-type': 'text/html' }, body: '<title>405 Method Not Allowed</title>\n' };
			if (r.path === '/') return html('<!DOCTYPE html>\n<html><head><title>httpbin.org</title></head><body><h1>httpbin</h1></body></html>\n');
			return { status: 404, headers: { 'content-type': 'text/html' }, body: '<title>404 Not Found</title>\n<h1>Not Found</h1>\n' };
		},
		memoryBytes: 26_000_000,
		exitOnTerm: 0,
	});
