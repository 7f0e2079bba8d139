/** PodDisruptionBudgets and evictions. */
import type { V1Pod, V1PodDisruptionBudget } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { meta, pod, started } from '../pods.ts';
import { spec } from '../spec.ts';

const BUDGETS = 'policy/v1/poddisruptionbudgets';
const budget = (name: string, minAvailable: number | string, labels = {}): object => ({
	apiVersion: 'policy/v1',
	kind: 'PodDisruptionBudget',
	metadata: meta(name, labels),
	spec: { minAvailable, selector: { matchLabels: { foo: 'bar' } } },
});
const budgets = (c: Cluster) => c.at<V1PodDisruptionBudget>(BUDGETS);
const allowed = (c: Cluster, name: string, count: number): Promise<unknown> =>
	c.until(`${count} disruptions are allowed`, async () => {
		const { status, metadata } = await budgets(c).get(name);
		return status?.observedGeneration === metadata?.generation && status?.disruptionsAllowed === count;
	});
const evict = (c: Cluster, name: string) =>
	c.at<V1Pod>('v1/pods').try('POST', `/${name}/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } } });

spec('PodDisruptionBudget: list and delete collection', async (c) => {
	for (const name of ['a', 'b', 'c']) await budgets(c).create(budget(name, 1, { set: name === 'c' ? 'two' : 'one' }));
	expect((await c.get<{ items: unknown[] }>(`/apis/policy/v1/poddisruptionbudgets`)).items).toHaveLength(3);
	expect(await budgets(c).list('set=one')).toHaveLength(2);
	await budgets(c).deleteAll('set=one');
	expect((await budgets(c).list()).map((b) => b.metadata?.name)).toEqual(['c']);
});

spec('PodDisruptionBudget: create, update, patch, and delete object', async (c) => {
	await budgets(c).create(budget('a', '1%'));
	const held = await budgets(c).get('a');
	await budgets(c).replace({ ...held, spec: { ...held.spec, minAvailable: '2%' } } as V1PodDisruptionBudget);
	expect((await budgets(c).get('a')).spec?.minAvailable).toBe('2%');
	expect((await budgets(c).patch('a', { spec: { minAvailable: '3%' } }, 'strategic')).spec?.minAvailable).toBe('3%');
	await budgets(c).delete('a');
	expect(await budgets(c).gone('a')).toBe(true);
});

spec('PodDisruptionBudget: Status updates', async (c) => {
	await budgets(c).create(budget('a', 1));
	await allowed(c, 'a', 0);
	for (const name of ['p1', 'p2']) await started(c, pod(name, {}, { foo: 'bar' }));
	await allowed(c, 'a', 1);
	expect((await budgets(c).get('a')).status).toMatchObject({ currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 });
});

spec('PodDisruptionBudget: update and patch status', async (c) => {
	await budgets(c).create(budget('a', 1));
	await started(c, pod('p1', {}, { foo: 'bar' }));
	await allowed(c, 'a', 0);
	const held = await budgets(c).get('a', '/status');
	const disrupted = { p1: '2026-01-02T03:04:05Z' };
	const updated = await budgets(c).replace({ ...held, status: { ...held.status, disruptedPods: disrupted } } as never, '/status');
	expect(updated.status?.disruptedPods).toEqual(disrupted);
	const patched = await budgets(c).patch('a', { status: { disruptedPods: null } }, 'merge', '/status');
	expect(patched.status?.disruptedPods ?? {}).toEqual({});
});

spec('PodDisruptionBudget: block an eviction until the PDB is updated to allow it', async (c) => {
	await budgets(c).create(budget('a', 3));
	for (const name of ['p1', 'p2', 'p3']) await started(c, pod(name, {}, { foo: 'bar' }));
	await allowed(c, 'a', 0);
	const refused = await evict(c, 'p1');
	expect(refused).toMatchObject({
		status: 429,
		body: {
			reason: 'TooManyRequests',
			message: "Cannot evict pod as it would violate the pod's disruption budget.",
			details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget a needs 3 healthy pods and has 3 currently' }] },
		},
	});
	await budgets(c).patch('a', { spec: { minAvailable: 2 } });
	await allowed(c, 'a', 1);
	expect((await evict(c, 'p1')).status).toBe(201);
	await c.until('it is gone', () => c.at('v1/pods').gone('p1'));
	// A fourth pod alone lets nothing more go; a patch and the budget's end do.
	expect((await evict(c, 'p2')).status).toBe(429);
	await budgets(c).delete('a');
	expect((await evict(c, 'p2')).status).toBe(201);
});
