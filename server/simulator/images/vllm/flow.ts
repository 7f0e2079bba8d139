/** The engine at work: moving it on in virtual time, giving out tokens as they come, counting what is seen. */
import {
	abort,
	advance,
	cacheUsage,
	engineConfig,
	type EngineEvent,
	type EngineState,
	nextEventMs,
	nextStepMs,
	type RequestRecord,
	submit,
} from '../../serving/engine.ts';
import { activeParameters } from '../../serving/models.ts';
import { closingEvents, openingEvents, tokenEvents, type Usage, wholeAnswer } from './answer.ts';
import type { Ask } from './ask.ts';
import { accessLine, json } from './http.ts';
import { line } from './log.ts';
import { countFinished, countHttp, type Metrics, observe, observeSpans } from './metrics.ts';
import { change, type Live, markOf, type Serving, type Vllm } from './state.ts';

/** Between one report of the GPU's work and the next, virtual ms; throughput is written every tenth. */
const REPORT_MS = 1000;
const LOG_MS = 10_000;

const serialOf = (id: string): string => id.slice(0, id.indexOf('.'));
const indexOf = (id: string): number => Number(id.slice(id.indexOf('.') + 1));

/** Time-slicing gives every sharer with work its turn; MPS clients run at once and lose less to changes of context. */
function slowdownOf(process: Vllm): number {
	const gpu = process.gpus()[0];
	if (gpu === undefined || gpu.sharing === 'none') return 1;
	const others = Math.min(gpu.sharers - 1, gpu.othersUtil);
	return 1 + (gpu.sharing === 'time-slicing' ? others : others * 0.85);
}

/** Follows the number of those that share the card: bandwidth and arithmetic are what is left of them. */
function tune(process: Vllm): void {
	const { serving: s } = process.data;
	const slowdown = slowdownOf(process);
	if (s === undefined || s.slowdown === slowdown) return;
	const d = s.setup.deployment;
	const { fp16, bf16, fp8, int8 } = d.gpu.tflops;
	const tflops = {
		fp16: fp16 / slowdown,
		...(bf16 === undefined ? {} : { bf16: bf16 / slowdown }),
		...(fp8 === undefined ? {} : { fp8: fp8 / slowdown }),
		...(int8 === undefined ? {} : { int8: int8 / slowdown }),
	};
	change(process, { slowdown, config: engineConfig({ ...d, gpu: { ...d.gpu, bandwidth: d.gpu.bandwidth / slowdown, tflops } }) });
}

/** Puts a request into the engine; the answer follows from `sync`. */
export function enqueue(process: Vllm, live: Omit<Live, 'sent' | 'finished' | 'cached'>): void {
	tune(process);
	const { serving: s } = process.data;
	if (s === undefined) return;
	const serial = String(s.next);
	let { engine } = s;
	for (const [index, c] of live.ask.choices.entries()) {
		const prompt = live.ask.prompts[Math.floor(index / live.ask.n)];
		const next = submit(s.config, engine, {
			id: `${serial}.${index}`,
			arrivalMs: process.now,
			promptTokens: prompt?.tokens ?? 1,
			outputTokens: c.outputTokens,
			...(prompt === undefined || !s.config.prefixCaching ? {} : { segments: prompt.segments }),
		});
		engine = next ?? engine;
	}
	const idle = Object.keys(s.live).length === 0;
	change(process, { engine, next: s.next + 1, live: { ...s.live, [serial]: { ...live, sent: live.ask.choices.map(() => 0), finished: 0, cached: 0 } } });
	if (idle) {
		change(process, { logged: markOf(engine, process.now), reported: markOf(engine, process.now) });
		process.timer(REPORT_MS, 'report');
	}
	wake(process);
}

/** Ends the requests of a client that is gone; their blocks are free from the next step on. */
export function hangUp(process: Vllm, connection: string): void {
	const { serving: s } = process.data;
	const found = s === undefined ? undefined : Object.entries(s.live).find(([, l]) => l.connection === connection);
	if (s === undefined || found === undefined) return;
	const [serial, live] = found;
	let { engine } = s;
	for (const index of live.ask.choices.keys()) engine = abort(engine, `${serial}.${index}`);
	const { [serial]: _gone, ...rest } = s.live;
	change(process, { engine, live: rest });
	if (s.setup.logRequests) log(process, 'async_llm.py:431', `Request ${live.head.id} aborted.`);
	wake(process);
}

