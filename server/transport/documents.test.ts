import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { excellent } from '../documents/testing/postmortems.ts';
import { toFault } from '../errors/catalogue.ts';
import { Progress } from '../progress/progress.ts';
import { attemptSchema, documentSchema, documentSummarySchema, gradeSchema, type WrittenDocument, writtenEvidenceSchema } from '../protocol/documents.ts';
import type { Evidence } from '../protocol/progress.ts';
import { LowdbStore } from '../store/lowdb.ts';
import { documentRoutes } from './documents.ts';

const brief = 'The notes service answers at notes.foothold.test, and this morning writers complain that saving fails now and then. Find out why.';
const lab = {
	definition: {
		id: 'notes',
		title: 'Notes',
		summary: 'Notes.',
		tasks: [{ id: 'up', title: 'The API answers', text: 'Do it.', checks: [], hints: [] }],
		fault: { components: ['deployment/api'], mechanisms: ['memory-limit'] },
	},
	brief,
};
const verdict = {
	lab: 'notes',
	attempt: 1,
	score: 90,
	passed: true,
	capped: false,
	checks: [],
	gradedAt: '2026-11-12T10:31:05.000Z',
	tookMs: 1,
	seed: 1,
	graderVersion: '1',
	provider: 'simulator',
};
const evidence: Evidence = {
	id: 'ev-1',
	kind: 'graded',
	lab: 'notes',
	attempt: 1,
	score: 90,
	passed: true,
	at: verdict.gradedAt,
	verdict,
	files: {},
	digest: 'x',
};

async function server() {
	const progress = new Progress(new LowdbStore(await mkdtemp(join(tmpdir(), 'foothold-documents-'))));
	await progress.append('local', 'seed', (l) => ({
		...l,
		evidence: [evidence],
		labs: {
			notes: {
				lab: 'notes',
				startedAt: '2026-11-12T09:58:10.000Z',
				tasksDone: { up: '2026-11-12T10:21:40.000Z', late: '2026-11-13T00:00:00.000Z' },
				hintsOpened: {},
				attempts: 1,
				bestScore: 90,
			},
		},
	}));
	const app = new Hono<{ Variables: { learner: string } }>();
	app.use('*', async (c, next) => {
		c.set('learner', 'local');
		await next();
	});
	app.onError((error, c) => c.json(toFault(error).toJSON(), toFault(error).status as 400));
	app.route(
		'/',
		documentRoutes(progress, () => [lab]),
	);
	const call = async (method: string, path: string, body?: unknown) => {
		const response = await app.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
		const text = await response.text();
		return { status: response.status, headers: response.headers, text, json: (): unknown => JSON.parse(text) };
	};
	const make = async (): Promise<WrittenDocument> => documentSchema.parse((await call('POST', '/documents', { kind: 'postmortem' })).json());
	return { call, make };
}

