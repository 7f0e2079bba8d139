import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { byteDecoder, bytesFromText, joinedText, latin1FromText, shownText, textFromBytes, textFromLatin1 } from './bytes.ts';

describe('bytes as text', () => {
	it('gives every byte back, and leaves UTF-8 readable', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (b) => {
				expect([...bytesFromText(textFromBytes(b))]).toEqual([...b]);
			}),
			{ numRuns: 300 },
		);
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (t) => {
				expect(textFromBytes(Buffer.from(t.toWellFormed()))).toBe(t.toWellFormed());
			}),
			{ numRuns: 200 },
		);
		const long = Buffer.alloc(40_000, 0xe4);
		expect(bytesFromText(textFromBytes(long)).equals(long)).toBe(true);
	});

	it('mixes both: characters stay characters beside bytes that are none', () => {
		const text = textFromBytes(Buffer.from([0xc3, 0xbc, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0xc3]));
		expect(text).toBe('ü\udcff😀\udcc3');
		expect(shownText(text)).toBe('ü\ufffd😀\ufffd');
		expect(textFromLatin1(latin1FromText(text))).toBe(text);
		expect(joinedText(textFromBytes(Buffer.from([0xc3])) + textFromBytes(Buffer.from([0xbc])))).toBe('ü');
	});

	it('reads a stream that is cut anywhere', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 5 }), (noise, words, size) => {
				const bytes = Buffer.concat([Buffer.from(words), noise]);
				const d = byteDecoder();
				let text = '';
				for (let i = 0; i < bytes.length; i += size) text += d.decode(bytes.subarray(i, i + size));
				text += d.end();
				expect(bytesFromText(text).equals(bytes)).toBe(true);
				expect(text.startsWith(words)).toBe(true);
			}),
			{ numRuns: 200 },
		);
	});
});
