/** `less` and `more`: a pager over files and pipes, read as far as is looked at, with the keys of less 6xx. */
import { LIMITS } from '../../limits.ts';
import type { Command, CommandContext } from '../command.ts';
import { type Frame, type FullScreen, runFullScreen } from '../screen/full-screen.ts';
import { isPrintable } from '../screen/keys.ts';
import { clip, columnOf, shown } from '../screen/width.ts';
import { bounded } from '../interpreter/bounded.ts';
import { ShellError } from '../interpreter/variables.ts';

interface Settings {
	chop: boolean;
	numbers: boolean;
	ignoreCase: boolean;
	follow: boolean;
	quitIfOne: boolean;
	raw: boolean;
	first: string | undefined;
}

const ESCAPE = String.fromCharCode(27);
const COLOUR = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g');

class Pager implements FullScreen {
	ended: number | undefined;
	private readonly settings: Settings;
	private readonly name: string;
	private readonly redraw: () => void;
	private lines: string[] = [];
	private partial = '';
	private size = 0;
	private complete = false;
	private cut = false;
	private top = 0;
	private left = 0;
	private rows = 24;
	private columns = 80;
	private prompt: { readonly kind: string; text: string } | undefined;
	private message = '';
	private digits = '';
	private search: { readonly expression: RegExp; readonly back: boolean } | undefined;
	private help = false;
	private started = false;

	constructor(name: string, settings: Settings, redraw: () => void) {
		this.name = name;
		this.settings = settings;
		this.redraw = redraw;
	}

	/** Takes more of the text. False where it has become too much: the rest is not read. */
	take(text: string): boolean {
		const room = LIMITS.shellCharacters - this.size;
		const parts = (this.partial + text.slice(0, room)).split('\n');
		this.size += text.length;
		this.partial = parts.pop() ?? '';
		for (const p of parts) this.lines.push(p);
		this.cut ||= text.length > room;
		if (this.settings.follow) this.top = this.last();
		this.redraw();
		return !this.cut;
	}

	end(): void {
		if (this.partial !== '') this.lines.push(this.partial);
		this.partial = '';
		this.complete = true;
		if (this.settings.quitIfOne && !this.started && this.lines.length < this.rows) this.ended = 0;
		this.redraw();
	}

	remember(): unknown {
		return { top: this.top, left: this.left };
	}

	/** Goes on where it was cut short. */
	goOn(before: unknown): void {
		if (typeof before !== 'object' || before === null || !('top' in before) || !('left' in before)) return;
		this.top = Math.max(0, Math.min(Number(before.top), this.lines.length - 1));
		this.left = Number(before.left);
		this.started = true;
	}

	private get page(): number {
		return Math.max(1, this.rows - 1);
	}

	/** Rows on the screen that a line takes. */
	private height(row: number): number {
		if (this.settings.chop) return 1;
		const plain = (this.lines[row] ?? '').replace(COLOUR, '');
		return Math.max(1, Math.ceil(columnOf(plain, Number.POSITIVE_INFINITY) / Math.max(1, this.columns - (this.settings.numbers ? 8 : 0))));
	}

	/** The top row at which the last line stands at the bottom. */
	private last(): number {
		let used = 0;
		let row = this.lines.length;
		while (row > 0 && used + this.height(row - 1) <= this.page) used += this.height(--row);
		return row;
	}

	private scroll(rows: number): void {
		const last = this.last();
		if (rows > 0 && this.top >= last) return;
		this.top = Math.max(0, Math.min(this.top + rows, Math.max(last, this.top)));
		if (rows > 0) this.top = Math.min(this.top, last);
	}

	key(key: string): void {
		this.started = true;
		this.message = '';
		if (this.help) {
			this.help = false;
			return;
		}
		if (this.prompt !== undefined) {
			this.typed(this.prompt, key);
			return;
		}
		if (/^\d$/.test(key)) {
			this.digits += key;
			return;
		}
		const given = this.digits === '' ? undefined : Number(this.digits);
		this.digits = '';
		this.command(key, given);
	}

