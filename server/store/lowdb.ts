/** Learners' records as files, one each, through lowdb with an adapter that syncs (lowdb's own does not). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Adapter, Low } from 'lowdb';
import { diskFault, fault } from '../errors/catalogue.ts';
import { type Learner, learnerSchema } from '../protocol/progress.ts';
import { writeDurably } from '../durable.ts';
import type { LearnerStore } from './store.ts';

class DurableJson implements Adapter<Learner | null> {
	private readonly path: string;
	private readonly write_: typeof writeDurably;

	constructor(path: string, write: typeof writeDurably) {
		this.path = path;
		this.write_ = write;
	}

	async read(): Promise<Learner | null> {
		let text: string;
		try {
			text = await readFile(this.path, 'utf8');
		} catch (error) {
			if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
			throw diskFault(this.path, error);
		}
		try {
			return learnerSchema.parse(JSON.parse(text));
		} catch (error) {
			throw fault('record-damaged', { path: this.path, why: error instanceof SyntaxError ? error.message : 'it has another shape' }, error);
		}
	}

	async write(data: Learner | null): Promise<void> {
		try {
			await this.write_(this.path, `${JSON.stringify(data, null, '\t')}\n`);
		} catch (error) {
			throw diskFault(this.path, error);
		}
	}
}

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
		const low = this.open(id);
		await low.read();
		return low.data ?? undefined;
	}

	async write(learner: Learner): Promise<void> {
		const low = this.open(learner.id);
		low.data = learner;
		await low.write();
	}

	async list(): Promise<readonly string[]> {
		const names = await readdir(this.folder).catch((error: unknown) => {
			if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
			throw diskFault(this.folder, error);
		});
		return names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : []));
	}

	private open(id: string): Low<Learner | null> {
		if (!ID.test(id)) throw fault('record-damaged', { path: id, why: 'it is no learner id' });
		return new Low<Learner | null>(new DurableJson(join(this.folder, `${id}.json`), this.write_), null);
	}
}
