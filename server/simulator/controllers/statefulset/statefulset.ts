/** Keeps pods with lasting names and storage, in order (pkg/controller/statefulset/stateful_set_control.go). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import { scaled } from '../deployment/arithmetic.ts';
import type { Controller, Requeue } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { type Revision, syncRevision, templateOf, truncateHistory } from '../shared/history.ts';
import { claimObjects } from '../shared/indexes.ts';
import { controllerOf, controllerRef, isDeleting, keyOf, type Pod, sameData, splitKey } from '../shared/objects.ts';
import { isPodFinished, isPodReady, podAvailability } from '../shared/pods.ts';
import { selectorMatches } from '../shared/selectors.ts';
import { itself, itsOwner, podChanges, type Watch } from '../shared/watching.ts';
import { claimName, newClaim, newPod, ordinalOf, REVISION_LABEL, type StatefulSet } from './identity.ts';

const SETS = 'apps/v1/statefulsets';
const PODS = 'v1/pods';
const CLAIMS = 'v1/persistentvolumeclaims';
const COMPONENT = 'statefulset-controller';
/** Between a replica's claims and its pod, virtual ms: the binder sees the claims first, as it does through a real API server. */
const CLAIM_MS = 8;

const ofPod: Watch = (world, change, client) => {
	const owned = itsOwner('StatefulSet')(world, change, client);
	const { object } = change;
	if (owned.length > 0 || controllerOf(object) !== undefined || change.type === 'DELETED') return owned;
	return (client.list(world, SETS, object.metadata.namespace) as readonly StatefulSet[])
		.filter((s) => ordinalOf(s, object as Pod) >= 0 && selectorMatches(s.spec.selector, object.metadata.labels))
		.map(keyOf);
};

export const statefulSetController: Controller = {
	name: 'statefulset',
	watches: { 'apps/statefulsets': itself, '/pods': podChanges(ofPod) },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const set = client.get(world, SETS, namespace, name) as StatefulSet | undefined;
		if (set === undefined) return;
		const pods = claimObjects(
			world,
			client,
			PODS,
			'/pods',
			set,
			controllerRef(set),
			(o) => selectorMatches(set.spec.selector, o.metadata.labels) && ordinalOf(set, o as Pod) >= 0,
		) as readonly Pod[];
		const synced = syncRevision(world, client, set, set.spec.template, set.status?.collisionCount);
		if (synced === undefined) {
			queue.failed(key);
			return;
		}
		const current = synced.all.find((r) => r.metadata.name === set.status?.currentRevision) ?? synced.revision;
		const s: Sync = { world, client, queue, key, set, update: synced.revision, current, deleted: new Set() };
		if (!isDeleting(set)) step(s, pods);
		writeStatus(s);
		const live = new Set([synced.revision.metadata.name, current.metadata.name, ...pods.map((p) => p.metadata.labels?.[REVISION_LABEL] ?? '')]);
		truncateHistory(world, client, synced.all, live, set.spec.revisionHistoryLimit ?? 10);
	},
};

interface Sync {
	readonly world: World;
	readonly client: ApiClient;
	readonly queue: Requeue;
	readonly key: string;
	readonly set: StatefulSet;
	readonly update: Revision;
	readonly current: Revision;
	/** uids of pods deleted in this reconcile. */
	readonly deleted: Set<string>;
}

const start = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0;
const replicas = (set: StatefulSet): number => set.spec.replicas ?? 1;
const isMonotonic = (set: StatefulSet): boolean => set.spec.podManagementPolicy !== 'Parallel';
const revisionOf = (pod: Pod): string | undefined => pod.metadata.labels?.[REVISION_LABEL];
const isHealthy = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod) && !isDeleting(pod);

function say(s: Sync, type: 'Normal' | 'Warning', reason: string, message: string): void {
	recordEvent(s.world, s.client, { object: s.set, type, reason, message, component: COMPONENT });
}