	private command(key: string, given: number | undefined): void {
		const n = given ?? 1;
		const half = Math.floor(this.page / 2);
		if (['q', 'Q', 'Z'].includes(key)) this.ended = 0;
		else if (key === '<C-C>') {
			if (this.settings.follow) this.settings.follow = false;
			else this.message = 'Interrupt (press q to leave)';
		} else if ([' ', 'f', '<C-F>', '<C-V>', '<PageDown>', 'z'].includes(key)) this.scroll(given ?? this.page);
		else if (['b', '<C-B>', '<PageUp>', 'w'].includes(key)) this.scroll(-(given ?? this.page));
		else if (['j', 'e', '<CR>', '<C-N>', '<C-J>', '<Down>', '<C-E>'].includes(key)) this.scroll(n);
		else if (['k', 'y', '<C-P>', '<C-Y>', '<Up>', '<C-K>'].includes(key)) this.scroll(-n);
		else if (key === 'd' || key === '<C-D>') this.scroll(given ?? half);
		else if (key === 'u' || key === '<C-U>') this.scroll(-(given ?? half));
		else if (['g', '<', '<Home>'].includes(key)) this.top = Math.min(Math.max(0, n - 1), this.last());
		else if (['G', '>', '<End>'].includes(key)) this.top = given === undefined ? this.last() : Math.min(given - 1, this.last());
		else if (key === '%' || key === 'p') this.top = Math.min(this.last(), Math.floor((this.lines.length * (given ?? 0)) / 100));
		else if (key === '<Right>') this.left += Math.floor(this.columns / 2);
		else if (key === '<Left>') this.left = Math.max(0, this.left - Math.floor(this.columns / 2));
		else if (key === 'F') {
			this.settings.follow = true;
			this.top = this.last();
		} else if (key === 'h' || key === 'H') this.help = true;
		else if (['/', '?', '-', '&', ':'].includes(key)) this.prompt = { kind: key, text: '' };
		else if (key === 'n' || key === 'N') this.again(key === 'N', n);
		else if (key === '=' || key === '<C-G>')
			this.message = `${this.name === '' ? 'standard input' : this.name} lines ${this.top + 1}-${Math.min(this.lines.length, this.top + this.page)}/${this.lines.length}`;
	}

	private typed(prompt: { readonly kind: string; text: string }, key: string): void {
		if (prompt.kind === '-') {
			this.prompt = undefined;
			if (key === 'S') this.settings.chop = !this.settings.chop;
			else if (key === 'N') this.settings.numbers = !this.settings.numbers;
			else if (key === 'i' || key === 'I') this.settings.ignoreCase = !this.settings.ignoreCase;
			else if (key !== '<Esc>') this.message = `There is no ${key} option ("less --help" tells more)`;
			return;
		}
		if (key === '<Esc>' || key === '<C-C>') this.prompt = undefined;
		else if (key === '<BS>') {
			if (prompt.text === '') this.prompt = undefined;
			prompt.text = prompt.text.slice(0, -1);
		} else if (key === '<CR>') {
			this.prompt = undefined;
			if (prompt.kind === ':') this.command(prompt.text === 'q' ? 'q' : '', undefined);
			else this.find(prompt.text, prompt.kind === '?');
		} else if (isPrintable(key)) prompt.text += key;
	}

	find(pattern: string, back: boolean): void {
		if (pattern !== '') {
			try {
				this.search = { expression: new RegExp(pattern, this.settings.ignoreCase && !/[A-Z]/.test(pattern) ? 'i' : ''), back };
			} catch {
				this.message = 'Invalid pattern';
				return;
			}
		}
		this.again(false, 1);
	}

