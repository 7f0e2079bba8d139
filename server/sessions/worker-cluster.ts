/** Cluster requests that come to a worker from outside (the learner's own kubectl): bodies and channels in pieces, at the reader's pace. */
import { type ChannelSocket, type ClusterEndpoint, ClusterRefusal } from '../sandboxes/sandbox.ts';
import type { ClusterHead, Post, WorkerCalls, WorkerEvent } from './wire.ts';

type Exchange =
	| { readonly kind: 'body'; readonly reader: ReadableStreamDefaultReader<Uint8Array>; readonly abort: AbortController }
	| { readonly kind: 'channel'; readonly socket: ChannelSocket };

export class WorkerCluster {
	private readonly exchanges = new Map<string, Exchange>();
	private readonly send: (event: WorkerEvent) => void;

	constructor(send: (event: WorkerEvent) => void) {
		this.send = send;
	}

	async fetch(endpoint: ClusterEndpoint, input: WorkerCalls['clusterFetch'][0]): Promise<ClusterHead> {
		const abort = new AbortController();
		const response = await endpoint.fetch(
			new Request(`http://cluster${input.url}`, {
				method: input.method,
				headers: [...input.headers] as [string, string][],
				signal: abort.signal,
				...(input.body === undefined ? {} : { body: input.body as Uint8Array<ArrayBuffer> }),
			}),
		);
		const head = { status: response.status, headers: [...response.headers] };
		const query = new URL(input.url, 'http://cluster').searchParams;
		const goesOn = truthy(query.get('watch')) || truthy(query.get('follow'));
		if (!goesOn || response.body === null) return { ...head, body: new Uint8Array(await response.arrayBuffer()) };
		this.exchanges.set(input.exchange, { kind: 'body', reader: response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>, abort });
		return head;
	}

	async connect(endpoint: ClusterEndpoint, input: WorkerCalls['clusterConnect'][0]): Promise<{ readonly refused?: ClusterHead }> {
		let socket: ChannelSocket;
		try {
			socket = await endpoint.connect(new Request(`http://cluster${input.url}`, { headers: [...input.headers] as [string, string][] }));
		} catch (error) {
			if (!(error instanceof ClusterRefusal)) throw error;
			const { response } = error;
			return { refused: { status: response.status, headers: [...response.headers], body: new Uint8Array(await response.arrayBuffer()) } };
		}
		const { exchange } = input;
		this.exchanges.set(exchange, { kind: 'channel', socket });
		socket.onMessage((channel, data) => this.send({ event: 'channel', exchange, channel, data }));
		socket.onClose(() => {
			this.exchanges.delete(exchange);
			this.send({ event: 'channelEnd', exchange });
		});
		return {};
	}

	post(post: Extract<Post, { exchange: string }>): void {
		const exchange = this.exchanges.get(post.exchange);
		if (exchange === undefined) return;
		if (post.post === 'channel') {
			if (exchange.kind === 'channel') exchange.socket.send(post.channel, post.data);
		} else if (post.post === 'cancel') {
			this.exchanges.delete(post.exchange);
			if (exchange.kind === 'channel') exchange.socket.close();
			else exchange.abort.abort();
		} else if (exchange.kind === 'body') void this.next(post.exchange, exchange.reader);
	}

	private async next(id: string, reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
		let data: Uint8Array | null = null;
		try {
			const read = await reader.read();
			data = read.done ? null : read.value;
		} catch {
			// The world behind it is gone, or the client cancelled: the body ends here.
		}
		if (data === null) this.exchanges.delete(id);
		this.send({ event: 'body', exchange: id, data });
	}
}

/** As Go's strconv.ParseBool takes it in query parameters. */
const truthy = (text: string | null): boolean => text !== null && /^(1|t|true|T|TRUE|True)$/.test(text);
