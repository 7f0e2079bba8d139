/** A mentor's queue: oldest first, filtered, walked with j and k. */
import type { Queue, QueueRow } from '../../../server/protocol/reviews.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { getQueue } from './calls.ts';
import { badge, KIND_WORDS, problem, QUEUE_STATES, waited, when } from './format.ts';
import { data, t } from './words.ts';

const FILTERS = ['lab', 'kind', 'cohort', 'state'] as const;
const filters = (): URLSearchParams => new URLSearchParams(location.search);

function passes(row: QueueRow): boolean {
	const wanted = filters();
	const has = (name: string, value: boolean): boolean => !wanted.get(name) || value;
	return (
		has('lab', row.lab === wanted.get('lab')) &&
		has('kind', row.kind === wanted.get('kind')) &&
		has('state', row.state === wanted.get('state')) &&
		has(
			'cohort',
			row.cohorts.some(({ id }) => id === wanted.get('cohort')),
		)
	);
}

function select(name: (typeof FILTERS)[number], label: string, options: readonly (readonly [value: string, text: string])[], redraw: () => void): HTMLElement {
	const chosen = filters().get(name) ?? '';
	const made = h(
		'select',
		{ class: 'field tiny-field', id: `filter-${name}` },
		h('option', { value: '' }, t.all),
		...options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
	);
	made.addEventListener('change', () => {
		const next = filters();
		if (made.value === '') next.delete(name);
		else next.set(name, made.value);
		history.replaceState(null, '', `${location.pathname}${next.size > 0 ? `?${next}` : ''}`);
		redraw();
	});
	return h('span', { class: 'filter' }, h('label', { class: 'small', for: `filter-${name}` }, label), made);
}

function rowView(row: QueueRow): HTMLElement {
	const { id, title, kind, learnerName, own, cohorts, round, score, submittedAt, state, by, before, note } = row;
	return h(
		'li',
		{ class: 'card submission-row' },
		h(
			'div',
			{},
			h('a', { class: 'title', href: `/mentor/review/?s=${encodeURIComponent(id)}`, 'data-row': true }, title),
			h(
				'p',
				{ class: 'small quiet' },
				[
					learnerName,
					KIND_WORDS[kind],
					fillIn(t.roundN, { n: round }),
					...(score === undefined ? [] : [`${score} ${t.of100}`]),
					...cohorts.map(({ name }) => name),
				].join(' · '),
			),
			note !== '' && h('p', { class: 'small note-line' }, `“${note}”`),
		),
		h(
			'div',
			{ class: 'in-line' },
			own && badge({ word: t.own, tone: '' }),
			before && badge({ word: t.yoursBefore, tone: '' }),
			badge(QUEUE_STATES[state]),
			by !== undefined && h('span', { class: 'small quiet' }, by),
			h('span', { class: 'small quiet' }, fillIn(t.waitsFor, { time: waited(submittedAt) }), h('span', { class: 'visually-hidden' }, ' ', when(submittedAt))),
		),
	);
}

function show({ rows, cohorts, tally }: Queue): void {
	const list = h('ul', { class: 'plain-list', id: 'queue-rows' });
	const state = h('p', { class: 'small quiet', role: 'status' });
	const draw = (): void => {
		const shown = rows.filter(passes);
		fill(list, ...shown.map(rowView));
		fill(state, shown.length === rows.length ? fillIn(t.queueCount, { n: rows.length }) : fillIn(t.queueFiltered, { n: shown.length, all: rows.length }));
	};
	const labs = [...new Set(rows.flatMap(({ lab }) => lab ?? []))].map((lab) => [lab, data.labs[lab] ?? lab] as const);
	draw();
	fill(
		byId('queue'),
		rows.length === 0
			? h('p', { class: 'notice' }, t.queueEmpty)
			: h(
					'div',
					{ class: 'stack' },
					h(
						'div',
						{ class: 'filters no-print' },
						select('lab', t.lab, labs, draw),
						select('kind', t.kind, Object.entries(KIND_WORDS), draw),
						select(
							'cohort',
							t.cohort,
							cohorts.map(({ id, name }) => [id, name] as const),
							draw,
						),
						select(
							'state',
							t.state,
							Object.entries(QUEUE_STATES).map(([value, { word }]) => [value, word] as const),
							draw,
						),
					),
					state,
					list,
					h('p', { class: 'small quiet no-print' }, t.queueKeys),
				),
	);
	fill(
		byId('cohorts'),
		cohorts.length > 0 && h('ul', {}, ...cohorts.map(({ id, name }) => h('li', {}, h('a', { href: `/mentor/cohort/?c=${encodeURIComponent(id)}` }, name)))),
		cohorts.length === 0 && h('p', { class: 'small quiet' }, t.cohortsNone),
	);
	fill(byId('tally'), h('p', {}, fillIn(t.tally, { ...tally })), h('p', { class: 'small quiet' }, t.tallyLead));
}

/** j and k walk the list; Enter opens, as on every link. */
document.addEventListener('keydown', (event) => {
	if ((event.key !== 'j' && event.key !== 'k') || event.ctrlKey || event.metaKey || event.altKey) return;
	if (event.target instanceof Element && event.target.closest('input, textarea, select, dialog')) return;
	const links = [...document.querySelectorAll<HTMLElement>('[data-row]')];
	const at = document.activeElement instanceof HTMLElement ? links.indexOf(document.activeElement) : -1;
	const next = links[Math.min(links.length - 1, Math.max(0, event.key === 'j' ? at + 1 : at - 1))];
	if (next === undefined) return;
	event.preventDefault();
	next.focus();
});

getQueue().then(show, (error: unknown) => fill(byId('queue'), problem(error)));
