/** One xterm with its add-ons and its wiring to a terminal of the lab; everything it made goes away with dispose(). */
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { Acks } from '../../../lib/acks.ts';
import type { LabClient } from '../../../lib/lab-client.ts';
import { terminalThemes } from '../../../lib/terminal-theme.ts';
import { currentTheme, onTheme } from '../../../lib/theme.ts';

/** A paste travels in pieces: the server bounds its messages. */
const PIECE = 16_384;
const RESIZE_AFTER_MS = 80;

export interface TerminalOptions {
	readonly client: LabClient;
	readonly id: string;
	readonly host: HTMLElement;
	readonly fontSize: number;
	readonly screenReader: boolean;
	readonly copyOnSelect: () => boolean;
	readonly onSearch: () => void;
	readonly onClosed: (reason: string) => void;
	readonly onOpened: () => void;
}

export interface LabTerminal {
	readonly terminal: Terminal;
	readonly search: SearchAddon;
	fit(): void;
	dispose(): void;
}

export function openTerminal(options: TerminalOptions): LabTerminal {
	const { client, id, host } = options;
	const terminal = new Terminal({
		allowProposedApi: true,
		cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
		fontFamily: getComputedStyle(host).getPropertyValue('--mono') || 'monospace',
		fontSize: options.fontSize,
		lineHeight: 1.25,
		minimumContrastRatio: 4.5,
		screenReaderMode: options.screenReader,
		scrollback: 10_000,
		theme: terminalThemes[currentTheme()],
	});
	const fitAddon = new FitAddon();
	const search = new SearchAddon();
	terminal.loadAddon(fitAddon);
	terminal.loadAddon(search);
	terminal.loadAddon(new WebLinksAddon());
	terminal.open(host);
	// Said when the focus comes: how it gets out again.
	terminal.textarea?.setAttribute('aria-describedby', 'leave-note');
	const refit = () => {
		if (host.clientWidth > 0 && host.clientHeight > 0) fitAddon.fit();
	};
	refit();
	const ends = [
		wireOutput(terminal, options),
		wireInput(terminal, options),
		wireSize(terminal, options, refit),
		onTheme((theme) => {
			terminal.options.theme = terminalThemes[theme];
		}),
		client.onOpen(() => client.send({ type: 'terminal.open', terminal: id, columns: terminal.cols, rows: terminal.rows })),
	];
	return {
		terminal,
		search,
		fit: refit,
		dispose: () => {
			for (const end of ends) end();
			terminal.dispose();
		},
	};
}

function wireOutput(terminal: Terminal, { client, id, onClosed, onOpened }: TerminalOptions): () => void {
	const acks = new Acks((characters) => client.send({ type: 'terminal.ack', terminal: id, characters }));
	let waiting = 0;
	return client.onMessage((message) => {
		if (!('terminal' in message) || message.terminal !== id) return;
		if (message.type === 'terminal.opened') {
			// The scrollback is the whole truth: whatever stood here from before a lost connection is drawn over.
			acks.reset();
			terminal.reset();
			terminal.write(message.scrollback);
			onOpened();
		} else if (message.type === 'terminal.output') {
			const { length } = message.data;
			waiting += 1;
			terminal.write(message.data, () => {
				waiting -= 1;
				acks.add(length, waiting === 0);
			});
		} else if (message.type === 'terminal.closed') onClosed(message.reason);
	});
}

function wireInput(terminal: Terminal, options: TerminalOptions): () => void {
	const { client, id } = options;
	terminal.attachCustomKeyEventHandler((event) => !isOurs(event, terminal, options));
	const data = terminal.onData((text) => {
		for (let at = 0; at < text.length; at += PIECE) client.send({ type: 'terminal.input', terminal: id, data: text.slice(at, at + PIECE) });
	});
	const selection = terminal.onSelectionChange(() => {
		if (options.copyOnSelect() && terminal.hasSelection()) copy(terminal);
	});
	return () => {
		data.dispose();
		selection.dispose();
	};
}

/** Keys that the page keeps for itself. Paste is left to the browser, which hands xterm the text (bracketed where a program asked for it). */
function isOurs(event: KeyboardEvent, terminal: Terminal, options: TerminalOptions): boolean {
	if (event.key === 'F6' || (event.key === 'Escape' && event.ctrlKey && event.shiftKey)) return true;
	const down = event.type === 'keydown';
	const control = event.ctrlKey && event.shiftKey && !event.altKey;
	if (control && event.code === 'KeyF') {
		event.preventDefault();
		if (down) options.onSearch();
		return true;
	}
	if ((control && event.code === 'KeyC') || (event.ctrlKey && !event.shiftKey && event.key === 'Insert')) {
		event.preventDefault();
		if (down && terminal.hasSelection()) copy(terminal);
		return true;
	}
	return (control && event.code === 'KeyV') || (event.shiftKey && !event.ctrlKey && event.key === 'Insert');
}

function copy(terminal: Terminal): void {
	navigator.clipboard.writeText(terminal.getSelection()).catch((error: unknown) => console.warn('The browser refused to copy:', error));
}

function wireSize(terminal: Terminal, { client, id, host }: TerminalOptions, fit: () => void): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const observer = new ResizeObserver(() => {
		clearTimeout(timer);
		timer = setTimeout(fit, RESIZE_AFTER_MS);
	});
	observer.observe(host);
	const resized = terminal.onResize(({ cols, rows }) => client.send({ type: 'terminal.resize', terminal: id, columns: cols, rows }));
	return () => {
		clearTimeout(timer);
		observer.disconnect();
		resized.dispose();
	};
}
