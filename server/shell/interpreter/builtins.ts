/** Commands that are part of the shell: they change it, or need what only it knows. */
import { evaluate, parseArithmetic } from './arith.ts';
import { declareBuiltin, unset } from './declare.ts';
import { echo, printf, read } from './io-builtins.ts';
import { grep, head } from './filters.ts';
import { ls } from './listing.ts';
import { type Builtin, complain, say } from './builtin.ts';
import { BreakLoop, ContinueLoop, ExitShell, ReturnFrom, type Run, terminalsOf } from './run.ts';
import type { ShellOptions } from './state.ts';
import { test } from './test.ts';
import { parameter, setVariable, ShellError } from './variables.ts';
import { parse } from './ast.ts';
import { reason } from './redirect.ts';
import { collector, noInput } from './streams.ts';

const cd: Builtin = async (sh, args, run) => {
	const s = run.state;
	const operands = args.filter((a) => a !== '-L' && a !== '-P' && a !== '--');
	if (operands.length > 1) return complain(run, 'cd: too many arguments');
	const to = operands[0] === '-' ? parameter(s, 'OLDPWD') : (operands[0] ?? parameter(s, 'HOME'));
	if (to === undefined) return complain(run, operands[0] === '-' ? 'cd: OLDPWD not set' : 'cd: HOME not set');
	const path = sh.host.fs.resolvePath(s.cwd, to);
	const stat = path === '/' ? { isDirectory: true } : await sh.host.fs.stat(path).catch(() => undefined);
	if (stat === undefined) return complain(run, `cd: ${to}: No such file or directory`);
	if (!stat.isDirectory) return complain(run, `cd: ${to}: Not a directory`);
	setVariable(s, 'OLDPWD', s.cwd);
	s.cwd = path;
	setVariable(s, 'PWD', path);
	if (operands[0] === '-') run.io.output.write(`${path}\n`);
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

const set: Builtin = async (_sh, args, run) => {
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

const breakOrContinue: Builtin = async (_sh, args, run, name) => {
	if (run.loops === 0) return complain(run, `${name}: only meaningful in a \`for', \`while', or \`until' loop`, 0);
	throw name === 'break' ? new BreakLoop(levels(args, name)) : new ContinueLoop(levels(args, name));
};

function statusArgument(args: readonly string[], run: Run, name: string): number {
	if (args[0] === undefined) return run.state.status;
	if (!/^-?\d+$/.test(args[0])) {
		complain(run, `${name}: ${args[0]}: numeric argument required`);
		return 2;
	}
	return Number(args[0]) & 255;
}

const source: Builtin = async (sh, args, run, name) => {
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

const alias: Builtin = async (_sh, args, run) => {
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

const typeOf: Builtin = async (sh, args, run, name) => {
	const short = args.includes('-t');
	const operands = args.filter((a) => !a.startsWith('-'));
	let status = 0;
	for (const n of operands) {
		const s = run.state;
		const kind = s.aliases.has(n) ? 'alias' : s.functions.has(n) ? 'function' : BUILTINS.has(n) ? 'builtin' : sh.host.hasProgram(n) ? 'file' : undefined;
		if (kind === undefined) status = name === 'type' ? (short ? 1 : complain(run, `type: ${n}: not found`)) : 1;
		else if (name === 'command' || short)
			run.io.output.write(short ? `${kind}\n` : kind === 'file' ? `/usr/bin/${n}\n` : kind === 'alias' ? `alias ${n}='${s.aliases.get(n) ?? ''}'\n` : `${n}\n`);
		else if (kind === 'alias') run.io.output.write(`${n} is aliased to \`${s.aliases.get(n) ?? ''}'\n`);
		else run.io.output.write(kind === 'builtin' ? `${n} is a shell builtin\n` : kind === 'function' ? `${n} is a function\n` : `${n} is /usr/bin/${n}\n`);
	}
	return status;
};

const command: Builtin = async (sh, args, run) => {
	if (args[0] === '-v' || args[0] === '-V') return typeOf(sh, args, run, args[0] === '-v' ? 'command' : 'type');
	const [name, ...rest] = args[0] === '-p' ? args.slice(1) : args;
	return name === undefined ? 0 : sh.execute(name, rest, run, { functions: false });
};

const trap: Builtin = async (_sh, args, run) => {
	const s = run.state;
	const clean = (n: string): string => (n === '0' ? 'EXIT' : n === '2' ? 'INT' : n === '15' ? 'TERM' : n.toUpperCase().replace(/^SIG/, ''));
	if (args.length === 0 || args[0] === '-p') {
		for (const [n, text] of s.traps) run.io.output.write(`trap -- '${text.replaceAll("'", "'\\''")}' ${n === 'EXIT' || n === 'ERR' ? n : `SIG${n}`}\n`);
		return 0;
	}
	const [action = '', ...names] = args[0] === '--' ? args.slice(1) : args;
	if (names.length === 0) {
		s.traps.delete(clean(action));
		return 0;
	}
	for (const n of names) {
		if (!/^(EXIT|INT|TERM|HUP|QUIT|USR1|USR2|ERR|DEBUG|PIPE|CHLD|WINCH|RETURN|TSTP|\d+)$/.test(clean(n)))
			return complain(run, `trap: ${n}: invalid signal specification`);
		if (action === '-') s.traps.delete(clean(n));
		else s.traps.set(clean(n), action);
	}
	return 0;
};

const jobs: Builtin = async (sh, args, run) => {
	for (const j of sh.jobs.all()) {
		j.reported = j.status !== undefined;
		run.io.output.write(args.includes('-p') ? `${j.pid}\n` : sh.jobs.line(j));
	}
	return 0;
};

/** Waits for a job while Ctrl-C still works: it ends the waiting, or with `kill` the job. */
async function follow(done: Promise<number>, run: Run, onInterrupt: () => void): Promise<number> {
	return new Promise((resolve) => {
		const stop = (): void => {
			onInterrupt();
			resolve(130);
		};
		if (run.signal.aborted) return stop();
		run.signal.addEventListener('abort', stop, { once: true });
		void done.then((status) => {
			run.signal.removeEventListener('abort', stop);
			resolve(status);
		});
	});
}

const wait: Builtin = async (sh, args, run) => {
	const specs = args.filter((a) => !a.startsWith('-'));
	if (specs.length === 0) {
		for (const j of [...sh.jobs.all()]) {
			await follow(j.done, run, () => {});
			j.reported = !run.io.error.terminal;
		}
		return 0;
	}
	let status = 0;
	for (const spec of specs) {
		const job = sh.jobs.find(spec);
		if (job === undefined) {
			status = complain(run, spec.startsWith('%') ? `wait: ${spec}: no such job` : `wait: pid ${spec} is not a child of this shell`, 127);
			continue;
		}
		status = await follow(job.done, run, () => {});
		job.reported = true;
	}
	return status;
};

const fg: Builtin = async (sh, args, run) => {
	const job = sh.jobs.find(args[0] ?? '%+');
	if (job === undefined) return complain(run, `fg: ${args[0] ?? 'current'}: no such job`);
	run.io.output.write(`${job.text}\n`);
	const status = await follow(job.done, run, () => job.controller.abort(130));
	job.reported = true;
	sh.jobs.remove(job);
	return status;
};

const bg: Builtin = async (sh, args, run) => {
	const job = sh.jobs.find(args[0] ?? '%+');
	if (job === undefined) return complain(run, `bg: ${args[0] ?? 'current'}: no such job`);
	return complain(run, `bg: job ${job.id} already in background`, 0);
};

const SIGNALS: { readonly [name: string]: number } = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, PIPE: 13, TERM: 15, CONT: 18, STOP: 19, TSTP: 20 };

const kill: Builtin = async (sh, args, run) => {
	if (args[0] === '-l') {
		run.io.output.write(
			`${Object.entries(SIGNALS)
				.map(([n, v]) => `${v}) SIG${n}`)
				.join('  ')}\n`,
		);
		return 0;
	}
	let signal = 15;
	const specs: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		const name = a === '-s' || a === '-n' ? (args[++i] ?? '') : /^-./.test(a) ? a.slice(1) : undefined;
		if (name === undefined) specs.push(a);
		else {
			const n = /^\d+$/.test(name) ? Number(name) : SIGNALS[name.toUpperCase().replace(/^SIG/, '')];
			if (n === undefined) return complain(run, `kill: ${name}: invalid signal specification`);
			signal = n;
		}
	}
	if (specs.length === 0) return complain(run, 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]', 2);
	let status = 0;
	for (const spec of specs) {
		const job = sh.jobs.find(spec);
		if (job === undefined)
			status = complain(
				run,
				spec.startsWith('%')
					? `kill: ${spec}: no such job`
					: /^\d+$/.test(spec)
						? `kill: (${spec}) - No such process`
						: `kill: ${spec}: arguments must be process or job IDs`,
			);
		else if (signal !== 0 && signal !== 18) job.controller.abort(128 + signal);
	}
	return status;
};

/** `bash`, `sh`: a child shell over a script, a text (-c), or standard input. */
const shell: Builtin = async (sh, args, run, name) => {
	const options: string[] = [];
	let rest = [...args];
	while (rest[0] !== undefined && /^[-+][a-z]+$/i.test(rest[0]) && !rest[0].includes('c')) options.push(rest.shift() ?? '');
	const withOptions = (text: string): string => (options.length > 0 ? `set ${options.filter((o) => !/[il]/.test(o)).join(' ')} --\n${text}` : text);
	if (rest[0]?.startsWith('-') && rest[0].includes('c')) {
		const flags = rest[0].replace(/[-ci]/g, '');
		rest = rest.slice(1);
		const [text, zero, ...positional] = rest;
		if (text === undefined) return complain(run, `${name}: -c: option requires an argument`, 2);
		return sh.script(flags === '' ? text : `set -${flags}\n${text}`, zero ?? name, positional, run);
	}
	const file = rest[0];
	if (file !== undefined) {
		try {
			const text = await sh.host.fs.readFile(sh.host.fs.resolvePath(run.state.cwd, file));
			return await sh.script(options.length > 0 ? `set ${options.join(' ')}\n${text}` : text, file, rest.slice(1), run);
		} catch (e) {
			if (e instanceof Error && /^E[A-Z]+/.test(e.message)) {
				run.io.error.write(`${name}: ${file}: ${reason(e)}\n`);
				return 127;
			}
			throw e;
		}
	}
	if (run.io.input.terminal) return complain(run, `${name}: a shell inside this shell would be the same one; type 'exec bash' or open another terminal`, 0);
	const parts: string[] = [];
	for (let c = await run.io.input.read(); c !== null; c = await run.io.input.read()) parts.push(c);
	return sh.script(withOptions(parts.join('')), name, [], run);
};

const env: Builtin = async (sh, args, run) => {
	const clear = args[0] === '-i' || args[0] === '-';
	let rest = clear ? args.slice(1) : [...args];
	const state = { ...run.state, variables: new Map(run.state.variables) };
	if (clear) for (const [k, v] of state.variables) if (v.exported && k !== 'PATH') state.variables.delete(k);
	while (rest[0] === '-u' && rest[1] !== undefined) {
		state.variables.delete(rest[1]);
		rest = rest.slice(2);
	}
	while (rest[0] !== undefined && /^\w+=/.test(rest[0])) {
		const at = rest[0].indexOf('=');
		state.variables.set(rest[0].slice(0, at), { value: rest[0].slice(at + 1), exported: true });
		rest = rest.slice(1);
	}
	const [name, ...others] = rest;
	if (name !== undefined) return sh.execute(name, others, { ...run, state }, { functions: false });
	for (const [k, v] of state.variables) if (v.exported && typeof v.value === 'string') run.io.output.write(`${k}=${v.value}\n`);
	return 0;
};

const timeout: Builtin = async (sh, args, run) => {
	const rest = [...args];
	while (rest[0]?.startsWith('-')) {
		const o = rest.shift();
		if (o === '-s' || o === '-k') rest.shift();
	}
	const [spec = '', name, ...others] = rest;
	const m = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(spec);
	if (m === null || name === undefined)
		return complain(
			run,
			name === undefined ? "timeout: missing operand\nTry 'timeout --help' for more information." : `timeout: invalid time interval '${spec}'`,
			125,
		);
	const ms = Number(m[1]) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[m[2] === '' ? 's' : (m[2] as 's' | 'm' | 'h' | 'd')] ?? 1) * 1000;
	const over = new AbortController();
	const waiting = new AbortController();
	void sh.host.sleep(ms, AbortSignal.any([run.signal, waiting.signal])).then(
		() => over.abort(124),
		() => {},
	);
	try {
		return await sh.execute(name, others, { ...run, signal: AbortSignal.any([run.signal, over.signal]) }, { functions: false });
	} catch (e) {
		if (over.signal.aborted && !run.signal.aborted) return 124;
		throw e;
	} finally {
		waiting.abort();
	}
};

