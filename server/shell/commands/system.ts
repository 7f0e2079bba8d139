/** What tells about the machine: ps, top, df, free, ip, ss, man, envsubst. The workstation has what base-files.ts says it has. */
import { LIMITS } from '../../limits.ts';
import type { Command, CommandContext, Process } from '../command.ts';
import { runFullScreen } from '../screen/full-screen.ts';
import { clip } from '../screen/width.ts';

const MEMORY_KB = 4_194_304;
const ADDRESS = '172.18.0.1';

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
const spent = (ms: number): string => `${String(Math.floor(ms / 3_600_000)).padStart(2, '0')}:${new Date(Math.max(0, ms)).toISOString().slice(14, 19)}`;

async function used(c: CommandContext): Promise<number> {
	const paths = await c.files.list(c.env['HOME'] ?? '/home/learner', { recursive: true });
	const stats = await Promise.all(paths.map((p) => c.files.stat(p)));
	return stats.reduce((n, s) => n + (s?.size ?? 0), 0);
}

async function ps(args: readonly string[], c: CommandContext): Promise<number> {
	const all = args.some((a) => /[aAex]/.test(a.replace(/^-/, '')));
	const own = c.processes();
	const here = own.find((p) => p.foreground)?.terminal;
	const list = all ? own : own.filter((p) => p.terminal === here);
	const wide = args.some((a) => a.includes('u') || a.includes('f'));
	if (wide && !args.some((a) => a.includes('f'))) {
		c.io.stdout('USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n');
		for (const p of list)
			c.io.stdout(
				`learner  ${String(p.pid).padStart(7)}  0.0  0.1   8368  4480 ${p.terminal.padEnd(8)} ${(p.text === '-bash' ? 'Ss' : p.foreground ? 'R+' : 'S').padEnd(4)} ${clock(p.started).slice(0, 5)}   0:00 ${p.text}\n`,
			);
		return 0;
	}
	if (wide) {
		c.io.stdout('UID          PID    PPID  C STIME TTY          TIME CMD\n');
		for (const p of list)
			c.io.stdout(`learner  ${String(p.pid).padStart(7)}       1  0 ${clock(p.started).slice(0, 5)} ${p.terminal.padEnd(8)} 00:00:00 ${p.text}\n`);
		return 0;
	}
	c.io.stdout('    PID TTY          TIME CMD\n');
	for (const p of list) c.io.stdout(`${String(p.pid).padStart(7)} ${p.terminal.padEnd(8)} 00:00:00 ${p.text.replace(/^-/, '').split(' ')[0]}\n`);
	return 0;
}

/** The first lines of top, and its table. */
function topLines(c: CommandContext, started: number): string[] {
	const now = c.clock.now();
	const list = c.processes();
	const running = list.filter((p) => p.foreground).length;
	const up = Math.max(0, Math.floor((now - started) / 60_000));
	return [
		`top - ${clock(now)} up ${up} min,  1 user,  load average: 0.00, 0.00, 0.00`,
		`Tasks: ${String(list.length).padStart(3)} total, ${String(running).padStart(3)} running, ${String(list.length - running).padStart(3)} sleeping,   0 stopped,   0 zombie`,
		'%Cpu(s):  0.3 us,  0.1 sy,  0.0 ni, 99.6 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st',
		'MiB Mem :   4096.0 total,   3072.0 free,    512.0 used,    512.0 buff/cache',
		'MiB Swap:      0.0 total,      0.0 free,      0.0 used.   3584.0 avail Mem',
		'',
		'\x1b[7m    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\x1b[0m',
		...list.map(
			(p: Process) =>
				`${String(p.pid).padStart(7)} learner   20   0    8368   4480   3200 ${p.foreground ? 'R' : 'S'}   0.0   0.1   ${spent(now - p.started).slice(-5)}.00 ${p.text.replace(/^-/, '')}`,
		),
	];
}

async function top(args: readonly string[], c: CommandContext): Promise<number> {
	const started = Math.min(c.clock.now(), ...c.processes().map((p) => p.started));
	if (args.some((a) => /^-\w*b/.test(a)) || !c.io.stdoutIsTerminal) {
		c.io.stdout(`${topLines(c, started).join('\n')}\n`);
		return 0;
	}
	const status = await runFullScreen(c, (redraw) => {
		let ended: number | undefined;
		const tick = async (): Promise<void> => {
			while (ended === undefined && !c.io.signal.aborted) {
				await c.sleep(3000);
				redraw();
			}
		};
		// The wait rejects when the terminal is closed; there is nothing to redraw then.
		void tick().catch(() => {});
		return {
			key: (key) => {
				if (key === 'q' || key === '<C-C>') ended = 0;
			},
			frame: (columns, rows) => ({
				lines: topLines(c, started)
					.slice(0, rows)
					.map((l) => (l.startsWith('\x1b') ? `\x1b[7m${clip(l.slice(4, -4), columns).padEnd(columns)}\x1b[0m` : clip(l, columns))),
			}),
			get ended() {
				return ended;
			},
		};
	});
	return status ?? 1;
}

