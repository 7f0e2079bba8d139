/** A small text/template for -o go-template: fields, range, if/else, with, printf, comparison, index, len, variables. */
import { goNumber } from './json-text.ts';

type Scope = { readonly dot: unknown; readonly vars: Map<string, unknown>; readonly root: unknown };
type Part = { readonly text: string } | { readonly action: string };
type Tree = (
	| string
	| { readonly pipe: string }
	| { readonly kind: 'if' | 'range' | 'with'; readonly pipe: string; readonly body: Tree; readonly otherwise: Tree }
)[];

function partsOf(template: string): Part[] {
	const out: Part[] = [];
	let last = 0;
	let trimNext = false;
	for (const m of template.matchAll(/\{\{(-\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^}"`]|\}(?!\}))*?)(\s-)?\}\}/g)) {
		let text = template.slice(last, m.index);
		if (trimNext) text = text.trimStart();
		if (m[1] !== undefined) text = text.trimEnd();
		if (text !== '') out.push({ text });
		out.push({ action: (m[2] ?? '').trim() });
		trimNext = m[3] !== undefined;
		last = m.index + m[0].length;
	}
	const rest = template.slice(last);
	if (rest !== '') out.push({ text: trimNext ? rest.trimStart() : rest });
	return out;
}

function parse(parts: readonly Part[], at: { i: number }, nested: boolean): { body: Tree; end: 'end' | 'else' | 'eof'; elseIf?: string } {
	const body: Tree = [];
	while (at.i < parts.length) {
		const part = parts[at.i++] as Part;
		if ('text' in part) {
			body.push(part.text);
			continue;
		}
		const action = part.action;
		if (action.startsWith('/*')) continue;
		const head = /^(if|range|with)\s+(.*)$/s.exec(action);
		if (head !== null) body.push(block(head[1] as 'if', head[2] ?? '', parts, at));
		else if (action === 'end' && nested) return { body, end: 'end' };
		else if (/^else\b/.test(action) && nested) return { body, end: 'else', ...(/^else if /.test(action) ? { elseIf: action.slice(8) } : {}) };
		else body.push({ pipe: action });
	}
	if (nested) throw new Error('unexpected EOF');
	return { body, end: 'eof' };
}

function block(kind: 'if' | 'range' | 'with', pipe: string, parts: readonly Part[], at: { i: number }): Tree[number] {
	const first = parse(parts, at, true);
	if (first.end !== 'else') return { kind, pipe, body: first.body, otherwise: [] };
	if (first.elseIf !== undefined) return { kind, pipe, body: first.body, otherwise: [block('if', first.elseIf, parts, at)] };
	return { kind, pipe, body: first.body, otherwise: parse(parts, at, true).body };
}

function truth(value: unknown): boolean {
	if (value === null || value === undefined || value === false || value === 0 || value === '') return false;
	if (Array.isArray(value)) return value.length > 0;
	return typeof value !== 'object' || Object.keys(value).length > 0;
}

function words(text: string): string[] {
	return text.match(/"(?:[^"\\]|\\.)*"|`[^`]*`|\((?:[^()]|\([^()]*\))*\)[.\w]*|[^\s]+/g) ?? [];
}

function field(value: unknown, path: string): unknown {
	let at = value;
	for (const name of path.split('.').filter((p) => p !== '')) {
		if (at === null || at === undefined) return undefined;
		at = (at as Record<string, unknown>)[name];
	}
	return at;
}

function operand(word: string, scope: Scope): unknown {
	if (word.startsWith('"')) return JSON.parse(word);
	if (word.startsWith('`')) return word.slice(1, -1);
	if (word.startsWith('(')) {
		const close = word.lastIndexOf(')');
		return field(pipeline(word.slice(1, close), scope), word.slice(close + 1));
	}
	if (word === '.') return scope.dot;
	if (word.startsWith('$')) {
		const [name = '', ...rest] = word.split('.');
		return field(name === '$' ? scope.root : scope.vars.get(name), rest.join('.'));
	}
	if (word.startsWith('.')) return field(scope.dot, word);
	if (/^-?\d+(\.\d+)?$/.test(word)) return Number(word);
	if (word === 'true' || word === 'false') return word === 'true';
	if (word === 'nil') return undefined;
	return undefined;
}

function printf(format: string, args: readonly unknown[]): string {
	let i = 0;
	return format.replace(/%(-?\d*)([svdqt%])/g, (_all, width: string, verb: string) => {
		if (verb === '%') return '%';
		const raw = args[i++];
		const text = verb === 'q' ? JSON.stringify(String(raw)) : goPrint(raw);
		return width.startsWith('-') ? text.padEnd(Number(width.slice(1))) : text.padStart(Number(width || 0));
	});
}

const FUNCTIONS: { readonly [name: string]: (...args: unknown[]) => unknown } = {
	printf: (format, ...args) => printf(String(format), args),
	print: (...args) => args.map(goPrint).join(''),
	println: (...args) => `${args.map(goPrint).join(' ')}\n`,
	len: (v) => (typeof v === 'string' || Array.isArray(v) ? v.length : Object.keys((v ?? {}) as object).length),
	index: (v, ...keys) => keys.reduce((at, k) => (at as Record<string, unknown> | undefined)?.[String(k)], v),
	eq: (a, ...bs) => bs.some((b) => a === b),
	ne: (a, b) => a !== b,
	lt: (a, b) => (a as number) < (b as number),
	le: (a, b) => (a as number) <= (b as number),
	gt: (a, b) => (a as number) > (b as number),
	ge: (a, b) => (a as number) >= (b as number),
	and: (...args) => args.find((a) => !truth(a)) ?? args.at(-1),
	or: (...args) => args.find(truth) ?? args.at(-1),
	not: (a) => !truth(a),
	exists: (v, ...keys) => keys.reduce((at, k) => (at as Record<string, unknown> | undefined)?.[String(k)], v) !== undefined,
	base64decode: (v) => new TextDecoder().decode(Uint8Array.from(atob(String(v)), (c) => c.charCodeAt(0))),
	html: (v) => goPrint(v),
	js: (v) => goPrint(v),
};

function command(text: string, scope: Scope, piped: readonly unknown[]): unknown {
	const [first = '', ...rest] = words(text);
	const fn = FUNCTIONS[first];
	if (fn !== undefined) return fn(...rest.map((w) => operand(w, scope)), ...piped);
	if (/^[a-zA-Z_]\w*$/.test(first) && first !== 'true' && first !== 'false' && first !== 'nil')
		throw new Error(`template: output:1: function "${first}" not defined`);
	return operand(first, scope);
}

function pipeline(text: string, scope: Scope): unknown {
	const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|`[^`]*`|\([^)]*\)|[^|])+/g) ?? [];
	let piped: readonly unknown[] = [];
	let value: unknown;
	for (const part of parts) {
		value = command(part.trim(), scope, piped);
		piped = [value];
	}
	return value;
}

function run(tree: Tree, scope: Scope): string {
	let out = '';
	for (const node of tree) {
		if (typeof node === 'string') out += node;
		else if (!('kind' in node)) {
			const assign = /^(\$\w+)\s*:?=\s*(.*)$/s.exec(node.pipe);
			if (assign !== null) scope.vars.set(assign[1] ?? '', pipeline(assign[2] ?? '', scope));
			else {
				const value = pipeline(node.pipe, scope);
				out += value === undefined ? '<no value>' : goPrint(value);
			}
		} else if (node.kind === 'range') out += range(node, scope);
		else {
			const value = pipeline(node.pipe.replace(/^(\$\w+)\s*:=\s*/, ''), scope);
			if (truth(value)) out += run(node.body, node.kind === 'with' ? { ...scope, dot: value } : scope);
			else out += run(node.otherwise, scope);
		}
	}
	return out;
}

function range(node: Extract<Tree[number], { kind: string }>, scope: Scope): string {
	const named = /^(\$\w+)(?:\s*,\s*(\$\w+))?\s*:=\s*(.*)$/s.exec(node.pipe);
	const value = pipeline(named === null ? node.pipe : (named[3] ?? ''), scope);
	const pairs: [unknown, unknown][] = Array.isArray(value)
		? value.map((v, i) => [i, v])
		: value !== null && typeof value === 'object'
			? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
			: [];
	if (pairs.length === 0) return run(node.otherwise, scope);
	return pairs
		.map(([k, v]) => {
			const vars = new Map(scope.vars);
			if (named?.[2] !== undefined) {
				vars.set(named[1] ?? '', k);
				vars.set(named[2], v);
			} else if (named !== null) vars.set(named[1] ?? '', v);
			return run(node.body, { ...scope, dot: v, vars });
		})
		.join('');
}

/** Expands `template` over `data`. Throws with text/template's message for what it can't do. */
export function renderTemplate(template: string, data: unknown): string {
	const { body } = parse(partsOf(template), { i: 0 }, false);
	return run(body, { dot: data, vars: new Map(), root: data });
}

/** Go's %v for decoded JSON. */
export function goPrint(value: unknown): string {
	if (value === null || value === undefined) return '<nil>';
	if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
	if (typeof value === 'object') {
		const map = value as Record<string, unknown>;
		return `map[${Object.keys(map)
			.sort()
			.map((k) => `${k}:${goPrint(map[k])}`)
			.join(' ')}]`;
	}
	return typeof value === 'number' || typeof value === 'bigint' ? goNumber(value) : String(value);
}