/** Availability (minReadySeconds); looks again when a ready pod will have become available. */
function isAvailable(s: Sync, pod: Pod): boolean {
	const a = podAvailability(pod, s.set.spec.minReadySeconds ?? 0, s.world.now);
	if (a.inMs !== undefined) s.queue.after(s.key, a.inMs);
	return a.available;
}

function step(s: Sync, pods: readonly Pod[]): void {
	const { set } = s;
	const first = start(set);
	const last = first + replicas(set) - 1;
	const byOrdinal = new Map(pods.map((p) => [ordinalOf(set, p), p]));
	const condemned = pods.filter((p) => ordinalOf(set, p) < first || ordinalOf(set, p) > last).sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
	const firstUnhealthy = [...pods].sort((a, b) => ordinalOf(set, a) - ordinalOf(set, b)).find((p) => !isHealthy(p));
	for (let i = first; i <= last; i++) if (!fillSlot(s, i, byOrdinal.get(i)) && isMonotonic(set)) return;
	for (const pod of condemned) {
		if (isDeleting(pod)) {
			if (isMonotonic(set)) return;
			continue;
		}
		if (!isHealthy(pod) && isMonotonic(set) && pod !== firstUnhealthy) return;
		deletePod(s, pod);
		if (isMonotonic(set)) return;
	}
	if (set.spec.updateStrategy?.type !== 'OnDelete') rollingUpdate(s, byOrdinal, first, last);
}

/** Sees to one replica; true where it stands as wanted and the next may follow. */
function fillSlot(s: Sync, ordinal: number, pod: Pod | undefined): boolean {
	if (pod === undefined) {
		createPod(s, ordinal);
		return false;
	}
	if (isDeleting(pod)) return false;
	if (isPodFinished(pod)) {
		const { namespace, name } = pod.metadata;
		if (pod.status?.phase === 'Failed')
			say(s, 'Warning', 'RecreatingFailedPod', `StatefulSet ${namespace}/${s.set.metadata.name} is recreating failed Pod ${name}`);
		else say(s, 'Normal', 'RecreatingTerminatedPod', `StatefulSet ${namespace}/${s.set.metadata.name} is recreating terminated Pod ${name}`);
		deletePod(s, pod);
		return false;
	}
	return isHealthy(pod) && isAvailable(s, pod);
}

/** Below the partition a missing pod comes back in the old revision (newVersionedStatefulSetPod). */
function revisionFor(s: Sync, ordinal: number): Revision {
	const partition = s.set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
	return s.set.spec.updateStrategy?.type !== 'OnDelete' && ordinal < start(s.set) + partition ? s.current : s.update;
}

function createPod(s: Sync, ordinal: number): void {
	const { world, client, set } = s;
	const { namespace, name } = set.metadata;
	const pod = `${name}-${ordinal}`;
	let newClaims = false;
	for (const t of set.spec.volumeClaimTemplates ?? []) {
		const claim = claimName(set, t, ordinal);
		if (client.get(world, CLAIMS, namespace, claim) !== undefined) continue;
		const made = client.create(world, CLAIMS, namespace, newClaim(set, t, ordinal));
		if (made.ok) {
			newClaims = true;
			say(s, 'Normal', 'SuccessfulCreate', `create Claim ${claim} Pod ${pod} in StatefulSet ${name} success`);
		} else {
			say(s, 'Warning', 'FailedCreate', `create Claim ${claim} for Pod ${pod} in StatefulSet ${name} failed error: ${made.status.message}`);
			s.queue.failed(s.key);
			return;
		}
	}
	if (newClaims) {
		s.queue.after(s.key, CLAIM_MS);
		return;
	}
	const revision = revisionFor(s, ordinal);
	const made = client.create(world, PODS, namespace, newPod(set, templateOf(revision), revision.metadata.name, ordinal));
	if (made.ok) say(s, 'Normal', 'SuccessfulCreate', `create Pod ${pod} in StatefulSet ${name} successful`);
	else {
		say(s, 'Warning', 'FailedCreate', `create Pod ${pod} in StatefulSet ${name} failed error: ${made.status.message}`);
		s.queue.failed(s.key);
	}
}

