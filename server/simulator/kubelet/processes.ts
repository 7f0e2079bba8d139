/**
 * The process table of containers: starting, calling a program's handlers, signals, ends. Whatever one handler causes in
 * another process (a child's start or end, a signal) happens in a timer of its own, so that no handler runs inside another.
 */
import type { Signal } from '../images/program.ts';
import { treeGet, treeRemove, treeSet, treeValues } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { Credentials } from '../storage-volumes/filesystem.ts';
import { containerFiles } from './container-files.ts';
import type { Host } from './host.ts';
import { writeLog } from './logs.ts';
import { findProgram, type Lookup, type ProgramRef } from './program-lookup.ts';
import {
	type Call,
	changeProcess,
	getProcess,
	getRuntime,
	type InputRecord,
	type OnExit,
	type ProcessRecord,
	type Runtime,
	type RuntimeConfig,
	type Sink,
	setRuntime,
} from './state.ts';
import { endStream, getStream, pushStream } from './streams.ts';
import { exitStatus } from './exec-status.ts';

export const CALL_TIMER = 'proc.call';
export const PROGRAM_TIMER = 'proc.timer';
/** Virtual ms between asking for a process and its first instruction, and between its end and its parent's learning of it. */
const SPAWN_MS = 1;
/** A loop that only starts processes would eat the host's time: past so many in a second each one takes longer, as on a busy core. */
const SPAWNS_A_SECOND = 50;
const BUSY_SPAWN_MS = 25;
/** UTF-16 units of collected output kept; a real pipe would block its writer. */
const COLLECTED_KEPT = 1 << 20;

export const SIGNAL_NUMBERS: { readonly [signal in Signal]: number } = {
	SIGHUP: 1,
	SIGINT: 2,
	SIGQUIT: 3,
	SIGKILL: 9,
	SIGUSR1: 10,
	SIGUSR2: 12,
	SIGTERM: 15,
	SIGCHLD: 17,
	SIGCONT: 18,
	SIGSTOP: 19,
	SIGWINCH: 28,
};

export interface CallData {
	readonly key: string;
	readonly pid: number;
	readonly serial: number;
	readonly call: Call;
}

export interface NewProcess {
	readonly argv: readonly string[];
	readonly program: ProgramRef;
	readonly env: { readonly [name: string]: string };
	readonly cwd: string;
	readonly uid: number;
	readonly gid: number;
	readonly ppid: number;
	readonly root?: string;
	readonly out: Sink | 'collect';
	readonly err: Sink | 'collect';
	readonly input: string | { readonly text: string; readonly ended: boolean; readonly lines?: boolean };
	readonly onExit: OnExit;
	readonly tty: boolean;
	/** What its program finds as kept already; nothing where left out. */
	readonly data?: unknown;
}

export function credentialsOf(config: RuntimeConfig, uid = config.uid, gid = config.gid): Credentials {
	return { uid, gid, groups: config.groups, override: uid === 0 && config.capabilities.includes('DAC_OVERRIDE') };
}

/** Finds the program an argv would start in a container. */
export function lookUp(
	world: World,
	host: Host,
	key: string,
	config: RuntimeConfig,
	argv: readonly string[],
	env = config.env,
	cwd = config.cwd,
	uid = config.uid,
	gid = config.gid,
): Lookup {
	const files = containerFiles(world, host, key, config, credentialsOf(config, uid, gid), { stdout: () => undefined, stderr: () => undefined });
	return findProgram(host, files, argv, env, cwd, config);
}

/** Adds a process; its `start` runs a moment later. Returns its pid. */
export function startProcess(world: World, key: string, spec: NewProcess): number | undefined {
	const runtime = getRuntime(world, key);
	if (runtime === undefined) return undefined;
	const pid = runtime.nextPid;
	const serial = runtime.nextSerial;
	const collects = spec.out === 'collect' || spec.err === 'collect';
	let { inputs } = runtime;
	let input: string;
	if (typeof spec.input === 'string') input = spec.input;
	else {
		input = `p${pid}`;
		const record: InputRecord = { text: spec.input.text, ended: spec.input.ended, waiting: 0, lines: spec.input.lines ?? false };
		inputs = treeSet(inputs, input, record);
	}
	const process: ProcessRecord = {
		pid,
		ppid: spec.ppid,
		serial,
		argv: spec.argv,
		env: spec.env,
		cwd: spec.cwd,
		uid: spec.uid,
		gid: spec.gid,
		program: spec.program,
		data: spec.data ?? null,
		startedAt: world.now,
		out: spec.out === 'collect' ? { to: 'process', pid, fd: 1 } : spec.out,
		err: spec.err === 'collect' ? { to: 'process', pid, fd: 2 } : spec.err,
		input,
		onExit: spec.onExit,
		tty: spec.tty,
		memoryBytes: 1 << 20,
		cpuMilli: 0,
		...(collects ? { collected: { out: '', err: '' } } : {}),
		...(spec.root === undefined ? {} : { root: spec.root }),
	};
	const second = Math.floor(world.now / 1000);
	const spawns = { second, count: runtime.spawns.second === second ? runtime.spawns.count + 1 : 1 };
	setRuntime(world, key, { ...runtime, procs: treeSet(runtime.procs, pid, process), nextPid: pid + 1, nextSerial: serial + 1, inputs, spawns });
	queueCall(world, key, pid, { on: 'start' }, pid === 1 ? 0 : spawns.count > SPAWNS_A_SECOND ? BUSY_SPAWN_MS : SPAWN_MS);
	return pid;
}

