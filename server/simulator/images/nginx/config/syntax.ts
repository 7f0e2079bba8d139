/** The grammar of nginx's configuration files: words, quotes, blocks, comments. Models ngx_conf_file.c, its messages included. */

export interface Directive {
	readonly name: string;
	readonly args: readonly string[];
	readonly file: string;
	readonly line: number;
	readonly block?: readonly Directive[];
}

/** `[emerg]` at start-up: the text without level and time. */
export class ConfigError extends Error {}

interface Token {
	readonly kind: 'word' | ';' | '{' | '}';
	readonly text: string;
	readonly line: number;
}

function tokens(file: string, source: string): readonly Token[] {
	const out: Token[] = [];
	let line = 1;
	let i = 0;
	while (i < source.length) {
		const c = source[i] ?? '';
		if (c === '\n') line++;
		if (/\s/.test(c)) {
			i++;
			continue;
		}
		if (c === '#') {
			while (i < source.length && source[i] !== '\n') i++;
			continue;
		}
		if (c === ';' || c === '{' || c === '}') {
			out.push({ kind: c, text: c, line });
			i++;
			continue;
		}
		const start = line;
		const word = c === '"' || c === "'" ? quoted(file, source, i, c, line) : bare(source, i);
		line += source.slice(i, word.end).split('\n').length - 1;
		i = word.end;
		out.push({ kind: 'word', text: word.text, line: start });
	}
	return out;
}

function quoted(file: string, source: string, at: number, quote: string, line: number): { readonly text: string; readonly end: number } {
	let text = '';
	let i = at + 1;
	for (; i < source.length && source[i] !== quote; i++) {
		if (source[i] === '\\' && i + 1 < source.length) {
			const next = source[++i] ?? '';
			text += next === 'n' ? '\n' : next === 't' ? '\t' : next === 'r' ? '\r' : next === '"' || next === "'" || next === '\\' ? next : `\\${next}`;
		} else text += source[i];
	}
	if (i >= source.length) throw new ConfigError(`unexpected end of file, expecting ";" or "}" in ${file}:${line}`);
	return { text, end: i + 1 };
}

function bare(source: string, at: number): { readonly text: string; readonly end: number } {
	let i = at;
	for (; i < source.length; i++) {
		const c = source[i] ?? '';
		if (c === '\\') {
			i++;
			continue;
		}
		// ${name} is a variable, not a block.
		if (c === '$' && source[i + 1] === '{') {
			const end = source.indexOf('}', i);
			if (end !== -1) {
				i = end;
				continue;
			}
		}
		if (/[\s;{]/.test(c)) break;
	}
	return { text: source.slice(at, i), end: i };
}

export interface Sources {
	readonly [path: string]: string;
}

/** Parses a file of `sources` with what it includes. `line 0` directives come from the command line. */
export function parseConfig(sources: Sources, main: string): readonly Directive[] {
	const list = tokens(main, sources[main] ?? '');
	let at = 0;
	const block = (nested: boolean): readonly Directive[] => {
		const out: Directive[] = [];
		let words: Token[] = [];
		for (;;) {
			const token = list[at++];
			if (token === undefined) {
				const last = list.at(-1)?.line ?? 1;
				const end = (sources[main] ?? '').split('\n').length;
				if (words.length > 0) throw new ConfigError(`unexpected end of file, expecting ";" or "}" in ${main}:${Math.max(last, end)}`);
				if (nested) throw new ConfigError(`unexpected end of file, expecting "}" in ${main}:${Math.max(last, end)}`);
				return out;
			}
			const where = `${main}:${token.line}`;
			if (token.kind === 'word') words.push(token);
			else if (token.kind === '}') {
				if (words.length > 0) throw new ConfigError(`unexpected "}" in ${where}`);
				if (!nested) throw new ConfigError(`unexpected "}" in ${where}`);
				return out;
			} else {
				const [name, ...args] = words;
				if (name === undefined) throw new ConfigError(`unexpected "${token.kind}" in ${where}`);
				// nginx reports a directive at the line its last word stands on.
				const directive = { name: name.text, args: args.map((a) => a.text), file: main, line: token.line };
				words = [];
				if (token.kind === '{') out.push({ ...directive, block: RAW_BLOCKS.has(directive.name) ? rawBlock() : block(true) });
				else if (directive.name === 'include') out.push(...included(sources, directive));
				else out.push(directive);
			}
		}
	};
	/** `types`, `map`, `geo`, `split_clients`: every line is a pair. */
	const rawBlock = (): readonly Directive[] => block(true);
	return block(false);
}

const RAW_BLOCKS = new Set(['types', 'map', 'geo', 'split_clients']);

function included(sources: Sources, include: Directive): readonly Directive[] {
	const paths = includePaths(include, Object.keys(sources));
	return paths.flatMap((p) => parseConfig(sources, p));
}

/** Absolute path or pattern of an include. */
export function includeTarget(include: Directive): string {
	const pattern = include.args[0] ?? '';
	return pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
}

/** The files an include names among those that exist. A pattern may match none; a plain name must exist. */
export function includePaths(include: Directive, existing: readonly string[]): readonly string[] {
	const target = includeTarget(include);
	if (!/[*?[]/.test(target)) {
		if (!existing.includes(target)) throw new ConfigError(`open() "${target}" failed (2: No such file or directory) in ${include.file}:${include.line}`);
		return [target];
	}
	const regex = globRegex(target);
	return existing.filter((p) => regex.test(p)).sort();
}

export function globRegex(glob: string): RegExp {
	return new RegExp(
		`^${glob
			.replace(/[.+^${}()|\\]/g, '\\$&')
			.replace(/\*/g, '[^/]*')
			.replace(/\?/g, '[^/]')}$`,
	);
}

/** Includes by file and text: thousands of containers start with the same few files. */
const includes = new Map<string, readonly Directive[]>();
const INCLUDES_KEPT = 200;

/** Include directives of a text, without following them: what else has to be read. */
export function includesIn(file: string, source: string): readonly Directive[] {
	const key = `${file}\u0000${source}`;
	const known = includes.get(key);
	if (known !== undefined) return known;
	const found = findIncludes(file, source);
	if (includes.size >= INCLUDES_KEPT) includes.clear();
	includes.set(key, found);
	return found;
}

function findIncludes(file: string, source: string): readonly Directive[] {
	const out: Directive[] = [];
	const list = tokens(file, source);
	list.forEach((t, i) => {
		const target = list[i + 1];
		const starts = i === 0 || list[i - 1]?.kind !== 'word';
		if (t.kind === 'word' && t.text === 'include' && starts && target?.kind === 'word')
			out.push({ name: 'include', args: [target.text], file, line: target.line });
	});
	return out;
}
