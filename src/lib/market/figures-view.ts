/** What the worksheet's listings say, in sentences. */
import type { Market } from '../../../server/protocol/market.ts';
import { type Child, h } from '../dom.ts';
import type { MarketWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { ENOUGH_LISTINGS, type Figures, staleRates } from './figures.ts';
import type { Premium } from './premium.ts';

const percent = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(0)} %`;

/** `today`: a day as YYYY-MM-DD. */
export function figuresView(words: MarketWords, market: Market, found: Figures, money: (amount: number) => string, today: string): Child[] {
	const warnings = [
		...Object.entries(found.missing).map(([currency, n]) => fillIn(words.missingRate, { n, currency })),
		...staleRates(market.settings.rates, today).map(({ currency, on }) => fillIn(words.staleRate, { currency, on })),
	].map((text) => h('p', { class: 'notice warn' }, text));
	const { distribution: d, own } = found;
	if (d === undefined) return [...warnings, market.listings.length === 0 && h('p', { class: 'notice' }, words.none)];
	const pair = (term: string, value: string): HTMLElement => h('div', {}, h('dt', {}, term), h('dd', {}, value));
	return [
		...warnings,
		d.n < ENOUGH_LISTINGS && h('p', { class: 'notice' }, fillIn(words.few, { n: d.n })),
		h(
			'dl',
			{ class: 'market-facts' },
			pair(words.median, money(d.median)),
			pair(words.middleHalf, `${money(d.lower)} – ${money(d.upper)}`),
			pair(words.ends, `${money(d.least)} – ${money(d.most)}`),
		),
		h(
			'p',
			{},
			own === undefined ? words.ownMissing : fillIn(words.ownIs, { pay: money(own.pay), share: Math.round(own.share * 100), within: own.within, n: d.n }),
		),
		h('h3', {}, words.premiums),
		h('p', { class: 'quiet small' }, words.premiumLead),
		h(
			'dl',
			{ class: 'market-premiums' },
			...(
				[
					['gpu', found.gpu],
					['remote', found.remote],
					['foreign', found.foreign],
				] as const
			).map(([trait, result]) => pair(words[trait], premiumText(words, result))),
		),
	];
}

export function premiumText(words: MarketWords, { estimate, interval, withIt, without, unpaired }: Premium): string {
	if (estimate === undefined) return words.premiumNone;
	const values = { estimate: percent(estimate), a: withIt, b: without };
	const left = unpaired > 0 ? ` ${fillIn(words.unpaired, { n: unpaired })}` : '';
	if (interval === undefined) return fillIn(words.premiumUnsure, values) + left;
	const [low, high] = interval;
	const zero = low <= 0 && high >= 0 ? ` ${words.premiumZero}` : '';
	return `${fillIn(words.premiumIs, { ...values, low: percent(low), high: percent(high) })}.${zero}${left}`;
}
