/** The nodes at power-on: objects with their status, what the kubelets and the network know of them, heartbeats; then the system's workloads. */
import type { KubeObject } from '../apiserver/types.ts';
import { newCards } from '../gpu/cards.ts';
import { discoveryLabels, joinLabels } from '../gpu/labels.ts';
import { operatorPreloaded } from '../gpu/operator/images.ts';
import { gpuModel } from '../gpu/models.ts';
import { nodeResources } from '../gpu/plugin.ts';
import type { GpuPool } from '../gpu/pools.ts';
import { type GpuNode, getGpuNode, gpuSlice, setGpuNode } from '../gpu/state.ts';
import { formatTime } from '../kernel/time.ts';
import { treeFrom } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { addNode } from '../network/state.ts';
import { type BootOptions, type Services, SYSTEM_USERS } from '../services.ts';
import { ensure } from './boot-ensure.ts';
import { bootWorkloads } from './boot-workloads.ts';
import { HEARTBEAT_TIMER } from './heartbeat.ts';
import { type NodeRecord, setNode } from './state.ts';
import { preloaded, VERSION } from './system-images.ts';

const CONTROL_PLANE = 'foothold-control-plane';
/** Node addresses start here: 172.18.0.2. */
const FIRST_ADDRESS = 2;

export interface NodePlan {
	readonly name: string;
	readonly address: string;
	/** First three octets of its pod range. */
	readonly podPrefix: string;
	readonly controlPlane: boolean;
	/** Cards that it has. */
	readonly gpu?: { readonly model: string; readonly cards: number };
}

/** Names and addresses as kind gives them: worker, worker2, worker3… */
function nodePlans(workers: number, gpus: readonly GpuPool[]): readonly NodePlan[] {
	const plans: NodePlan[] = [];
	for (let i = 0; i <= workers; i++) plans.push(nodePlan(i, i === 0 ? CONTROL_PLANE : i === 1 ? 'foothold-worker' : `foothold-worker${i}`));
	for (const { model, nodes, cards } of gpus) {
		for (let i = 1; i <= nodes; i++) plans.push({ ...nodePlan(plans.length, `foothold-gpu-${model}-${i}`), gpu: { model, cards } });
	}
	return plans;
}

/** The i-th machine of a cluster: its addresses follow from its number. */
function nodePlan(i: number, name: string): NodePlan {
	const host = FIRST_ADDRESS + i;
	return {
		name,
		address: `172.18.${Math.floor(host / 250)}.${host % 250}`,
		podPrefix: `10.${244 + Math.floor(i / 256)}.${i % 256}`,
		controlPlane: i === 0,
	};
}

