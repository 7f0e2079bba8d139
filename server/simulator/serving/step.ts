/**
 * How long one step of the engine takes: a roofline with few, physical constants.
 *
 * step = scheduling + max(GPU, what the host does meanwhile)
 * GPU = small kernels + softmax(read weights, multiply) + attention over the cache + attention over prompts + all-reduces
 *
 * Reading and multiplying overlap inside a kernel, so their sum is taken in a high norm (a soft maximum). Kernels are launched ahead of
 * the GPU, and since 0.6 (`use_async_output_proc`; in V1 its own process) the last step's outputs are detokenised and given out while
 * the GPU works: that is hidden unless it takes longer. In a step that only decodes the time is linear in the tokens of context, or
 * constant while the host is the slower, which is what lets the engine skip ahead.
 */
import { CONSTANTS, type Constants, type Generations, type SourceHost } from './constants.ts';
import type { Deployment, Weights } from './deployment.ts';
import type { GpuSpec } from './hardware.ts';
import { denseBytes, expertBytes, fullLayers, kvBytesPerLayer } from './memory.ts';
import { denseWeights, expertLayers, expertWeights, type ModelSpec } from './models.ts';

/** What a step has to do. */
export interface StepLoad {
	/** Prompt tokens computed in this step. */
	readonly promptTokens: number;
	/** Sum over prompt tokens of the context each attends to. */
	readonly promptWork: number;
	/** Tokens of context that prompt chunks read back from the cache. */
	readonly promptContext: number;
	/** Prompts that end in this step and so give a token. */
	readonly promptsDone: number;
	/** Prompts that have tokens in this step. */
	readonly prompts: number;
	/** Sequences that get one more token. */
	readonly decodes: number;
	/** Tokens of context of those sequences together. */
	readonly context: number;
}

/** A deployment's coefficients, all in ms. Plain data, made once. */
export interface StepCosts {
	/** The host's work before and after the GPU's, in every step, more with prompts, and for each sequence. */
	readonly fixed: number;
	readonly prefillFixed: number;
	readonly perSequence: number;
	/** The host's work while the GPU is busy: launching kernels one by one, in decodes and with prompts, and for each sequence. */
	readonly launch: number;
	readonly prefillLaunch: number;
	readonly besideSequence: number;
	/** Small kernels. */
	readonly kernels: number;
	readonly denseRead: number;
	readonly densePerToken: number;
	readonly experts: number;
	readonly expertsActive: number;
	/** Reading one expert of every layer. */
	readonly expertRead: number;
	readonly expertPerToken: number;
	readonly headRead: number;
	readonly headPerRow: number;
	readonly perContext: number;
	readonly window: number;
	readonly perWindowContext: number;
	readonly perPromptWork: number;
	readonly windowPromptShare: number;
	readonly reducePerToken: number;
	/** Tokens up to which an all-reduce goes in one stage, and what the second stage costs a step. */
	readonly oneStageTokens: number;
	readonly reduceTwo: number;
	readonly overlap: number;
}

const softMax = (a: number, b: number, norm: number): number => {
	const most = Math.max(a, b);
	return most === 0 ? 0 : most * (1 + (Math.min(a, b) / most) ** norm) ** (1 / norm);
};

/** The generation of constants that an engine belongs to. */
export const generation = (d: Deployment): keyof Generations => {
	const { version, scheduler, asyncScheduling } = d.engine;
	if (scheduler === 'v0') return version < 6 ? 'v05' : 'v07';
	return asyncScheduling ? 'v1async' : 'v1';
};

