/** Validation of policies and bindings: `pkg/apis/admissionregistration/validation/validation.go`. */
import type { Compiled, CompileError } from '../../cel/environment.ts';
import { compiledMutations } from '../../admission/policy/mutating.ts';
import { compiledPolicy } from '../../admission/policy/validating.ts';
import type { Variable } from '../../admission/policy/expressions.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { checkDns1123Subdomain, checkQualifiedName, duplicateValue, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
import { type Fields, isRecord, rec, recs, specOf, str, strs } from '../fields.ts';
import { dns1035Errors, pathSegmentErrors } from '../validation/names.ts';
import { selectorErrors } from '../validation/selectors.ts';
import { conditionErrors, failurePolicyErrors, matchResourcesErrors, oneOf, reinvocationErrors } from './rules.ts';

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const ANNOTATIONS = 20;
const ANNOTATION_LENGTH = 5 * 1024;

const compileErrors = (compiled: Compiled | CompileError | undefined, source: string, at: string): readonly FieldError[] =>
	compiled !== undefined && 'error' in compiled ? [invalidValue(at, source, compiled.error)] : [];

function paramKindErrors(kind: unknown): readonly FieldError[] {
	if (!isRecord(kind)) return [];
	const out: FieldError[] = [];
	const at = 'spec.paramKind';
	const apiVersion = str(kind.apiVersion);
	const parts = apiVersion.split('/');
	if (apiVersion === '') out.push(requiredValue(`${at}.apiVersion`));
	else if (parts.length > 2) out.push(invalidValue(`${at}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
	else {
		const [group, version] = parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : ['', apiVersion];
		const wrong = group === '' ? [] : checkDns1123Subdomain(group);
		if (wrong.length > 0) out.push(invalidValue(`${at}.apiVersion`, group, wrong.join(',')));
		if (version === '') out.push(invalidValue(`${at}.apiVersion`, apiVersion, 'version must be specified'));
		else if (dns1035Errors(version).length > 0) out.push(invalidValue(`${at}.apiVersion`, version, dns1035Errors(version).join(',')));
	}
	const name = str(kind.kind);
	if (name === '') out.push(requiredValue(`${at}.kind`));
	else if (dns1035Errors(name.toLowerCase()).length > 0)
		out.push(invalidValue(`${at}.kind`, name, `may have mixed case, but should otherwise match: ${dns1035Errors(name.toLowerCase()).join(',')}`));
	return out;
}

function commonErrors(spec: Fields): FieldError[] {
	const out: FieldError[] = [];
	if (spec.failurePolicy === undefined) out.push(requiredValue('spec.failurePolicy'));
	out.push(...failurePolicyErrors(spec.failurePolicy, 'spec.failurePolicy'), ...paramKindErrors(spec.paramKind));
	if (!isRecord(spec.matchConstraints)) out.push(requiredValue('spec.matchConstraints'));
	else {
		out.push(...matchResourcesErrors(spec.matchConstraints, 'spec.matchConstraints'));
		if (recs(spec.matchConstraints.resourceRules).length === 0) out.push(requiredValue('spec.matchConstraints.resourceRules'));
	}
	out.push(...conditionErrors(spec, 'spec.matchConditions'));
	return out;
}

function variableErrors(spec: Fields, variables: readonly Variable[]): readonly FieldError[] {
	return recs(spec.variables).flatMap((v, i) => {
		const at = `spec.variables[${i}]`;
		const out: FieldError[] = [];
		const [name, expression] = [str(v.name), str(v.expression)];
		if (name.trim() === '') out.push(requiredValue(`${at}.name`, 'name is not specified'));
		else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) out.push(invalidValue(`${at}.name`, name, 'name is not a valid CEL identifier'));
		if (expression.trim() === '') return [...out, requiredValue(`${at}.expression`, 'expression is not specified')];
		return [...out, ...compileErrors(variables[i]?.compiled, expression, `${at}.expression`)];
	});
}

/** A ValidatingAdmissionPolicy. */
export function validatingErrors(policy: KubeObject): readonly FieldError[] {
	const spec = specOf(policy);
	const out = commonErrors(spec);
	const compiled = compiledPolicy(policy);
	out.push(...variableErrors(spec, compiled.variables));
	const [validations, annotations] = [recs(spec.validations), recs(spec.auditAnnotations)];
	if (validations.length === 0 && annotations.length === 0) {
		const why = 'validations or auditAnnotations must contain at least one item';
		return [...out, requiredValue('spec.validations', why), requiredValue('spec.auditAnnotations', why)];
	}
	for (const [i, v] of validations.entries()) {
		const at = `spec.validations[${i}]`;
		const found = compiled.validations[i];
		out.push(...validationErrors(v, at));
		if (str(v.expression).trim() !== '') out.push(...compileErrors(found?.expression, str(v.expression), `${at}.expression`));
		if (str(v.messageExpression).trim() !== '') out.push(...compileErrors(found?.message, str(v.messageExpression), `${at}.messageExpression`));
	}
	if (annotations.length > ANNOTATIONS) out.push(invalidValue('spec.auditAnnotations', annotations, `must not have more than ${ANNOTATIONS} auditAnnotations`));
	const seen = new Set<string>();
	for (const [i, a] of annotations.entries()) {
		const at = `spec.auditAnnotations[${i}]`;
		out.push(...annotationErrors(policy.metadata.name, a, at, compiled.annotations[i]?.value));
		if (seen.has(str(a.key))) out.push(duplicateValue(`${at}.key`, str(a.key)));
		seen.add(str(a.key));
	}
	return out;
}

function validationErrors(v: Fields, at: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const [expression, message, made] = [str(v.expression), str(v.message), str(v.messageExpression)];
	if (expression.trim() === '') out.push(requiredValue(`${at}.expression`, 'expression is not specified'));
	if (made !== '' && made.trim() === '') out.push(invalidValue(`${at}.messageExpression`, made, 'must be non-empty if specified'));
	if (message !== '' && message.trim() === '') out.push(invalidValue(`${at}.message`, message, 'message must be non-empty if specified'));
	else if (/[\n\r]/.test(message.trim())) out.push(invalidValue(`${at}.message`, message, 'message must not contain line breaks'));
	if (v.reason !== undefined && !REASONS.includes(str(v.reason))) out.push(notSupportedValue(`${at}.reason`, v.reason, REASONS));
	return out;
}

function annotationErrors(policy: string, a: Fields, at: string, compiled: Compiled | CompileError | undefined): readonly FieldError[] {
	const out: FieldError[] = [];
	const [key, source] = [str(a.key), str(a.valueExpression)];
	for (const fault of checkQualifiedName(`${policy}/${key}`)) out.push(invalidValue(`${at}.key`, `${policy}/${key}`, fault));
	if (source.trim() === '') out.push(requiredValue(`${at}.valueExpression`, 'valueExpression is not specified'));
	else if (source.trim().length > ANNOTATION_LENGTH) out.push(requiredValue(`${at}.valueExpression`, `must not exceed ${ANNOTATION_LENGTH} bytes in length`));
	else out.push(...compileErrors(compiled, source, `${at}.valueExpression`));
	return out;
}

/** A MutatingAdmissionPolicy. */
export function mutatingErrors(policy: KubeObject): readonly FieldError[] {
	const spec = specOf(policy);
	const out = commonErrors(spec);
	const compiled = compiledMutations(policy);
	out.push(...variableErrors(spec, compiled.variables));
	const mutations = recs(spec.mutations);
	if (mutations.length === 0) out.push(requiredValue('spec.mutations', 'mutations must contain at least one item'));
	for (const [i, m] of mutations.entries()) out.push(...mutationErrors(m, `spec.mutations[${i}]`, compiled.mutations[i]?.expression));
	if (spec.reinvocationPolicy === undefined || spec.reinvocationPolicy === '') out.push(requiredValue('spec.reinvocationPolicy'));
	else out.push(...reinvocationErrors(spec.reinvocationPolicy, 'spec.reinvocationPolicy'));
	return out;
}

function mutationErrors(m: Fields, at: string, compiled: Compiled | CompileError | undefined): readonly FieldError[] {
	const type = str(m.patchType);
	if (type === '') return [requiredValue(`${at}.patchType`)];
	if (type !== 'ApplyConfiguration' && type !== 'JSONPatch') return [notSupportedValue(`${at}.patchType`, type, ['ApplyConfiguration', 'JSONPatch'])];
	const [own, other] = type === 'JSONPatch' ? ['jsonPatch', 'applyConfiguration'] : ['applyConfiguration', 'jsonPatch'];
	const out: FieldError[] = [];
	const source = str(rec(m[own]).expression);
	if (!isRecord(m[own])) out.push(requiredValue(`${at}.${own}`, `must be specified when patchType is ${type}`));
	else if (source.trim() === '') out.push(requiredValue(`${at}.${own}.expression`, 'expression is not specified'));
	else out.push(...compileErrors(compiled, source, `${at}.${own}.expression`));
	if (isRecord(m[other])) out.push(invalidValue(`${at}.${other}`, m[other], `must not be specified when patchType is ${type}`));
	return out;
}

/** A binding; validating ones say what they do. */
export function bindingErrors(binding: KubeObject, validating: boolean): readonly FieldError[] {
	const spec = specOf(binding);
	const out: FieldError[] = [];
	const name = str(spec.policyName);
	if (name === '') out.push(requiredValue('spec.policyName'));
	else for (const fault of checkDns1123Subdomain(name)) out.push(invalidValue('spec.policyName', name, fault));
	out.push(...paramRefErrors(spec.paramRef), ...matchResourcesErrors(spec.matchResources, 'spec.matchResouces'));
	return validating ? [...out, ...actionErrors(strs(spec.validationActions))] : out;
}

function paramRefErrors(ref: unknown): readonly FieldError[] {
	if (!isRecord(ref)) return [];
	const at = 'spec.paramRef';
	const out: FieldError[] = [];
	const name = str(ref.name);
	if (name !== '') {
		for (const fault of pathSegmentErrors(name)) out.push(invalidValue(`${at}.name`, name, fault));
		if (isRecord(ref.selector)) out.push(forbiddenValue(`${at}.name`, 'name and selector are mutually exclusive'));
	}
	if (isRecord(ref.selector)) {
		out.push(...selectorErrors(ref.selector, `${at}.selector`));
		if (name !== '') out.push(forbiddenValue(`${at}.selector`, 'name and selector are mutually exclusive'));
	} else if (name === '') out.push(requiredValue(at, 'one of name or selector must be specified'));
	if (ref.parameterNotFoundAction === undefined) out.push(requiredValue(`${at}.parameterNotFoundAction`));
	else out.push(...oneOf(`${at}.parameterNotFoundAction`, ref.parameterNotFoundAction, ['Deny', 'Allow']));
	return out;
}

function actionErrors(actions: readonly string[]): readonly FieldError[] {
	const at = 'spec.validationActions';
	const out: FieldError[] = [];
	for (const [i, action] of actions.entries()) {
		out.push(...oneOf(`${at}[${i}]`, action, ACTIONS));
		if (actions.indexOf(action) < i) out.push(duplicateValue(`${at}[${i}]`, action));
	}
	if (actions.includes('Deny') && actions.includes('Warn'))
		out.push(
			invalidValue(
				at,
				actions,
				'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
			),
		);
	if (actions.length === 0) out.push(requiredValue(at, 'at least one validation action is required'));
	return out;
}
