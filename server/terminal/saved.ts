/** What a terminal keeps over a restart: its shell, the lines typed and the one under way. */
import { loadState, newShellState, type SavedShell, saveState, type ShellState } from '../shell/interpreter/state.ts';
import type { TerminalState } from '../shell/workstation.types.ts';
import type { TerminalShell } from './terminal.types.ts';

/** Lines of history kept, and the characters they may take in the saved state. */
export const HISTORY_LINES = 1000;
const HISTORY_CHARACTERS = 32_768;

export interface Saved {
	readonly shell?: SavedShell;
	readonly history?: readonly string[];
	/** The command line under way. */
	readonly running?: string;
}

/** A new shell's state, as a login leaves it. */
export function freshState(shell: TerminalShell): ShellState {
	const state = newShellState(shell.home, shell.environment, shell.seed);
	state.aliases.set('ll', 'ls -l').set('k', 'kubectl');
	return state;
}

/** The state that a shell had when it was saved. */
export const loadedState = (shell: TerminalShell, saved: SavedShell): ShellState => loadState(newShellState(shell.home, shell.environment, shell.seed), saved);

export function toSave(state: ShellState, history: readonly string[], running: string | undefined): TerminalState {
	return { shell: saveState(state), history: recent(history), ...(running === undefined ? {} : { running }) } satisfies Saved;
}

/** The last lines that fit. */
function recent(history: readonly string[]): readonly string[] {
	const last = history.slice(-HISTORY_LINES);
	let size = 0;
	let from = last.length;
	while (from > 0) {
		size += (last[from - 1] ?? '').length;
		if (size > HISTORY_CHARACTERS) break;
		from--;
	}
	return last.slice(from);
}
