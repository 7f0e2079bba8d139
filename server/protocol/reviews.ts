/**
 * Submissions and their reviews. A submission is a thread of rounds; a round's bundle never changes once it was sent.
 *
 * Learner:
 *   GET  /api/submissions                          → submissionSummarySchema[]   own ones, newest first
 *   POST /api/submissions {newSubmissionSchema}    → submissionSchema
 *   GET  /api/submissions/:id                      → submissionSchema            learner's or mentor's view
 *   GET  /api/submissions/:id/rounds/:n            → bundleSchema
 *   GET  /api/submissions/:id/rounds/:n/documents/:document → {html}             sanitised
 *   GET  /api/submissions/:id/rounds/:n/recordings/:evidence/:name → asciicast v3
 *   GET  /api/submissions/:id/rounds/:n/diff       → roundDiffSchema             against the round before
 *   POST /api/submissions/:id/rounds {base, note}  → submissionSchema            the next round
 *   POST /api/submissions/:id/withdraw             → submissionSchema
 *   POST /api/submissions/:id/answers {finding, answer} → submissionSchema
 *   POST /api/submissions/:id/helpful {round, helpful}  → submissionSchema
 *   POST /api/submissions/:id/seen                 → noticesSchema
 *   GET  /api/notices                              → noticesSchema
 * Mentor:
 *   GET  /api/mentor/queue                         → queueSchema
 *   POST /api/submissions/:id/claim, /release      → submissionSchema
 *   PUT  /api/submissions/:id/draft {base, draft}  → submissionSchema
 *   POST /api/submissions/:id/review {base}        → submissionSchema            sends the draft
 *   GET  /api/submissions/:id/standing             → learnerStandingSchema       where the learner stands, beside one's own marks
 *   POST /api/mentor/preview {markdown}            → {html}                      sanitised
 *   GET  /api/mentor/comments[?submission=ID]      → savedCommentSchema[]        with a submission: those that fit it, best first
 *   POST /api/mentor/comments {…}, PUT, DELETE /api/mentor/comments/:id → savedCommentSchema[]
 *   GET  /api/mentor/cohorts/:id                   → cohortPageSchema
 */
import { z } from 'zod';
import { dimensionSchema, levelSchema } from './assessment.ts';
import { documentKindSchema, gradeSchema } from './documents.ts';
import { FINDING_TYPES, ROWS } from './findings.ts';
import { verdictSchema } from './lab.ts';
import { declaredSchema } from './portfolio.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/);

export const submissionKindSchema = z.enum(['lab', 'document', 'portfolio', 'declared']);
export type SubmissionKind = z.infer<typeof submissionKindSchema>;

/** `of`: a piece of evidence, a document, a deliverable, or something declared. `request`: made by the page; sent twice, it is one submission. */
export const newSubmissionSchema = z.strictObject({ request: z.uuid(), kind: submissionKindSchema, of: id, note: z.string().trim().max(2000) });
export type NewSubmission = z.infer<typeof newSubmissionSchema>;

/** `base`: the rounds there were. `of` as above; the same as before where it isn't said. */
export const nextRoundSchema = z.strictObject({ base: z.number().int().positive(), of: id.optional(), note: z.string().trim().max(2000) });
export type NextRound = z.infer<typeof nextRoundSchema>;

/** One object of the cluster that differs from the lab's start. Texts are YAML without what the server fills in; secret values are fingerprints. */
export const clusterChangeSchema = z.object({
	change: z.enum(['created', 'changed', 'deleted']),
	kind: z.string(),
	namespace: z.string(),
	name: z.string(),
	before: z.string(),
	after: z.string(),
});
export type ClusterChange = z.infer<typeof clusterChangeSchema>;

/** What was kept beside a submitted attempt. */
export const captureSchema = z.object({
	/** Undefined where the provider keeps no start to compare with. */
	changes: z.array(clusterChangeSchema).optional(),
	/** Differences that found no room. */
	changesLeftOut: z.number().int().default(0),
	/** SHA-256 (hex) over the canonical JSON of changes. */
	digest: z.string(),
});
export type Capture = z.infer<typeof captureSchema>;

export const bundledRecordingSchema = z.object({ id: z.string(), url: z.string(), title: z.string(), seconds: z.number(), digest: z.string() });
export type BundledRecording = z.infer<typeof bundledRecordingSchema>;

export const bundledAttemptSchema = z.object({
	evidence: z.string(),
	lab: z.string(),
	title: z.string(),
	attempt: z.number().int(),
	at: z.string(),
	verdict: verdictSchema,
	files: z.record(z.string(), z.string()),
	/** The evidence's own: over verdict and files. */
	digest: z.string(),
	capture: captureSchema.optional(),
	recordings: z.array(bundledRecordingSchema),
});
export type BundledAttempt = z.infer<typeof bundledAttemptSchema>;

