/** A model's configuration (`inference.ModelConfig`): read from config.pbtxt or JSON, checked, completed. Models core's model_config_utils.cc. */
import type { Message, Value } from './pbtxt.ts';

/** `TYPE_FP32` without its prefix is how the protocol names it, but for strings: `BYTES`. */
export type DataType = string;

export interface Tensor {
	readonly name: string;
	readonly dataType: DataType;
	/** Without the batch dimension; -1 is any size. */
	readonly dims: readonly number[];
	readonly optional: boolean;
}

export interface InstanceGroup {
	readonly name: string;
	readonly kind: 'KIND_AUTO' | 'KIND_GPU' | 'KIND_CPU' | 'KIND_MODEL';
	readonly count: number;
	readonly gpus: readonly number[];
}

export interface DynamicBatching {
	readonly preferred: readonly number[];
	readonly maxDelayUs: number;
	readonly preserveOrdering: boolean;
	/** Requests that may wait; 0: any number. */
	readonly maxQueueSize: number;
	/** µs after which a waiting request is rejected or put behind the others; 0: never. */
	readonly timeoutUs: number;
	readonly timeoutAction: 'REJECT' | 'DELAY';
}

export type VersionPolicy =
	| { readonly kind: 'latest'; readonly count: number }
	| { readonly kind: 'all' }
	| { readonly kind: 'specific'; readonly versions: readonly number[] };

export interface ModelConfig {
	readonly name: string;
	readonly platform: string;
	readonly backend: string;
	readonly runtime: string;
	readonly versionPolicy: VersionPolicy;
	readonly maxBatchSize: number;
	readonly inputs: readonly Tensor[];
	readonly outputs: readonly Tensor[];
	readonly instanceGroups: readonly InstanceGroup[];
	readonly dynamicBatching?: DynamicBatching;
	readonly parameters: { readonly [key: string]: string };
	readonly decoupled: boolean;
	readonly defaultModelFilename: string;
	readonly responseCache: boolean;
}

export const DATA_TYPES: readonly DataType[] = [
	'BOOL',
	'UINT8',
	'UINT16',
	'UINT32',
	'UINT64',
	'INT8',
	'INT16',
	'INT32',
	'INT64',
	'FP16',
	'FP32',
	'FP64',
	'BF16',
	'BYTES',
];

/** Fields of the message that exist; anything else is what `TextFormat` refuses. */
const FIELDS: { readonly [message: string]: readonly string[] } = {
	ModelConfig:
		'name platform backend runtime version_policy max_batch_size input output batch_input batch_output optimization dynamic_batching sequence_batching ensemble_scheduling instance_group default_model_filename cc_model_filenames metric_tags parameters model_warmup model_operations model_transaction_policy model_repository_agents response_cache model_metrics'.split(
			' ',
		),
	ModelInput: 'name data_type format dims reshape is_shape_tensor allow_ragged_batch optional is_non_linear_format_io'.split(' '),
	ModelOutput: 'name data_type dims reshape label_filename is_shape_tensor is_non_linear_format_io'.split(' '),
	ModelInstanceGroup: 'name kind count rate_limiter gpus secondary_devices profile passive host_policy'.split(' '),
	ModelDynamicBatching:
		'preferred_batch_size max_queue_delay_microseconds preserve_ordering priority_levels default_priority_level default_queue_policy priority_queue_policy'.split(
			' ',
		),
	ModelQueuePolicy: 'timeout_action default_timeout_microseconds allow_timeout_override max_queue_size'.split(' '),
};

/** The first field that a message does not have, as `TextFormat` says it. */
function unknownField(message: Message, type: keyof typeof FIELDS & string): string | undefined {
	const unknown = Object.keys(message).find((f) => FIELDS[type]?.includes(f) === false);
	return unknown === undefined ? undefined : `Message type "inference.${type}" has no field named "${unknown}".`;
}

