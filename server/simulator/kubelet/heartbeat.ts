/** Node heartbeats: a lease every ten seconds; the node's status only when it changes. Models kubelet's nodelease controller. */
import { formatMicroTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';

export const HEARTBEAT_TIMER = 'kubelet.heartbeat';
const LEASES = 'coordination.k8s.io/v1/leases';
const NAMESPACE = 'kube-node-lease';
const RENEW_MS = 10_000;
const LEASE_SECONDS = 40;

/** Renews a node's lease and comes back; ends where the node object is gone. */
export function heartbeat(world: World, services: Services, node: string): void {
	const client = services.api.client(SYSTEM_USERS.node(node));
	const object = client.get(world, 'v1/nodes', undefined, node);
	if (object === undefined) return;
	world.schedule(HEARTBEAT_TIMER, node, RENEW_MS);
	const renewTime = formatMicroTime(world.now);
	const lease = client.get(world, LEASES, NAMESPACE, node);
	if (lease !== undefined) {
		const spec = (lease['spec'] ?? {}) as { readonly [field: string]: unknown };
		client.update(world, LEASES, { ...lease, spec: { ...spec, renewTime } });
		return;
	}
	client.create(world, LEASES, NAMESPACE, {
		apiVersion: 'coordination.k8s.io/v1',
		kind: 'Lease',
		metadata: { name: node, namespace: NAMESPACE, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: object.metadata.uid }] },
		spec: { holderIdentity: node, leaseDurationSeconds: LEASE_SECONDS, renewTime },
	});
}
