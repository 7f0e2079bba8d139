/** What CoreDNS answers: its cluster zones from services and endpoints, everything else from the public resolver. Models DNS-Based Service Discovery 1.1.0. */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { parseAddress } from './address.ts';
import { blockFor, inZone, rewritten, serverBlocks } from './corefile.ts';
import { PUBLIC_NAMES } from './internet.ts';
import { endpointsOf, serviceSpec } from './services.ts';

export type Answer = { readonly addresses: readonly string[]; readonly canonical?: string } | undefined;

/** CNAMEs followed at most, as resolvers do against circles. */
const CHAIN = 8;

function serviceAnswer(world: World, client: ApiClient, service: KubeObject, depth: number): Answer {
	const spec = serviceSpec(service);
	if (spec.type === 'ExternalName') {
		const target = (spec.externalName ?? '').replace(/\.$/, '');
		const found = depth < CHAIN ? lookUp(world, client, target, depth + 1) : undefined;
		return found === undefined ? undefined : { addresses: found.addresses, canonical: found.canonical ?? target };
	}
	if (spec.clusterIP !== 'None') return spec.clusterIP === undefined || spec.clusterIP === '' ? undefined : { addresses: [spec.clusterIP] };
	const endpoints = endpointsOf(world, client, service.metadata.namespace ?? '', service.metadata.name, undefined);
	return endpoints.length === 0 ? undefined : { addresses: [...new Set(endpoints.map((e) => e.address))] };
}

/** Names under a cluster zone, without it and in order: `['db-0', 'db', 'notes', 'svc']`. */
function clusterAnswer(world: World, client: ApiClient, labels: readonly string[], depth: number): Answer {
	const kind = labels.at(-1);
	const namespace = labels.at(-2);
	if (namespace === undefined) return undefined;
	if (kind === 'pod' && labels.length === 3) {
		const ip = (labels[0] ?? '').replaceAll('-', '.');
		// CoreDNS runs with "pods insecure": the address is answered as it is asked for.
		return parseAddress(ip) === undefined ? undefined : { addresses: [ip] };
	}
	if (kind !== 'svc') return undefined;
	const name = labels.at(-3);
	if (name === undefined) return undefined;
	const service = client.get(world, 'v1/services', namespace, name);
	if (service === undefined) return undefined;
	if (labels.length === 3) return serviceAnswer(world, client, service, depth);
	if (labels.length !== 4 || serviceSpec(service).clusterIP !== 'None') return undefined;
	const host = labels[0];
	const found = endpointsOf(world, client, namespace, name, undefined).filter((e) => (e.hostname ?? e.address.replaceAll('.', '-')) === host);
	return found.length === 0 ? undefined : { addresses: found.map((e) => e.address) };
}

/** The cluster zone that a name lies in, after rewriting: `cluster.local`, unless somebody changed the Corefile. */
export function clusterZone(world: World, client: ApiClient, asked: string): string | undefined {
	const block = blockFor(serverBlocks(world, client), asked);
	return block?.clusterZones.find((zone) => inZone(rewritten(block, asked), zone));
}

/** Addresses of a full name as CoreDNS would answer; undefined for NXDOMAIN or no data. */
export function lookUp(world: World, client: ApiClient, name: string, depth = 0): Answer {
	const asked = name.toLowerCase().replace(/\.$/, '');
	const block = blockFor(serverBlocks(world, client), asked);
	if (block === undefined) return undefined;
	const lower = rewritten(block, asked);
	const host = block.hosts.get(lower);
	if (host !== undefined) return { addresses: host };
	if (block.hostsOnly) return undefined;
	const zone = block.clusterZones.find((z) => inZone(lower, z));
	if (zone !== undefined) return clusterAnswer(world, client, lower.slice(0, -zone.length - 1).split('.'), depth);
	if (!block.forwards) return undefined;
	const address = PUBLIC_NAMES[lower];
	return address === undefined ? undefined : { addresses: [address] };
}
