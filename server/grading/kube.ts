/** What checks of several labs ask of a cluster: who stands behind a Service, what keeps a pod alive, what came of a request. */
import type { NetworkResult } from '../sandboxes/sandbox.ts';
import type { CheckContext } from './check.ts';
import type { KubeObject } from './readers.ts';

export interface Endpoint {
	readonly address: string;
	readonly pod: string;
	readonly node: string;
	readonly ready: boolean;
}

/** Endpoints of a Service, over all its slices. */
export async function serviceEndpoints(c: CheckContext, namespace: string, service: string): Promise<readonly Endpoint[]> {
	const slices = await c.api.list('discovery.k8s.io/v1/endpointslices', namespace, `kubernetes.io/service-name=${service}`);
	return slices.flatMap((s) =>
		((s['endpoints'] ?? []) as readonly KubeObject[]).map((e) => ({
			address: String(e['addresses']?.[0] ?? ''),
			pod: String(e['targetRef']?.name ?? ''),
			node: String(e['nodeName'] ?? ''),
			ready: e['conditions']?.ready !== false,
		})),
	);
}

const WORKLOADS: { readonly [kind: string]: string } = {
	Deployment: 'apps/v1/deployments',
	StatefulSet: 'apps/v1/statefulsets',
	ReplicaSet: 'apps/v1/replicasets',
	DaemonSet: 'apps/v1/daemonsets',
};

export interface Workload {
	readonly resource: string;
	readonly object: KubeObject;
}

/** What keeps a pod alive: its Deployment, StatefulSet… found by following owners upwards. */
export async function workloadOf(c: CheckContext, pod: KubeObject): Promise<Workload | undefined> {
	const namespace = pod.metadata.namespace;
	let object = pod;
	let resource: string | undefined;
	for (let i = 0; i < 3; i++) {
		const owner = object.metadata.ownerReferences?.find((o) => o.controller);
		const next = owner === undefined ? undefined : WORKLOADS[owner.kind];
		if (owner === undefined || next === undefined) break;
		const found = await c.api.get(next, namespace, owner.name);
		if (found === undefined) break;
		object = found;
		resource = next;
	}
	return resource === undefined ? undefined : { resource, object };
}

/** A result in a few words: "HTTP 502", "connection refused". */
export function describe(r: NetworkResult): string {
	if (r.ok) return r.response.protocol === 'http' ? `HTTP ${r.response.status}` : 'an answer';
	const words = {
		ENOTFOUND: 'the name was not found',
		EAI_AGAIN: 'the name could not be looked up',
		ECONNREFUSED: 'connection refused',
		ETIMEDOUT: 'no answer',
		EHOSTUNREACH: 'no route to host',
		ECONNRESET: 'the connection was reset',
		EPROTO: 'no TLS there',
	};
	return words[r.error];
}

export const statusOf = (r: NetworkResult): number => (r.ok && r.response.protocol === 'http' ? r.response.status : 0);
export const bodyOf = (r: NetworkResult): string => (r.ok && r.response.protocol === 'http' ? r.response.body : '');

export const isReady = (pod: KubeObject): boolean =>
	((pod.status?.conditions ?? []) as readonly { readonly type: string; readonly status: string }[]).some((k) => k.type === 'Ready' && k.status === 'True');

/** Restarts of a pod's containers together. */
export const restartsOf = (pod: KubeObject): number =>
	((pod.status?.containerStatuses ?? []) as readonly { readonly restartCount?: number }[]).reduce((n, s) => n + Number(s.restartCount ?? 0), 0);

/** Sum of a series in a Prometheus text; undefined where it has none. */
export function counter(text: string, name: string): number | undefined {
	let sum: number | undefined;
	for (const line of text.split('\n')) {
		const m = line.startsWith(name) ? /^([\w:]+)(?:\{[^}]*\})? ([\d.eE+-]+)/.exec(line) : null;
		if (m?.[1] === name) sum = (sum ?? 0) + Number(m[2]);
	}
	return sum;
}

/** Metrics of a pod where its `prometheus.io/…` annotations lead, or why there are none. Asked from the pod itself: no policy stands in between. */
export async function annotatedMetrics(c: CheckContext, pod: KubeObject): Promise<{ readonly text: string } | string> {
	const a = pod.metadata.annotations ?? {};
	if (a['prometheus.io/scrape'] !== 'true') return `${pod.metadata.name} has no annotation prometheus.io/scrape: "true"`;
	const port = a['prometheus.io/port'] ?? '80';
	const path = a['prometheus.io/path'] ?? '/metrics';
	const r = await c.network.request({
		method: 'GET',
		url: `http://${String(pod.status?.podIP)}:${port}${path}`,
		timeoutMs: 5000,
		fromPod: { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name },
	});
	return statusOf(r) === 200 ? { text: bodyOf(r) } : `port ${port}, path ${path} of ${pod.metadata.name} gives no metrics (${describe(r)})`;
}

/** Pods that an Ingress of the namespace leads a host to, or what is missing on the way. */
export async function podsBehind(c: CheckContext, namespace: string, host: string): Promise<readonly KubeObject[] | string> {
	const ingresses = await c.api.list('networking.k8s.io/v1/ingresses', namespace);
	const services = new Set(
		ingresses
			.flatMap((i) => (i.spec?.rules ?? []) as readonly KubeObject[])
			.filter((r) => r['host'] === host)
			.flatMap((r) => (r['http']?.paths ?? []) as readonly KubeObject[])
			.map((p) => String(p['backend']?.service?.name ?? '')),
	);
	if (services.size === 0) return `no Ingress in the namespace ${namespace} leads ${host} anywhere`;
	const names = new Set<string>();
	for (const s of services) for (const e of await serviceEndpoints(c, namespace, s)) names.add(e.pod);
	const pods = (await c.api.list('v1/pods', namespace)).filter((p) => names.has(p.metadata.name) && p.metadata.deletionTimestamp === undefined);
	return pods.length === 0 ? `no pod stands behind ${[...services].map((s) => `the Service "${s}"`).join(' or ')}` : pods;
}

/** Devices of NVIDIA's that a container asks for, by resource. */
export const gpuLimits = (container: KubeObject | undefined): { readonly [resource: string]: number } =>
	Object.fromEntries(
		Object.entries((container?.['resources']?.limits ?? {}) as { readonly [r: string]: string })
			.filter(([r, n]) => r.startsWith('nvidia.com/') && Number(n) > 0)
			.map(([r, n]) => [r, Number(n)]),
	);

/** The container of a pod that asks for GPUs, else the first. */
export function gpuContainer(pod: KubeObject): KubeObject | undefined {
	const all = (pod.spec?.containers ?? []) as readonly KubeObject[];
	return all.find((k) => Object.keys(gpuLimits(k)).length > 0) ?? all[0];
}
