import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpdyConnection } from './connection.ts';
import { adler32, HEADER_DICTIONARY } from './dictionary.ts';
import { FrameReader } from './frame-reader.ts';
import { RESET, write } from './frames.ts';
import { HeaderPacker, HeaderUnpacker } from './headers.ts';
import type { SpdyStream } from './stream.ts';
import { SendWindows } from './windows.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** What kubectl 1.35.2 sent for `echo abc | kubectl exec -i box -- cat`. */
const EXEC = [
	'80030001 00000029 00000001 00000000 0000 78f9e3c6a7c26260606004a7b392a2d4c45c6851c29a0a0a6800000000ffff',
	'80030001 00000017 00000003 00000000 0000 c22e555c92929907000000ffff',
	'80030001 00000019 00000005 00000000 0000 c22ac5565c92925f5a02000000ffff',
	'80030001 00000015 00000007 00000000 0000 c229975a5404000000ffff',
	'00000003 00000004 6162630a',
	'00000003 01000000',
].map(hex);

/** The blocks of the first pair of `kubectl port-forward pod/web 18099:80`. */
const FORWARD = ['78f9e3c6a7c202253a703a2b294a4dcc851625aca9a0808614cb45a024cc6461c0c0c0c0590489c44c50e2663400000000ffff', 'c2aa15540a2512d209000000ffff'].map(
	hex,
);

/** A connection whose other end is the test: bytes in by `give`, bytes out in `sent`. */
function wired(events: { readonly stream?: (stream: SpdyStream) => boolean; readonly close?: () => void } = {}) {
	const sent: Buffer[] = [];
	const socket = new Duplex({
		read() {},
		write(chunk: Buffer, _encoding, done) {
			sent.push(chunk);
			done();
		},
	});
	const streams: SpdyStream[] = [];
	const connection = new SpdyConnection(socket, {
		stream: (stream) => {
			streams.push(stream);
			return events.stream?.(stream) ?? true;
		},
		close: () => events.close?.(),
	});
	const give = async (...bytes: readonly Buffer[]): Promise<void> => {
		for (const b of bytes) socket.push(b);
		await new Promise((resolve) => setImmediate(resolve));
	};
	const frames = () => [...new FrameReader().read(Buffer.concat(sent.splice(0)))];
	return { connection, socket, streams, give, frames };
}

const synStream = (packer: HeaderPacker, id: number, fin = false): Buffer => write.synStream(id, packer.pack(new Map([['streamtype', 'data']])), fin);

describe('header blocks', () => {
	it('have the dictionary of SPDY/3', () => {
		expect([HEADER_DICTIONARY.length, adler32(HEADER_DICTIONARY).toString(16)]).toEqual([1423, 'e3c6a7c2']);
	});

	it('of kubectl are read, one after the other', () => {
		const unpacker = new HeaderUnpacker();
		expect(FORWARD.map((block) => Object.fromEntries(unpacker.unpack(block)))).toEqual([
			{ port: '80', requestid: '0', streamtype: 'error' },
			{ port: '80', requestid: '0', streamtype: 'data' },
		]);
	});

	it('come back as they were, beyond the 32 KiB that are remembered', () => {
		const name = fc.stringMatching(/^[a-z-]{1,20}$/);
		const block = fc.dictionary(name, fc.string({ maxLength: 4000 }), { maxKeys: 6 });
		fc.assert(
			fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
				const packer = new HeaderPacker();
				const unpacker = new HeaderUnpacker();
				for (const b of blocks) expect(unpacker.unpack(packer.pack(new Map(Object.entries(b))))).toEqual(new Map(Object.entries(b)));
			}),
			{ numRuns: 50 },
		);
	});

	it('of another kind are refused, and those that unpack without end', () => {
		expect(() => new HeaderUnpacker().unpack(hex('0102030405060708'))).toThrow('no zlib stream');
		expect(() => new HeaderUnpacker().unpack(hex('78f9 00000001 00'))).toThrow('another dictionary');
		const bomb = new HeaderPacker().pack(new Map([['a', 'x'.repeat(1_000_000)]]));
		expect(() => new HeaderUnpacker().unpack(bomb)).toThrow('cannot be unpacked');
	});
});

describe('frames', () => {
	it('are read however the bytes are cut', () => {
		const all = Buffer.concat([...EXEC, write.ping(1), write.settings(9000), write.windowUpdate(3, 10), write.goAway(7, 0), write.rstStream(5, 5)]);
		fc.assert(
			fc.property(fc.array(fc.nat(all.length), { maxLength: 30 }), (cuts) => {
				const reader = new FrameReader();
				const at = [0, ...cuts.sort((a, b) => a - b), all.length];
				const frames = at.slice(1).flatMap((end, i) => [...reader.read(all.subarray(at[i], end))]);
				const control = frames.filter((f) => f.type !== 'data');
				expect(control.map((f) => f.type).join()).toBe('syn-stream,syn-stream,syn-stream,syn-stream,ping,settings,window-update,goaway,rst-stream');
				const data = frames.filter((f) => f.type === 'data');
				expect(Buffer.concat(data.map((f) => f.data)).toString()).toBe('abc\n');
				expect(data.filter((f) => f.fin).length).toBe(1);
			}),
		);
	});

	it('of another version, too long or too short are refused', () => {
		expect(() => [...new FrameReader().read(hex('80020006 00000004 00000001'))]).toThrow('not version 2');
		expect(() => [...new FrameReader().read(hex('80030001 00ffffff 00000001'))]).toThrow('a control frame of');
		expect(() => [...new FrameReader().read(hex('80030003 00000004 00000001'))]).toThrow('ends early');
	});
});

