/**
 * The server's side of a SPDY/3.1 connection, over a socket or over WebSocket messages. Go's spdystream, which kubectl and
 * client-go use, neither counts windows nor grants them, so they bind our sending only once the other side has named them.
 */
import type { Duplex } from 'node:stream';
import { SpdyFault } from './fault.ts';
import { type DataPiece, FrameReader } from './frame-reader.ts';
import { type ControlFrame, GOAWAY, INITIAL_WINDOW, RESET, write } from './frames.ts';
import { HeaderPacker, HeaderUnpacker } from './headers.ts';
import { SendWindows } from './windows.ts';
import { SpdyStream, type StreamOwner } from './stream.ts';

/** Bytes waiting for a slow client before the connection is broken off. */
const MOST_WAITING = 16 * 1024 * 1024;
/** Streams open at a time: a port-forward takes two a TCP connection. */
const MOST_STREAMS = 2000;
/** Bytes received on a stream after which the window is opened again. */
const GRANT_AFTER = INITIAL_WINDOW / 2;

/** Real ms that a client has to end a connection that is over. */
const LINGER_MS = 3000;

export interface ConnectionEvents {
	/** A stream was opened, and is answered with SYN_REPLY when this returns true; otherwise it is refused. */
	readonly stream: (stream: SpdyStream) => boolean;
	readonly close: () => void;
}

export class SpdyConnection implements StreamOwner {
	private readonly socket: Duplex;
	private readonly events: ConnectionEvents;
	private readonly reader = new FrameReader();
	private readonly packer = new HeaderPacker();
	private readonly unpacker = new HeaderUnpacker();
	private readonly streams = new Map<number, SpdyStream>();
	/** Bytes received since the last grant; 0 is the whole connection. */
	private readonly received = new Map<number, number>();
	private readonly windows: SendWindows;
	private lastStream = 0;
	private closing = false;
	private over = false;

	constructor(socket: Duplex, events: ConnectionEvents) {
		this.socket = socket;
		this.events = events;
		this.windows = new SendWindows((stream, data, fin) => this.send(write.data(stream, data, fin)));
		socket.on('data', (bytes: Buffer) => this.take(bytes));
		// After an error comes close.
		socket.on('error', () => socket.destroy());
		socket.on('end', () => socket.end());
		socket.on('close', () => this.closed());
	}

	/**
	 * Says goodbye and lets the client end the connection: spdystream drops frames that it has read and not yet handled when
	 * the connection ends under it. One that does not is ended.
	 */
	close(): void {
		if (this.over || this.closing) return;
		this.closing = true;
		this.send(write.goAway(this.lastStream, GOAWAY.ok));
		const timer = setTimeout(() => {
			this.socket.end();
			setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
		}, LINGER_MS);
		this.socket.once('close', () => clearTimeout(timer));
	}

	/** Breaks off at once. */
	destroy(): void {
		this.socket.destroy();
	}

	write(stream: SpdyStream, data: Uint8Array, fin: boolean): void {
		this.windows.write(stream.id, data, fin);
		if (this.windows.waiting + this.socket.writableLength > MOST_WAITING) this.socket.destroy();
	}

	reset(stream: SpdyStream, status: number): void {
		this.windows.forget(stream.id);
		this.send(write.rstStream(stream.id, status));
	}

	forget(stream: SpdyStream): void {
		this.streams.delete(stream.id);
		this.received.delete(stream.id);
	}

	private send(bytes: Buffer): void {
		if (!this.over && this.socket.writable) this.socket.write(bytes);
	}

	private take(bytes: Buffer): void {
		try {
			for (const frame of this.reader.read(bytes)) {
				if (this.over) return;
				if (frame.type === 'data') this.data(frame);
				else this.control(frame);
			}
		} catch (error) {
			if (!(error instanceof SpdyFault)) throw error;
			this.send(write.goAway(this.lastStream, GOAWAY.protocolError));
			this.socket.end(() => this.socket.destroy());
		}
	}

	private control(frame: ControlFrame): void {
		switch (frame.type) {
			case 'syn-stream':
				this.opened(frame);
				return;
			case 'headers':
			case 'syn-reply':
				// Nothing here asks for them, but each block moves the decompression on.
				this.unpacker.unpack(frame.block);
				return;
			case 'rst-stream': {
				const stream = this.streams.get(frame.stream);
				this.windows.forget(frame.stream);
				if (stream === undefined) return;
				this.forget(stream);
				stream.break();
				return;
			}
			case 'ping':
				// Ours would be even; the client's are sent back as they are.
				if (frame.id % 2 === 1) this.send(write.ping(frame.id));
				return;
			case 'settings':
				this.windows.initial(frame.initialWindow);
				return;
			case 'window-update':
				// Streams that are over may be granted more all the same.
				if (frame.stream !== 0 && !this.streams.has(frame.stream) && !this.windows.has(frame.stream)) return;
				this.windows.grant(frame.stream, frame.delta);
				return;
			case 'goaway':
			case 'unknown':
		}
	}

	private opened({ stream: id, fin, block }: ControlFrame & { readonly type: 'syn-stream' }): void {
		const headers = this.unpacker.unpack(block);
		// Clients' streams are odd, and each higher than the last.
		if (id % 2 === 0 || id <= this.lastStream) {
			this.send(write.rstStream(id, RESET.protocolError));
			return;
		}
		this.lastStream = id;
		const stream = new SpdyStream(id, headers, this);
		if (this.streams.size >= MOST_STREAMS || !this.events.stream(stream)) {
			this.send(write.rstStream(id, RESET.refused));
			return;
		}
		this.streams.set(id, stream);
		this.send(write.synReply(id, this.packer.pack(new Map())));
		if (fin) stream.receive(Buffer.alloc(0), true);
	}

	private data({ stream: id, data, fin }: DataPiece): void {
		this.granted(0, data.length);
		const stream = this.streams.get(id);
		if (stream === undefined) {
			// What was on its way when the stream ended is no fault; a stream that never was is.
			if (id > this.lastStream) this.send(write.rstStream(id, RESET.invalidStream));
			return;
		}
		if (!fin) this.granted(id, data.length);
		stream.receive(data, fin);
	}

	/** Data is used as it comes: its room is given back as soon as half a window has come. */
	private granted(stream: number, bytes: number): void {
		const total = (this.received.get(stream) ?? 0) + bytes;
		if (total >= GRANT_AFTER) this.send(write.windowUpdate(stream, total));
		this.received.set(stream, total >= GRANT_AFTER ? 0 : total);
	}

	private closed(): void {
		if (this.over) return;
		this.over = true;
		for (const stream of this.streams.values()) stream.break();
		this.streams.clear();
		this.events.close();
	}
}
