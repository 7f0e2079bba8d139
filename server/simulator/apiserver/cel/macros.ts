/** Macros: `has`, the comprehensions over one and two variables, `cel.bind`, optionals' `optMap` (`cel-go/parser/macro.go`, `ext`). */
import type { Parser } from './parser.ts';
import { type Expr, SyntaxFault } from './syntax.ts';
import type { Value } from './values.ts';

const ACCU = '@result';

interface Parts {
	readonly init: Expr;
	readonly condition?: Expr;
	readonly step: Expr;
	readonly result?: Expr;
}

type Make = Pick<Parser, 'node' | 'call'>;

const constant = (make: Make, pos: number, value: Value): Expr => make.node(pos, { kind: 'const' as const, value });
const ident = (make: Make, pos: number, name: string): Expr => make.node(pos, { kind: 'ident' as const, name });
const emptyList = (make: Make, pos: number): Expr => make.node(pos, { kind: 'list' as const, items: [], optional: new Set<number>() });
const emptyMap = (make: Make, pos: number): Expr => make.node(pos, { kind: 'map' as const, entries: [] });

function variable(expr: Expr | undefined, what = 'argument must be a simple name'): string {
	if (expr?.kind === 'ident' && !expr.name.startsWith('@')) {
		if (expr.name === '__result__') throw new SyntaxFault(expr.pos, 'iteration variable overwrites accumulator variable');
		return expr.name;
	}
	throw new SyntaxFault(expr?.pos ?? 0, what);
}

interface Loop {
	readonly make: Make;
	readonly pos: number;
	readonly accu: Expr;
	readonly vars: readonly [string] | readonly [string, string];
	/** What stands after the variables. */
	readonly rest: readonly Expr[];
}

/** What each macro does in the loop; `rest` holds its arguments after the variables. */
const LOOPS: { readonly [name: string]: (l: Loop) => Parts } = {
	all: ({ make, pos, accu, rest: [p = accu] }) => ({
		init: constant(make, pos, true),
		condition: make.call(pos, '@not_strictly_false', [accu]),
		step: make.call(pos, '_&&_', [accu, p]),
	}),
	exists: ({ make, pos, accu, rest: [p = accu] }) => ({
		init: constant(make, pos, false),
		condition: make.call(pos, '@not_strictly_false', [make.call(pos, '!_', [accu])]),
		step: make.call(pos, '_||_', [accu, p]),
	}),
	exists_one: ({ make, pos, accu, rest: [p = accu] }) => ({
		init: constant(make, pos, 0n),
		step: make.call(pos, '_?_:_', [p, make.call(pos, '_+_', [accu, constant(make, pos, 1n)]), accu]),
		result: make.call(pos, '_==_', [accu, constant(make, pos, 1n)]),
	}),
	map: ({ make, pos, accu, rest }) => {
		const [first = accu, second] = rest;
		const add = append(make, pos, accu, second ?? first);
		return { init: emptyList(make, pos), step: second === undefined ? add : make.call(pos, '_?_:_', [first, add, accu]) };
	},
	filter: ({ make, pos, accu, vars, rest: [p = accu] }) => ({
		init: emptyList(make, pos),
		step: make.call(pos, '_?_:_', [p, append(make, pos, accu, ident(make, pos, vars[0])), accu]),
	}),
	transformMap: ({ make, pos, accu, vars, rest }) => {
		const [first = accu, second] = rest;
		const add = make.call(pos, 'cel.@mapInsert', [accu, ident(make, pos, vars[0]), second ?? first]);
		return { init: emptyMap(make, pos), step: second === undefined ? add : make.call(pos, '_?_:_', [first, add, accu]) };
	},
	transformMapEntry: ({ make, pos, accu, rest }) => {
		const [first = accu, second] = rest;
		const add = make.call(pos, 'cel.@mapInsert', [accu, second ?? first]);
		return { init: emptyMap(make, pos), step: second === undefined ? add : make.call(pos, '_?_:_', [first, add, accu]) };
	},
};

const append = (make: Make, pos: number, accu: Expr, item: Expr): Expr =>
	make.call(pos, '_+_', [accu, make.node(pos, { kind: 'list' as const, items: [item], optional: new Set<number>() })]);

