/** Whatever is tried in whatever order by whomever: a submission stays whole. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { type Bundle, type Case, caseSchema } from '../protocol/reviews.ts';
import { answered, claimed, drafted, isSent, lastRound, rated, released, resubmitted, sent, stateOf, submitted, withdrawn } from './case.ts';
import { isSampled } from './sample.ts';
import { median, stuckRows } from './stuck.ts';
import { draft, finding, lab, verdict } from './testing/house.ts';

const bundle = (round: number, at: string): Bundle => ({
	submission: 'case',
	round,
	learner: 'ada',
	kind: 'document',
	title: 'A memo',
	at,
	note: '',
	attempts: [],
	documents: [],
	digest: `d${round}`,
});

type Step = readonly [what: string, who: string, n: number];
const step: fc.Arbitrary<Step> = fc.tuple(
	fc.constantFrom('claim', 'claim', 'release', 'draft', 'draft', 'send', 'send', 'withdraw', 'answer', 'rate', 'resubmit', 'wait'),
	fc.constantFrom('mina', 'sol', 'kit'),
	fc.nat(5),
);

const drafts = [
	draft('approve', [finding('a', 'celebratory')]),
	draft('ask-changes', [finding('b', 'essential')]),
	draft('ask-changes', [finding('b', 'actionable'), finding('c', 'informative')]),
	draft('approve', [finding('b', 'essential')]),
	draft(undefined, []),
	draft(
		'ask-changes',
		['a', 'b', 'c', 'd'].map((id) => finding(id, 'informative')),
	),
];

function tried(kept: Case, [what, who, n]: Step, now: string, ends: string): Case {
	const version = lastRound(kept).reviews.find(({ reviewer }) => reviewer === who)?.version ?? 0;
	switch (what) {
		case 'claim':
			return claimed(kept, { person: who, own: false, sampled: n % 2 === 0 }, now, ends);
		case 'release':
			return released(kept, who);
		case 'draft':
			return drafted(kept, who, n === 5 ? version + 1 : version, drafts[n] ?? draft(undefined, []), now, ends);
		case 'send':
			return sent(kept, who, version, now);
		case 'withdraw':
			return withdrawn(kept, 'ada', now);
		case 'answer':
			return answered(kept, 'abcd'[n % 4] ?? 'a', { answer: 'done' }, now);
		case 'rate':
			return rated(kept, 1, n % 2 === 0, now);
		case 'resubmit':
			return resubmitted(kept, bundle(kept.rounds.length + 1, now));
		default:
			return kept;
	}
}

describe('a submission’s transitions', () => {
	it('leave it whole, or are refused by name and change nothing', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				let time = Date.parse('2026-11-20T09:00:00Z');
				const at = (ms: number): string => new Date(ms).toISOString();
				let kept = submitted(bundle(1, at(time)), 'memo');
				for (const one of steps) {
					time += one[0] === 'wait' ? LIMITS.claimMs + 1 : 1000;
					const before = structuredClone(kept);
					let next: Case | undefined;
					try {
						next = tried(kept, one, at(time), at(time + LIMITS.claimMs));
					} catch (error) {
						expect(error).toBeInstanceOf(Fault);
					}
					expect(kept).toEqual(before);
					kept = next ?? kept;
					whole(kept, at(time));
				}
			}),
			{ numRuns: 300 },
		);
	});

	it(`keep the last ${LIMITS.submissionHappenings} happenings (LIMITS.submissionHappenings)`, () => {
		const now = '2026-11-20T09:00:00.000Z';
		let kept = claimed(submitted(bundle(1, now), 'memo'), { person: 'mina', own: false, sampled: false }, now, '2027-01-01');
		kept = sent(drafted(kept, 'mina', 0, drafts[0] ?? draft(undefined, []), now, '2027-01-01'), 'mina', 1, now);
		for (let i = 0; i < LIMITS.submissionHappenings + 5; i++) kept = rated(kept, 1, i % 2 === 0, now);
		expect(kept.happenings).toHaveLength(LIMITS.submissionHappenings);
	});
});

/** What holds of every submission at every time. */
function whole(kept: Case, now: string): void {
	expect(caseSchema.parse(kept)).toEqual(kept);
	expect(kept.rounds.map(({ n }) => n)).toEqual(kept.rounds.map((_, i) => i + 1));
	for (const [i, round] of kept.rounds.entries()) {
		const firsts = round.reviews.filter(({ slot }) => slot === 'first');
		expect(firsts.length).toBeLessThanOrEqual(1);
		expect(round.reviews.filter(({ slot }) => slot === 'second').length).toBeLessThanOrEqual(1);
		expect(new Set(round.reviews.map(({ reviewer }) => reviewer)).size).toBe(round.reviews.length);
		const [first] = firsts.filter(isSent);
		expect(round.state === 'approved' || round.state === 'changes-asked').toBe(first !== undefined);
		if (round.state === 'approved') expect(first?.draft.findings.some(({ type }) => type === 'essential')).toBe(false);
		if (round.state === 'withdrawn') expect([round.reviews, i]).toEqual([[], kept.rounds.length - 1]);
		for (const { slot, draft: made } of round.reviews) expect(made.findings.length).toBeLessThanOrEqual(slot === 'second' ? 0 : LIMITS.findingsPerRound);
		if (i < kept.rounds.length - 1) expect(round.state).toBe('changes-asked');
	}
	expect(['waiting', 'in-review', 'changes-asked', 'approved', 'withdrawn']).toContain(stateOf(kept, now));
}

