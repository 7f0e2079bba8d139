import { describe, expect, it } from 'vitest';
import { auditEvents } from '../audit/audit.ts';
import { testServer } from '../testing.ts';
import type { Status } from '../types.ts';

const PODS = '/api/v1/namespaces/default/pods';

describe('impersonation', () => {
	it('judges the request as the one it names, and writes down both', () => {
		const s = testServer();
		const answer = s.send('GET', PODS, undefined, { 'impersonate-user': 'system:serviceaccount:default:robot' });
		expect((answer.json as Status).message).toBe(
			'pods is forbidden: User "system:serviceaccount:default:robot" cannot list resource "pods" in API group "" in the namespace "default"',
		);
		expect(s.send('GET', PODS, undefined, { 'impersonate-user': 'x', 'impersonate-group': 'system:masters, devs' }).status).toBe(200);
		const [first] = auditEvents(s.world);
		expect(first).toMatchObject({
			user: { username: 'kubernetes-admin' },
			impersonatedUser: {
				username: 'system:serviceaccount:default:robot',
				groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
			},
		});
	});

	it('is not for everyone', () => {
		const s = testServer();
		const user = { name: 'eve', groups: ['system:authenticated'] };
		const answer = s.api.handle(s.world, { method: 'GET', url: PODS, headers: { 'impersonate-user': 'kubernetes-admin' }, user });
		expect([answer.status, (answer.json as Status).message]).toEqual([
			403,
			'users "kubernetes-admin" is forbidden: User "eve" cannot impersonate resource "users" in API group "" at the cluster scope',
		]);
	});
});