const CAPACITY = { cpu: '4', 'ephemeral-storage': '101430960Ki', 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', memory: '8Gi', pods: '110' };

function nodeObject(plan: NodePlan, taints: boolean, gpu: GpuNode | undefined): { readonly [field: string]: unknown } {
	const labels: { [key: string]: string } = {
		'beta.kubernetes.io/arch': 'amd64',
		'beta.kubernetes.io/os': 'linux',
		'kubernetes.io/arch': 'amd64',
		'kubernetes.io/hostname': plan.name,
		'kubernetes.io/os': 'linux',
	};
	if (plan.controlPlane) {
		labels['node-role.kubernetes.io/control-plane'] = '';
		labels['node.kubernetes.io/exclude-from-external-load-balancers'] = '';
	}
	if (gpu !== undefined) Object.assign(labels, joinLabels(gpu), discoveryLabels(gpu));
	return {
		apiVersion: 'v1',
		kind: 'Node',
		metadata: {
			name: plan.name,
			labels,
			annotations: { 'node.alpha.kubernetes.io/ttl': '0', 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
		},
		spec: {
			podCIDR: `${plan.podPrefix}.0/24`,
			podCIDRs: [`${plan.podPrefix}.0/24`],
			providerID: `kind://docker/foothold/${plan.name}`,
			...(taints && plan.controlPlane ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {}),
			...(gpu === undefined ? {} : { taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] }),
		},
	};
}

function nodeStatus(world: World, plan: NodePlan): { readonly [field: string]: unknown } {
	const now = formatTime(world.now);
	const condition = (type: string, status: string, reason: string, message: string) => ({
		type,
		status,
		lastHeartbeatTime: now,
		lastTransitionTime: now,
		reason,
		message,
	});
	let seed = 0;
	for (const c of plan.name) seed = (Math.imul(seed, 31) + c.charCodeAt(0)) >>> 0;
	const gpu = getGpuNode(world, plan.name);
	const resources = gpu === undefined ? undefined : nodeResources(gpu);
	const machine = gpu === undefined ? undefined : gpuModel(gpu.model).host;
	const size = (each: number): number => each * (gpu?.cards.length ?? 1);
	const capacity = machine === undefined ? CAPACITY : { ...CAPACITY, cpu: String(size(machine.cpu)), memory: `${size(machine.memoryGi)}Gi` };
	const machineID = seed.toString(16).padStart(8, '0').repeat(4);
	return {
		addresses: [
			{ type: 'InternalIP', address: plan.address },
			{ type: 'Hostname', address: plan.name },
		],
		capacity: { ...capacity, ...resources?.capacity },
		allocatable: { ...capacity, ...resources?.allocatable },
		conditions: [
			condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
			condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
			condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
			condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
		],
		daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
		images: preloaded().map(({ listed }) => listed),
		nodeInfo: {
			machineID,
			systemUUID: `${machineID.slice(0, 8)}-${machineID.slice(8, 12)}-4${machineID.slice(13, 16)}-a${machineID.slice(17, 20)}-${machineID.slice(20, 32)}`,
			bootID: 'c0ffee00-7b1e-4f4f-8f6c-4d1a3c5e7b90',
			kernelVersion: '6.12.57+deb13-amd64',
			osImage: 'Debian GNU/Linux 13 (trixie)',
			containerRuntimeVersion: 'containerd://2.2.0',
			kubeletVersion: VERSION,
			kubeProxyVersion: '',
			operatingSystem: 'linux',
			architecture: 'amd64',
		},
	};
}

/** In-tree volume plugins that a driver has taken over, as every kubelet says of itself. */
const MIGRATED_PLUGINS = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'];
const CSI_ANNOTATIONS = { 'storage.alpha.kubernetes.io/migrated-plugins': MIGRATED_PLUGINS.map((p) => `kubernetes.io/${p}`).join(',') };
const NO_DRIVERS = { drivers: null };

/** What the kubelet registers of its node's volume drivers (pkg/volume/csi/nodeinfomanager): none here. */
function csiNode(node: KubeObject): { readonly [field: string]: unknown } {
	const { name, uid } = node.metadata;
	const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
	return { metadata: { name, annotations: CSI_ANNOTATIONS, ownerReferences }, spec: NO_DRIVERS };
}

const imagesOf = (list: readonly Omit<ReturnType<typeof preloaded>[number], 'listed'>[]): NodeRecord['images'] =>
	treeFrom(list.map(({ reference, imageID, sizeBytes }) => [reference, { imageID, normalised: reference, sizeBytes }] as const));

let loaded: { readonly plain: NodeRecord['images']; readonly gpu: NodeRecord['images'] } | undefined;

/** What nodes have on disk when they join, one tree for all of them. */
function loadedImages(gpu: boolean): NodeRecord['images'] {
	loaded ??= { plain: imagesOf(preloaded()), gpu: null };
	if (gpu && loaded.gpu === null) loaded = { ...loaded, gpu: imagesOf([...preloaded(), ...operatorPreloaded()]) };
	return gpu ? loaded.gpu : loaded.plain;
}

/** A machine joins: its object and status, its kubelet and its place in the network. */
function join(world: World, services: Services, plan: NodePlan, taints: boolean): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	if (plan.gpu !== undefined) {
		const { model, cards } = plan.gpu;
		const { salt } = world.read(gpuSlice);
		setGpuNode(world, { name: plan.name, model, cards: newCards(plan.name, cards, salt, world.now), strategy: 'single', since: world.now });
	}
	const node = ensure(world, client, 'v1/nodes', undefined, nodeObject(plan, taints, getGpuNode(world, plan.name)));
	ensure(world, client, 'storage.k8s.io/v1/csinodes', undefined, csiNode(node));
	client.updateStatus(world, 'v1/nodes', { ...node, status: nodeStatus(world, plan) });
	setNode(world, {
		name: plan.name,
		address: plan.address,
		podCIDR: `${plan.podPrefix}.0/24`,
		pullsBusyUntil: 0,
		pulls: null,
		pullFailures: null,
		images: loadedImages(plan.gpu !== undefined),
	});
	addNode(world, { name: plan.name, address: plan.address, podPrefix: plan.podPrefix, next: 2 });
	world.schedule(HEARTBEAT_TIMER, plan.name, world.randomInt(10_000));
}

/** Brings up one more GPU node, as a cloud's node group does. */
export function joinGpuNode(world: World, services: Services, name: string, gpu: NonNullable<NodePlan['gpu']>): void {
	const s = world.read(gpuSlice);
	world.write(gpuSlice, { ...s, machines: s.machines + 1 });
	join(world, services, { ...nodePlan(s.machines, name), gpu }, true);
}

export function bootNodes(world: World, services: Services, options: BootOptions): void {
	const pools = options.gpus ?? [];
	const plans = nodePlans(options.workers, pools);
	// Only clusters with GPUs draw a number for them: all others stay as they were, byte for byte.
	if (pools.length > 0) {
		const records = pools.map(({ model, cards, max, nodes }) => ({
			model,
			cards,
			max,
			min: nodes,
			size: nodes,
			newest: nodes,
			coming: {},
			unneeded: {},
			grewAt: 0,
		}));
		world.write(gpuSlice, { ...world.read(gpuSlice), pools: records, machines: plans.length, salt: world.randomInt(2 ** 32) });
	}
	for (const plan of plans) join(world, services, plan, plans.length > 1);
	bootWorkloads(world, services.api.client(SYSTEM_USERS.loopback), plans);
}
