/** Policies in CEL and their bindings: `pkg/registry/admissionregistration/{validating,mutating}admissionpolicy{,binding}`. */
import { defineResource, type ResourceDefinition } from '../define.ts';
import { keepsMetadata } from '../status-update.ts';
import { changePart, type Fields, fill, isRecord, rec, recs, specOf, str, strs, textMap } from '../fields.ts';
import { age, countItems, table } from '../table.ts';
import type { Strategy } from '../../types.ts';
import { bindingErrors, mutatingErrors, validatingErrors } from './policy-validation.ts';
import { matchDefaults } from './rules.ts';

const withMatch = (spec: Fields, field: string): Fields => (isRecord(spec[field]) ? { ...spec, [field]: matchDefaults(rec(spec[field])) } : spec);
const policyDefaults = (spec: Fields): Fields => withMatch(fill(spec, { failurePolicy: 'Fail' }), 'matchConstraints');
const bindingDefaults = (spec: Fields): Fields => withMatch(spec, 'matchResources');

function paramKind(policy: unknown): string {
	const kind = rec(policy).paramKind;
	return isRecord(kind) ? `${str(kind.apiVersion)}/${str(kind.kind)}` : '<unset>';
}

function paramRef(binding: unknown): string {
	const ref = rec(binding).paramRef;
	if (!isRecord(ref)) return '<unset>';
	const name = str(ref.name);
	if (name !== '') return `${str(ref.namespace) || '*'}/${name}`;
	return isRecord(ref.selector) ? selectorText(ref.selector) : '<unset>';
}

/** A selector as Go's generated String prints it. */
function selectorText(selector: Fields): string {
	const labels = Object.entries(textMap(selector.matchLabels)).sort(([a], [b]) => (a < b ? -1 : 1));
	const expressions = recs(selector.matchExpressions).map(
		(e) => `LabelSelectorRequirement{Key:${str(e.key)},Operator:${str(e.operator)},Values:[${strs(e.values).join(' ')}],},`,
	);
	return `&LabelSelector{MatchLabels:map[string]string{${labels.map(([k, v]) => `${k}: ${v},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

const policy = (definition: Pick<ResourceDefinition, 'resource' | 'kind' | 'table' | 'validate' | 'subresources' | 'prepareForStatusUpdate'>): Strategy =>
	defineResource({
		group: 'admissionregistration.k8s.io',
		namespaced: false,
		generation: true,
		categories: ['api-extensions'],
		validateUpdate: (world, object) => definition.validate?.(world, object) ?? [],
		...definition,
		defaults: (object) => changePart(object, 'spec', definition.kind.endsWith('Binding') ? bindingDefaults : policyDefaults),
	});

export const validatingadmissionpolicies = policy({
	resource: 'validatingadmissionpolicies',
	kind: 'ValidatingAdmissionPolicy',
	subresources: ['status'],
	prepareForStatusUpdate: keepsMetadata,
	validate: (_world, object) => validatingErrors(object),
	table: table(['Name', 'Validations:integer', 'ParamKind', 'Age'], (world, object) => [
		object.metadata.name,
		countItems(specOf(object).validations),
		paramKind(object.spec),
		age(world, object),
	]),
});

export const validatingadmissionpolicybindings = policy({
	resource: 'validatingadmissionpolicybindings',
	kind: 'ValidatingAdmissionPolicyBinding',
	validate: (_world, object) => bindingErrors(object, true),
	table: table(['Name', 'PolicyName', 'ParamRef', 'Age'], (world, object) => [
		object.metadata.name,
		str(specOf(object).policyName),
		paramRef(object.spec),
		age(world, object),
	]),
});

export const mutatingadmissionpolicies = policy({
	resource: 'mutatingadmissionpolicies',
	kind: 'MutatingAdmissionPolicy',
	validate: (_world, object) => mutatingErrors(object),
	table: table(['Name', 'Mutations:integer', 'ParamKind', 'Age'], (world, object) => [
		object.metadata.name,
		recs(specOf(object).mutations).length,
		paramKind(object.spec),
		age(world, object),
	]),
});

export const mutatingadmissionpolicybindings = policy({
	resource: 'mutatingadmissionpolicybindings',
	kind: 'MutatingAdmissionPolicyBinding',
	validate: (_world, object) => bindingErrors(object, false),
	table: table(['Name', 'PolicyName', 'ParamRef', 'Age'], (world, object) => [
		object.metadata.name,
		str(specOf(object).policyName),
		paramRef(object.spec),
		age(world, object),
	]),
});
