/** What running containers do with the devices they see. */
import { treeGet, treePrefix, treeValues } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { getRuntime } from '../kubelet/state.ts';
import { deviceMemoryBytes, deviceName, type Device, findDevice } from './cards.ts';
import type { GpuUse, VisibleGpu } from './contract.ts';
import { gpuModel } from './models.ts';
import { getGpuNode, type GpuNode, gpuSlice } from './state.ts';

/** A process on a device, with the container it is in. */
export interface DeviceProcess {
	readonly container: string;
	readonly pid: number;
	readonly argv: readonly string[];
	readonly use: GpuUse;
}

/** Containers that see a device, by key. */
export function deviceUsers(world: World, uuid: string): readonly string[] {
	return [...treePrefix(world.read(gpuSlice).users, `${uuid}|`)].map(({ k }) => k.slice(uuid.length + 1));
}

/** Containers that have a device in use: given to them, or open in one of their processes. The operator's own parts only look at it. */
export function deviceClients(world: World, uuid: string): readonly string[] {
	const { allocations } = world.read(gpuSlice);
	const opens = (key: string): boolean => treeValues(getRuntime(world, key)?.procs ?? null).some((p) => p.gpus?.some((u) => u.device === uuid) === true);
	return deviceUsers(world, uuid).filter((key) => treeGet(allocations, key) !== undefined || opens(key));
}

/** Processes that use a device, in the order of containers and pids. */
export function deviceProcesses(world: World, uuid: string): readonly DeviceProcess[] {
	return deviceUsers(world, uuid).flatMap((container) =>
		treeValues(getRuntime(world, container)?.procs ?? null).flatMap(({ pid, argv, gpus }) => {
			const use = gpus?.find((u) => u.device === uuid);
			return use === undefined ? [] : [{ container, pid, argv, use }];
		}),
	);
}

export interface DeviceLoad {
	/** Shares, 0 to 1. */
	readonly util: number;
	readonly tensor: number;
	readonly dram: number;
	readonly memoryBytes: number;
}

/** All that is done with a device: time-sliced processes cannot use more than all of it together. */
export function deviceLoad(world: World, uuid: string): DeviceLoad {
	let util = 0;
	let tensor = 0;
	let dram = 0;
	let memoryBytes = 0;
	for (const { use } of deviceProcesses(world, uuid)) {
		util += use.util;
		tensor += use.tensor ?? 0;
		dram += use.dram ?? 0;
		memoryBytes += use.memoryBytes;
	}
	// More work than there is time: each gets its share of it, and the mix stays as it is.
	const share = util > 1 ? 1 / util : 1;
	return { util: util * share, tensor: Math.min(1, tensor * share), dram: Math.min(1, dram * share), memoryBytes };
}

function visible(world: World, node: GpuNode, device: Device, key: string, pid: number): VisibleGpu {
	const { sharing } = node;
	const processes = deviceProcesses(world, device.uuid);
	const sharers = deviceClients(world, device.uuid).length;
	const shared = Object.values(treeGet(world.read(gpuSlice).allocations, key)?.devices ?? {}).some((ids) =>
		ids.some((id) => id.startsWith(`${device.uuid}::`)),
	);
	const total = deviceMemoryBytes(node, device);
	// MPS pins each client to its part of the memory; time-slicing leaves all of it to whoever takes it first.
	const mps = shared && sharing?.kind === 'mps';
	const part = mps ? Math.floor(total / Math.max(1, ...Object.values(sharing.replicas))) : total;
	const others = mps ? processes.filter((p) => p.container === key) : processes;
	const usedBytes = others.reduce((sum, p) => sum + (p.container === key && p.pid === pid ? 0 : p.use.memoryBytes), 0);
	const xid = device.card.lost === true || device.card.unhealthy === true ? device.card.xid : undefined;
	return {
		uuid: device.uuid,
		name: deviceName(node, device),
		computeCapability: gpuModel(node.model).spec.computeCapability,
		totalBytes: part,
		usedBytes,
		...(device.instance === undefined ? {} : { profile: device.instance.profile }),
		sharers,
		othersUtil: processes.reduce((sum, p) => sum + (p.container === key ? 0 : p.use.util), 0),
		// Whoever else is on the card takes turns with this one, however either came by it.
		sharing: shared && sharing !== undefined ? sharing.kind : sharers > 1 ? 'time-slicing' : 'none',
		...(xid === undefined ? {} : { xid }),
	};
}

/** What `process.gpus()` answers. */
export function visibleGpus(world: World, key: string, pid: number): readonly VisibleGpu[] {
	const config = getRuntime(world, key)?.config;
	if (config?.gpus === undefined) return [];
	const node = getGpuNode(world, config.node);
	if (node === undefined) return [];
	return config.gpus.flatMap((uuid) => {
		const device = findDevice(node, uuid);
		return device === undefined ? [] : [visible(world, node, device, key, pid)];
	});
}
