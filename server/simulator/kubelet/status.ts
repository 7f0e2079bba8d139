/** A pod's status from what the kubelet knows. Models kubelet_pods.go (generateAPIPodStatus, getPhase) and status/generate.go. */
import { sameData } from '../apiserver/equal.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { formatTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import { SYSTEM_USERS } from '../services.ts';
import type { Host } from './host.ts';
import { type Container, type Pod, type PodCondition, podContainers, type PodStatus } from './pod.ts';
import { containerKey, type ContainerRecord, getContainer, getNode, type PodRecord, type Terminated } from './state.ts';

function terminated(t: Terminated): { readonly [field: string]: unknown } {
	return {
		terminated: {
			exitCode: t.exitCode,
			...(t.signal === undefined ? {} : { signal: t.signal }),
			reason: t.reason,
			...(t.message === undefined ? {} : { message: t.message }),
			startedAt: formatTime(t.startedAt),
			finishedAt: formatTime(t.finishedAt),
			...(t.containerID === undefined ? {} : { containerID: t.containerID }),
		},
	};
}

/** A start that failed shows as waiting while it will be tried again. */
function hidesStartError(pod: Pod, record: ContainerRecord): boolean {
	return (
		record.state.phase === 'terminated' &&
		record.state.reason === 'StartError' &&
		pod.spec.restartPolicy !== 'Never' &&
		pod.metadata.deletionTimestamp === undefined
	);
}

function containerStatus(pod: Pod, container: Container, record: ContainerRecord | undefined, initializing: boolean): { readonly [field: string]: unknown } {
	if (record === undefined) {
		return {
			name: container.name,
			state: { waiting: { reason: initializing ? 'PodInitializing' : 'ContainerCreating' } },
			lastState: {},
			ready: false,
			restartCount: 0,
			image: container.image,
			imageID: '',
			started: false,
		};
	}
	const { state } = record;
	const startError = hidesStartError(pod, record);
	let shown: { readonly [field: string]: unknown };
	if (state.phase === 'running') shown = { running: { startedAt: formatTime(state.startedAt) } };
	else if (state.phase === 'terminated') shown = startError ? { waiting: { reason: 'RunContainerError', message: state.message } } : terminated(state);
	else shown = { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } };
	const last = startError && state.phase === 'terminated' ? state : record.last;
	const ready = record.init && !record.sidecar ? state.phase === 'terminated' && state.exitCode === 0 : state.phase === 'running' && record.ready;
	return {
		name: record.name,
		state: shown,
		lastState: last === undefined ? {} : terminated(last),
		ready,
		restartCount: Math.max(0, record.starts - 1),
		image: record.image,
		imageID: record.imageID,
		...(record.containerID === '' ? {} : { containerID: record.containerID }),
		started: state.phase === 'running' && record.started,
		...resourcesShown(record),
	};
}

/** What a running container has been granted and has; `resources: {}` where it asks for nothing, as upstream's kubelet writes it. */
function resourcesShown({ state, allocated, actual, ephemeral }: ContainerRecord): { readonly [field: string]: unknown } {
	if (state.phase !== 'running' || actual === undefined || ephemeral === true) return {};
	return { ...(allocated?.requests === undefined ? {} : { allocatedResources: allocated.requests }), resources: actual };
}

/** The kubelet reports no readiness and no start of an ephemeral container. */
function ephemeralStatus(pod: Pod, container: Container, record: ContainerRecord | undefined): { readonly [field: string]: unknown } {
	const { started: _started, ...status } = containerStatus(pod, container, record, false);
	return { ...status, ready: false };
}

