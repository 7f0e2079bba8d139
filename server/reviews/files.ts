/** Where reviews lie: `cases/` (one file a submission), `bundles/` (one a round, written once), `captures/` (one an attempt), `comments/` (one a mentor). */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { diskFault, fault } from '../errors/catalogue.ts';
import { type Bundle, bundleSchema, type Capture, captureSchema, type Case, caseSchema, type SavedComment, savedCommentSchema } from '../protocol/reviews.ts';
import { JsonFile } from '../store/json-file.ts';
import { bundleHolds } from './bundle.ts';

/** Ids become file names: anything else is refused. */
const ID = /^[a-z0-9][a-z0-9-]{0,79}$/;

const AT_ONCE = 32;

const keptCaptureSchema = captureSchema.extend({ learner: z.string() });
const commentsSchema = z.object({ comments: z.array(savedCommentSchema) });

/** All writes are durable when they resolve; they reject with `disk-full` or `disk-failed`. */
export class ReviewFiles {
	private readonly folder: string;

	constructor(folder: string) {
		this.folder = folder;
	}

	async cases(): Promise<readonly Case[]> {
		const ids = await this.names('cases');
		const found: Case[] = [];
		// A few at a time: a process may have only so many files open.
		for (let i = 0; i < ids.length; i += AT_ONCE) {
			const some = await Promise.all(ids.slice(i, i + AT_ONCE).map((id) => this.file('cases', id, caseSchema).read()));
			found.push(...some.filter((one) => one !== undefined));
		}
		return found;
	}

	async writeCase(kept: Case): Promise<void> {
		await this.file('cases', kept.id, caseSchema).write(kept);
	}

	async writeBundle(bundle: Bundle): Promise<void> {
		await this.file('bundles', `${bundle.submission}-${bundle.round}`, bundleSchema).write(bundle);
	}

	/** Rejects with `record-damaged` where it is not what its digest says. */
	async bundle(submission: string, round: number): Promise<Bundle | undefined> {
		const name = `${submission}-${round}`;
		const found = await this.file('bundles', name, bundleSchema).read();
		if (found !== undefined && !bundleHolds(found)) throw fault('record-damaged', { path: `bundles/${name}.json`, why: 'it is not what its digest says' });
		return found;
	}

	async writeCapture(learner: string, evidence: string, capture: Capture): Promise<void> {
		await this.file('captures', evidence, keptCaptureSchema).write({ ...capture, learner });
	}

	async capture(evidence: string): Promise<Capture | undefined> {
		const found = await this.file('captures', evidence, keptCaptureSchema).read();
		if (found === undefined) return undefined;
		const { learner: _, ...capture } = found;
		return capture;
	}

	async comments(mentor: string): Promise<readonly SavedComment[]> {
		return (await this.file('comments', mentor, commentsSchema).read())?.comments ?? [];
	}

	async writeComments(mentor: string, comments: readonly SavedComment[]): Promise<void> {
		await this.file('comments', mentor, commentsSchema).write({ comments: [...comments] });
	}

	/** Everything of a submission, for good. */
	async removeCase({ id, rounds }: Case): Promise<void> {
		await this.remove('cases', id);
		for (const { n, evidence } of rounds) {
			await this.remove('bundles', `${id}-${n}`);
			for (const one of evidence) await this.remove('captures', one);
		}
	}

	/** Saved comments, and captures of attempts that were never submitted to a mentor. */
	async removePerson(person: string): Promise<void> {
		await this.remove('comments', person);
		for (const evidence of await this.names('captures'))
			if ((await this.file('captures', evidence, keptCaptureSchema).read())?.learner === person) await this.remove('captures', evidence);
	}

	private async remove(kind: string, id: string): Promise<void> {
		const path = this.path(kind, id);
		await rm(path, { force: true }).catch((error: unknown) => {
			throw diskFault(path, error);
		});
	}

	private async names(kind: string): Promise<string[]> {
		const folder = join(this.folder, kind);
		const names = await readdir(folder).catch((error: unknown) => {
			if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
			throw diskFault(folder, error);
		});
		return names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : []));
	}

	private file<T>(kind: string, id: string, schema: z.ZodType<T>): JsonFile<T> {
		return new JsonFile(this.path(kind, id), schema);
	}

	private path(kind: string, id: string): string {
		if (!ID.test(id)) throw fault('record-damaged', { path: id, why: 'it is no id' });
		return join(this.folder, kind, `${id}.json`);
	}
}
