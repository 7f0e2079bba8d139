/** Workloads that keep pods: Deployment, ReplicaSet, ReplicationController, DaemonSet, ControllerRevision. */
import type {
	V1ControllerRevision,
	V1Deployment,
	V1Node,
	V1Pod,
	V1ReplicaSet,
	V1ReplicationController,
	V1ReplicationControllerCondition,
	V1Scale,
} from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { isReady, meta, pod, started, template, web } from '../pods.ts';
import { spec } from '../spec.ts';
import { statusSubresource } from '../status.ts';

const DEPLOYMENTS = 'apps/v1/deployments';
const REPLICASETS = 'apps/v1/replicasets';
const CONTROLLERS = 'v1/replicationcontrollers';
const DAEMONSETS = 'apps/v1/daemonsets';
const REVISIONS = 'apps/v1/controllerrevisions';
const LABELS = { app: 'a' };

const deployment = (more: object = {}, image = 'nginx:1.29'): object => ({
	apiVersion: 'apps/v1',
	kind: 'Deployment',
	metadata: meta('a', LABELS),
	spec: { replicas: 1, selector: { matchLabels: LABELS }, template: template(LABELS, { containers: [web('web', { image })] }), ...more },
});
const replicaset = (replicas = 1): object => ({
	apiVersion: 'apps/v1',
	kind: 'ReplicaSet',
	metadata: meta('a', LABELS),
	spec: { replicas, selector: { matchLabels: LABELS }, template: template(LABELS) },
});
const controller = (replicas = 1): object => ({
	apiVersion: 'v1',
	kind: 'ReplicationController',
	metadata: meta('a', LABELS),
	spec: { replicas, selector: LABELS, template: template(LABELS) },
});
const daemonset = (more: object = {}): object => ({
	apiVersion: 'apps/v1',
	kind: 'DaemonSet',
	metadata: meta('a', LABELS),
	spec: { selector: { matchLabels: LABELS }, template: template(LABELS), ...more },
});

const complete = (d: V1Deployment): boolean =>
	d.status?.observedGeneration === d.metadata?.generation &&
	d.status?.updatedReplicas === d.spec?.replicas &&
	d.status?.availableReplicas === d.spec?.replicas &&
	d.status?.replicas === d.spec?.replicas;
const rolledOut = (c: Cluster): Promise<V1Deployment> =>
	c.until('the deployment is complete', async () => {
		const d = await c.at<V1Deployment>(DEPLOYMENTS).get('a');
		return complete(d) && d;
	});
const pods = (c: Cluster): Promise<readonly V1Pod[]> => c.at<V1Pod>('v1/pods').list('app=a');
const ready = (c: Cluster, count: number): Promise<readonly V1Pod[]> =>
	c.until(`${count} pods are ready`, async () => {
		const found = await pods(c);
		return found.length === count && found.every(isReady) && found;
	});
const ownerOf = (p: V1Pod): string | undefined => p.metadata?.ownerReferences?.find((o) => o.controller)?.name;

spec('Deployment RollingUpdate', async (c) => {
	// Pods of an older ReplicaSet are adopted, and replaced by the deployment's own.
	await c.at(REPLICASETS).create({ ...replicaset(2), metadata: meta('old', LABELS) });
	await ready(c, 2);
	await c.at(DEPLOYMENTS).create(deployment({ replicas: 2 }, 'nginx:1.28'));
	await rolledOut(c);
	const sets = await c.at<V1ReplicaSet>(REPLICASETS).list('app=a');
	expect(sets).toHaveLength(2);
	expect(sets.every((s) => s.metadata?.ownerReferences?.[0]?.name === 'a')).toBe(true);
	expect(sets.find((s) => s.metadata?.name === 'old')?.status?.replicas).toBe(0);
});

