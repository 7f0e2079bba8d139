/** What shells do themselves and every system has as a binary too: echo, printf, test, pwd. */
import { TestError, testArguments } from '../shell/condition.ts';
import { printfText } from '../shell/printf.ts';
import { escapes } from './escapes.ts';
import { resolvePath, type Utility } from './utility.ts';

const echo: Utility = (c) => {
	const flags = c.args.findIndex((a) => !/^-[neE]+$/.test(a));
	const given = c.args.slice(0, flags === -1 ? undefined : flags).join('');
	const text = c.args.slice(flags === -1 ? c.args.length : flags).join(' ');
	c.out(`${given.includes('e') ? escapes(text).text : text}${given.includes('n') ? '' : '\n'}`);
	return 0;
};

const printf: Utility = (c) => {
	const result = printfText(c.args[0] ?? '', c.args.slice(1));
	c.out(result.text);
	for (const e of result.errors) c.err(`printf: ${e}\n`);
	return result.errors.length > 0 ? 1 : 0;
};

const test: Utility = (c) => {
	const args = c.name === '[' ? c.args.slice(0, -1) : c.args;
	try {
		return testArguments({ path: (p) => resolvePath(c.cwd, p), process: c.process, get: (n) => c.env[n] }, args) ? 0 : 1;
	} catch (error) {
		if (!(error instanceof TestError)) throw error;
		c.err(`${c.name}: ${error.message}\n`);
		return 2;
	}
};

const pwd: Utility = (c) => {
	c.out(`${c.cwd}\n`);
	return 0;
};

export const PLAIN: { readonly [name: string]: Utility } = { echo, printf, test, '[': test, pwd };
