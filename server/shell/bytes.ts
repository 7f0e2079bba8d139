/**
 * Bytes as text and back, without loss. Everything in the shell (pipes, variables, files as commands read them) is one kind of text:
 * UTF-8 read as characters, and each byte that is no UTF-8 as a lone surrogate U+DC80–U+DCFF that stands for it (Python's PEP 383,
 * "surrogateescape"). So what handles text need not know of bytes, and what handles bytes gets every one of them back.
 */
const ESCAPE = 0xdc00;
/** Characters that String.fromCharCode takes as arguments at once. */
const PIECE = 8192;

/** Bytes of the UTF-8 sequence that begins at `at`: 1 to 4, or 0 where none does (overlong, surrogate, beyond U+10FFFF, cut short). */
function sequence(bytes: Uint8Array, at: number): number {
	const a = bytes[at] ?? 0;
	if (a < 0x80) return 1;
	const length = a >= 0xc2 && a <= 0xdf ? 2 : a >= 0xe0 && a <= 0xef ? 3 : a >= 0xf0 && a <= 0xf4 ? 4 : 0;
	if (length === 0) return 0;
	const b = bytes[at + 1] ?? 0;
	if (b < (a === 0xe0 ? 0xa0 : a === 0xf0 ? 0x90 : 0x80) || b > (a === 0xed ? 0x9f : a === 0xf4 ? 0x8f : 0xbf)) return 0;
	for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
	return length;
}

/** Any bytes as text; `bytesFromText` gives the same bytes again. */
export function textFromBytes(bytes: Uint8Array): string {
	const plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
	if (!plain.includes('\ufffd')) return plain;
	const out: string[] = [];
	let units: number[] = [];
	for (let i = 0; i < bytes.length; ) {
		const n = sequence(bytes, i);
		const a = bytes[i] ?? 0;
		const tail = (k: number): number => (bytes[i + k] ?? 0) & 0x3f;
		if (n === 0) units.push(ESCAPE + a);
		else if (n === 1) units.push(a);
		else if (n === 2) units.push(((a & 0x1f) << 6) | tail(1));
		else if (n === 3) units.push(((a & 0x0f) << 12) | (tail(1) << 6) | tail(2));
		else {
			const point = (((a & 0x07) << 18) | (tail(1) << 12) | (tail(2) << 6) | tail(3)) - 0x10000;
			units.push(0xd800 + (point >> 10), 0xdc00 + (point & 0x3ff));
		}
		i += Math.max(1, n);
		if (units.length >= PIECE) {
			out.push(String.fromCharCode(...units));
			units = [];
		}
	}
	out.push(String.fromCharCode(...units));
	return out.join('');
}

const ESCAPED = /[\udc80-\udcff]+/gu;

/** The bytes that a text stands for. */
export function bytesFromText(text: string): Buffer {
	if (text.isWellFormed()) return Buffer.from(text, 'utf8');
	const parts: Buffer[] = [];
	let at = 0;
	for (const m of text.matchAll(ESCAPED)) {
		parts.push(Buffer.from(text.slice(at, m.index), 'utf8'), Buffer.from(m[0], 'latin1'));
		at = m.index + m[0].length;
	}
	parts.push(Buffer.from(text.slice(at), 'utf8'));
	return Buffer.concat(parts);
}

/** Bytes as one character each, the form in which just-bash's utilities and the workstation's binary files hold them. */
export const latin1FromText = (text: string): string => bytesFromText(text).toString('latin1');
export const textFromLatin1 = (latin1: string): string => textFromBytes(Buffer.from(latin1, 'latin1'));

/** A text that was put together of pieces: sequences that were cut between them are whole again. */
export const joinedText = (text: string): string => (text.isWellFormed() ? text : textFromBytes(bytesFromText(text)));

/** What a screen shows of a text: bytes that are no UTF-8 as U+FFFD. */
export const shownText = (text: string): string => (text.isWellFormed() ? text : text.replace(/[\udc80-\udcff]/gu, '\ufffd'));

/** Reads a stream of bytes as text: a sequence that a chunk cuts waits for its rest. `end` gives what is left. */
export function byteDecoder(): { decode(chunk: Uint8Array): string; end(): string } {
	let held = Buffer.alloc(0);
	return {
		decode: (chunk) => {
			const all = Buffer.concat([held, chunk]);
			let cut = all.length;
			// A lead byte among the last three whose sequence is not all there yet.
			for (let back = 1; back <= Math.min(3, all.length); back++) {
				const b = all[all.length - back] ?? 0;
				if ((b & 0xc0) === 0x80) continue;
				if (b >= 0xc2 && b <= 0xf4 && back < (b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2)) cut = all.length - back;
				break;
			}
			held = Buffer.from(all.subarray(cut));
			return textFromBytes(all.subarray(0, cut));
		},
		end: () => textFromBytes(held),
	};
}
