/** What a storage class can still give where: `pkg/registry/storage/csistoragecapacity`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Subdomain } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { str } from '../fields.ts';
import { table } from '../table.ts';
import { immutableErrors, invalidEach } from '../validation/field.ts';
import { quantityErrors } from '../validation/resource-names.ts';
import { selectorErrors } from '../validation/selectors.ts';

function validate(capacity: KubeObject): readonly FieldError[] {
	const name = str(capacity.storageClassName);
	const out = capacity.nodeTopology === undefined ? [] : [...selectorErrors(capacity.nodeTopology, 'nodeTopology')];
	out.push(...invalidEach('storageClassName', name, checkDns1123Subdomain(name)));
	for (const field of ['capacity', 'maximumVolumeSize']) if (capacity[field] !== undefined) out.push(...quantityErrors(field, capacity[field]));
	return out;
}

function validateUpdate(capacity: KubeObject, old: KubeObject): readonly FieldError[] {
	return ['nodeTopology', 'storageClassName'].flatMap((field) => immutableErrors(field, capacity[field], old[field]));
}

export const csistoragecapacities = defineResource({
	group: 'storage.k8s.io',
	resource: 'csistoragecapacities',
	kind: 'CSIStorageCapacity',
	validate: (_world, capacity) => validate(capacity),
	validateUpdate: (_world, capacity, old) => validateUpdate(capacity, old),
	table: table(['Name', 'StorageClassName', 'Capacity'], (_world, capacity) => [
		capacity.metadata.name,
		str(capacity.storageClassName),
		str(capacity.capacity, '<unset>'),
	]),
});
