/** What the API server's pod subresources lead to: exec, attach, logs. Models kubelet/server and the texts of containerd. */
import type { ApiResult, Status } from '../apiserver/types.ts';
import type { Program } from '../images/program.ts';
import { treeGet, treeValues } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { StreamInput } from '../inputs.ts';
import type { ExecRequest } from '../services.ts';
import { internalError } from './exec-status.ts';
import type { Host } from './host.ts';
import { type Completer, type Edited, editInto, newTty, type TtyState } from './line-editing.ts';
import { followLog, parseLogQuery, readLog, unfollowLog } from './logs.ts';
import { findContainer, type Pod } from './pod.ts';
import { closePort, portInput, portInputEnd } from './port-forward.ts';
import { endProcess, feedInput, lookUp, sendSignal, startProcess } from './processes.ts';
import { ProcessHandle } from './process-handle.ts';
import { loadProgram } from './program-lookup.ts';
import { containerKey, getContainer, getProcess, getRuntime, setRuntime } from './state.ts';
import { endStreamWith } from './streams-end.ts';
import { endStream, getStream, openStream, pushStream, type StreamState, updateStream } from './streams.ts';
import { typeInto } from './tty.ts';

function refusal(code: number, reason: string, message: string): ApiResult {
	const body: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
	return { code, body };
}

function containerName(pod: Pod, asked: string | undefined): string {
	return asked === undefined || asked === '' ? (pod.spec.containers[0]?.name ?? '') : asked;
}

