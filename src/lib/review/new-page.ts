/** A new submission: what, and what one would like to hear about. `?kind=…&of=…` chooses in advance. */
import type { DocumentSummary } from '../../../server/protocol/documents.ts';
import type { Learner } from '../../../server/protocol/progress.ts';
import type { SubmissionKind } from '../../../server/protocol/reviews.ts';
import { getProgress, json } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { submit } from './calls.ts';
import { KIND_WORDS, problem } from './format.ts';
import { data, t } from './words.ts';

interface Choice {
	readonly kind: SubmissionKind;
	readonly of: string;
	readonly text: string;
}

function choices(learner: Learner, documents: readonly DocumentSummary[]): Choice[] {
	const attempts = learner.evidence.map(({ id, lab, attempt, score, at }) => ({
		kind: 'lab' as const,
		of: id,
		at,
		text: fillIn(t.attemptOf, { lab: data.labs[lab] ?? lab, n: attempt, score }),
	}));
	const texts = documents.map(({ id, title, kind, updatedAt }) => ({ kind: 'document' as const, of: id, at: updatedAt, text: title || kind }));
	const items = learner.portfolio.map(({ deliverable, title, updatedAt }) => ({
		kind: 'portfolio' as const,
		of: deliverable,
		at: updatedAt,
		text: data.deliverables[deliverable] ?? title,
	}));
	const elsewhere = (learner.declared ?? []).map(({ id, title, on }) => ({ kind: 'declared' as const, of: id, at: on, text: title }));
	return [...attempts, ...texts, ...items, ...elsewhere].sort((a, b) => b.at.localeCompare(a.at));
}

function form(all: readonly Choice[]): HTMLElement {
	const wanted = new URLSearchParams(location.search);
	// Made once a page: sent twice (an answer was lost), it is one submission.
	const request = crypto.randomUUID();
	const what = h(
		'select',
		{ class: 'field', id: 'what', required: true },
		...(['lab', 'document', 'portfolio', 'declared'] as const).flatMap((kind) => {
			const own = all.filter((choice) => choice.kind === kind);
			if (own.length === 0) return [];
			const options = own.map(({ of, text }) =>
				h('option', { value: `${kind}:${of}`, selected: wanted.get('kind') === kind && wanted.get('of') === of }, text),
			);
			return [h('optgroup', { label: KIND_WORDS[kind] }, ...options)];
		}),
	);
	const note = h('textarea', { class: 'field', id: 'note', rows: '4', maxlength: '2000' });
	const said = h('div', { 'aria-live': 'polite' });
	const button = h('button', { class: 'button', type: 'submit' }, t.submitButton);
	const made = h(
		'form',
		{ class: 'stack submit-form' },
		h('div', { class: 'part' }, h('label', { for: 'what' }, t.whatLabel), what),
		h('div', { class: 'part' }, h('label', { for: 'note' }, t.noteLabel), h('p', { class: 'small quiet' }, t.noteHelp), note),
		h('p', { class: 'small quiet' }, t.bundleHelp),
		h('p', {}, button),
		said,
	);
	made.addEventListener('submit', (event) => {
		event.preventDefault();
		const [kind = 'lab', of = ''] = what.value.split(/:(.*)/s);
		button.disabled = true;
		submit({ request, kind: kind as SubmissionKind, of, note: note.value.trim() }).then(
			({ id }) => location.assign(`/submissions/view/?s=${encodeURIComponent(id)}`),
			(error: unknown) => {
				button.disabled = false;
				fill(said, problem(error));
			},
		);
	});
	return made;
}

Promise.all([getProgress(), json<DocumentSummary[]>('/api/documents')]).then(
	([learner, documents]) => {
		const all = choices(learner, documents);
		fill(byId('submit'), all.length === 0 ? h('p', { class: 'notice' }, t.nothingToSubmit, ' ', h('a', { href: '/labs/' }, t.toLabs)) : form(all));
	},
	(error: unknown) => fill(byId('submit'), problem(error)),
);
