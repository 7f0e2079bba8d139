/** audit.k8s.io/v1 Policy: which requests are written down, and how much of each. `apiserver/pkg/audit/policy` (reader.go, checker.go). */
import { isRecord, rec, recs, str, strs } from '../registry/fields.ts';
import type { FieldError } from '../types.ts';
import { invalidValue, notSupportedValue, requiredValue } from '../validation.ts';

export type Level = 'None' | 'Metadata' | 'Request' | 'RequestResponse';
export type Stage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

const LEVELS = ['Metadata', 'None', 'Request', 'RequestResponse'];
const STAGES = ['Panic', 'RequestReceived', 'ResponseComplete', 'ResponseStarted'];

interface GroupResources {
	readonly group: string;
	readonly resources: readonly string[];
	readonly resourceNames: readonly string[];
}

export interface PolicyRule {
	readonly level: Level;
	readonly users: readonly string[];
	readonly userGroups: readonly string[];
	readonly verbs: readonly string[];
	readonly resources: readonly GroupResources[];
	readonly namespaces: readonly string[];
	readonly nonResourceURLs: readonly string[];
	readonly omitStages: readonly string[];
	readonly omitManagedFields: boolean;
}

export interface AuditPolicy {
	readonly rules: readonly PolicyRule[];
	readonly omitStages: readonly string[];
}

/** What a rule looks at: the caller before any impersonation, and a resource or a path. */
export interface AuditAttributes {
	readonly user: string;
	readonly groups: readonly string[];
	readonly verb: string;
	readonly path: string;
	readonly resource?: { readonly group: string; readonly resource: string; readonly subresource: string; readonly namespace: string; readonly name: string };
}

export interface AuditDecision {
	readonly level: Level;
	readonly omitStages: readonly string[];
	readonly omitManagedFields: boolean;
}

/** Without a file of its own the cluster writes every outside request down once, without bodies. */
export const DEFAULT_POLICY: AuditPolicy = {
	omitStages: ['RequestReceived'],
	rules: [
		{ level: 'Metadata', users: [], userGroups: [], verbs: [], resources: [], namespaces: [], nonResourceURLs: [], omitStages: [], omitManagedFields: false },
	],
};

function stageErrors(value: unknown, field: string): readonly FieldError[] {
	return strs(value).flatMap((stage, i) => (STAGES.includes(stage) ? [] : [notSupportedValue(`${field}[${i}]`, stage, STAGES)]));
}

function urlErrors(urls: readonly string[], field: string): readonly FieldError[] {
	return urls.flatMap((url, i) => {
		if (url === '*') return [];
		if (!url.startsWith('/')) return [invalidValue(`${field}[${i}]`, url, "non-resource URL rules must begin with a '/' character")];
		const star = url.indexOf('*');
		return star >= 0 && star < url.length - 1
			? [invalidValue(`${field}[${i}]`, url, "non-resource URL wildcards '*' must be the final character of the rule")]
			: [];
	});
}

