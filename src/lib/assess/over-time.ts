/** Progress over time as points: the sum of levels over the nine dimensions, 0 to 27, rated by oneself and graded. */
import type { Assessment, Dimension } from '../../../server/protocol/assessment.ts';
import { type GradedFacts, gradedLevel, gradedPieces, originsOf } from '../../../server/protocol/graded.ts';
import { LEVELS } from '../../../server/protocol/pieces.ts';
import { type DimensionFacts, rank } from './standings.ts';

export interface TimePoint {
	/** ISO time. */
	readonly at: string;
	readonly self: number;
	readonly graded: number;
}

export const MOST = 9 * (LEVELS.length - 1);

/** One point each time something changed, oldest first. */
export function overTime(
	dimensions: readonly DimensionFacts[],
	learner: GradedFacts,
	{ history }: Pick<Assessment, 'history'>,
	deliverableOf: Readonly<Record<string, string>>,
): TimePoint[] {
	const graded = [...learner.evidence.filter(({ passed }) => passed), ...(learner.writings ?? [])];
	const times = [...new Set([...history, ...graded].map(({ at }) => at))].sort();
	return times.map((at) => {
		const said = new Map<Dimension, number>(history.filter((entry) => entry.at <= at).map(({ dimension, level }) => [dimension, rank(level)]));
		const pieces = gradedPieces(learner, (lab) => deliverableOf[lab], at);
		const level = dimensions.reduce((sum, dimension) => sum + rank(gradedLevel(originsOf(pieces, dimension.graded))), 0);
		return { at, self: [...said.values()].reduce((sum, value) => sum + value, 0), graded: level };
	});
}
