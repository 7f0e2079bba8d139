/**
 * Who there is, which roles they have, and who mentors whom: the single writer of the directory. Questions are answered from
 * memory, so that a changed role counts at the very next request; a change resolves when it is on the disk.
 */
import { createHash, randomBytes } from 'node:crypto';
import { fault } from '../errors/catalogue.ts';
import type { Cohort, Invitation, MadeInvitation, NewInvitation, Person, Role } from '../protocol/people.ts';
import type { DocumentStore } from '../store/store.ts';
import {
	cohortMade,
	cohortRemoved,
	type Directory,
	EMPTY,
	invitationOf,
	invitationRevoked,
	invited,
	joined,
	type KeptCohort,
	type KeptPerson,
	left,
	personAdded,
	personChanged,
	personRemoved,
	rolesSet,
	shownCohort,
	shownInvitation,
	shownPerson,
	suspended,
} from './directory.ts';

const DAY_MS = 86_400_000;

/** Somebody as the identity provider names them. */
export interface Identity {
	readonly issuer: string;
	readonly subject: string;
	readonly name: string;
	readonly email: string | undefined;
}

export interface PeopleOptions {
	/** The one person of local mode, who holds all roles; undefined in team mode. */
	readonly local?: string;
	readonly now?: () => Date;
}

/** Answers made from one state of the directory, so that no question walks through everybody. */
interface Index {
	readonly people: ReadonlyMap<string, KeptPerson>;
	readonly subjects: ReadonlyMap<string, KeptPerson>;
	readonly cohorts: ReadonlyMap<string, KeptCohort>;
	/** Person id → cohorts that they belong to. */
	readonly memberships: ReadonlyMap<string, readonly KeptCohort[]>;
}

export class People {
	private readonly store: DocumentStore<Directory>;
	private readonly local: string | undefined;
	private readonly now: () => Date;
	private directory: Directory = EMPTY;
	private index: Index = indexed(EMPTY);
	private last: Promise<unknown> = Promise.resolve();
	private readonly listeners = new Set<(person: string) => void>();

	constructor(store: DocumentStore<Directory>, options: PeopleOptions = {}) {
		this.store = store;
		this.local = options.local;
		this.now = options.now ?? (() => new Date());
	}

	/** Whether there is one person only, who is signed in by the printed link. */
	get isLocal(): boolean {
		return this.local !== undefined;
	}

	/** Reads the directory; in local mode its one person is made where there is none. */
	async load(): Promise<void> {
		this.take((await this.store.read()) ?? EMPTY);
		const id = this.local;
		if (id === undefined || this.index.people.has(id)) return;
		const person: KeptPerson = { id, name: '', roles: ['learner', 'mentor', 'admin'], createdAt: this.now().toISOString() };
		await this.change((directory) => personAdded(directory, person));
	}

	person(id: string): Person | undefined {
		const found = this.index.people.get(id);
		return found === undefined ? undefined : shownPerson(found);
	}

	/** By issuer and subject of the identity provider. */
	personOf(issuer: string, subject: string): Person | undefined {
		const found = this.index.subjects.get(subjectKey(issuer, subject));
		return found === undefined ? undefined : shownPerson(found);
	}

	/** Everyone, in the order in which they came. */
	everyone(): readonly Person[] {
		return this.directory.people.map(shownPerson);
	}

	/** Whether this person is known and not kept out. */
	mayEnter(id: string): boolean {
		const person = this.index.people.get(id);
		return person !== undefined && person.suspendedAt === undefined;
	}

	/** Whether this person holds the role and may come in at all. */
	has(id: string, role: Role): boolean {
		return this.mayEnter(id) && this.index.people.get(id)?.roles.includes(role) === true;
	}

	cohort(id: string): Cohort | undefined {
		const found = this.index.cohorts.get(id);
		return found === undefined ? undefined : shownCohort(found);
	}

	cohorts(): readonly Cohort[] {
		return this.directory.cohorts.map(shownCohort);
	}

	/** Cohorts in which this person learns or mentors. */
	cohortsOf(id: string): readonly Cohort[] {
		return (this.index.memberships.get(id) ?? []).map(shownCohort);
	}

