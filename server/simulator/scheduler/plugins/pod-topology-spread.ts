/** PodTopologySpread: a pod's own constraints, and the cluster's default ones for pods of a set (system defaulting). */
import { selectorMatches, untolerated } from '../../controllers/shared/selectors.ts';
import { type LabelSelector, type Pod, sameData, type TopologySpreadConstraint } from '../../controllers/shared/objects.ts';
import { labelsMatch, nodeSelectorMatches } from '../../controllers/shared/selectors.ts';
import { type Cycle, NOTHING, type Plugin, type Prepared, type Refused, type Scorer } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';

const REFUSED: Refused = { reasons: ["node(s) didn't match pod topology spread constraints"], final: false };
const MISSING_LABEL: Refused = { reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"], final: true };
const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
const WEIGHT = 2;

/** The selector with the pod's own values of matchLabelKeys added. */
export function effectiveSelector(selector: LabelSelector | undefined, keys: readonly string[] | undefined, pod: Pod): LabelSelector | undefined {
	if (keys === undefined || keys.length === 0 || selector === undefined) return selector;
	const added = keys
		.filter((k) => pod.metadata.labels?.[k] !== undefined)
		.map((key) => ({ key, operator: 'In', values: [pod.metadata.labels?.[key] ?? ''] }))
		.filter((r) => !(selector.matchExpressions ?? []).some((e) => sameData(e, r)));
	return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] };
}

/** Whether a node counts as a domain for a constraint (nodeAffinityPolicy, nodeTaintsPolicy). */
function counts(node: NodeInfo, c: TopologySpreadConstraint, pod: Pod): boolean {
	if (c.nodeAffinityPolicy !== 'Ignore') {
		if (pod.spec.nodeSelector !== undefined && !labelsMatch(pod.spec.nodeSelector, node.labels)) return false;
		const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
		if (required !== undefined && !nodeSelectorMatches(required, node.name, node.labels)) return false;
	}
	return c.nodeTaintsPolicy !== 'Honor' || untolerated(node.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute']) === undefined;
}

function matching(node: NodeInfo, namespace: string, selector: LabelSelector | undefined): number {
	let n = 0;
	for (const p of node.pods) if (p.namespace === namespace && !p.deleting && selectorMatches(selector, p.labels)) n++;
	return n;
}

interface Domains {
	readonly constraint: TopologySpreadConstraint;
	readonly byValue: ReadonlyMap<string, number>;
	/** The fewest matching pods of any domain. */
	readonly least: number;
	/** 1 where the pod itself matches the selector. */
	readonly self: number;
}

function countDomains(cycle: Cycle, constraint: TopologySpreadConstraint, all: readonly TopologySpreadConstraint[]): Domains {
	const selector = effectiveSelector(constraint.labelSelector, constraint.matchLabelKeys, cycle.pod);
	const byValue = new Map<string, number>();
	for (const node of cycle.nodes) {
		if (all.some((c) => node.labels[c.topologyKey] === undefined) || !counts(node, constraint, cycle.pod)) continue;
		const value = node.labels[constraint.topologyKey] ?? '';
		byValue.set(value, (byValue.get(value) ?? 0) + matching(node, cycle.entry.namespace, selector));
	}
	const least = byValue.size === 0 || byValue.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...byValue.values());
	return { constraint, byValue, least, self: selectorMatches(selector, cycle.pod.metadata.labels) ? 1 : 0 };
}

function hardFilter(cycle: Cycle, hard: readonly TopologySpreadConstraint[]): (node: NodeInfo) => Refused | undefined {
	const domains = hard.map((c) => countDomains(cycle, c, hard));
	return (node) => {
		for (const d of domains) {
			const value = node.labels[d.constraint.topologyKey];
			if (value === undefined) return MISSING_LABEL;
			if ((d.byValue.get(value) ?? 0) + d.self - d.least > d.constraint.maxSkew) return REFUSED;
		}
		return undefined;
	};
}

/** Few matching pods in a domain are good: the score counts them, and is turned round when normalised. */
function softScorer(cycle: Cycle, soft: readonly TopologySpreadConstraint[]): Scorer {
	const all = soft.map((c) => ({ ...countDomains(cycle, c, soft), weight: 0 }));
	const parts = all.map((d) => ({ ...d, weight: Math.log(d.byValue.size + 2) }));
	return {
		weight: WEIGHT,
		score: (node) => {
			let sum = 0;
			for (const d of parts) {
				const value = node.labels[d.constraint.topologyKey];
				if (value !== undefined) sum += (d.byValue.get(value) ?? 0) * d.weight + d.constraint.maxSkew - 1;
			}
			return Math.round(sum);
		},
		normalise: fewestIsBest,
	};
}

function fewestIsBest(scores: readonly number[]): readonly number[] {
	let max = Number.NEGATIVE_INFINITY;
	let min = Number.POSITIVE_INFINITY;
	for (const s of scores) {
		if (s > max) max = s;
		if (s < min) min = s;
	}
	return scores.map((s) => (max === 0 ? 100 : Math.floor((100 * (max + min - s)) / max)));
}

/**
 * The defaults every cluster has: spread a set's pods over hosts (skew 3) and zones (skew 5), as a wish. Pods of one set are
 * those of one managing controller here, which each node counts already.
 */
function defaultScorer(cycle: Cycle, owner: string): Scorer {
	const zones = new Map<string, number>();
	for (const node of cycle.nodes) {
		const zone = node.labels[ZONE];
		if (zone !== undefined) zones.set(zone, (zones.get(zone) ?? 0) + (node.owners[owner] ?? 0));
	}
	const hostWeight = Math.log(cycle.nodes.length + 2);
	const zoneWeight = Math.log(zones.size + 2);
	return {
		weight: WEIGHT,
		score: (node) => {
			const zone = node.labels[ZONE];
			const host = node.labels[HOSTNAME] === undefined ? 0 : (node.owners[owner] ?? 0) * hostWeight + 2;
			return Math.round(host + (zone === undefined ? 0 : (zones.get(zone) ?? 0) * zoneWeight + 4));
		},
		normalise: fewestIsBest,
	};
}

export const podTopologySpread: Plugin = {
	name: 'PodTopologySpread',
	prepare(cycle): Prepared {
		const constraints = cycle.pod.spec.topologySpreadConstraints;
		if (constraints === undefined || constraints.length === 0) {
			return cycle.entry.owner === undefined ? NOTHING : { scorer: defaultScorer(cycle, cycle.entry.owner) };
		}
		const hard = constraints.filter((c) => c.whenUnsatisfiable !== 'ScheduleAnyway');
		const soft = constraints.filter((c) => c.whenUnsatisfiable === 'ScheduleAnyway');
		return {
			...(hard.length > 0 ? { filter: hardFilter(cycle, hard) } : {}),
			...(soft.length > 0 ? { scorer: softScorer(cycle, soft) } : {}),
		};
	},
};
