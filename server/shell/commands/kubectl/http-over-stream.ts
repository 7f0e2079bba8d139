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

/** The chunks of a chunked body put together, or undefined while some are missing. */
function unchunked(bytes: Uint8Array): Uint8Array | undefined {
	const text = latin1(bytes);
	const parts: Uint8Array[] = [];
	let at = 0;
	for (;;) {
		const eol = text.indexOf('\r\n', at);
		if (eol < 0) return undefined;
		const size = Number.parseInt(text.slice(at, eol), 16);
		if (Number.isNaN(size)) throw new Error('malformed chunked encoding');
		if (size === 0) break;
		if (bytes.length < eol + 2 + size + 2) return undefined;
		parts.push(bytes.slice(eol + 2, eol + 2 + size));
		at = eol + 2 + size + 2;
	}
	const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let to = 0;
	for (const p of parts) {
		whole.set(p, to);
		to += p.length;
	}
	return whole;
}

/** A complete answer, or undefined while more has to come. `closed`: nothing more will. */
function complete(bytes: Uint8Array, closed: boolean, method: string): Response | undefined {
	const head = readHead(bytes);
	if (head === undefined) {
		if (closed) throw new Error('lost connection to pod');
		return undefined;
	}
	const rest = bytes.slice(head.at);
	const bodyless = method === 'HEAD' || head.status === 204 || head.status === 304;
	const length = head.headers.get('content-length');
	let body: Uint8Array | undefined;
	if (bodyless) body = new Uint8Array(0);
	else if ((head.headers.get('transfer-encoding') ?? '').toLowerCase().includes('chunked')) body = unchunked(rest) ?? (closed ? rest : undefined);
	else if (length !== null) body = rest.length >= Number(length) ? rest.slice(0, Number(length)) : closed ? rest : undefined;
	else body = closed ? rest : undefined;
	if (body === undefined) return undefined;
	head.headers.delete('transfer-encoding');
	return new Response(bodyless ? null : new Uint8Array(body), { status: head.status, statusText: head.statusText, headers: head.headers });
}

/** Sends the request and resolves with the answer. Rejects when the far side fails first. */
export async function rawExchange(socket: ChannelSocket, request: Request, signal: AbortSignal): Promise<Response> {
	const bytes = await wire(request);
	return new Promise<Response>((resolve, reject) => {
		let received = new Uint8Array(0);
		let done = false;
		const settle = (act: () => void): void => {
			if (done) return;
			done = true;
			act();
			socket.close();
		};
		const look = (closed: boolean): void => {
			try {
				const response = complete(received, closed, request.method);
				if (response !== undefined) settle(() => resolve(response));
			} catch (err) {
				settle(() => reject(err instanceof Error ? err : new Error(String(err))));
			}
		};
		socket.onMessage((channel, data) => {
			if (channel === ERROR && data.length > 0) settle(() => reject(new Error(new TextDecoder().decode(data))));
			if (channel !== DATA) return;
			const joined = new Uint8Array(received.length + data.length);
			joined.set(received);
			joined.set(data, received.length);
			received = joined;
			look(false);
		});
		socket.onClose(() => look(true));
		signal.addEventListener('abort', () => settle(() => reject(new Error('aborted'))), { once: true });
		socket.send(DATA, bytes);
	});
}
