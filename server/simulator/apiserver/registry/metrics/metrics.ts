/** metrics.k8s.io, as metrics-server serves it: computed from what the kubelets measure at the moment of asking. */
import { formatTime } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../../../services.ts';
import { notFound } from '../../errors.ts';
import { labelFilter } from '../../selectors.ts';
import type { ApiCall, ApiResult, KubeObject, Strategy } from '../../types.ts';
import { defineResource } from '../define.ts';
import { table } from '../table.ts';
import { quantityMilli, quantityValue } from '../quantity.ts';
import { rec, recs, str } from '../fields.ts';

const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';
/** How long metrics-server looks back; it scrapes every 15 s. */
const WINDOW = '15s';

interface Usage {
	readonly cpuMilli: number;
	readonly memoryBytes: number;
}

const usageText = (use: Usage): { readonly cpu: string; readonly memory: string } => ({
	cpu: use.cpuMilli === 0 ? '0' : `${Math.round(use.cpuMilli * 1_000_000)}n`,
	memory: `${Math.ceil(use.memoryBytes / 1024)}Ki`,
});

const sum = (uses: readonly Usage[]): Usage =>
	uses.reduce((a, b) => ({ cpuMilli: a.cpuMilli + b.cpuMilli, memoryBytes: a.memoryBytes + b.memoryBytes }), { cpuMilli: 0, memoryBytes: 0 });

function head(world: World, kind: string, source: KubeObject): KubeObject {
	const { name, namespace, labels } = source.metadata;
	const metadata = {
		name,
		...(namespace === undefined ? {} : { namespace }),
		...(labels === undefined ? {} : { labels }),
		creationTimestamp: formatTime(world.now),
	} as KubeObject['metadata'];
	return { kind, apiVersion: `${GROUP}/${VERSION}`, metadata, timestamp: formatTime(world.now), window: WINDOW };
}

function podMetrics(services: Services, world: World, pod: KubeObject): KubeObject | undefined {
	const used = services.kubelet.usage(world, pod.metadata.uid);
	if (used === undefined) return undefined;
	const containers = Object.entries(used).map(([name, use]) => ({ name, usage: usageText(use) }));
	return { ...head(world, 'PodMetrics', pod), containers };
}

/** A node's own daemons and kernel, besides its pods. */
const NODE_BASE: Usage = { cpuMilli: 45, memoryBytes: 420 * 1024 * 1024 };

function nodeMetrics(services: Services, world: World, node: KubeObject): KubeObject {
	const pods = services.api.client(SYSTEM_USERS.loopback).byIndex(world, 'v1/pods', 'byNode', node.metadata.name);
	const uses = pods.flatMap((p) => Object.values(services.kubelet.usage(world, p.metadata.uid) ?? {}));
	return { ...head(world, 'NodeMetrics', node), usage: usageText(sum([NODE_BASE, ...uses])) };
}

function read(
	services: Services,
	world: World,
	call: ApiCall,
	source: 'pods' | 'nodes',
	measure: (services: Services, world: World, object: KubeObject) => KubeObject | undefined,
): ApiResult {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const kind = source === 'pods' ? 'PodMetrics' : 'NodeMetrics';
	if (call.verb === 'get') {
		const object = client.get(world, `v1/${source}`, call.namespace, call.name ?? '');
		const measured = object === undefined ? undefined : measure(services, world, object);
		const name = call.namespace === undefined ? (call.name ?? '') : `${call.namespace}/${call.name ?? ''}`;
		// In metrics-server's words: of a pod it says which of the two is missing.
		if (object === undefined && source === 'pods') throw notFound({ group: '', resource: 'pods' }, name);
		if (measured === undefined) throw notFound({ group: GROUP, resource: source === 'pods' ? 'podmetrics' : 'nodemetrics' }, name);
		return { code: 200, body: measured };
	}
	const wanted = labelFilter(call.options.labelSelector ?? '');
	const items = client
		.list(world, `v1/${source}`, call.namespace)
		.filter((o) => wanted(o.metadata.labels))
		.flatMap((o) => measure(services, world, o) ?? []);
	return { code: 200, body: { kind: `${kind}List`, apiVersion: `${GROUP}/${VERSION}`, metadata: {}, items } };
}

const totals = (uses: readonly { readonly cpu?: unknown; readonly memory?: unknown }[]): readonly [string, string] => {
	const cpu = uses.reduce((n, u) => n + quantityMilli(u.cpu), 0);
	const memory = uses.reduce((n, u) => n + quantityValue(u.memory), 0);
	return [`${cpu}m`, `${Math.ceil(memory / 1_048_576)}Mi`];
};

export function metricsResources(services: Services): readonly Strategy[] {
	return [
		defineResource({
			group: GROUP,
			versions: [VERSION],
			resource: 'nodes',
			singular: '',
			kind: 'NodeMetrics',
			namespaced: false,
			verbs: ['get', 'list'],
			virtualRead: (world, call) => read(services, world, call, 'nodes', nodeMetrics),
			table: table(['Name', 'cpu', 'memory', 'Window'], (_world, o) => [o.metadata.name, ...totals([rec(o.usage)]), str(o.window)]),
		}),
		defineResource({
			group: GROUP,
			versions: [VERSION],
			resource: 'pods',
			singular: '',
			kind: 'PodMetrics',
			verbs: ['get', 'list'],
			virtualRead: (world, call) => read(services, world, call, 'pods', podMetrics),
			table: table(['Name', 'cpu', 'memory', 'Window'], (_world, o) => [
				o.metadata.name,
				...totals(recs(o.containers).map((c) => rec(c.usage))),
				str(o.window),
			]),
		}),
	];
}