/** Tensor TFLOP/s that a product with these weights can use, and the share of it that kernels reach. */
function tensor(gpu: GpuSpec, weights: Weights, c: Constants): number {
	const compute = c.compute * c.family[gpu.architecture].compute;
	const full = (weights === 'fp16' ? gpu.tflops.fp16 : (gpu.tflops.bf16 ?? gpu.tflops.fp16)) * compute;
	if (weights === 'fp8') return gpu.tflops.fp8 === undefined ? full * c.weightOnly8 : gpu.tflops.fp8 * compute * c.compute8;
	if (weights === 'int8') return gpu.tflops.int8 === undefined ? full : gpu.tflops.int8 * compute * c.compute8;
	if (weights === 'nvfp4' && gpu.architecture === 'blackwell') return (gpu.tflops.fp8 ?? full) * 2 * compute * c.compute8;
	if (weights === 'w8a16') return full * c.weightOnly8;
	if (weights === 'gptq') return full * c.plainGptq;
	if (weights === 'w4a16' || weights === 'nvfp4') return full * c.weightOnly4;
	return full;
}

/** Whether a product is more than one kernel: activations are quantised before it, or partial sums of unpacked weights added after it. */
const quantises = (gpu: GpuSpec, weights: Weights): boolean => /int8|w8a16|w4a16|gptq/.test(weights) || (weights === 'fp8' && gpu.tflops.fp8 !== undefined);

/** How an engine is used. */
export interface Use {
	/** Requests come through the API server (default), or from the engine's own process. */
	readonly http?: boolean;
	/** Outputs are collected and given out at the end, as by `LLM.generate`. */
	readonly collected?: boolean;
	readonly host?: SourceHost;
}

/** Time that the host's work takes, relative to a usual server with Hopper cards. */
export const hostFactor = (d: Deployment, use: Use, c: Constants): number => c.host[d.gpu.architecture] * (use.host === undefined ? 1 : c.sourceHost[use.host]);

/** The coefficients of a deployment. `constants` is left out but in the fit. */
export function stepCosts(d: Deployment, use: Use = {}, constants: Constants = CONSTANTS): StepCosts {
	const { model, gpu, tp, weights } = d;
	const c = constants;
	const g = generation(d);
	const host = hostFactor(d, use, c);
	const family = c.family[gpu.architecture];
	const reached = gpu.bandwidth * 1e6 * family.bandwidth * inFlight(gpu, c);
	const bandwidth = reached * c.bandwidth * c.kernels[g];
	const kvBandwidth = reached * c.kvBandwidth * c.kvKernels[g];
	const flops = tensor(gpu, weights, c) * 1e9;
	const expertFlops = tensor(gpu, weights === 'mxfp4' ? 'bf16' : weights, c) * 1e9 * c.expertCompute;
	const half = tensor(gpu, weights === 'fp16' ? 'fp16' : 'bf16', c) * 1e9;
	const clock = 1.98 / gpu.clock;
	const moe = expertLayers(model);
	const linear = denseWeights(model);
	const head = model.vocab * model.hidden;
	const full = fullLayers(model);
	// Older decode kernels go over the cache once for each query head of a group in part; it costs like more bytes.
	const ungrouped = model.latent === undefined ? model.heads / Math.max(model.kvHeads, tp) - 1 : 0;
	const kv = kvBytesPerLayer(d) * (d.kv === 'fp8' ? FP8_KV : 1) * (1 + c.ungrouped[g] * ungrouped);
	const layerUs = (c.layerUs + (quantises(gpu, weights) ? c.quantUs : 0)) * clock;
	const launch = d.eager ? (host * c.eagerUs * model.layers) / 1000 : 0;
	const streamUs = use.collected === true ? 0 : c.streamUs[g];
	const attentionFlops = 4 * (model.heads / tp) * model.headDim;
	return {
		fixed: (c.stepMs[g] + (tp > 1 ? c.parallelMs[g] : 0)) * host,
		prefillFixed: host * (c.prefillMs[g] + (tp > 1 ? c.parallelPrefillMs[g] : 0)),
		perSequence: (host * (c.sequenceUs[g] + (g === 'v05' ? streamUs : 0))) / 1000,
		launch,
		prefillLaunch: Math.max(launch, (host * c.prefillLayerUs[g] * model.layers) / 1000),
		besideSequence: g === 'v05' ? 0 : (host * (c.besideUs[g] + streamUs)) / 1000,
		kernels: (layerUs * model.layers + structureUs(model, c) * clock + reduceUs(d, c) * 2 * model.layers) / 1000,
		denseRead: (linear * denseBytes(weights)) / tp / bandwidth,
		densePerToken: (2 * linear) / tp / flops,
		experts: model.experts?.count ?? 0,
		expertsActive: model.experts?.active ?? 0,
		expertRead: (moe * expertWeights(model) * expertBytes(weights)) / tp / (bandwidth * c.expertBandwidth),
		expertPerToken: (2 * moe * (model.experts?.active ?? 0) * expertWeights(model)) / tp / expertFlops,
		headRead: (2 * head) / tp / bandwidth,
		headPerRow: (2 * head) / tp / half,
		perContext: (full * kv) / kvBandwidth,
		window: model.window?.tokens ?? 0,
		perWindowContext: ((model.layers - full) * kv) / kvBandwidth,
		perPromptWork: (attentionFlops * full) / (tensorHalf(gpu) * 1e9 * c.attention * family.compute),
		windowPromptShare: (model.layers - full) / full,
		overlap: weights === 'fp8' || weights === 'int8' ? c.overlap8 : c.overlap,
		oneStageTokens: oneStage(tp) / (2 * model.hidden),
		reduceTwo: (c.reduceTwoUs * 2 * model.layers) / 1000,
		reducePerToken:
			tp === 1
				? 0
				: (2 * model.layers * model.hidden * 2 * 2 * ((tp - 1) / tp)) / (gpu.link.gbs * 1e6 * c.linkBandwidth * (gpu.link.kind === 'pcie' ? c.pcie : 1)),
	};
}

