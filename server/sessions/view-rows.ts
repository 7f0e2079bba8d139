/** Rows of the cluster view from API objects. Words follow `kubectl get`. */
import { LIMITS } from '../limits.ts';
import type { ClusterView } from '../protocol/messages.ts';
import type { ApiItem } from './informer.ts';
import { pendingReasons } from './pending.ts';
import { type PodParts, podLine } from './pod-status.ts';
import { milliOf, quantity } from '../shell/quantity.ts';

type Items = ReadonlyMap<string, ApiItem>;
export interface ViewSources {
	readonly nodes: Items;
	readonly pods: Items;
	readonly services: Items;
	readonly events: Items;
	readonly deployments: Items;
	readonly statefulsets: Items;
	readonly daemonsets: Items;
	readonly jobs: Items;
	readonly ingresses: Items;
	readonly slices: Items;
}

export function viewOf(sources: ViewSources, now: number): ClusterView {
	return {
		now,
		nodes: nodeRows(sources),
		workloads: [
			...workloadRows('Deployment', sources.deployments, ['spec', 'replicas'], ['status', 'readyReplicas']),
			...workloadRows('StatefulSet', sources.statefulsets, ['spec', 'replicas'], ['status', 'readyReplicas']),
			...workloadRows('DaemonSet', sources.daemonsets, ['status', 'desiredNumberScheduled'], ['status', 'numberReady']),
			...workloadRows('Job', sources.jobs, ['spec', 'completions'], ['status', 'succeeded']),
		],
		pods: sorted(sources.pods)
			.slice(0, LIMITS.viewPods)
			.map((pod) => podRow(pod, sources)),
		services: serviceRows(sources),
		ingresses: sorted(sources.ingresses).map(ingressRow),
		events: eventRows(sources.events),
	};
}

function nodeRows({ nodes, pods }: ViewSources): ClusterView['nodes'] {
	const used = new Map<string, { pods: number; cpu: number; memory: number }>();
	for (const pod of pods.values() as Iterable<ApiItem & PodParts>) {
		const node = pod.spec?.nodeName;
		if (node === undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
		const sum = used.get(node) ?? { pods: 0, cpu: 0, memory: 0 };
		sum.pods++;
		for (const c of pod.spec?.containers ?? []) {
			sum.cpu += milliOf(c.resources?.requests?.cpu) / 1000;
			sum.memory += quantity(c.resources?.requests?.memory);
		}
		used.set(node, sum);
	}
	return sorted(nodes).map((node) => {
		const sum = used.get(node.metadata.name) ?? { pods: 0, cpu: 0, memory: 0 };
		const conditions = at(node, 'status', 'conditions');
		const ready = Array.isArray(conditions) && conditions.some((c: { type?: string; status?: string }) => c.type === 'Ready' && c.status === 'True');
		const roles = Object.keys(node.metadata.labels ?? {}).flatMap((l) => (l.startsWith('node-role.kubernetes.io/') ? [l.slice(24)] : []));
		return {
			name: node.metadata.name,
			ready,
			schedulable: at(node, 'spec', 'unschedulable') !== true,
			roles: roles.sort().join(',') || '<none>',
			pods: sum.pods,
			cpuRequested: Math.round(sum.cpu * 1000) / 1000,
			cpuAllocatable: milliOf(at(node, 'status', 'allocatable', 'cpu')) / 1000,
			memoryRequested: sum.memory,
			memoryAllocatable: quantity(at(node, 'status', 'allocatable', 'memory')),
		};
	});
}

function workloadRows(kind: string, items: Items, wanted: readonly string[], ready: readonly string[]): ClusterView['workloads'] {
	return sorted(items).map((item) => ({
		namespace: item.metadata.namespace ?? '',
		kind,
		name: item.metadata.name,
		ready: Number(at(item, ...ready) ?? 0),
		wanted: Number(at(item, ...wanted) ?? 1),
		message: trouble(item),
	}));
}

/** What a workload's conditions complain of. */
function trouble(item: ApiItem): string {
	const conditions = at(item, 'status', 'conditions');
	if (!Array.isArray(conditions)) return '';
	for (const c of conditions as readonly { type?: string; status?: string; message?: string }[]) {
		const bad = (c.type === 'Available' || c.type === 'Progressing') && c.status === 'False';
		if (bad || ((c.type === 'ReplicaFailure' || c.type === 'Failed') && c.status === 'True')) return c.message ?? '';
	}
	return '';
}

function podRow(pod: ApiItem & PodParts, sources: ViewSources): ClusterView['pods'][number] {
	const pending = pendingReasons(pod, sources);
	const owner = pod.metadata.ownerReferences?.find((o) => o.controller === true);
	return {
		namespace: pod.metadata.namespace ?? '',
		name: pod.metadata.name,
		node: pod.spec?.nodeName ?? '',
		ip: pod.status?.podIP ?? '',
		owner: owner === undefined ? '' : `${owner.kind}/${owner.name}`,
		...podLine(pod),
		...(pending.length === 0 ? {} : { pending }),
	};
}

function serviceRows({ services, slices }: ViewSources): ClusterView['services'] {
	const endpoints = new Map<string, number>();
	for (const slice of slices.values()) {
		const name = `${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;
		const list = (slice['endpoints'] ?? []) as readonly { conditions?: { ready?: boolean }; addresses?: readonly string[] }[];
		const ready = (list ?? []).filter((e) => e.conditions?.ready !== false).length;
		endpoints.set(name, (endpoints.get(name) ?? 0) + ready);
	}
	return sorted(services).map((service) => {
		const ports = (at(service, 'spec', 'ports') ?? []) as readonly { port: number; nodePort?: number; protocol?: string }[];
		return {
			namespace: service.metadata.namespace ?? '',
			name: service.metadata.name,
			type: String(at(service, 'spec', 'type') ?? 'ClusterIP'),
			address: loadBalancer(service) || String(at(service, 'spec', 'clusterIP') ?? at(service, 'spec', 'externalName') ?? ''),
			ports: ports.map((p) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`).join(',') || '<none>',
			endpoints: endpoints.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? 0,
		};
	});
}

