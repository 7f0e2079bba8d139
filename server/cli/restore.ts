/** `npm run restore`: a backup becomes the data folder, after all of it was read and compared with its checksums; all of it or nothing. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, normalize, resolve, sep } from 'node:path';
import { createGunzip } from 'node:zlib';
import { syncFolder } from '../durable.ts';
import { diskFault, Fault, fault } from '../errors/catalogue.ts';
import { MANIFEST, type Manifest, manifestSchema } from './backup.ts';
import { defaultDataFolder, takeDataFolder } from './data-folder.ts';
import { readFlags } from './flags.ts';
import { type TarFile, untarred } from './tar.ts';

/** Reads a backup to its end and compares every file. Rejects with `backup-damaged`; nothing is written. */
export async function verifyBackup(file: string): Promise<Manifest> {
	const seen = new Map<string, string>();
	let manifest: Manifest | undefined;
	for await (const entry of entriesOf(file)) {
		if (entry.path === MANIFEST) manifest = await readManifest(entry, file);
		else seen.set(entry.path, `${entry.size} ${await digest(entry.content, async () => {})}`);
	}
	if (manifest === undefined) throw fault('backup-damaged', { file, why: 'it is no backup of Foothold, or its end is missing' });
	for (const { path, size, sha256 } of manifest.files) {
		if (!isInside(path)) throw fault('backup-damaged', { file, why: `“${path}” would lie outside the data folder` });
		if (seen.get(path) !== `${size} ${sha256}`) throw fault('backup-damaged', { file, why: seen.has(path) ? `“${path}” was changed` : `“${path}” is missing` });
		seen.delete(path);
	}
	const [more] = seen.keys();
	if (more !== undefined) throw fault('backup-damaged', { file, why: `“${more}” does not belong to it` });
	return manifest;
}

/** Puts a backup in the place of `data`. Resolves with where the old folder was put, where there was something in it. */
export async function restoreTo(data: string, file: string, replace: boolean): Promise<{ readonly manifest: Manifest; readonly aside: string | undefined }> {
	const manifest = await verifyBackup(file);
	const release = await takeDataFolder(data);
	const fresh = `${data}.restoring-${process.pid}`;
	try {
		const present = (await readdir(data)).filter((name) => name !== 'lock');
		if (present.length > 0 && !replace) throw fault('data-not-empty', { path: data });
		await unpack(file, fresh, new Map(manifest.files.map(({ path, sha256 }) => [path, sha256])));
		const aside = `${data}.before-restore-${new Date().toISOString().replace(/[:.]/g, '-')}`;
		await rename(data, aside);
		await rename(fresh, data).catch(async (error: unknown) => {
			await rename(aside, data);
			throw error;
		});
		syncFolder(dirname(data));
		await rm(join(aside, 'lock'), { force: true });
		if (present.length > 0) return { manifest, aside };
		await rm(aside, { recursive: true });
		return { manifest, aside: undefined };
	} catch (error) {
		await rm(fresh, { recursive: true, force: true });
		throw error instanceof Fault ? error : diskFault(data, error);
	} finally {
		release();
	}
}

async function unpack(file: string, folder: string, digests: ReadonlyMap<string, string>): Promise<void> {
	const folders = new Set([folder]);
	await mkdir(folder, { mode: 0o700 });
	for await (const { path, mode, content } of entriesOf(file)) {
		if (path === MANIFEST) continue;
		const to = join(folder, path);
		await mkdir(dirname(to), { recursive: true, mode: 0o700 });
		folders.add(dirname(to));
		const handle = await open(to, 'wx', mode);
		try {
			const sha256 = await digest(content, async (chunk) => void (await handle.write(chunk)));
			// It was right a moment ago: somebody is writing to the backup.
			if (digests.get(path) !== sha256) throw fault('backup-damaged', { file, why: `“${path}” was changed while it was read` });
			await handle.sync();
		} finally {
			await handle.close();
		}
	}
	for (const one of folders) syncFolder(one);
}

const entriesOf = (file: string): AsyncGenerator<TarFile> => untarred(unpacked(file), file);

/** The archive's bytes. Whoever reads them hears of what is wrong with the file as `backup-damaged`. */
async function* unpacked(file: string): AsyncGenerator<Buffer> {
	const source = createReadStream(file);
	const plain = createGunzip();
	source.on('error', (error) => plain.destroy(error));
	try {
		for await (const piece of source.pipe(plain)) yield piece as Buffer;
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') throw diskRead(file, code);
		if (code.startsWith('Z_')) throw fault('backup-damaged', { file, why: `it cannot be unpacked (${code})` }, error);
		throw error;
	} finally {
		source.destroy();
		plain.destroy();
	}
}

const diskRead = (file: string, code: string): Fault =>
	fault('backup-damaged', { file, why: code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})` });

async function readManifest({ content, size }: TarFile, file: string): Promise<Manifest> {
	const pieces: Buffer[] = [];
	for await (const piece of content) pieces.push(piece);
	try {
		return manifestSchema.parse(JSON.parse(Buffer.concat(pieces, size).toString()));
	} catch (error) {
		throw fault('backup-damaged', { file, why: 'its list of files cannot be read' }, error);
	}
}

async function digest(content: AsyncIterable<Buffer>, use: (chunk: Buffer) => Promise<void>): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of content) {
		hash.update(chunk);
		await use(chunk);
	}
	return hash.digest('hex');
}

const isInside = (path: string): boolean => path !== '' && !path.startsWith('/') && !normalize(path).split(sep).includes('..') && basename(path) !== 'lock';

const HELP = `npm run restore -- --from FILE [--data PATH] [--replace]

Reads all of the backup and compares its checksums before anything is touched; then it takes the data folder's place as a whole.
The server has to be stopped. A data folder that holds something is refused without --replace, and with it is put aside, not deleted.
`;

export async function restore(root: string, args: readonly string[]): Promise<number> {
	const flags = readFlags(args, { from: { type: 'string' }, data: { type: 'string' }, replace: { type: 'boolean' }, help: { type: 'boolean' } });
	if (flags.help || flags.from === undefined) {
		process.stdout.write(HELP);
		return flags.help ? 0 : 2;
	}
	const data = resolve(flags.data ?? defaultDataFolder(root));
	const { manifest, aside } = await restoreTo(data, resolve(flags.from), flags.replace);
	process.stdout.write(`${manifest.files.length} files as of ${manifest.at} are in ${data}.\n`);
	if (aside !== undefined) process.stdout.write(`What was there before is in ${aside}; delete it when you do not need it any more.\n`);
	return 0;
}
