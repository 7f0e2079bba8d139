/** The worksheet as CSV (RFC 4180), for a spreadsheet. */
import type { Listing } from '../../../server/protocol/market.ts';

const COLUMNS = ['title', 'employer', 'source', 'seenOn', 'minimum', 'maximum', 'currency', 'period', 'level', 'gpu', 'remote', 'foreign', 'note'] as const;

/** A leading sign of a formula is preceded by an apostrophe: spreadsheets would run it. */
const cell = (value: string | number | boolean): string => {
	const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csv = (listings: readonly Listing[]): string =>
	[COLUMNS.join(','), ...listings.map((listing) => COLUMNS.map((column) => cell(listing[column])).join(','))].map((line) => `${line}\r\n`).join('');
