/** Kubernetes' channel protocol between a WebSocket and a ChannelSocket: the first byte of a message is its channel. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ChannelSocket } from '../sandbox.ts';

/** The oldest form: its error channel holds words, and only where something went wrong. */
const FIRST = 'channel.k8s.io';
/** Subprotocols spoken, best first. v5 is v4 with a message that closes a channel. */
export const CHANNEL_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io', FIRST] as const;
const ERROR_CHANNEL = 3;

/** Bytes waiting for a slow client before the stream is ended. */
const MOST_WAITING = 16 * 1024 * 1024;

export function createChannelServer(): WebSocketServer {
	return new WebSocketServer({
		noServer: true,
		maxPayload: 4 * 1024 * 1024,
		perMessageDeflate: false,
		handleProtocols: (offered) => CHANNEL_PROTOCOLS.find((p) => offered.has(p)) ?? false,
	});
}

/** The subprotocol that both sides speak, or undefined. */
export function channelProtocol(request: IncomingMessage): string | undefined {
	const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
	return CHANNEL_PROTOCOLS.find((p) => offered.includes(p));
}

/** A Status as the words that `v1` clients read; undefined for success. */
function words(data: Uint8Array): Uint8Array | undefined {
	const status = JSON.parse(new TextDecoder().decode(data)) as { readonly status?: string; readonly message?: string };
	return status.status === 'Success' ? undefined : new TextEncoder().encode(status.message ?? '');
}

export function bridge(ws: WebSocket, channels: ChannelSocket, ports: readonly number[] = []): void {
	// Port-forward: two channels a port, each begins with the port's number, little-endian (kubelet portforward/websocket.go).
	for (const [i, port] of ports.entries()) {
		for (const channel of [2 * i, 2 * i + 1]) ws.send(Buffer.from([channel, port & 0xff, port >> 8]));
	}
	channels.onMessage((channel, data) => {
		if (ws.bufferedAmount > MOST_WAITING) return ws.terminate();
		const sent = ws.protocol === FIRST && channel === ERROR_CHANNEL ? words(data) : data;
		if (sent !== undefined) ws.send(Buffer.concat([Buffer.from([channel]), sent]));
	});
	channels.onClose(() => ws.close(1000));
	ws.on('message', (message) => {
		const data = Buffer.isBuffer(message) ? message : Buffer.concat(Array.isArray(message) ? message : [Buffer.from(message)]);
		const channel = data[0];
		if (channel !== undefined) channels.send(channel, data.subarray(1));
	});
	ws.on('error', () => channels.close());
	ws.on('close', () => channels.close());
}

/** Refuses an upgrade with an HTTP answer. */
export async function refuseUpgrade(socket: Duplex, response: Response): Promise<void> {
	const body = Buffer.from(await response.arrayBuffer());
	const type = response.headers.get('content-type') ?? 'text/plain';
	socket.end(
		`HTTP/1.1 ${response.status} ${response.statusText || 'Refused'}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body.toString()}`,
	);
}
