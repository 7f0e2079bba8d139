/**
 * A persistent sorted map: an AVL tree of plain objects.
 *
 * `set` and `remove` return a new tree that shares all untouched nodes with the old one, so an
 * old reference stays a valid snapshot for ever. Keys of one tree are all strings or all numbers
 * and are ordered by `<`. get, set and remove cost O(log n).
 */
export type Key = string | number;

export interface TreeNode<K extends Key, V> {
	readonly k: K;
	readonly v: V;
	/** Height of this subtree; a leaf has 1. */
	readonly h: number;
	/** Number of entries in this subtree. */
	readonly n: number;
	readonly l: Tree<K, V>;
	readonly r: Tree<K, V>;
}

export type Tree<K extends Key, V> = TreeNode<K, V> | null;

export function treeSize<K extends Key, V>(t: Tree<K, V>): number {
	return t === null ? 0 : t.n;
}

export function treeGet<K extends Key, V>(t: Tree<K, V>, key: K): V | undefined {
	let node = t;
	while (node !== null) {
		if (key === node.k) return node.v;
		node = key < node.k ? node.l : node.r;
	}
	return undefined;
}

const height = <K extends Key, V>(t: Tree<K, V>): number => (t === null ? 0 : t.h);

function node<K extends Key, V>(k: K, v: V, l: Tree<K, V>, r: Tree<K, V>): TreeNode<K, V> {
	const hl = height(l);
	const hr = height(r);
	return { k, v, h: Math.max(hl, hr) + 1, n: treeSize(l) + treeSize(r) + 1, l, r };
}

/** Builds a node whose two sides differ in height by two at most, rotating where they do. */
function balanced<K extends Key, V>(k: K, v: V, l: Tree<K, V>, r: Tree<K, V>): TreeNode<K, V> {
	const hl = height(l);
	const hr = height(r);
	if (l !== null && hl > hr + 1) {
		if (height(l.l) >= height(l.r)) return node(l.k, l.v, l.l, node(k, v, l.r, r));
		const lr = l.r;
		if (lr !== null) return node(lr.k, lr.v, node(l.k, l.v, l.l, lr.l), node(k, v, lr.r, r));
	}
	if (r !== null && hr > hl + 1) {
		if (height(r.r) >= height(r.l)) return node(r.k, r.v, node(k, v, l, r.l), r.r);
		const rl = r.l;
		if (rl !== null) return node(rl.k, rl.v, node(k, v, l, rl.l), node(r.k, r.v, rl.r, r.r));
	}
	return node(k, v, l, r);
}

/** A tree with `key` set to `value`; the same tree where it already holds that very value. */
export function treeSet<K extends Key, V>(t: Tree<K, V>, key: K, value: V): TreeNode<K, V> {
	if (t === null) return { k: key, v: value, h: 1, n: 1, l: null, r: null };
	if (key === t.k) return value === t.v ? t : { k: t.k, v: value, h: t.h, n: t.n, l: t.l, r: t.r };
	if (key < t.k) {
		const l = treeSet(t.l, key, value);
		return l === t.l ? t : balanced(t.k, t.v, l, t.r);
	}
	const r = treeSet(t.r, key, value);
	return r === t.r ? t : balanced(t.k, t.v, t.l, r);
}

function withoutFirst<K extends Key, V>(t: TreeNode<K, V>): Tree<K, V> {
	return t.l === null ? t.r : balanced(t.k, t.v, withoutFirst(t.l), t.r);
}

/** A tree without `key`; the same tree where it was not there. */
export function treeRemove<K extends Key, V>(t: Tree<K, V>, key: K): Tree<K, V> {
	if (t === null) return null;
	if (key < t.k) {
		const l = treeRemove(t.l, key);
		return l === t.l ? t : balanced(t.k, t.v, l, t.r);
	}
	if (key > t.k) {
		const r = treeRemove(t.r, key);
		return r === t.r ? t : balanced(t.k, t.v, t.l, r);
	}
	if (t.l === null) return t.r;
	if (t.r === null) return t.l;
	let next: TreeNode<K, V> = t.r;
	while (next.l !== null) next = next.l;
	return balanced(next.k, next.v, t.l, withoutFirst(t.r));
}

/** The entry with the smallest key. */
export function treeFirst<K extends Key, V>(t: Tree<K, V>): { k: K; v: V } | undefined {
	if (t === null) return undefined;
	let n: TreeNode<K, V> = t;
	while (n.l !== null) n = n.l;
	return n;
}

/** Entries in key order with `from <= key < to`; either bound may be left out. */
export function* treeRange<K extends Key, V>(t: Tree<K, V>, from?: K, to?: K): Generator<{ readonly k: K; readonly v: V }> {
	// An explicit stack of ancestors still to be visited: depth is O(log n), no recursion of generators.
	const stack: TreeNode<K, V>[] = [];
	let cursor = t;
	for (;;) {
		while (cursor !== null) {
			if (from !== undefined && cursor.k < from) cursor = cursor.r;
			else {
				stack.push(cursor);
				cursor = cursor.l;
			}
		}
		const top = stack.pop();
		if (top === undefined) return;
		if (to !== undefined && top.k >= to) return;
		yield top;
		cursor = top.r;
	}
}

/** Entries whose string key starts with `prefix`, in key order. */
export function* treePrefix<V>(t: Tree<string, V>, prefix: string): Generator<{ readonly k: string; readonly v: V }> {
	for (const e of treeRange(t, prefix)) {
		if (!e.k.startsWith(prefix)) return;
		yield e;
	}
}

/** Values of the entries whose string key starts with `prefix`, in key order: several times as fast as going through `treePrefix`. */
export function treePrefixValues<V>(t: Tree<string, V>, prefix: string): V[] {
	const out: V[] = [];
	const walk = (n: Tree<string, V>): void => {
		if (n === null) return;
		const within = n.k.startsWith(prefix);
		if (within || n.k > prefix) walk(n.l);
		if (within) out.push(n.v);
		if (within || n.k < prefix) walk(n.r);
	};
	walk(t);
	return out;
}

export function treeValues<K extends Key, V>(t: Tree<K, V>): V[] {
	const out: V[] = [];
	const walk = (n: Tree<K, V>): void => {
		if (n === null) return;
		walk(n.l);
		out.push(n.v);
		walk(n.r);
	};
	walk(t);
	return out;
}

export function treeFrom<K extends Key, V>(entries: Iterable<readonly [K, V]>): Tree<K, V> {
	let t: Tree<K, V> = null;
	for (const [k, v] of entries) t = treeSet(t, k, v);
	return t;
}
