/** curl: requests one after the other, in curl's words and with its exit codes. */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpResponse, Outcome, Piece } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { hostHeader, parseUrl, reason, type Url } from '../utilities/http.ts';
import { toBase64 } from '../utilities/base64.ts';
import { resolvePath } from '../utilities/utility.ts';
import { type CurlOptions, parseOptions } from './options.ts';

interface Data {
	readonly options: CurlOptions;
	/** Number of the url under way; its address now, after redirects. */
	readonly at: number;
	readonly url: string;
	readonly redirects: number;
	readonly retries: number;
	readonly startedAt: number;
	readonly code: number;
	/** An answer whose body still comes, what of it is there, and when its first byte was. */
	readonly open?: { readonly outcome: Outcome & { readonly ok: true }; readonly body: string; readonly shown: boolean; readonly firstAt: number };
}
type Curl = Process<Data>;

const MAX_REDIRECTS = 50;

function request(process: Curl): void {
	const { options: o, url: text } = process.data;
	const url = parseUrl(text);
	if (url === undefined || (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !/^https?:/i.test(text))) {
		const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
		finish(
			process,
			scheme === undefined ? 3 : 1,
			scheme === undefined ? 'URL rejected: Malformed input to a URL function' : `Protocol "${scheme}" not supported`,
		);
		return;
	}
	const path = o.get && o.data !== undefined ? `${url.path}${url.path.includes('?') ? '&' : '?'}${o.data}` : url.path;
	const method = o.method ?? (o.head ? 'HEAD' : o.data !== undefined && !o.get ? 'POST' : 'GET');
	const body = o.get ? '' : (o.data ?? '');
	const headers = requestHeaders(o, url, body);
	const given = o.resolve[`${url.host}:${url.port}`];
	if (o.verbose) {
		const found = given === undefined ? process.resolve(url.host) : { addresses: [given] };
		if ('addresses' in found)
			process.stderr(
				`* Host ${url.host}:${url.port} was resolved.\n* IPv6: (none)\n* IPv4: ${found.addresses.join(', ')}\n*   Trying ${found.addresses[0]}:${url.port}...\n`,
			);
	}
	process.dial(
		{
			host: url.host,
			port: url.port,
			request: { protocol: 'http', ...(url.tls ? { tls: true } : {}), method, path, headers, body },
			timeoutMs: o.maxTimeMs,
			stream: true,
			...(o.connectTimeoutMs > 0 ? { connectTimeoutMs: o.connectTimeoutMs } : {}),
			...(given === undefined ? {} : { resolve: { [url.host]: given } }),
		},
		`r${process.data.at}`,
	);
}

function requestHeaders(o: CurlOptions, url: Url, body: string): { readonly [name: string]: string } {
	const headers: { [name: string]: string } = { host: hostHeader(url), 'user-agent': o.agent, accept: o.json ? 'application/json' : '*/*' };
	const user = o.user ?? url.user;
	if (user !== undefined) headers['authorization'] = `Basic ${toBase64(utf8ToBytes(user))}`;
	if (body !== '') {
		headers['content-type'] = o.json ? 'application/json' : 'application/x-www-form-urlencoded';
		headers['content-length'] = String(utf8ToBytes(body).length);
	}
	for (const h of o.headers) {
		const at = h.indexOf(':');
		const name = h
			.slice(0, at === -1 ? undefined : at)
			.trim()
			.toLowerCase();
		if (at === -1 || h.slice(at + 1).trim() === '') delete headers[name];
		else headers[name] = h.slice(at + 1).trim();
	}
	return headers;
}

