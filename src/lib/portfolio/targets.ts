/** How far a family is: every piece counted, and by how it came about. */
import { MENTORING } from '../../../server/protocol/graded.ts';
import type { Learner } from '../../../server/protocol/progress.ts';
import type { ShownDeclared } from '../../../server/protocol/portfolio.ts';

export interface Tally {
	readonly graded: number;
	readonly confirmed: number;
	readonly declared: number;
}

/** Pieces of a deliverable: passed labs once each, documents once each, declared ones by the number that stands behind them. `deliverableOf`: lab → deliverable. */
export function tally(deliverable: string, learner: Learner, declared: readonly ShownDeclared[], deliverableOf: (lab: string) => string | undefined): Tally {
	const labs = new Set(learner.evidence.filter((one) => one.passed && deliverableOf(one.lab) === deliverable).map((one) => one.lab));
	const confirmedLabs = new Set(learner.evidence.filter((one) => one.kind === 'mentor-confirmed' && labs.has(one.lab)).map((one) => one.lab));
	const writings = (learner.writings ?? []).filter((one) => one.deliverable === deliverable);
	const kinds = (kind: string): number => writings.filter((one) => one.kind === kind).length;
	const behind = (isConfirmed: boolean): number =>
		declared.reduce((sum, one) => (one.deliverable === deliverable && (one.confirmed !== undefined) === isConfirmed ? sum + one.count : sum), 0);
	// Counted from the reviews themselves, never typed in.
	const reviews = deliverable === MENTORING ? (learner.mentoring?.reviews ?? 0) : 0;
	return {
		graded: labs.size - confirmedLabs.size + kinds('graded') + reviews,
		confirmed: confirmedLabs.size + kinds('mentor-confirmed') + behind(true),
		declared: kinds('self-declared') + behind(false),
	};
}
