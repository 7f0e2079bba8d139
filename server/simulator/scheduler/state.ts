/** The scheduler's own state: what runs where, what waits, and why. Kept up to date change by change, never recounted. */
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeGet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { NodeInfo, PodEntry } from './node-info.ts';

/** Where a pod waits: to be tried now, for its back-off, or for a change that may help it. */
export type Place = 'active' | 'backoff' | 'unschedulable';

export interface QueuedPod {
	readonly place: Place;
	/** Its key in `active`, while it stands there. */
	readonly order?: string;
	/** Tries so far. */
	readonly attempts: number;
	/** When it was last tried, ms since the epoch. */
	readonly triedAt: number;
	/** Plugins that refused it on the last try: only changes that concern one of them bring it back. */
	readonly refusedBy: readonly string[];
}

/** A thousand pods that wait in a cluster of a thousand nodes shouldn't keep a million names. */
export const REFUSED_NODES_KEPT = 20;

export interface Refusal {
	readonly plugin: string;
	readonly reason: string;
	/** How many nodes were refused for it; 0 where the pod was refused as a whole. */
	readonly count: number;
	/** Names of the first of them, at most REFUSED_NODES_KEPT. */
	readonly nodes: readonly string[];
}

/** Why a pod was not placed on its last try. */
export interface SchedulingResult {
	/** ms since the epoch */
	readonly at: number;
	readonly attempts: number;
	readonly nodesTotal: number;
	readonly message: string;
	readonly refusals: readonly Refusal[];
	/** The node on which room is being made by preemption. */
	readonly nominatedNode?: string;
}

export interface SchedulerState {
	/** Sorted by name. */
	readonly nodes: readonly NodeInfo[];
	/** Pods on all nodes that have affinity rules of their own: where there are none, nobody needs to look. */
	readonly affinityPods: number;
	/** Where the next search for feasible nodes starts, so that all nodes get their turn. */
	readonly nextStart: number;
	readonly seq: number;
	/** Priority and arrival → pod key. */
	readonly active: Tree<string, string>;
	readonly queued: Tree<string, QueuedPod>;
	/** Keys of the pods in `queued` that wait for a change: what a change has to look through. */
	readonly parked: Tree<string, true>;
	/** Pods whose place is settled but whose volumes are still being made: key → node. */
	readonly binding: Tree<string, { readonly node: string; readonly since: number }>;
	/** Pods that preempted others and wait for room: key → node and what they need. */
	readonly nominated: Tree<string, { readonly node: string; readonly entry: PodEntry }>;
	/** By pod uid. */
	readonly results: Tree<string, SchedulingResult>;
}

export const schedulerSlice = defineSlice<SchedulerState>('scheduler', {
	nodes: [],
	affinityPods: 0,
	nextStart: 0,
	seq: 0,
	active: null,
	queued: null,
	parked: null,
	binding: null,
	nominated: null,
	results: null,
});

export function change(world: World, part: Partial<SchedulerState>): void {
	world.write(schedulerSlice, { ...world.read(schedulerSlice), ...part });
}

/** Why the pod with this uid is Pending: the outcome of its last try. Undefined where it was placed or not tried yet. */
export function schedulingResult(world: World, podUid: string): SchedulingResult | undefined {
	return treeGet(world.read(schedulerSlice).results, podUid);
}
