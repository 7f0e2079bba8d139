/** Programs that wait: for time, for a file, for other processes. */
import { chroot } from './chroot.ts';
import type { Process, Program, Signal } from '../program.ts';
import { seconds } from './duration.ts';
import { errorWords, NeedsInput, resolvePath, type Utility, utilityProgram } from './utility.ts';
import { SYSTEM } from './system.ts';
import { FILES } from './files.ts';
import { TEXT } from './text.ts';
import { httpd } from './httpd.ts';
import { nc } from './nc.ts';
import { ping } from './ping.ts';
import { wget } from './wget.ts';

const sleep = (busybox: boolean): Program<null> => ({
	name: 'sleep',
	start(process) {
		process.data = null;
		const values = process.argv.slice(1).map((a) => [a, seconds(a)] as const);
		const bad = values.find(([, v]) => v === undefined);
		if (bad !== undefined || values.length === 0) {
			process.stderr(
				busybox
					? `sleep: invalid number '${bad?.[0] ?? ''}'\n`
					: `sleep: invalid time interval '${bad?.[0] ?? ''}'\nTry 'sleep --help' for more information.\n`,
			);
			process.exit(1);
			return;
		}
		const total = values.reduce((sum, [, v]) => sum + (v ?? 0), 0);
		// `sleep infinity` waits without a timer.
		if (total !== Number.POSITIVE_INFINITY) process.timer(total * 1000, 'done');
	},
	onTimer: (process) => process.exit(0),
});

/** How often a followed file is looked at, virtual ms. */
const FOLLOW_MS = 1_000;

interface TailData {
	readonly path: string;
	readonly seen: number;
}

/** `tail -f` looks at its file once a second, as busybox does; without -f it is the utility. */
const tail = (busybox: boolean): Program<TailData | { readonly input: string }> => {
	const plain = utilityProgram('tail', TEXT['tail'] ?? (() => 1), busybox) as Program<{ readonly input: string }>;
	const follows = (argv: readonly string[]): boolean => argv.some((a) => /^-\w*[fF]/.test(a) || a === '--follow');
	return {
		name: 'tail',
		start(process) {
			const path = process.argv.slice(1).findLast((a) => !a.startsWith('-')) ?? '';
			if (!follows(process.argv) || path === '') {
				plain.start(process as Process<{ readonly input: string }>);
				return;
			}
			if (path === '/dev/null') {
				process.data = { path, seen: 0 };
				return;
			}
			const full = resolvePath(process.cwd, path);
			const read = process.fs.read(full);
			const retry = process.argv.some((a) => /^-\w*F/.test(a));
			if (!read.ok && !retry) {
				process.stderr(
					busybox
						? `tail: can't open '${path}': ${errorWords(read.error)}\ntail: no files\n`
						: `tail: cannot open '${path}' for reading: ${errorWords(read.error)}\ntail: no files remaining\n`,
				);
				process.exit(1);
				return;
			}
			const text = read.ok ? read.value : '';
			const wanted = /-n\s*\+?(\d+)/.exec(process.argv.join(' '));
			const plus = /-n\s*\+/.test(process.argv.join(' '));
			const all = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
			const count = wanted === null ? 10 : Number(wanted[1]);
			process.stdout((plus ? all.slice(count - 1) : count === 0 ? [] : all.slice(-count)).join(''));
			process.data = { path: full, seen: text.length };
			process.timer(FOLLOW_MS, 'look');
		},
		onTimer(process) {
			const data = process.data as TailData;
			const read = process.fs.read(data.path);
			if (read.ok && read.value.length !== data.seen) {
				process.stdout(read.value.length < data.seen ? read.value : read.value.slice(data.seen));
				process.data = { path: data.path, seen: read.value.length };
			}
			process.timer(FOLLOW_MS, 'look');
		},
		onStdin: (process, data) => plain.onStdin?.(process as Process<{ readonly input: string }>, data),
	};
};

interface TimeoutData {
	readonly child: number;
	readonly signal: Signal;
	readonly fired: boolean;
}

