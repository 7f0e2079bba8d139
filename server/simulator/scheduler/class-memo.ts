/**
 * What is known already of pods that ask for the same: in a large cluster one pod is placed after the other, all alike, and
 * only the node that took the last one has changed. Upstream's opportunistic batching (KEP-5598) rests on the same thought.
 * A memo of pure functions: it changes no answer, so it needs no place in the state.
 */
import type { Cycle } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeRefusal, PluginRun } from './framework-run.ts';

export interface ClassMemo {
	/** By place in the list of nodes: the node as it was when it was last asked, and the first refusal by a local plugin. */
	readonly asked: (NodeInfo | undefined)[];
	readonly refusals: (NodeRefusal | undefined)[];
	/** The same for the weighted sum of the local scores. */
	readonly scored: (NodeInfo | undefined)[];
	readonly sums: number[];
}

/** In smaller clusters looking again is cheaper than remembering. */
const FROM_NODES = 64;
const CLASSES_KEPT = 32;

const classes = new Map<string, ClassMemo>();

/** The memo of all pods that local plugins can't tell from this one; undefined where none is worth keeping. */
export function classMemo(cycle: Cycle): ClassMemo | undefined {
	const { pod, entry, nodes } = cycle;
	if (nodes.length < FROM_NODES) return undefined;
	const { spec } = pod;
	const key = JSON.stringify([entry.request, entry.hostPorts, spec.tolerations, spec.nodeSelector, spec.affinity?.nodeAffinity, spec.nodeName]);
	let memo = classes.get(key);
	if (memo === undefined) {
		if (classes.size >= CLASSES_KEPT) classes.clear();
		memo = { asked: [], refusals: [], scored: [], sums: [] };
		classes.set(key, memo);
	}
	return memo;
}

/** Scores that come from the pod's class and the node alone, and are 0…100 as they stand. */
export const isLocalScorer = ({ plugin, prepared }: PluginRun): boolean =>
	plugin.local === true && prepared.scorer !== undefined && prepared.scorer.normalise === undefined;

/** The weighted sum of local scores of the node at `place`. */
export function localScore(memo: ClassMemo, local: readonly PluginRun[], place: number, node: NodeInfo): number {
	if (memo.scored[place] === node) return memo.sums[place] ?? 0;
	let sum = 0;
	for (const { prepared } of local) if (prepared.scorer !== undefined) sum += prepared.scorer.weight * prepared.scorer.score(node);
	memo.scored[place] = node;
	memo.sums[place] = sum;
	return sum;
}
