/** Scalar functions and operators on values. */
import type { Value } from './catalog.ts';
import { SqlError } from './errors.ts';
import type { Session } from './session.ts';
import { cast, textOf, timestampMs, timestampText } from './types.ts';

interface ScalarFunction {
	readonly type: string;
	/** Called with NULL arguments too where set; others answer NULL to any NULL. */
	readonly nulls?: true;
	call(args: readonly Value[], session: Session): Value;
}

const text = (call: (s: string, ...rest: readonly Value[]) => Value, type = 'text'): ScalarFunction => ({
	type,
	call: (args) => call(textOf(args[0] ?? null), ...args.slice(1)),
});
const math = (call: (n: number, other: number) => number, type = 'numeric'): ScalarFunction => ({ type, call: ([a, b]) => call(Number(a), Number(b ?? 0)) });
const now: ScalarFunction = { type: 'timestamp with time zone', call: (_a, s) => timestampText(s.env.now) };
const user: ScalarFunction = { type: 'name', call: (_a, s) => s.env.user };

export const FUNCTIONS: { readonly [name: string]: ScalarFunction } = {
	now,
	current_timestamp: now,
	clock_timestamp: now,
	statement_timestamp: now,
	current_date: { type: 'date', call: (_a, s) => timestampText(s.env.now).slice(0, 10) },
	current_user: user,
	session_user: user,
	user,
	current_database: { type: 'name', call: (_a, s) => s.env.database },
	current_catalog: { type: 'name', call: (_a, s) => s.env.database },
	current_schema: { type: 'name', call: () => 'public' },
	version: { type: 'text', call: (_a, s) => s.env.version },
	pg_is_in_recovery: { type: 'boolean', call: () => false },
	pg_backend_pid: { type: 'integer', call: () => 62 },
	inet_server_port: { type: 'integer', call: () => 5432 },
	pg_sleep: { type: 'void', call: () => '' },
	random: { type: 'double precision', call: (_a, s) => s.env.random() },
	gen_random_uuid: { type: 'uuid', call: (_a, s) => uuid(() => s.env.random()) },
	nextval: { type: 'bigint', call: ([name], s) => s.nextValue(textOf(name ?? null).replace(/^public\./, '')) },
	coalesce: { type: 'text', nulls: true, call: (args) => args.find((a) => a !== null) ?? null },
	nullif: { type: 'text', nulls: true, call: ([a, b]) => (a === b ? null : (a ?? null)) },
	greatest: { type: 'numeric', nulls: true, call: (args) => extreme(args, 1) },
	least: { type: 'numeric', nulls: true, call: (args) => extreme(args, -1) },
	concat: { type: 'text', nulls: true, call: (args) => args.map(textOf).join('') },
	lower: text((s) => s.toLowerCase()),
	upper: text((s) => s.toUpperCase()),
	initcap: text((s) => s.toLowerCase().replace(/\b[a-z]/g, (c) => c.toUpperCase())),
	length: text((s) => [...s].length, 'integer'),
	char_length: text((s) => [...s].length, 'integer'),
	trim: text((s) => s.replace(/^ +| +$/g, '')),
	btrim: text((s) => s.replace(/^ +| +$/g, '')),
	ltrim: text((s) => s.replace(/^ +/, '')),
	rtrim: text((s) => s.replace(/ +$/, '')),
	left: text((s, n) => s.slice(0, Number(n))),
	right: text((s, n) => s.slice(-Number(n))),
	substr: text((s, from, n) => s.slice(Number(from) - 1, n === undefined ? undefined : Number(from) - 1 + Number(n))),
	substring: text((s, from, n) => s.slice(Number(from) - 1, n === undefined ? undefined : Number(from) - 1 + Number(n))),
	replace: text((s, from, to) => s.split(textOf(from ?? null)).join(textOf(to ?? null))),
	repeat: text((s, n) => s.repeat(Math.min(Math.max(0, Number(n)), 100_000))),
	reverse: text((s) => [...s].reverse().join('')),
	position: text((s, inside) => textOf(inside ?? null).indexOf(s) + 1, 'integer'),
	strpos: text((s, part) => s.indexOf(textOf(part ?? null)) + 1, 'integer'),
	split_part: text((s, by, n) => s.split(textOf(by ?? null))[Number(n) - 1] ?? ''),
	abs: math(Math.abs),
	ceil: math(Math.ceil),
	floor: math(Math.floor),
	round: math((n, digits) => Number(n.toFixed(digits))),
	sqrt: math(Math.sqrt, 'double precision'),
	power: math((a, b) => a ** b, 'double precision'),
	mod: math((a, b) => a % b, 'integer'),
	pg_database_size: { type: 'bigint', call: () => 7_684_115 },
	pg_size_pretty: text((n) => `${Math.round(Number(n) / 1024)} kB`),
	date_trunc: { type: 'timestamp with time zone', call: ([unit, at]) => truncate(textOf(unit ?? null), textOf(at ?? null)) },
};

