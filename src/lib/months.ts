import type { LabSummary } from '../../server/protocol/http.ts';
import { say } from './i18n/script.ts';

/** Marks the months of a route that have progress: a word, never colour alone. */
export function markMonths(labs: readonly LabSummary[]): void {
	for (const item of document.querySelectorAll<HTMLElement>('[data-month]')) {
		const own = labs.filter((lab) => String(lab.month) === item.dataset['month']);
		const badge = item.querySelector<HTMLElement>('[data-month-state]');
		if (!badge || !own.some((lab) => lab.progress)) continue;
		const done = own.every((lab) => lab.progress?.submittedAt);
		badge.textContent = done ? say().submitted : say().inProgress;
		badge.classList.toggle('pass', done);
		badge.hidden = false;
	}
}
