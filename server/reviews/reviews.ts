/**
 * Submissions, reviews and saved comments: their single writer. A call that resolved is on the disk. What a decision does to the
 * learner's own record follows from the case: where it could not be written, it is tried again, after a restart too.
 */
import { randomUUID } from 'node:crypto';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { approvedBy, marked, mentored, mentorForgotten } from '../progress/confirmed.ts';
import type { Progress } from '../progress/progress.ts';
import type { LabDefinition } from '../protocol/lab.ts';
import type { Cohort } from '../protocol/people.ts';
import type {
	Answer,
	Bundle,
	Capture,
	Case,
	CohortPage,
	Draft,
	LearnerStanding,
	NewSubmission,
	NextRound,
	Notices,
	Queue,
	RoundDiff,
	SavedComment,
	ShownSubmission,
	SubmissionSummary,
} from '../protocol/reviews.ts';
import { agreementOf } from './agreement.ts';
import { type Beside, bundled, plain, subjectOf } from './bundle.ts';
import {
	answered,
	claimed,
	type Claimant,
	drafted,
	isSent,
	lastRound,
	looked,
	placeFault,
	rated,
	released,
	resubmitFault,
	resubmitted,
	sent,
	settled,
	stateOf,
	submitted,
	withdrawn,
} from './case.ts';
import { roundDiff } from './diff.ts';
import type { ReviewFiles } from './files.ts';
import { isSampled } from './sample.ts';
import { commentEdited, commentRemoved, commentSaved, commentsUsed, offered } from './saved.ts';
import { Shelf } from './shelf.ts';
import { stuckRows } from './stuck.ts';
import { standingFor } from './standing.ts';
import { tallyOf } from './tally.ts';
import { markingOf, noticesOf, queueRow, shown, summaryOf, type Viewer } from './views.ts';

/** What reviews ask of the directory of people. */
export interface Roster {
	person(id: string): { readonly name: string } | undefined;
	cohort(id: string): Cohort | undefined;
	cohortsOf(id: string): readonly Cohort[];
	learnersOf(mentor: string): readonly string[];
	mentorsOf(learner: string): readonly string[];
	mayReview(mentor: string, learner: string): boolean;
}

export interface ReviewsOptions {
	readonly files: ReviewFiles;
	readonly progress: Progress;
	readonly people: Roster;
	readonly labs: () => readonly { readonly definition: LabDefinition; readonly brief: string }[];
	/** Recordings of an attempt's terminals. */
	readonly recordings: Beside['recordings'];
	/** Markdown as sanitised HTML. */
	readonly html: (markdown: string) => string;
	readonly log: (message: string, detail?: unknown) => void;
	readonly now?: () => Date;
	/** Real ms before what could not be written to a learner's record is tried again. */
	readonly retryMs?: number;
	/** Percent of rounds for a second mentor. */
	readonly secondPercent?: number;
}

type CommentWords = Pick<SavedComment, 'type' | 'text' | 'when'>;

export class Reviews {
	private readonly options: ReviewsOptions;
	private readonly shelf = new Shelf();
	/** One change a case, or a mentor's comments, at a time. */
	private readonly last = new Map<string, Promise<unknown>>();
	private readonly retries = new Set<ReturnType<typeof setTimeout>>();

	constructor(options: ReviewsOptions) {
		this.options = options;
	}

	/** Reads what there is, and finishes what a crash interrupted. */
	async load(): Promise<void> {
		for (const kept of await this.options.files.cases()) this.shelf.put(kept);
		for (const kept of this.shelf.everything()) this.settle(kept.id).catch((error: unknown) => this.tryAgain(kept.id, error));
	}

	/** Whose a submission is. */
	owner(id: string): string | undefined {
		return this.shelf.get(id)?.learner;
	}

	/** What was kept beside a submitted attempt, before the attempt itself is. */
	async captured(learner: string, evidence: string, capture: Capture): Promise<void> {
		await this.options.files.writeCapture(learner, evidence, capture);
	}

	list(learner: string): SubmissionSummary[] {
		return this.shelf
			.of(learner)
			.map((kept) => summaryOf(kept, learner, this.now()))
			.sort((a, b) => b.submittedAt.localeCompare(a.submittedAt));
	}

	shown(id: string, person: string): ShownSubmission {
		const kept = this.case(id);
		return shown(kept, this.viewer(kept, person));
	}

