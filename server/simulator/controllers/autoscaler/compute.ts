/** What one metric of an autoscaler asks for (`computeReplicasForMetric` and the calculator's part for metrics that are no resources). */
import { selectorText } from '../../apiserver/handlers/scale.ts';
import { formatQuantity, quantityMilli } from '../../apiserver/registry/quantity.ts';
import { isDeleting, type LabelSelector, type Pod } from '../shared/objects.ts';
import { isPodReady } from '../shared/pods.ts';
import { calculate, type MetricSpec, type MetricTarget, type PodUsage, replicasFor, type Tolerances, within } from './metrics.ts';
import type { Fetched, MetricsClient, Reference } from './metrics-client.ts';

export interface Identifier {
	readonly name: string;
	readonly selector?: LabelSelector;
}

export type Metric = MetricSpec & {
	readonly pods?: { readonly metric: Identifier; readonly target: MetricTarget };
	readonly object?: { readonly describedObject: Reference; readonly metric: Identifier; readonly target: MetricTarget };
	readonly external?: { readonly metric: Identifier; readonly target: MetricTarget };
};

/** What is scaled. */
export interface Scale {
	readonly namespace: string;
	/** Replicas asked for, and those there are. */
	readonly asked: number;
	readonly present: number;
	readonly selector: string;
	readonly pods: readonly Pod[];
	readonly tolerances: Tolerances;
}

export interface Sources {
	readonly usage: (uid: string) => PodUsage | undefined;
	readonly client: MetricsClient;
	readonly now: number;
}

export type Computed =
	| { readonly ok: true; readonly replicas: number; readonly metricName: string; readonly status: object }
	/** `message` goes into the condition and its event, `wrapped` into FailedComputeMetricsReplicas. */
	| { readonly ok: false; readonly reason: string; readonly message: string; readonly wrapped: string };

