/** The device plugin and the kubelet's device manager: what a node offers, who gets which device. Models k8s-device-plugin and pkg/kubelet/cm/devicemanager. */
import { quantityNumber } from '../apiserver/registry/quantity.ts';
import { type Tree, treeGet, treePrefix, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { type Device, devicesByResource, WHOLE } from './cards.ts';
import { type Allocation, getGpuNode, type GpuNode, gpuSlice, hasGpus } from './state.ts';

const DOMAIN = 'nvidia.com/';

/** Resources that the plugin registers for a node: allocatable ids (`uuid` or `uuid::replica`) and how many there are in all. */
export interface Offer {
	readonly resource: string;
	readonly capacity: number;
	/** Healthy ones. */
	readonly ids: readonly string[];
}

/** What a node's plugin offers, its sharing applied. */
export function offers(node: GpuNode): readonly Offer[] {
	const out: Offer[] = [];
	for (const [resource, devices] of devicesByResource(node)) {
		const replicas = node.sharing?.replicas[resource] ?? 1;
		const shared = node.sharing !== undefined && node.sharing.replicas[resource] !== undefined;
		const healthy = devices.filter((d) => d.card.unhealthy !== true && d.card.lost !== true);
		// Replicas of all devices in turn, so that containers spread before they share (the plugin's preferred allocation).
		const ids = shared ? Array.from({ length: replicas }, (_, r) => healthy.map((d) => `${d.uuid}::${r}`)).flat() : healthy.map((d) => d.uuid);
		const name = shared && node.sharing?.renameByDefault === true ? `${resource}.shared` : resource;
		out.push({ resource: name, capacity: devices.length * replicas, ids });
	}
	return out;
}

/** Which device an id in an allocation means. */
export function deviceOf(id: string): string {
	const at = id.indexOf('::');
	return at === -1 ? id : id.slice(0, at);
}

interface Wants {
	readonly name: string;
	readonly resources?: { readonly limits?: { readonly [r: string]: string } };
}

/** Extended resources of ours that a container asks for. */
function requests(container: Wants): readonly (readonly [resource: string, count: number])[] {
	return Object.entries(container.resources?.limits ?? {}).flatMap(([name, value]) => {
		const count = quantityNumber(value) ?? 0;
		return name.startsWith(DOMAIN) && count > 0 ? [[name, count] as const] : [];
	});
}

/**
 * Gives a pod's containers their devices. An init container's devices are those that a later container is given
 * (`devicesToReuse`). A message where they are not to be had: the kubelet's UnexpectedAdmissionError.
 */
export function allocateDevices(
	world: World,
	node: string,
	uid: string,
	spec: { readonly initContainers?: readonly Wants[]; readonly containers: readonly Wants[] },
): string | undefined {
	if (!hasGpus(world)) return undefined;
	const gpuNode = getGpuNode(world, node);
	const reusable = new Map<string, string[]>();
	for (const [i, container] of [...(spec.initContainers ?? []), ...spec.containers].entries()) {
		const asked = requests(container);
		if (asked.length === 0) continue;
		const devices: { [resource: string]: readonly string[] } = {};
		for (const [resource, count] of asked) {
			const offered = gpuNode === undefined ? undefined : offers(gpuNode).find((o) => o.resource === resource);
			const got = take(world, gpuNode, offered, resource, count, reusable.get(resource) ?? []);
			if ('error' in got) {
				releaseDevices(world, uid);
				return got.error;
			}
			devices[resource] = got.ids;
			if (i < (spec.initContainers?.length ?? 0)) reusable.set(resource, [...new Set([...(reusable.get(resource) ?? []), ...got.ids])]);
			else {
				reusable.set(
					resource,
					(reusable.get(resource) ?? []).filter((id) => !got.ids.includes(id)),
				);
			}
			hold(world, `${uid}/${container.name}`, { node, devices });
		}
	}
	return undefined;
}

function take(
	world: World,
	node: GpuNode | undefined,
	offer: Offer | undefined,
	resource: string,
	count: number,
	reusable: readonly string[],
): { readonly ids: readonly string[] } | { readonly error: string } {
	if (offer === undefined) {
		return { error: `Allocate failed due to no healthy devices present; cannot allocate unhealthy devices ${resource}, which is unexpected` };
	}
	const { held } = world.read(gpuSlice);
	const free = [...reusable, ...offer.ids.filter((id) => treeGet(held, id) === undefined)];
	if (free.length < count) {
		return {
			error: `Allocate failed due to requested number of devices unavailable for ${resource}. Requested: ${count}, Available: ${free.length}, which is unexpected`,
		};
	}
	if (count > 1 && offer.ids[0]?.includes('::') === true && (node?.sharing?.failRequestsGreaterThanOne === true || node?.sharing?.kind === 'mps')) {
		return {
			error: `Allocate failed due to rpc error: code = Unknown desc = request for '${resource}: ${count}' too large: maximum request size for shared resources is 1, which is unexpected`,
		};
	}
	return { ids: free.slice(0, count) };
}

/** A container has devices by a claim; others may have the same. */
export function holdClaimed(world: World, node: string, key: string, uuids: readonly string[]): void {
	hold(world, key, { node, devices: { claims: uuids.map((uuid) => `${uuid}::${key}`) } });
}

function hold(world: World, key: string, allocation: Allocation): void {
	const s = world.read(gpuSlice);
	let { held } = s;
	for (const ids of Object.values(allocation.devices)) for (const id of ids) held = treeSet(held, id, key);
	world.write(gpuSlice, { ...s, held, allocations: treeSet(s.allocations, key, allocation) });
}

/** A pod has come to its end: its devices are free. */
export function releaseDevices(world: World, uid: string): void {
	if (!hasGpus(world)) return;
	const s = world.read(gpuSlice);
	let { held } = s;
	let allocations: Tree<string, Allocation> = s.allocations;
	for (const { k, v } of [...treePrefix(s.allocations, `${uid}/`)]) {
		allocations = treeRemove(allocations, k);
		for (const ids of Object.values(v.devices)) for (const id of ids) held = treeRemove(held, id);
	}
	if (allocations !== s.allocations) world.write(gpuSlice, { ...s, held, allocations });
}

/** Devices that a container of a GPU node sees, and the variables that the plugin's answer sets. */
export interface Grant {
	readonly uuids: readonly string[];
	readonly env: { readonly [name: string]: string };
}

const MPS_PIPES = '/mps/nvidia.com/gpu/pipe';

/**
 * What the container toolkit puts into a container: the devices that were allocated or, under runtimeClass `nvidia`,
 * those that its own NVIDIA_VISIBLE_DEVICES names, which is how a pod gets at GPUs that it never asked for.
 */
export function grantOf(world: World, node: string, key: string, runtimeClass: string | undefined, wanted: string | undefined): Grant | undefined {
	if (!hasGpus(world)) return undefined;
	const gpuNode = getGpuNode(world, node);
	if (gpuNode === undefined) return undefined;
	const allocation = treeGet(world.read(gpuSlice).allocations, key);
	if (allocation !== undefined) {
		const uuids = [...new Set(Object.values(allocation.devices).flat().map(deviceOf))];
		const mps: Grant['env'] = gpuNode.sharing?.kind === 'mps' ? { CUDA_MPS_PIPE_DIRECTORY: MPS_PIPES } : {};
		return { uuids, env: { NVIDIA_VISIBLE_DEVICES: uuids.join(','), ...mps } };
	}
	if (runtimeClass !== 'nvidia' || wanted === undefined || ['', 'void', 'none'].includes(wanted)) return undefined;
	const all: Device[] = gpuNode.cards.flatMap((card) =>
		card.mig ? card.instances.map((instance) => ({ uuid: instance.uuid, card, instance })) : [{ uuid: card.uuid, card }],
	);
	const names = wanted.split(',');
	const seen = wanted === 'all' ? all : all.filter((d) => names.includes(d.uuid) || (d.instance === undefined && names.includes(String(d.card.index))));
	return { uuids: seen.map((d) => d.uuid), env: {} };
}

/** Resource names and amounts for a node's status. */
export function nodeResources(node: GpuNode): { readonly capacity: { readonly [r: string]: string }; readonly allocatable: { readonly [r: string]: string } } {
	const capacity: { [r: string]: string } = {};
	const allocatable: { [r: string]: string } = {};
	for (const { resource, capacity: all, ids } of offers(node)) {
		capacity[resource] = String(all);
		allocatable[resource] = String(ids.length);
	}
	if (node.strategy !== 'none' && capacity[WHOLE] === undefined) {
		capacity[WHOLE] = '0';
		allocatable[WHOLE] = '0';
	}
	return { capacity, allocatable };
}
