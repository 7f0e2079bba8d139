/** A node as the scheduler sees it: what it has, what its pods take (framework.NodeInfo). */
import { type Affinity, controllerOf, isDeleting, keyOf, type Labels, type Node, type Pod, type Taint } from '../controllers/shared/objects.ts';
import { amountOf, podAmounts } from '../controllers/shared/quantity.ts';

/** cpu in millicores, memory and storage in bytes. */
export interface Resources {
	readonly cpu: number;
	readonly memory: number;
	readonly storage: number;
	/** Extended resources, by name; absent where there are none. */
	readonly scalars?: { readonly [resource: string]: number };
}

/** What a pod takes. */
export interface PodRequest extends Resources {
	/** With the defaults that scoring assumes for containers that ask for nothing: 100m and 200 MiB. */
	readonly scoredCpu: number;
	readonly scoredMemory: number;
}

export interface PodEntry {
	/** namespace/name */
	readonly key: string;
	readonly uid: string;
	readonly namespace: string;
	readonly labels: Labels;
	/** uid of the managing controller. */
	readonly owner?: string;
	readonly priority: number;
	/** status.startTime or creation: RFC 3339 text. */
	readonly since: string;
	readonly deleting: boolean;
	readonly request: PodRequest;
	/** `ip/protocol/port` */
	readonly hostPorts?: readonly string[];
	readonly affinity?: Affinity;
}

export interface NodeInfo {
	readonly name: string;
	readonly labels: Labels;
	readonly taints: readonly Taint[];
	readonly unschedulable: boolean;
	readonly allocatable: Resources;
	readonly maxPods: number;
	readonly used: Resources;
	readonly scoredCpu: number;
	readonly scoredMemory: number;
	readonly pods: readonly PodEntry[];
	/** Live pods by managing controller. */
	readonly owners: { readonly [uid: string]: number };
}

const DEFAULT_CPU_MILLI = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;
const NONE: Labels = {};
const NO_RESOURCES: Resources = { cpu: 0, memory: 0, storage: 0 };

function podRequest(pod: Pod): PodRequest {
	const amounts = podAmounts(pod.spec, 'requests');
	const scored = podAmounts(pod.spec, 'requests', (a) => ({ cpu: a['cpu'] ?? DEFAULT_CPU_MILLI, memory: a['memory'] ?? DEFAULT_MEMORY }));
	const scalars: Record<string, number> = {};
	let any = false;
	for (const name of Object.keys(amounts)) {
		if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') continue;
		scalars[name] = amounts[name] ?? 0;
		any = true;
	}
	return {
		cpu: amounts['cpu'] ?? 0,
		memory: amounts['memory'] ?? 0,
		storage: amounts['ephemeral-storage'] ?? 0,
		...(any ? { scalars } : {}),
		scoredCpu: scored['cpu'] ?? 0,
		scoredMemory: scored['memory'] ?? 0,
	};
}

export function hostPorts(pod: Pod): readonly string[] {
	const out: string[] = [];
	for (const c of [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter((i) => i.restartPolicy === 'Always')]) {
		for (const p of c.ports ?? []) {
			if (p.hostPort !== undefined && p.hostPort > 0)
				out.push(`${p.hostIP === undefined || p.hostIP === '' ? '0.0.0.0' : p.hostIP}/${p.protocol ?? 'TCP'}/${p.hostPort}`);
		}
	}
	return out;
}

export function podEntry(pod: Pod): PodEntry {
	const owner = controllerOf(pod)?.uid;
	const ports = hostPorts(pod);
	const { affinity } = pod.spec;
	const hasRules = affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined;
	return {
		key: keyOf(pod),
		uid: pod.metadata.uid,
		namespace: pod.metadata.namespace ?? '',
		labels: pod.metadata.labels ?? NONE,
		...(owner === undefined ? {} : { owner }),
		priority: pod.spec.priority ?? 0,
		since: pod.status?.startTime ?? pod.metadata.creationTimestamp,
		deleting: isDeleting(pod),
		request: podRequest(pod),
		...(ports.length === 0 ? {} : { hostPorts: ports }),
		...(hasRules ? { affinity } : {}),
	};
}

