/**
 * client-go's JSONPath template language (k8s.io/client-go/util/jsonpath): text with `{…}` parts, range/end, filters,
 * slices, unions and recursive descent. Not RFC 9535: filters compare as Go does and `range` loops.
 */
import { goNumber } from './json-text.ts';
import { compactJson } from './yaml-out.ts';

type Node =
	| { readonly type: 'text'; readonly text: string }
	| { readonly type: 'list'; readonly path: readonly Step[] }
	| { readonly type: 'range'; readonly path: readonly Step[]; readonly body: readonly Node[] };

type Step =
	| { readonly op: 'root' | 'current' | 'wildcard' | 'recursive' }
	| { readonly op: 'field'; readonly name: string }
	| { readonly op: 'slice'; readonly from?: number; readonly to?: number; readonly step?: number }
	| { readonly op: 'index'; readonly at: number }
	| { readonly op: 'union'; readonly of: readonly (readonly Step[])[] }
	| { readonly op: 'filter'; readonly left: Operand; readonly operator: string; readonly right?: Operand }
	| { readonly op: 'literal'; readonly value: unknown };

type Operand = readonly Step[];

/** A template that can't be read or evaluated; the message is client-go's. */
export class JsonPathError extends Error {}

function unquote(text: string): string {
	return text.replace(/\\(x[\da-f]{2}|u[\da-f]{4}|.)/gi, (_all, c: string) => {
		const simple: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0', b: '\b', f: '\f', v: '\v', a: '\x07' };
		if (c.length > 1) return String.fromCharCode(Number.parseInt(c.slice(1), 16));
		return simple[c] ?? c;
	});
}

/** Splits the template into texts and actions; quotes inside `{}` hide braces. */
function tokens(template: string): { readonly text?: string; readonly action?: string }[] {
	const out: { text?: string; action?: string }[] = [];
	let at = 0;
	while (at < template.length) {
		const open = template.indexOf('{', at);
		if (open < 0) {
			out.push({ text: template.slice(at) });
			break;
		}
		if (open > at) out.push({ text: template.slice(at, open) });
		let i = open + 1;
		let quote = '';
		for (; i < template.length; i++) {
			const c = template[i] as string;
			if (quote !== '') {
				if (c === '\\') i++;
				else if (c === quote) quote = '';
			} else if (c === '"' || c === "'") quote = c;
			else if (c === '}') break;
		}
		if (i >= template.length) throw new JsonPathError(quote === '' ? 'unclosed action' : 'unterminated quoted string');
		out.push({ action: template.slice(open + 1, i).trim() });
		at = i + 1;
	}
	return out;
}

class PathReader {
	readonly #text: string;
	#at = 0;
	constructor(text: string) {
		this.#text = text;
	}

	get done(): boolean {
		return this.#at >= this.#text.length;
	}

