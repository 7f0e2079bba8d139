/** Conformance area "auth". */
import type { V1CertificateSigningRequest, V1ConfigMap, V1Pod, V1ServiceAccount, V1SubjectAccessReview } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { RSA } from '../../../server/simulator/apiserver/certificates/testing.ts';
import type { Cluster } from './cluster.ts';
import { box, finished, logs, meta, pod, printed } from './pods.ts';
import { area, spec } from './spec.ts';

area('auth');
const accounts = (c: Cluster) => c.at<V1ServiceAccount>('v1/serviceaccounts');
const account = (name: string, more: object = {}, labels = {}): object => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(name, labels), ...more });
const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

spec('Service Account Tokens Must AutoMount', async (c) => {
	const read = (file: string) => box(file.replace('.', '-'), `cat ${MOUNT}/${file}`);
	await finished(c, pod('p', { containers: ['token', 'ca.crt', 'namespace'].map(read) }));
	expect(await logs(c, 'p', '?container=namespace')).toBe('default');
	const ca = await c.at<V1ConfigMap>('v1/configmaps').get('kube-root-ca.crt');
	expect(await logs(c, 'p', '?container=ca-crt')).toBe(ca.data?.['ca.crt']);
	const token = await logs(c, 'p', '?container=token');
	const review = await c.send<{ status: { authenticated: boolean; user: { username: string } } }>('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
		body: { spec: { token } },
	});
	expect(review.body.status).toMatchObject({ authenticated: true, user: { username: 'system:serviceaccount:default:default' } });
});

spec('Service account tokens auto mount optionally', async (c) => {
	await accounts(c).create(account('mount', { automountServiceAccountToken: true }));
	await accounts(c).create(account('nomount', { automountServiceAccountToken: false }));
	const mounts = async (serviceAccountName: string, said: boolean | undefined): Promise<boolean> => {
		const body = pod(`${serviceAccountName}-${said}`, { serviceAccountName, ...(said === undefined ? {} : { automountServiceAccountToken: said }) });
		const made = await c.at<V1Pod>('v1/pods').create(body);
		return made.spec?.containers[0]?.volumeMounts?.some((m) => m.mountPath === MOUNT) ?? false;
	};
	const found: boolean[] = [];
	for (const name of ['default', 'mount', 'nomount']) for (const said of [undefined, true, false]) found.push(await mounts(name, said));
	expect(found).toEqual([true, true, false, true, true, false, false, true, false]);
});

spec('TokenRequestProjection should mount a projected volume with token using TokenRequest API.', async (c) => {
	const spec = {
		volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 7200, audience: 'vault' } }] } }],
		securityContext: { runAsUser: 1000, fsGroup: 10000 },
	};
	const text = await printed(c, 'p', 'stat -c "%a %u %g" /t/..data/token; cat /t/token', spec, { volumeMounts: [{ name: 't', mountPath: '/t' }] });
	const [mode, token = ''] = text.split('\n');
	expect(mode).toBe('640 0 10000');
	const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
		aud: string[];
		exp: number;
		iat: number;
		'kubernetes.io': { pod: { name: string } };
	};
	expect([claims.aud, claims.exp - claims.iat, claims['kubernetes.io'].pod.name]).toEqual([['vault'], 7200, 'p']);
});

