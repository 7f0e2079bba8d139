import { describe, expect, test } from 'vitest';
import type { VisibleGpu } from '../../gpu/contract.ts';
import type { Outcome } from '../../network/types.ts';
import { TRITON_LIMITS } from '../../limits.ts';
import type { TestContainer } from '../testing/container.ts';
import { L4 } from '../testing/gpus.ts';
import { TestWorld } from '../testing/world.ts';
import { instancesOf } from './batcher.ts';
import { configOf } from './config.ts';
import { tritonImages } from './image.ts';
import { parsePbtxt } from './pbtxt.ts';
import type { Data, Waiting } from './state.ts';

const RESNET = `# classification
name: "resnet"
backend: "onnxruntime"
max_batch_size: 8
input [ { name: "input", data_type: TYPE_FP32, dims: [ 3, 4, 4 ] } ]
output [ { name: "output" data_type: TYPE_FP32 dims: [ 10 ] } ]
dynamic_batching { preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 100000 }
`;
const NETWORK = JSON.stringify({
	gflops: 8,
	memory_mb: 100,
	inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 3, 4, 4] }],
	outputs: [{ name: 'output', datatype: 'FP32', shape: [-1, 10] }],
});
const ADD_SUB = `name: "simple"
platform: "onnxruntime_onnx"
input { name: "INPUT0" data_type: TYPE_INT32 dims: 4 }
input { name: "INPUT1" data_type: TYPE_INT32 dims: 4 }
output { name: "OUTPUT0" data_type: TYPE_INT32 dims: 4 }
output { name: "OUTPUT1" data_type: TYPE_INT32 dims: 4 }
`;

interface Options {
	readonly flags?: string;
	readonly gpus?: readonly VisibleGpu[];
}

function run(files: { readonly [path: string]: string }, o: Options = {}): { readonly world: TestWorld; readonly server: TestContainer } {
	const world = new TestWorld();
	const server = world.run(
		'triton',
		tritonImages.find((i) => i.tags.includes('24.10-py3')),
		{
			args: ['tritonserver', '--model-repository=/models', ...(o.flags ?? '').split(' ').filter((f) => f !== '')],
			gpus: o.gpus ?? [L4],
			files: Object.fromEntries(Object.entries(files).map(([path, content]) => [`/models/${path}`, content])),
		},
	);
	world.until(() => server.exitCode !== undefined || server.listeners.has(8000), 200_000);
	return { world, server };
}

const resnet = { 'resnet/config.pbtxt': RESNET, 'resnet/1/model.onnx': NETWORK };
const simple = { 'simple/config.pbtxt': ADD_SUB, 'simple/1/model.onnx': 'bytes' };
const get = (world: TestWorld, path: string, port = 8000) => world.http('triton', port, 'GET', path);
const post = (world: TestWorld, path: string, body: unknown) =>
	world.http('triton', 8000, 'POST', path, typeof body === 'string' ? body : JSON.stringify(body));
/** A request that is not waited for. */
function ask(world: TestWorld, path: string, body: string): { readonly done: () => boolean; readonly status: () => number; readonly body: () => string } {
	let outcome: Outcome | undefined;
	world.dial('', { host: 'triton', port: 8000, request: { protocol: 'http', method: 'POST', path, headers: {}, body } }, (o) => {
		outcome = o;
	});
	const response = () => (outcome?.ok === true && outcome.response.protocol === 'http' ? outcome.response : undefined);
	return { done: () => outcome !== undefined, status: () => response()?.status ?? 0, body: () => response()?.body ?? '' };
}
const json = (text: string) => JSON.parse(text) as { readonly [field: string]: unknown };
const image = (batch: number) => ({
	inputs: [{ name: 'input', shape: [batch, 3, 4, 4], datatype: 'FP32', data: Array.from({ length: 48 * batch }, (_, i) => i / 100) }],
});
const metric = (world: TestWorld, name: string): number =>
	Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(get(world, '/metrics', 8002).body)?.[1]);

