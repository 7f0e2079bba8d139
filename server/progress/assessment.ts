/** What can happen to a learner's assessment of themselves: functions from record to record. */
import { LIMITS } from '../limits.ts';
import type { Assessment, AssessmentChange, Piece } from '../protocol/assessment.ts';
import { independent, type LabOf, labsOf, SENIOR_PIECES } from '../protocol/pieces.ts';
import type { Learner } from '../protocol/progress.ts';

export const NO_ASSESSMENT: Assessment = { self: {}, mentor: {}, history: [], runs: [] };

/** Why a change cannot be kept, or undefined. What is attached must be there, and a senior claim needs pieces that do not lean on each other. */
export function assessmentFault(learner: Learner, change: AssessmentChange): string | undefined {
	if (change.action === 'run') {
		if (Object.keys(change.run.scores).length > LIMITS.exerciseCriteria) return `an exercise has ${LIMITS.exerciseCriteria} criteria at most`;
		return change.run.by === 'mentor' && change.run.mentor === '' ? 'a mentor’s scores need the mentor’s name' : undefined;
	}
	if (change.pieces.length > LIMITS.piecesPerRating) return `a rating points at ${LIMITS.piecesPerRating} pieces of evidence at most`;
	const missing = change.pieces.find((piece) => !isThere(learner, piece));
	if (missing) return 'a piece of evidence is not among your passed attempts and documents';
	const have = independent(change.pieces, labOf(learner));
	if (change.level !== 'senior' || have >= SENIOR_PIECES) return undefined;
	return `a senior claim needs ${SENIOR_PIECES} independent pieces of evidence, and this one has ${have}; attempts at one lab with the documents about them, or links into one repository, count once`;
}

function isThere(learner: Learner, piece: Piece): boolean {
	if (piece.kind === 'graded') return learner.evidence.some(({ id, passed }) => id === piece.evidence && passed);
	return piece.kind === 'link' || (learner.documents ?? []).some(({ id }) => id === piece.document);
}

const labOf = ({ evidence, documents = [] }: Learner): LabOf =>
	labsOf(
		evidence,
		documents.map(({ id, content }) => ({ id, attempt: content.attempt })),
	);

/** `at`: ISO time of the change. Nothing is moved that `assessmentFault` would refuse. */
export function assessmentMoved(learner: Learner, change: AssessmentChange, at: string): Learner {
	if (assessmentFault(learner, change) !== undefined) return learner;
	const old = learner.assessment ?? NO_ASSESSMENT;
	if (change.action === 'run') return { ...learner, assessment: { ...old, runs: [...old.runs, { ...change.run, at }].slice(-LIMITS.exerciseRuns) } };
	const { dimension, level, pieces } = change;
	const history = old.self[dimension]?.level === level ? old.history : [...old.history, { dimension, level, at }].slice(-LIMITS.ratingsKept);
	return { ...learner, assessment: { ...old, self: { ...old.self, [dimension]: { level, pieces, at } }, history } };
}
