/**
 * Followed logs and watches over WebSocket, for clients that cannot read a chunked body (browsers). Models apiserver's
 * `wsstream.Reader` (binary or base64 messages) and `WatchServer.HandleWS` (a message an event).
 */
import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClusterEndpoint } from '../sandbox.ts';
import type { TakeOver } from './upgrade.ts';

const BASE64 = 'base64.binary.k8s.io';
const PROTOCOLS = ['binary.k8s.io', BASE64];

/** The messages that a piece of the body makes. */
type Messages = (chunk: Uint8Array) => readonly (string | Uint8Array)[];

const isWatch = (url: URL): boolean => /^(1|true)$/i.test(url.searchParams.get('watch') ?? '') || /^\/apis?(\/[^/]+){1,2}\/watch\//.test(url.pathname);

/** Whether a WebSocket that asks for this reads only. */
export const readsOnly = (url: URL): boolean => url.pathname.endsWith('/log') || isWatch(url);

export function createReadingServer(): WebSocketServer {
	return new WebSocketServer({
		noServer: true,
		maxPayload: 64 * 1024,
		perMessageDeflate: false,
		handleProtocols: (offered) => PROTOCOLS.find((name) => offered.has(name)) ?? false,
	});
}

/** Lines of a watch, an event a message. */
function lines(): Messages {
	const decoder = new TextDecoder();
	let rest = '';
	return (chunk) => {
		const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
		rest = parts.pop() ?? '';
		return parts;
	};
}

const bytes =
	(base64: boolean): Messages =>
	(chunk) => [base64 ? Buffer.from(chunk).toString('base64') : chunk];

/** At the reader's pace: who reads nothing is sent nothing more. */
const sent = (ws: WebSocket, message: string | Uint8Array): Promise<void> =>
	new Promise((resolve, reject) => {
		ws.send(message, (error) => (error == null ? resolve() : reject(error)));
	});

async function pump(ws: WebSocket, body: ReadableStream<Uint8Array>, messages: Messages): Promise<void> {
	const reader = body.getReader();
	// A reader that is gone has nothing more to cancel.
	ws.on('close', () => void reader.cancel().catch(() => {}));
	ws.on('error', () => ws.terminate());
	for (let next = await reader.read(); !next.done; next = await reader.read()) for (const message of messages(next.value)) await sent(ws, message);
	ws.close(1000);
}

/** Asks for the body as any client would; what is no success is the upgrade's answer. */
export async function readingTakeOver(
	server: WebSocketServer,
	request: IncomingMessage,
	endpoint: ClusterEndpoint,
	asked: Request,
): Promise<TakeOver | Response> {
	const response = await endpoint.fetch(asked);
	const { body } = response;
	if (!response.ok || body === null) return response;
	const messages = isWatch(new URL(asked.url)) ? lines() : bytes((request.headers['sec-websocket-protocol'] ?? '').includes(BASE64));
	return (socket, head) =>
		server.handleUpgrade(request, socket, head, (ws) => {
			pump(ws, body, messages).catch(() => ws.terminate());
		});
}
