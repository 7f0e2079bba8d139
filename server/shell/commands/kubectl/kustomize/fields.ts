/** Paths into objects as kustomize's field specs have them: `spec/template/metadata/labels`, lists walked through. */
import type { Obj } from '../client.ts';

export interface FieldSpec {
	readonly path: string;
	/** Kinds it is for; absent: all. */
	readonly kinds?: readonly string[];
	/** Maps on the way are made where they are missing. */
	readonly create?: boolean;
}

const isMap = (v: unknown): v is Obj => v !== null && typeof v === 'object' && !Array.isArray(v);

function walk(at: unknown, parts: readonly string[], create: boolean, change: (old: unknown, holder: Obj) => unknown): void {
	if (Array.isArray(at)) {
		for (const item of at) walk(item, parts, create, change);
		return;
	}
	const [head, ...rest] = parts;
	if (!isMap(at) || head === undefined) return;
	if (rest.length === 0) {
		if (!create && at[head] === undefined) return;
		const next = change(at[head], at);
		if (next !== undefined) at[head] = next;
		return;
	}
	if (at[head] === undefined || at[head] === null) {
		if (!create) return;
		at[head] = {};
	}
	walk(at[head], rest, create, change);
}

/** Changes every place of `object` that the specs name. `change` gets what stands there and the map it stands in. */
export function changeFields(object: Obj, specs: readonly FieldSpec[], change: (old: unknown, holder: Obj) => unknown): void {
	for (const spec of specs) {
		if (spec.kinds !== undefined && !spec.kinds.includes(String(object.kind))) continue;
		walk(object, spec.path.split('/'), spec.create ?? false, change);
	}
}

const WORKLOADS = ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'];

/** Where labels go besides an object's own: `selectors` are those that pick pods. */
export const SELECTORS: readonly FieldSpec[] = [
	{ path: 'spec/selector', kinds: ['Service', 'ReplicationController'], create: true },
	{ path: 'spec/selector/matchLabels', kinds: ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'], create: true },
	{ path: 'spec/selector/matchLabels', kinds: ['Job', 'PodDisruptionBudget'] },
	{ path: 'spec/jobTemplate/spec/selector/matchLabels', kinds: ['CronJob'] },
	{ path: 'spec/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
	{ path: 'spec/ingress/from/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
	{ path: 'spec/egress/to/podSelector/matchLabels', kinds: ['NetworkPolicy'] },
	...['podAffinity', 'podAntiAffinity'].flatMap((affinity) =>
		['requiredDuringSchedulingIgnoredDuringExecution/labelSelector', 'preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector'].map(
			(term): FieldSpec => ({ path: `spec/template/spec/affinity/${affinity}/${term}/matchLabels`, kinds: ['Deployment', 'StatefulSet'] }),
		),
	),
	{ path: 'spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels', kinds: ['Deployment', 'StatefulSet'] },
];

/** Metadata of templates; `what` is labels or annotations. */
export const templates = (what: 'labels' | 'annotations'): readonly FieldSpec[] => [
	{ path: `spec/template/metadata/${what}`, kinds: [...WORKLOADS, 'ReplicationController'], create: true },
	{ path: `spec/jobTemplate/metadata/${what}`, kinds: ['CronJob'], create: true },
	{ path: `spec/jobTemplate/spec/template/metadata/${what}`, kinds: ['CronJob'], create: true },
	...(what === 'labels' ? [{ path: 'spec/volumeClaimTemplates/metadata/labels', kinds: ['StatefulSet'], create: true }] : []),
];

const POD_SPECS: readonly (readonly [string, readonly string[]])[] = [
	['spec', ['Pod']],
	['spec/template/spec', [...WORKLOADS, 'ReplicationController']],
	['spec/jobTemplate/spec/template/spec', ['CronJob']],
];

const inPods = (...paths: readonly string[]): readonly FieldSpec[] =>
	POD_SPECS.flatMap(([root, kinds]) => paths.map((path): FieldSpec => ({ path: `${root}/${path}`, kinds })));

const fromEnv = (source: string, key: string): readonly string[] =>
	['containers', 'initContainers'].flatMap((list) => [`${list}/env/valueFrom/${key}/name`, `${list}/envFrom/${source}/name`]);

const webhooks: FieldSpec = { path: 'webhooks/clientConfig/service/name', kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] };
const claims = 'spec/volumeClaimTemplates/spec/storageClassName';

/** Who names objects of a kind, and where (kustomize's nameReference defaults). */
export const REFERENCES: { readonly [kind: string]: readonly FieldSpec[] } = {
	ConfigMap: inPods('volumes/configMap/name', 'volumes/projected/sources/configMap/name', ...fromEnv('configMapRef', 'configMapKeyRef')),
	Secret: [
		...inPods('volumes/secret/secretName', 'volumes/projected/sources/secret/name', 'imagePullSecrets/name', ...fromEnv('secretRef', 'secretKeyRef')),
		{ path: 'imagePullSecrets/name', kinds: ['ServiceAccount'] },
		{ path: 'spec/tls/secretName', kinds: ['Ingress'] },
	],
	Service: [
		{ path: 'spec/serviceName', kinds: ['StatefulSet'] },
		{ path: 'spec/rules/http/paths/backend/service/name', kinds: ['Ingress'] },
		{ path: 'spec/defaultBackend/service/name', kinds: ['Ingress'] },
		{ path: 'spec/service/name', kinds: ['APIService'] },
		webhooks,
	],
	ServiceAccount: [...inPods('serviceAccountName'), { path: 'subjects/name', kinds: ['RoleBinding', 'ClusterRoleBinding'] }],
	Role: [{ path: 'roleRef/name', kinds: ['RoleBinding'] }],
	ClusterRole: [{ path: 'roleRef/name', kinds: ['RoleBinding', 'ClusterRoleBinding'] }],
	PersistentVolumeClaim: inPods('volumes/persistentVolumeClaim/claimName'),
	PersistentVolume: [{ path: 'spec/volumeName', kinds: ['PersistentVolumeClaim'] }],
	StorageClass: [
		{ path: 'spec/storageClassName', kinds: ['PersistentVolume', 'PersistentVolumeClaim'] },
		{ path: claims, kinds: ['StatefulSet'] },
	],
	PriorityClass: inPods('priorityClassName'),
	IngressClass: [{ path: 'spec/ingressClassName', kinds: ['Ingress'] }],
	...Object.fromEntries(
		['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'].map((kind) => [
			kind,
			[{ path: 'spec/scaleTargetRef/name', kinds: ['HorizontalPodAutoscaler'] }],
		]),
	),
};
