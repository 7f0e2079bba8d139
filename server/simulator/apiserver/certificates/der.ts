/** Distinguished encoding (X.690), as much of it as certificates and requests need. Bytes are plain arrays. */

export type Bytes = readonly number[];

/** One element: its tag, and where its content lies in the bytes it was read from. */
export interface Element {
	readonly tag: number;
	/** Tag, length and content. */
	readonly whole: Bytes;
	readonly content: Bytes;
}

/** Elements that nest deeper than this are no certificate. */
const DEEPEST_LENGTH = 4;

/** The elements that `bytes` is made of; undefined where it is malformed. */
export function elements(bytes: Bytes): readonly Element[] | undefined {
	const out: Element[] = [];
	for (let at = 0; at < bytes.length; ) {
		const tag = bytes[at] ?? 0;
		const first = bytes[at + 1];
		if (first === undefined) return undefined;
		let length = first;
		let start = at + 2;
		if (first >= 0x80) {
			const count = first & 0x7f;
			if (count === 0 || count > DEEPEST_LENGTH) return undefined;
			length = 0;
			for (let i = 0; i < count; i++) length = length * 256 + (bytes[start + i] ?? 0);
			start += count;
		}
		const end = start + length;
		if (end > bytes.length) return undefined;
		out.push({ tag, whole: bytes.slice(at, end), content: bytes.slice(start, end) });
		at = end;
	}
	return out;
}

/** The elements inside one; none where it is malformed. */
export const inside = (element: Element | undefined): readonly Element[] => (element === undefined ? [] : (elements(element.content) ?? []));

/** An object identifier as dotted text. */
export function oidText(content: Bytes): string {
	const numbers: number[] = [];
	let held = 0;
	for (const [i, b] of content.entries()) {
		held = held * 128 + (b & 0x7f);
		if ((b & 0x80) !== 0) continue;
		if (numbers.length === 0) numbers.push(Math.min(2, Math.floor(held / 40)), held - 40 * Math.min(2, Math.floor(held / 40)));
		else numbers.push(held);
		held = 0;
		if (i > 64) break;
	}
	return numbers.join('.');
}

export function tagged(tag: number, content: Bytes): Bytes {
	const n = content.length;
	const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
	return [tag, ...length, ...content];
}

export const sequence = (...parts: readonly Bytes[]): Bytes => tagged(0x30, parts.flat());
export const octets = (content: Bytes): Bytes => tagged(0x04, content);
export const bitString = (content: Bytes, unused = 0): Bytes => tagged(0x03, [unused, ...content]);
export const TRUE: Bytes = [0x01, 0x01, 0xff];

export function oid(dotted: string): Bytes {
	const [a = 0, b = 0, ...rest] = dotted.split('.').map(Number);
	const bytes = [a * 40 + b];
	for (const n of rest) {
		const part = [n & 0x7f];
		for (let v = n >>> 7; v > 0; v >>>= 7) part.unshift((v & 0x7f) | 0x80);
		bytes.push(...part);
	}
	return tagged(0x06, bytes);
}

const WIDTH = 64;

/** PEM text of DER bytes, given as base64. */
export function pem(label: string, base64: string): string {
	const lines: string[] = [];
	for (let i = 0; i < base64.length; i += WIDTH) lines.push(base64.slice(i, i + WIDTH));
	return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The first PEM block's label and base64; undefined where there is none. */
export function readPem(text: string): { readonly label: string; readonly base64: string } | undefined {
	const match = /-----BEGIN ([A-Z0-9 ]{1,64})-----\s([A-Za-z0-9+/=\s]*)-----END \1-----/.exec(text);
	return match === null ? undefined : { label: match[1] ?? '', base64: (match[2] ?? '').replaceAll(/\s/g, '') };
}
