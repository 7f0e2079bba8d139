/** CustomResourceDefinitions whose versions a webhook converts, served by a pod of the tests' own image. */
import type { V1Pod } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { servingCertificate } from '../../../../server/sandboxes/serving/authority.ts';
import type { Cluster } from '../cluster.ts';
import { AGNHOST } from '../images.ts';
import { meta, pod, started } from '../pods.ts';
import { also, spec } from '../spec.ts';
import { CRDS, definition, served } from './crd.ts';

const GROUP = 'stable.example.com';

interface Endpoint {
	readonly apiVersion: string;
	readonly metadata: { readonly name: string; readonly uid: string; readonly labels?: object };
	readonly hostPort?: string;
	readonly host?: string;
	readonly port?: string;
}

const conversion = (caBundle: string, path = '/crdconvert', name = 'convert'): object => ({
	strategy: 'Webhook',
	webhook: { clientConfig: { caBundle, service: { namespace: 'default', name, path, port: 9443 } }, conversionReviewVersions: ['v1', 'v1beta1'] },
});

/** The webhook's server behind the service `convert`. @returns its authority, as a definition names it */
async function deployed(c: Cluster): Promise<string> {
	const { certificate, key, authority } = await servingCertificate();
	await c.at('v1/secrets').create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('certs'), stringData: { 'tls.crt': certificate, 'tls.key': key } });
	const args = ['crd-conversion-webhook', '--tls-cert-file=/certs/tls.crt', '--tls-private-key-file=/certs/tls.key', '--port=9444'];
	const containers = [{ name: 'c', image: AGNHOST, args, volumeMounts: [{ name: 'certs', mountPath: '/certs' }] }];
	await started(c, pod('server', { volumes: [{ name: 'certs', secret: { secretName: 'certs' } }], containers }, { app: 'convert' }));
	const ports = [{ port: 9443, targetPort: 9444 }];
	await c.at('v1/services').create({ apiVersion: 'v1', kind: 'Service', metadata: meta('convert'), spec: { selector: { app: 'convert' }, ports } });
	await c.pass(5);
	return Buffer.from(authority).toString('base64');
}

const text = (...names: readonly string[]): object => ({ type: 'object', properties: Object.fromEntries(names.map((n) => [n, { type: 'string' }])) });

async function defined(c: Cluster, converts: object): Promise<void> {
	const versions = [
		{ name: 'v1', schema: text('hostPort') },
		{ name: 'v2', schema: text('host', 'port') },
	];
	const crd = definition(versions, { group: GROUP, kind: 'Endpoint' }) as { spec: object };
	await served(c, { ...crd, spec: { ...crd.spec, conversion: converts } });
}

const in1 = (c: Cluster) => c.at<Endpoint>(`${GROUP}/v1/endpoints`);
const in2 = (c: Cluster) => c.at<Endpoint>(`${GROUP}/v2/endpoints`);
const v1 = (name: string): object => ({ apiVersion: `${GROUP}/v1`, kind: 'Endpoint', metadata: meta(name, { a: 'b' }), hostPort: 'local:8080' });
const v2 = (name: string): object => ({ apiVersion: `${GROUP}/v2`, kind: 'Endpoint', metadata: meta(name), host: 'other', port: '9090' });
const seen = ({ apiVersion, hostPort, host, port }: Endpoint): object => ({ apiVersion, hostPort, host, port });

spec('Custom Resource Definition Conversion Webhook, conversion custom resource', async (c) => {
	await defined(c, conversion(await deployed(c)));
	const made = await in1(c).create(v1('e'));
	expect(seen(made)).toEqual({ apiVersion: `${GROUP}/v1`, hostPort: 'local:8080' });
	const read = await in2(c).get('e');
	expect(seen(read)).toEqual({ apiVersion: `${GROUP}/v2`, host: 'local', port: '8080' });
	expect([read.metadata.uid, read.metadata.labels]).toEqual([made.metadata.uid, { a: 'b' }]);
	// What is written in v2 is stored, and read, as v1.
	expect(seen(await in2(c).create(v2('f')))).toEqual({ apiVersion: `${GROUP}/v2`, host: 'other', port: '9090' });
	expect((await in1(c).get('f')).hostPort).toBe('other:9090');
	const patched = await c.send<Endpoint>('PATCH', `/apis/${GROUP}/v2/namespaces/default/endpoints/e`, {
		body: { port: '1' },
		headers: { 'content-type': 'application/merge-patch+json' },
	});
	expect(seen(patched.body)).toEqual({ apiVersion: `${GROUP}/v2`, host: 'local', port: '1' });
	expect((await in1(c).get('e')).hostPort).toBe('local:1');
});

