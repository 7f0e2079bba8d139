/** `nano`: the editor that tells its keys. Texts are vi's (`vi/text.ts`): lines that are never changed in place. */
import { LIMITS } from '../../limits.ts';
import type { Command, CommandContext } from '../command.ts';
import { type Frame, type FullScreen, runFullScreen } from '../screen/full-screen.ts';
import { isPrintable, pasted } from '../screen/keys.ts';
import { clip, columnOf, indexAt, shown } from '../screen/width.ts';
import { behind, indentOf, lineAt, type Lines, linesOf, next, NO_LINES, type Place, previous, splice, spliceLines } from './vi/text.ts';

const VERSION = 'GNU nano 8.4';
const UNDO_STEPS = 500;

interface Ask {
	readonly text: string;
	value: string;
	/** Answered with one key. */
	readonly yesNo: boolean;
	readonly answered: (answer: string) => Promise<void> | void;
}

class Nano implements FullScreen {
	ended: number | undefined;
	private readonly context: CommandContext;
	private readonly readonly: boolean;
	private numbers: boolean;
	private readonly tabsize: number;
	private path: string;
	private lines: Lines = NO_LINES;
	private saved: Lines = NO_LINES;
	private cursor: Place = { row: 0, at: 0 };
	private wanted = -1;
	private top = 0;
	private height = 10;
	private message = '';
	private ask: Ask | undefined;
	private helping = false;
	private cutText: string[] = [];
	private cutting = false;
	private meta = false;
	private mark: Place | undefined;
	private lastSearch = '';
	private undone: { readonly lines: Lines; readonly cursor: Place }[] = [];
	private done: { readonly lines: Lines; readonly cursor: Place }[] = [];

	constructor(
		context: CommandContext,
		path: string,
		content: string,
		options: { readonly readonly: boolean; readonly numbers: boolean; readonly tabsize: number; readonly line: number; readonly isNew: boolean },
	) {
		this.context = context;
		this.path = path;
		this.readonly = options.readonly;
		this.numbers = options.numbers;
		this.tabsize = options.tabsize;
		this.lines = linesOf(content).lines;
		this.saved = this.lines;
		this.cursor = { row: Math.max(0, Math.min(this.lines.length, options.line) - 1), at: 0 };
		const n = content === '' ? 0 : this.lines.length;
		this.message = path === '' ? '' : options.isNew ? '[ New File ]' : `[ Read ${n} line${n === 1 ? '' : 's'} ]`;
	}

	remember(): unknown {
		const { path, cursor, top } = this;
		return { path, cursor, top, ...(this.lines === this.saved ? {} : { unsaved: { path: path || 'nano.txt', text: this.text() } }) };
	}

	/** As it is written. */
	private text(): string {
		return this.lines === NO_LINES ? '' : `${this.lines.join('\n').replace(/\n$/, '')}\n`;
	}

	/** Goes on where it was cut short. */
	goOn(before: unknown): void {
		if (typeof before !== 'object' || before === null || !('cursor' in before) || !('top' in before)) return;
		const { cursor, top, unsaved, path } = before as { cursor: Place; top: number; path: string; unsaved?: { text: string } };
		this.path = path;
		if (unsaved !== undefined) {
			this.lines = linesOf(unsaved.text).lines;
			this.message = '[ Back again: this text is not saved yet ]';
		}
		this.top = top;
		const row = Math.max(0, Math.min(cursor.row, this.lines.length - 1));
		this.cursor = { row, at: Math.min(cursor.at, lineAt(this.lines, row).length) };
	}

	private change(lines: Lines, cursor: Place): void {
		if (this.readonly) {
			this.message = '[ Key is invalid in view mode ]';
			return;
		}
		this.done.push({ lines: this.lines, cursor: this.cursor });
		if (this.done.length > UNDO_STEPS) this.done.shift();
		this.undone = [];
		this.lines = lines;
		this.cursor = cursor;
		this.wanted = -1;
	}

