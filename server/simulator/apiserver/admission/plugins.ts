/** The admission plugins in the order in which upstream runs them (`pkg/kubeapiserver/options/plugins.go`). */
import { type Services, SYSTEM_USERS } from '../../services.ts';
import type { ApiClient } from '../client.ts';
import type { AdmissionPlugin } from '../types.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { podSecurity } from './podsecurity/pod-security.ts';
import type { NamespaceOf } from './policy/match.ts';
import { mutatingAdmissionPolicy } from './policy/mutating.ts';
import { validatingAdmissionPolicy } from './policy/validating.ts';
import { priority } from './priority.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { resourceQuota } from './resource-quota.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import {
	defaultIngressClass,
	defaultStorageClass,
	defaultTolerationSeconds,
	persistentVolumeClaimResize,
	storageObjectInUseProtection,
} from './small-defaults.ts';
import { mutatingAdmissionWebhook, validatingAdmissionWebhook } from './webhook/webhooks.ts';

export function admissionPlugins(services: Services): readonly AdmissionPlugin[] {
	let made: ApiClient | undefined;
	const client = (): ApiClient => (made ??= services.api.client(SYSTEM_USERS.loopback));
	const namespaceOf: NamespaceOf = (world, name) => client().get(world, 'v1/namespaces', undefined, name);
	return [
		namespaceLifecycle(client),
		limitRanger(client),
		serviceAccount(client),
		nodeRestriction,
		podSecurity(client),
		priority(client),
		defaultTolerationSeconds,
		defaultStorageClass(client),
		storageObjectInUseProtection,
		persistentVolumeClaimResize(client),
		runtimeClass(client),
		certificateApproval,
		certificateSigning,
		certificateSubjectRestriction,
		defaultIngressClass(client),
		rbacEscalation(client),
		mutatingAdmissionPolicy(services, namespaceOf),
		mutatingAdmissionWebhook(services, namespaceOf),
		validatingAdmissionPolicy(services, namespaceOf),
		validatingAdmissionWebhook(services, namespaceOf),
		resourceQuota(client),
	];
}
