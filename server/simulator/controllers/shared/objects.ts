/** The fields of API objects that controllers and scheduler read, typed as far as they need them. */
import type { KubeObject, OwnerReference } from '../../apiserver/types.ts';

export type Labels = { readonly [key: string]: string };
export type IntOrString = number | string;

export interface SelectorRequirement {
	readonly key: string;
	readonly operator: string;
	readonly values?: readonly string[];
}

export interface LabelSelector {
	readonly matchLabels?: Labels;
	readonly matchExpressions?: readonly SelectorRequirement[];
}

export interface Condition {
	readonly type: string;
	readonly status: string;
	readonly reason?: string;
	readonly message?: string;
	readonly lastTransitionTime?: string | null;
	readonly lastUpdateTime?: string;
	readonly lastProbeTime?: string | null;
	readonly observedGeneration?: number;
}

export interface ResourceRequirements {
	readonly requests?: Labels;
	readonly limits?: Labels;
}

export interface ContainerPort {
	readonly name?: string;
	readonly containerPort: number;
	readonly hostPort?: number;
	readonly hostIP?: string;
	readonly protocol?: string;
}

export interface Container {
	readonly name: string;
	readonly image?: string;
	readonly ports?: readonly ContainerPort[];
	readonly resources?: ResourceRequirements;
	readonly restartPolicy?: string;
	readonly [field: string]: unknown;
}

export interface Toleration {
	readonly key?: string;
	readonly operator?: string;
	readonly value?: string;
	readonly effect?: string;
	readonly tolerationSeconds?: number;
}

export interface Taint {
	readonly key: string;
	readonly value?: string;
	readonly effect: string;
	readonly timeAdded?: string;
}

export interface NodeSelectorTerm {
	readonly matchExpressions?: readonly SelectorRequirement[];
	readonly matchFields?: readonly SelectorRequirement[];
}

export interface NodeSelector {
	readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

export interface PodAffinityTerm {
	readonly labelSelector?: LabelSelector;
	readonly namespaces?: readonly string[];
	readonly namespaceSelector?: LabelSelector;
	readonly topologyKey: string;
	readonly matchLabelKeys?: readonly string[];
	readonly mismatchLabelKeys?: readonly string[];
}

export interface PodAffinityRules {
	readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
	readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly { readonly weight: number; readonly podAffinityTerm: PodAffinityTerm }[];
}

export interface Affinity {
	readonly nodeAffinity?: {
		readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
		readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly { readonly weight: number; readonly preference: NodeSelectorTerm }[];
	};
	readonly podAffinity?: PodAffinityRules;
	readonly podAntiAffinity?: PodAffinityRules;
}

export interface TopologySpreadConstraint {
	readonly maxSkew: number;
	readonly topologyKey: string;
	readonly whenUnsatisfiable: string;
	readonly labelSelector?: LabelSelector;
	readonly minDomains?: number;
	readonly nodeAffinityPolicy?: string;
	readonly nodeTaintsPolicy?: string;
	readonly matchLabelKeys?: readonly string[];
}

export interface Volume {
	readonly name: string;
	readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean };
	readonly ephemeral?: { readonly volumeClaimTemplate?: { readonly metadata?: Record<string, unknown>; readonly spec?: unknown } };
	readonly [source: string]: unknown;
}

export interface PodSpec {
	readonly containers: readonly Container[];
	readonly initContainers?: readonly Container[];
	readonly volumes?: readonly Volume[];
	readonly nodeName?: string;
	readonly nodeSelector?: Labels;
	readonly affinity?: Affinity;
	readonly tolerations?: readonly Toleration[];
	readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
	readonly priority?: number;
	readonly priorityClassName?: string;
	readonly preemptionPolicy?: string;
	readonly schedulerName?: string;
	readonly schedulingGates?: readonly { readonly name: string }[];
	readonly hostNetwork?: boolean;
	readonly hostname?: string;
	readonly subdomain?: string;
	readonly restartPolicy?: string;
	readonly terminationGracePeriodSeconds?: number;
	readonly overhead?: Labels;
	readonly [field: string]: unknown;
}

export interface ContainerStatus {
	readonly name: string;
	readonly ready: boolean;
	readonly restartCount: number;
	readonly state?: {
		readonly waiting?: { readonly reason?: string };
		readonly running?: { readonly startedAt?: string };
		readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly finishedAt?: string };
	};
	readonly [field: string]: unknown;
}

