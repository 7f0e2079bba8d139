/** The whole way of a request: who, what, whether, body, handler, answer, audit. */
import type { World } from '../../kernel/world.ts';
import { type AuditTrail, recordAudit } from '../audit/audit.ts';
import { extensionAt, type Extension, extensionFor, extensions } from '../aggregator/extensions.ts';
import { forwardToExtension } from '../aggregator/forward.ts';
import { authorize, type Decision } from '../auth/authorizer.ts';
import { checkAllowed } from '../authorized.ts';
import { SYSTEM_USERS } from '../../services.ts';
import { formatTime } from '../../kernel/time.ts';
import { authenticate, LEGACY_TOKEN } from '../auth/authenticator.ts';
import { type Customs, customs } from '../crd/customs.ts';
import type { Dispatcher } from '../dispatch.ts';
import { badRequest, forbiddenPath, internalError, methodNotAllowed, unauthorized } from '../errors.ts';
import { withManagers } from '../handlers/derived-managers.ts';
import { isRecord } from '../equal.ts';
import { unregistered, without } from '../registry/apiregistration/registered.ts';
import { kindType } from '../openapi/schema.ts';
import { type ApiCall, ApiError, type ApiResult, type KubeObject, type Strategy, type UserInfo } from '../types.ts';
import type { ApiResponse, ApiWireRequest } from '../wire.ts';
import { type Body, patchTypeOf, readBody, readPatch, unrecognized } from './body.ts';
import { negotiate } from './accept.ts';
import { impersonated } from './impersonate.ts';
import { withDeleteOptions } from './deleteoptions.ts';
import { countRequest } from './metrics.ts';
import { NonResource } from './nonresource.ts';
import { parsePath, type ResourcePath, verbOf } from './path.ts';
import { flag, optionsOf, parseQuery, type Query } from './query.ts';
import { includeObjectOf, jsonAnswer, respond } from './respond.ts';

export function httpHandler(dispatcher: Dispatcher): (world: World, request: ApiWireRequest) => ApiResponse {
	const server = new HttpServer(dispatcher);
	return (world, request) => server.handle(world, request);
}

/** Where outside requests come from: the network's gateway, as kind's control plane sees the host. */
const OUTSIDE = ['172.18.0.1'];
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
/** States of the register of APIServices that documents are kept for. */
const REGISTERS_KEPT = 8;
/** Who a request that failed to authenticate is from. */
const NOBODY: UserInfo = { name: '', groups: [] };

class HttpServer {
	readonly #dispatcher: Dispatcher;
	/** Documents by the sets of custom resources and extension servers that they tell of: each is the same value until one of its members changes. */
	readonly #documents = new WeakMap<readonly Extension[], WeakMap<Customs, Map<string, NonResource>>>();

	constructor(dispatcher: Dispatcher) {
		this.#dispatcher = dispatcher;
	}

