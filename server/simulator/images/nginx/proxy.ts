/** proxy_pass: choosing a peer, what is sent, what comes back, and the next peer where it fails. Models ngx_http_upstream*.c. */
import type { HttpRequest, Outcome } from '../../network/types.ts';
import type { Peer } from './config/model.ts';
import { splitHost } from './config/values.ts';
import { passOn } from './passing.ts';
import { answer, complain, placeOf, problem, variables } from './serve.ts';
import type { Exchange, Nginx, Place, Proxied } from './state.ts';
import { expand } from './variables.ts';

interface Target {
	readonly scheme: string;
	/** Host and port as written: `$proxy_host`. */
	readonly authority: string;
	readonly path: string;
	/** With variables: names are looked up per request, by the resolver. */
	readonly dynamic: boolean;
}

/** What is asked of the upstream: the location's part of the path is replaced where proxy_pass has a path of its own. */
function target(n: Nginx, ex: Exchange, place: Place, pass: string): Target | undefined {
	const dynamic = pass.includes('$');
	const url = expand(pass, variables(n, ex, place));
	const m = /^(https?):\/\/([^/?]+)([/?].*)?$/.exec(url);
	if (m === null) return undefined;
	const query = ex.args === '' ? '' : `?${ex.args}`;
	const own = m[3];
	const escaped = encodeURI(ex.uri);
	const pattern = place.location?.pattern ?? '/';
	const path =
		own === undefined ? (ex.rewritten ? `${escaped}${query}` : ex.request.path) : dynamic ? own : `${own}${encodeURI(ex.uri.slice(pattern.length))}${query}`;
	return { scheme: m[1] ?? 'http', authority: m[2] ?? '', path: path.startsWith('/') ? path : `/${path}`, dynamic };
}

interface Live extends Peer {
	readonly key: string;
	readonly address: string;
}

