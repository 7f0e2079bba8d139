/** Expansion of words: parameters, substitutions, arithmetic, splitting, file names. In bash's order, quotes kept track of. */
import { bounded } from './bounded.ts';
import type { IFileSystem } from 'just-bash';
import { evaluate, exact, expressionOf, parseArithmetic } from './arith.ts';
import type { BraceExpansionPart, ParameterExpansionPart, ScriptNode, WordNode, WordPart } from './ast.ts';
import { parse } from './ast.ts';
import { escapeRegex } from '../../simulator/images/shell/pattern.ts';
import { escapePattern, hasGlob, matches, patternSource, unescapePattern } from './pattern.ts';
import { quoted, unescapeText } from './quoting.ts';
import type { ShellState } from './state.ts';
import { element, elements, isAssociative, keys, parameter, setVariable, ShellError } from './variables.ts';

export interface Expander {
	readonly state: ShellState;
	readonly fs: IFileSystem;
	/** Output of a command substitution, newlines at its end taken off. */
	substitute(script: ScriptNode): Promise<string>;
	/** A path from which a process substitution's output can be read. */
	processSubstitution(script: ScriptNode): Promise<string>;
}

/** A run of text. `quoted` text is neither split nor globbed; `split` text came from an expansion; `break` ends a field ("$@"). */
interface Piece {
	readonly text: string;
	readonly quoted: boolean;
	readonly split?: boolean;
	readonly break?: boolean;
}

const NAME_INDEX = /^(\w+)\[(.*)\]$/s;

async function subscript(x: Expander, name: string, raw: string): Promise<string> {
	// A key with quotes of its own is a word; another is one whatever blanks it holds.
	const word = parse(`: ${isAssociative(x.state, name) && /["'\\]/.test(raw) ? raw : `"${raw}"`}`).statements[0]?.pipelines[0]?.commands[0];
	const text = word?.type === 'SimpleCommand' && word.args[0] !== undefined ? await expandText(x, word.args[0]) : raw;
	return isAssociative(x.state, name) ? text : String(evaluate(x.state, parseArithmetic(text === '' ? '0' : text)));
}

/** The value of `name`, `name[i]` as text; undefined where unset. */
async function textOfParameter(x: Expander, name: string): Promise<string | undefined> {
	const m = NAME_INDEX.exec(name);
	if (m === null) return parameter(x.state, name);
	const [, array = '', index = ''] = m;
	if (index === '@' || index === '*') {
		const all = elements(x.state, array);
		return all.length === 0 ? undefined : all.join(' ');
	}
	return element(x.state, array, await subscript(x, array, index));
}

/** The list behind `$@`, `$*`, `${a[@]}`, `${a[*]}`; undefined for anything else. */
function listOf(x: Expander, name: string): { readonly items: readonly string[]; readonly star: boolean } | undefined {
	if (name === '@' || name === '*') return { items: x.state.positional, star: name === '*' };
	const m = /^(\w+)\[([@*])\]$/.exec(name);
	return m === null ? undefined : { items: elements(x.state, m[1] ?? ''), star: m[2] === '*' };
}

async function patternOf(x: Expander, word: WordNode): Promise<string> {
	let out = '';
	for (const p of await piecesOf(x, word, false)) out += p.quoted ? escapePattern(p.text) : p.text;
	return out;
}

function removePattern(text: string, pattern: string, side: 'prefix' | 'suffix', greedy: boolean, extended: boolean): string {
	if (side === 'prefix') return bounded(new RegExp(`^(?:${patternSource(pattern, { lazy: !greedy, extended })})`, 'u'), (re) => text.replace(re, ''));
	const whole = new RegExp(`^(?:${patternSource(pattern, { extended })})$`, 'u');
	const starts = [...Array(text.length + 1).keys()];
	if (!greedy) starts.reverse();
	const at = bounded(whole, (re) => starts.find((i) => re.test(text.slice(i))));
	return at === undefined ? text : text.slice(0, at);
}

function changeCase(text: string, direction: 'upper' | 'lower', all: boolean, pattern?: string): string {
	const f = (c: string): string => (pattern !== undefined && !matches(c, pattern, false) ? c : direction === 'upper' ? c.toUpperCase() : c.toLowerCase());
	if (!all) return f(text.slice(0, 1)) + text.slice(1);
	return pattern === undefined ? f(text) : [...text].map(f).join('');
}

