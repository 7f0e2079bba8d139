/** A host's resolver: `/etc/hosts`, `/etc/resolv.conf`, search domains, and the way to the name server. */
import type { World } from '../kernel/world.ts';
import { treeGet } from '../kernel/tree.ts';
import { asPod } from '../kubelet/pod.ts';
import { SYSTEM_USERS, type Services } from '../services.ts';
import { readVolume } from '../storage-volumes/store.ts';
import { parseAddress } from './address.ts';
import { CLUSTER_DOMAIN } from './corefile.ts';
import { type Answer, lookUp } from './dns.ts';
import { dnsRecords } from './dns-records.ts';
import { PUBLIC_NAMES } from './internet.ts';
import { type NetPod, netPod, netnsOf, networkSlice, podByAddress } from './state.ts';
import { PolicyJudge } from './policy.ts';
import { pickEndpoint, serviceAt, serviceSpec } from './services.ts';
import type { DnsReply, DnsType, Source } from './types.ts';

export const CLUSTER_DNS = '10.96.0.10';
/** resolv.conf's timeout and attempts, and what a query takes that is answered; virtual ms. */
const QUERY_TIMEOUT_MS = 5000;
const ATTEMPTS = 2;
const QUERY_MS = 0.6;

export interface ResolverConfig {
	/** 'outside': the resolver of a machine beside the cluster. */
	readonly nameservers: readonly string[];
	readonly searches: readonly string[];
	readonly ndots: number;
	readonly options: readonly string[];
}

