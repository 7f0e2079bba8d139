/** Requests from the workstation (or from a pod's network) into a simulated cluster, one by one or at a steady rate. */
import type { Dial, HttpResponse, Outcome } from '../../simulator/network/types.ts';
import type { ClusterEndpoint, LoadResult, LoadSpec, NetworkRequest, NetworkResult, SandboxNetwork } from '../sandbox.ts';
import { runLoad } from '../load.ts';
import type { SimHost } from './host.ts';

/** The kernel's own patience with a peer that never answers, virtual ms (TCP keepalive and retries end a request before that). */
const LONGEST_MS = 15 * 60_000;

export class SimulatedNetwork implements SandboxNetwork {
	private readonly host: SimHost;
	private readonly reader: ClusterEndpoint;

	/** `reader` looks pods up for `fromPod`, without a trace. */
	constructor(host: SimHost, reader: ClusterEndpoint) {
		this.host = host;
		this.reader = reader;
	}

	async request(request: NetworkRequest): Promise<NetworkResult> {
		const { host } = this;
		const started = host.now();
		const target = parseTarget(request);
		if (target === undefined) return { ok: false, error: 'ENOTFOUND', port: 0, phase: 'dns', elapsedMs: 0 };
		let from: Dial['from'] = { kind: 'external' };
		if (request.fromPod !== undefined) {
			const uid = await this.podUid(request.fromPod);
			if (uid === undefined) return { ok: false, error: 'EHOSTUNREACH', port: target.port, phase: 'connect', elapsedMs: 0 };
			from = { kind: 'pod', uid };
		}
		const id = host.nextId();
		host.apply({
			kind: 'dial',
			id,
			dial: {
				...target,
				from,
				timeoutMs: request.timeoutMs ?? 0,
				...(request.onPiece === undefined ? {} : { stream: true }),
				...(request.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: request.connectTimeoutMs }),
				...(request.resolve === undefined ? {} : { resolve: request.resolve }),
			},
		});
		const call = new Call(host, id, started, request.onPiece);
		try {
			await host.waitFor(() => call.complete(), started + LONGEST_MS, request.signal);
		} finally {
			host.apply({ kind: 'abort', id });
		}
		const firstByteMs = call.firstByteMs === undefined ? {} : { firstByteMs: call.firstByteMs };
		const elapsedMs = host.now() - started;
		return { ...(call.outcome ?? { ok: false, error: 'ETIMEDOUT', port: target.port, phase: 'response' }), elapsedMs, ...firstByteMs };
	}

	load(spec: LoadSpec, during?: () => Promise<void>): Promise<LoadResult> {
		const started = this.host.now();
		return runLoad(spec, { request: (r) => this.request(r), reach: (ms) => this.host.waitFor(() => false, started + ms) }, during);
	}

	private async podUid(pod: { readonly namespace: string; readonly name: string }): Promise<string | undefined> {
		const response = await this.reader.fetch(new Request(`http://cluster/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`));
		if (!response.ok) return undefined;
		const body = (await response.json()) as { metadata?: { uid?: string } };
		return body.metadata?.uid;
	}
}

/** A dial from outside while it lasts: its outcome, and the pieces of an open answer as they come. */
class Call {
	outcome: Outcome | undefined;
	firstByteMs: number | undefined;
	private readonly host: SimHost;
	private readonly id: string;
	private readonly started: number;
	private readonly onPiece: NetworkRequest['onPiece'];
	private head: HttpResponse | undefined;
	private body = '';
	private seen = 0;

	constructor(host: SimHost, id: string, started: number, onPiece: NetworkRequest['onPiece']) {
		this.host = host;
		this.id = id;
		this.started = started;
		this.onPiece = onPiece;
	}

	/** Takes what has come; true once all is there. */
	complete(): boolean {
		if (this.outcome !== undefined) return true;
		const found = this.host.simulator.outcome(this.id);
		if (found === undefined) return false;
		if (!found.ok || found.response.protocol !== 'http' || found.response.open !== true) {
			this.outcome = found;
			return true;
		}
		if (this.head === undefined) {
			this.head = found.response;
			this.take(found.response.body, found.response, this.host.now());
		}
		const pieces = this.host.simulator.pieces(this.id);
		for (const piece of pieces.slice(this.seen)) {
			this.seen++;
			if (piece.data !== '') this.take(piece.data, this.head, piece.at);
			if (!piece.last) continue;
			const { open: _open, ...head } = this.head;
			this.outcome =
				piece.error === undefined
					? { ...found, response: { ...head, body: this.body } }
					: { ok: false, error: piece.error, address: found.address, port: found.port, phase: 'response' };
		}
		return this.outcome !== undefined;
	}

	private take(text: string, head: HttpResponse, at: number): void {
		this.body += text;
		if (text !== '') this.firstByteMs ??= at - this.started;
		this.onPiece?.(text, head, at);
	}
}

/** Host, port and request of a URL; undefined where it is none. */
function parseTarget(request: NetworkRequest): Pick<Dial, 'host' | 'port' | 'request'> | undefined {
	let url: URL;
	try {
		url = new URL(request.url);
	} catch {
		return undefined;
	}
	const host = url.hostname.replace(/^\[|\]$/g, '');
	if (url.protocol === 'tcp:') return { host, port: Number(url.port), request: { protocol: 'tcp' } };
	const tls = url.protocol === 'https:';
	const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
	const headers: Record<string, string> = { host: url.host };
	for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
	const body = request.body ?? '';
	if (body !== '' && headers['content-length'] === undefined) headers['content-length'] = String(Buffer.byteLength(body));
	return {
		host,
		port,
		request: { protocol: 'http', ...(tls ? { tls } : {}), method: request.method, path: (url.pathname || '/') + url.search, headers, body },
	};
}
