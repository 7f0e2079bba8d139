/**
 * Port-forward: raw HTTP/1.1 bytes come in, requests go to what listens in the pod, answers go back as bytes. Data is
 * latin-1 text (a code unit a byte) on channel 0, an error on channel 1. Only HTTP is understood; anything else is cut off.
 */
import type { ApiResult } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { textToBinary, utf8ToText } from '../storage-volumes/bytes.ts';
import type { HttpRequest, HttpResponse, Outcome, Piece } from '../network/types.ts';
import type { Host } from './host.ts';
import type { Pod } from './pod.ts';
import { getPodRecord } from './state.ts';
import { endStream, getStream, openStream, pushStream, type StreamState, updateStream } from './streams.ts';

export const PORT_REPLY_TIMER = 'kubelet.port-reply';
/** Bytes of one request that are held at most. */
const REQUEST_BYTES = 4 << 20;

interface PortState {
	readonly port: number;
	readonly pod: string;
	readonly node: string;
	/** Bytes not understood yet. */
	readonly buffer: string;
	/** The request under way; the next one waits for its answer, as in HTTP/1.1. */
	readonly dial?: string;
	readonly close: boolean;
	/** The client sends no more: what it has asked for is answered, then the connection ends. */
	readonly ended?: boolean;
}

const NAMES: { readonly [status: number]: string } = {
	200: 'OK',
	201: 'Created',
	204: 'No Content',
	301: 'Moved Permanently',
	302: 'Found',
	304: 'Not Modified',
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not Found',
	405: 'Method Not Allowed',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Timeout',
};

export function portForward(world: World, pod: Pod, ports: readonly number[]): ApiResult {
	const record = getPodRecord(world, pod.metadata.uid);
	if (record === undefined || record.ip === '' || record.stage !== 'up') {
		const message = `unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'Pending'}`;
		return { code: 500, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 } };
	}
	const data: PortState = { port: ports[0] ?? 0, pod: pod.metadata.uid, node: record.node, buffer: '', close: false };
	const id = openStream(world, { kind: 'portforward', container: `${pod.metadata.uid}/`, tty: false, data });
	return { code: 101, body: undefined, stream: { id, kind: 'portforward' } };
}

/** A chunked body from `at`: its text and where it ends; undefined while it is incomplete. */
function chunked(buffer: string, at: number): { readonly body: string; readonly end: number } | undefined {
	let body = '';
	for (let from = at; ; ) {
		const line = buffer.indexOf('\r\n', from);
		if (line < 0) return undefined;
		const size = Number.parseInt(buffer.slice(from, line), 16);
		if (!Number.isFinite(size)) return { body, end: buffer.length };
		if (buffer.length < line + 2 + size + 2) return undefined;
		if (size === 0) return { body, end: line + 4 };
		body += buffer.slice(line + 2, line + 2 + size);
		from = line + 2 + size + 2;
	}
}

interface Parsed {
	readonly request: HttpRequest;
	readonly rest: string;
	readonly close: boolean;
}

/** The first whole request of a buffer; undefined while it is incomplete, 'bad' where it is no HTTP. */
export function parseRequest(buffer: string): Parsed | 'bad' | undefined {
	const end = buffer.indexOf('\r\n\r\n');
	if (end < 0) return /^[A-Z]{0,10}( |$)/.test(buffer) ? undefined : 'bad';
	const [first = '', ...lines] = buffer.slice(0, end).split('\r\n');
	const line = /^([A-Z]+) (\S+) HTTP\/1\.([01])$/.exec(first);
	if (line === null) return 'bad';
	const headers: { [name: string]: string } = {};
	for (const l of lines) {
		const colon = l.indexOf(':');
		if (colon > 0) headers[l.slice(0, colon).trim().toLowerCase()] = l.slice(colon + 1).trim();
	}
	const start = end + 4;
	let body = '';
	let rest: string;
	if (/chunked/i.test(headers['transfer-encoding'] ?? '')) {
		const read = chunked(buffer, start);
		if (read === undefined) return undefined;
		body = read.body;
		rest = buffer.slice(read.end);
	} else {
		const length = Number(headers['content-length'] ?? 0);
		if (!Number.isInteger(length) || length < 0) return 'bad';
		if (buffer.length < start + length) return undefined;
		body = buffer.slice(start, start + length);
		rest = buffer.slice(start + length);
	}
	const connection = (headers['connection'] ?? '').toLowerCase();
	const close = line[3] === '0' ? connection !== 'keep-alive' : connection === 'close';
	return { request: { protocol: 'http', method: line[1] ?? 'GET', path: line[2] ?? '/', headers, body: utf8ToText(body) ?? body }, rest, close };
}

