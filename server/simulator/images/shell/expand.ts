/**
 * Words to fields: parameters, command substitution, arithmetic, splitting, globbing, quotes. Expansion is done in one go
 * and from the start each time: where a command substitution has no result yet, `NeedsSubstitution` says which, and the
 * machine comes back with it. Assignments made on the way are thrown away by then.
 */
import { ArithmeticError, evaluate } from './arithmetic.ts';
import { globPaths, hasGlob, matchesPattern, patternSource, quotePattern, unquotePattern } from './pattern.ts';
import type { Memo } from './state.ts';
import { type ArithmeticNode, type PartOf, parseScript, type WordNode, type WordPart } from './syntax.ts';

/** Thrown within expansion only: this substitution must be run first. */
export class NeedsSubstitution extends Error {
	readonly part: object;
	/** Its statements, or its text where the tree holds no more than that (inside arithmetic). */
	readonly body: PartOf<'CommandSubstitution'>['body'] | string;
	constructor(part: object, body: PartOf<'CommandSubstitution'>['body'] | string) {
		super('needs a command substitution');
		this.part = part;
		this.body = body;
	}
}

/** Thrown within expansion only: the message is printed, and a script ends. */
export class ExpansionError extends Error {}

export interface ExpansionContext {
	readonly memo: Memo;
	readonly flavour: 'ash' | 'dash' | 'bash';
	readonly cwd: string;
	readonly noglob: boolean;
	readonly nounset: boolean;
	idOf(node: object): number;
	get(name: string): string | undefined;
	set(name: string, value: string): void;
	args(): readonly string[];
	special(name: string): string | undefined;
	list(directory: string): readonly string[] | undefined;
}

/** `s` with quoted characters escaped as in patterns; `split`: comes of an expansion and is split at IFS; `brk`: a field ends here. */
interface Piece {
	readonly s: string;
	readonly quoted: boolean;
	readonly split: boolean;
	readonly brk?: true;
}

const literal = (s: string): Piece => ({ s, quoted: false, split: false });
const quoted = (s: string): Piece => ({ s, quoted: true, split: false });
const expansion = (s: string): Piece => ({ s, quoted: false, split: true });
const BREAK: Piece = { s: '', quoted: false, split: false, brk: true };

/** Fields of a command's words. */
export function expandWords(words: readonly WordNode[], c: ExpansionContext): readonly string[] {
	return words.flatMap((w) => braces(w, c).flatMap((b) => fields(b, c)));
}

/** One string, neither split nor globbed: assignments, redirections, here-documents. */
export function expandText(word: WordNode, c: ExpansionContext): string {
	return pieces(word.parts, c, false)
		.map((p) => (p.brk === true ? ' ' : p.s))
		.join('');
}

/** A word as a pattern: quoted parts are escaped. */
export function expandPattern(word: WordNode, c: ExpansionContext): string {
	return pieces(word.parts, c, false)
		.map((p) => (p.brk === true ? ' ' : p.quoted ? quotePattern(p.s) : p.s))
		.join('');
}

function fields(word: WordNode, c: ExpansionContext): readonly string[] {
	const out: string[] = [];
	/** The field being put together, as a pattern; undefined where none has begun. */
	let current: string | undefined;
	const end = (): void => {
		if (current === undefined) return;
		if (!c.noglob && hasGlob(current)) {
			const found = globPaths(current, c.cwd, (d) => c.list(d));
			if (found.length > 0) {
				out.push(...found);
				current = undefined;
				return;
			}
		}
		out.push(unquotePattern(current));
		current = undefined;
	};
	const ifs = c.get('IFS') ?? ' \t\n';
	for (const p of pieces(word.parts, c, false)) {
		if (p.brk === true) end();
		else if (p.quoted) current = (current ?? '') + quotePattern(p.s);
		else if (!p.split) current = (current ?? '') + p.s;
		else {
			const parts = splitFields(p.s, ifs);
			parts.forEach((part, i) => {
				if (i > 0) end();
				// What an expansion brings may hold backslashes that mean themselves.
				if (part !== '' || (i > 0 && i < parts.length - 1)) current = (current ?? '') + part.replace(/\\/g, '\\\\');
			});
		}
	}
	end();
	return out;
}

/** Splits at IFS; a leading or trailing separator shows as an empty first or last part. */
function splitFields(text: string, ifs: string): readonly string[] {
	if (ifs === '') return [text];
	const white = [...ifs].filter((ch) => ' \t\n'.includes(ch)).join('');
	const other = [...ifs].filter((ch) => !' \t\n'.includes(ch)).join('');
	const cls = (s: string): string => s.replace(/[\\\]^-]/g, '\\$&');
	const w = white === '' ? '' : `[${cls(white)}]`;
	const separator = other === '' ? `${w}+` : w === '' ? `[${cls(other)}]` : `${w}*[${cls(other)}]${w}*|${w}+`;
	return text.split(new RegExp(separator));
}

