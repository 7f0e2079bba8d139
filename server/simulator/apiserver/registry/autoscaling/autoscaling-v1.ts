/**
 * autoscaling/v1 as a view of v2: `pkg/apis/autoscaling/v1/conversion.go`. v1 knows one target, CPU in per cent; whatever else a
 * v2 object says goes into annotations there, and comes back out of them.
 */
import type { Conversion, KubeObject } from '../../types.ts';
import { arr, type Fields, isRecord, rec, recs, specOf, statusOf } from '../fields.ts';

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const BEHAVIOR = `${PREFIX}behavior`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const OURS = [METRICS, BEHAVIOR, CURRENT_METRICS, CONDITIONS];

const isCpu = (metric: Fields): boolean => metric.type === 'Resource' && rec(metric.resource).name === 'cpu';

/** A v2 metric in the shape of v2beta1's, which the annotations hold: its target lies flat in it. */
function flatMetric(metric: Fields, current: boolean): Fields {
	const field = sourceField(metric);
	const source = rec(metric[field]);
	const value = rec(current ? source.current : source.target);
	const names: { readonly [part: string]: string } = current
		? { averageUtilization: 'currentAverageUtilization', averageValue: 'currentAverageValue', value: 'currentValue' }
		: { averageUtilization: 'targetAverageUtilization', averageValue: 'targetAverageValue', value: 'targetValue' };
	const flat: { [field: string]: unknown } = {};
	for (const [k, v] of Object.entries(source)) {
		if (k === 'current' || k === 'target') continue;
		if (k === 'metric') {
			flat['metricName'] = rec(v).name;
			if (rec(v).selector !== undefined) flat[field === 'external' ? 'metricSelector' : 'selector'] = rec(v).selector;
		} else if (k === 'describedObject') flat['target'] = v;
		else flat[k] = v;
	}
	for (const [part, name] of Object.entries(names)) if (value[part] !== undefined) flat[name] = value[part];
	return { type: metric.type, [field]: flat };
}

const sourceField = (metric: Fields): string => {
	const type = String(metric.type ?? '');
	return type.charAt(0).toLowerCase() + type.slice(1);
};

/** The way back. */
function fullMetric(metric: Fields, current: boolean): Fields {
	const field = sourceField(metric);
	const flat = rec(metric[field]);
	const { metricName, metricSelector, selector, target, ...rest } = flat;
	const out: { [field: string]: unknown } = {};
	const value: { [field: string]: unknown } = {};
	for (const [k, v] of Object.entries(rest)) {
		const part = /^(?:current|target)(AverageUtilization|AverageValue|Value)$/.exec(k)?.[1];
		if (part === undefined) out[k] = v;
		else value[part.charAt(0).toLowerCase() + part.slice(1)] = v;
	}
	if (metricName !== undefined) {
		const matching = metricSelector ?? selector;
		out['metric'] = { name: metricName, ...(matching === undefined ? {} : { selector: matching }) };
	}
	if (target !== undefined) out['describedObject'] = target;
	if (current) out['current'] = value;
	else {
		const type = value['averageUtilization'] !== undefined ? 'Utilization' : value['averageValue'] !== undefined ? 'AverageValue' : 'Value';
		out['target'] = { type, ...value };
	}
	return { type: metric.type, [field]: out };
}

function withAnnotations(object: KubeObject, set: { readonly [key: string]: unknown }): KubeObject {
	const annotations: { [key: string]: string } = {};
	for (const [k, v] of Object.entries(object.metadata.annotations ?? {})) if (!OURS.includes(k)) annotations[k] = v;
	for (const [k, v] of Object.entries(set)) if (v !== undefined) annotations[k] = JSON.stringify(v);
	const { annotations: _old, ...metadata } = object.metadata;
	return { ...object, metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations } };
}

function fromStored(object: KubeObject): KubeObject {
	const { metrics, behavior, ...spec } = specOf(object);
	const { currentMetrics, conditions, ...status } = statusOf(object);
	const cpu = recs(metrics).find((m) => isCpu(m) && rec(rec(m.resource).target).averageUtilization !== undefined);
	const others = recs(metrics).filter((m) => m !== cpu);
	const now = recs(currentMetrics).find((m) => isCpu(m) && rec(rec(m.resource).current).averageUtilization !== undefined);
	const seen = recs(currentMetrics);
	const out = withAnnotations(object, {
		[METRICS]: others.length === 0 ? undefined : others.map((m) => flatMetric(m, false)),
		[BEHAVIOR]: isRecord(behavior) ? upper(behavior) : undefined,
		[CURRENT_METRICS]: seen.length === 0 ? undefined : seen.map((m) => flatMetric(m, true)),
		[CONDITIONS]: arr(conditions).length === 0 ? undefined : conditions,
	});
	return {
		...out,
		spec: { ...spec, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: rec(rec(cpu.resource).target).averageUtilization }) },
		...(object.status === undefined
			? {}
			: {
					status: {
						currentReplicas: 0,
						desiredReplicas: 0,
						...status,
						...(now === undefined ? {} : { currentCPUUtilizationPercentage: rec(rec(now.resource).current).averageUtilization }),
					},
				}),
	};
}

/** The annotation holds the behaviour as the server's internal type, whose fields carry no JSON names. */
function upper(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(upper);
	if (!isRecord(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([k, v]) => [k.charAt(0).toUpperCase() + k.slice(1), upper(v)]));
}

function lower(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(lower);
	if (!isRecord(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([k, v]) => [k.charAt(0).toLowerCase() + k.slice(1), lower(v)]));
}

/** What an annotation of ours says; nothing where somebody wrote something else into it. */
function parsed(object: KubeObject, annotation: string): unknown {
	const text = object.metadata.annotations?.[annotation];
	if (text === undefined) return undefined;
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function toStored(object: KubeObject): KubeObject {
	const { targetCPUUtilizationPercentage: cpu, ...spec } = specOf(object);
	const { currentCPUUtilizationPercentage: _now, ...status } = statusOf(object);
	const metrics = recs(parsed(object, METRICS)).map((m) => fullMetric(m, false));
	if (typeof cpu === 'number') metrics.push({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } } });
	const behavior = parsed(object, BEHAVIOR);
	const seen = recs(parsed(object, CURRENT_METRICS)).map((m) => fullMetric(m, true));
	const conditions = arr(parsed(object, CONDITIONS));
	return {
		...withAnnotations(object, {}),
		spec: { ...spec, ...(metrics.length === 0 ? {} : { metrics }), ...(isRecord(behavior) ? { behavior: lower(behavior) } : {}) },
		...(object.status === undefined
			? {}
			: { status: { ...status, currentMetrics: seen.length === 0 ? null : seen, ...(conditions.length === 0 ? {} : { conditions }) } }),
	};
}

export const autoscalingV1: Conversion = { toStored, fromStored };
