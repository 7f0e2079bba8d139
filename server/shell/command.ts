/** What a command of the workstation is: a value with its own help. It writes as it goes, so that `-f` and `-w` stream. */
import type { IFileSystem } from 'just-bash';
import type { ClusterEndpoint, MeasuredRun, SandboxClock, SandboxNetwork } from '../sandboxes/sandbox.ts';

export interface ShellIo {
	stdout(text: string): void;
	stderr(text: string): void;
	/** Resolves when what was written has been taken: a command that writes without end awaits it between chunks. */
	drain(): Promise<void>;
	/** Standard input is a terminal: nothing was piped in. */
	readonly stdinIsTerminal: boolean;
	/** Standard output is a terminal: colours, widths and -w redraws are welcome. */
	readonly stdoutIsTerminal: boolean;
	/** All of a piped standard input; '' where it is a terminal. */
	readonly stdin: string;
	/**
	 * Takes the keyboard, raw, until the returned function is called (exec -it, editors). Undefined where no terminal is attached.
	 */
	readonly takeKeyboard?: (onKeys: (data: string) => void) => () => void;
	/** The terminal's size now. */
	readonly columns: number;
	readonly rows: number;
	/** Told whenever the terminal's size has changed, until the returned function is called. Undefined where no terminal is attached. */
	readonly onResize?: (listener: () => void) => () => void;
	/** The next piece of standard input as it comes (of a terminal: a line), or null at its end. What `stdin` holds is not given again. */
	read(): Promise<string | null>;
	/** Aborted by Ctrl-C, or when the terminal goes away. A command returns soon after (exit code 130 is set for it). */
	readonly signal: AbortSignal;
}

/** The workstation's files as a command sees them; paths may be relative to `cwd`. Errors are Node-like with `code`. */
export interface ShellFiles {
	read(path: string): Promise<string>;
	write(path: string, content: string): Promise<void>;
	/** Files under a directory (not below, unless `recursive`), absolute paths, sorted. */
	list(path: string, options?: { readonly recursive?: boolean }): Promise<readonly string[]>;
	stat(path: string): Promise<{ readonly kind: 'file' | 'directory'; readonly size: number; readonly mtime: number } | undefined>;
	mkdir(path: string): Promise<void>;
	remove(path: string): Promise<void>;
}

/** Something that goes on after its command has returned or while it runs: `kubectl port-forward`, `kubectl proxy`. */
export interface LocalPorts {
	/**
	 * Serves `port` on the workstation's loopback (0: any free one); requests of `curl http://localhost:<port>/…` end up in `handle`.
	 * Rejects with code EADDRINUSE. The returned function closes it.
	 */
	listen(port: number, handle: (request: Request) => Promise<Response>): Promise<{ readonly port: number; close(): void }>;
	/** Ports that are served now. */
	open(): readonly number[];
}

/** A job or program of one of the terminals. */
export interface Process {
	readonly pid: number;
	/** The command line. */
	readonly text: string;
	/** `pts/0` and so on. */
	readonly terminal: string;
	/** ms of the sandbox's clock. */
	readonly started: number;
	/** The line that has the terminal: `+` in ps' STAT. */
	readonly foreground: boolean;
}

/** What a program that fills the screen keeps for the case that the shell ends under it (the server is restarted). Plain JSON. */
export interface ProgramMemory {
	/** What it kept when it was cut short, where it is being taken up again. */
	before(): unknown;
	/** Asked for what is to be kept from now on, once in a while. `unsaved: {path, text}` in it is put beside the learner's files where the program can't go on. */
	keep(now: () => unknown): void;
}

export interface ChildShell {
	readonly cwd?: string;
	readonly env?: { readonly [name: string]: string };
	readonly capture?: boolean;
	/** $0, and the positional parameters. */
	readonly name?: string;
}

export interface CommandContext {
	readonly io: ShellIo;
	/** Undefined where no terminal is attached. */
	readonly memory?: ProgramMemory;
	readonly cwd: string;
	/** Exported variables. HOME, KUBECONFIG and the like. */
	readonly env: { readonly [name: string]: string };
	readonly files: ShellFiles;
	/** The same files with all a file system has: modes, links, bytes. Paths are absolute. */
	readonly disk: IFileSystem;
	readonly cluster: ClusterEndpoint;
	readonly network: SandboxNetwork;
	readonly ports: LocalPorts;
	readonly clock: SandboxClock;
	/** Waits on the sandbox's clock; rejects with AbortError when the signal fires. */
	sleep(ms: number): Promise<void>;
	/**
	 * Opens a file in the page's editor tab. Resolves when the learner has saved or closed it, or (`wait` false) at once; false where no
	 * page is attached.
	 */
	edit(path: string, wait?: boolean): Promise<boolean>;
	/** Runs another program in this one's terminal and place, with its exit code; 127 where there is none of that name. Not for the shell's builtins. */
	spawn(name: string, args: readonly string[]): Promise<number>;
	/**
	 * Runs a script as a child shell would, in this one's place; with `capture` its output comes back in place of going out. `env` is
	 * added to the environment. 127 where there is no shell around the command.
	 */
	shell(script: string, options?: ChildShell): Promise<{ readonly exitCode: number; readonly stdout: string }>;
	/** Tells the sandbox's journal what was measured, beside the command line that measured it: files can be edited, this cannot. */
	measured(run: MeasuredRun): void;
	/** Processes of the workstation's terminals, this one among them. */
	processes(): readonly Process[];
}

export interface Command {
	readonly name: string;
	/** One line for `help`. */
	readonly summary: string;
	/** Printed by `--help`, where the command doesn't see to that itself. */
	readonly help: string;
	/** `-h` is an option of its own (df, free): only `--help` prints the help. */
	readonly ownH?: true;
	/** Resolves with the exit code. A learner's fault is output and a code, never a rejection. */
	run(args: readonly string[], context: CommandContext): Promise<number>;
	/** Completions for the word under the cursor (the last of `words`, maybe ''). */
	complete?(words: readonly string[], context: Omit<CommandContext, 'io'>): Promise<readonly string[] | undefined>;
}
