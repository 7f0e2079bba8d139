/** Base64 of UTF-8 text, without the platform's help. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map([...ALPHABET].map((c, i) => [c, i]));

function utf8(text: string): number[] {
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

/** Length in bytes of a text's UTF-8 form. */
export function utf8Length(text: string): number {
	let n = text.length;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c < 0x80) continue;
		// A surrogate pair is two code units and four bytes: one extra for each half.
		n += c < 0x800 || (c >= 0xd800 && c < 0xe000) ? 1 : 2;
	}
	return n;
}

export function toBase64(text: string): string {
	return toBase64Bytes(utf8(text));
}

export function toBase64Bytes(bytes: readonly number[]): string {
	let out = '';
	for (let i = 0; i < bytes.length; i += 3) {
		const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
		const digit = (shift: number): string => ALPHABET[(n >> shift) & 63] ?? '';
		out += digit(18) + digit(12) + (i + 1 < bytes.length ? digit(6) : '=') + (i + 2 < bytes.length ? digit(0) : '=');
	}
	return out;
}

/** The bytes of base64 text (padding optional), or undefined where it is none. */
export function base64Bytes(text: string): readonly number[] | undefined {
	const body = text.replace(/=+$/, '');
	if (body.length % 4 === 1) return undefined;
	const out: number[] = [];
	let bits = 0;
	let held = 0;
	for (const c of body) {
		const v = VALUES.get(c);
		if (v === undefined) return undefined;
		held = ((held << 6) | v) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out.push((held >> bits) & 255);
		}
	}
	return out;
}

/** The text that UTF-8 bytes say; malformed ones become U+FFFD. */
export function utf8Text(bytes: readonly number[]): string {
	let out = '';
	for (let i = 0; i < bytes.length; ) {
		const first = bytes[i] ?? 0;
		const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
		const tail = bytes.slice(i + 1, i + size);
		const whole = tail.length === size - 1 && tail.every((b) => (b & 0xc0) === 0x80) && (size === 1 || first >= 0xc2);
		const point = size === 1 ? first : tail.reduce((p, b) => (p << 6) | (b & 63), first & (0xff >> (size + 1)));
		const good = whole && point <= 0x10ffff;
		out += good ? String.fromCodePoint(point) : '\ufffd';
		i += good ? size : 1;
	}
	return out;
}

/** UTF-8 text out of base64, or undefined where that is malformed. */
export function fromBase64(text: string): string | undefined {
	const bytes = base64Bytes(text);
	return bytes === undefined ? undefined : utf8Text(bytes);
}
