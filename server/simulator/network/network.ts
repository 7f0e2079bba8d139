/** The network room: dials under way, listeners, outcomes. A dial passes resolver and router, then waits in timers for its answer. */
import { treeGet, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { type Room, type Services, SYSTEM_USERS } from '../services.ts';
import { bootNetwork } from './boot.ts';
import { answer } from './internet.ts';
import { queryName, resolveName } from './resolver.ts';
import { Router, SYN_TIMEOUT_MS } from './route.ts';
import { noteSlice, PROXY_TIMER, syncProxy } from './proxy.ts';
import { indexChange } from './services.ts';
import {
	callsSlice,
	changeNetwork,
	type DialState,
	dialsSlice,
	disown,
	getDial,
	type Listener,
	netPod,
	netnsOf,
	networkSlice,
	own,
	ownedBy,
	removeDial,
	setDial,
} from './state.ts';
import type { Dial, HttpResponse, ListenOptions, NetworkApi, NetworkError, Outcome, Piece, Reply, Request, Response, TimedPiece } from './types.ts';

const DELIVER = 'net.deliver';
const FINISH = 'net.finish';
const LIMIT = 'net.limit';
const IDLE = 'net.idle';
const PIECE = 'net.piece';
const HANGUP = 'net.hangup';

type Phase = 'dns' | 'connect' | 'response';

const failure = (error: NetworkError, phase: Phase, address: string | undefined, port: number): Outcome => ({
	ok: false,
	error,
	phase,
	port,
	...(address === undefined ? {} : { address }),
});

/** Hands an outcome to whoever dialled; a dial that was given up or is done already has none. */
function finish(world: World, services: Services, id: string, outcome: Outcome): void {
	const state = getDial(world, id);
	if (state === undefined) return;
	if (state.headed === true) {
		handPiece(world, services, state, { data: '', last: true, ...(outcome.ok ? {} : { error: outcome.error }) });
		return;
	}
	const goesOn = outcome.ok && outcome.response.protocol === 'http' && outcome.response.open === true;
	if (goesOn) setDial(world, { ...state, headed: true });
	else forget(world, state);
	const { reply } = state;
	switch (reply.kind) {
		case 'process':
			services.kubelet.deliverReply(world, reply.container, reply.pid, reply.token, outcome);
			return;
		case 'timer':
			notify(world, reply, { data: reply.data, outcome });
			return;
		case 'call':
			if (treeGet(world.read(callsSlice), reply.id) !== undefined) {
				world.write(callsSlice, treeSet(world.read(callsSlice), reply.id, { dial: id, outcome }));
			}
	}
}

/** Gives the next piece of an open response to whoever dialled; the last one ends the dial. */
function handPiece(world: World, services: Services, state: DialState, piece: Piece): void {
	if (piece.last) forget(world, state);
	else idle(world, state);
	const { reply } = state;
	switch (reply.kind) {
		case 'process':
			services.kubelet.deliverPiece(world, reply.container, reply.pid, reply.token, piece);
			return;
		case 'timer':
			notify(world, reply, { data: reply.data, piece });
			return;
		case 'call': {
			const call = treeGet(world.read(callsSlice), reply.id);
			if (call !== undefined)
				world.write(callsSlice, treeSet(world.read(callsSlice), reply.id, { ...call, pieces: [...(call.pieces ?? []), { ...piece, at: world.now }] }));
		}
	}
}

/** A piece arrives, unless the dial is given up. */
function pieceArrives(world: World, services: Services, id: string, piece: Piece): void {
	const state = getDial(world, id);
	if (state?.headed === true) handPiece(world, services, state, piece);
}

/** Starts the client's patience with a silent server anew. */
function idle(world: World, state: DialState): void {
	const ms = state.dial.idleTimeoutMs ?? 0;
	if (ms > 0) world.schedule(IDLE, state.id, ms, undefined, true);
}

/** This runs in a timer already, so the other's handler can run at once; an unknown one is the kernel's to report. */
function notify(world: World, reply: Extract<Reply, { readonly kind: 'timer' }>, data: unknown): void {
	const handler = world.behaviour.timers.get(reply.timer);
	if (handler === undefined) world.schedule(reply.timer, reply.key, 0, data);
	else handler(world, reply.key, data);
}

function forget(world: World, state: DialState): void {
	world.cancel(DELIVER, state.id);
	world.cancel(FINISH, state.id);
	world.cancel(LIMIT, state.id);
	if (state.dial.idleTimeoutMs !== undefined) world.cancel(IDLE, state.id);
	removeDial(world, state.id);
	if (state.reply.kind === 'process') disown(world, state.reply.container, state.reply.pid, 'dialled', state.id);
	if (state.server === undefined) return;
	disown(world, state.server.container, state.server.pid, 'served', state.id);
	// The server learns that nobody waits any more when the client's RST or FIN arrives.
	world.schedule(HANGUP, state.id, state.latencyMs, state.server);
}

/** The client's own limits: curl's --max-time and --connect-timeout. The connection's holds until it stands. */
function limits(world: World, id: string, dial: Dial): void {
	const connect = dial.connectTimeoutMs ?? 0;
	const whole = dial.timeoutMs ?? 0;
	if (connect > 0 && (whole === 0 || connect < whole)) world.schedule(LIMIT, id, connect, { connecting: true });
	else if (whole > 0) world.schedule(LIMIT, id, whole);
}

function later(world: World, id: string, outcome: Outcome, delayMs: number): void {
	world.schedule(FINISH, id, delayMs, outcome, true);
}

function startDial(world: World, services: Services, router: Router, dial: Dial, reply: Reply): string {
	const s = world.read(dialsSlice);
	const id = `d${s.next}`;
	world.write(dialsSlice, { ...s, next: s.next + 1 });
	if (reply.kind === 'call') world.write(callsSlice, treeSet(world.read(callsSlice), reply.id, { dial: id }));
	if (reply.kind === 'process') own(world, reply.container, reply.pid, 'dialled', id);
	const state: DialState = {
		id,
		dial,
		reply,
		phase: 'connecting',
		address: undefined,
		port: dial.port,
		remoteAddress: '',
		latencyMs: 0,
		startedAt: world.now,
	};
	const given = dial.resolve?.[dial.host];
	const resolved = given === undefined ? resolveName(world, services, dial.from, dial.host) : { addresses: [given], delayMs: 0 };
	limits(world, id, dial);
	if ('error' in resolved) {
		setDial(world, state);
		later(world, id, failure(resolved.error, 'dns', undefined, dial.port), resolved.delayMs + 1);
		return id;
	}
	const { addresses } = resolved;
	const address = addresses[addresses.length > 1 ? world.randomInt(addresses.length) : 0] ?? '';
	const route = router.route(world, dial.from, address, dial.port, isDatagram(dial.request) ? 'UDP' : 'TCP');
	if (route.to === 'nowhere') {
		setDial(world, { ...state, address });
		later(world, id, failure(route.error, 'connect', address, dial.port), resolved.delayMs + Math.min(route.afterMs, SYN_TIMEOUT_MS));
		return id;
	}
	if (route.to === 'outside') {
		setDial(world, { ...state, address, phase: 'connected' });
		const response = answer(route.address, route.port, dial.request);
		const outcome: Outcome = response === undefined ? failure('ECONNRESET', 'response', address, dial.port) : { ok: true, response, address, port: dial.port };
		later(world, id, outcome, resolved.delayMs + route.latencyMs * 3);
		return id;
	}
	setDial(world, {
		...state,
		address,
		latencyMs: route.latencyMs,
		remoteAddress: route.remoteAddress,
		target: { netns: route.netns, port: route.port },
	});
	world.schedule(DELIVER, id, resolved.delayMs + route.latencyMs, { local: route.local });
	return id;
}

const isDatagram = (request: Request): boolean => request.protocol === 'tcp' && request.udp === true;
const listenerKey = (netns: string, port: number, udp: boolean): string => `${netns}|${udp ? 'udp:' : ''}${port}`;

const speaksTls = (request: Request): boolean => request.protocol === 'http' && request.tls === true;

/** What comes of TLS where none is spoken, and of plain text where it is. Undefined where both sides agree. */
function mismatch(listener: Listener, request: Request): NetworkError | Response | undefined {
	if (request.protocol === 'tcp' || speaksTls(request) === listener.tls) return undefined;
	if (!listener.tls) return 'EPROTO';
	if (request.protocol !== 'http') return 'ECONNRESET';
	// Go's net/http and nginx both answer a plain request on a TLS port with 400.
	return { protocol: 'http', status: 400, headers: { 'content-type': 'text/plain' }, body: 'Client sent an HTTP request to an HTTPS server.\n' };
}

/** The packet arrives: is there somebody? */
function deliver(world: World, services: Services, id: string, local: boolean): void {
	const state = getDial(world, id);
	if (state?.target === undefined) return;
	const { target, dial, address } = state;
	const listener = treeGet(world.read(networkSlice).listeners, listenerKey(target.netns, target.port, isDatagram(dial.request)));
	if (listener === undefined || (listener.localOnly && !local)) {
		later(world, id, failure('ECONNREFUSED', 'connect', address, dial.port), state.latencyMs);
		return;
	}
	const wrong = mismatch(listener, dial.request);
	if (wrong !== undefined) {
		const outcome: Outcome =
			typeof wrong === 'string' ? failure(wrong, 'connect', address, dial.port) : { ok: true, response: wrong, address: address ?? '', port: dial.port };
		later(world, id, outcome, state.latencyMs);
		return;
	}
	if (dial.request.protocol === 'tcp' && (dial.request.data ?? '') === '') {
		// The kernel accepts; a connection that says nothing never reaches the program.
		later(world, id, { ok: true, response: { protocol: 'tcp', data: '' }, address: address ?? '', port: dial.port }, state.latencyMs);
		return;
	}
	setDial(world, { ...state, phase: 'connected', server: { container: listener.container, pid: listener.pid } });
	idle(world, state);
	own(world, listener.container, listener.pid, 'served', id);
	services.kubelet.deliverRequest(world, listener.container, listener.pid, { id, remoteAddress: state.remoteAddress, port: target.port }, dial.request);
}

/** A client's limit has run out. */
function runOut(world: World, services: Services, id: string, connecting: boolean): void {
	const state = getDial(world, id);
	if (state === undefined) return;
	if (connecting && state.phase !== 'connecting') {
		const whole = state.dial.timeoutMs ?? 0;
		if (whole > 0) world.schedule(LIMIT, id, Math.max(0, state.startedAt + whole - world.now));
		return;
	}
	const phase: Phase = state.phase !== 'connecting' ? 'response' : state.address === undefined ? 'dns' : 'connect';
	finish(world, services, id, failure('ETIMEDOUT', phase, state.address, state.port));
}

function respond(world: World, connectionId: string, response: Response): void {
	const state = getDial(world, connectionId);
	if (state === undefined || state.phase !== 'connected' || state.server === undefined) return;
	if (response.protocol === 'http' && response.open === true) {
		const streamed = state.dial.stream === true;
		setDial(world, { ...state, phase: 'streaming', ...(streamed ? {} : { held: response }) });
		if (streamed) answered(world, state, response);
		return;
	}
	disown(world, state.server.container, state.server.pid, 'served', connectionId);
	const { server: _server, ...rest } = state;
	setDial(world, { ...rest, phase: 'answered' });
	answered(world, state, response);
}

function answered(world: World, state: DialState, response: Response): void {
	later(world, state.id, { ok: true, response, address: state.address ?? '', port: state.port }, state.latencyMs);
}

function send(world: World, connectionId: string, data: string, last: boolean | 'broken'): void {
	const state = getDial(world, connectionId);
	if (state === undefined || state.phase !== 'streaming' || state.server === undefined) return;
	const { server, held, ...rest } = state;
	const pieces = (state.pieces ?? 0) + 1;
	if (last !== false) disown(world, server.container, server.pid, 'served', connectionId);
	if (last === 'broken') {
		setDial(world, rest);
		later(world, connectionId, failure('ECONNRESET', 'response', state.address, state.port), state.latencyMs);
		return;
	}
	if (held === undefined) {
		setDial(world, last ? { ...rest, phase: 'answered', pieces } : { ...state, pieces });
		const piece: Piece = { data, last };
		world.schedule(PIECE, `${connectionId}|${pieces}`, state.latencyMs, piece);
		return;
	}
	const whole: HttpResponse = { ...held, body: held.body + data };
	if (!last) {
		setDial(world, { ...state, held: whole });
		idle(world, state);
		return;
	}
	const { open: _open, ...response } = whole;
	setDial(world, { ...rest, phase: 'answered' });
	answered(world, state, response);
}

function listen(world: World, container: string, pid: number, port: number, options: ListenOptions = {}): boolean {
	const pod = netPod(world, container.slice(0, container.indexOf('/')));
	if (pod === undefined || port < 1 || port > 65_535) return false;
	const key = listenerKey(netnsOf(pod), port, options.udp === true);
	if (treeGet(world.read(networkSlice).listeners, key) !== undefined) return false;
	const listener: Listener = { container, pid, port, tls: options.tls ?? false, localOnly: options.localOnly ?? false };
	changeNetwork(world, (s) => ({ ...s, listeners: treeSet(s.listeners, key, listener) }));
	own(world, container, pid, 'listener', key);
	return true;
}

function unlisten(world: World, container: string, pid: number, port: number): void {
	const pod = netPod(world, container.slice(0, container.indexOf('/')));
	if (pod === undefined) return;
	const key = listenerKey(netnsOf(pod), port, false);
	const listener = treeGet(world.read(networkSlice).listeners, key);
	if (listener?.container !== container || listener.pid !== pid) return;
	changeNetwork(world, (s) => ({ ...s, listeners: treeRemove(s.listeners, key) }));
	disown(world, container, pid, 'listener', key);
}

/** Closes what a process had: its ports, what it was answering (reset), what it had asked (dropped). */
function processEnded(world: World, container: string, pid: number): void {
	for (const { kind, ref } of ownedBy(world, container, pid)) {
		disown(world, container, pid, kind, ref);
		if (kind === 'listener') {
			changeNetwork(world, (s) => ({ ...s, listeners: treeRemove(s.listeners, ref) }));
			continue;
		}
		const state = getDial(world, ref);
		if (state === undefined) continue;
		if (kind === 'dialled') forget(world, state);
		else {
			const { server: _server, ...rest } = state;
			setDial(world, rest);
			later(world, ref, failure('ECONNRESET', 'response', state.address, state.port), state.latencyMs);
		}
	}
}

export function createNetwork(services: Services): { readonly network: NetworkApi; readonly room: Room } {
	let made: Router | undefined;
	const router = (): Router => (made ??= new Router(services.api.client(SYSTEM_USERS.loopback)));
	const network: NetworkApi = {
		dial: (world, dial, reply) => startDial(world, services, router(), dial, reply),
		abort(world, id) {
			const state = getDial(world, id);
			if (state !== undefined) forget(world, state);
		},
		listen,
		unlisten,
		respond,
		send,
		processEnded,
		query: (world, from, name, type, server) => queryName(world, services, from, { name, type, server }),
		resolve(world, from, name) {
			const found = resolveName(world, services, from, name);
			if ('error' in found) return { error: found.error };
			return { addresses: found.addresses, ...(found.canonical === undefined ? {} : { canonical: found.canonical }) };
		},
	};
	const room: Room = {
		timers: {
			[DELIVER]: (world, id, data) => deliver(world, services, id, (data as { readonly local: boolean }).local),
			[FINISH]: (world, id, data) => finish(world, services, id, data as Outcome),
			[PROXY_TIMER]: (world) => syncProxy(world),
			[LIMIT]: (world, id, data) => runOut(world, services, id, data !== undefined),
			[IDLE]: (world, id) => runOut(world, services, id, false),
			[PIECE]: (world, key, data) => pieceArrives(world, services, key.slice(0, key.indexOf('|')), data as Piece),
			[HANGUP]: (world, id, data) => {
				const { container, pid } = data as NonNullable<DialState['server']>;
				services.kubelet.deliverHangup(world, container, pid, id);
			},
		},
		onChange: (world, change) => {
			indexChange(world, change);
			noteSlice(world, change);
		},
		boot: bootNetwork,
	};
	return { network, room };
}

/** Outcome of a dial whose reply is `{kind: 'call', id}`, once there. */
export function callOutcome(world: World, id: string): Outcome | undefined {
	return treeGet(world.read(callsSlice), id)?.outcome;
}

/** What came of a streamed call's body after its head, so far. */
export function callPieces(world: World, id: string): readonly TimedPiece[] {
	return treeGet(world.read(callsSlice), id)?.pieces ?? [];
}

/** Drops a call and its outcome, aborting it where it still runs. */
export function forgetCall(world: World, id: string): void {
	const call = treeGet(world.read(callsSlice), id);
	if (call === undefined) return;
	world.write(callsSlice, treeRemove(world.read(callsSlice), id));
	const state = getDial(world, call.dial);
	if (state !== undefined) forget(world, state);
}
