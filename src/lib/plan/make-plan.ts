/** Makes a dated plan. A pure function of its inputs: the same inputs give the same dates. */
import type { Milestone, Plan, Start } from '../../../server/protocol/plan.ts';
import type { PlanWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { addDays } from './days.ts';

export interface PlanMonth {
	readonly month: number;
	readonly title: string;
	/** What the month's deliverable is called, and its id in the portfolio. */
	readonly deliverable: { readonly id: string; readonly title: string };
	/** Lesson ids. */
	readonly lessons: readonly string[];
	readonly labs: readonly { readonly id: string; readonly title: string }[];
}

export interface Curriculum {
	/** Hours a week at which the lengths of the starting points hold. */
	readonly referenceHours: number;
	readonly starts: readonly { readonly id: Start; readonly weeks: number; readonly months: readonly number[] }[];
	readonly months: readonly PlanMonth[];
	/** What everyone makes, whatever they skip. */
	readonly assets: readonly { readonly id: string; readonly title: string }[];
	/** What pieces of a month's work are called. */
	readonly words: Pick<PlanWords, 'workReading' | 'workLab' | 'workDeliverable' | 'workChecklist'>;
}

export interface PlanInputs {
	readonly start: Start;
	readonly weeklyHours: number;
	/** First day, YYYY-MM-DD. */
	readonly begins: string;
	/** Months that are known and left out. */
	readonly known: readonly number[];
}

type Work = Omit<Milestone, 'due'>;

/** Shares of the work: labs and deliverables take most of a month, a checklist little. Our estimate; a plan says so. */
const WEIGHTS = { reading: 2, lab: 3, deliverable: 3, checklist: 1, asset: 3 } as const;

/**
 * The work of a starting point in order, with hours. All of it together is the starting point's length times the reference hours, each
 * month an equal part; a month that is known takes its part with it.
 */
function workOf({ referenceHours, starts, months, assets, words }: Curriculum, { start, known }: PlanInputs): Work[] {
	const from = starts.find(({ id }) => id === start);
	if (!from) throw new Error(`content/plan/starts.yaml has no ${start}`);
	const parts = months.filter(({ month }) => from.months.includes(month)).map((month) => ({ month: month.month, work: monthWork(month, words) }));
	const all = from.weeks * referenceHours;
	// An asset is as much as a lab of an average month.
	const monthWeight = parts.reduce((sum, { work }) => sum + weigh(work), 0) / Math.max(1, parts.length);
	const unit = all / (monthWeight * parts.length + WEIGHTS.asset * assets.length);
	const planned = parts.flatMap(({ month, work }) =>
		known.includes(month) ? [] : work.map((piece) => ({ ...piece, hours: tenths((unit * monthWeight * WEIGHTS[piece.kind]) / weigh(work)) })),
	);
	const last = assets.map(({ id, title }) => ({ id: `asset/${id}`, kind: 'asset' as const, title, hours: tenths(unit * WEIGHTS.asset) }));
	return [...planned, ...last];
}

const tenths = (hours: number): number => Math.round(hours * 10) / 10;
const weigh = (work: readonly { readonly kind: keyof typeof WEIGHTS }[]): number => work.reduce((sum, { kind }) => sum + WEIGHTS[kind], 0);

function monthWork(
	{ month, title, labs, deliverable }: PlanMonth,
	words: Curriculum['words'],
): { id: string; kind: Exclude<keyof typeof WEIGHTS, 'asset'>; title: string }[] {
	return [
		{ id: `month-${month}/reading`, kind: 'reading', title: fillIn(words.workReading, { month, title }) },
		...labs.map((lab) => ({ id: `month-${month}/lab/${lab.id}`, kind: 'lab' as const, title: fillIn(words.workLab, { title: lab.title }) })),
		{ id: `month-${month}/deliverable`, kind: 'deliverable', title: fillIn(words.workDeliverable, { title: deliverable.title }) },
		{ id: `month-${month}/checklist`, kind: 'checklist', title: fillIn(words.workChecklist, { month }) },
	];
}

/** The plan: each milestone is due on the day on which its hours, added to all before, have passed at the weekly pace. */
export function makePlan(curriculum: Curriculum, inputs: PlanInputs): Plan {
	const milestones = dated(workOf(curriculum, inputs), inputs.begins, inputs.weeklyHours);
	return { ...inputs, known: [...inputs.known].sort(), milestones, how: 'made', lost: [] };
}

/** Gives work its days, one piece after the other from `first` on. */
export function dated(work: readonly Work[], first: string, weeklyHours: number): Milestone[] {
	let hours = 0;
	return work.map(({ id, kind, title, hours: own }) => {
		hours += own;
		return { id, kind, title, hours: own, due: addDays(first, Math.max(0, Math.ceil((hours / weeklyHours) * 7 - 0.05) - 1)) };
	});
}

/** The plan of somebody in the role: milestones at fixed distances from the first day. */
export function makeRolePlan(milestones: readonly { readonly id: string; readonly title: string; readonly days: number }[], begins: string): Plan {
	return {
		start: 'senior',
		weeklyHours: 40,
		begins,
		known: [],
		milestones: milestones.map(({ id, title, days }) => ({ id: `role/${id}`, kind: 'role', title, due: addDays(begins, days), hours: 0 })),
		how: 'made',
		lost: [],
	};
}

/** The day on which the last milestone is due. */
export const endOf = (plan: Plan): string => [plan.begins, ...plan.milestones.map(({ due }) => due)].sort().at(-1) ?? plan.begins;