	async bundle(id: string, round: number): Promise<Bundle> {
		const found = this.case(id).rounds.some(({ n }) => n === round) ? await this.options.files.bundle(id, round) : undefined;
		if (found === undefined) throw fault('not-found', { path: `${id}/rounds/${round}` });
		return found;
	}

	async diff(id: string, round: number): Promise<RoundDiff> {
		return roundDiff(await this.bundle(id, round - 1), await this.bundle(id, round));
	}

	async submit(learner: string, { request, kind, of, note }: NewSubmission): Promise<ShownSubmission> {
		const id = request.toLowerCase();
		await this.oneAtATime(`learner ${learner}`, async () => {
			const old = this.shelf.get(id);
			// Said twice, it is one submission; an id that is somebody else's is nobody's here.
			if (old !== undefined && old.learner !== learner) throw fault('submission-unknown', { submission: id });
			if (old !== undefined) return;
			const record = await this.options.progress.read(learner);
			const subject = subjectOf(record, kind, of);
			this.refuseWhereFull(learner, kind, subject);
			const wanted = { submission: id, round: 1, kind, of, note, at: this.now(), previous: undefined };
			const bundle = await bundled(record, wanted, this.beside());
			await this.options.files.writeBundle(bundle);
			await this.put(submitted(bundle, subject));
		});
		return this.shown(id, learner);
	}

	async resubmit(id: string, { base, of, note }: NextRound): Promise<ShownSubmission> {
		await this.oneAtATime(id, async () => {
			const old = this.case(id);
			if (old.rounds.length === base + 1) return;
			const why = old.rounds.length === base ? resubmitFault(old) : 'this page shows an older round';
			if (why !== undefined) throw fault('submission-state', { why });
			const record = await this.options.progress.read(old.learner);
			const newest = record.evidence.findLast((evidence) => evidence.lab === old.subject)?.id;
			const what = of ?? (old.kind === 'lab' ? (newest ?? '') : old.subject);
			if (subjectOf(record, old.kind, what) !== old.subject) throw fault('submission-state', { why: 'a new round is of the same lab or document' });
			const wanted = { submission: id, round: base + 1, kind: old.kind, of: what, note, at: this.now(), previous: lastRound(old).digest };
			const bundle = await bundled(record, wanted, this.beside());
			await this.options.files.writeBundle(bundle);
			await this.put(resubmitted(old, bundle));
		});
		return this.shown(id, this.case(id).learner);
	}

	async withdraw(id: string, person: string): Promise<ShownSubmission> {
		return this.change(id, person, (kept) => withdrawn(kept, person, this.now()));
	}

	async answer(id: string, person: string, finding: string, answer: Answer): Promise<ShownSubmission> {
		return this.change(id, person, (kept) => answered(kept, finding, answer, this.now()));
	}

	async helpful(id: string, person: string, round: number, helpful: boolean): Promise<ShownSubmission> {
		await this.change(id, person, (kept) => rated(kept, round, helpful, this.now()));
		await this.settleOrRetry(id);
		return this.shown(id, person);
	}

	async seen(id: string, person: string): Promise<Notices> {
		// Looking is no reason to write where nothing is new.
		if (summaryOf(this.case(id), person, this.now()).unread) await this.change(id, person, (kept) => looked(kept, person, this.now()));
		return this.notices(person);
	}

	notices(person: string): Notices {
		const cases = new Set([...this.shelf.of(person), ...this.shelf.reviewedBy(person)]);
		const items = noticesOf([...cases], person);
		const rows = this.queueRows(person);
		return {
			unread: items.length,
			mentor: this.options.people.learnersOf(person).length > 0,
			waiting: rows.filter(({ state, own }) => state !== 'taken' && !own).length,
			items: items.slice(0, 20),
		};
	}

	queue(mentor: string): Queue {
		const tally = tallyOf(mentor, this.shelf.reviewedBy(mentor));
		const cohorts = this.options.people.cohortsOf(mentor).filter(({ mentors }) => mentors.includes(mentor));
		return {
			rows: this.queueRows(mentor),
			cohorts: cohorts.map(({ id, name }) => ({ id, name })),
			tally: { reviews: tally?.reviews ?? 0, approved: tally?.approved ?? 0, helpful: tally?.helpful ?? 0, mentees: tally?.mentees ?? 0 },
		};
	}

	async claim(id: string, person: string): Promise<ShownSubmission> {
		return this.change(id, person, (kept) => claimed(kept, this.claimant(kept, person), this.now(), this.claimEnds()));
	}

	async release(id: string, person: string): Promise<ShownSubmission> {
		return this.change(id, person, (kept) => released(kept, person));
	}

