/** Who may approve and sign for whom: CertificateApproval, CertificateSigning, CertificateSubjectRestriction (`plugin/pkg/admission/certificates`). */
import type { World } from '../../kernel/world.ts';
import { authorize } from '../auth/authorizer.ts';
import { fromBase64 } from '../base64.ts';
import { readRequest } from '../certificates/request.ts';
import { sameData } from '../equal.ts';
import { specOf, statusOf, str } from '../registry/fields.ts';
import type { AdmissionPlugin, AdmissionRequest, UserInfo } from '../types.ts';
import { refused } from './refuse.ts';

const GROUP = 'certificates.k8s.io';
const APISERVER_CLIENT = 'kubernetes.io/kube-apiserver-client';

const isRequest = ({ strategy }: AdmissionRequest): boolean => strategy.group === GROUP && strategy.kind === 'CertificateSigningRequest';

/** The cluster's own approver and signer; upstream their role `system:controller:certificate-controller` says that they may. */
const OWN: ReadonlySet<string> = new Set([
	'system:serviceaccount:kube-system:certificate-controller',
	'system:serviceaccount:kube-system:certificate-approver-controller',
]);

/** IsAuthorizedForSignerName: for the signer itself, or for all of its domain. */
function mayFor(world: World, user: UserInfo, verb: string, signer: string): boolean {
	const allowed = (name: string): boolean => authorize(world, { user, verb, group: GROUP, resource: 'signers', name }).allowed;
	return OWN.has(user.name) || allowed(signer) || allowed(`${signer.split('/')[0]}/*`);
}

const signerOf = (request: AdmissionRequest): string => str(specOf(request.old ?? request.object).signerName);

export const certificateApproval: AdmissionPlugin = {
	name: 'CertificateApproval',
	validate(world, request) {
		if (!isRequest(request) || request.call.subresource !== 'approval' || request.operation !== 'UPDATE') return undefined;
		const signer = signerOf(request);
		if (mayFor(world, request.call.user, 'approve', signer)) return undefined;
		throw refused(request, `user not permitted to approve requests with signerName ${JSON.stringify(signer)}`);
	},
};

export const certificateSigning: AdmissionPlugin = {
	name: 'CertificateSigning',
	validate(world, request) {
		if (!isRequest(request) || request.call.subresource !== 'status' || request.operation !== 'UPDATE' || request.old === undefined) return undefined;
		const [now, before] = [statusOf(request.object), statusOf(request.old)];
		// Only a new certificate, or the word that it failed, is a signer's act.
		if (sameData(now.certificate, before.certificate) && sameData(now.conditions, before.conditions)) return undefined;
		const signer = signerOf(request);
		if (mayFor(world, request.call.user, 'sign', signer)) return undefined;
		throw refused(request, `user not permitted to sign requests with signerName ${JSON.stringify(signer)}`);
	},
};

export const certificateSubjectRestriction: AdmissionPlugin = {
	name: 'CertificateSubjectRestriction',
	validate(_world, request) {
		if (!isRequest(request) || request.operation !== 'CREATE' || signerOf(request) !== APISERVER_CLIENT) return undefined;
		const parsed = readRequest(fromBase64(str(specOf(request.object).request)) ?? '');
		if (typeof parsed === 'string' || !parsed.subject.organizations.includes('system:masters')) return undefined;
		throw refused(request, `use of ${APISERVER_CLIENT} signer with system:masters group is not allowed`);
	},
};
