/**
 * Architectures of open models, from their `config.json`. Sizes of weights and of the KV cache, FLOPs and bytes of a step follow from
 * these numbers alone (`memory.ts`, `step.ts`).
 */

export interface Experts {
	readonly count: number;
	/** Experts that one token goes through. */
	readonly active: number;
	/** Width of one expert. */
	readonly intermediate: number;
	/** Total width of the experts that every token goes through. */
	readonly shared: number;
	/** First layers that have an ordinary MLP instead. */
	readonly denseLayers: number;
}

/** Multi-head latent attention (DeepSeek): one compressed vector a token instead of keys and values. */
export interface Latent {
	readonly kvRank: number;
	readonly ropeDim: number;
	readonly queryRank: number;
	readonly valueDim: number;
}

export interface ModelSpec {
	readonly id: string;
	readonly layers: number;
	readonly hidden: number;
	readonly heads: number;
	readonly kvHeads: number;
	readonly headDim: number;
	/** Width of the MLP. */
	readonly intermediate: number;
	readonly vocab: number;
	/** Output projection shares the embedding's weights. */
	readonly tied: boolean;
	/** Matrices of the MLP: 3 with a gate, 2 without. */
	readonly mlpMatrices: 2 | 3;
	/** `max_position_embeddings` or what vLLM derives from it. */
	readonly maxLen: number;
	readonly experts?: Experts;
	readonly latent?: Latent;
	/** Tokens of the attention window; `every`: 1 = all layers, 2 = every other layer has it, 6 = five of six. */
	readonly window?: { readonly tokens: number; readonly every: number };
	/** Number type of the published weights, where it is not 16 bit. */
	readonly native?: 'fp8' | 'mxfp4';
}

interface Extras {
	readonly tied?: boolean;
	readonly two?: boolean;
	readonly experts?: readonly [count: number, active: number, intermediate: number, shared?: number, denseLayers?: number];
	readonly latent?: Latent;
	readonly window?: readonly [tokens: number, every: number];
	readonly native?: 'fp8' | 'mxfp4';
	/** Other names of the same architecture. */
	readonly also?: readonly string[];
}

type Row = readonly [
	id: string,
	layers: number,
	hidden: number,
	heads: number,
	kvHeads: number,
	headDim: number,
	intermediate: number,
	vocab: number,
	maxLen: number,
	extras?: Extras,
];

const tied = { tied: true } as const;
const two = { two: true } as const;
const v3latent: Latent = { kvRank: 512, ropeDim: 64, queryRank: 1536, valueDim: 128 };

