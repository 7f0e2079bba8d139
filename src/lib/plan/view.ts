/** Draws a plan: where one stands, the ways on, and the milestones. */
import type { Milestone, Plan, PlanRecord } from '../../../server/protocol/plan.ts';
import { type Child, h } from '../dom.ts';
import type { PlanWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { dayText, daysBetween } from './days.ts';
import { endOf } from './make-plan.ts';
import { type Done, type DoneOf, MOST_HOURS, type Offer, offers, type PlanStanding, standingOf } from './replan.ts';

export interface PlanView {
	readonly words: PlanWords;
	readonly kind: 'track' | 'role';
	readonly record: PlanRecord;
	readonly plan: Plan;
	/** What the starting point is called. */
	readonly startName: string;
	readonly doneOf: DoneOf;
	readonly today: string;
	adopt(plan: Plan): void;
	undo(): void;
	tick(milestone: Milestone, done: boolean): void;
}

export function planView(view: PlanView): HTMLElement[] {
	const { words, plan, kind, startName, doneOf, today } = view;
	const standing = standingOf(plan, doneOf, today);
	const values = { start: startName, hours: plan.weeklyHours, begins: dayText(plan.begins), ends: dayText(endOf(plan)) };
	const all = plan.milestones.length;
	const bar = h('span');
	bar.style.width = `${Math.round((100 * standing.doneCount) / all)}%`;
	return [
		h('p', { class: 'plan-summary' }, fillIn(kind === 'track' ? words.summary : words.summaryRole, values)),
		h('div', { class: 'meter', 'aria-hidden': 'true' }, bar),
		h('p', { class: 'small quiet', id: 'plan-done' }, fillIn(words.done, { done: standing.doneCount, all })),
		standingView(view, standing),
		actions(view),
		plan.lost.length > 0 && h('div', { class: 'small' }, h('p', {}, words.lostEarlier), list(plan.lost)),
		h('h2', {}, words.milestones),
		h('p', { class: 'quiet small' }, words.doneHow),
		...groups(view).map(([title, milestones]) => group(view, title, milestones)),
	].filter((child): child is HTMLElement => child instanceof HTMLElement);
}

const list = (titles: readonly string[]): HTMLElement => h('ul', {}, ...titles.map((title) => h('li', {}, title)));

function standingView(view: PlanView, { weeksBehind, overdue, open, next }: PlanStanding): HTMLElement {
	const { words, plan, doneOf, today } = view;
	if (open.length === 0) return h('p', { class: 'notice', id: 'plan-standing' }, words.finished);
	const nextUp = next && h('p', {}, fillIn(words.nextUp, { title: next.title, due: dayText(next.due) }));
	if (overdue.length === 0) return h('div', { class: 'notice', id: 'plan-standing' }, h('p', {}, words.onTime), nextUp);
	const said = weeksBehind > 0 ? fillIn(words.behind, { weeks: weeksBehind }) : words.slightlyLate;
	return h(
		'section',
		{ class: 'notice warn late', id: 'plan-standing', 'aria-labelledby': 'plan-behind' },
		h('h2', { id: 'plan-behind' }, said),
		h('p', {}, words.overdueList),
		list(overdue.map(({ title, due }) => `${title} (${fillIn(words.due, { due: dayText(due) })})`)),
		nextUp,
		h('p', { class: 'quiet small' }, words.offersLead),
		h('div', { class: 'offers' }, ...offers(plan, doneOf, today).map((offer) => offerView(view, offer))),
	);
}

function offerView({ words, kind, adopt }: PlanView, offer: Offer): HTMLElement {
	const title = { extended: words.extend, 'hours-raised': words.raise, cut: words.cut }[offer.how];
	const { plan } = offer;
	const button = plan && h('button', { class: 'button plain', type: 'button', 'aria-label': `${words.choose}: ${title}` }, words.choose);
	if (plan) button?.addEventListener('click', () => adopt(plan));
	return h('div', { class: 'offer', 'data-offer': offer.how }, h('h3', {}, title), ...offerText(words, kind, offer), button);
}

function offerText(words: PlanWords, kind: PlanView['kind'], { how, plan, lost, weeklyHours, ends }: Offer): Child[] {
	const values = { hours: weeklyHours, ends: dayText(ends), most: MOST_HOURS };
	switch (how) {
		case 'extended':
			return [h('p', {}, fillIn(kind === 'role' ? words.extendRole : words.extendText, values))];
		case 'hours-raised':
			return [h('p', {}, fillIn(plan ? words.raiseText : words.raiseNot, values))];
		case 'cut':
			return plan ? [h('p', {}, words.cutText), list(lost)] : [h('p', {}, words.cutNot)];
	}
}

function actions({ words, kind, record, undo }: PlanView): HTMLElement {
	const back = record.earlier.length > 0 && h('button', { class: 'button plain', type: 'button', id: 'plan-undo' }, words.undo);
	if (back) back.addEventListener('click', undo);
	const print = h('button', { class: 'button plain', type: 'button' }, words.print);
	print.addEventListener('click', () => window.print());
	return h('div', { class: 'plan-actions' }, h('a', { class: 'button plain', href: `/api/plan/${kind}.ics`, download: true }, words.calendar), print, back);
}

/** Milestones under their month, or under the time from the first day. */
function groups({ words, kind, plan }: PlanView): [string, Milestone[]][] {
	const out = new Map<string, Milestone[]>();
	for (const milestone of plan.milestones) {
		const title = kind === 'role' ? distance(words, daysBetween(plan.begins, milestone.due)) : monthOf(words, milestone);
		out.set(title, [...(out.get(title) ?? []), milestone]);
	}
	return [...out];
}

const distance = (words: PlanWords, days: number): string =>
	days > 100 ? fillIn(words.groupMonths, { n: Math.round(days / 30.4) }) : fillIn(words.groupDays, { n: days });

function monthOf(words: PlanWords, { id }: Milestone): string {
	const n = /^month-(\d)\//.exec(id)?.[1];
	return n === undefined ? words.groupAsset : fillIn(words.groupMonth, { n });
}

function group(view: PlanView, title: string, milestones: readonly Milestone[]): HTMLElement {
	return h('section', { class: 'plan-group' }, h('h3', {}, title), h('ul', {}, ...milestones.map((milestone) => row(view, milestone))));
}

function row({ words, doneOf, today, tick }: PlanView, milestone: Milestone): HTMLElement {
	const { id, title, due, hours } = milestone;
	const done = doneOf(milestone);
	const box = h('input', {
		type: 'checkbox',
		'aria-label': fillIn(words.tick, { title }),
		checked: done !== undefined,
		disabled: done === 'graded' || done === 'read',
	});
	box.addEventListener('change', () => tick(milestone, box.checked));
	const late = done === undefined && due < today;
	return h(
		'li',
		{ 'data-milestone': id, class: done === undefined ? undefined : 'is-done' },
		box,
		h('span', { class: 'title' }, title),
		done !== undefined && h('span', { class: `badge ${TONES[done]}` }, { graded: words.byGraded, read: words.byRead, declared: words.byDeclared }[done]),
		late && h('span', { class: 'badge warn' }, words.late),
		h(
			'span',
			{ class: 'small quiet when' },
			fillIn(words.due, { due: dayText(due) }),
			hours > 0 && ` · ${fillIn(words.about, { hours: Math.max(1, Math.round(hours)) })}`,
		),
	);
}

const TONES: Readonly<Record<Done, string>> = { graded: 'accent', read: 'pass', declared: '' };
