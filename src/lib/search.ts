/** The search dialog. Pagefind's own script, worker and index come from /pagefind/ when it is opened for the first time. */
import { byId, fill, h } from './dom.ts';
import { fillIn } from './i18n/fill-in.ts';
import { say } from './i18n/script.ts';

/** What is used of Pagefind's interface (https://pagefind.app/docs/api/). */
interface Pagefind {
	options(options: { readonly excerptLength: number }): Promise<void>;
	init(): Promise<void>;
	/** Null where a later search came in between. */
	debouncedSearch(
		words: string,
		options: { readonly filters?: Record<string, string> },
		waitMs: number,
	): Promise<{ readonly results: readonly Found[] } | null>;
}
interface Found {
	data(): Promise<Page>;
}
interface Page {
	readonly url: string;
	readonly meta: Readonly<Record<string, string>>;
	/** In the order of the page. */
	readonly sub_results: readonly Part[];
}

interface Part {
	readonly title: string;
	readonly url: string;
	readonly excerpt: string;
	readonly weighted_locations: readonly { readonly balanced_score: number }[];
}

const SHOWN = 8;
const WAIT_MS = 120;
const dialog = byId('search') as HTMLDialogElement;
const input = byId('search-words') as HTMLInputElement;
const results = byId('search-results');
const status = byId('search-status');

let loading: Promise<Pagefind> | undefined;
function pagefind(): Promise<Pagefind> {
	loading ??= (async () => {
		const path = '/pagefind/pagefind.js';
		const loaded = (await import(/* @vite-ignore */ path)) as Pagefind;
		await loaded.options({ excerptLength: 22 });
		await loaded.init();
		return loaded;
	})();
	return loading;
}

/** Opens the dialog; what was typed before is still there, ready to be replaced. */
export function openSearch(): void {
	if (!dialog.open) dialog.showModal();
	input.focus();
	input.select();
	pagefind().catch(missing);
}

function missing(error: unknown): void {
	loading = undefined;
	console.info('The search is not there:', error);
	fill(status, say().searchMissing);
}

async function search(): Promise<void> {
	const words = input.value.trim();
	if (words.length < 2) {
		fill(results);
		fill(status);
		return;
	}
	fill(status, say().searching);
	// Pages in English find what is in English; pages in another language find everything.
	const filters = dialog.dataset['language'] === 'en' ? { filters: { language: 'en' } } : {};
	const answer = await (await pagefind()).debouncedSearch(words, filters, WAIT_MS);
	if (answer === null) return;
	const pages = await Promise.all(answer.results.slice(0, SHOWN).map((found) => found.data()));
	if (input.value.trim() !== words) return;
	const { found, foundOne, foundNone } = say();
	const n = answer.results.length;
	fill(status, fillIn(n === 0 ? foundNone : n === 1 ? foundOne : found, { n, words }));
	fill(results, ...pages.map(row));
}

const scoreOf = (part: Part): number => part.weighted_locations.reduce((sum, { balanced_score: score }) => sum + score, 0);

function row(page: Page): HTMLElement {
	const best = [...page.sub_results].sort((a, b) => scoreOf(b) - scoreOf(a))[0];
	const title = page.meta['title'] ?? page.url;
	const kind = page.meta['kind'] ?? '';
	const place = best && best.title !== title && kind !== title ? `${kind} · ${title}` : kind;
	return h(
		'li',
		{},
		h(
			'a',
			{ href: best?.url ?? page.url },
			h('span', { class: 'where' }, place),
			h('strong', {}, ` ${best?.title ?? title}`),
			h('div', { class: 'excerpt' }, ...excerpt(best?.excerpt ?? '')),
		),
	);
}

/** Pagefind marks what matched with <mark> in escaped text; parsed apart, so that nothing else of it can become markup. */
function excerpt(html: string): (HTMLElement | string)[] {
	const parsed = new DOMParser().parseFromString(html, 'text/html').body;
	return [...parsed.childNodes].map((node) => (node.nodeName === 'MARK' ? h('mark', {}, node.textContent ?? '') : (node.textContent ?? '')));
}

/** Arrow keys walk from the field through the results and back. */
function walk(event: KeyboardEvent): void {
	if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
	const links = [...dialog.querySelectorAll<HTMLElement>('.search-results a')];
	const here = links.indexOf(document.activeElement as HTMLElement);
	const next = here + (event.key === 'ArrowDown' ? 1 : -1);
	event.preventDefault();
	if (next < 0) input.focus();
	else links[Math.min(next, links.length - 1)]?.focus();
}

input.addEventListener('input', () => void search().catch(missing));
input.addEventListener('keydown', (event) => {
	if (event.key === 'Enter' && !event.isComposing) dialog.querySelector<HTMLElement>('.search-results a')?.click();
});
dialog.addEventListener('keydown', walk);
dialog.addEventListener('click', (event) => {
	// A link on the same page would leave the dialog open; the backdrop belongs to the dialog.
	if (event.target === dialog || (event.target instanceof Element && event.target.closest('a'))) dialog.close();
});
byId('search-close')?.addEventListener('click', () => dialog.close());
