import { describe, expect, it } from 'vitest';
import { testCluster, type TestCluster } from './testing.ts';

const ROLES = 'rbac.authorization.k8s.io/v1/clusterroles';
const RULE = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get', 'list'] };
const rules = (c: TestCluster, name: string): readonly unknown[] => (c.client.get(c.world, ROLES, undefined, name)?.['rules'] ?? []) as readonly unknown[];

/** A cluster in which the controller may write roles, as its bootstrap role lets it. */
function cluster(): TestCluster {
	const c = testCluster();
	const name = 'system:controller:clusterrole-aggregation-controller';
	const verbs = ['escalate', 'get', 'list', 'patch', 'update', 'watch'];
	c.create(ROLES, undefined, { metadata: { name }, rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs }] });
	const subjects = [{ kind: 'ServiceAccount', namespace: 'kube-system', name: 'clusterrole-aggregation-controller' }];
	const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
	c.create('rbac.authorization.k8s.io/v1/clusterrolebindings', undefined, { metadata: { name }, roleRef, subjects });
	return c;
}

describe('aggregated cluster roles', () => {
	it('take in the rules of whichever role their selectors pick, through view and edit up to admin, and lose them again', () => {
		const c = cluster();
		const aggregate = (name: string, to: string, from: string): void => {
			const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [from]: 'true' } }] };
			c.create(ROLES, undefined, { metadata: { name, labels: { [to]: 'true' } }, aggregationRule });
		};
		const to = (name: string): string => `rbac.authorization.k8s.io/aggregate-to-${name}`;
		aggregate('view', to('edit'), to('view'));
		aggregate('edit', to('admin'), to('edit'));
		aggregate('admin', 'none', to('admin'));
		c.create(ROLES, undefined, { metadata: { name: 'widget-viewer', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } }, rules: [RULE] });
		c.run(1000);
		for (const name of ['view', 'edit', 'admin']) expect(rules(c, name)).toContainEqual(RULE);
		c.client.delete(c.world, ROLES, undefined, 'widget-viewer');
		c.run(1000);
		for (const name of ['view', 'edit', 'admin']) expect(rules(c, name)).not.toContainEqual(RULE);
	});

	it('overwrite what somebody writes into them by hand', () => {
		const c = cluster();
		const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { team: 'a' } }] };
		c.create(ROLES, undefined, { metadata: { name: 'part', labels: { team: 'a' } }, rules: [RULE] });
		c.create(ROLES, undefined, { metadata: { name: 'whole' }, aggregationRule, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] });
		c.run(1000);
		expect(rules(c, 'whole')).toEqual([RULE]);
	});
});