describe('the start', () => {
	test('shows its banner, loads, prints tables and opens its ports', () => {
		const { server } = run({ ...resnet, ...simple });
		expect(server.exitCode).toBeUndefined();
		for (const words of [
			'== Triton Inference Server ==',
			'Triton Server Version 2.51.0',
			'"loading: resnet:1"',
			'"successfully loaded \'resnet\'"',
			'| Model  | Version | Status |\n+--------+---------+--------+\n| resnet | 1       | READY  |\n| simple | 1       | READY  |\n',
			'"Started HTTPService at 0.0.0.0:8000"',
			'"Started Metrics Service at 0.0.0.0:8002"',
		])
			expect(server.output).toContain(words);
		expect(server.output).toMatch(/^I\d{4} \d\d:\d\d:\d\d\.\d{6} 1 model_lifecycle\.cc:472\] "loading: resnet:1"$/m);
	});

	test.each([
		['a missing repository', {}, 'error: creating server: Internal - failed to stat file /models'],
		['no configuration', { 'm/1/notes.txt': 'x' }, "Poll failed for model directory 'm': unexpected platform type '' for m"],
		[
			'another name',
			{ 'm/config.pbtxt': RESNET, 'm/1/model.onnx': 'x' },
			"unexpected directory name 'm' for model 'resnet', directory name must equal model name",
		],
		[
			'a broken text',
			{ 'm/config.pbtxt': 'name: "m"\nmax_batch_size 8', 'm/1/model.onnx': 'x' },
			'Error parsing text-format inference.ModelConfig: 2:16: Expected ":", found "8".',
		],
		['an unknown field', { 'm/config.pbtxt': 'name: "m" backnd: "python"' }, 'Message type "inference.ModelConfig" has no field named "backnd".'],
		['no version', { 'resnet/config.pbtxt': RESNET }, "at least one version must be available under the version policy of model 'resnet'"],
		[
			'no file',
			{ 'resnet/config.pbtxt': RESNET, 'resnet/1/weights': 'x' },
			"failed to load 'resnet' version 1: Unavailable: unable to find '/models/resnet/1/model.onnx' for model 'resnet'",
		],
		[
			'a backend there is not',
			{ 'm/config.pbtxt': 'backend: "caffe"', 'm/1/x': 'x' },
			"unable to find backend library for backend 'caffe', try specifying runtime on the model configuration.",
		],
		[
			'wrong dimensions',
			{ 'resnet/config.pbtxt': RESNET.replace('[ 3, 4, 4 ]', '[ 4, 4 ]'), 'resnet/1/model.onnx': NETWORK },
			'the model expects 4 dimensions (shape [-1,3,4,4]) but the model configuration specifies 3 dimensions (an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, making complete shape [-1,4,4])',
		],
		[
			'a batch beyond the largest',
			{ 'resnet/config.pbtxt': RESNET.replace('4, 8', '16'), 'resnet/1/model.onnx': NETWORK },
			'dynamic batching preferred size must be <= max batch size for resnet',
		],
		[
			'a python file without its class',
			{ 'p/config.pbtxt': 'backend: "python"', 'p/1/model.py': 'print(1)' },
			"module 'model' has no attribute 'TritonPythonModel'",
		],
	])('ends over %s', (_what, files, words) => {
		const { server } = run(files);
		expect(server.output).toContain(words);
		expect(server.exitCode).toBe(1);
		expect(server.output).toContain('error: creating server: Internal - ');
	});

	test('goes on with what loads where it may, and is not ready', () => {
		const { world, server } = run({ ...simple, 'bad/config.pbtxt': 'backend: "caffe"', 'bad/1/x': 'x' }, { flags: '--exit-on-error=false' });
		expect(server.exitCode).toBeUndefined();
		expect(get(world, '/v2/health/live').status).toBe(200);
		expect(get(world, '/v2/health/ready').status).toBe(400);
		expect(get(world, '/v2/models/simple/ready').status).toBe(200);
		expect(get(world, '/v2/models/bad/ready').status).toBe(400);
		expect(JSON.parse(post(world, '/v2/repository/index', '').body)).toContainEqual(expect.objectContaining({ name: 'bad', state: 'UNAVAILABLE' }));
		expect(JSON.parse(get(world, '/v2/models/bad').body)).toEqual({ error: "Request for unknown model: 'bad' has no available versions" });
	});

	test('needs a GPU where the configuration does', () => {
		const { server } = run({ ...resnet, 'resnet/config.pbtxt': `${RESNET}instance_group [ { kind: KIND_GPU } ]` }, { gpus: [] });
		expect(server.output).toContain('instance group resnet_0 of model resnet has kind KIND_GPU but no GPUs are available');
		expect(server.output).toContain('WARNING: The NVIDIA Driver was not detected.');
		expect(run(resnet, { gpus: [] }).server.output).toContain('TRITONBACKEND_ModelInstanceInitialize: resnet_0_0 (CPU device 0)');
	});

	test('completes a configuration from the network', () => {
		const { world } = run({ 'resnet/1/model.onnx': NETWORK });
		expect(json(get(world, '/v2/models/resnet/config').body)).toMatchObject({
			name: 'resnet',
			backend: 'onnxruntime',
			max_batch_size: 4,
			input: [{ name: 'input', data_type: 'TYPE_FP32', dims: [3, 4, 4] }],
			dynamic_batching: { preferred_batch_size: [4] },
			instance_group: [{ name: 'resnet_0', kind: 'KIND_GPU', count: 1, gpus: [0] }],
		});
		expect(run({ 'resnet/1/model.onnx': NETWORK }, { flags: '--strict-model-config=true' }).server.output).toContain(
			'failed to open text file for read /models/resnet/config.pbtxt: No such file or directory',
		);
	});

	test('serves the versions of its policy', () => {
		const versions = { 'resnet/1/model.onnx': NETWORK, 'resnet/2/model.onnx': NETWORK, 'resnet/7/model.onnx': NETWORK, 'resnet/x/model.onnx': NETWORK };
		const served = (policy: string) => json(get(run({ ...versions, 'resnet/config.pbtxt': `${RESNET}${policy}` }).world, '/v2/models/resnet').body)['versions'];
		expect(served('')).toEqual(['7']);
		expect(served('version_policy: { latest { num_versions: 2 } }')).toEqual(['2', '7']);
		expect(served('version_policy: { specific { versions: [1, 2] } }')).toEqual(['1', '2']);
		expect(served('version_policy: { all {} }')).toEqual(['1', '2', '7']);
	});
});

