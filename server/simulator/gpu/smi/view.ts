/** What `nvidia-smi` gets to see where it runs: the cards of its node that its container was given, and what it may do with them. */
import type { Process } from '../../images/program.ts';
import type { World } from '../../kernel/world.ts';
import { getProcess, getRuntime } from '../../kubelet/state.ts';
import { worldOf } from '../../kubelet/process-handle.ts';
import { findDevice } from '../cards.ts';
import { getGpuNode, type GpuCard, type GpuInstance, type GpuNode } from '../state.ts';

export interface SeenCard {
	/** Number that it goes by here: a container counts from 0. */
	readonly index: number;
	readonly card: GpuCard;
	/** Its instances that are to be seen. */
	readonly instances: readonly GpuInstance[];
}

export interface View {
	readonly world: World;
	readonly node: GpuNode;
	readonly cards: readonly SeenCard[];
	/** Sees the processes of the whole machine, and may change its cards. */
	readonly host: boolean;
}

/** Undefined where there is no driver to talk to. */
export function viewOf(process: Process<never> | Process): View | undefined {
	const at = worldOf(process);
	const config = at === undefined ? undefined : getRuntime(at.world, at.container)?.config;
	const node = at === undefined || config === undefined ? undefined : getGpuNode(at.world, config.node);
	if (at === undefined || config === undefined || node === undefined) return undefined;
	// With the node's own root directory, it is the node that asks.
	const moved = getProcess(at.world, at.container, process.pid)?.root !== undefined;
	if (config.gpus === undefined && !moved) return undefined;
	const host = moved || config.capabilities.includes('SYS_ADMIN');
	if (host) return { world: at.world, node, host, cards: node.cards.map((card) => ({ index: card.index, card, instances: card.instances })) };
	const cards: { card: GpuCard; instances: GpuInstance[] }[] = [];
	for (const uuid of config.gpus ?? []) {
		const device = findDevice(node, uuid);
		if (device === undefined) continue;
		let seen = cards.find((c) => c.card.uuid === device.card.uuid);
		if (seen === undefined) {
			seen = { card: device.card, instances: [] };
			cards.push(seen);
		}
		if (device.instance !== undefined) seen.instances.push(device.instance);
	}
	return { world: at.world, node, host, cards: cards.map((c, index) => ({ index, ...c })) };
}
