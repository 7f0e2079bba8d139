/**
 * The start of a server as a timetable: when which lines are written, how much memory is held, when it listens or how it ends.
 * Lines and times are those of `research/gpu/02` sections 2.6 and 2.7 (vLLM 0.11 on H100, others where named).
 */
import type { VisibleGpu } from '../../gpu/contract.ts';
import { memoryOf } from '../../serving/memory.ts';
import { architecture } from './architectures.ts';
import { type Given, pythonDict } from './flags.ts';
import { downloadMs } from './hub.ts';
import type { Who } from './log.ts';
import type { Fault, Setup } from './setup.ts';
import { GIB, info, type Line, MB, type Stage, warning } from './stage.ts';
import { engineFault, gib, graphGiB, memoryFault } from './start-faults.ts';

const thousands = (n: number): string =>
	Math.floor(n)
		.toString()
		.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** The stages until the model's configuration is read: imports take most of it. */
export function opening(given: Given, release: string, version: number, gpu: VisibleGpu | undefined): readonly Stage[] {
	const detected = gpu === undefined ? 'No platform detected, vLLM is running on UnspecifiedPlatform' : 'Automatically detected platform cuda.';
	return [
		{ afterMs: 200, lines: [], memoryBytes: 600 * MB, cpuMilli: 1000 },
		{ afterMs: 4300, lines: version >= 7 ? [info('api', '__init__.py:216', detected)] : [] },
		{
			afterMs: 1700,
			lines: [
				info('api', 'api_server.py:1839', `vLLM API server version ${release}`),
				info(
					'api',
					version >= 9 ? 'utils.py:233' : 'api_server.py:1282',
					version >= 9 ? `non-default args: ${pythonDict(given)}` : `args: ${pythonDict(given)}`,
				),
			],
			memoryBytes: 900 * MB,
		},
	];
}

export interface StartOptions {
	readonly cached: boolean;
	readonly compiled: boolean;
	readonly gpus: readonly VisibleGpu[];
	readonly warnings: readonly string[];
	readonly engineFault?: Fault;
}

const ROUTES: readonly (readonly [string, string])[] = [
	['/openapi.json', 'HEAD, GET'],
	['/docs', 'HEAD, GET'],
	['/docs/oauth2-redirect', 'HEAD, GET'],
	['/redoc', 'HEAD, GET'],
	['/health', 'GET'],
	['/load', 'GET'],
	['/ping', 'POST'],
	['/ping', 'GET'],
	['/tokenize', 'POST'],
	['/v1/models', 'GET'],
	['/version', 'GET'],
	['/v1/chat/completions', 'POST'],
	['/v1/completions', 'POST'],
	['/metrics', 'GET'],
];

