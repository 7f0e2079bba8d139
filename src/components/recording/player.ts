/** Plays a recording into an xterm: the terminal that the lab has, so that it looks, reads aloud and copies the same. */
import { Terminal } from '@xterm/xterm';
import { type Cast, Timeline } from '../../lib/asciicast.ts';
import { terminalThemes } from '../../lib/terminal-theme.ts';
import { currentTheme, onTheme } from '../../lib/theme.ts';

/** Seconds that a pause takes where pauses are shortened. */
const PAUSE_S = 1.5;
const RESET = '\u001bc';

export interface PlayerState {
	readonly playing: boolean;
	/** Played seconds, of `duration`. */
	readonly at: number;
	readonly duration: number;
	/** The same moment in the recording's own time. */
	readonly own: number;
}

export class Player {
	private readonly cast: Cast;
	private readonly terminal: Terminal;
	private readonly onState: (state: PlayerState) => void;
	private readonly stopTheme: () => void;
	private timeline: Timeline;
	private speed = 1;
	private at = 0;
	/** Events that are on the screen. */
	private shown = 0;
	private frame: number | undefined;
	private lastFrame = 0;
	private lastTold = 0;

	constructor(cast: Cast, host: HTMLElement, onState: (state: PlayerState) => void) {
		this.cast = cast;
		this.onState = onState;
		this.timeline = new Timeline(cast, PAUSE_S);
		this.terminal = new Terminal({
			cols: cast.columns,
			rows: cast.rows,
			disableStdin: true,
			cursorBlink: false,
			fontFamily: getComputedStyle(host).getPropertyValue('--mono') || 'monospace',
			fontSize: 13,
			minimumContrastRatio: 4.5,
			screenReaderMode: true,
			scrollback: 5000,
			theme: terminalThemes[currentTheme()],
		});
		this.terminal.open(host);
		// Keys are the player's; Tab leaves.
		this.terminal.attachCustomKeyEventHandler(() => false);
		host.querySelector('textarea')?.setAttribute('tabindex', '-1');
		this.stopTheme = onTheme((theme) => {
			this.terminal.options.theme = terminalThemes[theme];
		});
		this.draw();
		this.tell();
	}

	toggle(): void {
		if (this.frame !== undefined) this.pause();
		else this.play();
	}

	play(): void {
		if (this.frame !== undefined) return;
		if (this.at >= this.timeline.duration) this.seek(0);
		this.lastFrame = performance.now();
		this.frame = requestAnimationFrame(this.step);
		this.tell();
	}

	pause(): void {
		if (this.frame !== undefined) cancelAnimationFrame(this.frame);
		this.frame = undefined;
		this.tell();
	}

	setSpeed(speed: number): void {
		this.speed = speed;
	}

	/** Whether pauses are cut short; the moment stays. */
	squeeze(on: boolean): void {
		const own = this.timeline.toOwn(this.at);
		this.timeline = new Timeline(this.cast, on ? PAUSE_S : Number.POSITIVE_INFINITY);
		this.at = this.timeline.toPlayed(own);
		this.draw();
		this.tell();
	}

	/** To a played second. */
	seek(to: number): void {
		this.at = Math.min(this.timeline.duration, Math.max(0, to));
		this.draw();
		this.tell();
	}

	/** To a second of the recording's own time. */
	seekOwn(own: number): void {
		this.seek(this.timeline.toPlayed(own));
	}

	/** What is selected, else all that is on the screen and above it. */
	text(): string {
		if (this.terminal.hasSelection()) return this.terminal.getSelection();
		const buffer = this.terminal.buffer.active;
		const lines = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? '');
		return `${lines.join('\n').trimEnd()}\n`;
	}

	dispose(): void {
		if (this.frame !== undefined) cancelAnimationFrame(this.frame);
		this.stopTheme();
		this.terminal.dispose();
	}

	private readonly step = (now: number): void => {
		this.at = Math.min(this.timeline.duration, this.at + (Math.max(0, now - this.lastFrame) / 1000) * this.speed);
		this.lastFrame = now;
		this.draw();
		if (this.at >= this.timeline.duration) {
			this.pause();
			return;
		}
		this.frame = requestAnimationFrame(this.step);
		// The bar need not move with every frame.
		if (now - this.lastTold > 200) this.tell();
	};

	/** Brings the screen to the present moment; going back starts over. */
	private draw(): void {
		const wanted = this.timeline.reached(this.at);
		if (wanted < this.shown) {
			// By way of the stream: what is still on its way to the screen is wiped with the rest.
			this.terminal.write(RESET, () => this.terminal.resize(this.cast.columns, this.cast.rows));
			this.shown = 0;
		}
		let text = '';
		for (; this.shown < wanted; this.shown++) {
			const event = this.cast.events[this.shown];
			if (event?.code === 'o') text += event.data;
			else if (event?.code === 'r') {
				const size = /^(\d{1,4})x(\d{1,4})$/.exec(event.data);
				if (size === null) continue;
				// A size holds from here on: what came before has to be on the screen first.
				const [columns, rows] = [Math.max(2, Number(size[1])), Math.max(1, Number(size[2]))];
				this.terminal.write(text, () => this.terminal.resize(columns, rows));
				text = '';
			}
		}
		if (text !== '') this.terminal.write(text);
	}

	private tell(): void {
		this.lastTold = performance.now();
		this.onState({ playing: this.frame !== undefined, at: this.at, duration: this.timeline.duration, own: this.timeline.toOwn(this.at) });
	}
}
