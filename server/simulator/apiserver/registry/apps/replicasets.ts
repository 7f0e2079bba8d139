/** Replica sets: `pkg/registry/apps/replicaset`. */
import { templateDefaults } from '../core/pod-defaults.ts';
import { defineResource } from '../define.ts';
import { changePart, fill, num, rec, specOf, statusOf } from '../fields.ts';
import { age, containerCells, formatSelector, table } from '../table.ts';
import { namedWorkloadWarnings, replicaSetErrors, selectorUpdateErrors } from './workload-validation.ts';

export const replicasets = defineResource({
	group: 'apps',
	resource: 'replicasets',
	kind: 'ReplicaSet',
	generation: true,
	shortNames: ['rs'],
	categories: ['all'],
	subresources: ['status', 'scale'],
	newStatus: { replicas: 0 },
	scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector: '.spec.selector' },
	defaults: (object) => changePart(object, 'spec', (spec) => templateDefaults(fill(spec, { replicas: 1 }))),
	validate: (_world, object) => replicaSetErrors(specOf(object)),
	validateUpdate: (_world, object, old) => [...replicaSetErrors(specOf(object)), ...selectorUpdateErrors(object, old)],
	warnings: (_world, object) => namedWorkloadWarnings(object),
	selectableFields: (object) => ({ 'status.replicas': String(num(statusOf(object).replicas)) }),
	table: table(['Name', 'Desired:integer', 'Current:integer', 'Ready:integer', 'Age', '*Containers', '*Images', '*Selector'], (world, object) => {
		const spec = specOf(object);
		const status = statusOf(object);
		return [
			object.metadata.name,
			num(spec.replicas),
			num(status.replicas),
			num(status.readyReplicas),
			age(world, object),
			...containerCells(rec(spec.template).spec),
			formatSelector(spec.selector),
		];
	}),
});
