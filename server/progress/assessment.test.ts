import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { LIMITS } from '../limits.ts';
import { type AssessmentChange, assessmentChangeSchema, type Piece } from '../protocol/assessment.ts';
import { DIMENSIONS, independent, labsOf } from '../protocol/pieces.ts';
import type { Evidence, Learner } from '../protocol/progress.ts';
import { assessmentFault, assessmentMoved } from './assessment.ts';

const attempt = (id: string, lab: string, passed = true): Evidence => ({ id, lab, passed }) as Evidence;
const learner: Learner = {
	id: 'a',
	name: '',
	createdAt: '',
	version: 0,
	labs: {},
	reading: {},
	evidence: [attempt('e1', 'three-tiers'), attempt('e2', 'three-tiers'), attempt('e3', 'other'), attempt('bad', 'third', false)],
	portfolio: [],
	rubric: [],
	documents: [
		{ id: 'd1', content: {} },
		{ id: 'about', content: { attempt: 'e2' } },
	] as Learner['documents'],
	applied: [],
};
const graded = (evidence: string): Piece => ({ kind: 'graded', evidence, claim: '' });
const link = (url: string): Piece => ({ kind: 'link', url, claim: 'What it shows, said in words' });
const rate = (pieces: Piece[], level: 'mid' | 'senior' = 'senior'): AssessmentChange => ({ action: 'rate', dimension: 'security', level, pieces });
const labOf = labsOf(learner.evidence, [{ id: 'd1' }, { id: 'about', attempt: 'e2' }]);
const document = (id: string): Piece => ({ kind: 'document', document: id, claim: '' });
const run = (over = {}): AssessmentChange => ({
	action: 'run',
	run: { exercise: 'rfc', seconds: 60, by: 'self', mentor: '', scores: { rollout: 2 }, notes: '', ...over },
});

describe('a senior claim', () => {
	it.each([
		['nothing', []],
		['one piece', [graded('e1')]],
		['two attempts at one lab', [graded('e1'), graded('e2')]],
		['an attempt and a document drawn from another at the same lab', [graded('e1'), document('about')]],
		['two places of one repository', [link('https://github.com/a/b/pull/1'), link('https://www.GitHub.com/a/b.git')]],
		['the same page twice', [link('https://example.org/x'), link('https://example.org/x/#part')]],
	])('with %s is refused, saying why', (_, pieces) => {
		expect(assessmentFault(learner, rate(pieces))).toContain('2 independent pieces');
		expect(assessmentMoved(learner, rate(pieces), '1')).toBe(learner);
		expect(assessmentFault(learner, rate(pieces, 'mid'))).toBeUndefined();
	});

	it.each([
		['two labs', [graded('e1'), graded('e3')]],
		['a lab and a link', [graded('e1'), link('https://github.com/a/b')]],
		['two repositories', [link('https://github.com/a/b'), link('https://github.com/a/c')]],
		['a document and a lab', [graded('e1'), document('d1')]],
		['a lab and a document drawn from an attempt at another', [graded('e3'), document('about')]],
	])('with %s stands', (_, pieces) => {
		expect(independent(pieces, labOf)).toBe(2);
		expect(assessmentMoved(learner, rate(pieces), '1').assessment?.self.security).toEqual({ level: 'senior', pieces, at: '1' });
	});
});

describe('an assessment', () => {
	it('takes no attempt that failed or is not there', () => {
		expect(assessmentFault(learner, rate([{ kind: 'document', document: 'unknown', claim: '' }], 'mid'))).toContain('documents');
		for (const id of ['bad', 'unknown']) expect(assessmentFault(learner, rate([graded(id)], 'mid'))).toContain('passed attempts');
	});

	it('takes no link without a claim, and none that is no web address', () => {
		expect(assessmentChangeSchema.safeParse(rate([link('https://example.org/x')], 'mid')).success).toBe(true);
		expect(assessmentChangeSchema.safeParse(rate([{ ...link('https://example.org/x'), claim: '' } as Piece], 'mid')).success).toBe(false);
		expect(assessmentChangeSchema.safeParse(rate([link('javascript:alert(1)')], 'mid')).success).toBe(false);
	});

	it('keeps at most LIMITS.piecesPerRating pieces', () => {
		const pieces = Array.from({ length: LIMITS.piecesPerRating + 1 }, (_, i) => link(`https://example.org/${i}`));
		expect(assessmentFault(learner, rate(pieces, 'mid'))).toContain(String(LIMITS.piecesPerRating));
		expect(assessmentFault(learner, rate(pieces.slice(1), 'mid'))).toBeUndefined();
	});

	it('remembers LIMITS.ratingsKept changes of level, and only changes', () => {
		let now = learner;
		for (let i = 0; i < LIMITS.ratingsKept + 10; i++)
			now = assessmentMoved(now, { action: 'rate', dimension: 'product', level: i % 2 ? 'mid' : 'started', pieces: [] }, String(i));
		expect(now.assessment?.history).toHaveLength(LIMITS.ratingsKept);
		const again = assessmentMoved(now, { action: 'rate', dimension: 'product', level: 'mid', pieces: [] }, 'later');
		expect(again.assessment?.history).toEqual(now.assessment?.history);
	});

	it('keeps LIMITS.exerciseRuns rounds with LIMITS.exerciseCriteria criteria, and a mentor’s only with a name', () => {
		let now = learner;
		for (let i = 0; i < LIMITS.exerciseRuns + 3; i++) now = assessmentMoved(now, run(), String(i));
		expect(now.assessment?.runs).toHaveLength(LIMITS.exerciseRuns);
		const scores = Object.fromEntries(Array.from({ length: LIMITS.exerciseCriteria + 1 }, (_, i) => [`c${i}`, 1]));
		expect(assessmentFault(learner, run({ scores }))).toContain(String(LIMITS.exerciseCriteria));
		expect(assessmentFault(learner, run({ by: 'mentor' }))).toContain('name');
		expect(assessmentFault(learner, run({ by: 'mentor', mentor: 'Ada' }))).toBeUndefined();
	});

	it('gives nobody a way to write a mentor’s rating', () => {
		expect(assessmentChangeSchema.safeParse({ action: 'rate', dimension: 'product', level: 'mid', pieces: [], by: 'mentor' }).success).toBe(false);
		expect(assessmentMoved(learner, rate([], 'mid'), '1').assessment?.mentor).toEqual({});
	});

	it('has a word for each dimension in the content', () => {
		const entries = parse(readFileSync('content/rubric/scorecard.yaml', 'utf8')) as { id: string }[];
		expect(entries.map(({ id }) => id)).toEqual([...DIMENSIONS]);
	});
});
