/** What a mutation makes of an object (`apiserver/pkg/admission/plugin/policy/mutating/patch`). */
import { toJson } from '../../cel/json.ts';
import { isMap, isList, LiteralMap, type Value } from '../../cel/values.ts';
import { checkObject } from '../../openapi/check.ts';
import { kindType, type Field, type Type } from '../../openapi/schema.ts';
import { mergeApplied } from '../../patch/fieldset.ts';
import { jsonPatchOrFault } from '../../patch/json.ts';
import { isRecord, str } from '../../registry/fields.ts';
import type { KubeObject } from '../../types.ts';
import type { Attributes } from './attributes.ts';

/** The object as it is now, or what is wrong with the mutation. */
export type Patched = { readonly object: KubeObject } | { readonly error: string };

/** `Object.spec.wrong{}` in the place of `spec.selector`: names of types say where their values belong. */
function misnamed(value: Value, path: string): readonly string[] {
	if (isList(value)) return value.flatMap((item) => misnamed(item, path));
	if (!isMap(value)) return [];
	const own = value.typeName;
	const wrong =
		own !== undefined && own !== path
			? [`unexpected type name ${JSON.stringify(own)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`]
			: [];
	return [...wrong, ...value.keys().flatMap((k) => misnamed(value.get(k) ?? null, `${path}.${String(k)}`))];
}

/** Paths of lists, maps and objects that can only be replaced as a whole: a mutation may not touch them. */
function atomics(value: unknown, field: Partial<Field>, path: string): readonly string[] {
	const { type } = field;
	if (isRecord(value)) {
		const own = field.atomic === true ? [path] : [];
		return [...own, ...Object.keys(value).flatMap((key) => atomics(value[key], childOf(type, key), `${path}.${key}`))];
	}
	if (!Array.isArray(value)) return [];
	const items = type?.kind === 'list' ? type.of : undefined;
	const own = type?.kind === 'list' && field.listKeys === undefined && field.set !== true ? [path] : [];
	return [...own, ...value.flatMap((item: unknown, i) => atomics(item, items === undefined ? {} : { type: items }, `${path}[${i}]`))];
}

function childOf(type: Type | undefined, key: string): Partial<Field> {
	if (type?.kind === 'map') return { type: type.of };
	return type?.kind === 'struct' ? (type.fields.get(key) ?? {}) : {};
}

export function applyConfiguration(attributes: Attributes, object: KubeObject, value: Value): Patched {
	const wrong = misnamed(value, 'Object');
	if (wrong.length > 0) return { error: `type mismatch: ${wrong.join('\n')}` };
	const { strategy } = attributes.request;
	const type = strategy.custom?.type ?? kindType(attributes.kind.group, attributes.kind.version, attributes.kind.kind);
	const patch = toJson(value);
	if (!isRecord(patch)) return { error: 'unsupported return type from ApplyConfiguration expression' };
	const { unknown, error } = type === undefined ? { unknown: [], error: undefined } : checkObject(patch, type);
	const undeclared = unknown.map((u) => `.${u.slice('unknown field "'.length, -1)}: field not declared in schema`);
	const faults = [...(error === undefined ? [] : [error]), ...undeclared];
	if (faults.length > 0) return { error: `error applying patch: failed to convert patch object to typed object: ${faults.join('; ')}` };
	const found = atomics(patch, type === undefined ? {} : { type }, '');
	if (found.length > 0)
		return { error: `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${found.join(', ')}` };
	return { object: mergeApplied(object, patch, type === undefined ? {} : { type }) as KubeObject };
}

export function jsonPatchMutation(object: KubeObject, value: Value): Patched {
	const operations: unknown[] = [];
	for (const item of isList(value) ? value : []) {
		if (!(item instanceof LiteralMap)) return { error: 'type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch' };
		const held = item.get('value');
		const wrong = held !== undefined && isMap(held) && held.typeName !== undefined ? misnamed(held, held.typeName) : [];
		if (wrong.length > 0) return { error: `type mismatch: ${wrong.join('\n')}` };
		operations.push(toJson(item));
	}
	const patched = jsonPatchOrFault(object, operations);
	if ('value' in patched) return { object: patched.value as KubeObject };
	// A test that fails leaves everything as it is.
	return patched.test ? { object } : { error: `JSON Patch: ${patched.fault}` };
}

/** Which of the two a mutation is. */
export const isApply = (mutation: { readonly patchType?: unknown }): boolean => str(mutation.patchType) === 'ApplyConfiguration';
