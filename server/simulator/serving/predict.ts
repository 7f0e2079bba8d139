/** From a row of a benchmark's table to the figures that it should have measured. */
import { CONSTANTS, type Constants } from './constants.ts';
import { type Deployment, deployment, engineOf, parsePrecision, parseVersion } from './deployment.ts';
import { type EngineConfig, engineConfig } from './engine.ts';
import { type Arrivals, type Lengths, mean, type Outcome, play, pooled, quantile } from './experiment.ts';
import { SERVING_LIMITS } from '../limits.ts';
import { describedGpu, findGpu, GPU_COLUMNS, type GpuSpec, GPUS } from './hardware.ts';
import { memoryOf } from './memory.ts';
import { closestModels, findModel, type ModelSpec, parameters } from './models.ts';
import { drawLengths, type Setup, setupOf } from './setups.ts';

export type Row = { readonly [column: string]: string | undefined };

export interface Prediction {
	readonly ttft_ms: number;
	readonly tpot_ms: number;
	readonly e2e_ms: number;
	readonly out_tok_s: number;
	readonly total_tok_s: number;
	readonly kv_tokens: number;
	/** Virtual time that the experiment took, ms, and the engine's steps in it. */
	readonly durationMs: number;
	readonly steps: number;
}

/** Why a row has no prediction, in words for its `error` column. */
export interface Unpredictable {
	readonly error: string;
}

const number = (text: string | undefined): number => {
	const n = Number((text ?? '').replace(/,/g, '').trim() || Number.NaN);
	return Number.isFinite(n) && n > 0 ? n : 0;
};

/** A row understood: what is served, and what is asked of it. */
export interface Case {
	readonly deployment: Deployment;
	readonly setup: Setup;
	readonly requests: readonly Lengths[];
	readonly arrivals: Arrivals;
	readonly statistic: 'mean' | 'median';
	/** Time per output token is the mean over all tokens (an inter-token latency), not over requests. */
	readonly tokenMean: boolean;
	/** Outputs are given out together at the end; the latency is the whole run's. */
	readonly collected: boolean;
	/** Equal servers that the load is spread over; one of them is played. */
	readonly servers: number;
	/** The load runs the server at its limit, at a rate that the benchmark searched for under latency bounds (MLPerf's server scenario). */
	readonly bounded: boolean;
	/** Times between arrivals of each run that was pooled, in means. */
	readonly runs?: readonly (readonly number[])[];
}

const HUGE = 1e9;

function arrivalsOf(load: string, concurrency: number, rate: number, n: number): Arrivals {
	if (/static|batch|offline|mlperf/.test(load)) return { kind: 'batch' };
	if (/constant|open-rate/.test(load) && rate > 0) return { kind: 'constant', rate };
	if (/open|poisson|rate/.test(load) && rate > 0) return { kind: 'open', rate };
	if (concurrency > 0) return { kind: 'closed', concurrency: Math.max(1, Math.round(concurrency)) };
	if (rate > 0) return { kind: 'open', rate };
	return n === 1 ? { kind: 'closed', concurrency: 1 } : { kind: 'batch' };
}

/** A cell as an error may quote it. */
const quoted = (row: Row, column: string): string => {
	const text = (row[column] ?? '').trim();
	return `"${text.length > 60 ? `${text.slice(0, 57)}...` : text}"`;
};

const filled = (row: Row, column: string): boolean => (row[column] ?? '').trim() !== '';

function modelOf(row: Row): ModelSpec | Unpredictable {
	if (!filled(row, 'model')) return { error: 'no model: the column "model" is missing or empty' };
	const model = findModel(row['model'] ?? '');
	if (model !== undefined) return model;
	const close = closestModels(row['model'] ?? '');
	return { error: `unknown model ${quoted(row, 'model')}${close.length > 0 ? `; closest known: ${close.join(', ')}` : ''}` };
}

/** What a checkpoint's name says of its number type: `…-FP8`, `…-AWQ`, `….w8a8`. */
const namedPrecision = (name: string): string => /fp8|awq|gptq|int4|int8|w4a16|w8a8|w8a16|mxfp4|nvfp4|4bit/i.exec(name)?.[0] ?? '';

/** The card of a row: one of the table, or one that its own columns describe. */
function gpuOf(row: Row): GpuSpec | Unpredictable {
	const described = describedGpu(row['gpu'] ?? '', Object.fromEntries(GPU_COLUMNS.map((c) => [c, number(row[c])] as const).filter(([, value]) => value > 0)));
	if (described !== undefined) return described;
	if (!filled(row, 'gpu')) return { error: 'no GPU: the column "gpu" is missing or empty' };
	const gpu = findGpu(row['gpu'] ?? '');
	if (gpu !== undefined) return gpu;
	return {
		error: `unknown GPU ${quoted(row, 'gpu')}; known: ${GPUS.map((g) => g.id).join(', ')}, and MIG slices of them; others by columns gpu_memory_gib, gpu_bandwidth_gbs, gpu_tflops`,
	};
}

