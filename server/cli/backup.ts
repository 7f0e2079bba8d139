/**
 * `npm run backup`: the data folder as one file, while the server runs. What is there is first held fast by hard links, one folder
 * after the other: files are replaced as a whole or only added to, so that a link and the size at that moment are a file's state then.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import { syncFolder } from '../durable.ts';
import { diskFault, fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { defaultDataFolder } from './data-folder.ts';
import { readFlags } from './flags.ts';
import { TAR_END, tarred } from './tar.ts';

export const MANIFEST = 'foothold-backup.json';
export const manifestSchema = z.object({
	format: z.literal(1),
	at: z.string(),
	files: z.array(z.object({ path: z.string(), size: z.number().int(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** What belongs to a running server alone. Sign-ins are left out so that a restored server lets in nobody who has signed out since. */
const LEFT_OUT = new Set(['lock', 'operators.json', 'templates', 'sign-ins']);
const isLeftOut = (name: string): boolean => LEFT_OUT.has(name) || name.startsWith('.backup-') || name.endsWith('.tmp');
/** What speaks of other things comes before them: those are there when it is written. The end of the audit trail before its lines, for one. */
const ORDER = ['audit/head.json', 'reviews', 'people', 'learners', 'sandboxes', 'archive', 'recordings', 'audit'];

interface Held {
	readonly path: string;
	readonly mode: number;
	readonly size: number;
	/** Where it is held. */
	readonly at: string;
}

/** Writes a backup of `data` to `file`, whole or not at all. Resolves with what it holds. `looked` is for tests: called after each look at a folder. */
export async function backUp(data: string, file: string, looked: () => Promise<void> = async () => {}): Promise<Manifest> {
	const staging = join(data, `.backup-${process.pid}`);
	const temporary = `${file}.${process.pid}.tmp`;
	try {
		const held = await hold(data, staging, looked);
		const manifest: Manifest = { format: 1, at: new Date().toISOString(), files: [] };
		await mkdir(dirname(resolve(file)), { recursive: true });
		await pipeline(Readable.from(archived(held, manifest)), createGzip({ level: 6 }), createWriteStream(temporary, { mode: 0o600 }));
		const written = await open(temporary, 'r');
		await written.sync().finally(() => written.close());
		await rename(temporary, file);
		syncFolder(dirname(resolve(file)));
		return manifest;
	} catch (error) {
		await rm(temporary, { force: true });
		throw error instanceof Error && 'syscall' in error ? diskFault(file, error) : error;
	} finally {
		await rm(staging, { recursive: true, force: true });
	}
}

async function* archived(held: readonly Held[], manifest: Manifest): AsyncGenerator<Buffer> {
	for (const { path, mode, size, at } of held) {
		const hash = createHash('sha256');
		yield* tarred({ path, mode, size, content: hashed(at, size, hash) });
		manifest.files.push({ path, size, sha256: hash.digest('hex') });
	}
	const text = Buffer.from(`${JSON.stringify(manifest, null, '\t')}\n`);
	yield* tarred({ path: MANIFEST, mode: 0o600, size: text.length, content: Readable.from([text]) });
	yield TAR_END;
}

async function* hashed(at: string, size: number, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
	if (size === 0) return;
	for await (const chunk of createReadStream(at, { end: size - 1 }) as AsyncIterable<Buffer>) {
		hash.update(chunk);
		yield chunk;
	}
}

/** Links everything under `data` into `staging`. */
async function hold(data: string, staging: string, looked: () => Promise<void>): Promise<readonly Held[]> {
	const names = await readdir(data).catch((error: unknown) => {
		throw diskFault(data, error);
	});
	await mkdir(staging, { mode: 0o700 });
	const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
	const held = new Map<string, Held>();
	for (const path of [...ORDER.filter((p) => p.includes('/')), ...names.filter((n) => !isLeftOut(n)).sort((a, b) => rank(a) - rank(b))])
		await holdAll(data, path, staging, held, looked);
	return [...held.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function holdAll(data: string, path: string, staging: string, held: Map<string, Held>, looked: () => Promise<void>): Promise<void> {
	const at = await stat(join(data, path)).catch(gone);
	if (at === undefined || held.has(path)) return;
	if (at.isFile()) await holdFile(data, path, staging, held);
	if (!at.isDirectory()) return;
	for (let n = 0; ; n++) {
		const before = await listing(join(data, path));
		for (const name of before.files) await holdFile(data, join(path, name), staging, held);
		await looked();
		const after = await listing(join(data, path));
		// A file that took another's place meanwhile belongs to a later state of the folder: all of it is looked at again.
		if (before.stamp === after.stamp) {
			for (const name of after.folders) await holdAll(data, join(path, name), staging, held, looked);
			return;
		}
		if (n >= LIMITS.backupTries) throw fault('backup-busy', { path: join(data, path) });
		for (const name of before.files) {
			held.delete(join(path, name));
			await rm(join(staging, path, name), { force: true });
		}
	}
}

async function listing(folder: string): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[]; readonly stamp: string }> {
	const entries = (await readdir(folder, { withFileTypes: true }).catch(gone)) ?? [];
	const files = entries.filter((e) => e.isFile() && !isLeftOut(e.name)).map((e) => e.name);
	const inodes = await Promise.all(files.map(async (name) => `${name}:${(await stat(join(folder, name)).catch(gone))?.ino ?? ''}`));
	return { files, folders: entries.filter((e) => e.isDirectory() && !isLeftOut(e.name)).map((e) => e.name), stamp: inodes.sort().join('\n') };
}

async function holdFile(data: string, path: string, staging: string, held: Map<string, Held>): Promise<void> {
	if (held.has(path)) return;
	const from = join(data, path);
	const at = join(staging, path);
	await mkdir(dirname(at), { recursive: true, mode: 0o700 });
	const found = await stat(from).catch(gone);
	if (found === undefined) return;
	const linked = await link(from, at).catch(async (error: unknown) => {
		if (codeOf(error) === 'ENOENT') return undefined;
		// A file system without links.
		if (['EPERM', 'ENOTSUP', 'EMLINK', 'EXDEV'].includes(codeOf(error))) return copyFile(from, at);
		throw error;
	});
	const there = await stat(at).catch(gone);
	if (there === undefined) return linked;
	// Replaced between the look and the link: its size is that of what was linked. Only added to: that of the earlier look will do.
	held.set(path, { path, mode: there.mode & 0o777, size: there.ino === found.ino ? found.size : there.size, at });
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
function gone(error: unknown): undefined {
	if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
	throw error;
}

const HELP = `npm run backup -- --to FILE [--data PATH]

Writes everything that the server keeps into one file (a .tar.gz with checksums). The server may go on running.
The file holds people's work, names and secrets of this server: keep it where only operators can read it.
`;

export async function backup(root: string, args: readonly string[]): Promise<number> {
	const flags = readFlags(args, { to: { type: 'string' }, data: { type: 'string' }, help: { type: 'boolean' } });
	if (flags.help || flags.to === undefined) {
		process.stdout.write(HELP);
		return flags.help ? 0 : 2;
	}
	const data = resolve(flags.data ?? defaultDataFolder(root));
	const manifest = await backUp(data, resolve(flags.to));
	const bytes = manifest.files.reduce((total, { size }) => total + size, 0);
	process.stdout.write(`${manifest.files.length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB of ${data} are in ${resolve(flags.to)}.\n`);
	return 0;
}
