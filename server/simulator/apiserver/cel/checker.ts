/** The types of an expression's parts, and what does not fit together (`cel-go/checker/checker.go`). */
import type { Overload } from './functions.ts';
import type { CallExpr, Comprehension, Expr, Issue, ListExpr, SelectExpr, StructExpr } from './syntax.ts';
import {
	BOOL,
	BYTES,
	DOUBLE,
	DYN,
	INT,
	isDyn,
	listOf,
	mapOf,
	NULL,
	optionalOf,
	STRING,
	Substitution,
	type Type,
	type ObjectType,
	typeOf,
	typeText,
	UINT,
} from './types.ts';
import { isList, Uint, type Value } from './values.ts';

/** Names that an expression may use. */
export interface Declarations {
	readonly variables: { readonly [name: string]: Type };
	readonly functions: ReadonlyMap<string, readonly Overload[]>;
	/** Types that may be built with `Name{…}`. */
	readonly structs?: (name: string) => ObjectType | undefined;
}

export interface Checked {
	readonly type: Type;
	/** A call's overloads that its arguments may mean, by the call's id. */
	readonly overloads: ReadonlyMap<number, readonly Overload[]>;
	/** Each part's type, by id. */
	readonly types: ReadonlyMap<number, Type>;
	/** Names of variables and types that were written with dots (`variables.x` is a selection, `google.protobuf.Timestamp` a name). */
	readonly names: ReadonlyMap<number, string>;
	readonly issues: readonly Issue[];
}

const ERROR: Type = { kind: 'plain', name: '!error!' };
const isError = (t: Type): boolean => t === ERROR;

type Scope = { readonly vars: ReadonlyMap<string, Type>; readonly parent: Scope | undefined };

const TYPE_NAMES: { readonly [name: string]: Type } = {
	bool: BOOL,
	int: INT,
	uint: UINT,
	double: DOUBLE,
	string: STRING,
	bytes: BYTES,
	null_type: NULL,
	list: listOf(DYN),
	map: mapOf(DYN, DYN),
	type: typeOf(DYN),
	'google.protobuf.Timestamp': { kind: 'plain', name: 'timestamp' },
	'google.protobuf.Duration': { kind: 'plain', name: 'duration' },
	optional_type: optionalOf(DYN),
	'net.IP': { kind: 'plain', name: 'net.IP' },
	'net.CIDR': { kind: 'plain', name: 'net.CIDR' },
	'kubernetes.Quantity': { kind: 'plain', name: 'kubernetes.Quantity' },
	'kubernetes.URL': { kind: 'plain', name: 'kubernetes.URL' },
};

class Checker {
	readonly #declared: Declarations;
	readonly #sub = new Substitution();
	readonly #types = new Map<number, Type>();
	readonly #overloads = new Map<number, readonly Overload[]>();
	readonly #names = new Map<number, string>();
	readonly #issues: Issue[] = [];
	#fresh = 0;

	constructor(declared: Declarations) {
		this.#declared = declared;
	}

	run(expr: Expr): Checked {
		this.#check(expr, undefined);
		const types = new Map([...this.#types].map(([id, t]) => [id, this.#sub.apply(t, true)]));
		return { type: types.get(expr.id) ?? DYN, overloads: this.#overloads, types, names: this.#names, issues: this.#issues };
	}

	#fault(pos: number, message: string): Type {
		this.#issues.push({ pos, message });
		return ERROR;
	}

	#check(expr: Expr, scope: Scope | undefined): Type {
		const type = this.#sub.apply(this.#typeOf(expr, scope));
		this.#types.set(expr.id, type);
		return type;
	}

	#typeOf(expr: Expr, scope: Scope | undefined): Type {
		switch (expr.kind) {
			case 'const':
				return constantType(expr.value);
			case 'ident':
				return this.#name(expr.name, expr.id, scope) ?? this.#fault(expr.pos, `undeclared reference to '${expr.name}' (in container '')`);
			case 'select':
				return this.#select(expr, scope);
			case 'call':
				return this.#call(expr, scope);
			case 'list':
				return this.#list(expr, scope);
			case 'map':
				return this.#map(expr, scope);
			case 'struct':
				return this.#struct(expr, scope);
			case 'comprehension':
				return this.#loop(expr, scope);
		}
	}

	#name(name: string, id: number, scope: Scope | undefined): Type | undefined {
		for (let s = scope; s !== undefined; s = s.parent) {
			const found = s.vars.get(name);
			if (found !== undefined) return found;
		}
		if (Object.hasOwn(this.#declared.variables, name)) {
			this.#names.set(id, name);
			return this.#declared.variables[name];
		}
		if (!Object.hasOwn(TYPE_NAMES, name)) return undefined;
		this.#names.set(id, name);
		return typeOf(TYPE_NAMES[name] ?? DYN);
	}