/** A figure that is none, or past its ceiling. */
function faultOf(row: Row): Unpredictable | undefined {
	const { predictedConcurrency: clients, predictedTokens: tokens, predictedGpus: gpus } = SERVING_LIMITS;
	for (const column of ['concurrency', 'rate_rps', 'tp', 'gpus', 'isl', 'osl']) {
		if (!filled(row, column)) continue;
		const text = (row[column] ?? '').replace(/,/g, '').trim();
		// Lengths may name a data set in place of a number.
		if (!Number.isFinite(Number(text)) && !(/^[a-z]/i.test(text) && (column === 'isl' || column === 'osl')))
			return { error: `${column} ${quoted(row, column)} is no number` };
		if (Number(text) < 0) return { error: `${column} ${quoted(row, column)} is negative` };
	}
	if (number(row['concurrency']) > clients) return { error: `concurrency ${quoted(row, 'concurrency')} is over ${clients}` };
	for (const column of ['isl', 'osl']) if (number(row[column]) > tokens) return { error: `${column} ${quoted(row, column)} is over ${tokens}` };
	for (const column of ['tp', 'gpus']) if (number(row[column]) > gpus) return { error: `${column} ${quoted(row, column)} is over ${gpus}` };
	return undefined;
}

/** Reads a row; a row that can't be predicted says why. */
export function caseOf(row: Row): Case | Unpredictable {
	const model = modelOf(row);
	if ('error' in model) return model;
	const gpu = gpuOf(row);
	if ('error' in gpu) return gpu;
	const precision = parsePrecision(filled(row, 'precision') ? (row['precision'] ?? '') : namedPrecision(row['model'] ?? ''), model);
	if (precision === undefined) return { error: `unknown precision ${quoted(row, 'precision')}` };
	const fault = faultOf(row);
	if (fault !== undefined) return fault;
	const load = (row['load'] ?? '').toLowerCase();
	const gpus = number(row['gpus']);
	const clients = number(row['concurrency']);
	const setup = setupOf(row['src'] ?? '', row['isl'] ?? '', {
		isl: number(row['isl']),
		osl: number(row['osl']),
		rate: number(row['rate_rps']),
		concurrency: clients,
		gpu,
		gpus: Math.max(gpus, number(row['tp']), 1),
		parameters: parameters(model),
		version: parseVersion(row['engine_version'] ?? '') ?? 0,
	});
	const tp = setup.tp ?? Math.max(1, Math.round(number(row['tp']) || gpus || 1));
	// More GPUs than one server takes: as many servers, each with its share of the load.
	const servers = Math.max(1, Math.floor(gpus / tp));
	const concurrency = clients === 0 ? 0 : Math.max(1, clients / servers);
	const rate = number(row['rate_rps']) / servers;
	const isl = number(row['isl']) || setup.isl || 512;
	const osl = number(row['osl']) || setup.osl || 256;
	const isStatic = /static/.test(load);
	const n = isStatic ? Math.max(1, Math.round(concurrency)) : setup.requests({ concurrency, rate });
	const longest = Math.ceil(isl * 1.1 + osl * 1.1 + 64);
	const version = parseVersion(row['engine_version'] ?? '') ?? setup.version;
	const modern = version >= 8;
	const asked =
		number(row['max_model_len']) > 0
			? number(row['max_model_len'])
			: setup.maxModelLen === 0 || setup.maxModelLen === undefined
				? modern
					? Math.max(longest, 8192)
					: model.maxLen
				: Math.max(setup.maxModelLen, longest);
	const asksSeqs = number(row['max_num_seqs']);
	const budget = number(row['max_num_batched_tokens']) || number(row['mbt']) || setup.maxBatchedTokens;
	const utilization = number(row['gpu_memory_utilization']) || setup.utilization;
	const maxNumSeqs =
		asksSeqs > 0 ? asksSeqs : setup.maxNumSeqs === 'concurrency' ? (concurrency > 0 ? Math.max(1, Math.round(concurrency)) : undefined) : setup.maxNumSeqs;
	const adjusted = setup.adjust?.(version, precision.weights, rate > 0) ?? {};
	const d = deployment({ ...model, maxLen: HUGE }, gpu, tp, version, {
		engine: engineOf(version),
		weights: gpu.tflops.bf16 === undefined && precision.weights === 'bf16' ? 'fp16' : precision.weights,
		kv: setup.kv ?? precision.kv,
		maxModelLen: Math.max(asked, longest),
		...(maxNumSeqs === undefined ? {} : { maxNumSeqs }),
		...(budget === undefined ? {} : { maxBatchedTokens: budget }),
		...(utilization === undefined ? {} : { utilization }),
		prefixCaching: setup.shared !== undefined,
		...adjusted,
	});
	const stat = `${row['ttft_stat'] ?? ''} ${row['tpot_stat'] ?? ''}`.toLowerCase();
	const statistic = /p50|median/.test(stat) && !/mean/.test(stat) ? 'median' : /mean/.test(stat) && !/p50|median/.test(stat) ? 'mean' : setup.statistic;
	const requests = drawLengths(n, isStatic ? () => isl : setup.prompt(isl), isStatic ? () => osl : setup.output(osl), 42, setup.shared);
	const arrivals: Arrivals = setup.limitAtOnce === true && /max/.test(load) ? { kind: 'batch' } : arrivalsOf(load, concurrency, rate, n);
	const runs = arrivals.kind === 'open' ? setup.runs?.(rate, n) : undefined;
	return {
		deployment: d,
		setup,
		requests,
		arrivals,
		statistic,
		tokenMean: statistic === 'mean' && /itl|inter.?token/.test(stat),
		collected: arrivals.kind === 'batch' && !/closed/.test(load),
		servers,
		...(runs === undefined ? {} : { runs }),
		bounded: /mlperf-server/.test(load),
	};
}

