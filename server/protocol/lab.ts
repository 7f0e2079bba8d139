import { z } from 'zod';
import { drillSchema, hardwareFaultSchema } from './drill.ts';

const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens');

/** A check's words and weight. Its code is in the lab's checks.ts under the same id. */
export const labCheckSchema = z.object({
	id,
	title: z.string().min(3),
	/** Points; all checks of a lab add up to 100. */
	points: z.number().int().positive(),
	/** Checks that must pass before this one counts. */
	gate: z.array(id).default([]),
	/** Failing it caps the total at `criticalCap`. */
	critical: z.boolean().default(false),
	/** Why it matters in production. */
	why: z.string().min(20),
	/** A command with which the learner sees the same thing. Never the fix. */
	see: z.string().min(3),
	/** Watched while the learner works, so that its task turns green by itself: cheap and undisturbing checks only. */
	live: z.boolean().default(false),
});

export const labTaskSchema = z.object({
	id,
	title: z.string().min(3),
	/** The task's text as Markdown. */
	text: z.string().min(10),
	/** The task is done when all of these pass. */
	checks: z.array(id).min(1),
	/** Opened one at a time, in this order. */
	hints: z.array(z.string().min(10)).default([]),
});

function isPattern(text: string): boolean {
	try {
		return new RegExp(text, 'g').source !== '';
	} catch {
		return false;
	}
}

/** labs/<id>/lab.yaml */
export const labSchema = z.object({
	id,
	title: z.string().min(3),
	month: z.number().int().min(1).max(6),
	/** How long it takes a learner, in minutes. */
	minutes: z.number().int().positive(),
	summary: z.string().min(20),
	objectives: z.array(z.string()).min(1),
	/** What the provider must be able to do for every check to be gradable. */
	needs: z.object({ fork: z.boolean().default(false), nodes: z.number().int().default(3) }).prefault({}),
	/** Namespaces the brief names; the cluster view starts there. */
	namespace: z.string(),
	/** Names the workstation resolves to the cluster's ingress address. */
	hosts: z.array(z.string()).default([]),
	/** Pools of GPU nodes, as `npm run cluster -- --gpus` takes them: `l4=2,a100-80=1x4`. */
	gpus: z
		.string()
		.regex(/^[a-z0-9-]+[=:]\d+(-\d+)?(x\d+)?(,[a-z0-9-]+[=:]\d+(-\d+)?(x\d+)?)*$/)
		.optional(),
	/** Cards that are broken from the start; only a simulated cluster has them. */
	hardware: z.array(hardwareFaultSchema).default([]),
	/** Seconds of the cluster's time until its start stands, and until what a solution asks for does: images and models take minutes. */
	startSettle: z.number().int().positive().default(30),
	settle: z.number().int().positive().default(180),
	/**
	 * Masked in recordings of terminals: texts (they may hold `{{token:PURPOSE}}`), patterns that are looked for within words, and
	 * whatever the Secrets `namespace/name` hold.
	 */
	secrets: z
		.object({
			values: z.array(z.string().min(4)).default([]),
			patterns: z.array(z.string().refine(isPattern, 'a regular expression')).default([]),
			objects: z.array(z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'namespace/name')).default([]),
		})
		.prefault({}),
	passScore: z.number().int().min(1).max(100).default(66),
	criticalCap: z.number().int().default(59),
	tasks: z.array(labTaskSchema).min(1),
	checks: z.array(labCheckSchema).min(1),
	/** Which rubric rows and deliverable a pass is evidence for. */
	evidence: z.object({ deliverable: z.string(), rubric: z.array(z.string()).default([]) }),
	/** Set on a drill: labs/drills/<id>/. Its fault stands in `fault`. Never sent to a page but for `alert`, `area` and `difficulty`. */
	drill: drillSchema.optional(),
	/** What the lab broke on purpose, for postmortems of it: names of the component (`deployment/api`) and ids of document-kinds.ts' MECHANISMS. Never sent to a page. */
	fault: z.object({ components: z.array(z.string()).min(1), mechanisms: z.array(z.string()).min(1) }).optional(),
});

export type LabDefinition = z.infer<typeof labSchema>;
export type LabCheckWords = z.infer<typeof labCheckSchema>;
export type LabTask = z.infer<typeof labTaskSchema>;

export const verdictCheckSchema = z.object({
	id: z.string(),
	title: z.string(),
	outcome: z.enum(['pass', 'fail', 'ungraded', 'gated']),
	points: z.number(),
	/** Points given. */
	earned: z.number(),
	critical: z.boolean(),
	expected: z.string().optional(),
	seen: z.string().optional(),
	/** For 'ungraded' and 'gated'. */
	reason: z.string().optional(),
	why: z.string(),
	see: z.string(),
});

export const verdictSchema = z.object({
	lab: z.string(),
	/** Which submission it is, from 1. 0: checked only; looking is free, and is no attempt. */
	attempt: z.number().int(),
	/** Out of 100; ungraded checks are left out of both sides, so they never cost a learner. */
	score: z.number(),
	passed: z.boolean(),
	/** A failed critical check held the score down. */
	capped: z.boolean(),
	checks: z.array(verdictCheckSchema),
	/** ISO time, real clock. */
	gradedAt: z.string(),
	/** Real ms that grading took. */
	tookMs: z.number(),
	seed: z.number(),
	graderVersion: z.string(),
	provider: z.string(),
});
export type Verdict = z.infer<typeof verdictSchema>;
export type VerdictCheck = z.infer<typeof verdictCheckSchema>;
