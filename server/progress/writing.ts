/** What can happen to a learner's documents: each a function from record to record. Faults are thrown inside the writer, which rejects that change alone. */
import { createHash } from 'node:crypto';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { DocumentKind } from '../protocol/document-kinds.ts';
import type { DocumentContent, DocumentVersion, Grade, KeptDocument, WrittenEvidence } from '../protocol/documents.ts';
import type { Learner } from '../protocol/progress.ts';
import { canonicalJson } from './digest.ts';

/** Saves within this many ms of each other are one version to go back to. */
const VERSION_MS = 60_000;

export const documentsOf = (learner: Learner): readonly KeptDocument[] => learner.documents ?? [];
/** Those handed in before it was kept which attempt they draw on are taken to draw on the one that their document names now. */
export const writingsOf = (learner: Learner): readonly WrittenEvidence[] =>
	(learner.writings ?? []).map((writing) => {
		const attempt = writing.attempt ?? documentsOf(learner).find(({ id }) => id === writing.document)?.content.attempt;
		return attempt === undefined ? writing : { ...writing, attempt };
	});

export function documentOf(learner: Learner, id: string): KeptDocument {
	const found = documentsOf(learner).find((document) => document.id === id);
	if (found === undefined) throw fault('document-unknown', { document: id });
	return found;
}

export function documentMade(
	learner: Learner,
	made: { readonly id: string; readonly kind: DocumentKind; readonly content: DocumentContent },
	at: string,
): Learner {
	if (documentsOf(learner).length >= LIMITS.documentsKept) throw fault('documents-full', { limit: `${LIMITS.documentsKept} documents` });
	checkSize(made.content);
	return withinBytes({ ...learner, documents: [...documentsOf(learner), { ...made, createdAt: at, updatedAt: at, version: 1, earlier: [] }] });
}

/** Saves over `base`. What somebody saved meanwhile is never overwritten: then it is refused. */
export function documentSaved(learner: Learner, id: string, save: { readonly base: number; readonly content: DocumentContent }, at: string): Learner {
	const old = documentOf(learner, id);
	if (old.version !== save.base) throw fault('document-changed', { title: old.content.title || 'The document', version: old.version });
	checkSize(save.content);
	if (canonicalJson(old.content) === canonicalJson(save.content)) return learner;
	const next: KeptDocument = { ...old, version: old.version + 1, updatedAt: at, content: save.content, earlier: kept(old) };
	return withinBytes({ ...learner, documents: documentsOf(learner).map((document) => (document === old ? next : document)) });
}

/** An earlier version's text as a new version. */
export function documentRestored(learner: Learner, id: string, version: number, at: string): Learner {
	const old = documentOf(learner, id);
	const found = old.earlier.find((one) => one.version === version);
	if (found === undefined) throw fault('document-version-unknown', { version });
	const now: DocumentVersion = { version: old.version, at: old.updatedAt, content: old.content };
	const next: KeptDocument = {
		...old,
		version: old.version + 1,
		updatedAt: at,
		content: found.content,
		earlier: [...old.earlier, now].slice(-LIMITS.documentVersions),
	};
	return withinBytes({ ...learner, documents: documentsOf(learner).map((document) => (document === old ? next : document)) });
}

/** The document goes; evidence made of it holds a text of its own and stays. */
export function documentRemoved(learner: Learner, id: string): Learner {
	documentOf(learner, id);
	return { ...learner, documents: documentsOf(learner).filter((document) => document.id !== id) };
}

export interface Attachment {
	readonly id: string;
	readonly document: string;
	readonly deliverable: string;
	/** Deliverable's title, where this fills it first. */
	readonly title: string;
	readonly markdown: string;
	readonly grade: Grade;
}

/** Text and grade become evidence under a deliverable. Attached again, the newer text takes the older one's place. */
export function documentAttached(learner: Learner, { id, document, deliverable, title, markdown, grade }: Attachment, at: string): Learner {
	const { kind, version, content } = documentOf(learner, document);
	const replaced = new Set(
		writingsOf(learner)
			.filter((w) => w.document === document && w.deliverable === deliverable)
			.map((w) => w.id),
	);
	if (writingsOf(learner).length - replaced.size >= LIMITS.writingsKept)
		throw fault('documents-full', { limit: `${LIMITS.writingsKept} documents in the portfolio` });
	const digest = createHash('sha256').update(canonicalJson({ grade, markdown })).digest('hex');
	const evidence: WrittenEvidence = {
		id,
		kind: grade.factual && grade.passed ? 'graded' : 'self-declared',
		document,
		...(content.attempt === undefined || content.attempt === '' ? {} : { attempt: content.attempt }),
		documentKind: kind,
		version,
		title: content.title || 'Untitled',
		deliverable,
		at,
		grade,
		markdown,
		digest,
	};
	const portfolio = learner.portfolio.map((item) => ({ ...item, evidence: item.evidence.filter((one) => !replaced.has(one)) }));
	const found = portfolio.find((item) => item.deliverable === deliverable);
	return withinBytes({
		...learner,
		writings: [...writingsOf(learner).filter((w) => !replaced.has(w.id)), evidence],
		portfolio:
			found === undefined
				? [...portfolio, { id: deliverable, deliverable, title, evidence: [id], updatedAt: at }]
				: portfolio.map((item) => (item === found ? { ...item, evidence: [...item.evidence, id], updatedAt: at } : item)),
	});
}

function checkSize(content: DocumentContent): void {
	if (Buffer.byteLength(JSON.stringify(content)) > LIMITS.documentBytes) throw fault('document-too-large', { limit: `${LIMITS.documentBytes / 1024} KiB` });
}

/** The version that is being replaced is kept, unless one was kept a moment ago: autosaves are not each a version. */
function kept(old: KeptDocument): DocumentVersion[] {
	const last = old.earlier.at(-1);
	if (last !== undefined && Date.parse(old.updatedAt) - Date.parse(last.at) < VERSION_MS) return [...old.earlier];
	return [...old.earlier, { version: old.version, at: old.updatedAt, content: old.content }].slice(-LIMITS.documentVersions);
}

/** All documents fit their share of the record; the oldest earlier versions make room. */
function withinBytes(learner: Learner): Learner {
	let documents = documentsOf(learner);
	let bytes = Buffer.byteLength(JSON.stringify(documents)) + Buffer.byteLength(JSON.stringify(writingsOf(learner)));
	while (bytes > LIMITS.documentsBytes) {
		const oldest = documents.flatMap((d) => d.earlier.slice(0, 1)).sort((a, b) => a.at.localeCompare(b.at))[0];
		if (oldest === undefined) throw fault('documents-full', { limit: `${LIMITS.documentsBytes / 1024 / 1024} MiB of documents` });
		documents = documents.map((d) => (d.earlier[0] === oldest ? { ...d, earlier: d.earlier.slice(1) } : d));
		bytes -= Buffer.byteLength(JSON.stringify(oldest)) + 1;
	}
	return { ...learner, documents: [...documents] };
}
