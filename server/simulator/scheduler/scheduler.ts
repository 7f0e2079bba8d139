/** kube-scheduler: takes pods from its queue, finds each a node, binds it there (pkg/scheduler/schedule_one.go). */
import type { ApiClient } from '../apiserver/client.ts';
import { recordEvent } from '../controllers/events.ts';
import { setCondition } from '../controllers/shared/conditions.ts';
import { claimNames } from '../controllers/shared/indexes.ts';
import { keyOf, type Pod, splitKey } from '../controllers/shared/objects.ts';
import { CLAIMS, findVolume, SELECTED_NODE, VOLUMES } from '../controllers/volumes/volumes.ts';
import { treeGet, treeRange, treeRemove, treeSet } from '../kernel/tree.ts';
import type { TimerHandler, World } from '../kernel/world.ts';
import { type Room, type Services, SYSTEM_USERS } from '../services.ts';
import { addToNode, followChange, removeFromNode, SCHEDULER_NAME } from './cluster.ts';
import { classMemo } from './class-memo.ts';
import type { Cycle } from './framework.ts';
import { choose, prepareAll, type Search, search, withNominated } from './framework-run.ts';
import { nodeIndex, podEntry } from './node-info.ts';
import { takeDevices } from './plugins/dynamic-resources.ts';
import { podClaims } from './plugins/volume-binding.ts';
import { PLUGINS } from './plugins/plugins.ts';
import { histogram, type Preemption, preempt } from './preemption.ts';
import { backToActive, CYCLE_MS, CYCLE_TIMER, dequeue, pop, RETRY_TIMER, setAside } from './queue.ts';
import { withResults } from './result-annotations.ts';
import { change as put, REFUSED_NODES_KEPT, type Refusal, schedulerSlice } from './state.ts';

export { schedulingResult } from './state.ts';

const PODS = 'v1/pods';
const BIND_TIMER = 'scheduler:bind';
/** From the choice of a node to the binding's arrival, and between looks at volumes that are being made. */
const BIND_MS = 5;
/** Volumes must be there by then (bindTimeoutSeconds). */
const BIND_TIMEOUT_MS = 600_000;

export function schedulerRoom(services: Services): Room {
	let cached: ApiClient | undefined;
	const client = (): ApiClient => (cached ??= services.api.client(SYSTEM_USERS.scheduler));
	const retry: TimerHandler = (world, key) => {
		const { namespace, name } = splitKey(key);
		const pod = client().get(world, PODS, namespace, name) as Pod | undefined;
		if (pod !== undefined) backToActive(world, key, pod.spec.priority ?? 0);
	};
	return {
		timers: {
			[CYCLE_TIMER]: (world) => {
				const next = pop(world);
				if (next === undefined) return;
				scheduleOne(world, client(), next.key, next.attempts);
				if (world.read(schedulerSlice).active !== null) world.schedule(CYCLE_TIMER, '', CYCLE_MS);
			},
			[RETRY_TIMER]: retry,
			[BIND_TIMER]: (world, key) => finishBinding(world, client(), key),
		},
		onChange(world, change) {
			followChange(world, change, client());
			if (change.group === '' && change.resource === 'persistentvolumeclaims')
				lookAtBindings(world, change.object.metadata.namespace, change.object.metadata.name, client());
		},
	};
}

