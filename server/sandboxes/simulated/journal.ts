/**
 * A sandbox's journal on disk: `journal-<n>.ndjson` holds the inputs since `snapshot-<n>.json.gz`, one a line. A line is
 * written (in the operating system's hands, so safe from `kill -9`) before its input's result is given out, and synced to
 * the disk within LIMITS.fsyncMs. A new generation starts with its journal; its snapshot follows, and only when that is
 * safe the older generation goes. Resuming takes the newest snapshot that reads and all journals from its number on.
 */
import { closeSync, existsSync, fsync, fsyncSync, ftruncateSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { diskFault } from '../../errors/catalogue.ts';
import { LIMITS } from '../../limits.ts';
import type { Input } from '../../simulator/inputs.ts';
import { parseExact } from '../../simulator/kernel/int64.ts';
import { compactSnapshot, Simulator, type Snapshot, type System } from '../../simulator/simulator.ts';
import { syncFolder, writeDurably } from '../../durable.ts';

const gzipped = promisify(gzip);
const journalName = (n: number): string => `journal-${n}.ndjson`;
const snapshotName = (n: number): string => `snapshot-${n}.json.gz`;

/** Real ms between two records of mere time. */
const TICK_RECORD_MS = 1000;

export class JournalWriter {
	private readonly folder: string;
	private generation: number;
	private fd: number;
	/** Bytes of whole lines in the present journal. */
	private bytes = 0;
	private inputs = 0;
	private lastRecord = performance.now();
	private syncTimer: ReturnType<typeof setTimeout> | undefined;
	private rotating: Promise<void> | undefined;
	private snapshotBytes = 0;

	private constructor(folder: string, generation: number, bytes: number, inputs: number) {
		this.folder = folder;
		this.generation = generation;
		this.bytes = bytes;
		this.inputs = inputs;
		this.fd = openSync(join(folder, journalName(generation)), 'a', 0o600);
	}

	/** Starts a journal on a folder whose `snapshot-0` is the file `template` (gzip JSON of a Snapshot). */
	static async create(folder: string, template: string): Promise<JournalWriter> {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		const target = join(folder, snapshotName(0));
		try {
			linkSync(template, target);
		} catch {
			// Another file system, or one without links.
			await copyFile(template, target).catch((error: unknown) => {
				throw diskFault(target, error);
			});
		}
		return new JournalWriter(folder, 0, 0, 0);
	}

	/** Goes on where `readJournal` ended. */
	static resume(folder: string, at: { readonly generation: number; readonly bytes: number; readonly inputs: number }): JournalWriter {
		const writer = new JournalWriter(folder, at.generation, at.bytes, at.inputs);
		ftruncateSync(writer.fd, at.bytes);
		return writer;
	}

	/** Writes one input. Throws a `Fault` where it could not, with the journal as it was. */
	append(line: string): void {
		const data = Buffer.from(`${line}\n`);
		let written = 0;
		try {
			while (written < data.length) written += writeSync(this.fd, data, written);
		} catch (error) {
			// Half a line must not stay: the next one would be glued to it.
			if (written > 0) ftruncateSync(this.fd, this.bytes);
			throw diskFault(join(this.folder, journalName(this.generation)), error);
		}
		this.bytes += data.length;
		this.inputs++;
		this.lastRecord = performance.now();
		this.syncSoon();
	}

	/** Notes once in a while how far mere time has come, so that a restart does not fall far back. Never throws: time is not acknowledged. */
	timePassed(now: number): void {
		if (performance.now() - this.lastRecord < TICK_RECORD_MS) return;
		try {
			this.append(`{"at":${now},"kind":"tick"}`);
		} catch {
			// The next input's record will say that the disk is full, to somebody who can act on it.
			this.lastRecord = performance.now();
		}
	}

	/** Bytes of the last snapshot's JSON. */
	get stateBytes(): number {
		return this.snapshotBytes;
	}

	get due(): boolean {
		return this.rotating === undefined && (this.bytes > LIMITS.journalBytes || this.inputs > LIMITS.journalInputs);
	}

	/** Takes a snapshot and starts a new generation. Rejects with a `Fault` where the disk refuses; the old generation then stays in use with the new. */
	rotate(snapshot: Snapshot): Promise<void> {
		this.rotating ??= this.startGeneration(snapshot).finally(() => {
			this.rotating = undefined;
		});
		return this.rotating;
	}

	private async startGeneration(snapshot: Snapshot): Promise<void> {
		if (this.inputs === 0) return;
		const old = this.generation;
		const next = old + 1;
		const json = JSON.stringify(compactSnapshot(snapshot));
		this.snapshotBytes = json.length;
		const path = join(this.folder, snapshotName(next));
		try {
			// From here on inputs go to the new journal: the snapshot holds all before it.
			const fd = openSync(join(this.folder, journalName(next)), 'a', 0o600);
			fsyncSync(this.fd);
			closeSync(this.fd);
			this.fd = fd;
			this.generation = next;
			this.bytes = 0;
			this.inputs = 0;
			await writeDurably(path, await gzipped(json, { level: 1 }));
		} catch (error) {
			throw diskFault(path, error);
		}
		removeBefore(this.folder, next);
	}

	private syncSoon(): void {
		if (this.syncTimer !== undefined) return;
		this.syncTimer = setTimeout(() => {
			this.syncTimer = undefined;
			// A failed sync shows again at the next write or at the next start; there is nobody to tell here.
			fsync(this.fd, () => {});
		}, LIMITS.fsyncMs);
		this.syncTimer.unref();
	}

	async close(): Promise<void> {
		if (this.syncTimer !== undefined) clearTimeout(this.syncTimer);
		await this.rotating?.catch(() => {});
		fsyncSync(this.fd);
		closeSync(this.fd);
	}
}

/** Packs a snapshot as `snapshot-<n>.json.gz` holds it. */
export function packSnapshot(snapshot: Snapshot): Promise<Buffer> {
	return gzipped(JSON.stringify(compactSnapshot(snapshot)), { level: 1 });
}

export interface Resumed {
	readonly simulator: Simulator;
	readonly writer: JournalWriter;
	/** Inputs replayed. */
	readonly replayed: number;
	/** Why part of the journal was left out, where it was. */
	readonly damage?: string;
}

export function hasJournal(folder: string): boolean {
	return existsSync(folder) && readdirSync(folder).some((name) => /^snapshot-\d+\.json\.gz$/.test(name));
}

/** Brings a sandbox back: the newest snapshot that reads, and what came after it. */
export function resumeJournal(folder: string, system: System): Resumed {
	const names = readdirSync(folder);
	const numbers = (pattern: RegExp): number[] =>
		names
			.flatMap((name) => {
				const m = pattern.exec(name);
				return m === null ? [] : [Number(m[1])];
			})
			.sort((a, b) => a - b);
	let damage: string | undefined;
	let from: number | undefined;
	let simulator: Simulator | undefined;
	for (const n of numbers(/^snapshot-(\d+)\.json\.gz$/).reverse()) {
		try {
			const snapshot = parseExact(gunzipSync(readFileSync(join(folder, snapshotName(n)))).toString()) as Snapshot;
			if (snapshot.format !== 1 && snapshot.format !== 2) throw new Error(`format ${String(snapshot.format)}`);
			simulator = Simulator.restore(snapshot, system);
			from = n;
			break;
		} catch (error) {
			damage = `${snapshotName(n)}: ${words(error)}`;
		}
	}
	if (simulator === undefined || from === undefined) throw new Error(damage ?? `no snapshot in ${folder}`);
	let replayed = 0;
	let last = { generation: from, bytes: 0, inputs: 0 };
	for (const n of numbers(/^journal-(\d+)\.ndjson$/)) {
		if (n < from) continue;
		const read = replay(join(folder, journalName(n)), simulator);
		replayed += read.inputs;
		damage ??= read.damage;
		last = { generation: n, bytes: read.bytes, inputs: read.inputs };
	}
	return { simulator, writer: JournalWriter.resume(folder, last), replayed, ...(damage === undefined ? {} : { damage }) };
}

function replay(path: string, simulator: Simulator): { readonly bytes: number; readonly inputs: number; readonly damage?: string } {
	const data = readFileSync(path);
	let damage: string | undefined;
	let inputs = 0;
	let start = 0;
	while (start < data.length) {
		const end = data.indexOf(10, start);
		// A torn last line was never acknowledged.
		if (end < 0) break;
		let input: Input;
		try {
			input = JSON.parse(data.toString('utf8', start, end)) as Input;
		} catch (error) {
			damage = `line ${inputs + 1}: ${words(error)}`;
			break;
		}
		const before = simulator.world.state;
		try {
			simulator.apply(input);
		} catch (error) {
			// A later version of the code may refuse what an earlier one took; the rest is still worth having.
			simulator.world.state = before;
			damage ??= `line ${inputs + 1} (${input.kind}): ${words(error)}`;
		}
		inputs++;
		start = end + 1;
	}
	return { bytes: start, inputs, ...(damage === undefined ? {} : { damage }) };
}

function removeBefore(folder: string, generation: number): void {
	for (const name of readdirSync(folder)) {
		const m = /^(?:snapshot-(\d+)\.json\.gz|journal-(\d+)\.ndjson)$/.exec(name);
		if (m !== null && Number(m[1] ?? m[2]) < generation) rmSync(join(folder, name), { force: true });
	}
	syncFolder(folder);
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
