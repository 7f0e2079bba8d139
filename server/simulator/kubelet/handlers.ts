/** Runs what probes and lifecycle hooks ask for (exec, httpGet, tcpSocket, sleep) and reads how it went. */
import { grpcRequest, grpcResult } from './grpc.ts';
import type { World } from '../kernel/world.ts';
import type { NetworkError, Outcome } from '../network/types.ts';
import type { Host } from './host.ts';
import { type Container, type Handler, type HttpGetAction, type Pod, resolvePort } from './pod.ts';
import { lookUp, startProcess } from './processes.ts';
import { standInHandler, standInProgramOf } from './stand-in.ts';
import { getPodRecord, getRuntime } from './state.ts';

/** Where the result goes: the handler of `timer` gets `{data, …}` with `exitCode`, `outcome` or `failed`. */
export interface ResultTimer {
	readonly timer: string;
	readonly key: string;
	readonly data: unknown;
}

export interface HandlerResult {
	readonly ok: boolean;
	readonly message: string;
	/** It could not be tried at all: neither success nor failure (prober "unknown"). */
	readonly unknown?: boolean;
}

interface RawResult {
	readonly exitCode?: number;
	readonly stdout?: string;
	readonly stderr?: string;
	readonly outcome?: Outcome;
	readonly failed?: string;
	readonly slept?: boolean;
}

function header(action: HttpGetAction, address: string, port: number): { readonly [name: string]: string } {
	const headers: { [name: string]: string } = { host: `${address}:${port}`, 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close' };
	for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
	return headers;
}

/** Starts it; the result follows in a later timer, always. */
export function runHandler(
	world: World,
	host: Host,
	pod: Pod,
	container: Container,
	containerKey: string,
	handler: Handler,
	timeoutMs: number,
	result: ResultTimer,
): void {
	const fail = (failed: string): void => world.schedule(result.timer, result.key, 0, { data: result.data, failed }, true);
	const podIP = getPodRecord(world, pod.metadata.uid)?.ip ?? '';
	if (handler.exec !== undefined) {
		const runtime = getRuntime(world, containerKey);
		if (runtime === undefined) {
			fail('container not running');
			return;
		}
		const argv = handler.exec.command ?? [];
		const part = standInHandler(runtime.config, argv);
		const found =
			part === undefined ? lookUp(world, host, containerKey, runtime.config, argv) : ({ ok: true, program: standInProgramOf(runtime.config), argv } as const);
		if (!found.ok) {
			fail(execFailure(argv, found.error));
			return;
		}
		startProcess(world, containerKey, {
			argv: found.argv,
			program: found.program,
			env: runtime.config.env,
			cwd: runtime.config.cwd,
			uid: runtime.config.uid,
			gid: runtime.config.gid,
			ppid: 0,
			out: 'collect',
			err: 'collect',
			input: { text: '', ended: true },
			onExit: { to: 'timer', ...result },
			tty: false,
			...(part === undefined ? {} : { data: part }),
		});
		return;
	}
	const from = { kind: 'node', name: pod.spec.nodeName ?? '' } as const;
	const reply = { kind: 'timer', ...result } as const;
	if (handler.httpGet !== undefined) {
		const action = handler.httpGet;
		const port = resolvePort(container, action.port);
		if (port === undefined) {
			fail(`couldn't find port: ${JSON.stringify(action.port)}`);
			return;
		}
		const address = action.host ?? podIP;
		const path = action.path === undefined || action.path === '' ? '/' : action.path.startsWith('/') ? action.path : `/${action.path}`;
		const tls = action.scheme === 'HTTPS';
		const request = { protocol: 'http', tls, method: 'GET', path, headers: header(action, address, port), body: '' } as const;
		host.services.network.dial(world, { from, host: address, port, request, timeoutMs }, reply);
		return;
	}
	if (handler.tcpSocket !== undefined) {
		const port = resolvePort(container, handler.tcpSocket.port);
		if (port === undefined) {
			fail(`couldn't find port: ${JSON.stringify(handler.tcpSocket.port)}`);
			return;
		}
		host.services.network.dial(world, { from, host: handler.tcpSocket.host ?? podIP, port, request: { protocol: 'tcp' }, timeoutMs }, reply);
		return;
	}
	if (handler.sleep !== undefined) {
		world.schedule(result.timer, result.key, handler.sleep.seconds * 1000, { data: result.data, slept: true }, true);
		return;
	}
	if (handler.grpc !== undefined) {
		const { port, service = '' } = handler.grpc;
		host.services.network.dial(world, { from, host: podIP, port, request: grpcRequest(podIP, port, service), timeoutMs }, reply);
		return;
	}
	fail('missing probe handler');
}

function execFailure(argv: readonly string[], error: string): string {
	const name = argv[0] ?? '';
	const why = error === 'EACCES' ? 'permission denied' : name.includes('/') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH';
	return `failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(name)}: ${why}`;
}

/** Words of Go's net package for a failed dial to `address`. */
function dialError(error: NetworkError, address: string, phase: string): string {
	switch (error) {
		case 'ECONNREFUSED':
			return `dial tcp ${address}: connect: connection refused`;
		case 'EHOSTUNREACH':
			return `dial tcp ${address}: connect: no route to host`;
		case 'ETIMEDOUT':
			return phase === 'response' ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : `dial tcp ${address}: i/o timeout`;
		case 'ECONNRESET':
			return 'EOF';
		case 'EPROTO':
			return 'http: server gave HTTP response to HTTPS client';
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `dial tcp: lookup ${address.replace(/:\d+$/, '')}: no such host`;
	}
}

function httpResult(outcome: Outcome, handler: Handler, podIP: string): HandlerResult {
	const action = handler.httpGet;
	const address = `${action?.host ?? podIP}:${outcome.port}`;
	const path = action?.path === undefined || action.path === '' ? '/' : action.path.startsWith('/') ? action.path : `/${action.path}`;
	const url = `${action?.scheme === 'HTTPS' ? 'https' : 'http'}://${address}${path}`;
	if (!outcome.ok) {
		const why =
			outcome.error === 'ETIMEDOUT' && outcome.phase !== 'response'
				? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
				: dialError(outcome.error, address, outcome.phase);
		return { ok: false, message: `Get "${url}": ${why}` };
	}
	if (outcome.response.protocol !== 'http')
		return { ok: false, message: `Get "${url}": net/http: HTTP/1.x transport connection broken: malformed HTTP response` };
	const { status, body } = outcome.response;
	return status >= 200 && status < 400 ? { ok: true, message: body } : { ok: false, message: `HTTP probe failed with statuscode: ${status}` };
}

/** Reads what a result timer brought. */
export function readResult(raw: unknown, handler: Handler, podIP: string, timeoutMs: number): HandlerResult {
	const result = raw as RawResult;
	if (result.failed !== undefined) return { ok: false, unknown: true, message: result.failed };
	if (result.slept === true) return { ok: true, message: '' };
	if (result.exitCode !== undefined) return { ok: result.exitCode === 0, message: `${result.stdout ?? ''}${result.stderr ?? ''}` };
	if (result.outcome === undefined) return { ok: false, unknown: true, message: 'no result' };
	if (handler.httpGet !== undefined) return httpResult(result.outcome, handler, podIP);
	if (handler.grpc !== undefined) return grpcResult(result.outcome, `${podIP}:${handler.grpc.port}`, timeoutMs);
	if (result.outcome.ok) return { ok: true, message: '' };
	const address = `${handler.tcpSocket?.host ?? podIP}:${result.outcome.port}`;
	return { ok: false, message: dialError(result.outcome.error, address, 'connect') };
}
