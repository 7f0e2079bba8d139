/** The provisioner behind class `standard`: rancher.io/local-path as kind runs it. A volume is a directory on one node. */
import type { ApiClient } from '../../apiserver/client.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { isDeleting, splitKey } from '../shared/objects.ts';
import { itself } from '../shared/watching.ts';
import { CLAIMS, type Claim, classOf, isBound, PROVISIONED_BY, SELECTED_NODE, type StorageClass, VOLUMES, type Volume } from './volumes.ts';

const LOCAL_PATH = 'rancher.io/local-path';
const COMPONENT = 'rancher.io/local-path_local-path-provisioner-7dc846544d-4xk2p_1f2e7f4c-6f0c-4a35-9f0d-3a4f0c3b7a11';
const DIRECTORY = '/var/local-path-provisioner';
/** A helper pod makes, and later removes, the directory: about so long, virtual ms. */
const HELPER_MIN_MS = 1000;
const HELPER_SPREAD_MS = 1000;

export const localPathProvisioner: Controller = {
	name: 'local-path-provisioner',
	watches: { '/persistentvolumeclaims': (w, c, k) => (c.type === 'DELETED' ? [] : itself(w, c, k).map((key) => `claim:${key}`)) },
	reconcile(world, key, client, queue) {
		const at = key.indexOf(':');
		const { namespace, name } = splitKey(key.slice(at + 1));
		const claim = client.get(world, CLAIMS, namespace, name) as Claim | undefined;
		if (claim === undefined || isDeleting(claim) || isBound(claim) || (claim.spec.volumeName ?? '') !== '') return;
		if (claim.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] !== LOCAL_PATH) return;
		const storageClass = classOf(world, client, claim);
		if (storageClass === undefined || storageClass.provisioner !== LOCAL_PATH) return;
		if (client.get(world, VOLUMES, undefined, volumeName(claim)) !== undefined) return;
		const say = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
			recordEvent(world, client, { object: claim, type, reason, message, component: COMPONENT });
		if (key.startsWith('claim:')) {
			say('Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${namespace}/${name}"`);
			const problem = whyNot(claim, storageClass);
			if (problem === undefined) queue.after(`make:${namespace}/${name}`, HELPER_MIN_MS + world.randomInt(HELPER_SPREAD_MS));
			else say('Warning', 'ProvisioningFailed', `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${problem}`);
			return;
		}
		const made = client.create(world, VOLUMES, undefined, volumeFor(claim, storageClass));
		if (made.ok) say('Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volumeName(claim)}`);
		else queue.failed(key);
	},
};

const volumeName = (claim: Claim): string => `pvc-${claim.metadata.uid}`;

function whyNot(claim: Claim, storageClass: StorageClass): string | undefined {
	if (!(claim.spec.accessModes ?? []).every((m) => m === 'ReadWriteOnce' || m === 'ReadWriteOncePod')) {
		return 'NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes';
	}
	if (claim.spec.selector !== undefined) return 'claim.Spec.Selector is not supported';
	const node = claim.metadata.annotations?.[SELECTED_NODE];
	return node === undefined && storageClass.volumeBindingMode !== 'Immediate' ? 'configuration error, no node was specified' : undefined;
}

function volumeFor(claim: Claim, storageClass: StorageClass): { readonly [k: string]: unknown } {
	const { namespace, name, uid, resourceVersion } = claim.metadata;
	// With Immediate binding no pod has chosen a node yet; kind's provisioner then takes the first worker.
	const node = claim.metadata.annotations?.[SELECTED_NODE] ?? 'foothold-worker';
	return {
		apiVersion: 'v1',
		kind: 'PersistentVolume',
		metadata: {
			name: volumeName(claim),
			annotations: { 'local.path.provisioner/selected-node': node, [PROVISIONED_BY]: LOCAL_PATH },
			finalizers: ['kubernetes.io/pv-protection'],
		},
		spec: {
			capacity: { storage: claim.spec.resources?.requests?.['storage'] },
			hostPath: { path: `${DIRECTORY}/${volumeName(claim)}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
			accessModes: claim.spec.accessModes,
			claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion },
			persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
			storageClassName: storageClass.metadata.name,
			volumeMode: claim.spec.volumeMode ?? 'Filesystem',
			nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
		},
	};
}

/** Removes released volumes of its own whose class says Delete. */
export const localPathDeleter: Controller = {
	name: 'local-path-deleter',
	watches: { '/persistentvolumes': (w, c, k) => (c.type === 'DELETED' || !isReleased(c.object as Volume) ? [] : itself(w, c, k)) },
	latencyMs: HELPER_MIN_MS + HELPER_SPREAD_MS / 2,
	reconcile(world: World, name: string, client: ApiClient) {
		const volume = client.get(world, VOLUMES, undefined, name) as Volume | undefined;
		if (volume !== undefined && isReleased(volume)) client.delete(world, VOLUMES, undefined, name);
	},
};

function isReleased(v: Volume): boolean {
	return v.status?.phase === 'Released' && v.spec.persistentVolumeReclaimPolicy === 'Delete' && v.metadata.annotations?.[PROVISIONED_BY] === LOCAL_PATH;
}