	private insert(text: string): void {
		this.change(splice(this.lines, this.cursor, this.cursor, text), behind(this.cursor, text));
	}

	private travel(from: { lines: Lines; cursor: Place }[], to: { lines: Lines; cursor: Place }[], said: string): void {
		const s = from.pop();
		if (s === undefined) {
			this.message = `[ Nothing to ${said === 'Undid' ? 'undo' : 'redo'} ]`;
			return;
		}
		to.push({ lines: this.lines, cursor: this.cursor });
		this.lines = s.lines;
		this.cursor = s.cursor;
		this.message = `[ ${said} change ]`;
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
		else if (!this.move(key) && !this.edit(key)) await this.control(key);
		if (key !== '<C-K>') this.cutting = false;
	}

	private metaKey(key: string): void {
		if (key === 'u' || key === 'U') this.travel(this.done, this.undone, 'Undid');
		else if (key === 'e' || key === 'E') this.travel(this.undone, this.done, 'Redid');
		else if (key === 'n' || key === 'N' || key === '#') this.numbers = !this.numbers;
		else if (key === 'a' || key === 'A') this.setMark();
		else if (key === '6' || key === '^') this.copy();
		else if (key === 'w' || key === 'W') this.find(this.lastSearch);
		else if (key === 'r' || key === 'R') this.askReplace();
		else if (key === '\\' || key === '|') this.cursor = { row: 0, at: 0 };
		else if (key === '/' || key === '?') this.cursor = { row: this.lines.length - 1, at: lineAt(this.lines, this.lines.length - 1).length };
		else if (key === 'g' || key === 'G') this.askLine();
	}

	private setMark(): void {
		this.mark = this.mark === undefined ? this.cursor : undefined;
		this.message = this.mark === undefined ? '[ Mark Unset ]' : '[ Mark Set ]';
	}

	private region(): readonly [Place, Place] | undefined {
		if (this.mark === undefined) return undefined;
		const [a, b] = [this.mark, this.cursor];
		return a.row < b.row || (a.row === b.row && a.at <= b.at) ? [a, b] : [b, a];
	}

	private copy(): void {
		const r = this.region();
		if (r === undefined) this.cutText = [lineAt(this.lines, this.cursor.row), ''];
		else this.cutText = textBetween(this.lines, r[0], r[1]);
		this.mark = undefined;
	}

	private cut(): void {
		const r = this.region();
		if (r !== undefined) {
			this.cutText = textBetween(this.lines, r[0], r[1]);
			this.change(splice(this.lines, r[0], r[1], ''), r[0]);
			this.mark = undefined;
			return;
		}
		const line = lineAt(this.lines, this.cursor.row);
		this.cutText = this.cutting ? [...this.cutText.slice(0, -1), line, ''] : [line, ''];
		this.cutting = true;
		const lines = spliceLines(this.lines, this.cursor.row, 1, []);
		this.change(lines, { row: Math.min(this.cursor.row, lines.length - 1), at: 0 });
	}

