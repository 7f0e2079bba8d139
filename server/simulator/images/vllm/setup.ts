/** From a command line, an environment and the visible GPUs to what is served, or to the error that ends the start. Models arg_utils.py and config/*.py. */
import type { VisibleGpu } from '../../gpu/contract.ts';
import { type Deployment, deployment, type Engine, engineOf, type Settings, type Weights } from '../../serving/deployment.ts';
import { findGpu, type GpuSpec } from '../../serving/hardware.ts';
import { memoryOf } from '../../serving/memory.ts';
import { flagOf, type Given, listOf, numberOf, textOf } from './flags.ts';
import { access, describe, hubError, type Repository, repository } from './hub.ts';
import { isV1, type Release } from './versions.ts';

export interface LoraModule {
	readonly name: string;
	readonly path: string;
}

/** What runs once it runs. Plain data. */
export interface Setup {
	readonly version: number;
	readonly release: string;
	readonly repository: Repository;
	/** As given with `--model`: `root` of the model's card. */
	readonly root: string;
	readonly names: readonly string[];
	readonly deployment: Deployment;
	readonly port: number;
	readonly host: string;
	readonly apiKeys: readonly string[];
	readonly lora?: { readonly max: number; readonly rank: number; readonly modules: readonly LoraModule[]; readonly runtime: boolean };
	readonly accessLog: boolean;
	readonly logRequests: boolean;
	readonly logStats: boolean;
	readonly promptDetails: boolean;
	readonly loadTracking: boolean;
	readonly tools: boolean;
	readonly maxLogprobs: number;
	readonly rootPath: string;
}

/** Why a start ends: the last of the traceback. */
export interface Fault {
	readonly error: string;
}

export interface Surroundings {
	readonly env: { readonly [name: string]: string };
	readonly gpus: readonly VisibleGpu[];
	/** The weights lie in the cache already: the hub is not asked. */
	readonly cached: (r: Repository) => boolean;
	/** Whether a path is a folder with a config.json. */
	readonly isModelFolder: (path: string) => boolean;
	/** Whether huggingface.co can be reached. */
	readonly hubReachable: boolean;
}

const fault = (error: string): { readonly fault: Fault } => ({ fault: { error } });
/** Found out by the engine's own process, once it looks at its card. */
const engineFault = (error: string): { readonly engineFault: Fault } => ({ engineFault: { error } });

/** Methods of `--quantization` and the least compute capability of each, times ten. */
const METHODS: { readonly [method: string]: { readonly least: number; readonly weights: Weights } } = {
	awq: { least: 75, weights: 'w4a16' },
	awq_marlin: { least: 80, weights: 'w4a16' },
	bitsandbytes: { least: 70, weights: 'w4a16' },
	'compressed-tensors': { least: 70, weights: 'w4a16' },
	deepspeedfp: { least: 60, weights: 'fp8' },
	experts_int8: { least: 80, weights: 'w8a16' },
	fbgemm_fp8: { least: 80, weights: 'fp8' },
	fp8: { least: 80, weights: 'fp8' },
	gguf: { least: 60, weights: 'w4a16' },
	gptq: { least: 60, weights: 'w4a16' },
	gptq_marlin: { least: 80, weights: 'w4a16' },
	modelopt: { least: 89, weights: 'fp8' },
	modelopt_fp4: { least: 80, weights: 'nvfp4' },
	mxfp4: { least: 80, weights: 'mxfp4' },
};
/** Methods that quantise 16 bit weights while they load. */
const ONLINE = new Set(['fp8', 'bitsandbytes', 'experts_int8', 'deepspeedfp']);

const capability = (gpu: VisibleGpu | undefined): number => Number((gpu?.computeCapability ?? '0').replace('.', ''));

