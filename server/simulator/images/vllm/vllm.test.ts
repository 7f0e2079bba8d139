import { describe, expect, test } from 'vitest';
import type { GpuFault, VisibleGpu } from '../../gpu/contract.ts';
import type { TestContainer } from '../testing/container.ts';
import { gpu, L4 } from '../testing/gpus.ts';
import { TestWorld } from '../testing/world.ts';
import { vllmImages } from './image.ts';

const T4 = gpu('Tesla T4', 14.56, '7.5');
const H100 = gpu('NVIDIA H100 80GB HBM3', 79.2, '9.0');

interface Options {
	readonly tag?: string;
	readonly gpus?: readonly VisibleGpu[];
	readonly env?: { readonly [name: string]: string };
	readonly disk?: TestContainer['files'];
	readonly world?: TestWorld;
}

function run(args: string, o: Options = {}): { readonly world: TestWorld; readonly server: TestContainer } {
	const world = o.world ?? new TestWorld();
	const image = vllmImages.find((i) => i.tags.includes(o.tag ?? 'v0.11.0'));
	const server = world.run('llm', image, {
		args: args.split(' '),
		gpus: o.gpus ?? [L4],
		env: { HF_TOKEN: 'hf_abcdefgh', ...o.env },
		...(o.disk === undefined ? {} : { disk: o.disk }),
	});
	world.until(() => server.exitCode !== undefined || server.listeners.has(8000), 600_000);
	return { world, server };
}

const QWEN = '--model Qwen/Qwen2.5-7B-Instruct --max-model-len 8192';
const JSON_TYPE = { 'content-type': 'application/json' };
const post = (world: TestWorld, path: string, body: unknown, headers = {}): { readonly status: number; readonly body: string } =>
	world.http('llm', 8000, 'POST', path, typeof body === 'string' ? body : JSON.stringify(body), { ...JSON_TYPE, ...headers });
const metric = (world: TestWorld, name: RegExp): number => {
	const line = world
		.http('llm', 8000, 'GET', '/metrics')
		.body.split('\n')
		.find((l) => name.test(l));
	return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(' ')));
};

