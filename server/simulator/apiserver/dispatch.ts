/** From a call to its handler: the resource is found, the caller authorised, and what a refused or dry call wrote is taken back. */
import type { World } from '../kernel/world.ts';
import type { Services } from '../services.ts';
import type { Decision } from './auth/authorizer.ts';
import { checkAllowed, requestName } from './authorized.ts';
import { convertBy } from './crd/conversion.ts';
import { methodNotAllowed, noSuchResource } from './errors.ts';
import { create } from './handlers/create.ts';
import { connect } from './handlers/connect.ts';
import type { Handler, HandlerContext, ResolvedCall } from './handlers/context.ts';
import { deleteOne } from './handlers/delete.ts';
import { deleteCollection } from './handlers/deletecollection.ts';
import { dryResult } from './handlers/dry-run.ts';
import { finalize } from './handlers/finalize.ts';
import { get } from './handlers/get.ts';
import { list } from './handlers/list.ts';
import { patch } from './handlers/patch.ts';
import { scale } from './handlers/scale.ts';
import { update } from './handlers/update.ts';
import { watch } from './handlers/watch.ts';
import type { Body } from './http/body.ts';
import { isAnswered } from './registry/apiregistration/registered.ts';
import type { Registry } from './registry/registry.ts';
import type { HttpRequest } from '../network/types.ts';
import { forward, proxied } from './proxy/forward.ts';
import { type ApiCall, ApiError, type ApiResult, type ProxyTarget, type Strategy, type Verb } from './types.ts';
import type { ApiResponse, ApiWireRequest } from './wire.ts';

const VERBS: { readonly [V in Verb]?: Handler } = {
	get,
	list,
	watch,
	create,
	update,
	patch,
	delete: deleteOne,
	deletecollection: deleteCollection,
};

const PART_VERBS: { readonly [V in Verb]?: Handler } = { get, update, patch };
const SCALE_VERBS: { readonly [V in Verb]?: Handler } = { get: scale, update: scale, patch: scale };

export const DEFAULT_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export function verbsOf(strategy: Strategy): readonly Verb[] {
	if (strategy.verbs !== undefined) return strategy.verbs;
	if (strategy.virtualCreate !== undefined) return ['create'];
	if (strategy.virtualRead !== undefined) return ['get', 'list'];
	return DEFAULT_VERBS;
}

export const servedVersions = (strategy: Strategy): readonly string[] => strategy.served ?? strategy.versions;

function handlerFor({ call, strategy }: ResolvedCall): Handler {
	const { verb, subresource } = call;
	if (subresource === undefined || subresource === '') {
		const handler = verbsOf(strategy).includes(verb) ? VERBS[verb] : undefined;
		// A POST goes to the collection, a PUT or PATCH to one object.
		const misplaced = verb === 'create' ? call.name !== undefined : (verb === 'update' || verb === 'patch') && call.name === undefined;
		if (handler === undefined || misplaced) throw methodNotAllowed();
		return handler;
	}
	if (strategy.connect?.[subresource] !== undefined) return connect;
	const offered = strategy.subresources?.includes(subresource) ?? false;
	const part = (subresource === 'status' && offered) || strategy.parts?.[subresource] !== undefined;
	const table = part ? PART_VERBS : subresource === 'scale' && strategy.scale !== undefined ? SCALE_VERBS : undefined;
	if (table !== undefined) {
		const handler = table[verb];
		if (handler === undefined) throw methodNotAllowed();
		return handler;
	}
	if (strategy.kind === 'Namespace' && subresource === 'finalize' && verb === 'update') return finalize;
	throw noSuchResource();
}

