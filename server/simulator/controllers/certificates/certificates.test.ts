import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../apiserver/base64.ts';
import { ED25519, KUBELET, RSA } from '../../apiserver/certificates/testing.ts';
import { type TestCluster, testCluster } from '../testing.ts';
import { conditionOf, REQUESTS, type SigningRequest } from './requests.ts';

const HOUR_MS = 3_600_000;

function ask(c: TestCluster, request: string, signer: string, usages: readonly string[], more: object = {}): void {
	c.create(REQUESTS, undefined, { metadata: { name: 'x' }, spec: { request: toBase64(request), signerName: `kubernetes.io/${signer}`, usages, ...more } });
	c.run(100);
}

const held = (c: TestCluster): SigningRequest | undefined => c.client.get(c.world, REQUESTS, undefined, 'x') as SigningRequest | undefined;

function decide(c: TestCluster, type: string): void {
	const csr = held(c);
	if (csr === undefined) throw new Error('there is no request');
	const status = { conditions: [{ type, status: 'True', reason: 'Kubectl', message: 'decided' }] };
	expect(c.client.update(c.world, `${REQUESTS}/approval`, { ...csr, status } as typeof csr).ok).toBe(true);
	c.run(100);
}

describe('certificate requests', () => {
	it('wait, and are issued once approved', () => {
		const c = testCluster();
		ask(c, RSA, 'kube-apiserver-client', ['client auth']);
		expect(held(c)?.status?.certificate).toBeUndefined();
		decide(c, 'Approved');
		expect(fromBase64(held(c)?.status?.certificate ?? '')).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
	});

	it('are not issued once denied', () => {
		const c = testCluster();
		ask(c, RSA, 'kube-apiserver-client', ['client auth']);
		decide(c, 'Denied');
		expect(held(c)?.status?.certificate).toBeUndefined();
	});

	it.each([
		['kube-apiserver-client', RSA, ['server auth'], 'invalid usage for client certificate: server auth'],
		['kube-apiserver-client', RSA, ['digital signature'], 'missing required usage for client certificate: client auth'],
		['kubelet-serving', ED25519, ['server auth', 'digital signature'], 'subject organization is not system:nodes'],
		['kubelet-serving', KUBELET, ['server auth', 'digital signature'], 'DNS or IP subjectAltName is required'],
		['kube-apiserver-client-kubelet', KUBELET, ['client auth'], 'usages did not match [client auth digital signature key encipherment]'],
	])('of %s fail where they ask for the wrong thing', (signer, request, usages, why) => {
		const c = testCluster();
		ask(c, request, signer, usages);
		decide(c, 'Approved');
		expect(held(c)).toMatchObject({ status: { conditions: [{ type: 'Approved' }, { type: 'Failed', reason: 'SignerValidationFailure', message: why }] } });
	});

	it('for signers of others are left to them', () => {
		const c = testCluster();
		c.create(REQUESTS, undefined, { metadata: { name: 'x' }, spec: { request: toBase64(RSA), signerName: 'example.com/mine', usages: ['any'] } });
		decide(c, 'Approved');
		expect(held(c)?.status).toEqual({ conditions: [expect.objectContaining({ type: 'Approved' })] });
	});

	it('of a kubelet for itself are approved by the cluster', () => {
		const c = testCluster();
		c.create(REQUESTS, undefined, {
			metadata: { name: 'x' },
			spec: { request: toBase64(KUBELET), signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['client auth', 'digital signature'] },
		});
		c.run(100);
		// Asked for by the control plane, which may everything; a kubelet's own word needs the role that kubeadm binds.
		const csr = held(c);
		expect(csr === undefined ? undefined : conditionOf(csr, 'Approved')?.message).toBe('Auto approving kubelet client certificate after SubjectAccessReview.');
		expect(csr?.status?.certificate).toBeDefined();
	});

	it.each([
		['decided', 'Denied', 2 * HOUR_MS],
		['issued', 'Approved', 2 * HOUR_MS],
		['forgotten', undefined, 25 * HOUR_MS],
	])('are cleared away once %s', (_name, decision, afterMs) => {
		const c = testCluster();
		ask(c, RSA, 'kube-apiserver-client', ['client auth']);
		if (decision !== undefined) decide(c, decision);
		c.run(HOUR_MS / 2);
		expect(held(c)).toBeDefined();
		c.run(afterMs);
		expect(held(c)).toBeUndefined();
	});
});
