/** The page's end of the lab's WebSocket: reconnects by itself, matches answers to requests, hands streams to whoever listens. */
import type { ClientMessage, ServerMessage } from '../../server/protocol/messages.ts';
import { ApiError, getMe } from './api.ts';
import { backoff } from './backoff.ts';
import { wordsOf } from './i18n/words-of.ts';
import { createStore, initialLabState, type LabAction, type LabState, type Problem, reduceLab, type Store } from './lab-session.ts';
import { readMessage } from './lab-wire.ts';

type Requesting = Extract<ClientMessage, { request: string }>;
type WithoutRequest<M> = M extends Requesting ? Omit<M, 'request'> : never;
export type LabRequest = WithoutRequest<Requesting>;

/** A request that the server refused, or that the connection lost. */
export class LabFault extends Error {
	readonly problem: Problem;
	constructor(problem: Problem) {
		super(problem.message);
		this.problem = problem;
	}
}

interface Pending {
	resolve(message: ServerMessage): void;
	reject(fault: LabFault): void;
}

const t = wordsOf('lab');
const LOST: Problem = { code: 'connection-lost', message: t.connectionWasLost, next: t.connectionWasLostNext };
/** Silence after which a connection counts as dead, though nobody closed it (a laptop that slept). */
const DEAD_AFTER_MS = 45_000;
const PING_EVERY_MS = 15_000;
/** Answers that are progress of a request, not its end. */
const INTERMEDIATE: ReadonlySet<ServerMessage['type']> = new Set(['checking']);

export class LabClient {
	/** The lab's id. */
	readonly lab: string;
	readonly store: Store<LabState, LabAction> = createStore(reduceLab, initialLabState);
	private socket: WebSocket | undefined;
	private readonly url: string;
	private readonly pending = new Map<string, Pending>();
	private readonly listeners = new Set<(message: ServerMessage) => void>();
	private readonly openers = new Set<() => void>();
	private failures = 0;
	private heardAt = 0;
	private retry: ReturnType<typeof setTimeout> | undefined;
	private readonly heart: ReturnType<typeof setInterval>;
	private requests = 0;
	/** Sets this page's requests apart from those of other tabs and of the page before it was loaded again. */
	private readonly name = [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
	private disposed = false;

	constructor(lab: string) {
		this.lab = lab;
		const base = location.origin.replace(/^http/, 'ws');
		this.url = `${base}/api/labs/${encodeURIComponent(lab)}/socket`;
		this.heart = setInterval(() => this.beat(), PING_EVERY_MS);
		window.addEventListener('online', this.retryNow);
		this.connect();
	}

	/** Called on every connection, also the ones after a loss; at once where one stands. */
	onOpen(listener: () => void): () => void {
		this.openers.add(listener);
		if (this.socket?.readyState === WebSocket.OPEN) listener();
		return () => this.openers.delete(listener);
	}

	onMessage(listener: (message: ServerMessage) => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	/** Sends, or says that it could not: what is typed into a lost connection must not arrive out of order later. */
	send(message: ClientMessage): boolean {
		if (this.socket?.readyState !== WebSocket.OPEN) return false;
		this.socket.send(JSON.stringify(message));
		return true;
	}

	/** Sends a request; resolves with its answer, rejects with a LabFault. */
	request(message: LabRequest): Promise<ServerMessage> {
		this.requests += 1;
		const request = `${this.name}-${this.requests}`;
		return new Promise((resolve, reject) => {
			this.pending.set(request, { resolve, reject });
			if (!this.send({ ...message, request } as ClientMessage)) {
				this.pending.delete(request);
				reject(new LabFault({ ...LOST, message: t.notConnected }));
			}
		});
	}

	readonly retryNow = (): void => {
		if (this.disposed || this.retry === undefined) return;
		clearTimeout(this.retry);
		this.connect();
	};

	dispose(): void {
		this.disposed = true;
		clearInterval(this.heart);
		clearTimeout(this.retry);
		window.removeEventListener('online', this.retryNow);
		this.socket?.close();
	}

	private connect(): void {
		this.retry = undefined;
		this.store.dispatch({ type: 'connection', connection: { state: 'connecting' } });
		const socket = new WebSocket(this.url);
		this.socket = socket;
		socket.addEventListener('open', () => {
			this.failures = 0;
			this.heardAt = Date.now();
			this.store.dispatch({ type: 'connection', connection: { state: 'open' } });
			for (const opener of this.openers) opener();
		});
		socket.addEventListener('message', (event) => this.receive(String(event.data)));
		socket.addEventListener('close', () => {
			if (this.socket === socket) this.lost();
		});
	}

	private receive(text: string): void {
		this.heardAt = Date.now();
		const read = readMessage(text);
		if ('problem' in read) {
			console.warn('Dropped a message of the server:', read.problem);
			return;
		}
		const { message } = read;
		this.store.dispatch({ type: 'message', message });
		this.settle(message);
		for (const listener of this.listeners) listener(message);
	}

	private settle(message: ServerMessage): void {
		if (!('request' in message) || message.request === undefined || INTERMEDIATE.has(message.type)) return;
		const pending = this.pending.get(message.request);
		this.pending.delete(message.request);
		if (message.type === 'error') pending?.reject(new LabFault({ code: message.code, message: message.message, next: message.next }));
		else pending?.resolve(message);
	}

	private lost(): void {
		if (this.disposed) return;
		for (const pending of this.pending.values()) pending.reject(new LabFault(LOST));
		this.pending.clear();
		this.failures += 1;
		const wait = backoff(this.failures, Math.random());
		this.store.dispatch({ type: 'connection', connection: { state: 'waiting', retryAt: Date.now() + wait } });
		this.retry = setTimeout(() => this.connect(), wait);
		if (this.failures > 1) this.askWhy();
	}

	/** A refused socket doesn't say why; a plain request does. Signed out is the one reason that trying again cannot mend. */
	private askWhy(): void {
		getMe().catch((error: unknown) => {
			if (!(error instanceof ApiError) || error.status !== 401) return;
			clearTimeout(this.retry);
			this.retry = undefined;
			this.store.dispatch({ type: 'connection', connection: { state: 'closed' } });
			this.store.dispatch({ type: 'problem', problem: { code: error.code, message: error.message, next: error.next } });
		});
	}

	private beat(): void {
		if (this.socket?.readyState !== WebSocket.OPEN) return;
		if (Date.now() - this.heardAt > DEAD_AFTER_MS) {
			const dead = this.socket;
			this.socket = undefined;
			dead.close();
			this.lost();
			return;
		}
		this.send({ type: 'ping', at: Date.now() });
	}
}