describe('inference', () => {
	test('answers with sum and difference, and says what is wrong with a request', () => {
		const { world } = run(simple);
		const input = (name: string, data: readonly number[], more = {}) => ({ name, shape: [4], datatype: 'INT32', data, ...more });
		const both = [input('INPUT0', [1, 2, 3, 4]), input('INPUT1', [1, 1, 1, 1])];
		expect(json(post(world, '/v2/models/simple/infer', { id: 'a', inputs: both }).body)).toEqual({
			id: 'a',
			model_name: 'simple',
			model_version: '1',
			outputs: [
				{ name: 'OUTPUT0', datatype: 'INT32', shape: [4], data: [2, 3, 4, 5] },
				{ name: 'OUTPUT1', datatype: 'INT32', shape: [4], data: [0, 1, 2, 3] },
			],
		});
		expect(json(post(world, '/v2/models/simple/versions/1/infer', { inputs: both, outputs: [{ name: 'OUTPUT1' }] }).body)['outputs']).toHaveLength(1);
		const error = (body: unknown, path = '/v2/models/simple/infer') => {
			const r = post(world, path, body);
			return `${r.status} ${String(json(r.body)['error'])}`;
		};
		expect(error('{')).toBe('400 failed to parse the request JSON buffer: Invalid value. at 0');
		expect(error({ inputs: [both[0]] })).toBe(
			"400 [request id: <id_unknown>] expected 2 inputs but got 1 inputs for model 'simple'. Got input(s) ['INPUT0'], but missing required input(s) ['INPUT1']. Please provide all required input(s).",
		);
		expect(error({ inputs: [both[0], input('INPUT1', [1, 1, 1, 1], { datatype: 'FP32' })] })).toContain(
			"inference input 'INPUT1' data-type is 'FP32', but model 'simple' expects 'INT32'",
		);
		expect(error({ inputs: [both[0], input('INPUT1', [1, 1], { shape: [2] })] })).toBe(
			"400 [request id: <id_unknown>] unexpected shape for input 'INPUT1' for model 'simple'. Expected [4], got [2].",
		);
		expect(error({ inputs: [both[0], input('INPUT1', [1, 1])] })).toBe("400 Unable to parse 'data': Shape does not match true shape of 'data' field");
		expect(error({ inputs: both, outputs: [{ name: 'X' }] })).toContain("unexpected inference output 'X' for model 'simple'");
		expect(error({ inputs: both }, '/v2/models/none/infer')).toBe("404 Request for unknown model: 'none' is not found");
		expect(error({ inputs: both }, '/v2/models/simple/versions/3/infer')).toBe("404 Request for unknown model: 'simple' version 3 is not found");
		const size = TRITON_LIMITS.tensorElements + 1;
		expect(error({ inputs: [input('INPUT0', new Array<number>(size).fill(1), { shape: [size] })] })).toContain(
			`more than ${TRITON_LIMITS.tensorElements} elements`,
		);
	});

	test('checks the batch', () => {
		const { world } = run(resnet);
		expect(post(world, '/v2/models/resnet/infer', image(8)).status).toBe(200);
		expect(post(world, '/v2/models/resnet/infer', image(9)).body).toContain("inference request batch-size must be <= 8 for 'resnet'");
		const flat = { inputs: [{ name: 'input', shape: [3, 4, 4], datatype: 'FP32', data: new Array<number>(48).fill(0) }] };
		expect(post(world, '/v2/models/resnet/infer', flat).body).toContain(
			"unexpected shape for input 'input' for model 'resnet'. Expected [-1,3,4,4], got [3,4,4]. NOTE: Setting a non-zero max_batch_size",
		);
	});

	/** Sends requests of one sample at once; the virtual ms until all are answered. */
	function burst(world: TestWorld, count: number): number {
		const began = world.now;
		const calls = Array.from({ length: count }, () => ask(world, '/v2/models/resnet/infer', JSON.stringify(image(1))));
		world.until(() => calls.every((c) => c.done()), 60_000);
		for (const c of calls) expect(c.status()).toBe(200);
		return world.now - began;
	}

	test('joins waiting requests into batches: fewer executions, more throughput', () => {
		const joined = run(resnet).world;
		const alone = run({ ...resnet, 'resnet/config.pbtxt': RESNET.replace(/dynamic_batching.*/, '') }).world;
		const [with_, without] = [burst(joined, 64), burst(alone, 64)];
		expect(metric(joined, 'nv_inference_count')).toBe(64);
		expect(metric(joined, 'nv_inference_exec_count')).toBeLessThanOrEqual(17);
		expect(metric(alone, 'nv_inference_exec_count')).toBe(64);
		expect(with_).toBeLessThan(without);
		expect(metric(alone, 'nv_inference_request_success')).toBe(64);
		expect(metric(alone, 'nv_inference_queue_duration_us')).toBeGreaterThan(metric(joined, 'nv_inference_queue_duration_us'));
		const stats = json(get(joined, '/v2/models/resnet/stats').body)['model_stats'] as readonly {
			readonly batch_stats: readonly { readonly batch_size: number }[];
		}[];
		expect(stats[0]?.batch_stats.map((b) => b.batch_size)).toContain(4);
	});

	test('waits max_queue_delay for a preferred batch, and no longer', () => {
		const { world } = run(resnet);
		const took = burst(world, 3);
		expect(took).toBeGreaterThan(100);
		expect(took).toBeLessThan(120);
		expect(metric(world, 'nv_inference_exec_count')).toBe(1);
		expect(burst(world, 4)).toBeLessThan(50);
	});

	test('refuses what its queue policy does not take', () => {
		const queue = (policy: string) =>
			RESNET.replace('100000 }', `100000 default_queue_policy { ${policy} } }`).replace('preferred_batch_size: [ 4, 8 ]', 'preferred_batch_size: [ 8 ]');
		const full = run({ ...resnet, 'resnet/config.pbtxt': queue('max_queue_size: 2') }).world;
		const calls = Array.from({ length: 3 }, () => ask(full, '/v2/models/resnet/infer', JSON.stringify(image(1))));
		full.until(() => calls.every((c) => c.done()), 10_000);
		expect(calls.map((c) => c.status()).sort()).toEqual([200, 200, 503]);
		expect(calls.find((c) => c.status() === 503)?.body()).toContain('Exceeds maximum queue size');
		expect(get(full, '/metrics', 8002).body).toContain('nv_inference_request_failure{model="resnet",reason="REJECTED",version="1"} 1');
		const late = run({ ...resnet, 'resnet/config.pbtxt': queue('default_timeout_microseconds: 20000') }).world;
		const answer = post(late, '/v2/models/resnet/infer', image(1));
		expect([answer.status, answer.body]).toEqual([503, JSON.stringify({ error: '[request id: <id_unknown>] Request timeout expired' })]);
	});

	test('counts fractions of a millisecond: an instance without a pause computes as often as its time allows', () => {
		const { world } = run({ ...resnet, 'resnet/config.pbtxt': RESNET.replace(/dynamic_batching.*/, '') });
		const took = burst(world, 200);
		const busy = ['input', 'infer', 'output'].reduce((us, part) => us + metric(world, `nv_inference_compute_${part}_duration_us`), 0) / 1000;
		expect(Math.abs(took - busy)).toBeLessThan(6);
	});

	test('instances compute side by side', () => {
		const python = 'class TritonPythonModel:\n    def execute(self, requests):\n        time.sleep(0.1)\n';
		const config = (count: number) =>
			`backend: "python"\ninput { name: "x" data_type: TYPE_FP32 dims: [ 1 ] }\noutput { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }\ninstance_group { kind: KIND_CPU count: ${count} }`;
		const took = (count: number): number => {
			const { world } = run({ 'p/config.pbtxt': config(count), 'p/1/model.py': python });
			const began = world.now;
			const body = JSON.stringify({ inputs: [{ name: 'x', shape: [1], datatype: 'FP32', data: [0.5] }] });
			const calls = Array.from({ length: 8 }, () => ask(world, '/v2/models/p/infer', body));
			world.until(() => calls.every((c) => c.done()), 10_000);
			expect(calls[0]?.body()).toContain('"data":[0.5]');
			return world.now - began;
		};
		expect(took(1)).toBeGreaterThan(800);
		expect(took(4)).toBeLessThan(300);
	});

	test('says how busy its GPU is', () => {
		const { world, server } = run(resnet);
		burst(world, 600);
		world.advance(1000);
		expect(metric(world, 'nv_gpu_memory_used_bytes')).toBeGreaterThan(500e6);
		expect(metric(world, 'nv_energy_consumption')).toBeGreaterThan(0);
		expect(metric(world, 'nv_gpu_power_limit')).toBe(72);
		expect(server.exitCode).toBeUndefined();
	});
});

