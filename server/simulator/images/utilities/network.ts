/** wget, nc and ping as busybox has them. */
import type { Outcome, Response } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { resolvePath } from './utility.ts';

export interface Url {
	readonly tls: boolean;
	readonly host: string;
	readonly port: number;
	readonly path: string;
	readonly user?: string;
}

export function parseUrl(text: string): Url | undefined {
	const m = /^(?:(https?):\/\/)?(?:([^@/]*)@)?(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?([/?#].*)?$/i.exec(text);
	if (m === null) return undefined;
	const tls = m[1]?.toLowerCase() === 'https';
	const path = (m[5] ?? '/').replace(/#.*$/, '');
	return {
		tls,
		host: m[3] ?? '',
		port: m[4] === undefined ? (tls ? 443 : 80) : Number(m[4]),
		path: path.startsWith('/') ? path : `/${path}`,
		...(m[2] === undefined ? {} : { user: m[2] }),
	};
}

/** The Host header of a URL. */
export const hostHeader = (u: Url): string => (u.port === (u.tls ? 443 : 80) ? u.host : `${u.host}:${u.port}`);

interface WgetData {
	readonly url: string;
	readonly quiet: boolean;
	readonly spider: boolean;
	readonly show: boolean;
	readonly output?: string;
	readonly timeoutMs: number;
	readonly headers: { readonly [name: string]: string };
	readonly body?: string;
	readonly redirects: number;
	readonly tries: number;
}

function wgetOptions(argv: readonly string[]): WgetData | { readonly unknown: string } | undefined {
	let d: WgetData = { url: '', quiet: false, spider: false, show: false, timeoutMs: 0, headers: {}, redirects: 0, tries: 1 };
	const header = (text: string): void => {
		const at = text.indexOf(':');
		d = { ...d, headers: { ...d.headers, [text.slice(0, at).trim().toLowerCase()]: text.slice(at + 1).trim() } };
	};
	for (let i = 1; i < argv.length; i++) {
		const arg = argv[i] ?? '';
		const long = /^--([\w-]+)(?:=(.*))?$/s.exec(arg);
		if (long !== null) {
			const value = (): string => long[2] ?? argv[++i] ?? '';
			if (long[1] === 'spider') d = { ...d, spider: true };
			else if (long[1] === 'quiet') d = { ...d, quiet: true };
			else if (long[1] === 'timeout') d = { ...d, timeoutMs: Number(value()) * 1000 };
			else if (long[1] === 'header') header(value());
			else if (long[1] === 'post-data') d = { ...d, body: value() };
			else if (long[1] === 'output-document') d = { ...d, output: value() };
			else if (long[1] === 'tries') value();
			else if (long[1] === 'server-response') d = { ...d, show: true };
			else if (long[1] !== 'no-check-certificate' && long[1] !== 'no-verbose') return { unknown: long[1] ?? '' };
			continue;
		}
		if (!arg.startsWith('-') || arg === '-') {
			d = { ...d, url: arg };
			continue;
		}
		for (let j = 1; j < arg.length; j++) {
			const letter = arg[j] ?? '';
			if ('OTtUPY'.includes(letter)) {
				const value = arg.slice(j + 1) !== '' ? arg.slice(j + 1) : (argv[++i] ?? '');
				if (letter === 'O') d = { ...d, output: value };
				if (letter === 'T') d = { ...d, timeoutMs: Number(value) * 1000 };
				break;
			}
			if (letter === 'q') d = { ...d, quiet: true };
			else if (letter === 'S') d = { ...d, show: true };
			else if (letter !== 'c') return { unknown: letter };
		}
	}
	return d.url === '' ? undefined : d;
}

function wgetDial(process: Process<WgetData>): void {
	const d = process.data;
	const url = parseUrl(d.url);
	if (url === undefined) {
		process.stderr(`wget: bad address '${d.url}'\n`);
		process.exit(1);
		return;
	}
	const found = process.resolve(url.host);
	if (!d.quiet && 'addresses' in found) process.stderr(`Connecting to ${hostHeader(url)} (${found.addresses[0]}:${url.port})\n`);
	process.dial(
		{
			host: url.host,
			port: url.port,
			request: {
				protocol: 'http',
				...(url.tls ? { tls: true } : {}),
				method: d.body === undefined ? (d.spider ? 'HEAD' : 'GET') : 'POST',
				path: url.path,
				headers: {
					host: hostHeader(url),
					'user-agent': 'Wget',
					connection: 'close',
					...d.headers,
					...(d.body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(d.body.length) }),
				},
				body: d.body ?? '',
			},
			timeoutMs: d.timeoutMs,
		},
		'reply',
	);
}

const REASONS: { readonly [status: number]: string } = {
	200: 'OK',
	201: 'Created',
	204: 'No Content',
	301: 'Moved Permanently',
	302: 'Found',
	304: 'Not Modified',
	307: 'Temporary Redirect',
	308: 'Permanent Redirect',
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not Found',
	405: 'Not Allowed',
	409: 'Conflict',
	413: 'Request Entity Too Large',
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	501: 'Not Implemented',
	502: 'Bad Gateway',
	503: 'Service Temporarily Unavailable',
	504: 'Gateway Time-out',
};
export const reason = (status: number): string => REASONS[status] ?? '';

function wgetFailure(process: Process<WgetData>, outcome: Outcome & { readonly ok: false }): void {
	const url = parseUrl(process.data.url);
	const at = `${outcome.address ?? url?.host ?? ''}`;
	const connect = `wget: can't connect to remote host (${at})`;
	const words: { readonly [error: string]: string } = {
		ENOTFOUND: `wget: bad address '${url === undefined ? '' : hostHeader(url)}'`,
		EAI_AGAIN: `wget: bad address '${url === undefined ? '' : hostHeader(url)}'`,
		ECONNREFUSED: `${connect}: Connection refused`,
		EHOSTUNREACH: `${connect}: Host is unreachable`,
		ETIMEDOUT: process.data.timeoutMs > 0 ? 'wget: download timed out' : `${connect}: Connection timed out`,
		ECONNRESET: 'wget: error getting response: Connection reset by peer',
		EPROTO: 'wget: TLS error from peer (alert code 40): handshake failure',
	};
	process.stderr(`${words[outcome.error] ?? `wget: ${outcome.error}`}\n`);
	process.exit(1);
}

const wget: Program<WgetData> = {
	name: 'wget',
	start(process) {
		const d = wgetOptions(process.argv);
		if (d === undefined || 'unknown' in d) {
			process.stderr(
				`${d === undefined ? '' : `wget: unrecognized option: ${d.unknown}\n`}BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [-P DIR] [-T SEC] [-U AGENT] URL...\n`,
			);
			process.exit(1);
			return;
		}
		process.data = d;
		wgetDial(process);
	},
	onReply(process, _token, outcome) {
		if (!outcome.ok) {
			wgetFailure(process, outcome);
			return;
		}
		const { response } = outcome;
		const d = process.data;
		if (response.protocol !== 'http') {
			process.stderr('wget: error getting response\n');
			process.exit(1);
			return;
		}
		if (d.show) {
			process.stderr(`  HTTP/1.1 ${response.status} ${reason(response.status)}\n`);
			for (const [n, v] of Object.entries(response.headers)) process.stderr(`  ${n.replace(/(^|-)[a-z]/g, (l) => l.toUpperCase())}: ${v}\n`);
			process.stderr('  \n');
		}
		const location = response.headers['location'];
		if (response.status >= 300 && response.status < 400 && location !== undefined && d.redirects < 5) {
			const base = parseUrl(d.url);
			const url = location.startsWith('/') && base !== undefined ? `${base.tls ? 'https' : 'http'}://${hostHeader(base)}${location}` : location;
			process.data = { ...d, url, redirects: d.redirects + 1 };
			wgetDial(process);
			return;
		}
		if (response.status >= 300) {
			process.stderr(`wget: server returned error: HTTP/1.1 ${response.status} ${reason(response.status)}\n`);
			process.exit(1);
			return;
		}
		finishWget(process, response.body);
	},
};

function finishWget(process: Process<WgetData>, body: string): void {
	const d = process.data;
	if (d.spider) {
		if (!d.quiet) process.stderr('remote file exists\n');
		process.exit(0);
		return;
	}
	if (d.output === '-') {
		if (!d.quiet) process.stderr('writing to stdout\n');
		process.stdout(body);
		if (!d.quiet)
			process.stderr(`-                    100% |********************************| ${String(body.length).padStart(5)}  0:00:00 ETA\nwritten to stdout\n`);
		process.exit(0);
		return;
	}
	const name = d.output ?? (parseUrl(d.url)?.path.replace(/\?.*$/, '').split('/').at(-1) || 'index.html');
	const written = process.fs.write(resolvePath(process.cwd, name), body);
	if (!written.ok) {
		process.stderr(`wget: can't open '${name}': ${written.error === 'EROFS' ? 'Read-only file system' : 'Permission denied'}\n`);
		process.exit(1);
		return;
	}
	if (!d.quiet)
		process.stderr(
			`saving to '${name}'\n${name.padEnd(20)} 100% |********************************| ${String(body.length).padStart(5)}  0:00:00 ETA\n'${name}' saved\n`,
		);
	process.exit(0);
}

interface NcData {
	readonly host: string;
	readonly port: number;
	readonly scan: boolean;
	readonly verbose: boolean;
	readonly listen: boolean;
	readonly input: string;
	readonly timeoutMs: number;
}

function ncDial(process: Process<NcData>): void {
	const d = process.data;
	const http = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r?\n([\s\S]*?)(?:\r?\n\r?\n([\s\S]*))?$/.exec(d.input);
	const headers: { [name: string]: string } = {};
	for (const line of (http?.[3] ?? '').split(/\r?\n/))
		if (line.includes(':')) headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 1).trim();
	const request =
		http === null || d.scan
			? ({ protocol: 'tcp', data: d.input } as const)
			: ({ protocol: 'http', method: http[1] ?? 'GET', path: http[2] ?? '/', headers, body: http[4] ?? '' } as const);
	process.dial({ host: d.host, port: d.port, request, connectTimeoutMs: d.timeoutMs, timeoutMs: d.timeoutMs }, 'reply');
}

/** Text that is an HTTP response, as one: `echo -e "HTTP/1.1 200 OK\\n\\nhello" | nc -l -p 8080`. */
function httpAnswer(text: string): Response | undefined {
	const m = /^HTTP\/1\.[01] (\d{3})[^\n]*\n([\s\S]*?)(?:\r?\n\r?\n|^\r?\n)([\s\S]*)$/m.exec(`${text.replaceAll('\r', '')}`);
	if (m === null) return undefined;
	const headers: { [name: string]: string } = {};
	for (const line of (m[2] ?? '').split('\n'))
		if (line.includes(':')) headers[line.slice(0, line.indexOf(':')).trim().toLowerCase()] = line.slice(line.indexOf(':') + 1).trim();
	return { protocol: 'http', status: Number(m[1]), headers, body: m[3] ?? '' };
}

const nc: Program<NcData> = {
	name: 'nc',
	start(process) {
		let d: NcData = { host: '', port: 0, scan: false, verbose: false, listen: false, input: '', timeoutMs: 0 };
		const rest: string[] = [];
		for (let i = 1; i < process.argv.length; i++) {
			const arg = process.argv[i] ?? '';
			if (!arg.startsWith('-')) {
				rest.push(arg);
				continue;
			}
			for (let j = 1; j < arg.length; j++) {
				const letter = arg[j] ?? '';
				if (letter === 'z') d = { ...d, scan: true };
				else if (letter === 'v') d = { ...d, verbose: true };
				else if (letter === 'l') d = { ...d, listen: true };
				else if ('wpqie'.includes(letter)) {
					const value = arg.slice(j + 1) !== '' ? arg.slice(j + 1) : (process.argv[++i] ?? '');
					if (letter === 'w') d = { ...d, timeoutMs: Number(value) * 1000 };
					if (letter === 'p') rest.push(value);
					break;
				}
			}
		}
		const [host = '', port = host] = rest;
		d = { ...d, host, port: Number(port) };
		process.data = d;
		if (d.listen) {
			if (process.listen(d.port)) {
				// What is piped in is what the first caller gets.
				process.readStdin();
				return;
			}
			process.stderr('nc: bind: Address already in use\n');
			process.exit(1);
		} else if (d.port < 1 || Number.isNaN(d.port)) {
			process.stderr(
				`BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n`,
			);
			process.exit(1);
		} else if (d.scan) ncDial(process);
		else process.readStdin();
	},
	onStdin(process, data) {
		if (data === null) {
			if (!process.data.listen) ncDial(process);
		} else {
			process.data = { ...process.data, input: process.data.input + data };
			process.readStdin();
		}
	},
	onRequest(process, connection, request) {
		if (request.protocol === 'tcp') process.stdout(request.data ?? '');
		else if (request.protocol === 'http')
			process.stdout(
				`${request.method} ${request.path} HTTP/1.1\n${Object.entries(request.headers)
					.map(([n, v]) => `${n}: ${v}\n`)
					.join('')}\n${request.body}`,
			);
		process.respond(connection.id, httpAnswer(process.data.input) ?? { protocol: 'tcp', data: process.data.input });
		// The answer leaves before the process does.
		process.timer(1, 'served');
	},
	onTimer: (process) => process.exit(0),
	onReply(process, _token, outcome) {
		const d = process.data;
		if (outcome.ok) {
			if (d.verbose) process.stderr(`${d.host} (${outcome.address}:${d.port}) open\n`);
			if (outcome.response.protocol === 'tcp') process.stdout(outcome.response.data);
			else if (outcome.response.protocol === 'http')
				process.stdout(
					`HTTP/1.1 ${outcome.response.status} ${reason(outcome.response.status)}\r\n${Object.entries(outcome.response.headers)
						.map(([n, v]) => `${n}: ${v}\r\n`)
						.join('')}\r\n${outcome.response.body}`,
				);
			process.exit(0);
			return;
		}
		const words: { readonly [error: string]: string } = {
			ECONNREFUSED: 'Connection refused',
			ETIMEDOUT: d.timeoutMs > 0 ? 'timed out' : 'Connection timed out',
			EHOSTUNREACH: 'Host is unreachable',
			ECONNRESET: 'Connection reset by peer',
		};
		if (outcome.phase === 'dns') process.stderr(`nc: bad address '${d.host}'\n`);
		else if (outcome.phase === 'response') process.stderr('');
		else
			process.stderr(
				d.timeoutMs > 0 && outcome.error === 'ETIMEDOUT'
					? 'nc: timed out\n'
					: `nc: ${d.host} (${outcome.address ?? d.host}:${d.port}): ${words[outcome.error] ?? outcome.error}\n`,
			);
		process.exit(1);
	},
};

interface PingData {
	readonly host: string;
	readonly address: string;
	readonly count: number;
	readonly sent: number;
}

const ping: Program<PingData> = {
	name: 'ping',
	start(process) {
		const args = process.argv.slice(1);
		const at = args.indexOf('-c');
		const host = args.findLast((a, i) => !a.startsWith('-') && !/^-[cwWis]$/.test(args[i - 1] ?? '')) ?? '';
		const found = process.resolve(host);
		if ('error' in found) {
			process.stderr(`ping: bad address '${host}'\n`);
			process.exit(1);
			return;
		}
		const address = found.addresses[0] ?? '';
		process.data = { host, address, count: at === -1 ? Number.MAX_SAFE_INTEGER : Number(args[at + 1]), sent: 0 };
		process.stdout(`PING ${host} (${address}): 56 data bytes\n`);
		process.timer(1, 'send');
	},
	onTimer(process) {
		const d = process.data;
		const finish = d.sent >= d.count;
		// Service addresses answer no echo in a cluster like ours: kube-proxy programs ports only.
		const answers = d.address === process.podIP || d.address === '127.0.0.1' || d.address.startsWith('10.244.');
		if (finish) {
			process.stdout(
				`\n--- ${d.host} ping statistics ---\n${d.sent} packets transmitted, ${answers ? d.sent : 0} packets received, ${answers ? 0 : 100}% packet loss\n${answers ? 'round-trip min/avg/max = 0.061/0.078/0.103 ms\n' : ''}`,
			);
			process.exit(answers ? 0 : 1);
			return;
		}
		if (answers) process.stdout(`64 bytes from ${d.address}: seq=${d.sent} ttl=64 time=0.078 ms\n`);
		process.data = { ...d, sent: d.sent + 1 };
		process.timer(d.sent + 1 >= d.count ? (answers ? 1 : 10_000) : 1000, 'send');
	},
	onSignal(process, signal) {
		if (signal !== 'SIGINT' && signal !== 'SIGTERM') return;
		process.data = { ...process.data, count: process.data.sent };
		process.timer(0, 'send');
	},
};

interface HttpdData {
	readonly home: string;
	readonly verbose: boolean;
}

const TYPES: { readonly [extension: string]: string } = {
	html: 'text/html',
	htm: 'text/html',
	txt: 'text/plain',
	css: 'text/css',
	json: 'application/json',
	js: 'text/javascript',
};

/** `httpd -f -p 8080 -h /www`. Without -f it goes to the background: as a container's first process it takes all with it. */
const httpd: Program<HttpdData> = {
	name: 'httpd',
	start(process) {
		const args = process.argv.slice(1);
		const value = (flag: string): string | undefined => {
			const at = args.findIndex((a) => a.startsWith(flag));
			return at === -1 ? undefined : (args[at] ?? '').length > 2 ? args[at]?.slice(2) : args[at + 1];
		};
		const port = Number((value('-p') ?? '80').split(':').at(-1));
		process.data = { home: resolvePath(process.cwd, value('-h') ?? '.'), verbose: args.some((a) => /^-\w*v/.test(a)) };
		if (!args.some((a) => /^-\w*f/.test(a))) process.exit(0);
		else if (!process.listen(port)) {
			process.stderr('httpd: bind: Address already in use\n');
			process.exit(1);
		}
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') {
			process.respond(connection.id, { protocol: 'tcp', data: '' });
			return;
		}
		const path = (request.path.split('?')[0] ?? '/').replace(/\/$/, '/index.html');
		const file = process.fs.read(`${process.data.home === '/' ? '' : process.data.home}${path}`);
		const status = file.ok ? 200 : file.error === 'EACCES' ? 403 : 404;
		const title = `${status} ${status === 403 ? 'Forbidden' : 'Not Found'}`;
		const body = file.ok
			? file.value
			: `<HTML><HEAD><TITLE>${title}</TITLE></HEAD>\n<BODY><H1>${title}</H1>\nThe requested URL was not found\n</BODY></HTML>\n`;
		if (process.data.verbose) process.stderr(`[::ffff:${connection.remoteAddress}]:40122: response:${status}\n`);
		process.respond(connection.id, {
			protocol: 'http',
			status,
			headers: { 'content-type': file.ok ? (TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream') : 'text/html', connection: 'close' },
			body: request.method === 'HEAD' ? '' : body,
		});
	},
	onSignal(process, signal) {
		// httpd installs no handler: as the first process it ignores SIGTERM, as Linux has it.
		if (process.pid !== 1 && (signal === 'SIGTERM' || signal === 'SIGINT')) process.exit(143);
	},
};

export const NETWORK: { readonly [name: string]: Program<never> } = { wget, nc, ping, httpd };
