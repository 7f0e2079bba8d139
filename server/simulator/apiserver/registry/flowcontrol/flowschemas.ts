/** Flow schemas: `pkg/registry/flowcontrol/flowschema`. */
import { formatTime } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Label, checkDns1123Subdomain, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { arr, changePart, type Fields, isRecord, num, rec, recs, specOf, statusOf, str, strs } from '../fields.ts';
import { age, table } from '../table.ts';
import { invalidEach } from '../validation/field.ts';
import { getObject } from '../store.ts';
import { bootstrapSchemas } from './bootstrap.ts';
import { prioritylevelconfigurations } from './prioritylevelconfigurations.ts';

const DEFAULT_PRECEDENCE = 1000;
const HIGHEST_PRECEDENCE = 10_000;
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const SUBJECTS: { readonly [kind: string]: string } = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' };

function subjectErrors(subject: Fields, field: string): readonly FieldError[] {
	const kind = str(subject.kind);
	const own = SUBJECTS[kind];
	if (own === undefined) return [notSupportedValue(`${field}.kind`, kind, ['Group', 'ServiceAccount', 'User'])];
	const out: FieldError[] = [];
	const about = subject[own];
	if (!isRecord(about)) out.push(requiredValue(`${field}.${own}`, `${own} is required when subject kind is '${kind}'`));
	else {
		const name = str(about.name);
		if (name === '') out.push(requiredValue(`${field}.${own}.name`));
		else if (kind === 'ServiceAccount' && name !== '*') out.push(...invalidEach(`${field}.${own}.name`, name, checkDns1123Subdomain(name)));
		const namespace = str(about.namespace);
		if (kind === 'ServiceAccount' && namespace === '') out.push(requiredValue(`${field}.${own}.namespace`, 'must specify namespace for service account'));
		else if (kind === 'ServiceAccount') out.push(...invalidEach(`${field}.${own}.namespace`, namespace, checkDns1123Label(namespace)));
	}
	for (const [k, other] of Object.entries(SUBJECTS)) {
		if (other !== own && subject[other] !== undefined) out.push(forbiddenValue(`${field}.${other}`, `${other} is forbidden when subject kind is not '${k}'`));
	}
	return out;
}

/** A list in which `*` stands alone. */
function wildcardErrors(list: readonly string[], field: string, what: string): readonly FieldError[] {
	return list.length > 1 && list.includes('*') ? [invalidValue(field, list, `if '*' is present, must not specify other ${what}`)] : [];
}

function verbErrors(rule: Fields, field: string): readonly FieldError[] {
	const verbs = strs(rule.verbs);
	if (verbs.length === 0) return [requiredValue(`${field}.verbs`, 'verbs must contain at least one value')];
	if (verbs.includes('*')) return wildcardErrors(verbs, `${field}.verbs`, 'verbs');
	return verbs.every((v) => VERBS.includes(v)) ? [] : [notSupportedValue(`${field}.verbs`, verbs, VERBS)];
}