spec('Deployment Recreate', async (c) => {
	await c.at(DEPLOYMENTS).create(deployment({ replicas: 2, strategy: { type: 'Recreate' } }));
	await rolledOut(c);
	const watch = await c.at<V1Pod>('v1/pods').watch('app=a');
	await watch.until((w) => w.events.length === 2);
	const old = watch.summary().map((e) => e.split(' ')[1]);
	await c.at(DEPLOYMENTS).patch('a', { spec: { template: { metadata: { labels: { v: '2' } } } } });
	await rolledOut(c);
	// No new pod before the last old one is gone.
	await watch.until((w) => w.summary().some((e) => e.startsWith('ADDED') && !old.some((o) => e.endsWith(` ${o}`))));
	const events = watch.summary();
	const lastDeleted = Math.max(...old.map((o) => events.indexOf(`DELETED ${o}`)));
	const firstNew = events.findIndex((e) => e.startsWith('ADDED') && !old.some((o) => e.endsWith(` ${o}`)));
	expect(Math.min(...old.map((o) => events.indexOf(`DELETED ${o}`)))).toBeGreaterThan(0);
	expect(firstNew).toBeGreaterThan(lastDeleted);
	watch.stop();
});

spec('Deployment RevisionHistoryLimit', async (c) => {
	await c.at(DEPLOYMENTS).create(deployment({ revisionHistoryLimit: 0 }));
	await rolledOut(c);
	await c.at(DEPLOYMENTS).patch('a', { spec: { template: { spec: { terminationGracePeriodSeconds: 2 } } } });
	await rolledOut(c);
	await c.until('only the new ReplicaSet is left', async () => (await c.at(REPLICASETS).list('app=a')).length === 1);
});

spec('Deployment Rollover', async (c) => {
	await c.at(DEPLOYMENTS).create(deployment({ replicas: 2, minReadySeconds: 2, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }));
	await rolledOut(c);
	// An image that never comes holds the rollout; the next change rolls over it.
	await c.at(DEPLOYMENTS).patch('a', { spec: { template: { spec: { containers: [web('web', { image: 'nginx:none' })] } } } });
	await c.until('the second ReplicaSet is there', async () => (await c.at(REPLICASETS).list('app=a')).length === 2);
	await c.pass(5);
	await c.at(DEPLOYMENTS).patch('a', { spec: { template: { spec: { containers: [web('web', { image: 'nginx:1.28' })] } } } });
	await rolledOut(c);
	const sets = await c.at<V1ReplicaSet>(REPLICASETS).list('app=a');
	expect(sets.map((s) => s.status?.replicas).sort()).toEqual([0, 0, 2]);
	expect(sets.map((s) => s.metadata?.annotations?.['deployment.kubernetes.io/revision']).sort()).toEqual(['1', '2', '3']);
});

spec('Deployment Proportional Scaling', async (c) => {
	await c.at(DEPLOYMENTS).create(deployment({ replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }));
	await rolledOut(c);
	await c.at(DEPLOYMENTS).patch('a', { spec: { template: { spec: { containers: [web('web', { image: 'nginx:404' })] } } } });
	const revision = (s: V1ReplicaSet): number => Number(s.metadata?.annotations?.['deployment.kubernetes.io/revision']);
	const sizes = async (): Promise<string> => {
		const sets = await c.at<V1ReplicaSet>(REPLICASETS).list('app=a');
		return [...sets]
			.sort((x, y) => revision(x) - revision(y))
			.map((s) => s.spec?.replicas)
			.join();
	};
	await c.until('the rollout hangs at 8 old and 5 new', async () => (await sizes()) === '8,5');
	await c.at(DEPLOYMENTS).patch('a', { spec: { replicas: 30 } }, 'merge', '/scale');
	await c.until('30 + 3 are shared out in proportion', async () => (await sizes()) === '20,13');
});

spec(['Deployment, completes the lifecycle of a Deployment', 'Deployment, status sub-resource'], async (c) => {
	const of = c.at<V1Deployment>(DEPLOYMENTS);
	const watch = await of.watch('app=a');
	await of.create(deployment({ replicas: 2 }));
	await watch.seen('ADDED a');
	await rolledOut(c);
	await of.patch('a', { metadata: { labels: { patched: 'yes' } }, spec: { replicas: 3 } }, 'strategic');
	await rolledOut(c);
	expect((await of.list('patched=yes')).map((d) => d.metadata?.name)).toEqual(['a']);
	const scaled = (await of.patch('a', { spec: { replicas: 1 } }, 'merge', '/scale')) as V1Scale;
	expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } });
	await rolledOut(c);
	await of.patch('a', { status: { readyReplicas: 0 } }, 'merge', '/status');
	await statusSubresource(c, DEPLOYMENTS, 'a');
	await of.delete('a');
	await watch.seen('DELETED a');
	watch.stop();
	await c.until('its pods are gone', async () => (await pods(c)).length === 0);
});

