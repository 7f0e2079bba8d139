/** Variables and functions in make's texts: `$(name)`, `$(name:a=b)`, `$(function …)`, chapters 6 and 8 of GNU make's manual. */

/** Ends the reading of makefiles or the making: what make says after `***`. */
export class MakeError extends Error {
	readonly place: string | undefined;
	constructor(message: string, place?: string) {
		super(message);
		this.place = place;
	}
}

export interface MakeVariable {
	readonly value: string;
	/** Expanded when it was set (`:=`), not when it is used. */
	readonly simple: boolean;
	readonly origin: 'default' | 'environment' | 'file' | 'command line' | 'override' | 'automatic';
	readonly exported?: boolean;
	/** `Makefile:3`, where it was set. */
	readonly place?: string;
}

export interface Scope {
	readonly variables: Map<string, MakeVariable>;
	/** `Makefile:3`, for errors. */
	place: string;
	/** Output of a command, newlines as blanks. */
	shell(command: string): Promise<string>;
	/** Files that a pattern fits, sorted. */
	glob(pattern: string): Promise<string[]>;
	read(path: string): Promise<string | undefined>;
	say(text: string, error: boolean): void;
	/** Reads text as part of the makefile (`$(eval …)`). */
	evaluate(text: string): Promise<void>;
	absolute(path: string): string;
}

const words = (text: string): string[] => text.split(/\s+/).filter((w) => w !== '');

/** The stem that a word has by a pattern with `%`; undefined where it does not fit. */
export function stem(pattern: string, word: string): string | undefined {
	const at = pattern.indexOf('%');
	if (at < 0) return pattern === word ? '' : undefined;
	const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
	if (word.length < before.length + after.length || !word.startsWith(before) || !word.endsWith(after)) return undefined;
	return word.slice(before.length, word.length - after.length);
}

export function patsubst(pattern: string, replacement: string, text: string): string {
	return words(text)
		.map((w) => {
			const s = stem(pattern, w);
			return s === undefined ? w : pattern.includes('%') ? replacement.replace('%', () => s) : replacement;
		})
		.join(' ');
}

const MOST_DEPTH = 100;

/** Where the text that began with an opening bracket before `from` ends. */
function closing(text: string, from: number, open: string, close: string): number {
	let depth = 1;
	for (let i = from; i < text.length; i++) {
		if (text[i] === open) depth++;
		else if (text[i] === close && --depth === 0) return i;
	}
	return -1;
}

/** Arguments split at commas outside brackets, at most `most` of them. */
function split(text: string, most: number): string[] {
	const out: string[] = [];
	let depth = 0;
	let from = 0;
	for (let i = 0; i < text.length && out.length < most - 1; i++) {
		const c = text[i];
		if (c === '(' || c === '{') depth++;
		else if (c === ')' || c === '}') depth--;
		else if (c === ',' && depth === 0) {
			out.push(text.slice(from, i));
			from = i + 1;
		}
	}
	return [...out, text.slice(from)];
}

export async function expand(text: string, scope: Scope, depth = 0): Promise<string> {
	if (!text.includes('$')) return text;
	if (depth > MOST_DEPTH) throw new MakeError('Recursive variable references itself (eventually)', scope.place);
	let out = '';
	for (let i = 0; i < text.length; i++) {
		const c = text[i] ?? '';
		if (c !== '$') {
			out += c;
			continue;
		}
		const next = text[++i] ?? '';
		if (next === '$' || next === '') {
			out += '$';
			continue;
		}
		if (next !== '(' && next !== '{') {
			out += await textOf(next, scope, depth);
			continue;
		}
		const end = closing(text, i + 1, next, next === '(' ? ')' : '}');
		if (end < 0) throw new MakeError('unterminated variable reference', scope.place);
		out += await reference(text.slice(i + 1, end), scope, depth + 1);
		i = end;
	}
	return out;
}

async function textOf(name: string, scope: Scope, depth: number): Promise<string> {
	const v = scope.variables.get(name);
	if (v === undefined) return '';
	if (v.simple) return v.value;
	if (new RegExp(`\\$[({]${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[)}]`).test(v.value))
		throw new MakeError(`Recursive variable '${name}' references itself (eventually)`, v.place ?? scope.place);
	return expand(v.value, scope, depth + 1);
}

