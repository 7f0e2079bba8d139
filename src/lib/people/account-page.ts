/** One's own account: who one is here, signing out, one's data, and who saw it. */
import type { Account, CohortView, Erasure } from '../../../server/protocol/people.ts';
import { ApiError, json, post } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { me, signInHere } from '../me.ts';
import { button, day, fail, moment, roleNames, said, table, words } from './parts.ts';

async function show(): Promise<void> {
	const [{ mode }, account, cohorts] = await Promise.all([me(), json<Account>('/api/account'), json<CohortView[]>('/api/cohorts')]);
	const team = mode === 'team';
	said(!team && words.localLead);
	fill(byId('account'), facts(account, team), ways(account, team), cohortsOf(cohorts), data(account, team), seen(account));
}

function facts({ person, signIns }: Account, team: boolean): HTMLElement {
	const rows: [string, string][] = [
		[words.name, person.name || '–'],
		...(person.email === undefined ? [] : ([[words.address, person.email]] as [string, string][])),
		[words.roles, roleNames(person.roles)],
		[words.since, day(person.createdAt)],
		...(team ? ([[words.browsers, signIns === 1 ? words.browserOne : fillIn(words.browserMany, { n: signIns })]] as [string, string][]) : []),
	];
	return h('dl', { class: 'facts-of' }, ...rows.flatMap(([term, text]) => [h('dt', {}, term), h('dd', {}, text)]));
}

async function signOut(path: string): Promise<void> {
	const { next } = await json<{ next: string }>(path, post({}));
	location.assign(next);
}

function ways({ person }: Account, team: boolean): HTMLElement {
	const manages = person.roles.includes('admin') || person.roles.includes('mentor');
	return h(
		'div',
		{ class: 'row-of no-print' },
		team && button(words.signOut, () => signOut('/api/account/sign-out'), 'button'),
		team && button(words.signOutEverywhere, () => signOut('/api/account/sign-out-everywhere'), 'button plain'),
		manages && h('a', { class: 'button plain', href: '/admin/' }, words.administer),
	);
}

function section(heading: string, ...children: (Node | string | false)[]): HTMLElement {
	return h('section', {}, h('h2', {}, heading), ...children);
}

function cohortsOf(cohorts: readonly CohortView[]): HTMLElement {
	const mine = cohorts.filter(({ as }) => as.length > 0);
	if (mine.length === 0) return section(words.cohortsHeading, h('p', { class: 'quiet' }, words.cohortsNone));
	const line = ({ id, name, as, mentors }: CohortView): HTMLElement =>
		h(
			'li',
			{ class: 'row-of' },
			h('strong', {}, name),
			h('span', { class: 'quiet' }, as.map((one) => (one === 'learner' ? words.asLearner : words.asMentor)).join(' · ')),
			h('span', { class: 'quiet' }, `${words.mentors}: ${mentors.map((mentor) => mentor.name).join(', ')}`),
			button(words.leave, async () => {
				await json(`/api/cohorts/${id}/leave`, post({}));
				await show();
				said(fillIn(words.left, { name }));
			}),
		);
	return section(words.cohortsHeading, h('ul', { class: 'cohort-lines' }, ...mine.map(line)));
}

function data({ person }: Account, team: boolean): HTMLElement {
	return section(
		words.dataHeading,
		h('p', {}, words.dataLead),
		h('p', {}, h('a', { class: 'button plain', href: `/api/people/${person.id}/export`, download: true }, words.download)),
		team && deletion(person.id),
	);
}

function deletion(id: string): HTMLElement {
	const field = h('input', { class: 'field', name: 'word', autocomplete: 'off', required: true });
	const form = h(
		'form',
		{ class: 'people-form' },
		h('label', {}, fillIn(words.deleteConfirm, { word: `“${words.deleteWord}”` }), field),
		h('button', { class: 'button plain', type: 'submit' }, words.deleteButton),
	);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		if (field.value.trim().toLowerCase() !== words.deleteWord) return field.focus();
		json<Erasure>(`/api/people/${id}`, { method: 'DELETE' }).then(gone, fail);
	});
	return h('details', { class: 'no-print' }, h('summary', {}, words.deleteHeading), h('p', {}, words.deleteLead), form);
}

function gone(proof: Erasure): void {
	const text = JSON.stringify(proof, null, '\t');
	const href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
	said(words.deleted);
	fill(
		byId('account'),
		h('p', {}, h('a', { class: 'button plain', href, download: `foothold-deletion-${proof.person}.json` }, words.saveProof)),
		h('h2', {}, words.proofRemoved),
		h('ul', {}, ...proof.removed.filter(({ count }) => count > 0).map(({ what, count }) => h('li', {}, `${count} ${what}`))),
		h('h2', {}, words.proofKept),
		h('ul', {}, ...proof.kept.filter(({ count }) => count > 0).map(({ what, count, why }) => h('li', {}, `${count} ${what}. ${why}`))),
		h('p', { class: 'small quiet invite-link' }, fillIn(words.proofLine, { n: proof.audit.seq, hash: proof.audit.hash })),
	);
	byId('people-said')?.focus();
}

function seen({ seenBy }: Account): HTMLElement {
	if (seenBy.length === 0) return section(words.seenHeading, h('p', { class: 'quiet' }, words.seenNone));
	const rows = seenBy.map(({ at, who, action }) => [moment(at), who || words.gone, action]);
	return section(words.seenHeading, h('div', { class: 'table-scroll', tabindex: '0' }, table([words.when, words.who, words.what], rows)));
}

show().catch((error: unknown) => {
	if (!(error instanceof ApiError && error.code === 'sign-in-needed')) return fail(error);
	said(words.signInLead);
	fill(byId('account'), h('p', {}, h('a', { class: 'button', href: signInHere() }, words.signIn)));
});