for (const [names, resource, make] of [
	['Deployment, completes the scaling of a Deployment subresource', DEPLOYMENTS, deployment],
	['ReplicaSet, completes the scaling of a ReplicaSet subresource', REPLICASETS, () => replicaset()],
	['Replication Controller, get and update ReplicationController scale', CONTROLLERS, () => controller()],
] as const) {
	spec(names, async (c) => {
		const of = c.at<{ spec: { replicas: number } }>(resource);
		await of.create(make());
		await ready(c, 1);
		const scale = (await of.get('a', '/scale')) as V1Scale;
		expect(scale).toMatchObject({ apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 }, status: { replicas: 1, selector: 'app=a' } });
		await of.replace({ ...scale, spec: { replicas: 2 } } as never, '/scale');
		expect((await of.get('a')).spec.replicas).toBe(2);
		await ready(c, 2);
		await of.patch('a', { spec: { replicas: 4 } }, 'merge', '/scale');
		expect((await of.get('a')).spec.replicas).toBe(4);
	});
}

spec('ReplicaSet, is created, Replaced and Patched', async (c) => {
	const of = c.at<V1ReplicaSet>(REPLICASETS);
	await of.create(replicaset());
	await ready(c, 1);
	const held = await of.get('a');
	await of.replace({ ...held, spec: { ...held.spec, replicas: 2 } } as V1ReplicaSet);
	await ready(c, 2);
	const patched = await of.patch(
		'a',
		{ metadata: { labels: { test: 'patched' } }, spec: { replicas: 3, template: { spec: { terminationGracePeriodSeconds: 0 } } } },
		'strategic',
	);
	expect([patched.metadata?.labels?.['test'], patched.spec?.template?.spec?.terminationGracePeriodSeconds]).toEqual(['patched', 0]);
	await ready(c, 3);
});

for (const [name, resource, object] of [
	['Replica Set, adopt matching pods and release non matching pods', REPLICASETS, replicaset()],
	[['Replication Controller, adopt matching pods', 'Replication Controller, release pods'], CONTROLLERS, controller()],
] as const) {
	spec(name, async (c) => {
		await started(c, pod('orphan', {}, LABELS));
		await c.at(resource).create(object);
		await c.until('the orphan is adopted', async () => ownerOf(await c.at<V1Pod>('v1/pods').get('orphan')) === 'a');
		await c.at('v1/pods').patch('orphan', { metadata: { labels: { app: 'other' } } });
		await c.until('it is released', async () => ownerOf(await c.at<V1Pod>('v1/pods').get('orphan')) === undefined);
		const [other] = await ready(c, 1);
		expect(other?.metadata?.name).not.toBe('orphan');
	});
}

for (const [name, resource, object] of [
	['Replica Set, run basic image', REPLICASETS, replicaset(2)],
	['Replication Controller, run basic image', CONTROLLERS, controller(2)],
] as const) {
	spec(name, async (c) => {
		await c.at(resource).create(object);
		for (const p of await ready(c, 2)) {
			const said = await c.sandbox.network.request({
				method: 'GET',
				url: `http://${p.status?.podIP}/`,
				fromPod: { namespace: 'default', name: p.metadata?.name ?? '' },
			});
			expect(said).toMatchObject({ ok: true, response: { status: 200 } });
		}
	});
}

for (const [name, resource, make] of [
	['DaemonSet, list and delete a collection of DaemonSets', DAEMONSETS, () => daemonset()],
	['ReplicaSet, list and delete a collection of ReplicaSets', REPLICASETS, () => replicaset(2)],
] as const) {
	spec(name, async (c) => {
		await c.at(resource).create(make());
		await ready(c, 2);
		expect(await c.at(resource).list('app=a')).toHaveLength(1);
		await c.at(resource).deleteAll('app=a');
		expect(await c.at(resource).list('app=a')).toHaveLength(0);
		await c.until('its pods are gone', async () => (await pods(c)).length === 0);
	});
}

for (const [name, resource, make] of [
	['DaemonSet, status sub-resource', DAEMONSETS, () => daemonset()],
	['ReplicaSet, status sub-resource', REPLICASETS, () => replicaset(2)],
] as const) {
	spec(name, async (c) => {
		await c.at(resource).create(make());
		await ready(c, 2);
		await statusSubresource(c, resource, 'a');
	});
}