function stateOf(stream: StreamState | undefined): PortState | undefined {
	return stream?.kind === 'portforward' ? (stream.data as PortState) : undefined;
}

/** Takes the next request out of the buffer and sends it on, unless one is under way. */
function advance(world: World, host: Host, id: string): void {
	const state = stateOf(getStream(world, id));
	if (state === undefined || state.dial !== undefined) return;
	const parsed = parseRequest(state.buffer);
	if (parsed === undefined && state.ended === true) {
		endStream(world, id);
		return;
	}
	if (parsed === undefined && state.buffer.length <= REQUEST_BYTES) return;
	if (parsed === undefined || parsed === 'bad') {
		pushStream(world, id, 1, `error forwarding port ${state.port} to pod ${state.pod}, uid : the simulated pod speaks HTTP/1.1 on forwarded ports only`);
		endStream(world, id);
		return;
	}
	// A forwarded connection comes out of the pod's own loopback: policies don't see it.
	const dial = host.services.network.dial(
		world,
		{ from: { kind: 'pod', uid: state.pod }, host: '127.0.0.1', port: state.port, request: parsed.request, stream: true },
		{ kind: 'timer', timer: PORT_REPLY_TIMER, key: id },
	);
	updateStream(world, id, (s) => ({ ...s, data: { ...state, buffer: parsed.rest, close: parsed.close, dial } }));
}

export function portInput(world: World, host: Host, id: string, data: string): void {
	const state = stateOf(getStream(world, id));
	if (state === undefined) return;
	updateStream(world, id, (s) => ({ ...s, data: { ...state, buffer: state.buffer + data } }));
	advance(world, host, id);
}

/** The client's half of the connection is closed (TCP's FIN). */
export function portInputEnd(world: World, host: Host, id: string): void {
	const state = stateOf(getStream(world, id));
	if (state === undefined) return;
	updateStream(world, id, (s) => ({ ...s, data: { ...state, ended: true } }));
	advance(world, host, id);
}

function written(response: HttpResponse, close: boolean): string {
	const body = textToBinary(response.body);
	const lines = [`HTTP/1.1 ${response.status} ${NAMES[response.status] ?? ''}`.trimEnd()];
	for (const [name, value] of Object.entries(response.headers)) {
		if (!['content-length', 'transfer-encoding', 'connection'].includes(name.toLowerCase())) lines.push(`${name}: ${textToBinary(value)}`);
	}
	lines.push(response.open === true ? 'transfer-encoding: chunked' : `content-length: ${body.length}`, `connection: ${close ? 'close' : 'keep-alive'}`);
	return `${lines.join('\r\n')}\r\n\r\n${response.open === true ? chunk(body) : body}`;
}

/** A piece of a body in chunked transfer coding; an empty one would end it. */
const chunk = (bytes: string): string => (bytes === '' ? '' : `${bytes.length.toString(16)}\r\n${bytes}\r\n`);

/** The pod has answered, or not. */
export function portReply(world: World, host: Host, id: string, raw: unknown): void {
	const state = stateOf(getStream(world, id));
	if (state === undefined) return;
	const { outcome, piece } = raw as { readonly outcome: Outcome; readonly piece?: Piece };
	if (piece !== undefined) {
		pushStream(world, id, 0, `${chunk(textToBinary(piece.data))}${piece.last && piece.error === undefined ? '0\r\n\r\n' : ''}`);
		// A body that breaks off ends with the connection, not with a last chunk.
		if (piece.last) answered(world, host, id, state, piece.error !== undefined);
		return;
	}
	if (!outcome.ok || outcome.response.protocol !== 'http') {
		const why = outcome.ok || outcome.error !== 'ECONNREFUSED' ? 'connection reset by peer' : 'connect: connection refused';
		// kubectl puts its own "an error occurred forwarding …" before it.
		const message = `error forwarding port ${state.port} to pod ${state.pod}, uid : failed to execute portforward in network namespace: failed to connect to localhost:${state.port} inside namespace: dial tcp4 127.0.0.1:${state.port}: ${why}`;
		pushStream(world, id, 1, message);
		endStream(world, id);
		return;
	}
	pushStream(world, id, 0, written(outcome.response, state.close));
	if (outcome.response.open !== true) answered(world, host, id, state, false);
}

/** An answer is complete: the connection ends, or the next request has its turn. */
function answered(world: World, host: Host, id: string, state: PortState, broken: boolean): void {
	const { dial: _dial, ...rest } = state;
	updateStream(world, id, (s) => ({ ...s, data: rest }));
	if (state.close || broken) endStream(world, id);
	else advance(world, host, id);
}

export function closePort(world: World, host: Host, stream: StreamState): void {
	const state = stateOf(stream);
	if (state?.dial !== undefined) host.services.network.abort(world, state.dial);
}
