/** The kubelets of all nodes as one room: which changes concern them, and what they offer to the API server and the network. */
import type { Change, KubeObject } from '../apiserver/types.ts';
import type { Image } from '../images/program.ts';
import type { World } from '../kernel/world.ts';
import { type KubeletApi, type Room, type Services, SYSTEM_USERS } from '../services.ts';
import { removeVolumes } from '../storage-volumes/store.ts';
import { pvKey } from '../storage-volumes/volumes.ts';
import { bootNodes } from './boot.ts';
import { callProcess } from './calls.ts';
import { graceOver, HOOK_TIMER, KILL_TIMER, markStarted, recordEnd, signalStop, stopContainer } from './containers.ts';
import { podEvent } from './events.ts';
import { attach, exec, log, streamInput } from './exec.ts';
import { readResult } from './handlers.ts';
import { PORT_REPLY_TIMER, portForward, portReply } from './port-forward.ts';
import { HEARTBEAT_TIMER, heartbeat } from './heartbeat.ts';
import type { Host } from './host.ts';
import { kubeletAnswer } from './http.ts';
import { resolveImage } from './image-source.ts';
import { MANIFESTS_TIMER } from './node/disk.ts';
import { mirrorInstead, syncManifests } from './node/manifests.ts';
import { MIRROR } from './node/paths.ts';
import { finishPull, PULL_TIMER } from './images.ts';
import { asPod, findContainer, type Pod } from './pod.ts';
import { currentPod, DEADLINE_TIMER, deadlineOver, NOTICE_MS, queueSync, SYNC_TIMER, type SyncData, syncPod } from './pod-worker.ts';
import { done, PROBE_DONE_TIMER, PROBE_LIMIT_TIMER, PROBE_TIMER, type ProbeActions, runOut, tick } from './probes.ts';
import { deferredPods } from './resize.ts';
import { CALL_TIMER, type CallData, PROGRAM_TIMER } from './processes.ts';
import { changeContainer, getContainer, getNode, getPodRecord, getRuntime } from './state.ts';
import { writeStatus } from './status.ts';
import { usageOf } from './usage.ts';
import { labelsChanged, refreshVolumes, VOLUME_TIMER, volumeChanged } from './volume-refresh.ts';

/** A watch event's way to the kubelet. */
const WATCH_MS = 8;

/** A static pod's mirror that somebody deletes comes back: the file on the node is still there. */
const MIRROR_TIMER = 'kubelet.mirror';
const MIRROR_MS = 1000;

function restoreMirror(world: World, services: Services, gone: KubeObject): void {
	const object = mirrorInstead(world, services, gone);
	if (object === undefined) return;
	const node = (gone['spec'] as { readonly nodeName?: string }).nodeName ?? '';
	services.api.client(SYSTEM_USERS.node(node)).create(world, 'v1/pods', gone.metadata.namespace, object);
}

/** What of a pod's change the kubelet has to act upon; its own status writes are not. */
function concerns(change: Change): boolean {
	const { object, previous } = change;
	if (change.type === 'DELETED' || previous === undefined) return true;
	return (
		object['spec'] !== previous['spec'] ||
		object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
		object.metadata.deletionGracePeriodSeconds !== previous.metadata.deletionGracePeriodSeconds
	);
}

function podOf(world: World, host: Host, uid: string): Pod | undefined {
	const record = getPodRecord(world, uid);
	return record === undefined ? undefined : currentPod(world, host, uid, record);
}

function syncSoon(world: World, uid: string, delayMs: number): void {
	const record = getPodRecord(world, uid);
	if (record !== undefined) queueSync(world, uid, record, delayMs);
}

function createHost(services: Services): Host {
	// A memo over the registry, which never changes; only references that exist are kept.
	const known = new Map<string, Image>();
	const host: Host = {
		services,
		image(reference) {
			const held = known.get(reference);
			if (held !== undefined) return held;
			const found = resolveImage(services, reference);
			if ('error' in found) return undefined;
			known.set(reference, found.image);
			return found.image;
		},
		containerEnded(world, key, end) {
			const uid = key.slice(0, key.indexOf('/'));
			recordEnd(world, podOf(world, host, uid), key, end);
			syncSoon(world, uid, NOTICE_MS);
		},
	};
	return host;
}

