import { describe, expect, it } from 'vitest';
import { actionFaults } from './checks/actions.ts';
import { BLAME } from './lexicon.ts';
import { figures, functionShare, isDay, minutesIn, utc } from './text.ts';

const blames = (text: string): boolean => BLAME.some(({ pattern }) => [...text.matchAll(pattern)].length > 0);

describe('words against people', () => {
	it.each([
		'The engineer failed to check the limit.',
		'This was a human error.',
		'Kim forgot the flag.',
		'It was Kim’s mistake.',
		'@kim overlooked the alert.',
		'The on-call developer should have known.',
		'A sloppy change went out.',
		'The outage was caused by an engineer.',
		'She ignored the page.',
	])('are found: %s', (text) => expect(blames(text)).toBe(true));

	it.each([
		'The engineer deployed 1.8.0 at 10:02.',
		'The liveness probe failed to answer.',
		'The user error rate rose to 7 %.',
		'The alert should have fired after a minute.',
		'The on-call engineer should have been paged.',
		'Users failed to load the page.',
		'The operator failed to reconcile its objects.',
		'Prometheus overlooked nothing; its rule did.',
		'The controller manager ignored the annotation.',
		'Nobody is to blame, and the default is at fault.',
		'We noticed late because the window is five minutes long.',
		'The author of the chart chose 128Mi as a default.',
		'The request broke the schema; the server ignored it.',
	])('are not seen in: %s', (text) => expect(blames(text)).toBe(false));
});

describe('an action item', () => {
	const good = { what: 'Add an alert on restarts', owner: 'On-call lead', due: '2026-12-01', type: 'detect', verify: 'A drill is paged within 1 min' } as const;
	it('is well formed, or says what is missing', () => {
		expect(actionFaults(good)).toEqual([]);
		expect(actionFaults({ ...good, what: 'Improve the alerts for restarts' })).toEqual([
			'“improve” is no verb of a thing that can be finished',
			'“Improve” has no end',
		]);
		expect(actionFaults({ ...good, owner: 'everyone' })).toEqual(['no owner']);
		expect(actionFaults({ ...good, due: '2026-02-30' })).toEqual(['no due date (YYYY-MM-DD)']);
		expect(actionFaults({ ...good, verify: 'Add an alert on restarts' })).toEqual(['no way to tell that it is done']);
	});
});

describe('figures', () => {
	it('are numbers with units, not times of day or versions', () => {
		expect(figures('At 10:21 version 1.8.0 lost 1,430 failed requests (7 %) in 20 minutes for $1.2k')).toEqual([
			{ value: 1430, unit: 'request' },
			{ value: 7, unit: '%' },
			{ value: 20, unit: 'min' },
			{ value: 1200, unit: '$' },
		]);
		expect(minutesIn('for 1.5 hours and 30 s')).toEqual([90, 0.5]);
	});
	it('reads times as UTC and days of the calendar', () => {
		expect(utc('2026-11-12T10:02')).toBe(Date.UTC(2026, 10, 12, 10, 2));
		expect([utc('10:02'), utc('2026-13-01T00:00'), isDay('2026-02-29'), isDay('2028-02-29')]).toEqual([undefined, undefined, false, true]);
	});
	it('tells sentences from heaps of words', () => {
		expect(functionShare('The limit was too low for what the cache of the service needs.')).toBeGreaterThan(0.4);
		expect(functionShare('limit cache memory OOMKilled restart replica ingress')).toBe(0);
	});
});
