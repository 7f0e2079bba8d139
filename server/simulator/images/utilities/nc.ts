/** nc as busybox has it. */
import type { Response } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { reason } from './http.ts';

interface NcData {
	readonly host: string;
	readonly port: number;
	readonly scan: boolean;
	readonly verbose: boolean;
	readonly listen: boolean;
	readonly udp: boolean;
	readonly input: string;
	readonly timeoutMs: number;
}

function ncDial(process: Process<NcData>): void {
	const d = process.data;
	const http = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r?\n([\s\S]*?)(?:\r?\n\r?\n([\s\S]*))?$/.exec(d.input);
	const headers: { [name: string]: string } = {};
	for (const line of (http?.[3] ?? '').split(/\r?\n/))
		if (line.includes(':')) headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 1).trim();
	const request = d.udp
		? ({ protocol: 'tcp', udp: true, data: d.input } as const)
		: http === null || d.scan
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

export const nc: Program<NcData> = {
	name: 'nc',
	start(process) {
		let d: NcData = { host: '', port: 0, scan: false, verbose: false, listen: false, udp: false, input: '', timeoutMs: 0 };
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
				else if (letter === 'u') d = { ...d, udp: true };
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
			if (process.listen(d.port, { udp: d.udp })) {
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
