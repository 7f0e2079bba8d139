/** Where the `proxy` subresource of a pod, a service or a node leads: `ResourceLocation` of their registries. */
import type { World } from '../../kernel/world.ts';
import type { Services } from '../../services.ts';
import { badRequest, notFound, serviceUnavailable } from '../errors.ts';
import { recs, rec, specOf, statusOf, str } from '../registry/fields.ts';
import { SYSTEM_USERS } from '../../services.ts';
import type { ApiCall, ApiResult, KubeObject, ProxyTarget } from '../types.ts';

/** `http:name:port`, `name:port` or `name` (`utilnet.SplitSchemeNamePort`). */
function splitName(id: string, what: string): { readonly scheme: 'http' | 'https'; readonly name: string; readonly port: string } {
	const parts = id.split(':');
	const [scheme, name, port] = parts.length === 3 ? parts : ['', ...parts];
	const known = scheme === '' || scheme === 'http' || scheme === 'https';
	if (parts.length > 3 || !known || name === undefined || name === '') throw badRequest(`invalid ${what} request ${JSON.stringify(id)}`);
	return { scheme: scheme === 'https' ? 'https' : 'http', name, port: port ?? '' };
}

const found = (proxy: ProxyTarget): ApiResult => ({ code: 200, body: undefined, proxy });

const portOf = (text: string, scheme: 'http' | 'https'): number => (text === '' ? (scheme === 'https' ? 443 : 80) : Number(text));

/** `isProxyableIP`: no address yet, or one of the host's own. */
function proxyable(ip: string): string {
	if (ip === '' || /^(127\.|169\.254\.|0\.)/.test(ip)) throw badRequest('address not allowed');
	return ip;
}

export function podTarget(services: Services, world: World, call: ApiCall): ApiResult {
	const { scheme, name, port } = splitName(call.name ?? '', 'pod');
	const pod = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/pods', call.namespace, name);
	if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, name);
	const declared = recs(specOf(pod).containers).flatMap((c) => recs(c.ports).slice(0, 1))[0];
	const host = proxyable(str(rec(recs(statusOf(pod).podIPs)[0]).ip) || str(statusOf(pod).podIP));
	return found({ scheme, host, port: portOf(port || String(declared?.containerPort ?? ''), scheme) });
}

/** The name of the service's port with this number; a text that is none is a name already. */
function portName(services: Services, world: World, call: ApiCall, name: string, port: string): string {
	if (!/^[+-]?\d+$/.test(port)) return port;
	const service = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/services', call.namespace, name);
	if (service === undefined) throw notFound({ group: '', resource: 'services' }, name);
	const declared = recs(specOf(service).ports).find((p) => p.port === Number(port));
	if (declared === undefined) throw serviceUnavailable(`no service port ${Number(port)} found for service ${JSON.stringify(name)}`);
	return str(declared.name);
}

export function serviceTarget(services: Services, world: World, call: ApiCall): ApiResult {
	const id = call.name ?? '';
	const { scheme, name, port } = splitName(id, 'service');
	const client = services.api.client(SYSTEM_USERS.loopback);
	const wanted = portName(services, world, call, name, port);
	const endpoints = client.get(world, 'v1/endpoints', call.namespace, name);
	if (endpoints === undefined) throw notFound({ group: '', resource: 'endpoints' }, name);
	const subsets = recs(endpoints.subsets);
	if (subsets.length === 0) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
	// Only addresses that are pods, as they are now: anybody who may write endpoints could name any other.
	const choices = subsets.flatMap((subset) => {
		const match = recs(subset.ports).find((p) => str(p.name) === wanted);
		if (match === undefined) return [];
		return recs(subset.addresses).flatMap((address) => {
			const { namespace, name: podName } = rec(address.targetRef);
			const pod: KubeObject | undefined = namespace === call.namespace ? client.get(world, 'v1/pods', call.namespace, str(podName)) : undefined;
			const ips = pod === undefined ? [] : recs(statusOf(pod).podIPs).map((i) => i.ip);
			return ips.includes(address.ip) ? [{ host: str(address.ip), port: Number(match.port) }] : [];
		});
	});
	const chosen = choices[choices.length > 1 ? world.randomInt(choices.length) : 0];
	if (chosen === undefined) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(id)}`);
	return found({ scheme, ...chosen });
}

/** The kubelet itself, or another port of the node. */
export function nodeTarget(services: Services, world: World, call: ApiCall): ApiResult {
	const { scheme, name, port } = splitName(call.name ?? '', 'node');
	const node = services.api.client(SYSTEM_USERS.loopback).get(world, 'v1/nodes', undefined, name);
	if (node === undefined) throw notFound({ group: '', resource: 'nodes' }, name);
	const addresses = recs(statusOf(node).addresses);
	const host = str((addresses.find((a) => a.type === 'InternalIP') ?? addresses.find((a) => a.type === 'Hostname'))?.address) || name;
	const kubelet = String(rec(rec(statusOf(node).daemonEndpoints).kubeletEndpoint).Port ?? '10250');
	if (port === '' || port === kubelet) return found({ scheme: 'https', host, port: Number(kubelet), kubelet: name });
	return found({ scheme, host: proxyable(host), port: Number(port) });
}
