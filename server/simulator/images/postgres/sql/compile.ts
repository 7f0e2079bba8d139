/** Expressions compiled to closures: names are resolved once, before any row is read, as PostgreSQL's analysis does. */
import type { Expr, ExprCall, SelectStatement } from 'pgsql-ast-parser';
import type { Row, Value } from './catalog.ts';
import { SqlError } from './errors.ts';
import { compare, FUNCTIONS, operate } from './functions.ts';
import type { Session } from './session.ts';
import { cast, textOf, typeName } from './types.ts';

export interface Context {
	readonly row: Row;
	/** Results of the aggregates of this group. */
	readonly aggregates?: readonly Value[];
	readonly outer?: Context;
}

export interface Compiled {
	readonly type: string;
	/** Column name PostgreSQL gives to it in a result. */
	readonly name: string;
	get(context: Context): Value;
}

export interface ScopeColumn {
	readonly table: string;
	readonly name: string;
	readonly type: string;
}

export interface Aggregate {
	readonly name: string;
	readonly argument?: Compiled;
	readonly separator?: Compiled;
	readonly distinct: boolean;
	readonly filter?: Compiled;
}

/** Where names are looked up. `aggregates` is filled while a grouped query's output is compiled. */
export interface Scope {
	readonly session: Session;
	readonly columns: readonly ScopeColumn[];
	readonly outer?: Scope;
	readonly aggregates?: Aggregate[];
	/** Runs a subquery; given from outside, so that expressions and queries need not import each other. */
	readonly subquery: (select: SelectStatement, scope: Scope) => { readonly type: string; readonly name: string; rows(context: Context): readonly Row[] };
}

export const AGGREGATES = new Set(['count', 'sum', 'avg', 'min', 'max', 'string_agg', 'array_agg', 'bool_and', 'bool_or', 'json_agg']);

const constant = (value: Value, type: string, name = '?column?'): Compiled => ({ type, name, get: () => value });

export function compile(expr: Expr, scope: Scope): Compiled {
	switch (expr.type) {
		case 'integer':
			return constant(expr.value, Math.abs(expr.value) > 2_147_483_647 ? 'bigint' : 'integer');
		case 'numeric':
			return constant(expr.value, 'numeric');
		case 'string':
			return constant(expr.value, 'text');
		case 'boolean':
			return constant(expr.value, 'boolean', 'bool');
		case 'null':
			return constant(null, 'text');
		case 'parameter': {
			const value = scope.session.env.parameters[Number(expr.name.slice(1)) - 1];
			if (value === undefined) throw new SqlError('42P02', `there is no parameter ${expr.name}`);
			return constant(value, typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'numeric') : typeof value === 'boolean' ? 'boolean' : 'text');
		}
		case 'ref':
			return reference(expr.table?.name, expr.name, scope);
		case 'binary':
			return binary(expr, scope);
		case 'unary':
			return unary(expr.op, compile(expr.operand, scope));
		case 'cast': {
			const operand = compile(expr.operand, scope);
			const type = typeName(expr.to);
			return { type, name: operand.name === '?column?' ? shortType(type) : operand.name, get: (c) => cast(operand.get(c), type) };
		}
		case 'constant': {
			const type = typeName(expr.dataType);
			return constant(cast(textOf(expr.value as Value), type), type);
		}
		case 'keyword':
			return call({ type: 'call', function: { name: expr.keyword }, args: [] }, scope);
		case 'call':
			return AGGREGATES.has(expr.function.name) ? aggregate(expr, scope) : call(expr, scope);
		case 'ternary': {
			const [value, low, high] = [compile(expr.value, scope), compile(expr.lo, scope), compile(expr.hi, scope)];
			const wanted = expr.op === 'BETWEEN';
			return {
				type: 'boolean',
				name: '?column?',
				get: (c) => {
					const [v, l, h] = [value.get(c), low.get(c), high.get(c)];
					return v === null || l === null || h === null ? null : (compare(v, l) >= 0 && compare(v, h) <= 0) === wanted;
				},
			};
		}
		case 'case':
			return caseOf(expr, scope);
		case 'extract': {
			const [from, field] = [compile(expr.from, scope), expr.field.name];
			return { type: 'numeric', name: 'extract', get: (c) => extract(field, textOf(from.get(c))) };
		}
		case 'substring': {
			const parts = [expr.value, expr.from, expr.for].filter((p): p is Expr => p !== undefined && p !== null);
			return call({ type: 'call', function: { name: 'substring' }, args: parts }, scope);
		}
		case 'select':
		case 'union':
		case 'union all':
		case 'values':
		case 'with':
		case 'with recursive': {
			const query = scope.subquery(expr as SelectStatement, scope);
			return {
				type: query.type,
				name: query.name,
				get: (c) => {
					const rows = query.rows(c);
					if (rows.length > 1) throw new SqlError('21000', 'more than one row returned by a subquery used as an expression');
					return rows[0]?.[0] ?? null;
				},
			};
		}
		default:
			throw new SqlError('0A000', `${expr.type} expressions are not supported by this simulated server`);
	}
}