/** getPhase: how the containers' states add up. */
function podPhase(world: World, pod: Pod, record: PodRecord): string {
	if (record.failed !== undefined) return 'Failed';
	const spec = pod.spec;
	let waiting = 0;
	let running = 0;
	let succeeded = 0;
	let stopped = 0;
	let sidecars = 0;
	let initFailed = false;
	let initPending = false;
	for (const { container, init, sidecar } of podContainers(spec)) {
		const c = getContainer(world, containerKey(record.uid, container.name));
		if (init) {
			if (sidecar) {
				if (!record.initialized && (c === undefined || !c.started)) initPending = true;
				if (c?.state.phase === 'running') sidecars++;
			} else if (c?.state.phase === 'terminated') {
				if (c.state.exitCode !== 0) {
					if (spec.restartPolicy === 'Never') initFailed = true;
					else initPending = true;
				}
			} else if (!record.initialized) initPending = true;
			continue;
		}
		if (c === undefined) waiting++;
		else if (c.state.phase === 'running') running++;
		else if (c.state.phase === 'terminated') {
			stopped++;
			if (c.state.exitCode === 0) succeeded++;
		} else if (c.last !== undefined) stopped++;
		else waiting++;
	}
	if (initFailed) return 'Failed';
	if (initPending) return 'Pending';
	if (waiting > 0) return 'Pending';
	// Until its sidecars are down, too, a pod has not come to its end.
	if (running > 0 || (sidecars > 0 && record.initialized)) return 'Running';
	if (spec.restartPolicy === 'Always' || spec.restartPolicy === undefined)
		return pod.metadata.deletionTimestamp !== undefined || record.stage === 'done' ? (succeeded === stopped ? 'Succeeded' : 'Failed') : 'Running';
	if (stopped === succeeded) return 'Succeeded';
	return spec.restartPolicy === 'Never' || record.stage === 'done' ? 'Failed' : 'Running';
}

function conditions(
	world: World,
	pod: Pod,
	record: PodRecord,
	phase: string,
	ready: readonly string[],
	incomplete: readonly string[],
): readonly PodCondition[] {
	const over = phase === 'Succeeded' || phase === 'Failed';
	const old = pod.status?.conditions ?? [];
	const generation = pod.metadata.generation;
	const make = (type: string, isTrue: boolean, reason?: string, message?: string): PodCondition => {
		const before = old.find((c) => c.type === type);
		const status = isTrue ? 'True' : 'False';
		return {
			type,
			...(generation === undefined ? {} : { observedGeneration: generation }),
			status,
			lastProbeTime: null,
			lastTransitionTime: before?.status === status && before.lastTransitionTime != null ? before.lastTransitionTime : formatTime(world.now),
			...(reason === undefined ? {} : { reason }),
			...(message === undefined ? {} : { message }),
		};
	};
	const completed = phase === 'Succeeded';
	const unready = ready.length > 0;
	const whyNot = completed ? 'PodCompleted' : 'ContainersNotReady';
	const text = completed || !unready ? undefined : `containers with unready status: [${ready.join(' ')}]`;
	const containersReady = !over && !unready;
	const gates = (pod.spec.readinessGates ?? []).filter((g) => old.find((c) => c.type === g.conditionType)?.status !== 'True');
	const gateText = gates
		.map(
			(g) =>
				`corresponding condition of pod readiness gate "${g.conditionType}" ${old.some((c) => c.type === g.conditionType) ? 'is not True' : 'does not exist'}.`,
		)
		.join(', ');
	const isReady = containersReady && gates.length === 0;
	const readyCondition = isReady
		? make('Ready', true)
		: containersReady
			? make('Ready', false, 'ReadinessGatesNotReady', gateText)
			: make('Ready', false, phase === 'Failed' ? 'PodFailed' : whyNot, text);
	const initialized = incomplete.length === 0;
	const own: readonly PodCondition[] = [
		make('PodReadyToStartContainers', record.stage === 'up'),
		initialized
			? make('Initialized', true, completed ? 'PodCompleted' : undefined)
			: make('Initialized', false, 'ContainersNotInitialized', `containers with incomplete status: [${incomplete.join(' ')}]`),
		readyCondition,
		containersReady ? make('ContainersReady', true) : make('ContainersReady', false, phase === 'Failed' ? 'PodFailed' : whyNot, text),
		make('PodScheduled', true),
		...resizeConditions(record, old, formatTime(world.now)),
	];
	return [...own, ...old.filter((c) => !RESIZE_CONDITIONS.has(c.type) && !own.some((o) => o.type === c.type))];
}

