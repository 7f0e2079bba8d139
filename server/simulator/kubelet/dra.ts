/** Devices of claims made ready by their drivers before a pod starts (`pkg/kubelet/cm/dra`). */
import { recs, rec, str } from '../apiserver/registry/fields.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { allocationModes, DRIVER as GPU_DRIVER } from '../gpu/dra.ts';
import { getGpuNode } from '../gpu/state.ts';
import type { World } from '../kernel/world.ts';
import { CLAIMS, type PodClaim, type ResourceClaim } from '../scheduler/devices/types.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import type { Pod } from './pod.ts';

const REGISTRY = '/var/lib/kubelet/plugins_registry';
const PLUGINS = '/var/lib/kubelet/plugins/';

/**
 * Whether a pod of the node's stands for a driver: it runs, has the kubelet's registration folder from its host and names the driver
 * somewhere. Any folder of the driver's own will do, too. No image of the simulator's speaks the plugin's protocol.
 */
function stands(pod: KubeObject, driver: string): boolean {
	if (rec(pod['status'])['phase'] !== 'Running') return false;
	const spec = rec(pod['spec']);
	const paths = recs(spec['volumes']).map((v) => str(rec(v['hostPath'])['path']).replace(/\/$/, ''));
	if (paths.some((path) => path === `${PLUGINS}${driver}`)) return true;
	return paths.includes(REGISTRY) && JSON.stringify(spec).includes(driver);
}

function isRegistered(world: World, services: Services, node: string, driver: string): boolean {
	if (driver === GPU_DRIVER && getGpuNode(world, node) !== undefined && allocationModes(world, services).dra) return true;
	const pods = services.api.client(SYSTEM_USERS.loopback).byIndex(world, 'v1/pods', 'byNode', node);
	return pods.some((pod) => stands(pod, driver));
}

/** Why the devices of a pod's claims cannot be made ready on its node; undefined where they are, or there are none. */
export function unpreparedResources(world: World, services: Services, pod: Pod): string | undefined {
	const { resourceClaims } = pod.spec as { readonly resourceClaims?: readonly PodClaim[] };
	if (resourceClaims === undefined || resourceClaims.length === 0) return undefined;
	const made = recs(rec(pod.status)['resourceClaimStatuses']);
	const client = services.api.client(SYSTEM_USERS.loopback);
	for (const claim of resourceClaims) {
		const name = claim.resourceClaimName ?? str(made.find((s) => s['name'] === claim.name)?.['resourceClaimName']);
		const stored = name === '' ? undefined : (client.get(world, CLAIMS, pod.metadata.namespace, name) as ResourceClaim | undefined);
		for (const { driver } of stored?.status?.allocation?.devices.results ?? []) {
			if (!isRegistered(world, services, pod.spec.nodeName ?? '', driver)) return `prepare dynamic resources: DRA driver ${driver} is not registered`;
		}
	}
	return undefined;
}