function addScalars(a: Resources['scalars'], b: Resources['scalars'], sign: 1 | -1): Resources['scalars'] {
	if (b === undefined) return a;
	const out: Record<string, number> = { ...a };
	for (const k of Object.keys(b)) out[k] = (out[k] ?? 0) + sign * (b[k] ?? 0);
	return out;
}

function account(info: NodeInfo, entry: PodEntry, sign: 1 | -1): NodeInfo {
	const { request } = entry;
	const { used } = info;
	const scalars = addScalars(used.scalars, request.scalars, sign);
	let { owners } = info;
	if (entry.owner !== undefined && !entry.deleting) {
		const n = (owners[entry.owner] ?? 0) + sign;
		const copy: Record<string, number> = { ...owners };
		if (n <= 0) delete copy[entry.owner];
		else copy[entry.owner] = n;
		owners = copy;
	}
	return {
		name: info.name,
		labels: info.labels,
		taints: info.taints,
		unschedulable: info.unschedulable,
		allocatable: info.allocatable,
		maxPods: info.maxPods,
		used: {
			cpu: used.cpu + sign * request.cpu,
			memory: used.memory + sign * request.memory,
			storage: used.storage + sign * request.storage,
			...(scalars === undefined ? {} : { scalars }),
		},
		scoredCpu: info.scoredCpu + sign * request.scoredCpu,
		scoredMemory: info.scoredMemory + sign * request.scoredMemory,
		pods: info.pods,
		owners,
	};
}

export function withPod(info: NodeInfo, entry: PodEntry): NodeInfo {
	return { ...account(info, entry, 1), pods: [...info.pods, entry] };
}

export function withoutPod(info: NodeInfo, key: string): NodeInfo {
	const entry = info.pods.find((p) => p.key === key);
	if (entry === undefined) return info;
	return { ...account(info, entry, -1), pods: info.pods.filter((p) => p !== entry) };
}

/** A node's own part, with the pods that `pods` lists. */
export function nodeInfo(node: Node, pods: readonly PodEntry[]): NodeInfo {
	const list = node.status?.allocatable ?? NONE;
	const scalars: Record<string, number> = {};
	let any = false;
	for (const name of Object.keys(list)) {
		if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name === 'pods') continue;
		scalars[name] = amountOf(name, list[name]);
		any = true;
	}
	const bare: NodeInfo = {
		name: node.metadata.name,
		labels: node.metadata.labels ?? NONE,
		taints: node.spec?.taints ?? [],
		unschedulable: node.spec?.unschedulable === true,
		allocatable: {
			cpu: amountOf('cpu', list['cpu']),
			memory: amountOf('memory', list['memory']),
			storage: amountOf('ephemeral-storage', list['ephemeral-storage']),
			...(any ? { scalars } : {}),
		},
		maxPods: amountOf('pods', list['pods']),
		used: NO_RESOURCES,
		scoredCpu: 0,
		scoredMemory: 0,
		pods: [],
		owners: {},
	};
	return pods.reduce(withPod, bare);
}

/** Lists of nodes known to have a taint of effect PreferNoSchedule, or known to have none: one list follows the other with every pod that is placed. */
const softTaints = new WeakMap<readonly NodeInfo[], boolean>();

/** Whether any node has a PreferNoSchedule taint. */
export function hasSoftTaints(nodes: readonly NodeInfo[]): boolean {
	let known = softTaints.get(nodes);
	if (known === undefined) {
		known = nodes.some((n) => n.taints.length > 0 && n.taints.some((t) => t.effect === 'PreferNoSchedule'));
		softTaints.set(nodes, known);
	}
	return known;
}

/** The list with `node`, whose pods alone have changed, at `index`. */
export function withNodePods(nodes: readonly NodeInfo[], index: number, node: NodeInfo): readonly NodeInfo[] {
	const out = nodes.slice();
	out[index] = node;
	const soft = softTaints.get(nodes);
	if (soft !== undefined) softTaints.set(out, soft);
	return out;
}

/** Where `name` stands, or would stand, in nodes sorted by name. */
export function nodeIndex(nodes: readonly NodeInfo[], name: string): { readonly index: number; readonly found: boolean } {
	let low = 0;
	let high = nodes.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((nodes[middle]?.name ?? '') < name) low = middle + 1;
		else high = middle;
	}
	return { index: low, found: nodes[low]?.name === name };
}