spec('Replication Controller, check for issues like exceeding allocated quota', async (c) => {
	await c.at('v1/resourcequotas').create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: meta('q'), spec: { hard: { pods: '2' } } });
	await c.pass(2);
	const of = c.at<V1ReplicationController>(CONTROLLERS);
	await of.create(controller(3));
	const failed = async (): Promise<V1ReplicationControllerCondition | undefined> =>
		(await of.get('a')).status?.conditions?.find((x) => x.type === 'ReplicaFailure');
	const condition = await c.until('the failure shows in a condition', failed);
	expect(condition).toMatchObject({ status: 'True', reason: 'FailedCreate' });
	expect(condition.message).toMatch(/^pods "a-\w+" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2$/);
	await of.patch('a', { spec: { replicas: 2 } });
	await c.until('the condition is gone', async () => (await failed()) === undefined);
});

spec('Replication Controller, lifecycle', async (c) => {
	const of = c.at<V1ReplicationController>(CONTROLLERS);
	const watch = await of.watch('app=a');
	await of.create(controller());
	await watch.seen('ADDED a');
	await ready(c, 1);
	expect((await of.patch('a', { metadata: { labels: { patched: 'yes' } } }, 'strategic')).metadata?.labels?.['patched']).toBe('yes');
	await of.patch('a', { status: { readyReplicas: 0, availableReplicas: 0 } }, 'merge', '/status');
	expect((await of.get('a', '/status')).kind).toBe('ReplicationController');
	await of.patch('a', { spec: { replicas: 2 } }, 'merge', '/scale');
	await ready(c, 2);
	expect((await c.get<{ items: V1ReplicationController[] }>('/api/v1/replicationcontrollers?labelSelector=patched%3Dyes')).items).toHaveLength(1);
	const held = await of.get('a');
	await of.replace({ ...held, spec: { ...held.spec, replicas: 1 } } as V1ReplicationController);
	await of.deleteAll('app=a');
	// Its pods are orphaned by default: that is the collector's work.
	await c.until('it is gone', () => of.gone('a'));
	await watch.seen('DELETED a');
	watch.stop();
});

spec('DaemonSet-Creation', async (c) => {
	await c.at(DAEMONSETS).create(daemonset());
	const before = await ready(c, 2);
	expect(new Set(before.map((p) => p.spec?.nodeName))).toEqual(new Set(['foothold-worker', 'foothold-worker2']));
	await c.at('v1/pods').delete(before[0]?.metadata?.name ?? '');
	const after = await c.until('a pod takes its place', async () => {
		const found = await pods(c);
		return found.length === 2 && found.every((p) => isReady(p) && p.metadata?.name !== before[0]?.metadata?.name) && found;
	});
	expect(new Set(after.map((p) => p.spec?.nodeName)).size).toBe(2);
});

spec('DaemonSet-NodeSelection', async (c) => {
	await c.at(DAEMONSETS).create(daemonset({ template: template(LABELS, { nodeSelector: { color: 'blue' } }) }));
	await c.pass(3);
	expect(await pods(c)).toEqual([]);
	const nodes = c.at<V1Node>('v1/nodes', '');
	await nodes.patch('foothold-worker', { metadata: { labels: { color: 'blue' } } });
	expect((await ready(c, 1))[0]?.spec?.nodeName).toBe('foothold-worker');
	await nodes.patch('foothold-worker', { metadata: { labels: { color: 'green' } } });
	await c.until('the pod is gone from the node', async () => (await pods(c)).length === 0);
	await c.at(DAEMONSETS).patch('a', { spec: { template: { spec: { nodeSelector: { color: 'green' } } } } });
	expect((await ready(c, 1))[0]?.spec?.nodeName).toBe('foothold-worker');
});

spec('DaemonSet-FailedPodCreation', async (c) => {
	await c.at(DAEMONSETS).create(daemonset());
	const [first] = await ready(c, 2);
	const name = first?.metadata?.name ?? '';
	await c.at<V1Pod>('v1/pods').patch(name, { status: { phase: 'Failed' } }, 'merge', '/status');
	await c.until('a pod takes the failed one’s place', async () => {
		const found = await pods(c);
		return found.length === 2 && found.every((p) => isReady(p) && p.metadata?.name !== name);
	});
});

