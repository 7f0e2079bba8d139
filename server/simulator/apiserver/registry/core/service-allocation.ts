/**
 * Cluster IPs and node ports: `pkg/registry/core/service/storage/alloc.go`. What is taken is asked of the services' own
 * indexes, so that a dry run, a refused create or a deletion needs no giving back.
 */
import type { World } from '../../../kernel/world.ts';
import type { Services } from '../../../services.ts';
import { SYSTEM_USERS } from '../../../services.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { sameData } from '../../equal.ts';
import { addressAt, type ServiceRange } from '../../profile.ts';
import { inRange, serviceRanges } from '../networking/ranges.ts';
import { changeItems, type Fields, fill, num, recs, specOf, str, strs, without } from '../fields.ts';
import { invalidValue } from '../../validation.ts';
import { isIP } from '../validation/names.ts';

const NODE_PORT_FIRST = 30_000;
const NODE_PORT_LAST = 32_767;
/** The lowest 86 ports are left to those who ask for one by name (KEP-3668). */
const STATIC_PORTS = 86;
const RANDOM_TRIES = 64;

/** Whether a service other than `uid` has the address or port. */
export interface Taken {
	address(address: string, uid: string): boolean;
	nodePort(port: number, protocol: string, uid: string): boolean;
}

const ADDRESSES = 'networking.k8s.io/v1/ipaddresses';

/** Somebody has made an IPAddress by hand, to keep it from services. */
const isReserved = (address: KubeObject | undefined): boolean =>
	address !== undefined && address.metadata.labels?.['ipaddress.kubernetes.io/managed-by'] !== 'ipallocator.k8s.io';

export function takenIn(services: Services, world: World): Taken {
	const client = services.api.client(SYSTEM_USERS.loopback);
	return {
		address: (address, uid) =>
			client.byIndex(world, 'v1/services', 'byClusterIP', address).some((s) => s.metadata.uid !== uid) ||
			isReserved(client.get(world, ADDRESSES, undefined, address)),
		nodePort: (port, protocol, uid) =>
			client
				.byIndex(world, 'v1/services', 'byNodePort', String(port))
				.some((s) => s.metadata.uid !== uid && recs(specOf(s).ports).some((p) => p.nodePort === port && p.protocol === protocol)),
	};
}

const wantsAddress = (spec: Fields): boolean => spec.type !== 'ExternalName' && spec.clusterIP !== 'None' && strs(spec.clusterIPs)[0] !== 'None';
const wantsNodePorts = (spec: Fields): boolean => spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

/** How many of a range's lowest addresses are left to those who ask for one by name: a sixteenth, at least 16, at most 256 (KEP-3070). */
const staticAddresses = (size: number): number => Math.min(Math.max(16, size >> 4), 256);

function freeAddress(world: World, taken: Taken, uid: string): string {
	for (const range of serviceRanges(world)) {
		const address = freeIn(world, range, taken, uid);
		if (address !== '') return address;
	}
	return '';
}

function freeIn(world: World, range: ServiceRange, taken: Taken, uid: string): string {
	const reserved = staticAddresses(range.size);
	const count = range.size - 2 - reserved;
	if (count <= 0) return '';
	const start = world.randomInt(count);
	for (let i = 0; i < count; i++) {
		// At random first; in a nearly full range one after the other.
		const address = addressAt(range, reserved + (i < RANDOM_TRIES ? world.randomInt(count) : (start + i) % count));
		if (!taken.address(address, uid)) return address;
	}
	return '';
}

function freeNodePort(world: World, isTaken: (port: number) => boolean): number {
	const first = NODE_PORT_FIRST + STATIC_PORTS;
	const count = NODE_PORT_LAST - first + 1;
	const start = world.randomInt(count);
	for (let i = 0; i < count; i++) {
		const port = first + (i < RANDOM_TRIES ? world.randomInt(count) : (start + i) % count);
		if (!isTaken(port)) return port;
	}
	return 0;
}

/** clusterIP and clusterIPs say the same; whichever is given fills the other (NormalizeClusterIPs). */
function mirrored(spec: Fields): Fields {
	const single = str(spec.clusterIP);
	const many = strs(spec.clusterIPs);
	if (single !== '' && many.length === 0) return { ...spec, clusterIPs: [single] };
	if (single === '' && many.length > 0) return { ...spec, clusterIP: many[0] };
	return spec;
}

/** A client that changed one of the two meant both (NormalizeClusterIPs of an update). */
function following(spec: Fields, old: Fields): Fields {
	const [single, many] = [str(spec.clusterIP), strs(spec.clusterIPs)];
	if (single === str(old.clusterIP) || !sameData(many, strs(old.clusterIPs))) return mirrored(spec);
	return single === '' ? without(spec, 'clusterIPs') : { ...spec, clusterIPs: [single, ...many.slice(1)] };
}

