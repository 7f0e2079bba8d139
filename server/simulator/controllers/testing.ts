/** A cluster for tests of controllers and scheduler: API server, both of them, and nodes, but no kubelet; tests play its part. */
import { admissionPlugins } from '../apiserver/admission/plugins.ts';
import { createApiServer } from '../apiserver/apiserver.ts';
import type { ApiClient } from '../apiserver/client.ts';
import { resources } from '../apiserver/registry/resources.ts';
import type { AdmissionPlugin, Change, KubeObject } from '../apiserver/types.ts';
import { initialState } from '../kernel/state.ts';
import { formatTime } from '../kernel/time.ts';
import { type TimerHandler, World } from '../kernel/world.ts';
import { schedulerRoom } from '../scheduler/scheduler.ts';
import { type ApiServer, type KubeletApi, type Room, type Services, SYSTEM_USERS } from '../services.ts';
import { controllerRoom } from './controllers.ts';
import type { Pod } from './shared/objects.ts';

export interface TestCluster {
	readonly world: World;
	readonly client: ApiClient;
	readonly services: Services;
	/** CPU and memory by pod uid and container, as the kubelet's usage answers it; tests fill it in. */
	readonly usage: Map<string, { readonly [container: string]: { readonly cpuMilli: number; readonly memoryBytes: number } }>;
	/** Lets virtual time pass, ms. */
	run(ms: number): void;
	/** Lets time pass and plays kubelet every step: bound pods start and turn ready, deleted ones vanish. */
	runWithPods(ms: number, ready?: (pod: Pod) => boolean): void;
	addNode(name: string, options?: NodeOptions): void;
	/** Creates and fails the test where the API server refuses. */
	create(path: string, namespace: string | undefined, object: { readonly [k: string]: unknown }): KubeObject;
	pods(namespace: string): readonly Pod[];
	/** `reason: message` of the events about objects with a name that starts with `prefix`, in order. */
	events(namespace: string, prefix: string): readonly string[];
}

export interface NodeOptions {
	readonly cpu?: string;
	readonly memory?: string;
	readonly pods?: string;
	readonly labels?: { readonly [k: string]: string };
	readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

const unused = (name: string) => (): never => {
	throw new Error(`${name} has no part in this test`);
};

export function testCluster(options: { readonly scheduler?: boolean; readonly seed?: number } = {}): TestCluster {
	const usage: TestCluster['usage'] = new Map();
	const built: { api?: ApiServer; admission: readonly AdmissionPlugin[] } = { admission: [] };
	const services: Services = {
		get api() {
			if (built.api === undefined) throw new Error('api is used before it is built');
			return built.api;
		},
		get network(): never {
			return unused('network')();
		},
		kubelet: { usage: (_world: World, uid: string) => usage.get(uid) } as unknown as KubeletApi,
		images: { pull: unused('images') },
		get admission() {
			return built.admission;
		},
	};
	built.admission = admissionPlugins(services);
	const rooms: Room[] = [];
	const onChange = (world: World, change: Change): void => {
		for (const room of rooms) room.onChange?.(world, change);
	};
	const server = createApiServer(services, resources(services), onChange);
	built.api = server.api;
	rooms.push(server.room, controllerRoom(services));
	if (options.scheduler !== false) rooms.push(schedulerRoom(services));
	const timers = new Map<string, TimerHandler>();
	for (const room of rooms) for (const [kind, handler] of Object.entries(room.timers ?? {})) timers.set(kind, handler);
	const world = new World(initialState(options.seed ?? 7, 1_795_000_000_000), { timers });
	for (const room of rooms) room.boot?.(world, { workers: 2, profile: 'full', hosts: [] });
	const client = server.api.client(SYSTEM_USERS.loopback);
	const create: TestCluster['create'] = (path, namespace, object) => {
		const made = client.create(world, path, namespace, object);
		if (!made.ok) throw new Error(`${path}: ${made.status.message}`);
		return made.value;
	};
	for (const name of ['default', 'kube-system']) {
		if (client.get(world, 'v1/namespaces', undefined, name) === undefined)
			create('v1/namespaces', undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
	}
	// Service accounts and the like settle.
	world.advanceTo(world.now + 100);
	return {
		world,
		client,
		services,
		usage,
		create,
		run: (ms) => void world.advanceTo(world.now + ms),
		runWithPods: (ms, ready) => playKubelet(world, client, ms, ready ?? (() => true)),
		addNode: (name, o) => addNode(world, client, create, name, o ?? {}),
		pods: (namespace) => client.list(world, 'v1/pods', namespace) as readonly Pod[],
		events: (namespace, prefix) => eventTexts(world, client, namespace, prefix),
	};
}

function addNode(world: World, client: ApiClient, create: TestCluster['create'], name: string, o: NodeOptions): void {
	const resources = { cpu: o.cpu ?? '4', memory: o.memory ?? '8Gi', pods: o.pods ?? '110', 'ephemeral-storage': '100Gi' };
	const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...o.labels };
	const node = create('v1/nodes', undefined, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { taints: o.taints ?? [] } });
	const heartbeat = formatTime(world.now);
	const conditions = [
		{
			type: 'Ready',
			status: 'True',
			reason: 'KubeletReady',
			message: 'kubelet is posting ready status',
			lastHeartbeatTime: heartbeat,
			lastTransitionTime: heartbeat,
		},
	];
	const addresses = [{ type: 'InternalIP', address: '172.18.0.9' }];
	const outcome = client.updateStatus(world, 'v1/nodes', { ...node, status: { capacity: resources, allocatable: resources, conditions, addresses } });
	if (!outcome.ok) throw new Error(outcome.status.message);
}

/** Marks bound pods running and ready, and lets deleted ones go. */
function playKubelet(world: World, client: ApiClient, ms: number, ready: (pod: Pod) => boolean): void {
	const end = world.now + ms;
	let address = 10;
	while (world.now < end) {
		world.advanceTo(Math.min(end, world.now + 50));
		for (const pod of client.list(world, 'v1/pods') as readonly Pod[]) {
			const { namespace, name } = pod.metadata;
			if (pod.metadata.deletionTimestamp !== undefined) {
				client.delete(world, 'v1/pods', namespace, name, { gracePeriodSeconds: 0 });
				continue;
			}
			if ((pod.spec.nodeName ?? '') === '' || pod.status?.phase === 'Running' || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
			const now = formatTime(world.now);
			const status = ready(pod) ? 'True' : 'False';
			const conditions = [
				...(pod.status?.conditions ?? []).filter((c) => c.type === 'PodScheduled'),
				{ type: 'Ready', status, lastTransitionTime: now },
				{ type: 'ContainersReady', status, lastTransitionTime: now },
			];
			const ip = `10.244.1.${address++}`;
			client.updateStatus(world, 'v1/pods', { ...pod, status: { ...pod.status, phase: 'Running', startTime: now, podIP: ip, podIPs: [{ ip }], conditions } });
		}
	}
}

function eventTexts(world: World, client: ApiClient, namespace: string, prefix: string): readonly string[] {
	const events = client.list(world, 'v1/events', namespace) as readonly (KubeObject & {
		readonly involvedObject?: { readonly name?: string };
		readonly reason?: string;
		readonly message?: string;
	})[];
	return [...events]
		.sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
		.filter((e) => e.involvedObject?.name?.startsWith(prefix) === true)
		.map((e) => `${e.reason}: ${e.message}`);
}