/** The model's repository or folder, or why it can't be had. */
function find(name: string, token: string | undefined, s: Surroundings): Repository | { readonly fault: Fault } {
	if (name.startsWith('/') || name.startsWith('./')) {
		const local = s.isModelFolder(name) ? describe(name) : undefined;
		if (local !== undefined) return local;
		return fault(
			`huggingface_hub.errors.HFValidationError: Repo id must be in the form 'repo_name' or 'namespace/repo_name': '${name}'. Use \`repo_type\` argument if needed.`,
		);
	}
	const found = repository(name);
	if (found !== undefined && s.cached(found)) return found;
	if (s.env['HF_HUB_OFFLINE'] === '1') return fault(hubError(name, 'offline'));
	if (!s.hubReachable) return fault(hubError(name, 'unreachable'));
	if (found === undefined) return fault(hubError(name, 'missing'));
	const granted = access(found, token);
	return granted === 'granted' ? found : fault(hubError(name, granted));
}

/** Which weights run, after `--quantization` and what config.json says. */
function quantised(
	r: Repository,
	asked: string | undefined,
	gpu: VisibleGpu | undefined,
): Weights | { readonly fault: Fault } | { readonly engineFault: Fault } {
	const validation = (words: string) =>
		fault(
			`pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n  Value error, ${words} [type=value_error, input_value=ArgsKwargs((), {'model': '${r.name}', ...}), input_type=ArgsKwargs]`,
		);
	const method = asked ?? r.method;
	if (method === undefined) return r.weights;
	const known = METHODS[method];
	if (known === undefined)
		return validation(
			`Unknown quantization method: ${method}. Must be one of [${Object.keys(METHODS)
				.map((m) => `'${m}'`)
				.join(', ')}].`,
		);
	if (asked !== undefined && r.method !== undefined && !asked.startsWith(r.method)) {
		return validation(
			`Quantization method specified in the model config (${r.method}) does not match the quantization method specified in the \`quantization\` argument (${asked}).`,
		);
	}
	if (asked !== undefined && r.method === undefined && !ONLINE.has(asked)) return engineFault(`ValueError: Cannot find the config file for ${asked}`);
	if (capability(gpu) < known.least) {
		return engineFault(
			`ValueError: The quantization method ${method} is not supported for the current GPU. Minimum capability: ${known.least}. Current capability: ${capability(gpu)}.`,
		);
	}
	// Of a GPTQ checkpoint vLLM runs Marlin's kernels, but for `--quantization gptq` ("… so forcing gptq") and where the card has none.
	const plain = method === 'gptq' && r.weights === 'w4a16' && (asked === 'gptq' || capability(gpu) < (METHODS['gptq_marlin']?.least ?? 80));
	return r.method === undefined ? known.weights : plain ? 'gptq' : r.weights;
}

/** Checks of `--dtype` against the card; models `_check_if_gpu_supports_dtype` and, since 0.9, the fallback of `auto`. */
function numberType(
	asked: string,
	version: number,
	gpu: VisibleGpu | undefined,
): { readonly half: boolean; readonly warning?: string; readonly engineFault?: Fault } {
	const wantsBf16 = asked === 'bfloat16' || asked === 'auto';
	if (!wantsBf16) return { half: asked === 'half' || asked === 'float16' };
	if (capability(gpu) >= 80) return { half: false };
	const name = gpu?.name ?? '';
	const cc = gpu?.computeCapability ?? '';
	if (asked === 'auto' && version >= 9) {
		return {
			half: true,
			warning: `Your device '${name}' (with compute capability ${cc}) doesn't support torch.bfloat16. Falling back to torch.float16 for compatibility.`,
		};
	}
	const refused = engineFault(
		`ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your ${name} GPU has compute capability ${cc}. You can use float16 instead by explicitly setting the \`dtype\` flag in CLI, for example: --dtype=half.`,
	);
	return { half: false, ...refused };
}

/** The card as the container sees it: CUDA's own count of its memory, and the part of its time that others leave. */
export function cardOf(gpu: VisibleGpu): GpuSpec | undefined {
	const spec = findGpu(gpu.name);
	return spec === undefined ? undefined : { ...spec, usableGiB: gpu.totalBytes / 2 ** 30 };
}

function loraOf(g: Given, env: Surroundings['env']): Setup['lora'] | { readonly fault: Fault } {
	const modules: LoraModule[] = [];
	for (const text of listOf(g, 'lora-modules')) {
		const [name = '', path = ''] = text.split(/=(.*)/s, 2);
		if (path === '') return fault(`ValueError: Invalid lora-modules: ${text}. Expected name=path or a JSON object.`);
		modules.push({ name, path });
	}
	if (flagOf(g, 'enable-lora') !== true) return undefined;
	const runtime = /^(1|true)$/i.test(env['VLLM_ALLOW_RUNTIME_LORA_UPDATING'] ?? '');
	return { max: numberOf(g, 'max-loras') ?? 1, rank: numberOf(g, 'max-lora-rank') ?? 16, modules, runtime };
}

