/** Whether a schema is structural, and what else `ValidateCustomResourceDefinition` asks of it. */
import { isRecord } from '../equal.ts';
import type { FieldError } from '../types.ts';
import { forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../validation.ts';
import type { Props } from './definition.ts';
import { mergeKeywordErrors } from './merge-keywords.ts';
import { misplacedRules, ruleErrors, ruleShapeErrors } from './rule-definitions.ts';
import { BadRegexp, goRegexp } from '../regexp/translate.ts';
import { schemaErrors } from './schema-validation.ts';
import { prune } from './schema-values.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
/** What upstream knows and structural schemas may not use. */
const UNSUPPORTED = ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id', '$schema'];
/** Inside `anyOf` and its like a schema may only restrict values. */
const NOT_IN_LOGIC = ['type', 'default', 'additionalProperties', 'nullable', 'title', 'description'] as const;

/** Where a schema stands: its own type must be said in the first two. */
type Place = 'root' | 'field' | 'item';

function typeErrors(schema: Props, path: string, place: Place): readonly FieldError[] {
	const intOrString = schema['x-kubernetes-int-or-string'] === true;
	const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
	if (schema.type === undefined || schema.type === '') {
		if (intOrString || (open && place !== 'root')) return [];
		const where = place === 'root' ? 'at the root' : place === 'item' ? 'for specified array items' : 'for specified object fields';
		return [requiredValue(`${path}.type`, `must not be empty ${where}`)];
	}
	if (!TYPES.includes(schema.type)) return [notSupportedValue(`${path}.type`, schema.type, TYPES)];
	if (place === 'root' && schema.type !== 'object') return [invalidValue(`${path}.type`, schema.type, 'must be object at the root')];
	return [];
}

function keywordErrors(schema: Props, path: string, place: Place): readonly FieldError[] {
	const out: FieldError[] = [];
	for (const key of UNSUPPORTED) if (key in schema) out.push(forbiddenValue(`${path}.${key}`, `${key} is not supported`));
	if (schema.uniqueItems === true)
		out.push(forbiddenValue(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'));
	if (schema.additionalProperties === false) out.push(forbiddenValue(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'));
	if (schema.additionalProperties !== undefined && schema.properties !== undefined && schema.additionalProperties !== false)
		out.push(forbiddenValue(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
	if (place === 'root' && schema.additionalProperties !== undefined) out.push(forbiddenValue(`${path}.additionalProperties`, 'must not be used at the root'));
	if (place === 'root' && schema.nullable === true) out.push(forbiddenValue(`${path}.nullable`, 'nullable cannot be true at the root'));
	if (schema['x-kubernetes-preserve-unknown-fields'] === false)
		out.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
	if (schema['x-kubernetes-embedded-resource'] === true) {
		if (schema.type !== 'object') out.push(invalidValue(`${path}.type`, schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'));
		if (schema['x-kubernetes-preserve-unknown-fields'] !== true && Object.keys(schema.properties ?? {}).length === 0)
			out.push(requiredValue(`${path}.properties`, 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'));
	}
	const pattern = schema.pattern === undefined ? undefined : goRegexp(schema.pattern);
	if (pattern instanceof BadRegexp)
		out.push(invalidValue(`${path}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${pattern.message}`));
	if (schema['x-kubernetes-int-or-string'] === true)
		for (const key of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
			if (schema[key] === true) out.push(invalidValue(`${path}.${key}`, true, 'must be false if x-kubernetes-int-or-string is true'));
	return [...out, ...ruleShapeErrors(schema, path), ...misplacedRules(schema, path)];
}

/** Names of a field that a rule inside `anyOf` mentions, but the schema itself doesn't. */
function logicErrors(schema: Props, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const intOrString = schema['x-kubernetes-int-or-string'] === true;
	const inside = (rule: Props, at: string, beside: Props | undefined, free: boolean): void => {
		for (const key of NOT_IN_LOGIC) {
			if (rule[key] === undefined || (free && key === 'type')) continue;
			out.push(forbiddenValue(`${at}.${key}`, 'must be empty to be structural'));
		}
		for (const [name, child] of Object.entries(rule.properties ?? {})) {
			const own = beside?.properties?.[name];
			if (own === undefined) out.push(requiredValue(`${path}.properties[${name}]`, `because it is defined in ${at}.properties[${name}]`));
			inside(child, `${at}.properties[${name}]`, own, false);
		}
		if (rule.items !== undefined) inside(rule.items, `${at}.items`, beside?.items, false);
	};
	for (const word of ['allOf', 'anyOf', 'oneOf'] as const)
		for (const [i, rule] of (schema[word] ?? []).entries()) inside(rule, `${path}.${word}[${i}]`, schema, intOrString);
	if (schema.not !== undefined) inside(schema.not, `${path}.not`, schema, false);
	return out;
}

function defaultErrors(schema: Props, path: string): readonly FieldError[] {
	if (schema.default === undefined || schema.default === null) return [];
	const dropped: string[] = [];
	const pruned = prune(schema.default, schema, schema['x-kubernetes-embedded-resource'] === true, dropped);
	if (pruned !== schema.default) return [invalidValue(`${path}.default`, schema.default, 'must not have unknown fields')];
	return schemaErrors(schema.default, schema, `${path}.default`);
}

function metadataErrors(schema: Props, path: string): readonly FieldError[] {
	const metadata = schema.properties?.['metadata'];
	if (metadata === undefined) return [];
	const at = `${path}.properties[metadata]`;
	const { type, properties, description: _said, ...rest } = metadata;
	const out: FieldError[] = [];
	if (type !== undefined && type !== 'object') out.push(invalidValue(`${at}.type`, type, 'must be object'));
	const others = Object.keys(properties ?? {}).filter((p) => p !== 'name' && p !== 'generateName');
	if (others.length > 0 || Object.keys(rest).length > 0)
		out.push(forbiddenValue(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
	return out;
}

/** What is wrong with a schema; `path` names it. */
export function structuralErrors(schema: Props, path: string, place: Place = 'root'): readonly FieldError[] {
	const out: FieldError[] = [
		...typeErrors(schema, path, place),
		...keywordErrors(schema, path, place),
		...mergeKeywordErrors(schema, path),
		...logicErrors(schema, path),
	];
	if (place === 'root') out.push(...metadataErrors(schema, path));
	if (schema.type === 'array' && schema.items === undefined) out.push(requiredValue(`${path}.items`, 'must be specified'));
	for (const [name, child] of Object.entries(schema.properties ?? {})) out.push(...structuralErrors(child, `${path}.properties[${name}]`, 'field'));
	if (isRecord(schema.additionalProperties)) out.push(...structuralErrors(schema.additionalProperties as Props, `${path}.additionalProperties`, 'field'));
	if (schema.items !== undefined) out.push(...structuralErrors(schema.items, `${path}.items`, 'item'));
	// Defaults and rules are only held against a schema that can be.
	if (out.length === 0 && place === 'root') out.push(...ruleErrors(schema, path));
	return out.length > 0 ? out : defaultErrors(schema, path);
}
