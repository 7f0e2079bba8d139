/** Expressions compiled once and kept, whoever asks for them; evaluated within a budget. */
import { type Checked, check, type Declarations } from './checker.ts';
import type { AuthorizerAttributes, AuthorizerDecision } from './functions.ts';
import { LIBRARY } from './library/library.ts';
import { pattern } from './library/patterns.ts';
import { parseDuration, parseTimestamp } from './library/times.ts';
import { LIMITS } from './limits.ts';
import { Parser } from './parser.ts';
import { CostExceeded, type Evaluation, frameOf, plan, type Program } from './planner.ts';
import { type Expr, type Issue, issueText, SyntaxFault } from './syntax.ts';
import { type ObjectType, type Type, typeText } from './types.ts';
import { Fault, type Value } from './values.ts';

/** The names that a kind of expressions may use. One object for each kind: compiled expressions are kept by it. */
export interface Environment {
	readonly variables: { readonly [name: string]: Type };
	readonly structs?: (name: string) => ObjectType | undefined;
}

/** An expression that can be run. */
export interface Compiled {
	readonly source: string;
	readonly expr: Expr;
	readonly checked: Checked;
	readonly type: Type;
	readonly program: Program;
}

/** Why an expression cannot: upstream's text, positions and all. */
export interface CompileError {
	readonly error: string;
	readonly issues: readonly Issue[];
}

/** What an expression sees of the world, and what it may cost. */
export interface Activation {
	variable(name: string): Value | undefined;
	readonly authorize?: (attributes: AuthorizerAttributes) => AuthorizerDecision;
	/** Cost left for this and further expressions; `run` takes off what it used. */
	budget?: { remaining: number };
}

const COST_EXCEEDED = 'operation cancelled: actual cost limit exceeded';
export const isCostExceeded = (fault: Fault): boolean => fault.message.startsWith(COST_EXCEEDED);

/**
 * Compiled expressions by environment. Derived data alone, so all worlds share them; an environment that nobody holds any
 * more takes its own along.
 */
const kept = new WeakMap<Environment, Map<string, Compiled | CompileError>>();

/** Compiles, or recalls. @param wanted types of which the result must have exactly one; undefined for any. */
export function compile(source: string, environment: Environment, wanted?: readonly Type[]): Compiled | CompileError {
	let programs = kept.get(environment);
	if (programs === undefined || programs.size >= LIMITS.programs) {
		programs = new Map();
		kept.set(environment, programs);
	}
	let found = programs.get(source);
	if (found === undefined) {
		found = compileAnew(source, environment);
		programs.set(source, found);
	}
	if ('error' in found || wanted === undefined) return found;
	const is = typeText(found.type);
	return wanted.some((t) => typeText(t) === is) ? found : { error: mismatch(wanted, is), issues: [] };
}

function mismatch(wanted: readonly Type[], is: string): string {
	const names = wanted.map((t) => (typeText(t) === 'null' ? 'null_type' : typeText(t)));
	return `must evaluate to ${names.length === 1 ? names[0] : `one of [${names.join(' ')}]`} but got ${is}`;
}

function compileAnew(source: string, environment: Environment): Compiled | CompileError {
	const failed = (issues: readonly Issue[]): CompileError => ({ error: `compilation failed: ${issueText(source, issues)}`, issues });
	try {
		const expr = new Parser(source).parse();
		const declared: Declarations = { ...environment, functions: LIBRARY };
		const checked = check(expr, declared);
		const issues = checked.issues.length > 0 ? checked.issues : literalIssues(expr, checked);
		if (issues.length > 0) return failed(issues);
		return { source, expr, checked, type: checked.type, program: plan(expr, checked) };
	} catch (e) {
		if (e instanceof SyntaxFault) return failed([e.issue]);
		throw e;
	}
}

/** Literals that could only fail: cel-go's AST validators. */
function literalIssues(expr: Expr, checked: Checked): readonly Issue[] {
	const out: Issue[] = [];
	visit(expr, (e) => {
		if (e.kind !== 'call') return;
		const last = e.args.at(-1);
		if (last?.kind !== 'const' || typeof last.value !== 'string') return;
		const text = last.value;
		if (e.fn === 'duration' && parseDuration(text) === undefined) out.push({ pos: last.pos, message: 'invalid duration argument' });
		if (e.fn === 'timestamp' && parseTimestamp(text) === undefined) out.push({ pos: last.pos, message: 'invalid timestamp argument' });
		if (e.fn === 'matches' && checked.overloads.has(e.id) && pattern(text) instanceof Fault) out.push({ pos: last.pos, message: 'invalid matches argument' });
	});
	return out;
}

/** Calls `see` for each part of an expression, the whole first. */
export function visit(expr: Expr, see: (e: Expr) => void): void {
	see(expr);
	for (const part of parts(expr)) visit(part, see);
}

function parts(expr: Expr): readonly Expr[] {
	switch (expr.kind) {
		case 'select':
			return [expr.operand];
		case 'call':
			return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
		case 'list':
			return expr.items;
		case 'map':
			return expr.entries.flatMap((e) => [e.key, e.value]);
		case 'struct':
			return expr.fields.map((f) => f.value);
		case 'comprehension':
			return [expr.range, expr.init, expr.condition, expr.step, expr.result];
		default:
			return [];
	}
}

/** Runs an expression. A fault is a value: what went wrong, or that it cost too much. */
export function run(compiled: Compiled, activation: Activation): Value {
	let cost = 0;
	const limit = Math.min(LIMITS.perCall, activation.budget?.remaining ?? LIMITS.perCall);
	const evaluation: Evaluation = {
		global: (name) => activation.variable(name),
		...(activation.authorize === undefined ? {} : { authorize: activation.authorize }),
		spend: (amount) => {
			cost += amount;
			if (cost > limit) throw new CostExceeded();
		},
	};
	try {
		return compiled.program(frameOf(evaluation));
	} catch (e) {
		if (e instanceof CostExceeded) return new Fault(COST_EXCEEDED);
		throw e;
	} finally {
		if (activation.budget !== undefined) activation.budget.remaining -= cost;
	}
}
