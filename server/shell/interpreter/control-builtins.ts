/** Builtins that steer the shell itself: folder, options, loops, names, traps, sourced files, child shells. */
import { type Builtin, complain } from './builtin.ts';
import { reason } from './redirect.ts';
import { BreakLoop, ContinueLoop, ReturnFrom, type Run } from './run.ts';
import type { ShellOptions } from './state.ts';
import { parameter, setVariable, ShellError } from './variables.ts';

/** The folder of this name in a folder of CDPATH; undefined where none has it, or where an empty entry means the current one. */
async function alongPath(sh: Parameters<Builtin>[0], s: Run['state'], name: string): Promise<string | undefined> {
	const { fs } = sh.host;
	for (const folder of (parameter(s, 'CDPATH') ?? '').split(':')) {
		const path = fs.resolvePath(fs.resolvePath(s.cwd, folder === '' ? '.' : folder), name);
		const stat = await fs.stat(path).catch(() => undefined);
		if (stat?.isDirectory) return folder === '' ? undefined : path;
	}
	return undefined;
}

export const cd: Builtin = async (sh, args, run) => {
	const s = run.state;
	const operands = args.filter((a) => a !== '-L' && a !== '-P' && a !== '--');
	if (operands.length > 1) return complain(run, 'cd: too many arguments');
	const to = operands[0] === '-' ? parameter(s, 'OLDPWD') : (operands[0] ?? parameter(s, 'HOME'));
	if (to === undefined) return complain(run, operands[0] === '-' ? 'cd: OLDPWD not set' : 'cd: HOME not set');
	const found = operands[0] === undefined || /^(-$|\/|\.\.?(\/|$))/.test(to) ? undefined : await alongPath(sh, s, to);
	const path = found ?? sh.host.fs.resolvePath(s.cwd, to);
	const stat = path === '/' ? { isDirectory: true } : await sh.host.fs.stat(path).catch(() => undefined);
	if (stat === undefined) return complain(run, `cd: ${to}: No such file or directory`);
	if (!stat.isDirectory) return complain(run, `cd: ${to}: Not a directory`);
	setVariable(s, 'OLDPWD', s.cwd);
	s.cwd = path;
	setVariable(s, 'PWD', path);
	if (operands[0] === '-' || found !== undefined) run.io.output.write(`${path}\n`);
	return 0;
};

const OPTION_LETTERS: { readonly [letter: string]: keyof ShellOptions } = {
	e: 'errexit',
	u: 'nounset',
	x: 'xtrace',
	f: 'noglob',
	C: 'noclobber',
	v: 'verbose',
	a: 'allexport',
};
const OPTION_NAMES: readonly (keyof ShellOptions)[] = ['allexport', 'errexit', 'noclobber', 'noglob', 'nounset', 'pipefail', 'verbose', 'xtrace'];

export const set: Builtin = async (_sh, args, run) => {
	const s = run.state;
	if (args.length === 0) {
		for (const [k, v] of [...s.variables].sort(([a], [b]) => (a < b ? -1 : 1)))
			if (typeof v.value === 'string') run.io.output.write(`${k}=${/^[\w./:@%+-]*$/.test(v.value) ? v.value : `'${v.value}'`}\n`);
		return 0;
	}
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a === '--') {
			s.positional = args.slice(i + 1);
			return 0;
		}
		const on = a.startsWith('-');
		if (!/^[-+]./.test(a)) {
			s.positional = args.slice(i);
			return 0;
		}
		for (const letter of a.slice(1)) {
			if (letter === 'o') {
				const option = args[++i];
				if (option === undefined) {
					for (const n of OPTION_NAMES) run.io.output.write(`${n.padEnd(15)}\t${s.options[n] ? 'on' : 'off'}\n`);
					return 0;
				}
				const known = OPTION_NAMES.find((n) => n === option);
				if (known !== undefined) s.options = { ...s.options, [known]: on };
				else if (!['emacs', 'vi', 'history', 'monitor', 'posix', 'hashall', 'braceexpand', 'notify'].includes(option))
					return complain(run, `set: ${option}: invalid option name`, 2);
				continue;
			}
			const option = OPTION_LETTERS[letter];
			if (option !== undefined) s.options = { ...s.options, [option]: on };
			else if (!'hmBHbkt'.includes(letter))
				return complain(run, `set: ${a[0]}${letter}: invalid option\nset: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]`, 2);
		}
	}
	return 0;
};

const levels = (args: readonly string[], name: string): number => {
	const n = args[0] === undefined ? 1 : Number(args[0]);
	if (!Number.isInteger(n) || n < 1) throw new ShellError(`${name}: ${args[0]}: numeric argument required`, 128);
	return n;
};

export const breakOrContinue: Builtin = async (_sh, args, run, name) => {
	if (run.loops === 0) return complain(run, `${name}: only meaningful in a \`for', \`while', or \`until' loop`, 0);
	throw name === 'break' ? new BreakLoop(levels(args, name)) : new ContinueLoop(levels(args, name));
};

export function statusArgument(args: readonly string[], run: Run, name: string): number {
	if (args[0] === undefined) return run.state.status;
	if (!/^-?\d+$/.test(args[0])) {
		complain(run, `${name}: ${args[0]}: numeric argument required`);
		return 2;
	}
	return Number(args[0]) & 255;
}

export const source: Builtin = async (sh, args, run, name) => {
	const file = args[0];
	if (file === undefined) return complain(run, `${name}: filename argument required\n${name}: usage: ${name} filename [arguments]`, 2);
	let text: string;
	try {
		text = await sh.host.fs.readFile(sh.host.fs.resolvePath(run.state.cwd, file));
	} catch (e) {
		return complain(run, `${file}: ${reason(e)}`);
	}
	const outer = run.state.positional;
	if (args.length > 1) run.state.positional = args.slice(1);
	try {
		return await sh.source(text, run);
	} catch (e) {
		if (e instanceof ReturnFrom) return e.status;
		throw e;
	} finally {
		run.state.positional = outer;
	}
};

export const alias: Builtin = async (_sh, args, run) => {
	const s = run.state;
	const show = (n: string, v: string): void => run.io.output.write(`alias ${n}='${v.replaceAll("'", "'\\''")}'\n`);
	if (args.length === 0 || (args.length === 1 && args[0] === '-p')) for (const [n, v] of [...s.aliases].sort()) show(n, v);
	let status = 0;
	for (const a of args) {
		const at = a.indexOf('=');
		if (at > 0) s.aliases.set(a.slice(0, at), a.slice(at + 1));
		else if (a !== '-p') {
			const v = s.aliases.get(a);
			if (v === undefined) status = complain(run, `alias: ${a}: not found`);
			else show(a, v);
		}
	}
	return status;
};
