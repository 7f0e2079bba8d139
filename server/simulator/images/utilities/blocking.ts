/** Programs that wait: for time, for a file, for other processes. The table of all of them. */
import type { Process, Program, Signal } from '../program.ts';
import { env, wrapper } from './becoming.ts';
import { chroot } from './chroot.ts';
import { seconds } from './duration.ts';
import { find } from './find-exec.ts';
import { httpd } from './httpd.ts';
import { nc } from './nc.ts';
import { ping } from './ping.ts';
import { TEXT } from './text.ts';
import { errorWords, resolvePath, utilityProgram } from './utility.ts';
import { wget } from './wget.ts';
import { xargs } from './xargs.ts';

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
