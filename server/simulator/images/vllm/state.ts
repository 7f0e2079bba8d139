/** What a vLLM process keeps. Plain data. */
import { emptyEngine, type EngineConfig, type EngineState } from '../../serving/engine.ts';
import type { Process } from '../program.ts';
import type { Head } from './answer.ts';
import type { Ask } from './ask.ts';
import type { Metrics } from './metrics.ts';
import type { LoraModule, Setup } from './setup.ts';
import type { Stage } from './stage.ts';

/** A request under way: one HTTP request, `choices` requests of the engine (`<serial>.<index>`). */
export interface Live {
	readonly connection: string;
	readonly ask: Ask;
	readonly head: Head;
	readonly arrivedAt: number;
	readonly path: string;
	readonly remote: string;
	/** Tokens sent of each choice. */
	readonly sent: readonly number[];
	readonly finished: number;
	readonly cached: number;
}

export interface Serving {
	readonly setup: Setup;
	readonly config: EngineConfig;
	readonly engine: EngineState;
	readonly adapters: readonly LoraModule[];
	readonly live: { readonly [serial: string]: Live };
	readonly next: number;
	readonly cachedPromptTokens: number;
	/** Counters when the throughput was last written, and the GPU's work last reported. */
	readonly logged: Mark;
	readonly reported: Mark;
	/** By how much others on the same card slow this server down; 1 where it is alone. */
	readonly slowdown: number;
	/** GPU memory held, bytes a device. */
	readonly gpuBytes: number;
}

export interface Mark {
	readonly at: number;
	readonly prompt: number;
	readonly generated: number;
	readonly busyMs: number;
	readonly steps: number;
}

export interface Data {
	readonly phase: 'starting' | 'serving' | 'draining' | 'dead';
	readonly version: number;
	readonly startedAt: number;
	/** Still to come. */
	readonly stages: readonly Stage[];
	readonly gpuBytes: number;
	/** Set once the configuration is read. */
	readonly setup?: Setup;
	readonly serving?: Serving;
	readonly metrics: Metrics;
}

export type Vllm = Process<Data>;

export const markOf = (engine: EngineState, at: number): Mark => ({
	at,
	prompt: engine.counters.promptTokens,
	generated: engine.counters.generatedTokens,
	busyMs: engine.counters.busyMs,
	steps: engine.counters.steps,
});

/** A server that has just come up. */
export function newServing(setup: Setup, config: EngineConfig, gpuBytes: number, now: number): Serving {
	const engine = emptyEngine(config, now);
	const mark = markOf(engine, now);
	return {
		setup,
		config,
		engine,
		adapters: setup.lora?.modules ?? [],
		live: {},
		next: 1,
		cachedPromptTokens: 0,
		logged: mark,
		reported: mark,
		slowdown: 1,
		gpuBytes,
	};
}

/** Changes the serving part of a process's data. */
export function change(process: Vllm, part: Partial<Serving>): void {
	const { serving } = process.data;
	if (serving !== undefined) process.data = { ...process.data, serving: { ...serving, ...part } };
}
