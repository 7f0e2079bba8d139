/** `/metrics`: names, labels and buckets of vllm/v1/metrics/loggers.py (before 0.8: vllm/engine/metrics.py), and what Python's client adds. */
import type { StepSpan } from '../../serving/engine.ts';

/** A histogram without its bounds: counts of each bucket, the last one above all bounds. */
export interface Histogram {
	readonly counts: readonly number[];
	readonly sum: number;
}

export interface Metrics {
	readonly histograms: { readonly [name: string]: Histogram };
	/** By finished_reason. */
	readonly finished: { readonly [reason: string]: number };
	/** By method, handler and status class: FastAPI's instrumentator. */
	readonly http: { readonly [key: string]: { readonly n: number; readonly ms: number } };
}

export const NO_METRICS: Metrics = { histograms: {}, finished: {}, http: {} };

const TTFT = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];
const ITL = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const LATENCY = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];
const ITERATION = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];
const PARAMS_N = [1, 2, 5, 10, 20];

/** 1, 2, 5, 10, … up to a length (`build_1_2_5_buckets`). */
export function decades(most: number): readonly number[] {
	const out: number[] = [];
	for (let scale = 1; ; scale *= 10) {
		for (const m of [1, 2, 5]) {
			if (m * scale > most) return out;
			out.push(m * scale);
		}
	}
}

interface Kind {
	readonly help: string;
	readonly bounds: readonly number[] | 'length';
}

const HISTOGRAMS: { readonly [name: string]: Kind } = {
	request_prompt_tokens: { help: 'Number of prefill tokens processed.', bounds: 'length' },
	request_generation_tokens: { help: 'Number of generation tokens processed.', bounds: 'length' },
	iteration_tokens_total: { help: 'Histogram of number of tokens per engine_step.', bounds: ITERATION },
	request_max_num_generation_tokens: { help: 'Histogram of maximum number of requested generation tokens.', bounds: 'length' },
	request_params_n: { help: 'Histogram of the n request parameter.', bounds: PARAMS_N },
	request_params_max_tokens: { help: 'Histogram of the max_tokens request parameter.', bounds: 'length' },
	time_to_first_token_seconds: { help: 'Histogram of time to first token in seconds.', bounds: TTFT },
	inter_token_latency_seconds: { help: 'Histogram of inter-token latency in seconds.', bounds: ITL },
	request_time_per_output_token_seconds: { help: 'Histogram of time_per_output_token_seconds per request.', bounds: ITL },
	e2e_request_latency_seconds: { help: 'Histogram of e2e request latency in seconds.', bounds: LATENCY },
	request_queue_time_seconds: { help: 'Histogram of time spent in WAITING phase for request.', bounds: LATENCY },
	request_inference_time_seconds: { help: 'Histogram of time spent in RUNNING phase for request.', bounds: LATENCY },
	request_prefill_time_seconds: { help: 'Histogram of time spent in PREFILL phase for request.', bounds: LATENCY },
	request_decode_time_seconds: { help: 'Histogram of time spent in DECODE phase for request.', bounds: LATENCY },
};
export type HistogramName = keyof typeof HISTOGRAMS & string;

const boundsOf = (kind: Kind, maxModelLen: number): readonly number[] => (kind.bounds === 'length' ? decades(maxModelLen) : kind.bounds);

/** Adds `n` observations of one value. A bound belongs to its own bucket (`le`). */
export function observe(m: Metrics, name: HistogramName, value: number, maxModelLen: number, n = 1): Metrics {
	const kind = HISTOGRAMS[name];
	if (kind === undefined || n <= 0) return m;
	const bounds = boundsOf(kind, maxModelLen);
	const old = m.histograms[name];
	const counts = old === undefined ? Array.from({ length: bounds.length + 1 }, () => 0) : [...old.counts];
	let at = bounds.findIndex((b) => value <= b);
	if (at < 0) at = bounds.length;
	counts[at] = (counts[at] ?? 0) + n;
	return { ...m, histograms: { ...m.histograms, [name]: { counts, sum: (old?.sum ?? 0) + value * n } } };
}