	#nonResource(world: World): NonResource {
		const custom = customs(world);
		const { strategies } = this.#dispatcher.registry;
		const missing = unregistered(world, strategies);
		const others = extensions(world);
		let byCustom = this.#documents.get(others);
		if (byCustom === undefined) {
			byCustom = new WeakMap();
			this.#documents.set(others, byCustom);
		}
		let documents = byCustom.get(custom);
		if (documents === undefined || documents.size > REGISTERS_KEPT) {
			documents = new Map();
			byCustom.set(custom, documents);
		}
		let found = documents.get(missing);
		if (found === undefined) {
			found = new NonResource([...without(strategies, missing), ...custom.all], others);
			documents.set(missing, found);
		}
		return found;
	}

	handle(world: World, request: ApiWireRequest): ApiResponse {
		const before = world.state;
		const trail: AuditTrail = { user: NOBODY };
		let response: ApiResponse;
		try {
			response = this.#serve(world, request, trail);
		} catch (e) {
			// A fault of ours becomes the answer, and the log's line: it is seen, and it ends no learner's session.
			world.state = before;
			if (!(e instanceof ApiError)) trail.panic = true;
			const error = e instanceof ApiError ? e : internalError(e instanceof Error ? e.message : String(e));
			response = jsonAnswer(error.status.code, error.status);
		}
		// Whatever came of the request: upstream notes it down beside it.
		const legacy = trail.annotations?.[LEGACY_TOKEN];
		if (legacy !== undefined) this.#markUsed(world, legacy);
		const { stream, json, status } = response;
		const long = response.watch !== undefined || stream !== undefined;
		const { method, url, headers, body = '', remote } = request;
		const audited = { method, url, agent: headers['user-agent'], sourceIPs: remote === undefined ? OUTSIDE : [remote], size: body.length };
		if (trail.call !== undefined) countRequest(world, trail.call, status);
		const id = recordAudit(world, audited, trail, { status, json, long, ...(stream === undefined ? {} : { stream }) });
		const answer = id === undefined ? response : { ...response, headers: { ...response.headers, 'audit-id': id } };
		return request.method === 'HEAD' && answer.forward === undefined ? { status: answer.status, headers: answer.headers } : answer;
	}

	/** In upstream's order: what is asked is known before who asks, so that the audit can say what a refused caller wanted. */
	#serve(world: World, request: ApiWireRequest, trail: AuditTrail): ApiResponse {
		const at = request.url.indexOf('?');
		const pathText = at < 0 ? request.url : request.url.slice(0, at);
		const path = parsePath(pathText);
		const query = parseQuery(at < 0 ? '' : request.url.slice(at + 1));
		const verb = path === undefined ? undefined : verbOf(request.method, path, flag(query, 'watch') ?? false);
		const annotate = (key: string, value: string): void => {
			trail.annotations ??= {};
			trail.annotations[key] ??= value;
		};
		if (path !== undefined && verb !== undefined) {
			trail.call = callOf(request, NOBODY, verb, path, query, annotate);
		}
		const caller = authenticate(world, request, annotate);
		if (caller === undefined) throw unauthorized();
		trail.user = caller;
		const user = impersonated(world, request, caller);
		if (user !== caller) trail.impersonated = user;
		const decided = (decision: Decision): void => {
			trail.decision = decision;
		};
		if (path === undefined) {
			const extension = extensionAt(world, pathText);
			if (extension !== undefined) return passedOn(world, request, extension, user, pathText, decided);
			return this.#nonResource(world).serve(world, request, user, pathText, query, decided);
		}
		if (trail.call === undefined) throw methodNotAllowed();
		const call = { ...trail.call, user };
		trail.call = call;
		return this.#resource(world, request, call, query, trail, decided);
	}

	/** `kubernetes.io/legacy-token-last-used`: the day on which a secret's token was last used, written once a day. */
	#markUsed(world: World, secret: string): void {
		const [namespace = '', name = ''] = secret.split('/');
		const [day = ''] = formatTime(world.now).split('T');
		const target = { group: '', version: 'v1', resource: 'secrets', namespace, name, options: {}, user: SYSTEM_USERS.loopback };
		const { body } = this.#dispatcher.trusted(world, { ...target, verb: 'get' });
		const labels = isRecord(body) && isRecord(body['metadata']) ? body['metadata']['labels'] : undefined;
		if (isRecord(labels) && labels[LAST_USED] === day) return;
		const patchType = 'application/merge-patch+json';
		this.#dispatcher.trusted(world, { ...target, verb: 'patch', patchType, body: { metadata: { labels: { [LAST_USED]: day } } } });
	}

	#resource(world: World, request: ApiWireRequest, call: ApiCall, query: Query, trail: AuditTrail, decided: (decision: Decision) => void): ApiResponse {
		const strategy = this.#dispatcher.registry.find(world, call.group, call.resource, call.version);
		if (strategy === undefined || strategy.custom !== undefined) {
			const extension = extensionFor(world, call.group, call.version);
			if (extension !== undefined) {
				checkAllowed(world, call, decided);
				return forwardToExtension(world, request, extension, call.user);
			}
		}
		const accepted = negotiate(request.headers['accept'], strategy?.virtualCreate === undefined ? 'resource' : 'review');
		const includeObject = accepted.as === 'Table' ? includeObjectOf(query['includeObject']) : 'Metadata';
		const strategic = strategy === undefined || (strategy.custom === undefined && kindType(strategy.group, call.version, strategy.kind) !== undefined);
		if (call.subresource === 'proxy') return this.#proxy(world, request, call, decided);
		const read = (checked: ApiCall): ReturnType<typeof withBody> => {
			const whole = withBody(request, checked, strategic, strategy?.kind ?? '');
			trail.call = whole.call;
			return whole;
		};
		const result = this.#dispatcher.call(world, call, read, decided);
		if (result.watch === undefined && result.stream === undefined) trail.body = result.body;
		const shown = strategy !== undefined && accepted.as === undefined && result.code < 400 ? withEntries(strategy, call, result) : result;
		return respond(world, shown, { accepted, includeObject, strategy: call.subresource === undefined ? strategy : undefined });
	}

	/** A request that goes on to a pod, a service or a node; what it accepts and brings along is theirs to judge. */
	#proxy(world: World, request: ApiWireRequest, call: ApiCall, decided: (decision: Decision) => void): ApiResponse {
		const result = this.#dispatcher.call(world, call, undefined, decided);
		if (result.proxy === undefined) return jsonAnswer(result.code, result.body);
		return this.#dispatcher.forward(world, request, result.proxy);
	}
}

