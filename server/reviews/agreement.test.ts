import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { agreement } from './agreement.ts';

const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);

describe('agreement of two mentors', () => {
	it('is 1 where they always say the same of different things, 0 where one of them always says the same', () => {
		expect(agreement('x', [...times(5, [0, 0] as const), ...times(5, [3, 3] as const)], 4)).toMatchObject({ n: 10, percent: 100, kappa: 1 });
		expect(agreement('x', [...times(5, [0, 1] as const), ...times(5, [3, 1] as const)], 4)).toMatchObject({ percent: 0, kappa: 0 });
	});

	it('weighs by distance: one level apart costs less than three', () => {
		const base = [...times(6, [0, 0] as const), ...times(6, [3, 3] as const)];
		const near = agreement('x', [...base, [0, 1]], 4);
		const far = agreement('x', [...base, [0, 3]], 4);
		expect(near.percent).toBe(far.percent);
		expect(near.kappa).toBeGreaterThan(far.kappa ?? 1);
	});

	it('follows the definition: observed over expected disagreement, linear weights', () => {
		// 2×2, so weights are 0 and 1 and it is Cohen's plain kappa: po = 0.7, pe = 0.5·0.6 + 0.5·0.4 = 0.5.
		const pairs = [...times(4, [0, 0] as const), ...times(1, [0, 1] as const), ...times(2, [1, 0] as const), ...times(3, [1, 1] as const)];
		expect(agreement('x', pairs, 2)).toMatchObject({ n: 10, percent: 70, kappa: 0.4 });
	});

	it('is not defined where chance alone would agree always, and counts nothing for no pairs', () => {
		expect(agreement('x', times(4, [2, 2] as const), 4)).toEqual({ marked: 'x', n: 4, percent: 100, few: true });
		expect(agreement('x', [], 4)).toEqual({ marked: 'x', n: 0, percent: 0, few: true });
	});

	it(`is marked as of few pairs below LIMITS.fewestPairs (${LIMITS.fewestPairs})`, () => {
		expect(agreement('x', times(LIMITS.fewestPairs - 1, [0, 1] as const), 4).few).toBe(true);
		expect(agreement('x', times(LIMITS.fewestPairs, [0, 1] as const), 4).few).toBe(false);
	});
});
