/**
 * Keeps the register of who serves which group: custom resources get an APIService of their own (autoregister controller),
 * and those of extension servers are told whether their service can be reached (kube-aggregator's available controller).
 */
import type { ApiClient } from '../apiserver/client.ts';
import type { Definition } from '../apiserver/crd/definition.ts';
import { localAPIService, MANAGED_LABEL } from '../apiserver/registry/apiregistration/local.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { Controller } from './controller.ts';
import { setCondition } from './shared/conditions.ts';
import type { Condition } from './shared/objects.ts';

const PATH = 'apiregistration.k8s.io/v1/apiservices';
const DEFINITIONS = 'apiextensions.k8s.io/v1/customresourcedefinitions';

interface APIService extends KubeObject {
	readonly spec: { readonly service?: { readonly namespace: string; readonly name: string; readonly port: number } };
	readonly status?: { readonly conditions?: readonly Condition[] };
}

const versionsOf = (object: KubeObject): readonly string[] => {
	const { group, versions } = (object as Definition).spec;
	return versions.map((v) => `${v.name}.${group}`);
};

/** APIServices that lead to a service; few clusters have any. */
function leadingTo(world: World, client: ApiClient, service: KubeObject): readonly string[] {
	return client.byIndex(world, PATH, 'byService', `${service.metadata.namespace ?? ''}/${service.metadata.name}`).map((a) => a.metadata.name);
}

export const apiServiceRegistration: Controller = {
	name: 'apiservice-registration',
	watches: {
		'apiextensions.k8s.io/customresourcedefinitions': (_world, change) => [
			...new Set([...versionsOf(change.object), ...(change.previous === undefined ? [] : versionsOf(change.previous))]),
		],
		'apiregistration.k8s.io/apiservices': (_world, change) =>
			change.type === 'DELETED' && change.object.metadata.labels?.[MANAGED_LABEL] === 'true' ? [change.object.metadata.name] : [],
	},
	reconcile(world, name, client, queue) {
		const dot = name.indexOf('.');
		const [version, group] = [name.slice(0, dot), name.slice(dot + 1)];
		const wanted = (client.list(world, DEFINITIONS) as readonly Definition[]).some(
			(d) => d.spec.group === group && d.spec.versions.some((v) => v.name === version && v.served),
		);
		const held = client.get(world, PATH, undefined, name);
		if (wanted && held === undefined) {
			if (!client.create(world, PATH, undefined, localAPIService(group, version, 'true')).ok) queue.failed(name);
		} else if (!wanted && held?.metadata.labels?.[MANAGED_LABEL] === 'true') client.delete(world, PATH, undefined, name);
	},
};

/** What is wrong with the way to an extension server, as upstream looks for it. */
function check(world: World, client: ApiClient, { namespace, name, port }: NonNullable<APIService['spec']['service']>): Omit<Condition, 'lastTransitionTime'> {
	const no = (reason: string, message: string): Omit<Condition, 'lastTransitionTime'> => ({ type: 'Available', status: 'False', reason, message });
	const service = client.get(world, 'v1/services', namespace, name);
	if (service === undefined) return no('ServiceNotFound', `service/${name} in "${namespace}" is not present`);
	const ports = (service['spec'] as { readonly ports?: readonly { readonly port: number; readonly name?: string }[] }).ports ?? [];
	const found = ports.find((p) => p.port === port);
	if (found === undefined) return no('ServicePortError', `service/${name} in "${namespace}" is not listening on port ${port}`);
	const endpoints = client.get(world, 'v1/endpoints', namespace, name);
	if (endpoints === undefined) return no('EndpointsNotFound', `cannot find endpoints for service/${name} in "${namespace}"`);
	const subsets = (endpoints['subsets'] ?? []) as readonly { readonly addresses?: readonly unknown[] }[];
	if (!subsets.some((s) => (s.addresses ?? []).length > 0)) {
		return no('MissingEndpoints', `endpoints for service/${name} in "${namespace}" have no addresses with port name "${found.name ?? ''}"`);
	}
	// No image of the simulator's speaks the aggregation protocol, so nothing answers for a group.
	const url = `https://${(service['spec'] as { readonly clusterIP?: string }).clusterIP ?? ''}:${port}/apis`;
	return no('FailedDiscoveryCheck', `failing or missing response from ${url}: Get "${url}": net/http: TLS handshake timeout`);
}

export const apiServiceAvailability: Controller = {
	name: 'apiservice-availability',
	watches: {
		'apiregistration.k8s.io/apiservices': (_world, change) =>
			change.type !== 'DELETED' && (change.object as APIService).spec.service !== undefined ? [change.object.metadata.name] : [],
		'/services': (world, change, client) => leadingTo(world, client, change.object),
		'/endpoints': (world, change, client) => leadingTo(world, client, change.object),
	},
	reconcile(world, name, client, queue) {
		const api = client.get(world, PATH, undefined, name) as APIService | undefined;
		if (api?.spec.service === undefined) return;
		const held = api.status?.conditions;
		const conditions = setCondition(held, check(world, client, api.spec.service), world.now);
		if (conditions !== held && !client.updateStatus(world, PATH, { ...api, status: { conditions } }).ok) queue.failed(name);
	},
};
