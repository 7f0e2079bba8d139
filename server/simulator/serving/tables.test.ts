/** The tables of cards and architectures, and the memory arithmetic on them, against published figures. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRecords } from './csv.ts';
import { deployment, parsePrecision, parseVersion } from './deployment.ts';
import { findGpu, GPUS, type GpuSpec } from './hardware.ts';
import { GIB, kvBytesPerToken, memoryOf, startFault, weightBytes } from './memory.ts';
import { activeParameters, findModel, MODELS, type ModelSpec, parameters } from './models.ts';
import { predictRow } from './predict.ts';

function model(name: string): ModelSpec {
	const found = findModel(name);
	if (found === undefined) throw new Error(`no architecture for ${name}`);
	return found;
}

function gpu(name: string): GpuSpec {
	const found = findGpu(name);
	if (found === undefined) throw new Error(`no card ${name}`);
	return found;
}

describe('architectures', () => {
	/** Parameters (active), weights in 16 bit GiB, KV KiB a token: from the models' config.json and index files. */
	it.each([
		['Qwen/Qwen2.5-0.5B-Instruct', 0.494, 0.494, 0.92, 12],
		['Qwen3-0.6B', 0.596, 0.596, 1.11, 112],
		['Qwen3-1.7B', 1.721, 1.721, 3.2, 112],
		['meta-llama/Llama-2-7b-hf', 6.738, 6.738, 12.55, 512],
		['mistralai/Mistral-7B-v0.1', 7.24, 7.24, 13.5, 128],
		['Qwen/Qwen2.5-7B', 7.615, 7.615, 14.19, 56],
		['meta-llama/Llama-3.1-8B-Instruct', 8.03, 8.03, 14.96, 128],
		['Qwen3-8B', 8.191, 8.191, 15.26, 144],
		['mistralai/Mistral-Nemo-Instruct-2407', 12.248, 12.248, 22.81, 160],
		['Qwen3-14B', 14.768, 14.768, 27.51, 160],
		['Qwen3-32B', 32.762, 32.762, 61.02, 256],
		['codellama/CodeLlama-34b-Instruct-hf', 33.744, 33.744, 62.85, 192],
		['01-ai/Yi-34B-Chat', 34.389, 34.389, 64.05, 240],
		['mistralai/Mixtral-8x7B-Instruct-v0.1', 46.703, 12.88, 86.99, 128],
		['Llama-2-70b-chat-hf', 68.98, 68.98, 128.5, 320],
		['nvidia/Llama-3.1-70B-Instruct', 70.554, 70.554, 131.42, 320],
		['Mixtral-8x22B', 140.62, 39.15, 261.9, 224],
		['Qwen/Qwen3-30B-A3B', 30.532, 3.353, 56.87, 96],
		['Qwen3-235B-A22B', 235.09, 22.19, 437.9, 188],
		['Llama-3.1-405B', 405.85, 405.85, 755.96, 504],
	])('%s has the published size', (name, total, active, weightsGiB, kvKiB) => {
		const m = model(name);
		expect(parameters(m) / 1e9).toBeCloseTo(total, 1);
		expect(Math.abs(activeParameters(m) / 1e9 / active - 1)).toBeLessThan(0.005);
		expect(Math.abs(weightBytes(m, 'bf16') / GIB / weightsGiB - 1)).toBeLessThan(0.005);
		expect(kvBytesPerToken(deployment(m, gpu('H100'), 1, 15)) / 1024).toBeCloseTo(kvKiB, 6);
	});

	it.each([
		['openai/gpt-oss-120b', 116.8, 61, 65],
		['gpt-oss-20b', 20.9, 12, 13.5],
	])('%s has its 4 bit experts', (name, total, least, most) => {
		const m = model(name);
		expect(parameters(m) / 1e9).toBeCloseTo(total, 1);
		const gib = weightBytes(m, 'mxfp4') / GIB;
		expect(gib).toBeGreaterThan(least - 3);
		expect(gib).toBeLessThan(most);
	});

	it.each([
		['Meta-Llama-3-8B-Instruct', 'Llama-3-8B'],
		['llama3.1-8b', 'Llama-3.1-8B'],
		['RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8', 'Llama-3.1-8B'],
		['deepseek-ai/DeepSeek-R1-Distill-Llama-70B', 'Llama-3.1-70B'],
		['deepseek-ai/DeepSeek-R1-Distill-Qwen-32B', 'Qwen2.5-32B'],
		['deepseek-ai/DeepSeek-R1', 'DeepSeek-V3'],
		['google/gemma-3-27b-it', 'Gemma-3-27B'],
		['google/gemma-2-2b-it', 'Gemma-2-2B'],
		['Qwen2-72B', 'Qwen2-72B'],
		['Qwen2-7B', 'Qwen2-7B'],
		['Qwen/Qwen2.5-14B-Instruct-AWQ', 'Qwen2.5-14B'],
		['microsoft/Phi-4-mini-instruct', 'Phi-4-mini'],
		['mistralai/Mistral-7B-Instruct-v0.3', 'Mistral-7B'],
		['facebook/opt-13b', 'OPT-13B'],
		['EleutherAI/gpt-neox-20b', 'GPT-NeoX-20B'],
		['deepseek-ai/DeepSeek-R1-0528', 'DeepSeek-V3'],
		['deepseek-ai/DeepSeek-R1-0528-Qwen3-8B', 'Qwen3-8B'],
	])('%s is found as %s', (name, id) => {
		expect(findModel(name)?.id).toBe(id);
	});

	it('knows no model that it was not told of', () => {
		expect(findModel('acme/secret-7b')).toBeUndefined();
		expect(findModel('Llama-9-8B')).toBeUndefined();
		expect(findModel('')).toBeUndefined();
	});

	it('finds every architecture by its own id, and no two share one', () => {
		for (const m of MODELS) expect(findModel(m.id)?.id).toBe(m.id);
		expect(new Set(MODELS.map((m) => m.id)).size).toBe(MODELS.length);
	});
});

