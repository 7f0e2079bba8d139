/** The objects that pods read, and pods that ask each other. */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { meta, pod, printed, started, web } from '../pods.ts';
import { spec } from '../spec.ts';

spec('ConfigMap lifecycle', async (c) => {
	const of = c.at<V1ConfigMap>('v1/configmaps');
	const watch = await of.watch('static=y');
	await of.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('m', { static: 'y' }), data: { valueName: 'value' } });
	await of.patch('m', { metadata: { labels: { patched: 'y' } }, data: { valueName: 'value1' } }, 'strategic');
	expect((await of.get('m')).data).toEqual({ valueName: 'value1' });
	expect((await c.get<{ items: V1ConfigMap[] }>('/api/v1/configmaps?labelSelector=static%3Dy,patched%3Dy')).items.map((m) => m.data)).toEqual([
		{ valueName: 'value1' },
	]);
	await of.deleteAll('static=y');
	await watch.seen('DELETED m');
	expect(watch.summary()).toEqual(['ADDED m', 'MODIFIED m', 'DELETED m']);
	watch.stop();
});

spec('Secret patching', async (c) => {
	const of = c.at<V1Secret>('v1/secrets');
	await of.create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('s', { static: 'y' }), data: { key: 'dmFsdWU=' }, type: 'Opaque' });
	expect((await c.get<{ items: V1Secret[] }>('/api/v1/secrets?labelSelector=static%3Dy')).items).toHaveLength(1);
	await of.patch('s', { metadata: { labels: { patched: 'y' } }, data: { key: 'dmFsdWUx' } }, 'strategic');
	const held = await of.get('s');
	expect([held.data, held.metadata?.labels?.['patched']]).toEqual([{ key: 'dmFsdWUx' }, 'y']);
	await of.deleteAll('static=y');
	expect(await of.list('static=y')).toEqual([]);
});

spec(['Networking, intra pod http', 'Networking, intra pod http, from node'], async (c) => {
	const addresses: string[] = [];
	for (const node of ['foothold-worker', 'foothold-worker2']) {
		const made = await started(c, pod(`on-${node}`, { nodeSelector: { 'kubernetes.io/hostname': node }, containers: [web()] }));
		addresses.push(made.status?.podIP ?? '');
	}
	const script = addresses.map((address) => `wget -q -O- http://${address}/ | grep -c "<title>"`).join('; ');
	expect(await printed(c, 'pod', script)).toBe('1\n1\n');
	expect(await printed(c, 'host', script, { hostNetwork: true })).toBe('1\n1\n');
});
