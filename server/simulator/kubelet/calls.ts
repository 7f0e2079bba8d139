/** Calling the handlers of programs: every one runs from a timer or an event of the network, never inside another. */
import type { GpuFault } from '../gpu/contract.ts';
import type { Program, Signal } from '../images/program.ts';
import { treeGet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { Connection, Outcome, Piece, Request } from '../network/types.ts';
import type { Host } from './host.ts';
import { ProcessHandle } from './process-handle.ts';
import { type CallData, endProcess, queueCall, SIGNAL_NUMBERS } from './processes.ts';
import { loadProgram } from './program-lookup.ts';
import { type Call, changeProcess, getRuntime, type ProcessRecord } from './state.ts';

/** Calls a handler now. A stopped process (SIGSTOP) keeps the call until it goes on. */
export function callProcess(world: World, host: Host, data: CallData): void {
	const { key, pid, serial, call } = data;
	const runtime = getRuntime(world, key);
	const process = runtime === undefined ? undefined : treeGet(runtime.procs, pid);
	if (runtime === undefined || process === undefined || (serial !== 0 && process.serial !== serial)) return;
	if (call.on === 'signal' && takesSignal(world, host, key, process, call.signal as Signal, call.inside)) return;
	if (process.held !== undefined) {
		changeProcess(world, key, pid, (p) => ({ ...p, held: [...(p.held ?? []), call] }));
		return;
	}
	const program = loadProgram(host, process.program, runtime.config);
	if (program === undefined) {
		endProcess(world, host, key, pid, 126);
		return;
	}
	const handle = new ProcessHandle(world, host, key, process, runtime.config);
	dispatch(program as unknown as Program, handle, call);
	handle.finish();
}

function dispatch(program: Program, handle: ProcessHandle, call: Call): void {
	switch (call.on) {
		case 'start':
			program.start(handle);
			return;
		case 'timer':
			program.onTimer?.(handle, call.token);
			return;
		case 'request':
			program.onRequest?.(handle, call.connection as Connection, call.request as Request);
			return;
		case 'reply':
			program.onReply?.(handle, call.token, call.outcome as Outcome);
			return;
		case 'piece':
			program.onPiece?.(handle, call.token, call.piece as Piece);
			return;
		case 'hangup':
			program.onHangup?.(handle, call.connection);
			return;
		case 'signal':
			program.onSignal?.(handle, call.signal as Signal);
			return;
		case 'child':
			program.onChild?.(handle, call.token, { pid: call.pid, exitCode: call.exitCode, stdout: call.stdout, stderr: call.stderr });
			return;
		case 'gpu-fault':
			gpuFault(program, handle, call.fault);
			return;
		case 'stdin': {
			const text = handle.takeInput();
			if (text !== undefined) program.onStdin?.(handle, text);
		}
	}
}

/** A framework that does not catch CUDA's error aborts over it, as a C++ exception that nobody catches does. */
function gpuFault(program: Program, handle: ProcessHandle, fault: GpuFault): void {
	if (program.onGpuFault !== undefined) program.onGpuFault(handle, fault);
	else {
		handle.stderr(`terminate called after throwing an instance of 'c10::Error'\n  what():  ${fault.error}\n`);
		handle.exit(134);
	}
}

/** Signals that the kernel deals with itself. True where the program's handler is not to see it. */
function takesSignal(world: World, host: Host, key: string, process: ProcessRecord, signal: Signal, inside: boolean): boolean {
	// Within its own pid namespace, pid 1 can't be killed or stopped by these (pid_namespaces(7)).
	const shielded = process.pid === 1 && inside;
	switch (signal) {
		case 'SIGKILL':
			if (!shielded) endProcess(world, host, key, process.pid, 137, 9);
			return true;
		case 'SIGSTOP':
			if (!shielded) changeProcess(world, key, process.pid, (p) => ({ ...p, held: p.held ?? [] }));
			return true;
		case 'SIGCONT': {
			const held = process.held ?? [];
			if (process.held !== undefined) {
				changeProcess(world, key, process.pid, ({ held: _held, ...p }) => p);
				for (const call of held) queueCall(world, key, process.pid, call);
			}
			return true;
		}
		default:
			break;
	}
	const runtime = getRuntime(world, key);
	const program = runtime === undefined ? undefined : loadProgram(host, process.program, runtime.config);
	if (program?.onSignal !== undefined) return false;
	if (signal === 'SIGCHLD' || signal === 'SIGWINCH' || process.pid === 1) return true;
	endProcess(world, host, key, process.pid, 128 + SIGNAL_NUMBERS[signal], SIGNAL_NUMBERS[signal]);
	return true;
}
