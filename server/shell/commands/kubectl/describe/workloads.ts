/** Deployments, replica sets, stateful sets, daemon sets, jobs and cron jobs. */
import type { Obj } from '../client.ts';
import { humanDuration, rfc1123 } from '../human.ts';
import type { Kube } from '../kube.ts';
import { podsBySelector, selectorText } from '../pods.ts';
import { deepEqual } from '../strategic.ts';
import { describeTemplate } from './podspec.ts';
import { capital, controller, type Doc, formatLabels, formatSelector } from './writer.ts';

async function podsStatus(kube: Kube, o: Obj): Promise<string> {
	const pods = (await podsBySelector(kube, o.metadata?.namespace ?? '', selectorText(o.spec?.selector))).filter((p) =>
		p.metadata?.ownerReferences?.some((r) => r.controller && r.uid === o.metadata?.uid),
	);
	const count = (phase: string): number => pods.filter((p) => p.status?.phase === phase).length;
	return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

function conditions(doc: Doc, o: Obj): void {
	const all = (o.status?.conditions ?? []) as Obj[];
	if (all.length === 0) return;
	doc.line(0, 'Conditions:').line(1, 'Type\tStatus\tReason').line(1, '----\t------\t------');
	for (const c of all) doc.line(1, `${c.type} \t${c.status}\t${c.reason ?? ''}`);
}

/** Replica sets of a deployment; the one with its present template is the new one (deploymentutil.FindNewReplicaSet). */
export async function replicaSetsOf(
	kube: Kube,
	deployment: Obj,
): Promise<{ readonly fresh?: Obj; readonly old: readonly Obj[]; readonly all: readonly Obj[] }> {
	const path = `/apis/apps/v1/namespaces/${deployment.metadata?.namespace}/replicasets`;
	const answer = await kube.client.json(path, { query: { labelSelector: selectorText(deployment.spec?.selector) || undefined } });
	const all = ((answer['items'] ?? []) as Obj[])
		.filter((r) => r.metadata?.ownerReferences?.some((o) => o.controller && o.uid === deployment.metadata?.uid))
		.sort((a, b) => (String(a.metadata?.creationTimestamp) < String(b.metadata?.creationTimestamp) ? -1 : 1));
	const bare = (template: Obj | undefined): unknown => {
		const { 'pod-template-hash': _hash, ...labels } = template?.metadata?.labels ?? {};
		return { ...template, metadata: { ...template?.metadata, labels } };
	};
	const fresh = all.find((r) => deepEqual(bare(r.spec?.template), bare(deployment.spec?.template)));
	// Old ones that still have pods are listed; empty ones are history only.
	return { ...(fresh === undefined ? {} : { fresh }), old: all.filter((r) => r !== fresh), all };
}

const replicaSetText = (sets: readonly Obj[]): string =>
	sets.map((r) => `${r.metadata?.name} (${r.status?.replicas ?? 0}/${r.spec?.replicas ?? 0} replicas created)`).join(', ') || '<none>';

export async function describeDeployment(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	const { spec, status = {} } = o;
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace).field(0, 'CreationTimestamp', rfc1123(o.metadata?.creationTimestamp));
	doc.labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations).field(0, 'Selector', selectorText(spec.selector));
	doc.field(
		0,
		'Replicas',
		`${spec.replicas ?? 0} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`,
	);
	doc.field(0, 'StrategyType', spec.strategy?.type).field(0, 'MinReadySeconds', spec.minReadySeconds ?? 0);
	const rolling = spec.strategy?.rollingUpdate;
	if (rolling) doc.field(0, 'RollingUpdateStrategy', `${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
	describeTemplate(doc, spec.template);
	conditions(doc, o);
	const sets = await replicaSetsOf(kube, o);
	if (sets.all.length > 0)
		doc.field(0, 'OldReplicaSets', replicaSetText(sets.old)).field(0, 'NewReplicaSet', replicaSetText(sets.fresh === undefined ? [] : [sets.fresh]));
}

export async function describeReplicaSet(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace).field(0, 'Selector', formatSelector(o.spec.selector));
	doc.labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations);
	if (controller(o) !== '') doc.field(0, 'Controlled By', controller(o));
	doc.field(0, 'Replicas', `${o.status?.replicas ?? 0} current / ${o.spec.replicas ?? 0} desired`).field(0, 'Pods Status', await podsStatus(kube, o));
	describeTemplate(doc, o.spec.template);
	conditions(doc, o);
}

export async function describeStatefulSet(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	const { spec, status = {} } = o;
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace).field(0, 'CreationTimestamp', rfc1123(o.metadata?.creationTimestamp));
	doc.field(0, 'Selector', selectorText(spec.selector)).labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations);
	doc.field(0, 'Replicas', `${spec.replicas ?? 0} desired | ${status.replicas ?? 0} total`).field(0, 'Update Strategy', spec.updateStrategy?.type);
	const rolling = spec.updateStrategy?.rollingUpdate;
	if (rolling?.partition !== undefined) {
		doc.field(1, 'Partition', rolling.partition);
		if (rolling.maxUnavailable !== undefined) doc.field(1, 'MaxUnavailable', rolling.maxUnavailable);
	}
	doc.field(0, 'Pods Status', await podsStatus(kube, o));
	describeTemplate(doc, spec.template);
	const claims = (spec.volumeClaimTemplates ?? []) as Obj[];
	doc.line(0, `Volume Claims:${claims.length === 0 ? '\t<none>' : ''}`);
	for (const c of claims) {
		doc.field(1, 'Name', c.metadata?.name).field(1, 'StorageClass', c.spec?.storageClassName ?? '');
		doc.labels('Labels', c.metadata?.labels, '  ').labels('Annotations', c.metadata?.annotations, '  ');
		doc.field(1, 'Capacity', c.spec?.resources?.requests?.storage ?? '<default>').field(1, 'Access Modes', `[${(c.spec?.accessModes ?? []).join(' ')}]`);
	}
}

export async function describeDaemonSet(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	const { spec, status = {} } = o;
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace).field(0, 'Selector', selectorText(spec.selector));
	doc
		.field(0, 'Node-Selector', formatLabels(spec.template?.spec?.nodeSelector))
		.labels('Labels', o.metadata?.labels)
		.annotations('Annotations', o.metadata?.annotations);
	doc.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`);
	doc.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`);
	doc.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`);
	doc.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`);
	doc.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`);
	doc.field(0, 'Pods Status', await podsStatus(kube, o));
	describeTemplate(doc, spec.template);
}