function extreme(args: readonly Value[], sign: number): Value {
	let best: Value = null;
	for (const a of args) if (a !== null && (best === null || compare(a, best) * sign > 0)) best = a;
	return best;
}

function uuid(random: () => number): string {
	const hex = Array.from({ length: 32 }, (_u, i) => (i === 12 ? '4' : Math.floor(random() * (i === 16 ? 4 : 16) + (i === 16 ? 8 : 0)).toString(16))).join('');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function truncate(unit: string, at: string): string {
	const keep: { readonly [unit: string]: number } = { year: 4, month: 7, day: 10, hour: 13, minute: 16, second: 19 };
	const length = keep[unit];
	if (length === undefined) throw new SqlError('22023', `unit "${unit}" not recognized for type timestamp with time zone`);
	return `${at.slice(0, length)}${'0000-01-01 00:00:00'.slice(length)}+00`;
}

/** Order of two values that are not NULL. */
export function compare(a: Value, b: Value): number {
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	if (typeof a === 'boolean' || typeof b === 'boolean') return Number(cast(a, 'boolean')) - Number(cast(b, 'boolean'));
	if (typeof a === 'number' || typeof b === 'number') return Number(cast(a, 'numeric')) - Number(cast(b, 'numeric'));
	const x = String(a);
	const y = String(b);
	return x < y ? -1 : x > y ? 1 : 0;
}

function likePattern(pattern: string, flags: string): RegExp {
	let source = '';
	for (let i = 0; i < pattern.length; i++) {
		const c = pattern[i] ?? '';
		if (c === '\\') source += (pattern[++i] ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
		else source += c === '%' ? '[sS]*' : c === '_' ? '[sS]' : c.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	}
	return new RegExp(`^${source}$`, flags);
}

function interval(text: string): number | undefined {
	const units: { readonly [unit: string]: number } = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
	const m = /^(-?\d+(?:\.\d+)?)\s*([a-z]+?)s?$/i.exec(text.trim());
	const unit = units[m?.[2]?.toLowerCase() ?? ''];
	return m === null || unit === undefined ? undefined : Number(m[1]) * unit;
}

function arithmetic(op: string, a: Value, b: Value, integers: boolean): Value {
	const at = typeof a === 'string' ? timestampMs(a) : undefined;
	const span = typeof b === 'string' ? interval(b) : undefined;
	if (at !== undefined && span !== undefined) return timestampText(op === '-' ? at - span : at + span);
	const x = Number(cast(a, 'numeric'));
	const y = Number(cast(b, 'numeric'));
	if ((op === '/' || op === '%') && y === 0) throw new SqlError('22012', 'division by zero');
	switch (op) {
		case '+':
			return x + y;
		case '-':
			return x - y;
		case '*':
			return x * y;
		case '/':
			return integers ? Math.trunc(x / y) : x / y;
		case '%':
			return x % y;
		default:
			return x ** y;
	}
}

/** A binary operator but AND and OR, which look at NULLs themselves. `integers`: both sides are of integer type. */
export function operate(op: string, a: Value, b: Value, integers: boolean): Value {
	if (a === null || b === null) return null;
	switch (op) {
		case '=':
			return compare(a, b) === 0;
		case '!=':
			return compare(a, b) !== 0;
		case '<':
			return compare(a, b) < 0;
		case '<=':
			return compare(a, b) <= 0;
		case '>':
			return compare(a, b) > 0;
		case '>=':
			return compare(a, b) >= 0;
		case '||':
			return `${textOf(a)}${textOf(b)}`;
		case 'LIKE':
			return likePattern(textOf(b), '').test(textOf(a));
		case 'NOT LIKE':
			return !likePattern(textOf(b), '').test(textOf(a));
		case 'ILIKE':
			return likePattern(textOf(b), 'i').test(textOf(a));
		case 'NOT ILIKE':
			return !likePattern(textOf(b), 'i').test(textOf(a));
		case '~':
		case '~*':
		case '!~':
		case '!~*':
			return matches(textOf(a), textOf(b), op);
		case '+':
		case '-':
		case '*':
		case '/':
		case '%':
		case '^':
			return arithmetic(op, a, b, integers);
		default:
			throw new SqlError('0A000', `operator ${op} is not supported by this simulated server`);
	}
}

function matches(subject: string, pattern: string, op: string): boolean {
	let regex: RegExp;
	try {
		regex = new RegExp(pattern, op.endsWith('*') ? 'i' : '');
	} catch {
		throw new SqlError('2201B', 'invalid regular expression: quantifier operand invalid');
	}
	return regex.test(subject) !== op.startsWith('!');
}
