/** kubectl's REST client over the cluster endpoint: JSON in, JSON out, failures as `StatusError` or `ConnectionError`. */
import type { ChannelSocket, ClusterEndpoint } from '../../../sandboxes/sandbox.ts';
import type { Status } from '../../../simulator/apiserver/types.ts';
import { ConnectionError, StatusError, toError } from './errors.ts';
import { jsonText, parseJson } from './json-text.ts';

/** Any API object, as read from the wire or a file. */
export interface Obj {
	apiVersion?: string;
	kind?: string;
	metadata?: Meta;
	// biome-ignore lint/suspicious/noExplicitAny: wire data of any resource
	[field: string]: any;
}

export interface Meta {
	name?: string;
	generateName?: string;
	namespace?: string;
	uid?: string;
	resourceVersion?: string;
	generation?: number;
	creationTimestamp?: string;
	deletionTimestamp?: string;
	deletionGracePeriodSeconds?: number;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
	ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
	finalizers?: string[];
	managedFields?: Obj[];
}

export interface CallOptions {
	readonly method?: string;
	readonly query?: { readonly [name: string]: string | number | boolean | readonly string[] | undefined };
	readonly body?: unknown;
	readonly contentType?: string;
	readonly accept?: string;
	readonly signal?: AbortSignal;
}

export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

function withQuery(path: string, query: CallOptions['query']): string {
	const params = new URLSearchParams();
	for (const [name, value] of Object.entries(query ?? {})) {
		if (value === undefined) continue;
		if (Array.isArray(value)) for (const v of value) params.append(name, v);
		else params.append(name, String(value));
	}
	const text = params.toString();
	return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

/** Texts of RFC 7234 `Warning: 299 - "…"` headers; one header may hold several. */
export function warningsOf(headers: Headers): readonly string[] {
	const out: string[] = [];
	for (const m of (headers.get('warning') ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) out.push((m[1] ?? '').replace(/\\(.)/g, '$1'));
	return out;
}

/** The failure a response stands for: its Status, or one made up from its code as client-go does. */
export async function failure(response: Response, method: string): Promise<StatusError> {
	const body = await response.text();
	try {
		const parsed: unknown = JSON.parse(body);
		if (parsed !== null && typeof parsed === 'object' && (parsed as Status).kind === 'Status') return new StatusError(parsed as Status);
	} catch {
		// not JSON: worded below from the code alone
	}
	const known: { readonly [code: number]: readonly [string, string] } = {
		401: ['Unauthorized', 'Unauthorized'],
		403: ['Forbidden', body.trim() === '' ? 'forbidden' : body.trim()],
		404: ['NotFound', 'the server could not find the requested resource'],
		405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
		409: ['Conflict', `the server reported a conflict`],
		413: ['RequestEntityTooLarge', 'Request entity too large: limit is 3145728'],
		415: ['UnsupportedMediaType', 'the body of the request was in an unknown format - accepted media types include: '],
		500: ['InternalError', `an error on the server ("${body.trim()}") has prevented the request from succeeding`],
		503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
	};
	const [reason, message] = known[response.status] ?? ['', `an error on the server ("${body.trim()}") has prevented the request from succeeding (${method})`];
	return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code: response.status });
}

export class RestClient {
	readonly #endpoint: ClusterEndpoint;
	readonly #headers: { readonly [name: string]: string };
	/** Host as messages name it. */
	readonly host: string;
	readonly #unreachable: boolean;
	readonly #warn: (text: string) => void;
	readonly #log: ((line: string) => void) | undefined;
	readonly #timeoutMs: number;
	readonly #signal: AbortSignal;

	constructor(options: {
		readonly endpoint: ClusterEndpoint;
		readonly headers: { readonly [name: string]: string };
		readonly host: string;
		/** Nothing answers at that host: every call is refused. */
		readonly unreachable: boolean;
		readonly warn: (text: string) => void;
		readonly log?: (line: string) => void;
		readonly timeoutMs: number;
		readonly signal: AbortSignal;
	}) {
		this.#endpoint = options.endpoint;
		this.#headers = options.headers;
		this.host = options.host;
		this.#unreachable = options.unreachable;
		this.#warn = options.warn;
		this.#log = options.log;
		this.#timeoutMs = options.timeoutMs;
		this.#signal = options.signal;
	}

