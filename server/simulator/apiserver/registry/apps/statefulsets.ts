/** Stateful sets: `pkg/registry/apps/statefulset`. */
import { claimSpecDefaults } from '../core/persistentvolumeclaims.ts';
import { templateDefaults } from '../core/pod-defaults.ts';
import { defineResource } from '../define.ts';
import { changeField, changeItems, changePart, type Fields, fill, num, rec, specOf, statusOf } from '../fields.ts';
import { age, containerCells, table } from '../table.ts';
import { namedWorkloadWarnings, statefulSetErrors, statefulSetUpdateErrors } from './workload-validation.ts';

const SPEC = {
	podManagementPolicy: 'OrderedReady',
	updateStrategy: {},
	replicas: 1,
	revisionHistoryLimit: 10,
	persistentVolumeClaimRetentionPolicy: {},
};

function specDefaults(spec: Fields): Fields {
	let s = fill(spec, SPEC);
	s = changeField(s, 'persistentVolumeClaimRetentionPolicy', (policy) => fill(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }));
	s = changeField(s, 'updateStrategy', (strategy) => {
		const filled = fill(strategy, { type: 'RollingUpdate' });
		return filled.type === 'RollingUpdate' ? { ...filled, rollingUpdate: fill(rec(filled.rollingUpdate), { partition: 0 }) } : filled;
	});
	s = changeItems(s, 'volumeClaimTemplates', (claim) => {
		const filled = fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
		return { ...filled, spec: claimSpecDefaults(rec(filled.spec)), status: fill(rec(filled.status), { phase: 'Pending' }) };
	});
	return templateDefaults(s);
}

export const statefulsets = defineResource({
	group: 'apps',
	resource: 'statefulsets',
	kind: 'StatefulSet',
	generation: true,
	shortNames: ['sts'],
	categories: ['all'],
	subresources: ['status', 'scale'],
	newStatus: { replicas: 0, availableReplicas: 0 },
	scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector: '.spec.selector' },
	defaults: (object) => changePart(object, 'spec', specDefaults),
	validate: (_world, object) => statefulSetErrors(specOf(object)),
	validateUpdate: (_world, object, old) => [...statefulSetErrors(specOf(object)), ...statefulSetUpdateErrors(object, old)],
	warnings: (_world, object) => namedWorkloadWarnings(object),
	table: table(['Name', 'Ready', 'Age', '*Containers', '*Images'], (world, object) => {
		const spec = specOf(object);
		return [
			object.metadata.name,
			`${num(statusOf(object).readyReplicas)}/${num(spec.replicas)}`,
			age(world, object),
			...containerCells(rec(spec.template).spec),
		];
	}),
});
