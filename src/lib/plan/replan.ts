/** Where somebody stands against their plan, and what can be done about it. Nothing here moves a date by itself: it makes offers. */
import type { Milestone, Plan } from '../../../server/protocol/plan.ts';
import { addDays, daysBetween, earliest } from './days.ts';
import { dated, endOf } from './make-plan.ts';

/** How a milestone came to count as done: told apart wherever it is shown. */
export type Done = 'graded' | 'read' | 'declared';
export type DoneOf = (milestone: Milestone) => Done | undefined;

export interface PlanStanding {
	/** Weeks of work that should be done by now and are not, less what was done ahead of time. For milestones without hours: since the oldest was due. */
	readonly weeksBehind: number;
	/** Due before today and not done. */
	readonly overdue: readonly Milestone[];
	readonly open: readonly Milestone[];
	readonly doneCount: number;
	readonly next: Milestone | undefined;
}

const hoursOf = (milestones: readonly Milestone[]): number => milestones.reduce((sum, { hours }) => sum + hours, 0);

/** `today`: YYYY-MM-DD. What is due today is not late yet. */
export function standingOf(plan: Plan, doneOf: DoneOf, today: string): PlanStanding {
	const open = plan.milestones.filter((milestone) => doneOf(milestone) === undefined);
	const overdue = open.filter(({ due }) => due < today);
	const ahead = plan.milestones.filter((milestone) => milestone.due >= today && doneOf(milestone) !== undefined);
	const oldest = earliest(today, ...overdue.map(({ due }) => due));
	const weeks = hoursOf(plan.milestones) > 0 ? (hoursOf(overdue) - hoursOf(ahead)) / plan.weeklyHours : daysBetween(oldest, today) / 7;
	return {
		weeksBehind: overdue.length === 0 ? 0 : Math.max(0, Math.round(weeks * 10) / 10),
		overdue,
		open,
		doneCount: plan.milestones.length - open.length,
		next: open.find(({ due }) => due >= today) ?? open[0],
	};
}

export interface Offer {
	readonly how: 'extended' | 'hours-raised' | 'cut';
	/** The plan as it would be; absent where this way leads nowhere. */
	readonly plan?: Plan;
	/** Titles of what would be left out. */
	readonly lost: readonly string[];
	/** Hours a week that this way needs. */
	readonly weeklyHours: number;
	readonly ends: string;
}

/** More than this beside a job is no plan, but a wish. */
export const MOST_HOURS = 40;

/** The three ways on, from `today`: a later end, more hours, or less work. What is done keeps its dates. */
export function offers(plan: Plan, doneOf: DoneOf, today: string): Offer[] {
	return hoursOf(plan.milestones) > 0 ? [extend(plan, doneOf, today), raise(plan, doneOf, today), cut(plan, doneOf, today)] : roleOffers(plan, doneOf, today);
}

function redated(plan: Plan, doneOf: DoneOf, today: string, weeklyHours: number, left: (milestone: Milestone) => boolean): Milestone[] {
	const first = plan.begins > today ? plan.begins : today;
	const open = dated(
		plan.milestones.filter((milestone) => doneOf(milestone) === undefined && left(milestone)),
		first,
		weeklyHours,
	);
	return plan.milestones.flatMap((milestone) => {
		if (doneOf(milestone) !== undefined) return [milestone];
		const now = open.find(({ id }) => id === milestone.id);
		return now ? [now] : [];
	});
}

const everything = (): boolean => true;

function extend(plan: Plan, doneOf: DoneOf, today: string): Offer {
	const next: Plan = { ...plan, how: 'extended', lost: [], milestones: redated(plan, doneOf, today, plan.weeklyHours, everything) };
	return { how: 'extended', plan: next, lost: [], weeklyHours: plan.weeklyHours, ends: endOf(next) };
}

const weeksLeft = (plan: Plan, today: string): number => (daysBetween(plan.begins > today ? plan.begins : today, endOf(plan)) + 1) / 7;

function raise(plan: Plan, doneOf: DoneOf, today: string): Offer {
	const ends = endOf(plan);
	const left = weeksLeft(plan, today);
	const needed = left <= 0 ? Number.POSITIVE_INFINITY : Math.max(plan.weeklyHours, Math.ceil(hoursOf(standingOf(plan, doneOf, today).open) / left));
	if (needed > MOST_HOURS) return { how: 'hours-raised', lost: [], weeklyHours: needed, ends };
	const next: Plan = { ...plan, how: 'hours-raised', weeklyHours: needed, lost: [], milestones: redated(plan, doneOf, today, needed, everything) };
	return { how: 'hours-raised', plan: next, lost: [], weeklyHours: needed, ends: endOf(next) };
}

/** What goes first when work is cut: reading and checklists save little but lose little; what is shown to others stays longest; assets always. */
const CUT_ORDER: readonly Milestone['kind'][] = ['checklist', 'reading', 'lab', 'deliverable'];

function cut(plan: Plan, doneOf: DoneOf, today: string): Offer {
	const { open } = standingOf(plan, doneOf, today);
	const room = Math.max(0, weeksLeft(plan, today)) * plan.weeklyHours;
	const candidates = CUT_ORDER.flatMap((kind) => open.filter((milestone) => milestone.kind === kind).reverse());
	const gone = new Set<string>();
	let hours = hoursOf(open);
	for (const { id, hours: own } of candidates) {
		if (hours <= room) break;
		gone.add(id);
		hours -= own;
	}
	// One that went early may fit in again once a larger one has gone.
	for (const { id, hours: own } of candidates.filter((milestone) => gone.has(milestone.id)).reverse()) {
		if (hours + own > room) continue;
		gone.delete(id);
		hours += own;
	}
	const lost = open.filter(({ id }) => gone.has(id)).map(({ title }) => title);
	const milestones = redated(plan, doneOf, today, plan.weeklyHours, ({ id }) => !gone.has(id));
	if (hours > room || milestones.length === 0) return { how: 'cut', lost, weeklyHours: plan.weeklyHours, ends: endOf(plan) };
	const next: Plan = { ...plan, how: 'cut', milestones, lost: [...plan.lost, ...lost] };
	return { how: 'cut', plan: next, lost, weeklyHours: plan.weeklyHours, ends: endOf(next) };
}

/** In the role no hours are planned: everything open moves by the delay, or what is late is given up. */
function roleOffers(plan: Plan, doneOf: DoneOf, today: string): Offer[] {
	const { overdue } = standingOf(plan, doneOf, today);
	const first = earliest(today, ...overdue.map(({ due }) => due));
	const late = daysBetween(first, today);
	const move = (milestone: Milestone): Milestone => (doneOf(milestone) === undefined ? { ...milestone, due: addDays(milestone.due, late) } : milestone);
	const extended: Plan = { ...plan, how: 'extended', lost: [], milestones: plan.milestones.map(move) };
	const lost = overdue.map(({ title }) => title);
	const kept = plan.milestones.filter((milestone) => !overdue.includes(milestone));
	const shorter: Plan = { ...plan, how: 'cut', milestones: kept, lost: [...plan.lost, ...lost] };
	return [
		{ how: 'extended', plan: extended, lost: [], weeklyHours: plan.weeklyHours, ends: endOf(extended) },
		{ how: 'cut', ...(kept.length > 0 ? { plan: shorter } : {}), lost, weeklyHours: plan.weeklyHours, ends: endOf(kept.length > 0 ? shorter : plan) },
	];
}
