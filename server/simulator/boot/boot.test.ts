import { describe, expect, it } from 'vitest';
import { testCluster } from '../apiserver/registry/testing.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { rec, specOf, strs } from '../apiserver/registry/fields.ts';

describe('a booted cluster', () => {
	const cluster = testCluster();
	const names = (path: string, namespace?: string): readonly string[] => cluster.client.list(cluster.world, path, namespace).map((o) => o.metadata.name);

	it('has its namespaces', () => {
		expect(names('v1/namespaces')).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system', 'local-path-storage']);
		expect(testCluster('apiserver').client.list(cluster.world, 'storage.k8s.io/v1/storageclasses')).toHaveLength(1);
	});

	it('has the service of its API server', () => {
		const service = cluster.client.get(cluster.world, 'v1/services', 'default', 'kubernetes');
		expect(service === undefined ? undefined : strs(specOf(service).clusterIPs)).toEqual(['10.96.0.1']);
		expect(names('discovery.k8s.io/v1/endpointslices', 'default')).toEqual(['kubernetes']);
	});

	it('has the flow control of every API server', () => {
		expect(names('flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations')).toEqual([
			'catch-all',
			'exempt',
			'global-default',
			'leader-election',
			'node-high',
			'system',
			'workload-high',
			'workload-low',
		]);
		const schemas = cluster.client.list(cluster.world, 'flowcontrol.apiserver.k8s.io/v1/flowschemas');
		expect(schemas).toHaveLength(13);
		for (const { status } of schemas) expect(status).toMatchObject({ conditions: [{ type: 'Dangling', status: 'False' }] });
	});

	it('registers each version of each group', () => {
		const registered = names('apiregistration.k8s.io/v1/apiservices');
		for (const name of ['v1.', 'v1.apps', 'v1.autoscaling', 'v2.autoscaling', 'v1.resource.k8s.io']) expect(registered).toContain(name);
		expect(cluster.client.get(cluster.world, 'apiregistration.k8s.io/v1/apiservices', undefined, 'v2.autoscaling')).toMatchObject({
			spec: { group: 'autoscaling', groupPriorityMinimum: 17_500, version: 'v2', versionPriority: 30 },
			status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
		});
	});

	it('gives services the range that it says', () => {
		const range = (c: typeof cluster): unknown => c.client.get(c.world, 'networking.k8s.io/v1/servicecidrs', undefined, 'kubernetes')?.['spec'];
		expect([range(cluster), range(testCluster('apiserver'))]).toEqual([{ cidrs: ['10.96.0.0/16'] }, { cidrs: ['10.0.0.0/24'] }]);
	});

	it('binds roles that exist', () => {
		const roles = new Set(names('rbac.authorization.k8s.io/v1/clusterroles'));
		for (const binding of cluster.client.list(cluster.world, 'rbac.authorization.k8s.io/v1/clusterrolebindings')) {
			expect(roles).toContain(rec(binding.roleRef).name);
		}
	});

	it('has aggregated roles with the rules that aggregation gives them', () => {
		const roles = cluster.client.list(cluster.world, 'rbac.authorization.k8s.io/v1/clusterroles');
		const texts = (role: KubeObject | undefined): readonly string[] => ((role?.rules ?? []) as readonly object[]).map((r) => JSON.stringify(r));
		for (const name of ['view', 'edit', 'admin']) {
			const parts = roles.filter((r) => r.metadata.labels?.[`rbac.authorization.k8s.io/aggregate-to-${name}`] === 'true');
			expect(texts(roles.find((r) => r.metadata.name === name))).toEqual([...new Set(parts.flatMap(texts))]);
		}
		expect(roles.length).toBeGreaterThan(70);
	});

	it('is the same each time', () => {
		expect(JSON.stringify(testCluster().world.state)).toBe(JSON.stringify(testCluster().world.state));
	});

	it('is a bare API server with the settings of test/cmd where asked', () => {
		const { world, client, call } = testCluster('apiserver');
		const addressOf = (name: string): unknown => specOf(client.get(world, 'v1/services', 'default', name) as KubeObject).clusterIP;
		expect(client.list(world, 'storage.k8s.io/v1/storageclasses')).toHaveLength(0);
		expect(addressOf('kubernetes')).toBe('10.0.0.1');
		client.create(world, 'v1/services', 'default', { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } });
		expect(addressOf('web')).toMatch(/^10\.0\.0\.\d+$/);
		const outside = client.create(world, 'v1/services', 'default', { metadata: { name: 'db' }, spec: { clusterIP: '10.0.1.5', ports: [{ port: 80 }] } });
		expect(JSON.stringify(outside)).toContain('failed to allocate IP 10.0.1.5: the provided network does not match the current range');
		// RBAC,AlwaysAllow
		expect(call('list', 'v1/secrets', { user: { name: 'nobody', groups: [] } }).code).toBe(200);
		expect(cluster.call('list', 'v1/secrets', { user: { name: 'nobody', groups: [] } }).code).toBe(403);
	});
});
