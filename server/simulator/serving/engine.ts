/**
 * The engine: continuous batching, one iteration after another, in virtual time (vLLM's `Scheduler.schedule` and `update_from_output`).
 *
 * State is plain data; every function here takes a state and gives the next. Steps that only decode are not played one by one: until
 * the next arrival, completion or shortage of blocks their times are a quadratic in the number of steps, so that such a run costs the
 * same however long it is. Times of a run are always computed from its start: advancing in one go or in pieces gives the same numbers.
 */
import { CONSTANTS, type Constants } from './constants.ts';
import { BLOCK, type Deployment } from './deployment.ts';
import { memoryOf } from './memory.ts';
import { EMPTY_CACHE, type PrefixCache, type Segment } from './prefix-cache.ts';
import { Scheduler } from './schedule.ts';
import { generation, hostFactor, type StepCosts, type StepLoad, stepCosts, type Use } from './step.ts';

/** What stays the same while a server runs. Plain data. */
export interface EngineConfig {
	readonly costs: StepCosts;
	readonly blocks: number;
	/** Blocks of a request for layers with a window. */
	readonly windowBlocks: number;
	readonly maxNumSeqs: number;
	readonly budget: number;
	readonly maxModelLen: number;
	/** False: prompts are computed whole, in steps of their own, before any decode (V0). */
	readonly chunked: boolean;
	readonly prefixCaching: boolean;
	/** A step's tokens are given out while the GPU works on the next one (V0 since 0.6: `use_async_output_proc`). */
	readonly lateOutputs: boolean;
	/** ms from arrival to the queue, and ms a prompt token. */
	readonly frontMs: number;
	readonly promptMs: number;
}

export interface Submission {
	readonly id: string;
	readonly arrivalMs: number;
	readonly promptTokens: number;
	/** Tokens after which it ends, by length or by itself. */
	readonly outputTokens: number;
	/** The prompt's beginning as cacheable segments. */
	readonly segments?: readonly Segment[];
}

/** A request's way; times are undefined until they happen. */
export interface RequestRecord {
	readonly id: string;
	readonly arrivalMs: number;
	/** When the scheduler first saw it. */
	readonly queuedMs: number;
	readonly promptTokens: number;
	readonly outputTokens: number;
	readonly segments: readonly Segment[];
	readonly scheduledMs?: number;
	/** When its first token was given out, and how long that was after its step. */
	readonly firstMs?: number;
	readonly lateMs?: number;
	/** Tokens with keys and values in the cache. */
	readonly computed: number;
	readonly generated: number;
	/** Blocks of its own. */
	readonly blocks: number;
	/** Cached chains that it holds. */
	readonly held: readonly string[];
	/** Prompt tokens that the cache spared it, at its first admission. */
	readonly cachedTokens: number;
	readonly preemptions: number;
}

/** A run of steps that only decode; see `decodeRun`. */
export interface DecodeRun {
	readonly startMs: number;
	readonly first: number;
	readonly growth: number;
	/** Steps until something must change. */
	readonly limit: number;
	readonly done: number;
	/** Somebody waits that can't be admitted, so arrivals change nothing. */
	readonly blocked: boolean;
}

/** A step on the GPU: decided, not finished. */
export interface Flight {
	readonly startMs: number;
	readonly endMs: number;
	readonly load: StepLoad;
	/** Tokens for each running request, in their order. */
	readonly tokens: readonly number[];
}

export interface Counters {
	readonly steps: number;
	readonly busyMs: number;
	readonly promptTokens: number;
	readonly generatedTokens: number;
	readonly preemptions: number;
	/** Prompt tokens looked up and found in the prefix cache. */
	readonly prefixQueries: number;
	readonly prefixHits: number;
}

export interface EngineState {
	/** Advanced to here. */
	readonly nowMs: number;
	/** End of the last finished step: the next one starts here or later. */
	readonly stepMs: number;
	/** In the order of their admission. */
	readonly running: readonly RequestRecord[];
	/** In the order of their turn. */
	readonly waiting: readonly RequestRecord[];
	readonly freeBlocks: number;
	readonly cache: PrefixCache;
	/** At most one of the two. */
	readonly run?: DecodeRun;
	readonly flight?: Flight;
	/** Gone by the next step's end. */
	readonly aborting: readonly string[];
	readonly counters: Counters;
}

export type EngineEvent =
	| { readonly kind: 'first'; readonly atMs: number; readonly id: string }
	| { readonly kind: 'preempted'; readonly atMs: number; readonly id: string }
	| { readonly kind: 'finished'; readonly atMs: number; readonly id: string; readonly record: RequestRecord }
	| { readonly kind: 'aborted'; readonly atMs: number; readonly id: string; readonly record: RequestRecord };

/** Finished steps of one shape, for histograms: `steps` steps from `startMs` to `endMs`, `decodes` sequences got a token in each. */
export interface StepSpan {
	readonly startMs: number;
	readonly endMs: number;
	readonly steps: number;
	readonly decodes: number;
	readonly promptTokens: number;
}

