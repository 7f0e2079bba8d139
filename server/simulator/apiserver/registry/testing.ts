/** For tests: an API server with every resource, admission plugin and bootstrap object, and no controller, scheduler or kubelet. */
import { bootRoom } from '../../boot/boot.ts';
import { initialState } from '../../kernel/state.ts';
import { World } from '../../kernel/world.ts';
import { type BootOptions, type KubeletApi, type Services, SYSTEM_USERS } from '../../services.ts';
import { admissionPlugins } from '../admission/plugins.ts';
import { createApiServer } from '../apiserver.ts';
import type { ApiClient } from '../client.ts';
import type { ApiResult, CallOptions, Change, KubeObject, UserInfo, Verb } from '../types.ts';
import { resources } from './resources.ts';

export interface TestCluster {
	readonly world: World;
	readonly services: Services;
	/** Acts as the control plane. */
	readonly client: ApiClient;
	readonly changes: Change[];
	/** A call as `user` (the administrator where left out); `path` as in `ApiClient`. */
	call(verb: Verb, path: string, rest?: { namespace?: string; name?: string; body?: unknown; options?: CallOptions; user?: UserInfo }): ApiResult;
	/** Creates in `default` (or the object's namespace) and expects that to go well. */
	create(path: string, object: { readonly [field: string]: unknown }, namespace?: string): KubeObject;
	/** What a refused create answers, '' where it went well. */
	refusal(path: string, object: { readonly [field: string]: unknown }, namespace?: string): string;
}

/** 2026-11-20T18:00:00Z */
export const TEST_NOW = 1_795_197_600_000;

/** @param kubelet answers of the other rooms that a test needs. */
export function testCluster(profile: BootOptions['profile'] = 'full', kubelet: Partial<KubeletApi> = {}): TestCluster {
	const changes: Change[] = [];
	const services = {
		kubelet,
		get api() {
			return built.api;
		},
		admission: [],
	} as unknown as { -readonly [K in keyof Services]: Services[K] };
	services.admission = admissionPlugins(services);
	const built = createApiServer(services, resources(services), (_world, change) => changes.push(change));
	const world = new World(initialState(7, TEST_NOW), { timers: new Map() });
	bootRoom(services).boot?.(world, { workers: 2, profile, hosts: [] });
	const client = services.api.client(SYSTEM_USERS.loopback);
	for (const ns of ['default', 'kube-system']) {
		if (client.get(world, 'v1/serviceaccounts', ns, 'default') === undefined) client.create(world, 'v1/serviceaccounts', ns, { metadata: { name: 'default' } });
	}
	const call: TestCluster['call'] = (verb, path, { namespace, name, body, options = {}, user = SYSTEM_USERS.admin } = {}) => {
		const segments = path.split('/');
		if (/^v\d/.test(segments[0] ?? '')) segments.unshift('');
		const [group = '', version = '', resource = '', subresource] = segments;
		return services.api.call(world, {
			verb,
			group,
			version,
			resource,
			...(subresource === undefined ? {} : { subresource }),
			...(namespace === undefined ? {} : { namespace }),
			...(name === undefined ? {} : { name }),
			...(body === undefined ? {} : { body }),
			options,
			user,
		});
	};
	const create = (path: string, object: { readonly [field: string]: unknown }, namespace?: string): ApiResult => {
		const strategy = services.api.strategies.find((s) => path.endsWith(`/${s.resource}`) && (path.startsWith(s.group) || s.group === ''));
		return call('create', path, { body: object, ...(strategy?.namespaced === false ? {} : { namespace: namespace ?? 'default' }) });
	};
	return {
		world,
		services,
		client,
		changes,
		call,
		create(path, object, namespace) {
			const result = create(path, object, namespace);
			if (result.code >= 400) throw new Error(`${path}: ${(result.body as { message?: string }).message ?? result.code}`);
			return result.body as KubeObject;
		},
		refusal(path, object, namespace) {
			const result = create(path, object, namespace);
			return result.code < 400 ? '' : ((result.body as { message?: string }).message ?? '');
		},
	};
}
