import { escapes } from './escapes.ts';
import { regexFrom } from './regex.ts';

export type Value = string | number;
export type Expr =
	| { readonly t: 'value'; readonly value: Value }
	| { readonly t: 'regex'; readonly regex: RegExp }
	| { readonly t: 'var'; readonly name: string }
	| { readonly t: 'index'; readonly name: string; readonly keys: readonly Expr[] }
	| { readonly t: 'field'; readonly of: Expr }
	| { readonly t: 'assign'; readonly op: string; readonly to: Expr; readonly value: Expr }
	| { readonly t: 'step'; readonly by: 1 | -1; readonly of: Expr; readonly prefix: boolean }
	| { readonly t: 'unary'; readonly op: string; readonly of: Expr }
	| { readonly t: 'binary'; readonly op: string; readonly a: Expr; readonly b: Expr }
	| { readonly t: 'if'; readonly test: Expr; readonly a: Expr; readonly b: Expr }
	| { readonly t: 'call'; readonly name: string; readonly args: readonly Expr[] }
	| { readonly t: 'in'; readonly key: Expr; readonly name: string };
export type Statement =
	| { readonly t: 'block'; readonly list: readonly Statement[] }
	| { readonly t: 'print'; readonly args: readonly Expr[]; readonly format: boolean }
	| { readonly t: 'expr'; readonly e: Expr }
	| { readonly t: 'if'; readonly test: Expr; readonly then: Statement; readonly otherwise?: Statement }
	| { readonly t: 'while'; readonly test: Expr; readonly body: Statement }
	| { readonly t: 'for'; readonly init?: Statement; readonly test?: Expr; readonly step?: Statement; readonly body: Statement }
	| { readonly t: 'each'; readonly name: string; readonly array: string; readonly body: Statement }
	| { readonly t: 'delete'; readonly name: string; readonly keys: readonly Expr[] }
	| { readonly t: 'next' | 'break' | 'continue' }
	| { readonly t: 'exit'; readonly code?: Expr };
export interface Rule {
	readonly when: 'BEGIN' | 'END' | Expr | undefined;
	readonly until?: Expr;
	readonly body?: Statement;
}

export class AwkError extends Error {}

