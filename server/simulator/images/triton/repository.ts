/**
 * The model repository: folders to models that can be loaded, or why not. Models core's model_repository_manager.cc and the backends'
 * loading.
 *
 * Model files hold no networks here. A file of JSON may say what a network would: `{"gflops": 8.2, "memory_mb": 98, "inputs": [{"name":
 * "input", "datatype": "FP32", "shape": [-1, 3, 224, 224]}], "outputs": […]}` (shapes with the batch dimension); any other file that is not
 * empty counts as a network of 4 GFLOP a sample. A `model.py` takes as long as its `time.sleep(…)` says.
 */
import { describedGpu, findGpu } from '../../serving/hardware.ts';
import type { VisibleGpu } from '../../gpu/contract.ts';
import { parsePrecision, deployment, type Deployment } from '../../serving/deployment.ts';
import { startFault } from '../../serving/memory.ts';
import { findModel } from '../../serving/models.ts';
import type { FileSystem } from '../program.ts';
import { BACKENDS, backendOf, configOf, DATA_TYPES, type InstanceGroup, invalidConfig, type ModelConfig, type Tensor } from './config.ts';
import { type Message, parsePbtxt } from './pbtxt.ts';

/** What an execution costs. */
export type Work =
	| { readonly kind: 'network'; readonly gflops: number; readonly memoryBytes: number }
	/** A Python model: ms of one call, whatever its batch. */
	| { readonly kind: 'python'; readonly ms: number; readonly memoryBytes: number }
	| { readonly kind: 'llm'; readonly deployment: Deployment; readonly memoryBytes: number };

export interface Version {
	readonly version: number;
	/** Why it can't be served, as its status: `Internal: …`. */
	readonly fault?: string;
	readonly work?: Work;
}

export type Found =
	/** The folder is no model: the poll fails and the model does not appear in the table. */
	| { readonly kind: 'unpolled'; readonly words: string }
	| { readonly kind: 'polled'; readonly config: ModelConfig; readonly versions: readonly Version[]; readonly loadMs: number };

export interface Surroundings {
	readonly fs: FileSystem;
	readonly gpus: readonly VisibleGpu[];
	/** `--disable-auto-complete-config`, `--strict-model-config=true`. */
	readonly strict: boolean;
	/** `--backend-config=default-max-batch-size=N`. */
	readonly defaultMaxBatch: number;
}

/** A model file's own words. */
interface Declared {
	readonly gflops?: number;
	readonly memoryBytes?: number;
	readonly inputs?: readonly Tensor[];
	readonly outputs?: readonly Tensor[];
	/** Shapes begin with a dimension of any size. */
	readonly batches: boolean;
}

function declaredTensors(value: unknown): readonly Tensor[] | undefined {
	if (!Array.isArray(value)) return undefined;
	return value.flatMap((v: unknown) => {
		const { name, datatype, shape } = (v ?? {}) as { readonly name?: unknown; readonly datatype?: unknown; readonly shape?: unknown };
		if (typeof name !== 'string' || typeof datatype !== 'string' || !DATA_TYPES.includes(datatype) || !Array.isArray(shape)) return [];
		return [{ name, dataType: datatype, dims: shape.map(Number), optional: false }];
	});
}

function declaredIn(text: string): Declared {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return { batches: false };
	}
	if (json === null || typeof json !== 'object' || Array.isArray(json)) return { batches: false };
	const { gflops, memory_mb: memory, inputs, outputs } = json as { readonly [field: string]: unknown };
	const [ins, outs] = [declaredTensors(inputs), declaredTensors(outputs)];
	return {
		...(typeof gflops === 'number' && gflops > 0 ? { gflops } : {}),
		...(typeof memory === 'number' && memory > 0 ? { memoryBytes: memory * 1e6 } : {}),
		...(ins === undefined ? {} : { inputs: ins }),
		...(outs === undefined ? {} : { outputs: outs }),
		batches: [...(ins ?? []), ...(outs ?? [])].every((t) => t.dims[0] === -1) && ins !== undefined,
	};
}

