/** What the pages about people share: their words, what they say, and small pieces. */
import type { Role } from '../../../server/protocol/people.ts';
import { ApiError } from '../api.ts';
import { byId, type Child, fill, h } from '../dom.ts';
import type { AccountWords } from '../i18n/catalogue.ts';

export const words = JSON.parse(byId('people-data')?.textContent ?? '{}') as AccountWords;

/** One line for everybody, read out too. */
export function said(...children: Child[]): void {
	fill(byId('people-said'), ...children);
}

export function fail(error: unknown): void {
	said(h('span', { class: 'notice warn' }, error instanceof ApiError ? `${error.message} ${error.next}` : String(error)));
	byId('people-said')?.scrollIntoView({ block: 'nearest' });
}

export function button(text: string, act: () => Promise<void>, look = 'button plain tiny'): HTMLButtonElement {
	const made = h('button', { class: look, type: 'button' }, text);
	made.addEventListener('click', () => {
		made.disabled = true;
		act()
			.catch(fail)
			.finally(() => {
				made.disabled = false;
			});
	});
	return made;
}

/** A button that has to be pressed twice: the second time it says what is about to happen. `label`: its name, where its text is a sign alone. */
export function sureButton(text: string, sure: string, act: () => Promise<void>, label?: string): HTMLElement {
	const place = h('span', { class: 'row-of' });
	const first = h('button', { class: 'button plain tiny', type: 'button', 'aria-label': label }, text);
	const calm = (): void => {
		fill(place, first);
		first.focus();
	};
	first.addEventListener('click', () => {
		const cancel = h('button', { class: 'button plain tiny', type: 'button' }, words.cancel);
		cancel.addEventListener('click', calm);
		fill(place, button(sure, act, 'button tiny'), cancel);
		cancel.focus();
	});
	fill(place, first);
	return place;
}

export const roleNames = (roles: readonly Role[]): string => roles.map((role) => words[role]).join(', ');
export const day = (iso: string): string => new Date(iso).toLocaleDateString(undefined, { dateStyle: 'medium' });
export const moment = (iso: string): string => new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function table(columns: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
	const head = h('tr', {}, ...columns.map((column) => h('th', { scope: 'col' }, column)));
	const body = rows.map(([first, ...rest]) => h('tr', {}, h('th', { scope: 'row' }, first), ...rest.map((cell) => h('td', {}, cell))));
	return h('table', { class: 'plain-table' }, h('thead', {}, head), h('tbody', {}, ...body));
}