	async draft(id: string, person: string, base: number, draft: Draft): Promise<ShownSubmission> {
		const bundle = await this.bundle(id, lastRound(this.case(id)).n);
		for (const { place } of draft.findings) {
			const why = placeFault(place, bundle);
			if (why !== undefined) throw fault('review-refused', { why });
		}
		return this.change(id, person, (kept) => drafted(kept, person, base, draft, this.now(), this.claimEnds()));
	}

	async send(id: string, person: string, base: number): Promise<ShownSubmission> {
		const at = this.now();
		await this.change(id, person, (kept) => sent(kept, person, base, at));
		const review = lastRound(this.case(id)).reviews.find(({ reviewer }) => reviewer === person);
		const used = (review?.draft.findings ?? []).flatMap(({ saved }) => saved ?? []);
		if (used.length > 0) await this.changeComments(person, (comments) => commentsUsed(comments, used, at));
		await this.settleOrRetry(id);
		return this.shown(id, person);
	}

	/** Where the learner stands, for the mentor who marks them. */
	async standing(id: string, mentor: string): Promise<LearnerStanding> {
		const kept = this.case(id);
		const learner = await this.options.progress.read(kept.learner);
		const { blind, second } = markingOf(kept, this.viewer(kept, mentor));
		return standingFor(
			learner,
			mentor,
			this.options.labs().map(({ definition }) => definition),
			blind || second,
		);
	}

	comments(mentor: string): Promise<readonly SavedComment[]> {
		return this.options.files.comments(mentor);
	}

	/** Those that fit what a submission fails. The caller has checked that the mentor may see it. */
	async offered(mentor: string, submission: string): Promise<readonly SavedComment[]> {
		const kept = this.shelf.get(submission);
		if (kept === undefined || !this.options.people.mayReview(mentor, kept.learner)) throw fault('submission-unknown', { submission });
		return offered(await this.comments(mentor), kept);
	}

	saveComment(mentor: string, words: CommentWords): Promise<readonly SavedComment[]> {
		return this.changeComments(mentor, (comments) => commentSaved(comments, randomUUID(), words, this.now()));
	}

	editComment(mentor: string, id: string, words: CommentWords): Promise<readonly SavedComment[]> {
		return this.changeComments(mentor, (comments) => commentEdited(comments, id, words));
	}

	removeComment(mentor: string, id: string): Promise<readonly SavedComment[]> {
		return this.changeComments(mentor, (comments) => commentRemoved(comments, id));
	}

	/** Where a cohort's learners are stuck, who waits, and how far its mentors agree. */
	async cohortPage(id: string): Promise<CohortPage> {
		const cohort = this.options.people.cohort(id);
		if (cohort === undefined) throw fault('cohort-unknown', { cohort: id });
		const learners = await Promise.all(cohort.learners.map((learner) => this.options.progress.read(learner)));
		const cases = cohort.learners.flatMap((learner) => this.shelf.of(learner));
		const waiting = cases.filter((kept) => ['waiting', 'in-review'].includes(stateOf(kept, this.now())));
		const { rows, decisions } = agreementOf(cases);
		return {
			id,
			name: cohort.name,
			learners: cohort.learners.length,
			mentors: cohort.mentors.length,
			stuck: stuckRows(
				learners,
				this.options.labs().map(({ definition }) => definition),
			),
			waiting: waiting
				.map((kept) => ({
					id: kept.id,
					title: kept.title,
					learnerName: this.name(kept.learner),
					submittedAt: lastRound(kept).at,
					round: kept.rounds.length,
				}))
				.sort((a, b) => a.submittedAt.localeCompare(b.submittedAt)),
			agreement: rows,
			...(decisions === undefined ? {} : { decisions }),
			secondPercent: this.secondPercent,
			fewest: LIMITS.fewestPeople,
		};
	}

	/** All that is kept of a person as learner and mentor: their submissions with bundles, the reviews they gave, their comments. */
	async exportOf(person: string): Promise<{ readonly submissions: unknown[]; readonly reviewsGiven: unknown[]; readonly comments: readonly SavedComment[] }> {
		const submissions = await Promise.all(
			this.shelf.of(person).map(async (kept) => ({
				...shown(kept, this.viewer(kept, person)),
				bundles: await Promise.all(kept.rounds.map(({ n }) => this.bundle(kept.id, n))),
			})),
		);
		const reviewsGiven = this.shelf
			.reviewedBy(person)
			.flatMap(({ id, title, rounds }) =>
				rounds.flatMap(({ n, reviews }) =>
					reviews.filter(({ reviewer }) => reviewer === person).map((review) => ({ submission: id, title, round: n, ...review })),
				),
			);
		return { submissions, reviewsGiven, comments: await this.comments(person) };
	}

