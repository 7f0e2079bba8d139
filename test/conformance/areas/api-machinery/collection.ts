/** Garbage collection by propagation policy, and namespaces. */
import type { V1Namespace, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { isReady, meta, pod, started, template } from '../pods.ts';
import { spec } from '../spec.ts';

const LABELS = { gc: 'y' };
const DEPLOYMENTS = 'apps/v1/deployments';
const CONTROLLERS = 'v1/replicationcontrollers';
const deployment = {
	apiVersion: 'apps/v1',
	kind: 'Deployment',
	metadata: meta('d', LABELS),
	spec: { replicas: 2, selector: { matchLabels: LABELS }, template: template(LABELS) },
};
const controller = (name: string, replicas: number, labels: { [key: string]: string } = LABELS): object => ({
	apiVersion: 'v1',
	kind: 'ReplicationController',
	metadata: meta(name, labels),
	spec: { replicas, selector: labels, template: template(labels) },
});
const pods = (c: Cluster): Promise<readonly V1Pod[]> => c.at<V1Pod>('v1/pods').list('gc=y');
const running = (c: Cluster, count: number): Promise<readonly V1Pod[]> =>
	c.until(`${count} pods are ready`, async () => {
		const found = await pods(c);
		return found.length === count && found.every(isReady) && found;
	});

spec('Garbage Collector, delete deployment,  propagation policy background', async (c) => {
	await c.at(DEPLOYMENTS).create(deployment);
	await running(c, 2);
	await c.at(DEPLOYMENTS).delete('d', { propagationPolicy: 'Background' });
	expect(await c.at(DEPLOYMENTS).gone('d')).toBe(true);
	await c.until('nothing of it is left', async () => (await pods(c)).length === 0 && (await c.at('apps/v1/replicasets').list('gc=y')).length === 0);
});

spec('Garbage Collector, delete deployment, propagation policy orphan', async (c) => {
	await c.at(DEPLOYMENTS).create(deployment);
	await running(c, 2);
	await c.at(DEPLOYMENTS).delete('d', { propagationPolicy: 'Orphan' });
	expect((await c.at<V1ReplicaSet>(DEPLOYMENTS).get('d')).metadata?.finalizers).toContain('orphan');
	await c.until('it is gone', () => c.at(DEPLOYMENTS).gone('d'));
	await c.pass(30);
	const [set] = await c.at<V1ReplicaSet>('apps/v1/replicasets').list('gc=y');
	expect(set?.metadata?.ownerReferences ?? []).toEqual([]);
	expect(await pods(c)).toHaveLength(2);
});

spec('Garbage Collector, delete replication controller, propagation policy background', async (c) => {
	await c.at(CONTROLLERS).create(controller('rc', 2));
	await running(c, 2);
	await c.at(CONTROLLERS).delete('rc', { propagationPolicy: 'Background' });
	await c.until('its pods are gone', async () => (await pods(c)).length === 0);
});

spec('Garbage Collector, delete replication controller, propagation policy orphan', async (c) => {
	await c.at(CONTROLLERS).create(controller('rc', 10));
	await running(c, 10);
	await c.at(CONTROLLERS).delete('rc', { propagationPolicy: 'Orphan' });
	await c.until('it is gone', () => c.at(CONTROLLERS).gone('rc'));
	await c.pass(30);
	const left = await pods(c);
	expect([left.length, left.every((p) => (p.metadata?.ownerReferences ?? []).length === 0)]).toEqual([10, true]);
});

spec('Garbage Collector, delete replication controller, after owned pods', async (c) => {
	await c.at(CONTROLLERS).create(controller('rc', 10));
	const found = await running(c, 10);
	await c.at(CONTROLLERS).delete('rc', { propagationPolicy: 'Foreground' });
	const watch = await c.at('v1/pods').watch('gc=y');
	const owner = await c.at(CONTROLLERS).watch();
	await c.until('it is gone', () => c.at(CONTROLLERS).gone('rc'));
	expect(await pods(c)).toEqual([]);
	await owner.seen('DELETED rc');
	await watch.until((w) => w.summary().filter((e) => e.startsWith('DELETED')).length === found.length);
	const last = Math.max(...watch.events.filter((e) => e.type === 'DELETED').map((e) => Number(e.object.metadata.resourceVersion)));
	expect(Number(owner.events.find((e) => e.type === 'DELETED')?.object.metadata.resourceVersion)).toBeGreaterThan(last);
	watch.stop();
	owner.stop();
});

spec('Garbage Collector, multiple owners', async (c) => {
	await c.at(CONTROLLERS).create(controller('rc1', 10));
	const found = await running(c, 10);
	const other = (await c.at<V1ReplicaSet>(CONTROLLERS).create(controller('rc2', 0, { gc: 'other' }))).metadata;
	for (const p of found.slice(0, 5)) {
		const patch = { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ReplicationController', name: 'rc2', uid: other?.uid }] } };
		await c.at('v1/pods').patch(p.metadata?.name ?? '', patch, 'strategic');
	}
	await c.at(CONTROLLERS).delete('rc1', { propagationPolicy: 'Foreground' });
	await c.until('it is gone', () => c.at(CONTROLLERS).gone('rc1'));
	const left = await pods(c);
	expect(left.map((p) => p.metadata?.name).sort()).toEqual(
		found
			.slice(0, 5)
			.map((p) => p.metadata?.name)
			.sort(),
	);
	expect(left.map((p) => [p.metadata?.deletionTimestamp, p.metadata?.ownerReferences?.map((o) => o.name)])).toEqual(Array(5).fill([undefined, ['rc2']]));
});

spec('Garbage Collector, dependency cycle', async (c) => {
	const of = c.at<V1Pod>('v1/pods');
	const made = new Map<string, string>();
	for (const name of ['p1', 'p2', 'p3']) made.set(name, (await of.create(pod(name, {}, LABELS))).metadata?.uid ?? '');
	for (const [name, owner] of [
		['p1', 'p3'],
		['p2', 'p1'],
		['p3', 'p2'],
	] as const) {
		await of.patch(
			name,
			{ metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: owner, uid: made.get(owner), controller: true, blockOwnerDeletion: true }] } },
			'strategic',
		);
	}
	await of.delete('p1', { propagationPolicy: 'Foreground' });
	await c.until('all are gone', async () => (await pods(c)).length === 0);
});

