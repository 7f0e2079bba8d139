/**
 * Queues and instances: requests wait, dynamic batching joins them, an instance computes a batch. Models core's
 * dynamic_batch_scheduler.cc and instance groups, in virtual time.
 */
import { TRITON_LIMITS } from '../../limits.ts';
import { engineOf } from '../../serving/deployment.ts';
import { findGpu } from '../../serving/hardware.ts';
import { decodeRun, stepCosts, stepMs } from '../../serving/step.ts';
import type { ModelConfig } from './config.ts';
import { errorAnswer, jsonAnswer } from './http.ts';
import type { Work } from './repository.ts';
import { type Data, type Execution, keyOf, setStats, type Triton, type Waiting } from './state.ts';

interface Instance {
	readonly name: string;
	readonly device: number;
}

/** Every instance of a model: `count` on each GPU of each group. */
export function instancesOf(c: ModelConfig): readonly Instance[] {
	return c.instanceGroups
		.flatMap((g) => {
			const devices = g.kind === 'KIND_GPU' ? g.gpus : [-1];
			return devices.flatMap((device) => Array.from({ length: g.count }, (_, i) => ({ name: `${g.name}_${i}_${device}`, device })));
		})
		.slice(0, TRITON_LIMITS.instances);
}

function find(d: Data, key: string): { readonly config: ModelConfig; readonly work: Work; readonly version: number } | undefined {
	const at = key.lastIndexOf('/');
	const model = d.models[key.slice(0, at)];
	const served = model?.versions.find((v) => String(v.version) === key.slice(at + 1));
	return model === undefined || served?.work === undefined ? undefined : { config: model.config, work: served.work, version: served.version };
}

/** Share of a GPU's arithmetic that a batch of so many samples of a network keeps busy. */
const occupancy = (gflops: number, batch: number): number => Math.min(1, 0.12 + 0.88 * ((gflops * batch) / (gflops * batch + 60)));
/** Share of the data sheet's 16 bit TFLOP/s that inference of a convolutional network reaches with a full GPU. */
const REACHED = 0.28;
/** GFLOP/s that ONNX Runtime gets out of the processors of a container. */
const CPU_GFLOPS = 180;

/** ms of computing a batch, alone on its device; `tokens`: what a language model generates behind its prompt. */
export function inferMs(process: Triton, work: Work, batch: number, device: number, tokens: number): number {
	if (work.kind === 'python') return work.ms;
	if (work.kind === 'llm') {
		const costs = stepCosts({ ...work.deployment, engine: engineOf(work.deployment.engine.version) }, { http: false });
		const prompt = stepMs(costs, { promptTokens: 32, promptWork: 512, promptContext: 0, promptsDone: 1, prompts: 1, decodes: 0, context: 0 });
		return prompt + tokens * decodeRun(costs, batch, batch * (32 + tokens / 2)).first;
	}
	if (device < 0) return 0.4 + ((work.gflops * batch) / CPU_GFLOPS) * 1000;
	const gpu = process.gpus()[device];
	const spec = gpu === undefined ? undefined : findGpu(gpu.name);
	const tflops = (spec?.tflops.fp16 ?? 60) * REACHED * occupancy(work.gflops, batch);
	return 0.35 + (work.gflops * batch) / tflops;
}

/** How much longer an execution takes for what else its device does: other instances here, other containers where time is shared. */
function crowding(process: Triton, work: Work, batch: number, device: number): number {
	if (device < 0) return 1;
	const others = Object.values(process.data.running).filter((r) => r.device === device).length;
	const share = work.kind === 'network' ? occupancy(work.gflops, batch) : 1;
	const gpu = process.gpus()[device];
	const outside = gpu === undefined || gpu.sharing !== 'time-slicing' ? 1 : 1 + gpu.othersUtil;
	return Math.max(1, (others + 1) * share) * outside;
}

/** Puts a request into its model's queue, or refuses it. */
export function enqueue(process: Triton, request: Waiting): void {
	const key = keyOf(request.model, request.version);
	const found = find(process.data, key);
	const queue = process.data.queues[key] ?? [];
	const batching = found?.config.dynamicBatching;
	const most = batching !== undefined && batching.maxQueueSize > 0 ? batching.maxQueueSize : TRITON_LIMITS.queued;
	if (queue.length >= most) {
		reject(process, request, 'Exceeds maximum queue size');
		return;
	}
	process.data = { ...process.data, queues: { ...process.data.queues, [key]: [...queue, request] } };
	if (batching !== undefined && batching.timeoutUs > 0) process.timer(batching.timeoutUs / 1000, `expire:${key}:${request.id}`);
	dispatch(process, key);
}

function reject(process: Triton, request: Waiting, why: string): void {
	setStats(process, keyOf(request.model, request.version), (s) => ({
		...s,
		failure: { ...s.failure, REJECTED: s.failure.REJECTED + 1 },
		failUs: s.failUs + (process.now - request.at) * 1000,
	}));
	process.respond(request.connection, errorAnswer(503, `[request id: ${request.requestId === '' ? '<id_unknown>' : request.requestId}] ${why}`));
}

