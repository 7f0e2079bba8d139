/** StatefulSets: order, bursts, revisions, partitions. */
import type { V1Pod, V1Scale, V1StatefulSet } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { isReady, meta, pod, template, web } from '../pods.ts';
import { spec } from '../spec.ts';
import { statusSubresource } from '../status.ts';

const SETS = 'apps/v1/statefulsets';
const LABELS = { app: 'ss' };
const READY = { httpGet: { path: '/index.html', port: 80 }, periodSeconds: 1, successThreshold: 1, failureThreshold: 1 };

async function create(c: Cluster, replicas: number, more: object = {}): Promise<void> {
	await c
		.at('v1/services')
		.create({ apiVersion: 'v1', kind: 'Service', metadata: meta('test'), spec: { clusterIP: 'None', selector: LABELS, ports: [{ port: 80 }] } });
	await c.at(SETS).create({
		apiVersion: 'apps/v1',
		kind: 'StatefulSet',
		metadata: meta('ss', LABELS),
		spec: {
			serviceName: 'test',
			replicas,
			selector: { matchLabels: LABELS },
			template: template(LABELS, { containers: [web('web', { readinessProbe: READY })] }),
			...more,
		},
	});
}

const sets = (c: Cluster) => c.at<V1StatefulSet>(SETS);
const pods = async (c: Cluster): Promise<readonly V1Pod[]> => {
	const found = await c.at<V1Pod>('v1/pods').list('app=ss');
	return [...found].sort((a, b) => ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1));
};
const ready = (c: Cluster, count: number): Promise<readonly V1Pod[]> =>
	c.until(`${count} pods are ready`, async () => {
		const found = await pods(c);
		return found.length === count && found.every(isReady) && found;
	});
const scale = (c: Cluster, replicas: number): Promise<V1StatefulSet> => sets(c).patch('ss', { spec: { replicas } });
const image = (c: Cluster, name: string): Promise<V1StatefulSet> =>
	sets(c).patch('ss', { spec: { template: { spec: { containers: [{ name: 'web', image: name }] } } } }, 'strategic');
const revisions = (found: readonly V1Pod[]): (string | undefined)[] => found.map((p) => p.metadata?.labels?.['controller-revision-hash']);
const settled = (c: Cluster): Promise<V1StatefulSet> =>
	c.until('the update is complete', async () => {
		const s = await sets(c).get('ss');
		return (
			s.status?.observedGeneration === s.metadata?.generation &&
			s.status?.currentRevision === s.status?.updateRevision &&
			s.status?.readyReplicas === s.spec?.replicas &&
			s
		);
	});
/** Makes a pod's readiness probe fail, or pass again. */
const serving = async (c: Cluster, name: string, on: boolean): Promise<void> => {
	const script = on ? 'mv /tmp/index.html /usr/share/nginx/html/' : 'mv /usr/share/nginx/html/index.html /tmp/';
	await exec(c, name, script);
};

async function exec(c: Cluster, name: string, script: string): Promise<void> {
	const { Exec } = await import('@kubernetes/client-node');
	const status = new Promise<{ status?: string }>((resolve, reject) => {
		new Exec(c.config()).exec('default', name, 'web', ['sh', '-c', script], null, null, null, false, resolve).catch(reject);
	});
	expect((await c.during(status)).status).toBe('Success');
}

spec('StatefulSet, Scaling', async (c) => {
	const watch = await c.at<V1Pod>('v1/pods').watch('app=ss');
	await create(c, 1);
	await ready(c, 1);
	// An unhealthy pod holds the way up…
	await serving(c, 'ss-0', false);
	await c.until('ss-0 is not ready', async () => !(await pods(c)).every(isReady));
	await scale(c, 3);
	await c.pass(20);
	expect((await pods(c)).map((p) => p.metadata?.name)).toEqual(['ss-0']);
	await serving(c, 'ss-0', true);
	await ready(c, 3);
	// …and the way down.
	for (const name of ['ss-0', 'ss-2']) await serving(c, name, false);
	await c.until('only ss-1 is ready', async () => (await pods(c)).filter(isReady).length === 1);
	await scale(c, 0);
	await c.pass(20);
	expect(await pods(c)).toHaveLength(3);
	await serving(c, 'ss-2', true);
	await c.until('all are gone', async () => (await pods(c)).length === 0);
	await watch.seen('DELETED ss-0');
	const order = watch.summary().filter((e) => !e.startsWith('MODIFIED'));
	expect(order).toEqual(['ADDED ss-0', 'ADDED ss-1', 'ADDED ss-2', 'DELETED ss-2', 'DELETED ss-1', 'DELETED ss-0']);
	watch.stop();
});

spec('StatefulSet, Burst Scaling', async (c) => {
	await create(c, 1, { podManagementPolicy: 'Parallel' });
	await ready(c, 1);
	await serving(c, 'ss-0', false);
	await c.until('ss-0 is not ready', async () => !(await pods(c)).every(isReady));
	await scale(c, 3);
	await c.until('three pods are there all the same', async () => (await pods(c)).length === 3);
	await scale(c, 0);
	await c.until('all are gone, unhealthy ones or not', async () => (await pods(c)).length === 0);
	expect((await sets(c).get('ss')).status?.replicas ?? 0).toBe(0);
});