async function df(args: readonly string[], c: CommandContext): Promise<number> {
	const size = LIMITS.filesBytes;
	const taken = await used(c);
	const share = `${Math.ceil((taken * 100) / size)}%`;
	const human = args.some((a) => /^-\w*h/.test(a));
	const mib = (n: number): string => (n === 0 ? '0' : n < 1_048_576 ? `${Math.ceil(n / 1024)}K` : `${Math.ceil(n / 1_048_576)}M`);
	if (human)
		c.io.stdout(
			`Filesystem      Size  Used Avail Use% Mounted on\n/dev/vda1      ${mib(size).padStart(5)} ${mib(taken).padStart(5)} ${mib(size - taken).padStart(5)} ${share.padStart(4)} /\n`,
		);
	else
		c.io.stdout(
			`Filesystem     1K-blocks  Used Available Use% Mounted on\n/dev/vda1      ${String(size / 1024).padStart(9)} ${String(Math.ceil(taken / 1024)).padStart(5)} ${String(Math.floor((size - taken) / 1024)).padStart(9)} ${share.padStart(4)} /\n`,
		);
	return 0;
}

async function free(args: readonly string[], c: CommandContext): Promise<number> {
	const flags = args.join('');
	const unit = (kb: number): string =>
		flags.includes('h')
			? kb === 0
				? '0B'
				: kb >= 1_048_576
					? `${(kb / 1_048_576).toFixed(1)}Gi`
					: `${Math.round(kb / 1024)}Mi`
			: flags.includes('m')
				? String(Math.round(kb / 1024))
				: flags.includes('g')
					? String(Math.round(kb / 1_048_576))
					: String(kb);
	const row = (name: string, values: readonly number[]): string => `${name.padEnd(7)}${values.map((v) => unit(v).padStart(12)).join('')}\n`;
	c.io.stdout(`               total        used        free      shared  buff/cache   available\n`);
	c.io.stdout(row('Mem:', [MEMORY_KB, 524_288, 3_145_728, 1024, 524_288, 3_670_016]).replace('Mem:   ', 'Mem:    '));
	c.io.stdout(row('Swap:', [0, 0, 0]).replace('Swap:  ', 'Swap:   '));
	return 0;
}

const LINKS = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    link/ether 02:42:ac:12:00:01 brd ff:ff:ff:ff:ff:ff
    inet ${ADDRESS}/16 brd 172.18.255.255 scope global eth0
       valid_lft forever preferred_lft forever
`;

async function ip(args: readonly string[], c: CommandContext): Promise<number> {
	const [object = ''] = args.filter((a) => !a.startsWith('-'));
	const brief = args.some((a) => a === '-br' || a === '-brief');
	if ('address'.startsWith(object) && object !== '')
		c.io.stdout(brief ? `lo               UNKNOWN        127.0.0.1/8 \neth0             UP             ${ADDRESS}/16 \n` : LINKS);
	else if ('link'.startsWith(object) && object !== '') c.io.stdout(LINKS.replace(/^ {4}inet.*\n.*\n/gm, ''));
	else if ('route'.startsWith(object) && object !== '') c.io.stdout(`172.18.0.0/16 dev eth0 proto kernel scope link src ${ADDRESS}\n`);
	else {
		c.io.stderr(object === '' ? 'Usage: ip [ -br ] { address | link | route }\n' : `Object "${object}" is unknown, try "ip help".\n`);
		return object === '' ? 255 : 1;
	}
	return 0;
}

/** Variables in a text: `$NAME` and `${NAME}`, as gettext's envsubst; with an argument only those named in it. */
async function envsubst(args: readonly string[], c: CommandContext): Promise<number> {
	let text = c.io.stdin;
	for (let part = await c.io.read(); part !== null; part = await c.io.read()) text += part;
	const only = args[0] === undefined ? undefined : new Set([...args[0].matchAll(/\$\{?([A-Za-z_]\w*)\}?/g)].map((m) => m[1]));
	c.io.stdout(
		text.replace(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (m, a: string | undefined, b: string | undefined) =>
			only !== undefined && !only.has(a ?? b) ? m : (c.env[a ?? b ?? ''] ?? ''),
		),
	);
	return 0;
}

/** The manual of a program is its own help. */
async function man(args: readonly string[], c: CommandContext): Promise<number> {
	const name = args.filter((a) => !/^\d$|^-/.test(a)).join('-');
	if (name === '') {
		c.io.stderr("What manual page do you want?\nFor example, try 'man man'.\n");
		return 1;
	}
	const status = await c.spawn(name.replace('-', ' ').split(' ')[0] ?? '', [...(name.startsWith('kubectl-') ? [name.slice(8)] : []), '--help']);
	if (status === 127) c.io.stderr(`No manual entry for ${name}\n`);
	return status === 127 ? 16 : 0;
}

const make = (name: string, summary: string, usage: string, run: Command['run'], ownH?: true): Command => ({
	...(ownH === undefined ? {} : { ownH }),
	name,
	summary,
	help: `Usage: ${usage}\n${summary}.\n`,
	run,
});

export const systemCommands: readonly Command[] = [
	make('ps', 'list what runs in the terminals', 'ps [aux | -ef]', ps),
	make('top', 'watch what runs in the terminals', 'top [-b]  (q leaves)', top),
	make('htop', 'watch what runs in the terminals', 'htop  (q leaves)', top),
	make('df', "the space of the workstation's files", 'df [-h]', df, true),
	make('free', 'memory of the workstation', 'free [-h | -m]', free, true),
	make('ip', 'addresses and routes of the workstation', 'ip [-br] address|link|route', ip),
	make('ss', 'sockets of the workstation', 'ss [-tln]', async (_args, c) => {
		c.io.stdout('State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n');
		for (const port of c.ports.open()) c.io.stdout(`LISTEN 0      4096       127.0.0.1:${String(port).padEnd(5)}      0.0.0.0:*\n`);
		return 0;
	}),
	make('envsubst', 'put variables of the environment into a text', "envsubst ['$NAME...'] < FILE", envsubst),
	make('man', "a program's manual: its --help", 'man NAME', man),
];
