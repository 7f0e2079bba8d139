/** Objects held against the rules of their schema (`apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go`). */
import { type Compiled, isCostExceeded, run } from '../cel/environment.ts';
import { LIMITS } from '../cel/limits.ts';
import { Fault, Optional, type Value } from '../cel/values.ts';
import { isRecord, sameData } from '../equal.ts';
import type { FieldError } from '../types.ts';
import { duplicateValue, forbiddenValue, invalidValue, requiredValue } from '../validation.ts';
import type { Props } from './definition.ts';
import { fieldPath } from './field-paths.ts';
import { counterparts } from './schema-validation.ts';
import { type CompiledRule, type Rule, type RuleNode, ruleTree } from './rules.ts';

export interface RuleFindings {
	readonly errors: readonly FieldError[];
	/** What an update leaves as it was is told, not refused (ratcheting). */
	readonly warnings: readonly string[];
}

const NOTHING: RuleFindings = { errors: [], warnings: [] };

/** Holds a whole object against its schema's rules; `old` is there for an update. */
export function ruleFindings(schema: Props, object: unknown, old?: unknown): RuleFindings {
	const tree = ruleTree(schema);
	if (tree === undefined) return NOTHING;
	const validation = new Validation();
	validation.visit(tree, '', object, old, { current: old === undefined ? undefined : { object, old } });
	return validation;
}

interface Pair {
	readonly object: unknown;
	readonly old: unknown;
}

/** The value before of this place, or of the nearest one above that has one. */
interface Correlation {
	readonly current: Pair | undefined;
	readonly nearest?: Pair | undefined;
}

const unchanged = ({ current, nearest }: Correlation): boolean => {
	const pair = current ?? nearest;
	return pair !== undefined && sameData(pair.object, pair.old);
};

const step = (from: Correlation, pair: Pair | undefined): Correlation =>
	from.current === undefined ? from : { current: pair?.old === undefined ? undefined : pair, nearest: from.current };

class Validation implements RuleFindings {
	readonly errors: FieldError[] = [];
	readonly warnings: string[] = [];
	readonly #budget: { remaining: number } = { remaining: LIMITS.runtime };
	#over = false;

	visit(node: RuleNode, path: string, object: unknown, old: unknown, correlation: Correlation): void {
		if (this.#over || object === null || object === undefined) return;
		this.#rules(node, path, object, old ?? undefined, correlation);
		for (const more of node.allOf) this.visit(more, path, object, old, { current: undefined, nearest: correlation.nearest });
		if (Array.isArray(object)) this.#list(node, path, object, Array.isArray(old) ? old : [], correlation);
		else if (isRecord(object)) this.#record(node, path, object, isRecord(old) ? old : {}, correlation);
	}

	#list(node: RuleNode, path: string, object: readonly unknown[], old: readonly unknown[], correlation: Correlation): void {
		if (node.items === undefined) return;
		const before = counterparts(node.schema, old);
		for (const [i, item] of object.entries()) {
			const was = before(item);
			this.visit(node.items, `${path}[${i}]`, item, was, step(correlation, { object: item, old: was }));
		}
	}

