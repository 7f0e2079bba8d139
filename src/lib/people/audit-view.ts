/** The audit trail, with a filter by person, day and action. */
import type { AuditPage, Person } from '../../../server/protocol/people.ts';
import { json } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { fail, moment, table, words } from './parts.ts';

export async function showAudit(people: readonly Person[]): Promise<void> {
	const form = byId('audit-form');
	if (!(form instanceof HTMLFormElement)) return;
	form.querySelector('select[name=person]')?.append(...people.map(({ id, name }) => h('option', { value: id }, name || id)));
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		ask(form).catch(fail);
	});
	const { entries } = await ask(form);
	const actions = [...new Set(entries.map(({ action }) => action))].sort();
	form.querySelector('select[name=action]')?.append(...actions.map((action) => h('option', { value: action }, action)));
}

async function ask(form: HTMLFormElement): Promise<AuditPage> {
	const query = new URLSearchParams();
	for (const [name, value] of new FormData(form)) if (typeof value === 'string' && value !== '') query.set(name, value);
	const page = await json<AuditPage>(`/api/audit?${query}`);
	const nameOf = (id: string | undefined, none: string): string => (id === undefined || id === '' ? none : (page.names[id] ?? words.gone));
	const rows = page.entries.map(({ at, actor, action, person, object = '', detail = '' }) => [
		moment(at),
		nameOf(actor, words.commandLine),
		action,
		nameOf(person, ''),
		[object, detail].filter(Boolean).join(' · '),
	]);
	const columns = [words.when, words.who, words.what, words.ofWhom, words.detail];
	fill(byId('audit-table'), rows.length === 0 ? h('p', { class: 'quiet' }, words.auditNone) : table(columns, rows));
	return page;
}
