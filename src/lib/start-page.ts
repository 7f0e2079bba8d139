/** The start page's one action: choose a name, or go on with the lab where one left off. */
import type { LabSummary } from '../../server/protocol/http.ts';
import { ApiError, chooseName, getLabs } from './api.ts';
import { byId, fill, h } from './dom.ts';
import { fillIn } from './i18n/fill-in.ts';
import { say } from './i18n/script.ts';
import { nextLab } from './lab-progress.ts';
import { me } from './me.ts';
import { markMonths } from './months.ts';

const action = byId('action');
/** The track in the page's language. */
const track = action?.dataset['track'] ?? '/track/';

async function start(): Promise<void> {
	const { name } = await me();
	if (name === null) askName();
	else await showNext();
}

async function showNext(): Promise<void> {
	const labs = await getLabs();
	markMonths(labs);
	fill(action, nextLink(labs), h('a', { class: 'button plain', href: track }, say().seeTrack));
}

function nextLink(labs: readonly LabSummary[]): HTMLAnchorElement | undefined {
	const next = nextLab(labs);
	if (!next) return undefined;
	return h('a', { class: 'button', href: `/labs/${next.lab.id}/` }, fillIn(next.started ? say().continueLab : say().startLab, { lab: next.lab.title }));
}

function askName(): void {
	const input = h('input', {
		class: 'field',
		id: 'name',
		name: 'name',
		required: true,
		maxlength: '60',
		autocomplete: 'nickname',
		'aria-describedby': 'name-help',
	});
	const help = h('p', { id: 'name-help', class: 'small quiet' }, say().nameHelp);
	const form = h('form', {}, h('label', { for: 'name' }, say().askName), input, h('button', { class: 'button', type: 'submit' }, say().begin), help);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const name = input.value.trim();
		if (name === '') {
			help.textContent = say().nameEmpty;
			input.focus();
			return;
		}
		chooseName(name).then(
			async (learner) => {
				const who = byId('who');
				if (who) who.textContent = learner.name ?? '';
				await showNext();
				action?.querySelector('a')?.focus();
			},
			(error: unknown) => {
				help.textContent = sentence(error);
			},
		);
	});
	fill(action, form);
}

const sentence = (error: unknown): string => (error instanceof ApiError ? `${error.message} ${error.next}` : String(error));

start().catch((error: unknown) => {
	fill(action, h('p', { class: 'notice warn', role: 'status' }, sentence(error)), h('a', { class: 'button plain', href: track }, say().readTrack));
});
