/** Comments that a mentor keeps for the next time: functions from list to list. */
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { FindingType } from '../protocol/findings.ts';
import type { Case, SavedComment } from '../protocol/reviews.ts';
import { lastRound } from './case.ts';

interface Words {
	readonly type: FindingType;
	readonly text: string;
	readonly when: string;
}

/** The same words for the same failure are kept once. */
export function commentSaved(comments: readonly SavedComment[], id: string, words: Words, at: string): readonly SavedComment[] {
	if (comments.some(({ type, text, when }) => type === words.type && text === words.text && when === words.when)) return comments;
	if (comments.length >= LIMITS.savedComments) throw fault('submissions-full', { limit: `${LIMITS.savedComments} saved comments` });
	return [...comments, { id, ...words, uses: 0, savedAt: at }];
}

export function commentEdited(comments: readonly SavedComment[], id: string, words: Words): readonly SavedComment[] {
	known(comments, id);
	return comments.map((one) => (one.id === id ? { ...one, ...words } : one));
}

export function commentRemoved(comments: readonly SavedComment[], id: string): readonly SavedComment[] {
	known(comments, id);
	return comments.filter((one) => one.id !== id);
}

/** Counts those that a sent review was made with; one that was deleted meanwhile counts nowhere. */
export function commentsUsed(comments: readonly SavedComment[], ids: readonly string[], at: string): readonly SavedComment[] {
	return ids.length === 0 ? comments : comments.map((one) => (ids.includes(one.id) ? { ...one, uses: one.uses + 1, usedAt: at } : one));
}

/** Those kept for a check that the last round fails, the most used first. */
export function offered(comments: readonly SavedComment[], kept: Case): readonly SavedComment[] {
	const { failed } = lastRound(kept);
	return comments.filter(({ when }) => failed.includes(when)).sort((a, b) => b.uses - a.uses || b.savedAt.localeCompare(a.savedAt));
}

function known(comments: readonly SavedComment[], id: string): void {
	if (!comments.some((one) => one.id === id)) throw fault('not-found', { path: `comments/${id}` });
}