type Operation = NonNullable<ParameterExpansionPart['operation']>;

async function operate(x: Expander, name: string, op: Operation, text: string | undefined): Promise<string | undefined> {
	switch (op.type) {
		case 'PatternRemoval':
			return removePattern(text ?? '', await patternOf(x, op.pattern), op.side, op.greedy, x.state.shopt.get('extglob') === true);
		case 'PatternReplacement': {
			const source = patternSource(await patternOf(x, op.pattern), { extended: x.state.shopt.get('extglob') === true });
			if (source === '' && op.anchor === null) return text ?? '';
			const anchored = op.anchor === 'start' ? `^(?:${source})` : op.anchor === 'end' ? `(?:${source})$` : source;
			const pieces = op.replacement === null ? [] : await piecesOf(x, op.replacement, false);
			// An unquoted `&` stands for what was found (patsub_replacement, on since bash 5.2).
			const put = (found: string): string => pieces.map((p) => (p.quoted ? p.text : p.text.replace(/\\&|&/g, (m) => (m === '&' ? found : '&')))).join('');
			return bounded(new RegExp(anchored, op.all ? 'gu' : 'u'), (re) => (text ?? '').replace(re, (found) => put(found)));
		}
		case 'Substring': {
			const t = text ?? '';
			let start = evaluate(x.state, op.offset.expression);
			if (start < 0) start = Math.max(0, t.length + start);
			if (op.length === null) return t.slice(start);
			const length = evaluate(x.state, op.length.expression);
			return length < 0 ? t.slice(start, t.length + length) : t.slice(start, start + length);
		}
		case 'CaseModification':
			return changeCase(text ?? '', op.direction, op.all, op.pattern === null ? undefined : await patternOf(x, op.pattern));
		case 'Transform':
			if (op.operator === 'Q') return text === undefined ? '' : quoted(text);
			if (op.operator === 'E') return unescapeText(text ?? '').text;
			if (op.operator === 'A') return text === undefined ? '' : `${name}=${quoted(text)}`;
			if (op.operator === 'U' || op.operator === 'L') return changeCase(text ?? '', op.operator === 'U' ? 'upper' : 'lower', true);
			if (op.operator === 'u') return changeCase(text ?? '', 'upper', false);
			return text;
		case 'Indirection': {
			const inner = await textOfParameter(x, text ?? '');
			return op.innerOp === undefined ? inner : operate(x, text ?? '', op.innerOp, inner);
		}
		case 'BadSubstitution':
			throw new ShellError(`\${${op.text}}: bad substitution`);
		default:
			throw new ShellError(`\${${name}}: bad substitution`);
	}
}

/** Pieces of a list in or out of quotes: "$@" keeps its elements apart, "$*" joins them by IFS. */
function listPieces(x: Expander, items: readonly string[], star: boolean, quoted: boolean): Piece[] {
	if (star && quoted) return [{ text: items.join((parameter(x.state, 'IFS') ?? ' ').slice(0, 1)), quoted: true }];
	const out: Piece[] = [];
	items.forEach((text, i) => {
		if (i > 0) out.push({ text: '', quoted: false, break: true });
		out.push({ text, quoted, split: !quoted });
	});
	return out;
}

