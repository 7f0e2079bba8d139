/** How the simulator's own parts (controllers, scheduler, kubelet) call the API: the same handlers as everyone, without the wire. */
import type { World } from '../kernel/world.ts';
import type { ApiResult, CallOptions, Json, KubeObject, PatchType, Status, UserInfo } from './types.ts';

/** A call's answer with its success told apart; `status.reason` ('NotFound', 'Conflict'…) says why not. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly status: Status };

/**
 * Names a resource as `group/version/plural`, e.g. `apps/v1/deployments`, and the core group's as `v1/pods`;
 * a subresource follows after one more slash: `v1/pods/status`.
 */
export type ResourcePath = string;

/** Reads return the very objects of the store: never change them. */
export interface ApiClient {
	readonly user: UserInfo;
	get(world: World, resource: ResourcePath, namespace: string | undefined, name: string): KubeObject | undefined;
	list(world: World, resource: ResourcePath, namespace?: string, selector?: { readonly labels?: { readonly [k: string]: string } }): readonly KubeObject[];
	/** Objects found under `value` of a secondary index, in key order; `byOwner` (value: the owner's uid) exists for every resource. */
	byIndex(world: World, resource: ResourcePath, index: string, value: string): readonly KubeObject[];
	create(world: World, resource: ResourcePath, namespace: string | undefined, object: { readonly [k: string]: unknown }, name?: string): Outcome<KubeObject>;
	/** Fails with Conflict where `object.metadata.resourceVersion` is no longer the stored one. */
	update(world: World, resource: ResourcePath, object: KubeObject): Outcome<KubeObject>;
	updateStatus(world: World, resource: ResourcePath, object: KubeObject): Outcome<KubeObject>;
	patch(world: World, resource: ResourcePath, namespace: string | undefined, name: string, patch: Json, type?: PatchType): Outcome<KubeObject>;
	delete(world: World, resource: ResourcePath, namespace: string | undefined, name: string, options?: CallOptions): Outcome<unknown>;
	call(
		world: World,
		call: {
			readonly verb: string;
			readonly path: ResourcePath;
			readonly namespace?: string;
			readonly name?: string;
			readonly body?: unknown;
			readonly options?: CallOptions;
		},
	): ApiResult;
}
