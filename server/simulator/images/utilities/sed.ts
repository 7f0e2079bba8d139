/** sed: addresses, s, p, d, q, a, i, c, y, =, n; -n -e -i -E. */
import { regexFrom } from './regex.ts';
import { inputs } from './inputs.ts';
import { errorWords, lines, options, resolvePath, type Utility } from './utility.ts';

type Address = { readonly line: number } | { readonly last: true } | { readonly regex: RegExp };

interface Command {
	readonly from?: Address;
	readonly to?: Address;
	readonly negated: boolean;
	readonly name: string;
	readonly text: string;
	readonly regex?: RegExp;
	readonly flags: string;
	readonly block?: readonly Command[];
}

class SedError extends Error {}

/** Parses a script; throws `SedError`. */
function parse(script: string, extended: boolean): readonly Command[] {
	let at = 0;
	const until = (delimiter: string): string => {
		let out = '';
		for (; at < script.length && script[at] !== delimiter; at++) {
			if (script[at] === '\\' && script[at + 1] === delimiter) at++;
			else if (script[at] === '\\') out += script[at++];
			out += script[at] ?? '';
		}
		if (script[at] !== delimiter) throw new SedError("unterminated `s' command");
		at++;
		return out;
	};
	const regex = (source: string, ignoreCase: boolean): RegExp => {
		const r = regexFrom(source, { extended, ignoreCase });
		if (r === undefined) throw new SedError(`bad regex '${source}'`);
		return r;
	};
	const address = (): Address | undefined => {
		const number = /^\d+/.exec(script.slice(at))?.[0];
		if (number !== undefined) {
			at += number.length;
			return { line: Number(number) };
		}
		if (script[at] === '$') {
			at++;
			return { last: true };
		}
		if (script[at] === '/') {
			at++;
			return { regex: regex(until('/'), false) };
		}
		return undefined;
	};
	const list = (nested: boolean): readonly Command[] => {
		const out: Command[] = [];
		for (;;) {
			while (/[\s;]/.test(script[at] ?? '')) at++;
			if (at >= script.length) {
				if (nested) throw new SedError("unmatched `{'");
				return out;
			}
			if (script[at] === '}') {
				at++;
				return out;
			}
			const from = address();
			let to: Address | undefined;
			if (script[at] === ',') {
				at++;
				to = address();
			}
			while (script[at] === ' ') at++;
			const negated = script[at] === '!';
			if (negated) at++;
			const name = script[at++] ?? '';
			const base = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), negated, name, text: '', flags: '' };
			out.push(command(base, name));
		}
	};
	const command = (base: Command, name: string): Command => {
		switch (name) {
			case '{':
				return { ...base, block: list(true) };
			case 's':
			case 'y': {
				const delimiter = script[at++] ?? '/';
				const source = until(delimiter);
				const text = until(delimiter);
				const flags = /^[gpiIm\d]*/.exec(script.slice(at))?.[0] ?? '';
				at += flags.length;
				return { ...base, text, flags, ...(name === 's' ? { regex: regex(source, /i/i.test(flags)) } : { flags: source }) };
			}
			case 'a':
			case 'i':
			case 'c': {
				const rest = /^[ \t]*\\?\n?[ \t]*([^\n]*)/.exec(script.slice(at));
				at += rest?.[0].length ?? 0;
				return { ...base, text: rest?.[1] ?? '' };
			}
			case 'p':
			case 'd':
			case 'q':
			case '=':
			case 'n':
			case 'N':
			case 'G':
			case 'h':
			case 'g':
			case 'x':
				return base;
			default:
				throw new SedError(`unknown command: \`${name}'`);
		}
	};
	return list(false);
}

/** The replacement of `s`: & and \1, \n. */
function replacement(text: string, m: readonly string[]): string {
	return text.replace(/\\([\s\S])|&/g, (all, escaped: string | undefined) =>
		all === '&' ? (m[0] ?? '') : escaped === 'n' ? '\n' : /\d/.test(escaped ?? '') ? (m[Number(escaped)] ?? '') : escaped === 't' ? '\t' : (escaped ?? ''),
	);
}

function substitute(line: string, c: Command): { readonly line: string; readonly done: boolean } {
	const nth = Number(/\d+/.exec(c.flags)?.[0] ?? 1);
	const every = c.flags.includes('g');
	let seen = 0;
	let done = false;
	const next = line.replace(new RegExp(c.regex?.source ?? '', `${c.regex?.flags ?? ''}g`), (...args) => {
		seen++;
		if (seen < nth || (!every && seen > nth)) return String(args[0]);
		done = true;
		const groups = args
			.slice(
				0,
				args.findIndex((a) => typeof a === 'number'),
			)
			.map((g) => String(g ?? ''));
		return replacement(c.text, groups);
	});
	return { line: next, done };
}