/** What upstream warns of at every request, not at writes alone (their strategies do that). */
const DEPRECATED: { readonly [resource: string]: string } = {
	'/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
	'/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};
const READS: ReadonlySet<Verb> = new Set(['get', 'list', 'watch', 'delete', 'deletecollection']);

type Convert = NonNullable<ResolvedCall['convert']>;

const converter =
	(services: Services, world: World, webhook: Parameters<typeof convertBy>[2]): Convert =>
	(objects, version) =>
		convertBy(services, world, webhook, objects, version);

/** Completes a call with what its body holds. */
export type ReadBody = (call: ApiCall) => { readonly call: ApiCall; readonly wire?: Body };

export class Dispatcher {
	readonly #context: HandlerContext;

	constructor(registry: Registry, services: Services) {
		this.#context = { registry, services };
	}

	get registry(): Registry {
		return this.#context.registry;
	}

	/** A call from one of the simulator's own parts: not authorised again, its bodies not checked against the schema. */
	trusted(world: World, call: ApiCall): ApiResult {
		return this.#run(world, () => ({ result: this.#handle(world, call, true), whole: call }));
	}

	/** Any other call. `read` reads the body, which happens only once the caller is known to be allowed. */
	call(world: World, call: ApiCall, read?: ReadBody, decided?: (decision: Decision) => void): ApiResult {
		return this.#run(world, () => {
			const name = requestName(call);
			checkAllowed(world, name === call.name || name === undefined ? call : { ...call, name }, decided);
			const { call: whole, wire } = read === undefined ? { call } : read(call);
			return { result: this.#handle(world, whole, false, wire), whole };
		});
	}

	/** Passes a request on to where a `proxy` call leads. A kubelet answers at once, anybody else over the network. */
	forward(world: World, request: ApiWireRequest, target: ProxyTarget): ApiResponse {
		const response = forward(request, target);
		if (target.kubelet === undefined || response.forward === undefined) return response;
		const { path } = response.forward.dial.request as HttpRequest;
		const answered = this.#context.services.kubelet.answer(world, target.kubelet, path.split('?', 1)[0] ?? '/');
		const { host, port } = target;
		const outcome = answered === undefined ? ({ ok: false, error: 'ECONNREFUSED', phase: 'connect' } as const) : ({ ok: true, response: answered } as const);
		return proxied(response.forward, { ...outcome, address: host, port });
	}

	/** A refused call changes nothing, and neither does a dry run: the state is a value, so the one before is put back. */
	#run(world: World, body: () => { readonly result: ApiResult; readonly whole: ApiCall }): ApiResult {
		const before = world.state;
		try {
			const { result, whole } = body();
			const dry = whole.options.dryRun === true;
			if (dry || result.code >= 400) world.state = before;
			return dry ? dryResult(world, this.#context.registry.find(world, whole.group, whole.resource, whole.version), result) : result;
		} catch (e) {
			world.state = before;
			if (e instanceof ApiError) return { code: e.status.code, body: e.status };
			throw e;
		}
	}

	#handle(world: World, call: ApiCall, trusted: boolean, wire?: Body): ApiResult {
		const strategy = this.#context.registry.find(world, call.group, call.resource, call.version);
		if (strategy === undefined || !(trusted ? strategy.versions : servedVersions(strategy)).includes(call.version)) throw noSuchResource();
		if (strategy.virtualRead !== undefined && !isAnswered(world, call.group, call.version)) throw noSuchResource();
		const resolved: { -readonly [K in keyof ResolvedCall]: ResolvedCall[K] } = { call, strategy, trusted, warnings: [] };
		if (wire !== undefined) resolved.wire = wire;
		if (strategy.custom?.webhook !== undefined) resolved.convert = converter(this.#context.services, world, strategy.custom.webhook);
		const deprecated = trusted || !READS.has(call.verb) ? undefined : DEPRECATED[`${strategy.group}/${strategy.resource}`];
		if (deprecated !== undefined) resolved.warnings.push(deprecated);
		if (strategy.custom?.deprecation !== undefined && !trusted) resolved.warnings.push(strategy.custom.deprecation);
		if (strategy.namespaced && !call.namespace && call.name !== undefined) throw noSuchResource();
		return handlerFor(resolved)(this.#context, world, resolved);
	}
}
