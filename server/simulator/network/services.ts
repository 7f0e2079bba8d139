/** What kube-proxy does: from a service's address and port to one of its ready endpoints. */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { treeGet, treePrefix, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { Change } from '../apiserver/types.ts';
import { programmedSlices } from './proxy.ts';
import { changeNetwork, networkSlice } from './state.ts';

export interface ServicePort {
	readonly name?: string;
	readonly port: number;
	readonly protocol?: string;
	readonly nodePort?: number;
	readonly targetPort?: number | string;
}

export interface ServiceSpec {
	readonly type?: string;
	readonly clusterIP?: string;
	readonly clusterIPs?: readonly string[];
	readonly externalIPs?: readonly string[];
	readonly externalName?: string;
	readonly ports?: readonly ServicePort[];
	readonly selector?: { readonly [key: string]: string };
	readonly sessionAffinity?: string;
	readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } };
	readonly externalTrafficPolicy?: string;
	readonly internalTrafficPolicy?: string;
	readonly publishNotReadyAddresses?: boolean;
}

export interface Endpoint {
	readonly address: string;
	readonly port: number;
	readonly node: string | undefined;
	readonly hostname: string | undefined;
}

interface SliceEndpoint {
	readonly addresses?: readonly string[];
	readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
	readonly nodeName?: string;
	readonly hostname?: string;
}

export function serviceSpec(service: KubeObject): ServiceSpec {
	return (service['spec'] ?? {}) as ServiceSpec;
}

const ipsOf = (service: KubeObject): readonly string[] => {
	const spec = serviceSpec(service);
	const status = service['status'] as { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } } | undefined;
	const all = [spec.clusterIP, ...(spec.clusterIPs ?? []), ...(spec.externalIPs ?? []), ...(status?.loadBalancer?.ingress ?? []).map((i) => i.ip)];
	return [...new Set(all.filter((ip): ip is string => ip !== undefined && ip !== '' && ip !== 'None'))];
};

const fullName = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

const sliceKey = (slice: KubeObject): string | undefined => {
	const service = slice.metadata.labels?.['kubernetes.io/service-name'];
	return service === undefined ? undefined : `${slice.metadata.namespace ?? ''}/${service}|${slice.metadata.name}`;
};

/** Keeps the look-up tables of service addresses and slices in step with the store. */
export function indexChange(world: World, change: Change): void {
	if (change.resource === 'services' && change.group === '') {
		changeNetwork(world, (s) => {
			let { vips, nodePorts } = s;
			const before = change.previous ?? (change.type === 'DELETED' ? change.object : undefined);
			if (before !== undefined) {
				for (const ip of ipsOf(before)) if (treeGet(vips, ip) === fullName(before)) vips = treeRemove(vips, ip);
				for (const p of serviceSpec(before).ports ?? []) if (p.nodePort !== undefined) nodePorts = treeRemove(nodePorts, String(p.nodePort));
			}
			if (change.type !== 'DELETED') {
				for (const ip of ipsOf(change.object)) vips = treeSet(vips, ip, fullName(change.object));
				for (const p of serviceSpec(change.object).ports ?? []) {
					if (p.nodePort !== undefined && p.nodePort !== 0) nodePorts = treeSet(nodePorts, String(p.nodePort), fullName(change.object));
				}
			}
			return { ...s, vips, nodePorts };
		});
	}
	if (change.resource === 'endpointslices') {
		const key = sliceKey(change.object);
		const before = change.previous === undefined ? undefined : sliceKey(change.previous);
		changeNetwork(world, (s) => {
			let { slices } = s;
			if (before !== undefined && before !== key) slices = treeRemove(slices, before);
			if (key !== undefined) slices = change.type === 'DELETED' ? treeRemove(slices, key) : treeSet(slices, key, change.object.metadata.name);
			return { ...s, slices };
		});
	}
}

/** Endpoints of a service for one of its ports (by name; undefined: of any), as the API has them now. Ready ones; with `fallback`, where none is, those still serving while they end. */
export function endpointsOf(
	world: World,
	client: ApiClient,
	namespace: string,
	service: string,
	portName: string | undefined,
	fallback = false,
): readonly Endpoint[] {
	const slices: KubeObject[] = [];
	for (const { v: name } of treePrefix(world.read(networkSlice).slices, `${namespace}/${service}|`)) {
		const slice = client.get(world, 'discovery.k8s.io/v1/endpointslices', namespace, name);
		if (slice !== undefined) slices.push(slice);
	}
	return endpointsIn(slices, portName, fallback);
}

function endpointsIn(slices: readonly KubeObject[], portName: string | undefined, fallback: boolean): readonly Endpoint[] {
	const ready: Endpoint[] = [];
	const ending: Endpoint[] = [];
	for (const slice of slices) {
		const ports = (slice['ports'] ?? []) as readonly { readonly name?: string; readonly port?: number }[];
		const port = portName === undefined ? (ports[0] ?? { port: 0 }) : ports.find((p) => (p.name ?? '') === portName);
		if (port?.port === undefined) continue;
		for (const e of (slice['endpoints'] ?? []) as readonly SliceEndpoint[]) {
			const address = e.addresses?.[0];
			if (address === undefined) continue;
			const endpoint = { address, port: port.port, node: e.nodeName, hostname: e.hostname };
			if (e.conditions?.ready !== false) ready.push(endpoint);
			else if (e.conditions?.serving === true && e.conditions.terminating === true) ending.push(endpoint);
		}
	}
	return ready.length > 0 || !fallback ? ready : ending;
}

/** The service behind an address, or undefined. */
export function serviceAt(world: World, client: ApiClient, address: string): KubeObject | undefined {
	return serviceNamed(world, client, treeGet(world.read(networkSlice).vips, address));
}

export function serviceAtNodePort(world: World, client: ApiClient, port: number): KubeObject | undefined {
	return serviceNamed(world, client, treeGet(world.read(networkSlice).nodePorts, String(port)));
}

function serviceNamed(world: World, client: ApiClient, name: string | undefined): KubeObject | undefined {
	if (name === undefined) return undefined;
	const slash = name.indexOf('/');
	return client.get(world, 'v1/services', name.slice(0, slash), name.slice(slash + 1));
}

/**
 * One endpoint for a new connection, at random as iptables' statistic match picks it, or the one the client is bound to.
 * Undefined where there is none: kube-proxy rejects then. `localNode` limits the choice (traffic policy Local).
 */
export function pickEndpoint(world: World, service: KubeObject, port: ServicePort, clientAddress: string, localNode: string | undefined): Endpoint | undefined {
	const namespace = service.metadata.namespace ?? '';
	const all = endpointsIn(programmedSlices(world, namespace, service.metadata.name), port.name ?? '', true);
	const usable = localNode === undefined ? all : all.filter((e) => e.node === localNode);
	if (usable.length === 0) return undefined;
	const spec = serviceSpec(service);
	const any = usable[usable.length === 1 ? 0 : world.randomInt(usable.length)];
	if (spec.sessionAffinity !== 'ClientIP') return any;
	const key = `${namespace}/${service.metadata.name}|${clientAddress}`;
	const held = treeGet(world.read(networkSlice).affinity, key);
	const bound = held !== undefined && held.until > world.now ? usable.find((e) => e.address === held.address) : undefined;
	const chosen = bound ?? any;
	const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
	if (chosen !== undefined) {
		changeNetwork(world, (s) => ({ ...s, affinity: treeSet(s.affinity, key, { address: chosen.address, until: world.now + seconds * 1000 }) }));
	}
	return chosen;
}
