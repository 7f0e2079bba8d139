/** Deployments: `pkg/registry/apps/deployment`, `pkg/apis/apps/v1/defaults.go`. */
import { templateDefaults } from '../core/pod-defaults.ts';
import { defineResource } from '../define.ts';
import { keepsLabels } from '../status-update.ts';
import { changeField, changePart, type Fields, fill, num, rec, specOf, statusOf } from '../fields.ts';
import { age, containerCells, formatSelector, table } from '../table.ts';
import { deploymentErrors, namedWorkloadWarnings, selectorUpdateErrors } from './workload-validation.ts';

function specDefaults(spec: Fields): Fields {
	const s = fill(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
	const withStrategy = changeField(s, 'strategy', (strategy) => {
		const filled = fill(strategy, { type: 'RollingUpdate' });
		return filled.type === 'RollingUpdate' ? { ...filled, rollingUpdate: fill(rec(filled.rollingUpdate), { maxUnavailable: '25%', maxSurge: '25%' }) } : filled;
	});
	return templateDefaults(withStrategy);
}

export const deployments = defineResource({
	group: 'apps',
	resource: 'deployments',
	kind: 'Deployment',
	generation: true,
	shortNames: ['deploy'],
	categories: ['all'],
	subresources: ['status', 'scale'],
	prepareForStatusUpdate: keepsLabels,
	scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector: '.spec.selector' },
	defaults: (object) => changePart(object, 'spec', specDefaults),
	validate: (_world, object) => deploymentErrors(specOf(object)),
	validateUpdate: (_world, object, old) => [...deploymentErrors(specOf(object)), ...selectorUpdateErrors(object, old)],
	warnings: (_world, object) => namedWorkloadWarnings(object),
	table: table(['Name', 'Ready', 'Up-to-date:integer', 'Available:integer', 'Age', '*Containers', '*Images', '*Selector'], (world, object) => {
		const spec = specOf(object);
		const status = statusOf(object);
		return [
			object.metadata.name,
			`${num(status.readyReplicas)}/${num(spec.replicas)}`,
			num(status.updatedReplicas),
			num(status.availableReplicas),
			age(world, object),
			...containerCells(rec(spec.template).spec),
			formatSelector(spec.selector),
		];
	}),
});
