/** Runs pods to completion (pkg/controller/job/job_controller.go). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { formatTime, parseTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller, Requeue } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { getCondition, setCondition } from '../shared/conditions.ts';
import { createPod, deletePod, podFromTemplate, slowStart } from '../shared/create-pod.ts';
import { claimObjects } from '../shared/indexes.ts';
import { type Condition, controllerRef, isDeleting, type LabelSelector, type Pod, type PodTemplate, sameData, splitKey } from '../shared/objects.ts';
import { isPodActive, isPodReady } from '../shared/pods.ts';
import { rankForDeletion } from '../shared/rank.ts';
import { selectorMatches } from '../shared/selectors.ts';
import { itself, itsOwner } from '../shared/watching.ts';
import { TRACKING, untracked } from './orphan-pods.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { FAILURE_COUNT, failuresBefore, failuresOf, finishedAt } from './per-index.ts';
import { type FailurePolicy, matchFailurePolicy } from './pod-failure-policy.ts';
import { metSuccessPolicy, type SuccessPolicy } from './success-policy.ts';

export interface Job extends KubeObject {
	readonly spec: {
		readonly parallelism?: number;
		readonly completions?: number;
		readonly activeDeadlineSeconds?: number;
		readonly backoffLimit?: number;
		readonly backoffLimitPerIndex?: number;
		readonly maxFailedIndexes?: number;
		readonly selector?: LabelSelector;
		readonly template: PodTemplate;
		readonly ttlSecondsAfterFinished?: number;
		readonly completionMode?: string;
		readonly suspend?: boolean;
		readonly podFailurePolicy?: FailurePolicy;
		readonly successPolicy?: SuccessPolicy;
		readonly podReplacementPolicy?: string;
	};
	readonly status?: JobStatus;
}

interface JobStatus {
	readonly conditions?: readonly Condition[];
	readonly startTime?: string;
	readonly completionTime?: string;
	readonly active?: number;
	readonly ready?: number;
	readonly terminating?: number;
	readonly succeeded?: number;
	readonly failed?: number;
	readonly completedIndexes?: string;
	readonly failedIndexes?: string;
	readonly uncountedTerminatedPods?: { readonly [k: string]: unknown };
}

export const JOBS = 'batch/v1/jobs';
const PODS = 'v1/pods';
const COMPONENT = 'job-controller';
const INDEX = 'batch.kubernetes.io/job-completion-index';
/** Back-off after failed pods: 10 s doubled for each, 10 minutes at most. */
const BACKOFF_MS = 10_000;
const BACKOFF_MAX_MS = 600_000;
const BURST = 500;

export const finishedCondition = (job: Job): Condition | undefined =>
	job.status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True');

export const jobController: Controller = {
	name: 'job',
	watches: { 'batch/jobs': itself, '/pods': itsOwner('Job') },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const job = client.get(world, JOBS, namespace, name) as Job | undefined;
		if (job === undefined) return;
		const pods = claimObjects(world, client, PODS, '/pods', job, controllerRef(job), (o) =>
			job.spec.selector === undefined ? true : selectorMatches(job.spec.selector, o.metadata.labels),
		) as readonly Pod[];
		const s: Sync = { world, client, queue, key, job, pods };
		if (isDeleting(job) || finishedCondition(job) !== undefined) {
			for (const p of pods) if (p.status?.phase === 'Succeeded' || p.status?.phase === 'Failed' || isDeleting(p)) release(s, p);
			return;
		}
		sync(s);
	},
};

interface Sync {
	readonly world: World;
	readonly client: ApiClient;
	readonly queue: Requeue;
	readonly key: string;
	readonly job: Job;
	readonly pods: readonly Pod[];
}

const indexOf = (pod: Pod): number | undefined => {
	const text = pod.metadata.annotations?.[INDEX];
	return text === undefined ? undefined : Number(text);
};

const isSucceeded = (p: Pod): boolean => p.status?.phase === 'Succeeded';
/** A deleted pod that hadn't finished counts as failed once it is gone for good (podReplacementPolicy TerminatingOrFailed). */
const isFailed = (p: Pod): boolean => p.status?.phase === 'Failed' || (isDeleting(p) && p.status?.phase !== 'Succeeded');
const isTracked = (p: Pod): boolean => (p.metadata.finalizers ?? []).includes(TRACKING);

