/** One JSON document as a file, through lowdb with an adapter that syncs (lowdb's own does not) and checks the shape. */
import { readFile } from 'node:fs/promises';
import { type Adapter, Low } from 'lowdb';
import type { z } from 'zod';
import { writeDurably } from '../durable.ts';
import { diskFault, fault } from '../errors/catalogue.ts';
import type { DocumentStore } from './store.ts';

class DurableJson<T> implements Adapter<T | null> {
	private readonly path: string;
	private readonly schema: z.ZodType<T>;
	private readonly write_: typeof writeDurably;

	constructor(path: string, schema: z.ZodType<T>, write: typeof writeDurably) {
		this.path = path;
		this.schema = schema;
		this.write_ = write;
	}

	async read(): Promise<T | null> {
		let text: string;
		try {
			text = await readFile(this.path, 'utf8');
		} catch (error) {
			if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
			throw diskFault(this.path, error);
		}
		try {
			return this.schema.parse(JSON.parse(text));
		} catch (error) {
			throw fault('record-damaged', { path: this.path, why: error instanceof SyntaxError ? error.message : 'it has another shape' }, error);
		}
	}

	async write(data: T | null): Promise<void> {
		try {
			await this.write_(this.path, `${JSON.stringify(data, null, '\t')}\n`);
		} catch (error) {
			throw diskFault(this.path, error);
		}
	}
}

/** `write` is for tests that make the disk fail. */
export class JsonFile<T> implements DocumentStore<T> {
	private readonly adapter: DurableJson<T>;

	constructor(path: string, schema: z.ZodType<T>, write: typeof writeDurably = writeDurably) {
		this.adapter = new DurableJson(path, schema, write);
	}

	async read(): Promise<T | undefined> {
		const low = new Low<T | null>(this.adapter, null);
		await low.read();
		return low.data ?? undefined;
	}

	async write(document: T): Promise<void> {
		const low = new Low<T | null>(this.adapter, null);
		low.data = document;
		await low.write();
	}
}