spec('StatefulSet, Recreate Failed Pod', async (c) => {
	// A pod that holds the host port makes the kubelet refuse the set's.
	const ports = [{ containerPort: 21017, hostPort: 21017 }];
	await c.at('v1/pods').create(pod('blocker', { nodeName: 'foothold-worker', containers: [web('web', { ports })] }));
	await create(c, 1, { template: template(LABELS, { nodeName: 'foothold-worker', containers: [web('web', { ports })] }) });
	const watch = await c.at<V1Pod>('v1/pods').watch('app=ss');
	const failed = await c.until('ss-0 has failed once', () => watch.events.find((e) => e.object.status?.phase === 'Failed'));
	expect(failed.object.status).toMatchObject({ reason: 'NodePorts' });
	await c.at('v1/pods').delete('blocker');
	const [fresh] = await ready(c, 1);
	expect(fresh?.metadata?.uid).not.toBe(failed.object.metadata?.uid);
	watch.stop();
});

spec(['StatefulSet resource Replica scaling', 'StatefulSet, status sub-resource'], async (c) => {
	await create(c, 1);
	await ready(c, 1);
	const of = sets(c);
	const held = (await of.get('ss', '/scale')) as V1Scale;
	expect(held).toMatchObject({ kind: 'Scale', spec: { replicas: 1 }, status: { replicas: 1, selector: 'app=ss' } });
	await of.replace({ ...held, spec: { replicas: 2 } } as never, '/scale');
	expect((await of.get('ss')).spec?.replicas).toBe(2);
	await of.patch('ss', { spec: { replicas: 4 } }, 'merge', '/scale');
	expect((await of.get('ss')).spec?.replicas).toBe(4);
	await ready(c, 4);
	await statusSubresource(c, SETS, 'ss');
});

spec('StatefulSet, list, patch and delete a collection of StatefulSets', async (c) => {
	await create(c, 1);
	await ready(c, 1);
	const patch = {
		metadata: { labels: { name: 'patched' } },
		spec: { replicas: 2, template: { spec: { containers: [{ name: 'web', image: 'nginx:1.28' }] } } },
	};
	const patched = await sets(c).patch('ss', patch, 'strategic');
	expect([patched.metadata?.labels?.['name'], patched.spec?.template.spec?.containers[0]?.image]).toEqual(['patched', 'nginx:1.28']);
	await c.until('all have the new image', async () => (await pods(c)).filter((p) => isReady(p) && p.spec?.containers[0]?.image === 'nginx:1.28').length === 2);
	expect(await sets(c).list('name=patched')).toHaveLength(1);
	await sets(c).deleteAll('name=patched');
	expect(await sets(c).list('name=patched')).toHaveLength(0);
	await c.until('its pods are gone', async () => (await pods(c)).length === 0);
});

spec('StatefulSet, Rolling Update', async (c) => {
	await create(c, 3);
	await ready(c, 3);
	const first = await settled(c);
	const original = first.status?.currentRevision;
	expect(revisions(await pods(c))).toEqual(Array(3).fill(original));
	const watch = await c.at<V1Pod>('v1/pods').watch('app=ss');
	await image(c, 'nginx:1.28');
	const changed = await c.until('a second revision is there', async () => {
		const s = await sets(c).get('ss');
		return s.status?.updateRevision !== original && s;
	});
	expect(changed.status?.currentRevision).toBe(original);
	const second = (await settled(c)).status?.updateRevision;
	expect(revisions(await ready(c, 3))).toEqual(Array(3).fill(second));
	const deletions = watch.summary().filter((e) => e.startsWith('DELETED'));
	expect(deletions).toEqual(['DELETED ss-2', 'DELETED ss-1', 'DELETED ss-0']);
	watch.stop();
	// Back to what was: the old revision again, no third.
	await image(c, 'nginx:1.29');
	await c.until('the rollback is known', async () => (await sets(c).get('ss')).status?.updateRevision === original);
	await settled(c);
	expect(revisions(await ready(c, 3))).toEqual(Array(3).fill(original));
	expect(await c.at('apps/v1/controllerrevisions').list('app=ss')).toHaveLength(2);
});

spec('StatefulSet, Rolling Update with Partition', async (c) => {
	const partition = (at: number): Promise<V1StatefulSet> =>
		sets(c).patch('ss', { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: at } } } });
	await create(c, 3, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 3 } } });
	await ready(c, 3);
	const old = (await settled(c)).status?.currentRevision ?? '';
	await image(c, 'nginx:1.28');
	const fresh = await c.until('the new revision is known', async () => {
		const to = (await sets(c).get('ss')).status?.updateRevision;
		return to !== old && to;
	});
	await c.pass(10);
	expect(revisions(await pods(c))).toEqual([old, old, old]);
	// A canary.
	await partition(2);
	await c.until('ss-2 is new', async () => revisions(await pods(c)).join() === [old, old, fresh].join());
	await ready(c, 3);
	// Deleted pods come back at the revision of their side of the partition.
	for (const name of ['ss-0', 'ss-2']) await c.at('v1/pods').delete(name);
	await c.pass(1);
	expect(revisions(await ready(c, 3))).toEqual([old, old, fresh]);
	// A phased roll-out.
	await partition(1);
	await c.until('ss-1 is new', async () => revisions(await pods(c)).join() === [old, fresh, fresh].join());
	await partition(0);
	const done = await settled(c);
	expect([done.status?.currentRevision, revisions(await ready(c, 3))]).toEqual([fresh, [fresh, fresh, fresh]]);
});
