/** Days of the calendar as `YYYY-MM-DD`, without times or zones. */

const DAY_MS = 86_400_000;
const ms = (day: string): number => Date.parse(`${day}T00:00:00Z`);

export const addDays = (day: string, days: number): string => new Date(ms(day) + days * DAY_MS).toISOString().slice(0, 10);

/** Whole days from one day to another; negative backwards. */
export const daysBetween = (from: string, to: string): number => Math.round((ms(to) - ms(from)) / DAY_MS);

/** The earliest of days; there is at least one. */
export const earliest = (first: string, ...others: string[]): string => [first, ...others].sort()[0] ?? first;

/** The day it is where the reader is. */
export function today(now = new Date()): string {
	return [now.getFullYear(), String(now.getMonth() + 1).padStart(2, '0'), String(now.getDate()).padStart(2, '0')].join('-');
}

/** A day as the reader's language writes it. */
export const dayText = (day: string): string => new Date(ms(day)).toLocaleDateString(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
