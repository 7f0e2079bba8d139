/**
 * Who saw or changed what of somebody else's: lines that are only ever added, each holding the hash of the one before it, so that
 * a line taken out or changed shows. Kept in files of LIMITS.auditFileBytes, the newest LIMITS.auditFiles of them. Lines name people by
 * id alone: a person who is deleted leaves no name here.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFolder, writeDurably } from '../durable.ts';
import { diskFault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { canonicalJson } from '../progress/digest.ts';
import { type AuditEntry, auditEntrySchema } from '../protocol/people.ts';

export interface AuditEvent {
	/** Person id; '' for the command line. */
	readonly actor: string;
	readonly action: string;
	/** Whose it is that was seen or changed. */
	readonly person?: string;
	/** Id of the thing itself. */
	readonly object?: string;
	readonly detail?: string;
}

export interface AuditFilter {
	/** As actor or as the one concerned. */
	readonly person?: string;
	/** ISO time or date. */
	readonly since?: string;
	readonly action?: string;
}

const FIRST = '0'.repeat(64);
/** Where the trail ends, and with which line the oldest file that is kept begins: shows a trail that was cut off on either side. */
const headSchema = z.object({ seq: z.number().int(), hash: z.string(), oldest: z.number().int() });
type Head = z.infer<typeof headSchema>;
const FILE = /^\d{8}\.jsonl$/;

export class Audit {
	private readonly folder: string;
	private readonly now: () => Date;
	private readonly sizes: { readonly fileBytes: number; readonly files: number };
	private file: FileHandle | undefined;
	private fileBytes = 0;
	private fileNumber = 0;
	private last: { readonly seq: number; readonly hash: string } = { seq: 0, hash: FIRST };
	private oldest = 1;
	private queue: Promise<unknown> = Promise.resolve();

	/** `sizes` is for tests of the rotation. */
	constructor(
		folder: string,
		now: () => Date = () => new Date(),
		sizes: { readonly fileBytes: number; readonly files: number } = { fileBytes: LIMITS.auditFileBytes, files: LIMITS.auditFiles },
	) {
		this.folder = folder;
		this.now = now;
		this.sizes = sizes;
	}

	/** Finds the end of the trail. A last line that a crash cut off was never acknowledged and is taken away. */
	async load(): Promise<void> {
		await mkdir(this.folder, { recursive: true, mode: 0o700 });
		this.oldest = (await readHead(this.folder))?.oldest ?? 1;
		const names = await auditFiles(this.folder);
		const newest = names.at(-1);
		this.fileNumber = newest === undefined ? 1 : Number(newest.slice(0, 8));
		for (const name of names.slice(-2)) {
			const path = join(this.folder, name);
			const bytes = await readFile(path);
			const whole = bytes.lastIndexOf(10) + 1;
			if (name === newest && whole < bytes.length) await truncate(path, whole);
			const line = bytes.subarray(0, whole).toString().trimEnd().split('\n').at(-1) ?? '';
			const entry = read(line);
			if (entry !== undefined) this.last = { seq: entry.seq, hash: entry.hash };
		}
	}

	/** Adds a line. Resolves with it when it is on the disk; rejects with `disk-full` or `disk-failed`: then what it speaks of must not happen. */
	add(event: AuditEvent): Promise<AuditEntry> {
		const done = this.queue.then(() => this.write(event));
		this.queue = done.catch(() => undefined);
		return done;
	}

	/** Newest first, at most `most`, of the newest LIMITS.auditFilesShown files: the command line reads all of them. */
	async entries(filter: AuditFilter, most: number): Promise<readonly AuditEntry[]> {
		await this.queue;
		return readAudit(this.folder, filter, most, LIMITS.auditFilesShown);
	}

	async close(): Promise<void> {
		await this.queue;
		await this.file?.close();
		this.file = undefined;
	}

	private async write(event: AuditEvent): Promise<AuditEntry> {
		const body = { seq: this.last.seq + 1, at: this.now().toISOString(), ...event, prev: this.last.hash };
		const entry: AuditEntry = { ...body, hash: hashOf(body) };
		const line = `${JSON.stringify(entry)}\n`;
		try {
			if (this.fileBytes + line.length > this.sizes.fileBytes && this.fileBytes > 0) await this.rotate();
			const file = await this.current();
			await file.appendFile(line);
			await file.sync();
			this.fileBytes += Buffer.byteLength(line);
			this.last = { seq: entry.seq, hash: entry.hash };
			// Behind by a line after a crash, never ahead.
			const head: Head = { ...this.last, oldest: this.oldest };
			await writeDurably(join(this.folder, 'head.json'), `${JSON.stringify(head)}\n`);
			return entry;
		} catch (error) {
			// Half a line may stand there now: the next one must not be glued to it.
			await this.file?.truncate(this.fileBytes).catch(() => undefined);
			throw diskFault(this.folder, error);
		}
	}

