/** ps, top, kill, pkill and pgrep: the processes of a container. */
import { formatTime } from '../../kernel/time.ts';
import { idName } from './paths.ts';
import type { Utility, UtilityContext } from './utility.ts';

const clock = (ms: number): string => {
	const s = Math.floor(ms / 1000);
	return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
};

/** A process as it shows itself: nginx names its processes by their part. */
function title(argv: readonly string[]): string {
	return argv[0] === 'nginx' && argv.includes('daemon off;') ? `nginx: master process ${argv.join(' ')}` : argv.join(' ');
}

export const ps: Utility = (c) => {
	const all = [...c.process.processes()].sort((a, b) => a.pid - b.pid);
	const user = (uid: number): string => idName(c, '/etc/passwd', uid) ?? String(uid);
	const flags = c.args.join('').replaceAll('-', '');
	if (c.busybox) {
		c.out('PID   USER     TIME  COMMAND\n');
		for (const p of all) c.out(`${String(p.pid).padStart(5)} ${user(p.uid).padEnd(8).slice(0, 8)} ${clock(0).padStart(5)} ${title(p.argv)}\n`);
	} else if (flags.includes('u')) {
		c.out('USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n');
		for (const p of all)
			c.out(
				`${user(p.uid).padEnd(8)} ${String(p.pid).padStart(7)}  0.0  0.0 ${String(Math.round(p.rss / 512)).padStart(6)} ${String(Math.round(p.rss / 1024)).padStart(5)} ?        S${p.pid === 1 ? 's' : ' '}   ${formatTime(p.startedAt).slice(11, 16)}   0:00 ${title(p.argv)}\n`,
			);
	} else if (flags.includes('f')) {
		c.out('UID          PID    PPID  C STIME TTY          TIME CMD\n');
		for (const p of all)
			c.out(
				`${user(p.uid).padEnd(8)} ${String(p.pid).padStart(7)} ${String(p.ppid).padStart(7)}  0 ${formatTime(p.startedAt).slice(11, 16)} ?        00:00:00 ${title(p.argv)}\n`,
			);
	} else {
		c.out('    PID TTY          TIME CMD\n');
		for (const p of all) c.out(`${String(p.pid).padStart(7)} ?        00:00:00 ${(p.argv[0] ?? '').split('/').at(-1)}\n`);
	}
	return 0;
};

export const top: Utility = (c) => {
	const all = c.process.processes();
	c.out(
		'Mem: 3145728K used, 5242880K free, 8192K shrd, 262144K buff, 1835008K cached\nCPU:   2% usr   1% sys   0% nic  96% idle   0% io   0% irq   0% sirq\nLoad average: 0.12 0.10 0.09 1/212 7\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n',
	);
	for (const p of all)
		c.out(
			`${String(p.pid).padStart(5)} ${String(p.ppid).padStart(5)} ${(idName(c, '/etc/passwd', p.uid) ?? String(p.uid)).padEnd(8).slice(0, 8)} S    ${String(Math.round(p.rss / 1024)).padStart(5)}   0%   0   0% ${title(p.argv)}\n`,
		);
	return 0;
};

export const killUtility: Utility = (c: UtilityContext) => {
	const [first = ''] = c.args;
	const signal = first.startsWith('-') ? first.slice(1).replace(/^SIG/, '') : 'TERM';
	const name = { '9': 'KILL', '15': 'TERM', '1': 'HUP', '2': 'INT', '3': 'QUIT', '10': 'USR1', '12': 'USR2' }[signal] ?? signal;
	const wanted = c.args.filter((a) => !a.startsWith('-'));
	let status = 0;
	const byName = c.name === 'pkill' || c.name === 'killall';
	const targets = byName
		? c.process
				.processes()
				.filter((p) => p.pid !== c.process.pid && wanted.some((w) => title(p.argv).includes(w)))
				.map((p) => p.pid)
		: wanted.map(Number);
	if (byName && targets.length === 0) return 1;
	for (const pid of targets) {
		if (!(['TERM', 'KILL', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'STOP', 'CONT'] as const).some((s) => s === name && c.process.kill(pid, `SIG${s}`))) {
			c.err(`${c.name}: can't kill pid ${pid}: No such process\n`);
			status = 1;
		}
	}
	return status;
};

export const pgrep: Utility = (c) => {
	const wanted = c.args.filter((a) => !a.startsWith('-'));
	const found = c.process
		.processes()
		.filter((p) => p.pid !== c.process.pid && wanted.some((w) => (c.args.some((a) => /^-\w*f/.test(a)) ? title(p.argv) : (p.argv[0] ?? '')).includes(w)));
	for (const p of found) c.out(`${p.pid}\n`);
	return found.length > 0 ? 0 : 1;
};
