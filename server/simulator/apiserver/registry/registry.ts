/** Finds a resource's strategy and writes through the store, telling the rooms of every commit. */
import type { World } from '../../kernel/world.ts';
import type { Change, KubeObject, Strategy } from '../types.ts';
import { noteRemoval, noteWrite } from '../encryption/storage.ts';
import { customs } from '../crd/customs.ts';
import { commit } from './store.ts';

export class Registry {
	readonly strategies: readonly Strategy[];
	readonly #byResource = new Map<string, Strategy>();
	readonly #byKind = new Map<string, Strategy>();
	readonly #onChange: (world: World, change: Change) => void;

	constructor(strategies: readonly Strategy[], onChange: (world: World, change: Change) => void) {
		this.strategies = strategies;
		this.#onChange = onChange;
		for (const s of strategies) {
			const name = `${s.group}/${s.resource}`;
			if (this.#byResource.has(name)) throw new Error(`two strategies serve "${name}"`);
			this.#byResource.set(name, s);
			this.#byKind.set(`${s.group}/${s.kind}`, s);
		}
	}

	/** The strategy of a resource, built in or of one of the world's own definitions; of those, the one of `version`. */
	find(world: World, group: string, resource: string, version?: string): Strategy | undefined {
		return this.builtIn(group, resource) ?? customs(world).find(group, resource, version);
	}

	builtIn(group: string, resource: string): Strategy | undefined {
		return this.#byResource.get(`${group}/${resource}`);
	}

	findKind(group: string, kind: string): Strategy | undefined {
		return this.#byKind.get(`${group}/${kind}`);
	}

	/** Stores `object` under a new revision and returns it as stored. */
	put(world: World, strategy: Strategy, key: string, object: KubeObject): KubeObject {
		noteWrite(world, strategy, key);
		const change = commit(world, strategy, key, object);
		this.#onChange(world, change);
		return change.object;
	}

	/** Deletes; `last` is the state that watchers see in the DELETED event. */
	remove(world: World, strategy: Strategy, key: string, last: KubeObject): KubeObject {
		noteRemoval(world, strategy, key);
		const change = commit(world, strategy, key, undefined, last);
		strategy.afterDelete?.(world, change.object);
		this.#onChange(world, change);
		return change.object;
	}
}