function ruleErrors(rule: { readonly [field: string]: unknown }, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const level = str(rule['level']);
	if (level === '') out.push(requiredValue(`${field}.level`));
	else if (!LEVELS.includes(level)) out.push(notSupportedValue(`${field}.level`, level, LEVELS));
	const urls = strs(rule['nonResourceURLs']);
	out.push(...urlErrors(urls, `${field}.nonResourceURLs`));
	for (const [i, group] of recs(rule['resources']).entries()) {
		const path = `${field}.resources[${i}]`;
		if (strs(group['resourceNames']).length > 0 && strs(group['resources']).length === 0) {
			out.push(invalidValue(`${path}.resourceNames`, group['resourceNames'], 'using resourceNames requires at least one resource'));
		}
	}
	out.push(...stageErrors(rule['omitStages'], `${field}.omitStages`));
	if (urls.length > 0 && (recs(rule['resources']).length > 0 || strs(rule['namespaces']).length > 0)) {
		out.push(invalidValue(`${field}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
	}
	return out;
}

function ruleOf(rule: { readonly [field: string]: unknown }, omitManagedFields: boolean): PolicyRule {
	return {
		level: str(rule['level']) as Level,
		users: strs(rule['users']),
		userGroups: strs(rule['userGroups']),
		verbs: strs(rule['verbs']),
		resources: recs(rule['resources']).map((g) => ({ group: str(g['group']), resources: strs(g['resources']), resourceNames: strs(g['resourceNames']) })),
		namespaces: strs(rule['namespaces']),
		nonResourceURLs: strs(rule['nonResourceURLs']),
		omitStages: strs(rule['omitStages']),
		omitManagedFields: typeof rule['omitManagedFields'] === 'boolean' ? rule['omitManagedFields'] : omitManagedFields,
	};
}

/** A policy out of a file's content, or why kube-apiserver would not take it. */
export function readPolicy(value: unknown): AuditPolicy | { readonly error: string } {
	if (!isRecord(value)) return { error: "failed decoding: couldn't get version/kind" };
	const { apiVersion, kind } = value;
	if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') {
		return { error: `failed decoding: no kind "${str(kind)}" is registered for version "${str(apiVersion)}" in scheme "pkg/audit/scheme.go:30"` };
	}
	const rules = recs(value['rules']);
	if (rules.length === 0) return { error: 'loaded illegal policy with 0 rules' };
	const errors = [...rules.flatMap((rule, i) => ruleErrors(rule, `rules[${i}]`)), ...stageErrors(value['omitStages'], 'omitStages')];
	if (errors.length > 0) {
		const texts = errors.map((e) => `${e.field}: ${e.message}`);
		return { error: texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]` };
	}
	return { rules: rules.map((rule) => ruleOf(rec(rule), value['omitManagedFields'] === true)), omitStages: strs(value['omitStages']) };
}

const named = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);

// `pods`, `pods/log`, `pods/*`, `*/scale` and `*`; a plain name never means its subresources.
function resourceNamed(pattern: string, resource: string, subresource: string): boolean {
	const whole = subresource === '' ? resource : `${resource}/${subresource}`;
	if (pattern === '*' || pattern === whole) return true;
	if (subresource !== '' && pattern === `*/${subresource}`) return true;
	return pattern === `${resource}/*`;
}

function matchesResource(rule: PolicyRule, asked: AuditAttributes): boolean {
	const { resource: at } = asked;
	if (at === undefined || !named(rule.namespaces, at.namespace)) return false;
	if (rule.resources.length === 0) return true;
	return rule.resources.some((g) => {
		if (g.group !== at.group && g.group !== '*') return false;
		if (g.resources.length === 0) return true;
		return named(g.resourceNames, at.name) && g.resources.some((r) => resourceNamed(r, at.resource, at.subresource));
	});
}

function matchesPath(rule: PolicyRule, asked: AuditAttributes): boolean {
	if (asked.resource !== undefined) return false;
	return rule.nonResourceURLs.some((p) => p === '*' || p === asked.path || (p.endsWith('*') && asked.path.startsWith(p.slice(0, -1))));
}

function matches(rule: PolicyRule, asked: AuditAttributes): boolean {
	if (!named(rule.users, asked.user) || !named(rule.verbs, asked.verb)) return false;
	if (rule.userGroups.length > 0 && !rule.userGroups.some((g) => asked.groups.includes(g))) return false;
	if (rule.namespaces.length > 0 || rule.resources.length > 0) return matchesResource(rule, asked);
	return rule.nonResourceURLs.length === 0 || matchesPath(rule, asked);
}

/** The first rule that matches decides; where none does, nothing is written. */
export function decide(policy: AuditPolicy, asked: AuditAttributes): AuditDecision {
	const rule = policy.rules.find((r) => matches(r, asked));
	if (rule === undefined) return { level: 'None', omitStages: policy.omitStages, omitManagedFields: false };
	const omitStages = rule.omitStages.length === 0 ? policy.omitStages : [...policy.omitStages, ...rule.omitStages];
	return { level: rule.level, omitStages, omitManagedFields: rule.omitManagedFields };
}