describe('a connection', () => {
	it('answers kubectl’s exec', async () => {
		const { streams, give, frames, connection } = wired();
		await give(...EXEC);
		expect(streams.map((s) => s.headers.get('streamtype'))).toEqual(['error', 'stdin', 'stdout', 'stderr']);
		const seen: string[] = [];
		streams[1]?.listen({ data: (d) => seen.push(d.toString()), end: () => seen.push('end') });
		expect(seen).toEqual(['abc\n', 'end']);
		expect(frames()).toMatchObject([1, 3, 5, 7].map((stream) => ({ type: 'syn-reply', stream })));
		streams[2]?.write(Buffer.from('abc\n'));
		streams[2]?.end();
		connection.close();
		expect(frames()).toMatchObject([
			{ stream: 5, fin: false, data: Buffer.from('abc\n') },
			{ stream: 5, fin: true },
			{ type: 'goaway', lastStream: 7 },
		]);
		connection.destroy();
	});

	it('sends pings back, and says goodbye where the protocol is broken', async () => {
		let closed = 0;
		const { give, frames } = wired({ close: () => closed++ });
		await give(write.ping(5), write.ping(2));
		expect(frames()).toEqual([{ type: 'ping', id: 5 }]);
		await give(hex('80020006 00000004 00000001'));
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(frames().map((f) => f.type)).toEqual(['goaway']);
		expect(closed).toBe(1);
	});

	it('refuses streams that nobody wants, and ids out of order', async () => {
		const packer = new HeaderPacker();
		const { give, frames } = wired({ stream: (s) => s.id !== 3 });
		await give(synStream(packer, 1), synStream(packer, 3), synStream(packer, 2), synStream(packer, 1), write.data(9, Buffer.from('x')));
		expect(frames()).toMatchObject([
			{ type: 'syn-reply', stream: 1 },
			{ type: 'rst-stream', stream: 3, status: RESET.refused },
			{ type: 'rst-stream', stream: 2, status: RESET.protocolError },
			{ type: 'rst-stream', stream: 1, status: RESET.protocolError },
			{ type: 'rst-stream', stream: 9, status: RESET.invalidStream },
		]);
	});

	it('tells a stream of a reset, and every stream of the connection’s end', async () => {
		const packer = new HeaderPacker();
		const { give, streams, socket } = wired();
		await give(synStream(packer, 1), synStream(packer, 3));
		const broken: number[] = [];
		for (const s of streams) s.listen({ broken: () => broken.push(s.id) });
		await give(write.rstStream(1, RESET.cancel));
		expect(broken).toEqual([1]);
		socket.destroy();
		await new Promise((resolve) => setImmediate(resolve));
		expect(broken).toEqual([1, 3]);
	});

	it('gives room back for what has come', async () => {
		const { give, frames, streams } = wired();
		await give(synStream(new HeaderPacker(), 1));
		streams[0]?.listen({});
		frames();
		await give(write.data(1, Buffer.alloc(40_000)));
		expect(frames()).toEqual([
			{ type: 'window-update', stream: 0, delta: 40_000 },
			{ type: 'window-update', stream: 1, delta: 40_000 },
		]);
	});
});

describe('windows', () => {
	const collect = () => {
		const sent: [number, number, boolean][] = [];
		return { sent, windows: new SendWindows((id, data, fin) => sent.push([id, data.length, fin])), total: () => sent.reduce((n, [, bytes]) => n + bytes, 0) };
	};

	it('do not bind towards a client that never names them', () => {
		const { windows, total, sent } = collect();
		windows.write(1, Buffer.alloc(500_000), true);
		expect([total(), sent.at(-1)?.[2], windows.waiting]).toEqual([500_000, true, 0]);
	});

	it('bind once named: the stream’s, and the connection’s', () => {
		const { windows, total, sent } = collect();
		windows.initial(10_000);
		windows.write(1, Buffer.alloc(30_000), true);
		expect([total(), windows.waiting]).toEqual([10_000, 20_000]);
		windows.grant(1, 15_000);
		expect(total()).toBe(25_000);
		windows.initial(16_000);
		expect([total(), sent.at(-1)?.[2], windows.waiting]).toEqual([30_000, true, 0]);
		// 65,536 bytes for the whole connection: 35,536 are left.
		windows.grant(3, 1_000_000);
		windows.write(3, Buffer.alloc(100_000), false);
		expect(total()).toBe(65_536);
		windows.grant(0, 100_000);
		expect([total(), windows.waiting]).toEqual([130_000, 0]);
		expect(() => windows.grant(0, 2 ** 31 - 1)).toThrow('out of range');
	});
});
