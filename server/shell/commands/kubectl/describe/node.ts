import type { Obj } from '../client.ts';
import { isNotFound } from '../errors.ts';
import { age, formatQuantity, rfc1123 } from '../human.ts';
import { quantity } from '../../../quantity.ts';
import type { Kube } from '../kube.ts';
import { type Doc, resourceNames } from './writer.ts';

const ROLE = 'node-role.kubernetes.io/';

export function nodeRoles(node: Obj): string {
	const roles = Object.keys(node.metadata?.labels ?? {})
		.filter((k) => k.startsWith(ROLE) && k.length > ROLE.length)
		.map((k) => k.slice(ROLE.length));
	return roles.sort().join(',') || '<none>';
}

/** Sum over containers, or the largest init container where that is more (resourcehelper.PodRequests); restartable ones add up. */
export function podTotal(pod: Obj, kind: 'requests' | 'limits', resource: string): number {
	const of = (c: Obj): number => quantity(c.resources?.[kind]?.[resource]);
	const containers = (pod.spec?.containers ?? []) as Obj[];
	const inits = (pod.spec?.initContainers ?? []) as Obj[];
	const sidecars = inits.filter((c) => c.restartPolicy === 'Always').reduce((sum, c) => sum + of(c), 0);
	const running = containers.reduce((sum, c) => sum + of(c), 0) + sidecars;
	let before = 0;
	let most = running;
	for (const c of inits) {
		if (c.restartPolicy === 'Always') before += of(c);
		else most = Math.max(most, of(c) + before);
	}
	return most + quantity(pod.spec?.overhead?.[resource]);
}

const percent = (value: number, of: number): string => `(${of === 0 ? 0 : Math.trunc((value / of) * 100)}%)`;

function resources(doc: Doc, node: Obj, pods: readonly Obj[]): void {
	doc.field(0, 'Non-terminated Pods', `(${pods.length} in total)`);
	doc.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge');
	doc.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---');
	const allocatable = node.status?.allocatable ?? node.status?.capacity ?? {};
	const kinds = ['requests', 'limits'] as const;
	const like = (r: string): 'cpu' | 'binary' => (r === 'cpu' ? 'cpu' : 'binary');
	for (const pod of pods) {
		const cells = ['cpu', 'memory'].flatMap((r) =>
			kinds.map((k) => `${formatQuantity(podTotal(pod, k, r), like(r))} ${percent(podTotal(pod, k, r), quantity(allocatable[r]))}`),
		);
		doc.line(1, `${pod.metadata?.namespace}\t${pod.metadata?.name}\t\t${cells.join('\t')}\t${age(pod.metadata?.creationTimestamp, doc.now)}`);
	}
	doc
		.line(0, 'Allocated resources:')
		.line(1, '(Total limits may be over 100 percent, i.e., overcommitted.)')
		.line(1, 'Resource\tRequests\tLimits')
		.line(1, '--------\t--------\t------');
	const sum = (r: string, k: 'requests' | 'limits'): number => pods.reduce((s, p) => s + podTotal(p, k, r), 0);
	for (const r of ['cpu', 'memory', 'ephemeral-storage']) {
		const cells = kinds.map((k) => `${formatQuantity(sum(r, k), like(r))} ${percent(sum(r, k), quantity(allocatable[r]))}`);
		doc.line(1, `${r}\t${cells.join('\t')}`);
	}
	for (const r of resourceNames(allocatable)) {
		if (r.startsWith('hugepages-'))
			doc.line(1, `${r}\t${kinds.map((k) => `${formatQuantity(sum(r, k), 'binary')} ${percent(sum(r, k), quantity(allocatable[r]))}`).join('\t')}`);
	}
	for (const r of resourceNames(allocatable)) if (r.includes('/')) doc.line(1, `${r}\t${sum(r, 'requests')}\t${sum(r, 'limits')}`);
}

async function lease(doc: Doc, node: Obj, kube: Kube): Promise<void> {
	try {
		const { spec } = await kube.client.json(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node.metadata?.name}`);
		doc.line(0, 'Lease:').field(1, 'HolderIdentity', spec?.holderIdentity ?? '<unset>');
		doc
			.field(1, 'AcquireTime', spec?.acquireTime ? rfc1123(spec.acquireTime) : '<unset>')
			.field(1, 'RenewTime', spec?.renewTime ? rfc1123(spec.renewTime) : '<unset>');
	} catch (err) {
		if (!isNotFound(err)) throw err;
		doc.field(0, 'Lease', `Failed to get lease: ${(err as Error).message}`);
	}
}

export const taintText = (t: Obj): string => `${t.key}${t.value ? `=${t.value}` : ''}:${t.effect}`;

export async function describeNode(doc: Doc, o: Obj, kube: Kube): Promise<void> {
	const { spec = {}, status = {} } = o;
	doc
		.field(0, 'Name', o.metadata?.name)
		.field(0, 'Roles', nodeRoles(o))
		.labels('Labels', o.metadata?.labels)
		.annotations('Annotations', o.metadata?.annotations);
	doc.field(0, 'CreationTimestamp', rfc1123(o.metadata?.creationTimestamp));
	const taints = [...((spec.taints ?? []) as Obj[])].sort((a, b) => (`${a.effect},${a.key}` < `${b.effect},${b.key}` ? -1 : 1));
	doc.values('Taints', taints.map(taintText)).field(0, 'Unschedulable', spec.unschedulable === true);
	await lease(doc, o, kube);
	const conditions = (status.conditions ?? []) as Obj[];
	if (conditions.length > 0) {
		doc
			.line(0, 'Conditions:')
			.line(1, 'Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage')
			.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
	}
	for (const c of conditions)
		doc.line(1, `${c.type} \t${c.status} \t${rfc1123(c.lastHeartbeatTime)} \t${rfc1123(c.lastTransitionTime)} \t${c.reason ?? ''} \t${c.message ?? ''}`);
	doc.line(0, 'Addresses:');
	for (const a of (status.addresses ?? []) as Obj[]) doc.field(1, a.type, a.address);
	for (const [title, list] of [
		['Capacity', status.capacity],
		['Allocatable', status.allocatable],
	] as const) {
		if (Object.keys(list ?? {}).length > 0) doc.line(0, `${title}:`);
		for (const name of resourceNames(list)) doc.field(1, name, list[name]);
	}
	const info = (status.nodeInfo ?? {}) as Obj;
	doc.line(0, 'System Info:').field(1, 'Machine ID', info.machineID).field(1, 'System UUID', info.systemUUID).field(1, 'Boot ID', info.bootID);
	doc
		.field(1, 'Kernel Version', info.kernelVersion)
		.field(1, 'OS Image', info.osImage)
		.field(1, 'Operating System', info.operatingSystem)
		.field(1, 'Architecture', info.architecture);
	doc.field(1, 'Container Runtime Version', info.containerRuntimeVersion).field(1, 'Kubelet Version', info.kubeletVersion);
	if (spec.podCIDR) doc.field(0, 'PodCIDR', spec.podCIDR);
	if ((spec.podCIDRs ?? []).length > 0) doc.field(0, 'PodCIDRs', spec.podCIDRs.join(','));
	if (spec.providerID) doc.field(0, 'ProviderID', spec.providerID);
	const pods = await kube.client.json('/api/v1/pods', {
		query: { fieldSelector: `spec.nodeName=${o.metadata?.name},status.phase!=Failed,status.phase!=Succeeded` },
	});
	resources(doc, o, (pods['items'] ?? []) as Obj[]);
}