describe('explicit control', () => {
	test('loads and unloads on demand', () => {
		const { world } = run({ ...resnet, ...simple }, { flags: '--model-control-mode=explicit --load-model=simple' });
		expect(get(world, '/v2/models/resnet/ready').status).toBe(400);
		expect(post(world, '/v2/repository/models/resnet/load', '').status).toBe(200);
		expect(get(world, '/v2/models/resnet/ready').status).toBe(200);
		const smaller = { parameters: { config: JSON.stringify({ backend: 'onnxruntime', max_batch_size: 2 }) } };
		expect(post(world, '/v2/repository/models/resnet/load', smaller).status).toBe(200);
		expect(json(get(world, '/v2/models/resnet/config').body)['max_batch_size']).toBe(2);
		expect(post(world, '/v2/repository/models/resnet/unload', '').status).toBe(200);
		expect(get(world, '/v2/models/resnet/ready').status).toBe(400);
		expect(post(world, '/v2/repository/models/none/load', '').body).toBe(
			JSON.stringify({ error: "failed to load 'none', failed to poll from model repository" }),
		);
	});

	test('is refused elsewhere, and flags are checked', () => {
		const { world } = run(simple);
		expect(post(world, '/v2/repository/models/simple/load', '').body).toContain('explicit model load / unload is not allowed if polling is enabled');
		expect(run(simple, { flags: '--load-model=simple' }).server.output).toContain("Use of '--load-model' requires setting '--model-control-mode=explicit'");
		expect(run(simple, { flags: '--model-repo=x' }).server.output).toContain("unrecognized option '--model-repo'");
	});
});

