/**
 * A checked expression as nested functions, ready to run (`cel-go/interpreter`). Costs are counted as cel-go's tracker
 * does: names and selections 1, literals of lists 10, of maps 30, of objects 40, calls by their size.
 */
import type { Checked } from './checker.ts';
import { type Call, fits, NO_OVERLOAD, type Overload, sizeOf } from './functions.ts';
import type { Type } from './types.ts';
import type { CallExpr, Comprehension, Expr, ListExpr, SelectExpr, StructExpr } from './syntax.ts';
import { Fault, isList, isMap, LiteralMap, Optional, plainText, runtimeType, TypeValue, Uint, type Value } from './values.ts';

const COST = { list: 10, map: 30, struct: 40 } as const;

/** Ends an evaluation whose cost went over its limit; caught where it was started. */
export class CostExceeded extends Error {}

/** One run of one expression. */
export interface Evaluation extends Call {
	global(name: string): Value | undefined;
}

interface Frame {
	readonly run: Evaluation;
	readonly names: { [name: string]: Value };
	readonly parent: Frame | undefined;
}

export type Program = (frame: Frame) => Value;

export const frameOf = (run: Evaluation): Frame => ({ run, names: Object.create(null) as { [name: string]: Value }, parent: undefined });

const child = (parent: Frame): Frame => ({ run: parent.run, names: Object.create(null) as { [name: string]: Value }, parent });

export function plan(expr: Expr, checked: Checked): Program {
	return new Planner(checked).plan(expr);
}

class Planner {
	readonly #checked: Checked;
	constructor(checked: Checked) {
		this.#checked = checked;
	}

	plan(expr: Expr): Program {
		switch (expr.kind) {
			case 'const': {
				const { value } = expr;
				return () => value;
			}
			case 'ident':
				return this.#name(expr.name, expr.id);
			case 'select':
				return this.#select(expr);
			case 'call':
				return this.#call(expr);
			case 'list':
				return this.#list(expr);
			case 'map':
				return this.#map(expr);
			case 'struct':
				return this.#struct(expr);
			case 'comprehension':
				return this.#loop(expr);
		}
	}

	#name(name: string, id: number): Program {
		if (this.#checked.names.has(id)) {
			return ({ run }) => {
				run.spend(1);
				const value = run.global(name);
				return value === undefined ? new TypeValue(name) : value;
			};
		}
		return (frame) => {
			frame.run.spend(1);
			for (let f: Frame | undefined = frame; f !== undefined; f = f.parent) if (name in f.names) return f.names[name] ?? null;
			return new Fault(`no such attribute(s): ${name}`);
		};
	}

	#select(expr: SelectExpr): Program {
		const whole = this.#checked.names.get(expr.id);
		if (whole !== undefined) return this.#name(whole, expr.id);
		const operand = this.plan(expr.operand);
		const { field, test } = expr;
		if (test) return (frame) => has(operand(frame), field);
		return (frame) => {
			frame.run.spend(1);
			return select(operand(frame), field);
		};
	}

	#call(expr: CallExpr): Program {
		const args = (expr.target === undefined || this.#checked.names.has(expr.id) ? expr.args : [expr.target, ...expr.args]).map((a) => this.plan(a));
		const special = SPECIAL[expr.fn];
		const [a, b, c] = args;
		if (special !== undefined && expr.target === undefined && a !== undefined) return special(a, b ?? a, c ?? a);
		return dispatch(this.#checked.overloads.get(expr.id) ?? [], args, expr.fn);
	}

	#list(expr: ListExpr): Program {
		const items = expr.items.map((i) => this.plan(i));
		const { optional } = expr;
		return (frame) => {
			frame.run.spend(COST.list);
			const out: Value[] = [];
			for (let i = 0; i < items.length; i++) {
				const value = items[i]?.(frame) ?? null;
				if (value instanceof Fault) return value;
				if (!optional.has(i)) out.push(value);
				else if (!(value instanceof Optional)) return new Fault(`cannot initialize optional list element from non-optional value ${plainText(value)}`);
				else if (value.value !== undefined) out.push(value.value);
			}
			return out;
		};
	}

	#map(expr: Extract<Expr, { kind: 'map' }>): Program {
		const entries = expr.entries.map((e) => ({ key: this.plan(e.key), value: this.plan(e.value), optional: e.optional }));
		return (frame) => {
			frame.run.spend(COST.map);
			const out: (readonly [Value, Value])[] = [];
			for (const entry of entries) {
				const key = entry.key(frame);
				if (key instanceof Fault) return key;
				const value = given(entry.value(frame), entry.optional, 'map entry');
				if (value instanceof Fault) return value;
				if (value !== undefined) out.push([key, value]);
			}
			return LiteralMap.of(out);
		};
	}

	#struct(expr: StructExpr): Program {
		const fields = expr.fields.map((f) => ({ name: f.name, value: this.plan(f.value), optional: f.optional }));
		return (frame) => {
			frame.run.spend(COST.struct);
			const out: (readonly [Value, Value])[] = [];
			for (const field of fields) {
				const value = given(field.value(frame), field.optional, 'field');
				if (value instanceof Fault) return value;
				if (value !== undefined) out.push([field.name, value]);
			}
			return LiteralMap.of(out, expr.name);
		};
	}

	#loop(expr: Comprehension): Program {
		const range = this.plan(expr.range);
		const growing = this.#growing(expr);
		const parts = {
			iterVar: expr.iterVar,
			iterVar2: expr.iterVar2,
			accuVar: expr.accuVar,
			init: this.plan(expr.init),
			condition: expr.condition.kind === 'const' && expr.condition.value === true ? undefined : this.plan(expr.condition),
			step: this.plan(expr.step),
			result: this.plan(expr.result),
		};
		return (frame) => {
			const items = iterable(range(frame), expr.iterVar2 !== undefined);
			if (items instanceof Fault) return items;
			return growing === undefined ? runLoop(frame, items, parts) : collect(frame, items, parts, growing);
		};
	}

	/** A loop that only adds to a list, with the filter before it: run without copying the list at every step. */
	#growing(expr: Comprehension): Growing | undefined {
		const isAccu = (e: Expr | undefined): boolean => e?.kind === 'ident' && e.name === expr.accuVar;
		if (expr.init.kind !== 'list' || !isAccu(expr.result)) return undefined;
		let step: Expr | undefined = expr.step;
		let filter: Expr | undefined;
		if (step.kind === 'call' && step.fn === '_?_:_' && isAccu(step.args[2])) [filter, step] = step.args;
		if (step?.kind !== 'call' || step.fn !== '_+_' || !isAccu(step.args[0])) return undefined;
		const added = step.args[1];
		const item = added?.kind === 'list' ? added.items[0] : undefined;
		if (item === undefined) return undefined;
		return { item: this.plan(item), filter: filter === undefined ? undefined : this.plan(filter) };
	}
}

