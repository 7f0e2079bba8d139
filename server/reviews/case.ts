/**
 * What can happen to a submission: each a function from case to case. What may not happen is thrown as a fault inside the
 * writer, which rejects that change alone.
 */
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { WANTS_ANSWER } from '../protocol/findings.ts';
import type { Answer, Bundle, Case, Draft, Finding, Happening, Place, Review, Round, SubmissionState } from '../protocol/reviews.ts';

const NO_DRAFT: Draft = { findings: [], marks: {}, summary: '' };

const refuse = (why: string): never => {
	throw fault('submission-state', { why });
};

export function lastRound(kept: Case): Round {
	const last = kept.rounds.at(-1);
	if (last === undefined) throw fault('submission-unknown', { submission: kept.id });
	return last;
}

export const isSent = (review: Review): boolean => review.sentAt !== undefined;
/** A review that somebody is at: claimed, not sent, not run out. */
const isHeld = (review: Review, now: string): boolean => !isSent(review) && review.claimEnds > now;

export function stateOf(kept: Case, now: string): SubmissionState {
	const round = lastRound(kept);
	if (round.state !== 'waiting') return round.state;
	return round.reviews.some((review) => review.slot === 'first' && isHeld(review, now)) ? 'in-review' : 'waiting';
}

/** Findings of what was sent that want an answer and have none. */
export function unansweredOf(kept: Case): Finding[] {
	return lastRound(kept).reviews.flatMap((review) =>
		isSent(review) ? review.draft.findings.filter((finding) => WANTS_ANSWER.includes(finding.type) && review.answers[finding.id] === undefined) : [],
	);
}

export function submitted(bundle: Bundle, subject: string): Case {
	const lab = bundle.attempts[0]?.lab;
	return {
		id: bundle.submission,
		learner: bundle.learner,
		kind: bundle.kind,
		subject,
		...(bundle.kind === 'lab' && lab !== undefined ? { lab } : {}),
		title: bundle.title,
		rounds: [roundOf(bundle)],
		happenings: [{ at: bundle.at, by: bundle.learner, what: 'submitted', round: 1 }],
		seen: { [bundle.learner]: bundle.at },
	};
}

function roundOf(bundle: Bundle): Round {
	const failed = bundle.attempts.flatMap(({ lab, verdict }) => verdict.checks.filter((c) => c.outcome === 'fail').map((c) => `${lab}/${c.id}`));
	const weak = bundle.documents.flatMap(({ kind, grade }) => (grade?.rows ?? []).filter((r) => r.outcome === 'fail').map((r) => `${kind}/${r.check}`));
	const score = bundle.kind === 'document' ? bundle.documents[0]?.grade?.score : bundle.kind === 'lab' ? bundle.attempts[0]?.verdict.score : undefined;
	return {
		n: bundle.round,
		at: bundle.at,
		note: bundle.note,
		digest: bundle.digest,
		evidence: bundle.attempts.map(({ evidence }) => evidence),
		documents: bundle.documents.map(({ document }) => document),
		failed: [...new Set([...failed, ...weak])],
		...(score === undefined ? {} : { score }),
		state: 'waiting',
		reviews: [],
		settled: false,
	};
}

/** Why another round may not follow now, or undefined. */
export function resubmitFault(kept: Case): string | undefined {
	if (lastRound(kept).state !== 'changes-asked') return 'a new round follows a review that asked for changes';
	if (kept.rounds.length >= LIMITS.submissionRounds) return `a submission has ${LIMITS.submissionRounds} rounds at most`;
	const open = unansweredOf(kept).length;
	return open > 0 ? `${open} of the findings ${open === 1 ? 'has' : 'have'} no answer yet` : undefined;
}

export function resubmitted(kept: Case, bundle: Bundle): Case {
	const why = resubmitFault(kept);
	if (why !== undefined) refuse(why);
	if (bundle.round !== kept.rounds.length + 1) refuse('this round was submitted already');
	const next = happened(kept, { at: bundle.at, by: kept.learner, what: 'submitted', round: bundle.round });
	return { ...next, title: bundle.title, rounds: [...kept.rounds, roundOf(bundle)], seen: { ...next.seen, [kept.learner]: bundle.at } };
}

export function withdrawn(kept: Case, by: string, at: string): Case {
	const round = lastRound(kept);
	if (round.state !== 'waiting' || round.reviews.some(isSent)) refuse('only what is not reviewed yet can be withdrawn');
	// Claims and drafts go with it: nobody reviews what is not there.
	return happened(changed(kept, { ...round, state: 'withdrawn', reviews: [] }), { at, by, what: 'withdrawn', round: round.n });
}

