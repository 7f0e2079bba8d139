/** The editor at work: which key does what. */
import type { CommandContext } from '../../command.ts';
import type { Frame, FullScreen } from '../../screen/full-screen.ts';
import { isPrintable, pasted } from '../../screen/keys.ts';
import { columnOf } from '../../screen/width.ts';
import { indentOf, lineAt, NO_LINES, type Place } from '../vi/text.ts';
import { type Ask, answer } from './asking.ts';
import { TextBuffer } from './buffer.ts';
import { CutBuffer } from './cutting.ts';
import { after, before, move } from './moving.ts';
import { frameOf } from './screen.ts';
import { find, replaceAll } from './searching.ts';

export interface NanoOptions {
	readonly readonly: boolean;
	readonly numbers: boolean;
	readonly tabsize: number;
	/** From 1. */
	readonly line: number;
	/** The file does not exist yet. */
	readonly isNew: boolean;
}

const lineCount = (n: number): string => `${n} line${n === 1 ? '' : 's'}`;

export class Nano implements FullScreen {
	ended: number | undefined;
	private readonly context: CommandContext;
	private readonly buffer: TextBuffer;
	private readonly cuts = new CutBuffer();
	private numbers: boolean;
	private readonly tabsize: number;
	private path: string;
	private top = 0;
	private height = 10;
	private message: string;
	private ask: Ask | undefined;
	private helping = false;
	private meta = false;
	private lastSearch = '';

	constructor(context: CommandContext, path: string, content: string, options: NanoOptions) {
		this.context = context;
		this.path = path;
		this.numbers = options.numbers;
		this.tabsize = options.tabsize;
		this.buffer = new TextBuffer(content, options.line, options.readonly, (message) => {
			this.message = message;
		});
		const n = content === '' ? 0 : this.buffer.lines.length;
		this.message = path === '' ? '' : options.isNew ? '[ New File ]' : `[ Read ${lineCount(n)} ]`;
	}

	remember(): unknown {
		const { path, buffer, top } = this;
		return { path, cursor: buffer.cursor, top, ...(buffer.modified ? { unsaved: { path: path || 'nano.txt', text: buffer.text() } } : {}) };
	}

	/** Goes on where it was cut short. */
	goOn(before: unknown): void {
		if (typeof before !== 'object' || before === null || !('cursor' in before) || !('top' in before)) return;
		const { cursor, top, unsaved, path } = before as { cursor: Place; top: number; path: string; unsaved?: { text: string } };
		this.path = path;
		if (unsaved !== undefined) {
			this.buffer.recover(unsaved.text);
			this.message = '[ Back again: this text is not saved yet ]';
		}
		this.top = top;
		this.buffer.place(cursor);
	}

	async key(key: string): Promise<void> {
		if (this.helping) {
			this.helping = false;
			return;
		}
		if (this.ask !== undefined) return this.answer(this.ask, key);
		this.message = '';
		if (this.meta) {
			this.meta = false;
			this.metaKey(key);
			return;
		}
		if (key === '<Esc>') this.meta = true;
		else if (!move(this.buffer, key, this.height, this.tabsize) && !this.edit(key)) await this.control(key);
		if (key !== '<C-K>') this.cuts.interrupted();
	}

	private metaKey(key: string): void {
		const { buffer } = this;
		if (key === 'u' || key === 'U') buffer.undo();
		else if (key === 'e' || key === 'E') buffer.redo();
		else if (key === 'n' || key === 'N' || key === '#') this.numbers = !this.numbers;
		else if (key === 'a' || key === 'A') this.message = this.cuts.toggleMark(buffer);
		else if (key === '6' || key === '^') this.cuts.copy(buffer);
		else if (key === 'w' || key === 'W') this.find(this.lastSearch);
		else if (key === 'r' || key === 'R') this.askReplace();
		else if (key === '\\' || key === '|') buffer.cursor = { row: 0, at: 0 };
		else if (key === '/' || key === '?') buffer.cursor = { row: buffer.lines.length - 1, at: lineAt(buffer.lines, buffer.lines.length - 1).length };
		else if (key === 'g' || key === 'G') this.askLine();
	}

	private edit(key: string): boolean {
		const { buffer } = this;
		const { cursor, line } = buffer;
		const yaml = /\.ya?ml$|kubectl-edit-/.test(this.path);
		const text = pasted(key);
		if (text !== undefined) buffer.insert(text);
		else if (isPrintable(key)) buffer.insert(key);
		else if (key === '<Tab>' || key === '<C-I>') buffer.insert(yaml ? ' '.repeat(2 - (cursor.at % 2)) : '\t');
		else if (key === '<CR>' || key === '<C-M>') buffer.insert(`\n${yaml ? indentOf(line).slice(0, cursor.at) : ''}`);
		else if (key === '<BS>' || key === '<C-H>') {
			const from = before(buffer);
			if (from !== undefined) buffer.remove(from, cursor);
		} else if (key === '<Del>' || key === '<C-D>') {
			const to = after(buffer);
			if (to !== undefined) buffer.remove(cursor, to);
		} else if (key === '<C-K>') this.cuts.cut(buffer);
		else if (key === '<C-U>') this.cuts.paste(buffer);
		else return false;
		return true;
	}