/** Sets the timer for the next moment at which something can be seen: any step where somebody reads along, else the next end. */
export function wake(process: Vllm): void {
	const { serving: s } = process.data;
	if (s === undefined) return;
	const reads = Object.values(s.live).some((l) => l.ask.stream);
	const at = (reads ? nextStepMs : nextEventMs)(s.config, s.engine);
	if (at === undefined) process.clearTimer('engine');
	else process.timer(Math.max(1, Math.ceil(at - process.now)), 'engine');
}

/** Tokens that each request of the engine has, by id. */
function progress(engine: EngineState): ReadonlyMap<string, number> {
	const done = engine.run?.done ?? 0;
	const out = new Map<string, number>();
	for (const r of engine.running) out.set(r.id, r.generated + done);
	for (const r of engine.waiting) out.set(r.id, r.generated);
	return out;
}

/** What an event of the engine adds to the figures. */
function count(m: Metrics, e: EngineEvent, s: Serving, arrivedAt: number): Metrics {
	const maxLen = s.setup.deployment.maxModelLen;
	if (e.kind === 'first') return observe(m, 'time_to_first_token_seconds', (e.atMs - arrivedAt) / 1000, maxLen);
	if (e.kind === 'aborted') return countFinished(m, 'abort');
	if (e.kind !== 'finished') return m;
	const r: RequestRecord = e.record;
	const scheduled = r.scheduledMs ?? e.atMs;
	const first = r.firstMs ?? e.atMs;
	let out = m;
	const seconds: readonly (readonly [string, number])[] = [
		['e2e_request_latency_seconds', e.atMs - r.arrivalMs],
		['request_queue_time_seconds', scheduled - r.queuedMs],
		['request_inference_time_seconds', e.atMs - scheduled],
		['request_prefill_time_seconds', first - scheduled],
		['request_decode_time_seconds', e.atMs - first],
		['request_time_per_output_token_seconds', r.outputTokens > 1 ? (e.atMs - first) / (r.outputTokens - 1) : 0],
	];
	for (const [name, ms] of seconds) out = observe(out, name, Math.max(0, ms) / 1000, maxLen);
	out = observe(out, 'request_prompt_tokens', r.promptTokens, maxLen);
	return observe(out, 'request_generation_tokens', r.outputTokens, maxLen);
}

const usageOf = (live: Live, s: Serving, completion: number): Usage => ({
	prompt: live.ask.prompts.reduce((n, p) => n + p.tokens, 0),
	completion,
	...(s.setup.promptDetails ? { cached: live.cached } : {}),
});

export const paramsOf = (m: Metrics, ask: Ask, maxLen: number): Metrics => {
	let out = observe(m, 'request_params_n', ask.n, maxLen, ask.prompts.length);
	out = observe(out, 'request_params_max_tokens', ask.maxTokens, maxLen, ask.choices.length);
	return observe(out, 'request_max_num_generation_tokens', ask.maxTokens, maxLen, ask.choices.length);
};

/** Moves the engine on to now and gives out what has come of it. */
export function sync(process: Vllm): void {
	const before = process.data.serving;
	if (before === undefined || process.data.phase === 'dead') return;
	const { state: engine, events, spans } = advance(before.config, before.engine, process.now);
	let metrics = observeSpans(process.data.metrics, spans, before.setup.deployment.maxModelLen);
	const live: { [serial: string]: Live } = { ...before.live };
	let cachedPromptTokens = before.cachedPromptTokens;
	const ended = new Map<string, number>();
	for (const e of events) {
		const serial = serialOf(e.id);
		const of = live[serial];
		if (e.kind === 'finished') {
			ended.set(e.id, e.record.outputTokens);
			metrics = countFinished(metrics, of?.ask.choices[indexOf(e.id)]?.finish ?? 'stop');
			cachedPromptTokens += e.record.cachedTokens;
			if (of !== undefined) live[serial] = { ...of, finished: of.finished + 1, cached: of.cached + e.record.cachedTokens };
		}
		metrics = count(metrics, e, before, of?.arrivedAt ?? process.now);
	}
	const tokens = Object.keys(live).length === 0 ? new Map<string, number>() : progress(engine);
	for (const [serial, of] of Object.entries(live)) {
		const complete = of.finished === of.ask.choices.length;
		if (of.ask.stream) live[serial] = stream(process, before, serial, of, tokens, ended, complete);
		if (!complete) continue;
		delete live[serial];
		const completion = of.ask.choices.reduce((n, c) => n + c.outputTokens, 0);
		const usage = usageOf(of, before, completion);
		if (of.ask.stream) process.send(of.connection, closingEvents(of.ask, of.head, usage), true);
		else {
			process.respond(of.connection, json(200, wholeAnswer(of.ask, of.head, usage)));
			accessLine(process, before.setup, of.remote, 'POST', of.path, 200);
		}
		metrics = countHttp(metrics, 'POST', of.path, 200, process.now - of.arrivedAt);
		process.spendCpu(2 + completion * 0.05);
	}
	process.data = { ...process.data, metrics };
	change(process, { engine, live, cachedPromptTokens });
	wake(process);
}