spec('OIDC Discovery (ServiceAccountIssuerDiscovery)', async (c) => {
	const discovery = await c.get<{ issuer: string; jwks_uri: string; id_token_signing_alg_values_supported: string[] }>('/.well-known/openid-configuration');
	expect(discovery).toMatchObject({
		issuer: 'https://kubernetes.default.svc.cluster.local',
		response_types_supported: ['id_token'],
		subject_types_supported: ['public'],
	});
	const { keys } = await c.get<{ keys: { kid: string; kty: string }[] }>(new URL(discovery.jwks_uri).pathname);
	// A token that a pod has verifies with a published key.
	const token = (await c.send<{ status: { token: string } }>('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { body: {} })).body.status
		.token;
	const [head = '', body = '', signature = ''] = token.split('.');
	const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string; alg: string };
	expect(discovery.id_token_signing_alg_values_supported).toContain(header.alg);
	const jwk = keys.find((k) => k.kid === header.kid);
	if (jwk === undefined) throw new Error('the key is not published');
	const { createPublicKey, verify } = await import('node:crypto');
	const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
	expect(verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
	// Any service account may read both; nobody else without a role.
	for (const path of ['/.well-known/openid-configuration', '/openid/v1/jwks']) expect((await c.send('GET', path, { token })).status).toBe(200);
});

spec('RootCA ConfigMap test', async (c) => {
	await c.at('v1/namespaces', '').create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
	const maps = c.at<V1ConfigMap>('v1/configmaps', 'n');
	const there = (why: string): Promise<V1ConfigMap> =>
		c.until(why, async () => ((await maps.find('kube-root-ca.crt'))?.data?.['ca.crt']?.startsWith('-----BEGIN') ?? false) && maps.get('kube-root-ca.crt'));
	const first = await there('it is made');
	await maps.delete('kube-root-ca.crt');
	const again = await there('it is made again');
	expect(again.metadata?.uid).not.toBe(first.metadata?.uid);
	await maps.replace({ ...again, data: { 'ca.crt': '', other: 'x' } });
	await c.until('it is put right', async () => (await maps.get('kube-root-ca.crt')).data?.['ca.crt'] === first.data?.['ca.crt']);
	expect(Object.keys((await maps.get('kube-root-ca.crt')).data ?? {})).toEqual(['ca.crt']);
});

spec('ServiceAccount lifecycle test', async (c) => {
	const watch = await accounts(c).watch('static=y');
	await accounts(c).create(account('a', {}, { static: 'y' }));
	await watch.seen('ADDED a');
	expect((await accounts(c).patch('a', { automountServiceAccountToken: false }, 'strategic')).automountServiceAccountToken).toBe(false);
	const listed = await c.get<{ items: V1ServiceAccount[] }>('/api/v1/serviceaccounts?labelSelector=static%3Dy');
	expect(listed.items.map((a) => [a.metadata?.name, a.automountServiceAccountToken])).toEqual([['a', false]]);
	await accounts(c).deleteAll('static=y');
	await watch.seen('DELETED a');
	watch.stop();
});

spec('ServiceAccount, update a ServiceAccount', async (c) => {
	const made = await accounts(c).create(account('a'));
	expect((await accounts(c).replace({ ...made, automountServiceAccountToken: true })).automountServiceAccountToken).toBe(true);
});

spec('SubjectReview, API Operations', async (c) => {
	await accounts(c).create(account('e2e'));
	const user = 'system:serviceaccount:default:e2e';
	const resourceAttributes = { verb: 'list', resource: 'configmaps', namespace: 'kube-system', version: 'v1' };
	const review = (path: string): Promise<{ status: number; body: V1SubjectAccessReview }> =>
		c.send<V1SubjectAccessReview>('POST', `/apis/authorization.k8s.io/v1/${path}`, {
			body: { spec: { resourceAttributes, user }, metadata: path.startsWith('namespaces') ? { namespace: 'kube-system' } : {} },
		});
	const listed = (): Promise<{ status: number }> => c.send('GET', '/api/v1/namespaces/kube-system/configmaps', { headers: { 'impersonate-user': user } });
	for (const allowed of [false, true]) {
		if (allowed) {
			const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
			await c.at('rbac.authorization.k8s.io/v1/rolebindings', 'kube-system').create({
				apiVersion: 'rbac.authorization.k8s.io/v1',
				kind: 'RoleBinding',
				metadata: { name: 'b' },
				roleRef,
				subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace: 'default' }],
			});
		}
		expect((await review('subjectaccessreviews')).body.status?.allowed).toBe(allowed);
		expect((await review('namespaces/kube-system/localsubjectaccessreviews')).body.status?.allowed).toBe(allowed);
		expect((await listed()).status).toBe(allowed ? 200 : 403);
	}
});

spec('CertificateSigningRequest API', async (c) => {
	const resources = (await c.get<{ resources: { name: string }[] }>('/apis/certificates.k8s.io/v1')).resources.map((r) => r.name);
	expect(resources).toEqual(expect.arrayContaining(['certificatesigningrequests', 'certificatesigningrequests/approval', 'certificatesigningrequests/status']));
	const of = c.at<V1CertificateSigningRequest>('certificates.k8s.io/v1/certificatesigningrequests', '');
	const request = Buffer.from(RSA).toString('base64');
	const make = (name: string): Promise<V1CertificateSigningRequest> =>
		of.create({
			apiVersion: 'certificates.k8s.io/v1',
			kind: 'CertificateSigningRequest',
			metadata: meta(name, { csr: 'y' }),
			spec: { request, signerName: 'example.com/e2e', usages: ['digital signature', 'key encipherment', 'server auth'], expirationSeconds: 3600 },
		});
	const watch = await of.watch('csr=y');
	for (const name of ['a', 'b']) await make(name);
	expect(await of.list('csr=y')).toHaveLength(2);
	await of.patch('a', { metadata: { annotations: { patched: 'true' } } });
	const held = await of.get('a');
	await of.replace({ ...held, metadata: { ...held.metadata, annotations: { patched: 'true', updated: 'true' } } } as V1CertificateSigningRequest);
	const condition = { type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from a test' };
	const approved = await of.patch('a', { status: { conditions: [condition] } }, 'merge', '/approval');
	expect(approved.status?.conditions).toMatchObject([{ type: 'Approved', message: 'Set from a test' }]);
	const status = await of.patch('a', { metadata: { annotations: { patchedstatus: 'true' } } }, 'merge', '/status');
	expect(status.metadata?.annotations?.['patchedstatus']).toBe('true');
	await of.delete('a');
	await of.deleteAll('csr=y');
	expect(await of.list('csr=y')).toEqual([]);
	await watch.seen('DELETED b');
	watch.stop();
});
