/** Starting and stopping containers. Models kuberuntime_container.go and, below it, containerd with runc. */
import { quantityNumber } from '../apiserver/registry/quantity.ts';
import type { Signal } from '../images/program.ts';
import { driverFiles } from '../gpu/driver-files.ts';
import { diskLower } from './node/disk.ts';
import { claimedDevices } from '../gpu/dra.ts';
import { grantOf, holdClaimed } from '../gpu/plugin.ts';
import { addGpuUser } from '../gpu/state.ts';
import { treeRemove } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { SYSTEM_USERS } from '../services.ts';
import { imageTree } from '../storage-volumes/image-tree.ts';
import { removeVolumes, setVolumeNode, volumeNode } from '../storage-volumes/store.ts';
import { emptyDir, entry, type FsNode, splitPath } from '../storage-volumes/tree.ts';
import { containerFiles } from './container-files.ts';
import { commandLine, type Env, expand, makeEnv, type PodFacts } from './env.ts';
import { podEvent } from './events.ts';
import { runHandler } from './handlers.ts';
import { exitStatus } from './exec-status.ts';
import type { ContainerEnd, Host } from './host.ts';
import { profileError } from './host-profiles.ts';
import { ensureImage } from './images.ts';
import { endStreamWith } from './streams-end.ts';
import { closeLog, logTail, rotateLog, writeLog } from './logs.ts';
import { type Container, findContainer, formatPod, type Pod } from './pod.ts';
import { startProbes, stopProbes } from './probes.ts';
import { endProcess, lookUp, sendSignal, startProcess } from './processes.ts';
import { DEFAULT_PATH } from './program-lookup.ts';
import { identityOf } from './security.ts';
import { sysctlsOf } from './sysctls.ts';
import { standInPart, standInProgramOf } from './stand-in.ts';
import {
	changeContainer,
	containerKey,
	type ContainerRecord,
	getContainer,
	getNode,
	getRuntime,
	layersSlice,
	type MountRecord,
	type PodRecord,
	removeRuntime,
	type RuntimeConfig,
	setContainer,
	setRuntime,
	type Terminated,
} from './state.ts';

export const HOOK_TIMER = 'kubelet.hook';
export const KILL_TIMER = 'kubelet.kill';
/** A container gets at least so long to stop, however much its preStop hook has used up. */
const MINIMUM_GRACE_SECONDS = 2;
const CONFIG_RETRY_MS = 12_000;

export type StartResult = { readonly started: true } | { readonly started: false; readonly again?: number };

/** Facts for the downward API. */
export function podFacts(world: World, host: Host, record: PodRecord): PodFacts {
	const node = host.services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/nodes', undefined, record.node);
	const status = node?.['status'] as { readonly allocatable?: { readonly [r: string]: string } } | undefined;
	return { podIP: record.ip, hostIP: getNode(world, record.node)?.address ?? '', allocatable: status?.allocatable ?? {} };
}

function newContainerID(world: World): string {
	// Joined, not concatenated: V8 keeps a concatenation as a tree of its parts.
	const parts = ['containerd://'];
	for (let i = 0; i < 8; i++) {
		const part = world.randomInt(2 ** 32).toString(16);
		parts.push(part.padStart(8, '0'));
	}
	return parts.join('');
}

function wait(world: World, record: ContainerRecord, reason: string, message?: string): void {
	const old = getContainer(world, record.key);
	if (old === undefined) return;
	const last = old.state.phase === 'terminated' ? terminatedOf(old) : old.last;
	setContainer(world, { ...old, ...(last === undefined ? {} : { last }), state: { phase: 'waiting', reason, ...(message === undefined ? {} : { message }) } });
}

function terminatedOf(record: ContainerRecord): Terminated | undefined {
	if (record.state.phase !== 'terminated') return undefined;
	const { phase: _phase, ...rest } = record.state;
	return rest;
}

