/** Admission webhooks, served by a pod of the tests' own image. */
import type { V1ConfigMap, V1Pod } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { servingCertificate } from '../../../../server/sandboxes/serving/authority.ts';
import type { Cluster } from '../cluster.ts';
import { AGNHOST } from '../images.ts';
import { meta, pod, started } from '../pods.ts';
import { spec } from '../spec.ts';
import { CRDS, custom, definition, GROUP, OPEN, served } from './crd.ts';

const MUTATING = 'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const VALIDATING = 'admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const NAMESPACE = 'hooks';

/** Runs the webhook server behind a service; gives the authority that its certificate is checked with. */
async function deployed(c: Cluster): Promise<string> {
	await c.at('v1/namespaces', '').create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
	await c.pass(1);
	const { certificate, key, authority } = await servingCertificate();
	await c
		.at('v1/secrets', NAMESPACE)
		.create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('certs'), stringData: { 'tls.crt': certificate, 'tls.key': key } });
	const args = ['webhook', '--tls-cert-file=/certs/tls.crt', '--tls-private-key-file=/certs/tls.key', '--port=8444'];
	const server = pod(
		'server',
		{
			volumes: [{ name: 'certs', secret: { secretName: 'certs' } }],
			containers: [{ name: 'c', image: AGNHOST, args, volumeMounts: [{ name: 'certs', mountPath: '/certs' }] }],
		},
		{ app: 'hook' },
	);
	await started(c, server, NAMESPACE);
	await c
		.at('v1/services', NAMESPACE)
		.create({ apiVersion: 'v1', kind: 'Service', metadata: meta('hook'), spec: { selector: { app: 'hook' }, ports: [{ port: 8443, targetPort: 8444 }] } });
	await c.pass(5);
	return Buffer.from(authority).toString('base64');
}

const rule = (resources: readonly string[], operations: readonly string[], group = ''): object => ({
	operations,
	apiGroups: [group],
	apiVersions: ['*'],
	resources,
});
const hook = (caBundle: string | undefined, path: string, rules: readonly object[], more: object = {}): object => ({
	name: `h${path.replaceAll('/', '-')}.example.com`,
	clientConfig: { service: { namespace: NAMESPACE, name: 'hook', path, port: 8443 }, ...(caBundle === undefined ? {} : { caBundle }) },
	rules,
	sideEffects: 'None',
	admissionReviewVersions: ['v1'],
	namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
	...more,
});
const configuration = (kind: 'Mutating' | 'Validating', name: string, webhooks: readonly object[], labels = {}): object => ({
	apiVersion: 'admissionregistration.k8s.io/v1',
	kind: `${kind}WebhookConfiguration`,
	metadata: meta(name, labels),
	webhooks,
});
const map = (name: string, data: { readonly [key: string]: string }): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(name), data });
const MAPS = rule(['configmaps'], ['CREATE', 'UPDATE']);
const BAD = { 'webhook-e2e-test': 'webhook-disallow' };
const tryMap = (c: Cluster, name: string, data: { readonly [key: string]: string }) =>
	c.at<V1ConfigMap>('v1/configmaps').try<V1ConfigMap & { message?: string }>('POST', '', { body: map(name, data) });

spec(['Admission webhook, ordered mutation', 'Admission webhook, list mutating webhooks', 'Admission webhook, update mutating webhook'], async (c) => {
	const ca = await deployed(c);
	const of = c.at(MUTATING, '');
	await of.create(
		configuration(
			'Mutating',
			'order',
			[hook(ca, '/mutating-configmaps', [MAPS]), { ...hook(ca, '/mutating-configmaps', [MAPS]), name: 'second.example.com' }],
			{ m: 'y' },
		),
	);
	const made = await tryMap(c, 'a', { 'mutation-start': 'yes' });
	expect(made.body.data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
	await of.patch(
		'order',
		[
			{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['UPDATE'] },
			{ op: 'replace', path: '/webhooks/1/rules/0/operations', value: ['UPDATE'] },
		],
		'json',
	);
	expect((await tryMap(c, 'b', { 'mutation-start': 'yes' })).body.data).toEqual({ 'mutation-start': 'yes' });
	await of.patch('order', [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }], 'json');
	expect((await tryMap(c, 'd', { 'mutation-start': 'yes' })).body.data?.['mutation-stage-1']).toBe('yes');
	expect(await of.list('m=y')).toHaveLength(1);
	await of.deleteAll('m=y');
	expect((await tryMap(c, 'e', { 'mutation-start': 'yes' })).body.data).toEqual({ 'mutation-start': 'yes' });
});

