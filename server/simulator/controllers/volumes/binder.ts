/** Binds claims to volumes and asks provisioners for new ones (pkg/controller/volume/persistentvolume/pv_controller.go). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller, Requeue } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { podsUsingClaim } from '../shared/indexes.ts';
import { isDeleting, keyOf, sameData, splitKey } from '../shared/objects.ts';
import { isPodFinished } from '../shared/pods.ts';
import type { Watch } from '../shared/watching.ts';
import { itself } from '../shared/watching.ts';
import {
	BIND_COMPLETED,
	BOUND_BY_CONTROLLER,
	CLAIMS,
	type Claim,
	classNameOf,
	classOf,
	findVolume,
	isBound,
	PROVISIONED_BY,
	refersTo,
	SELECTED_NODE,
	type StorageClass,
	VOLUMES,
	type Volume,
	WAIT_FOR_CONSUMER,
} from './volumes.ts';

const COMPONENT = 'persistentvolume-controller';
/** How often an unbound claim is looked at again (--pvclaimbinder-sync-period). */
const SYNC_MS = 15_000;

/** A volume that turns up may serve the claim it names, or any that waits. */
const ofVolume: Watch = (world, change, client) => {
	const v = change.object as Volume;
	const ref = v.spec.claimRef;
	if (ref !== undefined) return [`${ref.namespace}/${ref.name}`];
	if (change.type === 'DELETED') return [];
	return (client.list(world, CLAIMS) as readonly Claim[]).filter((c) => !isBound(c)).map(keyOf);
};

const ofClass: Watch = (world, change, client) =>
	change.type === 'DELETED'
		? []
		: (client.list(world, CLAIMS) as readonly Claim[]).filter((c) => !isBound(c) && classNameOf(c) === change.object.metadata.name).map(keyOf);

export const claimBinder: Controller = {
	name: 'persistent-volume-binder',
	watches: { '/persistentvolumeclaims': itself, '/persistentvolumes': ofVolume, 'storage.k8s.io/storageclasses': ofClass },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const claim = client.get(world, CLAIMS, namespace, name) as Claim | undefined;
		if (claim === undefined) return;
		const s: Sync = { world, client, queue, key };
		if (claim.metadata.annotations?.[BIND_COMPLETED] === undefined) syncUnbound(s, claim);
		else syncBound(s, claim);
	},
};

interface Sync {
	readonly world: World;
	readonly client: ApiClient;
	readonly queue: Requeue;
	readonly key: string;
}

function event(s: Sync, claim: Claim, type: 'Normal' | 'Warning', reason: string, message: string): void {
	recordEvent(s.world, s.client, { object: claim, type, reason, message, component: COMPONENT });
}

function setPhase(s: Sync, claim: Claim, status: NonNullable<Claim['status']>): void {
	if (sameData(claim.status, status)) return;
	if (!s.client.updateStatus(s.world, CLAIMS, { ...claim, status }).ok) s.queue.failed(s.key);
}

function syncUnbound(s: Sync, claim: Claim): void {
	if (isDeleting(claim)) return;
	const named = claim.spec.volumeName ?? '';
	if (named === '') {
		const storageClass = classOf(s.world, s.client, claim);
		const waits = storageClass?.volumeBindingMode === WAIT_FOR_CONSUMER && claim.metadata.annotations?.[SELECTED_NODE] === undefined;
		const found = findVolume(s.world, s.client, claim);
		const volume = waits && found !== undefined && !refersTo(found, claim) ? undefined : found;
		if (volume !== undefined) bind(s, claim, volume);
		else wait(s, claim, storageClass, waits);
		return;
	}
	const volume = s.client.get(s.world, VOLUMES, undefined, named) as Volume | undefined;
	if (volume === undefined) {
		setPhase(s, claim, { phase: 'Pending' });
		s.queue.after(s.key, SYNC_MS);
	} else if (volume.spec.claimRef === undefined || refersTo(volume, claim)) bind(s, claim, volume);
	else {
		event(s, claim, 'Warning', 'FailedBinding', `volume "${named}" already bound to a different claim.`);
		setPhase(s, claim, { phase: 'Pending' });
		s.queue.after(s.key, SYNC_MS);
	}
}

