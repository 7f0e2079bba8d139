/**
 * Dynamic resource allocation: the slices and classes that NVIDIA's DRA driver publishes, and the devices that a pod's claims brought it.
 * On where ClusterPolicy says `spec.draDriver.enabled`; the device plugin is then to be off (`spec.devicePlugin.enabled: false`).
 * Models NVIDIA's dra-driver-nvidia-gpu (cmd/gpu-kubelet-plugin/deviceinfo.go).
 */
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { CLAIMS, CLASSES, type PodClaim, type ResourceClaim, SLICES } from '../scheduler/devices/types.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { deviceMemoryBytes, migProfile } from './cards.ts';
import { CUDA_VERSION, DRIVER_VERSION } from './driver-files.ts';
import { gpuModel } from './models.ts';
import { getGpuNode, type GpuCard, type GpuInstance, type GpuNode } from './state.ts';

export const DRIVER = 'gpu.nvidia.com';
type Fields = { readonly [field: string]: unknown };

const ARCHITECTURES: { readonly [family: string]: string } = { turing: 'Turing', ampere: 'Ampere', 'ada-lovelace': 'Ada Lovelace', hopper: 'Hopper' };

/** Semantic versions have three numbers without leading zeros. */
const semver = (text: string): string => [...text.split('.').map(Number), 0, 0].slice(0, 3).join('.');

function attributes(node: GpuNode, type: 'gpu' | 'mig', uuid: string): { readonly [name: string]: Fields } {
	const { spec, family } = gpuModel(node.model);
	return {
		type: { string: type },
		uuid: { string: uuid },
		productName: { string: spec.product },
		brand: { string: spec.id === 'T4' ? 'Tesla' : 'Nvidia' },
		architecture: { string: ARCHITECTURES[family] ?? family },
		cudaComputeCapability: { version: semver(spec.computeCapability) },
		driverVersion: { version: semver(DRIVER_VERSION) },
		cudaDriverVersion: { version: semver(CUDA_VERSION) },
	};
}

function instanceName(node: GpuNode, card: GpuCard, instance: GpuInstance): string {
	const profile = migProfile(gpuModel(node.model), instance.profile);
	return `gpu-${card.index}-mig-${profile?.id ?? 0}-${instance.start}-${profile?.size ?? 0}`;
}

function instanceDevice(node: GpuNode, card: GpuCard, instance: GpuInstance): Fields {
	const profile = migProfile(gpuModel(node.model), instance.profile);
	const [copy = 0, decoder = 0, jpeg = 0, ofa = 0] = profile?.engines ?? [];
	const count = (n: number): Fields => ({ value: String(n) });
	return {
		name: instanceName(node, card, instance),
		attributes: { ...attributes(node, 'mig', instance.uuid), profile: { string: instance.profile }, parentUUID: { string: card.uuid } },
		capacity: {
			memory: { value: `${Math.floor(deviceMemoryBytes(node, { uuid: instance.uuid, card, instance }) / 2 ** 20)}Mi` },
			multiprocessors: count(profile?.sms ?? 0),
			copyEngines: count(copy),
			decoders: count(decoder),
			encoders: count(0),
			jpegEngines: count(jpeg),
			ofaEngines: count(ofa),
		},
	};
}

/** Devices by name, those that are well. */
function devices(node: GpuNode): readonly Fields[] {
	return node.cards.flatMap((card): readonly Fields[] => {
		if (card.unhealthy === true || card.lost === true) return [];
		if (card.mig) return card.instances.map((i) => instanceDevice(node, card, i));
		const memory = { memory: { value: `${gpuModel(node.model).spec.memoryMiB}Mi` } };
		return [{ name: `gpu-${card.index}`, attributes: attributes(node, 'gpu', card.uuid), capacity: memory }];
	});
}

const classOf = (name: string, type: string, more: Fields = {}): Fields => ({
	metadata: { name },
	spec: { selectors: [{ cel: { expression: `device.driver == '${DRIVER}' && device.attributes['${DRIVER}'].type == '${type}'` } }], ...more },
});

const DEVICE_CLASSES: readonly Fields[] = [classOf('gpu.nvidia.com', 'gpu', { extendedResourceName: 'nvidia.com/gpu' }), classOf('mig.nvidia.com', 'mig')];

/** Switches of ClusterPolicy; the plugin is on unless said otherwise. */
export function allocationModes(world: World, services: Services): { readonly plugin: boolean; readonly dra: boolean } {
	const policy = services.api.client(SYSTEM_USERS.loopback).get(world, 'nvidia.com/v1/clusterpolicies', undefined, 'cluster-policy');
	const spec = (policy?.['spec'] ?? {}) as { readonly devicePlugin?: { readonly enabled?: boolean }; readonly draDriver?: { readonly enabled?: boolean } };
	return { plugin: spec.devicePlugin?.enabled !== false, dra: spec.draDriver?.enabled === true };
}

/** Writes a node's slice as its cards are now, or takes it away where the driver is off. */
export function publishSlice(world: World, services: Services, node: GpuNode, object: KubeObject, on: boolean): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const name = `${node.name}-${DRIVER}`;
	const old = client.get(world, SLICES, undefined, name);
	if (!on) {
		if (old !== undefined) client.delete(world, SLICES, undefined, name);
		return;
	}
	for (const made of DEVICE_CLASSES) {
		const { name: className } = made['metadata'] as { readonly name: string };
		if (client.get(world, CLASSES, undefined, className) === undefined) client.create(world, CLASSES, undefined, made);
	}
	const generation = ((old?.['spec'] as { readonly pool?: { readonly generation?: number } } | undefined)?.pool?.generation ?? 0) + 1;
	const spec = { driver: DRIVER, nodeName: node.name, pool: { name: node.name, generation, resourceSliceCount: 1 }, devices: devices(node) };
	const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: object.metadata.uid, controller: true }];
	if (old === undefined) client.create(world, SLICES, undefined, { metadata: { name, ownerReferences }, spec });
	else client.update(world, SLICES, { ...old, spec });
}

interface ClaimingPod {
	readonly metadata: { readonly namespace?: string };
	readonly spec: { readonly resourceClaims?: readonly PodClaim[] };
	readonly status?: {
		readonly resourceClaimStatuses?: readonly { readonly name: string; readonly resourceClaimName?: string }[];
		readonly [field: string]: unknown;
	};
}

/** UUIDs of the devices that one of a pod's claims was allocated on this node (NodePrepareResources); `request` narrows it to one request's. */
export function claimedDevices(
	world: World,
	services: Services,
	pod: ClaimingPod,
	node: string,
	claim: { readonly name: string; readonly request?: string },
): readonly string[] {
	const gpuNode = getGpuNode(world, node);
	const named = pod.spec.resourceClaims?.find((c) => c.name === claim.name);
	const name = named?.resourceClaimName ?? pod.status?.resourceClaimStatuses?.find((s) => s.name === claim.name)?.resourceClaimName;
	if (gpuNode === undefined || name === undefined) return [];
	const stored = services.api.client(SYSTEM_USERS.loopback).get(world, CLAIMS, pod.metadata.namespace, name) as ResourceClaim | undefined;
	const results = stored?.status?.allocation?.devices.results ?? [];
	return results
		.filter((r) => r.driver === DRIVER && r.pool === node && (claim.request === undefined || r.request.split('/')[0] === claim.request))
		.flatMap((r) =>
			gpuNode.cards.flatMap((card) => {
				if (r.device === `gpu-${card.index}`) return [card.uuid];
				return card.instances.filter((i) => instanceName(gpuNode, card, i) === r.device).map((i) => i.uuid);
			}),
		);
}
