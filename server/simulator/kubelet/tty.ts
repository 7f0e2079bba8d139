/** A terminal's line discipline in its canonical mode: echo, erase, interrupt, end of file. Models the kernel's n_tty. */
import { END_OF_INPUT } from './line-editing.ts';

export interface Typed {
	/** The line as it stands, not handed over yet. */
	readonly line: string;
	readonly echo: string;
	/** Whole lines for the reader. */
	readonly input: string;
	readonly interrupt: boolean;
}

/** Types `data` after `line`. Ctrl-D hands over what stands there: nothing, on an empty line, which a reader takes for the end. What follows a Ctrl-C starts afresh. */
export function typeInto(line: string, data: string): Typed {
	let echo = '';
	let input = '';
	let interrupt = false;
	let held = line;
	for (const c of data) {
		switch (c) {
			case '\r':
			case '\n':
				input += `${held}\n`;
				held = '';
				echo += '\r\n';
				break;
			case '\u007f':
			case '\b':
				if (held !== '') echo += '\b \b';
				held = held.slice(0, -1);
				break;
			case '\u0003':
				held = '';
				echo += '^C\r\n';
				interrupt = true;
				break;
			case '\u0004':
				input += held + END_OF_INPUT;
				held = '';
				break;
			case '\u0015':
				echo += '\b \b'.repeat(held.length);
				held = '';
				break;
			default:
				held += c;
				echo += c < ' ' && c !== '\t' ? `^${String.fromCharCode(c.charCodeAt(0) + 64)}` : c;
		}
	}
	return { line: held, echo, input, interrupt };
}
