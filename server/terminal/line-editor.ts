/** One line at a time from a terminal, edited as readline does: Node's own readline over a pair of streams. */
import { createInterface, type Interface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import { HistorySearch } from './history-search.ts';

export interface LineEditorOptions {
	readonly columns: number;
	readonly rows: number;
	write(text: string): void;
	/** Completions for the line up to the cursor: what fits, and the part that they replace. */
	complete(line: string): Promise<readonly [readonly string[], string]>;
	history: readonly string[];
	readonly historySize: number;
}

export type LineResult =
	| {
			readonly kind: 'line';
			readonly text: string /** It came out of a paste that waits for Enter: more lines follow before any is run. */;
			readonly held: boolean;
	  }
	| { readonly kind: 'interrupt' }
	| { readonly kind: 'end' };

/** Stands for a tab that was pasted: text, where a typed one asks for completion. A column wide, so that readline counts right. */
export const PASTED_TAB = '\ue009';
/** Stands before the end of a pasted line that is not to be run yet. */
export const PASTED_END = '\ue00a';
const PASTED_TABS = new RegExp(PASTED_TAB, 'g');
const PASTED_ENDS = new RegExp(PASTED_END, 'g');
/** What was pasted as the text that it is. */
export const unmarked = (text: string): string => text.replace(PASTED_TABS, '\t').replace(PASTED_ENDS, '');
const REVERSE_SEARCH = '\x12';

type Readline = Interface & { line: string; cursor: number; history: string[]; _refreshLine(): void };

/** The width of the terminal as readline asks for it. */
class Screen extends Writable {
	columns: number;
	rows: number;
	readonly isTTY = true;
	private readonly sink: (text: string) => void;

	constructor(columns: number, rows: number, sink: (text: string) => void) {
		super({ decodeStrings: false });
		this.columns = columns;
		this.rows = rows;
		this.sink = sink;
	}

	override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
		this.sink(String(chunk).replace(PASTED_TABS, ' ').replace(PASTED_ENDS, ''));
		done();
	}
}

export class LineEditor {
	private readonly keys = new PassThrough({ encoding: 'utf8' });
	private readonly screen: Screen;
	private readonly readline: Readline;
	private prompt = '';
	private search: HistorySearch | undefined;
	/** Keys that came right behind a Ctrl-R. */
	private starting: string | undefined;
	private waiting: ((result: LineResult) => void) | undefined;
	private readonly options: LineEditorOptions;

	constructor(options: LineEditorOptions) {
		this.options = options;
		this.screen = new Screen(options.columns, options.rows, options.write);
		this.readline = createInterface({
			input: this.keys,
			output: this.screen,
			terminal: true,
			historySize: options.historySize,
			history: [...options.history].reverse(),
			removeHistoryDuplicates: false,
			escapeCodeTimeout: 50,
			completer: (line: string, done: (error: Error | null, result: [string[], string]) => void) => {
				this.options.complete(line).then(
					([hits, part]) => done(null, [[...hits], part]),
					() => done(null, [[], line]),
				);
			},
		}) as Readline;
		this.readline.on('line', (text) => this.finish({ kind: 'line', text: unmarked(text), held: text.endsWith(PASTED_END) }));
		this.readline.on('SIGINT', () => {
			options.write('^C\r\n');
			this.clear();
			this.finish({ kind: 'interrupt' });
		});
		this.readline.on('SIGTSTP', () => {});
		this.readline.on('close', () => this.finish({ kind: 'end' }));
		// Ctrl-D on an empty line closes Node's readline for good; a shell's prompt has to survive it.
		this.readline.close = () => this.finish({ kind: 'end' });
		this.readline.pause();
	}

	private clear(): void {
		this.readline.line = '';
		this.readline.cursor = 0;
	}

	private finish(result: LineResult): void {
		const waiting = this.waiting;
		this.waiting = undefined;
		this.search = undefined;
		this.readline.pause();
		waiting?.(result);
	}

	/** Shows the prompt and takes keys until a line is complete. */
	read(prompt: string): Promise<LineResult> {
		return new Promise((resolve) => {
			this.waiting = resolve;
			this.prompt = prompt;
			this.readline.setPrompt(prompt);
			this.readline.resume();
			this.readline.prompt();
		});
	}

	/** True while a line is being read. */
	get reading(): boolean {
		return this.waiting !== undefined;
	}

	/** Takes keys. They must hold one line end at the most, as their last character. */
	input(data: string): void {
		if (this.starting !== undefined) {
			this.starting += data;
			return;
		}
		const at = this.search === undefined ? data.indexOf(REVERSE_SEARCH) : 0;
		if (at < 0) {
			this.keys.write(data);
			return;
		}
		if (this.search === undefined) {
			if (at > 0) this.keys.write(data.slice(0, at));
			// What was typed before has to have arrived in the line.
			this.starting = data.slice(at + 1);
			setImmediate(() => {
				const keys = this.starting ?? '';
				this.starting = undefined;
				if (!this.reading) return;
				this.search = new HistorySearch(this.readline.history, this.readline.line);
				this.searching(keys);
			});
		} else this.searching(data);
	}

	private searching(data: string): void {
		if (this.search === undefined || !this.reading) return;
		const step = this.search.keys(data);
		const { line, cursor } = step.kind === 'show' ? step.view : step;
		this.readline.setPrompt(step.kind === 'show' ? step.view.prompt : this.prompt);
		this.readline.line = line;
		this.readline.cursor = cursor;
		this.readline._refreshLine();
		if (step.kind === 'show') return;
		this.search = undefined;
		if (step.rest !== '') this.input(step.rest);
	}

	resize(columns: number, rows: number): void {
		this.screen.columns = columns;
		this.screen.rows = rows;
		// readline redraws its prompt on a resize, which a running command's output must not get between.
		if (this.reading) this.screen.emit('resize');
	}

	/** Oldest first. */
	history(): string[] {
		return this.readline.history.map(unmarked).reverse();
	}

	setHistory(lines: readonly string[]): void {
		this.readline.history = [...lines].reverse();
	}

	dispose(): void {
		this.waiting = undefined;
		this.readline.removeAllListeners();
		this.keys.destroy();
		this.screen.destroy();
	}
}
