/**
 * The portfolio: what a person declares beside what was graded, and how all of it leaves the house.
 *
 *   GET  /api/portfolio/declared               → shownDeclaredSchema[]
 *   POST /api/portfolio/declared {declaredChange} → shownDeclaredSchema[]
 *   GET  /api/portfolio/site.zip               → a static site: pages, documents, badges, resume.json
 *   GET  /api/portfolio/portfolio.pdf          → the same as one PDF, where the machine has a Chromium
 *   GET  /api/portfolio/resume.json            → JSON Resume 1.0.0
 *   GET  /api/badges/:evidence/:file           → badge.json (Open Badges 3.0 as a compact JWS inside JSON), badge.jwt, badge.svg (baked)
 *   GET  /api/issuer                           → issuerSchema, for whoever verifies a badge
 */
import { z } from 'zod';
import { confirmationSchema } from './confirmation.ts';

export const DECLARED_KINDS = ['repository', 'pull-request', 'review', 'document', 'dashboard', 'talk', 'other'] as const;

/** Something elsewhere, and what is claimed of it. No program looked at it; a mentor may have (`claimSchema`). */
export const declaredSchema = z.strictObject({
	id: z.string().regex(/^[a-z0-9-]{1,40}$/),
	/** content/portfolio/deliverables.yaml */
	deliverable: z
		.string()
		.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
		.max(60),
	kind: z.enum(DECLARED_KINDS),
	title: z.string().trim().min(3).max(160),
	/** Where it can be looked at. */
	url: z.url({ protocol: /^https$/ }).max(500),
	/** What it is said to show. */
	claim: z.string().trim().min(20, 'say in a sentence what it shows').max(600),
	/** How many of what the deliverable counts lie behind the link: reviews, postmortems, tools. */
	count: z.number().int().min(1).max(1000),
	/** Day on which it was finished. */
	on: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
});
export type Declared = z.infer<typeof declaredSchema>;

/** What a mentor confirmed: these words about this link, and no others. `digest`: SHA-256 (hex) over the canonical JSON of what is declared. */
export const claimSchema = z.object({ declared: z.string(), digest: z.string(), confirmed: confirmationSchema });
export type Claim = z.infer<typeof claimSchema>;

/** `confirmed` stands as long as nothing of it was changed since the mentor looked. */
export const shownDeclaredSchema = declaredSchema.extend({ confirmed: confirmationSchema.optional() });
export type ShownDeclared = z.infer<typeof shownDeclaredSchema>;

export const declaredChangeSchema = z.discriminatedUnion('action', [
	/** Adds one, or replaces the one with its id. */
	z.strictObject({ action: z.literal('put'), declared: declaredSchema }),
	z.strictObject({ action: z.literal('remove'), id: z.string() }),
]);
export type DeclaredChange = z.infer<typeof declaredChangeSchema>;

/** Who signs badges here. */
export const issuerSchema = z.object({
	/** `did:jwk:…`: the public key itself, so that no server has to answer for it. */
	id: z.string(),
	name: z.string(),
	/** RFC 7517; the public half. */
	jwk: z.record(z.string(), z.string()),
	/** RFC 7638, SHA-256, base64url: short enough to compare by eye. */
	thumbprint: z.string(),
});
export type Issuer = z.infer<typeof issuerSchema>;
