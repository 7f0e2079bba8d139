/** The Kubernetes HTTP API of a simulated cluster: Web requests in, Web responses out; watches and logs stream as the world moves on. */
import { readBounded } from '../../bounded-body.ts';
import { Fault } from '../../errors/catalogue.ts';
import { LIMITS } from '../../limits.ts';
import { certificateUser } from '../../simulator/apiserver/certificates/client-certificate.ts';
import { jsonText } from '../../simulator/apiserver/http/pretty.ts';
import { proxied } from '../../simulator/apiserver/proxy/forward.ts';
import type { ApiResponse, ApiWireRequest, Forward } from '../../simulator/apiserver/wire.ts';
import type { Outcome } from '../../simulator/network/types.ts';
import type { UserInfo } from '../../simulator/apiserver/types.ts';
import { type ChannelSocket, type ClusterEndpoint, ClusterRefusal } from '../sandbox.ts';
import type { SimHost } from './host.ts';
import { openChannels } from './channels.ts';
import { logBody, watchBody } from './bodies.ts';
import { OPENAPI_V2_ANSWERED, OPENAPI_V2_PROTOBUF, openApiV2Bytes } from './openapi-v2.ts';
import { withDescriptions } from './descriptions.ts';

export interface EndpointOptions {
	readonly host: SimHost;
	/** Who calls where the request brings no credentials of its own. */
	readonly user: UserInfo;
	/** Answers a request on a copy: nothing stays of it. For lists that only look. */
	readonly aside?: boolean;
}

/** An answer as the simulator gave it, or one whose body the host made of it. */
export type HostAnswer = ApiResponse & { readonly bytes?: Uint8Array };

/** OpenAPI documents take on what the simulator has no files for: descriptions, and protobuf for clients that want version 2. */
function finished(request: ApiWireRequest, answer: ApiResponse): HostAnswer {
	if (request.url.startsWith('/openapi/v3/')) return { ...answer, json: withDescriptions(answer.json) };
	const { json, ...rest } = answer;
	const wanted = (request.headers['accept'] ?? '').includes(OPENAPI_V2_PROTOBUF);
	if (!wanted || typeof json !== 'object' || json === null) return { ...answer, json: withDescriptions(json) };
	return { ...rest, headers: { ...answer.headers, 'content-type': OPENAPI_V2_ANSWERED }, bytes: openApiV2Bytes(json) };
}

export class SimulatedEndpoint implements ClusterEndpoint {
	private readonly options: EndpointOptions;

	constructor(options: EndpointOptions) {
		this.options = options;
	}

	async fetch(request: Request): Promise<Response> {
		const wire = await toWire(request, this.options.user);
		if ('refused' in wire) return wire.refused;
		const answer = this.handle(wire);
		const { host } = this.options;
		if (answer.forward !== undefined) return toResponse(await this.forwarded(answer.forward, request.signal), wire);
		if (answer.watch !== undefined) return new Response(watchBody(host, answer.watch, request.signal), { status: answer.status, headers: answer.headers });
		if (answer.stream !== undefined) return new Response(logBody(host, answer.stream.id, request.signal), { status: answer.status, headers: answer.headers });
		return toResponse(answer, wire);
	}

	async connect(request: Request): Promise<ChannelSocket> {
		const wire = await toWire(request, this.options.user);
		if ('refused' in wire) throw new ClusterRefusal(wire.refused);
		const answer = this.handle(wire);
		if (answer.forward !== undefined) throw new ClusterRefusal(toResponse(await this.forwarded(answer.forward, request.signal), wire));
		if (answer.stream === undefined) throw new ClusterRefusal(toResponse(answer, wire));
		return openChannels(this.options.host, answer.stream);
	}

	/** What `connect` would be refused with, undefined where it would not: tried on a copy, so that nothing comes of it. */
	async refusal(request: Request): Promise<Response | undefined> {
		const wire = await toWire(request, this.options.user);
		if ('refused' in wire) return wire.refused;
		const copy = this.options.host.simulator.fork();
		const answer = copy.apply({ at: copy.now, kind: 'request', request: wire }).response ?? MISSING;
		return answer.stream === undefined ? toResponse(answer, wire) : undefined;
	}

	/** The same cluster for whoever has shown this certificate (base64 of its DER); undefined where the cluster doesn't know it. */
	forCertificate(certificate: string): SimulatedEndpoint | undefined {
		const user = certificateUser(this.options.host.simulator.world, certificate);
		return user === undefined ? undefined : new SimulatedEndpoint({ ...this.options, user });
	}

	/** A request whose parts a server has at hand, as the API takes it. */
	wire(method: string, url: string, headers: { readonly [name: string]: string }, body: Uint8Array | undefined): ApiWireRequest {
		return wireOf(method, url, headers, body, this.options.user);
	}

