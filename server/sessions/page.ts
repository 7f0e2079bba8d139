/** One page (browser tab) attached to a session: sends messages, and keeps what waits for a slow reader within bounds. */
import { LIMITS } from '../limits.ts';
import type { ServerMessage } from '../protocol/messages.ts';

/** What carries messages to a browser. */
export interface PageSocket {
	send(text: string): void;
	/** Bytes handed over and not yet sent. */
	readonly buffered: number;
	close(code: number, reason: string): void;
}

interface PageTerminal {
	/** Characters sent and not yet drawn. */
	unacknowledged: number;
	/** Output was left out: the screen has to be drawn anew before any more of it. */
	behind: boolean;
}

export class Page {
	private readonly socket: PageSocket;
	private readonly terminals = new Map<string, PageTerminal>();

	constructor(socket: PageSocket) {
		this.socket = socket;
	}

	send(message: ServerMessage): void {
		if (this.socket.buffered > LIMITS.socketBufferCloseBytes) this.socket.close(1013, 'this page does not read what it is sent');
		else this.socket.send(JSON.stringify(message));
	}

	/** A view or another message that the next one of its kind replaces: left out while the reader is behind. */
	sendIfRoom(message: ServerMessage): void {
		if (this.socket.buffered < LIMITS.socketBufferBytes) this.send(message);
	}

	showsTerminal(id: string): boolean {
		return this.terminals.has(id);
	}

	get shown(): Iterable<string> {
		return this.terminals.keys();
	}

	/** The terminal is drawn from this scrollback on. */
	terminalOpened(id: string, scrollback: string, columns: number, rows: number): void {
		this.terminals.set(id, { unacknowledged: 0, behind: false });
		this.send({ type: 'terminal.opened', terminal: id, scrollback, columns, rows });
	}

	/** Sends output unless this reader is too far behind; false where it was left out. */
	output(id: string, data: string): boolean {
		const terminal = this.terminals.get(id);
		if (terminal === undefined || terminal.behind) return false;
		if (terminal.unacknowledged > LIMITS.scrollbackCharacters || this.socket.buffered > LIMITS.socketBufferBytes) {
			terminal.behind = true;
			return false;
		}
		terminal.unacknowledged += data.length;
		this.send({ type: 'terminal.output', terminal: id, data });
		return true;
	}

	/** Notes drawn characters; true where the terminal was left behind and can be drawn anew now. */
	acknowledge(id: string, characters: number): boolean {
		const terminal = this.terminals.get(id);
		if (terminal === undefined) return false;
		terminal.unacknowledged = Math.max(0, terminal.unacknowledged - characters);
		return terminal.behind && terminal.unacknowledged < LIMITS.scrollbackCharacters / 4;
	}

	terminalClosed(id: string, reason: string): void {
		if (this.terminals.delete(id)) this.send({ type: 'terminal.closed', terminal: id, reason });
	}

	close(code: number, reason: string): void {
		this.socket.close(code, reason);
	}
}
