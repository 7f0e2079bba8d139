import { describe, expect, it } from 'vitest';
import { rec, str } from '../registry/fields.ts';
import { type TestCluster, testCluster } from '../registry/testing.ts';
import type { UserInfo } from '../types.ts';
import { authenticate } from './authenticator.ts';
import { authorize } from './authorizer.ts';
import { readToken } from './tokens.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const jane: UserInfo = { name: 'jane', groups: ['devs', 'system:authenticated'] };
const ask = (cluster: TestCluster, verb: string, resource: string, more: object = {}, user = jane) =>
	authorize(cluster.world, { user, verb, group: '', resource, namespace: 'default', ...more });

function withRole(rules: readonly object[], subject: object = { kind: 'User', name: 'jane' }): TestCluster {
	const cluster = testCluster();
	cluster.create(`${RBAC}/roles`, { metadata: { name: 'r' }, rules });
	cluster.create(`${RBAC}/rolebindings`, { metadata: { name: 'b' }, roleRef: { kind: 'Role', name: 'r' }, subjects: [subject] });
	return cluster;
}

describe('RBAC', () => {
	it('allows what a role says, there and nowhere else', () => {
		const cluster = withRole([{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }]);
		expect(ask(cluster, 'get', 'pods')).toEqual({ allowed: true, reason: 'RBAC: allowed by RoleBinding "b/default" of Role "r" to User "jane"' });
		expect(ask(cluster, 'delete', 'pods')).toEqual({ allowed: false, reason: '' });
		expect(ask(cluster, 'get', 'pods', { namespace: 'kube-system' }).allowed).toBe(false);
		expect(ask(cluster, 'get', 'pods', { subresource: 'log' }).allowed).toBe(false);
	});

	it.each<[string, object, object, boolean]>([
		['a subresource', { resources: ['pods/log'] }, { subresource: 'log' }, true],
		['any subresource of that name', { resources: ['*/log'] }, { subresource: 'log' }, true],
		['everything', { resources: ['*'] }, { subresource: 'log' }, true],
		['one name', { resources: ['pods'], resourceNames: ['a'] }, { name: 'a' }, true],
		['another name', { resources: ['pods'], resourceNames: ['a'] }, { name: 'b' }, false],
		['another group', { resources: ['pods'], apiGroups: ['apps'] }, {}, false],
	])('%s', (_name, rule, more, allowed) => {
		expect(ask(withRole([{ apiGroups: [''], verbs: ['*'], ...rule }]), 'get', 'pods', more).allowed).toBe(allowed);
	});

	it('knows groups and service accounts', () => {
		const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
		expect(ask(withRole(rules, { kind: 'Group', name: 'devs' }), 'get', 'pods').reason).toBe(
			'RBAC: allowed by RoleBinding "b/default" of Role "r" to Group "devs"',
		);
		const robot = { name: 'system:serviceaccount:default:robot', groups: ['system:authenticated'] };
		expect(ask(withRole(rules, { kind: 'ServiceAccount', name: 'robot' }), 'get', 'pods', {}, robot).reason).toBe(
			'RBAC: allowed by RoleBinding "b/default" of Role "r" to ServiceAccount "robot/default"',
		);
	});

	it('says that a role is missing', () => {
		const cluster = testCluster();
		cluster.create(`${RBAC}/rolebindings`, {
			metadata: { name: 'b' },
			roleRef: { kind: 'ClusterRole', name: 'ghost' },
			subjects: [{ kind: 'User', name: 'jane' }],
		});
		expect(ask(cluster, 'get', 'pods')).toEqual({ allowed: false, reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "ghost" not found' });
	});

	it('lets everyone see the version and the masters do everything', () => {
		const cluster = testCluster();
		const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
		expect(authorize(cluster.world, { user: anonymous, verb: 'get', group: '', path: '/version' }).allowed).toBe(true);
		expect(authorize(cluster.world, { user: anonymous, verb: 'get', group: '', path: '/apis/apps' }).allowed).toBe(false);
		expect(authorize(cluster.world, { user: jane, verb: 'get', group: '', path: '/apis/apps' }).allowed).toBe(true);
		expect(ask(cluster, 'delete', 'nodes', {}, { name: 'root', groups: ['system:masters'] }).allowed).toBe(true);
	});

	it('offers view, edit and admin', () => {
		const cluster = testCluster();
		for (const role of ['view', 'edit', 'admin']) {
			cluster.create(`${RBAC}/rolebindings`, {
				metadata: { name: role },
				roleRef: { kind: 'ClusterRole', name: role },
				subjects: [{ kind: 'User', name: role }],
			});
		}
		const can = (name: string, verb: string, resource: string, group = ''): boolean => ask(cluster, verb, resource, { group }, { name, groups: [] }).allowed;
		expect([can('view', 'list', 'pods'), can('view', 'get', 'secrets'), can('view', 'create', 'pods')]).toEqual([true, false, false]);
		expect([can('edit', 'create', 'deployments', 'apps'), can('edit', 'get', 'secrets'), can('edit', 'create', 'roles', 'rbac.authorization.k8s.io')]).toEqual([
			true,
			true,
			false,
		]);
		expect(can('admin', 'create', 'roles', 'rbac.authorization.k8s.io')).toBe(true);
		expect(can('admin', 'update', 'resourcequotas')).toBe(false);
	});

	it('words a refusal as upstream', () => {
		const result = testCluster().call('list', 'v1/secrets', { namespace: 'default', user: jane });
		expect(str(rec(result.body).message)).toBe('secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"');
	});
});

describe('granting', () => {
	const grantor = () =>
		withRole([
			{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
			{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['*'], resourceNames: [] },
		]);
	const role = (cluster: TestCluster, rules: readonly object[]) =>
		cluster.call('create', `${RBAC}/roles`, { namespace: 'default', user: jane, body: { metadata: { name: 'n' }, rules } });

	it('stops at what one has', () => {
		const cluster = withRole([
			{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
			{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create'] },
		]);
		expect(role(cluster, [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]).code).toBe(201);
		cluster.client.delete(cluster.world, `${RBAC}/roles`, 'default', 'n');
		const more = role(cluster, [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get', 'delete'] }]);
		expect(more.code).toBe(403);
		expect(str(rec(more.body).message)).toBe(
			'roles.rbac.authorization.k8s.io "n" is forbidden: user "jane" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
				'{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}',
		);
	});

	it('goes further with the verbs escalate and bind', () => {
		expect(role(grantor(), [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]).code).toBe(201);
		const binding = { metadata: { name: 'n' }, roleRef: { kind: 'ClusterRole', name: 'admin' }, subjects: [{ kind: 'User', name: 'jane' }] };
		expect(grantor().call('create', `${RBAC}/rolebindings`, { namespace: 'default', user: jane, body: binding }).code).toBe(403);
	});
});

describe('reviews', () => {
	const review = (cluster: TestCluster, resource: string, spec: object, namespace?: string) =>
		rec(rec(cluster.call('create', resource, { user: jane, body: { spec }, ...(namespace === undefined ? {} : { namespace }) }).body).status);

	it('answer for oneself', () => {
		const cluster = withRole([{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]);
		const spec = { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } };
		expect(review(cluster, 'authorization.k8s.io/v1/selfsubjectaccessreviews', spec)).toEqual({
			allowed: true,
			reason: 'RBAC: allowed by RoleBinding "b/default" of Role "r" to User "jane"',
		});
		expect(review(cluster, 'authentication.k8s.io/v1/selfsubjectreviews', {})).toEqual({ userInfo: { username: 'jane', groups: jane.groups } });
	});

	it('list what one may do', () => {
		const cluster = withRole([{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['a'] }]);
		const status = review(cluster, 'authorization.k8s.io/v1/selfsubjectrulesreviews', { namespace: 'default' });
		expect(status.resourceRules).toContainEqual({ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] });
		expect(status.incomplete).toBe(false);
	});
});

describe('tokens', () => {
	const token = (cluster: TestCluster, spec: object = {}): string => {
		const result = cluster.call('create', 'v1/serviceaccounts/token', { namespace: 'default', name: 'default', body: { spec } });
		return str(rec(rec(result.body).status).token);
	};
	const who = (cluster: TestCluster, text: string) => authenticate(cluster.world, { method: 'GET', url: '/', headers: { authorization: `Bearer ${text}` } });

	it('tell who calls', () => {
		const cluster = testCluster();
		expect(who(cluster, token(cluster))).toMatchObject({
			name: 'system:serviceaccount:default:default',
			groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
		});
		expect(authenticate(cluster.world, { method: 'GET', url: '/', headers: {} })?.name).toBe('system:anonymous');
	});

	it('are worth nothing when forged, old, for others, or when their account is gone', () => {
		const cluster = testCluster();
		const good = token(cluster, { expirationSeconds: 600 });
		const [head, , signature] = good.split('.');
		const body = btoa(JSON.stringify({ ...readToken(cluster.world, good), sub: 'system:serviceaccount:kube-system:default' })).replace(/=+$/, '');
		expect(who(cluster, `${head}.${body}.${signature}`)).toBeUndefined();
		expect(who(cluster, 'nonsense')).toBeUndefined();
		expect(who(cluster, token(cluster, { audiences: ['vault'] }))).toBeUndefined();
		cluster.world.advanceTo(cluster.world.now + 600_000);
		expect(who(cluster, good)).toBeUndefined();
		const fresh = token(cluster);
		expect(who(cluster, fresh)).toBeDefined();
		cluster.client.delete(cluster.world, 'v1/serviceaccounts', 'default', 'default');
		expect(who(cluster, fresh)).toBeUndefined();
	});

	it('are the same in the same world, and go with their pod', () => {
		expect(token(testCluster())).toBe(token(testCluster()));
		const cluster = testCluster();
		const pod = cluster.create('v1/pods', { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } });
		const bound = token(cluster, { boundObjectRef: { kind: 'Pod', name: 'p', uid: pod.metadata.uid } });
		expect(who(cluster, bound)?.extra?.['authentication.kubernetes.io/pod-name']).toEqual(['p']);
		cluster.client.delete(cluster.world, 'v1/pods', 'default', 'p');
		expect(who(cluster, bound)).toBeUndefined();
	});

	it('last ten minutes at least', () => {
		const result = testCluster().call('create', 'v1/serviceaccounts/token', {
			namespace: 'default',
			name: 'default',
			body: { spec: { expirationSeconds: 60 } },
		});
		expect(str(rec(result.body).message)).toBe(
			'TokenRequest.authentication.k8s.io "default" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
		);
	});
});