/** The first process of an exec: `OCI runtime exec failed` and why. `id` is containerd's name of the exec, 64 hexadecimal digits. */
function execFailed(argv: readonly string[], error: string, id: string): string {
	const name = argv[0] ?? '';
	const why = error === 'EACCES' ? 'permission denied' : name.includes('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH';
	return `error executing command in container: failed to exec in container: failed to start exec ${JSON.stringify(id)}: OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(name)}: ${why}`;
}

/** containerd's names: 64 hexadecimal digits. */
function execId(world: World): string {
	let id = '';
	while (id.length < 64) id += world.randomInt(0x1_0000).toString(16).padStart(4, '0');
	return id;
}

/** The API server hands on what a kubelet's stream ends in as an error of its own: its words stand there twice (StreamTranslatorHandler). */
const handedOn = (text: string): ReturnType<typeof internalError> => internalError(`Internal error occurred: ${text}`);

/** A stream that ends with an error at once: by then the connection was upgraded. */
function ended(world: World, kind: 'exec' | 'attach', container: string, status: ReturnType<typeof internalError>): ApiResult {
	const id = openStream(world, { kind, container, tty: false });
	endStreamWith(world, id, status);
	return { code: 101, body: undefined, stream: { id, kind } };
}

export function exec(world: World, host: Host, pod: Pod, request: ExecRequest): ApiResult {
	const name = containerName(pod, request.container);
	const key = containerKey(pod.metadata.uid, name);
	const runtime = getRuntime(world, key);
	if (runtime === undefined) return ended(world, 'exec', key, internalError(`unable to upgrade connection: container not found (${JSON.stringify(name)})`));
	const found = lookUp(world, host, key, runtime.config, request.command);
	if (!found.ok) return ended(world, 'exec', key, handedOn(execFailed(request.command, found.error, execId(world))));
	const id = openStream(world, { kind: 'exec', container: key, tty: request.tty });
	const pid = startProcess(world, key, {
		argv: found.argv,
		program: found.program,
		env: request.tty ? { TERM: 'xterm', ...runtime.config.env } : runtime.config.env,
		cwd: runtime.config.cwd,
		uid: runtime.config.uid,
		gid: runtime.config.gid,
		ppid: 0,
		out: { to: 'stream', id, channel: 1 },
		// A terminal has one output; without one standard error has a channel of its own.
		err: { to: 'stream', id, channel: request.tty ? 1 : 2 },
		input: { text: '', ended: !request.stdin, lines: request.tty },
		onExit: { to: 'stream', id },
		tty: request.tty,
	});
	updateStream(world, id, (s) => (pid === undefined ? s : { ...s, pid }));
	return { code: 101, body: undefined, stream: { id, kind: 'exec' } };
}

export function attach(world: World, pod: Pod, request: Omit<ExecRequest, 'command'>): ApiResult {
	const name = containerName(pod, request.container);
	const key = containerKey(pod.metadata.uid, name);
	const runtime = getRuntime(world, key);
	if (runtime === undefined) {
		const where = `${pod.metadata.name}_${pod.metadata.namespace ?? ''}`;
		return ended(world, 'attach', key, internalError(`unable to upgrade connection: container ${name} not found in pod ${where}`));
	}
	const container = findContainer(pod.spec, name);
	const id = openStream(world, { kind: 'attach', container: key, pid: 1, tty: container?.tty === true && request.tty });
	setRuntime(world, key, { ...runtime, attached: [...runtime.attached, id] });
	return { code: 101, body: undefined, stream: { id, kind: 'attach' } };
}

/** Why a container that waits has no log yet, in kubelet_pods.go's words. */
function waitingText(reason: string): string {
	return reason === 'ErrImagePull' || reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason;
}

export function log(world: World, pod: Pod, query: { readonly [name: string]: readonly string[] }): ApiResult {
	const name = containerName(pod, query['container']?.[0]);
	const key = containerKey(pod.metadata.uid, name);
	const record = getContainer(world, key);
	const options = parseLogQuery(world, query);
	const where = `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)}`;
	if (options.previous && (record === undefined || record.starts < 2) && record?.last === undefined) {
		return refusal(400, 'BadRequest', `previous terminated ${where} not found`);
	}
	if (record === undefined) return refusal(400, 'BadRequest', `${where} is waiting to start: ContainerCreating`);
	if (record.state.phase === 'waiting' && record.starts === 0)
		return refusal(400, 'BadRequest', `${where} is waiting to start: ${waitingText(record.state.reason)}`);
	// While a container waits for its restart, its last instance's log is the present one.
	const restarting = record.state.phase !== 'running';
	const text =
		readLog(world, key, options.previous && restarting ? { ...options, previous: record.starts > 1 && record.state.phase === 'terminated' } : options) ?? '';
	const follow = ['true', '1'].includes(query['follow']?.[0] ?? '');
	if (!follow) return { code: 200, body: undefined, text };
	const id = openStream(world, { kind: 'log', container: key, tty: false });
	pushStream(world, id, 1, text);
	if (record.state.phase === 'running' && !options.previous) followLog(world, key, id, options.timestamps);
	else endStream(world, id);
	return { code: 200, body: undefined, stream: { id, kind: 'log' } };
}

/** Everything a process has started, itself last. */
function family(world: World, key: string, pid: number): readonly number[] {
	const all = treeValues(getRuntime(world, key)?.procs ?? null);
	const below = (parent: number): readonly number[] => all.filter((p) => p.ppid === parent && p.pid !== parent).flatMap((p) => [...below(p.pid), p.pid]);
	return [...below(pid), pid];
}

function closeStream(world: World, host: Host, id: string, stream: StreamState): void {
	if (stream.kind === 'log') unfollowLog(world, stream.container, id);
	if (stream.kind === 'portforward') closePort(world, host, stream);
	if (stream.kind === 'exec' && stream.pid !== undefined) {
		for (const pid of family(world, stream.container, stream.pid))
			if (getProcess(world, stream.container, pid) !== undefined) endProcess(world, host, stream.container, pid, 137, 9);
	}
	if (stream.kind === 'attach') {
		const runtime = getRuntime(world, stream.container);
		if (runtime !== undefined) setRuntime(world, stream.container, { ...runtime, attached: runtime.attached.filter((other) => other !== id) });
	}
}

export function streamInput(world: World, host: Host, id: string, input: StreamInput): void {
	const stream = getStream(world, id);
	if (stream === undefined) return;
	if (input.op === 'close') {
		closeStream(world, host, id, stream);
		return;
	}
	if (stream.kind === 'portforward') {
		if (input.op === 'stdin') portInput(world, host, id, input.data);
		if (input.op === 'stdin-end') portInputEnd(world, host, id);
		return;
	}
	const { pid, container } = stream;
	if (pid === undefined || stream.kind === 'log') return;
	const feed = (text: string | null): void => feedInput(world, container, `p${pid}`, text);
	if (input.op === 'stdin-end') feed(null);
	if (input.op === 'resize' && stream.kind === 'attach' && stream.tty) redraw(world, host, container, pid);
	if (input.op !== 'stdin') return;
	if (!stream.tty) {
		feed(input.data);
		return;
	}
	const typed = type(world, host, stream, pid, input.data);
	updateStream(world, id, (s) => ({ ...s, data: typed.state }));
	pushStream(world, id, 1, typed.echo);
	if (typed.input !== '') feed(typed.input);
	if (typed.interrupt) for (const target of family(world, container, pid)) sendSignal(world, container, target, 'SIGINT', true);
	if (typed.redraw) redraw(world, host, container, pid);
}

/** The process that waits for a terminal's input, where it edits its lines itself. */
function editingReader(world: World, host: Host, key: string, pid: number): { readonly pid: number; readonly complete: Completer } | undefined {
	const runtime = getRuntime(world, key);
	const waiting = runtime === undefined ? undefined : treeGet(runtime.inputs, `p${pid}`)?.waiting;
	const process = waiting === undefined || waiting === 0 ? undefined : getProcess(world, key, waiting);
	if (runtime === undefined || process?.tty !== true) return undefined;
	const program = loadProgram(host, process.program, runtime.config) as unknown as Program | undefined;
	if (program?.editsLines?.(process.data) !== true) return undefined;
	const complete: Completer = (text) => program.complete?.(new ProcessHandle(world, host, key, process, runtime.config), text) ?? { word: '', choices: [] };
	return { pid: process.pid, complete };
}

/** Keys at a terminal: edited by the program that reads, where it does that, else by the kernel's line discipline. */
function type(world: World, host: Host, stream: StreamState, pid: number, data: string): Edited {
	const state = (stream.data ?? newTty) as TtyState;
	const reader = editingReader(world, host, stream.container, pid);
	if (reader !== undefined) return editInto(state, data, reader.complete);
	const { line, echo, input, interrupt } = typeInto(state.line, data);
	return { state: { ...state, line, cursor: line.length }, echo, input, interrupt, redraw: false };
}

/** A program that edits its lines draws its prompt anew when the window changes, which is what shows it after an attach. */
function redraw(world: World, host: Host, key: string, pid: number): void {
	const reader = editingReader(world, host, key, pid);
	if (reader !== undefined) sendSignal(world, key, reader.pid, 'SIGWINCH', true);
}
