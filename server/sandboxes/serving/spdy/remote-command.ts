/**
 * exec and attach over SPDY: a stream each for error, stdin, stdout, stderr and resize, named by the header `streamtype`.
 * Models kubelet `pkg/kubelet/cri/streaming/remotecommand/httpstream.go`.
 */
import { type ChannelSocket, STDIN_CLOSED } from '../../sandbox.ts';
import { RESET } from './frames.ts';
import type { SpdyStream } from './stream.ts';

/** Protocols over SPDY, best first. v4 ends with a Status as JSON, those before with a message; v3 and v4 resize. */
export const REMOTE_COMMAND_PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'] as const;

/** Real ms for the client to open its streams (DefaultStreamCreationTimeout). */
const STREAMS_MS = 30_000;

const ERROR = 3;
const RESIZE = 4;
const CHANNELS: { readonly [type: string]: number } = { stdin: 0, stdout: 1, stderr: 2, error: ERROR, resize: RESIZE };

/** The streams that a client opens for this request. */
export function expectedStreams(query: URLSearchParams, protocol: string): ReadonlySet<string> {
	const asked = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '');
	const resizes = protocol === 'v4.channel.k8s.io' || protocol === 'v3.channel.k8s.io';
	return new Set([
		'error',
		...['stdin', 'stdout'].filter(asked),
		...(asked('stderr') && !asked('tty') ? ['stderr'] : []),
		...(asked('tty') && resizes ? ['resize'] : []),
	]);
}

export class RemoteCommand {
	private readonly channels: ChannelSocket;
	private readonly missing: Set<string>;
	private readonly structured: boolean;
	private readonly done: () => void;
	private readonly streams = new Map<string, SpdyStream>();
	private readonly timer: NodeJS.Timeout;

	/** `done` is called once the command is over and all is written, or the client was too slow. */
	constructor(options: { readonly channels: ChannelSocket; readonly expected: ReadonlySet<string>; readonly protocol: string; readonly done: () => void }) {
		this.channels = options.channels;
		this.missing = new Set(options.expected);
		this.structured = options.protocol === 'v4.channel.k8s.io';
		this.done = options.done;
		this.timer = setTimeout(() => this.gaveUp(), STREAMS_MS);
	}

	/** A stream was opened. False where it is none that was asked for. */
	add(stream: SpdyStream): boolean {
		const type = stream.headers.get('streamtype') ?? '';
		if (!this.missing.delete(type)) return false;
		this.streams.set(type, stream);
		// After the stream's own answer has gone out.
		if (this.missing.size === 0) queueMicrotask(() => this.start());
		return true;
	}

	/** The connection has gone. */
	closed(): void {
		clearTimeout(this.timer);
		this.channels.close();
	}

	private start(): void {
		clearTimeout(this.timer);
		for (const [type, stream] of this.streams) stream.listen(this.input(type));
		this.channels.onMessage((channel, data) => this.output(channel, data));
		this.channels.onClose(() => {
			for (const stream of this.streams.values()) stream.end();
			this.done();
		});
	}

	private input(type: string): Parameters<SpdyStream['listen']>[0] {
		if (type === 'stdin') {
			return { data: (data) => this.channels.send(0, data), end: () => this.channels.send(STDIN_CLOSED, Uint8Array.of(0)) };
		}
		if (type !== 'resize') return {};
		let text = '';
		return {
			// One JSON object after the other, as Go's decoder reads them; they hold no braces inside.
			data: (data) => {
				const parts = `${text}${data.toString()}`.split(/(?<=\})/);
				text = parts.at(-1)?.endsWith('}') === false ? (parts.pop() ?? '').slice(0, 1024) : '';
				for (const size of parts) this.channels.send(RESIZE, Buffer.from(size.trim()));
			},
		};
	}

	private output(channel: number, data: Uint8Array): void {
		for (const [type, stream] of this.streams) if (CHANNELS[type] === channel) stream.write(channel === ERROR ? this.ending(data) : data);
	}

	private ending(data: Uint8Array): Uint8Array {
		if (this.structured) return data;
		try {
			const status = JSON.parse(Buffer.from(data).toString()) as { readonly status?: string; readonly message?: string };
			return Buffer.from(status.status === 'Success' ? '' : (status.message ?? ''));
		} catch {
			// A server that sends plain text is passed on as it is.
			return data;
		}
	}

	private gaveUp(): void {
		for (const stream of this.streams.values()) stream.reset(RESET.cancel);
		this.channels.close();
		this.done();
	}
}
