/** Persistent volumes: `pkg/registry/core/persistentvolume`. */
import type { KubeObject } from '../../types.ts';
import { volumeErrors, volumeUpdateErrors } from './claim-validation.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, type Fields, fill, rec, specOf, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { canonicalResourceList } from './pod-defaults.ts';
import { accessModesText } from './volume-text.ts';

function specDefaults(spec: Fields): Fields {
	const s = fill(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
	return changeField(
		changeField(s, 'hostPath', (h) => fill(h, { type: '' })),
		'capacity',
		canonicalResourceList,
	);
}

/** `namespace/name` of the claim it is bound or reserved to, '' for none. */
function claimOf(volume: KubeObject): string {
	const ref = rec(specOf(volume).claimRef);
	return str(ref.name) === '' ? '' : `${str(ref.namespace)}/${str(ref.name)}`;
}

const classOf = (volume: KubeObject): string =>
	volume.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? str(specOf(volume).storageClassName);

export const persistentvolumes = defineResource({
	group: '',
	resource: 'persistentvolumes',
	kind: 'PersistentVolume',
	validate: (_world, object) => volumeErrors(object),
	validateUpdate: (_world, object, old) => volumeUpdateErrors(object, old),
	shortNames: ['pv'],
	namespaced: false,
	subresources: ['status'],
	newStatus: { phase: 'Pending' },
	defaults: (volume) => changePart(volume, 'spec', specDefaults),
	indexes: { byClaim: (volume) => (claimOf(volume) === '' ? [] : [claimOf(volume)]), byClass: (volume) => [classOf(volume)] },
	table: table(
		['Name', 'Capacity', 'Access Modes', 'Reclaim Policy', 'Status', 'Claim', 'StorageClass', 'VolumeAttributesClass', 'Reason', 'Age', '*VolumeMode'],
		(world, volume) => {
			const spec = specOf(volume);
			const status = statusOf(volume);
			return [
				volume.metadata.name,
				str(rec(spec.capacity).storage),
				accessModesText(spec.accessModes),
				str(spec.persistentVolumeReclaimPolicy),
				volume.metadata.deletionTimestamp === undefined ? str(status.phase) : 'Terminating',
				claimOf(volume),
				classOf(volume),
				str(spec.volumeAttributesClassName) || '<unset>',
				str(status.reason),
				age(world, volume),
				str(spec.volumeMode) || '<unset>',
			];
		},
	),
});
