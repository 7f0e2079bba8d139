/** Approves what kubelets ask for to reach the API server, where they may (pkg/controller/certificates/approver). */
import { authorize } from '../../apiserver/auth/authorizer.ts';
import type { Controller } from '../controller.ts';
import { itself } from '../shared/watching.ts';
import { KUBELET_CLIENT, kubeletClientError, parsedRequest, REQUESTS, type SigningRequest } from './requests.ts';

const GROUP = 'certificates.k8s.io';

export const certificateApprover: Controller = {
	name: 'certificate-approver',
	watches: { 'certificates.k8s.io/certificatesigningrequests': (world, change, client) => (change.type === 'ADDED' ? itself(world, change, client) : []) },
	reconcile(world, name, client, queue) {
		const csr = client.get(world, REQUESTS, undefined, name) as SigningRequest | undefined;
		if (csr === undefined || csr.spec.signerName !== KUBELET_CLIENT || (csr.status?.conditions ?? []).length > 0) return;
		const request = parsedRequest(csr);
		if (request === undefined || kubeletClientError(request, csr.spec.usages) !== undefined) return;
		const { username = '', groups = [] } = csr.spec;
		const own = username === request.subject.commonName;
		const may = (subresource: string): boolean =>
			authorize(world, { user: { name: username, groups }, verb: 'create', group: GROUP, resource: 'certificatesigningrequests', subresource }).allowed;
		const message =
			own && may('selfnodeclient')
				? 'Auto approving self kubelet client certificate after SubjectAccessReview.'
				: may('nodeclient')
					? 'Auto approving kubelet client certificate after SubjectAccessReview.'
					: undefined;
		if (message === undefined) return;
		const conditions = [{ type: 'Approved', status: 'True', reason: 'AutoApproved', message }];
		if (!client.update(world, `${REQUESTS}/approval`, { ...csr, status: { ...csr.status, conditions } }).ok) queue.failed(name);
	},
};
