/**
 * Editing a line at a terminal as readline and busybox's lineedit do: cursor, history, words, completion. Models their
 * emacs mode. Redraws by relative moves alone, since the prompt is the program's: a line that wraps is edited right, but may look wrong.
 */

/** What a terminal holds between two keys. */
export interface TtyState {
	/** The line as it stands, not handed over yet. */
	readonly line: string;
	/** Index in `line`. */
	readonly cursor: number;
	/** Oldest first. */
	readonly history: readonly string[];
	/** Where in the history the arrows stand; its length where at the line being typed. */
	readonly at: number;
	/** An escape sequence that is not complete yet. */
	readonly sequence: string;
	/** What Ctrl-Y brings back. */
	readonly killed: string;
}

export const newTty: TtyState = { line: '', cursor: 0, history: [], at: 0, sequence: '', killed: '' };

export interface Edited {
	readonly state: TtyState;
	readonly echo: string;
	/** Whole lines for the reader; END_OF_INPUT for a Ctrl-D on an empty line. */
	readonly input: string;
	readonly interrupt: boolean;
	/** The screen was cleared: the program draws its prompt anew. */
	readonly redraw: boolean;
}

/** In a terminal's input: one read returns nothing here. What comes after is read by the next. */
export const END_OF_INPUT = '\u0004';
const HISTORY_LINES = 100;
const ESC = '\u001b';
const SEQUENCE = new RegExp(`^${ESC}(?:\\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[a-zA-Z\\u007f])$`);
const BEGUN = new RegExp(`^${ESC}(?:\\[[0-9;]*|O)?$`);

/** Says what may stand in place of the last word of a text; each choice is that whole word. */
export type Completer = (text: string) => { readonly word: string; readonly choices: readonly string[] };

class Line {
	line: string;
	cursor: number;
	echo = '';

	constructor(state: TtyState) {
		this.line = state.line;
		this.cursor = state.cursor;
	}

	move(to: number): void {
		const target = Math.max(0, Math.min(this.line.length, to));
		const by = target - this.cursor;
		if (by < 0) this.echo += '\b'.repeat(-by);
		else this.echo += this.line.slice(this.cursor, target);
		this.cursor = target;
	}