const textOf = (m: Message, field: string): string => {
	const v = m[field]?.at(-1);
	return v === undefined || v.kind === 'message' ? '' : v.text;
};
const numberOf = (m: Message, field: string, otherwise = 0): number => {
	const n = Number(textOf(m, field) || Number.NaN);
	return Number.isFinite(n) ? n : otherwise;
};
const words = (m: Message, field: string): readonly string[] => (m[field] ?? []).flatMap((v) => (v.kind === 'message' ? [] : [v.text]));
const messages = (m: Message, field: string): readonly Message[] => (m[field] ?? []).flatMap((v) => (v.kind === 'message' ? [v.message] : []));

const typeOf = (text: string): DataType => (text === 'TYPE_STRING' ? 'BYTES' : text.replace(/^TYPE_/, ''));

const tensor = (m: Message): Tensor => ({
	name: textOf(m, 'name'),
	dataType: typeOf(textOf(m, 'data_type')),
	dims: words(m, 'dims').map(Number),
	optional: textOf(m, 'optional') === 'true',
});

function policyOf(m: Message | undefined): VersionPolicy {
	if (m === undefined) return { kind: 'latest', count: 1 };
	const [latest] = messages(m, 'latest');
	if (latest !== undefined) return { kind: 'latest', count: numberOf(latest, 'num_versions', 1) };
	if (m['all'] !== undefined) return { kind: 'all' };
	const [specific] = messages(m, 'specific');
	return specific === undefined ? { kind: 'latest', count: 1 } : { kind: 'specific', versions: words(specific, 'versions').map(Number) };
}

function batchingOf(m: Message): DynamicBatching {
	const [policy = {}] = messages(m, 'default_queue_policy');
	return {
		preferred: words(m, 'preferred_batch_size').map(Number),
		maxDelayUs: numberOf(m, 'max_queue_delay_microseconds'),
		preserveOrdering: textOf(m, 'preserve_ordering') === 'true',
		maxQueueSize: numberOf(policy, 'max_queue_size'),
		timeoutUs: numberOf(policy, 'default_timeout_microseconds'),
		timeoutAction: textOf(policy, 'timeout_action') === 'DELAY' ? 'DELAY' : 'REJECT',
	};
}

/** A message as configuration; `wrong` is what `TextFormat` refuses. */
export function configOf(m: Message): { readonly config: ModelConfig } | { readonly wrong: string } {
	const [batching] = messages(m, 'dynamic_batching');
	const [policy = {}] = batching === undefined ? [] : messages(batching, 'default_queue_policy');
	const wrong =
		unknownField(m, 'ModelConfig') ??
		messages(m, 'input')
			.map((i) => unknownField(i, 'ModelInput'))
			.find((w) => w !== undefined) ??
		messages(m, 'output')
			.map((i) => unknownField(i, 'ModelOutput'))
			.find((w) => w !== undefined) ??
		messages(m, 'instance_group')
			.map((i) => unknownField(i, 'ModelInstanceGroup'))
			.find((w) => w !== undefined) ??
		(batching === undefined ? undefined : unknownField(batching, 'ModelDynamicBatching')) ??
		unknownField(policy, 'ModelQueuePolicy') ??
		wrongEnum(m);
	if (wrong !== undefined) return { wrong };
	const parameters = messages(m, 'parameters').map((p) => [textOf(p, 'key'), textOf(messages(p, 'value')[0] ?? {}, 'string_value')] as const);
	const decoupled = messages(m, 'model_transaction_policy')[0];
	return {
		config: {
			name: textOf(m, 'name'),
			platform: textOf(m, 'platform'),
			backend: textOf(m, 'backend'),
			runtime: textOf(m, 'runtime'),
			versionPolicy: policyOf(messages(m, 'version_policy')[0]),
			maxBatchSize: numberOf(m, 'max_batch_size'),
			inputs: messages(m, 'input').map(tensor),
			outputs: messages(m, 'output').map(tensor),
			instanceGroups: messages(m, 'instance_group').map((g) => ({
				name: textOf(g, 'name'),
				kind: (textOf(g, 'kind') || 'KIND_AUTO') as InstanceGroup['kind'],
				count: numberOf(g, 'count', 0),
				gpus: words(g, 'gpus').map(Number),
			})),
			...(batching === undefined ? {} : { dynamicBatching: batchingOf(batching) }),
			parameters: Object.fromEntries(parameters),
			decoupled: decoupled !== undefined && textOf(decoupled, 'decoupled') === 'true',
			defaultModelFilename: textOf(m, 'default_model_filename'),
			responseCache: textOf(messages(m, 'response_cache')[0] ?? {}, 'enable') === 'true',
		},
	};
}

