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
	/** Told whenever the state is worth saving: after every command line. */
	onState?(state: TerminalState): void;
}

export interface TerminalHandle {
	/** Keys, as the browser's terminal sends them. */
	input(data: string): void;
	resize(columns: number, rows: number): void;
	saveState(): TerminalState;
	/** Ends the shell in it; everything it runs is aborted. */
	close(): void;
}

export interface WorkstationOptions {
	/** Namespace that kubectl starts in. */
	readonly namespace: string;
	/** Told after every command line; sessions write it to the sandbox's journal. Resolves when it is durable. */
	recordCommand(record: CommandRecord): Promise<void>;
}

export interface Workstation {
	openTerminal(id: string, options: TerminalOptions): TerminalHandle;
	/** Closes every terminal. */
	dispose(): void;
}

/** `server/shell/workstation.ts` exports this as `createWorkstation`. */
export type CreateWorkstation = (sandbox: Sandbox, options: WorkstationOptions) => Workstation;
