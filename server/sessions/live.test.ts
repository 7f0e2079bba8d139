import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import { LiveChecks } from './live.ts';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

/** `runs`: when each began, ms since the checks were made. */
function checks(): { readonly live: LiveChecks; readonly runs: number[] } {
	const from = performance.now();
	const runs: number[] = [];
	const live = new LiveChecks(
		async () => {
			runs.push(performance.now() - from);
		},
		() => {},
	);
	return { live, runs };
}

it('waits for LIMITS.liveSettleMs of quiet, then looks again every LIMITS.liveIdleMs', async () => {
	const { live, runs } = checks();
	await vi.advanceTimersByTimeAsync(LIMITS.liveSettleMs + 2 * LIMITS.liveIdleMs);
	expect(runs).toEqual([0, 1, 2].map((n) => LIMITS.liveSettleMs + n * LIMITS.liveIdleMs));
	live.stop();
	await vi.advanceTimersByTimeAsync(LIMITS.liveIdleMs);
	expect(runs).toHaveLength(3);
});

it('leaves LIMITS.liveEveryMs between two runs, however often something changes', async () => {
	const { live, runs } = checks();
	for (let ms = 0; ms < 4 * LIMITS.liveEveryMs; ms += 50) {
		live.touch();
		await vi.advanceTimersByTimeAsync(50);
	}
	expect(runs).toHaveLength(4);
	for (const [i, at] of runs.entries()) expect(at).toBeGreaterThanOrEqual(LIMITS.liveSettleMs + i * LIMITS.liveEveryMs);
	live.stop();
});
