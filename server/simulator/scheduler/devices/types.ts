/** Claims, classes and slices of dynamic resource allocation, as the scheduler and the claim controller read them (resource.k8s.io/v1). */
import type { KubeObject } from '../../apiserver/types.ts';
import type { NodeSelector, Toleration } from '../../controllers/shared/objects.ts';

export const CLAIMS = 'resource.k8s.io/v1/resourceclaims';
export const CLASSES = 'resource.k8s.io/v1/deviceclasses';
export const SLICES = 'resource.k8s.io/v1/resourceslices';
export const TEMPLATES = 'resource.k8s.io/v1/resourceclaimtemplates';
/** Keeps a claim as long as devices are allocated to it. */
export const DELETE_PROTECTION = 'resource.kubernetes.io/delete-protection';

export interface Selector {
	readonly cel?: { readonly expression: string };
}

/** What one request asks of devices; a sub-request of `firstAvailable` says the same. */
export interface Ask {
	readonly deviceClassName: string;
	readonly selectors?: readonly Selector[];
	readonly allocationMode: string;
	readonly count?: number;
	readonly adminAccess?: boolean;
	readonly tolerations?: readonly Toleration[];
}

export interface DeviceRequest {
	readonly name: string;
	readonly exactly?: Ask;
	readonly firstAvailable?: readonly (Ask & { readonly name: string })[];
}

export interface Constraint {
	readonly requests?: readonly string[];
	readonly matchAttribute?: string;
	readonly distinctAttribute?: string;
}

export interface Config {
	readonly requests?: readonly string[];
	readonly opaque?: unknown;
}

/** One device that a request got. */
export interface Allocated {
	readonly request: string;
	readonly driver: string;
	readonly pool: string;
	readonly device: string;
	readonly adminAccess?: boolean;
}

export interface Consumer {
	readonly resource: string;
	readonly name: string;
	readonly uid: string;
}

export interface ClaimStatus {
	readonly allocation?: { readonly devices: { readonly results: readonly Allocated[] }; readonly nodeSelector?: NodeSelector };
	readonly reservedFor?: readonly Consumer[];
}

export interface ResourceClaim extends KubeObject {
	readonly spec: {
		readonly devices?: { readonly requests?: readonly DeviceRequest[]; readonly constraints?: readonly Constraint[]; readonly config?: readonly Config[] };
	};
	readonly status?: ClaimStatus;
}

export interface DeviceClass extends KubeObject {
	readonly spec: { readonly selectors?: readonly Selector[]; readonly config?: readonly Config[] };
}

export interface Device {
	readonly name: string;
	readonly attributes?: { readonly [name: string]: { readonly [kind: string]: unknown } };
	readonly capacity?: { readonly [name: string]: { readonly value: string } };
	readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

export interface ResourceSlice extends KubeObject {
	readonly spec: {
		readonly driver: string;
		readonly pool: { readonly name: string; readonly generation: number; readonly resourceSliceCount: number };
		readonly nodeName?: string;
		readonly nodeSelector?: NodeSelector;
		readonly allNodes?: boolean;
		readonly devices?: readonly Device[];
	};
}

/** A claim that a pod names, or has had made for it. */
export interface PodClaim {
	readonly name: string;
	readonly resourceClaimName?: string;
	readonly resourceClaimTemplateName?: string;
}
