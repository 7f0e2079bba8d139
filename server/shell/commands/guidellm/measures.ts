/** What one benchmark of guidellm comes to; models its benchmark/objects.py. */
import { INCOMPLETE, type Measured } from '../../../traffic/drive.ts';
import { percentile, ttfts } from '../../../traffic/figures.ts';
import { type Section, table } from './tables.ts';

export interface Benchmark {
	/** `constant@1.52`. */
	readonly strategy: string;
	/** ms of the sandbox's clock. */
	readonly startedAt: number;
	readonly endedAt: number;
	readonly all: readonly Measured[];
}

const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export interface Figures {
	readonly completed: readonly Measured[];
	readonly incomplete: readonly Measured[];
	readonly errored: readonly Measured[];
	readonly perSecond: number;
	readonly concurrency: number;
	readonly outputPerSecond: number;
	readonly totalPerSecond: number;
	readonly latency: readonly number[];
	readonly ttft: readonly number[];
	readonly itl: readonly number[];
	readonly tpot: readonly number[];
}

export function figuresOf(b: Benchmark): Figures {
	const completed = b.all.filter((m) => m.ok);
	const incomplete = b.all.filter((m) => !m.ok && m.error === INCOMPLETE);
	const seconds = Math.max(0.001, (b.endedAt - b.startedAt) / 1000);
	const latency = completed.map((m) => (m.endedAt - m.startedAt) / 1000);
	const output = sum(completed.map((m) => m.output));
	return {
		completed,
		incomplete,
		errored: b.all.filter((m) => !m.ok && m.error !== INCOMPLETE),
		perSecond: completed.length / seconds,
		concurrency: sum(latency) / seconds,
		outputPerSecond: output / seconds,
		totalPerSecond: (output + sum(completed.map((m) => m.input))) / seconds,
		latency,
		ttft: ttfts(completed),
		itl: completed.flatMap((m) => (m.output > 1 ? [(m.endedAt - (m.at[0] ?? m.endedAt)) / (m.output - 1)] : [])),
		// guidellm's TPOT has the first token in it.
		tpot: completed.flatMap((m) => (m.output > 0 ? [(m.endedAt - m.startedAt) / m.output] : [])),
	};
}

