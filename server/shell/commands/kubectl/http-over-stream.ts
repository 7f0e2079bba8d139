/** One HTTP/1.1 exchange over a byte channel: what a client on a forwarded port would put on the wire. */
import type { ChannelSocket } from '../../../sandboxes/sandbox.ts';

const DATA = 0;
const ERROR = 1;

async function wire(request: Request): Promise<Uint8Array> {
	const url = new URL(request.url);
	const body = new Uint8Array(await request.arrayBuffer());
	const headers = new Map<string, string>();
	request.headers.forEach((value, name) => void headers.set(name, value));
	if (!headers.has('host')) headers.set('host', url.host);
	if (body.length > 0) headers.set('content-length', String(body.length));
	headers.set('connection', 'close');
	const head = `${request.method} ${url.pathname}${url.search} HTTP/1.1\r\n${[...headers].map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`;
	const start = new TextEncoder().encode(head);
	const whole = new Uint8Array(start.length + body.length);
	whole.set(start);
	whole.set(body, start.length);
	return whole;
}

interface Head {
	readonly status: number;
	readonly statusText: string;
	readonly headers: Headers;
	/** Where the body starts. */
	readonly at: number;
}

const latin1 = (bytes: Uint8Array): string => {
	let out = '';
	for (const b of bytes) out += String.fromCharCode(b);
	return out;
};

function readHead(bytes: Uint8Array): Head | undefined {
	const text = latin1(bytes);
	const end = text.indexOf('\r\n\r\n');
	if (end < 0) return undefined;
	const [first = '', ...rest] = text.slice(0, end).split('\r\n');
	const match = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(first);
	if (match === null) throw new Error(`malformed HTTP response "${first}"`);
	const headers = new Headers();
	for (const line of rest) {
		const colon = line.indexOf(':');
		if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
	}
	return { status: Number(match[1]), statusText: match[2] ?? '', headers, at: end + 4 };
}

/** Takes a body's bytes as they come off the wire; `over` once its end is known. */
interface Decoder {
	push(bytes: Uint8Array): readonly Uint8Array[];
	readonly over: boolean;
}

/** A body of a known length, or (infinite) one that the connection's end ends. */
class Plain implements Decoder {
	#left: number;

	constructor(length: number) {
		this.#left = length;
	}

	get over(): boolean {
		return this.#left <= 0;
	}

	push(bytes: Uint8Array): readonly Uint8Array[] {
		const taken = bytes.slice(0, Math.min(bytes.length, this.#left));
		this.#left -= taken.length;
		return taken.length === 0 ? [] : [taken];
	}
}

/** `Transfer-Encoding: chunked`: sizes may be cut anywhere. */
class Chunked implements Decoder {
	over = false;
	#rest: Uint8Array = new Uint8Array(0);

	push(bytes: Uint8Array): readonly Uint8Array[] {
		this.#rest = joined(this.#rest, bytes);
		const out: Uint8Array[] = [];
		for (let at = 0; !this.over; ) {
			const eol = this.#rest.indexOf(10, at);
			if (eol < 0) break;
			const size = Number.parseInt(latin1(this.#rest.slice(at, eol)), 16);
			if (Number.isNaN(size)) throw new Error('malformed chunked encoding');
			if (size === 0) this.over = true;
			else if (this.#rest.length < eol + 1 + size + 2) break;
			else out.push(this.#rest.slice(eol + 1, eol + 1 + size));
			at = eol + 1 + size + 2;
			if (this.over || this.#rest.length <= at) {
				this.#rest = new Uint8Array(0);
				break;
			}
			this.#rest = this.#rest.slice(at);
			at = 0;
		}
		return out;
	}
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
	const whole = new Uint8Array(a.length + b.length);
	whole.set(a);
	whole.set(b, a.length);
	return whole;
}

function decoderOf(head: Head, method: string): Decoder {
	if (method === 'HEAD' || head.status === 204 || head.status === 304) return new Plain(0);
	if ((head.headers.get('transfer-encoding') ?? '').toLowerCase().includes('chunked')) return new Chunked();
	const length = head.headers.get('content-length');
	return new Plain(length === null ? Number.POSITIVE_INFINITY : Number(length));
}

/** An exchange while it lasts: what has come of the head, then the body on its way to whoever reads it. */
class Exchange {
	readonly #socket: ChannelSocket;
	readonly #method: string;
	readonly #resolve: (response: Response) => void;
	readonly #reject: (error: Error) => void;
	#received: Uint8Array = new Uint8Array(0);
	#decoder: Decoder | undefined;
	#body: ReadableStreamDefaultController<Uint8Array> | undefined;
	#done = false;

	constructor(socket: ChannelSocket, method: string, resolve: (response: Response) => void, reject: (error: Error) => void) {
		this.#socket = socket;
		this.#method = method;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	fail(error: Error): void {
		if (this.#done) return;
		this.#done = true;
		if (this.#body === undefined) this.#reject(error);
		else this.#body.error(error);
		this.#socket.close();
	}

	#end(): void {
		if (this.#done) return;
		this.#done = true;
		this.#body?.close();
		this.#socket.close();
	}

	take(data: Uint8Array): void {
		if (this.#done) return;
		try {
			if (this.#decoder !== undefined) this.#deliver(data);
			else {
				this.#received = joined(this.#received, data);
				this.#begin();
			}
		} catch (error) {
			this.fail(error instanceof Error ? error : new Error(String(error)));
		}
	}

	#begin(): void {
		const head = readHead(this.#received);
		if (head === undefined) return;
		this.#decoder = decoderOf(head, this.#method);
		head.headers.delete('transfer-encoding');
		const bodyless = this.#decoder.over;
		const body = bodyless
			? null
			: new ReadableStream<Uint8Array>({
					start: (controller) => {
						this.#body = controller;
					},
					cancel: () => {
						this.#done = true;
						this.#socket.close();
					},
				});
		this.#resolve(new Response(body, { status: head.status, statusText: head.statusText, headers: head.headers }));
		if (bodyless) this.#end();
		else this.#deliver(this.#received.slice(head.at));
	}

	#deliver(data: Uint8Array): void {
		for (const piece of this.#decoder?.push(data) ?? []) this.#body?.enqueue(piece);
		if (this.#decoder?.over === true) this.#end();
	}

	/** The far side has closed: an answer cut short is given as far as it came. */
	closed(): void {
		if (this.#decoder === undefined) this.fail(new Error('lost connection to pod'));
		else this.#end();
	}
}

/** Sends the request and resolves with the answer once its head is there; its body streams. Rejects when the far side fails first. */
export async function rawExchange(socket: ChannelSocket, request: Request, signal: AbortSignal): Promise<Response> {
	const bytes = await wire(request);
	return new Promise<Response>((resolve, reject) => {
		const exchange = new Exchange(socket, request.method, resolve, reject);
		socket.onMessage((channel, data) => {
			if (channel === ERROR && data.length > 0) exchange.fail(new Error(new TextDecoder().decode(data)));
			else if (channel === DATA) exchange.take(data);
		});
		socket.onClose(() => exchange.closed());
		const give = (): void => exchange.fail(new Error('aborted'));
		if (signal.aborted) return give();
		signal.addEventListener('abort', give, { once: true });
		socket.send(DATA, bytes);
	});
}
