/** What the kubelets of all nodes know, as plain data. Containers are named `<pod uid>/<container name>`. */
import type { GpuFault, GpuUse } from '../gpu/contract.ts';
import { removeGpuUser } from '../gpu/state.ts';
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeGet, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { FsNode } from '../storage-volumes/tree.ts';
import type { Mounted } from '../storage-volumes/volumes.ts';

export interface NodeRecord {
	readonly name: string;
	readonly address: string;
	readonly podCIDR: string;
	/** Image pulls of a node follow one another (serializeImagePulls): when the last one ends, ms since the epoch. */
	readonly pullsBusyUntil: number;
	/** Pulls under way: reference → when it ends. */
	readonly pulls: Tree<string, number>;
	/** The last failed pull of a reference: those that waited for it share it. */
	readonly pullFailures: Tree<string, { readonly at: number; readonly error: string }>;
	/** References present on the node → what they resolved to. */
	readonly images: Tree<string, { readonly imageID: string; readonly normalised: string; readonly sizeBytes: number }>;
}

export interface PodRecord {
	readonly uid: string;
	readonly namespace: string;
	readonly name: string;
	readonly node: string;
	readonly hostNetwork: boolean;
	/** '' until the sandbox is up. */
	readonly ip: string;
	/** When the kubelet first saw the pod, ms since the epoch. */
	readonly startedAt: number;
	/** 'setup' waits for volumes, 'sandbox' for the network, 'up' runs containers, 'done' has come to its end. */
	readonly stage: 'setup' | 'sandbox' | 'up' | 'done';
	/** Init containers have all succeeded once. */
	readonly initialized: boolean;
	/** Reason and message of a pod that the kubelet failed by itself (DeadlineExceeded…); `rejected` one that it never took in. */
	readonly failed?: { readonly reason: string; readonly message: string; readonly rejected?: true };
	readonly terminating?: { readonly since: number; readonly graceSeconds: number };
	/** Failed attempts at mounting volumes in a row: sets the retry delay. */
	readonly mountFailures: number;
	/** Its volumes by name, once they are set up. */
	readonly volumes: { readonly [volume: string]: Mounted };
	/** ConfigMaps and Secrets its volumes follow (`configmaps/name`). */
	readonly follows: readonly string[];
	/** What became of the last in-place resize, until it is through. */
	readonly resize?: ResizeState;
}

export interface ResizeState {
	/** 'pending' waits for room on the node (Deferred) or can never be had there (Infeasible). */
	readonly stage: 'pending' | 'inProgress';
	readonly reason: '' | 'Deferred' | 'Infeasible';
	readonly message: string;
	readonly generation: number;
}

export interface Terminated {
	readonly exitCode: number;
	readonly signal?: number;
	readonly reason: string;
	readonly message?: string;
	readonly startedAt: number;
	readonly finishedAt: number;
	readonly containerID?: string;
}

export type ContainerState =
	| { readonly phase: 'waiting'; readonly reason: string; readonly message?: string }
	| { readonly phase: 'running'; readonly startedAt: number }
	| ({ readonly phase: 'terminated' } & Terminated);

export interface ContainerRecord {
	readonly key: string;
	readonly pod: string;
	readonly name: string;
	readonly init: boolean;
	readonly sidecar: boolean;
	/** Added to a running pod (`kubectl debug`): started once, and part of neither readiness nor phase. */
	readonly ephemeral?: boolean;
	readonly state: ContainerState;
	readonly last?: Terminated;
	/** Times it has been started. */
	readonly starts: number;
	readonly containerID: string;
	readonly image: string;
	readonly imageID: string;
	/** Startup probe passed (or there is none) and postStart is through. */
	readonly started: boolean;
	readonly ready: boolean;
	/** Restart back-off: the present delay and when it was set, ms. */
	readonly backoff?: { readonly delayMs: number; readonly setAt: number };
	/** A pull for this container is under way since this moment. */
	readonly pulling?: number;
	/** Waits since this moment for a pull that another pod has asked for. */
	readonly waitsForPull?: number;
	/** The image is ready for the next start: set by a pull or by finding it present, taken by the start. */
	readonly pulled?: boolean;
	/** Image pull back-off. */
	readonly pullBackoff?: { readonly delayMs: number; readonly setAt: number; readonly error: string };
	/** Set while it is being stopped: SIGKILL follows at the deadline. */
	readonly stopping?: { readonly deadline: number; readonly stage: 'hook' | 'signalled' };
	/** A postStart hook runs. */
	readonly starting?: boolean;
	readonly probes: { readonly [kind: string]: ProbeRecord };
	/** Memory limit in bytes, 0 for none. */
	readonly memoryLimit: number;
	/** Resources that the node has granted, and those that the running container has: a resize changes the one, then the other. */
	readonly allocated?: Resources;
	readonly actual?: Resources;
}

