/** `.git/index`, version 2, as git's Documentation/gitformat-index.txt has it. Stages 1 to 3 are a conflict's base, ours and theirs. */
import { createHash } from 'node:crypto';
import type { IFileSystem } from 'just-bash';
import type { Blob, Files } from './files.ts';

export interface IndexEntry extends Blob {
	/** ms since the epoch and bytes of the working file as it was when it was added; 0 where it has not been looked at. */
	readonly mtime: number;
	readonly size: number;
}

export interface Index {
	readonly entries: Map<string, IndexEntry>;
	/** Path → its stages 1, 2, 3 where it is in conflict. */
	readonly conflicts: Map<string, readonly (Blob | undefined)[]>;
}

export const emptyIndex = (): Index => ({ entries: new Map(), conflicts: new Map() });

/** An index that holds exactly these files; what is known of the working tree stays for those that are the same. */
export function indexOf(files: Files, known?: Index): Index {
	const index = emptyIndex();
	for (const [path, blob] of files) {
		const old = known?.entries.get(path);
		index.entries.set(path, old !== undefined && old.oid === blob.oid && old.mode === blob.mode ? old : { ...blob, mtime: 0, size: 0 });
	}
	return index;
}

export async function readIndex(disk: IFileSystem, path: string): Promise<Index> {
	const index = emptyIndex();
	const bytes = await disk.readFileBuffer(path).catch(() => undefined);
	if (bytes === undefined || bytes.length < 12) return index;
	const b = Buffer.from(bytes);
	let at = 12;
	for (let n = b.readUInt32BE(8); n > 0; n--) {
		const mtime = b.readUInt32BE(at + 8) * 1000 + Math.round(b.readUInt32BE(at + 12) / 1e6);
		const blob = { mode: b.readUInt32BE(at + 24), oid: b.toString('hex', at + 40, at + 60) };
		const stage = (b.readUInt16BE(at + 60) >> 12) & 3;
		const end = b.indexOf(0, at + 62);
		const name = b.toString('utf8', at + 62, end);
		if (stage === 0) index.entries.set(name, { ...blob, mtime, size: b.readUInt32BE(at + 36) });
		else {
			const stages = [...(index.conflicts.get(name) ?? [undefined, undefined, undefined])];
			stages[stage - 1] = blob;
			index.conflicts.set(name, stages);
		}
		// Entries are padded by 1 to 8 zero bytes to a multiple of eight.
		at += (62 + (end - at - 62) + 8) & ~7;
	}
	return index;
}

export async function writeIndex(disk: IFileSystem, path: string, index: Index): Promise<void> {
	const rows: { readonly name: string; readonly stage: number; readonly entry: IndexEntry }[] = [];
	for (const [name, entry] of index.entries) rows.push({ name, stage: 0, entry });
	for (const [name, stages] of index.conflicts) {
		stages.forEach((blob, i) => {
			if (blob !== undefined) rows.push({ name, stage: i + 1, entry: { ...blob, mtime: 0, size: 0 } });
		});
	}
	const key = (r: { readonly name: string }): Buffer => Buffer.from(r.name);
	rows.sort((x, y) => Buffer.compare(key(x), key(y)) || x.stage - y.stage);
	const head = Buffer.alloc(12);
	head.write('DIRC', 'latin1');
	head.writeUInt32BE(2, 4);
	head.writeUInt32BE(rows.length, 8);
	const parts = [head];
	for (const { name, stage, entry } of rows) {
		const bytes = Buffer.from(name);
		const row = Buffer.alloc((62 + bytes.length + 8) & ~7);
		for (const field of [0, 8]) {
			row.writeUInt32BE(Math.floor(entry.mtime / 1000), field);
			row.writeUInt32BE((entry.mtime % 1000) * 1e6, field + 4);
		}
		row.writeUInt32BE(entry.mode, 24);
		row.writeUInt32BE(1000, 28);
		row.writeUInt32BE(1000, 32);
		row.writeUInt32BE(entry.size, 36);
		row.write(entry.oid, 40, 'hex');
		row.writeUInt16BE((stage << 12) | Math.min(0xfff, bytes.length), 60);
		bytes.copy(row, 62);
		parts.push(row);
	}
	const body = Buffer.concat(parts);
	await disk.writeFile(path, Buffer.concat([body, createHash('sha1').update(body).digest()]));
}
