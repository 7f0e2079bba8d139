const FIRST_MS = 400;
const LONGEST_MS = 15_000;

/**
 * How long to wait before the next try, in ms: doubling from 0.4 s to 15 s, spread by ±25% so that a restarted server is not met by everyone
 * at once. `failures`: how many in a row, from 1; `chance`: 0 to 1.
 */
export function backoff(failures: number, chance: number): number {
	const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
	return Math.round(wait * (0.75 + chance / 2));
}
