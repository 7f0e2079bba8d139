/** What a mentor's review does to a learner's record, and what giving reviews does to the mentor's own. */
import type { Dimension, Level, MentorMark } from '../protocol/assessment.ts';
import { DIMENSIONS } from '../protocol/pieces.ts';
import type { Confirmation } from '../protocol/confirmation.ts';
import type { Declared } from '../protocol/portfolio.ts';
import type { Learner, Mentoring, RubricStanding } from '../protocol/progress.ts';
import { NO_ASSESSMENT } from './assessment.ts';
import { declaredConfirmed } from './declared.ts';

/** What was approved: ids of evidence, documents with the text that was read, what was declared as it stood, or a deliverable as a whole. */
export interface Approved {
	readonly evidence: readonly string[];
	readonly documents: readonly { readonly document: string; readonly text: string }[];
	readonly declared: readonly Declared[];
	readonly deliverable: string | undefined;
}

/** `textOf`: a writing's text as reviews read it. A writing whose text has changed since is not confirmed. */
export function approvedBy(
	learner: Learner,
	{ evidence, documents, declared, deliverable }: Approved,
	confirmed: Confirmation,
	textOf: (markdown: string) => string,
): Learner {
	const isApproved = (document: string, markdown: string): boolean => documents.some((one) => one.document === document && one.text === textOf(markdown));
	return {
		...declaredConfirmed(learner, declared, confirmed),
		evidence: learner.evidence.map((one) => (evidence.includes(one.id) ? { ...one, kind: 'mentor-confirmed', confirmed } : one)),
		...(learner.writings === undefined
			? {}
			: { writings: learner.writings.map((one) => (isApproved(one.document, one.markdown) ? { ...one, kind: 'mentor-confirmed', confirmed } : one)) }),
		portfolio: learner.portfolio.map((item) => (item.deliverable === deliverable ? { ...item, confirmed } : item)),
	};
}

const isDimension = (marked: string): marked is Dimension => DIMENSIONS.some((one) => one === marked);

/**
 * A mentor's marks: dimensions into the assessment, rows of the mid and senior table beside what was graded. Of each mentor the newest mark
 * is kept; what they show together is worked out by whoever reads them (`protocol/senior.ts`).
 */
export function marked(learner: Learner, marks: { readonly [marked: string]: Level }, mark: Omit<MentorMark, 'level'>): Learner {
	const old = learner.assessment ?? NO_ASSESSMENT;
	const mentor = { ...old.mentor };
	let rubric = learner.rubric;
	for (const [name, level] of Object.entries(marks)) {
		if (isDimension(name)) mentor[name] = withMark(mentor[name], { ...mark, level });
		else rubric = withRow(rubric, name, (row) => ({ ...row, mentor: withMark(row.mentor, { ...mark, level }) }));
	}
	const said = Object.keys(mentor).length > 0;
	return { ...learner, rubric, ...(said ? { assessment: { ...old, mentor } } : {}) };
}

function withMark(old: readonly MentorMark[] = [], mark: MentorMark): MentorMark[] {
	const isSame = (one: MentorMark): boolean => (one.person === undefined ? one.by === mark.by : one.person === mark.person);
	return old.some((one) => isSame(one) && one.at > mark.at) ? [...old] : [...old.filter((one) => !isSame(one)), mark];
}

/** A mentor who is gone: what they confirmed and marked stays, under `alias` and without their name. */
export function mentorForgotten(learner: Learner, person: string, name: string, alias: string): Learner {
	const confirmed = <T extends { readonly confirmed?: Confirmation | undefined }>(one: T): T =>
		one.confirmed?.by === person ? { ...one, confirmed: { ...one.confirmed, by: alias, name: '' } } : one;
	const mark = (one: MentorMark): MentorMark =>
		one.person === person || (one.person === undefined && one.by === name) ? { ...one, person: alias, by: '' } : one;
	const { assessment, claims, writings } = learner;
	return {
		...learner,
		evidence: learner.evidence.map(confirmed),
		portfolio: learner.portfolio.map(confirmed),
		rubric: learner.rubric.map((row) => (row.mentor === undefined ? row : { ...row, mentor: row.mentor.map(mark) })),
		...(writings === undefined ? {} : { writings: writings.map(confirmed) }),
		...(claims === undefined ? {} : { claims: claims.map(confirmed) }),
		...(assessment === undefined
			? {}
			: { assessment: { ...assessment, mentor: Object.fromEntries(Object.entries(assessment.mentor).map(([id, marks]) => [id, marks?.map(mark)])) } }),
	};
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
