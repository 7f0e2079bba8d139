/** The whole way of a request: path, who and whether, body, handler, answer. */
import type { World } from '../../kernel/world.ts';
import { authenticate } from '../auth/authenticator.ts';
import type { Dispatcher } from '../dispatch.ts';
import { badRequest, internalError, methodNotAllowed, noSuchResource, unauthorized } from '../errors.ts';
import { type ApiCall, ApiError, type ApiResult, type PatchType } from '../types.ts';
import type { ApiResponse, ApiWireRequest } from '../wire.ts';
import { parsePath, verbOf } from './path.ts';
import { flag, optionsOf, parseQuery } from './query.ts';

export function httpHandler(dispatcher: Dispatcher): (world: World, request: ApiWireRequest) => ApiResponse {
	return (world, request) => {
		const before = world.state;
		try {
			return handle(dispatcher, world, request);
		} catch (e) {
			world.state = before;
			if (e instanceof ApiError) return respond({ code: e.status.code, body: e.status });
			const { status } = internalError(e instanceof Error ? e.message : String(e));
			return respond({ code: 500, body: status });
		}
	};
}

function handle(dispatcher: Dispatcher, world: World, request: ApiWireRequest): ApiResponse {
	const user = authenticate(world, request);
	if (user === undefined) throw unauthorized();
	const at = request.url.indexOf('?');
	const path = parsePath(at < 0 ? request.url : request.url.slice(0, at));
	if (path === undefined) throw noSuchResource();
	const query = parseQuery(at < 0 ? '' : request.url.slice(at + 1));
	const verb = verbOf(request.method, path, flag(query, 'watch') ?? false);
	if (verb === undefined) throw methodNotAllowed();
	const { watch: _watch, rest, ...names } = path;
	const body = request.body === undefined || request.body === '' ? undefined : parse(request.body);
	const call: ApiCall = {
		verb,
		...names,
		...(body === undefined ? {} : { body }),
		...(verb === 'patch' ? { patchType: (request.headers['content-type'] ?? '').split(';')[0] as PatchType } : {}),
		options: { ...optionsOf(query), query: rest === undefined ? query : { ...query, path: [rest] } },
		user,
		userAgent: request.headers['user-agent'] ?? '',
	};
	return respond(dispatcher.call(world, call));
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (e) {
		throw badRequest(e instanceof Error ? e.message : 'malformed body');
	}
}

function respond(result: ApiResult): ApiResponse {
	const headers = { 'content-type': 'application/json' };
	if (result.watch !== undefined) return { status: 200, headers, watch: { ...result.watch, asTable: false, includeObject: 'Metadata' } };
	if (result.stream !== undefined) return { status: result.code, headers, stream: result.stream };
	if (result.text !== undefined) return { status: result.code, headers: { 'content-type': 'text/plain' }, text: result.text };
	return { status: result.code, headers, json: result.body };
}