const shortType = (type: string): string =>
	({ integer: 'int4', bigint: 'int8', smallint: 'int2', boolean: 'bool', 'timestamp with time zone': 'timestamptz', 'character varying': 'varchar' })[type] ??
	type;

function reference(table: string | undefined, name: string, scope: Scope): Compiled {
	const found = scope.columns.flatMap((c, i) => (c.name === name && (table === undefined || c.table === table) ? [i] : []));
	if (found.length > 1) throw new SqlError('42702', `column reference "${name}" is ambiguous`);
	const at = found[0];
	if (at !== undefined) return { type: scope.columns[at]?.type ?? 'text', name, get: (c) => c.row[at] ?? null };
	if (table !== undefined && !scope.columns.some((c) => c.table === table) && scope.outer === undefined) {
		throw new SqlError('42P01', `missing FROM-clause entry for table "${table}"`);
	}
	if (scope.outer !== undefined) {
		const outer = reference(table, name, scope.outer);
		return { ...outer, get: (c) => (c.outer === undefined ? null : outer.get(c.outer)) };
	}
	throw new SqlError('42703', `column ${table === undefined ? `"${name}"` : `${table}.${name}`} does not exist`);
}

const isInteger = (type: string): boolean => type === 'integer' || type === 'bigint' || type === 'smallint';

function binary(expr: Expr & { readonly type: 'binary' }, scope: Scope): Compiled {
	const left = compile(expr.left, scope);
	const boolean = (get: Compiled['get']): Compiled => ({ type: 'boolean', name: '?column?', get });
	if (expr.op === 'IN' || expr.op === 'NOT IN') return boolean(membership(expr, left, scope));
	const right = compile(expr.right, scope);
	if (expr.op === 'AND' || expr.op === 'OR') {
		// Three-valued logic: the deciding value wins over NULL.
		const decides = expr.op === 'OR';
		return boolean((c) => {
			const l = left.get(c);
			if (l === decides) return decides;
			const r = right.get(c);
			return r === decides ? decides : l === null || r === null ? null : !decides;
		});
	}
	const integers = isInteger(left.type) && isInteger(right.type);
	const comparing = /^(=|!=|<=?|>=?|(NOT )?I?LIKE|!?~\*?)$/.test(expr.op);
	const timed = left.type.startsWith('timestamp') || right.type.startsWith('timestamp');
	// A literal beside a timestamp is read as one: '2026-01-01' < created_at.
	const align = (v: Value): Value => (timed && comparing && typeof v === 'string' ? cast(v, 'timestamp with time zone') : v);
	const type = comparing
		? 'boolean'
		: expr.op === '||'
			? 'text'
			: integers
				? left.type === 'bigint'
					? 'bigint'
					: right.type
				: timed
					? 'timestamp with time zone'
					: 'numeric';
	return { type, name: '?column?', get: (c) => operate(expr.op, align(left.get(c)), align(right.get(c)), integers) };
}

function membership(expr: Expr & { readonly type: 'binary' }, left: Compiled, scope: Scope): Compiled['get'] {
	const negated = expr.op === 'NOT IN';
	let list: (c: Context) => readonly Value[];
	if (expr.right.type === 'list') {
		const items = expr.right.expressions.map((e) => compile(e, scope));
		list = (c) => items.map((i) => i.get(c));
	} else {
		const query = scope.subquery(expr.right as SelectStatement, scope);
		list = (c) => query.rows(c).map((r) => r[0] ?? null);
	}
	return (c) => {
		const value = left.get(c);
		if (value === null) return null;
		const values = list(c);
		if (values.some((v) => v !== null && compare(value, v) === 0)) return !negated;
		return values.includes(null) ? null : negated;
	};
}

const UNARY: { readonly [op: string]: (v: Value) => Value } = {
	NOT: (v) => (v === null ? null : v !== true),
	'IS NULL': (v) => v === null,
	'IS NOT NULL': (v) => v !== null,
	'IS TRUE': (v) => v === true,
	'IS NOT TRUE': (v) => v !== true,
	'IS FALSE': (v) => v === false,
	'IS NOT FALSE': (v) => v !== false,
	'-': (v) => (v === null ? null : -Number(v)),
	'+': (v) => v,
};

function unary(op: string, operand: Compiled): Compiled {
	const apply = UNARY[op];
	if (apply === undefined) throw new SqlError('0A000', `operator ${op} is not supported by this simulated server`);
	return { type: op === '-' || op === '+' ? operand.type : 'boolean', name: '?column?', get: (c) => apply(operand.get(c)) };
}

