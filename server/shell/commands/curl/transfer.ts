/** One request and what came of it: an answer, or curl's sentence and exit code. */
import type { Outcome } from '../../../simulator/network/types.ts';
import type { CommandContext } from '../../command.ts';
import type { Options } from './options.ts';
import { headerName, headText, type Transfer } from './output.ts';

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

/** Sends one request; body and headers are shown as the options ask. */
export async function transfer(
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
