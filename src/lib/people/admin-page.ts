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
	try {
		await Promise.all([showCohorts(admin), ...(admin ? [showPeople(), json<Person[]>('/api/people').then(showAudit)] : [])]);
		said();
	} finally {
		// At once, and filled: a part that fills later would push those below it. What did fill shows beside what went wrong.
		for (const id of admin ? ['people', 'cohorts', 'audit'] : ['cohorts']) byId(id)?.removeAttribute('hidden');
	}
}

show().catch(fail);