const timeout = (busybox: boolean): Program<TimeoutData> => ({
	name: 'timeout',
	start(process) {
		let args = process.argv.slice(1);
		let signal: Signal = 'SIGTERM';
		while (args[0]?.startsWith('-') === true) {
			const takes = args[0] === '-s' || args[0] === '-k' || args[0] === '-t';
			if (args[0] === '-s') signal = (args[1]?.replace(/^(SIG)?/, 'SIG') ?? 'SIGTERM') as Signal;
			args = args.slice(takes && args[0] !== '-t' ? 2 : 1);
		}
		const limit = seconds(args[0] ?? '');
		const command = args.slice(1);
		if (limit === undefined || command.length === 0) {
			process.stderr(busybox ? `timeout: invalid number '${args[0] ?? ''}'\n` : `timeout: invalid time interval ‘${args[0] ?? ''}’\n`);
			process.exit(busybox ? 1 : 125);
			return;
		}
		const started = process.spawn(command, { token: 'child' });
		if (!started.ok) {
			process.stderr(
				busybox
					? `timeout: can't execute '${command[0]}': ${errorWords(started.error)}\n`
					: `timeout: failed to run command ‘${command[0]}’: ${errorWords(started.error)}\n`,
			);
			process.exit(started.error === 'ENOENT' ? 127 : 126);
			return;
		}
		process.data = { child: started.value, signal, fired: false };
		process.timer(limit * 1000, 'over');
	},
	onTimer(process, token) {
		const { child, signal } = process.data;
		if (token === 'kill') {
			process.kill(child, 'SIGKILL');
			return;
		}
		process.data = { ...process.data, fired: true };
		process.kill(child, signal);
	},
	onChild: (process, _token, result) => process.exit(process.data.fired ? (busybox ? 143 : 124) : result.exitCode),
	onSignal(process, signal) {
		process.kill(process.data.child, signal);
	},
});

interface XargsData {
	readonly input: string;
	readonly queue: readonly (readonly string[])[];
	readonly status: number;
}

function xargsNext(process: Process<XargsData>): void {
	const [argv, ...queue] = process.data.queue;
	if (argv === undefined) {
		process.exit(process.data.status);
		return;
	}
	process.data = { ...process.data, queue };
	const started = process.spawn(argv, { token: 'run', stdin: '' });
	if (started.ok) return;
	process.stderr(`xargs: ${argv[0]}: ${errorWords(started.error)}\n`);
	process.exit(127);
}