function caseOf(expr: Expr & { readonly type: 'case' }, scope: Scope): Compiled {
	const value = expr.value === undefined || expr.value === null ? undefined : compile(expr.value, scope);
	const whens = expr.whens.map((w) => ({ when: compile(w.when, scope), value: compile(w.value, scope) }));
	const otherwise = expr.else === undefined || expr.else === null ? undefined : compile(expr.else, scope);
	return {
		type: whens[0]?.value.type ?? 'text',
		name: 'case',
		get: (c) => {
			const hit = whens.find((w) => (value === undefined ? w.when.get(c) === true : operate('=', value.get(c), w.when.get(c), false) === true));
			return hit === undefined ? (otherwise?.get(c) ?? null) : hit.value.get(c);
		},
	};
}

function extract(field: string, at: string): Value {
	const parts: { readonly [field: string]: readonly [number, number] } = {
		year: [0, 4],
		month: [5, 7],
		day: [8, 10],
		hour: [11, 13],
		minute: [14, 16],
		second: [17, 19],
	};
	const span = parts[field];
	if (span === undefined) throw new SqlError('22023', `unit "${field}" not recognized for type timestamp with time zone`);
	return Number(at.slice(span[0], span[1]));
}

function call(expr: ExprCall, scope: Scope): Compiled {
	const name = expr.function.name;
	if (name === 'exists') {
		const query = scope.subquery(expr.args[0] as SelectStatement, scope);
		return { type: 'boolean', name, get: (c) => query.rows(c).length > 0 };
	}
	const args = expr.args.map((a) => compile(a, scope));
	const fn = FUNCTIONS[name];
	if (fn === undefined) {
		throw new SqlError(
			'42883',
			`function ${name}(${args.map((a) => a.type).join(', ')}) does not exist`,
			undefined,
			'No function matches the given name and argument types. You might need to add explicit type casts.',
		);
	}
	const sameAsArgument = name === 'coalesce' || name === 'nullif' || name === 'greatest' || name === 'least' || name === 'abs';
	return {
		type: sameAsArgument ? (args[0]?.type ?? fn.type) : fn.type,
		name,
		get: (c) => {
			const values = args.map((a) => a.get(c));
			return fn.nulls !== true && values.includes(null) ? null : fn.call(values, scope.session);
		},
	};
}

function aggregate(expr: ExprCall, scope: Scope): Compiled {
	const name = expr.function.name;
	const list = scope.aggregates;
	if (list === undefined) throw new SqlError('42803', 'aggregate functions are not allowed in WHERE');
	const first = expr.args[0];
	const inner: Scope = {
		session: scope.session,
		columns: scope.columns,
		subquery: scope.subquery,
		...(scope.outer === undefined ? {} : { outer: scope.outer }),
	};
	const argument = first === undefined || (first.type === 'ref' && first.name === '*') ? undefined : compile(first, inner);
	const second = expr.args[1];
	const at = list.length;
	list.push({
		name,
		distinct: expr.distinct === 'distinct',
		...(argument === undefined ? {} : { argument }),
		...(second === undefined ? {} : { separator: compile(second, inner) }),
		...(expr.filter === undefined || expr.filter === null ? {} : { filter: compile(expr.filter, inner) }),
	});
	const types: { readonly [name: string]: string } = {
		count: 'bigint',
		sum: argument?.type === 'integer' ? 'bigint' : 'numeric',
		avg: 'numeric',
		string_agg: 'text',
		json_agg: 'json',
		bool_and: 'boolean',
		bool_or: 'boolean',
	};
	return { type: types[name] ?? argument?.type ?? 'text', name, get: (c) => c.aggregates?.[at] ?? null };
}

/** The value of an aggregate over the rows of one group. */
export function accumulate(a: Aggregate, contexts: readonly Context[]): Value {
	const kept = a.filter === undefined ? contexts : contexts.filter((c) => a.filter?.get(c) === true);
	if (a.argument === undefined) return kept.length;
	const argument = a.argument;
	let values = kept.map((c) => argument.get(c)).filter((v) => v !== null);
	if (a.distinct) values = [...new Set(values)];
	if (a.name === 'count') return values.length;
	if (values.length === 0) return null;
	const numbers = (): number => values.reduce<number>((sum, v) => sum + Number(v), 0);
	switch (a.name) {
		case 'sum':
			return numbers();
		case 'avg':
			return (numbers() / values.length).toFixed(16).replace(/(\.\d{16}).*/, '$1');
		case 'min':
			return values.reduce((x, y) => (compare(y, x) < 0 ? y : x));
		case 'max':
			return values.reduce((x, y) => (compare(y, x) > 0 ? y : x));
		case 'string_agg': {
			const context = kept[0];
			return values.map(textOf).join(context === undefined ? '' : textOf(a.separator?.get(context) ?? ''));
		}
		case 'bool_and':
			return values.every((v) => v === true);
		case 'bool_or':
			return values.some((v) => v === true);
		case 'json_agg':
			return JSON.stringify(values);
		default:
			return `{${values.map(textOf).join(',')}}`;
	}
}
