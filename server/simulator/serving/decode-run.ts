/** A run of steps that only decode, as arithmetic: each step takes `growth` ms more than the one before, so ends are a quadratic. */
import type { DecodeRun } from './engine.ts';

/** When the n-th step of a run ends. */
export const endOf = (run: DecodeRun, n: number): number => run.startMs + n * run.first + (run.growth * n * (n - 1)) / 2;

/** Steps of a run that end by `atMs`, at most its limit. */
export function stepsBy(run: DecodeRun, atMs: number): number {
	const ms = atMs - run.startMs;
	const g = run.growth / 2;
	const b = run.first - g;
	const guess = g < 1e-12 ? ms / run.first : (Math.sqrt(b * b + 4 * g * Math.max(0, ms)) - b) / (2 * g);
	let n = Math.min(run.limit, Math.max(0, Math.floor(guess)));
	// The root is rounded; the comparison is what counts.
	while (n < run.limit && endOf(run, n + 1) <= atMs) n++;
	while (n > 0 && endOf(run, n) > atMs) n--;
	return n;
}
