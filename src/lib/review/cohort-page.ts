/** A cohort as its mentors see it: where people are stuck, who waits, how far mentors agree. Nobody is ranked. */
import type { AgreementRow, CohortPage, StuckRow } from '../../../server/protocol/reviews.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { getCohortPage, getCohorts, inviteLearners, makeCohort } from './calls.ts';
import { problem, waited } from './format.ts';
import { data, t } from './words.ts';

const id = new URLSearchParams(location.search).get('c') ?? '';
const titles = new Map([...data.rows, ...data.dimensions].map((one) => [one.id, one.title]));

const headRow = (...words: string[]): HTMLElement => h('thead', {}, h('tr', {}, ...words.map((word) => h('th', { scope: 'col' }, word))));
const cell = (label: string, text: string): HTMLElement => h('td', { 'data-label': label }, text);

function stuckTable(rows: readonly StuckRow[], fewest: number): HTMLElement {
	const people = (n: number | null): string => (n === null ? fillIn(t.fewerThan, { n: fewest }) : String(n));
	// What everybody passes is no place to be stuck at.
	const body = rows
		.filter(({ check, notNow }) => check === undefined || notNow !== 0)
		.map(({ lab, title, check, tried, passed, notNow, attempts, hours }) =>
			h(
				'tr',
				{ class: check === undefined ? 'lab-row' : 'check-row' },
				h('th', { scope: 'row' }, check === undefined ? h('a', { href: `/labs/${lab}/` }, title) : title),
				cell(t.tried, people(tried)),
				cell(t.passedCount, people(passed)),
				cell(t.notNow, people(notNow)),
				cell(t.medianAttempts, attempts === undefined ? '–' : String(attempts)),
				cell(t.medianHours, hours === undefined ? '–' : String(hours)),
			),
		);
	return h(
		'div',
		{ class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': t.stuck },
		h(
			'table',
			{ class: 'plain-table stuck' },
			h('caption', { class: 'visually-hidden' }, t.stuck),
			headRow(t.labOrCheck, t.tried, t.passedCount, t.notNow, t.medianAttempts, t.medianHours),
			h('tbody', {}, ...body),
		),
	);
}

function agreementTable(rows: readonly AgreementRow[]): HTMLElement {
	const body = rows.map(({ marked, n, percent, kappa, few }) =>
		h(
			'tr',
			{},
			h('th', { scope: 'row' }, marked === 'decision' ? t.decision : (titles.get(marked) ?? marked)),
			cell(t.pairs, String(n)),
			cell(t.percentSame, `${percent} %`),
			cell(t.kappa, kappa === undefined ? t.kappaNone : kappa.toFixed(2)),
			cell(t.caution, few ? t.fewPairs : ''),
		),
	);
	return h(
		'div',
		{ class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': t.agreement },
		h(
			'table',
			{ class: 'plain-table' },
			h('caption', { class: 'visually-hidden' }, t.agreement),
			headRow(t.markedThing, t.pairs, t.percentSame, t.kappa, t.caution),
			h('tbody', {}, ...body),
		),
	);
}

function show({ name, learners, mentors, stuck, waiting, agreement, decisions, secondPercent, fewest }: CohortPage): void {
	document.title = `${name} · Foothold`;
	const rows = [...(decisions === undefined ? [] : [decisions]), ...agreement];
	fill(
		byId('cohort'),
		h('h1', {}, name),
		h('p', { class: 'quiet' }, fillIn(t.cohortCount, { learners, mentors })),
		h(
			'section',
			{ class: 'stack' },
			h('h2', {}, t.stuck),
			h('p', { class: 'small quiet' }, fillIn(t.stuckLead, { n: fewest })),
			stuck.length === 0 ? h('p', { class: 'notice' }, t.stuckNone) : stuckTable(stuck, fewest),
		),
		h(
			'section',
			{ class: 'stack' },
			h('h2', {}, t.whoWaits),
			waiting.length === 0
				? h('p', { class: 'quiet' }, t.queueEmpty)
				: h(
						'ul',
						{ class: 'plain-list' },
						...waiting.map((one) =>
							h(
								'li',
								{ class: 'card submission-row' },
								h('a', { class: 'title', href: `/mentor/review/?s=${encodeURIComponent(one.id)}` }, one.title),
								h(
									'span',
									{ class: 'small quiet' },
									`${one.learnerName} · ${fillIn(t.roundN, { n: one.round })} · ${fillIn(t.waitsFor, { time: waited(one.submittedAt) })}`,
								),
							),
						),
					),
		),
		h(
			'section',
			{ class: 'stack' },
			h('h2', {}, t.agreement),
			h('p', { class: 'small quiet' }, fillIn(t.agreementLead, { n: secondPercent })),
			rows.length === 0 ? h('p', { class: 'quiet' }, t.agreementNone) : agreementTable(rows),
		),
		invitation(id),
	);
}

/** The link is told once; only a hash of its code is kept. */
function invitation(cohort: string): HTMLElement {
	const make = h('button', { class: 'button plain', type: 'button' }, t.inviteMake);
	const made = h('div', { 'aria-live': 'polite' });
	make.addEventListener('click', () => {
		inviteLearners(cohort).then(
			({ path, invitation: { expiresAt } }) => {
				const link = h('input', { class: 'field', readonly: true, value: location.origin + path, 'aria-label': t.invite });
				link.addEventListener('focus', () => link.select());
				fill(made, link, h('p', { class: 'small quiet' }, fillIn(t.inviteOnce, { date: new Date(expiresAt).toLocaleDateString() })));
				link.focus();
			},
			(error: unknown) => fill(made, problem(error)),
		);
	});
	return h('section', { class: 'stack no-print' }, h('h2', {}, t.invite), h('p', { class: 'quiet' }, t.inviteLead), h('p', {}, make), made);
}

function newCohort(): HTMLElement {
	const name = h('input', { class: 'field', id: 'cohort-name', required: true, maxlength: '60' });
	const said = h('div', { 'aria-live': 'polite' });
	const form = h(
		'form',
		{ class: 'stack' },
		h('label', { for: 'cohort-name' }, t.cohortName),
		name,
		h('p', {}, h('button', { class: 'button', type: 'submit' }, t.cohortMake)),
		said,
	);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		makeCohort(name.value.trim()).then(
			(made) => location.assign(`?c=${encodeURIComponent(made.id)}`),
			(error: unknown) => fill(said, problem(error)),
		);
	});
	return form;
}

/** Without an address: the cohorts there are. */
function choose(): void {
	getCohorts().then(
		(cohorts) => {
			const mine = cohorts.filter(({ as, manages }) => manages || as.includes('mentor'));
			fill(
				byId('cohort'),
				h('h1', {}, t.cohorts),
				mine.length === 0
					? h('p', { class: 'notice' }, t.cohortsNone)
					: h('ul', {}, ...mine.map((one) => h('li', {}, h('a', { href: `?c=${encodeURIComponent(one.id)}` }, one.name)))),
				newCohort(),
			);
		},
		(error: unknown) => fill(byId('cohort'), h('h1', {}, t.cohorts), problem(error)),
	);
}

if (id === '') choose();
else getCohortPage(id).then(show, (error: unknown) => fill(byId('cohort'), h('h1', {}, t.cohorts), problem(error)));
