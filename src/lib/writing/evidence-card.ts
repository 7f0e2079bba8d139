/** A document in the portfolio: how it came about, its grade as it stood, and its text. */
import { KIND_SHAPES } from '../../../server/protocol/document-kinds.ts';
import type { WrittenEvidence } from '../../../server/protocol/documents.ts';
import { ApiError } from '../api.ts';
import { fill, h } from '../dom.ts';
import { KINDS } from '../evidence-kinds.ts';
import { formatScore } from '../format.ts';
import { getWriting } from './calls.ts';
import { gradeView } from './grade-view.ts';

export function writingCard(writing: WrittenEvidence): HTMLElement {
	const { id, kind, documentKind, title, at, grade, digest } = writing;
	const body = h('div', { class: 'evidence-body' }, h('p', { class: 'quiet', role: 'status' }, 'Loading…'));
	const details = h(
		'details',
		{ class: 'card evidence', id },
		h(
			'summary',
			{},
			h('span', { class: 'title' }, title),
			h('span', { class: `badge ${KINDS[kind].tone}` }, KINDS[kind].word),
			h(
				'span',
				{ class: 'quiet small' },
				`${KIND_SHAPES[documentKind].title} · `,
				h('time', { datetime: at }, new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' })),
				` · ${grade.graded} % could be graded`,
			),
			h('span', { class: 'figure' }, formatScore(grade.score), h('span', { class: 'visually-hidden' }, ' of 100')),
		),
		h('p', { class: 'small quiet digest-short' }, `Digest ${digest.slice(0, 16)}…`),
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

function opened({ documentKind, grade, markdown, digest }: WrittenEvidence): HTMLElement[] {
	return [
		h('div', {}, h('h3', {}, 'Grade'), ...gradeView(documentKind, grade, false)),
		h(
			'div',
			{ class: 'evidence-files' },
			h('h3', {}, 'Text as handed in'),
			h('pre', { class: 'written-text', tabindex: '0', 'aria-label': 'Text as handed in' }, markdown),
		),
		h('p', { class: 'small quiet digest' }, 'SHA-256 over grade and text: ', h('code', {}, digest)),
	];
}
