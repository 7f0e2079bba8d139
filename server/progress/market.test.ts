import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { type Listing, type MarketChange, marketChangeSchema } from '../protocol/market.ts';
import type { Learner } from '../protocol/progress.ts';
import { marketFault, marketMoved, NO_MARKET } from './market.ts';

const blank: Learner = { id: 'a', name: '', createdAt: '', version: 0, labs: {}, reading: {}, evidence: [], portfolio: [], rubric: [], applied: [] };
const listing = (id: string, over: Partial<Listing> = {}): Listing => ({
	id,
	title: 'Platform engineer',
	employer: '',
	source: '',
	seenOn: '2026-11-20',
	minimum: 100,
	maximum: 120,
	currency: 'USD',
	period: 'year',
	level: 'mid',
	gpu: false,
	remote: true,
	foreign: false,
	note: '',
	...over,
});
const put = (l: Listing): MarketChange => ({ action: 'put', listing: l });

describe('the market worksheet', () => {
	it('adds, replaces in place, removes, and takes a removed listing back', () => {
		let learner = [listing('a'), listing('b'), listing('a', { maximum: 150 })].reduce((l, one) => marketMoved(l, put(one)), blank);
		expect(learner.market?.listings.map(({ id, maximum }) => [id, maximum])).toEqual([
			['a', 150],
			['b', 120],
		]);
		learner = marketMoved(learner, { action: 'remove', id: 'a' });
		expect(learner.market?.listings.map(({ id }) => id)).toEqual(['b']);
		expect(marketMoved(learner, put(listing('a'))).market?.listings).toHaveLength(2);
	});

	it('refuses a range the wrong way round and a currency that is none', () => {
		expect(marketChangeSchema.safeParse(put(listing('a', { maximum: 99 }))).success).toBe(false);
		expect(marketChangeSchema.safeParse(put(listing('a', { currency: 'dollars' }))).success).toBe(false);
		expect(marketChangeSchema.safeParse(put(listing('a', { seenOn: '2026-02-30' }))).success).toBe(false);
	});

	it('holds LIMITS.marketListings listings, which can still be changed', () => {
		const full = { ...NO_MARKET, listings: Array.from({ length: LIMITS.marketListings }, (_, i) => listing(`l${i}`)) };
		expect(marketFault(full, put(listing('one-more')))).toContain(String(LIMITS.marketListings));
		expect(marketFault(full, put(listing('l0', { maximum: 130 })))).toBeUndefined();
	});

	it('holds LIMITS.marketRates exchange rates, each currency once, and none for its own', () => {
		const settings = (currencies: string[]): MarketChange => ({
			action: 'settings',
			settings: { ...NO_MARKET.settings, rates: currencies.map((currency) => ({ currency, worth: 1, on: '2026-11-20' })) },
		});
		const many = Array.from(
			{ length: LIMITS.marketRates + 1 },
			(_, i) => `A${String.fromCharCode(65 + (i % 26))}${String.fromCharCode(65 + Math.floor(i / 26))}`,
		);
		expect(marketFault(NO_MARKET, settings(many))).toContain(String(LIMITS.marketRates));
		expect(marketFault(NO_MARKET, settings(['EUR', 'EUR']))).toContain('same currency');
		expect(marketFault(NO_MARKET, settings(['USD']))).toContain('needs no rate');
		expect(marketFault(NO_MARKET, settings(['EUR', 'KRW']))).toBeUndefined();
	});
});
