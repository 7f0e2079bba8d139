/** The ways out of the portfolio: each button fetches its file, says that it works on it, and hands it to the browser. */
import { ApiError, getFile } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import type { PortfolioWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';

export function listenForExports(words: PortfolioWords): void {
	byId('portfolio-print')?.addEventListener('click', () => print());
	for (const button of document.querySelectorAll<HTMLButtonElement>('[data-export]')) button.addEventListener('click', () => void download(button, words));
}

async function download(button: HTMLButtonElement, words: PortfolioWords): Promise<void> {
	const said = byId('export-said');
	const file = button.dataset['export'] ?? '';
	button.disabled = true;
	fill(said, words.working);
	try {
		const url = URL.createObjectURL(await getFile(`/api/portfolio/${file}`));
		const name = file.startsWith('portfolio.') || file.startsWith('resume') ? file : `portfolio-${file}`;
		h('a', { href: url, download: name }).click();
		URL.revokeObjectURL(url);
		fill(said, fillIn(words.done, { name }));
	} catch (error) {
		fill(said, h('span', { class: 'notice warn', role: 'alert' }, error instanceof ApiError ? `${error.message} ${error.next}` : String(error)));
	} finally {
		button.disabled = false;
	}
}
