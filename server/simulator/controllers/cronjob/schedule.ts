/** Cron schedules as robfig/cron's standard parser reads them, in a time zone. */
import { civilFromDays } from '../../kernel/time.ts';
import { offsetMinutes } from '../../kernel/zone.ts';

/** Minutes, hours, days of the month, months and days of the week that a schedule names. */
export interface Schedule {
	readonly minutes: ReadonlySet<number>;
	readonly hours: ReadonlySet<number>;
	readonly days: ReadonlySet<number>;
	readonly months: ReadonlySet<number>;
	readonly weekdays: ReadonlySet<number>;
	/** Whether a day field was `*`: then only the other counts, else either may match. */
	readonly anyDay: boolean;
	readonly anyWeekday: boolean;
	/** `@every` schedules: the interval, ms. */
	readonly everyMs?: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MACROS: { readonly [name: string]: string } = {
	'@yearly': '0 0 1 1 *',
	'@annually': '0 0 1 1 *',
	'@monthly': '0 0 1 * *',
	'@weekly': '0 0 * * 0',
	'@daily': '0 0 * * *',
	'@midnight': '0 0 * * *',
	'@hourly': '0 * * * *',
};

function field(text: string, low: number, high: number, names: readonly string[] = [], firstName = 0): Set<number> | undefined {
	const out = new Set<number>();
	const value = (t: string): number => {
		const named = names.indexOf(t.toLowerCase());
		return named >= 0 ? named + firstName : /^\d+$/.test(t) ? Number(t) : Number.NaN;
	};
	for (const part of text.split(',')) {
		const [range = '', stepText, extra] = part.split('/');
		const step = stepText === undefined ? 1 : value(stepText);
		const [a = '', b, more] = range.split('-');
		const any = a === '*' || a === '?';
		const from = any ? low : value(a);
		const to = any ? high : b !== undefined ? value(b) : stepText === undefined ? from : high;
		if (extra !== undefined || more !== undefined || Number.isNaN(from) || Number.isNaN(to) || !(step > 0) || from < low || to > high || from > to)
			return undefined;
		for (let i = from; i <= to; i += step) out.add(i);
	}
	return out;
}

function duration(text: string): number | undefined {
	const m = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
	if (m === null || text === '') return undefined;
	return (Number(m[1] ?? 0) * 3600 + Number(m[2] ?? 0) * 60 + Number(m[3] ?? 0)) * 1000;
}

/** A schedule, or undefined where the text is none. */
export function parseSchedule(text: string): Schedule | undefined {
	const none = new Set<number>();
	if (text.startsWith('@every ')) {
		const everyMs = duration(text.slice(7).trim());
		return everyMs === undefined || everyMs < 1000
			? undefined
			: { minutes: none, hours: none, days: none, months: none, weekdays: none, anyDay: false, anyWeekday: false, everyMs };
	}
	const parts = (MACROS[text] ?? text).trim().split(/\s+/);
	if (parts.length !== 5) return undefined;
	const [m = '', h = '', d = '', mo = '', w = ''] = parts;
	const minutes = field(m, 0, 59);
	const hours = field(h, 0, 23);
	const days = field(d, 1, 31);
	const months = field(mo, 1, 12, MONTHS, 1);
	const weekdays = field(w, 0, 7, WEEKDAYS);
	if (minutes === undefined || hours === undefined || days === undefined || months === undefined || weekdays === undefined) return undefined;
	if (weekdays.has(7)) weekdays.add(0);
	const star = (t: string): boolean => /^[*?]/.test(t);
	return { minutes, hours, days, months, weekdays, anyDay: star(d), anyWeekday: star(w) };
}

export const isTimeZone = (timeZone: string): boolean => offsetMinutes(0, timeZone) !== undefined;

function dayMatches(s: Schedule, days: number): boolean {
	const [, month, day] = civilFromDays(days);
	if (!s.months.has(month)) return false;
	const onDay = s.days.has(day);
	const onWeekday = s.weekdays.has((((days + 4) % 7) + 7) % 7);
	return s.anyDay || s.anyWeekday ? onDay && onWeekday : onDay || onWeekday;
}

/** The first time after `afterMs` that the schedule names (ms since the epoch), within five years. */
export function nextTime(s: Schedule, afterMs: number, timeZone = 'UTC'): number | undefined {
	if (s.everyMs !== undefined) return Math.floor(afterMs / 1000) * 1000 + s.everyMs;
	const offset = offsetMinutes(afterMs, timeZone) ?? 0;
	let minute = Math.floor(afterMs / 60_000) + 1 + offset;
	const end = minute + 5 * 366 * 1440;
	while (minute < end) {
		const days = Math.floor(minute / 1440);
		if (!dayMatches(s, days)) {
			minute = (days + 1) * 1440;
			continue;
		}
		const hour = Math.floor(minute / 60) % 24;
		if (!s.hours.has(hour)) {
			minute = (Math.floor(minute / 60) + 1) * 60;
			continue;
		}
		if (s.minutes.has(minute % 60)) {
			// Local minute → UTC with the offset that holds there; a minute that a zone's clock skips is passed over.
			const utc = (minute - (offsetMinutes((minute - offset) * 60_000, timeZone) ?? 0)) * 60_000;
			if (utc > afterMs) return utc;
		}
		minute++;
	}
	return undefined;
}
