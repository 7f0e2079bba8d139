/** One pod's sync: looks at the pod and at what runs, and does the next thing. Models kubelet.go SyncPod and kuberuntime_manager.go computePodActions. */
import type { Pod as ScheduledPod } from '../controllers/shared/objects.ts';
import { allocateDevices, releaseDevices } from '../gpu/plugin.ts';
import { treePrefix, treeRemove } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { admissionCheck, type Rejection } from '../scheduler/admission-check.ts';
import { attachPod, detachPod } from '../network/state.ts';
import { SYSTEM_USERS } from '../services.ts';
import { removeVolumes } from '../storage-volumes/store.ts';
import { sysctlRejection } from './sysctl-admission.ts';
import { type Mounted, mountVolume } from '../storage-volumes/volumes.ts';
import { backoffMessage, podFacts, startContainer, stopContainer } from './containers.ts';
import { unpreparedResources } from './dra.ts';
import { podEvent } from './events.ts';
import type { Host } from './host.ts';
import { removeLogs } from './logs.ts';
import { asPod, type Container, formatPod, type Pod, podContainers } from './pod.ts';
import { syncResize } from './resize.ts';
import { stopProbes } from './probes.ts';
import { endProcess } from './processes.ts';
import {
	changeContainer,
	containerKey,
	containersSlice,
	type ContainerRecord,
	getContainer,
	getNode,
	getPodRecord,
	layersSlice,
	type PodRecord,
	removeContainer,
	removePodRecord,
	removeRuntime,
	setContainer,
	setPodRecord,
} from './state.ts';
import { writeStatus } from './status.ts';
import { follow, unfollow } from './volume-refresh.ts';

export const SYNC_TIMER = 'kubelet.sync';
/** Virtual ms: making the sandbox and its network; noticing a container's end (PLEG). */
const SANDBOX_MS = 180;
export const NOTICE_MS = 250;
const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 300_000;
const DEFAULT_GRACE_SECONDS = 30;
/** When a sync that failed is tried again (workerBackOffPeriod and its jitter). */
const RETRY_MS = 12_000;

export interface SyncData {
	readonly namespace: string;
	readonly name: string;
}

/** Has a pod looked at after `delayMs`. */
export function queueSync(world: World, uid: string, at: SyncData, delayMs: number): void {
	world.schedule(SYNC_TIMER, uid, delayMs, { namespace: at.namespace, name: at.name });
}

/** The pod as stored now, if it is still the same one. */
export function currentPod(world: World, host: Host, uid: string, at: SyncData): Pod | undefined {
	const object = host.services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/pods', at.namespace, at.name);
	return object === undefined || object.metadata.uid !== uid ? undefined : asPod(object);
}

const isOver = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

export function syncPod(world: World, host: Host, uid: string, at: SyncData): void {
	const pod = currentPod(world, host, uid, at);
	if (pod === undefined) {
		removePod(world, host, uid);
		return;
	}
	let record = getPodRecord(world, uid);
	if (record === undefined) {
		if (pod.metadata.deletionTimestamp !== undefined) deleteObject(world, host, pod);
		if (pod.metadata.deletionTimestamp !== undefined || isOver(pod)) return;
		record = admit(world, host, pod);
		if (record === undefined) return;
	}
	if (pod.metadata.deletionTimestamp !== undefined) {
		terminate(world, host, pod, record);
		return;
	}
	if (record.stage === 'done') return;
	watchDeadline(world, pod, record);
	if (record.failed !== undefined) {
		stopAll(world, host, pod, record, pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
		settle(world, host, pod, record);
		return;
	}
	if (record.stage === 'setup' && !setUp(world, host, pod, record)) return;
	record = getPodRecord(world, uid) ?? record;
	if (record.stage === 'sandbox') {
		startSandbox(world, host, pod, record);
		return;
	}
	runContainers(world, host, pod, record);
	const again = syncResize(world, host, pod, uid);
	if (again !== undefined) queueSync(world, uid, record, again);
	settle(world, host, pod, getPodRecord(world, uid) ?? record);
}

/** First sight of a pod. */
function admit(world: World, host: Host, pod: Pod): PodRecord | undefined {
	const node = pod.spec.nodeName ?? '';
	if (getNode(world, node) === undefined) return undefined;
	const record: PodRecord = {
		uid: pod.metadata.uid,
		namespace: pod.metadata.namespace ?? '',
		name: pod.metadata.name,
		node,
		hostNetwork: pod.spec.hostNetwork === true,
		ip: '',
		startedAt: world.now,
		stage: 'setup',
		initialized: (pod.spec.initContainers?.length ?? 0) === 0,
		mountFailures: 0,
		volumes: {},
		follows: [],
	};
	// What the scheduler has placed fits; what names its node itself may not.
	const placed = pod.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.status === 'True') ?? false;
	const rejection = placed ? undefined : admissionCheck(world, pod as unknown as ScheduledPod, (uid) => isHeld(world, uid));
	const turnedAway = rejection ?? sysctlRejection(pod);
	if (turnedAway !== undefined) return reject(world, host, pod, record, turnedAway);
	const unallocated = allocateDevices(world, node, record.uid, pod.spec);
	if (unallocated !== undefined) return reject(world, host, pod, record, { reason: 'UnexpectedAdmissionError', message: unallocated });
	setPodRecord(world, record);
	return record;
}

