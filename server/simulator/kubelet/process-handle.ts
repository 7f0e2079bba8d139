/** The `Process` that a program's handler sees: reads and writes its container's part of the world, valid during one call. */
import type { GpuUse, VisibleGpu } from '../gpu/contract.ts';
import { settleEnergy } from '../gpu/telemetry.ts';
import { visibleGpus } from '../gpu/use.ts';
import type { FileResult, Process, ProcessInfo, Signal, SpawnOptions } from '../images/program.ts';
import { treeGet, treeRange, treeSet, treeValues } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { Dial, ListenOptions, Response } from '../network/types.ts';
import type { ContainerFiles } from '../storage-volumes/filesystem.ts';
import { containerFiles } from './container-files.ts';
import type { Host } from './host.ts';
import { END_OF_INPUT } from './line-editing.ts';
import { credentialsOf, emit, endProcess, killForMemory, PROGRAM_TIMER, queueCall, sendSignal, startProcess } from './processes.ts';
import { absolute, findProgram, type Lookup } from './program-lookup.ts';
import { changeProcess, getContainer, getProcess, getRuntime, type ProcessRecord, type RuntimeConfig, runtimesSlice, type Sink, setRuntime } from './state.ts';
import { CPU_WINDOW_MS, spend } from './usage.ts';

const LINE_END = new RegExp(`[\\n${END_OF_INPUT}]`);

/** A container's processes; `shift` is added to the numbers where they share another one's namespace. */
function processesOf(world: World, key: string, shift: number): readonly ProcessInfo[] {
	return treeValues(getRuntime(world, key)?.procs ?? null).map((p) => ({
		pid: p.pid + shift,
		ppid: p.ppid === 0 ? 0 : p.ppid + shift,
		argv: p.argv,
		uid: p.uid,
		startedAt: p.startedAt,
		state: p.held === undefined ? 'running' : 'stopped',
		rss: p.memoryBytes,
	}));
}

/** Processes of a node that are no container's. */
const DAEMONS: readonly (readonly [pid: number, argv: readonly string[], rss: number])[] = [
	[1, ['/sbin/init'], 12 << 20],
	[94, ['/lib/systemd/systemd-journald'], 18 << 20],
	[107, ['/usr/local/bin/containerd'], 64 << 20],
	[
		238,
		[
			'/usr/bin/kubelet',
			'--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
			'--kubeconfig=/etc/kubernetes/kubelet.conf',
			'--config=/var/lib/kubelet/config.yaml',
		],
		92 << 20,
	],
];
/** Numbers from which the containers' processes are counted on a node, and how far apart two containers are. */
const FIRST_PID = 500;
const PID_STEP = 100;

/** All processes of a node, in its own numbering: its daemons, then those of its pods. */
function nodeProcesses(world: World, node: string): readonly ProcessInfo[] {
	const daemons = DAEMONS.map(([pid, argv, rss]) => ({
		pid,
		ppid: pid === 1 ? 0 : 1,
		argv,
		uid: 0,
		startedAt: world.now - (world.now % 86_400_000),
		state: 'running' as const,
		rss,
	}));
	const keys = [...treeRange(world.read(runtimesSlice))].filter((e) => e.v.config.node === node).map((e) => e.k);
	return [...daemons, ...keys.flatMap((key, i) => processesOf(world, key, FIRST_PID + i * PID_STEP))];
}

export class ProcessHandle implements Process {
	readonly pid: number;
	readonly argv: readonly string[];
	readonly env: { readonly [name: string]: string };
	cwd: string;
	data: unknown;
	readonly uid: number;
	readonly gid: number;
	readonly groups: readonly number[];
	readonly hostname: string;
	readonly tty: boolean;
	readonly podIP: string;
	/** For the programs of the cluster's own parts, which act on the world through the API (`worldOf`). */
	readonly world: World;
	readonly host: Host;
	/** The container it runs in. */
	readonly key: string;
	private readonly record: ProcessRecord;
	private readonly config: RuntimeConfig;
	private files: ContainerFiles | undefined;
	private root: string | undefined;
	private exitCode: number | undefined;
	private replaced: Parameters<ProcessHandle['exec']> | undefined;

