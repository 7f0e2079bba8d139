import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { Audit } from '../people/audit.ts';
import type { People } from '../people/people.ts';
import type { PersonalData } from '../people/personal-data.ts';
import type { AuditEntry, AuditPage } from '../protocol/people.ts';
import { accountRoutes } from './account.ts';

it('shows LIMITS.auditLines lines of the trail in one answer', async () => {
	const line = (seq: number): AuditEntry => ({ seq, at: '2026-03-01T10:00:00.000Z', actor: 'ada', action: 'viewed', prev: '', hash: '' });
	const lines = Array.from({ length: LIMITS.auditLines + 5 }, (_, n) => line(n));
	const audit = { entries: async (_filter: unknown, most: number) => lines.slice(0, most) } as unknown as Audit;
	const people = { person: () => undefined } as unknown as People;
	const routes = accountRoutes(people, audit, {} as PersonalData, undefined);
	const { entries } = (await (await routes.request('/audit')).json()) as AuditPage;
	expect(entries).toHaveLength(LIMITS.auditLines);
});
