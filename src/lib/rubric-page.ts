/** The rubric: where the learner's evidence puts them, and what moved last. */
import type { Learner, RubricStanding } from '../../server/protocol/progress.ts';
import { mentorStanding } from '../../server/protocol/senior.ts';
import { ApiError, getProgress } from './api.ts';
import { byId, fill, h } from './dom.ts';
import { fillIn } from './i18n/fill-in.ts';
import { sentenceParts } from './i18n/sentence.ts';
import { wordsOf } from './i18n/words-of.ts';

const t = wordsOf('rubric');

const LEVELS: Readonly<Record<RubricStanding['level'], { readonly word: string; readonly tone: string }>> = {
	none: { word: t.noEvidence, tone: '' },
	started: { word: t.started, tone: 'accent' },
	mid: { word: t.mid, tone: 'accent' },
	senior: { word: t.seniorReached, tone: 'pass' },
};

/** A level's word in a sentence, without its mark. */
const bare = (level: RubricStanding['level']): string => (level === 'senior' ? t.senior : LEVELS[level].word);

function show({ rubric }: Learner): void {
	for (const standing of rubric) {
		const row = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(standing.row)}"]`);
		fill(row?.querySelector('[data-standing]') ?? undefined, row && standingView(standing, row.dataset));
	}
	const last = rubric.filter((standing) => standing.movedAt).sort((a, b) => (b.movedAt ?? '').localeCompare(a.movedAt ?? ''))[0];
	const state = byId('rubric-state');
	if (last)
		fill(
			state,
			h('p', { class: 'notice' }, ...sentenceParts(t.movedLast, { row: h('a', { href: `#${last.row}` }, titleOf(last.row)), level: bare(last.level) })),
		);
	else fill(state, h('p', { class: 'notice' }, ...sentenceParts(t.notMoved, { submit: h('a', { href: '/labs/' }, t.submitOne) })));
}

function standingView({ level, count, evidence, movedAt, mentor }: RubricStanding, { target, unit }: DOMStringMap): HTMLElement {
	const { word, tone } = LEVELS[level];
	const goal = Number(target ?? 0);
	const first = evidence[0];
	const marks = mentorStanding(mentor ?? [], level);
	const names = listed(marks.by.map((name) => name || t.goneMentor));
	return h(
		'div',
		{ class: 'standing' },
		h('span', { class: `badge ${tone}` }, word),
		goal > 0 && meter(count, goal),
		goal > 0 && h('span', { class: 'small quiet' }, fillIn(t.countOf, { count, goal, unit: unit ?? '' })),
		movedAt !== undefined &&
			h('span', { class: 'small quiet' }, fillIn(t.movedOn, { on: new Date(movedAt).toLocaleDateString(undefined, { dateStyle: 'medium' }) })),
		// Beside what was graded, never mixed with it.
		marks.level !== undefined &&
			h('span', { class: 'small mentor-marks' }, marks.alone ? fillIn(t.mentorAlone, { names }) : fillIn(t.mentorSays, { names, level: bare(marks.level) })),
		first !== undefined &&
			h('a', { class: 'small', href: `/portfolio/#${first}` }, evidence.length === 1 ? t.evidenceOne : fillIn(t.evidenceMany, { n: evidence.length })),
	);
}

const listed = (names: readonly string[]): string => new Intl.ListFormat(document.documentElement.lang, { type: 'conjunction' }).format(names);

/** Beside its figures in words, so a picture only. */
function meter(count: number, goal: number): HTMLElement {
	const bar = h('span');
	bar.style.width = `${Math.min(100, Math.round((100 * count) / goal))}%`;
	return h('div', { class: 'meter', 'aria-hidden': 'true' }, bar);
}

const titleOf = (row: string): string => document.querySelector(`[data-row="${CSS.escape(row)}"] th`)?.firstChild?.textContent?.trim() ?? row;

getProgress().then(show, (error: unknown) => {
	const words = error instanceof ApiError ? `${error.message} ${error.next}` : String(error);
	fill(byId('rubric-state'), h('p', { class: 'notice warn', role: 'alert' }, words));
});
