/** What a running piece of shell carries with it, and how control leaves it. */
import type { IFileSystem } from 'just-bash';
import type { Input, Output } from './streams.ts';
import type { ShellState } from './state.ts';

/** Where a command reads and writes. Descriptors above 2 are kept by number. */
export interface Descriptors {
	readonly input: Input;
	readonly output: Output;
	readonly error: Output;
	readonly extra: ReadonlyMap<number, Input | Output>;
}

/** A process group of the shell: what Ctrl-C ends, what `jobs` lists. */
export interface Run {
	readonly state: ShellState;
	/** Changed by `exec` alone, for what follows. */
	io: Descriptors;
	readonly signal: AbortSignal;
	/** Loops around this point: how far break and continue may go. */
	readonly loops: number;
	/** Calls and substitutions around this point. */
	readonly depth: number;
	/** In a condition (`if`, `&&`, `!`): `set -e` does not act. */
	readonly condition: boolean;
	/** Local variables of the function called: name → what it hid (undefined: nothing). */
	readonly locals?: Map<string, ReturnType<ShellState['variables']['get']>>;
	/** Runs a script as a child shell: what a program uses that runs scripts itself. Set where a program runs. */
	readonly child?: (text: string, name: string, run: Run) => Promise<number>;
	/** A child of the interactive shell: `exit` ends it alone. */
	readonly subshell: boolean;
}

/** What the interpreter asks of the machine around it. */
export interface ShellHost {
	readonly fs: IFileSystem;
	/** Names of programs on the PATH. */
	programs(): readonly string[];
	hasProgram(name: string): boolean;
	/** Runs a program; resolves with its exit code. Never rejects but for an abort. */
	runProgram(name: string, args: readonly string[], run: Run, env: { readonly [name: string]: string }): Promise<number>;
	/** Scripts on the PATH that go before a program, with their arguments: kubectl's plugins. */
	before(name: string, args: readonly string[]): readonly { readonly name: string; readonly args: readonly string[] }[];
	/** What to say beside "command not found". */
	suggestion(name: string): string | undefined;
	/** Lets others have the processor; called often, yields now and then. */
	breathe(): Promise<void>;
	/** Waits on the sandbox's clock. */
	sleep(ms: number, signal: AbortSignal): Promise<void>;
	/** Virtual ms since the epoch. */
	now(): number;
	readonly maxProcesses: number;
	/** Characters that a substitution or a pipe into a program may hold. */
	readonly maxCapture: number;
	/** Size of the terminal, for what fills it. */
	screen(): { readonly columns: number; readonly rows: number };
	history(): readonly string[];
	clearHistory(): void;
}

export class BreakLoop extends Error {
	levels: number;
	constructor(levels: number) {
		super('break');
		this.levels = levels;
	}
}
export class ContinueLoop extends Error {
	levels: number;
	constructor(levels: number) {
		super('continue');
		this.levels = levels;
	}
}
export class ReturnFrom extends Error {
	readonly status: number;
	constructor(status: number) {
		super('return');
		this.status = status;
	}
}
export class ExitShell extends Error {
	readonly status: number;
	constructor(status: number) {
		super('exit');
		this.status = status;
	}
}
/** Ctrl-C, a closed terminal, a broken pipe: `status` is 128 + the signal's number. */
export class Interrupted extends Error {
	readonly status: number;
	constructor(status: number) {
		super('interrupted');
		this.status = status;
	}
}

export const isControl = (e: unknown): boolean =>
	e instanceof BreakLoop || e instanceof ContinueLoop || e instanceof ReturnFrom || e instanceof ExitShell || e instanceof Interrupted;

/** Throws where the run has been told to end. */
export function checkSignal(run: Run): void {
	if (run.signal.aborted) throw new Interrupted(typeof run.signal.reason === 'number' ? run.signal.reason : 130);
}

/** Which of 0, 1, 2 are terminals (`test -t`). */
export function terminalsOf(io: Descriptors): ReadonlySet<number> {
	const set = new Set<number>();
	if (io.input.terminal) set.add(0);
	if (io.output.terminal) set.add(1);
	if (io.error.terminal) set.add(2);
	return set;
}
