import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { testCluster } from '../registry/testing.ts';
import { setProfile } from '../profile.ts';
import { authorityCertificate, issueCertificate } from './authority.ts';
import { certificateUser } from './client-certificate.ts';
import { readPem } from './der.ts';
import { type CertificateRequest, readRequest } from './request.ts';
import { ED25519, KUBELET, MASTERS, P384, RSA } from './testing.ts';

const DAY_MS = 86_400_000;

function parsed(pem: string): CertificateRequest {
	const request = readRequest(pem);
	if (typeof request === 'string') throw new Error(request);
	return request;
}

const base64 = (pem: string): string => readPem(pem)?.base64 ?? '';

/** The same text with one of its characters, counted from the end of the base64, changed. */
function damaged(pem: string, fromEnd: number): string {
	const block = base64(pem);
	const at = block.length - fromEnd;
	const other = block[at] === 'A' ? 'B' : 'A';
	return pem
		.replaceAll('\n', '')
		.replace(block, block.slice(0, at) + other + block.slice(at + 1))
		.replace('REQUEST-----', 'REQUEST-----\n')
		.replace('-----END', '\n-----END');
}

describe('certificate requests', () => {
	it.each([
		['RSA', RSA, { commonName: 'jane', organizations: ['dev'] }],
		['P-256', KUBELET, { commonName: 'system:node:foothold-worker', organizations: ['system:nodes'] }],
		['P-384', P384, { commonName: 'p384', organizations: [] }],
		['Ed25519', ED25519, { commonName: 'ed', organizations: [] }],
	])('are read with keys of %s', (_name, pem, subject) => {
		expect(parsed(pem).subject).toEqual(subject);
	});

	it('say their alternative names', () => {
		expect(parsed(ED25519).alternative).toEqual({ dns: ['a.example'], ips: 1, emails: [], uris: [] });
		expect(parsed(RSA).alternative).toEqual({ dns: [], ips: 0, emails: [], uris: [] });
	});

	it.each([
		['RSA', RSA, 'crypto/rsa: verification error'],
		['P-256', KUBELET, 'x509: ECDSA verification failure'],
		['Ed25519', ED25519, 'x509: Ed25519 verification failure'],
	])('are refused with a signature of %s that does not fit', (_name, pem, why) => {
		expect(readRequest(damaged(pem, 20))).toBe(why);
	});

	it.each([
		['', 'PEM block type must be CERTIFICATE REQUEST'],
		['hello', 'PEM block type must be CERTIFICATE REQUEST'],
		[RSA.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'), 'PEM block type must be CERTIFICATE REQUEST'],
		['-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n', "asn1: structure error: tags don't match"],
	])('are refused where they are none', (text, why) => {
		expect(readRequest(text)).toBe(why);
	});
});

describe('certificates', () => {
	const cluster = testCluster();
	const issued = issueCertificate(cluster.world, { request: parsed(RSA), usages: ['client auth', 'digital signature'], lifetimeMs: DAY_MS });

	it('are X.509, with the request’s subject and key', () => {
		const x509 = new X509Certificate(issued);
		expect([x509.subject, x509.issuer, x509.ca]).toEqual(['O=dev\nCN=jane', 'CN=kubernetes', false]);
		expect(x509.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
		expect(x509.publicKey.asymmetricKeyType).toBe('rsa');
		expect(x509.validToDate.getTime() - x509.validFromDate.getTime()).toBe(DAY_MS);
	});

	it.each(['full', 'apiserver'] as const)('verify against kube-root-ca.crt in profile %s', (profile) => {
		const { world } = testCluster();
		setProfile(world, profile);
		const pem = issueCertificate(world, { request: parsed(RSA), usages: ['client auth'], lifetimeMs: DAY_MS });
		const authority = new X509Certificate(authorityCertificate(world));
		const x509 = new X509Certificate(pem);
		expect([authority.ca, authority.verify(authority.publicKey), x509.checkIssued(authority), x509.verify(authority.publicKey)]).toEqual([
			true,
			true,
			true,
			true,
		]);
		expect(certificateUser(world, base64(pem))).toMatchObject({ name: 'jane' });
	});

	it('carry alternative names over', () => {
		const pem = issueCertificate(cluster.world, { request: parsed(ED25519), usages: ['server auth'], lifetimeMs: DAY_MS });
		expect(new X509Certificate(pem).subjectAltName).toBe('DNS:a.example, IP Address:10.0.0.1');
	});

	it('tell who their bearer is', () => {
		expect(certificateUser(cluster.world, base64(issued))).toMatchObject({ name: 'jane', groups: ['dev', 'system:authenticated'] });
	});

	it('are worth nothing to another cluster, forged, for servers, or once they are over', () => {
		const other = testCluster();
		expect(certificateUser(other.world, base64(issued))).toBeUndefined();
		other.world.randomInt(2);
		issueCertificate(other.world, { request: parsed(RSA), usages: ['client auth'], lifetimeMs: DAY_MS });
		expect(certificateUser(other.world, base64(issued))).toBeUndefined();
		const block = base64(issued);
		expect(certificateUser(cluster.world, `${block.slice(0, 60)}${block[60] === 'A' ? 'B' : 'A'}${block.slice(61)}`)).toBeUndefined();
		const server = issueCertificate(cluster.world, { request: parsed(RSA), usages: ['server auth'], lifetimeMs: DAY_MS });
		expect(certificateUser(cluster.world, base64(server))).toBeUndefined();
		const later = cluster.world.fork();
		later.advanceTo(later.now + DAY_MS);
		expect(certificateUser(later, base64(issued))).toBeUndefined();
	});
});

describe('certificate signing requests', () => {
	const object = (request: string, more: object = {}): { readonly [field: string]: unknown } => ({
		metadata: { name: 'x' },
		spec: { request: Buffer.from(request).toString('base64'), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], ...more },
	});
	const PATH = 'certificates.k8s.io/v1/certificatesigningrequests';

	it('hold who asked, whatever they say of themselves', () => {
		const csr = testCluster().create(PATH, object(RSA, { username: 'eve', groups: ['admins'] }));
		expect(csr['spec']).toMatchObject({ username: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:masters', 'system:authenticated'] });
	});

	it.each([
		['no request', object('x'), 'spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST'],
		['no usages', object(RSA, { usages: [] }), 'spec.usages: Required value'],
		['the same usage twice', object(RSA, { usages: ['client auth', 'client auth'] }), 'spec.usages[1]: Duplicate value: "client auth"'],
		[
			'the legacy signer',
			object(RSA, { signerName: 'kubernetes.io/legacy-unknown' }),
			'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
		],
		[
			'a bare signer',
			object(RSA, { signerName: 'mine' }),
			'spec.signerName: Invalid value: "mine": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
		],
		[
			'a short life',
			object(RSA, { expirationSeconds: 300 }),
			'spec.expirationSeconds: Invalid value: 300: may not specify a duration less than 600 seconds (10 minutes)',
		],
	])('are refused with %s', (_name, csr, why) => {
		expect(testCluster().refusal(PATH, csr)).toBe(`CertificateSigningRequest.certificates.k8s.io "x" is invalid: ${why}`);
	});

	it('cannot ask for system:masters', () => {
		expect(testCluster().refusal(PATH, object(MASTERS))).toBe(
			'certificatesigningrequests.certificates.k8s.io "x" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
		);
	});

	it('are approved by those who may for the signer', () => {
		const cluster = testCluster();
		const csr = cluster.create(PATH, object(RSA));
		const approve = (user?: { name: string; groups: string[] }): unknown =>
			cluster.call('update', `${PATH}/approval`, {
				name: 'x',
				body: { ...csr, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Fine' }] } },
				...(user === undefined ? {} : { user }),
			}).body;
		const rules = [{ apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval'], verbs: ['update'] }];
		cluster.create('rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'approver' }, rules });
		cluster.create('rbac.authorization.k8s.io/v1/clusterrolebindings', {
			metadata: { name: 'approver' },
			roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'approver' },
			subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
		});
		expect(approve({ name: 'eve', groups: [] })).toMatchObject({
			message:
				'certificatesigningrequests.certificates.k8s.io "x" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
		});
		expect(approve()).toMatchObject({ status: { conditions: [{ type: 'Approved', lastUpdateTime: '2026-11-20T18:00:00Z' }] } });
		const { resourceVersion: _old, ...metadata } = csr.metadata;
		expect(cluster.call('update', PATH, { name: 'x', body: { ...csr, metadata, spec: {}, status: {} } }).body).toMatchObject({ spec: csr['spec'] });
	});
});
