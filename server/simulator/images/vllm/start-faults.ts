/**
 * How a start ends early: a configuration that is refused, memory that does not suffice, an engine that dies.
 * Lines are those of `research/gpu/02` sections 2.6 and 2.7.
 */
import type { VisibleGpu } from '../../gpu/contract.ts';
import { startFault } from '../../serving/memory.ts';
import type { Fault, Setup } from './setup.ts';
import { DIST, GIB, MB, type Stage } from './stage.ts';

/** A start that ends before there is an engine. */
export function configFault(f: Fault, version: number): readonly Stage[] {
	const entry = version >= 9 ? '/usr/local/bin/vllm' : `${DIST}/vllm/entrypoints/openai/api_server.py`;
	const trace = `Traceback (most recent call last):\n  File "${entry}", line 8, in <module>\n    sys.exit(main())\n             ^^^^^^\n  File "${DIST}/vllm/engine/arg_utils.py", line 1142, in create_engine_config\n    model_config = self.create_model_config()\n                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n`;
	return [{ afterMs: 3200, lines: [{ who: 'api', text: `${trace}${f.error}` }], exit: 1 }];
}

/** The engine's process dies; the API server follows. */
export function engineFault(error: string, v1: boolean, afterMs: number): readonly Stage[] {
	const trace = `Traceback (most recent call last):\n  File "${DIST}/vllm/v1/engine/core.py", line 699, in run_engine_core\n    engine_core = EngineCoreProc(*args, **kwargs)\n                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n  File "${DIST}/vllm/v1/engine/core.py", line 498, in __init__\n    super().__init__(vllm_config, executor_class, log_stats,`;
	const root = v1
		? 'RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}'
		: 'RuntimeError: Engine process failed to start. See stack trace for the root cause.';
	return [
		{
			afterMs,
			lines: v1
				? [
						{ who: 'engine', level: 'ERROR', place: 'core.py:708', text: `EngineCore failed to start.\n${trace}\n${error}` },
						{ who: 'engine', text: `Process EngineCore_DP0:\n${trace}\n${error}` },
					]
				: [{ who: 'engine', level: 'ERROR', place: 'engine.py:366', text: `${error.replace(/^\w+(\.\w+)*: /, '')}\n${trace}\n${error}` }],
		},
		{
			afterMs: 900,
			lines: [
				{
					who: 'api',
					text: `Traceback (most recent call last):\n  File "${DIST}/vllm/v1/engine/utils.py", line 729, in wait_for_engine_startup\n    raise RuntimeError(\n${root}`,
				},
			],
			gpuBytes: 0,
			exit: 1,
		},
	];
}

/** GiB that the CUDA context takes before anything else does. "Free memory on device cuda:0 (21.63/22.03 GiB)" of an idle L4. */
const CONTEXT_GIB = 0.4;

/** GiB that CUDA graphs take beside the cache. Counted within `gpu_memory_utilization` since 0.21 (PR 38284). */
export const graphGiB = (d: Setup['deployment']): number => (d.eager ? 0 : 0.1 + d.model.layers * 0.012);

/** After the cache is laid out, what is left must hold the graphs and the sampler's dummy run; models `_dummy_sampler_run` of gpu_model_runner.py. */
function warmUpFault(setup: Setup, free: number): { readonly stage: 'warm-up'; readonly error: string } | undefined {
	const d = setup.deployment;
	if (d.engine.scheduler !== 'v1' || setup.version >= 21) return undefined;
	const rows = Math.min(d.maxNumSeqs, 256);
	// Logits in float32 and their sorted copy.
	const sampler = (rows * d.model.vocab * (4 + 4)) / GIB;
	const left = free + CONTEXT_GIB - d.utilization * d.gpu.usableGiB - graphGiB(d);
	if (left >= sampler) return undefined;
	return {
		stage: 'warm-up',
		error: `RuntimeError: CUDA out of memory occurred when warming up sampler with ${rows} dummy requests. Please try lowering \`max_num_seqs\` or \`gpu_memory_utilization\` when initializing the engine.`,
	};
}

export const gib = (n: number, digits = 2): string => n.toFixed(digits);

/** What the engine refuses about its GPU's memory, in vLLM's words; models gpu_worker.py, kv_cache_utils.py and torch's allocator. */
export function memoryFault(
	setup: Setup,
	gpu: VisibleGpu | undefined,
): { readonly stage: 'start' | 'load' | 'profile' | 'warm-up'; readonly error: string } | undefined {
	const d = setup.deployment;
	const total = d.gpu.usableGiB;
	const free = total - (gpu?.usedBytes ?? 0) / GIB - CONTEXT_GIB;
	const wanted = d.utilization * total;
	if (free < wanted && d.engine.scheduler === 'v1') {
		const device = setup.version >= 11 ? 'device cuda:0' : 'device';
		return {
			stage: 'start',
			error: `ValueError: Free memory on ${device} (${gib(free)}/${gib(total)} GiB) on startup is less than desired GPU memory utilization (${d.utilization}, ${gib(wanted)} GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.`,
		};
	}
	const f = startFault(d);
	if (f === undefined) return warmUpFault(setup, free);
	switch (f.kind) {
		case 'out-of-memory': {
			const mib = Math.max(32, Math.round((2 * d.model.intermediate * d.model.hidden * 2) / d.tp / MB));
			const used = Math.max(0, free - 0.08);
			return {
				stage: 'load',
				error: `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${mib}.00 MiB. GPU 0 has a total capacity of ${gib(total)} GiB of which ${gib((total - used) * 1024 > mib ? mib - 6 : (total - used) * 1024)} MiB is free. Including non-PyTorch memory, this process has ${gib(used)} GiB memory in use. Of the allocated memory ${gib(used - 0.4)} GiB is allocated by PyTorch, and ${gib(58.4)} MiB is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation for Memory Management  (https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)`,
			};
		}
		case 'no-cache-blocks':
			return {
				stage: 'profile',
				error: 'ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.',
			};
		case 'cache-too-small':
			return {
				stage: 'profile',
				error:
					d.engine.scheduler === 'v0'
						? `ValueError: The model's max seq len (${f.maxModelLen}) is larger than the maximum number of tokens that can be stored in KV cache (${f.longest}). Try increasing \`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine.`
						: `ValueError: To serve at least one request with the ${setup.version >= 15 ? "model's" : "models's"} max seq len (${f.maxModelLen}), (${gib(f.needGiB)} GiB KV cache is needed, which is larger than the available KV cache memory (${gib(f.kvGiB)} GiB). Based on the available memory, the estimated maximum model length is ${f.longest}. Try increasing \`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine.`,
			};
		// What the configuration has caught already.
		case 'heads':
		case 'max-model-len':
			return undefined;
	}
}
