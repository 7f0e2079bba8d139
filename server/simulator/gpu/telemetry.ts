/** What a card's sensors say, from what is done with it. */
import type { World } from '../kernel/world.ts';
import { deviceMemoryBytes, type Device } from './cards.ts';
import { gpuModel } from './models.ts';
import { getGpuNode, type GpuCard, type GpuNode, setGpuNode } from './state.ts';
import { type DeviceLoad, deviceLoad } from './use.ts';

export interface Telemetry extends DeviceLoad {
	readonly watts: number;
	readonly celsius: number;
	readonly memoryCelsius: number;
	readonly smClock: number;
	readonly memoryClock: number;
	/** Frame buffer, MiB. */
	readonly totalMiB: number;
	readonly reservedMiB: number;
	readonly usedMiB: number;
	readonly freeMiB: number;
}

/** The driver's own part of the frame buffer; what `nvidia-smi` shows as used on an idle card is next to nothing of it. */
const RESERVED_SHARE = 0.0085;
/** An idle card's context, MiB. */
const IDLE_MIB = 1;

/** Work of a card: its own, or that of all its instances, each weighed by its share of the SMs and of the memory. */
export function cardLoad(world: World, node: GpuNode, card: GpuCard): DeviceLoad {
	if (!card.mig) return deviceLoad(world, card.uuid);
	const model = gpuModel(node.model);
	let sum: DeviceLoad = { util: 0, tensor: 0, dram: 0, memoryBytes: 0 };
	for (const instance of card.instances) {
		const load = deviceLoad(world, instance.uuid);
		const profile = model.profiles.find((p) => p.name === instance.profile);
		const compute = (profile?.sms ?? 0) / model.spec.sms;
		const memory = (profile?.size ?? 0) / 8;
		sum = {
			util: sum.util + load.util * compute,
			tensor: sum.tensor + load.tensor * compute,
			dram: sum.dram + load.dram * memory,
			memoryBytes: sum.memoryBytes + load.memoryBytes,
		};
	}
	return sum;
}

/**
 * Power: idle draw, and of what is left to the limit a part for clocks being up at all, the rest by how hard tensor cores
 * and memory work (memory-bound decoding draws about half to two thirds, dense prefill close to the limit).
 * Temperature follows power.
 */
export function telemetry(world: World, node: GpuNode, card: GpuCard): Telemetry {
	const model = gpuModel(node.model);
	const load = cardLoad(world, node, card);
	const span = model.spec.tdpWatts - model.idleWatts;
	const effort = Math.min(1, load.util * 0.25 + load.dram * 0.4 + load.tensor * 0.9);
	const watts = model.idleWatts + span * effort;
	const busy = load.util > 0;
	const totalMiB = model.spec.memoryMiB;
	const reservedMiB = Math.round(totalMiB * RESERVED_SHARE);
	const usedMiB = Math.min(totalMiB - reservedMiB, Math.round(load.memoryBytes / 2 ** 20) + IDLE_MIB);
	const celsius = Math.round(model.idleCelsius + 40 * ((watts - model.idleWatts) / span));
	return {
		...load,
		watts,
		celsius,
		memoryCelsius: model.spec.bandwidth > 1000 ? celsius + 4 : 0,
		smClock: busy ? model.clocks[0] : model.family === 'ampere' || model.family === 'hopper' ? 345 : 300,
		memoryClock: busy || model.spec.bandwidth > 1000 ? model.clocks[1] : 405,
		totalMiB,
		reservedMiB,
		usedMiB,
		freeMiB: totalMiB - reservedMiB - usedMiB,
	};
}

/** Memory of a MIG instance in MiB: used and total. */
export function instanceMemory(world: World, node: GpuNode, device: Device): { readonly usedMiB: number; readonly totalMiB: number } {
	const totalMiB = Math.floor(deviceMemoryBytes(node, device) / 2 ** 20);
	return { usedMiB: Math.min(totalMiB, Math.round(deviceLoad(world, device.uuid).memoryBytes / 2 ** 20) + 12), totalMiB };
}

/** Counts the energy used so far: called before the load of a node's cards changes, so that each span is paid at its own power. */
export function settleEnergy(world: World, name: string): void {
	const node = getGpuNode(world, name);
	if (node === undefined) return;
	const cards = node.cards.map((card) => ({
		...card,
		energy: card.energy + telemetry(world, node, card).watts * (world.now - card.energyAt),
		energyAt: world.now,
	}));
	setGpuNode(world, { ...node, cards });
}
