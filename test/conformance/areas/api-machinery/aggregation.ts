/** A group served by an API server of one's own: Kubernetes' sample, behind an APIService. */
import type { V1APIService } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { servingCertificate } from '../../../../server/sandboxes/serving/authority.ts';
import type { Cluster } from '../cluster.ts';
import { ETCD, SAMPLE_API_SERVER } from '../images.ts';
import { meta, pod, started } from '../pods.ts';
import { spec } from '../spec.ts';

const GROUP = 'wardle.example.com';
const NAME = `v1alpha1.${GROUP}`;
const FLUNDERS = `${GROUP}/v1alpha1/flunders`;

/** Runs it with an etcd beside it, and registers its group. */
async function registered(c: Cluster): Promise<void> {
	const { certificate, key, authority } = await servingCertificate();
	await c.at('v1/secrets').create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('certs'), stringData: { 'tls.crt': certificate, 'tls.key': key } });
	const server = {
		name: 'sample',
		image: SAMPLE_API_SERVER,
		args: ['--etcd-servers=http://127.0.0.1:2379', '--tls-cert-file=/certs/tls.crt', '--tls-private-key-file=/certs/tls.key'],
		volumeMounts: [{ name: 'certs', mountPath: '/certs' }],
		readinessProbe: { httpGet: { path: '/readyz', port: 443, scheme: 'HTTPS' } },
	};
	const volumes = [{ name: 'certs', secret: { secretName: 'certs' } }];
	await started(c, pod('server', { volumes, containers: [server, { name: 'etcd', image: ETCD }] }, { app: 'sample' }));
	const ports = [{ port: 7443, targetPort: 443 }];
	await c.at('v1/services').create({ apiVersion: 'v1', kind: 'Service', metadata: meta('sample'), spec: { selector: { app: 'sample' }, ports } });
	await c.at('apiregistration.k8s.io/v1/apiservices', '').create({
		apiVersion: 'apiregistration.k8s.io/v1',
		kind: 'APIService',
		metadata: { name: NAME },
		spec: {
			group: GROUP,
			version: 'v1alpha1',
			service: { namespace: 'default', name: 'sample', port: 7443 },
			caBundle: Buffer.from(authority).toString('base64'),
			groupPriorityMinimum: 2000,
			versionPriority: 200,
		},
	});
}

spec('aggregator-supports-the-sample-apiserver', async (c) => {
	await registered(c);
	const flunders = c.at<{ readonly metadata: { readonly name: string; readonly uid: string }; readonly kind: string }>(FLUNDERS);
	await c.until('the group is served', async () => (await c.during(flunders.try('GET'))).status === 200, 60);
	const flunder = { apiVersion: `${GROUP}/v1alpha1`, kind: 'Flunder', metadata: meta('f', { sample: 'true' }), spec: {} };
	const made = await c.during(flunders.create(flunder));
	expect([made.kind, made.metadata.name]).toEqual(['Flunder', 'f']);
	expect((await c.during(flunders.list('sample=true'))).map((f) => f.metadata.uid)).toEqual([made.metadata.uid]);
	expect(await c.during(c.get(`/apis/${GROUP}/v1alpha1`))).toMatchObject({ resources: [{ name: 'flunders', kind: 'Flunder' }, { name: 'fischers' }] });
	await c.during(flunders.delete('f'));
	expect(await c.during(flunders.list())).toEqual([]);

	const services = c.at<V1APIService>('apiregistration.k8s.io/v1/apiservices', '');
	const held = await services.get(NAME, '/status');
	expect(held.status?.conditions).toMatchObject([{ type: 'Available', status: 'True', message: 'all checks passed' }]);
	expect((await services.patch(NAME, { spec: { versionPriority: 400 }, metadata: { labels: { e2e: 'patched' } } })).spec?.versionPriority).toBe(400);
	const condition = { type: 'StatusUpdated', status: 'True', reason: 'E2E', message: 'Set by a test' };
	const fresh = await services.get(NAME);
	const updated = await services.replace({ ...fresh, status: { conditions: [...(fresh.status?.conditions ?? []), condition] } } as V1APIService, '/status');
	expect(updated.status?.conditions?.at(-1)).toMatchObject(condition);
	// Written through the status, labels stay what they are.
	expect((await services.patch(NAME, { metadata: { labels: { e2e: 'by status' } } }, 'merge', '/status')).metadata?.labels?.['e2e']).toBe('patched');
	await services.deleteAll('e2e=patched');
	await c.until('the group is gone', async () => (await flunders.try('GET')).status === 404);
});
