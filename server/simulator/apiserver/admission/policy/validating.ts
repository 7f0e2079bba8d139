/** ValidatingAdmissionPolicy (`apiserver/pkg/admission/plugin/policy/validating`). */
import type { World } from '../../../kernel/world.ts';
import type { Services } from '../../../services.ts';
import type { Compiled, CompileError } from '../../cel/environment.ts';
import { LIMITS } from '../../cel/limits.ts';
import { BOOL, NULL, STRING } from '../../cel/types.ts';
import { runtimeType } from '../../cel/values.ts';
import { groupResourceText } from '../../errors.ts';
import { type Fields, rec, recs, str, strs } from '../../registry/fields.ts';
import { type AdmissionPlugin, type AdmissionRequest, ApiError, type KubeObject } from '../../types.ts';
import { nameFor } from '../refuse.ts';
import { type Attributes, attributesOf } from './attributes.ts';
import { matchConditions } from './conditions.ts';
import { Evaluation, type Inputs, type Outcome } from './evaluation.ts';
import { PolicyCompiler, rememberBy, type Variable } from './expressions.ts';
import { hooksOf } from './hooks.ts';
import { isExempt, matchConstraints, type NamespaceOf } from './match.ts';
import { collectParams } from './params.ts';

interface CompiledValidation {
	readonly spec: Fields;
	readonly expression: Compiled | CompileError;
	readonly message: Compiled | CompileError | undefined;
}

export interface CompiledPolicy {
	readonly variables: readonly Variable[];
	readonly validations: readonly CompiledValidation[];
	readonly annotations: readonly { readonly key: string; readonly source: string; readonly value: Compiled | CompileError }[];
}

/** A ValidatingAdmissionPolicy's expressions. */
export const compiledPolicy = rememberBy((_policy, spec): CompiledPolicy => {
	const compiler = new PolicyCompiler(spec, {});
	return {
		variables: compiler.variables,
		validations: recs(spec.validations).map((v) => ({
			spec: v,
			expression: compiler.compile(str(v.expression), [BOOL]),
			message: str(v.messageExpression) === '' ? undefined : compiler.compile(str(v.messageExpression), [STRING], false),
		})),
		annotations: recs(spec.auditAnnotations).map((a) => {
			const source = str(a.valueExpression).trim();
			return { key: str(a.key), source, value: compiler.compile(source, [STRING, NULL]) };
		}),
	};
});

interface Denial {
	readonly message: string;
	readonly reason?: string;
}

/** What one policy with one binding and one parameter has to say; one entry a validation. */
interface Verdict {
	readonly denials: readonly (Denial | undefined)[];
	readonly annotations: readonly { readonly key: string; readonly value: string }[];
	/** Faults of annotations deny, whatever the binding's actions are. */
	readonly faults: readonly string[];
}

const NONE: Verdict = { denials: [], annotations: [], faults: [] };

function judge(policy: KubeObject, inputs: Omit<Inputs, 'variables'>): Verdict {
	const spec = rec(policy.spec);
	const ignore = spec.failurePolicy === 'Ignore';
	const failed = (message: string): Verdict => (ignore ? NONE : { ...NONE, denials: [{ message }] });
	const conditions = matchConditions(spec, inputs);
	if ('error' in conditions) return failed(conditions.error);
	if (!conditions.matches) return NONE;
	const compiled = compiledPolicy(policy);
	const evaluation = new Evaluation({ ...inputs, variables: compiled.variables });
	const outcomes: Outcome[] = [];
	for (const { expression, spec: v } of compiled.validations) {
		const outcome = evaluation.evaluate(expression, str(v.expression));
		if ('error' in outcome && outcome.fatal === true) return failed(outcome.error);
		outcomes.push(outcome);
	}
	const denials = compiled.validations.map((v, i) => {
		const outcome = outcomes[i];
		if (outcome === undefined) return undefined;
		if ('error' in outcome) return ignore ? undefined : { message: outcome.error };
		return outcome.value === true ? undefined : { message: messageOf(v, evaluation), reason: str(v.spec.reason, 'Invalid') };
	});
	return { denials, ...annotate(compiled, inputs, ignore) };
}

function messageOf({ spec, message }: CompiledValidation, evaluation: Evaluation): string {
	const made = message === undefined ? undefined : evaluation.evaluate(message, str(spec.messageExpression));
	const text = made !== undefined && 'value' in made && typeof made.value === 'string' ? made.value.trim() : '';
	if (text !== '' && !text.includes('\n') && text.length <= LIMITS.messageCharacters) return text;
	return str(spec.message).trim() || `failed expression: ${str(spec.expression).trim()}`;
}

function annotate(compiled: CompiledPolicy, inputs: Omit<Inputs, 'variables'>, ignore: boolean): Pick<Verdict, 'annotations' | 'faults'> {
	const annotations: { key: string; value: string }[] = [];
	const faults: string[] = [];
	if (compiled.annotations.length === 0) return { annotations, faults };
	const evaluation = new Evaluation({ ...inputs, variables: compiled.variables });
	for (const { key, source, value } of compiled.annotations) {
		const outcome = evaluation.evaluate(value, source);
		if ('error' in outcome) {
			if (!ignore) faults.push(outcome.error);
		} else if (typeof outcome.value === 'string') {
			const text = outcome.value.trim();
			if (text !== '') annotations.push({ key, value: text.slice(0, LIMITS.annotationCharacters) });
		} else if (outcome.value !== null)
			faults.push(`valueExpression '${source}' resulted in unsupported return type: ${runtimeType(outcome.value)}. Return type must be either string or null.`);
	}
	return { annotations, faults };
}

