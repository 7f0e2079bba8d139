/** ResourceQuota: lifecycle, counts, scopes. */
import type { V1Pod, V1ResourceQuota } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { box, meta, pod, template } from '../pods.ts';
import { spec } from '../spec.ts';

const quotas = (c: Cluster) => c.at<V1ResourceQuota>('v1/resourcequotas');
const quota = (name: string, hard: { readonly [resource: string]: string }, more: object = {}): object => ({
	apiVersion: 'v1',
	kind: 'ResourceQuota',
	metadata: meta(name, { q: name }),
	spec: { hard, ...more },
});
const used = (c: Cluster, name: string, expected: { readonly [resource: string]: string }): Promise<unknown> => {
	let last: unknown;
	return c
		.until(
			`quota ${name} shows ${JSON.stringify(expected)}`,
			async () => {
				const { status } = await quotas(c).get(name);
				last = status?.used;
				return Object.entries(expected).every(([resource, amount]) => status?.used?.[resource] === amount);
			},
			30,
		)
		.catch((error: unknown) => {
			throw new Error(`${String(error)}; it shows ${JSON.stringify(last)}`);
		});
};
const asking = (name: string, requests: { [resource: string]: string }, limits: { [resource: string]: string } = {}, more: object = {}): object =>
	pod(name, { containers: [box('c', 'sleep 10000', { resources: { requests, limits } })], ...more });

spec('ResourceQuota, object count quota, resourcequotas', async (c) => {
	await quotas(c).create(quota('q', { resourcequotas: '1', pods: '5', services: '10' }));
	// The cluster's own service is in this namespace.
	await used(c, 'q', { resourcequotas: '1', pods: '0', services: '1' });
	expect((await quotas(c).get('q')).status?.hard).toEqual({ resourcequotas: '1', pods: '5', services: '10' });
	const more = await quotas(c).try('POST', '', { body: quota('r', { pods: '1' }) });
	expect(more).toMatchObject({
		status: 403,
		body: { message: 'resourcequotas "r" is forbidden: exceeded quota: q, requested: resourcequotas=1, used: resourcequotas=1, limited: resourcequotas=1' },
	});
});

for (const [name, resource, counted, object] of [
	['configmap', 'v1/configmaps', 'configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('o') }],
	['secret', 'v1/secrets', 'secrets', { apiVersion: 'v1', kind: 'Secret', metadata: meta('o') }],
	[
		'replicaSet',
		'apps/v1/replicasets',
		'count/replicasets.apps',
		{
			apiVersion: 'apps/v1',
			kind: 'ReplicaSet',
			metadata: meta('o'),
			spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template: template({ a: 'b' }) },
		},
	],
	[
		'replicationController',
		'v1/replicationcontrollers',
		'replicationcontrollers',
		{ apiVersion: 'v1', kind: 'ReplicationController', metadata: meta('o'), spec: { replicas: 0, template: template({ a: 'b' }) } },
	],
] as const) {
	spec(`ResourceQuota, object count quota, ${name}`, async (c) => {
		const before = (await c.at(resource).list()).length;
		await quotas(c).create(quota('q', { [counted]: String(before + 1) }));
		await used(c, 'q', { [counted]: String(before) });
		await c.at(resource).create(object);
		await used(c, 'q', { [counted]: String(before + 1) });
		const more = await c.at(resource).try('POST', '', { body: { ...object, metadata: meta('more') } });
		expect(more).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
		await c.at(resource).delete('o', { propagationPolicy: 'Background' });
		await used(c, 'q', { [counted]: String(before) });
	});
}