	private async current(): Promise<FileHandle> {
		if (this.file === undefined) {
			this.file = await open(join(this.folder, nameOf(this.fileNumber)), 'a', 0o600);
			this.fileBytes = (await this.file.stat()).size;
			syncFolder(this.folder);
		}
		return this.file;
	}

	private async rotate(): Promise<void> {
		await this.file?.close();
		this.file = undefined;
		this.fileNumber++;
		await this.current();
		const names = await auditFiles(this.folder);
		for (const name of names.slice(0, Math.max(0, names.length - this.sizes.files))) await rm(join(this.folder, name));
		const [kept = ''] = names.slice(-this.sizes.files);
		const [line = ''] = (await readFile(join(this.folder, kept), 'utf8')).split('\n', 1);
		this.oldest = read(line)?.seq ?? this.oldest;
	}
}

const nameOf = (n: number): string => `${String(n).padStart(8, '0')}.jsonl`;
const hashOf = (body: Omit<AuditEntry, 'hash'>): string => createHash('sha256').update(canonicalJson(body)).digest('hex');

async function auditFiles(folder: string): Promise<string[]> {
	const names = await readdir(folder).catch((error: unknown) => {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
		throw diskFault(folder, error);
	});
	return names.filter((name) => FILE.test(name)).sort();
}

async function readHead(folder: string): Promise<Head | undefined> {
	const text = await readFile(join(folder, 'head.json'), 'utf8').catch(() => '');
	if (text === '') return undefined;
	try {
		return headSchema.safeParse(JSON.parse(text)).data;
	} catch {
		// As if there were none: the lines speak for themselves.
		return undefined;
	}
}

function read(line: string): AuditEntry | undefined {
	try {
		return auditEntrySchema.safeParse(JSON.parse(line)).data;
	} catch {
		// No JSON: `checkAudit` says where.
		return undefined;
	}
}

/** Entries of a trail on disk, newest first, of the newest `files` files. Lines that cannot be read are left to `checkAudit`. */
export async function readAudit(folder: string, filter: AuditFilter, most: number, files = Number.POSITIVE_INFINITY): Promise<readonly AuditEntry[]> {
	const out: AuditEntry[] = [];
	for (const name of (await auditFiles(folder)).reverse().slice(0, files)) {
		const lines = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n');
		for (const line of lines.reverse()) {
			// Most lines are somebody else's: they need not be read.
			if (filter.person !== undefined && !line.includes(filter.person)) continue;
			const entry = read(line);
			if (entry === undefined) continue;
			if (filter.since !== undefined && entry.at < filter.since) return out;
			if (filter.person !== undefined && entry.actor !== filter.person && entry.person !== filter.person) continue;
			if (filter.action !== undefined && entry.action !== filter.action) continue;
			out.push(entry);
			if (out.length >= most) return out;
		}
	}
	return out;
}

/** What is wrong with a trail on disk, in words with file and line; undefined where it holds. `entries`: how many lines were read. */
export async function checkAudit(folder: string): Promise<{ readonly entries: number; readonly broken: string | undefined }> {
	let before: { seq: number; hash: string } | undefined;
	let entries = 0;
	const head = await readHead(folder);
	for (const name of await auditFiles(folder)) {
		const lines = (await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => line !== '');
		for (const [i, line] of lines.entries()) {
			const where = `${name}, line ${i + 1}`;
			const entry = read(line);
			if (entry === undefined) return { entries, broken: `${where} cannot be read` };
			const { hash, ...body } = entry;
			if (hashOf(body) !== hash) return { entries, broken: `${where} was changed` };
			// The oldest file that is kept begins where one that is not kept any more ended.
			const follows = before === undefined ? body.seq === (head?.oldest ?? 1) : body.prev === before.hash && body.seq === before.seq + 1;
			if (!follows || (body.seq === 1 && body.prev !== FIRST)) return { entries, broken: `before ${where} something is missing` };
			before = { seq: entry.seq, hash };
			entries++;
		}
	}
	const missing = (head?.seq ?? 0) - (before?.seq ?? 0);
	if (missing > 0) return { entries, broken: `its end is missing: ${missing} lines` };
	return { entries, broken: undefined };
}
