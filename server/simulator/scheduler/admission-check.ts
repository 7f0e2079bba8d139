/** What a kubelet asks of a pod that was put on its node past the scheduler (pkg/scheduler's AdmissionCheck, kubelet/lifecycle/predicate.go). */
import { labelsMatch, nodeSelectorMatches, untolerated } from '../controllers/shared/selectors.ts';
import type { Pod } from '../controllers/shared/objects.ts';
import type { World } from '../kernel/world.ts';
import { type NodeInfo, nodeIndex, type PodEntry, podEntry } from './node-info.ts';
import { portsCollide } from './plugins/node-ports.ts';
import { schedulerSlice } from './state.ts';

export interface Rejection {
	/** As the pod's status has it: `OutOfcpu`, `NodePorts`. */
	readonly reason: string;
	readonly message: string;
}

/** Why the pod's own node cannot take it beside the pods that `admitted` counts; undefined where it can. */
export function admissionCheck(world: World, pod: Pod, admitted: (uid: string) => boolean): Rejection | undefined {
	const { nodes } = world.read(schedulerSlice);
	const node = nodes[nodeIndex(nodes, pod.spec.nodeName ?? '').index];
	if (node === undefined || node.name !== pod.spec.nodeName) return undefined;
	const entry = podEntry(pod);
	const others = node.pods.filter((p) => p.key !== entry.key && admitted(p.uid));
	return outOf(node, entry, others) ?? predicates(node, pod, entry, others);
}

function outOf(node: NodeInfo, entry: PodEntry, others: readonly PodEntry[]): Rejection | undefined {
	const over = (resource: string, requested: number, used: number, capacity: number): Rejection | undefined =>
		requested === 0 || requested + used <= capacity
			? undefined
			: {
					reason: `OutOf${resource}`,
					message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
				};
	const sum = (of: (p: PodEntry) => number): number => others.reduce((n, p) => n + of(p), 0);
	return (
		over('pods', 1, others.length, node.maxPods) ??
		over(
			'cpu',
			entry.request.cpu,
			sum((p) => p.request.cpu),
			node.allocatable.cpu,
		) ??
		over(
			'memory',
			entry.request.memory,
			sum((p) => p.request.memory),
			node.allocatable.memory,
		)
	);
}

function predicates(node: NodeInfo, pod: Pod, entry: PodEntry, others: readonly PodEntry[]): Rejection | undefined {
	const failed = (name: string, why: string): Rejection => ({ reason: name, message: `Predicate ${name} failed: ${why}` });
	const { nodeSelector, affinity, tolerations } = pod.spec;
	const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
	if (
		(nodeSelector !== undefined && !labelsMatch(nodeSelector, node.labels)) ||
		(required !== undefined && !nodeSelectorMatches(required, node.name, node.labels))
	) {
		return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
	}
	if (entry.hostPorts !== undefined && others.some((p) => portsCollide(entry.hostPorts, p.hostPorts))) {
		return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
	}
	const taint = untolerated(node.taints, tolerations, ['NoExecute']);
	return taint === undefined ? undefined : failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}
