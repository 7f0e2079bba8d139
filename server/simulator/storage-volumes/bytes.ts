/** Base64 and UTF-8 over plain strings, without the platform's codecs. Binary content is text of code units 0-255. */

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

/** Decodes base64 to text where it is UTF-8, to code units 0-255 else. */
export function base64ToText(text: string): string {
	const bytes = base64ToBinary(text);
	return utf8ToText(bytes) ?? bytes;
}

/** Length of a text in UTF-8 bytes. */
export function utf8Length(text: string): number {
	let n = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c < 0x80) n += 1;
		else if (c < 0x800) n += 2;
		else if (c >= 0xd800 && c < 0xdc00) {
			n += 4;
			i++;
		} else n += 3;
	}
	return n;
}
