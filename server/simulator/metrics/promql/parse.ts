/** Reads PromQL. A recursive descent over tokens; precedence as in Prometheus' grammar. */
import { sampleValue, unescaped } from '../series.ts';
import { type Expr, type Matcher, type Matching, type MatchOp, PromqlError } from './syntax.ts';

export const AGGREGATIONS: ReadonlySet<string> = new Set(['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'topk', 'bottomk', 'quantile']);
const WITH_PARAMETER: ReadonlySet<string> = new Set(['topk', 'bottomk', 'quantile']);
/** Looser first. */
const LEVELS: readonly (readonly string[])[] = [['or'], ['and', 'unless'], ['==', '!=', '<=', '>=', '<', '>'], ['+', '-'], ['*', '/', '%', 'atan2'], ['^']];
/** The longest expression that is read, characters. */
export const EXPRESSION_LENGTH = 10_000;
/** Parentheses, calls and signs within one another. */
export const EXPRESSION_DEPTH = 100;

const TOKEN =
	/\s*(?:#[^\n]*)?\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*)|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([a-zA-Z_:][a-zA-Z0-9_:]*)|(=~|!~|!=|==|<=|>=|[-+*/%^(){}[\],=<>@]))/y;

interface Token {
	readonly kind: 'string' | 'duration' | 'number' | 'name' | 'sign';
	readonly text: string;
	readonly at: number;
}
const KINDS: readonly Token['kind'][] = ['string', 'duration', 'number', 'name', 'sign'];

function tokens(text: string): readonly Token[] {
	const out: Token[] = [];
	TOKEN.lastIndex = 0;
	while (TOKEN.lastIndex < text.length) {
		const at = TOKEN.lastIndex;
		if (text.slice(at).trim() === '') break;
		const m = TOKEN.exec(text);
		if (m === null) throw new PromqlError(`${at + 1}: parse error: unexpected character: ${JSON.stringify(text.slice(at).trim().charAt(0))}`);
		const i = m.slice(1).findIndex((g) => g !== undefined);
		out.push({ kind: KINDS[i] ?? 'sign', text: m[i + 1] ?? '', at });
	}
	return out;
}

const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 };

/** `1h30m` in ms; undefined where it is no duration. */
export function durationMs(text: string): number | undefined {
	if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return undefined;
	let sum = 0;
	for (const [, n, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) sum += Number(n) * (UNITS[unit ?? ''] ?? 0);
	return sum;
}

class Parser {
	readonly #tokens: readonly Token[];
	#next = 0;
	#depth = 0;

	constructor(text: string) {
		this.#tokens = tokens(text);
	}

	#peek(offset = 0): Token | undefined {
		return this.#tokens[this.#next + offset];
	}

	#is(text: string): boolean {
		const t = this.#peek();
		return t !== undefined && t.kind !== 'string' && t.text === text;
	}

	#take(text: string): boolean {
		if (!this.#is(text)) return false;
		this.#next++;
		return true;
	}

	#fail(where: string): never {
		const t = this.#peek();
		throw new PromqlError(
			t === undefined ? 'parse error: unexpected end of input' : `${t.at + 1}: parse error: unexpected ${JSON.stringify(t.text)} in ${where}`,
		);
	}

	#expect(text: string, where: string): void {
		if (!this.#take(text)) this.#fail(where);
	}

	all(): Expr {
		const expr = this.#level(0);
		if (this.#peek() !== undefined) this.#fail('expression');
		return expr;
	}

	#level(level: number): Expr {
		const ops = LEVELS[level];
		if (ops === undefined) return this.#unary();
		let left = this.#level(level + 1);
		for (;;) {
			const op = ops.find((o) => this.#is(o));
			if (op === undefined) return left;
			this.#next++;
			const bool = this.#take('bool');
			const matching = this.#matching();
			// Powers group to the right, all else to the left.
			const right = op === '^' ? this.#level(level) : this.#level(level + 1);
			left = { kind: 'binary', op, left, right, bool, ...(matching === undefined ? {} : { matching }) };
		}
	}

	#matching(): Matching | undefined {
		const by = this.#take('on') ? 'on' : this.#take('ignoring') ? 'ignoring' : undefined;
		if (by === undefined) return undefined;
		const labels = this.#labels();
		const many = this.#take('group_left') ? 'left' : this.#take('group_right') ? 'right' : undefined;
		const include = many !== undefined && this.#is('(') ? this.#labels() : [];
		return { by, labels, include, ...(many === undefined ? {} : { many }) };
	}

	#labels(): readonly string[] {
		this.#expect('(', 'grouping opts');
		const out: string[] = [];
		while (!this.#take(')')) {
			const t = this.#peek();
			if (t?.kind !== 'name') this.#fail('grouping opts');
			out.push(t.text);
			this.#next++;
			if (!this.#take(',') && !this.#is(')')) this.#fail('grouping opts');
		}
		return out;
	}

	#unary(): Expr {
		if (++this.#depth > EXPRESSION_DEPTH) throw new PromqlError(`parse error: more than ${EXPRESSION_DEPTH} levels within one another`);
		let expr: Expr;
		if (this.#take('-')) expr = { kind: 'negate', expr: this.#level(LEVELS.length - 1) };
		else if (this.#take('+')) expr = this.#level(LEVELS.length - 1);
		else expr = this.#suffixed(this.#atom());
		this.#depth--;
		return expr;
	}

	#suffixed(inner: Expr): Expr {
		let expr = inner;
		for (;;) {
			if (this.#is('[')) {
				if (expr.kind !== 'selector' || expr.rangeMs !== undefined) throw new PromqlError('parse error: ranges only allowed for vector selectors');
				this.#next++;
				const rangeMs = this.#duration();
				this.#expect(']', 'subquery or range');
				expr = { ...expr, rangeMs };
			} else if (this.#take('offset')) {
				const sign = this.#take('-') ? -1 : 1;
				if (expr.kind !== 'selector')
					throw new PromqlError('parse error: offset modifier must be preceded by an instant vector selector or range vector selector');
				expr = { ...expr, offsetMs: sign * this.#duration() };
			} else return expr;
		}
	}

	#duration(): number {
		const t = this.#peek();
		const ms = t === undefined ? undefined : durationMs(t.text);
		if (ms === undefined || ms === 0) this.#fail('duration');
		this.#next++;
		return ms;
	}

	#atom(): Expr {
		const t = this.#peek();
		if (t === undefined) this.#fail('expression');
		if (t.kind === 'number') {
			this.#next++;
			return { kind: 'number', value: Number(t.text) };
		}
		if (t.kind === 'string') {
			this.#next++;
			return { kind: 'string', value: unquoted(t.text) };
		}
		if (this.#take('(')) {
			const expr = this.#level(0);
			this.#expect(')', 'parenthesized expression');
			return expr;
		}
		if (this.#is('{')) return this.#selector(undefined);
		if (t.kind !== 'name') this.#fail('expression');
		const follows = this.#peek(1);
		const opens = follows?.kind === 'sign' && follows.text === '(';
		if (AGGREGATIONS.has(t.text) && (opens || follows?.text === 'by' || follows?.text === 'without')) return this.#aggregate();
		this.#next++;
		if (opens) return { kind: 'call', name: t.text, args: this.#arguments() };
		if (/^(?:inf|nan)$/i.test(t.text)) return { kind: 'number', value: sampleValue(t.text) };
		return this.#selector(t.text);
	}

	#arguments(): readonly Expr[] {
		this.#expect('(', 'call');
		const out: Expr[] = [];
		while (!this.#take(')')) {
			out.push(this.#level(0));
			if (!this.#take(',') && !this.#is(')')) this.#fail('call');
		}
		return out;
	}

	#grouping(): { readonly without: boolean; readonly labels: readonly string[] } | undefined {
		if (this.#take('by')) return { without: false, labels: this.#labels() };
		return this.#take('without') ? { without: true, labels: this.#labels() } : undefined;
	}

	#aggregate(): Expr {
		const op = this.#peek()?.text ?? '';
		this.#next++;
		const before = this.#grouping();
		const args = this.#arguments();
		const grouping = before ?? this.#grouping();
		const wanted = WITH_PARAMETER.has(op) ? 2 : 1;
		const expr = args[wanted - 1];
		if (args.length !== wanted || expr === undefined) {
			throw new PromqlError(`parse error: wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`);
		}
		const [param] = args;
		return {
			kind: 'aggregate',
			op,
			expr,
			...(wanted === 2 && param !== undefined ? { param } : {}),
			...(grouping === undefined ? {} : { grouping }),
		};
	}

	#selector(name: string | undefined): Expr {
		const matchers: Matcher[] = name === undefined ? [] : [{ label: '__name__', op: '=', value: name }];
		if (this.#take('{')) {
			while (!this.#take('}')) {
				const label = this.#peek();
				if (label?.kind === 'string') {
					// UTF-8 names are quoted within the braces.
					this.#next++;
					matchers.push({ label: '__name__', op: '=', value: unquoted(label.text) });
				} else {
					if (label?.kind !== 'name') this.#fail('label matching');
					const op = this.#peek(1)?.text ?? '';
					const value = this.#peek(2);
					if (!['=', '!=', '=~', '!~'].includes(op) || value?.kind !== 'string') this.#fail('label matching');
					this.#next += 3;
					matchers.push({ label: label.text, op: op as MatchOp, value: unquoted(value.text) });
				}
				if (!this.#take(',') && !this.#is('}')) this.#fail('label matching');
			}
		}
		if (matchers.length === 0) throw new PromqlError('parse error: vector selector must contain at least one non-empty matcher');
		return { kind: 'selector', matchers, offsetMs: 0 };
	}
}

const unquoted = (text: string): string => (text.startsWith('`') ? text.slice(1, -1) : unescaped(text.slice(1, -1)));

/** @throws PromqlError where the text is no expression */
export function parsePromql(text: string): Expr {
	if (text.length > EXPRESSION_LENGTH) throw new PromqlError(`the expression is longer than ${EXPRESSION_LENGTH} characters`);
	return new Parser(text).all();
}