const TOKEN =
	/\s*(?:#[^\n]*)?(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|("(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)|(\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|!=|<=|>=|&&|\|\||!~|[-+*/%^!<>=?:~$(){}[\],;|]|\n))/y;

export function parseProgram(source: string): readonly Rule[] {
	let at = 0;
	let token = '';
	let kind: 'number' | 'string' | 'name' | 'op' | 'end' = 'end';
	let regexAllowed = true;
	const advance = (): void => {
		while (/[ \t\r]/.test(source[at] ?? '') || source.startsWith('\\\n', at)) at += source[at] === '\\' ? 2 : 1;
		if (source[at] === '#') while (at < source.length && source[at] !== '\n') at++;
		if (at >= source.length) {
			kind = 'end';
			token = '';
			return;
		}
		if (source[at] === '\n') {
			at++;
			kind = 'op';
			token = '\n';
			return;
		}
		TOKEN.lastIndex = at;
		const m = TOKEN.exec(source);
		if (m === null) throw new AwkError('syntax error');
		at = TOKEN.lastIndex;
		kind = m[1] !== undefined ? 'number' : m[2] !== undefined ? 'string' : m[3] !== undefined ? 'name' : 'op';
		token = m[1] ?? m[2] ?? m[3] ?? m[4] ?? '';
	};
	const is = (t: string): boolean => kind !== 'string' && token === t && kind !== 'end';
	const accept = (t: string): boolean => {
		if (!is(t)) return false;
		advance();
		return true;
	};
	const expect = (t: string): void => {
		if (!accept(t)) throw new AwkError('syntax error');
	};
	const blank = (): void => {
		while (is('\n') || is(';')) advance();
	};
	const list = (end: string): readonly Expr[] => {
		const out: Expr[] = [];
		while (!is(end)) {
			out.push(expression());
			if (!accept(',')) break;
		}
		expect(end);
		return out;
	};
	const primary = (): Expr => {
		if (kind === 'number') {
			const value = Number(token);
			advance();
			return { t: 'value', value };
		}
		if (kind === 'string') {
			const value = escapes(token.slice(1, -1)).text;
			advance();
			return { t: 'value', value };
		}
		if (is('/') && regexAllowed) {
			let end = at;
			while (end < source.length && source[end] !== '/') end += source[end] === '\\' ? 2 : 1;
			const regex = regexFrom(source.slice(at, end), { extended: true });
			if (regex === undefined) throw new AwkError('bad regex');
			at = end + 1;
			advance();
			return { t: 'regex', regex };
		}
		if (accept('(')) {
			const e = expression();
			expect(')');
			return e;
		}
		if (accept('$')) return { t: 'field', of: is('++') || is('--') ? unary() : primary() };
		if (kind === 'name') {
			const name = token;
			advance();
			if (is('(')) {
				advance();
				return { t: 'call', name, args: list(')') };
			}
			if (accept('[')) return { t: 'index', name, keys: list(']') };
			return name === 'length' ? { t: 'call', name, args: [] } : { t: 'var', name };
		}
		throw new AwkError('syntax error');
	};
	const postfix = (): Expr => {
		const e = primary();
		if (is('++') || is('--')) {
			const by = is('++') ? 1 : -1;
			advance();
			return { t: 'step', by, of: e, prefix: false };
		}
		return e;
	};
	const unary = (): Expr => {
		if (is('++') || is('--')) {
			const by = is('++') ? 1 : -1;
			advance();
			return { t: 'step', by, of: unary(), prefix: true };
		}
		if (is('!') || is('-') || is('+')) {
			const op = token;
			advance();
			return { t: 'unary', op, of: unary() };
		}
		const base = postfix();
		if (!is('^')) return base;
		advance();
		return { t: 'binary', op: '^', a: base, b: unary() };
	};
	const LEVELS: readonly (readonly string[])[] = [
		['||'],
		['&&'],
		['in'],
		['~', '!~'],
		['<', '<=', '>', '>=', '==', '!='],
		['concat'],
		['+', '-'],
		['*', '/', '%'],
	];
	const binary = (level: number): Expr => {
		const ops = LEVELS[level];
		if (ops === undefined) return unary();
		let a = binary(level + 1);
		for (;;) {
			if (ops[0] === 'concat') {
				const starts = kind === 'number' || kind === 'string' || (kind === 'name' && token !== 'in') || is('$') || is('(') || is('!');
				if (!starts || is('!')) return a;
				a = { t: 'binary', op: 'concat', a, b: binary(level + 1) };
				continue;
			}
			const op = ops.find((o) => is(o) && !(o === '>' && inPrint));
			if (op === undefined) return a;
			advance();
			if (op === 'in') {
				a = { t: 'in', key: a, name: token };
				advance();
			} else a = { t: 'binary', op, a, b: binary(level + 1) };
		}
	};
	let inPrint = false;
	const expression = (): Expr => {
		const test = binary(0);
		if (accept('?')) {
			const a = expression();
			expect(':');
			return { t: 'if', test, a, b: expression() };
		}
		const op = ['=', '+=', '-=', '*=', '/=', '%='].find(is);
		if (op === undefined) return test;
		advance();
		return { t: 'assign', op, to: test, value: expression() };
	};
	const simple = (): Statement => {
		if (is('print') || is('printf')) {
			const format = is('printf');
			advance();
			inPrint = true;
			const args: Expr[] = [];
			while (!is(';') && !is('}') && !is('\n') && kind !== 'end' && !is('>') && !is('|')) {
				args.push(expression());
				if (!accept(',')) break;
			}
			inPrint = false;
			return { t: 'print', args: args.length === 1 && format ? args : args, format };
		}
		if (accept('delete')) {
			const name = token;
			advance();
			return { t: 'delete', name, keys: accept('[') ? list(']') : [] };
		}
		return { t: 'expr', e: expression() };
	};
	const block = (): Statement => {
		expect('{');
		const out: Statement[] = [];
		blank();
		while (!is('}')) {
			if (kind === 'end') throw new AwkError('syntax error');
			out.push(statement());
			blank();
		}
		expect('}');
		return { t: 'block', list: out };
	};
	const statement = (): Statement => {
		while (is('\n')) advance();
		if (is('{')) return block();
		if (accept('if')) {
			expect('(');
			const test = expression();
			expect(')');
			const then = statement();
			const mark = [at, token, kind] as const;
			blank();
			if (accept('else')) return { t: 'if', test, then, otherwise: statement() };
			[at, token, kind] = mark;
			return { t: 'if', test, then };
		}
		if (accept('while')) {
			expect('(');
			const test = expression();
			expect(')');
			return { t: 'while', test, body: statement() };
		}
		if (accept('for')) {
			expect('(');
			const init = is(';') ? undefined : simple();
			if (init?.t === 'expr' && init.e.t === 'in' && init.e.key.t === 'var') {
				expect(')');
				return { t: 'each', name: init.e.key.name, array: init.e.name, body: statement() };
			}
			expect(';');
			const test = is(';') ? undefined : expression();
			expect(';');
			const step = is(')') ? undefined : simple();
			expect(')');
			return {
				t: 'for',
				...(init === undefined ? {} : { init }),
				...(test === undefined ? {} : { test }),
				...(step === undefined ? {} : { step }),
				body: statement(),
			};
		}
		for (const word of ['next', 'break', 'continue'] as const) if (accept(word)) return { t: word };
		if (accept('exit')) return is(';') || is('}') || is('\n') ? { t: 'exit' } : { t: 'exit', code: expression() };
		return simple();
	};
	const rules: Rule[] = [];
	regexAllowed = true;
	advance();
	blank();
	while ((kind as string) !== 'end') {
		let when: Rule['when'];
		let until: Expr | undefined;
		if (is('BEGIN') || is('END')) {
			when = token as 'BEGIN' | 'END';
			advance();
		} else if (!is('{')) {
			when = expression();
			if (accept(',')) until = expression();
		}
		const body = is('{') ? block() : undefined;
		rules.push({ when, ...(until === undefined ? {} : { until }), ...(body === undefined ? {} : { body }) });
		blank();
	}
	return rules;
}
