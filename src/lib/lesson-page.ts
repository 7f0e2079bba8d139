/** A lesson's page: copy buttons, and what was read. The text needs neither. */
import { copyButtons } from './copy.ts';
import { say } from './i18n/script.ts';
import { moveLesson, reading } from './reading.ts';

copyButtons();

const lesson = document.querySelector<HTMLElement>('[data-reading]')?.dataset['reading'] ?? '';
const button = document.querySelector<HTMLButtonElement>('[data-mark-read]');
const status = document.querySelector<HTMLElement>('[data-reading-status]');

function show(isRead: boolean): void {
	if (!button) return;
	button.disabled = false;
	button.setAttribute('aria-pressed', String(isRead));
	button.textContent = isRead ? say().isRead : say().markRead;
	button.classList.toggle('plain', isRead);
	if (status) status.textContent = '';
}

function offline(error: unknown): void {
	console.info('Reading is not kept:', error);
	if (status) status.textContent = say().readOffline;
}

async function begin(): Promise<void> {
	const state = (await reading())[lesson];
	show(state?.readAt !== undefined);
	if (state === undefined) await moveLesson(lesson, 'opened');
}

button?.addEventListener('click', () => {
	const wanted = button.getAttribute('aria-pressed') !== 'true';
	moveLesson(lesson, wanted ? 'read' : 'unread').then((now) => show(now[lesson]?.readAt !== undefined), offline);
});
begin().catch(offline);

// On paper everything is open; afterwards it is as it was.
let closed: HTMLDetailsElement[] = [];
addEventListener('beforeprint', () => {
	closed = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')];
	for (const details of closed) details.open = true;
});
addEventListener('afterprint', () => {
	for (const details of closed) details.open = false;
});
