/**
 * What fills the terminal: editors, pagers, top. Such a program turns keys into a picture; the rest (alternate screen, raw
 * keys, resizing, drawing only what has changed, a slow reader, the screen that comes back at the end) is seen to here.
 */
import type { CommandContext } from '../command.ts';
import { KeyDecoder } from './keys.ts';

export interface Frame {
	/** One string a row, colours included, no wider than the screen. Missing rows are blank. */
	readonly lines: readonly string[];
	/** From 0; hidden where missing. */
	readonly cursor?: { readonly row: number; readonly column: number };
}

export interface FullScreen {
	/** Deals with a key (`keys.ts`); Ctrl-C is a key like others, `<C-C>`. Awaited before the next one. */
	key(key: string): Promise<void> | void;
	frame(columns: number, rows: number): Frame;
	/** The exit code, once the program is over. */
	readonly ended: number | undefined;
	/** What it would go on from, where it is cut short (`ProgramMemory`). */
	remember?(): unknown;
	/** Called where the terminal goes away in the midst of it: a last chance to put something by. */
	abandoned?(): Promise<void>;
}

/** Begins and ends: alternate screen, bracketed paste. */
const ENTER = '\x1b[?1049h\x1b[?2004h\x1b[H\x1b[2J';
const LEAVE = '\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l';

/** Characters of changes after which the whole picture is drawn again: a scrollback that is cut shorter than this never lacks one. */
const WHOLE_EVERY = 65_536;

class Painter {
	private readonly context: CommandContext;
	private last: readonly string[] = [];
	private size = '';
	/** Characters written since the whole picture was. */
	private since = 0;
	private drawing = false;
	private dirty = false;
	/** What went wrong while drawing. */
	failed: { readonly error: unknown } | undefined;
	onFailure = (): void => {};

	constructor(context: CommandContext) {
		this.context = context;
	}

	/** Draws all of it the next time. */
	forget(): void {
		this.size = '';
	}

	/** Draws now, or once the reader has taken what came before. */
	draw(program: FullScreen): void {
		this.dirty = true;
		if (this.drawing) return;
		this.drawing = true;
		this.loop(program).catch((e: unknown) => {
			this.failed = { error: e };
			this.onFailure();
		});
	}

	private async loop(program: FullScreen): Promise<void> {
		const { io } = this.context;
		while (this.dirty && program.ended === undefined && !io.signal.aborted) {
			this.dirty = false;
			io.stdout(this.paint(program.frame(io.columns, io.rows), io.columns, io.rows));
			await io.drain();
		}
		this.drawing = false;
	}

	private paint(frame: Frame, columns: number, rows: number): string {
		const size = `${columns}x${rows}`;
		const all = size !== this.size || this.since > WHOLE_EVERY;
		let out = all ? '\x1b[?25l\x1b[0m\x1b[H\x1b[2J' : '\x1b[?25l';
		const lines = Array.from({ length: rows }, (_, i) => frame.lines[i] ?? '');
		lines.forEach((line, i) => {
			if (all ? line !== '' : line !== this.last[i]) out += `\x1b[${i + 1};1H\x1b[0m${line}\x1b[0m\x1b[K`;
		});
		this.since = all ? 0 : this.since + out.length;
		this.last = lines;
		this.size = size;
		if (frame.cursor !== undefined) out += `\x1b[${frame.cursor.row + 1};${frame.cursor.column + 1}H\x1b[?25h`;
		return out;
	}
}

/**
 * Runs a program in the terminal until it ends; resolves with its exit code. `make` is given what asks for a new picture, for
 * programs that change without keys. Undefined where no terminal is attached.
 */
export async function runFullScreen(context: CommandContext, make: (redraw: () => void) => FullScreen): Promise<number | undefined> {
	const { io } = context;
	if (io.takeKeyboard === undefined || !io.stdoutIsTerminal) return undefined;
	const painter = new Painter(context);
	const decoder = new KeyDecoder();
	const queue: string[] = [];
	let wake = (): void => {};
	let begun = false;
	const program: FullScreen = make(() => {
		if (begun) painter.draw(program);
		wake();
	});
	begun = true;
	io.stdout(ENTER);
	if (program.remember !== undefined) context.memory?.keep(() => program.remember?.());
	const release = io.takeKeyboard((data) => {
		queue.push(...decoder.keys(data));
		wake();
	});
	const stopResizing = io.onResize?.(() => painter.draw(program));
	const onAbort = (): void => wake();
	painter.onFailure = onAbort;
	io.signal.addEventListener('abort', onAbort);
	try {
		painter.draw(program);
		while (program.ended === undefined && !io.signal.aborted) {
			if (painter.failed !== undefined) throw painter.failed.error;
			const key = queue.shift();
			if (key === undefined) {
				painter.draw(program);
				if (program.remember !== undefined) context.memory?.keep(() => program.remember?.());
				if (program.ended === undefined) await new Promise<void>((resolve) => (wake = resolve));
				continue;
			}
			if (key === '<C-L>') painter.forget();
			await program.key(key);
		}
		if (io.signal.aborted) await program.abandoned?.();
	} finally {
		release();
		stopResizing?.();
		io.signal.removeEventListener('abort', onAbort);
		io.stdout(LEAVE);
	}
	return program.ended ?? 130;
}
