/** Claims: `pkg/registry/core/persistentvolumeclaim`. */
import type { Json, KubeObject } from '../../types.ts';
import type { World } from '../../../kernel/world.ts';
import { claimErrors, claimUpdateErrors } from './claim-validation.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, type Fields, fill, rec, specOf, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { canonicalResourceList, canonicalResources } from './pod-defaults.ts';
import { accessModesText } from './volume-text.ts';

export function claimSpecDefaults(spec: Fields): Fields {
	return changeField(fill(spec, { volumeMode: 'Filesystem', resources: {} }), 'resources', canonicalResources);
}

function row(world: World, claim: KubeObject): readonly Json[] {
	const spec = specOf(claim);
	const status = statusOf(claim);
	const bound = str(spec.volumeName) !== '';
	return [
		claim.metadata.name,
		claim.metadata.deletionTimestamp === undefined ? str(status.phase) : 'Terminating',
		str(spec.volumeName),
		bound ? str(rec(status.capacity).storage) : '',
		bound ? accessModesText(status.accessModes) : '',
		claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? str(spec.storageClassName),
		str(spec.volumeAttributesClassName) || '<unset>',
		age(world, claim),
		str(spec.volumeMode) || '<unset>',
	];
}

export const persistentvolumeclaims = defineResource({
	group: '',
	resource: 'persistentvolumeclaims',
	kind: 'PersistentVolumeClaim',
	validate: (_world, object) => claimErrors(object),
	validateUpdate: (_world, object, old) => claimUpdateErrors(object, old),
	shortNames: ['pvc'],
	subresources: ['status'],
	newStatus: { phase: 'Pending' },
	defaults: (claim) => changePart(changePart(claim, 'spec', claimSpecDefaults), 'status', (s) => changeField(s, 'capacity', canonicalResourceList)),
	indexes: {
		byVolume: (claim) => (str(specOf(claim).volumeName) === '' ? [] : [str(specOf(claim).volumeName)]),
		byPhase: (claim) => [str(statusOf(claim).phase)],
		byClass: (claim) => [str(specOf(claim).storageClassName)],
	},
	table: table(['Name', 'Status', 'Volume', 'Capacity', 'Access Modes', 'StorageClass', 'VolumeAttributesClass', 'Age', '*VolumeMode'], row),
});
