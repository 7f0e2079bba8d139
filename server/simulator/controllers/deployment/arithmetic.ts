/** Sums over a deployment's replica sets (pkg/controller/deployment/util/deployment_util.go). */
import { parseTime } from '../../kernel/time.ts';
import type { Deployment, IntOrString, ReplicaSet } from '../shared/objects.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MAX = 'deployment.kubernetes.io/max-replicas';
export const HASH_LABEL = 'pod-template-hash';

export const wanted = (d: Deployment): number => d.spec.replicas ?? 1;
export const replicasOf = (rs: ReplicaSet): number => rs.spec.replicas ?? 1;
export const totalReplicas = (sets: readonly ReplicaSet[]): number => sets.reduce((n, rs) => n + replicasOf(rs), 0);
export const availableReplicas = (sets: readonly ReplicaSet[]): number => sets.reduce((n, rs) => n + (rs.status?.availableReplicas ?? 0), 0);
export const actualReplicas = (sets: readonly ReplicaSet[]): number => sets.reduce((n, rs) => n + (rs.status?.replicas ?? 0), 0);
/** A revision as Go's int64: adopted sets may carry any number. 0n where it is none. */
export const parseRevision = (text: string | undefined): bigint => (/^[+-]?\d{1,19}$/.test(text ?? '') ? BigInt((text ?? '').replace('+', '')) : 0n);
export const revisionOf = (o: { readonly metadata: { readonly annotations?: { readonly [k: string]: string } } }): bigint =>
	parseRevision(o.metadata.annotations?.[REVISION]);

/** A count, or a percentage of `total` rounded up or down (intstr.GetScaledValueFromIntOrPercent). */
export function scaled(value: IntOrString | undefined, total: number, roundUp: boolean): number {
	if (value === undefined) return 0;
	if (typeof value === 'number') return value;
	if (!value.endsWith('%')) return Number(value) || 0;
	const exact = (Number(value.slice(0, -1)) * total) / 100;
	return roundUp ? Math.ceil(exact) : Math.floor(exact);
}

/** Surge rounds up, unavailable down; where both come to nothing, one may be unavailable (ResolveFenceposts). */
function fenceposts(d: Deployment): { readonly surge: number; readonly unavailable: number } {
	if (d.spec.strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 };
	const r = d.spec.strategy?.rollingUpdate;
	const surge = scaled(r?.maxSurge ?? '25%', wanted(d), true);
	const unavailable = scaled(r?.maxUnavailable ?? '25%', wanted(d), false);
	return surge === 0 && unavailable === 0 ? { surge: 0, unavailable: 1 } : { surge, unavailable };
}

export function maxUnavailable(d: Deployment): number {
	if (d.spec.strategy?.type === 'Recreate' || wanted(d) === 0) return 0;
	return Math.min(fenceposts(d).unavailable, wanted(d));
}

export const maxSurge = (d: Deployment): number => (d.spec.strategy?.type === 'Recreate' ? 0 : fenceposts(d).surge);

/** How many replicas the new set may have now (NewRSNewReplicas). */
export function newSetReplicas(d: Deployment, all: readonly ReplicaSet[], newSet: ReplicaSet | undefined): number {
	const current = newSet === undefined ? 0 : replicasOf(newSet);
	if (d.spec.strategy?.type === 'Recreate') return wanted(d);
	const room = wanted(d) + maxSurge(d) - totalReplicas(all);
	if (room <= 0) return current;
	return current + Math.min(room, wanted(d) - current);
}

function created(rs: ReplicaSet): number {
	return parseTime(rs.metadata.creationTimestamp) ?? 0;
}

const byName = (a: ReplicaSet, b: ReplicaSet): number => (a.metadata.name < b.metadata.name ? -1 : 1);
export const oldestFirst = (a: ReplicaSet, b: ReplicaSet): number => created(a) - created(b) || byName(a, b);
export const byRevision = (a: ReplicaSet, b: ReplicaSet): number => Number(revisionOf(a) - revisionOf(b)) || oldestFirst(a, b);
export const largestThenNewest = (a: ReplicaSet, b: ReplicaSet): number => replicasOf(b) - replicasOf(a) || -oldestFirst(a, b);
export const largestThenOldest = (a: ReplicaSet, b: ReplicaSet): number => replicasOf(b) - replicasOf(a) || oldestFirst(a, b);

/** By how much a set grows or shrinks when its deployment is scaled in the middle of a rollout (GetReplicaSetFraction). */
function fraction(rs: ReplicaSet, d: Deployment): number {
	if (wanted(d) === 0) return -replicasOf(rs);
	const before = Number.parseInt(rs.metadata.annotations?.[MAX] ?? '', 10);
	const base = before > 0 ? before : (d.status?.replicas ?? 0);
	if (base === 0) return 0;
	return Math.round((replicasOf(rs) * (wanted(d) + maxSurge(d))) / base) - replicasOf(rs);
}

/** A set's share of `toAdd` (may be negative), of which `added` is given out already (GetProportion). */
export function proportion(rs: ReplicaSet, d: Deployment, toAdd: number, added: number): number {
	if (replicasOf(rs) === 0 || toAdd === 0 || toAdd === added) return 0;
	const share = fraction(rs, d);
	return toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
}

/** Whether the new set alone carries the deployment (IsSaturated). */
export function isSaturated(d: Deployment, newSet: ReplicaSet | undefined): boolean {
	if (newSet === undefined) return false;
	const desired = Number.parseInt(newSet.metadata.annotations?.[DESIRED] ?? '', 10);
	return replicasOf(newSet) === wanted(d) && desired === wanted(d) && (newSet.status?.availableReplicas ?? 0) === wanted(d);
}