/** What an expanded subPath may not be (kubelet_pods.go makeMounts). */
function subPathError(container: Container, env: Env): string | undefined {
	for (const { subPathExpr } of container.volumeMounts ?? []) {
		if (subPathExpr === undefined) continue;
		const path = expand(subPathExpr, env);
		if (path.startsWith('/')) return `error SubPath \`${path}\` must not be an absolute path`;
		if (path.split('/').includes('..')) return `unable to provision SubPath \`${path}\`: must not contain '..'`;
	}
	return undefined;
}

/** Mounts as the container sees them; subPath directories are made, subPaths of volumes that are rewritten keep what they see now. */
function mountRecords(world: World, container: Container, pod: PodRecord, env: Env): readonly MountRecord[] {
	const mounts: MountRecord[] = [];
	for (const mount of container.volumeMounts ?? []) {
		const volume = pod.volumes[mount.name];
		if (volume === undefined) continue;
		const path = `/${splitPath(mount.mountPath).join('/')}`;
		const below = splitPath(mount.subPathExpr === undefined ? (mount.subPath ?? '') : expand(mount.subPathExpr, env));
		const sub = [...volume.sub, ...below];
		const readOnly = volume.readOnly || mount.readOnly === true;
		const at = { path, volume: volume.key, sub, readOnly, ...(volume.tmpfs === true ? { tmpfs: true as const } : {}) };
		if (below.length === 0) mounts.push(at);
		else if (volume.follows) mounts.push({ ...at, frozen: followLinks(world, volume.key, below) ?? emptyDir(0o755, 0, 0, world.now) });
		else {
			if (volumeNode(world, volume.key, sub) === undefined && diskLower(world, volume.key, sub) === undefined) {
				const root = volumeNode(world, volume.key, volume.sub);
				const like = root?.t === 'd' ? root : emptyDir(0o755, 0, 0, world.now);
				setVolumeNode(world, volume.key, sub, { ...like, e: null, mtime: world.now });
			}
			mounts.push(at);
		}
	}
	return mounts;
}

/** A path inside an atomically written volume, through its `..data` links. */
function followLinks(world: World, key: string, path: readonly string[]): FsNode | undefined {
	let node = volumeNode(world, key, []);
	const root = node;
	for (const name of path) {
		node = node?.t === 'd' ? entry(node, name) : undefined;
		for (let i = 0; i < 4 && node?.t === 'l'; i++) {
			let at = root;
			for (const part of node.target.split('/')) {
				let next: FsNode | undefined = at?.t === 'd' ? entry(at, part) : undefined;
				if (next?.t === 'l' && root?.t === 'd') next = entry(root, next.target);
				at = next;
			}
			node = at;
		}
	}
	return node;
}

function refuse(
	world: World,
	host: Host,
	pod: Pod,
	record: ContainerRecord,
	message: string,
	reason: 'CreateContainerConfigError' | 'CreateContainerError' = 'CreateContainerConfigError',
): StartResult {
	podEvent(world, host.services, pod, 'Warning', 'Failed', `Error: ${message}`, record);
	wait(world, record, reason, message);
	return { started: false, again: CONFIG_RETRY_MS };
}

/** HOME stands last: runc adds it where nobody else has set it. */
const withHome = (env: Env, home: string): Env => (env['HOME'] === undefined ? { ...env, HOME: home } : env);

/** What `hostname` says in a pod's containers (GeneratePodHostNameAndDomain). */
function podHostname({ spec }: Pod, { hostNetwork, node, name, namespace }: PodRecord): string {
	if (hostNetwork) return node;
	const short = (spec.hostname ?? name).slice(0, 63).replace(/[-.]+$/, '');
	const whole = spec.setHostnameAsFQDN === true && (spec.subdomain ?? '') !== '';
	return whole ? `${short}.${spec.subdomain}.${namespace}.svc.cluster.local` : short;
}

