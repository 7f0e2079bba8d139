/** The routes of port 8000. Models the server's http_server.cc. */
import type { HttpRequest, HttpResponse } from '../../network/types.ts';
import { backendOf, configJson, type ModelConfig } from './config.ts';
import { errorAnswer, jsonAnswer, textAnswer } from './http.ts';
import { enqueue } from './batcher.ts';
import { readInference } from './infer.ts';
import { generated, readGeneration, startStream } from './llm.ts';
import { askLoad, unload } from './loading.ts';
import { keyOf, type Model, type Served, statsOf, setStats, type Triton } from './state.ts';
import type { Release } from './versions.ts';

const EXTENSIONS =
	'classification sequence model_repository model_repository(unload_dependents) schedule_policy model_configuration system_shared_memory cuda_shared_memory binary_tensor_data parameters statistics trace logging'.split(
		' ',
	);

const PLATFORM: { readonly [backend: string]: string } = {
	onnxruntime: 'onnxruntime_onnx',
	tensorrt: 'tensorrt_plan',
	pytorch: 'pytorch_libtorch',
	tensorflow: 'tensorflow_savedmodel',
};

const ready = (m: Model): readonly Served[] => m.versions.filter((v) => v.state === 'READY');

function metadata(c: ModelConfig, versions: readonly Served[]): string {
	const shape = (dims: readonly number[]): readonly number[] => (c.maxBatchSize > 0 ? [-1, ...dims] : dims);
	return JSON.stringify({
		name: c.name,
		versions: versions.map((v) => String(v.version)),
		platform: c.platform !== '' ? c.platform : (PLATFORM[backendOf(c)] ?? backendOf(c)),
		inputs: c.inputs.map((t) => ({ name: t.name, datatype: t.dataType, shape: shape(t.dims) })),
		outputs: c.outputs.map((t) => ({ name: t.name, datatype: t.dataType, shape: shape(t.dims) })),
	});
}

function statistics(process: Triton, m: Model, v: Served): unknown {
	const s = statsOf(process.data, keyOf(m.config.name, v.version));
	const part = (count: number, us: number): unknown => ({ count, ns: us * 1000 });
	return {
		name: m.config.name,
		version: String(v.version),
		last_inference: s.last,
		inference_count: s.count,
		execution_count: s.executions,
		inference_stats: {
			success: part(s.success, s.requestUs),
			fail: part(
				Object.values(s.failure).reduce((a, b) => a + b, 0),
				s.failUs,
			),
			queue: part(s.success, s.queueUs),
			compute_input: part(s.success, s.inputUs),
			compute_infer: part(s.success, s.inferUs),
			compute_output: part(s.success, s.outputUs),
			cache_hit: part(0, 0),
			cache_miss: part(0, 0),
		},
		response_stats: {},
		batch_stats: Object.entries(s.batches).map(([size, b]) => ({
			batch_size: Number(size),
			compute_input: part(b.count, b.inputUs),
			compute_infer: part(b.count, b.inferUs),
			compute_output: part(b.count, b.outputUs),
		})),
		memory_usage: [],
	};
}

/** Every model is served: what `/v2/health/ready` says with strict readiness. */
const allReady = (process: Triton): boolean =>
	process.data.phase === 'serving' &&
	(!process.data.options.strictReadiness ||
		Object.values(process.data.models).every((m) => m.versions.every((v) => v.state === 'READY' || v.reason === 'unloaded')));

function index(process: Triton, onlyReady: boolean): string {
	const rows = Object.entries(process.data.models).flatMap(([name, m]) =>
		m.versions.length === 0
			? [{ name }]
			: m.versions.map((v) => ({ name, version: String(v.version), state: v.state, ...(v.reason === '' ? {} : { reason: v.reason }) })),
	);
	return JSON.stringify(onlyReady ? rows.filter((r) => 'state' in r && r.state === 'READY') : rows);
}

type Wanted = { readonly model: Model; readonly version: Served } | { readonly refused: HttpResponse };

/** The model and version of a path, or the answer that says there is none. */
function wanted(process: Triton, name: string, version: string | undefined): Wanted {
	const model = process.data.models[name];
	if (model === undefined) return { refused: errorAnswer(404, `Request for unknown model: '${name}' is not found`) };
	if (version !== undefined && !/^\d+$/.test(version))
		return {
			refused: errorAnswer(
				400,
				`failed to get model version from specified version string '${version}' (details: stol), version should be an integral value > 0`,
			),
		};
	const served = ready(model);
	const chosen = version === undefined ? served.at(-1) : served.find((v) => String(v.version) === version);
	if (chosen !== undefined) return { model, version: chosen };
	const there = version !== undefined && model.versions.some((v) => String(v.version) === version);
	if (version !== undefined)
		return { refused: errorAnswer(there ? 400 : 404, `Request for unknown model: '${name}' version ${version} is not ${there ? 'at ready state' : 'found'}`) };
	return { refused: errorAnswer(400, `Request for unknown model: '${name}' has no available versions`) };
}