spec('DaemonSet-RollingUpdate', async (c) => {
	await c.at(DAEMONSETS).create(daemonset());
	await ready(c, 2);
	const revision = async (): Promise<string> =>
		(await c.at<V1ControllerRevision>(REVISIONS).list('app=a'))
			.map((r) => r.revision)
			.sort()
			.join();
	expect(await revision()).toBe('1');
	await c.at(DAEMONSETS).patch('a', { spec: { template: { spec: { containers: [web('web', { image: 'nginx:1.28' })] } } } });
	await c.until('all have the new image', async () => {
		const found = await pods(c);
		const unavailable = found.filter((p) => !isReady(p)).length;
		expect(unavailable).toBeLessThanOrEqual(1);
		return found.length === 2 && found.every((p) => isReady(p) && p.spec?.containers[0]?.image === 'nginx:1.28');
	});
	expect(await revision()).toBe('1,2');
	const hashes = (await pods(c)).map((p) => p.metadata?.labels?.['controller-revision-hash']);
	const newest = (await c.at<V1ControllerRevision>(REVISIONS).list('app=a')).find((r) => r.revision === 2);
	expect(hashes).toEqual(Array(2).fill(newest?.metadata?.labels?.['controller-revision-hash']));
});

spec('DaemonSet-Rollback', async (c) => {
	await c.at(DAEMONSETS).create(daemonset());
	const before = await ready(c, 2);
	await c.at(DAEMONSETS).patch('a', { spec: { template: { spec: { containers: [web('web', { image: 'foo:non-existent' })] } } } });
	await c.until('one pod tries the bad image', async () => (await pods(c)).some((p) => p.spec?.containers[0]?.image === 'foo:non-existent'));
	await c.pass(3);
	const untouched = (await pods(c)).filter((p) => before.some((b) => b.metadata?.uid === p.metadata?.uid));
	expect(untouched).toHaveLength(1);
	await c.at(DAEMONSETS).patch('a', { spec: { template: { spec: { containers: [web()] } } } });
	const after = await ready(c, 2);
	expect(after.every((p) => p.spec?.containers[0]?.image === 'nginx:1.29')).toBe(true);
	// What had not been touched was not restarted.
	const kept = after.find((p) => p.metadata?.uid === untouched[0]?.metadata?.uid);
	expect(kept?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
	const revisions = await c.at<V1ControllerRevision>(REVISIONS).list('app=a');
	expect(revisions.map((r) => r.revision).sort()).toEqual([2, 3]);
});

spec('ControllerRevision, resource lifecycle', async (c) => {
	await c.at(DAEMONSETS).create(daemonset());
	await ready(c, 2);
	const of = c.at<V1ControllerRevision>(REVISIONS);
	const [initial] = await of.list('app=a');
	const name = initial?.metadata?.name ?? '';
	const owner = initial?.metadata?.ownerReferences?.[0];
	expect(owner).toMatchObject({ kind: 'DaemonSet', name: 'a', controller: true });
	await of.patch(name, { metadata: { labels: { [name]: 'patched' } } }, 'strategic');
	expect((await of.list(`${name}=patched`)).map((r) => r.metadata?.name)).toEqual([name]);
	const made = await of.create({
		apiVersion: 'apps/v1',
		kind: 'ControllerRevision',
		metadata: { generateName: 'a-', labels: { app: 'a' }, ownerReferences: [owner] },
		data: initial?.data,
		revision: (initial?.revision ?? 0) + 1,
	});
	expect(await of.list('app=a')).toHaveLength(2);
	await of.delete(name);
	expect((await of.list('app=a')).map((r) => r.metadata?.name)).toEqual([made.metadata?.name]);
	const held = await of.get(made.metadata?.name ?? '');
	await of.replace({ ...held, metadata: { ...held.metadata, labels: { app: 'a', updated: 'yes' } } } as V1ControllerRevision);
	expect(await of.list('updated=yes')).toHaveLength(1);
	const changed = await of.try('PUT', `/${made.metadata?.name}`, { body: { ...(await of.get(made.metadata?.name ?? '')), data: { other: 1 } } });
	expect(changed).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
	await c.at(DAEMONSETS).deleteAll('app=a');
	await c.until('its revisions are gone', async () => (await of.list('app=a')).length === 0);
});
