/**
 * One terminal of a session on the worker's side: its scrollback, kept on disk as it is sent, the pace of its reader, and
 * the shell in it. Output is in the file before it is sent: what a learner has seen is there after a crash.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { RunningProgram, TerminalHandle, TerminalOptions, TerminalState, Workstation } from '../shell/workstation.types.ts';
import type { Secrets } from '../terminal/masker.ts';
import { Recorder } from '../terminal/recorder.ts';
import { endRecording } from './recordings.ts';

/** A program enters and leaves the alternate screen. */
const ENTER_OWN = '\u001b[?1049h';
const LEAVE_OWN = '\u001b[?1049l';

/**
 * Leaves the alternate screen, colours and hidden cursors of whatever was running when the shell went away. Where nothing had a
 * screen of its own that must not be left: leaving puts the cursor back to where it was saved last (DECRC), over what stands there.
 */
const sane = (screen: string): string => `${screen.lastIndexOf(ENTER_OWN) > screen.lastIndexOf(LEAVE_OWN) ? LEAVE_OWN : ''}\u001b[?2004l\u001b[0m\u001b[?25h`;

export interface TerminalOwner {
	readonly folder: string;
	/** Masked in the recording. */
	readonly secrets: Secrets;
	send(data: string): void;
	edit(path: string, wait: boolean): Promise<boolean>;
	onFault(error: unknown): void;
}

export class SessionTerminal {
	columns: number;
	rows: number;
	private readonly id: string;
	private readonly owner: TerminalOwner;
	private scrollback: string;
	private pending = '';
	private unacknowledged = 0;
	private gathering: ReturnType<typeof setTimeout> | undefined;
	private lastFlush = 0;
	private waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
	private handle: TerminalHandle | undefined;
	private readonly recorder: Recorder;
	private closed = false;

	constructor(id: string, columns: number, rows: number, owner: TerminalOwner) {
		this.id = id;
		this.columns = columns;
		this.rows = rows;
		this.owner = owner;
		mkdirSync(owner.folder, { recursive: true, mode: 0o700 });
		this.scrollback = readIfThere(this.path('out')) ?? '';
		this.recorder = new Recorder({
			path: this.path('cast'),
			title: `terminal ${id}`,
			columns,
			rows,
			secrets: owner.secrets,
			onFault: (error) => owner.onFault(diskFault(this.path('cast'), error)),
		});
	}

	/** Starts the shell; it goes on from its saved state where there is one. */
	start(workstation: Workstation): void {
		if (this.scrollback !== '') this.output(`${sane(this.scrollback)}${this.scrollback.endsWith('\n') ? '' : '\r\n'}`);
		const state = parseState(readIfThere(this.path('json')));
		const program: unknown = parseState(readIfThere(this.path('program.json')));
		const options: TerminalOptions = {
			columns: this.columns,
			rows: this.rows,
			output: (text) => this.output(text),
			edit: (path, wait) => this.owner.edit(path, wait),
			onState: (next) => this.saveState(next),
			onCommand: (line) => {
				this.flush();
				this.recorder.command(line);
			},
			onProgram: (kept) => this.saveProgram(kept),
			...(state === undefined ? {} : { state }),
			...(program === undefined ? {} : { program }),
		};
		this.handle = workstation.openTerminal(this.id, options);
	}

	/** All that was written and is kept, up to what was sent last. */
	text(): string {
		this.flush();
		return this.scrollback;
	}

	input(data: string): void {
		this.handle?.input(data);
	}

	resize(columns: number, rows: number): void {
		if (columns === this.columns && rows === this.rows) return;
		this.columns = columns;
		this.rows = rows;
		this.flush();
		this.recorder.resize(columns, rows);
		this.handle?.resize(columns, rows);
	}

	/** What runs in it now. */
	programs(): readonly RunningProgram[] {
		return this.handle?.programs() ?? [];
	}

	/** Other secrets to mask from here on. */
	secrets(secrets: Secrets): void {
		this.recorder.secrets(secrets);
	}

	/** The recording is in its file up to now. */
	flushRecording(): void {
		this.flush();
		this.recorder.flush();
	}

	acknowledge(characters: number): void {
		this.unacknowledged = Math.max(0, this.unacknowledged - characters);
		if (this.waiting === undefined || this.unacknowledged + this.pending.length > LIMITS.outputUnacknowledged / 2) return;
		const { resolve } = this.waiting;
		this.waiting = undefined;
		resolve();
	}

