/** Making a node's cards, and what each offers: whole cards or MIG instances, as the device plugin lists them. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type GpuModel, gpuModel, type MigProfile } from './models.ts';
import type { GpuCard, GpuInstance, GpuNode } from './state.ts';

/** A UUID that follows from a text, for everything that the driver numbers by chance. */
export function derivedUuid(text: string): string {
	const hex = bytesToHex(sha256(utf8ToBytes(text)));
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** The cards of a new node; `salt` tells clusters apart, `now` is when they power on. */
export function newCards(node: string, count: number, salt: number, now: number): readonly GpuCard[] {
	return Array.from({ length: count }, (_, index) => ({
		index,
		uuid: `GPU-${derivedUuid(`${salt}/${node}/${index}`)}`,
		bus: `00000000:${((index + 1) * 16 + 11).toString(16).toUpperCase()}:00.0`,
		mig: false,
		instances: [],
		xid: 0,
		energy: 0,
		energyAt: now,
	}));
}

/** A profile of a model's by name, `1g.10gb` or `1g.10gb+me`. */
export function migProfile(model: GpuModel, name: string): MigProfile | undefined {
	return model.profiles.find((p) => p.name === name);
}

/** One thing that a container can be given. */
export interface Device {
	/** As the driver names it. */
	readonly uuid: string;
	readonly card: GpuCard;
	readonly instance?: GpuInstance;
}

/** All devices of a node's by resource name, before sharing; what is unhealthy is among them. Models k8s-device-plugin's resource naming. */
export function devicesByResource(node: GpuNode): ReadonlyMap<string, readonly Device[]> {
	const found = new Map<string, Device[]>();
	const add = (resource: string, device: Device): void => {
		const list = found.get(resource);
		if (list === undefined) found.set(resource, [device]);
		else list.push(device);
	};
	const invalid = node.strategy === 'single' && !uniform(node);
	for (const card of node.cards) {
		if (!card.mig || node.strategy === 'none') {
			if (!invalid || !card.mig) add(WHOLE, { uuid: card.uuid, card });
			continue;
		}
		for (const instance of card.instances) {
			if (node.strategy === 'mixed') add(migResource(instance.profile), { uuid: instance.uuid, card, instance });
			else if (!invalid) add(WHOLE, { uuid: instance.uuid, card, instance });
		}
	}
	return found;
}

export const WHOLE = 'nvidia.com/gpu';

/** `nvidia.com/mig-1g.10gb.me`: `+` is not allowed in a resource's name. */
export function migResource(profile: string): string {
	return `nvidia.com/mig-${profile.replaceAll('+', '.')}`;
}

/** Whether strategy `single` can describe a node: MIG on all cards or none, and all instances of one profile, at least one a card. */
export function uniform(node: GpuNode): boolean {
	if (!node.cards.some((c) => c.mig)) return true;
	const [first] = node.cards[0]?.instances ?? [];
	return first !== undefined && node.cards.every((c) => c.mig && c.instances.length > 0 && c.instances.every((i) => i.profile === first.profile));
}

/** Usable memory of a device, bytes; MIG instances have a little less than their share. */
export function deviceMemoryBytes(node: GpuNode, device: Device): number {
	const model = gpuModel(node.model);
	const gib = device.instance === undefined ? model.spec.usableGiB : (migProfile(model, device.instance.profile)?.memoryGiB ?? 0);
	return Math.round(gib * 2 ** 30);
}

/** CUDA's name of a device. */
export function deviceName(node: GpuNode, device: Device): string {
	const { product } = gpuModel(node.model).spec;
	return device.instance === undefined ? product : `${product} MIG ${device.instance.profile}`;
}

/** The device with this UUID, whatever the strategy. */
export function findDevice(node: GpuNode, uuid: string): Device | undefined {
	for (const card of node.cards) {
		if (card.uuid === uuid) return { uuid, card };
		const instance = card.instances.find((i) => i.uuid === uuid);
		if (instance !== undefined) return { uuid, card, instance };
	}
	return undefined;
}
