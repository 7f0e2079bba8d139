/** Base64 of UTF-8 text and of bytes, without the platform's help. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...ALPHABET].map((c, i) => [c, i] as const));

export function utf8Bytes(text: string): number[] {
	const out: number[] = [];
	for (const c of text) {
		const p = c.codePointAt(0) ?? 0;
		if (p < 0x80) out.push(p);
		else if (p < 0x800) out.push(0xc0 | (p >> 6), 0x80 | (p & 63));
		else if (p < 0x10000) out.push(0xe0 | (p >> 12), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63));
		else out.push(0xf0 | (p >> 18), 0x80 | ((p >> 12) & 63), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63));
	}
	return out;
}

export function utf8Text(bytes: ArrayLike<number>): string {
	let out = '';
	for (let i = 0; i < bytes.length; ) {
		const b = bytes[i++] ?? 0;
		const next = (): number => (bytes[i++] ?? 0) & 63;
		if (b < 0x80) out += String.fromCharCode(b);
		else if (b < 0xe0) out += String.fromCodePoint(((b & 31) << 6) | next());
		else if (b < 0xf0) out += String.fromCodePoint(((b & 15) << 12) | (next() << 6) | next());
		else out += String.fromCodePoint(((b & 7) << 18) | (next() << 12) | (next() << 6) | next());
	}
	return out;
}

export function bytesToBase64(bytes: ArrayLike<number>): string {
	let out = '';
	for (let i = 0; i < bytes.length; i += 3) {
		const a = bytes[i] ?? 0;
		const b = bytes[i + 1];
		const c = bytes[i + 2];
		out += ALPHABET.charAt(a >> 2) + ALPHABET.charAt(((a & 3) << 4) | ((b ?? 0) >> 4));
		out += b === undefined ? '=' : ALPHABET.charAt(((b & 15) << 2) | ((c ?? 0) >> 6));
		out += c === undefined ? '=' : ALPHABET.charAt(c & 63);
	}
	return out;
}

/** Bytes of standard or URL-safe base64, padded or not; undefined where the text is none. */
export function base64ToBytes(text: string): number[] | undefined {
	const clean = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
	const out: number[] = [];
	let bits = 0;
	let held = 0;
	for (const c of clean) {
		const value = VALUES.get(c);
		if (value === undefined) return undefined;
		held = ((held << 6) | value) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out.push((held >> bits) & 255);
		}
	}
	return out;
}

export const encodeBase64 = (text: string): string => bytesToBase64(utf8Bytes(text));

/** URL-safe and without padding, as in a JWT. */
export const encodeBase64Url = (bytes: ArrayLike<number>): string => bytesToBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

export function decodeBase64(text: string): string | undefined {
	const bytes = base64ToBytes(text);
	return bytes === undefined ? undefined : utf8Text(bytes);
}
