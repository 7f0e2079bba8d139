import { describe, expect, it } from 'vitest';
import { rec, specOf, str } from '../fields.ts';
import { testCluster } from '../testing.ts';
import { cronErrors } from './cron-schedule.ts';

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1.37' }] } };
const job = (spec: object = {}) => ({ metadata: { name: 'j' }, spec: { template, ...spec } });

describe('jobs', () => {
	it('pick their pods by uid', () => {
		const made = testCluster('apiserver').create('batch/v1/jobs', job());
		const { uid } = made.metadata;
		expect(specOf(made)).toMatchObject({
			backoffLimit: 6,
			completionMode: 'NonIndexed',
			completions: 1,
			parallelism: 1,
			podReplacementPolicy: 'TerminatingOrFailed',
			suspend: false,
			selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
			template: {
				metadata: { labels: { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': 'j', 'controller-uid': uid, 'job-name': 'j' } },
			},
		});
	});

	it('must end', () => {
		expect(testCluster('apiserver').refusal('batch/v1/jobs', job({ template: { spec: { ...template.spec, restartPolicy: 'Always' } } }))).toBe(
			'Job.batch "j" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
		);
	});

	it('keep their template', () => {
		const cluster = testCluster('apiserver');
		const made = cluster.create('batch/v1/jobs', job());
		const changed = { ...made, spec: { ...specOf(made), template: { ...rec(specOf(made).template), spec: { ...template.spec, nodeName: 'n' } } } };
		const result = cluster.call('update', 'batch/v1/jobs', { namespace: 'default', name: 'j', body: changed });
		expect(str(rec(result.body).message)).toMatch(/^Job\.batch "j" is invalid: spec\.template: Invalid value: \{.*\}: field is immutable$/);
		const faster = { ...made, spec: { ...specOf(made), parallelism: 2, suspend: true } };
		expect(cluster.call('update', 'batch/v1/jobs', { namespace: 'default', name: 'j', body: faster }).code).toBe(200);
	});
});

describe('cron jobs', () => {
	const cron = (schedule: string) => ({ metadata: { name: 'c' }, spec: { schedule, jobTemplate: { spec: { template } } } });

	it('have defaults of their own, their jobs none yet', () => {
		const spec = specOf(testCluster('apiserver').create('batch/v1/cronjobs', cron('*/5 * * * *')));
		expect(spec).toMatchObject({ concurrencyPolicy: 'Allow', failedJobsHistoryLimit: 1, successfulJobsHistoryLimit: 3, suspend: false });
		expect(rec(rec(spec.jobTemplate).spec).backoffLimit).toBeUndefined();
	});

	it('say what is wrong with a schedule', () => {
		expect(testCluster('apiserver').refusal('batch/v1/cronjobs', cron('* * *'))).toBe(
			'CronJob.batch "c" is invalid: spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]',
		);
	});

	it.each([
		['0 0 * * *', []],
		['@daily', []],
		['@every 1h', []],
		['*/15 0-6 1,15 jan-mar mon-fri', []],
		['60 * * * *', ['end of range (60) above maximum (59): 60']],
		['* * 0 * *', ['beginning of range (0) below minimum (1): 0']],
		['5-1 * * * *', ['beginning of range (5) beyond end of range (1): 5-1']],
		['*/0 * * * *', ['step of range should be a positive number: */0']],
		['x * * * *', ['failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax']],
		['@never', ['unrecognized descriptor: @never']],
	])('%s', (schedule, errors) => {
		expect(cronErrors(schedule)).toEqual(errors);
	});
});

describe('the time zone of a cron job', () => {
	const cron = (timeZone?: string) => ({
		metadata: { name: 'c' },
		spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } }, ...(timeZone === undefined ? {} : { timeZone }) },
	});
	const invalid = 'CronJob.batch "c" is invalid: spec.timeZone: Invalid value: ';

	it.each([
		['Nope/Zone', `${invalid}"Nope/Zone": unknown time zone Nope/Zone`],
		['Local', `${invalid}"Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones`],
		['', `${invalid}"": timeZone must be nil or non-empty string`],
		['../etc', `${invalid}"../etc": unknown time zone ../etc`],
	])('%j is none', (zone, message) => {
		expect(testCluster('apiserver').refusal('batch/v1/cronjobs', cron(zone))).toBe(message);
	});

	it.each(['Europe/Berlin', 'Etc/UTC', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata'])('%s is one', (zone) => {
		expect(specOf(testCluster('apiserver').create('batch/v1/cronjobs', cron(zone)))).toMatchObject({ timeZone: zone });
	});

	it('is judged when it changes', () => {
		const cluster = testCluster('apiserver');
		const made = cluster.create('batch/v1/cronjobs', cron());
		const moved = cluster.call('update', 'batch/v1/cronjobs', {
			namespace: 'default',
			name: 'c',
			body: { ...made, spec: { ...specOf(made), timeZone: 'Nope/Zone' } },
		});
		expect(moved.code).toBe(422);
	});
});
