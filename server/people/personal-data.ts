/**
 * Everything that is kept of one person, in one place: given out as a ZIP, and deleted with a proof of what was. A new kind of
 * personal data joins the list here; a test looks through the whole data folder for what was forgotten.
 */
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { strToU8, Zip, ZipDeflate } from 'fflate';
import { syncFolder } from '../durable.ts';
import { diskFault, fault } from '../errors/catalogue.ts';
import type { Progress } from '../progress/progress.ts';
import type { AuditEntry, Erasure } from '../protocol/people.ts';
import type { Reviews } from '../reviews/reviews.ts';
import { type Audit, readAudit } from './audit.ts';
import type { People } from './people.ts';

/** Folders of the data folder that hold one folder a person. */
const FOLDERS = [
	{ name: 'sandboxes', what: 'files of sandboxes' },
	{ name: 'archive', what: 'files of sandboxes that were put aside' },
	{ name: 'recordings', what: 'recordings of terminals' },
] as const;

const README = `What this server keeps of you.

profile.json     who you are here: name, address, roles, cohorts
record.json      your learner's record: labs, evidence, portfolio, rubric, plans, documents
reviews.json     what you submitted to mentors with their reviews, the reviews that you gave, comments that you saved
audit.json       who saw or changed what of yours, and what you saw or changed
sandboxes/       your labs as they stand: journals and snapshots of clusters and files
archive/         labs that you started over
recordings/      terminals' recordings that belong to evidence (asciicast, gzip)
`;

export interface PersonalDataOptions {
	readonly data: string;
	readonly people: People;
	readonly progress: Progress;
	readonly reviews: Reviews;
	readonly audit: Audit;
	/** Ends what the person has running, where a server runs. */
	readonly end: (person: string) => Promise<void>;
}

export class PersonalData {
	private readonly options: PersonalDataOptions;

	constructor(options: PersonalDataOptions) {
		this.options = options;
	}

	/** A ZIP, piece by piece. Rejects with `person-unknown`; `actor` stands in the audit trail. */
	async export(person: string, actor: string): Promise<AsyncGenerator<Uint8Array>> {
		const { people, audit } = this.options;
		if (people.person(person) === undefined) throw fault('person-unknown', { person });
		await audit.add({ actor, action: 'exported', person });
		return this.zipped(person);
	}

	/**
	 * Deletes everything of a person. They are kept out first, so that nothing new comes in meanwhile, and go from the directory last: a
	 * deletion that was interrupted can be done again. `force`: also the last admin (operators can make another by the configuration).
	 */
	async erase(person: string, actor: string, force = false): Promise<Erasure> {
		const { data, people, progress, reviews, audit } = this.options;
		if (people.person(person) === undefined) throw fault('person-unknown', { person });
		await people.suspend(person, true, force);
		await audit.add({ actor, action: 'deletion begun', person });
		await this.options.end(person);

		const removed: Erasure['removed'] = [];
		for (const { name, what } of FOLDERS) {
			const count = (await filesUnder(join(data, name, person))).length;
			await removeFolder(join(data, name), person);
			removed.push({ what, count });
		}
		const { submissions, reviewsGiven, comments } = await reviews.exportOf(person);
		await reviews.forget(person);
		removed.push({ what: 'submissions with their reviews', count: submissions.length }, { what: 'saved comments', count: comments.length });
		const record = await progress.read(person);
		await progress.erase(person);
		removed.push({ what: 'attempts as evidence', count: record.evidence.length }, { what: 'documents', count: record.documents?.length ?? 0 });
		removed.push({ what: 'learner’s record', count: 1 });
		const cohorts = people.cohortsOf(person).length;
		await people.remove(person, force);
		removed.push({ what: 'places in cohorts', count: cohorts }, { what: 'profile with name and address', count: 1 });

		const kept = [
			{ what: 'reviews given to others', count: reviewsGiven.length, why: 'They belong to those who got them; the name is taken out.' },
			{ what: 'lines of the audit trail', count: (await this.trail(person)).length + 1, why: 'They name people by a random id only.' },
		];
		const { seq, hash, at } = await audit.add({ actor, action: 'deleted', person, detail: removed.map(({ what, count }) => `${count} ${what}`).join(', ') });
		return { person, at, removed, kept, audit: { seq, hash } };
	}

	/** All of it, however long ago. */
	private trail(person: string): Promise<readonly AuditEntry[]> {
		return readAudit(join(this.options.data, 'audit'), { person }, Number.POSITIVE_INFINITY);
	}

	private async *zipped(person: string): AsyncGenerator<Uint8Array> {
		const ready: Uint8Array[] = [];
		let failed: Error | undefined;
		const zip = new Zip((error, piece) => {
			if (error !== null) failed = error;
			else ready.push(piece);
		});
		for await (const { path, content } of this.files(person)) {
			const entry = new ZipDeflate(path, { level: 6 });
			zip.add(entry);
			for await (const piece of content) {
				entry.push(piece);
				if (failed !== undefined) throw failed;
				yield* ready.splice(0);
			}
			entry.push(new Uint8Array(), true);
		}
		zip.end();
		yield* ready.splice(0);
	}

	private async *files(person: string): AsyncGenerator<{ readonly path: string; readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }> {
		const { data, people, progress, reviews } = this.options;
		const json = (path: string, value: unknown) => ({ path, content: [strToU8(`${JSON.stringify(value, null, '\t')}\n`)] });
		yield { path: 'README.txt', content: [strToU8(README)] };
		const cohorts = people.cohortsOf(person).map(({ id, name, mentors, learners }) => ({
			id,
			name,
			as: [...(learners.includes(person) ? ['learner'] : []), ...(mentors.includes(person) ? ['mentor'] : [])],
		}));
		yield json('profile.json', { ...people.person(person), cohorts });
		yield json('record.json', await progress.read(person));
		yield json('reviews.json', await reviews.exportOf(person));
		yield json('audit.json', await this.trail(person));
		for (const { name } of FOLDERS) {
			const folder = join(data, name, person);
			for (const path of await filesUnder(folder)) yield { path: `${name}/${relative(folder, path)}`, content: pieces(path) };
		}
	}
}

/** A file that is gone by now (a sandbox took a new snapshot) is empty. */
async function* pieces(path: string): AsyncGenerator<Uint8Array> {
	try {
		for await (const piece of createReadStream(path)) yield piece as Uint8Array;
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
	}
}

async function filesUnder(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
		throw diskFault(folder, error);
	});
	return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}

async function removeFolder(parent: string, name: string): Promise<void> {
	try {
		await rm(join(parent, name), { recursive: true, force: true });
		if ((await readdir(parent).catch(() => undefined)) !== undefined) syncFolder(parent);
	} catch (error) {
		throw diskFault(join(parent, name), error);
	}
}
