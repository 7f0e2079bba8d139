/** What a failed pod means for its job (pkg/controller/job/pod_failure_policy.go). */
import { keyOf, type Pod } from '../shared/objects.ts';

export interface FailurePolicy {
	readonly rules?: readonly {
		readonly action: string;
		readonly onExitCodes?: { readonly containerName?: string; readonly operator: string; readonly values: readonly number[] };
		readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
	}[];
}

/** The first rule that matches the pod: its action, and for FailJob the sentence that the job's condition shows. */
export function matchFailurePolicy(policy: FailurePolicy, pod: Pod): { readonly action: string; readonly message: string } | undefined {
	for (const [i, rule] of (policy.rules ?? []).entries()) {
		const exits = rule.onExitCodes;
		if (exits !== undefined) {
			for (const c of [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]) {
				const code = c.state?.terminated?.exitCode;
				if (code === undefined || code === 0 || (exits.containerName !== undefined && exits.containerName !== c.name)) continue;
				if (exits.values.includes(code) !== (exits.operator === 'In')) continue;
				return {
					action: rule.action,
					message: `Container ${c.name} for pod ${keyOf(pod)} failed with exit code ${code} matching ${rule.action} rule at index ${i}`,
				};
			}
		}
		for (const wanted of rule.onPodConditions ?? []) {
			if (!(pod.status?.conditions ?? []).some((c) => c.type === wanted.type && c.status === (wanted.status ?? 'True'))) continue;
			return { action: rule.action, message: `Pod ${keyOf(pod)} has condition ${wanted.type} matching ${rule.action} rule at index ${i}` };
		}
	}
	return undefined;
}
