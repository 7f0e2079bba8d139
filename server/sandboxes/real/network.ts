/** Real requests from this machine into an existing cluster; a lab's host names go to the ingress address where one is given. */
import { lookup } from 'node:dns';
import { connect as tcpConnect, isIP } from 'node:net';
import { Agent, request as undiciRequest } from 'undici';
import type { NetworkError } from '../../simulator/network/types.ts';
import { type LoadResult, type LoadSpec, type NetworkRequest, type NetworkResult, NotCapable, type SandboxNetwork } from '../sandbox.ts';
import { runLoad } from '../load.ts';

export interface RealNetworkOptions {
	/** `address[:port]` that the lab's host names lead to. */
	readonly ingress?: string;
	readonly hosts?: readonly string[];
}

const CONNECT_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;

export class RealNetwork implements SandboxNetwork {
	private readonly options: RealNetworkOptions;
	private readonly agents = new Map<string, Agent>();

	constructor(options: RealNetworkOptions = {}) {
		this.options = options;
	}

	async request(request: NetworkRequest): Promise<NetworkResult> {
		if (request.fromPod !== undefined) throw new NotCapable('kubeconfig', 'send requests from a pod’s network');
		const started = performance.now();
		const elapsed = (): number => Math.round(performance.now() - started);
		const url = new URL(request.url);
		const host = url.hostname.replace(/^\[|\]$/g, '');
		const target = this.target(host, request.resolve);
		const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
		const timeout = AbortSignal.timeout(request.timeoutMs ?? REQUEST_TIMEOUT_MS);
		const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
		try {
			if (url.protocol === 'tcp:')
				return { ...(await tcp(target.address ?? host, target.port ?? port, request.connectTimeoutMs ?? CONNECT_TIMEOUT_MS)), elapsedMs: elapsed() };
			const realUrl = target.port === undefined ? request.url : withPort(url, target.port);
			// Not fetch: that refuses ports of its own choice and headers such as Host.
			const response = await undiciRequest(realUrl, {
				method: request.method as 'GET',
				headers: { ...request.headers, ...(target.port === undefined ? {} : { host: url.host }) },
				dispatcher: this.agent(target.address, request.connectTimeoutMs),
				signal,
				...(request.body === undefined || request.body === '' ? {} : { body: request.body }),
			});
			const body = await response.body.text();
			const headers: Record<string, string> = {};
			for (const [name, value] of Object.entries(response.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
			return {
				ok: true,
				response: { protocol: 'http', status: response.statusCode, headers, body },
				address: target.address ?? host,
				port,
				elapsedMs: elapsed(),
			};
		} catch (error) {
			const code = codeOf(error);
			return { ok: false, error: code.error, port, phase: code.phase, elapsedMs: elapsed() };
		}
	}

	load(spec: LoadSpec, during?: () => Promise<void>): Promise<LoadResult> {
		const started = performance.now();
		const reach = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, started + ms - performance.now())));
		return runLoad(spec, { request: (r) => this.request(r), reach }, during);
	}

	async close(): Promise<void> {
		await Promise.all([...this.agents.values()].map((agent) => agent.destroy()));
	}

	private target(host: string, resolve: NetworkRequest['resolve']): { readonly address?: string; readonly port?: number } {
		const given = resolve?.[host];
		if (given !== undefined) return { address: given };
		const { ingress, hosts = [] } = this.options;
		if (ingress === undefined || !hosts.includes(host)) return {};
		const m = /^(.*?)(?::(\d+))?$/.exec(ingress);
		return { address: m?.[1] ?? ingress, ...(m?.[2] === undefined ? {} : { port: Number(m[2]) }) };
	}

	private agent(address: string | undefined, connectTimeoutMs = CONNECT_TIMEOUT_MS): Agent {
		const key = `${address ?? ''} ${connectTimeoutMs}`;
		let agent = this.agents.get(key);
		if (agent === undefined) {
			const look: typeof lookup | undefined =
				address === undefined
					? undefined
					: (((_name: string, options: { all?: boolean }, done: (...answer: unknown[]) => void) => {
							const family = isIP(address);
							if (family === 0) return lookup(address, options, done as never);
							if (options.all === true) done(null, [{ address, family }]);
							else done(null, address, family);
						}) as unknown as typeof lookup);
			// keepAlive 1 ms: each request is a connection of its own, as curl's is, so that load balancing shows.
			agent = new Agent({
				keepAliveTimeout: 1,
				connect: { timeout: connectTimeoutMs, rejectUnauthorized: false, ...(look === undefined ? {} : { lookup: look }) },
			});
			this.agents.set(key, agent);
		}
		return agent;
	}
}

function withPort(url: URL, port: number): string {
	const copy = new URL(url);
	copy.port = String(port);
	return copy.href;
}

function tcp(host: string, port: number, timeoutMs: number): Promise<NetworkResultBody> {
	return new Promise((resolve) => {
		const socket = tcpConnect({ host, port });
		const end = (result: NetworkResultBody): void => {
			socket.destroy();
			resolve(result);
		};
		socket.setTimeout(timeoutMs, () => end({ ok: false, error: 'ETIMEDOUT', port, phase: 'connect' }));
		socket.once('connect', () => end({ ok: true, response: { protocol: 'tcp', data: '' }, address: socket.remoteAddress ?? host, port }));
		socket.once('error', (error) => end({ ok: false, error: codeOf(error).error, port, phase: codeOf(error).phase }));
	});
}
type NetworkResultBody = NetworkResult extends infer R ? (R extends unknown ? Omit<R, 'elapsedMs'> : never) : never;

/** An error of undici or node as errno name and phase. */
function codeOf(error: unknown): { readonly error: NetworkError; readonly phase: 'dns' | 'connect' | 'response' } {
	let at: unknown = error;
	for (let i = 0; i < 5 && at instanceof Error; i++) {
		const code = 'code' in at ? String(at.code) : at.name;
		switch (code) {
			case 'ENOTFOUND':
			case 'EAI_AGAIN':
				return { error: code, phase: 'dns' };
			case 'ECONNREFUSED':
			case 'EHOSTUNREACH':
				return { error: code, phase: 'connect' };
			case 'ENETUNREACH':
				return { error: 'EHOSTUNREACH', phase: 'connect' };
			case 'ETIMEDOUT':
			case 'UND_ERR_CONNECT_TIMEOUT':
				return { error: 'ETIMEDOUT', phase: 'connect' };
			case 'UND_ERR_HEADERS_TIMEOUT':
			case 'UND_ERR_BODY_TIMEOUT':
			case 'TimeoutError':
				return { error: 'ETIMEDOUT', phase: 'response' };
			case 'EPROTO':
				return { error: 'EPROTO', phase: 'connect' };
			case 'ECONNRESET':
			case 'EPIPE':
			case 'UND_ERR_SOCKET':
				return { error: 'ECONNRESET', phase: 'response' };
		}
		if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) return { error: 'EPROTO', phase: 'connect' };
		at = at instanceof AggregateError ? at.errors[0] : at.cause;
	}
	if (error instanceof Error && error.name === 'AbortError') return { error: 'ETIMEDOUT', phase: 'response' };
	return { error: 'ECONNRESET', phase: 'response' };
}
