/** A terminal with a shell in it: prompt, line, run, again. */
import type { Process, ProgramMemory } from '../shell/command.ts';
import { Incomplete, parse } from '../shell/interpreter/ast.ts';
import { Interpreter } from '../shell/interpreter/interpreter.ts';
import type { ShellHost } from '../shell/interpreter/run.ts';
import type { RunningProgram, TerminalHandle, TerminalOptions, TerminalState } from '../shell/workstation.types.ts';
import { complete } from './completion.ts';
import { Display } from './display.ts';
import { Keyboard } from './keyboard.ts';
import { LineEditor } from './line-editor.ts';
import { LineRunner } from './line-runner.ts';
import { PASTE_ON } from './paste.ts';
import { ProgramKeeper } from './program-keeper.ts';
import { goesOn } from './resume.ts';
import { freshState, HISTORY_LINES, loadedState, type Saved, toSave } from './saved.ts';
import type { TerminalDevice, TerminalShell } from './terminal.types.ts';

export class Terminal implements TerminalHandle, TerminalDevice {
	columns: number;
	rows: number;
	private readonly options: TerminalOptions;
	private readonly shell: TerminalShell;
	private readonly display: Display;
	private readonly interpreter: Interpreter;
	private readonly editor: LineEditor;
	private readonly keyboard: Keyboard;
	private readonly runner: LineRunner;
	private readonly keeper: ProgramKeeper;
	private readonly resizeListeners = new Set<() => void>();
	private readonly opened: number;
	private readonly closed = new AbortController();

	constructor(shell: TerminalShell, options: TerminalOptions) {
		this.shell = shell;
		this.options = options;
		this.columns = options.columns;
		this.rows = options.rows;
		this.opened = shell.host.now();
		const saved = (options.state ?? {}) as Saved;
		const display = new Display((text) => options.output(text));
		this.display = display;
		const editor = new LineEditor({
			columns: this.columns,
			rows: this.rows,
			write: (text) => display.show(text),
			complete: (line) => complete(line, { state: this.runner.state, shell: this.shell }),
			history: saved.history ?? [],
			historySize: HISTORY_LINES,
		});
		this.editor = editor;
		const interpreter = new Interpreter({
			...shell.host,
			hasProgram: (n) => shell.host.hasProgram(n),
			programs: () => shell.host.programs(),
			screen: () => ({ columns: this.columns, rows: this.rows }),
			runProgram: (name, args, run, env) => shell.runProgram(name, args, run, env, this),
			history: () => editor.history(),
			clearHistory: () => editor.setHistory([]),
		} as ShellHost);
		this.interpreter = interpreter;
		const closed = this.closed.signal;
		const keyboard = new Keyboard({ editor, display, closed, running: () => this.runner.running });
		this.keyboard = keyboard;
		this.runner = new LineRunner(saved.shell === undefined ? freshState(shell) : loadedState(shell, saved.shell), {
			shell,
			interpreter,
			display,
			keyboard,
			closed,
			long: () => this.options.onState?.(this.saveState()),
		});
		this.keeper = new ProgramKeeper(saved.running, options.program, (kept) => options.onProgram?.(kept));
		if (saved.shell === undefined && shell.greeting !== '') display.showLines(shell.greeting);
		void this.begin();
	}

	get memory(): ProgramMemory {
		return this.keeper.memory;
	}

	private async begin(): Promise<void> {
		const { fs } = this.shell.host;
		const { state } = this.runner;
		// The folder may have gone with a cluster that went back.
		if (state.cwd !== this.shell.home && !(await fs.exists(state.cwd).catch(() => true))) state.cwd = this.shell.home;
		if (this.keeper.cutShort !== undefined) await this.takeUp(this.keeper.cutShort);
		await this.loop();
	}

	/** Goes on with what was cut short, or says that it can't and puts by what would be lost. */
	private async takeUp(line: string): Promise<void> {
		const again = goesOn(line);
		const short = line.length > 60 ? `${line.slice(0, 59)}…` : line;
		if (again === undefined) {
			const saved = await this.recover();
			this.display.show(`\x1b[2m[“${short}” was cut short when this shell was started anew${saved}; the up arrow brings the line back]\x1b[0m\r\n`);
		} else await this.runner.run(again);
		this.forget();
	}

