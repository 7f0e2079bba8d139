/** The lab page's WebSocket: limits, parsing, and hand-over to the session. */
import type { RawData, WebSocket } from 'ws';
import { fault, toFault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { clientMessageSchema } from '../protocol/messages.ts';
import { Page } from '../sessions/page.ts';
import type { Session } from '../sessions/session.ts';
import { Bucket } from './rate.ts';

/** Serves one socket until it closes. */
export function servePage(ws: WebSocket, session: Promise<Session>, log: (message: string, detail?: unknown) => void): void {
	const page = new Page({
		send: (text) => ws.send(text),
		get buffered() {
			return ws.bufferedAmount;
		},
		close: (code, reason) => ws.close(code, reason),
	});
	const messages = new Bucket(LIMITS.messagesPerSecond, LIMITS.messagesAtOnce);
	const bytes = new Bucket(LIMITS.bytesPerSecond, LIMITS.bytesAtOnce);
	let attached: Session | undefined;
	let closed = false;
	const say = (error: unknown, request?: string): void => {
		const words = toFault(error).toJSON();
		if (words.code === 'internal') log('a page’s socket failed', error);
		if (ws.readyState === ws.OPEN) page.send({ type: 'error', ...(request === undefined ? {} : { request }), ...words });
	};
	const ready = session
		.then(async (s) => {
			if (closed) return undefined;
			attached = s;
			await s.attach(page);
			return s;
		})
		.catch((error: unknown) => {
			say(error);
			attached?.detach(page);
			ws.close(1011, toFault(error).code);
			return undefined;
		});

	ws.on('message', (raw: RawData) => {
		const data = Buffer.isBuffer(raw) ? raw : Buffer.concat(Array.isArray(raw) ? raw : [Buffer.from(raw)]);
		if (data.length > LIMITS.messageBytes) return say(fault('message-too-large', { limit: `${LIMITS.messageBytes / 1_048_576} MiB` }), requestOf(data));
		if (!messages.take(1)) return say(fault('messages-too-fast', { limit: `${LIMITS.messagesPerSecond} messages a second` }), requestOf(data));
		if (!bytes.take(data.length)) return say(fault('messages-too-fast', { limit: `${LIMITS.bytesPerSecond / 1_048_576} MiB a second` }), requestOf(data));
		let value: unknown;
		try {
			value = JSON.parse(data.toString());
		} catch (error) {
			return say(fault('message-invalid', { why: error instanceof Error ? error.message : 'it is no JSON' }));
		}
		const parsed = clientMessageSchema.safeParse(value);
		if (!parsed.success) {
			const issue = parsed.error.issues[0];
			return say(fault('message-invalid', { why: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim() }), requestOf(data));
		}
		// In order of arrival: what comes before the sandbox stands waits for it.
		if (attachedNow !== undefined) void attachedNow.receive(page, parsed.data);
		else void ready.then((s) => s?.receive(page, parsed.data));
	});
	let attachedNow: Session | undefined;
	void ready.then((s) => {
		attachedNow = s;
	});
	ws.on('error', (error) => log('a socket ended with an error', error.message));
	ws.on('close', () => {
		closed = true;
		attached?.detach(page);
	});
}

/** The request id of a message that is not looked at otherwise, so that the page knows which of its calls failed. */
function requestOf(data: Buffer): string | undefined {
	const ends = `${data.toString('utf8', 0, 4096)}${data.toString('utf8', Math.max(4096, data.length - 4096))}`;
	return /"request"\s*:\s*"([^"\\]{1,100})"/.exec(ends)?.[1];
}
