/** Shell arithmetic: 64-bit integers that wrap around as bash's do. */
import type { ArithExpr } from './ast.ts';
import { parse } from './ast.ts';
import type { ShellState } from './state.ts';
import { element, parameter, setElement, setVariable, ShellError } from './variables.ts';

/** The parser makes a double of a literal: one too long for that goes through it as a variable of this name. */
const LITERAL = '__literal_';
const LONG_LITERAL = /(?<![\w.#$])[1-9]\d{15,}(?![\w#])/g;

/** The expression of `$((…))` and `((…))`, as the parser gave it, its literals exact. */
export function expressionOf(node: { readonly expression: ArithExpr; readonly originalText?: string }): ArithExpr {
	const { originalText } = node;
	return originalText !== undefined && originalText.search(LONG_LITERAL) >= 0 ? parseArithmetic(originalText) : node.expression;
}

/** Parses a text as an arithmetic expression, through the parser of `$((…))`. */
export function parseArithmetic(text: string): ArithExpr {
	const script = parse(`: $((${text.replace(LONG_LITERAL, `${LITERAL}$&`)}))`);
	const command = script.statements[0]?.pipelines[0]?.commands[0];
	const part = command?.type === 'SimpleCommand' ? command.args[0]?.parts[0] : undefined;
	if (part?.type !== 'ArithmeticExpansion') throw new ShellError(`${text}: syntax error: operand expected`);
	return part.expression.expression;
}

const wrap = (v: bigint): bigint => BigInt.asIntN(64, v);

function literal(value: number): bigint {
	if (!Number.isFinite(value)) throw new ShellError('syntax error in expression');
	return wrap(BigInt(Math.trunc(value)));
}

/** A variable's text as a number: text that is no number is itself an expression. */
function numberOf(s: ShellState, text: string | undefined, depth: number): bigint {
	const t = (text ?? '').trim();
	if (t === '') return 0n;
	const m = /^(-?)(0[xX][\da-fA-F]+|\d+)$/.exec(t);
	if (m === null) {
		if (depth > 50) throw new ShellError(`${t}: expression recursion level exceeded`);
		return exact(s, parseArithmetic(t), depth + 1);
	}
	const digits = m[2] ?? '0';
	const octal = /^0\d/.test(digits);
	if (octal && /[89]/.test(digits)) throw new ShellError(`${digits}: value too great for base (error token is "${digits}")`);
	const v = BigInt(octal ? `0o${digits}` : digits);
	return wrap(m[1] === '-' ? -v : v);
}

/** Lowest 64 bits of a power, in as many steps as the exponent has bits. */
function power(base: bigint, exponent: bigint): bigint {
	let result = 1n;
	let square = base;
	for (let left = exponent; left > 0n; left >>= 1n) {
		if (left & 1n) result = wrap(result * square);
		square = wrap(square * square);
	}
	return result;
}

const truth = (v: boolean): bigint => (v ? 1n : 0n);

function binary(op: string, a: bigint, b: bigint): bigint {
	switch (op) {
		case '+':
			return wrap(a + b);
		case '-':
			return wrap(a - b);
		case '*':
			return wrap(a * b);
		case '/':
		case '%':
			if (b === 0n) throw new ShellError('division by 0 (error token is "0")');
			return op === '/' ? wrap(a / b) : a % b;
		case '**':
			if (b < 0n) throw new ShellError('exponent less than 0 (error token is "0")');
			return power(a, b);
		case '<<':
			// As the processor does: only the lowest six bits of the count are looked at.
			return wrap(a << (b & 63n));
		case '>>':
			return a >> (b & 63n);
		case '<':
			return truth(a < b);
		case '<=':
			return truth(a <= b);
		case '>':
			return truth(a > b);
		case '>=':
			return truth(a >= b);
		case '==':
			return truth(a === b);
		case '!=':
			return truth(a !== b);
		case '&':
			return a & b;
		case '|':
			return a | b;
		case '^':
			return a ^ b;
		default:
			return b;
	}
}

/** Reads and writes what an expression names: a variable or an element. */
function target(s: ShellState, e: ArithExpr, depth: number): { get(): bigint; set(v: bigint): void } {
	if (e.type === 'ArithVariable') return { get: () => numberOf(s, parameter(s, e.name), depth), set: (v) => setVariable(s, e.name, String(v)) };
	if (e.type === 'ArithArrayElement') {
		const key = e.stringKey ?? String(e.index === undefined ? 0 : exact(s, e.index, depth));
		return { get: () => numberOf(s, element(s, e.array, key), depth), set: (v) => setElement(s, e.array, key, String(v)) };
	}
	throw new ShellError('attempted assignment to non-variable');
}

/** An expression's value as a number, for counts and positions: exact up to 2^53. */
export const evaluate = (s: ShellState, e: ArithExpr): number => Number(exact(s, e));

/** An expression's value: 64 bits, signed. */
export function exact(s: ShellState, e: ArithExpr, depth = 0): bigint {
	switch (e.type) {
		case 'ArithNumber':
			return literal(e.value);
		case 'ArithVariable': {
			if (e.name.startsWith(LITERAL)) return wrap(BigInt(e.name.slice(LITERAL.length)));
			const text = parameter(s, e.name);
			if (text === undefined && s.options.nounset) throw new ShellError(`${e.name}: unbound variable`, 127);
			return numberOf(s, text, depth);
		}
		case 'ArithSpecialVar':
			return numberOf(s, parameter(s, e.name), depth);
		case 'ArithBracedExpansion':
			return numberOf(s, parameter(s, e.content), depth);
		case 'ArithArrayElement':
			return target(s, e, depth).get();
		case 'ArithGroup':
		case 'ArithNested':
			return exact(s, e.expression, depth);
		case 'ArithSingleQuote':
			return literal(e.value);
		case 'ArithTernary':
			return exact(s, exact(s, e.condition, depth) !== 0n ? e.consequent : e.alternate, depth);
		case 'ArithBinary': {
			const a = exact(s, e.left, depth);
			if (e.operator === '&&') return truth(a !== 0n && exact(s, e.right, depth) !== 0n);
			if (e.operator === '||') return truth(a !== 0n || exact(s, e.right, depth) !== 0n);
			return binary(e.operator, a, exact(s, e.right, depth));
		}
		case 'ArithUnary': {
			if (e.operator === '++' || e.operator === '--') {
				const t = target(s, e.operand, depth);
				const old = t.get();
				const next = wrap(e.operator === '++' ? old + 1n : old - 1n);
				t.set(next);
				return e.prefix ? next : old;
			}
			const v = exact(s, e.operand, depth);
			return e.operator === '-' ? wrap(-v) : e.operator === '!' ? truth(v === 0n) : e.operator === '~' ? ~v : v;
		}
		case 'ArithAssignment': {
			const key = e.stringKey ?? (e.subscript === undefined ? undefined : String(exact(s, e.subscript, depth)));
			const old = (): bigint => numberOf(s, key === undefined ? parameter(s, e.variable) : element(s, e.variable, key), depth);
			const value = exact(s, e.value, depth);
			const next = e.operator === '=' ? value : binary(e.operator.slice(0, -1), old(), value);
			if (key === undefined) setVariable(s, e.variable, String(next));
			else setElement(s, e.variable, key, String(next));
			return next;
		}
		case 'ArithSyntaxError':
			throw new ShellError(`${e.message} (error token is "${e.errorToken}")`);
		default:
			throw new ShellError('syntax error in expression');
	}
}