function say(s: Sync, type: 'Normal' | 'Warning', reason: string, message: string): void {
	recordEvent(s.world, s.client, { object: s.job, type, reason, message, component: COMPONENT });
}

/** Takes the finalizer off a pod that is counted. */
function release(s: Sync, pod: Pod): void {
	if (!isTracked(pod)) return;
	const held = s.client.get(s.world, PODS, pod.metadata.namespace, pod.metadata.name);
	if (held === undefined) return;
	const outcome = s.client.update(s.world, PODS, untracked(held));
	if (!outcome.ok && outcome.status.reason !== 'NotFound') s.queue.failed(s.key);
}

interface Counts {
	readonly succeeded: number;
	readonly failed: number;
	readonly done: ReadonlySet<number>;
	/** Indexes that are past their own back-off limit. */
	readonly failedIndexes: ReadonlySet<number>;
	/** Pods counted in this reconcile: they may go. */
	readonly counted: readonly Pod[];
	/** A rule of the pod failure policy that ends the job. */
	readonly failJob: string | undefined;
}

const isIndexed = (job: Job): boolean => job.spec.completionMode === 'Indexed';

function count({ job, pods }: Sync): Counts {
	let succeeded = job.status?.succeeded ?? 0;
	let failed = job.status?.failed ?? 0;
	let failJob: string | undefined;
	const done = new Set(parseIndexes(job.status?.completedIndexes));
	const failedIndexes = new Set(parseIndexes(job.status?.failedIndexes));
	const perIndex = job.spec.backoffLimitPerIndex;
	const counted: Pod[] = [];
	for (const p of pods) {
		if (!isTracked(p)) continue;
		const index = indexOf(p);
		if (isSucceeded(p)) {
			counted.push(p);
			if (!isIndexed(job)) succeeded++;
			else if (index !== undefined && index < (job.spec.completions ?? 0)) done.add(index);
		} else if (isFailed(p)) {
			counted.push(p);
			const verdict = job.spec.podFailurePolicy === undefined ? undefined : matchFailurePolicy(job.spec.podFailurePolicy, p);
			if (verdict?.action === 'FailJob') failJob ??= verdict.message;
			if (verdict?.action === 'Ignore') continue;
			failed++;
			if (perIndex === undefined || index === undefined || done.has(index)) continue;
			if (verdict?.action === 'FailIndex' || failuresBefore(p) >= perIndex) failedIndexes.add(index);
		}
	}
	return { succeeded: isIndexed(job) ? done.size : succeeded, failed, done, failedIndexes, counted, failJob };
}

interface End {
	readonly type: 'Complete' | 'Failed';
	readonly reason: string;
	readonly message: string;
}

