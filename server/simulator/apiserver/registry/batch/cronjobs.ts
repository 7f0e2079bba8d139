/** Cron jobs: `pkg/registry/batch/cronjob`. */
import { templateDefaults } from '../core/pod-defaults.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, type Fields, fill, rec, specOf, statusOf, str } from '../fields.ts';
import { age, containerCells, countItems, formatSelector, since, table } from '../table.ts';
import { cronJobErrors } from './job-validation.ts';

const SPEC = { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 };

/** The job's own fields get their defaults when a job is made; only its pod template has them before. */
function specDefaults(spec: Fields): Fields {
	return changeField(fill(spec, SPEC), 'jobTemplate', (template) =>
		changeField(template.metadata === undefined ? { ...template, metadata: {} } : template, 'spec', templateDefaults),
	);
}

const boolText = (value: unknown): string => (value === undefined ? '<unset>' : value === true ? 'True' : 'False');

export const cronjobs = defineResource({
	group: 'batch',
	resource: 'cronjobs',
	kind: 'CronJob',
	generation: true,
	shortNames: ['cj'],
	categories: ['all'],
	subresources: ['status'],
	defaults: (object) => changePart(object, 'spec', specDefaults),
	validate: (_world, object) => cronJobErrors(object),
	validateUpdate: (_world, object, old) => cronJobErrors(object, old),
	table: table(
		['Name', 'Schedule', 'Timezone', 'Suspend:boolean', 'Active:integer', 'Last Schedule', 'Age', '*Containers', '*Images', '*Selector'],
		(world, object) => {
			const spec = specOf(object);
			const status = statusOf(object);
			const job = rec(rec(spec.jobTemplate).spec);
			return [
				object.metadata.name,
				str(spec.schedule),
				str(spec.timeZone) || '<none>',
				boolText(spec.suspend),
				countItems(status.active),
				status.lastScheduleTime === undefined ? '<none>' : since(world, status.lastScheduleTime),
				age(world, object),
				...containerCells(rec(job.template).spec),
				formatSelector(job.selector),
			];
		},
	),
});
