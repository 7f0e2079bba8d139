/** Follows the cluster: keeps nodes and their pods up to date, feeds the queue, wakes pods that a change may help (eventhandlers.go). */
import type { ApiClient } from '../apiserver/client.ts';
import type { Change } from '../apiserver/types.ts';
import { podsOnNode } from '../controllers/shared/indexes.ts';
import { isDeleting, keyOf, type Node, type Pod, sameData } from '../controllers/shared/objects.ts';
import { isPodFinished } from '../controllers/shared/pods.ts';
import { treeRemove } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { type NodeInfo, nodeIndex, nodeInfo, type PodEntry, podEntry, withNodePods, withoutPod, withPod } from './node-info.ts';
import { awaitsClaims } from './plugins/dynamic-resources.ts';
import { dequeue, enqueue, wake } from './queue.ts';
import { change as put, schedulerSlice } from './state.ts';

export const SCHEDULER_NAME = 'default-scheduler';

const isAssigned = (pod: Pod): boolean => (pod.spec.nodeName ?? '') !== '';
/** Takes room on its node: finished pods no longer do. */
const takesRoom = (pod: Pod): boolean => isAssigned(pod) && !isPodFinished(pod);

/** Plugins that a kind of change may satisfy. */
const ON_POD_GONE = new Set(['NodeResourcesFit', 'NodePorts', 'InterPodAffinity', 'PodTopologySpread']);
const ON_POD_THERE = new Set(['InterPodAffinity', 'PodTopologySpread']);
const ON_VOLUME = new Set(['VolumeBinding', 'VolumeZone']);
const ON_DEVICES = new Set(['DynamicResources']);
const ON_NODE = new Set([
	'DynamicResources',
	'NodeUnschedulable',
	'NodeName',
	'TaintToleration',
	'NodeAffinity',
	'NodePorts',
	'NodeResourcesFit',
	'VolumeBinding',
	'VolumeZone',
	'PodTopologySpread',
	'InterPodAffinity',
	'',
]);

export function followChange(world: World, change: Change, client: ApiClient): void {
	switch (`${change.group}/${change.resource}`) {
		case '/pods':
			followPod(world, change);
			break;
		case '/nodes':
			followNode(world, change, client);
			break;
		case '/persistentvolumeclaims':
		case '/persistentvolumes':
		case 'storage.k8s.io/storageclasses':
			wake(world, ON_VOLUME);
			break;
		case 'resource.k8s.io/resourceclaims':
		case 'resource.k8s.io/resourceslices':
		case 'resource.k8s.io/deviceclasses':
			wake(world, ON_DEVICES);
			break;
		default:
	}
}

function followPod(world: World, change: Change): void {
	const pod = change.object as Pod;
	const before = change.previous as Pod | undefined;
	const key = keyOf(pod);
	if (change.type === 'DELETED') {
		dequeue(world, key);
		forget(world, pod);
		if (isAssigned(pod)) removeFromNode(world, pod.spec.nodeName ?? '', key, true);
		return;
	}
	if (takesRoom(pod)) {
		if (before === undefined || !isAssigned(before)) {
			dequeue(world, key);
			forget(world, pod);
			addToNode(world, pod.spec.nodeName ?? '', podEntry(pod));
		} else if (before.metadata.labels !== pod.metadata.labels || isDeleting(before) !== isDeleting(pod) || before.spec !== pod.spec)
			refresh(world, pod, before);
		return;
	}
	if (isAssigned(pod)) {
		if (before !== undefined && takesRoom(before)) removeFromNode(world, pod.spec.nodeName ?? '', key, true);
		return;
	}
	if (isDeleting(pod) || isPodFinished(pod) || (pod.spec.schedulerName ?? SCHEDULER_NAME) !== SCHEDULER_NAME || (pod.spec.schedulingGates ?? []).length > 0) {
		dequeue(world, key);
		return;
	}
	if (awaitsClaims(pod)) return;
	// The scheduler's own notes in the status are no reason to try again.
	if (before === undefined || before.spec !== pod.spec || !sameData(before.metadata.labels, pod.metadata.labels) || awaitsClaims(before)) enqueue(world, pod);
}

function forget(world: World, pod: Pod): void {
	const s = world.read(schedulerSlice);
	const key = keyOf(pod);
	const results = treeRemove(s.results, pod.metadata.uid);
	const nominated = treeRemove(s.nominated, key);
	const binding = treeRemove(s.binding, key);
	if (results !== s.results || nominated !== s.nominated || binding !== s.binding) put(world, { results, nominated, binding });
}

function refresh(world: World, pod: Pod, before: Pod): void {
	const next = podEntry(pod);
	const old = podEntry(before);
	if (sameData(next, old)) return;
	removeFromNode(world, pod.spec.nodeName ?? '', keyOf(pod), false);
	addToNode(world, pod.spec.nodeName ?? '', next);
}

/** Puts a pod on a node; the same pod twice counts once. A node that isn't known yet counts its pods when it appears. */
export function addToNode(world: World, name: string, entry: PodEntry): void {
	const s = world.read(schedulerSlice);
	const { index, found } = nodeIndex(s.nodes, name);
	const node = s.nodes[index];
	if (!found || node === undefined || node.pods.some((p) => p.key === entry.key)) return;
	put(world, { nodes: withNodePods(s.nodes, index, withPod(node, entry)), affinityPods: s.affinityPods + (entry.affinity === undefined ? 0 : 1) });
	wake(world, ON_POD_THERE);
}

export function removeFromNode(world: World, name: string, key: string, wakeOthers: boolean): void {
	const s = world.read(schedulerSlice);
	const { index, found } = nodeIndex(s.nodes, name);
	const node = s.nodes[index];
	const entry = found ? node?.pods.find((p) => p.key === key) : undefined;
	if (node === undefined || entry === undefined) return;
	put(world, { nodes: withNodePods(s.nodes, index, withoutPod(node, key)), affinityPods: s.affinityPods - (entry.affinity === undefined ? 0 : 1) });
	if (wakeOthers) wake(world, ON_POD_GONE);
}

const rules = (pods: readonly PodEntry[]): number => pods.filter((p) => p.affinity !== undefined).length;

function followNode(world: World, change: Change, client: ApiClient): void {
	const node = change.object as Node;
	const before = change.previous as Node | undefined;
	// Heartbeats change nothing that scheduling reads.
	if (
		change.type === 'MODIFIED' &&
		before !== undefined &&
		before.spec === node.spec &&
		before.metadata.labels === node.metadata.labels &&
		sameData(before.status?.allocatable, node.status?.allocatable)
	) {
		return;
	}
	const s = world.read(schedulerSlice);
	const { index, found } = nodeIndex(s.nodes, node.metadata.name);
	const held = found ? s.nodes[index] : undefined;
	const nodes = [...s.nodes];
	if (change.type === 'DELETED') {
		if (held === undefined) return;
		nodes.splice(index, 1);
		put(world, { nodes, affinityPods: s.affinityPods - rules(held.pods) });
		return;
	}
	const pods = held?.pods ?? podsOnNode(world, client, node.metadata.name).filter(takesRoom).map(podEntry);
	const made: NodeInfo = nodeInfo(node, pods);
	if (held === undefined) nodes.splice(index, 0, made);
	else nodes[index] = made;
	put(world, { nodes, affinityPods: s.affinityPods + (held === undefined ? rules(pods) : 0) });
	wake(world, ON_NODE);
}
