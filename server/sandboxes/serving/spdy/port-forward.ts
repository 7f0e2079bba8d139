/**
 * Port-forward over SPDY: for each TCP connection that the client takes, a pair of streams, `error` and `data`, with the same
 * `requestid`. Models kubelet `pkg/kubelet/cri/streaming/portforward/httpstream.go`.
 */
import { type ChannelSocket, ClusterRefusal, STDIN_CLOSED } from '../../sandbox.ts';
import { RESET } from './frames.ts';
import type { SpdyStream } from './stream.ts';

export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';

/** Real ms between the two streams of a pair. */
const PAIR_MS = 30_000;
/** Real ms without an answer after which a connection that sends no more is closed: not every cluster hears of a half-close. */
const HALF_CLOSED_MS = 30_000;

interface Pair {
	readonly port: number;
	error?: SpdyStream;
	data?: SpdyStream;
	readonly timer: NodeJS.Timeout;
}

export class PortForwarding {
	private readonly connect: (port: number) => Promise<ChannelSocket>;
	private readonly pairs = new Map<string, Pair>();
	private readonly open = new Set<ChannelSocket>();
	private over = false;

	/** `connect` opens a connection to a port of the pod: data on channel 0, an error on channel 1. */
	constructor(connect: (port: number) => Promise<ChannelSocket>) {
		this.connect = connect;
	}

	/** A stream was opened. False where its headers are none of port-forward's. */
	add(stream: SpdyStream): boolean {
		const type = stream.headers.get('streamtype');
		const port = Number(stream.headers.get('port'));
		if ((type !== 'error' && type !== 'data') || !Number.isInteger(port) || port < 1 || port > 65_535) return false;
		// Clients before requestID open the data stream right after its error stream.
		const id = stream.headers.get('requestid') ?? String(type === 'error' ? stream.id : stream.id - 2);
		const pair = this.pairs.get(id) ?? { port, timer: setTimeout(() => this.unpaired(id), PAIR_MS) };
		if (pair[type] !== undefined || pair.port !== port) return false;
		pair[type] = stream;
		this.pairs.set(id, pair);
		const { error, data } = pair;
		if (error === undefined || data === undefined) return true;
		clearTimeout(pair.timer);
		this.pairs.delete(id);
		// After the stream's own answer has gone out.
		queueMicrotask(() => void this.forward(port, error, data));
		return true;
	}

	closed(): void {
		this.over = true;
		for (const { timer } of this.pairs.values()) clearTimeout(timer);
		for (const channels of this.open) channels.close();
	}

	private async forward(port: number, error: SpdyStream, data: SpdyStream): Promise<void> {
		try {
			const channels = await this.connect(port);
			if (this.over) return channels.close();
			this.join(channels, error, data);
		} catch (cause) {
			error.write(Buffer.from(await wordsOf(cause)));
			error.end();
			data.end();
		}
	}

	private join(channels: ChannelSocket, error: SpdyStream, data: SpdyStream): void {
		let idle: NodeJS.Timeout | undefined;
		this.open.add(channels);
		channels.onMessage((channel, bytes) => {
			idle?.refresh();
			if (channel === 0) data.write(bytes);
			if (channel === 1) error.write(bytes);
		});
		channels.onClose(() => {
			clearTimeout(idle);
			this.open.delete(channels);
			error.end();
			data.end();
		});
		error.listen({ broken: () => channels.close() });
		data.listen({
			data: (bytes) => channels.send(0, bytes),
			end: () => {
				channels.send(STDIN_CLOSED, Uint8Array.of(0));
				idle = setTimeout(() => channels.close(), HALF_CLOSED_MS);
			},
			broken: () => channels.close(),
		});
	}

	private unpaired(id: string): void {
		const pair = this.pairs.get(id);
		this.pairs.delete(id);
		for (const stream of [pair?.error, pair?.data]) stream?.reset(RESET.cancel);
	}
}

async function wordsOf(cause: unknown): Promise<string> {
	if (!(cause instanceof ClusterRefusal)) return cause instanceof Error ? cause.message : String(cause);
	const text = await cause.response.text();
	try {
		const { message } = JSON.parse(text) as { readonly message?: string };
		return message ?? text;
	} catch {
		// A proxy before the cluster answers in plain text.
		return text;
	}
}