/** H100's GB/s a streaming multiprocessor, at which `bandwidth` holds. */
const USUAL_PER_SM = 25.4;

/**
 * Share of the bandwidth that a card's multiprocessors keep busy, relative to H100's: by Little's law each must have its GB/s times the
 * memory's latency in flight, which gets harder the more there are for each (H200 36 GB/s a multiprocessor, A100-80 19, L4 5).
 */
const inFlight = (gpu: GpuSpec, c: Constants): number => Math.min(1.05, (gpu.bandwidth / gpu.sms / USUAL_PER_SM) ** -c.perSm);

/** µs of kernels that an ordinary layer has not: routing and permuting of experts, the shared ones beside them, latent attention's projections. */
function structureUs(model: ModelSpec, c: Constants): number {
	const moe = expertLayers(model) * (c.expertUs + ((model.experts?.shared ?? 0) > 0 ? SHARED_US : 0));
	return moe + (model.latent === undefined ? 0 : model.layers * LATENT_US);
}

/**
 * Three small products more; and latent attention's two down, two up, two absorbed, norms, the cache's write, and the split attention over
 * a few heads with its sum. Priors, no row of the fit has such layers: latent attention's from DeepSeek-R1 on H200 and DeepSeek-V3 on A800
 * (README), one sequence at a time.
 */
const SHARED_US = 10;
const LATENT_US = 105;

/** Eight-bit caches are read a little less efficiently: 2.77 against 3.0 TB/s in the published latency law of source S11. */
const FP8_KV = 1.08;

const tensorHalf = (gpu: GpuSpec): number => gpu.tflops.bf16 ?? gpu.tflops.fp16;

/** Bytes up to which vLLM's custom all-reduce takes one stage (`custom_all_reduce.cuh`); two GPUs never need the second. */
const oneStage = (tp: number): number => (tp <= 2 ? Number.MAX_SAFE_INTEGER : tp <= 4 ? 512 * 1024 : 256 * 1024);

/** µs of an all-reduce of a small message: one hop on NVLink, several through the host on PCIe. */
function reduceUs(d: Deployment, c: Constants): number {
	if (d.tp === 1) return 0;
	return c.reduceUs * (1 + 0.3 * (Math.log2(d.tp) - 1)) * (d.gpu.link.kind === 'pcie' ? 2.5 : 1);
}

