/** Cohorts: who is in them, and the links that lead into them. */
import type { CohortView, MadeInvitation } from '../../../server/protocol/people.ts';
import { json, post } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { button, day, fail, said, sureButton, words } from './parts.ts';

/** `admin`: may invite mentors. */
export async function showCohorts(admin: boolean): Promise<void> {
	const cohorts = (await json<CohortView[]>('/api/cohorts')).filter(({ manages }) => manages);
	fill(byId('cohort-list'), ...(cohorts.length === 0 ? [h('p', { class: 'quiet' }, words.noCohorts)] : cohorts.map((one) => card(one, admin))));
	const form = byId('cohort-form');
	if (!(form instanceof HTMLFormElement)) return;
	form.onsubmit = (event) => {
		event.preventDefault();
		const name = String(new FormData(form).get('name') ?? '');
		json<CohortView>('/api/cohorts', post({ name }))
			.then(async () => {
				form.reset();
				await showCohorts(admin);
				said(fillIn(words.madeCohort, { name }));
			})
			.catch(fail);
	};
}

function card(cohort: CohortView, admin: boolean): HTMLElement {
	const { id, name } = cohort;
	const again = async (what: string): Promise<void> => {
		await showCohorts(admin);
		said(what);
	};
	const members = (label: string, people: CohortView['learners']): HTMLElement =>
		h(
			'div',
			{},
			h('h4', {}, label),
			people.length === 0
				? h('p', { class: 'quiet' }, words.nobody)
				: h(
						'ul',
						{},
						...people.map((person) =>
							h(
								'li',
								{ class: 'row-of' },
								person.name,
								sureButton(
									'×',
									fillIn(words.removeMember, { name: person.name }),
									async () => {
										await json(`/api/cohorts/${id}/members/${person.id}`, { method: 'DELETE' });
										await again(fillIn(words.tookOut, { name: person.name }));
									},
									fillIn(words.removeMember, { name: person.name }),
								),
							),
						),
					),
		);
	return h(
		'article',
		{ class: 'cohort', 'aria-label': name },
		h('h3', {}, name),
		members(words.mentors, cohort.mentors),
		members(words.learners, cohort.learners),
		invitations(cohort, again),
		invite(cohort, admin),
		h(
			'p',
			{ class: 'no-print' },
			sureButton(words.removeCohort, fillIn(words.removeCohortSure, { name }), async () => {
				await json(`/api/cohorts/${id}`, { method: 'DELETE' });
				await again(fillIn(words.removedCohort, { name }));
			}),
		),
	);
}

function invitations({ id, invitations: all }: CohortView, again: (what: string) => Promise<void>): HTMLElement | false {
	const now = new Date().toISOString();
	const open = all.filter(({ usesLeft, expiresAt }) => usesLeft > 0 && expiresAt > now);
	if (open.length === 0) return false;
	const line = (one: CohortView['invitations'][number]): HTMLElement =>
		h(
			'li',
			{ class: 'row-of' },
			fillIn(words.invitationLine, { as: words[one.as], n: one.usesLeft, date: day(one.expiresAt) }),
			button(words.revoke, async () => {
				await json(`/api/cohorts/${id}/invitations/${one.id}`, { method: 'DELETE' });
				await again(words.revoked);
			}),
		);
	return h('div', {}, h('h4', {}, words.invitations), h('ul', {}, ...open.map(line)));
}

function invite({ id, name }: CohortView, admin: boolean): HTMLElement {
	const as = h(
		'select',
		{ class: 'field', name: 'as' },
		h('option', { value: 'learner' }, words.learners),
		admin && h('option', { value: 'mentor' }, words.mentors),
	);
	const days = h('input', { class: 'field', name: 'days', type: 'number', min: '1', max: '90', value: '14', required: true });
	const uses = h('input', { class: 'field', name: 'uses', type: 'number', min: '1', max: '500', value: '30', required: true });
	const place = h('div', { role: 'status' });
	const form = h(
		'form',
		{ class: 'people-form no-print', 'aria-label': `${words.inviteAs}: ${name}` },
		h('label', {}, words.inviteAs, as),
		h('label', {}, words.days, days),
		h('label', {}, words.uses, uses),
		h('button', { class: 'button plain', type: 'submit' }, words.makeLink),
	);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		json<MadeInvitation>(`/api/cohorts/${id}/invitations`, post({ as: as.value, days: days.valueAsNumber, uses: uses.valueAsNumber })).then(({ path }) => {
			const link = new URL(path, location.origin).href;
			fill(
				place,
				h('p', {}, words.linkOnce),
				h('p', { class: 'invite-link' }, link),
				button(words.copyLink, async () => {
					await navigator.clipboard.writeText(link);
					said(words.copied);
				}),
			);
		}, fail);
	});
	return h('div', { class: 'stack' }, form, place);
}