function reject(world: World, host: Host, pod: Pod, record: PodRecord, { reason, message }: Rejection): PodRecord {
	const rejected = { ...record, failed: { reason, message: `Pod was rejected: ${message}`, rejected: true as const } };
	podEvent(world, host.services, pod, 'Warning', reason, message);
	setPodRecord(world, rejected);
	return rejected;
}

/** Whether a pod has its place on its node. */
function isHeld(world: World, uid: string): boolean {
	const record = getPodRecord(world, uid);
	return record !== undefined && record.failed === undefined && record.stage !== 'done';
}

export const DEADLINE_TIMER = 'kubelet.deadline';

/** A deadline may be set, and brought forward, while the pod runs. */
function watchDeadline(world: World, { spec }: Pod, { uid, startedAt }: PodRecord): void {
	if (spec.activeDeadlineSeconds === undefined) return;
	world.schedule(DEADLINE_TIMER, uid, Math.max(0, startedAt + spec.activeDeadlineSeconds * 1000 - world.now), undefined, true);
}

/** spec.activeDeadlineSeconds is over: the pod fails. */
export function deadlineOver(world: World, host: Host, uid: string): void {
	const record = getPodRecord(world, uid);
	if (record === undefined || record.stage === 'done') return;
	const pod = currentPod(world, host, uid, record);
	if (pod === undefined || isOver(pod)) return;
	const message = 'Pod was active on the node longer than the specified deadline';
	podEvent(world, host.services, pod, 'Normal', 'DeadlineExceeded', message);
	setPodRecord(world, { ...record, failed: { reason: 'DeadlineExceeded', message } });
	syncPod(world, host, uid, record);
}