/** What the journal keeps of one benchmark: medians and p95 in ms, throughput in requests and tokens a second. */
export function measuredFigures(b: Benchmark): { readonly [name: string]: number } {
	const f = figuresOf(b);
	const named = { ttft: f.ttft, itl: f.itl, tpot: f.tpot, e2el: f.latency.map((s) => s * 1000) };
	const percentiles = Object.entries(named).flatMap(([name, values]) => [
		[`median_${name}_ms`, percentile(values, 50)],
		[`p95_${name}_ms`, percentile(values, 95)],
	]);
	return { ...(Object.fromEntries(percentiles) as { [name: string]: number }), request_throughput: f.perSecond, output_throughput: f.outputPerSecond };
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

const INFO: readonly Section[] = [
	{ name: 'Metadata', columns: 4 },
	...['Requests Made', 'Prompt Tok/Req', 'Output Tok/Req', 'Prompt Tok Total', 'Output Tok Total'].map((name) => ({ name, columns: 3 })),
];

export function infoTable(benchmarks: readonly Benchmark[]): string {
	const rows = benchmarks.map((b) => {
		const f = figuresOf(b);
		const groups = [f.completed, f.incomplete, f.errored];
		const each = (of: (m: Measured) => number): readonly string[] => groups.map((g) => mean(g.map(of)).toFixed(1));
		const total = (of: (m: Measured) => number): readonly string[] => groups.map((g) => sum(g.map(of)).toFixed(0));
		return [
			b.strategy,
			clock(b.startedAt),
			clock(b.endedAt),
			((b.endedAt - b.startedAt) / 1000).toFixed(1),
			...groups.map((g) => String(g.length)),
			...each((m) => m.input),
			...each((m) => m.output),
			...total((m) => m.input),
			...total((m) => m.output),
		];
	});
	const status = ['Comp', 'Inc', 'Err'];
	return table('Benchmarks Info', INFO, ['Benchmark', 'Start Time', 'End Time', 'Duration (s)', ...INFO.slice(1).flatMap(() => status)], rows);
}

const STATS: readonly Section[] = [
	{ name: 'Metadata', columns: 1 },
	{ name: 'Request Stats', columns: 2 },
	{ name: 'Out Tok/sec', columns: 1 },
	{ name: 'Tot Tok/sec', columns: 1 },
	...['Req Latency (sec)', 'TTFT (ms)', 'ITL (ms)', 'TPOT (ms)'].map((name) => ({ name, columns: 3 })),
];

export function statsTable(benchmarks: readonly Benchmark[]): string {
	const three = (values: readonly number[], digits: number): readonly string[] =>
		[mean(values), percentile(values, 50), percentile(values, 99)].map((v) => v.toFixed(digits));
	const rows = benchmarks.map((b) => {
		const f = figuresOf(b);
		return [
			b.strategy,
			f.perSecond.toFixed(2),
			f.concurrency.toFixed(2),
			f.outputPerSecond.toFixed(1),
			f.totalPerSecond.toFixed(1),
			...three(f.latency, 2),
			...three(f.ttft, 1),
			...three(f.itl, 1),
			...three(f.tpot, 1),
		];
	});
	const spread = ['mean', 'median', 'p99'];
	return table('Benchmarks Stats', STATS, ['Benchmark', 'Per Second', 'Concurrency', 'mean', 'mean', ...STATS.slice(5).flatMap(() => spread)], rows);
}

/** The two lines that the progress panel keeps of a finished benchmark. */
export function progressLines(b: Benchmark): string {
	const f = figuresOf(b);
	const n = (value: number, digits: number, width: number): string => value.toFixed(digits).padStart(width);
	const head = `[${clock(b.startedAt)}] 100% ${b.strategy.padEnd(17)} (complete)   `;
	return `${head}Req: ${n(f.perSecond, 1, 6)} req/s, ${n(mean(f.latency), 2, 7)}s Lat, ${n(f.concurrency, 1, 7)} Conc, ${n(f.completed.length, 0, 7)} Comp, ${n(f.incomplete.length, 0, 8)} Inc, ${n(f.errored.length, 0, 8)} Err\n${' '.repeat(head.length)}Tok: ${n(f.outputPerSecond, 1, 6)} gen/s, ${n(f.totalPerSecond, 1, 6)} tot/s, ${n(mean(f.ttft), 1, 5)}ms TTFT, ${n(mean(f.itl), 1, 6)}ms ITL, ${n(mean(f.completed.map((m) => m.input)), 0, 7)} Prompt, ${n(mean(f.completed.map((m) => m.output)), 0, 8)} Gen\n`;
}

/** As the report file has a benchmark, in short. */
export function benchmarkJson(b: Benchmark): { readonly [field: string]: unknown } {
	const f = figuresOf(b);
	const distribution = (values: readonly number[]): unknown => ({
		successful: {
			mean: mean(values),
			median: percentile(values, 50),
			count: values.length,
			percentiles: Object.fromEntries([50, 75, 90, 95, 99].map((p) => [`p${p}`, percentile(values, p)])),
		},
	});
	return {
		strategy: b.strategy,
		start_time: b.startedAt / 1000,
		end_time: b.endedAt / 1000,
		duration: (b.endedAt - b.startedAt) / 1000,
		request_totals: { successful: f.completed.length, incomplete: f.incomplete.length, errored: f.errored.length, total: b.all.length },
		metrics: {
			requests_per_second: { successful: { mean: f.perSecond } },
			request_concurrency: { successful: { mean: f.concurrency } },
			output_tokens_per_second: { successful: { mean: f.outputPerSecond } },
			tokens_per_second: { successful: { mean: f.totalPerSecond } },
			request_latency: distribution(f.latency),
			time_to_first_token_ms: distribution(f.ttft),
			inter_token_latency_ms: distribution(f.itl),
			time_per_output_token_ms: distribution(f.tpot),
		},
	};
}
