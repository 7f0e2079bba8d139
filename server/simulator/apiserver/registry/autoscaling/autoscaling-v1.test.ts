import { describe, expect, it } from 'vitest';
import type { ApiResult, KubeObject } from '../../types.ts';
import { type TestCluster, testCluster } from '../testing.ts';

const PATH = 'horizontalpodautoscalers';
const REF = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const cpu = (averageUtilization: number): object => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } });
const MEMORY = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } } };
const REQUESTS = {
	type: 'Object',
	object: {
		describedObject: { kind: 'Ingress', name: 'front', apiVersion: 'networking.k8s.io/v1' },
		metric: { name: 'requests', selector: { matchLabels: { a: 'b' } } },
		target: { type: 'Value', value: '2k' },
	},
};
const QUEUE = {
	type: 'External',
	external: { metric: { name: 'queue', selector: { matchLabels: { q: 'x' } } }, target: { type: 'AverageValue', averageValue: '30' } },
};

function stored(cluster: TestCluster, version: string): KubeObject {
	return cluster.call('get', `autoscaling/${version}/${PATH}`, { namespace: 'default', name: 'h' }).body as KubeObject;
}

function create(cluster: TestCluster, version: string, spec: object, annotations?: { readonly [key: string]: string }): ApiResult {
	const metadata = { name: 'h', ...(annotations === undefined ? {} : { annotations }) };
	return cluster.call('create', `autoscaling/${version}/${PATH}`, {
		namespace: 'default',
		body: { metadata, spec: { scaleTargetRef: REF, maxReplicas: 5, ...spec } },
	});
}

describe('autoscaling/v1', () => {
	it('shows the CPU target, and the rest as annotations', () => {
		const cluster = testCluster();
		expect(create(cluster, 'v2', { metrics: [MEMORY, cpu(50)], behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } }).code).toBe(201);
		const object = stored(cluster, 'v1');
		expect(object.apiVersion).toBe('autoscaling/v1');
		expect(object['spec']).toEqual({ scaleTargetRef: REF, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 50 });
		const annotations = object.metadata.annotations ?? {};
		expect(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/metrics'] ?? '')).toEqual([
			{ type: 'Resource', resource: { name: 'memory', targetAverageValue: '100Mi' } },
		]);
		expect(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/behavior'] ?? '')).toMatchObject({
			ScaleDown: { StabilizationWindowSeconds: 60, SelectPolicy: 'Max' },
		});
	});

	it('brings them back unchanged', () => {
		const cluster = testCluster();
		create(cluster, 'v2', { metrics: [cpu(50), MEMORY, REQUESTS, QUEUE], behavior: { scaleUp: { selectPolicy: 'Disabled' } } });
		const before = stored(cluster, 'v2');
		const v1 = stored(cluster, 'v1');
		const updated = cluster.call('update', `autoscaling/v1/${PATH}`, {
			namespace: 'default',
			name: 'h',
			body: { ...v1, spec: { ...(v1['spec'] as object), maxReplicas: 9 } },
		});
		expect(updated).toMatchObject({ code: 200, body: { apiVersion: 'autoscaling/v1', spec: { maxReplicas: 9 } } });
		const after = stored(cluster, 'v2');
		const sorted = (o: KubeObject): unknown => [...((o['spec'] as { metrics: unknown[] }).metrics ?? [])].map((m) => JSON.stringify(sortKeys(m))).sort();
		expect(sorted(after)).toEqual(sorted(before));
		expect(after['spec']).toMatchObject({ maxReplicas: 9, behavior: (before['spec'] as { behavior: object }).behavior });
		expect(after.metadata.annotations).toBeUndefined();
	});

	it('asks for 80 % CPU where it says nothing', () => {
		const cluster = testCluster();
		create(cluster, 'v1', {});
		expect(stored(cluster, 'v2')['spec']).toMatchObject({ minReplicas: 1, metrics: [cpu(80)] });
		expect(stored(cluster, 'v1')['spec']).toHaveProperty('targetCPUUtilizationPercentage', 80);
	});

	it('is changed by patches in its own terms, and watched so', () => {
		const cluster = testCluster();
		create(cluster, 'v1', { targetCPUUtilizationPercentage: 40 });
		const watch = cluster.call('watch', `autoscaling/v1/${PATH}`, { namespace: 'default' }).watch;
		if (watch === undefined) throw new Error('there is no watch');
		const cursor = cluster.services.api.openWatch({ ...watch, asTable: false, includeObject: 'Object' });
		cursor.next(cluster.world);
		const patched = cluster.services.api.call(cluster.world, {
			verb: 'patch',
			group: 'autoscaling',
			version: 'v1',
			resource: PATH,
			namespace: 'default',
			name: 'h',
			body: { spec: { targetCPUUtilizationPercentage: 33 } },
			patchType: 'application/merge-patch+json',
			options: {},
			user: cluster.client.user,
		});
		expect(patched.code).toBe(200);
		expect(stored(cluster, 'v2')['spec']).toMatchObject({ metrics: [cpu(33)] });
		expect(cursor.next(cluster.world)).toMatchObject([
			{ type: 'MODIFIED', object: { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 33 } } },
		]);
	});

	it('ignores annotations that nobody can read', () => {
		const cluster = testCluster();
		create(cluster, 'v1', { targetCPUUtilizationPercentage: 40 }, { 'autoscaling.alpha.kubernetes.io/metrics': '[{', keep: 'me' });
		expect(stored(cluster, 'v2')['spec']).toMatchObject({ metrics: [cpu(40)] });
		expect(stored(cluster, 'v2').metadata.annotations).toEqual({ keep: 'me' });
	});
});

function sortKeys(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sortKeys);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([k, v]) => [k, sortKeys(v)]),
	);
}
