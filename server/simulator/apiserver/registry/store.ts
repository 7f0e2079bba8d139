/**
 * The generic store: what etcd and the watch cache are upstream. Objects lie in persistent trees, one a resource; every
 * commit gets a revision, keeps the secondary indexes up to date and leaves a line in the resource's log for watches.
 */
import { defineSlice } from '../../kernel/state.ts';
import { type Tree, treeFirst, treeGet, treePrefixValues, treeRange, treeRemove, treeSet, treeSize, treeValues } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import type { Change, KubeObject, Strategy } from '../types.ts';

/** Changes of one resource kept for watches that lag; a watch from before them ends with 410. */
export const LOG_CHANGES_KEPT = 1024;
/** Changes kept however old they are. */
export const LOG_CHANGES_KEPT_ALWAYS = 32;
/** Older changes are dropped, as etcd's compaction does every five minutes; virtual ms. */
export const LOG_AGE_KEPT_MS = 300_000;

/** Rough bytes of the objects in one resource's log: a big object that is written over and over must not fill the memory. */
export const LOG_BYTES_KEPT = 8 * 1024 * 1024;

export interface LogEntry {
	readonly at: number;
	readonly bytes: number;
	readonly change: Change;
}

export interface ResourceState {
	/** Key: `namespace/name`, or `name` where the resource is cluster-scoped. */
	readonly objects: Tree<string, KubeObject>;
	/** Index → tree of `value NUL key` → key. */
	readonly indexes: { readonly [index: string]: Tree<string, string> };
	readonly log: Tree<number, LogEntry>;
	/** Sum of the log entries' bytes. */
	readonly logBytes: number;
	/** Changes up to this revision are no longer in the log. */
	readonly compacted: number;
}

const NOTHING: ResourceState = { objects: null, indexes: {}, log: null, logBytes: 0, compacted: 0 };

export interface StoreState {
	/** Revision of the last commit. */
	readonly revision: number;
	readonly resources: Tree<string, ResourceState>;
}

export const storeSlice = defineSlice<StoreState>('store', {
	revision: 1,
	resources: null,
});

/** `group/resource`, the core group's as `/resource`; two resources may be views of the same objects. */
export function resourceKey(strategy: Pick<Strategy, 'group' | 'resource' | 'storedAs'>): string {
	let found = keys.get(strategy);
	if (found === undefined) {
		const { group, resource } = strategy.storedAs ?? strategy;
		found = `${group}/${resource}`;
		keys.set(strategy, found);
	}
	return found;
}

/** Every read and write asks for one. */
const keys = new WeakMap<object, string>();

/** An object's key among those of its resource. */
export const objectKey = (namespace: string | undefined, name: string): string => (namespace === undefined || namespace === '' ? name : `${namespace}/${name}`);

function stateOf(world: World, strategy: Strategy): ResourceState {
	return treeGet(world.read(storeSlice).resources, resourceKey(strategy)) ?? NOTHING;
}

/** The store's revision: that of the last commit to any resource. */
export function revision(world: World): number {
	return world.read(storeSlice).revision;
}

export function getObject(world: World, strategy: Strategy, key: string): KubeObject | undefined {
	return treeGet(stateOf(world, strategy).objects, key);
}

/** Objects of one namespace, or all of them, in key order. */
export function listObjects(world: World, strategy: Strategy, namespace?: string): readonly KubeObject[] {
	const { objects } = stateOf(world, strategy);
	if (namespace === undefined || namespace === '') return treeValues(objects);
	return treePrefixValues(objects, `${namespace}/`);
}

/** The tree of a resource's objects, for reads that page through it. */
export function objectTree(world: World, strategy: Strategy): Tree<string, KubeObject> {
	return stateOf(world, strategy).objects;
}

/**
 * The same as it was at an earlier revision, rolled back along the log; undefined where the log no longer reaches back.
 * Costs what has changed since.
 */
export function objectTreeAt(world: World, strategy: Strategy, at: number): Tree<string, KubeObject> | undefined {
	const state = stateOf(world, strategy);
	if (at < state.compacted) return undefined;
	let tree = state.objects;
	for (const entry of [...treeRange(state.log, at + 1)].reverse()) {
		const { type, object, previous } = entry.v.change;
		const key = objectKey(object.metadata.namespace, object.metadata.name);
		if (type === 'ADDED') tree = treeRemove(tree, key);
		else if (previous !== undefined) tree = treeSet(tree, key, previous);
	}
	return tree;
}

export function byIndex(world: World, strategy: Strategy, index: string, value: string): readonly KubeObject[] {
	const state = stateOf(world, strategy);
	const out: KubeObject[] = [];
	for (const key of treePrefixValues(state.indexes[index] ?? null, `${value}\u0000`)) {
		const object = treeGet(state.objects, key);
		if (object !== undefined) out.push(object);
	}
	return out;
}

/** Whether a watch from `from` can be served still. */
export function logReaches(world: World, strategy: Strategy, from: number): boolean {
	return from >= stateOf(world, strategy).compacted;
}

/** Changes with a revision above `from`, oldest first. */
export function* changesSince(world: World, strategy: Strategy, from: number): Generator<Change> {
	for (const e of treeRange(stateOf(world, strategy).log, from + 1)) yield e.v.change;
}

