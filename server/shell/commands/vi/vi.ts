/** What Vim holds in mind: text, cursor, registers, undo, options. Keys reach its modes as generators that ask for the next one. */
import { firstNonBlank } from './motions.ts';
import { defaultOptions, type Options } from './options.ts';
import { lastOf, lineAt, type Lines, linesOf, NO_LINES, type Place } from './text.ts';

/** A mode, or part of one: yields undefined for a key, a promise for its outcome. */
export type Steps<T> = Generator<Promise<unknown> | undefined, T, unknown>;

export interface Register {
	readonly text: string;
	readonly linewise: boolean;
}

interface Snapshot {
	readonly lines: Lines;
	readonly cursor: Place;
	/** ms of the sandbox's clock. */
	readonly at: number;
}

/** What the editor asks of the machine. Errors are Node-like, with `code`. */
export interface ViHost {
	read(path: string): Promise<string>;
	write(path: string, content: string): Promise<void>;
	stat(path: string): Promise<{ readonly kind: 'file' | 'directory'; readonly size: number } | undefined>;
	now(): number;
}

export type Mode = 'normal' | 'insert' | 'replace' | 'visual' | 'visual-line' | 'command';

/** Elements of arrays of lines that undo may hold on to, all together. */
export const UNDO_LINES = 2_000_000;
const UNDO_STEPS = 1000;

export class Vi {
	readonly host: ViHost;
	readonly options: Options = defaultOptions();
	lines: Lines = NO_LINES;
	cursor: Place = { row: 0, at: 0 };
	/** The column that up and down aim at. */
	wanted = 0;
	/** First row on the screen. */
	top = 0;
	/** Rows of text on the screen. */
	height = 22;
	mode: Mode = 'normal';
	anchor: Place = { row: 0, at: 0 };
	path: string | undefined;
	noeol = false;
	readonly = false;
	/** The file was not there when it was opened. */
	isNew = false;
	/** What the file holds: the text is modified where it is another. */
	saved: Lines = this.lines;
	readonly registers = new Map<string, Register>();
	readonly marks = new Map<string, Place>();
	message = '';
	isError = false;
	commandLine: { readonly prefix: string; text: string; at: number } | undefined;
	/** Lines shown over the text until a key comes (`:reg`, `:set all`). */
	listing: readonly string[] | undefined;
	readonly history: { readonly [prefix: string]: string[] } = { ':': [], '/': [] };
	lastFind: { readonly how: string; readonly c: string } | undefined;
	search: { readonly pattern: string; readonly back: boolean } | undefined;
	highlight = false;
	lastSubstitute: { readonly pattern: string; readonly template: string } | undefined;
	/** Files of the command line and where we are among them. */
	argumentFiles: readonly string[] = [];
	argument = 0;
	/** Keys to take before those of the keyboard: `.` and macros. */
	feed: string[] = [];
	/** Keys of the command under way. */
	keys: string[] = [];
	lastChange: readonly string[] = [];
	/** How much the last visual change took, for `.`. */
	region: { readonly linewise: boolean; readonly rows: number; readonly at: number } | undefined;
	recording: { readonly name: string; readonly keys: string[] } | undefined;
	readonly macros = new Map<string, readonly string[]>();
	/** Keys typed of a command that is not whole yet, shown beside the ruler. */
	showcmd = '';
	/** Where what is not written has been put by. */
	swap: string | undefined;
	ended: number | undefined;
	private undone: Snapshot[] = [];
	private done: Snapshot[] = [];

	constructor(host: ViHost) {
		this.host = host;
	}

	get modified(): boolean {
		return this.lines !== this.saved;
	}

	/** Takes a text as that of the file. */
	load(path: string | undefined, content: string): void {
		const { lines, noeol } = linesOf(content);
		this.path = path;
		this.lines = lines;
		this.saved = lines;
		this.noeol = noeol;
		this.cursor = { row: 0, at: 0 };
		this.top = 0;
		this.undone = [];
		this.done = [];
	}

	content(lines: Lines = this.lines): string {
		if (lines === NO_LINES) return '';
		return lines.join('\n') + (this.noeol && !this.options.fixendofline ? '' : '\n');
	}

	*key(): Steps<string> {
		const fed = this.feed.shift();
		const key = fed ?? ((yield undefined) as string);
		this.keys.push(key);
		if (fed === undefined) this.recording?.keys.push(key);
		return key;
	}

