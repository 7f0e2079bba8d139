import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMicroTime, formatTime, humanDuration, parseTime } from './time.ts';

describe('virtual dates', () => {
	it('agree with the platform over two centuries', () => {
		fc.assert(
			fc.property(fc.integer({ min: -86_400_000 * 36_500, max: 86_400_000 * 36_500 }), (ms) => {
				expect(formatTime(ms)).toBe(`${new Date(ms).toISOString().slice(0, 19)}Z`);
				expect(formatMicroTime(ms)).toBe(`${new Date(ms).toISOString().slice(0, 23)}000Z`);
				expect(parseTime(new Date(ms).toISOString())).toBe(ms);
			}),
		);
	});

	it('read offsets and refuse what is no date', () => {
		expect(parseTime('2026-01-01T02:00:00+02:00')).toBe(Date.UTC(2026, 0, 1));
		for (const bad of ['', 'yesterday', '2026-13-01T00:00:00Z', '2026-01-01', '2026-01-01T25:00:00Z']) expect(parseTime(bad)).toBeUndefined();
	});

	// Pairs from apimachinery's duration_test.go behaviour: what kubectl prints as AGE.
	it.each([
		[0, '0s'],
		[1000, '1s'],
		[119_000, '119s'],
		[120_000, '2m'],
		[9 * 60_000 + 30_000, '9m30s'],
		[10 * 60_000 + 30_000, '10m'],
		[179 * 60_000, '179m'],
		[3 * 3_600_000, '3h'],
		[7 * 3_600_000 + 59 * 60_000, '7h59m'],
		[8 * 3_600_000, '8h'],
		[47 * 3_600_000, '47h'],
		[48 * 3_600_000, '2d'],
		[50 * 3_600_000, '2d2h'],
		[8 * 86_400_000, '8d'],
		[729 * 86_400_000, '729d'],
		[731 * 86_400_000, '2y1d'],
		[9 * 365 * 86_400_000, '9y'],
	])('%i ms is %s', (ms, text) => expect(humanDuration(ms)).toBe(text));
});