/** One try at starting a container: image, configuration, creation, first process, postStart. Says when to try again where it did not come up. */
export function startContainer(world: World, host: Host, pod: Pod, podRecord: PodRecord, container: Container, key: string): StartResult {
	const before = getContainer(world, key);
	if (before === undefined) return { started: false };
	const answer = ensureImage(world, host, pod, container, before);
	if (answer.is === 'waiting') {
		const initializing = !before.init && !podRecord.initialized;
		wait(world, before, answer.reason === 'ContainerCreating' && initializing ? 'PodInitializing' : answer.reason, answer.message);
		return { started: false, ...(answer.again === undefined ? {} : { again: answer.again }) };
	}
	const image = host.image(container.image);
	const record = getContainer(world, key) ?? before;
	if (image === undefined) return refuse(world, host, pod, record, `failed to inspect image ${JSON.stringify(container.image)}: not found`);
	const client = host.services.api.client(SYSTEM_USERS.loopback);
	const facts = podFacts(world, host, podRecord);
	const env = makeEnv(world, client, pod, container, facts);
	if (!env.ok) return refuse(world, host, pod, record, env.message);
	const identity = identityOf(pod, container, image);
	if (!identity.ok) return refuse(world, host, pod, record, identity.message);
	const badPath = subPathError(container, env.env);
	if (badPath !== undefined) return refuse(world, host, pod, record, badPath);
	const badProfile = profileError(world, podRecord.node, pod, container);
	if (badProfile !== undefined) return refuse(world, host, pod, record, badProfile, 'CreateContainerError');
	const hostname = podHostname(pod, podRecord);
	const home = identity.identity.uid === 0 ? '/root' : '/';
	const variables = { ...image.env, ...env.env };
	claimDevices(world, host, pod, podRecord.node, container, key);
	const grant = grantOf(world, podRecord.node, key, pod.spec.runtimeClassName, variables['NVIDIA_VISIBLE_DEVICES']);
	const sysctls = sysctlsOf(pod.spec.securityContext?.sysctls);
	const config: RuntimeConfig = {
		node: podRecord.node,
		namespace: podRecord.namespace,
		podName: podRecord.name,
		hostname,
		podIP: podRecord.ip,
		repository: image.repositories[0] ?? '',
		reference: container.image,
		// HOME comes last: runc adds it where nobody else did.
		env: withHome({ PATH: DEFAULT_PATH, HOSTNAME: hostname, ...variables, ...grant?.env }, home),
		cwd: container.workingDir ?? (image.workdir === '' ? '/' : image.workdir),
		...identity.identity,
		mounts: mountRecords(world, container, podRecord, env.env),
		...(sysctls === undefined ? {} : { sysctls }),
		tty: container.tty === true,
		hostNetwork: podRecord.hostNetwork,
		...((pod.spec as { readonly hostPID?: boolean }).hostPID === true ? { hostPID: true as const } : {}),
		terminationPath: container.terminationMessagePath ?? '/dev/termination-log',
		...(grant === undefined ? {} : { gpus: grant.uuids }),
	};
	const shared = targetOf(world, podRecord.uid, container);
	const whole = shared === undefined ? config : { ...config, target: shared };
	create(world, host, pod, record, container, whole);
	return run(world, host, pod, container, key, whole, commandLine(container, image, env.env));
}

/** NodePrepareResources: devices that the container's claims name. */
function claimDevices(world: World, host: Host, pod: Pod, node: string, container: Container, key: string): void {
	const uuids = (container.resources?.claims ?? []).flatMap((claim) => claimedDevices(world, host.services, pod, node, claim));
	if (uuids.length > 0) holdClaimed(world, node, key, uuids);
}

/** The process namespace that an ephemeral container joins, where its target runs. */
function targetOf(world: World, uid: string, container: Container): RuntimeConfig['target'] {
	if (container.targetContainerName === undefined || container.targetContainerName === '') return undefined;
	const key = containerKey(uid, container.targetContainerName);
	const runtime = getRuntime(world, key);
	return runtime === undefined ? undefined : { key, pids: runtime.nextPid - 1 };
}