const history: Builtin = async (sh, args, run) => {
	if (args[0] === '-c') {
		sh.host.clearHistory();
		return 0;
	}
	const all = sh.host.history();
	const from = args[0] !== undefined && /^\d+$/.test(args[0]) ? Math.max(0, all.length - Number(args[0])) : 0;
	all.slice(from).forEach((line, i) => {
		run.io.output.write(`${String(from + i + 1).padStart(5)}  ${line}\n`);
	});
	return 0;
};

const bracket: Builtin = async (sh, args, run, name) => {
	if (name === '[' && args.at(-1) !== ']') return complain(run, "[: missing `]'", 2);
	try {
		return (await test(sh.expander(run), name, name === '[' ? args.slice(0, -1) : args, terminalsOf(run.io))) ? 0 : 1;
	} catch (e) {
		if (e instanceof ShellError) return complain(run, e.message, 2);
		throw e;
	}
};

const sleep: Builtin = async (sh, args, run) => {
	let ms = 0;
	for (const a of args) {
		const m = /^(\d*\.?\d+)([smhd]?)$/.exec(a);
		if (m === null) {
			run.io.error.write(`sleep: invalid time interval '${a}'\nTry 'sleep --help' for more information.\n`);
			return 1;
		}
		ms += Number(m[1]) * 1000 * ({ '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[m[2] ?? ''] ?? 1);
	}
	if (args.length === 0) {
		run.io.error.write("sleep: missing operand\nTry 'sleep --help' for more information.\n");
		return 1;
	}
	await sh.host.sleep(ms, run.signal).catch(() => {});
	return 0;
};

const yes: Builtin = async (sh, args, run) => {
	const chunk = `${args.length === 0 ? 'y' : args.join(' ')}\n`.repeat(512);
	while (!run.signal.aborted) {
		run.io.output.write(chunk);
		await run.io.output.drain();
		await sh.host.breathe();
	}
	return 141;
};

/** Runs a command line every few seconds and shows the top of its output, as procps' watch. */
const watch: Builtin = async (sh, args, run) => {
	let seconds = 2;
	let title = true;
	const rest = [...args];
	while (rest[0]?.startsWith('-')) {
		const o = rest.shift() ?? '';
		const inline = /^-n(.+)$/.exec(o)?.[1] ?? /^--interval=(.+)$/.exec(o)?.[1];
		if (inline !== undefined) seconds = Number(inline);
		else if (o === '-n' || o === '--interval') seconds = Number(rest.shift());
		else if (o === '-t' || o === '--no-title') title = false;
		else if (o === '--') break;
	}
	if (rest.length === 0 || Number.isNaN(seconds)) {
		run.io.error.write(
			'Usage:\n watch [options] command\n\nOptions:\n  -n, --interval <secs>  seconds to wait between updates\n  -t, --no-title         turn off header\n',
		);
		return 1;
	}
	const text = rest.join(' ');
	// The screen as it was comes back at the end, as with curses.
	run.io.output.write('\x1b[?1049h');
	try {
		await watchLoop(sh, text, Math.max(0.1, seconds), title, run);
	} finally {
		run.io.output.write('\x1b[?1049l');
	}
	return 130;
};

/** The date as ctime(3) writes it, in UTC. */
function ctime(ms: number): string {
	const [, day, date, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(ms).toUTCString()) ?? [];
	return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`;
}

async function watchLoop(sh: Parameters<Builtin>[0], text: string, every: number, title: boolean, run: Parameters<Builtin>[2]): Promise<void> {
	while (!run.signal.aborted) {
		const { columns, rows } = sh.host.screen();
		const out = collector(sh.host.maxCapture, () => {});
		await sh.subshell(parse(text).statements, { ...run, io: { ...run.io, output: out, error: out, input: noInput } });
		if (run.signal.aborted) break;
		const head = `Every ${every.toFixed(1)}s: ${text}`;
		const when = `workstation: ${ctime(sh.host.now())}`;
		const lines = out
			.text()
			.split('\n')
			.slice(0, rows - (title ? 3 : 1))
			.map((l) => l.slice(0, columns));
		run.io.output.write(
			`\x1b[H\x1b[2J${title ? `${head}${' '.repeat(Math.max(1, columns - head.length - when.length - 1))}${when}\n\n` : ''}${lines.join('\n')}\n`,
		);
		await run.io.output.drain();
		await sh.host.sleep(every * 1000, run.signal).catch(() => {});
	}
}

/** `cat` without files: streams, so that `cmd | cat` and `cat > file` behave as they should. With files: just-bash's. */
const cat: Builtin = async (sh, args, run) => {
	if (args.some((a) => a !== '-') || args.length > 1) return sh.host.runProgram('cat', args, run, {});
	for (let c = await run.io.input.read(); c !== null && !run.signal.aborted; c = await run.io.input.read()) {
		run.io.output.write(c);
		await run.io.output.drain();
	}
	return 0;
};

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
	[':', async () => 0],
	['true', async () => 0],
	['false', async () => 1],
	['cd', cd],
	['pwd', async (_sh, _a, run) => say(run, `${run.state.cwd}\n`)],
	['set', set],
	[
		'shopt',
		async (_sh, args, run) => {
			for (const n of args.filter((a) => !a.startsWith('-'))) run.state.shopt.set(n, args[0] === '-s');
			return 0;
		},
	],
	['break', breakOrContinue],
	['continue', breakOrContinue],
	[
		'return',
		async (_sh, args, run, name) => {
			throw new ReturnFrom(statusArgument(args, run, name));
		},
	],
	[
		'exit',
		async (_sh, args, run, name) => {
			throw new ExitShell(statusArgument(args, run, name));
		},
	],
	[
		'logout',
		async (_sh, args, run, name) => {
			throw new ExitShell(statusArgument(args, run, name));
		},
	],
	['source', source],
	['.', source],
	['eval', async (sh, args, run) => (args.length === 0 ? 0 : sh.source(args.join(' '), run))],
	[
		'exec',
		async (sh, args, run) => {
			const [name, ...rest] = args;
			if (name === undefined) return 0;
			throw new ExitShell(await sh.execute(name, rest, run, { functions: false }));
		},
	],
	[
		'shift',
		async (_sh, args, run) => {
			const n = args[0] === undefined ? 1 : Number(args[0]);
			if (n > run.state.positional.length) return 1;
			run.state.positional = run.state.positional.slice(n);
			return 0;
		},
	],
	['alias', alias],
	[
		'unalias',
		async (_sh, args, run) => {
			if (args[0] === '-a') run.state.aliases.clear();
			let status = 0;
			for (const a of args) if (a !== '-a' && !run.state.aliases.delete(a)) status = complain(run, `unalias: ${a}: not found`);
			return status;
		},
	],
	['type', typeOf],
	['command', command],
	[
		'builtin',
		async (sh, args, run) => {
			const [name = '', ...rest] = args;
			const b = BUILTINS.get(name);
			return b === undefined ? complain(run, `builtin: ${name}: not a shell builtin`) : b(sh, rest, run, name);
		},
	],
	[
		'which',
		async (sh, args, run) => {
			let status = 0;
			for (const a of args) {
				if (sh.host.hasProgram(a) || ['bash', 'sh', 'env', 'timeout', 'sleep', 'yes', 'kill', 'test', 'echo', 'printf', 'pwd'].includes(a))
					run.io.output.write(`/usr/bin/${a}\n`);
				else status = 1;
			}
			return status;
		},
	],
	['trap', trap],
	['jobs', jobs],
	['wait', wait],
	['fg', fg],
	['bg', bg],
	['kill', kill],
	[
		'disown',
		async (sh, args) => {
			const job = sh.jobs.find(args[0] ?? '%+');
			if (job !== undefined) sh.jobs.remove(job);
			return 0;
		},
	],
	[
		'let',
		async (_sh, args, run) => {
			let v = 0;
			for (const a of args) v = evaluate(run.state, parseArithmetic(a));
			return v !== 0 ? 0 : 1;
		},
	],
	['bash', shell],
	['sh', shell],
	['env', env],
	[
		'nohup',
		async (sh, args, run) => {
			const [name, ...rest] = args;
			return name === undefined ? complain(run, 'nohup: missing operand', 125) : sh.execute(name, rest, run);
		},
	],
	['timeout', timeout],
	['history', history],
	['[', bracket],
	['test', bracket],
	['sleep', sleep],
	['yes', yes],
	['watch', watch],
	['head', head],
	['grep', grep],
	['ls', ls],
	['cat', cat],
	['umask', async (_sh, args, run) => (args.length === 0 ? say(run, '0022\n') : 0)],
	['ulimit', async (_sh, _args, run) => say(run, 'unlimited\n')],
	['hash', async () => 0],
	['times', async (_sh, _args, run) => say(run, '0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n')],
	['export', declareBuiltin],
	['readonly', declareBuiltin],
	['declare', declareBuiltin],
	['typeset', declareBuiltin],
	['local', declareBuiltin],
	['unset', unset],
	['echo', echo],
	['printf', printf],
	['read', read],
]);