export interface Advanced {
	readonly state: EngineState;
	readonly events: readonly EngineEvent[];
	readonly spans: readonly StepSpan[];
}

/** The configuration of a deployment's engine. */
export function engineConfig(d: Deployment, use: Use = {}, constants: Constants = CONSTANTS): EngineConfig {
	const memory = memoryOf(d);
	return {
		costs: stepCosts(d, use, constants),
		blocks: memory.blocks,
		windowBlocks: memory.windowBlocks,
		maxNumSeqs: d.maxNumSeqs,
		budget: d.maxBatchedTokens,
		maxModelLen: d.maxModelLen,
		chunked: d.chunkedPrefill,
		prefixCaching: d.prefixCaching,
		lateOutputs: generation(d) === 'v07',
		frontMs: (use.http === false ? constants.frontMs.process : constants.frontMs.http) * hostFactor(d, use, constants),
		promptMs: constants.promptUs / 1000,
	};
}

export function emptyEngine(config: EngineConfig, nowMs = 0): EngineState {
	return {
		nowMs,
		stepMs: nowMs,
		running: [],
		waiting: [],
		freeBlocks: config.blocks,
		cache: EMPTY_CACHE,
		aborting: [],
		counters: { steps: 0, busyMs: 0, promptTokens: 0, generatedTokens: 0, preemptions: 0, prefixQueries: 0, prefixHits: 0 },
	};
}

/** The most tokens, prompt and output together, that one request can have. */
export const longestRequest = (config: EngineConfig): number => Math.min(config.maxModelLen, Math.max(0, config.blocks - config.windowBlocks) * BLOCK);

/**
 * Puts a request into the queue. `arrivalMs` may lie ahead, not behind `nowMs`. The output is cut where the longest request ends; a
 * prompt that leaves no room for a token is refused (undefined), as the API server does before the engine sees it.
 */
export function submit(config: EngineConfig, state: EngineState, s: Submission): EngineState | undefined {
	const room = longestRequest(config) - s.promptTokens;
	if (room < 1 || s.promptTokens < 1) return undefined;
	const arrivalMs = Math.max(s.arrivalMs, state.nowMs);
	const record: RequestRecord = {
		id: s.id,
		arrivalMs,
		queuedMs: arrivalMs + config.frontMs + config.promptMs * s.promptTokens,
		promptTokens: s.promptTokens,
		outputTokens: Math.max(1, Math.min(s.outputTokens, room)),
		segments: s.segments ?? [],
		computed: 0,
		generated: 0,
		blocks: 0,
		held: [],
		cachedTokens: 0,
		preemptions: 0,
	};
	const waiting = [...state.waiting];
	let at = waiting.length;
	// Preempted requests, which stand in front, were queued earlier than any newcomer.
	while (at > 0 && (waiting[at - 1]?.queuedMs ?? 0) > record.queuedMs) at--;
	waiting.splice(at, 0, record);
	return { ...state, waiting };
}

/** Ends a request at the next step's boundary (a client that hung up). */
export function abort(state: EngineState, id: string): EngineState {
	return state.aborting.includes(id) ? state : { ...state, aborting: [...state.aborting, id] };
}

/** Tokens that a request has so far; undefined where it is neither running nor waiting. */
export function generatedTokens(state: EngineState, id: string): number | undefined {
	const running = state.running.find((r) => r.id === id);
	if (running !== undefined) return running.generated + (state.run?.done ?? 0);
	return state.waiting.find((r) => r.id === id)?.generated;
}

/** Share of the cache's blocks that requests hold, 0 to 1 (`vllm:kv_cache_usage_perc`). */
export function cacheUsage(config: EngineConfig, state: EngineState): number {
	if (config.blocks === 0) return 0;
	const steps = state.run?.done ?? 0;
	const more = steps === 0 ? 0 : state.running.reduce((n, r) => n + Math.ceil((r.computed + steps) / BLOCK) - Math.ceil(r.computed / BLOCK), 0);
	return (config.blocks - state.freeBlocks + more) / config.blocks;
}

/** Plays all steps that end by `toMs`. */
export function advance(config: EngineConfig, state: EngineState, toMs: number): Advanced {
	if (toMs <= state.nowMs) return { state, events: [], spans: [] };
	const scheduler = new Scheduler(config, state);
	scheduler.playTo(toMs);
	return scheduler.result(toMs);
}

/** When the next step ends, i.e. the next time that anything can be seen; undefined where nothing is to do. */
export function nextStepMs(config: EngineConfig, state: EngineState): number | undefined {
	return new Scheduler(config, state).nextEnd();
}

/** When the next request finishes or gets its first token at the latest known; undefined where nothing is to do. */
export function nextEventMs(config: EngineConfig, state: EngineState): number | undefined {
	return new Scheduler(config, state).nextChange();
}
