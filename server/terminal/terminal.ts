/** A terminal with a shell in it: prompt, line, run, again. Keys go to the line editor, to the command that reads, or wait. */
import { LIMITS } from '../limits.ts';
import type { Process, ProgramMemory } from '../shell/command.ts';
import { Incomplete, parse, ShellSyntaxError } from '../shell/interpreter/ast.ts';
import { Interpreter } from '../shell/interpreter/interpreter.ts';
import { type Descriptors, ExitShell, Interrupted, type Run, type ShellHost } from '../shell/interpreter/run.ts';
import { loadState, newShellState, type SavedShell, saveState, type ShellState } from '../shell/interpreter/state.ts';
import type { Input, Output } from '../shell/interpreter/streams.ts';
import { ShellError } from '../shell/interpreter/variables.ts';
import type { RunningProgram, TerminalHandle, TerminalOptions, TerminalState } from '../shell/workstation.types.ts';
import { complete } from './completion.ts';
import { LineEditor, PASTED_END, PASTED_TAB, unmarked } from './line-editor.ts';
import { goesOn, unsavedOf } from './resume.ts';
import { Paste, PASTE_OFF, PASTE_ON } from './paste.ts';

/** Lines of history kept, and the characters they may take in the saved state. */
export const HISTORY_LINES = 1000;
export const HISTORY_CHARACTERS = 32_768;
/** Real ms after which a command line counts as one that a restart would cut short. */
const LONG_MS = 300;
/** Real ms between two times that what a program keeps is handed on. */
const KEEP_EVERY_MS = 1000;

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

interface Saved {
	readonly shell?: SavedShell;
	readonly history?: readonly string[];
	/** The command line under way. */
	readonly running?: string;
}

/** How a terminal echoes a control character. */
const caret = (c: string): string => (c === '\x7f' ? '^?' : `^${String.fromCharCode(c.charCodeAt(0) + 64)}`);

export class Terminal implements TerminalHandle, TerminalDevice {
	columns: number;
	rows: number;
	private readonly options: TerminalOptions;
	private readonly shell: TerminalShell;
	private readonly interpreter: Interpreter;
	private readonly editor: LineEditor;
	private state: ShellState;
	private pending = '';
	/** What is pending stands on the screen already, as the keys were typed. */
	private echoed = false;
	private readonly paste = new Paste();
	/** Some of what was typed ahead has been dropped since the last prompt. */
	private overflowed = false;
	private raw: ((keys: string) => void) | undefined;
	private readonly resizeListeners = new Set<() => void>();
	private cooked: { line: string; resolve: (text: string | null) => void } | undefined;
	private running: AbortController | undefined;
	/** Descriptors that `exec` turned away from the terminal. */
	private redirected: Partial<Descriptors> | undefined;
	private foreground: { readonly text: string; readonly pid: number; readonly started: number } | undefined;
	private readonly opened: number;
	private readonly closed = new AbortController();
	private busy: Promise<void> | undefined;
	/** What ran when the shell before this one was cut short; taken up before the first prompt. */
	private cutShort: string | undefined;
	/** What the program before kept. */
	private kept: unknown;
	/** What the present one keeps. */
	private keeps: (() => unknown) | undefined;
	private keptTimer: ReturnType<typeof setTimeout> | undefined;
	readonly memory: ProgramMemory;

	constructor(shell: TerminalShell, options: TerminalOptions) {
		this.shell = shell;
		this.options = options;
		this.columns = options.columns;
		this.rows = options.rows;
		this.opened = shell.host.now();
		const saved = (options.state ?? {}) as Saved;
		const fresh = newShellState(shell.home, shell.environment, shell.seed);
		this.state = saved.shell === undefined ? fresh : loadState(fresh, saved.shell);
		this.editor = new LineEditor({
			columns: this.columns,
			rows: this.rows,
			write: (text) => this.show(text),
			complete: (line) => complete(line, { state: this.state, shell: this.shell }),
			history: saved.history ?? [],
			historySize: HISTORY_LINES,
		});
		this.interpreter = new Interpreter({
			...shell.host,
			hasProgram: (n) => shell.host.hasProgram(n),
			programs: () => shell.host.programs(),
			screen: () => ({ columns: this.columns, rows: this.rows }),
			runProgram: (name, args, run, env) => shell.runProgram(name, args, run, env, this),
			history: () => this.editor.history(),
			clearHistory: () => this.editor.setHistory([]),
		} as ShellHost);
		if (saved.shell === undefined) {
			for (const [name, text] of [
				['ll', 'ls -l'],
				['k', 'kubectl'],
			] as const)
				this.state.aliases.set(name, text);
			if (shell.greeting !== '') this.show(shell.greeting.replaceAll('\n', '\r\n'));
		}
		this.cutShort = saved.running;
		this.kept = saved.running === undefined ? undefined : options.program;
		this.memory = { before: () => (this.cutShort === undefined ? undefined : this.kept), keep: (now) => this.keepForLater(now) };
		void this.begin();
	}

