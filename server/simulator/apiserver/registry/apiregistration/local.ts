/** APIServices of the groups that this server answers for itself: kube-apiserver's `apiVersionPriorities` and autoregister controller. */
import type { Fields } from '../fields.ts';

/** The group's place in discovery: the higher, the earlier. */
const GROUPS: { readonly [group: string]: number } = {
	'': 18_000,
	apps: 17_800,
	'events.k8s.io': 17_750,
	'authentication.k8s.io': 17_700,
	'authorization.k8s.io': 17_600,
	autoscaling: 17_500,
	batch: 17_400,
	'certificates.k8s.io': 17_300,
	'networking.k8s.io': 17_200,
	policy: 17_100,
	'rbac.authorization.k8s.io': 17_000,
	'storage.k8s.io': 16_800,
	'apiextensions.k8s.io': 16_700,
	'admissionregistration.k8s.io': 16_700,
	'scheduling.k8s.io': 16_600,
	'coordination.k8s.io': 16_500,
	'node.k8s.io': 16_300,
	'discovery.k8s.io': 16_200,
	'flowcontrol.apiserver.k8s.io': 16_100,
	'resource.k8s.io': 15_900,
};
const VERSIONS: { readonly [groupVersion: string]: number } = { '/v1': 1, 'autoscaling/v2': 30, 'flowcontrol.apiserver.k8s.io/v1': 21 };
/** What custom resources and others that nobody ranked get. */
const UNRANKED = { group: 1000, version: 100 };

/** Whether the registration is made once, at start, or kept as long as something serves the version. */
export type Managed = 'onstart' | 'true';
export const MANAGED_LABEL = 'kube-aggregator.kubernetes.io/automanaged';

export function localAPIService(group: string, version: string, managed: Managed): Fields {
	const rank = GROUPS[group];
	return {
		metadata: { name: `${version}.${group}`, labels: { [MANAGED_LABEL]: managed } },
		spec: {
			...(group === '' ? {} : { group }),
			version,
			groupPriorityMinimum: rank ?? UNRANKED.group,
			versionPriority: rank === undefined ? UNRANKED.version : (VERSIONS[`${group}/${version}`] ?? 15),
		},
	};
}
