/** What sessions and the workstation ask of one another. Sessions own durability, scrollback and flow control; the workstation owns line editing and commands. */
import type { CommandRecord, Sandbox } from '../sandboxes/sandbox.ts';

/** What a terminal must remember to go on where it was: variables, folder, history. Plain JSON, small (under 64 KB). */
export type TerminalState = { readonly [key: string]: unknown };

export interface TerminalOptions {
	readonly columns: number;
	readonly rows: number;
	/** Text for the screen. Where it returns a promise the reader is behind: write nothing more until that resolves. */
	output(text: string): Promise<void> | undefined;
	/** Asks the page to open a file and resolves when the learner has saved or closed it; false where no page is attached. */
	edit(path: string, wait: boolean): Promise<boolean>;
	/** What `saveState` gave the last time, where the terminal comes back after a restart. The scrollback is on the screen already. */
	readonly state?: TerminalState;
	/** Told whenever the state is worth saving: after every command line, and when one takes long. */
	onState?(state: TerminalState): void;
	/** Told when a command line begins. */
	onCommand?(line: string): void;
	/** What the program in the foreground would go on from (an editor's text): plain JSON, undefined once it is over. As often as every second. */
	onProgram?(kept: unknown): void;
	/** What `onProgram` was told the last time, where the terminal comes back after a restart. */
	readonly program?: unknown;
}

export interface RunningProgram {
	/** The command line. */
	readonly text: string;
	readonly foreground: boolean;
	/** Where the terminal is started anew it goes on by itself, as it was. */
	readonly goesOn: boolean;
}

export interface TerminalHandle {
	/** Keys, as the browser's terminal sends them. */
	input(data: string): void;
	resize(columns: number, rows: number): void;
	saveState(): TerminalState;
	/** What runs in it now. */
	programs(): readonly RunningProgram[];
	/** Ends the shell in it; everything it runs is aborted. */
	close(): void;
}

export interface WorkstationOptions {
	/** Namespace that kubectl starts in. */
	readonly namespace: string;
	/** Told after every command line; sessions write it to the sandbox's journal. Resolves when it is durable. */
	recordCommand(record: CommandRecord): Promise<void>;
}

/** What a command wrote, and its exit code. */
export interface CommandOutput {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number;
}

export interface Workstation {
	openTerminal(id: string, options: TerminalOptions): TerminalHandle;
	/** Runs kubectl in the home folder without a terminal, with the learner's kubeconfig. */
	kubectl(args: readonly string[], signal: AbortSignal): Promise<CommandOutput>;
	/** Closes every terminal. */
	dispose(): void;
}

/** `server/shell/workstation.ts` exports this as `createWorkstation`. */
export type CreateWorkstation = (sandbox: Sandbox, options: WorkstationOptions) => Workstation;