	/** Whether the person mentors in this cohort, with the role still theirs. */
	mentorsIn(mentor: string, cohort: string): boolean {
		return this.has(mentor, 'mentor') && this.index.cohorts.get(cohort)?.mentors.includes(mentor) === true;
	}

	/** Ids of those who may review this learner's work: mentors of their cohorts. Never the learner, except the one person of local mode. */
	mentorsOf(learner: string): readonly string[] {
		const found = new Set<string>(learner === this.local ? [learner] : []);
		for (const cohort of this.index.memberships.get(learner) ?? [])
			if (cohort.learners.includes(learner)) for (const mentor of cohort.mentors) if (mentor !== learner && this.has(mentor, 'mentor')) found.add(mentor);
		return [...found];
	}

	/** Ids of those whose work this mentor may review. */
	learnersOf(mentor: string): readonly string[] {
		const found = new Set<string>(mentor === this.local ? [mentor] : []);
		if (!this.has(mentor, 'mentor')) return [];
		for (const cohort of this.index.memberships.get(mentor) ?? [])
			if (cohort.mentors.includes(mentor)) for (const learner of cohort.learners) if (learner !== mentor) found.add(learner);
		return [...found];
	}

	/** In local mode the one person may review themselves, to try it; `confirms` says that it counts for nothing. */
	mayReview(mentor: string, learner: string): boolean {
		if (mentor === learner) return mentor === this.local;
		return this.has(mentor, 'mentor') && (this.index.memberships.get(mentor) ?? []).some((c) => c.mentors.includes(mentor) && c.learners.includes(learner));
	}

	/** Whether a review by this mentor makes this learner's evidence mentor-confirmed. */
	confirms(mentor: string, learner: string): boolean {
		return mentor !== learner && this.mayReview(mentor, learner);
	}

	/** Whoever signed in: made at the first time, with name and address as the provider has them now. `admin`: the configuration names them one. */
	async signedIn(identity: Identity, admin: boolean): Promise<Person> {
		const { issuer, subject, name, email } = identity;
		const fresh: KeptPerson = {
			id: `p${randomBytes(8).toString('hex')}`,
			issuer,
			subject,
			name,
			...(email === undefined ? {} : { email }),
			roles: admin ? ['learner', 'admin'] : ['learner'],
			createdAt: this.now().toISOString(),
		};
		const known = (directory: Directory) => directory.people.find((p) => p.issuer === issuer && p.subject === subject);
		const after = await this.change((directory) => {
			const old = known(directory);
			if (old === undefined) return personAdded(directory, fresh);
			const roles: Role[] = admin && !old.roles.includes('admin') ? [...old.roles, 'admin'] : old.roles;
			const same = old.name === name && old.email === email && roles === old.roles;
			return same ? directory : personChanged(directory, old.id, ({ email: _, ...p }) => ({ ...p, name, roles, ...(email === undefined ? {} : { email }) }));
		});
		return shownPerson(known(after) ?? fresh);
	}

	async rename(id: string, name: string): Promise<void> {
		await this.change((directory) => personChanged(directory, id, (person) => ({ ...person, name })));
	}

	async setRoles(id: string, roles: readonly Role[]): Promise<Person> {
		await this.change((directory) => rolesSet(directory, id, roles));
		return this.known(id);
	}

	/** Keeps a person out, or lets them in again. `force`: also the last admin. */
	async suspend(id: string, out: boolean, force = false): Promise<Person> {
		await this.change((directory) => suspended(directory, id, out ? this.now().toISOString() : undefined, force));
		if (out) this.tellOut(id);
		return this.known(id);
	}

	/** Takes the person out of the directory and every cohort. Their data elsewhere is `erase`'s concern. */
	async remove(id: string, force = false): Promise<void> {
		await this.change((directory) => personRemoved(directory, id, force));
		this.tellOut(id);
	}