	private move(key: string): boolean {
		const { row, at } = this.cursor;
		const line = lineAt(this.lines, row);
		const last = this.lines.length - 1;
		const vertical = (to: number): void => {
			const r = Math.max(0, Math.min(last, to));
			this.wanted = this.wanted >= 0 ? this.wanted : columnOf(line, at, this.tabsize);
			this.cursor = { row: r, at: indexAt(lineAt(this.lines, r), this.wanted, this.tabsize) };
		};
		if (key === '<Up>' || key === '<C-P>') vertical(row - 1);
		else if (key === '<Down>' || key === '<C-N>') vertical(row + 1);
		else if (key === '<PageUp>' || key === '<C-Y>') vertical(row - this.height + 2);
		else if (key === '<PageDown>' || key === '<C-V>') vertical(row + this.height - 2);
		else {
			const before = this.cursor;
			if (key === '<Left>' || key === '<C-B>')
				this.cursor = at > 0 ? { row, at: previous(line, at) } : row > 0 ? { row: row - 1, at: lineAt(this.lines, row - 1).length } : before;
			else if (key === '<Right>' || key === '<C-F>')
				this.cursor = at < line.length ? { row, at: next(line, at) } : row < last ? { row: row + 1, at: 0 } : before;
			else if (key === '<Home>' || key === '<C-A>') this.cursor = { row, at: 0 };
			else if (key === '<End>' || key === '<C-E>') this.cursor = { row, at: line.length };
			else if (key === '<C-Right>') this.cursor = { row, at: at + (/^\w*\W*/.exec(line.slice(at))?.[0].length ?? 0) };
			else if (key === '<C-Left>') this.cursor = { row, at: at - (/\w*\W*$/.exec(line.slice(0, at))?.[0].length ?? 0) };
			else if (key === '<C-Home>') this.cursor = { row: 0, at: 0 };
			else if (key === '<C-End>') this.cursor = { row: last, at: lineAt(this.lines, last).length };
			else return false;
			this.wanted = -1;
		}
		return true;
	}

	private edit(key: string): boolean {
		const { row, at } = this.cursor;
		const line = lineAt(this.lines, row);
		const text = pasted(key);
		if (text !== undefined) this.insert(text);
		else if (isPrintable(key)) this.insert(key);
		else if (key === '<Tab>' || key === '<C-I>') this.insert(/\.ya?ml$|kubectl-edit-/.test(this.path) ? ' '.repeat(2 - (at % 2)) : '\t');
		else if (key === '<CR>' || key === '<C-M>') this.insert(`\n${/\.ya?ml$|kubectl-edit-/.test(this.path) ? indentOf(line).slice(0, at) : ''}`);
		else if (key === '<BS>' || key === '<C-H>') {
			const from = at > 0 ? { row, at: previous(line, at) } : row > 0 ? { row: row - 1, at: lineAt(this.lines, row - 1).length } : undefined;
			if (from !== undefined) this.change(splice(this.lines, from, this.cursor, ''), from);
		} else if (key === '<Del>' || key === '<C-D>') {
			const to = at < line.length ? { row, at: next(line, at) } : row < this.lines.length - 1 ? { row: row + 1, at: 0 } : undefined;
			if (to !== undefined) this.change(splice(this.lines, this.cursor, to, ''), this.cursor);
		} else if (key === '<C-K>') this.cut();
		else if (key === '<C-U>') {
			if (this.cutText.length > 0) this.insertCut();
		} else return false;
		return true;
	}

	private insertCut(): void {
		const text = this.cutText.join('\n');
		if (this.mark === undefined && this.cutText.at(-1) === '') {
			const at = { row: this.cursor.row, at: 0 };
			this.change(splice(this.lines, at, at, text), { row: this.cursor.row + this.cutText.length - 1, at: 0 });
		} else this.insert(text);
	}

	private async control(key: string): Promise<void> {
		if (key === '<C-X>') {
			if (this.lines === this.saved) this.ended = 0;
			else
				this.ask = {
					text: 'Save modified buffer?',
					value: '',
					yesNo: true,
					answered: (a) => {
						if (a === 'y') this.askName(true);
						else if (a === 'n') this.ended = 0;
						else this.message = '[ Cancelled ]';
					},
				};
		} else if (key === '<C-O>') this.askName(false);
		else if (key === '<C-S>') await this.write(this.path, false);
		else if (key === '<C-G>') this.helping = true;
		else if (key === '<C-W>')
			this.ask = {
				text: `Search${this.lastSearch === '' ? '' : ` [${this.lastSearch}]`}: `,
				value: '',
				yesNo: false,
				answered: (t) => this.find(t === '' ? this.lastSearch : t),
			};
		else if (key === '<C-\\>') this.askReplace();
		else if (key === '<C-_>') this.askLine();
		else if (key === '<C-^>') this.setMark();
		else if (key === '<C-C>') {
			const { row, at } = this.cursor;
			const n = this.lines.length;
			this.message = `[ line ${row + 1}/${n} (${Math.floor(((row + 1) * 100) / n)}%), col ${columnOf(lineAt(this.lines, row), at, this.tabsize) + 1}/${lineAt(this.lines, row).length + 1} ]`;
		} else if (key === '<C-Z>') this.message = '[ There is nothing to suspend to: open a second terminal ]';
		else if (key !== '<C-L>') this.message = `[ Unbound key: ${key.replace(/<C-(.)>/, '^$1')} ]`;
	}

