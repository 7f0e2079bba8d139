/** From series to metrics of the API and back to queries: prometheus-adapter's pkg/naming and series registry. */
import type { Series } from '../../metrics/series.ts';
import { compiledMatchers, matchesAll } from '../../metrics/promql/matchers.ts';
import { type GroupResource, plural, type Rule, singular } from './config.ts';

/** Resources that labels may stand for by a template, with their group. */
const GROUPS: { readonly [resource: string]: string } = {
	pods: '',
	services: '',
	nodes: '',
	namespaces: '',
	persistentvolumes: '',
	persistentvolumeclaims: '',
	deployments: 'apps',
	replicasets: 'apps',
	statefulsets: 'apps',
	daemonsets: 'apps',
	jobs: 'batch',
	cronjobs: 'batch',
	ingresses: 'networking.k8s.io',
};
const ROOT: ReadonlySet<string> = new Set(['namespaces', 'nodes', 'persistentvolumes']);

export interface Requirement {
	readonly key: string;
	readonly op: 'in' | 'notin' | 'exists' | 'absent';
	readonly values: readonly string[];
}

export const resourceText = ({ group, resource }: GroupResource): string => (group === '' ? resource : `${resource}.${group}`);
const sameResource = (a: GroupResource, b: GroupResource): boolean => a.group === b.group && a.resource === b.resource;

function filled(template: string, { group, resource }: GroupResource): string {
	return template.replace(/<<\s*\.Resource\s*>>/g, singular(resource)).replace(/<<\s*\.Group\s*>>/g, group.replaceAll('.', '_'));
}

/** The label that names a resource's objects; undefined where the rule knows none. */
export function labelFor(rule: Rule, resource: GroupResource): string | undefined {
	const override = Object.entries(rule.overrides).find(([, r]) => sameResource(r, resource));
	if (override !== undefined) return override[0];
	return rule.template === '' ? undefined : filled(rule.template, resource);
}

function resourcesOf(rule: Rule, series: Series): readonly GroupResource[] {
	return Object.keys(series.labels).flatMap((label) => {
		const override = rule.overrides[label];
		if (override !== undefined) return [override];
		if (rule.template === '') return [];
		const found = Object.entries(GROUPS).find(([resource, group]) => filled(rule.template, { group, resource }) === label);
		return found === undefined ? [] : [{ resource: found[0], group: found[1] }];
	});
}

/** Series that a rule takes. */
export function seriesFor(rule: Rule, all: Iterable<Series>): readonly Series[] {
	const compiled = compiledMatchers(rule.matchers);
	return [...all].filter((s) => matchesAll(compiled, s.labels) && rule.filters.every((f) => f.pattern.test(s.labels['__name__'] ?? '') === f.positive));
}

/** The metric's name in the API; undefined where the rule's pattern does not fit. */
export function metricName(rule: Rule, series: string): string | undefined {
	const m = rule.nameMatches.exec(series);
	if (m === null) return undefined;
	return rule.nameAs.replace(/\$(?:\{(\w+)\}|(\d+))/g, (_all, braced?: string, digits?: string) => m[Number(braced ?? digits)] ?? '');
}

export interface Metric {
	readonly name: string;
	readonly resource: GroupResource;
	readonly namespaced: boolean;
	readonly series: string;
	readonly rule: Rule;
}

/** All metrics that the rules make of what there is; the last rule wins where two make the same. */
export function customMetrics(rules: readonly Rule[], all: readonly Series[]): readonly Metric[] {
	const out = new Map<string, Metric>();
	for (const rule of rules) {
		for (const s of seriesFor(rule, all)) {
			const series = s.labels['__name__'] ?? '';
			const name = metricName(rule, series);
			if (name === undefined) continue;
			for (const resource of resourcesOf(rule, s)) {
				const namespaced = !(resource.group === '' && ROOT.has(resource.resource));
				out.set(`${resourceText(resource)}/${name}`, { name, resource, namespaced, series, rule });
			}
		}
	}
	return [...out.values()].sort((a, b) => (`${resourceText(a.resource)}/${a.name}` < `${resourceText(b.resource)}/${b.name}` ? -1 : 1));
}