	private async begin(): Promise<void> {
		const { fs } = this.shell.host;
		// The folder may have gone with a cluster that went back.
		if (this.state.cwd !== this.shell.home && !(await fs.exists(this.state.cwd).catch(() => true))) this.state.cwd = this.shell.home;
		if (this.cutShort !== undefined) await this.takeUp(this.cutShort);
		await this.loop();
	}

	/** Goes on with what was cut short, or says that it can't and puts by what would be lost. */
	private async takeUp(line: string): Promise<void> {
		const again = goesOn(line);
		const short = line.length > 60 ? `${line.slice(0, 59)}…` : line;
		if (again === undefined) {
			const saved = await this.recover();
			this.show(`\x1b[2m[“${short}” was cut short when this shell was started anew${saved}; the up arrow brings the line back]\x1b[0m\r\n`);
			this.forget();
			return;
		}
		await this.runLine(again, true);
		this.forget();
	}

	/** Puts an editor's text that was not written beside the learner's files, where its command can't go on (kubectl edit). */
	private async recover(): Promise<string> {
		const unsaved = unsavedOf(this.kept);
		if (unsaved === undefined) return '';
		const path = `${this.shell.home}/recovered-${unsaved.path.slice(unsaved.path.lastIndexOf('/') + 1)}`;
		try {
			await this.shell.host.fs.writeFile(path, unsaved.text);
			return `; what you had not written is in ${path}`;
		} catch (e) {
			return `; what you had not written could not be saved (${e instanceof Error ? e.message : String(e)})`;
		}
	}

	/** Hands on what a program keeps, now and then: an editor changes with every key. */
	private keepForLater(now: () => unknown): void {
		this.keeps = now;
		this.keptTimer ??= setTimeout(() => this.handOn(), KEEP_EVERY_MS).unref();
	}

	private handOn(): void {
		clearTimeout(this.keptTimer);
		this.keptTimer = undefined;
		if (this.keeps !== undefined) this.options.onProgram?.(this.keeps());
	}

	/** Nothing runs that could be cut short. */
	private forget(): void {
		this.cutShort = undefined;
		clearTimeout(this.keptTimer);
		this.keptTimer = undefined;
		if (this.kept !== undefined || this.keeps !== undefined) this.options.onProgram?.(undefined);
		this.kept = undefined;
		this.keeps = undefined;
		this.options.onState?.(this.saveState());
	}

	private show(text: string): void {
		const wait = this.options.output(text);
		if (wait !== undefined) {
			const before = this.busy;
			this.busy = before === undefined ? wait : before.then(() => wait);
			void this.busy.then(() => {
				if (this.busy === wait) this.busy = undefined;
			});
		}
	}

	private output(): Output {
		return {
			terminal: true,
			write: (text) => this.show(text.replace(/\r?\n/g, '\r\n')),
			drain: () => this.busy ?? Promise.resolve(),
			end: async () => {},
		};
	}

	private prompt(): string {
		const { home } = this.shell;
		const { cwd } = this.state;
		const folder = cwd === home ? '~' : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
		return `\x1b[1;32mlearner@workstation\x1b[0m:\x1b[1;34m${folder}\x1b[0m$ `;
	}

	private async loop(): Promise<void> {
		while (!this.closed.signal.aborted) {
			const jobs = this.interpreter.jobs.report();
			if (jobs !== '') this.show(jobs.replaceAll('\n', '\r\n'));
			let text = '';
			let prompt = this.prompt();
			let until: string | undefined;
			for (;;) {
				const result = await this.readLine(prompt);
				if (result.kind === 'interrupt') {
					this.state.status = 130;
					text = '';
					break;
				}
				if (result.kind === 'end') {
					if (this.closed.signal.aborted) return;
					this.show(text === '' ? 'exit\r\n' : '\r\n');
					text = text === '' ? 'exit' : '';
					break;
				}
				text = text === '' ? result.text : `${text}\n${result.text}`;
				prompt = '> ';
				if (result.held) {
					until = undefined;
					continue;
				}
				// A long here-document pasted in one go is looked at when its last line has come, not after each.
				if (until === undefined || result.text.replace(/^\t+/, '') === until) {
					const more = this.incomplete(text);
					if (more === undefined) break;
					until = more.until;
				}
			}
			if (text.trim() === '') continue;
			await this.runLine(text);
			if (this.closed.signal.aborted) return;
			this.forget();
		}
	}