/** Sends what is new of a streamed request. */
function stream(
	process: Vllm,
	s: Serving,
	serial: string,
	of: Live,
	tokens: ReadonlyMap<string, number>,
	ended: ReadonlyMap<string, number>,
	complete: boolean,
): Live {
	const now = of.ask.choices.map((c, i) => {
		const id = `${serial}.${i}`;
		return ended.has(id) ? c.outputTokens : Math.max(of.sent[i] ?? 0, tokens.get(id) ?? of.sent[i] ?? 0);
	});
	let text = '';
	const prompt = of.ask.prompts.reduce((n, p) => n + p.tokens, 0);
	if (of.sent.every((n) => n === 0) && now.some((n) => n > 0)) text += openingEvents(of.ask, of.head, prompt);
	const completion = now.reduce((a, b) => a + b, 0);
	for (const [i, to] of now.entries()) text += tokenEvents(of.ask, of.head, i, of.sent[i] ?? 0, to, usageOf(of, s, completion));
	if (text !== '' || complete) process.send(of.connection, text, false);
	return text === '' ? of : { ...of, sent: now };
}

function log(process: Vllm, place: string, text: string): void {
	process.stdout(line(process.data.version, process.now, 'api', 'INFO', place, text));
}

/** Says what the GPU does, and every ten seconds writes the throughput; ends once there is nothing to do. */
export function report(process: Vllm): void {
	sync(process);
	tune(process);
	const { serving: s } = process.data;
	if (s === undefined) return;
	const { engine, setup, reported, logged } = s;
	const d = setup.deployment;
	const mark = markOf(engine, process.now);
	const ms = Math.max(1, mark.at - reported.at);
	const busy = Math.min(1, (mark.busyMs - reported.busyMs) / ms);
	const tokens = mark.prompt - reported.prompt + (mark.generated - reported.generated);
	const flops = (2 * activeParameters(d.model) * tokens) / d.tp / (ms / 1000);
	const weights = s.gpuBytes * 0.6 * (mark.steps - reported.steps);
	const gpus = process.gpus().slice(0, d.tp);
	process.usage({
		cpuMilli: Math.round(120 + 1100 * busy),
		gpus: gpus.map((g) => ({
			device: g.uuid,
			util: busy,
			memoryBytes: s.gpuBytes,
			tensor: Math.min(1, flops / (d.gpu.tflops.fp16 * 1e12)),
			dram: Math.min(0.95, weights / (ms / 1000) / (d.gpu.bandwidth * 1e9)),
		})),
	});
	change(process, { reported: mark });
	const busyNow = Object.keys(s.live).length > 0;
	if (setup.logStats && mark.at - logged.at >= LOG_MS) {
		const seconds = (mark.at - logged.at) / 1000;
		const rate = (n: number): string => (n / seconds).toFixed(1);
		const { prefixQueries, prefixHits } = engine.counters;
		const usage = (100 * cacheUsage(s.config, engine)).toFixed(1);
		log(
			process,
			'loggers.py:127',
			`Engine 000: Avg prompt throughput: ${rate(mark.prompt - logged.prompt)} tokens/s, Avg generation throughput: ${rate(mark.generated - logged.generated)} tokens/s, Running: ${engine.running.length} reqs, Waiting: ${engine.waiting.length} reqs, GPU KV cache usage: ${usage}%, Prefix cache hit rate: ${(prefixQueries === 0 ? 0 : (100 * prefixHits) / prefixQueries).toFixed(1)}%`,
		);
		change(process, { logged: mark });
	}
	// One more line once it is idle, as the real loop writes until nothing has changed.
	const unlogged = setup.logStats && process.data.serving?.logged.generated !== mark.generated;
	if (busyNow || unlogged || busy > 0) process.timer(REPORT_MS, 'report');
}