/** curl's error text and exit code for a failed dial. */
function failure(process: Curl, outcome: Outcome & { readonly ok: false }): readonly [number, string] {
	const { options: o, url: text, startedAt } = process.data;
	const url = parseUrl(text);
	const host = url?.host ?? '';
	const ms = Math.round(process.now - startedAt);
	const connect = `Failed to connect to ${host} port ${outcome.port} after ${ms} ms`;
	switch (outcome.error) {
		case 'ENOTFOUND':
			return [6, `Could not resolve host: ${host}`];
		case 'EAI_AGAIN':
			return [6, `Could not resolve host: ${host} (Timeout while contacting DNS servers)`];
		case 'ECONNREFUSED':
		case 'EHOSTUNREACH':
			return [7, `${connect}: Could not connect to server`];
		case 'ETIMEDOUT':
			if (outcome.phase === 'response') return [28, `Operation timed out after ${ms} milliseconds with 0 bytes received`];
			// The learner's sign of a policy that forgets DNS.
			if (outcome.phase === 'dns') return [28, `Resolving timed out after ${ms} milliseconds`];
			return [28, o.maxTimeMs > 0 || o.connectTimeoutMs > 0 ? `Connection timed out after ${ms} milliseconds` : `${connect}: Could not connect to server`];
		case 'ECONNRESET':
			return outcome.phase === 'connect' ? [7, `${connect}: Could not connect to server`] : [56, 'Recv failure: Connection reset by peer'];
		case 'EPROTO':
			return url?.tls === true ? [35, 'TLS connect error: error:0A0000C6:SSL routines::packet length too long'] : [52, 'Empty reply from server'];
	}
}

const title = (name: string): string => name.replace(/(^|-)[a-z]/g, (l) => l.toUpperCase());
const headerText = (r: HttpResponse): string =>
	`HTTP/1.1 ${r.status} ${reason(r.status)}\r\n${Object.entries(r.headers)
		.map(([n, v]) => `${title(n)}: ${v}\r\n`)
		.join('')}\r\n`;

function show(process: Curl, response: HttpResponse, outcome: Outcome & { readonly ok: true }): void {
	const { options: o, url: text } = process.data;
	const url = parseUrl(text);
	if (!o.verbose || url === undefined) return;
	const method = o.method ?? (o.head ? 'HEAD' : o.data === undefined || o.get ? 'GET' : 'POST');
	const sent = Object.entries(requestHeaders(o, url, o.get ? '' : (o.data ?? '')))
		.map(([n, v]) => `> ${title(n)}: ${v}\n`)
		.join('');
	process.stderr(
		`* Established connection to ${url.host} (${outcome.address} port ${outcome.port}) from ${process.podIP} port 40122 \n* using HTTP/1.x\n> ${method} ${url.path} HTTP/1.1\n${sent}> \n* Request completely sent off\n< HTTP/1.1 ${response.status} ${reason(response.status)}\n`,
	);
	for (const [n, v] of Object.entries(response.headers)) process.stderr(`< ${title(n)}: ${v}\n`);
	process.stderr(`< \n* Connection #0 to host ${url.host}:${url.port} left intact\n`);
}

function writeBody(process: Curl, text: string): number {
	const { options: o, url } = process.data;
	const name = o.remoteName ? (parseUrl(url)?.path.split('?')[0]?.split('/').at(-1) ?? '') : o.output;
	if (name === undefined || name === '-') {
		process.stdout(text);
		return 0;
	}
	const written = process.fs.write(resolvePath(process.cwd, name), text);
	if (written.ok) return 0;
	if (!o.silent)
		process.stderr(
			`Warning: Failed to open the file ${name}: ${written.error === 'EROFS' ? 'Read-only file system' : written.error === 'ENOENT' ? 'No such file or directory' : 'Permission denied'}\n`,
		);
	return 23;
}