function create(world: World, host: Host, pod: Pod, record: ContainerRecord, container: Container, config: RuntimeConfig): void {
	const { key } = record;
	rotateLog(world, key);
	removeVolumes(world, `term/${key}`);
	const layers = world.read(layersSlice);
	world.write(layersSlice, treeRemove(layers, key));
	const last = terminatedOf(record) ?? record.last;
	const { stopping: _stopping, pullBackoff: _pull, ...rest } = record;
	const resources = record.allocated ?? container.resources ?? {};
	setContainer(world, {
		...rest,
		...(last === undefined ? {} : { last }),
		state: { phase: 'waiting', reason: 'ContainerCreating' },
		starts: record.starts + 1,
		image: container.image,
		containerID: newContainerID(world),
		started: false,
		ready: false,
		probes: {},
		memoryLimit: quantityNumber(resources.limits?.['memory']) ?? 0,
		allocated: resources,
		actual: resources,
	});
	setRuntime(world, key, {
		procs: null,
		nextPid: 1,
		nextSerial: (record.starts + 1) * 1_000_000,
		inputs: null,
		cpu: { window: 0, spent: 0, before: 0 },
		metrics: null,
		spawns: { second: 0, count: 0 },
		attached: [],
		config,
	});
	makeWorkingDirectory(world, host, key, config);
	if (config.gpus !== undefined) injectDriver(world, host, key, config, config.gpus);
	podEvent(world, host.services, pod, 'Normal', 'Created', 'Container created', record);
}

/** runc makes a working directory that the image lacks. */
function makeWorkingDirectory(world: World, host: Host, key: string, config: RuntimeConfig): void {
	if (config.cwd === '/') return;
	const image = host.image(config.reference);
	let node: FsNode | undefined = image === undefined ? undefined : imageTree(image);
	for (const part of splitPath(config.cwd)) node = node?.t === 'd' ? entry(node, part) : undefined;
	if (node !== undefined) return;
	runtimeFiles(world, host, key, config).mkdir(config.cwd, { parents: true });
}

/** The file system as the container runtime sees it before the container runs. */
function runtimeFiles(world: World, host: Host, key: string, config: RuntimeConfig): ReturnType<typeof containerFiles> {
	const quiet = { stdout: () => undefined, stderr: () => undefined };
	const root = { uid: 0, gid: 0, groups: [], override: true };
	return containerFiles(world, host, key, { ...config, readOnlyRoot: false }, root, quiet);
}

/** The container toolkit brings the driver's tools and device files from the host into a container that has GPUs. */
function injectDriver(world: World, host: Host, key: string, config: RuntimeConfig, gpus: readonly string[]): void {
	addGpuUser(world, key, gpus);
	const files = runtimeFiles(world, host, key, config);
	for (const [path, content] of driverFiles(gpus.length)) {
		files.mkdir(path.slice(0, path.lastIndexOf('/')), { parents: true });
		files.write(path, content, { mode: 0o755 });
	}
}