function scheduleOne(world: World, client: ApiClient, key: string, attempts: number): void {
	const { namespace, name } = splitKey(key);
	const pod = client.get(world, PODS, namespace, name) as Pod | undefined;
	if (pod === undefined || (pod.spec.nodeName ?? '') !== '' || pod.metadata.deletionTimestamp !== undefined) {
		dequeue(world, key);
		return;
	}
	const state = world.read(schedulerSlice);
	if (treeGet(state.binding, key) !== undefined) return;
	const bare: Cycle = { world, client, pod, entry: podEntry(pod), nodes: state.nodes, affinityPods: state.affinityPods };
	const cycle: Cycle = { ...bare, nodes: withNominated(state, bare) };
	if (cycle.nodes.length === 0) {
		refuse(cycle, attempts, NO_NODES, { message: '' });
		return;
	}
	const runs = prepareAll(cycle, PLUGINS);
	const memo = classMemo(cycle);
	const found = search(cycle.nodes, runs, state.nextStart % cycle.nodes.length, memo);
	if (found.feasible.length === 0) {
		refuse(cycle, attempts, found, preempt(cycle, PLUGINS, found, cycle.nodes.length));
		return;
	}
	put(world, { nextStart: (state.nextStart + found.processed) % cycle.nodes.length });
	const node = choose(found, runs, (n) => world.randomInt(n), memo);
	if (node === undefined) return;
	const why = takeDevices(cycle, node);
	if (why === undefined) reserve(cycle, node.name);
	else refuse(cycle, attempts, { feasible: [], refusals: [], whole: { plugin: 'DynamicResources', message: why }, processed: 0 }, { message: '' });
}

const NO_NODES: Search = { feasible: [], refusals: [], whole: { plugin: '', message: 'no nodes available to schedule pods' }, processed: 0 };

/** Takes the room at once; binds at once too where no volume has to be made first. */
function reserve(cycle: Cycle, node: string): void {
	const { world, client, pod, entry } = cycle;
	const { waiting } = podClaims(cycle, pod);
	if (waiting.length === 0) {
		bind(world, client, pod, node);
		return;
	}
	addToNode(world, node, entry);
	const s = world.read(schedulerSlice);
	put(world, { binding: treeSet(s.binding, entry.key, { node, since: world.now }) });
	const info = s.nodes[nodeIndex(s.nodes, node).index];
	for (const claim of waiting) {
		const volume = info === undefined ? undefined : findVolume(world, client, claim, info);
		if (volume !== undefined) {
			const { namespace, name, uid, resourceVersion } = claim.metadata;
			const claimRef = { kind: claim.kind, namespace, name, uid, apiVersion: claim.apiVersion, resourceVersion };
			const annotations = { ...volume.metadata.annotations, 'pv.kubernetes.io/bound-by-controller': 'yes' };
			client.update(world, VOLUMES, { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } });
		} else client.update(world, CLAIMS, { ...claim, metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [SELECTED_NODE]: node } } });
	}
	world.schedule(BIND_TIMER, entry.key, BIND_TIMEOUT_MS);
}

/** A claim has changed: pods that wait for it may be bound now. */
function lookAtBindings(world: World, namespace: string | undefined, claim: string, client: ApiClient): void {
	const { binding } = world.read(schedulerSlice);
	if (binding === null) return;
	for (const { k } of treeRange(binding)) {
		const at = splitKey(k);
		if (at.namespace !== namespace) continue;
		const pod = client.get(world, PODS, namespace, at.name) as Pod | undefined;
		if (pod !== undefined && claimNames(pod).includes(claim)) world.schedule(BIND_TIMER, k, BIND_MS);
	}
}

function finishBinding(world: World, client: ApiClient, key: string): void {
	const s = world.read(schedulerSlice);
	const held = treeGet(s.binding, key);
	if (held === undefined) return;
	const { namespace, name } = splitKey(key);
	const pod = client.get(world, PODS, namespace, name) as Pod | undefined;
	if (pod === undefined) return;
	const claims = podClaims({ world, client }, pod);
	if (claims.refused === undefined && claims.waiting.length === 0) {
		put(world, { binding: treeRemove(s.binding, key) });
		bind(world, client, pod, held.node);
		return;
	}
	const left = held.since + BIND_TIMEOUT_MS - world.now;
	if (left > 0) {
		world.schedule(BIND_TIMER, key, left);
		return;
	}
	put(world, { binding: treeRemove(s.binding, key) });
	removeFromNode(world, held.node, key, true);
	const message = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded';
	recordEvent(world, client, { object: pod, type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message, component: SCHEDULER_NAME });
	setAside(world, key, ['VolumeBinding']);
}