function wait(s: Sync, claim: Claim, storageClass: StorageClass | undefined, waits: boolean): void {
	if (waits) {
		const pod = podsUsingClaim(s.world, s.client, claim.metadata.namespace ?? '', claim.metadata.name).find(
			(p) => !isPodFinished(p) && (p.spec.nodeName ?? '') === '',
		);
		if (pod === undefined) event(s, claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
		else event(s, claim, 'Normal', 'WaitForPodScheduled', `waiting for pod ${pod.metadata.name} to be scheduled`);
	} else if (classNameOf(claim) !== '') provision(s, claim, storageClass);
	else event(s, claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
	const now = s.client.get(s.world, CLAIMS, claim.metadata.namespace, claim.metadata.name) as Claim | undefined;
	if (now !== undefined) setPhase(s, now, { phase: 'Pending' });
	s.queue.after(s.key, SYNC_MS);
}

function provision(s: Sync, claim: Claim, storageClass: StorageClass | undefined): void {
	if (storageClass === undefined) {
		event(s, claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${classNameOf(claim)}" not found`);
		return;
	}
	const { provisioner } = storageClass;
	if (provisioner === 'kubernetes.io/no-provisioner') {
		event(s, claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
		return;
	}
	const annotations = {
		...claim.metadata.annotations,
		'volume.beta.kubernetes.io/storage-provisioner': provisioner,
		'volume.kubernetes.io/storage-provisioner': provisioner,
	};
	if (!sameData(annotations, claim.metadata.annotations)) s.client.update(s.world, CLAIMS, { ...claim, metadata: { ...claim.metadata, annotations } });
	const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
	event(s, claim, 'Normal', 'ExternalProvisioning', message);
}

/** Both sides point at each other, both are Bound (bind). */
function bind(s: Sync, claim: Claim, volume: Volume): void {
	const { namespace, name, uid, resourceVersion } = claim.metadata;
	let held = volume;
	if (held.spec.claimRef?.uid !== uid) {
		const byUs = held.spec.claimRef === undefined;
		const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
		const annotations = byUs ? { ...held.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' } : held.metadata.annotations;
		const outcome = s.client.update(s.world, VOLUMES, { ...held, metadata: { ...held.metadata, annotations }, spec: { ...held.spec, claimRef } });
		if (!outcome.ok) {
			s.queue.failed(s.key);
			return;
		}
		held = outcome.value as Volume;
	}
	if (held.status?.phase !== 'Bound') s.client.updateStatus(s.world, VOLUMES, { ...held, status: { ...held.status, phase: 'Bound' } });
	const chosenByUs = (claim.spec.volumeName ?? '') === '';
	const annotations = { ...claim.metadata.annotations, [BIND_COMPLETED]: 'yes', ...(chosenByUs ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}) };
	const bound = s.client.update(s.world, CLAIMS, {
		...claim,
		metadata: { ...claim.metadata, annotations },
		spec: { ...claim.spec, volumeName: held.metadata.name },
	});
	if (!bound.ok) {
		s.queue.failed(s.key);
		return;
	}
	setPhase(s, bound.value as Claim, { phase: 'Bound', accessModes: held.spec.accessModes, capacity: held.spec.capacity });
}

function syncBound(s: Sync, claim: Claim): void {
	const lost = (reason: string, message: string): void => {
		if (claim.status?.phase === 'Lost') return;
		setPhase(s, claim, { ...claim.status, phase: 'Lost' });
		event(s, claim, 'Warning', reason, message);
	};
	const named = claim.spec.volumeName ?? '';
	if (named === '') {
		lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
		return;
	}
	const volume = s.client.get(s.world, VOLUMES, undefined, named) as Volume | undefined;
	if (volume === undefined) lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
	else if (volume.spec.claimRef === undefined || volume.spec.claimRef.uid === claim.metadata.uid) {
		if (volume.spec.claimRef === undefined || claim.status?.phase !== 'Bound') bind(s, claim, volume);
	} else lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

/** Volumes' own phases: Available, Bound, Released; and what happens to a released one (syncVolume, reclaimVolume). */
export const volumeReclaimer: Controller = {
	name: 'persistent-volume-reclaimer',
	watches: {
		'/persistentvolumes': itself,
		'/persistentvolumeclaims': (_world, change) => {
			const name = (change.object as Claim).spec.volumeName ?? '';
			return change.type === 'DELETED' && name !== '' ? [name] : [];
		},
	},
	reconcile(world, name, client, queue) {
		const volume = client.get(world, VOLUMES, undefined, name) as Volume | undefined;
		if (volume === undefined || isDeleting(volume)) return;
		const ref = volume.spec.claimRef;
		const setVolumePhase = (phase: string): void => {
			if (volume.status?.phase === phase) return;
			const timed = { ...volume.status, phase };
			if (!client.updateStatus(world, VOLUMES, { ...volume, status: timed }).ok) queue.failed(name);
		};
		if (ref === undefined || ref.uid === undefined || ref.uid === '') {
			setVolumePhase('Available');
			return;
		}
		const claim = client.get(world, CLAIMS, ref.namespace, ref.name ?? '') as Claim | undefined;
		if (claim !== undefined && claim.metadata.uid === ref.uid) return;
		setVolumePhase('Released');
		if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete' || volume.metadata.annotations?.[PROVISIONED_BY] !== undefined) return;
		const message = `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`;
		recordEvent(world, client, { object: volume, type: 'Warning', reason: 'VolumeFailedDelete', message, component: COMPONENT });
	},
};
