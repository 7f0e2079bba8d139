/** Signing in and out of a team's server. The pages around it belong to the site; these routes lead to the identity provider and back. */
import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { Audit } from '../people/audit.ts';
import type { People } from '../people/people.ts';
import type { SignIns } from '../people/sign-ins.ts';
import type { Team } from '../people/team.ts';
import { type Finished, type Oidc, safePath } from './oidc.ts';
import { Buckets } from './rate.ts';
import type { TeamSecurity } from './team-security.ts';

export interface TeamDoor {
	readonly team: Team;
	readonly security: TeamSecurity;
	readonly signIns: SignIns;
	readonly oidc: Oidc;
}

export function signInRoutes(
	{ team, security, signIns, oidc }: TeamDoor,
	people: People,
	audit: Audit,
	welcome: (person: string, name: string) => Promise<void>,
): Hono {
	const app = new Hono();
	const addresses = new Buckets(LIMITS.signInsPerMinute / 60, LIMITS.signInsPerMinute);
	app.use('*', async (c, next) => {
		if (!addresses.take(addressOf(c))) throw fault('requests-too-fast', { limit: `${LIMITS.signInsPerMinute} sign-ins a minute` });
		c.header('cache-control', 'no-store');
		await next();
	});

	app.get('/start', async (c) => {
		const { url, flow } = await oidc.begin(c.req.query('to') ?? '/');
		c.header('set-cookie', security.flowCookie(flow));
		return c.redirect(url, 302);
	});
	app.get('/callback', async (c) => {
		const cookies = c.req.header('cookie');
		// The browser gets rid of the flow, however this ends.
		c.header('set-cookie', security.gone('foothold-flow'));
		const finished = await oidc.finish(new URL(c.req.url).search, security.flow(cookies));
		const person = await enter(finished);
		// The token is new at every sign-in: one that somebody planted, or saw before, is worth nothing.
		const old = security.signIn(cookies);
		if (old !== undefined) await signIns.end(old.key);
		await audit.add({ actor: person, action: 'signed in' });
		c.header('set-cookie', security.cookie(await signIns.begin(person, finished.idToken)), { append: true });
		return c.redirect(safePath(finished.to), 303);
	});
	return app;

	/** Whoever comes by an invitation's link goes back to it, and the code stands behind its #. */
	function isInvited(to: string): boolean {
		const code = /^\/join\/#([\w-]{8,80})$/.exec(to)?.[1];
		return code !== undefined && people.invitation(code) !== undefined;
	}

	/** The person who came, known or new. Rejects with `not-admitted`. */
	async function enter({ identity, verifiedEmail, to }: Finished): Promise<string> {
		const admin = team.admins.some((one) => one === identity.subject || (verifiedEmail !== undefined && one.toLowerCase() === verifiedEmail));
		const known = people.personOf(identity.issuer, identity.subject);
		if (known?.suspendedAt !== undefined || (known === undefined && !admin && team.admit === 'invited' && !isInvited(to))) {
			await audit.add({ actor: known?.id ?? '', action: 'sign-in refused' });
			throw fault('not-admitted', {});
		}
		const person = await people.signedIn(identity, admin);
		await welcome(person.id, person.name);
		return person.id;
	}
}

/** The browser's address: as the proxy in front names it last, or the connection's own. Only for counting. */
function addressOf(c: Context): string {
	const named = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim();
	return named || (getConnInfo(c).remote.address ?? '');
}