	/** Puts it on disk; it goes on from there. `words` are left on its screen. */
	close(words = ''): void {
		if (this.closed) return;
		if (this.handle !== undefined) this.saveState(this.handle.saveState());
		this.handle?.close();
		this.flush();
		if (words !== '') this.pending = `${sane(this.scrollback)}\r\n${words}`;
		this.flush();
		this.recorder.flush();
		this.closed = true;
		this.waiting?.resolve();
	}

	private output(text: string): Promise<void> | undefined {
		// What ends a program that is cut short is drawn when the screen comes back.
		if (text === '' || this.closed) return undefined;
		this.pending += text;
		if (this.pending.length > LIMITS.outputUnacknowledged) this.flush();
		else if (this.gathering === undefined) {
			// The first piece after a pause goes at once (an echo must not wait); a flood is gathered.
			const since = performance.now() - this.lastFlush;
			this.gathering = setTimeout(() => this.flush(), since > LIMITS.outputGatherMs ? 0 : LIMITS.outputGatherMs);
		}
		if (this.unacknowledged + this.pending.length <= LIMITS.outputUnacknowledged) return undefined;
		if (this.waiting === undefined) {
			let resolve = (): void => {};
			const promise = new Promise<void>((r) => {
				resolve = r;
			});
			this.waiting = { promise, resolve };
		}
		return this.waiting.promise;
	}

	private flush(): void {
		if (this.gathering !== undefined) clearTimeout(this.gathering);
		this.gathering = undefined;
		if (this.pending === '') return;
		const data = this.pending;
		this.pending = '';
		this.lastFlush = performance.now();
		this.unacknowledged += data.length;
		this.keep(data);
		this.recorder.output(data);
		this.owner.send(data);
	}

	private keep(data: string): void {
		this.scrollback += data;
		try {
			if (this.scrollback.length <= LIMITS.scrollbackCharacters * 2) appendFileSync(this.path('out'), data, { mode: 0o600 });
			else {
				const cut = this.scrollback.slice(-LIMITS.scrollbackCharacters);
				// A program that fills the screen goes on in the screen of its own, wherever the cut falls.
				const own = this.scrollback.lastIndexOf(ENTER_OWN) > this.scrollback.lastIndexOf(LEAVE_OWN) && !cut.includes(ENTER_OWN);
				this.scrollback = (own ? ENTER_OWN : '') + (own ? cut.slice(Math.max(0, cut.indexOf('\u001b'))) : cut.slice(cut.indexOf('\n') + 1));
				replace(this.path('out'), this.scrollback);
			}
		} catch (error) {
			// The screen goes on; the learner hears that it is not kept.
			this.owner.onFault(diskFault(this.path('out'), error));
		}
	}

	private saveState(state: TerminalState): void {
		if (this.closed) return;
		try {
			replace(this.path('json'), JSON.stringify(state));
		} catch (error) {
			this.owner.onFault(diskFault(this.path('json'), error));
		}
	}

	private saveProgram(kept: unknown): void {
		if (this.closed) return;
		try {
			if (kept === undefined) rmSync(this.path('program.json'), { force: true });
			else replace(this.path('program.json'), JSON.stringify(kept));
		} catch (error) {
			this.owner.onFault(diskFault(this.path('program.json'), error));
		}
	}

	private path(ending: string): string {
		return join(this.owner.folder, `${fileName(this.id)}.${ending}`);
	}
}

/** Ends a terminal that is closed, for good: what comes under its name later is new. Its recording stays. */
export function discardTerminal(folder: string, id: string): void {
	const stem = join(folder, fileName(id));
	for (const ending of ['out', 'json', 'program.json']) rmSync(`${stem}.${ending}`, { force: true });
	endRecording(`${stem}.cast`);
}

/** Leaves words on the screens of terminals that are not open, but for `open`. */
export function sayInClosed(folder: string, words: string, open: readonly string[]): void {
	const not = new Set(open.map((id) => `${fileName(id)}.out`));
	const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.out') && !not.has(name)) : [];
	for (const name of names) appendFileSync(join(folder, name), `${sane(readIfThere(join(folder, name)) ?? '')}\r\n${words}`, { mode: 0o600 });
}

/** Ids come from pages: only harmless ones become file names. */
const fileName = (id: string): string => encodeURIComponent(id).replace(/\./g, '%2E');

function replace(path: string, text: string): void {
	writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
	renameSync(`${path}.tmp`, path);
}

function readIfThere(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}

function parseState(text: string | undefined): TerminalState | undefined {
	if (text === undefined) return undefined;
	try {
		return JSON.parse(text) as TerminalState;
	} catch {
		// A torn state is as good as none: the shell starts anew, the scrollback is still there.
		return undefined;
	}
}
