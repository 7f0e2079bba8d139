/** Learners' records as files, one each. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeDurably } from '../durable.ts';
import { diskFault, fault } from '../errors/catalogue.ts';
import { type Learner, learnerSchema } from '../protocol/progress.ts';
import { JsonFile } from './json-file.ts';
import type { LearnerStore } from './store.ts';

/** Ids become file names: anything else is refused. */
const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

export class LowdbStore implements LearnerStore {
	private readonly folder: string;
	private readonly write_: typeof writeDurably;

	/** `write` is for tests that make the disk fail. */
	constructor(folder: string, write: typeof writeDurably = writeDurably) {
		this.folder = folder;
		this.write_ = write;
	}

	async read(id: string): Promise<Learner | undefined> {
		return new JsonFile(this.path(id), learnerSchema).read();
	}

	async write(learner: Learner): Promise<void> {
		await new JsonFile(this.path(learner.id), learnerSchema, this.write_).write(learner);
	}

	async remove(id: string): Promise<void> {
		const path = this.path(id);
		try {
			await rm(path, { force: true });
			if ((await this.list()).length > 0) syncFolder(this.folder);
		} catch (error) {
			throw diskFault(path, error);
		}
	}

	async list(): Promise<readonly string[]> {
		const names = await readdir(this.folder).catch((error: unknown) => {
			if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
			throw diskFault(this.folder, error);
		});
		return names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : []));
	}

	private path(id: string): string {
		if (!ID.test(id)) throw fault('record-damaged', { path: id, why: 'it is no learner id' });
		return join(this.folder, `${id}.json`);
	}
}
