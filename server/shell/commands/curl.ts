/** curl over the sandbox's network: the options that people use against web services, with curl's own messages and exit codes. */
import type { Outcome } from '../../simulator/network/types.ts';
import type { Command, CommandContext } from '../command.ts';

interface Options {
	method?: string;
	headers: { [name: string]: string };
	data?: string;
	urls: string[];
	silent: boolean;
	showError: boolean;
	fail: boolean;
	include: boolean;
	head: boolean;
	verbose: boolean;
	location: boolean;
	get: boolean;
	output?: string;
	remoteName: boolean;
	writeOut?: string;
	maxTimeMs?: number;
	connectTimeoutMs?: number;
	resolve: { [host: string]: string };
	retry: number;
	user?: string;
	failWithBody: boolean;
}

const WITH_VALUE: { readonly [flag: string]: string } = {
	'-X': 'request',
	'--request': 'request',
	'-H': 'header',
	'--header': 'header',
	'-d': 'data',
	'--data': 'data',
	'--data-raw': 'data-raw',
	'--data-binary': 'data-binary',
	'--data-urlencode': 'data-urlencode',
	'--json': 'json',
	'-o': 'output',
	'--output': 'output',
	'-w': 'write-out',
	'--write-out': 'write-out',
	'-m': 'max-time',
	'--max-time': 'max-time',
	'--connect-timeout': 'connect-timeout',
	'--resolve': 'resolve',
	'--retry': 'retry',
	'--retry-delay': 'ignored',
	'-u': 'user',
	'--user': 'user',
	'-A': 'agent',
	'--user-agent': 'agent',
	'--cacert': 'ignored',
	'-e': 'ignored',
	'-b': 'cookie',
	'--url': 'url',
	'-c': 'ignored',
};
const FLAGS: { readonly [flag: string]: string } = {
	'-s': 'silent',
	'--silent': 'silent',
	'-S': 'show-error',
	'--show-error': 'show-error',
	'-f': 'fail',
	'--fail': 'fail',
	'--fail-with-body': 'fail-with-body',
	'-i': 'include',
	'--include': 'include',
	'-I': 'head',
	'--head': 'head',
	'-v': 'verbose',
	'--verbose': 'verbose',
	'-L': 'location',
	'--location': 'location',
	'-k': 'insecure',
	'--insecure': 'insecure',
	'-G': 'get',
	'--get': 'get',
	'-O': 'remote-name',
	'-4': 'v4',
	'--http1.1': 'h1',
	'--compressed': 'z',
	'--retry-connrefused': 'rc',
	'--retry-all-errors': 'rc',
	'-N': 'no-buffer',
	'--no-buffer': 'no-buffer',
	'-#': 'progress',
	'--http2': 'h2',
	'--no-progress-meter': 'silent-meter',
};

class Usage extends Error {}

