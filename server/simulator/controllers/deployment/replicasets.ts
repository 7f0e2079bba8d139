/** A deployment's replica sets: finding, making, annotating, scaling, forgetting (pkg/controller/deployment/sync.go). */
import type { ApiClient } from '../../apiserver/client.ts';
import { formatTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import type { Requeue } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { getCondition } from '../shared/conditions.ts';
import { computeHash } from '../shared/hash.ts';
import { type Condition, controllerOf, controllerRef, type Deployment, isDeleting, type PodTemplate, type ReplicaSet, sameData } from '../shared/objects.ts';
import {
	byRevision,
	DESIRED,
	HASH_LABEL,
	MAX,
	maxSurge,
	newSetReplicas,
	oldestFirst,
	REVISION,
	REVISION_HISTORY,
	replicasOf,
	parseRevision,
	revisionOf,
	wanted,
} from './arithmetic.ts';

export const REPLICA_SETS = 'apps/v1/replicasets';
export const DEPLOYMENTS = 'apps/v1/deployments';
export const COMPONENT = 'deployment-controller';

/** One reconcile's view. `deployment` and `sets` are read afresh after every write. */
export interface Rollout {
	readonly world: World;
	readonly client: ApiClient;
	readonly queue: Requeue;
	readonly key: string;
	deployment: Deployment;
	sets: readonly ReplicaSet[];
}

export interface Split {
	readonly newSet: ReplicaSet | undefined;
	/** All other sets, oldest first. */
	readonly old: readonly ReplicaSet[];
}

function withoutHash(template: PodTemplate): unknown {
	const labels = { ...template.metadata?.labels };
	delete labels[HASH_LABEL];
	return { ...template, metadata: { ...template.metadata, labels, creationTimestamp: undefined, name: undefined } };
}

/** EqualIgnoreHash: templates are compared without the hash label. */
function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
	return sameData(withoutHash(a), withoutHash(b));
}

export function split(r: Rollout): Split {
	const sorted = [...r.sets].sort(oldestFirst);
	const newSet = sorted.find((rs) => sameTemplate(rs.spec.template, r.deployment.spec.template));
	return { newSet, old: sorted.filter((rs) => rs !== newSet) };
}

/** Sets with replicas (FilterActiveReplicaSets). */
export const active = (sets: readonly ReplicaSet[]): readonly ReplicaSet[] => sets.filter((rs) => replicasOf(rs) > 0);

/** Stores a changed replica set and keeps the view in step. */
function putSet(r: Rollout, next: ReplicaSet): ReplicaSet | undefined {
	const outcome = r.client.update(r.world, REPLICA_SETS, next);
	if (!outcome.ok) {
		r.queue.failed(r.key);
		return undefined;
	}
	const stored = outcome.value as ReplicaSet;
	r.sets = r.sets.map((rs) => (rs.metadata.uid === stored.metadata.uid ? stored : rs));
	return stored;
}

export function putStatus(r: Rollout, status: NonNullable<Deployment['status']>): boolean {
	const outcome = r.client.updateStatus(r.world, DEPLOYMENTS, { ...r.deployment, status });
	if (!outcome.ok) {
		r.queue.failed(r.key);
		return false;
	}
	r.deployment = outcome.value as Deployment;
	return true;
}

/** SetDeploymentCondition: where status and reason stand already nothing changes; lastUpdateTime moves with every change. */
export function withCondition(
	conditions: readonly Condition[] | undefined,
	type: string,
	status: string,
	reason: string,
	message: string,
	now: number,
): readonly Condition[] {
	const list = conditions ?? [];
	const old = getCondition(list, type);
	if (old !== undefined && old.status === status && old.reason === reason) return list;
	const at = formatTime(now);
	const made: Condition = { type, status, lastUpdateTime: at, lastTransitionTime: old?.status === status ? old.lastTransitionTime : at, reason, message };
	return [...list.filter((c) => c.type !== type), made];
}

const NOT_COPIED = new Set(['kubectl.kubernetes.io/last-applied-configuration', REVISION, REVISION_HISTORY, DESIRED, MAX, 'deprecated.deployment.rollback.to']);

