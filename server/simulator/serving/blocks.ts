/** The KV cache's blocks during one call of `advance`: who has how many, what the prefix cache shares. Models vLLM's `KVCacheManager`. */
import { treeGet } from '../kernel/tree.ts';
import { BLOCK } from './deployment.ts';
import type { EngineConfig, RequestRecord } from './engine.ts';
import { chains, evict, hold, keep, lookUp, type PrefixCache } from './prefix-cache.ts';

/** A request that may be changed: a draft's own copy. */
export type Request = { -readonly [K in keyof RequestRecord]: RequestRecord[K] };

/** V0 keeps this share of the blocks free when it admits (`watermark`). */
const WATERMARK = 0.01;

export class BlockPool {
	readonly #config: EngineConfig;
	#free: number;
	#cache: PrefixCache;

	constructor(config: EngineConfig, free: number, cache: PrefixCache) {
		this.#config = config;
		this.#free = free;
		this.#cache = cache;
	}

	get free(): number {
		return this.#free;
	}

	get cache(): PrefixCache {
		return this.#cache;
	}

	/**
	 * Gives a waiting request what the cache has of its prompt and blocks for its first tokens, `tokensOf` them; undefined, with nothing
	 * changed, where there is no room. `reserve`: V0 keeps some free beside others.
	 */
	admit(r: Request, nowMs: number, reserve: boolean, tokensOf: () => number | undefined): number | undefined {
		const before = { free: this.#free, cache: this.#cache };
		this.#useCache(r, nowMs);
		const tokens = tokensOf();
		const kept = reserve ? Math.ceil(this.#config.blocks * WATERMARK) : 0;
		if (tokens !== undefined && this.#free - kept >= this.#ownBlocks(r, r.computed + tokens) && this.grow(r, r.computed + tokens)) return tokens;
		r.held = [];
		r.computed = 0;
		this.#free = before.free;
		this.#cache = before.cache;
		return undefined;
	}

	/** The most decode steps, up to `most`, for which there are blocks. */
	stepsThatFit(running: readonly Request[], most: number): number {
		const free = this.#free + running.reduce((n, r) => n + r.blocks - this.#ownBlocks(r, r.computed), 0);
		const fits = (n: number): boolean => running.reduce((sum, r) => sum + this.#ownBlocks(r, r.computed + n) - this.#ownBlocks(r, r.computed), 0) <= free;
		if (fits(most)) return most;
		let low = 0;
		let high = most;
		while (high - low > 1) {
			const mid = (low + high) >> 1;
			if (fits(mid)) low = mid;
			else high = mid;
		}
		return low;
	}

	/** Blocks of its own that a request needs for so many tokens. */
	#ownBlocks(r: Request, tokens: number): number {
		return tokens === 0 ? 0 : Math.ceil(tokens / BLOCK) + this.#config.windowBlocks - this.#sharedBlocks(r);
	}

	#sharedBlocks(r: Request): number {
		let n = 0;
		for (const chain of r.held) n += treeGet(this.#cache.segments, chain)?.blocks ?? 0;
		return n;
	}

	/** Takes the blocks for so many tokens; false where there are not enough. */
	grow(r: Request, tokens: number): boolean {
		const more = this.#ownBlocks(r, tokens) - r.blocks;
		if (more <= 0) return true;
		if (more > this.#free) return false;
		r.blocks += more;
		this.#free -= more;
		if (this.#cache.idle > this.#free) this.#cache = evict(this.#cache, this.#free);
		return true;
	}

	/** Gives back what a step took that was not played. */
	shrink(r: Request): void {
		const surplus = r.blocks - this.#ownBlocks(r, r.computed);
		r.blocks -= surplus;
		this.#free += surplus;
	}

	release(r: Request, nowMs: number): void {
		this.#free += r.blocks;
		r.blocks = 0;
		if (r.held.length === 0) return;
		const { cache, taken } = hold(this.#cache, r.held, -1, nowMs);
		this.#cache = cache;
		this.#free -= taken;
		r.held = [];
	}

	/** Starts a request behind what the cache already has of its prompt; at least one token is always computed. */
	#useCache(r: Request, nowMs: number): void {
		if (!this.#config.prefixCaching || r.segments.length === 0) return;
		const found = lookUp(this.#cache, r.segments);
		const enough = found.blocks * BLOCK < r.promptTokens + r.generated;
		const held = enough ? found.held : found.held.slice(0, -1);
		const { cache, taken } = hold(this.#cache, held, 1, nowMs);
		this.#cache = cache;
		this.#free -= taken;
		r.held = held;
		r.computed = this.#sharedBlocks(r) * BLOCK;
	}

	/** Offers computed segments of a prompt to the cache. */
	share(r: Request, nowMs: number): void {
		if (!this.#config.prefixCaching || r.held.length === r.segments.length) return;
		const all = chains(r.segments);
		for (let i = r.held.length; i < all.length; i++) {
			const c = all[i];
			if (c === undefined || c.end > r.computed) return;
			const cache = keep(this.#cache, c.chain, c.blocks, nowMs);
			if (cache === undefined) return;
			this.#cache = cache;
			r.held = [...r.held, c.chain];
			r.blocks -= c.blocks;
		}
	}
}
