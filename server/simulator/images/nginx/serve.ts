/** A request's way through server, rewriting, location and what that holds: files, fixed answers, error pages. Proxying is next door. */
import { utf8Length } from '../../storage-volumes/bytes.ts';
import type { HttpResponse } from '../../network/types.ts';
import { logError, writeLog } from './log.ts';
import type { Location, Settings } from './config/model.ts';
import { page } from './pages.ts';
import { findLocation, findServer, runSteps } from './route.ts';
import type { Exchange, Nginx, Place } from './state.ts';
import { expand, httpDate, type Variables } from './variables.ts';

const MAX_HOPS = 10;

export function variables(n: Nginx, ex: Exchange, place: Place, extra: Partial<Variables> = {}): Variables {
	return {
		model: n.model,
		request: ex.request,
		remote: ex.remote,
		port: ex.port,
		hostname: n.process.hostname,
		version: n.version,
		serverName: place.server.names[0] ?? '',
		root: place.settings.root,
		uri: ex.uri,
		args: ex.args,
		captures: [...ex.captures],
		set: { ...ex.set },
		now: n.process.now,
		...extra,
	};
}

export function placeOf(n: Nginx, ex: Exchange): Place | undefined {
	const server = findServer(n.model, ex.port, ex.request.headers['host'] ?? '');
	if (server === undefined) return undefined;
	const location = ex.at.startsWith('@')
		? server.locations.find((l) => l.modifier === '@' && l.pattern === ex.at)
		: findLocation(server.locations, ex.at)?.location;
	return { server, location, settings: location?.settings ?? server.settings };
}

/** Starts with a request that has just arrived. */
export function begin(n: Nginx, ex: Exchange): void {
	const place = placeOf(n, ex);
	if (place === undefined) {
		n.process.respond(ex.connection, { protocol: 'http', status: 404, headers: {}, body: '' });
		return;
	}
	if (place.server.steps.length > 0) {
		const next = steps(n, ex, { ...place, settings: place.server.settings }, place.server.steps);
		if (next !== undefined) locate(n, next);
		return;
	}
	locate(n, ex);
}

/** Runs rewriting; undefined where it has answered. */
function steps(n: Nginx, ex: Exchange, place: Place, list: Location['steps']): (Exchange & { readonly again: boolean }) | undefined {
	const v = variables(n, ex, place);
	const exists = (path: string, directory: boolean): boolean => {
		const stat = n.process.fs.stat(path);
		return stat.ok && (!directory || stat.value.kind === 'directory');
	};
	const result = runSteps(list, v, exists);
	if (result.kind === 'return') {
		fixed(n, ex, place, result.code, result.text);
		return undefined;
	}
	if (result.kind === 'redirect') {
		fixed(n, ex, place, result.code, result.to);
		return undefined;
	}
	const moved = result.uri !== ex.uri || result.args !== ex.args;
	return { ...ex, uri: result.uri, args: result.args, rewritten: ex.rewritten || moved, captures: v.captures, set: v.set, again: result.again };
}

function fixed(n: Nginx, ex: Exchange, place: Place, code: number, text: string): void {
	if (code === 444) {
		n.process.respond(ex.connection, { protocol: 'tcp', data: '' });
		return;
	}
	if (code >= 300 && code < 309 && code !== 304 && text !== '') {
		const to = text.startsWith('/') ? `${ex.request.tls === true ? 'https' : 'http'}://${ex.request.headers['host'] ?? ''}${text}` : text;
		answer(n, ex, place, code, { location: to, 'content-type': 'text/html' }, page(code, signature(n, place.settings)));
		return;
	}
	if (text === '' && code >= 300) problem(n, ex, place, code);
	else answer(n, ex, place, code, text === '' ? {} : { 'content-type': typeFor(place.settings, ex.uri) }, text);
}