	/** Replaces a part of the line and leaves the cursor behind what is new. */
	replace(from: number, to: number, text: string): void {
		this.move(from);
		const tail = this.line.slice(to);
		const shorter = to - from > text.length;
		this.line = this.line.slice(0, from) + text + tail;
		this.echo += `${text}${tail}${shorter ? `${ESC}[K` : ''}${'\b'.repeat(tail.length)}`;
		this.cursor = from + text.length;
	}

	/** Where the word before the cursor begins, or the one after it ends. */
	wordEdge(direction: -1 | 1): number {
		const letter = (i: number): boolean => /\w/.test(this.line[i] ?? '');
		let i = this.cursor;
		if (direction < 0) {
			while (i > 0 && !letter(i - 1)) i--;
			while (i > 0 && letter(i - 1)) i--;
		} else {
			while (i < this.line.length && !letter(i)) i++;
			while (i < this.line.length && letter(i)) i++;
		}
		return i;
	}
}

function commonStart(words: readonly string[]): string {
	let start = words[0] ?? '';
	for (const w of words) while (!w.startsWith(start)) start = start.slice(0, -1);
	return start;
}

/** The emacs key a sequence of a cursor or editing key stands for. */
function keyOf(sequence: string): string {
	switch (sequence.slice(1)) {
		case '[A':
		case 'OA':
			return '\u0010';
		case '[B':
		case 'OB':
			return '\u000e';
		case '[C':
		case 'OC':
			return '\u0006';
		case '[D':
		case 'OD':
			return '\u0002';
		case '[H':
		case 'OH':
		case '[1~':
		case '[7~':
			return '\u0001';
		case '[F':
		case 'OF':
		case '[4~':
		case '[8~':
			return '\u0005';
		case '[3~':
			return 'delete';
		case 'b':
		case '[1;5D':
		case '[1;3D':
			return 'word-left';
		case 'f':
		case '[1;5C':
		case '[1;3C':
			return 'word-right';
		case 'd':
			return 'kill-word';
		case '\u007f':
			return '\u0017';
		default:
			return '';
	}
}

/** Types `data` into an edited line. */
export function editInto(before: TtyState, data: string, complete: Completer): Edited {
	let { history, at, sequence, killed } = before;
	const l = new Line(before);
	let input = '';
	let interrupt = false;
	let redraw = false;
	const recall = (to: number): void => {
		if (to < 0 || to > history.length) return;
		at = to;
		l.replace(0, l.line.length, history[to] ?? '');
	};
	const kill = (from: number, to: number): void => {
		if (to > from) killed = l.line.slice(from, to);
		l.replace(from, to, '');
	};
	const finish = (): void => {
		l.line = '';
		l.cursor = 0;
		at = history.length;
	};
	const press = (key: string): void => {
		switch (key) {
			case '\r':
			case '\n':
				input += `${l.line}\n`;
				if (l.line.trim() !== '' && history.at(-1) !== l.line) history = [...history, l.line].slice(-HISTORY_LINES);
				l.move(l.line.length);
				l.echo += '\r\n';
				finish();
				return;
			case '\u007f':
			case '\b':
				if (l.cursor > 0) l.replace(l.cursor - 1, l.cursor, '');
				return;
			case '\u0003':
				l.echo += '^C\r\n';
				interrupt = true;
				finish();
				return;
			case '\u0004':
				if (l.line === '') input += END_OF_INPUT;
				else press('delete');
				return;
			case 'delete':
				if (l.cursor < l.line.length) {
					const to = l.cursor;
					l.replace(to, to + 1, '');
				}
				return;
			case '\u0001':
				l.move(0);
				return;
			case '\u0005':
				l.move(l.line.length);
				return;
			case '\u0002':
				l.move(l.cursor - 1);
				return;
			case '\u0006':
				l.move(l.cursor + 1);
				return;
			case 'word-left':
				l.move(l.wordEdge(-1));
				return;
			case 'word-right':
				l.move(l.wordEdge(1));
				return;
			case '\u0010':
				recall(at - 1);
				return;
			case '\u000e':
				recall(at + 1);
				return;
			case '\u000b':
				kill(l.cursor, l.line.length);
				return;
			case '\u0015':
				kill(0, l.cursor);
				return;
			case '\u0017': {
				const from = l.line.slice(0, l.cursor).replace(/\S+\s*$/, '').length;
				kill(from, l.cursor);
				return;
			}
			case 'kill-word':
				kill(l.cursor, l.wordEdge(1));
				return;
			case '\u0019':
				l.replace(l.cursor, l.cursor, killed);
				return;
			case '\u000c':
				if (l.line !== '') return;
				l.echo += `${ESC}[H${ESC}[2J`;
				redraw = true;
				return;
			case '\t': {
				const { word, choices } = complete(l.line.slice(0, l.cursor));
				const only = choices.length === 1 ? (choices[0] ?? '') : '';
				const longer = only !== '' ? (only.endsWith('/') ? only : `${only} `) : commonStart(choices);
				if (longer.length > word.length) l.replace(l.cursor - word.length, l.cursor, longer);
				else l.echo += '\u0007';
				return;
			}
			default:
				if (key >= ' ') l.replace(l.cursor, l.cursor, key);
		}
	};
	for (const c of data) {
		if (sequence === '' && c !== ESC) press(c);
		else if (BEGUN.test(sequence + c)) sequence += c;
		else {
			if (SEQUENCE.test(sequence + c)) press(keyOf(sequence + c));
			sequence = '';
		}
	}
	return { state: { line: l.line, cursor: l.cursor, history, at, sequence, killed }, echo: l.echo, input, interrupt, redraw };
}
