/** The three things that would close most of the gap to senior. */
import type { Dimension, Level } from '../../../server/protocol/assessment.ts';
import { type DimensionStanding, rank } from './standings.ts';

export interface Action {
	readonly id: string;
	readonly title: string;
	readonly href: string;
	/** The lab that it is about; once passed, it is no longer offered. */
	readonly lab?: string | undefined;
	/** Dimension → the level that it can show. */
	readonly lifts: Readonly<Partial<Record<Dimension, Level>>>;
}

export interface NextThing {
	readonly action: Action;
	/** Dimensions that it would lift by a step. */
	readonly lifted: readonly Dimension[];
}

/**
 * Up to `count` actions, chosen one after the other: each time the one that lifts most dimensions by a step, counting what was chosen
 * before as done, so that three ways to the same step are not offered together. Where two lift alike, the one that lifts the lowest
 * dimension, then the one that stands first in the content.
 */
export function nextThings(standings: readonly DimensionStanding[], actions: readonly Action[], passedLabs: ReadonlySet<string>, count = 3): NextThing[] {
	const ranks = new Map(standings.map(({ id, shown }) => [id, rank(shown)]));
	let left = actions.filter(({ lab }) => lab === undefined || !passedLabs.has(lab));
	const out: NextThing[] = [];
	while (out.length < count) {
		const scored = left.map((action) => ({ action, lifted: liftedBy(action, ranks) })).filter(({ lifted }) => lifted.length > 0);
		const best = scored.reduce<NextThing | undefined>((top, one) => (top === undefined || isBetter(one, top, ranks) ? one : top), undefined);
		if (!best) break;
		for (const id of best.lifted) ranks.set(id, (ranks.get(id) ?? 0) + 1);
		left = left.filter((action) => action !== best.action);
		out.push(best);
	}
	return out;
}

function liftedBy({ lifts }: Action, ranks: ReadonlyMap<Dimension, number>): Dimension[] {
	return [...ranks].flatMap(([id, now]) => (rank(lifts[id] ?? 'none') > now ? [id] : []));
}

function isBetter(one: NextThing, other: NextThing, ranks: ReadonlyMap<Dimension, number>): boolean {
	if (one.lifted.length !== other.lifted.length) return one.lifted.length > other.lifted.length;
	const lowest = ({ lifted }: NextThing): number => Math.min(...lifted.map((id) => ranks.get(id) ?? 0));
	return lowest(one) < lowest(other);
}
