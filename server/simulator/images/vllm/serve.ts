/** The routes of the API server; models vllm/entrypoints/openai/api_server.py. */
import type { HttpRequest, HttpResponse } from '../../network/types.ts';
import { cacheUsage } from '../../serving/engine.ts';
import { contentOf, understand } from './ask.ts';
import { type ApiError, badRequest, errorBody, invalidBody, noModel } from './errors.ts';
import { enqueue, paramsOf, sync } from './flow.ts';
import { accessLine, answer, json, phrase } from './http.ts';
import { line } from './log.ts';
import { countHttp, exposition } from './metrics.ts';
import { change, type Serving, type Vllm } from './state.ts';
import { hash, tokenId, tokenize } from './tokens.ts';

interface Asked {
	readonly connection: string;
	readonly remote: string;
	readonly request: HttpRequest;
	readonly path: string;
}

type Handler = (process: Vllm, s: Serving, asked: Asked) => HttpResponse | undefined;

const refused = (e: ApiError, s: Serving): HttpResponse => json(e.status, errorBody(e, s.setup.version));
const plainError = (status: number, message: string, s: Serving): HttpResponse =>
	s.setup.version >= 10 ? refused({ status, type: phrase(status), message }, s) : json(status, JSON.stringify({ detail: message }));

/** The body as JSON, or FastAPI's refusal of it. */
function bodyOf(asked: Asked, s: Serving): { readonly body: unknown } | { readonly refusal: HttpResponse } {
	const type = asked.request.headers['content-type'] ?? '';
	if (s.setup.version >= 7 && !/^application\/json\b/i.test(type))
		return { refusal: plainError(415, "Unsupported Media Type: Only 'application/json' is allowed", s) };
	try {
		return { body: JSON.parse(asked.request.body) as unknown };
	} catch {
		// No JSON: the parser's place of the fault is not modelled, it is the body's beginning.
		return { refusal: refused(invalidBody([{ type: 'json_invalid', at: ['0'], msg: 'JSON decode error', input: {} }], s.setup.version), s) };
	}
}

function card(s: Serving, id: string, root: string, parent: string | null, now: number) {
	const created = Math.floor(now / 1000);
	return {
		id,
		object: 'model',
		created,
		owned_by: 'vllm',
		root,
		parent,
		max_model_len: parent === null ? s.setup.deployment.maxModelLen : null,
		permission: [
			{
				id: `modelperm-${hex(`${id}${created}`)}`,
				object: 'model_permission',
				created,
				allow_create_engine: false,
				allow_sampling: true,
				allow_logprobs: true,
				allow_search_indices: false,
				allow_view: true,
				allow_fine_tuning: false,
				organization: '*',
				group: null,
				is_blocking: false,
			},
		],
	};
}

/** 32 hexadecimal digits that follow from a text. */
const hex = (text: string): string => [0, 1, 2, 3].map((i) => hash(`${text}${i}`).toString(16).padStart(8, '0')).join('');

const models: Handler = (process, s) => {
	const data = [
		...s.setup.names.map((n) => card(s, n, s.setup.root, null, process.now)),
		...s.adapters.map((a) => card(s, a.name, a.path, s.setup.names[0] ?? '', process.now)),
	];
	return json(200, JSON.stringify({ object: 'list', data }));
};

const generate =
	(chat: boolean): Handler =>
	(process, s, asked) => {
		const read = bodyOf(asked, s);
		if ('refusal' in read) return read.refusal;
		if (process.data.phase === 'dead') {
			process.timer(500, 'exit-dead');
			return refused({ status: 500, type: 'InternalServerError', message: 'EngineCore encountered an issue. See stack trace (above) for the root cause.' }, s);
		}
		const ask = understand(
			read.body,
			chat,
			s.setup,
			s.adapters.map((a) => a.name),
		);
		if ('status' in ask) return refused(ask, s);
		sync(process);
		const id = `${chat ? 'chatcmpl' : 'cmpl'}-${hex(`${asked.connection}${process.now}${s.next}`)}`;
		const head = { id, created: Math.floor(process.now / 1000), model: ask.model };
		if (s.setup.logRequests)
			process.stdout(
				line(
					s.setup.version,
					process.now,
					'api',
					'INFO',
					'logger.py:40',
					`Received request ${id}: params: SamplingParams(n=${ask.n}, max_tokens=${ask.maxTokens}), lora_request: None.`,
				),
			);
		process.data = { ...process.data, metrics: paramsOf(process.data.metrics, ask, s.setup.deployment.maxModelLen) };
		if (ask.stream) {
			process.respond(asked.connection, {
				protocol: 'http',
				status: 200,
				headers: { server: 'uvicorn', 'content-type': 'text/event-stream; charset=utf-8' },
				body: '',
				open: true,
			});
			accessLine(process, s.setup, asked.remote, 'POST', asked.path, 200);
		}
		enqueue(process, { connection: asked.connection, ask, head, arrivedAt: process.now, path: asked.path, remote: asked.remote });
		return undefined;
	};

