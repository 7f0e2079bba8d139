/** Revisions as clients of any version read them. */
import type { V1ControllerRevision, V1DaemonSet, V1Deployment, V1ReplicaSet } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { meta, template } from '../pods.ts';
import { also } from '../spec.ts';

const LABELS = { app: 'r' };
const workload = (kind: string, more: object = {}): object => ({
	apiVersion: 'apps/v1',
	kind,
	metadata: meta('w', LABELS),
	spec: { selector: { matchLabels: LABELS }, template: template(LABELS), ...more },
});

also('a deployment counts on from the revision of the set that it takes over, beyond 2^53', async (c) => {
	const annotations = { 'deployment.kubernetes.io/revision': '3546343826724305832' };
	const set = workload('ReplicaSet', { replicas: 1, template: template({ ...LABELS, old: 'y' }) }) as { metadata: object };
	await c.at('apps/v1/replicasets').create({ ...set, metadata: { ...set.metadata, annotations } });
	await c.at('apps/v1/deployments').create(workload('Deployment', { replicas: 1 }));
	await c.until('the new set has the next revision', async () => {
		const held = await c.at<V1Deployment>('apps/v1/deployments').get('w');
		return held.metadata?.annotations?.['deployment.kubernetes.io/revision'] === '3546343826724305833';
	});
	const sets = await c.at<V1ReplicaSet>('apps/v1/replicasets').list('app=r');
	expect(sets.map((s) => s.metadata?.annotations?.['deployment.kubernetes.io/revision']).sort()).toEqual(['3546343826724305832', '3546343826724305833']);
});

also('a daemon set’s revision is its template, byte for byte', async (c) => {
	await c.at('apps/v1/daemonsets').create(workload('DaemonSet'));
	await c.pass(5);
	const held = await c.at<V1DaemonSet>('apps/v1/daemonsets').get('w');
	const sorted = (_key: string, value: unknown): unknown =>
		typeof value === 'object' && value !== null && !Array.isArray(value)
			? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
			: value;
	// What daemon.Match makes of the set with Go's types of 1.28.
	const patch = { spec: { template: { ...held.spec?.template, metadata: { creationTimestamp: null, ...held.spec?.template.metadata }, $patch: 'replace' } } };
	const answer = await c.send('GET', '/apis/apps/v1/namespaces/default/controllerrevisions?labelSelector=app%3Dr');
	expect(answer.text).toContain(`"data":${JSON.stringify(patch, sorted)}`);
	expect((await c.at<V1ControllerRevision>('apps/v1/controllerrevisions').list('app=r')).map((r) => r.revision)).toEqual([1]);
});

also('a deployment’s labels do not change through its status', async (c) => {
	await c.at('apps/v1/deployments').create(workload('Deployment', { replicas: 1 }));
	const patched = await c
		.at<V1Deployment>('apps/v1/deployments')
		.patch('w', { metadata: { labels: { app: 'other' }, annotations: { by: 'status' } }, status: { readyReplicas: 0 } }, 'strategic', '/status');
	expect([patched.metadata?.labels, patched.metadata?.annotations?.['by']]).toEqual([LABELS, 'status']);
});
