/**
 * What runs in a container. A program is a state machine: handlers that are called with a `Process` and keep what they
 * know in `process.data`, plain data. Nothing blocks; waiting is a timer, a dial or a child with a token that comes back.
 */
import type { GpuFault, GpuUse, VisibleGpu } from '../gpu/contract.ts';
import type { Connection, Dial, DnsReply, DnsType, ListenOptions, Outcome, Piece, Request, Response } from '../network/types.ts';

export type Signal = 'SIGTERM' | 'SIGKILL' | 'SIGINT' | 'SIGHUP' | 'SIGQUIT' | 'SIGUSR1' | 'SIGUSR2' | 'SIGSTOP' | 'SIGCONT' | 'SIGCHLD' | 'SIGWINCH';

/** Errors of the file system, by errno name; programs word them ("No such file or directory"). */
export type FileError = 'ENOENT' | 'EEXIST' | 'ENOTDIR' | 'EISDIR' | 'EACCES' | 'EROFS' | 'ENOTEMPTY' | 'ENOSPC' | 'EINVAL' | 'ELOOP';
export type FileResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: FileError };

export interface FileStat {
	readonly kind: 'file' | 'directory' | 'symlink';
	/** Bytes. */
	readonly size: number;
	/** Permission bits, e.g. 0o644. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Virtual ms since the epoch. */
	readonly mtime: number;
	readonly target?: string;
}

/** A container's file system: image layers, a writable layer and its mounts; permissions checked for the process's user. Paths are absolute. */
export interface FileSystem {
	read(path: string): FileResult<string>;
	write(path: string, content: string, options?: { readonly append?: boolean; readonly mode?: number }): FileResult<null>;
	list(path: string): FileResult<readonly string[]>;
	/** Follows symlinks unless `noFollow`. */
	stat(path: string, noFollow?: boolean): FileResult<FileStat>;
	mkdir(path: string, options?: { readonly parents?: boolean; readonly mode?: number }): FileResult<null>;
	remove(path: string, options?: { readonly recursive?: boolean }): FileResult<null>;
	rename(from: string, to: string): FileResult<null>;
	symlink(target: string, path: string): FileResult<null>;
	chmod(path: string, mode: number): FileResult<null>;
	chown(path: string, uid: number, gid: number): FileResult<null>;
}

export interface SpawnOptions {
	readonly env?: { readonly [name: string]: string };
	readonly cwd?: string;
	/** Where the child's output goes: 'inherit' to this process's own, 'collect' to `onChild`'s result, or a file (appended). */
	readonly stdout?: 'inherit' | 'collect' | 'discard' | { readonly file: string; readonly append: boolean };
	readonly stderr?: 'inherit' | 'collect' | 'discard' | 'stdout' | { readonly file: string; readonly append: boolean };
	/** Whole standard input; where left out the child shares this process's. */
	readonly stdin?: string;
	/** Comes back in `onChild`. */
	readonly token: string;
}

export interface ProcessInfo {
	readonly pid: number;
	readonly ppid: number;
	readonly argv: readonly string[];
	readonly uid: number;
	readonly startedAt: number;
	readonly state: 'running' | 'stopped' | 'zombie';
	/** Resident memory in bytes. */
	readonly rss: number;
}

