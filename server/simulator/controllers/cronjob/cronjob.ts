/** Starts jobs by the clock (pkg/controller/cronjob/cronjob_controllerv2.go). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { formatTime, parseTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller, Requeue } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { finishedCondition, JOBS, type Job } from '../job/job.ts';
import { controllerRef, isDeleting, sameData, splitKey } from '../shared/objects.ts';
import { itself, itsOwner } from '../shared/watching.ts';
import { isTimeZone, nextTime, parseSchedule, type Schedule } from './schedule.ts';

interface JobReference {
	readonly kind: string;
	readonly namespace?: string;
	readonly name: string;
	readonly uid: string;
	readonly apiVersion: string;
	readonly resourceVersion?: string;
}

interface CronJob extends KubeObject {
	readonly spec: {
		readonly schedule: string;
		readonly timeZone?: string;
		readonly startingDeadlineSeconds?: number;
		readonly concurrencyPolicy?: string;
		readonly suspend?: boolean;
		readonly jobTemplate: {
			readonly metadata?: { readonly labels?: { readonly [k: string]: string }; readonly annotations?: { readonly [k: string]: string } };
			readonly spec: unknown;
		};
		readonly successfulJobsHistoryLimit?: number;
		readonly failedJobsHistoryLimit?: number;
	};
	readonly status?: { readonly active?: readonly JobReference[]; readonly lastScheduleTime?: string; readonly lastSuccessfulTime?: string };
}

const CRON_JOBS = 'batch/v1/cronjobs';
const COMPONENT = 'cronjob-controller';
/** A job starts this long after its time at the earliest (nextScheduleDelta). */
const DELTA_MS = 100;
const TOO_MANY = 100;

interface Sync {
	readonly world: World;
	readonly client: ApiClient;
	readonly queue: Requeue;
	readonly key: string;
	readonly cron: CronJob;
	status: NonNullable<CronJob['status']>;
}

export const cronJobController: Controller = {
	name: 'cronjob',
	watches: { 'batch/cronjobs': itself, 'batch/jobs': itsOwner('CronJob') },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const cron = client.get(world, CRON_JOBS, namespace, name) as CronJob | undefined;
		if (cron === undefined || isDeleting(cron)) return;
		const jobs = (client.byIndex(world, JOBS, 'byOwner', cron.metadata.uid) as readonly Job[]).filter((j) => !isDeleting(j));
		const s: Sync = { world, client, queue, key, cron, status: cron.status ?? {} };
		followJobs(s, jobs);
		trimHistory(s, jobs);
		startDue(s, jobs);
		const held = client.get(world, CRON_JOBS, namespace, name) as CronJob | undefined;
		if (held === undefined || sameData(s.status, held.status ?? {})) return;
		if (!client.updateStatus(world, CRON_JOBS, { ...held, status: s.status }).ok) queue.failed(key);
	},
};

function say(s: Sync, type: 'Normal' | 'Warning', reason: string, message: string): void {
	recordEvent(s.world, s.client, { object: s.cron, type, reason, message, component: COMPONENT });
}

const withActive = (s: Sync, active: readonly JobReference[]): void => {
	const { active: _, ...rest } = s.status;
	s.status = active.length > 0 ? { active, ...rest } : rest;
};