function pieces(parts: readonly WordPart[], c: ExpansionContext, inQuotes: boolean): readonly Piece[] {
	return parts.flatMap((p) => piece(p, c, inQuotes));
}

function piece(p: WordPart, c: ExpansionContext, inQuotes: boolean): readonly Piece[] {
	const text = (s: string): Piece => (inQuotes ? quoted(s) : expansion(s));
	switch (p.type) {
		case 'Literal':
			return [inQuotes ? quoted(p.value) : literal(p.value)];
		case 'SingleQuoted':
		case 'Escaped':
			return [quoted(p.value)];
		case 'DoubleQuoted': {
			const inner = pieces(p.parts, c, true);
			// "$@" without arguments is no field at all; any other empty quotes are one.
			const onlyArgs = p.parts.length === 1 && p.parts[0]?.type === 'ParameterExpansion' && p.parts[0].parameter === '@';
			return inner.length === 0 && !onlyArgs ? [quoted('')] : inner;
		}
		case 'Glob':
			return [inQuotes ? quoted(p.pattern) : literal(p.pattern)];
		case 'TildeExpansion':
			return [quoted(p.user === null ? (c.get('HOME') ?? '/root') : `~${p.user}`)];
		case 'ArithmeticExpansion':
			return [text(String(arithmetic(p.expression, c)))];
		case 'CommandSubstitution': {
			const result = c.memo.parts[c.idOf(p)];
			if (result === undefined) throw new NeedsSubstitution(p, p.body);
			return [text(result)];
		}
		case 'ParameterExpansion':
			return parameter(p, c, inQuotes);
		case 'BraceExpansion':
			return [literal(braceText(p, c))];
		case 'ProcessSubstitution':
			throw new ExpansionError('syntax error: unexpected "("');
	}
}