export interface Claimant {
	readonly person: string;
	/** The learner is the reviewer: possible in local mode alone. */
	readonly own: boolean;
	/** The round is in the sample that a second mentor sees. */
	readonly sampled: boolean;
}

/** The review that this person has in the round, or that a claim would give them; a sentence where there is none. */
export function slotFor(round: Round, { person, sampled }: Claimant, now: string): 'first' | 'second' | { readonly why: string } {
	const mine = round.reviews.find((review) => review.reviewer === person);
	if (round.state === 'withdrawn') return { why: 'it was withdrawn' };
	if (mine !== undefined && isSent(mine)) return { why: 'you have reviewed this round' };
	const first = round.reviews.find((review) => review.slot === 'first' && review.reviewer !== person && (isSent(review) || isHeld(review, now)));
	if (first === undefined) return 'first';
	if (!sampled) return { why: 'another mentor has this round' };
	const second = round.reviews.find((review) => review.slot === 'second' && review.reviewer !== person && (isSent(review) || isHeld(review, now)));
	return second === undefined ? 'second' : { why: 'two other mentors have this round' };
}

/** Takes the round, or takes it up again. What somebody else let run out goes, with its draft. `ends`: ISO time at which the claim runs out. */
export function claimed(kept: Case, claimant: Claimant, now: string, ends: string): Case {
	const round = lastRound(kept);
	const slot = slotFor(round, claimant, now);
	if (typeof slot !== 'string') return refuse(slot.why);
	const { person, own } = claimant;
	const mine = round.reviews.find((review) => review.reviewer === person);
	const others = round.reviews.filter((review) => review !== mine && (review.slot !== slot || isSent(review)));
	const blank = { reviewer: person, slot, own, claimedAt: now, version: 0, draft: NO_DRAFT, answers: {} };
	// Somebody's draft for the other slot would hold what this one may not.
	const review: Review = mine?.slot === slot ? { ...mine, claimEnds: ends } : { ...blank, claimEnds: ends };
	return changed(kept, { ...round, reviews: [...others, review] });
}

/** Gives the round back; the draft goes. */
export function released(kept: Case, person: string): Case {
	const { round, review } = openReview(kept, person);
	return changed(kept, { ...round, reviews: round.reviews.filter((one) => one !== review) });
}

/** `base`: the version that the draft was made from. Saving holds the claim for longer. */
export function drafted(kept: Case, person: string, base: number, draft: Draft, now: string, ends: string): Case {
	const { round, review } = openReview(kept, person);
	const why = draftFault(review, draft);
	if (why !== undefined) throw fault('review-refused', { why });
	if (review.version !== base) throw fault('review-changed', {});
	if (review.claimEnds <= now) refuse('your claim ran out; claim it again');
	return changed(kept, replaced(round, review, { ...review, version: base + 1, draft, claimEnds: ends }));
}

function draftFault({ slot }: Review, { findings }: Draft): string | undefined {
	if (slot === 'second' && findings.length > 0) return 'a second review carries marks and a decision, no findings';
	if (findings.length > LIMITS.findingsPerRound) return `a round has ${LIMITS.findingsPerRound} findings at most`;
	return new Set(findings.map(({ id }) => id)).size === findings.length ? undefined : 'two findings have the same id';
}

/** Whether a place is in what was submitted. */
export function placeFault(place: Place, bundle: Bundle): string | undefined {
	const attempt = 'attempt' in place ? bundle.attempts.find(({ evidence }) => evidence === place.attempt) : undefined;
	const lines = (text: string | undefined): number => (text === undefined ? 0 : text.split('\n').length);
	switch (place.at) {
		case 'whole':
			return undefined;
		case 'file':
			return place.line <= lines(attempt?.files[place.path]) ? undefined : `“${place.path}” has no line ${place.line}`;
		case 'document':
			return place.line <= lines(bundle.documents.find(({ document }) => document === place.document)?.markdown)
				? undefined
				: `the document has no line ${place.line}`;
		case 'change':
			return attempt?.capture?.changes?.some((one) => `${one.kind}/${one.namespace}/${one.name}` === place.object) === true
				? undefined
				: `nothing is known of a change to ${place.object}`;
		case 'check':
			return attempt?.verdict.checks.some(({ id }) => id === place.check) === true ? undefined : `the verdict has no check “${place.check}”`;
		case 'moment':
			return (attempt?.recordings.find(({ id }) => id === place.recording)?.seconds ?? -1) >= place.seconds ? undefined : 'the recording has no such moment';
	}
}

