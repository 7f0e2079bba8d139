/** How far two mentors agree on the same work. */
import { LIMITS } from '../limits.ts';
import { LEVELS } from '../protocol/pieces.ts';
import type { AgreementRow, Case, Draft } from '../protocol/reviews.ts';
import { isSent } from './case.ts';

type Pair = readonly [first: number, second: number];

/**
 * Percent agreement and Cohen's weighted kappa (Cohen 1968) with linear weights over `levels` ordered levels:
 * kappa = 1 − Σ w·observed / Σ w·expected, w = |i − j| / (levels − 1). Undefined where the expected disagreement is 0.
 */
export function agreement(marked: string, pairs: readonly Pair[], levels: number): AgreementRow {
	const n = pairs.length;
	const same = pairs.filter(([a, b]) => a === b).length;
	const weight = (a: number, b: number): number => Math.abs(a - b) / (levels - 1);
	const observed = pairs.reduce((sum, [a, b]) => sum + weight(a, b), 0) / n;
	let expected = 0;
	for (const [a] of pairs) for (const [, b] of pairs) expected += weight(a, b) / (n * n);
	const percent = n === 0 ? 0 : Math.round((100 * same) / n);
	// Plus 0: no minus zero.
	const kappa = n === 0 || expected === 0 ? undefined : Math.round((1 - observed / expected) * 100) / 100 + 0;
	return { marked, n, percent, ...(kappa === undefined ? {} : { kappa }), few: n < LIMITS.fewestPairs };
}

/** Both reviews of each round that has two: the pairs of drafts, once both are sent. */
function doubles(cases: readonly Case[]): (readonly [Draft, Draft])[] {
	return cases.flatMap(({ rounds }) =>
		rounds.flatMap(({ reviews }) => {
			const first = reviews.find((review) => review.slot === 'first' && isSent(review) && !review.own);
			const second = reviews.find((review) => review.slot === 'second' && isSent(review) && !review.own);
			return first && second ? [[first.draft, second.draft] as const] : [];
		}),
	);
}

/** A row for everything that both mentors of some round marked, and one for the decisions. */
export function agreementOf(cases: readonly Case[]): { readonly rows: AgreementRow[]; readonly decisions: AgreementRow | undefined } {
	const both = doubles(cases);
	const pairs = new Map<string, Pair[]>();
	for (const [first, second] of both)
		for (const [marked, level] of Object.entries(first.marks)) {
			const other = Object.entries(second.marks).find(([name]) => name === marked)?.[1];
			if (other !== undefined) pairs.set(marked, [...(pairs.get(marked) ?? []), [LEVELS.indexOf(level), LEVELS.indexOf(other)]]);
		}
	const rank = ({ decision }: Draft): number => (decision === 'approve' ? 1 : 0);
	const decisions = both.map(([a, b]): Pair => [rank(a), rank(b)]);
	return {
		rows: [...pairs].map(([marked, list]) => agreement(marked, list, LEVELS.length)),
		decisions: decisions.length === 0 ? undefined : agreement('decision', decisions, 2),
	};
}