	/** `google.protobuf.Timestamp` as one name, where no variable is called so. */
	#qualified(expr: SelectExpr, scope: Scope | undefined): Type | undefined {
		if (expr.test) return undefined;
		const name = dotted(expr);
		if (name === undefined) return undefined;
		const first = name.split('.', 1)[0] ?? '';
		for (let s = scope; s !== undefined; s = s.parent) if (s.vars.has(first)) return undefined;
		return this.#name(name, expr.id, undefined);
	}

	#select(expr: SelectExpr, scope: Scope | undefined): Type {
		const whole = this.#qualified(expr, scope);
		if (whole !== undefined) return whole;
		const operand = this.#check(expr.operand, scope);
		const found = this.#field(expr.pos, operand, expr.field, false);
		return expr.test && !isError(found) ? BOOL : found;
	}

	#field(pos: number, operand: Type, field: string, optional: boolean): Type {
		if (isError(operand)) return ERROR;
		if (operand.kind === 'optional') return optionalOf(this.#field(pos, operand.of, field, true));
		if (operand.kind === 'map') return operand.of;
		if (operand.kind === 'object') return operand.field(field) ?? this.#fault(pos, `undefined field '${field}'`);
		if (isDyn(operand)) return DYN;
		if (operand.kind === 'param') {
			this.#sub.assignable(operand, DYN);
			return DYN;
		}
		return optional ? DYN : this.#fault(pos, `type '${typeText(this.#sub.apply(operand, true))}' does not support field selection`);
	}

	#call(expr: CallExpr, scope: Scope | undefined): Type {
		const { fn, target, pos } = expr;
		if (fn === '_?._') return this.#optionalSelect(expr, scope);
		const qualified = target === undefined ? undefined : this.#namespaced(expr, target, scope);
		if (qualified !== undefined) return this.#resolve(expr, qualified, false, expr.args, scope);
		const overloads = this.#declared.functions.get(fn);
		const member = target !== undefined;
		if (overloads?.some((o) => o.member === member) !== true) {
			for (const part of target === undefined ? expr.args : [target, ...expr.args]) this.#check(part, scope);
			return this.#fault(pos, `undeclared reference to '${fn}' (in container '')`);
		}
		return this.#resolve(expr, fn, member, target === undefined ? expr.args : [target, ...expr.args], scope);
	}

	/** `sets.contains(…)`: a function whose name has dots, unless a variable is called `sets`. */
	#namespaced(expr: CallExpr, target: Expr, scope: Scope | undefined): string | undefined {
		const prefix = dotted(target);
		if (prefix === undefined) return undefined;
		const name = `${prefix}.${expr.fn}`;
		for (let s = scope; s !== undefined; s = s.parent) if (s.vars.has(prefix)) return undefined;
		if (!this.#declared.functions.has(name)) return undefined;
		this.#names.set(expr.id, name);
		return name;
	}

	#optionalSelect(expr: CallExpr, scope: Scope | undefined): Type {
		const [operand, name] = expr.args;
		if (operand === undefined || name?.kind !== 'const' || typeof name.value !== 'string') return this.#fault(expr.pos, 'unsupported optional field selection');
		this.#types.set(name.id, STRING);
		const found = this.#field(expr.pos, this.#check(operand, scope), name.value, false);
		return found.kind === 'optional' || isError(found) ? found : optionalOf(found);
	}

	#resolve(expr: CallExpr, name: string, member: boolean, parts: readonly Expr[], scope: Scope | undefined): Type {
		const args = parts.map((p) => this.#check(p, scope));
		if (args.some(isError)) return ERROR;
		const fitting: Overload[] = [];
		let result: Type | undefined;
		for (const overload of this.#declared.functions.get(name) ?? []) {
			if (overload.member !== member || overload.params.length !== args.length) continue;
			const before = this.#sub.snapshot();
			const rename = this.#renamer();
			if (!this.#sub.allAssignable(overload.params.map(rename), args)) continue;
			fitting.push(overload);
			const found = this.#sub.apply(rename(overload.result));
			// Where several may be meant only what they agree on is known.
			if (result === undefined) result = found;
			else if (typeText(result) !== typeText(found)) result = DYN;
			if (args.some((a) => hasUnknown(a))) this.#sub.restore(before);
		}
		if (result === undefined) return this.#noOverload(expr, name, member, args);
		this.#overloads.set(expr.id, fitting);
		return result;
	}

	#noOverload(expr: CallExpr, name: string, member: boolean, args: readonly Type[]): Type {
		const texts = args.map((a) => typeText(this.#sub.apply(a, true)));
		const signature = member ? `${texts[0] ?? ''}.(${texts.slice(1).join(', ')})` : `(${texts.join(', ')})`;
		return this.#fault(expr.pos, `found no matching overload for '${name}' applied to '${signature}'`);
	}

	/** Fresh names for a signature's parameters. */
	#renamer(): (t: Type) => Type {
		const suffix = `#${++this.#fresh}`;
		const rename = (t: Type): Type => {
			switch (t.kind) {
				case 'param':
					return { kind: 'param', name: t.name + suffix };
				case 'list':
				case 'optional':
				case 'type':
					return { kind: t.kind, of: rename(t.of) };
				case 'map':
					return mapOf(rename(t.key), rename(t.of));
				default:
					return t;
			}
		};
		return rename;
	}

	#unknown(): Type {
		return { kind: 'param', name: `_var${++this.#fresh}` };
	}

	#list(expr: ListExpr, scope: Scope | undefined): Type {
		let of: Type | undefined;
		for (const [i, item] of expr.items.entries()) {
			const found = this.#check(item, scope);
			of = this.#join(item.pos, of, expr.optional.has(i) ? this.#inside(item, found) : found);
		}
		return listOf(of ?? this.#unknown());
	}

	#inside(expr: Expr, t: Type): Type {
		if (t.kind === 'optional') return t.of;
		return isDyn(t) || isError(t) ? t : this.#fault(expr.pos, `expected type 'optional_type(${typeText(t)})' but found '${typeText(t)}'`);
	}

	/** The type of a literal's items: all alike, or dyn among them. */
	#join(pos: number, so: Type | undefined, next: Type): Type {
		if (so === undefined) return next;
		if (isDyn(next) || isError(next)) return isError(so) ? so : next;
		if (this.#sub.assignable(so, next)) return this.#sub.apply(so);
		return this.#fault(pos, `expected type '${typeText(this.#sub.apply(so, true))}' but found '${typeText(this.#sub.apply(next, true))}'`);
	}

	#map(expr: Extract<Expr, { kind: 'map' }>, scope: Scope | undefined): Type {
		let key: Type | undefined;
		let of: Type | undefined;
		for (const entry of expr.entries) {
			key = this.#join(entry.key.pos, key, this.#check(entry.key, scope));
			const found = this.#check(entry.value, scope);
			of = this.#join(entry.value.pos, of, entry.optional ? this.#inside(entry.value, found) : found);
		}
		return mapOf(key ?? this.#unknown(), of ?? this.#unknown());
	}

	#struct(expr: StructExpr, scope: Scope | undefined): Type {
		const type = this.#declared.structs?.(expr.name);
		for (const field of expr.fields) {
			const found = this.#check(field.value, scope);
			if (type === undefined) continue;
			const wanted = type.field(field.name);
			const given = field.optional ? this.#inside(field.value, found) : found;
			if (wanted === undefined) this.#fault(field.pos, `undefined field '${field.name}'`);
			else if (!isError(given) && !this.#sub.assignable(wanted, given))
				this.#fault(field.pos, `expected type of field '${field.name}' is '${typeText(wanted)}' but provided type is '${typeText(given)}'`);
		}
		return type ?? this.#fault(expr.pos, `undeclared reference to '${expr.name}' (in container '')`);
	}

	#loop(expr: Comprehension, scope: Scope | undefined): Type {
		const range = this.#sub.apply(this.#check(expr.range, scope));
		const [first, second] = this.#iterated(expr, range);
		const accu = this.#check(expr.init, scope);
		const vars = new Map<string, Type>([[expr.accuVar, accu]]);
		const outer: Scope = { vars, parent: scope };
		const inner: Scope = {
			vars: new Map([[expr.iterVar, first], ...(expr.iterVar2 === undefined ? [] : ([[expr.iterVar2, second]] as const))]),
			parent: outer,
		};
		this.#wants(expr.condition, inner, BOOL);
		this.#wants(expr.step, inner, accu);
		return this.#check(expr.result, { vars: new Map([[expr.accuVar, this.#sub.apply(accu)]]), parent: scope });
	}

	#iterated(expr: Comprehension, range: Type): readonly [Type, Type] {
		const two = expr.iterVar2 !== undefined;
		if (range.kind === 'list') return two ? [INT, range.of] : [range.of, DYN];
		if (range.kind === 'map') return [range.key, range.of];
		if (isDyn(range) || isError(range) || range.kind === 'param') return [isError(range) ? ERROR : DYN, DYN];
		this.#fault(expr.range.pos, `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
		return [ERROR, ERROR];
	}

	#wants(expr: Expr, scope: Scope, wanted: Type): void {
		const found = this.#check(expr, scope);
		if (isError(found) || isError(wanted) || this.#sub.assignable(wanted, found)) return;
		this.#fault(expr.pos, `expected type '${typeText(this.#sub.apply(wanted, true))}' but found '${typeText(this.#sub.apply(found, true))}'`);
	}
}

/** Whether more than one overload may fit because a part's type shows only when it runs. */
function hasUnknown(t: Type): boolean {
	if (isDyn(t)) return true;
	if (t.kind === 'map') return hasUnknown(t.key) || hasUnknown(t.of);
	return (t.kind === 'list' || t.kind === 'optional') && hasUnknown(t.of);
}

function dotted(expr: Expr): string | undefined {
	if (expr.kind === 'ident') return expr.name;
	if (expr.kind !== 'select' || expr.test) return undefined;
	const prefix = dotted(expr.operand);
	return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}

function constantType(v: Value): Type {
	if (typeof v === 'bigint') return INT;
	if (typeof v === 'number') return DOUBLE;
	if (typeof v === 'string') return STRING;
	if (typeof v === 'boolean') return BOOL;
	if (v instanceof Uint) return UINT;
	return v === null ? NULL : isList(v) ? listOf(DYN) : BYTES;
}

export const check = (expr: Expr, declared: Declarations): Checked => new Checker(declared).run(expr);
