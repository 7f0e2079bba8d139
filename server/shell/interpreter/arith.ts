/** Shell arithmetic: 64-bit integers that wrap around as bash's do, kept as numbers (so exact up to 2^53). */
import type { ArithExpr } from './ast.ts';
import { parse } from './ast.ts';
import type { ShellState } from './state.ts';
import { element, parameter, setElement, setVariable, ShellError } from './variables.ts';

/** Parses a text as an arithmetic expression, through the parser of `$((…))`. */
export function parseArithmetic(text: string): ArithExpr {
	const script = parse(`: $((${text}))`);
	const command = script.statements[0]?.pipelines[0]?.commands[0];
	const part = command?.type === 'SimpleCommand' ? command.args[0]?.parts[0] : undefined;
	if (part?.type !== 'ArithmeticExpansion') throw new ShellError(`${text}: syntax error: operand expected`);
	return part.expression.expression;
}

/** A variable's text as a number: text that is no number is itself an expression. */
function numberOf(s: ShellState, text: string | undefined, depth: number): number {
	const t = (text ?? '').trim();
	if (t === '') return 0;
	if (/^-?\d+$/.test(t)) return t.length > 1 && /^-?0\d/.test(t) ? Number.parseInt(t, 8) : Number(t);
	if (/^-?0[xX][\da-fA-F]+$/.test(t)) return Number(t);
	if (depth > 50) throw new ShellError(`${t}: expression recursion level exceeded`);
	return evaluate(s, parseArithmetic(t), depth + 1);
}

/** A result, or its lowest 64 bits where it has left the range that numbers hold exactly. */
function wrapped(result: number, exact: () => bigint): number {
	return Number.isSafeInteger(result) ? result : Number(BigInt.asIntN(64, exact()));
}

/** Lowest 64 bits of a power, in as many steps as the exponent has bits. */
function power(base: bigint, exponent: number): bigint {
	let result = 1n;
	let square = base;
	for (let left = BigInt(exponent); left > 0n; left >>= 1n) {
		if (left & 1n) result = BigInt.asIntN(64, result * square);
		square = BigInt.asIntN(64, square * square);
	}
	return result;
}

function binary(op: string, a: number, b: number): number {
	switch (op) {
		case '+':
			return wrapped(a + b, () => BigInt(a) + BigInt(b));
		case '-':
			return wrapped(a - b, () => BigInt(a) - BigInt(b));
		case '*':
			return wrapped(a * b, () => BigInt(a) * BigInt(b));
		case '/':
		case '%':
			if (b === 0) throw new ShellError('division by 0 (error token is "0")');
			return op === '/' ? Math.trunc(a / b) : a % b;
		case '**':
			if (b < 0) throw new ShellError('exponent less than 0 (error token is "0")');
			return wrapped(a ** b, () => power(BigInt(a), b));
		case '<<':
			// As the processor does: only the lowest six bits of the count are looked at.
			return Number(BigInt.asIntN(64, BigInt(a) << (BigInt(b) & 63n)));
		case '>>':
			return Number(BigInt(a) >> (BigInt(b) & 63n));
		case '<':
			return a < b ? 1 : 0;
		case '<=':
			return a <= b ? 1 : 0;
		case '>':
			return a > b ? 1 : 0;
		case '>=':
			return a >= b ? 1 : 0;
		case '==':
			return a === b ? 1 : 0;
		case '!=':
			return a !== b ? 1 : 0;
		case '&':
			return Number(BigInt(a) & BigInt(b));
		case '|':
			return Number(BigInt(a) | BigInt(b));
		case '^':
			return Number(BigInt(a) ^ BigInt(b));
		default:
			return b;
	}
}

/** Reads and writes what an expression names: a variable or an element. */
function target(s: ShellState, e: ArithExpr, depth: number): { get(): number; set(v: number): void } {
	if (e.type === 'ArithVariable') return { get: () => numberOf(s, parameter(s, e.name), depth), set: (v) => setVariable(s, e.name, String(v)) };
	if (e.type === 'ArithArrayElement') {
		const key = e.stringKey ?? String(e.index === undefined ? 0 : evaluate(s, e.index, depth));
		return { get: () => numberOf(s, element(s, e.array, key), depth), set: (v) => setElement(s, e.array, key, String(v)) };
	}
	throw new ShellError('attempted assignment to non-variable');
}

export function evaluate(s: ShellState, e: ArithExpr, depth = 0): number {
	switch (e.type) {
		case 'ArithNumber':
			return e.value;
		case 'ArithVariable': {
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
			return evaluate(s, e.expression, depth);
		case 'ArithSingleQuote':
			return e.value;
		case 'ArithTernary':
			return evaluate(s, evaluate(s, e.condition, depth) !== 0 ? e.consequent : e.alternate, depth);
		case 'ArithBinary': {
			const a = evaluate(s, e.left, depth);
			if (e.operator === '&&') return a !== 0 && evaluate(s, e.right, depth) !== 0 ? 1 : 0;
			if (e.operator === '||') return a !== 0 || evaluate(s, e.right, depth) !== 0 ? 1 : 0;
			return binary(e.operator, a, evaluate(s, e.right, depth));
		}
		case 'ArithUnary': {
			if (e.operator === '++' || e.operator === '--') {
				const t = target(s, e.operand, depth);
				const old = t.get();
				const next = e.operator === '++' ? old + 1 : old - 1;
				t.set(next);
				return e.prefix ? next : old;
			}
			const v = evaluate(s, e.operand, depth);
			return e.operator === '-' ? -v : e.operator === '!' ? (v === 0 ? 1 : 0) : e.operator === '~' ? ~v : v;
		}
		case 'ArithAssignment': {
			const key = e.stringKey ?? (e.subscript === undefined ? undefined : String(evaluate(s, e.subscript, depth)));
			const old = (): number => numberOf(s, key === undefined ? parameter(s, e.variable) : element(s, e.variable, key), depth);
			const value = evaluate(s, e.value, depth);
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
