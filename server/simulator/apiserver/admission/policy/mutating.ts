/** MutatingAdmissionPolicy (`apiserver/pkg/admission/plugin/policy/mutating`). */
import type { World } from '../../../kernel/world.ts';
import type { Services } from '../../../services.ts';
import type { Compiled, CompileError } from '../../cel/environment.ts';
import { sameData } from '../../equal.ts';
import { forbidden } from '../../errors.ts';
import { type Fields, rec, recs, str } from '../../registry/fields.ts';
import { type AdmissionPlugin, type AdmissionRequest, ApiError, type KubeObject, type Reinvocation } from '../../types.ts';
import { nameFor } from '../refuse.ts';
import { attributesOf, inOtherVersion } from './attributes.ts';
import { matchConditions } from './conditions.ts';
import { Evaluation } from './evaluation.ts';
import { OBJECT_TYPE, PATCH_TYPE, PolicyCompiler, rememberBy, type Variable } from './expressions.ts';
import { hooksOf } from './hooks.ts';
import { isExempt, matchConstraints, type NamespaceOf } from './match.ts';
import { collectParams } from './params.ts';
import { applyConfiguration, isApply, jsonPatchMutation } from './patching.ts';

interface CompiledMutation {
	readonly apply: boolean;
	readonly source: string;
	readonly expression: Compiled | CompileError;
}

export interface CompiledMutations {
	readonly variables: readonly Variable[];
	readonly mutations: readonly CompiledMutation[];
}

/** A MutatingAdmissionPolicy's expressions. */
export const compiledMutations = rememberBy((_policy, spec): CompiledMutations => {
	const compiler = new PolicyCompiler(spec, { patches: true });
	return {
		variables: compiler.variables,
		mutations: recs(spec.mutations).map((m) => {
			const apply = isApply(m);
			const source = str(rec(apply ? m.applyConfiguration : m.jsonPatch).expression);
			return { apply, source, expression: compiler.compile(source, [apply ? OBJECT_TYPE : PATCH_TYPE]) };
		}),
	};
});

const hooks = hooksOf('mutatingadmissionpolicies', 'mutatingadmissionpolicybindings');

interface Invocation {
	readonly policy: KubeObject;
	readonly binding: KubeObject;
	readonly version: string;
	readonly param: KubeObject | undefined;
}

interface Fault {
	readonly text: string;
	readonly reason?: string;
}

const faultText = (policy: KubeObject, binding: KubeObject, message: string): string =>
	`policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`;

/** What is about this request: chosen by the object as it came, before the first mutation. */
function invocationsOf(services: Services, world: World, request: AdmissionRequest, namespaceOf: NamespaceOf, faults: Fault[]): readonly Invocation[] {
	const present = hooks(world);
	if (present.length === 0) return [];
	const attributes = attributesOf(request);
	if (isExempt(attributes)) return [];
	const out: Invocation[] = [];
	for (const { policy, bindings } of present) {
		const spec = rec(policy.spec);
		const matched = matchConstraints(world, spec.matchConstraints, attributes, namespaceOf);
		if (matched === undefined) continue;
		for (const binding of bindings) {
			const own = rec(binding.spec);
			if (matchConstraints(world, own.matchResources, attributes, namespaceOf) === undefined) continue;
			const params = collectParams(services, world, spec.paramKind, own.paramRef, attributes.namespace);
			if (!('error' in params)) for (const param of params) out.push({ policy, binding, version: matched.kind.version, param });
			else if (spec.failurePolicy !== 'Ignore') faults.push({ text: faultText(policy, binding, `failed to configure binding: ${params.error}`) });
		}
	}
	return out;
}

const keyOf = ({ policy, binding, param }: Invocation): string =>
	[policy.metadata.name, binding.metadata.name, param?.metadata.namespace ?? '', param?.metadata.name ?? ''].join('/');

/** Runs one policy's mutations in their order. */
function invoke(world: World, request: AdmissionRequest, invocation: Invocation, namespaceOf: NamespaceOf, faults: Fault[]): KubeObject {
	const { policy, binding, version, param } = invocation;
	const spec: Fields = rec(policy.spec);
	const refuse = (message: string): void => {
		if (spec.failurePolicy !== 'Ignore') faults.push({ text: faultText(policy, binding, message), reason: 'Invalid' });
	};
	const attributes = attributesOf(request);
	const { namespace: name } = attributes;
	const namespace = name === '' || request.strategy.resource === 'namespaces' ? undefined : namespaceOf(world, name);
	const conditions = matchConditions(spec, { world, attributes, matched: inOtherVersion(attributes, version), params: param, namespace });
	if ('error' in conditions) refuse(conditions.error);
	if ('error' in conditions || !conditions.matches) return request.object;
	const { variables, mutations } = compiledMutations(policy);
	let { object } = request;
	for (const mutation of mutations) {
		const now = attributesOf({ ...request, object });
		const evaluation = new Evaluation({ world, attributes: now, matched: inOtherVersion(now, version), params: param, namespace, variables });
		const outcome = evaluation.evaluate(mutation.expression, mutation.source);
		const patched = 'error' in outcome ? outcome : mutation.apply ? applyConfiguration(now, object, outcome.value) : jsonPatchMutation(object, outcome.value);
		if ('error' in patched) refuse(patched.error);
		else object = request.strategy.defaults?.(patched.object) ?? patched.object;
	}
	return object;
}

function refusal(request: AdmissionRequest, faults: readonly Fault[]): ApiError {
	const { status } = forbidden(request.strategy, nameFor(request.object), 'admission request denied by policy');
	const [first] = faults;
	const causes = faults.map((f) => ({ message: f.text }));
	return new ApiError({
		...status,
		message: first?.text ?? '',
		reason: first?.reason ?? status.reason ?? 'Forbidden',
		details: { ...status.details, causes },
	});
}

const NO_PASS: Reinvocation = { again: false, wanted: false, invoked: new Map() };

/** @param namespaceOf reads namespaces. */
export function mutatingAdmissionPolicy(services: Services, namespaceOf: NamespaceOf): AdmissionPlugin {
	return {
		name: 'MutatingAdmissionPolicy',
		mutate(world, request) {
			// A Scale is a view of the object beneath: what is made of it could not be put back.
			if (request.operation === 'DELETE' || request.call.subresource === 'scale') return request.object;
			const faults: Fault[] = [];
			const invocations = invocationsOf(services, world, request, namespaceOf, faults);
			if (invocations.length === 0 && faults.length === 0) return request.object;
			const pass = request.reinvocation ?? NO_PASS;
			let { object } = request;
			for (const invocation of invocations) {
				const key = `policy ${keyOf(invocation)}`;
				// The second time round: those that ask for it, and only if others changed the object after them.
				const left = pass.invoked.get(key);
				if (pass.again && (left === undefined || sameData(left, object))) continue;
				const next = invoke(world, { ...request, object }, invocation, namespaceOf, faults);
				if (!sameData(next, object)) pass.wanted = true;
				object = next;
				if (rec(invocation.policy.spec).reinvocationPolicy === 'IfNeeded') pass.invoked.set(key, object);
			}
			if (faults.length > 0) throw refusal(request, faults);
			return object;
		},
	};
}