/** Mounts all volumes. False where one is not ready: the pod waits and tries again. */
function setUp(world: World, host: Host, pod: Pod, record: PodRecord): boolean {
	const client = host.services.api.client(SYSTEM_USERS.loopback);
	const volumes: { [name: string]: Mounted } = {};
	// The address is not known before the sandbox is there; the downward API of volumes only has labels and the like.
	const facts = podFacts(world, host, record);
	for (const volume of pod.spec.volumes ?? []) {
		const result = mountVolume(world, client, pod, volume, facts);
		if (result.ok) {
			volumes[volume.name] = result.mounted;
			continue;
		}
		const failures = record.mountFailures + 1;
		podEvent(world, host.services, pod, 'Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${result.message}`);
		setPodRecord(world, { ...record, mountFailures: failures });
		writeStatus(world, host, pod, record);
		// goroutinemap/exponentialbackoff: 500 ms doubling to 2m2s.
		queueSync(world, record.uid, record, Math.min(122_000, 500 * 2 ** (failures - 1)));
		return false;
	}
	setPodRecord(world, { ...record, volumes, follows: follow(world, pod), mountFailures: 0, stage: 'sandbox' });
	world.schedule(SYNC_TIMER, record.uid, SANDBOX_MS, { namespace: record.namespace, name: record.name });
	writeStatus(world, host, pod, record);
	return false;
}

/** What containerd's configuration knows on these nodes: its own, and what the GPU Operator adds. */
const RUNTIMES = /^(|runc|nvidia(-\w+)?)$/;

/** The handler of a pod's RuntimeClass; '' for containerd's default. */
function runtimeHandler(world: World, host: Host, pod: Pod): string {
	const name = pod.spec.runtimeClassName ?? '';
	if (name === '') return '';
	const found = host.services.api.client(SYSTEM_USERS.loopback).get(world, 'node.k8s.io/v1/runtimeclasses', undefined, name);
	return String(found?.['handler'] ?? '');
}

function startSandbox(world: World, host: Host, pod: Pod, record: PodRecord): void {
	const { uid, namespace, name, node, hostNetwork } = record;
	const unprepared = unpreparedResources(world, host.services, pod);
	if (unprepared !== undefined) {
		podEvent(world, host.services, pod, 'Warning', 'FailedPrepareDynamicResources', `Failed to prepare dynamic resources: ${unprepared}`);
		queueSync(world, uid, record, RETRY_MS);
		return;
	}
	const handler = runtimeHandler(world, host, pod);
	if (!RUNTIMES.test(handler)) {
		const why = `failed to get sandbox runtime: no runtime for ${JSON.stringify(handler)} is configured`;
		podEvent(world, host.services, pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: rpc error: code = Unknown desc = ${why}`);
		queueSync(world, uid, record, RETRY_MS);
		return;
	}
	const hostPorts = podContainers(pod.spec).flatMap(({ container }) =>
		(container.ports ?? []).flatMap(({ hostPort, hostIP, containerPort, protocol }) =>
			hostPort === undefined || hostPort === 0 || protocol === 'SCTP'
				? []
				: [{ port: hostPort, containerPort, ...(hostIP ? { hostIP } : {}), ...(protocol === 'UDP' ? { udp: true as const } : {}) }],
		),
	);
	const ip = attachPod(world, { uid, namespace, name, node, hostNetwork, ...(hostNetwork || hostPorts.length === 0 ? {} : { hostPorts }) });
	if (ip === undefined) {
		const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type="ptp" failed (add): failed to allocate for range 0: no IP addresses available in range set`;
		podEvent(world, host.services, pod, 'Warning', 'FailedCreatePodSandBox', message);
		queueSync(world, uid, record, RETRY_MS);
		return;
	}
	const next: PodRecord = { ...record, ip, stage: 'up' };
	setPodRecord(world, next);
	runContainers(world, host, pod, next);
	settle(world, host, pod, getPodRecord(world, uid) ?? next);
}

function ensureRecord(world: World, record: PodRecord, container: Container, init: boolean, sidecar: boolean, ephemeral = false): ContainerRecord {
	const key = containerKey(record.uid, container.name);
	const known = getContainer(world, key);
	if (known !== undefined) return known;
	const made: ContainerRecord = {
		key,
		pod: record.uid,
		name: container.name,
		init,
		sidecar,
		...(ephemeral ? { ephemeral } : {}),
		state: { phase: 'waiting', reason: ephemeral || (record.initialized && !init) ? 'ContainerCreating' : 'PodInitializing' },
		starts: 0,
		containerID: '',
		image: container.image,
		imageID: '',
		started: false,
		ready: false,
		probes: {},
		memoryLimit: 0,
	};
	setContainer(world, made);
	return made;
}

/** Whether a container that has ended is to run again. */
function restarts(pod: Pod, record: ContainerRecord): boolean {
	if (record.sidecar) return true;
	if (record.state.phase !== 'terminated') return true;
	if (record.init) return record.state.exitCode !== 0 && pod.spec.restartPolicy !== 'Never';
	switch (pod.spec.restartPolicy) {
		case 'Never':
			return false;
		case 'OnFailure':
			return record.state.exitCode !== 0;
		default:
			return true;
	}
}

/** doBackOff: true while a container that ended must wait; sets the next delay where it may go. */
function mustWait(world: World, host: Host, pod: Pod, record: PodRecord, container: ContainerRecord): boolean {
	const ended = container.state.phase === 'terminated' ? container.state.finishedAt : container.last?.finishedAt;
	if (ended === undefined) return false;
	// A container that waits for its image or its configuration has not failed anew.
	if (container.state.phase === 'waiting' && container.state.reason !== 'CrashLoopBackOff') return false;
	const { backoff } = container;
	const expired = (since: number): boolean => backoff === undefined || since - backoff.setAt > 2 * LAST_BACKOFF_MS;
	if (backoff !== undefined && !expired(ended) && world.now < ended + backoff.delayMs) {
		const waiting = container.state.phase === 'waiting' && container.state.reason === 'CrashLoopBackOff';
		if (!waiting) {
			const message = `Back-off restarting failed container ${container.name} in pod ${formatPod(pod)}`;
			podEvent(world, host.services, pod, 'Warning', 'BackOff', message, container);
			const last = container.state.phase === 'terminated' ? (({ phase: _phase, ...rest }) => rest)(container.state) : container.last;
			setContainer(world, {
				...container,
				...(last === undefined ? {} : { last }),
				state: { phase: 'waiting', reason: 'CrashLoopBackOff', message: backoffMessage(pod, container) },
			});
		}
		queueSync(world, record.uid, record, ended + backoff.delayMs - world.now);
		return true;
	}
	const delayMs = backoff === undefined || expired(world.now) ? FIRST_BACKOFF_MS : Math.min(LAST_BACKOFF_MS, backoff.delayMs * 2);
	changeContainer(world, container.key, { backoff: { delayMs, setAt: world.now } });
	return false;
}

/** Starts a container unless it runs, has done its work or must wait. */
function advance(world: World, host: Host, pod: Pod, record: PodRecord, container: Container, state: ContainerRecord): void {
	if (state.state.phase === 'running') {
		// The one field of a running container that may be changed: computePodActions restarts it for a new image.
		if (state.image !== container.image && state.stopping === undefined) {
			stopContainer(
				world,
				host,
				pod,
				state.key,
				pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
				`Container ${state.name} definition changed, will be restarted`,
			);
		}
		return;
	}
	const changed = state.image !== container.image;
	if (state.state.phase === 'terminated' && !restarts(pod, state) && !changed) return;
	if (!changed && mustWait(world, host, pod, record, state)) return;
	const result = startContainer(world, host, pod, record, container, state.key);
	if (!result.started && result.again !== undefined) queueSync(world, record.uid, record, result.again);
}

/** Ephemeral containers start as soon as there is a sandbox, whatever the others do, and once only. */
function runEphemeral(world: World, host: Host, pod: Pod, record: PodRecord): void {
	for (const container of pod.spec.ephemeralContainers ?? []) {
		const state = ensureRecord(world, record, container, false, false, true);
		if (state.state.phase !== 'waiting') continue;
		const result = startContainer(world, host, pod, record, container, state.key);
		if (!result.started && result.again !== undefined) queueSync(world, record.uid, record, result.again);
	}
}

/** Init containers one after the other, sidecars among them kept running, then all others together. */
function runContainers(world: World, host: Host, pod: Pod, record: PodRecord): void {
	let initialized = true;
	runEphemeral(world, host, pod, record);
	for (const { container, init, sidecar } of podContainers(pod.spec)) {
		if (!init) continue;
		const state = ensureRecord(world, record, container, true, sidecar);
		if (sidecar) {
			// Stopped because the pod's work is over, it stays down.
			if (!record.initialized || !workIsOver(world, pod, record)) advance(world, host, pod, record, container, state);
			if (getContainer(world, state.key)?.started !== true && !record.initialized) {
				initialized = false;
				break;
			}
			continue;
		}
		if (record.initialized || (state.state.phase === 'terminated' && state.state.exitCode === 0)) continue;
		initialized = false;
		advance(world, host, pod, record, container, state);
		break;
	}
	if (!initialized) {
		for (const container of pod.spec.containers) ensureRecord(world, record, container, false, false);
		return;
	}
	const up = record.initialized ? record : { ...record, initialized: true };
	if (up !== record) setPodRecord(world, up);
	for (const container of pod.spec.containers) advance(world, host, pod, up, container, ensureRecord(world, up, container, false, false));
}

/** True where nothing of the pod will run again: all its work is done, or an init container has failed for good. */
function workIsOver(world: World, pod: Pod, record: PodRecord): boolean {
	const records = podContainers(pod.spec).map(({ container }) => getContainer(world, containerKey(record.uid, container.name)));
	if (record.failed !== undefined) return records.every((c) => c === undefined || c.state.phase !== 'running');
	const ended = (c: ContainerRecord | undefined): boolean => c?.state.phase === 'terminated' && !restarts(pod, c);
	const work = records.filter((c) => c !== undefined && !c.init);
	if (work.length > 0 && work.every(ended)) return true;
	return records.some((c) => c?.init === true && !c.sidecar && ended(c) && c.state.phase === 'terminated' && c.state.exitCode !== 0);
}

/** Writes the status, and closes a pod whose work is over: sidecars stop, the network goes. */
function settle(world: World, host: Host, pod: Pod, record: PodRecord): void {
	let now = record;
	if (record.stage === 'up' && workIsOver(world, pod, record)) {
		const running = runningContainers(world, pod, record);
		if (running.length > 0) stopAll(world, host, pod, record, pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
		else {
			now = { ...record, stage: 'done' };
			setPodRecord(world, now);
			detachPod(world, record.uid);
			releaseDevices(world, record.uid);
			world.cancel(DEADLINE_TIMER, record.uid);
		}
	}
	writeStatus(world, host, pod, now);
}

function runningContainers(world: World, pod: Pod, record: PodRecord): readonly ContainerRecord[] {
	return [...podContainers(pod.spec).map(({ container }) => container), ...(pod.spec.ephemeralContainers ?? [])]
		.map((container) => getContainer(world, containerKey(record.uid, container.name)))
		.filter((c): c is ContainerRecord => c?.state.phase === 'running');
}

/** Stops what runs; sidecars go after all others, the last one first. */
function stopAll(world: World, host: Host, pod: Pod, record: PodRecord, graceSeconds: number): void {
	const running = runningContainers(world, pod, record);
	const main = running.filter((c) => !c.sidecar);
	const next = main.length > 0 ? main : running.slice(-1);
	for (const c of next) stopContainer(world, host, pod, c.key, graceSeconds, `Stopping container ${c.name}`);
}

/** A pod that is being deleted: containers stop within its grace period, then the object goes. */
function terminate(world: World, host: Host, pod: Pod, record: PodRecord): void {
	const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
	const since = record.terminating?.since ?? world.now;
	const now: PodRecord = { ...record, terminating: { since, graceSeconds } };
	if (record.terminating?.graceSeconds !== graceSeconds) setPodRecord(world, now);
	if (runningContainers(world, pod, now).length > 0) {
		stopAll(world, host, pod, now, Math.max(0, (since + graceSeconds * 1000 - world.now) / 1000));
		writeStatus(world, host, pod, now);
		return;
	}
	const done: PodRecord = { ...now, stage: 'done' };
	setPodRecord(world, done);
	detachPod(world, record.uid);
	releaseDevices(world, record.uid);
	writeStatus(world, host, pod, done);
	deleteObject(world, host, pod);
}

function deleteObject(world: World, host: Host, pod: Pod): void {
	host.services.api.client(SYSTEM_USERS.node(pod.spec.nodeName ?? '')).delete(world, 'v1/pods', pod.metadata.namespace, pod.metadata.name, {
		gracePeriodSeconds: 0,
		preconditions: { uid: pod.metadata.uid },
	});
}

/** The object is gone: whatever is left of the pod goes at once. */
function removePod(world: World, host: Host, uid: string): void {
	const record = getPodRecord(world, uid);
	if (record === undefined) return;
	unfollow(world, record);
	// First the record: a container that ends now has no pod any more to be synced.
	removePodRecord(world, uid);
	world.cancel(SYNC_TIMER, uid);
	world.cancel(DEADLINE_TIMER, uid);
	for (const { k: key } of [...treePrefix(world.read(containersSlice), `${uid}/`)]) {
		stopProbes(world, key);
		endProcess(world, host, key, 1, 137, 9);
		removeRuntime(world, key);
		removeContainer(world, key);
		removeLogs(world, key);
		removeVolumes(world, `term/${key}`);
		world.write(layersSlice, treeRemove(world.read(layersSlice), key));
	}
	detachPod(world, uid);
	releaseDevices(world, uid);
	removeVolumes(world, `pod/${uid}/`);
	removeVolumes(world, `etc/${uid}/`);
}
