/**
 * People, what they may do, and the cohorts that join learners with mentors. Over HTTP (rows of `transport/access.ts`):
 *
 *   GET    /api/people                        → personSchema[]            admins
 *   POST   /api/people/:person/roles {roles}  → personSchema              admins; takes effect at the person's next request
 *   POST   /api/people/:person/suspend {suspended} → personSchema         admins; signs the person out everywhere
 *   DELETE /api/people/:person                → erasureSchema             the person, or an admin (team mode)
 *   GET    /api/people/:person/export         → ZIP                       the person, or an admin
 *   GET    /api/cohorts                       → cohortSchema[]            those one belongs to; admins: all
 *   POST   /api/cohorts {name}                → cohortSchema              mentors, admins; whoever makes one is its mentor
 *   GET    /api/cohorts/:cohort               → cohortSchema              its mentors, admins
 *   DELETE /api/cohorts/:cohort               → {removed}                 its mentors, admins
 *   POST   /api/cohorts/:cohort/invitations   → newInvitationSchema       its mentors, admins; an invitation of mentors: admins
 *   DELETE /api/cohorts/:cohort/invitations/:invitation → cohortSchema    its mentors, admins
 *   POST   /api/cohorts/:cohort/leave         → {left}                    whoever belongs to it
 *   DELETE /api/cohorts/:cohort/members/:person → cohortSchema            its mentors, admins
 *   POST   /api/invitations/look {code}       → invitationViewSchema      whoever is signed in
 *   POST   /api/invitations/accept {code}     → cohortViewSchema          whoever is signed in
 *   GET    /api/account                       → accountSchema             oneself
 *   POST   /api/account/sign-out, /api/account/sign-out-everywhere → {next}
 *   GET    /api/audit?person=&since=&action=  → auditPageSchema           admins
 */
import { z } from 'zod';

export const ROLES = ['learner', 'mentor', 'admin'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

/** Ids become file names. */
export const personIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);

export const personSchema = z.object({
	id: personIdSchema,
	name: z.string(),
	email: z.string().optional(),
	/** At least one; everyone who signs in is a learner. */
	roles: z.array(roleSchema),
	/** ISO time. */
	createdAt: z.string(),
	/** Set while an admin keeps this person out. */
	suspendedAt: z.string().optional(),
});
export type Person = z.infer<typeof personSchema>;

/** A link that lets people into a cohort: so often, so long. Only a hash of its code is kept; the code is said once, when it is made. */
export const invitationSchema = z.object({
	id: z.string(),
	/** What whoever accepts it becomes in the cohort. */
	as: z.enum(['learner', 'mentor']),
	createdBy: z.string(),
	createdAt: z.string(),
	expiresAt: z.string(),
	/** How many may still accept it, and how many have. */
	usesLeft: z.number().int(),
	used: z.number().int(),
});
export type Invitation = z.infer<typeof invitationSchema>;

export const cohortSchema = z.object({
	id: personIdSchema,
	name: z.string(),
	createdAt: z.string(),
	/** Person ids. */
	mentors: z.array(z.string()),
	learners: z.array(z.string()),
	invitations: z.array(invitationSchema),
});
export type Cohort = z.infer<typeof cohortSchema>;

/** A cohort as its members see it: names in place of ids, no invitations. Learners see who mentors them and how many learn with them. */
export const cohortViewSchema = z.object({
	id: z.string(),
	name: z.string(),
	as: z.array(z.enum(['learner', 'mentor'])),
	mentors: z.array(z.object({ id: z.string(), name: z.string() })),
	/** Named to mentors and admins only. */
	learners: z.array(z.object({ id: z.string(), name: z.string() })),
	learnerCount: z.number().int(),
	/** What it may be changed by: its mentors and admins. */
	manages: z.boolean(),
	invitations: z.array(invitationSchema),
});
export type CohortView = z.infer<typeof cohortViewSchema>;

const shortName = z.string().trim().min(1).max(60);
export const newCohortSchema = z.object({ name: shortName });
export const newInvitationSchema = z.object({
	as: z.enum(['learner', 'mentor']).default('learner'),
	days: z.number().int().min(1).max(90).default(14),
	uses: z.number().int().min(1).max(500).default(30),
});
export type NewInvitation = z.infer<typeof newInvitationSchema>;
/** The only time that the link is told. */
export const madeInvitationSchema = z.object({ invitation: invitationSchema, path: z.string() });
export type MadeInvitation = z.infer<typeof madeInvitationSchema>;
export const invitationCodeSchema = z.object({ code: z.string().min(8).max(80) });
/** What somebody who holds the code may know before accepting. */
export const invitationViewSchema = z.object({ cohort: z.string(), as: z.enum(['learner', 'mentor']), expiresAt: z.string(), member: z.boolean() });
export type InvitationView = z.infer<typeof invitationViewSchema>;

export const rolesChangeSchema = z.object({ roles: z.array(roleSchema).min(1).max(3) });
export const suspensionSchema = z.object({ suspended: z.boolean() });

/** A line of the audit trail. `prev` is the hash of the line before it, `hash` SHA-256 (hex) over the canonical JSON of the rest. */
export const auditEntrySchema = z.object({
	seq: z.number().int(),
	at: z.string(),
	/** Person id; '' for the command line. */
	actor: z.string(),
	action: z.string(),
	person: z.string().optional(),
	object: z.string().optional(),
	detail: z.string().optional(),
	prev: z.string(),
	hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What is asked of the trail: `?person=&since=&action=`. */
export const auditQuerySchema = z.object({
	person: z.string().max(64).optional(),
	since: z
		.string()
		.regex(/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/)
		.optional(),
	action: z.string().max(60).optional(),
});
/** Newest first, with the names of those who are still here. */
export const auditPageSchema = z.object({ entries: z.array(auditEntrySchema), names: z.record(z.string(), z.string()) });
export type AuditPage = z.infer<typeof auditPageSchema>;

/** Who is signed in, and where else. */
export const accountSchema = z.object({
	person: personSchema,
	/** Sign-ins of this person, this one included; 0 in local mode. */
	signIns: z.number().int(),
	/** What was asked for and seen of this person by others, newest first. */
	seenBy: z.array(z.object({ at: z.string(), who: z.string(), action: z.string() })),
});
export type Account = z.infer<typeof accountSchema>;

/** What was deleted of a person: to keep as proof. It holds no more of them than the id. */
export const erasureSchema = z.object({
	person: z.string(),
	at: z.string(),
	/** Each kind of data with how many things of it were removed, or kept without the name. */
	removed: z.array(z.object({ what: z.string(), count: z.number().int() })),
	kept: z.array(z.object({ what: z.string(), count: z.number().int(), why: z.string() })),
	/** Number and hash of its line in the audit trail. */
	audit: z.object({ seq: z.number().int(), hash: z.string() }),
});
export type Erasure = z.infer<typeof erasureSchema>;