function bind(world: World, client: ApiClient, pod: Pod, node: string): void {
	const { namespace, name, uid } = pod.metadata;
	const body = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target: { kind: 'Node', name: node } };
	const outcome = client.create(world, 'v1/pods/binding', namespace, body, name);
	if (!outcome.ok) {
		removeFromNode(world, node, keyOf(pod), false);
		if (outcome.status.reason !== 'NotFound') setAside(world, keyOf(pod), ['']);
		return;
	}
	const message = `Successfully assigned ${namespace}/${name} to ${node}`;
	recordEvent(world, client, { object: pod, type: 'Normal', reason: 'Scheduled', action: 'Binding', message, component: SCHEDULER_NAME });
}

const leftOutReason = (plugins: readonly string[]): string => `node(s) didn't satisfy plugin(s) [${[...plugins].sort().join(' ')}]`;

/** The sentence of FitError.Error: how many nodes, why not, and what preemption could do. */
function fitMessage(total: number, found: Search, preemption: Preemption): string {
	if (total === 0) return 'no nodes available to schedule pods';
	const { whole, leftOut } = found;
	const reasons = found.refusals.flatMap((r) => r.refused.reasons);
	if (leftOut !== undefined) for (let i = 0; i < leftOut.count; i++) reasons.push(leftOutReason(leftOut.plugins));
	const why = whole === undefined ? histogram(reasons) : whole.message;
	// DynamicResources answers before DefaultPreemption, for every pod without resource claims.
	const after = preemption.message === '' ? '' : ` no new claims to deallocate, ${preemption.message}`;
	return `0/${total} nodes are available:${why === '' ? '' : ` ${why}.`}${after}`;
}

function refusalsOf(found: Search): readonly Refusal[] {
	const { whole, leftOut } = found;
	if (whole !== undefined) return [{ plugin: whole.plugin, reason: whole.message, count: 0, nodes: [] }];
	const out = new Map<string, { plugin: string; reason: string; count: number; nodes: string[] }>();
	for (const r of found.refusals) {
		for (const reason of r.refused.reasons) {
			const key = `${r.plugin}\u0000${reason}`;
			const entry = out.get(key) ?? { plugin: r.plugin, reason, count: 0, nodes: [] };
			entry.count++;
			if (entry.nodes.length < REFUSED_NODES_KEPT) entry.nodes.push(r.node.name);
			out.set(key, entry);
		}
	}
	const absent = leftOut === undefined || leftOut.count === 0 ? [] : leftOut.plugins;
	return [...out.values(), ...absent.map((plugin) => ({ plugin, reason: leftOutReason(absent), count: leftOut?.count ?? 0, nodes: [] }))];
}

/** Writes down why the pod stays where it is: event, condition, result; and puts it aside (handleSchedulingFailure). */
function refuse(cycle: Cycle, attempts: number, found: Search, preemption: Preemption): void {
	const { world, client, pod, entry } = cycle;
	const message = fitMessage(cycle.nodes.length, found, preemption);
	const refusals = refusalsOf(found);
	const nominatedNode = preemption.nominatedNode;
	recordEvent(world, client, { object: pod, type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message, component: SCHEDULER_NAME });
	setAside(world, entry.key, [...new Set(refusals.map((r) => r.plugin))]);
	const s = world.read(schedulerSlice);
	const result = { at: world.now, attempts, nodesTotal: cycle.nodes.length, message, refusals, ...(nominatedNode === undefined ? {} : { nominatedNode }) };
	put(world, {
		results: treeSet(s.results, pod.metadata.uid, result),
		nominated: nominatedNode === undefined ? treeRemove(s.nominated, entry.key) : treeSet(s.nominated, entry.key, { node: nominatedNode, entry }),
	});
	const held = client.get(world, PODS, pod.metadata.namespace, pod.metadata.name) as Pod | undefined;
	if (held === undefined) return;
	const conditions = setCondition(
		held.status?.conditions,
		{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastProbeTime: null },
		world.now,
	);
	const status = { ...held.status, conditions, ...(nominatedNode === undefined ? {} : { nominatedNodeName: nominatedNode }) };
	if (conditions === held.status?.conditions && nominatedNode === held.status?.nominatedNodeName) return;
	client.updateStatus(world, PODS, { ...held, metadata: { ...held.metadata, annotations: withResults(held.metadata.annotations, refusals) }, status });
}