	private askLine(): void {
		this.ask = {
			text: 'Enter line number, column number: ',
			value: '',
			yesNo: false,
			answered: (t) => {
				const [row, column] = t.split(/[ ,]+/).map(Number);
				if (row === undefined || Number.isNaN(row)) this.message = '[ Invalid line or column number ]';
				else this.cursor = { row: Math.max(0, Math.min(this.lines.length, row) - 1), at: Math.max(0, (column ?? 1) - 1) };
			},
		};
	}

	private askReplace(): void {
		this.ask = {
			text: `Search (to replace)${this.lastSearch === '' ? '' : ` [${this.lastSearch}]`}: `,
			value: '',
			yesNo: false,
			answered: (typed) => {
				const what = typed === '' ? this.lastSearch : typed;
				this.ask = { text: 'Replace with: ', value: '', yesNo: false, answered: (by) => this.replaceAll(what, by) };
			},
		};
	}

	private replaceAll(what: string, by: string): void {
		this.lastSearch = what;
		let count = 0;
		const lines = this.lines.map((l) => {
			const parts = l.toLowerCase().split(what.toLowerCase());
			if (what === '' || parts.length === 1) return l;
			count += parts.length - 1;
			let at = 0;
			return parts
				.map((p) => {
					const own = l.slice(at, at + p.length);
					at += p.length + what.length;
					return own;
				})
				.join(by);
		});
		if (count > 0) this.change(lines, this.cursor);
		this.message = count === 0 ? `[ "${what}" not found ]` : `[ Replaced ${count} occurrence${count === 1 ? '' : 's'} ]`;
	}

	private find(text: string): void {
		if (text === '') {
			this.message = '[ No current search pattern ]';
			return;
		}
		this.lastSearch = text;
		const n = this.lines.length;
		const wanted = text.toLowerCase();
		for (let i = 0; i <= n; i++) {
			const row = (this.cursor.row + i) % n;
			const at = lineAt(this.lines, row)
				.toLowerCase()
				.indexOf(wanted, i === 0 ? this.cursor.at + 1 : 0);
			if (at < 0) continue;
			if (row < this.cursor.row || (i === n && at <= this.cursor.at)) this.message = '[ Search Wrapped ]';
			this.cursor = { row, at };
			return;
		}
		this.message = `[ "${text}" not found ]`;
	}

	private askName(leave: boolean): void {
		this.ask = { text: 'File Name to Write: ', value: this.path, yesNo: false, answered: (name) => this.write(name, leave) };
	}

	private async write(name: string, leave: boolean): Promise<void> {
		if (name === '') {
			this.message = '[ Cancelled ]';
			return;
		}
		if (this.readonly) {
			this.message = '[ Key is invalid in view mode ]';
			return;
		}
		const { lines } = this;
		try {
			await this.context.files.write(name, this.text());
		} catch (e) {
			const code = typeof e === 'object' && e !== null && 'code' in e ? e.code : '';
			const why =
				code === 'EACCES'
					? 'Permission denied'
					: code === 'EISDIR'
						? 'Is a directory'
						: code === 'ENOTDIR'
							? 'Not a directory'
							: e instanceof Error
								? e.message
								: String(e);
			this.message = `[ Error writing ${name}: ${why} ]`;
			return;
		}
		this.path = name;
		this.saved = lines;
		const n = lines === NO_LINES ? 0 : lines.length;
		this.message = `[ Wrote ${n} line${n === 1 ? '' : 's'} ]`;
		if (leave) this.ended = 0;
	}

