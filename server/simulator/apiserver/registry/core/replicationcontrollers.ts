/** Replication controllers: `pkg/registry/core/replicationcontroller`. */
import type { KubeObject, ObjectMeta } from '../../types.ts';
import { defineResource } from '../define.ts';
import { changePart, type Fields, fill, rec, specOf, statusOf, num } from '../fields.ts';
import { age, containerCells, formatLabels, table } from '../table.ts';
import { namedWorkloadWarnings, replicationControllerErrors } from '../apps/workload-validation.ts';
import { templateDefaults } from './pod-defaults.ts';

/** SetDefaults_ReplicationController: the selector is the template's labels, and so are its own. */
function defaults(rc: KubeObject): KubeObject {
	const labels = rec(rec(rec(specOf(rc).template).metadata).labels);
	const has = Object.keys(labels).length > 0;
	const own = has && Object.keys(rc.metadata.labels ?? {}).length === 0 ? { labels: labels as ObjectMeta['labels'] } : {};
	return changePart({ ...rc, metadata: { ...rc.metadata, ...own } }, 'spec', (spec: Fields) =>
		templateDefaults(fill(spec, { replicas: 1, ...(has ? { selector: labels } : {}) })),
	);
}

export const replicationcontrollers = defineResource({
	group: '',
	resource: 'replicationcontrollers',
	kind: 'ReplicationController',
	generation: true,
	shortNames: ['rc'],
	categories: ['all'],
	subresources: ['status', 'scale'],
	newStatus: { replicas: 0 },
	scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector: '.spec.selector' },
	defaults,
	validate: (_world, rc) => replicationControllerErrors(specOf(rc)),
	warnings: (_world, rc) => namedWorkloadWarnings(rc),
	defaultPropagation: 'Orphan',
	selectableFields: (rc) => ({ 'status.replicas': String(num(statusOf(rc).replicas)) }),
	table: table(['Name', 'Desired:integer', 'Current:integer', 'Ready:integer', 'Age', '*Containers', '*Images', '*Selector'], (world, rc) => {
		const spec = specOf(rc);
		return [
			rc.metadata.name,
			num(spec.replicas),
			num(statusOf(rc).replicas),
			num(statusOf(rc).readyReplicas),
			age(world, rc),
			...containerCells(rec(spec.template).spec),
			formatLabels(spec.selector),
		];
	}),
});