function wrongEnum(m: Message): string | undefined {
	for (const t of [...messages(m, 'input'), ...messages(m, 'output')]) {
		const type = textOf(t, 'data_type');
		if (type !== '' && type !== 'TYPE_INVALID' && !(type.startsWith('TYPE_') && DATA_TYPES.includes(typeOf(type))))
			return `Unknown enumeration value of "${type}" for field "data_type".`;
	}
	for (const g of messages(m, 'instance_group')) {
		const kind = textOf(g, 'kind');
		if (kind !== '' && !['KIND_AUTO', 'KIND_GPU', 'KIND_CPU', 'KIND_MODEL'].includes(kind)) return `Unknown enumeration value of "${kind}" for field "kind".`;
	}
	const size = textOf(m, 'max_batch_size');
	return size === '' || /^-?\d+$/.test(size) ? undefined : `Expected integer, got: ${size}`;
}

/** Platforms of old configurations and the backends that serve them. */
const PLATFORMS: { readonly [platform: string]: string } = {
	onnxruntime_onnx: 'onnxruntime',
	tensorrt_plan: 'tensorrt',
	pytorch_libtorch: 'pytorch',
	tensorflow_savedmodel: 'tensorflow',
	tensorflow_graphdef: 'tensorflow',
	ensemble: 'ensemble',
};

/** Backends of the image, and the file each looks for in a version's folder. */
export const BACKENDS: { readonly [backend: string]: string } = {
	onnxruntime: 'model.onnx',
	tensorrt: 'model.plan',
	pytorch: 'model.pt',
	python: 'model.py',
	openvino: 'model.xml',
	tensorflow: 'model.savedmodel',
	identity: '',
	vllm: 'model.json',
	tensorrtllm: '',
};

export const backendOf = (c: ModelConfig): string => (c.backend !== '' ? c.backend : (PLATFORMS[c.platform] ?? ''));

/** What makes a configuration invalid; undefined where it is fine. Models `ValidateModelConfig` and `ValidateModelIOConfig`. */
export function invalidConfig(c: ModelConfig): string | undefined {
	if (c.name === '') return "model configuration must specify 'name'";
	if (backendOf(c) === '')
		return c.platform === '' ? `must specify 'platform' or 'backend' for '${c.name}'` : `unexpected platform type '${c.platform}' for ${c.name}`;
	if (c.maxBatchSize < 0) return `'max_batch_size' must be non-negative value for ${c.name}`;
	for (const [kind, tensors] of [
		['input', c.inputs],
		['output', c.outputs],
	] as const) {
		for (const t of tensors) {
			if (t.name === '') return `model ${kind} must specify 'name'`;
			if (t.dataType === '' || t.dataType === 'INVALID') return `model ${kind} must specify 'data_type'`;
			if (t.dims.length === 0) return `model ${kind} must specify 'dims'`;
			if (t.dims.some((d) => !Number.isInteger(d) || d < -1 || d === 0))
				return `model ${kind} dimension must be integer >= 1, or -1 to indicate a variable-size dimension`;
		}
	}
	const d = c.dynamicBatching;
	if (d !== undefined) {
		if (c.maxBatchSize === 0) return `dynamic batching is not supported for models that do not support batching: 'max_batch_size' must be >= 1 for ${c.name}`;
		if (d.preferred.some((p) => p <= 0)) return `dynamic batching preferred size must be positive for ${c.name}`;
		if (d.preferred.some((p) => p > c.maxBatchSize)) return `dynamic batching preferred size must be <= max batch size for ${c.name}`;
	}
	const bad = c.instanceGroups.find((g) => g.kind === 'KIND_CPU' && g.gpus.length > 0);
	return bad === undefined ? undefined : `instance group ${bad.name || `${c.name}_0`} of model ${c.name} has kind KIND_CPU but specifies one or more GPUs`;
}

