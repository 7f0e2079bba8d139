/** Track, month and lab list pages: progress on lab cards and lessons. The pages read well without it, so a server that doesn't answer changes nothing. */
import type { Reading } from '../../server/protocol/progress.ts';
import { getLabs } from './api.ts';
import { fill } from './dom.ts';
import { fillIn } from './i18n/fill-in.ts';
import { say } from './i18n/script.ts';
import { standing } from './lab-progress.ts';
import { markMonths } from './months.ts';
import { reading } from './reading.ts';

const quietly = (error: unknown): void => console.info('Progress is not shown:', error);

getLabs().then((labs) => {
	markMonths(labs);
	for (const card of document.querySelectorAll<HTMLElement>('[data-lab]')) {
		const lab = labs.find((candidate) => candidate.id === card.dataset['lab']);
		const now = lab && standing(lab, Number(card.dataset['tasks'] ?? 0), say());
		const box = card.querySelector<HTMLElement>('[data-lab-progress]');
		if (!now || !box) continue;
		delete box.dataset['waiting'];
		box.querySelector<HTMLElement>('.meter span')?.style.setProperty('width', `${Math.round(now.share * 100)}%`);
		const text = box.querySelector<HTMLElement>('[data-lab-progress-text]');
		if (text) text.textContent = now.text;
		const action = card.querySelector<HTMLElement>('[data-lab-action]');
		if (action) action.textContent = say().continue;
	}
}, quietly);

function showReading(read: Reading): void {
	const { lessonRead, lessonOpened, readCount } = say();
	const items = [...document.querySelectorAll<HTMLElement>('[data-lesson]')];
	for (const item of items) {
		const state = read[item.dataset['lesson'] ?? ''];
		const badge = item.querySelector<HTMLElement>('[data-lesson-state]');
		if (!state || !badge) continue;
		badge.textContent = state.readAt === undefined ? lessonOpened : lessonRead;
		badge.classList.toggle('pass', state.readAt !== undefined);
		delete badge.dataset['waiting'];
	}
	showNext(read, items);
	const count = document.querySelector<HTMLElement>('[data-read-count]');
	const done = items.filter((item) => read[item.dataset['lesson'] ?? '']?.readAt !== undefined).length;
	if (count && done > 0) count.textContent = fillIn(readCount, { read: done, all: items.length });
}
/** The button that leads on: to the first lesson not read yet, once something was opened. */
function showNext(read: Reading, items: readonly HTMLElement[]): void {
	const button = document.querySelector<HTMLAnchorElement>('[data-continue]');
	const next = items.find((item) => read[item.dataset['lesson'] ?? '']?.readAt === undefined);
	const title = next?.querySelector('a')?.textContent?.trim();
	if (!button || !next || title === undefined || Object.keys(read).length === 0) return;
	button.href = `${button.dataset['continue']}${next.dataset['lesson']}/`;
	fill(button.querySelector('[data-continue-title]') ?? undefined, title);
	fill(button.querySelector('[data-continue-word]') ?? undefined, say().continueReading);
}

if (document.querySelector('[data-lesson]')) reading().then(showReading, quietly);
