/**
 * The prefix cache as far as scheduling sees it: prompts are chains of named segments (a system prompt, a document, a turn), and the
 * full blocks of a chain's beginning are shared and kept until they are needed for something else (least recently used first, longest
 * chain first), as in vLLM's block pool.
 */
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

/** Chains by name. */
export interface PrefixCache {
	readonly segments: { readonly [chain: string]: CachedSegment };
	/** Blocks of segments that nobody holds: free, but with content. */
	readonly idle: number;
}

export const EMPTY_CACHE: PrefixCache = { segments: {}, idle: 0 };

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
		if (cache.segments[c.chain] === undefined) break;
		held.push(c.chain);
		blocks += c.blocks;
	}
	return { held, blocks };
}

/** One more (`by` 1) or one less (`by` -1) user of segments; gives the change of blocks that somebody holds. */
export function hold(cache: PrefixCache, held: readonly string[], by: 1 | -1, nowMs: number): { readonly cache: PrefixCache; readonly taken: number } {
	const segments = { ...cache.segments };
	let taken = 0;
	for (const chain of held) {
		const s = segments[chain];
		if (s === undefined) continue;
		const users = s.users + by;
		if (by === 1 && s.users === 0) taken += s.blocks;
		if (by === -1 && users === 0) taken -= s.blocks;
		segments[chain] = { ...s, users, usedMs: nowMs };
	}
	return { cache: { segments, idle: cache.idle - taken }, taken };
}

/** Puts a computed segment into the cache, held by the request that computed it; undefined where another was faster. */
export function keep(cache: PrefixCache, chain: string, blocks: number, nowMs: number): PrefixCache | undefined {
	if (cache.segments[chain] !== undefined) return undefined;
	return { ...cache, segments: { ...cache.segments, [chain]: { chain, blocks, users: 1, usedMs: nowMs } } };
}

/** Forgets idle segments until at most `room` blocks are idle. */
export function evict(cache: PrefixCache, room: number): PrefixCache {
	if (cache.idle <= room) return cache;
	const segments = { ...cache.segments };
	let idle = cache.idle;
	const order = Object.values(segments)
		.filter((s) => s.users === 0)
		.sort((a, b) => a.usedMs - b.usedMs || b.chain.length - a.chain.length || (a.chain < b.chain ? -1 : 1));
	for (const s of order) {
		if (idle <= room) break;
		delete segments[s.chain];
		idle -= s.blocks;
	}
	return { segments, idle };
}
