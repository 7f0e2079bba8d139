/** Load makers: polinux/stress (as in Kubernetes' pages on resources), vish/stress, stress-ng. They use what they are told to. */
import { baseFiles } from '../image.ts';
import type { Image, Process, Program } from '../program.ts';
import { busyboxTools } from '../toolbox.ts';

interface Data {
	readonly name: string;
	readonly workers: number;
}

const UNITS: { readonly [unit: string]: number } = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `250M`, `1G`, `4096` in bytes; undefined where it is no size. */
function bytes(text: string): number | undefined {
	const m = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(text);
	return m === null ? undefined : Number(m[1]) * (UNITS[(m[2] || 'b').toLowerCase()] ?? 1);
}

/** `30s`, `5m`, `1h`, `20` (seconds) in ms. */
function milliseconds(text: string): number {
	const m = /^(\d+)([smhdy]?)$/.exec(text);
	const unit: { readonly [u: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };
	return m === null ? 0 : Number(m[1]) * (unit[m[2] || 's'] ?? 1) * 1000;
}

/** The value of a flag in either spelling, `-c 2` or `--cpu 2` or `--cpu=2`. */
function flag(argv: readonly string[], ...names: readonly string[]): string | undefined {
	for (const [i, arg] of argv.entries()) {
		if (names.includes(arg)) return argv[i + 1] ?? '';
		const name = names.find((n) => n.startsWith('--') && arg.startsWith(`${n}=`));
		if (name !== undefined) return arg.slice(name.length + 1);
	}
	return undefined;
}

const BASE_BYTES = 2 * 1024 * 1024;

/** `stress` and `stress-ng`: workers that spin, and workers that hold memory. */
function stress(name: 'stress' | 'stress-ng'): Program<Data> {
	const say = (process: Process<Data>, text: string): void => process.stdout(`${name}: info: [${process.pid}] ${text}\n`);
	return {
		name,
		start(process) {
			const argv = process.argv.slice(1);
			const count = (short: string, long: string): number => Number(flag(argv, short, long) ?? 0);
			const cpu = count('-c', '--cpu');
			const vm = count('-m', '--vm');
			const io = count('-i', '--io');
			const hdd = count('-d', '--hdd');
			process.data = { name, workers: cpu + vm + io + hdd };
			if (process.data.workers === 0 || argv.includes('--help') || argv.includes('-?')) {
				process.stdout(`\`${name}' imposes certain types of compute stress on your system\n\nUsage: ${name} [OPTION [ARG]] ...\n`);
				process.exit(argv.includes('--help') ? 0 : 1);
				return;
			}
			const size = bytes(flag(argv, '--vm-bytes') ?? '256M');
			if (size === undefined) {
				process.stderr(`${name}: FAIL: [${process.pid}] unrecognized suffix: ${flag(argv, '--vm-bytes')}\n`);
				process.exit(1);
				return;
			}
			say(process, `dispatching hogs: ${cpu} cpu, ${io} io, ${vm} vm, ${hdd} hdd`);
			// A memory worker that is told to hang sleeps once it has its bytes; else it touches them over and over.
			const hangs = flag(argv, '--vm-hang') !== undefined || argv.includes('--vm-keep');
			process.usage({ cpuMilli: (cpu + (hangs ? 0 : vm)) * 1000 + (io + hdd) * 100 + 1, memoryBytes: BASE_BYTES + vm * size });
			const timeout = flag(argv, '-t', '--timeout');
			if (timeout !== undefined && milliseconds(timeout) > 0) process.timer(milliseconds(timeout), 'end');
		},
		onTimer(process) {
			say(process, 'successful run completed');
			process.exit(0);
		},
	};
}

/** vish/stress: a Go program that allocates step by step and spins on as many cores as asked. */
const vish: Program<{ readonly total: number; readonly step: number; readonly everyMs: number; readonly cpus: number; readonly held: number }> = {
	name: 'stress',
	start(process) {
		const argv = process.argv.slice(1);
		const unit: { readonly [u: string]: number } = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, k: 1e3, M: 1e6, G: 1e9 };
		const quantity = (text: string): number => {
			const m = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|M|G)?$/.exec(text);
			return m === null ? 0 : Number(m[1]) * (unit[m[2] ?? ''] ?? 1);
		};
		const every = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(flag(argv, '-mem-alloc-sleep', '--mem-alloc-sleep') ?? '1ms');
		const cpus = Number(flag(argv, '-cpus', '--cpus') ?? 0);
		const total = quantity(flag(argv, '-mem-total', '--mem-total') ?? '0');
		const step = quantity(flag(argv, '-mem-alloc-size', '--mem-alloc-size') ?? '4Ki');
		const everyMs = every === null ? 1 : Number(every[1]) * (every[2] === 'm' ? 60_000 : every[2] === 's' ? 1000 : 1);
		// Small steps are taken together: a hundred moments on the way are enough to be seen.
		const together = Math.max(1, Math.ceil(total / Math.max(step, 1) / 100));
		process.data = { total, step: step * together, everyMs: everyMs * together, cpus, held: 0 };
		process.stdout(`Allocating "${total}" memory, in "${step}" chunks, with a ${everyMs}ms sleep between allocations\n`);
		if (cpus > 0) process.stdout(`Spawning a thread to consume CPU\n`.repeat(cpus));
		process.usage({ cpuMilli: cpus * 1000, memoryBytes: BASE_BYTES });
		if (total > 0) process.timer(process.data.everyMs, 'allocate');
	},
	onTimer(process) {
		const d = process.data;
		const held = Math.min(d.total, d.held + d.step);
		process.data = { ...d, held };
		process.usage({ cpuMilli: d.cpus * 1000, memoryBytes: BASE_BYTES + held });
		if (held < d.total) process.timer(d.everyMs, 'allocate');
		else process.stdout(`Allocated "${d.total}" memory\n`);
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(2);
	},
};

const PATH = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
const files = baseFiles({ name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' });
const shared = { env: PATH, user: '', workdir: '/', files } as const;
const tools = busyboxTools();

export const stressImages: readonly Image[] = [
	{
		...shared,
		repositories: ['docker.io/polinux/stress', 'docker.io/progrium/stress'],
		tags: ['1.0.4', 'latest'],
		sizeBytes: 9_740_000,
		entrypoint: [],
		cmd: ['/usr/local/bin/stress'],
		programs: { ...tools, '/usr/local/bin/stress': stress('stress') as Program<never> },
	},
	{
		...shared,
		repositories: ['docker.io/alexeiled/stress-ng', 'docker.io/polinux/stress-ng', 'docker.io/colinianking/stress-ng'],
		tags: ['latest', '0.12.05', '0.19.05'],
		sizeBytes: 15_400_000,
		entrypoint: ['/usr/bin/stress-ng'],
		cmd: ['--help'],
		programs: { ...tools, '/usr/bin/stress-ng': stress('stress-ng') as Program<never> },
	},
	{
		...shared,
		repositories: ['docker.io/vish/stress'],
		tags: ['latest'],
		sizeBytes: 3_000_000,
		entrypoint: ['/stress'],
		cmd: ['-logtostderr'],
		programs: { '/stress': vish as Program<never> },
	},
];