const ROWS: readonly Row[] = [
	['Llama-2-7B', 32, 4096, 32, 32, 128, 11008, 32000, 4096, { also: ['vicuna-7b', 'llama-7b'] }],
	['Llama-2-13B', 40, 5120, 40, 40, 128, 13824, 32000, 4096, { also: ['vicuna-13b', 'llama-13b'] }],
	['Llama-2-70B', 80, 8192, 64, 8, 128, 28672, 32000, 4096],
	['Llama-3-8B', 32, 4096, 32, 8, 128, 14336, 128256, 8192],
	['Llama-3-70B', 80, 8192, 64, 8, 128, 28672, 128256, 8192],
	['Llama-3.1-8B', 32, 4096, 32, 8, 128, 14336, 128256, 131072, { also: ['r1-distill-llama-8b', 'hermes-3-llama-3.1-8b'] }],
	['Llama-3.1-70B', 80, 8192, 64, 8, 128, 28672, 128256, 131072, { also: ['r1-distill-llama-70b', 'llama-3.3-70b', 'nemotron-70b'] }],
	['Llama-3.1-405B', 126, 16384, 128, 8, 128, 53248, 128256, 131072],
	['Llama-3.2-1B', 16, 2048, 32, 8, 64, 8192, 128256, 131072, tied],
	['Llama-3.2-3B', 28, 3072, 24, 8, 128, 8192, 128256, 131072, tied],
	['LLaMA-30B', 60, 6656, 52, 52, 128, 17920, 32000, 2048, { also: ['llama-33b', 'vicuna-33b'] }],
	['LLaMA-65B', 80, 8192, 64, 64, 128, 22016, 32000, 2048],
	['Llama-4-Scout', 48, 5120, 40, 8, 128, 16384, 202048, 10485760, { experts: [16, 1, 8192, 8192], window: [8192, 4] }],
	// Every other layer has experts.
	['Llama-4-Maverick', 48, 5120, 40, 8, 128, 16384, 202048, 1048576, { experts: [128, 1, 8192, 8192, 24], window: [8192, 4] }],
	['TinyLlama-1.1B', 22, 2048, 32, 4, 64, 5632, 32000, 2048],
	['CodeLlama-7B', 32, 4096, 32, 32, 128, 11008, 32016, 16384],
	['CodeLlama-13B', 40, 5120, 40, 40, 128, 13824, 32016, 16384],
	['CodeLlama-34B', 48, 8192, 64, 8, 128, 22016, 32000, 16384],
	['CodeLlama-70B', 80, 8192, 64, 8, 128, 28672, 32016, 4096],
	['Mistral-7B-v0.1', 32, 4096, 32, 8, 128, 14336, 32000, 32768, { window: [4096, 1], also: ['zephyr-7b', 'openhermes-2.5-mistral-7b'] }],
	['Mistral-7B', 32, 4096, 32, 8, 128, 14336, 32768, 32768, { also: ['ministral-7b', 'mathstral-7b'] }],
	['Ministral-8B', 36, 4096, 32, 8, 128, 12288, 131072, 32768],
	['Mistral-Nemo-12B', 40, 5120, 32, 8, 128, 14336, 131072, 131072, { also: ['mistral-nemo', 'pixtral-12b'] }],
	['Mistral-Small-24B', 40, 5120, 32, 8, 128, 32768, 131072, 32768, { also: ['mistral-small', 'devstral-small', 'magistral-small'] }],
	['Mistral-Small-22B', 56, 6144, 48, 8, 128, 16384, 32768, 32768, { also: ['codestral-22b', 'mistral-small-instruct-2409'] }],
	['Mistral-Large-123B', 88, 12288, 96, 8, 128, 28672, 32768, 131072, { also: ['mistral-large'] }],
	['Mixtral-8x7B', 32, 4096, 32, 8, 128, 14336, 32000, 32768, { experts: [8, 2, 14336] }],
	['Mixtral-8x22B', 56, 6144, 48, 8, 128, 16384, 32000, 65536, { experts: [8, 2, 16384] }],
	['Qwen1.5-0.5B', 24, 1024, 16, 16, 64, 2816, 151936, 32768, tied],
	['Qwen1.5-1.8B', 24, 2048, 16, 16, 128, 5504, 151936, 32768],
	['Qwen1.5-4B', 40, 2560, 20, 20, 128, 6912, 151936, 32768],
	['Qwen1.5-7B', 32, 4096, 32, 32, 128, 11008, 151936, 32768, { also: ['qwen-7b'] }],
	['Qwen1.5-14B', 40, 5120, 40, 40, 128, 13696, 152064, 32768, { also: ['qwen-14b'] }],
	['Qwen1.5-32B', 64, 5120, 40, 8, 128, 27392, 152064, 32768],
	['Qwen1.5-72B', 80, 8192, 64, 64, 128, 24576, 152064, 32768, { also: ['qwen-72b'] }],
	['Qwen1.5-110B', 80, 8192, 64, 8, 128, 49152, 152064, 32768],
	['Qwen1.5-MoE-A2.7B', 24, 2048, 16, 16, 128, 5632, 151936, 8192, { experts: [60, 4, 1408, 5632] }],
	['Qwen2-0.5B', 24, 896, 14, 2, 64, 4864, 151936, 32768, tied],
	['Qwen2-1.5B', 28, 1536, 12, 2, 128, 8960, 151936, 32768, tied],
	['Qwen2-7B', 28, 3584, 28, 4, 128, 18944, 152064, 32768],
	['Qwen2-72B', 80, 8192, 64, 8, 128, 29568, 152064, 32768],
	['Qwen2-57B-A14B', 28, 3584, 28, 4, 128, 18944, 151936, 32768, { experts: [64, 8, 2560, 20480] }],
	['Qwen2.5-0.5B', 24, 896, 14, 2, 64, 4864, 151936, 32768, tied],
	['Qwen2.5-1.5B', 28, 1536, 12, 2, 128, 8960, 151936, 32768, { tied: true, also: ['distill-qwen-1.5b'] }],
	['Qwen2.5-3B', 36, 2048, 16, 2, 128, 11008, 151936, 32768, { tied: true, also: ['qwen2.5-coder-3b'] }],
	['Qwen2.5-7B', 28, 3584, 28, 4, 128, 18944, 152064, 32768, { also: ['distill-qwen-7b', 'qwen2.5-coder-7b', 'qwen2.5-math-7b'] }],
	['Qwen2.5-14B', 48, 5120, 40, 8, 128, 13824, 152064, 32768, { also: ['distill-qwen-14b', 'qwen2.5-coder-14b'] }],
	['Qwen2.5-32B', 64, 5120, 40, 8, 128, 27648, 152064, 32768, { also: ['distill-qwen-32b', 'qwq-32b', 'qwen2.5-coder-32b'] }],
	['Qwen2.5-72B', 80, 8192, 64, 8, 128, 29568, 152064, 32768],
	['Qwen3-0.6B', 28, 1024, 16, 8, 128, 3072, 151936, 40960, tied],
	['Qwen3-1.7B', 28, 2048, 16, 8, 128, 6144, 151936, 40960, tied],
	['Qwen3-4B', 36, 2560, 32, 8, 128, 9728, 151936, 40960, tied],
	['Qwen3-8B', 36, 4096, 32, 8, 128, 12288, 151936, 40960, { also: ['r1-0528-qwen3-8b'] }],
	['Qwen3-14B', 40, 5120, 40, 8, 128, 17408, 151936, 40960],
	['Qwen3-32B', 64, 5120, 64, 8, 128, 25600, 151936, 40960],
	['Qwen3-30B-A3B', 48, 2048, 32, 4, 128, 6144, 151936, 40960, { experts: [128, 8, 768], also: ['qwen3-coder-30b-a3b', 'qwen3-30b'] }],
	['Qwen3-235B-A22B', 94, 4096, 64, 4, 128, 12288, 151936, 40960, { experts: [128, 8, 1536], also: ['qwen3-235b'] }],
	['Qwen3-Coder-480B-A35B', 62, 6144, 96, 8, 128, 8192, 151936, 262144, { experts: [160, 8, 2560] }],
	['Gemma-2B', 18, 2048, 8, 1, 256, 16384, 256000, 8192, tied],
	['Gemma-7B', 28, 3072, 16, 16, 256, 24576, 256000, 8192, tied],
	['Gemma-2-2B', 26, 2304, 8, 4, 256, 9216, 256000, 8192, { tied: true, window: [4096, 2] }],
	['Gemma-2-9B', 42, 3584, 16, 8, 256, 14336, 256000, 8192, { tied: true, window: [4096, 2] }],
	['Gemma-2-27B', 46, 4608, 32, 16, 128, 36864, 256000, 8192, { tied: true, window: [4096, 2] }],
	['Gemma-3-1B', 26, 1152, 4, 1, 256, 6912, 262144, 32768, { tied: true, window: [512, 6] }],
	['Gemma-3-4B', 34, 2560, 8, 4, 256, 10240, 262208, 131072, { tied: true, window: [1024, 6] }],
	['Gemma-3-12B', 48, 3840, 16, 8, 256, 15360, 262208, 131072, { tied: true, window: [1024, 6] }],
	['Gemma-3-27B', 62, 5376, 32, 16, 128, 21504, 262208, 131072, { tied: true, window: [1024, 6] }],
	['Phi-1.5', 24, 2048, 32, 32, 64, 8192, 51200, 2048, two],
	['Phi-2', 32, 2560, 32, 32, 80, 10240, 51200, 2048, two],
	['Phi-3-mini', 32, 3072, 32, 32, 96, 8192, 32064, 4096, { also: ['phi-3.5-mini', 'phi-3-mini-4k', 'phi-3-mini-128k'] }],
	['Phi-3-small', 32, 4096, 32, 8, 128, 14336, 100352, 8192],
	['Phi-3-medium', 40, 5120, 40, 10, 128, 17920, 32064, 4096],
	['Phi-3.5-MoE', 32, 4096, 32, 8, 128, 6400, 32064, 131072, { experts: [16, 2, 6400] }],
	['Phi-4', 40, 5120, 40, 10, 128, 17920, 100352, 16384],
	['Phi-4-mini', 32, 3072, 24, 8, 128, 8192, 200064, 131072, tied],
	['DeepSeek-LLM-7B', 30, 4096, 32, 32, 128, 11008, 102400, 4096],
	['DeepSeek-LLM-67B', 95, 8192, 64, 8, 128, 22016, 102400, 4096],
	['DeepSeek-Coder-6.7B', 32, 4096, 32, 32, 128, 11008, 32256, 16384],
	['DeepSeek-Coder-33B', 62, 7168, 56, 8, 128, 19200, 32256, 16384],
	['DeepSeek-MoE-16B', 28, 2048, 16, 16, 128, 10944, 102400, 4096, { experts: [64, 6, 1408, 2816, 1] }],
	[
		'DeepSeek-V2-Lite',
		27,
		2048,
		16,
		16,
		192,
		10944,
		102400,
		163840,
		{ experts: [64, 6, 1408, 2816, 1], latent: { ...v3latent, queryRank: 0 }, also: ['deepseek-coder-v2-lite'] },
	],
	['DeepSeek-V2', 60, 5120, 128, 128, 192, 12288, 102400, 163840, { experts: [160, 6, 1536, 3072, 1], latent: v3latent, also: ['deepseek-coder-v2'] }],
	[
		'DeepSeek-V3',
		61,
		7168,
		128,
		128,
		192,
		18432,
		129280,
		163840,
		{ experts: [256, 8, 2048, 2048, 3], latent: v3latent, native: 'fp8', also: ['deepseek-r1', 'kimi-k2-lite', 'deepseek-v3.1'] },
	],
	['Kimi-K2', 61, 7168, 64, 64, 192, 18432, 163840, 131072, { experts: [384, 8, 2048, 2048, 1], latent: v3latent, native: 'fp8' }],
	['Falcon-7B', 32, 4544, 71, 1, 64, 18176, 65024, 2048, { two: true, tied: true }],
	['Falcon-40B', 60, 8192, 128, 8, 64, 32768, 65024, 2048, { two: true, tied: true }],
	['Falcon-180B', 80, 14848, 232, 8, 64, 59392, 65024, 2048, { two: true, tied: true }],
	['Falcon3-7B', 28, 3072, 12, 4, 256, 23040, 131072, 32768],
	['Falcon3-10B', 40, 3072, 12, 4, 256, 23040, 131072, 32768],
	['OPT-125M', 12, 768, 12, 12, 64, 3072, 50272, 2048, { two: true, tied: true }],
	['OPT-350M', 24, 1024, 16, 16, 64, 4096, 50272, 2048, { two: true, tied: true }],
	['OPT-1.3B', 24, 2048, 32, 32, 64, 8192, 50272, 2048, { two: true, tied: true }],
	['OPT-2.7B', 32, 2560, 32, 32, 80, 10240, 50272, 2048, { two: true, tied: true }],
	['OPT-6.7B', 32, 4096, 32, 32, 128, 16384, 50272, 2048, { two: true, tied: true }],
	['OPT-13B', 40, 5120, 40, 40, 128, 20480, 50272, 2048, { two: true, tied: true }],
	['OPT-30B', 48, 7168, 56, 56, 128, 28672, 50272, 2048, { two: true, tied: true }],
	['OPT-66B', 64, 9216, 72, 72, 128, 36864, 50272, 2048, { two: true, tied: true }],
	['OPT-175B', 96, 12288, 96, 96, 128, 49152, 50272, 2048, { two: true, tied: true }],
	['GPT-2', 12, 768, 12, 12, 64, 3072, 50257, 1024, { two: true, tied: true }],
	['GPT-J-6B', 28, 4096, 16, 16, 256, 16384, 50400, 2048, { two: true, also: ['gpt-j'] }],
	['GPT-NeoX-20B', 44, 6144, 64, 64, 96, 24576, 50432, 2048, { two: true, also: ['gpt-neox'] }],
	['Pythia-6.9B', 32, 4096, 32, 32, 128, 16384, 50432, 2048, two],
	['Pythia-12B', 36, 5120, 40, 40, 128, 20480, 50688, 2048, two],
	['BLOOM-7B', 30, 4096, 32, 32, 128, 16384, 250880, 2048, { two: true, tied: true, also: ['bloom-7b1', 'bloomz-7b1'] }],
	['BLOOM-176B', 70, 14336, 112, 112, 128, 57344, 250880, 2048, { two: true, tied: true }],
	['MPT-7B', 32, 4096, 32, 32, 128, 16384, 50432, 2048, { two: true, tied: true }],
	['MPT-30B', 48, 7168, 64, 64, 112, 28672, 50432, 8192, { two: true, tied: true }],
	['StarCoder-15B', 40, 6144, 48, 1, 128, 24576, 49152, 8192, { two: true, tied: true, also: ['starcoder'] }],
	['StarCoder2-15B', 40, 6144, 48, 4, 128, 24576, 49152, 16384, two],
	['StarCoder2-7B', 32, 4608, 36, 4, 128, 18432, 49152, 16384, two],
	['StarCoder2-3B', 30, 3072, 24, 2, 128, 12288, 49152, 16384, { two: true, tied: true }],
	['Yi-6B', 32, 4096, 32, 4, 128, 11008, 64000, 4096, { also: ['yi-1.5-6b'] }],
	['Yi-9B', 48, 4096, 32, 4, 128, 11008, 64000, 4096, { also: ['yi-1.5-9b'] }],
	['Yi-34B', 60, 7168, 56, 8, 128, 20480, 64000, 4096, { also: ['yi-1.5-34b'] }],
	['SOLAR-10.7B', 48, 4096, 32, 8, 128, 14336, 32000, 4096],
	['InternLM2-7B', 32, 4096, 32, 8, 128, 14336, 92544, 32768, { also: ['internlm2.5-7b', 'internlm2-chat-7b'] }],
	['InternLM2-20B', 48, 6144, 48, 8, 128, 16384, 92544, 32768],
	['Baichuan2-7B', 32, 4096, 32, 32, 128, 11008, 125696, 4096],
	['Baichuan2-13B', 40, 5120, 40, 40, 128, 13696, 125696, 4096],
	['ChatGLM3-6B', 28, 4096, 32, 2, 128, 13696, 65024, 8192],
	['GLM-4-9B', 40, 4096, 32, 2, 128, 13696, 151552, 131072],
	['GLM-4-32B', 61, 6144, 48, 2, 128, 23040, 151552, 32768],
	['GLM-4.5', 92, 5120, 96, 8, 128, 12288, 151552, 131072, { experts: [160, 8, 1536, 1536, 3] }],
	['GLM-4.5-Air', 46, 4096, 96, 8, 128, 10944, 151552, 131072, { experts: [128, 8, 1408, 1408, 1] }],
	['Command-R-35B', 40, 8192, 64, 64, 128, 22528, 256000, 131072, { tied: true, also: ['c4ai-command-r'] }],
	['Command-R-Plus', 64, 12288, 96, 8, 128, 33792, 256000, 131072, tied],
	['DBRX', 40, 6144, 48, 8, 128, 10752, 100352, 32768, { experts: [16, 4, 10752] }],
	['Granite-3-2B', 40, 2048, 32, 8, 64, 8192, 49155, 131072, { tied: true, also: ['granite-3.0-2b', 'granite-3.1-2b', 'granite-3.3-2b'] }],
	['Granite-3-8B', 40, 4096, 32, 8, 128, 12800, 49155, 131072, { tied: true, also: ['granite-3.0-8b', 'granite-3.1-8b', 'granite-3.3-8b'] }],
	['Granite-8B-Code', 36, 4096, 32, 8, 128, 14336, 49152, 4096, tied],
	['Granite-20B-Code', 52, 6144, 48, 1, 128, 24576, 49152, 8192, { two: true, tied: true }],
	['Granite-34B-Code', 88, 6144, 48, 1, 128, 24576, 49152, 8192, { two: true, tied: true }],
	['SmolLM2-135M', 30, 576, 9, 3, 64, 1536, 49152, 8192, tied],
	['SmolLM2-1.7B', 24, 2048, 32, 32, 64, 8192, 49152, 8192, tied],
	['OLMo-2-7B', 32, 4096, 32, 32, 128, 11008, 100352, 4096],
	['OLMo-2-13B', 40, 5120, 40, 40, 128, 13824, 100352, 4096],
	['gpt-oss-20b', 24, 2880, 64, 8, 64, 2880, 201088, 131072, { experts: [32, 4, 2880], window: [128, 2], native: 'mxfp4' }],
	['gpt-oss-120b', 36, 2880, 64, 8, 64, 2880, 201088, 131072, { experts: [128, 4, 2880], window: [128, 2], native: 'mxfp4' }],
];

