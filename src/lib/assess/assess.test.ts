import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Assessment, dimensionSchema, levelSchema, type MentorMark, type Piece } from '../../../server/protocol/assessment.ts';
import { type GradedFacts, gradedLevel, gradedPieces, originsOf } from '../../../server/protocol/graded.ts';
import { DIMENSIONS } from '../../../server/protocol/pieces.ts';
import type { Evidence } from '../../../server/protocol/progress.ts';
import { type Action, nextThings } from './next.ts';
import { overTime } from './over-time.ts';
import { attachables, provenBy } from './pieces.ts';
import { type DimensionFacts, standings } from './standings.ts';

const content = <T>(name: string): T => parse(readFileSync(`content/rubric/${name}.yaml`, 'utf8')) as T;
const dimensions = content<DimensionFacts[]>('scorecard');
const actions = content<Action[]>('actions');
const deliverableOf = { a: 'month-2-three-tier-app', b: 'month-6-compliance-report' };
const passed = (id: string, lab: string, at = '2026-01-01'): Evidence => ({ id, lab, at, kind: 'graded', passed: true }) as Evidence;
const nothing: Assessment = { self: {}, mentor: {}, history: [], runs: [] };
const mark = (level: MentorMark['level'], over: Partial<MentorMark> = {}): MentorMark => ({ level, by: 'Mina', person: 'p1', at: '2026-01-01', ...over });
const link = (n: number): Piece => ({ kind: 'link', url: `https://example.org/${n}`, claim: 'what it shows' });
const of = (evidence: Evidence[], assessment: Assessment = nothing) => standings(dimensions, { evidence }, assessment, deliverableOf);
const one = (id: string, ...given: Parameters<typeof of>) => of(...given).find((standing) => standing.id === id);

describe('standings', () => {
	it('of a newcomer are nothing, in nine dimensions', () => {
		expect(of([]).map(({ id, shown, self }) => [id, shown, self])).toEqual(DIMENSIONS.map((id) => [id, 'none', undefined]));
	});

	it('grade by distinct labs, and never beyond mid', () => {
		expect(one('security', [passed('1', 'a'), passed('2', 'a')])).toMatchObject({ graded: 'started', gradedPieces: 1 });
		expect(one('security', [passed('1', 'a'), passed('2', 'b')])).toMatchObject({ graded: 'mid', shown: 'mid', self: undefined });
		expect(one('product', [passed('1', 'a'), passed('2', 'b')])?.graded).toBe('none');
	});

	it('keep apart what is said, what carries it, and what a mentor confirmed', () => {
		const rated = (pieces: Piece[]): Assessment => ({ ...nothing, self: { product: { level: 'senior', pieces, at: '' } } });
		expect(one('product', [], rated([]))).toMatchObject({ self: 'senior', backed: 'none', shown: 'none' });
		expect(one('product', [], rated([link(1)]))).toMatchObject({ backed: 'mid' });
		expect(one('product', [], rated([link(1), link(2)]))).toMatchObject({ backed: 'senior', graded: 'none', mentor: { level: undefined } });
		const confirmed: Assessment = { ...nothing, mentor: { product: [mark('mid')] } };
		expect(one('product', [], confirmed)).toMatchObject({ self: undefined, mentor: { level: 'mid', alone: false }, shown: 'mid' });
	});

	it('show senior on one mentor’s mark only beside graded evidence at mid, or a second mentor’s', () => {
		const marked = (...marks: MentorMark[]): Assessment => ({ ...nothing, mentor: { security: marks } });
		const two = [passed('1', 'a'), passed('2', 'b')];
		expect(one('security', [], marked(mark('senior')))).toMatchObject({ mentor: { level: 'mid', alone: true }, shown: 'mid' });
		expect(one('security', two.slice(1), marked(mark('senior')))).toMatchObject({ shown: 'mid' });
		expect(one('security', two, marked(mark('senior')))).toMatchObject({ mentor: { level: 'senior', alone: false }, shown: 'senior' });
		expect(one('security', [], marked(mark('senior'), mark('senior', { person: 'p2', by: 'Sol' })))?.shown).toBe('senior');
	});

	it('take a document for the lab that its facts come from: one origin', () => {
		const document = {
			id: 'w',
			kind: 'graded',
			document: 'd',
			attempt: '1',
			deliverable: 'postmortems',
			at: '2026-01-02',
			grade: { factual: true, passed: true },
		};
		const facts = (over: object): GradedFacts => ({ evidence: [passed('1', 'a')], writings: [{ ...document, ...over }] as never });
		const graded = (over: object) =>
			gradedLevel(
				originsOf(
					gradedPieces(facts(over), (lab) => ({ a: 'month-2-three-tier-app' })[lab]),
					['month-2-three-tier-app', 'postmortems'],
				),
			);
		expect(graded({})).toBe('started');
		expect(graded({ kind: 'mentor-confirmed' })).toBe('started');
		expect(graded({ attempt: undefined })).toBe('mid');
		expect(graded({ attempt: undefined, kind: 'self-declared' })).toBe('started');
	});
});