/** Finds the location and does what it says. */
export function locate(n: Nginx, ex: Exchange): void {
	const server = findServer(n.model, ex.port, ex.request.headers['host'] ?? '');
	if (server === undefined) return;
	const named = ex.at.startsWith('@');
	const found = named ? undefined : findLocation(server.locations, ex.uri);
	const here: Exchange = named ? ex : { ...ex, at: ex.uri, captures: found !== undefined && found.captures.length > 0 ? found.captures : ex.captures };
	const place = placeOf(n, here);
	if (place === undefined) return;
	const { location } = place;
	if (ex.hops > MAX_HOPS) {
		complain(n, ex, place, 'error', `rewrite or internal redirection cycle while internally redirecting to "${ex.uri}"`);
		problem(n, ex, place, 500);
		return;
	}
	if (location?.internal === true && ex.hops === 0) {
		problem(n, here, place, 404);
		return;
	}
	const inside = location === undefined ? { ...here, again: false } : steps(n, here, place, location.steps);
	if (inside === undefined) return;
	const { again, ...next } = inside;
	if (again) {
		locate(n, { ...next, at: next.uri, hops: next.hops + 1 });
		return;
	}
	if (!allowed(place.settings, ex.remote)) {
		complain(n, next, place, 'error', 'access forbidden by rule');
		problem(n, next, place, 403);
		return;
	}
	if (place.settings.maxBody > 0 && ex.request.body.length > place.settings.maxBody) {
		complain(n, next, place, 'error', `client intended to send too large body: ${ex.request.body.length} bytes`);
		problem(n, next, place, 413);
		return;
	}
	content(n, next, place);
}

function allowed(settings: Settings, remote: string): boolean {
	for (const rule of settings.access) {
		const m = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(rule.from);
		const bits = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
		const prefix = 2 ** (32 - Number(m?.[5] ?? 32));
		const hit = rule.from === 'all' || (m !== null && Math.floor(bits(remote) / prefix) === Math.floor(bits(rule.from.split('/')[0] ?? '') / prefix));
		if (hit) return rule.allow;
	}
	return true;
}

function content(n: Nginx, ex: Exchange, place: Place): void {
	const { location } = place;
	const tries = location?.tryFiles ?? (location === undefined ? place.server.tryFiles : undefined);
	if (tries !== undefined && !ex.at.startsWith('@')) {
		const next = tryFiles(n, ex, place, tries);
		if (next === undefined) return;
		if (next !== ex) {
			content2(n, next, place);
			return;
		}
	}
	content2(n, ex, place);
}

function content2(n: Nginx, ex: Exchange, place: Place): void {
	const { location } = place;
	if (location?.proxyPass !== undefined) n.proxy(n, ex, place, location.proxyPass);
	else if (location?.stubStatus === true) {
		const total = n.process.data.requests;
		const body = `Active connections: 1 \nserver accepts handled requests\n ${total} ${total} ${total} \nReading: 0 Writing: 1 Waiting: 0 \n`;
		answer(n, ex, place, 200, { 'content-type': 'text/plain' }, body);
	} else serveFile(n, ex, place);
}

/** The exchange with the uri of the first file that exists; undefined where the fallback took over. */
function tryFiles(n: Nginx, ex: Exchange, place: Place, tries: readonly string[]): Exchange | undefined {
	const v = variables(n, ex, place);
	for (const candidate of tries.slice(0, -1)) {
		const uri = expand(candidate, v);
		const stat = n.process.fs.stat(filePath(place, uri));
		if (stat.ok && (stat.value.kind === 'directory') === uri.endsWith('/')) return { ...ex, uri };
	}
	const last = tries.at(-1) ?? '';
	if (last.startsWith('=')) problem(n, ex, place, Number(last.slice(1)));
	else if (last.startsWith('@')) locate(n, { ...ex, at: last, hops: ex.hops + 1 });
	else {
		const [uri = '', args] = expand(last, v).split('?', 2);
		locate(n, { ...ex, uri, args: args ?? ex.args, at: uri, hops: ex.hops + 1 });
	}
	return undefined;
}

export function filePath(place: Place, uri: string): string {
	const { location } = place;
	if (location?.alias !== undefined) return `${location.alias}${uri.slice(location.pattern.length)}`;
	return `${place.settings.root}${uri}`;
}