function writeOut(process: Curl, response: HttpResponse | undefined, outcome: Outcome, code: number, error: string): void {
	const { options: o, url, redirects, startedAt, open } = process.data;
	const firstAt = open?.firstAt;
	if (o.writeOut === '') return;
	const seconds = ((process.now - startedAt) / 1000).toFixed(6);
	const values: { readonly [name: string]: string } = {
		http_code: String(response?.status ?? 0).padStart(3, '0'),
		response_code: String(response?.status ?? 0).padStart(3, '0'),
		time_total: seconds,
		time_connect: '0.000512',
		time_starttransfer: firstAt === undefined ? seconds : ((firstAt - startedAt) / 1000).toFixed(6),
		time_namelookup: '0.000231',
		size_download: String(utf8ToBytes(response?.body ?? '').length),
		url_effective: url,
		url,
		num_redirects: String(redirects),
		remote_ip: outcome.address ?? '',
		remote_port: String(outcome.port),
		content_type: response?.headers['content-type'] ?? '',
		exitcode: String(code),
		errormsg: error,
		method: o.method ?? 'GET',
		http_version: '1.1',
		scheme: url.startsWith('https') ? 'https' : 'http',
		redirect_url: response?.headers['location'] ?? '',
		num_connects: '1',
		ssl_verify_result: '0',
	};
	const text = o.writeOut
		.replace(/\\n/g, '\n')
		.replace(/\\t/g, '\t')
		.replace(/\\r/g, '\r')
		.replace(/%\{(\w+)\}/g, (_a, n: string) => values[n] ?? '')
		.replace(/%header\{([\w-]+)\}/g, (_a, n: string) => response?.headers[n.toLowerCase()] ?? '')
		.replaceAll('%%', '%');
	process.stdout(text);
}

/** Ends this url: an error's text where there is one, then the next url or the end. */
function finish(process: Curl, code: number, error: string): void {
	const { options: o, at } = process.data;
	if (code !== 0 && error !== '' && (!o.silent || o.showError)) process.stderr(`curl: (${code}) ${error}\n`);
	const next = o.urls[at + 1];
	if (next === undefined) {
		process.exit(code);
		return;
	}
	const { open: _open, ...rest } = process.data;
	process.data = { ...rest, at: at + 1, url: next, redirects: 0, retries: 0, startedAt: process.now, code };
	request(process);
}

const TRANSIENT = [408, 429, 500, 502, 503, 504];

function retry(process: Curl, code: number, status: number, error: string): boolean {
	const { options: o, retries } = process.data;
	const transient = code === 28 || TRANSIENT.includes(status) || (code === 6 && error !== '') || (o.retryAll && code !== 0);
	if (retries >= o.retry || !transient) return false;
	const delay = o.retryDelayMs > 0 ? o.retryDelayMs : Math.min(600_000, 1000 * 2 ** retries);
	if (!o.silent)
		process.stderr(
			`Warning: Problem: ${code === 28 ? 'timeout' : code !== 0 ? error : 'HTTP error'}. Will retry in ${delay / 1000} second${delay === 1000 ? '' : 's'}. ${o.retry - retries} ${o.retry - retries === 1 ? 'retry' : 'retries'} left.\n`,
		);
	process.data = { ...process.data, retries: retries + 1 };
	process.timer(delay, 'retry');
	return true;
}

function onReply(process: Curl, outcome: Outcome): void {
	const { options: o, url: text, redirects } = process.data;
	if (!outcome.ok) {
		const [code, error] = failure(process, outcome);
		if (retry(process, code, 0, error)) return;
		writeOut(process, undefined, outcome, code, error);
		finish(process, code, error);
		return;
	}
	const { response } = outcome;
	if (response.protocol === 'http' && response.open === true) {
		startBody(process, { ...outcome, response });
		return;
	}
	if (response.protocol !== 'http') {
		const empty = response.protocol !== 'tcp' || response.data === '';
		const [code, error] = empty ? [52, 'Empty reply from server'] : [1, 'Received HTTP/0.9 when not allowed'];
		writeOut(process, undefined, outcome, code, error);
		finish(process, code, error);
		return;
	}
	show(process, response, outcome);
	const location = response.headers['location'];
	if (o.follow && location !== undefined && response.status >= 300 && response.status < 400) {
		if (redirects >= MAX_REDIRECTS) {
			finish(process, 47, `Maximum (${MAX_REDIRECTS}) redirects followed`);
			return;
		}
		const base = parseUrl(text);
		const origin = base === undefined ? '' : `${base.tls ? 'https' : 'http'}://${hostHeader(base)}`;
		if (o.include || o.head) process.stdout(headerText(response));
		process.data = {
			...process.data,
			redirects: redirects + 1,
			url: /^https?:/.test(location) ? location : `${origin}${location.startsWith('/') ? '' : '/'}${location}`,
		};
		request(process);
		return;
	}
	if (retry(process, 0, response.status, '')) return;
	const failed = o.fail && response.status >= 400;
	let code = 0;
	const shown = process.data.open?.shown === true;
	if ((o.include || o.head) && !shown) process.stdout(headerText(response));
	if (!o.head && !shown && (!failed || o.failWithBody)) code = writeBody(process, response.body);
	if (failed) code = 22;
	const error = failed ? `The requested URL returned error: ${response.status}` : code === 23 ? 'client returned ERROR on write' : '';
	writeOut(process, response, outcome, code, error);
	finish(process, code, error);
}

