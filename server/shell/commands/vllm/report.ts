/** The table that `vllm bench serve` prints; models vllm/benchmarks/serve.py. */
import type { Measured } from '../../../traffic/drive.ts';
import { percentile, tpots, ttfts } from '../../../traffic/figures.ts';

const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length);

/** Gaps between tokens of a request. */
const gaps = (m: Measured): readonly number[] => m.at.slice(1).map((t, i) => t - (m.at[i] ?? t));

const METRICS: { readonly [name: string]: { readonly header: string; readonly of: (done: readonly Measured[]) => readonly number[] } } = {
	ttft: { header: 'Time to First Token', of: ttfts },
	tpot: { header: 'Time per Output Token (excl. 1st token)', of: tpots },
	itl: { header: 'Inter-token Latency', of: (done) => done.flatMap(gaps) },
	e2el: { header: 'End-to-end Latency', of: (done) => done.map((m) => m.endedAt - m.startedAt) },
};

export const METRIC_NAMES: readonly string[] = Object.keys(METRICS);

/** Text in the middle of a line of 50 signs. */
function centred(text: string, fill: string): string {
	const left = Math.floor((50 - text.length) / 2);
	return `${fill.repeat(Math.max(0, left))}${text}${fill.repeat(Math.max(0, 50 - text.length - left))}`;
}

const row = (label: string, value: number | string, digits = 2): string =>
	`${label.padEnd(40)} ${(typeof value === 'number' ? value.toFixed(digits) : value).padEnd(10)}`;

export interface ReportOptions {
	readonly metrics: readonly string[];
	readonly percentiles: readonly number[];
	readonly concurrency: number | undefined;
	readonly rate: number | undefined;
	/** What a request must keep to count as good, ms by metric (`--goodput`). */
	readonly goodput: { readonly [metric: string]: number };
}

export interface Summary {
	readonly text: string;
	/** As `--save-result` writes it. */
	readonly fields: { readonly [name: string]: number };
}

/** The most tokens that came, and requests that were under way, in any second of the run (`calculate_metrics`' buckets). */
function peaksOf(done: readonly Measured[], first: number, last: number): { readonly tokens: number; readonly requests: number } {
	const seconds = Math.floor(Math.max(0, last - first) / 1000) + 1;
	const tokens = new Float64Array(Number.isFinite(seconds) ? seconds : 1);
	const requests = new Float64Array(tokens.length);
	const bucket = (ms: number): number => Math.min(tokens.length - 1, Math.floor((ms - first) / 1000));
	const add = (to: Float64Array, at: number): void => {
		to[at] = (to[at] ?? 0) + 1;
	};
	for (const m of done) {
		for (const t of m.at) add(tokens, bucket(t));
		for (let s = bucket(m.startedAt); s <= bucket(m.endedAt); s++) add(requests, s);
	}
	return { tokens: tokens.reduce((a, b) => Math.max(a, b), 0), requests: requests.reduce((a, b) => Math.max(a, b), 0) };
}

/** The figures of a run, as text and by name. */
export function report(all: readonly Measured[], o: ReportOptions): Summary {
	const done = all.filter((m) => m.ok);
	const first = Math.min(...all.map((m) => m.startedAt));
	const last = Math.max(...all.map((m) => m.endedAt));
	const seconds = Math.max(0.001, (last - first) / 1000);
	const input = done.reduce((n, m) => n + m.input, 0);
	const output = done.reduce((n, m) => n + m.output, 0);
	const asked = Object.keys(o.goodput).length > 0;
	const good = done.filter((m) => Object.entries(o.goodput).every(([name, most]) => (METRICS[name]?.of([m]) ?? []).every((ms) => ms <= most))).length;
	const peaks = peaksOf(done, first, last);
	const fields: { [name: string]: number } = {
		duration: seconds,
		completed: done.length,
		total_input_tokens: input,
		total_output_tokens: output,
		request_throughput: done.length / seconds,
		output_throughput: output / seconds,
		total_token_throughput: (input + output) / seconds,
		...(asked ? { request_goodput: good / seconds } : {}),
		max_output_tokens_per_s: peaks.tokens,
		max_concurrent_requests: peaks.requests,
	};
	const lines = [
		centred(' Serving Benchmark Result ', '='),
		row('Successful requests:', done.length, 0),
		row('Failed requests:', all.length - done.length, 0),
		...(o.concurrency === undefined ? [] : [row('Maximum request concurrency:', o.concurrency, 0)]),
		...(o.rate === undefined ? [] : [row('Request rate configured (RPS):', o.rate)]),
		row('Benchmark duration (s):', seconds),
		row('Total input tokens:', input, 0),
		row('Total generated tokens:', output, 0),
		row('Request throughput (req/s):', fields['request_throughput'] ?? 0),
		...(asked ? [row('Request goodput (req/s):', good / seconds)] : []),
		row('Output token throughput (tok/s):', fields['output_throughput'] ?? 0),
		row('Peak output token throughput (tok/s):', peaks.tokens),
		row('Peak concurrent requests:', peaks.requests),
		row('Total Token throughput (tok/s):', fields['total_token_throughput'] ?? 0),
	];
	for (const name of o.metrics) {
		const metric = METRICS[name];
		if (metric === undefined) continue;
		const values = metric.of(done);
		const label = name.toUpperCase();
		lines.push(centred(metric.header, '-'), row(`Mean ${label} (ms):`, mean(values)), row(`Median ${label} (ms):`, percentile(values, 50)));
		fields[`mean_${name}_ms`] = mean(values);
		fields[`median_${name}_ms`] = percentile(values, 50);
		for (const p of o.percentiles) {
			lines.push(row(`P${p} ${label} (ms):`, percentile(values, p)));
			fields[`p${p}_${name}_ms`] = percentile(values, p);
		}
	}
	lines.push('='.repeat(50));
	return { text: `${lines.join('\n')}\n`, fields };
}