describe('documents over HTTP', () => {
	it('are made, saved, listed, exported and removed', async () => {
		const { call, make } = await server();
		const { id } = await make();
		const saved = await call('PUT', `/documents/${id}`, { base: 1, content: excellent });
		expect(documentSchema.parse(saved.json())).toMatchObject({ version: 2, content: { title: excellent.title } });
		expect((await call('PUT', `/documents/${id}`, { base: 1, content: excellent })).status).toBe(200);
		const list = documentSummarySchema.array().parse((await call('GET', '/documents')).json());
		expect(list).toMatchObject([{ id, title: excellent.title, attached: [] }]);
		expect(list[0]?.words).toBeGreaterThan(300);
		const file = await call('GET', `/documents/${id}/markdown`);
		expect(file.headers.get('content-disposition')).toBe('attachment; filename="saving-notes-failed-after-release-1-8-0.md"');
		const copy = documentSchema.parse((await call('POST', '/documents', { markdown: file.text })).json());
		expect(copy.content).toEqual(excellent);
		expect((await call('DELETE', `/documents/${id}`)).status).toBe(200);
		expect((await call('GET', `/documents/${id}`)).json()).toMatchObject({ code: 'document-unknown' });
	});

	it('go back to an earlier version', async () => {
		const { call, make } = await server();
		const { id } = await make();
		await call('PUT', `/documents/${id}`, { base: 1, content: excellent });
		expect((await call('GET', `/documents/${id}/versions`)).json()).toMatchObject([{ version: 1 }]);
		expect((await call('POST', `/documents/${id}/restore`, { version: 1 })).json()).toMatchObject({ version: 3, content: { title: '' } });
	});

	it('are graded against the attempt that they name, and against the lab’s words', async () => {
		const { call, make } = await server();
		const { id } = await make();
		const attempts = attemptSchema.array().parse((await call('GET', '/attempts')).json());
		expect(attempts[0]?.events.map((e) => [e.id, e.type])).toEqual([
			['ev-1/begun', 'start'],
			['ev-1/task-up', 'action'],
			['ev-1/verdict', 'resolved'],
		]);
		const timeline = (attempts[0]?.events ?? []).map(({ id: source, at, what, type }) => ({ at, what, type, source }));
		const content = { ...excellent, attempt: 'ev-1', timeline };
		const row = async (over: object, check: string) =>
			gradeSchema.parse((await call('POST', `/documents/${id}/grade`, { content: { ...content, ...over } })).json()).rows.find((r) => r.check === check)
				?.outcome;
		expect([await row({}, 'timeline-true'), await row({}, 'timeline-sources'), await row({ attempt: undefined }, 'timeline-true')]).toEqual([
			'pass',
			'pass',
			'could-not-grade',
		]);
		expect(await row({ timeline: excellent.timeline }, 'timeline-true')).toBe('fail');
		expect(await row({ texts: Object.fromEntries(Object.keys(excellent.texts).map((part) => [part, brief])) }, 'copying')).toBe('fail');
	});

	it('are previewed without any markup of their own', async () => {
		const { call, make } = await server();
		const { id } = await make();
		const { html } = (
			await call('POST', `/documents/${id}/preview`, { content: { ...excellent, texts: { cause: '<img src=x onerror=alert(1)> **it**' } } })
		).json() as { html: string };
		expect(html).toContain('<strong>it</strong>');
		expect(html).not.toContain('<img');
	});

	it('are graded evidence where timeline and cause are those of the lab', async () => {
		const { call, make } = await server();
		const { id } = await make();
		const attempts = attemptSchema.array().parse((await call('GET', '/attempts')).json());
		const drawn = (attempts[0]?.events ?? []).map(({ id: source, at, what, type }) => ({ at, what, type, source }));
		const hand = async (over: object, base: number): Promise<unknown> => {
			await call('PUT', `/documents/${id}`, { base, content: { ...excellent, attempt: 'ev-1', timeline: drawn, ...over } });
			return writtenEvidenceSchema.parse((await call('POST', `/documents/${id}/attach`, { deliverable: 'postmortems' })).json()).kind;
		};
		expect(await hand({}, 1)).toBe('graded');
		expect(await hand({ texts: { ...excellent.texts, mechanism: 'dns' } }, 2)).toBe('self-declared');
	});

	it('become evidence that says how it came about', async () => {
		const { call, make } = await server();
		const { id } = await make();
		await call('PUT', `/documents/${id}`, { base: 1, content: { ...excellent, attempt: undefined } });
		const attached = writtenEvidenceSchema.parse((await call('POST', `/documents/${id}/attach`, { deliverable: 'postmortems' })).json());
		expect(attached).toMatchObject({ kind: 'self-declared', documentKind: 'postmortem', version: 2, grade: { factual: false, passed: true } });
		expect((await call('GET', `/writings/${attached.id}`)).json()).toEqual(attached);
		expect((await call('GET', '/documents')).json()).toMatchObject([{ attached: ['postmortems'] }]);
	});

	it.each([
		['POST', '/documents', { kind: 'poem' }],
		['POST', '/documents/x/attach', { deliverable: '../x' }],
		['PUT', '/documents/x', { base: 1 }],
		['POST', '/documents/x/grade', { content: { title: 1 } }],
	])('refuse what they cannot read: %s %s', async (method, path, body) => {
		const { call } = await server();
		expect((await call(method, path, body)).json()).toMatchObject({ code: 'body-invalid' });
	});

	it('refuse bodies that are too large', async () => {
		const { call, make } = await server();
		const { id } = await make();
		expect((await call('PUT', `/documents/${id}`, { base: 1, content: { ...excellent, texts: { cause: 'x'.repeat(70_000) } } })).json()).toMatchObject({
			code: 'body-too-large',
		});
	});
});