/** Share of a router's choices that fall on the busier half of the experts. A prior: no row of the fit has experts. */
const BUSY = 0.92;

/**
 * Experts that `tokens` tokens touch together. Routers have favourites, so that a batch touches fewer than as many even choices would:
 * 64 tokens of a model with 8 of 128 experts touch 94, not 126.
 */
export function expertsTouched(count: number, active: number, tokens: number): number {
	const half = (share: number): number => (count / 2) * (1 - Math.max(0, 1 - (2 * active * share) / count) ** tokens);
	return count === 0 ? 0 : Math.max(Math.min(active, count), half(BUSY) + half(1 - BUSY));
}

/** What the GPU does whatever the context is. */
function base(k: StepCosts, tokens: number, rows: number): number {
	const dense = softMax(k.denseRead, k.densePerToken * tokens, k.overlap);
	const experts = k.experts === 0 ? 0 : softMax(k.expertRead * expertsTouched(k.experts, k.expertsActive, tokens), k.expertPerToken * tokens, k.overlap);
	const head = rows === 0 ? 0 : softMax(k.headRead, k.headPerRow * rows, k.overlap);
	const stages = tokens >= k.oneStageTokens ? k.reduceTwo : 0;
	return k.kernels + dense + experts + head + k.reducePerToken * tokens + stages;
}

/** ms that the GPU works. */
function gpuMs(k: StepCosts, load: StepLoad): number {
	let ms = base(k, load.promptTokens + load.decodes, load.decodes + load.promptsDone) + k.perContext * (load.context + load.promptContext);
	if (load.promptTokens > 0) ms += k.perPromptWork * promptWork(k, load);
	if (k.perWindowContext > 0) ms += k.perWindowContext * Math.min(load.context, k.window * load.decodes);
	return ms;
}

/** ms that the host works at the same time. */
const besideMs = (k: StepCosts, load: StepLoad): number =>
	(load.promptTokens > 0 ? k.prefillLaunch : k.launch) + k.besideSequence * (load.decodes + load.prompts);

/** ms of the host's work before the GPU can start. */
const serialMs = (k: StepCosts, load: StepLoad): number =>
	k.fixed + k.perSequence * (load.decodes + load.prompts) + (load.promptTokens > 0 ? k.prefillFixed : 0);

/** ms of one step. */
export const stepMs = (k: StepCosts, load: StepLoad): number => serialMs(k, load) + Math.max(gpuMs(k, load), besideMs(k, load));

/** ms into a step until the outputs of the one before are given out, where that is done beside it. */
export const outputMs = (k: StepCosts, load: StepLoad): number => serialMs(k, load) + besideMs(k, load);

/** Work of attention over prompts, layers with a window counted with theirs. */
function promptWork(k: StepCosts, load: StepLoad): number {
	if (k.windowPromptShare === 0) return load.promptWork;
	return load.promptWork + k.windowPromptShare * Math.min(load.promptWork, k.window * load.promptTokens);
}

/**
 * A run of steps that only decode: the first takes `first` ms, each further one `growth` ms more (every sequence is a token longer).
 * While the host is the slower there is no growth; `steps` is then how many are so, else unlimited.
 */
export function decodeRun(k: StepCosts, decodes: number, context: number): { readonly first: number; readonly growth: number; readonly steps: number } {
	const load: StepLoad = { promptTokens: 0, promptWork: 0, promptContext: 0, promptsDone: 0, prompts: 0, decodes, context };
	const first = stepMs(k, load);
	const growth = k.perContext * decodes;
	const spare = besideMs(k, load) - gpuMs(k, load);
	return spare > 0 && growth > 0 ? { first, growth: 0, steps: Math.floor(spare / growth) + 1 } : { first, growth, steps: Number.POSITIVE_INFINITY };
}