/** A request has waited as long as its policy allows. */
export function expire(process: Triton, key: string, id: number): void {
	const queue = process.data.queues[key] ?? [];
	const request = queue.find((r) => r.id === id);
	const batching = find(process.data, key)?.config.dynamicBatching;
	if (request === undefined || batching === undefined) return;
	const rest = queue.filter((r) => r !== request);
	const after = batching.timeoutAction === 'REJECT' ? rest : [...rest, { ...request, delayed: true as const }];
	process.data = { ...process.data, queues: { ...process.data.queues, [key]: after } };
	if (batching.timeoutAction === 'REJECT') reject(process, request, 'Request timeout expired');
}

/** How many of the queue's first requests make the next batch; 0: better wait, `wakeMs` at most. */
export function nextBatch(c: ModelConfig, queue: readonly Waiting[], now: number): { readonly requests: number; readonly wakeMs?: number } {
	const [first] = queue;
	if (first === undefined) return { requests: 0 };
	const d = c.dynamicBatching;
	if (d === undefined) return { requests: 1 };
	const preferred = d.preferred.length > 0 ? d.preferred : [c.maxBatchSize];
	let size = 0;
	let fits = 0;
	let best = 0;
	for (const r of queue) {
		if (size + r.batch > c.maxBatchSize) break;
		size += r.batch;
		fits++;
		if (preferred.includes(size)) best = fits;
	}
	// A request is always allowed alone: its batch was checked at the door.
	if (fits === 0) return { requests: 1 };
	const full = size >= c.maxBatchSize || fits < queue.length;
	const waited = now - first.at;
	if (best > 0 && (d.preferred.length > 0 || full)) return { requests: best };
	if (full || waited >= d.maxDelayUs / 1000) return { requests: fits };
	return { requests: 0, wakeMs: Math.max(0.001, d.maxDelayUs / 1000 - waited) };
}

/** Gives free instances their batches. */
export function dispatch(process: Triton, key: string): void {
	const found = find(process.data, key);
	if (found === undefined) return;
	const { config, work } = found;
	for (;;) {
		const busy = new Set(Object.values(process.data.running).flatMap((r) => (r.key === key ? [r.instance] : [])));
		// The LLM backends batch by themselves: a request never waits for an instance.
		const free = work.kind === 'llm' ? { name: `${config.name}#${process.data.nextId}`, device: 0 } : instancesOf(config).find((i) => !busy.has(i.name));
		if (free === undefined) return;
		const queue = process.data.queues[key] ?? [];
		const next = nextBatch(config, queue, process.now);
		if (next.requests === 0) {
			if (next.wakeMs !== undefined) process.timer(next.wakeMs, `delay:${key}`);
			return;
		}
		execute(process, key, work, free, queue.slice(0, next.requests));
	}
}

/** Bytes of text a ms that come into and out of an execution: copies over PCIe, serialisation. */
const COPY_PER_MS = 4e6;

const endOf = (e: Execution): number => e.startedAt + e.inputMs + e.inferMs + e.outputMs;

function execute(process: Triton, key: string, work: Work, instance: Instance, requests: readonly Waiting[]): void {
	const batch = requests.reduce((n, r) => n + r.batch, 0);
	const bytes = requests.reduce((n, r) => n + r.answer.length, 0);
	const live = work.kind === 'llm' ? Object.values(process.data.running).filter((r) => r.key === key).length + 1 : batch;
	const alone = inferMs(process, work, live, instance.device, work.kind === 'llm' ? (requests[0]?.batch ?? 1) : 0);
	// An instance that was waited for went on at the moment it was free, which is not a whole ms.
	const startedAt = Math.max(process.now - 1, process.data.freeAt[instance.name] ?? 0, ...requests.map((r) => r.at));
	const running: Execution = {
		key,
		instance: instance.name,
		device: instance.device,
		requests,
		startedAt,
		inputMs: 0.03 + 0.01 * batch,
		inferMs: work.kind === 'llm' ? alone : alone * crowding(process, work, batch, instance.device),
		outputMs: 0.02 + bytes / COPY_PER_MS,
	};
	const id = String(process.data.nextId);
	const queue = process.data.queues[key] ?? [];
	process.data = {
		...process.data,
		nextId: process.data.nextId + 1,
		queues: { ...process.data.queues, [key]: queue.slice(requests.length) },
		running: { ...process.data.running, [id]: running },
	};
	if (instance.device < 0) process.spendCpu(running.inferMs);
	process.timer(endOf(running) - process.now, `done:${id}`);
	if (Object.keys(process.data.running).length === 1) process.timer(1000, 'report');
}

