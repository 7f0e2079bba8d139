/** SPDY/3.1 frames as values and as bytes (protocol draft 3.1, section 2.2): control frames have the first bit set. */
import { SpdyFault } from './fault.ts';

export const TYPE = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const;

/** RST_STREAM statuses that are used here. */
export const RESET = { protocolError: 1, invalidStream: 2, refused: 3, cancel: 5, internalError: 6, flowControl: 7, streamInUse: 8 } as const;
export const GOAWAY = { ok: 0, protocolError: 1 } as const;
export const INITIAL_WINDOW = 65_536;
const SETTING_INITIAL_WINDOW = 7;

export const FIN = 1;
const VERSION = 3;

/** A control frame whose header block, if it has one, is still packed. */
export type ControlFrame =
	| { readonly type: 'syn-stream'; readonly stream: number; readonly fin: boolean; readonly block: Buffer }
	| { readonly type: 'syn-reply' | 'headers'; readonly stream: number; readonly fin: boolean; readonly block: Buffer }
	| { readonly type: 'rst-stream'; readonly stream: number; readonly status: number }
	| { readonly type: 'settings'; readonly initialWindow?: number }
	| { readonly type: 'ping'; readonly id: number }
	| { readonly type: 'goaway'; readonly lastStream: number }
	| { readonly type: 'window-update'; readonly stream: number; readonly delta: number }
	/** Types that are not known are passed over (section 2.2.1). */
	| { readonly type: 'unknown'; readonly code: number };

function control(type: number, flags: number, body: Buffer): Buffer {
	const head = Buffer.alloc(8);
	head.writeUInt16BE(0x8000 | VERSION);
	head.writeUInt16BE(type, 2);
	head.writeUInt32BE(body.length, 4);
	head[4] = flags;
	return Buffer.concat([head, body]);
}

function numbers(...values: readonly number[]): Buffer {
	const body = Buffer.alloc(4 * values.length);
	for (const [i, value] of values.entries()) body.writeUInt32BE(value, 4 * i);
	return body;
}

export const write = {
	synStream: (stream: number, block: Buffer, fin = false): Buffer =>
		control(TYPE.synStream, fin ? FIN : 0, Buffer.concat([numbers(stream, 0), Buffer.alloc(2), block])),
	synReply: (stream: number, block: Buffer, fin = false): Buffer => control(TYPE.synReply, fin ? FIN : 0, Buffer.concat([numbers(stream), block])),
	rstStream: (stream: number, status: number): Buffer => control(TYPE.rstStream, 0, numbers(stream, status)),
	settings: (initialWindow: number): Buffer => control(TYPE.settings, 0, numbers(1, SETTING_INITIAL_WINDOW, initialWindow)),
	ping: (id: number): Buffer => control(TYPE.ping, 0, numbers(id)),
	goAway: (lastStream: number, status: number): Buffer => control(TYPE.goAway, 0, numbers(lastStream, status)),
	windowUpdate: (stream: number, delta: number): Buffer => control(TYPE.windowUpdate, 0, numbers(stream, delta)),
	data: (stream: number, data: Uint8Array, fin = false): Buffer => {
		const head = numbers(stream, data.length);
		head[4] = fin ? FIN : 0;
		return Buffer.concat([head, data]);
	},
};

function settings(body: Buffer): ControlFrame {
	let initialWindow: number | undefined;
	const count = body.length >= 4 ? body.readUInt32BE(0) : -1;
	if (body.length !== 4 + 8 * count) throw new SpdyFault('a SETTINGS frame has the wrong length');
	for (let at = 4; at < body.length; at += 8) {
		// The flags are in the first byte, the id in the other three.
		if ((body.readUInt32BE(at) & 0xffffff) === SETTING_INITIAL_WINDOW) initialWindow = body.readUInt32BE(at + 4) & 0x7fffffff;
	}
	return { type: 'settings', ...(initialWindow === undefined ? {} : { initialWindow }) };
}

/** Reads the body of a control frame. Throws a `SpdyFault` where it is too short, or of another version. */
export function readControl(version: number, code: number, flags: number, body: Buffer): ControlFrame {
	if (version !== VERSION) throw new SpdyFault(`SPDY/3 is spoken here, not version ${version}`);
	const fin = (flags & FIN) !== 0;
	const at = (offset: number): number => {
		if (offset + 4 > body.length) throw new SpdyFault('a control frame ends early');
		return body.readUInt32BE(offset) & 0x7fffffff;
	};
	switch (code) {
		case TYPE.synStream:
			return { type: 'syn-stream', stream: at(0), fin, block: body.subarray(10) };
		case TYPE.synReply:
			return { type: 'syn-reply', stream: at(0), fin, block: body.subarray(4) };
		case TYPE.headers:
			return { type: 'headers', stream: at(0), fin, block: body.subarray(4) };
		case TYPE.rstStream:
			return { type: 'rst-stream', stream: at(0), status: at(4) };
		case TYPE.settings:
			return settings(body);
		case TYPE.ping:
			at(0);
			return { type: 'ping', id: body.readUInt32BE(0) };
		case TYPE.goAway:
			return { type: 'goaway', lastStream: at(0) };
		case TYPE.windowUpdate:
			return { type: 'window-update', stream: at(0), delta: at(4) };
		default:
			return { type: 'unknown', code };
	}
}
