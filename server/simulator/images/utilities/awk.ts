/** A small awk: patterns, BEGIN/END, fields, variables, arrays, print/printf, if/else/for/while, the usual functions. */
import { printfText } from '../shell/printf.ts';
import { escapes } from './escapes.ts';
import { regexFrom } from './regex.ts';
import { inputs } from './text.ts';
import { lines, type Utility } from './utility.ts';

type Value = string | number;
type Expr =
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
type Statement =
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
interface Rule {
	readonly when: 'BEGIN' | 'END' | Expr | undefined;
	readonly until?: Expr;
	readonly body?: Statement;
}

class AwkError extends Error {}
/** How next, exit, break and continue leave what surrounds them. Never leaves this file. */
class Leave extends Error {
	readonly how: string;
	readonly code: number;
	constructor(how: string, code = 0) {
		super(how);
		this.how = how;
		this.code = code;
	}
}

const TOKEN =
	/\s*(?:#[^\n]*)?(?:(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|("(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)|(\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|!=|<=|>=|&&|\|\||!~|[-+*/%^!<>=?:~$(){}[\],;|]|\n))/y;

function parseProgram(source: string): readonly Rule[] {
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

/** Ceiling of loop iterations: an endless loop in awk is cut off rather than hanging the world. */
const MAX_LOOPS = 1_000_000;

class Interpreter {
	readonly vars = new Map<string, Value>();
	readonly arrays = new Map<string, Map<string, Value>>();
	fields: string[] = [];
	line = '';
	loops = 0;
	readonly out: (text: string) => void;

	constructor(out: (text: string) => void) {
		this.out = out;
	}
	get(name: string): Value {
		return name === 'NF' ? this.fields.length : (this.vars.get(name) ?? '');
	}
	setLine(line: string): void {
		this.line = line;
		const fs = String(this.vars.get('FS') ?? ' ');
		if (fs === ' ') this.fields = line.trim() === '' ? [] : line.trim().split(/\s+/);
		else this.fields = line === '' ? [] : line.split(fs.length === 1 && fs !== '|' ? fs : (regexFrom(fs, { extended: true }) ?? fs));
	}
	number(v: Value): number {
		return typeof v === 'number' ? v : Number.parseFloat(v) || 0;
	}
	text(v: Value): string {
		return typeof v === 'string' ? v : Number.isInteger(v) ? String(v) : String(Number(v.toPrecision(6)));
	}
	truth(v: Value): boolean {
		return typeof v === 'number' ? v !== 0 : v !== '' && !/^\s*[-+]?0*\.?0*\s*$/.test(v) ? true : typeof v === 'string' && v !== '' && Number.isNaN(Number(v));
	}
	array(name: string): Map<string, Value> {
		const known = this.arrays.get(name) ?? new Map<string, Value>();
		this.arrays.set(name, known);
		return known;
	}
	key(keys: readonly Expr[]): string {
		return keys.map((k) => this.text(this.eval(k))).join('\u001c');
	}
	assign(to: Expr, value: Value): void {
		if (to.t === 'var') this.vars.set(to.name, value);
		else if (to.t === 'index') this.array(to.name).set(this.key(to.keys), value);
		else if (to.t === 'field') {
			const n = this.number(this.eval(to.of));
			if (n === 0) this.setLine(this.text(value));
			else {
				while (this.fields.length < n) this.fields.push('');
				this.fields[n - 1] = this.text(value);
				this.line = this.fields.join(this.text(this.vars.get('OFS') ?? ' '));
			}
		}
	}
	eval(e: Expr): Value {
		switch (e.t) {
			case 'value':
				return e.value;
			case 'regex':
				return e.regex.test(this.line) ? 1 : 0;
			case 'var':
				return this.get(e.name);
			case 'index':
				return this.array(e.name).get(this.key(e.keys)) ?? '';
			case 'field': {
				const n = this.number(this.eval(e.of));
				return n === 0 ? this.line : (this.fields[n - 1] ?? '');
			}
			case 'assign': {
				const value = this.eval(e.value);
				const next = e.op === '=' ? value : this.operate(e.op.slice(0, -1), this.eval(e.to), value);
				this.assign(e.to, next);
				return next;
			}
			case 'step': {
				const old = this.number(this.eval(e.of));
				this.assign(e.of, old + e.by);
				return e.prefix ? old + e.by : old;
			}
			case 'unary': {
				const v = this.eval(e.of);
				return e.op === '!' ? (this.truth(v) ? 0 : 1) : e.op === '-' ? -this.number(v) : this.number(v);
			}
			case 'if':
				return this.truth(this.eval(e.test)) ? this.eval(e.a) : this.eval(e.b);
			case 'in':
				return this.array(e.name).has(this.text(this.eval(e.key))) ? 1 : 0;
			case 'call':
				return this.call(e.name, e.args);
			case 'binary': {
				if (e.op === '&&') return this.truth(this.eval(e.a)) && this.truth(this.eval(e.b)) ? 1 : 0;
				if (e.op === '||') return this.truth(this.eval(e.a)) || this.truth(this.eval(e.b)) ? 1 : 0;
				if (e.op === '~' || e.op === '!~') {
					const r = e.b.t === 'regex' ? e.b.regex : regexFrom(this.text(this.eval(e.b)), { extended: true });
					return (r?.test(this.text(this.eval(e.a))) === true) === (e.op === '~') ? 1 : 0;
				}
				return this.operate(e.op, this.eval(e.a), this.eval(e.b));
			}
		}
	}
	operate(op: string, a: Value, b: Value): Value {
		const numeric = (v: Value): boolean => typeof v === 'number' || (v.trim() !== '' && !Number.isNaN(Number(v)));
		if (['<', '<=', '>', '>=', '==', '!='].includes(op)) {
			const both = numeric(a) && numeric(b);
			const [x, y] = both ? [this.number(a), this.number(b)] : [this.text(a), this.text(b)];
			return { '<': x < y, '<=': x <= y, '>': x > y, '>=': x >= y, '==': x === y, '!=': x !== y }[op] === true ? 1 : 0;
		}
		const [x, y] = [this.number(a), this.number(b)];
		switch (op) {
			case 'concat':
				return this.text(a) + this.text(b);
			case '+':
				return x + y;
			case '-':
				return x - y;
			case '*':
				return x * y;
			case '/':
			case '%':
				if (y === 0) throw new AwkError('division by zero');
				return op === '/' ? x / y : x % y;
			default:
				return x ** y;
		}
	}
	call(name: string, args: readonly Expr[]): Value {
		const text = (i: number): string => (args[i] === undefined ? '' : this.text(this.eval(args[i])));
		const number = (i: number): number => this.number(args[i] === undefined ? 0 : this.eval(args[i]));
		const regex = (i: number): RegExp => (args[i]?.t === 'regex' ? args[i].regex : (regexFrom(text(i), { extended: true }) ?? /$^/));
		switch (name) {
			case 'length':
				return args[0]?.t === 'var' && this.arrays.has(args[0].name) ? this.array(args[0].name).size : args.length === 0 ? this.line.length : text(0).length;
			case 'substr':
				return args[2] === undefined
					? text(0).slice(Math.max(0, number(1) - 1))
					: text(0).slice(Math.max(0, number(1) - 1), Math.max(0, number(1) - 1 + number(2)));
			case 'index':
				return text(0).indexOf(text(1)) + 1;
			case 'tolower':
				return text(0).toLowerCase();
			case 'toupper':
				return text(0).toUpperCase();
			case 'int':
				return Math.trunc(number(0));
			case 'sqrt':
				return Math.sqrt(number(0));
			case 'sprintf':
				return printfText(
					text(0),
					args.slice(1).map((a) => this.text(this.eval(a))),
				).text;
			case 'match': {
				const m = regex(1).exec(text(0));
				this.vars.set('RSTART', m === null ? 0 : m.index + 1);
				this.vars.set('RLENGTH', m === null ? -1 : m[0].length);
				return m === null ? 0 : m.index + 1;
			}
			case 'split': {
				const target = args[1]?.t === 'var' ? this.array(args[1].name) : new Map<string, Value>();
				const by = args[2] === undefined ? String(this.vars.get('FS') ?? ' ') : args[2].t === 'regex' ? '' : text(2);
				const source = text(0);
				const parts = source === '' ? [] : args[2]?.t === 'regex' ? source.split(args[2].regex) : by === ' ' ? source.trim().split(/\s+/) : source.split(by);
				target.clear();
				parts.forEach((p, i) => {
					target.set(String(i + 1), p);
				});
				return parts.length;
			}
			case 'sub':
			case 'gsub': {
				const to: Expr = args[2] ?? { t: 'field', of: { t: 'value', value: 0 } };
				let count = 0;
				const source = this.text(this.eval(to));
				const next = source.replace(new RegExp(regex(0).source, name === 'gsub' ? 'g' : ''), (all) => {
					count++;
					return text(1).replace(/\\?&/g, (amp) => (amp === '&' ? all : '&'));
				});
				if (count > 0) this.assign(to, next);
				return count;
			}
			default:
				throw new AwkError(`calling undefined function ${name}`);
		}
	}
	run(s: Statement): void {
		switch (s.t) {
			case 'block':
				for (const inner of s.list) this.run(inner);
				return;
			case 'expr':
				this.eval(s.e);
				return;
			case 'print': {
				const values = s.args.map((a) => this.text(this.eval(a)));
				if (s.format) this.out(printfText(values[0] ?? '', values.slice(1)).text);
				else this.out(`${values.length === 0 ? this.line : values.join(this.text(this.vars.get('OFS') ?? ' '))}${this.text(this.vars.get('ORS') ?? '\n')}`);
				return;
			}
			case 'if':
				if (this.truth(this.eval(s.test))) this.run(s.then);
				else if (s.otherwise !== undefined) this.run(s.otherwise);
				return;
			case 'while':
				this.loop(() => this.truth(this.eval(s.test)), s.body);
				return;
			case 'for':
				if (s.init !== undefined) this.run(s.init);
				this.loop(() => s.test === undefined || this.truth(this.eval(s.test)), s.body, s.step);
				return;
			case 'each': {
				const keys = [...this.array(s.array).keys()];
				let i = 0;
				this.loop(() => {
					const key = keys[i++];
					if (key !== undefined) this.vars.set(s.name, key);
					return key !== undefined;
				}, s.body);
				return;
			}
			case 'delete':
				if (s.keys.length === 0) this.array(s.name).clear();
				else this.array(s.name).delete(this.key(s.keys));
				return;
			case 'exit':
				throw new Leave('exit', s.code === undefined ? 0 : this.number(this.eval(s.code)));
			default:
				throw new Leave(s.t);
		}
	}
	private loop(test: () => boolean, body: Statement, step?: Statement): void {
		while (test()) {
			if (++this.loops > MAX_LOOPS) throw new AwkError('loop limit of this simulated awk reached');
			try {
				this.run(body);
			} catch (error) {
				if (!(error instanceof Leave) || (error.how !== 'break' && error.how !== 'continue')) throw error;
				if (error.how === 'break') return;
			}
			if (step !== undefined) this.run(step);
		}
	}
}

export const awk: Utility = (c) => {
	const rest = [...c.args];
	const preset: (readonly [string, string])[] = [];
	while (/^-[Fv]/.test(rest[0] ?? '')) {
		const flag = rest.shift() ?? '';
		const value = flag.length > 2 ? flag.slice(2) : (rest.shift() ?? '');
		if (flag.startsWith('-F')) preset.push(['FS', escapes(value).text]);
		else preset.push([value.split('=')[0] ?? '', escapes(value.slice(value.indexOf('=') + 1)).text]);
	}
	const source = rest.shift();
	if (source === undefined) {
		c.err("Usage: awk [POSIX or GNU style options] [--] 'program' file ...\n");
		return 1;
	}
	const i = new Interpreter((t) => c.out(t));
	for (const [n, v] of preset) i.vars.set(n, v);
	try {
		const rules = parseProgram(source);
		return interpret(i, rules, () => {
			const files = rest.filter((a) => !/^[A-Za-z_]\w*=/.test(a));
			return inputs(c, files).texts;
		});
	} catch (error) {
		if (!(error instanceof AwkError)) throw error;
		c.err(c.busybox ? `awk: cmd. line:1: ${error.message === 'syntax error' ? 'Unexpected token' : error.message}\n` : `awk: line 1: ${error.message}\n`);
		return c.busybox ? 1 : 2;
	}
};

function interpret(i: Interpreter, rules: readonly Rule[], read: () => readonly { readonly file: string; readonly text: string }[]): number {
	let code = 0;
	let over = false;
	const guarded = (action: () => void): void => {
		try {
			action();
		} catch (error) {
			if (!(error instanceof Leave)) throw error;
			if (error.how === 'exit') {
				code = error.code;
				over = true;
			}
		}
	};
	const needsInput = rules.some((r) => r.when !== 'BEGIN');
	// Input first: a utility whose input is not there yet is run again, and must not have printed by then.
	const texts = needsInput ? read() : [];
	for (const r of rules) if (r.when === 'BEGIN' && !over) guarded(() => r.body !== undefined && i.run(r.body));
	let nr = 0;
	const ranges = new Set<Rule>();
	for (const { file, text } of texts) {
		i.vars.set('FILENAME', file);
		let fnr = 0;
		for (const line of lines(text)) {
			if (over) break;
			i.vars.set('NR', ++nr);
			i.vars.set('FNR', ++fnr);
			i.setLine(line);
			guarded(() => {
				for (const r of rules) {
					if (r.when === 'BEGIN' || r.when === 'END') continue;
					if (r.until !== undefined && r.when !== undefined) {
						if (!ranges.has(r) && !i.truth(i.eval(r.when))) continue;
						ranges.add(r);
						if (i.truth(i.eval(r.until))) ranges.delete(r);
					} else if (r.when !== undefined && !i.truth(i.eval(r.when))) continue;
					if (r.body === undefined) i.out(`${i.line}\n`);
					else i.run(r.body);
				}
			});
		}
	}
	if (!over) for (const r of rules) if (r.when === 'END') guarded(() => r.body !== undefined && i.run(r.body));
	return code;
}
