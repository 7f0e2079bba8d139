import { describe, expect, it } from 'vitest';
import { type TestCluster, testCluster } from '../testing.ts';
import type { Deployment, ReplicaSet } from '../shared/objects.ts';

function cluster(): TestCluster {
	const c = testCluster();
	c.addNode('foothold-worker');
	c.addNode('foothold-worker2');
	return c;
}

const deployment = (over: { readonly [k: string]: unknown } = {}, image = 'nginx:1.29'): { readonly [k: string]: unknown } => ({
	apiVersion: 'apps/v1',
	kind: 'Deployment',
	metadata: { name: 'web' },
	spec: {
		replicas: 3,
		selector: { matchLabels: { app: 'web' } },
		template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
		...over,
	},
});

const get = (c: TestCluster): Deployment => c.client.get(c.world, 'apps/v1/deployments', 'default', 'web') as Deployment;
const sets = (c: TestCluster): readonly ReplicaSet[] => c.client.list(c.world, 'apps/v1/replicasets', 'default') as readonly ReplicaSet[];

function setImage(c: TestCluster, image: string): void {
	const d = get(c);
	const template = { ...d.spec.template, spec: { ...d.spec.template.spec, containers: [{ name: 'web', image }] } };
	expect(c.client.update(c.world, 'apps/v1/deployments', { ...d, spec: { ...d.spec, template } }).ok).toBe(true);
}

describe('deployment', () => {
	it('makes a replica set, pods, conditions and events', () => {
		const c = cluster();
		c.create('apps/v1/deployments', 'default', deployment());
		c.runWithPods(2000);
		const [rs] = sets(c);
		expect(rs?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
		expect(c.pods('default').map((p) => p.metadata.name.startsWith(`${rs?.metadata.name}-`))).toEqual([true, true, true]);
		expect(get(c).status).toMatchObject({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
		expect(
			get(c)
				.status?.conditions?.map((x) => `${x.type} ${x.status} ${x.reason} ${x.message}`)
				.sort(),
		).toEqual([
			'Available True MinimumReplicasAvailable Deployment has minimum availability.',
			`Progressing True NewReplicaSetAvailable ReplicaSet "${rs?.metadata.name}" has successfully progressed.`,
		]);
		expect(c.events('default', 'web').filter((e) => e.startsWith('Scaling'))).toEqual([
			`ScalingReplicaSet: Scaled up replica set ${rs?.metadata.name} from 0 to 3`,
		]);
		expect(get(c).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
	});

	it('rolls a new template out one surge pod at a time, never below what must be available', () => {
		const c = cluster();
		c.create('apps/v1/deployments', 'default', deployment());
		c.runWithPods(2000);
		setImage(c, 'nginx:1.28.0');
		let least = 3;
		for (let i = 0; i < 60; i++) {
			c.runWithPods(50);
			least = Math.min(least, get(c).status?.availableReplicas ?? 0);
		}
		expect(least).toBe(3);
		const [old, fresh] = [...sets(c)].sort((a, b) => (a.spec.replicas ?? 0) - (b.spec.replicas ?? 0));
		expect([old?.spec.replicas, fresh?.spec.replicas]).toEqual([0, 3]);
		expect(c.events('default', 'web').filter((e) => e.startsWith('Scaling'))).toEqual([
			`ScalingReplicaSet: Scaled up replica set ${old?.metadata.name} from 0 to 3`,
			`ScalingReplicaSet: Scaled up replica set ${fresh?.metadata.name} from 0 to 1`,
			`ScalingReplicaSet: Scaled down replica set ${old?.metadata.name} from 3 to 2`,
			`ScalingReplicaSet: Scaled up replica set ${fresh?.metadata.name} from 1 to 2`,
			`ScalingReplicaSet: Scaled down replica set ${old?.metadata.name} from 2 to 1`,
			`ScalingReplicaSet: Scaled up replica set ${fresh?.metadata.name} from 2 to 3`,
			`ScalingReplicaSet: Scaled down replica set ${old?.metadata.name} from 1 to 0`,
		]);
		expect(fresh?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
	});

	it('reports a rollout that makes no progress, and goes back to the old set', () => {
		const c = cluster();
		c.create('apps/v1/deployments', 'default', deployment({ progressDeadlineSeconds: 10 }));
		c.runWithPods(2000);
		setImage(c, 'nginx:broken');
		c.runWithPods(15_000, () => false);
		const progressing = get(c).status?.conditions?.find((x) => x.type === 'Progressing');
		expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
		expect(progressing?.message).toMatch(/^ReplicaSet "web-[a-z0-9]+" has timed out progressing\.$/);
		setImage(c, 'nginx:1.29');
		c.runWithPods(3000);
		expect(sets(c)).toHaveLength(2);
		expect(get(c).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
		expect(get(c).status?.conditions?.find((x) => x.type === 'Progressing')?.reason).toBe('NewReplicaSetAvailable');
	});

	it('recreates: no new pod before the last old one is gone', () => {
		const c = cluster();
		c.create('apps/v1/deployments', 'default', deployment({ strategy: { type: 'Recreate' } }));
		c.runWithPods(2000);
		const before = new Set(c.pods('default').map((p) => p.metadata.uid));
		setImage(c, 'nginx:1.28.0');
		for (let i = 0; i < 40; i++) {
			c.runWithPods(50);
			const now = c.pods('default').map((p) => before.has(p.metadata.uid));
			expect(new Set(now).size).toBeLessThanOrEqual(1);
		}
		expect(c.pods('default').filter((p) => !before.has(p.metadata.uid))).toHaveLength(3);
	});

	it('does nothing while paused but scaling, and says so', () => {
		const c = cluster();
		c.create('apps/v1/deployments', 'default', deployment({ paused: true }));
		c.runWithPods(1000);
		expect(sets(c)).toHaveLength(0);
		expect(get(c).status?.conditions?.find((x) => x.type === 'Progressing')).toMatchObject({
			status: 'Unknown',
			reason: 'DeploymentPaused',
			message: 'Deployment is paused',
		});
	});

	it('keeps as much history as asked for', () => {
		const c = cluster();
		c.create('apps/v1/deployments', 'default', deployment({ revisionHistoryLimit: 1 }));
		for (const image of ['nginx:1.28.0', 'nginx:1.27.5', 'nginx:1.29.3']) {
			c.runWithPods(4000);
			setImage(c, image);
		}
		c.runWithPods(4000);
		expect(sets(c)).toHaveLength(2);
	});
});