describe('cards', () => {
	it.each([
		['H200', 'H200-SXM-141'],
		['NVIDIA-H100-80GB-HBM3', 'H100-SXM-80'],
		['H100 PCIe', 'H100-PCIE-80'],
		['H100-NVL-94', 'H100-NVL-94'],
		['A100-SXM4-40GB', 'A100-SXM-40'],
		['NVIDIA A100 80GB PCIe', 'A100-PCIE-80'],
		['A10G', 'A10G'],
		['nvidia-l4', 'L4'],
		['L40S', 'L40S'],
		['Tesla-T4', 'T4'],
		['RTX A6000', 'A6000'],
		['MI300X', 'MI300X'],
	])('%s is found as %s', (name, id) => {
		expect(findGpu(name)?.id).toBe(id);
	});

	it('knows no other', () => expect(findGpu('Voodoo 2')).toBeUndefined());

	it('finds every card by its id and its product name', () => {
		for (const g of GPUS) expect([findGpu(g.id)?.id, findGpu(g.product)?.id]).toEqual([g.id, g.id]);
	});

	it('cuts a card into MIG slices by memory and SMs', () => {
		const slice = gpu('H200-MIG-1g.18gb');
		expect(slice).toMatchObject({ usableGiB: 16, bandwidth: 600, sms: 16 });
		expect(gpu('H200 (MIG 4g.71gb)')).toMatchObject({ bandwidth: 2400, sms: 64 });
		expect(gpu('NVIDIA-A100-SXM4-80GB-MIG-1g.20gb').bandwidth).toBeCloseTo(2039 / 4);
		expect(gpu('A100-SXM4-40GB-MIG-3g.20gb')).toMatchObject({ bandwidth: 1555 / 2, sms: 42 });
		expect(findGpu('H100-MIG-5g.50gb')).toBeUndefined();
	});
});

