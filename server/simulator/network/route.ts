/** Where a connection to an address ends up: service translation, pods, nodes, the outside; and what stands in its way. */
import type { ApiClient } from '../apiserver/client.ts';
import { serviceRange } from '../apiserver/profile.ts';
import { treeGet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { inRange } from './address.ts';
import { reach } from './internet.ts';
import { PolicyJudge } from './policy.ts';
import { pickEndpoint, serviceAt, serviceAtNodePort, serviceSpec } from './services.ts';
import { type NetPod, netPod, netnsOf, networkSlice, nodeAddress, podByAddress, hostPortPod } from './state.ts';
import type { NetworkError, Source } from './types.ts';

export type Route =
	| {
			readonly to: 'process';
			readonly netns: string;
			readonly port: number;
			readonly remoteAddress: string;
			readonly latencyMs: number;
			readonly local: boolean;
	  }
	| { readonly to: 'outside'; readonly address: string; readonly port: number; readonly latencyMs: number }
	| { readonly to: 'nowhere'; readonly error: NetworkError; readonly afterMs: number };

/** SYNs are repeated for about so long (net.ipv4.tcp_syn_retries 6). */
export const SYN_TIMEOUT_MS = 130_000;
/** An address of the own network that nobody has: ARP gives up. */
const NO_HOST_MS = 3050;
const SAME_NODE_MS = 0.3;
const OTHER_NODE_MS = 0.6;
const OUTSIDE_MS = 12;
const POD_RANGE = '10.244.0.0/16';
/** The workstation, as nodes see it. */
const WORKSTATION = '172.18.0.1';

const dropped: Route = { to: 'nowhere', error: 'ETIMEDOUT', afterMs: SYN_TIMEOUT_MS };
const refused: Route = { to: 'nowhere', error: 'ECONNREFUSED', afterMs: 1 };

type Protocol = 'TCP' | 'UDP';

interface Origin {
	readonly source: Source;
	readonly pod: NetPod | undefined;
	readonly node: string | undefined;
	readonly address: string;
	readonly protocol: Protocol;
}

function originOf(world: World, source: Source, protocol: Protocol): Origin {
	if (source.kind === 'external') return { source, pod: undefined, node: undefined, address: WORKSTATION, protocol };
	if (source.kind === 'node') return { source, pod: undefined, node: source.name, address: nodeAddress(world, source.name), protocol };
	const pod = netPod(world, source.uid);
	return { source, pod, node: pod?.node, address: pod?.ip ?? '', protocol };
}

export class Router {
	private readonly client: ApiClient;
	private readonly judge: PolicyJudge;

	constructor(client: ApiClient) {
		this.client = client;
		this.judge = new PolicyJudge(client);
	}

	/** Decides where a connection goes. Service endpoints are chosen here, as the first packet passes kube-proxy's rules. */
	route(world: World, source: Source, address: string, port: number, protocol: Protocol = 'TCP'): Route {
		const from = originOf(world, source, protocol);
		if (source.kind === 'pod' && from.pod === undefined) return dropped;
		if (address.startsWith('127.')) return this.loopback(world, from, address, port);
		const service = serviceAt(world, this.client, address);
		if (service !== undefined) {
			// Cluster addresses mean nothing outside the nodes; load balancers' addresses do.
			if (source.kind === 'external' && inRange(serviceRange(world).cidr, address)) return dropped;
			const spec = serviceSpec(service);
			const servicePort = spec.ports?.find((p) => p.port === port && (p.protocol ?? 'TCP') === protocol);
			// kube-proxy has no rule for other ports: the packet leaves for an address nobody has (dropped in kind).
			if (servicePort === undefined) return inRange(serviceRange(world).cidr, address) ? dropped : refused;
			const local = source.kind !== 'external' && spec.internalTrafficPolicy === 'Local' ? from.node : undefined;
			const endpoint = pickEndpoint(world, service, servicePort, from.address, local);
			return endpoint === undefined ? refused : this.endpoint(world, from, endpoint.address, endpoint.port, spec.externalTrafficPolicy === 'Local');
		}
		const node = treeGet(world.read(networkSlice).nodeByAddress, address);
		if (node !== undefined) return this.node(world, from, node, address, port);
		const pod = podByAddress(world, address);
		if (pod !== undefined) {
			if (source.kind === 'external') return dropped;
			return this.pod(world, from, from.address, pod, port);
		}
		if (inRange(POD_RANGE, address)) return source.kind === 'external' ? dropped : { to: 'nowhere', error: 'EHOSTUNREACH', afterMs: NO_HOST_MS };
		return this.outside(world, from, address, port);
	}

	private loopback(world: World, from: Origin, address: string, port: number): Route {
		const node = from.pod === undefined || from.pod.hostNetwork ? from.node : undefined;
		// portmap's rules hold for a node's own loopback, too (route_localnet).
		const mapped = node === undefined ? undefined : hostPortPod(world, node, address, port, from.protocol === 'UDP');
		if (mapped !== undefined) return this.pod(world, from, from.address, mapped.pod, mapped.containerPort);
		const netns = from.pod !== undefined ? netnsOf(from.pod) : from.node === undefined ? undefined : `node:${from.node}`;
		return netns === undefined ? refused : { to: 'process', netns, port, remoteAddress: '127.0.0.1', latencyMs: 0, local: true };
	}

	/** To an endpoint behind a service: a pod, a node (host network, the API server) or any address of a hand-made slice. */
	private endpoint(world: World, from: Origin, address: string, port: number, keepsSource: boolean): Route {
		const pod = podByAddress(world, address);
		if (pod === undefined) {
			const node = treeGet(world.read(networkSlice).nodeByAddress, address);
			if (node !== undefined) return this.hostPort(world, from, node, address, port);
			return inRange(POD_RANGE, address) ? { to: 'nowhere', error: 'EHOSTUNREACH', afterMs: NO_HOST_MS } : this.outside(world, from, address, port);
		}
		// From outside, kube-proxy masquerades unless externalTrafficPolicy is Local: the pod sees its node's address.
		const seen = from.source.kind === 'external' && !keepsSource ? nodeAddress(world, pod.node) : from.address;
		return this.pod(world, from, seen, pod, port);
	}

	private pod(world: World, from: Origin, seenAddress: string, pod: NetPod, port: number): Route {
		const sourcePod = from.pod === undefined || from.pod.hostNetwork ? undefined : from.pod;
		const flow = {
			source: { address: seenAddress, pod: sourcePod },
			destination: { address: pod.ip, pod: pod.hostNetwork ? undefined : pod },
			port,
			protocol: from.protocol,
		};
		// A node always reaches its own pods: kubelet probes must get through.
		const trusted = from.source.kind === 'node' && from.node === pod.node;
		if (!trusted && !this.judge.allows(world, flow)) return dropped;
		const latencyMs = from.node === pod.node ? SAME_NODE_MS : OTHER_NODE_MS;
		return { to: 'process', netns: netnsOf(pod), port, remoteAddress: seenAddress, latencyMs, local: from.pod?.uid === pod.uid };
	}

	private node(world: World, from: Origin, node: string, address: string, port: number): Route {
		const service = serviceAtNodePort(world, this.client, port);
		if (service === undefined) return this.hostPort(world, from, node, address, port);
		const spec = serviceSpec(service);
		const servicePort = spec.ports?.find((p) => p.nodePort === port && (p.protocol ?? 'TCP') === from.protocol);
		if (servicePort === undefined) return refused;
		const local = spec.externalTrafficPolicy === 'Local';
		const endpoint = pickEndpoint(world, service, servicePort, from.address, local ? node : undefined);
		// With policy Local and no endpoint here, the packet is dropped rather than refused.
		if (endpoint === undefined) return local ? dropped : refused;
		return this.endpoint(world, from, endpoint.address, endpoint.port, local);
	}

	private hostPort(world: World, from: Origin, node: string, address: string, port: number): Route {
		const mapped = hostPortPod(world, node, address, port, from.protocol === 'UDP');
		if (mapped !== undefined) return this.pod(world, from, from.address, mapped.pod, mapped.containerPort);
		if (from.pod !== undefined && !from.pod.hostNetwork) {
			const flow = { source: { address: from.address, pod: from.pod }, destination: { address, pod: undefined }, port, protocol: from.protocol };
			if (!this.judge.allows(world, flow)) return dropped;
		}
		return {
			to: 'process',
			netns: `node:${node}`,
			port,
			remoteAddress: from.address,
			latencyMs: from.node === node ? SAME_NODE_MS : OTHER_NODE_MS,
			local: from.node === node,
		};
	}

	private outside(world: World, from: Origin, address: string, port: number): Route {
		if (from.pod !== undefined && !from.pod.hostNetwork) {
			const flow = { source: { address: from.address, pod: from.pod }, destination: { address, pod: undefined }, port, protocol: from.protocol };
			if (!this.judge.allows(world, flow)) return dropped;
		}
		switch (reach(address, port)) {
			case 'open':
				return { to: 'outside', address, port, latencyMs: OUTSIDE_MS };
			case 'refused':
				return { to: 'nowhere', error: 'ECONNREFUSED', afterMs: 2 * OUTSIDE_MS };
			case 'silent':
				return dropped;
		}
	}
}
