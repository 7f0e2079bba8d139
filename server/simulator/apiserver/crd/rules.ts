/** `x-kubernetes-validations` of a schema, compiled (`apiextensions-apiserver/pkg/apiserver/schema/cel/compilation.go`). */
import { compile, type Compiled, type CompileError, type Environment, visit } from '../cel/environment.ts';
import { declare, type Declared } from '../cel/schema.ts';
import { optionalOf, typeText } from '../cel/types.ts';
import { isRecord } from '../equal.ts';
import type { Props } from './definition.ts';

/** A rule as it stands in a schema. */
export interface Rule {
	readonly rule: string;
	readonly message?: string;
	readonly messageExpression?: string;
	readonly reason?: string;
	readonly fieldPath?: string;
	readonly optionalOldSelf?: boolean;
}

export interface CompiledRule {
	readonly rule: Rule;
	/** Undefined for an empty rule. */
	readonly program?: Compiled | CompileError;
	readonly message?: Compiled | CompileError;
	readonly usesOldSelf: boolean;
}

/** The rules of one place in a schema, and of those below it. */
export interface RuleNode {
	readonly schema: Props;
	readonly declared: Declared;
	readonly rules: readonly CompiledRule[];
	readonly items?: RuleNode;
	readonly values?: RuleNode;
	readonly properties: ReadonlyMap<string, RuleNode>;
	readonly allOf: readonly RuleNode[];
}

export const rulesIn = (schema: Props): readonly Rule[] =>
	((schema['x-kubernetes-validations'] ?? []) as readonly unknown[]).filter(isRecord) as unknown as readonly Rule[];

/** Whether a schema has rules anywhere. */
function hasRules(schema: Props): boolean {
	if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true;
	if (schema.items !== undefined && hasRules(schema.items)) return true;
	if (isRecord(schema.additionalProperties) && hasRules(schema.additionalProperties as Props)) return true;
	return Object.values(schema.properties ?? {}).some(hasRules) || (schema.allOf ?? []).some(hasRules);
}

// Derived from stored schemas alone: goes when they go, serves all worlds.
const trees = new WeakMap<Props, RuleNode | null>();

/** The rules of a whole resource's schema; undefined where it has none. */
export function ruleTree(schema: Props): RuleNode | undefined {
	let found = trees.get(schema);
	if (found === undefined) {
		found = hasRules(schema) ? (node(schema, schema, true, 'selfType') ?? null) : null;
		trees.set(schema, found);
	}
	return found ?? undefined;
}

/** @param schema says the rules, @param of says the type: they differ inside `allOf`. */
function node(schema: Props, of: Props, root: boolean, name: string): RuleNode | undefined {
	const declared = declare(of, root, name);
	if (declared === undefined) return undefined;
	const rules = compileRules(rulesIn(schema), declared);
	const properties = new Map<string, RuleNode>();
	for (const [key, child] of Object.entries(schema.properties ?? {})) {
		const spine = of.properties !== undefined && Object.hasOwn(of.properties, key) ? of.properties[key] : undefined;
		const found = spine === undefined ? undefined : below(child, spine, `${name}.${key}`);
		if (found !== undefined) properties.set(key, found);
	}
	const items = schema.items === undefined || of.items === undefined ? undefined : below(schema.items, of.items, `${name}.@idx`);
	const [more, spine] = [schema.additionalProperties, of.additionalProperties];
	const values = isRecord(more) && isRecord(spine) ? below(more as Props, spine as Props, `${name}.@elem`) : undefined;
	const allOf = (schema.allOf ?? []).filter(hasRules).flatMap((s) => node(s, of, root, name) ?? []);
	return { schema: of, declared, rules, properties, allOf, ...(items === undefined ? {} : { items }), ...(values === undefined ? {} : { values }) };
}

const below = (schema: Props, of: Props, name: string): RuleNode | undefined =>
	hasRules(schema) ? node(schema, of, of['x-kubernetes-embedded-resource'] === true, name) : undefined;

function compileRules(rules: readonly Rule[], declared: Declared): readonly CompiledRule[] {
	const plain: Environment = { variables: { self: declared.type, oldSelf: declared.type } };
	const optional: Environment = { variables: { self: declared.type, oldSelf: optionalOf(declared.type) } };
	return rules.map((rule) => compileRule(rule, rule.optionalOldSelf === true ? optional : plain));
}

function compileRule(rule: Rule, environment: Environment): CompiledRule {
	if (rule.rule.trim() === '') return { rule, usesOldSelf: false };
	const program = resulting(compile(rule.rule, environment), 'bool', 'cel expression must evaluate to a bool');
	if ('error' in program) return { rule, program, usesOldSelf: false };
	const usesOldSelf = mentions(program, 'oldSelf');
	if (!rule.messageExpression) return { rule, program, usesOldSelf };
	const message = resulting(compile(rule.messageExpression, environment), 'string', 'messageExpression must evaluate to a string');
	return {
		rule,
		program,
		usesOldSelf,
		message: 'error' in message ? { ...message, error: message.error.replace(/^compilation/, 'messageExpression compilation') } : message,
	};
}

/** The exact type alone will do: dyn does not. */
function resulting(compiled: Compiled | CompileError, type: string, otherwise: string): Compiled | CompileError {
	return 'error' in compiled || typeText(compiled.type) === type ? compiled : { error: otherwise, issues: [] };
}

function mentions(compiled: Compiled, name: string): boolean {
	let found = false;
	visit(compiled.expr, (e) => {
		if (e.kind === 'ident' && compiled.checked.names.get(e.id) === name) found = true;
	});
	return found;
}
