/** NodeRestriction: a kubelet writes its own node, the pods bound to it and its own lease. `plugin/pkg/admission/noderestriction`. */
import type { World } from '../../kernel/world.ts';
import { nodeOf } from '../auth/node-authorizer.ts';
import type { ApiClient } from '../client.ts';
import { sameData } from '../equal.ts';
import { isRecord, rec, specOf, str } from '../registry/fields.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../types.ts';
import { refused } from './refuse.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const quoted = (text: string): string => JSON.stringify(text);

function checkPod(request: AdmissionRequest, node: string): void {
	const { operation, call, object, old } = request;
	const own = (pod: KubeObject): boolean => str(specOf(pod).nodeName) === node;
	const subresource = call.subresource ?? '';
	const no = (why: string): Error => refused(request, `node ${quoted(node)} can only ${why}`);
	if (subresource === 'status') {
		if (!own(old ?? object)) throw no('update pod status for pods with spec.nodeName set to itself');
		if (old !== undefined && !sameData(object.metadata.labels, old.metadata.labels)) {
			throw refused(request, `node ${quoted(node)} cannot update labels through pod status`);
		}
		return;
	}
	if (subresource !== '') throw refused(request, `unexpected pod subresource ${quoted(subresource)}, only 'status' and 'eviction' are allowed`);
	if (operation === 'DELETE') {
		if (!own(object)) throw no('delete pods with spec.nodeName set to itself');
		return;
	}
	if (operation !== 'CREATE') throw refused(request, `unexpected operation ${quoted(operation)}, node ${quoted(node)} can only create and delete mirror pods`);
	if (object.metadata.annotations?.[MIRROR] === undefined) {
		throw refused(request, `pod does not have ${quoted(MIRROR)} annotation, node ${quoted(node)} can only create mirror pods`);
	}
	if (!own(object)) throw no('create pods with spec.nodeName set to itself');
}

/** Labels of the `kubernetes.io` domains that a kubelet may set on its node. */
const KUBELET_LABELS: ReadonlySet<string> = new Set([
	'kubernetes.io/hostname',
	'kubernetes.io/arch',
	'kubernetes.io/os',
	'beta.kubernetes.io/arch',
	'beta.kubernetes.io/os',
	'beta.kubernetes.io/instance-type',
	'node.kubernetes.io/instance-type',
	'failure-domain.beta.kubernetes.io/region',
	'failure-domain.beta.kubernetes.io/zone',
	'topology.kubernetes.io/region',
	'topology.kubernetes.io/zone',
]);

function isForbiddenLabel(key: string): boolean {
	const [domain = ''] = key.includes('/') ? key.split('/') : [''];
	if (domain === 'node-restriction.kubernetes.io' || domain.endsWith('.node-restriction.kubernetes.io')) return true;
	const ours = ['kubernetes.io', 'k8s.io'].some((d) => domain === d || domain.endsWith(`.${d}`));
	return ours && !KUBELET_LABELS.has(key) && !['kubelet.kubernetes.io', 'node.kubernetes.io'].some((d) => domain === d || domain.endsWith(`.${d}`));
}

function changedLabels(now: KubeObject, old: KubeObject | undefined): readonly string[] {
	const [a, b] = [now.metadata.labels ?? {}, old?.metadata.labels ?? {}];
	return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);
}

function checkNode(request: AdmissionRequest, node: string): void {
	const { operation, object, old } = request;
	const name = object.metadata.name || (request.call.name ?? '');
	if (name !== node) throw refused(request, `node ${quoted(node)} is not allowed to modify node ${quoted(name)}`);
	if (operation === 'DELETE') throw refused(request, `node ${quoted(node)} cannot delete node ${quoted(name)}`);
	const forbidden = changedLabels(object, old).filter(isForbiddenLabel).sort();
	const verb = operation === 'CREATE' ? 'set the following labels' : 'modify labels';
	if (forbidden.length > 0) throw refused(request, `is not allowed to ${verb}: ${forbidden.join(', ')}`);
	if (operation === 'UPDATE' && old !== undefined && !sameData(specOf(object).taints, specOf(old).taints)) {
		throw refused(request, `node ${quoted(node)} is not allowed to modify taints`);
	}
}

function checkLease(request: AdmissionRequest, node: string): void {
	const { object } = request;
	if (object.metadata.namespace !== 'kube-node-lease') {
		throw refused(request, `can only access leases in the "kube-node-lease" system namespace`);
	}
	if (object.metadata.name !== node) throw refused(request, 'can only access node lease with the same name as the requesting node');
}

/** `serviceaccounts/token`, which goes no way of objects: its request names the pod that the token is for. */
export function tokenRefusal(world: World, client: ApiClient, node: string, namespace: string | undefined, body: unknown): string | undefined {
	const ref = rec(rec(rec(body).spec).boundObjectRef);
	if (!isRecord(rec(rec(body).spec).boundObjectRef)) return 'node requested token not bound to a pod';
	if (str(ref.kind) !== 'Pod' || str(ref.name) === '') return 'node requested token not bound to a pod';
	if (str(ref.uid) === '') return 'node requested token with a pod binding without a uid';
	const pod = client.get(world, 'v1/pods', namespace, str(ref.name));
	if (pod === undefined) return `pod ${quoted(str(ref.name))} not found`;
	if (pod.metadata.uid !== str(ref.uid))
		return `the UID in the bound object reference (${str(ref.uid)}) does not match the UID in record (${pod.metadata.uid}). The object might have been deleted and then recreated`;
	return str(specOf(pod).nodeName) === node ? undefined : 'node requested token bound to a pod scheduled on a different node';
}

function validate(request: AdmissionRequest): undefined {
	const node = nodeOf(request.call.user);
	if (node === undefined) return;
	switch (`${request.strategy.group}/${request.strategy.resource}`) {
		case '/pods':
			if (request.operation !== 'CONNECT') checkPod(request, node);
			return;
		case '/nodes':
			checkNode(request, node);
			return;
		case 'coordination.k8s.io/leases':
			checkLease(request, node);
	}
}

export const nodeRestriction: AdmissionPlugin = { name: 'NodeRestriction', validate: (_world, request) => validate(request) };
