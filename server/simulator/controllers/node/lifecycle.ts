/** Watches nodes' leases, taints nodes by their conditions, marks pods of silent nodes (pkg/controller/nodelifecycle). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { formatTime, parseTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller, Requeue } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { getCondition } from '../shared/conditions.ts';
import { podsOnNode } from '../shared/indexes.ts';
import { type Condition, isDeleting, type Node, sameData, type Taint } from '../shared/objects.ts';
import { isPodFinished, podCondition } from '../shared/pods.ts';
import { itself } from '../shared/watching.ts';

const COMPONENT = 'node-controller';
const LEASES = 'kube-node-lease';
/** A node that hasn't renewed its lease for so long is unknown (--node-monitor-grace-period, 50 s since 1.32). */
const GRACE_MS = 50_000;
/** How long a node may be there before its kubelet says anything (--node-startup-grace-period). */
const STARTUP_MS = 60_000;
/** Nodes are looked at this often (--node-monitor-period). */
const MONITOR_MS = 5000;
const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Condition type and status → the NoSchedule taint it brings (nodeConditionToTaintKeyStatusMap). */
const TAINTS: readonly (readonly [string, string, string])[] = [
	['Ready', 'False', NOT_READY],
	['Ready', 'Unknown', UNREACHABLE],
	['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
	['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
	['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
	['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];
const OURS = new Set([...TAINTS.map(([, , key]) => key), 'node.kubernetes.io/unschedulable']);

interface Lease extends KubeObject {
	readonly spec?: { readonly renewTime?: string };
}

export const nodeLifecycle: Controller = {
	name: 'node',
	watches: {
		'/nodes': itself,
		// The first lease starts the watch over a node; its renewals are read when they would have run out.
		'coordination.k8s.io/leases': (_world, change) =>
			change.type === 'ADDED' && change.object.metadata.namespace === LEASES ? [change.object.metadata.name] : [],
	},
	reconcile(world, name, client, queue) {
		const node = client.get(world, 'v1/nodes', undefined, name) as Node | undefined;
		if (node === undefined || isDeleting(node)) return;
		const checked = checkLease(world, client, queue, node);
		if (checked !== undefined) taintByCondition(world, client, queue, checked);
	},
};

const ready = (node: Node): string => getCondition(node.status?.conditions, 'Ready')?.status ?? 'Unknown';

function checkLease(world: World, client: ApiClient, queue: Requeue, node: Node): Node | undefined {
	const { name } = node.metadata;
	const lease = client.get(world, 'coordination.k8s.io/v1/leases', LEASES, name) as Lease | undefined;
	const renewed = parseTime(lease?.spec?.renewTime ?? '');
	if (renewed === undefined) return checkStartup(world, client, queue, node);
	const left = renewed + GRACE_MS - world.now;
	if (left > 0) {
		queue.after(name, Math.ceil(left / MONITOR_MS) * MONITOR_MS);
		return node;
	}
	queue.after(name, MONITOR_MS);
	if (ready(node) === 'Unknown') return node;
	const now = formatTime(world.now);
	const conditions: readonly Condition[] = (node.status?.conditions ?? []).map((c) =>
		c.type === 'NetworkUnavailable'
			? c
			: { ...c, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: now },
	);
	const outcome = client.updateStatus(world, 'v1/nodes', { ...node, status: { ...node.status, conditions } });
	if (!outcome.ok) {
		queue.failed(name);
		return undefined;
	}
	recordEvent(world, client, {
		object: node,
		type: 'Normal',
		reason: 'NodeNotReady',
		message: `Node ${name} status is now: NodeNotReady`,
		component: COMPONENT,
	});
	markPodsNotReady(world, client, name);
	return outcome.value as Node;
}

const FIRST_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** A node without a lease isn't judged, for nothing says who keeps it alive; but one that nobody ever said anything of is unknown in the end. */
function checkStartup(world: World, client: ApiClient, queue: Requeue, node: Node): Node | undefined {
	if (getCondition(node.status?.conditions, 'Ready') !== undefined) return node;
	const created = node.metadata.creationTimestamp;
	const left = (parseTime(created) ?? world.now) + STARTUP_MS - world.now;
	if (left > 0) {
		queue.after(node.metadata.name, left);
		return node;
	}
	const held = node.status?.conditions ?? [];
	const never = { status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.', lastHeartbeatTime: created };
	const added = FIRST_CONDITIONS.filter((type) => getCondition(held, type) === undefined).map((type) => ({
		type,
		...never,
		lastTransitionTime: formatTime(world.now),
	}));
	const outcome = client.updateStatus(world, 'v1/nodes', { ...node, status: { ...node.status, conditions: [...held, ...added] } });
	if (outcome.ok) return outcome.value as Node;
	queue.failed(node.metadata.name);
	return undefined;
}

/** With no node ready the fault is more likely on this side: then no pod is sent away ("master disruption mode" of handleDisruption). */
function isAnyReady(world: World, client: ApiClient): boolean {
	return client.list(world, 'v1/nodes').some((n) => ready(n as Node) === 'True');
}

/** Pods of a silent node are no longer ready: services stop sending to them (MarkPodsNotReady). */
function markPodsNotReady(world: World, client: ApiClient, node: string): void {
	for (const pod of podsOnNode(world, client, node)) {
		if (isPodFinished(pod) || podCondition(pod, 'Ready')?.status !== 'True') continue;
		const conditions = (pod.status?.conditions ?? []).map((c) =>
			c.type === 'Ready' ? { ...c, status: 'False', lastTransitionTime: formatTime(world.now) } : c,
		);
		client.updateStatus(world, 'v1/pods', { ...pod, status: { ...pod.status, conditions } });
		recordEvent(world, client, { object: pod, type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready', component: COMPONENT });
	}
}

function taintByCondition(world: World, client: ApiClient, queue: Requeue, node: Node): void {
	const held = node.spec?.taints ?? [];
	const at = formatTime(world.now);
	const wanted: Taint[] = [];
	const add = (key: string, effect: string): void => {
		wanted.push(held.find((t) => t.key === key && t.effect === effect) ?? { key, effect, timeAdded: at });
	};
	for (const [type, status, key] of TAINTS) if (getCondition(node.status?.conditions, type)?.status === status) add(key, 'NoSchedule');
	if (node.spec?.unschedulable === true) add('node.kubernetes.io/unschedulable', 'NoSchedule');
	if (node.status?.conditions !== undefined && ready(node) !== 'True') {
		if (isAnyReady(world, client)) add(ready(node) === 'False' ? NOT_READY : UNREACHABLE, 'NoExecute');
		queue.after(node.metadata.name, MONITOR_MS);
	}
	// A node that has just registered has no conditions yet, and keeps the taint it came with.
	const others = held.filter((t) => !OURS.has(t.key) || (node.status?.conditions === undefined && t.key === NOT_READY));
	const taints = [...others, ...wanted];
	if (sameData(taints, held)) return;
	const { taints: _, ...spec } = node.spec ?? {};
	const outcome = client.update(world, 'v1/nodes', { ...node, spec: taints.length > 0 ? { ...spec, taints } : spec });
	if (!outcome.ok) queue.failed(node.metadata.name);
}

/** Says that a node has come or gone. */
export const nodeEvents: Controller = {
	name: 'node-events',
	watches: {
		'/nodes': (_world, change) =>
			change.type === 'ADDED'
				? [`RegisteredNode/${change.object.metadata.name}`]
				: change.type === 'DELETED'
					? [`RemovingNode/${change.object.metadata.name}`]
					: [],
	},
	reconcile(world, key, client) {
		const [reason = '', name = ''] = key.split('/');
		const node = client.get(world, 'v1/nodes', undefined, name);
		const message =
			reason === 'RegisteredNode' ? `Node ${name} event: Registered Node ${name} in Controller` : `Node ${name} event: Removing Node ${name} from Controller`;
		if ((node === undefined) === (reason === 'RegisteredNode')) return;
		const object = node ?? { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name, resourceVersion: '', creationTimestamp: '' } };
		recordEvent(world, client, { object, type: 'Normal', reason, message, component: COMPONENT });
	},
};
