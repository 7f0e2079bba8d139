/**
 * Where a GPU's memory goes: weights, working memory of a step, and what is left for the KV cache, as vLLM's worker profiles it at
 * start (`determine_available_memory`). Checked against twelve real servers in `memory.test.ts`.
 */
import { MEMORY } from './constants.ts';
import { BLOCK, type Deployment, type Weights } from './deployment.ts';
import { embeddingWeights, type ModelSpec, parameters, routedWeights } from './models.ts';

export const GIB = 2 ** 30;

/** Bytes a weight of a linear layer takes, scales included (groups of 128 for 4 bit integers, 32 for mxfp4, 16 for nvfp4). */
const BYTES: { readonly [W in Weights]: number } = { fp16: 2, bf16: 2, fp8: 1, int8: 1, w8a16: 1.02, w4a16: 0.53, gptq: 0.53, mxfp4: 0.53125, nvfp4: 0.5625 };

/** Bytes of a weight outside the routed experts: gpt-oss keeps attention in 16 bit. */
export const denseBytes = (w: Weights): number => (w === 'mxfp4' ? 2 : BYTES[w]);
export const expertBytes = (w: Weights): number => BYTES[w];

/** Bytes of all weights, over all GPUs. */
export function weightBytes(model: ModelSpec, weights: Weights): number {
	const embedding = embeddingWeights(model);
	const routed = routedWeights(model);
	const linear = parameters(model) - embedding - routed;
	return 2 * embedding + denseBytes(weights) * linear + expertBytes(weights) * routed;
}

/** KV heads that one GPU holds; below one a GPU they are repeated. */
export const kvHeadsPerGpu = (model: ModelSpec, tp: number): number => Math.max(1, model.kvHeads / tp);

/** Layers that keep the whole context: all, but for hybrids of window and full attention. */
export function fullLayers(model: ModelSpec): number {
	const { window, layers } = model;
	return window === undefined || window.every === 1 ? layers : Math.max(1, window.every === 2 ? Math.floor(layers / 2) : Math.floor(layers / window.every));
}

/** Bytes of one token's keys and values in one layer on one GPU. */
export function kvBytesPerLayer(d: Deployment): number {
	const bytes = d.kv === 'fp8' ? 1 : 2;
	const { latent } = d.model;
	return latent === undefined ? 2 * kvHeadsPerGpu(d.model, d.tp) * d.model.headDim * bytes : (latent.kvRank + latent.ropeDim) * bytes;
}

/** Bytes that one more token of context takes on one GPU (layers with a window have theirs bounded). */
export const kvBytesPerToken = (d: Deployment): number => fullLayers(d.model) * kvBytesPerLayer(d);

export interface Memory {
	/** GiB on one GPU. */
	readonly weightsGiB: number;
	/** Working memory that the profile run finds: activations, logits, communication buffers. */
	readonly overheadGiB: number;
	/** What is left for the cache; below zero the server does not start. */
	readonly kvGiB: number;
	readonly blocks: number;
	/** As the log says it: "GPU KV cache size: N tokens". */
	readonly kvTokens: number;
	/** Blocks of a request beside those of its full-attention layers. */
	readonly windowBlocks: number;
	/** Longest request that fits. */
	readonly longest: number;
	/** "Maximum concurrency for M tokens per request". */
	readonly concurrency: number;
}

/** Working memory of a profile run, GiB on one GPU: a full budget of tokens through the widest layer, and logits of a full batch. */
export function overheadGiB(d: Deployment): number {
	const c = d.engine.scheduler === 'v0' ? MEMORY.v0 : MEMORY.v1;
	const { model, tp } = d;
	const width = Math.max(model.intermediate, (model.experts?.active ?? 0) * (model.experts?.intermediate ?? 0));
	const activations = (d.maxBatchedTokens * ((model.mlpMatrices * width) / tp + 2 * model.hidden) * 2) / GIB;
	// The sampler's dummy run takes at most this many rows of logits at once.
	const logits = (Math.min(d.maxNumSeqs, 256) * model.vocab * 4) / GIB;
	return c.base + (tp > 1 ? c.parallel : 0) + c.activations * activations + c.logits * logits;
}

/** Weights on one GPU: what is not split over the GPUs (norms) is too small to count, repeated KV heads are not. */
export function weightsPerGpu(d: Deployment): number {
	const { model, tp } = d;
	const repeated =
		model.latent === undefined && model.kvHeads < tp ? 2 * model.hidden * model.headDim * model.layers * (1 - model.kvHeads / tp) * denseBytes(d.weights) : 0;
	return weightBytes(model, d.weights) / tp + repeated;
}

/** The memory of a deployment. */
export function memoryOf(d: Deployment): Memory {
	const weightsGiB = weightsPerGpu(d) / GIB;
	const overhead = overheadGiB(d);
	const kvGiB = d.utilization * d.gpu.usableGiB - weightsGiB - overhead;
	const full = fullLayers(d.model);
	// Hybrids share blocks between groups of as many layers as there are full ones.
	const groups = Math.ceil(d.model.layers / full);
	const blocks = Math.max(0, Math.floor((kvGiB * GIB) / (BLOCK * full * kvBytesPerLayer(d))));
	const window = d.model.window;
	const windowBlocks = groups === 1 || window === undefined ? 0 : (groups - 1) * (Math.ceil(window.tokens / BLOCK) + 1);
	const longest = Math.max(0, blocks - windowBlocks) * BLOCK;
	const need = Math.ceil(d.maxModelLen / BLOCK) + windowBlocks;
	return { weightsGiB, overheadGiB: overhead, kvGiB, blocks, kvTokens: Math.floor(blocks / groups) * BLOCK, windowBlocks, longest, concurrency: blocks / need };
}

/** What vLLM refuses at start. Each is one message of its own in the log. */
export type StartFault =
	| { readonly kind: 'heads'; readonly heads: number; readonly tp: number }
	| { readonly kind: 'max-model-len'; readonly asked: number; readonly derived: number }
	| { readonly kind: 'out-of-memory'; readonly weightsGiB: number; readonly usableGiB: number }
	| { readonly kind: 'no-cache-blocks'; readonly kvGiB: number }
	| { readonly kind: 'cache-too-small'; readonly needGiB: number; readonly kvGiB: number; readonly longest: number; readonly maxModelLen: number };

/** Whether the deployment starts; the first thing that stops it. */
export function startFault(d: Deployment): StartFault | undefined {
	if (d.model.heads % d.tp !== 0) return { kind: 'heads', heads: d.model.heads, tp: d.tp };
	if (d.maxModelLen > d.model.maxLen) return { kind: 'max-model-len', asked: d.maxModelLen, derived: d.model.maxLen };
	const m = memoryOf(d);
	if (m.weightsGiB > d.gpu.usableGiB - 0.3) return { kind: 'out-of-memory', weightsGiB: m.weightsGiB, usableGiB: d.gpu.usableGiB };
	if (m.kvGiB <= 0 || m.blocks === 0) return { kind: 'no-cache-blocks', kvGiB: m.kvGiB };
	const need = Math.ceil(d.maxModelLen / BLOCK) + m.windowBlocks;
	if (need > m.blocks) {
		const needGiB = (need * BLOCK * kvBytesPerToken(d)) / GIB;
		return { kind: 'cache-too-small', needGiB, kvGiB: m.kvGiB, longest: m.longest, maxModelLen: d.maxModelLen };
	}
	return undefined;
}