function resourceRuleErrors(rule: Fields, field: string): readonly FieldError[] {
	const out = [...verbErrors(rule, field)];
	const [apiGroups, resources, namespaces] = [strs(rule.apiGroups), strs(rule.resources), strs(rule.namespaces)];
	if (apiGroups.length === 0) out.push(requiredValue(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
	out.push(...wildcardErrors(apiGroups, `${field}.apiGroups`, 'api groups'));
	if (resources.length === 0) out.push(requiredValue(`${field}.resources`, 'resource rules must supply at least one resource'));
	out.push(...wildcardErrors(resources, `${field}.resources`, 'resources'));
	if (namespaces.length === 0 && rule.clusterScope !== true) {
		out.push(requiredValue(`${field}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace'));
	}
	if (namespaces.includes('*')) return [...out, ...wildcardErrors(namespaces, `${field}.namespaces`, 'namespaces')];
	const intro = "each member of this list must be '*' or a DNS-1123 label; ";
	for (const [i, n] of namespaces.entries()) out.push(...checkDns1123Label(n).map((e) => invalidValue(`${field}.namespaces[${i}]`, n, intro + e)));
	return out;
}

function urlError(url: string): string | undefined {
	if (url === '') return 'must not be empty';
	if (url === '/') return undefined;
	if (!url.startsWith('/')) return 'must start with slash';
	if (url.includes(' ')) return 'must not contain white-space';
	if (url.includes('//')) return 'must not contain double slash';
	return url.includes('*') && (url.indexOf('*') !== url.length - 1 || !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

function pathRuleErrors(rule: Fields, field: string): readonly FieldError[] {
	const out = [...verbErrors(rule, field)];
	const urls = strs(rule.nonResourceURLs);
	const at = `${field}.nonResourceURLs`;
	if (urls.length === 0) out.push(requiredValue(at, 'nonResourceURLs must contain at least one value'));
	if (urls.includes('*')) return [...out, ...wildcardErrors(urls, at, 'non-resource URLs')];
	for (const [i, url] of urls.entries()) {
		const why = urlError(url);
		if (why !== undefined) out.push(invalidValue(`${at}[${i}]`, url, why));
	}
	return out;
}

function ruleErrors(rule: Fields, field: string): readonly FieldError[] {
	const subjects = recs(rule.subjects);
	const out: FieldError[] = subjects.flatMap((s, i) => subjectErrors(s, `${field}.subjects[${i}]`));
	if (subjects.length === 0) out.push(requiredValue(`${field}.subjects`, 'subjects must contain at least one value'));
	if (arr(rule.resourceRules).length === 0 && arr(rule.nonResourceRules).length === 0) {
		out.push(requiredValue(field, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
	}
	out.push(...recs(rule.resourceRules).flatMap((r, i) => resourceRuleErrors(r, `${field}.resourceRules[${i}]`)));
	out.push(...recs(rule.nonResourceRules).flatMap((r, i) => pathRuleErrors(r, `${field}.nonResourceRules[${i}]`)));
	return out;
}

function validate(schema: KubeObject): readonly FieldError[] {
	const { name } = schema.metadata;
	const spec = specOf(schema);
	const out: FieldError[] = [];
	const precedence = num(spec.matchingPrecedence);
	const bad = (why: string): number => out.push(invalidValue('spec.matchingPrecedence', precedence, why));
	if (precedence <= 0) bad('must be a positive value');
	if (precedence > HIGHEST_PRECEDENCE) bad(`must not be greater than ${HIGHEST_PRECEDENCE}`);
	if (precedence === 1 && name !== 'exempt') bad("only the schema named 'exempt' may have matchingPrecedence 1");
	const method = spec.distinguisherMethod;
	if (isRecord(method) && method.type !== 'ByNamespace' && method.type !== 'ByUser') {
		out.push(notSupportedValue('spec.distinguisherMethod.type', method, ['ByNamespace', 'ByUser']));
	}
	const level = levelOf(schema);
	const at = 'spec.priorityLevelConfiguration.name';
	if (level === '') out.push(requiredValue(at, 'must reference a priority level'));
	else out.push(...invalidEach(at, level, checkDns1123Subdomain(level)));
	out.push(...recs(spec.rules).flatMap((r, i) => ruleErrors(r, `spec.rules[${i}]`)));
	const fixed = name === 'exempt' || name === 'catch-all' ? bootstrapSchemas[name] : undefined;
	if (fixed !== undefined && !sameData(spec, fixed)) out.push(invalidValue('spec', spec, `spec of '${name}' must equal the fixed value`));
	return out;
}

const levelOf = (schema: KubeObject): string => str(rec(specOf(schema).priorityLevelConfiguration).name);

/** Whether the schema's level is missing, as the flow controller says within moments (`apf_controller.go`). */
export function danglingCondition(world: World, schema: KubeObject): Fields {
	const level = levelOf(schema);
	const found = getObject(world, prioritylevelconfigurations, level) !== undefined;
	const ref = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
	return {
		type: 'Dangling',
		status: found ? 'False' : 'True',
		lastTransitionTime: formatTime(world.now),
		reason: found ? 'Found' : 'NotFound',
		message: found ? `${ref} and it exists` : `${ref} but there is no such object`,
	};
}

const dangling = (schema: KubeObject): string => str(recs(statusOf(schema).conditions).find((c) => c.type === 'Dangling')?.status, '?');

export const flowschemas = defineResource({
	group: 'flowcontrol.apiserver.k8s.io',
	resource: 'flowschemas',
	kind: 'FlowSchema',
	namespaced: false,
	generation: true,
	subresources: ['status'],
	defaults: (schema) => changePart(schema, 'spec', (spec) => (num(spec.matchingPrecedence) === 0 ? { ...spec, matchingPrecedence: DEFAULT_PRECEDENCE } : spec)),
	indexes: { byLevel: (schema) => [levelOf(schema)] },
	prepareForCreate: (world, schema) => ({ ...schema, status: { conditions: [danglingCondition(world, schema)] } }),
	validate: (_world, schema) => validate(schema),
	validateUpdate: (_world, schema) => validate(schema),
	table: table(['Name', 'PriorityLevel', 'MatchingPrecedence', 'DistinguisherMethod', 'Age', 'MissingPL'], (world, schema) => {
		const spec = specOf(schema);
		return [
			schema.metadata.name,
			levelOf(schema),
			num(spec.matchingPrecedence),
			str(rec(spec.distinguisherMethod).type, '<none>'),
			age(world, schema),
			dangling(schema),
		];
	}),
});