async function parameterPieces(x: Expander, part: ParameterExpansionPart, quoted: boolean): Promise<Piece[]> {
	const { parameter: name, operation: op } = part;
	const list = listOf(x, name);
	const one = (text: string): Piece[] => [{ text, quoted, split: !quoted }];
	if (op === null) {
		if (list !== undefined) return listPieces(x, list.items, list.star, quoted);
		const value = await textOfParameter(x, name);
		if (value === undefined && x.state.options.nounset && !/^[@*?#$!-]$/.test(name)) throw new ShellError(`${name}: unbound variable`, 1);
		return one(value ?? '');
	}
	switch (op.type) {
		case 'Length':
			return one(String(list === undefined ? [...((await textOfParameter(x, name)) ?? '')].length : list.items.length));
		case 'ArrayKeys':
			return listPieces(x, keys(x.state, op.array), op.star, quoted);
		case 'VarNamePrefix':
			return listPieces(x, [...x.state.variables.keys()].filter((k) => k.startsWith(op.prefix)).sort(), op.star, quoted);
		case 'DefaultValue':
		case 'AssignDefault':
		case 'UseAlternative':
		case 'ErrorIfUnset': {
			const value = list === undefined ? await textOfParameter(x, name) : list.items.length === 0 ? undefined : list.items.join(' ');
			const absent = value === undefined || (op.checkEmpty && value === '');
			if (op.type === 'UseAlternative') return absent ? one('') : piecesOf(x, op.word, quoted);
			if (!absent) return list === undefined ? one(value ?? '') : listPieces(x, list.items, list.star, quoted);
			if (op.type === 'DefaultValue') return piecesOf(x, op.word, quoted);
			if (op.type === 'AssignDefault') {
				const text = await expandText(x, op.word);
				setVariable(x.state, name, text);
				return one(text);
			}
			const words = op.word === null ? '' : await expandText(x, op.word);
			const message = words !== '' ? words : op.checkEmpty ? 'parameter null or not set' : 'parameter not set';
			throw new ShellError(`${name}: ${message}`, 1);
		}
		case 'Substring':
			if (list !== undefined) {
				const all = name === '@' || name === '*' ? [x.state.name, ...list.items] : list.items;
				const from = evaluate(x.state, op.offset.expression);
				const start = from < 0 ? all.length + from : from;
				const items = op.length === null ? all.slice(start) : all.slice(start, start + evaluate(x.state, op.length.expression));
				return listPieces(x, items, list.star, quoted);
			}
			break;
		default:
			break;
	}
	if (list !== undefined) {
		const items = await Promise.all(list.items.map(async (i) => (await operate(x, name, op, i)) ?? ''));
		return listPieces(x, items, list.star, quoted);
	}
	const value = await textOfParameter(x, name);
	if (value === undefined && op.type !== 'Indirection' && x.state.options.nounset) throw new ShellError(`${name}: unbound variable`, 1);
	return one((await operate(x, name, op, value)) ?? '');
}

async function piecesOfPart(x: Expander, part: WordPart, quoted: boolean): Promise<Piece[]> {
	switch (part.type) {
		case 'Literal':
			return [{ text: part.value, quoted }];
		case 'SingleQuoted':
			return [{ text: part.value, quoted: true }];
		case 'Escaped':
			return [{ text: part.value, quoted: true }];
		case 'Glob':
			return [{ text: part.pattern, quoted }];
		case 'DoubleQuoted': {
			const out: Piece[] = [];
			for (const p of part.parts) out.push(...(await piecesOfPart(x, p, true)));
			// "" and "$unset" are a field, though empty; "$@" of nothing is none.
			const onlyList = part.parts.length === 1 && part.parts[0]?.type === 'ParameterExpansion' && listOf(x, part.parts[0].parameter) !== undefined;
			return out.length === 0 && !onlyList ? [{ text: '', quoted: true }] : out;
		}
		case 'ParameterExpansion':
			return parameterPieces(x, part, quoted);
		case 'CommandSubstitution':
			return [{ text: await x.substitute(part.body), quoted, split: !quoted }];
		case 'ProcessSubstitution':
			return [{ text: await x.processSubstitution(part.body), quoted: true }];
		case 'ArithmeticExpansion': {
			const original = part.expression.originalText;
			const dynamic = original !== undefined && /\$\(|`|\$\{[^}]*[^\w}]/.test(original);
			const expression = dynamic ? parseArithmetic(await expandText(x, wordOf(`"${original.replace(/"/g, '')}"`))) : expressionOf(part.expression);
			try {
				return [{ text: String(exact(x.state, expression)), quoted, split: !quoted }];
			} catch (e) {
				throw e instanceof ShellError && original !== undefined && e.message.startsWith('division') ? new ShellError(`${original}: ${e.message}`, e.status) : e;
			}
		}
		case 'TildeExpansion':
			if (part.user === '-') return [{ text: parameter(x.state, 'OLDPWD') ?? '~-', quoted: true }];
			return [{ text: part.user === null ? (parameter(x.state, 'HOME') ?? '/') : part.user === 'root' ? '/root' : `/home/${part.user}`, quoted: true }];
		case 'BraceExpansion':
			return [{ text: '', quoted }];
	}
}

/** A word read from text, for places where the parser gives raw text only. */
export function wordOf(text: string): WordNode {
	const c = parse(`: ${text}`).statements[0]?.pipelines[0]?.commands[0];
	const w = c?.type === 'SimpleCommand' ? c.args[0] : undefined;
	return w ?? { type: 'Word', parts: [{ type: 'Literal', value: text }] };
}

async function piecesOf(x: Expander, word: WordNode, quoted: boolean): Promise<Piece[]> {
	const out: Piece[] = [];
	for (const [i, part] of word.parts.entries()) {
		// `~+` is the folder itself; the parser leaves it as text.
		const here = i === 0 && !quoted && part.type === 'Literal' && /^~\+(?=\/|$)/.test(part.value);
		if (here) out.push({ text: x.state.cwd, quoted: true }, { text: part.value.slice(2), quoted });
		else out.push(...(await piecesOfPart(x, part, quoted)));
	}
	return out;
}

function braceItems(part: BraceExpansionPart): WordNode[] {
	return part.items.flatMap((item): WordNode[] => {
		if (item.type === 'Word') return expandBraces(item.word);
		const literal = (value: string): WordNode => ({ type: 'Word', parts: [{ type: 'Literal', value }] });
		const letters = typeof item.start === 'string' && typeof item.end === 'string' && !/^-?\d+$/.test(item.start);
		const code = (v: string | number): number => (letters ? String(v).charCodeAt(0) : Number(v));
		const from = code(item.start);
		const to = code(item.end);
		const step = Math.max(1, Math.abs(item.step ?? 1)) * (to < from ? -1 : 1);
		const width = [item.startStr, item.endStr].some((t) => /^-?0\d/.test(t ?? '')) ? Math.max(item.startStr?.length ?? 0, item.endStr?.length ?? 0) : 0;
		const out: WordNode[] = [];
		for (let v = from; step > 0 ? v <= to : v >= to; v += step) {
			if (out.length >= 100_000) throw new ShellError('brace expansion: too many words');
			out.push(literal(letters ? String.fromCharCode(v) : String(v).padStart(width, '0')));
		}
		return out;
	});
}

/** `a{b,c}d` → `abd`, `acd`, before anything else. */
export function expandBraces(word: WordNode): WordNode[] {
	const at = word.parts.findIndex((p) => p.type === 'BraceExpansion');
	const part = word.parts[at];
	if (part?.type !== 'BraceExpansion') return [word];
	const rest = expandBraces({ type: 'Word', parts: word.parts.slice(at + 1) });
	return braceItems(part).flatMap((item) => rest.map((r): WordNode => ({ type: 'Word', parts: [...word.parts.slice(0, at), ...item.parts, ...r.parts] })));
}

/** A word as one text: no splitting, no file names (assignments, redirections' here-strings, case subjects). */
export async function expandText(x: Expander, word: WordNode): Promise<string> {
	let out = '';
	for (const p of await piecesOf(x, word, false)) out += p.break ? ' ' : p.text;
	return out;
}

/** A word as a regular expression: quoted parts match themselves. */
export async function expandRegex(x: Expander, word: WordNode): Promise<string> {
	let out = '';
	for (const p of await piecesOf(x, word, false)) out += p.quoted ? escapeRegex(p.text) : p.text;
	return out;
}

/** A word as a pattern: quoted parts match themselves. */
export function expandPattern(x: Expander, word: WordNode): Promise<string> {
	return patternOf(x, word);
}

interface Field {
	/** Text as a pattern: quoted characters escaped. */
	pattern: string;
	glob: boolean;
	/** A quoted part makes even an empty field count. */
	counts: boolean;
}

/** Splits what came from expansions by IFS; joins all else to fields. */
function fieldsOf(pieces: readonly Piece[], ifs: string): Field[] {
	const out: Field[] = [];
	let field: Field | undefined;
	const current = (): Field => {
		if (field === undefined) {
			field = { pattern: '', glob: false, counts: false };
			out.push(field);
		}
		return field;
	};
	for (const p of pieces) {
		if (p.break) {
			field = undefined;
			continue;
		}
		if (p.quoted) {
			const f = current();
			f.pattern += escapePattern(p.text);
			f.counts = true;
			continue;
		}
		if (!p.split || ifs === '') {
			if (p.text === '') continue;
			const f = current();
			f.pattern += p.split ? p.text : p.text;
			f.glob ||= hasGlob(p.text);
			continue;
		}
		let text = '';
		/** What stood before: a separator that is white space and ended a field joins with a harder one after it. */
		let before: 'text' | 'blank' | 'hard' = 'text';
		const flush = (): void => {
			if (text === '') return;
			const f = current();
			f.pattern += text;
			f.glob ||= hasGlob(text);
			text = '';
		};
		for (let i = 0; i < p.text.length; i++) {
			const c = p.text[i] ?? '';
			if (!ifs.includes(c)) {
				text += c === '\\' ? '\\\\' : c;
				before = 'text';
				continue;
			}
			flush();
			if (/\s/.test(c)) {
				if (before === 'text' && field !== undefined) before = 'blank';
			} else {
				// A separator that is no white space ends a field even where that is empty.
				if (before !== 'blank') current().counts = true;
				before = 'hard';
			}
			field = undefined;
		}
		flush();
	}
	return out.filter((f) => f.pattern !== '' || f.counts);
}

async function globFiles(x: Expander, pattern: string): Promise<string[]> {
	const absolute = pattern.startsWith('/');
	let found: string[] = [absolute ? '/' : ''];
	const [dots, extended, deep] = ['dotglob', 'extglob', 'globstar'].map((o) => x.state.shopt.get(o) === true);
	const segments = pattern.split('/').filter((p) => p !== '');
	for (const [n, segment] of segments.entries()) {
		const next: string[] = [];
		if (deep && segment === '**') {
			for (const base of found) next.push(...(await below(x, base, n === segments.length - 1, dots === true)));
			found = next;
			continue;
		}
		for (const base of found) {
			const join = (name: string): string => (base === '' ? name : base.endsWith('/') ? base + name : `${base}/${name}`);
			if (!hasGlob(segment)) {
				const path = join(unescapePattern(segment));
				if (await x.fs.exists(x.fs.resolvePath(x.state.cwd, path))) next.push(path);
				continue;
			}
			const directory = x.fs.resolvePath(x.state.cwd, base === '' ? '.' : base);
			const names = await x.fs.readdir(directory).catch(() => []);
			const re = new RegExp(`^${patternSource(segment, { path: true, extended: extended === true })}$`, 'u');
			const hits = bounded(re, (r) => names.filter((n) => (dots || segment.startsWith('.') || !n.startsWith('.')) && r.test(n)));
			next.push(...hits.sort().map(join));
		}
		found = next;
	}
	return found;
}

/** What `**` stands for with globstar: the folder itself and all folders below it; as the last part of a pattern, files too. */
async function below(x: Expander, base: string, files: boolean, dots: boolean): Promise<string[]> {
	const out: string[] = files && base === '' ? [] : [base];
	const names = await x.fs.readdir(x.fs.resolvePath(x.state.cwd, base === '' ? '.' : base)).catch(() => []);
	for (const name of [...names].sort()) {
		if (name.startsWith('.') && !dots) continue;
		const path = base === '' ? name : base.endsWith('/') ? base + name : `${base}/${name}`;
		const stat = await x.fs.lstat(x.fs.resolvePath(x.state.cwd, path)).catch(() => undefined);
		if (stat?.isDirectory) out.push(...(await below(x, path, files, dots)));
		else if (files && stat !== undefined) out.push(path);
	}
	return out;
}

/** Words as fields: the arguments of a command. */
export async function expandWords(x: Expander, words: readonly WordNode[]): Promise<string[]> {
	const out: string[] = [];
	const ifs = parameter(x.state, 'IFS') ?? ' \t\n';
	for (const whole of words) {
		for (const word of expandBraces(whole)) {
			for (const f of fieldsOf(await piecesOf(x, word, false), ifs)) {
				const files = f.glob && !x.state.options.noglob ? await globFiles(x, f.pattern) : [];
				if (files.length > 0) out.push(...files);
				else if (f.glob && !x.state.options.noglob && x.state.shopt.get('failglob')) throw new ShellError(`no match: ${unescapePattern(f.pattern)}`);
				else if (!(f.glob && !x.state.options.noglob && x.state.shopt.get('nullglob'))) out.push(unescapePattern(f.pattern));
			}
		}
	}
	return out;
}