/** Annotations of the new set: the deployment's own, its revision, and what proportional scaling needs later. */
function annotationsFor(d: Deployment, held: { readonly [k: string]: string } | undefined, revision: bigint): { readonly [k: string]: string } {
	const out: Record<string, string> = { ...held };
	for (const [k, v] of Object.entries(d.metadata.annotations ?? {})) if (!NOT_COPIED.has(k)) out[k] = v;
	const old = held?.[REVISION];
	const before = parseRevision(old);
	if (before < revision) {
		out[REVISION] = String(revision);
		if (old !== undefined && before > 0n) {
			const history = held?.[REVISION_HISTORY];
			out[REVISION_HISTORY] = history === undefined || history === '' ? old : `${history},${old}`;
		}
	}
	return out;
}

const withScaleNotes = (d: Deployment, annotations: { readonly [k: string]: string } | undefined): { readonly [k: string]: string } => ({
	...annotations,
	[DESIRED]: String(wanted(d)),
	[MAX]: String(wanted(d) + maxSurge(d)),
});

function setRevision(r: Rollout, revision: string | undefined): void {
	if (revision === undefined || r.deployment.metadata.annotations?.[REVISION] === revision) return;
	const d = r.deployment;
	const outcome = r.client.update(r.world, DEPLOYMENTS, {
		...d,
		metadata: { ...d.metadata, annotations: { ...d.metadata.annotations, [REVISION]: revision } },
	});
	if (outcome.ok) r.deployment = outcome.value as Deployment;
	else r.queue.failed(r.key);
}

/**
 * The new set and the old ones, with revisions numbered; makes the new set where it is missing and `create` is set
 * (getAllReplicaSetsAndSyncRevision). Undefined where a write failed: the key waits in the queue again.
 */
export function syncRevision(r: Rollout, create: boolean): Split | undefined {
	const { newSet, old } = split(r);
	const newest = [...old].sort(byRevision).at(-1);
	const revision = (newest === undefined ? 0n : revisionOf(newest)) + 1n;
	if (newSet !== undefined) return keepNewSet(r, newSet, revision) ? split(r) : undefined;
	if (!create) return { newSet, old };
	return makeNewSet(r, old, revision) ? split(r) : undefined;
}

function keepNewSet(r: Rollout, newSet: ReplicaSet, revision: bigint): boolean {
	const d = r.deployment;
	const annotations = annotationsFor(d, newSet.metadata.annotations, revision);
	const minReadySeconds = d.spec.minReadySeconds;
	let stored: ReplicaSet | undefined = newSet;
	if (!sameData(annotations, newSet.metadata.annotations) || (minReadySeconds ?? 0) !== (newSet.spec.minReadySeconds ?? 0)) {
		stored = putSet(r, { ...newSet, metadata: { ...newSet.metadata, annotations }, spec: { ...newSet.spec, minReadySeconds } });
		if (stored === undefined) return false;
	}
	setRevision(r, stored.metadata.annotations?.[REVISION]);
	if (d.spec.progressDeadlineSeconds !== undefined && getCondition(d.status?.conditions, 'Progressing') === undefined) {
		const message = `Found new replica set "${newSet.metadata.name}"`;
		const conditions = withCondition(r.deployment.status?.conditions, 'Progressing', 'True', 'FoundNewReplicaSet', message, r.world.now);
		return putStatus(r, { ...r.deployment.status, conditions });
	}
	return true;
}

