/**
 * The market worksheet: listings that a person collected, the exchange rates they entered, and their own pay. Private: no mentor and
 * no export ever holds it.
 *
 *   GET  /api/market                 → marketSchema
 *   POST /api/market {marketChange}  → marketSchema
 */
import { z } from 'zod';
import { LISTING_LEVELS, PAY_PERIODS } from './market-words.ts';
import { daySchema } from './plan.ts';

/** ISO 4217, as three capital letters; which of them exist is the user's to know. */
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'a currency as three capital letters, such as USD');

const amountSchema = z.number().positive().max(1e12);

export const listingSchema = z
	.strictObject({
		id: z.string().regex(/^[a-z0-9-]{1,40}$/),
		title: z.string().min(1).max(120),
		employer: z.string().max(120),
		/** Where it was read: an address or a name. */
		source: z.string().max(300),
		seenOn: daySchema,
		minimum: amountSchema,
		maximum: amountSchema,
		currency: currencySchema,
		period: z.enum(PAY_PERIODS),
		level: z.enum(LISTING_LEVELS),
		/** Asks for GPU nodes or model serving. */
		gpu: z.boolean(),
		remote: z.boolean(),
		/** The employer is in another country than the person. */
		foreign: z.boolean(),
		note: z.string().max(500),
	})
	.refine((l) => l.maximum >= l.minimum, { message: 'the upper end lies below the lower end', path: ['maximum'] });
export type Listing = z.infer<typeof listingSchema>;

/** What one unit of a currency was worth in the worksheet's own, on a day, as the user entered it. */
export const rateSchema = z.strictObject({ currency: currencySchema, worth: z.number().positive().max(1e9), on: daySchema });
export type Rate = z.infer<typeof rateSchema>;

export const settingsSchema = z.strictObject({
	/** The currency in which everything is compared. */
	base: currencySchema,
	rates: z.array(rateSchema),
	/** Paid hours of a year, for listings by the hour. 52 weeks of 40 hours are 2,080. */
	hoursPerYear: z.number().int().min(1).max(4000),
	/** Own pay, or the offer one thinks about. */
	own: z.strictObject({ amount: amountSchema, currency: currencySchema, period: z.enum(PAY_PERIODS) }).optional(),
});
export type MarketSettings = z.infer<typeof settingsSchema>;

export const marketSchema = z.object({ settings: settingsSchema, listings: z.array(listingSchema) });
export type Market = z.infer<typeof marketSchema>;

export const marketChangeSchema = z.discriminatedUnion('action', [
	/** Adds a listing, or replaces the one with its id. */
	z.strictObject({ action: z.literal('put'), listing: listingSchema }),
	z.strictObject({ action: z.literal('remove'), id: z.string() }),
	z.strictObject({ action: z.literal('settings'), settings: settingsSchema }),
]);
export type MarketChange = z.infer<typeof marketChangeSchema>;
