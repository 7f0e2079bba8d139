/**
 * Who may call what: one table, and the one function that every request of the API goes through. A route that has no row is
 * refused, and fails a test. Whoever may not see somebody's object learns as much as if there were none: 404.
 */
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { People } from '../people/people.ts';
import type { Role } from '../protocol/people.ts';

/** Any one of a row's words lets a request through. `self`, `mentor-of-learner`, `cohort-…` are about the object that the path names. */
export type Who =
	| 'anyone'
	| 'signed-in'
	/** A role held anywhere. */
	| 'mentor'
	| 'admin'
	/** Whoever the object belongs to. */
	| 'self'
	/** Who may review the work of whoever it belongs to. */
	| 'mentor-of-learner'
	| 'cohort-mentor'
	| 'cohort-member';

export type ObjectKind = 'person' | 'cohort' | 'submission';

export interface Row {
	readonly who: readonly Who[];
	/** The path parameter that names an object of somebody's, and of which kind. Routes without one answer from the caller's own record only. */
	readonly object?: readonly [parameter: string, kind: ObjectKind];
	/** Written to the audit trail when somebody else than the owner comes through here. */
	readonly seen?: string;
}

const OWN: Row = { who: ['signed-in'] };
const ADMIN: Row = { who: ['admin'] };
const MENTOR: Row = { who: ['mentor'] };
/** A submission of one's own, as whoever sent it. */
const SENT: Row = { who: ['self'], object: ['submission', 'submission'] };
const READ: Row = { who: ['self', 'mentor-of-learner'], object: ['submission', 'submission'], seen: 'submission read' };
const REVIEW: Row = { who: ['mentor-of-learner'], object: ['submission', 'submission'], seen: 'submission reviewed' };
const COHORT: Row = { who: ['cohort-mentor', 'admin'], object: ['cohort', 'cohort'] };

/** `METHOD path`, as the router has it. */
export const ACCESS: { readonly [route: string]: Row } = {
	'GET /api/me': OWN,
	'POST /api/me': OWN,
	'GET /api/labs': OWN,
	'GET /api/labs/:lab': OWN,
	'GET /api/labs/:lab/kubeconfig': OWN,
	'GET /api/labs/:lab/socket': OWN,
	'GET /api/labs/:lab/recordings': OWN,
	'GET /api/labs/:lab/recordings/:recording': OWN,
	'GET /api/labs/:lab/cluster/*': OWN,
	'POST /api/labs/:lab/apply': OWN,
	'POST /api/labs/:lab/files': OWN,
	'GET /api/labs/:lab/archive': OWN,
	'POST /api/labs/:lab/upload': OWN,
	'GET /api/reading': OWN,
	'POST /api/reading': OWN,
	'GET /api/plan': OWN,
	'POST /api/plan': OWN,
	'GET /api/plan/:file{[a-z]+\\.ics}': OWN,
	'GET /api/assessment': OWN,
	'POST /api/assessment': OWN,
	'GET /api/market': OWN,
	'POST /api/market': OWN,
	'GET /api/issuer': { who: ['anyone'] },
	'GET /api/portfolio/declared': OWN,
	'POST /api/portfolio/declared': OWN,
	'GET /api/portfolio/site.zip': OWN,
	'GET /api/portfolio/portfolio.pdf': OWN,
	'GET /api/portfolio/resume.json': OWN,
	'GET /api/badges/:evidence/:file': OWN,
	'GET /api/documents': OWN,
	'POST /api/documents': OWN,
	'GET /api/documents/:id': OWN,
	'PUT /api/documents/:id': OWN,
	'DELETE /api/documents/:id': OWN,
	'GET /api/documents/:id/versions': OWN,
	'POST /api/documents/:id/restore': OWN,
	'POST /api/documents/:id/grade': OWN,
	'POST /api/documents/:id/preview': OWN,
	'GET /api/documents/:id/markdown': OWN,
	'POST /api/documents/:id/attach': OWN,
	'GET /api/attempts': OWN,
	'GET /api/writings/:id': OWN,
	'GET /api/progress': OWN,
	'GET /api/evidence/:id': OWN,
	'GET /api/evidence/:id/recordings/:recording': OWN,

	'GET /api/account': OWN,
	'POST /api/account/sign-out': OWN,
	'POST /api/account/sign-out-everywhere': OWN,
	'GET /api/audit': ADMIN,
	'GET /api/people': ADMIN,
	'POST /api/people/:person/roles': ADMIN,
	'POST /api/people/:person/suspend': ADMIN,
	'GET /api/people/:person/export': { who: ['self', 'admin'], object: ['person', 'person'] },
	'DELETE /api/people/:person': { who: ['self', 'admin'], object: ['person', 'person'] },
	'GET /api/cohorts': OWN,
	'POST /api/cohorts': { who: ['mentor', 'admin'] },
	'GET /api/cohorts/:cohort': COHORT,
	'DELETE /api/cohorts/:cohort': COHORT,
	'POST /api/cohorts/:cohort/invitations': COHORT,
	'DELETE /api/cohorts/:cohort/invitations/:invitation': COHORT,
	'DELETE /api/cohorts/:cohort/members/:person': COHORT,
	'POST /api/cohorts/:cohort/leave': { who: ['cohort-member'], object: ['cohort', 'cohort'] },
	'POST /api/invitations/look': OWN,
	'POST /api/invitations/accept': OWN,

	'GET /api/submissions': OWN,
	'POST /api/submissions': OWN,
	'GET /api/notices': OWN,
	'GET /api/submissions/:submission': READ,
	'GET /api/submissions/:submission/rounds/:round': READ,
	'GET /api/submissions/:submission/rounds/:round/documents/:document': READ,
	'GET /api/submissions/:submission/rounds/:round/diff': READ,
	'GET /api/submissions/:submission/rounds/:round/recordings/:attempt/:recording': READ,
	'POST /api/submissions/:submission/rounds': SENT,
	'POST /api/submissions/:submission/withdraw': SENT,
	'POST /api/submissions/:submission/answers': SENT,
	'POST /api/submissions/:submission/helpful': SENT,
	'POST /api/submissions/:submission/seen': { who: ['self', 'mentor-of-learner'], object: ['submission', 'submission'] },
	'POST /api/submissions/:submission/claim': REVIEW,
	'POST /api/submissions/:submission/release': REVIEW,
	'PUT /api/submissions/:submission/draft': REVIEW,
	'POST /api/submissions/:submission/review': REVIEW,
	'GET /api/submissions/:submission/standing': REVIEW,
	'GET /api/mentor/queue': MENTOR,
	'POST /api/mentor/preview': MENTOR,
	'GET /api/mentor/comments': MENTOR,
	'POST /api/mentor/comments': MENTOR,
	'PUT /api/mentor/comments/:comment': MENTOR,
	'DELETE /api/mentor/comments/:comment': MENTOR,
	'GET /api/mentor/cohorts/:cohort': COHORT,
};