	/** Takes a person out: their submissions go, reviews that they gave stay with those who got them, without a name. */
	async forget(person: string): Promise<void> {
		const reviewed = this.shelf.reviewedBy(person);
		// What they marked stays one mentor's, apart from others who are gone.
		const alias = `gone-${randomUUID().slice(0, 8)}`;
		for (const learner of new Set(reviewed.map((kept) => kept.learner)))
			if (learner !== person)
				await this.options.progress.append(learner, `forgotten:${alias}`, (record) => mentorForgotten(record, person, this.name(person), alias));
		for (const kept of this.shelf.of(person))
			await this.oneAtATime(kept.id, async () => {
				await this.options.files.removeCase(kept);
				this.shelf.drop(kept);
			});
		for (const { id } of reviewed.filter((kept) => kept.learner !== person)) await this.oneAtATime(id, () => this.put(withoutName(this.case(id), person)));
		await this.options.files.removePerson(person);
	}

	/** Waits for what is being written. */
	async close(): Promise<void> {
		for (const timer of this.retries) clearTimeout(timer);
		await Promise.allSettled(this.last.values());
	}

	private queueRows(mentor: string): Queue['rows'] {
		const { people } = this.options;
		const mine = new Set(
			people
				.cohortsOf(mentor)
				.filter(({ mentors }) => mentors.includes(mentor))
				.map(({ id }) => id),
		);
		return people
			.learnersOf(mentor)
			.flatMap((learner) => {
				const cohorts = people
					.cohortsOf(learner)
					.filter(({ id }) => mine.has(id))
					.map(({ id, name }) => ({ id, name }));
				return this.shelf.of(learner).flatMap((kept) => queueRow(kept, this.viewer(kept, mentor), cohorts) ?? []);
			})
			.sort((a, b) => a.submittedAt.localeCompare(b.submittedAt));
	}

	private refuseWhereFull(learner: string, kind: string, subject: string): void {
		const own = this.shelf.of(learner);
		if (own.length >= LIMITS.submissionsKept) throw fault('submissions-full', { limit: `${LIMITS.submissionsKept} submissions` });
		const open = own.filter((kept) => ['waiting', 'in-review', 'changes-asked'].includes(stateOf(kept, this.now())));
		if (open.some((kept) => kept.kind === kind && kept.subject === subject))
			throw fault('submission-state', { why: 'there is an open submission of this already; withdraw it, or send a new round of it' });
		if (open.length >= LIMITS.submissionsOpen) throw fault('submissions-full', { limit: `${LIMITS.submissionsOpen} submissions that wait or want an answer` });
	}

	/** What decisions of this case do to the records of learner and mentors, each once. */
	private async settle(id: string): Promise<void> {
		const { progress } = this.options;
		for (const round of this.shelf.get(id)?.rounds ?? []) {
			if (round.settled || !round.reviews.some(isSent)) continue;
			const kept = this.case(id);
			const first = round.reviews.find((review) => review.slot === 'first' && isSent(review));
			if (first !== undefined && !first.own) {
				const at = first.sentAt ?? '';
				const by = this.name(first.reviewer);
				const bundle = await this.bundle(id, round.n);
				const what = {
					evidence: kept.kind === 'lab' ? round.evidence : [],
					documents: kept.kind === 'document' ? bundle.documents.map(({ document, markdown }) => ({ document, text: markdown })) : [],
					declared: bundle.declared ?? [],
					deliverable: kept.kind === 'portfolio' ? kept.subject : undefined,
				};
				await progress.append(kept.learner, `review:${id}:${round.n}:${at}`, (learner) => {
					const known = marked(learner, first.draft.marks, { by, person: first.reviewer, at, submission: id });
					if (first.draft.decision !== 'approve') return known;
					const why = first.draft.summary.trim();
					return approvedBy(known, what, { by: first.reviewer, name: by, at, submission: id, ...(why === '' ? {} : { why }) }, plain);
				});
			}
			for (const { reviewer, own, slot, sentAt = '', draft } of round.reviews.filter(isSent)) {
				const mark = { by: this.name(reviewer), person: reviewer, at: sentAt, submission: id, second: true };
				if (slot === 'second' && !own && Object.keys(draft.marks).length > 0)
					await progress.append(kept.learner, `second-review:${id}:${round.n}:${sentAt}`, (learner) => marked(learner, draft.marks, mark));
				const tally = own ? undefined : tallyOf(reviewer, this.shelf.reviewedBy(reviewer));
				if (tally !== undefined) await progress.append(reviewer, `mentoring:${randomUUID()}`, (mentor) => mentored(mentor, tally));
			}
			// What was answered or rated meanwhile is not counted in yet: its own call sees to it.
			const isSame = (): boolean => this.case(id).rounds.some(({ reviews }) => reviews === round.reviews);
			await this.oneAtATime(id, async () => (isSame() ? this.put(settled(this.case(id), round.n)) : undefined));
		}
	}

