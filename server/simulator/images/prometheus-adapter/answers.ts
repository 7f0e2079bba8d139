/** What the adapter answers as an API server: discovery, custom.metrics.k8s.io and external.metrics.k8s.io. Models custom-metrics-apiserver. */
import { formatQuantity } from '../../apiserver/registry/quantity.ts';
import { formatTime } from '../../kernel/time.ts';
import { queryPromql } from '../../metrics/promql/evaluate.ts';
import type { Sample } from '../../metrics/promql/syntax.ts';
import { type Series, withoutName } from '../../metrics/series.ts';
import type { Config, GroupResource } from './config.ts';
import { customMetrics, customQuery, externalMetrics, externalQuery, parseResource, type Requirement, requirements, resourceText } from './naming.ts';

export interface Answer {
	readonly status: number;
	readonly body: object | string;
}

const CUSTOM = 'custom.metrics.k8s.io';
const EXTERNAL = 'external.metrics.k8s.io';
const CUSTOM_VERSIONS = ['v1beta2', 'v1beta1'];

export const failed = (code: number, reason: string, message: string): Answer => ({
	status: code,
	body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
});
export const internal = (message: string): Answer => failed(500, 'InternalError', `Internal error occurred: ${message}`);
const NO_SUCH: Answer = failed(404, 'NotFound', 'the server could not find the requested resource');
const noMetric = (metric: string, resource: GroupResource, name?: string): Answer =>
	failed(404, 'NotFound', `the server could not find the metric ${metric} for ${resourceText(resource)}${name === undefined ? '' : ` ${name}`}`);

/** What a request for metrics of objects asks; `name` is `*` for all that match. */
export interface CustomRequest {
	readonly version: string;
	readonly namespace: string;
	readonly resource: GroupResource;
	readonly name: string;
	readonly metric: string;
	readonly labelSelector: string;
	readonly metricSelector: readonly Requirement[];
}

const KINDS: { readonly [resource: string]: string } = {
	replicasets: 'ReplicaSet',
	statefulsets: 'StatefulSet',
	daemonsets: 'DaemonSet',
	cronjobs: 'CronJob',
	persistentvolumes: 'PersistentVolume',
	persistentvolumeclaims: 'PersistentVolumeClaim',
	ingresses: 'Ingress',
};
const VERSIONS: { readonly [group: string]: string } = { autoscaling: 'v2' };

function kindOf(resource: string): string {
	const known = KINDS[resource];
	if (known !== undefined) return known;
	const single = resource.replace(/ies$/, 'y').replace(/s$/, '');
	return single.charAt(0).toUpperCase() + single.slice(1);
}

/** Where the API lists a resource's objects. */
export function listPath({ group, resource }: GroupResource, namespace: string, labelSelector: string): string {
	const root = group === '' ? '/api/v1' : `/apis/${group}/${VERSIONS[group] ?? 'v1'}`;
	const query = labelSelector === '' ? '' : `?labelSelector=${encodeURIComponent(labelSelector)}`;
	return `${root}${namespace === '' ? '' : `/namespaces/${namespace}`}/${resource}${query}`;
}

const milli = (value: number): string => {
	const amount = Number.isFinite(value) ? Math.trunc(value * 1000) : 0;
	return formatQuantity({ nano: BigInt(amount) * 1_000_000n, format: 'DecimalSI' });
};

/** A path below `/apis/custom.metrics.k8s.io/<version>/` as upstream's installer routes it. */
function customRequest(version: string, parts: readonly string[], query: { readonly [k: string]: string }): CustomRequest | Answer {
	const { labelSelector = '', metricLabelSelector = '' } = query;
	const metricSelector = requirements(metricLabelSelector);
	if (metricSelector === undefined) return failed(400, 'BadRequest', `unable to parse requirement: ${metricLabelSelector}`);
	const rest = { version, labelSelector, metricSelector };
	if (parts[0] === 'namespaces' && parts.length === 5) {
		const [, namespace = '', resource = '', name = '', metric = ''] = parts;
		return { ...rest, namespace, resource: parseResource(resource), name, metric };
	}
	if (parts[0] === 'namespaces' && parts.length === 4 && parts[2] === 'metrics') {
		return { ...rest, namespace: '', resource: { group: '', resource: 'namespaces' }, name: parts[1] ?? '', metric: parts[3] ?? '' };
	}
	const [resource = '', name = '', metric = ''] = parts;
	return parts.length === 3 ? { ...rest, namespace: '', resource: parseResource(resource), name, metric } : NO_SUCH;
}