export interface Settled {
	readonly setup: Setup;
	readonly warnings: readonly string[];
	/** The configuration is fine, the engine will not be. */
	readonly engineFault?: Fault;
}

/** Everything that is settled before the engine looks at its GPU's memory. */
export function setUp(g: Given, release: Release, s: Surroundings): Settled | { readonly fault: Fault } {
	const version = release.number;
	const root = textOf(g, 'model') ?? (version >= 10 ? 'Qwen/Qwen3-0.6B' : 'facebook/opt-125m');
	const first = s.gpus[0];
	const spec = first === undefined ? undefined : cardOf(first);
	if (first === undefined || spec === undefined) {
		return fault(
			version >= 8
				? 'RuntimeError: Failed to infer device type, please set the environment variable `VLLM_LOGGING_LEVEL=DEBUG` to turn on verbose logging to help debug the issue.'
				: 'RuntimeError: Failed to infer device type',
		);
	}
	// A card that failed stays given to the pod that holds it; every later start on it ends here (c10's device_count_ensure_non_zero).
	if (s.gpus.some((gpu) => gpu.xid !== undefined)) {
		return fault(
			'RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that might have already set an error? Error 999: unknown error',
		);
	}
	const r = find(root, textOf(g, 'hf-token') ?? s.env['HF_TOKEN'] ?? s.env['HUGGING_FACE_HUB_TOKEN'], s);
	if ('fault' in r) return r;
	const tp = numberOf(g, 'tensor-parallel-size') ?? 1;
	const asked = numberOf(g, 'max-model-len');
	if (asked !== undefined && asked > r.model.maxLen && s.env['VLLM_ALLOW_LONG_MAX_MODEL_LEN'] !== '1') {
		return fault(
			`${version >= 9 ? 'pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n  Value error, ' : 'ValueError: '}User-specified max_model_len (${asked}) is greater than the derived max_model_len (max_position_embeddings=${r.model.maxLen} or model_max_length=None in model's config.json). To allow overriding this maximum, set the env var VLLM_ALLOW_LONG_MAX_MODEL_LEN=1. VLLM_ALLOW_LONG_MAX_MODEL_LEN must be used with extreme caution. If the model uses relative position encoding (RoPE), positions exceeding derived_max_model_len lead to nan. If the model uses absolute position encoding, positions exceeding derived_max_model_len will cause a CUDA array out-of-bounds error.`,
		);
	}
	if (r.model.heads % tp !== 0)
		return fault(`ValueError: Total number of attention heads (${r.model.heads}) must be divisible by tensor parallel size (${tp}).`);
	if (tp > s.gpus.length) {
		return fault(
			version >= 11
				? `ValueError: World size (${tp}) is larger than the number of available GPUs (${s.gpus.length}) in this node. If this is intentional and you are using:\n- ray, set '--distributed-executor-backend ray'.\n- multiprocessing, set '--nnodes' appropriately.`
				: 'ValueError: The number of required GPUs exceeds the total number of available GPUs in the placement group.',
		);
	}
	const utilization = numberOf(g, 'gpu-memory-utilization');
	if (utilization !== undefined && (utilization <= 0 || utilization > 1)) {
		return fault(`ValueError: GPU memory utilization must be less than 1.0. Got ${utilization}.`);
	}
	const type = numberType(textOf(g, 'dtype') ?? 'auto', version, first);
	const method = quantised(r, textOf(g, 'quantization'), first);
	if (typeof method !== 'string' && 'fault' in method) return method;
	const weights = typeof method === 'string' ? method : r.weights;
	const later = typeof method === 'string' ? type.engineFault : method.engineFault;
	const lora = loraOf(g, s.env);
	if (lora !== undefined && 'fault' in lora) return lora;

	const oldCard = version >= 8 && version < 11 && capability(first) < 80;
	const engine: Engine = isV1(version, s.env) && !oldCard ? engineOf(Math.max(version, 8)) : { version, scheduler: 'v0', asyncScheduling: false };
	const settings: Settings = {
		engine: { ...engine, version, asyncScheduling: flagOf(g, 'async-scheduling') ?? engine.asyncScheduling },
		weights: weights === 'bf16' && type.half ? 'fp16' : weights,
		kv: (textOf(g, 'kv-cache-dtype') ?? 'auto').startsWith('fp8') ? 'fp8' : 'auto',
		eager: flagOf(g, 'enforce-eager') ?? false,
		...(utilization === undefined ? {} : { utilization }),
		...(asked === undefined || asked < 0 ? {} : { maxModelLen: asked }),
		...optional('maxNumSeqs', numberOf(g, 'max-num-seqs')),
		...optional('maxBatchedTokens', numberOf(g, 'max-num-batched-tokens')),
		...optional('prefixCaching', flagOf(g, 'enable-prefix-caching')),
		...optional('chunkedPrefill', flagOf(g, 'enable-chunked-prefill')),
	};
	let d = deployment(r.model, spec, tp, version, settings);
	// V0 runs whole prompts: its budget is the longest of them, unless that is very long.
	if (engine.scheduler === 'v0' && version >= 8 && settings.maxBatchedTokens === undefined && !d.chunkedPrefill) {
		d = { ...d, maxBatchedTokens: Math.max(2048, d.maxModelLen) };
	}
	// `--max-model-len auto`: what the cache can hold.
	if (asked !== undefined && asked < 0) d = { ...d, maxModelLen: Math.max(1, Math.min(d.maxModelLen, memoryOf(d).longest)) };
	if (d.maxBatchedTokens < d.maxModelLen && !d.chunkedPrefill) {
		return fault(
			`ValueError: max_num_batched_tokens (${d.maxBatchedTokens}) is smaller than max_model_len (${d.maxModelLen}). This effectively limits the maximum sequence length to max_num_batched_tokens and makes vLLM reject longer sequences. Please increase max_num_batched_tokens or decrease max_model_len.`,
		);
	}
	if (d.maxBatchedTokens < d.maxNumSeqs) {
		return fault(`ValueError: max_num_batched_tokens (${d.maxBatchedTokens}) must be greater than or equal to max_num_seqs (${d.maxNumSeqs}).`);
	}
	const names = listOf(g, 'served-model-name');
	const keys = [...listOf(g, 'api-key'), ...(s.env['VLLM_API_KEY'] === undefined ? [] : [s.env['VLLM_API_KEY']])];
	return {
		...(later === undefined ? {} : { engineFault: later }),
		warnings: [
			...(type.warning === undefined ? [] : [type.warning]),
			...(oldCard ? ['Compute Capability < 8.0 is not supported by the V1 Engine. Falling back to V0.'] : []),
		],
		setup: {
			version,
			release: release.text,
			repository: r,
			root,
			names: names.length > 0 ? names : [root],
			deployment: d,
			port: numberOf(g, 'port') ?? 8000,
			host: textOf(g, 'host') ?? '0.0.0.0',
			apiKeys: keys,
			...(lora === undefined ? {} : { lora }),
			accessLog: flagOf(g, 'disable-uvicorn-access-log') !== true && ['debug', 'info', 'trace'].includes(textOf(g, 'uvicorn-log-level') ?? 'info'),
			logRequests: version >= 10 ? flagOf(g, 'enable-log-requests') === true : flagOf(g, 'disable-log-requests') !== true,
			logStats: flagOf(g, 'disable-log-stats') !== true,
			promptDetails: flagOf(g, 'enable-prompt-tokens-details') === true,
			loadTracking: flagOf(g, 'enable-server-load-tracking') === true,
			tools: flagOf(g, 'enable-auto-tool-choice') === true,
			maxLogprobs: numberOf(g, 'max-logprobs') ?? 20,
			rootPath: textOf(g, 'root-path') ?? '',
		},
	};
}

const optional = <K extends string, V>(name: K, value: V | undefined): { readonly [k in K]?: V } =>
	value === undefined ? {} : ({ [name]: value } as { readonly [k in K]: V });