/** JSON as `/config` and the load request have it, to a message, so that both ways of writing are read by the same code. */
export function messageOfJson(json: { readonly [field: string]: unknown }): Message {
	const valuesOf = (v: unknown): readonly Value[] => {
		if (Array.isArray(v)) return v.flatMap(valuesOf);
		if (v !== null && typeof v === 'object') return [{ kind: 'message', message: messageOfJson(v as { readonly [field: string]: unknown }) }];
		return [typeof v === 'string' ? { kind: 'string', text: v } : { kind: 'word', text: String(v) }];
	};
	return Object.fromEntries(
		Object.entries(json).map(([name, v]) => {
			// A map's entries are messages of key and value.
			if (name === 'parameters' && v !== null && typeof v === 'object' && !Array.isArray(v))
				return [name, Object.entries(v).map(([key, value]) => ({ kind: 'message' as const, message: messageOfJson({ key, value: value as unknown }) }))];
			return [name, valuesOf(v)];
		}),
	);
}

const protoType = (t: DataType): string => `TYPE_${t === 'BYTES' ? 'STRING' : t}`;

/** As `GET …/config` shows it. */
export function configJson(c: ModelConfig): { readonly [field: string]: unknown } {
	const p = c.versionPolicy;
	const d = c.dynamicBatching;
	return {
		name: c.name,
		platform: c.platform,
		backend: backendOf(c),
		runtime: c.runtime,
		version_policy: p.kind === 'latest' ? { latest: { num_versions: p.count } } : p.kind === 'all' ? { all: {} } : { specific: { versions: p.versions } },
		max_batch_size: c.maxBatchSize,
		input: c.inputs.map((t) => ({
			name: t.name,
			data_type: protoType(t.dataType),
			format: 'FORMAT_NONE',
			dims: t.dims,
			is_shape_tensor: false,
			allow_ragged_batch: false,
			optional: t.optional,
			is_non_linear_format_io: false,
		})),
		output: c.outputs.map((t) => ({
			name: t.name,
			data_type: protoType(t.dataType),
			dims: t.dims,
			label_filename: '',
			is_shape_tensor: false,
			is_non_linear_format_io: false,
		})),
		batch_input: [],
		batch_output: [],
		optimization: {
			priority: 'PRIORITY_DEFAULT',
			input_pinned_memory: { enable: true },
			output_pinned_memory: { enable: true },
			gather_kernel_buffer_threshold: 0,
			eager_batching: false,
		},
		...(d === undefined
			? {}
			: {
					dynamic_batching: {
						preferred_batch_size: d.preferred.length > 0 ? d.preferred : [c.maxBatchSize],
						max_queue_delay_microseconds: d.maxDelayUs,
						preserve_ordering: d.preserveOrdering,
						priority_levels: 0,
						default_priority_level: 0,
						...(d.maxQueueSize > 0 || d.timeoutUs > 0
							? {
									default_queue_policy: {
										timeout_action: d.timeoutAction,
										default_timeout_microseconds: d.timeoutUs,
										allow_timeout_override: false,
										max_queue_size: d.maxQueueSize,
									},
								}
							: {}),
						priority_queue_policy: {},
					},
				}),
		instance_group: c.instanceGroups.map((g) => ({
			name: g.name,
			kind: g.kind,
			count: g.count,
			gpus: g.gpus,
			secondary_devices: [],
			profile: [],
			passive: false,
			host_policy: '',
		})),
		default_model_filename: c.defaultModelFilename,
		cc_model_filenames: {},
		metric_tags: {},
		parameters: Object.fromEntries(Object.entries(c.parameters).map(([k, v]) => [k, { string_value: v }])),
		model_warmup: [],
		...(c.decoupled ? { model_transaction_policy: { decoupled: true } } : {}),
		...(c.responseCache ? { response_cache: { enable: true } } : {}),
	};
}