function deletePod(s: Sync, pod: Pod): void {
	const { namespace, name } = pod.metadata;
	const gone = s.client.delete(s.world, PODS, namespace, name, { preconditions: { uid: pod.metadata.uid } });
	if (gone.ok) {
		s.deleted.add(pod.metadata.uid);
		say(s, 'Normal', 'SuccessfulDelete', `delete Pod ${name} in StatefulSet ${s.set.metadata.name} successful`);
	} else if (gone.status.reason !== 'NotFound') {
		say(s, 'Warning', 'FailedDelete', `delete Pod ${name} in StatefulSet ${s.set.metadata.name} failed error: ${gone.status.message}`);
		s.queue.failed(s.key);
	}
}

/** From the highest ordinal down to the partition, as many at a time as may be unavailable. */
function rollingUpdate(s: Sync, byOrdinal: ReadonlyMap<number, Pod>, first: number, last: number): void {
	const rule = s.set.spec.updateStrategy?.rollingUpdate;
	const allowed = rule?.maxUnavailable === undefined ? 1 : Math.max(1, scaled(rule.maxUnavailable, replicas(s.set), true));
	let unavailable = 0;
	for (let i = first; i <= last; i++) {
		const pod = byOrdinal.get(i);
		if (pod === undefined || !isHealthy(pod) || !isAvailable(s, pod)) unavailable++;
	}
	for (let i = last; i >= first + (rule?.partition ?? 0); i--) {
		const pod = byOrdinal.get(i);
		if (pod === undefined || s.deleted.has(pod.metadata.uid)) continue;
		const outdated = revisionOf(pod) !== s.update.metadata.name;
		const healthy = isHealthy(pod) && isAvailable(s, pod);
		if (outdated && !isDeleting(pod)) {
			if (healthy && unavailable >= allowed) return;
			deletePod(s, pod);
			if (healthy) unavailable++;
			if (unavailable >= allowed) return;
		} else if (!healthy && unavailable >= allowed) return;
	}
}

function writeStatus(s: Sync): void {
	const { world, client } = s;
	const set = client.get(world, SETS, s.set.metadata.namespace, s.set.metadata.name) as StatefulSet | undefined;
	if (set === undefined) return;
	const pods = (client.byIndex(world, PODS, 'byOwner', set.metadata.uid) as readonly Pod[]).filter((p) => ordinalOf(set, p) >= 0);
	const created = pods.filter((p) => !isPodFinished(p));
	const living = created.filter((p) => !isDeleting(p));
	const update = s.update.metadata.name;
	const updated = living.filter((p) => revisionOf(p) === update).length;
	const ready = living.filter((p) => p.status?.phase === 'Running' && isPodReady(p));
	const available = ready.filter((p) => isAvailable(s, p)).length;
	// The rollout is over when every replica is new and ready: the update revision becomes the current one.
	const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
	const finished = updated === replicas(set) && ready.length === replicas(set) && living.length === replicas(set) && partition === 0;
	const current = finished ? update : s.current.metadata.name;
	const currentCount = living.filter((p) => revisionOf(p) === current).length;
	const status: NonNullable<StatefulSet['status']> = {
		...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
		replicas: created.length,
		...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
		...(currentCount > 0 ? { currentReplicas: currentCount } : {}),
		...(updated > 0 ? { updatedReplicas: updated } : {}),
		currentRevision: current,
		updateRevision: update,
		collisionCount: set.status?.collisionCount ?? 0,
		availableReplicas: available,
	};
	if (sameData(status, set.status)) return;
	if (!client.updateStatus(world, SETS, { ...set, status } as KubeObject).ok) s.queue.failed(s.key);
}
