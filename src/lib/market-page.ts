/** The market worksheet: asks, draws, keeps each change, and takes a removal back. */
import type { Listing, Market, MarketChange, MarketSettings } from '../../server/protocol/market.ts';
import { ApiError, changeMarket, getMarket } from './api.ts';
import { byId, fill, h } from './dom.ts';
import type { MarketWords } from './i18n/catalogue.ts';
import { fillIn } from './i18n/fill-in.ts';
import { csv } from './market/csv.ts';
import { figuresView } from './market/figures-view.ts';
import { type Counted, figures, isOld } from './market/figures.ts';
import { fillListing, fillSettings, readListing, readSettings } from './market/forms.ts';
import { rangesPicture } from './market/picture.ts';
import { today } from './plan/days.ts';

const words = JSON.parse(byId('market-data')?.textContent ?? '{}') as MarketWords;
const listingForm = document.querySelector<HTMLFormElement>('#listing-form');
const settingsForm = document.querySelector<HTMLFormElement>('#settings-form');
const TRAITS = ['gpu', 'remote', 'foreign'] as const;

let market: Market | undefined;
/** The listing that the form changes; undefined while it notes a new one. */
let changing: Listing | undefined;

const said = (...children: Parameters<typeof fill>[1][]): void => fill(byId('market-said'), ...children);
const amount = (n: number, currency: string): string => `${Math.round(n).toLocaleString()} ${currency}`;

async function change(what: MarketChange, saying: string): Promise<boolean> {
	try {
		market = await changeMarket(what);
		show(market);
		said(saying);
		return true;
	} catch (error) {
		fail(error);
		return false;
	}
}

function fail(error: unknown): void {
	said(h('span', { class: 'notice warn', role: 'alert' }, error instanceof ApiError ? `${error.message} ${error.next}` : String(error)));
}

function show(now: Market): void {
	const found = figures(now);
	const { base } = now.settings;
	const money = (n: number): string => amount(n, base);
	fill(byId('market-picture'), rangesPicture(words, base, found, money));
	fill(byId('market-figures'), ...figuresView(words, now, found, money, today()));
	const yearly = new Map(found.counted.map((one) => [one.listing.id, one]));
	fill(byId('market-listings'), now.listings.length > 0 && table(now, yearly));
	byId('market-csv')?.toggleAttribute('disabled', now.listings.length === 0);
	if (settingsForm && !settingsForm.contains(document.activeElement)) fillSettings(settingsForm, now, words);
}

function table({ listings, settings }: Market, yearly: ReadonlyMap<string, Counted>): HTMLElement {
	const day = today();
	const head = [words.listing, words.range, words.perYear, words.level, words.traits, words.seen].map((text) => h('th', { scope: 'col' }, text));
	head.push(h('th', { scope: 'col', class: 'no-print' }, h('span', { class: 'visually-hidden' }, words.actions)));
	const rows = listings.map((listing) => {
		const found = yearly.get(listing.id);
		const range = `${listing.minimum.toLocaleString()} – ${amount(listing.maximum, listing.currency)} ${words[listing.period]}`;
		return h(
			'tr',
			{},
			h(
				'th',
				{ scope: 'row' },
				listing.title,
				listing.employer !== '' && h('span', { class: 'small quiet' }, listing.employer),
				listing.note !== '' && h('span', { class: 'small quiet' }, listing.note),
			),
			h('td', {}, range),
			h('td', {}, found === undefined ? '—' : `${Math.round(found.low).toLocaleString()} – ${amount(found.high, settings.base)}`),
			h('td', {}, words[listing.level]),
			h(
				'td',
				{ class: 'small' },
				TRAITS.filter((trait) => listing[trait])
					.map((trait) => words[trait])
					.join(', '),
			),
			h('td', {}, listing.seenOn, isOld(listing, day) && h('span', { class: 'small warn-text' }, ` ${words.old}`)),
			h('td', { class: 'no-print row' }, action(words.edit, listing, edit), action(words.remove, listing, remove)),
		);
	});
	return h('table', { class: 'plain-table' }, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows));
}

function action(text: string, listing: Listing, run: (listing: Listing) => void): HTMLElement {
	const button = h('button', { class: 'button plain tiny', type: 'button', 'aria-label': `${text}: ${listing.title}` }, text);
	button.addEventListener('click', () => run(listing));
	return button;
}

function edit(listing: Listing | undefined): void {
	changing = listing;
	if (!listingForm) return;
	fillListing(listingForm, listing, market?.settings.base ?? 'USD', today());
	fill(byId('listing-heading'), listing === undefined ? words.add : fillIn(words.changing, { title: listing.title }));
	byId('listing-cancel')?.toggleAttribute('hidden', listing === undefined);
	if (listing !== undefined) byId('listing-heading')?.focus();
}

function remove(listing: Listing): void {
	void change({ action: 'remove', id: listing.id }, '').then((kept) => {
		if (!kept) return;
		if (changing?.id === listing.id) edit(undefined);
		const undo = h('button', { class: 'button plain tiny', type: 'button' }, words.undo);
		undo.addEventListener('click', () => void change({ action: 'put', listing }, words.saved));
		said(fillIn(words.removed, { title: listing.title }), ' ', undo);
		undo.focus();
	});
}

listingForm?.addEventListener('submit', (event) => {
	event.preventDefault();
	const listing = readListing(listingForm, changing?.id ?? crypto.randomUUID());
	void change({ action: 'put', listing }, words.saved).then((kept) => {
		if (!kept) return;
		edit(undefined);
		listingForm.querySelector<HTMLInputElement>('[name="title"]')?.focus();
	});
});
byId('listing-cancel')?.addEventListener('click', () => edit(undefined));
settingsForm?.addEventListener('submit', (event) => {
	event.preventDefault();
	const settings: MarketSettings = readSettings(settingsForm);
	void change({ action: 'settings', settings }, words.saved).then((kept) => {
		if (kept && market) fillSettings(settingsForm, market, words);
	});
});
byId('market-print')?.addEventListener('click', () => print());
byId('market-csv')?.addEventListener('click', () => {
	const url = URL.createObjectURL(new Blob([csv(market?.listings ?? [])], { type: 'text/csv' }));
	h('a', { href: url, download: 'foothold-market.csv' }).click();
	URL.revokeObjectURL(url);
});

getMarket()
	.then((found) => {
		market = found;
		show(found);
		edit(undefined);
	}, fail)
	.finally(() => delete byId('market-page')?.dataset['waiting']);
