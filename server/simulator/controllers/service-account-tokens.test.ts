import { describe, expect, it } from 'vitest';
import { authenticateToken } from '../apiserver/auth/authenticator.ts';
import { fromBase64 } from '../apiserver/base64.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { testCluster, type TestCluster } from './testing.ts';

const secret = (name: string, account: string): { readonly [field: string]: unknown } => ({
	metadata: { name, annotations: { 'kubernetes.io/service-account.name': account } },
	type: 'kubernetes.io/service-account-token',
});

interface Held extends KubeObject {
	readonly data?: { readonly [key: string]: string };
}

function cluster() {
	const c = testCluster();
	c.create('v1/serviceaccounts', 'default', { metadata: { name: 'robot' } });
	c.create('v1/secrets', 'default', secret('robot-token', 'robot'));
	c.run(1000);
	const held = (): Held | undefined => c.client.get(c.world, 'v1/secrets', 'default', 'robot-token') as Held | undefined;
	const token = fromBase64(held()?.data?.['token'] ?? '') ?? '';
	return { c, held, token };
}

const check = (c: TestCluster, token: string) => authenticateToken(c.world, token, ['https://kubernetes.default.svc.cluster.local']);

describe('a service account token secret', () => {
	it('is filled in with a token, the CA and its namespace', () => {
		const { c, held, token } = cluster();
		expect(Object.keys(held()?.data ?? {}).sort()).toEqual(['ca.crt', 'namespace', 'token']);
		expect(fromBase64(held()?.data?.['namespace'] ?? '')).toBe('default');
		expect(held()?.metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(
			c.client.get(c.world, 'v1/serviceaccounts', 'default', 'robot')?.metadata.uid,
		);
		expect(check(c, token).user).toMatchObject({
			name: 'system:serviceaccount:default:robot',
			groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
		});
	});

	it('goes with its account, and never comes to be without one', () => {
		const { c, held, token } = cluster();
		c.create('v1/secrets', 'default', secret('orphan', 'nobody'));
		c.client.delete(c.world, 'v1/serviceaccounts', 'default', 'robot');
		c.run(1000);
		expect(held()).toBeUndefined();
		expect(c.client.get(c.world, 'v1/secrets', 'default', 'orphan')).toBeUndefined();
		expect(check(c, token).error).toBe('[invalid bearer token, service account token has been invalidated]');
	});

	it('gets a new token once the old one is taken out of it, which is then worth nothing', () => {
		const { c, held, token } = cluster();
		const now = held();
		if (now === undefined) throw new Error('no secret');
		const { token: _gone, ...data } = now.data ?? {};
		expect(c.client.update(c.world, 'v1/secrets', { ...now, data: { ...data, token: 'b3RoZXI=' } }).ok).toBe(true);
		expect(check(c, token).error).toContain('invalidated');
	});

	it('remembers the day on which it was last used, and the request says with which it came', () => {
		const { c, held, token } = cluster();
		const request = { method: 'GET', url: '/version', headers: { authorization: `Bearer ${token}` } };
		c.services.api.handle(c.world, request);
		const revision = held()?.metadata.resourceVersion;
		expect(held()?.metadata.labels?.['kubernetes.io/legacy-token-last-used']).toMatch(/^\d{4}-\d\d-\d\d$/);
		c.services.api.handle(c.world, request);
		expect(held()?.metadata.resourceVersion).toBe(revision);
	});
});