/** Discovery of an extension server, which the server itself answers. */
function passedOn(
	world: World,
	request: ApiWireRequest,
	extension: Extension,
	user: UserInfo,
	path: string,
	decided: (decision: Decision) => void,
): ApiResponse {
	const verb = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
	const decision = authorize(world, { user, verb, group: '', path });
	decided(decision);
	if (!decision.allowed) throw forbiddenPath(user.name, verb, path);
	return forwardToExtension(world, request, extension, user);
}

const SINGLE: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch']);

/** A single object goes out with the managers of all its fields; lists and watches go without those that are worked out. */
function withEntries(strategy: Strategy, call: ApiCall, result: ApiResult): ApiResult {
	const { body } = result;
	if (!SINGLE.has(call.verb) || strategy.virtualRead !== undefined || strategy.virtualCreate !== undefined) return result;
	if (!isRecord(body) || body['kind'] !== strategy.kind || !isRecord(body['metadata'])) return result;
	const shown = withManagers(strategy, body as unknown as KubeObject);
	return shown === body ? result : { ...result, body: shown };
}

function callOf(
	request: ApiWireRequest,
	user: UserInfo,
	verb: ApiCall['verb'],
	names: ResourcePath,
	query: Query,
	annotate: NonNullable<ApiCall['annotate']>,
): ApiCall {
	const { rest, group, version, resource, namespace, name, subresource } = names;
	const agent = request.headers['user-agent'];
	const options = optionsOf(query, verb);
	const call: { -readonly [K in keyof ApiCall]: ApiCall[K] } = {
		verb,
		group,
		version,
		resource,
		options: subresource === undefined || subresource === 'status' ? options : { ...options, query: rest === undefined ? query : { ...query, path: [rest] } },
		user,
		annotate,
	};
	if (namespace !== undefined) call.namespace = namespace;
	if (name !== undefined) call.name = name;
	if (subresource !== undefined) call.subresource = subresource;
	if (agent !== undefined) call.userAgent = agent;
	return call;
}

/** Reads the body, once the caller is known to be allowed; a call's body depends on its verb. */
function withBody(request: ApiWireRequest, call: ApiCall, strategic: boolean, kind: string): { readonly call: ApiCall; readonly wire?: Body } {
	switch (call.verb) {
		case 'patch': {
			const patchType = patchTypeOf(request, strategic);
			const wire = readPatch(request, patchType);
			return { call: { ...call, patchType, body: wire.value }, wire };
		}
		case 'delete':
		case 'deletecollection':
			return { call: { ...call, options: withDeleteOptions(call.options, readBody(request)) } };
		case 'create':
		case 'update': {
			const wire = readBody(request);
			if (wire.error !== undefined) throw call.subresource === undefined ? unrecognized(kind, wire) : badRequest(wire.error);
			return wire.value === undefined ? { call, wire } : { call: { ...call, body: wire.value }, wire };
		}
		default:
			return { call };
	}
}
