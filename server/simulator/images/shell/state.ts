/** A shell's whole state as plain data. */
import type { NodeRef } from './syntax.ts';

/** Where output goes or input comes from: the process's own, nothing, a buffer (`b:<id>`), a file (`f:<path>`, appended). */
export type Sink = string;
export type Fds = { readonly [fd: string]: Sink };

/** What a subshell must not change for its parent. */
export interface Surroundings {
	readonly vars: ShellData['vars'];
	readonly exported: readonly string[];
	readonly functions: ShellData['functions'];
	readonly args: readonly string[];
	readonly options: string;
	readonly traps: ShellData['traps'];
	readonly fds: Fds;
	readonly cwd: string;
}

interface Base {
	/** A failure inside is looked at by somebody: `set -e` does not apply. */
	readonly watched?: true;
}

export type Frame = Base &
	(
		| {
				readonly k: 'list';
				readonly n: NodeRef;
				readonly i: number /** The shell ends with this list: its last command may replace the shell. */;
				readonly last?: true;
		  }
		| { readonly k: 'andor'; readonly n: NodeRef; readonly i: number }
		| { readonly k: 'pipe'; readonly n: NodeRef; readonly i: number; readonly input: Sink; readonly output: Sink; readonly statuses: readonly number[] }
		| { readonly k: 'not' }
		| { readonly k: 'cmd'; readonly n: NodeRef; readonly memo: Memo }
		| { readonly k: 'if'; readonly n: NodeRef; readonly i: number; readonly asked: boolean }
		| { readonly k: 'loop'; readonly n: NodeRef; readonly asked: boolean; readonly ran: boolean; readonly status: number }
		| { readonly k: 'for'; readonly n: NodeRef; readonly words: readonly string[]; readonly i: number }
		| { readonly k: 'cfor'; readonly n: NodeRef; readonly started: boolean }
		/** On its way out, puts back what was before. */
		| { readonly k: 'fds'; readonly fds: Fds }
		| { readonly k: 'sub'; readonly saved: Surroundings }
		| { readonly k: 'call'; readonly args: readonly string[]; readonly locals: { readonly [name: string]: string | null | undefined } }
		| { readonly k: 'source'; readonly args: readonly string[] | undefined }
		| { readonly k: 'capture'; readonly part: number; readonly buffer: string }
		| { readonly k: 'vars'; readonly vars: ShellData['vars']; readonly exported: readonly string[] }
		| { readonly k: 'trap'; readonly status: number }
	);

/** Results of command substitutions of the command being expanded, by node; `status` is the last one's. */
export interface Memo {
	readonly parts: { readonly [part: number]: string };
	readonly status?: number;
}

export type Wait =
	| { readonly t: 'timer'; readonly token: string }
	| { readonly t: 'child'; readonly pid: number; readonly out: Sink; readonly err: Sink }
	| { readonly t: 'input'; readonly for: 'read' | 'all' | 'prompt' }
	| { readonly t: 'jobs'; readonly pids: readonly number[]; readonly any?: true };

export interface ShellData {
	readonly sources: readonly string[];
	readonly frames: readonly Frame[];
	/** Variables that differ from the environment; null is unset. */
	readonly vars: { readonly [name: string]: string | null };
	readonly exported: readonly string[];
	readonly functions: { readonly [name: string]: NodeRef };
	readonly name: string;
	readonly args: readonly string[];
	readonly status: number;
	readonly background: number | undefined;
	/** Letters of `set`: e u x f n v, and p for pipefail. */
	readonly options: string;
	readonly fds: Fds;
	readonly buffers: { readonly [id: string]: string };
	readonly next: number;
	readonly traps: { readonly [signal: string]: string };
	/** Signals that have come and wait for their trap. */
	readonly pending: readonly string[];
	readonly wait: Wait | undefined;
	/** Background children: their exit code once they have ended. */
	readonly jobs: { readonly [pid: string]: number | null };
	/** Standard input read but not used. `ended` once it is over. */
	readonly input: { readonly text: string; readonly ended: boolean };
	readonly mode: 'command' | 'script' | 'interactive' | 'stdin';
	/** Text of an incomplete interactive command. */
	readonly typed: string;
	/** Slices run without a pause: the busier, the longer the next one waits. */
	readonly busy: number;
	/** Set once the shell is on its way out. */
	readonly exiting: number | undefined;
	/** The last failure was looked at (by &&, || or !): `set -e` lets it pass. */
	readonly spared: boolean;
}

/** How messages are worded: busybox, Debian's dash, bash. */
export type Flavour = 'ash' | 'dash' | 'bash';

export const START: Omit<ShellData, 'name' | 'args' | 'mode'> = {
	sources: [],
	frames: [],
	vars: {},
	exported: [],
	functions: {},
	status: 0,
	background: undefined,
	options: '',
	fds: { 0: 'in', 1: 'out', 2: 'err' },
	buffers: {},
	next: 1,
	traps: {},
	pending: [],
	wait: undefined,
	jobs: {},
	input: { text: '', ended: false },
	typed: '',
	busy: 0,
	exiting: undefined,
	spared: false,
};