/** Text of a /tokenize body: a prompt, or messages as the template puts them. */
function textOf(body: { readonly [f: string]: unknown }): string | undefined {
	if (typeof body['prompt'] === 'string') return body['prompt'];
	if (!Array.isArray(body['messages'])) return undefined;
	return body['messages']
		.map(
			(m: { readonly role?: string; readonly content?: unknown }) => `<|start_header_id|>${m.role ?? ''}<|end_header_id|>\n\n${contentOf(m.content)}<|eot_id|>`,
		)
		.join('');
}

const tokens: Handler = (_process, s, asked) => {
	const read = bodyOf(asked, s);
	if ('refusal' in read) return read.refusal;
	const body = typeof read.body === 'object' && read.body !== null ? (read.body as { readonly [f: string]: unknown }) : {};
	if (typeof body['model'] === 'string' && !s.setup.names.includes(body['model'])) return refused(noModel(body['model']), s);
	const text = textOf(body);
	if (text === undefined) return refused(invalidBody([{ type: 'missing', at: ['prompt'], msg: 'Field required', input: body }], s.setup.version), s);
	const pieces = tokenize(text);
	const { vocab } = s.setup.deployment.model;
	const ids = [...(body['add_special_tokens'] === false ? [] : [Math.min(vocab - 256, 128_000)]), ...pieces.map((p) => tokenId(p, vocab))];
	return json(
		200,
		JSON.stringify({
			count: ids.length,
			max_model_len: s.setup.deployment.maxModelLen,
			tokens: ids,
			token_strs: body['return_token_strs'] === true ? pieces : null,
		}),
	);
};

const metricsPage: Handler = (process, s) => {
	const { engine, config, setup } = s;
	const d = setup.deployment;
	const c = engine.counters;
	const running = new Set(Object.values(s.live).flatMap((l) => (s.adapters.some((a) => a.name === l.ask.model) ? [l.ask.model] : [])));
	const page = exposition(process.data.metrics, {
		model: setup.names[0] ?? '',
		version: setup.version,
		v1: d.engine.scheduler === 'v1',
		maxModelLen: d.maxModelLen,
		running: engine.running.length,
		waiting: engine.waiting.length,
		cacheUsage: cacheUsage(config, engine),
		preemptions: c.preemptions,
		promptTokens: c.promptTokens,
		generatedTokens: c.generatedTokens,
		prefixQueries: c.prefixQueries,
		prefixHits: c.prefixHits,
		cachedPromptTokens: s.cachedPromptTokens,
		cacheConfig: {
			block_size: '16',
			cache_dtype: d.kv,
			calculate_kv_scales: 'False',
			cpu_offload_gb: '0.0',
			enable_prefix_caching: d.prefixCaching ? 'True' : 'False',
			gpu_memory_utilization: String(d.utilization),
			is_attention_free: 'False',
			num_cpu_blocks: 'None',
			num_gpu_blocks: String(config.blocks),
			num_gpu_blocks_override: 'None',
			prefix_caching_hash_algo: setup.version >= 10 ? 'sha256' : 'builtin',
			sliding_window: 'None',
			swap_space: '4.0',
		},
		...(setup.lora === undefined ? {} : { lora: { max: setup.lora.max, running: [...running].join(','), waiting: '' } }),
		startedAt: process.data.startedAt,
		nowMs: process.now,
		cpuSeconds: 38 + (c.busyMs + (process.now - process.data.startedAt) * 0.02) / 1000,
		residentBytes: 1.35e9,
	});
	return answer(200, page, 'text/plain; version=0.0.4; charset=utf-8');
};

function adapterRequest(s: Serving, asked: Asked): { readonly name: string; readonly path: string } | HttpResponse {
	const read = bodyOf(asked, s);
	if ('refusal' in read) return read.refusal;
	const body = (typeof read.body === 'object' && read.body !== null ? read.body : {}) as { readonly lora_name?: unknown; readonly lora_path?: unknown };
	return { name: typeof body.lora_name === 'string' ? body.lora_name : '', path: typeof body.lora_path === 'string' ? body.lora_path : '' };
}

