/** From use to a number of replicas (pkg/controller/podautoscaler/replica_calculator.go). */
import { parseTime } from '../../kernel/time.ts';
import { isDeleting, type Pod } from '../shared/objects.ts';
import { isPodReady, podCondition } from '../shared/pods.ts';
import { quantityMilli, quantityValue } from '../../apiserver/registry/quantity.ts';

export interface MetricSpec {
	readonly type: string;
	readonly resource?: { readonly name: string; readonly target: MetricTarget };
	readonly containerResource?: { readonly name: string; readonly container: string; readonly target: MetricTarget };
}

export interface MetricTarget {
	readonly type: string;
	readonly averageUtilization?: number;
	readonly averageValue?: string;
	readonly value?: string;
}

export type PodUsage = { readonly [container: string]: { readonly cpuMilli: number; readonly memoryBytes: number } };

export interface Recommendation {
	readonly replicas: number;
	/** `cpu resource utilization (percentage of request)` */
	readonly metricName: string;
	readonly current: { readonly averageUtilization?: number; readonly averageValue: string };
}

export type Calculated = { readonly ok: true; readonly value: Recommendation } | { readonly ok: false; readonly message: string };

/** Deviations from the target within these are let be, as shares of it. */
export interface Tolerances {
	readonly up: number;
	readonly down: number;
}

export const within = ({ up, down }: Tolerances, ratio: number): boolean => 1 - down <= ratio && ratio <= 1 + up;

/** CPU of pods that started less than this ago counts only while they are ready (--horizontal-pod-autoscaler-cpu-initialization-period). */
const CPU_INITIALISATION_MS = 300_000;

interface Source {
	readonly name: string;
	readonly container: string | undefined;
	readonly target: MetricTarget;
}

function sourceOf(metric: MetricSpec): Source | undefined {
	const r = metric.resource;
	if (r !== undefined) return { name: r.name, container: undefined, target: r.target };
	const c = metric.containerResource;
	return c === undefined ? undefined : { name: c.name, container: c.container, target: c.target };
}

const use = (u: PodUsage, s: Source): number =>
	Object.entries(u)
		.filter(([name]) => s.container === undefined || s.container === name)
		.reduce((n, [, v]) => n + (s.name === 'cpu' ? v.cpuMilli : v.memoryBytes), 0);

/** What a pod's containers ask for, in the unit of use; undefined where one asks for nothing. */
function requested(pod: Pod, s: Source): number | undefined {
	let sum = 0;
	for (const c of [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter((i) => i.restartPolicy === 'Always')]) {
		if (s.container !== undefined && c.name !== s.container) continue;
		const text = c.resources?.requests?.[s.name];
		if (text === undefined) return undefined;
		sum += s.name === 'cpu' ? quantityMilli(text) : quantityValue(text);
	}
	return sum;
}

