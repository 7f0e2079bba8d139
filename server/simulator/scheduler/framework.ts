/**
 * What a scheduling plugin is. Upstream's extension points PreFilter, Filter, PreScore, Score and NormalizeScore become one
 * `prepare` a pod, which hands back functions over a node: what a pod doesn't ask for costs nothing on any node.
 */
import type { ApiClient } from '../apiserver/client.ts';
import type { Pod } from '../controllers/shared/objects.ts';
import type { World } from '../kernel/world.ts';
import type { NodeInfo, PodEntry } from './node-info.ts';

export interface Cycle {
	readonly world: World;
	readonly client: ApiClient;
	readonly pod: Pod;
	readonly entry: PodEntry;
	/** All nodes, sorted by name. */
	readonly nodes: readonly NodeInfo[];
	/** Pods in the cluster with affinity rules of their own. */
	readonly affinityPods: number;
}

/** Why a node won't do. `final`: deleting pods there wouldn't help (UnschedulableAndUnresolvable). */
export interface Refused {
	readonly reasons: readonly string[];
	readonly final: boolean;
}

export interface Scorer {
	readonly weight: number;
	score(node: NodeInfo): number;
	/** Brings scores to 0…100; without it they are that already. */
	normalise?(scores: readonly number[]): readonly number[];
}

export interface Prepared {
	/** Refuses the pod as a whole, before any node is looked at. */
	readonly refused?: string;
	/** Names of the only nodes that can come into question; no other is looked at (PreFilterResult). */
	readonly only?: readonly string[];
	readonly filter?: (node: NodeInfo) => Refused | undefined;
	readonly scorer?: Scorer;
}

export interface Plugin {
	/** As in KubeSchedulerConfiguration: 'NodeResourcesFit'… */
	readonly name: string;
	/** Its answers about a node come from the node and from what `classMemo` tells pods apart by, from nothing else. */
	readonly local?: true;
	prepare(cycle: Cycle): Prepared;
}

export const NOTHING: Prepared = {};

/** DefaultNormalizeScore: the largest becomes 100; with `reverse` it becomes 0. */
export function normaliseToHundred(scores: readonly number[], reverse: boolean): readonly number[] {
	const max = Math.max(0, ...scores);
	if (max === 0) return reverse ? scores.map(() => 100) : scores;
	return scores.map((s) => {
		const n = Math.floor((100 * s) / max);
		return reverse ? 100 - n : n;
	});
}