/** The spec with what it lacks: an address, families, node ports. */
export function allocate(world: World, spec: Fields, uid: string, taken: Taken): Fields {
	if (spec.type === 'ExternalName') return without(spec, 'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy');
	let s = fill(mirrored(spec), { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
	// An empty text among clusterIPs is no wish for any address: it stays, to be refused (ValidateServiceClusterIPsRelatedFields, before allocation).
	if (wantsAddress(s) && str(s.clusterIP) === '' && strs(s.clusterIPs).length === 0) {
		const address = freeAddress(world, taken, uid);
		s = { ...s, clusterIP: address, clusterIPs: [address] };
	}
	if (!wantsNodePorts(s)) return changeItems(s, 'ports', (p) => (p.nodePort === 0 ? without(p, 'nodePort') : p));
	const own = new Set(recs(s.ports).map((p) => num(p.nodePort)));
	return changeItems(s, 'ports', (p) => {
		if (num(p.nodePort) > 0) return p;
		const nodePort = freeNodePort(world, (port) => own.has(port) || taken.nodePort(port, str(p.protocol), uid));
		own.add(nodePort);
		return { ...p, nodePort };
	});
}

/** What only services reached from outside have goes when they no longer are, unless the client changed it (dropTypeDependentFields). */
function withoutOutward(spec: Fields, old: Fields): Fields {
	if (spec.type === 'LoadBalancer' || spec.type === old.type) return spec;
	const drop = spec.type === 'NodePort' ? ['allocateLoadBalancerNodePorts'] : ['allocateLoadBalancerNodePorts', 'externalTrafficPolicy', 'healthCheckNodePort'];
	return without(spec, ...drop.filter((field) => spec[field] === old[field]));
}

/** On an update what was allocated stays unless it is given up by a change of type (patchAllocatedValues). */
export function carryOver(spec: Fields, old: Fields): Fields {
	let s = following(withoutOutward(spec, old), old);
	if (wantsAddress(s) && wantsAddress(old) && str(s.clusterIP) === '') s = { ...s, clusterIP: old.clusterIP, clusterIPs: old.clusterIPs };
	if (s.type !== 'ExternalName' && old.type !== 'ExternalName') s = fill(s, { ipFamilies: old.ipFamilies, ipFamilyPolicy: old.ipFamilyPolicy });
	if (!wantsNodePorts(s)) {
		// A service that becomes ClusterIP loses node ports that its client only carried along (dropTypeDependentFields).
		return wantsNodePorts(old) ? changeItems(s, 'ports', (p) => without(p, 'nodePort')) : s;
	}
	const before = recs(old.ports);
	return changeItems(s, 'ports', (p) => {
		if (num(p.nodePort) > 0) return p;
		const twin = before.find((o) => o.port === p.port && o.protocol === p.protocol);
		return twin === undefined || num(twin.nodePort) === 0 ? p : { ...p, nodePort: twin.nodePort };
	});
}

/** What was asked for and can't be had. */
export function allocationErrors(world: World, service: KubeObject, taken: Taken): readonly FieldError[] {
	const spec = specOf(service);
	const uid = service.metadata.uid;
	const ranges = serviceRanges(world);
	const out: FieldError[] = [];
	if (wantsAddress(spec)) {
		const addresses = strs(spec.clusterIPs);
		// What is no address is refused before anybody allocates.
		for (const ip of addresses.every(isIP) ? addresses : []) {
			const failed = `failed to allocate IP ${ip}: `;
			if (!ranges.some((range) => inRange(range, ip))) {
				out.push(invalidValue('spec.clusterIPs', addresses, `${failed}the provided network does not match the current range`));
			} else if (taken.address(ip, uid)) out.push(invalidValue('spec.clusterIPs', addresses, `${failed}provided IP is already allocated`));
		}
	}
	for (const [i, port] of recs(spec.ports).entries()) {
		const nodePort = num(port.nodePort);
		const field = `spec.ports[${i}].nodePort`;
		if (nodePort === 0) continue;
		if (nodePort < NODE_PORT_FIRST || nodePort > NODE_PORT_LAST) {
			out.push(invalidValue(field, nodePort, `provided port is not in the valid range. The range of valid ports is ${NODE_PORT_FIRST}-${NODE_PORT_LAST}`));
		} else if (taken.nodePort(nodePort, str(port.protocol), uid)) out.push(invalidValue(field, nodePort, 'provided port is already allocated'));
	}
	return out;
}