/** Has a handler of a process called after `delayMs`; dropped where the process is gone by then. */
export function queueCall(world: World, key: string, pid: number, call: Call, delayMs = 0): void {
	const process = getProcess(world, key, pid);
	if (process === undefined) return;
	const data: CallData = { key, pid, serial: process.serial, call };
	// The kernel's sequence number makes every queued call a timer of its own.
	world.schedule(CALL_TIMER, `${key}|${process.serial}|${world.seq}`, delayMs, data);
}

/** Sends a signal a moment later. `inside` is true where a process of the container sends it. */
export function sendSignal(world: World, key: string, pid: number, signal: Signal, inside: boolean): boolean {
	if (getProcess(world, key, pid) === undefined) return false;
	queueCall(world, key, pid, { on: 'signal', signal, inside });
	return true;
}

/** Output on its way out: a terminal has one channel, and turns newlines into CR LF (onlcr). */
function toStream(world: World, id: string, channel: number, text: string): void {
	const tty = getStream(world, id)?.tty === true;
	pushStream(world, id, tty ? 1 : channel, tty ? text.replace(/\r?\n/g, '\r\n') : text);
}

/** Writes to where a process's output goes. */
export function emit(
	world: World,
	host: Host,
	key: string,
	process: { readonly uid: number; readonly gid: number; readonly root?: string },
	sink: Sink,
	text: string,
): void {
	if (text === '') return;
	switch (sink.to) {
		case 'log':
			writeLog(world, key, sink.channel, text);
			for (const id of getRuntime(world, key)?.attached ?? []) toStream(world, id, sink.channel === 'stdout' ? 1 : 2, text);
			return;
		case 'stream':
			toStream(world, sink.id, sink.channel, text);
			return;
		case 'process': {
			const field = sink.fd === 1 ? 'out' : 'err';
			changeProcess(world, key, sink.pid, (p) => {
				const held = p.collected ?? { out: '', err: '' };
				return held[field].length > COLLECTED_KEPT ? p : { ...p, collected: { ...held, [field]: held[field] + text } };
			});
			return;
		}
		case 'file': {
			const runtime = getRuntime(world, key);
			if (runtime === undefined) return;
			const output = { stdout: (t: string) => writeLog(world, key, 'stdout', t), stderr: (t: string) => writeLog(world, key, 'stderr', t) };
			const credentials = credentialsOf(runtime.config, process.uid, process.gid);
			const files = containerFiles(world, host, key, runtime.config, credentials, output, process.root);
			files.write(sink.path, text, { append: true });
			return;
		}
		case 'nothing':
	}
}

/** Ends a process and tells whoever waits for it. Its children go on as children of pid 1; with pid 1 the container ends. */
export function endProcess(world: World, host: Host, key: string, pid: number, exitCode: number, signal?: number, oomKilled = false): void {
	const runtime = getRuntime(world, key);
	const process = runtime === undefined ? undefined : treeGet(runtime.procs, pid);
	if (runtime === undefined || process === undefined) return;
	host.services.network.processEnded(world, key, pid);
	setRuntime(world, key, withoutProcess(runtime, process));
	const { onExit } = process;
	const collected = process.collected ?? { out: '', err: '' };
	switch (onExit.to) {
		case 'parent':
			queueCall(world, key, process.ppid, { on: 'child', token: onExit.token, pid, exitCode, stdout: collected.out, stderr: collected.err }, SPAWN_MS);
			break;
		case 'stream':
			pushStream(world, onExit.id, 3, JSON.stringify(exitStatus(exitCode)));
			endStream(world, onExit.id);
			break;
		case 'timer':
			world.schedule(onExit.timer, onExit.key, 0, { data: onExit.data, exitCode, stdout: collected.out, stderr: collected.err }, true);
			break;
		case 'container':
			endOthers(world, host, key);
			host.containerEnded(world, key, { exitCode, ...(signal === undefined ? {} : { signal }), ...(oomKilled ? { oomKilled } : {}) });
			break;
		case 'nobody':
	}
}

function withoutProcess(runtime: Runtime, process: ProcessRecord): Runtime {
	let procs = treeRemove(runtime.procs, process.pid);
	for (const other of treeValues(procs)) {
		if (other.ppid === process.pid)
			procs = treeSet(procs, other.pid, { ...other, ppid: 1, onExit: other.onExit.to === 'parent' ? { to: 'nobody' } : other.onExit });
	}
	const own = `p${process.pid}`;
	return { ...runtime, procs, inputs: process.input === own ? treeRemove(runtime.inputs, own) : runtime.inputs };
}

/** The kernel kills all that is left in a pid namespace when its first process ends. */
function endOthers(world: World, host: Host, key: string): void {
	const runtime = getRuntime(world, key);
	for (const other of treeValues(runtime?.procs ?? null)) endProcess(world, host, key, other.pid, 137, 9);
}

/** The kernel's OOM killer at work on a container: with cgroup v2 all of it goes (memory.oom.group). */
export function killForMemory(world: World, host: Host, key: string): void {
	endProcess(world, host, key, 1, 137, 9, true);
}

/** Adds to the standard input named `input` and wakes the process that waits for it. */
export function feedInput(world: World, key: string, input: string, text: string | null): void {
	const runtime = getRuntime(world, key);
	const old = runtime === undefined ? undefined : treeGet(runtime.inputs, input);
	if (runtime === undefined || old === undefined || old.ended) return;
	const next: InputRecord = text === null ? { ...old, ended: true, waiting: 0 } : { ...old, text: old.text + text, waiting: 0 };
	setRuntime(world, key, { ...runtime, inputs: treeSet(runtime.inputs, input, next) });
	if (old.waiting !== 0) queueCall(world, key, old.waiting, { on: 'stdin' });
}
