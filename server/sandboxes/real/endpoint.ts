/** The Kubernetes HTTP API of an existing cluster, with the credentials of a kubeconfig. */
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, fetch as undiciFetch } from 'undici';
import { WebSocket } from 'ws';
import { fault } from '../../errors/catalogue.ts';
import { ChannelEnds } from '../channel-ends.ts';
import { type ChannelSocket, type ClusterEndpoint, ClusterRefusal } from '../sandbox.ts';
import { CHANNEL_PROTOCOLS } from '../serving/channels.ts';

interface Tls {
	readonly ca?: string | Buffer;
	readonly cert?: string | Buffer;
	readonly key?: string | Buffer;
	readonly rejectUnauthorized?: boolean;
	readonly servername?: string;
}

/** Only requests for /api… go out with the learner's headers; hop-by-hop ones and the stand-in host are the connection's own. */
const NOT_FORWARDED = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'keep-alive']);

export class RealEndpoint implements ClusterEndpoint {
	readonly server: string;
	private readonly config: KubeConfig;
	private agent: Agent | undefined;
	private tls: Tls | undefined;

	private constructor(server: string, config: KubeConfig) {
		this.server = server;
		this.config = config;
	}

	/** Rejects with `kubeconfig-invalid`. */
	static async load(path: string): Promise<RealEndpoint> {
		const invalid = (why: string, cause?: unknown): Error => fault('kubeconfig-invalid', { path, why }, cause);
		// Loaded only here: the library is large, and the simulator needs none of it.
		const { KubeConfig: Config } = await import('@kubernetes/client-node');
		const config = new Config();
		try {
			if (path === '') config.loadFromDefault();
			else config.loadFromFile(path);
		} catch (error) {
			throw invalid(error instanceof Error ? error.message : String(error), error);
		}
		const cluster = config.getCurrentCluster();
		if (cluster === null) throw invalid('it names no current cluster');
		if (!/^https?:\/\//.test(cluster.server)) throw invalid(`its server “${cluster.server}” is no URL`);
		return new RealEndpoint(cluster.server.replace(/\/+$/, ''), config);
	}

	async fetch(request: Request): Promise<Response> {
		const { headers, tls } = await this.credentials(request);
		this.agent ??= new Agent({ connect: { ...tls, timeout: 10_000 }, bodyTimeout: 0, headersTimeout: 120_000, connections: 64 });
		const url = new URL(request.url);
		const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
		try {
			const response = await undiciFetch(`${this.server}${url.pathname}${url.search}`, {
				method: request.method,
				headers,
				dispatcher: this.agent,
				signal: request.signal,
				redirect: 'manual',
				...(body === undefined ? {} : { body }),
			});
			const bodyless = response.status === 204 || response.status === 304;
			return new Response(bodyless ? null : (response.body as ReadableStream<Uint8Array<ArrayBuffer>> | null), {
				status: response.status,
				headers: [...response.headers] as [string, string][],
			});
		} catch (error) {
			if (request.signal.aborted) throw error;
			throw fault('cluster-unreachable', { server: this.server, why: reasonOf(error) }, error);
		}
	}

	async connect(request: Request): Promise<ChannelSocket> {
		const { headers, tls } = await this.credentials(request);
		const url = new URL(request.url);
		const target = `${this.server.replace(/^http/, 'ws')}${url.pathname}${url.search}`;
		const ws = new WebSocket(target, [...CHANNEL_PROTOCOLS], { headers, ...tls, handshakeTimeout: 15_000, perMessageDeflate: false });
		return new Promise((resolve, reject) => {
			const socket = channelsOf(ws, /\/portforward$/.test(url.pathname));
			ws.once('open', () => resolve(socket));
			ws.once('unexpected-response', (_request, response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('end', () => {
					const type = response.headers['content-type'] ?? 'text/plain';
					reject(new ClusterRefusal(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500, headers: { 'content-type': type } })));
				});
			});
			ws.once('error', (error) => reject(fault('cluster-unreachable', { server: this.server, why: reasonOf(error) }, error)));
		});
	}

	async close(): Promise<void> {
		await this.agent?.destroy();
	}

	/** Headers with credentials; those of the request itself win (a service account's token, impersonation). */
	private async credentials(request: Request): Promise<{ readonly headers: Record<string, string>; readonly tls: Tls }> {
		const options: Tls & { headers?: Record<string, string>; auth?: string; agent?: unknown } = {};
		// Asked each time: an exec plugin's token runs out (the library keeps it as long as it is good).
		await this.config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
		const { headers: given, auth, agent: _, ...tls } = options;
		this.tls ??= tls;
		const headers: Record<string, string> = auth === undefined ? {} : { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
		for (const [name, value] of Object.entries(given ?? {})) headers[name.toLowerCase()] = value;
		request.headers.forEach((value, name) => {
			if (!NOT_FORWARDED.has(name)) headers[name] = value;
		});
		return { headers, tls: this.tls };
	}
}

function channelsOf(ws: WebSocket, portForward: boolean): ChannelSocket {
	const ends = new ChannelEnds();
	const announced = new Set<number>();
	ws.on('message', (message) => {
		const data = Buffer.isBuffer(message) ? message : Buffer.concat(Array.isArray(message) ? message : [Buffer.from(message)]);
		const channel = data[0];
		if (channel === undefined) return;
		if (portForward && !announced.has(channel)) {
			// The first message of each channel is the port's number.
			announced.add(channel);
			return;
		}
		ends.receive(channel, data.subarray(1));
	});
	ws.on('close', () => ends.end());
	// An error is followed by close; whoever opened it hears of the error from `connect`.
	ws.on('error', () => {});
	return {
		send: (channel, data) => {
			if (ws.readyState !== ws.OPEN) return;
			// v4 has no way to close stdin alone.
			if (channel === 255 && ws.protocol !== 'v5.channel.k8s.io') return;
			ws.send(Buffer.concat([Buffer.from([channel]), data]));
		},
		...ends.listening,
		close: () => ws.close(),
	};
}

function reasonOf(error: unknown): string {
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	if (!(cause instanceof Error)) return String(cause);
	return 'code' in cause && cause.message === '' ? String(cause.code) : cause.message;
}
