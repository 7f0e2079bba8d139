/** Daemon sets: `pkg/registry/apps/daemonset`. */
import { templateDefaults } from '../core/pod-defaults.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, type Fields, fill, num, rec, specOf, statusOf } from '../fields.ts';
import { age, containerCells, formatLabels, formatSelector, table } from '../table.ts';
import { daemonSetErrors, selectorUpdateErrors, templateWarnings } from './workload-validation.ts';

function specDefaults(spec: Fields): Fields {
	const s = fill(spec, { updateStrategy: {}, revisionHistoryLimit: 10 });
	const withStrategy = changeField(s, 'updateStrategy', (strategy) => {
		const filled = fill(strategy, { type: 'RollingUpdate' });
		return filled.type === 'RollingUpdate' ? { ...filled, rollingUpdate: fill(rec(filled.rollingUpdate), { maxUnavailable: 1, maxSurge: 0 }) } : filled;
	});
	return templateDefaults(withStrategy);
}

const COLUMNS = [
	'Name',
	'Desired:integer',
	'Current:integer',
	'Ready:integer',
	'Up-to-date:integer',
	'Available:integer',
	'Node Selector',
	'Age',
	'*Containers',
	'*Images',
	'*Selector',
];

export const daemonsets = defineResource({
	group: 'apps',
	resource: 'daemonsets',
	kind: 'DaemonSet',
	generation: true,
	shortNames: ['ds'],
	categories: ['all'],
	subresources: ['status'],
	newStatus: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
	defaults: (object) => changePart(object, 'spec', specDefaults),
	validate: (_world, object) => daemonSetErrors(specOf(object)),
	validateUpdate: (_world, object, old) => [...daemonSetErrors(specOf(object)), ...selectorUpdateErrors(object, old)],
	warnings: (_world, object) => templateWarnings(object),
	table: table(COLUMNS, (world, object) => {
		const spec = specOf(object);
		const status = statusOf(object);
		const podSpec = rec(rec(spec.template).spec);
		return [
			object.metadata.name,
			num(status.desiredNumberScheduled),
			num(status.currentNumberScheduled),
			num(status.numberReady),
			num(status.updatedNumberScheduled),
			num(status.numberAvailable),
			formatLabels(podSpec.nodeSelector),
			age(world, object),
			...containerCells(podSpec),
			formatSelector(spec.selector),
		];
	}),
});