async function reference(inside: string, scope: Scope, depth: number): Promise<string> {
	const call = /^([a-z-]+)[ \t]+([\s\S]*)$/.exec(inside);
	const f = call === null ? undefined : FUNCTIONS[call[1] ?? ''];
	if (call !== null && f !== undefined) {
		const args = split(call[2] ?? '', f.most);
		return f.run(f.lazy ? args : await all(args, scope, depth), scope, depth);
	}
	if (/^(shell|eval|value|call|wildcard|strip|sort|info|warning|error)$/.test(inside)) return '';
	const replaced = /^([^:]+):([^=]*)=(.*)$/.exec(inside);
	if (replaced !== null) {
		const name = await expand(replaced[1] ?? '', scope, depth);
		const [from, to] = [await expand(replaced[2] ?? '', scope, depth), await expand(replaced[3] ?? '', scope, depth)];
		return patsubst(from.includes('%') ? from : `%${from}`, from.includes('%') ? to : `%${to}`, await textOf(name, scope, depth));
	}
	return textOf(await expand(inside, scope, depth), scope, depth);
}

async function all(args: readonly string[], scope: Scope, depth: number): Promise<string[]> {
	const out: string[] = [];
	for (const a of args) out.push(await expand(a, scope, depth));
	return out;
}

interface Function {
	readonly most: number;
	/** Its arguments are not expanded before. */
	readonly lazy?: true;
	run(args: readonly string[], scope: Scope, depth: number): string | Promise<string>;
}

const each = (text: string | undefined, f: (word: string) => string | undefined): string =>
	words(text ?? '')
		.flatMap((w) => f(w) ?? [])
		.join(' ');
const lastSlash = (w: string): number => w.lastIndexOf('/') + 1;
const suffixAt = (w: string): number => {
	const at = w.lastIndexOf('.');
	return at > w.lastIndexOf('/') ? at : -1;
};

/** A variable for a while, for foreach and call. */
async function withVariables<T>(scope: Scope, set: readonly (readonly [string, string])[], use: () => Promise<T>): Promise<T> {
	const hidden = set.map(([n]) => [n, scope.variables.get(n)] as const);
	for (const [n, value] of set) scope.variables.set(n, { value, simple: true, origin: 'automatic' });
	try {
		return await use();
	} finally {
		for (const [n, old] of hidden) {
			if (old === undefined) scope.variables.delete(n);
			else scope.variables.set(n, old);
		}
	}
}

const number = (text: string | undefined, scope: Scope, what: string): number => {
	const t = (text ?? '').trim();
	if (!/^\d+$/.test(t)) throw new MakeError(`non-numeric ${what} argument to '${what === 'first' ? 'word' : 'wordlist'}' function: '${t}'`, scope.place);
	return Number(t);
};