export const bundledDocumentSchema = z.object({
	document: z.string(),
	kind: documentKindSchema,
	title: z.string(),
	version: z.number().int(),
	markdown: z.string(),
	grade: gradeSchema.optional(),
	/** SHA-256 (hex) of the text. */
	digest: z.string(),
});
export type BundledDocument = z.infer<typeof bundledDocumentSchema>;

/** Everything that a round shows a mentor. */
export const bundleSchema = z.object({
	submission: z.string(),
	round: z.number().int(),
	learner: z.string(),
	kind: submissionKindSchema,
	title: z.string(),
	at: z.string(),
	note: z.string(),
	attempts: z.array(bundledAttemptSchema),
	documents: z.array(bundledDocumentSchema),
	/** Work elsewhere, as it was declared. Absent where there is none: older bundles' digests hold. */
	declared: z.array(declaredSchema).optional(),
	/** Digest of the round before. */
	previous: z.string().optional(),
	/** SHA-256 (hex) over the canonical JSON of all the rest: rounds and what they hold form a chain. */
	digest: z.string(),
});
export type Bundle = z.infer<typeof bundleSchema>;

const where = z.string().min(1).max(300);
/** What a finding points at. Lines count from 1. */
export const placeSchema = z.discriminatedUnion('at', [
	z.strictObject({ at: z.literal('whole') }),
	z.strictObject({ at: z.literal('file'), attempt: where, path: z.string().min(1).max(1024), line: z.number().int().min(1).max(1_000_000) }),
	z.strictObject({ at: z.literal('document'), document: where, line: z.number().int().min(1).max(1_000_000) }),
	/** `object`: kind/namespace/name. */
	z.strictObject({ at: z.literal('change'), attempt: where, object: z.string().min(1).max(600) }),
	z.strictObject({ at: z.literal('check'), attempt: where, check: where }),
	z.strictObject({
		at: z.literal('moment'),
		attempt: where,
		recording: where,
		seconds: z
			.number()
			.min(0)
			.max(7 * 86_400),
	}),
]);
export type Place = z.infer<typeof placeSchema>;

export const findingTypeSchema = z.enum(FINDING_TYPES);

/** `saved`: the saved comment that it was made from. */
export const findingSchema = z.strictObject({ id, type: findingTypeSchema, text: z.string().max(2000), place: placeSchema, saved: id.optional() });
export type Finding = z.infer<typeof findingSchema>;

export const answerSchema = z.discriminatedUnion('answer', [
	z.strictObject({ answer: z.literal('done') }),
	z.strictObject({ answer: z.literal('disagree'), reason: z.string().trim().min(10).max(1000) }),
]);
export type Answer = z.infer<typeof answerSchema>;

/** A row of the mid and senior table, or a dimension of the scorecard. */
export const markedSchema = z.union([z.enum(ROWS), dimensionSchema]);
export const marksSchema = z.partialRecord(markedSchema, levelSchema);
export type Marks = z.infer<typeof marksSchema>;

export const decisionSchema = z.enum(['approve', 'ask-changes']);
export type Decision = z.infer<typeof decisionSchema>;

export const draftSchema = z.strictObject({
	findings: z.array(findingSchema).max(10),
	marks: marksSchema,
	/** Markdown, for the learner. */
	summary: z.string().max(4000),
	decision: decisionSchema.optional(),
});
export type Draft = z.infer<typeof draftSchema>;

export const reviewSchema = z.object({
	reviewer: z.string(),
	/** The second of a sampled round is made without seeing the first, and carries marks and a decision alone. */
	slot: z.enum(['first', 'second']),
	/** Made by the learner: shown as that, confirms nothing. */
	own: z.boolean(),
	claimedAt: z.string(),
	/** A claim that ran out is nobody's. */
	claimEnds: z.string(),
	/** Raised by one with every save of the draft. */
	version: z.number().int(),
	draft: draftSchema,
	sentAt: z.string().optional(),
	answers: z.record(z.string(), answerSchema.and(z.object({ at: z.string() }))),
	/** As the learner rated it. */
	helpful: z.boolean().optional(),
});
export type Review = z.infer<typeof reviewSchema>;

export const roundSchema = z.object({
	n: z.number().int(),
	at: z.string(),
	note: z.string(),
	digest: z.string(),
	/** Evidence ids, documents and failed checks (`lab/check`, `document-kind/check`): what queue and saved comments go by. */
	evidence: z.array(z.string()),
	documents: z.array(z.string()),
	failed: z.array(z.string()),
	score: z.number().optional(),
	state: z.enum(['waiting', 'withdrawn', 'approved', 'changes-asked']),
	reviews: z.array(reviewSchema),
	/** What the decision does to the learner's record is done. */
	settled: z.boolean(),
});
export type Round = z.infer<typeof roundSchema>;