async function parseArguments(args: readonly string[], context: CommandContext): Promise<Options> {
	const o: Options = {
		headers: {},
		urls: [],
		silent: false,
		showError: false,
		fail: false,
		include: false,
		head: false,
		verbose: false,
		location: false,
		get: false,
		remoteName: false,
		resolve: {},
		retry: 0,
		failWithBody: false,
	};
	const fileOr = async (v: string): Promise<string> => (v.startsWith('@') ? (v === '@-' ? context.io.stdin : await context.files.read(v.slice(1))) : v);
	const value = async (name: string, v: string): Promise<void> => {
		const add = (t: string): void => {
			o.data = o.data === undefined ? t : `${o.data}&${t}`;
		};
		switch (name) {
			case 'request':
				o.method = v;
				break;
			case 'header': {
				const at = v.indexOf(':');
				if (at > 0) o.headers[v.slice(0, at).trim().toLowerCase()] = v.slice(at + 1).trim();
				break;
			}
			case 'data':
				add((await fileOr(v)).replace(/[\r\n]/g, v.startsWith('@') ? '' : '$&'));
				break;
			case 'data-binary':
				add(await fileOr(v));
				break;
			case 'data-raw':
				add(v);
				break;
			case 'data-urlencode': {
				const at = v.indexOf('=');
				add(at < 0 ? encodeURIComponent(v) : `${v.slice(0, at + 1)}${encodeURIComponent(v.slice(at + 1))}`);
				break;
			}
			case 'json':
				add(await fileOr(v));
				o.headers['content-type'] ??= 'application/json';
				o.headers['accept'] ??= 'application/json';
				break;
			case 'output':
				o.output = v;
				break;
			case 'write-out':
				o.writeOut = v;
				break;
			case 'max-time':
				o.maxTimeMs = Number(v) * 1000;
				break;
			case 'connect-timeout':
				o.connectTimeoutMs = Number(v) * 1000;
				break;
			case 'resolve': {
				const [host = '', , address = ''] = v.split(':');
				o.resolve[host] = address;
				break;
			}
			case 'retry':
				o.retry = Number(v);
				break;
			case 'user':
				o.user = v;
				break;
			case 'agent':
				o.headers['user-agent'] = v;
				break;
			case 'cookie':
				o.headers['cookie'] = v;
				break;
			case 'url':
				o.urls.push(v);
				break;
			default:
				break;
		}
	};
	const flag = (name: string): void => {
		if (name === 'silent') o.silent = true;
		else if (name === 'show-error') o.showError = true;
		else if (name === 'fail') o.fail = true;
		else if (name === 'fail-with-body') o.failWithBody = true;
		else if (name === 'include') o.include = true;
		else if (name === 'head') o.head = true;
		else if (name === 'verbose') o.verbose = true;
		else if (name === 'location') o.location = true;
		else if (name === 'get') o.get = true;
		else if (name === 'remote-name') o.remoteName = true;
	};
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (!a.startsWith('-') || a === '-') {
			o.urls.push(a);
			continue;
		}
		if (a.startsWith('--')) {
			const name = WITH_VALUE[a];
			if (name !== undefined) {
				const v = args[++i];
				if (v === undefined) throw new Usage(`curl: option ${a}: requires parameter`);
				await value(name, v);
			} else if (FLAGS[a] !== undefined) flag(FLAGS[a]);
			else throw new Usage(`curl: option ${a}: is unknown`);
			continue;
		}
		for (let j = 1; j < a.length; j++) {
			const short = `-${a[j]}`;
			const name = WITH_VALUE[short];
			if (name !== undefined) {
				const v = j + 1 < a.length ? a.slice(j + 1) : args[++i];
				if (v === undefined) throw new Usage(`curl: option ${short}: requires parameter`);
				await value(name, v);
				break;
			}
			if (FLAGS[short] === undefined) throw new Usage(`curl: option ${a}: is unknown`);
			flag(FLAGS[short]);
		}
	}
	return o;
}

type Failure = Extract<Outcome, { ok: false }>;

/** curl's sentence and exit code for a failed transfer. */
function failure(e: Failure, host: string, port: number, elapsedMs: number, o: Options): readonly [string, number] {
	switch (e.error) {
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return [`Could not resolve host: ${host}`, 6];
		case 'ECONNREFUSED':
			return [`Failed to connect to ${host} port ${port} after ${Math.round(elapsedMs)} ms: Could not connect to server`, 7];
		case 'EHOSTUNREACH':
			return [`Failed to connect to ${host} port ${port} after ${Math.round(elapsedMs)} ms: No route to host`, 7];
		case 'ETIMEDOUT':
			if (e.phase === 'connect' && o.maxTimeMs === undefined && o.connectTimeoutMs === undefined)
				return [`Failed to connect to ${host} port ${port} after ${Math.round(elapsedMs)} ms: Could not connect to server`, 28];
			return [
				e.phase === 'connect'
					? `Connection timed out after ${Math.round(elapsedMs)} milliseconds`
					: `Operation timed out after ${Math.round(elapsedMs)} milliseconds with 0 bytes received`,
				28,
			];
		case 'ECONNRESET':
			return ['Recv failure: Connection reset by peer', 56];
		case 'EPROTO':
			return ['TLS connect error: error:0A00010B:SSL routines::wrong version number', 35];
	}
}

const REASONS: { readonly [status: number]: string } = {
	200: 'OK',
	201: 'Created',
	202: 'Accepted',
	204: 'No Content',
	301: 'Moved Permanently',
	302: 'Found',
	304: 'Not Modified',
	308: 'Permanent Redirect',
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not Found',
	405: 'Method Not Allowed',
	409: 'Conflict',
	413: 'Request Entity Too Large',
	415: 'Unsupported Media Type',
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Timeout',
};