	/** The decision itself is on the disk by now: what follows from it never fails the caller. */
	private async settleOrRetry(id: string): Promise<void> {
		await this.settle(id).catch((error: unknown) => this.tryAgain(id, error));
	}

	private tryAgain(id: string, error: unknown): void {
		this.options.log(`what the review of ${id} confirms is not in the learner’s record yet`, error);
		const timer = setTimeout(() => {
			this.retries.delete(timer);
			void this.settleOrRetry(id);
		}, this.options.retryMs ?? 5000);
		timer.unref();
		this.retries.add(timer);
	}

	private case(id: string): Case {
		const kept = this.shelf.get(id);
		if (kept === undefined) throw fault('submission-unknown', { submission: id });
		return kept;
	}

	private async change(id: string, person: string, change: (kept: Case) => Case): Promise<ShownSubmission> {
		await this.oneAtATime(id, () => this.put(change(this.case(id))));
		return this.shown(id, person);
	}

	/** The case is the new one only once it is on the disk. */
	private async put(kept: Case): Promise<void> {
		await this.options.files.writeCase(kept);
		this.shelf.put(kept);
	}

	private changeComments(mentor: string, change: (comments: readonly SavedComment[]) => readonly SavedComment[]): Promise<readonly SavedComment[]> {
		return this.oneAtATime(`comments ${mentor}`, async () => {
			const old = await this.comments(mentor);
			const next = change(old);
			if (next !== old) await this.options.files.writeComments(mentor, next);
			return next;
		});
	}

	private async oneAtATime<T>(key: string, run: () => Promise<T>): Promise<T> {
		const before = this.last.get(key) ?? Promise.resolve();
		const done = before.then(run, run);
		this.last.set(key, done);
		try {
			return await done;
		} finally {
			if (this.last.get(key) === done) this.last.delete(key);
		}
	}

	private viewer(kept: Case, person: string): Viewer {
		const mentor = this.options.people.mayReview(person, kept.learner);
		const reviewers = this.options.people.mentorsOf(kept.learner).length;
		return { person, mentor, sampled: this.isSampled(kept), reviewers, now: this.now(), name: (id) => this.name(id), html: this.options.html };
	}

	private claimant(kept: Case, person: string): Claimant {
		return { person, own: person === kept.learner, sampled: this.isSampled(kept) };
	}

	private isSampled(kept: Case): boolean {
		return this.options.people.mentorsOf(kept.learner).length > 1 && isSampled(kept.id, lastRound(kept).n, this.secondPercent);
	}

	private get secondPercent(): number {
		return this.options.secondPercent ?? LIMITS.secondReviewPercent;
	}

	private beside() {
		const { files, labs, recordings } = this.options;
		return { labs: labs(), capture: (evidence: string) => files.capture(evidence), recordings };
	}

	private name(person: string): string {
		return this.options.people.person(person)?.name || person;
	}

	private now(): string {
		return (this.options.now?.() ?? new Date()).toISOString();
	}

	private claimEnds(): string {
		return new Date((this.options.now?.() ?? new Date()).getTime() + LIMITS.claimMs).toISOString();
	}
}

/** What a mentor who is gone leaves behind: reviews that were sent, under no name. */
function withoutName(kept: Case, person: string): Case {
	const nobody = (id: string): string => (id === person ? 'gone' : id);
	return {
		...kept,
		rounds: kept.rounds.map((round) => ({
			...round,
			reviews: round.reviews
				.filter((review) => review.reviewer !== person || isSent(review))
				.map((review) => ({ ...review, reviewer: nobody(review.reviewer) })),
		})),
		happenings: kept.happenings.map((one) => ({ ...one, by: nobody(one.by) })),
		seen: Object.fromEntries(Object.entries(kept.seen).filter(([id]) => id !== person)),
	};
}