export const happeningSchema = z.object({
	at: z.string(),
	by: z.string(),
	what: z.enum(['submitted', 'withdrawn', 'approved', 'changes-asked', 'second-review', 'answered', 'helpful', 'not-helpful']),
	round: z.number().int(),
});
export type Happening = z.infer<typeof happeningSchema>;

/** A submission as it is kept: one file. */
export const caseSchema = z.object({
	id,
	learner: z.string(),
	kind: submissionKindSchema,
	/** Lab, document, deliverable or what is declared: one open submission each. */
	subject: z.string(),
	lab: z.string().optional(),
	title: z.string(),
	rounds: z.array(roundSchema).min(1),
	happenings: z.array(happeningSchema),
	/** Person → when they last looked. */
	seen: z.record(z.string(), z.string()),
});
export type Case = z.infer<typeof caseSchema>;

/** As seen by one person. */
const shownReviewSchema = z.object({
	reviewer: z.string(),
	name: z.string(),
	slot: z.enum(['first', 'second']),
	own: z.boolean(),
	mine: z.boolean(),
	claimEnds: z.string(),
	sentAt: z.string().optional(),
	version: z.number().int(),
	/** Undefined where this person may not see it (yet). */
	content: draftSchema.extend({ summaryHtml: z.string() }).optional(),
	answers: z.record(z.string(), answerSchema.and(z.object({ at: z.string() }))),
	helpful: z.boolean().optional(),
});
export type ShownReview = z.infer<typeof shownReviewSchema>;

export const submissionStateSchema = z.enum(['waiting', 'in-review', 'changes-asked', 'approved', 'withdrawn']);
export type SubmissionState = z.infer<typeof submissionStateSchema>;

export const submissionSummarySchema = z.object({
	id: z.string(),
	kind: submissionKindSchema,
	/** Lab, document, deliverable or what is declared. */
	subject: z.string(),
	title: z.string(),
	lab: z.string().optional(),
	state: submissionStateSchema,
	rounds: z.number().int(),
	submittedAt: z.string(),
	/** When the state came about. */
	since: z.string(),
	score: z.number().optional(),
	unread: z.boolean(),
	/** Findings that want an answer and have none. */
	unanswered: z.number().int(),
});
export type SubmissionSummary = z.infer<typeof submissionSummarySchema>;

export const shownRoundSchema = roundSchema.omit({ reviews: true, settled: true }).extend({ reviews: z.array(shownReviewSchema) });
export type ShownRound = z.infer<typeof shownRoundSchema>;

export const submissionSchema = submissionSummarySchema.extend({
	learner: z.string(),
	learnerName: z.string(),
	/** As whom this person sees it. In local mode one person may be both. */
	as: z.object({ learner: z.boolean(), mentor: z.boolean() }),
	history: z.array(shownRoundSchema),
	may: z.object({
		withdraw: z.boolean(),
		resubmit: z.boolean(),
		claim: z.boolean(),
		review: z.boolean(),
		/** Whether the review that this person has, or could claim, is the second one. */
		second: z.boolean(),
	}),
	/** How many people may review it; without a cohort, nobody. */
	reviewers: z.number().int(),
	/** Findings that a review may hold. */
	findingsMost: z.number().int(),
});
export type ShownSubmission = z.infer<typeof submissionSchema>;

/** Where the learner of a submission stands as whoever reviews it may know. In a second review, others' marks are left out. */
export const learnerStandingSchema = z.object({
	/** Rows and dimensions → others' names where they marked senior. */
	senior: z.record(z.string(), z.array(z.string())),
	/** Rows → the level that graded evidence shows. */
	rows: z.record(z.string(), levelSchema),
	/** Graded pieces by deliverable and origin: `graded.ts`. */
	graded: z.array(z.object({ deliverable: z.string(), origin: z.string() })),
	/** Others' marks are left out. */
	blind: z.boolean(),
});
export type LearnerStanding = z.infer<typeof learnerStandingSchema>;

export const noticesSchema = z.object({
	unread: z.number().int(),
	/** Whether this person mentors a cohort, and how much waits for them. */
	mentor: z.boolean(),
	waiting: z.number().int(),
	items: z.array(z.object({ submission: z.string(), title: z.string(), what: happeningSchema.shape.what, at: z.string(), as: z.enum(['learner', 'mentor']) })),
});
export type Notices = z.infer<typeof noticesSchema>;

