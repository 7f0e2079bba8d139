/**
 * How somebody rates themselves, with what they point at.
 *
 *   GET  /api/assessment                     → assessmentSchema
 *   POST /api/assessment {assessmentChange}  → assessmentSchema
 */
import { z } from 'zod';

/** The nine dimensions of the scorecard: content/rubric/scorecard.yaml has the words. */
export const DIMENSIONS = [
	'cloud-kubernetes',
	'iac-automation',
	'ci-cd',
	'observability',
	'security',
	'incident',
	'product',
	'communication',
	'leadership',
] as const;
export const dimensionSchema = z.enum(DIMENSIONS);
export type Dimension = z.infer<typeof dimensionSchema>;

export const LEVELS = ['none', 'started', 'mid', 'senior'] as const;
export const levelSchema = z.enum(LEVELS);
export type Level = z.infer<typeof levelSchema>;

/** Pieces of evidence that a senior claim needs, each independent of the others. */
export const SENIOR_PIECES = 2;

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

export const assessmentSchema = z.object({
	self: z.partialRecord(dimensionSchema, ratingSchema),
	/** Written by reviews alone; nobody confirms themselves. */
	mentor: z.partialRecord(dimensionSchema, z.object({ level: levelSchema, by: z.string(), at: z.string() })),
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

/**
 * Where a piece comes from: two of one source are not independent. Attempts at the same lab are one source, as are all links into
 * one repository (the first two parts of the path on a code host) and all below one page elsewhere.
 * `labOf` gives the lab of an attempt.
 */
export function sourceOf(piece: Piece, labOf: (evidence: string) => string | undefined): string {
	if (piece.kind === 'graded') return `lab:${labOf(piece.evidence) ?? piece.evidence}`;
	if (piece.kind === 'document') return `document:${piece.document}`;
	const [, authority = '', pathname = ''] = /^https?:\/\/([^/?#]*)([^?#]*)/i.exec(piece.url) ?? [];
	const host = authority
		.toLowerCase()
		.replace(/^.*@/, '')
		.replace(/^www\./, '');
	const parts = pathname.toLowerCase().split('/').filter(Boolean);
	const depth = /(^|\.)(github|gitlab|codeberg|bitbucket)\./.test(host) ? 2 : parts.length;
	return `link:${[host, ...parts.slice(0, depth)].join('/').replace(/\.git$/, '')}`;
}

/** How many of the pieces are independent of one another. */
export function independent(pieces: readonly Piece[], labOf: (evidence: string) => string | undefined): number {
	return new Set(pieces.map((piece) => sourceOf(piece, labOf))).size;
}
