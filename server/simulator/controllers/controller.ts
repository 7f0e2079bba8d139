/** What a controller is: which changes concern it, and what it does about one key. Modelled on kube-controller-manager's informer and work queue. */
import type { ApiClient } from '../apiserver/client.ts';
import type { Change, UserInfo } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';

export interface Controller {
	/** As in kube-controller-manager: 'deployment', 'replicaset', 'endpointslice'… */
	readonly name: string;
	/** Its service account's name stem, where that isn't the name. */
	readonly account?: string;
	/** Whom it acts as, where it is no part of kube-controller-manager. */
	readonly user?: UserInfo;
	/**
	 * Which keys to reconcile for a change of a resource (`group/plural`, core as `/plural`; `*` for all resources).
	 * A pure look-up: it may read the world, never write it.
	 */
	readonly watches: { readonly [groupResource: string]: (world: World, change: Change, client: ApiClient) => readonly string[] };
	/** Brings the world nearer to what `key` (namespace/name, or name) asks for. Level-triggered: reads afresh, may run at any time, twice as well as once. */
	reconcile(world: World, key: string, client: ApiClient, queue: Requeue): void;
	/** Virtual ms between a change and its reconcile; 5 where left out. Real controllers take a few ms through their watch. */
	readonly latencyMs?: number;
	/** Keys to reconcile at start-up and then every `resyncMs`, for controllers that also watch the clock. */
	readonly resync?: { readonly everyMs: number; keys(world: World, client: ApiClient): readonly string[] };
}

export interface Requeue {
	/** Reconciles `key` again after `delayMs` of virtual time (the earliest request wins). */
	after(key: string, delayMs: number): void;
	/** Reconciles `key` again after the back-off of a failed try: 5 ms doubled with every failure in a row, 1000 s at most. */
	failed(key: string): void;
	/**
	 * Says that this reconcile was much work: changes of the next `ms` of virtual time are gathered into one reconcile of
	 * the key. Real controllers take that long over a set of thousands.
	 */
	busy(ms: number): void;
}
