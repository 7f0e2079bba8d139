/** Conformance area "storage": the CSI objects, volumes beside each other, subPaths. */
import type { V1CSIDriver, V1CSIStorageCapacity } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { meta, pod, printed, started } from './pods.ts';
import { area, spec } from './spec.ts';

area('storage');

spec('CSIDriver, lifecycle', async (c) => {
	const of = c.at<V1CSIDriver>('storage.k8s.io/v1/csidrivers', '');
	for (const name of ['inline-driver-a', 'inline-driver-b'])
		await of.create({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: meta(name, { d: 'y' }), spec: { volumeLifecycleModes: ['Ephemeral'] } });
	expect((await of.patch('inline-driver-a', { metadata: { labels: { patched: 'y' } } })).metadata?.labels?.['patched']).toBe('y');
	const held = await of.get('inline-driver-a');
	expect((await of.replace({ ...held, metadata: { ...held.metadata, labels: { d: 'y', updated: 'y' } } } as V1CSIDriver)).metadata?.labels?.['updated']).toBe(
		'y',
	);
	await of.delete('inline-driver-a');
	await of.deleteAll('d=y');
	expect(await of.list('d=y')).toEqual([]);
});

spec('CSIInlineVolumes should support Pods with inline volumes', async (c) => {
	const of = c.at('v1/pods');
	const body = pod('p', { volumes: [{ name: 'v', csi: { driver: 'e2e.example.com', volumeAttributes: { foo: 'bar' } } }] }, { csi: 'y' });
	await of.create(body);
	expect(await of.get('p')).toMatchObject({ spec: { volumes: [{ name: 'v', csi: { driver: 'e2e.example.com', volumeAttributes: { foo: 'bar' } } }, {}] } });
	await of.patch('p', { metadata: { annotations: { patched: 'y' } } });
	expect(await of.list('csi=y')).toHaveLength(1);
	await of.delete('p', { gracePeriodSeconds: 0 });
	expect(await of.gone('p')).toBe(true);
});

spec('CSIStorageCapacity API', async (c) => {
	const of = c.at<V1CSIStorageCapacity>('storage.k8s.io/v1/csistoragecapacities');
	const watch = await of.watch('s=y');
	for (const name of ['a', 'b'])
		await of.create({
			apiVersion: 'storage.k8s.io/v1',
			kind: 'CSIStorageCapacity',
			metadata: meta(name, { s: 'y' }),
			storageClassName: 'e2e',
			capacity: '1Gi',
		});
	expect((await c.get<{ items: unknown[] }>('/apis/storage.k8s.io/v1/csistoragecapacities?labelSelector=s%3Dy')).items).toHaveLength(2);
	expect((await of.patch('a', { metadata: { annotations: { patched: 'true' } } })).metadata?.annotations?.['patched']).toBe('true');
	const held = await of.get('a');
	expect((await of.replace({ ...held, capacity: '2Gi' } as V1CSIStorageCapacity)).capacity).toBe('2Gi');
	await of.delete('a');
	await of.deleteAll('s=y');
	await watch.seen('DELETED b');
	watch.stop();
});

spec(['EmptyDir Wrapper Volume, ConfigMap volumes, no race', 'EmptyDir Wrapper Volume, Secret and ConfigMap volumes, no conflict'], async (c) => {
	const names = Array.from({ length: 50 }, (_, i) => `racey-${i}`);
	for (const name of names) await c.at('v1/configmaps').create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(name), data: { 'data-1': name } });
	await c.at('v1/secrets').create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('s'), stringData: { x: 'y' } });
	const volumes = [...names.map((name) => ({ name, configMap: { name } })), { name: 's', secret: { secretName: 's' } }];
	for (const name of ['a', 'b', 'c', 'd', 'e']) await started(c, pod(name, { volumes }));
	expect(
		await printed(
			c,
			'p',
			'cat /m/data-1 /s/x',
			{ volumes },
			{
				volumeMounts: [
					{ name: 'racey-7', mountPath: '/m' },
					{ name: 's', mountPath: '/s' },
				],
			},
		),
	).toBe('racey-7y');
});

spec(
	[
		'SubPath: Reading content from a configmap volume.',
		'SubPath: Reading content from a configmap volume.',
		'SubPath: Reading content from a secret volume.',
		'SubPath: Reading content from a downwardAPI volume.',
		'SubPath: Reading content from a projected volume.',
	],
	async (c) => {
		await c.at('v1/configmaps').create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('m'), data: { key: 'map' } });
		await c.at('v1/secrets').create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('s'), stringData: { key: 'secret' } });
		const downwardAPI = { items: [{ path: 'key', fieldRef: { fieldPath: 'metadata.name' } }] };
		const volumes = [
			{ name: 'm', configMap: { name: 'm' } },
			{ name: 's', secret: { secretName: 's' } },
			{ name: 'd', downwardAPI },
			{ name: 'j', projected: { sources: [{ configMap: { name: 'm' } }, { secret: { name: 's', items: [{ key: 'key', path: 'other' }] } }] } },
		];
		const volumeMounts = [
			...volumes.map(({ name }) => ({ name, mountPath: `/one/${name}`, subPath: 'key' })),
			{ name: 'm', mountPath: '/etc/resolv.conf', subPath: 'key' },
		];
		expect(await printed(c, 'p', 'for f in m s d j; do cat /one/$f; echo; done; cat /etc/resolv.conf', { volumes }, { volumeMounts })).toBe(
			'map\nsecret\np\nmap\nmap',
		);
	},
);