/** `resources` of a container, as in its spec. */
export interface Resources {
	readonly requests?: { readonly [resource: string]: string };
	readonly limits?: { readonly [resource: string]: string };
}

export interface ProbeRecord {
	/** Results of one kind in a row. */
	readonly run: number;
	readonly result: 'success' | 'failure' | 'unknown';
	/** A probe is under way: its number. Late answers of others are dropped. */
	readonly attempt: number;
	readonly pending: boolean;
}

/** Where a process's output goes. */
export type Sink =
	| { readonly to: 'log'; readonly channel: 'stdout' | 'stderr' }
	| { readonly to: 'stream'; readonly id: string; readonly channel: number }
	/** Kept in the named process's record until it ends. */
	| { readonly to: 'process'; readonly pid: number; readonly fd: 1 | 2 }
	| { readonly to: 'file'; readonly path: string }
	| { readonly to: 'nothing' };

/** Who learns of a process's end. */
export type OnExit =
	| { readonly to: 'container' }
	| { readonly to: 'parent'; readonly token: string }
	| { readonly to: 'stream'; readonly id: string }
	| { readonly to: 'timer'; readonly timer: string; readonly key: string; readonly data: unknown }
	| { readonly to: 'nobody' };

export interface ProcessRecord {
	readonly pid: number;
	readonly ppid: number;
	/** Tells this process from an earlier one of the same pid. */
	readonly serial: number;
	readonly argv: readonly string[];
	readonly env: { readonly [name: string]: string };
	readonly cwd: string;
	/** Where its root directory is (chroot); the container's own where left out. */
	readonly root?: string;
	readonly uid: number;
	readonly gid: number;
	/** Image and path of its program. */
	readonly program: { readonly repository: string; readonly path: string };
	/** What the program keeps; null before its start has kept anything. */
	readonly data: unknown;
	readonly startedAt: number;
	readonly out: Sink;
	readonly err: Sink;
	/** Input it reads from: a key of the runtime's `inputs`. */
	readonly input: string;
	readonly onExit: OnExit;
	readonly tty: boolean;
	readonly memoryBytes: number;
	readonly cpuMilli: number;
	/** What it does with its container's GPUs. */
	readonly gpus?: readonly GpuUse[];
	/** Collected output of itself and its children. */
	readonly collected?: { readonly out: string; readonly err: string };
	/** Stopped by SIGSTOP: what waits until SIGCONT. */
	readonly held?: readonly Call[];
}

