/**
 * Constants of the performance model that data sheets don't give: efficiencies, overheads of engine and host. `fitted` is written by
 * `npm run serving:fit` from `data/calibration.csv` alone; the rest is explained where it stands.
 */
import { FITTED } from './fitted.ts';
import type { Architecture } from './hardware.ts';

/**
 * Working memory (`overheadGiB`), least squares over the twelve vLLM 0.11–0.15 servers of the memory table (v1), and over the
 * published V0 logs of an RTX 3090 (v0; `parallel` from the cache-starved 70B runs on A100-40).
 */
export const MEMORY = {
	v1: { base: 0.387, parallel: 0.2, activations: 0.589, logits: 5.37 },
	v0: { base: 0.26, parallel: 1.9, activations: 1.07, logits: 1 },
} as const;

/** The fitted constants of a step; units and meaning in `step.ts`. */
export const CONSTANTS: Constants = FITTED;

export interface Constants {
	/** Share of the data sheet's bandwidth that reading weights reaches. */
	readonly bandwidth: number;
	/** Exponent by which that share falls with the bandwidth that each multiprocessor has to keep busy. */
	readonly perSm: number;
	/** The same for reading keys and values in decode. */
	readonly kvBandwidth: number;
	/** Share of the dense tensor FLOP/s that large matrix products reach. */
	readonly compute: number;
	/** 8 bit tensor FLOP/s relative to `compute`. */
	readonly compute8: number;
	/** Tensor FLOP/s relative to `compute` where 8 bit and 4 bit weights are unpacked to 16 bit on the way. */
	readonly weightOnly8: number;
	readonly weightOnly4: number;
	/** The same of GPTQ's own kernels, which write the unpacked weights to memory first when a batch is large. */
	readonly plainGptq: number;
	/** Routed experts, relative to dense layers: bandwidth, FLOP/s, and µs a layer more for routing. */
	readonly expertBandwidth: number;
	readonly expertCompute: number;
	readonly expertUs: number;
	/** µs of launching a layer's kernels one by one, without CUDA graphs; beside the GPU's work. */
	readonly eagerUs: number;
	/** Share of the tensor FLOP/s that attention over a prompt reaches. */
	readonly attention: number;
	/** Exponent of the soft maximum of reading and multiplying: 1 adds them, large ones hide the shorter. */
	readonly overlap: number;
	/** The same where 8 bit products come with quantising and scaling. */
	readonly overlap8: number;
	/** µs of small kernels and launches in a layer of a decode step, at 1.98 GHz. */
	readonly layerUs: number;
	/** µs a layer more where activations are quantised on the way. */
	readonly quantUs: number;
	/** µs of one all-reduce of a small message between two GPUs on NVLink. */
	readonly reduceUs: number;
	/** µs more where a message is too large for one stage (see `oneStage`). */
	readonly reduceTwoUs: number;
	/** Share of the link's bandwidth that a large all-reduce reaches. */
	readonly linkBandwidth: number;
	/** The same over PCIe, relative to NVLink: rings through switches or the host. */
	readonly pcie: number;
	/** ms a step of scheduling, preparing inputs, sampling, by generation of the engine. */
	readonly stepMs: Generations;
	/** µs a running sequence and step of scheduling and preparing inputs. */
	readonly sequenceUs: Generations;
	/** ms more of a step that holds prompt tokens. */
	readonly prefillMs: Generations;
	/** µs of a layer in a step with prompt tokens, where kernels are launched one by one; beside the GPU's work. */
	readonly prefillLayerUs: Generations;
	/** Relative effect on `bandwidth` and on `kvBandwidth` of older kernels. */
	readonly kernels: Generations;
	readonly kvKernels: Generations;
	/** Share of a read of the cache that each further query head of a group adds. */
	readonly ungrouped: Generations;
	/** Relative effect of a card's family on `bandwidth` and on `compute` (clocks under load, shapes of tensor cores). */
	readonly family: { readonly [A in Architecture]: { readonly bandwidth: number; readonly compute: number } };
	/** µs a sequence and step of output processing beside the GPU's work. */
	readonly besideUs: Generations;
	/** µs a sequence and step more where outputs are streamed and not collected: V0 does that in the engine's own loop, since 0.6 beside the GPU. */
	readonly streamUs: Generations;
	/** Time that the same work takes on the processors of servers with such cards, relative to those with Hopper. */
	readonly host: { readonly [A in Architecture]: number };
	/** ms a step more where a driver hands the step to workers on other GPUs. */
	readonly parallelMs: Generations;
	/** The same of a step with prompt tokens, whose kernels and reductions every worker launches one by one. */
	readonly parallelPrefillMs: Generations;
	/** Hosts of sources that differ from what is usual for their cards, as a factor on `host`; nothing else is a source's own. */
	readonly sourceHost: { readonly [source in SourceHost]: number };
	/** ms from a request's arrival to the scheduler's queue and back to the client: in the engine's process, and over HTTP. */
	readonly frontMs: { readonly process: number; readonly http: number };
	/** µs of tokenising and copying a prompt token over HTTP. */
	readonly promptUs: number;
}

/**
 * S6 ran A100s on Polaris (EPYC 7543P). S7's machines with A100s have an EPYC 7532 or 7742; the latter once in eight NUMA nodes, where the
 * same small model takes 6.0 ms a token that takes 4.7 ms on the A100 of 40 GB with its narrower memory.
 */
export type SourceHost = 'polaris' | 'accelmark' | 'accelmark80';

/** Generations of the engine: V0 without (`0.5`) and with (`0.7`) asynchronous output, V1, V1 with asynchronous scheduling. */
export interface Generations {
	readonly v05: number;
	readonly v07: number;
	readonly v1: number;
	readonly v1async: number;
}