/** resolv.conf by the pod's dnsPolicy; models kubelet/network/dns. */
export function resolverConfig(world: World, services: Services, from: Source): ResolverConfig {
	const outside: ResolverConfig = { nameservers: ['172.18.0.1'], searches: [], ndots: 1, options: ['ndots:0'] };
	const pod = from.kind === 'pod' ? netPod(world, from.uid) : undefined;
	if (pod === undefined) return outside;
	const object = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/pods', pod.namespace, pod.name);
	const spec = object === undefined ? undefined : asPod(object).spec;
	const policy = spec?.dnsPolicy ?? 'ClusterFirst';
	const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.hostNetwork);
	const base: ResolverConfig = cluster
		? {
				nameservers: [CLUSTER_DNS],
				searches: [`${pod.namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN],
				ndots: 5,
				options: ['ndots:5'],
			}
		: policy === 'None'
			? { nameservers: [], searches: [], ndots: 1, options: [] }
			: outside;
	const own = spec?.dnsConfig;
	if (own === undefined) return base;
	const options = new Map(base.options.map((o) => [o.split(':')[0] ?? o, o]));
	for (const o of own.options ?? []) options.set(o.name, o.value === undefined ? o.name : `${o.name}:${o.value}`);
	const ndots = Number(options.get('ndots')?.split(':')[1] ?? 1);
	return {
		nameservers: [...new Set([...base.nameservers, ...(own.nameservers ?? [])])],
		searches: [...new Set([...base.searches, ...(own.searches ?? [])])],
		ndots: Number.isFinite(ndots) ? ndots : 1,
		options: [...options.values()],
	};
}

export function resolvText(config: ResolverConfig): string {
	const lines: string[] = [];
	if (config.searches.length > 0) lines.push(`search ${config.searches.join(' ')}`);
	for (const server of config.nameservers) lines.push(`nameserver ${server}`);
	if (config.options.length > 0) lines.push(`options ${config.options.join(' ')}`);
	return `${lines.join('\n')}\n`;
}

export type Resolution =
	| { readonly addresses: readonly string[]; readonly canonical?: string; readonly delayMs: number }
	| { readonly error: 'ENOTFOUND' | 'EAI_AGAIN'; readonly delayMs: number };

/** Whether queries from a pod reach a running CoreDNS: subject to policies over UDP 53, to endpoints, to the process. */
function reachDns(world: World, services: Services, pod: NetPod): 'answers' | 'refused' | 'silent' {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const service = serviceAt(world, client, CLUSTER_DNS);
	if (service === undefined) return 'silent';
	const port = serviceSpec(service).ports?.find((p) => p.protocol === 'UDP' && p.port === 53);
	const endpoint = port === undefined ? undefined : pickEndpoint(world, service, port, pod.ip, undefined);
	if (endpoint === undefined) return 'refused';
	const server = podByAddress(world, endpoint.address);
	if (server === undefined) return 'silent';
	const source = { address: pod.ip, pod: pod.hostNetwork ? undefined : pod };
	const flow = { source, destination: { address: server.ip, pod: server }, port: endpoint.port, protocol: 'UDP' as const };
	if (!new PolicyJudge(client).allows(world, flow)) return 'silent';
	return treeGet(world.read(networkSlice).listeners, `${netnsOf(server)}|${endpoint.port}`) === undefined ? 'refused' : 'answers';
}

function hostsEntry(text: string, name: string): string | undefined {
	for (const line of text.split('\n')) {
		const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
		if (address !== undefined && parseAddress(address) !== undefined && names.includes(name)) return address;
	}
	return undefined;
}

/** `/etc/hosts` of a pod: what somebody wrote there, or what the kubelet put there. */
function fromHosts(world: World, services: Services, pod: NetPod, name: string): string | undefined {
	if (name === 'localhost') return '127.0.0.1';
	const written = readVolume(world, `etc/${pod.uid}/hosts`);
	if (written?.t === 'f') return hostsEntry(written.content, name);
	const object = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/pods', pod.namespace, pod.name);
	if (object === undefined) return undefined;
	const { spec } = asPod(object);
	const short = spec.hostname ?? pod.name;
	if (name === short || (spec.subdomain !== undefined && name === `${short}.${spec.subdomain}.${pod.namespace}.svc.cluster.local`)) return pod.ip;
	return spec.hostAliases?.find((alias) => alias.hostnames?.includes(name))?.ip;
}

function candidates(config: ResolverConfig, name: string): readonly string[] {
	if (name.endsWith('.')) return [name];
	const searched = config.searches.map((domain) => `${name}.${domain}`);
	return name.split('.').length - 1 >= config.ndots ? [name, ...searched] : [...searched, name];
}

/** Looks a name up as the C library in `from` would. `delayMs` is the virtual time it takes. */
export function resolveName(world: World, services: Services, from: Source, name: string): Resolution {
	const literal = name.replace(/^\[|\]$/g, '');
	if (parseAddress(literal) !== undefined) return { addresses: [literal], delayMs: 0 };
	if (name === 'localhost') return { addresses: ['127.0.0.1'], delayMs: 0 };
	const lower = name.toLowerCase();
	const pod = from.kind === 'pod' ? netPod(world, from.uid) : undefined;
	if (pod === undefined) {
		const plain = lower.replace(/\.$/, '');
		const known = (from.kind === 'external' ? world.read(networkSlice).outsideHosts[plain] : undefined) ?? PUBLIC_NAMES[plain];
		return known === undefined ? { error: 'ENOTFOUND', delayMs: 4 } : { addresses: [known], delayMs: 2 };
	}
	const local = fromHosts(world, services, pod, lower);
	if (local !== undefined) return { addresses: [local], delayMs: 0 };
	const config = resolverConfig(world, services, from);
	const client = services.api.client(SYSTEM_USERS.loopback);
	if (config.nameservers[0] === CLUSTER_DNS) {
		const dns = reachDns(world, services, pod);
		if (dns !== 'answers') return { error: 'EAI_AGAIN', delayMs: dns === 'refused' ? 1 : QUERY_TIMEOUT_MS * ATTEMPTS };
	} else if (config.nameservers.length === 0) return { error: 'EAI_AGAIN', delayMs: 1 };
	let asked = 0;
	for (const full of candidates(config, lower)) {
		asked++;
		const plain = full.replace(/\.$/, '');
		const found: Answer = config.nameservers[0] === CLUSTER_DNS ? lookUp(world, client, plain) : publicAnswer(plain);
		if (found !== undefined) return { ...found, ...(found.canonical === undefined && plain !== lower ? { canonical: plain } : {}), delayMs: asked * QUERY_MS };
	}
	return { error: 'ENOTFOUND', delayMs: asked * QUERY_MS };
}

function publicAnswer(name: string): Answer {
	const address = PUBLIC_NAMES[name];
	return address === undefined ? undefined : { addresses: [address] };
}

/** One query to one server: the cluster's, by its service or one of its pods, or a public one, which knows nothing of the cluster. */
export function queryName(
	world: World,
	services: Services,
	from: Source,
	{ name, type, server }: { readonly name: string; readonly type: DnsType; readonly server: string | undefined },
): DnsReply {
	const pod = from.kind === 'pod' ? netPod(world, from.uid) : undefined;
	const asked = server ?? resolverConfig(world, services, from).nameservers[0];
	if (asked === undefined) return { error: 'timeout' };
	const plain = name.toLowerCase().replace(/\.$/, '');
	const inside = asked === CLUSTER_DNS || podByAddress(world, asked)?.name.startsWith('coredns-') === true;
	if (inside && pod !== undefined) {
		if (reachDns(world, services, pod) !== 'answers') return { error: 'timeout' };
		return dnsRecords(world, services.api.client(SYSTEM_USERS.loopback), plain, type);
	}
	if (/^(10|127)\./.test(asked)) return { error: 'timeout' };
	const known = publicAnswer(plain);
	if (known === undefined) return { rcode: 'NXDOMAIN', authoritative: false, records: [] };
	return { rcode: 'NOERROR', authoritative: false, records: type === 'A' ? known.addresses.map((data) => ({ name: plain, type: 'A' as const, data })) : [] };
}