	constructor(world: World, host: Host, key: string, record: ProcessRecord, config: RuntimeConfig) {
		this.world = world;
		this.host = host;
		this.key = key;
		this.record = record;
		this.config = config;
		this.pid = record.pid;
		this.argv = record.argv;
		this.env = record.env;
		this.cwd = record.cwd;
		this.root = record.root;
		this.data = record.data ?? undefined;
		this.uid = record.uid;
		this.gid = record.gid;
		this.groups = config.groups;
		this.hostname = config.hostname;
		this.tty = record.tty;
		this.podIP = config.podIP;
	}

	get now(): number {
		return this.world.now;
	}

	get fs(): ContainerFiles {
		const output = { stdout: (text: string) => this.stdout(text), stderr: (text: string) => this.stderr(text) };
		this.files ??= containerFiles(this.world, this.host, this.key, this.config, credentialsOf(this.config, this.uid, this.gid), output, this.root);
		return this.files;
	}

	random(): number {
		return this.world.random();
	}

	stdout(text: string): void {
		emit(this.world, this.host, this.key, this.record, this.record.out, text);
	}

	stderr(text: string): void {
		emit(this.world, this.host, this.key, this.record, this.record.err, text);
	}

	exit(code: number): void {
		this.exitCode ??= code & 0xff;
	}

	private timerKey(token: string): string {
		return `${this.key}|${this.record.serial}|${token}`;
	}

	timer(delayMs: number, token: string): void {
		this.world.schedule(
			PROGRAM_TIMER,
			this.timerKey(token),
			delayMs,
			{ key: this.key, pid: this.pid, serial: this.record.serial, call: { on: 'timer', token } },
			true,
		);
	}

	clearTimer(token: string): void {
		this.world.cancel(PROGRAM_TIMER, this.timerKey(token));
	}

	listen(port: number, options?: ListenOptions): boolean {
		// containerd sets net.ipv4.ip_unprivileged_port_start=0 in pod sandboxes; a host-network pod keeps the node's 1024.
		if (port < 1024 && this.config.hostNetwork && !this.config.capabilities.includes('NET_BIND_SERVICE')) return false;
		return this.host.services.network.listen(this.world, this.key, this.pid, port, options);
	}

	unlisten(port: number): void {
		this.host.services.network.unlisten(this.world, this.key, this.pid, port);
	}

	respond(connection: string, response: Response): void {
		this.host.services.network.respond(this.world, connection, response);
	}

	send(connection: string, data: string, last: boolean | 'broken'): void {
		this.host.services.network.send(this.world, connection, data, last);
	}

	private podUid(): string {
		return this.key.slice(0, this.key.indexOf('/'));
	}

	dial(dial: Omit<Dial, 'from'>, token: string): string {
		const from = { kind: 'pod', uid: this.podUid() } as const;
		return this.host.services.network.dial(this.world, { ...dial, from }, { kind: 'process', container: this.key, pid: this.pid, token });
	}

	giveUp(dial: string): void {
		this.host.services.network.abort(this.world, dial);
	}

	resolve(name: string): ReturnType<Process['resolve']> {
		return this.host.services.network.resolve(this.world, { kind: 'pod', uid: this.podUid() }, name);
	}

	query(...[name, type, server]: Parameters<Process['query']>): ReturnType<Process['query']> {
		return this.host.services.network.query(this.world, { kind: 'pod', uid: this.podUid() }, name, type, server);
	}

	/** Opens where a child's output is to go; a file is created or emptied at once, as the shell's redirection does. */
	private sink(wanted: SpawnOptions['stdout'], own: Sink): FileResult<Sink | 'collect'> {
		if (wanted === undefined || wanted === 'inherit') return { ok: true, value: own };
		if (wanted === 'collect') return { ok: true, value: 'collect' };
		if (wanted === 'discard') return { ok: true, value: { to: 'nothing' } };
		const path = absolute(this.cwd, wanted.file);
		const opened = this.fs.write(path, '', { append: wanted.append });
		return opened.ok ? { ok: true, value: { to: 'file', path } } : opened;
	}

	/** The program that an argv of this process's would start. */
	private find(argv: readonly string[], env: { readonly [name: string]: string }, cwd: string): Lookup {
		return findProgram(this.host, this.fs, argv, env, cwd, this.config);
	}

