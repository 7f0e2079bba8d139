/** A drill: a fault put into a running cluster as plain edits, and all that is known of it. Stands in lab.yaml beside what every lab has. */
import { z } from 'zod';

/** A card that fails: no edit could do it, and nothing in the cluster names the cause. */
export const hardwareFaultSchema = z.strictObject({
	node: z.string(),
	/** Counted from 0. */
	card: z.number().int().nonnegative().default(0),
	/** The driver's error. */
	xid: z.number().int().min(1).max(999),
});

const when = {
	/** Seconds after the drill began. */
	at: z.number().int().nonnegative().default(0),
	/** What the change's author would have said of it. */
	message: z.string().min(5),
	/** Harmless, and there to be suspected. */
	distractor: z.boolean().default(false),
};

/** An edit of an object, as anybody with kubectl could have made it. */
export const drillEditSchema = z.strictObject({
	...when,
	/** `apps/v1/deployments`. */
	resource: z.string(),
	/** Left out for objects of the cluster. */
	namespace: z.string().optional(),
	name: z.string(),
	/** JSON Patch. */
	patch: z.array(z.looseObject({ op: z.string(), path: z.string() })).min(1),
});

const hardwareEditSchema = z.strictObject({ ...when, hardware: hardwareFaultSchema });

/** Never sent to a page while the drill runs, but for `alert` and `difficulty`. */
export const drillSchema = z.strictObject({
	/** Number in the catalogue: `G1`. */
	code: z.string().regex(/^[A-Z]\d+$/),
	area: z.enum(['k8s', 'network', 'storage', 'gpu', 'serving', 'gitops', 'cost', 'security']),
	/** 1: one object, its error names it; 5: two faults, or a fix that can make it worse. */
	difficulty: z.number().int().min(1).max(5),
	trigger: z.enum(['config push', 'binary push', 'hardware', 'capacity', 'process', 'user behaviour', 'performance decay', 'planned work', 'attack']),
	/** What the pager says: a symptom of users, never the cause. */
	alert: z.string().min(20),
	inject: z.array(z.union([drillEditSchema, hardwareEditSchema])).min(1),
	/** Where the fault shows, from the outside in. */
	signals: z.array(z.strictObject({ what: z.string().min(5), see: z.string().min(3) })).min(2),
	cause: z.string().min(40),
	fix: z.string().min(40),
	prevention: z.string().min(40),
});

export type Drill = z.infer<typeof drillSchema>;
export type DrillEdit = z.infer<typeof drillEditSchema>;
