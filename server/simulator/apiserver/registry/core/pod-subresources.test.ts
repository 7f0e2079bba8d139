import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../types.ts';
import { rec, recs, specOf, statusOf, str } from '../fields.ts';
import { type TestCluster, testCluster } from '../testing.ts';

const two = {
	metadata: { name: 'p', labels: { app: 'web' } },
	spec: {
		containers: [
			{ name: 'a', image: 'x' },
			{ name: 'b', image: 'x' },
		],
	},
};
const messageOf = (result: { readonly body: unknown }): string => str(rec(result.body).message);

const bind = (cluster: TestCluster, node = 'n1') =>
	cluster.call('create', 'v1/pods/binding', { namespace: 'default', name: 'p', body: { target: { kind: 'Node', name: node } } });

function running(cluster: TestCluster, ready = 'True'): KubeObject {
	bind(cluster);
	const pod = cluster.client.get(cluster.world, 'v1/pods', 'default', 'p');
	if (pod === undefined) throw new Error('no pod');
	const status = { ...statusOf(pod), phase: 'Running', conditions: [{ type: 'Ready', status: ready }] };
	const stored = cluster.client.updateStatus(cluster.world, 'v1/pods', { ...pod, status });
	if (!stored.ok) throw new Error(stored.status.message);
	return stored.value;
}

describe('log, exec, attach, port-forward', () => {
	const cluster = () => {
		const asked: unknown[] = [];
		const c = testCluster('apiserver', {
			log: (_world, _pod, query) => {
				asked.push(query.container);
				return { code: 200, body: undefined, text: 'hello' };
			},
			exec: (_world, _pod, request) => {
				asked.push(request);
				return { code: 101, body: undefined, stream: { id: 's1', kind: 'exec' } };
			},
		});
		c.create('v1/pods', two);
		return { c, asked };
	};
	const at = (name: string, query: { readonly [k: string]: readonly string[] } = {}) => ({ namespace: 'default', name, options: { query } });

	it('want to know which container', () => {
		const { c } = cluster();
		expect(messageOf(c.call('get', 'v1/pods/log', at('p')))).toBe('a container name must be specified for pod p, choose one of: [a b]');
		expect(messageOf(c.call('get', 'v1/pods/log', at('p', { container: ['z'] })))).toBe('container z is not valid for pod p');
	});

	it('need a node', () => {
		const { c } = cluster();
		const exec = c.call('connect', 'v1/pods/exec', at('p', { container: ['a'], command: ['ls'] }));
		expect([exec.code, messageOf(exec)]).toEqual([400, 'pod p does not have a host assigned']);
		expect(c.call('get', 'v1/pods/log', at('p', { container: ['a'] })).text).toBe('');
	});

	it('reach the kubelet', () => {
		const { c, asked } = cluster();
		bind(c);
		expect(c.call('get', 'v1/pods/log', at('p', { container: ['a'] })).text).toBe('hello');
		expect(c.call('connect', 'v1/pods/exec', at('p', { container: ['b'], command: ['ls', '-l'], stdout: ['true'] })).stream?.id).toBe('s1');
		expect(asked).toEqual([['a'], { container: 'b', command: ['ls', '-l'], stdin: false, stdout: true, stderr: false, tty: false }]);
	});

	it('say what is not there', () => {
		expect(messageOf(cluster().c.call('get', 'v1/pods/log', at('nobody')))).toBe('pods "nobody" not found');
	});

	it('check their options', () => {
		expect(messageOf(cluster().c.call('get', 'v1/pods/log', at('p', { container: ['a'], tailLines: ['-1'] })))).toBe(
			'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
		);
	});
});

