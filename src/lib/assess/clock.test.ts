import { expect, it } from 'vitest';
import { Clock, clockText } from './clock.ts';

it('a clock counts only while it runs, however long nobody looked', () => {
	let now = 0;
	const clock = new Clock(() => now);
	now = 5_000;
	expect([clock.seconds, clock.running]).toEqual([0, false]);
	clock.toggle();
	now += 3_600_999;
	expect([clock.seconds, clock.running]).toEqual([3600, true]);
	clock.toggle();
	now += 60_000;
	clock.toggle();
	now += 1_001;
	expect(clock.seconds).toBe(3602);
});

it('writes minutes and seconds', () => {
	expect([0, 65, 3660].map(clockText)).toEqual(['0:00', '1:05', '61:00']);
});
