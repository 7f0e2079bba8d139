/** What a kubelet answers on its port 10250, as `kubectl get --raw /api/v1/nodes/x/proxy/…` reaches it. Models `pkg/kubelet/server`. */
import type { KubeObject } from '../apiserver/types.ts';
import { formatTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import type { HttpResponse } from '../network/types.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { getNode } from './state.ts';

type Usage = { readonly cpuMilli: number; readonly memoryBytes: number };
interface Measured {
	readonly pod: KubeObject;
	readonly containers: readonly (readonly [name: string, use: Usage])[];
}

const answer = (status: number, type: string, body: string): HttpResponse => ({ protocol: 'http', status, headers: { 'content-type': type }, body });
const text = (body: string, status = 200): HttpResponse => answer(status, 'text/plain; charset=utf-8', body);
const json = (value: unknown): HttpResponse => answer(200, 'application/json', JSON.stringify(value));

const sum = (uses: readonly Usage[], of: keyof Usage): number => uses.reduce((n, use) => n + use[of], 0);

function measured(world: World, services: Services, pods: readonly KubeObject[]): readonly Measured[] {
	return pods.flatMap((pod) => {
		const used = services.kubelet.usage(world, pod.metadata.uid);
		return used === undefined ? [] : [{ pod, containers: Object.entries(used) }];
	});
}

/** `stats/v1alpha1.Summary`: what is used now. Totals since the start are not counted here. */
function summary(world: World, nodeName: string, pods: readonly Measured[]): HttpResponse {
	const time = formatTime(world.now);
	const cpu = (milli: number) => ({ time, usageNanoCores: Math.round(milli * 1_000_000) });
	const memory = (bytes: number) => ({ time, usageBytes: bytes, workingSetBytes: bytes });
	const started = (pod: KubeObject): string => (pod['status'] as { readonly startTime?: string } | undefined)?.startTime ?? pod.metadata.creationTimestamp;
	const shown = pods.map(({ pod, containers }) => {
		const uses = containers.map(([, use]) => use);
		return {
			podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
			startTime: started(pod),
			containers: containers.map(([name, use]) => ({ name, startTime: started(pod), cpu: cpu(use.cpuMilli), memory: memory(use.memoryBytes) })),
			cpu: cpu(sum(uses, 'cpuMilli')),
			memory: memory(sum(uses, 'memoryBytes')),
		};
	});
	const all = pods.flatMap((p) => p.containers.map(([, use]) => use));
	return json({ node: { nodeName, cpu: cpu(sum(all, 'cpuMilli')), memory: memory(sum(all, 'memoryBytes')) }, pods: shown });
}

function family(name: string, help: string, lines: readonly string[]): string {
	return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.map((l) => `${name}${l}\n`).join('')}`;
}

function resourceMetrics(pods: readonly Measured[]): HttpResponse {
	const each = pods.flatMap(({ pod, containers }) =>
		containers.map(([name, { memoryBytes }]) => `{container="${name}",namespace="${pod.metadata.namespace}",pod="${pod.metadata.name}"} ${memoryBytes}`),
	);
	return text(
		family('container_memory_working_set_bytes', '[STABLE] Current working set of the container in bytes', each) +
			family('resource_scrape_error', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise', [' 0']),
	);
}

function ownMetrics(node: string, pods: readonly Measured[]): HttpResponse {
	const containers = pods.reduce((n, p) => n + p.containers.length, 0);
	return text(
		family('kubelet_node_name', "[ALPHA] The node's name. The count is always 1.", [`{node="${node}"} 1`]) +
			family('kubelet_running_containers', '[ALPHA] Number of containers currently running', [`{container_state="running"} ${containers}`]) +
			family('kubelet_running_pods', '[ALPHA] Number of pods that have a running pod sandbox', [` ${pods.length}`]),
	);
}

/** A node's answer to a GET of `path`; undefined where no kubelet listens. */
export function kubeletAnswer(world: World, services: Services, node: string, path: string): HttpResponse | undefined {
	if (getNode(world, node) === undefined) return undefined;
	const pods = services.api.client(SYSTEM_USERS.loopback).byIndex(world, 'v1/pods', 'byNode', node);
	switch (path) {
		case '/healthz':
		case '/healthz/ping':
		case '/healthz/syncloop':
			return text('ok');
		case '/pods':
		case '/pods/': {
			const items = pods.map(({ apiVersion: _version, kind: _kind, ...pod }) => pod);
			return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
		}
		case '/stats/summary':
			return summary(world, node, measured(world, services, pods));
		case '/metrics':
			return ownMetrics(node, measured(world, services, pods));
		case '/metrics/resource':
			return resourceMetrics(measured(world, services, pods));
		case '/logs/':
			return answer(200, 'text/html; charset=utf-8', '<!doctype html>\n<pre>\n<a href="containers/">containers/</a>\n<a href="pods/">pods/</a>\n</pre>\n');
		default:
			return text('404 page not found\n', 404);
	}
}
