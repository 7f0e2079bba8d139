/**
 * How the published measurements were made: lengths of prompts and outputs, number of requests, settings of the server, which statistic
 * was noted. A row says its load in a word; what stands behind the word is here, by source (`data/README.md` says where it is from).
 */
import type { SourceHost } from './constants.ts';
import type { KvType, Weights } from './deployment.ts';
import { type Lengths, shuffled } from './experiment.ts';
import type { GpuSpec } from './hardware.ts';
import { pythonRandom } from './python-random.ts';

/** A distribution by its quantile function. */
export type Distribution = (share: number) => number;

export interface Setup {
	/** Requests played; by concurrency or rate where it grows with them. */
	readonly requests: (load: { readonly concurrency: number; readonly rate: number }) => number;
	/** Lengths around the row's nominal ones. */
	readonly prompt: (nominal: number) => Distribution;
	readonly output: (nominal: number) => Distribution;
	/** Nominal lengths where the row has none. */
	readonly isl?: number;
	readonly osl?: number;
	readonly shared?: number;
	/** Times between arrivals of each run that was pooled, in means, where they are known for this rate. */
	readonly runs?: (rate: number, n: number) => readonly (readonly number[])[] | undefined;
	/** Settings that depend on the engine, the weights, and whether requests come one by one. */
	readonly adjust?: (
		version: number,
		weights: Weights,
		online: boolean,
	) => { readonly eager?: boolean; readonly maxNumSeqs?: number; readonly utilization?: number; readonly weights?: Weights };
	readonly maxNumSeqs?: 'concurrency' | number;
	readonly maxBatchedTokens?: number;
	/** Where it is known better than the row says it: GPUs of one server, and the number type of its cache. */
	readonly tp?: number;
	readonly kv?: KvType;
	/** The row's limit was found by sending everything at once; its concurrency column is what was counted then. */
	readonly limitAtOnce?: boolean;
	readonly maxModelLen?: number;
	readonly utilization?: number;
	/** Requests over HTTP, or in the engine's own process. */
	readonly http: boolean;
	readonly host?: SourceHost;
	/** What the latency columns hold, where the row does not say. */
	readonly statistic: 'mean' | 'median';
	/** Version where the row has none. */
	readonly version: number;
}

const fixed =
	(nominal: number): Distribution =>
	() =>
		nominal;
const uniform =
	(low: number, high: number) =>
	(nominal: number): Distribution =>
	(q) =>
		nominal * (low + (high - low) * q);

/** Straight lines between quantiles given at even steps from 0 to 1. */
function between(values: readonly number[]): Distribution {
	return (q) => {
		const at = q * (values.length - 1);
		const low = values[Math.floor(at)] ?? 0;
		return low + ((values[Math.min(values.length - 1, Math.floor(at) + 1)] ?? low) - low) * (at - Math.floor(at));
	};
}

