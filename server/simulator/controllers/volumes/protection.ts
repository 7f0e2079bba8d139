/** Claims in use by a pod and volumes bound to a claim stay until they aren't (pkg/controller/volume/{pvc,pv}protection). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller } from '../controller.ts';
import { claimNames, podsUsingClaim } from '../shared/indexes.ts';
import { isDeleting, type Pod, splitKey } from '../shared/objects.ts';
import { isPodFinished } from '../shared/pods.ts';
import { itself } from '../shared/watching.ts';
import { CLAIMS, VOLUMES, type Volume } from './volumes.ts';

const ON_CLAIM = 'kubernetes.io/pvc-protection';
const ON_VOLUME = 'kubernetes.io/pv-protection';

/** Adds the finalizer to a living object, takes it off one that is deleted and no longer used. False where the write failed. */
function protect(world: World, client: ApiClient, path: string, object: KubeObject, finalizer: string, inUse: boolean): boolean {
	const held = object.metadata.finalizers ?? [];
	const has = held.includes(finalizer);
	if (isDeleting(object) ? !has || inUse : has) return true;
	const finalizers = isDeleting(object) ? held.filter((f) => f !== finalizer) : [...held, finalizer];
	const outcome = client.update(world, path, { ...object, metadata: { ...object.metadata, finalizers } });
	return outcome.ok || outcome.status.reason === 'NotFound';
}

export const claimProtection: Controller = {
	name: 'pvc-protection',
	watches: {
		'/persistentvolumeclaims': itself,
		'/pods': (_world, change) => {
			const pod = change.object as Pod;
			if (change.type === 'ADDED' || (change.type === 'MODIFIED' && !isPodFinished(pod))) return [];
			return claimNames(pod).map((c) => `${pod.metadata.namespace}/${c}`);
		},
	},
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const claim = client.get(world, CLAIMS, namespace, name);
		if (claim === undefined) return;
		const inUse = isDeleting(claim) && podsUsingClaim(world, client, namespace ?? '', name).some((p) => !isPodFinished(p));
		if (!protect(world, client, CLAIMS, claim, ON_CLAIM, inUse)) queue.failed(key);
	},
};

export const volumeProtection: Controller = {
	name: 'pv-protection',
	watches: { '/persistentvolumes': itself },
	reconcile(world, name, client, queue) {
		const volume = client.get(world, VOLUMES, undefined, name) as Volume | undefined;
		if (volume !== undefined && !protect(world, client, VOLUMES, volume, ON_VOLUME, volume.status?.phase === 'Bound')) queue.failed(name);
	},
};