describe('what is attached', () => {
	const learner = {
		evidence: [passed('1', 'a'), { ...passed('2', 'b'), kind: 'mentor-confirmed' as const }, { ...passed('3', 'a'), passed: false }],
		writings: [{ document: 'd', kind: 'graded', grade: { factual: true, passed: true } }] as never,
	};
	const tool = {
		id: 't',
		deliverable: 'x',
		kind: 'repository',
		title: 'Tool',
		url: 'https://example.org/1',
		claim: 'what it shows',
		count: 1,
		on: '',
	} as const;
	const source = {
		learner,
		documents: [
			{ id: 'd', title: 'D' },
			{ id: 'e', title: 'E' },
		],
	};
	const all = (confirmed: boolean) =>
		attachables(
			{ ...source, declared: [{ ...tool, ...(confirmed ? { confirmed: { by: 'm', name: 'Mina', at: '', submission: 's' } } : {}) }] },
			{ attempt: ({ id }) => `attempt ${id}`, document: (title) => title },
		);

	it('says of every piece how it came about', () => {
		expect(all(true).map(({ text, standings: how }) => [text, ...how])).toEqual([
			['attempt 1', 'graded'],
			['attempt 2', 'graded', 'mentor-confirmed'],
			['D', 'graded'],
			['E', 'self-declared'],
			['Tool', 'mentor-confirmed'],
		]);
	});

	it('is one’s own word until a program or a mentor stands behind it', () => {
		const rated: Assessment = { ...nothing, self: { product: { level: 'mid', pieces: [link(1)], at: '' } } };
		const proven = (confirmed: boolean) =>
			standings(dimensions, { evidence: [] }, rated, deliverableOf, [], provenBy(all(confirmed))).find(({ id }) => id === 'product');
		expect(proven(false)).toMatchObject({ backed: 'mid', proven: 'none' });
		expect(proven(true)).toMatchObject({ backed: 'mid', proven: 'mid' });
	});
});

describe('the next three things', () => {
	it('lift most dimensions first, and do not repeat each other', () => {
		const next = nextThings(of([]), actions, new Set());
		expect(next).toHaveLength(3);
		const lifted = next.map((thing) => thing.lifted.length);
		expect(lifted).toEqual([...lifted].sort((a, b) => b - a));
		const best = Math.max(...actions.map(({ lifts }) => Object.keys(lifts).length));
		expect(lifted[0]).toBe(best);
		expect(new Set(next.map(({ action }) => action.id)).size).toBe(3);
	});

	it('leave out labs that were passed, and what shows nothing new', () => {
		expect(nextThings(of([]), actions, new Set(['three-tiers'])).some(({ action }) => action.lab === 'three-tiers')).toBe(false);
		const mid = of([]).map((standing) => ({ ...standing, shown: 'mid' as const }));
		for (const { action, lifted } of nextThings(mid, actions, new Set())) for (const id of lifted) expect(action.lifts[id]).toBe('senior');
		const senior = of([]).map((standing) => ({ ...standing, shown: 'senior' as const }));
		expect(nextThings(senior, actions, new Set())).toEqual([]);
	});

	it('prefer the lowest dimension where two lift alike', () => {
		const some = of([]).map((standing) => ({ ...standing, shown: standing.id === 'ci-cd' ? ('started' as const) : ('none' as const) }));
		const two: Action[] = [
			{ id: 'x', title: '', href: '', lifts: { 'ci-cd': 'mid' } },
			{ id: 'y', title: '', href: '', lifts: { security: 'mid' } },
		];
		expect(nextThings(some, two, new Set(), 1)[0]?.action.id).toBe('y');
	});

	it('can bring somebody to senior in every dimension, one step at a time', () => {
		for (const id of DIMENSIONS) expect([id, actions.filter(({ lifts }) => lifts[id] === 'senior').length >= 2]).toEqual([id, true]);
	});
});

it('progress over time has a point for each change', () => {
	const history = [
		{ dimension: 'product', level: 'mid', at: '2026-01-02' },
		{ dimension: 'security', level: 'started', at: '2026-01-04' },
		{ dimension: 'product', level: 'started', at: '2026-01-05' },
	] as const;
	const points = overTime(dimensions, { evidence: [passed('1', 'b', '2026-01-03')] }, { history: [...history] }, deliverableOf);
	expect(points.map(({ at, self }) => [at, self])).toEqual([
		['2026-01-02', 2],
		['2026-01-03', 2],
		['2026-01-04', 3],
		['2026-01-05', 2],
	]);
	expect(points.map(({ graded }) => graded)).toEqual([0, 2, 2, 2]);
});

it('the content names dimensions, levels and deliverables that there are', () => {
	const deliverables = (parse(readFileSync('content/portfolio/deliverables.yaml', 'utf8')) as { id: string }[]).map(({ id }) => id);
	for (const { graded } of dimensions) expect(graded.filter((id) => !deliverables.includes(id))).toEqual([]);
	for (const { lifts } of actions)
		for (const [id, level] of Object.entries(lifts)) expect([dimensionSchema.parse(id), levelSchema.parse(level)]).toHaveLength(2);
	const exercises = content<{ id: string; dimensions: string[]; criteria: { id: string }[] }[]>('exercises');
	expect(exercises).toHaveLength(5);
	for (const exercise of exercises) expect(exercise.dimensions.every((id) => dimensionSchema.safeParse(id).success)).toBe(true);
});
