/** The workstation's own ports: what `kubectl port-forward` and `kubectl proxy` serve, and who asks there. */
import type { NetworkRequest, NetworkResult } from '../sandboxes/sandbox.ts';
import type { HttpResponse } from '../simulator/network/types.ts';
import type { LocalPorts } from './command.ts';

/** Ports on the workstation's own loopback: what `kubectl port-forward` opens. */
export class Loopback implements LocalPorts {
	private readonly served = new Map<number, (request: Request) => Promise<Response>>();

	async listen(port: number, handle: (request: Request) => Promise<Response>): Promise<{ readonly port: number; close(): void }> {
		let chosen = port;
		if (chosen === 0) for (chosen = 30_000 + Math.floor((this.served.size * 37) % 10_000); this.served.has(chosen); chosen++);
		if (this.served.has(chosen)) throw Object.assign(new Error(`listen tcp4 127.0.0.1:${chosen}: bind: address already in use`), { code: 'EADDRINUSE' });
		this.served.set(chosen, handle);
		return { port: chosen, close: () => this.served.delete(chosen) };
	}

	open(): readonly number[] {
		return [...this.served.keys()].sort((a, b) => a - b);
	}

	/** Answers a request to the loopback; undefined where it goes elsewhere. */
	async serve(request: NetworkRequest, now: () => number): Promise<NetworkResult | undefined> {
		const url = new URL(request.url);
		if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) return undefined;
		const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
		const handle = this.served.get(port);
		const started = now();
		if (handle === undefined) return { ok: false, error: 'ECONNREFUSED', address: '127.0.0.1', port, phase: 'connect', elapsedMs: 0 };
		const init: RequestInit = { method: request.method, headers: { ...request.headers }, ...(request.signal === undefined ? {} : { signal: request.signal }) };
		if (request.body !== undefined && request.method !== 'GET' && request.method !== 'HEAD') init.body = request.body;
		try {
			const response = await handle(new Request(request.url, init));
			const headers: { [name: string]: string } = {};
			response.headers.forEach((v, k) => {
				headers[k] = v;
			});
			const head: HttpResponse = { protocol: 'http', status: response.status, headers, body: '' };
			const { body, firstByteMs } = await readBody(response, head, request.onPiece, started, now);
			return {
				ok: true,
				response: { ...head, body },
				address: '127.0.0.1',
				port,
				elapsedMs: now() - started,
				...(firstByteMs === undefined ? {} : { firstByteMs }),
			};
		} catch {
			// What went wrong on the far side shows as it does with a real port-forward: the connection ends without an answer.
			return { ok: false, error: 'ECONNRESET', address: '127.0.0.1', port, phase: 'response', elapsedMs: now() - started };
		}
	}
}

/** An answer whose length its head doesn't say is handed on as it comes, where somebody listens. */
async function readBody(
	response: Response,
	head: HttpResponse,
	onPiece: NetworkRequest['onPiece'],
	started: number,
	now: () => number,
): Promise<{ readonly body: string; readonly firstByteMs?: number }> {
	if (onPiece === undefined || response.body === null || response.headers.has('content-length')) return { body: await response.text() };
	onPiece('', head, now());
	const decoder = new TextDecoder();
	let body = '';
	let firstByteMs: number | undefined;
	for await (const bytes of response.body) {
		const text = decoder.decode(bytes, { stream: true });
		if (text === '') continue;
		firstByteMs ??= now() - started;
		body += text;
		onPiece(text, head, now());
	}
	return { body, ...(firstByteMs === undefined ? {} : { firstByteMs }) };
}