	private again(reverse: boolean, count: number): void {
		const { search } = this;
		if (search === undefined) {
			this.message = 'No previous regular expression';
			return;
		}
		const step = search.back !== reverse ? -1 : 1;
		let left = Math.min(count, 1000);
		try {
			bounded(search.expression, (e) => {
				for (let row = this.top + step; row >= 0 && row < this.lines.length; row += step)
					if (e.test((this.lines[row] ?? '').replace(COLOUR, '')) && --left === 0) {
						this.top = row;
						return;
					}
			});
		} catch (e) {
			if (!(e instanceof ShellError)) throw e;
			this.message = e.message;
			return;
		}
		if (left > 0) this.message = 'Pattern not found';
	}

	/** A line as it is shown, in as many rows as it takes. */
	private shownRows(row: number): string[] {
		const plain = (this.lines[row] ?? '').replace(COLOUR, '');
		const margin = this.settings.numbers ? `${String(row + 1).padStart(7)} ` : '';
		const width = Math.max(1, this.columns - margin.length);
		const lit = new Set<number>();
		const found =
			this.search === undefined || plain.length > 5000
				? []
				: [...plain.matchAll(new RegExp(this.search.expression.source, `g${this.search.expression.flags}`))];
		for (const m of found) for (let i = 0; i < m[0].length; i++) lit.add(m.index + i);
		const rows: string[] = [''];
		let used = 0;
		let column = 0;
		for (const s of shown(plain.slice(0, 50_000))) {
			column += s.width;
			if (this.settings.chop && column <= this.left) continue;
			if (used + s.width > width) {
				if (this.settings.chop || rows.length > this.rows) break;
				rows.push('');
				used = 0;
			}
			rows[rows.length - 1] += lit.has(s.at) ? `\x1b[7m${s.text}\x1b[27m` : s.text;
			used += s.width;
		}
		return rows.map((r, i) => (i === 0 ? margin : ' '.repeat(margin.length)) + r);
	}

	frame(columns: number, rows: number): Frame {
		this.columns = columns;
		this.rows = rows;
		if (this.help) return { lines: [...HELP.slice(0, rows - 1), '\x1b[7mHELP -- press any key to go back\x1b[0m'] };
		const out: string[] = [];
		for (let row = this.top; row < this.lines.length && out.length < this.page; row++) out.push(...this.shownRows(row));
		out.length = Math.min(out.length, this.page);
		const atEnd = this.complete && this.top >= this.last();
		while (out.length < this.page) out.push(this.top === 0 || atEnd ? '~' : '');
		const status = this.settings.follow
			? '\x1b[7mWaiting for data... (interrupt to abort)\x1b[0m'
			: atEnd
				? `\x1b[7m${this.cut ? `(END) of the first ${LIMITS.shellCharacters} characters` : '(END)'}\x1b[0m`
				: this.top === 0 && this.name !== '' && !this.started
					? `\x1b[7m${clip(this.name, columns - 1)}\x1b[0m`
					: ':';
		const foot =
			this.prompt !== undefined
				? this.prompt.kind + this.prompt.text
				: this.message !== ''
					? `\x1b[7m${clip(`${this.message}  (press RETURN)`, columns - 1)}\x1b[0m`
					: this.digits !== ''
						? `:${this.digits}`
						: status;
		out.push(foot);
		const plain = foot.replace(COLOUR, '');
		return { lines: out, cursor: { row: rows - 1, column: Math.min(columns - 1, plain.length) } };
	}
}

const HELP = [
	'                   SUMMARY OF LESS COMMANDS',
	'',
	'  q              leave',
	'  SPACE f        forward one window        b   back one window',
	'  j RETURN       forward one line          k   back one line',
	'  d  u           half a window             g G first and last line (12g: line 12)',
	'  /pattern       search forward            ?pattern  search backward',
	'  n  N           next match, the other way',
	'  F              follow what is added; Ctrl-C ends that',
	'  -S -N -i       cut long lines, line numbers, ignore case',
	'  LEFT RIGHT     move sideways (with -S)',
];