spec('ResourceQuota, object count quota, service', async (c) => {
	const service = (name: string, type: string): object => ({
		apiVersion: 'v1',
		kind: 'Service',
		metadata: meta(name),
		spec: { type, selector: { a: 'b' }, ports: [{ port: 80 }] },
	});
	const before = (await c.at('v1/services').list()).length;
	await quotas(c).create(quota('q', { services: String(before + 2), 'services.nodeports': '1', 'services.loadbalancers': '0' }));
	await used(c, 'q', { services: String(before), 'services.nodeports': '0', 'services.loadbalancers': '0' });
	await c.at('v1/services').create(service('s', 'ClusterIP'));
	await c.at('v1/services').create(service('n', 'NodePort'));
	await used(c, 'q', { services: String(before + 2), 'services.nodeports': '1' });
	expect((await c.at('v1/services').try('POST', '', { body: service('l', 'LoadBalancer') })).status).toBe(403);
	await c.at('v1/services').delete('s');
	await c.at('v1/services').delete('n');
	await used(c, 'q', { services: String(before), 'services.nodeports': '0' });
});

spec('ResourceQuota, object count quota, pod', async (c) => {
	await quotas(c).create(quota('q', { pods: '5', cpu: '1', memory: '500Mi', 'requests.ephemeral-storage': '50Gi', 'requests.example.com/dongle': '3' }));
	await used(c, 'q', { pods: '0', cpu: '0' });
	const dongle = { 'example.com/dongle': '2' };
	await c.at('v1/pods').create(asking('p', { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', ...dongle }, { ...dongle }));
	await used(c, 'q', { pods: '1', cpu: '500m', memory: '252Mi', 'requests.ephemeral-storage': '30Gi', 'requests.example.com/dongle': '2' });
	const cpu = await c.at('v1/pods').try('POST', '', { body: asking('fail', { cpu: '600m', memory: '100Mi', 'ephemeral-storage': '1Gi' }) });
	expect(cpu).toMatchObject({
		status: 403,
		body: { message: 'pods "fail" is forbidden: exceeded quota: q, requested: cpu=600m, used: cpu=500m, limited: cpu=1' },
	});
	const extended = await c
		.at('v1/pods')
		.try('POST', '', { body: asking('fail', { cpu: '100m', memory: '1Mi', 'ephemeral-storage': '1Gi', ...dongle }, { ...dongle }) });
	expect(extended.body.message).toContain(
		'requested: requests.example.com/dongle=2, used: requests.example.com/dongle=2, limited: requests.example.com/dongle=3',
	);
	// Its requests may not be changed, its labels may; neither moves the count.
	expect((await c.at('v1/pods').tryPatch('p', { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m' } } }] } }, 'strategic')).status).toBe(
		422,
	);
	await c.at('v1/pods').patch('p', { metadata: { labels: { changed: 'y' } } });
	await used(c, 'q', { pods: '1', cpu: '500m' });
	await c.at('v1/pods').delete('p', { gracePeriodSeconds: 0 });
	await used(c, 'q', { pods: '0', cpu: '0', memory: '0', 'requests.example.com/dongle': '0' });
});

spec('ResourceQuota, update and delete', async (c) => {
	await quotas(c).create(quota('q', { cpu: '1', memory: '500Mi' }));
	const held = await quotas(c).get('q');
	await quotas(c).replace({ ...held, spec: { hard: { cpu: '2', memory: '1Gi' } } } as V1ResourceQuota);
	expect((await quotas(c).get('q')).spec?.hard).toEqual({ cpu: '2', memory: '1Gi' });
	await quotas(c).delete('q');
	expect(await quotas(c).gone('q')).toBe(true);
});

spec('ResourceQuota, manage lifecycle of a ResourceQuota', async (c) => {
	await quotas(c).create(quota('q', { cpu: '500m', memory: '500Mi' }));
	expect((await c.get<{ items: unknown[] }>('/api/v1/resourcequotas?labelSelector=q%3Dq')).items).toHaveLength(1);
	const patched = await quotas(c).patch('q', { metadata: { labels: { patched: 'y' } }, spec: { hard: { memory: '750Mi' } } }, 'strategic');
	expect([patched.metadata?.labels?.['patched'], patched.spec?.hard]).toEqual(['y', { cpu: '500m', memory: '750Mi' }]);
	await quotas(c).deleteAll('patched=y');
	expect(await quotas(c).list()).toEqual([]);
});

spec('ResourceQuota, apply changes to a ResourceQuota status', async (c) => {
	const hard = { cpu: '500m', memory: '500Mi' };
	await quotas(c).create(quota('q', hard));
	await c.until('its status is written', async () => (await quotas(c).get('q')).status?.hard?.['cpu'] === '500m');
	const held = await quotas(c).get('q', '/status');
	const updated = await quotas(c).replace({ ...held, status: { ...held.status, hard: { cpu: '1', memory: '1Gi' } } } as never, '/status');
	expect(updated.status?.hard).toEqual({ cpu: '1', memory: '1Gi' });
	await quotas(c).patch('q', { spec: { hard: { cpu: '2', memory: '2Gi' } } });
	await c.until('the controller writes it again', async () => (await quotas(c).get('q')).status?.hard?.['cpu'] === '2');
	const patched = await quotas(c).patch('q', { status: { hard: { cpu: '3' } } }, 'merge', '/status');
	expect(patched.status?.hard?.['cpu']).toBe('3');
	await c.until('and back to what the spec says', async () => (await quotas(c).get('q', '/status')).status?.hard?.['cpu'] === '2', 600);
});

spec('ResourceQuota, quota scope, BestEffort and NotBestEffort scope', async (c) => {
	await quotas(c).create(quota('best', { pods: '5' }, { scopes: ['BestEffort'] }));
	await quotas(c).create(quota('not', { pods: '5' }, { scopes: ['NotBestEffort'] }));
	for (const name of ['best', 'not']) await used(c, name, { pods: '0' });
	await c.at('v1/pods').create(pod('p'));
	await used(c, 'best', { pods: '1' });
	await used(c, 'not', { pods: '0' });
	await c.at('v1/pods').delete('p', { gracePeriodSeconds: 0 });
	await used(c, 'best', { pods: '0' });
	await c.at('v1/pods').create(asking('p', { cpu: '500m', memory: '200Mi' }, { cpu: '500m', memory: '200Mi' }));
	await used(c, 'not', { pods: '1' });
	await used(c, 'best', { pods: '0' });
	const both = await quotas(c).try('POST', '', { body: quota('both', { pods: '1' }, { scopes: ['BestEffort', 'NotBestEffort'] }) });
	expect(both.status).toBe(422);
});

spec('ResourceQuota, quota scope, Terminating and NotTerminating scope', async (c) => {
	const hard = { pods: '5', 'requests.cpu': '1', 'requests.memory': '500Mi', 'limits.cpu': '2', 'limits.memory': '1Gi' };
	await quotas(c).create(quota('t', hard, { scopes: ['Terminating'] }));
	await quotas(c).create(quota('n', hard, { scopes: ['NotTerminating'] }));
	for (const name of ['t', 'n']) await used(c, name, { pods: '0', 'limits.cpu': '0' });
	const parts = [
		{ cpu: '500m', memory: '200Mi' },
		{ cpu: '1', memory: '400Mi' },
	] as const;
	await c.at('v1/pods').create(asking('long', ...parts));
	await used(c, 'n', { pods: '1', 'requests.cpu': '500m', 'requests.memory': '200Mi', 'limits.cpu': '1', 'limits.memory': '400Mi' });
	await used(c, 't', { pods: '0' });
	await c.at<V1Pod>('v1/pods').delete('long', { gracePeriodSeconds: 0 });
	await used(c, 'n', { pods: '0', 'limits.cpu': '0' });
	await c.at('v1/pods').create(asking('short', ...parts, { activeDeadlineSeconds: 3600 }));
	await used(c, 't', { pods: '1', 'requests.cpu': '500m', 'limits.memory': '400Mi' });
	await used(c, 'n', { pods: '0' });
});