describe('a start', () => {
	test('takes the phases that a log shows, downloads once, and is quicker with its volume', () => {
		const cold = run(QWEN);
		expect(cold.server.exitCode).toBeUndefined();
		const coldMs = cold.world.now;
		for (const words of [
			'Automatically detected platform cuda.',
			'Using max model len 8192',
			'Time spent downloading weights for Qwen/Qwen2.5-7B-Instruct',
			'Model loading took 14.1',
			'torch.compile takes',
			'Available KV cache memory:',
			'GPU KV cache size:',
			'Maximum concurrency for 8,192 tokens per request:',
			'Graph capturing finished',
			'INFO:     Application startup complete.',
		])
			expect(cold.server.output).toContain(words);
		const world = new TestWorld();
		const warm = run(QWEN, { world, disk: cold.server.files });
		expect(warm.server.output).not.toContain('downloading');
		expect(warm.server.output).toContain('Directly load the compiled graph(s)');
		expect(warm.world.now).toBeLessThan(coldMs - 40_000);
		const eager = run(`${QWEN} --enforce-eager`, { disk: cold.server.files, world: new TestWorld() });
		expect(eager.server.output).not.toContain('torch.compile takes');
	});

	test.each<readonly [string, string, Options, number]>([
		['no GPU', QWEN, { gpus: [] }, 1],
		['gated, no token', '--model meta-llama/Llama-3.1-8B-Instruct', { env: { HF_TOKEN: '' } }, 1],
		['gated, no access', '--model meta-llama/Llama-3.1-8B-Instruct', { env: { HF_TOKEN: 'hf_noaccess' } }, 1],
		['unknown', '--model acme/none', {}, 1],
		['offline', QWEN, { env: { HF_HUB_OFFLINE: '1' } }, 1],
		['bf16 on T4', `${QWEN} --dtype bfloat16`, { gpus: [T4] }, 1],
		['too long', '--model Qwen/Qwen2.5-7B-Instruct --max-model-len 65536', {}, 1],
		['heads', `${QWEN} --tensor-parallel-size 3`, { gpus: [L4, L4, L4] }, 1],
		['TP > GPUs', `${QWEN} --tensor-parallel-size 2`, {}, 1],
		['weights too large', '--model Qwen/Qwen2.5-14B-Instruct', {}, 1],
		['no room', `${QWEN} --gpu-memory-utilization 0.65`, {}, 1],
		['cache too small', '--model NousResearch/Meta-Llama-3.1-8B-Instruct', {}, 1],
		['cache too small, V0', '--model NousResearch/Meta-Llama-3.1-8B-Instruct', { tag: 'v0.6.6' }, 1],
		['GPU in use', QWEN, { gpus: [{ ...L4, usedBytes: 10 * 2 ** 30 }] }, 1],
		['all of the card', `${QWEN} --gpu-memory-utilization 0.99`, {}, 1],
		['nearly all of the card', `${QWEN} --gpu-memory-utilization 0.97`, {}, 1],
		['a card that has failed', QWEN, { gpus: [{ ...L4, xid: 79 }] }, 1],
		['quantisation', '--model Qwen/Qwen2.5-7B-Instruct --max-model-len 4096 --quantization fp8', { gpus: [T4] }, 1],
		['unknown quantisation', `${QWEN} --quantization fancy`, {}, 1],
		['a flag nobody knows', `${QWEN} --frob`, {}, 2],
		['a wrong choice', `${QWEN} --dtype int3`, {}, 2],
	])('%s: ends with its own words', (what, args, options, code) => {
		const { server } = run(args, options);
		expect(server.exitCode).toBe(code);
		const said: { readonly [what: string]: string } = {
			'no GPU': 'Failed to infer device type',
			'gated, no token': 'You are trying to access a gated repo.',
			'gated, no access': '403 Client Error.',
			unknown: "acme/none is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
			offline: "We couldn't connect to 'https://huggingface.co'",
			'bf16 on T4': 'Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla T4 GPU has compute capability 7.5.',
			'too long': 'User-specified max_model_len (65536) is greater than the derived max_model_len (max_position_embeddings=32768',
			heads: 'Total number of attention heads (28) must be divisible by tensor parallel size (3).',
			'TP > GPUs': 'World size (2) is larger than the number of available GPUs (1) in this node.',
			'weights too large': 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate',
			'no room': 'No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.',
			'cache too small': "models's max seq len (131072), (16.00 GiB KV cache is needed, which is larger than the available KV cache memory",
			'cache too small, V0': "The model's max seq len (131072) is larger than the maximum number of tokens that can be stored in KV cache (",
			'GPU in use': 'Free memory on device cuda:0 (11.63/22.03 GiB) on startup is less than desired GPU memory utilization (0.9, 19.83 GiB).',
			'all of the card': 'Free memory on device cuda:0 (21.63/22.03 GiB) on startup is less than desired GPU memory utilization (0.99, 21.81 GiB).',
			'nearly all of the card': 'CUDA out of memory occurred when warming up sampler with 256 dummy requests. Please try lowering `max_num_seqs`',
			'a card that has failed': 'Unexpected error from cudaGetDeviceCount().',
			quantisation: 'The quantization method fp8 is not supported for the current GPU. Minimum capability: 80. Current capability: 75.',
			'unknown quantisation': 'Unknown quantization method: fancy.',
			'a flag nobody knows': 'vllm serve: error: unrecognized arguments: --frob',
			'a wrong choice': "argument --dtype: invalid choice: 'int3'",
		};
		expect(server.output).toContain(said[what]);
	});

	test('falls back to float16 on a T4 where nothing was asked for', () => {
		const { server } = run('--model Qwen/Qwen2.5-3B-Instruct --max-model-len 4096', { gpus: [T4] });
		expect(server.exitCode).toBeUndefined();
		expect(server.output).toContain('Falling back to torch.float16 for compatibility.');
	});

	test('ended by SIGTERM before it serves', () => {
		const { server, world } = run(QWEN, { world: new TestWorld() });
		const early = world.run('early', server.image, { args: QWEN.split(' '), gpus: [L4] });
		world.advance(8000);
		early.signal('SIGTERM');
		world.advance(10);
		expect(early.exitCode).toBe(1);
		expect(early.output).toContain('KeyboardInterrupt: terminated');
	});
});

