/**
 * managedFields of what the cluster's own parts write. Upstream keeps account of every write; here entries are kept for what
 * clients write (`managed.ts`), and those of controllers and kubelets are worked out when somebody looks at one object: who
 * made it owns all but its status, and the status is its controller's or kubelet's. Lists and watches go without them.
 */
import { isRecord } from '../equal.ts';
import { kindType, type StructType } from '../openapi/schema.ts';
import { fieldsOfNew } from '../patch/fieldset.ts';
import { resourceKey } from '../registry/store.ts';
import type { Json, KubeObject, Strategy } from '../types.ts';
import type { ManagedEntry } from './managed.ts';

const MANAGER = 'kube-controller-manager';
/** Components of events that are no controllers. */
const COMPONENTS: { readonly [component: string]: string } = { kubelet: 'kubelet', 'default-scheduler': 'kube-scheduler' };
/** What the API server makes by itself at its start. */
const APISERVER: ReadonlySet<string> = new Set([
	'flowcontrol.apiserver.k8s.io/flowschemas',
	'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations',
	'scheduling.k8s.io/priorityclasses',
	'apiregistration.k8s.io/apiservices',
	'networking.k8s.io/servicecidrs',
	'networking.k8s.io/ipaddresses',
]);

function eventSource(object: KubeObject): string {
	const { source, reportingComponent, reportingController } = object;
	const component = (isRecord(source) && typeof source['component'] === 'string' ? source['component'] : '') || reportingComponent || reportingController;
	return COMPONENTS[String(component)] ?? MANAGER;
}

/** Which of the cluster's own parts made an object that no outside client did. */
function ownCreator(strategy: Pick<Strategy, 'group' | 'resource'>, object: KubeObject): string {
	const { metadata } = object;
	switch (strategy.resource) {
		case 'pods':
			return metadata.annotations?.['kubernetes.io/config.mirror'] === undefined ? MANAGER : 'kubelet';
		case 'nodes':
		case 'csinodes':
			return 'kubelet';
		case 'leases':
			return metadata.namespace === 'kube-node-lease' ? 'kubelet' : MANAGER;
		case 'events':
			return eventSource(object);
	}
	if (metadata.labels?.['kubernetes.io/bootstrapping'] !== undefined || APISERVER.has(resourceKey(strategy))) return 'kube-apiserver';
	if (metadata.name === 'kubernetes' && metadata.namespace === 'default') return 'kube-apiserver';
	return MANAGER;
}

/** Who writes the status of a kind of object. */
function statusWriter(resource: string): string {
	if (resource === 'pods' || resource === 'nodes') return 'kubelet';
	if (resource === 'ingresses') return 'nginx-ingress-controller';
	return resource === 'customresourcedefinitions' || resource === 'apiservices' ? 'kube-apiserver' : MANAGER;
}

/** Fields of metadata that a client sets. */
const OWN_META = ['annotations', 'finalizers', 'generateName', 'labels', 'ownerReferences'] as const;

function contentOf(object: KubeObject): { readonly [field: string]: unknown } {
	const { apiVersion: _a, kind: _k, metadata, status: _s, ...content } = object;
	const meta: { [field: string]: unknown } = {};
	for (const field of OWN_META) if (metadata[field] !== undefined) meta[field] = metadata[field];
	const whole = object.kind === 'Pod' && isRecord(content['spec']) ? { ...content, spec: sentSpec(content['spec']) } : content;
	return Object.keys(meta).length === 0 ? whole : { metadata: meta, ...whole };
}

type Fields = { readonly [field: string]: unknown };

/** What admission and the binding put into a pod's spec: upstream takes account before they do. */
const ADMITTED: ReadonlySet<string> = new Set(['nodeName', 'priority', 'preemptionPolicy', 'serviceAccount', 'serviceAccountName']);
const isTokenVolume = (item: unknown): boolean => isRecord(item) && String(item['name']).startsWith('kube-api-access-');
const isDefaultToleration = (item: unknown): boolean => isRecord(item) && item['tolerationSeconds'] === 300;