function fromRow(r: Row): ModelSpec {
	const [id, layers, hidden, heads, kvHeads, headDim, intermediate, vocab, maxLen, x = {}] = r;
	const [count = 0, active = 0, width = 0, shared = 0, denseLayers = 0] = x.experts ?? [];
	return {
		id,
		layers,
		hidden,
		heads,
		kvHeads,
		headDim,
		intermediate,
		vocab,
		tied: x.tied === true,
		mlpMatrices: x.two === true ? 2 : 3,
		maxLen,
		...(count > 0 ? { experts: { count, active, intermediate: width, shared, denseLayers } } : {}),
		...(x.latent === undefined ? {} : { latent: x.latent }),
		...(x.window === undefined ? {} : { window: { tokens: x.window[0], every: x.window[1] } }),
		...(x.native === undefined ? {} : { native: x.native }),
	};
}

/** A name with the organisation, case and punctuation gone: `meta-llama/Llama-3.1-8B-Instruct` is `llama3.18binstruct`. */
const squash = (name: string): string =>
	(name.split('/').at(-1) ?? name)
		.toLowerCase()
		.replace(/[^a-z0-9.]/g, '')
		.replace(/^meta/, '');

export const MODELS: readonly ModelSpec[] = ROWS.map(fromRow);

/** Squashed names, longest first: the most specific name that a model's name contains is the one that is meant. */
let names: readonly (readonly [string, ModelSpec])[] | undefined;

