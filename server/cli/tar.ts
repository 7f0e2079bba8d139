/** Tape archives (POSIX ustar, with pax headers for long names), written and read as streams: whoever has `tar` can look into a backup. */
import { fault } from '../errors/catalogue.ts';

const BLOCK = 512;

export interface TarFile {
	readonly path: string;
	readonly mode: number;
	/** Bytes; `content` gives exactly as many. */
	readonly size: number;
	readonly content: AsyncIterable<Buffer>;
}

/** One file's blocks. */
export async function* tarred({ path, mode, size, content }: TarFile): AsyncGenerator<Buffer> {
	if (Buffer.byteLength(path) > 100) {
		const record = paxRecord('path', path);
		yield header('pax', 0o600, record.length, 'x');
		yield padded(record);
	}
	yield header(path, mode, size, '0');
	yield* content;
	const rest = size % BLOCK;
	if (rest > 0) yield Buffer.alloc(BLOCK - rest);
}

export const TAR_END = Buffer.alloc(2 * BLOCK);

function header(path: string, mode: number, size: number, type: string): Buffer {
	const block = Buffer.alloc(BLOCK);
	const octal = (value: number, at: number, length: number): void => void block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
	block.write(Buffer.from(path).subarray(0, 100).toString('latin1'), 0, 'latin1');
	octal(mode & 0o7777, 100, 8);
	octal(0, 108, 8);
	octal(0, 116, 8);
	octal(size, 124, 12);
	octal(0, 136, 12);
	block.write('        ', 148, 'latin1');
	block.write(type, 156, 'latin1');
	block.write('ustar\0' + '00', 257, 'latin1');
	octal(sum(block), 148, 7);
	return block;
}

const sum = (block: Buffer): number => block.reduce((total, byte) => total + byte, 0);

/** `<length> key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
	const body = Buffer.byteLength(` ${key}=${value}\n`);
	let length = body + String(body).length;
	length = body + String(length).length;
	return Buffer.from(`${length} ${key}=${value}\n`);
}

function padded(bytes: Buffer): Buffer {
	return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

/** The files of an archive, in its order; each one's content has to be read before the next. Rejects with `backup-damaged`. */
export async function* untarred(archive: AsyncIterable<Buffer>, name: string): AsyncGenerator<TarFile> {
	const bytes = new Reader(archive, name);
	let longPath: string | undefined;
	for (;;) {
		const block = await bytes.take(BLOCK);
		// To the very end: only there does what packed it say whether all of it was right.
		if (block.every((byte) => byte === 0)) return bytes.drain();
		const text = (at: number, length: number): string =>
			block
				.subarray(at, at + length)
				.toString()
				.replace(/\0.*$/s, '');
		const number = (at: number, length: number): number => Number.parseInt(text(at, length).trim() || '0', 8);
		const blank = Buffer.from(block).fill(0x20, 148, 156);
		if (number(148, 8) !== sum(blank)) throw fault('backup-damaged', { file: name, why: 'the checksum of a header is wrong' });
		const size = number(124, 12);
		const padding = (BLOCK - (size % BLOCK)) % BLOCK;
		const type = text(156, 1);
		if (type === 'x') {
			longPath = /^\d+ path=(.*)\n/s.exec((await bytes.take(size)).toString())?.[1];
			await bytes.take(padding);
			continue;
		}
		if (type !== '0') throw fault('backup-damaged', { file: name, why: `it holds something that is no file (type ${type})` });
		const path = longPath ?? text(0, 100);
		longPath = undefined;
		const content = bytes.pieces(size);
		yield { path, mode: number(100, 8), size, content };
		// Whoever looked at the name alone has not read the content.
		for await (const _ of content);
		await bytes.take(padding);
	}
}

class Reader {
	private readonly source: AsyncIterator<Buffer>;
	private readonly name: string;
	private held: Buffer = Buffer.alloc(0);

	constructor(source: AsyncIterable<Buffer>, name: string) {
		this.source = source[Symbol.asyncIterator]();
		this.name = name;
	}

	async take(size: number): Promise<Buffer> {
		const pieces: Buffer[] = [];
		for await (const piece of this.pieces(size)) pieces.push(piece);
		return Buffer.concat(pieces);
	}

	async drain(): Promise<void> {
		while ((await this.source.next()).done !== true);
	}

	async *pieces(size: number): AsyncGenerator<Buffer> {
		for (let left = size; left > 0; ) {
			if (this.held.length === 0) {
				const next = await this.source.next();
				if (next.done === true) throw fault('backup-damaged', { file: this.name, why: 'it ends too early' });
				this.held = next.value;
			}
			const piece = this.held.subarray(0, left);
			this.held = this.held.subarray(piece.length);
			left -= piece.length;
			yield piece;
		}
	}
}
