/** What measured requests come to. */
import type { Measured } from './drive.ts';

/** numpy's percentile with linear interpolation; 0 for nothing. */
export function percentile(values: readonly number[], p: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	if (sorted.length === 0) return 0;
	const at = ((sorted.length - 1) * p) / 100;
	const low = sorted[Math.floor(at)] ?? 0;
	const high = sorted[Math.ceil(at)] ?? low;
	return low + (high - low) * (at - Math.floor(at));
}

/** ms until the first piece, of each request. */
export const ttfts = (done: readonly Measured[]): readonly number[] => done.map((m) => (m.at[0] ?? m.endedAt) - m.startedAt);

/** ms a token after the first, of each request with more than one. */
export const tpots = (done: readonly Measured[]): readonly number[] =>
	done.flatMap((m) => (m.output > 1 ? [(m.endedAt - (m.at[0] ?? m.endedAt)) / (m.output - 1)] : []));