/** A call of one of a program's handlers, as data. */
export type Call =
	| { readonly on: 'start' }
	| { readonly on: 'timer'; readonly token: string }
	| { readonly on: 'request'; readonly connection: unknown; readonly request: unknown }
	| { readonly on: 'reply'; readonly token: string; readonly outcome: unknown }
	| { readonly on: 'piece'; readonly token: string; readonly piece: unknown }
	| { readonly on: 'hangup'; readonly connection: string }
	| { readonly on: 'signal'; readonly signal: string; readonly inside: boolean }
	| { readonly on: 'child'; readonly token: string; readonly pid: number; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
	| { readonly on: 'gpu-fault'; readonly fault: GpuFault }
	| { readonly on: 'stdin' };

/** Standard input shared by the processes that inherit it. */
export interface InputRecord {
	readonly text: string;
	readonly ended: boolean;
	/** The process that waits for input; 0 where none does. */
	readonly waiting: number;
	readonly lines: boolean;
}

/** A running container: its processes and its writable layer. */
export interface Runtime {
	readonly procs: Tree<number, ProcessRecord>;
	readonly nextPid: number;
	readonly nextSerial: number;
	readonly inputs: Tree<string, InputRecord>;
	/** CPU work done at once, core-milliseconds, in the present and the last window. */
	readonly cpu: { readonly window: number; readonly spent: number; readonly before: number };
	readonly metrics: Tree<string, number>;
	/** Processes started in the present second of virtual time: a container that does nothing else is slowed down. */
	readonly spawns: { readonly second: number; readonly count: number };
	/** Streams of `kubectl attach`. */
	readonly attached: readonly string[];
	/** Configuration fixed at creation. */
	readonly config: RuntimeConfig;
}

export interface RuntimeConfig {
	readonly node: string;
	readonly namespace: string;
	readonly podName: string;
	readonly hostname: string;
	readonly podIP: string;
	readonly repository: string;
	/** The image as its registry knows it: found again after a restore. */
	readonly reference: string;
	readonly env: { readonly [name: string]: string };
	readonly cwd: string;
	readonly uid: number;
	readonly gid: number;
	readonly groups: readonly number[];
	readonly capabilities: readonly string[];
	readonly readOnlyRoot: boolean;
	readonly mounts: readonly MountRecord[];
	readonly tty: boolean;
	readonly hostNetwork: boolean;
	/** It sees all of its node's processes. */
	readonly hostPID?: true;
	readonly terminationPath: string;
	/** Kernel parameters that its pod set. */
	readonly sysctls?: { readonly [name: string]: string };
	/** A stand-in runs in place of its image's program. */
	readonly standIn?: true;
	/** UUIDs of the GPU devices that it sees, in CUDA's order. */
	readonly gpus?: readonly string[];
	/** The container whose processes this one sees beside its own, theirs numbered before its own (`kubectl debug --target`). */
	readonly target?: { readonly key: string; readonly pids: number };
}

export interface MountRecord {
	readonly path: string;
	/** Key in the volumes slice. */
	readonly volume: string;
	/** Components below the volume's root. */
	readonly sub: readonly string[];
	readonly readOnly: boolean;
	/** A file or directory bound by subPath of a volume that is written anew on updates: it keeps what it was. */
	readonly frozen?: FsNode;
	/** Mounted from memory: what /proc/mounts says. */
	readonly tmpfs?: true;
}

export const kubeletSlice = defineSlice<{ readonly nodes: Tree<string, NodeRecord>; readonly pods: Tree<string, PodRecord> }>('kubelet', {
	nodes: null,
	pods: null,
});
export const containersSlice = defineSlice<Tree<string, ContainerRecord>>('containers', null);
export const runtimesSlice = defineSlice<Tree<string, Runtime>>('runtimes', null);
/** Writable layers by container; apart from the runtimes because they are written far less often. */
export const layersSlice = defineSlice<Tree<string, FsNode>>('container-layers', null);

export function getNode(world: World, name: string): NodeRecord | undefined {
	return treeGet(world.read(kubeletSlice).nodes, name);
}

export function setNode(world: World, node: NodeRecord): void {
	const s = world.read(kubeletSlice);
	world.write(kubeletSlice, { ...s, nodes: treeSet(s.nodes, node.name, node) });
}

export function getPodRecord(world: World, uid: string): PodRecord | undefined {
	return treeGet(world.read(kubeletSlice).pods, uid);
}

export function setPodRecord(world: World, pod: PodRecord): void {
	const s = world.read(kubeletSlice);
	world.write(kubeletSlice, { ...s, pods: treeSet(s.pods, pod.uid, pod) });
}

export function removePodRecord(world: World, uid: string): void {
	const s = world.read(kubeletSlice);
	world.write(kubeletSlice, { ...s, pods: treeRemove(s.pods, uid) });
}

export function containerKey(podUid: string, name: string): string {
	return `${podUid}/${name}`;
}

export function getContainer(world: World, key: string): ContainerRecord | undefined {
	return treeGet(world.read(containersSlice), key);
}

export function setContainer(world: World, container: ContainerRecord): void {
	world.write(containersSlice, treeSet(world.read(containersSlice), container.key, container));
}

export function changeContainer(world: World, key: string, change: Partial<ContainerRecord>): ContainerRecord | undefined {
	const old = getContainer(world, key);
	if (old === undefined) return undefined;
	const next = { ...old, ...change };
	setContainer(world, next);
	return next;
}

export function removeContainer(world: World, key: string): void {
	world.write(containersSlice, treeRemove(world.read(containersSlice), key));
}

export function getRuntime(world: World, key: string): Runtime | undefined {
	return treeGet(world.read(runtimesSlice), key);
}

export function setRuntime(world: World, key: string, runtime: Runtime): void {
	world.write(runtimesSlice, treeSet(world.read(runtimesSlice), key, runtime));
}

export function removeRuntime(world: World, key: string): void {
	const gpus = getRuntime(world, key)?.config.gpus;
	if (gpus !== undefined) removeGpuUser(world, key, gpus);
	world.write(runtimesSlice, treeRemove(world.read(runtimesSlice), key));
}

export function getProcess(world: World, key: string, pid: number): ProcessRecord | undefined {
	const runtime = getRuntime(world, key);
	return runtime === undefined ? undefined : treeGet(runtime.procs, pid);
}

export function changeProcess(world: World, key: string, pid: number, change: (process: ProcessRecord) => ProcessRecord): void {
	const runtime = getRuntime(world, key);
	if (runtime === undefined) return;
	const old = treeGet(runtime.procs, pid);
	if (old === undefined) return;
	const next = change(old);
	if (next !== old) setRuntime(world, key, { ...runtime, procs: treeSet(runtime.procs, pid, next) });
}