/** Stages from the read configuration to a server that listens, or to what stops it. */
export function engineStart(setup: Setup, o: StartOptions): readonly Stage[] {
	const d = setup.deployment;
	const v1 = d.engine.scheduler === 'v1';
	const memory = memoryOf(d);
	const { layers } = d.model;
	const held = (n: number): number => Math.round(n * GIB);
	const place = (file: string, n: number): string => `${file}:${n}`;
	const stages: Stage[] = [
		{
			afterMs: 3500,
			lines: [
				...o.warnings.map((w) => warning('api', place('config.py', 1770), w)),
				info('api', 'model.py:547', `Resolved architecture: ${architecture(d.model.id)}`),
				info('api', 'model.py:1510', `Using max model len ${d.maxModelLen}`),
				...(d.chunkedPrefill ? [info('api', 'scheduler.py:205', `Chunked prefill is enabled with max_num_batched_tokens=${d.maxBatchedTokens}.`)] : []),
				...(d.eager
					? [
							warning('api', 'vllm.py:318', 'Enforce eager set, overriding optimization level to -O0'),
							info('api', '__init__.py:381', 'Cudagraph is disabled under eager mode'),
						]
					: []),
			],
			memoryBytes: 1200 * MB,
		},
		{
			afterMs: 7000,
			lines: [
				...(v1 ? [info('engine', 'core.py:644', 'Waiting for init message from front-end.')] : []),
				info(
					'engine',
					'core.py:77',
					`Initializing a ${v1 ? 'V1' : 'V0'} LLM engine (v${setup.release}) with config: model='${setup.root}', speculative_config=None, tokenizer='${setup.root}', skip_tokenizer_init=False, tokenizer_mode=auto, revision=None, dtype=torch.${d.weights === 'fp16' ? 'float16' : 'bfloat16'}, max_seq_len=${d.maxModelLen}, download_dir=None, load_format=auto, tensor_parallel_size=${d.tp}, pipeline_parallel_size=1, data_parallel_size=1, quantization=${setup.repository.method ?? 'None'}, enforce_eager=${d.eager ? 'True' : 'False'}, kv_cache_dtype=${d.kv}, served_model_name=${setup.names[0]}, enable_prefix_caching=${d.prefixCaching ? 'True' : 'False'}, chunked_prefill_enabled=${d.chunkedPrefill ? 'True' : 'False'}`,
				),
			],
			memoryBytes: 2600 * MB,
		},
	];
	if (o.engineFault !== undefined) return [...stages, ...engineFault(o.engineFault.error, v1, 1500)];
	const refused = memoryFault(setup, o.gpus[0]);
	if (refused?.stage === 'start') return [...stages, ...engineFault(refused.error, v1, 2500)];
	const workers: readonly Who[] = d.tp === 1 ? ['engine'] : Array.from({ length: d.tp }, (_, i): Who => `worker${i}`);
	const lead = workers[0] ?? 'engine';
	stages.push({
		afterMs: 2500 + (d.tp > 1 ? 6000 : 0),
		lines: [
			...workers.map((w, i) =>
				info(w, 'parallel_state.py:1208', `rank ${i} in world size ${d.tp} is assigned as DP rank 0, PP rank 0, TP rank ${i}, EP rank ${i}`),
			),
			info(lead, 'topk_topp_sampler.py:55', 'Using FlashInfer for top-p & top-k sampling.'),
			info(lead, 'gpu_model_runner.py:2602', `Starting to load model ${setup.root}...`),
			info(lead, 'gpu_model_runner.py:2634', 'Loading model from scratch...'),
			info(
				lead,
				'cuda.py:366',
				d.gpu.architecture === 'turing' || d.gpu.architecture === 'volta'
					? 'Using XFormers backend.'
					: `Using Flash Attention backend${v1 ? ' on V1 engine' : ''}.`,
			),
		],
		gpuBytes: held(0.6),
		gpuUtil: 0.02,
	});
	if (!o.cached) {
		const ms = downloadMs(setup.repository);
		stages.push({
			afterMs: ms,
			lines: [info(lead, 'weight_utils.py:413', `Time spent downloading weights for ${setup.root}: ${(ms / 1000).toFixed(6)} seconds`)],
			downloaded: true,
			memoryBytes: 3000 * MB,
		});
	}
	// 1.1 GiB/s from a volume, twice that out of the page cache (which a download has just filled).
	const total = memory.weightsGiB * d.tp;
	const seconds = 0.6 + total / (o.cached ? 1.1 : 2.2);
	if (refused?.stage === 'load') {
		const share = Math.min(1, d.gpu.usableGiB / memory.weightsGiB);
		return [...stages, { afterMs: seconds * 1000 * share, lines: [], gpuBytes: held(d.gpu.usableGiB - 0.1) }, ...engineFault(refused.error, v1, 100)];
	}
	const shards = Math.max(1, Math.ceil((total * GIB) / 5e9));
	stages.push({
		afterMs: seconds * 1000,
		lines: [
			...Array.from({ length: shards }, (_, i): Line => {
				const done = i + 1;
				const at = Math.round((seconds / shards) * done);
				return {
					who: lead,
					text: `Loading safetensors checkpoint shards: ${String(Math.round((100 * done) / shards)).padStart(3)}% Completed | ${done}/${shards} [00:${String(Math.min(59, at)).padStart(2, '0')}<00:${String(Math.min(59, Math.max(0, Math.round(seconds) - at))).padStart(2, '0')},  ${(seconds / shards).toFixed(2)}s/it]`,
				};
			}),
			info(lead, 'default_loader.py:267', `Loading weights took ${gib(seconds - 0.2)} seconds`),
			info(
				lead,
				'gpu_model_runner.py:2653',
				`Model loading took ${gib(memory.weightsGiB, 4)} GiB and ${(seconds + (o.cached ? 0.2 : 0.4)).toFixed(6)} seconds`,
			),
		],
		gpuBytes: held(memory.weightsGiB + 0.6),
		gpuUtil: 0.05,
	});
	let initMs = 0;
	if (!d.eager && v1) {
		const dynamo = 1.1 + layers * 0.076;
		const compile = o.compiled ? 0.4 + layers * 0.06 : 1.2 + layers * 0.31;
		initMs += (dynamo + compile) * 1000;
		stages.push({
			afterMs: dynamo * 1000,
			lines: [
				info(
					lead,
					'backends.py:548',
					`Using cache directory: /root/.cache/vllm/torch_compile_cache/${setup.repository.revision.slice(0, 10)}/rank_0_0/backbone for vLLM's torch.compile`,
				),
				info(lead, 'backends.py:559', `Dynamo bytecode transform time: ${gib(dynamo)} s`),
			],
		});
		stages.push({
			afterMs: compile * 1000,
			lines: o.compiled
				? [
						info(lead, 'backends.py:164', `Directly load the compiled graph(s) for dynamic shape from the cache, took ${compile.toFixed(3)} s`),
						info(lead, 'monitor.py:34', `torch.compile takes ${gib(dynamo)} s in total`),
					]
				: [
						info(lead, 'backends.py:197', 'Cache the graph for dynamic shape for later use'),
						info(lead, 'backends.py:218', `Compiling a graph for dynamic shape takes ${gib(compile)} s`),
						info(lead, 'monitor.py:34', `torch.compile takes ${gib(dynamo + compile)} s in total`),
					],
			compiled: true,
		});
	}
	const profiled: Line[] = v1
		? [...workers.map((w) => info(w, 'gpu_worker.py:298', `Available KV cache memory: ${gib(memory.kvGiB)} GiB`))]
		: [
				info(
					lead,
					'worker.py:267',
					`Memory profiling takes 5.12 seconds\nthe current vLLM instance can use total_gpu_memory (${gib(d.gpu.usableGiB)}GiB) x gpu_memory_utilization (${gib(d.utilization)}) = ${gib(d.gpu.usableGiB * d.utilization)}GiB\nmodel weights take ${gib(memory.weightsGiB)}GiB; non_torch_memory takes 0.05GiB; PyTorch activation peak memory takes ${gib(memory.overheadGiB)}GiB; the rest of the memory reserved for KV Cache is ${gib(memory.kvGiB)}GiB.`,
				),
			];
	if (refused !== undefined && refused.stage !== 'warm-up') return [...stages, { afterMs: 2400, lines: profiled }, ...engineFault(refused.error, v1, 300)];
	const size = `GPU KV cache size: ${thousands(memory.kvTokens)} tokens`;
	const concurrency = `Maximum concurrency for ${thousands(d.maxModelLen)} tokens per request: ${gib(memory.concurrency)}x`;
	profiled.push(
		...(v1
			? setup.version >= 20
				? [info('engine', 'kv_cache_utils.py:1312', `${size}, ${concurrency}`)]
				: [info('engine', 'kv_cache_utils.py:1087', size), info('engine', 'kv_cache_utils.py:1091', concurrency)]
			: [
					info(lead, 'executor_base.py:112', `# cuda blocks: ${memory.blocks}, # CPU blocks: 2048`),
					info(lead, 'executor_base.py:117', `Maximum concurrency for ${d.maxModelLen} tokens per request: ${gib(memory.concurrency)}x`),
				]),
	);
	const reserved = d.utilization * d.gpu.usableGiB;
	stages.push({ afterMs: v1 ? 2600 : 5200, lines: profiled, gpuBytes: held(reserved), gpuUtil: 0.3, memoryBytes: 4200 * MB });
	initMs += 3000;
	if (!d.eager) {
		const capture = 1.4 + layers * 0.1;
		initMs += capture * 1000;
		stages.push({
			afterMs: capture * 1000,
			lines: [info(lead, 'gpu_model_runner.py:3480', `Graph capturing finished in ${Math.round(capture)} secs, took ${gib(graphGiB(d))} GiB`)],
			gpuBytes: held(reserved + graphGiB(d)),
		});
	}
	if (refused !== undefined) return [...stages, ...engineFault(refused.error, v1, 700)];
	const [host, port] = [setup.host, setup.port];
	const lora = setup.lora?.modules ?? [];
	stages.push({
		afterMs: 900,
		lines: [
			info('engine', 'core.py:210', `init engine (profile, create kv cache, warmup model) took ${gib(initMs / 1000)} seconds`),
			...(v1 ? [info('api', 'api_server.py:1634', "Supported_tasks: ['generate']")] : []),
			...lora.map((m) => info('api', 'serving_models.py:179', `Loaded new LoRA adapter: name '${m.name}', path '${m.path}'`)),
			info(
				'api',
				'api_server.py:1912',
				setup.version >= 15 ? `Starting vLLM server on http://${host}:${port}` : `Starting vLLM API server 0 on http://${host}:${port}`,
			),
			info('api', 'launcher.py:34', 'Available routes are:'),
			...ROUTES.map(([path, methods]) => info('api', 'launcher.py:42', `Route: ${path}, Methods: ${methods}`)),
			{ who: 'api', text: 'INFO:     Started server process [1]\nINFO:     Waiting for application startup.\nINFO:     Application startup complete.' },
		],
		memoryBytes: 5200 * MB,
		cpuMilli: 150,
		gpuUtil: 0,
		serving: true,
	});
	return stages;
}