/** Whose an object is; undefined where there is none. */
export interface Owners {
	submission(id: string): string | undefined | Promise<string | undefined>;
}

export class Access {
	private readonly people: People;
	private readonly owners: Owners;
	private readonly looks = new Map<string, number>();
	private readonly seen: (actor: string, action: string, owner: string, object: string) => Promise<void>;

	/** `seen` writes the audit trail. */
	constructor(people: People, owners: Owners, seen: (actor: string, action: string, owner: string, object: string) => Promise<void>) {
		this.people = people;
		this.owners = owners;
		this.seen = seen;
	}

	/** Rejects with the fault to answer with, where `actor` may not call `route` for the object that `path` (for the 404) names. */
	async check(route: string, actor: string | undefined, parameters: { readonly [name: string]: string }, path: string): Promise<void> {
		const row = ACCESS[route];
		if (row === undefined) throw fault('not-found', { path });
		if (row.who.includes('anyone')) return;
		if (actor === undefined || !this.people.mayEnter(actor)) throw this.people.isLocal ? fault('not-signed-in', {}) : fault('sign-in-needed', {});
		if (row.object === undefined) {
			if (row.who.some((who) => who === 'signed-in' || ((who === 'mentor' || who === 'admin') && this.people.has(actor, who satisfies Role)))) return;
			throw fault('not-allowed', {});
		}
		const [parameter, kind] = row.object;
		const id = parameters[parameter] ?? '';
		const owner = await this.owner(kind, id);
		if (owner === undefined || !row.who.some((who) => this.isThat(who, actor, owner))) throw fault('not-found', { path });
		if (row.seen !== undefined && owner !== actor) await this.note(actor, row.seen, owner, id);
	}

	/** One look takes many requests: within LIMITS.auditAgainMs they are one line of the trail. */
	private async note(actor: string, action: string, owner: string, object: string): Promise<void> {
		const look = `${actor} ${action} ${object}`;
		const now = performance.now();
		const last = this.looks.get(look);
		if (last !== undefined && now - last < LIMITS.auditAgainMs) return;
		// First the line, then the look: what cannot be written down is not shown.
		await this.seen(actor, action, owner, object);
		this.looks.delete(look);
		this.looks.set(look, now);
		const [oldest] = this.looks.keys();
		if (this.looks.size > LIMITS.rateKeys && oldest !== undefined) this.looks.delete(oldest);
	}

	private async owner(kind: ObjectKind, id: string): Promise<string | undefined> {
		switch (kind) {
			case 'person':
				return this.people.person(id)?.id;
			case 'cohort':
				return this.people.cohort(id)?.id;
			case 'submission':
				return this.owners.submission(id);
		}
	}

	/** `owner`: a person's id, of a cohort its own. */
	private isThat(who: Who, actor: string, owner: string): boolean {
		switch (who) {
			case 'anyone':
			case 'signed-in':
				return true;
			case 'mentor':
			case 'admin':
				return this.people.has(actor, who);
			case 'self':
				return actor === owner;
			case 'mentor-of-learner':
				return this.people.mayReview(actor, owner);
			case 'cohort-mentor':
				return this.people.mentorsIn(actor, owner);
			case 'cohort-member':
				return this.people.cohortsOf(actor).some((cohort) => cohort.id === owner);
		}
	}
}