/**
 * The architecture behind a model's name as it stands on a hub, in a benchmark's table or on a command line; suffixes such as
 * `-Instruct`, `-hf`, `-FP8` or `-AWQ` don't matter. Undefined where no architecture is known.
 */
export function findModel(name: string): ModelSpec | undefined {
	names ??= ROWS.flatMap((row, i) => {
		const spec = MODELS[i];
		return spec === undefined ? [] : [row[0], ...(row[9]?.also ?? [])].map((n) => [squash(n), spec] as const);
	}).sort((a, b) => b[0].length - a[0].length);
	const all = names;
	const known = (key: string): ModelSpec | undefined => all.find(([n]) => contains(key, n))?.[1];
	// Without the dash a release's date would belong to the number before it: DeepSeek-R1-0528.
	return known(squash(name)) ?? known(squash(name.replace(/-\d{4}\b/g, '')));
}

/** Ids whose names are most like an unknown one, by shared pairs of letters (Dice's coefficient); none where nothing is alike. */
export function closestModels(name: string, most = 3): readonly string[] {
	const pairs = (text: string): ReadonlySet<string> => new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2)));
	// A name may be as long as a cell; what an organisation would call a model is not.
	const asked = pairs(squash(name).slice(0, 100));
	const alike = (id: string): number => {
		const own = pairs(squash(id));
		return (2 * [...own].filter((p) => asked.has(p)).length) / (own.size + asked.size);
	};
	return MODELS.map((m) => [m.id, alike(m.id)] as const)
		.filter(([, share]) => share > 0.3)
		.sort((a, b) => b[1] - a[1])
		.slice(0, most)
		.map(([id]) => id);
}

