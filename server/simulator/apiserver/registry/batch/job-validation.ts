/** Rules for jobs and cron jobs: `pkg/apis/batch/validation/validation.go`. */
import { offsetMinutes } from '../../../kernel/zone.ts';
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { templateErrors } from '../core/pod-validation.ts';
import { type Fields, isRecord, num, rec, specOf, str } from '../fields.ts';
import { matchesSelector } from '../label-selector.ts';
import { nonNegative } from '../validation/numbers.ts';
import { cronErrors } from './cron-schedule.ts';

const COUNTS = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'];

/** The fields of a job's spec at `field` (`spec`, or `spec.jobTemplate.spec`). */
function jobSpecErrors(spec: Fields, field: string): readonly FieldError[] {
	const out = COUNTS.flatMap((name) => nonNegative(`${field}.${name}`, spec[name]));
	const mode = spec.completionMode;
	if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed')
		out.push(notSupportedValue(`${field}.completionMode`, mode, ['Indexed', 'NonIndexed']));
	if (mode === 'Indexed' && spec.completions === undefined) {
		out.push(requiredValue(`${field}.completions`, 'when completion mode is Indexed'));
	}
	out.push(...templateErrors(spec.template, `${field}.template`));
	const restart = str(rec(rec(spec.template).spec).restartPolicy);
	if (restart !== 'OnFailure' && restart !== 'Never') out.push(requiredValue(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
	else if (isRecord(spec.podFailurePolicy) && restart !== 'Never') {
		out.push(invalidValue(`${field}.template.spec.restartPolicy`, restart, 'only "Never" is supported when podFailurePolicy is specified'));
	}
	return out;
}

export function jobErrors(job: KubeObject): readonly FieldError[] {
	const spec = specOf(job);
	const out = [...jobSpecErrors(spec, 'spec')];
	if (!isRecord(spec.selector)) return [requiredValue('spec.selector'), ...out];
	const labels = rec(rec(rec(spec.template).metadata).labels) as { readonly [key: string]: string };
	if (!matchesSelector(spec.selector, labels)) out.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
	return out;
}

/** ValidateJobUpdate: a job's work is fixed; only how fast it goes may change. A suspended job that never ran may still be placed elsewhere. */
export function jobUpdateErrors(job: KubeObject, old: KubeObject): readonly FieldError[] {
	const [now, before] = [specOf(job), specOf(old)];
	const out = [...jobErrors(job)];
	const indexed = now.completionMode === 'Indexed' && num(now.completions) === num(now.parallelism);
	if (!sameData(now.completions, before.completions) && !indexed) out.push(invalidValue('spec.completions', now.completions ?? null, 'field is immutable'));
	for (const field of ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy']) {
		if (!sameData(now[field], before[field])) out.push(invalidValue(`spec.${field}`, now[field] ?? null, 'field is immutable'));
	}
	const neverStarted = before.suspend === true && rec(old.status).startTime === undefined;
	const template = neverStarted ? withDirectives(rec(now.template), rec(before.template)) : now.template;
	if (!sameData(template, before.template)) out.push(invalidValue('spec.template', now.template, 'field is immutable'));
	return out;
}

/** Scheduling directives put back to what they were. */
function withDirectives(now: Fields, before: Fields): Fields {
	const spec: { [field: string]: unknown } = { ...rec(now.spec) };
	const old = rec(before.spec);
	for (const field of ['nodeSelector', 'tolerations', 'affinity', 'schedulingGates']) {
		if (old[field] === undefined) delete spec[field];
		else spec[field] = old[field];
	}
	return { ...now, metadata: before.metadata, spec };
}

const POLICIES = ['Allow', 'Forbid', 'Replace'];

/** validateTimeZone of pkg/apis/batch/validation; names that no file of the zone database has are unknown. */
function timeZoneErrors(zone: unknown): readonly FieldError[] {
	if (zone === undefined) return [];
	const name = str(zone);
	const wrong = (text: string): readonly FieldError[] => [invalidValue('spec.timeZone', name, text)];
	if (name === '') return wrong('timeZone must be nil or non-empty string');
	if (name.toLowerCase() === 'local') return wrong('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
	const spelled = name.split('/').every((part) => part !== '.' && part !== '..' && /^[A-Za-z.\-_0-9+]{1,14}$/.test(part) && !part.startsWith('-'));
	return spelled && offsetMinutes(0, name) !== undefined ? [] : wrong(`unknown time zone ${name}`);
}

/** `old` is what stood before, on an update: a zone that it had already is not judged again. */
export function cronJobErrors(cronJob: KubeObject, old?: KubeObject): readonly FieldError[] {
	const spec = specOf(cronJob);
	const out: FieldError[] = [];
	const schedule = str(spec.schedule);
	if (schedule === '') out.push(requiredValue('spec.schedule'));
	else out.push(...cronErrors(schedule).map((text) => invalidValue('spec.schedule', schedule, text)));
	if (/\bTZ=/.test(schedule)) out.push(invalidValue('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
	out.push(...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds));
	if (old === undefined || specOf(old).timeZone !== spec.timeZone) out.push(...timeZoneErrors(spec.timeZone));
	const policy = str(spec.concurrencyPolicy);
	if (policy === '') out.push(requiredValue('spec.concurrencyPolicy'));
	else if (!POLICIES.includes(policy)) out.push(notSupportedValue('spec.concurrencyPolicy', policy, POLICIES));
	out.push(...jobSpecErrors(rec(rec(spec.jobTemplate).spec), 'spec.jobTemplate.spec'));
	for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) out.push(...nonNegative(`spec.${field}`, spec[field]));
	// Eleven characters are kept for the time that each job's name ends in.
	if (cronJob.metadata.name.length > 52) out.push(invalidValue('metadata.name', cronJob.metadata.name, 'must be no more than 52 characters'));
	return out;
}
