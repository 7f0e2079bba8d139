/** Writes what type checking finds into a ValidatingAdmissionPolicy's status: `pkg/controller/validatingadmissionpolicystatus`. */
import { expressionWarnings } from '../apiserver/admission/policy/type-checking.ts';
import type { Services } from '../services.ts';
import type { Controller } from './controller.ts';

const PATH = 'admissionregistration.k8s.io/v1/validatingadmissionpolicies';

export const policyStatus = (services: Services): Controller => ({
	name: 'validatingadmissionpolicy-status',
	watches: {
		'admissionregistration.k8s.io/validatingadmissionpolicies': (_world, change) => (change.type === 'DELETED' ? [] : [change.object.metadata.name]),
	},
	reconcile(world, name, client, queue) {
		const policy = client.get(world, PATH, undefined, name);
		if (policy === undefined) return;
		const { observedGeneration = 0 } = (policy['status'] ?? {}) as { readonly observedGeneration?: number };
		const { generation = 0 } = policy.metadata;
		if (generation <= observedGeneration) return;
		const warnings = expressionWarnings(policy, services.api.strategiesOf(world));
		const status = { observedGeneration: generation, typeChecking: warnings.length === 0 ? {} : { expressionWarnings: warnings } };
		if (!client.updateStatus(world, PATH, { ...policy, status }).ok) queue.failed(name);
	},
});