const owners = (object: KubeObject): readonly string[] => object.metadata.ownerReferences?.map((o) => o.uid) ?? [];

type IndexFunctions = { readonly [index: string]: (object: KubeObject) => readonly string[] };

const indexFunctions = new WeakMap<Strategy, IndexFunctions>();

function indexesOf(strategy: Strategy): IndexFunctions {
	let found = indexFunctions.get(strategy);
	if (found === undefined) {
		found = { byOwner: owners, ...strategy.indexes };
		indexFunctions.set(strategy, found);
	}
	return found;
}

const sameValues = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((v, i) => v === b[i]);

function reindex(
	strategy: Strategy,
	indexes: ResourceState['indexes'],
	key: string,
	old: KubeObject | undefined,
	next: KubeObject | undefined,
): ResourceState['indexes'] {
	let out: { [index: string]: Tree<string, string> } | undefined;
	const functions = indexesOf(strategy);
	for (const index in functions) {
		const values = functions[index];
		if (values === undefined) continue;
		const before = old === undefined ? [] : values(old);
		const after = next === undefined ? [] : values(next);
		if (sameValues(before, after)) continue;
		let tree = (out ?? indexes)[index] ?? null;
		for (const v of before) if (!after.includes(v)) tree = treeRemove(tree, `${v}\u0000${key}`);
		for (const v of after) tree = treeSet(tree, `${v}\u0000${key}`, key);
		out ??= { ...indexes };
		out[index] = tree;
	}
	return out ?? indexes;
}

/** One commit in so many is weighed, and stands for the others: weighing them all would cost more than storing them. */
const WEIGHED_EVERY = 16;
/** Nodes of an object that are looked at to tell its size; what is large is large in few of them. */
const SIZED_NODES = 300;

/** A rough size in bytes, for bounds alone. */
function roughSize(value: unknown): number {
	let bytes = 0;
	let seen = 0;
	const walk = (v: unknown): void => {
		if (++seen > SIZED_NODES) return;
		if (typeof v === 'string') bytes += v.length;
		else if (Array.isArray(v)) v.forEach(walk);
		// Which fields have which manager is much in small parts, in no proportion to what the object holds.
		else if (typeof v === 'object' && v !== null) for (const k in v) if (k !== 'managedFields') walk((v as { readonly [k: string]: unknown })[k]);
		bytes += 16;
	};
	walk(value);
	return bytes;
}

function appendLog(world: World, state: ResourceState, change: Change): Pick<ResourceState, 'log' | 'logBytes' | 'compacted'> {
	const bytes = change.revision % WEIGHED_EVERY === 0 ? roughSize(change.object) * WEIGHED_EVERY : 0;
	let log: Tree<number, LogEntry> = treeSet(state.log, change.revision, { at: world.now, bytes, change });
	let logBytes = state.logBytes + bytes;
	let compacted = state.compacted;
	// Two at the most go for each that comes: a commit's cost stays flat, and the log still shrinks.
	for (let dropped = 0; dropped < 2; dropped++) {
		const size = treeSize(log);
		const first: { readonly k: number; readonly v: LogEntry } | undefined = treeFirst(log);
		if (first === undefined || size <= 1) break;
		const old = size > LOG_CHANGES_KEPT_ALWAYS && first.v.at < world.now - LOG_AGE_KEPT_MS;
		if (size <= LOG_CHANGES_KEPT && logBytes <= LOG_BYTES_KEPT && !old) break;
		log = treeRemove(log, first.k);
		logBytes -= first.v.bytes;
		compacted = first.k;
	}
	return { log, logBytes, compacted };
}

/** Drops every log, as a compaction of etcd's does: a watch from before now ends with 410. */
export function compactLogs(world: World): void {
	const store = world.read(storeSlice);
	let { resources } = store;
	for (const name of treeRange(store.resources)) resources = treeSet(resources, name.k, { ...name.v, log: null, logBytes: 0, compacted: store.revision });
	world.write(storeSlice, { ...store, resources });
}

/**
 * Writes one object (`next`), or deletes it (`next` undefined, `last` its final state), under a new revision.
 * @returns the change as logged; its object carries the new resourceVersion.
 */
export function commit(world: World, strategy: Strategy, key: string, next: KubeObject | undefined, last?: KubeObject): Change {
	const store = world.read(storeSlice);
	const name = resourceKey(strategy);
	const state = treeGet(store.resources, name) ?? NOTHING;
	const previous = treeGet(state.objects, key);
	const rev = store.revision + 1;
	const from = next ?? last ?? previous;
	if (from === undefined) throw new Error(`deletion of ${name} ${key}, which does not exist`);
	const object: KubeObject = { ...from, metadata: { ...from.metadata, resourceVersion: String(rev) } };
	const type = next === undefined ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED';
	const { group, resource } = strategy.storedAs ?? strategy;
	const head = { revision: rev, type, group, resource, object } as const;
	const change: Change = previous === undefined ? head : { ...head, previous };
	const objects = next === undefined ? treeRemove(state.objects, key) : treeSet(state.objects, key, object);
	const indexes = reindex(strategy, state.indexes, key, previous, next === undefined ? undefined : object);
	const log = appendLog(world, state, change);
	world.write(storeSlice, { revision: rev, resources: treeSet(store.resources, name, { objects, indexes, ...log }) });
	return change;
}
