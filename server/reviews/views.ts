/** A submission as one person may see it. */
import { LIMITS } from '../limits.ts';
import type { Case, Happening, Notices, QueueRow, Review, Round, ShownReview, ShownRound, ShownSubmission, SubmissionSummary } from '../protocol/reviews.ts';
import { isSent, lastRound, resubmitFault, slotFor, stateOf, unansweredOf } from './case.ts';

export interface Viewer {
	readonly person: string;
	/** May review this learner's work. */
	readonly mentor: boolean;
	/** The submission's last round is in the sample of second reviews, and there is a mentor to make them. */
	readonly sampled: boolean;
	/** People who may review this learner's work. */
	readonly reviewers: number;
	readonly now: string;
	readonly name: (person: string) => string;
	readonly html: (markdown: string) => string;
}

/** Whether what the first mentor found is kept from this person: in a sampled round nobody but that mentor and the learner sees it before the second review is sent. */
function isBlind(kept: Case, { person, mentor, sampled }: Pick<Viewer, 'person' | 'mentor' | 'sampled'>): boolean {
	const { reviews } = lastRound(kept);
	if (!mentor || !sampled || person === kept.learner) return false;
	return !reviews.some((review) => isSent(review) && (review.slot === 'second' || review.reviewer === person));
}

/** Whether this person marks without knowing what others did. */
export function markingOf(kept: Case, viewer: Viewer): { readonly blind: boolean; readonly second: boolean } {
	return { blind: isBlind(kept, viewer), second: shown(kept, viewer).may.second };
}

/** The last happening that somebody else made and this person should hear of. */
function newsFor(kept: Case, person: string): Happening | undefined {
	const forLearner = ({ what }: Happening): boolean => what === 'approved' || what === 'changes-asked';
	const reviewed = kept.rounds.some(({ reviews }) => reviews.some((review) => review.reviewer === person && isSent(review)));
	const forMentor = ({ what, by, round }: Happening): boolean =>
		reviewed && by !== person && (what === 'answered' || what === 'helpful' || what === 'not-helpful' || (what === 'submitted' && round > 1));
	const seen = kept.seen[person] ?? '';
	return kept.happenings.findLast((one) => one.at > seen && ((kept.learner === person && forLearner(one)) || forMentor(one)));
}

export function summaryOf(kept: Case, person: string, now: string): SubmissionSummary {
	const round = lastRound(kept);
	const { id, kind, subject, title, lab, rounds } = kept;
	const last = kept.happenings.findLast(({ what }) => what !== 'answered' && what !== 'helpful' && what !== 'not-helpful' && what !== 'second-review');
	return {
		id,
		kind,
		subject,
		title,
		...(lab === undefined ? {} : { lab }),
		state: stateOf(kept, now),
		rounds: rounds.length,
		submittedAt: round.at,
		since: last?.at ?? round.at,
		...(round.score === undefined ? {} : { score: round.score }),
		unread: newsFor(kept, person) !== undefined,
		unanswered: unansweredOf(kept).length,
	};
}

export function shown(kept: Case, viewer: Viewer): ShownSubmission {
	const { person, mentor, sampled, now, name, reviewers } = viewer;
	const learner = kept.learner === person;
	const blind = isBlind(kept, viewer);
	const round = lastRound(kept);
	const mine = round.reviews.find((review) => review.reviewer === person);
	const slot = mentor ? slotFor(round, { person, own: learner, sampled }, now) : { why: '' };
	const summary = summaryOf(kept, person, now);
	return {
		...summary,
		...(blind && summary.state !== 'withdrawn' ? { state: 'in-review', since: round.at, unanswered: 0 } : {}),
		learner: kept.learner,
		learnerName: name(kept.learner),
		as: { learner, mentor },
		history: kept.rounds.map((one) => shownRound(one, kept, viewer, blind && one.n === round.n)),
		may: {
			withdraw: learner && round.state === 'waiting' && !round.reviews.some(isSent),
			resubmit: learner && resubmitFault(kept) === undefined,
			claim: mentor && typeof slot === 'string' && !(mine !== undefined && mine.claimEnds > now),
			review: mentor && mine !== undefined && !isSent(mine) && mine.claimEnds > now,
			second: mine === undefined ? slot === 'second' : mine.slot === 'second',
		},
		reviewers,
		findingsMost: LIMITS.findingsPerRound,
	};
}

function shownRound({ reviews, settled: _, ...round }: Round, kept: Case, viewer: Viewer, blind: boolean): ShownRound {
	const learnerOnly = kept.learner === viewer.person && !viewer.mentor;
	const listed = reviews.filter((review) => review.reviewer === viewer.person || (!blind && isSent(review) && !(learnerOnly && review.slot === 'second')));
	return {
		...round,
		...(blind && round.state !== 'withdrawn' ? { state: 'waiting' } : {}),
		reviews: listed.map((review) => shownReview(review, reviews, viewer)),
	};
}

/** The second review is shown to the first mentor only once their own is sent; drafts to whoever writes them. */
function shownReview(review: Review, all: readonly Review[], { person, name, html }: Viewer): ShownReview {
	const { draft, claimedAt: _, ...rest } = review;
	const mine = review.reviewer === person;
	const early = review.slot === 'second' && all.some((one) => one.reviewer === person && one.slot === 'first' && !isSent(one));
	const visible = mine || (isSent(review) && !early);
	return { ...rest, name: name(review.reviewer), mine, ...(visible ? { content: { ...draft, summaryHtml: html(draft.summary) } } : {}) };
}

/** The submission in a mentor's queue; undefined where there is nothing for them to do or to wait for. */
export function queueRow(kept: Case, viewer: Viewer, cohorts: QueueRow['cohorts']): QueueRow | undefined {
	const { person, now, name, sampled } = viewer;
	const round = lastRound(kept);
	const mine = round.reviews.find((review) => review.reviewer === person);
	if (round.state === 'withdrawn' || (mine !== undefined && isSent(mine))) return undefined;
	const own = kept.learner === person;
	const slot = slotFor(round, { person, own, sampled }, now);
	const taken = round.reviews.find((review) => review.slot === 'first' && review.reviewer !== person && !isSent(review) && review.claimEnds > now);
	if (typeof slot !== 'string' && taken === undefined) return undefined;
	const held = mine !== undefined && mine.claimEnds > now;
	const state = held ? 'mine' : slot === 'second' ? 'second' : slot === 'first' ? 'open' : 'taken';
	return {
		id: kept.id,
		title: kept.title,
		kind: kept.kind,
		...(kept.lab === undefined ? {} : { lab: kept.lab }),
		learner: kept.learner,
		learnerName: name(kept.learner),
		own,
		cohorts,
		round: round.n,
		...(round.score === undefined ? {} : { score: round.score }),
		submittedAt: round.at,
		state,
		...(state === 'taken' && taken !== undefined ? { by: name(taken.reviewer), claimEnds: taken.claimEnds } : held ? { claimEnds: mine.claimEnds } : {}),
		before: kept.rounds.some(({ n, reviews }) => n < round.n && reviews.some((review) => review.reviewer === person && isSent(review))),
		note: round.note,
	};
}

export function noticesOf(cases: readonly Case[], person: string): Notices['items'] {
	const items = cases.flatMap((kept) => {
		const news = newsFor(kept, person);
		if (news === undefined) return [];
		const as: 'learner' | 'mentor' = kept.learner === person ? 'learner' : 'mentor';
		return [{ submission: kept.id, title: kept.title, what: news.what, at: news.at, as }];
	});
	return items.sort((a, b) => b.at.localeCompare(a.at));
}
