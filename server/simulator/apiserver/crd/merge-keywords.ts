/** Rules for `x-kubernetes-list-type`, `-list-map-keys` and `-map-type` (`ValidateCustomResourceDefinitionOpenAPISchema`). */
import type { FieldError } from '../types.ts';
import { forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../validation.ts';
import type { Props } from './definition.ts';

const LIST_TYPES = ['atomic', 'set', 'map'];
const MAP_TYPES = ['atomic', 'granular'];

/** `type` has to be the one that a keyword is for. */
function typeError(schema: Props, path: string, type: string, keyword: string): FieldError {
	const why = `must be ${type} if ${keyword} is specified`;
	return schema.type === undefined || schema.type === '' ? requiredValue(`${path}.type`, why) : invalidValue(`${path}.type`, schema.type, why);
}

/** Items of a set are scalars, or wholes that nobody merges. */
function setErrors(items: Props, path: string): readonly FieldError[] {
	const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
	const [list, map] = [items['x-kubernetes-list-type'], items['x-kubernetes-map-type']];
	if (items.type === 'array' && list !== undefined && list !== 'atomic') return [invalidValue(`${path}.items.x-kubernetes-list-type`, list, why)];
	if (items.type === 'object' && map !== 'atomic') return [invalidValue(`${path}.items.x-kubernetes-map-type`, list ?? null, why)];
	return [];
}

function mapErrors(schema: Props, path: string, keys: readonly string[]): readonly FieldError[] {
	const out: FieldError[] = [];
	const { items } = schema;
	if (keys.length === 0) out.push(requiredValue(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
	if (items === undefined) return [...out, requiredValue(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')];
	if (items.type !== 'object')
		return [...out, invalidValue(`${path}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map")];
	for (const [i, key] of keys.entries()) {
		const property = Object.hasOwn(items.properties ?? {}, key) ? items.properties?.[key] : undefined;
		const at = `${path}.items.properties[${key}]`;
		if (property === undefined) out.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, keys, 'entries must all be names of item properties'));
		else if (property.type === 'array' || property.type === 'object')
			out.push(invalidValue(`${at}.type`, items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"));
		if (keys.indexOf(key) < i) out.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, keys, 'must not contain duplicate entries'));
		if (property === undefined) continue;
		if (property.default === undefined && !(items.required ?? []).includes(key))
			out.push(requiredValue(`${at}.default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'));
		if (property.nullable === true) out.push(forbiddenValue(`${at}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
	}
	return out;
}

export function mergeKeywordErrors(schema: Props, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const [list, map] = [schema['x-kubernetes-list-type'], schema['x-kubernetes-map-type']];
	const keys = schema['x-kubernetes-list-map-keys'] ?? [];
	if (map !== undefined && schema.type !== 'object') out.push(typeError(schema, path, 'object', 'x-kubernetes-map-type'));
	if (map !== undefined && !MAP_TYPES.includes(map)) out.push(notSupportedValue(`${path}.x-kubernetes-map-type`, map, MAP_TYPES));
	if (list !== undefined && schema.type !== 'array') out.push(typeError(schema, path, 'array', 'x-kubernetes-list-type'));
	else if (list === 'set' && schema.items !== undefined) out.push(...setErrors(schema.items, path));
	if (list !== undefined && !LIST_TYPES.includes(list)) out.push(notSupportedValue(`${path}.x-kubernetes-list-type`, list, LIST_TYPES));
	if (keys.length > 0 && list !== 'map') {
		const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
		out.push(list === undefined ? requiredValue(`${path}.x-kubernetes-list-type`, why) : invalidValue(`${path}.x-kubernetes-list-type`, list, why));
	}
	if (list === 'map') out.push(...mapErrors(schema, path, keys));
	if ((list === 'set' || list === 'map') && schema.items?.nullable === true)
		out.push(forbiddenValue(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${list}`));
	return out;
}
