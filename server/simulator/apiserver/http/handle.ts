/** The whole way of a request: who, what, whether, body, handler, answer, audit. */
import type { World } from '../../kernel/world.ts';
import { recordAudit } from '../audit/audit.ts';
import { authenticate } from '../auth/authenticator.ts';
import { type Customs, customs } from '../crd/customs.ts';
import { Discovery } from '../discovery/discovery.ts';
import type { Dispatcher } from '../dispatch.ts';
import { badRequest, internalError, methodNotAllowed, unauthorized } from '../errors.ts';
import { OpenApi } from '../openapi/documents.ts';
import { kindType } from '../openapi/schema.ts';
import { type ApiCall, ApiError, type UserInfo } from '../types.ts';
import type { ApiResponse, ApiWireRequest } from '../wire.ts';
import { type Body, patchTypeOf, readBody, readPatch, unrecognized } from './body.ts';
import { negotiate } from './accept.ts';
import { impersonated } from './impersonate.ts';
import { withDeleteOptions } from './deleteoptions.ts';
import { NonResource } from './nonresource.ts';
import { parsePath, type ResourcePath, verbOf } from './path.ts';
import { flag, optionsOf, parseQuery, type Query } from './query.ts';
import { includeObjectOf, jsonAnswer, respond } from './respond.ts';

const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export function httpHandler(dispatcher: Dispatcher): (world: World, request: ApiWireRequest) => ApiResponse {
	const server = new HttpServer(dispatcher);
	return (world, request) => server.handle(world, request);
}

interface Seen {
	user: UserInfo;
	impersonated?: UserInfo;
	call?: ApiCall;
}

class HttpServer {
	readonly #dispatcher: Dispatcher;
	/** Documents by the set of custom resources that they tell of: it is the same value until a definition changes. */
	readonly #documents = new WeakMap<Customs, NonResource>();

	constructor(dispatcher: Dispatcher) {
		this.#dispatcher = dispatcher;
	}

	#nonResource(world: World): NonResource {
		const custom = customs(world);
		let found = this.#documents.get(custom);
		if (found === undefined) {
			const strategies = [...this.#dispatcher.registry.strategies, ...custom.all];
			found = new NonResource(new Discovery(strategies), new OpenApi(strategies));
			this.#documents.set(custom, found);
		}
		return found;
	}

	handle(world: World, request: ApiWireRequest): ApiResponse {
		const before = world.state;
		const seen: Seen = { user: ANONYMOUS };
		let response: ApiResponse;
		try {
			response = this.#serve(world, request, seen);
		} catch (e) {
			// A fault of ours becomes the answer, and the log's line: it is seen, and it ends no learner's session.
			world.state = before;
			const error = e instanceof ApiError ? e : internalError(e instanceof Error ? e.message : String(e));
			response = jsonAnswer(error.status.code, error.status);
		}
		recordAudit(world, request, seen, response);
		return request.method === 'HEAD' ? { status: response.status, headers: response.headers } : response;
	}

	#serve(world: World, request: ApiWireRequest, seen: Seen): ApiResponse {
		const caller = authenticate(world, request);
		if (caller === undefined) throw unauthorized();
		seen.user = caller;
		const user = impersonated(world, request, caller);
		if (user !== caller) seen.impersonated = user;
		const at = request.url.indexOf('?');
		const pathText = at < 0 ? request.url : request.url.slice(0, at);
		const path = parsePath(pathText);
		const query = parseQuery(at < 0 ? '' : request.url.slice(at + 1));
		if (path === undefined) return this.#nonResource(world).serve(world, request, user, pathText, query);
		const verb = verbOf(request.method, path, flag(query, 'watch') ?? false);
		if (verb === undefined) throw methodNotAllowed();
		const { watch: _watch, ...names } = path;
		const call = callOf(request, user, verb, names, query);
		seen.call = call;
		return this.#resource(world, request, call, query);
	}

	#resource(world: World, request: ApiWireRequest, call: ApiCall, query: Query): ApiResponse {
		const accepted = negotiate(request.headers['accept']);
		const strategy = this.#dispatcher.registry.find(world, call.group, call.resource, call.version);
		const includeObject = accepted.as === 'Table' ? includeObjectOf(query['includeObject']) : 'Metadata';
		const strategic = strategy === undefined || (strategy.custom === undefined && kindType(strategy.group, call.version, strategy.kind) !== undefined);
		const result = this.#dispatcher.call(world, call, (checked) => withBody(request, checked, strategic, strategy?.kind ?? ''));
		return respond(world, result, { accepted, includeObject, strategy: call.subresource === undefined ? strategy : undefined });
	}
}

function callOf(request: ApiWireRequest, user: UserInfo, verb: ApiCall['verb'], names: Omit<ResourcePath, 'watch'>, query: Query): ApiCall {
	const { rest, group, version, resource, namespace, name, subresource } = names;
	const agent = request.headers['user-agent'];
	const options = optionsOf(query);
	return {
		verb,
		group,
		version,
		resource,
		...(namespace === undefined ? {} : { namespace }),
		...(name === undefined ? {} : { name }),
		...(subresource === undefined ? {} : { subresource }),
		options: subresource === undefined || subresource === 'status' ? options : { ...options, query: rest === undefined ? query : { ...query, path: [rest] } },
		user,
		...(agent === undefined ? {} : { userAgent: agent }),
	};
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