function probeActions(host: Host): ProbeActions {
	return {
		changed(world, uid) {
			const record = getPodRecord(world, uid);
			const pod = podOf(world, host, uid);
			if (record === undefined || pod === undefined) return;
			writeStatus(world, host, pod, record);
			// A sidecar that has started lets the next init container go.
			if (!record.initialized) syncSoon(world, uid, 0);
		},
		kill(world, key, message, graceSeconds) {
			const record = getContainer(world, key);
			const pod = record === undefined ? undefined : podOf(world, host, record.pod);
			if (pod !== undefined) stopContainer(world, host, pod, key, graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30, message);
		},
		pod: (world, uid) => podOf(world, host, uid),
	};
}

/** A lifecycle hook has come to its end. */
function hookDone(world: World, host: Host, timerKey: string, raw: unknown): void {
	const key = timerKey.slice(0, timerKey.lastIndexOf('|'));
	const { kind, starts } = (raw as { readonly data: { readonly kind: 'postStart' | 'preStop'; readonly starts: number } }).data;
	const record = getContainer(world, key);
	if (record === undefined || record.starts !== starts || record.state.phase !== 'running') return;
	const pod = podOf(world, host, record.pod);
	const container = pod === undefined ? undefined : findContainer(pod.spec, record.name);
	const handler = container?.lifecycle?.[kind];
	if (pod === undefined || container === undefined || handler === undefined) return;
	const result = readResult(raw, handler, getPodRecord(world, record.pod)?.ip ?? '', 0);
	// A hook's request is only made: what is answered to it does not matter.
	const replied = handler.httpGet !== undefined && (raw as { readonly outcome?: { readonly ok: boolean } }).outcome?.ok === true;
	const done = result.ok || replied;
	if (!done)
		podEvent(
			world,
			host.services,
			pod,
			'Warning',
			kind === 'preStop' ? 'FailedPreStopHook' : 'FailedPostStartHook',
			`${kind === 'preStop' ? 'PreStopHook' : 'PostStartHook'} failed`,
			record,
		);
	if (kind === 'preStop') {
		if (record.stopping?.stage === 'hook') signalStop(world, host, container, key, record.stopping.deadline);
		return;
	}
	if (done) {
		markStarted(world, container, key);
		syncSoon(world, record.pod, 0);
		return;
	}
	changeContainer(world, key, { starting: false });
	stopContainer(world, host, pod, key, pod.spec.terminationGracePeriodSeconds ?? 30, 'FailedPostStartHook');
}

function timers(host: Host): NonNullable<Room['timers']> {
	const actions = probeActions(host);
	const call = (world: World, _key: string, data: unknown): void => callProcess(world, host, data as CallData);
	return {
		[SYNC_TIMER]: (world, uid, data) => syncPod(world, host, uid, data as SyncData),
		[PULL_TIMER](world, key, data) {
			const record = getContainer(world, key);
			finishPull(world, host, record === undefined ? undefined : podOf(world, host, record.pod), data);
			if (record !== undefined) syncSoon(world, record.pod, 0);
		},
		[CALL_TIMER]: call,
		[PROGRAM_TIMER]: call,
		[PROBE_TIMER]: (world, key) => tick(world, host, actions, key),
		[PROBE_DONE_TIMER]: (world, key, data) => done(world, host, actions, key, data),
		[PROBE_LIMIT_TIMER]: (world, key, data) => runOut(world, host, actions, key, data),
		[HOOK_TIMER]: (world, key, data) => hookDone(world, host, key, data),
		[KILL_TIMER](world, key, data) {
			const record = getContainer(world, key);
			graceOver(world, host, record === undefined ? undefined : podOf(world, host, record.pod), key, data as number);
		},
		[DEADLINE_TIMER]: (world, uid) => deadlineOver(world, host, uid),
		[MIRROR_TIMER]: (world, _name, data) => restoreMirror(world, host.services, data as KubeObject),
		[MANIFESTS_TIMER]: (world, node) => syncManifests(world, host.services, node),
		[VOLUME_TIMER]: (world, uid) => refreshVolumes(world, host, uid),
		[HEARTBEAT_TIMER]: (world, node) => heartbeat(world, host.services, node),
		[PORT_REPLY_TIMER]: (world, id, data) => portReply(world, host, id, data),
	};
}