/** A pod's spec as its creator sent it. */
function sentSpec(spec: Fields): Fields {
	const out: { [field: string]: unknown } = {};
	const rest = (list: unknown, gone: (item: unknown) => boolean): readonly unknown[] => (Array.isArray(list) ? list.filter((i) => !gone(i)) : []);
	for (const [field, value] of Object.entries(spec)) {
		if (ADMITTED.has(field)) continue;
		if (field === 'volumes' || field === 'tolerations') {
			const kept = rest(value, field === 'volumes' ? isTokenVolume : isDefaultToleration);
			if (kept.length > 0) out[field] = kept;
		} else if (field === 'containers' || field === 'initContainers') out[field] = rest(value, () => false).map((c) => sentContainer(c, rest));
		else out[field] = value;
	}
	return out;
}

function sentContainer(container: unknown, rest: (list: unknown, gone: (item: unknown) => boolean) => readonly unknown[]): unknown {
	if (!isRecord(container)) return container;
	const { volumeMounts, ...others } = container;
	const kept = rest(volumeMounts, isTokenVolume);
	return kept.length === 0 ? others : { ...others, volumeMounts: kept };
}

function rootOf(strategy: Strategy, object: KubeObject): StructType | undefined {
	if (strategy.custom !== undefined) return strategy.custom.type;
	return kindType(strategy.group, object.apiVersion.split('/').at(-1) ?? '', strategy.kind);
}

const TIMES = ['lastTransitionTime', 'lastUpdateTime', 'lastHeartbeatTime'] as const;

/** The last time that a status tells of; the object's creation where it tells none. */
function statusTime(status: { readonly [field: string]: unknown }, created: string): string {
	let last = created;
	const seen = (value: unknown): void => {
		if (typeof value === 'string' && value > last) last = value;
	};
	seen(status['startTime']);
	for (const condition of Array.isArray(status['conditions']) ? status['conditions'] : []) {
		if (isRecord(condition)) for (const field of TIMES) seen(condition[field]);
	}
	return last;
}

/** The entries of an object that keeps none, the creator's first. */
function derivedEntries(strategy: Strategy, object: KubeObject): readonly ManagedEntry[] {
	const type = rootOf(strategy, object);
	const content = contentOf(object);
	const status = statusEntry(strategy, object);
	if (Object.keys(content).length === 0) return status === undefined ? [] : [status];
	const fieldsV1 = fieldsOfNew(content, type === undefined ? {} : { type });
	const { apiVersion, metadata } = object;
	const head = { manager: ownCreator(strategy, object), operation: 'Update', apiVersion, time: metadata.creationTimestamp } as const;
	const own: ManagedEntry = { ...head, fieldsType: 'FieldsV1', fieldsV1 };
	return status === undefined ? [own] : [own, status];
}

/** The entry of whichever part of the cluster writes the status; undefined where there is nothing in it. */
function statusEntry(strategy: Strategy, object: KubeObject): ManagedEntry | undefined {
	const { status, apiVersion, metadata } = object;
	if (!isRecord(status) || strategy.custom !== undefined || strategy.subresources?.includes('status') !== true) return undefined;
	const filled = Object.entries(status).filter(([, v]) => v !== undefined && !(isRecord(v) && Object.keys(v).length === 0));
	if (filled.every(([k]) => INITIAL.has(k))) return undefined;
	const type = rootOf(strategy, object);
	const fieldsV1 = fieldsOfNew({ status: Object.fromEntries(filled) }, type === undefined ? {} : { type });
	const time = statusTime(status, metadata.creationTimestamp);
	return { manager: statusWriter(strategy.resource), operation: 'Update', apiVersion, time, fieldsType: 'FieldsV1', fieldsV1, subresource: 'status' };
}

/** What a status has from the start, written by nobody. */
const INITIAL: ReadonlySet<string> = new Set(['phase', 'qosClass']);

const known = new WeakMap<KubeObject, KubeObject>();

/** A stored object as a client that asks for it alone sees it: with the entries of the cluster's own parts. The same for the same object. */
export function withManagers(strategy: Strategy, object: KubeObject): KubeObject {
	const held = known.get(object);
	if (held !== undefined) return held;
	const kept = (object.metadata.managedFields ?? []) as unknown as readonly ManagedEntry[];
	let entries: readonly ManagedEntry[] = kept;
	if (kept.length === 0) entries = derivedEntries(strategy, object);
	else if (!kept.some((e) => e.subresource === 'status')) {
		const status = statusEntry(strategy, object);
		if (status !== undefined) entries = [...kept, status];
	}
	const shown = entries === kept ? object : { ...object, metadata: { ...object.metadata, managedFields: entries as unknown as readonly Json[] } };
	known.set(object, shown);
	return shown;
}