/** Steps as they went into the logs of iterations and of gaps between tokens. Steps of a span are taken as equally long. */
export function observeSpans(m: Metrics, spans: readonly StepSpan[], maxModelLen: number): Metrics {
	let out = m;
	for (const s of spans) {
		const seconds = (s.endMs - s.startMs) / s.steps / 1000;
		out = observe(out, 'iteration_tokens_total', s.decodes + s.promptTokens / s.steps, maxModelLen, s.steps);
		out = observe(out, 'inter_token_latency_seconds', seconds, maxModelLen, s.steps * s.decodes);
	}
	return out;
}

export const countFinished = (m: Metrics, reason: string): Metrics => ({ ...m, finished: { ...m.finished, [reason]: (m.finished[reason] ?? 0) + 1 } });

/** Paths that the instrumentator leaves out. */
const UNCOUNTED = new Set(['/metrics', '/health', '/load', '/ping', '/version', '/server_info']);

export function countHttp(m: Metrics, method: string, path: string, status: number, ms: number): Metrics {
	if (UNCOUNTED.has(path)) return m;
	const key = `${method}|${path}|${Math.floor(status / 100)}xx`;
	const old = m.http[key] ?? { n: 0, ms: 0 };
	return { ...m, http: { ...m.http, [key]: { n: old.n + 1, ms: old.ms + ms } } };
}

/** What a scrape shows besides the histograms. */
export interface Gauges {
	readonly model: string;
	readonly version: number;
	readonly v1: boolean;
	readonly maxModelLen: number;
	readonly running: number;
	readonly waiting: number;
	readonly cacheUsage: number;
	readonly preemptions: number;
	readonly promptTokens: number;
	readonly generatedTokens: number;
	readonly prefixQueries: number;
	readonly prefixHits: number;
	readonly cachedPromptTokens: number;
	readonly cacheConfig: { readonly [label: string]: string };
	readonly lora?: { readonly max: number; readonly running: string; readonly waiting: string };
	readonly startedAt: number;
	readonly nowMs: number;
	readonly cpuSeconds: number;
	readonly residentBytes: number;
}

/** Python prints a float with a point: `3.0`, `0.25`, `1e+16`. */
function python(n: number): string {
	if (Number.isInteger(n)) return Math.abs(n) < 1e16 ? `${n}.0` : n.toExponential().replace(/e\+?/, 'e+');
	return String(n);
}

const quote = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const labelled = (labels: { readonly [l: string]: string }): string => {
	const all = Object.entries(labels).map(([k, v]) => `${k}=${quote(v)}`);
	return all.length === 0 ? '' : `{${all.join(',')}}`;
};

class Page {
	readonly #out: string[] = [];
	head(name: string, type: string, help: string): void {
		this.#out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
	}
	row(name: string, labels: { readonly [l: string]: string }, value: number): void {
		this.#out.push(`${name}${labelled(labels)} ${python(value)}`);
	}
	one(name: string, type: string, help: string, labels: { readonly [l: string]: string }, value: number): void {
		// A counter's family is declared with its suffix in the text format.
		this.head(name, type, help);
		this.row(name, labels, value);
	}
	text(): string {
		return `${this.#out.join('\n')}\n`;
	}
}