function onPodChange(world: World, host: Host, change: Change): void {
	const pod = asPod(change.object);
	if (change.type === 'DELETED') {
		if (pod.metadata.annotations?.[MIRROR] !== undefined && getNode(world, pod.spec.nodeName ?? '') !== undefined) {
			world.schedule(MIRROR_TIMER, pod.metadata.name, MIRROR_MS, change.object);
		}
		for (const waiting of deferredPods(world, host, pod.spec.nodeName ?? '')) queueSync(world, waiting.uid, waiting, WATCH_MS);
		if (getPodRecord(world, pod.metadata.uid) !== undefined)
			queueSync(world, pod.metadata.uid, { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }, 0);
		return;
	}
	const node = pod.spec.nodeName;
	if (node === undefined || node === '' || getNode(world, node) === undefined || !concerns(change)) return;
	queueSync(world, pod.metadata.uid, { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }, WATCH_MS);
}

export function createKubelet(services: Services): { readonly kubelet: KubeletApi; readonly room: Room } {
	const host = createHost(services);
	const kubelet: KubeletApi = {
		exec: (world, pod, request) => exec(world, host, asPod(pod), request),
		attach: (world, pod, request) => attach(world, asPod(pod), request),
		log: (world, pod, query) => log(world, asPod(pod), query),
		portForward: (world, pod, ports) => portForward(world, asPod(pod), ports),
		streamInput: (world, id, input) => streamInput(world, host, id, input),
		deliverRequest(world, container, pid, connection, request) {
			callProcess(world, host, { key: container, pid, serial: 0, call: { on: 'request', connection, request } });
		},
		deliverReply(world, container, pid, token, outcome) {
			callProcess(world, host, { key: container, pid, serial: 0, call: { on: 'reply', token, outcome } });
		},
		deliverPiece(world, container, pid, token, piece) {
			callProcess(world, host, { key: container, pid, serial: 0, call: { on: 'piece', token, piece } });
		},
		deliverHangup(world, container, pid, connectionId) {
			callProcess(world, host, { key: container, pid, serial: 0, call: { on: 'hangup', connection: connectionId } });
		},
		answer: (world, node, path) => kubeletAnswer(world, services, node, path),
		usage(world, podUid) {
			const record = getPodRecord(world, podUid);
			const pod = record === undefined ? undefined : podOf(world, host, podUid);
			if (pod === undefined) return undefined;
			const usage: { [container: string]: { readonly cpuMilli: number; readonly memoryBytes: number } } = {};
			for (const { name } of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
				const runtime = getRuntime(world, `${podUid}/${name}`);
				if (runtime !== undefined) usage[name] = usageOf(world, runtime);
			}
			return Object.keys(usage).length === 0 ? undefined : usage;
		},
	};
	const room: Room = {
		timers: timers(host),
		onChange(world, change) {
			if (change.group !== '') return;
			if (change.resource === 'pods') onPodChange(world, host, change);
			else if (change.resource === 'persistentvolumes' && change.type === 'DELETED') removeVolumes(world, pvKey(change.object));
			else if (change.resource === 'configmaps' || change.resource === 'secrets') volumeChanged(world, change);
			if (change.resource === 'pods') labelsChanged(world, change);
		},
		boot: (world, options) => bootNodes(world, services, options),
	};
	return { kubelet, room };
}
