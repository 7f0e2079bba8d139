/** What a Triton server keeps while it runs. Plain data. */
import type { Process } from '../program.ts';
import type { ModelConfig } from './config.ts';
import type { Options } from './options.ts';
import type { Version } from './repository.ts';

export type ModelState = 'READY' | 'UNAVAILABLE' | 'LOADING' | 'UNLOADING';

export interface Served extends Version {
	readonly state: ModelState;
	/** As the repository's index says it. */
	readonly reason: string;
}

export interface Model {
	readonly config: ModelConfig;
	readonly versions: readonly Served[];
	readonly loadMs: number;
}

/** A request that waits or is computed. */
export interface Waiting {
	readonly id: number;
	readonly connection: string;
	readonly model: string;
	readonly version: number;
	readonly batch: number;
	readonly at: number;
	/** Body of its answer but for what it costs. */
	readonly answer: string;
	/** Its own id, quoted in faults. */
	readonly requestId: string;
	/** Delayed by its queue policy: others go first. */
	readonly delayed?: true;
}

/** Requests that an instance computes together. */
export interface Execution {
	readonly key: string;
	readonly instance: string;
	/** Index of the GPU, or -1. */
	readonly device: number;
	readonly requests: readonly Waiting[];
	readonly startedAt: number;
	readonly inputMs: number;
	readonly inferMs: number;
	readonly outputMs: number;
}

/** An answer of `generate_stream` under way, by its connection. */
export interface Stream {
	readonly model: string;
	readonly version: number;
	readonly at: number;
	readonly seed: number;
	readonly tokens: number;
	readonly sent: number;
}

/** Counters of a model's version; times in µs. */
export interface Stats {
	readonly success: number;
	readonly failure: { readonly REJECTED: number; readonly CANCELED: number; readonly BACKEND: number; readonly OTHER: number };
	/** Inferences: samples. */
	readonly count: number;
	readonly executions: number;
	readonly requestUs: number;
	readonly queueUs: number;
	readonly inputUs: number;
	readonly inferUs: number;
	readonly outputUs: number;
	readonly failUs: number;
	readonly last: number;
	/** Executions, and their times, by batch size. */
	readonly batches: { readonly [size: string]: { readonly count: number; readonly inputUs: number; readonly inferUs: number; readonly outputUs: number } };
	readonly loadSecs: number;
}

export const NO_STATS: Stats = {
	success: 0,
	failure: { REJECTED: 0, CANCELED: 0, BACKEND: 0, OTHER: 0 },
	count: 0,
	executions: 0,
	requestUs: 0,
	queueUs: 0,
	inputUs: 0,
	inferUs: 0,
	outputUs: 0,
	failUs: 0,
	last: 0,
	batches: {},
	loadSecs: 0,
};

export interface Data {
	readonly phase: 'starting' | 'serving' | 'stopping';
	readonly options: Options;
	readonly startedAt: number;
	readonly models: { readonly [name: string]: Model };
	/** By `model/version`. */
	readonly queues: { readonly [key: string]: readonly Waiting[] };
	readonly running: { readonly [id: string]: Execution };
	readonly streams: { readonly [connection: string]: Stream };
	readonly stats: { readonly [key: string]: Stats };
	readonly nextId: number;
	/** When instances' last executions ended, ms: timers come by whole ms, work does not. */
	readonly freeAt: { readonly [instance: string]: number };
	/** GPU ms of the last reports' second, by device. */
	readonly busyMs: { readonly [device: number]: number };
	readonly util: { readonly [device: number]: number };
	readonly reportedAt: number;
	/** Loads under way: who asked is answered when they are through. */
	readonly loads: { readonly [model: string]: { readonly connection: string } };
}

export type Triton = Process<Data>;

export const keyOf = (model: string, version: number): string => `${model}/${version}`;
export const statsOf = (d: Data, key: string): Stats => d.stats[key] ?? NO_STATS;

export function setStats(process: Triton, key: string, change: (s: Stats) => Stats): void {
	process.data = { ...process.data, stats: { ...process.data.stats, [key]: change(statsOf(process.data, key)) } };
}