	/** Puts an editor's text that was not written beside the learner's files, where its command can't go on (kubectl edit). */
	private async recover(): Promise<string> {
		const { unsaved } = this.keeper;
		if (unsaved === undefined) return '';
		const path = `${this.shell.home}/recovered-${unsaved.path.slice(unsaved.path.lastIndexOf('/') + 1)}`;
		try {
			await this.shell.host.fs.writeFile(path, unsaved.text);
			return `; what you had not written is in ${path}`;
		} catch (e) {
			return `; what you had not written could not be saved (${e instanceof Error ? e.message : String(e)})`;
		}
	}

	/** Nothing runs that could be cut short. */
	private forget(): void {
		this.keeper.forget();
		this.options.onState?.(this.saveState());
	}

	private prompt(): string {
		const { home } = this.shell;
		const { cwd } = this.runner.state;
		const folder = cwd === home ? '~' : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
		return `\x1b[1;32mlearner@workstation\x1b[0m:\x1b[1;34m${folder}\x1b[0m$ `;
	}

	private async loop(): Promise<void> {
		while (!this.closed.signal.aborted) {
			const jobs = this.interpreter.jobs.report();
			if (jobs !== '') this.display.showLines(jobs);
			const text = await this.readCommand();
			if (text === undefined) return;
			if (text.trim() === '') continue;
			this.options.onCommand?.(text);
			await this.runner.run(text);
			if (this.closed.signal.aborted) return;
			this.forget();
		}
	}

	/** A whole command, over as many lines as it takes: empty where it was given up, undefined once the terminal is closed. */
	private async readCommand(): Promise<string | undefined> {
		let text = '';
		let prompt = this.prompt();
		let until: string | undefined;
		for (;;) {
			this.display.show(PASTE_ON);
			const result = await this.keyboard.readLine(prompt);
			if (result.kind === 'interrupt') {
				this.runner.state.status = 130;
				return '';
			}
			if (result.kind === 'end') {
				if (this.closed.signal.aborted) return undefined;
				this.display.show(text === '' ? 'exit\r\n' : '\r\n');
				return text === '' ? 'exit' : '';
			}
			text = text === '' ? result.text : `${text}\n${result.text}`;
			prompt = '> ';
			if (result.held) {
				until = undefined;
				continue;
			}
			// A long here-document pasted in one go is looked at when its last line has come, not after each.
			if (until === undefined || result.text.replace(/^\t+/, '') === until) {
				const more = incomplete(text);
				if (more === undefined) return text;
				until = more.until;
			}
		}
	}

	takeKeyboard(onKeys: (data: string) => void): () => void {
		return this.keyboard.takeRaw(onKeys);
	}

	edit(path: string, wait: boolean): Promise<boolean> {
		if (wait) this.display.show('\x1b[2m[opened in the editor: save there (Ctrl-S) to go on, close the tab to give up]\x1b[0m\r\n');
		return this.options.edit(path, wait);
	}

	input(data: string): void {
		this.keyboard.typed(data);
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
		const shell: Process = { pid: this.runner.state.pid, text: '-bash', terminal, started: this.opened, foreground: false };
		const { foreground } = this.runner;
		const jobs = this.interpreter.jobs.all().filter((j) => j.status === undefined);
		return [
			shell,
			...jobs.map((j) => ({ pid: j.pid, text: j.text, terminal, started: j.started, foreground: false })),
			...(foreground === undefined ? [] : [{ ...foreground, terminal, foreground: true }]),
		];
	}

	saveState(): TerminalState {
		return toSave(this.runner.state, this.editor.history(), this.runner.foreground?.text ?? this.keeper.cutShort);
	}

	programs(): readonly RunningProgram[] {
		return this.processes('')
			.slice(1)
			.map(({ text, foreground }) => ({ text, foreground, goesOn: foreground && goesOn(text) !== undefined }));
	}

	close(): void {
		if (this.closed.signal.aborted) return;
		this.keeper.close();
		this.closed.abort(129);
		for (const j of this.interpreter.jobs.all()) j.controller.abort(129);
		this.editor.dispose();
	}
}

function incomplete(text: string): Incomplete | undefined {
	try {
		parse(text);
		return undefined;
	} catch (e) {
		return e instanceof Incomplete ? e : undefined;
	}
}
