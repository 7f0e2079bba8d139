import { z } from 'zod';
import { assessmentSchema, mentorMarksSchema } from './assessment.ts';
import { confirmationSchema } from './confirmation.ts';
import { TIMELINE_TYPES } from './document-kinds.ts';
import { keptDocumentSchema, writtenEvidenceSchema } from './documents.ts';
import { verdictSchema } from './lab.ts';
import { marketSchema } from './market.ts';
import { plansSchema } from './plan.ts';
import { claimSchema, declaredSchema } from './portfolio.ts';

/** How a claim came about; told apart wherever evidence is shown. */
export const evidenceKind = z.enum(['graded', 'self-declared', 'mentor-confirmed']);

/** A recording of one terminal (asciicast v3), secrets masked. Names stay while the terminal does. */
export const recordingInfoSchema = z.object({
	name: z.string(),
	/** ISO time. */
	startedAt: z.string(),
	seconds: z.number(),
	/** Command lines in it. */
	commands: z.number().int(),
	bytes: z.number().int(),
	/** Of the file, hex. */
	sha256: z.string(),
});
export type RecordingInfo = z.infer<typeof recordingInfoSchema>;

/** What the sandbox itself knows of the attempt: rows that documents can cite. Times are those of the wall, see sessions/attempt-facts.ts. */
export const attemptFactsSchema = z.object({
	events: z.array(z.object({ at: z.string(), what: z.string(), type: z.enum(TIMELINE_TYPES) })),
	/** Figures by name with unit: `median_ttft_ms`. */
	runs: z.array(z.object({ at: z.string(), label: z.string(), figures: z.record(z.string(), z.number()) })),
});
export type AttemptFacts = z.infer<typeof attemptFactsSchema>;

export const evidenceSchema = z.object({
	id: z.string(),
	kind: evidenceKind,
	lab: z.string(),
	attempt: z.number().int(),
	score: z.number(),
	passed: z.boolean(),
	/** ISO time. */
	at: z.string(),
	verdict: verdictSchema,
	/** The learner's workspace at the time: path → text, as submitted. */
	files: z.record(z.string(), z.string()),
	/** The terminals' recordings at the time. Absent in evidence from before there were any. */
	recordings: z.array(recordingInfoSchema).optional(),
	/** Absent in evidence from before it was kept. */
	facts: attemptFactsSchema.optional(),
	/** SHA-256 (hex) over the canonical JSON of verdict, files and (where there are any) recordings and facts: shows later changes. */
	digest: z.string(),
	/** Set where `kind` is mentor-confirmed. */
	confirmed: confirmationSchema.optional(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const portfolioItemSchema = z.object({
	id: z.string(),
	/** The deliverable it fills, e.g. 'month-2-three-tier-app'. */
	deliverable: z.string(),
	title: z.string(),
	evidence: z.array(z.string()),
	updatedAt: z.string(),
	/** A mentor approved the item as a whole. What is added later is not covered: `updatedAt` is then younger. */
	confirmed: confirmationSchema.optional(),
});
export type PortfolioItem = z.infer<typeof portfolioItemSchema>;

/** A rubric row's standing: which level the evidence shows, and what moved last. */
export const rubricStandingSchema = z.object({
	row: z.string(),
	level: z.enum(['none', 'started', 'mid', 'senior']),
	evidence: z.array(z.string()),
	/** Count against the row's target, where it has one. */
	count: z.number(),
	movedAt: z.string().optional(),
	/** What mentors' reviews said of this row; never mixed with `level`. What holds of it: `senior.ts`. */
	mentor: mentorMarksSchema.optional(),
});
export type RubricStanding = z.infer<typeof rubricStandingSchema>;

export const labProgressSchema = z.object({
	lab: z.string(),
	startedAt: z.string(),
	/** Task ids that have been seen done, with the time. */
	tasksDone: z.record(z.string(), z.string()),
	hintsOpened: z.record(z.string(), z.number().int()),
	/** Submissions. */
	attempts: z.number().int(),
	bestScore: z.number(),
	lastVerdict: verdictSchema.optional(),
	submittedAt: z.string().optional(),
});
export type LabProgress = z.infer<typeof labProgressSchema>;

/** What a mentor's reviews add up to, counted from the reviews themselves. Own ones do not count. */
export const mentoringSchema = z.object({
	reviews: z.number().int(),
	approved: z.number().int(),
	/** Reviews that their learner called helpful. */
	helpful: z.number().int(),
	/** Learners reviewed; and those who took several reviews and called one helpful. */
	learners: z.number().int(),
	mentees: z.number().int(),
	since: z.string(),
	at: z.string(),
	/** SHA-256 (hex) over the canonical JSON of the reviews that were counted. */
	digest: z.string(),
});
export type Mentoring = z.infer<typeof mentoringSchema>;

/** Where a reader stands with one lesson. */
export const readingStateSchema = z.object({ openedAt: z.string(), readAt: z.string().optional() });
export type ReadingState = z.infer<typeof readingStateSchema>;

/** Lesson id (`month-1/processes`) → where the reader stands. */
export const readingSchema = z.record(z.string(), readingStateSchema);
export type Reading = z.infer<typeof readingSchema>;

/** Everything kept of one learner: one file. */
export const learnerSchema = z.object({
	id: z.string(),
	name: z.string(),
	createdAt: z.string(),
	/** Raised by one with every append. */
	version: z.number().int(),
	labs: z.record(z.string(), labProgressSchema),
	/** Absent in records written before there were lessons. */
	reading: readingSchema.default({}),
	evidence: z.array(evidenceSchema),
	portfolio: z.array(portfolioItemSchema),
	rubric: z.array(rubricStandingSchema),
	/** Absent until a plan is made, or a placement check was taken. */
	plans: plansSchema.optional(),
	/** Absent until something is rated or an exercise was run. */
	assessment: assessmentSchema.optional(),
	/** Documents being written, and those handed in as evidence. Absent until one is begun. */
	documents: z.array(keptDocumentSchema).optional(),
	writings: z.array(writtenEvidenceSchema).optional(),
	/** Work elsewhere that the learner points at. Absent until there is any. */
	declared: z.array(declaredSchema).optional(),
	/** What mentors confirmed of it. */
	claims: z.array(claimSchema).optional(),
	/** Absent until a listing is noted. Private: `/api/progress` leaves it out. */
	market: marketSchema.optional(),
	/** Absent until the person has reviewed somebody else's work. */
	mentoring: mentoringSchema.optional(),
	/** Idempotency keys of the last appends, oldest first. */
	applied: z.array(z.string()),
});
export type Learner = z.infer<typeof learnerSchema>;