interface Transfer {
	readonly status: number;
	readonly headers: { readonly [name: string]: string };
	readonly body: string;
	readonly elapsedMs: number;
	readonly url: string;
	readonly address: string;
	readonly firstByteMs?: number;
	/** How much of the body was written while it came. */
	readonly written: number;
}

const headerName = (n: string): string => n.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase());

function headText(t: Transfer): string {
	return `HTTP/1.1 ${t.status} ${REASONS[t.status] ?? ''}\r\n${Object.entries(t.headers)
		.map(([k, v]) => `${headerName(k)}: ${v}\r\n`)
		.join('')}\r\n`;
}

function writeOut(format: string, t: Transfer): string {
	const seconds = (t.elapsedMs / 1000).toFixed(6);
	const values: { readonly [name: string]: string } = {
		http_code: String(t.status).padStart(3, '0'),
		response_code: String(t.status).padStart(3, '0'),
		time_total: seconds,
		time_connect: '0.000500',
		time_starttransfer: t.firstByteMs === undefined ? seconds : (t.firstByteMs / 1000).toFixed(6),
		size_download: String(Buffer.byteLength(t.body)),
		url_effective: t.url,
		content_type: t.headers['content-type'] ?? '',
		remote_ip: t.address,
		num_redirects: '0',
		exitcode: '0',
	};
	return format.replace(/%\{(\w+)\}|%%|\\n|\\t|\\r/g, (m, name: string | undefined) =>
		name !== undefined ? (values[name] ?? '') : m === '%%' ? '%' : m === '\\n' ? '\n' : m === '\\t' ? '\t' : '\r',
	);
}

async function transfer(
	o: Options,
	url: URL,
	method: string,
	body: string | undefined,
	context: CommandContext,
): Promise<Transfer | readonly [string, number]> {
	const headers: { [name: string]: string } = { host: url.host, 'user-agent': 'curl/8.17.0', accept: '*/*', ...o.headers };
	if (body !== undefined) headers['content-type'] ??= 'application/x-www-form-urlencoded';
	if (o.user !== undefined) headers['authorization'] ??= `Basic ${Buffer.from(o.user).toString('base64')}`;
	const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
	if (o.verbose) context.io.stderr(`* Host ${url.hostname}:${port} was resolved.\n`);
	let written = 0;
	// What comes piece by piece (server-sent events) is shown as it comes; -N is the default where somebody looks on.
	const shown = (o.output === undefined || o.output === '-') && !o.remoteName && !o.include;
	const r = await context.network.request({
		...(shown
			? {
					onPiece: (text, head) => {
						if (o.fail && head.status >= 400) return;
						written += text.length;
						context.io.stdout(text);
					},
				}
			: {}),
		method,
		url: url.href,
		headers,
		...(body === undefined ? {} : { body }),
		resolve: o.resolve,
		signal: context.io.signal,
		...(o.maxTimeMs === undefined ? {} : { timeoutMs: o.maxTimeMs }),
		...(o.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: o.connectTimeoutMs }),
	});
	if (!r.ok) return failure(r, url.hostname, port, r.elapsedMs, o);
	if (r.response.protocol !== 'http') return ['Received HTTP/0.9 when not allowed', 1];
	const t: Transfer = {
		status: r.response.status,
		headers: r.response.headers,
		body: r.response.body,
		elapsedMs: r.elapsedMs,
		url: url.href,
		address: r.address,
		written,
		...(r.firstByteMs === undefined ? {} : { firstByteMs: r.firstByteMs }),
	};
	if (o.verbose) {
		context.io.stderr(
			`*   Trying ${r.address}:${r.port}...\n* Established connection to ${url.hostname} (${r.address} port ${r.port})\n> ${method} ${url.pathname}${url.search} HTTP/1.1\n`,
		);
		context.io.stderr(
			`${Object.entries(headers)
				.map(([k, v]) => `> ${headerName(k)}: ${v}\n`)
				.join('')}> \n* Request completely sent off\n`,
		);
		context.io.stderr(
			`${headText(t)
				.trimEnd()
				.split('\r\n')
				.map((l) => `< ${l}\n`)
				.join('')}< \n`,
		);
	}
	return t;
}

