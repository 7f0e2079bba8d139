/**
 * Metric series of a simulated cluster, as a scrape would find them now: what programs count themselves, and the kubelet's
 * two figures for each container. Read from the world without touching it: a real scrape is a request that would be counted.
 */
import { treeGet, treeRange } from '../../simulator/kernel/tree.ts';
import { containersSlice, kubeletSlice, runtimesSlice } from '../../simulator/kubelet/state.ts';
import type { MetricSample, SandboxMetrics } from '../sandbox.ts';
import type { SimHost } from './host.ts';

/** kubelet `/metrics/resource`: names of pkg/kubelet/metrics/collectors/resource_metrics.go; CPU as a rate, in cores. */
const CPU = 'container_cpu_usage_cores';
const MEMORY = 'container_memory_working_set_bytes';

export class SimulatedMetrics implements SandboxMetrics {
	private readonly host: SimHost;

	constructor(host: SimHost) {
		this.host = host;
	}

	async read(name: string, labels: { readonly [label: string]: string } = {}): Promise<readonly MetricSample[]> {
		const wanted = Object.entries(labels);
		return this.samples(name).filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value));
	}

	private samples(name: string): MetricSample[] {
		const { world, system } = this.host.simulator;
		const out: MetricSample[] = [];
		const pods = world.read(kubeletSlice).pods;
		const containers = world.read(containersSlice);
		for (const { k: uid, v: pod } of treeRange(pods)) {
			const place = { namespace: pod.namespace, pod: pod.name };
			if (name === CPU || name === MEMORY) {
				for (const [container, use] of Object.entries(system.services.kubelet.usage(world, uid) ?? {})) {
					out.push({ name, labels: { ...place, container }, value: name === CPU ? use.cpuMilli / 1000 : use.memoryBytes });
				}
				continue;
			}
			for (const { k: key, v: runtime } of treeRange(world.read(runtimesSlice), `${uid}/`, `${uid}0`)) {
				if (treeGet(containers, key) === undefined) continue;
				for (const { k: series, v: value } of treeRange(runtime.metrics)) {
					const parsed = parseSeries(series);
					if (parsed.name === name) out.push({ name, labels: { ...parsed.labels, ...place, container: key.slice(uid.length + 1) }, value });
				}
			}
		}
		return out;
	}
}

/** `name{a="b",c="d"}`, as the kubelet's process handle writes a series. */
function parseSeries(series: string): { readonly name: string; readonly labels: { readonly [label: string]: string } } {
	const brace = series.indexOf('{');
	if (brace < 0) return { name: series, labels: {} };
	const labels: Record<string, string> = {};
	for (const m of series.slice(brace).matchAll(/([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*")/g)) labels[m[1] ?? ''] = JSON.parse(m[2] ?? '""') as string;
	return { name: series.slice(0, brace), labels };
}
