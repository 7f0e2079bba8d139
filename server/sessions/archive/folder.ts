/** A folder of the workstation as an archive, and an archive into a folder: all of it, or nothing. */
import { zipSync } from 'fflate';
import { fault } from '../../errors/catalogue.ts';
import { LIMITS } from '../../limits.ts';
import type { WorkstationFiles } from '../../sandboxes/sandbox.ts';
import { checkPath, HOME } from '../workspace.ts';
import { type ArchiveEntry, refuse } from './entries.ts';
import { readTarGz, writeTarGz } from './tar.ts';
import { readZip } from './zip.ts';

export type ArchiveFormat = 'zip' | 'tar.gz';

/** Packs what lies in `folder`. Links stay out, and of the home folder itself what `ls` would not show. `now`: ms since the epoch. */
export async function packFolder(files: WorkstationFiles, folder: string, format: ArchiveFormat, now: number): Promise<Uint8Array> {
	if (folder !== HOME) {
		checkPath(folder);
		if ((await files.entry(folder))?.kind !== 'directory') throw fault('file-missing', { path: folder });
	}
	const entries: ArchiveEntry[] = [];
	for (const file of await files.list(folder)) {
		const name = file.path.slice(folder.length + 1);
		if (name === '' || file.kind === 'symlink' || (folder === HOME && name.startsWith('.'))) continue;
		const entry = file.kind === 'file' ? await files.entry(file.path) : undefined;
		const data = entry === undefined ? new Uint8Array() : Buffer.from(entry.content, entry.binary ? 'latin1' : 'utf8');
		entries.push({ name, kind: file.kind, data, mode: file.mode & 0o777 });
	}
	return format === 'zip' ? writeZip(entries, now) : writeTarGz(entries, Math.floor(now / 1000));
}

function writeZip(entries: readonly ArchiveEntry[], now: number): Uint8Array {
	const S_IFREG = 0o100000;
	const S_IFDIR = 0o040000;
	return zipSync(
		Object.fromEntries(
			entries.map(({ name, kind, data, mode }) => {
				const type = kind === 'directory' ? S_IFDIR : S_IFREG;
				return [kind === 'directory' ? `${name}/` : name, [data, { os: 3, attrs: ((type | mode) << 16) >>> 0, mtime: now }]];
			}),
		),
	);
}

/** The format that a file's name and first bytes say; undefined for a file that is no archive. */
export function formatOf(name: string, bytes: Uint8Array): ArchiveFormat | undefined {
	if (/\.zip$/i.test(name) && bytes[0] === 0x50 && bytes[1] === 0x4b) return 'zip';
	if (/\.(tar\.gz|tgz)$/i.test(name) && bytes[0] === 0x1f && bytes[1] === 0x8b) return 'tar.gz';
	return undefined;
}

export interface Unpacked {
	/** Files written. */
	readonly files: number;
	/** Files that are there already; nothing was written. */
	readonly taken: readonly string[];
}

/**
 * Puts an uploaded file into `folder`: an archive is unpacked, anything else lies there under its name. Nothing is written where an entry
 * won't do, or where a file is there already and `replace` doesn't say that it may go.
 */
export async function putInto(files: WorkstationFiles, folder: string, name: string, bytes: Uint8Array, replace: boolean): Promise<Unpacked> {
	if (folder !== HOME) checkPath(folder);
	if (bytes.length > LIMITS.archiveBytes) throw fault('archive-refused', { entry: name, why: `it is larger than ${LIMITS.archiveBytes / 1_048_576} MiB` });
	const format = formatOf(name, bytes);
	if (format === undefined) checkPath(`${folder}/${name}`);
	if (format === undefined && bytes.length > LIMITS.fileBytes) throw fault('file-too-large', { path: name, limit: `${LIMITS.fileBytes / 1_048_576} MiB` });
	const entries: readonly ArchiveEntry[] =
		format === 'zip' ? readZip(bytes) : format === 'tar.gz' ? readTarGz(bytes) : [{ name, kind: 'file', data: bytes, mode: 0o644 }];
	const taken = await clashes(files, folder, entries);
	if (taken.length > 0 && !replace) return { files: 0, taken };
	await writeAll(files, folder, entries);
	return { files: entries.filter((entry) => entry.kind === 'file').length, taken: [] };
}

/** Files that would be replaced. A folder in a file's place (or a link in the way) cannot be. */
async function clashes(files: WorkstationFiles, folder: string, entries: readonly ArchiveEntry[]): Promise<string[]> {
	const there = new Map((await files.list(folder)).map((file) => [file.path, file.kind]));
	const out: string[] = [];
	for (const { name, kind } of entries) {
		const parts = name.split('/');
		for (let depth = 1; depth <= parts.length; depth++) {
			const last = depth === parts.length;
			const found = there.get(`${folder}/${parts.slice(0, depth).join('/')}`);
			if (found === 'symlink') refuse(name, 'there is a link in its place');
			const wanted = last ? kind : 'directory';
			if (found !== undefined && found !== wanted) refuse(name, `there is a ${found === 'file' ? 'file' : 'folder'} in its place`);
		}
		if (kind === 'file' && there.get(`${folder}/${name}`) === 'file') out.push(name);
	}
	return out;
}

/** Writes all entries; where one fails (the disk is full) those before it are taken back. */
async function writeAll(files: WorkstationFiles, folder: string, entries: readonly ArchiveEntry[]): Promise<void> {
	const undo: (() => Promise<void>)[] = [];
	try {
		for (const entry of entries) {
			const path = `${folder}/${entry.name}`;
			const back = await keeper(files, folder, path);
			if (entry.kind === 'directory') await files.change({ op: 'mkdir', path, mode: entry.mode | 0o700 });
			else await files.change({ op: 'write', path, mode: entry.mode | 0o600, ...textOrBytes(entry.data) });
			undo.unshift(back);
		}
	} catch (error) {
		for (const step of undo) await step();
		throw error;
	}
}

const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** The way back to how a path is now: the topmost thing that is new is taken away, or the old file written again. */
async function keeper(files: WorkstationFiles, folder: string, path: string): Promise<() => Promise<void>> {
	const old = await files.entry(path);
	if (old?.kind === 'file') return () => files.change({ op: 'write', path, content: old.content, mode: old.mode, ...(old.binary ? { binary: true } : {}) });
	if (old !== undefined) return async () => {};
	let made = path;
	for (let up = parent(made); up.length > folder.length && (await files.entry(up)) === undefined; up = parent(up)) made = up;
	return () => files.change({ op: 'remove', path: made });
}

/** Text as text; what is none byte by byte. */
export function textOrBytes(data: Uint8Array): { readonly content: string; readonly binary?: true } {
	try {
		const content = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
		if (!content.includes('\0')) return { content };
	} catch {
		// No UTF-8: kept as bytes.
	}
	return { content: Buffer.from(data).toString('latin1'), binary: true };
}
