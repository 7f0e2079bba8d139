/**
 * Records a terminal as asciicast v3 (docs.asciinema.org/manual/asciicast/v3): a header, then one event a line, `[seconds since the
 * event before, code, data]`. Secrets are masked before a byte is written. A recording goes on after a restart; beyond its
 * limit the older half goes, and of a flood the most is left out: it stays small enough to be handed in.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { LIMITS } from '../limits.ts';
import { Masker, type Secrets } from './masker.ts';

export interface RecorderOptions {
	readonly path: string;
	readonly title: string;
	readonly columns: number;
	readonly rows: number;
	readonly secrets: Secrets;
	/** The recording could not be written; told once. */
	readonly onFault: (error: unknown) => void;
	/** Real ms since the epoch. */
	readonly now?: () => number;
}

type Code = 'o' | 'r' | 'm';

/** Comes before the first event that is kept where older ones went: terminal reset (RIS). */
const RESET = '\u001bc';
/** What must not be left out of a flood: whether the screen is the program's own. */
const SCREENS = /\u001b\[\?1049[hl]/g;

export class Recorder {
	private readonly options: RecorderOptions;
	private readonly masker: Masker;
	private readonly now: () => number;
	private bytes = 0;
	/** When the last event happened. */
	private last: number;
	private budget: number = LIMITS.recordingBurst;
	private refilled: number;
	private leftOut = 0;
	private broken = false;
	private size: string;

	constructor(options: RecorderOptions) {
		this.options = options;
		this.masker = new Masker(options.secrets);
		this.now = options.now ?? Date.now;
		this.last = this.now();
		this.refilled = this.last;
		this.size = `${options.columns}x${options.rows}`;
		this.attempt(() => this.open());
	}

	/** Other secrets from here on. */
	secrets(secrets: Secrets): void {
		this.masker.change(secrets);
	}

	output(text: string): void {
		this.refill();
		if (text.length > this.budget) {
			this.leftOut += text.length;
			const screens = text.match(SCREENS)?.at(-1);
			if (screens !== undefined) this.event('o', this.masker.take(screens));
			return;
		}
		this.budget -= text.length;
		if (this.leftOut > 0) {
			this.event('o', this.masker.end());
			this.event('o', `\u001b[0m\r\n\u001b[2m[${this.leftOut} characters of output were left out of the recording]\u001b[0m\r\n`);
			this.leftOut = 0;
		}
		this.event('o', this.masker.take(text));
	}

	/** A command line begins: a place to jump to. */
	command(line: string): void {
		this.event('m', this.masker.masked(line.length > 500 ? `${line.slice(0, 499)}…` : line));
	}

	resize(columns: number, rows: number): void {
		if (this.size === `${columns}x${rows}`) return;
		this.size = `${columns}x${rows}`;
		this.event('r', this.size);
	}

	/** All that can be known of it is in the file. */
	flush(): void {
		this.event('o', this.masker.end());
	}

	private open(): void {
		const { path } = this.options;
		if (!existsSync(path)) {
			this.start();
			return;
		}
		const text = readFileSync(path, 'utf8');
		// A torn last line would swallow the next event.
		const whole = text.slice(0, text.lastIndexOf('\n') + 1);
		if (whole === '') {
			this.start();
			return;
		}
		if (whole.length !== text.length) replace(path, whole);
		this.bytes = Buffer.byteLength(whole);
		// How long nobody was there is part of the recording; a player shortens it.
		this.last = Math.min(this.now(), statSync(path).mtimeMs);
		this.event('r', this.size);
	}

	private start(): void {
		const { path, title, columns, rows } = this.options;
		const header = `${JSON.stringify({ version: 3, term: { cols: columns, rows, type: 'xterm-256color' }, timestamp: Math.floor(this.now() / 1000), title })}\n`;
		replace(path, header);
		this.bytes = Buffer.byteLength(header);
	}

	private refill(): void {
		const now = this.now();
		this.budget = Math.min(LIMITS.recordingBurst, this.budget + ((now - this.refilled) / 1000) * LIMITS.recordingPerSecond);
		this.refilled = now;
	}

	private event(code: Code, data: string): void {
		if (data === '' || this.broken) return;
		this.attempt(() => {
			const now = this.now();
			// Milliseconds are as fine as anybody sees.
			const line = `${JSON.stringify([Math.max(0, now - this.last) / 1000, code, data])}\n`;
			this.last = now;
			this.bytes += Buffer.byteLength(line);
			appendFileSync(this.options.path, line, { mode: 0o600 });
			if (this.bytes > LIMITS.recordingBytes) this.shorten();
		});
	}

	/** Leaves out the older half, up to a command where there is one. */
	private shorten(): void {
		const { path } = this.options;
		const [first = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
		let size = 0;
		let from = lines.length;
		while (from > 0 && size < LIMITS.recordingBytes / 2) size += Buffer.byteLength(lines[--from] ?? '') + 1;
		const command = lines.findIndex((line, i) => i >= from && /^\[[\d.e-]+,"m"/.test(line));
		if (command >= 0) from = command;
		const gone = lines.slice(0, from).map(parsed);
		const passed = gone.reduce((sum, event) => sum + (event?.[0] ?? 0), 0);
		const held = gone.findLast((event) => event?.[1] === 'r')?.[2];
		const header = JSON.parse(first) as { timestamp: number; term: object };
		const moved = { ...header, timestamp: Math.floor(header.timestamp + passed) };
		const text = [
			JSON.stringify(moved),
			...(held === undefined ? [] : [JSON.stringify([0, 'r', held])]),
			JSON.stringify([0, 'o', RESET]),
			...lines.slice(from),
			'',
		];
		replace(path, text.join('\n'));
		this.bytes = Buffer.byteLength(text.join('\n'));
	}

	private attempt(work: () => void): void {
		if (this.broken) return;
		try {
			work();
		} catch (error) {
			this.broken = true;
			this.options.onFault(error);
		}
	}
}

function parsed(line: string): readonly [number, string, string] | undefined {
	try {
		return JSON.parse(line) as [number, string, string];
	} catch {
		return undefined;
	}
}

function replace(path: string, text: string): void {
	writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
	renameSync(`${path}.tmp`, path);
}
