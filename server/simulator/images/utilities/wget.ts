/** wget as busybox has it. */
import type { Outcome } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { hostHeader, parseUrl, reason } from './http.ts';
import { resolvePath } from './utility.ts';

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

export const wget: Program<WgetData> = {
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
