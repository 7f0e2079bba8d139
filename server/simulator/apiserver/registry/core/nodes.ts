/** Nodes: `pkg/registry/core/node`. */
import type { World } from '../../../kernel/world.ts';
import type { Services } from '../../../services.ts';
import { nodeTarget } from '../../proxy/target.ts';
import type { Json, KubeObject, Strategy } from '../../types.ts';
import { defineResource } from '../define.ts';
import { changeField, changePart, type Fields, rec, recs, specOf, statusOf, str } from '../fields.ts';
import { age, table } from '../table.ts';
import { canonicalResourceList } from './pod-defaults.ts';

/** SetDefaults_NodeStatus: what is allocatable is the capacity unless said. */
function statusDefaults(status: Fields): Fields {
	const s = changeField(changeField(status, 'capacity', canonicalResourceList), 'allocatable', canonicalResourceList);
	return s.allocatable === undefined && s.capacity !== undefined ? { ...s, allocatable: s.capacity } : s;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

/** findNodeRoles: from `node-role.kubernetes.io/<role>` and `kubernetes.io/role=<role>`, sorted. */
function roles(node: KubeObject): string {
	const found = new Set<string>();
	for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
		if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) found.add(key.slice(ROLE_PREFIX.length));
		else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
	}
	return found.size === 0 ? '<none>' : [...found].sort().join(',');
}

/** The Ready condition as `Ready`, `NotReady` or `Unknown`, and whether the node is cordoned. */
function statusText(node: KubeObject): string {
	const ready = recs(statusOf(node).conditions).find((c) => c.type === 'Ready');
	const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
	return specOf(node).unschedulable === true ? `${text},SchedulingDisabled` : text;
}

const address = (node: KubeObject, type: string): string => str(recs(statusOf(node).addresses).find((a) => a.type === type)?.address) || '<none>';

function row(world: World, node: KubeObject): readonly Json[] {
	const info = rec(statusOf(node).nodeInfo);
	const text = (field: string): string => str(info[field]) || '<unknown>';
	return [
		node.metadata.name,
		statusText(node),
		roles(node),
		age(world, node),
		str(info.kubeletVersion),
		address(node, 'InternalIP'),
		address(node, 'ExternalIP'),
		text('osImage'),
		text('kernelVersion'),
		text('containerRuntimeVersion'),
	];
}

export const nodesResource = (services: Services): Strategy =>
	defineResource({
		group: '',
		resource: 'nodes',
		kind: 'Node',
		shortNames: ['no'],
		namespaced: false,
		subresources: ['status'],
		keepsStatus: true,
		defaults: (node) => changePart(node, 'status', statusDefaults),
		selectableFields: (node) => ({ 'spec.unschedulable': String(specOf(node).unschedulable === true) }),
		connect: { proxy: (world, call) => nodeTarget(services, world, call) },
		table: table(['Name', 'Status', 'Roles', 'Age', 'Version', '*Internal-IP', '*External-IP', '*OS-Image', '*Kernel-Version', '*Container-Runtime'], row),
	});
