import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from '../../kernel/time.ts';
import { isTimeZone, nextTime, parseSchedule } from './schedule.ts';

const next = (text: string, after: string, zone?: string): string | undefined => {
	const s = parseSchedule(text);
	const at = s === undefined ? undefined : nextTime(s, parseTime(after) ?? 0, zone);
	return at === undefined ? undefined : formatTime(at);
};

describe('cron schedules', () => {
	it.each([
		['*/15 * * * *', '2026-03-01T10:07:30Z', '2026-03-01T10:15:00Z'],
		['0 * * * *', '2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z'],
		['30 2 * * *', '2026-12-31T03:00:00Z', '2027-01-01T02:30:00Z'],
		['0 9 * * mon-fri', '2026-11-20T10:00:00Z', '2026-11-23T09:00:00Z'],
		['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
		['0 0 13 * 5', '2026-11-12T12:00:00Z', '2026-11-13T00:00:00Z'],
		['0 0 1,15 * *', '2026-11-02T00:00:00Z', '2026-11-15T00:00:00Z'],
		['0 0 * * 7', '2026-11-20T00:00:00Z', '2026-11-22T00:00:00Z'],
		['5-10/5 1 * JAN *', '2026-11-20T00:00:00Z', '2027-01-01T01:05:00Z'],
		['@daily', '2026-11-20T00:00:01Z', '2026-11-21T00:00:00Z'],
		['@every 90s', '2026-11-20T00:00:00Z', '2026-11-20T00:01:30Z'],
	])('%s after %s is %s', (text, after, expected) => {
		expect(next(text, after)).toBe(expected);
	});

	it('tells the time in a zone, over the change to summer time', () => {
		expect(next('0 9 * * *', '2026-03-28T09:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T07:00:00Z');
		expect(next('0 9 * * *', '2026-01-10T09:00:00Z', 'Europe/Berlin')).toBe('2026-01-11T08:00:00Z');
		expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus')]).toEqual([true, false]);
	});

	it.each(['', '* * * *', '60 * * * *', '* * * * * *', 'a b c d e', '*/0 * * * *', '5-1 * * * *', '@sometimes'])('refuses "%s"', (text) => {
		expect(parseSchedule(text)).toBeUndefined();
	});
});
