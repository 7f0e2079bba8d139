/**
 * How somebody rates themselves, with what they point at.
 *
 *   GET  /api/assessment                     → assessmentSchema
 *   POST /api/assessment {assessmentChange}  → assessmentSchema
 */
import { z } from 'zod';
import { DIMENSIONS, LEVELS } from './pieces.ts';

export const dimensionSchema = z.enum(DIMENSIONS);
export type Dimension = z.infer<typeof dimensionSchema>;

export const levelSchema = z.enum(LEVELS);
export type Level = z.infer<typeof levelSchema>;

/** What a rating points at. A claim is what the piece is said to show. */
export const pieceSchema = z.discriminatedUnion('kind', [
	/** A passed attempt that Foothold graded. */
	z.strictObject({ kind: z.literal('graded'), evidence: z.string().min(1).max(80), claim: z.string().max(300) }),
	/** A document written here. */
	z.strictObject({ kind: z.literal('document'), document: z.string().min(1).max(80), claim: z.string().max(300) }),
	z.strictObject({ kind: z.literal('link'), url: z.url({ protocol: /^https?$/ }).max(500), claim: z.string().trim().min(10).max(300) }),
]);
export type Piece = z.infer<typeof pieceSchema>;

const ratingSchema = z.object({ level: levelSchema, pieces: z.array(pieceSchema), at: z.string() });
export type Rating = z.infer<typeof ratingSchema>;

/** One round of an interview exercise. */
export const exerciseRunSchema = z.strictObject({
	exercise: z.string().regex(/^[a-z0-9-]{1,60}$/),
	/** Seconds that the clock ran. */
	seconds: z
		.number()
		.int()
		.min(0)
		.max(24 * 3600),
	/** `mentor`: somebody else scored it, beside the learner; their name was typed in. */
	by: z.enum(['self', 'mentor']),
	mentor: z.string().trim().max(60),
	/** Criterion → 0 (not seen) to 3 (strong). */
	scores: z.record(z.string().regex(/^[a-z0-9-]{1,60}$/), z.number().int().min(0).max(3)),
	notes: z.string().max(2000),
});
export type ExerciseRun = z.infer<typeof exerciseRunSchema>;

/** One mentor's newest mark of a row or dimension. */
const mentorMarkSchema = z.object({
	level: levelSchema,
	/** The mentor's name and id; marks from before ids were kept have the name alone. */
	by: z.string(),
	person: z.string().optional(),
	at: z.string(),
	/** The submission that was reviewed. */
	submission: z.string().optional(),
	/** Made in a blind second review. */
	second: z.boolean().optional(),
});
export type MentorMark = z.infer<typeof mentorMarkSchema>;

/** Each mentor's newest; in records from before there were several it is one. */
export const mentorMarksSchema = z.preprocess((kept) => (Array.isArray(kept) ? kept : [kept]), z.array(mentorMarkSchema));

export const assessmentSchema = z.object({
	self: z.partialRecord(dimensionSchema, ratingSchema),
	/** Written by reviews alone; nobody confirms themselves. */
	mentor: z.partialRecord(dimensionSchema, mentorMarksSchema),
	/** Self-ratings over time, oldest first. */
	history: z.array(z.object({ dimension: dimensionSchema, level: levelSchema, at: z.string() })),
	runs: z.array(exerciseRunSchema.extend({ at: z.string() })),
});
export type Assessment = z.infer<typeof assessmentSchema>;

export const assessmentChangeSchema = z.discriminatedUnion('action', [
	z.strictObject({ action: z.literal('rate'), dimension: dimensionSchema, level: levelSchema, pieces: z.array(pieceSchema) }),
	z.strictObject({ action: z.literal('run'), run: exerciseRunSchema }),
]);
export type AssessmentChange = z.infer<typeof assessmentChangeSchema>;
