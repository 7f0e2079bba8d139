/** One pass over the nodes for one pod: prepare, filter, score, choose (schedulePod in schedule_one.go). */
import { type ClassMemo, isLocalScorer, localScore } from './class-memo.ts';
import type { Cycle, Plugin, Prepared, Refused } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { nodeIndex, withPod } from './node-info.ts';
import type { SchedulerState } from './state.ts';
import { treeRange } from '../kernel/tree.ts';

export interface PluginRun {
	readonly plugin: Plugin;
	readonly prepared: Prepared;
}

export interface NodeRefusal {
	readonly node: NodeInfo;
	readonly plugin: string;
	readonly refused: Refused;
}

export interface Search {
	readonly feasible: readonly NodeInfo[];
	/** Where the feasible nodes stand in the list of nodes, where it was searched with a memo. */
	readonly places?: readonly number[];
	readonly refusals: readonly NodeRefusal[];
	/** A plugin refused the pod as a whole. */
	readonly whole?: { readonly plugin: string; readonly message: string };
	/** Nodes that plugins left out before any was looked at. */
	readonly leftOut?: { readonly plugins: readonly string[]; readonly count: number };
	/** Nodes looked at. */
	readonly processed: number;
}

/** Below so many nodes all are looked at (minFeasibleNodesToFind). */
const MIN_FEASIBLE = 100;
const MIN_PERCENT = 5;

/** How many feasible nodes are enough (numFeasibleNodesToFind): the larger the cluster, the smaller the share. */
export function enoughNodes(nodes: number): number {
	if (nodes < MIN_FEASIBLE) return nodes;
	const percent = Math.max(MIN_PERCENT, 50 - Math.floor(nodes / 125));
	return Math.max(MIN_FEASIBLE, Math.floor((nodes * percent) / 100));
}

export function prepareAll(cycle: Cycle, plugins: readonly Plugin[]): readonly PluginRun[] {
	return plugins.map((plugin) => ({ plugin, prepared: plugin.prepare(cycle) }));
}

/** The first plugin's refusal of a node, if any. */
export function refusalOf(runs: readonly PluginRun[], node: NodeInfo): NodeRefusal | undefined {
	for (const { plugin, prepared } of runs) {
		const refused = prepared.filter?.(node);
		if (refused !== undefined) return { node, plugin: plugin.name, refused };
	}
	return undefined;
}

/** Nodes with the pods that have been promised room there and are no less important (addNominatedPods). */
export function withNominated(state: SchedulerState, cycle: Cycle): readonly NodeInfo[] {
	if (state.nominated === null) return cycle.nodes;
	const nodes = [...cycle.nodes];
	for (const { k, v } of treeRange(state.nominated)) {
		if (k === cycle.entry.key || v.entry.priority < cycle.entry.priority) continue;
		const at = nodes.findIndex((n) => n.name === v.node);
		const node = nodes[at];
		if (node !== undefined) nodes[at] = withPod(node, v.entry);
	}
	return nodes;
}

export function search(nodes: readonly NodeInfo[], runs: readonly PluginRun[], start: number, memo?: ClassMemo): Search {
	for (const { plugin, prepared } of runs) {
		if (prepared.refused !== undefined) return { feasible: [], refusals: [], whole: { plugin: plugin.name, message: prepared.refused }, processed: 0 };
	}
	const filters = runs.filter((r) => r.prepared.filter !== undefined);
	const limiting = runs.filter((r) => r.prepared.only !== undefined);
	if (limiting.length > 0) return searchFew(nodes, filters, limiting);
	return memo === undefined ? searchAll(nodes, filters, start) : searchAlike(nodes, filters, start, memo);
}

