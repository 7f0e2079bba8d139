import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { type Plan, type PlanChange, planChangeSchema } from '../protocol/plan.ts';
import type { Learner } from '../protocol/progress.ts';
import { calendar } from './calendar.ts';
import { planFault, planMoved } from './plan.ts';

const blank: Learner = { id: 'a', name: '', createdAt: '', version: 0, labs: {}, reading: {}, evidence: [], portfolio: [], rubric: [], applied: [] };
const milestone = (n: number): Plan['milestones'][number] => ({ id: `month-1/lab/l${n}`, kind: 'lab', title: `Lab ${n}`, due: '2026-12-31', hours: 10 });
const plan = (over: Partial<Plan> = {}): Plan => ({
	start: 'none',
	weeklyHours: 10,
	begins: '2026-11-23',
	known: [],
	milestones: [milestone(1), milestone(2)],
	how: 'made',
	lost: [],
	...over,
});
const adopt = (p: Plan): PlanChange => ({ action: 'adopt', kind: 'track', plan: p });
const tick = (id: string, done = true): PlanChange => ({ action: 'tick', kind: 'track', milestone: id, done });

describe('plans', () => {
	it('go back to the one before, and to none before the first', () => {
		const first = planMoved(blank, adopt(plan()), '1');
		const second = planMoved(first, adopt(plan({ weeklyHours: 5, how: 'hours-raised' })), '2');
		expect(second.plans?.track?.current?.plan.weeklyHours).toBe(5);
		const back = planMoved(second, { action: 'undo', kind: 'track' }, '3');
		expect(back.plans?.track?.current).toEqual(first.plans?.track?.current);
		expect(planMoved(back, { action: 'undo', kind: 'track' }, '4').plans?.track?.current).toBeUndefined();
	});

	it('keep LIMITS.plansKept earlier ones', () => {
		let learner = blank;
		for (let i = 0; i < LIMITS.plansKept + 5; i++) learner = planMoved(learner, adopt(plan({ weeklyHours: i + 1 })), String(i));
		expect(learner.plans?.track?.earlier).toHaveLength(LIMITS.plansKept);
		expect(learner.plans?.track?.earlier.at(-1)?.plan.weeklyHours).toBe(LIMITS.plansKept + 4);
	});

	it('have no more than LIMITS.planMilestones milestones, each once', () => {
		const many = Array.from({ length: LIMITS.planMilestones + 1 }, (_, i) => milestone(i));
		expect(planFault(adopt(plan({ milestones: many })))).toContain(String(LIMITS.planMilestones));
		expect(planFault(adopt(plan({ milestones: many.slice(1) })))).toBeUndefined();
		expect(planFault(adopt(plan({ milestones: [milestone(1), milestone(1)] })))).toContain('same id');
	});

	it('tick what they hold, keep the first time, and keep ticks through re-planning', () => {
		const id = 'month-1/lab/l1';
		const ticked = planMoved(planMoved(planMoved(blank, adopt(plan()), '1'), tick(id), '2'), tick(id), '3');
		expect(ticked.plans?.track?.ticked).toEqual({ [id]: '2' });
		expect(planMoved(ticked, tick('month-9/x'), '4').plans?.track?.ticked).toEqual({ [id]: '2' });
		expect(planMoved(ticked, adopt(plan({ how: 'extended' })), '5').plans?.track?.ticked).toEqual({ [id]: '2' });
		expect(planMoved(ticked, tick(id, false), '6').plans?.track?.ticked).toEqual({});
	});

	it('tick no more than LIMITS.planTicks milestones', () => {
		let learner = blank;
		for (let start = 0; start < LIMITS.planTicks + 50; start += 50) {
			const milestones = Array.from({ length: 50 }, (_, i) => milestone(start + i));
			learner = planMoved(learner, adopt(plan({ milestones })), '1');
			for (const { id } of milestones) learner = planMoved(learner, tick(id), '2');
		}
		expect(Object.keys(learner.plans?.track?.ticked ?? {})).toHaveLength(LIMITS.planTicks);
	});

	it('refuse days that do not exist', () => {
		expect(planChangeSchema.safeParse(adopt(plan())).success).toBe(true);
		for (const begins of ['2026-02-30', '2026-13-01', 'tomorrow', '26-01-01'])
			expect([begins, planChangeSchema.safeParse(adopt(plan({ begins }))).success]).toEqual([begins, false]);
	});

	it('keep what the placement check found beside them', () => {
		const placement = { proposed: 'devops', months: { '1': { right: 2, of: 2 } }, terminal: 'skipped' } as const;
		expect(planMoved(blank, { action: 'placement', placement }, '1').plans).toEqual({ placement: { ...placement, at: '1' } });
	});
});

/** Reads a calendar back as RFC 5545 says: unfold, split at the first colon outside of parameters, unescape. */
function parsed(text: string): { [property: string]: string }[] {
	expect(text.endsWith('\r\n')).toBe(true);
	const events: { [property: string]: string }[] = [];
	for (const line of text.replaceAll('\r\n ', '').split('\r\n')) {
		const [name = '', value = ''] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)];
		if (line === 'BEGIN:VEVENT') events.push({});
		const event = events.at(-1);
		if (event) event[name] = value.replace(/\\([\\;,nN])/g, (_, c: string) => (c.toLowerCase() === 'n' ? '\n' : c));
	}
	return events;
}

describe('the calendar', () => {
	const options = { owner: 'a:2026', kind: 'track', at: '2026-11-20T10:15:07.123Z', revision: 2 } as const;
	const title = `Comma, semicolon; back\\slash\nand a second line, long enough to be folded, with letters of more than one octet: 쿠버네티스 클러스터 ${'é'.repeat(60)}`;
	const text = calendar(plan({ milestones: [{ ...milestone(1), title }, milestone(2)] }), options);

	it('reads back as what was planned, as days', () => {
		const [first] = parsed(text);
		expect(first?.['SUMMARY']).toBe(title);
		expect(first).toMatchObject({ 'DTSTART;VALUE=DATE': '20261231', 'DTEND;VALUE=DATE': '20270101', DTSTAMP: '20261120T101507Z', SEQUENCE: '2' });
		expect(parsed(text)).toHaveLength(2);
	});

	it('has lines of 75 octets at most, never split inside of a character, and CRLF alone', () => {
		for (const line of text.split('\r\n')) {
			expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
			expect(line).not.toContain('�');
			expect(line).not.toMatch(/[\r\n]/);
		}
		expect(text.split('\r\n').some((line) => line.startsWith(' '))).toBe(true);
	});

	it('keeps a milestone’s UID when its date moves, and has another for another owner', () => {
		const uids = (of: string): (string | undefined)[] => parsed(of).map((event) => event['UID']);
		const moved = calendar(plan({ milestones: [{ ...milestone(1), due: '2027-05-01' }, milestone(2)] }), { ...options, revision: 3 });
		expect(uids(moved)).toEqual(uids(text));
		expect(new Set(uids(text)).size).toBe(2);
		expect(uids(calendar(plan(), { ...options, owner: 'b' }))).not.toEqual(uids(text));
	});
});