function customList(config: Config, series: readonly Series[], version: string): Answer {
	const resources = customMetrics(config.rules, series).map((m) => ({
		name: `${resourceText(m.resource)}/${m.name}`,
		singularName: '',
		namespaced: m.namespaced,
		kind: 'MetricValueList',
		verbs: ['get'],
	}));
	return { status: 200, body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${CUSTOM}/${version}`, resources } };
}

function group(name: string, versions: readonly string[]): object {
	const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
	return { name, versions: list, preferredVersion: list[0] };
}

function evaluated(query: string, series: readonly Series[], now: number): readonly Sample[] | Answer {
	const result = queryPromql(query, { series: () => series }, now);
	if (!result.ok) return internal('unable to fetch metrics');
	return result.value.type === 'vector' ? result.value.samples : [{ labels: {}, value: result.value.value }];
}

/** Metrics of objects, once their names are known (those of `*` from the API). */
export function customAnswer(config: Config, series: readonly Series[], now: number, asked: CustomRequest, names: readonly string[]): Answer {
	const { resource, namespace, version } = asked;
	const metric = customMetrics(config.rules, series).find(
		(m) => m.name === asked.metric && resourceText(m.resource) === resourceText(resource) && m.namespaced === (namespace !== ''),
	);
	const built = metric === undefined || names.length === 0 ? undefined : customQuery(metric, namespace, names, asked.metricSelector);
	if (built === undefined) return noMetric(asked.metric, resource);
	const samples = evaluated(built.query, series, now);
	if (!Array.isArray(samples)) return samples as Answer;
	const values = new Map((samples as readonly Sample[]).map((s) => [s.labels[built.label] ?? '', s.value]));
	if (asked.name !== '*' && !values.has(asked.name)) return noMetric(asked.metric, resource, asked.name);
	const items = names.flatMap((name) => {
		const value = values.get(name);
		return value === undefined ? [] : [metricValue(asked, name, value, now)];
	});
	return { status: 200, body: { kind: 'MetricValueList', apiVersion: `${CUSTOM}/${version}`, metadata: {}, items } };
}

function selectorObject(requirements: readonly Requirement[]): object | null {
	if (requirements.length === 0) return null;
	const equal = requirements.filter((r) => r.op === 'in' && r.values.length === 1);
	const others = requirements.filter((r) => !equal.includes(r));
	const operators = { in: 'In', notin: 'NotIn', exists: 'Exists', absent: 'DoesNotExist' };
	return {
		...(equal.length === 0 ? {} : { matchLabels: Object.fromEntries(equal.map((r) => [r.key, r.values[0]])) }),
		...(others.length === 0
			? {}
			: { matchExpressions: others.map((r) => ({ key: r.key, operator: operators[r.op], ...(r.values.length === 0 ? {} : { values: r.values }) })) }),
	};
}

function metricValue({ resource, namespace, version, metric, metricSelector }: CustomRequest, name: string, value: number, now: number): object {
	const apiVersion = `${resource.group}/${VERSIONS[resource.group] ?? 'v1'}`;
	const describedObject = { kind: kindOf(resource.resource), ...(namespace === '' ? {} : { namespace }), name, apiVersion };
	const rest = { timestamp: formatTime(now), value: milli(value) };
	const selector = selectorObject(metricSelector);
	return version === 'v1beta1' ? { describedObject, metricName: metric, ...rest, selector } : { describedObject, metric: { name: metric, selector }, ...rest };
}

function externalAnswer(config: Config, series: readonly Series[], now: number, parts: readonly string[], query: { readonly [k: string]: string }): Answer {
	const [root, namespace = '', metric = ''] = parts;
	if (root !== 'namespaces' || parts.length !== 3) return NO_SUCH;
	const selector = requirements(query['labelSelector'] ?? '');
	if (selector === undefined) return failed(400, 'BadRequest', `unable to parse requirement: ${query['labelSelector'] ?? ''}`);
	const found = externalMetrics(config.externalRules, series).find((m) => m.name === metric);
	// The adapter's own way to name what is missing (`selectGroupResource`).
	if (found === undefined) return noMetric(metric, { group: '', resource: namespace === 'default' ? 'namespaces' : '' });
	const samples = evaluated(externalQuery(found, namespace, selector), series, now);
	if (!Array.isArray(samples)) return samples as Answer;
	const items = (samples as readonly Sample[]).map((s) => ({
		metricName: metric,
		metricLabels: withoutName(s.labels),
		timestamp: formatTime(now),
		value: milli(s.value),
	}));
	return { status: 200, body: { kind: 'ExternalMetricValueList', apiVersion: `${EXTERNAL}/v1beta1`, metadata: {}, items } };
}

/** The answer to a GET; a request for metrics of objects comes back taken apart, since their names may have to be asked for. */
export function route(config: Config, series: readonly Series[], now: number, path: string, query: { readonly [k: string]: string }): Answer | CustomRequest {
	const parts = path
		.split('/')
		.filter((p) => p !== '')
		.map(decoded);
	const custom = config.rules.length > 0 ? [group(CUSTOM, CUSTOM_VERSIONS)] : [];
	const external = config.externalRules.length > 0 ? [group(EXTERNAL, ['v1beta1'])] : [];
	if (['/healthz', '/livez', '/readyz'].includes(path)) return { status: 200, body: 'ok' };
	if (parts[0] !== 'apis') return NO_SUCH;
	if (parts.length === 1) return { status: 200, body: { kind: 'APIGroupList', apiVersion: 'v1', groups: [...custom, ...external] } };
	const [, name = '', version = '', ...rest] = parts;
	const served = name === CUSTOM && custom.length > 0 ? CUSTOM_VERSIONS : name === EXTERNAL && external.length > 0 ? ['v1beta1'] : [];
	if (served.length > 0 && parts.length === 2) return { status: 200, body: { kind: 'APIGroup', apiVersion: 'v1', ...group(name, served) } };
	if (!served.includes(version)) return NO_SUCH;
	if (name === CUSTOM) return rest.length === 0 ? customList(config, series, version) : customRequest(version, rest, query);
	if (rest.length > 0) return externalAnswer(config, series, now, rest, query);
	const resources = externalMetrics(config.externalRules, series).map((m) => ({
		name: m.name,
		singularName: '',
		namespaced: true,
		kind: 'ExternalMetricValueList',
		verbs: ['get'],
	}));
	return { status: 200, body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${EXTERNAL}/v1beta1`, resources } };
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part; // no escape: upstream takes it as it stands
	}
}
