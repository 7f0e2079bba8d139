import { describe, expect, it } from 'vitest';
import type { Pod } from '../controllers/shared/objects.ts';
import { type NodeOptions, type TestCluster, testCluster } from '../controllers/testing.ts';
import { enoughNodes } from './framework-run.ts';
import { schedulingResult } from './scheduler.ts';

const CONTROL_PLANE: NodeOptions = { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] };

function cluster(
	workers: readonly (readonly [string, NodeOptions])[] = [
		['foothold-worker', {}],
		['foothold-worker2', {}],
	],
): TestCluster {
	const c = testCluster();
	c.addNode('foothold-control-plane', CONTROL_PLANE);
	for (const [name, options] of workers) c.addNode(name, options);
	return c;
}

const pod = (
	name: string,
	spec: { readonly [k: string]: unknown } = {},
	requests?: { readonly [k: string]: string },
	labels = { app: name },
): { readonly [k: string]: unknown } => ({
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name, labels },
	spec: { containers: [{ name: 'main', image: 'nginx', ...(requests === undefined ? {} : { resources: { requests } }) }], ...spec },
});

const get = (c: TestCluster, name: string): Pod => c.client.get(c.world, 'v1/pods', 'default', name) as Pod;
const nodeOf = (c: TestCluster, name: string): string | undefined => get(c, name).spec.nodeName;
const AFTER = 'no new claims to deallocate, preemption: 0/3 nodes are available:';