	#record(node: RuleNode, path: string, object: { readonly [k: string]: unknown }, old: { readonly [k: string]: unknown }, correlation: Correlation): void {
		for (const key of Object.keys(object)) {
			const below = node.properties.get(key);
			const child = below ?? node.values;
			if (child === undefined) continue;
			const at = below === undefined ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
			const was = Object.hasOwn(old, key) ? old[key] : undefined;
			this.visit(child, at, object[key], was, step(correlation, { object: object[key], old: was }));
		}
	}

	#rules(node: RuleNode, path: string, object: unknown, old: unknown, correlation: Correlation): void {
		if (node.rules.length === 0) return;
		const self = node.declared.convert(object);
		const oldSelf = old === undefined ? undefined : node.declared.convert(old);
		for (const rule of node.rules) {
			if (this.#over) return;
			this.#rule(rule, node, path, object, self, oldSelf, correlation);
		}
	}

	#rule(compiled: CompiledRule, node: RuleNode, path: string, object: unknown, self: Value, oldSelf: Value | undefined, correlation: Correlation): void {
		const { rule, program, usesOldSelf } = compiled;
		const at = path === '' ? '<nil>' : path;
		const type = node.schema.type ?? '';
		if (program === undefined) return;
		if (this.#budget.remaining <= 0) this.#spent(at, type);
		else if ('error' in program) this.errors.push(invalidValue(at, type, `rule compile error: ${program.error}`));
		// A rule about a change speaks of changes alone, unless it says that it can do without.
		else if (!usesOldSelf || oldSelf !== undefined || rule.optionalOldSelf === true) {
			const variables = variablesOf(rule, self, oldSelf);
			const result = this.#run(program, variables, LIMITS.perCall);
			if (result instanceof Fault) this.#failed(result, rule, at, type);
			else if (this.#budget.remaining < 0) this.#spent(at, type);
			else if (result !== true) this.#violated(compiled, node, path, object, variables, correlation);
		}
	}

	#violated(compiled: CompiledRule, node: RuleNode, path: string, object: unknown, variables: ReadonlyMap<string, Value>, correlation: Correlation): void {
		const error = this.#violation(compiled, node, path, object, variables);
		if (!compiled.usesOldSelf && unchanged(correlation)) this.warnings.push(`${error.field}: ${error.message}`);
		else this.errors.push(error);
	}

	/** Each call has a limit of its own; what it used comes off the object's budget. */
	#run(program: Compiled, variables: ReadonlyMap<string, Value>, limit: number): Value {
		const budget = { remaining: limit };
		const result = run(program, { variable: (name) => variables.get(name), budget });
		this.#budget.remaining -= limit - budget.remaining;
		return result;
	}

	#spent(at: string, type: string): void {
		this.#over = true;
		this.errors.push(invalidValue(at, type, 'validation failed due to running out of cost budget, no further validation rules will be run'));
	}

	#failed(fault: Fault, rule: Rule, at: string, type: string): void {
		const { message } = fault;
		const of = ruleText(rule);
		if (message.startsWith('no such overload'))
			this.errors.push(invalidValue(at, type, `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${of}`));
		else if (isCostExceeded(fault)) {
			this.#over = true;
			this.errors.push(invalidValue(at, type, `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${of}`));
		} else this.errors.push(invalidValue(at, type, `${message} evaluating rule: ${of}`));
	}

	#violation({ rule, message }: CompiledRule, node: RuleNode, path: string, object: unknown, variables: ReadonlyMap<string, Value>): FieldError {
		const below = rule.fieldPath === undefined ? '' : (fieldPath(rule.fieldPath, node.schema) ?? '');
		const at = below === '' ? path : path === '' ? below : `${path}.${below}`;
		const made = message === undefined || 'error' in message ? undefined : this.#message(message, variables);
		return reasoned(at === '' ? '<nil>' : at, object, made ?? ruleMessage(rule), rule.reason);
	}

	/** The text of a messageExpression; undefined where it gives none that will do. */
	#message(program: Compiled, variables: ReadonlyMap<string, Value>): string | undefined {
		const made = this.#run(program, variables, LIMITS.perCall);
		const text = typeof made === 'string' ? made.trim() : '';
		return text === '' || text.includes('\n') || text.length > LIMITS.messageCharacters ? undefined : text;
	}
}

function variablesOf(rule: Rule, self: Value, oldSelf: Value | undefined): ReadonlyMap<string, Value> {
	const out = new Map<string, Value>([['self', self]]);
	if (rule.optionalOldSelf === true) out.set('oldSelf', new Optional(oldSelf));
	else if (oldSelf !== undefined) out.set('oldSelf', oldSelf);
	return out;
}

const ruleText = (rule: Rule): string => (rule.message ? rule.message.trim() : rule.rule.trim());
const ruleMessage = (rule: Rule): string => (rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`);

/** Objects and lists are not shown with what is wrong with them. */
function reasoned(field: string, value: unknown, detail: string, reason: string | undefined): FieldError {
	const composite = typeof value === 'object' && value !== null;
	if (reason === 'FieldValueForbidden') return forbiddenValue(field, detail);
	if (reason === 'FieldValueRequired') return requiredValue(field, detail);
	if (reason === 'FieldValueDuplicate') return composite ? { field, type: 'FieldValueDuplicate', message: 'Duplicate value' } : duplicateValue(field, value);
	return composite ? { field, type: 'FieldValueInvalid', message: `Invalid value: ${detail}` } : invalidValue(field, value, detail);
}