export function describeJob(doc: Doc, o: Obj): void {
	const { spec, status = {} } = o;
	doc.field(0, 'Name', o.metadata?.name).field(0, 'Namespace', o.metadata?.namespace).field(0, 'Selector', selectorText(spec.selector));
	doc.labels('Labels', o.metadata?.labels).annotations('Annotations', o.metadata?.annotations);
	if (controller(o) !== '') doc.field(0, 'Controlled By', controller(o));
	if (spec.parallelism !== undefined) doc.field(0, 'Parallelism', spec.parallelism);
	doc.field(0, 'Completions', spec.completions ?? '<unset>');
	if (spec.completionMode) doc.field(0, 'Completion Mode', spec.completionMode);
	if (spec.suspend !== undefined) doc.field(0, 'Suspend', spec.suspend);
	if (spec.backoffLimit !== undefined) doc.field(0, 'Backoff Limit', spec.backoffLimit);
	if (spec.ttlSecondsAfterFinished !== undefined) doc.field(0, 'TTL Seconds After Finished', spec.ttlSecondsAfterFinished);
	if (status.startTime) doc.field(0, 'Start Time', rfc1123(status.startTime));
	if (status.completionTime) doc.field(0, 'Completed At', rfc1123(status.completionTime));
	if (status.startTime && status.completionTime) doc.field(0, 'Duration', humanDuration(Date.parse(status.completionTime) - Date.parse(status.startTime)));
	if (spec.activeDeadlineSeconds !== undefined) doc.field(0, 'Active Deadline Seconds', `${spec.activeDeadlineSeconds}s`);
	const ready = status.ready === undefined ? '' : ` (${status.ready} Ready)`;
	doc.field(0, 'Pods Statuses', `${status.active ?? 0} Active${ready} / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`);
	if (spec.completionMode === 'Indexed') doc.field(0, 'Completed Indexes', status.completedIndexes || '<none>');
	describeTemplate(doc, spec.template);
}

export function describeCronJob(doc: Doc, o: Obj): void {
	const { spec, status = {} } = o;
	const unset = (value: unknown): unknown => value ?? '<unset>';
	doc.head(o).field(0, 'Schedule', spec.schedule).field(0, 'Concurrency Policy', spec.concurrencyPolicy).field(0, 'Suspend', capital(spec.suspend));
	doc.field(0, 'Time Zone', unset(spec.timeZone));
	doc.field(0, 'Successful Job History Limit', unset(spec.successfulJobsHistoryLimit)).field(0, 'Failed Job History Limit', unset(spec.failedJobsHistoryLimit));
	doc.field(0, 'Starting Deadline Seconds', spec.startingDeadlineSeconds === undefined ? '<unset>' : `${spec.startingDeadlineSeconds}s`);
	const job = (spec.jobTemplate?.spec ?? {}) as Obj;
	doc
		.field(0, 'Selector', job.selector ? selectorText(job.selector) : '<unset>')
		.field(0, 'Parallelism', unset(job.parallelism))
		.field(0, 'Completions', unset(job.completions));
	if (job.activeDeadlineSeconds !== undefined) doc.field(0, 'Active Deadline Seconds', `${job.activeDeadlineSeconds}s`);
	describeTemplate(doc, job.template);
	doc.field(0, 'Last Schedule Time', status.lastScheduleTime ? rfc1123(status.lastScheduleTime) : '<unset>');
	doc.field(0, 'Active Jobs', ((status.active ?? []) as Obj[]).map((j) => j.name).join(', ') || '<none>');
}