function searchAll(nodes: readonly NodeInfo[], filters: readonly PluginRun[], start: number): Search {
	const enough = enoughNodes(nodes.length);
	const feasible: NodeInfo[] = [];
	const refusals: NodeRefusal[] = [];
	let processed = 0;
	for (; processed < nodes.length && feasible.length < enough; processed++) {
		const node = nodes[(start + processed) % nodes.length];
		if (node === undefined) continue;
		const refusal = refusalOf(filters, node);
		if (refusal === undefined) feasible.push(node);
		else refusals.push(refusal);
	}
	return { feasible, refusals, processed };
}

/** The same, asking local plugins about nodes that have changed since they were last asked for such a pod. They run first in any profile. */
function searchAlike(nodes: readonly NodeInfo[], filters: readonly PluginRun[], start: number, memo: ClassMemo): Search {
	const local = filters.filter((r) => r.plugin.local === true);
	const others = filters.filter((r) => r.plugin.local !== true);
	const enough = enoughNodes(nodes.length);
	const feasible: NodeInfo[] = [];
	const places: number[] = [];
	const refusals: NodeRefusal[] = [];
	let processed = 0;
	for (; processed < nodes.length && feasible.length < enough; processed++) {
		const place = (start + processed) % nodes.length;
		const node = nodes[place];
		if (node === undefined) continue;
		if (memo.asked[place] !== node) {
			memo.asked[place] = node;
			memo.refusals[place] = refusalOf(local, node);
		}
		const refusal = memo.refusals[place] ?? (others.length === 0 ? undefined : refusalOf(others, node));
		if (refusal !== undefined) refusals.push(refusal);
		else {
			feasible.push(node);
			places.push(place);
		}
	}
	return { feasible, places, refusals, processed };
}

/** The same over the few nodes that plugins name. */
function searchFew(nodes: readonly NodeInfo[], filters: readonly PluginRun[], limiting: readonly PluginRun[]): Search {
	const [first = [], ...others] = limiting.map((r) => r.prepared.only ?? []);
	const names = first.filter((n) => others.every((o) => o.includes(n)));
	const feasible: NodeInfo[] = [];
	const refusals: NodeRefusal[] = [];
	for (const name of names) {
		const { index, found } = nodeIndex(nodes, name);
		const node = found ? nodes[index] : undefined;
		if (node === undefined) continue;
		const refusal = refusalOf(filters, node);
		if (refusal === undefined) feasible.push(node);
		else refusals.push(refusal);
	}
	const count = nodes.length - feasible.length - refusals.length;
	return { feasible, refusals, processed: 0, leftOut: { plugins: limiting.map((r) => r.plugin.name), count } };
}

/** The feasible node with the highest weighted sum of scores; among equals `pick` decides (a number below its argument). */
export function choose(found: Search, runs: readonly PluginRun[], pick: (n: number) => number, memo?: ClassMemo): NodeInfo | undefined {
	const { feasible, places } = found;
	if (feasible.length <= 1) return feasible[0];
	const totals = new Array<number>(feasible.length).fill(0);
	const remembers = memo !== undefined && places !== undefined;
	if (remembers) {
		const local = runs.filter(isLocalScorer);
		const { scored, sums } = memo;
		for (let i = 0; i < feasible.length; i++) {
			const node = feasible[i];
			const place = places[i];
			if (node === undefined || place === undefined) continue;
			totals[i] = (scored[place] === node ? sums[place] : undefined) ?? localScore(memo, local, place, node);
		}
	}
	for (const run of runs) {
		const { scorer } = run.prepared;
		if (scorer === undefined || (remembers && isLocalScorer(run))) continue;
		const raw = feasible.map((n) => scorer.score(n));
		const scores = scorer.normalise?.(raw) ?? raw;
		for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] ?? 0) + scorer.weight * (scores[i] ?? 0);
	}
	let best = Number.NEGATIVE_INFINITY;
	let ties: number[] = [];
	for (let i = 0; i < totals.length; i++) {
		const t = totals[i] ?? 0;
		if (t > best) {
			best = t;
			ties = [i];
		} else if (t === best) ties.push(i);
	}
	return feasible[ties[ties.length === 1 ? 0 : pick(ties.length)] ?? 0];
}
