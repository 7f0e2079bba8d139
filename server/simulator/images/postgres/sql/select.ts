/** Queries: FROM with joins, WHERE, GROUP BY, HAVING, DISTINCT, ORDER BY, LIMIT, UNION, WITH and subqueries. */
import type { Expr, From, SelectedColumn, SelectFromStatement, SelectStatement } from 'pgsql-ast-parser';
import { treeGet, treeValues } from '../../../kernel/tree.ts';
import type { Row, Table, Value } from './catalog.ts';
import { type Aggregate, accumulate, compile, type Compiled, type Context, type Scope, type ScopeColumn } from './compile.ts';
import { SqlError } from './errors.ts';
import { compare } from './functions.ts';
import type { Session } from './session.ts';
import { systemTable } from './system.ts';

export interface Result {
	readonly fields: readonly { readonly name: string; readonly type: string }[];
	readonly rows: readonly Row[];
}

/** Names that WITH has bound. */
type Bound = { readonly [name: string]: Result };

interface Source {
	readonly columns: readonly ScopeColumn[];
	readonly rows: readonly Row[];
}

const present = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null;

/** A scope over `columns`, with subqueries that see it. */
export function scopeOf(session: Session, columns: readonly ScopeColumn[], outer?: Scope, bound: Bound = {}): Scope {
	return {
		session,
		columns,
		...(outer === undefined ? {} : { outer }),
		subquery: (statement, scope) => {
			// Compiled against no rows once, for its type and its errors; run anew for every outer row.
			const shape = select(session, statement, bound, scope, { row: scope.columns.map(() => null) });
			return {
				type: shape.fields[0]?.type ?? 'text',
				name: shape.fields[0]?.name ?? '?column?',
				rows: (context) => select(session, statement, bound, scope, context).rows,
			};
		},
	};
}

export function select(session: Session, statement: SelectStatement, bound: Bound = {}, outer?: Scope, context?: Context): Result {
	switch (statement.type) {
		case 'select':
			return simple(session, statement, bound, outer, context);
		case 'values': {
			const scope = scopeOf(session, [], outer, bound);
			const rows = statement.values.map((row) => row.map((e) => compile(e, scope)));
			const run: Context = { row: [], ...(context === undefined ? {} : { outer: context }) };
			return { fields: (rows[0] ?? []).map((c, i) => ({ name: `column${i + 1}`, type: c.type })), rows: rows.map((r) => r.map((c) => c.get(run))) };
		}
		case 'union':
		case 'union all': {
			const left = select(session, statement.left, bound, outer, context);
			const right = select(session, statement.right, bound, outer, context);
			if (left.fields.length !== right.fields.length) throw new SqlError('42601', 'each UNION query must have the same number of columns');
			const rows = [...left.rows, ...right.rows];
			return { fields: left.fields, rows: statement.type === 'union' ? distinct(rows) : rows };
		}
		case 'with': {
			let names = bound;
			for (const b of statement.bind) names = { ...names, [b.alias.name]: select(session, asQuery(b.statement), names, outer, context) };
			return select(session, asQuery(statement.in), names, outer, context);
		}
		default:
			throw new SqlError('0A000', `${statement.type} is not supported by this simulated server`);
	}
}

function asQuery(statement: { readonly type: string }): SelectStatement {
	if (statement.type === 'insert' || statement.type === 'update' || statement.type === 'delete') {
		throw new SqlError('0A000', 'data-modifying WITH is not supported by this simulated server');
	}
	return statement as SelectStatement;
}

export function distinct(rows: readonly Row[]): readonly Row[] {
	const seen = new Set<string>();
	return rows.filter((r) => {
		const key = JSON.stringify(r);
		return seen.has(key) ? false : seen.add(key) !== undefined;
	});
}

export function tableColumns(table: Table, alias: string): readonly ScopeColumn[] {
	return table.schema.columns.map((c) => ({ table: alias, name: c.name, type: c.type }));
}

/** Rows that can match: by a unique key where WHERE names one, else all. */
export function candidates(session: Session, table: Table, where: Expr | null | undefined): readonly (readonly [number, Row])[] {
	const key = present(where) ? uniqueKey(session, table, where) : undefined;
	if (key !== undefined) {
		const id = treeGet(table.keys[key.index] ?? null, key.text);
		const row = id === undefined ? undefined : treeGet(table.rows, id);
		return id === undefined || row === undefined ? [] : [[id, row]];
	}
	const out: (readonly [number, Row])[] = [];
	const walk = (t: Table['rows']): void => {
		if (t === null) return;
		walk(t.l);
		out.push([t.k, t.v]);
		walk(t.r);
	};
	walk(table.rows);
	return out;
}

