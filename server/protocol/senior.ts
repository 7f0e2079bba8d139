/**
 * What mentors' marks show. A program can show mid and no more (`server/progress/rubric.ts`), and one person's word is one person's:
 * so senior holds where two different mentors marked it, or where one did and what was graded reaches mid, as far as a program can see.
 * That is the house's "two independent pieces of evidence" (`pieces.ts`), asked of mentors as it is of learners. Apart from the schemas,
 * so that pages use it without a validator.
 */
import type { Level, MentorMark } from './assessment.ts';
import { LEVELS } from './pieces.ts';

export interface MentorStanding {
	/** What holds: the newest mark, but mid where a senior mark stands alone. Undefined where nobody marked it. */
	readonly level: Level | undefined;
	/** Names behind it: who gave the newest mark, and who else marked senior where that is what holds. */
	readonly by: readonly string[];
	/** A mentor marked senior, and neither a second one nor graded evidence is there yet. */
	readonly alone: boolean;
}

/** `marks`: each mentor's newest. `graded`: the level that graded evidence shows in the same row or dimension. */
export function mentorStanding(marks: readonly MentorMark[], graded: Level): MentorStanding {
	// A second review is made to compare mentors: it can join a senior mark, and takes nothing away from what the learner was told.
	const [newest] = marks.filter(({ second }) => second !== true).sort((a, b) => b.at.localeCompare(a.at));
	if (newest === undefined) return { level: undefined, by: [], alone: false };
	const { level, by } = newest;
	if (level !== 'senior') return { level, by: [by], alone: false };
	const joined = marks.filter((mark) => mark.level === 'senior' && mentorOf(mark) !== mentorOf(newest));
	const holds = joined.length > 0 || LEVELS.indexOf(graded) >= LEVELS.indexOf('mid');
	return { level: holds ? 'senior' : 'mid', by: [by, ...joined.map((mark) => mark.by)], alone: !holds };
}

/** Marks from before ids were kept are known by the mentor's name. */
const mentorOf = ({ person, by }: MentorMark): string => person ?? `name:${by}`;