export interface PodStatus {
	readonly phase?: string;
	readonly reason?: string;
	readonly message?: string;
	readonly conditions?: readonly Condition[];
	readonly podIP?: string;
	readonly podIPs?: readonly { readonly ip: string }[];
	readonly hostIP?: string;
	readonly startTime?: string;
	readonly containerStatuses?: readonly ContainerStatus[];
	readonly initContainerStatuses?: readonly ContainerStatus[];
	readonly nominatedNodeName?: string;
	readonly [field: string]: unknown;
}

export interface Pod extends KubeObject {
	readonly spec: PodSpec;
	readonly status?: PodStatus;
}

export interface PodTemplate {
	readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels; readonly finalizers?: readonly string[]; readonly [field: string]: unknown };
	readonly spec: PodSpec;
}

export interface Node extends KubeObject {
	readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[]; readonly podCIDR?: string; readonly [field: string]: unknown };
	readonly status?: {
		readonly allocatable?: Labels;
		readonly capacity?: Labels;
		readonly conditions?: readonly Condition[];
		readonly addresses?: readonly { readonly type: string; readonly address: string }[];
		readonly images?: readonly { readonly names?: readonly string[]; readonly sizeBytes?: number }[];
		readonly [field: string]: unknown;
	};
}

export interface ReplicaSetStatus {
	readonly replicas: number;
	readonly fullyLabeledReplicas?: number;
	readonly readyReplicas?: number;
	readonly availableReplicas?: number;
	readonly terminatingReplicas?: number;
	readonly observedGeneration?: number;
	readonly conditions?: readonly Condition[];
}

export interface ReplicaSet extends KubeObject {
	readonly spec: { readonly replicas?: number; readonly minReadySeconds?: number; readonly selector: LabelSelector; readonly template: PodTemplate };
	readonly status?: ReplicaSetStatus;
}

export interface DeploymentStatus {
	readonly observedGeneration?: number;
	readonly replicas?: number;
	readonly updatedReplicas?: number;
	readonly readyReplicas?: number;
	readonly availableReplicas?: number;
	readonly unavailableReplicas?: number;
	readonly terminatingReplicas?: number;
	readonly collisionCount?: number;
	readonly conditions?: readonly Condition[];
}

export interface Deployment extends KubeObject {
	readonly spec: {
		readonly replicas?: number;
		readonly selector: LabelSelector;
		readonly template: PodTemplate;
		readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxSurge?: IntOrString; readonly maxUnavailable?: IntOrString } };
		readonly minReadySeconds?: number;
		readonly revisionHistoryLimit?: number;
		readonly paused?: boolean;
		readonly progressDeadlineSeconds?: number;
	};
	readonly status?: DeploymentStatus;
}

export interface ServicePort {
	readonly name?: string;
	readonly protocol?: string;
	readonly port: number;
	readonly targetPort?: IntOrString;
	readonly nodePort?: number;
	readonly appProtocol?: string;
}

export interface Service extends KubeObject {
	readonly spec: {
		readonly type?: string;
		readonly clusterIP?: string;
		readonly selector?: Labels;
		readonly ports?: readonly ServicePort[];
		readonly publishNotReadyAddresses?: boolean;
		readonly loadBalancerClass?: string;
		readonly loadBalancerIP?: string;
		readonly [field: string]: unknown;
	};
	readonly status?: {
		readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly ipMode?: string }[] };
		readonly [field: string]: unknown;
	};
}

/** The owner reference marked as controller, if any (metav1.GetControllerOf). */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
	return object.metadata.ownerReferences?.find((r) => r.controller === true);
}

/** A reference that makes `owner` the managing controller (metav1.NewControllerRef). */
export function controllerRef(owner: KubeObject): OwnerReference {
	return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** `namespace/name`, or `name` for a cluster-wide object: a work queue's key. */
export function keyOf(object: KubeObject): string {
	const { namespace, name } = object.metadata;
	return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The inverse of `keyOf`. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
	const slash = key.indexOf('/');
	return slash < 0 ? { namespace: undefined, name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export const isDeleting = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;

/** Structural equality of plain data; a field set to undefined equals a missing one. */
export function sameData(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
	if (Array.isArray(a) || Array.isArray(b)) {
		return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => sameData(v, b[i]));
	}
	const x = a as Record<string, unknown>;
	const y = b as Record<string, unknown>;
	for (const k of Object.keys(x)) if (!sameData(x[k], y[k])) return false;
	for (const k of Object.keys(y)) if (y[k] !== undefined && x[k] === undefined) return false;
	return true;
}