	private async answer(ask: Ask, key: string): Promise<void> {
		if (key === '<C-C>' || key === '<Esc>') {
			this.ask = undefined;
			this.message = '[ Cancelled ]';
		} else if (ask.yesNo) {
			const a = key.toLowerCase();
			if (a !== 'y' && a !== 'n') return;
			this.ask = undefined;
			await ask.answered(a);
		} else if (key === '<CR>') {
			this.ask = undefined;
			await ask.answered(ask.value);
		} else if (key === '<BS>') ask.value = ask.value.slice(0, -1);
		else if (key === '<C-U>') ask.value = '';
		else if (isPrintable(key)) ask.value += key;
		else if (pasted(key) !== undefined) ask.value += (pasted(key) ?? '').replaceAll('\n', ' ');
	}

	frame(columns: number, rows: number): Frame {
		this.height = Math.max(1, rows - 4);
		const middle = `${this.path === '' ? 'New Buffer' : this.path}`;
		const state = this.lines !== this.saved ? 'Modified' : this.readonly ? 'View' : '';
		const title = `  ${VERSION}${' '.repeat(Math.max(1, Math.floor((columns - middle.length) / 2) - VERSION.length - 2))}${middle}`;
		const out = [`\x1b[7m${clip(title, columns - 10).padEnd(columns - 10)}${state.padEnd(10)}\x1b[0m`];
		if (this.helping) return { lines: [...out, ...HELP.slice(0, rows - 2), '\x1b[7mPress any key to go back\x1b[0m'] };
		this.cursor = { row: Math.min(this.cursor.row, this.lines.length - 1), at: Math.min(this.cursor.at, lineAt(this.lines, this.cursor.row).length) };
		if (this.cursor.row < this.top || this.cursor.row >= this.top + this.height) this.top = Math.max(0, this.cursor.row - Math.floor(this.height / 2));
		const margin = this.numbers ? String(this.lines.length).length + 1 : 0;
		const width = Math.max(2, columns - margin);
		const column = columnOf(lineAt(this.lines, this.cursor.row), this.cursor.at, this.tabsize);
		for (let i = 0; i < this.height; i++) {
			const row = this.top + i;
			const own = row < this.lines.length ? `${margin > 0 ? `${String(row + 1).padStart(margin - 1)} ` : ''}` : '';
			out.push(own + this.row(row, width, row === this.cursor.row ? column : 0));
		}
		const foot =
			this.ask === undefined
				? this.message === ''
					? ''
					: `${' '.repeat(Math.max(0, Math.floor((columns - this.message.length) / 2)))}\x1b[7m${clip(this.message, columns)}\x1b[0m`
				: `\x1b[7m${clip(this.ask.text + this.ask.value, columns - 1).padEnd(columns)}\x1b[0m`;
		out.push(foot, ...(this.ask === undefined ? keysLine(columns) : this.ask.yesNo ? [' Y Yes', ' N No           ^C Cancel'] : ['^C Cancel', '']));
		if (this.ask !== undefined) return { lines: out, cursor: { row: rows - 3, column: Math.min(columns - 1, this.ask.text.length + this.ask.value.length) } };
		const shift = column >= width ? Math.floor(column / (width - 1)) * (width - 1) : 0;
		return { lines: out, cursor: { row: 1 + this.cursor.row - this.top, column: margin + column - shift } };
	}

