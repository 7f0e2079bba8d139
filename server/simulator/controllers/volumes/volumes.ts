/** Claims, volumes and classes as the volume controllers and the scheduler read them (pkg/controller/volume/persistentvolume). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import { volumesFor } from '../shared/indexes.ts';
import { keyOf, type LabelSelector, type Labels, type NodeSelector } from '../shared/objects.ts';
import { quantityValue } from '../../apiserver/registry/quantity.ts';
import { nodeSelectorMatches, selectorMatches } from '../shared/selectors.ts';

export interface Claim extends KubeObject {
	readonly spec: {
		readonly accessModes?: readonly string[];
		readonly resources?: { readonly requests?: Labels };
		readonly storageClassName?: string;
		readonly volumeName?: string;
		readonly volumeMode?: string;
		readonly selector?: LabelSelector;
		readonly [field: string]: unknown;
	};
	readonly status?: { readonly phase?: string; readonly [field: string]: unknown };
}

export interface Volume extends KubeObject {
	readonly spec: {
		readonly capacity?: Labels;
		readonly accessModes?: readonly string[];
		readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string; readonly [field: string]: unknown };
		readonly persistentVolumeReclaimPolicy?: string;
		readonly storageClassName?: string;
		readonly volumeMode?: string;
		readonly nodeAffinity?: { readonly required?: NodeSelector };
		readonly [field: string]: unknown;
	};
	readonly status?: { readonly phase?: string; readonly [field: string]: unknown };
}

export interface StorageClass extends KubeObject {
	readonly provisioner: string;
	readonly reclaimPolicy?: string;
	readonly volumeBindingMode?: string;
	readonly allowedTopologies?: readonly { readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[] }[];
	readonly mountOptions?: readonly string[];
}

export const CLAIMS = 'v1/persistentvolumeclaims';
export const VOLUMES = 'v1/persistentvolumes';
export const CLASSES = 'storage.k8s.io/v1/storageclasses';
export const WAIT_FOR_CONSUMER = 'WaitForFirstConsumer';
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** Bound for good: the claim names its volume and the binding was completed. */
export function isBound(claim: Claim): boolean {
	return (claim.spec.volumeName ?? '') !== '' && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

export function classNameOf(object: Claim | Volume): string {
	return object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec.storageClassName ?? '';
}

export function classOf(world: World, client: ApiClient, claim: Claim): StorageClass | undefined {
	const name = classNameOf(claim);
	return name === '' ? undefined : (client.get(world, CLASSES, undefined, name) as StorageClass | undefined);
}

export function refersTo(volume: Volume, claim: Claim): boolean {
	const ref = volume.spec.claimRef;
	return (
		ref !== undefined &&
		ref.name === claim.metadata.name &&
		ref.namespace === claim.metadata.namespace &&
		(ref.uid === undefined || ref.uid === '' || ref.uid === claim.metadata.uid)
	);
}

const capacity = (v: Volume): number => quantityValue(v.spec.capacity?.['storage']);

/**
 * The volume a claim should be bound to: one reserved for it, else the smallest free one that does
 * (volume.FindMatchingVolume). With `node`, only volumes that node reaches.
 */
export function findVolume(world: World, client: ApiClient, claim: Claim, node?: { readonly name: string; readonly labels: Labels }): Volume | undefined {
	const wanted = quantityValue(claim.spec.resources?.requests?.['storage']);
	let best: Volume | undefined;
	for (const v of volumesFor(world, client, keyOf(claim)) as readonly Volume[]) {
		if (v.metadata.deletionTimestamp !== undefined) continue;
		if (refersTo(v, claim)) return v;
		if (v.spec.claimRef !== undefined || (v.status?.phase ?? 'Available') !== 'Available') continue;
		if (classNameOf(v) !== classNameOf(claim) || capacity(v) < wanted) continue;
		if ((v.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem')) continue;
		if (!(claim.spec.accessModes ?? []).every((m) => v.spec.accessModes?.includes(m))) continue;
		if (claim.spec.selector !== undefined && !selectorMatches(claim.spec.selector, v.metadata.labels)) continue;
		const required = v.spec.nodeAffinity?.required;
		if (node !== undefined && required !== undefined && !nodeSelectorMatches(required, node.name, node.labels)) continue;
		if (best === undefined || capacity(v) < capacity(best)) best = v;
	}
	return best;
}
