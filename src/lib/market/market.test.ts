import { describe, expect, it } from 'vitest';
import { listingSchema, type Listing, type Market } from '../../../server/protocol/market.ts';
import { figures, isOld, quantile, staleRates } from './figures.ts';
import { premium, statisticCounts } from './premium.ts';

const listing = (id: string, minimum: number, maximum: number, more: Partial<Listing> = {}): Listing =>
	listingSchema.parse({
		id,
		title: id,
		employer: '',
		source: '',
		seenOn: '2026-11-01',
		minimum,
		maximum,
		currency: 'USD',
		period: 'year',
		level: 'senior',
		gpu: false,
		remote: false,
		foreign: false,
		note: '',
		...more,
	});
const market = (listings: Listing[], settings: Partial<Market['settings']> = {}): Market => ({
	settings: { base: 'USD', rates: [], hoursPerYear: 2080, ...settings },
	listings,
});

describe('the worksheet', () => {
	it('brings months, hours and currencies to one scale, and says which currency has no rate', () => {
		const { counted, missing, distribution } = figures(
			market(
				[
					listing('hourly', 50, 70, { period: 'hour' }),
					listing('won', 6_000_000, 8_000_000, { currency: 'KRW', period: 'month' }),
					listing('euro', 1, 2, { currency: 'EUR' }),
				],
				{
					rates: [{ currency: 'KRW', worth: 0.00075, on: '2026-11-01' }],
				},
			),
		);
		expect(counted.map(({ listing: l, low, high }) => [l.id, Math.round(low), Math.round(high)])).toEqual([
			['won', 54_000, 72_000],
			['hourly', 104_000, 145_600],
		]);
		expect(missing).toEqual({ EUR: 1 });
		expect(distribution?.n).toBe(2);
	});

	it('interpolates quartiles as spreadsheets do', () => {
		expect([0.25, 0.5, 0.75].map((share) => quantile([1, 2, 3, 4], share))).toEqual([1.75, 2.5, 3.25]);
	});

	it('places own pay among the middles and counts the ranges around it', () => {
		const own = { amount: 150, currency: 'USD', period: 'year' as const };
		expect(figures(market([listing('a', 90, 110), listing('b', 140, 160), listing('c', 190, 210)], { own })).own).toEqual({ pay: 150, share: 0.5, within: 1 });
		expect(figures(market([], { own })).own).toBeUndefined();
	});

	it('points out old rates and old listings', () => {
		const rates = [
			{ currency: 'EUR', worth: 1.1, on: '2026-10-01' },
			{ currency: 'KRW', worth: 0.00075, on: '2026-11-10' },
		];
		expect(staleRates(rates, '2026-11-20').map(({ currency }) => currency)).toEqual(['EUR']);
		expect(isOld(listing('a', 1, 2, { seenOn: '2025-11-01' }), '2026-11-20')).toBe(true);
		expect(isOld(listing('a', 1, 2), '2026-11-20')).toBe(false);
	});
});

describe('the premium', () => {
	const group = (pays: number[], has: boolean, level = 'senior') => pays.map((pay) => ({ pay, has, level }));

	it('counts the orders of small samples as the tables of Mann and Whitney do', () => {
		expect(statisticCounts(2, 2)).toEqual([1, 1, 2, 1, 1]);
		expect(statisticCounts(3, 4).reduce((a, b) => a + b)).toBe(35);
		expect(statisticCounts(5, 5).slice(0, 6)).toEqual([1, 1, 2, 3, 5, 7]);
	});

	it('is the median ratio of pairs, with the exact interval', () => {
		const { estimate, interval } = premium([...group([120, 132, 144, 156, 168], true), ...group([100, 110, 120, 130, 140], false)]);
		expect(estimate).toBeCloseTo(0.2, 2);
		// Five against five: the third smallest and third largest of the 25 ratios (two-sided level 0.032, tables of Mann and Whitney).
		const ratios = [120, 132, 144, 156, 168].flatMap((a) => [100, 110, 120, 130, 140].map((b) => a / b - 1)).sort((a, b) => a - b);
		expect(interval?.[0]).toBeCloseTo(ratios[2] ?? 0, 10);
		expect(interval?.[1]).toBeCloseTo(ratios[22] ?? 0, 10);
	});

	it('gives no interval where even the most extreme order is too likely', () => {
		const three = premium([...group([120, 130, 140], true), ...group([100, 105, 110], false)]);
		expect(three.estimate).toBeGreaterThan(0);
		expect(three.interval).toBeUndefined();
		expect(premium([...group([120, 130, 140, 150], true), ...group([100, 105, 110, 111], false)]).interval).toBeDefined();
	});

	it('compares within a level alone: a premium that is only seniority vanishes', () => {
		const samples = [
			...group([200, 210, 220, 230], true),
			...group([205, 225], false),
			...group([100, 105], true, 'mid'),
			...group([98, 103, 104, 106], false, 'mid'),
		];
		const { estimate, interval } = premium(samples);
		expect(Math.abs(estimate ?? 1)).toBeLessThan(0.05);
		expect(interval?.[0]).toBeLessThan(0);
		expect(interval?.[1]).toBeGreaterThan(0);
	});

	it('says how many had nobody to be compared with', () => {
		const result = premium([...group([100], true, 'staff'), ...group([90, 95], false)]);
		expect(result).toEqual({ withIt: 0, without: 0, unpaired: 3, estimate: undefined, interval: undefined });
	});
});
