/** Deletes pods from nodes with NoExecute taints once their tolerations run out (pkg/controller/tainteviction). */
import { defineSlice } from '../../kernel/state.ts';
import { formatTime, parseTime } from '../../kernel/time.ts';
import { type Tree, treeGet, treeRemove, treeSet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { podKeysOnNode } from '../shared/indexes.ts';
import { isDeleting, keyOf, type Node, type Pod, splitKey, type Taint } from '../shared/objects.ts';
import { isPodFinished } from '../shared/pods.ts';
import { tolerates } from '../shared/selectors.ts';

const COMPONENT = 'taint-eviction-controller';
/** Keys of pods that are no more: by uid. */
const GONE = 'gone:';

const executing = (node: Node | undefined): readonly Taint[] => (node?.spec?.taints ?? []).filter((t) => t.effect === 'NoExecute');

/** Pods that will have to go, by uid: since when, ms since the epoch. */
const plannedSlice = defineSlice<Tree<string, number>>('taint-evictions', null);

function unplan(world: World, uid: string): void {
	const planned = world.read(plannedSlice);
	if (treeGet(planned, uid) !== undefined) world.write(plannedSlice, treeRemove(planned, uid));
}

export const taintEviction: Controller = {
	name: 'taint-eviction',
	watches: {
		'/nodes': (world, change) => {
			const before = (change.previous as Node | undefined)?.spec;
			const node = change.object as Node;
			const tainted = executing(node).length > 0 || executing(change.previous as Node | undefined).length > 0;
			return change.type === 'DELETED' || before === node.spec || !tainted ? [] : podKeysOnNode(world, node.metadata.name);
		},
		'/pods': (world, change, client) => {
			const pod = change.object as Pod;
			const before = change.previous as Pod | undefined;
			if (change.type === 'DELETED') return treeGet(world.read(plannedSlice), pod.metadata.uid) === undefined ? [] : [`${GONE}${pod.metadata.uid}`];
			if ((pod.spec.nodeName ?? '') === '' || before?.spec === pod.spec) return [];
			return executing(client.get(world, 'v1/nodes', undefined, pod.spec.nodeName ?? '') as Node | undefined).length > 0 ? [keyOf(pod)] : [];
		},
	},
	reconcile(world, key, client, queue) {
		if (key.startsWith(GONE)) return unplan(world, key.slice(GONE.length));
		const { namespace, name } = splitKey(key);
		const pod = client.get(world, 'v1/pods', namespace, name) as Pod | undefined;
		if (pod === undefined) return;
		if (isDeleting(pod) || isPodFinished(pod)) return unplan(world, pod.metadata.uid);
		const taints = executing(client.get(world, 'v1/nodes', undefined, pod.spec.nodeName ?? '') as Node | undefined);
		// Counted from when the pod was first seen to have to go: a taint need not say when it came.
		const since = treeGet(world.read(plannedSlice), pod.metadata.uid) ?? world.now;
		const due = evictionTime(pod, taints, since);
		if (due === undefined) return unplan(world, pod.metadata.uid);
		if (due > world.now) {
			world.write(plannedSlice, treeSet(world.read(plannedSlice), pod.metadata.uid, since));
			queue.after(key, due - world.now);
			return;
		}
		unplan(world, pod.metadata.uid);
		recordEvent(world, client, {
			object: pod,
			type: 'Normal',
			reason: 'TaintManagerEviction',
			message: `Marking for deletion Pod ${key}`,
			component: COMPONENT,
		});
		const condition = {
			type: 'DisruptionTarget',
			status: 'True',
			reason: 'DeletionByTaintManager',
			message: 'Taint manager: deleting due to NoExecute taint',
			lastTransitionTime: formatTime(world.now),
		};
		const conditions = [...(pod.status?.conditions ?? []).filter((c) => c.type !== 'DisruptionTarget'), condition];
		client.updateStatus(world, 'v1/pods', { ...pod, status: { ...pod.status, conditions } });
		const gone = client.delete(world, 'v1/pods', namespace, name);
		if (!gone.ok && gone.status.reason !== 'NotFound') queue.failed(key);
	},
};

/** When the pod has to go: now where a taint isn't tolerated, never where all are for ever, else when the first toleration ends. `since`: when the pod was first seen, for taints without a time. */
function evictionTime(pod: Pod, taints: readonly Taint[], since: number): number | undefined {
	let due: number | undefined;
	for (const taint of taints) {
		const used = (pod.spec.tolerations ?? []).filter((t) => tolerates(t, taint));
		if (used.length === 0) return since;
		const limited = used.filter((t) => t.tolerationSeconds !== undefined).map((t) => Math.max(0, t.tolerationSeconds ?? 0));
		if (limited.length === 0) continue;
		const at = (parseTime(taint.timeAdded ?? '') ?? since) + Math.min(...limited) * 1000;
		due = Math.min(due ?? at, at);
	}
	return due;
}
