/** NetworkPolicy: who may speak to whom. Models the semantics of networking.k8s.io/v1 as its API documentation states them. */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { asPod } from '../kubelet/pod.ts';
import { inRange } from './address.ts';
import { type LabelSelector, selects } from './label-selector.ts';
import type { NetPod } from './state.ts';

interface PolicyPort {
	readonly protocol?: string;
	readonly port?: number | string;
	readonly endPort?: number;
}

interface PolicyPeer {
	readonly podSelector?: LabelSelector;
	readonly namespaceSelector?: LabelSelector;
	readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface PolicyRule {
	readonly ports?: readonly PolicyPort[];
	readonly from?: readonly PolicyPeer[];
	readonly to?: readonly PolicyPeer[];
}

interface PolicySpec {
	readonly podSelector?: LabelSelector;
	readonly policyTypes?: readonly string[];
	readonly ingress?: readonly PolicyRule[];
	readonly egress?: readonly PolicyRule[];
}

export type Direction = 'Ingress' | 'Egress';

/** One end of a flow. `pod` is undefined for what is no pod of the cluster's network (nodes, host-network pods, the outside). */
export interface End {
	readonly address: string;
	readonly pod: NetPod | undefined;
}

export interface Flow {
	readonly source: End;
	readonly destination: End;
	/** After translation: the port at the pod, not the service's. */
	readonly port: number;
	readonly protocol: 'TCP' | 'UDP';
}

/** Upstream's defaulting: Ingress always, Egress where there are egress rules. */
function concerns(spec: PolicySpec, direction: Direction): boolean {
	if (spec.policyTypes !== undefined && spec.policyTypes.length > 0) return spec.policyTypes.includes(direction);
	return direction === 'Ingress' || (spec.egress !== undefined && spec.egress.length > 0);
}

function portMatches(port: PolicyPort, flow: Flow, target: KubeObject | undefined): boolean {
	if ((port.protocol ?? 'TCP') !== flow.protocol) return false;
	if (port.port === undefined) return true;
	if (typeof port.port === 'number') return port.endPort === undefined ? port.port === flow.port : flow.port >= port.port && flow.port <= port.endPort;
	if (target === undefined) return false;
	const name = port.port;
	return asPod(target).spec.containers.some((c) =>
		(c.ports ?? []).some((p) => p.name === name && p.containerPort === flow.port && (p.protocol ?? 'TCP') === flow.protocol),
	);
}

export class PolicyJudge {
	private readonly client: ApiClient;

	constructor(client: ApiClient) {
		this.client = client;
	}

	private object(world: World, pod: NetPod | undefined): KubeObject | undefined {
		return pod === undefined ? undefined : this.client.get(world, 'v1/pods', pod.namespace, pod.name);
	}

	private peerMatches(world: World, peer: PolicyPeer, policyNamespace: string, end: End): boolean {
		if (peer.ipBlock !== undefined) {
			return inRange(peer.ipBlock.cidr, end.address) && !(peer.ipBlock.except ?? []).some((range) => inRange(range, end.address));
		}
		const { pod } = end;
		if (pod === undefined) return false;
		if (peer.namespaceSelector === undefined) {
			if (pod.namespace !== policyNamespace) return false;
		} else {
			const namespace = this.client.get(world, 'v1/namespaces', undefined, pod.namespace);
			if (!selects(peer.namespaceSelector, namespace?.metadata.labels)) return false;
		}
		return peer.podSelector === undefined || selects(peer.podSelector, this.object(world, pod)?.metadata.labels);
	}

	private ruleMatches(world: World, rule: PolicyRule, namespace: string, peers: readonly PolicyPeer[] | undefined, other: End, flow: Flow): boolean {
		const { ports } = rule;
		if (ports !== undefined && ports.length > 0) {
			const target = this.object(world, flow.destination.pod);
			if (!ports.some((port) => portMatches(port, flow, target))) return false;
		}
		return peers === undefined || peers.length === 0 || peers.some((peer) => this.peerMatches(world, peer, namespace, other));
	}

	/** True where the policies on one end let the flow through in one direction. */
	private endAllows(world: World, direction: Direction, flow: Flow): boolean {
		const self = direction === 'Ingress' ? flow.destination.pod : flow.source.pod;
		const other = direction === 'Ingress' ? flow.source : flow.destination;
		if (self === undefined) return true;
		const policies = this.client.list(world, 'networking.k8s.io/v1/networkpolicies', self.namespace);
		if (policies.length === 0) return true;
		const labels = this.object(world, self)?.metadata.labels;
		let isolated = false;
		for (const policy of policies) {
			const spec = (policy['spec'] ?? {}) as PolicySpec;
			if (!concerns(spec, direction) || !selects(spec.podSelector ?? {}, labels)) continue;
			isolated = true;
			const rules = direction === 'Ingress' ? spec.ingress : spec.egress;
			for (const rule of rules ?? []) {
				if (this.ruleMatches(world, rule, self.namespace, direction === 'Ingress' ? rule.from : rule.to, other, flow)) return true;
			}
		}
		return !isolated;
	}

	/** True where both ends' policies let the flow through. A pod always reaches itself. */
	allows(world: World, flow: Flow): boolean {
		const { source, destination } = flow;
		if (source.pod !== undefined && source.pod.uid === destination.pod?.uid) return true;
		return this.endAllows(world, 'Egress', flow) && this.endAllows(world, 'Ingress', flow);
	}
}
