/** What `ValidateCustomResourceDefinition` asks of the rules in a schema. */
import { isRecord } from '../equal.ts';
import type { FieldError } from '../types.ts';
import { forbiddenValue, invalidValue, notSupportedValue, requiredValue } from '../validation.ts';
import { estimates } from './rule-costs.ts';
import type { Props } from './definition.ts';
import { fieldPath } from './field-paths.ts';
import { type CompiledRule, type Rule, type RuleNode, rulesIn, ruleTree } from './rules.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const lines = (text: string): boolean => /[\n\r]/.test(text);

/** Faults of one place's rules that show without compiling them. */
export function ruleShapeErrors(schema: Props, path: string): readonly FieldError[] {
	return rulesIn(schema).flatMap((rule, i) => shapeErrors(rule, schema, `${path}.x-kubernetes-validations[${i}]`));
}

function shapeErrors(rule: Rule, schema: Props, at: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const { message = '', messageExpression = '', reason, fieldPath: path = '' } = rule;
	const text = (rule.rule ?? '').trim();
	if (text === '') out.push(requiredValue(`${at}.rule`, 'rule is not specified'));
	else if (message !== '' && message.trim() === '') out.push(invalidValue(`${at}.message`, message, 'must be non-empty if specified'));
	else if (lines(message.trim())) out.push(invalidValue(`${at}.message`, message, 'must not contain line breaks'));
	else if (lines(text) && message.trim() === '') out.push(requiredValue(`${at}.message`, 'message must be specified if rule contains line breaks'));
	if (messageExpression !== '' && messageExpression.trim() === '')
		out.push(requiredValue(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
	if (reason !== undefined && !REASONS.includes(reason)) out.push(notSupportedValue(`${at}.reason`, reason, REASONS));
	if (path === '') return out;
	if (path.trim() === '') out.push(invalidValue(`${at}.fieldPath`, path, 'must be non-empty if specified'));
	if (lines(path)) out.push(invalidValue(`${at}.fieldPath`, path, 'must not contain line breaks'));
	if (fieldPath(path, schema) === undefined) out.push(invalidValue(`${at}.fieldPath`, path, 'must be a valid path'));
	return out;
}

/** Faults that compiling shows, and rules that would cost too much. Only for schemas without other faults. */
export function ruleErrors(schema: Props, path: string): readonly FieldError[] {
	const tree = ruleTree(schema);
	if (tree === undefined) return [];
	return [...nodeErrors(tree, path, undefined), ...estimates(tree, path)];
}

/** @param uncorrelated path of a list above whose items have no counterpart in the old object. */
function nodeErrors(node: RuleNode, path: string, uncorrelated: string | undefined): readonly FieldError[] {
	const out = node.rules.flatMap((rule, i) => compiledErrors(rule, `${path}.x-kubernetes-validations[${i}]`, uncorrelated));
	for (const [name, child] of node.properties) out.push(...nodeErrors(child, `${path}.properties[${name}]`, uncorrelated));
	if (node.values !== undefined) out.push(...nodeErrors(node.values, `${path}.additionalProperties`, uncorrelated));
	if (node.items !== undefined) {
		const byKey = node.schema['x-kubernetes-list-type'] === 'map';
		out.push(...nodeErrors(node.items, `${path}.items`, byKey ? uncorrelated : (uncorrelated ?? path)));
	}
	for (const [i, child] of node.allOf.entries()) out.push(...nodeErrors(child, `${path}.allOf[${i}]`, uncorrelated));
	return out;
}

/** A rule as Go's internal type prints in JSON. */
const shown = (rule: Rule): unknown => ({
	Rule: rule.rule,
	Message: rule.message ?? '',
	MessageExpression: rule.messageExpression ?? '',
	Reason: rule.reason ?? null,
	FieldPath: rule.fieldPath ?? '',
	OptionalOldSelf: rule.optionalOldSelf ?? null,
});

function compiledErrors({ rule, program, message, usesOldSelf }: CompiledRule, at: string, uncorrelated: string | undefined): FieldError[] {
	const out: FieldError[] = [];
	if (program !== undefined && 'error' in program) out.push(invalidValue(`${at}.rule`, shown(rule), program.error));
	if (message !== undefined && 'error' in message) out.push(invalidValue(`${at}.messageExpression`, shown(rule), message.error));
	if (usesOldSelf && uncorrelated !== undefined)
		out.push(invalidValue(`${at}.rule`, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`));
	else if (!usesOldSelf && rule.optionalOldSelf !== undefined)
		out.push(invalidValue(`${at}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
	return out;
}

/** Rules have no place inside `anyOf`, `oneOf` and `not`. */
export function misplacedRules(schema: Props, path: string): readonly FieldError[] {
	const inside = (s: Props, at: string): readonly FieldError[] => [
		...((s['x-kubernetes-validations'] ?? []).length > 0 ? [forbiddenValue(`${at}.x-kubernetes-validations`, 'must be empty to be structural')] : []),
		...Object.entries(s.properties ?? {}).flatMap(([name, child]) => inside(child, `${at}.properties[${name}]`)),
		...(s.items === undefined ? [] : inside(s.items, `${at}.items`)),
		...(isRecord(s.additionalProperties) ? inside(s.additionalProperties as Props, `${at}.additionalProperties`) : []),
	];
	return [
		...(['anyOf', 'oneOf'] as const).flatMap((word) => (schema[word] ?? []).flatMap((s, i) => inside(s, `${path}.${word}[${i}]`))),
		...(schema.not === undefined ? [] : inside(schema.not, `${path}.not`)),
	];
}
