/** `:s/pattern/replacement/flags`, and the pattern of `:g`. */
import { LIMITS } from '../../../limits.ts';
import { bounded } from '../../interpreter/bounded.ts';
import { ShellError } from '../../interpreter/variables.ts';
import { firstNonBlank } from './motions.ts';
import type { Ex } from './ex.types.ts';
import { compile, replacement } from './pattern.ts';
import { lineAt } from './text.ts';
import type { Vi } from './vi.ts';

/** A pattern's expression, remembered as the last one searched for; what is wrong with it has been said where it is undefined. */
export function withPattern(vi: Vi, pattern: string): RegExp | undefined {
	const text = pattern === '' ? vi.search?.pattern : pattern;
	if (text === undefined) {
		vi.fail('E35: No previous regular expression');
		return undefined;
	}
	vi.search = { pattern: text, back: false };
	const expression = compile(text, vi.options);
	if (expression === undefined) vi.fail(`E486: Pattern not found: ${text}`);
	return expression === undefined ? undefined : new RegExp(expression.source, expression.flags.replace('g', ''));
}

interface Parts {
	readonly pattern: string;
	readonly template: string;
	readonly flags: string;
}

function parts(vi: Vi, argument: string): Parts | undefined {
	const mark = argument[0] ?? '';
	if (argument === '' || /[\w\s&]/.test(mark)) {
		const last = vi.lastSubstitute;
		if (last === undefined) vi.fail('E33: No previous substitute regular expression');
		return last === undefined ? undefined : { ...last, flags: argument.replace(/^&/, '') };
	}
	const found: string[] = [''];
	for (let i = 1; i < argument.length; i++) {
		const c = argument[i] ?? '';
		if (c === '\\' && i + 1 < argument.length) {
			const e = argument[++i] ?? '';
			found[found.length - 1] += e === mark ? e : `\\${e}`;
		} else if (c === mark && found.length < 3) found.push('');
		else found[found.length - 1] += c;
	}
	return { pattern: found[0] ?? '', template: found[1] ?? '', flags: found[2] ?? '' };
}

/** The text with matches replaced, and how many there were. */
function replaceIn(line: string, expression: RegExp, template: string, all: boolean): { readonly text: string; readonly count: number } {
	const global = new RegExp(expression.source, expression.flags.includes('g') ? expression.flags : `${expression.flags}g`);
	let out = '';
	let from = 0;
	let count = 0;
	for (let m = global.exec(line); m !== null; m = global.exec(line)) {
		out += line.slice(from, m.index) + replacement(template, m);
		from = m.index + m[0].length;
		count++;
		if (m[0] === '') global.lastIndex++;
		if (!all || global.lastIndex > line.length) break;
	}
	return { text: out + line.slice(from), count };
}

export function substitute(vi: Vi, ex: Ex): void {
	const p = parts(vi, ex.argument);
	const expression = p === undefined ? undefined : withPattern(vi, p.pattern);
	if (p === undefined || expression === undefined) return;
	const pattern = vi.search?.pattern ?? '';
	vi.lastSubstitute = { pattern, template: p.template };
	const flags = /^[&cegiIn]*/.exec(p.flags.trim())?.[0] ?? '';
	const own = flags.includes('i') ? new RegExp(expression.source, 'i') : flags.includes('I') ? new RegExp(expression.source) : expression;
	let total = 0;
	let touched = 0;
	let last = ex.from;
	let size = 0;
	try {
		const changed = vi.lines.slice(ex.from, ex.to + 1).map((line, i) => {
			const { text, count } = bounded(own, (e) => replaceIn(line, e, p.template, flags.includes('g')));
			total += count;
			if (count > 0) {
				touched++;
				last = ex.from + i;
			}
			size += text.length;
			if (size > LIMITS.editorBytes) throw new ShellError(`E342: Out of memory! (a text may have ${LIMITS.editorBytes} bytes)`);
			return text;
		});
		if (total === 0) {
			if (!flags.includes('e')) vi.fail(`E486: Pattern not found: ${pattern}`);
			return;
		}
		if (flags.includes('n')) {
			vi.say(`${total} match${total === 1 ? '' : 'es'} on ${touched} line${touched === 1 ? '' : 's'}`);
			return;
		}
		const text = changed.flatMap((l) => l.split('\n'));
		vi.lines = [...vi.lines.slice(0, ex.from), ...text, ...vi.lines.slice(ex.to + 1)];
		last += text.length - changed.length;
	} catch (e) {
		if (!(e instanceof ShellError)) throw e;
		vi.fail(e.message);
		return;
	}
	vi.moveTo({ row: last, at: firstNonBlank(lineAt(vi.lines, last)) });
	if (total > 2) vi.say(`${total} substitutions on ${touched} line${touched === 1 ? '' : 's'}`);
}
