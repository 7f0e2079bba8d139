/** The keys' side of a terminal: they go to the program that takes them raw, to the line editor, to the command that reads, or wait. */
import { LIMITS } from '../limits.ts';
import type { Input } from '../shell/interpreter/streams.ts';
import type { Display } from './display.ts';
import { type LineEditor, PASTED_END, PASTED_TAB, unmarked } from './line-editor.ts';
import { Paste } from './paste.ts';

export interface KeyboardOptions {
	readonly editor: LineEditor;
	readonly display: Display;
	/** Aborted once the terminal is gone: keys go nowhere then. */
	readonly closed: AbortSignal;
	/** What runs in the foreground, for Ctrl-C. */
	running(): AbortController | undefined;
}

/** How a terminal echoes a control character. */
const caret = (c: string): string => (c === '\x7f' ? '^?' : `^${String.fromCharCode(c.charCodeAt(0) + 64)}`);

export class Keyboard {
	private readonly options: KeyboardOptions;
	private readonly paste = new Paste();
	/** What nobody has read yet. */
	private pending = '';
	/** What is pending stands on the screen already, as the keys were typed. */
	private echoed = false;
	/** Some of what was typed ahead has been dropped since the last prompt. */
	private overflowed = false;
	private raw: ((keys: string) => void) | undefined;
	private cooked: { line: string; resolve: (text: string | null) => void } | undefined;

	constructor(options: KeyboardOptions) {
		this.options = options;
	}

	/** Keys as the browser's terminal sends them. */
	typed(data: string): void {
		if (this.options.closed.aborted) return;
		const taken = this.raw;
		if (taken !== undefined) {
			taken(data);
			return;
		}
		this.take(this.paste.text(data));
	}

	/** A program wants the keys as they come, from now until it calls what it gets. */
	takeRaw(onKeys: (data: string) => void): () => void {
		this.raw = onKeys;
		const ahead = this.ahead();
		if (ahead !== '') onKeys(unmarked(ahead));
		return () => {
			if (this.raw === onKeys) this.raw = undefined;
		};
	}

	/** The command is over: whoever had the keys has them no more. */
	release(): void {
		this.raw = undefined;
		this.cooked = undefined;
	}

	/** Reads a line for the shell; what was typed ahead comes first. */
	readLine(prompt: string): ReturnType<LineEditor['read']> {
		const line = this.options.editor.read(prompt);
		const ahead = this.ahead();
		if (ahead === '') this.overflowed = false;
		else setImmediate(() => this.take(ahead));
		return line;
	}

	/** Standard input of commands: lines as typed, echoed, with backspace and Ctrl-D. */
	input(signal: AbortSignal): Input {
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
					const ahead = this.ahead();
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

	private ahead(): string {
		const ahead = this.pending;
		this.pending = '';
		return ahead;
	}

	/** Keeps what nobody reads yet. Beyond the limit it is dropped, and said so: half a file must not look like a whole one. */
	private keep(text: string, before = false): void {
		const room = LIMITS.typeaheadCharacters - this.pending.length;
		if (text.length > room && !this.overflowed) {
			this.overflowed = true;
			this.options.display.show(
				`\x07\r\n[more than ${LIMITS.typeaheadCharacters} characters were typed ahead; the rest was dropped. Write long texts in the editor.]\r\n`,
			);
		}
		const kept = text.slice(0, Math.max(0, room));
		this.pending = before ? kept + this.pending : this.pending + kept;
	}

	/** Deals keys out: to the command that reads, to the line editor, or to whoever reads next. `echoed`: they are on the screen already. */
	private take(text: string, echoed = false): void {
		const { editor, closed } = this.options;
		if (closed.aborted) return;
		for (let i = 0; i < text.length; ) {
			const keys = this.raw as ((keys: string) => void) | undefined;
			if (keys !== undefined) {
				keys(unmarked(text.slice(i)));
				return;
			}
			if (editor.reading) {
				// A line's end starts the command; what follows is its input, or typed ahead.
				const end = text.slice(i).search(/[\r\n]/);
				const upTo = end < 0 ? text.length : i + end + 1;
				editor.input(text.slice(i, upTo));
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
		this.echoed = this.options.running() !== undefined || already;
		if (this.echoed && !already) this.options.display.show(c === '\r' || c === '\n' ? '\r\n' : c >= ' ' && c !== '\x7f' ? unmarked(c) : caret(c));
	}

	private interrupt(): void {
		this.pending = '';
		const running = this.options.running();
		if (running === undefined) return;
		this.options.display.show('^C\r\n');
		running.abort(130);
	}

	private cook(c: string, echo: boolean): void {
		const { cooked } = this;
		if (cooked === undefined) return;
		if (c === '\r' || c === '\n') {
			if (echo) this.options.display.show('\r\n');
			this.cooked = undefined;
			cooked.resolve(`${cooked.line}\n`);
		} else if (c === '\x04') {
			this.cooked = undefined;
			cooked.resolve(cooked.line === '' ? null : cooked.line);
		} else if (c === '\x7f' || c === '\b') {
			if (cooked.line !== '') {
				cooked.line = [...cooked.line].slice(0, -1).join('');
				if (echo) this.options.display.show('\b \b');
			}
		} else if (c === '\x15') {
			this.options.display.show('\b \b'.repeat([...cooked.line].length));
			cooked.line = '';
		} else if (c >= ' ' || c === '\t') {
			cooked.line += c;
			if (echo) this.options.display.show(c);
		}
	}
}
