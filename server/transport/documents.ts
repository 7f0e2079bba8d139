/** The documents' part of the JSON API: `protocol/documents.ts`. */
import { createHash, randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import { attemptOf, type LabTexts } from '../documents/facts.ts';
import { grade } from '../documents/grade.ts';
import { fromMarkdown, toMarkdown } from '../documents/markdown.ts';
import { blankDocument } from '../documents/templates.ts';
import { prose, words } from '../documents/text.ts';
import { fault } from '../errors/catalogue.ts';
import { canonicalJson } from '../progress/digest.ts';
import { factsFor, withoutFrontMatter } from '../progress/document-facts.ts';
import type { Progress } from '../progress/progress.ts';
import { documentAttached, documentMade, documentOf, documentRemoved, documentRestored, documentSaved, documentsOf, writingsOf } from '../progress/writing.ts';
import {
	type Attempt,
	attachDocumentSchema,
	type DocumentContent,
	type DocumentSummary,
	type KeptDocument,
	newDocumentSchema,
	readDocumentSchema,
	restoreDocumentSchema,
	saveDocumentSchema,
	type VersionSummary,
	type WrittenDocument,
} from '../protocol/documents.ts';
import type { Learner } from '../protocol/progress.ts';
import { KIND_SHAPES } from '../protocol/document-kinds.ts';
import { markdownToHtml } from './markdown.ts';
import { readJson } from './read-json.ts';

type Variables = { readonly Variables: { learner: string } };

export function documentRoutes(progress: Progress, labs: () => readonly LabTexts[]): Hono<Variables> {
	const app = new Hono<Variables>();
	const body = async <T>(c: Context, schema: z.ZodType<T>): Promise<T> => {
		const parsed = schema.safeParse(await readJson(c));
		if (parsed.success) return parsed.data;
		throw fault('body-invalid', { why: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
	};
	const now = (): string => new Date().toISOString();

	app.get('/documents', async (c) => c.json(summaries(await progress.read(c.var.learner))));
	app.post('/documents', async (c) => {
		const wanted = await body(c, newDocumentSchema);
		const { kind, content } = 'kind' in wanted ? { kind: wanted.kind, content: blankDocument(wanted.kind) } : fromMarkdown(wanted.markdown);
		const id = randomUUID();
		const { learner } = await progress.append(c.var.learner, `document:${id}`, (l) => documentMade(l, { id, kind, content }, now()));
		return c.json(shown(documentOf(learner, id)));
	});
	app.get('/documents/:id', async (c) => c.json(shown(documentOf(await progress.read(c.var.learner), c.req.param('id')))));
	app.put('/documents/:id', async (c) => {
		const id = c.req.param('id');
		const save = await body(c, saveDocumentSchema);
		// Said twice (an answer was lost), it is saved once: the key is the change itself.
		const key = `document:${id}:${save.base}:${createHash('sha256').update(canonicalJson(save.content)).digest('base64url')}`;
		const { learner } = await progress.append(c.var.learner, key, (l) => documentSaved(l, id, save, now()));
		return c.json(shown(documentOf(learner, id)));
	});
	app.delete('/documents/:id', async (c) => {
		const id = c.req.param('id');
		await progress.append(c.var.learner, `document:${id}:removed`, (l) => documentRemoved(l, id));
		return c.json({ removed: true });
	});
	app.get('/documents/:id/versions', async (c) => c.json(versions(documentOf(await progress.read(c.var.learner), c.req.param('id')))));
	app.post('/documents/:id/restore', async (c) => {
		const id = c.req.param('id');
		const { version } = await body(c, restoreDocumentSchema);
		const { learner } = await progress.append(c.var.learner, `document:${id}:restore:${randomUUID()}`, (l) => documentRestored(l, id, version, now()));
		return c.json(shown(documentOf(learner, id)));
	});
	app.post('/documents/:id/grade', async (c) => {
		const { content } = await body(c, readDocumentSchema);
		const learner = await progress.read(c.var.learner);
		const { id, kind } = documentOf(learner, c.req.param('id'));
		return c.json(grade({ kind, content }, factsFor(learner, id, content, labs())));
	});
	app.post('/documents/:id/preview', async (c) => {
		const { content } = await body(c, readDocumentSchema);
		const { kind } = documentOf(await progress.read(c.var.learner), c.req.param('id'));
		return c.json({ html: markdownToHtml(withoutFrontMatter({ kind, content })) });
	});
	app.get('/documents/:id/markdown', async (c) => {
		const { kind, content } = documentOf(await progress.read(c.var.learner), c.req.param('id'));
		const name = (
			content.title
				.normalize('NFKD')
				.replace(/[^\w]+/g, '-')
				.replace(/^-+|-+$/g, '')
				.toLowerCase() || kind
		).slice(0, 60);
		return c.text(toMarkdown({ kind, content }), 200, {
			'content-type': 'text/markdown; charset=utf-8',
			'content-disposition': `attachment; filename="${name}.md"`,
		});
	});
	app.post('/documents/:id/attach', async (c) => {
		const document = c.req.param('id');
		const { deliverable } = await body(c, attachDocumentSchema);
		const learner = await progress.read(c.var.learner);
		const { kind, content } = documentOf(learner, document);
		// Another document's evidence is no copy of this one; an earlier hand-in of this one is itself.
		const graded = grade({ kind, content }, factsFor(learner, document, content, labs()));
		const id = randomUUID();
		const attachment = { id, document, deliverable, title: KIND_SHAPES[kind].title, markdown: toMarkdown({ kind, content }), grade: graded };
		const after = await progress.append(c.var.learner, `writing:${id}`, (l) => documentAttached(l, attachment, now()));
		return c.json(writingsOf(after.learner).find((w) => w.id === id));
	});
	app.get('/attempts', async (c) => c.json(attempts(await progress.read(c.var.learner), labs())));
	app.get('/writings/:id', async (c) => {
		const found = writingsOf(await progress.read(c.var.learner)).find((w) => w.id === c.req.param('id'));
		if (found === undefined) throw fault('not-found', { path: c.req.path });
		return c.json(found);
	});
	return app;
}

const shown = ({ earlier: _, ...document }: KeptDocument): WrittenDocument => document;
const count = (kind: KeptDocument['kind'], content: DocumentContent): number => words(prose(withoutFrontMatter({ kind, content }))).length;

function summaries(learner: Learner): DocumentSummary[] {
	return documentsOf(learner)
		.map(({ id, kind, createdAt, updatedAt, version, content }) => ({
			id,
			kind,
			createdAt,
			updatedAt,
			version,
			title: content.title,
			words: count(kind, content),
			attached: writingsOf(learner).flatMap((w) => (w.document === id ? [w.deliverable] : [])),
			...(content.attempt === undefined ? {} : { attempt: content.attempt }),
		}))
		.sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}

function versions({ kind, earlier }: KeptDocument): VersionSummary[] {
	return earlier.map(({ version, at, content }) => ({ version, at, words: count(kind, content) })).reverse();
}

function attempts(learner: Learner, labs: readonly LabTexts[]): Attempt[] {
	const lab = (id: string): LabTexts['definition'] | undefined => labs.find((l) => l.definition.id === id)?.definition;
	return learner.evidence.map((evidence) => attemptOf(learner, evidence, lab(evidence.lab))).sort((a, b) => b.at.localeCompare(a.at));
}