	/** `listener` hears of everyone who may not come in any more: what they have open is closed. Returns its end. */
	onOut(listener: (person: string) => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	/** `mentor` made it and is its first mentor (an admin who is no mentor makes it for others: nobody is). */
	async makeCohort(name: string, maker: string): Promise<Cohort> {
		const cohort: KeptCohort = {
			id: `c${randomBytes(6).toString('hex')}`,
			name,
			createdAt: this.now().toISOString(),
			mentors: this.has(maker, 'mentor') ? [maker] : [],
			learners: [],
			invitations: [],
		};
		await this.change((directory) => cohortMade(directory, cohort));
		return shownCohort(cohort);
	}

	async removeCohort(id: string): Promise<void> {
		await this.change((directory) => cohortRemoved(directory, id));
	}

	/** A new invitation, and the path that is told once: only a hash of its code is kept. */
	async invite(cohort: string, maker: string, { as, days, uses }: NewInvitation): Promise<MadeInvitation> {
		const code = randomBytes(18).toString('base64url');
		const now = this.now();
		const invitation = {
			id: randomBytes(6).toString('hex'),
			as,
			createdBy: maker,
			createdAt: now.toISOString(),
			expiresAt: new Date(now.getTime() + days * DAY_MS).toISOString(),
			usesLeft: uses,
			used: 0,
			codeHash: hashOf(code),
		};
		await this.change((directory) => invited(directory, cohort, invitation, now.toISOString()));
		// After the #: a code in a query would stand in proxies' logs.
		return { invitation: shownInvitation(invitation), path: `/join/#${code}` };
	}

	async revoke(cohort: string, invitation: string): Promise<void> {
		await this.change((directory) => invitationRevoked(directory, cohort, invitation));
	}

	/** What a code is for, while it can be used. */
	invitation(code: string): { readonly cohort: Cohort; readonly invitation: Invitation } | undefined {
		const found = invitationOf(this.directory, hashOf(code), this.now().toISOString());
		return found === undefined ? undefined : { cohort: shownCohort(found.cohort), invitation: shownInvitation(found.invitation) };
	}

	/** Joins the invitation's cohort. Rejects with `invitation-invalid` where it is used up, over, revoked or none. */
	async accept(code: string, person: string): Promise<Cohort> {
		const hash = hashOf(code);
		const now = this.now().toISOString();
		let cohort = '';
		await this.change((directory) => {
			cohort = invitationOf(directory, hash, now)?.cohort.id ?? '';
			return joined(directory, hash, person, now);
		});
		const found = this.cohort(cohort);
		if (found === undefined) throw fault('cohort-unknown', { cohort });
		return found;
	}

	async leave(cohort: string, person: string): Promise<void> {
		await this.change((directory) => left(directory, cohort, person));
	}

	/** Waits for what is being written. */
	async close(): Promise<void> {
		await this.last;
	}

	private known(id: string): Person {
		const person = this.person(id);
		if (person === undefined) throw fault('person-unknown', { person: id });
		return person;
	}

	/** One change after the other; the directory is the new one only once it is on the disk. */
	private change(change: (directory: Directory) => Directory): Promise<Directory> {
		const run = async (): Promise<Directory> => {
			const next = change(this.directory);
			if (next === this.directory) return next;
			const kept = { ...next, version: this.directory.version + 1 };
			await this.store.write(kept);
			this.take(kept);
			return kept;
		};
		const done = this.last.then(run);
		// A change that failed is its caller's to hear of; the next one goes on.
		this.last = done.catch(() => undefined);
		return done;
	}

	private take(directory: Directory): void {
		this.directory = directory;
		this.index = indexed(directory);
	}

	private tellOut(person: string): void {
		for (const listener of this.listeners) listener(person);
	}
}

const hashOf = (code: string): string => createHash('sha256').update(`invitation:${code}`).digest('hex');
const subjectKey = (issuer: string, subject: string): string => `${issuer}\n${subject}`;

function indexed(directory: Directory): Index {
	const memberships = new Map<string, KeptCohort[]>();
	for (const cohort of directory.cohorts)
		for (const person of new Set([...cohort.mentors, ...cohort.learners])) memberships.set(person, [...(memberships.get(person) ?? []), cohort]);
	return {
		people: new Map(directory.people.map((person) => [person.id, person])),
		subjects: new Map(directory.people.flatMap((p) => (p.issuer === undefined || p.subject === undefined ? [] : [[subjectKey(p.issuer, p.subject), p]]))),
		cohorts: new Map(directory.cohorts.map((cohort) => [cohort.id, cohort])),
		memberships,
	};
}
