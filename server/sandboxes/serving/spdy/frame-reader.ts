/** Cuts a byte stream into SPDY frames. Data is handed on as it comes, so that a frame of 16 MB is never held. */
import { SpdyFault } from './fault.ts';
import { type ControlFrame, FIN, readControl } from './frames.ts';

/** A piece of a DATA frame; `fin` on its last piece. */
export interface DataPiece {
	readonly type: 'data';
	readonly stream: number;
	readonly fin: boolean;
	readonly data: Buffer;
}

/** Bytes of a control frame at most: SYN_STREAM's header block is the only part that can be long. */
const MOST_CONTROL_BYTES = 64 * 1024;

export class FrameReader {
	private rest: Buffer = Buffer.alloc(0);
	private data: { readonly stream: number; readonly fin: boolean; left: number } | undefined;

	/** The frames that these bytes complete. Throws a `SpdyFault` at bytes that are no frame. */
	*read(bytes: Buffer): Generator<ControlFrame | DataPiece> {
		this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
		for (;;) {
			if (this.data !== undefined) {
				const piece = this.piece(this.data);
				if (piece === undefined) return;
				yield piece;
				continue;
			}
			if (this.rest.length < 8) return;
			const length = this.rest.readUIntBE(5, 3);
			const flags = this.rest[4] ?? 0;
			const first = this.rest.readUInt32BE(0);
			if (first < 0x80000000) {
				if (first === 0) throw new SpdyFault('data of stream 0');
				this.data = { stream: first, fin: (flags & FIN) !== 0, left: length };
				this.rest = this.rest.subarray(8);
				continue;
			}
			if (length > MOST_CONTROL_BYTES) throw new SpdyFault(`a control frame of ${length} bytes`);
			if (this.rest.length < 8 + length) return;
			const body = this.rest.subarray(8, 8 + length);
			this.rest = this.rest.subarray(8 + length);
			yield readControl((first >>> 16) & 0x7fff, first & 0xffff, flags, body);
		}
	}

	private piece(data: { readonly stream: number; readonly fin: boolean; left: number }): DataPiece | undefined {
		if (data.left > 0 && this.rest.length === 0) return undefined;
		const part = this.rest.subarray(0, data.left);
		this.rest = this.rest.subarray(part.length);
		data.left -= part.length;
		if (data.left === 0) this.data = undefined;
		return { type: 'data', stream: data.stream, fin: data.fin && data.left === 0, data: part };
	}
}
