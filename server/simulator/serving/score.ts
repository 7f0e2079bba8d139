/** How far predictions are from a table's measurements. The bench and the tests print and bound these figures. */
import { type Prediction, predictRow, type Row } from './predict.ts';

export interface Miss {
	readonly src: string;
	/** Row number in the file (the header is 1). */
	readonly line: number;
	/** |predicted / measured - 1|, percent. */
	readonly percent: number;
}

export interface Score {
	readonly tpot: readonly Miss[];
	readonly e2e: readonly Miss[];
	/** TTFT where requests don't queue for long. */
	readonly ttft: readonly Miss[];
	/** Output tokens a second where the server is at its limit. */
	readonly throughput: readonly Miss[];
	/** TTFT of overloaded servers: a queue's length, reported apart. */
	readonly queued: readonly Miss[];
	readonly unpredicted: readonly { readonly line: number; readonly error: string }[];
	/** Virtual ms played. */
	readonly virtualMs: number;
}

/** Measured TTFT from which a server counts as overloaded, ms: the longest prompt of the tables alone takes 3.2 s. */
const OVERLOADED_MS = 5000;

const measured = (row: Row, column: string): number | undefined => {
	const n = Number(row[column] || Number.NaN);
	return Number.isFinite(n) && n > 0 ? n : undefined;
};

export function scoreTable(rows: readonly Row[]): Score {
	const tpot: Miss[] = [];
	const e2e: Miss[] = [];
	const ttft: Miss[] = [];
	const throughput: Miss[] = [];
	const queued: Miss[] = [];
	const unpredicted: { line: number; error: string }[] = [];
	let virtualMs = 0;
	rows.forEach((row, i) => {
		const line = i + 2;
		const prediction = predictRow(row);
		if ('error' in prediction) {
			unpredicted.push({ line, error: prediction.error });
			return;
		}
		virtualMs += prediction.durationMs;
		const add = (to: Miss[], column: keyof Prediction): void => {
			const value = measured(row, column);
			if (value !== undefined) to.push({ src: row['src'] ?? '', line, percent: Math.abs(prediction[column] / value - 1) * 100 });
		};
		const load = row['load'] ?? '';
		const full = /max|mlperf/.test(load);
		add(tpot, 'tpot_ms');
		add(e2e, 'e2e_ms');
		add(full || (measured(row, 'ttft_ms') ?? 0) > OVERLOADED_MS ? queued : ttft, 'ttft_ms');
		if (full) add(throughput, 'out_tok_s');
	});
	return { tpot, e2e, ttft, throughput, queued, unpredicted, virtualMs };
}

/** The q-quantile of misses, percent, interpolated; NaN of none. */
export function missQuantile(misses: readonly Miss[], q: number): number {
	const sorted = misses.map((m) => m.percent).sort((a, b) => a - b);
	if (sorted.length === 0) return Number.NaN;
	const at = (sorted.length - 1) * q;
	const low = sorted[Math.floor(at)] ?? Number.NaN;
	return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
}
