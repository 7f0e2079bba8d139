/** Writes that are on the disk when they resolve, whole or not at all: temporary file, fsync, rename, fsync of the folder. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

let counter = 0;

/** Replaces `path`. Rejects with Node's error (ENOSPC…); the old content then stands. */
export async function writeDurably(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
	const folder = dirname(path);
	await mkdir(folder, { recursive: true, mode: 0o700 });
	counter++;
	const temporary = `${path}.${process.pid}.${counter}.tmp`;
	try {
		const file = await open(temporary, 'wx', mode);
		try {
			await file.writeFile(data);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, path);
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
	syncFolder(folder);
}

/** Makes a rename or removal in this folder last. */
export function syncFolder(folder: string): void {
	const fd = openSync(folder, 'r');
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}
