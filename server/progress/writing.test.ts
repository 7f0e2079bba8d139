import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { DocumentContent, Grade } from '../protocol/documents.ts';
import type { Learner } from '../protocol/progress.ts';
import { LowdbStore } from '../store/lowdb.ts';
import { Progress } from './progress.ts';
import { documentAttached, documentMade, documentOf, documentRemoved, documentRestored, documentSaved, documentsOf, writingsOf } from './writing.ts';

const nobody: Learner = { id: 'a', name: '', createdAt: '', version: 0, labs: {}, reading: {}, evidence: [], portfolio: [], rubric: [], applied: [] };
const written = (title: string, cause = ''): DocumentContent => ({ title, texts: { cause }, timeline: [], actions: [], options: [] });
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString();
const code = (act: () => unknown): unknown => {
	try {
		act();
		return 'nothing was thrown';
	} catch (error) {
		return (error as { code: unknown }).code;
	}
};
const made = documentMade(nobody, { id: 'd', kind: 'postmortem', content: written('One') }, at(0));
const graded: Grade = { rows: [], score: 91, graded: 80, passed: true, factual: true };
const attachment = { id: 'w', document: 'd', deliverable: 'postmortems', title: 'Postmortems', markdown: '# One', grade: graded };

describe('a document', () => {
	it('is saved over the version that it was made from, and over no other', () => {
		const saved = documentSaved(made, 'd', { base: 1, content: written('Two') }, at(5));
		expect(documentOf(saved, 'd')).toMatchObject({ version: 2, updatedAt: at(5), content: { title: 'Two' } });
		expect(code(() => documentSaved(saved, 'd', { base: 1, content: written('Three') }, at(6)))).toBe('document-changed');
		expect(code(() => documentSaved(saved, 'none', { base: 1, content: written('Three') }, at(6)))).toBe('document-unknown');
		expect(documentSaved(saved, 'd', { base: 2, content: written('Two') }, at(7))).toBe(saved);
	});

	it('keeps earlier versions, one a minute at most, and goes back to one', () => {
		let learner = made;
		for (let i = 1; i <= 6; i++)
			learner = documentSaved(learner, 'd', { base: i, content: written(`v${i + 1}`) }, new Date(Date.parse(at(1)) + i * 20_000).toISOString());
		expect(documentOf(learner, 'd').earlier.map((v) => v.content.title)).toEqual(['One', 'v2', 'v5']);
		const back = documentRestored(learner, 'd', 1, at(9));
		expect(documentOf(back, 'd')).toMatchObject({ version: 8, content: { title: 'One' } });
		expect(documentOf(back, 'd').earlier.at(-1)?.content.title).toBe('v7');
		expect(code(() => documentRestored(learner, 'd', 99, at(9)))).toBe('document-version-unknown');
	});

	it('keeps LIMITS.documentVersions of them', () => {
		let learner = made;
		for (let i = 1; i <= LIMITS.documentVersions + 5; i++) learner = documentSaved(learner, 'd', { base: i, content: written(`v${i + 1}`) }, at(2 * i));
		expect(documentOf(learner, 'd').earlier).toHaveLength(LIMITS.documentVersions);
	});

	it('holds LIMITS.documentBytes', () => {
		expect(code(() => documentSaved(made, 'd', { base: 1, content: written('x', 'y'.repeat(LIMITS.documentBytes)) }, at(1)))).toBe('document-too-large');
	});

	it('has LIMITS.documentsKept beside it at most', () => {
		let learner = nobody;
		for (let i = 0; i < LIMITS.documentsKept; i++) learner = documentMade(learner, { id: `d${i}`, kind: 'rfc', content: written('') }, at(0));
		expect(code(() => documentMade(learner, { id: 'more', kind: 'rfc', content: written('') }, at(0)))).toBe('documents-full');
	});

	it('makes room within LIMITS.documentsBytes by its oldest versions, and is refused when there are none', () => {
		const big = (n: number): DocumentContent => written(`n${n}`, 'y'.repeat(LIMITS.documentBytes - 300));
		let learner = made;
		for (let i = 1; i <= 12; i++) learner = documentSaved(learner, 'd', { base: i, content: big(i) }, at(2 * i));
		const before = documentOf(learner, 'd').earlier.length;
		let refused: unknown;
		for (let i = 0; i < LIMITS.documentsKept - 1 && refused === undefined; i++)
			learner = documentMade(learner, { id: `x${i}`, kind: 'rfc', content: big(i) }, at(30));
		expect(Buffer.byteLength(JSON.stringify(learner.documents))).toBeLessThanOrEqual(LIMITS.documentsBytes);
		expect(before).toBeGreaterThan(10);
		refused = code(() => {
			for (let i = 0; i < 80; i++)
				learner = documentAttached(learner, { ...attachment, id: `w${i}`, deliverable: `p${i}`, markdown: 'y'.repeat(48_000) }, at(31));
		});
		expect(refused).toBe('documents-full');
		expect(documentOf(learner, 'd').earlier).toEqual([]);
	});

	it('is gone when it is removed; evidence made of it stays', () => {
		const gone = documentRemoved(documentAttached(made, attachment, at(1)), 'd');
		expect([documentsOf(gone), writingsOf(gone).length]).toEqual([[], 1]);
	});
});