describe('language models', () => {
	const llm = {
		'llm/config.pbtxt': 'backend: "vllm"\ninstance_group [ { count: 1 kind: KIND_MODEL } ]',
		'llm/1/model.json': '{"model":"Qwen/Qwen2.5-7B-Instruct","max_model_len":4096}',
	};

	test('generate, whole and streamed', () => {
		const { world } = run(llm);
		const began = world.now;
		const whole = json(post(world, '/v2/models/llm/generate', { text_input: 'Why?', parameters: { stream: false, max_tokens: 40 } }).body);
		expect(whole).toMatchObject({ model_name: 'llm', model_version: '1' });
		expect(String(whole['text_output'])).toMatch(/^Why\?.{60,}/s);
		// An L4 reads 14.2 GiB a token: 40 take about two seconds.
		expect(world.now - began).toBeGreaterThan(1800);
		const streamed = post(world, '/v2/models/llm/generate_stream', { text_input: 'Why?', parameters: { stream: true, max_tokens: 12 } });
		expect(streamed.body.split('data: {').length - 1).toBe(12);
		expect(post(world, '/v2/models/llm/generate', { prompt: 'x' }).body).toContain("missing required input(s) ['text_input']");
		expect(post(world, '/v2/models/llm/generate', { text_input: 'x', max_tokens: -1 }).body).toContain('max_tokens must be at least 1, got -1.');
	});

	test('does not start where the model is too large', () => {
		const { server } = run({ ...llm, 'llm/1/model.json': '{"model":"meta-llama/Llama-3.1-70B"}' });
		expect(server.output).toContain('torch.OutOfMemoryError: CUDA out of memory.');
		expect(server.exitCode).toBe(1);
	});
});

