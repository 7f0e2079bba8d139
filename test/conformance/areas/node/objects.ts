/** The objects that pods read, and pods that ask each other. */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { AGNHOST } from '../images.ts';
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

spec(['Networking, intra pod udp', 'Networking, intra pod http, from node'], async (c) => {
	const server = { name: 'c', image: AGNHOST, args: ['netexec', '--http-port=8083', '--udp-port=8081'] };
	const { status } = await started(c, pod('server', { containers: [server] }));
	await started(c, pod('asker', { containers: [server] }));
	const dialled = await c.during(
		c.send('GET', `/api/v1/namespaces/default/pods/asker:8083/proxy/dial?request=hostname&protocol=udp&host=${status?.podIP}&port=8081&tries=2`),
	);
	expect(JSON.parse(dialled.text)).toEqual({ responses: ['server', 'server'] });
	expect(await printed(c, 'host', `echo hostName | nc -w 1 -u ${status?.podIP} 8081`, { hostNetwork: true })).toBe('server');
	// TCP and UDP ports are apart.
	expect(await printed(c, 'tcp', `nc -z -w 1 ${status?.podIP} 8081 2>/dev/null || echo refused`)).toBe('refused\n');
});

spec('Sysctl, test sysctls', async (c) => {
	const securityContext = { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] };
	expect(await printed(c, 'p', 'sysctl kernel.shm_rmid_forced', { securityContext })).toBe('kernel.shm_rmid_forced = 1\n');
	expect(await printed(c, 'q', 'sysctl -n kernel.shm_rmid_forced; sysctl kernel.shm_rmid_forced=1 2>&1 || true')).toBe(
		"0\nsysctl: error setting key 'kernel.shm_rmid_forced': Read-only file system\n",
	);
});

spec('Security Context, privileged=false.', async (c) => {
	const add = 'ip link add dummy0 type dummy 2>&1 || true';
	expect(await printed(c, 'p', add, {}, { securityContext: { privileged: false } })).toBe('ip: RTNETLINK answers: Operation not permitted\n');
	expect(await printed(c, 'q', add, {}, { securityContext: { privileged: true } })).toBe('');
});