interface Growing {
	readonly filter: Program | undefined;
	readonly item: Program;
}

interface LoopParts {
	readonly iterVar: string;
	readonly iterVar2: string | undefined;
	readonly accuVar: string;
	readonly init: Program;
	readonly condition: Program | undefined;
	readonly step: Program;
	readonly result: Program;
}

type Items = readonly (readonly [Value, Value | undefined])[];

/** What a loop goes through: items, or keys, or both with their places. */
function iterable(range: Value, two: boolean): Items | Fault {
	if (range instanceof Fault) return range;
	if (isList(range)) return two ? range.map((item, i) => [BigInt(i), item] as const) : range.map((item) => [item, undefined] as const);
	if (isMap(range) && range.typeName === undefined) return range.keys().map((key) => [key, two ? range.get(key) : undefined] as const);
	return new Fault(`got '${runtimeType(range)}', expected iterable type`);
}

function runLoop(frame: Frame, items: Items, parts: LoopParts): Value {
	const outer = child(frame);
	const inner = child(outer);
	outer.names[parts.accuVar] = parts.init(frame);
	for (const [item, second] of items) {
		inner.names[parts.iterVar] = item;
		if (parts.iterVar2 !== undefined) inner.names[parts.iterVar2] = second ?? null;
		const goOn = parts.condition?.(inner);
		if (goOn !== undefined && goOn !== true) break;
		outer.names[parts.accuVar] = parts.step(inner);
	}
	return parts.result(outer);
}

function collect(frame: Frame, items: Items, parts: LoopParts, growing: Growing): Value {
	const inner = child(frame);
	const out: Value[] = [];
	for (const [item, second] of items) {
		inner.names[parts.iterVar] = item;
		if (parts.iterVar2 !== undefined) inner.names[parts.iterVar2] = second ?? null;
		const wanted = growing.filter?.(inner) ?? true;
		if (wanted instanceof Fault) return wanted;
		if (typeof wanted !== 'boolean') return NO_OVERLOAD;
		frame.run.spend(1);
		if (!wanted) continue;
		frame.run.spend(COST.list + 1);
		const value = growing.item(inner);
		if (value instanceof Fault) return value;
		out.push(value);
	}
	return out;
}

function given(value: Value, optional: boolean, what: string): Value | undefined {
	if (!optional || value instanceof Fault) return value;
	return value instanceof Optional ? value.value : new Fault(`cannot initialize optional ${what} from non-optional value ${plainText(value)}`);
}

