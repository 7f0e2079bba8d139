/** Where somebody stands in the nine dimensions: what they say, what was graded, what a mentor confirmed. Never mixed into one figure. */
import type { Assessment, Dimension, Level, Piece } from '../../../server/protocol/assessment.ts';
import { type GradedFacts, gradedLevel, gradedPieces, originsOf } from '../../../server/protocol/graded.ts';
import { independent, LEVELS, labsOf, SENIOR_PIECES } from '../../../server/protocol/pieces.ts';
import { type MentorStanding, mentorStanding } from '../../../server/protocol/senior.ts';

export interface DimensionFacts {
	readonly id: Dimension;
	/** Deliverables whose graded labs are evidence for it. */
	readonly graded: readonly string[];
}

export interface DimensionStanding {
	readonly id: Dimension;
	/** As rated by oneself; undefined where nothing was. */
	readonly self: Level | undefined;
	/** The part of the self-rating that its evidence carries. */
	readonly backed: Level;
	/** The part that evidence carries which a program graded or a mentor confirmed: not one's own word alone. */
	readonly proven: Level;
	readonly graded: Level;
	/** Distinct origins behind `graded`. */
	readonly gradedPieces: number;
	/** What mentors' marks show together. */
	readonly mentor: MentorStanding;
	/** The highest of what is backed, graded or confirmed: what can be shown to others today. */
	readonly shown: Level;
}

export const rank = (level: Level): number => LEVELS.indexOf(level);
const highest = (...levels: readonly (Level | undefined)[]): Level => LEVELS.findLast((level) => levels.includes(level)) ?? 'none';

export function standings(
	dimensions: readonly DimensionFacts[],
	learner: GradedFacts,
	{ self, mentor }: Assessment,
	deliverableOf: Readonly<Record<string, string>>,
	documents: Parameters<typeof labsOf>[1] = [],
	isProven: (piece: Piece) => boolean = ({ kind }) => kind === 'graded',
): DimensionStanding[] {
	const labOf = labsOf(learner.evidence, documents);
	const graded = gradedPieces(learner, (lab) => deliverableOf[lab]);
	return dimensions.map((dimension) => {
		const { id } = dimension;
		const own = self[id];
		const pieces = originsOf(graded, dimension.graded);
		const backed = own ? carried(own.level, independent(own.pieces, labOf)) : 'none';
		const proven = own ? carried(own.level, independent(own.pieces.filter(isProven), labOf)) : 'none';
		const level = gradedLevel(pieces);
		const confirmed = mentorStanding(mentor[id] ?? [], level);
		return { id, self: own?.level, backed, proven, graded: level, gradedPieces: pieces, mentor: confirmed, shown: highest(backed, level, confirmed.level) };
	});
}

/** What so many independent pieces carry of a claim: none nothing, one up to mid, two all of it. */
function carried(claim: Level, pieces: number): Level {
	if (pieces === 0) return 'none';
	return pieces < SENIOR_PIECES && claim === 'senior' ? 'mid' : claim;
}