describe('requests', () => {
	const { world, server } = run(`${QWEN} --served-model-name qwen --enable-lora --lora-modules sql=acme/sql-lora`, {
		env: { VLLM_ALLOW_RUNTIME_LORA_UPDATING: 'True' },
	});

	test('are refused in the server’s words', () => {
		const chat = (body: object) => post(world, '/v1/chat/completions', { model: 'qwen', messages: [{ role: 'user', content: 'Hi' }], ...body });
		const text = (body: object) => post(world, '/v1/completions', { model: 'qwen', prompt: 'Hi', ...body });
		const cases: readonly (readonly [{ readonly status: number; readonly body: string }, number, string])[] = [
			[chat({ model: 'gpt' }), 404, 'The model `gpt` does not exist.'],
			[text({ max_tokens: -5 }), 400, 'max_tokens must be at least 1, got -5.'],
			[text({ temperature: -1 }), 400, 'temperature must be non-negative, got -1.'],
			[text({ top_p: 2 }), 400, 'top_p must be in (0, 1], got 2.'],
			[text({ max_tokens: 'many' }), 400, "1 validation error:\\n  {'type': 'int_parsing', 'loc': ('body', 'max_tokens')"],
			[text({ prompt: 'word '.repeat(9000) }), 400, "This model's maximum context length is 8192 tokens. However, your request has 9002 input tokens."],
			[text({ max_tokens: 9000 }), 400, "'max_tokens' or 'max_completion_tokens' is too large: 9000."],
			[chat({ stream_options: { include_usage: true } }), 400, 'Stream options can only be defined when `stream=True`.'],
			[chat({ tools: [{ type: 'function' }] }), 400, 'tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
			[chat({ messages: undefined }), 400, "'type': 'missing', 'loc': ('body', 'messages')"],
			[post(world, '/v1/completions', '{broken'), 400, 'JSON decode error'],
			[post(world, '/v1/completions', '{}', { 'content-type': 'text/plain' }), 415, "Only 'application/json' is allowed"],
			[post(world, '/v2/nothing', {}), 404, 'Not Found'],
			[post(world, '/health', {}), 405, 'Method Not Allowed'],
		];
		for (const [answer, status, words] of cases) {
			expect(answer.body).toContain(words);
			expect(answer.status).toBe(status);
		}
	});

	test('stop strings, n, logprobs and JSON answers', () => {
		const ask = (body: object) =>
			JSON.parse(post(world, '/v1/chat/completions', { model: 'qwen', messages: [{ role: 'user', content: 'Explain' }], ...body }).body);
		const stopped = ask({ stop: '.', max_tokens: 100 });
		expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', stop_reason: '.' });
		expect(stopped.choices[0].message.content).not.toContain('.');
		const several = ask({ n: 3, max_tokens: 20 });
		expect(new Set(several.choices.map((c: { message: { content: string } }) => c.message.content)).size).toBeGreaterThan(1);
		expect(several.usage.completion_tokens).toBe(60);
		expect(ask({ logprobs: true, top_logprobs: 2, max_tokens: 4 }).choices[0].logprobs.content).toHaveLength(4);
		const schema = { type: 'object', properties: { ok: { type: 'boolean' }, level: { enum: ['low', 'high'] } } };
		const shaped = ask({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } }, max_tokens: 300 });
		expect(Object.keys(JSON.parse(shaped.choices[0].message.content))).toEqual(['ok', 'level']);
		expect(ask({ max_tokens: 30 }).choices[0].message.content).toBe(ask({ max_tokens: 30 }).choices[0].message.content);
	});

	test('a prefix seen before is not computed again, and metrics say so', () => {
		const prompt = 'You are the assistant of a platform team. '.repeat(120);
		const before = metric(world, /^vllm:prefix_cache_hits_total/);
		post(world, '/v1/completions', { model: 'qwen', prompt, max_tokens: 5 });
		post(world, '/v1/completions', { model: 'qwen', prompt, max_tokens: 5 });
		expect(metric(world, /^vllm:prefix_cache_hits_total/)).toBeGreaterThan(before + 800);
	});

	test('adapters: listed, served, loaded and unloaded', () => {
		const ids = (): readonly string[] => (JSON.parse(world.http('llm', 8000, 'GET', '/v1/models').body) as { data: { id: string }[] }).data.map((m) => m.id);
		expect(ids()).toEqual(['qwen', 'sql']);
		expect(post(world, '/v1/completions', { model: 'sql', prompt: 'SELECT', max_tokens: 3 }).status).toBe(200);
		expect(post(world, '/v1/load_lora_adapter', { lora_name: 'sql', lora_path: 'acme/sql-lora' }).body).toContain(
			"The lora adapter 'sql' has already been loaded.",
		);
		expect(post(world, '/v1/load_lora_adapter', { lora_name: 'law', lora_path: 'acme/law' }).body).toBe("Success: LoRA adapter 'law' added successfully.");
		expect(post(world, '/v1/unload_lora_adapter', { lora_name: 'sql' }).status).toBe(200);
		expect(ids()).toEqual(['qwen', 'law']);
		expect(server.exitCode).toBeUndefined();
	});

	test('/tokenize, /version, /load, /ping', () => {
		const counted = JSON.parse(post(world, '/tokenize', { prompt: 'The quick brown fox jumps over the lazy dog.' }).body);
		expect(counted).toMatchObject({ count: 11, max_model_len: 8192 });
		expect(world.http('llm', 8000, 'GET', '/version').body).toBe('{"version":"0.11.0"}');
		expect(world.http('llm', 8000, 'GET', '/load').body).toBe('{"server_load":0}');
		expect(world.http('llm', 8000, 'GET', '/ping').status).toBe(200);
	});
});

