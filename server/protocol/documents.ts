/**
 * Documents that a learner writes: postmortems, decision memos and RFCs, in structured parts.
 *
 *   GET    /api/documents                 → documentSummarySchema[]
 *   POST   /api/documents {kind | markdown} → documentSchema    a new one, blank or read from Markdown
 *   GET    /api/documents/:id             → documentSchema
 *   PUT    /api/documents/:id {base, content} → documentSchema  saved, where `base` is the version it was made from
 *   DELETE /api/documents/:id             → {removed: true}
 *   GET    /api/documents/:id/versions    → versionSummarySchema[], newest first
 *   POST   /api/documents/:id/restore {version} → documentSchema  an earlier version as a new one
 *   POST   /api/documents/:id/grade {content}   → gradeSchema   of what is on the page, saved or not
 *   POST   /api/documents/:id/preview {content} → {html}        sanitised
 *   GET    /api/documents/:id/markdown    → Markdown, as a download
 *   POST   /api/documents/:id/attach {deliverable} → writtenEvidenceSchema
 *   GET    /api/attempts                  → attemptSchema[]     what the record knows, as rows to insert
 *   GET    /api/writings/:id              → writtenEvidenceSchema
 */
import { z } from 'zod';
import { confirmationSchema } from './confirmation.ts';
import { ACTION_TYPES, TIMELINE_TYPES } from './document-kinds.ts';

export const documentKindSchema = z.enum(['postmortem', 'decision-memo', 'rfc']);

const line = z.string().max(600);

export const timelineRowSchema = z.object({
	/** UTC, `2026-11-20T10:15` or with seconds; blank while it is being written. */
	at: z.string().max(30),
	what: line,
	type: z.enum(TIMELINE_TYPES),
	/** Id of a recorded fact, or where else it can be looked up. */
	source: z.string().max(200),
});
export type TimelineRow = z.infer<typeof timelineRowSchema>;

export const actionRowSchema = z.object({
	what: line,
	owner: z.string().max(100),
	/** YYYY-MM-DD. */
	due: z.string().max(20),
	type: z.enum(ACTION_TYPES),
	/** How anyone can tell that it is done. */
	verify: line,
});
export type ActionRow = z.infer<typeof actionRowSchema>;

export const optionRowSchema = z.object({
	name: z.string().max(120),
	/** Figure with unit: `$1,200/month`. */
	cost: z.string().max(80),
	/** Figure with unit: `p95 180 ms`. */
	latency: z.string().max(80),
	risk: line,
	/** Run, dashboard or document that the figures come from. */
	source: z.string().max(200),
});
export type OptionRow = z.infer<typeof optionRowSchema>;

export const documentContentSchema = z.object({
	title: z.string().max(160),
	/** Part id → text, for the parts that are not tables. */
	texts: z.record(z.string().regex(/^[a-z]{1,20}$/), z.string().max(12_000)),
	timeline: z.array(timelineRowSchema).max(100),
	actions: z.array(actionRowSchema).max(40),
	options: z.array(optionRowSchema).max(12),
	/** Evidence id of the recorded attempt that its facts are drawn from. */
	attempt: z.string().max(80).optional(),
});
export type DocumentContent = z.infer<typeof documentContentSchema>;

const versionSchema = z.object({ version: z.number().int(), at: z.string(), content: documentContentSchema });
export type DocumentVersion = z.infer<typeof versionSchema>;

export const documentSchema = z.object({
	id: z.string(),
	kind: documentKindSchema,
	createdAt: z.string(),
	updatedAt: z.string(),
	/** Raised by one with every save. */
	version: z.number().int(),
	content: documentContentSchema,
});
export type WrittenDocument = z.infer<typeof documentSchema>;

/** As it is kept: with earlier versions, oldest first. */
export const keptDocumentSchema = documentSchema.extend({ earlier: z.array(versionSchema) });
export type KeptDocument = z.infer<typeof keptDocumentSchema>;

export const documentSummarySchema = documentSchema.omit({ content: true }).extend({
	title: z.string(),
	words: z.number().int(),
	attached: z.array(z.string()).describe('deliverables'),
	/** As in the content. */
	attempt: documentContentSchema.shape.attempt,
});
export type DocumentSummary = z.infer<typeof documentSummarySchema>;

export const versionSummarySchema = z.object({ version: z.number().int(), at: z.string(), words: z.number().int() });
export type VersionSummary = z.infer<typeof versionSummarySchema>;

export const gradeRowSchema = z.object({
	check: z.string(),
	title: z.string(),
	outcome: z.enum(['pass', 'fail', 'for-a-mentor', 'could-not-grade']),
	why: z.string(),
	/** Part ids. */
	where: z.array(z.string()),
	points: z.number(),
	earned: z.number(),
});
export type GradeRow = z.infer<typeof gradeRowSchema>;

export const gradeSchema = z.object({
	rows: z.array(gradeRowSchema),
	/** Out of 100, over what could be graded. */
	score: z.number(),
	/** Percent of the points that a program could grade here; the rest is a mentor's, or has no facts. */
	graded: z.number(),
	/** Why the score was held down, where it was. */
	capped: z.string().optional(),
	passed: z.boolean(),
	/** Claims were held against recorded facts, and held. Without it a document is self-declared, however well formed. */
	factual: z.boolean(),
});
export type Grade = z.infer<typeof gradeSchema>;

export const factEventSchema = z.object({ id: z.string(), at: z.string(), what: z.string(), type: z.enum(TIMELINE_TYPES) });
export type FactEvent = z.infer<typeof factEventSchema>;

export const attemptSchema = z.object({
	evidence: z.string(),
	lab: z.string(),
	title: z.string(),
	attempt: z.number().int(),
	at: z.string(),
	score: z.number(),
	events: z.array(factEventSchema),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** A document as evidence: text and grade as they stood. Graded only where facts were compared; otherwise self-declared. */
export const writtenEvidenceSchema = z.object({
	id: z.string(),
	kind: z.enum(['graded', 'self-declared', 'mentor-confirmed']),
	document: z.string(),
	/** Id of the evidence that its facts were drawn from when it was handed in. */
	attempt: z.string().optional(),
	documentKind: documentKindSchema,
	version: z.number().int(),
	title: z.string(),
	deliverable: z.string(),
	at: z.string(),
	grade: gradeSchema,
	markdown: z.string(),
	/** SHA-256 (hex) over the canonical JSON of grade and Markdown. */
	digest: z.string(),
	/** Set where `kind` is mentor-confirmed. */
	confirmed: confirmationSchema.optional(),
});
export type WrittenEvidence = z.infer<typeof writtenEvidenceSchema>;

export const newDocumentSchema = z.union([z.object({ kind: documentKindSchema }), z.object({ markdown: z.string().min(1).max(60_000) })]);
export const saveDocumentSchema = z.object({ base: z.number().int(), content: documentContentSchema });
export const readDocumentSchema = z.object({ content: documentContentSchema });
export const restoreDocumentSchema = z.object({ version: z.number().int() });
export const attachDocumentSchema = z.object({
	deliverable: z
		.string()
		.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
		.max(60),
});