function ingressRow(ingress: ApiItem): ClusterView['ingresses'][number] {
	const rules = (at(ingress, 'spec', 'rules') ?? []) as readonly { host?: string }[];
	return {
		namespace: ingress.metadata.namespace ?? '',
		name: ingress.metadata.name,
		hosts: rules.map((r) => r.host ?? '*').join(',') || '*',
		address: loadBalancer(ingress),
	};
}

function loadBalancer(item: ApiItem): string {
	const list = (at(item, 'status', 'loadBalancer', 'ingress') ?? []) as readonly { ip?: string; hostname?: string }[];
	return list.map((i) => i.ip ?? i.hostname ?? '').join(',');
}

function eventRows(events: Items): ClusterView['events'] {
	const rows = [...events.values()].map((event) => {
		const object = (event['involvedObject'] ?? {}) as { kind?: string; name?: string };
		const series = at(event, 'series', 'lastObservedTime');
		const time = String(series ?? event['lastTimestamp'] ?? event['eventTime'] ?? event.metadata.creationTimestamp ?? '');
		return {
			namespace: event.metadata.namespace ?? '',
			object: `${(object.kind ?? '').toLowerCase()}/${object.name ?? ''}`,
			type: String(event['type'] ?? ''),
			reason: String(event['reason'] ?? ''),
			message: String(event['message'] ?? ''),
			count: Number(at(event, 'series', 'count') ?? event['count'] ?? 1),
			at: Date.parse(time) || 0,
		};
	});
	return rows.sort((a, b) => b.at - a.at).slice(0, LIMITS.viewEvents);
}

function sorted(items: Items): ApiItem[] {
	const key = (item: ApiItem): string => `${item.metadata.namespace ?? ''}/${item.metadata.name}`;
	return [...items.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function at(item: unknown, ...path: readonly string[]): unknown {
	let value = item;
	for (const part of path) {
		if (typeof value !== 'object' || value === null) return undefined;
		value = (value as { readonly [key: string]: unknown })[part];
	}
	return value;
}