describe('the sample for second mentors', () => {
	it(`is the same for everybody who asks, and near LIMITS.secondReviewPercent (${LIMITS.secondReviewPercent} %)`, () => {
		const all = Array.from({ length: 5000 }, (_, i) => isSampled(`case-${i}`, 1));
		expect(all).toEqual(Array.from({ length: 5000 }, (_, i) => isSampled(`case-${i}`, 1)));
		const percent = (100 * all.filter(Boolean).length) / all.length;
		expect(Math.abs(percent - LIMITS.secondReviewPercent)).toBeLessThan(2);
		expect(Array.from({ length: 200 }, (_, i) => isSampled('case', i)).some(Boolean)).toBe(true);
	});
});

describe('where a cohort is stuck', () => {
	const at = '2026-11-20T09:00:00.000Z';
	const learner = (n: number, survives: boolean) => ({
		id: `p${n}`,
		name: `Person ${n}`,
		createdAt: at,
		version: 1,
		labs: { notes: { lab: 'notes', startedAt: at, tasksDone: {}, hintsOpened: {}, attempts: n, bestScore: 0, lastVerdict: verdict(n, survives, at) } },
		reading: {},
		evidence: survives
			? [
					{
						id: `e${n}`,
						kind: 'graded' as const,
						lab: 'notes',
						attempt: n,
						score: 100,
						passed: true,
						at: `2026-11-20T${String(9 + n).padStart(2, '0')}:00:00.000Z`,
						verdict: verdict(n, true, at),
						files: {},
						digest: '',
					},
				]
			: [],
		portfolio: [],
		rubric: [],
		applied: [],
	});

	it(`has counts and medians from LIMITS.fewestPeople (${LIMITS.fewestPeople}) people on`, () => {
		const all = [1, 2, 3, 4, 5, 6, 7].map((n) => learner(n, n <= 3));
		expect(stuckRows(all, [lab])).toEqual([
			{ lab: 'notes', title: 'Notes', tried: 7, passed: 3, notNow: 4, attempts: 2, hours: 2 },
			{ lab: 'notes', title: 'A pod may go', check: 'survives', tried: 7, passed: 3, notNow: 4 },
			{ lab: 'notes', title: 'Requests are answered', check: 'answers', tried: 7, passed: 7, notNow: 0 },
		]);
		expect(stuckRows(all.slice(0, LIMITS.fewestPeople - 1), [lab])).toEqual([{ lab: 'notes', title: 'Notes', tried: null, passed: null, notNow: null }]);
		expect(stuckRows([], [lab])).toEqual([]);
	});

	it('takes the middle', () => {
		expect([median([]), median([3]), median([4, 1]), median([5, 1, 9])]).toEqual([undefined, 3, 2.5, 5]);
	});
});
