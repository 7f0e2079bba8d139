/** Runs a policy's expressions against a request (`apiserver/pkg/admission/plugin/cel/{activation,composition}.go`). */
import type { World } from '../../../kernel/world.ts';
import { authorize } from '../../auth/authorizer.ts';
import { type Activation, type Compiled, type CompileError, run } from '../../cel/environment.ts';
import type { AuthorizerAttributes, AuthorizerDecision } from '../../cel/functions.ts';
import { fromJson } from '../../cel/json.ts';
import { authorizerValue, resourceCheckValue } from '../../cel/library/kubernetes.ts';
import { parseTimestamp } from '../../cel/library/times.ts';
import { LIMITS } from '../../cel/limits.ts';
import { Fault, LazyMap, RecordMap, Timestamp, type Value } from '../../cel/values.ts';
import { isRecord, without } from '../../registry/fields.ts';
import type { KubeObject } from '../../types.ts';
import { type Attributes, requestData } from './attributes.ts';
import type { Variable } from './expressions.ts';

export const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

/** What an expression came to, or why to nothing; `fatal` ends the policy's evaluation. */
export type Outcome = { readonly value: Value } | { readonly error: string; readonly fatal?: boolean };

export interface Inputs {
	readonly world: World;
	/** The request as it came, and in the version that the policy's rules speak of. */
	readonly attributes: Attributes;
	readonly matched: Attributes;
	readonly params?: KubeObject | undefined;
	readonly namespace?: KubeObject | undefined;
	readonly variables: readonly Variable[];
}

/** What an object looks like before it has been admitted: the server's own part of its metadata is not there yet. */
function visible(object: KubeObject | undefined): Value {
	return object === undefined ? null : fromJson(object);
}

const TIMES: ReadonlySet<string> = new Set(['creationTimestamp', 'deletionTimestamp', 'lastTransitionTime']);

function fromNamespace(value: unknown, key: string): Value {
	const nanos = TIMES.has(key) && typeof value === 'string' ? parseTimestamp(value) : undefined;
	if (nanos !== undefined) return new Timestamp(nanos);
	if (Array.isArray(value)) return value.map((item: unknown) => fromNamespace(item, ''));
	return isRecord(value) && key !== 'labels' && key !== 'annotations' ? new RecordMap(value, fromNamespace) : fromJson(value);
}

function namespaceValue(namespace: KubeObject | undefined): Value {
	if (namespace === undefined) return null;
	const { metadata, spec, status } = namespace;
	return fromNamespace({ metadata: without({ ...metadata }, 'managedFields', 'ownerReferences'), spec, status }, '');
}

/** One policy's evaluation for one request: a budget, and variables that are found out once, when they are asked for. */
export class Evaluation {
	readonly #inputs: Inputs;
	readonly #known = new Map<string, Value>();
	readonly #variables = new Map<string, Value>();
	readonly #budget: { remaining: number };

	constructor(inputs: Inputs, budget: number = LIMITS.runtime) {
		this.#inputs = inputs;
		this.#budget = { remaining: budget };
	}

	get remaining(): number {
		return this.#budget.remaining;
	}

	/** @param source the expression as its error names it. */
	evaluate(compiled: Compiled | CompileError, source: string): Outcome {
		if ('error' in compiled) return { error: `compilation error: ${compiled.error}` };
		const value = this.#run(compiled);
		if (this.#budget.remaining < 0) return { error: OUT_OF_BUDGET, fatal: true };
		return value instanceof Fault ? { error: `expression '${source}' resulted in error: ${value.message}` } : { value };
	}

	#run(compiled: Compiled): Value {
		const before = this.#budget.remaining;
		const own = { remaining: LIMITS.perCall as number };
		const activation: Activation = { variable: (name) => this.#variable(name), authorize: (a) => this.#authorize(a), budget: own };
		const value = run(compiled, activation);
		// Variables that this call found out have paid for themselves meanwhile.
		this.#budget.remaining -= LIMITS.perCall - own.remaining;
		return before < 0 ? new Fault(OUT_OF_BUDGET) : value;
	}

	#variable(name: string): Value | undefined {
		let found = this.#known.get(name);
		if (found === undefined) {
			found = this.#read(name);
			if (found !== undefined) this.#known.set(name, found);
		}
		return found;
	}

	#read(name: string): Value | undefined {
		const { attributes, matched, params, namespace } = this.#inputs;
		switch (name) {
			case 'object':
				return visible(matched.object);
			case 'oldObject':
				return visible(matched.old);
			case 'request':
				return fromJson(requestData(attributes, matched));
			case 'params':
				return visible(params);
			case 'namespaceObject':
				return namespaceValue(namespace);
			case 'authorizer':
				return authorizerValue();
			case 'authorizer.requestResource':
				return resourceCheckValue({
					group: attributes.resource.group,
					resource: attributes.resource.resource,
					subresource: attributes.subresource,
					namespace: attributes.namespace,
					name: attributes.name,
				});
			case 'variables':
				return new LazyMap('kubernetes.variables', (field) => this.#composed(field));
			default:
				return undefined;
		}
	}

	#composed(name: string): Value | undefined {
		const known = this.#variables.get(name);
		if (known !== undefined) return known;
		const variable = this.#inputs.variables.find((v) => v.name === name);
		if (variable === undefined) return undefined;
		const { compiled } = variable;
		const found = 'error' in compiled ? new Fault(`composited variable ${JSON.stringify(name)} fails to compile: ${compiled.error}`) : this.#run(compiled);
		const value = found instanceof Fault ? new Fault(`composited variable ${JSON.stringify(name)} fails to evaluate: ${found.message}`) : found;
		this.#variables.set(name, value);
		return value;
	}

	#authorize(asked: AuthorizerAttributes): AuthorizerDecision {
		const { world, attributes } = this.#inputs;
		const { serviceAccount: account, verb, group, resource, subresource, namespace, name, path } = asked;
		const user =
			account === undefined
				? attributes.request.call.user
				: {
						name: `system:serviceaccount:${account.namespace}:${account.name}`,
						groups: ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'],
					};
		const fields = { resource, subresource, namespace, name };
		const set = Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== ''));
		const decision = authorize(world, path === undefined ? { user, verb, group, ...set } : { user, verb, group: '', path });
		return { allowed: decision.allowed, reason: decision.reason };
	}
}
