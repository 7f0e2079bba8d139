/** The devices that drivers have to give: `pkg/registry/resource/resourceslice`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { invalidValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { num, rec, specOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { driverNameErrors } from '../storage/csinodes.ts';
import { immutableErrors } from '../validation/field.ts';
import { devicesErrors } from './device-validation.ts';

const WHERE = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

function validate(slice: KubeObject): readonly FieldError[] {
	const spec = specOf(slice);
	const pool = rec(spec.pool);
	const out = [...driverNameErrors('spec.driver', str(spec.driver))];
	if (str(pool.name) === '') out.push(requiredValue('spec.pool.name'));
	if (num(pool.resourceSliceCount) <= 0) out.push(invalidValue('spec.pool.resourceSliceCount', num(pool.resourceSliceCount), 'must be greater than zero'));
	if (num(pool.generation) < 0) out.push(invalidValue('spec.pool.generation', pool.generation, 'must be greater than or equal to zero'));
	const where = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'].filter((f) => spec[f] !== undefined && spec[f] !== '');
	// Counters that devices share may stand in a slice of their own, which is nowhere.
	if (where.length === 0 && spec.sharedCounters === undefined) out.push(requiredValue('spec', WHERE));
	else if (where.length > 1) out.push(invalidValue('spec', `{${where.map((f) => `\`${f}\``).join(', ')}}`, WHERE));
	return [...out, ...devicesErrors(spec.devices, 'spec.devices')];
}

export const resourceslices = defineResource({
	group: 'resource.k8s.io',
	resource: 'resourceslices',
	kind: 'ResourceSlice',
	namespaced: false,
	generation: true,
	validate: (_world, slice) => validate(slice),
	validateUpdate: (_world, slice, old) => [
		...validate(slice),
		...['driver', 'nodeName'].flatMap((f) => immutableErrors(`spec.${f}`, specOf(slice)[f], specOf(old)[f])),
		...immutableErrors('spec.pool.name', rec(specOf(slice).pool).name, rec(specOf(old).pool).name),
	],
	selectableFields: (slice) => ({ 'spec.nodeName': str(specOf(slice).nodeName), 'spec.driver': str(specOf(slice).driver) }),
	indexes: { byNode: (slice) => [str(specOf(slice).nodeName)] },
	table: table(['Name', 'Node', 'Driver', 'Pool', 'Age'], (world, slice) => {
		const spec = specOf(slice);
		return [slice.metadata.name, str(spec.nodeName), str(spec.driver), str(rec(spec.pool).name), age(world, slice)];
	}),
});
