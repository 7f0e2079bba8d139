/** Track, month and lab list pages: progress on the lab cards. The pages read well without it, so a server that doesn't answer changes nothing. */
import { getLabs } from './api.ts';
import { standing } from './lab-progress.ts';
import { markMonths } from './months.ts';

getLabs().then(
	(labs) => {
		markMonths(labs);
		for (const card of document.querySelectorAll<HTMLElement>('[data-lab]')) {
			const lab = labs.find((candidate) => candidate.id === card.dataset['lab']);
			const now = lab && standing(lab, Number(card.dataset['tasks'] ?? 0));
			const box = card.querySelector<HTMLElement>('[data-lab-progress]');
			if (!now || !box) continue;
			box.hidden = false;
			box.querySelector<HTMLElement>('.meter span')?.style.setProperty('width', `${Math.round(now.share * 100)}%`);
			const text = box.querySelector<HTMLElement>('[data-lab-progress-text]');
			if (text) text.textContent = now.text;
			const action = card.querySelector<HTMLElement>('[data-lab-action]');
			if (action) action.textContent = 'Continue';
		}
	},
	(error: unknown) => {
		console.info('Progress is not shown:', error);
	},
);
