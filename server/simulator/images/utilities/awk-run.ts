/** Runs awk's statements and expressions over the record at hand. */
import { printfText } from '../shell/printf.ts';
import { AwkError, type Expr, type Statement, type Value } from './awk-parse.ts';
import { regexFrom } from './regex.ts';

/** How next, exit, break and continue leave what surrounds them. Never leaves awk. */
export class Leave extends Error {
	readonly how: string;
	readonly code: number;
	constructor(how: string, code = 0) {
		super(how);
		this.how = how;
		this.code = code;
	}
}

/** Ceiling of loop iterations: an endless loop in awk is cut off rather than hanging the world. */
const MAX_LOOPS = 1_000_000;

export class Interpreter {
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
