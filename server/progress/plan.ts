/** What can happen to a learner's plans: functions from record to record. Dates never move here; a plan is adopted whole or not at all. */
import { LIMITS } from '../limits.ts';
import type { PlanChange, PlanRecord, Plans } from '../protocol/plan.ts';
import type { Learner } from '../protocol/progress.ts';

const NOTHING: PlanRecord = { earlier: [], ticked: {} };

/** Why a change cannot be kept, or undefined: the ceilings that a wire schema does not know. */
export function planFault(change: PlanChange): string | undefined {
	if (change.action !== 'adopt') return undefined;
	const { milestones } = change.plan;
	if (milestones.length > LIMITS.planMilestones) return `a plan has ${LIMITS.planMilestones} milestones at most`;
	if (new Set(milestones.map(({ id }) => id)).size !== milestones.length) return 'two milestones have the same id';
	if (change.plan.lost.length > LIMITS.planMilestones) return `a plan leaves out ${LIMITS.planMilestones} milestones at most`;
	return undefined;
}

/** `at`: ISO time of the change. */
export function planMoved(learner: Learner, change: PlanChange, at: string): Learner {
	const plans: Plans = learner.plans ?? {};
	if (change.action === 'placement') return { ...learner, plans: { ...plans, placement: { ...change.placement, at } } };
	const record = plans[change.kind] ?? NOTHING;
	return { ...learner, plans: { ...plans, [change.kind]: moved(record, change, at) } };
}

function moved(record: PlanRecord, change: Exclude<PlanChange, { action: 'placement' }>, at: string): PlanRecord {
	const { current, earlier, ticked } = record;
	switch (change.action) {
		case 'adopt': {
			const kept = current === undefined ? earlier : [...earlier, current].slice(-LIMITS.plansKept);
			return { current: { plan: change.plan, at }, earlier: kept, ticked };
		}
		case 'undo': {
			const last = earlier.at(-1);
			return { ...(last === undefined ? {} : { current: last }), earlier: earlier.slice(0, -1), ticked };
		}
		case 'tick': {
			const { [change.milestone]: old, ...others } = ticked;
			if (!change.done) return { ...record, ticked: others };
			if (!current?.plan.milestones.some(({ id }) => id === change.milestone)) return record;
			const full = old === undefined && Object.keys(ticked).length >= LIMITS.planTicks;
			return full ? record : { ...record, ticked: { ...ticked, [change.milestone]: old ?? at } };
		}
	}
}
