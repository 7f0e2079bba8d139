import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { readTeam } from '../people/team.ts';
import { SignIns } from '../people/sign-ins.ts';
import { safePath } from './oidc.ts';
import { Buckets } from './rate.ts';
import { TeamSecurity } from './team-security.ts';

async function behindTls() {
	const signIns = new SignIns(await mkdtemp(join(tmpdir(), 'foothold-security-')));
	await signIns.load();
	return { signIns, security: new TeamSecurity(new URL('https://foothold.example'), signIns) };
}

describe('a team’s server behind TLS', () => {
	it('answers to its public name alone, and takes changes from its own origin alone', async () => {
		const { security } = await behindTls();
		expect([security.hostFault('foothold.example'), security.hostFault('FOOTHOLD.example')]).toEqual([undefined, undefined]);
		for (const host of ['127.0.0.1:4321', 'localhost', 'foothold.example:8080', 'foothold.example.evil.example', undefined])
			expect(security.hostFault(host)?.code).toBe('host-foreign');
		expect(security.originFault('https://foothold.example')).toBeUndefined();
		for (const origin of ['http://foothold.example', 'https://foothold.example:444', 'null', undefined])
			expect(security.originFault(origin)?.code).toBe('origin-foreign');
	});

	it('gives cookies that belong to this host and to TLS, that no script reads and no other site sends with changes', async () => {
		const { security, signIns } = await behindTls();
		const token = await signIns.begin('p1', undefined);
		expect(security.cookie(token)).toBe(`__Host-foothold-team=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800; Secure`);
		expect(security.flowCookie('f')).toBe('__Host-foothold-flow=f; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure');
		expect(LIMITS.signInFlowMs).toBe(600_000);
		expect(security.gone('foothold-team')).toContain('Max-Age=0');
		expect(security.learner(`x=1; __Host-foothold-team=${token}`)).toBe('p1');
		// Without the prefix a neighbour on the same domain could have set it.
		expect(security.learner(`foothold-team=${token}`)).toBeUndefined();
		expect(security.learner(`__Host-foothold-team=${token}x`)).toBeUndefined();
		expect(security.learner(undefined)).toBeUndefined();
	});

	it.each([
		['/labs/x/?a=1#b', '/labs/x/?a=1#b'],
		['//evil.example', '/'],
		['/\\evil.example', '/'],
		['https://evil.example', '/'],
		['/x\r\nset-cookie: a=b', '/'],
		['', '/'],
	])('leads on from %j to %j', (to, path) => {
		expect(safePath(to)).toBe(path);
	});
});

describe('rates', () => {
	it('count each key by itself, and remember no more than LIMITS.rateKeys', () => {
		let now = 0;
		const buckets = new Buckets(1, 2, () => now);
		expect([1, 2, 3].map(() => buckets.take('a'))).toEqual([true, true, false]);
		expect(buckets.take('b')).toBe(true);
		now = 1000;
		expect(buckets.take('a')).toBe(true);
		for (let n = 0; n < LIMITS.rateKeys + 10; n++) buckets.take(`k${n}`);
		expect(buckets.size).toBe(LIMITS.rateKeys);
	});
});

describe('a team’s configuration', () => {
	const good = {
		FOOTHOLD_OIDC_ISSUER: 'https://id.example/realms/x',
		FOOTHOLD_OIDC_CLIENT_ID: 'foothold',
		FOOTHOLD_OIDC_CLIENT_SECRET: 'sesame',
		FOOTHOLD_PUBLIC_URL: 'https://foothold.example',
		FOOTHOLD_ADMINS: 'ada@x.example, 1234',
	};
	it('is none where nothing asks for it, and comes from the environment', async () => {
		expect(await readTeam(undefined, {})).toBeUndefined();
		const team = await readTeam(undefined, good);
		expect(team).toMatchObject({ clientId: 'foothold', admins: ['ada@x.example', '1234'], admit: 'issuer', listen: '127.0.0.1' });
		expect([team?.issuer.href, team?.publicUrl.origin]).toEqual(['https://id.example/realms/x', 'https://foothold.example']);
	});

	it.each([
		['FOOTHOLD_OIDC_ISSUER', 'http://id.example', 'has to begin with https://'],
		['FOOTHOLD_PUBLIC_URL', 'https://foothold.example/below', 'without a path'],
		['FOOTHOLD_PUBLIC_URL', 'http://foothold.example', 'has to begin with https://'],
		['FOOTHOLD_ADMIT', 'all', 'FOOTHOLD_ADMIT'],
	])('refuses %s = %s, and never says the secret', async (name, value, words) => {
		const failed = await readTeam(undefined, { ...good, [name]: value }).catch((error: unknown) => error);
		expect(failed).toMatchObject({ code: 'team-invalid', message: expect.stringContaining(words) });
		expect(String(failed)).not.toContain('sesame');
	});

	it('names a file that is missing, or no settings', async () => {
		await expect(readTeam('/none/team.yaml', {})).rejects.toMatchObject({ code: 'team-invalid', message: expect.stringContaining('ENOENT') });
	});
});
