/** What the network knows: addresses, listeners, dials under way. Indexes over services and slices follow the store's changes. */
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeGet, treePrefix, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { Dial, HttpResponse, Outcome, Reply, TimedPiece } from './types.ts';

/** A pod's place in the network. */
export interface NetPod {
	readonly uid: string;
	readonly namespace: string;
	readonly name: string;
	readonly ip: string;
	readonly node: string;
	readonly hostNetwork: boolean;
	/** Ports of its node that lead to it (CNI's portmap). */
	readonly hostPorts?: readonly HostPort[];
}

export interface HostPort {
	readonly port: number;
	readonly containerPort: number;
	/** TCP where left out. */
	readonly udp?: true;
	/** Any address of the node where left out. */
	readonly hostIP?: string;
}

export interface NetNode {
	readonly name: string;
	readonly address: string;
	/** First three octets of its pod range. */
	readonly podPrefix: string;
	/** Where the search for a free address starts: the CNI's host-local plugin hands them out in turn. */
	readonly next: number;
}

export interface Listener {
	readonly container: string;
	readonly pid: number;
	readonly port: number;
	readonly tls: boolean;
	readonly localOnly: boolean;
}

export interface NetworkState {
	readonly nodes: Tree<string, NetNode>;
	readonly nodeByAddress: Tree<string, string>;
	readonly pods: Tree<string, NetPod>;
	/** Pod address → uid (not for host-network pods). */
	readonly byIP: Tree<string, string>;
	/** `<network namespace>|<port>`, UDP ports with `udp:` before; a namespace is a pod's uid or `node:<name>`. */
	readonly listeners: Tree<string, Listener>;
	/** What a process has, to be closed with it: `<container>|<pid>|<listener key or dial id>`. */
	readonly owned: Tree<string, { readonly kind: 'listener' | 'served' | 'dialled'; readonly ref: string }>;
	/** Service address (cluster IP, load balancer) → `namespace/name`. */
	readonly vips: Tree<string, string>;
	readonly nodePorts: Tree<string, string>;
	/** `<namespace>/<service>|<slice>`. */
	readonly slices: Tree<string, string>;
	/** Client affinity: `<service>|<client address>` → endpoint and its end. */
	readonly affinity: Tree<string, { readonly address: string; readonly until: number }>;
	/** Host names that the workstation's resolver knows → address. */
	readonly outsideHosts: { readonly [host: string]: string };
}

export const networkSlice = defineSlice<NetworkState>('network', {
	nodes: null,
	nodeByAddress: null,
	pods: null,
	byIP: null,
	listeners: null,
	owned: null,
	vips: null,
	nodePorts: null,
	slices: null,
	affinity: null,
	outsideHosts: {},
});

/** `<node>|<port>|<pod uid>|<address>`, UDP ports with `udp:` before. */
const hostPortsSlice = defineSlice<Tree<string, HostPort & { readonly uid: string }>>('host-ports', null);

/** A dial under way; also the connection that the server sees. */
export interface DialState {
	readonly id: string;
	readonly dial: Dial;
	readonly reply: Reply;
	readonly phase: 'connecting' | 'connected' | 'streaming' | 'answered';
	/** Network namespace and port it is on its way to. */
	readonly target?: { readonly netns: string; readonly port: number };
	readonly address: string | undefined;
	readonly port: number;
	readonly remoteAddress: string;
	/** One way, virtual ms. */
	readonly latencyMs: number;
	readonly server?: { readonly container: string; readonly pid: number };
	readonly startedAt: number;
	/** An open response that the dialler wants whole. */
	readonly held?: HttpResponse;
	/** The dialler has the head. */
	readonly headed?: true;
	/** Pieces on their way or arrived. */
	readonly pieces?: number;
}

export const dialsSlice = defineSlice<{ readonly next: number; readonly dials: Tree<string, DialState> }>('dials', { next: 1, dials: null });

/** Dials from outside by the caller's id: the dial while it runs, then its outcome until it is dropped. */
export const callsSlice = defineSlice<Tree<string, { readonly dial: string; readonly outcome?: Outcome; readonly pieces?: readonly TimedPiece[] }>>(
	'calls',
	null,
);

export function changeNetwork(world: World, change: (s: NetworkState) => NetworkState): void {
	world.write(networkSlice, change(world.read(networkSlice)));
}

export function netPod(world: World, uid: string): NetPod | undefined {
	return treeGet(world.read(networkSlice).pods, uid);
}

export function podByAddress(world: World, ip: string): NetPod | undefined {
	const s = world.read(networkSlice);
	const uid = treeGet(s.byIP, ip);
	return uid === undefined ? undefined : treeGet(s.pods, uid);
}

export function addNode(world: World, node: NetNode): void {
	changeNetwork(world, (s) => ({ ...s, nodes: treeSet(s.nodes, node.name, node), nodeByAddress: treeSet(s.nodeByAddress, node.address, node.name) }));
}