	say(message: string): void {
		this.message = message;
		this.isError = false;
	}

	/** An error's message; what is fed is given up. */
	fail(message: string): void {
		this.message = message;
		this.isError = true;
		this.feed = [];
	}

	/** A command that leads nowhere: macros and repeats end. */
	beep(): void {
		this.feed = [];
	}

	moveTo(to: Place, wanted?: number): void {
		this.cursor = to;
		this.wanted = wanted ?? -1;
	}

	/** Keeps the cursor on a character, or behind the last one where something is inserted. */
	clamp(): void {
		const row = Math.max(0, Math.min(this.lines.length - 1, this.cursor.row));
		const line = lineAt(this.lines, row);
		const past = this.mode === 'insert' || this.mode === 'replace';
		const at = Math.max(0, Math.min(this.cursor.at, past || this.mode === 'visual' ? line.length : lastOf(line)));
		this.cursor = { row, at };
	}

	/** Makes a step of undo of what has changed since. */
	remember(lines: Lines, cursor: Place): void {
		if (lines === this.lines) return;
		this.done.push({ lines, cursor, at: this.host.now() });
		this.undone = [];
		let held = this.done.reduce((n, s) => n + s.lines.length, 0);
		while (this.done.length > UNDO_STEPS || (held > UNDO_LINES && this.done.length > 1)) held -= this.done.shift()?.lines.length ?? 0;
	}

	undo(): void {
		this.travel(this.done, this.undone, 'Already at oldest change', 'before');
	}

	redo(): void {
		this.travel(this.undone, this.done, 'Already at newest change', 'after');
	}

	private travel(from: Snapshot[], to: Snapshot[], none: string, word: string): void {
		const snapshot = from.pop();
		if (snapshot === undefined) {
			this.say(none);
			return;
		}
		const old = this.lines;
		to.push({ lines: old, cursor: this.cursor, at: snapshot.at });
		this.lines = snapshot.lines;
		let row = 0;
		while (row < old.length - 1 && row < this.lines.length - 1 && old[row] === this.lines[row]) row++;
		this.moveTo(snapshot.cursor.row === row && word === 'before' ? snapshot.cursor : { row, at: firstNonBlank(lineAt(this.lines, row)) });
		this.clamp();
		const n = this.lines.length - old.length;
		const what = n === 0 ? '1 change' : n > 0 ? (n === 1 ? '1 more line' : `${n} more lines`) : n === -1 ? '1 line less' : `${-n} fewer lines`;
		const ago = Math.max(0, Math.round((this.host.now() - snapshot.at) / 1000));
		this.say(`${what}; ${word} #${word === 'before' ? this.done.length + 1 : this.done.length}  ${ago} second${ago === 1 ? '' : 's'} ago`);
	}

	/** Puts a text by: in the register named, the unnamed one, and `0` for a yank, `1` to `9` for whole lines deleted. */
	store(name: string | undefined, text: string, linewise: boolean, yank: boolean): void {
		const value = { text, linewise };
		if (name === '_') return;
		if (name !== undefined && /[A-Z]/.test(name)) {
			const old = this.registers.get(name.toLowerCase());
			const joined = (old?.text ?? '') + (old !== undefined && linewise && !old.linewise ? '\n' : '') + text;
			this.registers.set(name.toLowerCase(), { text: joined, linewise: linewise || (old?.linewise ?? false) });
		} else if (name !== undefined && name !== '"') this.registers.set(name, value);
		else if (yank) this.registers.set('0', value);
		else if (linewise || text.includes('\n')) {
			for (let i = 9; i > 1; i--) {
				const shifted = this.registers.get(String(i - 1));
				if (shifted !== undefined) this.registers.set(String(i), shifted);
			}
			this.registers.set('1', value);
		} else this.registers.set('-', value);
		this.registers.set('"', value);
	}

	register(name: string | undefined): Register | undefined {
		if (name === '%') return this.path === undefined ? undefined : { text: this.path, linewise: false };
		if (name === '/') return this.search === undefined ? undefined : { text: this.search.pattern, linewise: false };
		return this.registers.get((name ?? '"').toLowerCase());
	}
}

/** What Vim says of many lines more or less; nothing up to two. */
export function lineCount(vi: Vi, was: number): void {
	const n = vi.lines.length - was;
	if (n > 2) vi.say(`${n} more lines`);
	else if (n < -2) vi.say(`${-n} fewer lines`);
}