describe('binding', () => {
	it('places a pod once', () => {
		const cluster = testCluster('apiserver');
		cluster.create('v1/pods', two);
		expect(bind(cluster).code).toBe(201);
		const pod = cluster.client.get(cluster.world, 'v1/pods', 'default', 'p');
		expect(specOf(pod as KubeObject).nodeName).toBe('n1');
		expect(recs(statusOf(pod as KubeObject).conditions)).toMatchObject([{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-20T18:00:00Z' }]);
		expect(cluster.client.byIndex(cluster.world, 'v1/pods', 'byNode', 'n1')).toHaveLength(1);
		const again = bind(cluster, 'n2');
		expect([again.code, messageOf(again)]).toEqual([409, 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"']);
	});

	it('is not to be had through the status', () => {
		const cluster = testCluster('apiserver');
		const pod = cluster.create('v1/pods', two);
		cluster.client.updateStatus(cluster.world, 'v1/pods', { ...pod, spec: { ...specOf(pod), nodeName: 'n1' } });
		expect(specOf(cluster.client.get(cluster.world, 'v1/pods', 'default', 'p') as KubeObject).nodeName).toBeUndefined();
	});
});

describe('eviction', () => {
	const evict = (cluster: TestCluster, dryRun = false, deleteOptions: object = {}) =>
		cluster.call('create', 'v1/pods/eviction', {
			namespace: 'default',
			name: 'p',
			body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' }, deleteOptions },
			options: dryRun ? { dryRun: true } : {},
		});

	function guarded(allowed: number, status: object = {}, spec: object = {}): TestCluster {
		const cluster = testCluster('apiserver');
		cluster.create('v1/pods', two);
		const budget = cluster.create('policy/v1/poddisruptionbudgets', {
			metadata: { name: 'b' },
			spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } }, ...spec },
		});
		const full = { observedGeneration: 1, disruptionsAllowed: allowed, desiredHealthy: 1, currentHealthy: 1, expectedPods: 1, ...status };
		const stored = cluster.client.updateStatus(cluster.world, 'policy/v1/poddisruptionbudgets', { ...budget, status: full });
		expect(stored.ok).toBe(true);
		return cluster;
	}

	it('honours a budget', () => {
		const cluster = guarded(0);
		running(cluster);
		const result = evict(cluster);
		expect(result.code).toBe(429);
		expect(result.body).toMatchObject({
			reason: 'TooManyRequests',
			message: "Cannot evict pod as it would violate the pod's disruption budget.",
			details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' }] },
		});
	});

	it('spends a budget and marks the pod', () => {
		const cluster = guarded(1);
		running(cluster);
		expect(evict(cluster).code).toBe(201);
		const budget = cluster.client.get(cluster.world, 'policy/v1/poddisruptionbudgets', 'default', 'b') as KubeObject;
		expect(statusOf(budget)).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { p: '2026-11-20T18:00:00Z' } });
		const pod = cluster.client.get(cluster.world, 'v1/pods', 'default', 'p') as KubeObject;
		expect(pod.metadata.deletionGracePeriodSeconds).toBe(30);
		expect(recs(statusOf(pod).conditions).find((c) => c.type === 'DisruptionTarget')).toMatchObject({
			reason: 'EvictionByEvictionAPI',
			message: 'Eviction API: evicting',
		});
	});

	it('changes nothing in a dry run', () => {
		const cluster = guarded(1);
		running(cluster);
		const before = cluster.world.state;
		expect(evict(cluster, true).code).toBe(201);
		expect(cluster.world.state).toBe(before);
		// `kubectl drain --dry-run=server` says so in the body.
		expect(evict(cluster, false, { dryRun: ['All'] }).code).toBe(201);
		expect(cluster.world.state).toBe(before);
	});

	it('waits for a budget that is not worked out yet', () => {
		const cluster = guarded(1, { observedGeneration: 0 });
		running(cluster);
		expect(evict(cluster).body).toMatchObject({
			details: { retryAfterSeconds: 10, causes: [{ message: 'The disruption budget b is still being processed by the server.' }] },
		});
	});

	it('lets a pod that is not ready go where enough others are', () => {
		const cluster = guarded(0);
		running(cluster, 'False');
		expect(evict(cluster).code).toBe(201);
	});

	it('does not ask for a pod that runs nowhere', () => {
		const cluster = guarded(0);
		expect(evict(cluster).code).toBe(201);
		expect(cluster.client.get(cluster.world, 'v1/pods', 'default', 'p')).toBeUndefined();
	});

	it('is confused by two budgets', () => {
		const cluster = guarded(1);
		cluster.create('policy/v1/poddisruptionbudgets', { metadata: { name: 'b2' }, spec: { maxUnavailable: 1, selector: {} } });
		running(cluster);
		const result = evict(cluster);
		expect([result.code, messageOf(result)]).toEqual([500, 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.']);
	});
});

describe('grace', () => {
	it("is the pod's own, or none where nobody runs it", () => {
		const cluster = testCluster('apiserver');
		cluster.create('v1/pods', two);
		running(cluster);
		cluster.client.delete(cluster.world, 'v1/pods', 'default', 'p');
		expect(cluster.client.get(cluster.world, 'v1/pods', 'default', 'p')?.metadata.deletionTimestamp).toBe('2026-11-20T18:00:30Z');
	});
});
