/** Keeps as many pods as a ReplicaSet or a ReplicationController asks for (pkg/controller/replicaset; its adapter in pkg/controller/replication). */
import type { ApiClient, Outcome } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { Controller, Requeue } from './controller.ts';
import { removeCondition, setCondition } from './shared/conditions.ts';
import { createPod, deletePod, isNamespaceTerminating, podFromTemplate, slowStart } from './shared/create-pod.ts';
import { claimObjects } from './shared/indexes.ts';
import {
	type Condition,
	controllerOf,
	controllerRef,
	isDeleting,
	keyOf,
	type Labels,
	type Pod,
	type ReplicaSet,
	type ReplicaSetStatus,
	sameData,
	splitKey,
} from './shared/objects.ts';
import { isPodActive, isPodReady, isPodTerminating, podAvailability } from './shared/pods.ts';
import { rankForDeletion } from './shared/rank.ts';
import { labelsMatch, selectorIsEmpty, selectorMatches } from './shared/selectors.ts';
import { itself, itsOwner, podChanges, type Watch } from './shared/watching.ts';

const PODS = 'v1/pods';
/** Pods made or deleted in one reconcile at most (BurstReplicas). */
const BURST = 500;
/**
 * Sets beyond this size are given time to gather changes: about what a real sync of theirs takes with its status write,
 * of which the controller manager does 20 a second at most (--kube-api-qps).
 */
const LARGE = 100;
const MS_PER_POD = 0.5;
const LONGEST_MS = 1000;

/** One of the two kinds of set, the other seen as a ReplicaSet. */
interface Kept {
	readonly name: string;
	readonly kind: string;
	readonly resource: string;
	/** As `watches` names it. */
	readonly watched: string;
	readonly component: string;
	read(object: KubeObject): ReplicaSet;
	status(status: ReplicaSetStatus): object;
}

/** The controller of one kind of set. */
function keeper(kept: Kept): Controller {
	const ofPod: Watch = (world, change, client) => {
		const owned = itsOwner(kept.kind)(world, change, client);
		const { object } = change;
		if (owned.length > 0 || controllerOf(object) !== undefined || change.type === 'DELETED') return owned;
		const sets = client.list(world, kept.resource, object.metadata.namespace).map(kept.read);
		return sets.filter((rs) => !selectorIsEmpty(rs.spec.selector) && selectorMatches(rs.spec.selector, object.metadata.labels)).map(keyOf);
	};
	return {
		name: kept.name,
		watches: { [kept.watched]: itself, '/pods': podChanges(ofPod) },
		reconcile: (world, key, client, queue) => reconcile(world, client, queue, key, kept),
	};
}

function reconcile(world: World, client: ApiClient, queue: Requeue, key: string, kept: Kept): void {
	const { namespace, name } = splitKey(key);
	const held = client.get(world, kept.resource, namespace, name);
	if (held === undefined) return;
	const rs = kept.read(held);
	const matches = (o: KubeObject): boolean => selectorMatches(rs.spec.selector, o.metadata.labels);
	const pods = claimObjects(world, client, PODS, '/pods', rs, controllerRef(rs), (o) => matches(o)) as readonly Pod[];
	const active = pods.filter(isPodActive);
	if (pods.length > LARGE) queue.busy(Math.min(LONGEST_MS, pods.length * MS_PER_POD));
	const problem = isDeleting(rs) ? undefined : manageReplicas(world, client, kept, rs, active);
	const { status, nextCheckMs } = countStatus(rs, pods, problem, world.now);
	if (nextCheckMs !== undefined) queue.after(key, nextCheckMs);
	writeStatus(world, client, queue, key, kept, held, kept.status(status));
	if (problem !== undefined) queue.failed(key);
}

export const replicaSetController = keeper({
	name: 'replicaset',
	kind: 'ReplicaSet',
	resource: 'apps/v1/replicasets',
	watched: 'apps/replicasets',
	component: 'replicaset-controller',
	read: (object) => object as ReplicaSet,
	status: (status) => status,
});

export const replicationController = keeper({
	name: 'replication',
	kind: 'ReplicationController',
	resource: 'v1/replicationcontrollers',
	watched: '/replicationcontrollers',
	component: 'replication-controller',
	read: (object) => {
		const rc = object as ReplicaSet & { readonly spec: { readonly selector?: Labels } };
		return { ...rc, spec: { ...rc.spec, selector: { matchLabels: rc.spec.selector ?? {} } } };
	},
	// Its status has no such count.
	status: ({ terminatingReplicas, ...status }) => status,
});

