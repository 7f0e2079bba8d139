/**
 * Keeps an IPAddress for every cluster IP, and lets go of service ranges that none is in (the ipallocator and its repair loop,
 * pkg/controller/servicecidrs).
 */
import type { ApiClient } from '../apiserver/client.ts';
import { inRange, rangeOf } from '../apiserver/registry/networking/ranges.ts';
import { RANGE_FINALIZER } from '../apiserver/registry/networking/servicecidrs.ts';
import type { Change, KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { Controller } from './controller.ts';
import { setCondition } from './shared/conditions.ts';
import type { Condition } from './shared/objects.ts';

const ADDRESSES = 'networking.k8s.io/v1/ipaddresses';
const RANGES = 'networking.k8s.io/v1/servicecidrs';
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const OURS = 'ipallocator.k8s.io';

const clusterIPs = (service: KubeObject | undefined): readonly string[] =>
	((service?.['spec'] as { readonly clusterIPs?: readonly string[] } | undefined)?.clusterIPs ?? []).filter((ip) => ip !== 'None' && ip !== '');

const sameList = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

function ofService(_world: World, change: Change): readonly string[] {
	const [now, before] = [clusterIPs(change.object), clusterIPs(change.previous)];
	if (change.type === 'MODIFIED' && sameList(now, before)) return [];
	return [...new Set([...now, ...before])];
}

export const ipAddresses: Controller = {
	name: 'ip-allocator',
	watches: {
		'/services': ofService,
		'networking.k8s.io/ipaddresses': (_world, change) => (change.type === 'DELETED' ? [change.object.metadata.name] : []),
	},
	reconcile(world, ip, client, queue) {
		const [service] = client.byIndex(world, 'v1/services', 'byClusterIP', ip);
		const held = client.get(world, ADDRESSES, undefined, ip);
		if (service === undefined) {
			if (held?.metadata.labels?.[MANAGED_BY] === OURS) client.delete(world, ADDRESSES, undefined, ip);
			return;
		}
		if (held !== undefined) return;
		const { name, namespace } = service.metadata;
		const labels = { 'ipaddress.kubernetes.io/ip-family': ip.includes(':') ? 'IPv6' : 'IPv4', [MANAGED_BY]: OURS };
		const made = client.create(world, ADDRESSES, undefined, {
			metadata: { name: ip, labels },
			spec: { parentRef: { group: '', resource: 'services', namespace, name } },
		});
		if (!made.ok) queue.failed(ip);
	},
};

const holds = (range: KubeObject, ip: string): boolean =>
	((range['spec'] as { readonly cidrs?: readonly string[] }).cidrs ?? []).some((cidr) => {
		const parsed = rangeOf(cidr);
		return parsed !== undefined && inRange(parsed, ip);
	});

/** Seconds between two looks at a range that addresses hold. */
const RETRY_MS = 5_000;

export const serviceRanges: Controller = {
	name: 'service-cidrs',
	watches: {
		'networking.k8s.io/servicecidrs': (_world, change) =>
			change.object.metadata.deletionTimestamp === undefined || change.type === 'DELETED' ? [] : [change.object.metadata.name],
	},
	reconcile(world, name, client, queue) {
		const range = client.get(world, RANGES, undefined, name);
		if (range?.metadata.deletionTimestamp === undefined) return;
		if (!stillNeeded(world, client, range)) {
			const finalizers = (range.metadata.finalizers ?? []).filter((f) => f !== RANGE_FINALIZER);
			if (!client.update(world, RANGES, { ...range, metadata: { ...range.metadata, finalizers } }).ok) queue.failed(name);
			return;
		}
		const held = (range['status'] as { readonly conditions?: readonly Condition[] } | undefined)?.conditions;
		const message = 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
		const conditions = setCondition(held, { type: 'Ready', status: 'False', reason: 'Terminating', message }, world.now);
		if (conditions !== held) client.updateStatus(world, RANGES, { ...range, status: { conditions } });
		queue.after(name, RETRY_MS);
	},
};

/** Whether an address lies in the range and in no other that stays. */
function stillNeeded(world: World, client: ApiClient, range: KubeObject): boolean {
	const others = client.list(world, RANGES).filter((r) => r.metadata.name !== range.metadata.name && r.metadata.deletionTimestamp === undefined);
	return client.list(world, ADDRESSES).some(({ metadata }) => holds(range, metadata.name) && !others.some((o) => holds(o, metadata.name)));
}
