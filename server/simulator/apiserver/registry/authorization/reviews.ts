/** authorization.k8s.io: "may I?", "may they?", "what may I?". `pkg/registry/authorization`. */
import type { World } from '../../../kernel/world.ts';
import { authorize, type Attributes } from '../../auth/authorizer.ts';
import { visitRules } from '../../auth/rbac.ts';
import { badRequest } from '../../errors.ts';
import { isFull } from '../../profile.ts';
import type { ApiCall, ApiResult, FieldError, UserInfo } from '../../types.ts';
import { invalidObject, invalidValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { type Fields, isRecord, rec, str, strs } from '../fields.ts';

const GROUP = 'authorization.k8s.io';

function attributesOf(user: UserInfo, spec: Fields): Attributes {
	if (isRecord(spec.nonResourceAttributes)) {
		return { user, verb: str(spec.nonResourceAttributes.verb), group: '', path: str(spec.nonResourceAttributes.path) };
	}
	const asked = rec(spec.resourceAttributes);
	const optional = (field: string): { readonly [field: string]: string } => (str(asked[field]) === '' ? {} : { [field]: str(asked[field]) });
	return {
		user,
		verb: str(asked.verb),
		group: str(asked.group),
		resource: str(asked.resource),
		...optional('subresource'),
		...optional('namespace'),
		...optional('name'),
	};
}

/** Exactly one of the two kinds of question must be asked. */
function specErrors(spec: Fields): readonly FieldError[] {
	const both = isRecord(spec.resourceAttributes) && isRecord(spec.nonResourceAttributes);
	const none = !isRecord(spec.resourceAttributes) && !isRecord(spec.nonResourceAttributes);
	if (both) {
		return [invalidValue('spec.nonResourceAttributes', spec.nonResourceAttributes, 'cannot be specified in combination with resourceAttributes')];
	}
	return none ? [invalidValue('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')] : [];
}

function answer(world: World, call: ApiCall, kind: string, user: UserInfo): ApiResult {
	const spec = rec(rec(call.body).spec);
	const errors = specErrors(spec);
	if (errors.length > 0) throw invalidObject({ group: GROUP, kind }, '', errors);
	const { allowed, reason } = authorize(world, attributesOf(user, spec));
	const status = reason === '' ? { allowed } : { allowed, reason };
	return { code: 201, body: { kind, apiVersion: `${GROUP}/v1`, metadata: rec(rec(call.body).metadata), spec, status } };
}

function reviewedUser(call: ApiCall): UserInfo {
	const spec = rec(rec(call.body).spec);
	return { name: str(spec.user), groups: strs(spec.groups) };
}

function localReview(world: World, call: ApiCall): ApiResult {
	const asked = str(rec(rec(rec(call.body).spec).resourceAttributes).namespace);
	if (asked !== call.namespace) throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${call.namespace ?? ''}`);
	return answer(world, call, 'LocalSubjectAccessReview', reviewedUser(call));
}

const listField = (rule: Fields, field: string): Fields => (strs(rule[field]).length > 0 ? { [field]: strs(rule[field]) } : {});

/** The rules that hold for the caller, for `kubectl auth can-i --list`. */
function rulesReview(world: World, call: ApiCall): ApiResult {
	const namespace = str(rec(rec(call.body).spec).namespace);
	if (namespace === '') throw badRequest('no namespace on request');
	const resourceRules: Fields[] = [];
	const nonResourceRules: Fields[] = [];
	if (call.user.groups.includes('system:masters') || !isFull(world)) {
		resourceRules.push({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
		nonResourceRules.push({ verbs: ['*'], nonResourceURLs: ['*'] });
	}
	const missing: string[] = [];
	visitRules(
		world,
		call.user,
		namespace,
		({ rule }) => {
			const verbs = strs(rule.verbs);
			if (strs(rule.resources).length > 0) {
				resourceRules.push({ verbs, apiGroups: strs(rule.apiGroups), resources: strs(rule.resources), ...listField(rule, 'resourceNames') });
			}
			if (strs(rule.nonResourceURLs).length > 0) nonResourceRules.push({ verbs, nonResourceURLs: strs(rule.nonResourceURLs) });
			return false;
		},
		(binding) => missing.push(binding.metadata.name),
	);
	const status = { resourceRules, nonResourceRules, incomplete: missing.length > 0 };
	return { code: 201, body: { kind: 'SelfSubjectRulesReview', apiVersion: `${GROUP}/v1`, metadata: {}, spec: { namespace }, status } };
}

const review = (resource: string, kind: string, namespaced: boolean, virtualCreate: (world: World, call: ApiCall) => ApiResult) =>
	defineResource({ group: GROUP, resource, kind, namespaced, verbs: ['create'], virtualCreate });

export const authorizationReviews = [
	review('localsubjectaccessreviews', 'LocalSubjectAccessReview', true, localReview),
	review('selfsubjectaccessreviews', 'SelfSubjectAccessReview', false, (world, call) => answer(world, call, 'SelfSubjectAccessReview', call.user)),
	review('selfsubjectrulesreviews', 'SelfSubjectRulesReview', false, rulesReview),
	review('subjectaccessreviews', 'SubjectAccessReview', false, (world, call) => answer(world, call, 'SubjectAccessReview', reviewedUser(call))),
];
