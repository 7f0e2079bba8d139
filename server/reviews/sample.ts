/** Which rounds a second mentor sees: known from the submission alone, so that nobody can choose. */
import { createHash } from 'node:crypto';
import { LIMITS } from '../limits.ts';

export function isSampled(submission: string, round: number, percent: number = LIMITS.secondReviewPercent): boolean {
	const head = createHash('sha256').update(`second:${submission}:${round}`).digest().readUInt32BE(0);
	return head % 100 < percent;
}