const shapeText = (dims: readonly number[]): string => `[${dims.join(',')}]`;

/** The tensors of a configuration against those of the network; models onnxruntime's `CompareDimsSupported`. */
function mismatch(c: ModelConfig, declared: Declared): string | undefined {
	for (const [own, network] of [
		[c.inputs, declared.inputs],
		[c.outputs, declared.outputs],
	] as const) {
		if (network === undefined) continue;
		const kind = own === c.inputs ? 'input' : 'output';
		const stray = own.find((t) => network.every((n) => n.name !== t.name));
		if (stray !== undefined)
			return `Invalid argument: unexpected inference ${kind} '${stray.name}', allowed ${kind}s are: ${network.map((n) => n.name).join(', ')}`;
		if (kind === 'input' && own.length !== network.length)
			return `Invalid argument: unable to load model '${c.name}', configuration expects ${own.length} inputs, model provides ${network.length}`;
		for (const t of own) {
			const n = network.find((other) => other.name === t.name);
			if (n === undefined) continue;
			if (n.dataType !== t.dataType)
				return `Invalid argument: unexpected datatype TYPE_${n.dataType} for inference ${kind} '${t.name}', expecting TYPE_${t.dataType}`;
			const full = c.maxBatchSize > 0 ? [-1, ...t.dims] : t.dims;
			const expects = (found: string): string =>
				`Invalid argument: model '${c.name}', tensor '${t.name}': the model expects ${n.dims.length} dimensions (shape ${shapeText(n.dims)}) but the model configuration specifies ${full.length} dimensions (${found})`;
			if (full.length !== n.dims.length)
				return expects(
					c.maxBatchSize > 0
						? `an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, making complete shape ${shapeText(full)}`
						: `shape ${shapeText(full)}`,
				);
			if (full.some((d, i) => d !== -1 && n.dims[i] !== -1 && d !== n.dims[i]))
				return `Invalid argument: model '${c.name}', tensor '${t.name}': the model expects ${n.dims.length} dimensions (shape ${shapeText(n.dims)}) but the model configuration specifies ${full.length} dimensions (shape ${shapeText(full)})`;
		}
	}
	return undefined;
}

function versionsIn(s: Surroundings, folder: string): readonly number[] {
	const listed = s.fs.list(folder);
	return (listed.ok ? listed.value : [])
		.filter((n) => /^[1-9]\d{0,9}$/.test(n) && isFolder(s.fs, `${folder}/${n}`))
		.map(Number)
		.sort((a, b) => a - b);
}

export function isFolder(fs: FileSystem, path: string): boolean {
	const stat = fs.stat(path);
	return stat.ok && stat.value.kind === 'directory';
}

function chosen(c: ModelConfig, there: readonly number[]): readonly number[] {
	const p = c.versionPolicy;
	if (p.kind === 'all') return there;
	if (p.kind === 'specific') return there.filter((v) => p.versions.includes(v));
	return there.slice(-Math.max(1, p.count));
}

/** The backend whose file lies in the newest version's folder. */
function guessBackend(s: Surroundings, folder: string, there: readonly number[]): string {
	const newest = there.at(-1);
	return Object.keys(BACKENDS).find((b) => (BACKENDS[b] ?? '') !== '' && s.fs.stat(`${folder}/${newest}/${BACKENDS[b]}`).ok) ?? '';
}

