/** CoreDNS' answers by record type: what `dig` and `nslookup` show. Models the plugins kubernetes and forward of kubeadm's Corefile, and DNS-Based Service Discovery 1.1.0. */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { CLUSTER_DOMAIN } from './corefile.ts';
import { clusterZone, lookUp } from './dns.ts';
import { type Endpoint, endpointsOf, serviceAt, serviceSpec } from './services.ts';
import { podByAddress } from './state.ts';
import type { DnsRecord, DnsReply, DnsType } from './types.ts';

const ZONE = `.${CLUSTER_DOMAIN}`;
const REVERSE = '.in-addr.arpa';
/** Shares of the SRV records of one name add up to this. */
const WEIGHTS = 100;

const found = (records: readonly DnsRecord[], authoritative = true): DnsReply => ({ rcode: 'NOERROR', authoritative, records });
const missing = (authoritative = true): DnsReply => ({ rcode: 'NXDOMAIN', authoritative, records: [] });

const hostOf = (e: Endpoint): string => e.hostname ?? e.address.replaceAll('.', '-');

function serviceNames(service: KubeObject): string {
	return `${service.metadata.name}.${service.metadata.namespace ?? ''}.svc${ZONE}`;
}

/** Of a service's address, its name; of an endpoint's, the name below each service that has it. */
function reverse(world: World, client: ApiClient, name: string): DnsReply {
	const address = name.slice(0, -REVERSE.length).split('.').reverse().join('.');
	const pointer = (data: string): DnsRecord => ({ name, type: 'PTR', data });
	const service = serviceAt(world, client, address);
	if (service !== undefined) return found([pointer(serviceNames(service))]);
	const pod = podByAddress(world, address);
	if (pod === undefined) return missing();
	const records = client.list(world, 'v1/services', pod.namespace).flatMap((s) =>
		endpointsOf(world, client, pod.namespace, s.metadata.name, undefined)
			.filter((e) => e.address === address)
			.slice(0, 1)
			.map((e) => pointer(`${hostOf(e)}.${serviceNames(s)}`)),
	);
	return records.length === 0 ? missing() : found(records);
}

/** `_http._tcp.web.default.svc.cluster.local`, or a service's name for all its ports. */
function serviceRecords(world: World, client: ApiClient, name: string, zone: string): DnsReply {
	const labels = name.slice(0, -zone.length - 1).split('.');
	const named = labels.length === 5 && labels[0]?.startsWith('_') === true && labels[1]?.startsWith('_') === true;
	const [service = '', namespace = '', kind] = named ? labels.slice(2) : labels;
	const object = kind === 'svc' && (named || labels.length === 3) ? client.get(world, 'v1/services', namespace, service) : undefined;
	if (object === undefined) return lookUp(world, client, name) === undefined ? missing() : found([]);
	const ports = (serviceSpec(object).ports ?? []).filter(
		(p) => !named || (`_${p.name ?? ''}` === labels[0] && `_${(p.protocol ?? 'TCP').toLowerCase()}` === labels[1]),
	);
	const targets = ports.flatMap((p) =>
		serviceSpec(object).clusterIP === 'None'
			? endpointsOf(world, client, namespace, service, p.name).map((e) => ({ port: e.port, host: `${hostOf(e)}.${serviceNames(object)}` }))
			: [{ port: p.port, host: serviceNames(object) }],
	);
	if (targets.length === 0) return missing();
	const weight = Math.floor(WEIGHTS / targets.length);
	return found(targets.map((t): DnsRecord => ({ name, type: 'SRV', data: `0 ${weight} ${t.port} ${t.host}` })));
}

/** Where `<service>.<namespace>.svc` points to, for a service of type ExternalName. */
function externalName(world: World, client: ApiClient, within: string): string | undefined {
	const [service = '', namespace = '', kind, ...more] = within.split('.');
	const object = kind === 'svc' && more.length === 0 ? client.get(world, 'v1/services', namespace, service) : undefined;
	const spec = object === undefined ? undefined : serviceSpec(object);
	return spec?.type === 'ExternalName' ? (spec.externalName ?? '').replace(/\.$/, '') : undefined;
}

/** What CoreDNS says of a full name. Names outside of the cluster come from the forwarder, without authority. */
export function dnsRecords(world: World, client: ApiClient, asked: string, type: DnsType): DnsReply {
	const name = asked.toLowerCase().replace(/\.$/, '');
	if (name.endsWith(REVERSE)) return type === 'PTR' ? reverse(world, client, name) : missing();
	const zone = clusterZone(world, client, name);
	const own = zone !== undefined;
	if (own && type === 'SRV') return serviceRecords(world, client, name, zone);
	const answer = lookUp(world, client, name);
	if (answer === undefined) {
		// An alias is told whatever becomes of its target.
		const outside = own ? externalName(world, client, name.slice(0, -zone.length - 1)) : undefined;
		if (outside === undefined) return missing(own);
		return found(type === 'A' || type === 'AAAA' || type === 'CNAME' ? [{ name, type: 'CNAME', data: outside }] : [], own);
	}
	const target = answer.canonical;
	const alias: readonly DnsRecord[] = target === undefined ? [] : [{ name, type: 'CNAME', data: target }];
	if (type === 'CNAME') return found(alias, own);
	if (type !== 'A') return found(type === 'AAAA' ? alias : [], own);
	return found([...alias, ...answer.addresses.map((data): DnsRecord => ({ name: target ?? name, type: 'A', data }))], own);
}
