/** Runs controllers: changes become keys, keys become timers, timers become reconciles (kube-controller-manager's work queues). */
import type { ApiClient } from '../apiserver/client.ts';
import type { Change } from '../apiserver/types.ts';
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treeGet, treeRemove, treeSet } from '../kernel/tree.ts';
import type { TimerHandler, World } from '../kernel/world.ts';
import { type Room, type Services, SYSTEM_USERS } from '../services.ts';
import type { Controller } from './controller.ts';
import { eventTimers } from './events.ts';
import { updateIndexes } from './shared/indexes.ts';

const DEFAULT_LATENCY_MS = 5;
const BACKOFF_BASE_MS = 5;
const BACKOFF_MAX_MS = 1_000_000;

/** `controller NUL key` → failures in a row. */
const failuresSlice = defineSlice<Tree<string, number>>('controllers.failures', null);

/** `controller NUL key` → when it may be reconciled for a change again, ms since the epoch. Holds only keys with much work. */
const busySlice = defineSlice<Tree<string, number>>('controllers.busy', null);

/** How long until a change of `key` is seen to, ms. */
function latency(world: World, controller: Controller, key: string): number {
	const usual = controller.latencyMs ?? DEFAULT_LATENCY_MS;
	const busy = world.read(busySlice);
	if (busy === null) return usual;
	return Math.max(usual, (treeGet(busy, `${controller.name}\u0000${key}`) ?? 0) - world.now);
}

type Watcher = { readonly controller: Controller; readonly keys: (world: World, change: Change, client: ApiClient) => readonly string[] };

const reconcileTimer = (controller: string): string => `reconcile:${controller}`;
const resyncTimer = (controller: string): string => `resync:${controller}`;

/** A room that runs `controllers`, each as the user of its own service account. */
export function runControllers(services: Services, controllers: readonly Controller[]): Room {
	const clients = new Map<string, ApiClient>();
	const clientOf = ({ name: own, account: name = own, user }: Controller): ApiClient => {
		let client = clients.get(name);
		if (client === undefined) {
			client = services.api.client(user ?? SYSTEM_USERS.controller(name));
			clients.set(name, client);
		}
		return client;
	};
	const watchers = new Map<string, Watcher[]>();
	const timers: Record<string, TimerHandler> = { ...eventTimers(services) };
	for (const controller of controllers) {
		for (const [resource, keys] of Object.entries(controller.watches)) {
			const list = watchers.get(resource) ?? [];
			list.push({ controller, keys });
			watchers.set(resource, list);
		}
		timers[reconcileTimer(controller.name)] = (world, key) => runReconcile(world, controller, key, clientOf(controller));
		const { resync } = controller;
		if (resync !== undefined) {
			timers[resyncTimer(controller.name)] = (world) => {
				for (const key of resync.keys(world, clientOf(controller))) world.schedule(reconcileTimer(controller.name), key, 0);
				world.schedule(resyncTimer(controller.name), '', resync.everyMs);
			};
		}
	}
	const everything = watchers.get('*') ?? [];
	const notify = (world: World, list: readonly Watcher[], change: Change): void => {
		for (const { controller, keys } of list) {
			for (const key of keys(world, change, clientOf(controller))) {
				world.schedule(reconcileTimer(controller.name), key, latency(world, controller, key));
			}
		}
	};
	return {
		timers,
		onChange(world, change) {
			updateIndexes(world, change);
			const list = watchers.get(`${change.group}/${change.resource}`);
			if (list !== undefined) notify(world, list, change);
			if (everything.length > 0) notify(world, everything, change);
		},
		boot(world) {
			for (const c of controllers) if (c.resync !== undefined) world.schedule(resyncTimer(c.name), '', 0);
		},
	};
}

/** Back-off after the n-th failure in a row (client-go's ItemExponentialFailureRateLimiter), ms. */
export function backoffMs(failures: number): number {
	return Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** failures);
}

function runReconcile(world: World, controller: Controller, key: string, client: ApiClient): void {
	const name = `${controller.name}\u0000${key}`;
	const timer = reconcileTimer(controller.name);
	let failed = false;
	let busyMs = 0;
	controller.reconcile(world, key, client, {
		after: (k, delayMs) => world.schedule(timer, k, delayMs),
		failed: (k) => {
			if (k === key && failed) return;
			if (k === key) failed = true;
			const failedName = `${controller.name}\u0000${k}`;
			const n = treeGet(world.read(failuresSlice), failedName) ?? 0;
			world.write(failuresSlice, treeSet(world.read(failuresSlice), failedName, n + 1));
			world.schedule(timer, k, backoffMs(n));
		},
		busy: (ms) => {
			busyMs = ms;
		},
	});
	const busy = world.read(busySlice);
	world.write(busySlice, busyMs > 0 ? treeSet(busy, name, world.now + busyMs) : treeRemove(busy, name));
	if (!failed) world.write(failuresSlice, treeRemove(world.read(failuresSlice), name));
}
