/** The API client of the simulator's own parts: straight to the handlers, and to the store for reads. */
import type { World } from '../kernel/world.ts';
import { auditOwn } from './audit/own-calls.ts';
import type { ApiClient, Outcome, ResourcePath } from './client.ts';
import type { Dispatcher } from './dispatch.ts';
import { inVersion } from './handlers/context.ts';
import { byIndex, getObject, listObjects, objectKey } from './registry/store.ts';
import type { ApiCall, ApiResult, CallOptions, KubeObject, Status, Strategy, UserInfo, Verb } from './types.ts';

interface ResolvedPath {
	readonly group: string;
	readonly version: string;
	readonly resource: string;
	readonly subresource?: string;
	readonly strategy: Strategy;
}

const NO_OPTIONS: CallOptions = {};

/** `apps/v1/deployments`, `v1/pods/status` → its parts. Two leading forms: the core group's has its version first. */
export function parseResourcePath(path: ResourcePath): {
	readonly group: string;
	readonly version: string;
	readonly resource: string;
	readonly subresource?: string;
} {
	const parts = path.split('/');
	if (/^v\d/.test(parts[0] ?? '')) parts.unshift('');
	const [group = '', version = '', resource = '', subresource] = parts;
	return subresource === undefined ? { group, version, resource } : { group, version, resource, subresource };
}

function outcome<T>(result: ApiResult): Outcome<T> {
	return result.code < 400 ? { ok: true, value: result.body as T } : { ok: false, status: result.body as Status };
}

/** Makes clients over one dispatcher; paths are taken apart once for all of them. */
export function clientFactory(dispatcher: Dispatcher): (user: UserInfo) => ApiClient {
	const paths = new Map<string, ResolvedPath>();
	const resolve = (world: World, path: ResourcePath): ResolvedPath => {
		let found = paths.get(path);
		if (found === undefined) {
			const parts = parseResourcePath(path);
			const builtIn = dispatcher.registry.builtIn(parts.group, parts.resource);
			const strategy = builtIn ?? dispatcher.registry.find(world, parts.group, parts.resource, parts.version);
			// A custom resource is the world's own: another world may know it otherwise, or not at all.
			if (builtIn === undefined && strategy !== undefined) return { ...parts, strategy };
			if (strategy === undefined) throw new Error(`no strategy serves "${path}": see apiserver/registry/resources.ts`);
			found = { ...parts, strategy };
			paths.set(path, found);
		}
		return found;
	};
	return (user) => new DirectClient(dispatcher, resolve, user);
}

class DirectClient implements ApiClient {
	readonly user: UserInfo;
	readonly #dispatcher: Dispatcher;
	readonly #resolve: (world: World, path: ResourcePath) => ResolvedPath;

	constructor(dispatcher: Dispatcher, resolve: (world: World, path: ResourcePath) => ResolvedPath, user: UserInfo) {
		this.#dispatcher = dispatcher;
		this.#resolve = resolve;
		this.user = user;
	}

	get(world: World, resource: ResourcePath, namespace: string | undefined, name: string): KubeObject | undefined {
		const { strategy, version } = this.#resolve(world, resource);
		const object = getObject(world, strategy, objectKey(strategy.namespaced ? namespace : undefined, name));
		return object === undefined ? undefined : inVersion(object, strategy, version);
	}

	list(world: World, resource: ResourcePath, namespace?: string, selector?: { readonly labels?: { readonly [k: string]: string } }): readonly KubeObject[] {
		const { strategy, version } = this.#resolve(world, resource);
		let out = listObjects(world, strategy, strategy.namespaced ? namespace : undefined);
		if (selector?.labels !== undefined) {
			const wanted = Object.entries(selector.labels);
			out = out.filter((o) => wanted.every(([k, v]) => o.metadata.labels?.[k] === v));
		}
		return version === strategy.versions[0] && strategy.storedAs === undefined ? out : out.map((o) => inVersion(o, strategy, version));
	}

	byIndex(world: World, resource: ResourcePath, index: string, value: string): readonly KubeObject[] {
		const { strategy } = this.#resolve(world, resource);
		if (index !== 'byOwner' && strategy.indexes?.[index] === undefined) throw new Error(`${resource} has no index "${index}"`);
		return byIndex(world, strategy, index, value);
	}

	create(world: World, resource: ResourcePath, namespace: string | undefined, object: { readonly [k: string]: unknown }, name?: string): Outcome<KubeObject> {
		const at = this.#resolve(world, resource);
		return this.#write(world, { ...this.#call('create', at, at.subresource, namespace, name), body: object });
	}

	update(world: World, resource: ResourcePath, object: KubeObject): Outcome<KubeObject> {
		return this.#put(world, resource, object, this.#resolve(world, resource).subresource);
	}

	updateStatus(world: World, resource: ResourcePath, object: KubeObject): Outcome<KubeObject> {
		return this.#put(world, resource, object, 'status');
	}

	#put(world: World, resource: ResourcePath, object: KubeObject, subresource: string | undefined): Outcome<KubeObject> {
		const { name, namespace } = object.metadata;
		return this.#write(world, { ...this.#call('update', this.#resolve(world, resource), subresource, namespace, name), body: object });
	}

	#call(verb: Verb, at: ResolvedPath, subresource: string | undefined, namespace: string | undefined, name: string | undefined): ApiCall {
		const { group, version, resource } = at;
		const call: { -readonly [K in keyof ApiCall]: ApiCall[K] } = { verb, group, version, resource, options: NO_OPTIONS, user: this.user };
		if (subresource !== undefined) call.subresource = subresource;
		if (namespace !== undefined) call.namespace = namespace;
		if (name !== undefined) call.name = name;
		return call;
	}

	patch: ApiClient['patch'] = (world, resource, namespace, name, patch, type = 'application/merge-patch+json') => {
		const { group, version, resource: plural, subresource } = this.#resolve(world, resource);
		return this.#write(world, {
			verb: 'patch',
			group,
			version,
			resource: plural,
			...(subresource === undefined ? {} : { subresource }),
			...(namespace === undefined ? {} : { namespace }),
			name,
			body: patch,
			patchType: type,
			options: { fieldManager: this.user.name },
			user: this.user,
		});
	};

	delete(world: World, resource: ResourcePath, namespace: string | undefined, name: string, options: CallOptions = NO_OPTIONS): Outcome<unknown> {
		return outcome(this.call(world, { verb: 'delete', path: resource, name, options, ...(namespace === undefined ? {} : { namespace }) }));
	}

	call: ApiClient['call'] = (world, { verb, path, namespace, name, body, options }) => {
		const { group, version, resource, subresource } = this.#resolve(world, path);
		const asked: ApiCall = {
			verb: verb as Verb,
			group,
			version,
			resource,
			...(subresource === undefined ? {} : { subresource }),
			...(namespace === undefined ? {} : { namespace }),
			...(name === undefined ? {} : { name }),
			...(body === undefined ? {} : { body }),
			options: options ?? NO_OPTIONS,
			user: this.user,
		};
		return auditOwn(world, asked, this.#dispatcher.trusted(world, asked));
	};

	#write(world: World, call: ApiCall): Outcome<KubeObject> {
		return outcome(auditOwn(world, call, this.#dispatcher.trusted(world, call)));
	}
}
