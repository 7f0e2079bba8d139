/** Reads one file out of a zip archive: central directory, then the entry's data, stored or deflated. Format: PKWARE APPNOTE 4.3. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
/** The end record with the longest comment it may carry. */
const END_BYTES = 22 + 65_535;

/** The content of the entry `name`. Throws where the archive can't be read or has no such entry. */
export function readZipEntry(archive: string, name: string): Buffer {
	const file = openSync(archive, 'r');
	try {
		const read = (at: number, length: number): Buffer => {
			const into = Buffer.alloc(length);
			const got = readSync(file, into, 0, length, at);
			return into.subarray(0, got);
		};
		const { size } = fstatSync(file);
		const entry = findEntry(readDirectory(read, size), name);
		if (entry === undefined) throw new Error(`${archive} has no ${name}`);
		const local = read(entry.at, 30);
		const start = entry.at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
		const data = read(start, entry.packed);
		if (entry.method === 0) return data;
		if (entry.method === 8) return inflateRawSync(data);
		throw new Error(`${name} is packed by method ${entry.method}, which is not read here`);
	} finally {
		closeSync(file);
	}
}

function readDirectory(read: (at: number, length: number) => Buffer, size: number): Buffer {
	const from = Math.max(0, size - END_BYTES);
	const tail = read(from, size - from);
	for (let i = tail.length - 22; i >= 0; i--) {
		if (tail.readUInt32LE(i) === END_OF_DIRECTORY) return read(tail.readUInt32LE(i + 16), tail.readUInt32LE(i + 12));
	}
	throw new Error('no zip directory found');
}

interface Entry {
	readonly method: number;
	readonly packed: number;
	/** Of the local header, bytes from the archive's start. */
	readonly at: number;
}

function findEntry(directory: Buffer, name: string): Entry | undefined {
	for (let i = 0; i + 46 <= directory.length && directory.readUInt32LE(i) === DIRECTORY_ENTRY; ) {
		const nameLength = directory.readUInt16LE(i + 28);
		if (directory.toString('utf8', i + 46, i + 46 + nameLength) === name) {
			return { method: directory.readUInt16LE(i + 10), packed: directory.readUInt32LE(i + 20), at: directory.readUInt32LE(i + 42) };
		}
		i += 46 + nameLength + directory.readUInt16LE(i + 30) + directory.readUInt16LE(i + 32);
	}
	return undefined;
}
