/** Rules that policies and webhooks share: `pkg/apis/admissionregistration/validation/validation.go`. */
import { compileCondition } from '../../admission/policy/expressions.ts';
import type { FieldError } from '../../types.ts';
import { checkQualifiedName, duplicateValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { type Fields, fill, isRecord, rec, recs, str, strs } from '../fields.ts';
import { pathSegmentErrors } from '../validation/names.ts';
import { selectorErrors } from '../validation/selectors.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
const POLICIES = ['Fail', 'Ignore'];
const MATCH_POLICIES = ['Equivalent', 'Exact'];
const REINVOCATIONS = ['IfNeeded', 'Never'];
/** Conditions that one policy or webhook may have. */
const CONDITIONS = 64;

export const ruleDefaults = (rule: Fields): Fields => fill(rule, { scope: '*' });
export const mapItems = (record: Fields, field: string, change: (item: Fields) => Fields): Fields =>
	Array.isArray(record[field]) ? { ...record, [field]: recs(record[field]).map(change) } : record;

export function matchDefaults(resources: Fields): Fields {
	const filled = fill(resources, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
	return mapItems(mapItems(filled, 'resourceRules', ruleDefaults), 'excludeResourceRules', ruleDefaults);
}

export function oneOf(field: string, value: unknown, known: readonly string[]): readonly FieldError[] {
	return value === undefined || known.includes(str(value)) ? [] : [notSupportedValue(field, value, known)];
}

export const failurePolicyErrors = (value: unknown, field: string): readonly FieldError[] => oneOf(field, value, POLICIES);
export const matchPolicyErrors = (value: unknown, field: string): readonly FieldError[] => oneOf(field, value, MATCH_POLICIES);
export const reinvocationErrors = (value: unknown, field: string): readonly FieldError[] => oneOf(field, value, REINVOCATIONS);

function resourceErrors(resources: readonly string[], path: string): readonly FieldError[] {
	if (resources.length === 0) return [requiredValue(path)];
	const out: FieldError[] = [];
	const wholeResources = new Set<string>();
	const everywhere = new Set<string>();
	for (const [i, text] of resources.entries()) {
		if (text === '') out.push(requiredValue(`${path}[${i}]`));
		const [resource = '', sub] = text.split('/', 2);
		if (sub === undefined) continue;
		if (wholeResources.has(resource)) out.push(invalidValue(`${path}[${i}]`, text, `if '${resource}/*' is present, must not specify ${text}`));
		if (everywhere.has(sub)) out.push(invalidValue(`${path}[${i}]`, text, `if '*/${sub}' is present, must not specify ${text}`));
		if (sub === '*') wholeResources.add(resource);
		if (resource === '*') everywhere.add(sub);
	}
	if (resources.length > 1 && resources.includes('*/*')) out.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"));
	if (resources.includes('*') && resources.some((r) => r !== '*' && !r.includes('/')))
		out.push(invalidValue(path, resources, "if '*' is present, must not specify other resources without subresources"));
	return out;
}

function listErrors(values: readonly string[], path: string, what: string, emptyAllowed: boolean): readonly FieldError[] {
	const out: FieldError[] = [];
	if (values.length === 0) out.push(requiredValue(path));
	if (values.length > 1 && values.includes('*')) out.push(invalidValue(path, values, `if '*' is present, must not specify other ${what}`));
	if (!emptyAllowed) for (const [i, v] of values.entries()) if (v === '') out.push(requiredValue(`${path}[${i}]`));
	return out;
}

export function ruleErrors(rule: Fields, path: string): readonly FieldError[] {
	const operations = strs(rule.operations);
	const out: FieldError[] = [];
	if (operations.length === 0) out.push(requiredValue(`${path}.operations`));
	if (operations.length > 1 && operations.includes('*'))
		out.push(invalidValue(`${path}.operations`, operations, "if '*' is present, must not specify other operations"));
	for (const [i, o] of operations.entries()) out.push(...oneOf(`${path}.operations[${i}]`, o, OPERATIONS));
	out.push(...listErrors(strs(rule.apiGroups), `${path}.apiGroups`, 'API groups', true));
	out.push(...listErrors(strs(rule.apiVersions), `${path}.apiVersions`, 'API versions', false));
	out.push(...resourceErrors(strs(rule.resources), `${path}.resources`), ...oneOf(`${path}.scope`, rule.scope, SCOPES));
	return out;
}

function namedRuleErrors(rule: Fields, path: string): readonly FieldError[] {
	const names = strs(rule.resourceNames);
	const out: FieldError[] = [];
	for (const [i, name] of names.entries()) {
		for (const fault of pathSegmentErrors(name)) out.push(invalidValue(`${path}.resourceNames[${i}]`, name, fault));
		if (names.indexOf(name) < i) out.push(duplicateValue(`${path}.resourceNames[${i}]`, name));
	}
	return [...out, ...ruleErrors(rule, path)];
}

/** MatchResources; a binding may leave them out. */
export function matchResourcesErrors(resources: unknown, path: string): readonly FieldError[] {
	if (!isRecord(resources)) return [];
	const out = [...matchPolicyErrors(resources.matchPolicy, `${path}.matchPolicy`)];
	out.push(...selectorErrors(resources.namespaceSelector, `${path}.namespaceSelector`), ...selectorErrors(resources.objectSelector, `${path}.labelSelector`));
	for (const list of ['resourceRules', 'excludeResourceRules'])
		for (const [i, rule] of recs(resources[list]).entries()) out.push(...namedRuleErrors(rule, `${path}.${list}[${i}]`));
	return out;
}

export function conditionErrors(spec: Fields, path: string): readonly FieldError[] {
	const conditions = recs(spec.matchConditions);
	const out: FieldError[] = [];
	if (conditions.length > CONDITIONS)
		out.push({ field: path, type: 'FieldValueTooMany', message: `Too many: ${conditions.length}: must have at most ${CONDITIONS} items` });
	const seen = new Set<string>();
	for (const [i, condition] of conditions.entries()) {
		const at = `${path}[${i}]`;
		const [name, expression] = [str(condition.name), str(condition.expression).trim()];
		if (expression === '') out.push(requiredValue(`${at}.expression`));
		else {
			const compiled = compileCondition(expression, isRecord(rec(spec).paramKind));
			if ('error' in compiled) out.push(invalidValue(`${at}.expression`, expression, compiled.error));
		}
		if (name === '') out.push(requiredValue(`${at}.name`));
		else for (const fault of checkQualifiedName(name)) out.push(invalidValue(`${at}.name`, name, fault));
		if (name !== '' && seen.has(name)) out.push(duplicateValue(`${at}.name`, name));
		seen.add(name);
	}
	return out;
}