	private async control(key: string): Promise<void> {
		if (key === '<C-X>') this.leave();
		else if (key === '<C-O>') this.askName(false);
		else if (key === '<C-S>') await this.write(this.path, false);
		else if (key === '<C-G>') this.helping = true;
		else if (key === '<C-W>') this.question(`Search${this.lastHint()}: `, (t) => this.find(t === '' ? this.lastSearch : t));
		else if (key === '<C-\\>') this.askReplace();
		else if (key === '<C-_>') this.askLine();
		else if (key === '<C-^>') this.message = this.cuts.toggleMark(this.buffer);
		else if (key === '<C-C>') {
			const { cursor, lines, line } = this.buffer;
			const n = lines.length;
			this.message = `[ line ${cursor.row + 1}/${n} (${Math.floor(((cursor.row + 1) * 100) / n)}%), col ${columnOf(line, cursor.at, this.tabsize) + 1}/${line.length + 1} ]`;
		} else if (key === '<C-Z>') this.message = '[ There is nothing to suspend to: open a second terminal ]';
		else if (key !== '<C-L>') this.message = `[ Unbound key: ${key.replace(/<C-(.)>/, '^$1')} ]`;
	}

	private question(text: string, answered: Ask['answered'], value = ''): void {
		this.ask = { text, value, yesNo: false, answered };
	}

	private lastHint(): string {
		return this.lastSearch === '' ? '' : ` [${this.lastSearch}]`;
	}

	private leave(): void {
		if (!this.buffer.modified) {
			this.ended = 0;
			return;
		}
		this.ask = {
			text: 'Save modified buffer?',
			value: '',
			yesNo: true,
			answered: (a) => {
				if (a === 'y') this.askName(true);
				else this.ended = 0;
			},
		};
	}

	private askLine(): void {
		this.question('Enter line number, column number: ', (t) => {
			const [row, column] = t.split(/[ ,]+/).map(Number);
			if (row === undefined || Number.isNaN(row)) this.message = '[ Invalid line or column number ]';
			else this.buffer.cursor = { row: Math.max(0, Math.min(this.buffer.lines.length, row) - 1), at: Math.max(0, (column ?? 1) - 1) };
		});
	}

	private askReplace(): void {
		this.question(`Search (to replace)${this.lastHint()}: `, (typed) => {
			const what = typed === '' ? this.lastSearch : typed;
			this.question('Replace with: ', (by) => this.replaceAll(what, by));
		});
	}

	private askName(leave: boolean): void {
		this.question('File Name to Write: ', (name) => this.write(name, leave), this.path);
	}

	private replaceAll(what: string, by: string): void {
		this.lastSearch = what;
		const { lines, count } = replaceAll(this.buffer.lines, what, by);
		if (count > 0) this.buffer.change(lines, this.buffer.cursor);
		this.message = count === 0 ? `[ "${what}" not found ]` : `[ Replaced ${count} occurrence${count === 1 ? '' : 's'} ]`;
	}

	private find(text: string): void {
		if (text === '') {
			this.message = '[ No current search pattern ]';
			return;
		}
		this.lastSearch = text;
		const found = find(this.buffer.lines, this.buffer.cursor, text);
		if (found === undefined) {
			this.message = `[ "${text}" not found ]`;
			return;
		}
		if (found.wrapped) this.message = '[ Search Wrapped ]';
		this.buffer.cursor = found.place;
	}

	private async write(name: string, leave: boolean): Promise<void> {
		if (name === '') {
			this.message = '[ Cancelled ]';
			return;
		}
		if (this.buffer.readonly) {
			this.message = '[ Key is invalid in view mode ]';
			return;
		}
		const { lines } = this.buffer;
		try {
			await this.context.files.write(name, this.buffer.text());
		} catch (e) {
			this.message = `[ Error writing ${name}: ${reason(e)} ]`;
			return;
		}
		this.path = name;
		this.buffer.written(lines);
		this.message = `[ Wrote ${lineCount(lines === NO_LINES ? 0 : lines.length)} ]`;
		if (leave) this.ended = 0;
	}

	private async answer(ask: Ask, key: string): Promise<void> {
		const given = answer(ask, key);
		if (given === undefined) return;
		this.ask = undefined;
		if (given === 'cancelled') this.message = '[ Cancelled ]';
		else await ask.answered(given.answer);
	}

	frame(columns: number, rows: number): Frame {
		this.height = Math.max(1, rows - 4);
		const { buffer, helping } = this;
		if (!helping) {
			buffer.place(buffer.cursor);
			const { row } = buffer.cursor;
			if (row < this.top || row >= this.top + this.height) this.top = Math.max(0, row - Math.floor(this.height / 2));
		}
		const { path, top, height, numbers, tabsize, message, ask } = this;
		return frameOf({ buffer, path, top, height, numbers, tabsize, message, ask, helping }, columns, rows);
	}
}

/** Why a file could not be written, in words. */
function reason(e: unknown): string {
	const code = typeof e === 'object' && e !== null && 'code' in e ? e.code : '';
	if (code === 'EACCES') return 'Permission denied';
	if (code === 'EISDIR') return 'Is a directory';
	if (code === 'ENOTDIR') return 'Not a directory';
	return e instanceof Error ? e.message : String(e);
}