/** An open answer: what comes of it is written as it comes, unless it goes into a file or may have to be asked for again. */
function startBody(process: Curl, outcome: Outcome & { readonly ok: true; readonly response: HttpResponse }): void {
	const { options: o } = process.data;
	const { response } = outcome;
	const shown = (o.output === undefined || o.output === '-') && !o.remoteName && response.status < 300;
	process.data = { ...process.data, open: { outcome, body: response.body, shown, firstAt: process.now } };
	if (!shown) return;
	if (o.include) process.stdout(headerText(response));
	process.stdout(response.body);
}

function onPiece(process: Curl, piece: Piece): void {
	const { open } = process.data;
	if (open === undefined || open.outcome.response.protocol !== 'http') return;
	if (open.shown) process.stdout(piece.data);
	const firstAt = open.body === '' && piece.data !== '' ? process.now : open.firstAt;
	const body = open.body + piece.data;
	process.data = { ...process.data, open: { ...open, body, firstAt } };
	if (!piece.last) return;
	if (piece.error !== undefined) {
		const { address, port } = open.outcome;
		const failed = piece.error === 'ECONNRESET' ? { code: 18, words: 'transfer closed with outstanding read data remaining' } : undefined;
		const [code, words] =
			failed === undefined ? failure(process, { ok: false, error: piece.error, address, port, phase: 'response' }) : [failed.code, failed.words];
		finish(process, code, words);
		return;
	}
	const { open: _open, ...head } = open.outcome.response;
	onReply(process, { ...open.outcome, response: { ...head, body } });
}

export const curl: Program<Data> = {
	name: 'curl',
	start(process) {
		const options = parseOptions(process.argv, (path) => {
			const content = process.fs.read(resolvePath(process.cwd, path));
			return content.ok ? content.value : undefined;
		});
		if ('error' in options) {
			process.stderr(options.error);
			process.exit(options.code);
		} else if (options.version) {
			process.stdout(
				'curl 8.17.0 (x86_64-pc-linux-musl) libcurl/8.17.0 OpenSSL/3.5.4 zlib/1.3.1 brotli/1.1.0 zstd/1.5.7 libidn2/2.3.7 libpsl/0.21.5 nghttp2/1.65.0\nRelease-Date: 2025-11-05\nProtocols: dict file ftp ftps gopher gophers http https imap imaps mqtt pop3 pop3s rtsp smb smbs smtp smtps telnet tftp ws wss\n',
			);
			process.exit(0);
		} else if (options.urls[0] === undefined) {
			process.stderr("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n");
			process.exit(2);
		} else {
			process.data = { options, at: 0, url: options.urls[0], redirects: 0, retries: 0, startedAt: process.now, code: 0 };
			request(process);
		}
	},
	onReply: (process, _token, outcome) => onReply(process, outcome),
	onPiece: (process, _token, piece) => onPiece(process, piece),
	onTimer: (process) => request(process),
};
