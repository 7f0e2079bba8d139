/** Roles and their bindings: `pkg/registry/rbac`, `pkg/apis/rbac/v1/defaults.go`. */
import { sameData } from '../../equal.ts';
import type { FieldError, KubeObject, Strategy } from '../../types.ts';
import { defineResource } from '../define.ts';
import { arr, changeField, changeItems, type Fields, rec, recs, str, strs } from '../fields.ts';
import { age, table } from '../table.ts';
import { invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { pathSegmentErrors } from '../validation/names.ts';

const RBAC = 'rbac.authorization.k8s.io';

function subjectDefaults(subject: Fields): Fields {
	if (str(subject.apiGroup) !== '') return subject;
	return subject.kind === 'User' || subject.kind === 'Group' ? { ...subject, apiGroup: RBAC } : subject;
}

const bindingDefaults = (binding: KubeObject): KubeObject =>
	changeItems(
		changeField(binding, 'roleRef', (ref) => (str(ref.apiGroup) === '' ? { ...ref, apiGroup: RBAC } : ref)),
		'subjects',
		subjectDefaults,
	) as KubeObject;

/**
 * Names under which the authoriser finds a binding: `User:jane`, `Group:devs`, `User:system:serviceaccount:ns:sa`.
 * A binding in a namespace has it in front (`ns User:jane`), so that a look-up never meets other namespaces' bindings.
 */
function subjectKeys(binding: KubeObject): readonly string[] {
	const { namespace } = binding.metadata;
	const scope = namespace === undefined ? '' : `${namespace} `;
	return recs(binding.subjects).map((s) => {
		if (s.kind !== 'ServiceAccount') return `${scope}${str(s.kind)}:${str(s.name)}`;
		return `${scope}User:system:serviceaccount:${str(s.namespace) || (namespace ?? '')}:${str(s.name)}`;
	});
}

function validateRules(role: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	const namespaced = role.kind === 'Role';
	for (const [i, rule] of recs(role.rules).entries()) {
		const field = `rules[${i}]`;
		if (strs(rule.verbs).length === 0) out.push(requiredValue(`${field}.verbs`, 'verbs must contain at least one value'));
		if (arr(rule.nonResourceURLs).length > 0) {
			if (namespaced) out.push(invalidValue(`${field}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
			if (arr(rule.apiGroups).length + arr(rule.resources).length + arr(rule.resourceNames).length > 0) {
				out.push(invalidValue(`${field}.nonResourceURLs`, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'));
			}
			continue;
		}
		if (arr(rule.apiGroups).length === 0) out.push(requiredValue(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
		if (arr(rule.resources).length === 0) out.push(requiredValue(`${field}.resources`, 'resource rules must supply at least one resource'));
	}
	return out;
}

function validateBinding(binding: KubeObject): readonly FieldError[] {
	const out: FieldError[] = [];
	const ref = rec(binding.roleRef);
	if (ref.apiGroup !== RBAC) out.push(notSupportedValue('roleRef.apiGroup', ref.apiGroup, [RBAC]));
	const kinds = binding.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
	if (!kinds.includes(str(ref.kind))) out.push(notSupportedValue('roleRef.kind', str(ref.kind), kinds));
	if (str(ref.name) === '') out.push(requiredValue('roleRef.name'));
	for (const [i, subject] of recs(binding.subjects).entries()) out.push(...validateSubject(binding, subject, `subjects[${i}]`));
	return out;
}

function validateSubject(binding: KubeObject, subject: Fields, field: string): readonly FieldError[] {
	const out: FieldError[] = [];
	if (str(subject.name) === '') out.push(requiredValue(`${field}.name`));
	const group = str(subject.apiGroup);
	if (subject.kind === 'ServiceAccount') {
		if (group !== '') out.push(notSupportedValue(`${field}.apiGroup`, group, ['']));
		if (str(subject.namespace) === '' && binding.kind === 'ClusterRoleBinding') out.push(requiredValue(`${field}.namespace`));
	} else if (subject.kind === 'User' || subject.kind === 'Group') {
		if (group !== RBAC) out.push(notSupportedValue(`${field}.apiGroup`, group, [RBAC]));
	} else out.push(notSupportedValue(`${field}.kind`, subject.kind, ['ServiceAccount', 'User', 'Group']));
	return out;
}

function validateBindingUpdate(binding: KubeObject, old: KubeObject): readonly FieldError[] {
	const out = [...validateBinding(binding)];
	if (!sameData(binding.roleRef, old.roleRef)) out.push(invalidValue('roleRef', binding.roleRef, 'cannot change roleRef'));
	return out;
}

const roleTable = {
	columns: table(['Name', 'Created At:date'], () => []).columns,
	row: (_world: unknown, role: KubeObject) => [role.metadata.name, role.metadata.creationTimestamp],
};

const bindingTable = table(['Name', 'Role', 'Age', '*Users', '*Groups', '*ServiceAccounts'], (world, binding) => {
	const ref = rec(binding.roleRef);
	const names = (kind: string): string =>
		recs(binding.subjects)
			.filter((s) => s.kind === kind)
			.map((s) => (kind === 'ServiceAccount' ? `${str(s.namespace) || (binding.metadata.namespace ?? '')}/${str(s.name)}` : str(s.name)))
			.join(', ');
	return [binding.metadata.name, `${str(ref.kind)}/${str(ref.name)}`, age(world, binding), names('User'), names('Group'), names('ServiceAccount')];
});

const role = (resource: string, kind: string, namespaced: boolean, indexes: Strategy['indexes'] = {}) =>
	defineResource({
		group: RBAC,
		resource,
		kind,
		namespaced,
		validateName: pathSegmentErrors,
		validate: (_world, object) => validateRules(object),
		validateUpdate: (_world, object) => validateRules(object),
		indexes,
		table: roleTable,
	});

const binding = (resource: string, kind: string, namespaced: boolean) =>
	defineResource({
		group: RBAC,
		resource,
		kind,
		namespaced,
		validateName: pathSegmentErrors,
		defaults: bindingDefaults,
		validate: (_world, object) => validateBinding(object),
		validateUpdate: (_world, object, old) => validateBindingUpdate(object, old),
		indexes: { bySubject: subjectKeys },
		table: bindingTable,
	});

export const roles = role('roles', 'Role', true);
export const rolebindings = binding('rolebindings', 'RoleBinding', true);
export const clusterroles = role('clusterroles', 'ClusterRole', false, {
	/** 'true' for those whose rules are put together from others'. */
	aggregated: (r) => (r.aggregationRule === undefined ? [] : ['true']),
});
export const clusterrolebindings = binding('clusterrolebindings', 'ClusterRoleBinding', false);
