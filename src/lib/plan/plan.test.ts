import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { planSchema, type Start } from '../../../server/protocol/plan.ts';
import { STARTS } from '../../../server/protocol/starts.ts';
import { daysBetween } from './days.ts';
import { catalogueSchema } from '../i18n/catalogue.ts';
import { type Curriculum, endOf, makePlan, makeRolePlan } from './make-plan.ts';
import { type PlacementAnswers, type PlacementQuestion, propose } from './placement.ts';
import { type Done, type DoneOf, MOST_HOURS, offers, standingOf } from './replan.ts';

const content = <T>(name: string): T => parse(readFileSync(`content/plan/${name}.yaml`, 'utf8')) as T;
const words = catalogueSchema.parse(parse(readFileSync('content/ui/en.yaml', 'utf8'))).plan;
if (words === undefined) throw new Error('no words');
const curriculum: Curriculum = {
	words,
	referenceHours: 10,
	starts: content('starts'),
	assets: content('assets'),
	months: [1, 2, 3, 4, 5, 6].map((month) => ({
		month,
		title: `Month ${month}`,
		deliverable: { id: `d${month}`, title: `Thing ${month}` },
		lessons: [`month-${month}/a`],
		labs: Array.from({ length: month === 2 ? 1 : 3 }, (_, i) => ({ id: `l${i}`, title: `Lab ${i}` })),
	})),
};
const make = (over: Partial<Parameters<typeof makePlan>[1]> = {}) =>
	makePlan(curriculum, { start: 'none', weeklyHours: 10, begins: '2026-11-23', known: [], ...over });
const weeks = (plan: ReturnType<typeof make>): number => (daysBetween(plan.begins, endOf(plan)) + 1) / 7;
const nothing: DoneOf = () => undefined;
const doneOf =
	(ids: readonly string[], how: Done = 'graded'): DoneOf =>
	({ id }) =>
		ids.includes(id) ? how : undefined;