	#identifier(): string {
		let out = '';
		while (this.#at < this.#text.length) {
			const c = this.#text[this.#at] as string;
			if (c === '\\') {
				out += this.#text[this.#at + 1] ?? '';
				this.#at += 2;
				continue;
			}
			if (/[\s.[\](){},$@=<>!|"'?]/.test(c)) break;
			out += c;
			this.#at++;
		}
		return out;
	}

	read(): Step[] {
		const steps: Step[] = [];
		while (!this.done) {
			const c = this.#text[this.#at] as string;
			if (/\s/.test(c)) {
				this.#at++;
				continue;
			}
			if (c === '$') {
				steps.push({ op: 'root' });
				this.#at++;
			} else if (c === '@') {
				steps.push({ op: 'current' });
				this.#at++;
			} else if (c === '*') {
				steps.push({ op: 'wildcard' });
				this.#at++;
			} else if (c === '.') this.#dot(steps);
			else if (c === '[') this.#bracket(steps);
			else if (c === '"' || c === "'") steps.push({ op: 'literal', value: this.#quoted(c) });
			else if (/[-+\d]/.test(c)) {
				const match = /^[-+]?[\d.]+/.exec(this.#text.slice(this.#at));
				if (match === null) throw new JsonPathError(`cannot parse number ${this.#text.slice(this.#at)}`);
				this.#at += match[0].length;
				steps.push({ op: 'literal', value: Number(match[0]) });
			} else {
				const name = this.#identifier();
				if (name === '') throw new JsonPathError(`unrecognized character in action: U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${c}'`);
				if (name === 'true' || name === 'false') steps.push({ op: 'literal', value: name === 'true' });
				else throw new JsonPathError(`unrecognized identifier ${name}`);
			}
		}
		return steps;
	}

	#dot(steps: Step[]): void {
		this.#at++;
		if (this.#text[this.#at] === '.') {
			steps.push({ op: 'recursive' });
			this.#at++;
			if (this.#text[this.#at] === '[' || this.#text[this.#at] === '.') return;
		}
		if (this.#text[this.#at] === '*') {
			steps.push({ op: 'wildcard' });
			this.#at++;
			return;
		}
		const name = this.#identifier();
		if (name !== '') steps.push({ op: 'field', name });
	}

	#quoted(quote: string): string {
		let i = this.#at + 1;
		for (; i < this.#text.length && this.#text[i] !== quote; i++) if (this.#text[i] === '\\') i++;
		if (i >= this.#text.length) throw new JsonPathError('unterminated quoted string');
		const body = this.#text.slice(this.#at + 1, i);
		this.#at = i + 1;
		return unquote(body);
	}

	/** The inside of `[…]`, with quotes and nested brackets kept whole. */
	#inside(): string {
		let depth = 0;
		let quote = '';
		const start = this.#at + 1;
		for (let i = this.#at; i < this.#text.length; i++) {
			const c = this.#text[i] as string;
			if (quote !== '') {
				if (c === '\\') i++;
				else if (c === quote) quote = '';
			} else if (c === '"' || c === "'") quote = c;
			else if (c === '[' || c === '(') depth++;
			else if (c === ']' || c === ')') {
				depth--;
				if (depth === 0) {
					this.#at = i + 1;
					return this.#text.slice(start, i);
				}
			}
		}
		throw new JsonPathError('unterminated array');
	}

	#bracket(steps: Step[]): void {
		const inside = this.#inside().trim();
		if (inside === '*') steps.push({ op: 'wildcard' });
		else if (inside.startsWith('?(')) steps.push(filterStep(inside.slice(2, inside.endsWith(')') ? -1 : undefined)));
		else steps.push(arrayStep(inside));
	}
}

function splitTop(text: string, separator: string): string[] {
	const out: string[] = [];
	let quote = '';
	let part = '';
	for (let i = 0; i < text.length; i++) {
		const c = text[i] as string;
		if (quote !== '') {
			if (c === '\\') part += c + (text[++i] ?? '');
			else {
				if (c === quote) quote = '';
				part += c;
			}
			continue;
		}
		if (c === '"' || c === "'") quote = c;
		if (c === separator) {
			out.push(part);
			part = '';
		} else part += c;
	}
	out.push(part);
	return out;
}

function arrayStep(inside: string): Step {
	const parts = splitTop(inside, ',').map((p) => p.trim());
	if (parts.length > 1) return { op: 'union', of: parts.map((p) => [arrayStep(p)]) };
	const quoted = /^(["'])(.*)\1$/s.exec(inside);
	if (quoted !== null) return { op: 'field', name: unquote(quoted[2] ?? '') };
	if (/^-?\d+$/.test(inside)) return { op: 'index', at: Number(inside) };
	const slice = /^(-?\d*)?:(-?\d*)?(?::(-?\d*))?$/.exec(inside);
	if (slice === null) throw new JsonPathError(`invalid array index ${inside}`);
	const num = (t: string | undefined) => (t === undefined || t === '' ? undefined : Number(t));
	const [from, to, step] = [num(slice[1]), num(slice[2]), num(slice[3])];
	return { op: 'slice', ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), ...(step === undefined ? {} : { step }) };
}

function filterStep(text: string): Step {
	let quote = '';
	for (let i = 0; i < text.length; i++) {
		const c = text[i] as string;
		if (quote !== '') {
			if (c === '\\') i++;
			else if (c === quote) quote = '';
			continue;
		}
		if (c === '"' || c === "'") quote = c;
		const two = text.slice(i, i + 2);
		const operator = ['==', '!=', '<=', '>='].includes(two) ? two : c === '<' || c === '>' ? c : '';
		if (operator === '') continue;
		const left = new PathReader(text.slice(0, i)).read();
		const right = new PathReader(text.slice(i + operator.length)).read();
		return { op: 'filter', left, operator, right };
	}
	return { op: 'filter', left: new PathReader(text).read(), operator: 'exists' };
}

/** Reads a template into nodes. Throws `JsonPathError`. */
export function parseJsonPath(template: string): readonly Node[] {
	const root: Node[] = [];
	const stack: { path: readonly Step[]; body: Node[] }[] = [];
	const into = (): Node[] => stack.at(-1)?.body ?? root;
	for (const token of tokens(template)) {
		if (token.text !== undefined) {
			into().push({ type: 'text', text: token.text });
			continue;
		}
		const action = token.action ?? '';
		if (action === 'end') {
			const done = stack.pop();
			if (done === undefined) throw new JsonPathError('not in range, nothing to end');
			into().push({ type: 'range', path: done.path, body: done.body });
		} else if (/^range\b/.test(action)) stack.push({ path: new PathReader(action.slice(5)).read(), body: [] });
		else into().push({ type: 'list', path: new PathReader(action).read() });
	}
	if (stack.length > 0) throw new JsonPathError('unterminated range');
	return root;
}

interface Context {
	readonly root: unknown;
	readonly allowMissing: boolean;
}

const isMap = (v: unknown): v is Record<string, unknown> => v !== null && typeof v === 'object' && !Array.isArray(v);

function descend(value: unknown, out: unknown[]): void {
	out.push(value);
	if (Array.isArray(value)) for (const v of value) descend(v, out);
	else if (isMap(value)) for (const v of Object.values(value)) descend(v, out);
}

function compare(left: unknown, operator: string, right: unknown): boolean {
	if (operator === '==') return left === right;
	if (operator === '!=') return left !== right;
	// As text/template: a whole number is no match for one with a fraction.
	const kind = (v: unknown): string => (typeof v === 'bigint' || Number.isInteger(v) ? 'int' : typeof v);
	if (kind(left) !== kind(right) || !['int', 'number', 'string'].includes(kind(left))) throw new JsonPathError('incompatible types for comparison');
	const [a, b] = [left as number, right as number];
	return operator === '<' ? a < b : operator === '>' ? a > b : operator === '<=' ? a <= b : a >= b;
}

function filter(context: Context, value: unknown, step: Extract<Step, { op: 'filter' }>): unknown[] {
	const items = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [];
	if (!Array.isArray(value) && !isMap(value)) throw new JsonPathError(`${goText(value)} is not array or slice and cannot be filtered`);
	return items.filter((item) => {
		const lefts = evaluate({ ...context, allowMissing: true }, step.left, [item]);
		if (step.operator === 'exists') return lefts.length > 0;
		if (lefts.length === 0) return false;
		if (lefts.length > 1) throw new JsonPathError('can only compare one element at a time');
		const rights = evaluate({ ...context, allowMissing: true }, step.right ?? [], [item]);
		return rights.length > 0 && compare(lefts[0], step.operator, rights[0]);
	});
}

function slice(value: unknown, step: Extract<Step, { op: 'slice' }>): unknown[] {
	if (!Array.isArray(value)) throw new JsonPathError(`${goText(value)} is not array or slice`);
	const n = value.length;
	let from = step.from ?? 0;
	let to = step.to ?? n;
	if (from < 0) from += n;
	if (to < 0) to += n;
	if (from < 0 || from > n) throw new JsonPathError(`array index out of bounds: index ${step.from}, length ${n}`);
	const out: unknown[] = [];
	for (let i = from; i < Math.min(to, n); i += Math.max(1, step.step ?? 1)) out.push(value[i]);
	return out;
}

function apply(context: Context, step: Step, value: unknown, whole: readonly unknown[]): unknown[] {
	switch (step.op) {
		case 'root':
			return [context.root];
		case 'current':
			return [value];
		case 'literal':
			return [step.value];
		case 'wildcard':
			if (Array.isArray(value)) return [...value];
			return isMap(value)
				? Object.keys(value)
						.sort()
						.map((k) => value[k])
				: [];
		case 'recursive': {
			const out: unknown[] = [];
			descend(value, out);
			return out;
		}
		case 'field':
			if (isMap(value) && value[step.name] !== undefined) return [value[step.name]];
			if (context.allowMissing || whole.length > 1) return [];
			throw new JsonPathError(`${step.name} is not found`);
		case 'index': {
			if (value === null || value === undefined) return [];
			if (!Array.isArray(value)) throw new JsonPathError(`${goText(value)} is not array or slice`);
			const at = step.at < 0 ? step.at + value.length : step.at;
			if (at < 0 || at >= value.length) {
				throw new JsonPathError(`array index out of bounds: index ${step.at}, length ${value.length}`);
			}
			return [value[at]];
		}
		case 'slice':
			return slice(value, step);
		case 'union':
			return step.of.flatMap((p) => evaluate(context, p, [value]));
		case 'filter':
			return filter(context, value, step);
	}
}

function evaluate(context: Context, path: readonly Step[], start: readonly unknown[]): unknown[] {
	let values: unknown[] = [...start];
	let recursed = false;
	for (const step of path) {
		const loose = recursed ? { ...context, allowMissing: true } : context;
		values = recursed
			? values.flatMap((v) => (step.op === 'index' && !Array.isArray(v) ? [] : apply(loose, step, v, values)))
			: values.flatMap((v) => apply(loose, step, v, values));
		recursed = step.op === 'recursive';
	}
	return values;
}

/** A value as client-go prints it: texts bare, maps and lists as JSON. */
export function goText(value: unknown): string {
	if (typeof value === 'string') return value;
	if (value === null || value === undefined) return '';
	if (typeof value === 'object') return compactJson(value);
	return typeof value === 'number' || typeof value === 'bigint' ? goNumber(value) : String(value);
}

/** Expands a template over `data`; missing keys are an error unless `allowMissing`. */
export function renderJsonPath(template: string, data: unknown, allowMissing = true): string {
	const context: Context = { root: data, allowMissing };
	const walk = (nodes: readonly Node[], current: unknown): string =>
		nodes
			.map((node) => {
				if (node.type === 'text') return node.text;
				if (node.type === 'list') return evaluate(context, node.path, [current]).map(goText).join(' ');
				return evaluate(context, node.path, [current])
					.map((item) => walk(node.body, item))
					.join('');
			})
			.join('');
	return walk(parseJsonPath(template), data);
}

/** All values a template's first path finds. */
export function findAll(template: string, data: unknown): unknown[] {
	const [node] = parseJsonPath(template).filter((n) => n.type !== 'text');
	return node === undefined ? [] : evaluate({ root: data, allowMissing: true }, node.path, [data]);
}

/** `metadata.name`, `.metadata.name`, `{.metadata.name}` all as the last (RelaxedJSONPathExpression). */
export function relaxed(expression: string): string {
	const match = /^\{?\.?([^{}]+)\}?$/.exec(expression);
	if (match === null || expression === '') {
		throw new JsonPathError(`unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`);
	}
	return `{.${(match[1] ?? '').replace(/^\./, '')}}`;
}
