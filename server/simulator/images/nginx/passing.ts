/**
 * Answers of upstreams that go on (server-sent events, chunked bodies): passed on piece by piece with `proxy_buffering off` or the
 * upstream's `X-Accel-Buffering: no`, else a buffer at a time. Models ngx_event_pipe.c.
 */
import { utf8Length } from '../../storage-volumes/bytes.ts';
import type { HttpResponse, Piece } from '../../network/types.ts';
import { complain, headOf, logAccess, placeOf } from './serve.ts';
import type { Nginx, Passing, Place, Proxied } from './state.ts';

/** Bytes of one of `proxy_buffers`: a page. */
const BUFFER = 4096;

/** The upstream's head has come: so goes ours. */
export function passOn(n: Nginx, token: string, ex: Proxied, place: Place, response: HttpResponse, peer: string): void {
	const told = response.headers['x-accel-buffering']?.toLowerCase();
	const buffering = told === 'no' ? false : told === 'yes' ? true : place.settings.buffering;
	const { 'x-accel-buffering': _told, ...headers } = response.headers;
	const head = headOf(n, ex, place, response.status, { ...headers, 'transfer-encoding': 'chunked' }, { bytes: 0, upstream: peer });
	n.process.respond(ex.connection, { ...head, body: buffering ? '' : response.body, open: true });
	const passing: Passing = {
		ex,
		status: head.status,
		peer,
		bytes: buffering ? 0 : utf8Length(response.body),
		...(buffering ? { buffered: response.body } : {}),
	};
	n.process.data = { ...n.process.data, passing: { ...n.process.data.passing, [token]: passing } };
}

function forget(n: Nginx, token: string): void {
	const { [token]: _done, ...passing } = n.process.data.passing;
	n.process.data = { ...n.process.data, passing };
}

/** More of an upstream's answer. */
export function passPiece(n: Nginx, token: string, piece: Piece): void {
	const p = n.process.data.passing[token];
	if (p === undefined) return;
	const text = `${p.buffered ?? ''}${piece.data}`;
	const held = p.buffered !== undefined && !piece.last && text.length < BUFFER;
	const out = held ? '' : text;
	const now: Passing = { ...p, bytes: p.bytes + utf8Length(out), ...(p.buffered === undefined ? {} : { buffered: held ? text : '' }) };
	if (!piece.last) {
		if (out !== '') n.process.send(p.ex.connection, out, false);
		n.process.data = { ...n.process.data, passing: { ...n.process.data.passing, [token]: now } };
		return;
	}
	forget(n, token);
	const place = placeOf(n, p.ex);
	if (piece.error === undefined) n.process.send(p.ex.connection, out, true);
	else {
		const words =
			piece.error === 'ETIMEDOUT'
				? 'upstream timed out (110: Connection timed out) while reading upstream'
				: 'upstream prematurely closed connection while reading upstream';
		if (place !== undefined) complain(n, p.ex, place, 'error', words, `http://${p.peer}${p.ex.path}`);
		if (out !== '') n.process.send(p.ex.connection, out, false);
		n.process.send(p.ex.connection, '', 'broken');
	}
	if (place !== undefined) logAccess(n, p.ex, place, p.status, { bytes: now.bytes, upstream: p.peer });
}

/** The client has gone: the upstream is told, and the log says 499. */
export function clientGone(n: Nginx, connection: string): void {
	const { pending, passing } = n.process.data;
	const waiting = Object.entries(pending).find(([, ex]) => ex.connection === connection);
	const streamed = Object.entries(passing).find(([, p]) => p.ex.connection === connection);
	const ex = waiting?.[1] ?? streamed?.[1].ex;
	if (ex === undefined) return;
	if (ex.dial !== undefined) n.process.giveUp(ex.dial);
	if (waiting !== undefined) {
		const { [waiting[0]]: _gone, ...rest } = pending;
		n.process.data = { ...n.process.data, pending: rest };
		n.process.clearTimer(waiting[0]);
	} else if (streamed !== undefined) forget(n, streamed[0]);
	const place = placeOf(n, ex);
	if (place !== undefined) logAccess(n, ex, place, streamed?.[1].status ?? 499, { bytes: streamed?.[1].bytes ?? 0, upstream: ex.tried.at(-1) ?? '' });
}