describe('scheduler', () => {
	it('binds a pod to a worker and says so', () => {
		const c = cluster();
		c.create('v1/pods', 'default', pod('a'));
		c.run(100);
		expect(nodeOf(c, 'a')).toMatch(/^foothold-worker2?$/);
		expect(c.events('default', 'a')).toEqual([`Scheduled: Successfully assigned default/a to ${nodeOf(c, 'a')}`]);
		expect(get(c, 'a').status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
	});

	it.each([
		[
			'more CPU than a node has',
			{},
			{ cpu: '64' },
			`1 node(s) had untolerated taint(s), 2 Insufficient cpu. ${AFTER} 3 Preemption is not helpful for scheduling.`,
		],
		[
			'more CPU and memory than a node has',
			{},
			{ cpu: '64', memory: '64Gi' },
			`1 node(s) had untolerated taint(s), 2 Insufficient cpu, 2 Insufficient memory. ${AFTER} 3 Preemption is not helpful for scheduling.`,
		],
		[
			'a selector no node has',
			{ nodeSelector: { disk: 'ssd' } },
			undefined,
			`1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. ${AFTER} 3 Preemption is not helpful for scheduling.`,
		],
		[
			'a claim that does not exist',
			{ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
			undefined,
			`persistentvolumeclaim "data" not found. ${AFTER} 3 Preemption is not helpful for scheduling.`,
		],
		[
			'never preempting',
			{ priorityClassName: 'patient' },
			{ cpu: '64' },
			'1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
		],
	])('refuses %s in upstream words', (_what, spec, requests, text) => {
		const c = cluster();
		const patient = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'patient' }, value: 10, preemptionPolicy: 'Never' };
		c.create('scheduling.k8s.io/v1/priorityclasses', undefined, patient);
		c.create('v1/pods', 'default', pod('a', spec, requests));
		c.run(100);
		const message = `0/3 nodes are available: ${text}`;
		expect(c.events('default', 'a')).toEqual([`FailedScheduling: ${message}`]);
		expect(get(c, 'a').status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }]);
		expect(schedulingResult(c.world, get(c, 'a').metadata.uid)?.message).toBe(message);
	});

	it('keeps which plugin refused which node', () => {
		const c = cluster();
		c.create('v1/pods', 'default', pod('a', {}, { cpu: '64' }));
		c.run(100);
		expect(schedulingResult(c.world, get(c, 'a').metadata.uid)?.refusals).toEqual([
			{ plugin: 'TaintToleration', reason: 'node(s) had untolerated taint(s)', count: 1, nodes: ['foothold-control-plane'] },
			{ plugin: 'NodeResourcesFit', reason: 'Insufficient cpu', count: 2, nodes: ['foothold-worker', 'foothold-worker2'] },
		]);
	});

	it('finds full nodes without victims, and places the pod when one leaves', () => {
		const c = cluster();
		c.create('v1/pods', 'default', pod('big1', {}, { cpu: '3' }));
		c.create('v1/pods', 'default', pod('big2', {}, { cpu: '3' }));
		c.run(100);
		expect(new Set([nodeOf(c, 'big1'), nodeOf(c, 'big2')]).size).toBe(2);
		c.create('v1/pods', 'default', pod('late', {}, { cpu: '2' }));
		c.run(100);
		expect(c.events('default', 'late')).toEqual([
			`FailedScheduling: 0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. ${AFTER} 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.`,
		]);
		c.client.delete(c.world, 'v1/pods', 'default', 'big1', { gracePeriodSeconds: 0 });
		c.run(3000);
		expect(nodeOf(c, 'late')).toBeDefined();
	});

	it('preempts a less important pod and takes its place', () => {
		const c = cluster();
		c.create('scheduling.k8s.io/v1/priorityclasses', undefined, {
			apiVersion: 'scheduling.k8s.io/v1',
			kind: 'PriorityClass',
			metadata: { name: 'high' },
			value: 1000,
		});
		for (const name of ['low1', 'low2']) c.create('v1/pods', 'default', pod(name, {}, { cpu: '3' }));
		c.runWithPods(500);
		c.create('v1/pods', 'default', pod('urgent', { priorityClassName: 'high' }, { cpu: '3' }));
		c.run(40);
		const nominated = get(c, 'urgent').status?.nominatedNodeName;
		const victim = ['low1', 'low2'].find((n) => get(c, n).metadata.deletionTimestamp !== undefined);
		expect(nominated).toBe(nodeOf(c, victim ?? ''));
		expect(c.events('default', victim ?? '')).toContain(`Preempted: Preempted by pod ${get(c, 'urgent').metadata.uid} on node ${nominated}`);
		expect(c.events('default', 'urgent')).toEqual(['FailedScheduling: 0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.']);
		c.runWithPods(3000);
		expect(nodeOf(c, 'urgent')).toBe(nominated);
	});

	it('spreads by a hard constraint and by anti-affinity, and refuses what is left over', () => {
		const c = cluster();
		const topologySpreadConstraints = [
			{
				maxSkew: 1,
				topologyKey: 'kubernetes.io/hostname',
				whenUnsatisfiable: 'DoNotSchedule',
				nodeTaintsPolicy: 'Honor',
				labelSelector: { matchLabels: { app: 's' } },
			},
		];
		for (let i = 0; i < 4; i++) {
			c.create('v1/pods', 'default', pod(`s${i}`, { topologySpreadConstraints }, undefined, { app: 's' }));
			c.run(50);
		}
		expect([0, 1, 2, 3].filter((i) => nodeOf(c, `s${i}`) === 'foothold-worker')).toHaveLength(2);
		const affinity = {
			podAntiAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }],
			},
		};
		for (let i = 0; i < 3; i++) c.create('v1/pods', 'default', pod(`x${i}`, { affinity }, undefined, { app: 'x' }));
		c.run(100);
		expect(new Set([nodeOf(c, 'x0'), nodeOf(c, 'x1')])).toEqual(new Set(['foothold-worker', 'foothold-worker2']));
		expect(c.events('default', 'x2')[0]).toContain("1 node(s) had untolerated taint(s), 2 node(s) didn't match pod anti-affinity rules.");
	});

	it('retries an unschedulable pod when a node is uncordoned or added', () => {
		const c = cluster([]);
		c.create('v1/pods', 'default', pod('a'));
		c.run(1000);
		expect(nodeOf(c, 'a')).toBeUndefined();
		c.addNode('foothold-worker');
		c.run(2000);
		expect(nodeOf(c, 'a')).toBe('foothold-worker');
	});

	it('looks at no other node than the one a daemon pod names', () => {
		const c = cluster();
		const byName = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['foothold-worker'] }] };
		const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [byName] } } };
		c.create('v1/pods', 'default', pod('fits', { affinity }));
		c.create('v1/pods', 'default', pod('big', { affinity }, { cpu: '64' }));
		c.run(100);
		expect(nodeOf(c, 'fits')).toBe('foothold-worker');
		expect(c.events('default', 'big')).toEqual([
			`FailedScheduling: 0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${AFTER} 3 Preemption is not helpful for scheduling.`,
		]);
	});

	it('looks at fewer nodes, the larger the cluster', () => {
		expect([3, 99, 100, 1000, 5000, 100_000].map(enoughNodes)).toEqual([3, 99, 100, 420, 500, 5000]);
	});

	it('tries the important pods first', () => {
		const c = cluster([['foothold-worker', { pods: '1' }]]);
		c.create('scheduling.k8s.io/v1/priorityclasses', undefined, {
			apiVersion: 'scheduling.k8s.io/v1',
			kind: 'PriorityClass',
			metadata: { name: 'high' },
			value: 1000,
		});
		c.create('v1/pods', 'default', pod('plain'));
		c.create('v1/pods', 'default', pod('urgent', { priorityClassName: 'high' }));
		c.run(100);
		expect([nodeOf(c, 'plain'), nodeOf(c, 'urgent')]).toEqual([undefined, 'foothold-worker']);
		expect(c.events('default', 'plain')[0]).toContain('0/2 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint(s).');
	});
});