/** prometheus_client's collectors of the process and of Python itself. */
function processPart(p: Page, g: Gauges): void {
	const objects = Math.round(11_000 + g.promptTokens / 400);
	p.head('python_gc_objects_collected_total', 'counter', 'Objects collected during gc');
	for (const [i, n] of [objects, Math.round(objects / 9), Math.round(objects / 14)].entries())
		p.row('python_gc_objects_collected_total', { generation: String(i) }, n);
	p.head('python_gc_objects_uncollectable_total', 'counter', 'Uncollectable objects found during GC');
	for (const i of [0, 1, 2]) p.row('python_gc_objects_uncollectable_total', { generation: String(i) }, 0);
	p.head('python_gc_collections_total', 'counter', 'Number of times this generation was collected');
	for (const [i, n] of [1180, 107, 10].entries())
		p.row('python_gc_collections_total', { generation: String(i) }, n + Math.round(g.generatedTokens / (900 * 11 ** i)));
	p.one('python_info', 'gauge', 'Python platform information', { implementation: 'CPython', major: '3', minor: '12', patchlevel: '11', version: '3.12.11' }, 1);
	p.one('process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.', {}, 1.2e10);
	p.one('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', {}, g.residentBytes);
	p.one('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.', {}, g.startedAt / 1000);
	p.one('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', {}, Math.round(g.cpuSeconds * 100) / 100);
	p.one('process_open_fds', 'gauge', 'Number of open file descriptors.', {}, 68 + g.running + g.waiting);
	p.one('process_max_fds', 'gauge', 'Maximum number of open file descriptors.', {}, 1_048_576);
}

function httpPart(p: Page, m: Metrics): void {
	const rows = Object.entries(m.http).map(([key, v]) => ({ labels: key.split('|'), ...v }));
	if (rows.length === 0) return;
	p.head('http_requests_total', 'counter', 'Total number of requests by method, status and handler.');
	for (const { labels, n } of rows) p.row('http_requests_total', { handler: labels[1] ?? '', method: labels[0] ?? '', status: labels[2] ?? '' }, n);
	p.head(
		'http_request_duration_seconds',
		'histogram',
		'Latency with only few buckets by handler. Made to be only used if aggregation by handler is important. ',
	);
	for (const { labels, n, ms } of rows) {
		p.row('http_request_duration_seconds_count', { handler: labels[1] ?? '', method: labels[0] ?? '' }, n);
		p.row('http_request_duration_seconds_sum', { handler: labels[1] ?? '', method: labels[0] ?? '' }, ms / 1000);
	}
}