describe('limits', () => {
	test('TRITON_LIMITS.instances bounds what a configuration may ask for', () => {
		const read = parsePbtxt(`name: "m" backend: "python" instance_group { name: "m_0" kind: KIND_CPU count: ${TRITON_LIMITS.instances * 2} }`);
		const made = configOf('message' in read ? read.message : {});
		expect('config' in made && instancesOf(made.config)).toHaveLength(TRITON_LIMITS.instances);
	});

	test('TRITON_LIMITS.queued bounds a queue without a policy', () => {
		const { world } = run(resnet);
		const queue: Waiting[] = Array.from({ length: TRITON_LIMITS.queued }, (_, id) => ({
			id,
			connection: `q${id}`,
			model: 'resnet',
			version: 1,
			batch: 1,
			at: world.now + 1e9,
			answer: '',
			requestId: '',
		}));
		const container = world.containers.get('triton');
		const process = [...(container?.processes.values() ?? [])].find((p) => (p as { data?: Partial<Data> }).data?.queues !== undefined) as
			| { data: Data }
			| undefined;
		expect(process).toBeDefined();
		if (process !== undefined) process.data = { ...process.data, queues: { 'resnet/1': queue } };
		expect(post(world, '/v2/models/resnet/infer', image(1))).toMatchObject({
			status: 503,
			body: expect.stringContaining('Exceeds maximum queue size') as string,
		});
	});
});

describe('config.pbtxt', () => {
	test('keeps to TRITON_LIMITS', () => {
		const deep = (n: number): string => 'a { '.repeat(n) + '} '.repeat(n);
		expect(parsePbtxt(deep(TRITON_LIMITS.configDepth))).toHaveProperty('message');
		expect(parsePbtxt(deep(TRITON_LIMITS.configDepth + 1))).toHaveProperty(
			'error.words',
			'Message is too deep, the parser exceeded the configured recursion limit.',
		);
		expect(parsePbtxt(' '.repeat(TRITON_LIMITS.configCharacters + 1))).toHaveProperty('error');
	});

	test('reads all ways of writing', () => {
		const read = parsePbtxt(`a: [1, 2]\na: 3, b { c: "x" 'y' } b < c: "z" >; # end`);
		expect(read).toEqual({
			message: {
				a: ['1', '2', '3'].map((text) => ({ kind: 'word', text })),
				b: [
					{ kind: 'message', message: { c: [{ kind: 'string', text: 'xy' }] } },
					{ kind: 'message', message: { c: [{ kind: 'string', text: 'z' }] } },
				],
			},
		});
	});
});
