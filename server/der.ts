/**
 * Distinguished encoding (X.690): writing what requests and certificates need, and reading them. The simulator has its own over plain
 * arrays (`simulator/apiserver/certificates/der.ts`): it knows no Buffer.
 */

/** An element of a tag around its parts. */
export function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const n = content.length;
	const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : n < 0x1_0000 ? [0x82, n >> 8, n & 0xff] : [0x83, n >> 16, (n >> 8) & 0xff, n & 0xff];
	return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, ...parts);
export const octets = (content: Buffer): Buffer => tagged(0x04, content);
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text));
/** Bits; of the last byte so many are unused. */
export const bitString = (content: Buffer, unused = 0): Buffer => tagged(0x03, Buffer.from([unused]), content);
export const TRUE = tagged(0x01, Buffer.from([0xff]));

/** A positive whole number, from its bytes. */
export function integer(bytes: Buffer): Buffer {
	let from = 0;
	while (from < bytes.length - 1 && bytes[from] === 0) from++;
	const plain = bytes.subarray(from);
	return tagged(0x02, (plain[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), plain]) : plain);
}

/** An object identifier, from dotted text. */
export function oid(dotted: string): Buffer {
	const [a = 0, b = 0, ...rest] = dotted.split('.').map(Number);
	const bytes = [a * 40 + b];
	for (const n of rest) {
		const part = [n & 0x7f];
		for (let v = n >>> 7; v > 0; v >>>= 7) part.unshift((v & 0x7f) | 0x80);
		bytes.push(...part);
	}
	return tagged(0x06, Buffer.from(bytes));
}

/** UTCTime before 2050, GeneralizedTime after (RFC 5280, 4.1.2.5). */
export function time(ms: number): Buffer {
	const text = `${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`;
	return Number(text.slice(0, 4)) < 2050 ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
}

export interface Element {
	readonly tag: number;
	readonly whole: Buffer;
	readonly content: Buffer;
}

/** The elements that bytes are made of. Throws where they are malformed. */
export function elements(bytes: Buffer): readonly Element[] {
	const out: Element[] = [];
	for (let at = 0; at < bytes.length; ) {
		const first = bytes[at + 1] ?? 0;
		const count = first < 0x80 ? 0 : first & 0x7f;
		if (count > 3 || at + 2 + count > bytes.length) throw new Error('malformed');
		const length = count === 0 ? first : bytes.readUIntBE(at + 2, count);
		const start = at + 2 + count;
		if (start + length > bytes.length) throw new Error('malformed');
		out.push({ tag: bytes[at] ?? 0, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) });
		at = start + length;
	}
	return out;
}

/** The elements inside one; none where there is none. */
export const inside = (e: Element | undefined): readonly Element[] => (e === undefined ? [] : elements(e.content));

/** An object identifier as dotted text. */
export function oidText(content: Buffer): string {
	const numbers: number[] = [];
	let held = 0;
	for (const b of content) {
		held = held * 128 + (b & 0x7f);
		if ((b & 0x80) !== 0) continue;
		if (numbers.length === 0) numbers.push(Math.min(2, Math.floor(held / 40)), held - 40 * Math.min(2, Math.floor(held / 40)));
		else numbers.push(held);
		held = 0;
	}
	return numbers.join('.');
}

/** UTCTime or GeneralizedTime in ms; NaN where it is neither. */
export function timeOf(e: Element | undefined): number {
	const text = e?.content.toString('latin1') ?? '';
	const full = e?.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
	const m = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
	return m === null ? Number.NaN : Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3]), Number(m[4]), Number(m[5]), Number(m[6]));
}

/** DER as PEM under a label. */
export function pem(label: string, der: Buffer): string {
	return `-----BEGIN ${label}-----\n${der.toString('base64').replace(/(.{64})(?!$)/g, '$1\n')}\n-----END ${label}-----\n`;
}

/** The DER inside the first PEM block of a label, or undefined. */
export function unpem(text: string, label: string): Buffer | undefined {
	const m = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(text);
	return m === null ? undefined : Buffer.from(m[1] ?? '', 'base64');
}