	/** A line, moved sideways so that the cursor's column is in it. */
	private row(row: number, width: number, column: number): string {
		const from = column >= width ? Math.floor(column / (width - 1)) * (width - 1) : 0;
		let at = 0;
		let out = '';
		for (const s of shown(lineAt(this.lines, row).slice(0, 20_000), this.tabsize)) {
			if (at >= from && at + s.width - from <= width) out += s.text;
			at += s.width;
			if (at - from > width) return `${out.slice(0, -1)}\x1b[7m>\x1b[0m`;
		}
		return out;
	}
}

function textBetween(lines: Lines, from: Place, to: Place): string[] {
	if (from.row === to.row) return [lineAt(lines, from.row).slice(from.at, to.at)];
	return [lineAt(lines, from.row).slice(from.at), ...lines.slice(from.row + 1, to.row), lineAt(lines, to.row).slice(0, to.at)];
}

const KEYS = [
	['^G Help', '^O Write Out', '^W Where Is', '^K Cut', '^C Location', 'M-U Undo'],
	['^X Exit', '^S Save', '^\\ Replace', '^U Paste', '^_ Go To Line', 'M-E Redo'],
] as const;

/** The two lines of keys at the bottom, as many as fit. */
function keysLine(columns: number): string[] {
	const count = Math.max(1, Math.min(6, Math.floor(columns / 13)));
	const width = Math.floor(columns / count);
	return KEYS.map((row) =>
		row
			.slice(0, count)
			.map((k) => {
				const at = k.indexOf(' ');
				return `\x1b[7m${k.slice(0, at)}\x1b[0m${k
					.slice(at)
					.padEnd(width - at)
					.slice(0, width - at)}`;
			})
			.join(''),
	);
}

const HELP = [
	'',
	'  ^ is the Ctrl key, M- is Esc and then the key.',
	'',
	'  ^S save    ^O write out (under a name)    ^X leave',
	'  ^K cut a line    ^U paste    M-A mark, then ^K or M-6 (copy)',
	'  ^W search   M-W next   ^\\ replace all    M-U undo   M-E redo',
	'  ^A ^E line   ^Y ^V page   M-\\ M-/ ends   ^_ line number   M-N line numbers',
];

export const nano: Command = {
	name: 'nano',
	summary: 'edit a file, with the keys shown below',
	help: `Usage: nano [-l] [-v] [-T SIZE] [+LINE] [FILE]\n${HELP.slice(1).join('\n')}\n`,
	async run(args, context) {
		const { io } = context;
		const short = args.filter((a) => /^-[a-zA-Z]/.test(a)).join('');
		const t = args.findIndex((a) => a === '-T' || a === '--tabsize');
		const file = args.find((a, i) => !a.startsWith('-') && !a.startsWith('+') && (t < 0 || i !== t + 1));
		const stat = file === undefined ? undefined : await context.files.stat(file);
		if (stat?.kind === 'directory') {
			io.stderr(`"${file}" is a directory\n`);
			return 1;
		}
		if (stat !== undefined && stat.size > LIMITS.editorBytes) {
			io.stderr(
				`nano: ${file} has ${stat.size} bytes: more than the ${LIMITS.editorBytes} that fit an editor here. Look at it with less, or cut it with head and split\n`,
			);
			return 1;
		}
		const content = file === undefined || stat === undefined ? '' : await context.files.read(file);
		const options = {
			readonly: short.includes('v') || args.includes('--view'),
			numbers: short.includes('l') || args.includes('--linenumbers'),
			tabsize: t < 0 ? 8 : Math.max(1, Number(args[t + 1]) || 8),
			line:
				Number(
					args
						.find((a) => a.startsWith('+'))
						?.slice(1)
						.split(',')[0] ?? 1,
				) || 1,
			isNew: stat === undefined,
		};
		const status = await runFullScreen(context, () => {
			const editor = new Nano(context, file ?? '', content, options);
			editor.goOn(context.memory?.before());
			return editor;
		});
		if (status !== undefined) return status;
		io.stderr('Standard input is not a terminal\n');
		return 1;
	},
};
