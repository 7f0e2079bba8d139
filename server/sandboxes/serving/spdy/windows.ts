/** How much may be sent on each stream and on the whole connection (SPDY/3.1 section 2.6.8). What may not, waits here. */
import { SpdyFault } from './fault.ts';
import { INITIAL_WINDOW } from './frames.ts';

const CONNECTION = 0;
const LARGEST = 2 ** 31 - 1;
/** Bytes of one DATA frame at most, so that streams take turns. */
const FRAME_BYTES = 32 * 1024;

interface Outgoing {
	window: number;
	readonly waiting: { data: Uint8Array; readonly fin: boolean }[];
}

export class SendWindows {
	private readonly send: (stream: number, data: Uint8Array, fin: boolean) => void;
	private readonly streams = new Map<number, Outgoing>();
	private connection = INITIAL_WINDOW;
	private atFirst = INITIAL_WINDOW;
	/** The other side counts windows: it has sent SETTINGS or WINDOW_UPDATE. */
	private counted = false;
	/** Bytes that wait. */
	waiting = 0;

	constructor(send: (stream: number, data: Uint8Array, fin: boolean) => void) {
		this.send = send;
	}

	write(id: number, data: Uint8Array, fin: boolean): void {
		const stream = this.streams.get(id) ?? { window: this.atFirst, waiting: [] };
		this.streams.set(id, stream);
		stream.waiting.push({ data, fin });
		this.waiting += data.length;
		this.pump(id, stream);
	}

	/** SETTINGS: the window that streams begin with; those that are open change by the difference. */
	initial(window: number | undefined): void {
		this.counted = true;
		if (window !== undefined) {
			for (const stream of this.streams.values()) stream.window += window - this.atFirst;
			this.atFirst = window;
		}
		this.pumpAll();
	}

	/** WINDOW_UPDATE. Throws a `SpdyFault` where a window grows beyond 2^31 - 1. */
	grant(id: number, delta: number): void {
		this.counted = true;
		const stream = id === CONNECTION ? undefined : (this.streams.get(id) ?? { window: this.atFirst, waiting: [] });
		if (stream === undefined) this.connection += delta;
		else {
			stream.window += delta;
			this.streams.set(id, stream);
		}
		if (delta === 0 || this.connection > LARGEST || (stream?.window ?? 0) > LARGEST) throw new SpdyFault('a window out of range');
		if (stream === undefined) this.pumpAll();
		else this.pump(id, stream);
	}

	/** Whether something of this stream waits, or was sent and not the last. */
	has(id: number): boolean {
		return this.streams.has(id);
	}

	forget(id: number): void {
		for (const { data } of this.streams.get(id)?.waiting ?? []) this.waiting -= data.length;
		this.streams.delete(id);
	}

	private pumpAll(): void {
		for (const [id, stream] of this.streams) this.pump(id, stream);
	}

	private pump(id: number, stream: Outgoing): void {
		for (let next = stream.waiting[0]; next !== undefined; next = stream.waiting[0]) {
			const room = this.counted ? Math.min(stream.window, this.connection, FRAME_BYTES) : FRAME_BYTES;
			if (next.data.length > 0 && room <= 0) return;
			const part = next.data.subarray(0, Math.max(0, room));
			next.data = next.data.subarray(part.length);
			const last = next.data.length === 0;
			stream.window -= part.length;
			this.connection -= part.length;
			this.waiting -= part.length;
			if (last) stream.waiting.shift();
			this.send(id, part, last && next.fin);
			if (last && next.fin) this.streams.delete(id);
		}
	}
}
