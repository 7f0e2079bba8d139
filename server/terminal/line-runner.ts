/** Runs command lines in a terminal's shell: streams, traps, what errors make of a line, and a new shell after `exit`. */
import { Incomplete, parse, ShellSyntaxError } from '../shell/interpreter/ast.ts';
import type { Interpreter } from '../shell/interpreter/interpreter.ts';
import { type Descriptors, ExitShell, Interrupted, type Run } from '../shell/interpreter/run.ts';
import type { ShellState } from '../shell/interpreter/state.ts';
import type { Output } from '../shell/interpreter/streams.ts';
import { ShellError } from '../shell/interpreter/variables.ts';
import type { Display } from './display.ts';
import type { Keyboard } from './keyboard.ts';
import { PASTE_OFF } from './paste.ts';
import { freshState } from './saved.ts';
import type { TerminalShell } from './terminal.types.ts';

/** Real ms after which a command line counts as one that a restart would cut short. */
const LONG_MS = 300;

export interface LineRunnerOptions {
	readonly shell: TerminalShell;
	readonly interpreter: Interpreter;
	readonly display: Display;
	readonly keyboard: Keyboard;
	/** Aborted once the terminal is gone. */
	readonly closed: AbortSignal;
	/** Told when a line takes long. */
	long(): void;
}

export class LineRunner {
	state: ShellState;
	/** What Ctrl-C ends. */
	running: AbortController | undefined;
	/** The line under way; after the terminal was closed, the one that was cut short. */
	foreground: { readonly text: string; readonly pid: number; readonly started: number } | undefined;
	private readonly options: LineRunnerOptions;
	/** Descriptors that `exec` turned away from the terminal. */
	private redirected: Partial<Descriptors> | undefined;

	constructor(state: ShellState, options: LineRunnerOptions) {
		this.state = state;
		this.options = options;
	}

	/** Runs a line to its end and records it. What is wrong with it is shown, and never thrown. */
	async run(text: string): Promise<void> {
		const { shell, interpreter, display, keyboard, closed } = this.options;
		const controller = new AbortController();
		this.running = controller;
		const long = setTimeout(() => this.options.long(), LONG_MS).unref();
		this.foreground = { text: text.trim().replaceAll('\n', ' '), pid: interpreter.jobs.newPid(), started: shell.host.now() };
		display.show(PASTE_OFF);
		const out = display.stream();
		const run: Run = {
			state: this.state,
			io: {
				input: this.redirected?.input ?? keyboard.input(controller.signal),
				output: this.redirected?.output ?? out,
				error: this.redirected?.error ?? out,
				extra: this.redirected?.extra ?? new Map(),
			},
			signal: AbortSignal.any([controller.signal, closed]),
			loops: 0,
			depth: 0,
			condition: false,
			subshell: false,
		};
		const { io } = run;
		let over = false;
		try {
			await interpreter.statements(parse(text).statements, run);
		} catch (e) {
			over = this.ended(e, out, text);
			if (e instanceof Interrupted && e.status === 130) over = (await this.trap('INT', run, out)) || over;
		} finally {
			clearTimeout(long);
			this.running = undefined;
			if (!closed.aborted) this.foreground = undefined;
			keyboard.release();
		}
		await this.keepDescriptors(io, run.io);
		if (closed.aborted) return;
		await shell.record(text, this.state.status);
		if (over) await this.restart(run, out);
	}

	/** What `exec > file` changed holds for the lines that follow; what has been written so far is in the file. */
	private async keepDescriptors(before: Descriptors, now: Descriptors): Promise<void> {
		if (now !== before) {
			const own = <K extends 'input' | 'output' | 'error'>(key: K): Descriptors[K] | undefined => (now[key].terminal ? undefined : now[key]);
			this.redirected = { input: own('input'), output: own('output'), error: own('error'), extra: now.extra };
		}
		for (const o of [this.redirected?.output, this.redirected?.error, ...(this.redirected?.extra?.values() ?? [])])
			if (o !== undefined && 'write' in o) await o.end();
	}

	/** What an error makes of a line: status and message. True where the shell is over. */
	private ended(e: unknown, out: Output, text: string): boolean {
		if (e instanceof Interrupted) this.state.status = e.status;
		else if (e instanceof ExitShell) {
			this.state.status = e.status;
			return this.state.options.errexit === false || text.trim().startsWith('exit');
		} else if (e instanceof RangeError) {
			// A text longer than JavaScript takes, or calls too deep: what bash says where memory runs out.
			out.write(`bash: xmalloc: cannot allocate memory (${e.message})\n`);
			this.state.status = 2;
		} else if (e instanceof ShellSyntaxError || e instanceof Incomplete || e instanceof ShellError) {
			out.write(`bash: ${e.message}\n`);
			this.state.status = e instanceof ShellError ? e.status : 2;
		} else {
			out.write(`bash: internal error: ${e instanceof Error ? e.message : String(e)}\n`);
			this.state.status = 126;
		}
		return false;
	}

	/** Runs a trap; what goes wrong in it is said. True where it ends the shell. Ctrl-C ends a trap that takes too long. */
	private async trap(name: 'INT' | 'EXIT', run: Run, out: Output): Promise<boolean> {
		const action = this.state.traps.get(name);
		if (action === undefined) return false;
		const { interpreter, closed } = this.options;
		const controller = new AbortController();
		this.running = controller;
		const { status } = this.state;
		try {
			await interpreter.runTrap(name, { ...run, signal: AbortSignal.any([controller.signal, closed]) });
			this.state.status = status;
			return false;
		} catch (e) {
			return this.ended(e, out, action);
		} finally {
			this.running = undefined;
			// Only EXIT's is over once it has run.
			if (name === 'INT' && !this.state.traps.has(name)) this.state.traps.set(name, action);
		}
	}

	/** `exit` ends this shell; a terminal without one would be of no use, so a new one begins. */
	private async restart(run: Run, out: Output): Promise<void> {
		await this.trap('EXIT', run, out);
		for (const j of this.options.interpreter.jobs.all()) j.controller.abort(129);
		this.state = freshState(this.options.shell);
		this.options.display.show('\x1b[2m[the shell has ended; this is a new one]\x1b[0m\r\n');
	}
}