test('the lowest bucket of token gaps is 10 ms, so a fast card looks faster than it is or slower', () => {
	const { world } = run(QWEN, { gpus: [H100] });
	post(world, '/v1/completions', { prompt: 'Hello', max_tokens: 200, ignore_eos: true });
	const page = world.http('llm', 8000, 'GET', '/metrics').body;
	expect(page).toMatch(/vllm:inter_token_latency_seconds_bucket\{engine="0",le="0.01",model_name="[^"]*"\} 199\.0/);
	expect(page).toMatch(/vllm:time_to_first_token_seconds_count\{[^}]*\} 1\.0/);
	expect(page).toMatch(/vllm:request_success_total\{[^}]*finished_reason="length"\} 1\.0/);
	expect(page).toMatch(/vllm:generation_tokens_total\{[^}]*\} 200\.0/);
});

test('metric names follow the release', () => {
	const names = (tag: string): string => run(QWEN, { tag }).world.http('llm', 8000, 'GET', '/metrics').body;
	expect(names('v0.6.6')).toContain('vllm:gpu_cache_usage_perc{model_name=');
	expect(names('v0.10.2')).toMatch(/vllm:gpu_cache_usage_perc[\s\S]*vllm:kv_cache_usage_perc/);
	const newest = names('latest');
	expect(newest).not.toContain('gpu_cache_usage_perc');
	expect(newest).toContain('gpu_memory_utilization="0.92"');
});

test('SIGTERM: takes nothing new, answers what is under way, ends with 0', () => {
	const { world, server } = run(QWEN);
	let status = 0;
	world.dial(
		'',
		{
			host: 'llm',
			port: 8000,
			request: { protocol: 'http', method: 'POST', path: '/v1/completions', headers: JSON_TYPE, body: '{"prompt":"Go on","max_tokens":100}' },
		},
		(o) => {
			status = o.ok && o.response.protocol === 'http' ? o.response.status : -1;
		},
	);
	world.advance(1000);
	server.signal('SIGTERM');
	world.advance(100);
	expect(world.http('llm', 8000, 'GET', '/health').body).toBe('ECONNREFUSED');
	expect(server.exitCode).toBeUndefined();
	world.advance(30_000);
	expect(status).toBe(200);
	expect(server.exitCode).toBe(0);
	expect(server.output).toContain('Application shutdown complete.');
});

test('a dead GPU: 500 for what is under way, 503 on /health', () => {
	const { world, server } = run(QWEN);
	const pid1 = server.processes.get(1);
	const fault: GpuFault = { device: 'GPU-1', xid: 79, error: 'CUDA error: unspecified launch failure' };
	if (pid1 === undefined) throw new Error('no process');
	server.call(pid1, (program, handle) => program.onGpuFault?.(handle, fault));
	expect(server.output).toContain('EngineCore encountered a fatal error.');
	expect(world.http('llm', 8000, 'GET', '/health').status).toBe(503);
	expect(post(world, '/v1/completions', { prompt: 'Hi' }).status).toBe(500);
});

test('a shared card is slower for each', () => {
	const seconds = (card: VisibleGpu): number => {
		const { world } = run(QWEN, { gpus: [card] });
		const started = world.now;
		post(world, '/v1/completions', { prompt: 'Hello', max_tokens: 50, ignore_eos: true });
		return world.now - started;
	};
	expect(seconds({ ...L4, sharing: 'time-slicing', sharers: 2, othersUtil: 1 }) / seconds(L4)).toBeGreaterThan(1.7);
	// A neighbour without work takes no turns.
	expect(seconds({ ...L4, sharing: 'time-slicing', sharers: 2 }) / seconds(L4)).toBeCloseTo(1, 1);
});

test('a thousand streams at once: all get all of their tokens', () => {
	const world = new TestWorld();
	world.roundTrip = false;
	const { server } = run(`${QWEN} --max-num-seqs 256`, { world, gpus: [H100] });
	let done = 0;
	let chunks = 0;
	for (let i = 0; i < 1000; i++) {
		const body = JSON.stringify({ prompt: `Request ${i}`, max_tokens: 20, ignore_eos: true, stream: true });
		world.dial(
			'',
			{ host: 'llm', port: 8000, stream: true, request: { protocol: 'http', method: 'POST', path: '/v1/completions', headers: JSON_TYPE, body } },
			() => undefined,
			(piece) => {
				chunks += piece.data.split('data: {').length - 1;
				if (piece.last) done++;
			},
		);
	}
	world.advance(10);
	expect(metric(world, /^vllm:num_requests_waiting\{/)).toBeGreaterThan(500);
	world.advance(60_000);
	expect(done).toBe(1000);
	expect(chunks).toBe(20_000);
	expect(metric(world, /^vllm:kv_cache_usage_perc/)).toBe(0);
	expect(server.exitCode).toBeUndefined();
});
