/** The two strategies: RollingUpdate and Recreate (pkg/controller/deployment/{rolling,recreate}.go), and scaling in between. */
import type { Pod, ReplicaSet } from '../shared/objects.ts';
import { isPodFinished } from '../shared/pods.ts';
import {
	availableReplicas,
	isSaturated,
	largestThenNewest,
	largestThenOldest,
	maxSurge,
	maxUnavailable,
	newSetReplicas,
	oldestFirst,
	proportion,
	replicasOf,
	totalReplicas,
	wanted,
} from './arithmetic.ts';
import { active, cleanUp, type Rollout, type Split, scaleSet, split, syncRevision } from './replicasets.ts';
import { isComplete, syncCounts, syncRolloutStatus } from './status.ts';

const join = ({ newSet, old }: Split): readonly ReplicaSet[] => (newSet === undefined ? old : [...old, newSet]);

function finish(r: Rollout): void {
	const s = split(r);
	if (r.deployment.status !== undefined && isComplete(r.deployment, r.deployment.status)) cleanUp(r, s.old);
	syncRolloutStatus(r, split(r));
}

export function rollingUpdate(r: Rollout): void {
	const s = syncRevision(r, true);
	if (s?.newSet === undefined) return;
	if (!growNewSet(r, s.newSet, join(s))) shrinkOldSets(r);
	finish(r);
}

function growNewSet(r: Rollout, newSet: ReplicaSet, all: readonly ReplicaSet[]): boolean {
	const d = r.deployment;
	if (replicasOf(newSet) === wanted(d)) return false;
	const to = replicasOf(newSet) > wanted(d) ? wanted(d) : newSetReplicas(d, all, newSet);
	return scaleSet(r, newSet, to);
}

/** reconcileOldReplicaSets: unhealthy pods first, then as many as availability allows. */
function shrinkOldSets(r: Rollout): void {
	const { newSet, old } = split(r);
	if (newSet === undefined || totalReplicas(active(old)) === 0) return;
	const d = r.deployment;
	const minAvailable = wanted(d) - maxUnavailable(d);
	const newUnavailable = replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0);
	const room = totalReplicas(join({ newSet, old })) - minAvailable - newUnavailable;
	if (room <= 0) return;
	dropUnhealthy(r, room);
	dropAvailable(r, minAvailable);
}

function dropUnhealthy(r: Rollout, room: number): void {
	let dropped = 0;
	for (const rs of [...split(r).old].sort(oldestFirst)) {
		if (dropped >= room) return;
		const unhealthy = replicasOf(rs) - (rs.status?.availableReplicas ?? 0);
		if (replicasOf(rs) === 0 || unhealthy <= 0) continue;
		const n = Math.min(room - dropped, unhealthy);
		scaleSet(r, rs, replicasOf(rs) - n);
		dropped += n;
	}
}

function dropAvailable(r: Rollout, minAvailable: number): void {
	const s = split(r);
	const spare = availableReplicas(join(s)) - minAvailable;
	if (spare <= 0) return;
	let dropped = 0;
	for (const rs of active(s.old)) {
		if (dropped >= spare) return;
		const n = Math.min(replicasOf(rs), spare - dropped);
		scaleSet(r, rs, replicasOf(rs) - n);
		dropped += n;
	}
}

export function recreate(r: Rollout): void {
	const s = syncRevision(r, false);
	if (s === undefined) return;
	let scaledDown = false;
	for (const rs of active(s.old)) scaledDown = scaleSet(r, rs, 0) || scaledDown;
	if (scaledDown || oldPodsRunning(r)) {
		syncRolloutStatus(r, split(r));
		return;
	}
	const made = syncRevision(r, true);
	if (made?.newSet === undefined) return;
	scaleSet(r, made.newSet, wanted(r.deployment));
	finish(r);
}

function oldPodsRunning(r: Rollout): boolean {
	for (const rs of split(r).old) {
		const pods = r.client.byIndex(r.world, 'v1/pods', 'byOwner', rs.metadata.uid) as readonly Pod[];
		if (pods.some((p) => !isPodFinished(p))) return true;
	}
	return false;
}

/** Brings sizes in line without rolling out: for scaling and for a paused deployment (sync). */
export function scaleOnly(r: Rollout): void {
	const s = syncRevision(r, false);
	if (s === undefined) return;
	scale(r, s);
	if (r.deployment.spec.paused === true) cleanUp(r, split(r).old);
	syncCounts(r, split(r));
}

function scale(r: Rollout, s: Split): void {
	const d = r.deployment;
	const { newSet, old } = s;
	const running = active(join(s));
	const only = running.length === 0 ? (newSet ?? [...old].sort(oldestFirst).at(-1)) : running.length === 1 ? running[0] : undefined;
	if (only !== undefined) {
		scaleSet(r, only, wanted(d));
		return;
	}
	if (running.length === 0) return;
	if (isSaturated(d, newSet)) {
		for (const rs of active(old)) scaleSet(r, rs, 0);
		return;
	}
	if (d.spec.strategy?.type === 'Recreate') return;
	const allowed = wanted(d) > 0 ? wanted(d) + maxSurge(d) : 0;
	const toAdd = allowed - totalReplicas(running);
	const ordered = [...running].sort(toAdd > 0 ? largestThenNewest : largestThenOldest);
	let added = 0;
	const sizes = ordered.map((rs) => {
		const share = proportion(rs, d, toAdd, added);
		added += share;
		return replicasOf(rs) + share;
	});
	ordered.forEach((rs, i) => {
		const leftover = i === 0 ? toAdd - added : 0;
		scaleSet(r, rs, Math.max(0, (sizes[i] ?? 0) + leftover));
	});
}
