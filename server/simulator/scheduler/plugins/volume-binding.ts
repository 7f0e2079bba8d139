/** VolumeBinding: the pod's claims must be bound to volumes the node reaches, or be able to be bound there. */
import { claimNames } from '../../controllers/shared/indexes.ts';
import type { Pod } from '../../controllers/shared/objects.ts';
import { nodeSelectorMatches } from '../../controllers/shared/selectors.ts';
import { type Claim, classOf, findVolume, isBound, type StorageClass, type Volume, WAIT_FOR_CONSUMER } from '../../controllers/volumes/volumes.ts';
import { type Cycle, NOTHING, type Plugin, type Refused } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';

const NODE_CONFLICT: Refused = { reasons: ["node(s) didn't match PersistentVolume's node affinity"], final: true };
const BIND_CONFLICT: Refused = { reasons: ["node(s) didn't find available persistent volumes to bind"], final: true };

/** A pod's claims sorted by what is still to be done about them. */
export interface PodClaims {
	readonly bound: readonly Volume[];
	/** Waiting for this pod's place. */
	readonly waiting: readonly Claim[];
	/** Why the pod can't be placed at all. */
	readonly refused?: string;
}

export function podClaims(cycle: Pick<Cycle, 'world' | 'client'>, pod: Pod): PodClaims {
	const { world, client } = cycle;
	const bound: Volume[] = [];
	const waiting: Claim[] = [];
	let immediate = false;
	for (const name of claimNames(pod)) {
		const claim = client.get(world, 'v1/persistentvolumeclaims', pod.metadata.namespace, name) as Claim | undefined;
		if (claim === undefined) return { bound, waiting, refused: `persistentvolumeclaim "${name}" not found` };
		if (claim.metadata.deletionTimestamp !== undefined) return { bound, waiting, refused: `persistentvolumeclaim "${name}" is being deleted` };
		if (claim.status?.phase === 'Lost') {
			return { bound, waiting, refused: `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"` };
		}
		if (isBound(claim)) {
			const volume = client.get(world, 'v1/persistentvolumes', undefined, claim.spec.volumeName ?? '') as Volume | undefined;
			if (volume === undefined)
				return { bound, waiting, refused: `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"` };
			bound.push(volume);
		} else if (classOf(world, client, claim)?.volumeBindingMode === WAIT_FOR_CONSUMER && (claim.spec.volumeName ?? '') === '') waiting.push(claim);
		else immediate = true;
	}
	return immediate ? { bound, waiting, refused: 'pod has unbound immediate PersistentVolumeClaims' } : { bound, waiting };
}

/** Whether the class could make a volume on the node: it has a provisioner, and its topologies allow it. */
function canProvision(storageClass: StorageClass | undefined, node: NodeInfo): boolean {
	if (storageClass === undefined || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false;
	const allowed = storageClass.allowedTopologies ?? [];
	return allowed.length === 0 || allowed.some((t) => (t.matchLabelExpressions ?? []).every((e) => e.values.includes(node.labels[e.key] ?? '\u0000')));
}

export const volumeBinding: Plugin = {
	name: 'VolumeBinding',
	prepare(cycle) {
		if (cycle.pod.spec.volumes === undefined || claimNames(cycle.pod).length === 0) return NOTHING;
		const { world, client } = cycle;
		const claims = podClaims(cycle, cycle.pod);
		if (claims.refused !== undefined) return { refused: claims.refused };
		return {
			filter: (node) => {
				for (const v of claims.bound) {
					const required = v.spec.nodeAffinity?.required;
					if (required !== undefined && !nodeSelectorMatches(required, node.name, node.labels)) return NODE_CONFLICT;
				}
				for (const c of claims.waiting) {
					const found = findVolume(world, client, c, node);
					if (found === undefined && !canProvision(classOf(world, client, c), node)) return BIND_CONFLICT;
				}
				return undefined;
			},
		};
	},
};
