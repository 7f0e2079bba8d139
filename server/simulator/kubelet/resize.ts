/**
 * In-place resize: a changed `resources` of a running pod is granted where the node has room, then given to the containers.
 * Models kubelet/allocation (handlePodResourcesResize) and kuberuntime_manager.go (doPodResizeAction).
 */
import { sameData } from '../apiserver/equal.ts';
import { podRequests } from '../apiserver/registry/core/pod-resources.ts';
import { quantityMilli, quantityNumber } from '../apiserver/registry/quantity.ts';
import { treeGet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { SYSTEM_USERS } from '../services.ts';
import { stopContainer } from './containers.ts';
import { podEvent } from './events.ts';
import type { Host } from './host.ts';
import { asPod, type Container, type Pod, type PodSpec } from './pod.ts';
import {
	changeContainer,
	containerKey,
	containersSlice,
	type ContainerRecord,
	getContainer,
	getPodRecord,
	type PodRecord,
	type Resources,
	setPodRecord,
} from './state.ts';

/** Virtual ms from the grant to the container's new cgroup values being seen. */
export const ACTUATE_MS = 400;
/** Pending resizes are looked at again so often (allocation manager's retryDelay). */
export const RETRY_MS = 180_000;
const DEFAULT_GRACE_SECONDS = 30;

const NONE: Resources = {};
const resourcesOf = (container: Container): Resources => container.resources ?? NONE;

/** Containers that can be resized: all but init containers that end. */
function resizable(spec: PodSpec): readonly Container[] {
	return [...spec.containers, ...(spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')];
}

const recordOf = (world: World, uid: string, container: Container): ContainerRecord | undefined => getContainer(world, containerKey(uid, container.name));

const differs = (now: Resources | undefined, container: Container): boolean =>
	now !== undefined && now !== container.resources && !sameData(now, resourcesOf(container));

/** The pod's spec with the resources that the node has granted it. */
function allocatedSpec(world: World, pod: Pod): PodSpec {
	const granted = (c: Container): Container => {
		const record = treeGet(world.read(containersSlice), containerKey(pod.metadata.uid, c.name));
		return record?.allocated === undefined ? c : { ...c, resources: record.allocated };
	};
	return {
		...pod.spec,
		containers: pod.spec.containers.map(granted),
		...(pod.spec.initContainers === undefined ? {} : { initContainers: pod.spec.initContainers.map(granted) }),
	};
}

interface Amount {
	readonly cpu: number;
	readonly memory: number;
}

function requested(spec: PodSpec): Amount {
	const amounts = podRequests(spec as unknown as { readonly [field: string]: unknown });
	return { cpu: quantityMilli(amounts['cpu'] ?? '0'), memory: quantityNumber(amounts['memory'] ?? '0') ?? 0 };
}

/** Why the node can't grant the pod what its spec asks for; undefined where it can. */
function shortage(world: World, host: Host, pod: Pod): { readonly reason: 'Infeasible' | 'Deferred'; readonly message: string } | undefined {
	const client = host.services.api.client(SYSTEM_USERS.loopback);
	const node = client.get(world, 'v1/nodes', undefined, pod.spec.nodeName ?? '');
	const allocatable = (node?.['status'] as { readonly allocatable?: { readonly [r: string]: string } } | undefined)?.allocatable ?? {};
	const capacity: Amount = { cpu: quantityMilli(allocatable['cpu'] ?? '0'), memory: quantityNumber(allocatable['memory'] ?? '0') ?? 0 };
	const wanted = requested(pod.spec);
	const short = (['memory', 'cpu'] as const).find((name) => wanted[name] > capacity[name]);
	if (short !== undefined) {
		return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${short}, requested: ${wanted[short]}, capacity: ${capacity[short]}` };
	}
	const used = { cpu: 0, memory: 0 };
	for (const object of client.byIndex(world, 'v1/pods', 'byNode', pod.spec.nodeName ?? '')) {
		const other = asPod(object);
		if (other.metadata.uid === pod.metadata.uid || other.status?.phase === 'Succeeded' || other.status?.phase === 'Failed') continue;
		const amount = requested(allocatedSpec(world, other));
		used.cpu += amount.cpu;
		used.memory += amount.memory;
	}
	const tight = (['cpu', 'memory'] as const).find((name) => wanted[name] > capacity[name] - used[name]);
	if (tight === undefined) return undefined;
	const text = `${tight}, requested: ${wanted[tight]}, used: ${used[tight]}, capacity: ${capacity[tight]}`;
	return { reason: 'Deferred', message: `Node didn't have enough resource: ${text}` };
}

/** `Pod resize started: {"containers":[…],"generation":2}`: podResizeMessage of kubelet/events. */
function resizeMessage(prefix: string, pod: Pod, generation: number, error = ''): string {
	const summary = (list: readonly Container[] | undefined): readonly object[] | undefined =>
		list === undefined || list.length === 0 ? undefined : list.map((c) => ({ name: c.name, resources: ordered(resourcesOf(c)) }));
	const whole = {
		initContainers: summary(pod.spec.initContainers),
		containers: summary(pod.spec.containers),
		generation,
		...(error === '' ? {} : { error }),
	};
	return `${prefix}: ${JSON.stringify(whole)}`;
}

/** As Go marshals it: limits before requests, names in order. */
function ordered({ limits, requests }: Resources): object {
	const sorted = (list: Resources['limits']): object | undefined =>
		list === undefined ? undefined : Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
	return { limits: sorted(limits), requests: sorted(requests) };
}

function without(record: PodRecord): PodRecord {
	const { resize: _resize, ...rest } = record;
	return rest;
}

/** Grants a changed spec, or writes down why not. */
function allocate(world: World, host: Host, pod: Pod, record: PodRecord, changed: readonly Container[]): PodRecord {
	const generation = pod.metadata.generation ?? 0;
	const lack = shortage(world, host, pod);
	if (lack !== undefined) {
		const { resize } = record;
		const known = resize?.stage === 'pending' && resize.reason === lack.reason && resize.message === lack.message && resize.generation === generation;
		if (known) return record;
		const event = lack.reason === 'Infeasible' ? 'ResizeInfeasible' : 'ResizeDeferred';
		podEvent(world, host.services, pod, 'Warning', event, resizeMessage(`Pod resize ${lack.reason}`, pod, generation, lack.message));
		const next: PodRecord = { ...record, resize: { stage: 'pending', ...lack, generation } };
		setPodRecord(world, next);
		return next;
	}
	for (const container of changed) changeContainer(world, containerKey(record.uid, container.name), { allocated: resourcesOf(container) });
	podEvent(world, host.services, pod, 'Normal', 'ResizeStarted', resizeMessage('Pod resize started', pod, generation));
	const next: PodRecord = { ...record, resize: { stage: 'inProgress', reason: '', message: '', generation } };
	setPodRecord(world, next);
	return next;
}

/** Whether the container's policy wants a restart for what has changed between the two. */
function needsRestart(container: Container, before: Resources, after: Resources): boolean {
	return (container.resizePolicy ?? []).some(({ resourceName, restartPolicy }) => {
		if (restartPolicy !== 'RestartContainer') return false;
		return before.requests?.[resourceName] !== after.requests?.[resourceName] || before.limits?.[resourceName] !== after.limits?.[resourceName];
	});
}

/** Gives the running containers what was granted. */
function actuate(world: World, host: Host, pod: Pod, record: PodRecord): boolean {
	let through = true;
	for (const container of resizable(pod.spec)) {
		const state = recordOf(world, record.uid, container);
		if (state?.allocated === undefined || sameData(state.allocated, state.actual ?? NONE)) continue;
		if (state.state.phase !== 'running') {
			through = false;
			continue;
		}
		if (needsRestart(container, state.actual ?? NONE, state.allocated)) {
			through = false;
			if (state.stopping !== undefined) continue;
			const grace = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
			stopContainer(world, host, pod, state.key, grace, `Container ${state.name} resize requires restart`);
			continue;
		}
		changeContainer(world, state.key, { actual: state.allocated, memoryLimit: quantityNumber(state.allocated.limits?.['memory']) ?? 0 });
	}
	return through;
}

/**
 * One look at a pod's resize; called at every sync of a running pod.
 * @returns ms after which to look again, undefined where nothing is under way.
 */
export function syncResize(world: World, host: Host, pod: Pod, uid: string): number | undefined {
	const record = getPodRecord(world, uid);
	if (record === undefined) return undefined;
	const changed = resizable(pod.spec).filter((c) => differs(recordOf(world, uid, c)?.allocated, c));
	if (changed.length > 0) {
		const { resize } = allocate(world, host, pod, record, changed);
		if (resize?.stage === 'pending') return resize.reason === 'Deferred' ? RETRY_MS : undefined;
		return ACTUATE_MS;
	}
	if (record.resize === undefined) return undefined;
	if (record.resize.stage === 'pending') {
		// The spec went back to what was granted.
		setPodRecord(world, without(record));
		return undefined;
	}
	if (!actuate(world, host, pod, record)) return undefined;
	setPodRecord(world, without(record));
	podEvent(world, host.services, pod, 'Normal', 'ResizeCompleted', resizeMessage('Pod resize completed', pod, record.resize.generation));
	return undefined;
}

/** Pods of a node whose resize waits for room. */
export function deferredPods(world: World, host: Host, node: string): readonly PodRecord[] {
	return host.services.api
		.client(SYSTEM_USERS.loopback)
		.byIndex(world, 'v1/pods', 'byNode', node)
		.flatMap((pod) => {
			const record = getPodRecord(world, pod.metadata.uid);
			return record?.resize?.reason === 'Deferred' ? [record] : [];
		});
}
