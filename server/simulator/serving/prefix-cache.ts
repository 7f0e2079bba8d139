/**
 * The prefix cache as far as scheduling sees it: prompts are chains of named segments (a system prompt, a document, a turn), and the
 * full blocks of a chain's beginning are shared and kept until they are needed for something else (least recently used first, longest
 * chain first), as in vLLM's block pool.
 */
import { type Tree, treeFirst, treeGet, treeRemove, treeSet } from '../kernel/tree.ts';
import { BLOCK } from './deployment.ts';

export interface Segment {
	/** Same key after same chain: same tokens. */
	readonly key: string;
	readonly tokens: number;
}

export interface CachedSegment {
	readonly chain: string;
	/** Blocks of this segment alone. */
	readonly blocks: number;
	/** Running requests that hold it. */
	readonly users: number;
	readonly usedMs: number;
}

/** Chains by name; a busy server's cache has thousands, so it is a tree that changes in a few nodes. */
export interface PrefixCache {
	readonly segments: Tree<string, CachedSegment>;
	/** Chains that nobody holds, in the order in which they are forgotten. */
	readonly order: Tree<string, string>;
	/** Blocks of segments that nobody holds: free, but with content. */
	readonly idle: number;
}

export const EMPTY_CACHE: PrefixCache = { segments: null, order: null, idle: 0 };

/** Least recently used first, then the longest chain, then by name. */
const rank = (s: CachedSegment): string => `${s.usedMs.toFixed(3).padStart(20, '0')}|${String(1e7 - s.chain.length).padStart(8, '0')}|${s.chain}`;

/** Full blocks of each prefix of the chain, by the chain's name. */
export function chains(segments: readonly Segment[]): readonly { readonly chain: string; readonly blocks: number; readonly end: number }[] {
	let chain = '';
	let end = 0;
	let before = 0;
	return segments.map((s) => {
		chain += `/${s.key}`;
		end += s.tokens;
		const blocks = Math.floor(end / BLOCK) - before;
		before += blocks;
		return { chain, blocks, end };
	});
}

/** The part of a chain that is in the cache: names and blocks. */
export function lookUp(cache: PrefixCache, segments: readonly Segment[]): { readonly held: readonly string[]; readonly blocks: number } {
	const held: string[] = [];
	let blocks = 0;
	for (const c of chains(segments)) {
		if (treeGet(cache.segments, c.chain) === undefined) break;
		held.push(c.chain);
		blocks += c.blocks;
	}
	return { held, blocks };
}

/** One more (`by` 1) or one less (`by` -1) user of segments; gives the change of blocks that somebody holds. */
export function hold(cache: PrefixCache, held: readonly string[], by: 1 | -1, nowMs: number): { readonly cache: PrefixCache; readonly taken: number } {
	let { segments, order } = cache;
	let taken = 0;
	for (const chain of held) {
		const s = treeGet(segments, chain);
		if (s === undefined) continue;
		const now = { ...s, users: s.users + by, usedMs: nowMs };
		if (by === 1 && s.users === 0) {
			taken += s.blocks;
			order = treeRemove(order, rank(s));
		}
		if (by === -1 && now.users === 0) {
			taken -= s.blocks;
			order = treeSet(order, rank(now), chain);
		}
		segments = treeSet(segments, chain, now);
	}
	return { cache: { segments, order, idle: cache.idle - taken }, taken };
}

/** Puts a computed segment into the cache, held by the request that computed it; undefined where another was faster. */
export function keep(cache: PrefixCache, chain: string, blocks: number, nowMs: number): PrefixCache | undefined {
	if (treeGet(cache.segments, chain) !== undefined) return undefined;
	return { ...cache, segments: treeSet(cache.segments, chain, { chain, blocks, users: 1, usedMs: nowMs }) };
}

/** Forgets idle segments until at most `room` blocks are idle. */
export function evict(cache: PrefixCache, room: number): PrefixCache {
	let { segments, order, idle } = cache;
	for (let oldest = treeFirst(order); idle > room && oldest !== undefined; oldest = treeFirst(order)) {
		idle -= treeGet(segments, oldest.v)?.blocks ?? 0;
		segments = treeRemove(segments, oldest.v);
		order = treeRemove(order, oldest.k);
	}
	return { segments, order, idle };
}
