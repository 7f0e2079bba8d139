/** A session's cluster as seen from the main thread: requests travel to its worker and back, bodies and channels piece by piece. */
import { randomUUID } from 'node:crypto';
import { ChannelEnds } from '../sandboxes/channel-ends.ts';
import { type ChannelSocket, type ClusterEndpoint, ClusterRefusal } from '../sandboxes/sandbox.ts';
import type { Pool } from './pool.ts';
import type { ClusterHead, WorkerEvent } from './wire.ts';

type ExchangeEvent = Extract<WorkerEvent, { exchange: string }>;

/** Where events of exchanges find their readers; one for the whole pool. */
export class Exchanges {
	private readonly readers = new Map<string, { readonly worker: number; readonly take: (event: ExchangeEvent) => void; readonly lost: () => void }>();

	open(id: string, worker: number, take: (event: ExchangeEvent) => void, lost: () => void): void {
		this.readers.set(id, { worker, take, lost });
	}

	close(id: string): void {
		this.readers.delete(id);
	}

	take(event: ExchangeEvent): void {
		this.readers.get(event.exchange)?.take(event);
	}

	/** A worker has gone, and with it all that came from it. */
	lost(worker: number): void {
		for (const [id, reader] of this.readers) {
			if (reader.worker !== worker) continue;
			this.readers.delete(id);
			reader.lost();
		}
	}
}

export class PoolEndpoint implements ClusterEndpoint {
	private readonly pool: Pool;
	private readonly exchanges: Exchanges;
	private readonly session: string;
	private readonly worker: () => number;

	constructor(pool: Pool, exchanges: Exchanges, session: string, worker: () => number) {
		this.pool = pool;
		this.exchanges = exchanges;
		this.session = session;
		this.worker = worker;
	}

	async fetch(request: Request): Promise<Response> {
		const url = new URL(request.url);
		const exchange = randomUUID();
		const worker = this.worker();
		const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
		const stream = this.prepare(exchange, worker, request.signal);
		let head: ClusterHead;
		try {
			head = await this.pool.call(worker, 'clusterFetch', {
				session: this.session,
				exchange,
				method: request.method,
				url: url.pathname + url.search,
				headers: [...request.headers],
				...(body === undefined ? {} : { body }),
			});
		} catch (error) {
			this.exchanges.close(exchange);
			throw error;
		}
		if (head.body === undefined) return new Response(stream, { status: head.status, headers: [...head.headers] as [string, string][] });
		this.exchanges.close(exchange);
		return whole(head);
	}

	async connect(request: Request): Promise<ChannelSocket> {
		const url = new URL(request.url);
		const exchange = randomUUID();
		const worker = this.worker();
		const ends = new ChannelEnds();
		const end = (): void => {
			this.exchanges.close(exchange);
			ends.end();
		};
		this.exchanges.open(
			exchange,
			worker,
			(event) => {
				if (event.event === 'channelEnd') end();
				else if (event.event === 'channel') ends.receive(event.channel, event.data);
			},
			end,
		);
		const { refused } = await this.pool.call(worker, 'clusterConnect', {
			session: this.session,
			exchange,
			url: url.pathname + url.search,
			headers: [...request.headers],
		});
		if (refused !== undefined) {
			this.exchanges.close(exchange);
			throw new ClusterRefusal(whole(refused));
		}
		return {
			send: (channel, data) => {
				if (!ends.over) this.pool.post(worker, { post: 'channel', exchange, channel, data });
			},
			...ends.listening,
			close: () => {
				if (ends.over) return;
				this.pool.post(worker, { post: 'cancel', exchange });
				end();
			},
		};
	}

	/** The body of an answer that goes on: asks for a piece when the reader wants one. */
	private prepare(exchange: string, worker: number, signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
		const { pool, exchanges } = this;
		let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
		const cancel = (): void => {
			exchanges.close(exchange);
			pool.post(worker, { post: 'cancel', exchange });
		};
		const close = (): void => {
			exchanges.close(exchange);
			try {
				controller?.close();
			} catch {
				// Cancelled already.
			}
		};
		exchanges.open(
			exchange,
			worker,
			(event) => {
				if (event.event !== 'body') return;
				if (event.data === null) close();
				else controller?.enqueue(event.data as Uint8Array<ArrayBuffer>);
			},
			close,
		);
		signal.addEventListener('abort', cancel, { once: true });
		return new ReadableStream<Uint8Array<ArrayBuffer>>(
			{
				start: (c) => {
					controller = c;
				},
				pull: () => pool.post(worker, { post: 'more', exchange }),
				cancel,
			},
			{ highWaterMark: 0 },
		);
	}
}

function whole(head: ClusterHead): Response {
	const bodyless = head.status === 204 || head.status === 304;
	return new Response(bodyless ? null : ((head.body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>), {
		status: head.status,
		headers: [...head.headers] as [string, string][],
	});
}