	spawn(argv: readonly string[], options: SpawnOptions): FileResult<number> {
		const env = options.env ?? this.env;
		const cwd = options.cwd ?? this.cwd;
		const found = this.find(argv, env, cwd);
		if (!found.ok) return { ok: false, error: found.error };
		const out = this.sink(options.stdout, this.record.out);
		if (!out.ok) return out;
		const err = options.stderr === 'stdout' ? out : this.sink(options.stderr, this.record.err);
		if (!err.ok) return err;
		const pid = startProcess(this.world, this.key, {
			argv: found.argv,
			program: found.program,
			env,
			cwd,
			uid: this.uid,
			gid: this.gid,
			ppid: this.pid,
			out: out.value,
			// "2>&1" on a collected output lands in the same buffer.
			err: options.stderr === 'stdout' && out.value === 'collect' ? { to: 'process', pid: getRuntime(this.world, this.key)?.nextPid ?? 0, fd: 1 } : err.value,
			input: options.stdin === undefined ? this.record.input : { text: options.stdin, ended: true },
			onExit: { to: 'parent', token: options.token },
			tty: this.tty,
			...(this.root === undefined ? {} : { root: this.root }),
		});
		return pid === undefined ? { ok: false, error: 'EINVAL' } : { ok: true, value: pid };
	}

	exec(argv: readonly string[], env?: { readonly [name: string]: string }): FileResult<null> {
		const found = this.find(argv, env ?? this.env, this.cwd);
		if (!found.ok) return { ok: false, error: found.error };
		this.replaced = [argv, env];
		return { ok: true, value: null };
	}

	chroot(path: string): FileResult<null> {
		if (this.uid !== 0) return { ok: false, error: 'EACCES' };
		const found = this.fs.stat(path);
		if (!found.ok) return found;
		if (found.value.kind !== 'directory') return { ok: false, error: 'ENOTDIR' };
		const whole = `${this.root ?? ''}${absolute(this.cwd, path)}`.replace(/\/+$/, '');
		if (whole !== (this.root ?? '') && !this.config.mounts.some((m) => m.path === whole)) return { ok: false, error: 'EINVAL' };
		this.root = whole === '' ? undefined : whole;
		this.files = undefined;
		this.cwd = '/';
		return { ok: true, value: null };
	}

	kill(pid: number, signal: Signal): boolean {
		const { target: shared } = this.config;
		const foreign = shared !== undefined && pid <= shared.pids;
		const [key, own] = foreign ? [shared.key, pid] : [this.key, pid - (shared?.pids ?? 0)];
		const target = getProcess(this.world, key, own);
		if (target === undefined || (this.uid !== 0 && target.uid !== this.uid)) return false;
		return sendSignal(this.world, key, own, signal, true);
	}

	processes(): readonly ProcessInfo[] {
		const { target } = this.config;
		if (this.config.hostPID === true) return nodeProcesses(this.world, this.config.node);
		return [...(target === undefined ? [] : processesOf(this.world, target.key, 0)), ...processesOf(this.world, this.key, target?.pids ?? 0)];
	}

	readStdin(): void {
		const runtime = getRuntime(this.world, this.key);
		if (runtime === undefined) return;
		const input = treeGet(runtime.inputs, this.record.input);
		if (input === undefined || input.text !== '' || input.ended) {
			queueCall(this.world, this.key, this.pid, { on: 'stdin' });
			return;
		}
		setRuntime(this.world, this.key, { ...runtime, inputs: treeSet(runtime.inputs, this.record.input, { ...input, waiting: this.pid }) });
	}

	/** What a read of standard input yields now: a line on a terminal, all there is else, null at its end, undefined where it must wait on. */
	takeInput(): string | null | undefined {
		const runtime = getRuntime(this.world, this.key);
		const input = runtime === undefined ? undefined : treeGet(runtime.inputs, this.record.input);
		if (runtime === undefined || input === undefined) return null;
		if (input.text === '') {
			if (input.ended) return null;
			this.readStdin();
			return undefined;
		}
		// A read of a terminal ends with a line, or where Ctrl-D was pressed.
		const end = input.lines ? input.text.search(LINE_END) + 1 : input.text.length;
		if (end === 0 && !input.ended) {
			setRuntime(this.world, this.key, { ...runtime, inputs: treeSet(runtime.inputs, this.record.input, { ...input, waiting: this.pid }) });
			return undefined;
		}
		const cut = end === 0 ? input.text.length : end;
		setRuntime(this.world, this.key, { ...runtime, inputs: treeSet(runtime.inputs, this.record.input, { ...input, text: input.text.slice(cut) }) });
		const taken = input.text.slice(0, cut);
		if (!input.lines || !taken.endsWith(END_OF_INPUT)) return taken;
		return taken === END_OF_INPUT ? null : taken.slice(0, -1);
	}