function makeNewSet(r: Rollout, old: readonly ReplicaSet[], revision: bigint): boolean {
	const d = r.deployment;
	const hash = computeHash(d.spec.template, d.status?.collisionCount);
	const labels = { ...d.spec.template.metadata?.labels, [HASH_LABEL]: hash };
	const replicas = newSetReplicas(d, old, undefined);
	const body = {
		apiVersion: 'apps/v1',
		kind: 'ReplicaSet',
		metadata: {
			name: `${d.metadata.name}-${hash}`,
			namespace: d.metadata.namespace,
			labels,
			annotations: withScaleNotes(d, annotationsFor(d, undefined, revision)),
			ownerReferences: [controllerRef(d)],
		},
		spec: {
			replicas,
			...(d.spec.minReadySeconds === undefined ? {} : { minReadySeconds: d.spec.minReadySeconds }),
			selector: { ...d.spec.selector, matchLabels: { ...d.spec.selector.matchLabels, [HASH_LABEL]: hash } },
			template: { ...d.spec.template, metadata: { ...d.spec.template.metadata, labels } },
		},
	};
	const outcome = r.client.create(r.world, REPLICA_SETS, d.metadata.namespace, body);
	if (outcome.ok) {
		r.sets = [...r.sets, outcome.value as ReplicaSet];
		if (replicas > 0) scaleEvent(r, body.metadata.name, 0, replicas);
		setRevision(r, String(revision));
		return noteProgress(r, 'True', 'NewReplicaSetCreated', `Created new replica set "${body.metadata.name}"`);
	}
	if (outcome.status.reason === 'AlreadyExists') {
		const taken = r.client.get(r.world, REPLICA_SETS, d.metadata.namespace, body.metadata.name) as ReplicaSet | undefined;
		if (taken !== undefined && controllerOf(taken)?.uid === d.metadata.uid && sameTemplate(taken.spec.template, d.spec.template)) return true;
		// Two templates with one hash: count it, and hash anew with the count.
		putStatus(r, { ...d.status, collisionCount: (d.status?.collisionCount ?? 0) + 1 });
		r.queue.failed(r.key);
		return false;
	}
	const message = `Failed to create new replica set "${body.metadata.name}": ${outcome.status.message}`;
	noteProgress(r, 'False', 'ReplicaSetCreateError', message);
	recordEvent(r.world, r.client, { object: d, type: 'Warning', reason: 'ReplicaSetCreateError', message, component: COMPONENT });
	r.queue.failed(r.key);
	return false;
}

function noteProgress(r: Rollout, status: string, reason: string, message: string): boolean {
	if (r.deployment.spec.progressDeadlineSeconds === undefined) return true;
	const conditions = withCondition(r.deployment.status?.conditions, 'Progressing', status, reason, message, r.world.now);
	return putStatus(r, { ...r.deployment.status, conditions });
}

function scaleEvent(r: Rollout, name: string, from: number, to: number): void {
	const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`;
	recordEvent(r.world, r.client, { object: r.deployment, type: 'Normal', reason: 'ScalingReplicaSet', message, component: COMPONENT });
}

/** Sets a set's size and its notes for proportional scaling. True where its size changed. */
export function scaleSet(r: Rollout, rs: ReplicaSet, to: number): boolean {
	const annotations = withScaleNotes(r.deployment, rs.metadata.annotations);
	const from = replicasOf(rs);
	if (from === to && sameData(annotations, rs.metadata.annotations)) return false;
	const stored = putSet(r, { ...rs, metadata: { ...rs.metadata, annotations }, spec: { ...rs.spec, replicas: to } });
	if (stored === undefined || from === to) return false;
	scaleEvent(r, rs.metadata.name, from, to);
	return true;
}

/** Deletes old sets beyond the history limit (cleanupDeployment). */
export function cleanUp(r: Rollout, old: readonly ReplicaSet[]): void {
	const limit = r.deployment.spec.revisionHistoryLimit;
	if (limit === undefined) return;
	const alive = old.filter((rs) => !isDeleting(rs));
	const over = alive.length - limit;
	if (over <= 0) return;
	for (const rs of [...alive].sort(byRevision).slice(0, over)) {
		if ((rs.status?.replicas ?? 0) !== 0 || replicasOf(rs) !== 0) continue;
		if ((rs.metadata.generation ?? 0) > (rs.status?.observedGeneration ?? 0)) continue;
		const outcome = r.client.delete(r.world, REPLICA_SETS, rs.metadata.namespace, rs.metadata.name);
		if (outcome.ok || outcome.status.reason === 'NotFound') r.sets = r.sets.filter((s) => s !== rs);
		else r.queue.failed(r.key);
	}
}
