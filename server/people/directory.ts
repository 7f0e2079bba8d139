/** Everyone and every cohort as one document, and what can happen to it: functions from document to document. Faults are thrown inside the writer, which rejects that change alone. */
import { z } from 'zod';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { type Cohort, cohortSchema, type Invitation, invitationSchema, type Person, personSchema, type Role } from '../protocol/people.ts';

/** Issuer and subject of the identity provider: what a person is recognised by. E-mail addresses change hands; these do not. */
const keptPersonSchema = personSchema.extend({ issuer: z.string().optional(), subject: z.string().optional() });
export type KeptPerson = z.infer<typeof keptPersonSchema>;
const keptInvitationSchema = invitationSchema.extend({ codeHash: z.string() });
export type KeptInvitation = z.infer<typeof keptInvitationSchema>;
const keptCohortSchema = cohortSchema.extend({ invitations: z.array(keptInvitationSchema) });
export type KeptCohort = z.infer<typeof keptCohortSchema>;

export const directorySchema = z.object({ version: z.number().int(), people: z.array(keptPersonSchema), cohorts: z.array(keptCohortSchema) });
export type Directory = z.infer<typeof directorySchema>;

export const EMPTY: Directory = { version: 0, people: [], cohorts: [] };

export const shownPerson = ({ issuer: _, subject: __, ...person }: KeptPerson): Person => person;
export const shownInvitation = ({ codeHash: _, ...invitation }: KeptInvitation): Invitation => invitation;
export const shownCohort = (cohort: KeptCohort): Cohort => ({ ...cohort, invitations: cohort.invitations.map(shownInvitation) });

export function personAdded(directory: Directory, person: KeptPerson): Directory {
	if (directory.people.length >= LIMITS.people) throw fault('people-full', { limit: LIMITS.people });
	return { ...directory, people: [...directory.people, person] };
}

export function personChanged(directory: Directory, id: string, change: (person: KeptPerson) => KeptPerson): Directory {
	const old = directory.people.find((person) => person.id === id);
	if (old === undefined) throw fault('person-unknown', { person: id });
	const people = directory.people.map((person) => (person === old ? change(old) : person));
	return { ...directory, people };
}

/** The last admin who may come in stays one: nobody could make another. */
export function rolesSet(directory: Directory, id: string, roles: readonly Role[]): Directory {
	const next = personChanged(directory, id, (person) => ({ ...person, roles: [...new Set(roles)] }));
	return keepAnAdmin(directory, next);
}

/** `force`: also the last admin. */
export function suspended(directory: Directory, id: string, at: string | undefined, force: boolean): Directory {
	const next = personChanged(directory, id, ({ suspendedAt: _, ...person }) => (at === undefined ? person : { ...person, suspendedAt: at }));
	return force ? next : keepAnAdmin(directory, next);
}

/** The person, and their place in every cohort. */
export function personRemoved(directory: Directory, id: string, force: boolean): Directory {
	const without = (ids: readonly string[]): string[] => ids.filter((one) => one !== id);
	const next = {
		...directory,
		people: directory.people.filter((person) => person.id !== id),
		cohorts: directory.cohorts.map((cohort) => ({
			...cohort,
			mentors: without(cohort.mentors),
			learners: without(cohort.learners),
			invitations: cohort.invitations.map((one) => (one.createdBy === id ? { ...one, createdBy: '' } : one)),
		})),
	};
	return force ? next : keepAnAdmin(directory, next);
}

const admins = (directory: Directory): number => directory.people.filter((p) => p.roles.includes('admin') && p.suspendedAt === undefined).length;

function keepAnAdmin(before: Directory, after: Directory): Directory {
	if (admins(before) > 0 && admins(after) === 0) throw fault('last-admin', {});
	return after;
}

export function cohortMade(directory: Directory, cohort: KeptCohort): Directory {
	if (directory.cohorts.length >= LIMITS.cohorts) throw fault('cohorts-full', { limit: `${LIMITS.cohorts} cohorts` });
	return { ...directory, cohorts: [...directory.cohorts, cohort] };
}

export function cohortRemoved(directory: Directory, id: string): Directory {
	cohortOf(directory, id);
	return { ...directory, cohorts: directory.cohorts.filter((cohort) => cohort.id !== id) };
}

export function invited(directory: Directory, cohort: string, invitation: KeptInvitation, now: string): Directory {
	return cohortChanged(directory, cohort, (old) => {
		const open = old.invitations.filter((one) => isOpen(one, now));
		if (open.length >= LIMITS.invitationsPerCohort) throw fault('cohorts-full', { limit: `${LIMITS.invitationsPerCohort} open invitations in one cohort` });
		return { ...old, invitations: [...open, invitation] };
	});
}

export function invitationRevoked(directory: Directory, cohort: string, invitation: string): Directory {
	return cohortChanged(directory, cohort, (old) => ({ ...old, invitations: old.invitations.filter((one) => one.id !== invitation) }));
}

export const isOpen = (invitation: Invitation, now: string): boolean => invitation.usesLeft > 0 && invitation.expiresAt > now;

/** The person joins by an invitation. Whoever belongs already changes nothing and uses nothing up. */
export function joined(directory: Directory, codeHash: string, id: string, now: string): Directory {
	const found = invitationOf(directory, codeHash, now);
	if (found === undefined) throw fault('invitation-invalid', {});
	const { cohort, invitation } = found;
	const place = invitation.as === 'mentor' ? 'mentors' : 'learners';
	if (cohort[place].includes(id)) return directory;
	if (cohort[place].length >= LIMITS.cohortMembers) throw fault('cohorts-full', { limit: `${LIMITS.cohortMembers} ${place} in one cohort` });
	const next = cohortChanged(directory, cohort.id, (old) => ({
		...old,
		[place]: [...old[place], id],
		invitations: old.invitations.map((one) => (one.id === invitation.id ? { ...one, usesLeft: one.usesLeft - 1, used: one.used + 1 } : one)),
	}));
	if (invitation.as === 'learner') return next;
	return personChanged(next, id, (person) => ({ ...person, roles: [...new Set<Role>([...person.roles, 'mentor'])] }));
}

/** The person's places in the cohort are gone; their role stays. */
export function left(directory: Directory, cohort: string, id: string): Directory {
	return cohortChanged(directory, cohort, (old) => ({ ...old, mentors: old.mentors.filter((m) => m !== id), learners: old.learners.filter((l) => l !== id) }));
}

export function invitationOf(
	directory: Directory,
	codeHash: string,
	now: string,
): { readonly cohort: KeptCohort; readonly invitation: KeptInvitation } | undefined {
	for (const cohort of directory.cohorts) {
		const invitation = cohort.invitations.find((one) => one.codeHash === codeHash);
		if (invitation !== undefined) return isOpen(invitation, now) ? { cohort, invitation } : undefined;
	}
	return undefined;
}

function cohortOf(directory: Directory, id: string): KeptCohort {
	const cohort = directory.cohorts.find((one) => one.id === id);
	if (cohort === undefined) throw fault('cohort-unknown', { cohort: id });
	return cohort;
}

function cohortChanged(directory: Directory, id: string, change: (cohort: KeptCohort) => KeptCohort): Directory {
	const old = cohortOf(directory, id);
	const changed = change(old);
	return { ...directory, cohorts: directory.cohorts.map((cohort) => (cohort === old ? changed : cohort)) };
}
