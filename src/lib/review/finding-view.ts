/** A sent review as it is read: decision, words, findings with their places and answers. */
import type { Answer, Bundle, Finding, Place, ShownReview } from '../../../server/protocol/reviews.ts';
import { WANTS_ANSWER } from '../../../server/protocol/findings.ts';
import { h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { badge, placeText, TYPES, when } from './format.ts';
import { data, t } from './words.ts';

/** Who reviewed and was deleted since. */
const GONE = 'gone';

export interface ReviewHandlers {
	readonly go: (place: Place) => void;
	/** Absent where this person answers nothing. */
	readonly answer?: (finding: string, answer: Answer) => Promise<void>;
	readonly rate?: (helpful: boolean) => Promise<void>;
}

export function reviewView(review: ShownReview, bundle: Bundle, handlers: ReviewHandlers): HTMLElement {
	const { name, own, slot, sentAt, content, helpful } = review;
	const by = slot === 'second' ? t.secondReviewBy : own ? t.ownReview : t.reviewBy;
	const head = h(
		'p',
		{ class: 'review-head' },
		h('strong', {}, fillIn(by, { name: review.reviewer === GONE ? t.gone : name })),
		' ',
		own && badge({ word: t.own, tone: '' }),
		' ',
		sentAt !== undefined && h('span', { class: 'small quiet' }, when(sentAt)),
	);
	if (content === undefined) return h('article', { class: 'card review' }, head, h('p', { class: 'quiet small' }, t.notShownYet));
	const decision = content.decision === 'approve' ? { word: t.stateApproved, tone: 'pass' } : { word: t.stateChanges, tone: 'warn' };
	const summary = h('div', { class: 'prose small' });
	// Sanitised by the server.
	summary.innerHTML = content.summaryHtml;
	return h(
		'article',
		{ class: 'card review' },
		head,
		h('p', {}, badge(decision)),
		content.summary !== '' && summary,
		content.findings.length > 0 && h('ol', { class: 'findings' }, ...content.findings.map((finding) => findingView(finding, review, bundle, handlers))),
		marksView(content.marks),
		own && h('p', { class: 'small quiet' }, t.ownCounts),
		handlers.rate && sentAt !== undefined && helpfulView(helpful, handlers.rate),
	);
}

/** The place as a link, so that a finding is read where it belongs. */
export function placeLink(place: Place, bundle: Bundle, go: (place: Place) => void): HTMLElement {
	const text = placeText(place, bundle);
	if (place.at === 'whole') return h('span', { class: 'small quiet' }, text);
	const button = h('button', { class: 'place small', type: 'button' }, text);
	button.addEventListener('click', () => go(place));
	return button;
}

function findingView(finding: Finding, { answers }: ShownReview, bundle: Bundle, { go, answer }: ReviewHandlers): HTMLElement {
	const said = answers[finding.id];
	return h(
		'li',
		{ class: 'finding', 'data-finding': finding.id },
		h('p', {}, badge(TYPES[finding.type]), ' ', placeLink(finding.place, bundle, go)),
		h('p', { class: 'finding-text' }, finding.text),
		said !== undefined && h('p', { class: 'answer small' }, said.answer === 'done' ? `✓ ${t.answerDone}` : fillIn(t.answerDisagree, { reason: said.reason })),
		answer !== undefined && answerForm(finding, said !== undefined, answer),
	);
}

function answerForm(finding: Finding, again: boolean, answer: (finding: string, answer: Answer) => Promise<void>): HTMLElement {
	const done = h('button', { class: 'button tiny', type: 'button' }, t.done);
	const reason = h('textarea', {
		class: 'field',
		rows: '2',
		minlength: '10',
		maxlength: '1000',
		required: true,
		'aria-label': t.reason,
		placeholder: t.reason,
	});
	const form = h('form', { class: 'disagree', hidden: true }, reason, h('button', { class: 'button tiny', type: 'submit' }, t.sendReason));
	const disagree = h('button', { class: 'button plain tiny', type: 'button', 'aria-expanded': 'false' }, t.disagree);
	done.addEventListener('click', () => void answer(finding.id, { answer: 'done' }));
	disagree.addEventListener('click', () => {
		form.hidden = !form.hidden;
		disagree.setAttribute('aria-expanded', String(!form.hidden));
		if (!form.hidden) reason.focus();
	});
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		void answer(finding.id, { answer: 'disagree', reason: reason.value.trim() });
	});
	const buttons = h('div', { class: 'in-line no-print' }, done, disagree);
	const body = h('div', { class: 'answers' }, buttons, form);
	const wanted = WANTS_ANSWER.includes(finding.type);
	return again || !wanted ? h('details', { class: 'small no-print' }, h('summary', {}, again ? t.answerAgain : t.answerIt), body) : body;
}

function marksView(marks: Readonly<Record<string, string>>): HTMLElement | false {
	const titles = new Map([...data.rows, ...data.dimensions].map(({ id, title }) => [id, title]));
	const rows = Object.entries(marks).map(([id, level]) => h('li', {}, `${titles.get(id) ?? id}: `, h('strong', {}, levelWord(level))));
	return rows.length > 0 && h('div', { class: 'small' }, h('h3', {}, t.marks), h('ul', {}, ...rows));
}

export function levelWord(level: string): string {
	return { none: t.level0, started: t.level1, mid: t.level2, senior: t.level3 }[level] ?? level;
}

function helpfulView(helpful: boolean | undefined, rate: (helpful: boolean) => Promise<void>): HTMLElement {
	const button = (value: boolean, word: string): HTMLElement => {
		const made = h('button', { class: 'button plain tiny', type: 'button', 'aria-pressed': String(helpful === value) }, word);
		made.addEventListener('click', () => void rate(value));
		return made;
	};
	return h('p', { class: 'in-line small no-print' }, t.wasHelpful, button(true, t.yes), button(false, t.no));
}