/** Looks at one model's folder. `override`: the configuration that a load request brought along. */
export function findModelFolder(s: Surroundings, root: string, name: string, override?: Message): Found {
	const folder = `${root}/${name}`;
	const unpolled = (words: string): Found => ({ kind: 'unpolled', words: `Poll failed for model directory '${name}': ${words}` });
	const there = versionsIn(s, folder);
	const path = `${folder}/config.pbtxt`;
	const text = s.fs.read(path);
	let message: Message = override ?? {};
	if (override === undefined && !text.ok && s.strict) return unpolled(`failed to open text file for read ${path}: No such file or directory`);
	if (override === undefined && text.ok) {
		const parsed = parsePbtxt(text.value);
		if ('error' in parsed)
			return {
				kind: 'unpolled',
				words: `[libprotobuf ERROR /tmp/tritonbuild/tritonserver/build/_deps/repo-third-party-build/grpc-repo/src/grpc/third_party/protobuf/src/google/protobuf/text_format.cc:337] Error parsing text-format inference.ModelConfig: ${parsed.error.line}:${parsed.error.column}: ${parsed.error.words}\nPoll failed for model directory '${name}': failed to read text proto from ${path}`,
			};
		message = parsed.message;
	}
	const read = configOf(message);
	if ('wrong' in read)
		return {
			kind: 'unpolled',
			words: `[libprotobuf ERROR /tmp/tritonbuild/tritonserver/build/_deps/repo-third-party-build/grpc-repo/src/grpc/third_party/protobuf/src/google/protobuf/text_format.cc:337] Error parsing text-format inference.ModelConfig: ${read.wrong}\nPoll failed for model directory '${name}': failed to read text proto from ${path}`,
		};
	let config = read.config;
	if (config.name !== '' && config.name !== name)
		return unpolled(`unexpected directory name '${name}' for model '${config.name}', directory name must equal model name`);
	config = { ...config, name };
	if (backendOf(config) === '' && !s.strict) {
		const guessed = guessBackend(s, folder, there);
		if (guessed === '' && !text.ok && override === undefined) return unpolled(`unexpected platform type '' for ${name}`);
		config = { ...config, backend: guessed };
	}
	const invalid = invalidConfig(config);
	if (invalid !== undefined) return unpolled(invalid);
	const versions = chosen(config, there);
	if (versions.length === 0) return { kind: 'polled', config: withGroups(config, s), versions: [], loadMs: 0 };
	const newest = `${folder}/${versions.at(-1)}/${fileOf(config)}`;
	if (!s.strict) config = completed(config, s, newest);
	config = withGroups(config, s);
	return { kind: 'polled', config, versions: versions.map((v) => versionOf(config, s, folder, v)), loadMs: LOAD_MS[backendOf(config)] ?? 800 };
}

/** ms of loading on an idle machine: CUDA's and the runtime's start included. */
const LOAD_MS: { readonly [backend: string]: number } = {
	onnxruntime: 2600,
	tensorrt: 900,
	pytorch: 3200,
	python: 1800,
	openvino: 1200,
	tensorflow: 4200,
	vllm: 48_000,
	tensorrtllm: 21_000,
};

const fileOf = (c: ModelConfig): string => (c.defaultModelFilename !== '' ? c.defaultModelFilename : (BACKENDS[backendOf(c)] ?? ''));

/** Autocompletion: tensors, batch size and dynamic batching from the network where the configuration leaves them open. */
function completed(c: ModelConfig, s: Surroundings, path: string): ModelConfig {
	const file = s.fs.read(path);
	const declared = file.ok ? declaredIn(file.value) : { batches: false };
	if (declared.inputs === undefined || declared.outputs === undefined || (c.inputs.length > 0 && c.outputs.length > 0)) return c;
	const open = c.inputs.length === 0 && c.outputs.length === 0 && c.maxBatchSize === 0;
	const maxBatchSize = open && declared.batches ? s.defaultMaxBatch : c.maxBatchSize;
	const own = (tensors: readonly Tensor[]): readonly Tensor[] => tensors.map((t) => ({ ...t, dims: maxBatchSize > 0 ? t.dims.slice(1) : t.dims }));
	return {
		...c,
		maxBatchSize,
		inputs: c.inputs.length > 0 ? c.inputs : own(declared.inputs),
		outputs: c.outputs.length > 0 ? c.outputs : own(declared.outputs),
		...(c.dynamicBatching === undefined && open && maxBatchSize > 1
			? { dynamicBatching: { preferred: [], maxDelayUs: 0, preserveOrdering: false, maxQueueSize: 0, timeoutUs: 0, timeoutAction: 'REJECT' as const } }
			: {}),
	};
}

