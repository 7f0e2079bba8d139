/** The text that nano edits: its lines, the cursor in them, and the steps back. Texts are vi's (`vi/text.ts`): lines that are never changed in place. */
import { behind, lineAt, type Lines, linesOf, NO_LINES, type Place, splice } from '../vi/text.ts';

const UNDO_STEPS = 500;

interface Step {
	readonly lines: Lines;
	readonly cursor: Place;
}

export class TextBuffer {
	lines: Lines;
	cursor: Place;
	/** The column that the cursor keeps to on its way up and down; negative where it keeps to none. */
	wanted = -1;
	readonly readonly: boolean;
	private saved: Lines;
	private undone: Step[] = [];
	private done: Step[] = [];
	private readonly say: (message: string) => void;

	/** `line`: where the cursor begins, from 1. */
	constructor(content: string, line: number, readonly: boolean, say: (message: string) => void) {
		this.lines = linesOf(content).lines;
		this.saved = this.lines;
		this.cursor = { row: Math.max(0, Math.min(this.lines.length, line) - 1), at: 0 };
		this.readonly = readonly;
		this.say = say;
	}

	get modified(): boolean {
		return this.lines !== this.saved;
	}

	/** The line that the cursor is in. */
	get line(): string {
		return lineAt(this.lines, this.cursor.row);
	}

	/** As it is written. */
	text(): string {
		return this.lines === NO_LINES ? '' : `${this.lines.join('\n').replace(/\n$/, '')}\n`;
	}

	/** A text that was never written takes the file's place. */
	recover(text: string): void {
		this.lines = linesOf(text).lines;
	}

	/** These lines stand in the file now. */
	written(lines: Lines): void {
		this.saved = lines;
	}

	/** Puts the cursor where there is text. */
	place(cursor: Place): void {
		const row = Math.max(0, Math.min(cursor.row, this.lines.length - 1));
		this.cursor = { row, at: Math.min(cursor.at, lineAt(this.lines, row).length) };
	}

	/** A step that can be undone; refused where the file is only looked at. */
	change(lines: Lines, cursor: Place): void {
		if (this.readonly) {
			this.say('[ Key is invalid in view mode ]');
			return;
		}
		this.done.push({ lines: this.lines, cursor: this.cursor });
		if (this.done.length > UNDO_STEPS) this.done.shift();
		this.undone = [];
		this.lines = lines;
		this.cursor = cursor;
		this.wanted = -1;
	}

	insert(text: string): void {
		this.change(splice(this.lines, this.cursor, this.cursor, text), behind(this.cursor, text));
	}

	/** Takes out what stands between two places. */
	remove(from: Place, to: Place): void {
		this.change(splice(this.lines, from, to, ''), from);
	}

	undo(): void {
		this.travel(this.done, this.undone, 'Undid', 'undo');
	}

	redo(): void {
		this.travel(this.undone, this.done, 'Redid', 'redo');
	}

	private travel(from: Step[], to: Step[], did: string, name: string): void {
		const step = from.pop();
		if (step === undefined) {
			this.say(`[ Nothing to ${name} ]`);
			return;
		}
		to.push({ lines: this.lines, cursor: this.cursor });
		this.lines = step.lines;
		this.cursor = step.cursor;
		this.say(`[ ${did} change ]`);
	}
}
