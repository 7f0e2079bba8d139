/** What the nodes' GPUs are and who has them, as plain data. Empty in a cluster without GPUs. */
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeGet, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';

/** A GPU instance with its one compute instance. */
export interface GpuInstance {
	/** GPU instance id, as the driver numbers them. */
	readonly id: number;
	readonly profile: string;
	/** First memory slice. */
	readonly start: number;
	/** `MIG-…`. */
	readonly uuid: string;
}

export interface GpuCard {
	readonly index: number;
	/** `GPU-…`. */
	readonly uuid: string;
	/** `00000000:1B:00.0`. */
	readonly bus: string;
	readonly mig: boolean;
	readonly instances: readonly GpuInstance[];
	/** Last Xid since the driver came up; 0 for none. */
	readonly xid: number;
	/** The device plugin has marked it unhealthy. */
	readonly unhealthy?: true;
	/** Fell off the bus: the driver no longer reaches it. */
	readonly lost?: true;
	/** Energy used until `energyAt` (ms since the epoch), mJ. */
	readonly energy: number;
	readonly energyAt: number;
}

export interface Sharing {
	readonly kind: 'time-slicing' | 'mps';
	readonly renameByDefault: boolean;
	readonly failRequestsGreaterThanOne: boolean;
	/** Resource name → replicas. */
	readonly replicas: { readonly [resource: string]: number };
}

export interface GpuNode {
	readonly name: string;
	readonly model: string;
	readonly cards: readonly GpuCard[];
	readonly strategy: 'none' | 'single' | 'mixed';
	readonly sharing?: Sharing;
	/** When the driver came up, ms since the epoch. */
	readonly since: number;
}

/** Devices that a container holds, by resource: `uuid` or, where shared, `uuid::replica`. */
export interface Allocation {
	readonly node: string;
	readonly devices: { readonly [resource: string]: readonly string[] };
}

/** A group of like nodes, as the cluster autoscaler sees it. */
export interface PoolRecord {
	readonly model: string;
	readonly cards: number;
	readonly max: number;
	/** Nodes that stay even where nobody needs them. */
	readonly min: number;
	/** Nodes that are there. */
	readonly size: number;
	/** Number of the newest node: names are not used again. */
	readonly newest: number;
	/** Nodes on their way, with the cards that no pod waits for yet. */
	readonly coming: { readonly [node: string]: number };
	/** Nodes that nothing needs, with the ms since the epoch from which on. */
	readonly unneeded: { readonly [node: string]: number };
	/** When the group last grew, ms since the epoch. */
	readonly grewAt: number;
}

export const gpuSlice = defineSlice<{
	readonly nodes: Tree<string, GpuNode>;
	/** Container key → what it holds. */
	readonly allocations: Tree<string, Allocation>;
	/** Device id as in an allocation → the container that holds it. */
	readonly held: Tree<string, string>;
	/** `<uuid>|<container key>`: running containers that see a device. */
	readonly users: Tree<string, true>;
	readonly pools: readonly PoolRecord[];
	/** Machines made so far, and what tells this cluster's cards from another's. */
	readonly machines: number;
	readonly salt: number;
}>('gpus', { nodes: null, allocations: null, held: null, users: null, pools: [], machines: 0, salt: 0 });

/** Writes a group's record anew. */
export function setPool(world: World, changed: PoolRecord): void {
	const s = world.read(gpuSlice);
	world.write(gpuSlice, { ...s, pools: s.pools.map((p) => (p.model === changed.model ? changed : p)) });
}

export function getGpuNode(world: World, name: string): GpuNode | undefined {
	return treeGet(world.read(gpuSlice).nodes, name);
}

export function setGpuNode(world: World, node: GpuNode): void {
	const s = world.read(gpuSlice);
	world.write(gpuSlice, { ...s, nodes: treeSet(s.nodes, node.name, node) });
}

export function removeGpuNode(world: World, name: string): void {
	const s = world.read(gpuSlice);
	world.write(gpuSlice, { ...s, nodes: treeRemove(s.nodes, name) });
}

/** True in a cluster that has, or has had, GPUs: all else of this room may be skipped where it is not. */
export function hasGpus(world: World): boolean {
	const { nodes, pools } = world.read(gpuSlice);
	return nodes !== null || pools.length > 0;
}

/** A container with these devices has started. */
export function addGpuUser(world: World, key: string, uuids: readonly string[]): void {
	const s = world.read(gpuSlice);
	let users = s.users;
	for (const uuid of uuids) users = treeSet(users, `${uuid}|${key}`, true);
	world.write(gpuSlice, { ...s, users });
}

export function removeGpuUser(world: World, key: string, uuids: readonly string[]): void {
	const s = world.read(gpuSlice);
	let users = s.users;
	for (const uuid of uuids) users = treeRemove(users, `${uuid}|${key}`);
	world.write(gpuSlice, { ...s, users });
}
