import { afterEach, expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { Team } from '../people/team.ts';
import { Oidc } from './oidc.ts';

afterEach(() => {
	vi.restoreAllMocks();
});

it('gives the identity provider LIMITS.issuerSeconds to answer', async () => {
	const timeout = new AbortController();
	const asked = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(timeout.signal);
	vi.spyOn(globalThis, 'fetch').mockImplementation((_url, init) => {
		const { promise, reject } = Promise.withResolvers<Response>();
		init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
		timeout.abort(new DOMException('too slow', 'TimeoutError'));
		return promise;
	});
	const team = { issuer: new URL('https://id.example'), clientId: 'c', clientSecret: 's', publicUrl: new URL('https://foothold.example') } as unknown as Team;
	await expect(new Oidc(team, Buffer.alloc(32)).reach()).rejects.toMatchObject({ code: 'issuer-unreachable' });
	expect(asked).toHaveBeenCalledWith(LIMITS.issuerSeconds * 1000);
});
