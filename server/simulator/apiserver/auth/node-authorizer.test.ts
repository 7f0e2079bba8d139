import { describe, expect, it } from 'vitest';
import { testCluster, type TestCluster } from '../registry/testing.ts';
import { SYSTEM_USERS } from '../../services.ts';
import type { ApiResult, KubeObject, Verb } from '../types.ts';

const NODE = 'foothold-worker';
const kubelet = SYSTEM_USERS.node(NODE);
const message = (result: ApiResult): string => (result.code < 400 ? 'ok' : ((result.body as { readonly message?: string }).message ?? ''));

/** A cluster with a node, another one, and a pod on the first that names a few things. */
function cluster(): TestCluster {
	const c = testCluster('full');
	for (const name of [NODE, 'other']) c.create('v1/nodes', { metadata: { name } });
	for (const name of ['used', 'unused']) {
		c.create('v1/secrets', { metadata: { name } });
		c.create('v1/configmaps', { metadata: { name } });
	}
	const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'used', key: 'a' } } }];
	const spec = { nodeName: NODE, containers: [{ name: 'c', image: 'nginx', env }], volumes: [{ name: 's', secret: { secretName: 'used' } }] };
	c.create('v1/pods', { metadata: { name: 'web' }, spec });
	c.create('v1/pods', { metadata: { name: 'far' }, spec: { nodeName: 'other', containers: [{ name: 'c', image: 'nginx' }] } });
	return c;
}

function as(c: TestCluster, verb: Verb, path: string, name?: string, rest: { readonly namespace?: string; readonly body?: unknown } = {}): string {
	return message(c.call(verb, path, { user: kubelet, namespace: 'default', ...(name === undefined ? {} : { name }), ...rest }));
}

describe('the node authorizer', () => {
	it('lets a kubelet read what its pods name, and nothing else', () => {
		const c = cluster();
		expect(as(c, 'get', 'v1/secrets', 'used')).toBe('ok');
		expect(as(c, 'get', 'v1/configmaps', 'used')).toBe('ok');
		expect(as(c, 'get', 'v1/secrets', 'unused')).toBe(
			`secrets "unused" is forbidden: User "system:node:${NODE}" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node '${NODE}' and this object`,
		);
		expect(as(c, 'list', 'v1/secrets')).toContain('No Object name found');
		expect(as(c, 'delete', 'v1/secrets', 'used')).toContain('can only read resources of this type');
		expect(message(c.call('list', 'v1/pods', { user: kubelet }))).toBe('ok');
		expect(message(c.call('list', 'apps/v1/deployments', { user: kubelet }))).toContain('cannot list resource "deployments"');
	});

	it('lets it have its own lease, and tokens for its pods', () => {
		const c = cluster();
		const lease = (name: string): string =>
			as(c, 'create', 'coordination.k8s.io/v1/leases', undefined, { namespace: 'kube-node-lease', body: { metadata: { name } } });
		expect(lease(NODE)).toBe('ok');
		expect(lease('other')).toContain('can only access node lease with the same name as the requesting node');
		const uid = c.client.get(c.world, 'v1/pods', 'default', 'web')?.metadata.uid;
		const token = (boundObjectRef?: object): string => as(c, 'create', 'v1/serviceaccounts/token', 'default', { body: { spec: { boundObjectRef } } });
		expect(token({ kind: 'Pod', name: 'web', uid })).toBe('ok');
		expect(token()).toContain('node requested token not bound to a pod');
		const far = c.client.get(c.world, 'v1/pods', 'default', 'far')?.metadata.uid;
		expect(token({ kind: 'Pod', name: 'far', uid: far })).toContain('node requested token bound to a pod scheduled on a different node');
	});
});

describe('NodeRestriction', () => {
	it('keeps a kubelet to its own node, without the labels that are not its to set', () => {
		const c = cluster();
		const change = (name: string, edit: (node: KubeObject) => object): string => {
			const node = c.client.get(c.world, 'v1/nodes', undefined, name) as KubeObject;
			return message(c.call('update', 'v1/nodes', { user: kubelet, name, body: { ...node, ...edit(node) } }));
		};
		const labelled = (labels: object) => (node: KubeObject) => ({ metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...labels } } });
		expect(change(NODE, labelled({ disk: 'ssd' }))).toBe('ok');
		expect(change('other', labelled({ disk: 'ssd' }))).toBe(`nodes "other" is forbidden: node "${NODE}" is not allowed to modify node "other"`);
		expect(change(NODE, labelled({ 'node-restriction.kubernetes.io/pci': 'x' }))).toBe(
			`nodes "${NODE}" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/pci`,
		);
		expect(change(NODE, (node) => ({ spec: { ...(node['spec'] as object), taints: [{ key: 'a', effect: 'NoSchedule' }] } }))).toContain(
			'is not allowed to modify taints',
		);
	});

	it('keeps it to its own pods', () => {
		const c = cluster();
		const status = (name: string): string => {
			const pod = c.client.get(c.world, 'v1/pods', 'default', name) as KubeObject;
			return as(c, 'update', 'v1/pods/status', name, { body: { ...pod, status: { phase: 'Running' } } });
		};
		expect(status('web')).toBe('ok');
		expect(status('far')).toBe(`pods "far" is forbidden: node "${NODE}" can only update pod status for pods with spec.nodeName set to itself`);
		expect(as(c, 'delete', 'v1/pods', 'far')).toContain('can only delete pods with spec.nodeName set to itself');
		const pod = { metadata: { name: 'new' }, spec: { nodeName: NODE, containers: [{ name: 'c', image: 'nginx' }] } };
		expect(as(c, 'create', 'v1/pods', undefined, { body: pod })).toContain('pod does not have "kubernetes.io/config.mirror" annotation');
	});
});
