/** Conformance area "scheduling". */
import type { V1LimitRange, V1Node, V1Pod, V1PriorityClass } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from './cluster.ts';
import { box, isReady, meta, pod, started, template, untilRunning } from './pods.ts';
import { also, area, spec } from './spec.ts';

area('scheduling');
const WORKERS = ['foothold-worker', 'foothold-worker2'];
const asking = (name: string, cpu: string, more: object = {}): V1Pod =>
	pod(name, { containers: [box('c', 'sleep 100000', { resources: { requests: { cpu } } })], ...more });
const unscheduled = (c: Cluster, name: string): Promise<string> =>
	c.until(`${name} is said to be unschedulable`, async () => {
		const p = await c.at<V1Pod>('v1/pods').get(name);
		return p.status?.conditions?.find((x) => x.type === 'PodScheduled' && x.reason === 'Unschedulable')?.message;
	});

spec('Scheduler, resource limits', async (c) => {
	// Whatever is free on the workers is taken; one more does not fit.
	for (const [i, node] of WORKERS.entries()) {
		await started(c, asking(`fill${i}`, '3', { nodeSelector: { 'kubernetes.io/hostname': node } }));
	}
	await c.at('v1/pods').create(asking('more', '2'));
	expect(await unscheduled(c, 'more')).toBe(
		'0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
	);
	await c.at('v1/pods').delete('fill1');
	expect((await untilRunning(c, 'more')).spec?.nodeName).toBe('foothold-worker2');
});

spec('Scheduler, node selector matching', async (c) => {
	await c.at('v1/nodes', '').patch('foothold-worker2', { metadata: { labels: { k: 'v' } } });
	expect((await started(c, pod('p', { nodeSelector: { k: 'v' } }))).spec?.nodeName).toBe('foothold-worker2');
});

spec('Scheduler, node selector not matching', async (c) => {
	await c.at('v1/pods').create(pod('p', { nodeSelector: { k: 'nowhere' } }));
	expect(await unscheduled(c, 'p')).toContain("didn't match Pod's node affinity/selector");
	await c.pass(60);
	expect((await c.at<V1Pod>('v1/pods').get('p')).spec?.nodeName).toBeUndefined();
	await c.at('v1/nodes', '').patch('foothold-worker', { metadata: { labels: { k: 'nowhere' } } });
	await untilRunning(c, 'p');
});

spec('Scheduling, HostPort and Protocol match, HostIPs different but one is default HostIP (0.0.0.0)', async (c) => {
	const on = { 'kubernetes.io/hostname': 'foothold-worker' };
	const bound = (name: string, hostIP: string | undefined): V1Pod =>
		pod(name, {
			nodeSelector: on,
			containers: [
				box('c', 'sleep 10000', { ports: [{ containerPort: 8080, hostPort: 54322, protocol: 'TCP', ...(hostIP === undefined ? {} : { hostIP }) }] }),
			],
		});
	await started(c, bound('any', undefined));
	await c.at('v1/pods').create(bound('one', '172.18.0.3'));
	expect(await unscheduled(c, 'one')).toContain("1 node(s) didn't have free ports for the requested pod ports");
});

async function classes(c: Cluster, values: { readonly [name: string]: number }): Promise<void> {
	for (const [name, value] of Object.entries(values)) {
		await c.at('scheduling.k8s.io/v1/priorityclasses', '').create({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value });
	}
}

spec(['Scheduler, Basic Preemption', 'Scheduler, Preemption for critical pod'], async (c) => {
	await classes(c, { low: 1, middle: 100, high: 1000 });
	const on = (node: string): object => ({ nodeSelector: { 'kubernetes.io/hostname': node } });
	const [first = '', second = ''] = WORKERS;
	await started(c, asking('low', '2500m', { priorityClassName: 'low', ...on(first) }));
	await started(c, asking('middle', '2500m', { priorityClassName: 'middle', ...on(second) }));
	await c.at('v1/pods').create(asking('high', '2500m', { priorityClassName: 'high' }));
	// The least important goes; its place is the newcomer's.
	expect((await untilRunning(c, 'high')).spec?.nodeName).toBe(first);
	expect(await c.at('v1/pods').gone('low')).toBe(true);
	expect(isReady(await c.at<V1Pod>('v1/pods').get('middle'))).toBe(true);
	await c.at('v1/pods', 'kube-system').create(asking('critical', '2500m', { priorityClassName: 'system-cluster-critical' }));
	expect((await untilRunning(c, 'critical', 'kube-system')).spec?.nodeName).toBe(second);
	expect(await c.at('v1/pods').gone('middle')).toBe(true);
});