function ending(s: Sync, c: Counts, startTime: number | undefined): End | undefined {
	const { job, world } = s;
	const target = getCondition(job.status?.conditions, 'FailureTarget') ?? getCondition(job.status?.conditions, 'SuccessCriteriaMet');
	if (target?.status === 'True') {
		return { type: target.type === 'FailureTarget' ? 'Failed' : 'Complete', reason: target.reason ?? '', message: target.message ?? '' };
	}
	if (c.failJob !== undefined) return { type: 'Failed', reason: 'PodFailurePolicy', message: c.failJob };
	if (c.failed > (job.spec.backoffLimit ?? 6) || restartsExceed(s)) {
		return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
	}
	const deadline = job.spec.activeDeadlineSeconds;
	if (deadline !== undefined && startTime !== undefined && job.spec.suspend !== true) {
		const left = startTime + deadline * 1000 - world.now;
		if (left <= 0) return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
		s.queue.after(s.key, left);
	}
	const active = s.pods.filter(isPodActive).length;
	const { completions, maxFailedIndexes, successPolicy } = job.spec;
	if (maxFailedIndexes !== undefined && c.failedIndexes.size > maxFailedIndexes) {
		return { type: 'Failed', reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' };
	}
	if (c.failedIndexes.size > 0 && completions !== undefined && c.done.size + c.failedIndexes.size >= completions) {
		return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' };
	}
	const enough = successPolicy === undefined ? undefined : metSuccessPolicy(successPolicy, c.done);
	if (enough !== undefined) return { type: 'Complete', reason: 'SuccessPolicy', message: enough };
	const complete = completions === undefined ? c.succeeded > 0 && active === 0 : c.succeeded >= completions;
	return complete ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined;
}

/** With restartPolicy OnFailure containers' restarts count against the limit (pastBackoffLimitOnFailure). */
function restartsExceed({ job, pods }: Sync): boolean {
	if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
	let restarts = 0;
	for (const p of pods) {
		if (p.status?.phase !== 'Running' && p.status?.phase !== 'Pending') continue;
		for (const c of [...(p.status.initContainerStatuses ?? []), ...(p.status.containerStatuses ?? [])]) restarts += c.restartCount;
	}
	const limit = job.spec.backoffLimit ?? 6;
	return limit === 0 ? restarts > 0 : restarts >= limit;
}

function sync(s: Sync): void {
	const { job, world } = s;
	const suspended = job.spec.suspend === true;
	const c = count(s);
	let conditions = job.status?.conditions ?? [];
	let startTime = job.status?.startTime;
	if (!suspended && startTime === undefined) startTime = formatTime(world.now);
	const end = ending(s, c, startTime === undefined ? undefined : parseTime(startTime));
	if (end !== undefined) {
		const first = end.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
		conditions = setCondition(
			conditions,
			{ type: first, status: 'True', reason: end.reason, message: end.message, lastProbeTime: formatTime(world.now) },
			world.now,
		);
	} else if (suspended !== (getCondition(conditions, 'Suspended')?.status === 'True')) {
		if (suspended) {
			conditions = setCondition(conditions, { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }, world.now);
			startTime = undefined;
			say(s, 'Normal', 'Suspended', 'Job suspended');
		} else if (getCondition(conditions, 'Suspended') !== undefined) {
			conditions = setCondition(conditions, { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }, world.now);
			startTime = formatTime(world.now);
			say(s, 'Normal', 'Resumed', 'Job resumed');
		}
	}
	const active = s.pods.filter((p) => isPodActive(p));
	if (end !== undefined || suspended) for (const p of active) deletePod({ world, client: s.client, owner: job, component: COMPONENT }, p);
	else manage(s, c, active);
	writeStatus(s, c, conditions, startTime, end);
	for (const p of c.counted) release(s, p);
}

/** Creates what is missing up to parallelism, deletes what is too much (manageJob). */
function manage(s: Sync, c: Counts, active: readonly Pod[]): void {
	const { job, world, client } = s;
	const maker = { world, client, owner: job, component: COMPONENT };
	const { completions } = job.spec;
	const parallelism = job.spec.parallelism ?? 1;
	let wanted =
		completions === undefined ? (c.succeeded > 0 ? active.length : parallelism) : Math.min(parallelism, completions - c.succeeded - c.failedIndexes.size);
	if (completions === undefined && c.succeeded > 0) wanted = Math.min(active.length, parallelism);
	if (active.length > wanted) {
		for (const p of rankForDeletion(active, active, world.now).slice(0, active.length - wanted)) if (!deletePod(maker, p)) s.queue.failed(s.key);
		return;
	}
	const terminating =
		job.spec.podReplacementPolicy === 'Failed' ? s.pods.filter((p) => isDeleting(p) && !isSucceeded(p) && p.status?.phase !== 'Failed').length : 0;
	const missing = Math.min(wanted - active.length - terminating, BURST);
	if (missing <= 0) return;
	const perIndex = job.spec.backoffLimitPerIndex !== undefined;
	const wait = perIndex ? 0 : backoffLeft(s, c);
	if (wait > 0) {
		s.queue.after(s.key, wait);
		return;
	}
	const free = isIndexed(job) ? freeIndexes(s, c, active, missing) : undefined;
	const failures = (index: number | undefined): number | undefined =>
		perIndex && index !== undefined ? (failuresOf(s.pods, index, indexOf)?.count ?? 0) : undefined;
	const result = slowStart(free?.length ?? missing, (i) => createPod(maker, podFor(job, free?.[i], failures(free?.[i]))));
	if (result.refused !== undefined) s.queue.failed(s.key);
}

function backoffLeft(s: Sync, c: Counts): number {
	const failedPods = s.pods.filter((p) => p.status?.phase === 'Failed');
	if (failedPods.length === 0) return 0;
	// Only failures since the last success count (newBackoffRecord).
	const lastSuccess = Math.max(0, ...s.pods.filter(isSucceeded).map(finishedAt));
	const recent = failedPods.map(finishedAt).filter((t) => t >= lastSuccess);
	if (recent.length === 0) return 0;
	const last = Math.max(...recent) || s.world.now;
	const failures = Math.max(1, Math.min(recent.length, c.failed));
	return last + Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (failures - 1)) - s.world.now;
}

