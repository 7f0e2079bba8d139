/** What a terminal needs of the shell that runs in it, and what programs may do with the terminal. */
import type { ProgramMemory } from '../shell/command.ts';
import type { Run, ShellHost } from '../shell/interpreter/run.ts';

export interface TerminalShell {
	readonly host: Omit<ShellHost, 'history' | 'clearHistory' | 'runProgram' | 'screen'>;
	runProgram(name: string, args: readonly string[], run: Run, env: { readonly [name: string]: string }, terminal: TerminalDevice): Promise<number>;
	completeProgram(name: string, words: readonly string[], env: { readonly [name: string]: string }, cwd: string): Promise<readonly string[] | undefined>;
	readonly environment: { readonly [name: string]: string };
	readonly home: string;
	readonly seed: number;
	/** Shown once in a new terminal. */
	readonly greeting: string;
	record(line: string, exitCode: number): Promise<void>;
}

/** What a program may do with the terminal it runs in. */
export interface TerminalDevice {
	readonly columns: number;
	readonly rows: number;
	takeKeyboard(onKeys: (data: string) => void): () => void;
	onResize(listener: () => void): () => void;
	edit(path: string, wait: boolean): Promise<boolean>;
	/** What the program keeps for the case that it is cut short. */
	readonly memory: ProgramMemory;
}
