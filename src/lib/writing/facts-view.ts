/** Recorded attempts to draw facts from: choosing one attaches it; its entries can be put into the timeline one by one or all at once. */
import type { Attempt, DocumentContent, FactEvent } from '../../../server/protocol/documents.ts';
import { h } from '../dom.ts';

interface FactsOptions {
	readonly attempts: readonly Attempt[];
	readonly content: DocumentContent;
	readonly onAttach: (attempt: string | undefined) => void;
	readonly onInsert: (events: readonly FactEvent[]) => void;
}

const clock = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)}`;

export function factsView({ attempts, content, onAttach, onInsert }: FactsOptions): HTMLElement[] {
	if (attempts.length === 0)
		return [
			h(
				'p',
				{ class: 'small quiet' },
				'No recorded attempt yet. Submit a lab, and what it recorded can be drawn in here. ',
				h('a', { href: '/labs/' }, 'Go to the labs'),
			),
		];
	const select = h(
		'select',
		{ class: 'field', id: 'attempt' },
		h('option', { value: '' }, 'None: my own account'),
		...attempts.map((a) =>
			h(
				'option',
				{ value: a.evidence, selected: a.evidence === content.attempt },
				`${a.title}, attempt ${a.attempt} (${a.score} of 100, ${a.at.slice(0, 10)})`,
			),
		),
	);
	select.addEventListener('change', () => onAttach(select.value === '' ? undefined : select.value));
	const attempt = attempts.find((a) => a.evidence === content.attempt);
	const used = new Set(content.timeline.map((row) => row.source));
	const left = attempt?.events.filter((event) => !used.has(event.id)) ?? [];
	const all = h('button', { class: 'button plain tiny', type: 'button', 'data-do': 'insert-all' }, `Insert ${left.length === 1 ? 'it' : `all ${left.length}`}`);
	all.addEventListener('click', () => onInsert(left));
	const rows = left.map((event) => {
		const insert = h('button', { class: 'button plain tiny', type: 'button', 'aria-label': `Insert: ${event.what}` }, 'Insert');
		insert.addEventListener('click', () => onInsert([event]));
		return h('li', {}, h('span', { class: 'small' }, h('span', { class: 'clock' }, clock(event.at)), ' ', event.what), insert);
	});
	return [
		h('label', { for: 'attempt', class: 'small' }, 'Draw facts from'),
		select,
		...(attempt === undefined
			? []
			: rows.length > 0
				? [h('ul', { class: 'fact-rows' }, ...rows), all]
				: [h('p', { class: 'small quiet' }, 'All its entries are in the timeline.')]),
	];
}