spec(['Admission webhook, deny create', 'Admission webhook, list validating webhooks', 'Admission webhook, update validating webhook'], async (c) => {
	const ca = await deployed(c);
	const of = c.at(VALIDATING, '');
	await of.create(configuration('Validating', 'deny', [hook(ca, '/configmaps', [MAPS]), hook(ca, '/pods', [rule(['pods'], ['CREATE'])])], { v: 'y' }));
	const refused = await tryMap(c, 'a', BAD);
	expect([refused.status, refused.body.message]).toEqual([
		400,
		'admission webhook "h-configmaps.example.com" denied the request: the configmap contains unwanted key and value',
	]);
	expect((await tryMap(c, 'fine', { a: 'b' })).status).toBe(201);
	expect((await c.at('v1/configmaps').tryPatch('fine', { data: BAD })).status).toBe(400);
	const named = await c.at('v1/pods').try('POST', '', { body: pod('p', {}, { 'webhook-e2e-test': 'webhook-disallow' }) });
	expect(named.body.message).toContain('the pod contains unwanted label');
	// Another namespace is let through.
	expect((await c.at('v1/configmaps', NAMESPACE).try('POST', '', { body: map('x', BAD) })).status).toBe(201);
	await of.patch('deny', [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['UPDATE'] }], 'json');
	expect((await tryMap(c, 'b', BAD)).status).toBe(201);
	expect(await of.list('v=y')).toHaveLength(1);
	await of.deleteAll('v=y');
	expect((await tryMap(c, 'd', BAD)).status).toBe(201);
});

spec(['Admission webhook, fail closed', 'Admission webhook, honor timeout'], async (c) => {
	const ca = await deployed(c);
	const of = c.at(VALIDATING, '');
	await of.create(configuration('Validating', 'closed', [hook(undefined, '/configmaps', [MAPS], { failurePolicy: 'Fail' })]));
	const closed = await tryMap(c, 'a', {});
	expect([closed.status, closed.body.message]).toEqual([
		500,
		expect.stringMatching(/^Internal error occurred: failed calling webhook "h-configmaps\.example\.com": /),
	]);
	await of.delete('closed');
	for (const [timeoutSeconds, failurePolicy, status] of [
		[1, 'Fail', 500],
		[1, 'Ignore', 201],
		[10, 'Fail', 201],
	] as const) {
		await of.create(configuration('Validating', 'slow', [hook(ca, '/always-allow-delay-5s', [MAPS], { timeoutSeconds, failurePolicy })]));
		const answer = await tryMap(c, `m${timeoutSeconds}${failurePolicy.toLowerCase()}`, {});
		expect([timeoutSeconds, failurePolicy, answer.status]).toEqual([timeoutSeconds, failurePolicy, status]);
		await of.delete('slow');
	}
});

spec(['Admission webhook, mutation with defaulting', 'Admission webhook, admission control not allowed on webhook configuration objects'], async (c) => {
	const ca = await deployed(c);
	await c.at(MUTATING, '').create(configuration('Mutating', 'pods', [hook(ca, '/mutating-pods', [rule(['pods'], ['CREATE'])])]));
	const made = await c.at<V1Pod>('v1/pods').create(pod('webhook-to-be-mutated'));
	expect(made.spec?.initContainers).toMatchObject([{ name: 'webhook-added-init-container', terminationMessagePolicy: 'File' }]);
	const everything = rule(['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'], ['*'], 'admissionregistration.k8s.io');
	await c.at(VALIDATING, '').create(configuration('Validating', 'deny', [hook(ca, '/always-deny', [everything], { namespaceSelector: {} })]));
	await c.at(VALIDATING, '').create(configuration('Validating', 'other', []));
	await c.at(VALIDATING, '').delete('other');
	await c.at(MUTATING, '').delete('pods');
});