describe('a document as evidence', () => {
	it('is graded where facts held, self-declared otherwise', () => {
		const kind = (grade: Grade): string | undefined => writingsOf(documentAttached(made, { ...attachment, grade }, at(1)))[0]?.kind;
		expect([kind(graded), kind({ ...graded, factual: false }), kind({ ...graded, passed: false })]).toEqual(['graded', 'self-declared', 'self-declared']);
	});

	it('keeps which attempt its facts came from; one from before that is taken at its document’s word', () => {
		const about = { ...written('One'), attempt: 'ev-1' };
		const handedIn = documentAttached(documentMade(nobody, { id: 'd', kind: 'postmortem', content: about }, at(0)), attachment, at(5));
		const later = documentSaved(handedIn, 'd', { base: 1, content: { ...about, attempt: 'ev-2' } }, at(6));
		expect(writingsOf(later)[0]?.attempt).toBe('ev-1');
		const older = { ...later, writings: (later.writings ?? []).map(({ attempt: _, ...writing }) => writing) };
		expect(writingsOf(older)[0]?.attempt).toBe('ev-2');
		expect(writingsOf(documentAttached(made, attachment, at(5)))[0]).not.toHaveProperty('attempt');
	});

	it('fills its portfolio item; handed in again it takes the older one’s place', () => {
		const once = documentAttached(made, attachment, at(1));
		const twice = documentAttached(once, { ...attachment, id: 'w2', markdown: '# One, again' }, at(2));
		expect(twice.portfolio).toEqual([{ id: 'postmortems', deliverable: 'postmortems', title: 'Postmortems', evidence: ['w2'], updatedAt: at(2) }]);
		expect(writingsOf(twice).map((w) => w.id)).toEqual(['w2']);
		expect(writingsOf(twice)[0]?.digest).not.toBe(writingsOf(once)[0]?.digest);
	});

	it('has LIMITS.writingsKept beside it at most', () => {
		let learner = made;
		for (let i = 0; i < LIMITS.writingsKept; i++) learner = documentAttached(learner, { ...attachment, id: `w${i}`, deliverable: `p${i}` }, at(1));
		expect(code(() => documentAttached(learner, { ...attachment, deliverable: 'more' }, at(1)))).toBe('documents-full');
	});
});

describe('documents in the record', () => {
	it('are on the disk once they are acknowledged, and a refused save leaves the others be', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'foothold-writing-'));
		const progress = new Progress(new LowdbStore(folder));
		const results = await Promise.allSettled([
			progress.append('local', 'a', (l) => documentMade(l, { id: 'd', kind: 'postmortem', content: written('One') }, at(0))),
			progress.append('local', 'b', (l) => documentSaved(l, 'd', { base: 7, content: written('Lost') }, at(1))),
			progress.append('local', 'c', (l) => documentSaved(l, 'd', { base: 1, content: written('Two') }, at(1))),
			progress.append('local', 'c', (l) => documentSaved(l, 'd', { base: 1, content: written('Two') }, at(1))),
		]);
		expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
		const again = await new Progress(new LowdbStore(folder)).read('local');
		expect(documentOf(again, 'd')).toMatchObject({ version: 2, content: { title: 'Two' } });
	});
});