const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const namespaces = (c: Cluster) => c.at<V1Namespace>('v1/namespaces', '');

spec('Namespace patching', async (c) => {
	await namespaces(c).create(namespace('n'));
	await namespaces(c).patch('n', { metadata: { labels: { testLabel: 'testValue' } } }, 'strategic');
	expect((await namespaces(c).get('n')).metadata?.labels).toEqual({ 'kubernetes.io/metadata.name': 'n', testLabel: 'testValue' });
});

spec('Namespace, apply update to a namespace', async (c) => {
	const made = await namespaces(c).create(namespace('n'));
	const updated = await namespaces(c).replace({ ...made, metadata: { ...made.metadata, labels: { ...made.metadata?.labels, n: 'updated' } } } as V1Namespace);
	expect(updated.metadata?.labels?.['n']).toBe('updated');
});

spec('Namespace, apply finalizer to a namespace', async (c) => {
	const made = await namespaces(c).create(namespace('n'));
	const fake = 'e2e.example.com/fakeFinalizer';
	const finalize = (finalizers: readonly string[]): Promise<V1Namespace> =>
		namespaces(c).replace({ ...made, metadata: { name: 'n' }, spec: { finalizers } } as V1Namespace, '/finalize');
	expect((await finalize(['kubernetes', fake])).spec?.finalizers).toContain(fake);
	expect((await finalize(['kubernetes'])).spec?.finalizers).toEqual(['kubernetes']);
	await namespaces(c).delete('n');
	await c.until('it is gone', () => namespaces(c).gone('n'));
});

spec('Namespace, apply changes to a namespace status', async (c) => {
	const made = await namespaces(c).create(namespace('n'));
	expect((await namespaces(c).get('n', '/status')).status?.phase).toBe('Active');
	const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by a test', lastTransitionTime: '2026-01-01T00:00:00Z' };
	const patched = await namespaces(c).patch('n', { metadata: { annotations: { patched: 'y' } }, status: { conditions: [condition] } }, 'merge', '/status');
	expect(patched.status?.conditions).toMatchObject([{ type: 'StatusPatch', message: 'Patched by a test' }]);
	const updated = await namespaces(c).replace(
		{ ...patched, status: { ...patched.status, conditions: [...(patched.status?.conditions ?? []), { ...condition, type: 'StatusUpdate' }] } } as never,
		'/status',
	);
	expect(updated.status?.conditions?.map((x) => x.type)).toEqual(['StatusPatch', 'StatusUpdate']);
	expect(updated.metadata?.uid).toBe(made.metadata?.uid);
});

spec('namespace-deletion-removes-pods', async (c) => {
	await namespaces(c).create(namespace('n'));
	await c.pass(1);
	await started(c, pod('p'), 'n');
	await namespaces(c).delete('n');
	expect((await namespaces(c).get('n')).status?.phase).toBe('Terminating');
	const late = await c.at('v1/pods', 'n').try('POST', '', { body: pod('late') });
	expect(late).toMatchObject({
		status: 403,
		body: {
			message: 'pods "late" is forbidden: unable to create new content in namespace n because it is being terminated',
			details: { causes: [{ reason: 'NamespaceTerminating' }] },
		},
	});
	await c.until('it is gone', () => namespaces(c).gone('n'));
	await namespaces(c).create(namespace('n'));
	expect(await c.at('v1/pods', 'n').list()).toEqual([]);
});

spec('namespace-deletion-removes-services', async (c) => {
	await namespaces(c).create(namespace('n'));
	await c.at('v1/services', 'n').create({ apiVersion: 'v1', kind: 'Service', metadata: meta('s'), spec: { selector: LABELS, ports: [{ port: 80 }] } });
	await namespaces(c).delete('n');
	await c.until('it is gone', () => namespaces(c).gone('n'));
	await namespaces(c).create(namespace('n'));
	expect(await c.at('v1/services', 'n').list()).toEqual([]);
});