/** Plays a case; `constants` is left out but in the fit. */
export function predictCase(c: Case, constants: Constants = CONSTANTS): Prediction | Unpredictable {
	const memory = memoryOf(c.deployment);
	if (memory.kvGiB <= 0)
		return { error: `${c.deployment.model.id} does not fit: ${memory.weightsGiB.toFixed(1)} GiB of weights a GPU on ${c.deployment.gpu.id}` };
	const config = engineConfig(
		c.deployment,
		{ http: c.setup.http, collected: c.collected, ...(c.setup.host === undefined ? {} : { host: c.setup.host }) },
		constants,
	);
	const { requests, arrivals } = c;
	const runs = c.runs ?? [undefined];
	const outcome = pooled(runs.map((gaps) => play(config, { requests, arrivals, seed: 7, ...(gaps === undefined ? {} : { gaps }) })));
	if (outcome.finished.length === 0) return { error: `no request fits into ${memory.kvTokens} tokens of KV cache` };
	return c.bounded ? bounded(c, config, outcome, memory.kvTokens) : figures(c, outcome, memory.kvTokens);
}

/** As guidellm weighs requests' inter-token latencies (`schemas/generative/metrics.py`): by their intervals. */
function weightedMean(parts: readonly { readonly ms: number; readonly tokens: number }[]): number {
	return parts.reduce((sum, p) => sum + p.ms * p.tokens, 0) / parts.reduce((sum, p) => sum + p.tokens, 0);
}

function figures(c: Case, outcome: Outcome, kvTokens: number): Prediction {
	const { finished, durationMs } = outcome;
	const of = c.statistic === 'median' ? (values: readonly number[]) => quantile(values, 0.5) : mean;
	const decoded = finished.flatMap((f) => (f.tpotMs === undefined ? [] : [{ ms: f.tpotMs, tokens: f.outputTokens - 1 }]));
	const tpot = c.tokenMean ? weightedMean(decoded) : of(decoded.map((f) => f.ms));
	const out = finished.reduce((sum, f) => sum + f.outputTokens, 0);
	const prompt = finished.reduce((sum, f) => sum + f.promptTokens, 0);
	return {
		ttft_ms: of(finished.map((f) => f.ttftMs)),
		tpot_ms: tpot,
		e2e_ms: c.collected ? durationMs : of(finished.map((f) => f.e2eMs)),
		out_tok_s: (out / durationMs) * 1000 * c.servers,
		total_tok_s: ((out + prompt) / durationMs) * 1000 * c.servers,
		kv_tokens: kvTokens,
		durationMs,
		steps: outcome.steps,
	};
}

/** Share of the offline throughput at which MLPerf's server scenario meets its latency bounds (0.87 to 0.98 among published pairs). */
const SERVER_SHARE = 0.86;

function bounded(c: Case, config: EngineConfig, offline: Outcome, kvTokens: number): Prediction {
	const rate = (offline.finished.length / offline.durationMs) * 1000 * SERVER_SHARE;
	return figures(c, play(config, { requests: c.requests, arrivals: { kind: 'open', rate }, seed: 7 }), kvTokens);
}

/** The figures of a row. */
export function predictRow(row: Row, constants?: Constants): Prediction | Unpredictable {
	const c = caseOf(row);
	return 'error' in c ? c : predictCase(c, constants);
}