/** A macro's name → its loop, and how many arguments follow each count of variables. */
const FORMS: { readonly [name: string]: readonly { readonly loop: string; readonly vars: 1 | 2; readonly count: number }[] } = {
	all: [one('all', 2), two('all', 3)],
	exists: [one('exists', 2), two('exists', 3)],
	exists_one: [one('exists_one', 2), two('exists_one', 3)],
	existsOne: [one('exists_one', 2), two('exists_one', 3)],
	map: [one('map', 2), one('map', 3)],
	filter: [one('filter', 2)],
	transformList: [two('map', 3), two('map', 4)],
	transformMap: [two('transformMap', 3), two('transformMap', 4)],
	transformMapEntry: [two('transformMapEntry', 3), two('transformMapEntry', 4)],
};

function one(loop: string, count: number): { loop: string; vars: 1; count: number } {
	return { loop, vars: 1, count };
}
function two(loop: string, count: number): { loop: string; vars: 2; count: number } {
	return { loop, vars: 2, count };
}

/** What the macro stands for; undefined where the name with so many arguments is none. */
export function expandMacro(make: Make, name: string, pos: number, args: readonly Expr[], target?: Expr): Expr | undefined {
	if (target === undefined) return name === 'has' && args.length === 1 ? hasField(make, pos, args[0]) : undefined;
	if (target.kind === 'ident' && target.name === 'cel' && name === 'bind' && args.length === 3) {
		const [v, init, result] = args;
		return init === undefined || result === undefined ? undefined : bind(make, pos, variable(v), init, result);
	}
	if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) return optional(make, name, pos, target, args);
	if (name === 'sortBy' && args.length === 2) return sortBy(make, pos, target, args);
	const form = Object.hasOwn(FORMS, name) ? FORMS[name]?.find((f) => f.count === args.length) : undefined;
	if (form === undefined) return undefined;
	const vars = form.vars === 1 ? ([variable(args[0])] as const) : ([variable(args[0]), variable(args[1])] as const);
	if (vars[1] === vars[0]) throw new SyntaxFault(args[1]?.pos ?? pos, `duplicate variable name: ${vars[0]}`);
	const accu = ident(make, pos, ACCU);
	const parts = LOOPS[form.loop]?.({ make, pos, accu, vars, rest: args.slice(form.vars) });
	return parts === undefined ? undefined : loop(make, pos, target, vars, parts);
}

function loop(make: Make, pos: number, range: Expr, vars: readonly [string] | readonly [string, string], parts: Parts): Expr {
	return make.node(pos, {
		kind: 'comprehension' as const,
		range,
		iterVar: vars[0],
		...(vars[1] === undefined ? {} : { iterVar2: vars[1] }),
		accuVar: ACCU,
		init: parts.init,
		condition: parts.condition ?? constant(make, pos, true),
		step: parts.step,
		result: parts.result ?? ident(make, pos, ACCU),
	});
}

function hasField(make: Make, pos: number, arg: Expr | undefined): Expr {
	if (arg?.kind === 'select') return make.node(pos, { kind: 'select' as const, operand: arg.operand, field: arg.field, test: true });
	throw new SyntaxFault(arg?.pos ?? pos, 'invalid argument to has() macro');
}

/** A loop over nothing whose accumulator is the variable. */
function bind(make: Make, pos: number, name: string, init: Expr, result: Expr): Expr {
	return make.node(pos, {
		kind: 'comprehension' as const,
		range: emptyList(make, pos),
		iterVar: '#unused',
		accuVar: name,
		init,
		condition: constant(make, pos, false),
		step: ident(make, pos, name),
		result,
	});
}

function optional(make: Make, name: string, pos: number, target: Expr, args: readonly Expr[]): Expr | undefined {
	const [v, body] = args;
	if (body === undefined) return undefined;
	const bound = bind(make, pos, variable(v, `${name}() variable name must be a simple identifier`), make.call(pos, 'value', [], target), body);
	const some = name === 'optMap' ? make.call(pos, 'optional.of', [bound]) : bound;
	return make.call(pos, '_?_:_', [make.call(pos, 'hasValue', [], target), some, make.call(pos, 'optional.none', [])]);
}

function sortBy(make: Make, pos: number, target: Expr, args: readonly Expr[]): Expr | undefined {
	const [v, key] = args;
	if (key === undefined) return undefined;
	const parts = LOOPS['map']?.({ make, pos, accu: ident(make, pos, ACCU), vars: [variable(v)], rest: [key] });
	return parts === undefined ? undefined : make.call(pos, '@sortByAssociatedKeys', [loop(make, pos, target, [variable(v)], parts)], target);
}
