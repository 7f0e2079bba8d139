/**
 * One served model: what runs, on what, with which settings. The settings are those of `vllm serve` after its defaults are applied,
 * so that memory, step times and scheduling depend on nothing else.
 */
import type { GpuSpec } from './hardware.ts';
import type { ModelSpec } from './models.ts';

/**
 * Number type of the weights of linear layers; embeddings and the output projection stay 16 bit. `w4a16` goes through Marlin's kernels,
 * which is what vLLM takes for AWQ and GPTQ alike; `gptq` are GPTQ's own, which it takes where they are asked for by name
 * (`--quantization gptq`: "… so forcing gptq").
 */
export type Weights = 'fp16' | 'bf16' | 'fp8' | 'int8' | 'w8a16' | 'w4a16' | 'gptq' | 'mxfp4' | 'nvfp4';
export type KvType = 'auto' | 'fp8';

export interface Engine {
	/** Minor version of vLLM 0.x: 0.7.3 is 7.3, 0.20.1 is 20.1. */
	readonly version: number;
	/** The scheduler: `v0` runs a prefill or a decode step, `v1` mixes both in one token budget. */
	readonly scheduler: 'v0' | 'v1';
	/** The next step is scheduled while the GPU still works on this one (default since 0.14). */
	readonly asyncScheduling: boolean;
}

export interface Deployment {
	readonly model: ModelSpec;
	readonly gpu: GpuSpec;
	/** `--tensor-parallel-size`. */
	readonly tp: number;
	readonly weights: Weights;
	readonly kv: KvType;
	readonly engine: Engine;
	readonly maxModelLen: number;
	readonly maxNumSeqs: number;
	/** Token budget of a step. */
	readonly maxBatchedTokens: number;
	/** V0 has chunked prefill off unless the context is long. */
	readonly chunkedPrefill: boolean;
	readonly prefixCaching: boolean;
	/** `--gpu-memory-utilization`. */
	readonly utilization: number;
	/** `--enforce-eager`: no CUDA graphs. */
	readonly eager: boolean;
}

/** Tokens in one block of the KV cache. */
export const BLOCK = 16;

/** What the precision column of a table or the flags `--quantization`, `--dtype`, `--kv-cache-dtype` say; undefined for an unknown word. */
export function parsePrecision(text: string, model: ModelSpec): { readonly weights: Weights; readonly kv: KvType } | undefined {
	const t = text.toLowerCase();
	const kv: KvType = /fp8[ _-]*kv|kv[ _-]*(cache)?[ _-]*fp8/.test(t) ? 'fp8' : 'auto';
	const w = t.replace(/\+?\s*(fp8[ _-]*kv|kv[ _-]*(cache)?[ _-]*fp8)/, '').trim();
	const native: Weights = model.native ?? 'bf16';
	if (w === '' || w === 'auto') return { weights: native, kv };
	if (/mxfp4/.test(w)) return { weights: 'mxfp4', kv };
	if (/nvfp4|fp4/.test(w)) return { weights: model.native === 'mxfp4' ? 'mxfp4' : 'nvfp4', kv };
	if (/w4a16|awq|gptq|int4|4.?bit|marlin/.test(w)) return { weights: 'w4a16', kv };
	if (/w8a16|int8_?wo/.test(w)) return { weights: 'w8a16', kv };
	if (/w8a8|int8|smoothquant/.test(w) && !/fp8/.test(w)) return { weights: 'int8', kv };
	if (/fp8|f8|e4m3/.test(w)) return { weights: 'fp8', kv };
	if (/bf16|bfloat16/.test(w)) return { weights: model.native === 'mxfp4' ? 'mxfp4' : 'bf16', kv };
	if (/fp16|float16|half|f16/.test(w)) return { weights: 'fp16', kv };
	return undefined;
}

/** vLLM's version out of a cell such as `0.7.3`, `v0.15.1`, `2024 (~0.5)`, `vLLM 0.10.0; RHEL 9.6`; undefined where none is named. */
export function parseVersion(text: string): number | undefined {
	const m = /(?:^|[^\d.])0\.(\d+)(?:\.(\d+))?/.exec(text);
	return m === null ? undefined : Number(m[1]) + Math.min(Number(m[2] ?? 0), 9) / 10;
}

/** The engine as a version has it by default. V1 became the default in 0.8, asynchronous scheduling in 0.14. */
export const engineOf = (version: number): Engine => ({ version, scheduler: version < 8 ? 'v0' : 'v1', asyncScheduling: version >= 14 });

/** Largest batch by default: 1024 on cards of 70 GiB and more since 0.9, 256 otherwise. */
export const defaultMaxNumSeqs = (gpu: GpuSpec, version: number): number => (version >= 9 && gpu.usableGiB >= 70 ? 1024 : 256);

/** Token budget of a step by default, as `EngineArgs` sets it for the API server. */
export function defaultBatchedTokens(gpu: GpuSpec, version: number, maxModelLen: number): number {
	if (version < 8) return maxModelLen > 32768 ? 2048 : Math.max(2048, maxModelLen);
	if (gpu.usableGiB >= 160) return 16384;
	return gpu.usableGiB >= 70 && !gpu.id.startsWith('A100') ? 8192 : 2048;
}

export type Settings = Partial<
	Pick<
		Deployment,
		'maxModelLen' | 'maxNumSeqs' | 'maxBatchedTokens' | 'prefixCaching' | 'chunkedPrefill' | 'utilization' | 'eager' | 'kv' | 'weights' | 'engine'
	>
>;

/** A deployment with vLLM's defaults for what is left open. */
export function deployment(model: ModelSpec, gpu: GpuSpec, tp: number, version: number, settings: Settings = {}): Deployment {
	const engine = settings.engine ?? engineOf(version);
	const maxModelLen = settings.maxModelLen ?? model.maxLen;
	const longV0 = engine.scheduler === 'v0' && maxModelLen > 32768;
	return {
		model,
		gpu,
		tp,
		weights: settings.weights ?? model.native ?? 'bf16',
		kv: settings.kv ?? 'auto',
		engine,
		maxModelLen,
		maxNumSeqs: settings.maxNumSeqs ?? defaultMaxNumSeqs(gpu, version),
		maxBatchedTokens: settings.maxBatchedTokens ?? defaultBatchedTokens(gpu, version, maxModelLen),
		chunkedPrefill: settings.chunkedPrefill ?? (engine.scheduler === 'v1' || longV0),
		prefixCaching: settings.prefixCaching ?? engine.scheduler === 'v1',
		// 0.90 until 0.21 began to profile the memory of CUDA graphs.
		utilization: settings.utilization ?? (version >= 21 ? 0.92 : 0.9),
		eager: settings.eager ?? false,
	};
}
