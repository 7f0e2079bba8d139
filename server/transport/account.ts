/** One's own account, and the audit trail for admins: `protocol/people.ts`. */
import { ReadableStream } from 'node:stream/web';
import { Hono } from 'hono';
import { LIMITS } from '../limits.ts';
import type { Audit } from '../people/audit.ts';
import type { People } from '../people/people.ts';
import type { PersonalData } from '../people/personal-data.ts';
import { type Account, type AuditPage, auditQuerySchema } from '../protocol/people.ts';
import { fault } from '../errors/catalogue.ts';
import { parsed } from './read-json.ts';
import type { TeamDoor } from './sign-in.ts';

type Variables = { readonly Variables: { learner: string } };

/** `team`: undefined in local mode, where there is nothing to sign out of. */
export function accountRoutes(people: People, audit: Audit, personal: PersonalData, team: TeamDoor | undefined): Hono<Variables> {
	const app = new Hono<Variables>();
	const nameOf = (id: string): string => people.person(id)?.name ?? '';

	app.get('/account', async (c) => {
		const person = people.person(c.var.learner);
		if (person === undefined) throw fault('person-unknown', { person: c.var.learner });
		const lines = await audit.entries({ person: person.id }, LIMITS.auditLines);
		const seenBy = lines.filter((line) => line.person === person.id && line.actor !== person.id);
		const account: Account = {
			person,
			signIns: team?.signIns.count(person.id) ?? 0,
			seenBy: seenBy.map(({ at, actor, action }) => ({ at, who: nameOf(actor), action })),
		};
		return c.json(account);
	});
	app.post('/account/sign-out', async (c) => {
		const cookies = c.req.header('cookie');
		const found = team?.security.signIn(cookies);
		if (team === undefined || found === undefined) throw fault('not-found', { path: c.req.path });
		const idToken = team.signIns.idToken(found.key);
		await team.signIns.end(found.key);
		await audit.add({ actor: found.person, action: 'signed out' });
		c.header('set-cookie', team.security.gone('foothold-team'));
		return c.json({ next: (await team.oidc.endUrl(idToken)) ?? '/' });
	});
	app.post('/account/sign-out-everywhere', async (c) => {
		const found = team?.security.signIn(c.req.header('cookie'));
		if (team === undefined || found === undefined) throw fault('not-found', { path: c.req.path });
		const idToken = team.signIns.idToken(found.key);
		const ended = await team.signIns.endAll(found.person);
		await audit.add({ actor: found.person, action: 'signed out everywhere', detail: `${ended} sign-ins` });
		c.header('set-cookie', team.security.gone('foothold-team'));
		return c.json({ next: (await team.oidc.endUrl(idToken)) ?? '/' });
	});
	app.get('/people/:person/export', async (c) => {
		const pieces = await personal.export(c.req.param('person'), c.var.learner);
		return new Response(ReadableStream.from(pieces) as unknown as BodyInit, {
			headers: { 'content-type': 'application/zip', 'content-disposition': 'attachment; filename="foothold-my-data.zip"', 'cache-control': 'no-store' },
		});
	});
	app.delete('/people/:person', async (c) => {
		// The one person of local mode would be made anew at once, and pages of theirs are still open.
		if (people.isLocal) throw fault('local-person', {});
		return c.json(await personal.erase(c.req.param('person'), c.var.learner));
	});
	app.get('/audit', async (c) => {
		const filter = parsed(auditQuerySchema, c.req.query());
		const entries = await audit.entries(filter, LIMITS.auditLines);
		const ids = new Set(entries.flatMap((entry) => [entry.actor, entry.person ?? '']));
		const page: AuditPage = { entries: [...entries], names: Object.fromEntries([...ids].flatMap((id) => (nameOf(id) === '' ? [] : [[id, nameOf(id)]]))) };
		return c.json(page);
	});
	return app;
}
