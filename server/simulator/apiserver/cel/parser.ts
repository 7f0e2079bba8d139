/** Text to tree: recursive descent over CEL's grammar; macros are expanded as they are met (`cel-go/parser`). */
import { LIMITS } from './limits.ts';
import { inRange, type Token, tokens } from './lexer.ts';
import { expandMacro } from './macros.ts';
import { type CallExpr, type Expr, SyntaxFault } from './syntax.ts';
import type { Value } from './values.ts';

const RESERVED: ReadonlySet<string> = new Set(
	'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const RELATIONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=', 'in']);
const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
	['true', true],
	['false', false],
	['null', null],
]);
/** What ANTLR says may start an expression. */
const STARTS = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

export class Parser {
	readonly #tokens: readonly Token[];
	#at = 0;
	#id = 0;
	#depth = 0;

	constructor(source: string) {
		this.#tokens = tokens(source);
	}

	/** The whole source as one expression. Throws a SyntaxFault. */
	parse(): Expr {
		const out = this.#expression();
		const { kind, text, pos } = this.#token;
		if (kind !== 'end') throw new SyntaxFault(pos, `Syntax error: mismatched input '${text}' expecting <EOF>`);
		return out;
	}

	get #token(): Token {
		return this.#tokens[this.#at] ?? { kind: 'end', text: '<EOF>', pos: 0 };
	}

	#is(text: string): boolean {
		const t = this.#token;
		return t.text === text && (t.kind === 'op' || t.kind === 'ident');
	}

	#take(text: string): Token | undefined {
		if (!this.#is(text)) return undefined;
		const token = this.#token;
		this.#at++;
		return token;
	}

	#expect(text: string): Token {
		const token = this.#take(text);
		if (token !== undefined) return token;
		const { text: found, pos } = this.#token;
		throw new SyntaxFault(pos, `Syntax error: mismatched input '${found}' expecting '${text}'`);
	}

	/** A fresh node. */
	readonly node = <T extends object>(pos: number, rest: T): T & { readonly id: number; readonly pos: number } => ({ id: ++this.#id, pos, ...rest });

	readonly call = (pos: number, fn: string, args: readonly Expr[], target?: Expr): CallExpr =>
		this.node(pos, { kind: 'call' as const, fn, args, ...(target === undefined ? {} : { target }) });

	#expression(): Expr {
		if (++this.#depth > LIMITS.depth) throw new SyntaxFault(this.#token.pos, `expression recursion limit exceeded: ${LIMITS.depth}`);
		const condition = this.#or();
		const question = this.#take('?');
		let out = condition;
		if (question !== undefined) {
			const yes = this.#or();
			this.#expect(':');
			out = this.call(question.pos, '_?_:_', [condition, yes, this.#expression()]);
		}
		this.#depth--;
		return out;
	}

	#or(): Expr {
		let left = this.#and();
		for (let op = this.#take('||'); op !== undefined; op = this.#take('||')) left = this.call(op.pos, '_||_', [left, this.#and()]);
		return left;
	}

	#and(): Expr {
		let left = this.#relation();
		for (let op = this.#take('&&'); op !== undefined; op = this.#take('&&')) left = this.call(op.pos, '_&&_', [left, this.#relation()]);
		return left;
	}

	#relation(): Expr {
		let left = this.#sum();
		while (RELATIONS.has(this.#token.text) && (this.#token.kind === 'op' || this.#token.kind === 'ident')) {
			const { text, pos } = this.#token;
			this.#at++;
			left = this.call(pos, text === 'in' ? '@in' : `_${text}_`, [left, this.#sum()]);
		}
		return left;
	}

	#sum(): Expr {
		let left = this.#product();
		for (let op = this.#take('+') ?? this.#take('-'); op !== undefined; op = this.#take('+') ?? this.#take('-'))
			left = this.call(op.pos, `_${op.text}_`, [left, this.#product()]);
		return left;
	}

	#product(): Expr {
		const op = (): Token | undefined => this.#take('*') ?? this.#take('/') ?? this.#take('%');
		let left = this.#unary();
		for (let found = op(); found !== undefined; found = op()) left = this.call(found.pos, `_${found.text}_`, [left, this.#unary()]);
		return left;
	}

	#unary(): Expr {
		const first = this.#token;
		let count = 0;
		if (this.#is('!')) {
			while (this.#take('!') !== undefined) count++;
			const inner = this.#member();
			return count % 2 === 0 ? inner : this.call(first.pos, '!_', [inner]);
		}
		while (this.#take('-') !== undefined) count++;
		const { value, pos, kind } = this.#token;
		// A sign before a number is the number's own.
		if (count % 2 === 1 && kind === 'literal' && (typeof value === 'bigint' || typeof value === 'number')) {
			this.#at++;
			return this.#postfix(this.node(first.pos, { kind: 'const' as const, value: typeof value === 'bigint' ? inRange(-value, pos) : -value }));
		}
		const inner = this.#member();
		return count % 2 === 0 ? inner : this.call(first.pos, '-_', [inner]);
	}

	#member(): Expr {
		return this.#postfix(this.#primary());
	}

	#postfix(start: Expr): Expr {
		let out = start;
		for (let steps = 0; ; steps++) {
			if (steps > LIMITS.depth) throw new SyntaxFault(this.#token.pos, `expression recursion limit exceeded: ${LIMITS.depth}`);
			const dot = this.#take('.');
			if (dot !== undefined) {
				out = this.#selected(out, dot);
				continue;
			}
			const bracket = this.#take('[');
			if (bracket === undefined) return out;
			const optional = this.#take('?') !== undefined;
			out = this.call(bracket.pos, optional ? '_[?_]' : '_[_]', [out, this.#expression()]);
			this.#expect(']');
		}
	}

	#selected(operand: Expr, dot: Token): Expr {
		const optional = this.#take('?') !== undefined;
		const { name } = this.#name();
		const open = optional ? undefined : this.#take('(');
		if (open !== undefined) {
			const args = this.#arguments(')');
			return expandMacro(this, name, open.pos, args, operand) ?? this.call(open.pos, name, args, operand);
		}
		if (optional) return this.call(dot.pos, '_?._', [operand, this.node(dot.pos, { kind: 'const' as const, value: name })]);
		return this.node(dot.pos, { kind: 'select' as const, operand, field: name, test: false });
	}

	#name(): { readonly name: string; readonly pos: number } {
		const { kind, text, pos } = this.#token;
		if (kind !== 'ident' && kind !== 'quoted') throw new SyntaxFault(pos, `Syntax error: mismatched input '${text}' expecting IDENTIFIER`);
		this.#at++;
		return { name: kind === 'quoted' ? text.slice(1, -1) : text, pos };
	}

	#arguments(close: string): Expr[] {
		const out: Expr[] = [];
		while (!this.#is(close)) {
			out.push(this.#expression());
			if (this.#take(',') === undefined) break;
		}
		this.#expect(close);
		return out;
	}

	#primary(): Expr {
		const { kind, text, pos, value } = this.#token;
		if (kind === 'literal' && value !== undefined) {
			this.#at++;
			return this.node(pos, { kind: 'const' as const, value: typeof value === 'bigint' ? inRange(value, pos) : value });
		}
		if (this.#take('(') !== undefined) {
			const inner = this.#expression();
			this.#expect(')');
			return inner;
		}
		if (this.#take('[') !== undefined) return this.#list(pos);
		if (this.#take('{') !== undefined) return this.#map(pos);
		if (kind === 'ident' || text === '.') return this.#identifier();
		throw new SyntaxFault(pos, `Syntax error: ${kind === 'end' ? 'mismatched' : 'extraneous'} input '${text}' expecting ${STARTS}`);
	}

	#list(pos: number): Expr {
		const items: Expr[] = [];
		const optional = new Set<number>();
		while (!this.#is(']')) {
			if (this.#take('?') !== undefined) optional.add(items.length);
			items.push(this.#expression());
			if (this.#take(',') === undefined) break;
		}
		this.#expect(']');
		return this.node(pos, { kind: 'list' as const, items, optional });
	}

	#map(pos: number): Expr {
		const entries: { key: Expr; value: Expr; optional: boolean }[] = [];
		while (!this.#is('}')) {
			const optional = this.#take('?') !== undefined;
			const key = this.#expression();
			this.#expect(':');
			entries.push({ key, value: this.#expression(), optional });
			if (this.#take(',') === undefined) break;
		}
		this.#expect('}');
		return this.node(pos, { kind: 'map' as const, entries });
	}

	#identifier(): Expr {
		const leading = this.#take('.');
		const { kind, text, pos } = this.#token;
		if (kind !== 'ident') throw new SyntaxFault(pos, `Syntax error: mismatched input '${text}' expecting IDENTIFIER`);
		this.#at++;
		const word = WORDS.get(text);
		if (word !== undefined && leading === undefined) return this.node(pos, { kind: 'const' as const, value: word });
		if (RESERVED.has(text)) throw new SyntaxFault(pos, `reserved identifier: ${text}`);
		const open = this.#take('(');
		if (open !== undefined) {
			const args = this.#arguments(')');
			return expandMacro(this, text, open.pos, args) ?? this.call(open.pos, text, args);
		}
		return this.#struct(text, pos) ?? this.node(pos, { kind: 'ident' as const, name: text });
	}

	/** `Object.spec{a: 1}`: a name, dots and a brace that follow at once. */
	#struct(first: string, pos: number): Expr | undefined {
		let at = this.#at;
		let name = first;
		while (this.#tokens[at]?.text === '.' && this.#tokens[at + 1]?.kind === 'ident') {
			name += `.${this.#tokens[at + 1]?.text}`;
			at += 2;
		}
		if (this.#tokens[at]?.text !== '{') return undefined;
		const open = this.#tokens[at]?.pos ?? pos;
		this.#at = at + 1;
		const fields: { name: string; value: Expr; optional: boolean; pos: number }[] = [];
		while (!this.#is('}')) {
			const optional = this.#take('?') !== undefined;
			const field = this.#name();
			const colon = this.#expect(':');
			fields.push({ name: field.name, value: this.#expression(), optional, pos: colon.pos });
			if (this.#take(',') === undefined) break;
		}
		this.#expect('}');
		return this.node(open, { kind: 'struct' as const, name, fields });
	}
}