/** Pods sorted by what their use is worth (groupPods). */
function group(pods: readonly Pod[], usage: (uid: string) => PodUsage | undefined, s: Source, now: number) {
	const ready: { readonly pod: Pod; readonly used: number }[] = [];
	const unready: Pod[] = [];
	const missing: Pod[] = [];
	for (const pod of pods) {
		if (isDeleting(pod) || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') continue;
		if (pod.status?.phase === 'Pending') {
			unready.push(pod);
			continue;
		}
		const u = usage(pod.metadata.uid);
		if (u === undefined) missing.push(pod);
		else if (s.name === 'cpu' && isStarting(pod, now)) unready.push(pod);
		else ready.push({ pod, used: use(u, s) });
	}
	return { ready, unready, missing };
}

function isStarting(pod: Pod, now: number): boolean {
	const started = parseTime(pod.status?.startTime ?? '');
	if (started === undefined || podCondition(pod, 'Ready') === undefined) return true;
	return started + CPU_INITIALISATION_MS > now && !isPodReady(pod);
}

function formatAverage(name: string, amount: number): string {
	if (name !== 'cpu') return String(Math.floor(amount));
	const milli = Math.floor(amount);
	return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

export interface Measuring {
	readonly usage: (uid: string) => PodUsage | undefined;
	readonly now: number;
	readonly tolerances: Tolerances;
}

/** The replicas that one resource metric asks for; `replicas` is the number now asked for by the target. */
export function calculate(metric: MetricSpec, pods: readonly Pod[], replicas: number, { usage, now, tolerances }: Measuring): Calculated {
	const s = sourceOf(metric);
	if (s === undefined) return { ok: false, message: `unknown metric source type "${metric.type}"` };
	const what = s.container === undefined ? `${s.name} resource` : `${s.name} container resource`;
	const failed = (why: string): Calculated => ({
		ok: false,
		message: `failed to get ${s.name} ${s.target.averageUtilization === undefined ? 'usage' : 'utilization'}: ${why}`,
	});
	if (pods.length === 0) return failed(`no pods returned by selector while calculating replica count`);
	const g = group(pods, usage, s, now);
	if (g.ready.length + g.unready.length === 0 || (g.ready.length === 0 && pods.every((p) => usage(p.metadata.uid) === undefined))) {
		return failed(`unable to get metrics for resource ${s.name}: no metrics returned from resource metrics API`);
	}
	if (g.ready.length === 0) return failed('did not receive metrics for targeted pods (pods might be unready)');
	const used = g.ready.reduce((n, r) => n + r.used, 0);
	const utilization = s.target.averageUtilization;
	let wanted: number;
	if (utilization !== undefined) {
		let total = 0;
		for (const pod of [...g.ready.map((r) => r.pod), ...g.unready, ...g.missing]) {
			const q = requested(pod, s);
			if (q === undefined) {
				const container = pod.spec.containers.find((c) => c.resources?.requests?.[s.name] === undefined)?.name ?? '';
				return failed(`missing request for ${s.name} in container ${container} of Pod ${pod.metadata.name}`);
			}
			if (g.ready.some((r) => r.pod === pod)) total += q;
		}
		const perPod = total / g.ready.length;
		const current = Math.floor((used * 100) / total);
		wanted = replicasFor(
			g,
			replicas,
			tolerances,
			used / total / (utilization / 100),
			(n, extra) => (used + extra * perPod * (utilization / 100)) / (n * perPod * (utilization / 100)),
		);
		return {
			ok: true,
			value: {
				replicas: wanted,
				metricName: `${what} utilization (percentage of request)`,
				current: { averageUtilization: current, averageValue: formatAverage(s.name, used / g.ready.length) },
			},
		};
	}
	const target = s.name === 'cpu' ? quantityMilli(s.target.averageValue) : quantityValue(s.target.averageValue);
	wanted = replicasFor(g, replicas, tolerances, used / g.ready.length / target, (n, extra) => (used + extra * target) / (n * target));
	return { ok: true, value: { replicas: wanted, metricName: `${s.name} resource`, current: { averageValue: formatAverage(s.name, used / g.ready.length) } } };
}

/**
 * Replicas for a ratio of use to target. Pods without figures are taken for idle when growing and for fully used when
 * shrinking; those not ready count as idle when growing. `again` gives the ratio over n pods with `extra` at target.
 */
export function replicasFor(
	g: { readonly ready: readonly unknown[]; readonly unready: readonly unknown[]; readonly missing: readonly unknown[] },
	replicas: number,
	tolerances: Tolerances,
	ratio: number,
	again: (n: number, extra: number) => number,
): number {
	const scaleUp = ratio > 1;
	if (g.missing.length === 0 && !(scaleUp && g.unready.length > 0)) {
		return within(tolerances, ratio) ? replicas : Math.ceil(Number((ratio * g.ready.length).toFixed(9)));
	}
	const n = g.ready.length + g.missing.length + (scaleUp ? g.unready.length : 0);
	const next = again(n, scaleUp ? 0 : g.missing.length);
	if (within(tolerances, next) || (ratio < 1 && next > 1) || (ratio > 1 && next < 1)) return replicas;
	const wanted = Math.ceil(Number((next * n).toFixed(9)));
	return (next < 1 && wanted > replicas) || (next > 1 && wanted < replicas) ? replicas : wanted;
}
