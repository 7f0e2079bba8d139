/** What device plugin and feature discovery write of a node: its resources and labels. */
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { allocationModes, publishSlice } from './dra.ts';
import { discoveryLabels, isDiscovered } from './labels.ts';
import { writePartLog } from './part-log.ts';
import { nodeResources } from './plugin.ts';
import { readSharing } from './sharing.ts';
import { getGpuNode, type GpuNode, setGpuNode } from './state.ts';

type Quantities = { readonly [resource: string]: string };
const MERGE = 'application/merge-patch+json';
const PREFIX = 'nvidia.com/';

/** Changes labels of a node; null takes one away. */
export function labelNode(world: World, services: Services, name: string, labels: { readonly [label: string]: string | null }): void {
	services.api.client(SYSTEM_USERS.loopback).patch(world, 'v1/nodes', undefined, name, { metadata: { labels } }, MERGE);
}

/** Resources that the plugin no longer offers stay in the kubelet's checkpoint with none left. */
function merged(old: Quantities | undefined, now: Quantities): Quantities {
	const gone = Object.keys(old ?? {}).filter((r) => r.startsWith(PREFIX) && now[r] === undefined);
	return { ...old, ...Object.fromEntries(gone.map((r) => [r, '0'])), ...now };
}

/** Brings strategy and sharing up to date with ClusterPolicy and the plugin's ConfigMap, which a node's label may choose from. */
function configured(world: World, services: Services, node: GpuNode, object: KubeObject): GpuNode {
	const read = readSharing(world, services, object.metadata.labels?.['nvidia.com/device-plugin.config']);
	if ('error' in read) {
		writePartLog(world, services, 'nvidia-device-plugin-daemonset', node.name, `E main.go:173] error starting plugins: unable to load config: ${read.error}\n`);
		return node;
	}
	const { sharing: _old, ...rest } = node;
	return { ...rest, strategy: read.strategy ?? node.strategy, ...(read.sharing === undefined ? {} : { sharing: read.sharing }) };
}

/** Writes what is to be found on a node now. Nothing where its object is gone. */
export function syncNode(world: World, services: Services, name: string): void {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const object = client.get(world, 'v1/nodes', undefined, name);
	const before = getGpuNode(world, name);
	if (object === undefined || before === undefined) return;
	const node = configured(world, services, before, object);
	setGpuNode(world, node);
	const found = discoveryLabels(node);
	const stale = Object.keys(object.metadata.labels ?? {}).filter((l) => isDiscovered(l) && found[l] === undefined);
	labelNode(world, services, name, { ...Object.fromEntries(stale.map((l) => [l, null])), ...found });
	const fresh = client.get(world, 'v1/nodes', undefined, name);
	if (fresh === undefined) return;
	const status = (fresh['status'] ?? {}) as { readonly capacity?: Quantities; readonly allocatable?: Quantities };
	const { plugin, dra } = allocationModes(world, services);
	publishSlice(world, services, node, fresh, dra);
	const { capacity, allocatable } = plugin ? nodeResources(node) : { capacity: {}, allocatable: {} };
	client.updateStatus(world, 'v1/nodes', {
		...fresh,
		status: { ...status, capacity: merged(status.capacity, capacity), allocatable: merged(status.allocatable, allocatable) },
	});
}