const loadAdapter: Handler = (process, s, asked) => {
	const wanted = adapterRequest(s, asked);
	if ('protocol' in wanted) return wanted;
	const { name, path } = wanted;
	const invalid = (message: string): HttpResponse => refused({ status: 400, type: 'InvalidUserInput', message }, s);
	if (name === '' || path === '') return invalid("Both 'lora_name' and 'lora_path' must be provided.");
	if (s.adapters.some((a) => a.name === name)) return invalid(`The lora adapter '${name}' has already been loaded.`);
	if (path.startsWith('/') && !process.fs.stat(path).ok)
		return refused({ status: 404, type: 'NotFoundError', message: `Loading lora ${name} failed: No adapter found for ${path}` }, s);
	change(process, { adapters: [...s.adapters, { name, path }] });
	process.stdout(line(s.setup.version, process.now, 'api', 'INFO', 'serving_models.py:179', `Loaded new LoRA adapter: name '${name}', path '${path}'`));
	return answer(200, `Success: LoRA adapter '${name}' added successfully.`, 'text/plain; charset=utf-8');
};

const unloadAdapter: Handler = (process, s, asked) => {
	const wanted = adapterRequest(s, asked);
	if ('protocol' in wanted) return wanted;
	if (wanted.name === '') return refused({ status: 400, type: 'InvalidUserInput', message: "either 'lora_name' and 'lora_int_id' needs to be provided." }, s);
	if (!s.adapters.some((a) => a.name === wanted.name))
		return refused({ status: 404, type: 'NotFoundError', message: `The lora adapter '${wanted.name}' cannot be found.` }, s);
	change(process, { adapters: s.adapters.filter((a) => a.name !== wanted.name) });
	return answer(200, `Success: LoRA adapter '${wanted.name}' removed successfully.`, 'text/plain; charset=utf-8');
};

const healthy: Handler = (process) => answer(process.data.phase === 'dead' ? 503 : 200, '', 'text/plain');

const ROUTES: { readonly [path: string]: { readonly [method: string]: Handler } } = {
	'/health': { GET: healthy },
	'/ping': { GET: healthy, POST: healthy },
	'/load': { GET: (_p, s) => json(200, JSON.stringify({ server_load: s.setup.loadTracking ? Object.keys(s.live).length : 0 })) },
	'/version': { GET: (_p, s) => json(200, JSON.stringify({ version: s.setup.release })) },
	'/metrics': { GET: metricsPage },
	'/v1/models': { GET: models },
	'/v1/chat/completions': { POST: generate(true) },
	'/v1/completions': { POST: generate(false) },
	'/tokenize': { POST: tokens },
	'/v1/embeddings': { POST: (_p, s) => refused(badRequest('The model does not support Embeddings API'), s) },
	'/docs': {
		GET: () =>
			answer(
				200,
				'<!DOCTYPE html>\n<html>\n<head>\n<title>FastAPI - Swagger UI</title>\n</head>\n<body>\n<div id="swagger-ui">\n</div>\n</body>\n</html>\n',
				'text/html; charset=utf-8',
			),
	},
	'/openapi.json': { GET: (_p, s) => json(200, JSON.stringify({ openapi: '3.1.0', info: { title: 'FastAPI', version: s.setup.release } })) },
};
const ADAPTER_ROUTES: typeof ROUTES = { '/v1/load_lora_adapter': { POST: loadAdapter }, '/v1/unload_lora_adapter': { POST: unloadAdapter } };

function mayCall(s: Serving, path: string, request: HttpRequest): boolean {
	if (s.setup.apiKeys.length === 0 || request.method === 'OPTIONS' || !path.startsWith(`${s.setup.rootPath}/v1`)) return true;
	const given = /^Bearer\s+(.*)$/i.exec(request.headers['authorization'] ?? '')?.[1];
	return given !== undefined && s.setup.apiKeys.includes(given.trim());
}

/** Answers a request, now or when the engine is through with it. */
export function serve(process: Vllm, connection: string, remote: string, request: HttpRequest): void {
	sync(process);
	const s = process.data.serving;
	if (s === undefined) return;
	const [path = '/'] = request.path.split('?');
	const routes = path.endsWith('_lora_adapter') && s.setup.lora?.runtime !== true ? undefined : (ROUTES[path] ?? ADAPTER_ROUTES[path]);
	let response: HttpResponse | undefined;
	if (!mayCall(s, path, request)) response = json(401, JSON.stringify({ error: 'Unauthorized' }));
	else {
		const handler = routes?.[request.method];
		response =
			handler !== undefined
				? handler(process, s, { connection, remote, request, path })
				: plainError(routes === undefined ? 404 : 405, phrase(routes === undefined ? 404 : 405), s);
	}
	if (response === undefined) return;
	process.spendCpu(path === '/metrics' ? 4 : 0.5);
	process.data = { ...process.data, metrics: countHttp(process.data.metrics, request.method, path, response.status, 1) };
	process.respond(connection, response);
	accessLine(process, s.setup, remote, request.method, request.path, response.status);
}
