/**
 * The store's change logs as they travel in JSON. In memory a log shares its objects: with the store, and each change's
 * `previous` with the change before it. JSON would write every one of them out, and reading it back would keep them all
 * apart; so a packed log names what is there already, and unpacking shares it again.
 */
import type { State } from '../../kernel/state.ts';
import { type Key, type Tree, treeGet } from '../../kernel/tree.ts';
import type { Change, KubeObject } from '../types.ts';
import { objectKey, type ResourceState, type StoreState, storeSlice } from './store.ts';

/** In a packed change, a text as `object` is the key of the stored object it is; a number as `previous` the revision of the change that made it. */
type Packed = Omit<Change, 'object' | 'previous'> & { readonly object: KubeObject | string; readonly previous?: KubeObject | number };

/** The same tree with other values, visited in key order. */
function mapTree<K extends Key, A, B>(tree: Tree<K, A>, change: (value: A) => B): Tree<K, B> {
	if (tree === null) return null;
	const l = mapTree(tree.l, change);
	const v = change(tree.v);
	return { k: tree.k, v, h: tree.h, n: tree.n, l, r: mapTree(tree.r, change) };
}

function mapLogs(state: State, mapping: (resource: ResourceState) => (change: Change) => unknown): State {
	const store = state.slices[storeSlice.name] as StoreState | undefined;
	if (store === undefined) return state;
	const resources = mapTree(store.resources, (resource) => {
		const change = mapping(resource);
		return { ...resource, log: mapTree(resource.log, (entry) => ({ ...entry, change: change(entry.change) })) };
	});
	return { ...state, slices: { ...state.slices, [storeSlice.name]: { ...store, resources } } };
}

/** A state whose logs name objects instead of repeating them. Only for JSON: no world runs on it. */
export function packLogs(state: State): State {
	return mapLogs(state, ({ objects }) => {
		const made = new Map<number, KubeObject>();
		return (change): Packed => {
			const { object, previous } = change;
			made.set(change.revision, object);
			const key = objectKey(object.metadata.namespace, object.metadata.name);
			const packed: Packed = { ...change, object: treeGet(objects, key) === object ? key : object };
			if (previous === undefined) return packed;
			const revision = Number(previous.metadata.resourceVersion);
			return { ...packed, previous: made.get(revision) === previous ? revision : previous };
		};
	});
}

/** The state that `packLogs` was given. Throws where a name leads nowhere: the snapshot is damaged. */
export function unpackLogs(state: State): State {
	return mapLogs(state, ({ objects }) => {
		const made = new Map<number, KubeObject>();
		return (change): Change => {
			const { object: named, previous: before } = change as Packed;
			const object = typeof named === 'string' ? treeGet(objects, named) : named;
			const previous = typeof before === 'number' ? made.get(before) : before;
			if (object === undefined || (before !== undefined && previous === undefined))
				throw new Error(`the snapshot is damaged: change ${change.revision} of ${change.group}/${change.resource} names an object that is not there`);
			made.set(change.revision, object);
			return previous === undefined ? { ...change, object } : { ...change, object, previous };
		};
	});
}