/** An execution has ended: answers, counters, and the instance is free. */
export function finish(process: Triton, id: string): void {
	const execution = process.data.running[id];
	if (execution === undefined) return;
	const { [id]: _done, ...running } = process.data.running;
	const device = execution.device;
	const busyMs = device < 0 ? process.data.busyMs : { ...process.data.busyMs, [device]: (process.data.busyMs[device] ?? 0) + execution.inferMs };
	const end = endOf(execution);
	const llm = find(process.data, execution.key)?.work.kind === 'llm';
	process.data = { ...process.data, running, busyMs, ...(llm ? {} : { freeAt: { ...process.data.freeAt, [execution.instance]: end } }) };
	const samples = execution.requests.reduce((n, r) => n + (llm ? 1 : r.batch), 0);
	const [inputUs, inferUs, outputUs] = [execution.inputMs, execution.inferMs, execution.outputMs].map((ms) => Math.round(ms * 1000)) as [
		number,
		number,
		number,
	];
	const each = execution.requests.length;
	setStats(process, execution.key, (s) => {
		const size = s.batches[samples] ?? { count: 0, inputUs: 0, inferUs: 0, outputUs: 0 };
		return {
			...s,
			success: s.success + each,
			count: s.count + samples,
			executions: s.executions + 1,
			requestUs: s.requestUs + execution.requests.reduce((us, r) => us + Math.round((end - r.at) * 1000), 0),
			queueUs: s.queueUs + execution.requests.reduce((us, r) => us + Math.round((execution.startedAt - r.at) * 1000), 0),
			// Each request of a batch is charged the whole of it (docs/user_guide/metrics.md).
			inputUs: s.inputUs + inputUs * each,
			inferUs: s.inferUs + inferUs * each,
			outputUs: s.outputUs + outputUs * each,
			last: process.now,
			batches: {
				...s.batches,
				[samples]: { count: size.count + 1, inputUs: size.inputUs + inputUs, inferUs: size.inferUs + inferUs, outputUs: size.outputUs + outputUs },
			},
		};
	});
	for (const r of execution.requests) process.respond(r.connection, jsonAnswer(200, r.answer));
	dispatch(process, execution.key);
}

/** Whoever has hung up waits no longer; what is computed is computed to its end. */
export function forget(process: Triton, connection: string): void {
	const { [connection]: stream, ...streams } = process.data.streams;
	if (stream !== undefined) {
		process.clearTimer(`token:${connection}`);
		process.data = { ...process.data, streams };
		setStats(process, keyOf(stream.model, stream.version), (s) => ({ ...s, failure: { ...s.failure, CANCELED: s.failure.CANCELED + 1 } }));
		return;
	}
	for (const [key, queue] of Object.entries(process.data.queues)) {
		const gone = queue.find((r) => r.connection === connection);
		if (gone === undefined) continue;
		process.data = { ...process.data, queues: { ...process.data.queues, [key]: queue.filter((r) => r !== gone) } };
		setStats(process, key, (s) => ({ ...s, failure: { ...s.failure, CANCELED: s.failure.CANCELED + 1 } }));
		return;
	}
}

/** Requests that wait or are computed, by model and version. */
export const pending = (d: Data, key: string): number =>
	(d.queues[key]?.length ?? 0) + Object.values(d.running).reduce((n, r) => n + (r.key === key ? r.requests.length : 0), 0);

/** Share of the last second in which each device worked; says so to the node. */
export function report(process: Triton): void {
	const { data } = process;
	const seconds = Math.max(0.001, (process.now - data.reportedAt) / 1000);
	const busy: { [device: number]: number } = { ...data.busyMs };
	for (const r of Object.values(data.running))
		if (r.device >= 0) busy[r.device] = (busy[r.device] ?? 0) + Math.min(r.inferMs, process.now - Math.max(r.startedAt, data.reportedAt));
	const util = Object.fromEntries(process.gpus().map((_, i) => [i, Math.min(1, (busy[i] ?? 0) / 1000 / seconds)]));
	process.data = { ...data, util, busyMs: {}, reportedAt: process.now };
	useGpus(process);
	if (Object.keys(data.running).length > 0 || Object.values(util).some((u) => u > 0)) process.timer(1000, 'report');
}

/** CUDA's context and the server's own pools, bytes a GPU. */
const CONTEXT_BYTES = 450e6;

/** What the server holds of each GPU: a context, and each instance's copy of its model. */
export function heldBytes(d: Data, device: number): number {
	let bytes = CONTEXT_BYTES;
	for (const m of Object.values(d.models))
		for (const v of m.versions) {
			if (v.state !== 'READY' || v.work === undefined) continue;
			const copies = v.work.kind === 'llm' ? (device < v.work.deployment.tp ? 1 : 0) : instancesOf(m.config).filter((i) => i.device === device).length;
			bytes += copies * v.work.memoryBytes;
		}
	return bytes;
}

export function useGpus(process: Triton): void {
	const { data } = process;
	process.usage({
		cpuMilli: 30 + 400 * Math.min(1, Object.keys(data.running).length),
		memoryBytes: 900e6 + 80e6 * Object.keys(data.models).length,
		gpus: process.gpus().map((g, i) => ({ device: g.uuid, util: data.util[i] ?? 0, memoryBytes: Math.min(heldBytes(data, i), g.totalBytes) })),
	});
}
