/**
 * The `proxy` subresource on the wire: the request as it goes on to its target, and the target's answer as it comes back.
 * Models apimachinery `pkg/util/proxy` (`UpgradeAwareHandler`, `Transport`). No time passes while the API server handles a
 * request, so it answers with the dial to make, and whoever asked makes it and hands its outcome to `proxied`.
 */
import type { Dial, Outcome } from '../../network/types.ts';
import { SOURCE } from './copy.ts';
import { failureText } from './failure.ts';
import { serviceUnavailable } from '../errors.ts';
import { jsonAnswer, textAnswer } from '../http/respond.ts';
import type { ProxyTarget } from '../types.ts';
import type { ApiResponse, ApiWireRequest, Forward } from '../wire.ts';

/** Go's dialer gives a connection so long, ms. */
const CONNECT_MS = 30_000;
/** Headers that end at a proxy (`httputil.ReverseProxy`), and the credentials, which are the API server's. */
export const OWN_HEADERS: ReadonlySet<string> = new Set([
	'connection',
	'proxy-connection',
	'keep-alive',
	'proxy-authenticate',
	'proxy-authorization',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade',
	'authorization',
]);
const GATEWAY = '172.18.0.1';

const PROXY_PATH = /^(\/api\/v1\/(?:namespaces\/[^/]+\/(?:pods|services)|nodes)\/[^/]+\/proxy)(\/.*)?$/;

/** A redirect where the path lacks its slash, else the dial to make. */
export function forward(request: ApiWireRequest, target: ProxyTarget): ApiResponse {
	const at = request.url.indexOf('?');
	const path = at < 0 ? request.url : request.url.slice(0, at);
	const query = at < 0 ? '' : request.url.slice(at);
	const [, prefix = '', rest = ''] = PROXY_PATH.exec(path.replace(/\/{2,}/g, '/')) ?? [];
	if (rest === '' && (request.method === 'GET' || request.method === 'HEAD')) return { ...textAnswer(301, ''), headers: { location: `${path}/${query}` } };
	const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !OWN_HEADERS.has(name) && !name.startsWith('impersonate-')));
	const from = request.remote ?? GATEWAY;
	const passed = {
		...headers,
		'x-forwarded-for': headers['x-forwarded-for'] === undefined ? from : `${headers['x-forwarded-for']}, ${from}`,
		'x-forwarded-uri': `${prefix}${rest}`,
	};
	const dial: Dial = {
		from: SOURCE,
		host: target.host,
		port: target.port,
		connectTimeoutMs: CONNECT_MS,
		request: {
			protocol: 'http',
			...(target.scheme === 'https' ? { tls: true } : {}),
			method: request.method,
			path: `${rest === '' ? '/' : rest}${query}`,
			headers: passed,
			body: request.body ?? '',
		},
	};
	return { status: 200, headers: {}, forward: { dial, prefix, head: request.method === 'HEAD' } };
}

/** A link of the target's, as a client of the proxy reaches it. */
function rewritten(url: string, { prefix }: Forward): string {
	return !url.startsWith('/') || url.startsWith('//') || url.startsWith(prefix) ? url : `${prefix}${url}`;
}

const LINKS = /(<[a-z][^<>]*?\s(?:href|src|action|cite|longdesc|usemap|background|data|codebase|classid|icon|manifest|poster|profile|formaction)=")([^"]*)"/gi;

/** What came of a forwarded request, as the API server answers it. */
export function proxied(asked: Forward, outcome: Outcome): ApiResponse {
	const unreachable = asked.aggregated === true ? badGateway : unavailable;
	if (!outcome.ok) return unreachable(failureText(outcome, asked.dial.host));
	const { response } = outcome;
	if (response.protocol !== 'http') return unreachable('EOF');
	const headers: { [name: string]: string } = {};
	for (const [name, value] of Object.entries(response.headers)) {
		const key = name.toLowerCase();
		if (!OWN_HEADERS.has(key) && key !== 'content-length') headers[key] = key === 'location' ? rewritten(value, asked) : value;
	}
	const { status } = response;
	if (asked.head) return { status, headers };
	const html = (headers['content-type'] ?? '').split(';', 1)[0]?.trim() === 'text/html';
	const text = html ? response.body.replace(LINKS, (_all, before: string, url: string) => `${before}${rewritten(url, asked)}"`) : response.body;
	return { status, headers, text };
}

function unavailable(why: string): ApiResponse {
	const { status } = serviceUnavailable(`error trying to reach service: ${why}`);
	return jsonAnswer(status.code, status);
}

/** The aggregator's own way to say so: no Status, a line of text (`http.Error`). */
const badGateway = (why: string): ApiResponse => textAnswer(503, `error trying to reach service: ${why}\n`);
