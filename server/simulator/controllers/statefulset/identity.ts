/** A stateful set's pods and claims: names, labels, storage (pkg/controller/statefulset/stateful_set_utils.go). */
import type { KubeObject } from '../../apiserver/types.ts';
import { controllerRef, type IntOrString, type LabelSelector, type Pod, type PodTemplate } from '../shared/objects.ts';
import type { Condition } from '../shared/objects.ts';
import { podFromTemplate } from '../shared/create-pod.ts';

export interface ClaimTemplate {
	readonly metadata: { readonly name: string; readonly labels?: { readonly [k: string]: string }; readonly annotations?: { readonly [k: string]: string } };
	readonly spec: unknown;
}

export interface StatefulSet extends KubeObject {
	readonly spec: {
		readonly replicas?: number;
		readonly selector: LabelSelector;
		readonly template: PodTemplate;
		readonly serviceName?: string;
		readonly podManagementPolicy?: string;
		readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number; readonly maxUnavailable?: IntOrString } };
		readonly revisionHistoryLimit?: number;
		readonly volumeClaimTemplates?: readonly ClaimTemplate[];
		readonly minReadySeconds?: number;
		readonly ordinals?: { readonly start?: number };
		readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
	};
	readonly status?: {
		readonly observedGeneration?: number;
		readonly replicas: number;
		readonly readyReplicas?: number;
		readonly currentReplicas?: number;
		readonly updatedReplicas?: number;
		readonly currentRevision?: string;
		readonly updateRevision?: string;
		readonly collisionCount?: number;
		readonly availableReplicas?: number;
		readonly conditions?: readonly Condition[];
	};
}

export const REVISION_LABEL = 'controller-revision-hash';

/** The number at the end of a pod's name; -1 where the name isn't the set's. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
	const prefix = `${set.metadata.name}-`;
	const { name } = pod.metadata;
	return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)) ? Number(name.slice(prefix.length)) : -1;
}

export const claimName = (set: StatefulSet, template: ClaimTemplate, ordinal: number): string => `${template.metadata.name}-${set.metadata.name}-${ordinal}`;

export function newPod(set: StatefulSet, template: PodTemplate, revision: string, ordinal: number): { readonly [k: string]: unknown } {
	const name = `${set.metadata.name}-${ordinal}`;
	const pod = podFromTemplate(set, template, {
		name,
		labels: { 'statefulset.kubernetes.io/pod-name': name, 'apps.kubernetes.io/pod-index': String(ordinal), [REVISION_LABEL]: revision },
	});
	const claims = set.spec.volumeClaimTemplates ?? [];
	const named = new Set(claims.map((c) => c.metadata.name));
	const volumes = [
		...claims.map((c) => ({ name: c.metadata.name, persistentVolumeClaim: { claimName: claimName(set, c, ordinal) } })),
		...(template.spec.volumes ?? []).filter((v) => !named.has(v.name)),
	];
	const spec = { ...template.spec, hostname: name, subdomain: set.spec.serviceName ?? '', ...(volumes.length > 0 ? { volumes } : {}) };
	return { ...pod, spec };
}

export function newClaim(set: StatefulSet, template: ClaimTemplate, ordinal: number): { readonly [k: string]: unknown } {
	return {
		apiVersion: 'v1',
		kind: 'PersistentVolumeClaim',
		metadata: {
			name: claimName(set, template, ordinal),
			namespace: set.metadata.namespace,
			labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
			...(template.metadata.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
			...(set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete' ? { ownerReferences: [{ ...controllerRef(set) }] } : {}),
		},
		spec: template.spec,
	};
}
