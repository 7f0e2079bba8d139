/** Reads and writes .tar.gz: POSIX ustar, with GNU's long names and pax's `path` for reading. Format: pax(1), "ustar Interchange Format". */
import { Gunzip, gzipSync } from 'fflate';
import { type ArchiveEntry, NameCheck, nameOf, refuse, SizeCheck } from './entries.ts';

const BLOCK = 512;
const PIECE = 64 * 1024;
/** Bytes of a pax or long-name header: it holds a name. */
const LONGEST_HEADER = 16 * 1024;

const WHAT: Readonly<Record<string, string>> = {
	'1': 'it is a hard link',
	'2': 'it is a symbolic link',
	'3': 'it is a device',
	'4': 'it is a device',
	'6': 'it is a named pipe',
	K: 'it is a link',
};

export function readTarGz(bytes: Uint8Array): ArchiveEntry[] {
	return readTar(unzipped(bytes));
}

/** The whole tar stream; what it comes to is held against the archive's size as it comes. */
function unzipped(bytes: Uint8Array): Uint8Array {
	const sizes = new SizeCheck(bytes.length);
	const pieces: Uint8Array[] = [];
	const gunzip = new Gunzip((piece) => {
		// Headers and padding count, too: a bomb may be made of them.
		sizes.take('the archive', piece.length, 0);
		pieces.push(piece.slice());
	});
	try {
		for (let at = 0; at < bytes.length || at === 0; at += PIECE) gunzip.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
	} catch (error) {
		if (error instanceof Error && error.name === 'Fault') throw error;
		refuse('the archive', 'it is no gzip, or damaged');
	}
	return Buffer.concat(pieces);
}

function readTar(tar: Uint8Array): ArchiveEntry[] {
	const names = new NameCheck();
	const sizes = new SizeCheck(Number.POSITIVE_INFINITY);
	const out: ArchiveEntry[] = [];
	let longName: string | undefined;
	for (let at = 0; at + BLOCK <= tar.length; ) {
		const head = tar.subarray(at, at + BLOCK);
		if (head.every((byte) => byte === 0)) break;
		checksum(head);
		const size = octal(head.subarray(124, 136));
		const type = String.fromCharCode(head[156] ?? 0);
		const raw = longName ?? headName(head);
		const start = at + BLOCK;
		at = start + Math.ceil(size / BLOCK) * BLOCK;
		if (start + size > tar.length) refuse(raw, 'it is cut off');
		if ('xgL'.includes(type)) {
			if (size > LONGEST_HEADER) refuse(raw, 'its header is too long');
			const data = tar.subarray(start, start + size);
			longName = type === 'L' ? nameOf(cut(data)) : type === 'x' ? paxPath(data) : longName;
			continue;
		}
		longName = undefined;
		if (!['0', '\0', '7', '5'].includes(type)) refuse(raw, WHAT[type] ?? `its type “${type}” is unknown`);
		const kind = type === '5' || raw.endsWith('/') ? 'directory' : 'file';
		const name = names.take(raw, kind);
		if (name === undefined) continue;
		const data = kind === 'file' ? tar.slice(start, start + size) : new Uint8Array();
		sizes.take(name, data.length, data.length);
		out.push({ name, kind, data, mode: octal(head.subarray(100, 108)) & 0o777 || (kind === 'file' ? 0o644 : 0o755) });
	}
	return out;
}

const cut = (bytes: Uint8Array): Uint8Array => {
	const end = bytes.indexOf(0);
	return end < 0 ? bytes : bytes.subarray(0, end);
};

function headName(head: Uint8Array): string {
	const name = nameOf(cut(head.subarray(0, 100)));
	const ustar = new TextDecoder('latin1').decode(head.subarray(257, 263)) === 'ustar\0';
	const prefix = ustar ? nameOf(cut(head.subarray(345, 500))) : '';
	return prefix === '' ? name : `${prefix}/${name}`;
}

function octal(field: Uint8Array): number {
	const text = new TextDecoder('latin1').decode(cut(field)).trim();
	if (!/^[0-7]*$/.test(text)) refuse('the archive', 'a number in its headers is damaged');
	return text === '' ? 0 : Number.parseInt(text, 8);
}

/** The header's sum with its own field taken as blanks. */
function sum(head: Uint8Array): number {
	return head.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
}

function checksum(head: Uint8Array): void {
	if (octal(head.subarray(148, 156)) !== sum(head)) refuse('the archive', 'it is no tar archive, or damaged');
}

/** `path` of a pax header: records of `<length> <key>=<value>\n`. A link's path would come with a link, which is refused itself. */
function paxPath(data: Uint8Array): string | undefined {
	let path: string | undefined;
	for (let at = 0; at < data.length; ) {
		const space = data.indexOf(0x20, at);
		const length = Number(new TextDecoder('latin1').decode(data.subarray(at, Math.max(at, space))));
		if (space < 0 || !Number.isInteger(length) || length <= 0 || at + length > data.length) refuse('the archive', 'one of its headers is damaged');
		const record = data.subarray(space + 1, at + length - 1);
		const equals = record.indexOf(0x3d);
		if (nameOf(record.subarray(0, Math.max(0, equals))) === 'path') path = nameOf(record.subarray(equals + 1));
		at += length;
	}
	return path;
}

/** `mtime`: seconds since the epoch. */
export const writeTarGz = (entries: readonly ArchiveEntry[], mtime: number): Uint8Array => gzipSync(writeTar(entries, mtime), { mtime: mtime * 1000 });

export function writeTar(entries: readonly ArchiveEntry[], mtime: number): Uint8Array {
	const blocks = entries.flatMap((entry) => {
		const path = Buffer.from(entry.kind === 'directory' ? `${entry.name}/` : entry.name);
		const long =
			path.length > 100
				? [header({ path: Buffer.from('././@LongLink'), size: path.length + 1, type: 'L', mode: 0, mtime }), padded(Buffer.concat([path, Buffer.of(0)]))]
				: [];
		const type = entry.kind === 'directory' ? '5' : '0';
		return [...long, header({ path: path.subarray(0, 100), size: entry.data.length, type, mode: entry.mode, mtime }), padded(entry.data)];
	});
	return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

interface Head {
	readonly path: Uint8Array;
	readonly size: number;
	readonly type: string;
	readonly mode: number;
	readonly mtime: number;
}

function header({ path, size, type, mode, mtime }: Head): Buffer {
	const head = Buffer.alloc(BLOCK);
	const field = (at: number, bytes: number, value: number): number => head.write(`${value.toString(8).padStart(bytes - 1, '0')}\0`, at, 'latin1');
	head.set(path, 0);
	field(100, 8, mode);
	field(108, 8, 1000);
	field(116, 8, 1000);
	field(124, 12, size);
	field(136, 12, mtime);
	head.write(type, 156, 'latin1');
	head.write('ustar\x0000', 257, 'latin1');
	head.write('learner', 265, 'latin1');
	head.write('learner', 297, 'latin1');
	head.write(`${sum(head).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
	return head;
}

const padded = (data: Uint8Array): Buffer => Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
