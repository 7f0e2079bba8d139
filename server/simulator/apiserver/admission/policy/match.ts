/** Which requests a policy or webhook is about (`apiserver/pkg/admission/plugin/policy/matching`, `webhook/predicates`). */
import type { World } from '../../../kernel/world.ts';
import { type Fields, rec, recs, str, strs, textMap } from '../../registry/fields.ts';
import { matchesSelector } from '../../registry/label-selector.ts';
import type { KubeObject } from '../../types.ts';
import { type Attributes, inOtherVersion, isNamespace } from './attributes.ts';

/** Where namespaces' labels are found. */
export type NamespaceOf = (world: World, name: string) => KubeObject | undefined;

const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);

function matchesResource(rule: Fields, { resource, subresource }: Attributes): boolean {
	return strs(rule.resources).some((text) => {
		const slash = text.indexOf('/');
		const wanted = slash < 0 ? text : text.slice(0, slash);
		const sub = slash < 0 ? '' : text.slice(slash + 1);
		return (wanted === '*' || wanted === resource.resource) && (sub === subresource || (sub === '*' && slash >= 0));
	});
}

function matchesScope(rule: Fields, attributes: Attributes): boolean {
	const scope = str(rule.scope, '*');
	if (scope === '*') return true;
	// A namespace has a namespace (its own), and stands outside of them all the same.
	const namespaced = attributes.namespace !== '' && !isNamespace(attributes.request);
	return scope === (namespaced ? 'Namespaced' : 'Cluster');
}

function matchesRule(rule: Fields, attributes: Attributes): boolean {
	return (
		matchesScope(rule, attributes) &&
		has(strs(rule.operations), attributes.request.operation) &&
		has(strs(rule.apiGroups), attributes.resource.group) &&
		has(strs(rule.apiVersions), attributes.resource.version) &&
		matchesResource(rule, attributes) &&
		(strs(rule.resourceNames).length === 0 || strs(rule.resourceNames).includes(attributes.name))
	);
}

/** The request in the version that the first rule to match speaks of; undefined where none does. */
export function matchRules(rules: readonly Fields[], matchPolicy: unknown, attributes: Attributes): Attributes | undefined {
	if (rules.some((rule) => matchesRule(rule, attributes))) return attributes;
	if (matchPolicy === 'Exact') return undefined;
	for (const version of attributes.request.strategy.served ?? attributes.request.strategy.versions) {
		if (version === attributes.resource.version) continue;
		const other = { ...attributes, resource: { ...attributes.resource, version } };
		if (rules.some((rule) => matchesRule(rule, other))) return inOtherVersion(attributes, version);
	}
	return undefined;
}

const isEmpty = (selector: Fields): boolean => Object.keys(rec(selector.matchLabels)).length === 0 && recs(selector.matchExpressions).length === 0;

/** By the labels of the request's namespace; of a namespace, its own. What stands outside of namespaces always matches. */
export function matchesNamespaceSelector(world: World, selector: unknown, attributes: Attributes, namespaceOf: NamespaceOf): boolean {
	if (isEmpty(rec(selector))) return true;
	const { request, namespace, object, old } = attributes;
	if (isNamespace(request) && attributes.subresource === '') return matchesSelector(selector, textMap((object ?? old)?.metadata.labels));
	if (namespace === '') return true;
	return matchesSelector(selector, textMap(namespaceOf(world, namespace)?.metadata.labels));
}

/** By the labels of the object as it is to be, or as it was. */
export function matchesObjectSelector(selector: unknown, { object, old }: Attributes): boolean {
	if (isEmpty(rec(selector))) return true;
	return [object, old].some((o) => o !== undefined && matchesSelector(selector, textMap(o.metadata.labels)));
}

/** MatchResources of a policy or binding; one without rules is about everything. */
export function matchConstraints(world: World, constraints: unknown, attributes: Attributes, namespaceOf: NamespaceOf): Attributes | undefined {
	const { namespaceSelector, objectSelector, resourceRules, excludeResourceRules, matchPolicy } = rec(constraints);
	const rules = recs(resourceRules);
	const matched = rules.length === 0 ? attributes : matchRules(rules, matchPolicy, attributes);
	if (matched === undefined || matchRules(recs(excludeResourceRules), matchPolicy, attributes) !== undefined) return undefined;
	if (!matchesNamespaceSelector(world, namespaceSelector, attributes, namespaceOf)) return undefined;
	return matchesObjectSelector(objectSelector, attributes) ? matched : undefined;
}

const EXEMPT: ReadonlySet<string> = new Set([
	'validatingwebhookconfigurations',
	'mutatingwebhookconfigurations',
	'validatingadmissionpolicies',
	'validatingadmissionpolicybindings',
	'mutatingadmissionpolicies',
	'mutatingadmissionpolicybindings',
]);

/** Nobody is asked about the policies and webhooks themselves: a wrong one could never be taken back. */
export const isExempt = ({ request }: Attributes): boolean =>
	request.strategy.group === 'admissionregistration.k8s.io' && EXEMPT.has(request.strategy.resource);