/** Instance groups as they are in the end: named, with a kind, on every GPU where none is said. */
function withGroups(c: ModelConfig, s: Surroundings): ModelConfig {
	const backend = backendOf(c);
	const all = s.gpus.map((_, i) => i);
	const groups: readonly InstanceGroup[] =
		c.instanceGroups.length > 0 ? c.instanceGroups : [{ name: '', kind: backend === 'vllm' ? 'KIND_MODEL' : 'KIND_AUTO', count: 1, gpus: [] }];
	return {
		...c,
		instanceGroups: groups.map((g, i) => {
			const kind = g.kind === 'KIND_AUTO' ? (all.length > 0 && backend !== 'openvino' ? 'KIND_GPU' : 'KIND_CPU') : g.kind;
			return {
				name: g.name === '' ? `${c.name}_${i}` : g.name,
				kind,
				count: Math.max(1, g.count),
				gpus: kind === 'KIND_GPU' ? (g.gpus.length > 0 ? g.gpus : all) : [],
			};
		}),
	};
}

function versionOf(c: ModelConfig, s: Surroundings, folder: string, version: number): Version {
	const backend = backendOf(c);
	const failed = (fault: string): Version => ({ version, fault });
	if (BACKENDS[backend] === undefined)
		return failed(`Invalid argument: unable to find backend library for backend '${backend}', try specifying runtime on the model configuration.`);
	for (const g of c.instanceGroups) {
		if (g.kind === 'KIND_GPU' && s.gpus.length === 0)
			return failed(`Invalid argument: instance group ${g.name} of model ${c.name} has kind KIND_GPU but no GPUs are available`);
		const beyond = g.gpus.find((d) => d >= s.gpus.length);
		if (g.kind === 'KIND_GPU' && beyond !== undefined)
			return failed(
				`Invalid argument: instance group ${g.name} of model ${c.name} specifies invalid or unsupported gpu id ${beyond}. GPUs with at least the minimum required CUDA compute compatibility of 6.000000 are: ${s.gpus.map((_, i) => i).join(' ')}`,
			);
	}
	const file = fileOf(c);
	const path = `${folder}/${version}/${file}`;
	const content = file === '' ? '' : s.fs.read(path);
	if (content !== '' && !content.ok) {
		if (backend === 'python') return failed(`Internal: failed to load python model '${c.name}': unable to find '${path}'`);
		if (!(file === 'model.savedmodel' && isFolder(s.fs, path))) return failed(`Unavailable: unable to find '${path}' for model '${c.name}'`);
	}
	const text = content === '' || !content.ok ? '' : content.value;
	if (backend === 'python') return pythonVersion(c, version, text, path);
	if (backend === 'vllm') return llmVersion(s, version, text);
	if (backend === 'tensorrtllm')
		return llmVersion(s, version, JSON.stringify({ model: c.parameters['tokenizer_dir'] ?? c.parameters['gpt_model_path'] ?? '' }));
	if (text.trim() === '' && file !== '' && file !== 'model.savedmodel')
		return failed(
			backend === 'onnxruntime'
				? `Internal: onnx runtime error 7: Load model from ${path} failed:Protobuf parsing failed.`
				: backend === 'tensorrt'
					? `Internal: unable to load plan file to auto complete config: ${path}`
					: `Internal: failed to load model '${c.name}': PytorchStreamReader failed reading zip archive: failed finding central directory`,
		);
	const declared = declaredIn(text);
	const wrong = mismatch(c, declared);
	if (wrong !== undefined) return failed(wrong);
	if (c.inputs.length === 0 || c.outputs.length === 0)
		return failed(`Internal: unable to autofill for '${c.name}', either all model tensor configuration should specify their dims or none.`);
	return { version, work: { kind: 'network', gflops: declared.gflops ?? 4, memoryBytes: declared.memoryBytes ?? 120e6 } };
}