	private incomplete(text: string): Incomplete | undefined {
		try {
			parse(text);
			return undefined;
		} catch (e) {
			return e instanceof Incomplete ? e : undefined;
		}
	}

	private readLine(prompt: string): ReturnType<LineEditor['read']> {
		this.show(PASTE_ON);
		const line = this.editor.read(prompt);
		const ahead = this.pending;
		this.pending = '';
		if (ahead === '') this.overflowed = false;
		if (ahead !== '') setImmediate(() => this.take(ahead));
		return line;
	}

	private async runLine(text: string, again = false): Promise<void> {
		const controller = new AbortController();
		this.running = controller;
		if (!again) this.options.onCommand?.(text);
		const long = setTimeout(() => this.options.onState?.(this.saveState()), LONG_MS).unref();
		this.foreground = { text: text.trim().replaceAll('\n', ' '), pid: this.interpreter.jobs.newPid(), started: this.shell.host.now() };
		this.show(PASTE_OFF);
		const out = this.output();
		const run: Run = {
			state: this.state,
			io: {
				input: this.redirected?.input ?? this.keyboard(controller.signal),
				output: this.redirected?.output ?? out,
				error: this.redirected?.error ?? out,
				extra: this.redirected?.extra ?? new Map(),
			},
			signal: AbortSignal.any([controller.signal, this.closed.signal]),
			loops: 0,
			depth: 0,
			condition: false,
			subshell: false,
		};
		const { io } = run;
		let over = false;
		try {
			await this.interpreter.statements(parse(text).statements, run);
		} catch (e) {
			over = this.ended(e, out, text);
			if (e instanceof Interrupted && e.status === 130) over = (await this.trap('INT', run, out)) || over;
		} finally {
			clearTimeout(long);
			this.running = undefined;
			if (!this.closed.signal.aborted) this.foreground = undefined;
			this.raw = undefined;
			this.cooked = undefined;
		}
		await this.keepDescriptors(io, run.io);
		if (this.closed.signal.aborted) return;
		await this.shell.record(text, this.state.status);
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
		const controller = new AbortController();
		this.running = controller;
		const { status } = this.state;
		try {
			await this.interpreter.runTrap(name, { ...run, signal: AbortSignal.any([controller.signal, this.closed.signal]) });
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
		for (const j of this.interpreter.jobs.all()) j.controller.abort(129);
		this.state = newShellState(this.shell.home, this.shell.environment, this.shell.seed);
		for (const [name, text] of [
			['ll', 'ls -l'],
			['k', 'kubectl'],
		] as const)
			this.state.aliases.set(name, text);
		this.show('\x1b[2m[the shell has ended; this is a new one]\x1b[0m\r\n');
	}

	/** Standard input of commands: lines as typed, echoed, with backspace and Ctrl-D. */
	private keyboard(signal: AbortSignal): Input {
		let back = '';
		return {
			terminal: true,
			read: async () => {
				if (back !== '') {
					const b = back;
					back = '';
					return b;
				}
				if (signal.aborted) return null;
				const text = await new Promise<string | null>((resolve) => {
					this.cooked = { line: '', resolve };
					signal.addEventListener('abort', () => resolve(null), { once: true });
					const ahead = this.pending;
					this.pending = '';
					if (ahead !== '') this.take(ahead, this.echoed);
				});
				this.cooked = undefined;
				return text;
			},
			readNow: async () => null,
			unread: (t) => {
				back = t + back;
			},
			close: () => {},
		};
	}

	takeKeyboard(onKeys: (data: string) => void): () => void {
		this.raw = onKeys;
		const ahead = this.pending;
		this.pending = '';
		if (ahead !== '') onKeys(unmarked(ahead));
		return () => {
			if (this.raw === onKeys) this.raw = undefined;
		};
	}

	edit(path: string, wait: boolean): Promise<boolean> {
		if (wait) this.show('\x1b[2m[opened in the editor: save there (Ctrl-S) to go on, close the tab to give up]\x1b[0m\r\n');
		return this.options.edit(path, wait);
	}

	input(data: string): void {
		if (this.closed.signal.aborted) return;
		const taken = this.raw;
		if (taken !== undefined) {
			taken(data);
			return;
		}
		this.take(this.paste.text(data));
	}

	/** Keeps what nobody reads yet. Beyond the limit it is dropped, and said so: half a file must not look like a whole one. */
	private keep(text: string, before = false): void {
		const room = LIMITS.typeaheadCharacters - this.pending.length;
		if (text.length > room && !this.overflowed) {
			this.overflowed = true;
			this.show(`\x07\r\n[more than ${LIMITS.typeaheadCharacters} characters were typed ahead; the rest was dropped. Write long texts in the editor.]\r\n`);
		}
		const kept = text.slice(0, Math.max(0, room));
		this.pending = before ? kept + this.pending : this.pending + kept;
	}

	/** Deals keys out: to the command that reads, to the line editor, or to whoever reads next. `echoed`: they are on the screen already. */
	private take(text: string, echoed = false): void {
		if (this.closed.signal.aborted) return;
		for (let i = 0; i < text.length; ) {
			const keys = this.raw as ((keys: string) => void) | undefined;
			if (keys !== undefined) {
				keys(unmarked(text.slice(i)));
				return;
			}
			if (this.editor.reading) {
				// A line's end starts the command; what follows is its input, or typed ahead.
				const end = text.slice(i).search(/[\r\n]/);
				const upTo = end < 0 ? text.length : i + end + 1;
				this.editor.input(text.slice(i, upTo));
				if (text[upTo - 1] === '\r' && text[upTo] === '\n') i = upTo + 1;
				else i = upTo;
				if (end >= 0 && i < text.length) {
					// readline takes the line on a later turn of the event loop.
					this.echoed = false;
					this.keep(text.slice(i), true);
					return;
				}
				continue;
			}
			const c = text[i] ?? '';
			i++;
			if (c === '\x03') this.interrupt();
			else if (c === PASTED_END && this.cooked !== undefined) continue;
			else if (this.cooked !== undefined) this.cook(c === PASTED_TAB ? '\t' : c, !echoed);
			else {
				this.echoAhead(c, echoed);
				this.keep(c);
			}
		}
	}

	/** The kernel echoes what is typed while a command runs; the shell's line editor shows it again once it reads. */
	private echoAhead(c: string, already: boolean): void {
		if (this.pending !== '' && !this.echoed) return;
		this.echoed = this.running !== undefined || already;
		if (this.echoed && !already) this.show(c === '\r' || c === '\n' ? '\r\n' : c >= ' ' && c !== '\x7f' ? unmarked(c) : caret(c));
	}

	private interrupt(): void {
		this.pending = '';
		if (this.running === undefined) return;
		this.show('^C\r\n');
		this.running.abort(130);
	}

	private cook(c: string, echo: boolean): void {
		const { cooked } = this;
		if (cooked === undefined) return;
		if (c === '\r' || c === '\n') {
			if (echo) this.show('\r\n');
			this.cooked = undefined;
			cooked.resolve(`${cooked.line}\n`);
		} else if (c === '\x04') {
			this.cooked = undefined;
			cooked.resolve(cooked.line === '' ? null : cooked.line);
		} else if (c === '\x7f' || c === '\b') {
			if (cooked.line !== '') {
				cooked.line = [...cooked.line].slice(0, -1).join('');
				if (echo) this.show('\b \b');
			}
		} else if (c === '\x15') {
			this.show('\b \b'.repeat([...cooked.line].length));
			cooked.line = '';
		} else if (c >= ' ' || c === '\t') {
			cooked.line += c;
			if (echo) this.show(c);
		}
	}

	resize(columns: number, rows: number): void {
		this.columns = columns;
		this.rows = rows;
		this.editor.resize(columns, rows);
		for (const listener of this.resizeListeners) listener();
	}

	onResize(listener: () => void): () => void {
		this.resizeListeners.add(listener);
		return () => this.resizeListeners.delete(listener);
	}

	/** The shell, the line under way and the jobs that still run. */
	processes(terminal: string): readonly Process[] {
		const shell: Process = { pid: this.state.pid, text: '-bash', terminal, started: this.opened, foreground: false };
		const jobs = this.interpreter.jobs.all().filter((j) => j.status === undefined);
		return [
			shell,
			...jobs.map((j) => ({ pid: j.pid, text: j.text, terminal, started: j.started, foreground: false })),
			...(this.foreground === undefined ? [] : [{ ...this.foreground, terminal, foreground: true }]),
		];
	}

	saveState(): TerminalState {
		const history = this.editor.history().slice(-HISTORY_LINES);
		let size = 0;
		let from = history.length;
		while (from > 0) {
			size += (history[from - 1] ?? '').length;
			if (size > HISTORY_CHARACTERS) break;
			from--;
		}
		const running = this.foreground?.text ?? this.cutShort;
		return { shell: saveState(this.state), history: history.slice(from), ...(running === undefined ? {} : { running }) } satisfies Saved;
	}

	programs(): readonly RunningProgram[] {
		return this.processes('')
			.slice(1)
			.map(({ text, foreground }) => ({ text, foreground, goesOn: foreground && goesOn(text) !== undefined }));
	}

	close(): void {
		if (this.closed.signal.aborted) return;
		if (this.keptTimer !== undefined) this.handOn();
		this.closed.abort(129);
		for (const j of this.interpreter.jobs.all()) j.controller.abort(129);
		this.editor.dispose();
	}
}