/** Whether `part` stands in `key` with no digit before it or after it that would make it another number. */
function contains(key: string, part: string): boolean {
	for (let at = key.indexOf(part); at >= 0; at = key.indexOf(part, at + 1)) {
		const before = key[at - 1] ?? '';
		const after = key[at + part.length] ?? '';
		const cut = (a: string, b: string): boolean => /\d/.test(a) && /[\d.]/.test(b);
		if (!cut(part[0] ?? '', before) && !cut(part.at(-1) ?? '', after)) return true;
	}
	return false;
}

/** Weights of one layer's attention (queries, keys, values, output). */
export function attentionWeights(m: ModelSpec): number {
	const { hidden: h, heads, kvHeads, headDim: d } = m;
	if (m.latent === undefined) return 2 * h * heads * d + 2 * h * kvHeads * d;
	const { kvRank, ropeDim, queryRank, valueDim } = m.latent;
	const noRope = d - ropeDim;
	const query = queryRank > 0 ? h * queryRank + queryRank * heads * d : h * heads * d;
	return query + h * (kvRank + ropeDim) + kvRank * heads * (noRope + valueDim) + heads * valueDim * h;
}

/** Layers that have routed experts. */
export const expertLayers = (m: ModelSpec): number => (m.experts === undefined ? 0 : m.layers - m.experts.denseLayers);