export function nodeAddress(world: World, name: string): string {
	return treeGet(world.read(networkSlice).nodes, name)?.address ?? '';
}

/** The network namespace a pod's processes are in. */
export function netnsOf(pod: NetPod): string {
	return pod.hostNetwork ? `node:${pod.node}` : pod.uid;
}

const FIRST_HOST = 2;
const LAST_HOST = 254;

/** Gives a pod its address (CNI ADD). Undefined where the node's range is used up. Host-network pods get the node's. */
export function attachPod(world: World, pod: Omit<NetPod, 'ip'>): string | undefined {
	const s = world.read(networkSlice);
	const known = treeGet(s.pods, pod.uid);
	if (known !== undefined) return known.ip;
	const node = treeGet(s.nodes, pod.node);
	if (node === undefined) return undefined;
	if (pod.hostNetwork) {
		world.write(networkSlice, { ...s, pods: treeSet(s.pods, pod.uid, { ...pod, ip: node.address }) });
		return node.address;
	}
	const range = LAST_HOST - FIRST_HOST + 1;
	for (let i = 0; i < range; i++) {
		const host = FIRST_HOST + ((node.next - FIRST_HOST + i) % range);
		const ip = `${node.podPrefix}.${host}`;
		if (treeGet(s.byIP, ip) !== undefined) continue;
		world.write(networkSlice, {
			...s,
			nodes: treeSet(s.nodes, node.name, { ...node, next: host === LAST_HOST ? FIRST_HOST : host + 1 }),
			pods: treeSet(s.pods, pod.uid, { ...pod, ip }),
			byIP: treeSet(s.byIP, ip, pod.uid),
		});
		if (pod.hostPorts !== undefined) {
			world.write(
				hostPortsSlice,
				pod.hostPorts.reduce((tree, h) => treeSet(tree, hostPortKey(pod, h), { ...h, uid: pod.uid }), world.read(hostPortsSlice)),
			);
		}
		return ip;
	}
	return undefined;
}

const hostPortKey = ({ node, uid }: Pick<NetPod, 'node' | 'uid'>, { port, udp, hostIP = '' }: HostPort): string =>
	`${node}|${udp === true ? 'udp:' : ''}${port}|${uid}|${hostIP}`;

/** The pod that a node's port leads to, if one has it, and where there. */
export function hostPortPod(
	world: World,
	node: string,
	address: string,
	port: number,
	udp: boolean,
): { readonly pod: NetPod; readonly containerPort: number } | undefined {
	const ports = world.read(hostPortsSlice);
	if (ports === null) return undefined;
	for (const { v } of treePrefix(ports, `${node}|${udp ? 'udp:' : ''}${port}|`)) {
		const pod = netPod(world, v.uid);
		if (pod !== undefined && (v.hostIP === undefined || v.hostIP === '0.0.0.0' || v.hostIP === address)) return { pod, containerPort: v.containerPort };
	}
	return undefined;
}

/** Takes a pod off the network (CNI DEL). */
export function detachPod(world: World, uid: string): void {
	const held = netPod(world, uid);
	if (held?.hostPorts !== undefined) {
		world.write(
			hostPortsSlice,
			held.hostPorts.reduce((tree, h) => treeRemove(tree, hostPortKey(held, h)), world.read(hostPortsSlice)),
		);
	}
	changeNetwork(world, (s) => {
		const pod = treeGet(s.pods, uid);
		if (pod === undefined) return s;
		return { ...s, pods: treeRemove(s.pods, uid), byIP: pod.hostNetwork ? s.byIP : treeRemove(s.byIP, pod.ip) };
	});
}

export function getDial(world: World, id: string): DialState | undefined {
	return treeGet(world.read(dialsSlice).dials, id);
}

export function setDial(world: World, dial: DialState): void {
	const s = world.read(dialsSlice);
	world.write(dialsSlice, { ...s, dials: treeSet(s.dials, dial.id, dial) });
}

export function removeDial(world: World, id: string): void {
	const s = world.read(dialsSlice);
	world.write(dialsSlice, { ...s, dials: treeRemove(s.dials, id) });
}

export function own(world: World, container: string, pid: number, kind: 'listener' | 'served' | 'dialled', ref: string): void {
	changeNetwork(world, (s) => ({ ...s, owned: treeSet(s.owned, `${container}|${pid}|${kind}|${ref}`, { kind, ref }) }));
}

export function disown(world: World, container: string, pid: number, kind: 'listener' | 'served' | 'dialled', ref: string): void {
	changeNetwork(world, (s) => ({ ...s, owned: treeRemove(s.owned, `${container}|${pid}|${kind}|${ref}`) }));
}

export function ownedBy(world: World, container: string, pid: number): readonly { readonly kind: 'listener' | 'served' | 'dialled'; readonly ref: string }[] {
	return [...treePrefix(world.read(networkSlice).owned, `${container}|${pid}|`)].map((e) => e.v);
}