/** Why this review cannot be sent as it stands, or undefined. */
function sendFault({ slot, draft }: Review, kind: Case['kind']): string | undefined {
	const { decision, findings, summary } = draft;
	if (decision === undefined) return 'approve it or ask for changes';
	if (findings.some(({ text }) => text.trim() === '')) return 'a finding has no words';
	if (slot === 'second') return undefined;
	if (decision === 'approve' && findings.some(({ type }) => type === 'essential')) return 'an essential finding stands in the way of an approval';
	if (decision === 'ask-changes' && !findings.some(({ type }) => WANTS_ANSWER.includes(type)))
		return 'say by an essential or actionable finding what to change';
	// No program looked at work elsewhere: what is confirmed of it rests on these words alone.
	if (decision === 'approve' && kind === 'declared' && summary.trim() === '') return 'say in your words on the whole what you looked at';
	return findings.length === 0 && summary.trim() === '' ? 'say something: a finding, or words about the whole' : undefined;
}

export function sent(kept: Case, person: string, base: number, now: string): Case {
	const { round, review } = openReview(kept, person);
	if (review.version !== base) throw fault('review-changed', {});
	if (review.claimEnds <= now) refuse('your claim ran out; claim it again');
	const why = sendFault(review, kept.kind);
	if (why !== undefined) throw fault('review-refused', { why });
	const approved = review.draft.decision === 'approve';
	const done = replaced(round, review, { ...review, sentAt: now });
	if (review.slot === 'second') return happened(changed(kept, { ...done, settled: false }), { at: now, by: person, what: 'second-review', round: round.n });
	const state = approved ? 'approved' : 'changes-asked';
	return happened(changed(kept, { ...done, state, settled: false }), { at: now, by: person, what: state, round: round.n });
}

export function answered(kept: Case, finding: string, answer: Answer, at: string): Case {
	const round = lastRound(kept);
	const review = round.reviews.find((one) => isSent(one) && one.draft.findings.some(({ id }) => id === finding));
	if (review === undefined) return refuse('no review of the last round has this finding');
	const next = replaced(round, review, { ...review, answers: { ...review.answers, [finding]: { ...answer, at } } });
	return happened(changed(kept, next), { at, by: kept.learner, what: 'answered', round: round.n });
}

/** The learner says whether the (first) review of a round helped. */
export function rated(kept: Case, n: number, helpful: boolean, at: string): Case {
	const round = kept.rounds.find((one) => one.n === n);
	const review = round?.reviews.find((one) => one.slot === 'first' && isSent(one));
	if (round === undefined || review === undefined) return refuse('this round has no review yet');
	return happened(changed(kept, replaced({ ...round, settled: false }, review, { ...review, helpful })), {
		at,
		by: kept.learner,
		what: helpful ? 'helpful' : 'not-helpful',
		round: n,
	});
}

export const looked = (kept: Case, person: string, at: string): Case => ({ ...kept, seen: { ...kept.seen, [person]: at } });

/** The decision of this round has reached the learner's record. */
export function settled(kept: Case, n: number): Case {
	return { ...kept, rounds: kept.rounds.map((round) => (round.n === n ? { ...round, settled: true } : round)) };
}

function openReview(kept: Case, person: string): { readonly round: Round; readonly review: Review } {
	const round = lastRound(kept);
	const review = round.reviews.find((one) => one.reviewer === person && !isSent(one));
	if (round.state === 'withdrawn') return refuse('it was withdrawn');
	if (review === undefined) return refuse('you have not claimed it');
	return { round, review };
}

const replaced = (round: Round, old: Review, review: Review): Round => ({ ...round, reviews: round.reviews.map((one) => (one === old ? review : one)) });
const changed = (kept: Case, round: Round): Case => ({ ...kept, rounds: kept.rounds.map((one) => (one.n === round.n ? round : one)) });

/** Several answers in a row are one happening: the last. */
function happened(kept: Case, happening: Happening): Case {
	const last = kept.happenings.at(-1);
	const same = last !== undefined && last.what === happening.what && last.by === happening.by && last.round === happening.round;
	return { ...kept, happenings: [...(same ? kept.happenings.slice(0, -1) : kept.happenings), happening].slice(-LIMITS.submissionHappenings) };
}