spec('Custom Resource Definition Conversion Webhook, convert mixed version list', async (c) => {
	await defined(c, conversion(await deployed(c)));
	await in1(c).create(v1('e'));
	const crds = c.at(CRDS, '');
	const versions = [
		{ name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: text('hostPort') } },
		{ name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: text('host', 'port') } },
	];
	await c.send('PATCH', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/endpoints.${GROUP}`, {
		body: { spec: { versions } },
		headers: { 'content-type': 'application/merge-patch+json' },
	});
	expect(await crds.get(`endpoints.${GROUP}`)).toMatchObject({ status: { storedVersions: ['v1', 'v2'] } });
	await in2(c).create(v2('f'));
	const list = async (version: string): Promise<readonly object[]> =>
		(await c.get<{ items: Endpoint[] }>(`/apis/${GROUP}/${version}/namespaces/default/endpoints`)).items.map(seen);
	const other = { apiVersion: `${GROUP}/v2`, host: 'other', port: '9090' };
	expect(await list('v2')).toEqual([{ apiVersion: `${GROUP}/v2`, host: 'local', port: '8080' }, other]);
	expect(await list('v1')).toEqual([
		{ apiVersion: `${GROUP}/v1`, hostPort: 'local:8080' },
		{ apiVersion: `${GROUP}/v1`, hostPort: 'other:9090' },
	]);
	const watched = await c.raw('GET', `/apis/${GROUP}/v2/namespaces/default/endpoints?watch=1&timeoutSeconds=1`);
	const events = (await c.during(watched.body.text())).trim().split('\n');
	expect(events.map((line) => seen((JSON.parse(line) as { object: Endpoint }).object))).toEqual([
		{ apiVersion: `${GROUP}/v2`, host: 'local', port: '8080' },
		other,
	]);
});

also('what a conversion webhook cannot do is said in upstream words', async (c) => {
	const authority = await deployed(c);
	await defined(c, conversion(authority, '/nowhere'));
	await in1(c).create(v1('e'));
	const url = `/apis/${GROUP}/v2/namespaces/default/endpoints/e`;
	const why = async (): Promise<string> => {
		const { status, body } = await c.send('GET', url);
		return `${status} ${body.reason ?? ''} ${body.message}`;
	};
	const failed = `500  conversion webhook for ${GROUP}/v1, Kind=Endpoint failed: `;
	expect(await why()).toBe(`${failed}the server could not find the requested resource`);
	const convert = (to: object): Promise<unknown> =>
		c.send('PATCH', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/endpoints.${GROUP}`, {
			body: { spec: { conversion: to } },
			headers: { 'content-type': 'application/merge-patch+json' },
		});
	await convert(conversion(authority, '/crdconvert', 'nobody'));
	expect(await why()).toBe(`${failed}Post "https://nobody.default.svc:9443/crdconvert?timeout=30s": service "nobody" not found`);
	await convert(conversion(authority));
	await c.send('PATCH', url.replace('/v2/', '/v1/'), { body: { hostPort: 'x' }, headers: { 'content-type': 'application/merge-patch+json' } });
	expect(await why()).toBe(`${failed}invalid hostPort value \`x\``);
	// In its own version it needs nobody.
	expect((await in1(c).get('e')).hostPort).toBe('x');
	await c.at<V1Pod>('v1/pods').delete('server');
	await c.until('its server is gone', async () => /connect: connection refused$/.test(await why()));
	const refused = await c.send('POST', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions`, {
		body: {
			...definition([{ name: 'v1' }]),
			spec: { ...(definition([{ name: 'v1' }]) as { spec: object }).spec, conversion: { strategy: 'Webhook', webhook: { clientConfig: {} } } },
		},
	});
	expect(refused.body.message).toContain(
		'[spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required, spec.conversion.conversionReviewVersions: Required value]',
	);
});
