/** Where somebody stands in the nine dimensions: what they say, what was graded, what a mentor confirmed. Never mixed into one figure. */
import type { Assessment, Dimension, Level } from '../../../server/protocol/assessment.ts';
import { independent, LEVELS, labsOf, SENIOR_PIECES } from '../../../server/protocol/pieces.ts';
import { MENTORING } from '../portfolio/targets.ts';
import type { Learner } from '../../../server/protocol/progress.ts';

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
	readonly graded: Level;
	/** Distinct labs and documents behind `graded`. */
	readonly gradedPieces: number;
	readonly mentor: Level | undefined;
	/** The highest of what is backed, graded or confirmed: what can be shown to others today. */
	readonly shown: Level;
}

type Facts = Pick<Learner, 'evidence'> & {
	readonly mentoring?: { readonly learners: number; readonly at: string } | undefined;
	readonly writings?:
		| readonly {
				readonly kind: string;
				readonly deliverable: string;
				readonly document: string;
				readonly grade?: { readonly factual: boolean; readonly passed: boolean };
		  }[]
		| undefined;
};

export const rank = (level: Level): number => LEVELS.indexOf(level);
const highest = (...levels: readonly (Level | undefined)[]): Level => LEVELS.findLast((level) => levels.includes(level)) ?? 'none';

/** Two different graded pieces are a habit, one may be luck; no number of graded labs shows senior (server/progress/rubric.ts holds the same). */
export function gradedLevel(pieces: number): Level {
	return pieces >= 2 ? 'mid' : pieces === 1 ? 'started' : 'none';
}

/** `deliverableOf`: lab → the deliverable that it fills. `until`: ISO time, for looking back. */
export function gradedPieces(
	{ graded }: DimensionFacts,
	{ evidence, writings = [], mentoring }: Facts,
	deliverableOf: Readonly<Record<string, string>>,
	until = '9',
): number {
	const labs = evidence
		.filter((e) => e.kind !== 'self-declared' && e.passed && e.at <= until && graded.includes(deliverableOf[e.lab] ?? ''))
		.map(({ lab }) => lab);
	// What a mentor confirmed stays graded where a program had graded it.
	const wasGraded = ({ kind, grade }: NonNullable<Facts['writings']>[number]): boolean =>
		kind === 'graded' || (kind === 'mentor-confirmed' && grade?.factual === true && grade.passed);
	const documents = until === '9' ? writings.filter((w) => wasGraded(w) && graded.includes(w.deliverable)).map(({ document }) => document) : [];
	// Reviews given here: everybody reviewed is a piece of its own.
	const reviewed = mentoring !== undefined && mentoring.at <= until && graded.includes(MENTORING) ? mentoring.learners : 0;
	return new Set([...labs, ...documents]).size + reviewed;
}

export function standings(
	dimensions: readonly DimensionFacts[],
	learner: Facts,
	{ self, mentor }: Assessment,
	deliverableOf: Readonly<Record<string, string>>,
	documents: Parameters<typeof labsOf>[1] = [],
): DimensionStanding[] {
	const labOf = labsOf(learner.evidence, documents);
	return dimensions.map((dimension) => {
		const { id } = dimension;
		const own = self[id];
		const pieces = gradedPieces(dimension, learner, deliverableOf);
		const backed = own ? carried(own.level, independent(own.pieces, labOf)) : 'none';
		const graded = gradedLevel(pieces);
		const confirmed = mentor[id]?.level;
		return { id, self: own?.level, backed, graded, gradedPieces: pieces, mentor: confirmed, shown: highest(backed, graded, confirmed) };
	});
}

/** What so many independent pieces carry of a claim: none nothing, one up to mid, two all of it. */
function carried(claim: Level, pieces: number): Level {
	if (pieces === 0) return 'none';
	return pieces < SENIOR_PIECES && claim === 'senior' ? 'mid' : claim;
}
