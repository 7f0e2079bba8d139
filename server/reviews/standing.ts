/** Where a learner stands, for the mentor who marks them: what their marks would join, and what is still missing for senior. */
import { writingsOf } from '../progress/writing.ts';
import { gradedPieces } from '../protocol/graded.ts';
import type { LabDefinition } from '../protocol/lab.ts';
import type { MentorMark } from '../protocol/assessment.ts';
import type { Learner } from '../protocol/progress.ts';
import type { LearnerStanding } from '../protocol/reviews.ts';

/** `blind`: others' marks are not for this mentor's eyes, whatever was reviewed. */
export function standingFor(learner: Learner, mentor: string, labs: readonly LabDefinition[], blind: boolean): LearnerStanding {
	const marks: (readonly [marked: string, marks: readonly MentorMark[]])[] = [
		...learner.rubric.map(({ row, mentor: given = [] }) => [row, given] as const),
		...Object.entries(learner.assessment?.mentor ?? {}).map(([dimension, given]) => [dimension, given ?? []] as const),
	];
	const others = (given: readonly MentorMark[]): string[] => given.flatMap(({ level, person, by }) => (level === 'senior' && person !== mentor ? [by] : []));
	return {
		senior: blind ? {} : Object.fromEntries(marks.map(([marked, given]) => [marked, others(given)] as const).filter(([, names]) => names.length > 0)),
		rows: Object.fromEntries(learner.rubric.map(({ row, level }) => [row, level])),
		graded: gradedPieces({ ...learner, writings: writingsOf(learner) }, (lab) => labs.find(({ id }) => id === lab)?.evidence.deliverable),
		blind,
	};
}
