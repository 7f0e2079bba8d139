/**
 * Nodes that nobody needs go again: the cluster autoscaler's scale-down of empty nodes, after its unneeded time and not soon after the
 * group grew. Models kubernetes/autoscaler core/scaledown with the default `--scale-down-unneeded-time` and `--scale-down-delay-after-add`.
 */
import type { Change, KubeObject } from '../apiserver/types.ts';
import { recordEvent } from '../controllers/events.ts';
import type { World } from '../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { RECLAIM_TIMER } from './scaling.ts';
import { getGpuNode, gpuSlice, type PoolRecord, setPool } from './state.ts';

export const IDLE_TIMER = 'gpu.idle';
const SCAN_MS = 10_000;
const UNNEEDED_MS = 600_000;
const AFTER_ADD_MS = 600_000;
/** From the call to the cloud until the node is gone. */
const REMOVE_MS = 60_000;
const DISABLED = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';
const TAINT = 'ToBeDeletedByClusterAutoscaler';

function poolOf(world: World, node: string): PoolRecord | undefined {
	const model = getGpuNode(world, node)?.model;
	const pool = world.read(gpuSlice).pools.find((p) => p.model === model);
	// Groups that keep their size are nobody's business.
	return pool === undefined || pool.min >= pool.max ? undefined : pool;
}

/** Pods of every node, and those that have ended, need no node. */
function needsItsNode(pod: KubeObject): boolean {
	const { phase } = (pod['status'] ?? {}) as { readonly phase?: string };
	if (phase === 'Succeeded' || phase === 'Failed') return false;
	return pod.metadata.ownerReferences?.some((o) => o.kind === 'DaemonSet' || o.kind === 'Node') !== true;
}

/** A pod has come to a node of a group, or left one: its node is looked at in the next scan. */
export function podMoved(world: World, { type, object }: Change): void {
	const node = (object['spec'] as { readonly nodeName?: string } | undefined)?.nodeName ?? '';
	if (node === '' || poolOf(world, node) === undefined) return;
	if (type !== 'DELETED' && needsItsNode(object)) needed(world, node);
	world.schedule(IDLE_TIMER, node, SCAN_MS);
}

function needed(world: World, node: string): void {
	const pool = poolOf(world, node);
	if (pool?.unneeded[node] === undefined) return;
	const { [node]: _since, ...unneeded } = pool.unneeded;
	setPool(world, { ...pool, unneeded });
}

/** One node's turn in a scan: unneeded from now on, still so, or long enough. */
export function scaleDown(world: World, services: Services, name: string): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const node = client.get(world, 'v1/nodes', undefined, name);
	const pool = poolOf(world, name);
	if (node === undefined || pool === undefined || pool.size <= pool.min) return;
	const spec = node['spec'] as { readonly taints?: readonly { readonly key: string }[] };
	if (spec.taints?.some((t) => t.key === TAINT) === true) return;
	const kept = node.metadata.annotations?.[DISABLED] === 'true';
	if (kept || client.byIndex(world, 'v1/pods', 'byNode', name).some(needsItsNode)) {
		needed(world, name);
		return;
	}
	const since = pool.unneeded[name] ?? world.now;
	if (pool.unneeded[name] === undefined) setPool(world, { ...pool, unneeded: { ...pool.unneeded, [name]: since } });
	const due = Math.max(since + UNNEEDED_MS, pool.grewAt + AFTER_ADD_MS);
	if (world.now < due) {
		world.schedule(IDLE_TIMER, name, due - world.now);
		return;
	}
	remove(world, services, node);
}

function remove(world: World, services: Services, node: KubeObject): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const { name } = node.metadata;
	const say = (message: string): void =>
		recordEvent(world, client, { object: node, type: 'Normal', reason: 'ScaleDown', message, component: 'cluster-autoscaler' });
	const { taints = [] } = node['spec'] as { readonly taints?: readonly { readonly [field: string]: string }[] };
	const mark = { key: TAINT, value: String(Math.floor(world.now / 1000)), effect: 'NoSchedule' };
	client.patch(world, 'v1/nodes', undefined, name, { spec: { taints: [...taints, mark].map((t) => ({ ...t })) } }, 'application/merge-patch+json');
	say('marked the node as toBeDeleted/unschedulable');
	say('node removed by cluster autoscaler');
	world.schedule(RECLAIM_TIMER, name, REMOVE_MS);
}
