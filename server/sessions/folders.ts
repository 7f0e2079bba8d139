/** Where sessions lie on disk: `sandboxes/<learner>/<lab>/`, put aside by a reset under `archive/<learner>/<lab>/<n>/`. */
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { diskFault, fault } from '../errors/catalogue.ts';
import { syncFolder, writeDurably } from '../durable.ts';

const gzipped = promisify(gzip);
const gunzipped = promisify(gunzip);

export interface SessionRecord {
	/** Names the session in URLs: unguessable, stable over restarts. */
	readonly id: string;
	readonly learner: string;
	readonly lab: string;
	/** Bearer token of its cluster. */
	readonly token: string;
	/** Tokens of this learner's lab derive from it; the same for every attempt. */
	readonly seed: number;
	readonly createdAt: string;
}

export class SessionFolders {
	private readonly data: string;

	constructor(data: string) {
		this.data = data;
	}

	folder(learner: string, lab: string): string {
		return join(this.data, 'sandboxes', learner, lab);
	}

	/** The session's record, made where there is none. */
	async record(learner: string, lab: string): Promise<SessionRecord> {
		const path = join(this.data, 'sandboxes', learner, `${lab}.session.json`);
		const found = await readRecord(path);
		if (found !== undefined) return found;
		const made: SessionRecord = {
			id: randomBytes(9).toString('base64url').replace(/[-_]/g, '0').toLowerCase(),
			learner,
			lab,
			token: randomBytes(24).toString('base64url'),
			seed: randomInt(2 ** 31),
			createdAt: new Date().toISOString(),
		};
		await writeDurably(path, `${JSON.stringify(made)}\n`).catch((error: unknown) => {
			throw diskFault(path, error);
		});
		return made;
	}

	/** Keeps a recording that evidence carries: it stays when the lab is started over. Rejects with a Fault. */
	async keepRecording(learner: string, evidence: string, name: string, text: string): Promise<void> {
		const path = this.evidenceRecording(learner, evidence, name);
		await writeDurably(path, await gzipped(text)).catch((error: unknown) => {
			throw diskFault(path, error);
		});
	}

	/** A recording that evidence carries, as asciicast; undefined where there is none. */
	async readRecording(learner: string, evidence: string, name: string): Promise<Buffer | undefined> {
		if (!/^[\w-]+$/.test(evidence) || !/^[\w%.-]+$/.test(name)) return undefined;
		const packed = await readFile(this.evidenceRecording(learner, evidence, name)).catch(() => undefined);
		return packed === undefined ? undefined : gunzipped(packed);
	}

	private evidenceRecording(learner: string, evidence: string, name: string): string {
		return join(this.data, 'recordings', learner, evidence, `${name}.cast.gz`);
	}

	/** Every session there is a record of. */
	async all(): Promise<readonly SessionRecord[]> {
		const root = join(this.data, 'sandboxes');
		const out: SessionRecord[] = [];
		for (const learner of await readdir(root).catch(() => [])) {
			for (const name of await readdir(join(root, learner)).catch(() => [])) {
				if (!name.endsWith('.session.json')) continue;
				const record = await readRecord(join(root, learner, name));
				if (record !== undefined) out.push(record);
			}
		}
		return out;
	}

	/** Puts a session's folder aside. */
	async archive(learner: string, lab: string): Promise<void> {
		const from = this.folder(learner, lab);
		if (!existsSync(from)) return;
		const shelf = this.shelf(learner, lab);
		await mkdir(shelf, { recursive: true, mode: 0o700 });
		await rename(from, join(shelf, String((await this.newest(learner, lab)) + 1)));
		syncFolder(shelf);
	}

	/** Brings back what was put aside last; the present folder takes its place there. */
	async restore(learner: string, lab: string): Promise<void> {
		const n = await this.newest(learner, lab);
		if (n === 0) throw fault('reset-none', {});
		const present = this.folder(learner, lab);
		const shelved = join(this.shelf(learner, lab), String(n));
		const aside = `${shelved}.swap`;
		if (existsSync(present)) await rename(present, aside);
		await rename(shelved, present);
		if (existsSync(aside)) await rename(aside, shelved);
		syncFolder(this.shelf(learner, lab));
	}

	private shelf(learner: string, lab: string): string {
		return join(this.data, 'archive', learner, lab);
	}

	private async newest(learner: string, lab: string): Promise<number> {
		const names = await readdir(this.shelf(learner, lab)).catch(() => []);
		return names.reduce((most, name) => (/^\d+$/.test(name) ? Math.max(most, Number(name)) : most), 0);
	}
}

async function readRecord(path: string): Promise<SessionRecord | undefined> {
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch {
		return undefined;
	}
	try {
		return JSON.parse(text) as SessionRecord;
	} catch (error) {
		throw fault('record-damaged', { path, why: 'it is no JSON' }, error);
	}
}