	/** A call whose answer may be anything; a failed one rejects. */
	async fetch(path: string, options: CallOptions = {}): Promise<Response> {
		const method = options.method ?? 'GET';
		const headers: Record<string, string> = { ...this.#headers, accept: options.accept ?? 'application/json' };
		const body = options.body === undefined ? undefined : typeof options.body === 'string' ? options.body : jsonText(options.body);
		if (body !== undefined) headers['content-type'] = options.contentType ?? 'application/json';
		const url = `http://cluster${withQuery(path, options.query)}`;
		const signals = [this.#signal];
		if (options.signal !== undefined) signals.push(options.signal);
		if (this.#timeoutMs > 0) signals.push(AbortSignal.timeout(this.#timeoutMs));
		const response = await this.#send(
			new Request(url, { method, headers, signal: signals.length === 1 ? this.#signal : AbortSignal.any(signals), ...(body === undefined ? {} : { body }) }),
		);
		this.#log?.(
			`${method} https://${this.host}${withQuery(path, options.query)} ${response.status} ${response.statusText || (response.ok ? 'OK' : '')}`.trimEnd(),
		);
		for (const text of warningsOf(response.headers)) this.#warn(text);
		if (!response.ok) throw await failure(response, method);
		return response;
	}

	/** A request of somebody else's, sent on to `path` with this client's credentials; whatever the answer, it comes back as it is. */
	async forward(request: Request, path: string): Promise<Response> {
		const headers = new Headers(request.headers);
		for (const [name, value] of Object.entries(this.#headers)) if (name !== 'user-agent') headers.set(name, value);
		const body = ['GET', 'HEAD'].includes(request.method) ? undefined : await request.text();
		return this.#send(new Request(`http://cluster${path}`, { method: request.method, headers, signal: this.#signal, ...(body === undefined ? {} : { body }) }));
	}

	async #send(request: Request): Promise<Response> {
		if (this.#unreachable) throw this.#refused();
		try {
			return await this.#endpoint.fetch(request);
		} catch (err) {
			if (this.#signal.aborted || request.signal.aborted) throw err;
			throw this.#refused();
		}
	}

	#refused(): ConnectionError {
		return new ConnectionError(`The connection to the server ${this.host} was refused - did you specify the right host or port?`);
	}

	async json(path: string, options: CallOptions = {}): Promise<Obj> {
		const response = await this.fetch(path, options);
		const text = await response.text();
		return text === '' ? {} : (parseJson(text) as Obj);
	}

	connect(path: string, query: CallOptions['query']): Promise<ChannelSocket> {
		if (this.#unreachable) return Promise.reject(this.#refused());
		return this.#endpoint.connect(new Request(`http://cluster${withQuery(path, query)}`, { method: 'POST', headers: this.#headers, signal: this.#signal }));
	}
}

/** Lines of a streamed body, as they come; ends when the body does or `signal` fires. */
export async function* lines(response: Response, signal: AbortSignal): AsyncGenerator<string> {
	let rest = '';
	for await (const chunk of chunks(response, signal)) {
		rest += chunk;
		let at = rest.indexOf('\n');
		while (at >= 0) {
			yield rest.slice(0, at);
			rest = rest.slice(at + 1);
			at = rest.indexOf('\n');
		}
	}
	if (rest !== '') yield rest;
}

/** Pieces of a streamed body as text. */
export async function* chunks(response: Response, signal: AbortSignal): AsyncGenerator<string> {
	if (response.body === null) return;
	const reader = response.body.getReader();
	const decoder = new TextDecoder();
	const stop = (): void => void reader.cancel().catch(() => undefined);
	if (signal.aborted) stop();
	signal.addEventListener('abort', stop, { once: true });
	try {
		while (!signal.aborted) {
			const { done, value } = await reader.read();
			if (done) return;
			yield decoder.decode(value, { stream: true });
		}
	} catch (err) {
		// A stream that has reached --request-timeout ends without a word.
		if (!signal.aborted && toError(err).name !== 'TimeoutError') throw err;
	} finally {
		signal.removeEventListener('abort', stop);
		stop();
	}
}