export function serve(process: Triton, connection: string, request: HttpRequest, release: Release): void {
	const answer = route(process, connection, request, release);
	if (answer !== undefined) process.respond(connection, request.method === 'HEAD' ? { ...answer, body: '' } : answer);
}

/** The answer, or undefined where it comes later. */
function route(process: Triton, connection: string, request: HttpRequest, release: Release): HttpResponse | undefined {
	const [path = '/'] = request.path.split('?');
	const get = request.method === 'GET' || request.method === 'HEAD';
	const post = request.method === 'POST';
	const empty = (status: number): HttpResponse => textAnswer(status, '', 'text/plain');
	if (get && path === '/v2/health/live') return empty(process.data.phase === 'serving' ? 200 : 400);
	if (get && path === '/v2/health/ready') return empty(allReady(process) ? 200 : 400);
	if (get && (path === '/v2' || path === '/v2/')) return jsonAnswer(200, JSON.stringify({ name: 'triton', version: release.server, extensions: EXTENSIONS }));
	if (post && path === '/v2/repository/index') return jsonAnswer(200, index(process, /"ready"\s*:\s*true/.test(request.body)));
	if (get && path === '/v2/models/stats')
		return jsonAnswer(200, JSON.stringify({ model_stats: Object.values(process.data.models).flatMap((m) => ready(m).map((v) => statistics(process, m, v))) }));
	const control = /^\/v2\/repository\/models\/([^/]+)\/(load|unload)$/.exec(path);
	if (post && control !== null) {
		const name = decodeURIComponent(control[1] ?? '');
		return control[2] === 'load' ? askLoad(process, connection, name, request.body) : unload(process, name);
	}
	const m = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(config|stats|ready|infer|generate|generate_stream))?$/.exec(path);
	if (m === null) return textAnswer(404, '<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n<H1>Not Found</H1>\n</BODY></HTML>\n', 'text/html');
	const [, rawName = '', version, verb] = m;
	if (post ? !['infer', 'generate', 'generate_stream'].includes(verb ?? '') : !get || ['infer', 'generate', 'generate_stream'].includes(verb ?? ''))
		return empty(405);
	const found = wanted(process, decodeURIComponent(rawName), version);
	if (verb === 'ready') return empty('refused' in found ? 400 : 200);
	if ('refused' in found) return found.refused;
	const { model } = found;
	if (verb === undefined) return jsonAnswer(200, metadata(model.config, version === undefined ? ready(model) : [found.version]));
	if (verb === 'config') return jsonAnswer(200, JSON.stringify(configJson(model.config)));
	if (verb === 'stats')
		return jsonAnswer(200, JSON.stringify({ model_stats: (version === undefined ? ready(model) : [found.version]).map((v) => statistics(process, model, v)) }));
	if (request.headers['inference-header-content-length'] !== undefined)
		return errorAnswer(400, 'binary tensor data is not understood here: send tensors as JSON');
	return verb === 'infer'
		? infer(process, connection, model, found.version, request.body)
		: generate(process, connection, model, found.version, request.body, verb === 'generate_stream');
}

function infer(process: Triton, connection: string, model: Model, version: Served, body: string): HttpResponse | undefined {
	const inference = readInference(model.config, version.version, body);
	if ('error' in inference) {
		setStats(process, keyOf(model.config.name, version.version), (s) => ({ ...s, failure: { ...s.failure, OTHER: s.failure.OTHER + 1 } }));
		return errorAnswer(400, inference.error);
	}
	const id = process.data.nextId;
	process.data = { ...process.data, nextId: id + 1 };
	enqueue(process, { id, connection, model: model.config.name, version: version.version, at: process.now, ...inference });
	return undefined;
}

function generate(process: Triton, connection: string, model: Model, version: Served, body: string, stream: boolean): HttpResponse | undefined {
	if (version.work?.kind !== 'llm')
		return errorAnswer(400, `generate expects a model with the input 'text_input' and one text output; model '${model.config.name}' has none`);
	const g = readGeneration(model, body);
	if ('error' in g) return errorAnswer(400, g.error);
	if (g.stream && !stream)
		return errorAnswer(400, 'generate expects model to produce exactly 1 response, use generate stream for model that generates various number of responses');
	const id = process.data.nextId;
	process.data = { ...process.data, nextId: id + 1 };
	if (stream) {
		startStream(process, connection, version.work, {
			model: model.config.name,
			version: version.version,
			at: process.now,
			seed: g.seed,
			tokens: g.tokens,
			sent: 0,
		});
		return undefined;
	}
	const answer = generated(model.config.name, version.version, g.seed, 0, g.tokens, g.echo ? g.prompt : '');
	enqueue(process, { id, connection, model: model.config.name, version: version.version, at: process.now, batch: g.tokens, requestId: '', answer });
	return undefined;
}