const xargs: Program<XargsData> = {
	name: 'xargs',
	start(process) {
		process.data = { input: '', queue: [], status: 0 };
		process.readStdin();
	},
	onStdin(process, data) {
		if (data !== null) {
			process.data = { ...process.data, input: process.data.input + data };
			process.readStdin();
			return;
		}
		let args = process.argv.slice(1);
		let per = Number.POSITIVE_INFINITY;
		let replace: string | undefined;
		let nul = false;
		let skipEmpty = false;
		while (args[0]?.startsWith('-') === true) {
			const flag = args[0];
			if (flag === '-0') nul = true;
			if (flag === '-r') skipEmpty = true;
			const value = flag.length > 2 ? flag.slice(2) : args[1];
			if (/^-[nLI]/.test(flag)) {
				if (flag.startsWith('-I')) replace = value;
				else per = Number(value);
			}
			args = args.slice(/^-[nLIP]$/.test(flag) ? 2 : 1);
		}
		const command = args.length === 0 ? ['echo'] : args;
		const text = process.data.input;
		const items = nul
			? text.split('\0').filter((i) => i !== '')
			: replace !== undefined
				? text.split('\n').filter((i) => i.trim() !== '')
				: (text.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((i) => i.replace(/^(["'])(.*)\1$/, '$2'));
		const queue: string[][] = [];
		if (replace !== undefined) for (const item of items) queue.push(command.map((a) => a.replaceAll(replace ?? '{}', item)));
		else if (items.length > 0 || !skipEmpty) for (let i = 0; i === 0 || i < items.length; i += per) queue.push([...command, ...items.slice(i, i + per)]);
		process.data = { ...process.data, input: '', queue };
		xargsNext(process);
	},
	onChild(process, _token, result) {
		if (result.exitCode !== 0) process.data = { ...process.data, status: 123 };
		xargsNext(process);
	},
};

/** `env NAME=value command`: becomes the command. */
const env = (busybox: boolean): Program<{ readonly input: string }> => {
	const plain = utilityProgram('env', SYSTEM['env'] ?? (() => 1), busybox) as Program<{ readonly input: string }>;
	return {
		name: 'env',
		start(process) {
			let args = process.argv.slice(1);
			let vars: { [name: string]: string } = { ...process.env };
			while (args[0] !== undefined && (args[0].startsWith('-') || /^\w+=/.test(args[0]))) {
				if (args[0] === '-i' || args[0] === '-') vars = {};
				else if (args[0] === '-u') {
					delete vars[args[1] ?? ''];
					args = args.slice(1);
				} else if (/^\w+=/.test(args[0])) vars[args[0].split('=')[0] ?? ''] = args[0].slice(args[0].indexOf('=') + 1);
				args = args.slice(1);
			}
			if (args.length === 0) {
				if (process.argv.length === 1) plain.start(process);
				else {
					for (const [n, v] of Object.entries(vars)) process.stdout(`${n}=${v}\n`);
					process.exit(0);
				}
				return;
			}
			const replaced = process.exec(args, vars);
			if (replaced.ok) return;
			process.stderr(busybox ? `env: can't execute '${args[0]}': ${errorWords(replaced.error)}\n` : `env: ‘${args[0]}’: ${errorWords(replaced.error)}\n`);
			process.exit(127);
		},
	};
};

/** `nohup`, `nice`, `setsid`, `busybox`: become the command that follows. */
const wrapper = (name: string): Program<null> => ({
	name,
	start(process) {
		const args = process.argv.slice(1);
		const skip = name === 'nice' && args[0] === '-n' ? 2 : 0;
		const command = args.slice(skip);
		if (name === 'busybox' && command.length === 0) {
			process.stdout(
				'BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.\nBusyBox is copyrighted by many authors between 1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nUsage: busybox [function [arguments]...]\n',
			);
			process.exit(0);
			return;
		}
		const replaced = process.exec(command);
		if (replaced.ok) return;
		process.stderr(
			name === 'busybox' ? `${command[0] ?? ''}: applet not found\n` : `${name}: can't execute '${command[0] ?? ''}': ${errorWords(replaced.error)}\n`,
		);
		process.exit(127);
	},
});

interface FindData {
	readonly queue: readonly (readonly string[])[];
	readonly status: number;
}

/** `find … -exec`: runs commands, one after the other; without -exec it is the utility. */
const find = (busybox: boolean): Program<FindData> => {
	const utility: Utility = FILES['find'] ?? (() => 1);
	const next = (process: Process<FindData>): void => {
		const [argv, ...queue] = process.data.queue;
		if (argv === undefined) {
			process.exit(process.data.status);
			return;
		}
		process.data = { ...process.data, queue };
		const started = process.spawn(argv, { token: 'run', stdin: '' });
		if (started.ok) return;
		process.stderr(`find: ${busybox ? argv[0] : `‘${argv[0]}’`}: ${errorWords(started.error)}\n`);
		next(process);
	};
	return {
		name: 'find',
		start(process) {
			const args = process.argv.slice(1);
			const at = args.indexOf('-exec');
			const found: string[] = [];
			const status = utility({
				name: 'find',
				args: at === -1 ? args : args.slice(0, at),
				process,
				cwd: process.cwd,
				env: process.env,
				busybox,
				stdin: () => {
					throw new NeedsInput();
				},
				out: (t) => (at === -1 ? process.stdout(t) : found.push(...t.split('\n').filter((l) => l !== ''))),
				err: (t) => process.stderr(t),
			});
			if (at === -1) {
				process.exit(status);
				return;
			}
			const end = args.findIndex((a, i) => i > at && (a === ';' || a === '+'));
			const command = args.slice(at + 1, end === -1 ? undefined : end);
			const queue =
				args[end] === '+'
					? found.length > 0
						? [command.flatMap((a) => (a === '{}' ? found : [a]))]
						: []
					: found.map((f) => command.map((a) => a.replaceAll('{}', f)));
			process.data = { queue, status };
			next(process);
		},
		onChild: (process) => next(process),
	};
};

/** By name. */
export const BLOCKING = (busybox: boolean): { readonly [name: string]: Program<never> } => ({
	sleep: sleep(busybox),
	tail: tail(busybox),
	timeout: timeout(busybox),
	xargs,
	env: env(busybox),
	find: find(busybox),
	nohup: wrapper('nohup'),
	nice: wrapper('nice'),
	setsid: wrapper('setsid'),
	chroot: chroot(busybox),
	...(busybox ? { busybox: wrapper('busybox') } : {}),
	wget,
	nc,
	ping,
	httpd,
});