/** `v.field`. */
export function select(v: Value, field: string): Value {
	if (v instanceof Fault) return v;
	if (v instanceof Optional) return v.value === undefined ? v : optionally(v.value, field);
	const found = isMap(v) ? v.get(field) : undefined;
	return found === undefined ? new Fault(`no such key: ${field}`) : found;
}

function has(v: Value, field: string): Value {
	if (v instanceof Fault) return v;
	if (v instanceof Optional) return v.value !== undefined && has(v.value, field);
	return isMap(v) && v.get(field) !== undefined;
}

function optionally(v: Value, key: Value): Optional {
	if (v instanceof Optional) return v.value === undefined ? v : optionally(v.value, key);
	if (isMap(v)) return new Optional(v.get(key));
	if (isList(v) && typeof key === 'bigint') return new Optional(key >= 0n ? v[Number(key)] : undefined);
	return new Optional(undefined);
}

function at(v: Value, key: Value): Value {
	if (v instanceof Fault) return v;
	if (key instanceof Fault) return key;
	if (v instanceof Optional) return v.value === undefined ? v : optionally(v.value, key);
	if (isMap(v)) {
		const found = v.get(key);
		return found !== undefined ? found : new Fault(`no such key: ${plainText(key)}`);
	}
	if (!isList(v)) return NO_OVERLOAD;
	const index = typeof key === 'bigint' ? Number(key) : key instanceof Uint ? Number(key.value) : typeof key === 'number' ? key : undefined;
	if (index === undefined || !Number.isInteger(index)) return new Fault(`unsupported index type '${runtimeType(key)}' in list`);
	return index < 0 || index >= v.length ? new Fault(`index out of bounds: ${index}`) : (v[index] ?? null);
}

type Special = (a: Program, b: Program, c: Program) => Program;

/** A logical operator that one operand may decide alone, whatever the other ends in. */
const logical =
	(decisive: boolean): Special =>
	(a, b) =>
	(frame) => {
		const left = a(frame);
		if (left === decisive) return left;
		const right = b(frame);
		if (right === decisive) return right;
		if (left === !decisive && right === !decisive) return !decisive;
		if (left instanceof Fault) return left;
		return right instanceof Fault ? right : NO_OVERLOAD;
	};

const SPECIAL: { readonly [fn: string]: Special } = {
	'_&&_': logical(false),
	'_||_': logical(true),
	'_?_:_': (condition, yes, no) => (frame) => {
		const c = condition(frame);
		if (typeof c === 'boolean') return c ? yes(frame) : no(frame);
		return c instanceof Fault ? c : NO_OVERLOAD;
	},
	'@not_strictly_false': (a) => (frame) => a(frame) !== false,
	'_[_]': (a, b) => (frame) => {
		frame.run.spend(1);
		return at(a(frame), b(frame));
	},
	'_[?_]': (a, b) => (frame) => optionalAt(frame, a, b),
	'_?._': (a, b) => (frame) => optionalAt(frame, a, b),
};

function optionalAt(frame: Frame, a: Program, b: Program): Value {
	frame.run.spend(1);
	const v = a(frame);
	if (v instanceof Fault) return v;
	const key = b(frame);
	return key instanceof Fault ? key : optionally(v, key);
}

/** Calls the overload that the values at hand fit: the commonest thing an evaluation does, so without a closure for each try. */
function dispatch(overloads: readonly Overload[], programs: readonly Program[], name: string): Program {
	const missing = name.startsWith('_') || name.startsWith('@') || name.endsWith('_') ? NO_OVERLOAD : new Fault(`no such overload: ${name}`);
	return (frame) => {
		const args: Value[] = [];
		for (const program of programs) {
			const value = program(frame);
			if (value instanceof Fault) return value;
			args.push(value);
		}
		const overload = fitting(overloads, args);
		if (overload === undefined) return missing;
		if (overload.cost === undefined) frame.run.spend(1);
		const result = overload.run(args, frame.run);
		if (overload.cost !== undefined) frame.run.spend(overload.cost(args, result));
		return result;
	};
}

function fitting(overloads: readonly Overload[], args: readonly Value[]): Overload | undefined {
	for (const overload of overloads) {
		const { params } = overload;
		let i = 0;
		while (i < params.length && fits(params[i] as Type, args[i] as Value)) i++;
		if (i === params.length) return overload;
	}
	return undefined;
}

/** What an expression's cost says of the values compared: the smaller one's length, a tenth a unit. */
export const compareCost = (args: readonly Value[]): number => Math.max(1, Math.ceil(Math.min(sizeOf(args[0]), sizeOf(args[1])) * 0.1));
