/**
 * The HTTP surface between site and server (all JSON; cookie `foothold` set by opening `/?token=…` once):
 *
 *   GET  /api/me                → meSchema
 *   POST /api/me {name}         → meSchema           choose a name
 *   GET  /api/labs              → labSummarySchema[]
 *   GET  /api/labs/:lab         → labPageSchema
 *   GET  /api/reading           → readingSchema
 *   POST /api/reading {lesson, state} → readingSchema   a lesson opened, read, or read no longer
 *   GET, POST /api/plan, GET /api/plan/<kind>.ics  → see plan.ts
 *   GET, POST /api/assessment   → see assessment.ts
 *   GET  /api/progress          → learnerSchema (without the files of evidence)
 *   …    /api/documents, /api/attempts, /api/writings: documents.ts
 *   GET  /api/evidence/:id      → evidenceSchema
 *   …    /api/submissions, /api/notices, /api/mentor: reviews.ts
 *   GET  /api/labs/:lab/socket  → WebSocket, messages.ts
 *   GET  /api/labs/:lab/recordings → recordingInfoSchema[], newest first; …/recordings/:name is the asciicast v3 file
 *   GET  /api/evidence/:id/recordings/:name → the same of those that evidence carries
 *   GET  /api/labs/:lab/cluster/* → JSON of the lab's Kubernetes API: /openapi/v3, /api, /apis, and collections as PartialObjectMetadataList
 *   …    /api/labs/:lab/{apply,files,archive,upload}: workspace.ts
 *   GET  /api/labs/:lab/kubeconfig → YAML: a kubeconfig for the learner's own kubectl (https, own CA)
 *   ANY  /clusters/:session/*   → the learner's cluster, Kubernetes HTTP API (bearer token)
 *   GET  /healthz               → 200 "ok"
 *
 * A failed call answers `errorSchema` with a 4xx or 5xx status. State-changing calls and the socket need an Origin of our own.
 */
import { z } from 'zod';
import { roleSchema } from './people.ts';
import { labProgressSchema } from './progress.ts';

export const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string(), next: z.string() }) });

export const meSchema = z.object({
	id: z.string(),
	name: z.string().nullable(),
	roles: z.array(roleSchema),
	mode: z.enum(['local', 'team']),
	provider: z.string(),
});
export type Me = z.infer<typeof meSchema>;

export const chooseNameSchema = z.object({ name: z.string().trim().min(1).max(60) });

/** `unread` takes a `read` back; `opened` never does. */
export const readingChangeSchema = z.object({
	lesson: z
		.string()
		.regex(/^month-[1-6]\/[a-z0-9]+(-[a-z0-9]+)*$/, 'month-<n>/<slug>')
		.max(80),
	state: z.enum(['opened', 'read', 'unread']),
});
export type ReadingChange = z.infer<typeof readingChangeSchema>;

export const labSummarySchema = z.object({
	id: z.string(),
	title: z.string(),
	month: z.number(),
	minutes: z.number(),
	summary: z.string(),
	points: z.number(),
	progress: labProgressSchema.optional(),
});
export type LabSummary = z.infer<typeof labSummarySchema>;

export const labPageSchema = labSummarySchema.extend({
	objectives: z.array(z.string()),
	/** HTML made from the lab's brief.md by the server (sanitised). */
	brief: z.string(),
	namespace: z.string(),
	tasks: z.array(z.object({ id: z.string(), title: z.string(), text: z.string(), hints: z.number(), points: z.number() })),
	passScore: z.number(),
});
export type LabPage = z.infer<typeof labPageSchema>;
