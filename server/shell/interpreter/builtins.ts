/** The table of builtins: each name once. */
import { evaluate, parseArithmetic } from './arith.ts';
import { type Builtin, complain, say } from './builtin.ts';
import { alias, breakOrContinue, cd, set, source, statusArgument } from './control-builtins.ts';
import { declareBuiltin, unset } from './declare.ts';
import { grep, head } from './filters.ts';
import { dirs, getopts, mapfile, popd, pushd } from './getopts.ts';
import { echo, printf, read } from './io-builtins.ts';
import { bg, fg, jobs, kill, wait } from './job-builtins.ts';
import { ls } from './listing.ts';
import { command, env, shell, trap, typeOf } from './naming-builtins.ts';
import { bracket, cat, history, sleep, timeout, watch, yes } from './program-builtins.ts';
import { ExitShell, ReturnFrom } from './run.ts';
import { seq } from './seq.ts';
import { xargs } from './xargs.ts';

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
	// The prompt completes commands and their aliases by itself: what is registered for them changes nothing.
	['complete', async () => 0],
	['compopt', async () => 0],
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
	['seq', seq],
	['xargs', xargs],
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
	['getopts', getopts],
	['mapfile', mapfile],
	['readarray', mapfile],
	['dirs', dirs],
	['pushd', pushd],
	['popd', popd],
]);
