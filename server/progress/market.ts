/** What can happen to a person's market worksheet: functions from record to record. */
import { LIMITS } from '../limits.ts';
import type { Market, MarketChange } from '../protocol/market.ts';
import type { Learner } from '../protocol/progress.ts';

/** 52 weeks of 40 hours. */
const FULL_YEAR_HOURS = 2080;

export const NO_MARKET: Market = { settings: { base: 'USD', rates: [], hoursPerYear: FULL_YEAR_HOURS }, listings: [] };

/** Why a change cannot be kept, or undefined. */
export function marketFault(market: Market, change: MarketChange): string | undefined {
	if (change.action === 'settings') {
		const { base, rates } = change.settings;
		if (rates.length > LIMITS.marketRates) return `a worksheet holds ${LIMITS.marketRates} exchange rates at most`;
		if (new Set(rates.map(({ currency }) => currency)).size !== rates.length) return 'two exchange rates are for the same currency';
		if (rates.some(({ currency }) => currency === base)) return `${base} is the worksheet's own currency: it needs no rate`;
		return undefined;
	}
	const added = change.action === 'put' && !market.listings.some(({ id }) => id === change.listing.id);
	if (added && market.listings.length >= LIMITS.marketListings)
		return `a worksheet holds ${LIMITS.marketListings} listings at most; remove one that is out of date`;
	return undefined;
}

/** A listing keeps its place when it is replaced. */
export function marketMoved(learner: Learner, change: MarketChange): Learner {
	const market = learner.market ?? NO_MARKET;
	switch (change.action) {
		case 'settings':
			return { ...learner, market: { ...market, settings: change.settings } };
		case 'remove':
			return { ...learner, market: { ...market, listings: market.listings.filter(({ id }) => id !== change.id) } };
		case 'put': {
			const { listing } = change;
			const known = market.listings.some(({ id }) => id === listing.id);
			const listings = known ? market.listings.map((l) => (l.id === listing.id ? listing : l)) : [...market.listings, listing];
			return { ...learner, market: { ...market, listings } };
		}
	}
}
