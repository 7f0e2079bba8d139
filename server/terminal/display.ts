/** The screen's side of a terminal: what is written goes out at once, and writers wait while the reader is behind. */
import type { Output } from '../shell/interpreter/streams.ts';

export class Display {
	private readonly output: (text: string) => Promise<void> | undefined;
	private busy: Promise<void> | undefined;

	/** `output` gives a promise where the reader is behind: it resolves when there is room again. */
	constructor(output: (text: string) => Promise<void> | undefined) {
		this.output = output;
	}

	show(text: string): void {
		const wait = this.output(text);
		if (wait === undefined) return;
		const before = this.busy;
		this.busy = before === undefined ? wait : before.then(() => wait);
		void this.busy.then(() => {
			if (this.busy === wait) this.busy = undefined;
		});
	}

	/** Shows text whose lines end in a bare newline. */
	showLines(text: string): void {
		this.show(text.replaceAll('\n', '\r\n'));
	}

	/** Standard output of commands. */
	stream(): Output {
		return {
			terminal: true,
			write: (text) => this.show(text.replace(/\r?\n/g, '\r\n')),
			drain: () => this.busy ?? Promise.resolve(),
			end: async () => {},
		};
	}
}
