/**
 * Base64 and UTF-8 over plain strings, without the platform's codecs. Files and streams are text; bytes of theirs that are no UTF-8
 * stand in it as lone surrogates U+DC80 to U+DCFF (Python's `surrogateescape`), so that every sequence of bytes comes back as it was.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes of a base64 text as code units 0-255; characters outside the alphabet are skipped. */
export function base64ToBinary(text: string): string {
	let out = '';
	let bits = 0;
	let held = 0;
	for (const c of text) {
		const value = ALPHABET.indexOf(c);
		if (value < 0) continue;
		held = ((held << 6) | value) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out += String.fromCharCode((held >> bits) & 0xff);
		}
	}
	return out;
}

/** Reads bytes as UTF-8; undefined where they are none. */
export function utf8ToText(bytes: string): string | undefined {
	let out = '';
	for (let i = 0; i < bytes.length; ) {
		const b = bytes.charCodeAt(i);
		if (b < 0x80) {
			out += bytes[i];
			i++;
			continue;
		}
		const extra = b >= 0xf0 && b < 0xf5 ? 3 : b >= 0xe0 ? 2 : b >= 0xc2 ? 1 : 0;
		if (extra === 0 || b >= 0xf5 || i + extra >= bytes.length) return undefined;
		let code = b & (0x3f >> extra);
		for (let k = 1; k <= extra; k++) {
			const next = bytes.charCodeAt(i + k);
			if ((next & 0xc0) !== 0x80) return undefined;
			code = (code << 6) | (next & 0x3f);
		}
		out += String.fromCodePoint(code);
		i += extra + 1;
	}
	return out;
}

/** Where bytes that are no UTF-8 begin in a text. */
const RAW = 0xdc00;
const isRaw = (code: number): boolean => code >= 0xdc80 && code <= 0xdcff;

/** A text's bytes. */
export function encodeText(text: string): Uint8Array {
	const out = new Uint8Array(utf8Length(text));
	let at = 0;
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit < 0x80) out[at++] = unit;
		else if (isRaw(unit)) out[at++] = unit - RAW;
		else {
			const code = text.codePointAt(i) ?? 0;
			if (code > 0xffff) i++;
			if (code < 0x800) out[at++] = 0xc0 | (code >> 6);
			else {
				if (code < 0x10000) out[at++] = 0xe0 | (code >> 12);
				else {
					out[at++] = 0xf0 | (code >> 18);
					out[at++] = 0x80 | ((code >> 12) & 63);
				}
				out[at++] = 0x80 | ((code >> 6) & 63);
			}
			out[at++] = 0x80 | (code & 63);
		}
	}
	return out;
}

/** A text's bytes as code units 0-255. */
export function textToBinary(text: string): string {
	if (/^[\0-\x7f]*$/.test(text)) return text;
	let out = '';
	for (const byte of encodeText(text)) out += String.fromCharCode(byte);
	return out;
}

/** Length of the UTF-8 sequence that a byte begins; 0 where it begins none. */
const sequence = (byte: number): number => (byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0);

/** The character of a sequence; undefined where its bytes are none (too long a form, a surrogate, no continuation). */
function character(bytes: Uint8Array, at: number, length: number): string | undefined {
	let code = (bytes[at] ?? 0) & (0xff >> (length + 1));
	for (let k = 1; k < length; k++) {
		const next = bytes[at + k] ?? 0;
		if ((next & 0xc0) !== 0x80) return undefined;
		code = (code << 6) | (next & 63);
	}
	if ((length === 3 && code < 0x800) || (length === 4 && code < 0x10000) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
	return String.fromCodePoint(code);
}

/** Bytes as a text, those that come in pieces: a character cut in two waits for its rest. */
export class TextDecoding {
	#held = new Uint8Array();

	push(piece: Uint8Array): string {
		const bytes = new Uint8Array(this.#held.length + piece.length);
		bytes.set(this.#held);
		bytes.set(piece, this.#held.length);
		let out = '';
		let i = 0;
		while (i < bytes.length) {
			const byte = bytes[i] ?? 0;
			const length = sequence(byte);
			if (length === 1) {
				out += String.fromCharCode(byte);
				i++;
				continue;
			}
			if (length > bytes.length - i && this.#mayGoOn(bytes, i)) break;
			const found = length === 0 ? undefined : character(bytes, i, length);
			out += found ?? String.fromCharCode(RAW + byte);
			i += found === undefined ? 1 : length;
		}
		this.#held = bytes.slice(i);
		return out;
	}

	/** What is left of a character that was never finished. */
	end(): string {
		const out = [...this.#held].map((b) => String.fromCharCode(RAW + b)).join('');
		this.#held = new Uint8Array();
		return out;
	}

	#mayGoOn(bytes: Uint8Array, from: number): boolean {
		for (let k = from + 1; k < bytes.length; k++) if (((bytes[k] ?? 0) & 0xc0) !== 0x80) return false;
		return true;
	}
}

export function decodeBytes(bytes: Uint8Array): string {
	const decoding = new TextDecoding();
	return decoding.push(bytes) + decoding.end();
}

/** A text in which bytes that make a character together are that character. */
export function joined(text: string): string {
	return /[\udc80-\udcff]/.test(text) ? decodeBytes(encodeText(text)) : text;
}

/** Decodes base64 to text. */
export function base64ToText(text: string): string {
	const bytes = base64ToBinary(text);
	return decodeBytes(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
}

/** Length of a text in UTF-8 bytes. */
export function utf8Length(text: string): number {
	let n = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c < 0x80) n += 1;
		else if (c < 0x800) n += 2;
		else if (isRaw(c)) n += 1;
		else if (c >= 0xd800 && c < 0xdc00) {
			n += 4;
			i++;
		} else n += 3;
	}
	return n;
}
