/**
 * Node groups: the cluster autoscaler brings a node for a pod that waits for GPUs, after the minutes that a cloud takes, and a
 * spot machine is taken back. Models kubernetes/autoscaler's scale-up and the two-minute notice of AWS's spot instances.
 */
import type { Change, KubeObject } from '../apiserver/types.ts';
import { recordEvent } from '../controllers/events.ts';
import type { Pod } from '../controllers/shared/objects.ts';
import { labelsMatch } from '../controllers/shared/selectors.ts';
import type { World } from '../kernel/world.ts';
import { joinGpuNode } from '../kubelet/boot.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { newCards, WHOLE } from './cards.ts';
import { discoveryLabels, joinLabels } from './labels.ts';
import { getGpuNode, gpuSlice, type PoolRecord, setPool } from './state.ts';

export const SCALE_TIMER = 'gpu.scale';
export const JOIN_TIMER = 'gpu.join';
export const RECLAIM_TIMER = 'gpu.reclaim';
/** The autoscaler's scan interval; from the call to the cloud until the node with its driver is ready. */
const SCAN_MS = 10_000;
const PROVISION_MS = 210_000;
/** Notice before a spot machine goes. */
const NOTICE_MS = 120_000;
export const SPOT_ANNOTATION = 'gpu.foothold.dev/spot-interruption';

const groupName = (pool: PoolRecord): string => `foothold-gpu-${pool.model}`;

/** Whole cards that a pod's containers ask for together; 0 where it waits for something else. */
function wantedCards(pod: Pod): number {
	const containers = (pod.spec.containers ?? []) as readonly { readonly resources?: { readonly limits?: { readonly [r: string]: string } } }[];
	return containers.reduce((sum, c) => sum + Number(c.resources?.limits?.[WHOLE] ?? 0), 0);
}

function waits(pod: Pod): boolean {
	const conditions = (pod.status?.conditions ?? []) as readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
	return (pod.spec.nodeName ?? '') === '' && conditions.some((c) => c.type === 'PodScheduled' && c.status === 'False' && c.reason === 'Unschedulable');
}

/** Has pods looked at that the scheduler has found no place for. */
export function podChanged(world: World, { type, object }: Change): void {
	if (type === 'DELETED' || world.read(gpuSlice).pools.length === 0) return;
	const pod = object as unknown as Pod;
	if (waits(pod) && wantedCards(pod) > 0) world.schedule(SCALE_TIMER, `${object.metadata.namespace ?? ''}/${object.metadata.name}`, SCAN_MS);
}

/** Why a group would not help: in the autoscaler's words. */
function unfit(pool: PoolRecord, pod: Pod, cards: number): string | undefined {
	const node = { name: 'template', model: pool.model, cards: newCards('template', pool.cards, 0, 0), strategy: 'single', since: 0 } as const;
	const labels = { ...joinLabels(node), ...discoveryLabels(node), 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
	if (pod.spec.nodeSelector !== undefined && !labelsMatch(pod.spec.nodeSelector, labels)) return "node(s) didn't match Pod's node affinity/selector";
	if (pod.spec.tolerations?.some((t) => t.key === WHOLE || (t.key ?? '') === '') !== true) return `node(s) had untolerated taint(s)`;
	if (cards > pool.cards) return `Insufficient ${WHOLE}`;
	return pool.size + Object.keys(pool.coming).length >= pool.max ? 'max node group size reached' : undefined;
}

/** One pod's turn in a scan. */
export function scaleUp(world: World, services: Services, key: string): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const [namespace = '', name = ''] = key.split('/');
	const object = client.get(world, 'v1/pods', namespace, name);
	const pod = object as unknown as Pod | undefined;
	if (object === undefined || pod === undefined || !waits(pod)) return;
	const cards = wantedCards(pod);
	const say = (type: 'Normal', reason: string, message: string): void =>
		recordEvent(world, client, { object, type, reason, message, component: 'cluster-autoscaler' });
	const { pools } = world.read(gpuSlice);
	const reasons = new Map<string, number>();
	for (const pool of pools) {
		const full: PoolRecord = { ...pool, coming: {}, max: Number.MAX_SAFE_INTEGER };
		const spare = Object.entries(pool.coming).find(([, free]) => free >= cards);
		if (spare !== undefined && unfit(full, pod, cards) === undefined) {
			setPool(world, { ...pool, coming: { ...pool.coming, [spare[0]]: spare[1] - cards } });
			return;
		}
		const why = unfit(pool, pod, cards);
		if (why !== undefined) {
			reasons.set(why, (reasons.get(why) ?? 0) + 1);
			continue;
		}
		const count = pool.size + Object.keys(pool.coming).length;
		const node = `${groupName(pool)}-${pool.newest + 1}`;
		setPool(world, { ...pool, newest: pool.newest + 1, grewAt: world.now, coming: { ...pool.coming, [node]: pool.cards - cards } });
		world.schedule(JOIN_TIMER, node, PROVISION_MS, pool.model);
		say('Normal', 'TriggeredScaleUp', `pod triggered scale-up: [{${groupName(pool)} ${count}->${count + 1} (max: ${pool.max})}]`);
		return;
	}
	say('Normal', 'NotTriggerScaleUp', `pod didn't trigger scale-up: ${[...reasons].map(([why, n]) => `${n} ${why}`).join(', ')}`);
}

/** A machine that was asked for is there. */
export function nodeJoins(world: World, services: Services, name: string, model: string): void {
	const pool = world.read(gpuSlice).pools.find((p) => p.model === model);
	if (pool === undefined) return;
	const { [name]: _here, ...coming } = pool.coming;
	setPool(world, { ...pool, size: pool.size + 1, coming });
	joinGpuNode(world, services, name, { model, cards: pool.cards });
}

/** A node has left its group. */
export function nodeLeaves(world: World, name: string): void {
	const model = getGpuNode(world, name)?.model;
	const pool = world.read(gpuSlice).pools.find((p) => p.model === model);
	if (pool === undefined) return;
	const { [name]: _since, ...unneeded } = pool.unneeded;
	setPool(world, { ...pool, size: Math.max(0, pool.size - 1), unneeded });
}

/** The cloud wants its machine back: it is cordoned, tainted and emptied, and goes when the notice is over. */
export function interrupt(world: World, services: Services, node: KubeObject): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const { name } = node.metadata;
	const spec = node['spec'] as { readonly taints?: readonly { readonly [field: string]: string }[] };
	recordEvent(world, client, {
		object: node,
		type: 'Warning',
		reason: 'SpotInterruption',
		message: 'Spot interruption notice received. Instance will be interrupted in 2 minutes',
		component: 'aws-node-termination-handler',
	});
	const taints = [...(spec.taints ?? []), { key: 'aws-node-termination-handler/spot-itn', value: 'interruption', effect: 'NoSchedule' }];
	client.patch(world, 'v1/nodes', undefined, name, { spec: { unschedulable: true, taints: taints.map((t) => ({ ...t })) } }, 'application/merge-patch+json');
	for (const pod of client.byIndex(world, 'v1/pods', 'byNode', name)) {
		if (pod.metadata.ownerReferences?.some((o) => o.kind === 'DaemonSet') === true) continue;
		client.delete(world, 'v1/pods', pod.metadata.namespace, pod.metadata.name);
	}
	world.schedule(RECLAIM_TIMER, name, NOTICE_MS);
}

/** The notice is over. */
export function reclaim(world: World, services: Services, name: string): void {
	services.api.client(SYSTEM_USERS.loopback).delete(world, 'v1/nodes', undefined, name);
}