/** Drops finished and vanished jobs from the list of active ones. */
function followJobs(s: Sync, jobs: readonly Job[]): void {
	for (const job of jobs) {
		const listed = (s.status.active ?? []).some((r) => r.uid === job.metadata.uid);
		const finished = finishedCondition(job);
		if (!listed || finished === undefined) continue;
		withActive(
			s,
			(s.status.active ?? []).filter((r) => r.uid !== job.metadata.uid),
		);
		say(s, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${finished.type}`);
		const at = job.status?.completionTime;
		if (finished.type === 'Complete' && at !== undefined && at > (s.status.lastSuccessfulTime ?? '')) s.status = { ...s.status, lastSuccessfulTime: at };
	}
	for (const ref of s.status.active ?? []) {
		if (jobs.some((j) => j.metadata.uid === ref.uid)) continue;
		say(s, 'Normal', 'MissingJob', `Active job went missing: ${ref.name}`);
		withActive(
			s,
			(s.status.active ?? []).filter((r) => r.uid !== ref.uid),
		);
	}
}

function trimHistory(s: Sync, jobs: readonly Job[]): void {
	const trim = (type: string, limit: number | undefined): void => {
		if (limit === undefined) return;
		const done = jobs.filter((j) => finishedCondition(j)?.type === type).sort((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1));
		for (const j of done.slice(0, Math.max(0, done.length - limit))) remove(s, j);
	};
	trim('Complete', s.cron.spec.successfulJobsHistoryLimit);
	trim('Failed', s.cron.spec.failedJobsHistoryLimit);
}

function remove(s: Sync, job: Job): void {
	const gone = s.client.delete(s.world, JOBS, job.metadata.namespace, job.metadata.name, { propagationPolicy: 'Background' });
	if (gone.ok) say(s, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
	else if (gone.status.reason !== 'NotFound') say(s, 'Warning', 'FailedDelete', `Deleted job: ${gone.status.message}`);
	withActive(
		s,
		(s.status.active ?? []).filter((r) => r.uid !== job.metadata.uid),
	);
}

/** The latest time due and not started yet, and whether many were missed (mostRecentScheduleTime). */
function due(s: Sync, schedule: Schedule, zone: string | undefined): { readonly at: number | undefined; readonly tooMany: boolean } {
	const { now } = s.world;
	const created = parseTime(s.cron.metadata.creationTimestamp) ?? now;
	let from = s.status.lastScheduleTime === undefined ? created : (parseTime(s.status.lastScheduleTime) ?? created);
	const deadline = s.cron.spec.startingDeadlineSeconds;
	if (deadline !== undefined) from = Math.max(from, now - deadline * 1000);
	let at = nextTime(schedule, from, zone);
	if (at === undefined || at > now) return { at: undefined, tooMany: false };
	let next = nextTime(schedule, at, zone);
	let missed = 1;
	// After a long pause the schedule's rhythm gives the place to look, so that not every missed time is walked through.
	const beats = next === undefined ? 0 : Math.floor((now - at) / (next - at));
	if (next !== undefined && beats > TOO_MANY) {
		missed = beats;
		next = nextTime(schedule, at + (beats - 2) * (next - at), zone);
	}
	for (; next !== undefined && next <= now; next = nextTime(schedule, next, zone)) {
		at = next;
		missed++;
	}
	return { at, tooMany: missed > TOO_MANY };
}

function startDue(s: Sync, jobs: readonly Job[]): void {
	const { cron, world } = s;
	if (cron.spec.suspend === true) return;
	const zone = cron.spec.timeZone;
	if (zone !== undefined && !isTimeZone(zone)) {
		say(s, 'Warning', 'UnknownTimeZone', `invalid timeZone: "${zone}": unknown time zone ${zone}`);
		return;
	}
	const schedule = parseSchedule(cron.spec.schedule);
	if (schedule === undefined) {
		say(s, 'Warning', 'UnparseableSchedule', `unparseable schedule: "${cron.spec.schedule}"`);
		return;
	}
	const next = nextTime(schedule, world.now, zone);
	if (next === undefined) {
		// 31 February: the parser takes it, the calendar doesn't (robfig/cron answers with no time at all, and upstream takes the difference of two of those).
		say(s, 'Warning', 'InvalidSchedule', `invalid schedule schedule: ${cron.spec.schedule} : time difference between two schedules is less than 1 second`);
		return;
	}
	s.queue.after(s.key, next - world.now + DELTA_MS);
	const { at, tooMany } = due(s, schedule, zone);
	if (at === undefined) return;
	if (tooMany) say(s, 'Warning', 'TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew');
	const deadline = cron.spec.startingDeadlineSeconds;
	if (deadline !== undefined && at + deadline * 1000 < world.now) {
		say(s, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${formatTime(at)}`);
		return;
	}
	const name = `${cron.metadata.name}-${Math.floor(at / 60_000)}`;
	if ((s.status.active ?? []).some((r) => r.name === name) || s.status.lastScheduleTime === formatTime(at)) return;
	const running = s.status.active ?? [];
	if (cron.spec.concurrencyPolicy === 'Forbid' && running.length > 0) {
		say(s, 'Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid');
		return;
	}
	if (cron.spec.concurrencyPolicy === 'Replace') for (const ref of running) for (const j of jobs.filter((x) => x.metadata.uid === ref.uid)) remove(s, j);
	start(s, name, at);
}

function start(s: Sync, name: string, at: number): void {
	const { cron, world, client } = s;
	const { namespace } = cron.metadata;
	const template = cron.spec.jobTemplate;
	const made = client.create(world, JOBS, namespace, {
		apiVersion: 'batch/v1',
		kind: 'Job',
		metadata: {
			name,
			namespace,
			labels: template.metadata?.labels,
			annotations: { ...template.metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': formatTime(at) },
			ownerReferences: [controllerRef(cron)],
		},
		spec: template.spec,
	});
	if (!made.ok && made.status.reason !== 'AlreadyExists') {
		say(s, 'Warning', 'FailedCreate', `Error creating job: ${made.status.message}`);
		s.queue.failed(s.key);
		return;
	}
	if (made.ok) {
		say(s, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
		const { uid, resourceVersion } = made.value.metadata;
		withActive(s, [...(s.status.active ?? []), { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion }]);
	}
	s.status = { ...s.status, lastScheduleTime: formatTime(at) };
}