/** The normal distribution's quantile function (Acklam's rational approximation, relative error below 1.2e-9 in the middle). */
function probit(p: number): number {
	const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239] as const;
	const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572] as const;
	const c = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783] as const;
	const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416] as const;
	if (p < 0.02425) {
		const q = Math.sqrt(-2 * Math.log(p));
		return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
	}
	if (p > 0.97575) return -probit(1 - p);
	const q = p - 0.5;
	const r = q * q;
	return ((((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q) / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

/** Log-normal with this median, cut at `most`. */
const logNormal =
	(median: number, sigma: number, most: number): Distribution =>
	(q) =>
		Math.min(most, median * Math.exp(sigma * probit(q)));

/** Normal around a nominal mean, cut at both ends; `shared` of the nominal tokens are not drawn. */
const normal =
	(sigma: number, least: number, most: number, shared = 0) =>
	(nominal: number): Distribution =>
	(q) =>
		shared + Math.min(most, Math.max(least, nominal - shared + sigma * probit(q)));

/** Log-normal around a nominal mean. */
const spread =
	(sigma: number, most: number) =>
	(nominal: number): Distribution =>
		logNormal(nominal * Math.exp((-sigma * sigma) / 2), sigma, most * nominal);

/** Token counts that the data sets themselves note for their prompts, in tenths, and the chat template's tokens (Qwen's has a system prompt). */
const standard = between([62, 77, 106, 130, 160, 203, 250, 300, 360, 461, 592].map((n) => n + 12));
const edge = between([18, 24, 31, 38, 45, 54, 68, 84, 106, 155, 198].map((n) => n + 30));

const base: Setup = {
	requests: ({ concurrency, rate }) =>
		concurrency > 0 ? Math.min(2000, Math.max(4, concurrency * 10)) : Math.min(2000, Math.max(100, Math.round(rate * 300))),
	prompt: fixed,
	output: fixed,
	http: true,
	statistic: 'mean',
	version: 11,
};

/** InferenceMAX: closed loop of ten requests a client, lengths evenly from 0.8 to 1 of nominal, batch limit = clients, budget 8,192. */
const inferenceMax: Setup = {
	...base,
	prompt: uniform(0.8, 1),
	output: uniform(0.8, 1),
	maxNumSeqs: 'concurrency',
	maxBatchedTokens: 8192,
	maxModelLen: 10240,
	version: 14,
};

/**
 * `loadgen/loadgen.py`: every rate of a suite in turn, several runs each, all gaps drawn from one `random.Random(42)`. With 300 requests
 * a run's rate is off by some percent, which near saturation says more than the engine does.
 */
const accelMarkRuns =
	(levels: readonly number[], runs: number): Setup['runs'] =>
	(rate, n) => {
		const level = levels.indexOf(rate);
		if (level < 0) return undefined;
		const gaps = pythonRandom(42, (level + 1) * runs * n).map((u) => -Math.log(1 - u));
		return Array.from({ length: runs }, (_, run) => gaps.slice((level * runs + run) * n, (level * runs + run + 1) * n));
	};

/**
 * AccelMark (`suites/*`, `runners/nvidia_vllm*`, `configs/runner_configs`): the engine in the benchmark's process, greedy, outputs end by
 * themselves or at a cap. Rates are played on an engine with the scheduler's own limit of sequences (V0: 256, V1: 128), batches on one
 * with 512. The quantised checkpoints of suite C are run in eager mode on 0.20. Outputs of suite A have 344 tokens at the mean, of suite F
 * 210: throughput times time of a run.
 */
const accelMark: Setup = {
	...base,
	runs: accelMarkRuns([5, 25, 100], 3),
	requests: ({ concurrency, rate }) => (rate > 0 ? 300 : concurrency > 0 ? 40 : 100),
	prompt: () => standard,
	adjust: (version, weights, online) => ({
		eager: version >= 20 && /int8|w8a16|w4a16/.test(weights),
		// `suites/suite_C/suite.json` asks for `quantization: gptq`.
		...(weights === 'w4a16' ? { weights: 'gptq' as const } : {}),
		...(online ? { maxNumSeqs: version < 8 ? 256 : 128 } : {}),
	}),
	output: () => logNormal(385, 1.1, 512),
	isl: 280,
	osl: 310,
	maxNumSeqs: 512,
	maxModelLen: 4096,
	http: false,
	statistic: 'median',
};

/** Suite D: prompts of 28,650 tokens on Llama-3.1-8B; on 0.20 with 64 sequences and 85 % of the memory where requests come one by one. */
const accelMarkLong: Setup = {
	...accelMark,
	requests: ({ concurrency, rate }) => (rate > 0 ? 100 : concurrency > 0 ? 6 : 50),
	runs: accelMarkRuns([0.5, 1, 2], 2),
	prompt: (n) => uniform(0.965, 1.045)(n),
	output: fixed,
	adjust: (version, _, online) => (!online ? {} : version < 8 ? { maxNumSeqs: 256 } : { maxNumSeqs: 64, utilization: 0.85 }),
	maxModelLen: 30208,
};

/** Suite F: short prompts on Qwen2.5-0.5B; its settings for 0.20 have 128 sequences. */
const accelMarkEdge: Setup = {
	...accelMark,
	requests: ({ concurrency, rate }) => (rate > 0 ? 300 : concurrency > 0 ? 60 : 200),
	runs: accelMarkRuns([10, 40], 3),
	prompt: () => edge,
	output: () => logNormal(350, 1.1, 256),
	adjust: (version, _, online) => (version >= 20 ? { maxNumSeqs: 128 } : online ? { maxNumSeqs: 256 } : {}),
	maxModelLen: 2048,
};

/** Suites B (70B, 200 requests where they come one by one) and E (8B on several cards, batches of 150). */
const accelMarkParallel = (large: boolean): Setup => ({
	...accelMark,
	requests: ({ concurrency, rate }) => (rate > 0 ? 200 : concurrency > 0 ? 40 : large ? 100 : 150),
	runs: accelMarkRuns([2, 5, 10, 25], 3),
});

/** `vllm bench` on ShareGPT: a thousand prompts, mean 220 and 198 tokens, widely spread. */
const shareGpt: Setup = { ...base, prompt: spread(1, 6), output: spread(0.9, 5), isl: 220, osl: 198, requests: () => 1000, http: false };

/**
 * Its A100s stand beside EPYC 7532 and 7742 of about the same clock. The 7742 of those which ran 0.7 on 80 GB is set to eight NUMA nodes
 * (environment files): where requests come one by one, 0.7 hands every step from its event loop to a thread and back over them, while
 * `LLM.generate` stays on one.
 */
const accelMarkHost = ({ gpu, version, rate, concurrency }: Told): SourceHost =>
	/80$/.test(gpu.id) && version < 20 && rate + concurrency > 0 ? 'accelmark80' : 'accelmark';

/** What of a row its set-up depends on. */
interface Told {
	readonly isl: number;
	readonly osl: number;
	readonly rate: number;
	readonly concurrency: number;
	readonly gpu: GpuSpec;
	readonly gpus: number;
	/** Parameters of the model. */
	readonly parameters: number;
	/** Of the engine; 0 where the row has none. */
	readonly version: number;
}

const sources: { readonly [src: string]: (row: Told) => Setup } = {
	S1: ({ isl, osl }) =>
		(isl === 1024 && (osl === 1024 || osl === 8192)) || (isl === 8192 && osl === 1024)
			? inferenceMax
			: { ...inferenceMax, prompt: fixed, output: fixed, maxModelLen: 0 },
	// MLPerf: OpenOrca prompts (mean 294 and 294 tokens) and CNN/DailyMail summaries (about 870 and 128).
	// S4's submitter (Red Hat, `code/llama2-70b-99.9/README.md`) writes that four L40S ran two copies of the server, each fed with 6,144
	// prompts at a time over HTTP, and (`documentation/calibration.md`) that the KV cache was quantised to FP8; vLLM's own batch limit.
	S4: () => ({ ...base, prompt: spread(0.8, 3.5), output: spread(0.7, 3.5), requests: () => 6144, tp: 2, kv: 'fp8' }),
	S5: () => ({
		...base,
		prompt: spread(0.5, 2.9),
		output: fixed,
		isl: 870,
		osl: 128,
		requests: () => 3000,
		maxNumSeqs: 1024,
		maxBatchedTokens: 16384,
		http: false,
	}),
	S6: ({ gpu }) => ({ ...base, http: false, version: 5, ...(gpu.id.startsWith('A100') ? { host: 'polaris' as const } : {}) }),
	S7: (row) => {
		const suite = row.isl >= 20000 ? accelMarkLong : row.isl < 150 ? accelMarkEdge : row.gpus > 1 ? accelMarkParallel(row.parameters > 3e10) : accelMark;
		return row.gpu.architecture === 'ampere' ? { ...suite, host: accelMarkHost(row) } : suite;
	},
	// guidellm sweeps (`eval/ground_truth/*/{exp-config,profile}.yaml`) on two servers: one client, then all 40 requests at once, then three
	// constant rates between. The server with a budget of 64 (and 32 sequences) reaches 1.15 requests a second and a mean concurrency of 21.
	S10: ({ rate, concurrency }) => ({
		...base,
		requests: () => 40,
		prompt: normal(500, 100, 4096, 1024),
		output: normal(16, 1, 64),
		shared: 1024,
		limitAtOnce: true,
		...((rate > 0 && rate <= 1.15) || (concurrency > 1 && concurrency < 25)
			? { maxBatchedTokens: 64, maxNumSeqs: 32, maxModelLen: 8192 }
			: { maxBatchedTokens: 4096, maxNumSeqs: 256, maxModelLen: 4096 }),
	}),
	// inference-perf on servers with a budget of 2,048 (their logs); S9 keeps the first 300 requests.
	S8: () => ({ ...base, maxBatchedTokens: 2048, maxModelLen: 4096, version: 15 }),
	S9: () => ({ ...base, maxBatchedTokens: 2048, maxModelLen: 4096, requests: () => 300, version: 15 }),
	S21: () => ({ ...shareGpt, requests: () => 300, http: true, version: 19 }),
	S11: () => ({ ...base, statistic: 'median', maxModelLen: 32768 }),
	S18: () => ({ ...shareGpt, maxNumSeqs: 256 }),
};

/** The set-up of a row: its source's, or what its load and its lengths say. */
export function setupOf(src: string, lengths: string, row: Told): Setup {
	return sources[src.trim().toUpperCase()]?.(row) ?? (/sharegpt/i.test(lengths) ? { ...shareGpt, http: true } : base);
}

/**
 * `n` requests whose lengths follow the distributions evenly (one from each n-th part), in an order drawn from the seed: a small sample
 * then has the distribution's mean and tails, as the mean over many runs would.
 */
export function drawLengths(n: number, prompt: Distribution, output: Distribution, seed: number, shared?: number): readonly Lengths[] {
	const { order: prompts, seed: rest } = shuffled(n, seed);
	const { order: outputs } = shuffled(n, rest);
	return Array.from({ length: n }, (_, i) => ({
		prompt: Math.max(1, Math.round(prompt(((prompts[i] ?? 0) + 0.5) / n))),
		output: Math.max(1, Math.round(output(((outputs[i] ?? 0) + 0.5) / n))),
		...(shared === undefined ? {} : { shared }),
	}));
}
