/**
 * How much more the listings with a trait offer than those without: Hodges and Lehmann's estimate over the logarithms of the ranges'
 * middles, compared only within a level, with the exact interval of the Wilcoxon–Mann–Whitney test stratified by level. It assumes no
 * distribution and says by itself when there are too few listings for an interval.
 * Sources: Hodges & Lehmann, “Estimates of location based on rank tests” (1963); Mann & Whitney (1947) for the recurrence of the counts.
 */

export interface Sample {
	/** Pay a year in one currency, above 0. */
	readonly pay: number;
	/** Listings are compared with those of the same level alone. */
	readonly level: string;
	readonly has: boolean;
}

export interface Premium {
	/** Listings on either side that have somebody to be compared with. */
	readonly withIt: number;
	readonly without: number;
	/** Listings whose level has none of the other side. */
	readonly unpaired: number;
	/** Relative difference: 0.12 is 12 % more. Undefined where no level has both sides. */
	readonly estimate: number | undefined;
	/** Interval that holds at least `CONFIDENCE`; undefined where there are too few for any. */
	readonly interval: readonly [number, number] | undefined;
}

export const CONFIDENCE = 0.95;

export function premium(samples: readonly Sample[]): Premium {
	const levels = [...Map.groupBy(samples, ({ level }) => level).values()];
	const sides = levels.map((group) => ({ a: group.filter((s) => s.has).map(logPay), b: group.filter((s) => !s.has).map(logPay) }));
	const paired = sides.filter(({ a, b }) => a.length > 0 && b.length > 0);
	const differences = paired.flatMap(({ a, b }) => a.flatMap((x) => b.map((y) => x - y))).sort((x, y) => x - y);
	const count = (pick: 'a' | 'b'): number => paired.reduce((sum, side) => sum + side[pick].length, 0);
	const counted = { withIt: count('a'), without: count('b') };
	return {
		...counted,
		unpaired: samples.length - counted.withIt - counted.without,
		estimate: differences.length === 0 ? undefined : Math.expm1(median(differences)),
		interval: interval(
			differences,
			paired.map(({ a, b }) => [a.length, b.length]),
		),
	};
}

const logPay = ({ pay }: Sample): number => Math.log(pay);

function median(sorted: readonly number[]): number {
	const half = sorted.length / 2;
	return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}

/** Inverts the test: the widest tails of the statistic that together stay below 1 − confidence are cut off the sorted differences. */
function interval(sorted: readonly number[], sizes: readonly (readonly [number, number])[]): readonly [number, number] | undefined {
	const counts = sizes.map(([m, n]) => statisticCounts(m, n)).reduce(convolved, [1]);
	const all = counts.reduce((sum, n) => sum + n, 0);
	let cut = 0;
	for (let tail = counts[0] ?? 0; (2 * tail) / all <= 1 - CONFIDENCE && cut < sorted.length / 2; tail += counts[cut] ?? 0) cut++;
	const [low, high] = [sorted[cut - 1], sorted[sorted.length - cut]];
	return cut === 0 || low === undefined || high === undefined ? undefined : [Math.expm1(low), Math.expm1(high)];
}

/** In how many orders of m and n values the statistic U is 0, 1, … m·n. Sums stay exact: they are counts below 2^53 for the sizes that a worksheet holds, or rounded far beyond what an interval shows. */
export function statisticCounts(m: number, n: number): readonly number[] {
	// The coefficients of the Gaussian binomial: multiply by 1 − q^(n+i), divide by 1 − q^i, for i from 1 to m.
	let counts = [1, ...Array.from({ length: m * n }, () => 0)];
	for (let i = 1; i <= m; i++) {
		counts = counts.map((c, u) => c - (u >= n + i ? (counts[u - n - i] ?? 0) : 0));
		for (let u = i; u < counts.length; u++) counts[u] = (counts[u] ?? 0) + (counts[u - i] ?? 0);
	}
	return counts;
}

function convolved(a: readonly number[], b: readonly number[]): readonly number[] {
	const out = Array.from({ length: a.length + b.length - 1 }, () => 0);
	for (const [i, x] of a.entries()) for (const [j, y] of b.entries()) out[i + j] = (out[i + j] ?? 0) + x * y;
	return out;
}
