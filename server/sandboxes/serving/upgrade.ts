/**
 * exec, attach and port-forward for clients outside, in every form that kubectl and client libraries ask for: WebSocket
 * channels, SPDY/3.1, and SPDY/3.1 tunnelled through WebSocket messages (port-forward of kubectl 1.31 and newer).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { type ChannelSocket, type ClusterEndpoint, ClusterRefusal } from '../sandbox.ts';
import { SimulatedEndpoint } from '../simulated/endpoint.ts';
import { bridge, channelProtocol, createChannelServer } from './channels.ts';
import { SpdyConnection } from './spdy/connection.ts';
import { PORT_FORWARD_PROTOCOL, PortForwarding } from './spdy/port-forward.ts';
import { createReadingServer, readingTakeOver, readsOnly } from './reading.ts';
import { expectedStreams, REMOTE_COMMAND_PROTOCOLS, RemoteCommand } from './spdy/remote-command.ts';
import type { SpdyStream } from './spdy/stream.ts';

const TUNNEL_PROTOCOL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;
const SPDY = 'SPDY/3.1';

type Form = { readonly kind: 'channels' | 'tunnel' } | { readonly kind: 'spdy'; readonly protocol: string };

/** Takes over the connection of an upgrade that was granted. */
export type TakeOver = (socket: Duplex, head: Buffer) => void;

export class Upgrades {
	private readonly channels = createChannelServer();
	private readonly tunnels = createTunnelServer();
	private readonly readings = createReadingServer();
	private readonly connections = new Set<SpdyConnection>();

	/** Connects to the cluster; a Response says why not. `asked` is the request with the cluster's own URL and headers. */
	async accept(request: IncomingMessage, endpoint: ClusterEndpoint, asked: Request): Promise<TakeOver | Response> {
		const url = new URL(asked.url);
		if ((request.headers.upgrade ?? '').toLowerCase() === 'websocket' && readsOnly(url)) return readingTakeOver(this.readings, request, endpoint, asked);
		const forwards = url.pathname.endsWith('/portforward');
		const form = formOf(request, forwards);
		try {
			// The cluster's own refusal comes first, without doing what it would grant.
			if (form instanceof Response) return (endpoint instanceof SimulatedEndpoint ? await endpoint.refusal(asked) : undefined) ?? form;
			const stream = await endpoint.connect(asked);
			if (form.kind === 'channels') {
				const ports = forwards ? url.searchParams.getAll('ports').map(Number) : [];
				return (socket, head) => this.channels.handleUpgrade(request, socket, head, (ws) => bridge(ws, stream, ports));
			}
			const serve = forwards ? this.forwarder(endpoint, asked, stream) : this.commander(stream, url, form.kind === 'spdy' ? form.protocol : '');
			if (form.kind === 'spdy') return (socket, head) => switchProtocols(socket, head, form.protocol, serve);
			return (socket, head) => this.tunnel(request, socket, head, serve);
		} catch (error) {
			if (error instanceof ClusterRefusal) return error.response;
			throw error;
		}
	}

	/** Breaks off every connection. */
	close(): void {
		for (const ws of [...this.channels.clients, ...this.tunnels.clients, ...this.readings.clients]) ws.terminate();
		for (const connection of this.connections) connection.destroy();
	}

	private forwarder(endpoint: ClusterEndpoint, asked: Request, probe: ChannelSocket): (socket: Duplex) => void {
		// The first connect has shown that the pod is there; each TCP connection is one of its own.
		probe.close();
		return (socket) => {
			const forwarding = new PortForwarding((port) => {
				const url = new URL(asked.url);
				url.searchParams.set('ports', String(port));
				return endpoint.connect(new Request(url, { method: asked.method, headers: asked.headers }));
			});
			this.open(socket, forwarding);
		};
	}

	private commander(channels: ChannelSocket, url: URL, protocol: string): (socket: Duplex) => void {
		return (socket) => {
			const expected = expectedStreams(url.searchParams, protocol);
			const command = new RemoteCommand({ channels, expected, protocol, done: () => connection.close() });
			const connection = this.open(socket, command);
		};
	}

	private open(socket: Duplex, user: { readonly add: (stream: SpdyStream) => boolean; readonly closed: () => void }): SpdyConnection {
		const connection = new SpdyConnection(socket, {
			stream: (stream) => user.add(stream),
			close: () => {
				this.connections.delete(connection);
				user.closed();
			},
		});
		this.connections.add(connection);
		return connection;
	}

	private tunnel(request: IncomingMessage, socket: Duplex, head: Buffer, serve: (socket: Duplex) => void): void {
		// `ws` knows tokens only, and the name has a slash: it is taken out here and answered in `headers`.
		delete request.headers['sec-websocket-protocol'];
		this.tunnels.handleUpgrade(request, socket, head, (ws) => serve(createWebSocketStream(ws)));
	}
}

function createTunnelServer(): WebSocketServer {
	const server = new WebSocketServer({ noServer: true, maxPayload: 4 * 1024 * 1024, perMessageDeflate: false });
	server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${TUNNEL_PROTOCOL}`));
	return server;
}

function listOf(header: string | readonly string[] | undefined): readonly string[] {
	const text = typeof header === 'string' ? header : (header ?? []).join(',');
	return text
		.split(',')
		.map((part) => part.trim())
		.filter((part) => part !== '');
}

/** What the client asks for, or the refusal of apimachinery `pkg/util/httpstream`. */
function formOf(request: IncomingMessage, forwards: boolean): Form | Response {
	const upgrade = (request.headers.upgrade ?? '').toLowerCase();
	if (upgrade === 'websocket') {
		if (forwards && listOf(request.headers['sec-websocket-protocol']).includes(TUNNEL_PROTOCOL)) return { kind: 'tunnel' };
		if (channelProtocol(request) !== undefined) return { kind: 'channels' };
		return plain(400, `unable to upgrade: no WebSocket subprotocol in common, of ${request.headers['sec-websocket-protocol'] ?? 'none'}`);
	}
	if (upgrade !== SPDY.toLowerCase()) return plain(400, `unable to upgrade: unable to upgrade to ${request.headers.upgrade ?? ''}: ${SPDY} is spoken here`);
	const offered = listOf(request.headers['x-stream-protocol-version']);
	if (offered.length === 0) return plain(400, 'unable to upgrade: X-Stream-Protocol-Version is required');
	const spoken: readonly string[] = forwards ? [PORT_FORWARD_PROTOCOL] : REMOTE_COMMAND_PROTOCOLS;
	// The client's order counts (negotiateProtocol).
	const protocol = offered.find((name) => spoken.includes(name));
	if (protocol !== undefined) return { kind: 'spdy', protocol };
	return plain(403, `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${spoken.join(' ')}]`);
}

function plain(status: number, text: string): Response {
	return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

function switchProtocols(socket: Duplex, head: Buffer, protocol: string, serve: (socket: Duplex) => void): void {
	socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${SPDY}\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`);
	if (head.length > 0) socket.unshift(head);
	serve(socket);
}
