/** One stream of a SPDY connection that the other side has opened. */
import { RESET } from './frames.ts';
import type { Headers } from './headers.ts';

/** Bytes that may come before anybody listens. */
const MOST_EARLY = 1024 * 1024;

/** What a stream needs of its connection. */
export interface StreamOwner {
	write(stream: SpdyStream, data: Uint8Array, fin: boolean): void;
	reset(stream: SpdyStream, status: number): void;
	forget(stream: SpdyStream): void;
}

export interface StreamEvents {
	readonly data?: (data: Buffer) => void;
	/** The other side sends no more. */
	readonly end?: () => void;
	/** The stream, or its connection, was broken off. */
	readonly broken?: () => void;
}

export class SpdyStream {
	readonly id: number;
	readonly headers: Headers;
	private readonly owner: StreamOwner;
	private events: StreamEvents = {};
	private readonly early: Buffer[] = [];
	private earlyBytes = 0;
	private listened = false;
	/** The other side's half, and ours. */
	private remoteOver = false;
	private localOver = false;

	constructor(id: number, headers: Headers, owner: StreamOwner) {
		this.id = id;
		this.headers = headers;
		this.owner = owner;
	}

	/** Whoever uses the stream; what came before is delivered first. */
	listen(events: StreamEvents): void {
		this.events = events;
		this.listened = true;
		for (const data of this.early.splice(0)) events.data?.(data);
		if (this.remoteOver) events.end?.();
	}

	/** Without effect once ended. */
	write(data: Uint8Array): void {
		if (!this.localOver && data.length > 0) this.owner.write(this, data, false);
	}

	end(): void {
		if (this.localOver) return;
		this.localOver = true;
		this.owner.write(this, new Uint8Array(), true);
		this.settle();
	}

	reset(status: number): void {
		this.localOver = true;
		this.remoteOver = true;
		this.owner.reset(this, status);
		this.owner.forget(this);
	}

	/** From the connection: a piece of data, and whether it was the last. */
	receive(data: Buffer, fin: boolean): void {
		if (this.remoteOver) return;
		if (data.length > 0) {
			if (this.listened) this.events.data?.(data);
			else if (!this.keep(data)) {
				this.reset(RESET.flowControl);
				return;
			}
		}
		if (!fin) return;
		this.remoteOver = true;
		if (this.listened) this.events.end?.();
		this.settle();
	}

	/** From the connection: reset by the other side, or gone with it. */
	break(): void {
		if (this.localOver && this.remoteOver) return;
		this.localOver = true;
		this.remoteOver = true;
		this.events.broken?.();
	}

	private keep(data: Buffer): boolean {
		this.earlyBytes += data.length;
		// The piece is part of a larger buffer: a copy holds no more than itself.
		this.early.push(Buffer.from(data));
		return this.earlyBytes <= MOST_EARLY;
	}

	private settle(): void {
		if (this.localOver && this.remoteOver) this.owner.forget(this);
	}
}