const hooks = hooksOf('validatingadmissionpolicies', 'validatingadmissionpolicybindings');

interface Failure {
	readonly message: string;
	readonly policy: string;
	readonly binding: string;
	readonly expressionIndex: number;
	readonly validationActions: readonly string[];
}

/** Failures that the audit annotation holds (`maxValidationFailures`). */
const MAX_FAILURES = 50;

/** One request's way through all policies. */
class Dispatch {
	readonly warnings: string[] = [];
	readonly denied: { readonly text: string; readonly reason?: string }[] = [];
	readonly failures: Failure[] = [];
	readonly #services: Services;
	readonly #world: World;
	readonly #attributes: Attributes;
	readonly #namespaceOf: NamespaceOf;

	constructor(services: Services, world: World, attributes: Attributes, namespaceOf: NamespaceOf) {
		this.#services = services;
		this.#world = world;
		this.#attributes = attributes;
		this.#namespaceOf = namespaceOf;
	}

	policy(policy: KubeObject, bindings: readonly KubeObject[]): void {
		const matched = matchConstraints(this.#world, rec(policy.spec).matchConstraints, this.#attributes, this.#namespaceOf);
		if (matched === undefined) return;
		const annotations = new Map<string, Set<string>>();
		for (const binding of bindings) this.#binding(policy, binding, matched, annotations);
		const { annotate } = this.#attributes.request.call;
		for (const [key, values] of annotations) annotate?.(`${policy.metadata.name}/${key}`, [...values].join(', '));
	}

	#binding(policy: KubeObject, binding: KubeObject, matched: Attributes, annotations: Map<string, Set<string>>): void {
		const spec = rec(binding.spec);
		if (matchConstraints(this.#world, spec.matchResources, this.#attributes, this.#namespaceOf) === undefined) return;
		const { attributes, namespace } = { attributes: this.#attributes, namespace: this.#namespace() };
		const params = collectParams(this.#services, this.#world, rec(policy.spec).paramKind, spec.paramRef, attributes.namespace);
		if ('error' in params) {
			if (rec(policy.spec).failurePolicy !== 'Ignore') this.#deny(policy, binding, `failed to configure binding: ${params.error}`);
			return;
		}
		for (const param of params) {
			const verdict = judge(policy, { world: this.#world, attributes, matched, params: param, namespace });
			for (const [i, denial] of verdict.denials.entries()) if (denial !== undefined) this.#act(policy, binding, denial, i);
			for (const { key, value } of verdict.annotations) annotations.set(key, (annotations.get(key) ?? new Set()).add(value));
			for (const fault of verdict.faults) this.#deny(policy, binding, fault);
		}
	}

	#namespace(): KubeObject | undefined {
		const { namespace, request } = this.#attributes;
		return namespace === '' || request.strategy.resource === 'namespaces' ? undefined : this.#namespaceOf(this.#world, namespace);
	}

	#act(policy: KubeObject, binding: KubeObject, { message, reason }: Denial, index: number): void {
		const actions = strs(rec(binding.spec).validationActions);
		const [p, b] = [policy.metadata.name, binding.metadata.name];
		for (const action of actions) {
			if (action === 'Deny') this.#deny(policy, binding, message, reason);
			else if (action === 'Warn') this.warnings.push(`Validation failed for ValidatingAdmissionPolicy '${p}' with binding '${b}': ${message}`);
			else this.failures.push({ message, policy: p, binding: b, expressionIndex: index, validationActions: actions });
		}
	}

	#deny(policy: KubeObject, binding: KubeObject, message: string, reason?: string): void {
		const text = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`;
		this.denied.push({ text, ...(reason === undefined ? {} : { reason }) });
	}
}

const CODES: { readonly [reason: string]: number } = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 };

function refusal(request: AdmissionRequest, message: string, reason: string): ApiError {
	const { strategy } = request;
	const name = nameFor(request.object);
	return new ApiError({
		kind: 'Status',
		apiVersion: 'v1',
		metadata: {},
		status: 'Failure',
		message: `${groupResourceText(strategy)} ${JSON.stringify(name)} is forbidden: ${message}`,
		reason,
		details: { name, ...(strategy.group === '' ? {} : { group: strategy.group }), kind: strategy.resource, causes: [{ message }] },
		code: CODES[reason] ?? 422,
	});
}

/** @param namespaceOf reads namespaces. */
export function validatingAdmissionPolicy(services: Services, namespaceOf: NamespaceOf): AdmissionPlugin {
	return {
		name: 'ValidatingAdmissionPolicy',
		validate(world, request) {
			const present = hooks(world);
			if (present.length === 0) return undefined;
			const attributes = attributesOf(request);
			if (isExempt(attributes)) return undefined;
			const dispatch = new Dispatch(services, world, attributes, namespaceOf);
			for (const { policy, bindings } of present) dispatch.policy(policy, bindings);
			if (dispatch.failures.length > 0)
				request.call.annotate?.('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(dispatch.failures.slice(0, MAX_FAILURES)));
			const [first] = dispatch.denied;
			if (first !== undefined) throw refusal(request, first.text, first.reason ?? 'Invalid');
			return dispatch.warnings;
		},
	};
}
