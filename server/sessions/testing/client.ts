/** A browser's side of the lab page's socket, for tests and for the durability run. */
import { WebSocket } from 'ws';
import type { ClientMessage, ServerMessage } from '../../protocol/messages.ts';

type OfType<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** A request without its id. */
type Asked = Extract<ClientMessage, { request: string }> extends infer M ? (M extends unknown ? Omit<M, 'request'> : never) : never;

export class TestPage {
	readonly messages: ServerMessage[] = [];
	/** All text of terminals, by id. */
	readonly screens = new Map<string, string>();
	/** Set to false to play a page that draws nothing. */
	acknowledging = true;
	closed: { readonly code: number; readonly reason: string } | undefined;
	private readonly ws: WebSocket;
	private readonly listeners = new Set<() => void>();
	private requests = 0;

	private constructor(ws: WebSocket) {
		this.ws = ws;
		ws.on('message', (data) => this.take(JSON.parse(String(data)) as ServerMessage));
		ws.on('close', (code, reason) => {
			this.closed = { code, reason: reason.toString() };
			this.notify();
		});
	}

	/** Opens the socket. Rejects with the HTTP status and body where it is refused. */
	static open(base: string, cookie: string, lab: string, origin = base): Promise<TestPage> {
		const ws = new WebSocket(`${base.replace('http', 'ws')}/api/labs/${lab}/socket`, { headers: { cookie, origin } });
		const page = new TestPage(ws);
		return new Promise((resolve, reject) => {
			ws.once('open', () => resolve(page));
			ws.once('unexpected-response', (_, response) => {
				let body = '';
				response.on('data', (chunk: Buffer) => (body += chunk.toString()));
				response.on('end', () => reject(new Error(`${response.statusCode} ${body}`)));
			});
			ws.on('error', reject);
		});
	}

	send(message: ClientMessage): void {
		this.ws.send(JSON.stringify(message));
	}

	sendRaw(text: string): void {
		this.ws.send(text);
	}

	/** Sends a request and resolves with its answer, an `error` included; progress messages are passed over. */
	async ask(message: Asked, timeoutMs = 20_000): Promise<ServerMessage> {
		this.requests++;
		const request = `r${process.pid}-${Math.random().toString(36).slice(2)}-${this.requests}`;
		this.send({ ...message, request } as ClientMessage);
		return this.find((m) => 'request' in m && m.request === request && m.type !== 'checking', timeoutMs);
	}

	async openTerminal(terminal: string, columns = 80, rows = 24): Promise<OfType<'terminal.opened'>> {
		const from = this.messages.length;
		this.send({ type: 'terminal.open', terminal, columns, rows });
		return (await this.find((m) => m.type === 'terminal.opened' && m.terminal === terminal, 20_000, from)) as OfType<'terminal.opened'>;
	}

	/** The next message of a type, from those that have come or are to come. */
	async next<T extends ServerMessage['type']>(type: T, timeoutMs = 20_000): Promise<OfType<T>> {
		return (await this.find((m) => m.type === type, timeoutMs)) as OfType<T>;
	}

	async find(test: (message: ServerMessage) => boolean, timeoutMs = 20_000, from = 0): Promise<ServerMessage> {
		let found: ServerMessage | undefined;
		await this.until(() => (found = this.messages.slice(from).find(test)) !== undefined, timeoutMs);
		if (found === undefined) throw new Error('unreachable');
		return found;
	}

	async screenShows(terminal: string, text: string, timeoutMs = 20_000): Promise<void> {
		await this.until(() => (this.screens.get(terminal) ?? '').includes(text), timeoutMs);
	}

	until(test: () => boolean, timeoutMs = 20_000): Promise<void> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.listeners.delete(check);
				reject(new Error(`nothing in ${timeoutMs} ms; had ${JSON.stringify(this.messages.slice(-5)).slice(0, 600)}`));
			}, timeoutMs);
			const check = (): void => {
				if (!test()) return;
				clearTimeout(timer);
				this.listeners.delete(check);
				resolve();
			};
			this.listeners.add(check);
			check();
		});
	}

	close(): void {
		this.ws.close();
	}

	terminate(): void {
		this.ws.terminate();
	}

	private take(message: ServerMessage): void {
		this.messages.push(message);
		if (message.type === 'terminal.opened') this.screens.set(message.terminal, message.scrollback);
		if (message.type === 'terminal.output') {
			this.screens.set(message.terminal, ((this.screens.get(message.terminal) ?? '') + message.data).slice(-2_000_000));
			if (this.acknowledging) this.send({ type: 'terminal.ack', terminal: message.terminal, characters: message.data.length });
		}
		this.notify();
	}

	private notify(): void {
		for (const listener of [...this.listeners]) listener();
	}
}

/** Signs in by the printed link; the cookie for further calls. */
export async function signIn(link: string): Promise<{ readonly base: string; readonly cookie: string }> {
	const response = await fetch(link);
	const cookie = response.headers.get('set-cookie')?.split(';')[0];
	if (cookie === undefined) throw new Error(`no cookie: ${response.status} ${await response.text()}`);
	return { base: new URL(link).origin, cookie };
}