const ERRNO: { readonly [error: string]: readonly [number, string, number] } = {
	ENOENT: [2, 'No such file or directory', 404],
	ENOTDIR: [20, 'Not a directory', 404],
	EACCES: [13, 'Permission denied', 403],
	ELOOP: [40, 'Too many levels of symbolic links', 403],
};

function serveFile(n: Nginx, ex: Exchange, place: Place): void {
	const { method } = ex.request;
	if (method !== 'GET' && method !== 'HEAD') {
		problem(n, ex, place, 405);
		return;
	}
	const path = filePath(place, ex.uri);
	const stat = n.process.fs.stat(path);
	if (ex.uri.endsWith('/')) {
		serveDirectory(n, ex, place, path, stat.ok);
		return;
	}
	if (stat.ok && stat.value.kind === 'directory') {
		const host = ex.request.headers['host'] ?? '';
		const to = `${ex.request.tls === true ? 'https' : 'http'}://${host}${ex.uri}/${ex.args === '' ? '' : `?${ex.args}`}`;
		answer(n, ex, place, 301, { location: to, 'content-type': 'text/html' }, page(301, signature(n, place.settings)));
		return;
	}
	const file = n.process.fs.read(path);
	if (!file.ok) {
		const [errno, words, status] = ERRNO[file.error] ?? [5, 'Input/output error', 500];
		complain(n, ex, place, 'error', `open() "${path}" failed (${errno}: ${words})`);
		problem(n, ex, place, status);
		return;
	}
	const mtime = stat.ok ? stat.value.mtime : n.process.now;
	const headers = {
		'content-type': typeFor(place.settings, ex.uri),
		'last-modified': httpDate(mtime),
		etag: `"${Math.floor(mtime / 1000).toString(16)}-${file.value.length.toString(16)}"`,
		'accept-ranges': 'bytes',
	};
	answer(n, ex, place, 200, headers, file.value);
}

function serveDirectory(n: Nginx, ex: Exchange, place: Place, path: string, exists: boolean): void {
	for (const name of place.settings.index) {
		if (name.startsWith('/')) {
			locate(n, { ...ex, uri: name, at: name, hops: ex.hops + 1 });
			return;
		}
		if (n.process.fs.stat(`${path}${name}`).ok) {
			locate(n, { ...ex, uri: `${ex.uri}${name}`, at: ex.uri, hops: ex.hops + 1 });
			return;
		}
	}
	if (!exists) {
		const index = `${path}${place.settings.index[0] ?? ''}`;
		complain(n, ex, place, 'error', `"${index}" is not found (2: No such file or directory)`);
		problem(n, ex, place, 404);
		return;
	}
	const listed = n.process.fs.list(path);
	if (place.settings.autoindex && listed.ok) {
		const lines = listed.value.map((f) => `<a href="${f}">${f}</a>\r\n`).join('');
		answer(
			n,
			ex,
			place,
			200,
			{ 'content-type': 'text/html' },
			`<html>\r\n<head><title>Index of ${ex.uri}</title></head>\r\n<body>\r\n<h1>Index of ${ex.uri}</h1><hr><pre><a href="../">../</a>\r\n${lines}</pre><hr></body>\r\n</html>\r\n`,
		);
		return;
	}
	complain(n, ex, place, 'error', `directory index of "${path}" is forbidden`);
	problem(n, ex, place, 403);
}

function typeFor(settings: Settings, uri: string): string {
	const extension = /\.([^./]+)$/.exec(uri)?.[1]?.toLowerCase();
	return (extension === undefined ? undefined : settings.types[extension]) ?? settings.defaultType;
}

export const signature = (n: Nginx, settings: Settings): string => (settings.serverTokens ? `nginx/${n.version}` : 'nginx');

/** Writes to the error log with the words nginx adds about the request. */
export function complain(n: Nginx, ex: Exchange, place: Place, level: string, message: string, upstream?: string): void {
	const host = ex.request.headers['host'];
	const server = place.server.names[0] ?? '';
	const text = `*${ex.number} ${message}, client: ${ex.remote}, server: ${server}, request: "${ex.request.method} ${ex.request.path} HTTP/1.1"${upstream === undefined ? '' : `, upstream: "${upstream}"`}${host === undefined ? '' : `, host: "${host}"`}`;
	logError(n.process, place.settings.errorLog, level, text, n.process.data.workers[0] ?? 1);
}

