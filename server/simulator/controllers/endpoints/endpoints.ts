/** Endpoints, the older form of endpoint slices (pkg/controller/endpoint). */
import { formatTime } from '../../kernel/time.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { Controller } from '../controller.ts';
import { canonicalJson } from '../shared/hash.ts';
import { isDeleting, type Pod, sameData, type Service, splitKey } from '../shared/objects.ts';
import { isPodReady } from '../shared/pods.ts';
import { itself } from '../shared/watching.ts';
import { endpointHostname, gatherMs, isHeadless, ofPod, podsBehind, SERVICES, targetPort } from './service-pods.ts';

const ENDPOINTS = 'v1/endpoints';
const TRIGGER = 'endpoints.kubernetes.io/last-change-trigger-time';
/** More addresses are cut off, with an annotation that says so. */
const MAX_ADDRESSES = 1000;

interface Address {
	readonly ip: string;
	readonly [field: string]: unknown;
}

interface Subset {
	readonly addresses?: readonly Address[];
	readonly notReadyAddresses?: readonly Address[];
	readonly ports: readonly { readonly [k: string]: unknown }[];
}

export const endpointsController: Controller = {
	name: 'endpoint',
	latencyMs: 10,
	watches: { '/services': itself, '/pods': ofPod },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const service = client.get(world, SERVICES, namespace, name) as Service | undefined;
		const held = client.get(world, ENDPOINTS, namespace, name);
		if (service === undefined || isDeleting(service)) {
			if (held?.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') client.delete(world, ENDPOINTS, namespace, name);
			return;
		}
		if (service.spec.type === 'ExternalName' || Object.keys(service.spec.selector ?? {}).length === 0) return;
		const pods = podsBehind(world, client, service).filter((p) => service.spec.publishNotReadyAddresses === true || !isDeleting(p));
		queue.busy(gatherMs(pods.length));
		const { subsets, cut } = subsetsOf(pods.slice(0, MAX_ADDRESSES), service, pods.length > MAX_ADDRESSES);
		const labels = {
			...service.metadata.labels,
			'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
			...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
		};
		if (held !== undefined && sameData((held['subsets'] as readonly Subset[] | undefined) ?? [], subsets) && sameData(held.metadata.labels, labels)) return;
		const annotations = {
			...held?.metadata.annotations,
			...(pods.length > 0 ? { [TRIGGER]: formatTime(world.now) } : {}),
			...(cut ? { 'endpoints.kubernetes.io/over-capacity': 'truncated' } : {}),
		};
		const metadata = { ...held?.metadata, name, namespace, labels, annotations };
		const body = { apiVersion: 'v1', kind: 'Endpoints', metadata, ...(subsets.length > 0 ? { subsets } : {}) };
		const outcome = held === undefined ? client.create(world, ENDPOINTS, namespace, body) : client.update(world, ENDPOINTS, body as KubeObject);
		if (!outcome.ok) queue.failed(key);
	},
};

/** Pods with the same ports form one subset (endpoints.RepackSubsets). */
function subsetsOf(pods: readonly Pod[], service: Service, cut: boolean): { readonly subsets: readonly Subset[]; readonly cut: boolean } {
	const groups = new Map<string, { ports: Subset['ports']; ready: Address[]; notReady: Address[] }>();
	for (const pod of pods) {
		const ports = (service.spec.ports ?? []).flatMap((p) => {
			const port = targetPort(pod, p);
			if (port === undefined) return [];
			return [
				{
					...(p.name === undefined ? {} : { name: p.name }),
					port,
					protocol: p.protocol ?? 'TCP',
					...(p.appProtocol === undefined ? {} : { appProtocol: p.appProtocol }),
				},
			];
		});
		if (ports.length === 0 && !isHeadless(service)) continue;
		const group = groups.get(canonicalJson(ports)) ?? { ports, ready: [], notReady: [] };
		groups.set(canonicalJson(ports), group);
		const hostname = endpointHostname(pod, service);
		const { name, namespace, uid } = pod.metadata;
		const address: Address = {
			ip: pod.status?.podIP ?? '',
			...(hostname === undefined ? {} : { hostname }),
			...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
			targetRef: { kind: 'Pod', namespace, name, uid },
		};
		(service.spec.publishNotReadyAddresses === true || isPodReady(pod) ? group.ready : group.notReady).push(address);
	}
	const byAddress = (a: Address, b: Address): number => (a.ip < b.ip ? -1 : 1);
	const subsets = [...groups.values()].map((g) => ({
		...(g.ready.length > 0 ? { addresses: g.ready.sort(byAddress) } : {}),
		...(g.notReady.length > 0 ? { notReadyAddresses: g.notReady.sort(byAddress) } : {}),
		ports: g.ports,
	}));
	return { subsets, cut };
}