function run(commands: readonly Command[], text: string, quiet: boolean): string {
	const all = lines(text);
	const active = new Set<Command>();
	let out = '';
	let hold = '';
	for (let i = 0; i < all.length; i++) {
		let line = all[i] ?? '';
		let deleted = false;
		let quit = false;
		let after = '';
		const matches = (a: Address): boolean => ('line' in a ? a.line === i + 1 : 'last' in a ? i === all.length - 1 : a.regex.test(line));
		const selected = (c: Command): boolean => {
			if (c.from === undefined) return true;
			if (c.to === undefined) return matches(c.from);
			if (active.has(c)) {
				if (('line' in c.to && i + 1 >= c.to.line) || (!('line' in c.to) && matches(c.to))) active.delete(c);
				return !('line' in c.to) || i + 1 <= c.to.line;
			}
			if (!matches(c.from)) return false;
			if (!('line' in c.to) || c.to.line > i + 1) active.add(c);
			return true;
		};
		const execute = (list: readonly Command[]): void => {
			for (const c of list) {
				if (deleted || quit) return;
				if (selected(c) === c.negated) continue;
				switch (c.name) {
					case '{':
						execute(c.block ?? []);
						break;
					case 's': {
						const r = substitute(line, c);
						line = r.line;
						if (r.done && c.flags.includes('p')) out += `${line}\n`;
						break;
					}
					case 'y':
						line = [...line].map((ch) => ([...c.flags].includes(ch) ? ([...c.text][[...c.flags].indexOf(ch)] ?? ch) : ch)).join('');
						break;
					case 'p':
						out += `${line}\n`;
						break;
					case 'd':
						deleted = true;
						break;
					case 'q':
						quit = true;
						break;
					case '=':
						out += `${i + 1}\n`;
						break;
					case 'a':
						after += `${c.text}\n`;
						break;
					case 'i':
						out += `${c.text}\n`;
						break;
					case 'c':
						out += `${c.text}\n`;
						deleted = true;
						break;
					case 'N':
						if (i + 1 < all.length) line += `\n${all[++i]}`;
						break;
					case 'n':
						if (!quiet) out += `${line}\n`;
						if (i + 1 < all.length) line = all[++i] ?? '';
						break;
					case 'h':
						hold = line;
						break;
					case 'g':
						line = hold;
						break;
					case 'G':
						line += `\n${hold}`;
						break;
					case 'x':
						[line, hold] = [hold, line];
						break;
				}
			}
		};
		execute(commands);
		if (!deleted && !quiet) out += `${line}\n`;
		out += after;
		if (quit) break;
	}
	return text.endsWith('\n') || text === '' ? out : out.replace(/\n$/, '');
}

export const sed: Utility = (c) => {
	const scripts: string[] = [];
	const rest: string[] = [];
	// -e may be given several times.
	for (let i = 0; i < c.args.length; i++) {
		if (c.args[i] === '-e') scripts.push(c.args[++i] ?? '');
		else rest.push(c.args[i] ?? '');
	}
	const o = options(rest, 'nEri', '', { quiet: 'n', silent: 'n', 'in-place': 'i', 'regexp-extended': 'E' });
	if (o.unknown !== undefined) {
		c.err(c.busybox ? `sed: unrecognized option: ${o.unknown}\n` : `sed: invalid option -- '${o.unknown}'\n`);
		return 1;
	}
	const files = scripts.length > 0 ? o.rest : o.rest.slice(1);
	const script = scripts.length > 0 ? scripts.join('\n') : o.rest[0];
	if (script === undefined) {
		c.err('Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n');
		return 1;
	}
	let commands: readonly Command[];
	try {
		commands = parse(script, o.given['E'] !== undefined || o.given['r'] !== undefined);
	} catch (error) {
		if (!(error instanceof SedError)) throw error;
		c.err(
			c.busybox
				? `sed: ${error.message.replace(/^unterminated.*/, "unmatched '/'").replace(/^unknown command: `(.*)'$/, 'unsupported command $1')}\n`
				: `sed: -e expression #1, char ${script.length}: ${error.message}\n`,
		);
		return 1;
	}
	const { texts, failed } = inputs(c, files);
	const quiet = o.given['n'] !== undefined;
	if (o.given['i'] === undefined) {
		c.out(run(commands, texts.map((t) => t.text).join(''), quiet));
		return failed > 0 ? (c.busybox ? 1 : 2) : 0;
	}
	let status = failed > 0 ? (c.busybox ? 1 : 4) : 0;
	for (const { file, text } of texts) {
		// sed -i makes a new file beside the old one and renames it: on a single-file mount that fails, as here.
		const written = c.process.fs.write(resolvePath(c.cwd, file), run(commands, text, quiet));
		if (written.ok) continue;
		c.err(
			c.busybox
				? `sed: can't create temp file '${file}XXXXXX': ${errorWords(written.error)}\n`
				: `sed: couldn't open temporary file ./sedXXXXXX: ${errorWords(written.error)}\n`,
		);
		status = c.busybox ? 1 : 4;
	}
	return status;
};
