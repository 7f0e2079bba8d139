/** The worksheet's two forms: what they hold, and what they are filled with. */
import type { Listing, Market, MarketSettings } from '../../../server/protocol/market.ts';
import { byId, fill, h } from '../dom.ts';
import type { MarketWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { today } from '../plan/days.ts';

const TRAITS = ['gpu', 'remote', 'foreign'] as const;

/** Every listing text that is one line. */
export function readListing(form: HTMLFormElement, id: string): Listing {
	const values = new FormData(form);
	const text = (name: string): string => String(values.get(name) ?? '').trim();
	const [one, other] = [Number(text('minimum')), Number(text('maximum'))];
	return {
		id,
		title: text('title'),
		employer: text('employer'),
		source: text('source'),
		seenOn: text('seenOn'),
		// Typed the wrong way round means the same range.
		minimum: Math.min(one, other),
		maximum: Math.max(one, other),
		currency: text('currency').toUpperCase(),
		period: text('period') as Listing['period'],
		level: text('level') as Listing['level'],
		gpu: values.has('gpu'),
		remote: values.has('remote'),
		foreign: values.has('foreign'),
		note: text('note'),
	};
}

export function fillListing(form: HTMLFormElement, listing: Listing | undefined, base: string, day: string): void {
	form.reset();
	const set = (name: string, value: string): void => {
		const field = form.elements.namedItem(name);
		if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
	};
	set('seenOn', listing?.seenOn ?? day);
	set('currency', listing?.currency ?? base);
	set('level', listing?.level ?? 'unknown');
	if (listing === undefined) return;
	for (const name of ['title', 'employer', 'source', 'period', 'note'] as const) set(name, listing[name]);
	set('minimum', String(listing.minimum));
	set('maximum', String(listing.maximum));
	for (const name of TRAITS) {
		const box = form.elements.namedItem(name);
		if (box instanceof HTMLInputElement) box.checked = listing[name];
	}
}

/** Rates without a figure are left out: their listings wait. */
export function readSettings(form: HTMLFormElement): MarketSettings {
	const values = new FormData(form);
	const text = (name: string): string => String(values.get(name) ?? '').trim();
	const base = text('base').toUpperCase();
	const own = Number(text('own'));
	const rates = [...form.querySelectorAll<HTMLElement>('[data-rate]')].flatMap((row) => {
		const currency = row.dataset['rate'] ?? '';
		const worth = Number(text(`worth-${currency}`));
		return worth > 0 && currency !== base ? [{ currency, worth, on: text(`on-${currency}`) || today() }] : [];
	});
	return {
		base,
		rates,
		hoursPerYear: Number(text('hoursPerYear')),
		...(own > 0 ? { own: { amount: own, currency: text('ownCurrency').toUpperCase() || base, period: text('ownPeriod') as Listing['period'] } } : {}),
	};
}

export function fillSettings(form: HTMLFormElement, { settings, listings }: Market, words: MarketWords): void {
	const { base, hoursPerYear, own, rates } = settings;
	const set = (name: string, value: string): void => {
		const field = form.elements.namedItem(name);
		if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
	};
	set('base', base);
	set('hoursPerYear', String(hoursPerYear));
	set('own', own === undefined ? '' : String(own.amount));
	set('ownCurrency', own?.currency ?? base);
	set('ownPeriod', own?.period ?? 'year');
	const used = [...new Set([...listings.map(({ currency }) => currency), ...(own === undefined ? [] : [own.currency])])].filter((c) => c !== base).sort();
	const rows = used.map((currency) => {
		const rate = rates.find((one) => one.currency === currency);
		return h(
			'div',
			{ class: 'fields', 'data-rate': currency },
			h(
				'label',
				{},
				fillIn(words.rate, { currency, base }),
				h('input', {
					class: 'field',
					name: `worth-${currency}`,
					type: 'number',
					min: '0',
					step: 'any',
					inputmode: 'decimal',
					value: rate === undefined ? '' : String(rate.worth),
				}),
			),
			h('label', {}, words.rateOn, h('input', { class: 'field', name: `on-${currency}`, type: 'date', value: rate?.on ?? today() })),
		);
	});
	fill(byId('rates'), ...(rows.length > 0 ? rows : [h('p', { class: 'small quiet' }, fillIn(words.noRates, { base }))]));
}