export function arithmetic(node: ArithmeticNode, c: ExpansionContext): number {
	try {
		return evaluate(node.expression, {
			get: (name) => (/^\d+$|^[#?$!]$/.test(name) ? (c.special(name) ?? '') : (c.get(name) ?? '')),
			set: (name, value) => c.set(name, value),
			parameter: (content) => {
				const parsed = parseScript(`: "\${${content.replace(/^\{|\}$/g, '')}}"`);
				const command = 'fault' in parsed ? undefined : parsed.script.statements[0]?.pipelines[0]?.commands[0];
				const word = command?.type === 'SimpleCommand' ? command.args[0] : undefined;
				return word === undefined ? '' : expandText(word, c);
			},
			command: (part, text) => {
				const result = c.memo.parts[c.idOf(part)];
				if (result === undefined) throw new NeedsSubstitution(part, text);
				return result;
			},
		});
	} catch (error) {
		if (error instanceof ArithmeticError) throw new ExpansionError(error.message);
		throw error;
	}
}

function parameterValue(name: string, c: ExpansionContext): string | undefined {
	return /^(\d+|[#?$!-])$/.test(name) ? c.special(name) : c.get(name);
}

function parameter(p: PartOf<'ParameterExpansion'>, c: ExpansionContext, inQuotes: boolean): readonly Piece[] {
	const text = (s: string): Piece => (inQuotes ? quoted(s) : expansion(s));
	const { operation } = p;
	const name = p.parameter;
	if (name === '@' || name === '*') return list(name, operation, c, inQuotes);
	const value = parameterValue(name, c);
	const missing = operation !== null && 'checkEmpty' in operation ? value === undefined || (operation.checkEmpty && value === '') : value === undefined;
	const word = (w: WordNode | null): readonly Piece[] => (w === null ? [] : pieces(w.parts, c, inQuotes));
	switch (operation?.type) {
		case 'DefaultValue':
			return missing ? word(operation.word) : [text(value ?? '')];
		case 'AssignDefault': {
			if (!missing) return [text(value ?? '')];
			const assigned = expandText(operation.word, c);
			c.set(name, assigned);
			return [text(assigned)];
		}
		case 'ErrorIfUnset':
			if (!missing) return [text(value ?? '')];
			throw new ExpansionError(
				`${name}: ${operation.word === null ? (operation.checkEmpty ? 'parameter null or not set' : 'parameter not set') : expandText(operation.word, c)}`,
			);
		case 'UseAlternative':
			return missing ? (inQuotes ? [quoted('')] : []) : word(operation.word);
		default: {
			if (value === undefined && c.nounset && name !== '!')
				throw new ExpansionError(c.flavour === 'bash' ? `${name}: unbound variable` : `${name}: parameter not set`);
			return [text(operation === null ? (value ?? '') : transform(value ?? '', operation, c, name))];
		}
	}
}

function list(name: '@' | '*', operation: PartOf<'ParameterExpansion'>['operation'], c: ExpansionContext, inQuotes: boolean): readonly Piece[] {
	const args = c.args();
	if (operation?.type === 'Length') return [quoted(String(args.length))];
	if (args.length === 0 && operation?.type === 'DefaultValue') return pieces(operation.word.parts, c, inQuotes);
	if (args.length > 0 && operation?.type === 'UseAlternative') return pieces(operation.word.parts, c, inQuotes);
	if (inQuotes && name === '*') return [quoted(args.join((c.get('IFS') ?? ' ').slice(0, 1)))];
	return args.flatMap((a, i) => (i === 0 ? [inQuotes ? quoted(a) : expansion(a)] : [BREAK, inQuotes ? quoted(a) : expansion(a)]));
}

function transform(value: string, operation: NonNullable<PartOf<'ParameterExpansion'>['operation']>, c: ExpansionContext, name: string): string {
	switch (operation.type) {
		case 'Length':
			return String([...value].length);
		case 'PatternRemoval':
			return removePattern(value, expandPattern(operation.pattern, c), operation.side, operation.greedy);
		case 'PatternReplacement': {
			const source = patternSource(expandPattern(operation.pattern, c));
			const to = operation.replacement === null ? '' : expandText(operation.replacement, c);
			if (source === '') return value;
			const anchored = operation.anchor === 'start' ? `^${source}` : operation.anchor === 'end' ? `${source}$` : source;
			return value.replace(new RegExp(anchored, operation.all ? 'gu' : 'u'), () => to);
		}
		case 'Substring': {
			const offset = arithmetic(operation.offset, c);
			const from = offset < 0 ? Math.max(0, value.length + offset) : offset;
			if (operation.length === null) return value.slice(from);
			const length = arithmetic(operation.length, c);
			return length < 0 ? value.slice(from, value.length + length) : value.slice(from, from + length);
		}
		case 'CaseModification': {
			const change = (s: string): string => (operation.direction === 'upper' ? s.toUpperCase() : s.toLowerCase());
			return operation.all ? change(value) : change(value.slice(0, 1)) + value.slice(1);
		}
		case 'Indirection':
			return c.get(value) ?? '';
		case 'Transform':
			return operation.operator === 'Q'
				? `'${value}'`
				: operation.operator === 'U'
					? value.toUpperCase()
					: operation.operator === 'L'
						? value.toLowerCase()
						: value;
		default:
			throw new ExpansionError(`\${${name}}: bad substitution`.replace('${', '').replace('}', ''));
	}
}

function removePattern(value: string, pattern: string, side: 'prefix' | 'suffix', greedy: boolean): string {
	const lengths = Array.from({ length: value.length + 1 }, (_u, i) => i);
	const order = greedy ? lengths.reverse() : lengths;
	for (const n of order) {
		const part = side === 'prefix' ? value.slice(0, n) : value.slice(value.length - n);
		if (matchesPattern(part, pattern)) return side === 'prefix' ? value.slice(n) : value.slice(0, value.length - n);
	}
	return value;
}

/** Brace expansion is bash's alone; elsewhere it is text. */
function braces(word: WordNode, c: ExpansionContext): readonly WordNode[] {
	const at = word.parts.findIndex((p) => p.type === 'BraceExpansion');
	const part = word.parts[at];
	if (at === -1 || part?.type !== 'BraceExpansion' || c.flavour !== 'bash') return [word];
	const alternatives = part.items.flatMap((item): readonly (readonly WordPart[])[] => {
		if (item.type === 'Word') return [item.word.parts];
		return range(item.start, item.end, item.step ?? 1).map((value) => [{ type: 'Literal', value }]);
	});
	return alternatives.flatMap((parts) => braces({ ...word, parts: [...word.parts.slice(0, at), ...parts, ...word.parts.slice(at + 1)] }, c));
}

function range(start: string | number, end: string | number, step: number): readonly string[] {
	const letters = typeof start === 'string' && typeof end === 'string' && Number.isNaN(Number(start));
	const code = (v: string | number): number => (letters ? String(v).charCodeAt(0) : Number(v));
	const [from, to] = [code(start), code(end)];
	const by = Math.max(1, Math.abs(step)) * (from <= to ? 1 : -1);
	const out: string[] = [];
	for (let v = from; by > 0 ? v <= to : v >= to; v += by) out.push(letters ? String.fromCharCode(v) : String(v));
	return out;
}

function braceText(p: PartOf<'BraceExpansion'>, c: ExpansionContext): string {
	const items = p.items.map((i) => (i.type === 'Range' ? `${i.startStr ?? i.start}..${i.endStr ?? i.end}` : expandText(i.word, c)));
	return `{${items.join(',')}}`;
}
