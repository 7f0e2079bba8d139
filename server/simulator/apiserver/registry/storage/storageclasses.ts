/** Storage classes: `pkg/registry/storage/storageclass`. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { fill, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { forbiddenValue, notSupportedValue, requiredValue } from '../../validation.ts';

const DEFAULT_CLASS_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';

export function isDefaultClass(storageClass: KubeObject): boolean {
	const a = storageClass.metadata.annotations;
	return a?.[DEFAULT_CLASS_ANNOTATION] === 'true' || a?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true';
}

function validate(sc: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	if (str(sc.provisioner) === '') out.push(requiredValue('provisioner'));
	if (sc.reclaimPolicy !== 'Delete' && sc.reclaimPolicy !== 'Retain') out.push(notSupportedValue('reclaimPolicy', sc.reclaimPolicy, ['Delete', 'Retain']));
	if (sc.volumeBindingMode !== 'Immediate' && sc.volumeBindingMode !== 'WaitForFirstConsumer') {
		out.push(notSupportedValue('volumeBindingMode', sc.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']));
	}
	return out;
}

function validateUpdate(sc: KubeObject, old: KubeObject): readonly FieldError[] {
	const out = [...validate(sc)];
	for (const field of ['parameters', 'provisioner', 'reclaimPolicy']) {
		if (!sameData(sc[field], old[field])) out.push(forbiddenValue(field, `updates to ${field} are forbidden.`));
	}
	if (sc.volumeBindingMode !== old.volumeBindingMode) out.push(forbiddenValue('volumeBindingMode', 'field is immutable'));
	return out;
}

export const storageclasses = defineResource({
	group: 'storage.k8s.io',
	resource: 'storageclasses',
	kind: 'StorageClass',
	shortNames: ['sc'],
	namespaced: false,
	defaults: (sc) => fill(sc, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }) as KubeObject,
	validate: (_world, sc) => validate(sc),
	validateUpdate: (_world, sc, old) => validateUpdate(sc, old),
	table: table(['Name', 'Provisioner', 'ReclaimPolicy', 'VolumeBindingMode', 'AllowVolumeExpansion', 'Age'], (world, sc) => [
		isDefaultClass(sc) ? `${sc.metadata.name} (default)` : sc.metadata.name,
		str(sc.provisioner),
		str(sc.reclaimPolicy),
		str(sc.volumeBindingMode),
		sc.allowVolumeExpansion === true ? 'true' : 'false',
		age(world, sc),
	]),
});
