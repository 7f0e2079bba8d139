/** A reader's place in a resource's log of changes: upstream's cacheWatcher, read by pulling. */
import type { World } from '../kernel/world.ts';
import type { Services, WatchCursor } from '../services.ts';
import { convertBy } from './crd/conversion.ts';
import { failure } from './errors.ts';
import { apiVersionOf, inVersion } from './handlers/context.ts';
import type { Registry } from './registry/registry.ts';
import { changesSince, logReaches, revision } from './registry/store.ts';
import { objectFilter, type ObjectFilter } from './selectors.ts';
import { partialMetadata, tableOf } from './table.ts';
import { ApiError, type Change, type KubeObject, type Status, type Strategy, type WatchEvent, type WatchRequest } from './types.ts';
import type { ApiResponse } from './wire.ts';

/** Virtual ms between two bookmarks of one watch (`bookmarkFrequency`). */
const BOOKMARK_EVERY_MS = 60_000;

type WireWatch = NonNullable<ApiResponse['watch']>;

class Cursor implements WatchCursor {
	readonly #services: Services;
	readonly #strategy: Strategy;
	readonly #watch: WireWatch;
	readonly #filter: ObjectFilter | undefined;
	#at: number;
	#done = false;
	#started: number | undefined;
	#lastBookmark = 0;
	#headerSent = false;

	constructor(services: Services, strategy: Strategy, watch: WireWatch) {
		this.#services = services;
		this.#strategy = strategy;
		this.#watch = watch;
		this.#filter = objectFilter(strategy, watch.labelSelector, watch.fieldSelector);
		this.#at = watch.fromRevision;
	}

	get done(): boolean {
		return this.#done;
	}

	next(world: World): readonly WatchEvent[] {
		if (this.#done) return [];
		const out: WatchEvent[] = [];
		const now = revision(world);
		if (this.#at > now || !logReaches(world, this.#strategy, this.#at)) return this.#fail(now);
		if (this.#started === undefined) this.#start(world, out);
		for (const change of changesSince(world, this.#strategy, this.#at)) {
			const event = this.#event(change);
			if (event === undefined) continue;
			try {
				out.push(this.#shape(world, event));
			} catch (e) {
				// What cannot be converted ends the watch, as a decoding error does upstream.
				if (!(e instanceof ApiError)) throw e;
				this.#done = true;
				return [...out, { type: 'ERROR', object: e.status }];
			}
		}
		this.#at = now;
		this.#bookmark(world, out);
		const { timeoutSeconds } = this.#watch;
		if (timeoutSeconds !== undefined && world.now >= (this.#started ?? 0) + timeoutSeconds * 1000) this.#done = true;
		return out;
	}

	#start(world: World, out: WatchEvent[]): void {
		this.#started = world.now;
		this.#lastBookmark = world.now;
		for (const object of this.#watch.initial) out.push(this.#shape(world, { type: 'ADDED', object }));
		if (this.#watch.initialEventsEnd) out.push(this.#bookmarkEvent({ 'k8s.io/initial-events-end': 'true' }));
	}

	#fail(current: number): readonly WatchEvent[] {
		this.#done = true;
		const message = `too old resource version: ${this.#at} (${current})`;
		const status: Status = failure({ code: 410, reason: 'Expired', message });
		return [{ type: 'ERROR', object: status }];
	}

	#bookmark(world: World, out: WatchEvent[]): void {
		if (!this.#watch.bookmarks || world.now - this.#lastBookmark < BOOKMARK_EVERY_MS) return;
		this.#lastBookmark = world.now;
		out.push(this.#bookmarkEvent());
	}

	#bookmarkEvent(annotations?: { readonly [k: string]: string }): WatchEvent {
		const metadata = { resourceVersion: String(this.#at), creationTimestamp: null, ...(annotations === undefined ? {} : { annotations }) };
		const object = { kind: this.#strategy.kind, apiVersion: apiVersionOf(this.#strategy, this.#watch.version), metadata };
		if (!this.#watch.asTable) return { type: 'BOOKMARK', object: object as unknown as KubeObject };
		const table = {
			kind: 'Table',
			apiVersion: 'meta.k8s.io/v1',
			metadata: { resourceVersion: String(this.#at) },
			columnDefinitions: null,
			rows: [{ cells: [], object }],
		};
		return { type: 'BOOKMARK', object: table as unknown as KubeObject };
	}

	#inScope(object: KubeObject): boolean {
		const { namespace, name } = object.metadata;
		if (this.#watch.namespace !== undefined && namespace !== this.#watch.namespace) return false;
		return this.#watch.name === undefined || name === this.#watch.name;
	}

	/** An object that a selector begins or ceases to match is added or deleted for this watch. */
	#event(change: Change): WatchEvent | undefined {
		if (!this.#inScope(change.object)) return undefined;
		const filter = this.#filter;
		if (filter === undefined) return { type: change.type, object: change.object };
		const now = change.type !== 'DELETED' && filter(change.object);
		const before = change.previous !== undefined && filter(change.previous);
		if (now) return { type: before ? 'MODIFIED' : 'ADDED', object: change.object };
		if (!before || change.previous === undefined) return undefined;
		const { resourceVersion } = change.object.metadata;
		const last = change.type === 'DELETED' ? change.object : { ...change.previous, metadata: { ...change.previous.metadata, resourceVersion } };
		return { type: 'DELETED', object: last };
	}

	#converted(world: World, object: KubeObject): KubeObject {
		const webhook = this.#strategy.custom?.webhook;
		if (webhook === undefined) return object;
		return convertBy(this.#services, world, webhook, [object], apiVersionOf(this.#strategy, this.#watch.version))[0] ?? object;
	}

	#shape(world: World, event: WatchEvent): WatchEvent {
		const object = inVersion(this.#converted(world, event.object as KubeObject), this.#strategy, this.#watch.version);
		if (this.#watch.asPartial === true) return { type: event.type, object: partialMetadata(object) };
		if (!this.#watch.asTable) return { type: event.type, object };
		const table = tableOf(world, this.#strategy, [object], { resourceVersion: object.metadata.resourceVersion }, this.#watch.includeObject, !this.#headerSent);
		this.#headerSent = true;
		return { type: event.type, object: table as unknown as KubeObject };
	}
}

/** A watch on custom objects: its resource is the world's own, and it is over when the definition goes. */
class CustomCursor implements WatchCursor {
	readonly #services: Services;
	readonly #registry: Registry;
	readonly #watch: WireWatch;
	#inner: Cursor | undefined;
	#gone = false;

	constructor(services: Services, registry: Registry, watch: WireWatch) {
		this.#services = services;
		this.#registry = registry;
		this.#watch = watch;
	}

	get done(): boolean {
		return this.#gone || (this.#inner?.done ?? false);
	}

	next(world: World): readonly WatchEvent[] {
		if (this.done) return [];
		const { group, resource, version } = this.#watch;
		const strategy = this.#registry.find(world, group, resource, version);
		if (strategy === undefined) this.#gone = true;
		else this.#inner ??= new Cursor(this.#services, strategy, this.#watch);
		return this.#inner?.next(world) ?? [];
	}
}

/** Opens a cursor on what a watch call answered. */
export function openCursor(services: Services, registry: Registry, watch: WatchRequest & Partial<WireWatch>): WatchCursor {
	const strategy = registry.builtIn(watch.group, watch.resource);
	const wire: WireWatch = { asTable: false, includeObject: 'Metadata', ...watch };
	return strategy === undefined ? new CustomCursor(services, registry, wire) : new Cursor(services, strategy, wire);
}