spec(
	[
		'Admission webhook, mutate custom resource',
		'Admission webhook, mutate custom resource with pruning',
		'Admission webhook, deny custom resource create and delete',
		'Admission webhook, deny custom resource definition',
	],
	async (c) => {
		const ca = await deployed(c);
		const text = { type: 'string' };
		const schema = {
			type: 'object',
			properties: { data: { type: 'object', properties: { 'mutation-start': text, 'mutation-stage-1': text, 'webhook-e2e-test': text } } },
		};
		await served(c, definition([{ name: 'v1', schema }]));
		const foos = rule(['foos'], ['CREATE', 'UPDATE', 'DELETE'], GROUP);
		await c
			.at(MUTATING, '')
			.create(
				configuration('Mutating', 'foos', [
					hook(ca, '/mutating-custom-resource', [foos]),
					{ ...hook(ca, '/mutating-custom-resource', [foos]), name: 'second.example.com' },
				]),
			);
		const of = c.at<{ data: object }>(`${GROUP}/v1/foos`);
		// What the schema does not name is pruned again.
		expect((await of.create(custom('a', { data: { 'mutation-start': 'yes' } }))).data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes' });
		await of.create(custom('bad', { data: { 'webhook-e2e-test': 'webhook-nondeletable' } }));
		await c.at(VALIDATING, '').create(configuration('Validating', 'foos', [hook(ca, '/custom-resource', [foos])]));
		expect((await of.try('POST', '', { body: custom('b', { data: BAD }) })).body.message).toContain('the custom resource contains unwanted data');
		expect((await of.try('DELETE', '/bad')).body.message).toContain('the custom resource cannot be deleted because it contains unwanted key and value');
		const definitions = rule(['customresourcedefinitions'], ['CREATE'], 'apiextensions.k8s.io');
		await c.at(VALIDATING, '').create(configuration('Validating', 'crds', [hook(ca, '/always-deny', [definitions], { namespaceSelector: {} })]));
		const refused = await c.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition([{ name: 'v1' }], { kind: 'Bar' }) });
		expect([refused.status, refused.body.message]).toEqual([
			400,
			'admission webhook "h-always-deny.example.com" denied the request: this webhook denies all requests',
		]);
	},
);

spec('Admission webhook, deny attach', async (c) => {
	const ca = await deployed(c);
	await c.at(VALIDATING, '').create(configuration('Validating', 'attach', [hook(ca, '/pods/attach', [rule(['pods/attach'], ['CONNECT'])])]));
	await started(c, pod('to-be-attached-pod'));
	const refused = await c.send('POST', '/api/v1/namespaces/default/pods/to-be-attached-pod/attach?stdout=true');
	expect(refused.body.message).toContain("attaching to pod 'to-be-attached-pod' is not allowed");
});

spec('Admission webhook, mutate custom resource with different stored version', async (c) => {
	const ca = await deployed(c);
	await served(c, definition([{ name: 'v1' }, { name: 'v2' }]));
	const foos = rule(['foos'], ['CREATE', 'UPDATE'], GROUP);
	await c.at(MUTATING, '').create(configuration('Mutating', 'foos', [hook(ca, '/mutating-custom-resource', [foos])]));
	const of = c.at<{ apiVersion: string; data: object }>(`${GROUP}/v1/foos`);
	expect((await of.create(custom('a', { data: { 'mutation-start': 'yes' } }))).data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes' });
	const versions = ['v1', 'v2'].map((name) => ({ name, served: true, storage: name === 'v2', schema: { openAPIV3Schema: OPEN } }));
	await c.at(CRDS, '').patch(`foos.${GROUP}`, { spec: { versions } });
	const patched = await of.patch('a', { data: { dummy: 'test' } });
	expect([patched.apiVersion, patched.data]).toEqual([`${GROUP}/v1`, expect.objectContaining({ dummy: 'test', 'mutation-start': 'yes' })]);
	expect((await c.at<{ apiVersion: string }>(`${GROUP}/v2/foos`).get('a')).apiVersion).toBe(`${GROUP}/v2`);
});