interface Problem {
	readonly reason: 'FailedCreate' | 'FailedDelete';
	readonly message: string;
}

/** Creates or deletes pods; returns what went wrong. */
function manageReplicas(world: World, client: ApiClient, kept: Kept, rs: ReplicaSet, active: readonly Pod[]): Problem | undefined {
	const maker = { world, client, owner: rs, component: kept.component };
	const missing = (rs.spec.replicas ?? 1) - active.length;
	if (missing > 0) {
		const pod = podFromTemplate(rs, rs.spec.template);
		const result = slowStart(Math.min(missing, BURST), () => createPod(maker, pod));
		// What BURST left over is seen again when the pods made now show up.
		return result.refused === undefined || isNamespaceTerminating(result.refused)
			? undefined
			: { reason: 'FailedCreate', message: result.refused.status.message ?? '' };
	}
	if (missing < 0) {
		const chosen = rankForDeletion(active, relatedPods(world, client, kept, rs), world.now).slice(0, Math.min(-missing, BURST));
		for (const pod of chosen) if (!deletePod(maker, pod)) return { reason: 'FailedDelete', message: `could not delete pod ${pod.metadata.name}` };
	}
	return undefined;
}

/** Active pods of all replica sets with the same owner: a pod is the sooner deleted, the more of its kin run on its node. */
function relatedPods(world: World, client: ApiClient, kept: Kept, rs: ReplicaSet): readonly Pod[] {
	const owner = controllerOf(rs);
	const sets = owner === undefined ? [rs] : client.byIndex(world, kept.resource, 'byOwner', owner.uid);
	return sets.flatMap((s) => (client.byIndex(world, PODS, 'byOwner', s.metadata.uid) as readonly Pod[]).filter(isPodActive));
}

function writeStatus(world: World, client: ApiClient, queue: Requeue, key: string, kept: Kept, held: KubeObject, status: object): void {
	if (sameData(status, held['status'])) return;
	const outcome: Outcome<KubeObject> = client.updateStatus(world, kept.resource, { ...held, status });
	if (!outcome.ok && outcome.status.reason !== 'NotFound') queue.failed(key);
}

/**
 * calculateStatus of replica_set_utils.go. Counts `pods` as they were before this reconcile's own changes, as upstream does:
 * those bring the key back. Zero counts are left out, as `omitempty` leaves them out.
 */
function countStatus(
	rs: ReplicaSet,
	pods: readonly Pod[],
	problem: Problem | undefined,
	now: number,
): { readonly status: ReplicaSetStatus; readonly nextCheckMs: number | undefined } {
	const templateLabels = rs.spec.template.metadata?.labels ?? {};
	let replicas = 0;
	let labelled = 0;
	let ready = 0;
	let available = 0;
	let terminating = 0;
	let nextCheckMs: number | undefined;
	for (const pod of pods) {
		if (isPodTerminating(pod)) terminating++;
		if (!isPodActive(pod)) continue;
		replicas++;
		if (labelsMatch(templateLabels, pod.metadata.labels)) labelled++;
		if (!isPodReady(pod)) continue;
		ready++;
		const a = podAvailability(pod, rs.spec.minReadySeconds ?? 0, now);
		if (a.available) available++;
		else if (a.inMs !== undefined) nextCheckMs = Math.min(nextCheckMs ?? a.inMs, a.inMs);
	}
	const conditions: readonly Condition[] =
		problem === undefined
			? removeCondition(rs.status?.conditions, 'ReplicaFailure')
			: setCondition(rs.status?.conditions, { type: 'ReplicaFailure', status: 'True', ...problem }, now);
	const status: ReplicaSetStatus = {
		replicas,
		...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
		...(ready > 0 ? { readyReplicas: ready } : {}),
		...(available > 0 ? { availableReplicas: available } : {}),
		terminatingReplicas: terminating,
		...(rs.metadata.generation === undefined ? {} : { observedGeneration: rs.metadata.generation }),
		...(conditions.length > 0 ? { conditions } : {}),
	};
	return { status, nextCheckMs };
}
