/** What a round bundles: verdicts, files, cluster changes, recordings and documents as they are at this moment, under one digest. */
import { createHash } from 'node:crypto';
import { grade } from '../documents/grade.ts';
import type { LabTexts } from '../documents/facts.ts';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { declaredOf } from '../progress/declared.ts';
import { canonicalJson } from '../progress/digest.ts';
import { factsFor, withoutFrontMatter } from '../progress/document-facts.ts';
import { documentOf, documentsOf, writingsOf } from '../progress/writing.ts';
import type { KeptDocument, WrittenEvidence } from '../protocol/documents.ts';
import { KIND_SHAPES } from '../protocol/document-kinds.ts';
import type { Evidence, Learner } from '../protocol/progress.ts';
import type { BundledAttempt, BundledDocument, BundledRecording, Bundle, Capture, SubmissionKind } from '../protocol/reviews.ts';

/** What lies beside the learner's record. */
export interface Beside {
	readonly labs: readonly LabTexts[];
	capture(evidence: string): Promise<Capture | undefined>;
	/** Those that evidence carries. */
	recordings(learner: string, evidence: Evidence): Promise<readonly Omit<BundledRecording, 'url'>[]>;
}

export interface Wanted {
	readonly submission: string;
	readonly round: number;
	readonly kind: SubmissionKind;
	readonly of: string;
	readonly note: string;
	readonly at: string;
	readonly previous: string | undefined;
}

/** Lab, document, deliverable or what is declared: submissions of the same subject are one thread. */
export function subjectOf(learner: Learner, kind: SubmissionKind, of: string): string {
	return kind === 'lab' ? evidenceOf(learner, of).lab : of;
}

/** Rejects with `submission-too-large`, or where what is submitted is not there. */
export async function bundled(learner: Learner, wanted: Wanted, beside: Beside): Promise<Bundle> {
	const { of, previous, ...rest } = wanted;
	const parts = await contents(learner, wanted, beside);
	const body = { ...rest, learner: learner.id, ...parts, ...(previous === undefined ? {} : { previous }) };
	const text = canonicalJson(body);
	if (Buffer.byteLength(text) > LIMITS.submissionBytes) throw fault('submission-too-large', { limit: `${LIMITS.submissionBytes / 1024 / 1024} MiB` });
	return { ...body, digest: createHash('sha256').update(text).digest('hex') };
}

/** Whether a bundle is what its digest says, and each of its pieces, too. */
export function bundleHolds({ digest, ...body }: Bundle): boolean {
	return createHash('sha256').update(canonicalJson(body)).digest('hex') === digest;
}

async function contents(learner: Learner, wanted: Wanted, beside: Beside): Promise<Pick<Bundle, 'title' | 'attempts' | 'documents' | 'declared'>> {
	const document = (one: KeptDocument): BundledDocument => written(learner, one, beside.labs);
	const { kind, of } = wanted;
	switch (kind) {
		case 'declared': {
			const one = declaredOf(learner).find(({ id }) => id === of);
			if (one === undefined) throw fault('not-found', { path: of });
			return { title: one.title, attempts: [], documents: [], declared: [one] };
		}
		case 'lab': {
			const evidence = evidenceOf(learner, of);
			const about = documentsOf(learner).filter(({ content }) => content.attempt === of);
			return { title: titleOf(evidence.lab, beside.labs), attempts: [await attempted(learner, evidence, wanted, beside)], documents: about.map(document) };
		}
		case 'document': {
			const one = documentOf(learner, of);
			const evidence = learner.evidence.find(({ id }) => id === one.content.attempt);
			return {
				title: one.content.title || `Untitled ${KIND_SHAPES[one.kind].title.toLowerCase()}`,
				attempts: evidence === undefined ? [] : [await attempted(learner, evidence, wanted, beside)],
				documents: [document(one)],
			};
		}
		case 'portfolio': {
			const item = learner.portfolio.find(({ deliverable }) => deliverable === of);
			if (item === undefined) throw fault('not-found', { path: of });
			const newest = new Map(learner.evidence.filter(({ id, passed }) => passed && item.evidence.includes(id)).map((one) => [one.lab, one]));
			const attempts = [...newest.values()].slice(-LIMITS.submissionAttempts);
			const texts = writingsOf(learner).filter(({ id }) => item.evidence.includes(id));
			return {
				title: item.title,
				attempts: await Promise.all(attempts.map((one) => attempted(learner, one, wanted, beside))),
				documents: texts.map(asWritten),
			};
		}
	}
}

async function attempted(learner: Learner, evidence: Evidence, { submission, round }: Wanted, beside: Beside): Promise<BundledAttempt> {
	const { id, lab, attempt, at, verdict, files, digest } = evidence;
	const [capture, carried] = await Promise.all([beside.capture(id), beside.recordings(learner.id, evidence)]);
	const recordings = carried.map((one) => ({ ...one, url: `/api/submissions/${submission}/rounds/${round}/recordings/${id}/${one.id}` }));
	const title = titleOf(lab, beside.labs);
	return { evidence: id, lab, title, attempt, at, verdict, files, digest, ...(capture === undefined ? {} : { capture }), recordings };
}

function written(learner: Learner, { id, kind, version, content }: KeptDocument, labs: readonly LabTexts[]): BundledDocument {
	const markdown = withoutFrontMatter({ kind, content });
	const graded = grade({ kind, content }, factsFor(learner, id, content, labs));
	return { document: id, kind, title: content.title || 'Untitled', version, markdown, grade: graded, digest: textDigest(markdown) };
}

function asWritten({ id, documentKind, title, version, markdown, grade }: WrittenEvidence): BundledDocument {
	const text = plain(markdown);
	return { document: id, kind: documentKind, title, version, markdown: text, grade, digest: textDigest(text) };
}

/** The text of a writing as a bundle holds it: without front matter. */
export const plain = (markdown: string): string => markdown.replace(/^---\n[\s\S]*?\n---\n+/, '');
const textDigest = (text: string): string => createHash('sha256').update(text).digest('hex');

const titleOf = (lab: string, labs: readonly LabTexts[]): string => labs.find(({ definition }) => definition.id === lab)?.definition.title ?? lab;

function evidenceOf(learner: Learner, id: string): Evidence {
	const found = learner.evidence.find((one) => one.id === id);
	if (found === undefined) throw fault('not-found', { path: id });
	return found;
}