/** Weights of one expert. */
export const expertWeights = (m: ModelSpec): number => (m.experts === undefined ? 0 : m.mlpMatrices * m.hidden * m.experts.intermediate);

/** Weights in all linear layers that every token goes through: attention, dense MLPs, shared experts, routers. */
export function denseWeights(m: ModelSpec): number {
	const moe = expertLayers(m);
	const mlp = (m.layers - moe) * m.mlpMatrices * m.hidden * m.intermediate;
	const shared = m.experts === undefined ? 0 : moe * (m.mlpMatrices * m.hidden * m.experts.shared + m.hidden * m.experts.count);
	return m.layers * attentionWeights(m) + mlp + shared;
}

/** Weights of all routed experts together. */
export const routedWeights = (m: ModelSpec): number => expertLayers(m) * (m.experts?.count ?? 0) * expertWeights(m);

/** Weights of the embedding and of the output projection (one matrix where they are tied). */
export const embeddingWeights = (m: ModelSpec): number => (m.tied ? 1 : 2) * m.vocab * m.hidden;

/** All parameters; biases are left out, they are below 0.1 %. */
export const parameters = (m: ModelSpec): number => denseWeights(m) + routedWeights(m) + embeddingWeights(m) + (2 * m.layers + 1) * m.hidden;

/** Parameters that one token goes through, embedding included. */
export const activeParameters = (m: ModelSpec): number =>
	denseWeights(m) + embeddingWeights(m) + (m.experts === undefined ? 0 : expertLayers(m) * m.experts.active * expertWeights(m));
