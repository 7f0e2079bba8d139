import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64ToText, decodeBytes, encodeText, joined, TextDecoding, utf8Length } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('bytes as text', () => {
	it('come back as they were, whatever they are and however they are cut', () => {
		fc.assert(
			fc.property(bytes, fc.array(fc.nat(200), { maxLength: 5 }), (all, cuts) => {
				const decoding = new TextDecoding();
				let text = '';
				let from = 0;
				for (const cut of [...cuts.filter((n) => n < all.length).sort((a, b) => a - b), all.length]) {
					text += decoding.push(all.slice(from, cut));
					from = cut;
				}
				text += decoding.end();
				expect(text).toBe(decodeBytes(all));
				expect(encodeText(text)).toEqual(all);
				expect(utf8Length(text)).toBe(all.length);
			}),
		);
	});

	it('are the text itself where they are UTF-8', () => {
		fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void expect(decodeBytes(new TextEncoder().encode(text))).toBe(text)));
	});

	it('survive JSON, which the journal is written in', () => {
		fc.assert(fc.property(bytes, (all) => void expect(encodeText(JSON.parse(JSON.stringify(decodeBytes(all))) as string)).toEqual(all)));
	});

	it.each([
		['too long a form', [0xc0, 0x80]],
		['a surrogate', [0xed, 0xa0, 0x80]],
		['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
		['a lone continuation', [0x80]],
	])('stand raw where they are %s', (_what, given) => {
		expect([...decodeBytes(Uint8Array.from(given))].every((c) => c.charCodeAt(0) >= 0xdc80 && c.charCodeAt(0) <= 0xdcff)).toBe(true);
	});

	it('make a character once they stand together', () => {
		expect(joined('\udcc3\udca9!\udcff')).toBe('é!\udcff');
		expect(base64ToText('/w==')).toBe('\udcff');
	});
});
