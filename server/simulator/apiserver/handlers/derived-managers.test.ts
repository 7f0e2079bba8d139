import { describe, expect, it } from 'vitest';
import { testCluster } from '../registry/testing.ts';
import type { KubeObject } from '../types.ts';
import type { ManagedEntry } from './managed.ts';

/** A cluster that answers requests as a client from outside gets them. */
function served() {
	const c = testCluster('full');
	const get = (url: string): KubeObject =>
		c.services.api.handle(c.world, { method: 'GET', url, headers: {}, user: { name: 'kubernetes-admin', groups: ['system:masters'] } }).json as KubeObject;
	const entries = (url: string): readonly ManagedEntry[] => (get(url).metadata.managedFields ?? []) as unknown as readonly ManagedEntry[];
	return { c, get, entries };
}

const controllerRef = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u1', controller: true, blockOwnerDeletion: true };

describe('the managers of what the cluster makes by itself', () => {
	it('are a controller for a pod and the kubelet for its status', () => {
		const { c, entries, get } = served();
		const pod = {
			metadata: { name: 'web-1', labels: { app: 'web' }, ownerReferences: [controllerRef] },
			spec: { containers: [{ name: 'c', image: 'nginx' }] },
		};
		const made = c.client.create(c.world, 'v1/pods', 'default', pod);
		const url = '/api/v1/namespaces/default/pods/web-1';
		expect(entries(url).map((e) => [e.manager, e.operation, e.subresource])).toEqual([['kube-controller-manager', 'Update', undefined]]);
		expect(entries(url)[0]?.fieldsV1).toMatchObject({
			'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:ownerReferences': { '.': {}, 'k:{"uid":"u1"}': {} } },
			'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:resources': {} } }, 'f:restartPolicy': {} },
		});
		expect(entries(url)[0]?.fieldsV1).not.toHaveProperty(['f:spec', 'f:containers', '.']);
		for (const field of ['f:volumes', 'f:nodeName', 'f:tolerations']) expect(entries(url)[0]?.fieldsV1).not.toHaveProperty(['f:spec', field]);
		const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-20T18:05:00Z' }];
		const stored = made.ok ? made.value : (undefined as never);
		c.client.updateStatus(c.world, 'v1/pods', { ...stored, status: { phase: 'Running', conditions, podIP: '10.244.1.9' } });
		const status = entries(url)[1];
		expect(status).toMatchObject({ manager: 'kubelet', subresource: 'status', time: '2026-11-20T18:05:00Z' });
		expect(status?.fieldsV1).toMatchObject({
			'f:status': { 'f:conditions': { '.': {}, 'k:{"type":"Ready"}': { '.': {}, 'f:status': {} } }, 'f:phase': {}, 'f:podIP': {} },
		});
		// The object itself stays without them, and so does a list.
		expect(c.client.get(c.world, 'v1/pods', 'default', 'web-1')?.metadata.managedFields).toBeUndefined();
		expect((get('/api/v1/namespaces/default/pods')['items'] as readonly KubeObject[])[0]?.metadata.managedFields).toBeUndefined();
	});

	it('are the API server for its own objects, and the component that reports an event', () => {
		const { c, entries } = served();
		expect(entries('/apis/rbac.authorization.k8s.io/v1/clusterroles/admin')[0]?.manager).toBe('kube-apiserver');
		expect(entries('/api/v1/namespaces/default/services/kubernetes')[0]?.manager).toBe('kube-apiserver');
		const involvedObject = { kind: 'Pod', name: 'a', namespace: 'default' };
		for (const [name, component] of [
			['a', 'kubelet'],
			['b', 'default-scheduler'],
			['c', 'deployment-controller'],
		] as const) {
			c.client.create(c.world, 'v1/events', 'default', { metadata: { name, namespace: 'default' }, involvedObject, source: { component }, reason: 'R' });
		}
		expect(['a', 'b', 'c'].map((name) => entries(`/api/v1/namespaces/default/events/${name}`)[0]?.manager)).toEqual([
			'kubelet',
			'kube-scheduler',
			'kube-controller-manager',
		]);
	});
});
