/** persistentVolumeClaimRetentionPolicy: claims that go with their set, or with a replica scaled away (updateClaimOwnerRefForSetAndPod). */
import type { OwnerReference } from '../../apiserver/types.ts';
import type { Controller } from '../controller.ts';
import { controllerRef, isDeleting, sameData, splitKey } from '../shared/objects.ts';
import { itself, itsOwner } from '../shared/watching.ts';
import { claimName, ordinalOf, type StatefulSet } from './identity.ts';
import type { Pod } from '../shared/objects.ts';

export const claimRetention: Controller = {
	name: 'statefulset-claim-retention',
	watches: { 'apps/statefulsets': itself, '/pods': (w, c, k) => (c.type === 'MODIFIED' ? [] : itsOwner('StatefulSet')(w, c, k)) },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const set = client.get(world, 'apps/v1/statefulsets', namespace, name) as StatefulSet | undefined;
		const policy = set?.spec.persistentVolumeClaimRetentionPolicy;
		if (set === undefined || isDeleting(set) || policy === undefined || (policy.whenDeleted !== 'Delete' && policy.whenScaled !== 'Delete')) return;
		const first = set.spec.ordinals?.start ?? 0;
		for (const pod of client.byIndex(world, 'v1/pods', 'byOwner', set.metadata.uid) as readonly Pod[]) {
			const ordinal = ordinalOf(set, pod);
			const condemned = ordinal < first || ordinal >= first + (set.spec.replicas ?? 1);
			for (const t of set.spec.volumeClaimTemplates ?? []) {
				const claim = client.get(world, 'v1/persistentvolumeclaims', namespace, claimName(set, t, ordinal));
				if (claim === undefined) continue;
				const others = (claim.metadata.ownerReferences ?? []).filter((r) => r.uid !== set.metadata.uid && r.uid !== pod.metadata.uid);
				const byPod: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid };
				const refs = [...others, ...(policy.whenScaled === 'Delete' && condemned ? [byPod] : policy.whenDeleted === 'Delete' ? [controllerRef(set)] : [])];
				if (sameData(refs, claim.metadata.ownerReferences ?? [])) continue;
				if (!client.update(world, 'v1/persistentvolumeclaims', { ...claim, metadata: { ...claim.metadata, ownerReferences: refs } }).ok) queue.failed(key);
			}
		}
	},
};
