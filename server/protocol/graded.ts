/** What graded evidence shows in a dimension, counted by where it comes from. Apart from the schemas, so that pages use it without a validator. */
import type { Level } from './assessment.ts';
import type { Evidence, Mentoring } from './progress.ts';
import type { WrittenEvidence } from './documents.ts';
import type { ShownDeclared } from './portfolio.ts';

export type Standing = Evidence['kind'];

/** Whether a program held a document against recorded facts. What a mentor confirmed stays graded where a program had graded it. */
const isProven = ({ kind, grade }: Pick<WrittenEvidence, 'kind' | 'grade'>): boolean =>
	kind === 'graded' || (kind === 'mentor-confirmed' && grade.factual && grade.passed);

/** All that stands behind a piece: a program, a mentor, both, or its author's word alone. `proven`: a program graded it. */
function standingsOf(proven: boolean, confirmed: boolean): readonly Standing[] {
	if (!proven && !confirmed) return ['self-declared'];
	return [...(proven ? (['graded'] as const) : []), ...(confirmed ? (['mentor-confirmed'] as const) : [])];
}

export const attemptStandings = ({ kind }: Pick<Evidence, 'kind'>): readonly Standing[] => standingsOf(kind !== 'self-declared', kind === 'mentor-confirmed');

export const writingStandings = (writing: Pick<WrittenEvidence, 'kind' | 'grade'>): readonly Standing[] =>
	standingsOf(isProven(writing), writing.kind === 'mentor-confirmed');

export const declaredStandings = ({ confirmed }: Pick<ShownDeclared, 'confirmed'>): readonly Standing[] => standingsOf(false, confirmed !== undefined);

/** The family of reviews that one gave: content/portfolio/deliverables.yaml. */
export const MENTORING = 'mentoring-reviews';

export interface GradedFacts {
	readonly evidence: readonly Pick<Evidence, 'id' | 'kind' | 'lab' | 'passed' | 'at'>[];
	readonly writings?: readonly Pick<WrittenEvidence, 'kind' | 'document' | 'deliverable' | 'attempt' | 'grade' | 'at'>[] | undefined;
	readonly mentoring?: Pick<Mentoring, 'learners' | 'at'> | undefined;
}

export interface GradedPiece {
	readonly deliverable: string;
	/** Pieces of the same origin are one piece, whatever they fill. */
	readonly origin: string;
}

/**
 * Every graded piece with its origin. A lab is one origin, however often it was passed, together with the documents whose facts are drawn
 * from attempts at it: they tell of the same work a second time. `deliverableOf`: lab → the deliverable that it fills. `until`: ISO time, for looking back.
 */
export function gradedPieces(facts: GradedFacts, deliverableOf: (lab: string) => string | undefined, until = '9'): GradedPiece[] {
	const { evidence, writings = [], mentoring } = facts;
	const labs = evidence
		.filter((one) => one.kind !== 'self-declared' && one.passed && one.at <= until)
		.map(({ lab }) => ({ deliverable: deliverableOf(lab) ?? '', origin: `lab:${lab}` }));
	const documents = writings
		.filter((one) => one.at <= until && isProven(one))
		.map(({ deliverable, document, attempt }) => {
			const lab = evidence.find(({ id }) => id === attempt)?.lab;
			return { deliverable, origin: lab === undefined ? `document:${document}` : `lab:${lab}` };
		});
	// Reviews given here: everybody reviewed is a piece of its own.
	const reviewed = mentoring !== undefined && mentoring.at <= until ? mentoring.learners : 0;
	return [...labs, ...documents, ...Array.from({ length: reviewed }, (_, i) => ({ deliverable: MENTORING, origin: `learner:${i}` }))];
}

/** How many origins stand behind these deliverables. */
export const originsOf = (pieces: readonly GradedPiece[], deliverables: readonly string[]): number =>
	new Set(pieces.filter(({ deliverable }) => deliverables.includes(deliverable)).map(({ origin }) => origin)).size;

/** Graded origins that show mid. Two are a habit, one may be luck; no number of them shows senior (server/progress/rubric.ts holds the same). */
export const MID_ORIGINS = 2;

export function gradedLevel(origins: number): Level {
	return origins >= MID_ORIGINS ? 'mid' : origins > 0 ? 'started' : 'none';
}
