/** What both endpoint controllers need: which services a pod belongs to, and which address and ports it lends them. */
import type { ApiClient } from '../../apiserver/client.ts';
import type { World } from '../../kernel/world.ts';
import { podsWithLabels } from '../shared/indexes.ts';
import { type Container, keyOf, type Pod, type Service, type ServicePort } from '../shared/objects.ts';
import { isPodFinished, isPodReady } from '../shared/pods.ts';
import { labelsMatch } from '../shared/selectors.ts';
import type { Watch } from '../shared/watching.ts';

export const SERVICES = 'v1/services';

function servicesOf(world: World, client: ApiClient, pod: Pod): readonly string[] {
	const out: string[] = [];
	for (const s of client.list(world, SERVICES, pod.metadata.namespace) as readonly Service[]) {
		const { selector } = s.spec;
		if (selector !== undefined && Object.keys(selector).length > 0 && labelsMatch(selector, pod.metadata.labels)) out.push(keyOf(s));
	}
	return out;
}

/** Whether a change of a pod can change what endpoints say of it (podEndpointsChanged). */
function matters(pod: Pod, before: Pod): boolean {
	return (
		pod.status?.podIP !== before.status?.podIP ||
		pod.spec.nodeName !== before.spec.nodeName ||
		isPodReady(pod) !== isPodReady(before) ||
		isPodFinished(pod) !== isPodFinished(before) ||
		(pod.metadata.deletionTimestamp === undefined) !== (before.metadata.deletionTimestamp === undefined)
	);
}

/** The services that a pod's change concerns. */
export const ofPod: Watch = (world, change, client) => {
	const pod = change.object as Pod;
	if (change.type !== 'MODIFIED' || change.previous === undefined) {
		return (pod.status?.podIP ?? '') === '' ? [] : servicesOf(world, client, pod);
	}
	const before = change.previous as Pod;
	// A pod without an address stands in no list yet.
	if ((pod.status?.podIP ?? '') === '' && (before.status?.podIP ?? '') === '') return [];
	const relabelled = pod.metadata.labels !== before.metadata.labels;
	if (!relabelled && !matters(pod, before)) return [];
	const now = servicesOf(world, client, pod);
	return relabelled ? [...new Set([...now, ...servicesOf(world, client, before)])] : now;
};

/** Pods behind a service that have an address and haven't finished. */
export function podsBehind(world: World, client: ApiClient, service: Service): readonly Pod[] {
	const { selector } = service.spec;
	if (selector === undefined || Object.keys(selector).length === 0) return [];
	return podsWithLabels(world, client, service.metadata.namespace, selector).filter((p) => (p.status?.podIP ?? '') !== '' && !isPodFinished(p));
}

/** The container port a service port leads to: its number, or the pod's port of that name and protocol (FindPort). */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
	const target = port.targetPort ?? port.port;
	if (typeof target === 'number') return target;
	const named = (c: Container): number | undefined =>
		c.ports?.find((p) => p.name === target && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.containerPort;
	const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
	for (const c of [...pod.spec.containers, ...sidecars]) {
		const found = named(c);
		if (found !== undefined) return found;
	}
	const number = Number(target);
	return Number.isInteger(number) && number > 0 ? number : undefined;
}

/** How long to gather changes of a service with so many pods, ms: nothing for the usual ones. */
export const gatherMs = (pods: number): number => (pods > 500 ? pods / 50 : 0);

export const isHeadless = (service: Service): boolean => service.spec.clusterIP === 'None';

/** The pod's host name as an endpoint carries it: only where the service is its governing one. */
export function endpointHostname(pod: Pod, service: Service): string | undefined {
	return pod.spec.hostname !== undefined && pod.spec.hostname !== '' && pod.spec.subdomain === service.metadata.name ? pod.spec.hostname : undefined;
}
