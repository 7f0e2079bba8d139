/** Gives LoadBalancer services an address beside the cluster, as cloud-provider-kind does (cloud-provider service controller). */
import type { ApiClient } from '../apiserver/client.ts';
import type { World } from '../kernel/world.ts';
import type { Controller } from './controller.ts';
import { recordEvent } from './events.ts';
import { isDeleting, type Service, splitKey } from './shared/objects.ts';
import { itself } from './shared/watching.ts';

const SERVICES = 'v1/services';
const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
const COMPONENT = 'service-controller';
const NETWORK = '172.18.0.';
const FIRST = 100;
const LAST = 250;
/** The ingress controller's service has the first address: the workstation resolves the lab's host names to it. */
const INGRESS = 'ingress-nginx/ingress-nginx-controller';
/** From the request to a balancer that runs, virtual ms. */
const PROVISION_MS = 1500;

export const serviceLoadBalancer: Controller = {
	name: 'service',
	watches: { '/services': (w, c, k) => (concerns(c.object as Service) || concerns(c.previous as Service | undefined) ? itself(w, c, k) : []) },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key.replace(/^make:/, ''));
		const service = client.get(world, SERVICES, namespace, name) as Service | undefined;
		if (service === undefined) return;
		const say = (reason: string, message: string): void =>
			recordEvent(world, client, { object: service, type: 'Normal', reason, message, component: COMPONENT });
		if (isDeleting(service) || service.spec.type !== 'LoadBalancer') {
			if (!(service.metadata.finalizers ?? []).includes(FINALIZER)) return;
			say('DeletingLoadBalancer', 'Deleting load balancer');
			if (!release(world, client, service)) queue.failed(key);
			else say('DeletedLoadBalancer', 'Deleted load balancer');
			return;
		}
		if (service.spec.loadBalancerClass !== undefined || (service.status?.loadBalancer?.ingress ?? []).length > 0) return;
		if (!key.startsWith('make:')) {
			say('EnsuringLoadBalancer', 'Ensuring load balancer');
			const finalizers = [...(service.metadata.finalizers ?? []).filter((f) => f !== FINALIZER), FINALIZER];
			if (
				(service.metadata.finalizers ?? []).includes(FINALIZER) ||
				client.update(world, SERVICES, { ...service, metadata: { ...service.metadata, finalizers } }).ok
			) {
				queue.after(`make:${namespace}/${name}`, PROVISION_MS);
			} else queue.failed(key);
			return;
		}
		const ip = freeAddress(world, client, service);
		if (ip === undefined) {
			recordEvent(world, client, {
				object: service,
				type: 'Warning',
				reason: 'SyncLoadBalancerFailed',
				message: 'Error syncing load balancer: failed to ensure load balancer: no address is free',
				component: COMPONENT,
			});
			queue.failed(key);
			return;
		}
		const status = { ...service.status, loadBalancer: { ingress: [{ ip, ipMode: 'Proxy' }] } };
		if (client.updateStatus(world, SERVICES, { ...service, status }).ok) say('EnsuredLoadBalancer', 'Ensured load balancer');
		else queue.failed(key);
	},
};

function concerns(s: Service | undefined): boolean {
	return s !== undefined && (s.spec.type === 'LoadBalancer' || (s.metadata.finalizers ?? []).includes(FINALIZER));
}

/** The lowest address no other service has. Read only when a balancer is made. */
function freeAddress(world: World, client: ApiClient, service: Service): string | undefined {
	const key = `${service.metadata.namespace}/${service.metadata.name}`;
	if (key === INGRESS) return `${NETWORK}${FIRST}`;
	const taken = new Set<string>();
	for (const s of client.list(world, SERVICES) as readonly Service[])
		for (const i of s.status?.loadBalancer?.ingress ?? []) if (i.ip !== undefined) taken.add(i.ip);
	const asked = service.spec.loadBalancerIP;
	if (asked !== undefined && asked !== '' && asked.startsWith(NETWORK) && !taken.has(asked)) return asked;
	for (let n = FIRST + 1; n <= LAST; n++) if (!taken.has(`${NETWORK}${n}`)) return `${NETWORK}${n}`;
	return undefined;
}

function release(world: World, client: ApiClient, service: Service): boolean {
	const cleared = client.updateStatus(world, SERVICES, { ...service, status: { ...service.status, loadBalancer: {} } });
	if (!cleared.ok) return cleared.status.reason === 'NotFound';
	const finalizers = (cleared.value.metadata.finalizers ?? []).filter((f) => f !== FINALIZER);
	const outcome = client.update(world, SERVICES, { ...cleared.value, metadata: { ...cleared.value.metadata, finalizers } });
	return outcome.ok || outcome.status.reason === 'NotFound';
}
