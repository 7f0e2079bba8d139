/** The expressions of a policy, compiled against what they may speak of (`apiserver/pkg/admission/plugin/cel/compile.go`). */
import { compile, type Compiled, type CompileError, type Environment } from '../../cel/environment.ts';
import { BOOL, DYN, INT, listOf, mapOf, type ObjectType, opaque, STRING, TIMESTAMP, type Type } from '../../cel/types.ts';
import { type Fields, isRecord, rec, recs, str } from '../../registry/fields.ts';
import type { KubeObject } from '../../types.ts';

/** An object type with these fields. */
export function objectType(name: string, fields: { readonly [field: string]: Type }): ObjectType {
	return { kind: 'object', name, field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined) };
}

const STRINGS = listOf(STRING);
const GVK = objectType('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const GVR = objectType('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });

const REQUEST = objectType('kubernetes.AdmissionRequest', {
	kind: GVK,
	resource: GVR,
	subResource: STRING,
	requestKind: GVK,
	requestResource: GVR,
	requestSubResource: STRING,
	name: STRING,
	namespace: STRING,
	operation: STRING,
	userInfo: objectType('kubernetes.UserInfo', { username: STRING, uid: STRING, groups: STRINGS, extra: mapOf(STRING, STRINGS) }),
	dryRun: BOOL,
	options: DYN,
});

const CONDITION = objectType('kubernetes.NamespaceCondition', { status: STRING, type: STRING, lastTransitionTime: TIMESTAMP, message: STRING, reason: STRING });
const NAMESPACE_META = objectType('kubernetes.NamespaceMetadata', {
	name: STRING,
	generateName: STRING,
	namespace: STRING,
	labels: mapOf(STRING, STRING),
	annotations: mapOf(STRING, STRING),
	UID: STRING,
	creationTimestamp: TIMESTAMP,
	deletionGracePeriodSeconds: INT,
	deletionTimestamp: TIMESTAMP,
	generation: INT,
	resourceVersion: STRING,
	finalizers: STRINGS,
});
const NAMESPACE = objectType('kubernetes.Namespace', {
	metadata: NAMESPACE_META,
	spec: objectType('kubernetes.NamespaceSpec', { finalizers: STRINGS }),
	status: objectType('kubernetes.NamespaceStatus', { conditions: listOf(CONDITION), phase: STRING }),
});

/** `Object.spec{…}` and `JSONPatch{…}`, which mutations build. */
function mutationStruct(name: string): ObjectType | undefined {
	if (name === 'JSONPatch') return objectType(name, { op: STRING, path: STRING, from: STRING, value: DYN });
	return name === 'Object' || name.startsWith('Object.') ? { kind: 'object', name, field: () => DYN } : undefined;
}

export interface Names {
	readonly params: boolean;
	readonly authorizer: boolean;
	readonly patches?: boolean;
	/** Other types of these names than dyn: type checking knows them. */
	readonly types?: { readonly object?: Type; readonly params?: Type };
}

function environmentOf({ params, authorizer, patches = false, types = {} }: Names, variables: Type | undefined): Environment {
	const object = types.object ?? DYN;
	return {
		variables: {
			object,
			oldObject: object,
			request: REQUEST,
			namespaceObject: NAMESPACE,
			...(params ? { params: types.params ?? DYN } : {}),
			...(authorizer
				? { authorizer: opaque('kubernetes.authorization.Authorizer'), 'authorizer.requestResource': opaque('kubernetes.authorization.ResourceCheck') }
				: {}),
			...(variables === undefined ? {} : { variables }),
		},
		...(patches ? { structs: mutationStruct } : {}),
	};
}

/** Environments without variables of a policy's own: all policies share them, and so what they compile. */
const shared = new Map<string, Environment>();

function sharedEnvironment(names: Names): Environment {
	const key = `${names.params} ${names.authorizer} ${names.patches ?? false}`;
	let found = shared.get(key);
	if (found === undefined) {
		found = environmentOf(names, undefined);
		shared.set(key, found);
	}
	return found;
}

export interface Variable {
	readonly name: string;
	readonly compiled: Compiled | CompileError;
}

/** Compiles a policy's expressions; its variables first, each of which may speak of those before it. */
export class PolicyCompiler {
	readonly variables: readonly Variable[];
	readonly #names: Names;
	readonly #type: Type | undefined;
	readonly #environments = new Map<boolean, Environment>();

	constructor(spec: Fields, names: Omit<Names, 'authorizer' | 'params'>) {
		this.#names = { ...names, params: isRecord(spec.paramKind), authorizer: true };
		const known = new Map<string, Type>();
		const declared = recs(spec.variables);
		this.#type = declared.length === 0 ? undefined : { kind: 'object', name: 'kubernetes.variables', field: (name) => known.get(name) };
		const variables: Variable[] = [];
		for (const v of declared) {
			const compiled = this.compile(str(v.expression));
			variables.push({ name: str(v.name), compiled });
			known.set(str(v.name), 'error' in compiled ? DYN : compiled.type);
		}
		this.variables = variables;
	}

	/** @param wanted types of which the result must have exactly one. */
	compile(source: string, wanted?: readonly Type[], authorizer = true): Compiled | CompileError {
		return compile(source, this.#environment(authorizer), wanted);
	}

	#environment(authorizer: boolean): Environment {
		const names = { ...this.#names, authorizer };
		if (this.#type === undefined && names.types === undefined) return sharedEnvironment(names);
		let found = this.#environments.get(authorizer);
		if (found === undefined) {
			found = environmentOf(names, this.#type);
			this.#environments.set(authorizer, found);
		}
		return found;
	}
}

/** Conditions see no variables of the policy. */
export function compileCondition(source: string, params: boolean): Compiled | CompileError {
	return compile(source.trim(), sharedEnvironment({ params, authorizer: true }), [BOOL]);
}

export const OBJECT_TYPE: Type = { kind: 'object', name: 'Object', field: () => DYN };
export const PATCH_TYPE: Type = listOf({ kind: 'object', name: 'JSONPatch', field: () => DYN });

/** Derived from a stored policy: goes when it goes. */
export function rememberBy<T>(make: (policy: KubeObject, spec: Fields) => T): (policy: KubeObject) => T {
	const known = new WeakMap<object, T>();
	return (policy) => {
		const spec = rec(policy.spec);
		let found = known.get(spec);
		if (found === undefined) {
			found = make(policy, spec);
			known.set(spec, found);
		}
		return found;
	};
}
