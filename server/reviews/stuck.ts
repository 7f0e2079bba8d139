/** Where a cohort is stuck: counts over its learners, never a person. One or two people are not told apart from each other. */
import { LIMITS } from '../limits.ts';
import type { LabDefinition } from '../protocol/lab.ts';
import type { LabProgress, Learner } from '../protocol/progress.ts';
import type { StuckRow } from '../protocol/reviews.ts';

/** A count that may be shown: none, or enough people; null for one or two. */
const guarded = (n: number): number | null => (n > 0 && n < LIMITS.fewestPeople ? null : n);

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number | undefined {
	const sorted = [...values].sort((a, b) => a - b);
	const half = Math.floor(sorted.length / 2);
	const [low, high] = [sorted[sorted.length % 2 === 0 ? half - 1 : half], sorted[half]];
	return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

interface Attempted {
	readonly progress: LabProgress;
	readonly passedAt: string | undefined;
}

/** One row a lab that somebody tried, followed (where enough people did) by its checks, those that most do not pass now first. */
export function stuckRows(learners: readonly Learner[], labs: readonly Pick<LabDefinition, 'id' | 'title' | 'checks'>[]): StuckRow[] {
	return labs.flatMap((lab) => {
		const tries = learners.flatMap((learner): Attempted[] => {
			const progress = learner.labs[lab.id];
			const passed = learner.evidence.filter((one) => one.lab === lab.id && one.passed).map(({ at }) => at);
			return progress === undefined ? [] : [{ progress, passedAt: passed.sort()[0] }];
		});
		if (tries.length === 0) return [];
		// Of one or two people not even the checks are shown.
		if (guarded(tries.length) === null) return [{ lab: lab.id, title: lab.title, tried: null, passed: null, notNow: null }];
		const passed = tries.filter(({ passedAt, progress }) => passedAt !== undefined || progress.lastVerdict?.passed === true);
		const checks = lab.checks.map((check) => ({ row: checkRow(lab, check, tries), not: notPassing(tries, check.id).length }));
		// The order would tell small numbers apart, too: they are ordered as they are shown.
		checks.sort((a, b) => shownSize(b.not) - shownSize(a.not));
		return [
			{ ...figures(passed, tries.length), lab: lab.id, title: lab.title, notNow: guarded(tries.length - passed.length) },
			...checks.map(({ row }) => row),
		];
	});
}

const shownSize = (n: number): number => (guarded(n) === null ? 1 : n);

function figures(passed: readonly Attempted[], tried: number): Omit<StuckRow, 'lab' | 'title' | 'notNow'> {
	const enough = passed.length >= LIMITS.fewestPeople;
	// Who only checked made no attempt.
	const tries = passed.map(({ progress }) => progress.attempts).filter((n) => n > 0);
	const attempts = enough && tries.length >= LIMITS.fewestPeople ? median(tries) : undefined;
	const spans = passed.flatMap(({ progress, passedAt }) =>
		passedAt === undefined ? [] : [(Date.parse(passedAt) - Date.parse(progress.startedAt)) / 3_600_000],
	);
	const hours = spans.length >= LIMITS.fewestPeople ? median(spans) : undefined;
	return {
		tried: guarded(tried),
		passed: guarded(passed.length),
		...(attempts === undefined ? {} : { attempts }),
		...(hours === undefined ? {} : { hours: Math.round(hours * 10) / 10 }),
	};
}

const outcomeOf = ({ progress }: Attempted, check: string): string | undefined => progress.lastVerdict?.checks.find(({ id }) => id === check)?.outcome;

/** Checked, and not passing in the last verdict. What could not be graded is nobody's failure. */
function notPassing(tries: readonly Attempted[], check: string): Attempted[] {
	return tries.filter((one) => ['fail', 'gated'].includes(outcomeOf(one, check) ?? ''));
}

function checkRow(lab: Pick<LabDefinition, 'id'>, check: { readonly id: string; readonly title: string }, tries: readonly Attempted[]): StuckRow {
	const passed = tries.filter((one) => outcomeOf(one, check.id) === 'pass');
	const not = notPassing(tries, check.id);
	return {
		lab: lab.id,
		title: check.title,
		check: check.id,
		tried: guarded(passed.length + not.length),
		passed: guarded(passed.length),
		notNow: guarded(not.length),
	};
}
