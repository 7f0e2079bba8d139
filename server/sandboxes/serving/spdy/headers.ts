/**
 * SPDY/3 header blocks: a count, then names and values with their lengths, all blocks of a direction in one zlib stream.
 * Every sender flushes after a block, so each is a run of whole bytes that can be (un)packed at once against the last 32 KiB
 * of what went before.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { adler32, HEADER_DICTIONARY } from './dictionary.ts';
import { SpdyFault } from './fault.ts';

/** Names are lower case; several values of a name are joined by NUL. */
export type Headers = ReadonlyMap<string, string>;

/** Bytes of one unpacked block at most. */
const MOST_BYTES = 64 * 1024;
const WINDOW_BYTES = 32 * 1024;
/** deflate with a 32 KiB window, and a dictionary whose checksum follows (RFC 1950 section 2.2). */
const ZLIB_HEAD = 0x78bb;

function remembered(past: Buffer, block: Buffer): Buffer {
	const all = Buffer.concat([past, block]);
	return all.length > WINDOW_BYTES ? all.subarray(all.length - WINDOW_BYTES) : all;
}

export class HeaderPacker {
	private past = HEADER_DICTIONARY;
	private started = false;

	pack(headers: Headers): Buffer {
		const block = written(headers);
		const packed = deflateRawSync(block, { dictionary: this.past, finishFlush: constants.Z_SYNC_FLUSH });
		this.past = remembered(this.past, block);
		if (this.started) return packed;
		this.started = true;
		const head = Buffer.alloc(6);
		head.writeUInt16BE(ZLIB_HEAD);
		head.writeUInt32BE(adler32(HEADER_DICTIONARY), 2);
		return Buffer.concat([head, packed]);
	}
}

export class HeaderUnpacker {
	private past: Buffer = Buffer.alloc(0);
	private started = false;

	/** Throws a `SpdyFault` where the block is no such thing. */
	unpack(packed: Buffer): Headers {
		const body = this.started ? packed : this.begin(packed);
		let block: Buffer;
		try {
			const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_BYTES };
			block = inflateRawSync(body, this.past.length === 0 ? options : { ...options, dictionary: this.past });
		} catch (error) {
			throw new SpdyFault(`a header block cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
		}
		this.past = remembered(this.past, block);
		return read(block);
	}

	private begin(packed: Buffer): Buffer {
		this.started = true;
		if (packed.length < 2 || packed.readUInt16BE(0) % 31 !== 0 || ((packed[0] ?? 0) & 15) !== 8) throw new SpdyFault('header blocks are no zlib stream');
		if (((packed[1] ?? 0) & 0x20) === 0) return packed.subarray(2);
		if (packed.length < 6 || packed.readUInt32BE(2) !== adler32(HEADER_DICTIONARY)) throw new SpdyFault('header blocks use another dictionary');
		this.past = HEADER_DICTIONARY;
		return packed.subarray(6);
	}
}

function counted(text: string): Buffer {
	const bytes = Buffer.from(text);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(bytes.length);
	return Buffer.concat([length, bytes]);
}

function written(headers: Headers): Buffer {
	const count = Buffer.alloc(4);
	count.writeUInt32BE(headers.size);
	return Buffer.concat([count, ...[...headers].flatMap(([name, value]) => [counted(name.toLowerCase()), counted(value)])]);
}

function read(block: Buffer): Headers {
	let at = 0;
	const number = (): number => {
		if (at + 4 > block.length) throw new SpdyFault('a header block ends early');
		at += 4;
		return block.readUInt32BE(at - 4);
	};
	const text = (): string => {
		const length = number();
		if (length > block.length - at) throw new SpdyFault('a header block ends early');
		at += length;
		return block.toString('utf8', at - length, at);
	};
	const headers = new Map<string, string>();
	for (let left = number(); left > 0; left--) {
		// Go's client writes canonical names in some versions: the case is not held against it.
		const name = text().toLowerCase();
		headers.set(name, text());
	}
	return headers;
}