describe('memory', () => {
	const servers = parseRecords(readFileSync(join(import.meta.dirname, 'data/memory.csv'), 'utf8')).rows;

	it.each(servers.map((row) => [`${row['model']} TP${row['tp']} budget ${row['max_num_batched_tokens']}`, row] as const))(
		'%s has the KV cache of the real server',
		(_, row) => {
			const p = predictRow(row);
			if ('error' in p) throw new Error(p.error);
			expect(Math.abs(p.kv_tokens / Number(row['kv_tokens']) - 1)).toBeLessThan(0.02);
		},
	);

	it('keeps embeddings in 16 bit when linear layers are quantised', () => {
		expect(weightBytes(model('Llama-3.1-8B'), 'fp8') / GIB).toBeCloseTo(8.46, 1);
	});

	it('halves the cache of a token with fp8 keys and values, and divides it over GPUs', () => {
		const d = deployment(model('Llama-3.1-8B'), gpu('H100'), 1, 15);
		expect(kvBytesPerToken({ ...d, kv: 'fp8' })).toBe(kvBytesPerToken(d) / 2);
		expect(kvBytesPerToken({ ...d, tp: 4 })).toBe(kvBytesPerToken(d) / 4);
		// Eight KV heads on sixteen GPUs are repeated.
		expect(kvBytesPerToken({ ...d, tp: 16 })).toBe(kvBytesPerToken(d) / 8);
	});

	it('says the first thing that keeps a server from starting', () => {
		const small = { maxModelLen: 8192 };
		expect(startFault(deployment(model('Llama-3.1-8B'), gpu('H100'), 1, 15, small))).toBeUndefined();
		expect(startFault(deployment(model('Llama-3.1-8B'), gpu('H100'), 3, 15, small))).toEqual({ kind: 'heads', heads: 32, tp: 3 });
		expect(startFault(deployment(model('Llama-2-7B'), gpu('H100'), 1, 15, small))).toEqual({ kind: 'max-model-len', asked: 8192, derived: 4096 });
		expect(startFault(deployment(model('Llama-3.1-70B'), gpu('H100'), 1, 15, small))?.kind).toBe('out-of-memory');
		expect(startFault(deployment(model('Llama-3.1-8B'), gpu('L4'), 1, 15, { ...small, utilization: 0.65 }))?.kind).toBe('no-cache-blocks');
		const full = startFault(deployment(model('Llama-3.1-8B'), gpu('L4'), 1, 15));
		expect(full?.kind).toBe('cache-too-small');
		if (full?.kind === 'cache-too-small') expect(full.longest).toBe(memoryOf(deployment(model('Llama-3.1-8B'), gpu('L4'), 1, 15)).longest);
	});

	it('bounds the cache of layers with a window', () => {
		const m = memoryOf(deployment(model('gpt-oss-120b'), gpu('H100'), 1, 12));
		expect(m.windowBlocks).toBeGreaterThan(0);
		expect(m.kvTokens).toBeLessThan(m.longest);
	});
});

describe('words of a table', () => {
	it('reads precisions', () => {
		const llama = model('Llama-3.1-8B');
		expect(parsePrecision('bf16 + fp8 kv', llama)).toEqual({ weights: 'bf16', kv: 'fp8' });
		expect(parsePrecision('bf16/fp16', llama)).toEqual({ weights: 'bf16', kv: 'auto' });
		expect(parsePrecision('', model('gpt-oss-20b'))).toEqual({ weights: 'mxfp4', kv: 'auto' });
		expect(parsePrecision('w8a8', llama)?.weights).toBe('int8');
		expect(parsePrecision('AWQ', llama)?.weights).toBe('w4a16');
		expect(parsePrecision('ternary', llama)).toBeUndefined();
	});

	it('reads versions', () => {
		expect(['0.7.3', 'v0.15.1', '2024 (~0.5)', 'vLLM 0.10.0; RHEL 9.6', '', 'PR18566'].map(parseVersion)).toEqual([7.3, 15.1, 5, 10, undefined, undefined]);
	});
});