spec('Pod preemption verification', async (c) => {
	await classes(c, { p1: 1, p2: 2, p3: 3, p4: 4 });
	await c.at<V1Node>('v1/nodes', '').patch('foothold-worker', { status: { capacity: { 'example.com/fakecpu': '1000' } } }, 'merge', '/status');
	await c.at<V1Node>('v1/nodes', '').patch('foothold-worker', { status: { allocatable: { 'example.com/fakecpu': '1000' } } }, 'merge', '/status');
	const set = (name: string, replicas: number, fake: string): object => ({
		apiVersion: 'apps/v1',
		kind: 'ReplicaSet',
		metadata: meta(name),
		spec: {
			replicas,
			selector: { matchLabels: { name } },
			template: template(
				{ name },
				{
					priorityClassName: name,
					containers: [box('c', 'sleep 10000', { resources: { requests: { 'example.com/fakecpu': fake }, limits: { 'example.com/fakecpu': fake } } })],
				},
			),
		},
	});
	const count = async (name: string): Promise<number> => (await c.at<V1Pod>('v1/pods').list(`name=${name}`)).filter(isReady).length;
	for (const [name, replicas, fake] of [
		['p1', 5, '40'],
		['p2', 4, '50'],
		['p3', 4, '95'],
	] as const) {
		await c.at('apps/v1/replicasets').create(set(name, replicas, fake));
		await c.until(`${name} is up`, async () => (await count(name)) === replicas);
	}
	// 980 of 1000 are taken; four hundred more have to come from the two lowest levels.
	await c.at('apps/v1/replicasets').create(set('p4', 1, '400'));
	await c.until('p4 is up', async () => (await count('p4')) === 1);
	expect([await count('p1'), await count('p2'), await count('p3')]).toEqual([0, 4, 4]);
});

spec('Scheduler, Verify PriorityClass endpoints', async (c) => {
	await classes(c, { p1: 1, p2: 2 });
	const of = c.at<V1PriorityClass>('scheduling.k8s.io/v1/priorityclasses', '');
	expect((await of.list()).map((p) => p.metadata?.name)).toEqual(expect.arrayContaining(['p1', 'p2', 'system-cluster-critical']));
	for (const name of ['p1', 'p2']) {
		expect((await of.patch(name, { description: 'patched' }, 'merge')).description).toBe('patched');
		const held = await of.get(name);
		expect((await of.replace({ ...held, description: 'updated' })).description).toBe('updated');
		const refused = await of.tryPatch(name, { value: 7 });
		expect(refused).toMatchObject({ status: 422, body: { message: expect.stringContaining('value: Forbidden: may not be changed in an update.') as string } });
		expect((await of.try('PUT', `/${name}`, { body: { ...(await of.get(name)), preemptionPolicy: 'Never' } })).status).toBe(422);
	}
});