/** `id = 5` (alone or in a conjunction) over a one-column unique key. */
function uniqueKey(session: Session, table: Table, where: Expr): { readonly index: number; readonly text: string } | undefined {
	if (where.type !== 'binary') return undefined;
	if (where.op === 'AND') return uniqueKey(session, table, where.left) ?? uniqueKey(session, table, where.right);
	if (where.op !== '=' || where.left.type !== 'ref') return undefined;
	const name = where.left.name;
	const value =
		where.right.type === 'integer'
			? where.right.value
			: where.right.type === 'parameter'
				? session.env.parameters[Number(where.right.name.slice(1)) - 1]
				: undefined;
	if (typeof value !== 'number') return undefined;
	const index = table.schema.uniques.findIndex((u) => u.columns.length === 1 && table.schema.columns[u.columns[0] ?? -1]?.name === name);
	return index === -1 ? undefined : { index, text: JSON.stringify([value]) };
}

function source(session: Session, from: From, bound: Bound, where: Expr | null | undefined, outer?: Scope, context?: Context): Source {
	if (from.type === 'statement') {
		const result = select(session, from.statement, bound, outer, context);
		return { columns: result.fields.map((f, i) => ({ table: from.alias, name: from.columnNames?.[i]?.name ?? f.name, type: f.type })), rows: result.rows };
	}
	if (from.type === 'call') return series(session, from, bound, outer, context);
	const name = from.name.name;
	const alias = from.name.alias ?? name;
	const result = bound[name] ?? systemTable(session, name, from.name.schema);
	if (result !== undefined) return { columns: result.fields.map((f) => ({ table: alias, ...f })), rows: result.rows };
	const table = session.table(name);
	return { columns: tableColumns(table, alias), rows: where === undefined ? treeValues(table.rows) : candidates(session, table, where).map(([, r]) => r) };
}

const MAX_SERIES = 100_000;

function series(session: Session, from: From & { readonly type: 'call' }, bound: Bound, outer?: Scope, context?: Context): Source {
	const name = from.function.name;
	const scope = scopeOf(session, [], outer, bound);
	const run: Context = { row: [], ...(context === undefined ? {} : { outer: context }) };
	const compiled = name === 'generate_series' ? undefined : compile(from, scope);
	const column = { table: from.alias?.name ?? name, name: from.alias?.columns?.[0]?.name ?? from.alias?.name ?? name };
	if (compiled !== undefined) return { columns: [{ ...column, type: compiled.type }], rows: [[compiled.get(run)]] };
	const [start = 0, stop = 0, step = 1] = from.args.map((a) => Number(compile(a, scope).get(run)));
	if (step === 0) throw new SqlError('22023', 'step size cannot equal zero');
	const rows: Row[] = [];
	for (let v = start; step > 0 ? v <= stop : v >= stop; v += step) {
		if (rows.push([v]) > MAX_SERIES) throw new SqlError('53200', 'out of memory', `This simulated server makes at most ${MAX_SERIES} rows of a series.`);
	}
	return { columns: [{ ...column, type: 'integer' }], rows };
}

function join(session: Session, left: Source, right: Source, from: From, bound: Bound, outer?: Scope, context?: Context): Source {
	const clause = from.join;
	const columns = [...left.columns, ...right.columns];
	const scope = scopeOf(session, columns, outer, bound);
	const on = present(clause?.on) ? compile(clause.on, scope) : undefined;
	const using = (clause?.using ?? []).map(
		(n) => [left.columns.findIndex((c) => c.name === n.name), right.columns.findIndex((c) => c.name === n.name)] as const,
	);
	const up = context === undefined ? {} : { outer: context };
	const rows: Row[] = [];
	const matchedRight = new Set<number>();
	const type = clause?.type ?? 'CROSS JOIN';
	for (const l of left.rows) {
		let matched = false;
		right.rows.forEach((r, i) => {
			const row = [...l, ...r];
			if (!using.every(([a, b]) => l[a] === r[b]) || (on !== undefined && on.get({ row, ...up }) !== true)) return;
			matched = true;
			matchedRight.add(i);
			rows.push(row);
		});
		if (!matched && (type === 'LEFT JOIN' || type === 'FULL JOIN')) rows.push([...l, ...right.columns.map(() => null)]);
	}
	if (type === 'RIGHT JOIN' || type === 'FULL JOIN') {
		right.rows.forEach((r, i) => {
			if (!matchedRight.has(i)) rows.push([...left.columns.map(() => null), ...r]);
		});
	}
	return { columns, rows };
}