export function externalMetrics(rules: readonly Rule[], all: readonly Series[]): readonly Omit<Metric, 'resource' | 'namespaced'>[] {
	const out = new Map<string, Omit<Metric, 'resource' | 'namespaced'>>();
	for (const rule of rules) {
		for (const s of seriesFor(rule, all)) {
			const series = s.labels['__name__'] ?? '';
			const name = metricName(rule, series);
			if (name !== undefined) out.set(name, { name, series, rule });
		}
	}
	return [...out.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function matcherText({ key, op, values }: Requirement): string {
	if (op === 'exists' || op === 'absent') return `${key}${op === 'exists' ? '!=' : '='}""`;
	const signs = values.length > 1 ? { in: '=~', notin: '!~' } : { in: '=', notin: '!=' };
	return `${key}${signs[op]}${quoted(values.join('|'))}`;
}

/** Fills a rule's template in (`queryTemplateArgs`). */
function expanded(rule: Rule, series: string, matchers: readonly Requirement[], groupBy: string): string {
	const byName = new Map(matchers.map((m) => [m.key, m.values.join('|')]));
	return rule.metricsQuery.replace(/<<\s*(.*?)\s*>>/g, (_all, action: string) => {
		if (action === '.Series') return series;
		if (action === '.LabelMatchers') return matchers.map(matcherText).join(',');
		if (action === '.GroupBy') return groupBy;
		const index = /^index \.LabelValuesByName "([^"]+)"$/.exec(action);
		return index === null ? '' : (byName.get(index[1] ?? '') ?? '');
	});
}

/** The query for objects of a resource; undefined where the rule has no label for it. */
export function customQuery(
	metric: Metric,
	namespace: string,
	names: readonly string[],
	selector: readonly Requirement[],
): { readonly query: string; readonly label: string } | undefined {
	const label = labelFor(metric.rule, metric.resource);
	const namespaceLabel = labelFor(metric.rule, { group: '', resource: 'namespaces' });
	if (label === undefined || (namespace !== '' && namespaceLabel === undefined)) return undefined;
	const matchers: Requirement[] = [...selector];
	if (namespace !== '' && namespaceLabel !== undefined && namespaceLabel !== label) matchers.push({ key: namespaceLabel, op: 'in', values: [namespace] });
	matchers.push({ key: label, op: 'in', values: names });
	return { query: expanded(metric.rule, metric.series, matchers, label), label };
}

export function externalQuery(metric: Omit<Metric, 'resource' | 'namespaced'>, namespace: string, selector: readonly Requirement[]): string {
	const label = metric.rule.namespaced ? labelFor(metric.rule, { group: '', resource: 'namespaces' }) : undefined;
	const matchers: Requirement[] = [...selector, ...(label === undefined || namespace === '' ? [] : [{ key: label, op: 'in' as const, values: [namespace] }])];
	return expanded(metric.rule, metric.series, matchers, '');
}

/** A label selector's text as requirements; undefined where it is none. */
export function requirements(text: string): readonly Requirement[] | undefined {
	const out: Requirement[] = [];
	for (const part of text.match(/[^,(]+(?:\([^)]*\))?/g) ?? []) {
		const set = /^\s*([^\s=!()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/.exec(part);
		const equal = /^\s*([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)\s*$/.exec(part);
		const bare = /^\s*(!?)\s*([^\s=!()]+)\s*$/.exec(part);
		if (set !== null) out.push({ key: set[1] ?? '', op: set[2] === 'in' ? 'in' : 'notin', values: (set[3] ?? '').split(',').map((v) => v.trim()) });
		else if (equal !== null) out.push({ key: equal[1] ?? '', op: equal[2] === '!=' ? 'notin' : 'in', values: [equal[3] ?? ''] });
		else if (bare !== null) out.push({ key: bare[2] ?? '', op: bare[1] === '!' ? 'absent' : 'exists', values: [] });
		else return undefined;
	}
	return out;
}

export const parseResource = (text: string): GroupResource => {
	const dot = text.indexOf('.');
	return dot < 0 ? { group: '', resource: plural(text) } : { group: text.slice(dot + 1), resource: plural(text.slice(0, dot)) };
};
