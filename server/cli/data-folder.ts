/** Where a server keeps its data, and that only one server does. */
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { diskFault, fault } from '../errors/catalogue.ts';

/** `.foothold/` in the checkout where that can be written; else `$XDG_DATA_HOME/foothold`. */
export function defaultDataFolder(root: string): string {
	try {
		accessSync(root, constants.W_OK);
		return join(root, '.foothold');
	} catch {
		return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'foothold');
	}
}

/** Makes the folder and takes it for this process; the returned function lets it go. Throws `data-locked`. */
export async function takeDataFolder(path: string): Promise<() => void> {
	const folder = resolve(path);
	await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
		throw diskFault(folder, error);
	});
	const lock = join(folder, 'lock');
	const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
	if (holder > 0 && holder !== process.pid && isFoothold(holder)) throw fault('data-locked', { path: folder, pid: holder });
	try {
		writeFileSync(lock, String(process.pid), { mode: 0o600 });
	} catch (error) {
		throw diskFault(lock, error);
	}
	return () => rmSync(lock, { force: true });
}

/** Whether a process of that id runs and is one of ours: ids are used again after a crash or a restart of the machine. */
function isFoothold(pid: number): boolean {
	try {
		process.kill(pid, 0);
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
	try {
		return /server\/main\.ts/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
	} catch {
		// No /proc on this system: a live process of that id is taken at its word.
		return true;
	}
}
