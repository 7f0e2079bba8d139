/** What commands read from and write to: terminals, pipes, files, texts. */

import { joinedText } from '../bytes.ts';

export interface Output {
	write(text: string): void;
	/** Resolves when the far side has room again. */
	drain(): Promise<void>;
	readonly terminal: boolean;
	/** The writer is done: a pipe's reader sees its end, a file is written. */
	end(): Promise<void>;
}

export interface Input {
	/** The next chunk, or null at the end. */
	read(): Promise<string | null>;
	/** What is there without waiting, or null. */
	readNow(): Promise<string | null>;
	/** Puts back what was read too far. */
	unread(text: string): void;
	readonly terminal: boolean;
	/** The reader is done: a pipe's writer gets SIGPIPE. */
	close(): void;
}

/** All that is left of an input; undefined where that is more than `most` characters: the input is closed then, as by a reader that dies. */
export async function readAll(input: Input, most: number): Promise<string | undefined> {
	const parts: string[] = [];
	let length = 0;
	for (let c = await input.read(); c !== null; c = await input.read()) {
		length += c.length;
		if (length > most) {
			input.close();
			return undefined;
		}
		parts.push(c);
	}
	return joinedText(parts.join(''));
}

/** A line without its newline, or null at the end. `ended`: the line had no newline. */
export async function readLine(input: Input): Promise<{ readonly line: string; readonly ended: boolean } | null> {
	let text = '';
	for (let c = await input.read(); c !== null; c = await input.read()) {
		text += c;
		const at = text.indexOf('\n');
		if (at >= 0) {
			if (at + 1 < text.length) input.unread(text.slice(at + 1));
			return { line: text.slice(0, at), ended: false };
		}
	}
	return text === '' ? null : { line: text, ended: true };
}

export function textInput(text: string): Input {
	let rest: string | null = text === '' ? null : text;
	const read = async (): Promise<string | null> => {
		const r = rest;
		rest = null;
		return r;
	};
	return {
		terminal: false,
		read,
		readNow: read,
		unread: (t) => {
			rest = t + (rest ?? '');
		},
		close: () => {},
	};
}

export const noInput: Input = { terminal: false, read: async () => null, readNow: async () => null, unread: () => {}, close: () => {} };

export const nullOutput: Output = { terminal: false, write: () => {}, drain: async () => {}, end: async () => {} };

/** Keeps what is written, up to `limit` characters; `onOver` is called once when that is passed. */
export function collector(limit: number, onOver: () => void): Output & { text(): string } {
	const parts: string[] = [];
	let size = 0;
	return {
		terminal: false,
		write: (t) => {
			if (size > limit) return;
			size += t.length;
			parts.push(t);
			if (size > limit) onOver();
		},
		drain: async () => {},
		end: async () => {},
		text: () => joinedText(parts.join('')),
	};
}

/** Characters that a pipe holds before its writer has to wait, as Linux's 64 KiB. */
export const PIPE_CAPACITY = 65_536;

/** A pipe. `onBroken` is called when something is written that nobody will read. */
export function pipe(onBroken: () => void): { readonly input: Input; readonly output: Output } {
	const chunks: string[] = [];
	let held = 0;
	let ended = false;
	let broken = false;
	let wakeReader: (() => void) | undefined;
	let wakeWriters: (() => void)[] = [];
	const wake = (): void => {
		wakeReader?.();
		wakeReader = undefined;
	};
	const free = (): void => {
		for (const w of wakeWriters) w();
		wakeWriters = [];
	};
	const take = (): string | null => {
		const text = chunks.join('');
		chunks.length = 0;
		held = 0;
		free();
		return text === '' ? null : text;
	};
	return {
		output: {
			terminal: false,
			write: (text) => {
				if (broken) return onBroken();
				if (text === '' || ended) return;
				chunks.push(text);
				held += text.length;
				wake();
			},
			drain: () => (broken || held < PIPE_CAPACITY ? Promise.resolve() : new Promise((resolve) => wakeWriters.push(resolve))),
			end: async () => {
				ended = true;
				wake();
			},
		},
		input: {
			terminal: false,
			read: async () => {
				while (chunks.length === 0 && !ended && !broken) await new Promise<void>((resolve) => (wakeReader = resolve));
				return take();
			},
			readNow: async () => take(),
			unread: (text) => {
				chunks.unshift(text);
				held += text.length;
			},
			close: () => {
				broken = true;
				chunks.length = 0;
				held = 0;
				wake();
				free();
			},
		},
	};
}
