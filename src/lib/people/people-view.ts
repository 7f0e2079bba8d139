/** Everyone on this server: roles, keeping out, export, deletion. */
import type { Person, Role } from '../../../server/protocol/people.ts';
import { json, post } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { me } from '../me.ts';
import { button, day, fail, roleNames, said, sureButton, table, words } from './parts.ts';

const ALL: readonly Role[] = ['learner', 'mentor', 'admin'];

export async function showPeople(): Promise<void> {
	const [{ mode }, people] = await Promise.all([me(), json<Person[]>('/api/people')]);
	const rows = people.map((person) => [
		[person.name || person.id, person.email].filter(Boolean).join(' · '),
		rolesOf(person),
		person.suspendedAt === undefined ? day(person.createdAt) : h('span', { class: 'badge' }, words.keptOut),
		actions(person, mode === 'team'),
	]);
	fill(byId('people-table'), table([words.person, words.roles, words.state, words.actions], rows));
}

function rolesOf(person: Person): HTMLElement {
	const boxes = ALL.map((role) => {
		const box = h('input', { type: 'checkbox', checked: person.roles.includes(role) });
		box.addEventListener('change', () => {
			const wanted = ALL.filter((one, i) => (boxes[i]?.box.checked ?? false) && one !== undefined);
			json<Person>(`/api/people/${person.id}/roles`, post({ roles: wanted })).then(
				({ roles }) => said(fillIn(words.rolesSaved, { name: person.name, roles: roleNames(roles) })),
				(error: unknown) => {
					// What the server refused is not shown as if it were so.
					box.checked = !box.checked;
					fail(error);
				},
			);
		});
		return { role, box };
	});
	return h(
		'fieldset',
		{ class: 'roles-of printed' },
		h('legend', { class: 'visually-hidden' }, person.name),
		...boxes.map(({ role, box }) => h('label', {}, box, words[role])),
	);
}

function actions(person: Person, team: boolean): HTMLElement {
	const out = person.suspendedAt === undefined;
	const { id, name } = person;
	return h(
		'span',
		{ class: 'row-of no-print' },
		team &&
			button(out ? words.keepOut : words.letIn, async () => {
				await json(`/api/people/${id}/suspend`, post({ suspended: out }));
				await showPeople();
				said(fillIn(out ? words.keptOutSaid : words.letInSaid, { name }));
			}),
		h('a', { class: 'button plain tiny', href: `/api/people/${id}/export`, download: true }, words.exportOne),
		team &&
			sureButton(words.deleteOne, fillIn(words.deleteSure, { name }), async () => {
				await json(`/api/people/${id}`, { method: 'DELETE' });
				await showPeople();
				said(fillIn(words.deletedSaid, { name }));
			}),
	);
}
