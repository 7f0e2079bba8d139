/** My submissions: their states, how long they have waited, what is new. */
import type { Notices, SubmissionSummary } from '../../../server/protocol/reviews.ts';
import { json } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { formatScore } from '../format.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { listSubmissions } from './calls.ts';
import { badge, KIND_WORDS, problem, STATES, waited, when } from './format.ts';
import { t } from './words.ts';

function row({ id, kind, title, state, rounds, submittedAt, since, score, unread, unanswered }: SubmissionSummary): HTMLElement {
	const waits = state === 'waiting' || state === 'in-review';
	return h(
		'li',
		{ class: 'card submission-row' },
		h(
			'div',
			{},
			h('a', { class: 'title', href: `/submissions/view/?s=${encodeURIComponent(id)}` }, title),
			h(
				'p',
				{ class: 'small quiet' },
				`${KIND_WORDS[kind]} · ${fillIn(t.roundN, { n: rounds })} · ${t.sent} `,
				when(submittedAt),
				score !== undefined && ` · ${formatScore(score)} ${t.of100}`,
			),
			unanswered > 0 && h('p', { class: 'small' }, fillIn(t.unanswered, { n: unanswered })),
		),
		h(
			'div',
			{ class: 'in-line' },
			unread && badge({ word: t.news, tone: 'warn' }),
			badge(STATES[state]),
			h('span', { class: 'small quiet' }, waits ? fillIn(t.waitsFor, { time: waited(since) }) : fillIn(t.ago, { time: waited(since) })),
		),
	);
}

function show(submissions: readonly SubmissionSummary[], notices: Notices): void {
	// In one place: a door that opens above the list would push it.
	fill(
		byId('submissions'),
		notices.mentor && h('p', { class: 'notice' }, fillIn(t.mentorDoor, { n: notices.waiting }), ' ', h('a', { href: '/mentor/' }, t.toQueue)),
		submissions.length === 0
			? h('p', { class: 'notice' }, t.listNone, ' ', h('a', { href: '/submissions/new/' }, t.submitSomething))
			: h('ul', { class: 'plain-list' }, ...submissions.map(row)),
	);
}

Promise.all([listSubmissions(), json<Notices>('/api/notices')]).then(
	([submissions, notices]) => show(submissions, notices),
	(error: unknown) => fill(byId('submissions'), problem(error)),
);
