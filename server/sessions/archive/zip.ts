/** Reads .zip by its central directory (PKWARE's APPNOTE 6.3), the checks of `entries.ts` at every step. */
import { crc32 } from 'node:zlib';
import { Inflate } from 'fflate';
import { type ArchiveEntry, NameCheck, nameOf, refuse, SizeCheck } from './entries.ts';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const S_IFMT = 0o170000;
const S_IFLNK = 0o120000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
/** Bytes that are inflated between two looks at the account. */
const PIECE = 64 * 1024;

interface Header {
	readonly flags: number;
	readonly method: number;
	readonly crc: number;
	readonly packed: number;
	readonly size: number;
	readonly name: string;
	readonly unixMode: number;
	readonly offset: number;
}

export function readZip(bytes: Uint8Array): ArchiveEntry[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const names = new NameCheck();
	const sizes = new SizeCheck(bytes.length);
	const out: ArchiveEntry[] = [];
	for (const header of headers(bytes, view)) {
		const kind = header.name.endsWith('/') ? 'directory' : 'file';
		plain(header, kind);
		const name = names.take(header.name, kind);
		if (name === undefined) continue;
		const mode = header.unixMode & 0o777;
		if (kind === 'directory') out.push({ name, kind, data: new Uint8Array(), mode: mode || 0o755 });
		else out.push({ name, kind, data: content(bytes, view, header, sizes), mode: mode || 0o644 });
	}
	return out;
}

function* headers(bytes: Uint8Array, view: DataView): Generator<Header> {
	const end = findEnd(view);
	const count = view.getUint16(end + 10, true);
	let at = view.getUint32(end + 16, true);
	if (count === 0xffff || at === 0xffffffff) refuse('the archive', 'it is a ZIP64 archive, which is larger than what fits here');
	for (let index = 0; index < count; index++) {
		if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) refuse('the archive', 'its directory is damaged');
		const [nameBytes, extra, comment] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)];
		const unix = view.getUint8(at + 5) === 3 || view.getUint8(at + 5) === 19;
		yield {
			flags: view.getUint16(at + 8, true),
			method: view.getUint16(at + 10, true),
			crc: view.getUint32(at + 16, true),
			packed: view.getUint32(at + 20, true),
			size: view.getUint32(at + 24, true),
			name: nameOf(bytes.subarray(at + 46, at + 46 + nameBytes)),
			unixMode: unix ? view.getUint16(at + 40, true) : 0,
			offset: view.getUint32(at + 42, true),
		};
		at += 46 + nameBytes + extra + comment;
	}
}

function findEnd(view: DataView): number {
	const first = Math.max(0, view.byteLength - END_BYTES - 0xffff);
	for (let at = view.byteLength - END_BYTES; at >= first; at--) if (view.getUint32(at, true) === END) return at;
	return refuse('the archive', 'it is no ZIP archive, or its end is missing');
}

function plain({ name, flags, method, unixMode }: Header, kind: ArchiveEntry['kind']): void {
	if ((flags & 1) !== 0) refuse(name, 'it is encrypted');
	if (method !== 0 && method !== 8) refuse(name, `it is packed by method ${method}; only stored and deflated entries can be read`);
	const type = unixMode & S_IFMT;
	if (type === S_IFLNK) refuse(name, 'it is a symbolic link');
	if (type !== 0 && type !== S_IFREG && type !== S_IFDIR) refuse(name, 'it is a device or another special file');
	if (type === S_IFDIR && kind === 'file') refuse(name, 'it is a file and a folder');
}

function content(bytes: Uint8Array, view: DataView, header: Header, sizes: SizeCheck): Uint8Array {
	const { name, offset, packed, size, method, crc } = header;
	const damaged = (why: string): never => refuse(name, why);
	if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL) return damaged('its header is damaged');
	const nameEnd = offset + 30 + view.getUint16(offset + 26, true);
	if (nameOf(bytes.subarray(offset + 30, nameEnd)) !== name) return damaged('it has two different names');
	const start = nameEnd + view.getUint16(offset + 28, true);
	if (start + packed > bytes.length) return damaged('it is cut off');
	const raw = bytes.subarray(start, start + packed);
	sizes.take(name, 0, size);
	const data = method === 0 ? stored(raw, name, sizes) : inflated(raw, name, sizes);
	if (data.length !== size) return damaged('its size is not the one that the archive names');
	if (crc32(data) !== crc) return damaged('its checksum does not fit: the archive is damaged');
	return data;
}

function stored(raw: Uint8Array, name: string, sizes: SizeCheck): Uint8Array {
	sizes.take(name, raw.length, raw.length);
	return raw.slice();
}

function inflated(raw: Uint8Array, name: string, sizes: SizeCheck): Uint8Array {
	const pieces: Uint8Array[] = [];
	let own = 0;
	const inflate = new Inflate((piece) => {
		own += piece.length;
		sizes.take(name, piece.length, own);
		pieces.push(piece.slice());
	});
	try {
		for (let at = 0; at < raw.length || at === 0; at += PIECE) inflate.push(raw.subarray(at, at + PIECE), at + PIECE >= raw.length);
	} catch (error) {
		if (error instanceof Error && error.name === 'Fault') throw error;
		refuse(name, 'its content is damaged');
	}
	return Buffer.concat(pieces);
}
