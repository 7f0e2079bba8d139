/** DefaultPreemption: makes room for a more important pod by deleting less important ones (framework/preemption). */
import { type Pod, splitKey } from '../controllers/shared/objects.ts';
import { selectorMatches } from '../controllers/shared/selectors.ts';
import { formatTime } from '../kernel/time.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { recordEvent } from '../controllers/events.ts';
import type { Cycle, Plugin } from './framework.ts';
import { type NodeRefusal, prepareAll, refusalOf, type Search } from './framework-run.ts';
import { type NodeInfo, nodeIndex, type PodEntry, withoutPod, withPod } from './node-info.ts';

export interface Preemption {
	/** What goes into the FailedScheduling message; empty where room is being made. */
	readonly message: string;
	readonly nominatedNode?: string;
}

interface Candidate {
	readonly node: NodeInfo;
	readonly victims: readonly PodEntry[];
	readonly violations: number;
}

interface Budget extends KubeObject {
	readonly spec?: { readonly selector?: { readonly matchLabels?: { readonly [k: string]: string } } };
	readonly status?: { readonly disruptionsAllowed?: number };
}

const NOT_HELPFUL = 'Preemption is not helpful for scheduling';
const NO_VICTIMS = 'No preemption victims found for incoming pod';

/** Tries to make room; deletes the victims and says on which node. */
export function preempt(cycle: Cycle, plugins: readonly Plugin[], found: Search, total: number): Preemption {
	const { pod, entry } = cycle;
	if (pod.spec.preemptionPolicy === 'Never') return { message: 'preemption: not eligible due to preemptionPolicy=Never.' };
	const nominated = pod.status?.nominatedNodeName;
	if (nominated !== undefined && nominated !== '') {
		const { index, found: known } = nodeIndex(cycle.nodes, nominated);
		const leaving = known && cycle.nodes[index]?.pods.some((p) => p.deleting && p.priority < entry.priority);
		if (leaving === true) return { message: 'preemption: not eligible due to a terminating pod on the nominated node.', nominatedNode: nominated };
	}
	const reasons: string[] = [];
	if (found.whole !== undefined) for (let i = 0; i < total; i++) reasons.push(NOT_HELPFUL);
	for (let i = 0; i < (found.leftOut?.count ?? 0); i++) reasons.push(NOT_HELPFUL);
	const candidates: Candidate[] = [];
	for (const refusal of found.refusals) {
		const outcome = refusal.refused.final ? [NOT_HELPFUL] : dryRun(cycle, plugins, refusal);
		if (Array.isArray(outcome)) reasons.push(...outcome);
		else candidates.push(outcome as Candidate);
	}
	const best = candidates.sort(compare)[0];
	if (best === undefined) return { message: `preemption: 0/${total} nodes are available: ${histogram(reasons)}.` };
	evict(cycle, best);
	return { message: '', nominatedNode: best.node.name };
}

/** `1 a, 2 b`, sorted as text, as FitError prints reasons. */
export function histogram(reasons: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const r of reasons) counts.set(r, (counts.get(r) ?? 0) + 1);
	return [...counts]
		.map(([reason, n]) => `${n} ${reason}`)
		.sort((a, b) => (a < b ? -1 : 1))
		.join(', ');
}

/** Would the node take the pod without its less important ones? Then which must go; else why not (SelectVictimsOnNode). */
function dryRun(cycle: Cycle, plugins: readonly Plugin[], refusal: NodeRefusal): Candidate | readonly string[] {
	const { node } = refusal;
	const lower = node.pods.filter((p) => p.priority < cycle.entry.priority);
	if (lower.length === 0) return [NO_VICTIMS];
	const empty = lower.reduce((n, p) => withoutPod(n, p.key), node);
	const still = refusedWith(cycle, plugins, empty);
	if (still !== undefined) return still.refused.reasons;
	const budgets = budgetsOf(cycle, lower);
	const important = [...lower].sort((a, b) => b.priority - a.priority || (a.since < b.since ? -1 : 1));
	const ordered = [...important.filter((p) => breaks(budgets, p)), ...important.filter((p) => !breaks(budgets, p))];
	const victims: PodEntry[] = [];
	let present = empty;
	for (const p of ordered) {
		const kept = withPod(present, p);
		if (refusedWith(cycle, plugins, kept) === undefined) present = kept;
		else victims.push(p);
	}
	return { node, victims, violations: victims.filter((p) => breaks(budgets, p)).length };
}

function refusedWith(cycle: Cycle, plugins: readonly Plugin[], node: NodeInfo): NodeRefusal | undefined {
	const { index } = nodeIndex(cycle.nodes, node.name);
	const nodes = cycle.nodes.map((n, i) => (i === index ? node : n));
	return refusalOf(prepareAll({ ...cycle, nodes }, plugins), node);
}

function budgetsOf(cycle: Cycle, pods: readonly PodEntry[]): readonly Budget[] {
	const namespaces = [...new Set(pods.map((p) => p.namespace))];
	return namespaces.flatMap((ns) => cycle.client.list(cycle.world, 'policy/v1/poddisruptionbudgets', ns) as readonly Budget[]);
}

const breaks = (budgets: readonly Budget[], pod: PodEntry): boolean =>
	budgets.some((b) => b.metadata.namespace === pod.namespace && selectorMatches(b.spec?.selector, pod.labels) && (b.status?.disruptionsAllowed ?? 0) <= 0);

const highest = (c: Candidate): number => Math.max(...c.victims.map((v) => v.priority), Number.NEGATIVE_INFINITY);

/** pickOneNodeForPreemption: fewest broken budgets, then least important, fewest and youngest victims. */
function compare(a: Candidate, b: Candidate): number {
	const sum = (c: Candidate): number => c.victims.reduce((n, v) => n + v.priority, 0);
	const eldest = (c: Candidate): string => [...c.victims.map((v) => v.since)].sort()[0] ?? '';
	return (
		a.violations - b.violations ||
		highest(a) - highest(b) ||
		sum(a) - sum(b) ||
		a.victims.length - b.victims.length ||
		(eldest(a) === eldest(b) ? 0 : eldest(a) > eldest(b) ? -1 : 1)
	);
}

function evict(cycle: Cycle, candidate: Candidate): void {
	const { world, client, pod } = cycle;
	for (const v of candidate.victims) {
		const { namespace, name } = splitKey(v.key);
		const victim = client.get(world, 'v1/pods', namespace, name) as Pod | undefined;
		if (victim === undefined || victim.metadata.deletionTimestamp !== undefined) continue;
		const conditions = [
			...(victim.status?.conditions ?? []).filter((c) => c.type !== 'DisruptionTarget'),
			{
				type: 'DisruptionTarget',
				status: 'True',
				reason: 'PreemptionByScheduler',
				message: 'default-scheduler: preempting to accommodate a higher priority pod',
				lastTransitionTime: formatTime(world.now),
			},
		];
		client.updateStatus(world, 'v1/pods', { ...victim, status: { ...victim.status, conditions } });
		client.delete(world, 'v1/pods', namespace, name);
		const message = `Preempted by pod ${pod.metadata.uid} on node ${candidate.node.name}`;
		recordEvent(world, client, { object: victim, type: 'Normal', reason: 'Preempted', action: 'Preempting', message, component: 'default-scheduler' });
	}
}
