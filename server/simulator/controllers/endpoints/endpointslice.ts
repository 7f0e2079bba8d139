/** EndpointSlices of services with a selector (staging/endpointslice reconciler). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller } from '../controller.ts';
import { canonicalJson } from '../shared/hash.ts';
import { controllerRef, isDeleting, type Pod, sameData, type Service, splitKey } from '../shared/objects.ts';
import { isPodReady } from '../shared/pods.ts';
import { itself } from '../shared/watching.ts';
import { endpointHostname, gatherMs, isHeadless, ofPod, podsBehind, SERVICES, targetPort } from './service-pods.ts';

const SLICES = 'discovery.k8s.io/v1/endpointslices';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
/** Endpoints in one slice at most (--max-endpoints-per-slice). */
const MAX_ENDPOINTS = 100;
/** Changes of pods are gathered this long before slices follow (--endpointslice-updates-batch-period is 0 upstream; its work takes this). */
const LATENCY_MS = 10;

interface Endpoint {
	readonly addresses: readonly string[];
	readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean };
	readonly targetRef: { readonly uid: string; readonly [field: string]: unknown };
	readonly [field: string]: unknown;
}

interface SlicePort {
	readonly name: string;
	readonly port: number;
	readonly protocol: string;
	readonly appProtocol?: string;
}

interface Slice extends KubeObject {
	readonly endpoints?: readonly Endpoint[] | null;
	readonly ports?: readonly SlicePort[] | null;
}

export const endpointSliceController: Controller = {
	name: 'endpointslice',
	latencyMs: LATENCY_MS,
	watches: {
		'/services': itself,
		'/pods': ofPod,
		'discovery.k8s.io/endpointslices': (_world, change) => {
			const { labels, namespace } = change.object.metadata;
			const service = labels?.[SERVICE_NAME];
			return change.type === 'DELETED' && service !== undefined && labels?.[MANAGED_BY] === MANAGER ? [`${namespace}/${service}`] : [];
		},
	},
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const service = client.get(world, SERVICES, namespace, name) as Service | undefined;
		if (service === undefined || isDeleting(service)) return;
		if (service.spec.type === 'ExternalName' || Object.keys(service.spec.selector ?? {}).length === 0) return;
		const pods = podsBehind(world, client, service);
		queue.busy(gatherMs(pods.length));
		if (!reconcileSlices(world, client, service, pods)) queue.failed(key);
	},
};

function endpointOf(pod: Pod, service: Service): Endpoint {
	const terminating = isDeleting(pod);
	const serving = isPodReady(pod);
	const published = service.spec.publishNotReadyAddresses === true;
	const hostname = endpointHostname(pod, service);
	const { name, namespace, uid } = pod.metadata;
	return {
		addresses: [pod.status?.podIP ?? ''],
		conditions: { ready: published || (serving && !terminating), serving, terminating },
		...(hostname === undefined ? {} : { hostname }),
		targetRef: { kind: 'Pod', namespace, name, uid },
		...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
	};
}

function portsFor(pod: Pod, service: Service): readonly SlicePort[] {
	const out: SlicePort[] = [];
	for (const p of service.spec.ports ?? []) {
		const port = targetPort(pod, p);
		if (port === undefined) continue;
		out.push({ name: p.name ?? '', port, protocol: p.protocol ?? 'TCP', ...(p.appProtocol === undefined ? {} : { appProtocol: p.appProtocol }) });
	}
	return out;
}

function labelsFor(service: Service): { readonly [k: string]: string } {
	return {
		...service.metadata.labels,
		[MANAGED_BY]: MANAGER,
		[SERVICE_NAME]: service.metadata.name,
		...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
	};
}

/** Brings a service's slices in line with its pods, changing as few as it can. False where a write failed. */
function reconcileSlices(world: World, client: ApiClient, service: Service, pods: readonly Pod[]): boolean {
	const groups = new Map<string, { readonly ports: readonly SlicePort[]; readonly endpoints: Map<string, Endpoint> }>();
	for (const pod of pods) {
		const ports = portsFor(pod, service);
		const key = canonicalJson(ports);
		const group = groups.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
		group.endpoints.set(pod.metadata.uid, endpointOf(pod, service));
		groups.set(key, group);
	}
	const held = (client.byIndex(world, SLICES, 'byOwner', service.metadata.uid) as readonly Slice[]).filter(
		(s) => s.metadata.labels?.[MANAGED_BY] === MANAGER && !isDeleting(s),
	);
	const byPorts = new Map<string, Slice[]>();
	for (const s of held) {
		const key = canonicalJson(s.ports ?? []);
		byPorts.set(key, [...(byPorts.get(key) ?? []), s]);
	}
	// A service without pods keeps one slice without ports and endpoints.
	if (groups.size === 0) groups.set('', { ports: [], endpoints: new Map() });
	let ok = true;
	const kept = new Set<Slice>();
	for (const [key, group] of groups) {
		const slices = key === '' ? held.slice(0, 1) : (byPorts.get(key) ?? []);
		for (const s of slices) kept.add(s);
		ok = fill(world, client, service, group.ports, group.endpoints, slices) && ok;
	}
	for (const s of held) if (!kept.has(s)) ok = client.delete(world, SLICES, s.metadata.namespace, s.metadata.name).ok && ok;
	return ok;
}

/** Updates endpoints where they stand, puts new ones where there is room, and the rest into new slices. */
function fill(
	world: World,
	client: ApiClient,
	service: Service,
	ports: readonly SlicePort[],
	wanted: Map<string, Endpoint>,
	slices: readonly Slice[],
): boolean {
	const labels = labelsFor(service);
	const left = new Map(wanted);
	const plans = slices.map((slice) => {
		const endpoints: Endpoint[] = [];
		for (const e of slice.endpoints ?? []) {
			const next = left.get(e.targetRef.uid);
			if (next === undefined) continue;
			left.delete(e.targetRef.uid);
			endpoints.push(sameData(next, e) ? e : next);
		}
		return { slice, endpoints };
	});
	const rest = [...left.values()];
	for (const p of plans) while (p.endpoints.length < MAX_ENDPOINTS && rest.length > 0) p.endpoints.push(rest.shift() as Endpoint);
	let ok = true;
	const emptyAllowed = wanted.size === 0 ? 1 : 0;
	let empties = 0;
	for (const { slice, endpoints } of plans) {
		if (endpoints.length === 0 && ++empties > emptyAllowed) {
			ok = client.delete(world, SLICES, slice.metadata.namespace, slice.metadata.name).ok && ok;
			continue;
		}
		const same = sameData(endpoints, slice.endpoints ?? []) && sameData(ports, slice.ports ?? []) && sameData(labels, slice.metadata.labels);
		if (same) continue;
		ok = client.update(world, SLICES, { ...slice, metadata: { ...slice.metadata, labels }, endpoints, ports }).ok && ok;
	}
	while (rest.length > 0 || (plans.length === 0 && wanted.size === 0)) {
		const endpoints = rest.splice(0, MAX_ENDPOINTS);
		const { name, namespace } = service.metadata;
		const metadata = { generateName: `${name}-`, namespace, labels, ownerReferences: [controllerRef(service)] };
		const body = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType: 'IPv4', endpoints, ports };
		ok = client.create(world, SLICES, namespace, body).ok && ok;
		if (rest.length === 0) break;
	}
	return ok;
}