/** A selector as Go prints a `*metav1.LabelSelector` with `%+v`. */
function selectorGo(selector: LabelSelector | undefined): string {
	if (selector === undefined) return 'nil';
	const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
	const map = labels.length === 0 ? 'map[string]string{}' : `map[string]string{${labels.map(([k, v]) => `${k}: ${v},`).join('')}}`;
	const expressions = (selector.matchExpressions ?? []).map(
		(e) => `LabelSelectorRequirement{Key:${e.key},Operator:${e.operator},Values:[${(e.values ?? []).join(' ')}],},`,
	);
	return `&LabelSelector{MatchLabels:${map},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

const quantity = (milli: number): string => formatQuantity({ nano: BigInt(Math.trunc(milli)) * 1_000_000n, format: 'DecimalSI' });
const identifier = ({ name, selector }: Identifier): object => ({ name, ...(selector === undefined ? {} : { selector }) });

const failed = (reason: string, message: string, before: string): Computed => ({ ok: false, reason, message, wrapped: `${before}: ${message}` });

/** Pods with figures, those without, those that do not count (`groupPods` for a metric that is no CPU). */
function perPod(scale: Scale, values: ReadonlyMap<string, number>, target: number): Fetched<{ readonly replicas: number; readonly usage: number }> {
	if (scale.pods.length === 0) return { ok: false, error: 'no pods returned by selector while calculating replica count' };
	const counted = scale.pods.filter((p) => !isDeleting(p) && p.status?.phase !== 'Failed');
	const unready = counted.filter((p) => p.status?.phase === 'Pending');
	const others = counted.filter((p) => p.status?.phase !== 'Pending');
	const missing = others.filter((p) => !values.has(p.metadata.name));
	const gone = new Set(scale.pods.filter((p) => !counted.includes(p) || unready.includes(p)).map((p) => p.metadata.name));
	const ready = [...values].filter(([name]) => !gone.has(name));
	if (ready.length === 0) return { ok: false, error: 'did not receive metrics for targeted pods (pods might be unready)' };
	const total = ready.reduce((n, [, v]) => n + v, 0);
	// Whole thousandths, as upstream's integers.
	const usage = Math.trunc(total / ready.length);
	const replicas = replicasFor(
		{ ready, unready, missing },
		scale.asked,
		scale.tolerances,
		usage / target,
		(n, extra) => Math.trunc((total + extra * target) / n) / target,
	);
	return { ok: true, value: { replicas, usage } };
}

/** Replicas by the ratio of one value to its target, over the pods that are ready (`getUsageRatioReplicaCount`). */
function byRatio(scale: Scale, ratio: number): Fetched<number> {
	if (scale.asked === 0) return { ok: true, value: Math.ceil(ratio) };
	if (within(scale.tolerances, ratio)) return { ok: true, value: scale.asked };
	if (scale.pods.length === 0) return { ok: false, error: 'unable to calculate ready pods: no pods returned by selector while calculating replica count' };
	const ready = scale.pods.filter((p) => p.status?.phase === 'Running' && isPodReady(p)).length;
	return { ok: true, value: Math.ceil(Number((ratio * ready).toFixed(9))) };
}

/** Replicas so that each has its share of one value. */
function byShare(scale: Scale, value: number, target: number): { readonly replicas: number; readonly share: number } {
	const ratio = value / (target * scale.present);
	const replicas = within(scale.tolerances, ratio) ? scale.present : Math.ceil(value / target);
	return { replicas, share: Math.ceil(value / scale.present) };
}

function ofPods(spec: NonNullable<Metric['pods']>, scale: Scale, { client }: Sources): Computed {
	const { metric, target } = spec;
	const no = (error: string): Computed => failed('FailedGetPodsMetric', error, 'failed to get pods metric value');
	const values = client.pods(metric.name, scale.namespace, scale.selector, selectorText(metric.selector));
	if (!values.ok) return no(`unable to get metric ${metric.name}: ${values.error}`);
	const got = perPod(scale, values.value, quantityMilli(target.averageValue));
	if (!got.ok) return no(got.error);
	const status = { type: 'Pods', pods: { metric: identifier(metric), current: { averageValue: quantity(got.value.usage) } } };
	return { ok: true, replicas: got.value.replicas, metricName: `pods metric ${metric.name}`, status };
}

function ofObject(spec: NonNullable<Metric['object']>, scale: Scale, { client }: Sources): Computed {
	const { metric, target, describedObject } = spec;
	const average = target.type === 'AverageValue';
	const no = (error: string): Computed => {
		const wrapped = `failed to get object metric value: ${average ? `failed to get ${metric.name} object metric: ` : ''}${error}`;
		return { ok: false, reason: 'FailedGetObjectMetric', message: error, wrapped };
	};
	const value = client.object(metric.name, scale.namespace, describedObject, selectorText(metric.selector));
	const { kind, name } = describedObject;
	// The arguments stand in this order upstream.
	if (!value.ok) return no(`unable to get metric ${metric.name}: ${kind} on ${scale.namespace} ${name}/${value.error}`);
	if (average) {
		const { replicas, share } = byShare(scale, value.value, quantityMilli(target.averageValue));
		const status = { type: 'Object', object: { metric: identifier(metric), describedObject, current: { averageValue: quantity(share) } } };
		return { ok: true, replicas, metricName: `external metric ${metric.name}(${selectorGo(metric.selector)})`, status };
	}
	const replicas = byRatio(scale, value.value / quantityMilli(target.value));
	if (!replicas.ok) return no(replicas.error);
	const status = { type: 'Object', object: { metric: identifier(metric), describedObject, current: { value: quantity(value.value) } } };
	return { ok: true, replicas: replicas.value, metricName: `${kind} metric ${metric.name}`, status };
}

function ofExternal(spec: NonNullable<Metric['external']>, scale: Scale, { client }: Sources): Computed {
	const { metric, target } = spec;
	const average = target.averageValue !== undefined;
	const inner = average ? `failed to get ${metric.name} external metric` : `failed to get external metric ${metric.name}`;
	const no = (error: string): Computed => {
		return { ok: false, reason: 'FailedGetExternalMetric', message: error, wrapped: `failed to get ${metric.name} external metric value: ${inner}: ${error}` };
	};
	const value = client.external(metric.name, scale.namespace, selectorText(metric.selector));
	if (!value.ok) return no(`unable to get external metric ${scale.namespace}/${metric.name}/${selectorGo(metric.selector)}: ${value.error}`);
	const metricName = `external metric ${metric.name}(${selectorGo(metric.selector)})`;
	if (average) {
		const { replicas, share } = byShare(scale, value.value, quantityMilli(target.averageValue));
		return {
			ok: true,
			replicas,
			metricName,
			status: { type: 'External', external: { metric: identifier(metric), current: { averageValue: quantity(share) } } },
		};
	}
	const replicas = byRatio(scale, value.value / quantityMilli(target.value));
	if (!replicas.ok) return no(replicas.error);
	return {
		ok: true,
		replicas: replicas.value,
		metricName,
		status: { type: 'External', external: { metric: identifier(metric), current: { value: quantity(value.value) } } },
	};
}

function ofResource(metric: Metric, scale: Scale, { usage, now }: Sources): Computed {
	const { resource, containerResource } = metric;
	const outcome = calculate(metric, scale.pods, scale.asked, { usage, now, tolerances: scale.tolerances });
	if (!outcome.ok) {
		if (resource !== undefined) return failed('FailedGetResourceMetric', outcome.message, `failed to get ${resource.name} resource metric value`);
		const before = `failed to get ${containerResource?.container ?? ''} container metric value`;
		return failed('FailedGetContainerResourceMetric', outcome.message, before);
	}
	const { current, replicas, metricName } = outcome.value;
	if (resource !== undefined) return { ok: true, replicas, metricName, status: { type: 'Resource', resource: { name: resource.name, current } } };
	const of = { name: containerResource?.name, container: containerResource?.container, current };
	return { ok: true, replicas, metricName, status: { type: 'ContainerResource', containerResource: of } };
}

export function compute(metric: Metric, scale: Scale, sources: Sources): Computed {
	if (metric.type === 'Pods' && metric.pods !== undefined) return ofPods(metric.pods, scale, sources);
	if (metric.type === 'Object' && metric.object !== undefined) return ofObject(metric.object, scale, sources);
	if (metric.type === 'External' && metric.external !== undefined) return ofExternal(metric.external, scale, sources);
	if (metric.resource !== undefined || metric.containerResource !== undefined) return ofResource(metric, scale, sources);
	const message = `unknown metric source type ${JSON.stringify(metric.type)}`;
	return { ok: false, reason: 'InvalidMetricSourceType', message, wrapped: message };
}
