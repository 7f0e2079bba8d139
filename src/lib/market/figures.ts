/** From listings as they were typed to pay a year in one currency, its distribution, and where one's own pay lies in it. */
import type { Listing, Market, MarketSettings, Rate } from '../../../server/protocol/market.ts';
import { daysBetween } from '../plan/days.ts';
import { type Premium, premium } from './premium.ts';

/** A rate older than this is pointed out. */
export const STALE_DAYS = 30;
/** A listing older than this says more about last year. */
export const OLD_LISTING_DAYS = 365;
/** What the method asks for (S1): 10 to 20 listings. */
export const ENOUGH_LISTINGS = 10;
const MONTHS = 12;

export interface Counted {
	readonly listing: Listing;
	/** Pay a year in the worksheet's currency. */
	readonly low: number;
	readonly high: number;
	readonly middle: number;
}

export interface Distribution {
	readonly n: number;
	readonly least: number;
	readonly lower: number;
	readonly median: number;
	readonly upper: number;
	readonly most: number;
}

export interface Figures {
	/** Those that could be converted, lowest middle first. */
	readonly counted: readonly Counted[];
	/** Currencies that lack a rate, with the listings that wait for one. */
	readonly missing: Readonly<Record<string, number>>;
	readonly distribution: Distribution | undefined;
	readonly own: Own | undefined;
	readonly gpu: Premium;
	readonly remote: Premium;
	readonly foreign: Premium;
}

export interface Own {
	readonly pay: number;
	/** Listings whose middle lies below, as a share from 0 to 1; equal ones count half. */
	readonly share: number;
	/** Listings whose range includes it. */
	readonly within: number;
}

export function figures({ settings, listings }: Market): Figures {
	const counted = listings.flatMap((listing) => {
		const factor = yearly(settings, listing.currency, listing.period);
		if (factor === undefined) return [];
		const [low, high] = [listing.minimum * factor, listing.maximum * factor];
		return [{ listing, low, high, middle: (low + high) / 2 }];
	});
	counted.sort((a, b) => a.middle - b.middle);
	const missing: Record<string, number> = {};
	for (const { currency, period } of listings) if (yearly(settings, currency, period) === undefined) missing[currency] = (missing[currency] ?? 0) + 1;
	const split = (trait: (listing: Listing) => boolean): Premium =>
		premium(counted.map(({ listing, middle }) => ({ pay: middle, level: listing.level, has: trait(listing) })));
	return {
		counted,
		missing,
		distribution: distribution(counted.map(({ middle }) => middle)),
		own: own(settings, counted),
		gpu: split((l) => l.gpu),
		remote: split((l) => l.remote),
		foreign: split((l) => l.foreign),
	};
}

/** What turns an amount into one a year in the worksheet's currency; undefined without a rate. */
function yearly(settings: MarketSettings, currency: string, period: Listing['period']): number | undefined {
	const worth = currency === settings.base ? 1 : settings.rates.find((rate) => rate.currency === currency)?.worth;
	const times = { year: 1, month: MONTHS, hour: settings.hoursPerYear }[period];
	return worth === undefined ? undefined : worth * times;
}

function distribution(sorted: readonly number[]): Distribution | undefined {
	if (sorted.length === 0) return undefined;
	const at = (share: number): number => quantile(sorted, share);
	return { n: sorted.length, least: at(0), lower: at(0.25), median: at(0.5), upper: at(0.75), most: at(1) };
}

/** Linear between order statistics: type 7 of Hyndman & Fan (1996), what spreadsheets call inclusive. */
export function quantile(sorted: readonly number[], share: number): number {
	const place = (sorted.length - 1) * share;
	const below = sorted[Math.floor(place)] ?? 0;
	return below + ((sorted[Math.ceil(place)] ?? below) - below) * (place - Math.floor(place));
}

function own(settings: MarketSettings, counted: readonly Counted[]): Own | undefined {
	if (settings.own === undefined || counted.length === 0) return undefined;
	const factor = yearly(settings, settings.own.currency, settings.own.period);
	if (factor === undefined) return undefined;
	const pay = settings.own.amount * factor;
	const below = counted.filter(({ middle }) => middle < pay).length + counted.filter(({ middle }) => middle === pay).length / 2;
	return { pay, share: below / counted.length, within: counted.filter(({ low, high }) => low <= pay && pay <= high).length };
}

/** Rates that are older than `STALE_DAYS` on a day (`YYYY-MM-DD`). */
export const staleRates = (rates: readonly Rate[], today: string): readonly Rate[] => rates.filter(({ on }) => daysBetween(on, today) > STALE_DAYS);

export const isOld = ({ seenOn }: Listing, today: string): boolean => daysBetween(seenOn, today) > OLD_LISTING_DAYS;
