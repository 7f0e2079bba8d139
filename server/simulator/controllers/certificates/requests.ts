/** What the certificate controllers ask of a request. */
import { fromBase64 } from '../../apiserver/base64.ts';
import { type CertificateRequest, readRequest } from '../../apiserver/certificates/request.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { Condition } from '../shared/objects.ts';

export const REQUESTS = 'certificates.k8s.io/v1/certificatesigningrequests';
export const APISERVER_CLIENT = 'kubernetes.io/kube-apiserver-client';
export const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
export const KUBELET_SERVING = 'kubernetes.io/kubelet-serving';

export interface SigningRequest extends KubeObject {
	readonly spec: {
		readonly request: string;
		readonly signerName: string;
		readonly usages: readonly string[];
		readonly expirationSeconds?: number;
		readonly username?: string;
		readonly uid?: string;
		readonly groups?: readonly string[];
	};
	readonly status?: { readonly certificate?: string; readonly conditions?: readonly (Condition & { readonly lastUpdateTime?: string })[] };
}

export const conditionOf = (csr: SigningRequest, type: string): NonNullable<NonNullable<SigningRequest['status']>['conditions']>[number] | undefined =>
	csr.status?.conditions?.find((c) => c.type === type);

/** The request inside; what is stored has been validated. */
export function parsedRequest(csr: SigningRequest): CertificateRequest | undefined {
	const request = readRequest(fromBase64(csr.spec.request) ?? '');
	return typeof request === 'string' ? undefined : request;
}

const equalSets = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((x) => b.includes(x));
const fits = (usages: readonly string[], required: readonly string[]): boolean =>
	equalSets(usages, required) || equalSets(usages, [...required, 'key encipherment']);

/** ValidateKubeletClientCSR: Go's words for what is wrong, undefined where nothing is. */
export function kubeletClientError(request: CertificateRequest, usages: readonly string[]): string | undefined {
	const { subject, alternative } = request;
	if (!equalSets(subject.organizations, ['system:nodes'])) return 'subject organization is not system:nodes';
	if (alternative.dns.length > 0) return 'DNS subjectAltNames are not allowed';
	if (alternative.emails.length > 0) return 'Email subjectAltNames are not allowed';
	if (alternative.ips > 0) return 'IP subjectAltNames are not allowed';
	if (alternative.uris.length > 0) return 'URI subjectAltNames are not allowed';
	if (!subject.commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:';
	return fits(usages, ['client auth', 'digital signature']) ? undefined : 'usages did not match [client auth digital signature key encipherment]';
}

/** ValidateKubeletServingCSR. */
export function kubeletServingError(request: CertificateRequest, usages: readonly string[]): string | undefined {
	const { subject, alternative } = request;
	if (!equalSets(subject.organizations, ['system:nodes'])) return 'subject organization is not system:nodes';
	if (alternative.dns.length === 0 && alternative.ips === 0) return 'DNS or IP subjectAltName is required';
	if (alternative.emails.length > 0) return 'Email subjectAltNames are not allowed';
	if (alternative.uris.length > 0) return 'URI subjectAltNames are not allowed';
	if (!fits(usages, ['digital signature', 'server auth'])) return 'usages did not match [digital signature key encipherment server auth]';
	return subject.commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:';
}

/** validAPIServerClientUsages. */
export function clientUsageError(usages: readonly string[]): string | undefined {
	const other = usages.find((u) => u !== 'digital signature' && u !== 'key encipherment' && u !== 'client auth');
	if (other !== undefined) return `invalid usage for client certificate: ${other}`;
	return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}
