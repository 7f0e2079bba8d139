import { describe, expect, it } from 'vitest';
import { offsetHours, onOwnClock, overlapRows, ownStretches, shared, total } from './overlap.ts';

const WINTER = '2026-01-15';
const SUMMER = '2026-07-15';

describe('hours across time zones', () => {
	it('know summer time and half hours', () => {
		expect(offsetHours('America/New_York', WINTER)).toBe(-5);
		expect(offsetHours('America/New_York', SUMMER)).toBe(-4);
		expect(offsetHours('Asia/Kolkata', SUMMER)).toBe(5.5);
		expect(offsetHours('Asia/Seoul', WINTER)).toBe(9);
		expect(offsetHours('Australia/Sydney', WINTER)).toBe(11);
	});

	it('put six in the evening to three in the morning in New York on a working day in Seoul', () => {
		expect(onOwnClock({ from: 18, to: 27 }, 'America/New_York', 'Asia/Seoul', WINTER)).toEqual([{ from: 8, to: 17 }]);
		expect(onOwnClock({ from: 18, to: 27 }, 'America/New_York', 'Asia/Seoul', SUMMER)).toEqual([{ from: 7, to: 16 }]);
	});

	it('part hours that run through midnight', () => {
		expect(onOwnClock({ from: 9, to: 17 }, 'America/New_York', 'Asia/Seoul', WINTER)).toEqual([
			{ from: 23, to: 24 },
			{ from: 0, to: 7 },
		]);
		expect(ownStretches(22, 6)).toEqual([
			{ from: 22, to: 24 },
			{ from: 0, to: 6 },
		]);
	});

	it('add up what is shared', () => {
		expect(
			total(
				shared(ownStretches(22, 6), [
					{ from: 0, to: 7 },
					{ from: 23, to: 24 },
				]),
			),
		).toBe(7);
		const rows = overlapRows('Asia/Seoul', WINTER, ownStretches(8, 17));
		expect(Object.fromEntries(rows.map(({ id, hours }) => [id, hours]))).toMatchObject({
			'san-francisco': 2,
			'new-york': 0,
			london: 0,
			singapore: 7,
			sydney: 7,
		});
	});
});