/** The first indexes without a pod; with a limit of their own those whose back-off is over. */
function freeIndexes({ job, pods, world, queue, key }: Sync, c: Counts, active: readonly Pod[], n: number): readonly number[] {
	const taken = new Set(active.map(indexOf));
	const out: number[] = [];
	for (let i = 0; i < (job.spec.completions ?? 0) && out.length < n; i++) {
		if (c.done.has(i) || c.failedIndexes.has(i) || taken.has(i)) continue;
		const failed = job.spec.backoffLimitPerIndex === undefined ? undefined : failuresOf(pods, i, indexOf);
		const wait = failed === undefined ? 0 : failed.lastAt + Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (failed.count - 1)) - world.now;
		if (wait > 0) queue.after(key, wait);
		else out.push(i);
	}
	return out;
}

/** The pod's environment and names carry its index where the job is indexed. */
function podFor(job: Job, index: number | undefined, failures: number | undefined): { readonly [k: string]: unknown } {
	const pod = podFromTemplate(job, job.spec.template) as { readonly metadata: { readonly [k: string]: unknown }; readonly spec: PodTemplate['spec'] };
	const tracked = { ...pod, metadata: { ...pod.metadata, finalizers: [...(job.spec.template.metadata?.finalizers ?? []), TRACKING] } };
	if (index === undefined) return tracked;
	const env = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } } };
	const withIndex = (c: PodTemplate['spec']['containers'][number]): PodTemplate['spec']['containers'][number] => ({
		...c,
		env: [...((c['env'] as readonly unknown[]) ?? []), env],
	});
	const { spec } = pod;
	return {
		...tracked,
		metadata: {
			...tracked.metadata,
			generateName: `${job.metadata.name}-${index}-`,
			labels: { ...(pod.metadata['labels'] as { readonly [k: string]: string }), [INDEX]: String(index) },
			annotations: {
				...(pod.metadata['annotations'] as { readonly [k: string]: string } | undefined),
				[INDEX]: String(index),
				...(failures === undefined ? {} : { [FAILURE_COUNT]: String(failures) }),
			},
		},
		spec: {
			...spec,
			hostname: spec.hostname ?? `${job.metadata.name}-${index}`,
			containers: spec.containers.map(withIndex),
			...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withIndex) }),
		},
	};
}

function writeStatus(s: Sync, c: Counts, conditions: readonly Condition[], startTime: string | undefined, end: End | undefined): void {
	const { world, client } = s;
	const job = client.get(world, JOBS, s.job.metadata.namespace, s.job.metadata.name) as Job | undefined;
	if (job === undefined) return;
	const pods = client.byIndex(world, PODS, 'byOwner', job.metadata.uid) as readonly Pod[];
	const active = pods.filter(isPodActive);
	const terminating = pods.filter((p) => isDeleting(p) && !isSucceeded(p) && p.status?.phase !== 'Failed').length;
	let all = conditions;
	let completionTime = job.status?.completionTime;
	// Complete and Failed come only when the last pod is really gone.
	if (end !== undefined && active.length === 0 && terminating === 0) {
		all = setCondition(all, { type: end.type, status: 'True', reason: end.reason, message: end.message, lastProbeTime: formatTime(world.now) }, world.now);
		if (end.type === 'Complete') {
			completionTime = formatTime(world.now);
			say(s, 'Normal', 'Completed', 'Job completed');
		} else say(s, 'Warning', end.reason, end.message);
	}
	const ready = active.filter(isPodReady).length;
	const status: JobStatus = {
		...(all.length > 0 ? { conditions: all } : {}),
		...(startTime === undefined ? {} : { startTime }),
		...(completionTime === undefined ? {} : { completionTime }),
		...(active.length > 0 ? { active: active.length } : {}),
		terminating,
		...(c.succeeded > 0 ? { succeeded: c.succeeded } : {}),
		...(c.failed > 0 ? { failed: c.failed } : {}),
		...(isIndexed(job) && c.done.size > 0 ? { completedIndexes: formatIndexes([...c.done]) } : {}),
		...(job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes([...c.failedIndexes]) }),
		uncountedTerminatedPods: {},
		ready,
	};
	if (sameData(status, job.status)) return;
	if (!client.updateStatus(world, JOBS, { ...job, status }).ok) s.queue.failed(s.key);
}
