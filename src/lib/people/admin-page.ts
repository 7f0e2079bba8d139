/** Administration: people and roles, cohorts, the audit trail; mentors see their cohorts alone. */
import { json } from '../api.ts';
import { byId } from '../dom.ts';
import { me } from '../me.ts';
import { showAudit } from './audit-view.ts';
import { showCohorts } from './cohorts-view.ts';
import { fail, said, words } from './parts.ts';
import { showPeople } from './people-view.ts';
import type { Person } from '../../../server/protocol/people.ts';

async function show(): Promise<void> {
	const { roles } = await me();
	const admin = roles.includes('admin');
	if (!admin && !roles.includes('mentor')) return said(words.adminNot);
	for (const id of admin ? ['people', 'cohorts', 'audit'] : ['cohorts']) byId(id)?.removeAttribute('hidden');
	said();
	await showCohorts(admin);
	if (!admin) return;
	await showPeople();
	await showAudit(await json<Person[]>('/api/people'));
}

show().catch(fail);
