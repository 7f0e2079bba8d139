/** Which milestones of a plan are done, and how that is known. */
import type { Milestone } from '../../../server/protocol/plan.ts';
import type { Learner } from '../../../server/protocol/progress.ts';
import type { Curriculum } from './make-plan.ts';
import type { DoneOf } from './replan.ts';

type Facts = Pick<Learner, 'evidence' | 'portfolio' | 'reading'>;

/** A verdict counts before a tick: what is graded stays told apart from what is said. */
export function doneBy({ months }: Pick<Curriculum, 'months'>, { evidence, portfolio, reading }: Facts, ticked: Readonly<Record<string, string>>): DoneOf {
	const passed = new Set(evidence.filter((piece) => piece.kind !== 'self-declared' && piece.passed).map(({ id }) => id));
	const labs = new Set(evidence.filter(({ id }) => passed.has(id)).map(({ lab }) => lab));
	const filled = new Set(portfolio.filter((item) => item.evidence.some((id) => passed.has(id))).map(({ deliverable }) => deliverable));
	return ({ id, kind }: Milestone) => {
		const [monthId, , lab] = id.split('/');
		const month = months.find((candidate) => `month-${candidate.month}` === monthId);
		if (kind === 'lab' && lab !== undefined && labs.has(lab)) return 'graded';
		if (kind === 'deliverable' && month && filled.has(month.deliverable.id)) return 'graded';
		if (kind === 'reading' && month && month.lessons.length > 0 && month.lessons.every((lesson) => reading[lesson]?.readAt !== undefined)) return 'read';
		return ticked[id] === undefined ? undefined : 'declared';
	};
}