function simple(session: Session, s: SelectFromStatement, bound: Bound, outer?: Scope, context?: Context): Result {
	const froms = s.from ?? [];
	let from: Source = { columns: [], rows: [[]] };
	froms.forEach((f, i) => {
		const next = source(session, f, bound, froms.length === 1 ? (s.where ?? null) : undefined, outer, context);
		from = i === 0 ? next : join(session, from, next, f, bound, outer, context);
	});
	const scope = scopeOf(session, from.columns, outer, bound);
	const up = context === undefined ? {} : { outer: context };
	let contexts: Context[] = from.rows.map((row) => ({ row, ...up }));
	if (present(s.where)) {
		const where = compile(s.where, scope);
		contexts = contexts.filter((c) => where.get(c) === true);
	}
	const aggregates: Aggregate[] = [];
	const grouped: Scope = { ...scope, aggregates };
	const output = outputColumns(s.columns ?? [], grouped);
	const having = present(s.having) ? compile(s.having, grouped) : undefined;
	const order = (s.orderBy ?? []).map((o) => ({
		by: outputOr(o.by, output, grouped),
		descending: o.order === 'DESC',
		nullsFirst: o.nulls === 'FIRST' || (!present(o.nulls) && o.order === 'DESC'),
	}));
	if (present(s.groupBy) || aggregates.length > 0) {
		const keys = (s.groupBy ?? []).map((e) => outputOr(e, output, scope));
		checkGrouping(s, aggregates.length > 0);
		contexts = group(contexts, keys, aggregates, from.columns.length, up);
	}
	if (having !== undefined) contexts = contexts.filter((c) => having.get(c) === true);
	const results = contexts.map((c) => ({ row: output.map((o) => o.get(c)), order: order.map((o) => o.by.get(c)) }));
	if (order.length > 0) results.sort((a, b) => byOrder(a.order, b.order, order));
	let rows: readonly Row[] = results.map((r) => r.row);
	if (s.distinct === 'distinct') rows = distinct(rows);
	const run: Context = { row: [], ...up };
	const offset = present(s.limit?.offset) ? Number(compile(s.limit.offset, scope).get(run)) : 0;
	const limit = present(s.limit?.limit) ? compile(s.limit.limit, scope).get(run) : null;
	if (offset > 0 || limit !== null) rows = rows.slice(offset, limit === null ? undefined : offset + Number(limit));
	return { fields: output.map((o) => ({ name: o.name, type: o.type })), rows };
}

/** A bare column beside an aggregate must be grouped by. */
function checkGrouping(s: SelectFromStatement, aggregated: boolean): void {
	if (!aggregated || (present(s.groupBy) && s.groupBy.length > 0)) return;
	for (const c of s.columns ?? []) {
		if (c.expr.type === 'ref') {
			const table = s.from?.[0]?.type === 'table' ? `${s.from[0].name.alias ?? s.from[0].name.name}.` : '';
			throw new SqlError('42803', `column "${table}${c.expr.name}" must appear in the GROUP BY clause or be used in an aggregate function`);
		}
	}
}

/** `SELECT` lists and `RETURNING`. */
export function outputColumns(columns: readonly SelectedColumn[], scope: Scope): readonly Compiled[] {
	return columns.flatMap((c): readonly Compiled[] => {
		if (c.expr.type === 'ref' && c.expr.name === '*') {
			const table = c.expr.table?.name;
			return scope.columns.flatMap((col, i) =>
				table === undefined || col.table === table ? [{ type: col.type, name: col.name, get: (ctx: Context) => ctx.row[i] ?? null }] : [],
			);
		}
		const compiled = compile(c.expr, scope);
		return [c.alias === undefined ? compiled : { type: compiled.type, name: c.alias.name, get: compiled.get }];
	});
}

/** ORDER BY and GROUP BY take positions and output names too. */
function outputOr(expr: Expr, output: readonly Compiled[], scope: Scope): Compiled {
	if (expr.type === 'integer') {
		const found = output[expr.value - 1];
		if (found === undefined) throw new SqlError('42P10', `ORDER BY position ${expr.value} is not in select list`);
		return found;
	}
	if (expr.type === 'ref' && expr.table === undefined) {
		const found = output.find((o) => o.name === expr.name);
		if (found !== undefined) return found;
	}
	return compile(expr, scope);
}

function group(contexts: readonly Context[], keys: readonly Compiled[], aggregates: readonly Aggregate[], width: number, up: Partial<Context>): Context[] {
	const groups = new Map<string, Context[]>();
	for (const c of contexts) {
		const key = JSON.stringify(keys.map((k) => k.get(c)));
		const members = groups.get(key);
		if (members === undefined) groups.set(key, [c]);
		else members.push(c);
	}
	if (keys.length === 0 && groups.size === 0) groups.set('', []);
	return [...groups.values()].map((members) => ({
		...up,
		row: members[0]?.row ?? Array<Value>(width).fill(null),
		aggregates: aggregates.map((a) => accumulate(a, members)),
	}));
}

function byOrder(a: readonly Value[], b: readonly Value[], order: readonly { readonly descending: boolean; readonly nullsFirst: boolean }[]): number {
	for (let i = 0; i < order.length; i++) {
		const [x, y, o] = [a[i] ?? null, b[i] ?? null, order[i]];
		if (x === null && y === null) continue;
		if (x === null || y === null) return (x === null) === (o?.nullsFirst ?? false) ? -1 : 1;
		const c = compare(x, y);
		if (c !== 0) return o?.descending === true ? -c : c;
	}
	return 0;
}
