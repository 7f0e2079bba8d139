/** What a mentor's reviews add up to, counted from the reviews themselves. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../progress/digest.ts';
import type { Mentoring } from '../protocol/progress.ts';
import type { Case } from '../protocol/reviews.ts';

/** Reviews that a learner must have taken from a mentor to count as mentored by them; one of them called helpful. */
const MENTEE_REVIEWS = 3;

/** Undefined where this person has reviewed nobody else's work. */
export function tallyOf(mentor: string, cases: readonly Case[]): Mentoring | undefined {
	const given = cases.flatMap((kept) =>
		kept.rounds.flatMap((round) =>
			round.reviews.flatMap((review) =>
				review.reviewer === mentor && review.sentAt !== undefined && !review.own && kept.learner !== mentor
					? [
							{
								submission: kept.id,
								learner: kept.learner,
								round: round.n,
								at: review.sentAt,
								decision: review.draft.decision ?? '',
								helpful: review.helpful === true,
							},
						]
					: [],
			),
		),
	);
	given.sort((a, b) => a.at.localeCompare(b.at));
	const [first, last] = [given[0], given.at(-1)];
	if (first === undefined || last === undefined) return undefined;
	const learners = [...new Set(given.map(({ learner }) => learner))];
	const mentees = learners.filter((learner) => {
		const taken = given.filter((one) => one.learner === learner);
		return taken.length >= MENTEE_REVIEWS && taken.some(({ helpful }) => helpful);
	});
	return {
		reviews: given.length,
		approved: given.filter(({ decision }) => decision === 'approve').length,
		helpful: given.filter(({ helpful }) => helpful).length,
		learners: learners.length,
		mentees: mentees.length,
		since: first.at,
		at: last.at,
		digest: createHash('sha256').update(canonicalJson(given)).digest('hex'),
	};
}
