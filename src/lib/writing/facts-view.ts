/** Recorded attempts to draw facts from: choosing one attaches it; its entries can be put into the timeline one by one or all at once. */
import type { Attempt, DocumentContent, FactEvent } from '../../../server/protocol/documents.ts';
import { h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { wordsOf } from '../i18n/words-of.ts';

const t = wordsOf('writing');

interface FactsOptions {
	readonly attempts: readonly Attempt[];
	readonly content: DocumentContent;
	readonly onAttach: (attempt: string | undefined) => void;
	readonly onInsert: (events: readonly FactEvent[]) => void;
}

const clock = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)}`;

export function factsView({ attempts, content, onAttach, onInsert }: FactsOptions): HTMLElement[] {
	if (attempts.length === 0) return [h('p', { class: 'small quiet' }, t.noAttempt, ' ', h('a', { href: '/labs/' }, t.toLabs))];
	const select = h(
		'select',
		{ class: 'field', id: 'attempt' },
		h('option', { value: '' }, t.ownAccount),
		...attempts.map((a) =>
			h(
				'option',
				{ value: a.evidence, selected: a.evidence === content.attempt },
				fillIn(t.attemptLine, { title: a.title, attempt: a.attempt, score: a.score, on: a.at.slice(0, 10) }),
			),
		),
	);
	select.addEventListener('change', () => onAttach(select.value === '' ? undefined : select.value));
	const attempt = attempts.find((a) => a.evidence === content.attempt);
	const used = new Set(content.timeline.map((row) => row.source));
	const left = attempt?.events.filter((event) => !used.has(event.id)) ?? [];
	const all = h(
		'button',
		{ class: 'button plain tiny', type: 'button', 'data-do': 'insert-all' },
		left.length === 1 ? t.insertIt : fillIn(t.insertAll, { n: left.length }),
	);
	all.addEventListener('click', () => onInsert(left));
	const rows = left.map((event) => {
		const insert = h('button', { class: 'button plain tiny', type: 'button', 'aria-label': fillIn(t.insertOne, { what: event.what }) }, t.insert);
		insert.addEventListener('click', () => onInsert([event]));
		return h('li', {}, h('span', { class: 'small' }, h('span', { class: 'clock' }, clock(event.at)), ' ', event.what), insert);
	});
	return [
		h('label', { for: 'attempt', class: 'small' }, t.drawFrom),
		select,
		...(attempt === undefined ? [] : rows.length > 0 ? [h('ul', { class: 'fact-rows' }, ...rows), all] : [h('p', { class: 'small quiet' }, t.allInserted)]),
	];
}
