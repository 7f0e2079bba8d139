/** InterPodAffinity: pods that want to be near others, or far from them. */
import type { Labels, Pod, PodAffinityTerm } from '../../controllers/shared/objects.ts';
import { selectorMatches } from '../../controllers/shared/selectors.ts';
import { type Cycle, NOTHING, type Plugin, type Prepared, type Refused, type Scorer } from '../framework.ts';
import type { NodeInfo, PodEntry } from '../node-info.ts';
import { effectiveSelector } from './pod-topology-spread.ts';

const NO_FRIENDS: Refused = { reasons: ["node(s) didn't match pod affinity rules"], final: true };
const FOES: Refused = { reasons: ["node(s) didn't match pod anti-affinity rules"], final: false };
const FOE_OF_OTHERS: Refused = { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], final: false };
const WEIGHT = 2;

/** A term as a question about a pod: is it one of those meant? */
type Meant = (namespace: string, labels: Labels | undefined) => boolean;

function meant(cycle: Cycle, term: PodAffinityTerm, ownNamespace: string, own: Pod | undefined): Meant {
	const selector = own === undefined ? term.labelSelector : effectiveSelector(term.labelSelector, term.matchLabelKeys, own);
	const named = term.namespaces ?? [];
	const { namespaceSelector } = term;
	return (namespace, labels) => {
		const inScope =
			named.length === 0 && namespaceSelector === undefined
				? namespace === ownNamespace
				: named.includes(namespace) ||
					(namespaceSelector !== undefined &&
						selectorMatches(namespaceSelector, cycle.client.get(cycle.world, 'v1/namespaces', undefined, namespace)?.metadata.labels));
		return inScope && selectorMatches(selector, labels);
	};
}

/** Topology values (`key=value`) in which `hits` holds for some pod. */
function domainsWhere(nodes: readonly NodeInfo[], key: string, hits: (p: PodEntry) => boolean): ReadonlySet<string> {
	const out = new Set<string>();
	for (const node of nodes) {
		const value = node.labels[key];
		if (value !== undefined && !out.has(value) && node.pods.some(hits)) out.add(value);
	}
	return out;
}

function ownAffinity(cycle: Cycle, terms: readonly PodAffinityTerm[]): (node: NodeInfo) => boolean {
	const { entry, pod } = cycle;
	const tests = terms.map((t) => ({ term: t, test: meant(cycle, t, entry.namespace, pod) }));
	const parts = tests.map(({ term }) => ({
		key: term.topologyKey,
		// A pod counts only where it meets all terms (getTPMapMatchingIncomingAffinityAntiAffinity).
		domains: domainsWhere(cycle.nodes, term.topologyKey, (p) => tests.every(({ test }) => test(p.namespace, p.labels))),
	}));
	// The first pod of a group that only wants its own kind may go anywhere.
	const first = parts.every((p) => p.domains.size === 0) && tests.every(({ test }) => test(entry.namespace, pod.metadata.labels));
	return (node) => parts.every((p) => node.labels[p.key] !== undefined && (first || p.domains.has(node.labels[p.key] ?? '')));
}

function ownAntiAffinity(cycle: Cycle, terms: readonly PodAffinityTerm[]): (node: NodeInfo) => boolean {
	const parts = terms.map((t) => {
		const test = meant(cycle, t, cycle.entry.namespace, cycle.pod);
		return { key: t.topologyKey, domains: domainsWhere(cycle.nodes, t.topologyKey, (p) => test(p.namespace, p.labels)) };
	});
	return (node) => parts.every((p) => !p.domains.has(node.labels[p.key] ?? '\u0000'));
}

/** `key=value` domains that pods already running want kept free of pods such as this one. */
function forbidden(cycle: Cycle): ReadonlySet<string> {
	const out = new Set<string>();
	for (const node of cycle.nodes) {
		for (const p of node.pods) {
			for (const t of p.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
				const value = node.labels[t.topologyKey];
				if (value !== undefined && meant(cycle, t, p.namespace, undefined)(cycle.entry.namespace, cycle.pod.metadata.labels))
					out.add(`${t.topologyKey}=${value}`);
			}
		}
	}
	return out;
}

/** Preferred terms of the pod itself, and of the pods already running towards it. */
function preferences(cycle: Cycle): Scorer | undefined {
	const sums = new Map<string, number>();
	const add = (node: NodeInfo, key: string, weight: number): void => {
		const value = node.labels[key];
		if (value !== undefined) sums.set(`${key}=${value}`, (sums.get(`${key}=${value}`) ?? 0) + weight);
	};
	const { entry, pod } = cycle;
	const own = [
		...(pod.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({ ...t, sign: 1 })),
		...(pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => ({ ...t, sign: -1 })),
	].map((t) => ({ key: t.podAffinityTerm.topologyKey, weight: t.sign * t.weight, test: meant(cycle, t.podAffinityTerm, entry.namespace, pod) }));
	for (const node of cycle.nodes) {
		for (const p of node.pods) {
			for (const t of own) if (t.test(p.namespace, p.labels)) add(node, t.key, t.weight);
			if (p.affinity === undefined) continue;
			const towards = (term: PodAffinityTerm, weight: number): void => {
				if (meant(cycle, term, p.namespace, undefined)(entry.namespace, pod.metadata.labels)) add(node, term.topologyKey, weight);
			};
			// hardPodAffinityWeight: a required affinity of theirs is a wish of ours, weight 1.
			for (const t of p.affinity.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) towards(t, 1);
			for (const t of p.affinity.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) towards(t.podAffinityTerm, t.weight);
			for (const t of p.affinity.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) towards(t.podAffinityTerm, -t.weight);
		}
	}
	if (sums.size === 0) return undefined;
	const keys = [...new Set([...sums.keys()].map((k) => k.slice(0, k.indexOf('='))))];
	return {
		weight: WEIGHT,
		score: (node) => keys.reduce((n, k) => n + (sums.get(`${k}=${node.labels[k] ?? ''}`) ?? 0), 0),
		normalise: (scores) => {
			const max = Math.max(...scores);
			const min = Math.min(...scores);
			return scores.map((s) => (max === min ? 0 : Math.floor((100 * (s - min)) / (max - min))));
		},
	};
}

export const interPodAffinity: Plugin = {
	name: 'InterPodAffinity',
	prepare(cycle): Prepared {
		const { affinity } = cycle.pod.spec;
		const hasOwn = affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined;
		if (!hasOwn && cycle.affinityPods === 0) return NOTHING;
		const near = affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
		const far = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
		const nearOk = near.length === 0 ? undefined : ownAffinity(cycle, near);
		const farOk = far.length === 0 ? undefined : ownAntiAffinity(cycle, far);
		const taken = cycle.affinityPods === 0 ? new Set<string>() : forbidden(cycle);
		const takenKeys = [...new Set([...taken].map((d) => d.slice(0, d.indexOf('='))))];
		const scorer = preferences(cycle);
		return {
			filter: (node) => {
				if (nearOk !== undefined && !nearOk(node)) return NO_FRIENDS;
				if (farOk !== undefined && !farOk(node)) return FOES;
				return takenKeys.some((k) => taken.has(`${k}=${node.labels[k] ?? ''}`)) ? FOE_OF_OTHERS : undefined;
			},
			...(scorer === undefined ? {} : { scorer }),
		};
	},
};
