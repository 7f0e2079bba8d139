/** `$(( … ))` over the parse tree. */
import type { ArithExpr } from './syntax.ts';

export interface ArithmeticContext {
	get(name: string): string;
	set(name: string, value: string): void;
	/** `${…}` and `$(…)` inside: their text. */
	parameter(content: string): string;
	command(node: object, text: string): string;
}

/** What the shell prints and fails with, e.g. a division by zero. */
export class ArithmeticError extends Error {}

function numberOf(text: string, context: ArithmeticContext, depth = 0): number {
	const t = text.trim();
	if (t === '') return 0;
	if (/^[+-]?0[xX][0-9a-fA-F]+$/.test(t)) return Number.parseInt(t, 16);
	if (/^[+-]?0[0-7]+$/.test(t)) return Number.parseInt(t, 8);
	if (/^[+-]?\d+$/.test(t)) return Number(t);
	if (/^[A-Za-z_]\w*$/.test(t) && depth < 10) return numberOf(context.get(t), context, depth + 1);
	throw new ArithmeticError('arithmetic syntax error');
}

const truth = (b: boolean): number => (b ? 1 : 0);

function operate(op: string, a: number, b: number): number {
	switch (op) {
		case '+':
			return a + b;
		case '-':
			return a - b;
		case '*':
			return a * b;
		case '/':
		case '%':
			if (b === 0) throw new ArithmeticError('divide by zero');
			return op === '/' ? Math.trunc(a / b) : a % b;
		case '**':
			return a ** b;
		case '<<':
			return a * 2 ** b;
		case '>>':
			return Math.floor(a / 2 ** b);
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
			return Number(BigInt.asIntN(64, BigInt(a) & BigInt(b)));
		case '|':
			return Number(BigInt.asIntN(64, BigInt(a) | BigInt(b)));
		case '^':
			return Number(BigInt.asIntN(64, BigInt(a) ^ BigInt(b)));
		case ',':
			return b;
		default:
			throw new ArithmeticError('arithmetic syntax error');
	}
}

export function evaluate(e: ArithExpr, c: ArithmeticContext): number {
	switch (e.type) {
		case 'ArithNumber':
			return e.value;
		case 'ArithVariable':
		case 'ArithSpecialVar':
			return numberOf(c.get(e.name), c);
		case 'ArithBracedExpansion':
			return numberOf(c.parameter(e.content), c);
		case 'ArithCommandSubst':
			return numberOf(c.command(e, e.command), c);
		case 'ArithGroup':
		case 'ArithNested':
			return evaluate(e.expression, c);
		case 'ArithTernary':
			return evaluate(e.condition, c) !== 0 ? evaluate(e.consequent, c) : evaluate(e.alternate, c);
		case 'ArithBinary': {
			const left = evaluate(e.left, c);
			if (e.operator === '&&') return truth(left !== 0 && evaluate(e.right, c) !== 0);
			if (e.operator === '||') return truth(left !== 0 || evaluate(e.right, c) !== 0);
			return operate(e.operator, left, evaluate(e.right, c));
		}
		case 'ArithUnary': {
			if (e.operator === '++' || e.operator === '--') {
				if (e.operand.type !== 'ArithVariable') throw new ArithmeticError('arithmetic syntax error');
				const old = numberOf(c.get(e.operand.name), c);
				const next = e.operator === '++' ? old + 1 : old - 1;
				c.set(e.operand.name, String(next));
				return e.prefix ? next : old;
			}
			const value = evaluate(e.operand, c);
			return e.operator === '-' ? -value : e.operator === '!' ? truth(value === 0) : e.operator === '~' ? ~value : value;
		}
		case 'ArithAssignment': {
			const value = evaluate(e.value, c);
			const next = e.operator === '=' ? value : operate(e.operator.slice(0, -1), numberOf(c.get(e.variable), c), value);
			c.set(e.variable, String(next));
			return next;
		}
		default:
			throw new ArithmeticError('arithmetic syntax error');
	}
}
