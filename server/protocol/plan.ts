/**
 * A dated plan as it is kept: what was agreed, with its dates, so that a later change of the content never moves one.
 *
 *   GET  /api/plan               → plansSchema
 *   POST /api/plan {planChange}  → plansSchema
 *   GET  /api/plan/<kind>.ics    → the current plan of that kind as a calendar (RFC 5545)
 */
import { z } from 'zod';
import { STARTS } from './starts.ts';

/** A day of the calendar that exists: `2026-02-30` is none. */
export const daySchema = z
	.string()
	.regex(/^\d{4}-\d{2}-\d{2}$/, 'a day as YYYY-MM-DD')
	.refine((day) => {
		const at = new Date(`${day}T00:00:00Z`);
		return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === day;
	}, 'no day of the calendar');

export const startSchema = z.enum(STARTS);
export type Start = z.infer<typeof startSchema>;

/** `track`: the learning plan. `role`: 30, 60, 90 days and 6, 12 months of somebody in the role. */
export const planKindSchema = z.enum(['track', 'role']);
export type PlanKind = z.infer<typeof planKindSchema>;

export const milestoneSchema = z.strictObject({
	/** Stays the same from one plan to the next: `month-2/lab/three-tiers`. */
	id: z
		.string()
		.regex(/^[a-z0-9]+([-/][a-z0-9]+)*$/)
		.max(100),
	kind: z.enum(['reading', 'lab', 'deliverable', 'checklist', 'asset', 'role']),
	title: z.string().min(1).max(200),
	/** The last day on which it counts as on time. */
	due: daySchema,
	/** Hours of work, as planned; 0 where hours say nothing. */
	hours: z.number().min(0).max(2000),
});
export type Milestone = z.infer<typeof milestoneSchema>;

export const planSchema = z.strictObject({
	start: startSchema,
	weeklyHours: z.number().int().min(1).max(60),
	begins: daySchema,
	/** Months of the track that are left out because they are known. */
	known: z.array(z.number().int().min(1).max(6)).max(6),
	milestones: z.array(milestoneSchema).min(1),
	/** How it came about: made anew, or which way of re-planning was chosen. */
	how: z.enum(['made', 'extended', 'hours-raised', 'cut']),
	/** Titles of what a cut left out. */
	lost: z.array(z.string().max(200)),
});
export type Plan = z.infer<typeof planSchema>;

const adoptedSchema = z.object({ plan: planSchema, at: z.string() });

const planRecordSchema = z.object({
	current: adoptedSchema.optional(),
	/** Earlier plans, oldest first, for going back. */
	earlier: z.array(adoptedSchema),
	/** Milestones that the learner calls done, with the time: self-declared. */
	ticked: z.record(z.string(), z.string()),
});
export type PlanRecord = z.infer<typeof planRecordSchema>;

/** What the placement check found, and what it proposed. */
export const placementSchema = z.strictObject({
	proposed: startSchema,
	/** Right answers and questions, a month: `{ "1": { right: 1, of: 2 } }`. */
	months: z.record(z.string().regex(/^[1-6]$/), z.strictObject({ right: z.number().int().min(0).max(20), of: z.number().int().min(0).max(20) })),
	terminal: z.enum(['right', 'wrong', 'skipped']),
});
export type Placement = z.infer<typeof placementSchema>;

export const plansSchema = z.object({
	track: planRecordSchema.optional(),
	role: planRecordSchema.optional(),
	placement: placementSchema.extend({ at: z.string() }).optional(),
});
export type Plans = z.infer<typeof plansSchema>;

export const planChangeSchema = z.discriminatedUnion('action', [
	z.strictObject({ action: z.literal('adopt'), kind: planKindSchema, plan: planSchema }),
	/** Back to the plan before; to none where there was none. */
	z.strictObject({ action: z.literal('undo'), kind: planKindSchema }),
	z.strictObject({ action: z.literal('tick'), kind: planKindSchema, milestone: milestoneSchema.shape.id, done: z.boolean() }),
	z.strictObject({ action: z.literal('placement'), placement: placementSchema }),
]);
export type PlanChange = z.infer<typeof planChangeSchema>;
