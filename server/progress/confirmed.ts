/** What a mentor's review does to a learner's record, and what giving reviews does to the mentor's own. */
import type { Dimension, Level } from '../protocol/assessment.ts';
import { DIMENSIONS } from '../protocol/pieces.ts';
import type { Confirmation, Learner, Mentoring, RubricStanding } from '../protocol/progress.ts';
import { NO_ASSESSMENT } from './assessment.ts';

/** What was approved: ids of evidence and of documents (with the digest of the text that was read), or a deliverable as a whole. */
export interface Approved {
	readonly evidence: readonly string[];
	readonly documents: readonly { readonly document: string; readonly text: string }[];
	readonly deliverable: string | undefined;
}

/** `textOf`: a writing's text as reviews read it. A writing whose text has changed since is not confirmed. */
export function approvedBy(
	learner: Learner,
	{ evidence, documents, deliverable }: Approved,
	confirmed: Confirmation,
	textOf: (markdown: string) => string,
): Learner {
	const isApproved = (document: string, markdown: string): boolean => documents.some((one) => one.document === document && one.text === textOf(markdown));
	return {
		...learner,
		evidence: learner.evidence.map((one) => (evidence.includes(one.id) ? { ...one, kind: 'mentor-confirmed', confirmed } : one)),
		...(learner.writings === undefined
			? {}
			: { writings: learner.writings.map((one) => (isApproved(one.document, one.markdown) ? { ...one, kind: 'mentor-confirmed', confirmed } : one)) }),
		portfolio: learner.portfolio.map((item) => (item.deliverable === deliverable ? { ...item, confirmed } : item)),
	};
}

const isDimension = (marked: string): marked is Dimension => DIMENSIONS.some((one) => one === marked);

/** A mentor's marks: dimensions into the assessment, rows of the mid and senior table beside what was graded. The newest mark of each stands. */
export function marked(learner: Learner, marks: { readonly [marked: string]: Level }, by: string, at: string): Learner {
	const old = learner.assessment ?? NO_ASSESSMENT;
	const mentor = { ...old.mentor };
	let rubric = learner.rubric;
	for (const [name, level] of Object.entries(marks)) {
		if (isDimension(name)) {
			if ((mentor[name]?.at ?? '') <= at) mentor[name] = { level, by, at };
		} else rubric = withRow(rubric, name, (row) => ((row.mentor?.at ?? '') <= at ? { ...row, mentor: { level, by, at } } : row));
	}
	const said = Object.keys(mentor).length > 0;
	return { ...learner, rubric, ...(said ? { assessment: { ...old, mentor } } : {}) };
}

/** Reviews and mentees that the senior row asks for: content/rubric/rows.yaml, and the deliverable's fifty reviews. */
const SENIOR = { reviews: 50, mentees: 2 };

/** The reviews that somebody gave, as evidence of their own and as their standing in the row of mentoring. */
export function mentored(learner: Learner, mentoring: Mentoring): Learner {
	const { mentees, reviews, at } = mentoring;
	const level = mentees >= SENIOR.mentees && reviews >= SENIOR.reviews ? 'senior' : mentees > 0 ? 'mid' : 'started';
	const rubric = withRow(learner.rubric, 'mentoring', (row) => ({ ...row, level, count: mentees, ...(row.level === level ? {} : { movedAt: at }) }));
	return { ...learner, mentoring, rubric };
}

function withRow(rubric: readonly RubricStanding[], row: string, change: (standing: RubricStanding) => RubricStanding): RubricStanding[] {
	if (rubric.some((standing) => standing.row === row)) return rubric.map((standing) => (standing.row === row ? change(standing) : standing));
	return [...rubric, change({ row, level: 'none', evidence: [], count: 0 })];
}