const range = (name: string, more: object = {}, labels = {}): object => ({
	apiVersion: 'v1',
	kind: 'LimitRange',
	metadata: meta(name, labels),
	spec: {
		limits: [
			{
				type: 'Container',
				min: { cpu: '50m', memory: '100Mi', 'ephemeral-storage': '100Gi' },
				max: { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' },
				default: { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' },
				defaultRequest: { cpu: '100m', memory: '200Mi', 'ephemeral-storage': '200Gi' },
				...more,
			},
		],
	},
});

spec('LimitRange, resources', async (c) => {
	const of = c.at<V1LimitRange>('v1/limitranges');
	const watch = await of.watch();
	const made = await of.create(range('l'));
	await watch.seen('ADDED l');
	expect(made.spec?.limits[0]?.defaultRequest).toEqual({ cpu: '100m', memory: '200Mi', 'ephemeral-storage': '200Gi' });
	const resources = async (name: string, asked: object): Promise<unknown> =>
		(await c.at<V1Pod>('v1/pods').create(pod(name, { containers: [box('c', 'true', { resources: asked })] }))).spec?.containers[0]?.resources;
	expect(await resources('none', {})).toEqual({
		requests: { cpu: '100m', memory: '200Mi', 'ephemeral-storage': '200Gi' },
		limits: { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' },
	});
	expect(await resources('some', { requests: { cpu: '300m', memory: '150Mi' }, limits: { cpu: '300m', 'ephemeral-storage': '300Gi' } })).toEqual({
		requests: { cpu: '300m', memory: '150Mi', 'ephemeral-storage': '300Gi' },
		limits: { cpu: '300m', memory: '500Mi', 'ephemeral-storage': '300Gi' },
	});
	const small = await c.at('v1/pods').try('POST', '', { body: asking('small', '10m') });
	expect(small).toMatchObject({
		status: 403,
		body: { message: expect.stringContaining('minimum cpu usage per Container is 50m, but request is 10m') as string },
	});
	const held = await of.get('l');
	await of.replace({ ...held, spec: (range('l', { min: { cpu: '9m' }, max: undefined }) as V1LimitRange).spec } as V1LimitRange);
	expect((await c.at('v1/pods').try('POST', '', { body: asking('small', '10m') })).status).toBe(201);
	await of.delete('l');
	await watch.seen('DELETED l');
	expect(await resources('free', {})).toEqual({});
	watch.stop();
});

spec('LimitRange, list, patch and delete a LimitRange by collection', async (c) => {
	await c.at('v1/namespaces', '').create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
	const of = c.at<V1LimitRange>('v1/limitranges');
	await of.create(range('l', {}, { lr: 'y' }));
	await c.at('v1/limitranges', 'n').create(range('l', {}, { lr: 'y' }));
	const all = async (): Promise<number> => (await c.get<{ items: unknown[] }>('/api/v1/limitranges?labelSelector=lr%3Dy')).items.length;
	expect(await all()).toBe(2);
	const patched = await of.patch(
		'l',
		{ metadata: { labels: { l: 'patched' } }, spec: { limits: [{ type: 'Container', min: { cpu: '49m' }, max: { cpu: '499m' }, default: { cpu: '499m' } }] } },
		'strategic',
	);
	expect([patched.metadata?.labels?.['l'], patched.spec?.limits[0]?.min?.['cpu']]).toEqual(['patched', '49m']);
	await of.deleteAll('l=patched');
	expect(await all()).toBe(1);
});

also('topology spread, inter-pod affinity and taints decide as they say', async (c) => {
	const labels = { app: 'spread' };
	const spread = [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: labels } }];
	for (const name of ['a', 'b']) await started(c, pod(name, { topologySpreadConstraints: spread }, labels));
	const nodes = (await c.at<V1Pod>('v1/pods').list('app=spread')).map((p) => p.spec?.nodeName);
	expect([...nodes].sort()).toEqual(WORKERS);
	const term = { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' };
	await c.at('v1/pods').create(pod('lonely', { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }));
	expect(await unscheduled(c, 'lonely')).toContain("2 node(s) didn't match pod anti-affinity rules");
	await c.at('v1/nodes', '').patch('foothold-worker', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } });
	expect((await started(c, pod('other'))).spec?.nodeName).toBe('foothold-worker2');
	expect(
		(await started(c, pod('tolerant', { nodeSelector: { 'kubernetes.io/hostname': 'foothold-worker' }, tolerations: [{ key: 'k', operator: 'Exists' }] }))).spec
			?.nodeName,
	).toBe('foothold-worker');
});