export const queueRowSchema = z.object({
	id: z.string(),
	title: z.string(),
	kind: submissionKindSchema,
	lab: z.string().optional(),
	learner: z.string(),
	learnerName: z.string(),
	own: z.boolean(),
	cohorts: z.array(z.object({ id: z.string(), name: z.string() })),
	round: z.number().int(),
	score: z.number().optional(),
	submittedAt: z.string(),
	/** `second`: the first review is another's; this one is made blind. */
	state: z.enum(['open', 'mine', 'taken', 'second']),
	/** Who has it, for `taken`. */
	by: z.string().optional(),
	claimEnds: z.string().optional(),
	/** This person reviewed an earlier round. */
	before: z.boolean(),
	note: z.string(),
});
export type QueueRow = z.infer<typeof queueRowSchema>;
export const queueSchema = z.object({
	/** Oldest first. */
	rows: z.array(queueRowSchema),
	cohorts: z.array(z.object({ id: z.string(), name: z.string() })),
	/** What this mentor's own reviews add up to. */
	tally: z.object({ reviews: z.number().int(), approved: z.number().int(), helpful: z.number().int(), mentees: z.number().int() }),
});
export type Queue = z.infer<typeof queueSchema>;

export const savedCommentSchema = z.object({
	id,
	type: findingTypeSchema,
	text: z.string().max(2000),
	/** `lab/check` or `document-kind/check`: where a submission fails it again, the comment is offered. Empty: offered nowhere by itself. */
	when: z.string().max(200),
	uses: z.number().int(),
	savedAt: z.string(),
	usedAt: z.string().optional(),
});
export type SavedComment = z.infer<typeof savedCommentSchema>;
export const newSavedCommentSchema = z.strictObject({ type: findingTypeSchema, text: z.string().trim().min(1).max(2000), when: z.string().max(200) });

/** A count of people; null: one or two, which is not told apart. */
const people = z.number().int().nullable();
export const stuckRowSchema = z.object({
	lab: z.string(),
	title: z.string(),
	/** Absent on the row of the whole lab. */
	check: z.string().optional(),
	tried: people,
	passed: people,
	/** Tried, and not passing now. */
	notNow: people,
	/** Undefined where too few people stand behind it. */
	attempts: z.number().optional(),
	/** From beginning the lab to its first passed attempt. */
	hours: z.number().optional(),
});
export type StuckRow = z.infer<typeof stuckRowSchema>;

export const agreementRowSchema = z.object({
	marked: z.string(),
	n: z.number().int(),
	/** Percent of pairs with the same level. */
	percent: z.number(),
	/** Cohen's kappa with linear weights; undefined where chance alone would give the same. */
	kappa: z.number().optional(),
	/** Too few pairs to lean on. */
	few: z.boolean(),
});
export type AgreementRow = z.infer<typeof agreementRowSchema>;

export const cohortPageSchema = z.object({
	id: z.string(),
	name: z.string(),
	learners: z.number().int(),
	mentors: z.number().int(),
	stuck: z.array(stuckRowSchema),
	/** Submissions that wait, oldest first. */
	waiting: z.array(z.object({ id: z.string(), title: z.string(), learnerName: z.string(), submittedAt: z.string(), round: z.number().int() })),
	agreement: z.array(agreementRowSchema),
	decisions: agreementRowSchema.optional(),
	/** Percent of rounds that a second mentor sees. */
	secondPercent: z.number().int(),
	/** Rows shown of fewer people than this are guarded. */
	fewest: z.number().int(),
});
export type CohortPage = z.infer<typeof cohortPageSchema>;

const lineSchema = z.object({ change: z.enum([' ', '+', '-']), text: z.string(), from: z.number().int().optional(), to: z.number().int().optional() });
export type DiffLine = z.infer<typeof lineSchema>;
export const roundDiffSchema = z.object({
	from: z.number().int(),
	to: z.number().int(),
	texts: z.array(
		z.object({
			name: z.string(),
			kind: z.enum(['file', 'document', 'change', 'declared']),
			change: z.enum(['created', 'changed', 'deleted']),
			lines: z.array(lineSchema),
		}),
	),
	checks: z.array(z.object({ check: z.string(), title: z.string(), before: z.string(), after: z.string() })),
});
export type RoundDiff = z.infer<typeof roundDiffSchema>;

export const draftSaveSchema = z.strictObject({ base: z.number().int(), draft: draftSchema });
export const sendSchema = z.strictObject({ base: z.number().int() });
export const answerFindingSchema = z.strictObject({ finding: id, answer: answerSchema });
export const helpfulSchema = z.strictObject({ round: z.number().int().positive(), helpful: z.boolean() });
export const previewMarkdownSchema = z.strictObject({ markdown: z.string().max(8000) });