/** A running process as its program sees it: a handle, valid during one handler call. */
export interface Process<D = unknown> {
	readonly pid: number;
	readonly argv: readonly string[];
	readonly env: { readonly [name: string]: string };
	cwd: string;
	/** The program's own state: replaced, never changed in place. */
	data: D;
	readonly uid: number;
	readonly gid: number;
	/** Supplementary groups. */
	readonly groups: readonly number[];
	readonly hostname: string;
	/** True where a terminal is attached (`exec -t`). */
	readonly tty: boolean;
	/** Virtual ms since the epoch. */
	readonly now: number;
	readonly fs: FileSystem;
	/** A number in [0, 1) from the world's seed. */
	random(): number;
	stdout(text: string): void;
	stderr(text: string): void;
	/** Ends the process with this code once the handler returns. */
	exit(code: number): void;
	/** Has `onTimer(token)` called after `delayMs`; one timer a token, the newest holds. */
	timer(delayMs: number, token: string): void;
	clearTimer(token: string): void;
	/** Accepts connections on a port. False where the address is in use, or (under 1024) where the user may not. */
	listen(port: number, options?: ListenOptions): boolean;
	/** Accepts no more connections on a port; those there are stay. */
	unlisten(port: number): void;
	/** Answers a connection given to `onRequest`, now or in a later handler. */
	respond(connection: string, response: Response): void;
	/** More of the body of an answer that was `open`; the last piece ends it, `broken` cuts it off as a proxy does whose upstream is gone. */
	send(connection: string, data: string, last: boolean | 'broken'): void;
	/** Calls another host; `onReply(token, outcome)` follows, and with `stream` `onPiece`. `from` is this process's pod. The id is for `giveUp`. */
	dial(dial: Omit<Dial, 'from'>, token: string): string;
	/** Ends a dial: nothing more comes of it, and the server learns that its client is gone. */
	giveUp(dial: string): void;
	/** Resolves a name at once, as the container's resolver would answer. */
	resolve(name: string): { readonly addresses: readonly string[]; readonly canonical?: string } | { readonly error: 'ENOTFOUND' | 'EAI_AGAIN' };
	/** One query for a full name, as `dig` makes it: without search domains, to resolv.conf's first server or the address given. */
	query(name: string, type: DnsType, server?: string): DnsReply;
	/** Starts a child; `onChild(token, …)` follows when it ends. The result is its pid, or why it could not start ('ENOENT': no such program). */
	spawn(argv: readonly string[], options: SpawnOptions): FileResult<number>;
	/** Replaces this process by another program (exec). */
	exec(argv: readonly string[], env?: { readonly [name: string]: string }): FileResult<null>;
	/** Moves its root directory, and that of what it starts from now on, to a place where a volume is mounted. EINVAL at any other directory. */
	chroot(path: string): FileResult<null>;
	kill(pid: number, signal: Signal): boolean;
	processes(): readonly ProcessInfo[];
	/** Asks for the next line or block of standard input: `onStdin` follows. */
	readStdin(): void;
	/** What the process uses from now on, until it says otherwise: CPU in millicores (mean), memory in bytes. Past its memory limit the container is OOM-killed. */
	usage(use: { readonly cpuMilli?: number; readonly memoryBytes?: number; readonly gpus?: readonly GpuUse[] }): void;
	/** The GPU devices that this container was given, as they are now; none where it asked for none. `gpus` of `usage` says what is done with them. */
	gpus(): readonly VisibleGpu[];
	/** Adds CPU work done at once, in milliseconds of one core; shows up in usage over the next metrics window. */
	spendCpu(ms: number): void;
	/** Addresses of this pod. */
	readonly podIP: string;
	/** A counter or gauge that a metrics scrape of this container sees besides what the program itself serves. */
	metric(name: string, labels: { readonly [label: string]: string }, change: { readonly add: number } | { readonly set: number }): void;
}

/** A program: what a binary does. `start` sets `process.data` up. All but `start` may be left out. */
export interface Program<D = unknown> {
	readonly name: string;
	start(process: Process<D>): void;
	onTimer?(process: Process<D>, token: string): void;
	onRequest?(process: Process<D>, connection: Connection, request: Request): void;
	onReply?(process: Process<D>, token: string, outcome: Outcome): void;
	/** More of an open response's body, after the `onReply` that brought its head. */
	onPiece?(process: Process<D>, token: string, piece: Piece): void;
	/** The client of a connection is gone before its answer was complete. */
	onHangup?(process: Process<D>, connection: string): void;
	/** Where left out, the signal's default action holds (pid 1 ignores what it has no handler for, as in Linux; SIGKILL always ends). */
	onSignal?(process: Process<D>, signal: Signal): void;
	/** A child started with `token` has ended; output only where it was collected. */
	onChild?(
		process: Process<D>,
		token: string,
		result: { readonly pid: number; readonly exitCode: number; readonly stdout: string; readonly stderr: string },
	): void;
	/** True where the program edits the line it now waits for itself (readline), instead of leaving that to the terminal. */
	editsLines?(data: D): boolean;
	/** A GPU of this container has failed. Where left out, the process aborts over CUDA's error (exit code 134). */
	onGpuFault?(process: Process<D>, fault: GpuFault): void;
	/** What Tab offers for the last word of a text; each choice is that whole word, a folder's with its slash. */
	complete?(process: Process<D>, text: string): { readonly word: string; readonly choices: readonly string[] };
	/** `null` at the end of input. */
	onStdin?(process: Process<D>, data: string | null): void;
}

/** A container image: what it holds and runs. */
export interface Image {
	/** Repositories it is found under, normalised (`docker.io/library/nginx`). */
	readonly repositories: readonly string[];
	/** Tags that exist; a reference to any other gives ErrImagePull (not found). The first is what `latest` means where listed. */
	readonly tags: readonly string[];
	/** Uncompressed bytes: decides how long a pull takes and what the event says. */
	readonly sizeBytes: number;
	readonly entrypoint: readonly string[];
	readonly cmd: readonly string[];
	readonly env: { readonly [name: string]: string };
	/** As in the image's configuration: '', a name, a uid, or uid:gid. */
	readonly user: string;
	readonly workdir: string;
	readonly stopSignal?: Signal;
	/** Path → content, or a directory (mode, owner). */
	readonly files: { readonly [path: string]: ImageFile };
	/** Binary path → its program. */
	readonly programs: { readonly [path: string]: Program<never> };
	/** Its program is not simulated: the kubelet puts a stand-in in its place. */
	readonly standIn?: true;
	/** Names of /etc/passwd beyond root: name → [uid, gid]. */
	readonly users?: { readonly [name: string]: readonly [number, number] };
}

export type ImageFile =
	| { readonly content: string; readonly mode?: number; readonly uid?: number; readonly gid?: number }
	| { readonly directory: true; readonly mode?: number; readonly uid?: number; readonly gid?: number }
	| { readonly link: string };