function parse(args: readonly string[]): { readonly settings: Settings; readonly files: string[] } {
	const settings: Settings = { chop: false, numbers: false, ignoreCase: false, follow: false, quitIfOne: false, raw: false, first: undefined };
	const files: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a.startsWith('+')) settings.first = a.slice(1);
		else if (a === '-' || !a.startsWith('-')) files.push(a);
		else if (a === '-p') settings.first = `/${args[++i] ?? ''}`;
		else if (!a.startsWith('--'))
			for (const c of a.slice(1)) {
				if (c === 'S') settings.chop = true;
				else if (c === 'N') settings.numbers = true;
				else if (c === 'i' || c === 'I') settings.ignoreCase = true;
				else if (c === 'F') settings.quitIfOne = true;
			}
	}
	return { settings, files };
}

/** Feeds the pager from the pipe as it comes; what nobody looks at any more is not read. */
async function feed(pager: Pager, context: CommandContext): Promise<void> {
	if (context.io.stdin !== '') pager.take(context.io.stdin);
	for (let part = await context.io.read(); part !== null && pager.ended === undefined; part = await context.io.read()) if (!pager.take(part)) break;
	pager.end();
}

async function followFile(pager: Pager, path: string, context: CommandContext, length: number): Promise<void> {
	let had = length;
	while (pager.ended === undefined && !context.io.signal.aborted) {
		await context.sleep(1000);
		const text = await context.files.read(path).catch(() => '');
		if (text.length > had) pager.take(text.slice(had));
		had = text.length;
	}
}

const pager = (name: string): Command => ({
	name,
	summary: 'look at a text page by page',
	help: `Usage: ${name} [-S] [-N] [-i] [-F] [+G] [+F] [+/PATTERN] [FILE...]\n${HELP.slice(2).join('\n')}\n`,
	async run(args, context) {
		const { settings, files } = parse(args);
		const { io } = context;
		if (files.length === 0 && io.stdinIsTerminal) {
			io.stderr(name === 'more' ? "more: bad usage\nTry 'more --help' for more information.\n" : 'Missing filename ("less --help" for help)\n');
			return 1;
		}
		const texts: string[] = [];
		for (const f of files.filter((file) => file !== '-')) {
			const stat = await context.files.stat(f);
			if (stat === undefined || stat.kind === 'directory') {
				io.stderr(stat === undefined ? `${f}: No such file or directory\n` : `${f} is a directory\n`);
				return 1;
			}
			texts.push(files.length > 1 ? `::::::::::::::\n${f}\n::::::::::::::\n${await context.files.read(f)}` : await context.files.read(f));
		}
		const fromPipe = files.length === 0 || files.includes('-');
		const status = await runFullScreen(context, (redraw) => {
			const p = new Pager(fromPipe ? '' : (files[0] ?? ''), settings, redraw);
			for (const text of texts) p.take(text);
			if (fromPipe) void feed(p, context).catch(() => p.end());
			else if (settings.first !== 'F') p.end();
			if (settings.first === 'F') {
				p.key('F');
				if (!fromPipe) void followFile(p, files[0] ?? '', context, texts.join('').length).catch(() => p.end());
			} else if (settings.first?.startsWith('/')) p.find(settings.first.slice(1), false);
			else if (settings.first !== undefined) for (const k of settings.first) p.key(k);
			if (!fromPipe) p.goOn(context.memory?.before());
			return p;
		});
		if (status !== undefined) return status;
		// Into a pipe it is cat.
		for (const text of texts) io.stdout(text);
		if (fromPipe) {
			if (io.stdin !== '') io.stdout(io.stdin);
			for (let part = await io.read(); part !== null; part = await io.read()) {
				io.stdout(part);
				await io.drain();
			}
		}
		return 0;
	},
});

export const less = pager('less');
export const more = pager('more');