function run(world: World, host: Host, pod: Pod, container: Container, key: string, config: RuntimeConfig, argv: readonly string[]): StartResult {
	const part = standInPart({ world, host, key, config }, pod, container, getContainer(world, key)?.init ?? false, argv);
	if (part !== undefined) setStandIn(world, key);
	const found = part === undefined ? lookUp(world, host, key, config, argv) : ({ ok: true, program: standInProgramOf(config), argv } as const);
	if (!found.ok && found.format !== true) {
		const name = argv[0] ?? '';
		const why = argv.length === 0 ? 'no command specified' : startError(name, found.error);
		startFailed(world, host, pod, key, why);
		return { started: false, again: 1000 };
	}
	changeContainer(world, key, { state: { phase: 'running', startedAt: world.now } });
	podEvent(world, host.services, pod, 'Normal', 'Started', 'Container started', getContainer(world, key));
	if (!found.ok) {
		// The exec fails only after the container has been started: the loader's complaint is all it ever prints.
		writeLog(world, key, 'stderr', `exec ${argv[0] ?? ''}: exec format error\n`);
		host.containerEnded(world, key, { exitCode: 255 });
		return { started: true };
	}
	startProcess(world, key, {
		argv: found.argv,
		program: found.program,
		env: config.env,
		cwd: config.cwd,
		uid: config.uid,
		gid: config.gid,
		ppid: 0,
		out: { to: 'log', channel: 'stdout' },
		err: { to: 'log', channel: 'stderr' },
		input: { text: '', ended: container.stdin !== true, lines: container.tty === true },
		onExit: { to: 'container' },
		tty: container.tty === true,
		...(part === undefined ? {} : { data: part }),
	});
	const postStart = container.lifecycle?.postStart;
	if (postStart !== undefined) {
		changeContainer(world, key, { starting: true });
		hook(world, host, pod, container, key, 'postStart');
	} else markStarted(world, container, key);
	return { started: true };
}

function setStandIn(world: World, key: string): void {
	const runtime = getRuntime(world, key);
	if (runtime !== undefined) setRuntime(world, key, { ...runtime, config: { ...runtime.config, standIn: true } });
}

/** The container counts as started: probes begin. */
export function markStarted(world: World, container: Container, key: string): void {
	const waits = container.startupProbe !== undefined;
	changeContainer(world, key, { starting: false, started: !waits, ready: !waits && container.readinessProbe === undefined });
	startProbes(world, container, key, world.now);
}

function startError(name: string, error: string): string {
	if (error === 'EACCES') return `exec: ${JSON.stringify(name)}: permission denied`;
	return name.includes('/')
		? `exec: ${JSON.stringify(name)}: stat ${name}: no such file or directory`
		: `exec: ${JSON.stringify(name)}: executable file not found in $PATH`;
}

