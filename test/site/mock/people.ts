/** Account, people, cohorts and audit trail as the pages' tests see them. */
import type { Account, AuditPage, CohortView, InvitationView, Person } from '../../../server/protocol/people.ts';

const at = '2026-03-02T09:30:00.000Z';
const ada: Person = { id: 'local', name: 'Ada', email: 'ada@x.example', roles: ['learner', 'mentor', 'admin'], createdAt: at };
const leo: Person = {
	id: 'p1',
	name: 'Leopold Longname-Hyphenated',
	email: 'leopold.longname@subdomain.x.example',
	roles: ['learner'],
	createdAt: at,
	suspendedAt: at,
};
const account: Account = { person: ada, signIns: 2, seenBy: [{ at, who: 'Mia', action: 'submission read' }] };
const cohorts: CohortView[] = [
	{
		id: 'c1',
		name: 'Spring',
		as: ['mentor'],
		mentors: [{ id: ada.id, name: ada.name }],
		learners: [{ id: leo.id, name: leo.name }],
		learnerCount: 1,
		manages: true,
		invitations: [{ id: 'i1', as: 'learner', createdBy: ada.id, createdAt: at, expiresAt: '2099-01-01T00:00:00.000Z', usesLeft: 12, used: 3 }],
	},
];
const invitation: InvitationView = { cohort: 'Spring', as: 'learner', expiresAt: '2099-01-01T00:00:00.000Z', member: false };
const audit: AuditPage = {
	entries: [{ seq: 2, at, actor: ada.id, action: 'roles changed', person: leo.id, detail: 'learner', prev: 'x', hash: 'y' }],
	names: { [ada.id]: ada.name, [leo.id]: leo.name },
};

export function peopleAnswer(path: string): unknown {
	const answers: { readonly [path: string]: unknown } = {
		'/api/account': account,
		'/api/people': [ada, leo],
		'/api/cohorts': cohorts,
		'/api/audit': audit,
		'/api/invitations/look': invitation,
	};
	return answers[path];
}
