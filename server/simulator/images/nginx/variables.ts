/** nginx's variables in strings: `$uri`, `${host}`, `$http_x`, captures, `set` and `map`. */
import { formatTime } from '../../kernel/time.ts';
import type { HttpRequest } from '../../network/types.ts';
import type { Model } from './config/model.ts';
import { toRegex } from './config/values.ts';

export interface Variables {
	readonly model: Model;
	readonly request: HttpRequest;
	readonly remote: string;
	readonly port: number;
	readonly hostname: string;
	readonly version: string;
	readonly serverName: string;
	readonly root: string;
	/** Normalised path, and the query without its question mark. */
	readonly uri: string;
	readonly args: string;
	readonly captures: string[];
	readonly set: { [name: string]: string };
	readonly now: number;
	readonly status?: number;
	readonly bytes?: number;
	readonly seconds?: number;
	readonly upstream?: string;
	/** The name in proxy_pass. */
	readonly proxyHost?: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `20/Nov/2026:18:00:00 +0000`. */
export function timeLocal(ms: number): string {
	const t = formatTime(ms);
	return `${t.slice(8, 10)}/${MONTHS[Number(t.slice(5, 7)) - 1]}/${t.slice(0, 4)}:${t.slice(11, 19)} +0000`;
}

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

/** `Fri, 20 Nov 2026 18:00:00 GMT`. */
export function httpDate(ms: number): string {
	const t = formatTime(ms);
	return `${DAYS[Math.floor(ms / 86_400_000) % 7]}, ${t.slice(8, 10)} ${MONTHS[Number(t.slice(5, 7)) - 1]} ${t.slice(0, 4)} ${t.slice(11, 19)} GMT`;
}

export function expand(text: string, v: Variables): string {
	if (!text.includes('$')) return text;
	return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_all, braced: string | undefined, plain: string | undefined) => value(braced ?? plain ?? '', v));
}

function value(name: string, v: Variables): string {
	if (/^\d$/.test(name)) return v.captures[Number(name)] ?? '';
	const own = v.set[name];
	if (own !== undefined) return own;
	const { request } = v;
	const header = (h: string): string => request.headers[h] ?? '';
	if (name.startsWith('http_')) return header(name.slice(5).replace(/_/g, '-'));
	if (name.startsWith('arg_')) return new RegExp(`(?:^|&)${name.slice(4)}=([^&]*)`).exec(v.args)?.[1] ?? '';
	if (name.startsWith('cookie_')) return new RegExp(`(?:^|;\\s*)${name.slice(7)}=([^;]*)`).exec(header('cookie'))?.[1] ?? '';
	const forwarded = header('x-forwarded-for');
	switch (name) {
		case 'host':
			return (header('host') || v.serverName).replace(/:\d+$/, '').toLowerCase();
		case 'uri':
		case 'document_uri':
			return v.uri;
		case 'request_uri':
			return request.path;
		case 'args':
		case 'query_string':
			return v.args;
		case 'is_args':
			return v.args === '' ? '' : '?';
		case 'request_method':
			return request.method;
		case 'request':
			return `${request.method} ${request.path} HTTP/1.1`;
		case 'request_body':
			return request.body;
		case 'server_protocol':
			return 'HTTP/1.1';
		case 'scheme':
			return request.tls === true ? 'https' : 'http';
		case 'https':
			return request.tls === true ? 'on' : '';
		case 'remote_addr':
			return v.remote;
		case 'remote_port':
			return '40122';
		case 'remote_user':
			return v.status === undefined ? '' : '-';
		case 'server_addr':
			return '';
		case 'server_port':
			return String(v.port);
		case 'server_name':
			return v.serverName;
		case 'hostname':
			return v.hostname;
		case 'nginx_version':
			return v.version;
		case 'document_root':
			return v.root;
		case 'request_filename':
			return `${v.root}${v.uri}`;
		case 'proxy_add_x_forwarded_for':
			return forwarded === '' ? v.remote : `${forwarded}, ${v.remote}`;
		case 'proxy_host':
			return v.proxyHost ?? '';
		case 'time_local':
			return timeLocal(v.now);
		case 'time_iso8601':
			return formatTime(v.now).replace('Z', '+00:00');
		case 'msec':
			return (v.now / 1000).toFixed(3);
		case 'status':
			return String(v.status ?? '');
		case 'body_bytes_sent':
		case 'bytes_sent':
			return String(v.bytes ?? 0);
		case 'request_time':
		case 'upstream_response_time':
			return (v.seconds ?? 0).toFixed(3);
		case 'upstream_addr':
			return v.upstream ?? '';
		case 'content_type':
			return header('content-type');
		case 'content_length':
			return header('content-length');
		case 'pid':
			return '29';
		case 'connection':
		case 'connection_requests':
			return '1';
		case 'request_length':
			return String(request.path.length + request.body.length + 60);
		default: {
			const map = v.model.maps.find((m) => m.name === name);
			return map === undefined ? '' : mapped(map, v);
		}
	}
}

function mapped(map: Model['maps'][number], v: Variables): string {
	const source = expand(map.source, v);
	let otherwise = '';
	for (const [pattern, result] of map.cases) {
		if (pattern === 'default') otherwise = result;
		else if (
			pattern.startsWith('~')
				? toRegex(pattern.replace(/^~\*?/, ''), pattern.startsWith('~*') ? 'i' : '')?.test(source) === true
				: pattern.toLowerCase() === source.toLowerCase()
		)
			return expand(result, v);
	}
	return expand(otherwise, v);
}