/** A Python model by what its file says; the interpreter is not here. */
function pythonVersion(c: ModelConfig, version: number, text: string, path: string): Version {
	if (!/^class\s+TritonPythonModel\b/m.test(text))
		return { version, fault: `Internal: AttributeError: module 'model' has no attribute 'TritonPythonModel'\n\nAt:\n  ${path}(1): <module>` };
	if (!/^\s+def\s+execute\s*\(/m.test(text)) return { version, fault: `Internal: Python model file must define 'execute' for model '${c.name}'` };
	const slept = /time\.sleep\(\s*([\d.]{1,12})\s*\)/.exec(text)?.[1];
	const missing = /^\s*(?:import|from)\s+(transformers|torch|tensorflow|sklearn|pandas|scipy|PIL|cv2|xgboost)\b/m.exec(text)?.[1];
	if (missing !== undefined) return { version, fault: `Internal: ModuleNotFoundError: No module named '${missing}'\n\nAt:\n  ${path}(1): <module>` };
	return { version, work: { kind: 'python', ms: slept === undefined ? 1.5 : Number(slept) * 1000, memoryBytes: 90e6 } };
}

/** The vLLM and TensorRT-LLM backends: `model.json` has the engine's arguments. */
function llmVersion(s: Surroundings, version: number, text: string): Version {
	const failed = (fault: string): Version => ({ version, fault });
	let args: { readonly [name: string]: unknown };
	try {
		args = JSON.parse(text) as { readonly [name: string]: unknown };
	} catch {
		return failed(`Internal: JSONDecodeError: Expecting value: line 1 column 1 (char 0)`);
	}
	const asked = typeof args['model'] === 'string' ? args['model'] : '';
	const model = findModel(asked);
	if (model === undefined)
		return failed(
			`Internal: OSError: ${asked} is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'\nIf this is a private repository, make sure to pass a token having permission to this repo either by logging in with \`huggingface-cli login\` or by passing \`token=<your_token>\``,
		);
	const [gpu] = s.gpus;
	if (gpu === undefined) return failed('Internal: RuntimeError: Failed to infer device type');
	const spec = findGpu(gpu.name) ?? describedGpu(gpu.name, { gpu_memory_gib: gpu.totalBytes / 2 ** 30, gpu_bandwidth_gbs: 600, gpu_tflops: 100 });
	if (spec === undefined) return failed('Internal: RuntimeError: Failed to infer device type');
	const precision = parsePrecision(typeof args['quantization'] === 'string' ? args['quantization'] : '', model);
	const number = (name: string): number | undefined => (typeof args[name] === 'number' ? args[name] : undefined);
	const [maxModelLen, utilization, tp] = [number('max_model_len'), number('gpu_memory_utilization'), number('tensor_parallel_size') ?? 1];
	if (tp > s.gpus.length) return failed(`Internal: ValueError: Tensor parallel size (${tp}) is larger than the number of available GPUs (${s.gpus.length}).`);
	const d = deployment(model, spec, tp, 6, {
		...(precision === undefined ? {} : { weights: precision.weights }),
		...(maxModelLen === undefined ? {} : { maxModelLen }),
		...(utilization === undefined ? {} : { utilization }),
		eager: args['enforce_eager'] === true,
	});
	const fault = startFault(d);
	if (fault?.kind === 'out-of-memory')
		return failed(
			`Internal: torch.OutOfMemoryError: CUDA out of memory. GPU 0 has a total capacity of ${fault.usableGiB.toFixed(2)} GiB of which ${Math.max(0, fault.usableGiB - 0.4).toFixed(2)} GiB is free.`,
		);
	if (fault?.kind === 'no-cache-blocks')
		return failed('Internal: ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.');
	if (fault?.kind === 'cache-too-small')
		return failed(
			`Internal: ValueError: The model's max seq len (${d.maxModelLen}) is larger than the maximum number of tokens that can be stored in KV cache (${fault.longest}). Try increasing \`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine.`,
		);
	if (fault !== undefined) return failed('Internal: ValueError: the engine can not be initialised with these arguments');
	return { version, work: { kind: 'llm', deployment: d, memoryBytes: d.utilization * gpu.totalBytes } };
}