async function fetchUrl(o: Options, text: string, context: CommandContext): Promise<number> {
	const { io } = context;
	const complain = (message: string, code: number): number => {
		if (!o.silent || o.showError) io.stderr(`curl: (${code}) ${message}\n`);
		return code;
	};
	let url: URL;
	try {
		url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
	} catch {
		return complain('URL rejected: Malformed input to a URL function', 3);
	}
	if (url.protocol !== 'http:' && url.protocol !== 'https:') return complain(`Protocol "${url.protocol.slice(0, -1)}" not supported`, 1);
	let body = o.data;
	if (o.get && body !== undefined) {
		url.search = url.search === '' ? `?${body}` : `${url.search}&${body}`;
		body = undefined;
	}
	let method = o.method ?? (o.head ? 'HEAD' : body === undefined ? 'GET' : 'POST');
	let done = await transfer(o, url, method, body, context);
	for (let tries = 0; tries < o.retry && (Array.isArray(done) || ('status' in done && [408, 429, 500, 502, 503, 504].includes(done.status))); tries++) {
		await context.sleep(1000 * 2 ** tries);
		done = await transfer(o, url, method, body, context);
	}
	for (let hops = 0; o.location && 'status' in done && [301, 302, 303, 307, 308].includes(done.status) && done.headers['location'] !== undefined; hops++) {
		if (hops >= 50) return complain('Maximum (50) redirects followed', 47);
		url = new URL(done.headers['location'], url);
		if (done.status < 307 && method !== 'HEAD') {
			method = 'GET';
			body = undefined;
		}
		done = await transfer(o, url, method, body, context);
	}
	if (!('status' in done)) return complain(done[0], done[1]);
	if (o.fail && done.status >= 400) {
		if (o.writeOut !== undefined) io.stdout(writeOut(o.writeOut, done));
		return complain(`The requested URL returned error: ${done.status}`, 22);
	}
	const text2 = (o.include || o.head ? headText(done) : '') + (method === 'HEAD' ? '' : done.body.slice(done.written));
	const target = o.remoteName ? (url.pathname.split('/').at(-1) ?? 'index.html') : o.output;
	if (target !== undefined && target !== '-') {
		if (target !== '/dev/null') await context.files.write(target, text2);
	} else io.stdout(text2);
	if (o.writeOut !== undefined) io.stdout(writeOut(o.writeOut, done));
	return o.failWithBody && done.status >= 400 ? complain(`The requested URL returned error: ${done.status}`, 22) : 0;
}

export const curl: Command = {
	name: 'curl',
	summary: 'transfer a URL',
	help: 'Usage: curl [options...] <url>\n -d, --data <data>           HTTP POST data\n -f, --fail                  Fail fast with no output on HTTP errors\n -H, --header <header>       Pass custom header(s) to server\n -i, --include               Include response headers in output\n -I, --head                  Show document info only\n -L, --location              Follow redirects\n -m, --max-time <seconds>    Maximum time allowed for transfer\n -o, --output <file>         Write to file instead of stdout\n     --resolve <host:port:addr>  Resolve a host to an address\n -s, --silent                Silent mode\n -S, --show-error            Show error even when -s is used\n -v, --verbose               Make the operation more talkative\n -w, --write-out <format>    Output FORMAT after completion\n -X, --request <method>      Specify request method to use\n',
	async run(args, context) {
		if (args.includes('--version') || args[0] === '-V') {
			context.io.stdout('curl 8.17.0 (x86_64-pc-linux-gnu) libcurl/8.17.0\n');
			return 0;
		}
		let o: Options;
		try {
			o = await parseArguments(args, context);
		} catch (e) {
			context.io.stderr(
				e instanceof Usage
					? `${e.message}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`
					: `curl: (26) Failed to open ${String(args.find((a) => a.startsWith('@')) ?? 'file').slice(1)}\n`,
			);
			return e instanceof Usage ? 2 : 26;
		}
		if (o.urls.length === 0) {
			context.io.stderr("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n");
			return 2;
		}
		let code = 0;
		for (const url of o.urls) code = await fetchUrl(o, url, context);
		return code;
	},
};