	/** Makes the dial that a proxied request is, and waits for what comes of it. */
	async forwarded(forward: Forward, signal?: AbortSignal): Promise<ApiResponse> {
		const { host, aside } = this.options;
		const id = host.nextId();
		const dial = { kind: 'dial', id, dial: forward.dial } as const;
		if (aside === true) {
			const copy = host.simulator.fork();
			copy.apply({ at: copy.now, ...dial });
			copy.world.advanceTo(copy.now + ASIDE_MS, () => copy.outcome(id) !== undefined);
			return proxied(forward, copy.outcome(id) ?? NO_ANSWER);
		}
		host.apply(dial);
		try {
			let outcome: Outcome | undefined;
			await host.waitFor(() => (outcome ??= host.simulator.outcome(id)) !== undefined, host.now() + LONGEST_MS, signal);
			return proxied(forward, outcome ?? NO_ANSWER);
		} finally {
			host.apply({ kind: 'abort', id });
		}
	}

	/** `fetch` without Web objects. Watches, streams and proxied requests come back as references. */
	handle(request: ApiWireRequest): HostAnswer {
		const { host, aside } = this.options;
		if (aside === true) {
			const copy = host.simulator.fork();
			// At the copied moment, not at the present: revisions that time would bring must not be seen before the world itself has them.
			return copy.apply({ at: copy.now, kind: 'request', request }).response ?? MISSING;
		}
		try {
			const answer = host.apply({ kind: 'request', request }).response ?? MISSING;
			return request.url.startsWith('/openapi/') && answer.status === 200 ? finished(request, answer) : answer;
		} catch (error) {
			// A disk that is full, a sandbox that is: said to whoever asked, in the form that every client prints.
			if (error instanceof Fault) return statusOf(error);
			throw error;
		}
	}
}

/** A proxied request has no limit of its own; ends of the kernel's patience, virtual ms. */
const LONGEST_MS = 15 * 60_000;
/** On a copy, whose time passes while everybody waits. */
const ASIDE_MS = 60_000;
const NO_ANSWER: Outcome = { ok: false, error: 'ETIMEDOUT', port: 0, phase: 'response' };

function statusOf(fault: Fault): ApiResponse {
	const message = `Internal error occurred: ${fault.message} ${fault.next}`;
	const json = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 };
	return { status: 500, headers: { 'content-type': 'application/json' }, json };
}

const MISSING: ApiResponse = { status: 500, headers: { 'content-type': 'text/plain' }, text: 'no answer' };

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Takes a Web request apart. A body over the API server's limit is refused in its words. */
async function toWire(request: Request, user: UserInfo): Promise<ApiWireRequest | { readonly refused: Response }> {
	const url = new URL(request.url);
	const headers: Record<string, string> = {};
	request.headers.forEach((value, name) => {
		headers[name] = value;
	});
	const bytes = await readBounded(request.body, LIMITS.requestBytes);
	if (bytes === undefined) return { refused: tooLarge() };
	return wireOf(request.method, url.pathname + url.search, headers, bytes, user);
}

function wireOf(method: string, url: string, headers: { readonly [name: string]: string }, bytes: Uint8Array | undefined, user: UserInfo): ApiWireRequest {
	const own = headers['authorization'] !== undefined;
	const base = { method, url, headers, ...(own ? {} : { user }) };
	if (bytes === undefined || bytes.length === 0) return base;
	if ((headers['content-type'] ?? '').startsWith(PROTOBUF)) return { ...base, body: Buffer.from(bytes).toString('base64'), bodyEncoding: 'base64' };
	return { ...base, body: new TextDecoder().decode(bytes) };
}

/** apiserver `pkg/endpoints/handlers/rest.go` limitedReadBody → errors.NewRequestEntityTooLargeError. */
export function tooLarge(): Response {
	const message = `Request entity too large: limit is ${LIMITS.requestBytes}`;
	return Response.json(
		{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'RequestEntityTooLarge', code: 413 },
		{ status: 413 },
	);
}

export function toResponse(answer: HostAnswer, asked: ApiWireRequest): Response {
	const headers = new Headers(answer.headers);
	if (answer.bytes !== undefined) return new Response(answer.bytes as Uint8Array<ArrayBuffer>, { status: answer.status, headers });
	if (answer.json !== undefined) {
		if (!headers.has('content-type')) headers.set('content-type', 'application/json');
		return new Response(jsonText(answer.json, asked), { status: answer.status, headers });
	}
	const bodyless = answer.status === 204 || answer.status === 304 || answer.status < 200;
	return new Response(bodyless ? null : (answer.text ?? ''), { status: answer.status, headers });
}
