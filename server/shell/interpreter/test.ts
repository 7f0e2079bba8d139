/** `[[ … ]]` and `test` / `[`. */
import { bounded } from './bounded.ts';
import type { IFileSystem } from 'just-bash';
import { evaluate, parseArithmetic } from './arith.ts';
import type { CondExpr } from './ast.ts';
import { matches } from './pattern.ts';
import { type Expander, expandPattern, expandRegex, expandText } from './words.ts';
import { element, parameter, setVariableWhole, ShellError } from './variables.ts';

async function fileTest(fs: IFileSystem, op: string, path: string): Promise<boolean> {
	if (path === '') return false;
	if (op === '-L' || op === '-h')
		return fs.lstat(path).then(
			(s) => s.isSymbolicLink,
			() => false,
		);
	const stat = await fs.stat(path).catch(() => undefined);
	if (stat === undefined) return false;
	switch (op) {
		case '-f':
			return stat.isFile;
		case '-d':
			return stat.isDirectory;
		case '-s':
			return stat.size > 0;
		case '-x':
			return stat.isDirectory || (stat.mode & 0o111) !== 0;
		case '-r':
			return (stat.mode & 0o444) !== 0;
		case '-w':
			return (stat.mode & 0o222) !== 0;
		case '-e':
		case '-a':
		case '-O':
		case '-G':
		case '-N':
			return true;
		default:
			return false;
	}
}

async function unary(x: Expander, op: string, operand: string, terminals: ReadonlySet<number>): Promise<boolean> {
	if (op === '-z') return operand === '';
	if (op === '-n') return operand !== '';
	if (op === '-v') {
		const m = /^(\w+)\[(.+)\]$/s.exec(operand);
		return (m === null ? parameter(x.state, operand) : element(x.state, m[1] ?? '', m[2] ?? '')) !== undefined;
	}
	if (op === '-t') return terminals.has(Number(operand));
	if (op === '-o') return false;
	return fileTest(x.fs, op, x.fs.resolvePath(x.state.cwd, operand));
}

async function times(x: Expander, op: string, a: string, b: string): Promise<boolean> {
	const stat = (p: string) => x.fs.stat(x.fs.resolvePath(x.state.cwd, p)).catch(() => undefined);
	const [sa, sb] = [await stat(a), await stat(b)];
	if (op === '-nt') return sa !== undefined && (sb === undefined || sa.mtime > sb.mtime);
	if (op === '-ot') return sb !== undefined && (sa === undefined || sa.mtime < sb.mtime);
	const real = (p: string) => x.fs.realpath(x.fs.resolvePath(x.state.cwd, p)).catch(() => p);
	return sa !== undefined && sb !== undefined && (await real(a)) === (await real(b));
}

function compare(op: string, a: number, b: number): boolean {
	switch (op) {
		case '-eq':
			return a === b;
		case '-ne':
			return a !== b;
		case '-lt':
			return a < b;
		case '-le':
			return a <= b;
		case '-gt':
			return a > b;
		default:
			return a >= b;
	}
}

/** A text as a regular expression. Bash says nothing of one that does not compile and gives status 2; here it is at least named. */
function extended(source: string): RegExp {
	try {
		return new RegExp(source, 'u');
	} catch {
		throw new ShellError(`[[: invalid regular expression \`${source}'`, 2);
	}
}

/** Evaluates the expression of `[[ … ]]`. */
export async function conditional(x: Expander, e: CondExpr, terminals: ReadonlySet<number>): Promise<boolean> {
	switch (e.type) {
		case 'CondNot':
			return !(await conditional(x, e.operand, terminals));
		case 'CondAnd':
			return (await conditional(x, e.left, terminals)) && (await conditional(x, e.right, terminals));
		case 'CondOr':
			return (await conditional(x, e.left, terminals)) || (await conditional(x, e.right, terminals));
		case 'CondGroup':
			return conditional(x, e.expression, terminals);
		case 'CondWord':
			return (await expandText(x, e.word)) !== '';
		case 'CondUnary':
			return unary(x, e.operator, await expandText(x, e.operand), terminals);
		case 'CondBinary': {
			const left = await expandText(x, e.left);
			if (e.operator === '=' || e.operator === '==' || e.operator === '!=')
				return matches(left, await expandPattern(x, e.right), true) === (e.operator !== '!=');
			const right = e.operator === '=~' ? await expandRegex(x, e.right) : await expandText(x, e.right);
			if (e.operator === '=~') {
				const m = bounded(extended(right), (re) => re.exec(left));
				setVariableWhole(x.state, 'BASH_REMATCH', m === null ? [] : [...m].map((g) => g ?? ''));
				return m !== null;
			}
			if (e.operator === '<') return left < right;
			if (e.operator === '>') return left > right;
			if (e.operator === '-nt' || e.operator === '-ot' || e.operator === '-ef') return times(x, e.operator, left, right);
			return compare(e.operator, evaluate(x.state, parseArithmetic(left === '' ? '0' : left)), evaluate(x.state, parseArithmetic(right === '' ? '0' : right)));
		}
	}
}

const UNARY = /^-[abcdefghknoprstuvwxzGLNOS]$/;
const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

function integer(name: string, text: string): number {
	if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new ShellError(`${name}: ${text}: integer expression expected`, 2);
	return Number(text);
}

/** `test` and `[`: POSIX's rules by the number of arguments, with -a, -o, ! and parentheses. Throws `ShellError` with status 2 for misuse. */
export async function test(x: Expander, name: string, args: readonly string[], terminals: ReadonlySet<number>): Promise<boolean> {
	let at = 0;
	const more = (): boolean => at < args.length;
	const peek = (n = 0): string | undefined => args[at + n];
	const primary = async (): Promise<boolean> => {
		const a = args[at] ?? '';
		if (a === '!' && args.length - at > 1 && !BINARY.has(peek(1) ?? '')) {
			at++;
			return !(await primary());
		}
		if (a === '(' && !BINARY.has(peek(1) ?? '')) {
			at++;
			const v = await or();
			if (args[at] !== ')') throw new ShellError(`${name}: \`)' expected`, 2);
			at++;
			return v;
		}
		const op = peek(1);
		if (op !== undefined && BINARY.has(op) && at + 2 < args.length) {
			const b = args[at + 2] ?? '';
			at += 3;
			if (op === '=' || op === '==') return a === b;
			if (op === '!=') return a !== b;
			if (op === '<') return a < b;
			if (op === '>') return a > b;
			if (op === '-nt' || op === '-ot' || op === '-ef') return times(x, op, a, b);
			return compare(op, integer(name, a), integer(name, b));
		}
		if (UNARY.test(a) && at + 1 < args.length && !(peek(1) === '-a' && args.length - at > 2)) {
			at += 2;
			return unary(x, a, args[at - 1] ?? '', terminals);
		}
		at++;
		return a !== '';
	};
	const and = async (): Promise<boolean> => {
		let v = await primary();
		while (more() && peek() === '-a') {
			at++;
			const r = await primary();
			v = v && r;
		}
		return v;
	};
	const or = async (): Promise<boolean> => {
		let v = await and();
		while (more() && peek() === '-o') {
			at++;
			const r = await and();
			v = v || r;
		}
		return v;
	};
	if (args.length === 0) return false;
	const v = await or();
	if (more())
		throw new ShellError(
			args.length > 3 ? `${name}: too many arguments` : `${name}: ${args[at - 1]}: ${args.length === 2 ? 'unary' : 'binary'} operator expected`,
			2,
		);
	return v;
}