const FUNCTIONS: { readonly [name: string]: Function } = {
	subst: { most: 3, run: ([from = '', to = '', text = '']) => (from === '' ? text + to : text.replaceAll(from, () => to)) },
	patsubst: { most: 3, run: ([from = '', to = '', text = '']) => patsubst(from.trim(), to.trim(), text) },
	strip: { most: 1, run: ([text = '']) => words(text).join(' ') },
	findstring: { most: 2, run: ([what = '', text = '']) => (text.includes(what) ? what : '') },
	filter: { most: 2, run: ([patterns = '', text]) => each(text, (w) => (words(patterns).some((p) => stem(p, w) !== undefined) ? w : undefined)) },
	'filter-out': { most: 2, run: ([patterns = '', text]) => each(text, (w) => (words(patterns).some((p) => stem(p, w) !== undefined) ? undefined : w)) },
	sort: { most: 1, run: ([text = '']) => [...new Set(words(text))].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join(' ') },
	word: { most: 2, run: ([n, text = ''], scope) => words(text)[number(n, scope, 'first') - 1] ?? '' },
	wordlist: {
		most: 3,
		run: ([a, b, text = ''], scope) =>
			words(text)
				.slice(number(a, scope, 'first') - 1, number(b, scope, 'second'))
				.join(' '),
	},
	words: { most: 1, run: ([text = '']) => String(words(text).length) },
	firstword: { most: 1, run: ([text = '']) => words(text)[0] ?? '' },
	lastword: { most: 1, run: ([text = '']) => words(text).at(-1) ?? '' },
	dir: { most: 1, run: ([text]) => each(text, (w) => (lastSlash(w) === 0 ? './' : w.slice(0, lastSlash(w)))) },
	notdir: { most: 1, run: ([text]) => each(text, (w) => w.slice(lastSlash(w))) },
	suffix: { most: 1, run: ([text]) => each(text, (w) => (suffixAt(w) < 0 ? undefined : w.slice(suffixAt(w)))) },
	basename: { most: 1, run: ([text]) => each(text, (w) => (suffixAt(w) < 0 ? w : w.slice(0, suffixAt(w)))) },
	addsuffix: { most: 2, run: ([end = '', text]) => each(text, (w) => w + end) },
	addprefix: { most: 2, run: ([start = '', text]) => each(text, (w) => start + w) },
	join: {
		most: 2,
		run: ([a = '', b = '']) => {
			const [x, y] = [words(a), words(b)];
			return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => (x[i] ?? '') + (y[i] ?? '')).join(' ');
		},
	},
	wildcard: {
		most: 1,
		run: async ([text = ''], scope) => {
			const out: string[] = [];
			for (const p of words(text)) out.push(...(await scope.glob(p)));
			return out.join(' ');
		},
	},
	abspath: { most: 1, run: ([text], scope) => each(text, (w) => scope.absolute(w)) },
	realpath: { most: 1, run: ([text], scope) => each(text, (w) => scope.absolute(w)) },
	shell: { most: 1, run: ([text = ''], scope) => scope.shell(text) },
	if: {
		most: 3,
		lazy: true,
		run: async ([test = '', yes = '', no = ''], scope, depth) => expand((await expand(test.trim(), scope, depth)) === '' ? no : yes, scope, depth),
	},
	or: {
		most: Number.POSITIVE_INFINITY,
		lazy: true,
		run: async (args, scope, depth) => {
			for (const a of args) {
				const v = await expand(a.trim(), scope, depth);
				if (v !== '') return v;
			}
			return '';
		},
	},
	and: {
		most: Number.POSITIVE_INFINITY,
		lazy: true,
		run: async (args, scope, depth) => {
			let v = '';
			for (const a of args) {
				v = await expand(a.trim(), scope, depth);
				if (v === '') return '';
			}
			return v;
		},
	},
	foreach: {
		most: 3,
		lazy: true,
		run: async ([name = '', list = '', body = ''], scope, depth) => {
			const variable = (await expand(name, scope, depth)).trim();
			const out: string[] = [];
			for (const w of words(await expand(list, scope, depth))) out.push(await withVariables(scope, [[variable, w]], () => expand(body, scope, depth)));
			return out.join(' ');
		},
	},
	call: {
		most: Number.POSITIVE_INFINITY,
		run: async ([name = '', ...args], scope, depth) => {
			const body = scope.variables.get(name.trim());
			if (body === undefined) return '';
			return withVariables(scope, [['0', name.trim()], ...Array.from({ length: 9 }, (_, i) => [String(i + 1), args[i] ?? ''] as const)], () =>
				expand(body.value, scope, depth),
			);
		},
	},
	value: { most: 1, run: ([name = ''], scope) => scope.variables.get(name.trim())?.value ?? '' },
	eval: {
		most: 1,
		run: async ([text = ''], scope) => {
			await scope.evaluate(text);
			return '';
		},
	},
	origin: { most: 1, run: ([name = ''], scope) => scope.variables.get(name.trim())?.origin ?? 'undefined' },
	flavor: {
		most: 1,
		run: ([name = ''], scope) => {
			const v = scope.variables.get(name.trim());
			return v === undefined ? 'undefined' : v.simple ? 'simple' : 'recursive';
		},
	},
	info: {
		most: 1,
		run: ([text = ''], scope) => {
			scope.say(`${text}\n`, false);
			return '';
		},
	},
	warning: {
		most: 1,
		run: ([text = ''], scope) => {
			scope.say(`${scope.place}: ${text}\n`, true);
			return '';
		},
	},
	error: {
		most: 1,
		run: ([text = ''], scope) => {
			throw new MakeError(text, scope.place);
		},
	},
};
