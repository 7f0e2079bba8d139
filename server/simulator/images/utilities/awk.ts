/** A small awk: patterns, BEGIN/END, fields, variables, arrays, print/printf, if/else/for/while, the usual functions. */
import { AwkError, parseProgram, type Rule } from './awk-parse.ts';
import { Interpreter, Leave } from './awk-run.ts';
import { escapes } from './escapes.ts';
import { inputs } from './inputs.ts';
import { lines, type Utility } from './utility.ts';

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
