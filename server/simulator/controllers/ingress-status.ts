/** Writes the ingress controller's address into the ingresses it serves, as ingress-nginx does with its own service's. */
import type { KubeObject } from '../apiserver/types.ts';
import type { ApiClient } from '../apiserver/client.ts';
import type { World } from '../kernel/world.ts';
import { SYSTEM_USERS } from '../services.ts';
import type { Controller } from './controller.ts';
import { recordEvent } from './events.ts';
import { isDeleting, keyOf, sameData, type Service, splitKey } from './shared/objects.ts';
import { itself } from './shared/watching.ts';

const INGRESSES = 'networking.k8s.io/v1/ingresses';
const CLASSES = 'networking.k8s.io/v1/ingressclasses';
const CONTROLLER = 'k8s.io/ingress-nginx';
const SERVICE = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' };
/** ingress-nginx writes addresses on its next tick, up to a minute later; here the tick comes soon. */
const LATENCY_MS = 3000;

interface Ingress extends KubeObject {
	readonly spec?: { readonly ingressClassName?: string };
	readonly status?: { readonly loadBalancer?: unknown };
}

/** Whether an ingress is one of ours: its class names our controller (the old annotation counts as a class). */
function servedByNginx(world: World, client: ApiClient, ingress: KubeObject): boolean {
	const name = (ingress as Ingress).spec?.ingressClassName ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
	if (name === undefined || name === '') return false;
	const ingressClass = client.get(world, CLASSES, undefined, name);
	return (ingressClass?.['spec'] as { readonly controller?: string } | undefined)?.controller === CONTROLLER;
}

/** The service is there before it has an address, and goes with its pods: without it nothing is served. */
const isNginx = (o: KubeObject): boolean => o.metadata.namespace === SERVICE.namespace && o.metadata.name === SERVICE.name;

export const ingressEvents: Controller = {
	name: 'ingress-sync',
	user: SYSTEM_USERS.account('ingress-nginx', 'ingress-nginx'),
	watches: {
		'networking.k8s.io/ingresses': (w, c, k) =>
			c.type === 'ADDED' || (c.type === 'MODIFIED' && (c.previous as Ingress | undefined)?.spec !== (c.object as Ingress).spec) ? itself(w, c, k) : [],
	},
	latencyMs: 50,
	reconcile(world, key, client) {
		const { namespace, name } = splitKey(key);
		const ingress = client.get(world, INGRESSES, namespace, name);
		if (ingress === undefined || isDeleting(ingress) || !servedByNginx(world, client, ingress)) return;
		if (client.get(world, 'v1/services', SERVICE.namespace, SERVICE.name) === undefined) return;
		recordEvent(world, client, { object: ingress, type: 'Normal', reason: 'Sync', message: 'Scheduled for sync', component: 'nginx-ingress-controller' });
	},
};

export const ingressStatus: Controller = {
	name: 'ingress-status',
	user: SYSTEM_USERS.account('ingress-nginx', 'ingress-nginx'),
	watches: {
		'networking.k8s.io/ingresses': (w, c, k) => (c.type === 'DELETED' ? [] : itself(w, c, k)),
		'/services': (world, change, client) => (isNginx(change.object) ? client.list(world, INGRESSES).map(keyOf) : []),
	},
	latencyMs: LATENCY_MS,
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const ingress = client.get(world, INGRESSES, namespace, name) as Ingress | undefined;
		if (ingress === undefined || isDeleting(ingress) || !servedByNginx(world, client, ingress)) return;
		const service = client.get(world, 'v1/services', SERVICE.namespace, SERVICE.name) as Service | undefined;
		const addresses = (service?.status?.loadBalancer?.ingress ?? []).map((i) => ({ ip: i.ip }));
		const loadBalancer = addresses.length > 0 ? { ingress: addresses } : {};
		if (sameData(loadBalancer, ingress.status?.loadBalancer ?? {})) return;
		if (!client.updateStatus(world, INGRESSES, { ...ingress, status: { ...ingress.status, loadBalancer } }).ok) queue.failed(key);
	},
};