/** The page as a scrape gets it. */
export function exposition(m: Metrics, g: Gauges): string {
	const p = new Page();
	const v = g.version;
	const labels: { readonly [l: string]: string } = g.v1 && v >= 8 ? { engine: '0', model_name: g.model } : { model_name: g.model };
	processPart(p, g);
	p.one('vllm:num_requests_running', 'gauge', 'Number of requests in model execution batches.', labels, g.running);
	p.one('vllm:num_requests_waiting', 'gauge', 'Number of requests waiting to be processed.', labels, g.waiting);
	if (!g.v1) p.one('vllm:num_requests_swapped', 'gauge', 'Number of requests swapped to CPU.', labels, 0);
	if (v >= 15) {
		p.head('vllm:num_requests_waiting_by_reason', 'gauge', 'Number of waiting requests by reason.');
		for (const [reason, n] of [
			['capacity', g.waiting],
			['deferred', 0],
		] as const)
			p.row('vllm:num_requests_waiting_by_reason', { ...labels, reason }, n);
		p.head('vllm:engine_sleep_state', 'gauge', 'Engine sleep state; awake = 0 means engine is sleeping; awake = 1 means engine is awake.');
		for (const [state, n] of [
			['awake', 1],
			['weights_offloaded', 0],
			['discard_all', 0],
		] as const)
			p.row('vllm:engine_sleep_state', { ...labels, sleep_state: state }, n);
	}
	// gpu_cache_usage_perc became kv_cache_usage_perc in 0.10; 0.9 and 0.10 have both.
	if (v < 11)
		p.one(
			'vllm:gpu_cache_usage_perc',
			'gauge',
			v < 9
				? 'GPU KV-cache usage. 1 means 100 percent usage.'
				: 'GPU KV-cache usage. 1 means 100 percent usage.DEPRECATED: Use vllm:kv_cache_usage_perc instead.',
			labels,
			g.cacheUsage,
		);
	if (v >= 9 && g.v1) p.one('vllm:kv_cache_usage_perc', 'gauge', 'KV-cache usage. 1 means 100 percent usage.', labels, g.cacheUsage);
	if (g.v1) {
		const prefix = v < 11 ? 'vllm:gpu_prefix_cache' : 'vllm:prefix_cache';
		for (const name of v >= 9 && v < 11 ? ['vllm:gpu_prefix_cache', 'vllm:prefix_cache'] : [prefix]) {
			p.one(`${name}_queries_total`, 'counter', 'Prefix cache queries, in terms of number of queried tokens.', labels, g.prefixQueries);
			p.one(`${name}_hits_total`, 'counter', 'Prefix cache hits, in terms of number of cached tokens.', labels, g.prefixHits);
		}
	}
	p.one('vllm:num_preemptions_total', 'counter', 'Cumulative number of preemption from the engine.', labels, g.preemptions);
	p.one('vllm:prompt_tokens_total', 'counter', 'Number of prefill tokens processed.', labels, g.promptTokens);
	p.one('vllm:generation_tokens_total', 'counter', 'Number of generation tokens processed.', labels, g.generatedTokens);
	if (v >= 15) p.one('vllm:prompt_tokens_cached_total', 'counter', 'Number of prompt tokens that were cached.', labels, g.cachedPromptTokens);
	p.head('vllm:request_success_total', 'counter', 'Count of successfully processed requests.');
	for (const reason of ['stop', 'length', 'abort', ...(v >= 15 ? ['error'] : [])])
		p.row('vllm:request_success_total', { ...labels, finished_reason: reason }, m.finished[reason] ?? 0);
	for (const [name, kind] of Object.entries(HISTOGRAMS)) {
		if (name === 'request_time_per_output_token_seconds' && v < 11) continue;
		const renamed =
			name === 'inter_token_latency_seconds' && v < 11
				? ['time_per_output_token_seconds']
				: name === 'inter_token_latency_seconds' && v < 12
					? ['inter_token_latency_seconds', 'time_per_output_token_seconds']
					: [name];
		for (const shown of renamed) histogram(p, `vllm:${shown}`, kind.help, labels, boundsOf(kind, g.maxModelLen), m.histograms[name]);
	}
	if (g.lora !== undefined) {
		p.one(
			'vllm:lora_requests_info',
			'gauge',
			'Running stats on lora requests.',
			{ max_lora: String(g.lora.max), running_lora_adapters: g.lora.running, waiting_lora_adapters: g.lora.waiting },
			g.nowMs / 1000,
		);
	}
	p.one('vllm:cache_config_info', 'gauge', 'Information of the LLMEngine CacheConfig', { ...g.cacheConfig, ...(g.v1 && v >= 9 ? { engine: '0' } : {}) }, 1);
	httpPart(p, m);
	return p.text();
}

function histogram(p: Page, name: string, help: string, labels: { readonly [l: string]: string }, bounds: readonly number[], h: Histogram | undefined): void {
	p.head(name, 'histogram', help);
	let sum = 0;
	for (const [i, bound] of bounds.entries()) {
		sum += h?.counts[i] ?? 0;
		p.row(`${name}_bucket`, { ...labelsBefore(labels), le: python(bound), ...labelsAfter(labels) }, sum);
	}
	sum += h?.counts[bounds.length] ?? 0;
	p.row(`${name}_bucket`, { ...labelsBefore(labels), le: '+Inf', ...labelsAfter(labels) }, sum);
	p.row(`${name}_count`, labels, sum);
	p.row(`${name}_sum`, labels, h?.sum ?? 0);
}

/** Labels stand in alphabetical order: `le` between `engine` and `model_name`. */
const labelsBefore = ({ engine }: { readonly [l: string]: string }): { readonly [l: string]: string } => (engine === undefined ? {} : { engine });
const labelsAfter = ({ engine: _e, ...rest }: { readonly [l: string]: string }): { readonly [l: string]: string } => rest;