function startFailed(world: World, host: Host, pod: Pod, key: string, why: string): void {
	const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${why}`;
	const record = getContainer(world, key);
	if (record === undefined) return;
	removeRuntime(world, key);
	podEvent(world, host.services, pod, 'Warning', 'Failed', `Error: ${message}`, record);
	setContainer(world, {
		...record,
		state: { phase: 'terminated', exitCode: 128, reason: 'StartError', message, startedAt: 0, finishedAt: world.now, containerID: record.containerID },
	});
}

/** Runs a lifecycle hook; `HOOK_TIMER` brings its result. */
function hook(world: World, host: Host, pod: Pod, container: Container, key: string, kind: 'postStart' | 'preStop'): void {
	const handler = container.lifecycle?.[kind];
	const starts = getContainer(world, key)?.starts ?? 0;
	if (handler !== undefined) runHandler(world, host, pod, container, key, handler, 0, { timer: HOOK_TIMER, key: `${key}|${kind}`, data: { kind, starts } });
}

function stopSignal(host: Host, container: Container | undefined, config: RuntimeConfig): Signal {
	return (container?.lifecycle?.stopSignal as Signal | undefined) ?? host.image(config.reference)?.stopSignal ?? 'SIGTERM';
}

/** Asks a container to stop: preStop, signal, and SIGKILL once the grace period is over. Asking again may only shorten it. */
export function stopContainer(world: World, host: Host, pod: Pod, key: string, graceSeconds: number, message: string): void {
	const record = getContainer(world, key);
	if (record === undefined || record.state.phase !== 'running') return;
	const deadline = world.now + graceSeconds * 1000;
	if (record.stopping !== undefined) {
		if (deadline < record.stopping.deadline) {
			changeContainer(world, key, { stopping: { ...record.stopping, deadline } });
			world.schedule(KILL_TIMER, key, graceSeconds * 1000, record.starts, true);
		}
		return;
	}
	stopProbes(world, key);
	podEvent(world, host.services, pod, 'Normal', 'Killing', message, record);
	const container = findContainer(pod.spec, record.name);
	world.schedule(KILL_TIMER, key, graceSeconds * 1000, record.starts, true);
	if (container?.lifecycle?.preStop !== undefined && graceSeconds > 0) {
		changeContainer(world, key, { stopping: { deadline, stage: 'hook' } });
		hook(world, host, pod, container, key, 'preStop');
		return;
	}
	signalStop(world, host, container, key, deadline);
}

/** Sends the stop signal; the deadline holds, but for a short minimum after a long hook. */
export function signalStop(world: World, host: Host, container: Container | undefined, key: string, deadline: number): void {
	const runtime = getRuntime(world, key);
	const record = getContainer(world, key);
	if (runtime === undefined || record === undefined) return;
	changeContainer(world, key, { stopping: { deadline, stage: 'signalled' } });
	sendSignal(world, key, 1, stopSignal(host, container, runtime.config), false);
}

/** The grace period is over. A preStop hook that used it all up leaves the process its minimum still. */
export function graceOver(world: World, host: Host, pod: Pod | undefined, key: string, starts: number): void {
	const record = getContainer(world, key);
	if (record === undefined || record.starts !== starts || record.state.phase !== 'running') return;
	if (record.stopping?.stage === 'hook' && pod !== undefined) {
		const deadline = world.now + MINIMUM_GRACE_SECONDS * 1000;
		signalStop(world, host, findContainer(pod.spec, record.name), key, deadline);
		world.schedule(KILL_TIMER, key, MINIMUM_GRACE_SECONDS * 1000, starts, true);
		return;
	}
	endProcess(world, host, key, 1, 137, 9);
}

/** Writes down how a container ended; its log closes, its processes and layer are gone. */
export function recordEnd(world: World, pod: Pod | undefined, key: string, end: ContainerEnd): void {
	const record = getContainer(world, key);
	const runtime = getRuntime(world, key);
	if (record === undefined) return;
	stopProbes(world, key);
	world.cancel(KILL_TIMER, key);
	closeLog(world, key);
	// An attach that ends well says nothing of the process's exit code (kubelet's ServeAttach).
	for (const id of runtime?.attached ?? []) endStreamWith(world, id, exitStatus(0));
	const container = pod === undefined ? undefined : findContainer(pod.spec, record.name);
	const failed = end.exitCode !== 0;
	let message = runtime === undefined ? '' : terminationMessage(world, key);
	if (message === '' && failed && container?.terminationMessagePolicy === 'FallbackToLogsOnError') message = logTail(world, key);
	removeRuntime(world, key);
	const { stopping: _stopping, ...rest } = record;
	setContainer(world, {
		...rest,
		ready: false,
		started: false,
		state: {
			phase: 'terminated',
			exitCode: end.exitCode,
			reason: end.oomKilled === true ? 'OOMKilled' : failed ? 'Error' : 'Completed',
			...(message === '' ? {} : { message }),
			startedAt: record.state.phase === 'running' ? record.state.startedAt : world.now,
			finishedAt: world.now,
			containerID: record.containerID,
		},
	});
}

/** At most 4096 characters of what the program left at its terminationMessagePath. */
function terminationMessage(world: World, key: string): string {
	const node = volumeNode(world, `term/${key}`, []);
	return node?.t === 'f' ? node.content.slice(0, 4096) : '';
}

/** Back-off text for events and states. */
export function backoffMessage(pod: Pod, record: ContainerRecord): string {
	return `back-off ${backoffSpan(record.backoff?.delayMs ?? 0)} restarting failed container=${record.name} pod=${formatPod(pod)}`;
}

function backoffSpan(ms: number): string {
	const s = Math.round(ms / 1000);
	return s < 60 ? `${s}s` : `${Math.floor(s / 60)}m${s % 60}s`;
}