/** Answers with an error: by error_page where there is one, else with nginx's own page. */
export function problem(n: Nginx, ex: Exchange, place: Place, status: number): void {
	const own = ex.error === undefined ? place.settings.errorPages.find((p) => p.codes.includes(status)) : undefined;
	if (own === undefined) {
		answer(n, ex, place, status, { 'content-type': 'text/html' }, page(status, signature(n, place.settings)));
		return;
	}
	const next: Exchange = {
		...ex,
		hops: ex.hops + 1,
		error: { status, ...(own.answer === undefined ? {} : { answer: own.answer }) },
		request: ex.request.method === 'HEAD' ? ex.request : { ...ex.request, method: 'GET' },
	};
	if (own.uri.startsWith('@')) locate(n, { ...next, at: own.uri, request: ex.request });
	else if (own.uri.startsWith('/')) {
		const uri = expand(own.uri, variables(n, ex, place));
		locate(n, { ...next, uri, args: '', at: uri });
	} else
		answer(
			n,
			ex,
			place,
			typeof own.answer === 'number' ? own.answer : 302,
			{ location: own.uri, 'content-type': 'text/html' },
			page(302, signature(n, place.settings)),
		);
}

/** The end of every exchange: status of an error_page, added headers, access log. */
export function answer(
	n: Nginx,
	ex: Exchange,
	place: Place,
	given: number,
	headers: { readonly [name: string]: string },
	body: string,
	upstream?: string,
): void {
	const bytes = ex.request.method === 'HEAD' ? 0 : Number(headers['content-length'] ?? utf8Length(body));
	const end = { bytes, ...(upstream === undefined ? {} : { upstream }) };
	const head = headOf(n, ex, place, given, { ...headers, 'content-length': headers['content-length'] ?? String(utf8Length(body)) }, end);
	n.process.respond(ex.connection, { ...head, body: ex.request.method === 'HEAD' || head.status === 204 ? '' : body });
	logAccess(n, ex, place, head.status, end);
}

/** What an answer came to: bytes of its body, and the peer it is from. */
export interface End {
	readonly bytes: number;
	readonly upstream?: string;
}

/** Status and headers as the configuration has them, with an empty body. */
export function headOf(n: Nginx, ex: Exchange, place: Place, given: number, headers: { readonly [name: string]: string }, end: End): HttpResponse {
	const { error } = ex;
	const status =
		error === undefined
			? given
			: error.answer === undefined
				? given >= 400 && given !== 200
					? given
					: error.status
				: error.answer === 'inherit'
					? given
					: error.answer;
	const v = accessVariables(n, ex, place, status, end);
	const all: { [name: string]: string } = { server: signature(n, place.settings), date: httpDate(n.process.now), ...headers, connection: 'keep-alive' };
	if (status === 204 || status === 304) {
		delete all['content-length'];
		delete all['content-type'];
	}
	const fine = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308].includes(status);
	for (const h of place.settings.addHeaders) {
		const text = expand(h.value, v);
		if ((fine || h.always) && text !== '') all[h.name.toLowerCase()] = text;
	}
	return { protocol: 'http', status, headers: all, body: '' };
}

const accessVariables = (n: Nginx, ex: Exchange, place: Place, status: number, end: End): ReturnType<typeof variables> =>
	variables(n, ex, place, { status, seconds: (n.process.now - ex.startedAt) / 1000, ...end });

export function logAccess(n: Nginx, ex: Exchange, place: Place, status: number, end: End): void {
	const v = accessVariables(n, ex, place, status, end);
	for (const log of place.settings.accessLog) {
		const line = expand(n.model.formats[log.format] ?? '', v)
			.replace(/""/g, '"-"')
			.replace(/ - (?= \[)/, ' - -')
			.replace(/- {2}\[/, '- - [');
		writeLog(n.process, log.path, `${line}\n`);
	}
}