describe('a plan', () => {
	it.each([
		['none', 26],
		['devops', 12],
		['senior', 6],
		['ml', 12],
	] as const)('from %s takes %d weeks at ten hours', (start, length) => {
		expect(weeks(make({ start }))).toBeCloseTo(length, 0);
		expect(Math.abs(weeks(make({ start, weeklyHours: 5 })) - 2 * length)).toBeLessThan(0.3);
	});

	it('holds what a starting point goes through, and the two pieces that everyone makes', () => {
		const months = (start: Start) => [...new Set(make({ start }).milestones.map(({ id }) => id.split('/')[0]))];
		expect(months('devops')).toEqual(['month-4', 'month-5', 'month-6', 'asset']);
		expect(months('ml')).toEqual(['month-1', 'month-2', 'month-3', 'month-5', 'asset']);
		for (const start of STARTS) expect(make({ start }).milestones.filter(({ kind }) => kind === 'asset')).toHaveLength(2);
	});

	it('leaves known months out and is shorter by their part, each other milestone keeping its hours', () => {
		const [whole, shorter] = [make(), make({ known: [2, 1] })];
		expect(shorter.milestones.some(({ id }) => /^month-[12]\//.test(id))).toBe(false);
		expect(weeks(whole) - weeks(shorter)).toBeGreaterThan(7);
		for (const { id, hours } of shorter.milestones) expect(whole.milestones.find((milestone) => milestone.id === id)?.hours).toBe(hours);
		expect(make({ known: [1, 2, 3, 4, 5, 6] }).milestones.map(({ kind }) => kind)).toEqual(['asset', 'asset']);
	});

	it('is the same for the same inputs, in order, and what the server takes', () => {
		fc.assert(
			fc.property(fc.constantFrom(...STARTS), fc.integer({ min: 1, max: 60 }), fc.subarray([1, 2, 3, 4, 5, 6]), (start, weeklyHours, known) => {
				const plan = make({ start, weeklyHours, known });
				expect(make({ start, weeklyHours, known })).toEqual(plan);
				const due = plan.milestones.map((milestone) => milestone.due);
				expect(due).toEqual([...due].sort());
				expect(due.every((day) => day >= plan.begins)).toBe(true);
				expect(planSchema.safeParse(plan).success).toBe(true);
			}),
		);
	});

	it('for the role has milestones at 30, 60, 90 days, half a year and a year', () => {
		const plan = makeRolePlan(content('role'), '2026-01-01');
		expect(planSchema.safeParse(plan).success).toBe(true);
		expect([...new Set(plan.milestones.map(({ due }) => daysBetween('2026-01-01', due)))]).toEqual([30, 60, 90, 182, 365]);
	});
});

describe('standing', () => {
	const plan = make();

	it('is not behind on the day something is due, and says how far the day after', () => {
		const first = plan.milestones[0];
		expect(standingOf(plan, nothing, first?.due ?? '')).toMatchObject({ weeksBehind: 0, overdue: [] });
		const late = standingOf(plan, nothing, '2027-01-04');
		expect(late.overdue.length).toBeGreaterThan(1);
		expect(late.weeksBehind).toBeCloseTo(late.overdue.reduce((sum, { hours }) => sum + hours, 0) / 10, 1);
	});

	it('takes off what was done ahead', () => {
		const late = standingOf(plan, nothing, '2027-01-04').weeksBehind;
		expect(standingOf(plan, doneOf(['month-6/deliverable']), '2027-01-04').weeksBehind).toBeLessThan(late);
	});

	it('of the role counts since the oldest milestone was due', () => {
		const role = makeRolePlan([{ id: 'a', title: 'A', days: 30 }], '2026-01-01');
		expect(standingOf(role, nothing, '2026-02-14').weeksBehind).toBe(2);
		expect(standingOf(role, doneOf(['role/a']), '2026-02-14').weeksBehind).toBe(0);
	});
});

describe('re-planning', () => {
	const plan = make();
	const today = '2027-02-01';
	const did = doneOf(['month-1/reading', 'month-1/lab/l0']);
	const [extended, raised, cut] = offers(plan, did, today);

	it('extends the end with the same work and hours', () => {
		expect(extended?.plan?.milestones.map(({ id }) => id)).toEqual(plan.milestones.map(({ id }) => id));
		expect((extended?.ends ?? '') > endOf(plan)).toBe(true);
		expect(extended?.weeklyHours).toBe(10);
	});

	it('or raises the hours and keeps the end', () => {
		expect(raised?.weeklyHours).toBeGreaterThan(10);
		expect((raised?.ends ?? '9') <= endOf(plan)).toBe(true);
	});

	it('or cuts, saying what is lost, keeping the end and the two assets', () => {
		expect(cut?.lost.length).toBeGreaterThan(0);
		expect((cut?.ends ?? '9') <= endOf(plan)).toBe(true);
		expect(cut?.plan?.milestones.filter(({ kind }) => kind === 'asset')).toHaveLength(2);
		expect((cut?.plan?.milestones.length ?? 0) + (cut?.lost.length ?? 0)).toBe(plan.milestones.length);
		expect(cut?.plan?.lost).toEqual(cut?.lost);
	});

	it('leaves what is done as it was, and nobody behind', () => {
		for (const offer of [extended, raised, cut]) {
			const next = offer?.plan;
			expect(next?.milestones[0]).toEqual(plan.milestones[0]);
			expect(next && standingOf(next, did, today).weeksBehind).toBe(0);
		}
	});

	it('does not offer what cannot be done', () => {
		const late = offers(plan, nothing, '2027-12-01');
		expect(late.map(({ plan: way }) => way !== undefined)).toEqual([true, false, false]);
		const soon = offers(plan, nothing, '2027-05-01')[1];
		expect(soon?.weeklyHours).toBeGreaterThan(MOST_HOURS);
		expect(soon?.plan).toBeUndefined();
	});

	it('of the role moves what is open by the delay, or gives up what is late', () => {
		const role = makeRolePlan(
			[
				{ id: 'a', title: 'A', days: 30 },
				{ id: 'b', title: 'B', days: 90 },
			],
			'2026-01-01',
		);
		const [later, less] = offers(role, nothing, '2026-02-14');
		expect(later?.plan?.milestones.map(({ due }) => daysBetween('2026-01-01', due))).toEqual([44, 104]);
		expect(less?.lost).toEqual(['A']);
		expect(less?.plan?.milestones.map(({ id }) => id)).toEqual(['role/b']);
	});
});

describe('the placement check', () => {
	const questions = content<(PlacementQuestion & { question: string; options: string[]; explanation: string })[]>('placement');
	const all = Object.fromEntries(questions.map(({ id, right }) => [id, right]));
	const wrong = Object.fromEntries(questions.map(({ id, right }) => [id, (right + 1) % 4]));
	const answers = (over: Partial<PlacementAnswers> = {}): PlacementAnswers => ({ chosen: all, years: 'some', models: false, terminal: 'right', ...over });
	const proposed = (over: Partial<PlacementAnswers>) => propose(questions, answers(over)).placement.proposed;

	it('has two questions a month, four options each, and the right ones not all in one place', () => {
		expect(questions.map(({ month }) => month)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
		for (const { id, options, right, explanation } of questions)
			expect([id, options.length, new Set(options).size, right < 4, explanation.length > 60]).toEqual([id, 4, 4, true, true]);
		expect(new Set(questions.map(({ right }) => right)).size).toBe(4);
	});

	it('proposes by what was right and by years', () => {
		expect(proposed({ years: 'many' })).toBe('senior');
		expect(proposed({ years: 'some' })).toBe('devops');
		expect(proposed({ chosen: wrong, years: 'many' })).toBe('none');
		expect(proposed({ chosen: wrong, models: true })).toBe('ml');
		expect(proposed({ chosen: {} })).toBe('none');
	});

	it('counts the terminal task as one question, and leaves it out when skipped, saying so', () => {
		const five = Object.fromEntries(questions.filter(({ month }) => month < 4).map(({ id, right }, i) => [id, i < 5 ? right : (right + 1) % 4]));
		const four = Object.fromEntries(questions.filter(({ month }) => month < 4).map(({ id, right }, i) => [id, i < 4 ? right : (right + 1) % 4]));
		expect(proposed({ chosen: five, terminal: 'wrong' })).toBe('none');
		expect(proposed({ chosen: five, terminal: 'skipped' })).toBe('devops');
		expect(proposed({ chosen: four, terminal: 'right' })).toBe('none');
		expect(propose(questions, answers({ terminal: 'skipped' })).reasons.map(({ name }) => name)).toContain('terminal');
	});

	it('calls a month known where every question of it was right', () => {
		expect(propose(questions, answers()).known).toEqual([1, 2, 3, 4, 5, 6]);
		expect(propose(questions, answers({ chosen: { ...all, drift: 0 } })).known).toEqual([1, 2, 4, 5, 6]);
	});
});
