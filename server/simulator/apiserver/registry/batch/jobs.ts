/** Jobs: `pkg/registry/batch/job`, `pkg/apis/batch/v1/defaults.go`. */
import type { World } from '../../../kernel/world.ts';
import { humanDuration, parseTime } from '../../../kernel/time.ts';
import type { KubeObject, ObjectMeta } from '../../types.ts';
import { templateDefaults } from '../core/pod-defaults.ts';
import { defineResource } from '../define.ts';
import { changeField, changeItems, changePart, type Fields, fill, num, rec, recs, specOf, statusOf, str } from '../fields.ts';
import { age, containerCells, formatSelector, table } from '../table.ts';
import { podNameWarnings, podSpecWarnings } from '../core/pod-warnings.ts';
import { jobErrors, jobUpdateErrors } from './job-validation.ts';

const MAX_INT32 = 2_147_483_647;

function specDefaults(spec: Fields): Fields {
	let s = spec;
	if (s.completions === undefined && s.parallelism === undefined) s = { ...s, completions: 1, parallelism: 1 };
	const replacement = s.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
	s = fill(s, {
		parallelism: 1,
		backoffLimit: s.backoffLimitPerIndex === undefined ? 6 : MAX_INT32,
		completionMode: 'NonIndexed',
		suspend: false,
		podReplacementPolicy: replacement,
		manualSelector: undefined,
	});
	s = changeField(s, 'podFailurePolicy', (policy) =>
		changeItems(policy, 'rules', (rule) => changeItems(rule, 'onPodConditions', (c) => fill(c, { status: 'True' }))),
	);
	return templateDefaults(s);
}

/** SetDefaults_Job: a job without labels has those of its pods. */
function withLabels(job: KubeObject): KubeObject {
	const labels = rec(rec(specOf(job).template).metadata).labels as ObjectMeta['labels'];
	if (labels === undefined || Object.keys(job.metadata.labels ?? {}).length > 0) return job;
	return { ...job, metadata: { ...job.metadata, labels } };
}

/** generateSelector: a job picks its pods by its own uid unless `manualSelector` is set. */
function withSelector(job: KubeObject): KubeObject {
	const spec = specOf(job);
	if (spec.manualSelector === true) return job;
	const { uid, name } = job.metadata;
	const own = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
	const template = rec(spec.template);
	const metadata = rec(template.metadata);
	return {
		...job,
		spec: {
			...spec,
			selector: spec.selector ?? { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
			template: { ...template, metadata: { ...metadata, labels: { ...rec(metadata.labels), ...own } } },
		},
	};
}

const hasCondition = (job: KubeObject, type: string): boolean => recs(statusOf(job).conditions).some((c) => c.type === type && c.status === 'True');

function statusText(job: KubeObject): string {
	if (hasCondition(job, 'Complete')) return 'Complete';
	if (hasCondition(job, 'Failed')) return 'Failed';
	if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
	return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find((type) => hasCondition(job, type)) ?? 'Running';
}

function completions(job: KubeObject): string {
	const spec = specOf(job);
	const succeeded = num(statusOf(job).succeeded);
	if (typeof spec.completions === 'number') return `${succeeded}/${spec.completions}`;
	const parallelism = num(spec.parallelism);
	return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration(world: World, job: KubeObject): string {
	const start = parseTime(str(statusOf(job).startTime));
	if (start === undefined) return '';
	return humanDuration((parseTime(str(statusOf(job).completionTime)) ?? world.now) - start);
}

export const jobs = defineResource({
	group: 'batch',
	resource: 'jobs',
	kind: 'Job',
	generation: true,
	categories: ['all'],
	subresources: ['status'],
	defaults: (object) => changePart(object, 'spec', specDefaults),
	prepareForCreate: (_world, job) => withLabels(withSelector(job)),
	// completions is filled in only where parallelism is open, too, which it never is again.
	generated: ['selector', 'completions'],
	validate: (_world, job) => jobErrors(job),
	validateUpdate: (_world, job, old) => jobUpdateErrors(job, old),
	warnings: (_world, job) => [...podNameWarnings(job.metadata.name), ...podSpecWarnings(rec(rec(specOf(job).template).spec), 'spec.template.spec')],
	defaultPropagation: 'Orphan',
	selectableFields: (job) => ({ 'status.successful': String(num(statusOf(job).succeeded)) }),
	table: table(['Name', 'Status', 'Completions', 'Duration', 'Age', '*Containers', '*Images', '*Selector'], (world, job) => [
		job.metadata.name,
		statusText(job),
		completions(job),
		duration(world, job),
		age(world, job),
		...containerCells(rec(specOf(job).template).spec),
		formatSelector(specOf(job).selector),
	]),
});