function peersOf(n: Nginx, t: Target): readonly Live[] | { readonly problem: string } {
	const group = n.model.upstreams[t.authority];
	const { host, port } = splitHost(t.authority, t.scheme === 'https' ? 443 : 80);
	const peers: readonly Peer[] = group ?? [{ host, port, maxFails: 1, failTimeoutMs: 10_000, backup: false, weight: 1 }];
	const live: Live[] = [];
	for (const p of peers) {
		let addresses = n.process.data.resolved[p.host];
		if (addresses === undefined) {
			const found = n.process.resolve(p.host);
			if ('error' in found) return { problem: `${p.host} could not be resolved (3: Host not found)` };
			addresses = found.addresses;
		}
		for (const address of addresses) for (let w = 0; w < p.weight; w++) live.push({ ...p, address, key: `${address}:${p.port}` });
	}
	return live;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']);

export function proxy(n: Nginx, ex: Exchange, place: Place, pass: string): void {
	const t = target(n, ex, place, pass);
	if (t === undefined) {
		complain(n, ex, place, 'error', `invalid URL prefix in "${expand(pass, variables(n, ex, place))}"`);
		problem(n, ex, place, 500);
		return;
	}
	const { host } = splitHost(t.authority, 80);
	if (t.dynamic && n.model.upstreams[t.authority] === undefined && !place.settings.hasResolver && !/^[\d.]+$/.test(host)) {
		complain(n, ex, place, 'error', `no resolver defined to resolve ${host}`);
		problem(n, ex, place, 502);
		return;
	}
	send(n, { ...ex, upstream: t.authority, tried: [], path: t.path }, place, t);
}

function choose(n: Nginx, ex: Proxied, live: readonly Live[]): Live | undefined {
	const state = n.process.data.upstreams[ex.upstream] ?? { next: 0, fails: {} };
	const single = new Set(live.map((p) => p.key)).size === 1;
	const usable = (p: Live): boolean => {
		const failed = state.fails[p.key];
		return !ex.tried.includes(p.key) && (single || failed === undefined || p.maxFails === 0 || failed.count < p.maxFails || n.process.now >= failed.until);
	};
	const primaries = live.filter((p) => !p.backup);
	for (let i = 0; i < primaries.length; i++) {
		const p = primaries[(state.next + i) % primaries.length];
		if (p !== undefined && usable(p)) {
			n.process.data = {
				...n.process.data,
				upstreams: { ...n.process.data.upstreams, [ex.upstream]: { ...state, next: (state.next + i + 1) % primaries.length } },
			};
			return p;
		}
	}
	return live.find((p) => p.backup && usable(p));
}

function send(n: Nginx, ex: Proxied, place: Place, t: Target): void {
	const live = peersOf(n, t);
	if ('problem' in live) {
		complain(n, ex, place, 'error', live.problem);
		problem(n, ex, place, 502);
		return;
	}
	const peer = choose(n, ex, live);
	if (peer === undefined) {
		complain(n, ex, place, 'error', 'no live upstreams while connecting to upstream', `${t.scheme}://${t.authority}${ex.path}`);
		problem(n, ex, place, 502);
		return;
	}
	const token = `p${ex.number}.${ex.tried.length}`;
	const dial = n.process.dial(
		{
			host: peer.address,
			port: peer.port,
			request: upstreamRequest(n, ex, place, t),
			connectTimeoutMs: place.settings.connectTimeoutMs,
			idleTimeoutMs: place.settings.readTimeoutMs,
			stream: true,
		},
		token,
	);
	n.process.data = { ...n.process.data, pending: { ...n.process.data.pending, [token]: { ...ex, dial, tried: [...ex.tried, peer.key] } } };
	n.process.timer(place.settings.readTimeoutMs, token);
}

function upstreamRequest(n: Nginx, ex: Exchange & { readonly path: string }, place: Place, t: Target): HttpRequest {
	const v = variables(n, ex, place, { proxyHost: t.authority });
	const { connection: _c, 'keep-alive': _k, ...client } = ex.request.headers;
	const headers: { [name: string]: string } = { ...client, host: t.authority, connection: 'close' };
	for (const [name, value] of place.settings.proxyHeaders) {
		const text = expand(value, v);
		if (text === '') delete headers[name.toLowerCase()];
		else headers[name.toLowerCase()] = text;
	}
	return { protocol: 'http', ...(t.scheme === 'https' ? { tls: true } : {}), method: ex.request.method, path: ex.path, headers, body: ex.request.body };
}

/** How a failed dial is worded, and as which condition of proxy_next_upstream it counts. */
function failureWords(outcome: Outcome & { readonly ok: false }): { readonly words: string; readonly status: number; readonly condition: string } {
	const connecting = outcome.phase !== 'response';
	const phase = connecting ? 'while connecting to upstream' : 'while reading response header from upstream';
	switch (outcome.error) {
		case 'ETIMEDOUT':
			return { words: `upstream timed out (110: Connection timed out) ${phase}`, status: 504, condition: 'timeout' };
		case 'ECONNREFUSED':
			return { words: `connect() failed (111: Connection refused) ${phase}`, status: 502, condition: 'error' };
		case 'EHOSTUNREACH':
			return { words: `connect() failed (113: Host is unreachable) ${phase}`, status: 502, condition: 'error' };
		case 'ECONNRESET':
			return {
				words: connecting
					? `connect() failed (104: Connection reset by peer) ${phase}`
					: 'upstream prematurely closed connection while reading response header from upstream',
				status: 502,
				condition: 'error',
			};
		case 'EPROTO':
			return {
				words: 'SSL_do_handshake() failed (SSL: error:0A0000C6:SSL routines::packet length too long) while SSL handshaking to upstream',
				status: 502,
				condition: 'error',
			};
		default:
			return { words: 'host not found in upstream', status: 502, condition: 'error' };
	}
}

/** An upstream has answered, or will not. */
export function onUpstream(n: Nginx, token: string, outcome: Outcome): void {
	const ex = n.process.data.pending[token];
	if (ex === undefined) return;
	const { [token]: _done, ...pending } = n.process.data.pending;
	n.process.data = { ...n.process.data, pending };
	n.process.clearTimer(token);
	const place = placeOf(n, ex);
	const pass = place?.location?.proxyPass;
	const t = place === undefined || pass === undefined ? undefined : target(n, ex, place, pass);
	if (place === undefined || t === undefined) {
		// The configuration was reloaded and has no such place any more.
		n.process.respond(ex.connection, { protocol: 'http', status: 502, headers: {}, body: '' });
		return;
	}
	const peer = ex.tried.at(-1) ?? '';
	const url = `${t.scheme}://${peer}${ex.path}`;
	if (!outcome.ok) {
		const { words, status, condition } = failureWords(outcome);
		failed(n, ex, place, t, { words, status, condition, url, sent: outcome.phase === 'response' });
		return;
	}
	const { response } = outcome;
	if (response.protocol !== 'http') {
		failed(n, ex, place, t, {
			words: 'upstream prematurely closed connection while reading response header from upstream',
			status: 502,
			condition: 'error',
			url,
			sent: true,
		});
		return;
	}
	markPeer(n, ex, undefined);
	if (place.settings.nextUpstream.includes(`http_${response.status}`) && canRetry(n, ex, t)) {
		send(n, ex, place, t);
		return;
	}
	if (place.settings.interceptErrors && response.status >= 300 && place.settings.errorPages.some((p) => p.codes.includes(response.status))) {
		problem(n, ex, place, response.status);
		return;
	}
	const headers: { [name: string]: string } = { ...response.headers };
	for (const name of ['connection', 'server', 'date', 'transfer-encoding', 'keep-alive', ...(response.open === true ? ['content-length'] : [])])
		delete headers[name];
	for (const hidden of place.settings.hideHeaders) delete headers[hidden];
	const location = headers['location'];
	if (location !== undefined) headers['location'] = redirected(ex, place, t, location);
	if (response.open === true) passOn(n, token, ex, place, { ...response, headers }, peer);
	else answer(n, ex, place, response.status, headers, response.body, peer);
}

/** proxy_redirect default: the upstream's own address in Location becomes the proxy's. */
function redirected(ex: Exchange, place: Place, t: Target, location: string): string {
	const own = `${t.scheme}://${t.authority}`;
	if (!location.startsWith(`${own}/`)) return location;
	const base = place.location?.pattern ?? '/';
	const mapped = /^https?:\/\/[^/]+(\/.*)?$/.exec(place.location?.proxyPass ?? '')?.[1];
	const rest = location.slice(own.length);
	const path = mapped === undefined ? rest : `${base}${rest.slice(mapped.length)}`;
	return `${ex.request.tls === true ? 'https' : 'http'}://${ex.request.headers['host'] ?? ''}${path}`;
}

function failed(
	n: Nginx,
	ex: Proxied,
	place: Place,
	t: Target,
	f: { readonly words: string; readonly status: number; readonly condition: string; readonly url: string; readonly sent: boolean },
): void {
	complain(n, ex, place, 'error', f.words, f.url);
	markPeer(n, ex, t);
	const listed = place.settings.nextUpstream.includes(f.condition);
	const repeatable = !f.sent || IDEMPOTENT.has(ex.request.method) || place.settings.nextUpstream.includes('non_idempotent');
	if (listed && repeatable && canRetry(n, ex, t)) {
		send(n, ex, place, t);
		return;
	}
	problem(n, ex, place, f.status);
}

function canRetry(n: Nginx, ex: Proxied, t: Target): boolean {
	const live = peersOf(n, t);
	return !('problem' in live) && live.some((p) => !ex.tried.includes(p.key));
}

/** Counts a failure of the peer last tried, or clears its count where no target is given. */
function markPeer(n: Nginx, ex: Proxied, failedTarget: Target | undefined): void {
	const key = ex.tried.at(-1) ?? '';
	const state = n.process.data.upstreams[ex.upstream];
	if (state === undefined) return;
	const { [key]: old, ...others } = state.fails;
	if (failedTarget === undefined && old === undefined) return;
	const timeout = n.model.upstreams[ex.upstream]?.[0]?.failTimeoutMs ?? 10_000;
	const fails =
		failedTarget === undefined
			? others
			: { ...others, [key]: { count: (old !== undefined && n.process.now < old.until ? old.count : 0) + 1, until: n.process.now + timeout } };
	n.process.data = { ...n.process.data, upstreams: { ...n.process.data.upstreams, [ex.upstream]: { ...state, fails } } };
}

/** proxy_read_timeout has passed. */
export function onUpstreamTimeout(n: Nginx, token: string): void {
	const ex = n.process.data.pending[token];
	if (ex === undefined) return;
	if (ex.dial !== undefined) n.process.giveUp(ex.dial);
	onUpstream(n, token, { ok: false, error: 'ETIMEDOUT', phase: 'response', port: Number(ex.tried.at(-1)?.split(':')[1] ?? 0) });
}