	usage(use: { readonly cpuMilli?: number; readonly memoryBytes?: number; readonly gpus?: readonly GpuUse[] }): void {
		if (use.gpus !== undefined) settleEnergy(this.world, this.config.node);
		changeProcess(this.world, this.key, this.pid, (p) => ({
			...p,
			cpuMilli: use.cpuMilli ?? p.cpuMilli,
			memoryBytes: use.memoryBytes ?? p.memoryBytes,
			...(use.gpus === undefined ? {} : { gpus: use.gpus.filter((g) => this.config.gpus?.includes(g.device) === true) }),
		}));
	}

	gpus(): readonly VisibleGpu[] {
		return visibleGpus(this.world, this.key, this.pid);
	}

	spendCpu(ms: number): void {
		const runtime = getRuntime(this.world, this.key);
		if (runtime !== undefined) setRuntime(this.world, this.key, { ...runtime, cpu: spend(runtime.cpu, Math.floor(this.now / CPU_WINDOW_MS), ms) });
	}

	metric(name: string, labels: { readonly [label: string]: string }, change: { readonly add: number } | { readonly set: number }): void {
		const runtime = getRuntime(this.world, this.key);
		if (runtime === undefined) return;
		const text = Object.entries(labels).map(([k, v]) => `${k}=${JSON.stringify(v)}`);
		const series = text.length === 0 ? name : `${name}{${text.join(',')}}`;
		const value = 'set' in change ? change.set : (treeGet(runtime.metrics, series) ?? 0) + change.add;
		setRuntime(this.world, this.key, { ...runtime, metrics: treeSet(runtime.metrics, series, value) });
	}

	/** Puts back what the handler has changed, and lets the process end, be replaced or be killed for its memory. */
	finish(): void {
		const data = this.data ?? null;
		changeProcess(this.world, this.key, this.pid, (p) =>
			p.serial !== this.record.serial || (p.data === data && p.cwd === this.cwd && p.root === this.root)
				? p
				: { ...p, data, cwd: this.cwd, ...(this.root === undefined ? {} : { root: this.root }) },
		);
		if (this.exitCode !== undefined) {
			endProcess(this.world, this.host, this.key, this.pid, this.exitCode);
			return;
		}
		if (this.replaced !== undefined) this.replace(...this.replaced);
		const limit = getContainer(this.world, this.key)?.memoryLimit ?? 0;
		if (limit === 0) return;
		let used = 0;
		for (const p of treeValues(getRuntime(this.world, this.key)?.procs ?? null)) used += p.memoryBytes;
		if (used > limit) killForMemory(this.world, this.host, this.key);
	}

	private replace(argv: readonly string[], env: { readonly [name: string]: string } | undefined): void {
		const found = this.find(argv, env ?? this.env, this.cwd);
		const runtime = getRuntime(this.world, this.key);
		if (!found.ok || runtime === undefined) return;
		// Listeners and open requests of the program before do not survive; its timers die with the old serial.
		this.host.services.network.processEnded(this.world, this.key, this.pid);
		const serial = runtime.nextSerial;
		setRuntime(this.world, this.key, { ...runtime, nextSerial: serial + 1 });
		changeProcess(this.world, this.key, this.pid, (p) => ({
			...p,
			serial,
			argv: found.argv,
			program: found.program,
			env: env ?? p.env,
			data: null,
			memoryBytes: 1 << 20,
			cpuMilli: 0,
		}));
		queueCall(this.world, this.key, this.pid, { on: 'start' });
	}
}

/** The world behind a process, for programs of the cluster's own parts only: an image's program has no business with it. */
export function worldOf(process: Process<never> | Process): { readonly world: World; readonly host: Host; readonly container: string } | undefined {
	return process instanceof ProcessHandle ? { world: process.world, host: process.host, container: process.key } : undefined;
}
