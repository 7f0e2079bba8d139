/** A document in the portfolio: how it came about, its grade as it stood, and its text. */
import { KIND_SHAPES } from '../../../server/protocol/document-kinds.ts';
import type { WrittenEvidence } from '../../../server/protocol/documents.ts';
import { writingStandings } from '../../../server/protocol/graded.ts';
import { ApiError } from '../api.ts';
import { fill, h } from '../dom.ts';
import { confirmationView, standingBadges } from '../confirmation.ts';
import { formatScore } from '../format.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { getWriting } from './calls.ts';
import { gradeView } from './grade-view.ts';

const t = wordsOf('writing');

export function writingCard(writing: WrittenEvidence): HTMLElement {
	const { id, documentKind, title, at, grade, digest } = writing;
	const body = h('div', { class: 'evidence-body' }, h('p', { class: 'quiet', role: 'status' }, t.loading));
	const details = h(
		'details',
		{ class: 'card evidence', id },
		h(
			'summary',
			{},
			h('span', { class: 'title' }, title),
			...standingBadges(writingStandings(writing)),
			h(
				'span',
				{ class: 'quiet small' },
				`${KIND_SHAPES[documentKind].title} · `,
				h('time', { datetime: at }, new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' })),
				` · ${fillIn(t.gradedShare, { graded: grade.graded })}`,
			),
			h('span', { class: 'figure' }, formatScore(grade.score), h('span', { class: 'visually-hidden' }, ` ${t.of100}`)),
		),
		h('p', { class: 'small quiet digest-short' }, fillIn(t.digest, { digest: digest.slice(0, 16) })),
		body,
	);
	details.addEventListener('toggle', () => {
		if (!details.open || details.dataset['loaded']) return;
		details.dataset['loaded'] = 'yes';
		getWriting(id).then(
			(full) => fill(body, ...opened(full)),
			(error: unknown) => {
				delete details.dataset['loaded'];
				fill(body, h('p', { class: 'notice warn' }, error instanceof ApiError ? `${error.message} ${error.next}` : String(error)));
			},
		);
	});
	return details;
}

function opened({ documentKind, grade, markdown, digest, confirmed }: WrittenEvidence): HTMLElement[] {
	return [
		...(confirmed === undefined ? [] : [confirmationView(confirmed)]),
		h('div', {}, h('h3', {}, t.grade), ...gradeView(documentKind, grade, false)),
		h(
			'div',
			{ class: 'evidence-files' },
			h('h3', {}, t.textHandedIn),
			h('pre', { class: 'written-text', tabindex: '0', 'aria-label': t.textHandedIn }, markdown),
		),
		h('p', { class: 'small quiet digest' }, t.digestOver, ' ', h('code', {}, digest)),
	];
}
