import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../apiserver/types.ts';
import { type TestCluster, testCluster } from '../testing.ts';

type Any = KubeObject & { readonly spec: { readonly [k: string]: unknown }; readonly status?: { readonly [k: string]: unknown } };
const get = (c: TestCluster, path: string, name: string): Any | undefined => c.client.get(c.world, path, 'default', name) as Any | undefined;

const deployment = (replicas: number, resources: { readonly [k: string]: unknown } = {}): { readonly [k: string]: unknown } => ({
	apiVersion: 'apps/v1',
	kind: 'Deployment',
	metadata: { name: 'web' },
	spec: {
		replicas,
		selector: { matchLabels: { app: 'web' } },
		template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx', resources }] } },
	},
});

describe('autoscaler', () => {
	it('follows CPU up at once and down after five minutes', () => {
		const c = testCluster();
		c.addNode('foothold-worker');
		c.create('apps/v1/deployments', 'default', deployment(1, { requests: { cpu: '200m' } }));
		c.create('autoscaling/v2/horizontalpodautoscalers', 'default', {
			apiVersion: 'autoscaling/v2',
			kind: 'HorizontalPodAutoscaler',
			metadata: { name: 'web' },
			spec: {
				scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
				minReplicas: 1,
				maxReplicas: 10,
				metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
			},
		});
		c.runWithPods(16_000);
		const hpa = (): { readonly [k: string]: unknown } => get(c, 'autoscaling/v2/horizontalpodautoscalers', 'web')?.status ?? {};
		const condition = (type: string): unknown => (hpa()['conditions'] as readonly { readonly type: string }[]).find((x) => x.type === type);
		expect(condition('ScalingActive')).toMatchObject({
			status: 'False',
			reason: 'FailedGetResourceMetric',
			message:
				'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
		});
		const load = (milli: number): void => {
			c.usage.clear();
			for (const p of c.pods('default')) c.usage.set(p.metadata.uid, { main: { cpuMilli: milli, memoryBytes: 0 } });
		};
		load(200);
		c.runWithPods(16_000);
		expect(get(c, 'apps/v1/deployments', 'web')?.spec['replicas']).toBe(2);
		expect(c.events('default', 'web')).toContain('SuccessfulRescale: New size: 2; reason: cpu resource utilization (percentage of request) above target');
		load(100);
		c.runWithPods(16_000);
		expect(condition('AbleToScale')).toMatchObject({ status: 'True', reason: 'ReadyForNewScale', message: 'recommended size matches current size' });
		expect(condition('ScalingActive')).toMatchObject({
			reason: 'ValidMetricFound',
			message: 'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
		});
		expect(hpa()['currentMetrics']).toEqual([{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50, averageValue: '100m' } } }]);
		load(10);
		c.run(60_000);
		expect(get(c, 'apps/v1/deployments', 'web')?.spec['replicas']).toBe(2);
		expect(condition('AbleToScale')).toMatchObject({ reason: 'ScaleDownStabilized' });
		c.run(300_000);
		expect(get(c, 'apps/v1/deployments', 'web')?.spec['replicas']).toBe(1);
		expect(c.events('default', 'web')).toContain('SuccessfulRescale: New size: 1; reason: All metrics below target');
	});

	const autoscaler = (name: string, more: object = {}): { readonly [k: string]: unknown } => ({
		apiVersion: 'autoscaling/v2',
		kind: 'HorizontalPodAutoscaler',
		metadata: { name },
		spec: {
			scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
			maxReplicas: 10,
			metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
			...more,
		},
	});
	const used = (c: TestCluster, milli: number): void => {
		for (const p of c.pods('default')) c.usage.set(p.metadata.uid, { main: { cpuMilli: milli, memoryBytes: 0 } });
	};

	it('lets two that select the same pods both be', () => {
		const c = testCluster();
		c.addNode('foothold-worker');
		c.create('apps/v1/deployments', 'default', deployment(1, { requests: { cpu: '200m' } }));
		for (const name of ['one', 'two']) c.create('autoscaling/v2/horizontalpodautoscalers', 'default', autoscaler(name));
		c.runWithPods(1000);
		used(c, 200);
		c.runWithPods(40_000);
		const text = 'pods by selector app=web are controlled by multiple HPAs: [default/one default/two]';
		const active = expect.objectContaining({ type: 'ScalingActive', status: 'False', reason: 'AmbiguousSelector', message: text });
		expect(get(c, 'autoscaling/v2/horizontalpodautoscalers', 'two')?.status?.['conditions']).toContainEqual(active);
		expect(c.events('default', 'two')).toEqual(expect.arrayContaining([`AmbiguousSelector: ${text}`, `FailedComputeMetricsReplicas: ${text}`]));
		c.client.delete(c.world, 'autoscaling/v2/horizontalpodautoscalers', 'default', 'one');
		c.runWithPods(20_000);
		expect(get(c, 'apps/v1/deployments', 'web')?.spec['replicas']).toBeGreaterThan(1);
	});

	it.each([
		[{}, 1],
		[{ behavior: { scaleUp: { tolerance: '50m' } } }, 2],
		[{ behavior: { scaleDown: { tolerance: '50m' } } }, 1],
	])('tolerates what %j says', (more, replicas) => {
		const c = testCluster();
		c.addNode('foothold-worker');
		c.create('apps/v1/deployments', 'default', deployment(1, { requests: { cpu: '200m' } }));
		c.create('autoscaling/v2/horizontalpodautoscalers', 'default', autoscaler('web', more));
		c.runWithPods(1000);
		// Seven hundredths above the target.
		used(c, 107);
		c.runWithPods(16_000);
		expect(get(c, 'apps/v1/deployments', 'web')?.spec['replicas']).toBe(replicas);
	});
});