const RESIZE_CONDITIONS: ReadonlySet<string> = new Set(['PodResizePending', 'PodResizeInProgress']);

/** PodResizePending and PodResizeInProgress, there only while they hold. */
function resizeConditions({ resize }: PodRecord, old: readonly PodCondition[], now: string): readonly PodCondition[] {
	if (resize === undefined) return [];
	const type = resize.stage === 'pending' ? 'PodResizePending' : 'PodResizeInProgress';
	const before = old.find((c) => c.type === type && c.status === 'True');
	return [
		{
			type,
			observedGeneration: resize.generation,
			status: 'True',
			lastProbeTime: null,
			lastTransitionTime: before?.lastTransitionTime ?? now,
			...(resize.reason === '' ? {} : { reason: resize.reason }),
			...(resize.message === '' ? {} : { message: resize.message }),
		},
	];
}

/** Once it is placed, a pod is nominated no longer. */
function withoutNomination(status: PodStatus | undefined): Partial<PodStatus> {
	if (status?.nominatedNodeName === undefined) return status ?? {};
	const { nominatedNodeName: _nominated, ...kept } = status;
	return kept;
}

/** Of a pod turned away nothing is known but that: no containers, no conditions beside those that others set (rejectPod). */
function rejectedStatus(pod: Pod, record: PodRecord, { reason, message }: { readonly reason: string; readonly message: string }): PodStatus {
	const { generation } = pod.metadata;
	return {
		...withoutNomination(pod.status),
		...(generation === undefined ? {} : { observedGeneration: generation }),
		phase: 'Failed',
		reason,
		message,
		startTime: formatTime(record.startedAt),
	};
}

/** The whole status. */
function podStatus(world: World, pod: Pod, record: PodRecord): PodStatus {
	if (record.failed?.rejected === true) return rejectedStatus(pod, record, record.failed);
	const phase = podPhase(world, pod, record);
	const unready: string[] = [];
	const incomplete: string[] = [];
	const initStatuses: unknown[] = [];
	const statuses: unknown[] = [];
	for (const { container, init, sidecar } of podContainers(pod.spec)) {
		const c = getContainer(world, containerKey(record.uid, container.name));
		const status = containerStatus(pod, container, c, (init || !record.initialized) && (pod.spec.initContainers?.length ?? 0) > 0);
		(init ? initStatuses : statuses).push(status);
		if (init && !sidecar && !(c?.state.phase === 'terminated' && c.state.exitCode === 0) && !record.initialized) incomplete.push(container.name);
		if (sidecar && !record.initialized && c?.started !== true) incomplete.push(container.name);
		if ((!init || sidecar) && status['ready'] !== true) unready.push(container.name);
	}
	const ephemeral = (pod.spec.ephemeralContainers ?? []).map((c) => ephemeralStatus(pod, c, getContainer(world, containerKey(record.uid, c.name))));
	const hostIP = getNode(world, record.node)?.address ?? '';
	const kept = withoutNomination(pod.status);
	const generation = pod.metadata.generation;
	return {
		...kept,
		...(generation === undefined ? {} : { observedGeneration: generation }),
		phase,
		conditions: conditions(world, pod, record, phase, unready, incomplete),
		hostIP,
		hostIPs: [{ ip: hostIP }],
		...(record.ip === '' ? {} : { podIP: record.ip, podIPs: [{ ip: record.ip }] }),
		startTime: formatTime(record.startedAt),
		...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
		containerStatuses: statuses,
		...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
		...(record.failed === undefined ? {} : { reason: record.failed.reason, message: record.failed.message }),
	};
}

/** Writes the status where it differs from the stored one. */
export function writeStatus(world: World, host: Host, pod: Pod, record: PodRecord): void {
	const status = podStatus(world, pod, record);
	if (sameData(status, pod.status)) return;
	// A pod that is gone by now, or was changed in between, is looked at again by its own change.
	host.services.api.client(SYSTEM_USERS.node(record.node)).updateStatus(world, 'v1/pods', { ...pod, status } as unknown as KubeObject);
}
