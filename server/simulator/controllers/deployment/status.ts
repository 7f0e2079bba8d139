/** A deployment's status: counts, Available and Progressing (pkg/controller/deployment/progress.go). */
import { parseTime } from '../../kernel/time.ts';
import { getCondition, removeCondition } from '../shared/conditions.ts';
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from '../shared/objects.ts';
import { sameData } from '../shared/objects.ts';
import { actualReplicas, availableReplicas, maxUnavailable, wanted } from './arithmetic.ts';
import { putStatus, type Rollout, type Split, withCondition } from './replicasets.ts';

const sum = (sets: readonly ReplicaSet[], of: (rs: ReplicaSet) => number | undefined): number => sets.reduce((n, rs) => n + (of(rs) ?? 0), 0);

/** calculateStatus: the counts and the Available condition; zero counts are left out, as `omitempty` leaves them out. */
function countStatus(d: Deployment, { newSet, old }: Split, now: number): DeploymentStatus {
	const all = newSet === undefined ? old : [...old, newSet];
	const replicas = actualReplicas(all);
	const available = availableReplicas(all);
	const ready = sum(all, (rs) => rs.status?.readyReplicas);
	const updated = newSet?.status?.replicas ?? 0;
	const unavailable = Math.max(0, sum(all, (rs) => rs.spec.replicas ?? 1) - available);
	const enough = available >= wanted(d) - maxUnavailable(d);
	const conditions = enough
		? withCondition(d.status?.conditions, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
		: withCondition(d.status?.conditions, 'Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now);
	return {
		...(d.metadata.generation === undefined ? {} : { observedGeneration: d.metadata.generation }),
		...(replicas > 0 ? { replicas } : {}),
		...(updated > 0 ? { updatedReplicas: updated } : {}),
		...(ready > 0 ? { readyReplicas: ready } : {}),
		...(available > 0 ? { availableReplicas: available } : {}),
		...(unavailable > 0 ? { unavailableReplicas: unavailable } : {}),
		terminatingReplicas: sum(all, (rs) => rs.status?.terminatingReplicas),
		...(d.status?.collisionCount === undefined ? {} : { collisionCount: d.status.collisionCount }),
		conditions,
	};
}

/** DeploymentComplete: all replicas are new, available, and no old one is left. */
export function isComplete(d: Deployment, s: DeploymentStatus): boolean {
	const n = wanted(d);
	return (
		(s.updatedReplicas ?? 0) === n && (s.replicas ?? 0) === n && (s.availableReplicas ?? 0) === n && (s.observedGeneration ?? 0) >= (d.metadata.generation ?? 0)
	);
}

function isProgressing(d: Deployment, s: DeploymentStatus): boolean {
	const o = d.status ?? {};
	const oldReplicas = (o.replicas ?? 0) - (o.updatedReplicas ?? 0);
	return (
		(s.updatedReplicas ?? 0) > (o.updatedReplicas ?? 0) ||
		(s.replicas ?? 0) - (s.updatedReplicas ?? 0) < oldReplicas ||
		(s.readyReplicas ?? 0) > (o.readyReplicas ?? 0) ||
		(s.availableReplicas ?? 0) > (o.availableReplicas ?? 0)
	);
}

/** When the deadline for progress runs out, ms since the epoch. */
function deadline(d: Deployment, c: Condition): number {
	return (parseTime(c.lastUpdateTime ?? '') ?? 0) + (d.spec.progressDeadlineSeconds ?? 0) * 1000;
}

function isTimedOut(d: Deployment, s: DeploymentStatus, now: number): boolean {
	const c = getCondition(s.conditions, 'Progressing');
	if (c === undefined || c.reason === 'NewReplicaSetAvailable') return false;
	return c.reason === 'ProgressDeadlineExceeded' || now > deadline(d, c);
}

function progress(d: Deployment, split: Split, status: DeploymentStatus, now: number): readonly Condition[] | undefined {
	const { newSet } = split;
	const subject = newSet === undefined ? `Deployment "${d.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
	const current = getCondition(status.conditions, 'Progressing');
	if (isComplete(d, status)) {
		return withCondition(status.conditions, 'Progressing', 'True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`, now);
	}
	if (isProgressing(d, status)) {
		// Set anew even where it stands, so that lastUpdateTime, from which the deadline counts, moves.
		const fresh = withCondition(
			removeCondition(status.conditions, 'Progressing'),
			'Progressing',
			'True',
			'ReplicaSetUpdated',
			`${subject} is progressing.`,
			now,
		);
		if (current?.status !== 'True') return fresh;
		return fresh.map((c) => (c.type === 'Progressing' ? { ...c, lastTransitionTime: current.lastTransitionTime } : c));
	}
	if (isTimedOut(d, status, now)) {
		return withCondition(status.conditions, 'Progressing', 'False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`, now);
	}
	return undefined;
}

function withFailures(conditions: readonly Condition[] | undefined, { newSet, old }: Split, now: number): readonly Condition[] {
	const failure = [...(newSet === undefined ? [] : [newSet]), ...old]
		.map((rs) => getCondition(rs.status?.conditions, 'ReplicaFailure'))
		.find((c) => c !== undefined);
	if (failure === undefined) return removeCondition(conditions, 'ReplicaFailure');
	return withCondition(conditions, 'ReplicaFailure', failure.status, failure.reason ?? '', failure.message ?? '', now);
}

/** Writes the status after a step of a rollout, and looks again when the deadline for progress runs out (syncRolloutStatus). */
export function syncRolloutStatus(r: Rollout, split: Split): void {
	const d = r.deployment;
	const now = r.world.now;
	let status = countStatus(d, split, now);
	if (d.spec.progressDeadlineSeconds === undefined) status = { ...status, conditions: removeCondition(status.conditions, 'Progressing') };
	else {
		const current = getCondition(d.status?.conditions, 'Progressing');
		const settled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
		const conditions = settled ? undefined : progress(d, split, status, now);
		if (conditions !== undefined) status = { ...status, conditions };
	}
	status = { ...status, conditions: withFailures(status.conditions, split, now) };
	if (!sameData(status, d.status)) putStatus(r, status);
	const c = getCondition(r.deployment.status?.conditions, 'Progressing');
	if (d.spec.progressDeadlineSeconds === undefined || c === undefined) return;
	if (isComplete(d, status) || c.reason === 'NewReplicaSetAvailable' || c.reason === 'ProgressDeadlineExceeded') return;
	r.queue.after(r.key, Math.max(0, deadline(d, c) - now) + 1000);
}

/** Writes the counts alone: for a deployment that is paused, being scaled or deleted (syncDeploymentStatus). */
export function syncCounts(r: Rollout, split: Split): void {
	const status = countStatus(r.deployment, split, r.world.now);
	if (!sameData(status, r.deployment.status)) putStatus(r, status);
}
