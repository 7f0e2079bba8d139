/** Issues certificates for approved requests (pkg/controller/certificates/signer). */
import { issueCertificate } from '../../apiserver/certificates/authority.ts';
import type { CertificateRequest } from '../../apiserver/certificates/request.ts';
import { toBase64 } from '../../apiserver/base64.ts';
import type { Controller } from '../controller.ts';
import { itself } from '../shared/watching.ts';
import { formatTime } from '../../kernel/time.ts';
import {
	APISERVER_CLIENT,
	clientUsageError,
	conditionOf,
	KUBELET_CLIENT,
	KUBELET_SERVING,
	kubeletClientError,
	kubeletServingError,
	parsedRequest,
	REQUESTS,
	type SigningRequest,
} from './requests.ts';

/** `--cluster-signing-duration`: the longest life of a certificate, ms; the shortest is ten minutes. */
const LONGEST_MS = 365 * 86_400_000;
const SHORTEST_MS = 600_000;

const CHECKS: { readonly [signer: string]: (request: CertificateRequest, usages: readonly string[]) => string | undefined } = {
	[APISERVER_CLIENT]: (_request, usages) => clientUsageError(usages),
	[KUBELET_CLIENT]: kubeletClientError,
	[KUBELET_SERVING]: kubeletServingError,
};

function lifetime(seconds: number | undefined): number {
	return seconds === undefined ? LONGEST_MS : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, seconds * 1000));
}

export const certificateSigner: Controller = {
	name: 'certificate',
	watches: { 'certificates.k8s.io/certificatesigningrequests': itself },
	reconcile(world, name, client, queue) {
		const csr = client.get(world, REQUESTS, undefined, name) as SigningRequest | undefined;
		if (csr === undefined || conditionOf(csr, 'Approved') === undefined || conditionOf(csr, 'Failed') !== undefined) return;
		if (csr.status?.certificate !== undefined) return;
		const { signerName, usages, expirationSeconds } = csr.spec;
		const check = CHECKS[signerName];
		const request = parsedRequest(csr);
		// Other signers are for others to serve.
		if (check === undefined || request === undefined) return;
		const why = check(request, usages);
		const conditions = csr.status?.conditions ?? [];
		const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: why, lastUpdateTime: formatTime(world.now) };
		const status =
			why === undefined
				? { ...csr.status, certificate: toBase64(issueCertificate(world, { request, usages, lifetimeMs: lifetime(expirationSeconds) })) }
				: { ...csr.status, conditions: [...conditions, failed] };
		const outcome = client.updateStatus(world, REQUESTS, { ...csr, status });
		if (!outcome.ok && outcome.status.reason !== 'NotFound') queue.failed(name);
	},
};
