/** `test`, `[` and `[[ ]]`. */
import { type ExpansionContext, ExpansionError, expandPattern, expandText } from './expand.ts';
import type { Process } from '../program.ts';
import type { Machine } from './machine.ts';
import { matchesPattern } from './pattern.ts';
import type { ConditionNode } from './syntax.ts';

interface Facts {
	path(name: string): string;
	readonly process: Pick<Process, 'fs' | 'uid' | 'gid' | 'tty'>;
	get(name: string): string | undefined;
}

export function unaryTest(m: Facts, op: string, value: string): boolean | undefined {
	const stat = (noFollow = false) => m.process.fs.stat(m.path(value), noFollow);
	const kind = (k: string, noFollow = false): boolean => {
		const s = stat(noFollow);
		return s.ok && s.value.kind === k;
	};
	const may = (bit: number): boolean => {
		const s = stat();
		if (!s.ok) return false;
		const { uid, gid } = m.process;
		if (uid === 0) return bit !== 1 || s.value.kind === 'directory' || (s.value.mode & 0o111) !== 0;
		return ((s.value.mode >> (s.value.uid === uid ? 6 : s.value.gid === gid ? 3 : 0)) & bit) !== 0;
	};
	switch (op) {
		case '-n':
			return value !== '';
		case '-z':
			return value === '';
		case '-e':
		case '-a':
			return value !== '' && stat().ok;
		case '-f':
			return kind('file');
		case '-d':
			return kind('directory');
		case '-L':
		case '-h':
			return kind('symlink', true);
		case '-s': {
			const s = stat();
			return s.ok && s.value.size > 0;
		}
		case '-r':
			return may(4);
		case '-w':
			return may(2);
		case '-x':
			return may(1);
		case '-v':
			return m.get(value) !== undefined;
		case '-t':
			return m.process.tty;
		case '-O':
		case '-G': {
			const s = stat();
			return s.ok && (op === '-O' ? s.value.uid === m.process.uid : s.value.gid === m.process.gid);
		}
		case '-b':
		case '-c':
		case '-p':
		case '-S':
		case '-g':
		case '-u':
		case '-k':
			return false;
		default:
			return undefined;
	}
}

const NUMERIC: { readonly [op: string]: (a: number, b: number) => boolean } = {
	'-eq': (a, b) => a === b,
	'-ne': (a, b) => a !== b,
	'-lt': (a, b) => a < b,
	'-le': (a, b) => a <= b,
	'-gt': (a, b) => a > b,
	'-ge': (a, b) => a >= b,
};

/** A complaint of `test`: printed after its name, status 2. */
export class TestError extends Error {}

export function binaryTest(m: Facts, left: string, op: string, right: string): boolean | undefined {
	const numeric = NUMERIC[op];
	if (numeric !== undefined) {
		for (const v of [left, right]) if (!/^\s*[+-]?\d+\s*$/.test(v)) throw new TestError(`${v}: bad number`);
		return numeric(Number(left), Number(right));
	}
	switch (op) {
		case '=':
		case '==':
			return left === right;
		case '!=':
			return left !== right;
		case '<':
			return left < right;
		case '>':
			return left > right;
		case '-nt':
		case '-ot': {
			const [a, b] = [m.process.fs.stat(m.path(left)), m.process.fs.stat(m.path(right))];
			if (!a.ok || !b.ok) return op === '-nt' ? a.ok : b.ok;
			return op === '-nt' ? a.value.mtime > b.value.mtime : a.value.mtime < b.value.mtime;
		}
		case '-ef':
			return m.path(left) === m.path(right);
		default:
			return undefined;
	}
}

/** POSIX test by the number of arguments, with -a, -o and parentheses. */
export function testArguments(m: Facts, args: readonly string[]): boolean {
	let at = 0;
	const or = (): boolean => {
		let value = and();
		while (args[at] === '-o') {
			at++;
			value = and() || value;
		}
		return value;
	};
	const and = (): boolean => {
		let value = not();
		while (args[at] === '-a' && at + 1 < args.length) {
			at++;
			value = not() && value;
		}
		return value;
	};
	const not = (): boolean => {
		if (args[at] === '!' && args.length - at > 1 && !(args.length - at === 3 && isBinary(args[at + 1]))) {
			at++;
			return !not();
		}
		return primary();
	};
	const primary = (): boolean => {
		const first = args[at];
		if (first === undefined) throw new TestError('argument expected');
		if (first === '(' && args.length - at > 2 && !isBinary(args[at + 1])) {
			at++;
			const value = or();
			if (args[at] !== ')') throw new TestError('closing paren expected');
			at++;
			return value;
		}
		const [op, right] = [args[at + 1], args[at + 2]];
		if (op !== undefined && right !== undefined && isBinary(op)) {
			at += 3;
			return binaryTest(m, first, op, right) ?? false;
		}
		if (op !== undefined && first.length === 2 && op !== '-a' && op !== '-o') {
			const value = unaryTest(m, first, op);
			if (value !== undefined) {
				at += 2;
				return value;
			}
		}
		at++;
		return first !== '';
	};
	if (args.length === 0) return false;
	const value = or();
	if (at < args.length) throw new TestError(`${args[at]}: unknown operand`);
	return value;
}

const isBinary = (op: string | undefined): boolean => op !== undefined && /^(=|==|!=|<|>|-(eq|ne|lt|le|gt|ge|nt|ot|ef))$/.test(op);

/** `[[ … ]]`. */
export function holds(m: Machine, node: ConditionNode, c: ExpansionContext): boolean {
	switch (node.type) {
		case 'CondAnd':
			return holds(m, node.left, c) && holds(m, node.right, c);
		case 'CondOr':
			return holds(m, node.left, c) || holds(m, node.right, c);
		case 'CondNot':
			return !holds(m, node.operand, c);
		case 'CondGroup':
			return holds(m, node.expression, c);
		case 'CondWord':
			return expandText(node.word, c) !== '';
		case 'CondUnary':
			return unaryTest(m, node.operator, expandText(node.operand, c)) ?? false;
		case 'CondBinary': {
			const left = expandText(node.left, c);
			if (node.operator === '=~') {
				try {
					return new RegExp(expandText(node.right, c)).test(left);
				} catch {
					throw new ExpansionError('invalid regular expression');
				}
			}
			if (node.operator === '=' || node.operator === '==') return matchesPattern(left, expandPattern(node.right, c));
			if (node.operator === '!=') return !matchesPattern(left, expandPattern(node.right, c));
			try {
				return binaryTest(m, left, node.operator, expandText(node.right, c)) ?? false;
			} catch (error) {
				if (error instanceof TestError) throw new ExpansionError(error.message);
				throw error;
			}
		}
	}
}
